"""The driver against the simulated module on a real pseudo terminal, with every fault that can be set on it."""

import dataclasses

import pytest

from drivers import id_card_reader, sam_line
from drivers.driver import DeviceError, DeviceState, DeviceUnavailable, StatusChanged
from drivers.id_card_reader import IdCardAway, IdCardRead, IdCardReader, IdCardTrouble, IdCardUnseen
from drivers.sam_v import Command
from drivers.simulated.id_card_reader import SAMPLE_CARDS, SimulatedIdCardReader
from drivers.transport.address import AddressError, parse_address
from tests.drivers.events import Events

VALID, MOVED = SAMPLE_CARDS["valid"], SAMPLE_CARDS["moved"]


@pytest.fixture
def end():
    end = SimulatedIdCardReader()
    end.start()
    yield end
    end.stop()


@pytest.fixture
def events():
    return Events()


@pytest.fixture
def reader(end, events, monkeypatch):
    monkeypatch.setattr(id_card_reader, "FIND_SECONDS", 0.05)
    monkeypatch.setattr(id_card_reader, "CHECK_SECONDS", 0.2)
    monkeypatch.setattr(sam_line, "LIMITS", {Command.READ: (0.5, 2321), Command.NEWEST_ADDRESS: (0.4, 81)})
    monkeypatch.setattr(sam_line, "DEFAULT_LIMIT", (0.4, 27))
    driver = IdCardReader(parse_address(end.address), events)
    driver.start()
    yield driver
    driver.stop()


def settled(end, events):
    """The driver has looked at the lying card again and knows what its absence will look like."""
    end.commands.clear()
    events.wait_until(lambda: end.commands.count(Command.FIND.payload) > 1)


def ready(events):
    return events.wait_state(DeviceState.READY)


def test_module_is_identified_when_it_answers(reader, events):
    assert ready(events).identity == "05.03-20240101-0012345678-0987654321"
    assert reader.self_test().result(10) == "05.03-20240101-0012345678-0987654321"


@pytest.mark.parametrize("name", SAMPLE_CARDS)
def test_every_kind_of_card_is_read(reader, end, events, name):
    ready(events)
    sample = SAMPLE_CARDS[name]
    end.lay_card(sample)
    read = events.wait(IdCardRead)
    assert (read.card.name, read.card.id_number, read.repeat) == (sample.name, sample.id_number, False)
    assert read.card.photo == sample.photo
    assert not read.card.photo_unreadable
    assert read.card.newest_address == (sample.newest_address or "")
    assert not read.card.newest_address_unreadable
    assert sample.name not in repr(read)


def test_find_select_read_are_gone_through_for_every_card(reader, end, events):
    ready(events)
    end.lay_card(VALID)
    events.wait(IdCardRead)
    read = end.commands.index(Command.READ.payload)
    assert end.commands[read - 2 : read] == [Command.FIND.payload, Command.SELECT.payload]


def test_removal_shows_on_a_module_that_reports_nothing_after_a_read(reader, end, events):
    ready(events)
    end.lay_card(VALID)
    events.wait(IdCardRead)
    end.commands.clear()
    events.wait_until(lambda: end.commands.count(Command.FIND.payload) > 3)  # answered 80 though it lies there
    assert not events.of(IdCardAway)
    end.lift_card()
    events.wait(IdCardAway)
    assert len(events.of(IdCardRead)) == 1
    assert not events.of(IdCardUnseen)


def test_removal_shows_on_a_module_that_goes_on_reporting(reader, end, events):
    end.faults.found_again = True
    end.faults.forgets_selection = True
    ready(events)
    end.lay_card(VALID)
    events.wait(IdCardRead)
    events.wait_until(lambda: end.commands.count(Command.READ.payload) > 2)  # looked at again, not reported again
    assert not events.of(IdCardAway)
    end.lift_card()
    events.wait(IdCardAway)
    assert len(events.of(IdCardRead)) == 1


def test_removal_is_not_claimed_by_a_module_that_cannot_tell(reader, end, events):
    end.faults.forgets_selection = True
    ready(events)
    end.lay_card(VALID)
    events.wait(IdCardRead)
    events.wait(IdCardUnseen)
    end.lift_card()
    end.commands.clear()
    events.wait_until(lambda: end.commands.count(Command.FIND.payload) > 5)
    assert not events.of(IdCardAway)
    assert len(events.of(IdCardUnseen)) == 1
    end.lay_card(VALID)  # laid down again at once: the same laying down
    events.wait_until(lambda: end.commands.count(Command.READ.payload) > 0)
    end.commands.clear()
    events.wait_until(lambda: end.commands.count(Command.FIND.payload) > 5)
    assert len(events.of(IdCardRead)) == 1
    assert not events.of(IdCardAway)  # it lies there, though "find" says none
    end.lift_card()
    end.lay_card(MOVED)
    assert events.wait(IdCardRead, 2).card.id_number == MOVED.id_number
    assert len(events.of(IdCardAway)) == 1  # another card proves that the first is gone


@pytest.mark.parametrize(("found_again", "forgets_selection"), [(False, False), (True, False), (True, True)])
def test_a_card_that_lies_there_is_reported_when_asked_for(reader, end, events, found_again, forgets_selection):
    end.faults.found_again, end.faults.forgets_selection = found_again, forgets_selection
    ready(events)
    end.lay_card(VALID)
    events.wait(IdCardRead)
    settled(end, events)
    reader.look_again()
    assert events.wait(IdCardRead, 2).card.id_number == VALID.id_number
    assert not events.of(IdCardAway)
    settled(end, events)
    end.lift_card()
    events.wait(IdCardAway)
    reader.look_again()
    settled(end, events)
    assert len(events.of(IdCardRead)) == 2
    assert not events.of(IdCardTrouble)


@pytest.mark.parametrize("command", [Command.SELECT, Command.READ, Command.NEWEST_ADDRESS])
def test_a_card_lifted_while_it_is_looked_at_once_more_is_gone_and_not_asked_for_again(reader, end, events, command):
    end.faults.found_again = True
    ready(events)
    end.lay_card(VALID)
    events.wait(IdCardRead)
    settled(end, events)
    end.faults.lift_before = command.payload
    events.wait(IdCardAway)
    assert not events.of(IdCardTrouble)
    assert len(events.of(IdCardRead)) == 1


def test_a_card_that_cannot_be_read_again_must_be_lifted(reader, end, events):
    end.faults.forgets_selection = True
    ready(events)
    end.lay_card(VALID)
    events.wait(IdCardUnseen)
    reader.look_again()
    assert events.wait(IdCardTrouble).code == "id_card_reader.lift_first"
    end.lift_card()
    end.lay_card(VALID)
    events.wait(IdCardRead, 2)


def test_a_card_that_failed_before_is_said_again_when_asked_for(reader, end, events):
    ready(events)
    end.faults.status_words[Command.SELECT.payload] = 0x81
    end.lay_card(VALID)
    events.wait(IdCardTrouble)
    reader.look_again()
    assert events.wait(IdCardTrouble, 2).code == "id_card_reader.place_again"


def test_the_same_card_after_a_while_is_read_anew(reader, end, events, monkeypatch):
    ready(events)
    for number in (1, 2):
        end.lay_card(VALID)
        assert events.wait(IdCardRead, number).repeat is (number == 2)
        settled(end, events)
        end.lift_card()
        events.wait(IdCardAway, number)
    monkeypatch.setattr(id_card_reader, "REPEAT_SECONDS", 0.0)
    end.lay_card(VALID)
    assert not events.wait(IdCardRead, 3).repeat


def test_another_card_without_a_gap(reader, end, events):
    ready(events)
    end.lay_card(VALID)
    events.wait(IdCardRead)
    end.lay_card(MOVED)
    read = events.wait(IdCardRead, 2)
    assert read.card.newest_address == MOVED.newest_address
    kinds = [type(event) for event in events.all if not isinstance(event, StatusChanged)]
    assert kinds == [IdCardRead, IdCardAway, IdCardRead]


@pytest.mark.parametrize(
    ("command", "sw3", "code"),
    [
        (Command.SELECT, 0x81, "id_card_reader.place_again"),
        (Command.SELECT, 0x31, "id_card_reader.place_again"),
        (Command.SELECT, 0x32, "id_card_reader.place_again"),
        (Command.READ, 0x33, "id_card_reader.place_again"),
        (Command.READ, 0x41, "id_card_reader.place_again"),
        (Command.READ, 0x47, "id_card_reader.place_again"),
        (Command.SELECT, 0x40, "id_card_reader.not_an_id_card"),
        (Command.SELECT, 0x55, "id_card_reader.place_again"),
        (Command.FIND, 0x41, "id_card_reader.place_again"),
    ],
)
def test_a_card_that_cannot_be_read_is_said_once_and_read_when_it_can(reader, end, events, command, sw3, code):
    ready(events)
    end.faults.status_words[command.payload] = sw3
    end.lay_card(VALID)
    trouble = events.wait(IdCardTrouble)
    assert (trouble.code, trouble.detail["sw3"]) == (code, f"{sw3:02X}")
    assert events.wait_state(DeviceState.ATTENTION).code == code
    end.commands.clear()
    events.wait_until(lambda: end.commands.count(Command.FIND.payload) > 5)
    assert len(events.of(IdCardTrouble)) == 1
    end.faults.status_words.clear()
    assert events.wait(IdCardRead).card.name == VALID.name
    assert events.wait_state(DeviceState.READY).code == ""


def test_a_failed_reading_is_tried_again_before_anything_is_said(reader, end, events):
    ready(events)
    end.faults.status_words_once = {Command.SELECT.payload: 0x81, Command.READ.payload: 0x41}
    end.lay_card(VALID)
    events.wait(IdCardRead)
    assert not end.faults.status_words_once
    assert not events.of(IdCardTrouble)


@pytest.mark.parametrize("sw3", [0x10, 0x11, 0x21, 0x24])
def test_line_errors_of_the_module_are_repeated_once(reader, end, events, sw3):
    ready(events)
    end.commands.clear()
    end.faults.status_words[Command.FIND.payload] = sw3
    status = events.wait_state(DeviceState.FAULT)
    assert status.code == "id_card_reader.line"
    end.faults.status_words.clear()
    end.lay_card(VALID)
    events.wait(IdCardRead)


@pytest.mark.parametrize(
    ("sw3", "code"),
    [
        (0x60, "id_card_reader.module_fault"),
        (0x66, "id_card_reader.module_unauthorised"),
        (0x23, "id_card_reader.module_fault"),
    ],
)
def test_a_module_that_reports_itself_faulty(end, events, sw3, code):
    end.faults.status_words[Command.STATUS.payload] = sw3
    driver = IdCardReader(parse_address(end.address), events)
    driver.start()
    try:
        assert events.wait_state(DeviceState.FAULT).code == code
        end.faults.status_words.clear()
        assert ready(events).identity
    finally:
        driver.stop()


def test_noise_before_answers_costs_nothing(reader, end, events):
    end.faults.noise = b"\xff\xaa\xaa"
    ready(events)
    end.lay_card(VALID)
    assert events.wait(IdCardRead).card.photo == VALID.photo
    assert not events.of(IdCardTrouble)


@pytest.mark.parametrize("fault", ["spoil_checksums", "half_frames", "silent_for"])
def test_one_bad_answer_is_made_good(reader, end, events, fault):
    ready(events)
    end.faults.noise = b""
    setattr(end.faults, fault, 1)
    end.lay_card(VALID)
    assert events.wait(IdCardRead).card.name == VALID.name
    assert getattr(end.faults, fault) == 0
    assert not events.of(IdCardTrouble)


def test_a_bad_answer_in_the_middle_of_a_reading_is_made_good(reader, end, events):
    ready(events)
    reads = []
    answer = end._answer

    def spoil_first_read(payload, intact):
        if payload == Command.READ.payload:
            reads.append(payload)
            end.faults.spoil_checksums = 1 if len(reads) == 1 else 0
        answer(payload, intact)

    end._answer = spoil_first_read
    end.lay_card(VALID)
    assert events.wait(IdCardRead).card.photo == VALID.photo
    assert len(reads) == 3  # spoiled, good, and once more because the line is disturbed


def test_a_newest_address_that_cannot_be_read_does_not_cost_the_card(reader, end, events):
    ready(events)
    end.faults.status_words[Command.NEWEST_ADDRESS.payload] = 0x41
    end.lay_card(MOVED)
    card = events.wait(IdCardRead).card
    assert (card.name, card.newest_address, card.newest_address_unreadable) == (MOVED.name, "", True)


@pytest.mark.parametrize("photo", [bytes(1024), b"", b"x" * 512, b"x" * 1500])
def test_an_unreadable_photo_does_not_cost_the_card(reader, end, events, photo):
    ready(events)
    end.lay_card(dataclasses.replace(VALID, photo=photo))
    card = events.wait(IdCardRead).card
    assert (card.name, card.photo, card.photo_unreadable) == (VALID.name, b"", True)


def test_a_card_of_an_unknown_layout(reader, end, events):
    ready(events)
    end.lay_card(dataclasses.replace(VALID, name="", id_number=""))
    assert events.wait(IdCardTrouble).code == "id_card_reader.unknown_card"


def test_a_late_answer_is_not_taken_for_the_next_ones(reader, end, events):
    """The status command times out; its answer must not become the answer to "SAM id"."""
    ready(events)
    for _ in range(3):
        end.faults.delay_once = 0.6  # later than the limit of 0.4 s
        end.commands.clear()
        events.wait_until(lambda: end.faults.delay_once == 0)
        assert reader.self_test().result(10) == "05.03-20240101-0012345678-0987654321"
    end.lay_card(VALID)
    assert events.wait(IdCardRead).card.id_number == VALID.id_number


def test_silence_is_unknown_and_ends_by_itself(reader, end, events):
    ready(events)
    end.faults.silent = True
    assert events.wait_state(DeviceState.UNKNOWN).code == "id_card_reader.silent"
    with pytest.raises(DeviceError):
        reader.self_test().result(20)
    end.faults.silent = False
    ready(events)
    end.lay_card(VALID)
    events.wait(IdCardRead)


def test_a_slow_line_is_waited_for(events, monkeypatch):
    end = SimulatedIdCardReader(baud=19200)
    end.faults.pace = True
    end.start()
    monkeypatch.setattr(sam_line, "LIMITS", {Command.READ: (0.3, 2321), Command.NEWEST_ADDRESS: (0.3, 81)})
    driver = IdCardReader(parse_address(end.address), events)
    driver.start()
    try:
        ready(events)
        end.lay_card(VALID)  # 1295 bytes are 0.67 s of wire at this speed
        assert events.wait(IdCardRead).card.photo == VALID.photo
        assert not events.of(IdCardTrouble)
    finally:
        driver.stop()
        end.stop()


@pytest.mark.parametrize("command", [Command.FIND, Command.SELECT, Command.READ, Command.NEWEST_ADDRESS])
def test_unplugged_in_the_middle_of_an_answer_and_back(reader, end, events, command):
    ready(events)
    end.faults.unplug_after = command.payload
    end.lay_card(MOVED)
    events.wait_until(lambda: not end.terminal.plugged)
    events.wait_status(lambda status: status.state is not DeviceState.READY and status.code.startswith("device."))
    end.replug()
    card = events.wait(IdCardRead).card
    assert (card.name, card.newest_address) == (MOVED.name, MOVED.newest_address)
    assert ready(events)


def test_gone_for_good_is_absent_and_refuses_requests(reader, end, events):
    ready(events)
    end.unplug()
    assert events.wait_state(DeviceState.ABSENT).code == "device.not_found"
    with pytest.raises(DeviceUnavailable):
        reader.self_test().result(10)


def test_stopping_does_not_wait_for_a_silent_module(end, events):
    """With the real limits a silent module is waited for, but not by ``stop``."""
    driver = IdCardReader(parse_address(end.address), events)
    driver.start()
    ready(events)
    end.faults.silent = True
    end.commands.clear()
    events.wait_until(lambda: end.commands)
    thread = driver._thread
    driver.stop()
    assert not thread.is_alive()
    assert events.wait_state(DeviceState.ABSENT).code == "device.stopped"


def test_nothing_of_a_card_is_logged(reader, end, events, caplog):
    with caplog.at_level(0):
        ready(events)
        end.lay_card(MOVED)
        events.wait(IdCardRead)
        end.faults.spoil_checksums = 3
        events.wait_status(lambda status: status.state is not DeviceState.READY)
    assert caplog.text
    for personal in (MOVED.name, MOVED.id_number, MOVED.address, MOVED.newest_address):
        assert personal not in caplog.text
        assert personal not in repr(events.all)


# -- the line's speed ------------------------------------------------------------------------------------------------


@pytest.fixture
def any_speed(events, monkeypatch):
    """Makes a module of some speed and a driver that is not told which, with short waits."""
    monkeypatch.setattr(id_card_reader, "FIND_SECONDS", 0.05)
    monkeypatch.setattr(sam_line, "DETECT_SECONDS", 0.1)
    monkeypatch.setattr(sam_line, "SILENCE_SECONDS", 0.05)
    made = []

    def make(baud, *, options="?baud=auto", wrong_speed="garbage"):
        end = SimulatedIdCardReader(baud=baud)
        end.faults.wrong_speed = wrong_speed
        end.start()
        driver = IdCardReader(parse_address(f"serial:{end.terminal.path}{options}"), events)
        made.append((driver, end))
        driver.start()
        return driver, end

    yield make
    for driver, end in made:
        driver.stop()
        end.stop()


@pytest.mark.parametrize("wrong_speed", ["garbage", "silence"])
@pytest.mark.parametrize("baud", sam_line.SPEEDS)
def test_the_speed_is_found(any_speed, events, baud, wrong_speed):
    _, end = any_speed(baud, wrong_speed=wrong_speed)
    status = ready(events)
    assert status.detail["baud"] == baud
    assert status.identity == "05.03-20240101-0012345678-0987654321"
    end.lay_card(MOVED)
    assert events.wait(IdCardRead).card.newest_address == MOVED.newest_address


def test_no_speed_in_the_address_finds_it_too(any_speed, events):
    any_speed(38400, options="")
    assert ready(events).detail["baud"] == 38400


def test_the_speed_found_is_tried_first_at_the_next_opening(any_speed, events):
    _, end = any_speed(9600)
    ready(events)
    heard = []
    end.terminal.on_bytes = lambda data, receive=end.terminal.on_bytes: (
        heard.append(end.terminal.line_speed),
        receive(data),
    )
    end.unplug()
    events.wait_status(lambda status: status.state is not DeviceState.READY)
    end.replug()
    ready(events)
    assert set(heard) == {9600}


def test_another_module_of_another_speed_on_the_same_port(any_speed, events):
    _, end = any_speed(57600)
    assert ready(events).detail["baud"] == 57600
    end.unplug()
    end.terminal.baud = 19200
    events.wait_status(lambda status: status.state is not DeviceState.READY)
    end.replug()
    assert ready(events).detail["baud"] == 19200


def test_the_driver_after_a_driver_begins_with_its_speed(any_speed, events):
    first, end = any_speed(19200)
    ready(events)
    first.stop()
    heard = []
    end.terminal.on_bytes = lambda data, receive=end.terminal.on_bytes: (
        heard.append(end.terminal.line_speed),
        receive(data),
    )
    second = IdCardReader(parse_address(f"serial:{end.terminal.path}?baud=auto"), events)
    second.succeed(first)
    second.start()
    try:
        assert ready(events).detail["baud"] == 19200
    finally:
        second.stop()
    assert set(heard) == {19200}


def test_a_slow_answer_to_the_question_for_the_speed_is_understood(any_speed, events):
    _, end = any_speed(115200)
    ready(events)
    end.faults.delay = 0.12  # later than DETECT_SECONDS, but before the line counts as silent
    end.unplug()
    events.wait_status(lambda status: status.state is not DeviceState.READY)
    end.replug()
    assert ready(events).detail["baud"] == 115200


def test_silence_at_every_speed_is_unknown(any_speed, events):
    _, end = any_speed(115200)
    ready(events)
    end.faults.silent = True
    assert events.wait_state(DeviceState.UNKNOWN).code == "id_card_reader.silent"
    end.faults.silent = False
    assert ready(events).detail["baud"] == 115200


def test_a_wrong_speed_in_the_address_is_kept_to_and_said(any_speed, events):
    any_speed(57600, options="?baud=9600", wrong_speed="garbage")
    assert events.wait_state(DeviceState.FAULT).code == "id_card_reader.not_a_reader"


# -- the module's number -----------------------------------------------------------------------------------------------


SAM = "05.03-20240101-0012345678-0987654321"
OTHER = "05.03-20240101-0012345678-0987654322"


def test_the_module_the_station_was_set_up_with_is_used(any_speed, events):
    driver, _ = any_speed(115200, options=f"?baud=115200&sam={SAM}")
    assert ready(events).identity == SAM
    assert driver.self_test().result(10) == SAM


def test_another_module_is_named_and_not_used(any_speed, events):
    _, end = any_speed(115200, options=f"?baud=115200&sam={OTHER}")
    status = events.wait_state(DeviceState.FAULT)
    assert (status.code, dict(status.detail)) == ("id_card_reader.other_sam", {"expected": OTHER, "found": SAM})
    assert status.identity == SAM
    end.lay_card(VALID)
    end.commands.clear()
    events.wait_until(lambda: Command.SAM_ID.payload in end.commands)
    assert Command.FIND.payload not in end.commands
    assert not events.of(IdCardRead)


def test_a_module_that_does_not_give_its_number_is_another(any_speed, events):
    end = SimulatedIdCardReader()
    end.faults.status_words[Command.SAM_ID.payload] = 0x41
    end.start()
    driver = IdCardReader(parse_address(f"{end.address}&sam={SAM}"), events)
    driver.start()
    try:
        assert events.wait_state(DeviceState.FAULT).code == "id_card_reader.other_sam"
    finally:
        driver.stop()
        end.stop()


@pytest.mark.parametrize("options", ["baud=fast", "sam=5.3-1", "baud=auto&photo=libwlt.so"])
def test_options_that_cannot_be_are_refused_with_the_address(events, options):
    with pytest.raises(AddressError):
        IdCardReader(parse_address(f"serial:/dev/ttyS0?{options}"), events)


# -- a card that is pulled, swapped, or not read twice the same --------------------------------------------------------


@pytest.mark.parametrize("found_again", [False, True])
@pytest.mark.parametrize("command", [Command.FIND, Command.SELECT, Command.READ, Command.NEWEST_ADDRESS])
def test_a_card_pulled_at_any_command_and_another_laid_down(reader, end, events, command, found_again):
    end.faults.found_again = found_again
    ready(events)
    end.faults.lift_before = command.payload
    end.lay_card(MOVED)
    events.wait_until(lambda: not end.faults.lift_before)
    end.commands.clear()
    events.wait_until(lambda: end.commands.count(Command.FIND.payload) > 3)
    read = events.of(IdCardRead)
    # Only the last command comes when the card's text has been read: it is whole, and the address is said to be unread.
    assert len(read) == (command is Command.NEWEST_ADDRESS)
    assert all(event.card.newest_address_unreadable and event.card.name == MOVED.name for event in read)
    end.lay_card(VALID)
    events.wait_until(lambda: len(events.of(IdCardRead)) > len(read))
    assert events.of(IdCardRead)[-1].card.name == VALID.name
    assert ready(events)


@pytest.mark.parametrize("found_again", [False, True])
def test_two_cards_swapped_quickly_many_times(reader, end, events, found_again):
    end.faults.found_again = found_again
    ready(events)
    for turn in range(10):
        card = (VALID, MOVED)[turn % 2]
        end.lay_card(card)
        assert events.wait(IdCardRead, turn + 1).card.id_number == card.id_number
    assert len(events.of(IdCardAway)) == 9
    assert [event.repeat for event in events.of(IdCardRead)] == [False] * 10


def test_a_card_lifted_between_two_looks_is_known_to_be_gone(reader, end, events):
    """From the second card on: the module has shown by then that it goes on answering for a card that lies there."""
    ready(events)
    end.lay_card(VALID)
    events.wait(IdCardRead)
    settled(end, events)
    end.lift_card()
    events.wait(IdCardAway)
    answer = end._answer

    def lift_after_the_read(payload, intact):
        answer(payload, intact)
        if payload == Command.NEWEST_ADDRESS.payload:
            end.lift_card()

    end._answer = lift_after_the_read
    end.lay_card(MOVED)
    assert events.wait(IdCardRead, 2).card.newest_address == MOVED.newest_address
    events.wait(IdCardAway, 2)
    assert not events.of(IdCardUnseen)


def test_a_card_lifted_during_the_check_is_known_to_be_gone(reader, end, events):
    ready(events)
    end.lay_card(VALID)
    events.wait(IdCardRead)
    settled(end, events)
    end.faults.lift_before = Command.FIND.payload  # the next check: the card answered just before
    events.wait(IdCardAway)
    assert not events.of(IdCardUnseen)


def damaged_but_plausible(reply, bits):
    """The name changed in two bytes, so that the checksum is right all the same."""
    spoilt = bytearray(reply)
    spoilt[14] ^= bits
    spoilt[16] ^= bits
    return bytes(spoilt)


def test_on_a_disturbed_line_a_text_is_read_twice(reader, end, events):
    ready(events)
    end.faults.spoil_checksums = 1
    events.wait_until(lambda: not end.faults.spoil_checksums)
    spoilt = []

    def damage(payload, reply):
        if payload == Command.READ.payload and len(reply) > 1000 and len(spoilt) < 3:
            spoilt.append(payload)
            return damaged_but_plausible(reply, len(spoilt)) if len(spoilt) % 2 else reply
        return reply

    end.faults.damage = damage
    end.lay_card(VALID)
    assert events.wait(IdCardRead).card.name == VALID.name
    assert len(spoilt) == 3
    assert len(events.of(IdCardRead)) == 1


def test_a_text_that_no_chip_holds_is_read_twice(reader, end, events):
    """The line may have made it so; when it comes again the same, the card is so, and a warning is shown."""
    ready(events)
    odd = dataclasses.replace(VALID, id_number="000000190001010018")
    end.commands.clear()
    end.lay_card(odd)
    assert events.wait(IdCardRead).card.id_number == odd.id_number
    read = end.commands.index(Command.READ.payload)
    assert end.commands[read + 1] == Command.READ.payload


def test_a_card_lifted_while_the_reader_was_away_is_not_claimed_to_lie_there(reader, end, events):
    ready(events)
    end.lay_card(VALID)
    events.wait(IdCardRead)
    settled(end, events)
    end.unplug()
    events.wait_status(lambda status: status.code.startswith("device."))
    end.lift_card()
    end.replug()
    events.wait(IdCardUnseen)
    ready(events)
    reader.look_again()
    end.lay_card(MOVED)
    assert events.wait(IdCardRead, 2).card.id_number == MOVED.id_number
    assert not events.of(IdCardTrouble)
    assert not events.of(IdCardAway)


def test_a_card_that_lies_there_is_found_again_after_the_line_was_silent(reader, end, events):
    ready(events)
    end.lay_card(VALID)
    events.wait(IdCardRead)
    settled(end, events)
    end.faults.silent = True
    events.wait_status(lambda status: status.retry_at is not None)
    end.faults.silent = False
    events.wait(IdCardUnseen)
    ready(events)
    reader.look_again()
    assert events.wait(IdCardRead, 2).card.id_number == VALID.id_number
