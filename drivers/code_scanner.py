"""Code scanner on a serial line (USB-CDC or RS-232) or one that types; or none, where the cameras read the codes.

A serial scanner is used in presentation mode: nothing is sent to it unless the connection names its trigger commands.
One that types is best read as ``hid:``, where no input method and no field ever sees its keys (``input_device``).

What a scan says is a one-time token or a person's number: it is never logged, and kept only as a keyed hash for the
moment in which a code held before the scanner is read again. Framing: hardware.md 3.4.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from drivers.driver import DeviceKind, DeviceState, DeviceStatus, Driver, Listener
from drivers.input_device import InputDevice
from drivers.scanner_commands import ReplyFilter, trigger_commands
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

TRIGGER_AGAIN_SECONDS = 10.0
"""A scanner that waits for a code on command gives up by itself after some seconds; it is told again so often."""

TRIGGER_AFTER_CODE_SECONDS = 2.0

GRAB_AGAIN_SECONDS = 5.0

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

    def go_on(self, now: float) -> None:
        """What has begun goes on, though no byte of it is there yet."""
        if self.waits:
            self._last = now

    def spoil(self, now: float) -> CodeDropped:
        """Something of what has begun was lost: all of it until the next silence is dropped."""
        self._received.clear()
        self._flooded = True
        self._last = now
        return CodeDropped("code_scanner.cut_off")

    def reset(self) -> None:
        """Drop what has begun: the line broke."""
        self._received.clear()
        self._flooded = False
        self._with_suffix = 0


class Line(Protocol):
    """Where a scanner's bytes come from: ``SerialPort`` and ``InputDevice``. Errors as in ``SerialPort``."""

    def open(self) -> None: ...
    def close(self) -> None: ...
    def read(self, timeout: float) -> bytes: ...


class CodeScanner(Driver):
    """A scanner on a serial line, one that types, or the cameras in its place.

    Emits ``CodeScanned`` and ``CodeDropped`` besides ``StatusChanged``. A scanner cannot be asked whether it is there,
    so an open port is UNKNOWN with ``code_scanner.waiting_for_first_code``; the first code makes it READY.

    Args:
        address: ``serial:…?baud=`` with ``trigger=`` for a scanner that reads on command only (``scanner_commands``);
            ``hid:/dev/input/by-id/…-event-kbd`` for one that types, grabbed, with ``alt=unicode`` when its Alt numbers
            are not those of GBK; ``keyboard`` for one whose keys come through the window (``drivers.keyboard_wedge``);
            ``camera:`` for none at all.
        listener: See ``Driver``.
        cameras: For ``camera:``, the newest states of the cameras that read codes; called on the driver's thread.
        open_input: Makes the input device; another one only for a test's pipe.
    """

    def __init__(
        self,
        address: Address,
        listener: Listener,
        *,
        cameras: Callable[[], Sequence[DeviceStatus]] = tuple,
        open_input: Callable[..., InputDevice] = InputDevice,
    ) -> None:
        super().__init__(DeviceKind.CODE_SCANNER, listener)
        self._cameras = cameras
        self._port = self._input = None
        self._waits_for: Callable[[], None] = self._watch_cameras
        match address.scheme:
            case "serial":
                self._port = SerialPort(address, baud=DEFAULT_BAUD)
                self._port.tap = self.tap
            case "hid":
                alt = address.options.get("alt", "gbk")
                if alt not in ("gbk", "unicode"):
                    raise AddressError(f"alt={alt!r} is not known; use gbk or unicode")
                self._input = open_input(address.target, alt=alt)
            case "keyboard":
                self._waits_for = self._watch_nothing
            case "camera":
                pass
            case other:
                raise AddressError(
                    f"a code scanner cannot be reached by {other!r}; use serial, hid, keyboard or camera"
                )
        self._line: Line | None = self._port or self._input
        self._commands = trigger_commands(address) if self._port is not None else None
        self._replies = ReplyFilter(self._commands) if self._commands is not None else None
        self._wanted = False
        self._told: bool | None = None  # what the scanner was told last, since the line is open
        self._told_at = 0.0
        self._tried_to_grab_at = 0.0
        self._framer = CodeFramer()
        self._listened = 0.0
        self._key = os.urandom(16)
        self._recent = b""
        self._recent_at = float("-inf")

    def trigger(self) -> None:
        """Somebody is about to show a code: a scanner that reads on command only shall read. Any thread."""
        self._want(True)

    def release(self) -> None:
        """No code is waited for any more. Any thread."""
        self._want(False)

    def _want(self, wanted: bool) -> None:
        if self._commands is not None and wanted != self._wanted:
            self._told_at = time.monotonic()  # first: the driver's thread tells again by this and must not be quicker
            self._wanted = wanted
            self.call(self._tell_what_changed)

    def _tell_what_changed(self) -> None:
        """Opening tells what is wanted too: told twice, a scanner answers twice."""
        if self._told is not self._wanted:
            self._tell()

    def _tell(self) -> None:
        """Send the command that fits; presentation mode has none."""
        if self._commands is None or self._replies is None or self._port is None:
            return
        self._told_at = time.monotonic()
        self._told = self._wanted
        command = self._commands.start if self._wanted else self._commands.stop
        if command:
            self._replies.expect()
            self._port.write(command)

    def _open(self) -> None:
        self._framer.reset()
        if self._line is None:
            self._waits_for()
            return
        self._line.open()
        self._told = False
        if self._replies is not None:
            self._replies.reset()
            if self._wanted:
                self._tell()
        self._say_waiting()

    def _say_waiting(self) -> None:
        if self._input is not None and not self._input.grabbed:
            self._tried_to_grab_at = time.monotonic()
            self._set_state(DeviceState.ATTENTION, "code_scanner.not_grabbed", identity=self._input.name)
        else:
            name = self._input.name if self._input is not None else None
            self._set_state(DeviceState.UNKNOWN, "code_scanner.waiting_for_first_code", identity=name)

    def _poll(self) -> None:
        if self._line is None:
            self._pause(0.3)
            self._waits_for()
            return
        waits = self._framer.waits or (self._replies is not None and self._replies.waits)
        timeout = 0.02 if waits else 0.25
        before = time.monotonic()
        data = self._line.read(timeout)
        # Only silence that was listened to counts: what came while this thread had no processor is one piece.
        self._listened += min(time.monotonic() - before, timeout)
        if self._replies is not None:
            data = self._replies.take(data, self._listened)
        if self._input is not None:
            self._mind_input(self._input)
        self._take(self._framer.feed(data, self._listened))
        if self._replies is not None:
            self._mind_trigger(self._replies)

    def _take(self, events: Sequence[CodeScanned | CodeDropped]) -> None:
        for event in events:
            # It has read, or tried to: the next code needs another command, once this one is out of sight.
            self._told_at = time.monotonic() - TRIGGER_AGAIN_SECONDS + TRIGGER_AFTER_CODE_SECONDS
            if isinstance(event, CodeDropped):
                log.warning("code_scanner: %s", event.code)
                self._emit(event)
            elif not self._is_repeated(event.raw):
                if self._status.code != "code_scanner.not_grabbed":
                    self._set_state(DeviceState.READY)
                self._emit(event)

    def _mind_input(self, device: InputDevice) -> None:
        if device.overrun:
            device.overrun = False
            self._take([self._framer.spoil(self._listened)])
        elif device.unfinished:
            self._framer.go_on(self._listened)
        if not device.grabbed and time.monotonic() - self._tried_to_grab_at >= GRAB_AGAIN_SECONDS:
            device.grab()
            self._say_waiting()

    def _mind_trigger(self, replies: ReplyFilter) -> None:
        if replies.refused:
            replies.refused = False
            self._set_state(DeviceState.ATTENTION, "code_scanner.trigger_refused")
        if self._wanted and time.monotonic() - self._told_at >= TRIGGER_AGAIN_SECONDS and not self._framer.waits:
            self._tell()

    def _watch_nothing(self) -> None:
        self._set_state(DeviceState.UNKNOWN, "code_scanner.keyboard_wedge")

    def _watch_cameras(self) -> None:
        """As good as the better of the two cameras."""
        states = [_AS_SCANNER.get(status.state, status.state) for status in self._cameras()]
        best = min(states, key=_BEST_FIRST.index, default=DeviceState.ABSENT)
        if best is DeviceState.READY:
            self._set_state(best, "code_scanner.by_cameras")
        else:
            self._set_state(best, "code_scanner.no_camera")

    def _close(self) -> None:
        self._framer.reset()
        if self._line is not None:
            self._line.close()

    def _is_repeated(self, raw: bytes) -> bool:
        """Whether this is the code just read, still held before the scanner; its time counts from now on."""
        now = time.monotonic()
        mark = hashlib.blake2b(raw, key=self._key, digest_size=16).digest()
        repeated = mark == self._recent and now - self._recent_at < REPEAT_SECONDS
        self._recent, self._recent_at = mark, now
        return repeated


_BEST_FIRST = (
    DeviceState.READY,
    DeviceState.ATTENTION,
    DeviceState.CONNECTING,
    DeviceState.UNKNOWN,
    DeviceState.FAULT,
    DeviceState.ABSENT,
)
_AS_SCANNER = {DeviceState.BUSY: DeviceState.READY}
