"""Scanner and card reader on real USB serial lines (cdc-acm over dummy_hcd), pulled out and plugged in again."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import serial

from drivers.code_scanner import CodeScanned, CodeScanner
from drivers.discovery import discover
from drivers.driver import DeviceKind, DeviceState
from drivers.id_card_reader import IdCardRead, IdCardReader
from drivers.simulated.id_card_reader import SAMPLE_CARDS, SimulatedIdCardReader
from drivers.transport.address import parse_address
from tests.drivers.events import Events

from .kernel import Bridge, Gadget, Wire, modprobe, wait_for


@pytest.fixture(scope="module")
def gadget() -> Iterator[Gadget]:
    modprobe("cdc-acm")
    made = Gadget(0, "1eab", "1d06", "S001", "acm.0")
    yield made
    made.unplug()


def test_a_scanner_is_found_read_lost_and_found_again(gadget: Gadget) -> None:
    gadget.plug()
    wire = Wire("/dev/ttyGS0")
    (found,) = wait_for(lambda: [one for one in discover().devices if "S001" in one.connection + one.identity])
    assert DeviceKind.CODE_SCANNER in found.kinds
    events = Events()
    scanner = CodeScanner(parse_address("serial:usb=1EAB:1D06"), events)
    scanner.start()
    try:
        events.wait_status(lambda status: status.state is DeviceState.UNKNOWN)
        for code in (b"first", b"second"):
            wire.write(code + b"\r")
            events.wait_until(lambda code=code: code in [event.raw for event in events.of(CodeScanned)])
            assert scanner.status.state is DeviceState.READY
            gadget.unplug()
            wire.close()
            events.wait_status(lambda status: status.state in (DeviceState.CONNECTING, DeviceState.ABSENT))
            gadget.plug()
            events.wait_status(lambda status: status.state in (DeviceState.UNKNOWN, DeviceState.READY))
    finally:
        scanner.stop()


def test_a_card_reader_reads_over_a_real_usb_line_and_again_after_a_replug(gadget: Gadget) -> None:
    gadget.plug()
    wire = Wire("/dev/ttyGS0")
    peer = SimulatedIdCardReader()
    peer.start()
    line = serial.Serial(peer.address.removeprefix("serial:").split("?")[0], 115200)
    wait_for(lambda: os.path.exists("/dev/ttyACM0"))
    bridge = Bridge(wire, line.fileno())
    events = Events()
    reader = IdCardReader(parse_address("serial:usb=1EAB:1D06?baud=115200"), events)
    reader.start()
    try:
        events.wait_state(DeviceState.READY)
        peer.lay_card(SAMPLE_CARDS["valid"])
        events.wait(IdCardRead)
        gadget.unplug()
        events.wait_status(lambda status: status.state is not DeviceState.READY and not status.code.endswith("reading"))
        peer.lift_card()
        gadget.plug()
        events.wait_state(DeviceState.READY)
        peer.lay_card(SAMPLE_CARDS["valid"])
        events.wait(IdCardRead, 2)
    finally:
        reader.stop()
        bridge.stop()
        line.close()
        peer.stop()
