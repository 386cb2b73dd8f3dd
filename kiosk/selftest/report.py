"""What a self-test found: lines while it runs, one report at its end.

The report's types are of the wire contract, because the centre gets it as it is; here is the rule of its verdict: a
step that was begun and not finished has failed, and whoever skips a step that is needed gets no pass.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID, uuid4

from kiosk import __version__
from kiosk.centre.contract import SelfTestReport, SelfTestStep, StepState

__all__ = ["DESIGN", "Line", "ReportBuilder", "SelfTestKind", "SelfTestReport", "SelfTestStep", "StepState"]

DESIGN = "design"
"""``skipped_by`` of a piece that the station does not have on purpose."""

UNFINISHED = "selftest.unfinished"
CANCELLED = "selftest.cancelled"

Detail = Mapping[str, str | int | float]


class SelfTestKind(StrEnum):
    """``full`` prints and asks for a hand; ``quick`` does neither and takes a few seconds."""

    FULL = "full"
    QUICK = "quick"


@dataclass(frozen=True, slots=True)
class Line:
    """One line at one moment.

    Attributes:
        check_id: A value of ``DeviceKind`` or the name of a check of the station.
        code: Key of the words: of the result, or of what is waited for while the step runs.
        measured: Numbers for the report, by short name (``dots_per_inch``).
        waits_for_hand: A hand has to do something before this step can end.
        skipped_by: See ``SelfTestStep``.
    """

    check_id: str
    state: StepState
    code: str = ""
    detail: Detail = field(default_factory=lambda: MappingProxyType({}))
    measured: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    waits_for_hand: bool = False
    skipped_by: str = ""


class ReportBuilder:
    """Collects the lines of one run. One thread.

    Args:
        station_id: Of ``station.toml``.
        kind: Full or quick.
        required: Every check that has to be finished, in the order of the report.
        optional: Checks that are listed but may be skipped.
    """

    def __init__(self, station_id: str, kind: SelfTestKind, required: Iterable[str], optional: Iterable[str] = ()):
        self._station_id = station_id
        self._kind = kind
        self._required = tuple(required)
        self._lines: dict[str, Line] = {}
        self._order = (*self._required, *optional)
        self._begun: dict[str, float] = {}
        self._seconds: dict[str, float] = {}
        self._started_at = datetime.now(UTC)
        self._report_id: UUID = uuid4()

    def add(self, line: Line) -> None:
        """Take a line; the newest of a check counts."""
        now = time.monotonic()
        self._begun.setdefault(line.check_id, now)
        if line.state is not StepState.RUNNING:
            self._seconds[line.check_id] = now - self._begun[line.check_id]
        self._lines[line.check_id] = line

    def line(self, check_id: str) -> Line | None:
        """The newest line of a check."""
        return self._lines.get(check_id)

    def finish(self, *, cancelled: bool = False) -> SelfTestReport:
        """The report: what never began or never ended counts as failed."""
        steps, measurements = [], {}
        for check in dict.fromkeys((*self._order, *self._lines)):
            line = self._lines.get(check) or Line(check, StepState.RUNNING)
            if line.state is StepState.RUNNING:
                code = CANCELLED if cancelled else UNFINISHED
                line = replace(line, state=StepState.FAILED, code=code, detail={})
            by_design = line.state is StepState.SKIPPED and line.skipped_by == DESIGN
            steps.append(
                SelfTestStep(
                    check=str(check),
                    state=line.state,
                    code=line.code,
                    detail=dict(line.detail),
                    required=check in self._required and not by_design,
                    skipped_by=line.skipped_by,
                    seconds=round(self._seconds.get(check, 0.0), 2),
                )
            )
            measurements.update({f"{check}.{name}": round(value, 3) for name, value in line.measured.items()})
        return SelfTestReport(
            report_id=self._report_id,
            station_id=self._station_id,
            program=__version__,
            kind=self._kind.value,
            started_at=self._started_at,
            ended_at=max(datetime.now(UTC), self._started_at),
            cancelled=cancelled,
            results=tuple(steps),
            measurements=measurements,
        )
