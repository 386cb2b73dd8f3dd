"""What answers at a serial line, on real pseudo terminals whose far end has one true speed."""

from __future__ import annotations

import os
import socket
import termios
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from drivers import probing
from drivers.driver import DeviceError, DeviceKind, DeviceLost
from drivers.probing import (
    PRINTER_SPEEDS,
    READER_SPEEDS,
    SCANNER_SPEEDS,
    ProbeAnswer,
    ProbeStep,
    SerialProbe,
    looks_like_code,
)
from drivers.simulated.id_card_reader import SimulatedIdCardReader
from drivers.simulated.pseudo_terminal import PseudoTerminal
from drivers.transport.address import AddressError, parse_address
from drivers.transport.serial_port import SerialPort

SPEED_OF = {getattr(termios, f"B{speed}"): speed for speed in READER_SPEEDS}
SAM = "05.03-20240101-0012345678-0987654321"


@pytest.fixture(autouse=True)
def shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long enough for an answer on a busy machine."""
    for name in ("PRINTER_SECONDS", "READER_SECONDS"):
        monkeypatch.setattr(probing, name, 0.25)
    monkeypatch.setattr(probing, "SILENCE_SECONDS", 0.1)


@pytest.fixture
def hurried(shorter: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that expect no answer."""
    for name in ("PRINTER_SECONDS", "READER_SECONDS", "SILENCE_SECONDS"):
        monkeypatch.setattr(probing, name, 0.06)


class Wire:
    """A pseudo terminal at one true speed (None: any, as USB-CDC): at another one both ends hear rubbish."""

    def __init__(self, speed: int | None, answer: Callable[[bytes], bytes] = lambda data: b"") -> None:
        self.speed = speed
        self.answer = answer
        self.received = b""
        self.terminal = PseudoTerminal(self._receive, name="probed")
        self.terminal.start()
        self.connection = f"serial:{self.terminal.path}"

    @property
    def set_speed(self) -> int:
        handle = os.open(self.terminal.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            return SPEED_OF[termios.tcgetattr(handle)[5]]
        finally:
            os.close(handle)

    def carry(self, data: bytes) -> bytes:
        return data if self.speed in (None, self.set_speed) else bytes(byte ^ 0xE7 for byte in data[::2])

    def send(self, data: bytes) -> None:
        self.terminal.send(self.carry(data))

    def _receive(self, data: bytes) -> None:
        heard = self.carry(data)
        self.received += heard
        answer = self.answer(heard)
        if answer:
            self.send(answer)


def printer(data: bytes) -> bytes:
    return b"".join(b"\x12" for query in (b"\x10\x04\x01", b"\x10\x04\x02", b"\x10\x04\x04") if query in data)


def reader(data: bytes) -> bytes:
    """The answers of hardware reference 1.2."""
    if bytes.fromhex("AAAAAA9669000311FFED") in data:
        return bytes.fromhex("AAAAAA9669000400009094")
    if bytes.fromhex("AAAAAA9669000312FFEE") in data:
        number = bytes.fromhex("05000300") + b"".join(n.to_bytes(4, "little") for n in (20240101, 12345678, 987654321))
        body = bytes.fromhex("0014000090") + number
        check = 0
        for byte in body:
            check ^= byte
        return bytes.fromhex("AAAAAA9669") + body + bytes([check])
    return b""


@pytest.fixture
def wires() -> Iterator[Callable[..., Wire]]:
    made: list[Wire] = []

    def make(*arguments: Any) -> Wire:
        made.append(Wire(*arguments))
        return made[-1]

    yield make
    for wire in made:
        wire.terminal.stop()


@pytest.mark.parametrize("speed", [9600, 115200])
def test_a_printer_answers_at_its_speed_and_gets_nothing_of_another_protocol(
    wires: Callable[..., Wire], speed: int
) -> None:
    wire = wires(speed, printer)
    assert SerialProbe(wire.connection).ask() == (
        ProbeAnswer(DeviceKind.RECEIPT_PRINTER, f"{wire.connection}?baud={speed}"),
    )
    assert b"\xaa\xaa\xaa" not in wire.received, "a reader's command is text to a printer"


@pytest.mark.parametrize("speed", [115200, 19200, 9600])
def test_a_reader_answers_at_its_speed_with_its_number(wires: Callable[..., Wire], speed: int) -> None:
    wire = wires(speed, reader)
    assert SerialProbe(wire.connection).ask() == (
        ProbeAnswer(DeviceKind.ID_CARD_READER, f"{wire.connection}?baud={speed}", SAM),
    )


def test_the_simulated_reader_is_found() -> None:
    simulated = SimulatedIdCardReader()
    simulated.start()
    try:
        found = SerialProbe(simulated.address).ask()
    finally:
        simulated.stop()
    assert [(one.kind, one.identity) for one in found] == [(DeviceKind.ID_CARD_READER, SAM)]


def test_a_line_without_a_speed_of_its_own_is_one_answer(wires: Callable[..., Wire]) -> None:
    for answer, kind in ((printer, DeviceKind.RECEIPT_PRINTER), (reader, DeviceKind.ID_CARD_READER)):
        wire = wires(None, answer)
        (found,) = SerialProbe(wire.connection).ask()
        assert (found.kind, found.connection) == (kind, wire.connection)


def test_two_speeds_that_answer_are_both_given(wires: Callable[..., Wire]) -> None:
    wire = wires(None)
    wire.answer = lambda data: printer(data) if wire.set_speed in (9600, 38400) else b""
    found = SerialProbe(wire.connection).ask()
    assert [one.connection for one in found] == [f"{wire.connection}?baud=9600", f"{wire.connection}?baud=38400"]


@pytest.mark.parametrize(
    "answer",
    [
        lambda data: b"",
        lambda data: data,  # a plug that gives back what is sent
        lambda data: b"\x12\x12\x12",
        lambda data: b"r2" if data.startswith(b"\x10\x04") else b"",
        lambda data: b"OK\r\n",
        lambda data: reader(data)[:-3],
        lambda data: reader(data)[:-1] + b"\x00",
        lambda data: b"\x12" if b"\x10\x04\x01" in data else b"",
    ],
    ids=["silent", "echo", "too much", "letters", "modem", "half", "bad checksum", "one query only"],
)
def test_anything_else_is_no_answer(
    hurried: None, wires: Callable[..., Wire], answer: Callable[[bytes], bytes]
) -> None:
    assert SerialProbe(wires(None, answer).connection).ask() == ()


def test_a_late_answer_does_not_count_for_the_next_try(wires: Callable[..., Wire]) -> None:
    """The module answers the status command after the waiting is over: at its own speed it still is not heard."""
    wire = wires(115200)

    def late(data: bytes) -> bytes:
        answer = reader(data)
        if answer:
            time.sleep(probing.READER_SECONDS + 0.1)
        return answer

    wire.answer = late
    assert SerialProbe(wire.connection).ask() == ()


def test_a_line_that_never_rests_is_said(wires: Callable[..., Wire]) -> None:
    wire = wires(None)
    done = threading.Event()

    def babble() -> None:
        while not done.wait(0.02):
            wire.terminal.send(b"\x55")

    babbler = threading.Thread(target=babble)
    babbler.start()
    try:
        with pytest.raises(DeviceError) as caught:
            SerialProbe(wire.connection).ask()
    finally:
        done.set()
        babbler.join()
    assert caught.value.code == "set_up.line_noisy"


def test_a_port_in_use_is_left_alone(wires: Callable[..., Wire]) -> None:
    wire = wires(None, printer)
    holder = SerialPort(parse_address(wire.connection))
    holder.open()
    try:
        for attempt in (SerialProbe(wire.connection).ask, SerialProbe(wire.connection).listen):
            with pytest.raises(DeviceError) as caught:
                attempt()
            assert caught.value.code == "device.in_use"
    finally:
        holder.close()
    assert wire.received == b""


def test_a_port_that_goes_meanwhile_is_lost(wires: Callable[..., Wire]) -> None:
    wire = wires(None)

    def pull(step: ProbeStep) -> None:
        if step.number == 3:
            wire.terminal.unplug()

    with pytest.raises(DeviceLost):
        SerialProbe(wire.connection, pull).ask()
    with pytest.raises(DeviceLost):
        SerialProbe(wire.connection).ask()


def test_every_try_is_told_and_the_port_is_free_afterwards(hurried: None, wires: Callable[..., Wire]) -> None:
    wire = wires(None)
    steps: list[ProbeStep] = []
    assert SerialProbe(wire.connection, steps.append).ask() == ()
    assert [step.number for step in steps] == list(range(1, len(PRINTER_SPEEDS) + len(READER_SPEEDS) + 1))
    assert {step.total for step in steps} == {len(steps)}
    assert [step.baud for step in steps] == [*PRINTER_SPEEDS, *READER_SPEEDS]
    port = SerialPort(parse_address(wire.connection))
    port.open()
    port.close()


@pytest.mark.parametrize("way", ["ask", "listen"])
def test_it_can_be_cancelled_at_every_step(
    wires: Callable[..., Wire], monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(probing, "LISTEN_SLICE_SECONDS", 0.1)
    wire = wires(None, printer if way == "ask" else lambda data: b"")
    for last in (1, 2):
        steps: list[ProbeStep] = []
        probes: list[SerialProbe] = []

        def on_step(step: ProbeStep, steps: Any = steps, probes: Any = probes, last: int = last) -> None:
            steps.append(step)
            if len(steps) == last:
                probes[0].cancel()

        probe = SerialProbe(wire.connection, on_step)
        probes.append(probe)
        if way == "listen":
            wire.send(b"\x00\x01\x02")
        assert getattr(probe, way)() == ()
        assert probe.cancelled
        assert len(steps) <= last


@pytest.mark.parametrize("speed", [115200, 9600, 38400])
def test_a_scanner_is_known_by_a_code_at_its_speed(wires: Callable[..., Wire], speed: int) -> None:
    wire = wires(speed)
    done = threading.Event()

    def keep_scanning() -> None:
        while not done.wait(0.4):
            wire.send(b"DOORSTEP-TEST\r")

    hand = threading.Thread(target=keep_scanning)
    hand.start()
    try:
        found = SerialProbe(wire.connection).listen()
    finally:
        done.set()
        hand.join()
    assert found == (ProbeAnswer(DeviceKind.CODE_SCANNER, f"{wire.connection}?baud={speed}", length=13),)
    assert wire.received == b"", "a scanner is told nothing"


def test_listening_ends_and_goes_through_the_speeds(
    wires: Callable[..., Wire], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "LISTEN_SLICE_SECONDS", 0.01)
    monkeypatch.setattr(probing, "SILENCE_SECONDS", 0.01)
    steps: list[ProbeStep] = []
    assert SerialProbe(wires(None).connection, steps.append).listen(2.0) == ()
    assert [step.baud for step in steps[:5]] == list(SCANNER_SPEEDS)
    assert {step.total for step in steps} == {5}


def test_a_line_behind_the_network_has_no_speed() -> None:
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        peer, _ = server.accept()
        with peer:
            while data := peer.recv(100):
                peer.sendall(printer(data))

    thread = threading.Thread(target=serve)
    thread.start()
    connection = f"serial:socket://127.0.0.1:{server.getsockname()[1]}"
    steps: list[ProbeStep] = []
    assert SerialProbe(connection, steps.append).ask() == (ProbeAnswer(DeviceKind.RECEIPT_PRINTER, connection),)
    assert len(steps) == 1
    thread.join()
    server.close()


def test_only_serial_lines_are_probed() -> None:
    for connection in ("tcp:127.0.0.1:9100", "pcsc:", "keyboard", "nonsense"):
        with pytest.raises(AddressError):
            SerialProbe(connection)


@pytest.mark.parametrize(
    ("data", "looks"),
    [
        (b"DOORSTEP\r", True),
        (b"\x02123456\x03\r\n", True),
        ("联通移动测试".encode(), True),
        (b"]C1(01)\x1d99\r", True),
        (b"abc", False),
        (b"\r\r\r\r\r\r", False),
        (b"", False),
        (b"\x00\x80\xf8\x00", False),
        (b"\xe7\xa2\xa3\xb5DOOR", False),
        (b"AB\x07CD\x1bEF", False),
    ],
)
def test_what_looks_like_a_code(data: bytes, looks: bool) -> None:
    assert looks_like_code(data) is looks
