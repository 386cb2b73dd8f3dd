"""Whole visits without a hand on the screen: commands go to the conductor, cards to the bench, a clerk accepts.

Used by benchmarks and the soak test. Everything below the front end is the real thing: card over the wire, pictures
from the camera, upload, ticket, live channel, fence of the printer, wipe.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from uuid import UUID

from drivers.driver import DeviceKind, DeviceState
from drivers.simulated.id_card_reader import SAMPLE_CARDS
from drivers.simulated.scenes import document_scene
from kiosk.conductor.snapshot import Outcome, PrintState, Screen, Snapshot, VisitView
from kiosk.demo import ASSISTANT, CLERK, Demo
from kiosk.station import Station
from kiosk.ui.demo.clerk import Clerk

PATIENCE = 60.0
"""Seconds one step may take on a slow, shared machine."""
SEARCH = "jiuyijilu"
STROKES = (((40.0, 60.0), (120.0, 180.0), (200.0, 50.0), (260.0, 190.0), (340.0, 80.0)),)


class Assistant:
    """Works by commands and sees by snapshots. Not on the GUI or engine thread.

    Give ``on_snapshot`` to the station, start it, then ``sign_on``.
    """

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._snapshot = Snapshot(Screen.STARTING)

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Any thread; returns at once."""
        with self._news:
            self._snapshot = snapshot
            self._news.notify_all()

    @property
    def visit_now(self) -> VisitView:
        """The visit; an empty one while there is none."""
        return _of(self._snapshot)

    def until(self, holds: Callable[[Snapshot], bool], what: str) -> None:
        """Wait for a picture of the station.

        Raises:
            TimeoutError: it did not come within ``PATIENCE``.
        """
        until = time.monotonic() + PATIENCE
        with self._news:
            while not holds(self._snapshot):
                if not self._news.wait(until - time.monotonic()) and time.monotonic() >= until:
                    notice = self._snapshot.notice
                    said = notice.code if notice else ""
                    raise TimeoutError(f"{what}; the screen is {self._snapshot.screen} {said}")

    def until_screen(self, screen: Screen) -> None:
        self.until(lambda s: s.screen is screen, f"{screen} did not come")

    def sign_on(self, station: Station, pin: str) -> None:
        """From the first screen to HOME, devices ready, automatic capture off."""
        self.station = station
        self.do = station.commands
        self.until_screen(Screen.SIGN_ON)
        self.do.sign_on(ASSISTANT, pin)
        self.until_screen(Screen.HOME)
        self.do.set_automatic(False)
        needed = {DeviceKind.DOCUMENT_CAMERA, DeviceKind.ID_CARD_READER, DeviceKind.RECEIPT_PRINTER}
        self.until(
            lambda s: needed <= {d.kind for d in s.devices if d.state is DeviceState.READY}, "the devices are not ready"
        )

    def to_capture(self, identify: Callable[[], object]) -> None:
        """From HOME to CAPTURE; ``identify`` makes somebody be here."""
        self.do.start_visit()
        self.until_screen(Screen.IDENTIFY)
        identify()
        self.until(lambda s: _of(s).applicant is not None, "nobody was identified")
        self.do.next()
        self.until_screen(Screen.CHOOSE_ITEM)
        self.do.choose_item(self.station.search(SEARCH)[0].item_id)
        self.until(lambda s: _of(s).item is not None, "no item")
        if self._snapshot.screen is Screen.CHOOSE_ITEM:
            self.do.next()
        self.until_screen(Screen.GUIDE)
        self.do.set_consent(True)
        self.do.next()
        self.until_screen(Screen.CAPTURE)


class DemoVisits(Assistant):
    """One resident after the other at a started demo."""

    def begin(self, demo: Demo) -> None:
        """Lay paper under the camera, sign on assistant and clerk."""
        self.demo = demo
        # Two in turn: the reader takes the same card within seconds for the same laying down.
        self._cards = itertools.cycle(SAMPLE_CARDS[name] for name in ("valid", "long_valid"))
        self._clerk = Clerk(demo.centre.url, CLERK, demo.clerk_password)
        demo.bench.document_camera.show(document_scene("id_card_front"), wait=PATIENCE)
        self.sign_on(demo.station, demo.pin)

    def close(self) -> None:
        self._clerk.close()

    def visit(self) -> None:
        """One visit, from HOME to HOME.

        Raises:
            TimeoutError: a step did not come.
        """
        reader = self.demo.bench.id_card_reader
        self.to_capture(lambda: reader.lay_card(next(self._cards)))
        self._capture()
        self.do.next()
        self.until_screen(Screen.FIELDS)
        self.do.set_field(self.visit_now.fields[0].field_id, "13800000000")
        self.do.next()
        self.until_screen(Screen.REVIEW)
        self.do.next()
        self.until_screen(Screen.SIGNATURE)
        self.do.sign(STROKES, 400, 240)
        self.until(lambda s: bool(_of(s).signature), "not signed")
        case_id = UUID(self.visit_now.case_id)
        self.do.next()
        self.until(lambda s: bool(_of(s).delivery.case_number), "no case number")
        self.do.next()
        self.until(lambda s: s.screen is Screen.WAITING and _of(s).ticket is not None, "no ticket")
        self._clerk.accept(case_id)
        self.until(lambda s: _of(s).delivery.outcome is Outcome.ACCEPTED, "not accepted")
        self.do.next()
        self.until(lambda s: _of(s).print_state is PrintState.PRINTED, "not printed")
        self.do.next()
        self.until_screen(Screen.RATING)
        self.do.rate(5)
        self.until_screen(Screen.FAREWELL)
        reader.lift_card()
        self.do.finish_visit()
        self.until(lambda s: s.screen is Screen.HOME and s.visit is None, "home again")

    def _capture(self) -> None:
        """Take pictures by hand until every required material is done."""
        while not all(material.done for material in self.visit_now.materials if material.required):
            self.do.take_picture()
            self.until(lambda s: _of(s).capture.reviewing is not None, "no picture")
            shown = self.visit_now.capture.reviewing
            self.do.accept_picture("样张")
            self.until(lambda s, shown=shown: _of(s).capture.reviewing != shown, "the picture was not used")  # type: ignore[misc]
            self.until(lambda s: not _of(s).capture.busy, "still busy")


def _of(snapshot: Snapshot) -> VisitView:
    """The visit; an empty one while there is none, so that a condition simply does not hold."""
    return snapshot.visit or VisitView(case_id="", can_back=False, can_next=False)
