"""SUBMIT and WAITING: the finished case goes to the outbox; what the centre answers comes back within a second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from uuid import UUID

from kiosk.centre.client import CentreError
from kiosk.centre.contract import CaseState as StateAtCentre
from kiosk.centre.contract import CaseStatus, Event, MarkedPage, Ticket
from kiosk.conductor.core import Core
from kiosk.conductor.ports import Centre, Keeper
from kiosk.conductor.record import opening_of, record_of
from kiosk.conductor.snapshot import CaseState, DeliveryView, LinkState, Outcome, TicketView
from kiosk.conductor.visiting import Visiting
from kiosk.outbox.errors import OutboxError
from kiosk.outbox.model import (
    CaseBlocked,
    CaseDelivered,
    CaseProgress,
    DeliveryEvent,
    DeliveryTrouble,
    LinkChanged,
    PageDelivered,
    PageStage,
)
from kiosk.visit import events as ev
from kiosk.visit.model import AskedPage, Progress, Step, Visit

log = logging.getLogger(__name__)

TICKET_TRIES = 5
TICKET_WAIT = 3.0

PROGRESS = {
    StateAtCentre.COMPLETE: Progress.DELIVERED,
    StateAtCentre.ACCEPTED: Progress.ACCEPTED,
    StateAtCentre.CORRECTION_REQUESTED: Progress.CORRECTION_REQUESTED,
    StateAtCentre.RETURNED: Progress.RETURNED,
}
"""RECEIVING is missing: only the centre's receipt says that a case has arrived."""

OUTCOMES = {
    Progress.ACCEPTED: Outcome.ACCEPTED,
    Progress.CORRECTION_REQUESTED: Outcome.CORRECTION_REQUESTED,
    Progress.RETURNED: Outcome.RETURNED,
}


class Handover:
    """The present case after its last page. Every method runs as part of a job of the core's queue."""

    def __init__(
        self, core: Core, visiting: Visiting, keeper: Keeper, centre: Centre, assistant: Callable[[], str]
    ) -> None:
        self._core = core
        self._visiting = visiting
        self._keeper = keeper
        self._centre = centre
        self._assistant = assistant
        self._ticket: Ticket | None = None
        self._sent = (0, 0)
        self._at_centre: frozenset[str] = frozenset()
        self._handing_over = False
        self.link = LinkState.UNKNOWN
        self.trouble = ""
        visiting.follow(self._follow)

    # -- what is shown -----------------------------------------------------------------------------------------

    @property
    def at_centre(self) -> frozenset[str]:
        """Ids of pages of this case the centre has answered for."""
        return self._at_centre

    @property
    def busy(self) -> bool:
        """The case is being sealed and committed."""
        return self._handing_over

    def travels(self, visit: Visit) -> bool:
        """Whether pages taken now leave at once."""
        return bool(visit.opened_at) and self.link is LinkState.ONLINE and not self.trouble

    def on_link(self, online: bool) -> None:
        """The live channel is an answer of the centre too; its end says only that nothing is known."""
        if online:
            self.link = LinkState.ONLINE
            self._core.changed()

    def delivery(self, visit: Visit) -> DeliveryView:
        progress = visit.handover.progress
        sent, total = self._sent
        return DeliveryView(
            sent_bytes=sent,
            total_bytes=total,
            case_state=CaseState(progress.value),
            case_number=visit.handover.case_number,
            outcome=OUTCOMES.get(progress, Outcome.NONE),
            outcome_reason=visit.handover.reason if progress in OUTCOMES else visit.correction_reason,
        )

    def ticket(self, visit: Visit) -> TicketView | None:
        ticket = self._ticket
        if ticket is None or str(ticket.case_id) != visit.case_id:
            return None
        return TicketView(ticket.number, ticket.people_ahead, ticket.state)

    # -- following the visit -----------------------------------------------------------------------------------

    async def _follow(self, before: Visit | None, after: Visit | None) -> None:
        if after is None or before is None or before.case_id != after.case_id:
            self._ticket, self._sent, self._at_centre = None, (0, 0), frozenset()
        if after is None:
            return
        if before is None or before.version != after.version:
            self._sent = (0, 0)
        await self._follow_consent(before, after)
        if after.step is Step.SUBMIT and not after.committed and (before is None or before.step is not Step.SUBMIT):
            self._core.post("hand over", self.hand_over)
        if before is None and (after.opened_at or after.committed):
            self._core.post("catch up", self._catch_up)

    async def _follow_consent(self, before: Visit | None, after: Visit) -> None:
        """Pages travel from the moment the resident agreed and went on, until they take it back."""
        was_open = before.opened_at if before is not None and before.version == after.version else ""
        try:
            if after.opened_at and after.opened_at != was_open and not after.committed:
                await self._core.keep(self._keeper.allow_travel, opening_of(after))
            elif was_open and not after.opened_at:
                await self._core.keep(self._keeper.forbid_travel, UUID(after.case_id), after.version)
        except OutboxError as error:
            # The pages travel with the record at the latest; the visit need not wait for this.
            log.error("travel of pages: %s", error.code)

    async def hand_over(self) -> None:
        """Give the finished case to the outbox. Tried again by "next" when the disk refused."""
        visit = self._visiting.visit
        if visit is None or visit.step is not Step.SUBMIT or visit.committed:
            return
        now = self._core.time.now()
        self._handing_over = True
        try:
            record = record_of(visit, self._assistant(), now)
            await self._core.keep(self._keeper.commit, record)
        except OutboxError as error:
            await self._not_committed(visit, error)
            return
        finally:
            self._handing_over = False
        self._core.unsay("outbox.disk_full", "outbox.disk_failed")
        await self._visiting.apply(ev.Committed(now.isoformat()), at_once=True)

    async def _not_committed(self, visit: Visit, error: OutboxError) -> None:
        log.error("case %s not committed: %s", visit.case_id, error.code)
        page = visit.page(str(error.detail.get("page", "")))
        if error.code == "outbox.page_missing" and page is not None:
            self._core.say("error", "visit.page_lost", material=page[0].name)
        else:
            self._core.say("error", error.code, **error.detail)

    async def _catch_up(self) -> None:
        """A visit went on after a restart: its pages and its case may have moved meanwhile."""
        visit = self._visiting.visit
        if visit is None:
            return
        pages = await self._core.keep(self._keeper.pages, UUID(visit.case_id), visit.version)
        there = [page for page in pages if page.stage is PageStage.AT_CENTRE]
        self._at_centre |= {str(page.page_id) for page in there}
        self._sent = (sum(page.size for page in there), sum(page.size for page in pages))
        self._core.changed()
        if not visit.committed:
            return
        summary = await self._core.keep(self._keeper.case_state, UUID(visit.case_id))
        if summary is not None and summary.version == visit.version and summary.delivered_at is not None:
            await self._delivered(visit, summary.case_number, Progress.DELIVERED)
            self._core.beside("case status", self._ask_status(UUID(visit.case_id)))

    async def _ask_status(self, case_id: UUID) -> None:
        try:
            status = await self._core.ask(self._centre.case_status, case_id)
        except CentreError as error:
            log.info("status of case %s: %s", case_id, error.code)
            return
        self._core.post("case status", self._on_status, status)

    # -- what the delivery says --------------------------------------------------------------------------------

    async def on_delivery(self, event: DeliveryEvent) -> None:
        visit = self._visiting.visit
        match event:
            case LinkChanged(online):
                self.link = LinkState.ONLINE if online else LinkState.OFFLINE
            case DeliveryTrouble(code):
                self._core.unsay(self.trouble)
                self.trouble = code
                if code:
                    self._core.say("warning", code)
            case PageDelivered(case_id, _, page_id) if _is(visit, case_id):
                self._at_centre |= {str(page_id)}
            case CaseProgress(case_id, version, sent, total) if _is(visit, case_id, version):
                self._sent = (sent, total)
            case CaseBlocked(case_id, version, code, _) if _is(visit, case_id, version):
                self._core.say("error", code)
            case CaseDelivered(receipt) if visit is not None and _is(visit, receipt.case_id, receipt.version):
                self._sent = (self._sent[1], self._sent[1])
                self._at_centre |= {page.page_id for page in visit.pages}
                await self._delivered(visit, receipt.case_number, PROGRESS.get(receipt.state, Progress.DELIVERED))
        self._core.changed()

    async def _delivered(self, visit: Visit, case_number: str, progress: Progress) -> None:
        await self._visiting.apply(ev.ProgressKnown(visit.version, progress, case_number), at_once=True)
        if self.ticket(visit) is None and not visit.correction:
            self._core.beside("ticket", self._draw_ticket(UUID(visit.case_id)))

    async def _draw_ticket(self, case_id: UUID) -> None:
        for attempt in range(TICKET_TRIES):
            if attempt:
                await asyncio.sleep(TICKET_WAIT)
            if not _is(self._visiting.visit, case_id):
                return
            try:
                ticket = await self._core.ask(self._centre.draw_ticket, case_id)
            except CentreError as error:
                log.info("ticket for case %s: %s", case_id, error.code)
                continue
            self._core.post("ticket", self._on_ticket, ticket)
            return

    async def _on_ticket(self, ticket: Ticket) -> None:
        if _is(self._visiting.visit, ticket.case_id):
            self._ticket = ticket
            await self._visiting.apply(ev.TicketDrawn(ticket.number))
            self._core.changed()

    # -- what the centre says ----------------------------------------------------------------------------------

    async def on_live(self, event: Event) -> None:
        """Work on an event, then remember its number: after a crash it comes again rather than never."""
        if event.ticket is not None:
            await self._on_ticket(event.ticket)
        if event.status is not None:
            await self._on_status(event.status)
        try:
            await self._core.keep(self._keeper.set_last_event_number, event.number)
        except OutboxError as error:
            log.error("event number not kept: %s", error.code)

    async def _on_status(self, status: CaseStatus) -> None:
        try:
            await self._core.keep(self._keeper.remember_status, status)
        except OutboxError as error:
            log.error("status of case %s not kept: %s", status.case_id, error.code)
        visit = self._visiting.visit
        progress = PROGRESS.get(status.state)
        if visit is None or progress is None or not _is(visit, status.case_id, status.version):
            self._core.changed()
            return
        if status.ticket is not None:
            self._ticket = status.ticket
        known = ev.ProgressKnown(status.version, progress, status.case_number, status.reason)
        await self._visiting.apply(known, at_once=True)
        if progress is Progress.CORRECTION_REQUESTED:
            asked = asked_pages(status.marked_pages)
            at = self._core.time.now().isoformat()
            if await self._visiting.apply(ev.CorrectionBegun(asked, status.reason, at)):
                self._core.say("warning", "visit.correction_here")


def asked_pages(marked: tuple[MarkedPage, ...]) -> tuple[AskedPage, ...]:
    """The clerk's marks as the visit understands them."""
    return tuple(AskedPage(str(m.page_id), m.material_id or "marked", m.reason, m.material_name) for m in marked)


def _is(visit: Visit | None, case_id: UUID, version: int | None = None) -> bool:
    return visit is not None and visit.case_id == str(case_id) and version in (None, visit.version)
