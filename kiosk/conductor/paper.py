"""The paper in the printer: counted as it is used, kept over restarts, said before it is gone."""

from __future__ import annotations

import logging
from dataclasses import replace

from drivers.driver import DeviceKind, DeviceState, DeviceStatus, StatusChanged
from drivers.receipt_printer import PaperUsed
from kiosk.conductor.core import Core
from kiosk.conductor.ports import Keeper
from kiosk.conductor.snapshot import DeviceView, PaperView
from kiosk.devices.paper_roll import NEAR_END, PaperRoll, roll_from_text
from kiosk.outbox.errors import OutboxError
from kiosk.settings import PrinterSection

log = logging.getLogger(__name__)

NOTE = "paper_roll"
RECEIPT_MM = {58: 190.0, 80: 200.0}
"""An ordinary receipt as it is drawn (170 and 179 mm), with its feed to the knife."""

WELL = frozenset({"", NEAR_END, "receipt_printer.no_status"})
"""Codes of a printer that prints: there the paper may be spoken of."""


class PaperLeft:
    """Every method runs as part of a job of the core's queue. What cannot be kept is counted in memory."""

    def __init__(self, core: Core, keeper: Keeper, printer: PrinterSection) -> None:
        self._core = core
        self._keeper = keeper
        self.use_printer(printer)
        self._roll = PaperRoll()
        self._warned = False

    def use_printer(self, printer: PrinterSection) -> None:
        """The printer's settings, at the start and when they change while the station runs."""
        self._full_mm = printer.roll_length * 1000.0
        self._receipt_mm = RECEIPT_MM[printer.paper_mm]

    @property
    def view(self) -> PaperView:
        left = self._roll.left_mm(self._full_mm)
        low = self._roll.low(self._full_mm)
        receipts = int(left // self._receipt_mm)
        code = ("paper.low" if receipts else "paper.nearly_out") if low else "paper.left"
        if not low and left <= 0.0:  # a sensor says otherwise
            code = "paper.enough"
        return PaperView(code, low, max(1, round(left / 1000.0)), receipts)

    async def begin(self) -> None:
        try:
            self._roll = roll_from_text(await self._core.keep(self._keeper.note, NOTE))
        except OutboxError as error:
            log.error("paper used so far not read: %s", error.code)

    async def on_device_event(self, event: object) -> None:
        match event:
            case PaperUsed():
                await self._become(self._roll.printed(event.millimetres))
            case StatusChanged(status) if status.kind is DeviceKind.RECEIPT_PRINTER:
                await self._heard(status)

    async def _heard(self, status: DeviceStatus) -> None:
        if status.state in (DeviceState.READY, DeviceState.ATTENTION):
            await self._become(self._roll.heard(status.code, ready=status.state is DeviceState.READY))

    async def new_roll(self) -> None:
        """Somebody says that a full roll was put in."""
        await self._become(self._roll.renewed())
        self._core.say("info", "paper.renewed")

    async def _become(self, roll: PaperRoll) -> None:
        if roll == self._roll:
            return
        self._roll = roll
        if not roll.low(self._full_mm):
            self._warned = False
            self._core.unsay("paper.low", "paper.nearly_out")
        self._core.changed()
        try:
            await self._core.keep(self._keeper.set_note, NOTE, roll.to_text())
        except OutboxError as error:
            log.error("paper used not kept: %s", error.code)

    def somebody_came(self) -> None:
        """Who signs on has not been told yet."""
        self._warned = False

    def warn(self) -> None:
        """Say once that the paper is low, where nobody is in the middle of a visit."""
        view = self.view
        if view.low and not self._warned and self._core.notice is None:
            self._warned = True
            self._core.say("warning", view.code, metres=view.metres, receipts=view.receipts)

    def shown(self, printer: DeviceView) -> DeviceView:
        """The printer as its lamp shows it: a printer that is well and has little paper wants a hand."""
        view = self.view
        if printer.kind is not DeviceKind.RECEIPT_PRINTER or printer.code not in WELL or not view.low:
            return printer
        if printer.state not in (DeviceState.READY, DeviceState.UNKNOWN) or (
            printer.state is DeviceState.UNKNOWN and not printer.code
        ):
            return printer
        detail = {**printer.detail, "metres": view.metres, "receipts": view.receipts}
        return replace(printer, state=DeviceState.ATTENTION, code=view.code, detail=detail)
