"""A scanner that types, read at the Linux input device itself and for nobody else: before any input method or window.

The kernel gives key events (``struct input_event``: two longs of time, type, code, value) on ``/dev/input/event*``;
with ``EVIOCGRAB`` nobody else gets them. Which character a key is, is decided here: scanners type as a US keyboard.
"""

from __future__ import annotations

import errno
import os
import select
import struct
import sys
from collections.abc import Callable, Iterator
from typing import Literal

from drivers.driver import DeviceError, DeviceLost

EVENT = struct.Struct("@llHHi")
EV_SYN, EV_KEY = 0, 1
SYN_DROPPED = 3
PRESSED, RELEASED = 1, 0  # 2 is the kernel's own repeat of a key that is held

# include/uapi/linux/input.h, with the _IOC layout of every architecture a station has (x86, ARM)
EVIOCGRAB = 0x40044590
EVIOCGNAME = 0x81004506  # 256 bytes
EVIOCGBIT_KEY = 0x80604521  # 96 bytes: one bit for each of KEY_MAX keys

READ_SIZE = 64 * EVENT.size

Ioctl = Callable[[int, int, bytearray | int], int]
"""``fcntl.ioctl``; another one only where the other end is no input device (a test's pipe)."""

AltNumbers = Literal["gbk", "unicode"]

# -- keys and characters ---------------------------------------------------------------------------------------------

_PLAIN = {
    **dict(zip(range(2, 14), "1234567890-=", strict=True)),
    **dict(zip(range(16, 28), "qwertyuiop[]", strict=True)),
    **dict(zip(range(30, 42), "asdfghjkl;'`", strict=True)),
    **dict(zip(range(43, 54), "\\zxcvbnm,./", strict=True)),
    15: "\t",
    28: "\r",
    57: " ",
    86: "\\",
}
_SHIFTED = dict(zip("1234567890-=[];'`\\,./", '!@#$%^&*()_+{}:"~|<>?', strict=True))
_KEYPAD = {
    **dict(zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73), "0123456789", strict=True)),
    55: "*",
    74: "-",
    78: "+",
    83: ".",
    96: "\r",
    98: "/",
    117: "=",
    121: ",",
}
_SHIFTS, _CONTROLS, _ALTS = frozenset({42, 54}), frozenset({29, 97}), frozenset({56, 100})
_CAPS_LOCK = 58
_LETTERS_AND_DIGITS = tuple(code for code, character in _PLAIN.items() if character.isalnum())
_ENTER = 28
LONGEST_ALT_NUMBER = 7


class KeyDecoder:
    """From key events to the bytes a scanner means. Pure.

    Text typed as Alt with a number on the keypad comes out in GB18030 (a number up to 255 is one byte of it, a larger
    one a double byte, or a Unicode number where it can be no double byte or ``alt`` says so); the rest is ASCII. GS and
    other control characters come as Ctrl with ``]`` and the like.
    """

    def __init__(self, alt: AltNumbers = "gbk") -> None:
        self._alt = alt
        self._held: set[int] = set()
        self._caps = False
        self._number = ""

    @property
    def unfinished(self) -> bool:
        """A character has begun that takes several keys."""
        return bool(self._held & _ALTS)

    def reset(self) -> None:
        """All keys are up: the device was opened anew."""
        self._held.clear()
        self._caps = False
        self._number = ""

    def key(self, code: int, value: int) -> bytes:
        """One key pressed (1) or released (0); what it completes, mostly one byte or none."""
        if value == RELEASED:
            self._held.discard(code)
            return self._alt_ends() if code in _ALTS and not self._held & _ALTS else b""
        if value != PRESSED:
            return b""
        if code in _SHIFTS | _CONTROLS | _ALTS:
            self._held.add(code)
        elif code == _CAPS_LOCK:
            self._caps = not self._caps
        elif self._held & _ALTS:
            digit = _KEYPAD.get(code, "")
            if digit.isdigit() and len(self._number) <= LONGEST_ALT_NUMBER:
                self._number += digit
        elif character := self._character(code):
            return character.encode("ascii")
        return b""

    def _character(self, code: int) -> str:
        if code in _KEYPAD:
            return _KEYPAD[code]
        character = _PLAIN.get(code, "")
        if character and self._held & _CONTROLS:
            if character.isalpha() or character in "[\\]":
                return chr(ord(character.upper()) & 0x1F)
            return {"6": "\x1e", "-": "\x1f"}.get(character, "")
        shifted = bool(self._held & _SHIFTS)
        if character.isalpha():
            return character.upper() if shifted != self._caps else character
        return _SHIFTED.get(character, character) if shifted else character

    def _alt_ends(self) -> bytes:
        number, self._number = self._number, ""
        if not number or len(number) > LONGEST_ALT_NUMBER:
            return b""
        return alt_bytes(int(number), self._alt)


def alt_bytes(number: int, meaning: AltNumbers) -> bytes:
    """What Alt with this number means, in GB18030; b"" for a number that means nothing."""
    if number <= 0xFF:
        return bytes([number]) if number else b""
    if meaning == "gbk" and 0x8140 <= number <= 0xFEFE:
        double = number.to_bytes(2, "big")
        if 0x40 <= double[1] <= 0xFE and double[1] != 0x7F:
            return double
    try:
        return chr(number).encode("gb18030")
    except (ValueError, OverflowError):  # beyond Unicode, or half of a surrogate pair
        return b""


# -- the device ------------------------------------------------------------------------------------------------------


def _system_ioctl(handle: int, request: int, argument: bytearray | int) -> int:
    if sys.platform == "win32":
        raise OSError(errno.ENOTTY, "no input devices of this kind")
    import fcntl

    return fcntl.ioctl(handle, request, argument)


class InputDevice:
    """One input device, grabbed. Not thread-safe: one driver's thread owns it. Linux."""

    def __init__(self, path: str, *, alt: AltNumbers = "gbk", ioctl: Ioctl = _system_ioctl) -> None:
        self.path = path
        self.name = ""
        """What the device calls itself, once open."""
        self.grabbed = False
        self.overrun = False
        """Events were lost since this was last set to False: the kernel's buffer ran over."""
        self._ioctl = ioctl
        self._decoder = KeyDecoder(alt)
        self._handle: int | None = None
        self._rest = b""

    @property
    def unfinished(self) -> bool:
        """A character has begun that takes several keys."""
        return self._decoder.unfinished

    def open(self) -> None:
        """Open, grab, and forget what was typed before. That the grab failed shows in ``grabbed``.

        Raises:
            DeviceLost: ``device.not_found``.
            DeviceError: ``code_scanner.no_permission``, ``code_scanner.not_a_keyboard``.
        """
        self.close()
        try:
            self._handle = os.open(self.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
        except PermissionError:
            raise DeviceError("code_scanner.no_permission", port=self.path) from None
        except OSError:
            raise DeviceLost("device.not_found", port=self.path) from None
        try:
            self._must_type()
            self.grab()
            while self._waiting(0) and os.read(self._handle, READ_SIZE):
                pass
        except OSError:
            self.close()
            raise DeviceLost("device.not_found", port=self.path) from None
        except DeviceError:
            self.close()
            raise

    def grab(self) -> bool:
        """Try to have the keys alone; False, and ``grabbed`` False, when the kernel refuses."""
        if self._handle is not None and not self.grabbed:
            try:
                self._ioctl(self._handle, EVIOCGRAB, 1)
            except OSError as error:
                if error.errno == errno.ENODEV:
                    raise
            else:
                self.grabbed = True
        return self.grabbed

    def close(self) -> None:
        """Let go; the grab ends with the handle."""
        handle, self._handle = self._handle, None
        self.grabbed = self.overrun = False
        self._rest = b""
        self._decoder.reset()
        if handle is not None:
            os.close(handle)

    def read(self, timeout: float) -> bytes:
        """Wait up to ``timeout`` seconds for keys; the bytes they mean, b"" for silence or keys without a character.

        Raises:
            DeviceLost: it was unplugged.
        """
        if self._handle is None:
            raise DeviceLost("device.lost", port=self.path)
        try:
            if not self._waiting(timeout):
                return b""
            data = os.read(self._handle, READ_SIZE)
        except BlockingIOError:
            return b""
        except (OSError, ValueError) as error:  # ENODEV when unplugged
            raise DeviceLost("device.lost", port=self.path, error=type(error).__name__) from None
        if not data:
            raise DeviceLost("device.lost", port=self.path)
        return b"".join(self._decode(self._rest + data))

    def _decode(self, data: bytes) -> Iterator[bytes]:
        whole = len(data) - len(data) % EVENT.size
        self._rest = data[whole:]
        for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]):
            if kind == EV_KEY:
                yield self._decoder.key(code, value)
            elif kind == EV_SYN and code == SYN_DROPPED:
                self.overrun = True
                self._decoder.reset()

    def _waiting(self, timeout: float) -> bool:
        handle = self._handle
        return handle is not None and bool(select.select([handle], [], [], timeout)[0])

    def _must_type(self) -> None:
        assert self._handle is not None
        keys, name = bytearray(96), bytearray(256)
        try:
            self._ioctl(self._handle, EVIOCGBIT_KEY, keys)
            self._ioctl(self._handle, EVIOCGNAME, name)
        except OSError as error:
            if error.errno == errno.ENODEV:
                raise
            raise DeviceError("code_scanner.not_a_keyboard", port=self.path) from None
        if not all(keys[code // 8] >> code % 8 & 1 for code in (*_LETTERS_AND_DIGITS, _ENTER)):
            raise DeviceError("code_scanner.not_a_keyboard", port=self.path)
        self.name = name.partition(b"\0")[0].decode("utf-8", "replace")
