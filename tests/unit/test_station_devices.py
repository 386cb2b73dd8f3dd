"""The station's pieces as one: states of those without a driver, reconnecting, hanging workers, stopping together."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.driver import DeviceKind, DeviceState, StatusChanged
from drivers.receipt_printer import Cut, Feed, PrintResultState, QrCode
from drivers.simulated.camera import SimulatedCamera
from drivers.simulated.code_scanner import SimulatedCodeScanner
from drivers.simulated.receipt_printer import SimulatedReceiptPrinter
from drivers.simulated.scenes import webcam_scene
from drivers.transport import printer_line
from drivers.transport.address import AddressError
from kiosk.devices import station_devices
from kiosk.devices.station_devices import MOST_HUNG, NONE_BY_DESIGN, NOT_CONFIGURED, StationDevices
from kiosk.settings import DevicesSection, PrinterSection
from tests.drivers.events import Events
from tests.waiting import until

WAITING = "code_scanner.waiting_for_first_code"
CAMERAS = (DeviceKind.DOCUMENT_CAMERA, DeviceKind.WEBCAM)
NOTHING = {kind.value: "" for kind in DeviceKind}


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def make(stack: ExitStack) -> Callable[..., StationDevices]:
    def start(**connections: str) -> StationDevices:
        devices = StationDevices(DevicesSection(**{**NOTHING, **connections}), PrinterSection())
        stack.callback(devices.stop)
        devices.start()
        return devices

    return start


def scanner(stack: ExitStack) -> SimulatedCodeScanner:
    simulated = SimulatedCodeScanner()
    simulated.start()
    stack.callback(simulated.stop)
    return simulated


def test_a_piece_that_is_not_set_up_differs_from_one_that_is_left_out_on_purpose(
    make: Callable[..., StationDevices],
) -> None:
    devices = make(webcam="none")
    codes = {status.kind: (status.state, status.code) for status in devices.statuses()}
    assert codes[DeviceKind.WEBCAM] == (DeviceState.ABSENT, NONE_BY_DESIGN)
    assert codes[DeviceKind.CODE_SCANNER] == (DeviceState.ABSENT, NOT_CONFIGURED)
    assert devices.webcam is None


def test_a_piece_is_connected_anew_while_the_others_go_on(
    make: Callable[..., StationDevices], stack: ExitStack
) -> None:
    first, second = scanner(stack), scanner(stack)
    devices, events = make(code_scanner=first.address), Events()
    devices.subscribe(events)
    until(lambda: devices.status(DeviceKind.CODE_SCANNER).code == WAITING)
    devices.reconnect(DeviceKind.CODE_SCANNER, second.address)
    until(lambda: devices.status(DeviceKind.CODE_SCANNER).code == WAITING)
    second.scan(b"SAMPLE-CODE-0001")
    events.wait_until(lambda: any(type(event).__name__ == "CodeScanned" for event in events.all))
    assert not any(
        isinstance(event, StatusChanged) and event.status.code == "device.stopped" for event in events.all
    ), "the old driver's end is nobody's business"
    for connection, code in (("none", NONE_BY_DESIGN), ("", NOT_CONFIGURED)):
        devices.reconnect(DeviceKind.CODE_SCANNER, connection)
        assert devices.status(DeviceKind.CODE_SCANNER).code == code
        last = events.of(StatusChanged)[-1].status
        assert (last.kind, last.code) == (DeviceKind.CODE_SCANNER, code)
    devices.reconnect(DeviceKind.CODE_SCANNER, first.address)
    until(lambda: devices.status(DeviceKind.CODE_SCANNER).code == WAITING)


def test_a_recording_ends_with_its_driver_and_whoever_began_it_is_told(
    make: Callable[..., StationDevices], stack: ExitStack, tmp_path: Path
) -> None:
    address, ended = scanner(stack).address, threading.Event()
    devices = make(code_scanner=address)
    until(lambda: devices.status(DeviceKind.CODE_SCANNER).code == WAITING)
    devices.record(DeviceKind.CODE_SCANNER, tmp_path / "wire.jsonl", "1.0", ended.set)
    devices.stop_recording(DeviceKind.CODE_SCANNER)
    assert not ended.is_set(), "not by itself"
    devices.record(DeviceKind.CODE_SCANNER, tmp_path / "again.jsonl", "1.0", ended.set)
    devices.reconnect(DeviceKind.CODE_SCANNER, address)
    assert ended.is_set()


@pytest.mark.parametrize(
    "connection", ["pcsc:", "usb:1234:5678", "nonsense", "simulated", "serial:/dev/ttyS0?baud=fast", "serial:"]
)
def test_a_connection_that_a_piece_cannot_have_changes_nothing(
    make: Callable[..., StationDevices], stack: ExitStack, connection: str
) -> None:
    devices = make(code_scanner=scanner(stack).address)
    until(lambda: devices.status(DeviceKind.CODE_SCANNER).code == WAITING)
    with pytest.raises(AddressError):
        devices.reconnect(DeviceKind.CODE_SCANNER, connection)
    assert devices.status(DeviceKind.CODE_SCANNER).code == WAITING


@pytest.mark.parametrize("between", [None, "", "none"])
def test_frames_go_on_counting_over_a_new_connection(
    make: Callable[..., StationDevices], stack: ExitStack, between: str | None
) -> None:
    simulated = SimulatedCamera(webcam_scene("empty_room"))
    stack.callback(simulated.close)
    devices = make(webcam=simulated.address)
    until(lambda: (frame := devices.latest_frame(DeviceKind.WEBCAM)) is not None and frame.number > 3)
    before = devices.latest_frame(DeviceKind.WEBCAM)
    if between is not None:
        devices.reconnect(DeviceKind.WEBCAM, between)
    devices.reconnect(DeviceKind.WEBCAM, simulated.address)
    camera = devices.webcam
    assert before is not None
    assert camera is not None
    assert camera.frames >= before.number
    assert camera.wait_for_frame(before.number, 40.0) is not None


@pytest.mark.parametrize("between", [None, ""])
async def test_a_job_is_not_printed_again_by_a_new_driver(
    make: Callable[..., StationDevices], stack: ExitStack, between: str | None
) -> None:
    simulated = SimulatedReceiptPrinter()
    stack.callback(simulated.stop)
    devices = make(receipt_printer=simulated.address)
    until(lambda: devices.status(DeviceKind.RECEIPT_PRINTER).state is DeviceState.READY)
    first = await devices.print_job([Feed(3), Cut()], "action-1")
    if between is not None:  # as probing its line does
        devices.reconnect(DeviceKind.RECEIPT_PRINTER, between)
    devices.reconnect(DeviceKind.RECEIPT_PRINTER, simulated.address)
    until(lambda: devices.status(DeviceKind.RECEIPT_PRINTER).state is DeviceState.READY)
    assert await devices.print_job([Feed(3), Cut()], "action-1") == first
    assert len(simulated.receipts) == 1


def test_after_stopping_nothing_is_connected_any_more(make: Callable[..., StationDevices], stack: ExitStack) -> None:
    devices = make()
    devices.stop()
    before = threading.active_count()
    devices.reconnect(DeviceKind.CODE_SCANNER, scanner(stack).address)
    assert devices.status(DeviceKind.CODE_SCANNER).code == NOT_CONFIGURED
    assert threading.active_count() - before <= 1  # the simulated scanner's own


class Fifo:
    """A picture that nobody ever finishes writing: reading it is a system call that does not return."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(exist_ok=True)
        os.mkfifo(path)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station_devices, "WATCH_SECONDS", 0.05)
    monkeypatch.setattr(station_devices, "STOP_SECONDS", 0.3)


def let_go(path: Path) -> None:
    """Let everybody go who waits for a fifo; they read nothing."""
    for _ in range(50):
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
        time.sleep(0.01)


def hanging_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "driver-document_camera"]


@pytest.mark.usefixtures("impatient")
def test_a_worker_that_hangs_in_the_system_is_replaced_and_its_late_return_is_heard_by_nobody(
    make: Callable[..., StationDevices], stack: ExitStack, tmp_path: Path
) -> None:
    fifo = Fifo(tmp_path / "1.png")
    devices = make(document_camera=f"images:{tmp_path}", code_scanner=scanner(stack).address)
    events = Events()
    devices.subscribe(events)
    until(lambda: devices.status(DeviceKind.DOCUMENT_CAMERA).code == "device.hung")
    assert devices.status(DeviceKind.DOCUMENT_CAMERA).state is DeviceState.FAULT
    assert devices.status(DeviceKind.CODE_SCANNER).code == WAITING, "the others go on"
    until(lambda: len(hanging_threads()) == MOST_HUNG)
    turns = [list(hanging_threads()) for _ in range(2) if not time.sleep(1.5)]
    assert turns[0] == turns[1], "no further worker is started while so many hang"
    assert devices.status(DeviceKind.DOCUMENT_CAMERA).code == "device.hung"

    heard = [event for event in events.of(StatusChanged) if event.status.kind is DeviceKind.DOCUMENT_CAMERA]
    assert {event.status.code for event in heard} == {"device.hung"}
    kept = fifo.path.rename(tmp_path / "kept")
    cv2.imwrite(str(tmp_path / "1.png"), np.full((480, 640, 3), 200, np.uint8))
    let_go(kept)
    for thread in turns[0]:
        thread.join(20)
        assert not thread.is_alive()
    until(lambda: devices.status(DeviceKind.DOCUMENT_CAMERA).state is DeviceState.READY)
    late = [event.status for event in events.of(StatusChanged) if event.status.kind is DeviceKind.DOCUMENT_CAMERA]
    assert [(status.state, status.code) for status in late[len(heard) :]] == [(DeviceState.READY, "")]


@pytest.mark.usefixtures("impatient")
def test_a_driver_that_hangs_delays_no_other_at_the_end(
    make: Callable[..., StationDevices], stack: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(station_devices, "HUNG_LOOKS", 10**6)
    fifos = [Fifo(tmp_path / name / "1.png") for name in ("a", "b")]
    devices = make(
        document_camera=f"images:{tmp_path / 'a'}",
        webcam=f"images:{tmp_path / 'b'}",
        code_scanner=scanner(stack).address,
    )
    until(lambda: devices.status(DeviceKind.CODE_SCANNER).code == WAITING)
    monkeypatch.setattr(station_devices, "STOP_SECONDS", 60.0)
    stopping = threading.Thread(target=devices.stop)
    stopping.start()
    until(lambda: devices.status(DeviceKind.CODE_SCANNER).code == "device.stopped")
    assert stopping.is_alive(), "the cameras hang"
    for fifo in fifos:
        let_go(fifo.path)
    stopping.join(30)
    assert not stopping.is_alive()
    assert {status.code for status in devices.statuses() if status.kind in CAMERAS} == {"device.stopped"}


def test_the_watch_outlives_what_it_does_not_understand(
    make: Callable[..., StationDevices], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks = 0

    def look(watch: object) -> None:
        nonlocal looks
        looks += 1
        raise RuntimeError("no such bus")

    monkeypatch.setattr(station_devices, "WATCH_SECONDS", 0.02)
    monkeypatch.setattr(station_devices.UsbWatch, "look", look)
    make()
    until(lambda: looks > 2)
    assert "the watch over the drivers failed" in caplog.text


@pytest.mark.parametrize("found_by", ["the watch", "a technician"])
def test_a_printer_that_hangs_in_a_job_may_have_printed_it_and_never_prints_it_again(
    make: Callable[..., StationDevices], stack: ExitStack, monkeypatch: pytest.MonkeyPatch, found_by: str
) -> None:
    simulated = SimulatedReceiptPrinter()
    stack.callback(simulated.stop)
    devices = make(receipt_printer=simulated.address)
    until(lambda: devices.status(DeviceKind.RECEIPT_PRINTER).state is DeviceState.READY)
    hanging, free = threading.Event(), threading.Event()
    stack.callback(free.set)
    real = printer_line._NetworkLine.write

    def write(line: object, data: bytes) -> int:
        if len(data) > 20:
            hanging.set()
            free.wait(60)
        return real(line, data)  # type: ignore[arg-type]

    monkeypatch.setattr(printer_line._NetworkLine, "write", write)
    elements = [Feed(3), QrCode("SAMPLE"), Cut()]
    with ThreadPoolExecutor() as pool:
        job = pool.submit(lambda: asyncio.run(devices.print_job(elements, "action-1")))
        assert hanging.wait(30)
        if found_by == "the watch":
            monkeypatch.setattr(station_devices, "HUNG_LOOKS", 2)
        else:
            monkeypatch.setattr(station_devices, "STOP_SECONDS", 0.1)
            devices.reconnect(DeviceKind.RECEIPT_PRINTER, simulated.address)
        result = job.result(30)
        assert (result.state, result.code) == (PrintResultState.INTERRUPTED, "device.hung")
        monkeypatch.setattr(printer_line._NetworkLine, "write", real)
        free.set()
        until(lambda: devices.status(DeviceKind.RECEIPT_PRINTER).state is DeviceState.READY)
        again = pool.submit(lambda: asyncio.run(devices.print_job(elements, "action-1")))
        assert again.result(30) == result


def test_without_a_scanner_of_its_own_the_cameras_are_the_scanner(
    make: Callable[..., StationDevices], stack: ExitStack
) -> None:
    webcam = SimulatedCamera(webcam_scene("empty_room"))
    devices = make(code_scanner="camera:", webcam=webcam.address)
    kind = DeviceKind.CODE_SCANNER
    until(
        lambda: (
            (devices.status(kind).state, devices.status(kind).code) == (DeviceState.READY, "code_scanner.by_cameras")
        )
    )
    webcam.close()
    until(
        lambda: (
            devices.status(kind).code == "code_scanner.no_camera"
            and devices.status(kind).state is not DeviceState.READY
        )
    )


def test_a_scanner_that_reads_on_command_is_told(make: Callable[..., StationDevices], stack: ExitStack) -> None:
    simulated = scanner(stack)
    devices = make(code_scanner=simulated.address + "&trigger=newland_em")
    until(lambda: devices.status(DeviceKind.CODE_SCANNER).code == WAITING)
    devices.expect_code(True)
    until(lambda: simulated.received == bytes.fromhex("7E000801000201ABCD"))
    devices.expect_code(False)
    make().expect_code(True)  # none set up: nobody to tell
