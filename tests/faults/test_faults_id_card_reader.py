"""An ID card reader's line at its worst: every fault there is, each with what the driver has to make of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator

import pytest

import drivers.driver
from drivers import id_card_reader, sam_line
from drivers.driver import DeviceState, DeviceStatus
from drivers.id_card_reader import IdCardRead, IdCardReader
from drivers.sam_v import Command
from drivers.simulated.id_card_reader import SAMPLE_CARDS, SimulatedIdCardReader
from drivers.simulated.pseudo_terminal import PseudoTerminal
from drivers.transport.address import parse_address
from tests.drivers.events import Events
from tests.faults import card_reads

MOVED, VALID = SAMPLE_CARDS["moved"], SAMPLE_CARDS["valid"]
SHORT = 0.1


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drivers.driver, "RETRY_SECONDS", (0.02, 0.05))
    monkeypatch.setattr(id_card_reader, "FIND_SECONDS", 0.02)
    monkeypatch.setattr(id_card_reader, "STATUS_SECONDS", 0.1)
    monkeypatch.setattr(id_card_reader, "CHECK_SECONDS", 0.1)
    monkeypatch.setattr(id_card_reader, "TROUBLE_SECONDS", 0.2)
    monkeypatch.setattr(id_card_reader, "ATTEMPT_SECONDS", 0.02)
    for name, value in (("LIMITS", {}), ("DEFAULT_LIMIT", (SHORT, 27)), ("DETECT_SECONDS", SHORT)):
        monkeypatch.setattr(sam_line, name, value)
    monkeypatch.setattr(sam_line, "SILENCE_SECONDS", SHORT / 2)
    monkeypatch.setattr(sam_line, "NOISE_SECONDS", 0.5)


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def end(quick: None) -> Iterator[SimulatedIdCardReader]:
    end = SimulatedIdCardReader()
    end.start()
    yield end
    end.stop()


@pytest.fixture(params=["?baud=115200", "?baud=auto"])
def driver(request: pytest.FixtureRequest, end: SimulatedIdCardReader, events: Events) -> Iterator[IdCardReader]:
    driver = IdCardReader(parse_address(f"serial:{end.terminal.path}{request.param}"), events)
    driver.start()
    yield driver
    driver.stop()


def is_right(event: IdCardRead) -> bool:
    """Whether everything in it stands on one of the two cards used here."""
    card = event.card
    sample = MOVED if card.id_number == MOVED.id_number else VALID
    texts = (card.name, card.id_number, card.address, card.photo)
    same = texts == (sample.name, sample.id_number, sample.address, sample.photo)
    return same and (card.newest_address_unreadable or card.newest_address == (sample.newest_address or ""))


def usable_again(end: SimulatedIdCardReader, events: Events) -> None:
    """With the fault gone another card is read, and nothing wrong was said to stand on any before."""
    end.lay_card(VALID)
    events.wait_until(lambda: any(event.card.id_number == VALID.id_number for event in events.of(IdCardRead)))
    assert all(is_right(event) for event in events.of(IdCardRead))


def spoil(payload: bytes, reply: bytes) -> bytes:
    return reply[:-1] + bytes([reply[-1] ^ 0x55])


def longer(payload: bytes, reply: bytes) -> bytes:
    """A whole frame with a right checksum, two bytes longer than this command's answer can be."""
    body = reply[5:-1] + b"\0\0"
    body = (int.from_bytes(body[:2], "big") + 2).to_bytes(2, "big") + body[2:]
    checksum = 0
    for byte in body:
        checksum ^= byte
    return reply[:5] + body + bytes([checksum])


LINE = frozenset({"id_card_reader.line", "id_card_reader.not_a_reader"})
FAULTS: dict[str, tuple[Callable[[bytes, bytes], bytes], frozenset[str]]] = {
    "silent": (lambda payload, reply: b"", frozenset({"id_card_reader.silent"})),
    "half": (lambda payload, reply: reply[: len(reply) // 2], LINE),
    "noise": (lambda payload, reply: b"\x5a\xff\x00" * (len(reply) // 3), LINE),
    "wrong checksum": (spoil, LINE),
    "wrong length": (longer, LINE),
    "length of nothing": (lambda payload, reply: reply[:5] + b"\0\0" + reply[7:], LINE),
    "endless length": (lambda payload, reply: reply[:5] + b"\x0f\xff" + reply[7:], LINE),
    "scanner": (lambda payload, reply: b"6901234567892\r\n", LINE),
    "printer": (lambda payload, reply: b"\x12", LINE),
    "another SAM command's answer": (
        lambda payload, reply: bytes.fromhex("AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97"),
        LINE | {"device.lost"},
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays_is_named_and_ends_by_itself(
    driver: IdCardReader, end: SimulatedIdCardReader, events: Events, fault: str
) -> None:
    events.wait_state(DeviceState.READY)
    damage, codes = FAULTS[fault]
    end.faults.damage = damage
    end.lay_card(MOVED)

    def named(status: DeviceStatus) -> bool:
        return status.code in codes

    status = events.wait_status(named)
    assert status.state is not DeviceState.READY
    assert not events.of(IdCardRead)
    end.faults.damage = None
    events.wait_state(DeviceState.READY)
    usable_again(end, events)


@pytest.mark.parametrize(
    "command", [Command.STATUS, Command.FIND, Command.SELECT, Command.READ, Command.NEWEST_ADDRESS]
)
@pytest.mark.parametrize("fault", FAULTS)
def test_one_bad_answer_to_any_command_costs_no_card(
    driver: IdCardReader, end: SimulatedIdCardReader, events: Events, fault: str, command: Command
) -> None:
    damage, _ = FAULTS[fault]
    done = threading.Event()

    def once(payload: bytes, reply: bytes) -> bytes:
        if payload == command.payload and not done.is_set():
            done.set()
            return damage(payload, reply)
        return reply

    events.wait_state(DeviceState.READY)
    end.faults.damage = once
    if command is not Command.STATUS:  # asked only while no card is there
        end.lay_card(MOVED)
    events.wait_until(done.is_set)
    end.lay_card(MOVED)
    assert is_right(events.wait(IdCardRead))


@pytest.mark.parametrize("late", [1.2, 1.6, 2.5, 4.0])
@pytest.mark.parametrize(
    "command", [Command.STATUS, Command.FIND, Command.SELECT, Command.READ, Command.NEWEST_ADDRESS]
)
def test_a_late_answer_is_never_another_commands(
    driver: IdCardReader, end: SimulatedIdCardReader, events: Events, command: Command, late: float
) -> None:
    """``late`` in time limits: the last two come when the line had been silent and the next command was sent."""
    events.wait_state(DeviceState.READY)
    done = threading.Event()

    def delay(payload: bytes, reply: bytes) -> bytes:
        if payload == command.payload and not done.is_set():
            done.set()
            threading.Event().wait(late * SHORT)
        return reply

    end.faults.damage = delay
    if command is not Command.STATUS:
        end.lay_card(MOVED)
    events.wait_until(done.is_set)
    if command is Command.STATUS:
        end.lay_card(MOVED)
    assert is_right(events.wait(IdCardRead))


LENGTHS = {Command.STATUS: 11, Command.SAM_ID: 27, Command.FIND: 15, Command.SELECT: 19, Command.READ: 1295}
LENGTHS |= {Command.NEWEST_ADDRESS: 81}


def unplug_at_every(step: int, end: SimulatedIdCardReader, events: Events) -> int:
    """Unplug after so many bytes of an answer; of the longest one only every ``step``-th times thirty."""
    steps = {command: step if step == 1 or command is not Command.READ else 30 * step for command in LENGTHS}
    places = [(command, at) for command, length in LENGTHS.items() for at in range(0, length, steps[command])]
    for count, (command, at) in enumerate(places):
        before = len(events.of(IdCardRead))
        end.faults.unplug_at = command.payload, at
        if command is Command.SAM_ID:  # only asked when the port is opened
            end.unplug()
            end.replug()
        elif command is not Command.STATUS:  # asked only while no card is there
            end.lay_card((MOVED, VALID)[count % 2])
        events.wait_until(lambda: not end.terminal.plugged)
        end.replug()
        end.lay_card((VALID, MOVED)[count % 2])
        events.wait_until(lambda before=before: len(events.of(IdCardRead)) > before)
        assert all(is_right(event) for event in events.of(IdCardRead)), (command, at)
        end.lift_card()
        del events.all[:]
    return len(places)


@pytest.fixture
def one_driver(end: SimulatedIdCardReader, events: Events, monkeypatch: pytest.MonkeyPatch) -> Iterator[IdCardReader]:
    """Waits long for answers: a pulled cable shows at once, and a busy computer is not to look like a silent module."""
    monkeypatch.setattr(sam_line, "DEFAULT_LIMIT", (20 * SHORT, 27))
    monkeypatch.setattr(sam_line, "SILENCE_SECONDS", 10 * SHORT)
    driver = IdCardReader(parse_address(end.address), events)
    driver.start()
    yield driver
    driver.stop()


def test_unplugged_at_bytes_of_a_whole_transaction(
    one_driver: IdCardReader, end: SimulatedIdCardReader, events: Events
) -> None:
    assert unplug_at_every(13, end, events) > 15


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_unplugged_at_every_byte_of_a_whole_transaction(
    one_driver: IdCardReader, end: SimulatedIdCardReader, events: Events
) -> None:
    assert unplug_at_every(1, end, events) == sum(LENGTHS.values())


def test_plugged_in_at_another_port_behind_the_same_name(
    driver: IdCardReader, end: SimulatedIdCardReader, events: Events
) -> None:
    events.wait_state(DeviceState.READY)
    first = os.readlink(end.terminal.path)
    end.unplug()
    events.wait_status(lambda status: status.state is not DeviceState.READY)
    taken = os.openpty()  # the number that was free
    try:
        end.replug()
        assert os.readlink(end.terminal.path) != first or os.ttyname(taken[1]) != first
        events.wait_state(DeviceState.READY)
        usable_again(end, events)
    finally:
        for handle in taken:
            os.close(handle)


def sends_codes(terminal: PseudoTerminal) -> Callable[[bytes], None]:
    """A scanner: it does not answer, but says what it sees."""

    def on_bytes(data: bytes) -> None:
        terminal.send(b"https://example.invalid/000000190001010017\r\n")

    return on_bytes


def answers_status(terminal: PseudoTerminal) -> Callable[[bytes], None]:
    """A printer: one status byte for everything that ends in one of its questions."""

    def on_bytes(data: bytes) -> None:
        terminal.send(b"\x12" * (1 + data.count(b"\xff")))

    return on_bytes


def echoes(terminal: PseudoTerminal) -> Callable[[bytes], None]:
    """A modem, or two wires joined: everything comes back."""

    def on_bytes(data: bytes) -> None:
        terminal.send(data)

    return on_bytes


@pytest.mark.parametrize("options", ["?baud=115200", "?baud=auto"])
@pytest.mark.parametrize("other", [sends_codes, answers_status, echoes])
def test_another_device_at_the_port(
    quick: None, events: Events, other: Callable[..., Callable[[bytes], None]], options: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    terminal = PseudoTerminal(name="other")
    terminal.on_bytes = other(terminal)
    terminal.start()
    driver = IdCardReader(parse_address(f"serial:{terminal.path}{options}"), events)
    driver.start()
    try:
        status = events.wait_state(DeviceState.FAULT)
        assert status.code in ("id_card_reader.not_a_reader", "id_card_reader.line")
        assert status.code == "id_card_reader.not_a_reader" or other is echoes
        assert not events.of(IdCardRead)
        assert "000000190001010017" not in caplog.text + repr(events.all)
    finally:
        driver.stop()
        terminal.stop()


FLOODS = {
    "rubbish": b"\x5a" * 997,
    "beginnings of frames": b"\xaa\xaa\xaa\x96\x69" * 200,
    "good answers": bytes.fromhex("AA AA AA 96 69 00 04 00 00 90 94") * 90,
    "long frames": b"\xaa\xaa\xaa\x96\x69\x0f\xff" + b"x" * 990,
}


@pytest.mark.parametrize("options", ["?baud=115200", "?baud=auto"])
@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_is_left_alone_and_keeps_nothing(quick: None, events: Events, flood: str, options: str) -> None:
    terminal = PseudoTerminal(name="flood")
    terminal.start()
    over = threading.Event()

    def pour() -> None:
        while not over.is_set():
            terminal.send(FLOODS[flood])
            over.wait(0.005)

    driver = IdCardReader(parse_address(f"serial:{terminal.path}{options}"), events)
    source = threading.Thread(target=pour)
    source.start()
    driver.start()
    try:
        status = events.wait_status(lambda status: status.code.startswith("id_card_reader."))
        assert status.state is not DeviceState.READY
        assert not events.of(IdCardRead)
        module = driver.module
        assert isinstance(module, sam_line.SamLine)
        assert module._frames.waiting <= 7 + 4096 + sam_line.sam_v.LONGEST
    finally:
        over.set()
        driver.stop()
        source.join()
        terminal.stop()


def test_hundreds_of_cards_with_random_faults_and_nothing_wrong() -> None:
    result = card_reads.run(320)
    assert result["cards"] == 320
    assert result["wrong data accepted"] == []
    assert result["refused without a word"] == 0
    assert result["read right"] > 160
    assert result["damaged answers whose checksum was right"] > 0


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_ten_thousand_cards_with_random_faults_and_nothing_wrong() -> None:
    result = card_reads.run(10_000)
    assert result["cards"] == 10_000
    assert result["wrong data accepted"] == []
    assert result["refused without a word"] == 0
    assert result["damaged answers whose checksum was right"] > 50
