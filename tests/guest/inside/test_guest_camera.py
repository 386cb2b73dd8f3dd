"""Cameras of the kernel's vivid driver, and of its uvcvideo driver: told apart, measured, set, let go, pulled out.

vivid has raw formats and no USB names; its two cameras share one name below by-path, so it is used alone. What has a
VID:PID, a serial number and a socket is ``usb_camera``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from drivers.camera import Camera, CameraSetUp, Standby, listed_modes
from drivers.camera_controls import CameraControls, Outcome
from drivers.camera_identity import discover_cameras
from drivers.camera_memory import CameraMemory
from drivers.document_camera import DocumentCamera
from drivers.driver import DeviceState, DeviceStatus, StatusChanged
from drivers.transport.address import parse_address
from drivers.webcam import Webcam
from tests.drivers.events import Events

from .kernel import VIVID, modprobe, timed, wait_for, write
from .usb_camera import SIZES, Size, UsbCamera, pictures

GONE = (DeviceState.CONNECTING, DeviceState.ABSENT)
VIVID_NAME = Path("/dev/v4l/by-path/platform-vivid.0-video-index0")
BY_ID, BY_PATH = Path("/dev/v4l/by-id"), Path("/dev/v4l/by-path")
NEVER = 1e9
AWAKE = Standby(after=NEVER, measure=NEVER)
QUICK_REST = Standby(after=0.2, every=0.2, measure=NEVER, release=1.0)
PATIENCE = 240


def socket_name(port: int) -> Path:
    return BY_PATH / f"platform-vhci_hcd.0-usb-0:{port + 1}:1.0-video-index0"


def serial_name(serial_number: str) -> Path:
    return BY_ID / f"usb-Sample_Sample_camera_{serial_number}-video-index0"


@pytest.fixture(scope="module")
def vivid() -> Path:
    modprobe("vivid", "n_devs=1", "node_types=0x1", "input_types=0", "num_inputs=1")
    wait_for(VIVID_NAME.exists)
    return VIVID_NAME


@pytest.fixture
def plugged() -> Iterator[Callable[..., UsbCamera]]:
    """Makes USB cameras that are there; all are pulled out in the end."""
    made: list[UsbCamera] = []

    def plug(port: int, **about: object) -> UsbCamera:
        camera = UsbCamera(port, **about)  # type: ignore[arg-type]
        for size in camera.sizes:
            pictures(size.width, size.height, camera.scene)  # made before anybody waits for them
        made.append(camera)
        camera.plug()
        wait_for(lambda: camera.node)
        wait_for(socket_name(port).exists)
        return camera

    yield plug
    for camera in made:
        camera.unplug()
    wait_for(lambda: all(camera.node is None for camera in made))


@contextmanager
def looking(
    address: str, kind: type[DocumentCamera] | type[Webcam] = DocumentCamera, **options: object
) -> Iterator[tuple[Camera, Events]]:
    events = Events()
    camera = kind(parse_address(address), events, **{"standby": AWAKE, **options})  # type: ignore[arg-type]
    camera.start()
    try:
        yield camera, events
    finally:
        camera.stop(60)


def shows(camera: Camera, scene: int, after: int = 0) -> bool:
    """Whether the newest picture is of this scene and of no other."""
    frame = wait_for(lambda: camera.wait_for_frame(after, 1.0))
    height, width = frame.image.shape[:2]
    return _distance(frame.image, pictures(width, height, scene)[0]) < 12


def _distance(image: np.ndarray, jpeg: bytes) -> float:  # type: ignore[type-arg]
    import cv2

    other = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return float(np.mean(np.abs(image[::8, ::8].astype(int) - other[::8, ::8].astype(int))))


def well(status: DeviceStatus) -> bool:
    return status.state is DeviceState.READY and status.code != "camera.resting"


# -- vivid ---------------------------------------------------------------------------------------------------------


def test_raw_pictures_come_stop_and_come_again(vivid: Path) -> None:
    with looking(f"v4l2:{vivid}") as (camera, events):
        frame = wait_for(lambda: camera.wait_for_frame(0, 1.0))
        assert frame.image.shape[2] == 3
        assert frame.jpeg is None
        later = wait_for(lambda: camera.wait_for_frame(frame.number, 1.0))
        assert later.number > frame.number
        write(VIVID / "unbind", "vivid.0")
        events.wait_status(lambda status: status.state in GONE)
        assert wait_for(lambda: camera.latest() is None)
        with timed("camera, raw", vivid.exists):
            write(VIVID / "bind", "vivid.0")
            again = wait_for(camera.latest)
        assert again.number > later.number


def test_the_controls_of_the_kernel_are_set_read_back_and_set_again_after_a_replug(vivid: Path) -> None:
    wanted = CameraControls(brightness=90, contrast=150, saturation=300, focus=10)
    with looking(f"v4l2:{vivid}", set_up=CameraSetUp(wanted)) as (camera, events):
        for _ in range(2):
            wait_for(camera.latest)
            readings = {reading.name: reading for reading in camera.controls}
            assert (readings["brightness"].outcome, readings["brightness"].value) == (Outcome.SET, 90)
            assert (readings["contrast"].outcome, readings["contrast"].value) == (Outcome.SET, 150)
            assert readings["saturation"].outcome is Outcome.REFUSED
            assert readings["saturation"].value == readings["saturation"].maximum == 255
            assert readings["focus"].outcome is Outcome.ABSENT
            assert (readings["sharpness"].outcome, readings["gain"].outcome) == (Outcome.ABSENT, Outcome.KEPT)
            write(VIVID / "unbind", "vivid.0")
            events.wait_status(lambda status: status.state in GONE)
            wait_for(lambda: camera.latest() is None)
            write(VIVID / "bind", "vivid.0")


def test_the_best_mode_is_measured_and_kept(vivid: Path, tmp_path: Path) -> None:
    memory = CameraMemory(tmp_path / "cameras.json")
    wait_for(vivid.exists)
    sizes = {(mode.width, mode.height) for mode in listed_modes(vivid.resolve())}
    with looking(f"v4l2:{vivid}", Webcam, set_up=CameraSetUp(memory=memory)) as (camera, events):
        wait_for(camera.latest)
        measured = camera.measure_modes().result(PATIENCE)
        assert any(event.status.code == "camera.measuring" for event in events.of(StatusChanged))
        working = [mode for mode in measured if mode.fps > 0]
        assert working
        assert {(mode.width, mode.height) for mode in working} <= sizes
        mode = camera.mode
        assert mode is not None
        assert (mode.width, mode.height) in {(one.width, one.height) for one in working}
    kept = CameraMemory(tmp_path / "cameras.json").mode("webcam platform-vivid.0")
    assert kept is not None
    assert (kept.width, kept.height) == (mode.width, mode.height)
    assert CameraMemory(tmp_path / "cameras.json").hung("webcam platform-vivid.0") == ()
    print("measured", [(one.width, one.height, one.fourcc, one.fps) for one in measured], "chosen", mode)


# -- uvcvideo: which camera ----------------------------------------------------------------------------------------


def test_twins_with_serial_numbers_keep_their_names_when_they_change_sockets(plugged: Callable[..., UsbCamera]) -> None:
    one, two = plugged(0, serial_number="A1", scene=1), plugged(1, serial_number="A2", scene=2)
    found = {camera.address for camera in discover_cameras() if camera.vid == 0x1BCF}
    assert found == {f"v4l2:{serial_name('A1')}", f"v4l2:{serial_name('A2')}"}
    with (
        looking(f"v4l2:{serial_name('A1')}") as (first, first_events),
        looking("v4l2:usb=1bcf:0b09:A2", Webcam) as (second, second_events),
    ):
        assert shows(first, 1)
        assert shows(second, 2)
        assert (first.status.identity, second.status.identity) == ("1bcf:0b09:A1", "1bcf:0b09:A2")
        one.unplug()
        two.unplug()
        for events in (first_events, second_events):
            events.wait_status(lambda status: status.state in GONE)
        wait_for(lambda: first.latest() is None and second.latest() is None)
        two.plug(0)
        one.plug(1)
        assert shows(first, 1, first.frames)
        assert shows(second, 2, second.frames)


def test_twins_without_serial_numbers_are_refused_by_name_and_taken_by_socket(
    plugged: Callable[..., UsbCamera],
) -> None:
    plugged(0, scene=1)
    by_name = BY_ID / "usb-Sample_Sample_camera-video-index0"
    with looking(f"v4l2:{by_name}") as (alone, events):
        assert shows(alone, 1)
        with looking(f"v4l2:{socket_name(1)}?usb=1bcf:0b09", Webcam) as (second, _):
            twin = plugged(1, scene=2)
            assert shows(second, 2)
            assert shows(alone, 1, alone.frames)  # it is open and goes on
            twin.unplug()
    found = plugged(2, scene=3)
    assert {camera.address for camera in discover_cameras() if camera.vid == 0x1BCF} == {
        f"v4l2:{socket_name(port)}?usb=1bcf:0b09" for port in (0, 2)
    }
    with looking(f"v4l2:{by_name}") as (refused, events):
        events.wait_status(lambda status: status.code == "camera.ambiguous")
        with looking("v4l2:usb=1bcf:0b09", Webcam) as (also, others):
            others.wait_status(lambda status: status.code == "camera.ambiguous")
            assert also.latest() is None
        assert refused.latest() is None
        found.unplug()
        assert shows(refused, 1)


def test_another_camera_in_the_socket_is_not_shown(plugged: Callable[..., UsbCamera]) -> None:
    right = plugged(0, serial_number="A1", scene=1)
    wrong = UsbCamera(0, product=0x0C10, scene=2)
    sister = UsbCamera(0, serial_number="A2", scene=3)
    with looking(f"v4l2:{socket_name(0)}?usb=1bcf:0b09:A1") as (camera, events):
        assert shows(camera, 1)
        for other in (wrong, sister):
            right.unplug()
            events.wait_status(lambda status: status.state in GONE)
            other.plug()
            events.wait_status(lambda status: (status.state, status.code) == (DeviceState.FAULT, OTHER))
            assert camera.latest() is None
            other.unplug()
            right.plug()
            events.wait_status(well)
            assert shows(camera, 1, camera.frames - 1)


OTHER = "camera.other_camera"


# -- uvcvideo: pictures, sizes, settings ---------------------------------------------------------------------------


def test_the_cameras_own_jpeg_is_kept_and_its_settings_are_set_after_every_replug(
    plugged: Callable[..., UsbCamera],
) -> None:
    device = plugged(0, serial_number="A1")
    wanted = CameraControls(brightness=-20, contrast=500, focus=3)
    with looking(f"v4l2:{serial_name('A1')}", set_up=CameraSetUp(wanted)) as (camera, events):
        for _ in range(2):
            frame = wait_for(lambda: camera.wait_for_frame(camera.frames, 1.0))
            assert frame.jpeg in pictures(frame.image.shape[1], frame.image.shape[0], 1)
            assert device.controls == {"brightness": -20, "contrast": 100}
            outcomes = {reading.name: reading.outcome for reading in camera.controls}
            assert outcomes["brightness"] is Outcome.SET
            assert outcomes["contrast"] is Outcome.REFUSED  # the kernel keeps it in its range
            assert outcomes["focus"] is Outcome.ABSENT
            device.unplug()
            events.wait_status(lambda status: status.state in GONE)
            device.plug()


def test_a_size_whose_claimed_pace_is_not_kept_is_not_chosen(plugged: Callable[..., UsbCamera], tmp_path: Path) -> None:
    plugged(0, serial_number="A1")
    memory = CameraMemory(tmp_path / "cameras.json")
    with looking(f"v4l2:{serial_name('A1')}", set_up=CameraSetUp(memory=memory)) as (camera, _):
        wait_for(camera.latest)
        measured = camera.measure_modes().result(PATIENCE)
        assert [(mode.width, mode.height) for mode in measured] == [(size.width, size.height) for size in SIZES]
        assert measured[0].fps < 3 < 15  # claimed
        mode = camera.mode
        assert mode is not None
        assert (mode.width, mode.height) == (640, 480)
    kept = CameraMemory(tmp_path / "cameras.json").mode("document_camera 1bcf:0b09:A1")
    assert kept is not None
    assert (kept.width, kept.height, kept.fourcc) == (640, 480, "MJPG")
    with looking(f"v4l2:{serial_name('A1')}", set_up=CameraSetUp(memory=memory)) as (camera, events):
        events.wait_status(well)
        assert camera.status.code == ""
        assert camera.status.detail["width"] == 640
    print("measured", [(one.width, one.height, one.fourcc, one.fps) for one in measured])


def test_a_camera_pulled_out_while_it_is_measured_is_measured_another_time(
    plugged: Callable[..., UsbCamera], tmp_path: Path
) -> None:
    device = plugged(0, serial_number="A1")
    memory = CameraMemory(tmp_path / "cameras.json")
    with looking(f"v4l2:{serial_name('A1')}", set_up=CameraSetUp(memory=memory)) as (camera, events):
        wait_for(camera.latest)
        measuring = camera.measure_modes()
        events.wait_status(lambda status: status.code == "camera.measuring")
        device.unplug()
        assert measuring.exception(PATIENCE) is not None
        device.plug()
        wait_for(camera.latest)
        assert memory.mode("document_camera 1bcf:0b09:A1") is None
        assert camera.measure_modes().result(PATIENCE)


# -- uvcvideo: rest, and pulled out in every state -----------------------------------------------------------------


def test_a_camera_is_let_go_after_idleness_and_is_back_when_somebody_looks(plugged: Callable[..., UsbCamera]) -> None:
    device = plugged(0, serial_number="A1", sizes=(Size(640, 480, 30, 10.0),))
    with looking(f"v4l2:{serial_name('A1')}", standby=QUICK_REST) as (camera, events):
        events.wait_status(lambda status: status.code == "camera.resting")
        assert wait_for(lambda: not device.streaming)  # its light is out
        last = camera.frames
        with timed("camera woken", serial_name("A1").exists):
            camera.wake()
            events.wait_status(well)
        assert camera.frames > last
        assert device.streaming


@pytest.mark.parametrize("state", ["looked at", "idle", "resting", "resting, and woken while away"])
def test_a_camera_pulled_out_in_any_state_comes_back(plugged: Callable[..., UsbCamera], state: str) -> None:
    device = plugged(0, serial_number="A1", sizes=(Size(640, 480, 30, 10.0),))
    standby = QUICK_REST if state.startswith("resting") else Standby(after=0.2 if state == "idle" else NEVER, every=0.2)
    with looking(f"v4l2:{serial_name('A1')}", standby=standby) as (camera, events):
        if state.startswith("resting"):
            events.wait_status(lambda status: status.code == "camera.resting")
        else:
            events.wait_status(well)
        device.unplug()
        events.wait_status(lambda status: status.state in GONE)
        if state.endswith("away"):
            assert camera.latest() is None
        wait_for(lambda: not serial_name("A1").exists())
        with timed(f"camera, {state}", serial_name("A1").exists):
            device.plug(1)
            events.wait_status(well)
        assert shows(camera, 1)
