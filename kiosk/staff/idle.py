"""What happens when nobody touches the station (DESIGN.md section 7). Pure; the caller brings the clock.

Untouched for ``warn`` seconds: a warning of ``countdown`` seconds that any touch ends. Then the privacy cover, with
nothing lost: only the staff PIN lifts it. Untouched for ``sign_off`` seconds in all: the staff are signed off and the
draft stays, sealed. Call, capture, print and signature count as touches, so none of it ever happens during them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class IdleStage(StrEnum):
    OPEN = "open"
    WARNING = "warning"
    COVERED = "covered"
    SIGNED_OFF = "signed_off"


@dataclass(frozen=True, slots=True)
class IdleState:
    """``seconds_left`` until the next stage, rounded up; 0 when SIGNED_OFF."""

    stage: IdleStage
    seconds_left: int


class IdleWatch:
    """One signed-on person's idle clock. Not thread-safe: one loop owns it.

    Args:
        now: Monotonic seconds, as in every call; a smaller value than before counts as no time passed.
        warn: Seconds untouched until the warning.
        warn_large_print: The same with large print.
        countdown: Seconds from the warning to the cover.
        sign_off: Seconds untouched until sign-off; never before the cover.
        large_print: Whether the second limit holds now; may be set at any time.
    """

    def __init__(
        self,
        now: float,
        *,
        warn: float = 60.0,
        warn_large_print: float = 120.0,
        countdown: float = 20.0,
        sign_off: float = 600.0,
        large_print: bool = False,
    ) -> None:
        self.large_print = large_print
        self._warn = warn
        self._warn_large_print = warn_large_print
        self._countdown = countdown
        self._sign_off = sign_off
        self._now = now
        self._touched_at = now
        self._covered = False
        self._signed_off = False

    def touched(self, now: float) -> None:
        """A touch or a key. Ends a warning; leaves a cover in place, but whoever types the PIN is not signed off."""
        self._advance(now)
        self._settle()  # a touch that comes after the time was up, before the next tick, is too late
        self._touched_at = self._now

    def tick(self, now: float, busy: bool = False) -> IdleState:
        """The state at ``now``; call about once a second. ``busy``: a call, capture, print or signature goes on."""
        self._advance(now)
        if busy and not self._signed_off:
            self._touched_at = self._now
        self._settle()
        untouched = self._now - self._touched_at
        if self._signed_off:
            return IdleState(IdleStage.SIGNED_OFF, 0)
        if self._covered:
            return IdleState(IdleStage.COVERED, math.ceil(self._sign_off_after - untouched))
        if untouched >= self._warn_after:
            return IdleState(IdleStage.WARNING, math.ceil(self._cover_after - untouched))
        return IdleState(IdleStage.OPEN, math.ceil(self._warn_after - untouched))

    def unlock(self, now: float) -> None:
        """The right PIN was given at the cover. After a sign-off only a new sign-on helps: see ``restart``."""
        self.touched(now)
        if not self._signed_off:
            self._covered = False

    def restart(self, now: float) -> None:
        """Somebody signed on."""
        self._advance(now)
        self._touched_at = self._now
        self._covered = self._signed_off = False

    @property
    def _warn_after(self) -> float:
        return self._warn_large_print if self.large_print else self._warn

    @property
    def _cover_after(self) -> float:
        return self._warn_after + self._countdown

    @property
    def _sign_off_after(self) -> float:
        return max(self._sign_off, self._cover_after)

    def _advance(self, now: float) -> None:
        self._now = max(self._now, now)

    def _settle(self) -> None:
        untouched = self._now - self._touched_at
        self._covered = self._covered or untouched >= self._cover_after
        self._signed_off = self._signed_off or untouched >= self._sign_off_after
