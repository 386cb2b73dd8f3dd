"""Printed marks to measure a camera by: where each stands on the slip, in dots.

Four square markers at the corners of a known rectangle tell scale, turn and perspective; line pairs of known width
tell what is resolved; a solid square gives clean edges for focus; white fields show the light. The head of a thermal
printer is made of dots at exactly 8 to the millimetre, so distances across the paper are true; along it they are as
true as the feed.

Which four of the dictionary's markers are printed follows from the slip's code, so an old slip is not taken for this
one. Everything here is known to the printer's side and to ``kiosk.imaging.measure`` alike.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from kiosk.opencv import cv2

MARKERS = 250
"""How many markers the dictionary (5 × 5 cells, black rim, 7 × 7 in all) has."""
CELLS = 7
LINE_DOTS = (2, 3, 4, 6, 8)
"""Widths of the lines and of the gaps between them: 0.25, 0.375, 0.5, 0.75, 1 mm."""
SLIP_WIDE = 480


@dataclass(frozen=True, slots=True)
class DotBox:
    """Left, top, width, height in dots, from the block's upper left corner."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class LinePairs:
    """A patch of black lines and equal gaps, each ``line`` dots wide; ``upright`` lines stand, others lie."""

    box: DotBox
    line: int
    upright: bool


@dataclass(frozen=True, slots=True)
class MarkPlan:
    """All marks of one slip.

    Attributes:
        markers: Number in the dictionary and place, clockwise from the upper left.
        square: The solid square in the middle.
        whites: Fields with nothing printed in them.
    """

    width: int
    height: int
    markers: tuple[tuple[int, DotBox], ...]
    lines: tuple[LinePairs, ...]
    square: DotBox
    whites: tuple[DotBox, ...]


def marker_numbers(code: str) -> tuple[int, int, int, int]:
    """The four different markers that belong to a slip's code."""
    chosen: list[int] = []
    turn = 0
    while len(chosen) < 4:
        digest = hashlib.sha256(f"{code}/{turn}".encode()).digest()
        number = int.from_bytes(digest[:4], "big") % MARKERS
        if number not in chosen:
            chosen.append(number)
        turn += 1
    return chosen[0], chosen[1], chosen[2], chosen[3]


def plan_marks(code: str, width_dots: int) -> MarkPlan:
    """Place the marks on paper of ``width_dots`` (576 or 384)."""
    wide = width_dots >= SLIP_WIDE
    cell, edge, patch, gap, band = (10, 24, 56, 16, 104) if wide else (8, 12, 38, 8, 88)
    side = CELLS * cell
    label = 26
    tall = 2 * (patch + label) + band
    right, bottom, top = width_dots - edge - side, edge + tall - side, edge
    corners = ((edge, top), (right, top), (right, bottom), (edge, bottom))
    markers = tuple(
        (number, DotBox(x, y, side, side)) for number, (x, y) in zip(marker_numbers(code), corners, strict=True)
    )
    span = len(LINE_DOTS) * patch + (len(LINE_DOTS) - 1) * gap
    first = (width_dots - span) // 2
    lower = top + patch + label + band
    lines = tuple(
        LinePairs(DotBox(first + number * (patch + gap), y, patch // (2 * line) * 2 * line, patch), line, upright)
        if upright
        else LinePairs(DotBox(first + number * (patch + gap), y, patch, patch // (2 * line) * 2 * line), line, upright)
        for y, upright in ((top, True), (lower, False))
        for number, line in enumerate(LINE_DOTS)
    )
    middle = top + patch + label + band // 2
    solid = band - (48 if wide else 40)  # white enough around it for a soft edge to end in
    square = DotBox((width_dots - solid) // 2, middle - solid // 2, solid, solid)
    field = 32
    free = square.left - first
    whites = tuple(
        DotBox(x - field // 2, middle - field // 2, field, field)
        for x in (
            edge + side // 2,
            first + free // 4 + 4,
            first + 3 * free // 4 - 4,
            width_dots - first - 3 * free // 4 + 4,
            width_dots - first - free // 4 - 4,
            width_dots - edge - side // 2,
        )
    )
    return MarkPlan(width_dots, tall + 2 * edge, markers, lines, square, whites)


def draw_marks(plan: MarkPlan) -> NDArray[np.bool_]:
    """The marks as dots, True = black, ``plan.height`` × ``plan.width``; the room for labels is left white."""
    image = Image.new("L", (plan.width, plan.height), 255)
    pen = ImageDraw.Draw(image)
    for patch in plan.lines:
        _draw_lines(pen, patch)
    square = plan.square
    pen.rectangle((square.left, square.top, square.left + square.width - 1, square.top + square.height - 1), 0)
    dots = np.asarray(image) < 128
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_5X5_250)
    for number, box in plan.markers:
        drawn = cv2.aruco.generateImageMarker(dictionary, number, box.width, borderBits=1)
        dots[box.top : box.top + box.height, box.left : box.left + box.width] = np.asarray(drawn) < 128
    return dots


def _draw_lines(pen: ImageDraw.ImageDraw, patch: LinePairs) -> None:
    box, line = patch.box, patch.line
    length = box.width if patch.upright else box.height
    for start in range(0, length, 2 * line):
        if patch.upright:
            x = box.left + start
            pen.rectangle((x, box.top, x + line - 1, box.top + box.height - 1), 0)
        else:
            y = box.top + start
            pen.rectangle((box.left, y, box.left + box.width - 1, y + line - 1), 0)
