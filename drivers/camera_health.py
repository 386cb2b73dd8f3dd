"""Is what a camera shows a living picture of what it should see? Pure judges on small grey pictures; no clock.

What can be told from pictures alone, and what cannot:

* *Frozen*: a sensor always has noise, so two pictures equal in every looked-at pixel come from a stuck camera. A camera
  that repeats a short film instead of one picture is not noticed. Pictures clipped to white or black have no noise and
  are not judged.
* *Black*: nothing brighter than almost black anywhere. A dark room looks the same as a lens cap.
* *Covered*: no edge and no texture anywhere, only soft light. Something white and bright right before the lens of a
  document camera cannot be told from blank paper and is not called covered.
* *Wrong way*: the view has for long had next to nothing in common with the one learned at set-up. An empty, even mat
  turned upside down looks as before, so a turned camera is known only by marks whose place is known
  (``way_of_marks``); and something that hides the whole mat for long counts as another view.

Thresholds are calibrated on ``drivers.simulated.scenes``, not yet on real cameras.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from drivers.opencv import cv2

LOOK_SIZE = (160, 120)
"""Width and height of the grey picture that is judged."""

VIEW_SIZE = (8, 6)
"""Columns and rows of a learned view: far too few to show a person or a word."""

PATCH = (120, 90)
"""Width and height of one of the nine spots compared and measured at full resolution."""


class Trouble(StrEnum):
    """What is wrong with the picture; the values are codes of the table of words."""

    FROZEN = "camera.frozen"
    BLACK = "camera.black"
    COVERED = "camera.covered"
    WRONG_WAY = "camera.wrong_way"


@dataclass(frozen=True, slots=True)
class HealthRules:
    """How long something must last, in seconds, and where it begins.

    Attributes:
        frozen_seconds, black_seconds, covered_seconds, wrong_way_seconds: A hand or a dark paper before the lens for a
            moment is no trouble; whole views are compared only while nobody works.
        well_seconds: How long the picture must be well again.
        least_looks: Pictures that must have been judged, however much time has passed.
        black_level: Grey level that 98 % of a black picture do not exceed.
        structure, structure_part: A picture is without structure below ``structure + structure_part × brightness``
            grey levels.
        bright: Brightness above which a picture without structure is taken for blank paper, when ``paper`` is set.
        same_view, other_view: Part of the view's cells that must agree for it to be the learned one again, and below
            which it is another one.
    """

    frozen_seconds: float = 10.0
    black_seconds: float = 4.0
    covered_seconds: float = 6.0
    wrong_way_seconds: float = 60.0
    well_seconds: float = 1.0
    least_looks: int = 3
    black_level: float = 7.0
    structure: float = 0.10
    structure_part: float = 0.0012
    bright: float = 150.0
    paper: bool = True
    same_view: float = 0.4
    other_view: float = 0.25


def look_copy(image: MatLike) -> MatLike:
    """The small grey picture that is judged: float32 0..255, 120 × 160. Most pixels of a large one are not read."""
    step = max(1, min(image.shape[0] // 480, image.shape[1] // 640))
    thinned = np.ascontiguousarray(image[::step, ::step])
    # All three colours: the steps of a JPEG's coarse colours cancel out in grey, and would pass for texture.
    grey = thinned if thinned.ndim == 2 else cv2.cvtColor(thinned, cv2.COLOR_BGR2GRAY)
    return cv2.resize(grey.astype(np.float32), LOOK_SIZE, interpolation=cv2.INTER_AREA)


def spots(image: MatLike) -> tuple[MatLike, ...]:
    """Nine spots of the picture at full resolution, views into it: what noise and focus are judged by."""
    height, width = image.shape[:2]
    wide, tall = min(PATCH[0], width // 3), min(PATCH[1], height // 3)
    found = []
    for row in range(3):
        for column in range(3):
            left = (2 * column + 1) * width // 6 - wide // 2
            top = (2 * row + 1) * height // 6 - tall // 2
            found.append(image[top : top + tall, left : left + wide])
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Look:
    """What is measured on one picture.

    Attributes:
        brightness: Mean grey level.
        brightest: Grey level that 98 % of the picture do not exceed.
        structure: Grey levels of texture and edges that stayed where they were since the last picture; -1 when
            something moved or there was no last picture.
    """

    brightness: float
    brightest: float
    structure: float


class HealthJudge:
    """Fed with pictures one after the other; one thread. Says what is wrong once it has lasted long enough."""

    def __init__(self, rules: HealthRules = HealthRules()) -> None:
        self._rules = rules
        self._last: npt.NDArray[np.float32] | None = None
        self._detail: npt.NDArray[np.float32] | None = None
        self._measured: Look | None = None
        self._changed_at: float | None = None
        self._same_pictures = 0
        self._since: dict[Trouble, float] = {}
        self._looks: dict[Trouble, int] = {}
        self._well_since: float | None = None
        self._trouble: Trouble | None = None

    @property
    def trouble(self) -> Trouble | None:
        """What is wrong now."""
        return self._trouble

    def same_picture(self, now: float, same: bool) -> None:
        """Another picture came; ``same``: it is equal to the one before it, noise and all."""
        if not same or self._changed_at is None:
            self._changed_at = now
            self._same_pictures = 0
        else:
            self._same_pictures += 1

    def look(self, small: MatLike, now: float, *, agreement: float | None = None) -> Trouble | None:
        """Judge one picture.

        Args:
            small: What ``look_copy`` made.
            now: Seconds of a steady clock.
            agreement: 0..1, how much of the learned view is there (``View.agreement``); None = not compared.
        """
        rules = self._rules
        look = self._measure(small)
        limit = rules.structure + rules.structure_part * look.brightness
        black = look.brightest <= rules.black_level
        blank = 0 <= look.structure < limit and not (rules.paper and look.brightness > rules.bright)
        frozen = self._changed_at is not None and self._same_pictures >= rules.least_looks and not _clipped(small)
        elsewhere = agreement is not None and agreement < rules.other_view
        if self._trouble is Trouble.WRONG_WAY and agreement is None:
            elsewhere = True  # not compared just now is no proof that it is right again
        if self._trouble is Trouble.WRONG_WAY and agreement is not None and agreement < rules.same_view:
            elsewhere = True
        found: list[tuple[Trouble, bool, float]] = [
            (Trouble.BLACK, black, rules.black_seconds),
            (Trouble.COVERED, blank and not black, rules.covered_seconds),
            (Trouble.WRONG_WAY, elsewhere and not black and not blank, rules.wrong_way_seconds),
        ]
        lasting: Trouble | None = None
        if frozen and self._changed_at is not None and now - self._changed_at >= rules.frozen_seconds and not black:
            lasting = Trouble.FROZEN
        for trouble, true, seconds in found:
            if not true:
                self._since.pop(trouble, None)
                self._looks.pop(trouble, None)
                continue
            since = self._since.setdefault(trouble, now)
            looks = self._looks[trouble] = self._looks.get(trouble, 0) + 1
            if lasting is None and looks >= rules.least_looks and (now - since >= seconds or trouble is self._trouble):
                lasting = trouble
        self._settle(lasting, any(true for _, true, _ in found), now)
        return self._trouble

    def _settle(self, lasting: Trouble | None, doubtful: bool, now: float) -> None:
        if lasting is not None:
            self._trouble = lasting
            self._well_since = None
            return
        if self._trouble is None:
            return
        if doubtful and self._trouble is not Trouble.FROZEN:
            self._well_since = None  # from one trouble into the next: the first is said until the second is certain
            return
        self._well_since = now if self._well_since is None else self._well_since
        if now - self._well_since >= self._rules.well_seconds:
            self._trouble = None
            self._well_since = None

    def _measure(self, small: MatLike) -> Look:
        levels = np.asarray(small, np.float32)
        if self._measured is not None and self._last is not None and np.array_equal(levels, self._last):
            return self._measured  # the same picture once more: its noise would pass for something that stays
        detail = (levels - np.asarray(cv2.GaussianBlur(levels, (0, 0), 4), np.float32))[10:-10, 10:-10]
        structure = -1.0
        if self._last is not None and self._detail is not None:
            moved = cv2.resize(np.abs(levels - self._last), (16, 12), interpolation=cv2.INTER_AREA)
            shift = abs(float((levels - self._last).mean()))
            if float(moved.max()) <= 4.0 + shift:
                # Noise differs between two pictures and so cancels out; what is really there stays.
                structure = max(0.0, float((detail * self._detail).mean())) ** 0.5
        self._last, self._detail = levels, detail
        self._measured = Look(float(levels.mean()), float(np.percentile(small, 98)), structure)
        return self._measured


def _clipped(small: MatLike) -> bool:
    """Nearly everything is fully white or fully black: such pixels have no noise."""
    return float(((small >= 250) | (small <= 3)).mean()) > 0.95


# -- the view --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class View:
    """Where a camera looks, as 8 × 6 cells of mean colour: enough to know a mat from a room, too little to see anyone.

    Attributes:
        cells: Lightness and two colour values (OpenCV's 8-bit Lab) of each cell, row by row.
    """

    cells: tuple[tuple[int, int, int], ...]

    def __post_init__(self) -> None:
        if len(self.cells) != VIEW_SIZE[0] * VIEW_SIZE[1]:
            raise ValueError("a view has 8 × 6 cells")
        if any(len(cell) != 3 or not all(0 <= level <= 255 for level in cell) for cell in self.cells):
            raise ValueError("a cell has three levels from 0 to 255")

    @property
    def lightness(self) -> float:
        """Mean lightness, 0..255."""
        return sum(cell[0] for cell in self.cells) / len(self.cells)

    def agreement(self, other: View) -> float | None:
        """Part of the cells, 0..1, that show the same in ``other``, the present view.

        A lamp that is brighter or darker by up to half does not count. None when it has become too dark to compare.
        """
        learned = np.array(self.cells, np.float32)
        present = np.array(other.cells, np.float32)
        if present[:, 0].mean() < 0.35 * learned[:, 0].mean() or present[:, 0].mean() < 12:
            return None
        colour = np.abs(present[:, 1:] - learned[:, 1:]).max(axis=1) < 14
        # White paper in the picture makes a camera darken all the rest: every such change of light is tried.
        lights = np.geomspace(0.6, 1.5, 10)[:, None]
        alike = np.abs((present[None, :, 0] + 4) / ((learned[None, :, 0] + 4) * lights) - 1) < 0.15
        return float((alike & colour[None, :]).mean(axis=1).max())


def view_of(image: MatLike) -> View:
    """Reduce a picture (BGR uint8) to a view."""
    step = max(1, min(image.shape[0] // 240, image.shape[1] // 320))
    thinned = np.ascontiguousarray(image[::step, ::step])
    cells = cv2.cvtColor(cv2.resize(thinned, VIEW_SIZE, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2LAB)
    return View(tuple((int(a), int(b), int(c)) for a, b, c in cells.reshape(-1, 3)))


@dataclass(frozen=True, slots=True)
class Way:
    """How marks appear in a picture: turned clockwise by quarter turns, and mirrored or not."""

    turn: int
    mirrored: bool

    @property
    def right(self) -> bool:
        return self.turn == 0 and not self.mirrored


def way_of_marks(corners: Sequence[tuple[float, float]]) -> Way:
    """How a mark lies in the picture, by its corners.

    That the *camera* is turned follows only when the mark was laid down as told, its top away from the person, or is
    printed on the mat. ``mirrored`` is true of the camera however the mark lies.

    Args:
        corners: x and y in pixels of the mark's own top left, top right, bottom right and bottom left corner, as code
            readers give them.

    Raises:
        ValueError: not four corners, or they enclose nothing.
    """
    if len(corners) != 4:
        raise ValueError("a mark has four corners")
    points = np.array(corners, np.float64)
    after = np.roll(points, -1, axis=0)
    area = float((points[:, 0] * after[:, 1] - after[:, 0] * points[:, 1]).sum())
    if abs(area) < 1.0:
        raise ValueError("the corners enclose nothing")
    across = (points[1] - points[0]) + (points[2] - points[3])
    mirrored = area < 0
    if mirrored:
        across = -across
    turn = round(float(np.degrees(np.arctan2(across[1], across[0]))) / 90) % 4
    return Way(turn, mirrored)


# -- settling --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SettlingRules:
    """When focus and exposure have stopped hunting.

    Attributes:
        window: Seconds of pictures that must agree.
        least: Pictures that must lie in the window.
        sharpness: Largest spread of the sharpness in the window, part of its mean.
        brightness: Largest spread of the brightness in the window, grey levels.
        patience: Seconds after which a camera that never rests counts as settled all the same.
    """

    window: float = 0.4
    least: int = 3
    sharpness: float = 0.12
    brightness: float = 3.0
    patience: float = 2.5


class Settling:
    """Judges successive pictures; one thread feeds, others may ask."""

    def __init__(self, rules: SettlingRules = SettlingRules()) -> None:
        self.rules = rules
        self._measured: tuple[tuple[float, float, float], ...] = ()

    def look(self, image: MatLike, now: float) -> None:
        """Measure one picture (BGR or grey uint8, full size) taken at ``now`` seconds of a steady clock."""
        sharpness, brightness = measure(image)
        since = now - 4 * self.rules.window
        kept = tuple(entry for entry in self._measured if entry[0] >= since)[-60:]
        self._measured = (*kept, (now, sharpness, brightness))

    def forget(self) -> None:
        """Another camera, another mode: what was measured says nothing any more."""
        self._measured = ()

    def settled(self, since: float, now: float) -> bool:
        """Whether the newest pictures, all taken after ``since``, agree; or patience is at its end."""
        rules = self.rules
        if now - since >= rules.patience:
            return True
        measured = [entry for entry in self._measured if entry[0] >= since]
        if not measured:
            return False
        newest = [entry for entry in measured if entry[0] >= measured[-1][0] - rules.window]
        if len(newest) < rules.least:
            # A slow camera shows fewer pictures in the window: then the last few count, however old.
            newest = measured[-rules.least :]
        if len(newest) < rules.least:
            return False
        sharpness = [entry[1] for entry in newest]
        brightness = [entry[2] for entry in newest]
        mean = sum(sharpness) / len(sharpness)
        steady = max(sharpness) - min(sharpness) <= rules.sharpness * mean + 0.05
        return steady and max(brightness) - min(brightness) <= rules.brightness


def measure(image: MatLike) -> tuple[float, float]:
    """Sharpness (mean of the absolute Laplacian, grey levels) and brightness (mean grey level) of the nine spots."""
    green = [spot[:, :, 1] if spot.ndim == 3 else spot for spot in spots(image)]
    # All nine in one: the seams between them change only when the picture does.
    patchwork = np.vstack([np.hstack(green[row : row + 3]) for row in (0, 3, 6)])
    soft = cv2.GaussianBlur(patchwork, (5, 5), 1.2)  # or the sensor's noise would drown the edges
    edges = cv2.convertScaleAbs(cv2.Laplacian(soft, cv2.CV_16S, ksize=3))
    return float(cv2.mean(edges)[0]), float(cv2.mean(patchwork)[0])
