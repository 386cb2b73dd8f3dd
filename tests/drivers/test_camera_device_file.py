"""A camera on a device file without one: the kernel's answers and OpenCV's capture are played, the rest is real."""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from drivers import v4l2
from drivers.camera import Camera, CameraSetUp, Standby
from drivers.camera_controls import CameraControls, Outcome, _by_kernel, apply_controls
from drivers.camera_memory import CameraMemory
from drivers.camera_modes import Mode
from drivers.driver import DeviceError, DeviceKind, DeviceState, DeviceUnavailable, StatusChanged
from drivers.opencv import cv2
from drivers.transport.address import parse_address
from drivers.v4l2 import About, ListedMode, VideoDevice
from tests.waiting import until

GENEROUS = 30.0


# -- the kernel --------------------------------------------------------------------------------------------------------


@dataclass
class Kernel:
    """Answers ioctl as a UVC camera's driver does; layouts of linux/videodev2.h, written down independently."""

    controls: dict[int, list[int]] = field(
        default_factory=dict
    )  # number: kind, minimum, maximum, default, flags, value
    menus: dict[int, set[int]] = field(default_factory=dict)
    formats: tuple[bytes, ...] = (b"MJPG", b"YUYV")
    sizes: tuple[tuple[int, int], ...] = ((1920, 1080), (640, 480))
    rates: tuple[int, ...] = (30, 15)
    stepwise: bool = False
    refuses: int = 0

    def __call__(self, handle: int, request: int, data: bytearray) -> int:
        number, size = request & 0xFF, request >> 16 & 0x3FFF
        assert len(data) == size
        index = struct.unpack_from("=I", data)[0]
        if number == 0:
            struct.pack_into("=16s32s32s4I", data, 0, b"uvcvideo", "高拍仪".encode(), b"usb-1", 0, 0x84A00001, 1, 0)
        elif number == 2:
            self._exists(index < len(self.formats) and struct.unpack_from("=I", data, 4)[0] == 1)
            struct.pack_into("=4s", data, 44, self.formats[index])
        elif number == 74:
            self._exists(index < (1 if self.stepwise else len(self.sizes)))
            if self.stepwise:
                struct.pack_into("=7I", data, 8, 3, 160, 1920, 16, 120, 1080, 8)
            else:
                struct.pack_into("=3I", data, 8, 1, *self.sizes[index])
        elif number == 75:
            self._exists(index < len(self.rates))
            struct.pack_into("=3I", data, 16, 1, 1, self.rates[index])
        elif number == 36:
            self._exists(index in self.controls)
            kind, minimum, maximum, default, flags, _ = self.controls[index]
            struct.pack_into("=I32s4iI", data, 4, kind, b"name", minimum, maximum, 1, default, flags)
        elif number == 37:
            self._exists(struct.unpack_from("=I", data, 4)[0] in self.menus.get(index, set()))
        elif number == 27:
            self._exists(index in self.controls)
            struct.pack_into("=i", data, 4, self.controls[index][5])
        elif number == 28:
            self._exists(index in self.controls)
            if self.refuses:
                raise OSError(self.refuses, "refused")
            kind, minimum, maximum, *_ = self.controls[index]
            self.controls[index][5] = max(minimum, min(maximum, struct.unpack_from("=i", data, 4)[0]))
        else:
            raise OSError(25, "no such request")
        return 0

    @staticmethod
    def _exists(true: bool) -> None:
        if not true:
            raise OSError(22, "Invalid argument")


@pytest.fixture
def node(tmp_path: Path) -> Path:
    (tmp_path / "video0").touch()
    return tmp_path / "video0"


def asked(node: Path, kernel: Kernel) -> VideoDevice:
    return VideoDevice(str(node), kernel)


def test_names_and_modes_are_read(node: Path) -> None:
    device = asked(node, Kernel())
    assert device.about() == About("uvcvideo", "高拍仪", "usb-1", True)
    assert device.modes() == tuple(
        ListedMode(width, height, fourcc, 30.0)
        for fourcc in ("MJPG", "YUYV")
        for width, height in ((1920, 1080), (640, 480))
    )
    device.close()


def test_a_range_of_sizes_gives_its_ends(node: Path) -> None:
    device = asked(node, Kernel(formats=(b"MJPG",), stepwise=True))
    assert [(mode.width, mode.height) for mode in device.modes()] == [(1920, 1080), (160, 120)]
    device.close()


def test_a_camera_that_lists_without_end_is_cut_off(node: Path) -> None:
    class Endless(Kernel):
        @staticmethod
        def _exists(true: bool) -> None:
            pass

    endless = Endless(formats=(b"MJPG",) * 1000, sizes=((640, 480),) * 1000, rates=(30,) * 1000)
    device = asked(node, endless)
    assert len(device.modes()) == v4l2.MOST_FORMATS * v4l2.MOST_SIZES
    device.close()


def test_a_file_that_is_no_camera_is_an_error_and_no_crash(node: Path) -> None:
    device = VideoDevice(str(node))
    with pytest.raises(OSError, match=r"\["):
        device.modes()
    device.close()


BRIGHTNESS, FOCUS, AUTOFOCUS, EXPOSURE_AUTO, EXPOSURE, MAINS = (
    0x00980900, 0x009A090A, 0x009A090C, 0x009A0901, 0x009A0902, 0x00980918,
)  # fmt: skip


def camera_with_controls() -> Kernel:
    return Kernel(
        controls={
            BRIGHTNESS: [1, -64, 64, 0, 0, 0],
            FOCUS: [1, 0, 255, 0, 0x10, 0],
            AUTOFOCUS: [2, 0, 1, 1, 0, 1],
            EXPOSURE_AUTO: [3, 0, 3, 3, 0, 3],
            EXPOSURE: [1, 3, 2047, 250, 0x10, 250],
            MAINS: [3, 0, 2, 2, 0, 2],
        },
        menus={EXPOSURE_AUTO: {1, 3}, MAINS: {0, 1, 2}},
    )


def test_controls_are_set_and_read_back(node: Path) -> None:
    kernel = camera_with_controls()
    device = asked(node, kernel)
    wishes = CameraControls(focus=120, exposure=500, brightness=200, white_balance=4600, mains_hz=50).wishes()
    assert list(wishes)[:3] == ["autofocus", "auto_exposure", "auto_white_balance"], "switched off before the value"
    readings = {reading.name: reading for reading in _by_kernel(device, wishes)}
    device.close()
    assert (readings["autofocus"].outcome, readings["autofocus"].value) == (Outcome.SET, 0)
    assert (readings["focus"].outcome, readings["focus"].value, readings["focus"].maximum) == (Outcome.SET, 120, 255)
    assert (readings["auto_exposure"].outcome, kernel.controls[EXPOSURE_AUTO][5]) == (Outcome.SET, 1)
    assert (readings["brightness"].outcome, readings["brightness"].value) == (Outcome.REFUSED, 64)
    assert readings["white_balance"].outcome is Outcome.ABSENT
    assert (readings["mains_hz"].value, kernel.controls[MAINS][5]) == (50, 1)
    assert readings["contrast"].outcome is Outcome.ABSENT


def test_the_automatic_of_a_uvc_camera_is_its_aperture_priority(node: Path) -> None:
    kernel = camera_with_controls()
    kernel.controls[EXPOSURE_AUTO][5] = 1
    device = asked(node, kernel)
    reading = next(r for r in _by_kernel(device, {"auto_exposure": 1}) if r.name == "auto_exposure")
    device.close()
    assert (reading.outcome, reading.value, kernel.controls[EXPOSURE_AUTO][5]) == (Outcome.SET, 1, 3)


@pytest.mark.parametrize("error", [5, 13, 16, 34])
def test_a_control_that_refuses_is_reported_and_no_error(node: Path, error: int) -> None:
    kernel = camera_with_controls()
    kernel.refuses = error
    device = asked(node, kernel)
    readings = _by_kernel(device, {"brightness": 10})
    device.close()
    assert next(r for r in readings if r.name == "brightness").outcome is Outcome.REFUSED


def test_nothing_asked_changes_nothing(node: Path) -> None:
    kernel = camera_with_controls()
    kernel.refuses = 5
    device = asked(node, kernel)
    readings = _by_kernel(device, CameraControls().wishes())
    device.close()
    assert {reading.outcome for reading in readings} == {Outcome.KEPT, Outcome.ABSENT}


# -- the driver --------------------------------------------------------------------------------------------------------


class Plugged:
    """A camera behind OpenCV: what it makes of wishes, and how fast. ``modes``: wished size → real size and rate."""

    def __init__(self, modes: dict[tuple[int, int], tuple[int, int, float]], usual: tuple[int, int, float]) -> None:
        self.modes = modes
        self.usual = usual
        self.open = 0
        self.opened: list[tuple[int, int]] = []
        self.takes_controls = True
        self.level = 90

    def capture(self, path: str, backend: int) -> PluggedCapture:
        return PluggedCapture(self, Path(path))


class PluggedCapture:
    def __init__(self, camera: Plugged, node: Path) -> None:
        self._camera = camera
        self._node = node
        self._values: dict[int, float] = {cv2.CAP_PROP_FOURCC: float(cv2.VideoWriter.fourcc(*"MJPG"))}
        self._started = False
        self._count = 0
        self._due = 0.0

    def isOpened(self) -> bool:  # noqa: N802
        return self._node.exists()

    def set(self, prop: int, value: float) -> bool:
        taken = {cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_CONVERT_RGB}
        if self._camera.takes_controls:
            taken.add(cv2.CAP_PROP_FOCUS)
        if prop in taken:
            self._values[prop] = value
        return True

    def get(self, prop: int) -> float:
        return self._values.get(prop, -1.0)

    def read(self) -> tuple[bool, np.ndarray | None]:
        wish = (int(self._values[cv2.CAP_PROP_FRAME_WIDTH]), int(self._values[cv2.CAP_PROP_FRAME_HEIGHT]))
        if not self._started:
            self._started = True
            self._camera.open += 1
            self._camera.opened.append(wish)
        if not self._node.exists():
            return False, None
        width, height, rate = self._camera.modes.get(wish, self._camera.usual)
        if rate == 0:
            time.sleep(0.05)
            return False, None
        now = time.monotonic()
        self._due = max(self._due + 1 / rate, now)
        time.sleep(max(0.0, self._due - now))
        self._count += 1
        picture = np.full((height, width, 3), self._camera.level, np.uint8)
        picture[: height // 2, : width // 2] = 180
        picture[0, 0] = (self._count * 37 % 256, self._count % 256, 0)  # never twice the same
        data = np.asarray(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 95])[1]).ravel()
        return True, data.reshape(1, -1)

    def grab(self) -> bool:
        return self.read()[0]

    def release(self) -> None:
        if self._started:
            self._started = False
            self._camera.open -= 1


MODES = {
    (1600, 1200): (1600, 1200, 2.0),  # true but slow
    (1280, 960): (640, 480, 30.0),  # says yes and does as it likes
    (1024, 768): (1024, 768, 12.0),
    (640, 480): (640, 480, 30.0),
}
LISTED = tuple(ListedMode(*size, "MJPG", 30.0) for size in MODES)


@pytest.fixture
def plugged(node: Path, monkeypatch: pytest.MonkeyPatch) -> Plugged:
    camera = Plugged(MODES, (320, 240, 15.0))
    monkeypatch.setattr(cv2, "VideoCapture", camera.capture)
    monkeypatch.setattr("drivers.camera.listed_modes", lambda found: LISTED)
    return camera


class Driven:
    """A started driver that is stopped at the end."""

    def __init__(self, node: Path, standby: Standby, set_up: CameraSetUp = CameraSetUp()) -> None:  # noqa: B008
        self.heard: list[StatusChanged] = []
        self.camera = Camera(
            DeviceKind.DOCUMENT_CAMERA,
            parse_address(f"v4l2:{node}"),
            self.heard.append,
            width=640,
            height=480,
            fps=20.0,
            standby=standby,
            set_up=set_up,
        )

    def __enter__(self) -> Camera:
        self.camera.start()
        return self.camera

    def __exit__(self, *_: object) -> None:
        self.camera.stop()


def test_an_unknown_camera_is_measured_while_nobody_looks_and_then_opened_at_its_best(
    node: Path, plugged: Plugged, tmp_path: Path
) -> None:
    file = tmp_path / "data" / "cameras.json"
    set_up = CameraSetUp(memory=CameraMemory(file))
    with Driven(node, Standby(after=0.05, measure=0.2), set_up) as camera:
        assert camera.wait_for_frame(0, GENEROUS), "the first picture comes first"
        assert plugged.opened == [(640, 480)]
        until(lambda: camera.mode is not None and camera.mode.width == 1024)
        until(lambda: camera.status.state is DeviceState.READY and camera.status.detail["width"] == 1024)
        assert camera.status.code == "", "the measured size is the wished one now"
        assert plugged.opened == [(640, 480), (1600, 1200), (1280, 960), (1024, 768), (1024, 768)]
    assert plugged.open == 0
    with Driven(node, Standby(after=0.05, measure=0.2), CameraSetUp(memory=CameraMemory(file))) as camera:
        assert camera.wait_for_frame(0, GENEROUS)
        until(lambda: camera.mode is not None and camera.mode.width == 1024)
        assert plugged.opened[5:] == [(1024, 768)], "the next opening goes straight to it"


def test_whoever_looks_ends_the_measuring_and_gets_pictures(node: Path, plugged: Plugged, tmp_path: Path) -> None:
    memory = CameraMemory(tmp_path / "cameras.json")
    with Driven(node, Standby(after=0.3, measure=0.4), CameraSetUp(memory=memory)) as camera:
        assert camera.wait_for_frame(0, GENEROUS)
        until(lambda: (1600, 1200) in plugged.opened)
        frame = camera.wait_for_frame(camera.frames, GENEROUS)
        assert frame is not None
        until(lambda: (camera.latest() or frame).image.shape == (480, 640, 3))
        for _ in range(20):
            assert camera.wait_for_frame(0, GENEROUS)
        assert plugged.opened[-1] == (640, 480)
        assert memory.mode("document_camera video0") is None, "half a round says nothing"


def test_measuring_on_request_says_how_far_it_is_and_goes_on_while_somebody_looks(node: Path, plugged: Plugged) -> None:
    driven = Driven(node, Standby())
    with driven as camera:
        assert camera.wait_for_frame(0, GENEROUS)
        future = camera.measure_modes()
        while not future.done():
            camera.latest()
            time.sleep(0.01)
        found = {(mode.asked.width, mode.asked.height): (mode.width, mode.height) for mode in future.result()}
        assert found == {(1600, 1200): (1600, 1200), (1280, 960): (640, 480), (1024, 768): (1024, 768)}
        progress = [event.status.detail["done"] for event in driven.heard if event.status.code == "camera.measuring"]
        assert progress == sorted(progress)
        assert len(set(progress)) == 3
        until(lambda: camera.status.state is DeviceState.READY)
        assert camera.mode is not None
        assert camera.mode.width == 1024


def test_measuring_is_cancelled_by_stop_and_by_the_cable(node: Path, plugged: Plugged) -> None:
    plugged.modes = {**MODES, (1600, 1200): (1600, 1200, 0.0)}
    with Driven(node, Standby()) as camera:
        assert camera.wait_for_frame(0, GENEROUS)
        future = camera.measure_modes()
        until(lambda: (1600, 1200) in plugged.opened)
        node.unlink()
        with pytest.raises(DeviceError) as caught:
            future.result(GENEROUS)
        assert caught.value.code == "camera.lost"
        with pytest.raises(DeviceUnavailable):
            camera.measure_modes().result(GENEROUS)
        node.touch()
        assert camera.wait_for_frame(camera.frames, GENEROUS)
        until(lambda: camera.status.state is DeviceState.READY)
        future = camera.measure_modes()
        until(lambda: plugged.opened.count((1600, 1200)) == 2)
        camera.stop()
        with pytest.raises(DeviceError):
            future.result(GENEROUS)
    assert plugged.open == 0


def test_a_stream_or_folder_has_nothing_to_measure(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), np.full((240, 320, 3), 90, np.uint8))
    camera = Camera(
        DeviceKind.WEBCAM, parse_address(f"images:{tmp_path}"), lambda event: None, width=640, height=480, fps=50.0
    )
    camera.start()
    try:
        assert camera.wait_for_frame(0, GENEROUS)
        with pytest.raises(DeviceError) as caught:
            camera.measure_modes().result(GENEROUS)
        assert caught.value.code == "camera.cannot_measure"
        assert camera.wait_for_frame(camera.frames, GENEROUS), "and it goes on"
    finally:
        camera.stop()


def test_a_size_at_which_the_program_died_is_not_tried_again(node: Path, plugged: Plugged, tmp_path: Path) -> None:
    memory = CameraMemory(tmp_path / "cameras.json")
    memory.begin_try("document_camera video0", Mode(1600, 1200, "MJPG", 10.0))
    with Driven(node, Standby(after=0.05, measure=0.1), CameraSetUp(memory=memory)) as camera:
        until(lambda: memory.mode("document_camera video0") is not None)
        assert camera.frames > 0
    assert (1600, 1200) not in plugged.opened
    assert memory.mode("document_camera video0") == Mode(1024, 768, "MJPG", 10.0)


def test_an_idle_camera_is_let_go_and_is_back_when_somebody_looks(node: Path, plugged: Plugged) -> None:
    with Driven(node, Standby(after=0.05, release=0.3)) as camera:
        first = camera.wait_for_frame(0, GENEROUS)
        assert first is not None
        until(lambda: camera.status.code == "camera.resting")
        assert camera.status.state is DeviceState.READY
        assert plugged.open == 0, "its light is out"
        assert camera.latest() is None or plugged.open, "an old picture must not pass for the present"
        again = camera.wait_for_frame(first.number, GENEROUS)
        assert again is not None
        assert again.number > first.number
        until(lambda: camera.status.code != "camera.resting")
        until(lambda: camera.status.code == "camera.resting")
        camera.wake()
        until(lambda: plugged.open == 1)


def test_a_resting_camera_that_is_unplugged_is_missed_and_comes_back(node: Path, plugged: Plugged) -> None:
    with Driven(node, Standby(after=0.05, release=0.2)) as camera:
        until(lambda: camera.status.code == "camera.resting")
        node.unlink()
        until(lambda: camera.status.state is DeviceState.ABSENT)
        node.touch()
        until(lambda: camera.status.state is DeviceState.READY)


def test_a_resting_camera_is_looked_at_now_and_then(
    node: Path, plugged: Plugged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.camera.CHECK_SECONDS", 0.3)
    with Driven(node, Standby(after=0.05, release=0.2, check=0.3)) as camera:
        until(lambda: len(plugged.opened) >= 3)
        until(lambda: camera.frames >= 3)
        until(lambda: camera.status.code == "camera.resting")


def test_controls_are_set_at_every_opening_and_what_is_not_there_is_reported(node: Path, plugged: Plugged) -> None:
    set_up = CameraSetUp(controls=CameraControls(focus=80, brightness=3))
    with Driven(node, Standby(), set_up) as camera:
        assert camera.wait_for_frame(0, GENEROUS)
        readings = {reading.name: reading for reading in camera.controls}
        assert (readings["focus"].outcome, readings["focus"].value) == (Outcome.SET, 80)
        assert readings["brightness"].outcome is Outcome.ABSENT
        assert camera.status.state is DeviceState.READY


def test_a_control_that_says_yes_and_does_nothing_is_found_out(node: Path, plugged: Plugged) -> None:
    plugged.takes_controls = False
    capture = plugged.capture(str(node), cv2.CAP_V4L2)
    capture._values[cv2.CAP_PROP_FOCUS] = 5.0
    readings = apply_controls(CameraControls(focus=80), str(node), capture)  # type: ignore[arg-type]
    assert next(r for r in readings if r.name == "focus").outcome is Outcome.REFUSED
