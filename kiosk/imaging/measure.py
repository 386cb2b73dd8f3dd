"""Measure a camera by marks of known size: true dots per inch, focus, turn, tilt and evenness of light.

Four square markers with numbers give a plane homography from millimetres on the slip to pixels of the picture; all
the rest is read at places that are then known. Nothing depends on how the slip lies: any turn, the perspective of a
usual arm, soft shadows. What cannot be measured is said with a reason, never guessed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from kiosk.imaging.picture import grey
from kiosk.opencv import cv2

Matrix: TypeAlias = npt.NDArray[np.floating[Any]]

MM_PER_INCH = 25.4
MARKERS_NEEDED = 3
"""Of four: a finger may hide one; two would leave the perspective to chance."""
LARGEST_MISFIT = 0.35
"""Millimetres that corners may lie beside the plane; more is a slip that is folded or curled."""
RESOLVED = 0.2
"""Least part of the full contrast that the lines of a patch must keep to count as seen apart; about what an eye or a
code reader needs, and well above what noise and JPEG leave where there is nothing."""
SUPERSAMPLING = 3
PATCH_RIM = 0.12
"""Part of a patch at each side that is left out: its edge belongs to the paper around it."""


@dataclass(frozen=True, slots=True)
class Box:
    """Left, top, width, height in millimetres on the slip."""

    left: float
    top: float
    width: float
    height: float

    def corners(self) -> Matrix:
        """Clockwise from the upper left; float64 (4, 2)."""
        right, bottom = self.left + self.width, self.top + self.height
        return np.array([[self.left, self.top], [right, self.top], [right, bottom], [self.left, bottom]], np.float64)

    @property
    def middle(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2


@dataclass(frozen=True, slots=True)
class LinePatch:
    """Black lines and equal gaps of ``line`` millimetres, standing (``upright``) or lying."""

    box: Box
    line: float
    upright: bool


@dataclass(frozen=True, slots=True)
class PrintedMarks:
    """What was printed, in millimetres: markers by number, line patches, a solid square, white fields."""

    markers: Mapping[int, Box]
    lines: tuple[LinePatch, ...]
    square: Box
    whites: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """A camera's picture of the marks, in numbers.

    Attributes:
        dots_per_inch: Across the paper, where the print head makes distances exact.
        dots_per_inch_along: Along the paper; differs where the printer feeds too much or too little.
        turned: Degrees clockwise from the slip lying upright in the picture, -180 to 180.
        tilt: Largest scale in the picture over the smallest, less one: 0 = the camera looks straight down.
        finest_line: Millimetres of the finest lines seen apart in both directions; infinity when none are.
        edge: Millimetres from 10 to 90 % of a clean edge.
        white, black: Grey levels 0 to 255 of paper and print.
        evenness: Darkest over brightest white field, at most 1.
        mirrored: The picture is a mirror image.
        misfit: Millimetres by which the corners miss the plane (root of the mean square).
    """

    dots_per_inch: float
    dots_per_inch_along: float
    turned: float
    tilt: float
    finest_line: float
    edge: float
    white: float
    black: float
    evenness: float
    mirrored: bool
    misfit: float


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """Why not: ``selftest.no_marks`` (none of these markers), ``selftest.marks_hidden`` (too few),
    ``selftest.marks_bent`` (not in a plane), ``selftest.marks_outside`` (partly beyond the picture)."""

    code: str


def see_marks(image: MatLike, numbers: Sequence[int]) -> int:
    """How many of these markers a picture (BGR or grey uint8) shows, mirrored ones too."""
    light = grey(image)
    found = _markers(light).keys() & set(numbers)
    return len(found or _markers(cv2.flip(light, 1)).keys() & set(numbers))


def measure(image: MatLike, printed: PrintedMarks) -> Measured | NotMeasured:
    """Measure one picture, BGR or grey uint8 of any size; about 40 ms for 1920×1440."""
    light = grey(image)
    mirrored = False
    found = _of(printed, _markers(light))
    if not found:
        light, mirrored = cv2.flip(light, 1), True
        found = _of(printed, _markers(light))
    if not found:
        return NotMeasured("selftest.no_marks")
    if len(found) < MARKERS_NEEDED:
        return NotMeasured("selftest.marks_hidden")
    on_slip = np.concatenate([printed.markers[number].corners() for number in found])
    in_picture = np.concatenate(list(found.values()))
    to_picture = _plane(on_slip, in_picture)
    if to_picture is None:
        return NotMeasured("selftest.marks_bent")
    misfit = _misfit(to_picture, on_slip, in_picture)
    if misfit > LARGEST_MISFIT:
        return NotMeasured("selftest.marks_bent")
    height, width = light.shape[:2]
    places = [printed.square, *printed.whites, *(patch.box for patch in printed.lines)]
    everywhere = _transform(to_picture, np.concatenate([place.corners() for place in places]))
    if (everywhere < 1).any() or (everywhere > np.array([width - 2, height - 2])).any():
        return NotMeasured("selftest.marks_outside")
    return _read(light, printed, to_picture, misfit, mirrored=mirrored)


def _read(light: MatLike, printed: PrintedMarks, to_picture: Matrix, misfit: float, *, mirrored: bool) -> Measured:
    across, along = _local(to_picture, printed.square.middle)
    fields = [_level(light, to_picture, box) for box in printed.whites]
    white = float(np.median(fields))
    black = _level(light, to_picture, _inner(printed.square, 0.25))
    return Measured(
        dots_per_inch=float(np.hypot(*across)) * MM_PER_INCH,
        dots_per_inch_along=float(np.hypot(*along)) * MM_PER_INCH,
        turned=math.degrees(math.atan2(across[1], across[0])),
        tilt=_tilt(to_picture, light.shape),
        finest_line=_finest(light, printed.lines, to_picture, white - black),
        edge=_edge(light, printed.square, to_picture),
        white=white,
        black=black,
        evenness=min(fields) / max(max(fields), 1.0),
        mirrored=mirrored,
        misfit=misfit,
    )


# -- where the slip lies -------------------------------------------------------------------------------------------


@cache
def _detector() -> Any:
    parameters = cv2.aruco.DetectorParameters()
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    parameters.cornerRefinementWinSize = 4
    parameters.relativeCornerRefinmentWinSize = 0.4
    parameters.adaptiveThreshWinSizeMax = 43
    parameters.minMarkerPerimeterRate = 0.02
    parameters.perspectiveRemovePixelPerCell = 6
    return cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_5X5_250), parameters)


def _markers(light: MatLike) -> dict[int, Matrix]:
    """All markers by number, corners clockwise from the marker's own upper left in pixels; twice seen = not counted."""
    corners, numbers, _ = _detector().detectMarkers(light)
    found: dict[int, Matrix] = {}
    twice: set[int] = set()
    for number, four in zip([] if numbers is None else np.ravel(numbers).tolist(), corners, strict=True):
        if number in found:
            twice.add(number)
        found[number] = np.asarray(four, np.float64).reshape(4, 2)
    return {number: four for number, four in found.items() if number not in twice}


def _of(printed: PrintedMarks, found: Mapping[int, Matrix]) -> dict[int, Matrix]:
    return {number: four for number, four in found.items() if number in printed.markers}


def _plane(on_slip: Matrix, in_picture: Matrix) -> Matrix | None:
    matrix, _ = cv2.findHomography(on_slip, in_picture, 0)
    return None if matrix is None or abs(np.linalg.det(matrix)) < 1e-12 else np.asarray(matrix, np.float64)


def _misfit(to_picture: Matrix, on_slip: Matrix, in_picture: Matrix) -> float:
    back = _transform(np.linalg.inv(to_picture), in_picture)
    return float(np.sqrt(np.mean(np.sum((back - on_slip) ** 2, axis=1))))


def _transform(matrix: Matrix, points: Matrix) -> Matrix:
    return np.asarray(cv2.perspectiveTransform(points[None], matrix)[0], np.float64)


def _local(to_picture: Matrix, place: tuple[float, float]) -> tuple[Matrix, Matrix]:
    """Pixels by which a millimetre across and a millimetre along the slip moves, there."""
    x, y = place
    points = np.array([[x - 0.5, y], [x + 0.5, y], [x, y - 0.5], [x, y + 0.5]], np.float64)
    left, right, above, below = _transform(to_picture, points)
    return right - left, below - above


def _tilt(to_picture: Matrix, shape: Sequence[int]) -> float:
    """Largest over smallest scale between the picture's corners, less one, as the marks' perspective goes on."""
    height, width = shape[:2]
    back = np.linalg.inv(to_picture)
    scales = []
    for x in (0.0, width - 1.0):
        for y in (0.0, height - 1.0):
            w = float(back[2] @ np.array([x, y, 1.0]))
            # Area on the slip that a pixel covers is det / w³; its root is the length.
            scales.append(abs(w) ** -1.5)
    return max(scales) / max(min(scales), 1e-12) - 1 if min(scales) > 0 else math.inf


# -- what is seen there --------------------------------------------------------------------------------------------


def _inner(box: Box, rim: float) -> Box:
    dx, dy = box.width * rim, box.height * rim
    return Box(box.left + dx, box.top + dy, box.width - 2 * dx, box.height - 2 * dy)


def _flat(light: MatLike, to_picture: Matrix, box: Box, per_mm: float) -> npt.NDArray[np.float32]:
    """A place of the slip, straightened, ``per_mm`` samples a millimetre."""
    width, height = max(2, round(box.width * per_mm)), max(2, round(box.height * per_mm))
    scale = np.array(
        [
            [box.width / width, 0, box.left + 0.5 * box.width / width],
            [0, box.height / height, box.top + 0.5 * box.height / height],
            [0, 0, 1],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(light, to_picture @ scale, (width, height), flags=flags), np.float32)


def _level(light: MatLike, to_picture: Matrix, box: Box) -> float:
    return float(np.median(_flat(light, to_picture, box, 8.0)))


def _finest(light: MatLike, patches: Sequence[LinePatch], to_picture: Matrix, contrast: float) -> float:
    """Walk from the widest lines to the finest for as long as both directions are resolved."""
    finest = math.inf
    if contrast < 20:
        return finest
    for line in sorted({patch.line for patch in patches}, reverse=True):
        same = [patch for patch in patches if patch.line == line]
        if not all(_resolved(light, patch, to_picture, contrast) for patch in same):
            break
        finest = line
    return finest


def _resolved(light: MatLike, patch: LinePatch, to_picture: Matrix, contrast: float) -> bool:
    across, along = _local(to_picture, patch.box.middle)
    pixels = patch.line * float(np.hypot(*(across if patch.upright else along)))
    if pixels < 1.0:  # beyond what the sensor's pixels can tell, whatever pattern aliasing draws there
        return False
    per_mm = SUPERSAMPLING * float(np.hypot(*across))
    box = patch.box
    if patch.upright:
        box = Box(box.left, box.top + box.height * PATCH_RIM, box.width, box.height * (1 - 2 * PATCH_RIM))
    else:
        box = Box(box.left + box.width * PATCH_RIM, box.top, box.width * (1 - 2 * PATCH_RIM), box.height)
    profile = _flat(light, to_picture, box, per_mm).mean(axis=0 if patch.upright else 1)
    length = box.width if patch.upright else box.height
    at = (np.arange(profile.size) + 0.5) / profile.size * length
    turn = np.exp(-1j * math.pi * at / patch.line)  # one period is a line and a gap
    # Of a square wave from black to white, the first harmonic has 4/π of half the height.
    wave = 2 * abs(float(np.abs(np.mean((profile - profile.mean()) * turn))))
    return wave / (contrast * 2 / math.pi) >= RESOLVED


def _edge(light: MatLike, square: Box, to_picture: Matrix) -> float:
    """Millimetres from 10 to 90 %, the median of the square's sides; each pixel counts at its own true distance."""
    reach = min(square.width, square.height) / 2
    sides = []
    for side in range(4):
        rise = _side_rise(light, square, to_picture, side, reach)
        if rise is not None:
            sides.append(rise)
    return float(np.median(sides)) if sides else math.inf


def _side_rise(light: MatLike, square: Box, to_picture: Matrix, side: int, reach: float) -> float | None:
    """One side: 0 left, 1 top, 2 right, 3 bottom."""
    middle_x, middle_y = square.middle
    upright = side % 2 == 0
    sign = -1 if side < 2 else 1
    half = square.width / 2 if upright else square.height / 2
    quarter = (square.height if upright else square.width) / 4
    # The strip reaches as far out as in, but only over what is known to be white: labels stand above and below.
    outside = reach if upright else min(reach, 2.3)
    spread = sorted((sign * (half - reach), sign * (half + outside)))
    if upright:
        strip = Box(middle_x + spread[0], middle_y - quarter, spread[1] - spread[0], 2 * quarter)
    else:
        strip = Box(middle_x - quarter, middle_y + spread[0], 2 * quarter, spread[1] - spread[0])
    corners = _transform(to_picture, strip.corners())
    x0, y0 = np.floor(corners.min(axis=0)).astype(int)
    x1, y1 = np.ceil(corners.max(axis=0)).astype(int)
    if x0 < 0 or y0 < 0 or x1 >= light.shape[1] or y1 >= light.shape[0]:
        return None
    x, y = np.meshgrid(np.arange(x0, x1 + 1), np.arange(y0, y1 + 1))
    points = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float64)
    on_slip = _transform(np.linalg.inv(to_picture), points)
    levels = light[y0 : y1 + 1, x0 : x1 + 1].ravel().astype(np.float64)
    offset = on_slip - np.array([middle_x, middle_y])
    beside, distance = (offset[:, 1], offset[:, 0]) if upright else (offset[:, 0], offset[:, 1])
    distance = sign * distance - half  # negative inside the square
    inside = (np.abs(beside) <= quarter) & (distance >= -reach) & (distance <= outside)
    if int(inside.sum()) < 30:
        return None
    return _rise(distance[inside], levels[inside])


def _rise(distance: Matrix, levels: Matrix) -> float | None:
    """From 10 to 90 % between the plateaus of an edge; ``levels`` at ``distance``, black to white."""
    order = np.argsort(distance)
    distance, levels = distance[order], levels[order]
    count = max(3, distance.size // 60)
    kernel = np.ones(count) / count
    smooth = np.convolve(levels, kernel, "valid")
    at = np.convolve(distance, kernel, "valid")
    part = max(3, smooth.size // 12)
    low, high = float(np.median(smooth[:part])), float(np.median(smooth[-part:]))
    if high - low < 20:
        return None
    scaled = np.maximum.accumulate((smooth - low) / (high - low))
    begins, ends = np.searchsorted(scaled, (0.1, 0.9))
    if ends >= at.size:
        return None
    # Averaging over neighbours widens the edge by their own span; taken out as for independent blurs.
    span = float(np.mean(at[1:] - at[:-1])) * count
    rise = float(at[ends] - at[begins])
    return math.sqrt(max(rise * rise - (0.8 * span) ** 2, (0.3 * span) ** 2))
