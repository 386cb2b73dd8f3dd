"""Every screen as a picture, to be looked at: ``python -m tests.ui.gallery OUT [name …]``.

zh and en × normal, large print, high contrast × 1920x1080 and 1366x768. Names choose samples by their beginning;
``--quick`` gives zh normal at 1920x1080 and en large print at 1366x768 only.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")
os.environ.setdefault("QT_QUICK_CONTROLS_STYLE", "Basic")

from PySide6.QtGui import QFont, QGuiApplication

from tests.ui.samples import all_samples
from tests.ui.stand import Stand

LOOKS = {"normal": {}, "large": {"large_print": True}, "contrast": {"high_contrast": True}}
SIZES = ((1920, 1080), (1366, 768))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    application = QGuiApplication.instance() or QGuiApplication(sys.argv[:1])
    application.setFont(QFont("Noto Sans CJK SC"))
    ways = list(itertools.product(("zh", "en"), LOOKS, SIZES))
    if options.quick:
        ways = [("zh", "normal", SIZES[0]), ("en", "large", SIZES[1])]
    samples = {
        name: snapshot
        for name, snapshot in all_samples().items()
        if not options.names or any(name.startswith(wanted) for wanted in options.names)
    }
    for language, look, size in ways:
        stand = Stand(size=size, language=language, **LOOKS[look])
        for name, snapshot in samples.items():
            stand.show(snapshot)
            stand.hand.settle(0.35)
            stand.hand.screenshot(options.out / f"{name}_{language}_{look}_{size[1]}.png")
        stand.close()
    print(f"{len(ways) * len(samples)} pictures in {options.out}")


if __name__ == "__main__":
    main()
