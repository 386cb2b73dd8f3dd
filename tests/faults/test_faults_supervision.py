"""Every driver, the same table: absent at the start, powered late, pulled out at any moment, another thing at the port.

The drivers and the ports are real; what a device says is simulated. What each protocol alone can suffer is in the test
of that device.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from drivers.code_scanner import CodeScanned, CodeScanner
from drivers.document_camera import DocumentCamera
from drivers.driver import DeviceError, DeviceState, DeviceStatus, Driver, StatusChanged
from drivers.id_card_reader import IdCardRead, IdCardReader
from drivers.receipt_printer import Cut, Feed, ReceiptPrinter
from drivers.simulated.camera import CameraFault, SimulatedCamera
from drivers.simulated.code_scanner import SimulatedCodeScanner
from drivers.simulated.id_card_reader import SAMPLE_CARDS, SimulatedIdCardReader
from drivers.simulated.pcsc_service import PcscService, PcscUnavailable
from drivers.simulated.pseudo_terminal import PseudoTerminal
from drivers.simulated.receipt_printer import SimulatedReceiptPrinter
from drivers.simulated.scenes import document_scene, webcam_scene
from drivers.social_security_card import SocialSecurityCardReader
from drivers.transport.address import parse_address
from drivers.webcam import Webcam
from tests.drivers.events import Events

pytestmark = pytest.mark.timeout(180)

WAITING = "code_scanner.waiting_for_first_code"


@dataclass
class Piece:
    """A simulated end with its driver, and what is the same to do with each."""

    end: Any
    driver: Callable[[str, Events], Driver]
    power: Callable[[bool], None]
    """The line stays; behind it there is a device that answers, or none."""
    request: Callable[[Any], Future[Any]] | None = None

    @property
    def address(self) -> str:
        return str(self.end.address)

    @staticmethod
    def works(status: DeviceStatus) -> bool:
        """A scanner cannot be asked: its port is open."""
        return status.state is DeviceState.READY or status.code == WAITING


class CardService:
    """The card service as a device: killed is unplugged, held up is without current."""

    def __init__(self) -> None:
        self.service = PcscService(lock_seconds=60.0)
        self.service.start()

    @property
    def address(self) -> str:
        return self.service.address

    def unplug(self) -> None:
        self.service.resume()
        self.service.kill()

    def replug(self) -> None:
        self.service.start()

    def stop(self) -> None:
        self.service.stop()


def _camera(stack: ExitStack, kind: type[DocumentCamera] | type[Webcam]) -> Piece:
    scene = webcam_scene("empty_room") if kind is Webcam else document_scene("empty_mat")
    end = SimulatedCamera(scene, (640, 480))
    stack.callback(end.close)
    return Piece(
        end,
        lambda address, events: kind(parse_address(address), events),
        lambda on: end.set_fault(None if on else CameraFault.STALL),
    )


def _id_card_reader(stack: ExitStack) -> Piece:
    end = SimulatedIdCardReader()
    end.start()
    stack.callback(end.stop)
    return Piece(
        end,
        lambda address, events: IdCardReader(parse_address(address), events),
        lambda on: setattr(end.faults, "silent", not on),
        lambda driver: driver.self_test(),
    )


def _code_scanner(stack: ExitStack) -> Piece:
    end = SimulatedCodeScanner()
    end.start()
    stack.callback(end.stop)
    return Piece(end, lambda address, events: CodeScanner(parse_address(address), events), lambda on: None)


def _receipt_printer(line: str) -> Callable[[ExitStack], Piece]:
    def make(stack: ExitStack) -> Piece:
        end = SimulatedReceiptPrinter(line=line)
        stack.callback(end.stop)
        jobs = iter(range(1000))
        return Piece(
            end,
            lambda address, events: ReceiptPrinter(
                parse_address(address), events, profile="TM-T20II", width_dots=576, has_status=True
            ),
            lambda on: end.power_on() if on else end.power_off(),
            lambda driver: driver.print_job([Feed(200), Cut()], f"job-{next(jobs)}"),
        )

    return make


def _social_security_card(stack: ExitStack) -> Piece:
    try:
        end = CardService()
    except PcscUnavailable as error:
        pytest.skip(str(error))
    stack.callback(end.stop)
    return Piece(
        end,
        lambda address, events: SocialSecurityCardReader(parse_address(address), events),
        lambda on: end.service.resume() if on else end.service.pause(),
    )


PIECES: dict[str, Callable[[ExitStack], Piece]] = {
    "document_camera": lambda stack: _camera(stack, DocumentCamera),
    "webcam": lambda stack: _camera(stack, Webcam),
    "id_card_reader": _id_card_reader,
    "code_scanner": _code_scanner,
    "receipt_printer_tcp": _receipt_printer("tcp"),
    "receipt_printer_serial": _receipt_printer("serial"),
    "social_security_card": _social_security_card,
}


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture(params=list(PIECES))
def piece(request: pytest.FixtureRequest, stack: ExitStack) -> Piece:
    return PIECES[request.param](stack)


def start(stack: ExitStack, piece: Piece, address: str = "") -> tuple[Driver, Events]:
    events = Events()
    driver = piece.driver(address or piece.address, events)
    stack.callback(driver.stop)
    driver.start()
    return driver, events


def states(events: Events) -> list[DeviceState]:
    return [event.status.state for event in events.of(StatusChanged)]


def test_absent_at_the_start_and_plugged_in_later(stack: ExitStack, piece: Piece) -> None:
    piece.end.unplug()
    driver, events = start(stack, piece)
    status = events.wait_state(DeviceState.ABSENT)
    assert status.retry_at is not None
    assert not any(Piece.works(event.status) for event in events.of(StatusChanged))
    piece.end.replug()
    events.wait_status(Piece.works)


def test_powered_late(stack: ExitStack, piece: Piece) -> None:
    """Plugged in, but without current behind the line: never called ready, and ready when it wakes."""
    if isinstance(piece.end, SimulatedCodeScanner):
        pytest.skip("a scanner without current is as silent as one with")
    piece.power(False)
    driver, events = start(stack, piece)
    try:
        events.wait_status(lambda status: status.state in (DeviceState.UNKNOWN, DeviceState.FAULT, DeviceState.ABSENT))
        assert DeviceState.READY not in states(events)
    finally:
        piece.power(True)
    events.wait_status(Piece.works)


def test_unplugged_while_nothing_goes_on(stack: ExitStack, piece: Piece) -> None:
    driver, events = start(stack, piece)
    events.wait_status(Piece.works)
    piece.end.unplug()
    lost = events.wait_status(lambda status: not Piece.works(status))
    assert lost.state is DeviceState.CONNECTING, "one miss is not an absence"
    events.wait_state(DeviceState.ABSENT)
    piece.end.replug()
    events.wait_status(Piece.works)


def test_unplugged_while_it_is_being_opened(stack: ExitStack, piece: Piece) -> None:
    """A plug that is put in with a shaking hand: out again at any moment of the opening, six times."""
    source = random.Random(3)
    driver, events = start(stack, piece)
    for _ in range(6):
        piece.end.unplug()
        events.wait_until(lambda: not Piece.works(driver.status))
        time.sleep(source.uniform(0.0, 0.3))
        piece.end.replug()
        time.sleep(source.uniform(0.0, 0.7))
    events.wait_until(lambda: Piece.works(driver.status))
    assert driver.call(lambda: "still there").result(30) == "still there"


def test_unplugged_during_requests(stack: ExitStack, piece: Piece) -> None:
    """Every request ends, well or with a reason; the device comes back; nobody waits for ever."""
    if piece.request is None:
        pytest.skip("nothing is asked of this one")
    source = random.Random(7)
    driver, events = start(stack, piece)
    events.wait_status(Piece.works)
    ended: list[Future[Any]] = []
    for _ in range(3):
        requests = [piece.request(driver) for _ in range(3)]
        time.sleep(source.uniform(0.0, 0.15))
        piece.end.unplug()
        done, waiting = wait_for(requests, 60)
        assert not waiting
        ended += done
        events.wait_until(lambda: not Piece.works(driver.status))
        piece.end.replug()
        events.wait_until(lambda: Piece.works(driver.status))
    for request in ended:
        error = request.exception()
        assert error is None or isinstance(error, (DeviceError, OSError))
    last = piece.request(driver)
    assert last.exception(60) is None


# -- another thing at the same port ----------------------------------------------------------------------------


class Socket:
    """A name for a port, behind which one thing or another is plugged in."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def plug(self, end: Any) -> None:
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(parse_address(end.address).target)


@pytest.fixture
def socket(tmp_path: Path) -> Socket:
    return Socket(tmp_path / "usb-port-1")


def _noise(stack: ExitStack) -> PseudoTerminal:
    """Something that talks all the time and listens to nobody."""
    terminal = PseudoTerminal()
    terminal.start()
    enough = threading.Event()

    def talk() -> None:
        source = random.Random(11)
        while not enough.wait(0.02):
            terminal.send(source.randbytes(50))

    thread = threading.Thread(target=talk)
    thread.start()

    def end() -> None:
        enough.set()
        thread.join()
        terminal.stop()

    stack.callback(end)
    return terminal


def _echo(stack: ExitStack) -> PseudoTerminal:
    """Two wires joined: everything comes back."""
    terminal = PseudoTerminal(lambda data: terminal.send(data))  # type: ignore[arg-type, return-value]
    terminal.start()
    stack.callback(terminal.stop)
    return terminal


STRANGERS: dict[str, Callable[[ExitStack], Any]] = {
    "noise": _noise,
    "echo": _echo,
    "scanner": lambda stack: _code_scanner(stack).end,
    "id_card_reader": lambda stack: _id_card_reader(stack).end,
}


@pytest.mark.parametrize("stranger", list(STRANGERS))
@pytest.mark.parametrize("name", ["id_card_reader", "receipt_printer_serial"])
def test_another_kind_at_the_port_is_never_taken_for_it(
    stack: ExitStack, socket: Socket, name: str, stranger: str
) -> None:
    if stranger == name:
        pytest.skip("that is the right one")
    piece = PIECES[name](stack)
    strange = STRANGERS[stranger](stack)
    socket.plug(strange)
    driver, events = start(stack, piece, f"serial:{socket.path}?baud=115200")
    events.wait_status(lambda status: status.state in (DeviceState.UNKNOWN, DeviceState.FAULT, DeviceState.ABSENT))
    events.wait_until(lambda: driver.turns > 5)
    assert DeviceState.READY not in states(events)
    assert not events.of(IdCardRead)
    strange.unplug()
    socket.plug(piece.end)
    events.wait_state(DeviceState.READY)


def test_another_kind_at_the_scanners_port_gives_no_code(stack: ExitStack, socket: Socket) -> None:
    piece = PIECES["code_scanner"](stack)
    reader = _id_card_reader(stack).end
    reader.lay_card(SAMPLE_CARDS["valid"])
    socket.plug(reader)
    driver, events = start(stack, piece, f"serial:{socket.path}")
    events.wait_status(Piece.works)
    events.wait_until(lambda: driver.turns > 5)
    assert not events.of(CodeScanned)
    reader.unplug()
    events.wait_status(lambda status: not Piece.works(status))
    socket.plug(piece.end)
    events.wait_status(Piece.works)
    piece.end.scan(b"SAMPLE-0001")
    assert events.wait(CodeScanned).raw == b"SAMPLE-0001"


@pytest.mark.parametrize("name", ["id_card_reader", "code_scanner"])
def test_another_of_its_kind_at_the_port_takes_its_place(stack: ExitStack, socket: Socket, name: str) -> None:
    first, second = PIECES[name](stack), PIECES[name](stack)
    socket.plug(first.end)
    driver, events = start(stack, first, f"serial:{socket.path}")
    events.wait_status(Piece.works)
    first.end.unplug()
    socket.plug(second.end)
    events.wait_status(Piece.works)


def test_a_camera_that_another_service_has_taken_the_port_of_is_no_camera(stack: ExitStack) -> None:
    printer = SimulatedReceiptPrinter()
    stack.callback(printer.stop)
    port = int(printer.address.rsplit(":", 1)[1])
    piece = PIECES["webcam"](stack)
    driver, events = start(stack, piece, f"http://127.0.0.1:{port}/stream.mjpg")
    events.wait_status(lambda status: status.state in (DeviceState.UNKNOWN, DeviceState.FAULT, DeviceState.ABSENT))
    assert DeviceState.READY not in states(events)
    printer.stop()
    right = SimulatedCamera(webcam_scene("empty_room"), (640, 480), port=port)
    stack.callback(right.close)
    events.wait_state(DeviceState.READY)


def test_a_printer_whose_port_a_web_server_has_taken_is_not_ready(stack: ExitStack) -> None:
    camera = SimulatedCamera(webcam_scene("empty_room"), (640, 480))
    stack.callback(camera.close)
    port = camera.address.rsplit(":", 1)[1].partition("/")[0]
    piece = PIECES["receipt_printer_tcp"](stack)
    driver, events = start(stack, piece, f"tcp:127.0.0.1:{port}")
    events.wait_status(lambda status: status.state is not DeviceState.CONNECTING)
    events.wait_until(lambda: driver.turns > 5)
    assert DeviceState.READY not in states(events)
