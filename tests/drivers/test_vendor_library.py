"""The adapter for makers' libraries, with a library that works, crashes, hangs and lies, built here."""

import contextlib
import io
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from drivers import id_card_reader
from drivers.driver import DeviceError, DeviceState, DeviceUnavailable, StatusChanged
from drivers.id_card_reader import IdCardAway, IdCardRead, IdCardReader, IdCardTrouble, IdCardUnseen
from drivers.sam_v import Command
from drivers.simulated.id_card_reader import SAMPLE_CARDS, SimulatedIdCardReader
from drivers.transport.address import AddressError, parse_address
from drivers.vendor_library import memory_folder, module, photo, process
from drivers.vendor_library.helper import Helper
from tests.drivers.events import Events

HERE = Path(__file__).parent
SAM = "05.03-20240101-0012345678-0987654321"
VALID = SAMPLE_CARDS["valid"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the library is built for Linux")


def build(source, folder):
    library = folder / f"lib{source.stem}.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-w", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    return {name: build(HERE / f"{name}.c", folder) for name in ("vendor_library", "vendor_library_huashi")}


class Library:
    """The library, and what it is told to do."""

    def __init__(self, path):
        self.path = path

    def mode(self, mode):
        Path(f"{self.path}.mode").write_text(mode)

    def lay_card(self, card):
        new = Path(f"{self.path}.new")
        new.write_bytes(card.text() + card.photo)
        new.replace(f"{self.path}.card")

    def lift_card(self):
        Path(f"{self.path}.card").unlink()


@pytest.fixture
def library(built, tmp_path):
    return Library(Path(shutil.copy(built["vendor_library"], tmp_path / "libmaker.so")))


@pytest.fixture
def events():
    return Events()


@pytest.fixture
def start(library, events, monkeypatch):
    monkeypatch.setattr(id_card_reader, "FIND_SECONDS", 0.05)
    monkeypatch.setattr(id_card_reader, "STATUS_SECONDS", 0.3)
    monkeypatch.setattr(module, "LIMIT", 1.0)
    monkeypatch.setattr(module, "LIMITS", {})
    monkeypatch.setattr(photo, "DECODE_SECONDS", 1.0)
    started = []

    def start(kind="sdtapi", options="", path=None):
        driver = IdCardReader(parse_address(f"vendor:{path or library.path}?kind={kind}&port=1001{options}"), events)
        started.append(driver)
        driver.start()
        return driver

    yield start
    for driver in started:
        driver.stop()
    assert not list(Path("/dev/shm").glob(f"{memory_folder.PREFIX}{os.getpid()}-*")), "a folder was left behind"


def ready(events):
    return events.wait_state(DeviceState.READY)


@pytest.mark.parametrize("kind", ["sdtapi", "termb"])
@pytest.mark.parametrize("name", SAMPLE_CARDS)
def test_every_kind_of_card_is_read(start, library, events, kind, name):
    start(kind)
    status = ready(events)
    assert (status.identity, status.detail["library"]) == (SAM, "libmaker.so")
    sample = SAMPLE_CARDS[name]
    library.lay_card(sample)
    read = events.wait(IdCardRead)
    assert (read.card.name, read.card.id_number, read.card.photo) == (sample.name, sample.id_number, sample.photo)
    with Image.open(io.BytesIO(read.photo)) as picture:
        assert (picture.format, picture.size) == ("PNG", (102, 126))
    assert sample.name not in repr(read)
    assert "photo" not in repr(read)
    library.lift_card()
    events.wait_until(lambda: events.of(IdCardAway) or events.of(IdCardUnseen))
    library.lay_card(SAMPLE_CARDS["moved"])
    events.wait_until(lambda: events.of(IdCardRead)[-1].card.id_number == SAMPLE_CARDS["moved"].id_number)


def test_the_number_of_the_module_is_checked(start, library, events):
    start(options="&sam=05.03-20240101-0012345678-0000000001")
    assert events.wait_state(DeviceState.FAULT).code == "id_card_reader.other_sam"
    library.lay_card(VALID)
    time.sleep(0.2)
    assert not events.of(IdCardRead)


@pytest.mark.parametrize("where", ["open", "status", "sam", "find", "select", "read", "newest"])
@pytest.mark.parametrize("how", ["crash", "exit", "hang"])
def test_a_library_that_crashes_or_hangs_is_a_fault_and_begins_anew(start, library, events, where, how, monkeypatch):
    monkeypatch.setattr(module, "OPEN_SECONDS", 1.0)
    driver = start()
    ready(events)
    assert driver.module.process_id is not None
    library.mode(f"{how} {where}")
    if where in ("select", "read", "newest"):
        library.lay_card(VALID)
    code = "id_card_reader.library_hangs" if how == "hang" else "id_card_reader.library_crashed"
    if where in ("open", "sam"):  # only asked when it is opened
        os.kill(driver.module.process_id, 9)
    events.wait_status(lambda status: status.code == code)
    library.mode("")
    library.lay_card(VALID)
    assert events.wait(IdCardRead).card.name == VALID.name
    assert ready(events).identity == SAM


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *[
            ("sdtapi", f"lie {what}")
            for what in ("sam", "text length", "huge length", "photo length", "text", "number", "newest")
        ],
        *[("termb", f"lie {what}") for what in ("text length", "huge length", "number")],
    ],
)
def test_a_library_that_lies_is_not_believed(start, library, events, kind, mode):
    library.mode(mode)
    start(kind)
    library.lay_card(VALID)
    status = events.wait_status(lambda status: status.code == "id_card_reader.library_lies")
    assert status.state in (DeviceState.FAULT, DeviceState.CONNECTING)
    assert not events.of(IdCardRead)
    library.mode("")
    assert events.wait(IdCardRead).card.name == VALID.name


def test_rubbish_for_a_text_is_no_card(start, library, events):
    library.mode("lie rubbish")
    start()
    library.lay_card(VALID)
    assert events.wait(IdCardTrouble).code == "id_card_reader.unknown_card"
    assert not events.of(IdCardRead)


@pytest.mark.parametrize(
    ("mode", "code", "state"),
    [
        ("no reader", "id_card_reader.library_no_reader", DeviceState.ABSENT),
        ("faulty", "id_card_reader.module_fault", DeviceState.FAULT),
    ],
)
def test_what_the_library_says_of_its_reader_at_the_beginning(start, library, events, mode, code, state):
    library.mode(mode)
    start()
    status = events.wait_state(state)
    assert status.code == code
    library.mode("")
    ready(events)


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("gone", "id_card_reader.library_no_reader"),
        ("slow", "id_card_reader.silent"),
        ("lie find", "id_card_reader.line"),
    ],
)
def test_what_the_library_says_of_its_reader_later(start, library, events, mode, code):
    start()
    ready(events)
    library.mode(mode)
    events.wait_status(lambda status: status.code == code)
    library.mode("")
    ready(events)


def test_what_the_library_prints_goes_nowhere(start, library, events, capfd):
    library.mode("talks")
    start()
    library.lay_card(VALID)
    assert events.wait(IdCardRead).card.name == VALID.name
    out = capfd.readouterr()
    assert "whoever" not in out.out + out.err


@pytest.mark.parametrize("kind", ["sdtapi", "termb"])
def test_what_the_library_would_write_on_a_disk_is_not_written(start, library, events, kind, caplog):
    library.mode("writes")
    start(kind)
    library.lay_card(VALID)
    assert events.wait(IdCardRead).card.name == VALID.name
    if "cannot keep" in caplog.text:
        pytest.skip("this kernel has no Landlock")
    assert not Path(f"{library.path}.leak").exists()
    assert not Path("/tmp/doorstep-test-leak").exists()


def test_the_process_keeps_to_itself_and_dies_with_the_station(start, library, events):
    driver = start("termb")
    ready(events)
    own = Path(f"/proc/{driver.module.process_id}")
    with contextlib.suppress(PermissionError):  # not dumpable: its files belong to root, and only root may look
        assert os.stat(own / "mem").st_uid == 0
        [core] = [line for line in (own / "limits").read_text().splitlines() if line.startswith("Max core file size")]
        assert core.split()[4:6] == ["0", "0"]
    [folder] = Path("/dev/shm").glob(f"{memory_folder.PREFIX}{os.getpid()}-*")
    assert folder.stat().st_mode & 0o777 == 0o700
    library.lay_card(VALID)
    events.wait(IdCardRead)
    assert not list(folder.iterdir()), "the card's text stays in a file"
    driver.stop()
    assert not folder.exists()
    assert not own.exists()


STATION = """
import os, sys, time
from drivers.vendor_library.helper import Helper
helper = Helper(sys.argv[1], "sdtapi", 1001, lambda: False)
helper.start(10)
print(helper.process_id, flush=True)
time.sleep(60)
"""


def test_the_process_ends_when_the_station_is_killed(library):
    with subprocess.Popen(
        [sys.executable, "-c", STATION, library.path], stdout=subprocess.PIPE, cwd=process.Path.cwd()
    ) as station:
        number = int(station.stdout.readline())
        assert Path(f"/proc/{number}").exists()
        left = list(Path("/dev/shm").glob(f"{memory_folder.PREFIX}{station.pid}-*"))
        station.kill()
    until = time.monotonic() + 20
    while _runs(number) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _runs(number)
    assert left
    memory_folder.remove_memory_folder(memory_folder.make_memory_folder())
    assert not any(folder.exists() for folder in left), "a killed station's folder stays for ever"


def _runs(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_a_folder_that_is_not_in_memory_is_not_used(start, events, monkeypatch, tmp_path):
    monkeypatch.setattr(memory_folder, "PLACES", (str(tmp_path),))
    assert memory_folder.make_memory_folder() is None
    start("termb")
    status = events.wait_state(DeviceState.FAULT)
    assert status.code == "id_card_reader.library_no_memory_folder"
    assert list(tmp_path.glob("doorstep*")) == []


def test_no_library_and_one_without_the_functions(start, events, built, tmp_path):
    start(path=tmp_path / "none.so")
    assert events.wait_state(DeviceState.FAULT).code == "id_card_reader.library_not_loaded"
    no_library = tmp_path / "text.so"
    no_library.write_text("no library")
    other = Events()
    for path, code in ((no_library, "not_loaded"), (built["vendor_library_huashi"], "wrong_kind")):
        driver = IdCardReader(parse_address(f"vendor:{path}?kind=sdtapi"), other)
        driver.start()
        assert other.wait_state(DeviceState.FAULT).code == f"id_card_reader.library_{code}"
        driver.stop()


def test_a_library_that_gives_fields_instead_of_the_chips_text(start, events, built):
    start("termb", path=built["vendor_library_huashi"])
    card = events.wait(IdCardRead).card
    assert (card.kind, card.name, card.id_number, card.sex) == ("citizen", "张示例", "000000190001010017", "male")
    assert (card.nation, card.birth, card.address, card.issuer) == ("汉", "19000101", "某市示范村1号", "某市公安局")
    assert (card.valid_from, card.valid_to, card.newest_address_unreadable) == ("20200101", "长期", True)
    assert ready(events).identity == SAM


@pytest.mark.parametrize("address", ["/lib.so", "/lib.so?kind=other", "lib.so?kind=termb", "/l.so?kind=termb&port=x"])
def test_addresses_that_cannot_be(events, address):
    with pytest.raises(AddressError):
        IdCardReader(parse_address(f"vendor:{address}"), events)


# -- the photo -----------------------------------------------------------------------------------------------------


@pytest.fixture
def serial_reader(library, events, monkeypatch):
    """A reader on a serial line, with the library as the photo's decoder."""
    monkeypatch.setattr(id_card_reader, "FIND_SECONDS", 0.05)
    monkeypatch.setattr(photo, "DECODE_SECONDS", 0.5)
    end = SimulatedIdCardReader()
    end.start()
    driver = IdCardReader(parse_address(f"{end.address}&photo={library.path}"), events)
    driver.start()
    yield driver, end
    driver.stop()
    end.stop()


def test_a_photo_of_a_serial_readers_card_is_decoded(serial_reader, events):
    _, end = serial_reader
    end.lay_card(VALID)
    with Image.open(io.BytesIO(events.wait(IdCardRead).photo)) as picture:
        assert (picture.format, picture.size) == ("PNG", (102, 126))


@pytest.mark.parametrize(
    "mode",
    ["crash photo", "exit photo", "hang photo", "lie picture", "lie size", "plain picture", "no photo"],
)
def test_a_photo_that_cannot_be_decoded_costs_nothing_else(serial_reader, library, events, mode):
    _, end = serial_reader
    library.mode(mode)
    end.lay_card(VALID)
    read = events.wait(IdCardRead)
    assert (read.card.name, read.photo) == (VALID.name, b"")
    library.mode("")
    end.lay_card(SAMPLE_CARDS["moved"])
    assert events.wait(IdCardRead, 2).photo


def test_a_decoder_that_always_fails_delays_only_a_few_cards(serial_reader, library, events):
    driver, end = serial_reader
    library.mode("crash photo")
    for number in range(1, photo.FAILURES_BEFORE_GIVING_UP + 2):
        end.lay_card((VALID, SAMPLE_CARDS["moved"])[number % 2])
        assert events.wait(IdCardRead, number).photo == b""
    library.mode("")
    end.lay_card(SAMPLE_CARDS["expired"])
    assert events.wait(IdCardRead, number + 1).photo == b""  # given up until the reader is opened anew
    end.unplug()
    events.wait_status(lambda status: status.state is not DeviceState.READY and status.code.startswith("device."))
    end.replug()
    events.wait_until(lambda: len(events.of(IdCardRead)) > number + 1)
    assert events.of(IdCardRead)[-1].photo


def test_a_picture_that_is_no_portrait_is_none():
    out = io.BytesIO()
    Image.effect_noise((102, 126), 50).convert("RGB").save(out, "BMP")
    assert photo.as_png(out.getvalue())
    assert photo.as_png(out.getvalue()[:2000]) == b""
    assert photo.as_png(b"BM" + bytes(4000)) == b""
    assert photo.as_png(out.getvalue().replace(b"BM", b"PX", 1)) == b""
    png = io.BytesIO()
    Image.effect_noise((102, 126), 50).save(png, "PNG")
    assert photo.as_png(png.getvalue()) == b""


# -- the wire between the two --------------------------------------------------------------------------------------


def test_messages_come_back_and_broken_ones_are_none():
    message = process.as_message({"do": "x", "data": b"\x00\xff"})
    assert process.read_message(io.BytesIO(message)) == {"do": "x", "data": "AP8="}
    for broken in (b"", message[:3], message[:-1], b"\0\0\0\2[]", b"\0\0\0\1{", b"\xff\xff\xff\xff" + message):
        assert process.read_message(io.BytesIO(broken)) is None


def test_requests_that_are_none_are_refused_and_harm_nothing():
    server = process.Server()
    for request in ({}, {"do": "find"}, {"do": "picture", "wlt": "AA"}, {"do": "open", "kind": "x"}, {"do": "open"}):
        assert server.answer(request) == {"fault": "request"}
    server.close()


def test_a_helper_that_was_ended_answers_nothing(library):
    helper = Helper(str(library.path), "sdtapi", 1001, lambda: False)
    assert helper.start(10) == 0x90
    helper.close()
    with pytest.raises(DeviceError, match="library_crashed"):
        helper.ask({"do": "find"}, 1)


def test_nothing_of_a_card_is_logged(start, library, events, caplog):
    with caplog.at_level(0):
        driver = start()
        library.lay_card(SAMPLE_CARDS["moved"])
        events.wait(IdCardRead)
        library.mode("lie text")
        library.lay_card(VALID)
        events.wait_status(lambda status: status.code == "id_card_reader.library_lies")
        library.mode("crash read")
        events.wait_status(lambda status: status.code == "id_card_reader.library_crashed")
    driver.stop()
    with pytest.raises(DeviceUnavailable):
        driver.self_test().result(10)
    for card in (VALID, SAMPLE_CARDS["moved"]):
        for personal in (card.name, card.id_number, card.address):
            assert personal not in caplog.text
            assert personal not in repr([event for event in events.all if isinstance(event, StatusChanged)])


def test_every_command_has_its_name():
    assert set(module.NAMES) == set(Command) - {Command.RESET}
    assert set(module.NAMES.values()) == process.COMMANDS
