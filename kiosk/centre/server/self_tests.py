"""Self-tests that stations report: kept as they came, the newest ones of each station."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from kiosk.centre.contract import ErrorCode, SelfTestReport
from kiosk.centre.server import clock
from kiosk.centre.server.centre import Work
from kiosk.centre.server.database import self_tests, stations
from kiosk.centre.server.problems import Refusal

KEPT = 400
"""Reports of one station: a year of mornings."""


@dataclass(frozen=True, slots=True)
class StationHealth:
    """A station as its newest reports show it; None = it has sent none of that kind."""

    station: str
    name: str
    full: SelfTestReport | None
    quick: SelfTestReport | None

    @property
    def newest(self) -> SelfTestReport | None:
        """The report that was made last, of either kind."""
        reports = [report for report in (self.full, self.quick) if report is not None]
        return max(reports, key=lambda report: report.ended_at, default=None)


def put(work: Work, station: str, report: SelfTestReport) -> None:
    """Keep a report; the same one again changes nothing.

    Raises:
        Refusal: it is another station's.
    """
    if report.station_id != station:
        raise Refusal(ErrorCode.INVALID, 422, "the report is another station's")
    row = {
        "id": str(report.report_id),
        "station": station,
        "kind": report.kind,
        "passed": report.passed,
        "ended_at": clock.stamp(report.ended_at),
        "received_at": clock.stamp(),
        "report": report.model_dump_json(),
    }
    if not work.connection.execute(insert(self_tests).values(**row).on_conflict_do_nothing()).rowcount:
        return
    work.count("changed")
    newest = (
        select(self_tests.c.id)
        .where(self_tests.c.station == station)
        .order_by(self_tests.c.ended_at.desc())
        .limit(KEPT)
    )
    work.connection.execute(delete(self_tests).where(self_tests.c.station == station, self_tests.c.id.not_in(newest)))


def health(work: Work) -> list[StationHealth]:
    """Every station with its newest full and quick report, those that need help first."""
    found = [
        StationHealth(row.id, row.name, _newest(work, row.id, "full"), _newest(work, row.id, "quick"))
        for row in work.connection.execute(select(stations.c.id, stations.c.name).order_by(stations.c.id))
    ]
    return sorted(
        found, key=lambda one: (one.newest is not None and one.newest.passed, one.newest is None, one.station)
    )


def reports(work: Work, station: str, count: int = 20) -> list[SelfTestReport]:
    """The newest reports of one station, newest first."""
    query = select(self_tests.c.report).where(self_tests.c.station == station)
    rows = work.connection.execute(query.order_by(self_tests.c.ended_at.desc()).limit(count))
    return [report for row in rows if (report := _parsed(row.report)) is not None]


def _newest(work: Work, station: str, kind: str) -> SelfTestReport | None:
    query = select(self_tests.c.report).where(self_tests.c.station == station, self_tests.c.kind == kind)
    text = work.connection.execute(query.order_by(self_tests.c.ended_at.desc()).limit(1)).scalar()
    return _parsed(text) if text else None


def _parsed(text: str) -> SelfTestReport | None:
    """None for a report of a later program with another form."""
    try:
        return SelfTestReport.model_validate_json(text)
    except ValidationError:
        return None
