"""Whole visits through the conductor: real outbox and delivery, devices and centre at the edges."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import pytest

from drivers.code_scanner import CodeScanned
from drivers.driver import DeviceKind, DeviceState, DeviceStatus, StatusChanged
from kiosk.centre.contract import CaseRecord, CaseState, CorrectionRecord, MarkedPage
from kiosk.conductor.snapshot import CaseState as CaseShown
from kiosk.conductor.snapshot import Outcome, PageState, PrintState, Screen
from kiosk.identity.codes import make_receipt_code
from tests.unit.conductor_bench import LI, ZHANG, Bench, id_card, paper, resolved

RESIDENT_CODE = "https://s.sh.gov.cn/" + "a" * 32 + "1760000000000"


async def test_a_whole_visit(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        case_id = await bench.to_waiting()
        await bench.until(lambda now: now.visit and now.visit.ticket)
        assert bench.visit.ticket is not None
        assert (bench.visit.ticket.number, bench.visit.ticket.people_ahead) == ("A001", 2)
        assert bench.visit.delivery.case_state is CaseShown.DELIVERED
        bench.centre.decide(case_id, CaseState.ACCEPTED)
        await bench.until(lambda now: now.visit and now.visit.delivery.outcome is Outcome.ACCEPTED)
        bench.conductor.leave_waiting()
        await bench.until(lambda now: now.visit and now.visit.print_state is PrintState.PRINTED)
        assert bench.now.screen is Screen.RECEIPT
        await bench.finish()
        assert bench.now.visit is None
        bench.conductor.finish_visit()
        await bench.screen(Screen.HOME)
        assert bench.now.drafts == ()

        record = bench.centre.records[case_id][0]
        assert isinstance(record, CaseRecord)
        assert record.applicant.id_number == ZHANG
        assert record.applicant.telephone == "13800000000"
        assert record.assistant == "wang"
        assert {field.field_id: field.value for field in record.fields}["name"] == "张示例"
        assert [page.material_id for page in record.pages] == ["card", "signature"]
        assert set(bench.centre.pages) == {page.page_id for page in record.pages}
        assert len(bench.devices.printed) == 1
        while case_id not in bench.centre.ratings:  # no picture tells of it
            await asyncio.sleep(0.01)


async def test_a_card_laid_down_before_the_visit_began_is_read(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        bench.devices.lying = id_card()
        bench.conductor.start_visit()
        await bench.until(lambda now: now.visit and now.visit.can_next)
        assert bench.now.screen is Screen.IDENTIFY


async def test_pages_travel_only_after_consent_and_before_the_hand_over(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        await bench.identify()
        await bench.choose()
        assert bench.centre.openings == []
        await bench.consent()
        await bench.screen(Screen.CAPTURE)
        await bench.shoot()
        await bench.until(lambda now: now.visit and now.visit.materials[0].pages[0].state is PageState.AT_CENTRE)
        assert len(bench.centre.pages) == 1
        assert bench.centre.records == {}


async def test_proxy_brings_both_identities_and_the_authority(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        await bench.identify()
        await bench.choose()
        bench.conductor.set_acting_for_other(True)
        await bench.until(lambda now: now.visit and now.visit.acting_for_other)
        await bench.consent()
        await bench.screen(Screen.APPLICANT)
        bench.conductor.on_device_event(id_card())
        await bench.settled()
        assert bench.visit.applicant is None
        bench.conductor.on_device_event(id_card("李样张", LI))
        await bench.until(lambda now: now.visit and now.visit.can_next)
        bench.conductor.next()
        await bench.screen(Screen.CAPTURE)
        await bench.shoot()
        assert bench.visit.next_code == "visit.material_missing"
        await bench.shoot("household_register")
        await bench.fill()
        await bench.sign()
        await bench.arrive()
        (record,) = bench.centre.records[UUID(bench.visit.case_id)]
        assert isinstance(record, CaseRecord)
        assert record.proxy is not None
        assert (record.applicant.id_number, record.proxy.id_number) == (LI, ZHANG)
        assert {page.material_id for page in record.pages} == {"written_authority", "card", "signature"}


async def test_by_hand_needs_a_right_number_and_a_reason(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        bench.conductor.start_visit()
        await bench.screen(Screen.IDENTIFY)
        for name, number, reason, code in (
            ("", ZHANG, "没带卡", "visit.by_hand_name"),
            ("张示例", "000000190001010018", "没带卡", "identity.number_check"),
            ("张示例", ZHANG, " ", "visit.by_hand_reason"),
        ):
            bench.conductor.identify_by_hand(name, number, reason)
            await bench.until(lambda now, code=code: now.notice and now.notice.code == code)
        bench.conductor.identify_by_hand("张示例", ZHANG, "没带卡")
        await bench.until(lambda now: now.visit and now.visit.applicant)
        assert bench.visit.applicant is not None
        assert bench.visit.applicant.source == "by_hand"
        assert bench.visit.applicant.id_number_masked == "000000********0017"


async def test_a_resident_code_is_asked_at_the_centre(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        bench.conductor.start_visit()
        await bench.screen(Screen.IDENTIFY)
        bench.centre.online = False
        bench.conductor.on_device_event(CodeScanned(RESIDENT_CODE.encode()))
        await bench.until(lambda now: now.notice and now.notice.code == "visit.code_offline")
        bench.centre.online = True
        bench.clock.go(2)
        bench.conductor.on_device_event(CodeScanned(RESIDENT_CODE.encode()))
        await bench.until(lambda now: now.notice and now.notice.code == "visit.code_unknown")
        bench.conductor.on_device_event(CodeScanned(b"https://example.org/x"))
        await bench.until(lambda now: now.notice and now.notice.code == "identity.code_is_an_address")
        bench.centre.codes[RESIDENT_CODE] = resolved(bench.clock.now())
        bench.clock.go(2)
        bench.conductor.wedge_code(RESIDENT_CODE)
        await bench.until(lambda now: now.visit and now.visit.applicant)
        assert bench.visit.applicant is not None
        assert (bench.visit.applicant.name, bench.visit.applicant.source) == ("李样张", "code")


async def test_a_second_card_later_changes_nobody(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_capture()
        bench.conductor.on_device_event(id_card("李样张", LI))
        await bench.until(lambda now: now.notice and now.notice.code == "visit.second_card")
        assert bench.visit.applicant is not None
        assert bench.visit.applicant.name == "张示例"


async def test_offline_the_case_is_kept_and_goes_later(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        bench.centre.online = False
        await bench.to_capture()
        await bench.shoot()
        await bench.fill()
        await bench.sign()
        await bench.until(lambda now: now.screen is Screen.SUBMIT and now.visit and now.visit.can_next)
        case_id = UUID(bench.visit.case_id)
        assert bench.visit.delivery.case_state is CaseShown.KEPT_HERE
        bench.conductor.next()
        await bench.until(lambda now: now.visit and now.visit.print_state is PrintState.PRINTED)
        assert bench.visit.delivery.case_number == ""
        await bench.finish()
        await bench.until(lambda now: now.outbox.waiting == 1)
        bench.centre.online = True
        bench.delivery.poke()
        await bench.until(lambda now: now.outbox.waiting + now.outbox.sending == 0)
        assert len(bench.centre.records[case_id]) == 1


async def test_correction_while_the_resident_is_here(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        case_id = await bench.to_waiting()
        page = bench.visit.materials[0].pages[0].page_id
        mark = MarkedPage(page_id=UUID(page), material_id="card", reason="反光，看不清")
        bench.centre.decide(case_id, CaseState.CORRECTION_REQUESTED, "请重拍", [mark])
        await bench.screen(Screen.CAPTURE)
        assert bench.visit.correction
        assert bench.visit.capture.material_id == "card"
        (shown,) = bench.visit.materials[0].pages
        assert (shown.state, shown.reason) == (PageState.MARKED, "反光，看不清")
        assert bench.visit.delivery.outcome_reason == "请重拍"
        await bench.shoot("household_register")
        bench.conductor.next()
        await bench.screen(Screen.REVIEW)
        bench.conductor.next()
        await bench.arrive()
        correction = bench.centre.records[case_id][1]
        assert isinstance(correction, CorrectionRecord)
        assert correction.version == 2
        assert list(correction.replaces) == [UUID(page)]
        assert [entry.version for entry in correction.pages] == [2]
        assert correction.replaces[UUID(page)] == (correction.pages[0].page_id,)
        bench.centre.decide(case_id, CaseState.ACCEPTED)
        await bench.until(lambda now: now.visit and now.visit.delivery.outcome is Outcome.ACCEPTED)


async def test_correction_after_the_resident_left_opens_by_card_and_by_receipt(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        case_id = await bench.to_waiting()
        page = bench.visit.materials[0].pages[0].page_id
        bench.conductor.leave_waiting()
        await bench.until(lambda now: now.visit and now.visit.print_state is PrintState.PRINTED)
        await bench.finish()
        bench.conductor.go_home()
        await bench.screen(Screen.HOME)
        mark = MarkedPage(page_id=UUID(page), material_id="card", reason="太暗")
        bench.centre.decide(case_id, CaseState.CORRECTION_REQUESTED, "", [mark])
        await bench.until(lambda now: now.todo)
        (entry,) = bench.now.todo
        assert (entry.masked_name, entry.reasons) == ("张*", ("太暗",))
        printed = len(bench.devices.printed)
        bench.conductor.open_todo()
        await bench.screen(Screen.TODO)
        bench.conductor.print_what_to_bring(str(case_id))
        await bench.until(lambda now: now.notice and now.notice.code == "visit.slip_printed")
        assert len(bench.devices.printed) == printed + 1

        bench.conductor.on_device_event(id_card())
        await bench.screen(Screen.CAPTURE)
        assert bench.visit.correction
        assert bench.visit.applicant is None
        bench.conductor.cancel_visit()
        await bench.screen(Screen.HOME)
        assert [one.case_id for one in bench.now.todo] == [str(case_id)]

        bench.conductor.on_device_event(CodeScanned(make_receipt_code(case_id).encode()))
        await bench.screen(Screen.CAPTURE)
        await bench.shoot()
        bench.conductor.next()
        await bench.screen(Screen.REVIEW)
        bench.conductor.next()
        await bench.arrive()
        assert bench.centre.records[case_id][1].version == 2
        await bench.until(lambda now: not now.todo)


async def test_both_sides_of_a_card_become_one_page(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_capture("two-sided")
        await bench.shoot("id_card_front")
        assert bench.visit.capture.second_side
        assert bench.visit.materials[0].pages == ()
        await bench.shoot("id_card_back")
        assert len(bench.visit.materials[0].pages) == 1
        assert not bench.visit.capture.second_side
        assert bench.conductor.picture(bench.visit.materials[0].pages[0].thumbnail)


async def test_a_still_page_is_taken_by_itself_once(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_capture()
        bench.devices.document_camera.lay(paper("a4_form"))
        await bench.until(lambda now: now.visit and now.visit.capture.reviewing)
        assert len(bench.visit.capture.review_corners) == 4
        bench.conductor.accept_picture("测试")
        await bench.until(lambda now: now.visit and now.visit.materials[0].pages)
        looks = len(bench.snapshots)
        await bench.until(lambda now: len(bench.snapshots) > looks + 1)
        assert len(bench.visit.materials[0].pages) == 1


async def test_a_still_page_waits_for_a_camera_whose_focus_still_hunts(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_capture()
        bench.devices.document_camera.hunting = True
        bench.devices.document_camera.lay(paper("a4_form"))
        await bench.until(lambda now: now.visit and now.visit.capture.still == 0.99)
        asked = bench.devices.document_camera.asked_settled
        while bench.devices.document_camera.asked_settled < asked + 3:
            await asyncio.sleep(0.01)
        assert bench.visit.capture.reviewing is None
        bench.devices.document_camera.hunting = False
        await bench.until(lambda now: now.visit and now.visit.capture.reviewing)


async def test_a_page_taken_away_during_the_review_makes_room_for_the_next(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_capture()
        bench.devices.document_camera.lay(paper("a4_form"))
        await bench.until(lambda now: now.visit and now.visit.capture.reviewing)
        bench.devices.document_camera.lay(paper("empty_mat"))
        bench.conductor.retake_picture()
        await bench.until(lambda now: now.visit and now.visit.capture.reviewing is None)
        while bench.conductor._capture._held_back:  # looking at an empty mat publishes nothing
            await asyncio.sleep(0.01)
        bench.devices.document_camera.lay(paper("a4_form"))
        await bench.until(lambda now: now.visit and now.visit.capture.reviewing)


async def test_review_turns_crops_and_throws_away(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_capture()
        bench.conductor.set_automatic(False)
        bench.devices.document_camera.lay(paper("a4_form"))
        bench.conductor.take_picture()
        await bench.until(lambda now: now.visit and now.visit.capture.reviewing)
        first = bench.visit.capture
        assert first.reviewing is not None
        bench.conductor.rotate_review()
        await bench.until(
            lambda now: now.visit and now.visit.capture.reviewing and now.visit.capture.reviewing != first.reviewing
        )
        assert bench.conductor.picture(first.reviewing.thumbnail) is None
        x, y = first.review_corners[3]
        assert bench.visit.capture.review_corners[0] == (1.0 - y, x)
        bench.conductor.move_corners(((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)))
        await bench.until(lambda now: now.notice and now.notice.code == "visit.corners_crossed")
        bench.conductor.use_whole_picture()
        await bench.until(lambda now: now.visit and now.visit.capture.review_corners[2] == (1.0, 1.0))
        bench.conductor.retake_picture()
        await bench.until(lambda now: now.visit and now.visit.capture.reviewing is None)
        assert bench.visit.materials[0].pages == ()


async def test_going_on_does_not_lose_a_picture_that_is_not_decided_on(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_capture()
        await bench.shoot()
        await bench.until(lambda now: now.visit and now.visit.can_next)
        bench.devices.document_camera.lay(paper("household_register"))
        bench.conductor.take_picture()
        await bench.until(lambda now: now.visit and now.visit.capture.reviewing)
        bench.conductor.next()
        await bench.until(lambda now: now.notice and now.notice.code == "visit.decide_first")
        assert bench.visit.capture.reviewing is not None
        bench.conductor.accept_picture("测试")
        await bench.until(lambda now: now.visit and sum(len(m.pages) for m in now.visit.materials) == 2)
        bench.conductor.next()
        await bench.screen(Screen.FIELDS)


async def test_a_bad_picture_needs_a_reason(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_capture()
        bench.conductor.set_automatic(False)
        bench.devices.document_camera.lay(paper("a4_form") // 8)
        bench.conductor.take_picture()
        await bench.until(lambda now: now.visit and now.visit.capture.reviewing)
        reviewing = bench.visit.capture.reviewing
        assert reviewing is not None
        assert "capture.dark" in reviewing.verdict_codes
        bench.conductor.accept_picture()
        await bench.until(lambda now: now.notice and now.notice.code == "visit.override_needed")
        bench.conductor.accept_picture("原件褪色")
        await bench.until(lambda now: now.visit and now.visit.materials[0].pages)
        assert bench.visit.materials[0].pages[0].verdict_codes


async def test_pages_turn_and_go_and_free_materials_come_and_go(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_capture()
        await bench.shoot()
        page = bench.visit.materials[0].pages[0]
        full = bench.conductor.picture(f"full/{page.page_id}")
        small = bench.conductor.picture(page.thumbnail)
        assert full is not None
        assert small is not None
        assert len(full) > len(small)
        assert bench.conductor.picture("full/nobody") is None
        bench.conductor.rotate_page(page.page_id)
        await bench.until(lambda now: now.visit and now.visit.materials[0].pages[0].page_id != page.page_id)
        turned = bench.visit.materials[0].pages[0]
        assert bench.conductor.picture(page.thumbnail) is None
        assert bench.conductor.picture(turned.thumbnail)
        bench.conductor.delete_page(turned.page_id)
        await bench.until(lambda now: now.visit and not now.visit.materials[0].pages)
        bench.conductor.add_material("户口簿")
        await bench.until(lambda now: now.visit and len(now.visit.materials) == 3)
        free = bench.visit.materials[2]
        assert (free.free, free.name, bench.visit.capture.material_id) == (True, "户口簿", free.material_id)
        await bench.shoot()
        bench.conductor.remove_material(free.material_id)
        await bench.until(lambda now: now.visit and len(now.visit.materials) == 2)
        await bench.settled()
        assert bench.outbox.pages(UUID(bench.visit.case_id), 1) == []


async def test_printer_without_paper_and_without_a_line(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_waiting()
        bench.devices.paper = False
        bench.conductor.leave_waiting()
        await bench.until(lambda now: now.visit and now.visit.print_state is PrintState.WAITING_FOR_HAND)
        assert bench.visit.print_code == "receipt_printer.paper_end"
        bench.conductor.print_receipt()
        await bench.settled()
        bench.devices.paper = True
        await bench.until(lambda now: now.visit and now.visit.print_state is PrintState.PRINTED)
        assert len(bench.devices.printed) == 1

        bench.devices.connected = False
        bench.conductor.print_receipt()
        await bench.until(lambda now: now.visit and now.visit.print_state is PrintState.FAILED)
        bench.devices.connected = True
        ready = DeviceStatus(DeviceKind.RECEIPT_PRINTER, DeviceState.READY)
        bench.conductor.on_device_event(StatusChanged(ready))
        await bench.until(lambda now: now.visit and now.visit.print_state is PrintState.PRINTED)
        assert [action.rpartition(".")[2] for action, _ in bench.devices.printed] == ["1", "2"]


async def nothing_at_the_printer(bench: Bench) -> None:
    while bench.conductor._printing._waiting:
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("way", ["finish_visit", "cancel_visit", "sign_off"])
async def test_a_slip_that_waits_for_paper_ends_with_its_visit(tmp_path: Path, way: str) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_waiting()
        bench.devices.paper = False
        bench.conductor.leave_waiting()
        await bench.until(lambda now: now.visit and now.visit.print_state is PrintState.WAITING_FOR_HAND)
        getattr(bench.conductor, way)()
        await bench.until(lambda now: now.visit is None)
        await bench.settled()
        bench.devices.paper = True  # the hand of the next visit
        await nothing_at_the_printer(bench)
        assert len(bench.devices.cancelled) == 1
        assert bench.devices.printed == []


async def test_a_slip_that_begins_to_wait_after_its_visit_is_given_up_too(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_waiting()
        bench.devices.held = True
        bench.conductor.leave_waiting()
        while not bench.devices.asked:
            await asyncio.sleep(0.01)
        await bench.finish()
        assert bench.devices.cancelled == []  # what is coming out is not cut off
        bench.devices.paper = False
        bench.devices.held = False
        await bench.until(lambda now: bool(bench.devices.cancelled))
        bench.devices.paper = True
        await nothing_at_the_printer(bench)
        assert bench.devices.printed == []


async def test_a_returned_case_says_so(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        case_id = await bench.to_waiting()
        bench.centre.decide(case_id, CaseState.RETURNED, "不属于本市受理范围")
        await bench.until(lambda now: now.visit and now.visit.delivery.outcome is Outcome.RETURNED)
        assert bench.visit.delivery.outcome_reason == "不属于本市受理范围"
        bench.conductor.leave_waiting()
        await bench.until(lambda now: now.visit and now.visit.print_state is PrintState.PRINTED)
