"""Cards over the system's real PC/SC service with virtual readers, and what is said to a card without any reader."""

import dataclasses
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drivers.driver import DeviceError, DeviceState
from drivers.simulated import pcsc_service
from drivers.simulated.pcsc_service import PcscService, PcscUnavailable, why_unavailable
from drivers.simulated.social_security_card import SAMPLE_CARDS, SimulatedSocialSecurityCard, _Chip
from drivers.simulated.social_security_card import CardFaults as Faults
from drivers.social_security_card import (
    SocialSecurityCardAway,
    SocialSecurityCardRead,
    SocialSecurityCardReader,
    SocialSecurityCardTrouble,
    read_card,
)
from drivers.transport import pcsc
from drivers.transport.address import parse_address
from tests.drivers.events import Events

ROOT = Path(__file__).parents[2]

# -- without a reader ------------------------------------------------------------------------------------------


def chip(name, **status_words):
    commands = []
    faults = Faults(status_words={bytes.fromhex(apdu): status for apdu, status in status_words.items()})
    side = _Chip(SAMPLE_CARDS[name], faults, commands)

    def transmit(apdu):
        answer = side.answer(apdu)
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    return transmit, commands


@pytest.mark.parametrize("name", ["version_1", "version_2", "version_2_long_name"])
def test_versions_1_and_2_are_read_whole(name):
    transmit, _ = chip(name)
    sample, card = SAMPLE_CARDS[name], read_card(transmit)
    assert (card.version, card.card_number, card.region) == (sample.version, sample.card_number, "310000")
    assert (card.name, card.id_number) == (sample.name + sample.name_rest, sample.id_number)
    assert (card.birth, card.issued_on, card.valid_to) == ("19000101", "20200101", "20300101")
    assert card.nation == {"01": "汉", "11": "满"}[sample.nation]
    assert card.sex == {"1": "male", "2": "female"}[sample.sex]
    assert card.identifies
    assert not card.needs_authentication
    assert sample.name not in repr(card)


def test_version_3_gives_number_and_region_only():
    transmit, _ = chip("version_3")
    card = read_card(transmit)
    assert (card.version, card.card_number, card.region) == ("3.00", "D00000004", "310000")
    assert (card.name, card.id_number, card.issued_on) == ("", "", "")
    assert card.needs_authentication
    assert not card.identifies


def test_the_first_commands_are_those_of_the_tables():
    transmit, commands = chip("version_1")
    read_card(transmit)
    expected = ["00A404000F7378312E73682EC9E7BBE1B1A3D5CF", "00C0000022", "00B2012800", "00B2012812"]
    assert [command.hex().upper() for command in commands[:4]] == expected


def test_a_card_without_short_identifiers_has_its_files_selected(monkeypatch):
    sample = dataclasses.replace(SAMPLE_CARDS["version_2"], short_identifiers=False)
    monkeypatch.setitem(SAMPLE_CARDS, "old", sample)
    transmit, commands = chip("old")
    assert read_card(transmit).name == sample.name
    assert bytes.fromhex("00A4020002EF05") in commands
    assert bytes.fromhex("00A4020002EF06") in commands


def test_a_value_without_tag_and_length_is_taken_as_it_is():
    inner, _ = chip("version_1")

    def bare(apdu):
        data, status = inner(apdu)
        return (data[2:], status) if apdu[1] == 0xB2 and status == 0x9000 else (data, status)

    assert read_card(bare) == read_card(chip("version_1")[0])


def test_a_refused_field_does_not_cost_the_others():
    transmit, _ = chip("version_2", **{"00b2062800": 0x6985, "00b20b3000": 0x6A83, "00b20a3000": 0x6A83})
    card = read_card(transmit)
    assert (card.name, card.valid_to, card.nation, card.sex) == ("李样张", "", "", "unknown")
    assert card.needs_authentication


@pytest.mark.parametrize(
    ("name", "code"), [("id_card", "social_security_card.id_card"), ("unknown", "social_security_card.unknown_card")]
)
def test_strangers_are_told_apart(name, code):
    with pytest.raises(DeviceError) as caught:
        read_card(chip(name)[0])
    assert caught.value.code == code


def test_another_refusal_is_an_error_with_its_status_word():
    transmit, _ = chip("version_2", **{"00b2083000": 0x6F00})
    with pytest.raises(DeviceError) as caught:
        read_card(transmit)
    assert (caught.value.code, caught.value.detail["sw"]) == ("social_security_card.bad_answer", "6F00")


def test_a_missing_library_is_a_lost_device(monkeypatch):
    monkeypatch.setattr(pcsc, "scard", None)
    events = Events()
    driver = SocialSecurityCardReader(parse_address("pcsc:"), events)
    driver.start()
    try:
        assert events.wait_state(DeviceState.ABSENT).code == "pcsc.no_library"
    finally:
        driver.stop()


# -- over the real service -------------------------------------------------------------------------------------

needs_service = pytest.mark.skipif(bool(why_unavailable()), reason=why_unavailable() or "available")


@pytest.fixture
def service():
    service = PcscService()
    try:
        service.start()
    except PcscUnavailable as reason:
        pytest.skip(str(reason))
    yield service
    service.stop()


@pytest.fixture
def card(service):
    card = SimulatedSocialSecurityCard(service)
    yield card
    card.remove()


@pytest.fixture
def events():
    return Events()


@pytest.fixture
def reader(service, events):
    driver = SocialSecurityCardReader(parse_address(service.address), events)
    driver.start()
    yield driver
    driver.stop()


@pytest.mark.pcsc
@needs_service
def test_cards_in_and_out_over_the_service(service, card, reader, events):
    assert events.wait_state(DeviceState.READY).identity == service.reader
    for number, name in enumerate(["version_1", "version_2"], start=1):
        card.insert(SAMPLE_CARDS[name])
        assert events.wait(SocialSecurityCardRead, number).card.name == SAMPLE_CARDS[name].name
        card.remove()
        events.wait(SocialSecurityCardAway, number)
    card.insert(SAMPLE_CARDS["version_3"])
    assert events.wait(SocialSecurityCardRead, 3).card.card_number == "D00000004"
    assert events.wait(SocialSecurityCardTrouble).code == "social_security_card.name_needs_id_card"


@pytest.mark.pcsc
@needs_service
def test_a_card_that_lies_there_already_and_one_that_takes_its_place(card, reader, events):
    card.insert(SAMPLE_CARDS["version_1"])
    events.wait(SocialSecurityCardRead)
    card.insert(SAMPLE_CARDS["version_2"])
    assert events.wait(SocialSecurityCardRead, 2).card.name == SAMPLE_CARDS["version_2"].name
    assert len(events.of(SocialSecurityCardAway)) == 1


@pytest.mark.pcsc
@needs_service
def test_a_card_that_is_in_is_reported_when_asked_for(card, reader, events):
    card.insert(SAMPLE_CARDS["version_1"])
    events.wait(SocialSecurityCardRead)
    reader.look_again()
    assert events.wait(SocialSecurityCardRead, 2).card.name == SAMPLE_CARDS["version_1"].name
    assert not events.of(SocialSecurityCardAway)
    card.remove()
    events.wait(SocialSecurityCardAway)
    card.insert(SAMPLE_CARDS["unknown"])
    events.wait(SocialSecurityCardTrouble)
    reader.look_again()
    assert events.wait(SocialSecurityCardTrouble, 2).code == "social_security_card.unknown_card"
    assert len(events.of(SocialSecurityCardRead)) == 2


@pytest.mark.pcsc
@needs_service
@pytest.mark.parametrize(
    ("name", "code"), [("id_card", "social_security_card.id_card"), ("unknown", "social_security_card.unknown_card")]
)
def test_a_stranger_is_said_and_forgotten_when_it_goes(card, reader, events, name, code):
    card.insert(SAMPLE_CARDS[name])
    assert events.wait(SocialSecurityCardTrouble).code == code
    assert events.wait_state(DeviceState.ATTENTION).code == code
    card.remove()
    events.wait_state(DeviceState.READY)
    assert not events.of(SocialSecurityCardAway)


@pytest.mark.pcsc
@needs_service
def test_a_mute_card_is_attention_not_a_fault(card, reader, events):
    card.faults.mute = True
    card.insert()
    assert events.wait(SocialSecurityCardTrouble).code == "pcsc.card_mute"
    assert events.wait_state(DeviceState.ATTENTION).code == "pcsc.card_mute"


@pytest.mark.pcsc
@needs_service
def test_a_card_pulled_out_in_the_middle_is_said_and_read_the_next_time(card, reader, events):
    card.faults.pull_after = 6
    card.insert()
    assert events.wait(SocialSecurityCardTrouble).code == "pcsc.card_pulled"
    events.wait_state(DeviceState.READY)
    card.insert()
    assert events.wait(SocialSecurityCardRead).card.identifies


@pytest.mark.pcsc
@needs_service
def test_the_service_killed_with_a_card_in_and_back(service, card, reader, events):
    card.insert()
    events.wait(SocialSecurityCardRead)
    service.kill()
    events.wait(SocialSecurityCardAway)
    assert events.wait_state(DeviceState.ABSENT).code == "pcsc.service_away"
    service.start()
    events.wait_state(DeviceState.READY)
    card.insert(SAMPLE_CARDS["version_1"])
    assert events.wait(SocialSecurityCardRead, 2).card.name == SAMPLE_CARDS["version_1"].name


@pytest.mark.pcsc
@needs_service
def test_a_driver_started_before_the_service(service, events):
    service.kill()
    driver = SocialSecurityCardReader(parse_address("pcsc:"), events)
    driver.start()
    try:
        events.wait_status(lambda status: status.code == "pcsc.service_away")
        service.start()
        events.wait_state(DeviceState.READY)
    finally:
        driver.stop()


@pytest.mark.pcsc
@needs_service
def test_no_reader_of_that_name(service, events):
    driver = SocialSecurityCardReader(parse_address("pcsc:Some other reader"), events)
    driver.start()
    try:
        assert events.wait_state(DeviceState.ABSENT).code == "social_security_card.no_reader"
    finally:
        driver.stop()


@pytest.mark.pcsc
@needs_service
def test_stopping_in_the_middle_of_a_slow_card(card, events, service):
    driver = SocialSecurityCardReader(parse_address(service.address), events)
    driver.start()
    events.wait_state(DeviceState.READY)
    card.faults.delay = 0.3  # twenty answers would take six seconds
    card.insert()
    events.wait_until(lambda: len(card.commands) > 2)
    thread = driver._thread
    driver.stop()
    assert not thread.is_alive()
    assert len(card.commands) < 15
    assert not events.of(SocialSecurityCardRead)


@pytest.mark.pcsc
@needs_service
def test_only_one_private_service_at_a_time(service):
    with pytest.raises(PcscUnavailable):
        PcscService(lock_seconds=0.1).start()
    assert service.running


@pytest.mark.pcsc
@needs_service
def test_a_strange_service_is_left_alone(service, monkeypatch, tmp_path):
    monkeypatch.setattr(pcsc_service, "LOCK_FILE", tmp_path / "another.lock")
    with pytest.raises(PcscUnavailable, match="own card service"):
        PcscService().start()
    assert pcsc_service.CLIENT_SOCKET.exists()
    assert pcsc_service.PID_FILE.exists()
    assert service.running


@pytest.mark.pcsc
def test_the_service_ends_with_the_process_that_started_it() -> None:
    program = (
        "import time; from drivers.simulated.pcsc_service import PcscService\n"
        "service = PcscService(); service.start(); print(service._process.pid, flush=True); time.sleep(60)"
    )
    if reason := why_unavailable():
        pytest.skip(reason)
    starter = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert starter.stdout is not None
    with starter:
        said = starter.stdout.readline()
        starter.kill()
    if not said:
        pytest.skip("another card service runs on this machine")
    ended = Path(f"/proc/{int(said)}")
    until = time.monotonic() + 20
    while ended.exists() and "(zombie)" not in (ended / "status").read_text():
        assert time.monotonic() < until, "the card service outlived its starter"
        time.sleep(0.05)
