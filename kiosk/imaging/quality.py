"""Is this picture good enough, and what should be changed? A first honest check; thresholds are data.

Blur is judged by how many pixels a clean edge needs to rise from 10 to 90 %, at the page's border (independent of
what is written) and at the strongest edges inside. Glare is a spot that is both bright and clearly brighter than the
paper around it; mere white paper is not. Calibrated on the scenes of ``drivers.simulated.scenes``, not yet on a real
document camera.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from kiosk.imaging.outline import touched_sides
from kiosk.imaging.picture import Corners, Picture, grey
from kiosk.opencv import cv2

CORNER_NAMES = ("top_left", "top_right", "bottom_right", "bottom_left")
PAGE_VIEW = 400  # pixels of the longer side of the straightened copy on which light is judged


class Severity(IntEnum):
    """How bad it is."""

    HINT = 1  # usable, could be better
    POOR = 2  # probably not readable in places: take it again


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that is wrong.

    Attributes:
        code: ``capture.blur``, ``capture.cut_off``, ``capture.dark``, ``capture.glare``, ``capture.too_small`` or
            ``capture.no_page``; a key of the table of words.
        detail: The measured ``value``, and where it is: ``place``, a corner such as "top_left" for glare, or a side
            of the picture such as "left" for cut_off.
    """

    code: str
    severity: Severity
    detail: Mapping[str, str | int | float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def words_code(self) -> str:
        """The code of the more exact sentence, which names the place, such as ``capture.glare.top_left``."""
        place = self.detail.get("place")
        return f"{self.code}.{place}" if place else self.code


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that is wrong, worst first; nothing = good."""

    verdicts: tuple[Verdict, ...] = ()

    @property
    def good(self) -> bool:
        return not self.verdicts

    @property
    def acceptable(self) -> bool:
        """Nothing that should be taken again."""
        return all(verdict.severity < Severity.POOR for verdict in self.verdicts)

    @property
    def words_codes(self) -> tuple[str, ...]:
        """What to show, worst first."""
        return tuple(verdict.words_code for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where good ends.

    Attributes:
        blur_rise: Pixels an edge may take from 10 to 90 %; sharp is 2 to 3, a sigma of 2 px gives 5.
        blur_rise_poor: From here on writing suffers.
        dark_paper, dark_paper_poor: Grey level the paper must reach.
        glare_level, glare_step: A spot at least so bright, and so much above the paper around it.
        glare_part, glare_part_poor: Part of the page such a spot may cover.
        small_side: Pixels the page's longer side must have; an ID card at 90 dots per inch has 303.
    """

    blur_rise: float = 4.2
    blur_rise_poor: float = 5.5
    dark_paper: float = 120.0
    dark_paper_poor: float = 85.0
    glare_level: float = 238.0
    glare_step: float = 18.0
    glare_part: float = 0.0015
    glare_part_poor: float = 0.006
    small_side: int = 300


DEFAULT = Thresholds()


def judge(image: Picture, corners: Corners | None, thresholds: Thresholds = DEFAULT) -> Judgement:
    """Judge the page in a picture.

    Args:
        image: BGR uint8.
        corners: Where the page is, or None when none was found.
        thresholds: Where good ends.
    """
    if corners is None:
        return Judgement((Verdict("capture.no_page", Severity.POOR),))
    found: list[Verdict] = []
    height, width = image.shape[:2]
    for side in touched_sides(corners, (width, height))[:1]:
        found.append(_verdict("capture.cut_off", Severity.POOR, place=side))
    longest = float(np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1).max())
    if longest < thresholds.small_side:
        found.append(_verdict("capture.too_small", Severity.HINT, value=round(longest)))
    light = grey(image)
    page = _page_view(image, corners)
    found.extend(_light(page, thresholds))
    rise = blur_rise(light, corners)
    if rise is not None and rise > thresholds.blur_rise:
        severity = Severity.POOR if rise > thresholds.blur_rise_poor else Severity.HINT
        found.append(_verdict("capture.blur", severity, value=round(rise, 1)))
    return Judgement(tuple(sorted(found, key=lambda verdict: -verdict.severity)))


def _verdict(code: str, severity: Severity, **detail: str | int | float) -> Verdict:
    return Verdict(code, severity, MappingProxyType(detail))


def _page_view(image: Picture, corners: Corners) -> MatLike:
    """The page straightened and reduced, grey."""
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = float(max(sides[0], sides[2])), float(max(sides[1], sides[3]))
    factor = min(1.0, PAGE_VIEW / max(width, height))
    size = (max(16, round(width * factor)), max(16, round(height * factor)))
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    warp = cv2.getPerspectiveTransform(np.asarray(corners, np.float32), target)
    return grey(cv2.warpPerspective(image, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


# -- light -------------------------------------------------------------------------------------------------------


def _light(page: MatLike, thresholds: Thresholds) -> list[Verdict]:
    paper = _paper_level(page)
    level = float(np.median(paper))
    found = []
    if level < thresholds.dark_paper:
        severity = Severity.POOR if level < thresholds.dark_paper_poor else Severity.HINT
        found.append(_verdict("capture.dark", severity, value=round(level)))
    spot = ((page >= thresholds.glare_level) & (page > paper + thresholds.glare_step)).astype(np.uint8)
    count, labels, stats, middles = cv2.connectedComponentsWithStats(spot)
    if count > 1:
        largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
        part = float(stats[largest, cv2.CC_STAT_AREA]) / page.size
        if part >= thresholds.glare_part:
            severity = Severity.POOR if part >= thresholds.glare_part_poor else Severity.HINT
            x, y = middles[largest]
            right, low = x > page.shape[1] / 2, y > page.shape[0] / 2
            place = CORNER_NAMES[(2 if right else 3) if low else (1 if right else 0)]
            found.append(_verdict("capture.glare", severity, place=place, value=round(part, 4)))
    return found


def _paper_level(page: MatLike) -> npt.NDArray[np.float32]:
    """The bare paper's brightness as a plane over the page: bright quarter of each tile, fitted without outliers."""
    rows, columns = 10, 10
    tiles = [
        (float(np.percentile(tile, 75)), row, column)
        for row, band in enumerate(np.array_split(page, rows, axis=0))
        for column, tile in enumerate(np.array_split(band, columns, axis=1))
        if 0 < row < rows - 1 and 0 < column < columns - 1
    ]
    data = np.array(tiles, np.float64)
    values = data[:, 0]
    terms = np.stack([np.ones(len(data)), data[:, 1] - 4.5, data[:, 2] - 4.5], axis=1)
    keep = np.abs(values - np.median(values)) < 40
    weights = np.array([float(np.median(values)), 0.0, 0.0])
    for _ in range(3):
        if keep.sum() < 12:
            break
        weights = np.linalg.lstsq(terms[keep], values[keep], rcond=None)[0]
        left = values - terms @ weights
        keep = np.abs(left) < max(6.0, 2 * float(np.median(np.abs(left[keep]))))
    y = (np.arange(page.shape[0]) + 0.5) / page.shape[0] * rows - 5
    x = (np.arange(page.shape[1]) + 0.5) / page.shape[1] * columns - 5
    plane: npt.NDArray[np.float32] = (weights[0] + weights[1] * y[:, None] + weights[2] * x[None, :]).astype(np.float32)
    return plane


# -- blur --------------------------------------------------------------------------------------------------------


def blur_rise(light: MatLike, corners: Corners) -> float | None:
    """Pixels an edge takes from 10 to 90 %; None when no edge can be measured.

    It is that of the blurrier of the page's two pairs of sides, but not more than what the writing inside shows.
    """
    border = _border_rise(light, corners)
    inside = _inside_rise(light, corners)
    if border is None:
        return max(inside, default=None)
    # A booklet's thick or curled border looks soft although its writing is sharp. A smear leaves edges in one
    # direction only: then the writing proves nothing.
    return min(border, max(inside) * 1.25) if len(inside) == 2 else border


def _border_rise(light: MatLike, corners: Corners) -> float | None:
    height, width = light.shape[:2]
    along = np.roll(corners, -1, axis=0) - corners
    inward = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.linalg.norm(along, axis=1), 1e-6)[:, None]
    steps = np.linspace(0.12, 0.88, 40, dtype=np.float32)
    offsets = np.arange(-14, 14.01, 0.5, dtype=np.float32)
    points = corners[:, None, :] + along[:, None, :] * steps[None, :, None]
    where = points[:, :, None, :] + inward[:, None, None, :] * offsets[None, None, :, None]
    flat = where.reshape(-1, len(offsets), 2).astype(np.float32)
    maps = np.ascontiguousarray(flat[:, :, 0]), np.ascontiguousarray(flat[:, :, 1])
    values = cv2.remap(light, *maps, cv2.INTER_LINEAR).astype(np.float32).reshape(4, len(steps), len(offsets))
    off = (where[..., 0] < 0) | (where[..., 0] > width - 1) | (where[..., 1] < 0) | (where[..., 1] > height - 1)
    rises: list[float | None] = []
    for side in range(4):
        usable = values[side][~off[side].any(axis=1)]
        widths = [rise for rise in (_rise(profile) for profile in usable) if rise is not None]
        rises.append(float(np.median(widths)) if len(widths) >= 8 else None)
    pairs = [[rise for rise in pair if rise is not None] for pair in (rises[0::2], rises[1::2])]
    sharper = [min(pair) for pair in pairs if pair]
    return max(sharper) * 0.5 if sharper else None


def _rise(profile: npt.NDArray[np.float32]) -> float | None:
    """Samples between 10 and 90 % of the step in the middle of a profile, or None without a clear single step."""
    low, high = float(profile[:8].mean()), float(profile[-8:].mean())
    step = high - low
    if abs(step) < 30:
        return None
    scaled = (profile - low) / step
    above = np.nonzero(scaled >= 0.9)[0]
    if not len(above):
        return None
    end = int(above[0])
    below = np.nonzero(scaled[:end] <= 0.1)[0]
    if not len(below) or end == 0:
        return None
    start = int(below[-1])
    first = start + (0.1 - scaled[start]) / max(float(scaled[start + 1] - scaled[start]), 1e-6)
    last = end - 1 + (0.9 - scaled[end - 1]) / max(float(scaled[end] - scaled[end - 1]), 1e-6)
    return float(last - first)


def sharpest_rise(light: MatLike) -> float | None:
    """Pixels from 10 to 90 % of the steepest edges in the middle of any grey picture; None without clear edges."""
    height, width = light.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    rises = _inside_rise(light, corners)
    return min(rises) if rises else None


def _inside_rise(light: MatLike, corners: Corners) -> list[float]:
    """Pixels from 10 to 90 % of the steepest edges of the writing, across and down; without those not measurable."""
    middle = corners.mean(axis=0)
    inner = middle + (corners - middle) * 0.9
    x0, y0 = np.clip(np.floor(inner.min(axis=0)).astype(int), 0, None)
    x1, y1 = np.ceil(inner.max(axis=0)).astype(int)
    part = light[y0:y1, x0:x1]
    if min(part.shape[:2]) < 40:
        return []
    if part.size > 900_000:  # the middle shows as much as the whole
        rows, columns = part.shape[:2]
        cut = (900_000 / part.size) ** 0.5
        top, left = int(rows * (1 - cut) / 2), int(columns * (1 - cut) / 2)
        part = part[top : top + int(rows * cut), left : left + int(columns * cut)]
    soft = cv2.GaussianBlur(part, (3, 3), 0.6)
    across = _rise_along(cv2.absdiff(soft[:, 2:], soft[:, :-2]), soft[:, 1:-1], (1, 11))
    down = _rise_along(cv2.absdiff(soft[2:, :], soft[:-2, :]), soft[1:-1, :], (11, 1))
    return [rise for rise in (across, down) if rise is not None]


def _rise_along(slope: MatLike, soft: MatLike, window: tuple[int, int]) -> float | None:
    """Local contrast divided by slope, at the steepest edges of one direction; ``slope`` spans two pixels."""
    kernel = np.ones(window, np.uint8)
    contrast = cv2.subtract(cv2.dilate(soft, kernel), cv2.erode(soft, kernel))
    strong = (contrast > 60) & (slope > 8)
    if int(strong.sum()) < 200:
        return None
    ratio = contrast[strong].astype(np.float32) / slope[strong]
    return float(np.percentile(ratio, 8)) * 2 * 0.8  # 0.8 of the contrast lies between 10 and 90 %
