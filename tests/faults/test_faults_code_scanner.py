"""A serial scanner failing in every way, other devices at its port, trigger commands, and the cameras in its place."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.code_scanner import CodeDropped, CodeScanned, CodeScanner
from drivers.driver import DeviceKind, DeviceState, DeviceStatus
from drivers.scanner_commands import MAKERS, ReplyFilter, trigger_commands
from drivers.simulated.code_scanner import SimulatedCodeScanner
from drivers.transport.address import AddressError, parse_address
from tests.waiting import until

posix = pytest.mark.skipif(os.name == "nt", reason="pseudo terminals are of POSIX")
SECRET = b"https://s.sh.gov.cn/" + b"0123456789abcdef" * 2 + b"1700000000000"


def codes(events: list[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, CodeScanned | CodeDropped)]


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


def silence(scanner: CodeScanner) -> None:
    """Nothing for longer than any code is waited for."""
    since = scanner._listened
    until(lambda: scanner._listened - since > 0.6 and not scanner._framer.waits)


def reads_again(scanner: CodeScanner, peer: SimulatedCodeScanner, events: list[Any], code: bytes) -> None:
    """After whatever came before, a pause and a good code."""
    silence(scanner)
    peer.scan(code)
    until(lambda: codes(events)[-1:] == [CodeScanned(code)])


# -- what comes down the line ------------------------------------------------------------------------------------------

LINES: dict[str, tuple[list[bytes], list[Any]]] = {
    "late, in the middle": ([SECRET[:30], b"", SECRET[30:] + b"\r"], [CodeScanned(SECRET)]),
    "no suffix": ([SECRET], [CodeScanned(SECRET)]),
    "group separators": ([b"010690\x1d17290101\x1d\r"], [CodeScanned(b"010690\x1d17290101\x1d")]),
    "every control character": (
        [b"<" + bytes(range(32)) + b">\r"],
        [CodeScanned(b"<" + bytes(range(32)) + b">")],
    ),
    "binary": ([bytes(range(128, 256)) + b"#\r"], [CodeScanned(bytes(range(128, 256)) + b"#")]),
    "only a suffix": ([b"\r\n"], []),
    "only a prefix": ([b"\x02"], []),
    "zeros": ([b"\0" * 500], [CodeScanned(b"\0" * 500)]),  # who takes it says that it is no code
}


@posix
@pytest.mark.parametrize("what", LINES)
def test_a_line(scanner: CodeScanner, peer: SimulatedCodeScanner, events: list[Any], what: str) -> None:
    pieces, expected = LINES[what]
    for piece in pieces:
        peer.scan(piece, suffix=b"")
        if len(pieces) > 1:
            time.sleep(0.02)
    until(lambda: codes(events) == expected and not scanner._framer.waits)
    reads_again(scanner, peer, events, b"good code")


@posix
def test_cut_at_every_byte_no_half_passes_for_a_code(
    scanner: CodeScanner, peer: SimulatedCodeScanner, events: list[Any]
) -> None:
    """Once the scanner is known to end its codes with a suffix, which takes two codes."""
    for code in (b"first code", b"second code"):
        reads_again(scanner, peer, events, code)
    whole = b"\x02" + b"0123456789" + b"\r"
    for cut in range(1, len(whole) - 1):
        scanner._framer._with_suffix = 2  # one cut-off code makes it believe in codes without a suffix
        before = len(codes(events))
        peer.scan(whole[:cut], suffix=b"")
        until(lambda: len(codes(events)) == before + 1)  # noqa: B023
        assert codes(events)[-1] == CodeDropped("code_scanner.cut_off"), cut
    reads_again(scanner, peer, events, b"good code")


@posix
def test_unplugged_at_every_byte_nothing_of_it_is_joined_to_the_next_code(
    scanner: CodeScanner, peer: SimulatedCodeScanner, events: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.driver.RETRY_SECONDS", (0.02,))
    whole = b"\x02" + SECRET[:12] + b"\r"
    for cut in range(1, len(whole) + 1):
        peer.scan(whole[:cut], suffix=b"")
        peer.unplug()
        until(lambda: scanner.status.state in (DeviceState.CONNECTING, DeviceState.ABSENT))
        peer.replug()
        until(lambda: scanner.status.code == "code_scanner.waiting_for_first_code")
        good = b"code %d" % cut
        peer.scan(good)
        until(lambda: CodeScanned(good) in events)  # noqa: B023
    halves = [event.raw for event in codes(events) if isinstance(event, CodeScanned)]
    assert all(raw.startswith(b"code ") or SECRET.startswith(raw) for raw in halves)


@posix
def test_replugged_elsewhere_under_the_same_stable_name(
    scanner: CodeScanner, peer: SimulatedCodeScanner, events: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.driver.RETRY_SECONDS", (0.02,))
    reads_again(scanner, peer, events, b"here")
    occupied = []  # terminals that take the number it had
    before = os.path.realpath(peer.terminal.path)
    peer.unplug()
    while not occupied or os.ttyname(occupied[-1][1]) != before:
        occupied.append(os.openpty())
        if len(occupied) > 20:
            break
    peer.replug()
    try:
        assert os.path.realpath(peer.terminal.path) != before
        until(lambda: scanner.status.code == "code_scanner.waiting_for_first_code")
        reads_again(scanner, peer, events, b"there")
    finally:
        for pair in occupied:
            for handle in pair:
                os.close(handle)


@posix
def test_a_megabyte_without_an_end_is_one_event_and_no_memory(
    scanner: CodeScanner, peer: SimulatedCodeScanner, events: list[Any]
) -> None:
    assert peer.flood(1_000_000) == 1_000_000
    reads_again(scanner, peer, events, b"good code")
    assert set(codes(events)[:-1]) == {CodeDropped("code_scanner.too_long")}
    assert scanner._framer.held == 0


OTHERS = {
    "a card reader that answers nothing": b"",
    "a card reader's answers": bytes.fromhex("AAAAAA96690004000080 84".replace(" ", "")),
    "a printer's status bytes": b"\x16\x12\x12\x12" * 3,
    "a modem": b"\r\nRING\r\n",
    "a scale": b"ST,GS,+  1.234kg\r\n",
}


@posix
@pytest.mark.parametrize("what", OTHERS)
def test_another_device_at_the_port_never_stops_the_driver(
    scanner: CodeScanner, peer: SimulatedCodeScanner, events: list[Any], what: str
) -> None:
    for _ in range(3):
        peer.scan(OTHERS[what], suffix=b"")
        silence(scanner)
    if not OTHERS[what]:
        assert scanner.status.state is DeviceState.UNKNOWN  # silence is no proof of a scanner
        assert not codes(events)
    assert not peer.received  # presentation mode: nothing is sent to it, whatever it is
    reads_again(scanner, peer, events, b"good code")


@posix
def test_a_busy_computer_does_not_cut_a_code(
    scanner: CodeScanner, peer: SimulatedCodeScanner, events: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came while the driver's thread had no processor is one code, though long after its beginning."""
    port = scanner._line
    assert port is not None
    read = port.read

    def slow(timeout: float) -> bytes:
        data = read(timeout)
        if data:
            time.sleep(0.3)
        return data

    monkeypatch.setattr(port, "read", slow)
    for piece in (SECRET[:10], SECRET[10:40], SECRET[40:] + b"\r"):
        peer.scan(piece, suffix=b"")
        time.sleep(0.03)
    until(lambda: codes(events))
    assert codes(events) == [CodeScanned(SECRET)]


# -- trigger commands --------------------------------------------------------------------------------------------------

ANSWERS = {
    "honeywell": (b"\x06", b"\x15"),
    "newland": (b"\x02\x010000#SCNTRG1\x06;\x03", b"\x02\x010000#SCNTRG1\x15;\x03"),
    "newland_em": (bytes.fromhex("02000001003331"), b""),
    "zebra_ssi": (bytes.fromhex("04D00000FF2C"), bytes.fromhex("05D1000001FF29")),
}
COMMANDS = {
    "honeywell": ("16540D", "16550D"),
    "newland": ("7E01303030302353434E545247313B03", "7E01303030302353434E545247303B03"),
    "newland_em": ("7E000801000201ABCD", ""),
    "zebra_ssi": ("04E40400FF14", "04E50400FF13"),
}


def test_the_commands_are_those_of_the_makers() -> None:
    assert {name: (made.start.hex().upper(), made.stop.hex().upper()) for name, made in MAKERS.items()} == COMMANDS
    numbered = trigger_commands(parse_address("serial:/dev/x?trigger=newland_hr&start=99900116&stop=99900117"))
    assert numbered is not None
    assert (numbered.start, numbered.stop) == (b"$$$$#99900116;%%%%", b"$$$$#99900117;%%%%")


@pytest.mark.parametrize("query", ["trigger=other", "trigger=", "trigger=newland_hr", "trigger=newland_hr&start=1"])
def test_what_is_no_trigger_is_refused(query: str) -> None:
    with pytest.raises(AddressError):
        CodeScanner(parse_address(f"serial:/dev/x?{query}"), lambda _: None)


@pytest.mark.parametrize("maker", MAKERS)
@given(data=st.data())
def test_answers_are_taken_off_however_they_are_cut(maker: str, data: st.DataObject) -> None:
    answer = ANSWERS[maker][0]
    stream = answer + SECRET
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    replies = ReplyFilter(MAKERS[maker])
    replies.expect()
    got, begin = b"", 0
    for number, end in enumerate([*cuts, len(stream)]):
        got += replies.take(stream[begin:end], number * 0.01)
        begin = end
    assert got == SECRET
    assert not replies.refused
    assert not replies.waits


def test_the_three_answers_of_a_numbered_command_are_taken_off() -> None:
    numbered = trigger_commands(parse_address("serial:/dev/x?trigger=newland_hr&start=99900116"))
    assert numbered is not None
    for cut in range(1, 19):
        replies = ReplyFilter(numbered)
        replies.expect()
        stream = b"@@@@!99900116;^^^^" + SECRET
        assert replies.take(stream[:cut], 0.0) + replies.take(stream[cut:], 0.01) == SECRET


@pytest.mark.parametrize("maker", [maker for maker in MAKERS if ANSWERS[maker][1]])
def test_a_refusal_is_seen(maker: str) -> None:
    replies = ReplyFilter(MAKERS[maker])
    replies.expect()
    assert replies.take(ANSWERS[maker][1], 0.0) == b""
    assert replies.refused


@pytest.mark.parametrize("maker", MAKERS)
def test_a_code_that_only_begins_like_an_answer_is_given_whole(maker: str) -> None:
    answer = ANSWERS[maker][0]
    replies = ReplyFilter(MAKERS[maker])
    replies.expect()
    code = answer[:-1] + b"x" if len(answer) > 1 else b"x"
    got = replies.take(code[:-1], 0.0) + replies.take(code[-1:], 0.01)
    assert got + replies.take(b"", 1.0) == code
    replies.expect()
    half = answer[:-1]
    assert replies.take(half, 2.0) + replies.take(b"", 3.0) == half


@given(st.sampled_from(sorted(MAKERS)), st.lists(st.binary(max_size=80), max_size=20))
def test_any_bytes_through_the_filter(maker: str, pieces: list[bytes]) -> None:
    replies = ReplyFilter(MAKERS[maker])
    got = b""
    for number, piece in enumerate(pieces):
        replies.expect()
        got += replies.take(piece, number * 0.01)
        assert len(replies._held) < 64
    got += replies.take(b"", 1e6)
    assert len(got) <= sum(map(len, pieces))


@posix
@pytest.mark.parametrize("maker", MAKERS)
def test_a_scanner_that_reads_on_command(events: list[Any], maker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.code_scanner.TRIGGER_AFTER_CODE_SECONDS", 0.2)
    start, answer = MAKERS[maker].start, ANSWERS[maker][0]
    peer = SimulatedCodeScanner(on_command=(start, answer), options=f"&trigger={maker}")
    peer.start()
    driver = CodeScanner(parse_address(peer.address), events.append)
    driver.start()
    try:
        until(lambda: driver.status.code == "code_scanner.waiting_for_first_code")
        assert not peer.received
        driver.trigger()
        peer.scan(SECRET)
        until(lambda: codes(events) == [CodeScanned(SECRET)])
        peer.scan(b"the next")  # told again by itself
        until(lambda: codes(events) == [CodeScanned(SECRET), CodeScanned(b"the next")])
        peer.unplug()
        until(lambda: driver.status.state is not DeviceState.READY)
        peer.replug()
        peer.scan(b"after a replug")
        until(lambda: codes(events)[-1] == CodeScanned(b"after a replug"))
        driver.release()
        until(lambda: peer.received.endswith(MAKERS[maker].stop))
        told = peer.received.count(start)
        time.sleep(0.5)
        assert peer.received.count(start) == told
    finally:
        driver.stop()
        peer.stop()


def test_two_answers_to_two_quick_commands_are_both_taken_off() -> None:
    replies = ReplyFilter(MAKERS["newland"])
    answer = ANSWERS["newland"][1]
    replies.expect()
    replies.expect()
    assert replies.take(answer + answer + b"code\r", 1.0) == b"code\r"
    assert replies.refused


@posix
@pytest.mark.parametrize("_time", range(8))
def test_a_command_wanted_while_the_line_opens_is_given_once(_time: int) -> None:
    """Whether the wish comes before, during or after the opening: a scanner told twice answers twice."""
    start = MAKERS["newland"].start
    peer = SimulatedCodeScanner(on_command=(start, ANSWERS["newland"][1]), options="&trigger=newland")
    peer.start()
    driver = CodeScanner(parse_address(peer.address), lambda event: None)
    driver.start()
    try:
        driver.trigger()
        until(lambda: driver.status.code == "code_scanner.trigger_refused")
        assert driver.call(lambda: True).result(10)
        assert peer.received.count(start) == 1
    finally:
        driver.stop()
        peer.stop()


@posix
def test_a_scanner_that_refuses_is_said(events: list[Any]) -> None:
    peer = SimulatedCodeScanner(on_command=(MAKERS["newland"].start, ANSWERS["newland"][1]), options="&trigger=newland")
    peer.start()
    driver = CodeScanner(parse_address(peer.address), events.append)
    driver.start()
    try:
        driver.trigger()
        until(lambda: driver.status.code == "code_scanner.trigger_refused")
        assert driver.status.state is DeviceState.ATTENTION
        peer.scan(SECRET)  # by its own button
        until(lambda: codes(events) == [CodeScanned(SECRET)])
        assert driver.status.state is DeviceState.READY
    finally:
        driver.stop()
        peer.stop()


# -- the cameras in its place ------------------------------------------------------------------------------------------


def test_without_a_scanner_its_state_is_the_better_camera_s(events: list[Any]) -> None:
    states = [DeviceState.ABSENT, DeviceState.ABSENT]
    kinds = (DeviceKind.WEBCAM, DeviceKind.DOCUMENT_CAMERA)

    def cameras() -> list[DeviceStatus]:
        return [DeviceStatus(kind, state) for kind, state in zip(kinds, states, strict=True)]

    driver = CodeScanner(parse_address("camera:"), events.append, cameras=cameras)
    driver.start()
    try:
        for first, second, state, code in (
            (DeviceState.ABSENT, DeviceState.FAULT, DeviceState.FAULT, "code_scanner.no_camera"),
            (DeviceState.CONNECTING, DeviceState.READY, DeviceState.READY, "code_scanner.by_cameras"),
            (DeviceState.ABSENT, DeviceState.ABSENT, DeviceState.ABSENT, "code_scanner.no_camera"),
            (DeviceState.BUSY, DeviceState.ABSENT, DeviceState.READY, "code_scanner.by_cameras"),
            (DeviceState.ATTENTION, DeviceState.ABSENT, DeviceState.ATTENTION, "code_scanner.no_camera"),
        ):
            states[:] = [first, second]
            until(lambda: (driver.status.state, driver.status.code) == (state, code))  # noqa: B023
    finally:
        driver.stop()
