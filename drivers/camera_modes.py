"""Which picture size a camera is used at: measured, not believed. Pure; the driver opens, times and closes.

Cameras list sizes they reach at one picture a second, and answer "yes" to wishes they ignore (hardware reference 5.2).
So likely sizes are tried one after the other, each for about a second, and judged by the pictures themselves, decoded
on this very computer. Trying sizes can hang a camera until it is re-plugged (opencv issue #6505): only sizes it lists
are tried where it lists any, few of them, and one that hung is not tried again (``camera_memory``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from drivers.v4l2 import ListedMode

USUAL_SIZES = (
    (4208, 3120), (3840, 2160), (3264, 2448), (2592, 1944), (2048, 1536), (1920, 1080), (1600, 1200), (1280, 960),
    (1280, 720), (1024, 768), (800, 600), (640, 480),
)  # fmt: skip
"""Of document cameras and webcams (hardware reference 5.1), for a camera that does not list its own."""

COMPRESSED = frozenset({"MJPG", "JPEG"})


@dataclass(frozen=True, slots=True)
class Mode:
    """A wish: pixels, four-letter pixel format, pictures a second."""

    width: int
    height: int
    fourcc: str
    fps: float

    @property
    def pixels(self) -> int:
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class MeasuredMode:
    """What came of a wish.

    Attributes:
        asked: The wish.
        width, height: Of the pictures that came, 0 when none came.
        fourcc: Pixel format as read back.
        fps: Pictures a second that came and were decoded.
    """

    asked: Mode
    width: int
    height: int
    fourcc: str
    fps: float

    @property
    def pixels(self) -> int:
        return self.width * self.height

    @property
    def compressed(self) -> bool:
        return self.fourcc.upper() in COMPRESSED


@dataclass(frozen=True, slots=True)
class ModeRule:
    """What is best for a piece.

    Attributes:
        least_fps: Real pictures a second it takes.
        wish: Width and height to come near to; None = the larger the better.
        most_pixels: Beyond this, pictures only cost memory.
        least_pixels: Below this a size is not worth trying.
        tries: Sizes that are tried at most.
    """

    least_fps: float
    wish: tuple[int, int] | None = None
    most_pixels: int = 13_200_000
    least_pixels: int = 300_000
    tries: int = 6

    def order(self, width: int, height: int) -> float:
        """The smaller, the more wanted."""
        if self.wish is None:
            return -float(width * height)
        return abs(math.log(width / self.wish[0])) + abs(math.log(height / self.wish[1]))


DOCUMENT_RULE = ModeRule(least_fps=5.0)
"""A page wants pixels; five pictures a second are enough to see it lie still."""

WEBCAM_RULE = ModeRule(least_fps=15.0, wish=(1280, 720))


def candidates(listed: Iterable[ListedMode], rule: ModeRule, avoid: Iterable[Mode] = ()) -> tuple[Mode, ...]:
    """What to try, the most wanted first.

    Args:
        listed: What the camera lists; empty = usual sizes are tried.
        rule: What is wanted.
        avoid: Wishes at which this camera has hung before.
    """
    known = list(listed)
    compressed = [mode for mode in known if mode.fourcc.upper() in COMPRESSED]
    usable = compressed or [mode for mode in known if mode.fps == 0 or mode.fps >= rule.least_fps] or known
    found: dict[tuple[int, int], Mode] = {}
    for mode in usable:
        found.setdefault((mode.width, mode.height), _wish(mode.width, mode.height, mode.fourcc, mode.fps, rule))
    if not known:
        found = {size: _wish(*size, "MJPG", 0.0, rule) for size in USUAL_SIZES}
    fitting = [mode for mode in found.values() if rule.least_pixels <= mode.pixels <= rule.most_pixels]
    hung = {(mode.width, mode.height, mode.fourcc) for mode in avoid}
    wanted = [mode for mode in fitting or found.values() if (mode.width, mode.height, mode.fourcc) not in hung]
    return tuple(sorted(wanted, key=lambda mode: rule.order(mode.width, mode.height))[: rule.tries])


def _wish(width: int, height: int, fourcc: str, claimed: float, rule: ModeRule) -> Mode:
    pace = rule.least_fps * 2
    return Mode(width, height, fourcc, min(pace, claimed) if claimed > 0 else pace)


def best(measured: Sequence[MeasuredMode], rule: ModeRule) -> MeasuredMode | None:
    """The best of what was measured, None when nothing gave pictures.

    Fast enough before compressed before wanted size; where nothing is fast enough, the fastest.
    """
    working = [mode for mode in measured if mode.pixels > 0 and mode.fps > 0]
    quick = [mode for mode in working if mode.fps >= rule.least_fps]
    if quick:
        return min(quick, key=lambda mode: (not mode.compressed, rule.order(mode.width, mode.height), -mode.fps))
    return max(working, key=lambda mode: (mode.fps, mode.pixels), default=None)


@dataclass
class Measuring:
    """One round of trying. The driver asks what is to be done and says what happened; one thread.

    Attributes:
        wishes: What is tried, in this order.
        rule: What is wanted; the first wish that fulfils it ends the round, for later ones are wanted less.
        on_request: A technician waits for it, so that it goes on while somebody looks.
        seconds: For how long pictures are counted.
        patience: After which a wish that gives too few pictures is over.
        budget: For all wishes together.
    """

    wishes: tuple[Mode, ...]
    rule: ModeRule
    on_request: bool = False
    seconds: float = 1.0
    patience: float = 4.0
    budget: float = 30.0
    measured: list[MeasuredMode] = field(default_factory=list)
    _begun: float | None = None
    _opened: float | None = None
    _moments: list[float] = field(default_factory=list)
    _size: tuple[int, int] = (0, 0)
    _fourcc: str = ""

    @property
    def wish(self) -> Mode:
        """The wish of the moment; only while not ``over``."""
        return self.wishes[len(self.measured)]

    def over(self, now: float) -> bool:
        """Everything was tried, enough is known, or the time is up."""
        if self.measured and self._fulfilled(self.measured[-1]):
            return True
        return len(self.measured) >= len(self.wishes) or (
            self._begun is not None and self._opened is None and now - self._begun > self.budget
        )

    def _fulfilled(self, mode: MeasuredMode) -> bool:
        as_wished = (mode.width, mode.height) == (mode.asked.width, mode.asked.height)
        return as_wished and mode.compressed and mode.fps >= self.rule.least_fps

    @property
    def to_open(self) -> bool:
        """The camera is to be opened for ``wish``."""
        return self._opened is None

    def opened(self, now: float) -> None:
        """The camera has been opened for ``wish``."""
        self._begun = now if self._begun is None else self._begun
        self._opened = now

    def failed(self, now: float) -> None:
        """The camera did not open for ``wish``."""
        self._begun = now if self._begun is None else self._begun
        self._end()

    def picture(self, width: int, height: int, fourcc: str, now: float) -> None:
        """A picture came and was decoded by ``now``."""
        if (width, height) != self._size:  # some cameras give one of the old size first
            self._size, self._moments = (width, height), []
        self._fourcc = fourcc
        self._moments.append(now)
        self.turn(now)

    def turn(self, now: float) -> None:
        """Time has passed, with or without a picture."""
        if self._opened is None:
            return
        enough = len(self._moments) >= 2 and self._moments[-1] - self._moments[0] >= self.seconds
        if enough or now - self._opened > self.patience:
            self._end()

    def _end(self) -> None:
        fps = 0.0
        if len(self._moments) >= 2:
            fps = (len(self._moments) - 1) / max(self._moments[-1] - self._moments[0], 1e-3)
        self.measured.append(MeasuredMode(self.wish, *self._size, self._fourcc, round(fps, 1)))
        self._opened, self._moments, self._size, self._fourcc = None, [], (0, 0), ""
