"""Scanner and card reader on real USB serial lines (cdc-acm over dummy_hcd), pulled out and plugged in again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import serial

from drivers.code_scanner import CodeDropped, CodeScanned, CodeScanner
from drivers.discovery import discover
from drivers.driver import DeviceKind, DeviceState
from drivers.id_card_reader import IdCardRead, IdCardReader
from drivers.simulated.id_card_reader import SAMPLE_CARDS, SimulatedIdCardReader
from drivers.transport.address import parse_address
from tests.drivers.events import Events

from .kernel import Bridge, Gadget, timed, wait_for

OPEN = (DeviceState.UNKNOWN, DeviceState.READY)
GONE = (DeviceState.CONNECTING, DeviceState.ABSENT)
CARD_DATA = (b"\x30\x01", b"\x30\x10")


def line_of(serial_number: str) -> Path | None:
    """The device file of the moment."""
    for link in Path("/dev/serial/by-id").glob(f"*_{serial_number}-if00"):
        return link.resolve()
    return None


@contextmanager
def scanning(address: str) -> Iterator[tuple[CodeScanner, Events]]:
    events = Events()
    scanner = CodeScanner(parse_address(address), events)
    scanner.start()
    try:
        yield scanner, events
    finally:
        scanner.stop()


def codes(events: Events) -> list[bytes]:
    return [event.raw for event in events.of(CodeScanned)]


def test_a_scanner_is_found_read_lost_and_found_again(scanner_gadget: Gadget) -> None:
    scanner_gadget.plug()
    wire = scanner_gadget.wire
    (found,) = wait_for(lambda: [one for one in discover().devices if "S001" in one.connection + one.identity])
    assert DeviceKind.CODE_SCANNER in found.kinds
    with scanning("serial:usb=1EAB:1D06") as (scanner, events):
        events.wait_status(lambda status: status.state in OPEN)
        for code in (b"first", b"second"):
            wire.write(code + b"\r")
            events.wait_until(lambda code=code: code in codes(events))
            assert scanner.status.state is DeviceState.READY
            scanner_gadget.unplug()
            wire.close()
            events.wait_status(lambda status: status.state in GONE)
            with timed("scanner", lambda: line_of("S001")):
                scanner_gadget.plug()
                events.wait_status(lambda status: status.state in OPEN)


def test_a_code_that_the_cable_cut_in_two_is_never_joined_to_the_next(scanner_gadget: Gadget) -> None:
    scanner_gadget.plug()
    wire = scanner_gadget.wire
    with scanning("serial:usb=1EAB:1D06:S001") as (_, events):
        events.wait_status(lambda status: status.state in OPEN)
        for number in range(2):  # from now on a code without its end counts as cut off
            wire.write(b"whole-%d\r" % number)
            events.wait_until(lambda number=number: b"whole-%d" % number in codes(events))
        wire.write(b"https://code.example/half")
        scanner_gadget.unplug()
        wire.close()
        events.wait_status(lambda status: status.state in GONE)
        scanner_gadget.plug()
        events.wait_status(lambda status: status.state in OPEN)
        wire.write(b"after\r")
        events.wait_until(lambda: b"after" in codes(events))
        assert codes(events) == [b"whole-0", b"whole-1", b"after"]
        assert len(events.of(CodeDropped)) <= 1
        wire.close()


def test_a_piece_named_by_its_usb_numbers_is_followed_to_another_port_name(
    scanner_gadget: Gadget, bridge_gadget: Gadget
) -> None:
    scanner_gadget.plug()
    first = wait_for(lambda: line_of("S001"))
    wire = scanner_gadget.wire
    by_id = next(Path("/dev/serial/by-id").glob("*_S001-if00"))
    with scanning("serial:usb=1EAB:1D06") as (_, events), scanning(f"serial:{by_id}") as (_, others):
        # Two drivers of one line: one of them has it, the other is told that it is in use.
        for each in (events, others):
            each.wait_status(lambda status: status.state in OPEN or status.code == "device.in_use")
        scanner_gadget.unplug()
        wire.close()
        for each in (events, others):
            each.wait_status(lambda status: status.state in (*GONE, DeviceState.FAULT))
        wait_for(lambda: not first.exists())
        bridge_gadget.plug()
        assert wait_for(lambda: line_of("B001")) == first
        scanner_gadget.plug()
        assert wait_for(lambda: line_of("S001")) != first
        holder = wait_for(lambda: next((one for one in (events, others) if _is_open(one)), None))
        wire.write(b"moved\r")
        holder.wait_until(lambda: b"moved" in codes(holder))
        wire.close()


def _is_open(events: Events) -> bool:
    return events.all[-1].status.state in OPEN


@contextmanager
def card_reader(gadget: Gadget, *, baud: int) -> Iterator[SimulatedIdCardReader]:
    """A simulated module behind the gadget; a USB line of CDC has no speed of its own to get wrong."""
    peer = SimulatedIdCardReader(baud=baud)
    peer.start()
    line = serial.Serial(peer.address.removeprefix("serial:").split("?")[0], baud)
    bridge = Bridge(gadget.wire, line.fileno())
    try:
        yield peer
    finally:
        bridge.stop()
        line.close()
        peer.stop()


@pytest.mark.parametrize("option", ["baud=115200", "baud=auto"])
def test_a_card_is_read_over_a_real_usb_line_and_again_after_a_replug(scanner_gadget: Gadget, option: str) -> None:
    scanner_gadget.plug()
    wait_for(lambda: line_of("S001"))
    events = Events()
    reader = IdCardReader(parse_address(f"serial:usb=1EAB:1D06?{option}"), events)
    with card_reader(scanner_gadget, baud=115200) as peer:
        reader.start()
        try:
            events.wait_state(DeviceState.READY)
            peer.lay_card(SAMPLE_CARDS["valid"])
            events.wait(IdCardRead)
            scanner_gadget.unplug()
            events.wait_status(lambda status: status.state in GONE)
            peer.lift_card()
            with timed(f"ID card reader {option}", lambda: line_of("S001")):
                scanner_gadget.plug()
                events.wait_state(DeviceState.READY)
            peer.lay_card(SAMPLE_CARDS["valid"])
            events.wait(IdCardRead, 2)
            assert reader.status.identity.startswith("05.03-")
        finally:
            reader.stop()


def test_a_card_reader_pulled_out_while_a_card_is_being_read_reads_it_afterwards(scanner_gadget: Gadget) -> None:
    scanner_gadget.plug()
    wait_for(lambda: line_of("S001"))
    events = Events()
    reader = IdCardReader(parse_address("serial:usb=1EAB:1D06"), events)
    with card_reader(scanner_gadget, baud=115200) as peer:
        reader.start()
        try:
            events.wait_state(DeviceState.READY)
            pulled: list[bytes] = []

            def pull(asked: bytes, answer: bytes) -> bytes:
                if asked in CARD_DATA and not pulled:
                    pulled.append(asked)
                    scanner_gadget.unplug()
                return answer

            peer.faults.damage = pull
            peer.lay_card(SAMPLE_CARDS["moved"])
            events.wait_status(lambda status: status.state in GONE)
            assert pulled
            assert not events.of(IdCardRead)
            peer.lift_card()
            peer.lay_card(SAMPLE_CARDS["moved"])
            scanner_gadget.plug()
            events.wait(IdCardRead)
        finally:
            reader.stop()
