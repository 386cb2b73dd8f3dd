"""What is left of a finished visit: true at every moment, about nobody, and forgotten in time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kiosk.centre.contract import CaseReceipt, CaseState, PageReceipt, Rating
from kiosk.outbox.listing import DATABASE_NAME
from kiosk.outbox.model import HandedIn, Standing
from kiosk.outbox.store import Outbox
from tests.unit.outbox_people import (
    CANARY_NAME,
    CANARY_NUMBER,
    Clock,
    correction,
    keep_case,
    open_outbox,
    status,
)

NUMBER = "HN20261120-0001-4"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox(tmp_path: Path, clock: Clock) -> Iterator[Outbox]:
    with open_outbox(tmp_path, clock, keep_days=30) as opened:
        yield opened


def deliver(outbox: Outbox, clock: Clock, case_id: UUID, version: int = 1) -> None:
    """As the delivery does after the centre's receipts were checked."""
    unit = outbox.dispatch.unit(case_id, version)
    assert unit is not None
    for page in outbox.dispatch.pages(unit):
        told = PageReceipt(
            case_id=case_id,
            version=version,
            page_id=page.page_id,
            sha256=page.sha256,
            size=page.size,
            stored_at=clock.now,
        )
        assert outbox.dispatch.page_received(unit, page, told)
    receipt = CaseReceipt(
        case_id=case_id, version=version, case_number=NUMBER, state=CaseState.COMPLETE, received_at=clock.now
    )
    outbox.dispatch.case_received(unit, receipt)


def only(outbox: Outbox) -> HandedIn:
    (case,) = outbox.handed_in()
    return case


def test_a_case_is_what_the_station_knows_of_it_at_every_moment(outbox: Outbox, clock: Clock) -> None:
    begun = clock.now
    case_id, _ = keep_case(outbox)
    assert only(outbox) == HandedIn(case_id, "", "事项item-1", begun, Standing.KEPT_HERE, begun)
    clock.go(minutes=5)
    deliver(outbox, clock, case_id)
    assert only(outbox) == HandedIn(case_id, NUMBER, "事项item-1", begun, Standing.DELIVERED, clock.now)
    clock.go(hours=1)
    outbox.remember_status(status(case_id, CaseState.CORRECTION_REQUESTED))
    assert (only(outbox).standing, only(outbox).known_at) == (Standing.CORRECTION_REQUESTED, clock.now)

    page_id = uuid4()
    outbox.add_page(case_id, 2, page_id, b"better")
    assert only(outbox).standing is Standing.CORRECTION_REQUESTED  # begun is not handed in
    outbox.commit(correction(case_id, 2, {page_id: b"better"}))
    assert only(outbox) == HandedIn(case_id, NUMBER, "事项item-1", begun, Standing.CORRECTION_KEPT_HERE, clock.now)
    deliver(outbox, clock, case_id, 2)
    assert only(outbox).standing is Standing.DELIVERED  # what was heard was about version 1
    outbox.remember_status(status(case_id, CaseState.ACCEPTED, 2))
    assert only(outbox).standing is Standing.ACCEPTED
    outbox.remember_status(status(case_id, CaseState.RETURNED, 2))
    assert only(outbox).standing is Standing.RETURNED


def test_a_draft_and_a_case_given_up_are_not_handed_in(outbox: Outbox) -> None:
    case_id = uuid4()
    outbox.add_page(case_id, 1, uuid4(), b"page")
    assert outbox.handed_in() == []
    outbox.destroy_case(case_id)
    assert outbox.handed_in() == []


def test_the_newest_stands_first(outbox: Outbox, clock: Clock) -> None:
    cases = []
    for _ in range(3):
        clock.go(minutes=1)
        cases.append(keep_case(outbox)[0])
    assert [case.case_id for case in outbox.handed_in()] == cases[::-1]


def test_what_is_over_is_forgotten_in_time_and_what_is_not_stays(tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path
    with open_outbox(folder, clock, keep_days=30) as outbox:
        over, corrected, unrated = (keep_case(outbox)[0] for _ in range(3))
        for case_id in (over, corrected, unrated):
            deliver(outbox, clock, case_id)
        waiting, _ = keep_case(outbox)
        outbox.remember_status(status(over, CaseState.ACCEPTED))
        outbox.remember_status(status(corrected, CaseState.CORRECTION_REQUESTED))
        outbox.rate(unrated, Rating(level=5))
        clock.go(days=29)
        outbox.keep_house()
        assert {case.case_id for case in outbox.handed_in()} == {over, corrected, unrated, waiting}
        clock.go(days=2)
        assert outbox.handed_in() == []  # not shown any more, even before the house is kept
        outbox.keep_house()
        assert {case.case_id for case in outbox.cases()} == {corrected, unrated, waiting}
        assert [entry.case_id for entry in outbox.todo()] == [corrected]
        outbox.remember_status(status(over, CaseState.ACCEPTED))  # told of once more
        clock.go(days=31)
        outbox.keep_house()
    files = [path for path in folder.iterdir() if path.name.startswith(DATABASE_NAME)]
    assert files
    assert not any(str(over).encode() in path.read_bytes() for path in files)
    with open_outbox(folder, clock, keep_days=30) as outbox:
        assert {case.case_id for case in outbox.cases()} == {corrected, unrated, waiting}


def test_nothing_personal_is_in_the_clear(tmp_path: Path, clock: Clock) -> None:
    with open_outbox(tmp_path, clock) as outbox:
        case_id, _ = keep_case(outbox)
        deliver(outbox, clock, case_id)
        said = repr(outbox.handed_in())
    for canary in (CANARY_NAME, CANARY_NUMBER, "李*"):
        assert canary not in said
