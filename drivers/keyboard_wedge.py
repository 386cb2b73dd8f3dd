"""Tells the keys of a scanner that types (HID keyboard wedge) from a person's. Pure; no Qt.

A scanner sends a key every 7 to 16 ms and Enter at the end (hardware.md 3.6); nobody types six keys that fast. The
keys of a run are held back until it is clear which it was: at most ``LONGEST_GAP`` after the last one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LONGEST_GAP = 0.035
"""Seconds; every gap of a scan is shorter."""

SHORTEST_SCAN = 6
LARGEST_SCAN = 4096
ENDS = ("\r", "\n", "\t")


@dataclass(frozen=True, slots=True)
class WedgeScan:
    """A scan of this text, its Enter or Tab taken off. Its repr hides the content."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Typing:
    """These keys were typed by a person, in this order: hand on the held events, one for each character."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WedgeDropped:
    """More keys than any code has; they belong to nobody. ``keys`` held events are to be thrown away."""

    keys: int
    code: str = "code_scanner.too_long"


WedgeResult = WedgeScan | Typing | WedgeDropped


class KeyRun:
    """Feed every key with its time; each comes out exactly once, as part of a scan, of typing or of what is dropped.

    Times are seconds of any clock that does not go back. Not thread-safe: the front end's event filter owns it.
    """

    def __init__(self) -> None:
        self._held: list[str] = []
        self._last = float("-inf")
        self._flooded = False

    @property
    def deadline(self) -> float | None:
        """When ``expire`` should be called if no key comes before; None while nothing is held."""
        return self._last + LONGEST_GAP if self._held or self._flooded else None

    def feed(self, character: str, at: float) -> list[WedgeResult]:
        """Take one key by its character; Enter is CR or LF, Tab is HT."""
        results = self.expire(at)
        self._last = at
        if self._flooded:
            if character in ENDS:
                self._flooded = False
            return [*results, WedgeDropped(1)]
        if character in ENDS and len(self._held) >= SHORTEST_SCAN:
            results.append(WedgeScan("".join(self._held)))
            self._held.clear()
            return results
        self._held.append(character)
        if character in ENDS:
            results.append(self._hand_back())
        elif len(self._held) > LARGEST_SCAN:
            results.append(WedgeDropped(len(self._held)))
            self._held.clear()
            self._flooded = True
        return results

    def expire(self, now: float) -> list[WedgeResult]:
        """Hand back what was held when the next key did not come in time."""
        if now - self._last < LONGEST_GAP:
            return []
        self._flooded = False
        return [self._hand_back()] if self._held else []

    def _hand_back(self) -> Typing:
        text = "".join(self._held)
        self._held.clear()
        return Typing(text)
