from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.centre.client import CentreBusy, CentreNonsense, CentreRefused, CentreUnreachable
from kiosk.centre.contract import Rating
from kiosk.outbox.delivery import Delivery
from kiosk.outbox.model import (
    CaseBlocked,
    CaseDelivered,
    CaseProgress,
    DeliveryEvent,
    DeliveryTrouble,
    LinkChanged,
    PageDelivered,
    PageStage,
    Stage,
)
from kiosk.outbox.pace import Pace
from kiosk.outbox.store import Outbox
from tests.unit.outbox_people import (
    CANARY_NAME,
    CANARY_NUMBER,
    PaperCentre,
    correction,
    keep_case,
    open_outbox,
    opening,
    record,
    until,
)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with open_outbox(tmp_path / "outbox") as outbox:
        yield outbox


@pytest.fixture
def centre() -> PaperCentre:
    return PaperCentre()


class Running:
    def __init__(self, outbox: Outbox, centre: PaperCentre) -> None:
        self.events: list[DeliveryEvent] = []
        self.delivery = Delivery(outbox, centre, self.events.append, first_wait=0.01, last_wait=0.05)

    def of(self, kind: type) -> list[DeliveryEvent]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def running(outbox: Outbox, centre: PaperCentre) -> Iterator[Running]:
    running = Running(outbox, centre)
    yield running
    assert running.delivery.stop(30)


def stage(outbox: Outbox, case_id: UUID) -> Stage | None:
    state = outbox.case_state(case_id)
    return state.stage if state else None


def delivered(outbox: Outbox, *cases: UUID) -> Callable[[], bool]:
    return lambda: all(stage(outbox, case_id) is Stage.DELIVERED for case_id in cases)


def fail_calls(*calls: str, problem: Exception, times: int = 10**9, case: UUID | None = None) -> Callable[..., object]:
    left = [times]

    def fault(call: str, case_id: UUID) -> Exception | None:
        if call in calls and case in (None, case_id) and left[0] > 0:
            left[0] -= 1
            return problem
        return None

    return fault


def test_a_case_arrives_whole_and_is_wiped_here(
    outbox: Outbox, centre: PaperCentre, running: Running, tmp_path: Path
) -> None:
    case_id, pages = keep_case(outbox, pages=3)
    outbox.rate(case_id, Rating(level=5))
    running.delivery.start()
    until(lambda: centre.ratings)
    assert centre.pages == pages
    assert centre.records[case_id, 1] == record(case_id, pages)
    assert [call for call, _ in centre.calls] == ["open_case", *["upload_page"] * 3, "put_record", "rate"]
    assert list((tmp_path / "outbox" / "pages").iterdir()) == []
    assert [event.page_id for event in running.of(PageDelivered)] == list(pages)
    (done,) = running.of(CaseDelivered)
    assert done.receipt.case_number == outbox.case_state(case_id).case_number
    progress = running.of(CaseProgress)
    assert (progress[-1].sent, progress[-1].total) == (3 * 401, 3 * 401)
    assert running.of(LinkChanged) == [LinkChanged(True)]
    assert running.delivery.online
    until(lambda: outbox.dispatch.ratings() == [])


def test_pages_travel_during_the_visit_and_the_record_last(
    outbox: Outbox, centre: PaperCentre, running: Running
) -> None:
    running.delivery.start()
    case_id, first, second = uuid4(), uuid4(), uuid4()
    outbox.add_page(case_id, 1, first, b"first", material_id="m1", material_name="身份证", number=1)
    outbox.allow_travel(opening(case_id))
    until(lambda: first in centre.pages)
    assert (centre.uploads[first].material_id, centre.uploads[first].number) == ("m1", 1)
    until(lambda: outbox.pages(case_id, 1)[0].stage is PageStage.AT_CENTRE)
    assert outbox.page(case_id, first) == b"first"
    assert stage(outbox, case_id) is Stage.DRAFT
    outbox.add_page(case_id, 1, second, b"second")
    until(lambda: second in centre.pages)
    assert centre.records == {}
    outbox.commit(record(case_id, {first: b"first", second: b"second"}))
    until(delivered(outbox, case_id))
    assert len(centre.pages) == [call for call, _ in centre.calls].count("upload_page") == 2


def test_a_page_removed_on_the_way_is_not_sent_to_its_end(
    outbox: Outbox, centre: PaperCentre, running: Running
) -> None:
    centre.hold.clear()
    running.delivery.start()
    case_id, removed, kept = uuid4(), uuid4(), uuid4()
    outbox.add_page(case_id, 1, removed, b"removed")
    outbox.allow_travel(opening(case_id))
    until(lambda: ("upload_page", case_id) in centre.calls)
    outbox.remove_page(case_id, removed)
    outbox.add_page(case_id, 1, kept, b"kept")
    until(lambda: [call for call, _ in centre.calls].count("upload_page") == 2)
    centre.hold.set()
    until(lambda: kept in centre.pages)
    assert removed not in centre.pages


def test_a_visit_given_up_is_told_to_the_centre(outbox: Outbox, centre: PaperCentre, running: Running) -> None:
    running.delivery.start()
    case_id, page_id = uuid4(), uuid4()
    outbox.add_page(case_id, 1, page_id, b"picture")
    outbox.allow_travel(opening(case_id))
    until(lambda: page_id in centre.pages)
    outbox.destroy_case(case_id)
    until(lambda: centre.deleted == [case_id])
    until(lambda: outbox.cases() == [])


def test_a_correction_goes_as_its_own_version(outbox: Outbox, centre: PaperCentre, running: Running) -> None:
    case_id, _ = keep_case(outbox)
    running.delivery.start()
    until(delivered(outbox, case_id))
    page_id = uuid4()
    outbox.add_page(case_id, 2, page_id, b"better")
    outbox.commit(correction(case_id, 2, {page_id: b"better"}))
    until(lambda: (case_id, 2) in centre.records)
    assert centre.openings[-1].version == 2
    until(delivered(outbox, case_id))


def test_whoever_is_here_goes_before_yesterdays_queue(outbox: Outbox, centre: PaperCentre, running: Running) -> None:
    present, page_id = uuid4(), uuid4()
    for _ in range(3):
        keep_case(outbox)
    outbox._vault.database.write(
        lambda connection: connection.execute("UPDATE case_version SET committed_at = '2026-01-01T00:00:00+00:00'")
    )
    outbox.add_page(present, 1, page_id, b"picture")
    outbox.allow_travel(opening(present))
    running.delivery.start()
    until(lambda: len(centre.records) == 3)
    assert [case_id for _, case_id in centre.calls[:2]] == [present, present]


# -- trouble --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "online", "trouble"),
    [
        (CentreUnreachable("connect"), False, "centre.unreachable"),
        (CentreUnreachable("failure", 500), True, "centre.unreachable"),
        (CentreBusy(0.01, 503), True, "centre.busy"),
        (CentreBusy(0.01, 507), True, "outbox.centre_full"),
        (CentreNonsense("not JSON"), False, "centre.nonsense"),
        (CentreRefused("unauthorised", 401), True, "outbox.unauthorised"),
        (CentreRefused("unauthorised", 403), True, "outbox.unauthorised"),
    ],
)
@pytest.mark.parametrize("call", ["open_case", "upload_page", "put_record", "rate"])
def test_a_centre_in_trouble_leaves_the_case_whole_is_said_and_gets_it_later(
    outbox: Outbox,
    centre: PaperCentre,
    running: Running,
    problem: Exception,
    online: bool,
    trouble: str,
    call: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    case_id, pages = keep_case(outbox)
    outbox.rate(case_id, Rating(level=4))
    centre.fault = fail_calls(call, problem=problem)
    running.delivery.start()
    until(lambda: centre.calls.count((call, case_id)) >= 5)
    assert running.delivery.trouble == trouble
    assert running.delivery.online is online
    if call != "rate":
        assert stage(outbox, case_id) in (Stage.WAITING, Stage.SENDING)
        assert all(outbox.page(case_id, page_id) == data for page_id, data in pages.items())
    centre.fault = lambda call, case_id: None
    until(lambda: centre.ratings)
    assert centre.pages == pages
    assert stage(outbox, case_id) is Stage.DELIVERED
    until(lambda: running.delivery.trouble == "")
    assert running.of(DeliveryTrouble) == [DeliveryTrouble(trouble), DeliveryTrouble("")]
    assert not any(secret in caplog.text for secret in (CANARY_NAME, CANARY_NUMBER))


@pytest.mark.parametrize(
    "problem",
    [
        CentreRefused("invalid", 422),
        CentreRefused("too_large", 413),
        CentreRefused("conflict", 409),
        CentreRefused("other", 415),
        CentreRefused("hash_mismatch", 460),
        CentreRefused("unknown_case", 404),
        CentreUnreachable("failure", 500),
        CentreUnreachable("broken"),
        CentreNonsense("not JSON"),
        RuntimeError(f"a bug that quotes {CANARY_NUMBER}"),
    ],
    ids=lambda problem: f"{type(problem).__name__}-{getattr(problem, 'problem', getattr(problem, 'status', ''))}",
)
@pytest.mark.parametrize("call", ["open_case", "upload_page", "put_record"])
def test_one_bad_case_never_blocks_the_rest(
    outbox: Outbox,
    centre: PaperCentre,
    running: Running,
    problem: Exception,
    call: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bad, pages = keep_case(outbox)
    good = [keep_case(outbox)[0] for _ in range(4)]
    centre.fault = fail_calls(call, problem=problem, case=bad)
    running.delivery.start()
    until(delivered(outbox, *good))
    later, _ = keep_case(outbox)
    until(delivered(outbox, later))
    assert stage(outbox, bad) in (Stage.WAITING, Stage.SENDING, Stage.BLOCKED)
    assert all(outbox.page(bad, page_id) == data for page_id, data in pages.items())
    centre.fault = lambda call, case_id: None
    running.delivery.retry_blocked()
    arrived = delivered(outbox, bad)

    def tried_again() -> object:
        # The try that was under way when the fault ended may block the case only now.
        if stage(outbox, bad) is Stage.BLOCKED:
            running.delivery.retry_blocked()
        return arrived()

    until(tried_again)
    assert set(centre.records) == {(case_id, 1) for case_id in (bad, later, *good)}
    assert CANARY_NUMBER not in caplog.text


def test_a_case_that_breaks_the_line_every_time_goes_behind_the_others(outbox: Outbox, centre: PaperCentre) -> None:
    bad, _ = keep_case(outbox)
    good = [keep_case(outbox)[0] for _ in range(4)]
    centre.fault = fail_calls("open_case", problem=CentreUnreachable("broken"), case=bad)
    delivery = Delivery(outbox, centre, lambda event: None, first_wait=0.0, last_wait=0.0)
    delivery.start()
    until(delivered(outbox, *good))
    assert delivery.stop(30)
    attempts = [case_id for _, case_id in centre.calls]
    last_good = max(place for place, case_id in enumerate(attempts) if case_id in good)
    assert attempts[:last_good].count(bad) == 3


@pytest.mark.parametrize(
    ("problem", "tries"),
    [
        (CentreRefused("invalid", 422), 1),
        (CentreRefused("conflict", 409), 1),
        (CentreRefused("too_large", 413), 1),
        (CentreRefused("pages_missing", 409, (UUID(int=77),)), 1),
        (CentreRefused("pages_missing", 409), 3),
        (CentreRefused("unknown_case", 404), 3),
    ],
)
def test_a_refusal_that_repeats_itself_blocks_the_case_and_says_so(
    outbox: Outbox, centre: PaperCentre, running: Running, problem: CentreRefused, tries: int
) -> None:
    case_id, pages = keep_case(outbox)
    centre.fault = fail_calls("put_record", problem=problem)
    running.delivery.start()
    until(lambda: running.of(CaseBlocked))
    assert running.of(CaseBlocked) == [CaseBlocked(case_id, 1, problem.code)]
    assert centre.calls.count(("put_record", case_id)) == tries
    state = outbox.case_state(case_id)
    assert (state.stage, state.code) == (Stage.BLOCKED, problem.code)
    assert outbox.summary().blocked == 1
    assert all(outbox.page(case_id, page_id) == data for page_id, data in pages.items())


def test_pages_the_centre_misses_are_sent_again(outbox: Outbox, centre: PaperCentre, running: Running) -> None:
    case_id, pages = keep_case(outbox, pages=3)
    lost = list(pages)[1]
    centre.fault = fail_calls("put_record", problem=CentreRefused("pages_missing", 409, (lost,)), times=1)
    running.delivery.start()
    until(delivered(outbox, case_id))
    assert centre.calls.count(("upload_page", case_id)) == 4


def test_a_case_the_centre_forgot_is_opened_again(outbox: Outbox, centre: PaperCentre, running: Running) -> None:
    case_id, _ = keep_case(outbox)
    centre.fault = fail_calls("upload_page", problem=CentreRefused("unknown_case", 404), times=1)
    running.delivery.start()
    until(delivered(outbox, case_id))
    assert centre.calls.count(("open_case", case_id)) == 2


@pytest.mark.parametrize(
    "change", [{"sha256": "0" * 64}, {"size": 1}, {"page_id": UUID(int=9)}, {"case_id": UUID(int=9)}, {"version": 2}]
)
def test_a_receipt_for_something_else_destroys_nothing(
    outbox: Outbox, centre: PaperCentre, running: Running, change: dict[str, object]
) -> None:
    case_id, pages = keep_case(outbox)
    centre.receipt_changes = change
    running.delivery.start()
    until(lambda: running.of(CaseBlocked))
    assert running.of(CaseBlocked) == [CaseBlocked(case_id, 1, "trust.receipt_wrong")]
    assert all(outbox.page(case_id, page_id) == data for page_id, data in pages.items())
    assert all(page.stage is PageStage.KEPT for page in outbox.pages(case_id, 1))


def test_a_page_damaged_here_is_never_sent_and_the_others_go_on(
    outbox: Outbox, centre: PaperCentre, running: Running, tmp_path: Path
) -> None:
    case_id, pages = keep_case(outbox, pages=3)
    row = outbox._vault.database.row("SELECT file, page_id FROM page WHERE page_id = ?", str(list(pages)[1]))
    path = tmp_path / "outbox" / "pages" / row["file"]
    blob = bytearray(path.read_bytes())
    blob[40] ^= 1
    path.write_bytes(blob)
    running.delivery.start()
    until(lambda: stage(outbox, case_id) is Stage.BLOCKED)
    bad = UUID(row["page_id"])
    assert set(centre.pages) == set(pages) - {bad}
    assert centre.records == {}
    assert CaseBlocked(case_id, 1, "outbox.page_damaged", bad) in running.events


def test_a_blocked_case_gets_another_try_at_the_next_start(tmp_path: Path, centre: PaperCentre) -> None:
    with open_outbox(tmp_path / "outbox") as outbox:
        case_id, _ = keep_case(outbox)
        centre.fault = fail_calls("put_record", problem=CentreRefused("invalid", 422), times=1)
        first = Running(outbox, centre)
        first.delivery.start()
        until(lambda: stage(outbox, case_id) is Stage.BLOCKED)
        assert first.delivery.stop(30)
    with open_outbox(tmp_path / "outbox") as outbox:
        assert stage(outbox, case_id) is Stage.BLOCKED
        second = Running(outbox, centre)
        second.delivery.start()
        until(delivered(outbox, case_id))
        assert second.delivery.stop(30)


def test_an_observer_that_fails_stops_nothing(outbox: Outbox, centre: PaperCentre) -> None:
    def observer(event: DeliveryEvent) -> None:
        raise RuntimeError("the screen is gone")

    case_id, _ = keep_case(outbox)
    delivery = Delivery(outbox, centre, observer, first_wait=0.01)
    delivery.start()
    until(delivered(outbox, case_id))
    assert delivery.stop(30)


def test_poking_ends_a_long_wait(outbox: Outbox, centre: PaperCentre) -> None:
    delivery = Delivery(outbox, centre, lambda event: None, first_wait=1000.0, last_wait=1000.0, chance=lambda: 1.0)
    centre.fault = fail_calls("open_case", problem=CentreUnreachable("connect"), times=1)
    case_id, _ = keep_case(outbox)
    delivery.start()
    until(lambda: delivery.online is False)
    assert stage(outbox, case_id) is Stage.WAITING
    delivery.poke()
    until(delivered(outbox, case_id))
    assert delivery.stop(30)


def test_stopping_in_the_middle_of_a_page_loses_nothing(outbox: Outbox, centre: PaperCentre, running: Running) -> None:
    case_id, pages = keep_case(outbox)
    centre.hold.clear()
    running.delivery.start()
    until(lambda: outbox.summary().sending == 1)
    until(lambda: ("upload_page", case_id) in centre.calls)
    assert running.delivery.stop(30)
    assert outbox.summary().waiting == 1
    assert all(outbox.page(case_id, page_id) == data for page_id, data in pages.items())
    centre.hold.set()
    running.delivery.start()
    until(delivered(outbox, case_id))


# -- the waits ------------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_waits_grow_stay_jittered_and_never_pass_five_minutes(chances: list[float]) -> None:
    chance = iter(chances)
    pace = Pace(chance=lambda: next(chance))
    now, ceiling = 100.0, 1.0
    for jitter in chances:
        pace.fail(now)
        wait = pace.not_before - now
        assert 0.5 - 1e-9 <= wait <= ceiling + 1e-9
        assert wait == pytest.approx(0.5 + jitter * (ceiling - 0.5))
        assert not pace.due(now)
        now = pace.not_before
        assert pace.due(now)
        ceiling = min(ceiling * 2, 300.0)
    pace.reset()
    assert pace.due(0.0)


@given(st.floats(0.1, 3600), st.floats(0, 1))
def test_a_wait_that_was_asked_for_is_kept(seconds: float, jitter: float) -> None:
    pace = Pace(chance=lambda: jitter)
    pace.hold(50.0, seconds)
    assert 50.0 + seconds <= pace.not_before <= 50.0 + seconds * 1.2501
