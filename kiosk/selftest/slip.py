"""The slip that is carried around: its code by chance, and its marks in the words of the camera's measuring."""

from __future__ import annotations

import secrets
from datetime import datetime

from drivers.recording.disguise import OWN_CODE
from kiosk import __version__
from kiosk.imaging.measure import Box, LinePatch, PrintedMarks
from kiosk.receipts.draw import DOTS_PER_MM
from kiosk.receipts.marks import DotBox, plan_marks
from kiosk.receipts.slip import Slip, self_test_slip

CODE_START = OWN_CODE.decode()
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without what looks alike; all in the QR code's alphanumeric set, which keeps it small."""
LETTERS_OF_CHANCE = 10


def new_code() -> str:
    """A code nobody has seen before: an old slip, or any other code, is not taken for this one."""
    return CODE_START + "".join(secrets.choice(LETTERS) for _ in range(LETTERS_OF_CHANCE))


def is_self_test_code(raw: bytes) -> bool:
    """Whether a code is that of a self-test's slip, of any station and time."""
    return raw.startswith(OWN_CODE)


def make_slip(code: str, *, station_name: str, device: str) -> Slip:
    """The slip of now."""
    return self_test_slip(
        station_name=station_name, device=device, printed_at=datetime.now(), code=code, version=__version__
    )


def printed_marks(code: str, width_dots: int) -> PrintedMarks:
    """What stands on a slip of this code and width, in millimetres."""
    plan = plan_marks(code, width_dots)
    return PrintedMarks(
        markers={number: _millimetres(box) for number, box in plan.markers},
        lines=tuple(
            LinePatch(_millimetres(patch.box), patch.line / DOTS_PER_MM, patch.upright) for patch in plan.lines
        ),
        square=_millimetres(plan.square),
        whites=tuple(_millimetres(box) for box in plan.whites),
    )


def _millimetres(box: DotBox) -> Box:
    return Box(*(value / DOTS_PER_MM for value in (box.left, box.top, box.width, box.height)))
