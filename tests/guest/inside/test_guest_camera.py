"""Cameras of the kernel's vivid driver: listed, measured, told apart, pulled out and plugged in again."""

from __future__ import annotations

import pytest

from drivers.camera import discover_cameras
from drivers.document_camera import DocumentCamera
from drivers.driver import DeviceState
from drivers.transport.address import parse_address
from drivers.webcam import Webcam
from tests.drivers.events import Events

from .kernel import VIVID, modprobe, wait_for, write


@pytest.fixture(scope="module", autouse=True)
def vivid() -> None:
    modprobe("vivid", "n_devs=2", "node_types=0x1,0x1", "input_types=0,0", "num_inputs=1,1")
    wait_for(lambda: len(discover_cameras()) >= 2)


def test_two_cameras_of_one_model_are_two() -> None:
    found = discover_cameras()
    assert len({camera.path for camera in found}) == len(found) == 2


def test_pictures_come_stop_and_come_again() -> None:
    events = Events()
    camera = DocumentCamera(parse_address("v4l2:/dev/video0"), events)
    camera.start()
    try:
        frame = wait_for(lambda: camera.wait_for_frame(0, 1.0))
        assert frame.image.shape[2] == 3
        later = wait_for(lambda: camera.wait_for_frame(frame.number, 1.0))
        assert later.number > frame.number
        write(VIVID / "unbind", "vivid.0")
        events.wait_status(lambda status: status.state in (DeviceState.CONNECTING, DeviceState.ABSENT))
        assert wait_for(lambda: camera.latest() is None)
        write(VIVID / "bind", "vivid.0")
        assert wait_for(lambda: camera.latest()) is not None
    finally:
        camera.stop()


def test_two_cameras_run_side_by_side() -> None:
    first = DocumentCamera(parse_address("v4l2:/dev/video0"), Events())
    second = Webcam(parse_address("v4l2:/dev/video1"), Events())
    first.start()
    second.start()
    try:
        assert wait_for(lambda: first.latest()) is not None
        assert wait_for(lambda: second.latest()) is not None
    finally:
        first.stop()
        second.stop()
