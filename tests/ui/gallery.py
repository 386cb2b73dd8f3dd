"""Every screen as a picture, to be looked at: ``python -m tests.ui.gallery OUT [name …]``.

zh and en × normal, large print, high contrast × 1920x1080 and 1366x768. Names choose samples by their beginning;
``--quick`` gives zh normal at 1920x1080 and en large print at 1366x768 only.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")
os.environ.setdefault("QT_QUICK_CONTROLS_STYLE", "Basic")

from PySide6.QtGui import QFont, QGuiApplication

from drivers.camera import Frame
from drivers.driver import DeviceKind
from drivers.simulated.papers import PAPERS
from drivers.simulated.scenes import document_scene, render
from kiosk.conductor.snapshot import Snapshot
from tests.ui.samples import BASE, HOME_BUSY, HOUSE, SETUP, SIGN_ON, STARTING, all_samples
from tests.ui.set_up_samples import samples as set_up_samples
from tests.ui.stand import Stand

CAMERA_PICTURE, _ = render(document_scene(next(iter(PAPERS))), (1920, 1440))

SET_UP = set_up_samples(BASE)
LOOKS = {"normal": {}, "large": {"large_print": True}, "contrast": {"high_contrast": True}}
SIZES = ((1920, 1080), (1366, 768))


def typing_pinyin(stand: Stand) -> None:
    stand.hand.tap("setupNameInput")
    for letter in "zhujiajiao":
        stand.hand.tap(f"key_{letter}")


def typing_latin(stand: Stand) -> None:
    stand.hand.tap("setupAccountInput")
    for letter in "wang":
        stand.hand.tap(f"key_{letter}")


def typing_symbols(stand: Stand) -> None:
    stand.hand.tap("setupNameInput")
    stand.hand.tap("keySymbols")


def choosing_a_pin(stand: Stand) -> None:
    stand.hand.tap("account_wangli")
    for digit in "1234":
        stand.hand.tap(f"pin_{digit}")


POSES: dict[str, tuple[Snapshot, Callable[[Stand], None]]] = {
    "keyboard_pinyin": (SETUP, typing_pinyin),
    "keyboard_latin": (SETUP, typing_latin),
    "keyboard_symbols": (SETUP, typing_symbols),
    "sign_on_typing": (SIGN_ON, choosing_a_pin),
    "set_up_by_hand": (SET_UP["set_up_printer"], lambda stand: stand.hand.tap("setUpByHand")),
    "technician_devices": (HOUSE["technician"], lambda stand: stand.hand.tap("section_devices")),
    "technician_reports": (HOUSE["technician_before"], lambda stand: stand.hand.tap("section_reports")),
    "technician_recording": (HOUSE["technician_service"], lambda stand: stand.hand.tap("section_service")),
    "technician_bundling": (HOUSE["technician_bundling"], lambda stand: stand.hand.tap("section_service")),
    "technician_skip": (HOUSE["technician_carrying"], lambda stand: stand.hand.tap("skip_webcam")),
    "lamp_sheet": (HOME_BUSY, lambda stand: stand.hand.tap("lamp_card_reader")),
    "staff_sheet": (HOME_BUSY, lambda stand: stand.hand.tap("staffButton")),
}
"""Samples in which something has been touched."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_intermixed_args()
    options.out.mkdir(parents=True, exist_ok=True)
    application = QGuiApplication.instance() or QGuiApplication(sys.argv[:1])
    application.setFont(QFont("Noto Sans CJK SC"))
    ways = list(itertools.product(("zh", "en"), LOOKS, SIZES))
    if options.quick:
        ways = [("zh", "normal", SIZES[0]), ("en", "large", SIZES[1])]
    samples = {name: (snapshot, None) for name, snapshot in all_samples().items()} | POSES
    if options.names:
        samples = {name: sample for name, sample in samples.items() if name.startswith(tuple(options.names))}
    for language, look, size in ways:
        stand = Stand(size=size, language=language, **LOOKS[look])
        stand.frames[DeviceKind.DOCUMENT_CAMERA] = Frame(CAMERA_PICTURE, 1, 0.0)
        for name, (snapshot, act) in samples.items():
            stand.show(STARTING)
            stand.show(snapshot)
            if act is not None:
                act(stand)
            stand.hand.settle(0.35)
            stand.hand.screenshot(options.out / f"{name}_{language}_{look}_{size[1]}.png")
        stand.close()
    print(f"{len(ways) * len(samples)} pictures in {options.out}")


if __name__ == "__main__":
    main()
