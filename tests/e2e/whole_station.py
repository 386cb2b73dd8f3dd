"""A whole station for end-to-end tests: bench, centre and station of the demo, without a window.

The test is resident, assistant and clerk: it moves the bench's pieces, sends ``Commands``, and waits on snapshots.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any
from uuid import UUID

import cv2
import numpy as np
from PIL import Image
from sqlalchemy import select

from drivers.driver import DeviceKind, DeviceState
from drivers.id_card_reader import IdCardAway, IdCardUnseen
from drivers.simulated.id_card_reader import SAMPLE_CARDS, SimulatedIdCard
from drivers.simulated.scenes import document_scene
from kiosk.centre.server import database as tables
from kiosk.centre.server.centre import Centre
from kiosk.conductor.snapshot import Screen, Snapshot, VisitView
from kiosk.demo import ASSISTANT, CLERK, Demo
from kiosk.identity.codes import make_receipt_code, read_receipt_code
from kiosk.imaging.codes import CodeReader
from kiosk.station import Station
from kiosk.ui.demo.clerk import Clerk
from kiosk.words import table
from tests.e2e.station_process import RemoteStation

PATIENCE = 40.0
"""Seconds; generous, because a slow machine is no failure."""

QUESTIONS = 4
"""To a card that lies there, before a hand takes it away: by then the reader knows how its going will show."""

STROKES = (((10.0, 40.0), (60.0, 20.0), (120.0, 60.0)), ((130.0, 20.0), (180.0, 60.0)))
TELEPHONE = "13800000000"
BOOKLET = "jiuyi-jilu-ce"
"""One required material, both sides of a card on one page."""
FREE = "shebaokabuhuan"
"""No known checklist."""


class WholeStation:
    """Started by ``with``.

    ``now`` is the newest snapshot, ``notices`` every sentence shown so far, by code, ``events`` what the drivers said.
    """

    def __init__(self) -> None:
        self._news = threading.Condition()
        self.now = Snapshot(Screen.STARTING)
        self.notices: list[str] = []
        self.codes: set[str] = set()
        self.events: list[object] = []
        self.demo = Demo(self._on_snapshot)
        self._again: Station | RemoteStation | None = None

    def __enter__(self) -> WholeStation:
        self.demo.start()
        self.station.devices.subscribe(self.events.append)
        self.clerk = Clerk(self.demo.centre.url, CLERK, self.demo.clerk_password)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            self.clerk.close()
            if self._again is not None:
                self._again.stop()
        finally:
            self.demo.stop()
        if kind is None:
            assert self.codes - table().keys() == set(), "codes that were shown without words"

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        with self._news:
            new = snapshot.notice
            if new is not None and (self.now.notice is None or self.now.notice.number != new.number):
                self.notices.append(new.code)
            self.now = snapshot
            self.codes |= set(_codes_of(snapshot))
            self._news.notify_all()

    # -- the parts -------------------------------------------------------------------------------------------------

    @property
    def station(self) -> Any:
        return self._again or self.demo.station

    @property
    def do(self) -> Any:
        """The commands, as the front end gives them."""
        return self.station.commands

    @property
    def bench(self) -> Any:
        return self.demo.bench

    @property
    def visit(self) -> VisitView:
        visit = self.now.visit
        assert visit is not None, f"no visit on {self.now.screen}"
        return visit

    @property
    def case_id(self) -> UUID:
        return UUID(self.visit.case_id)

    def restart(self, **sections: Any) -> None:
        """End the program and start it again on the same folder, while devices and centre go on.

        ``sections`` are changed sections of its settings.
        """
        settings = self.station.settings.model_copy(update=sections)
        self.station.stop()
        self.now = Snapshot(Screen.STARTING)
        self._again = Station(settings, self._on_snapshot, demo_pin=self.demo.pin)
        self._again.start()
        self._again.devices.subscribe(self.events.append)

    def move_out(self) -> RemoteStation:
        """Go on in a process of its own, on the same folder."""
        settings = self.station.settings
        self.station.stop()
        self.now = Snapshot(Screen.STARTING)
        self._again = remote = RemoteStation(settings, self._on_snapshot)
        return remote

    # -- waiting ---------------------------------------------------------------------------------------------------

    def until(self, holds: Callable[[Snapshot], object], what: str = "", seconds: float = PATIENCE) -> Snapshot:
        """Wait for a snapshot; a truthy answer ends it."""
        until = time.monotonic() + seconds
        with self._news:
            while not holds(self.now):
                if not self._news.wait(max(0.0, until - time.monotonic())) and time.monotonic() > until:
                    visit = self.now.visit
                    raise AssertionError(
                        f"{what or 'it'} did not happen; screen {self.now.screen}, notices {self.notices[-5:]}, "
                        f"next {visit.next_code if visit else '-'}, print {visit.print_state if visit else '-'}"
                    )
            return self.now

    def of_visit(self, holds: Callable[[VisitView], object], what: str = "", seconds: float = PATIENCE) -> VisitView:
        self.until(lambda now: now.visit is not None and holds(now.visit), what, seconds)
        return self.visit

    def screen(self, screen: Screen) -> None:
        self.until(lambda now: now.screen is screen, f"screen {screen}")

    def device(self, kind: DeviceKind) -> DeviceState:
        return next(view.state for view in self.now.devices if view.kind is kind)

    def until_device(self, kind: DeviceKind, *states: DeviceState) -> None:
        self.until(lambda now: any(v.kind is kind and v.state in states for v in now.devices), f"{kind} {states}")

    @contextmanager
    def told(self, code: str) -> Iterator[None]:
        """What happens inside makes the station say ``code``."""
        before = len(self.notices)
        yield
        self.until(lambda _: code in self.notices[before:], f"the sentence {code}")

    # -- hands -----------------------------------------------------------------------------------------------------

    def next(self, screen: Screen) -> None:
        self.of_visit(lambda visit: visit.can_next, f"next to {screen}")
        self.do.next()
        self.screen(screen)

    def sign_on(self) -> None:
        self.screen(Screen.SIGN_ON)
        self.do.sign_on(ASSISTANT, self.demo.pin)
        self.screen(Screen.HOME)

    def lay_card(self, card: SimulatedIdCard | str = "valid") -> None:
        self.bench.id_card_reader.lay_card(SAMPLE_CARDS[card] if isinstance(card, str) else card)

    def lift_card(self) -> None:
        """Not faster than people do, and until the reader has noticed."""
        reader = self.bench.id_card_reader
        asked, before = len(reader.commands), len(self.events)
        self._soon(lambda: len(reader.commands) >= asked + QUESTIONS, "the reader does not ask for the card any more")
        reader.lift_card()
        gone = (IdCardAway, IdCardUnseen)
        self._soon(lambda: any(isinstance(event, gone) for event in self.events[before:]), "the card is gone")

    @staticmethod
    def _soon(holds: Callable[[], object], what: str) -> None:
        until = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < until, what
            time.sleep(0.02)

    def begin(self) -> None:
        """To IDENTIFY."""
        if self.now.staff is None:
            self.sign_on()
        self.do.start_visit()
        self.screen(Screen.IDENTIFY)

    def identify(self, card: SimulatedIdCard | str = "valid") -> None:
        self.lay_card(card)
        self.of_visit(lambda visit: visit.can_next, "the card's person")
        self.lift_card()

    def choose(self, item_id: str) -> None:
        """From IDENTIFY to GUIDE."""
        self.next(Screen.CHOOSE_ITEM)
        self.do.choose_item(item_id)
        self.of_visit(lambda visit: visit.item is not None and visit.item.item_id == item_id, "the item")
        self.next(Screen.GUIDE)

    def consent(self, screen: Screen = Screen.CAPTURE) -> None:
        self.do.set_consent(True)
        self.of_visit(lambda visit: visit.consent, "consent")
        self.next(screen)

    def to_capture(self, item_id: str = BOOKLET) -> None:
        self.begin()
        self.identify()
        self.choose(item_id)
        self.consent()
        self.do.set_automatic(False)
        self.of_visit(lambda visit: not visit.capture.automatic, "manual capture")

    def lay_paper(self, name: str) -> None:
        """Under the camera, seen by the station."""
        self.bench.document_camera.show(document_scene("empty_mat"))
        self.of_visit(lambda visit: not visit.capture.outline, "the empty mat")
        self.bench.document_camera.show(document_scene(name))
        self.of_visit(lambda visit: len(visit.capture.outline) == 4, f"the outline of {name}")

    def take(self, name: str) -> None:
        """One side, one page: laid down, taken by hand, accepted."""
        self.lay_paper(name)
        self.do.take_picture()
        self.of_visit(lambda visit: visit.capture.reviewing is not None, f"the picture of {name}")
        self.do.accept_picture()
        self.of_visit(lambda visit: visit.capture.reviewing is None and not visit.capture.busy, f"{name} accepted")

    def take_card(self) -> None:
        self.take("id_card_front")
        self.of_visit(lambda visit: visit.capture.second_side, "the second side is asked for")
        self.take("id_card_back")

    def fill_and_sign(self) -> None:
        """From CAPTURE to SUBMIT."""
        self.next(Screen.FIELDS)
        self.do.set_field("telephone", TELEPHONE)
        self.next(Screen.REVIEW)
        self.next(Screen.SIGNATURE)
        self.do.sign(STROKES, 400, 200)
        self.of_visit(lambda visit: visit.signature, "the signature")
        self.next(Screen.SUBMIT)

    def delivered(self) -> str:
        """From SUBMIT to WAITING; the case number."""
        self.of_visit(lambda visit: visit.delivery.case_number, "the case number")
        self.next(Screen.WAITING)
        return self.visit.delivery.case_number

    def to_waiting(self, item_id: str = BOOKLET) -> str:
        self.to_capture(item_id)
        if item_id == BOOKLET:
            self.take_card()
        self.fill_and_sign()
        return self.delivered()

    def finish(self) -> None:
        """From RECEIPT home."""
        self.next(Screen.RATING)
        self.do.rate(5)
        self.screen(Screen.FAREWELL)
        self.do.finish_visit()
        self.screen(Screen.HOME)

    # -- what came of it -------------------------------------------------------------------------------------------

    def rows(self, name: str) -> list[Any]:
        """A table of the centre's own database."""
        centre = Centre(self.demo._config)
        try:
            with centre.read() as work:
                return list(work.connection.execute(select(getattr(tables, name))).all())
        finally:
            centre.close()

    def stored_hashes(self, case_id: UUID) -> dict[str, str]:
        """SHA-256 of every page as the clerk gets it, by page id."""
        found = {}
        for page in self.rows("pages"):
            if page.case_id == str(case_id):
                data = self.clerk.page(case_id, UUID(page.page_id))
                found[page.page_id] = hashlib.sha256(data).hexdigest()
        return found

    def slips(self) -> list[Image.Image]:
        return list(self.bench.receipt_printer.receipts)


def case_on(slip: Image.Image) -> UUID | None:
    """The case whose receipt code the slip's QR says; None without one."""
    picture = np.asarray(slip.convert("L"))
    framed = cv2.copyMakeBorder(picture, 20, 20, 20, 20, cv2.BORDER_CONSTANT, value=(255,))
    texts = {
        found.raw.decode("ascii", "replace") for found in CodeReader().read(cv2.cvtColor(framed, cv2.COLOR_GRAY2BGR))
    }
    cases = {case for text in texts if (case := read_receipt_code(text)) is not None}
    assert len(cases) <= 1
    return next(iter(cases), None)


def receipt_code(case_id: UUID) -> bytes:
    return make_receipt_code(case_id).encode("ascii")


def _codes_of(value: object) -> Iterator[str]:
    """Every code of the words in a snapshot, wherever it stands."""
    if isinstance(value, (tuple, list)):
        for one in value:
            yield from _codes_of(one)
    elif is_dataclass(value):
        for field in fields(value):
            inside = getattr(value, field.name)
            if field.name == "code" or field.name.endswith("_code"):
                if inside:
                    yield inside
            elif field.name.endswith("_codes"):
                yield from inside
            else:
                yield from _codes_of(inside)
