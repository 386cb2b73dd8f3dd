import os
import socket
import threading
import time

import pytest

from drivers.driver import DeviceError, DeviceLost
from drivers.simulated.pseudo_terminal import PseudoTerminal
from drivers.transport import serial_port
from drivers.transport.address import Address, AddressError, parse_address
from drivers.transport.serial_port import SerialPort, find_serial_ports


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
    with pytest.raises(AddressError):
        SerialPort(parse_address("serial:/dev/ttyUSB0?baud=fast"))
    with pytest.raises(DeviceError) as caught:
        SerialPort(Address("serial", str(terminal.path), {"baud": "-1"})).open()
    assert caught.value.code == "device.bad_address"


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


def test_finds_ports_by_their_stable_name(tmp_path, monkeypatch):
    class Port:
        device, description, vid, pid, serial_number = "/dev/ttyFAKE0", "Reader", 0x1A86, 0x7523, None

    monkeypatch.setattr(serial_port.list_ports, "comports", lambda: [Port])
    link = tmp_path / "usb-1a86_Reader-if00-port0"
    os.symlink("/dev/ttyFAKE0", link)
    assert [found.path for found in find_serial_ports(tmp_path)] == [str(link)]
    assert [found.path for found in find_serial_ports(tmp_path / "none")] == ["/dev/ttyFAKE0"]
