"""A scanner that types, read at its input device: characters, the grab, and the kernel's own events through a pipe."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.code_scanner import CodeDropped, CodeScanned, CodeScanner
from drivers.driver import DeviceError, DeviceLost, DeviceState
from drivers.input_device import EV_KEY, EVENT, InputDevice, KeyDecoder, alt_bytes
from drivers.simulated.code_scanner import SimulatedTypingScanner
from drivers.transport.address import AddressError, parse_address
from tests.waiting import until

pytestmark = pytest.mark.skipif(os.name == "nt", reason="input devices are of Linux")

CODE = "https://s.sh.gov.cn/" + "0123456789abcdef" * 2 + "1700000000000"
EVERY_CHARACTER = "".join(map(chr, range(32, 127)))


@pytest.fixture
def peer() -> Iterator[SimulatedTypingScanner]:
    made = SimulatedTypingScanner()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def events() -> list[Any]:
    return []


def driver_of(peer: SimulatedTypingScanner, events: list[Any], options: str = "") -> CodeScanner:
    return CodeScanner(
        parse_address(peer.address + options), events.append, open_input=partial(InputDevice, ioctl=peer.ioctl)
    )


@pytest.fixture
def scanner(peer: SimulatedTypingScanner, events: list[Any]) -> Iterator[CodeScanner]:
    driver = driver_of(peer, events)
    driver.start()
    until(lambda: driver.status.code == "code_scanner.waiting_for_first_code")
    yield driver
    driver.stop()


def codes(events: list[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, CodeScanned | CodeDropped)]


# -- keys to characters ----------------------------------------------------------------------------------------------


def typed(events: Iterator[bytes], alt: Any = "gbk") -> bytes:
    decoder = KeyDecoder(alt)
    pairs = (EVENT.iter_unpack(piece) for piece in events)
    return b"".join(decoder.key(code, value) for piece in pairs for _, _, kind, code, value in piece if kind == EV_KEY)


def test_every_character_of_ascii_is_typed_as_on_a_us_keyboard(peer: SimulatedTypingScanner) -> None:
    assert typed(peer.keys(EVERY_CHARACTER)) == EVERY_CHARACTER.encode()


@pytest.mark.parametrize("text", ["家门口服务站", "联通移动", "张示例abc123", "混Mix合\x1d"])
def test_chinese_comes_as_alt_with_the_number_of_its_double_byte(peer: SimulatedTypingScanner, text: str) -> None:
    assert typed(peer.keys(text)) == text.encode("gbk")


@pytest.mark.parametrize(
    ("number", "meaning", "expected"),
    [
        (65, "gbk", b"A"),
        (0xD6D0, "gbk", "中".encode("gbk")),
        (0x4E2D, "gbk", "中".encode("gbk")),  # no double byte of GBK: a Unicode number
        (0x4E2D, "unicode", "中".encode("gbk")),
        (0x8FD9, "unicode", "这".encode("gbk")),
        (0x20BB7, "unicode", "𠮷".encode("gb18030")),
        (0, "gbk", b""),
        (0xD800, "unicode", b""),
        (9999999, "unicode", b""),
    ],
)
def test_what_a_number_means(number: int, meaning: Any, expected: bytes) -> None:
    assert alt_bytes(number, meaning) == expected


def test_capitals_lock_and_the_keypad() -> None:
    decoder = KeyDecoder()
    a, caps, shift = 30, 58, 42
    assert decoder.key(a, 1) == b"a"
    assert decoder.key(a, 2) == b""  # the kernel's repeat of a held key
    decoder.key(a, 0)
    decoder.key(caps, 1)
    decoder.key(caps, 0)
    assert decoder.key(a, 1) == b"A"
    decoder.key(shift, 1)
    assert decoder.key(a, 1) == b"a"
    assert decoder.key(2, 1) == b"!"
    decoder.key(shift, 0)
    assert b"".join(decoder.key(key, 1) for key in (79, 80, 81, 83, 98, 55, 74, 78, 96)) == b"123./*-+\r"
    decoder.reset()
    assert decoder.key(a, 1) == b"a"


@given(st.lists(st.tuples(st.integers(0, 800), st.integers(-3, 3)), max_size=300))
def test_any_keys_give_bytes_and_keep_little(keys: list[tuple[int, int]]) -> None:
    decoder = KeyDecoder()
    for code, value in keys:
        assert len(decoder.key(code, value)) <= 4
    assert len(decoder._number) <= 8
    assert len(decoder._held) <= 6


# -- the device ------------------------------------------------------------------------------------------------------


def test_it_is_grabbed_and_what_was_typed_before_is_forgotten(peer: SimulatedTypingScanner) -> None:
    peer.scan("typed before")
    device = InputDevice(str(peer.path), ioctl=peer.ioctl)
    device.open()
    try:
        assert (device.grabbed, device.name, peer.grabs) == (True, "Simulated Scanner", 1)
        assert device.read(0) == b""
        peer.scan("abc")
        assert device.read(1) == b"abc\r"
    finally:
        device.close()


def test_what_is_no_input_device_is_refused_by_the_real_ioctl(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(DeviceError) as caught:
        InputDevice(str(file)).open()
    assert caught.value.code == "code_scanner.not_a_keyboard"


def test_a_device_without_letters_is_no_keyboard(peer: SimulatedTypingScanner) -> None:
    peer.is_a_keyboard = False
    with pytest.raises(DeviceError) as caught:
        InputDevice(str(peer.path), ioctl=peer.ioctl).open()
    assert caught.value.code == "code_scanner.not_a_keyboard"


def test_missing_forbidden_and_unplugged(peer: SimulatedTypingScanner, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeviceLost) as lost:
        InputDevice(str(peer.path) + "-missing", ioctl=peer.ioctl).open()
    assert lost.value.code == "device.not_found"

    def forbidden(*_: Any) -> int:
        raise PermissionError(errno.EACCES, "no")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", forbidden)
        with pytest.raises(DeviceError) as refused:
            InputDevice(str(peer.path), ioctl=peer.ioctl).open()
    assert refused.value.code == "code_scanner.no_permission"
    device = InputDevice(str(peer.path), ioctl=peer.ioctl)
    device.open()
    peer.unplug()
    with pytest.raises(DeviceLost):
        device.read(1)
    device.close()
    with pytest.raises(DeviceLost):
        device.read(0)


@pytest.mark.parametrize("request_number", [0x4590, 0x4506, 0x4521])
def test_unplugged_while_it_is_opened(peer: SimulatedTypingScanner, request_number: int) -> None:
    def gone(handle: int, request: int, argument: Any) -> int:
        if request & 0xFFFF == request_number:
            raise OSError(errno.ENODEV, "gone")
        return peer.ioctl(handle, request, argument)

    device = InputDevice(str(peer.path), ioctl=gone)
    with pytest.raises(DeviceLost):
        device.open()
    assert device._handle is None


# -- the driver ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\r", "\t", ""])
def test_a_scan_is_a_code(scanner: CodeScanner, peer: SimulatedTypingScanner, events: list[Any], end: str) -> None:
    peer.scan(CODE, end)
    until(lambda: codes(events) == [CodeScanned(CODE.encode())])
    assert (scanner.status.state, scanner.status.code, scanner.status.identity) == (
        DeviceState.READY,
        "",
        "Simulated Scanner",
    )


@pytest.mark.usefixtures("scanner")
def test_chinese_typed_at_the_pace_of_a_real_scanner(peer: SimulatedTypingScanner, events: list[Any]) -> None:
    peer.key_seconds = 0.012
    peer.scan("A家门口Z")
    until(lambda: codes(events))
    assert codes(events) == [CodeScanned("A家门口Z".encode("gbk"))]


@pytest.mark.usefixtures("scanner")
def test_a_line_end_inside_a_code_belongs_to_it(peer: SimulatedTypingScanner, events: list[Any]) -> None:
    peer.scan("line one\rline two")
    until(lambda: codes(events) == [CodeScanned(b"line one\rline two")])


def test_a_grab_that_is_refused_is_said_until_it_succeeds(
    peer: SimulatedTypingScanner, events: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.code_scanner.GRAB_AGAIN_SECONDS", 0.1)
    peer.refuses_grab = True
    driver = driver_of(peer, events)
    driver.start()
    try:
        until(lambda: driver.status.code == "code_scanner.not_grabbed")
        assert driver.status.state is DeviceState.ATTENTION
        peer.scan(CODE)
        until(lambda: codes(events) == [CodeScanned(CODE.encode())])
        assert driver.status.code == "code_scanner.not_grabbed"
        peer.refuses_grab = False
        until(lambda: driver.status.code == "code_scanner.waiting_for_first_code")
    finally:
        driver.stop()


def test_unplugged_in_a_code_and_plugged_in_again(
    scanner: CodeScanner, peer: SimulatedTypingScanner, events: list[Any]
) -> None:
    for event in list(peer.keys(CODE))[:30]:
        peer.send(event)
    until(lambda: scanner._framer.held)
    peer.unplug()
    until(lambda: scanner.status.state in (DeviceState.CONNECTING, DeviceState.ABSENT))
    peer.replug()
    until(lambda: scanner.status.code == "code_scanner.waiting_for_first_code")
    peer.scan("second code")
    until(lambda: CodeScanned(b"second code") in events)
    assert codes(events) == [CodeScanned(b"second code")]
    assert peer.grabs == 2


@pytest.mark.usefixtures("scanner")
def test_events_the_kernel_had_to_drop_cost_the_code(peer: SimulatedTypingScanner, events: list[Any]) -> None:
    keys = list(peer.keys(CODE + "\r"))
    for event in keys[:40]:
        peer.send(event)
    peer.send(peer.event(3, 0, kind=0))
    for event in keys[60:]:
        peer.send(event)
    until(lambda: codes(events) == [CodeDropped("code_scanner.cut_off")])
    time.sleep(0.3)
    peer.scan("good code")
    until(lambda: CodeScanned(b"good code") in events)
    assert codes(events) == [CodeDropped("code_scanner.cut_off"), CodeScanned(b"good code")]


def test_a_flood_of_keys_is_dropped(scanner: CodeScanner, peer: SimulatedTypingScanner, events: list[Any]) -> None:
    peer.send(b"".join(peer.keys("0123456789" * 2000)))
    until(lambda: codes(events) and not scanner._framer.waits)
    assert set(codes(events)) == {CodeDropped("code_scanner.too_long")}
    peer.scan("good code")
    until(lambda: codes(events)[-1] == CodeScanned(b"good code"))


@pytest.mark.parametrize("cut", range(1, EVENT.size))
def test_an_event_cut_at_every_byte_is_put_together(peer: SimulatedTypingScanner, cut: int) -> None:
    device = InputDevice(str(peer.path), ioctl=peer.ioctl)
    device.open()
    data = b"".join(peer.keys("ab"))
    peer.send(data[:-cut])
    text = device.read(1)
    peer.send(data[-cut:])
    assert text + device.read(1) == b"ab"
    device.close()


@given(st.binary(max_size=2000), st.integers(1, 70))
def test_any_bytes_are_no_fault_of_the_reader(data: bytes, size: int) -> None:
    device = InputDevice("nowhere")
    text = b""
    for begin in range(0, len(data), size):
        text += b"".join(device._decode(device._rest + data[begin : begin + size]))
        assert len(device._rest) < EVENT.size
    assert len(text) <= len(data)


def test_an_unknown_meaning_of_numbers_is_refused() -> None:
    with pytest.raises(AddressError):
        CodeScanner(parse_address("hid:/dev/input/event0?alt=latin"), lambda _: None)
