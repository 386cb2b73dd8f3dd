"""Pictures: pages by path, and the preview from its one newest frame."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage

from drivers.camera import Frame
from drivers.driver import DeviceKind
from kiosk.ui.images import LiveFrames, LivePictures, PagePictures, to_image
from tests.ui.stand import Stand

CAMERA = DeviceKind.DOCUMENT_CAMERA


def picture(colour: tuple[int, int, int], width: int = 640, height: int = 480) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


def frame(number: int, colour: tuple[int, int, int] = (0, 0, 255)) -> Frame:
    return Frame(picture(colour), number, 0.0)


def test_a_frame_keeps_its_colours_and_proportion() -> None:
    image = to_image(picture((10, 120, 240)), 200, 200)
    assert (image.width(), image.height()) == (200, 150)
    assert image.pixelColor(100, 75) == QColor(240, 120, 10)


def test_a_small_frame_is_not_blown_up() -> None:
    image = to_image(picture((0, 0, 0), 32, 24), 2000, 2000)
    assert (image.width(), image.height()) == (32, 24)
    assert to_image(picture((0, 0, 0), 1, 1), 100, 100).width() == 1


def test_a_page_is_scaled_to_what_is_wanted_and_never_up() -> None:
    encoded = bytes(cv2.imencode(".jpg", picture((200, 200, 200)))[1])
    asked: list[str] = []

    def pictures(path: str) -> bytes | None:
        asked.append(path)
        return encoded

    provider = PagePictures(pictures)
    size = QSize()
    assert provider.requestImage("a/b?turned=1", size, QSize(64, 64)).size() == QSize(64, 48)
    assert asked == ["a/b"]
    assert size == QSize(640, 480)
    assert provider.requestImage("a/b", size, QSize(6400, 6400)).size() == QSize(640, 480)


@pytest.mark.qt_log_ignore("JPEG datastream contains no image", extend=True)
@pytest.mark.parametrize("data", [None, b"", b"not a picture", b"\xff\xd8\xff\xe0 half a jpeg"])
def test_a_missing_or_broken_picture_is_one_clear_pixel(data: bytes | None) -> None:
    image = PagePictures(lambda path: data).requestImage("x", QSize(), QSize())
    assert image.size() == QSize(1, 1)


def test_the_preview_shows_new_frames_and_at_most_one_waits(stand: Stand) -> None:
    provider = LivePictures()
    now: list[Frame | None] = [frame(1)]
    live = LiveFrames(provider, lambda kind: now[0])
    try:
        live.start(CAMERA.value, 320, 240)
        stand.hand.wait(lambda: live.fresh, "no frame came")
        first = live.source
        assert provider.requestImage("1", QSize(), QSize()).pixelColor(5, 5) == QColor(255, 0, 0)
        stand.hand.settle(0.4)
        assert live.source == first  # the same frame is not shown twice
        now[0] = frame(2, (255, 0, 0))
        stand.hand.wait(lambda: live.source != first, "the new frame was not shown")
        assert provider.requestImage("2", QSize(), QSize()).pixelColor(5, 5) == QColor(0, 0, 255)
    finally:
        live.stop()
    assert not live.fresh
    assert provider.requestImage("2", QSize(), QSize()).size() == QSize(1, 1)


def test_a_picture_that_is_not_there_is_clear() -> None:
    for provider in (PagePictures(lambda path: None), LivePictures()):
        # a new picture shows what lay in its memory; filled memory makes that a colour
        filled = [QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied) for _ in range(64)]
        for image in filled:
            image.fill(QColor(255, 0, 0))
        filled.clear()
        assert provider.requestImage("x", QSize(), QSize()).pixelColor(0, 0).alpha() == 0


def test_a_camera_that_stops_is_not_shown_as_live(stand: Stand) -> None:
    now: list[Frame | None] = [frame(1)]
    live = LiveFrames(LivePictures(), lambda kind: now[0])
    try:
        live.start(CAMERA.value, 320, 240)
        stand.hand.wait(lambda: live.fresh, "no frame came")
        now[0] = None
        stand.hand.wait(lambda: not live.fresh, "an old picture is shown as live")
        now[0] = frame(9)
        stand.hand.wait(lambda: live.fresh, "the camera came back unseen")
    finally:
        live.stop()
