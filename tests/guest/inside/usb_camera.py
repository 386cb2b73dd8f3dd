"""A USB camera that the kernel's own uvcvideo drives: plugged in over USB/IP, played by threads of the test.

It has what real document cameras have and vivid has not: VID:PID, a serial number or none, a socket, MJPEG in sizes
whose claimed pace it does not keep, and UVC controls. Descriptors and requests: USB Device Class Definition for Video
Devices 1.0 and its MJPEG payload; messages: the kernel's Documentation/usb/usbip_protocol.rst.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from .kernel import modprobe, wait_for, write

HOST = Path("/sys/devices/platform/vhci_hcd.0")
SUBMIT, UNLINK, SUBMITTED, UNLINKED = 1, 2, 3, 4
STALL, UNLINKED_IN_TIME = -32, -104
HIGH_SPEED = 3
PACKET, PAYLOAD = 512, 16384
UNIT, CONTROLS = 2, {2: "brightness", 3: "contrast"}
RANGE = {0x82: -100, 0x83: 100, 0x84: 1, 0x87: 0}  # GET_MIN, GET_MAX, GET_RES, GET_DEF


@dataclass(frozen=True, slots=True)
class Size:
    """What the camera lists, and the pictures a second that it really gives."""

    width: int
    height: int
    claimed_fps: int
    real_fps: float


SIZES = (Size(1280, 960, 15, 1.0), Size(640, 480, 30, 10.0))


@cache
def pictures(width: int, height: int, seed: int) -> tuple[bytes, ...]:
    """Two JPEGs of the same scene; ``seed`` decides the scene. Noise differs, as a sensor's does."""
    chance = np.random.default_rng(seed)
    scene = cv2.resize(
        chance.integers(40, 220, (12, 16, 3), np.uint8), (width, height), interpolation=cv2.INTER_NEAREST
    )
    found = []
    for _ in range(2):
        noise = cv2.resize(chance.integers(0, 12, (height // 4, width // 4, 3), np.uint8), (width, height))
        found.append(cv2.imencode(".jpg", scene + noise)[1].tobytes())
    return tuple(found)


class UsbCamera:
    """One camera. ``port`` is the socket it is plugged into, 0 to 7, until ``plug`` names another."""

    def __init__(
        self,
        port: int,
        vendor: int = 0x1BCF,
        product: int = 0x0B09,
        serial_number: str = "",
        *,
        sizes: Sequence[Size] = SIZES,
        scene: int = 1,
    ) -> None:
        modprobe("uvcvideo")
        modprobe("vhci-hcd")
        self.port = port
        self._numbers = vendor, product
        self._texts = ["Sample", "Sample camera", *([serial_number] if serial_number else [])]
        self.sizes = tuple(sizes)
        self.scene = scene
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._waiting: dict[int, int] = {}
        """Number of each read that waits for a part of a picture, and how much it takes."""
        self._more = threading.Condition(self._lock)
        self._probe = self._probed(1, 0)
        self.controls = dict.fromkeys(CONTROLS.values(), 0)
        self.size = self.sizes[0]
        """What it was last set to."""

    # -- the cable --------------------------------------------------------------------------------------------------

    def plug(self, port: int | None = None) -> None:
        """Into a socket; a camera forgets its controls when it has no current."""
        if self._socket is not None:
            return
        self.port = self.port if port is None else port
        self.controls = dict.fromkeys(CONTROLS.values(), 0)
        ours, kernels = socket.socketpair()
        self._socket = ours
        self._waiting.clear()
        for work in (self._answer, self._show):
            threading.Thread(target=work, args=(ours,), daemon=True).start()
        # A socket that was just left is not free at once.
        wait_for(lambda: self._attached(kernels.fileno()))
        kernels.close()

    def _attached(self, handle: int) -> bool:
        try:
            write(HOST / "attach", f"{self.port} {handle} {self.port + 2} {HIGH_SPEED}")
        except OSError:
            return False
        return True

    def unplug(self) -> None:
        ours, self._socket = self._socket, None
        if ours is not None:
            ours.shutdown(socket.SHUT_RDWR)
            ours.close()

    @property
    def streaming(self) -> bool:
        """Whether the host asks for pictures, and so the camera's light is on."""
        with self._lock:
            return bool(self._waiting)

    @property
    def node(self) -> Path | None:
        """Its device file, while it is there. The lowest: the second is for metadata."""
        for device in Path("/sys/class/video4linux").glob("video*"):
            try:
                place = (device / "device").resolve(strict=True).parent
                number, index = int(place.name.rpartition("-")[2]) - 1, (device / "index").read_text().strip()
            except (OSError, ValueError):  # it is going just now, or is not on USB
                continue
            if place.parent.parent == HOST and number == self.port and index == "0":
                return Path("/dev") / device.name
        return None

    # -- the wire ---------------------------------------------------------------------------------------------------

    def _answer(self, line: socket.socket) -> None:
        try:
            while len(head := line.recv(48, socket.MSG_WAITALL)) == 48:
                command, number, _, inward, end, _, length = struct.unpack_from(">6Ii", head)
                if command == UNLINK:
                    (unlinked,) = struct.unpack_from(">I", head, 20)
                    with self._lock:  # an answer after this one would be to a read that is no more
                        known = self._waiting.pop(unlinked, None) is not None
                        self._send(line, UNLINKED, number, UNLINKED_IN_TIME if known else 0)
                elif end:
                    with self._more:
                        self._waiting[number] = length
                        self._more.notify_all()
                else:
                    data = line.recv(length, socket.MSG_WAITALL) if length and not inward else b""
                    reply = self._control(head[40:], data)
                    with self._lock:
                        if reply is None:
                            self._send(line, SUBMITTED, number, STALL)
                        else:
                            self._send(line, SUBMITTED, number, 0, reply[:length], taken=len(data))
        except OSError:
            pass  # pulled out

    @staticmethod
    def _send(line: socket.socket, what: int, number: int, status: int, data: bytes = b"", *, taken: int = 0) -> None:
        length = len(data) or taken
        line.sendall(struct.pack(">5Iiiiii8x", what, number, 0, 0, 0, status, length, 0, 0, 0) + data)

    def _show(self, line: socket.socket) -> None:
        toggle, turn, due = 0, 0, time.monotonic()
        while self._socket is line:
            size = self.size
            picture = pictures(size.width, size.height, self.scene)[turn % 2]
            turn, toggle = turn + 1, toggle ^ 1
            for at in range(0, len(picture), PAYLOAD - 2):
                part = picture[at : at + PAYLOAD - 2]
                last = at + len(part) == len(picture)
                if not self._answer_read(line, bytes((2, 0x80 | toggle | last << 1)) + part):
                    return
            due = max(due + 1 / size.real_fps, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))

    def _answer_read(self, line: socket.socket, data: bytes) -> bool:
        """Wait for the host to ask and give it the data; False when the cable is out."""
        with self._more:
            while not self._waiting:
                self._more.wait(0.2)
                if self._socket is not line:
                    return False
            number = min(self._waiting)
            del self._waiting[number]
            try:
                self._send(line, SUBMITTED, number, 0, data)
            except OSError:
                return False
            return True

    # -- requests -----------------------------------------------------------------------------------------------------

    def _control(self, setup: bytes, data: bytes) -> bytes | None:
        kind, request, value, index, _ = struct.unpack("<BBHHH", setup)
        match kind & 0x60, request:
            case 0x00, 6:
                return self._descriptor(value >> 8, value & 0xFF)
            case 0x00, 0:
                return bytes(2)
            case 0x00, _:
                return b""  # configuration, interface, halt
            case 0x20, _ if index == 1:
                return self._stream(request, data)
            case 0x20, _ if index >> 8 == UNIT and value >> 8 in CONTROLS:
                return self._setting(CONTROLS[value >> 8], request, data)
        return None

    def _setting(self, name: str, request: int, data: bytes) -> bytes:
        if request == 0x86:
            return b"\x03"
        if request == 1:
            (self.controls[name],) = struct.unpack("<h", data)
            return b""
        return struct.pack("<h", RANGE.get(request, self.controls[name]))

    def _stream(self, request: int, data: bytes) -> bytes | None:
        if request == 1:
            frame, interval = struct.unpack_from("<3xBI", data)
            self._probe = self._probed(min(max(frame, 1), len(self.sizes)), interval)
            self.size = self.sizes[self._probe[3] - 1]
            return b""
        if request == 0x85:
            return struct.pack("<H", len(self._probe))
        return b"\x03" if request == 0x86 else self._probe

    def _probed(self, frame: int, interval: int) -> bytes:
        size = self.sizes[frame - 1]
        interval = interval or 10_000_000 // size.claimed_fps
        return struct.pack("<HBBI5HII", 0, 1, frame, interval, 0, 0, 0, 0, 0, size.width * size.height * 2, PAYLOAD)

    def _descriptor(self, kind: int, number: int) -> bytes | None:
        if kind == 1:
            serial_text = 3 if len(self._texts) > 2 else 0
            return struct.pack(
                "<BBHBBBBHHHBBBB", 18, 1, 0x200, 0xEF, 2, 1, 64, *self._numbers, 0x100, 1, 2, serial_text, 1
            )
        if kind == 2:
            return self._configuration()
        if kind == 3 and number == 0:
            return b"\x04\x03\x09\x04"
        if kind == 3 and number <= len(self._texts):
            text = self._texts[number - 1].encode("utf-16-le")
            return bytes((2 + len(text), 3)) + text
        return None

    def _configuration(self) -> bytes:
        units = (
            struct.pack("<BBBBHBBHHHB3s", 18, 0x24, 2, 1, 0x201, 0, 0, 0, 0, 0, 3, b"")  # the lens
            + struct.pack("<BBBBBHBHB", 11, 0x24, 5, UNIT, 1, 0, 2, 0x0003, 0)  # brightness and contrast
            + struct.pack("<BBBBHBBB", 9, 0x24, 3, 3, 0x101, 0, UNIT, 0)
        )
        control = struct.pack("<BBBHHIBB", 13, 0x24, 1, 0x100, 13 + len(units), 48_000_000, 1, 1) + units
        frames = b"".join(
            struct.pack(
                "<BBBBBHHIIIIBI", 30, 0x24, 7, number, 0, size.width, size.height, 1 << 20, 1 << 24,
                size.width * size.height * 2, 10_000_000 // size.claimed_fps, 1, 10_000_000 // size.claimed_fps,
            )
            for number, size in enumerate(self.sizes, 1)
        )  # fmt: skip
        formats = struct.pack("<11B", 11, 0x24, 6, 1, len(self.sizes), 1, 1, 0, 0, 0, 0) + frames
        stream = struct.pack("<BBBBHBBBBBBBB", 14, 0x24, 1, 1, 14 + len(formats), 0x81, 0, 3, 0, 0, 0, 1, 0) + formats
        body = (
            bytes((8, 11, 0, 2, 14, 3, 0, 0))
            + bytes((9, 4, 0, 0, 0, 14, 1, 0, 2))
            + control
            + bytes((9, 4, 1, 0, 1, 14, 2, 0, 0))
            + stream
            + struct.pack("<BBBBHB", 7, 5, 0x81, 2, PACKET, 0)
        )
        return struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), 2, 1, 0, 0x80, 250) + body
