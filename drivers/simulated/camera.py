"""A camera that is not there: a small HTTP server that streams a scene as multipart MJPEG, as network cameras do.

Pictures are painted and compressed once per scene, in a thread of their own; streaming them costs next to nothing.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
from cv2.typing import MatLike

from drivers.opencv import cv2
from drivers.simulated.scenes import SLIDE_STEPS, Scene, render

BOUNDARY = "doorstep-frame"
VARIANTS = 3
"""Noise variants of a still scene that take turns, so that two frames are never the same, as with a real sensor."""
JPEG_QUALITY = 88
DOCUMENT_SIZE = (1920, 1440)
WEBCAM_SIZE = (1280, 720)


class CameraFault(StrEnum):
    """What can go wrong while the stream runs."""

    STALL = "stall"  # connected, but no more frames
    TINY = "tiny"  # frames of 1×1
    BLACK = "black"
    FREEZE = "freeze"  # the same frame, bit for bit, for ever
    DAMAGED = "damaged"  # half of every JPEG is missing
    NOISE = "noise"  # random bytes where a JPEG should be
    LATE = "late"  # a frame only every second
    WRONG_SIZE = "wrong_size"  # pictures of another, usable size than before
    COVERED = "covered"  # something dark and soft right before the lens
    WRONG_WAY = "wrong_way"  # turned away: it looks at something else than at set-up
    HUNTING = "hunting"  # focus and exposure never come to rest


class SimulatedCamera:
    """A camera with an address.

    Args:
        scene: What it sees at first.
        size: Width and height in pixels; None = usual for the scene's kind.
        fps: Pictures a second.
        port: 0 = any free port; the same port is kept over ``unplug`` and ``replug``.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, scene: Scene, size: tuple[int, int] | None = None, fps: float = 10.0, port: int = 0) -> None:
        self.size = size or (WEBCAM_SIZE if scene.webcam else DOCUMENT_SIZE)
        self.fps = fps
        self.scene = scene
        self._fault: CameraFault | None = None
        self._lens: Mapping[str, Any] = {}
        self._frozen = b""
        self._lock = threading.Condition()
        self._still: list[bytes] = []
        self._moving: list[bytes] = []
        self._ticks = itertools.count()
        self._faulty_pictures: dict[tuple[CameraFault, tuple[int, int], bool], list[bytes]] = {}
        self._current, self._number = b"", 0
        self._painted = threading.Event()
        self._stopping = threading.Event()
        self._order = 0
        self._server: _Server | None = None
        self._port = port
        self.replug()
        self._threads = [
            threading.Thread(target=self._paint_for_ever, name="simulated-camera-paint", daemon=True),
            threading.Thread(target=self._tick_for_ever, name="simulated-camera-clock", daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        atexit.register(self.close)  # a thread inside OpenCV while the interpreter ends aborts the process

    @property
    def address(self) -> str:
        """Connection string for station.toml; stays the same for the life of this camera."""
        return f"http://127.0.0.1:{self._port}/stream.mjpg"

    @property
    def plugged(self) -> bool:
        return self._server is not None

    def show(self, scene: Scene, wait: float | None = None) -> bool:
        """Look at another scene; the old picture stays until the new one is painted.

        Args:
            scene: What to see from now on.
            wait: Seconds to wait for the first picture of it; None = do not wait.

        Returns:
            Whether the new scene is already being streamed.
        """
        with self._lock:
            self.scene = scene
            self._order += 1
            self._painted.clear()
            self._lock.notify_all()
        return self._painted.wait(wait) if wait is not None else False

    def set_lens(self, **changes: Any) -> None:
        """Spoil the picture of every scene from now on: fields of ``Scene`` (blur, light, tilt …); none = be well."""
        self._lens = changes
        self.show(self.scene)

    def set_fault(self, fault: CameraFault | None) -> None:
        """Misbehave from the next frame on; None = be well again."""
        with self._lock:
            self._frozen = self._current
            self._fault = fault

    def unplug(self) -> None:
        """Every connection breaks off and the port closes."""
        server, self._server = self._server, None
        if server is not None:
            server.hang_up()

    def replug(self) -> None:
        """Answer on the same port again."""
        if self._server is None:
            self._server = _Server(self, self._port)
            self._port = self._server.server_port

    def close(self) -> None:
        """Unplug for good and end the threads."""
        atexit.unregister(self.close)
        self._stopping.set()
        with self._lock:
            self._lock.notify_all()
        self.unplug()
        for thread in self._threads:
            thread.join(5)

    def __enter__(self) -> SimulatedCamera:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- painting ----------------------------------------------------------------------------------------------

    def _paint_for_ever(self) -> None:
        painted = -1
        while True:
            with self._lock:
                while self._order == painted and not self._stopping.is_set():
                    self._lock.wait()
                painted, scene = self._order, replace(self.scene, **self._lens)
            if self._stopping.is_set():
                return
            self._paint(painted, scene)

    def _paint(self, order: int, scene: Scene) -> None:
        moving = []
        if scene.slide:
            for step in range(SLIDE_STEPS):
                part = (step + 0.5) / SLIDE_STEPS
                smear = replace(scene, motion=scene.motion + 40 * (1 - part))
                moving.append(_compress(render(smear, self.size, progress=1 - (1 - part) ** 2)[0]))
        still = [_compress(render(scene, self.size)[0])]
        self._stream(order, moving, still)
        for variant in range(1, VARIANTS):
            if self._order != order or self._stopping.is_set():
                return
            still = [*still, _compress(render(scene, self.size, variant=variant)[0])]
            self._stream(order, None, still)

    def _stream(self, order: int, moving: list[bytes] | None, still: list[bytes]) -> None:
        with self._lock:
            if order != self._order:
                return
            if moving is not None:
                self._moving = moving
            self._still = still
            self._painted.set()

    # -- streaming ---------------------------------------------------------------------------------------------

    def _tick_for_ever(self) -> None:
        due = time.monotonic()
        for tick in self._ticks:
            fault = self._fault
            due = max(due + (1.0 if fault is CameraFault.LATE else 1 / self.fps), time.monotonic())
            if self._stopping.wait(max(0.0, due - time.monotonic())):
                return
            if fault is CameraFault.STALL:
                continue
            instead = self._faulty(fault, tick)
            with self._lock:
                if not self._still:
                    continue
                if instead is not None:
                    picture = instead
                elif fault is CameraFault.FREEZE:
                    picture = self._frozen or self._still[0]
                elif self._moving:
                    picture = self._moving.pop(0)
                else:
                    picture = self._still[tick % len(self._still)]
                if fault is CameraFault.DAMAGED:
                    picture = picture[: len(picture) // 2]
                self._current, self._number = picture, self._number + 1
                self._lock.notify_all()

    def _faulty(self, fault: CameraFault | None, tick: int) -> bytes | None:
        """What comes in place of the scene, None when the scene itself does."""
        if fault not in _PAINTED_FAULTS:
            return None
        key = (fault, self.size, self.scene.webcam)
        pictures = self._faulty_pictures.get(key)
        if pictures is None:
            pictures = self._faulty_pictures[key] = _paint_fault(fault, self.size, self.scene)
        return pictures[tick % len(pictures)]

    def wait_for_picture(self, after: int, server: object) -> tuple[int, bytes] | None:
        """The newest compressed picture once its number is above ``after``; None when ``server`` has hung up."""
        with self._lock:
            while self._server is server and not self._stopping.is_set():
                if self._number > after and self._fault is not CameraFault.STALL:
                    return self._number, self._current
                self._lock.wait(0.5)
        return None


_PAINTED_FAULTS = frozenset(
    {
        CameraFault.TINY,
        CameraFault.BLACK,
        CameraFault.NOISE,
        CameraFault.WRONG_SIZE,
        CameraFault.COVERED,
        CameraFault.WRONG_WAY,
        CameraFault.HUNTING,
    }
)


def _paint_fault(fault: CameraFault, size: tuple[int, int], scene: Scene) -> list[bytes]:
    """The pictures of a fault, which take turns; a real sensor's noise is in all that a real sensor would see."""
    width, height = size
    match fault:
        case CameraFault.TINY:
            return [_compress(np.full((1, 1, 3), 128, np.uint8))]
        case CameraFault.BLACK:
            return [_compress(_noisy(np.zeros((height, width, 3), np.uint8), seed)) for seed in range(VARIANTS)]
        case CameraFault.NOISE:
            return [np.random.default_rng(seed).bytes(20_000) for seed in range(VARIANTS)]
        case CameraFault.WRONG_SIZE:
            return [_compress(render(scene, (height, width), variant=variant)[0]) for variant in range(VARIANTS)]
        case CameraFault.COVERED:
            x, y = np.meshgrid(
                np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
            )
            glow = 34 - 14 * (x * 0.6 + y * 0.4) - 6 * (x * x + y * y)
            hand = np.dstack([glow * 0.6, glow * 0.7, glow])  # light has no steps: rounded only with the noise
            return [_compress(_noisy(hand, seed)) for seed in range(VARIANTS)]
        case CameraFault.WRONG_WAY:
            elsewhere = Scene("empty_room", webcam=True) if not scene.webcam else Scene()
            return [_compress(render(elsewhere, size, variant=variant)[0]) for variant in range(VARIANTS)]
        case _:
            steps = [replace(scene, blur=scene.blur + blur, light=scene.light * (1 - blur / 20)) for blur in range(7)]
            swing = [_compress(render(step, size, variant=number % 3)[0]) for number, step in enumerate(steps)]
            return [*swing, *swing[-2:0:-1]]


def _noisy(image: MatLike, seed: int) -> MatLike:
    noise = np.random.default_rng(seed).normal(0, 2, image.shape[:2])
    noisy: MatLike = np.clip(image + noise[:, :, None], 0, 255).astype(np.uint8)
    return noisy


def _compress(image: MatLike) -> bytes:
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    assert done, "OpenCV always has a JPEG encoder"
    return data.tobytes()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, camera: SimulatedCamera, port: int) -> None:
        self.camera = camera
        self._connections: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", port), _Stream)
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, name="simulated-camera", daemon=True
        )
        self._thread.start()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        self.shutdown()
        self.server_close()
        with self._guard:
            connections = tuple(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A viewer that goes away is no event."""


class _Stream(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:  # noqa: N802 - the base class names it
        if self.path != "/stream.mjpg":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        number = 0
        with contextlib.suppress(OSError):
            while (news := self.server.camera.wait_for_picture(number, self.server)) is not None:
                number, picture = news
                head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                self.wfile.write(head.encode() + picture + b"\r\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Viewers are not logged."""
