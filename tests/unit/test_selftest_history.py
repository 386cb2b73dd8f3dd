"""Reports on disk: durable, newest first, sent once, and the oldest forgotten."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from kiosk.centre.client import CentreRefused, CentreUnreachable
from kiosk.centre.contract import SelfTestReport, SelfTestStep, StepState
from kiosk.selftest import history
from kiosk.selftest.history import History, HistoryError, send_unsent


def report(minutes: int = 0, state: StepState = StepState.PASSED) -> SelfTestReport:
    ended = datetime(2026, 11, 20, 8, 0, tzinfo=UTC) + timedelta(minutes=minutes)
    return SelfTestReport(
        report_id=uuid4(),
        station_id="sample-1",
        program="1.0",
        kind="quick",
        started_at=ended - timedelta(seconds=5),
        ended_at=ended,
        results=(
            SelfTestStep(check="disk", state=state, code="selftest.disk", detail={"free_mb": 1, "reserve_mb": 2}),
        ),
    )


def test_what_is_kept_is_there_again_newest_first(tmp_path: Path) -> None:
    kept = History(tmp_path / "tests")
    assert kept.newest() == []
    reports = [report(minute) for minute in (2, 1, 3)]
    paths = [kept.keep(one) for one in reports]
    assert History(tmp_path / "tests").newest() == sorted(reports, key=lambda one: one.ended_at, reverse=True)
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert not list((tmp_path / "tests").glob(".*"))


def test_the_oldest_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "KEPT", 3)
    kept = History(tmp_path)
    reports = [report(minute) for minute in range(5)]
    for one in reports:
        kept.keep(one)
    assert kept.newest() == reports[:1:-1]


def test_a_damaged_file_costs_only_itself(tmp_path: Path) -> None:
    kept = History(tmp_path)
    one = report()
    kept.keep(one)
    (tmp_path / "20270101-000000-quick-x-unsent.json").write_text("{")
    assert kept.newest() == [one]
    assert kept.unsent() == [one]


def test_a_folder_that_cannot_be_written_is_a_code(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryError) as caught:
        History(tmp_path / "file").keep(report())
    assert caught.value.code == "selftest.not_kept"


def test_every_report_is_sent_once_oldest_first(tmp_path: Path) -> None:
    kept, sent = History(tmp_path), list[SelfTestReport]()
    reports = [report(minute) for minute in (1, 2)]
    for one in reports:
        kept.keep(one)
    assert send_unsent(kept, sent.append) == 2
    assert sent == reports
    assert send_unsent(kept, sent.append) == 0
    assert kept.newest() == reports[::-1]


def test_a_centre_that_is_away_gets_them_later(tmp_path: Path) -> None:
    kept = History(tmp_path)
    reports = [report(minute) for minute in (1, 2)]
    for one in reports:
        kept.keep(one)

    def away(_: SelfTestReport) -> None:
        raise CentreUnreachable("no route")

    assert send_unsent(kept, away) == 0
    assert kept.unsent() == reports


def test_a_station_whose_token_is_refused_sends_them_when_it_is_put_right(tmp_path: Path) -> None:
    kept = History(tmp_path)
    reports = [report(minute) for minute in (1, 2)]
    for one in reports:
        kept.keep(one)

    def refused(_: SelfTestReport) -> None:
        raise CentreRefused("unauthorised", 401)

    assert send_unsent(kept, refused) == 0
    assert kept.unsent() == reports


def test_a_refused_report_does_not_block_the_next(tmp_path: Path) -> None:
    kept, sent = History(tmp_path), list[SelfTestReport]()
    bad, good = report(1), report(2)
    for one in (bad, good):
        kept.keep(one)

    def send(one: SelfTestReport) -> None:
        if one == bad:
            raise CentreRefused("invalid", 422)
        sent.append(one)

    assert send_unsent(kept, send) == 1
    assert sent == [good]
    assert kept.unsent() == []
    assert len(kept.newest()) == 2
