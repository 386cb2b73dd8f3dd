"""Serial framing, pure and over a real tty."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.code_scanner import LARGEST_CODE, CodeDropped, CodeFramer, CodeScanned, CodeScanner
from drivers.driver import DeviceState
from drivers.simulated.code_scanner import SimulatedCodeScanner
from drivers.transport.address import AddressError, parse_address
from tests.waiting import until

SECRET = b"https://s.sh.gov.cn/" + b"0123456789abcdef" * 2 + b"1700000000000"
posix = pytest.mark.skipif(os.name == "nt", reason="pseudo terminals are of POSIX")


def run(*steps: tuple[float, bytes]) -> list[CodeScanned | CodeDropped]:
    """Feed data at times, then a long silence."""
    framer = CodeFramer()
    events: list[CodeScanned | CodeDropped] = []
    for at, data in steps:
        events += framer.feed(data, at)
    return events + framer.silence(steps[-1][0] + 10)


# -- framing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [b"\r", b"\n", b"\r\n", b"\t", b"\x03", b""])
@pytest.mark.parametrize("prefix", [b"", b"\x02"])
def test_every_usual_suffix_and_prefix(prefix: bytes, suffix: bytes) -> None:
    assert run((0, prefix + SECRET + suffix)) == [CodeScanned(SECRET)]


def test_a_carriage_return_inside_a_payload_belongs_to_it() -> None:
    assert run((0, b"line one\r"), (0.02, b"line two\r")) == [CodeScanned(b"line one\rline two")]


def test_two_scans_with_a_pause_are_two_codes() -> None:
    assert run((0, b"first\r"), (0.3, b"second\r")) == [CodeScanned(b"first"), CodeScanned(b"second")]
    assert run((0, b"first"), (0.3, b"second")) == [CodeScanned(b"first"), CodeScanned(b"second")]


def test_a_suffix_alone_is_no_code() -> None:
    assert run((0, b"\r\n"), (1, b"\x02\x03")) == []


def test_a_code_cut_off_is_dropped_once_the_scanner_is_known_to_send_a_suffix() -> None:
    known = ((0.0, b"one\r"), (1.0, b"two\r"))
    assert run(*known, (2.0, b"hal")) == [
        CodeScanned(b"one"),
        CodeScanned(b"two"),
        CodeDropped("code_scanner.cut_off"),
    ]
    # A hiccup in the middle is waited for, and a scanner told to leave the suffix out is believed again.
    assert run(*known, (2.0, b"wh"), (2.2, b"ole\r"))[2:] == [CodeScanned(b"whole")]
    assert run(*known, (2.0, b"new"), (3.0, b"way"))[3:] == [CodeScanned(b"way")]


def test_a_flood_is_one_event_and_no_memory() -> None:
    framer = CodeFramer()
    events = [event for n in range(2560) for event in framer.feed(b"x" * 4096, n * 0.001)]
    assert events == [CodeDropped("code_scanner.too_long")]
    assert framer.held == 0
    framer.silence(10.0)
    framer.feed(b"good\r", 11.0)
    assert framer.silence(12.0) == [CodeScanned(b"good")]


def test_the_longest_code_passes() -> None:
    longest = b"y" * LARGEST_CODE
    assert run((0, b"\x02" + longest + b"\r\n")) == [CodeScanned(longest)]
    assert run((0, longest + b"yyyyy")) == [CodeDropped("code_scanner.too_long")]


@given(st.binary(min_size=1, max_size=300), st.lists(st.integers(1, 40), max_size=20))
def test_pieces_do_not_matter(raw: bytes, sizes: list[int]) -> None:
    """Any bytes, also binary codes; pieces come faster than the gap."""
    raw = b"A" + raw + b"Z"
    steps, at = [], 0.0
    rest = raw + b"\r"
    for size in sizes:
        steps.append((at, rest[:size]))
        rest, at = rest[size:], at + 0.03
    steps.append((at, rest))
    assert run(*steps) == [CodeScanned(raw)]


def test_the_content_hides_from_repr() -> None:
    assert "s.sh.gov.cn" not in repr(CodeScanned(SECRET))


# -- over a tty --------------------------------------------------------------------------------------------------------


@pytest.fixture
def peer() -> Iterator[SimulatedCodeScanner]:
    made = SimulatedCodeScanner()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def events() -> list[Any]:
    return []


@pytest.fixture
def scanner(peer: SimulatedCodeScanner, events: list[Any]) -> Iterator[CodeScanner]:
    driver = CodeScanner(parse_address(peer.address), events.append)
    driver.start()
    until(lambda: driver.status.code == "code_scanner.waiting_for_first_code")
    yield driver
    driver.stop()


def codes(events: list[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, (CodeScanned, CodeDropped))]


@posix
def test_only_a_code_makes_it_ready(scanner: CodeScanner, peer: SimulatedCodeScanner, events: list[Any]) -> None:
    assert scanner.status.state is DeviceState.UNKNOWN
    peer.scan(SECRET)
    until(lambda: codes(events) == [CodeScanned(SECRET)])
    assert (scanner.status.state, scanner.status.code) == (DeviceState.READY, "")


@posix
def test_gbk_and_utf8_bytes_come_unchanged(scanner: CodeScanner, peer: SimulatedCodeScanner, events: list[Any]) -> None:
    texts = ["联通".encode("gbk"), "联通".encode(), "䶮𠮷".encode("gb18030")]
    for count, text in enumerate(texts, 1):
        peer.scan(text)
        until(lambda: len(codes(events)) == count)  # noqa: B023
    assert codes(events) == [CodeScanned(text) for text in texts]


@posix
def test_a_code_held_up_is_reported_once(scanner: CodeScanner, peer: SimulatedCodeScanner, events: list[Any]) -> None:
    for _ in range(3):
        peer.scan(b"same code")
        time.sleep(0.2)
    peer.scan(b"another")
    until(lambda: CodeScanned(b"another") in events)
    assert codes(events) == [CodeScanned(b"same code"), CodeScanned(b"another")]


@posix
def test_the_same_code_later_counts_again(
    scanner: CodeScanner, peer: SimulatedCodeScanner, events: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.code_scanner.REPEAT_SECONDS", 0.0)
    peer.scan(b"same code")
    until(lambda: len(codes(events)) == 1)
    peer.scan(b"same code")
    until(lambda: len(codes(events)) == 2)


@posix
def test_unplug_drops_the_half_code_and_replug_brings_it_back(
    scanner: CodeScanner, peer: SimulatedCodeScanner, events: list[Any]
) -> None:
    peer.scan(b"first")
    until(lambda: len(codes(events)) == 1)
    peer.scan_half(SECRET)
    peer.unplug()
    until(lambda: scanner.status.state in (DeviceState.CONNECTING, DeviceState.ABSENT))
    peer.replug()
    until(lambda: scanner.status.code == "code_scanner.waiting_for_first_code")
    peer.scan(b"second")
    until(lambda: CodeScanned(b"second") in events)
    assert all(event.raw in (b"first", b"second") or SECRET.startswith(event.raw) for event in codes(events))
    assert CodeScanned(SECRET[len(SECRET) // 2 :]) not in events


@posix
def test_ten_megabytes_are_dropped_and_the_next_code_is_read(
    scanner: CodeScanner, peer: SimulatedCodeScanner, events: list[Any]
) -> None:
    assert peer.flood(10_000_000) == 10_000_000
    until(lambda: codes(events) and not scanner._framer.waits)
    peer.scan(b"good code", suffix=b"")
    until(lambda: codes(events)[-1] == CodeScanned(b"good code"))
    # A sender that a busy computer lets pause looks like several codes, each of them too long.
    assert set(codes(events)[:-1]) == {CodeDropped("code_scanner.too_long")}


@posix
def test_nothing_of_a_code_is_logged(
    scanner: CodeScanner, peer: SimulatedCodeScanner, events: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        peer.scan(SECRET)
        until(lambda: codes(events))
        peer.unplug()
        until(lambda: scanner.status.state is not DeviceState.READY)
    assert caplog.records
    assert "0123456789abcdef" not in caplog.text


def test_a_wedge_cannot_be_asked() -> None:
    driver = CodeScanner(parse_address("keyboard"), lambda _: None)
    driver.start()
    try:
        until(lambda: driver.status.code == "code_scanner.keyboard_wedge")
        assert driver.status.state is DeviceState.UNKNOWN
    finally:
        driver.stop()


def test_other_ways_are_refused() -> None:
    with pytest.raises(AddressError):
        CodeScanner(parse_address("tcp:127.0.0.1:1"), lambda _: None)
