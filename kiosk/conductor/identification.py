"""IDENTIFY and APPLICANT: who is here, by card, by code, or by hand. The cameras are read for codes meanwhile."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from uuid import UUID

from drivers.code_scanner import CodeDropped, CodeScanned
from drivers.id_card_reader import IdCardRead, IdCardTrouble
from drivers.social_security_card import SocialSecurityCardRead, SocialSecurityCardTrouble
from kiosk.centre.client import CentreError, CentreRefused
from kiosk.centre.contract import CodeToResolve, ErrorCode, ResolvedIdentity
from kiosk.conductor.core import Core, report
from kiosk.conductor.people import person_of_code, person_of_id_card, person_of_social_security_card, person_view
from kiosk.conductor.portraits import Portraits
from kiosk.conductor.ports import Centre, FrameSource
from kiosk.conductor.snapshot import PersonView, Screen
from kiosk.conductor.visiting import Visiting
from kiosk.identity.codes import ClassifiedCode, classify
from kiosk.identity.id_number import check_id_number
from kiosk.identity.person import Person, make_person
from kiosk.identity.showings import CodeShowings
from kiosk.imaging.codes import CodeReader
from kiosk.visit import events as ev
from kiosk.visit.model import Step, Visit

log = logging.getLogger(__name__)

LOOKS_PER_SECOND = 3
FRAME_WAIT = 0.3
IDENTIFYING = frozenset({Step.IDENTIFY, Step.APPLICANT})
IDENTITY_CODES = frozenset({"resident_code", "resident_code_other", "medical_insurance"})
WATCHED = frozenset({Screen.IDENTIFY, Screen.APPLICANT, Screen.TODO})

UNUSABLE = {
    "web_address": "identity.code_is_an_address",
    "id_number": "identity.code_is_only_a_number",
    "receipt": "visit.code_is_receipt",
}
REFUSALS = {ErrorCode.CODE_UNKNOWN: "visit.code_unknown", ErrorCode.CODE_EXPIRED: "visit.code_expired"}


class Identification:
    """Engine thread, except the loop that reads the cameras.

    Args:
        cameras: Those whose pictures are read for codes; called on the loop's thread.
        expect_code: Told when a code is waited for, and when no longer; returns at once.
    """

    def __init__(
        self,
        core: Core,
        visiting: Visiting,
        centre: Centre,
        cameras: Callable[[], Sequence[FrameSource | None]],
        expect_code: Callable[[bool], None],
        on_receipt: Callable[[UUID], None],
        portraits: Portraits,
    ) -> None:
        self._core = core
        self._visiting = visiting
        self._centre = centre
        self._cameras = cameras
        self._expect_code = expect_code
        self._on_receipt = on_receipt
        self._portraits = portraits
        self._place: Screen | None = None
        self._questions = 0
        self._showings = CodeShowings()
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._watch, name="camera-codes", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the reading thread; waits at most for one look."""
        self._stopping.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(5.0)
            self._thread = None

    def follow(self, screen: Screen | None) -> None:
        """Read the cameras, and have a scanner read, only while somebody or somebody's receipt is to be recognised."""
        self._place = screen if screen is Screen.TODO else None
        wanted = screen in WATCHED
        if wanted != self._wanted.is_set():
            self._expect_code(wanted)
        if wanted:
            self._wanted.set()
        else:
            self._wanted.clear()

    def reset(self) -> None:
        """Another visit: an answer still on its way is for nobody."""
        self._questions += 1
        self._showings.clear()
        self._portraits.forget()

    def person_view(self, person: Person) -> PersonView:
        today = self._core.time.now().astimezone().date()
        return person_view(person, today, self._portraits.shown(person))

    # -- cards -------------------------------------------------------------------------------------------------

    async def on_device_event(self, event: object, place: Screen | None) -> None:
        """``place`` is the screen when no visit is on."""
        match event:
            case IdCardRead() | SocialSecurityCardRead():
                await self._on_card(event)
            case IdCardTrouble(code, detail) | SocialSecurityCardTrouble(code, detail):
                if self._visit() is not None:
                    self._core.say("warning", code, **detail)
            case CodeScanned(raw):
                await self.on_code(raw, place)
            case CodeDropped(code):
                if self._visit() is not None:
                    self._core.say("warning", code)

    def _visit(self) -> Visit | None:
        visit = self._visiting.visit
        return visit if visit is not None and visit.step in IDENTIFYING else None

    async def _on_card(self, event: IdCardRead | SocialSecurityCardRead) -> None:
        person = person_on(event)
        if person is None:
            return  # the reader's own trouble event says what to do
        visit = self._visit()
        if visit is not None:
            if isinstance(event, IdCardRead) and self._portraits.keep(event):
                self._core.changed()
            await self._identified(visit, person)
            return
        visit = self._visiting.visit
        if visit is not None and not visit.committed and person.id_number not in _numbers(visit):
            self._core.say("warning", "visit.second_card")

    async def _identified(self, visit: Visit, person: Person) -> None:
        known = visit.applicant if visit.step is Step.APPLICANT else visit.person_here
        if known is not None and known.id_number == person.id_number and known.source == person.source:
            return
        self._questions += 1  # whoever was asked about at the centre meanwhile is not the newest any more
        if await self._visiting.apply(ev.Identified(person)):
            self._core.unsay()

    # -- codes -------------------------------------------------------------------------------------------------

    async def on_code(self, raw: bytes, place: Screen | None, *, by_camera: bool = False) -> None:
        """A code from the scanner, a camera or a keyboard-wedge scanner. Its text is never kept or logged.

        One showing of a code is one question, whoever saw it: it may be worth nothing after the first.
        """
        code = classify(raw)
        if not self._showings.is_new(code, raw, self._core.time.monotonic(), by_camera=by_camera):
            return
        if code.kind == "receipt" and not code.code and place is not None:
            self._on_receipt(UUID(str(code.detail["case_id"])))
            return
        if code.code or code.kind not in IDENTITY_CODES:
            log.info("code of kind %s not used: %s", code.kind, code.code or UNUSABLE.get(code.kind, "no identity"))
        if self._visit() is None:
            if place in (Screen.HOME, Screen.TODO) and code.code:
                self._core.say("warning", code.code)
            return
        if code.code:
            self._core.say("warning", code.code)
        elif code.kind in IDENTITY_CODES:
            self._questions += 1
            self._showings.asked(code, True)
            self._core.say("info", "visit.code_asking")
            self._core.beside("resolve code", self._resolve(code, self._questions))
        else:
            self._core.say("warning", UNUSABLE.get(code.kind, "identity.code_is_text"))

    async def _resolve(self, code: ClassifiedCode, question: int) -> None:
        try:
            resolved = await self._core.ask(self._centre.resolve_code, CodeToResolve(kind=code.kind, text=code.text))
        except CentreError as error:
            log.info("code not resolved: %s", error.code)
            problem = error.problem if isinstance(error, CentreRefused) else ""
            reason = next((say for known, say in REFUSALS.items() if known == problem), "visit.code_offline")
            self._core.post("code not resolved", self._not_resolved, question, code, reason)
            return
        self._core.post("code resolved", self._resolved, question, resolved)

    async def _not_resolved(self, question: int, code: ClassifiedCode, reason: str) -> None:
        if question == self._questions and self._visit() is not None:
            self._showings.asked(code, False)
            self._core.say("warning", reason)

    async def _resolved(self, question: int, resolved: ResolvedIdentity) -> None:
        visit = self._visit()
        if question != self._questions or visit is None:
            return
        self._core.unsay("visit.code_asking")
        # Whether the code still holds is the centre's to say (``code_expired``): this clock may be wrong.
        await self._identified(visit, person_of_code(resolved.person))

    # -- by hand -----------------------------------------------------------------------------------------------

    async def by_hand(self, name: str, id_number: str, reason: str) -> None:
        """Typed by the assistant, with the reason why no card can be used."""
        visit = self._visit()
        if visit is None:
            return
        name, reason = " ".join(name.split())[:60], " ".join(reason.split())[:200]
        number = check_id_number(id_number, self._core.time.now().astimezone().date())
        code = "visit.by_hand_name" if not name else number.code or ("" if reason else "visit.by_hand_reason")
        if code:
            self._core.say("warning", code)
            return
        await self._identified(visit, make_person(name, id_number, "by_hand", source_reason=reason))

    # -- the cameras' thread -----------------------------------------------------------------------------------

    def _watch(self) -> None:
        readers: dict[int, CodeReader] = {}
        numbers: dict[int, int] = {}
        while not self._stopping.is_set():
            if not self._wanted.wait(1.0):
                continue
            begun = time.monotonic()
            looked = False
            for place, camera in enumerate(self._cameras()):
                if camera is None or self._stopping.is_set():
                    continue
                try:
                    frame = camera.wait_for_frame(numbers.get(place, 0), FRAME_WAIT)
                    if frame is None:
                        continue
                    looked = True
                    numbers[place] = frame.number
                    for found in readers.setdefault(place, CodeReader()).read(frame.image):
                        self._core.post("code in a picture", self._on_camera_code, found.raw)
                except Exception as error:  # a picture that cannot be read holds no code; the next one may
                    report("codes in pictures", error)
            self._stopping.wait(max(0.0, 1 / LOOKS_PER_SECOND - (time.monotonic() - begun)) if looked else FRAME_WAIT)

    async def _on_camera_code(self, raw: bytes) -> None:
        if self._wanted.is_set():
            await self.on_code(raw, self._place, by_camera=True)


def person_on(event: object) -> Person | None:
    """Whom a card names; None for anything else and for a card that names nobody."""
    match event:
        case IdCardRead(card):
            return person_of_id_card(card)
        case SocialSecurityCardRead(card):
            return person_of_social_security_card(card)
    return None


def _numbers(visit: Visit) -> set[str]:
    return {person.id_number for person in (visit.applicant, visit.proxy) if person is not None}
