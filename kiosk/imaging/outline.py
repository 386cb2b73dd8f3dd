"""Find the page in a picture of the mat: classical, on a reduced copy, then refined on the full picture.

Candidates come from three views of the reduced picture (difference from the mat's colour, the same with everything
thinner than a finger removed, edges); each is scored by how well its four sides separate two different colours; the
best one's sides are measured again on the full picture to a fraction of a pixel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from kiosk.imaging.picture import Corners, Picture
from kiosk.opencv import cv2

WORKING_SIDE = 480  # pixels of the reduced picture's longer side
FINGER = 0.05  # of the longer side: about 20 mm on a mat of 440 mm
SMALLEST_AREA = 0.008  # of the picture; an ID card on an A3 mat has 0.03
LARGEST_AREA = 0.97
LEAST_CONTRAST = 6.0  # grey levels between inside and outside of a side that counts as seen
LEAST_SUPPORT = 0.7  # of the sides' samples
LEAST_SUPPORT_CUT = 0.82  # of a page that runs out of the picture; 0.88 is possible, an arm reaches 0.79
DARK_SIDE_CONTRAST = 40.0  # paper is brighter than the mat; a darker side counts fully from this contrast on
BORDER = 0.004  # of the picture's side: nearer to the edge than this counts as touching it

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PageOutline:
    """A page in a picture.

    Attributes:
        corners: Where the page's corners lie, in pixels of the full picture.
        confidence: 0..1, how sure it is that this is a page with these sides.
        cut_off: Sides of the picture the page runs out of: "left", "top", "right", "bottom".
        size: Width and height of the picture it was found in.
    """

    corners: Corners
    confidence: float
    cut_off: tuple[str, ...]
    size: tuple[int, int]

    def fractions(self) -> tuple[tuple[float, float], ...]:
        """The corners as fractions 0..1 of width and height, as the front end wants them."""
        width, height = self.size
        return tuple((float(x) / width, float(y) / height) for x, y in self.corners)


def find_page(image: Picture) -> PageOutline | None:
    """The most page-like quadrilateral, or None when there is none.

    ``image`` is BGR uint8; about 10 to 20 ms of one core for 1920×1440.
    """
    height, width = image.shape[:2]
    if min(width, height) < 32:
        return None
    factor = WORKING_SIDE / max(width, height)
    size = (max(24, round(width * factor)), max(24, round(height * factor)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB).astype(np.float32)
    best, best_score, best_support = None, 0.0, 0.0
    unlike, brighter = _difference_from_mat(lab)
    tried: set[bytes] = set()
    for corners in _candidates(small, unlike, brighter):
        key = np.sort(np.round(corners / 2).astype(np.int16), axis=0).tobytes()
        if key in tried:
            continue
        tried.add(key)
        score, support = _score(corners, lab, unlike)
        if score > best_score:
            best, best_score, best_support = corners, score, support
    if best is None:
        return None
    scale = np.array([width / size[0], height / size[1]], np.float32)
    full = (best + 0.5) * scale - 0.5
    reach = float(scale.max()) * 2.5
    full = _refine(image, full, reach)
    full = _refine(image, full, max(3.0, reach * 0.4))
    full = clockwise_from_top_left(full)
    return PageOutline(full, round(min(1.0, best_support), 3), touched_sides(full, (width, height)), (width, height))


def clockwise_from_top_left(corners: Floats) -> Corners:
    """Order four corners clockwise, beginning so that the first side points rightwards as well as any does."""
    middle = corners.mean(axis=0)
    ordered = corners[np.argsort(np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0]))]
    along = np.roll(ordered, -1, axis=0) - ordered
    first = int(np.argmax(along[:, 0] / np.maximum(np.linalg.norm(along, axis=1), 1e-6)))
    return np.ascontiguousarray(np.roll(ordered, -first, axis=0), dtype=np.float32)


def touched_sides(corners: Floats, size: tuple[int, int]) -> tuple[str, ...]:
    """Sides of the picture that two neighbouring corners lie on or that any corner lies beyond."""
    width, height = size
    near_x, near_y = max(2.0, width * BORDER), max(2.0, height * BORDER)
    distances = {
        "left": (corners[:, 0], near_x),
        "top": (corners[:, 1], near_y),
        "right": (width - 1 - corners[:, 0], near_x),
        "bottom": (height - 1 - corners[:, 1], near_y),
    }
    return tuple(side for side, (distance, near) in distances.items() if bool((distance < near).any()))


# -- candidates --------------------------------------------------------------------------------------------------


def _candidates(small: MatLike, unlike: MatLike, brighter: MatLike) -> Iterator[Floats]:
    finger = max(3, round(FINGER * max(small.shape[:2])) | 1)
    level, _ = cv2.threshold(unlike, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    for difference, threshold in ((unlike, max(10.0, level)), (unlike, max(7.0, level * 0.5)), (brighter, 6.0)):
        mask = cv2.threshold(difference, threshold, 255, cv2.THRESH_BINARY)[1]
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        filled = _filled(mask)
        yield from _quadrilaterals(filled)
        yield from _quadrilaterals(cv2.morphologyEx(filled, cv2.MORPH_OPEN, np.ones((finger, finger), np.uint8)))
    for low in (60, 20):
        edges = np.zeros(small.shape[:2], np.uint8)
        for channel in cv2.split(cv2.GaussianBlur(small, (0, 0), 1.0))[::2]:  # blue and red tell colours apart
            edges |= cv2.Canny(channel, low, low * 2.5)
        closed = cv2.morphologyEx(edges, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        yield from _quadrilaterals(_filled(closed))


def _difference_from_mat(lab: MatLike) -> tuple[MatLike, MatLike]:
    """How unlike the mat each pixel is, and how much brighter only; both uint8.

    In the first, darker counts half (shadow) and colour double. The second tells white paper from its own shadow.

    The mat's colour is a smooth surface fitted to the picture's rim, leaving out what does not fit, since a page may
    reach the rim.
    """
    height, width = lab.shape[:2]
    edge = max(3, round(0.03 * max(width, height)))
    rows, columns = np.arange(1, height, 3), np.arange(1, width, 3)
    upper, lower = rows[rows < edge], rows[rows >= height - edge]
    left, right = columns[columns < edge], columns[columns >= width - edge]
    parts = [(upper, columns), (lower, columns), (rows, left), (rows, right)]
    places = np.concatenate([np.stack(np.meshgrid(r, c, indexing="ij"), -1).reshape(-1, 2) for r, c in parts])
    colours = lab[places[:, 0], places[:, 1]]
    terms = _surface_terms(places[:, 1] / width - 0.5, places[:, 0] / height - 0.5)
    middle = np.median(colours, axis=0)
    keep = np.abs(colours - middle).sum(axis=1) < 60
    weights = np.zeros((terms.shape[1], 3))
    weights[0] = middle
    for spread in (20.0, 12.0):
        if keep.sum() < 50:
            break
        known = terms[keep]
        weights = np.linalg.solve(known.T @ known + 1e-6 * np.eye(terms.shape[1]), known.T @ colours[keep])
        keep = np.abs(colours - terms @ weights).sum(axis=1) < spread
    coarse = np.meshgrid((np.arange(60) + 0.5) / 60 - 0.5, (np.arange(45) + 0.5) / 45 - 0.5)
    surface = (_surface_terms(coarse[0].ravel(), coarse[1].ravel()) @ weights).reshape(45, 60, 3).astype(np.float32)
    mat = cv2.resize(surface, (width, height), interpolation=cv2.INTER_LINEAR)
    delta = lab - mat
    light = np.maximum(delta[:, :, 0], delta[:, :, 0] * -0.5)
    colour = np.abs(delta[:, :, 1]) + np.abs(delta[:, :, 2])
    both = np.clip(light + 2.0 * np.maximum(colour - 4.0, 0), 0, 255).astype(np.uint8)
    brighter = np.clip(delta[:, :, 0], 0, 255).astype(np.uint8)
    return cv2.medianBlur(both, 3), cv2.medianBlur(brighter, 3)


def _surface_terms(x: npt.NDArray[Any], y: npt.NDArray[Any]) -> Doubles:
    return np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1)


def _filled(mask: MatLike) -> MatLike:
    """The mask with the inside of its outer contours filled."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    least = SMALLEST_AREA * mask.size
    big = [contour for contour in contours if cv2.contourArea(contour) > least]
    return cv2.drawContours(np.zeros_like(mask), big, -1, 255, cv2.FILLED)


def _quadrilaterals(mask: MatLike) -> Iterator[Floats]:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    least = SMALLEST_AREA * mask.size
    big = [contour for contour in contours if cv2.contourArea(contour) > least]
    for contour in sorted(big, key=cv2.contourArea, reverse=True)[:3]:
        hull = cv2.convexHull(contour)
        length = cv2.arcLength(hull, True)
        polygon = cv2.approxPolyDP(hull, 0.006 * length, True)[:, 0, :].astype(np.float64)
        if (around := _four_sides_around(polygon)) is not None:
            yield around
        for part in (0.02, 0.04, 0.07):
            simple = cv2.approxPolyDP(hull, part * length, True)
            if len(simple) == 4:
                yield simple[:, 0, :].astype(np.float32)
                break
        yield cv2.boxPoints(cv2.minAreaRect(hull)).astype(np.float32)


def _four_sides_around(polygon: Doubles) -> Floats | None:
    """Drop the sides of a convex polygon that cost the least area, until four are left; corners may be rounded."""
    points = list(polygon)
    while len(points) > 4:
        best: tuple[float, int, Doubles] | None = None
        count = len(points)
        for index in range(count):
            before, start, end, after = (points[(index + step) % count] for step in (-1, 0, 1, 2))
            meeting = _meeting(before, start - before, end, after - end)
            if meeting is None or float(np.dot(meeting - start, start - before)) < 0:
                continue
            added = abs(_cross(end - start, meeting - start)) / 2
            if best is None or added < best[0]:
                best = (added, index, meeting)
        if best is None:
            return None
        _, index, meeting = best
        following = (index + 1) % count
        points[index] = meeting
        del points[following]
    return np.array(points, np.float32) if len(points) == 4 else None


def _cross(a: Doubles, b: Doubles) -> float:
    return float(a[0] * b[1] - a[1] * b[0])


def _meeting(p: Doubles, along_p: Doubles, q: Doubles, along_q: Doubles) -> Doubles | None:
    turn = _cross(along_p, along_q)
    if abs(turn) < 1e-9:
        return None
    return np.asarray(p + along_p * (_cross(q - p, along_q) / turn))


# -- scoring -----------------------------------------------------------------------------------------------------


def _score(corners: Floats, lab: MatLike, unlike: MatLike) -> tuple[float, float]:
    """Score to choose by, and support 0..1 to believe in; nothing for what cannot be a page."""
    height, width = lab.shape[:2]
    corners = clockwise_from_top_left(corners)
    area = float(cv2.contourArea(corners)) / (width * height)
    if not SMALLEST_AREA < area < LARGEST_AREA or not cv2.isContourConvex(corners):
        return 0.0, 0.0
    right = _right_angles(corners)
    cut = touched_sides(corners, (width, height))
    if right <= 0 or len(cut) > 2:
        return 0.0, 0.0
    supports, clarity = _side_supports(corners, lab)
    seen = [support for support in supports if support is not None]
    if len(seen) < 2:
        return 0.0, 0.0
    support = (0.65 * float(np.mean(seen)) + 0.35 * min(seen)) * right
    support *= 1 - 0.12 * (4 - len(seen))  # a side on the picture's edge cannot be seen
    if support < (LEAST_SUPPORT_CUT if cut else LEAST_SUPPORT):
        return 0.0, 0.0
    return support * area**0.3 * (0.6 + 0.4 * clarity) * (0.3 + 0.7 * _filling(corners, unlike)), support


def _filling(corners: Floats, unlike: MatLike) -> float:
    """The part of the inside that is not like the mat."""
    target = np.array([[0, 0], [24, 0], [24, 24], [0, 24]], np.float32)
    inside = cv2.warpPerspective(unlike, cv2.getPerspectiveTransform(corners, target), (24, 24))
    return float((inside > 8).mean())


def _right_angles(corners: Floats) -> float:
    """1 for right angles, 0 from 35 degrees off."""
    along = np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(along, axis=1)
    if lengths.min() < 6 or lengths.max() / lengths.min() > 8:
        return 0.0
    unit = along / lengths[:, None]
    cosines = np.abs((unit * np.roll(unit, 1, axis=0)).sum(axis=1))
    off = float(np.degrees(np.arcsin(np.clip(cosines, 0, 1))).max())
    return max(0.0, 1 - (off / 35) ** 2)


def _side_supports(corners: Floats, lab: MatLike) -> tuple[list[float | None], float]:
    """For each side the part of it where inside and outside differ; None where the outside lies off the picture.

    Second, 0..1, how clearly the samples speak of paper: brighter inside, or else a strong contrast. The outline of
    the paper's own shadow is neither.
    """
    height, width = lab.shape[:2]
    steps = np.linspace(0.06, 0.94, 40, dtype=np.float32)
    along = np.roll(corners, -1, axis=0) - corners
    inward = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.linalg.norm(along, axis=1), 1e-6)[:, None]
    points = corners[:, None, :] + along[:, None, :] * steps[None, :, None]
    inside = points + inward[:, None, :] * 3.0
    outside = points - inward[:, None, :] * 3.0
    within = _inside_picture(outside, (width, height))
    colours = [
        cv2.remap(lab, np.ascontiguousarray(p[:, :, 0]), np.ascontiguousarray(p[:, :, 1]), cv2.INTER_LINEAR)
        for p in (inside, outside)
    ]
    difference = np.abs(colours[0] - colours[1]) @ np.array([1.0, 1.5, 1.5], np.float32)
    supports: list[float | None] = []
    for side in range(4):
        if within[side].mean() < 0.5:
            supports.append(None)
            continue
        here = difference[side][within[side]]
        contrast = float(np.median(here))
        supports.append(float((here > max(LEAST_CONTRAST, contrast * 0.35)).mean()))
    lighter = colours[0][:, :, 0] > colours[1][:, :, 0]
    clear = np.where(lighter, 1.0, np.minimum(1.0, difference / DARK_SIDE_CONTRAST))[within]
    return supports, float(clear.mean()) if clear.size else 0.0


def _inside_picture(points: Floats, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    x, y = points[..., 0], points[..., 1]
    return np.asarray((x > 1) & (x < size[0] - 2) & (y > 1) & (y < size[1] - 2))


# -- refinement --------------------------------------------------------------------------------------------------


def _refine(image: Picture, corners: Floats, reach: float) -> Floats:
    """Measure each side again where the colour changes fastest, within ``reach`` pixels of where it is thought."""
    corners = clockwise_from_top_left(corners)
    along = np.roll(corners, -1, axis=0) - corners
    inward = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.linalg.norm(along, axis=1), 1e-6)[:, None]
    steps = np.linspace(0.07, 0.93, 48, dtype=np.float32)
    offsets = np.arange(-round(reach), round(reach) + 1, dtype=np.float32)
    points = corners[:, None, :] + along[:, None, :] * steps[None, :, None]
    where = points[:, :, None, :] + inward[:, None, None, :] * offsets[None, None, :, None]
    where = where.reshape(4 * len(steps), len(offsets), 2)
    colours = cv2.remap(
        image, np.ascontiguousarray(where[:, :, 0]), np.ascontiguousarray(where[:, :, 1]), cv2.INTER_LINEAR
    ).astype(np.float32)
    profiles = colours.reshape(4, len(steps), len(offsets), 3)
    height, width = image.shape[:2]
    lines = []
    for side in range(4):
        base = points[side]
        line = _side(profiles[side], base, inward[side], offsets, (width, height))
        lines.append(line if line is not None else (corners[side].astype(np.float64), along[side].astype(np.float64)))
    fresh = [_meeting(*lines[side - 1], *lines[side]) for side in range(4)]
    found = [point for point in fresh if point is not None]
    if len(found) < 4:
        return corners
    moved = np.array(found, np.float32)
    if float(np.linalg.norm(moved - corners, axis=1).max()) > 4 * reach:
        return corners
    return moved


def _side(
    profiles: npt.NDArray[np.float32], base: Floats, inward: Floats, offsets: Floats, size: tuple[int, int]
) -> tuple[Doubles, Doubles] | None:
    """A point and direction of the side seen in ``profiles`` (samples × offsets × colours), or None if not seen."""
    third = max(1, len(offsets) // 3)
    inner, outer = profiles[:, -third:].mean(axis=(0, 1)), profiles[:, :third].mean(axis=(0, 1))
    towards = inner - outer
    strength = float(np.linalg.norm(towards))
    if strength < 3.0:
        return None
    signal = profiles @ (towards / strength)
    slope = signal[:, 2:] - signal[:, :-2]
    slope = cv2.GaussianBlur(slope, (3, 1), 0.8)
    peak = slope.argmax(axis=1)
    rows = np.arange(len(slope))
    top = slope[rows, peak]
    inner_peak = np.clip(peak, 1, slope.shape[1] - 2)
    left, centre, right = (slope[rows, inner_peak + step] for step in (-1, 0, 1))
    bend = left - 2 * centre + right
    shift = np.where(np.abs(bend) > 1e-6, 0.5 * (left - right) / np.where(np.abs(bend) > 1e-6, bend, 1), 0.0)
    at = offsets[1:-1][inner_peak] + np.clip(shift, -1, 1)
    places = base + inward[None, :] * at[:, None].astype(np.float32)
    good = (top > max(2.0, 0.4 * float(np.median(top)))) & (peak > 0) & (peak < slope.shape[1] - 1)
    good &= _inside_picture(places, size)
    for tolerance in (3.0, 1.2):
        if good.sum() < 0.3 * len(base):
            return None
        vx, vy, x, y = (float(value) for value in cv2.fitLine(places[good], cv2.DIST_HUBER, 0, 0.01, 0.01).ravel())
        away = np.abs((places[:, 0] - x) * vy - (places[:, 1] - y) * vx)
        good &= away < max(tolerance, 2 * float(np.median(away[good])))
    return np.array([x, y]), np.array([vx, vy])


def mean_corner_error(found: Iterable[Iterable[float]], true: Iterable[Iterable[float]]) -> float:
    """Mean distance in pixels between corners of the same order; for tests and benchmarks."""
    return float(np.linalg.norm(np.asarray(list(found)) - np.asarray(list(true)), axis=1).mean())
