"""From corners to a flat page: straightened, at its true proportions, never with more pixels than the camera saw."""

from __future__ import annotations

import numpy as np
from cv2.typing import MatLike

from kiosk.imaging.outline import clockwise_from_top_left
from kiosk.imaging.picture import Corners, ImagingError, Picture
from kiosk.opencv import cv2

A4_MM = (210.0, 297.0)
CARD_MM = (85.6, 53.98)  # ID-1, ISO/IEC 7810
KNOWN_RATIOS = (2**0.5, CARD_MM[0] / CARD_MM[1])  # long to short side: A series, ID-1
SNAP = 0.03  # how near to a known ratio a page must be to be given exactly that ratio
MM_PER_INCH = 25.4
CARD_RADIUS_MM = 3.18
SOFT_EDGE = 2  # pixels
CARD_PAGE_DPI = (120, 300)


def rectify(image: Picture, corners: Corners) -> Picture:
    """Cut out and straighten the page.

    Sides within 3 % of A4/A5 or of a card get exactly those proportions.

    Raises:
        ImagingError: ``imaging.bad_corners``, not a convex quadrilateral of a useful size.
    """
    corners = usable_corners(corners)
    width, height = page_size(corners)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    warp = cv2.getPerspectiveTransform(corners, target)
    page = cv2.warpPerspective(image, warp, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    # A page's edge is soft in the picture: its rim, half mat, is replaced by what lies next to it.
    inner, rim = page[SOFT_EDGE:-SOFT_EDGE, SOFT_EDGE:-SOFT_EDGE], (SOFT_EDGE,) * 4
    return cv2.copyMakeBorder(inner, *rim, cv2.BORDER_REPLICATE)


def usable_corners(corners: Corners) -> Corners:
    """The corners in their order, checked.

    Raises:
        ImagingError: ``imaging.bad_corners``.
    """
    corners = np.asarray(corners, np.float32)
    if corners.shape != (4, 2) or not np.isfinite(corners).all():
        raise ImagingError("imaging.bad_corners")
    corners = clockwise_from_top_left(corners)
    if not cv2.isContourConvex(corners) or cv2.contourArea(corners) < 400:
        raise ImagingError("imaging.bad_corners")
    return corners


def page_size(corners: Corners) -> tuple[int, int]:
    """Width and height in pixels of the straightened page; both at most what the longer of opposite sides shows."""
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    mean_width, mean_height = float(sides[0] + sides[2]) / 2, float(sides[1] + sides[3]) / 2
    width, height = float(max(sides[0], sides[2])), float(max(sides[1], sides[3]))
    ratio = max(mean_width, mean_height) / min(mean_width, mean_height)
    near = min(KNOWN_RATIOS, key=lambda known: abs(known / ratio - 1))
    if abs(near / ratio - 1) <= SNAP:
        if mean_width >= mean_height:
            width = min(width, height * near)
            height = width / near
        else:
            height = min(height, width * near)
            width = height / near
    return max(8, int(width + 1e-3)), max(8, int(height + 1e-3))


def rotate(image: MatLike, quarter_turns: int) -> MatLike:
    """Turn clockwise by quarters; any whole number."""
    turns = quarter_turns % 4
    if turns == 0:
        return image
    codes = {1: cv2.ROTATE_90_CLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_COUNTERCLOCKWISE}
    return cv2.rotate(image, codes[turns])


def compose_two_sides(front: Picture, back: Picture) -> Picture:
    """Both sides of a card at true size (85.6 × 54 mm) one above the other on a white A4 page.

    The page has the resolution of the better side, between 120 and 300 dots per inch; ``pages_to_pdf`` prints it at
    true size. Sides lying upright are turned.
    """
    sides = [side if side.shape[1] >= side.shape[0] else rotate(side, 3) for side in (front, back)]
    best = max(side.shape[1] for side in sides) / CARD_MM[0] * MM_PER_INCH
    per_mm = min(max(best, CARD_PAGE_DPI[0]), CARD_PAGE_DPI[1]) / MM_PER_INCH
    page = np.full((round(A4_MM[1] * per_mm), round(A4_MM[0] * per_mm), 3), 255, np.uint8)
    width, height = round(CARD_MM[0] * per_mm), round(CARD_MM[1] * per_mm)
    left = (page.shape[1] - width) // 2
    for side, middle in zip(sides, (0.30, 0.62), strict=True):
        shrinking = side.shape[1] > width
        card = cv2.resize(side, (width, height), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC)
        top = round(page.shape[0] * middle) - height // 2
        page[top : top + height, left : left + width] = _with_white_corners(card, CARD_RADIUS_MM * per_mm)
    return page


def _with_white_corners(card: Picture, radius: float) -> Picture:
    """What shows of the mat beside a card's rounded corners becomes white."""
    height, width = card.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    beyond_x = np.maximum(radius - np.minimum(x, width - x), 0)
    beyond_y = np.maximum(radius - np.minimum(y, height - y), 0)
    outside = np.clip(np.hypot(beyond_x, beyond_y) - radius + 0.5, 0, 1)[:, :, None]
    return np.asarray(card + (255 - card) * outside, np.float32).round().astype(np.uint8)
