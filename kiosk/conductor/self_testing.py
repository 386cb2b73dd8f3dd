"""The self-test as the station lives with it: run, cancelled and kept; each morning by itself, with one warning.

A test runs beside the queue and tells every line as a job of it. The automatic one never meets a visit: it begins when
there is none, and gives way to one that begins.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from kiosk.conductor.core import Core
from kiosk.conductor.printing import Printing
from kiosk.conductor.snapshot import CheckView, SelfTestView
from kiosk.export_place import export_place
from kiosk.pdf import PdfError
from kiosk.receipts.fonts import FontsMissing
from kiosk.selftest.history import HistoryError
from kiosk.selftest.paper import report_pdf, report_slip
from kiosk.selftest.report import Line, SelfTestKind, SelfTestReport, StepState
from kiosk.settings import SelfTestSection, StationSection

log = logging.getLogger(__name__)

AGAIN_SECONDS = 600.0
"""While the morning's test stands failed, it is repeated so often, and its warning goes when all is well."""

SHOWN_REPORTS = 20


class Run(Protocol):
    """``kiosk.selftest.self_test.SelfTest``."""

    def run(self) -> AsyncGenerator[Line, None]: ...
    def cancel(self) -> None: ...
    def skip(self, check_id: str, by: str) -> None: ...
    def take_code(self, raw: bytes) -> None: ...
    @property
    def report(self) -> SelfTestReport: ...


class SelfTestEnd(Protocol):
    """What the station gives. All but ``make`` block: the first two on the disk, the last on the network."""

    def make(self, kind: SelfTestKind) -> Run: ...
    def keep(self, report: SelfTestReport) -> object:
        """Raises ``HistoryError``."""

    def newest(self, count: int) -> Sequence[SelfTestReport]: ...
    def send(self) -> int:
        """Give the centre what it has not got yet."""


class SelfTesting:
    """Engine thread.

    Args:
        acting: Account of whoever is signed on, "" when nobody is.
        touched: A long test is work, not absence.
    """

    def __init__(
        self,
        core: Core,
        end: SelfTestEnd | None,
        printing: Printing,
        station: StationSection,
        section: SelfTestSection,
        acting: Callable[[], str],
        audit: Callable[[str, str, str], None],
        touched: Callable[[], None],
    ) -> None:
        self._core = core
        self._end = end
        self._printing = printing
        self._station = station
        self._section = section
        self._acting = acting
        self._audit = audit
        self._touched = touched
        self._run: Run | None = None
        self._automatic = False
        self._kind = ""
        self._checks: tuple[CheckView, ...] = ()
        self._report: SelfTestReport | None = None
        self._reports: tuple[SelfTestReport, ...] = ()
        self._morning: SelfTestReport | None = None
        self._last_morning: date | None = None
        self._again_at = 0.0
        self._sending = False
        self._exporting = False

    # -- what is shown -------------------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Somebody has begun a test and it has not ended."""
        return self._run is not None and not self._automatic

    @property
    def view(self) -> SelfTestView:
        report = self._report
        return SelfTestView(
            running=self.running,
            kind=self._kind,
            checks=self._checks,
            passed=report.passed if report else None,
            cancelled=report.cancelled if report else False,
            ended_at=_local(report.ended_at) if report else "",
            seconds=(report.ended_at - report.started_at).total_seconds() if report else 0.0,
            exporting=self._exporting,
            reports=tuple((one.kind, _local(one.ended_at), one.passed) for one in self._reports),
        )

    @property
    def morning(self) -> tuple[CheckView, ...]:
        """What the newest automatic test found wrong, the worst first; empty = nothing, or not tested yet."""
        steps = self._morning.open_steps if self._morning else ()
        return tuple(CheckView(step.check, step.state, step.code, step.detail) for step in steps)

    # -- a technician's test -------------------------------------------------------------------------------------------

    async def begin(self) -> None:
        """Know the kept reports; tell the centre what it has not got."""
        await self._read_reports()
        today = self._core.time.now().astimezone().date()
        quick = next((one for one in self._reports if one.kind == SelfTestKind.QUICK.value), None)
        if quick is not None and quick.ended_at.astimezone().date() == today:
            self._last_morning, self._morning = today, quick

    async def start(self, kind: SelfTestKind = SelfTestKind.FULL) -> None:
        """Run a test for whoever is signed on; one that is on is not begun again."""
        if self.running or self._end is None:
            return
        if self._run is not None:
            self._run.cancel()
        self._begin(self._end, kind, automatic=False)
        self._audit("self_test", str(kind), "begun")

    def _begin(self, end: SelfTestEnd, kind: SelfTestKind, *, automatic: bool) -> None:
        run = self._run = end.make(kind)
        self._automatic = automatic
        if not automatic:
            self._kind, self._checks, self._report = kind.value, (), None
            self._core.changed()
        self._core.beside("self-test", self._follow(run))

    async def _follow(self, run: Run) -> None:
        try:
            async with aclosing(run.run()) as lines:
                async for line in lines:
                    self._core.post("self-test line", self._line, run, line)
        finally:
            self._core.post("self-test end", self._ended, run)

    async def _line(self, run: Run, line: Line) -> None:
        if run is not self._run or self._automatic:
            return
        view = CheckView(
            line.check_id, line.state, line.code, line.detail, line.waits_for_hand, tuple(line.measured.items())
        )
        self._checks = tuple({one.check_id: one for one in (*self._checks, view)}.values())
        self._touched()
        self._core.changed()

    async def _ended(self, run: Run) -> None:
        if run is not self._run:
            return
        self._run = None
        try:
            report = run.report
        except RuntimeError:  # it broke before it could say anything; that has been logged
            self._core.changed()
            return
        if self._automatic:
            await self._morning_ended(report)
        else:
            self._report = report
            self._checks = tuple(_with_result(check, report) for check in self._checks)
            if report.passed:
                self._morning = None
            self._audit("self_test", report.kind, "passed" if report.passed else "failed")
            await self._keep(report)
        self._core.changed()

    async def cancel(self) -> None:
        """End the test now; what is not finished has failed."""
        if self._run is not None and not self._automatic:
            self._run.cancel()

    async def skip(self, check_id: str) -> None:
        """Leave a step out, in the name of whoever is signed on."""
        if self._run is not None and not self._automatic:
            self._run.skip(check_id, self._acting())

    async def leave(self) -> None:
        """The screen is left: an unfinished test ends, and its lines are no longer shown."""
        await self.cancel()
        self._kind, self._checks, self._report = "", (), None

    def take_code(self, raw: bytes) -> bool:
        """A code from a scanner that types; whether a test wanted it."""
        if self._run is None:
            return False
        self._run.take_code(raw)
        return not self._automatic

    # -- the report ----------------------------------------------------------------------------------------------------

    async def _keep(self, report: SelfTestReport) -> None:
        assert self._end is not None
        try:
            await self._core.keep(self._end.keep, report)
        except HistoryError as error:
            self._core.say("warning", error.code)
        await self._read_reports()
        self.send()

    async def _read_reports(self) -> None:
        if self._end is not None:
            self._reports = tuple(await self._core.keep(self._end.newest, SHOWN_REPORTS))

    def send(self) -> None:
        """Offer the centre what it has not got; now, because a report or the line has come."""
        if self._end is not None and not self._sending:
            self._sending = True
            self._core.beside("send self-tests", self._send(self._end))

    async def _send(self, end: SelfTestEnd) -> None:
        try:
            await self._core.ask(end.send)
        finally:
            self._sending = False

    async def print_report(self) -> None:
        """The report of the test just ended, else the newest one, as a slip."""
        report = self._report or next(iter(self._reports), None)
        if report is not None:
            self._printing.report(str(report.report_id), report_slip(report, self._station.name))

    async def export_report(self) -> None:
        """The same as a PDF, to a stick or the station's own folder."""
        report = self._report or next(iter(self._reports), None)
        if report is None or self._exporting:
            return
        self._exporting = True
        self._core.beside("export self-test", self._export(report))

    async def _export(self, report: SelfTestReport) -> None:
        try:
            place, name = await self._core.look(_write_pdf, report, self._station)
        except (OSError, FontsMissing, PdfError) as error:
            log.error("self-test not exported: %s", type(error).__name__)
            self._core.post("export", self._exported, "selftest.not_exported", "")
        else:
            code = "selftest.exported_to_stick" if place else "selftest.exported_here"
            self._core.post("export", self._exported, code, name)

    async def _exported(self, code: str, name: str) -> None:
        self._exporting = False
        self._core.say("info" if name else "warning", code, file=name)

    # -- each morning --------------------------------------------------------------------------------------------------

    async def tick(self, *, visit: bool) -> None:
        """Begin the automatic test when it is due; give way to a visit."""
        if self._end is None or not self._section.morning:
            return
        if self._run is not None:
            if visit and self._automatic:
                self._run.cancel()
            return
        if not visit and self._is_due(self._core.time.now().astimezone()):
            self._begin(self._end, SelfTestKind.QUICK, automatic=True)

    def _is_due(self, now: datetime) -> bool:
        if self._last_morning == now.date():
            failed = self._morning is not None and not self._morning.passed
            return failed and self._core.time.monotonic() >= self._again_at
        opening = datetime.combine(now.date(), self._section.opening, now.tzinfo)
        return now >= opening - timedelta(minutes=self._section.minutes_before)

    async def _morning_ended(self, report: SelfTestReport) -> None:
        if report.cancelled:  # a visit began: later
            return
        before, self._morning = self._morning, report
        first_today = self._last_morning != report.ended_at.astimezone().date()
        self._last_morning = report.ended_at.astimezone().date()
        self._again_at = self._core.time.monotonic() + AGAIN_SECONDS
        if first_today or before is None or _found(before) != _found(report):
            await self._keep(report)


def _found(report: SelfTestReport) -> frozenset[tuple[str, str]]:
    return frozenset((step.check, step.code) for step in report.open_steps)


def _with_result(check: CheckView, report: SelfTestReport) -> CheckView:
    """What was running when the test ended is shown as the report has it."""
    step = next((step for step in report.results if step.check == check.check_id), None)
    if step is None or check.state != StepState.RUNNING:
        return check
    return CheckView(step.check, step.state, step.code, step.detail)


def _local(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def _write_pdf(report: SelfTestReport, station: StationSection) -> tuple[bool, str]:
    """Whether it went to a stick, and the file's name."""
    place = export_place(station.data)
    path: Path = place.folder / f"doorstep-self-test-{station.id}-{report.ended_at.astimezone():%Y%m%d-%H%M%S}.pdf"
    path.write_bytes(report_pdf(report, station.name))
    return place.removable, path.name
