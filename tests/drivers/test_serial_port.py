import socket
import threading
import time

import pytest
from serial.tools.list_ports_common import ListPortInfo

from drivers.driver import DeviceError, DeviceLost
from drivers.simulated.pseudo_terminal import PseudoTerminal
from drivers.transport import serial_port
from drivers.transport.address import Address, AddressError, parse_address
from drivers.transport.printer_line import open_printer_line
from drivers.transport.serial_port import SerialPort


@pytest.fixture
def terminal():
    echo = PseudoTerminal(lambda data: echo.send(data))
    echo.start()
    yield echo
    echo.stop()


@pytest.fixture
def port(terminal):
    port = SerialPort(parse_address(terminal.address))
    port.open()
    yield port
    port.close()


def read_exactly(port, length):
    data = b""
    until = time.monotonic() + 10
    while len(data) < length and time.monotonic() < until:
        data += port.read(0.2)
    return data


def test_reads_what_comes_and_silence_is_empty(port):
    port.write(b"hello")
    assert read_exactly(port, 5) == b"hello"
    assert port.read(0) == b""


def test_speed_comes_from_the_address(terminal):
    assert SerialPort(parse_address("serial:/dev/ttyUSB0?baud=9600")).baud == 9600
    assert SerialPort(parse_address("serial:/dev/ttyUSB0"), baud=19200).baud == 19200
    with pytest.raises(DeviceError) as caught:
        SerialPort(Address("serial", "nonsense://nowhere", {"baud": "9600"})).open()
    assert caught.value.code == "device.bad_address"


@pytest.mark.parametrize("baud", ["0", "-9600", "fast"])
def test_a_speed_that_is_none_is_refused_before_anything_is_opened(baud):
    with pytest.raises(AddressError):
        SerialPort(parse_address(f"serial:/dev/ttyS0?baud={baud}"))


def test_missing_port_is_told_from_one_in_use(terminal, port, tmp_path):
    with pytest.raises(DeviceLost) as caught:
        SerialPort(parse_address(f"serial:{tmp_path}/nothing")).open()
    assert caught.value.code == "device.not_found"
    with pytest.raises(DeviceError) as caught:
        SerialPort(parse_address(terminal.address)).open()
    assert caught.value.code == "device.in_use"


@pytest.mark.parametrize("use", ["read", "discard_input", "write_and_read", "wait_for_silence"])
def test_unplugging_is_one_kind_of_loss(terminal, port, use):
    uses = {
        "read": lambda: port.read(1),
        "discard_input": port.discard_input,
        "write_and_read": lambda: (port.write(b"x"), port.read(1)),
        "wait_for_silence": port.wait_for_silence,
    }
    terminal.unplug()
    with pytest.raises(DeviceLost) as caught:
        uses[use]()
    assert caught.value.code == "device.lost"
    port.close()
    terminal.replug()
    port.open()
    port.write(b"back")
    assert read_exactly(port, 4) == b"back"


def test_use_of_a_closed_port_is_a_loss():
    with pytest.raises(DeviceLost):
        SerialPort(parse_address("serial:/dev/ttyUSB0")).write(b"x")


def test_waits_for_silence_and_gives_up_on_chatter(terminal, port):
    terminal.send(b"late answer")
    assert port.wait_for_silence(0.05, 5)
    assert port.read(0) == b""
    stop = threading.Event()

    def chatter():
        while not stop.wait(0.01):
            terminal.send(b"x")

    thread = threading.Thread(target=chatter)
    thread.start()
    try:
        assert not port.wait_for_silence(1.0, 0.2)
    finally:
        stop.set()
        thread.join()


def test_network_converter_and_its_loss():
    server = socket.create_server(("127.0.0.1", 0))
    port = SerialPort(parse_address(f"serial:socket://127.0.0.1:{server.getsockname()[1]}"))
    port.open()
    peer, _ = server.accept()
    port.write(b"hello")
    assert peer.recv(100) == b"hello"
    peer.sendall(b"x" * 3000)
    assert read_exactly(port, 3000) == b"x" * 3000
    peer.close()
    with pytest.raises(DeviceLost):
        port.read(5)
    server.close()
    with pytest.raises(DeviceLost) as caught:
        port.open()
    assert caught.value.code == "device.not_found"


class PortList:
    """What pyserial's port list says; the ports themselves are real pseudo terminals."""

    def __init__(self, monkeypatch):
        self.ports = []
        monkeypatch.setattr(serial_port.list_ports, "comports", lambda: list(self.ports))

    def plug(self, device, vid=0x1A86, pid=0x7523, serial_number=None):
        port = ListPortInfo(str(device))
        port.vid, port.pid, port.serial_number = vid, pid, serial_number
        self.ports.append(port)


@pytest.fixture
def port_list(monkeypatch):
    return PortList(monkeypatch)


def test_a_usb_name_is_looked_up_at_each_opening(port_list, terminal, tmp_path):
    port = SerialPort(parse_address("serial:usb=1a86:7523?baud=9600"))
    with pytest.raises(DeviceLost) as caught:
        port.open()
    assert (caught.value.code, caught.value.detail["port"]) == ("device.not_found", "usb=1a86:7523")
    port_list.plug(tmp_path / "ttyOTHER0", vid=0x10C4, pid=0xEA60)
    port_list.plug(terminal.path)
    port.open()
    port.write(b"first")
    assert read_exactly(port, 5) == b"first"
    port.close()
    elsewhere = PseudoTerminal(lambda data: elsewhere.send(data.upper()))
    elsewhere.start()
    try:
        port_list.ports.clear()
        port_list.plug(elsewhere.path)
        port.open()
        port.write(b"moved")
        assert read_exactly(port, 5) == b"MOVED"
        port.close()
    finally:
        elsewhere.stop()


def test_two_of_a_kind_are_never_guessed_but_told_apart_by_their_number(port_list, terminal):
    port_list.plug("/dev/ttyFAKE1", serial_number="A1")
    port_list.plug(terminal.path, serial_number="B2")
    with pytest.raises(DeviceError) as caught:
        SerialPort(parse_address("serial:usb=1A86:7523")).open()
    assert caught.value.code == "device.ambiguous"
    assert not isinstance(caught.value, DeviceLost)
    assert {"/dev/ttyFAKE1", str(terminal.path)} == set(caught.value.detail["ports"].split(", "))
    port = SerialPort(parse_address("serial:usb=1A86:7523:b2"))
    port.open()
    port.write(b"hello")
    assert read_exactly(port, 5) == b"hello"
    port.close()


@pytest.mark.parametrize(
    "target", ["usb=", "usb=1A86", "usb=1A86:", "usb=1A86:75233", "usb=xxxx:7523", "usb=+123:7523"]
)
def test_a_usb_name_that_names_nothing_is_refused_with_the_settings(target):
    with pytest.raises(AddressError):
        parse_address(f"serial:{target}")


def test_a_serial_printer_is_found_by_its_usb_name_too(port_list, terminal):
    port_list.plug(terminal.path, vid=0x067B, pid=0x2303)
    line = open_printer_line(parse_address("serial:usb=067B:2303"))
    try:
        assert line.write(b"hello") == 5
        assert line.read(10)
    finally:
        line.close()
    port_list.plug("/dev/ttyFAKE1", vid=0x067B, pid=0x2303)
    with pytest.raises(DeviceError) as caught:
        open_printer_line(parse_address("serial:usb=067B:2303"))
    assert caught.value.code == "device.ambiguous"
