"""Code scanner on a serial line (USB-CDC or RS-232), in presentation mode: nothing is sent to it.

What a scan says is a one-time token or a person's number: it is never logged, and kept only as a keyed hash for the
moment in which a code held before the scanner is read again. Framing: hardware.md 3.4.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from dataclasses import dataclass, field

from drivers.driver import DeviceKind, DeviceState, Driver, Listener
from drivers.transport.address import Address, AddressError
from drivers.transport.serial_port import SerialPort

log = logging.getLogger(__name__)

LARGEST_CODE = 4096
"""Bytes. The largest QR code (version 40) holds 2953."""

GAP_AFTER_SUFFIX = 0.05
"""Seconds of silence that end a code whose last byte is a suffix: a CR followed by more is inside the payload."""

GAP = 0.1
"""Seconds of silence that end a code without a suffix."""

GAP_OF_CUT_CODE = 0.4
"""Seconds a scanner that ends its codes with a suffix is waited for when one is missing."""

SURE_OF_SUFFIX = 2
"""Codes in a row with a suffix after which one without it counts as cut off."""

REPEAT_SECONDS = 1.5
"""The same code within this time is the same showing of it."""

SUFFIXES = (b"\r\n", b"\r", b"\n", b"\t", b"\x03")
START = b"\x02"
DEFAULT_BAUD = 115200


@dataclass(frozen=True, slots=True)
class CodeScanned:
    """A code was read; ``raw`` is what it says, without prefix STX and suffix. Its repr hides the content."""

    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CodeDropped:
    """Something came that is no whole code: ``code_scanner.too_long`` or ``code_scanner.cut_off``."""

    code: str


class CodeFramer:
    """Cuts the bytes of a scanner into codes by suffix and silence together. Pure; times in seconds of any clock."""

    def __init__(self, largest: int = LARGEST_CODE) -> None:
        self._largest = largest
        self._received = bytearray()
        self._last = 0.0
        self._flooded = False
        self._with_suffix = 0

    @property
    def held(self) -> int:
        """Bytes kept at this moment; never more than the largest code."""
        return len(self._received)

    @property
    def waits(self) -> bool:
        """Whether something has begun and silence must be watched for."""
        return bool(self._received) or self._flooded

    def feed(self, data: bytes, now: float) -> list[CodeScanned | CodeDropped]:
        """Take what has arrived; whatever silence before it ended comes out."""
        ended = self.silence(now)
        if not data:
            return ended
        self._last = now
        if self._flooded:
            return ended
        if len(self._received) + len(data) > self._largest + len(START) + max(map(len, SUFFIXES)):
            self._received.clear()
            self._flooded = True
            return [*ended, CodeDropped("code_scanner.too_long")]
        self._received += data
        return ended

    def silence(self, now: float) -> list[CodeScanned | CodeDropped]:
        """Say that nothing has arrived until ``now``; gives the code that this ends, if any."""
        if not self.waits:
            return []
        quiet = now - self._last
        if self._flooded:
            if quiet >= GAP:
                self._flooded = False
            return []
        raw = bytes(self._received)
        suffix = next((one for one in SUFFIXES if raw.endswith(one)), b"")
        if suffix:
            if quiet < GAP_AFTER_SUFFIX:
                return []
            self._with_suffix += 1
        elif self._with_suffix >= SURE_OF_SUFFIX:
            if quiet < GAP_OF_CUT_CODE:
                return []
            # Believed the next time: a scanner can be told to leave its suffix out.
            self.reset()
            return [CodeDropped("code_scanner.cut_off")]
        elif quiet < GAP:
            return []
        self._received.clear()
        raw = raw.removesuffix(suffix).removeprefix(START)
        return [CodeScanned(raw)] if raw else []

    def reset(self) -> None:
        """Drop what has begun: the line broke."""
        self._received.clear()
        self._flooded = False
        self._with_suffix = 0


class CodeScanner(Driver):
    """A serial scanner, or the note that a scanner types like a keyboard.

    Emits ``CodeScanned`` and ``CodeDropped`` besides ``StatusChanged``. A scanner cannot be asked whether it is there,
    so an open port is UNKNOWN with ``code_scanner.waiting_for_first_code``; the first code makes it READY.

    Args:
        address: ``serial:…?baud=`` or ``keyboard`` (then see ``drivers.keyboard_wedge``).
        listener: See ``Driver``.
    """

    def __init__(self, address: Address, listener: Listener) -> None:
        if address.scheme not in ("serial", "keyboard"):
            raise AddressError(f"a code scanner cannot be reached by {address.scheme!r}; use serial or keyboard")
        super().__init__(DeviceKind.CODE_SCANNER, listener)
        self._port = SerialPort(address, baud=DEFAULT_BAUD) if address.scheme == "serial" else None
        self._framer = CodeFramer()
        self._key = os.urandom(16)
        self._recent = b""
        self._recent_at = float("-inf")

    def _open(self) -> None:
        self._framer.reset()
        if self._port is None:
            self._set_state(DeviceState.UNKNOWN, "code_scanner.keyboard_wedge")
            return
        self._port.open()
        self._set_state(DeviceState.UNKNOWN, "code_scanner.waiting_for_first_code")

    def _poll(self) -> None:
        if self._port is None:
            self._pause(0.3)
            return
        data = self._port.read(0.02 if self._framer.waits else 0.25)
        for event in self._framer.feed(data, time.monotonic()):
            if isinstance(event, CodeDropped):
                log.warning("code_scanner: %s", event.code)
                self._emit(event)
            elif not self._is_repeated(event.raw):
                self._set_state(DeviceState.READY)
                self._emit(event)

    def _close(self) -> None:
        self._framer.reset()
        if self._port is not None:
            self._port.close()

    def _is_repeated(self, raw: bytes) -> bool:
        """Whether this is the code just read, still held before the scanner; its time counts from now on."""
        now = time.monotonic()
        mark = hashlib.blake2b(raw, key=self._key, digest_size=16).digest()
        repeated = mark == self._recent and now - self._recent_at < REPEAT_SECONDS
        self._recent, self._recent_at = mark, now
        return repeated
