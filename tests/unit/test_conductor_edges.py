"""The conductor's smaller promises: what is refused, what is ignored, what comes back."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from drivers.code_scanner import CodeDropped, CodeScanned
from drivers.id_card_reader import IdCardTrouble
from drivers.simulated.scenes import render, webcam_scene
from drivers.social_security_card import SocialSecurityCard, SocialSecurityCardRead, SocialSecurityCardTrouble
from kiosk.centre.client import CentreUnreachable
from kiosk.centre.contract import CaseQuery, CaseState, CaseStatus, MarkedPage
from kiosk.conductor import looking, printing
from kiosk.conductor.core import new_id
from kiosk.conductor.printing import receipt_of
from kiosk.conductor.signing import SignatureTooShort, draw
from kiosk.conductor.snapshot import CoverState, PrintState, Screen
from kiosk.identity.codes import make_receipt_code
from kiosk.receipts import slip
from kiosk.receipts.slip import Slip
from kiosk.settings import StationSection
from kiosk.visit.model import Visit
from tests.unit.conductor_bench import LI, SIZE, STROKES, Bench, id_card, resolved

RESIDENT_CODE = "https://s.sh.gov.cn/" + "b" * 32 + "1760000000000"


def test_case_ids_are_uuids_of_version_7_and_sort_by_age() -> None:
    moments = [datetime(2026, 11, 20, tzinfo=UTC) + timedelta(milliseconds=n) for n in range(50)]
    ids = [new_id(moment) for moment in moments]
    assert ids == sorted(ids)
    assert {(one.version, one.variant) for one in ids} == {(7, "specified in RFC 4122")}
    assert ids[7].int >> 80 == int(moments[7].timestamp() * 1000)


def test_a_signature_is_a_picture_and_a_dot_is_none() -> None:
    assert draw(STROKES, 400, 200).startswith(b"\x89PNG")
    for strokes in ([], [[]], [[(1.0, 1.0)]], [[(1.0, 1.0), (3.0, 2.0)]], [[(float("nan"), 1.0)] * 5]):
        with pytest.raises(SignatureTooShort):
            draw(strokes, 400, 200)
    with pytest.raises(SignatureTooShort):
        draw(STROKES, 0, 200)


@pytest.mark.parametrize(
    ("corners", "good"),
    [
        (looking.WHOLE, True),
        (((0.1, 0.1), (0.9, 0.2), (0.8, 0.9), (0.2, 0.8)), True),
        (((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)), False),
        (((0.5, 0.5),) * 4, False),
        (((0.1, 0.1), (0.11, 0.1), (0.11, 0.11), (0.1, 0.11)), False),
        (((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)), False),
    ],
)
def test_four_corners_make_a_page_or_do_not(corners: looking.Fractions, good: bool) -> None:
    assert looking.is_page_shape(corners) is good


async def test_a_new_social_security_card_asks_for_the_id_card(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        bench.conductor.start_visit()
        await bench.screen(Screen.IDENTIFY)
        card = SocialSecurityCard("3.00", "X00000001", needs_authentication=True)
        bench.conductor.on_device_event(SocialSecurityCardRead(card))
        bench.conductor.on_device_event(SocialSecurityCardTrouble("social_security_card.name_needs_id_card"))
        await bench.until(lambda now: now.notice and now.notice.code == "social_security_card.name_needs_id_card")
        assert bench.visit.applicant is None
        old = replace(card, version="2.00", name="李样张", id_number=LI, needs_authentication=False)
        bench.conductor.on_device_event(SocialSecurityCardRead(old))
        await bench.until(lambda now: now.visit and now.visit.applicant)
        assert bench.now.notice is None
        assert bench.visit.applicant is not None
        assert bench.visit.applicant.source == "social_security_card"


async def test_an_expired_card_is_taken_with_a_warning(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        bench.conductor.start_visit()
        await bench.screen(Screen.IDENTIFY)
        bench.conductor.on_device_event(IdCardTrouble("id_card_reader.place_again"))
        await bench.until(lambda now: now.notice and now.notice.code == "id_card_reader.place_again")
        bench.conductor.on_device_event(id_card(valid_to="20200101"))
        await bench.until(lambda now: now.visit and now.visit.applicant)
        assert bench.visit.applicant is not None
        assert bench.visit.applicant.warning_codes == ("identity.card_expired",)
        assert bench.visit.can_next


async def test_a_code_held_before_the_webcam_is_read_once(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        asked: list[str] = []
        resolve = bench.centre.resolve_code
        bench.centre.resolve_code = lambda code: (asked.append(code.text), resolve(code))[1]  # type: ignore[method-assign]
        bench.centre.codes[RESIDENT_CODE] = resolved(bench.clock.now())
        image, _ = render(webcam_scene("phone", code=RESIDENT_CODE), SIZE)
        bench.devices.webcam.lay(image)
        bench.conductor.start_visit()
        await bench.until(lambda now: now.visit and now.visit.applicant)
        looks = bench.devices.webcam._number
        while bench.devices.webcam._number < looks + 2:
            await asyncio.sleep(0.02)
        await bench.settled()
        assert asked == [RESIDENT_CODE]


async def test_a_code_seen_by_every_eye_at_once_is_asked_about_once(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        asked: list[str] = []
        resolve = bench.centre.resolve_code
        bench.centre.resolve_code = lambda code: (asked.append(code.text), resolve(code))[1]  # type: ignore[method-assign]
        bench.centre.codes[RESIDENT_CODE] = resolved(bench.clock.now())
        image, _ = render(webcam_scene("phone", code=RESIDENT_CODE), SIZE)
        bench.devices.webcam.lay(image)
        bench.devices.document_camera.lay(image)
        bench.conductor.start_visit()
        await bench.screen(Screen.IDENTIFY)
        bench.conductor.on_device_event(CodeScanned(b"]Q1" + RESIDENT_CODE.encode()))
        bench.conductor.wedge_code(RESIDENT_CODE)
        await bench.until(lambda now: now.visit and now.visit.applicant)
        cameras = (bench.devices.webcam, bench.devices.document_camera)
        looks = [camera._number for camera in cameras]
        while any(camera._number < before + 2 for camera, before in zip(cameras, looks, strict=True)):
            await asyncio.sleep(0.02)
        await bench.settled()
        assert asked == [RESIDENT_CODE]


async def test_a_code_under_the_document_camera_identifies(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        bench.centre.codes[RESIDENT_CODE] = resolved(bench.clock.now())
        image, _ = render(webcam_scene("phone", code=RESIDENT_CODE), SIZE)
        bench.devices.document_camera.lay(image)
        bench.conductor.start_visit()
        await bench.until(lambda now: now.visit and now.visit.applicant)
        assert bench.visit.applicant is not None
        assert bench.visit.applicant.source == "code"


async def test_the_scanner_is_told_when_a_code_is_waited_for(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        assert not bench.devices.expecting_code
        bench.conductor.start_visit()
        await bench.screen(Screen.IDENTIFY)
        assert bench.devices.expecting_code
        bench.conductor.on_device_event(id_card())
        await bench.until(lambda now: now.visit and now.visit.applicant)
        bench.conductor.next()
        await bench.screen(Screen.CHOOSE_ITEM)
        assert not bench.devices.expecting_code


async def test_an_expired_answer_and_a_cut_off_code_identify_nobody(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        bench.conductor.start_visit()
        await bench.screen(Screen.IDENTIFY)
        bench.conductor.on_device_event(CodeDropped("code_scanner.cut_off"))
        await bench.until(lambda now: now.notice and now.notice.code == "code_scanner.cut_off")
        bench.centre.expired.add(RESIDENT_CODE)
        bench.conductor.on_device_event(CodeScanned(RESIDENT_CODE.encode()))
        await bench.until(lambda now: now.notice and now.notice.code == "visit.code_expired")
        bench.conductor.on_device_event(CodeScanned(make_receipt_code(uuid4()).encode()))
        await bench.until(lambda now: now.notice and now.notice.code == "visit.code_is_receipt")
        assert bench.visit.applicant is None


async def test_a_record_of_an_archive_is_for_the_person_in_it(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        await bench.identify()
        bench.conductor.choose_item("no-such-item")
        await bench.settled()
        assert bench.visit.item is None
        await bench.choose("archive")
        bench.conductor.set_acting_for_other(True)
        await bench.until(lambda now: now.notice and now.notice.code == "visit.in_person_only")
        assert not bench.visit.acting_for_other


async def test_commands_that_do_not_fit_change_nothing(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        for command in (
            bench.conductor.next,
            bench.conductor.back,
            bench.conductor.cancel_visit,
            bench.conductor.take_picture,
            bench.conductor.accept_picture,
            bench.conductor.retake_picture,
            bench.conductor.rotate_review,
            bench.conductor.clear_signature,
            bench.conductor.print_receipt,
            bench.conductor.leave_waiting,
            bench.conductor.finish_visit,
            bench.conductor.run_self_test,
            bench.conductor.print_checklist,
            bench.conductor.go_home,
        ):
            command()
        bench.conductor.delete_page("x")
        bench.conductor.rate(5)
        bench.conductor.resume_draft("no-uuid")
        bench.conductor.open_correction("nobody")
        bench.conductor.print_what_to_bring("nobody")
        bench.conductor.sign(STROKES, 10, 10)
        await bench.settled()
        assert (bench.now.screen, bench.now.notice, bench.now.visit) == (Screen.HOME, None, None)


async def test_a_draft_of_a_newer_program_is_kept_and_named(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        case_id = uuid4()
        bench.outbox.save_draft(case_id, b'{"format": 99, "visit": {}}')
        await bench.sign_on()
        (draft,) = bench.now.drafts
        assert (draft.case_id, draft.masked_name) == (str(case_id), "")
        bench.conductor.resume_draft(str(case_id))
        await bench.until(lambda now: now.notice and now.notice.code == "visit.draft_newer")
        assert bench.now.screen is Screen.HOME
        assert bench.outbox.load_draft(case_id)


async def asked_for_again(bench: Bench) -> UUID:
    """A case handed in, of which one page is asked for after the resident has left."""
    case_id = await bench.to_waiting()
    page = UUID(bench.visit.materials[0].pages[0].page_id)
    bench.conductor.leave_waiting()
    await bench.until(lambda now: now.visit and now.visit.print_state is PrintState.PRINTED)
    await bench.finish()
    mark = MarkedPage(page_id=page, material_id="free-1", reason="缺角", material_name="户口簿")
    bench.centre.decide(case_id, CaseState.CORRECTION_REQUESTED, "请补拍", [mark])
    await bench.until(lambda now: now.todo)
    bench.conductor.finish_visit()
    await bench.screen(Screen.HOME)
    return case_id


async def test_a_correction_given_up_a_moment_ago_opens_by_its_receipt(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        case_id = await asked_for_again(bench)
        asked = bench.centre.states[case_id]
        bench.conductor.on_device_event(CodeScanned(make_receipt_code(case_id).encode()))
        await bench.screen(Screen.CAPTURE)
        bench.conductor.cancel_visit()
        await bench.screen(Screen.HOME)
        # The centre was told that version 2 begins, and not yet that it was given up.
        bench.centre.states[case_id] = asked.model_copy(update={"state": CaseState.RECEIVING, "version": 2})
        bench.conductor.on_device_event(CodeScanned(make_receipt_code(case_id).encode()))
        await bench.screen(Screen.CAPTURE)
        assert bench.visit.correction
        assert bench.visit.capture.material_id == "free-1"


async def test_offline_a_receipt_opens_its_correction_from_the_list(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        case_id = await asked_for_again(bench)
        bench.centre.online = False
        bench.conductor.on_device_event(CodeScanned(make_receipt_code(uuid4()).encode()))
        await bench.until(lambda now: now.notice and now.notice.code == "visit.correction_needs_centre")
        bench.conductor.on_device_event(CodeScanned(make_receipt_code(case_id).encode()))
        await bench.screen(Screen.CAPTURE)
        assert [material.name for material in bench.visit.materials] == ["社保卡或医保卡", "照片", "户口簿"]
        assert bench.visit.capture.material_id == "free-1"


async def test_consent_taken_back_stops_the_pages(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        bench.centre.online = False
        await bench.to_capture()
        await bench.shoot()
        bench.conductor.back()
        await bench.screen(Screen.GUIDE)
        bench.conductor.set_consent(False)
        await bench.until(lambda now: now.visit and not now.visit.consent)
        bench.centre.online = True
        bench.delivery.poke()
        await bench.settled()
        assert bench.outbox.dispatch.units() == []
        bench.conductor.set_consent(True)
        await bench.until(lambda now: now.visit and now.visit.can_next)
        bench.conductor.next()
        await bench.screen(Screen.CAPTURE)
        await bench.until(lambda now: now.visit and now.visit.materials[0].pages[0].state.value == "at_centre")


async def test_the_checklist_is_printed_from_the_guide_and_nowhere_else(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        await bench.identify()
        bench.conductor.choose_item("booklet")
        bench.conductor.print_checklist()
        await bench.settled()
        assert bench.devices.printed == []
        bench.conductor.next()
        await bench.screen(Screen.GUIDE)
        bench.devices.paper = False
        bench.conductor.print_checklist()
        bench.conductor.print_checklist()
        await bench.until(lambda now: now.notice and now.notice.code == "visit.slip_printing")
        await bench.settled()
        bench.devices.paper = True
        await bench.until(lambda now: now.notice and now.notice.code == "visit.slip_printed")
        ((action, elements),) = bench.devices.printed
        assert action.startswith("checklist.booklet.")
        assert elements
        bench.devices.connected = False
        bench.conductor.print_checklist()
        await bench.until(lambda now: now.notice and now.notice.code == "receipt_printer.unavailable")
        assert bench.now.screen is Screen.GUIDE


async def test_the_checklist_for_another_names_the_written_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[list[str]] = []

    def checklist_slip(**given: Any) -> Slip:
        listed.append([name for name, _ in given["materials"]])
        return slip.checklist_slip(**given)

    monkeypatch.setattr(printing, "checklist_slip", checklist_slip)
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        await bench.identify()
        await bench.choose()
        bench.conductor.print_checklist()
        await bench.until(lambda now: len(bench.devices.printed) == 1)
        bench.conductor.set_acting_for_other(True)
        bench.conductor.print_checklist()
        await bench.until(lambda now: len(bench.devices.printed) == 2)
    assert listed[1] == ["书面委托书", *listed[0]]


async def test_a_dead_centre_keeps_nobody_from_signing_on(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        bench.conductor.open_todo()
        await bench.screen(Screen.TODO)
        answered, asked = threading.Event(), threading.Semaphore(0)

        def find_cases(_query: CaseQuery) -> list[CaseStatus]:
            asked.release()
            answered.wait()
            raise CentreUnreachable("timeout")

        bench.centre.find_cases = find_cases  # type: ignore[method-assign]
        try:
            for _ in range(3):
                bench.conductor.on_device_event(id_card())
                await asyncio.to_thread(asked.acquire)
            bench.conductor.on_device_event(id_card())
            bench.conductor.sign_off()
            await bench.sign_on()
        finally:
            answered.set()


def test_slips_say_where_to_ask_when_the_station_knows_it() -> None:
    visit = Visit("00000000-0000-4000-8000-000000000001", "2026-11-20T08:00:00+00:00", masked_name="张*")
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    for contact in ("021-00000000", ""):
        station = StationSection(id="station-1", name="样本站", centre_name="样本中心", contact=contact)
        slip = receipt_of(visit, station, "wang", None, moment, reprint=False)
        assert any("021-00000000" in repr(block) for block in slip.blocks) == bool(contact)
        assert any("咨询" in repr(block) for block in slip.blocks) == bool(contact)


async def test_help_is_there_before_anybody_has_signed_on(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.screen(Screen.SIGN_ON)
        bench.conductor.help(True)
        await bench.until(lambda now: now.help_open)
        bench.conductor.help(False)
        await bench.until(lambda now: not now.help_open)
        await bench.sign_on()
        bench.clock.go(90)
        await bench.until(lambda now: now.cover.state is CoverState.COVERED)
        bench.conductor.help(True)
        await bench.settled()
        assert not bench.now.help_open
