"""Self-tests at the centre: kept once, of their own station only, and shown to clerks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import uuid4

import httpx
import pytest

from kiosk.centre.client import CentreRefused
from kiosk.centre.contract import SelfTestReport, SelfTestStep, StepState
from kiosk.centre.server import self_tests
from kiosk.centre.server.centre import Centre

from .conftest import CLERK, RunningCentre, wait_for


def report(
    station: str,
    *,
    kind: Literal["full", "quick"] = "full",
    ago: timedelta = timedelta(),
    printer: StepState = StepState.PASSED,
    code: str = "",
    detail: Mapping[str, str | int | float] | None = None,
) -> SelfTestReport:
    ended = datetime.now(UTC) - ago
    return SelfTestReport(
        report_id=uuid4(),
        station_id=station,
        program="1.2.3",
        kind=kind,
        started_at=ended - timedelta(seconds=40),
        ended_at=ended,
        results=(
            SelfTestStep(check="receipt_printer", state=printer, code=code, detail=dict(detail or {})),
            SelfTestStep(check="disk", state=StepState.PASSED, code="selftest.disk"),
        ),
    )


def kept(centre: RunningCentre) -> list[SelfTestReport]:
    beside = Centre(centre.config)
    try:
        with beside.read() as work:
            return self_tests.reports(work, centre.station)
    finally:
        beside.close()


def test_a_report_is_kept_once_however_often_it_is_sent(centre: RunningCentre) -> None:
    one = report(centre.station)
    centre.client().send_self_test(one)
    centre.client().send_self_test(one)
    assert kept(centre) == [one]


def test_a_report_of_another_station_is_refused(centre: RunningCentre) -> None:
    with pytest.raises(CentreRefused):
        centre.client().send_self_test(report("another-station"))
    assert kept(centre) == []


def test_the_oldest_reports_of_a_station_go(centre: RunningCentre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_tests, "KEPT", 3)
    sent = [report(centre.station, ago=timedelta(days=days)) for days in (5, 4, 3, 2, 1)]
    for one in sent:
        centre.client().send_self_test(one)
    assert kept(centre) == sent[:1:-1]


@pytest.fixture
def centre(centre: RunningCentre) -> RunningCentre:
    """With a clerk."""
    centre.add_clerk()
    return centre


def page(centre: RunningCentre) -> str:
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    with httpx.Client(base_url=centre.url, headers=headers, trust_env=False) as http:
        assert http.get("/console/stations").headers["location"] == "/console/sign-in"
        http.post("/console/sign-in", data={"account": CLERK[0], "password": CLERK[2]})
        answer = http.get("/console/stations")
        parts = http.get("/console/stations/parts")
        assert parts.status_code == 200
        assert parts.text.strip() in answer.text
        return answer.text


def test_clerks_see_which_station_needs_help_and_why(centre: RunningCentre) -> None:
    assert "没有自检" in page(centre)
    good = report(centre.station, kind="quick", ago=timedelta(hours=2))
    centre.client().send_self_test(good)
    assert "所有服务站自检通过" in page(centre)
    bad = report(centre.station, printer=StepState.FAILED, code="receipt_printer.paper_end")
    centre.client().send_self_test(bad)
    shown = page(centre)
    assert "health-bad" in shown
    assert "1</b> 个服务站有问题" in shown
    assert "1.2.3" in shown
    assert "纸" in shown.split('class="problems"')[1].split("</td>")[0]


def test_a_station_s_words_are_text_never_markup(centre: RunningCentre) -> None:
    detail = {"identity": "<script>alert(1)</script>", "port": "<b>x</b>"}
    bad = report(centre.station, printer=StepState.FAILED, code="device.not_found", detail=detail)
    centre.client().send_self_test(bad)
    shown = page(centre)
    assert "<script>alert" not in shown
    assert "<b>x</b>" not in shown


def test_a_new_report_is_news_for_an_open_page(centre: RunningCentre) -> None:
    def change() -> str:
        return page(centre).split('data-change="')[1].split('"')[0]

    before = change()
    centre.client().send_self_test(report(centre.station))
    assert wait_for(lambda: change() != before)
