"""When to try again: full jitter between half a first step and a ceiling that doubles up to the last step."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

FIRST_SECONDS = 1.0
LAST_SECONDS = 300.0


@dataclass(slots=True)
class Pace:
    """The waits of one thing that may fail again and again. Times are of one monotonic clock, in seconds.

    Attributes:
        failures: In a row.
        not_before: When to try again.
        failed_at: The last failure, 0 = none; who failed last is tried last.
    """

    first: float = FIRST_SECONDS
    last: float = LAST_SECONDS
    chance: Callable[[], float] = field(default=random.random, repr=False)  # jitter, no secret
    failures: int = 0
    not_before: float = 0.0
    failed_at: float = 0.0

    def fail(self, now: float) -> None:
        """Wait longer than after the failure before, on the average."""
        ceiling = min(self.last, self.first * 2.0 ** min(self.failures, 30))
        self.failures += 1
        self._wait(now, self.first / 2, ceiling)

    def hold(self, now: float, seconds: float) -> None:
        """Wait for at least the time somebody asked for, and up to a quarter more, so that stations spread out."""
        self._wait(now, seconds, seconds * 1.25)

    def reset(self) -> None:
        self.failures = 0
        self.not_before = 0.0

    def due(self, now: float) -> bool:
        return now >= self.not_before

    def _wait(self, now: float, least: float, most: float) -> None:
        self.failed_at = now
        self.not_before = now + least + self.chance() * max(0.0, most - least)
