"""What a Linux camera says about itself: name, picture sizes, controls. Small questions to the kernel, no streaming.

The numbers and layouts are those of ``linux/videodev2.h``. The library for this (linuxpy) is under the GPL. All of it
works on a second file handle while OpenCV streams from the first.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

if sys.platform == "linux":
    import fcntl


def _request(direction: int, number: int, size: int) -> int:
    return direction << 30 | size << 16 | ord("V") << 8 | number


_READ, _BOTH = 2, 3
QUERYCAP = _request(_READ, 0, 104)
ENUM_FMT = _request(_BOTH, 2, 64)
G_CTRL = _request(_BOTH, 27, 8)
S_CTRL = _request(_BOTH, 28, 8)
QUERYCTRL = _request(_BOTH, 36, 68)
QUERYMENU = _request(_BOTH, 37, 44)
ENUM_FRAMESIZES = _request(_BOTH, 74, 44)
ENUM_FRAMEINTERVALS = _request(_BOTH, 75, 52)

_CAPTURE = 1  # V4L2_BUF_TYPE_VIDEO_CAPTURE and V4L2_CAP_VIDEO_CAPTURE
_HAS_DEVICE_CAPS = 0x80000000
_DISCRETE = 1
_DISABLED, _READ_ONLY, _INACTIVE = 0x1, 0x4, 0x10
MOST_FORMATS, MOST_SIZES, MOST_INTERVALS = 32, 128, 64

Ioctl = Callable[[int, int, bytearray], object]


@dataclass(frozen=True, slots=True)
class About:
    """Driver's name, the camera's name, where it is plugged in, and whether this file gives pictures."""

    driver: str
    card: str
    bus: str
    captures: bool


@dataclass(frozen=True, slots=True)
class ListedMode:
    """A size the camera says it has. ``fps`` is the most it claims, 0 = does not say."""

    width: int
    height: int
    fourcc: str
    fps: float


@dataclass(frozen=True, slots=True)
class Control:
    """One thing that can be set, with its range; ``inactive``: an automatic decides at the moment."""

    identifier: int
    minimum: int
    maximum: int
    step: int
    default: int
    inactive: bool
    menu: bool


class VideoDevice:
    """An open camera file. One thread.

    Raises:
        OSError: it cannot be opened; from every method: the camera is gone, or the file is no camera.
    """

    def __init__(self, path: str, ioctl: Ioctl | None = None) -> None:
        self._ioctl = ioctl or _real_ioctl
        self._handle = os.open(path, os.O_RDWR | getattr(os, "O_NONBLOCK", 0))

    def close(self) -> None:
        os.close(self._handle)

    def _ask(self, request: int, data: bytearray) -> bool:
        """False when the camera knows no such entry.

        Raises:
            OSError: anything else went wrong.
        """
        try:
            self._ioctl(self._handle, request, data)
        except OSError as error:
            if error.errno == 22:  # EINVAL ends every list and answers for what is not there
                return False
            raise
        return True

    def about(self) -> About:
        """Read the camera's names."""
        data = bytearray(104)
        if not self._ask(QUERYCAP, data):
            raise OSError(25, "not a video device")
        driver, card, bus, _, all_files, this_file = struct.unpack_from("=16s32s32sIII", data)
        abilities = this_file if all_files & _HAS_DEVICE_CAPS else all_files
        return About(_text(driver), _text(card), _text(bus), bool(abilities & _CAPTURE))

    def modes(self) -> tuple[ListedMode, ...]:
        """All sizes the camera lists, in its order; for a range of sizes its largest and smallest."""
        found: list[ListedMode] = []
        for index in range(MOST_FORMATS):
            data = bytearray(64)
            struct.pack_into("=II", data, 0, index, _CAPTURE)
            if not self._ask(ENUM_FMT, data):
                break
            (pixel_format,) = struct.unpack_from("=I", data, 44)
            fourcc = pixel_format.to_bytes(4, "little").decode("latin-1")
            for width, height in self._sizes(pixel_format):
                found.append(ListedMode(width, height, fourcc, self._fastest(pixel_format, width, height)))
        return tuple(found)

    def _sizes(self, pixel_format: int) -> Iterator[tuple[int, int]]:
        for index in range(MOST_SIZES):
            data = bytearray(44)
            struct.pack_into("=II", data, 0, index, pixel_format)
            if not self._ask(ENUM_FRAMESIZES, data):
                return
            kind, *numbers = struct.unpack_from("=I6I", data, 8)
            if kind == _DISCRETE:
                yield numbers[0], numbers[1]
                continue
            yield numbers[1], numbers[4]
            yield numbers[0], numbers[3]
            return

    def _fastest(self, pixel_format: int, width: int, height: int) -> float:
        best = 0.0
        for index in range(MOST_INTERVALS):
            data = bytearray(52)
            struct.pack_into("=IIII", data, 0, index, pixel_format, width, height)
            try:
                if not self._ask(ENUM_FRAMEINTERVALS, data):
                    break
            except OSError:
                break  # an old driver without this question
            kind, seconds, parts = struct.unpack_from("=III", data, 16)
            best = max(best, parts / seconds if seconds else 0.0)
            if kind != _DISCRETE:
                break
        return best

    def control(self, identifier: int) -> Control | None:
        """Range and state of a control; None when the camera has none, or one that can only be read."""
        data = bytearray(68)
        struct.pack_into("=I", data, 0, identifier)
        if not self._ask(QUERYCTRL, data):
            return None
        kind = struct.unpack_from("=I", data, 4)[0]
        minimum, maximum, step, default, flags = struct.unpack_from("=iiiiI", data, 40)
        if flags & (_DISABLED | _READ_ONLY):
            return None
        return Control(identifier, minimum, maximum, step, default, bool(flags & _INACTIVE), kind == 3)

    def menu_has(self, identifier: int, value: int) -> bool:
        """Whether a menu offers a value: cameras leave out what they cannot."""
        data = bytearray(44)
        struct.pack_into("=II", data, 0, identifier, value)
        return self._ask(QUERYMENU, data)

    def value(self, identifier: int) -> int | None:
        """Present value, None when it cannot be read."""
        data = bytearray(8)
        struct.pack_into("=I", data, 0, identifier)
        return struct.unpack_from("=i", data, 4)[0] if self._ask(G_CTRL, data) else None

    def set_value(self, identifier: int, value: int) -> bool:
        """Set a value; False when the camera does not take it. What it really did is read back with ``value``."""
        data = bytearray(struct.pack("=Ii", identifier, value))
        try:
            return self._ask(S_CTRL, data)
        except OSError as error:
            if error.errno in (5, 13, 16, 34):  # EIO, EACCES, EBUSY, ERANGE: UVC cameras refuse with any of these
                return False
            raise


@contextmanager
def video_device(path: str) -> Iterator[VideoDevice]:
    """A camera file for the length of a question.

    Raises:
        OSError: it cannot be opened.
    """
    device = VideoDevice(path)
    try:
        yield device
    finally:
        device.close()


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace").strip()


def _real_ioctl(handle: int, request: int, data: bytearray) -> object:
    if sys.platform != "linux":
        raise OSError(25, "V4L2 is Linux only")
    return fcntl.ioctl(handle, request, data, True)
