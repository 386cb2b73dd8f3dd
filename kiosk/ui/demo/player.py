"""Plays one whole visit: an invented resident, a real hand on the real screens, a real clerk at the centre's page.

Every step ends with a screenshot. What came of it is written down in ``summary.json``.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from PySide6.QtCore import QPoint

from drivers.simulated.id_card_reader import SAMPLE_CARDS
from drivers.simulated.scenes import document_scene
from kiosk.conductor.snapshot import Outcome, PrintState, Screen, Snapshot, VisitView
from kiosk.demo import CLERK, Demo
from kiosk.ui.app import FrontEnd
from kiosk.ui.demo.clerk import Clerk
from kiosk.ui.hand import Hand

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds one step may take on a slow, shared machine before the play has failed."""
TELEPHONE = "13800000000"
SEARCH = "jiuyijilu"
SIGNATURE = ((0.2, 0.3), (0.35, 0.7), (0.5, 0.25), (0.62, 0.75), (0.8, 0.4))
"""Of the pad's width and height."""


class Player:
    """GUI thread, with the event loop running.

    Args:
        demo: Started.
        front_end: Shown.
        out: Made when missing; receives screenshots, receipt, pages and summary.json.
    """

    def __init__(self, demo: Demo, front_end: FrontEnd, out: Path) -> None:
        self._demo = demo
        self._front_end = front_end
        self._hand = Hand(front_end.window)
        self._out = out
        self._steps: list[dict[str, Any]] = []
        self._behind = ThreadPoolExecutor(1, thread_name_prefix="demo-clerk")

    def play(self) -> bool:
        """True when the centre holds what the station captured and the printer's fence answered."""
        self._out.mkdir(parents=True, exist_ok=True)
        try:
            summary = self._visit()
        except Exception:
            self._hand.screenshot(self._out / "failed.png")
            raise
        finally:
            self._behind.shutdown(wait=True)
        (self._out / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=2), encoding="utf-8")
        same = bool(summary["pages"]) and all(p["sha256_station"] == p["sha256_centre"] for p in summary["pages"])
        return same and bool(summary["printed"]) and bool(summary["case_number"])

    # -- the visit ---------------------------------------------------------------------------------------------------

    def _visit(self) -> dict[str, Any]:
        hand = self._hand
        with self._step("sign_on", Screen.SIGN_ON):
            self._wait(lambda s: bool(s.demo_pin), "no PIN is shown")
        for digit in self._demo.pin:
            hand.tap(f"pin_{digit}")
        hand.tap("pin_ok")
        with self._step("home", Screen.HOME):
            pass
        hand.tap("startVisit")
        with self._step("identify", Screen.IDENTIFY):
            self._demo.bench.id_card_reader.lay_card(SAMPLE_CARDS["valid"])
            self._wait(lambda s: s.visit is not None and s.visit.applicant is not None, "the card was not read")
        hand.tap("identify_next")
        with self._step("choose_item", Screen.CHOOSE_ITEM):
            hand.tap("choose_search")
            for letter in SEARCH:
                hand.tap(f"key_{letter}")
            hand.tap("candidate_0")
            hand.tap("keyHide")
            hand.get("choose_result_0")
        hand.tap("choose_result_0")
        with self._step("guide", Screen.GUIDE):
            self._wait(lambda s: self._of(s).item is not None, "no item")
            hand.tap("guide_consent")
            self._wait(lambda s: self._of(s).consent, "no consent")
        hand.tap("guide_next")
        self._capture()
        with self._step("fields", Screen.FIELDS):
            hand.tap("fields_telephone")
            for digit in TELEPHONE:
                hand.tap(f"key_{digit}")
            hand.tap("key_hide")
            self._wait(lambda s: self._of(s).fields[0].value == TELEPHONE, "the telephone number was not taken")
        hand.tap("fields_next")
        with self._step("review", Screen.REVIEW):
            pass
        hand.tap("review_next")
        with self._step("signature", Screen.SIGNATURE):
            self._sign()
            self._wait(lambda s: bool(self._of(s).signature), "the signature was not taken")
        case_id = UUID(self._now().case_id)
        hand.tap("signature_next")
        with self._step("submit", Screen.SUBMIT):
            self._wait(lambda s: bool(self._of(s).delivery.case_number), "no case number came")
        number = self._now().delivery.case_number
        pages = self._pages(case_id)
        hand.tap("submit_next")
        with self._step("waiting", Screen.WAITING):
            self._wait(lambda s: self._of(s).ticket is not None, "no ticket")
        stored = self._as_clerk(case_id, [page_id for page_id, _, _ in pages])
        with self._step("accepted", Screen.WAITING):
            self._wait(lambda s: self._of(s).delivery.outcome is Outcome.ACCEPTED, "the acceptance did not arrive")
        hand.tap("waiting_next")
        with self._step("receipt", Screen.RECEIPT):
            self._wait(lambda s: self._of(s).print_state is PrintState.PRINTED, "the slip was not printed")
        printed = self._receipt()
        hand.tap("receipt_next")
        with self._step("rating", Screen.RATING):
            hand.tap("rating_5")
        hand.tap("rating_next")
        with self._step("farewell", Screen.FAREWELL):
            self._demo.bench.id_card_reader.lift_card()
            self._demo.bench.document_camera.show(document_scene("empty_mat"))
        hand.tap("farewell_done")
        with self._step("home_again", Screen.HOME):
            self._wait(lambda s: s.visit is None, "the visit was not wiped")
        return {
            "case_number": number,
            "pages": self._compare(pages, stored),
            "printed": printed,
            "steps": self._steps,
        }

    def _capture(self) -> None:
        """Both sides of the card, each taken by itself once it lies still."""
        hand, camera = self._hand, self._demo.bench.document_camera
        with self._step("capture", Screen.CAPTURE):
            camera.show(document_scene("id_card_front", slide=True))
            self._wait(lambda s: len(self._of(s).capture.outline) == 4, "the page was not found")
        with self._step("capture_review", Screen.CAPTURE):
            self._wait(lambda s: self._of(s).capture.reviewing is not None, "the front was not taken by itself")
        hand.tap("capture_accept")
        with self._step("capture_second_side", Screen.CAPTURE):
            self._wait(lambda s: self._of(s).capture.second_side, "the back is not asked for")
            camera.show(document_scene("id_card_back", slide=True))
            self._wait(lambda s: self._of(s).capture.reviewing is not None, "the back was not taken by itself")
        hand.tap("capture_accept")
        with self._step("capture_done", Screen.CAPTURE):
            self._wait(lambda s: all(m.done for m in self._of(s).materials if m.required), "the material is not done")
        hand.tap("capture_next")

    def _sign(self) -> None:
        pad = self._hand.get("signature_pad")
        origin = pad.mapToScene(QPoint(0, 0)).toPoint()
        points = [
            QPoint(
                origin.x() + int(pad.width() * (x0 + (x1 - x0) * part / 8)),
                origin.y() + int(pad.height() * (y0 + (y1 - y0) * part / 8)),
            )
            for (x0, y0), (x1, y1) in zip(SIGNATURE, SIGNATURE[1:], strict=False)
            for part in range(9)
        ]
        self._hand.drag(points)

    # -- what came of it ---------------------------------------------------------------------------------------------

    def _pages(self, case_id: UUID) -> list[tuple[UUID, str, str]]:
        """(page id, name, SHA-256 of what was captured here)."""
        return [
            (page.page_id, f"page-{number}.jpg", page.sha256)
            for number, page in enumerate(self._demo.station.outbox.pages(case_id, 1), 1)
        ]

    def _as_clerk(self, case_id: UUID, page_ids: list[UUID]) -> list[bytes]:
        """The clerk looks at every page and accepts the case, while the screen goes on."""

        def work() -> list[bytes]:
            clerk = Clerk(self._demo.centre.url, CLERK, self._demo.clerk_password)
            try:
                pages = [clerk.page(case_id, page_id) for page_id in page_ids]
                clerk.accept(case_id)
                return pages
            finally:
                clerk.close()

        future = self._behind.submit(work)
        self._hand.wait(future.done, "the clerk did not finish", PATIENCE)
        return future.result()

    def _compare(self, pages: list[tuple[UUID, str, str]], stored: list[bytes]) -> list[dict[str, str]]:
        for (_, name, _), data in zip(pages, stored, strict=True):
            (self._out / name).write_bytes(data)
        return [
            {"name": name, "sha256_station": here, "sha256_centre": hashlib.sha256(data).hexdigest()}
            for (_, name, here), data in zip(pages, stored, strict=True)
        ]

    def _receipt(self) -> bool:
        """Write the slip down as the printer rendered it; False when the fence was never answered."""
        printer = self._demo.bench.receipt_printer
        if not printer.wait_for_receipts(1):
            return False
        printer.receipts[-1].save(self._out / "receipt.png")
        return self._now().print_state is PrintState.PRINTED

    # -- watching ----------------------------------------------------------------------------------------------------

    @contextmanager
    def _step(self, name: str, screen: Screen) -> Iterator[None]:
        begun = time.monotonic()
        self._wait(lambda s: s.screen is screen, f"{name}: the screen {screen} did not come")
        self._hand.settle(0.3)
        yield
        self._steps.append({"name": name, "seconds": round(time.monotonic() - begun, 2)})
        self._hand.settle(0.5)
        self._hand.screenshot(self._out / f"{len(self._steps):02d}-{name}.png")
        log.info("played %s", name)

    def _wait(self, holds: Callable[[Snapshot], bool], what: str) -> None:
        self._hand.wait(lambda: holds(self._front_end.shell.snapshot), what, PATIENCE)

    def _now(self) -> VisitView:
        return self._of(self._front_end.shell.snapshot)

    @staticmethod
    def _of(snapshot: Snapshot) -> VisitView:
        """The visit; an empty one while there is none, so that a condition simply does not hold."""
        return snapshot.visit or VisitView(case_id="", can_back=False, can_next=False)
