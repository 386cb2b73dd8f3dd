"""Where pictures come from: a V4L2 camera, an MJPEG stream, a folder of pictures. One thread uses one source.

The camera's own JPEG is kept wherever it can be had, so that a captured page is stored as the camera made it. FFMPEG
hands over undecoded packets with ``CAP_PROP_FORMAT`` = -1, V4L2 with ``CAP_PROP_CONVERT_RGB`` = 0; both are used only
after the first packet has turned out to be a JPEG.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import numpy as np
from cv2.typing import MatLike

from drivers.camera_controls import CameraControls, apply_controls
from drivers.camera_modes import Mode
from drivers.driver import DeviceError, DeviceLost
from drivers.mjpeg_stream import JPEG_END, JPEG_START, MjpegStream, jpeg_size
from drivers.opencv import cv2

OPEN_TIMEOUT_MS = 1500
READ_TIMEOUT_MS = 1500
LARGEST_PIXELS = 64_000_000
PICTURE_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})


@dataclass(frozen=True, slots=True)
class CameraMode:
    """What the camera really delivers: pixels, four-letter pixel format, pictures a second it claims (0 = unknown)."""

    width: int
    height: int
    fourcc: str
    claimed_fps: float


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture as it came: the camera's JPEG where there is one, and how to get the pixels.

    Attributes:
        decode: BGR uint8, H×W×3, or None when the data is damaged. To be called once, before the next ``grab``.
    """

    jpeg: bytes | None = field(repr=False)
    decode: Callable[[], MatLike | None]


class Source(Protocol):
    """An open camera."""

    identity: str
    fourcc: str
    claimed_fps: float

    def grab(self) -> Picture | None:
        """The next picture, or None when none came within about two seconds."""

    def close(self) -> None: ...


SCHEMES = frozenset({"v4l2", "http", "https", "images"})


def decode_jpeg(data: bytes) -> MatLike | None:
    """Pixels (BGR uint8) of a compressed picture, or None when it is damaged beyond reading or absurdly large."""
    if not data:
        return None
    size = jpeg_size(data) if data.startswith(JPEG_START) else None
    if size is not None and size[0] * size[1] > LARGEST_PIXELS:  # 500 bytes can state a picture of 12 GB
        return None
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None


def fourcc_text(value: float) -> str:
    code = int(value) & 0xFFFFFFFF
    text = code.to_bytes(4, "little").decode("latin-1")
    return text if text.isprintable() and code else ""


def _own_bytes(packet: MatLike) -> bytes:
    return np.ascontiguousarray(packet).tobytes()


class _CaptureSource:
    """An opened cv2.VideoCapture that delivers either JPEG packets (``packets``) or pixels."""

    def __init__(self, capture: cv2.VideoCapture, identity: str, packets: bool) -> None:
        self._capture = capture
        self._packets = packets
        self.identity = identity
        self.fourcc = fourcc_text(capture.get(cv2.CAP_PROP_FOURCC))
        self.claimed_fps = max(0.0, capture.get(cv2.CAP_PROP_FPS))

    def grab(self) -> Picture | None:
        if not self._packets:
            return Picture(None, self._pixels) if self._capture.grab() else None
        got, packet = self._capture.read()
        if not got or packet is None:
            return None
        return jpeg_picture(_own_bytes(packet))

    def _pixels(self) -> MatLike | None:
        got, image = self._capture.retrieve()
        return image if got else None

    def close(self) -> None:
        self._capture.release()


class StreamSource:
    """A stream over HTTP: MJPEG read by ``mjpeg_stream``, any other video by OpenCV's FFMPEG.

    Both have time-outs for opening and for every picture.
    """

    def __init__(self, url: str, alive: Callable[[], None] = lambda: None) -> None:
        place = _place(url)
        stream = MjpegStream(url, place, OPEN_TIMEOUT_MS / 1000, READ_TIMEOUT_MS / 1000, alive)
        self._stream: MjpegStream | None = None
        self._video: _CaptureSource | None = None
        self.identity = place
        if stream.is_multipart:
            self._stream = stream
            self.fourcc, self.claimed_fps = "MJPG", 0.0
            return
        kind = stream.content_type.split(";")[0].lower()
        stream.close()
        if not kind.startswith("video/"):
            raise DeviceError("camera.not_a_camera", place=place, sends=kind[:60] or "?")
        capture = self._open_video(url)
        if not capture.isOpened():
            capture.release()
            raise DeviceError("camera.not_a_camera", place=place, sends=kind[:60])
        self._video = _CaptureSource(capture, place, packets=False)
        self.fourcc, self.claimed_fps = self._video.fourcc, self._video.claimed_fps

    @staticmethod
    def _open_video(url: str) -> cv2.VideoCapture:
        options = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_TIMEOUT_MS]
        return cv2.VideoCapture(url, cv2.CAP_FFMPEG, options)

    def grab(self) -> Picture | None:
        if self._video is not None:
            return self._video.grab()
        assert self._stream is not None
        data = self._stream.picture()
        return None if data is None else jpeg_picture(data)

    def close(self) -> None:
        for source in (self._stream, self._video):
            if source is not None:
                source.close()


def jpeg_picture(data: bytes) -> Picture:
    """What a camera calls a JPEG, without what follows its end; one that is cut short decodes to nothing."""
    end = data.rfind(JPEG_END)
    if not data.startswith(JPEG_START) or end < 0:  # OpenCV would show the missing rest in grey
        return Picture(None, lambda: None)
    data = data[: end + len(JPEG_END)]  # some drivers hand over their whole buffer
    return Picture(data, lambda: decode_jpeg(data))


def _place(url: str) -> str:
    """The address without user name, password and query, fit for a log."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


class V4L2Source(_CaptureSource):
    """A camera on a device file.

    The pixel format is asked for before the size: with YUYV chosen silently, large sizes run at 1 to 2 pictures a
    second or not at all (opencv issues #9084, #24289). What ``set`` answers is not believed.

    Attributes:
        controls: Focus, exposure and the like as read back.

    Raises:
        DeviceLost: ``camera.absent``, it is not there or does not open.
    """

    def __init__(self, node: Path, mode: Mode, controls: CameraControls, identity: str) -> None:
        capture = cv2.VideoCapture(str(node), cv2.CAP_V4L2)
        if not capture.isOpened():
            capture.release()
            raise DeviceLost("camera.absent", place=identity)
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*mode.fourcc))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, mode.width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, mode.height)
        capture.set(cv2.CAP_PROP_FPS, mode.fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self.controls = apply_controls(controls, str(node), capture)
        super().__init__(capture, identity, self._try_packets(capture))

    @staticmethod
    def _try_packets(capture: cv2.VideoCapture) -> bool:
        if fourcc_text(capture.get(cv2.CAP_PROP_FOURCC)).upper() != "MJPG":
            return False
        capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
        got, packet = capture.read()
        # A packet is one row (or column) of bytes; a picture is not.
        if got and packet is not None and packet.size == max(packet.shape) and _own_bytes(packet)[:3] == JPEG_START:
            return True
        capture.set(cv2.CAP_PROP_CONVERT_RGB, 1)
        return False


class FolderSource:
    """The pictures of a folder in the order of their names, again and again, at the pace asked for."""

    def __init__(self, folder: Path, fps: float) -> None:
        try:
            names = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_ENDINGS)
        except OSError:
            raise DeviceLost("camera.absent", place=folder.name) from None
        if not names:
            raise DeviceError("camera.no_pictures", place=folder.name)
        self._paths = names
        self._next = 0
        self._pause = 1.0 / fps
        self._due = 0.0
        self.identity = folder.name
        self.fourcc = "file"
        self.claimed_fps = fps

    def grab(self) -> Picture | None:
        now = time.monotonic()
        if self._due > now:
            time.sleep(self._due - now)
        self._due = max(self._due, now) + self._pause
        path = self._paths[self._next % len(self._paths)]
        self._next += 1
        try:
            data = path.read_bytes()
        except OSError:
            return None
        return Picture(data if data.startswith(JPEG_START) else None, lambda: decode_jpeg(data))

    def close(self) -> None:
        pass
