"""The station's pieces as one: states of those without a driver, reconnecting, hanging workers, stopping together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from drivers.driver import DeviceKind, DeviceState, StatusChanged
from drivers.simulated.camera import SimulatedCamera
from drivers.simulated.code_scanner import SimulatedCodeScanner
from drivers.simulated.receipt_printer import SimulatedReceiptPrinter
from drivers.simulated.scenes import webcam_scene
from drivers.transport.address import AddressError
from kiosk.devices.station_devices import NONE_BY_DESIGN, NOT_CONFIGURED, StationDevices
from kiosk.settings import DevicesSection, PrinterSection
from tests.drivers.events import Events

WAITING = "code_scanner.waiting_for_first_code"
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


def until(holds: Callable[[], object], what: str = "", seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, what or "it did not happen"
        time.sleep(0.01)


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


def test_frames_go_on_counting_over_a_new_connection(make: Callable[..., StationDevices], stack: ExitStack) -> None:
    simulated = SimulatedCamera(webcam_scene("empty_room"))
    stack.callback(simulated.close)
    devices = make(webcam=simulated.address)
    until(lambda: (frame := devices.latest_frame(DeviceKind.WEBCAM)) is not None and frame.number > 3)
    before = devices.latest_frame(DeviceKind.WEBCAM)
    devices.reconnect(DeviceKind.WEBCAM, simulated.address)
    camera = devices.webcam
    assert before is not None
    assert camera is not None
    assert camera.wait_for_frame(before.number, 40.0) is not None


async def test_a_job_is_not_printed_again_by_a_new_driver(
    make: Callable[..., StationDevices], stack: ExitStack
) -> None:
    simulated = SimulatedReceiptPrinter()
    stack.callback(simulated.stop)
    devices = make(receipt_printer=simulated.address)
    until(lambda: devices.status(DeviceKind.RECEIPT_PRINTER).state is DeviceState.READY)
    from drivers.receipt_printer import Cut, Feed

    first = await devices.print_job([Feed(3), Cut()], "action-1")
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
