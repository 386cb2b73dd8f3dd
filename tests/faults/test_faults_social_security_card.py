"""Cards, readers and the card service failing in every way that a real pcscd with virtual readers can show."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from drivers.driver import DeviceState
from drivers.simulated.pcsc_service import PcscService, PcscUnavailable, why_unavailable
from drivers.simulated.social_security_card import SAMPLE_CARDS, SimulatedSocialSecurityCard
from drivers.social_security_card import (
    SocialSecurityCardAway,
    SocialSecurityCardRead,
    SocialSecurityCardReader,
    SocialSecurityCardTrouble,
)
from drivers.transport import call_thread, pcsc
from drivers.transport.address import parse_address
from drivers.transport.call_thread import CallHangs, CallThread, TooManyHang, left_behind
from drivers.transport.pcsc import CardWatcher
from tests.drivers.events import Events
from tests.waiting import until

SELECT = bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF")
ID_NUMBER, NAME = bytes.fromhex("00B2083000"), bytes.fromhex("00B2093000")
COMMANDS_OF_A_READING = 24  # of a version 2 card: two for the application, two for each of eleven fields
HANGS = "social_security_card.hangs"

service_needed = pytest.mark.skipif(bool(why_unavailable()), reason=why_unavailable() or "available")


# -- the thread for calls that hang --------------------------------------------------------------------------------


def test_a_call_gives_its_result_or_its_error() -> None:
    calls = CallThread("test")
    assert calls.call(lambda: 7, 5) == 7
    with pytest.raises(ZeroDivisionError):
        calls.call(lambda: 1 // 0, 5)
    with pytest.raises(TimeoutError, match="its own"):
        calls.call(lambda: (_ for _ in ()).throw(TimeoutError("its own")), 5)
    calls.end()
    until(lambda: not calls._thread.is_alive())


def test_a_call_that_hangs_is_left_behind_and_tidies_up_late() -> None:
    gate, tidied = threading.Event(), threading.Event()
    calls = CallThread("test", tidied.set)
    before = left_behind()
    with pytest.raises(CallHangs):
        calls.call(gate.wait, 0.05)
    assert calls.left_behind
    assert left_behind() == before + 1
    gate.set()
    assert tidied.wait(10)
    until(lambda: left_behind() == before)


def test_no_more_threads_hang_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_thread, "MOST_LEFT_BEHIND", left_behind() + 2)
    gate = threading.Event()
    for _ in range(2):
        with pytest.raises(CallHangs):
            CallThread("test").call(gate.wait, 0.01)
    with pytest.raises(TooManyHang):
        CallThread("test")
    gate.set()
    until(lambda: left_behind() < 2)
    CallThread("test").end()


def test_waiting_ends_when_the_owner_wants_no_more() -> None:
    class Enough(Exception):
        pass

    def alive() -> None:
        raise Enough

    gate = threading.Event()
    calls = CallThread("test", alive=alive)
    with pytest.raises(Enough):
        calls.call(gate.wait, 60)
    assert calls.left_behind
    gate.set()


# -- over the real service -----------------------------------------------------------------------------------------


@pytest.fixture
def service() -> Iterator[PcscService]:
    service = PcscService()
    try:
        service.start()
    except PcscUnavailable as reason:
        pytest.skip(str(reason))
    yield service
    service.stop()
    until(lambda: left_behind() == 0, "a call still hangs after the service has ended")


@pytest.fixture
def card(service: PcscService) -> Iterator[SimulatedSocialSecurityCard]:
    card = SimulatedSocialSecurityCard(service)
    yield card
    card.remove()


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def reader(service: PcscService, events: Events) -> Iterator[SocialSecurityCardReader]:
    driver = SocialSecurityCardReader(parse_address("pcsc:"), events)
    driver.start()
    events.wait_state(DeviceState.READY)
    yield driver
    driver.stop()


@pytest.fixture
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcsc, "CARD_SECONDS", 1.0)
    monkeypatch.setattr(pcsc, "SERVICE_SECONDS", 1.0)
    monkeypatch.setattr("drivers.social_security_card.HANGS_AGAIN_SECONDS", (0.2,))


def codes(events: Events) -> list[str]:
    return [event.code for event in events.of(SocialSecurityCardTrouble)]


ANSWERS = {
    "nothing at all": (b"", None),
    "half a status word": (b"\x90", None),
    "a status word nobody knows": (b"\x12\x34", "social_security_card.unknown_card"),
    "more data that never come": (b"\x61\xff", "social_security_card.bad_answer"),
    "another length for ever": (b"\x6c\x00", "social_security_card.unknown_card"),
    "the noise of another protocol": (
        b"\xaa\xaa\xaa\x96\x69\x00\x04\x00\x00\x9f\x9b",
        "social_security_card.unknown_card",
    ),
    "a flood": (b"\x00" * 60000, None),
}


@pytest.mark.pcsc
@service_needed
@pytest.mark.usefixtures("reader", "short_limits")
def test_wrong_answers_to_the_first_command(card: SimulatedSocialSecurityCard, events: Events) -> None:
    """Every one is said and nothing is taken for a card; the same reader reads the next card."""
    for number, (what, (answer, code)) in enumerate(ANSWERS.items(), start=1):
        card.faults.answers = {SELECT: answer}
        card.insert()
        events.wait(SocialSecurityCardTrouble, number)
        assert code in (None, codes(events)[-1]), what
        assert not events.of(SocialSecurityCardRead), what
        card.remove()
        events.wait_state(DeviceState.READY)
        time.sleep(0.5)
    card.faults.answers = None
    card.insert()
    assert events.wait(SocialSecurityCardRead).card.name == SAMPLE_CARDS["version_2"].name


RECORDS = {
    "length longer than the data": (NAME, b"\x09\xff\xd5\xc5\x90\x00"),
    "a tag alone": (NAME, b"\x09\x90\x00"),
    "half a character": (NAME, b"\x09\x03\xd5\xc5\xca\x90\x00"),
    "a name of control characters": (NAME, b"\x09\x03\x01\x1b\x07\x90\x00"),
    "a wrong check digit": (ID_NUMBER, b"\x08\x12000000190001010018\x90\x00"),
    "a number cut short": (ID_NUMBER, b"\x08\x1100000019000101001\x90\x00"),
    "binary for the number": (ID_NUMBER, bytes(range(128, 250)) + b"\x90\x00"),
}


@pytest.mark.pcsc
@service_needed
@pytest.mark.usefixtures("reader", "short_limits")
def test_wrong_records_give_no_wrong_person(card: SimulatedSocialSecurityCard, events: Events) -> None:
    for number, (what, (apdu, answer)) in enumerate(RECORDS.items(), start=1):
        card.faults.answers = {apdu: answer}
        card.insert()
        assert events.wait(SocialSecurityCardTrouble, number).code == "social_security_card.bad_answer", what
        assert not events.of(SocialSecurityCardRead), what
        card.remove()
        events.wait_state(DeviceState.READY)
        time.sleep(0.5)
    card.faults.answers = None
    card.insert()
    assert events.wait(SocialSecurityCardRead).card.name == SAMPLE_CARDS["version_2"].name


@pytest.mark.pcsc
@service_needed
@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    "at",
    [
        pytest.param(range(1, COMMANDS_OF_A_READING + 1), marks=pytest.mark.slow, id="every"),
        pytest.param((1, 2, 3, 9, COMMANDS_OF_A_READING), id="some"),
    ],
)
def test_pulled_out_at_a_command(card: SimulatedSocialSecurityCard, events: Events, at: Any) -> None:
    for number, command in enumerate(at, start=1):
        card.faults.pull_after = command
        card.insert()
        assert events.wait(SocialSecurityCardTrouble, number).code == "pcsc.card_pulled", command
        events.wait_state(DeviceState.READY)
        card.remove()
        time.sleep(0.5)  # the hand that puts it in again; the service looks every 0.4 s
    assert not events.of(SocialSecurityCardRead)
    card.insert()
    assert events.wait(SocialSecurityCardRead).card.identifies


@pytest.mark.pcsc
@service_needed
@pytest.mark.usefixtures("short_limits")
def test_a_command_that_hangs_costs_only_this_card(
    card: SimulatedSocialSecurityCard, events: Events, reader: SocialSecurityCardReader
) -> None:
    for number, command in enumerate((1, 2, 5), start=1):
        card.faults.hang_at = command
        card.insert()
        assert events.wait_status(lambda status: status.code == HANGS).state is DeviceState.FAULT
        assert codes(events) == [HANGS] * number
        # The driver's own thread is free all the while.
        assert reader.call(lambda: 1).result(10) == 1
        card.faults.hang_at = 0
        card.remove()
        until(lambda: left_behind() == 0, "the call that hung did not end with the card")
        events.wait_state(DeviceState.READY)
    card.insert()
    assert events.wait(SocialSecurityCardRead).card.identifies
    assert not events.of(SocialSecurityCardAway)


@pytest.mark.pcsc
@service_needed
@pytest.mark.usefixtures("reader", "short_limits")
def test_a_reader_that_wakes_up_reads_the_card_that_is_still_in(
    card: SimulatedSocialSecurityCard, events: Events
) -> None:
    card.faults.hang_at = 3
    card.insert()
    events.wait_status(lambda status: status.code == HANGS)
    card.release()
    assert events.wait(SocialSecurityCardRead).card.name == SAMPLE_CARDS["version_2"].name
    events.wait_state(DeviceState.READY)
    assert codes(events) == [HANGS]


@pytest.mark.pcsc
@service_needed
@pytest.mark.usefixtures("reader", "short_limits")
def test_hanging_calls_are_never_more_than_the_limit(
    card: SimulatedSocialSecurityCard, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_thread, "MOST_LEFT_BEHIND", 2)
    monkeypatch.setattr("drivers.social_security_card.HANGS_AGAIN_SECONDS", (0.05,))
    card.faults.hang_at = 1
    card.insert()
    until(lambda: left_behind() == 2)
    before = threading.active_count()
    for _ in range(20):
        time.sleep(0.1)
        assert left_behind() <= 2
    assert threading.active_count() <= before
    card.faults.hang_at = 0
    card.remove()
    events.wait_state(DeviceState.READY)


@pytest.mark.pcsc
@service_needed
def test_stopping_does_not_wait_for_a_command_that_hangs(
    service: PcscService, card: SimulatedSocialSecurityCard, events: Events
) -> None:
    driver = SocialSecurityCardReader(parse_address("pcsc:"), events)
    driver.start()
    events.wait_state(DeviceState.READY)
    card.faults.hang_at = 2
    card.insert()
    until(lambda: len(card.commands) >= 1)
    thread = driver._thread
    assert thread is not None
    driver.stop(4.0)  # a command is waited for up to CARD_SECONDS, which is longer
    assert not thread.is_alive()


@pytest.mark.pcsc
@service_needed
@pytest.mark.usefixtures("reader", "short_limits")
@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_half_an_answer_on_the_wire(
    service: PcscService, card: SimulatedSocialSecurityCard, events: Events, cut: int
) -> None:
    card.faults.raw = b"\x00\x02\x90\x00"[:cut]
    card.insert()
    events.wait_status(lambda status: status.code == HANGS)
    card.remove()
    time.sleep(0.5)
    if not service.running:  # the virtual reader's own driver does not survive half a length
        service.start()
    events.wait_state(DeviceState.READY)
    card.insert()
    assert events.wait(SocialSecurityCardRead).card.identifies


@pytest.mark.pcsc
@service_needed
@pytest.mark.usefixtures("reader")
def test_a_slow_card_is_read(card: SimulatedSocialSecurityCard, events: Events) -> None:
    card.faults.delay = 0.1
    card.insert()
    assert events.wait(SocialSecurityCardRead).card.identifies
    assert not codes(events)


@pytest.mark.pcsc
@service_needed
def test_a_card_swapped_while_nobody_looked_is_another_card(
    card: SimulatedSocialSecurityCard, events: Events, reader: SocialSecurityCardReader
) -> None:
    """Present before and present after: only the service's event counter tells."""
    card.insert(SAMPLE_CARDS["version_1"])
    events.wait(SocialSecurityCardRead)
    looking_away, go_on = threading.Event(), threading.Event()

    def look_away() -> None:
        looking_away.set()
        go_on.wait(20)

    reader.call(look_away)
    assert looking_away.wait(20)
    card.remove()
    time.sleep(0.9)
    card.insert(SAMPLE_CARDS["version_2"])
    time.sleep(0.9)
    go_on.set()
    assert events.wait(SocialSecurityCardRead, 2).card.name == SAMPLE_CARDS["version_2"].name
    assert len(events.of(SocialSecurityCardAway)) == 1


@pytest.mark.pcsc
@service_needed
@pytest.mark.usefixtures("reader")
def test_two_readers(service: PcscService, card: SimulatedSocialSecurityCard, events: Events) -> None:
    other = SimulatedSocialSecurityCard(service, slot=1)
    try:
        card.insert(SAMPLE_CARDS["version_1"])
        events.wait(SocialSecurityCardRead)
        other.faults.mute = True
        other.insert()
        assert events.wait(SocialSecurityCardTrouble).code == "pcsc.card_mute"
        events.wait_state(DeviceState.ATTENTION)
        other.remove()
        events.wait_state(DeviceState.READY)
        other.faults.mute = False
        time.sleep(0.5)
        other.insert(SAMPLE_CARDS["version_2"])
        assert events.wait(SocialSecurityCardRead, 2).card.name == SAMPLE_CARDS["version_2"].name
        card.remove()
        time.sleep(1.0)
        assert not events.of(SocialSecurityCardAway)  # one of the two still lies there
        other.remove()
        events.wait(SocialSecurityCardAway)
    finally:
        other.remove()


@pytest.mark.pcsc
@service_needed
@pytest.mark.usefixtures("reader", "short_limits")
def test_a_service_that_hangs_is_said_and_comes_back(
    service: PcscService, card: SimulatedSocialSecurityCard, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.driver.RETRY_SECONDS", (0.05,))
    monkeypatch.setattr(call_thread, "MOST_LEFT_BEHIND", 3)
    card.insert()
    events.wait(SocialSecurityCardRead)
    service.pause()
    events.wait(SocialSecurityCardAway)
    assert events.wait_state(DeviceState.FAULT).code == "pcsc.service_hangs"
    assert left_behind() <= 3
    service.resume()
    events.wait_state(DeviceState.READY)
    assert events.wait(SocialSecurityCardRead, 2).card.identifies
    until(lambda: left_behind() == 0)


@pytest.mark.pcsc
@service_needed
@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("command", [1, 4, 11])
def test_the_service_killed_in_the_middle_of_a_reading(
    service: PcscService, card: SimulatedSocialSecurityCard, events: Events, command: int
) -> None:
    card.faults.hang_at = command
    card.insert()
    until(lambda: len(card.commands) >= command - 1)
    service.kill()
    events.wait_status(lambda status: status.code == "pcsc.service_away")
    card.faults.hang_at = 0
    card.remove()
    service.start()
    events.wait_state(DeviceState.READY)
    card.insert()
    assert events.wait(SocialSecurityCardRead).card.identifies


@pytest.mark.pcsc
@service_needed
@pytest.mark.usefixtures("reader")
def test_another_reader_after_a_restart_is_taken(
    service: PcscService, card: SimulatedSocialSecurityCard, events: Events
) -> None:
    """As when the reader is replaced, or plugged in where it gets another name."""
    service.stop()
    events.wait_status(lambda status: status.code == "pcsc.service_away")
    service.reader_name = "Another Maker"
    service.start()
    assert events.wait_state(DeviceState.READY).identity == "Another Maker 00 00"
    card.insert()
    assert events.wait(SocialSecurityCardRead).card.identifies


@pytest.mark.pcsc
@service_needed
@pytest.mark.usefixtures("reader")
def test_stopped_and_started_again_and_again(
    service: PcscService, card: SimulatedSocialSecurityCard, events: Events
) -> None:
    before = threading.active_count()
    for number in range(1, 4):
        service.stop() if number % 2 else service.kill()
        events.wait_status(lambda status: status.code == "pcsc.service_away")
        service.start()
        events.wait_state(DeviceState.READY)
        card.insert()
        events.wait(SocialSecurityCardRead, number)
        card.remove()
        events.wait(SocialSecurityCardAway, number)
    until(lambda: threading.active_count() <= before + 1, "threads were left behind")


# -- readers pulled out of a running service -----------------------------------------------------------------------
# The virtual readers of vpcd cannot be pulled out, so here the service's library itself is played, call by call.


class PlayedService:
    """What libpcsclite answers, as its manual says; ``cards`` maps readers to (event counter, present, mute)."""

    SCARD_SCOPE_USER, SCARD_SHARE_SHARED, SCARD_LEAVE_CARD = 0, 2, 0
    SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1, SCARD_PCI_T0, SCARD_PCI_T1 = 1, 2, 1, 2
    SCARD_STATE_PRESENT, SCARD_STATE_MUTE, SCARD_STATE_CHANGED = 0x20, 0x200, 0x2

    def __init__(self) -> None:
        self.cards: dict[str, tuple[int, bool, bool]] = {}
        self.gone_while_waiting = ""

    def SCardEstablishContext(self, scope: int) -> tuple[int, int]:  # noqa: N802
        return 0, 1

    def SCardReleaseContext(self, context: int) -> int:  # noqa: N802
        return 0

    def SCardListReaders(self, context: int, groups: list[str]) -> tuple[int, list[str]]:  # noqa: N802
        return (0, list(self.cards)) if self.cards else (pcsc.NO_READERS - (1 << 32), [])

    def SCardGetStatusChange(self, context: int, timeout: int, asked: list[Any]) -> tuple[int, list[Any]]:  # noqa: N802
        if self.cards.pop(self.gone_while_waiting, None):
            return pcsc.UNKNOWN_READER - (1 << 32), []
        answers = []
        for reader, _ in asked:
            count, present, mute = self.cards.get(reader, (0, False, False))
            state = count << 16 | (0x20 if present else 0x10) | (0x200 if mute else 0) | 0x2
            answers.append((reader, state, [0x3B] if present else []))
        return 0, answers


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[PlayedService, CardWatcher]]:
    service = PlayedService()
    monkeypatch.setattr(pcsc, "scard", service)
    watcher = CardWatcher("Reader")
    watcher.open()
    yield service, watcher
    watcher.close()


def names(events: Sequence[object]) -> list[tuple[str, str]]:
    return [(type(event).__name__, event.reader) for event in events]  # type: ignore[attr-defined]


def test_a_reader_pulled_out_with_its_card_and_plugged_in_elsewhere(played: tuple[PlayedService, CardWatcher]) -> None:
    service, watcher = played
    assert watcher.wait(0) == []
    service.cards["Reader 00 00"] = (1, True, False)
    assert names(watcher.wait(0)) == [("ReaderAdded", "Reader 00 00"), ("CardInserted", "Reader 00 00")]
    del service.cards["Reader 00 00"]
    assert names(watcher.wait(0)) == [("CardRemoved", "Reader 00 00"), ("ReaderGone", "Reader 00 00")]
    service.cards["Reader 01 00"] = (1, True, False)
    assert names(watcher.wait(0)) == [("ReaderAdded", "Reader 01 00"), ("CardInserted", "Reader 01 00")]


def test_a_reader_pulled_out_during_the_wait(played: tuple[PlayedService, CardWatcher]) -> None:
    service, watcher = played
    service.cards = {"Reader 00 00": (0, False, False), "Reader 01 00": (4, True, False)}
    assert ("CardInserted", "Reader 01 00") in names(watcher.wait(0))
    service.gone_while_waiting = "Reader 01 00"
    assert watcher.wait(0) == []
    assert names(watcher.wait(0)) == [("CardRemoved", "Reader 01 00"), ("ReaderGone", "Reader 01 00")]
    assert watcher.readers == ("Reader 00 00",)


def test_the_event_counter_alone_tells_another_card(played: tuple[PlayedService, CardWatcher]) -> None:
    service, watcher = played
    service.cards["Reader 00 00"] = (1, True, False)
    watcher.wait(0)
    assert watcher.wait(0) == []
    service.cards["Reader 00 00"] = (3, True, True)
    events = watcher.wait(0)
    assert names(events) == [("CardRemoved", "Reader 00 00"), ("CardInserted", "Reader 00 00")]
    assert events[1].mute  # type: ignore[union-attr]


def test_readers_of_another_name_are_left_alone(played: tuple[PlayedService, CardWatcher]) -> None:
    service, watcher = played
    service.cards = {"Other 00 00": (1, True, False)}
    assert watcher.wait(0) == []
    assert watcher.readers == ()
