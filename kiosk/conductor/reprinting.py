"""Receipts printed again for staff (重打回执) after the wipe: from what is kept here without anybody's data."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from drivers.receipt_printer import PrintResultState
from kiosk.conductor.core import Core, new_id
from kiosk.conductor.ports import Keeper
from kiosk.conductor.printing import Printing
from kiosk.conductor.snapshot import ReceiptView, ReprintView
from kiosk.identity.codes import make_receipt_code
from kiosk.outbox.errors import OutboxError
from kiosk.outbox.model import HandedIn, Standing
from kiosk.receipts.slip import Slip, SlipState, reprint_slip
from kiosk.settings import StationSection

log = logging.getLogger(__name__)

ACTION = "reprint_receipt"
"""In the audit record, twice: "begun" before the first byte is sent, then what came of it."""

SHOWN = 100
"""Rows of the list; older ones are found by their number."""

SLIP_STATES = {
    Standing.KEPT_HERE: SlipState.KEPT_HERE,
    Standing.DELIVERED: SlipState.DELIVERED,
    Standing.ACCEPTED: SlipState.ACCEPTED,
    Standing.CORRECTION_REQUESTED: SlipState.CORRECTION_REQUESTED,
    Standing.CORRECTION_KEPT_HERE: SlipState.CORRECTION_KEPT_HERE,
    Standing.RETURNED: SlipState.RETURNED,
}

Record = Callable[[str, str, str, str], Awaitable[None]]
"""Writes actor, action, object and result into the audit record; never raises."""


class Reprinting:
    """The list and one slip at a time. Every method runs as part of a job of the core's queue."""

    def __init__(
        self,
        core: Core,
        printing: Printing,
        keeper: Keeper,
        station: StationSection,
        account: Callable[[], str],
        record: Record,
    ) -> None:
        self._core = core
        self._printing = printing
        self._keeper = keeper
        self._station = station
        self._account = account
        self._record = record
        self._cases: list[HandedIn] = []
        self._search = ""
        self._scanned: UUID | None = None
        self._being_printed = ""

    @property
    def view(self) -> ReprintView:
        found = [case for case in self._cases if _fits(case, self._search) and self._scanned in (None, case.case_id)]
        return ReprintView(
            receipts=tuple(_receipt_view(case) for case in found[:SHOWN]),
            hidden=max(0, len(found) - SHOWN),
            search=self._search,
            scanned=self._scanned is not None,
            being_printed=self._being_printed,
        )

    def forget(self) -> None:
        """The screen was left."""
        self._cases, self._search, self._scanned = [], "", None

    async def refresh(self) -> None:
        """Read what is true now."""
        try:
            self._cases = await self._core.keep(self._keeper.handed_in)
        except OutboxError as error:
            log.error("handed-in cases not read: %s", error.code)
            self._core.say("error", error.code, **error.detail)
        self._core.changed()

    async def look_for(self, text: str) -> None:
        self._search, self._scanned = text.strip()[:60], None
        self._core.changed()

    def show(self, case_id: UUID) -> None:
        """The code of a torn or worn slip was scanned: only this case, until somebody types."""
        self._search, self._scanned = "", case_id
        if all(case.case_id != case_id for case in self._cases):
            self._core.say("warning", "reprint.gone")
        self._core.changed()

    async def print_again(self, case_id: str) -> None:
        """One press, one slip; a second press while it is on its way gives none."""
        if self._being_printed:
            return
        await self.refresh()
        case = next((case for case in self._cases if str(case.case_id) == case_id), None)
        if case is None:
            self._core.say("warning", "reprint.gone")
            return
        self._being_printed = case_id
        self._core.say("info", "reprint.printing")
        slip = slip_of(case, self._station, self._account(), self._core.time.now())
        self._core.beside("reprint", self._run(case.case_id, self._account(), slip))

    async def _run(self, case_id: UUID, actor: str, slip: Slip) -> None:
        try:
            await self._record(actor, ACTION, str(case_id), "begun")
            result = await self._printing.send(slip, f"reprint.{case_id}.{new_id(self._core.time.now())}")
            await self._record(actor, ACTION, str(case_id), result.code or result.state.value)
        finally:
            self._being_printed = ""
            self._core.unsay("reprint.printing")
        if result.state is PrintResultState.PRINTED:
            self._core.say("info", "reprint.printed")
        elif result.state is PrintResultState.INTERRUPTED:
            self._core.say("warning", "reprint.interrupted")
        else:
            self._core.say("warning", result.code or "reprint.not_printed", **result.detail)


def slip_of(case: HandedIn, station: StationSection, assistant: str, now: datetime) -> Slip:
    """What is true of the case now, on paper."""
    return reprint_slip(
        centre_name=station.centre_name,
        station_name=station.name,
        item_name=case.item_name,
        state=SLIP_STATES[case.standing],
        handed_in_at=case.handed_in_at.astimezone(),
        known_at=case.known_at.astimezone(),
        printed_at=now.astimezone(),
        assistant=assistant,
        code=make_receipt_code(case.case_id),
        case_number=case.case_number,
        contact=station.contact,
    )


def _fits(case: HandedIn, search: str) -> bool:
    """By any part of the number, written in any way, or of the item's name."""
    number = _plain(search)
    return search in case.item_name or (bool(number) and number in _plain(case.case_number))


def _plain(text: str) -> str:
    return "".join(character for character in text.upper() if character.isalnum())


def _receipt_view(case: HandedIn) -> ReceiptView:
    return ReceiptView(
        case_id=str(case.case_id),
        case_number=case.case_number,
        item_name=case.item_name,
        handed_in_at=case.handed_in_at.astimezone().strftime("%Y-%m-%d %H:%M"),
        state=case.standing.value,
    )
