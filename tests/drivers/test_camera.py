"""The camera driver against a real HTTP stream read by OpenCV, against folders, and against what can go wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from drivers.camera import Camera, Frame, Standby
from drivers.camera_identity import discover_cameras, stable_link
from drivers.document_camera import DocumentCamera
from drivers.driver import DeviceKind, DeviceState, StatusChanged
from drivers.opencv import cv2
from drivers.simulated.camera import CameraFault, SimulatedCamera
from drivers.simulated.scenes import document_scene, webcam_scene
from drivers.transport.address import AddressError, parse_address
from drivers.webcam import Webcam
from kiosk.words import words
from tests.waiting import until

GENEROUS = 30.0
ROOT = Path(__file__).parents[2]
SIZE = (640, 480)


def start(address: str, heard: list[object] | None = None, **options: object) -> Camera:
    listener = heard.append if heard is not None else lambda event: None
    wishes = {"width": 640, "height": 480, "fps": 20.0, **options}
    camera = Camera(DeviceKind.DOCUMENT_CAMERA, parse_address(address), listener, **wishes)  # type: ignore[arg-type]
    camera.start()
    return camera


@pytest.fixture
def simulated() -> Iterator[SimulatedCamera]:
    with SimulatedCamera(document_scene("a4_form"), SIZE, fps=20) as camera:
        yield camera


@pytest.fixture
def camera(simulated: SimulatedCamera) -> Iterator[Camera]:
    driver = start(simulated.address)
    yield driver
    driver.stop()


def first_frame(camera: Camera) -> Frame:
    frame = camera.wait_for_frame(0, GENEROUS)
    assert frame is not None
    return frame


def test_stream_gives_numbered_read_only_frames_with_the_cameras_own_jpeg(camera: Camera) -> None:
    frame = first_frame(camera)
    assert frame.image.shape == (480, 640, 3)
    assert frame.image.dtype == np.uint8
    with pytest.raises(ValueError, match="read-only"):
        frame.image[0, 0, 0] = 1
    assert frame.jpeg is not None
    assert len(repr(frame)) < 100, "a picture of a resident never gets into a log by way of its frame"
    assert np.array_equal(cv2.imdecode(np.frombuffer(frame.jpeg, np.uint8), cv2.IMREAD_COLOR), frame.image)
    later = camera.wait_for_frame(frame.number, GENEROUS)
    assert later is not None
    assert later.number > frame.number
    assert later.taken_at > frame.taken_at


def test_ready_says_what_the_camera_really_delivers(simulated: SimulatedCamera, camera: Camera) -> None:
    first_frame(camera)
    until(lambda: camera.status.state is DeviceState.READY)
    assert dict(camera.status.detail) == {"width": 640, "height": 480, "format": "MJPG"}
    assert camera.status.identity == simulated.address
    assert camera.mode is not None
    assert (camera.mode.width, camera.mode.height, camera.mode.fourcc) == (640, 480, "MJPG")


def test_only_the_newest_frame_is_kept(camera: Camera) -> None:
    first = first_frame(camera)
    for _ in range(5):
        assert camera.wait_for_frame(first.number, GENEROUS)
    until(lambda: (camera.latest() or first).number > first.number + 5)
    slow = camera.wait_for_frame(first.number, GENEROUS)
    assert slow is not None
    assert slow.number > first.number + 5, "a slow reader gets the present, not the past"


def test_measured_fps_follows_the_stream_and_falls_to_nothing(simulated: SimulatedCamera, camera: Camera) -> None:
    first_frame(camera)
    until(lambda: 3 < camera.fps <= 60)
    simulated.unplug()
    until(lambda: camera.fps == 0.0)


def test_unplugged_camera_is_missed_and_comes_back_on_the_same_address(
    simulated: SimulatedCamera, camera: Camera
) -> None:
    before = first_frame(camera)
    simulated.unplug()
    until(lambda: camera.status.state is DeviceState.ABSENT)
    assert camera.status.code in ("camera.lost", "camera.absent")
    assert camera.latest() is None, "an old picture must not pass for the present"
    simulated.replug()
    until(lambda: camera.status.state is DeviceState.READY)
    after = camera.wait_for_frame(before.number, GENEROUS)
    assert after is not None
    assert after.number > before.number


def test_stalled_stream_is_not_ready_and_recovers(simulated: SimulatedCamera, camera: Camera) -> None:
    first_frame(camera)
    simulated.set_fault(CameraFault.STALL)
    until(lambda: camera.status.state is not DeviceState.READY)
    assert camera.latest() is None
    simulated.set_fault(None)
    until(lambda: camera.status.state is DeviceState.READY)


def test_silent_from_the_start_is_unknown(simulated: SimulatedCamera) -> None:
    simulated.set_fault(CameraFault.STALL)
    with SimulatedCamera(document_scene("empty_mat"), SIZE) as silent:
        silent.set_fault(CameraFault.STALL)
        driver = start(silent.address)
        try:
            until(lambda: driver.status.code == "camera.silent")
            assert driver.status.state in (DeviceState.UNKNOWN, DeviceState.CONNECTING)
            assert driver.latest() is None
        finally:
            driver.stop()


def test_frames_of_one_pixel_are_a_fault_and_end_with_it(simulated: SimulatedCamera, camera: Camera) -> None:
    first_frame(camera)
    simulated.set_fault(CameraFault.TINY)
    until(lambda: camera.status.state is DeviceState.FAULT)
    assert camera.status.code == "camera.bad_frame"
    assert dict(camera.status.detail) == {"width": 1, "height": 1}
    assert camera.latest() is None
    simulated.set_fault(None)
    until(lambda: camera.status.state is DeviceState.READY and camera.latest() is not None)


def test_damaged_frames_are_never_shown(simulated: SimulatedCamera, camera: Camera) -> None:
    first_frame(camera)
    simulated.set_fault(CameraFault.DAMAGED)
    until(lambda: camera.status.state is not DeviceState.READY)
    assert camera.latest() is None
    simulated.set_fault(None)
    until(lambda: camera.status.state is DeviceState.READY)


def test_a_hanging_camera_does_not_hold_up_another(simulated: SimulatedCamera) -> None:
    with SimulatedCamera(document_scene("empty_mat"), SIZE) as hanging:
        hanging.set_fault(CameraFault.STALL)
        stuck = start(hanging.address)
        good = start(simulated.address)
        try:
            first_frame(good)
            assert stuck.latest() is None
            assert stuck.status.state is not DeviceState.READY
        finally:
            stuck.stop()
            good.stop()


def test_nobody_looks_and_few_frames_are_decoded(simulated: SimulatedCamera) -> None:
    driver = start(simulated.address, standby=Standby(after=0.0, every=3600.0))
    try:
        first = first_frame(driver)
        arrived = len(driver._arrivals)
        until(lambda: len(driver._arrivals) > arrived + 20)
        assert driver._frame is not None
        assert driver._frame.number <= first.number + 2, "asleep: the stream is drained but not decoded"
        assert driver.status.state is DeviceState.READY
    finally:
        driver.stop()


def test_nothing_listening_is_absent_with_its_place_but_no_password() -> None:
    heard: list[object] = []
    driver = start("http://user:secret@127.0.0.1:9/stream.mjpg?token=secret", heard)
    try:
        until(lambda: driver.status.state is DeviceState.ABSENT)
        assert driver.status.code == "camera.absent"
        assert dict(driver.status.detail) == {"place": "http://127.0.0.1:9/stream.mjpg"}
        assert all("secret" not in str(event) for event in heard)
    finally:
        driver.stop()


def test_folder_of_pictures_never_ends(tmp_path: Path) -> None:
    for number, level in enumerate((40, 200)):
        cv2.imwrite(str(tmp_path / f"{number}.jpg"), np.full((240, 320, 3), level, np.uint8))
    (tmp_path / "notes.txt").write_text("no picture", encoding="utf-8")
    driver = start(f"images:{tmp_path}", fps=60.0)
    try:
        seen: list[int] = []
        number = 0
        while len(seen) < 6:
            frame = driver.wait_for_frame(number, GENEROUS)
            assert frame is not None
            assert frame.jpeg is not None
            number = frame.number
            seen.append(round(float(frame.image.mean())))
        assert set(seen) == {40, 200}
    finally:
        driver.stop()


def test_folder_without_pictures_and_no_folder(tmp_path: Path) -> None:
    for target, code in ((tmp_path, "camera.no_pictures"), (tmp_path / "gone", "camera.absent")):
        driver = start(f"images:{target}")
        try:
            until(lambda driver=driver, code=code: driver.status.code == code)  # type: ignore[misc]
        finally:
            driver.stop()


def test_device_file_that_is_not_there_is_absent(tmp_path: Path) -> None:
    driver = start(f"v4l2:{tmp_path}/usb-Example-video-index0")
    try:
        until(lambda: driver.status.state is DeviceState.ABSENT)
        assert driver.status.code == "camera.absent"
    finally:
        driver.stop()


def test_other_kinds_of_connection_are_refused() -> None:
    with pytest.raises(AddressError, match="serial"):
        DocumentCamera(parse_address("serial:/dev/ttyUSB0"), lambda event: None)


class FakeV4L2:
    """A capture that, like vivid, says yes to every wish and then does as it likes."""

    def __init__(self, path: str, backend: int, *, mjpg: bool, raw: bool) -> None:
        self.asked: list[tuple[int, float]] = []
        self.values = {cv2.CAP_PROP_FOURCC: float(cv2.VideoWriter.fourcc(*("MJPG" if mjpg else "YUYV")))}
        self.raw = raw
        self.convert = 1.0
        self.picture = np.full((300, 400, 3), 90, np.uint8)

    def isOpened(self) -> bool:  # noqa: N802
        return True

    def set(self, prop: int, value: float) -> bool:
        self.asked.append((prop, value))
        if prop == cv2.CAP_PROP_CONVERT_RGB:
            self.convert = value
        return True

    def get(self, prop: int) -> float:
        return self.values.get(prop, 0.0)

    def grab(self) -> bool:
        return True

    def retrieve(self) -> tuple[bool, np.ndarray]:
        time.sleep(0.01)
        if self.convert == 0 and self.raw:
            data = np.asarray(cv2.imencode(".jpg", self.picture)[1]).ravel()
            return True, np.concatenate([data, np.zeros(5000, np.uint8)]).reshape(1, -1)
        return True, self.picture.copy()

    def read(self) -> tuple[bool, np.ndarray]:
        return self.retrieve()

    def release(self) -> None:
        pass


@pytest.mark.parametrize(("mjpg", "raw"), [(True, True), (True, False), (False, False)])
def test_v4l2_asks_for_mjpg_before_the_size_and_reports_what_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mjpg: bool, raw: bool
) -> None:
    device = tmp_path / "video0"
    device.touch()
    opened: list[FakeV4L2] = []

    def capture(path: str, backend: int) -> FakeV4L2:
        opened.append(FakeV4L2(path, backend, mjpg=mjpg, raw=raw))
        assert (path, backend) == (str(device), cv2.CAP_V4L2)
        return opened[-1]

    monkeypatch.setattr(cv2, "VideoCapture", capture)
    driver = start(f"v4l2:{device}")
    try:
        frame = first_frame(driver)
        until(lambda: driver.status.state is DeviceState.READY)
    finally:
        driver.stop()
    asked = [prop for prop, _ in opened[0].asked]
    assert asked.index(cv2.CAP_PROP_FOURCC) < asked.index(cv2.CAP_PROP_FRAME_WIDTH)
    assert frame.image.shape == (300, 400, 3)
    assert (frame.jpeg is not None) == raw
    if frame.jpeg is not None:
        assert frame.jpeg.endswith(b"\xff\xd9"), "without the rest of the driver's buffer"


def test_v4l2_smaller_than_asked_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "video0").touch()
    monkeypatch.setattr(cv2, "VideoCapture", lambda path, backend: FakeV4L2(path, backend, mjpg=False, raw=False))
    heard: list[object] = []
    driver = start(f"v4l2:{tmp_path}/video0", heard)
    try:
        until(lambda: driver.status.state is DeviceState.READY)
        assert driver.status.code == "camera.other_mode"
        assert dict(driver.status.detail) == {"width": 400, "height": 300, "format": "YUYV"}
        assert isinstance(heard[-1], StatusChanged)
    finally:
        driver.stop()


def test_twins_are_told_apart_by_their_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    links = tmp_path / "v4l"
    (links / "by-id").mkdir(parents=True)
    (links / "by-path").mkdir()
    devices = [tmp_path / f"video{number}" for number in range(4)]
    for device in devices:
        device.touch()
    (links / "by-id" / "usb-Eye-video-index0").symlink_to(devices[1])
    (links / "by-id" / "usb-Eye-video-index1").symlink_to(devices[3])
    (links / "by-id" / "usb-Solo-video-index0").symlink_to(devices[2])
    for number in (0, 1, 2):
        (links / "by-path" / f"pci-usb-0:{number}-video-index0").symlink_to(devices[number])
    assert stable_link(devices[2], links).endswith("usb-Solo-video-index0")
    assert stable_link(devices[0], links).endswith("0:0-video-index0")
    assert stable_link(devices[3], links) == "", "index1 is metadata"

    import cv2_enumerate_cameras

    def listed(backend: int) -> list[SimpleNamespace]:
        ids = ((1, 2), (1, 2), (3, 4))
        return [
            SimpleNamespace(name=f"Eye {number}", path=str(devices[number]), vid=vid, pid=pid)
            for number, (vid, pid) in enumerate(ids)
        ]

    monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", listed)
    addresses = {camera.path: camera.address for camera in discover_cameras(links)}
    assert addresses[str(devices[0])].endswith("pci-usb-0:0-video-index0?usb=0001:0002")
    assert addresses[str(devices[1])].endswith("pci-usb-0:1-video-index0?usb=0001:0002")
    assert addresses[str(devices[2])].endswith("usb-Solo-video-index0")


def test_kinds_and_usual_sizes() -> None:
    for driver, kind in (
        (DocumentCamera(parse_address("http://127.0.0.1:9/"), lambda event: None), DeviceKind.DOCUMENT_CAMERA),
        (Webcam(parse_address("http://127.0.0.1:9/"), lambda event: None), DeviceKind.WEBCAM),
    ):
        assert driver.kind is kind
        assert driver.latest() is None
        assert driver.fps == 0.0


def test_simulated_camera_shows_another_scene(simulated: SimulatedCamera, camera: Camera) -> None:
    before = first_frame(camera)
    assert simulated.show(webcam_scene("empty_room"), wait=GENEROUS)

    def differs() -> bool:
        frame = camera.latest()
        return frame is not None and float(np.abs(frame.image.astype(int) - before.image).mean()) > 20

    until(differs)


def test_simulated_page_slides_in_and_then_lies_still(simulated: SimulatedCamera, camera: Camera) -> None:
    simulated.show(document_scene("empty_mat"), wait=GENEROUS)
    first_frame(camera)
    means: list[float] = []
    simulated.show(document_scene("a4_form", slide=True), wait=GENEROUS)
    number = 0
    while len(means) < 3 or max(means[-3:]) - min(means[-3:]) > 0.3 or means[-1] < 120:
        frame = camera.wait_for_frame(number, GENEROUS)
        assert frame is not None
        number = frame.number
        means.append(float(frame.image.mean()))
        assert len(means) < 400
    assert len({round(mean / 4) for mean in means}) >= 3, "some frames show the page on its way"


def test_frozen_camera_repeats_one_frame_and_a_well_one_does_not(simulated: SimulatedCamera, camera: Camera) -> None:
    def jpegs(count: int) -> set[bytes | None]:
        number, seen = (camera.latest() or first_frame(camera)).number, []
        for _ in range(count):
            frame = camera.wait_for_frame(number, GENEROUS)
            assert frame is not None
            number = frame.number
            seen.append(frame.jpeg)
        return set(seen)

    first_frame(camera)
    until(lambda: len(jpegs(4)) > 1)
    simulated.set_fault(CameraFault.FREEZE)
    until(lambda: len(jpegs(4)) == 1)


def test_stop_ends_the_thread(simulated: SimulatedCamera) -> None:
    driver = start(simulated.address)
    first_frame(driver)
    driver.stop()
    assert driver.status.code == "device.stopped"
    assert driver.latest() is None
    assert not [thread for thread in threading.enumerate() if thread.name == "driver-document_camera"]


def test_a_program_that_ends_without_stopping_its_cameras_ends_cleanly() -> None:
    program = textwrap.dedent("""
        from drivers.document_camera import DocumentCamera
        from drivers.simulated.camera import SimulatedCamera
        from drivers.simulated.scenes import document_scene
        from drivers.transport.address import parse_address
        simulated = SimulatedCamera(document_scene("a4_form"), (640, 480), fps=60)
        camera = DocumentCamera(parse_address(simulated.address), lambda event: None)
        camera.start()
        assert camera.wait_for_frame(0, 30)
    """)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=50)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_code_of_a_camera_has_words(language: str) -> None:
    sources = [*(ROOT / "drivers").glob("camera*.py"), ROOT / "drivers" / "mjpeg_stream.py"]
    emitted = set(re.findall(r'"(camera\.[a-z_]+)"', "".join(path.read_text(encoding="utf-8") for path in sources)))
    assert {"camera.bad_frame", "camera.not_a_camera", "camera.wrong_way", "camera.ambiguous"} <= emitted
    for code in emitted:
        sentence = words(code, language, {"width": 1, "height": 1})  # type: ignore[arg-type]
        assert code not in str(sentence)
        assert sentence.do


PROBE = textwrap.dedent("""
    import os
    os.environ.pop("QT_QPA_FONTDIR", None)
    {first}
    from drivers.opencv import cv2
    left = [name for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR") if "cv2" in os.environ.get(name, "")]
    assert not left, left
    assert "cv2" not in os.environ.get("LD_LIBRARY_PATH", "")
    from PySide6.QtGui import QGuiApplication, QWindow
    app = QGuiApplication([])
    window = QWindow()
    window.show()
    app.processEvents()
    print(app.platformName())
""")


def probe(platform: str, first: str, display: str = "") -> str:
    environment = {**os.environ, "QT_QPA_PLATFORM": platform, "PYTHONPATH": str(ROOT)}
    environment.pop("QT_QPA_PLATFORM_PLUGIN_PATH", None)
    if display:
        environment["DISPLAY"] = display
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(first=first)], env=environment, capture_output=True, text=True, timeout=50
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("first", ["", "import cv2", "import PySide6.QtGui"])
def test_qt_starts_after_opencv_without_a_screen(first: str) -> None:
    assert probe("offscreen", first) == "offscreen"


@pytest.mark.skipif(not Path("/usr/bin/Xvfb").exists(), reason="Xvfb is not installed")
def test_qt_starts_after_opencv_on_a_real_x_server() -> None:
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["/usr/bin/Xvfb", "-displayfd", str(write_end), "-screen", "0", "640x480x24", "-nolisten", "tcp"],
        pass_fds=[write_end],
        stderr=subprocess.DEVNULL,
    )
    try:
        os.close(write_end)
        with os.fdopen(read_end) as told:
            number = told.readline().strip()
        assert number
        assert probe("xcb", "", f":{number}") == "xcb"
    finally:
        server.terminate()
        server.wait(10)
