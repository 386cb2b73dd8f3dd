"""What people and devices should not do, and do: every piece of bad input meets the whole station.

Each gives a sentence to the person in front of it and a line to the log, and nothing that was taken is lost. The same
input at the level of one driver or package is tested there; station.toml in tests/e2e/test_cli.py.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from drivers.driver import DeviceKind, DeviceState
from drivers.simulated.camera import CameraFault
from drivers.simulated.id_card_reader import SimulatedIdCard
from kiosk.catalogue.load import SHIPPED
from kiosk.conductor.snapshot import CaseState, PrintState, Screen
from kiosk.demo import resident_code
from kiosk.settings import CatalogueSection, OutboxSection
from tests.e2e.whole_station import FREE, WholeStation

pytestmark = pytest.mark.timeout(300)

WRONG_NUMBER = SimulatedIdCard("citizen", "钱错号", "000000190001010018", valid_to="20400101")
FOREIGN = SimulatedIdCard(
    "Y",
    "样Ñandú",
    "900000170001010011",
    birth="17000101",
    english_name="ŁUKASZ ÑANDÚ, EXAMPLE ÆØÅ",
    nationality="000",
    valid_from="20240101",
    valid_to="20340101",
)
NO_PHOTO = SimulatedIdCard("citizen", "孙无照", "000000190001010017", valid_to="20400101", photo=bytes(1024))
SECRETS = ("钱错号", "孙无照", "样Ñandú", "ŁUKASZ", "000000190001010018", "900000170001010011", "张示例")


@pytest.fixture
def whole(caplog: pytest.LogCaptureFixture) -> Iterator[WholeStation]:
    caplog.set_level(logging.INFO)
    with WholeStation() as station:
        yield station
    for secret in SECRETS:
        assert secret not in caplog.text


def test_cards_that_are_odd_are_read_with_a_warning_or_refused_with_a_reason(
    whole: WholeStation, caplog: pytest.LogCaptureFixture
) -> None:
    reader = whole.bench.id_card_reader
    whole.begin()
    for card, name, warning in (
        (WRONG_NUMBER, "钱错号", "identity.number_check"),
        ("expired", "王过期", "identity.card_expired"),
        (NO_PHOTO, "孙无照", ""),
        (FOREIGN, "样Ñandú", ""),
    ):
        whole.lay_card(card)
        whole.of_visit(lambda visit, name=name: visit.applicant is not None and visit.applicant.name == name, name)
        person = whole.visit.applicant
        assert person is not None
        assert person.photo_code, "nobody can decode the photo, and that is said"
        assert warning in person.warning_codes if warning else person.warning_codes == ()
        whole.lift_card()

    unknown = SimulatedIdCard("citizen", "", "", birth="", sex="")
    with whole.told("id_card_reader.unknown_card"):
        whole.lay_card(unknown)
    whole.until_device(DeviceKind.ID_CARD_READER, DeviceState.ATTENTION)
    reader.lift_card()
    whole.until_device(DeviceKind.ID_CARD_READER, DeviceState.READY)
    assert "id_card_reader: attention id_card_reader.unknown_card" in caplog.text

    reader.faults.half_frames = 1000
    whole.until_device(DeviceKind.ID_CARD_READER, DeviceState.UNKNOWN, DeviceState.FAULT, DeviceState.ABSENT)
    assert whole.visit.applicant is not None, "what was read stays"
    reader.faults.half_frames = 0
    whole.until_device(DeviceKind.ID_CARD_READER, DeviceState.READY)

    whole.choose(FREE)  # foreign letters all the way to the paper
    whole.consent()
    whole.fill_and_sign()
    whole.delivered()
    whole.next(Screen.RECEIPT)
    whole.of_visit(lambda visit: visit.print_state is PrintState.PRINTED, "the slip")


def test_codes_that_are_none_are_named_and_the_next_good_one_is_read(
    whole: WholeStation, caplog: pytest.LogCaptureFixture
) -> None:
    scanner = whole.bench.code_scanner
    whole.begin()
    with whole.told("identity.code_is_an_address"):
        scanner.scan(b"https://example.invalid/pay?to=me")
    with whole.told("identity.code_is_only_a_number"):
        scanner.scan(b"000000190001010017")
    with whole.told("identity.code_is_text"):
        scanner.scan("快递单 Ñ ü مثال".encode())
    with whole.told("identity.code_binary"):
        scanner.scan(bytes([0, 255, 254, 1, 2, 3, 128, 200, 17]))
    with whole.told("code_scanner.cut_off"):
        scanner.scan_half(whole.demo.codes["valid"].encode())
    with whole.told("code_scanner.too_long"):
        assert scanner.flood(10_000_000) == 10_000_000
    assert whole.visit.applicant is None
    with whole.told("visit.code_unknown"):  # held up again and again, as people do, until the flood is over
        for _ in range(50):
            scanner.scan(resident_code().encode())
            time.sleep(0.2)
            if "visit.code_unknown" in whole.notices:
                break
    scanner.scan(whole.demo.codes["valid"].encode())
    whole.of_visit(lambda visit: visit.applicant is not None, "the good code")
    for line in (
        "code_scanner: code_scanner.too_long",
        "code_scanner: code_scanner.cut_off",
        "code of kind web_address",
        "code of kind binary",
    ):
        assert line in caplog.text
    assert "pay?to=me" not in caplog.text
    assert whole.demo.codes["valid"] not in caplog.text


def test_a_camera_of_one_pixel_or_half_frames_takes_nothing_and_comes_back(
    whole: WholeStation, caplog: pytest.LogCaptureFixture
) -> None:
    whole.to_capture(FREE)
    whole.do.add_material("表格")
    whole.of_visit(lambda visit: len(visit.materials) == 1)
    whole.take("a4_form")
    whole.do.choose_material(whole.visit.materials[0].material_id)
    for fault in (CameraFault.TINY, CameraFault.DAMAGED):
        before = len(whole.notices)
        whole.bench.document_camera.set_fault(fault)
        whole.until(
            lambda now: any(
                v.kind is DeviceKind.DOCUMENT_CAMERA and v.state not in (DeviceState.READY, DeviceState.BUSY) and v.code
                for v in now.devices
            ),
            f"the camera says {fault}",
        )
        (camera,) = (v for v in whole.now.devices if v.kind is DeviceKind.DOCUMENT_CAMERA)
        whole.until(lambda _, code=camera.code, n=before: code in whole.notices[n:], f"the sentence {camera.code}")
        said = len(whole.notices)
        whole.do.take_picture()  # no picture, or more of the camera's own trouble
        whole.until(lambda _, n=said: whole.notices[n:], "a sentence")
        assert set(whole.notices[said:]) <= {"visit.no_picture", "camera.lost", "camera.silent", "camera.bad_frame"}
        assert whole.visit.capture.reviewing is None
        assert len(whole.visit.materials[0].pages) == 1, "the page taken before is still there"
        whole.bench.document_camera.set_fault(None)
        whole.until_device(DeviceKind.DOCUMENT_CAMERA, DeviceState.READY)
        assert f"document_camera: {camera.state} {camera.code}" in caplog.text
    whole.take("a4_form")
    assert len(whole.visit.materials[0].pages) == 2


def test_a_full_disk_and_a_spoilt_catalogue_are_said_and_the_rest_goes_on(
    whole: WholeStation, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    number = whole.to_waiting(FREE)
    assert number
    whole.next(Screen.RECEIPT)
    whole.of_visit(lambda visit: visit.print_state is PrintState.PRINTED, "the slip")
    whole.finish()

    data = json.loads(SHIPPED.read_text(encoding="utf-8"))
    data["items"][5]["colour"] = "red"
    spoilt = tmp_path / "district.json"
    spoilt.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    whole.restart(
        catalogue=CatalogueSection(file=spoilt, offered="all"), outbox=OutboxSection(reserve_mb=10**9, ballast_mb=0)
    )
    assert "district.json" in caplog.text
    assert "colour" in caplog.text
    assert whole.station.catalogue_code.startswith("catalogue.")
    whole.codes.add(whole.station.catalogue_code)
    assert len(whole.station.search("")) > 100, "the last good catalogue stays"

    whole.sign_on()
    with whole.told("outbox.disk_full"):
        whole.do.start_visit()
    assert whole.now.screen is Screen.HOME
    assert whole.now.outbox.full


class _Portal(BaseHTTPRequestHandler):
    """Somebody else at the centre's address: everything is 200 and a page to sign in."""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = "<html>请先登录 WiFi</html>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 - names of http.server

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def portal(port: int) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", port), _Portal)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_centre_that_answers_nonsense_gets_nothing_and_the_case_arrives_later_once(
    whole: WholeStation, caplog: pytest.LogCaptureFixture
) -> None:
    whole.to_capture(FREE)
    whole.do.add_material("表格")
    whole.of_visit(lambda visit: len(visit.materials) == 1)
    port = int(whole.demo.centre.url.rsplit(":", 1)[1])
    whole.demo.centre_down()
    with portal(port):
        whole.take("a4_form")
        whole.fill_and_sign()
        whole.of_visit(lambda visit: visit.can_next, "kept")
        case_id = whole.case_id
        whole.next(Screen.RECEIPT)
        whole.of_visit(lambda visit: visit.print_state is PrintState.PRINTED, "the slip")
        assert whole.visit.delivery.case_state is CaseState.KEPT_HERE
        whole.finish()
        whole.until(lambda now: now.outbox.waiting == 1, "it waits")
        whole.until(lambda _: "centre.nonsense" in caplog.text, "the log's line")
    whole.demo.centre_up()
    whole.until(lambda now: now.outbox.waiting + now.outbox.sending == 0, "the case left", 120)
    (case,) = whole.rows("cases")
    assert (case.id, case.state) == (str(case_id), "complete")
    assert len(whole.rows("pages")) == 2
