import queue
import threading

import pytest
import serial

from drivers.simulated.pseudo_terminal import PseudoTerminal
from drivers.transport.address import parse_address


@pytest.fixture
def line():
    received = queue.Queue()
    terminal = PseudoTerminal(received.put, name="scanner", baud=9600)
    terminal.start()
    yield terminal, received
    terminal.stop()


def collect(received, length):
    data = b""
    while len(data) < length:
        data += received.get(timeout=10)
    return data


def test_bytes_travel_both_ways_unchanged(line):
    terminal, received = line
    every_byte = bytes(range(256))
    with serial.Serial(str(terminal.path), 9600, timeout=5) as port:
        port.write(every_byte)
        assert collect(received, 256) == every_byte
        assert terminal.send(every_byte) == 256
        assert port.read(256) == every_byte


def test_address_outlives_a_replug(line):
    terminal, received = line
    address = parse_address(terminal.address)
    assert (address.target, address.number("baud", 0)) == (str(terminal.path), 9600)
    with serial.Serial(address.target, timeout=5) as port:
        terminal.unplug()
        assert not terminal.path.is_symlink()
        with pytest.raises(serial.SerialException):
            port.read(1)
    terminal.replug()
    assert terminal.address == f"serial:{address.target}?baud=9600"
    with serial.Serial(address.target, timeout=5) as port:
        port.write(b"again")
        assert collect(received, 5) == b"again"


def test_unplug_cuts_a_send_short(line):
    terminal, _ = line
    sent = []
    with serial.Serial(str(terminal.path)):
        sender = threading.Thread(target=lambda: sent.append(terminal.send(b"x" * 1_000_000)))
        sender.start()  # nobody reads: it waits on a full line
        terminal.unplug()
        sender.join(10)
    assert not sender.is_alive()
    assert sent[0] < 1_000_000
    assert terminal.send(b"nobody") == 0


def test_the_receiver_may_unplug_itself():
    gone = threading.Event()

    def pull(_: bytes) -> None:
        terminal.unplug()
        gone.set()

    terminal = PseudoTerminal(pull)
    terminal.start()
    with serial.Serial(str(terminal.path)) as port:
        port.write(b"x")
        assert gone.wait(10)
    assert not terminal.plugged
    terminal.stop()
    with pytest.raises(RuntimeError):
        _ = terminal.path
