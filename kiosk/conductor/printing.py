"""Slips: what is true at this moment, drawn, and given to the printer once.

A slip is noted in the visit before its first byte is sent, so that not even a restart prints it twice without saying
so: a second slip that says the same carries the mark 重打. What became of a job decides what follows by itself:

- nothing was sent (FAILED): the same action id once more, unmarked, when the printer is there again;
- a part or all may be on paper (INTERRUPTED): one marked slip when the printer is there again, once for a visit;
- sent whole, but this printer does not tell (UNCONFIRMED): nothing; who stands there looks and decides.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from drivers.driver import DeviceError, DeviceKind, DeviceState, DeviceStatus
from drivers.printer_job import DOTS_OF_PAPER
from drivers.receipt_printer import PrintPhase, PrintProgress, PrintResult, PrintResultState
from kiosk.catalogue.model import Item
from kiosk.conductor.core import Core, new_id
from kiosk.conductor.ports import Devices
from kiosk.conductor.snapshot import PrintState, TicketView
from kiosk.conductor.visiting import Visiting, masked_name
from kiosk.devices.printing import for_printer
from kiosk.identity.codes import make_receipt_code
from kiosk.identity.masking import STAR, mask_name
from kiosk.outbox.model import TodoEntry
from kiosk.receipts.draw import draw
from kiosk.receipts.fonts import FontsMissing
from kiosk.receipts.slip import Slip, SlipState, checklist_slip, correction_slip, receipt_slip, ticket_slip
from kiosk.settings import Settings, StationSection
from kiosk.visit import events as ev
from kiosk.visit.model import AUTHORITY_NAME, Progress, Step, Visit

log = logging.getLogger(__name__)

STATES = {
    PrintResultState.PRINTED: PrintState.PRINTED,
    PrintResultState.UNCONFIRMED: PrintState.UNCONFIRMED,
    PrintResultState.FAILED: PrintState.FAILED,
    PrintResultState.INTERRUPTED: PrintState.INTERRUPTED,
}
PHASES = {
    PrintPhase.PRINTING: PrintState.PRINTING,
    PrintPhase.WAITING_FOR_HAND: PrintState.WAITING_FOR_HAND,
    PrintPhase.SILENT: PrintState.PRINTING,
}
SLIP_STATES = {
    Progress.KEPT_HERE: SlipState.KEPT_HERE,
    Progress.DELIVERED: SlipState.DELIVERED,
    Progress.ACCEPTED: SlipState.ACCEPTED,
    Progress.CORRECTION_REQUESTED: SlipState.CORRECTION_REQUESTED,
    Progress.RETURNED: SlipState.RETURNED,
}
FAILED = PrintResult(PrintResultState.FAILED, "receipt_printer.unavailable")
NO_FONTS = PrintResult(PrintResultState.FAILED, "visit.no_fonts")
IF_THERE = "有就带，没有不要紧"

COMES_BACK = frozenset(
    f"receipt_printer.{code}" for code in ("unavailable", "silent", "lost", "stopped", "unrecoverable")
)
"""Why nothing was sent, where it helps that the printer is there again."""
NO_STATUS = "receipt_printer.no_status"
CLEARED = "receipt_printer.cancelled_cleared"


class _Said(NamedTuple):
    """Codes of what is said around a slip that no screen waits for."""

    printing: str
    printed: str
    not_printed: str


LIST = _Said("visit.slip_printing", "visit.slip_printed", "visit.slip_not_printed")
REPORT = _Said("selftest.report_printing", "selftest.report_printed", "visit.slip_not_printed")
TICKET = _Said("visit.ticket_printing", "visit.ticket_printed", "visit.ticket_not_printed")


@dataclass(frozen=True, slots=True)
class _Job:
    action_id: str
    case_id: str


class Printing:
    """Engine thread. One receipt at a time.

    A slip that is coming out when its visit ends comes out whole; one that waits for a hand, or begins to, is given
    up then: the hand that loads paper next may be there for another resident. The same holds for every slip that
    went through ``send``.
    """

    def __init__(self, core: Core, visiting: Visiting, devices: Devices, settings: Settings) -> None:
        self._core = core
        self._visiting = visiting
        self._devices = devices
        self._station = settings.station
        self._width = DOTS_OF_PAPER[settings.printer.paper_mm]
        self._job: _Job | None = None
        self._lists: set[str] = set()  # what lists on their way to the paper are about
        self._waiting: dict[str, bool] = {}  # of every job at the printer, by action id: does it wait for a hand?
        self._given_up: set[str] = set()
        self._torn = False  # of this visit's slip a part may lie about, and no whole one is known of
        self._reprinted = False  # the one that may follow by itself has been sent
        self._tickets: set[str] = set()  # of this visit, on paper
        self._left_behind = ""  # what is to be said of a slip that a wiped visit left in the printer
        self.state = PrintState.NONE
        self.code = ""
        visiting.follow(self._follow)

    def use_paper(self, paper_mm: int) -> None:
        """From the next slip on: the printer takes paper of this width."""
        self._width = DOTS_OF_PAPER[paper_mm]

    @property
    def busy(self) -> bool:
        return self.state is PrintState.PRINTING

    def reset(self) -> None:
        """The visit is over, or another one begins."""
        for action_id, waits in self._waiting.items():
            self._given_up.add(action_id)
            if waits:
                self._devices.cancel_print(action_id)
        self._job = None
        self._torn = self._reprinted = False
        self._tickets.clear()
        self._show(PrintState.NONE)

    async def _follow(self, before: Visit | None, after: Visit | None) -> None:
        """A correction begins: what still waits to be printed was about the version before it."""
        if before is not None and after is not None and before.version != after.version:
            self.reset()

    def _show(self, state: PrintState, code: str = "") -> None:
        if (self.state, self.code) != (state, code):
            self.state, self.code = state, code
            self._core.changed()

    # -- the receipt -------------------------------------------------------------------------------------------

    async def first_slip(self, assistant: str, ticket: TicketView | None) -> None:
        """RECEIPT was reached, perhaps not for the first time.

        After a restart a slip that may be on paper already is not sent by itself.
        """
        visit = self._visiting.visit
        if visit is None or visit.step is not Step.RECEIPT or self._job is not None:
            return
        if not visit.slips:
            await self.print_receipt(assistant, ticket)
        elif self.state is PrintState.NONE:
            self._show(PrintState.UNCONFIRMED, "visit.slip_maybe_printed")

    async def print_receipt(self, assistant: str, ticket: TicketView | None) -> None:
        visit = self._visiting.visit
        on_its_way = self.state in (PrintState.PRINTING, PrintState.WAITING_FOR_HAND)
        if visit is None or visit.step is not Step.RECEIPT or on_its_way:
            return
        reprint = self._torn or visit.handover.progress in visit.slips
        if self.state is PrintState.INTERRUPTED:
            self._reprinted = True
        if not await self._visiting.apply(ev.SlipSent(), at_once=True):
            return
        visit = self._visiting.visit or visit
        slip = receipt_of(visit, self._station, assistant, ticket, self._now(), reprint)
        job = _Job(f"{visit.case_id}.{visit.version}.{len(visit.slips)}", visit.case_id)
        self._job = job
        self._show(PrintState.PRINTING)
        self._core.beside("print receipt", self._run(job, slip))

    async def _run(self, job: _Job, slip: Slip) -> None:
        result = await self.send(slip, job.action_id)
        self._core.post("printed", self._ended, job, result)

    async def send(self, slip: Slip, action_id: str) -> PrintResult:
        """Draw and print once for ``action_id``; beside the queue. Given up by ``reset`` when it waits for a hand."""
        self._waiting[action_id] = False
        try:
            elements = for_printer(await self._core.look(draw, slip, self._width))
            if action_id in self._given_up:
                return PrintResult(PrintResultState.FAILED, "receipt_printer.cancelled")
            return await self._devices.print_job(elements, action_id)
        except FontsMissing:
            log.error("no CJK font is installed: slips cannot be drawn")
            return NO_FONTS
        except DeviceError as error:
            log.info("slip not printed: %s", error.code)
            return FAILED
        finally:
            del self._waiting[action_id]
            self._given_up.discard(action_id)

    async def _ended(self, job: _Job, result: PrintResult) -> None:
        log.info("slip of case %s: %s %s", job.case_id, result.state, result.code)
        if self._job != job:  # its visit is over
            if result.state is PrintResultState.INTERRUPTED:
                thrown_away = result.code == CLEARED
                self._left_behind = "visit.slip_torn_left" if thrown_away else "visit.slip_left_in_printer"
            return
        self._job = None
        visit = self._visiting.visit
        if result.state is PrintResultState.FAILED and visit is not None and visit.case_id == job.case_id:
            await self._visiting.apply(ev.SlipNotSent(), at_once=True)
        if result.state is PrintResultState.PRINTED:
            self._torn = False
        if result.state is not PrintResultState.INTERRUPTED:
            self._show(STATES[result.state], result.code)
            return
        self._torn = True
        if self._reprinted:
            self._show(PrintState.UNCONFIRMED, "visit.slip_interrupted_again")
        else:
            self._show(PrintState.INTERRUPTED, "visit.slip_interrupted")

    def remind(self) -> None:
        """Say once what a wiped visit left in the printer, where nobody is in the middle of a visit."""
        if self._left_behind and self._core.notice is None:
            self._core.say("warning", self._left_behind)
            self._left_behind = ""

    def on_device_event(self, event: object) -> None:
        """What the jobs wait for."""
        if not isinstance(event, PrintProgress):
            return
        if event.action_id in self._waiting:
            waits = self._waiting[event.action_id] = event.state is PrintPhase.WAITING_FOR_HAND
            if waits and event.action_id in self._given_up:
                self._devices.cancel_print(event.action_id)
        if self._job is not None and event.action_id == self._job.action_id:
            self._show(PHASES[event.state], event.code)

    @property
    def may_try_again(self) -> bool:
        """The printer is there again: what was not sent is sent, what was interrupted is printed marked."""
        due = self.state is PrintState.INTERRUPTED or (self.state is PrintState.FAILED and self.code in COMES_BACK)
        return due and _there(self._devices.status(DeviceKind.RECEIPT_PRINTER))

    # -- the ticket --------------------------------------------------------------------------------------------

    def ticket(self, visit: Visit, ticket: TicketView) -> None:
        """The number in the queue on paper, about no person; a second one of the same number carries the mark."""
        about = f"ticket.{visit.case_id}.{ticket.number}"
        slip = ticket_slip(
            centre_name=self._station.centre_name,
            station_name=self._station.name,
            ticket_number=ticket.number,
            people_ahead=ticket.people_ahead,
            called=ticket.state == "called",
            item_name=visit.item.name if visit.item else "",
            printed_at=self._now(),
            contact=self._station.contact,
            reprint=about in self._tickets,
        )
        self._print_list(about, slip, TICKET)

    # -- what to bring -----------------------------------------------------------------------------------------

    def what_to_bring(self, entry: TodoEntry, names: dict[str, str]) -> None:
        """The slip for a resident who has to come again; ``names`` gives material names by id."""
        slip = correction_slip(
            centre_name=self._station.centre_name,
            station_name=self._station.name,
            case_number=entry.case_number,
            item_name=entry.item_name,
            masked_name=_masked(entry.masked_name),
            reasons=[
                (page.material_name or names.get(page.material_id, "") or "需要重拍的材料", page.reason)
                for page in entry.marked_pages
            ],
            note=entry.reason,
            printed_at=self._now(),
            code=make_receipt_code(entry.case_id),
            contact=self._station.contact,
        )
        self._print_list(f"bring.{entry.case_id.hex}", slip)

    def checklist(self, item: Item, catalogue_version: str, *, for_another: bool = False) -> None:
        """The guide of an item to take home, with the written authority for who acts for another; about no person."""
        papers = [(AUTHORITY_NAME, "")] if for_another else []
        papers += [(one.name, one.note or ("" if one.required else IF_THERE)) for one in item.materials]
        slip = checklist_slip(
            station_name=self._station.name,
            centre_name=self._station.centre_name,
            item_name=item.name,
            materials=papers,
            materials_known=item.materials_known,
            catalogue_version=catalogue_version,
            checked_on=item.checked_on,
            printed_at=self._now(),
            department=item.department,
            time_limit=item.time_limit,
            contact=self._station.contact,
        )
        about = "checklist.proxy" if for_another else "checklist"
        self._print_list(f"{about}.{item.item_id}", slip)

    def report(self, report_id: str, slip: Slip) -> None:
        """A self-test's report."""
        self._print_list(f"self-test.{report_id}", slip, REPORT)

    def _print_list(self, about: str, slip: Slip, said: _Said = LIST) -> None:
        """One at a time of the same list, however often it is asked for."""
        if about in self._lists:
            return
        self._lists.add(about)
        self._core.say("info", said.printing)
        self._core.beside("print list", self._run_list(about, slip, said))

    async def _run_list(self, about: str, slip: Slip, said: _Said) -> None:
        action_id = f"{about}.{new_id(self._core.time.now())}"
        try:
            result = await self.send(slip, action_id)
        finally:
            self._lists.discard(about)
        visit = self._visiting.visit
        if result.state is not PrintResultState.FAILED and visit is not None and visit.case_id in about:
            self._tickets.add(about)
        self._core.unsay(said.printing)
        if result.state is PrintResultState.PRINTED:
            self._core.say("info", said.printed)
        else:
            self._core.say("warning", result.code or said.not_printed, **result.detail)

    def _now(self) -> datetime:
        return self._core.time.now().astimezone()


def _there(printer: DeviceStatus) -> bool:
    """It answers; or it is open and one of those that never answer."""
    silent_by_nature = printer.state is DeviceState.UNKNOWN and printer.code == NO_STATUS
    return printer.state is DeviceState.READY or silent_by_nature


def receipt_of(
    visit: Visit,
    station: StationSection,
    assistant: str,
    ticket: TicketView | None,
    printed_at: datetime,
    reprint: bool,
) -> Slip:
    """The slip that is true for this visit at this moment."""
    handover = visit.handover
    state = SLIP_STATES[handover.progress]
    if visit.correction and state is SlipState.KEPT_HERE and handover.case_number:
        state = SlipState.CORRECTION_KEPT_HERE
    waits = handover.progress is Progress.DELIVERED
    applicant = visit.applicant
    return receipt_slip(
        centre_name=station.centre_name,
        station_name=station.name,
        item_name=visit.item.name if visit.item else "",
        masked_name=_masked(masked_name(visit)),
        id_last_four=applicant.id_number[-4:] if applicant else "",
        pages=[(material.name, len(material.pages)) for material in visit.materials if material.pages],
        state=state,
        printed_at=printed_at,
        assistant=assistant,
        code=make_receipt_code(UUID(visit.case_id)),
        case_number="" if state is SlipState.KEPT_HERE else handover.case_number,
        ticket_number=handover.ticket_number if waits else "",
        people_ahead=ticket.people_ahead if ticket and waits else None,
        proxy_masked_name=mask_name(visit.proxy.name) if visit.proxy and visit.acting_for_other else "",
        reason=handover.reason if handover.progress is Progress.RETURNED else "",
        contact=station.contact,
        reprint=reprint,
    )


def _masked(name: str) -> str:
    return name if STAR in name else STAR
