"""What a camera's picture says about the slip and about the camera: pure judgement, no device and no waiting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from cv2.typing import MatLike

from drivers.camera_health import HealthJudge, HealthRules, Trouble, look_copy
from kiosk.imaging.codes import CodeFormat, read_codes
from kiosk.imaging.measure import Measured, NotMeasured, PrintedMarks, measure, see_marks
from kiosk.imaging.picture import grey, reduced
from kiosk.imaging.quality import sharpest_rise
from kiosk.selftest.limits import Limits

BLACK_LEVEL, BLACK_SPREAD = 12.0, 4.0
BLURRED_PIXELS = 3.4
"""The steepest edge of the whole picture rises over more than this at 1000 pixels width: nothing in it is sharp.
Measured on scenes: 1.9 to 2.4 in focus, 3.8 where codes and marks are lost."""

COVERED_LOOKS = 5
"""Pictures of which no two that follow each other show anything in common: the camera's own judge wants three pairs."""

NOT_SEEN = "selftest.slip_not_seen"
TURNED = "selftest.slip_turned"
HAND_MENDS = frozenset({NOT_SEEN, TURNED, "selftest.marks_hidden", "selftest.marks_bent", "selftest.marks_outside"})
"""Reasons that the hand with the slip can take away: waited for, not failed at once."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one picture showed.

    Attributes:
        code: "" when all is well, else why not, a key of the words.
        detail: Values of the words.
        measured: Numbers for the report.
        seen: The slip is in the picture, whether all is well or not.
    """

    code: str = ""
    detail: Mapping[str, str | int | float] = field(default_factory=lambda: MappingProxyType({}))
    measured: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    seen: bool = False


def look_at_mat(image: MatLike, code: str, printed: PrintedMarks, limits: Limits) -> Look:
    """The document camera's picture: the very code must be read, and every measurement be good enough."""
    read = shows_code(image, code)
    result = measure(image, printed)
    if isinstance(result, NotMeasured):
        if read:
            return Look(result.code if result.code != "selftest.no_marks" else "selftest.marks_hidden", seen=True)
        hidden = result.code != "selftest.no_marks"
        return Look(result.code, seen=True) if hidden else Look(_why_nothing(image))
    numbers = _numbers(result)
    code_why, detail = _worst(result, limits)
    if not code_why and not read:
        code_why = "selftest.code_unreadable"
    return Look(code_why, detail, numbers, seen=True)


def look_at_room(image: MatLike, code: str, printed: PrintedMarks) -> Look:
    """The webcam's picture: the code, or at least two of the four markers that belong to it."""
    if shows_code(image, code) or see_marks(image, list(printed.markers)) >= 2:
        return Look(seen=True)
    return Look(_why_nothing(image))


def shows_code(image: MatLike, code: str) -> bool:
    """Whether this very code is in the picture."""
    return any(found.raw == code.encode() for found in read_codes(image, (CodeFormat.QR,)))


def is_black(image: MatLike) -> bool:
    """Whether there is nothing but darkness: a lid, a hand, a dead sensor."""
    small = reduced(grey(image), 160)
    return float(small.mean()) < BLACK_LEVEL and float(small.std()) < BLACK_SPREAD


def is_covered(images: Sequence[MatLike], *, may_be_paper: bool) -> bool:
    """Whether something is right before the lens: no edge in any of these pictures, which follow each other.

    Args:
        images: ``COVERED_LOOKS`` pictures, no two equal; fewer than four prove nothing.
        may_be_paper: What is bright and empty may be blank paper, as on a mat.
    """
    judge = HealthJudge(HealthRules(covered_seconds=0.0, paper=may_be_paper))
    troubles = [judge.look(look_copy(image), float(number)) for number, image in enumerate(images)]
    return Trouble.COVERED in troubles[-1:]


def same_picture(one: MatLike, other: MatLike) -> bool:
    """Bit for bit the same; a living sensor's noise never is."""
    return one.shape == other.shape and bool(np.array_equal(one[::4, ::4], other[::4, ::4]))


def _why_nothing(image: MatLike) -> str:
    if is_black(image):
        return "camera.black"
    small = reduced(grey(image), 1000)
    rise = sharpest_rise(small)
    return "selftest.blurred" if rise is not None and rise > BLURRED_PIXELS else NOT_SEEN


def _numbers(result: Measured) -> dict[str, float]:
    numbers = {
        "dots_per_inch": result.dots_per_inch,
        "dots_per_inch_along": result.dots_per_inch_along,
        "turned_degrees": result.turned,
        "tilt": result.tilt,
        "finest_line_mm": result.finest_line,
        "edge_mm": result.edge,
        "white": result.white,
        "black": result.black,
        "evenness": result.evenness,
    }
    return {name: value for name, value in numbers.items() if np.isfinite(value)}


def _worst(result: Measured, limits: Limits) -> tuple[str, dict[str, str | int | float]]:
    """The first thing that is not good enough, the root before what follows from it."""
    turned = abs(result.turned)
    contrast = result.white - result.black
    finest = round(result.finest_line, 3) if np.isfinite(result.finest_line) else "> 1"
    rules: tuple[tuple[bool, str, dict[str, str | int | float]], ...] = (
        (result.mirrored, "selftest.mirrored", {}),
        (result.white < limits.least_white, "selftest.dark", {"level": round(result.white)}),
        (result.white > limits.most_white, "selftest.bright", {"level": round(result.white)}),
        (contrast < limits.least_contrast, "selftest.faint", {"contrast": round(contrast)}),
        (
            result.dots_per_inch < limits.least_dots_per_inch,
            "selftest.coarse",
            {"dots": round(result.dots_per_inch), "needed": round(limits.least_dots_per_inch)},
        ),
        (
            result.edge > limits.longest_edge or result.finest_line > limits.finest_line,
            "selftest.out_of_focus",
            {"edge": round(result.edge, 2) if np.isfinite(result.edge) else "> 3", "line": finest},
        ),
        (result.tilt > limits.most_tilt, "selftest.tilted", {"percent": round(min(result.tilt, 9.99) * 100)}),
        (
            result.evenness < limits.least_evenness,
            "selftest.uneven_light",
            {"percent": round(result.evenness * 100)},
        ),
        (turned > 45, TURNED, {"degrees": round(result.turned)}),
    )
    for broken, code, detail in rules:
        if broken:
            return code, detail
    return "", {}
