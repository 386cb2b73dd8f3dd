"""Pictures for QML: ``image://page/<path>`` from the conductor, ``image://live/<number>`` from a camera."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
from cv2.typing import MatLike
from PySide6.QtCore import Property, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtQml import QmlElement
from PySide6.QtQuick import QQuickImageProvider

from drivers.camera import Frame
from drivers.driver import DeviceKind
from drivers.opencv import cv2

QML_IMPORT_NAME = "Doorstep.ViewModels"
QML_IMPORT_MAJOR_VERSION = 1

PREVIEW_FPS = 12.0
STALE_SECONDS = 2.0
"""A preview without a new frame for so long says so instead of showing an old picture as if it were live."""

FrameOf = Callable[[DeviceKind], Frame | None]


def nothing() -> QImage:
    """One clear pixel; a new ``QImage`` shows whatever lay in its memory."""
    image = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    return image


class PagePictures(QQuickImageProvider):
    """Encoded pictures by path. QML loads them on its own thread; the picture itself never touches a disk."""

    def __init__(self, picture: Callable[[str], bytes | None]) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image, QQuickImageProvider.Flag.ForceAsynchronousImageLoading)
        self._picture = picture

    def requestImage(self, path: str, size: QSize, wanted: QSize) -> QImage:
        """What follows ``?`` only tells two states of one picture apart (a page turned by a quarter)."""
        data = self._picture(path.partition("?")[0])
        image = QImage.fromData(data) if data else QImage()
        if image.isNull():
            return nothing()
        size.setWidth(image.width())
        size.setHeight(image.height())
        if wanted.isValid() and (wanted.width() < image.width() or wanted.height() < image.height()):
            return image.scaled(wanted, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        return image


class LivePictures(QQuickImageProvider):
    """The one prepared frame of the preview; giving it away costs nothing, so it is done on the spot."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)
        self._lock = threading.Lock()
        self._image = QImage()

    def put(self, image: QImage) -> None:
        with self._lock:
            self._image = image

    def requestImage(self, path: str, size: QSize, wanted: QSize) -> QImage:
        with self._lock:
            image = self._image
        size.setWidth(image.width())
        size.setHeight(image.height())
        return image if not image.isNull() else nothing()


def to_image(frame: MatLike, width: int, height: int) -> QImage:
    """A BGR frame scaled to fit ``width`` × ``height`` pixels, as an image that owns its pixels. Any thread."""
    high, wide = frame.shape[:2]
    factor = min(width / wide, height / high, 1.0)
    size = (max(1, round(wide * factor)), max(1, round(high * factor)))
    small = frame if factor == 1.0 else cv2.resize(frame, size, interpolation=cv2.INTER_LINEAR)
    # RGB32 is what the software renderer paints without converting again.
    pixels = np.ascontiguousarray(cv2.cvtColor(small, cv2.COLOR_BGR2BGRA))
    return QImage(pixels.data, size[0], size[1], size[0] * 4, QImage.Format.Format_RGB32).copy()


@QmlElement
class LiveFrames(QObject):
    """A camera's preview: one thread scales the newest frame, at most one is on its way to the screen.

    The thread runs only while a ``LiveView`` is shown.
    """

    sourceChanged = Signal()
    freshChanged = Signal()
    _prepared = Signal(bool)

    def __init__(self, provider: LivePictures, frame_of: FrameOf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._provider = provider
        self._frame_of = frame_of
        self._number = 0
        self._fresh = False
        self._wanted: tuple[DeviceKind, int, int] | None = None
        self._stopping = threading.Event()
        self._free = threading.Event()
        self._thread: threading.Thread | None = None
        self._prepared.connect(self._show, Qt.ConnectionType.QueuedConnection)

    @Property(str, notify=sourceChanged)
    def source(self) -> str:
        return f"image://live/{self._number}" if self._number else ""

    @Property(bool, notify=freshChanged)
    def fresh(self) -> bool:
        """New frames are coming."""
        return self._fresh

    @Slot(str, int, int)
    def start(self, camera: str, width: int, height: int) -> None:
        """Show ``camera`` (a DeviceKind) in a view of this many pixels."""
        self._wanted = (DeviceKind(camera), max(16, width), max(16, height))
        if self._thread is None:
            self._stopping.clear()
            self._free.set()
            self._thread = threading.Thread(target=self._work, name="preview", daemon=True)
            self._thread.start()

    @Slot()
    def stop(self) -> None:
        """Nobody looks any more: end the thread and forget the picture."""
        self._wanted = None
        self._stopping.set()
        self._free.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(2.0)
        self._provider.put(QImage())
        self._set_fresh(False)

    def _work(self) -> None:
        shown = -1
        came_at = due = time.monotonic()
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            # What preparing a picture takes is part of its turn; turns missed on a busy machine are not made up for.
            due = max(due, time.monotonic() - 1.0 / PREVIEW_FPS) + 1.0 / PREVIEW_FPS
            wanted = self._wanted
            if wanted is None or not self._free.wait(1.0):
                continue
            camera, width, height = wanted
            frame = self._frame_of(camera)
            if frame is not None and frame.number != shown:
                shown, came_at = frame.number, time.monotonic()
                self._provider.put(to_image(frame.image, width, height))
                self._free.clear()
                self._prepared.emit(True)
            elif time.monotonic() - came_at > STALE_SECONDS:
                came_at = time.monotonic()
                self._prepared.emit(False)

    @Slot(bool)
    def _show(self, fresh: bool) -> None:
        self._free.set()
        if self._wanted is None:
            return
        if fresh:
            self._number += 1
            self.sourceChanged.emit()
        self._set_fresh(fresh)

    def _set_fresh(self, fresh: bool) -> None:
        if fresh != self._fresh:
            self._fresh = fresh
            self.freshChanged.emit()
