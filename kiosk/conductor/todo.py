"""Visits that are not over: drafts from before a restart or sign-off, corrections asked for after the resident left."""

from __future__ import annotations

import logging
from uuid import UUID

from kiosk.catalogue.catalogue import Catalogue
from kiosk.centre.client import CentreError
from kiosk.centre.contract import CaseQuery, CaseStatus
from kiosk.centre.contract import CaseState as StateAtCentre
from kiosk.conductor.core import Core
from kiosk.conductor.handover import asked_pages
from kiosk.conductor.ports import Centre, Keeper
from kiosk.conductor.snapshot import DraftView, TodoView
from kiosk.conductor.visiting import Visiting, masked_name
from kiosk.outbox.errors import OutboxError
from kiosk.outbox.model import DraftRecord, TodoEntry
from kiosk.visit import machine, serialise
from kiosk.visit.model import Visit
from kiosk.visit.plan import plan_item

log = logging.getLogger(__name__)


class Todo:
    """Both lists, read again whenever they may have changed. Every method runs as part of a job of the queue."""

    def __init__(self, core: Core, visiting: Visiting, keeper: Keeper, centre: Centre, catalogue: Catalogue) -> None:
        self._core = core
        self._visiting = visiting
        self._keeper = keeper
        self._centre = centre
        self._catalogue = catalogue
        self._entries: list[TodoEntry] = []
        self.drafts: tuple[DraftView, ...] = ()

    @property
    def corrections(self) -> tuple[TodoView, ...]:
        """Without the case somebody is working on right now."""
        visit = self._visiting.visit
        return tuple(
            _todo_view(entry) for entry in self._entries if visit is None or str(entry.case_id) != visit.case_id
        )

    async def refresh(self) -> None:
        try:
            self._entries = await self._core.keep(self._keeper.todo)
            self.drafts = await self._core.keep(self._read_drafts)
        except OutboxError as error:
            log.error("lists not read: %s", error.code)
            self._core.say("error", error.code, **error.detail)
        self._core.changed()

    def _read_drafts(self) -> tuple[DraftView, ...]:
        return tuple(self._draft_view(record) for record in self._keeper.drafts())

    def _draft_view(self, record: DraftRecord) -> DraftView:
        saved_at = record.saved_at.astimezone().strftime("%Y-%m-%d %H:%M")
        try:
            visit = serialise.from_bytes(self._keeper.load_draft(record.case_id))
        except (OutboxError, serialise.DraftUnreadable) as error:
            log.error("draft %s: %s", record.case_id, error.code)
            return DraftView(str(record.case_id), "", "", saved_at)
        return DraftView(str(record.case_id), masked_name(visit), visit.item.name if visit.item else "", saved_at)

    def material_names(self, entry: TodoEntry) -> dict[str, str]:
        """Names of the item's materials by id, from the catalogue."""
        item = self._catalogue.item(entry.item_id)
        return {material.material_id: material.name for material in item.materials} if item is not None else {}

    def entry(self, case_id: str) -> TodoEntry | None:
        return next((entry for entry in self._entries if str(entry.case_id) == case_id), None)

    async def resume_draft(self, case_id: str) -> Visit | None:
        """Open a kept visit; one that does not open stays where it is."""
        try:
            visit = serialise.from_bytes(await self._core.keep(self._keeper.load_draft, UUID(case_id)))
        except (OutboxError, serialise.DraftUnreadable) as error:
            self._core.say("error", error.code)
            return None
        except ValueError:  # no such id
            return None
        return visit if await self._visiting.open(visit) else None

    # -- corrections -------------------------------------------------------------------------------------------

    async def open_correction(self, case_id: str) -> bool:
        entry = self.entry(case_id)
        if entry is None or self._visiting.visit is not None:
            return False
        if any(draft.case_id == case_id for draft in self.drafts):
            self._core.say("warning", "visit.correction_draft_here")
            return False
        now = self._core.time.now().isoformat()
        item = self._catalogue.item(entry.item_id)
        planned = plan_item(item, self._catalogue.version) if item is not None else None
        visit = machine.reopen(
            case_id,
            entry.version + 1,
            now,
            item_id=entry.item_id,
            item_name=entry.item_name,
            materials=planned.materials if planned else (),
            fields=planned.fields if planned else (),
            asked=asked_pages(entry.marked_pages),
            reason=entry.reason,
            case_number=entry.case_number,
            masked_name=entry.masked_name,
        )
        return await self._visiting.open(visit)

    def look_for(self, query: CaseQuery) -> None:
        """Ask the centre for a case by card or receipt; what it finds is opened by a job of its own."""
        self._core.beside("find cases", self._look_for(query))

    async def _look_for(self, query: CaseQuery) -> None:
        try:
            found = await self._core.ask(self._centre.find_cases, query)
        except CentreError as error:
            log.info("cases not looked for: %s", error.code)
            self._core.post("correction not found", self._not_found, query, "visit.correction_needs_centre")
            return
        self._core.post("cases found", self._found, found)

    async def _not_found(self, query: CaseQuery, code: str) -> None:
        """The centre is away; the case of a receipt may still be on the list."""
        entry = next((entry for entry in self._entries if entry.case_id == query.case_id), None)
        if entry is None or not await self.open_correction(str(entry.case_id)):
            self._core.say("warning", code)

    async def _found(self, found: list[CaseStatus]) -> None:
        wanted = next((status for status in found if status.state is StateAtCentre.CORRECTION_REQUESTED), None)
        if wanted is None:
            # A correction begun and given up here a moment ago: until the centre hears of it, it takes it for begun.
            begun = (str(status.case_id) for status in found if status.state is StateAtCentre.RECEIVING)
            listed = next((case_id for case_id in begun if self.entry(case_id) is not None), None)
            if listed is None:
                self._core.say("info", "visit.correction_none")
            elif await self.open_correction(listed):
                self._core.say("info", "visit.correction_found")
            return
        try:
            await self._core.keep(self._keeper.remember_status, wanted)
        except OutboxError as error:
            self._core.say("error", error.code, **error.detail)
            return
        await self.refresh()
        if await self.open_correction(str(wanted.case_id)):
            self._core.say("info", "visit.correction_found")


def _todo_view(entry: TodoEntry) -> TodoView:
    reasons = tuple(dict.fromkeys(page.reason for page in entry.marked_pages if page.reason))
    return TodoView(
        case_id=str(entry.case_id),
        case_number=entry.case_number,
        masked_name=entry.masked_name,
        item_name=entry.item_name,
        asked_at=entry.asked_at.astimezone().strftime("%Y-%m-%d %H:%M"),
        reasons=reasons or ((entry.reason,) if entry.reason else ()),
    )
