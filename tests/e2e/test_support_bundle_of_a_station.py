"""What leaves the station by a technician's hand after a real visit: bundle and recordings hold nobody's data."""

from __future__ import annotations

import json
import logging
import zipfile
from collections.abc import Iterator

import pytest

from drivers.driver import DeviceKind
from drivers.id_card_reader import IdCardRead
from drivers.recording.tape import What, load
from drivers.simulated.id_card_reader import SAMPLE_CARDS
from kiosk.conductor.snapshot import Screen
from kiosk.log import MaskingFormatter, set_up_log
from kiosk.places import LOG_FOLDER, RECORDING_FOLDER
from tests.e2e.whole_station import TELEPHONE, WholeStation

pytestmark = pytest.mark.timeout(300)
PERSON = SAMPLE_CARDS["valid"]


@pytest.fixture
def whole() -> Iterator[WholeStation]:
    with WholeStation() as running:
        set_up_log(running.station.settings.station.data / LOG_FOLDER, console=False)
        try:
            yield running
        finally:
            for handler in list(logging.getLogger().handlers):
                if isinstance(handler.formatter, MaskingFormatter):
                    logging.getLogger().removeHandler(handler)
                    handler.close()


def of_the_person(whole: WholeStation) -> list[str]:
    return [PERSON.name, PERSON.id_number, PERSON.address, TELEPHONE, whole.demo.pin, whole.demo.codes["valid"]]


def traces(data: bytes, words: list[str]) -> list[str]:
    """Words that stand in some bytes, in any way in which they could have been written."""
    found = []
    for word in words:
        shapes = [word.encode(), word.encode("utf-16-le"), word.encode("gb18030")]
        if any(shape in data or shape.hex().encode() in data for shape in shapes):
            found.append(word)
    return found


def technician(whole: WholeStation) -> None:
    whole.do.open_technician()
    whole.screen(Screen.TECHNICIAN)


def test_the_bundle_after_a_visit_names_the_station_and_nobody(whole: WholeStation) -> None:
    whole.to_waiting()
    words = [*of_the_person(whole), whole.visit.delivery.case_number]
    whole.do.leave_waiting()
    whole.finish()
    technician(whole)
    whole.do.run_self_test(True)
    whole.until(lambda now: now.self_test.reports, "the report")
    with whole.told("support.written_here"):
        whole.do.make_support_bundle()
    (written,) = (whole.station.settings.station.data / "exports").glob("*.zip")
    with zipfile.ZipFile(written) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    for name, data in held.items():
        assert traces(data, words) == [], name
    log = held["log.txt"].decode()
    assert "screen capture" in log
    assert "id_card_reader: ready" in log
    running = {one["kind"]: one["state"] for one in json.loads(held["devices.json"])["running"]}
    assert running[DeviceKind.RECEIPT_PRINTER.value] == "ready"
    assert json.loads(held["self-tests.json"])[0]["kind"] == "quick"


def test_a_recording_of_a_card_and_a_code_holds_neither(whole: WholeStation) -> None:
    whole.sign_on()
    technician(whole)
    for kind in (DeviceKind.ID_CARD_READER, DeviceKind.CODE_SCANNER):
        whole.do.record_device(kind.value, True)
    whole.until(lambda now: len(now.service.recording) == 2, "both recordings")
    whole.lay_card()
    whole._soon(lambda: any(isinstance(event, IdCardRead) for event in whole.events), "the card")
    whole.bench.code_scanner.scan(whole.demo.codes["valid"].encode())
    whole._soon(lambda: any(type(event).__name__ == "CodeScanned" for event in whole.events), "the code")
    whole.lift_card()
    whole.do.go_home()
    whole.until(lambda now: now.screen is Screen.HOME and not now.service.recording, "their end")
    files = sorted((whole.station.settings.station.data / RECORDING_FOLDER).iterdir())
    assert len(files) == 2
    for path in files:
        assert traces(path.read_bytes(), of_the_person(whole)) == [], path.name
    card = load(next(path for path in files if path.name.startswith("id_card_reader")))
    said = [entry.detail["name"] for entry in card.entries if entry.what is What.EVENT]
    assert "IdCardRead" in said
    assert max(len(entry.data) for entry in card.entries) > 1000


def test_a_visit_ends_a_recording_and_allows_none(whole: WholeStation) -> None:
    whole.sign_on()
    technician(whole)
    whole.do.record_device(DeviceKind.ID_CARD_READER.value, True)
    whole.until(lambda now: now.service.recording, "the recording")
    whole.do.go_home()
    whole.screen(Screen.HOME)
    whole.do.start_visit()
    whole.screen(Screen.IDENTIFY)
    whole.do.record_device(DeviceKind.ID_CARD_READER.value, True)
    whole.lay_card()
    whole.of_visit(lambda visit: visit.applicant is not None, "the person")
    assert not whole.now.service.recording
    for path in (whole.station.settings.station.data / RECORDING_FOLDER).iterdir():
        assert traces(path.read_bytes(), of_the_person(whole)) == []
        assert not [entry for entry in load(path).entries if len(entry.data) > 1000]
    whole.do.cancel_visit()
    whole.screen(Screen.HOME)
