"""The hand that carries a self-test's slip: from the printer's knife to scanner, document camera and webcam.

It reads the code off the printed picture itself, as a scanner would, so that what the printer spoils stays spoiled,
and it shows the devices nothing but that picture at true size.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import zxingcpp
from PIL import Image

from drivers.recording.disguise import OWN_CODE
from drivers.simulated.camera import SimulatedCamera
from drivers.simulated.code_scanner import SimulatedCodeScanner
from drivers.simulated.papers import Paper, printed_paper
from drivers.simulated.receipt_printer import SimulatedReceiptPrinter
from drivers.simulated.scenes import Scene, document_scene, webcam_scene

log = logging.getLogger(__name__)

PAPER_MM = {576: 80.0, 384: 58.0}
HELD_SECONDS = 20.0
"""How long the slip lies and is held up; then it is put away."""
SCANS = 3
SCAN_EVERY = 2.0
"""Somebody who hears no beep tries again."""
LOOK_EVERY = 0.1


@dataclass(slots=True)
class Hand:
    """What the hand does wrong; changed by faults while the carrier runs.

    Attributes:
        scan: What the scanner makes of the code that is held before it.
        forgets: Pieces it does not go to: ``code_scanner``, ``document_camera``, ``webcam``.
        turned: Degrees by which the slip is laid down turned.
        blank: The roll is in the wrong way round: what comes out is white.
    """

    scan: Callable[[SimulatedCodeScanner, bytes], object] = lambda scanner, code: scanner.scan(code)
    forgets: frozenset[str] = frozenset()
    turned: float = 0.0
    blank: bool = False


class SlipCarrier:
    """Watches the printer in a thread of its own until ``stop``; a slip without a self-test's code is left alone."""

    def __init__(
        self,
        printer: SimulatedReceiptPrinter,
        scanner: SimulatedCodeScanner,
        document_camera: SimulatedCamera,
        webcam: SimulatedCamera,
    ) -> None:
        self.hand = Hand()
        self._printer = printer
        self._scanner = scanner
        self._document_camera = document_camera
        self._webcam = webcam
        self._stopping = threading.Event()
        self._carried = 0
        self._thread = threading.Thread(target=self._watch, name="simulated-hand", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(5.0)

    @property
    def carried(self) -> int:
        """How many slips were carried so far."""
        return self._carried

    def _watch(self) -> None:
        last: Image.Image | None = None
        while not self._stopping.wait(LOOK_EVERY):
            receipts = self._printer.receipts
            if not receipts or receipts[-1] is last:
                continue
            last = receipts[-1]
            code = _code_of(last)
            if code.startswith(OWN_CODE):
                self._carried += 1
                self._carry(code, last)

    def _carry(self, code: bytes, slip: Image.Image) -> None:
        dots = np.full((slip.height, slip.width), 255) if self.hand.blank else np.asarray(slip.convert("L"))
        sheet = printed_paper(dots, PAPER_MM.get(dots.shape[1], dots.shape[1] / 8 + 8))
        hand = self.hand
        shown = []
        if "document_camera" not in hand.forgets:
            lying = document_scene("empty_mat", angle=2.0 + hand.turned)
            shown.append((self._document_camera, self._document_camera.scene, replace(lying, sheet=sheet)))
        if "webcam" not in hand.forgets:
            shown.append((self._webcam, self._webcam.scene, _held(sheet)))
        for camera, _, scene in shown:
            camera.show(scene)
        until = time.monotonic() + HELD_SECONDS
        scans, next_scan = 0, time.monotonic()
        while time.monotonic() < until and not self._stopping.wait(LOOK_EVERY):
            if not (hand.blank or "code_scanner" in hand.forgets) and scans < SCANS and time.monotonic() >= next_scan:
                hand.scan(self._scanner, code)
                scans, next_scan = scans + 1, time.monotonic() + SCAN_EVERY
            if self._printer.receipts[-1] is not slip:  # the next one is out
                break
        for camera, before, scene in shown:
            if camera.scene is scene:  # nobody has put anything else there meanwhile
                camera.show(before)


def _held(sheet: Paper) -> Scene:
    return replace(webcam_scene("empty_room"), sheet=sheet)


def _code_of(slip: Image.Image) -> bytes:
    found = zxingcpp.read_barcodes(slip.convert("L"), formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
    return bytes(found[0].bytes) if found else b""
