"""The contract's calls over a real line: cases, records, corrections, tickets, ratings, codes, problems."""

from __future__ import annotations

import stat
import threading
from uuid import uuid4

import httpx
import pytest

from kiosk.centre.case_number import is_case_number
from kiosk.centre.client import CentreClient, CentreRefused
from kiosk.centre.contract import (
    CaseQuery,
    CaseState,
    CodeToResolve,
    CorrectionRecord,
    FieldEntry,
    PageEntry,
    Problem,
    Rating,
)
from kiosk.centre.server import cases, clock, tickets
from kiosk.centre.server.centre import Centre

from .conftest import APPLICANT, RunningCentre, SampleCase, some_bytes


def inside(running: RunningCentre) -> Centre:
    return running.embedded._server._app.state.centre


def handed_over(running: RunningCentre, pages: int = 2) -> SampleCase:
    case = running.case().open()
    for number in range(pages):
        case.send(some_bytes(20_000, number), "id_card" if number < 2 else "form")
    case.hand_over()
    return case


def refusal(call: object, *args: object) -> CentreRefused:
    with pytest.raises(CentreRefused) as caught:
        call(*args)  # type: ignore[operator]
    return caught.value


def test_a_case_goes_in_and_gets_a_number(centre: RunningCentre) -> None:
    case = centre.case().open()
    receipt = case.send(some_bytes(50_000))
    status = case.client.case_status(case.case_id)
    assert status.state is CaseState.RECEIVING
    assert status.page_ids == (receipt.page_id,)
    assert status.case_number == ""
    first = case.hand_over()
    assert first.state is CaseState.COMPLETE
    assert is_case_number(first.case_number)
    again = refusal(case.client.put_record, case.record())  # finished at another moment: not the same record
    assert again.problem == "conflict"


def test_the_same_record_again_gives_the_same_receipt_and_another_one_is_refused(centre: RunningCentre) -> None:
    case = centre.case().open()
    case.send(some_bytes(1000))
    record = case.record()
    receipt = case.client.put_record(record)
    assert case.client.put_record(record) == receipt
    refused = refusal(case.client.put_record, record.model_copy(update={"assistant": "别人"}))
    assert (refused.problem, refused.status) == ("conflict", 409)


def test_opening_twice_is_one_case(centre: RunningCentre) -> None:
    case = centre.case().open()
    case.send(some_bytes(1000))
    case.open()
    assert len(case.client.case_status(case.case_id).page_ids) == 1


def test_case_numbers_are_distinct_when_records_come_together(centre: RunningCentre) -> None:
    ready = [centre.case().open() for _ in range(8)]
    for number, case in enumerate(ready):
        case.send(some_bytes(1000, number))
    numbers: list[str] = []
    threads = [
        threading.Thread(target=lambda case=case: numbers.append(case.hand_over().case_number)) for case in ready
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(numbers)) == len(ready)


def test_a_record_before_its_pages_names_what_is_missing(centre: RunningCentre) -> None:
    case = centre.case().open()
    case.send(some_bytes(1000, 1))
    late = some_bytes(2000, 2)
    metadata = case.metadata(late)
    case.note(metadata, late)
    refused = refusal(case.client.put_record, case.record())
    assert (refused.problem, refused.status, refused.missing) == ("pages_missing", 409, (metadata.page_id,))
    case.client.upload_page(metadata, late)
    assert case.hand_over().state is CaseState.COMPLETE


def test_a_manifest_with_another_hash_is_missing_that_page(centre: RunningCentre) -> None:
    case = centre.case().open()
    receipt = case.send(some_bytes(1000, 1))
    case.entries[receipt.page_id] = case.entries[receipt.page_id].model_copy(update={"sha256": "0" * 64})
    assert refusal(case.client.put_record, case.record()).missing == (receipt.page_id,)


def test_pages_that_were_not_handed_over_are_destroyed(centre: RunningCentre) -> None:
    case = centre.case().open()
    taken_again = case.send(some_bytes(1000, 1))
    kept = case.send(some_bytes(1000, 2))
    del case.entries[taken_again.page_id]
    case.hand_over()
    assert case.client.case_status(case.case_id).page_ids == (kept.page_id,)
    blobs = [path for path in (centre.folder / "pages").rglob("*") if path.is_file()]
    assert len(blobs) == 1


def test_a_case_of_another_station_is_not_there(centre: RunningCentre) -> None:
    case = handed_over(centre)
    other = centre.other_station()
    for call in (other.case_status, other.draw_ticket):
        assert refusal(call, case.case_id).status == 404
    assert refusal(other.rate, case.case_id, Rating(level=1)).problem == "unknown_case"
    assert refusal(other.put_record, case.record()).problem == "unknown_case"
    assert refusal(SampleCase(other, case.case_id).open).problem == "unknown_case"
    assert other.find_cases(CaseQuery(id_number=APPLICANT.id_number)) == []
    other.delete_case(case.case_id)  # nothing of that station is there, so nothing happens
    assert case.client.case_status(case.case_id).state is CaseState.COMPLETE


def test_a_draft_is_given_up_with_its_pages(centre: RunningCentre) -> None:
    case = centre.case().open()
    case.send(some_bytes(1000))
    case.client.delete_case(case.case_id)
    case.client.delete_case(case.case_id)
    assert refusal(case.client.case_status, case.case_id).problem == "unknown_case"
    assert not [path for path in (centre.folder / "pages").rglob("*") if path.is_file()]


def test_a_handed_over_case_cannot_be_given_up(centre: RunningCentre) -> None:
    case = handed_over(centre)
    assert refusal(case.client.delete_case, case.case_id).problem == "conflict"


def test_cases_are_found_by_person_number_and_id_open_corrections_first(centre: RunningCentre) -> None:
    correction, newer = handed_over(centre), handed_over(centre)
    with inside(centre).write() as work:
        cases.request_correction(work, str(correction.case_id), 1, "请补拍")
    client = centre.client()
    found = client.find_cases(CaseQuery(id_number=APPLICANT.id_number))
    assert [status.case_id for status in found] == [correction.case_id, newer.case_id]
    assert found[0].masked_name == "张*"
    by_number = client.find_cases(CaseQuery(case_number=found[1].case_number.lower()))
    assert [status.case_id for status in by_number] == [newer.case_id]
    by_id = client.find_cases(CaseQuery(case_id=newer.case_id))
    assert by_id == by_number
    assert refusal(client.find_cases, CaseQuery()).problem == "invalid"


def test_a_correction_replaces_only_the_marked_page(centre: RunningCentre) -> None:
    case = handed_over(centre, pages=3)
    first, second, third = case.entries
    with inside(centre).write() as work:
        cases.mark(work, str(case.case_id), str(second), "模糊")
        cases.request_correction(work, str(case.case_id), 1, "")
    status = case.client.case_status(case.case_id)
    assert status.state is CaseState.CORRECTION_REQUESTED
    assert [(mark.page_id, mark.material_id, mark.reason) for mark in status.marked_pages] == [
        (second, "id_card", "模糊")
    ]
    case.open(version=2)
    assert case.client.case_status(case.case_id).state is CaseState.RECEIVING
    front = case.send(some_bytes(900, 7)).page_id
    back = case.send(some_bytes(901, 8)).page_id
    base = case.record()
    correction = CorrectionRecord(
        case_id=case.case_id,
        version=2,
        pages=(case.entries[front], case.entries[back]),
        replaces={second: (front, back)},
        fields=(FieldEntry(field_id="telephone", label="联系电话", value="13900000000"),),
        assistant="赵样例",
        consent_at=base.consent_at,
        finished_at=base.finished_at,
    )
    receipt = case.client.put_correction(correction)
    assert receipt.version == 2
    assert receipt.case_number == status.case_number
    assert case.client.put_correction(correction) == receipt
    with inside(centre).read() as work:
        merged = cases.record_of(work, cases.any_case(work, str(case.case_id)))
    assert merged is not None
    assert [(entry.page_id, entry.number, entry.version) for entry in merged.pages] == [
        (first, 1, 1),
        (front, 2, 2),
        (back, 3, 2),
        (third, 1, 1),
    ]
    assert merged.fields[0].value == "13900000000"
    assert merged.applicant == APPLICANT
    after = case.client.case_status(case.case_id)
    assert (after.state, after.version, after.marked_pages) == (CaseState.COMPLETE, 2, ())


def test_a_correction_given_up_asks_for_it_again(centre: RunningCentre) -> None:
    case = handed_over(centre)
    with inside(centre).write() as work:
        cases.request_correction(work, str(case.case_id), 1, "请补拍")
    case.open(version=2)
    case.send(some_bytes(900, 7))
    case.client.delete_case(case.case_id)
    status = case.client.case_status(case.case_id)
    assert (status.state, status.version, len(status.page_ids)) == (CaseState.CORRECTION_REQUESTED, 1, 2)
    assert status.reason == "请补拍"


def test_a_correction_that_does_not_fit_is_refused(centre: RunningCentre) -> None:
    case = handed_over(centre)
    with inside(centre).write() as work:
        cases.request_correction(work, str(case.case_id), 1, "请补拍")
    case.open(version=2)
    base = case.record()
    stranger = CorrectionRecord(
        case_id=case.case_id,
        version=2,
        replaces={uuid4(): ()},
        assistant="赵样例",
        consent_at=base.consent_at,
        finished_at=base.finished_at,
    )
    assert refusal(case.client.put_correction, stranger).problem == "invalid"
    old_page = PageEntry(
        page_id=uuid4(), material_id="x", material_name="x", number=1, sha256="0" * 64, size=1, version=1
    )
    assert refusal(case.client.put_correction, stranger.model_copy(update={"replaces": {}, "pages": (old_page,)}))


def test_a_version_nobody_asked_for_is_refused(centre: RunningCentre) -> None:
    case = handed_over(centre)
    assert refusal(case.open, 2).problem == "conflict"
    assert refusal(case.open, 0).problem == "invalid"


def test_a_decided_case_is_not_decided_twice(centre: RunningCentre) -> None:
    from kiosk.centre.server.problems import Refusal

    case = handed_over(centre)
    with inside(centre).write() as work:
        cases.accept(work, str(case.case_id), 1)
    with pytest.raises(Refusal), inside(centre).write() as work:
        cases.send_back(work, str(case.case_id), 1, "重复")
    assert case.client.case_status(case.case_id).state is CaseState.ACCEPTED


def test_tickets_count_people_ahead_as_the_queue_shrinks(centre: RunningCentre) -> None:
    waiting = [handed_over(centre, 1) for _ in range(3)]
    drawn = [case.client.draw_ticket(case.case_id) for case in waiting]
    assert [ticket.number for ticket in drawn] == ["A001", "A002", "A003"]
    assert [ticket.people_ahead for ticket in drawn] == [0, 1, 2]
    assert waiting[2].client.draw_ticket(waiting[2].case_id) == drawn[2]
    with inside(centre).write() as work:
        assert tickets.call_next(work) == str(waiting[0].case_id)
    called = waiting[0].client.case_status(waiting[0].case_id).ticket
    assert called is not None
    assert (called.state, called.people_ahead) == ("called", 0)
    with inside(centre).write() as work:
        cases.accept(work, str(waiting[1].case_id), 1)
    last = waiting[2].client.case_status(waiting[2].case_id).ticket
    assert last is not None
    assert last.people_ahead == 0
    assert refusal(waiting[1].client.draw_ticket, uuid4()).problem == "unknown_case"


def test_a_decided_case_draws_no_new_ticket(centre: RunningCentre) -> None:
    case = handed_over(centre, 1)
    with inside(centre).write() as work:
        cases.accept(work, str(case.case_id), 1)
    assert refusal(case.client.draw_ticket, case.case_id).problem == "conflict"


def test_a_new_day_begins_at_one(centre: RunningCentre, monkeypatch: pytest.MonkeyPatch) -> None:
    first = handed_over(centre, 1)
    first.client.draw_ticket(first.case_id)
    yesterday = clock.day()
    monkeypatch.setattr(clock, "day", lambda moment=None: yesterday.replace(year=yesterday.year + 1))
    stale = first.client.case_status(first.case_id).ticket
    assert stale is not None
    assert stale.state == "closed"
    assert first.client.draw_ticket(first.case_id).number == "A001"
    second = handed_over(centre, 1)
    ticket = second.client.draw_ticket(second.case_id)
    assert (ticket.number, ticket.people_ahead) == ("A002", 1)


def test_one_rating_a_case(centre: RunningCentre) -> None:
    case = handed_over(centre, 1)
    rating = Rating(level=5, comment="很方便")
    assert case.client.rate(case.case_id, rating) == rating
    assert case.client.rate(case.case_id, rating) == rating
    assert refusal(case.client.rate, case.case_id, Rating(level=1)).problem == "conflict"


@pytest.mark.parametrize(
    ("text", "problem", "status"), [("SSM-DEMO-OLD", "code_expired", 410), ("?", "code_unknown", 404)]
)
def test_codes_that_say_nobody(centre: RunningCentre, text: str, problem: str, status: int) -> None:
    refused = refusal(centre.client().resolve_code, CodeToResolve(kind="suishen", text=text))
    assert (refused.problem, refused.status, refused.code) == (problem, status, f"centre.refused.{problem}")


def test_a_known_code_gives_its_person(centre: RunningCentre) -> None:
    resolved = centre.client().resolve_code(CodeToResolve(kind="suishen", text="SSM-DEMO-0001"))
    assert resolved.person == APPLICANT.model_copy(update={"source": "code"})
    assert resolved.expires_at > clock.now()


def test_times_agree(centre: RunningCentre) -> None:
    assert abs((centre.client().server_time() - clock.now()).total_seconds()) < 60


def test_wrong_tokens_are_refused(centre: RunningCentre) -> None:
    for station, token in ((centre.station, "wrong"), ("nobody", centre.token), ("nobody", "")):
        with pytest.raises(CentreRefused) as caught:
            CentreClient(centre.url, station, token or "x").server_time()
        assert (caught.value.problem, caught.value.status) == ("unauthorised", 401)


def test_every_error_is_a_problem_document(centre: RunningCentre) -> None:
    headers = {"Authorization": f"Bearer {centre.token}", "Station-Id": centre.station}
    with httpx.Client(base_url=centre.url, headers=headers, trust_env=False) as http:
        secret = "000000190001010017"
        answers = [
            http.get("/v1/nothing"),
            http.get("/nothing"),
            http.get("/v1/cases/no-uuid"),
            http.delete("/v1/time"),
            http.post("/v1/cases/find", json={"case_id": secret}),
            http.post("/v1/cases/find", content=b"{"),
            http.put(f"/v1/cases/{uuid4()}/rating", json={"level": 9}),
            http.post("/v1/cases/find", content=b" " * 3_000_000),
            http.post("/v1/cases/find", content=iter([b" " * 1_500_000] * 2)),
            http.get("/v1/time", headers={"Authorization": "Bearer wrong"}),
        ]
    assert [answer.status_code for answer in answers] == [404, 404, 422, 405, 422, 422, 422, 413, 413, 401]
    for answer in answers:
        assert answer.headers["content-type"] == "application/problem+json"
        assert Problem.model_validate_json(answer.content).status == answer.status_code
        assert secret not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_contract_is_published(centre: RunningCentre) -> None:
    paths = httpx.get(f"{centre.url}/v1/openapi.json", trust_env=False).json()["paths"]
    assert {"/v1/cases/{case_id}/versions/{version}/record", "/v1/files", "/v1/identities/resolve"} <= set(paths)


def test_nothing_personal_lies_in_clear_on_disk(centre: RunningCentre) -> None:
    case = centre.case().open()
    marker = b"clear bytes of a page " * 500
    case.send(marker)
    case.hand_over()
    case.client.rate(case.case_id, Rating(level=4, comment="王家门口很方便"))
    with inside(centre).write() as work:
        cases.request_correction(work, str(case.case_id), 1, "请张示例补拍")
    texts = ["张示例", "000000190001010017", "样张路", "13800000000", "王家门口", "补拍"]
    needles = [text.encode() for text in texts] + [marker[:60]]
    files = [path for path in centre.folder.rglob("*") if path.is_file()]
    assert len(files) >= 4
    for path in files:
        content = path.read_bytes()
        assert not [needle for needle in needles if needle in content], path.name
    assert stat.S_IMODE(centre.folder.stat().st_mode) == 0o700


def test_nothing_personal_is_logged(centre: RunningCentre, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        client = centre.client()
        refusal(client.resolve_code, CodeToResolve(kind="suishen", text="SECRET-CODE-TEXT"))
        client.find_cases(CaseQuery(id_number=APPLICANT.id_number))
        handed_over(centre, 1)
    ours = "\n".join(record.getMessage() for record in caplog.records)
    assert "/v1/identities/resolve 404" in ours
    for needle in ("SECRET-CODE-TEXT", APPLICANT.id_number, APPLICANT.name, centre.token):
        assert needle not in ours
