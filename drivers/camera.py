"""A camera and its newest picture.

The driver's thread reads for ever and keeps exactly one frame; whoever wants pictures (preview, page finding, code
reading, a call) reads that slot. Nobody else opens the camera, and a slow reader never makes the picture late.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from cv2.typing import MatLike

from drivers.camera_sources import SCHEMES, CameraMode, Picture, Source, open_source
from drivers.driver import DeviceError, DeviceKind, DeviceLost, DeviceState, Driver, Listener
from drivers.opencv import cv2
from drivers.transport.address import Address, AddressError

FALSE_READS_BEFORE_LOST = 3
BAD_FRAMES_SECONDS = 5.0
"""A camera that gives only bad frames for so long is closed and opened again."""
SMALLEST_SIDE = 120
LARGEST_SIDE = 20_000
FPS_WINDOW_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture.

    Attributes:
        image: BGR uint8, height × width × 3, read-only; shared by all readers.
        number: Grows by one with every frame, also over a re-opening.
        taken_at: ``time.monotonic()`` when it arrived here.
        jpeg: The camera's own JPEG, byte for byte, when it delivers MJPEG.
    """

    image: MatLike = field(repr=False)
    number: int
    taken_at: float
    jpeg: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Standby:
    """Nobody looks: the camera stays open and watched, but its pictures are decoded only now and then.

    Attributes:
        after: Seconds without a call of ``latest`` or ``wait_for_frame``.
        every: Seconds between decoded frames then.
    """

    after: float = 3.0
    every: float = 1.0


class Camera(Driver):
    """A camera at ``v4l2:``, ``http(s):`` or ``images:``; ``width``, ``height`` in pixels and ``fps`` are wishes.

    READY means that pictures of a believable size come; the state's detail carries what the camera really delivers.

    Raises:
        AddressError: the scheme is none of a camera's.
    """

    def __init__(
        self,
        kind: DeviceKind,
        address: Address,
        listener: Listener,
        *,
        width: int,
        height: int,
        fps: float,
        standby: Standby = Standby(),
    ) -> None:
        if address.scheme not in SCHEMES:
            raise AddressError(f"a camera is reached by v4l2:, http(s): or images:, not by {address.scheme}:")
        super().__init__(kind, listener)
        self._address = address
        self._wish = (width, height, fps)
        self._standby = standby
        self._source: Source | None = None
        self._mode: CameraMode | None = None
        self._news = threading.Condition()
        self._frame: Frame | None = None
        self._number = 0
        self._wanted_at = time.monotonic()
        self._decoded_at = 0.0
        self._false_reads = 0
        self._bad_since: float | None = None
        self._arrivals: deque[float] = deque(maxlen=256)

    # -- any thread --------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the driver's thread; returns at once.

        A thread inside OpenCV while the interpreter ends aborts the whole process, so the end of the program stops
        the camera even if nobody else does.
        """
        atexit.register(self.stop)
        super().start()

    def stop(self, timeout: float = 5.0) -> None:
        """Close the camera and end the thread, waiting at most ``timeout`` seconds."""
        atexit.unregister(self.stop)
        super().stop(timeout)

    def succeed(self, predecessor: Driver) -> None:
        """Go on counting frames: who waits for one after the last seen must not wait for a count to catch up."""
        super().succeed(predecessor)
        if isinstance(predecessor, Camera):
            self._number = predecessor.frames

    @property
    def frames(self) -> int:
        """Number of the newest frame so far, 0 before the first. Any thread."""
        return self._number

    def latest(self) -> Frame | None:
        """The newest frame, at most ``Standby.every`` seconds old, or None while no good picture comes. Any thread."""
        self._wanted_at = time.monotonic()
        return self._frame

    def wait_for_frame(self, after: int, timeout: float) -> Frame | None:
        """Wait at most ``timeout`` seconds for a frame with a number above ``after``; None if none came. Any thread.

        Give 0, or the number of the last frame seen.
        """
        until = time.monotonic() + timeout
        with self._news:
            while True:
                self._wanted_at = time.monotonic()
                frame = self._frame
                if frame is not None and frame.number > after:
                    return frame
                left = until - time.monotonic()
                if left <= 0:
                    return None
                self._news.wait(left)

    @property
    def fps(self) -> float:
        """Pictures a second that really arrived over the last two seconds; 0 when none did. Any thread."""
        since = time.monotonic() - FPS_WINDOW_SECONDS
        recent = [moment for moment in tuple(self._arrivals) if moment >= since]
        if len(recent) < 2:
            return 0.0
        return (len(recent) - 1) / max(recent[-1] - recent[0], 1e-3)

    @property
    def mode(self) -> CameraMode | None:
        """What the camera delivers, read back from it and from the picture itself; None while closed. Any thread."""
        return self._mode

    # -- the driver's thread -----------------------------------------------------------------------------------

    def _open(self) -> None:
        width, height, fps = self._wish
        self._source = source = open_source(self._address, width, height, fps)
        self._false_reads = 0
        self._bad_since = None
        for _ in range(FALSE_READS_BEFORE_LOST):
            picture = source.grab()
            if picture is not None and (image := picture.decode()) is not None:
                self._take(picture, image, time.monotonic())
                return
        raise DeviceError("camera.silent", place=source.identity)

    def _poll(self) -> None:
        source = self._source
        assert source is not None
        picture = source.grab()
        now = time.monotonic()
        if picture is not None:
            self._arrivals.append(now)
            asleep = now - self._wanted_at > self._standby.after
            if asleep and now - self._decoded_at < self._standby.every:
                return
            image = picture.decode()
            if image is not None:
                self._false_reads = 0
                self._take(picture, image, now)
                return
        self._false_reads += 1
        if self._false_reads >= FALSE_READS_BEFORE_LOST:
            raise DeviceLost("camera.lost", place=source.identity)
        self._stopping.wait(0.02)

    def _take(self, picture: Picture, image: MatLike, now: float) -> None:
        source = self._source
        assert source is not None
        self._decoded_at = now
        height, width = image.shape[:2]
        believable = image.ndim == 3 and image.dtype == np.uint8 and image.shape[2] == 3
        if not believable or min(width, height) < SMALLEST_SIDE or max(width, height) > LARGEST_SIDE:
            self._refuse(width, height, now)
            return
        self._bad_since = None
        self._mode = CameraMode(width, height, source.fourcc, source.claimed_fps)
        image.flags.writeable = False
        self._number += 1
        self._publish(Frame(image, self._number, now, picture.jpeg))
        # A stream's size belongs to the camera behind it; only a camera we set up ourselves can fall short of a wish.
        other = self._address.scheme == "v4l2" and (width, height) != self._wish[:2]
        self._set_state(
            DeviceState.READY,
            "camera.other_mode" if other else "",
            identity=source.identity,
            width=width,
            height=height,
            format=source.fourcc,
        )

    def _refuse(self, width: int, height: int, now: float) -> None:
        self._publish(None)
        self._set_state(DeviceState.FAULT, "camera.bad_frame", width=width, height=height)
        if self._bad_since is None:
            self._bad_since = now
        elif now - self._bad_since > BAD_FRAMES_SECONDS:
            self._close()
            self._open()

    def _publish(self, frame: Frame | None) -> None:
        with self._news:
            self._frame = frame
            self._news.notify_all()

    def _close(self) -> None:
        source, self._source = self._source, None
        self._mode = None
        self._arrivals.clear()
        self._publish(None)  # an old picture must not pass for the present
        if source is not None:
            source.close()


@dataclass(frozen=True, slots=True)
class CameraReference:
    """A camera that could be opened; nothing was opened to learn this.

    Attributes:
        path: Device file of the moment, such as ``/dev/video0``; changes with re-plugging.
        stable_path: Link below /dev/v4l/by-id, or by-path where the name is not unique; "" when there is none.
        vid, pid: USB vendor and product number, None for a camera that is not on USB.
    """

    name: str
    path: str
    stable_path: str
    vid: int | None
    pid: int | None

    @property
    def address(self) -> str:
        """Connection string for station.toml."""
        return f"v4l2:{self.stable_path or self.path}"


def discover_cameras(links: Path = Path("/dev/v4l")) -> tuple[CameraReference, ...]:
    """List the cameras of this computer by stable identity; empty when there are none or on another system."""
    from cv2_enumerate_cameras import enumerate_cameras, supported_backends

    if cv2.CAP_V4L2 not in supported_backends:
        return ()
    found = list(enumerate_cameras(cv2.CAP_V4L2))
    products = Counter((info.vid, info.pid) for info in found)
    cameras = []
    for info in found:
        twins = products[info.vid, info.pid] > 1
        link = stable_link(Path(str(info.path)), links, ("by-path", "by-id") if twins else ("by-id", "by-path"))
        cameras.append(CameraReference(str(info.name or ""), str(info.path), link, info.vid, info.pid))
    return tuple(sorted(cameras, key=lambda camera: camera.stable_path or camera.path))


def stable_link(device: Path, links: Path, folders: tuple[str, ...] = ("by-id", "by-path")) -> str:
    """The link below ``links`` that will still name this camera after re-plugging, or "".

    by-id survives another port. Two equal cameras without serial numbers share one by-id name, and the last one
    plugged in has it: for such twins ask for by-path, which names the port.
    """
    for folder in folders:
        try:
            candidates = sorted((links / folder).iterdir())
        except OSError:
            continue
        for link in candidates:
            # index1 and up of a USB camera carry metadata, not pictures.
            if link.name.endswith("-video-index0") and link.resolve() == device.resolve():
                return str(link)
    return ""
