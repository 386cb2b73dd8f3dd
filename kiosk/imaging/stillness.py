"""When to press the shutter: the page lies still, and it is not the page that was taken already. Pure; no clock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from cv2.typing import MatLike

from kiosk.imaging.outline import PageOutline
from kiosk.imaging.picture import Corners, grey
from kiosk.opencv import cv2

WATCHED_SIZE = (160, 120)
PRINT_SIZE = (64, 64)


@dataclass(frozen=True, slots=True)
class StillnessRules:
    """When a page counts as still, gone, or another one.

    Attributes:
        still_seconds: How long nothing may move.
        gone_seconds: How long no page may be seen before it counts as taken away.
        corner_shift: Largest movement of a corner between two pictures, part of the picture's diagonal.
        grey_change: Largest change anywhere, mean grey levels in a tile of 20×20 of 160×120; catches hands.
        least_confidence: Outlines below this do not count.
        same_page: Correlation with the page taken last above which it is the same page.
    """

    still_seconds: float = 0.6
    gone_seconds: float = 0.5
    corner_shift: float = 0.005
    grey_change: float = 7.0
    least_confidence: float = 0.75
    same_page: float = 0.85


class StillnessWatcher:
    """Fed with every looked-at picture; one thread."""

    def __init__(self, rules: StillnessRules = StillnessRules()) -> None:
        self._rules = rules
        self._since: float | None = None
        self._anchor: Corners | None = None
        self._watched: MatLike | None = None
        self._print: MatLike | None = None
        self._taken: MatLike | None = None
        self._unseen_since: float | None = None

    def update(self, outline: PageOutline | None, image_small: MatLike, now: float) -> float:
        """How near the shutter is: 0 moving or nothing to take, 1 take it now.

        Args:
            outline: The page in this picture; its corners belong to a picture of ``outline.size``.
            image_small: The same picture, BGR or grey, of any size (the preview's copy will do).
            now: Seconds of a steady clock.
        """
        rules = self._rules
        watched = cv2.resize(grey(image_small), WATCHED_SIZE, interpolation=cv2.INTER_AREA)
        moved = self._watched is None or _largest_change(watched, self._watched) > rules.grey_change
        self._watched = watched
        if outline is None or outline.confidence < rules.least_confidence:
            self._since = self._anchor = self._print = None
            self._unseen_since = now if self._unseen_since is None else self._unseen_since
            if now - self._unseen_since >= rules.gone_seconds:
                self._taken = None
            return 0.0
        self._unseen_since = None
        diagonal = float(np.hypot(*outline.size))
        anchor = self._anchor
        if anchor is None or float(np.abs(outline.corners - anchor).max()) > rules.corner_shift * diagonal:
            # Against the first picture of the rest, not the last: a slow slide must not pass for rest.
            moved, self._anchor = True, outline.corners
        if moved or self._since is None:
            self._since = now
        self._print = _print_of(outline, image_small)
        if self._taken is not None:
            if _likeness(self._print, self._taken) > rules.same_page:
                self._since = now
                return 0.0
            self._taken = None
            self._since = now
        return min(1.0, (now - self._since) / rules.still_seconds)

    def captured(self) -> None:
        """The page of the last ``update`` has been taken: not again until it has changed or been away."""
        self._taken = self._print
        self._since = None

    def reset(self) -> None:
        """Another material, another visit: what was taken before is forgotten."""
        self._since = self._anchor = self._watched = self._print = self._taken = self._unseen_since = None


def _largest_change(new: MatLike, old: MatLike) -> float:
    tiles = cv2.resize(
        cv2.absdiff(new, old), (WATCHED_SIZE[0] // 20, WATCHED_SIZE[1] // 20), interpolation=cv2.INTER_AREA
    )
    return float(tiles.max())


def _print_of(outline: PageOutline, image: MatLike) -> MatLike:
    """The page straightened to 64×64 grey levels, slightly soft: alike wherever the page lies."""
    scale = np.array([image.shape[1] / outline.size[0], image.shape[0] / outline.size[1]], np.float32)
    width, height = PRINT_SIZE
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    warp = cv2.getPerspectiveTransform((outline.corners * scale).astype(np.float32), target)
    flat = cv2.warpPerspective(grey(image), warp, PRINT_SIZE, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    return cv2.GaussianBlur(flat, (0, 0), 1.0)


def _likeness(a: MatLike, b: MatLike) -> float:
    """Correlation of the two pages' details; light falling off over the page does not count."""
    details = []
    for page in (a, b):
        levels = page.astype(np.float32)[4:-4, 4:-4]
        details.append(levels - cv2.GaussianBlur(levels, (0, 0), 8))
    norms = [float(np.linalg.norm(detail)) for detail in details]
    if min(norms) < 1.5 * details[0].shape[0]:  # both blank: nothing tells them apart
        return 1.0 if max(norms) < 3 * details[0].shape[0] else 0.0
    return float((details[0] * details[1]).sum() / (norms[0] * norms[1]))
