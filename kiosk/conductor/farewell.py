"""FAREWELL: a card or paper that somebody left behind is pointed out until it is gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from drivers.id_card_reader import IdCardAway, IdCardRead, IdCardUnseen
from drivers.social_security_card import SocialSecurityCardAway, SocialSecurityCardRead
from kiosk.conductor import looking
from kiosk.conductor.core import Core
from kiosk.conductor.ports import FrameSource

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
CODES = ("visit.card_left", "visit.paper_left", "visit.card_and_paper_left")


class Leftovers:
    """What lies on the devices. Engine thread.

    Only what a device said counts, and silence is not "gone": some readers never tell that a card was lifted, so the
    words for a card say "may".
    """

    def __init__(self, core: Core, camera: Callable[[], FrameSource | None]) -> None:
        self._core = core
        self._camera = camera
        self._cards: set[str] = set()
        self._paper = False
        self._watching: asyncio.Event | None = None

    def begin(self) -> None:
        """A new visit: what may lie there from an earlier one was pointed out then."""
        self._cards.clear()

    def on_device_event(self, event: object) -> None:
        match event:
            case IdCardRead():
                self._cards.add("id_card")
            case IdCardAway() | IdCardUnseen():  # a card that may be gone is not claimed to lie there
                self._cards.discard("id_card")
            case SocialSecurityCardRead():
                self._cards.add("social_security_card")
            case SocialSecurityCardAway():
                self._cards.discard("social_security_card")
            case _:
                return
        self._tell()

    def follow(self, farewell: bool) -> None:
        """Watch as long as the farewell is shown."""
        if farewell and self._watching is None:
            self._watching = asyncio.Event()
            self._tell()
            self._core.beside("leftovers", self._look(self._watching))
        elif not farewell and self._watching is not None:
            self._watching.set()
            self._watching = None
            self._paper = False
            self._core.unsay(*CODES)

    async def _look(self, over: asyncio.Event) -> None:
        number = 0
        while not over.is_set():
            camera = self._camera()
            frame = await self._core.look(camera.wait_for_frame, number, 0.3) if camera is not None else None
            if frame is not None:
                number = frame.number
                self._paper = bool(await self._core.look(looking.outline, frame.image))
                if not over.is_set():
                    self._tell()
            try:
                await asyncio.wait_for(over.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue

    def _tell(self) -> None:
        if self._watching is None:
            return
        wanted = {
            (True, True): "visit.card_and_paper_left",
            (True, False): "visit.card_left",
            (False, True): "visit.paper_left",
        }.get((bool(self._cards), self._paper))
        shown = self._core.notice.code if self._core.notice else None
        if wanted is None:
            self._core.unsay(*CODES)
        elif shown != wanted:
            self._core.say("warning", wanted)
