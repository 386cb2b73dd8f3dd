"""Pictures as the conductor needs them: fractions instead of pixels, codes instead of measurements. Blocking, pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from cv2.typing import MatLike

from kiosk.imaging.encode import encode_jpeg, thumbnail
from kiosk.imaging.enhance import even_light
from kiosk.imaging.outline import PageOutline, find_page
from kiosk.imaging.picture import Corners, ImagingError, decode_picture, reduced
from kiosk.imaging.quality import judge as judge_page
from kiosk.imaging.rectify import compose_two_sides, rectify, rotate, usable_corners
from kiosk.imaging.stillness import StillnessWatcher

SCREEN_SIDE = 1600
LOOKING_SIDE = 1280
"""Longer side in pixels of the copy that is looked at six times a second."""

RESTING = 0.3
"""Stillness from which the page counts as lying there."""

Fractions = tuple[tuple[float, float], ...]
WHOLE: Fractions = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look found: the page's corners as fractions, how still it lies (1 = take it now), what to change."""

    outline: Fractions = ()
    still: float = 0.0
    advice_codes: tuple[str, ...] = ()


NOTHING = Seen()


@dataclass(frozen=True, slots=True)
class Judged:
    """Verdict codes, worst first; ``bad`` means that a reason is needed to use the picture all the same."""

    codes: tuple[str, ...] = ()
    bad: bool = False


class Watcher:
    """Looks at frame after frame. One thread."""

    def __init__(self) -> None:
        self._stillness = StillnessWatcher()

    def look(self, image: MatLike, now: float) -> Seen:
        """``now`` in seconds of a steady clock."""
        small = reduced(image, LOOKING_SIDE)
        page = find_page(small)
        still = self._stillness.update(page, small, now)
        if page is None:
            return NOTHING
        corners = page.fractions()
        # A page that still moves is smeared; only where it lies is worth a word then, and that costs nothing.
        side = page.cut_off[0] if page.cut_off else ""
        codes = judge(image, corners).codes if still >= RESTING else (f"capture.cut_off.{side}",) if side else ()
        return Seen(corners, round(min(1.0, still), 2), codes)

    def captured(self) -> None:
        """The page of the last look is taken: not again until it has changed or been away."""
        self._stillness.captured()

    def reset(self) -> None:
        """Forget what was taken."""
        self._stillness.reset()


def outline(image: MatLike) -> Fractions:
    """The page in a picture, () when there is none."""
    page: PageOutline | None = find_page(image)
    return page.fractions() if page is not None else ()


def judge(image: MatLike, corners: Fractions) -> Judged:
    """Is the page good enough? The whole picture, when somebody asks for it, is not "cut off"."""
    judgement = judge_page(image, _pixels(image, corners))
    if corners == WHOLE:
        kept = tuple(verdict for verdict in judgement.verdicts if verdict.code != "capture.cut_off")
        judgement = replace(judgement, verdicts=kept)
    return Judged(judgement.words_codes, not judgement.acceptable)


def _pixels(image: MatLike, corners: Sequence[tuple[float, float]]) -> Corners:
    height, width = image.shape[:2]
    return np.asarray(corners, np.float32) * np.array([width - 1, height - 1], np.float32)


def is_page_shape(corners: Fractions) -> bool:
    """Whether four corners, clockwise as the screen shows them, make a convex sheet of a useful size."""
    turns = [
        (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
        for a, b, c in zip(corners, corners[1:] + corners[:1], corners[2:] + corners[:2], strict=True)
    ]
    if min(turns) <= 0:
        return False
    try:
        usable_corners(np.asarray(corners, np.float32) * 1000)
    except ImagingError:
        return False
    return True


def for_screen(image: MatLike) -> bytes:
    """A JPEG for the screen; the page itself keeps its full size."""
    return encode_jpeg(reduced(image, SCREEN_SIDE))


def flatten(image: MatLike, corners: Fractions) -> MatLike:
    """The page cut out, straightened and evenly lit.

    Raises:
        ImagingError: the corners make no page.
    """
    return even_light(rectify(image, _pixels(image, corners)))


def join_sides(front: MatLike, back: MatLike) -> MatLike:
    """Both sides of a card on one page."""
    return compose_two_sides(front, back)


def turn(image: MatLike) -> MatLike:
    """A quarter turn clockwise."""
    return rotate(image, 1)


def turn_encoded(data: bytes) -> MatLike:
    """Decode a kept page and turn it clockwise.

    Raises:
        ImagingError: the bytes are no picture.
    """
    return rotate(decode_picture(data), 1)


def encode_with_thumbnail(sheet: MatLike) -> tuple[bytes, bytes]:
    """The page's JPEG and a small one for lists."""
    return encode_jpeg(sheet), thumbnail(sheet)


def thumbnail_of(data: bytes) -> bytes:
    """Raise ImagingError when the bytes are no picture."""
    return thumbnail(decode_picture(data))
