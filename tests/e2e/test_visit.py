"""Whole visits: real protocols on every line, the real centre, no window."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from uuid import UUID

import pytest

from drivers.driver import DeviceKind, DeviceState
from drivers.simulated.id_card_reader import SAMPLE_CARDS
from drivers.simulated.scenes import webcam_scene
from kiosk.centre.contract import CaseRecord
from kiosk.centre.server.vault import Vault
from kiosk.conductor.snapshot import CaseState, LinkState, Outcome, PageState, PrintState, Screen
from kiosk.demo import resident_code
from kiosk.outbox.delivery import Delivery
from kiosk.places import AUDIT_FILE
from tests.e2e.whole_station import BOOKLET, FREE, WholeStation, case_on, receipt_code

pytestmark = pytest.mark.timeout(300)

PLUGGED = (DeviceState.READY, DeviceState.BUSY)


@pytest.fixture
def whole() -> Iterator[WholeStation]:
    with WholeStation() as station:
        yield station


def test_a_correction_while_the_resident_is_here(whole: WholeStation) -> None:
    whole.to_capture(BOOKLET)
    whole.take_card()
    whole.do.add_material("户口簿")
    whole.of_visit(lambda visit: len(visit.materials) == 2)
    whole.take("household_register")
    whole.fill_and_sign()
    number = whole.delivered()
    case_id = whole.case_id
    card, register = whole.visit.materials
    first = whole.stored_hashes(case_id)
    assert len(first) == 3  # card, register, signature

    whole.clerk.ask_again(case_id, UUID(register.pages[0].page_id), "反光，看不清")
    whole.screen(Screen.CAPTURE)
    assert whole.visit.correction
    assert whole.visit.capture.material_id == register.material_id
    (marked,) = whole.visit.materials[1].pages
    assert (marked.state, marked.reason) == (PageState.MARKED, "反光，看不清")
    whole.take("a4_form")
    whole.next(Screen.REVIEW)
    whole.next(Screen.SUBMIT)
    whole.of_visit(lambda visit: visit.delivery.case_state is CaseState.DELIVERED, "version 2 at the centre")
    whole.next(Screen.WAITING)
    assert whole.visit.delivery.case_number == number

    pages = [page for page in whole.rows("pages") if page.case_id == str(case_id)]
    assert sorted(page.version for page in pages) == [1, 1, 1, 2]
    assert sorted(upload.version for upload in whole.rows("uploads")) == [1, 1, 1, 2]
    (new,) = (page for page in pages if page.version == 2)
    assert new.page_id not in first
    after = whole.stored_hashes(case_id)
    assert after.items() >= first.items()
    assert after[new.page_id] == new.sha256

    whole.clerk.accept(case_id, 2)
    whole.of_visit(lambda visit: visit.delivery.outcome is Outcome.ACCEPTED, "the acceptance")
    whole.next(Screen.RECEIPT)
    whole.of_visit(lambda visit: visit.print_state is PrintState.PRINTED, "the slip")
    assert case_on(whole.slips()[-1]) == case_id
    whole.finish()
    whole.until(lambda now: now.outbox.waiting + now.outbox.sending == 0 and not now.todo)


def test_a_correction_after_the_resident_left(whole: WholeStation) -> None:
    number = whole.to_waiting()
    case_id = whole.case_id
    page = whole.visit.materials[0].pages[0].page_id
    whole.next(Screen.RECEIPT)
    whole.of_visit(lambda visit: visit.print_state is PrintState.PRINTED, "the slip")
    whole.finish()
    assert whole.now.todo == ()

    whole.clerk.ask_again(case_id, UUID(page), "太暗，看不清")
    (entry,) = whole.until(lambda now: now.todo, "the to-do list").todo
    assert (entry.case_number, entry.masked_name, entry.reasons) == (number, "张*", ("太暗，看不清",))
    whole.do.open_todo()
    whole.screen(Screen.TODO)
    with whole.told("visit.slip_printed"):
        whole.do.print_what_to_bring(str(case_id))
    assert len(whole.slips()) == 2
    assert case_on(whole.slips()[-1]) == case_id

    with whole.told("visit.correction_none"):  # somebody else's card finds nothing
        whole.lay_card("moved")
    assert whole.now.screen is Screen.TODO
    whole.lay_card("valid")
    whole.screen(Screen.CAPTURE)
    assert whole.visit.correction
    whole.bench.id_card_reader.lift_card()
    whole.do.cancel_visit()
    whole.screen(Screen.HOME)
    assert [one.case_id for one in whole.now.todo] == [str(case_id)]

    whole.bench.code_scanner.scan(receipt_code(case_id))
    whole.screen(Screen.CAPTURE)
    whole.do.set_automatic(False)
    whole.take_card()
    whole.next(Screen.REVIEW)
    whole.next(Screen.SUBMIT)
    whole.of_visit(lambda visit: visit.delivery.case_state is CaseState.DELIVERED, "version 2 at the centre")
    whole.next(Screen.WAITING)
    assert whole.visit.delivery.case_number == number
    assert sorted(row.version for row in whole.rows("pages")) == [1, 1, 2]
    whole.next(Screen.RECEIPT)
    whole.of_visit(lambda visit: visit.print_state is PrintState.PRINTED, "the slip of the correction")
    whole.finish()
    whole.until(lambda now: not now.todo, "the to-do list is empty")


def test_somebody_acts_for_somebody_else(whole: WholeStation) -> None:
    whole.begin()
    whole.identify("valid")
    whole.choose(BOOKLET)
    whole.do.set_acting_for_other(True)
    whole.of_visit(lambda visit: visit.acting_for_other)
    whole.consent(Screen.APPLICANT)
    with whole.told("visit.same_person"):
        whole.lay_card("valid")
    assert whole.visit.applicant is None
    whole.lift_card()
    whole.identify("moved")
    whole.next(Screen.CAPTURE)
    whole.do.set_automatic(False)
    assert [material.required for material in whole.visit.materials] == [True, True]
    whole.take("a4_form")
    assert whole.visit.next_code == "visit.material_missing"
    whole.take_card()
    whole.fill_and_sign()
    whole.delivered()
    record = _record(whole, whole.case_id)
    assert (record.applicant.name, record.applicant.source) == ("李样张", "id_card")
    assert record.applicant.address == SAMPLE_CARDS["moved"].newest_address
    assert record.applicant.telephone == "13800000000"
    assert record.proxy is not None
    assert (record.proxy.name, record.proxy.id_number) == ("张示例", SAMPLE_CARDS["valid"].id_number)
    assert [page.material_id for page in record.pages] == [
        "written_authority",
        "identity_or_insurance_card",
        "signature",
    ]
    whole.next(Screen.RECEIPT)
    whole.of_visit(lambda visit: visit.print_state is PrintState.PRINTED, "the slip")


def test_an_item_without_a_checklist_takes_free_pages(whole: WholeStation) -> None:
    whole.to_capture(FREE)
    assert whole.visit.item is not None
    assert not whole.visit.item.materials_known
    assert whole.visit.materials == ()
    whole.do.add_material("旧社保卡")
    whole.of_visit(lambda visit: len(visit.materials) == 1)
    whole.take("social_security_card")
    whole.do.choose_material(whole.visit.materials[0].material_id)
    whole.take("a4_form")
    (free,) = whole.visit.materials
    assert (free.free, free.name, len(free.pages)) == (True, "旧社保卡", 2)
    whole.fill_and_sign()
    whole.delivered()
    record = _record(whole, whole.case_id)
    assert [(page.material_name, page.number) for page in record.pages] == [
        ("旧社保卡", 1),
        ("旧社保卡", 2),
        ("签名", 1),
    ]
    assert {page.sha256 for page in record.pages} == set(whole.stored_hashes(whole.case_id).values())


def test_offline_at_the_hand_over_the_receipt_says_so_and_the_case_arrives_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # By its own clock the delivery would not try again for an hour: the live channel wakes it.
    patient = functools.partial(Delivery, first_wait=3600.0, last_wait=3600.0, chance=lambda: 1.0)
    monkeypatch.setattr("kiosk.station.Delivery", patient)
    with WholeStation() as whole:
        _offline_at_the_hand_over(whole)


def _offline_at_the_hand_over(whole: WholeStation) -> None:
    whole.to_capture()
    whole.take_card()
    whole.demo.centre_down()
    whole.fill_and_sign()
    whole.of_visit(lambda visit: visit.can_next, "kept")
    case_id = whole.case_id
    assert whole.visit.delivery.case_state is CaseState.KEPT_HERE
    whole.next(Screen.RECEIPT)
    whole.of_visit(lambda visit: visit.print_state is PrintState.PRINTED, "the slip")
    assert (whole.visit.delivery.case_state, whole.visit.delivery.case_number) == (CaseState.KEPT_HERE, "")
    assert case_on(whole.slips()[-1]) == case_id
    whole.finish()
    whole.until(lambda now: now.outbox.waiting == 1 and now.link is LinkState.OFFLINE, "one case waits")

    whole.demo.centre_up()
    whole.until(lambda now: now.outbox.waiting + now.outbox.sending == 0, "the case left", 120)
    (case,) = whole.rows("cases")
    assert (case.id, case.state, case.version) == (str(case_id), "complete", 1)
    assert case.case_number
    assert len(whole.rows("pages")) == 2
    whole.until(lambda now: now.link is LinkState.ONLINE)
    assert len(whole.rows("ratings")) == 1


def test_a_printer_without_paper_waits_and_prints_once(whole: WholeStation) -> None:
    whole.to_waiting(FREE)
    whole.bench.receipt_printer.paper_out()
    whole.next(Screen.RECEIPT)
    whole.of_visit(lambda visit: visit.print_state is PrintState.WAITING_FOR_HAND, "it waits for paper")
    assert whole.visit.print_code == "receipt_printer.paper_end"
    whole.do.print_receipt()  # impatience prints nothing twice
    whole.bench.receipt_printer.refill()
    whole.of_visit(lambda visit: visit.print_state is PrintState.PRINTED, "the slip")
    whole.next(Screen.RATING)
    whole.do.back()
    whole.screen(Screen.RECEIPT)
    (slip,) = whole.slips()
    assert case_on(slip) == whole.case_id
    assert whole.bench.receipt_printer.jobs_seen == 1


def test_a_restart_in_the_middle_resumes_the_draft_with_its_pages(whole: WholeStation) -> None:
    whole.to_capture()
    whole.take_card()
    case_id = whole.case_id
    page = whole.visit.materials[0].pages[0]
    whole.restart()
    whole.sign_on()
    (draft,) = whole.until(lambda now: now.drafts, "the draft").drafts
    assert (draft.case_id, draft.masked_name) == (str(case_id), "张*")
    whole.do.resume_draft(draft.case_id)
    whole.screen(Screen.CAPTURE)
    assert [one.page_id for one in whole.visit.materials[0].pages] == [page.page_id]
    assert whole.visit.applicant is not None
    whole.until(lambda _: whole.station.picture(page.thumbnail), "the thumbnail")
    whole.fill_and_sign()
    whole.delivered()
    assert page.page_id in whole.stored_hashes(case_id)


def test_a_station_killed_in_the_middle_of_a_visit_goes_on_and_the_case_arrives_once(whole: WholeStation) -> None:
    remote = whole.move_out()
    whole.begin()
    whole.lay_card("valid")
    whole.choose(BOOKLET)
    whole.consent()
    whole.do.set_automatic(False)
    whole.of_visit(lambda visit: not visit.capture.automatic)
    whole.take_card()
    page = whole.of_visit(lambda visit: visit.materials[0].pages, "the page").materials[0].pages[0]
    case_id = whole.case_id
    remote.kill()

    remote = whole.move_out()  # stopping the dead one is nothing
    whole.sign_on()
    whole.do.resume_draft(str(case_id))
    whole.screen(Screen.CAPTURE)
    assert [one.page_id for one in whole.visit.materials[0].pages] == [page.page_id]
    whole.fill_and_sign()
    whole.of_visit(lambda visit: visit.can_next, "committed")
    remote.kill()

    whole.move_out()
    whole.sign_on()
    whole.until(lambda now: now.outbox.waiting + now.outbox.sending == 0 and now.link is LinkState.ONLINE, "it left")
    whole.until(lambda _: [row.state for row in whole.rows("cases")] == ["complete"], "the case is whole")
    assert [row.id for row in whole.rows("cases")] == [str(case_id)]
    assert len(whole.rows("pages")) == 2
    assert page.page_id in whole.stored_hashes(case_id)


def test_a_resident_code_by_scanner_and_webcam(whole: WholeStation) -> None:
    whole.begin()
    scan = whole.bench.code_scanner.scan
    with whole.told("visit.code_expired"):
        scan(whole.demo.codes["expired"].encode())
    with whole.told("visit.code_unknown"):
        scan(resident_code().encode())
    with whole.told("identity.code_is_an_address"):
        scan(b"https://example.invalid/")
    assert whole.visit.applicant is None
    whole.bench.webcam.show(webcam_scene("phone", code=whole.demo.codes["valid"]))
    whole.of_visit(lambda visit: visit.applicant is not None, "the webcam's code")
    assert whole.visit.applicant is not None
    assert (whole.visit.applicant.name, whole.visit.applicant.source) == ("李样张", "code")
    whole.bench.webcam.show(webcam_scene("empty_room"))
    whole.do.cancel_visit()
    whole.screen(Screen.HOME)

    whole.begin()
    scan(whole.demo.codes["valid"].encode())
    whole.of_visit(lambda visit: visit.can_next, "the scanner's code")
    whole.do.cancel_visit()
    whole.screen(Screen.HOME)

    whole.begin()
    whole.demo.centre_down()
    with whole.told("visit.code_offline"):
        scan(resident_code().encode())
    assert whole.visit.applicant is None
    whole.identify("valid")  # the card works without the centre
    whole.demo.centre_up()


@pytest.mark.slow
def test_every_piece_may_be_unplugged_at_every_step(whole: WholeStation) -> None:
    pieces = [
        view.kind for view in whole.until(lambda now: now.devices).devices if view.code != "device.not_configured"
    ]
    assert len(pieces) >= 5

    def shake(screen: Screen) -> None:
        assert whole.now.screen is screen
        before = {kind: whole.device(kind) for kind in pieces}
        for kind in pieces:
            whole.bench.unplug(kind)
        for kind in pieces:
            whole.until_device(kind, DeviceState.ABSENT)
        assert whole.now.screen is screen
        for kind in pieces:
            whole.bench.replug(kind)
        for kind in pieces:
            wanted = PLUGGED if before[kind] in PLUGGED else (before[kind],)
            whole.until_device(kind, *wanted)
        assert whole.now.screen is screen

    for kind in pieces:
        whole.until_device(kind, *PLUGGED, *((DeviceState.UNKNOWN,) if kind is DeviceKind.CODE_SCANNER else ()))
    shake(Screen.SIGN_ON)
    whole.sign_on()
    shake(Screen.HOME)
    whole.begin()
    shake(Screen.IDENTIFY)
    whole.identify()
    shake(Screen.IDENTIFY)
    whole.next(Screen.CHOOSE_ITEM)
    shake(Screen.CHOOSE_ITEM)
    whole.do.choose_item(BOOKLET)
    whole.next(Screen.GUIDE)
    shake(Screen.GUIDE)
    whole.consent()
    whole.do.set_automatic(False)
    shake(Screen.CAPTURE)
    whole.take("id_card_front")
    whole.of_visit(lambda visit: visit.capture.second_side)
    shake(Screen.CAPTURE)  # between both sides
    whole.take("id_card_back")
    assert len(whole.visit.materials[0].pages) == 1
    whole.next(Screen.FIELDS)
    shake(Screen.FIELDS)
    whole.do.set_field("telephone", "13800000000")
    whole.next(Screen.REVIEW)
    shake(Screen.REVIEW)
    whole.next(Screen.SIGNATURE)
    shake(Screen.SIGNATURE)
    whole.do.sign((((10.0, 40.0), (60.0, 20.0), (120.0, 60.0)),), 400, 200)
    whole.of_visit(lambda visit: visit.signature)
    whole.next(Screen.SUBMIT)
    whole.delivered()
    shake(Screen.WAITING)
    whole.next(Screen.RECEIPT)
    whole.of_visit(lambda visit: visit.print_state is PrintState.PRINTED, "the slip")
    shake(Screen.RECEIPT)
    whole.next(Screen.RATING)
    shake(Screen.RATING)
    whole.do.rate(4)
    whole.screen(Screen.FAREWELL)
    shake(Screen.FAREWELL)
    assert len(whole.slips()) == 1


def test_a_visit_leaves_a_checked_record_of_what_staff_did_and_nobody_in_it(whole: WholeStation) -> None:
    number = whole.to_waiting(FREE)
    whole.next(Screen.RECEIPT)
    whole.of_visit(lambda visit: visit.print_state is PrintState.PRINTED)
    whole.finish()
    text = (whole.station.settings.station.data / AUDIT_FILE).read_text(encoding="utf-8")
    actions = [json.loads(line)["action"] for line in text.splitlines()]
    assert {"sign_on", "commit_case", "finish_visit"} <= set(actions)
    assert number
    for secret in ("张示例", "000000190001010017", "13800000000", "示范村"):
        assert secret not in text


def _record(whole: WholeStation, case_id: UUID) -> CaseRecord:
    """What the centre keeps of the case, opened with its key."""
    (version,) = (row for row in whole.rows("versions") if row.case_id == str(case_id))
    vault = Vault.load(whole.demo._config.data)
    return CaseRecord.model_validate_json(
        vault.open_text(version.sealed_record, "record", str(case_id), str(version.version))
    )
