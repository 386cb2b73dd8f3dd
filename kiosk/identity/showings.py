"""One code shown once is one event, however many eyes saw it: scanner, keys, webcam, document camera.

The one place where repeats are kept from a visit. Codes are one-time keys, so only keyed hashes are remembered, and no
longer than they are needed. Pure; not thread-safe.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

from kiosk.identity.codes import ClassifiedCode

SAME_SHOWING_SECONDS = 5.0
"""A code held before a camera is seen again and again, with gaps of glare and moiré between."""

SCANNED_AGAIN_SECONDS = 1.5
"""A scanner that reads the same code again after so long was told to by a person."""

MOST_REMEMBERED = 16


@dataclass(slots=True)
class _Seen:
    at: float
    scanned_at: float
    asked: bool | None = None  # True: being asked about, or answered well; False: somebody has said no


class CodeShowings:
    """Times are seconds of any clock that does not go back."""

    def __init__(self) -> None:
        self._key = os.urandom(16)
        self._seen: dict[bytes, _Seen] = {}

    def is_new(self, code: ClassifiedCode, raw: bytes, now: float, *, by_camera: bool) -> bool:
        """Whether this sighting begins another showing; its time counts from now on either way.

        What any eye saw a moment ago is the same showing. But a scan is a person's act: the second one counts after
        ``SCANNED_AGAIN_SECONDS``, and so does the first after a no, unless the code is still being asked about.
        """
        mark = self._mark(code, raw)
        seen = self._seen.pop(mark, None)
        if seen is None or now - seen.at >= SAME_SHOWING_SECONDS:
            new = True
        elif by_camera or now - seen.scanned_at < SCANNED_AGAIN_SECONDS:
            new = False
        else:
            new = seen.asked is False or (seen.asked is None and seen.scanned_at > float("-inf"))
        scanned_at = seen.scanned_at if seen is not None else float("-inf")
        asked = None if seen is None or new else seen.asked
        self._seen[mark] = _Seen(now, scanned_at if by_camera else now, asked)
        while len(self._seen) > MOST_REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return new

    def asked(self, code: ClassifiedCode, asked: bool) -> None:
        """Somebody is being asked about the code; or has said no, and a person may try again."""
        seen = self._seen.get(self._mark(code, b""))
        if seen is not None:
            seen.asked = asked

    def clear(self) -> None:
        """Another visit begins."""
        self._seen.clear()

    def _mark(self, code: ClassifiedCode, raw: bytes) -> bytes:
        """By what the code says, so that prefix and suffix of one scanner make no difference."""
        said = code.text.encode() if code.text else raw
        return hashlib.blake2b(code.kind.encode() + b"\0" + said, key=self._key, digest_size=16).digest()
