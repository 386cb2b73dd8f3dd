"""The visit of the moment: applies events, keeps the encrypted draft up to date, tells the others of a change.

A draft is on disk before a new step is shown, and at most half a second after anything else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from kiosk.conductor.core import Core, new_id
from kiosk.conductor.ports import Keeper
from kiosk.identity.masking import mask_name
from kiosk.outbox.errors import OutboxError
from kiosk.visit import events as ev
from kiosk.visit import machine, serialise
from kiosk.visit.model import Step, Visit

log = logging.getLogger(__name__)

SAVE_SECONDS = 0.5

Follower = Callable[[Visit | None, Visit | None], Awaitable[None]]
"""Told the visit before and after a change, inside the same job."""


class Visiting:
    """Holds the visit. Every method runs as part of a job of the core's queue."""

    def __init__(self, core: Core, keeper: Keeper) -> None:
        self._core = core
        self._keeper = keeper
        self._visit: Visit | None = None
        self._saved: Visit | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._followers: list[Follower] = []

    @property
    def visit(self) -> Visit | None:
        return self._visit

    def follow(self, follower: Follower) -> None:
        self._followers.append(follower)

    async def begin(self) -> None:
        now = self._core.time.now()
        await self._become(machine.begin(str(new_id(now)), now.isoformat()))

    async def open(self, visit: Visit) -> bool:
        """Go on with a visit from its draft, or with a reopened correction."""
        if self._visit is not None or not await self._save(visit):
            return False
        await self._become(visit)
        return True

    async def apply(self, event: ev.VisitEvent, *, at_once: bool = False) -> bool:
        """Let an event happen; True when it changed the visit.

        ``at_once`` saves before the change is shown, as every change of step does. What cannot be saved does not
        happen, except once the case is with the outbox for good.
        """
        visit = self._visit
        if visit is None:
            return False
        applied = machine.apply(visit, event)
        if applied.code and not isinstance(event, ev.Next):
            self._core.say("warning", applied.code)
        after = applied.visit
        if after == visit:
            return False
        if (at_once or after.step is not visit.step) and not await self._save(after):
            return False
        await self._become(after)
        return True

    async def save(self) -> bool:
        """Bring the draft up to date now."""
        return self._visit is None or await self._save(self._visit)

    async def destroy(self) -> None:
        """Give the visit up: draft and pages of its case are destroyed."""
        visit = self._visit
        if visit is None:
            return
        await self._core.keep(self._keeper.destroy_case, UUID(visit.case_id))
        await self.leave()

    async def leave(self) -> None:
        """Forget the visit in memory; its draft, if it has one, stays."""
        self._cancel_timer()
        self._saved = None
        await self._become(None)

    async def _become(self, visit: Visit | None) -> None:
        before, self._visit = self._visit, visit
        if visit is not None and visit != self._saved and self._timer is None and _is_draft(visit):
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(SAVE_SECONDS, self._core.post, "save draft", self._save_later)
        for follower in self._followers:
            await follower(before, visit)
        self._core.changed()

    async def _save_later(self) -> None:
        self._timer = None
        await self.save()

    async def _save(self, visit: Visit) -> bool:
        self._cancel_timer()
        if visit == self._saved or not _is_draft(visit):
            return True
        try:
            if visit.committed:
                data = serialise.to_bytes(machine.finishing(visit, masked_name(visit)))
                await self._core.keep(self._keeper.save_finishing, UUID(visit.case_id), data)
            else:
                data = serialise.to_bytes(visit)
                await self._core.keep(self._keeper.save_draft, UUID(visit.case_id), data, visit.version)
        except OutboxError as error:
            log.error("draft not saved: %s", error.code)
            self._core.say("error", error.code, **error.detail)
            return visit.committed  # the case itself is safe; only the way back to its slip is not
        self._saved = visit
        return True

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def masked_name(visit: Visit) -> str:
    """Of the applicant; of the person who is here while no applicant is known yet."""
    person = visit.applicant or visit.proxy
    return mask_name(person.name) if person is not None else visit.masked_name


def _is_draft(visit: Visit) -> bool:
    """Nothing is kept before anybody was identified, and after the wipe."""
    known = visit.person_here is not None or visit.stands_alone
    return known and visit.step is not Step.FAREWELL
