"""The self-test in the station's day: run, cancelled, skipped, kept and sent; each morning by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.conductor.snapshot import Screen, Snapshot
from kiosk.selftest.history import HistoryError
from kiosk.selftest.report import Line, ReportBuilder, SelfTestKind, SelfTestReport, StepState
from kiosk.settings import SelfTestSection
from tests.unit.conductor_bench import Bench, Clock

PAPER = Line("receipt_printer", StepState.FAILED, "receipt_printer.paper_end")
GOOD = (Line("webcam", StepState.PASSED), Line("disk", StepState.PASSED, "selftest.disk", {"free_mb": 9}))


class Test:
    """One run whose lines the test gives."""

    __test__ = False

    def __init__(self, kind: SelfTestKind, lines: Sequence[Line], clock: Clock, *, hangs: bool = False) -> None:
        self.kind = kind
        self._lines = lines
        self._clock = clock
        self._go_on = asyncio.Event()
        if not hangs:
            self._go_on.set()
        self._cancelled = False
        self._report: SelfTestReport | None = None
        self.skipped: list[tuple[str, str]] = []
        self.codes: list[bytes] = []

    async def run(self) -> AsyncGenerator[Line, None]:
        builder = ReportBuilder("station-1", self.kind, [line.check_id for line in self._lines])
        try:
            for line in self._lines:
                yield self._kept(builder, Line(line.check_id, StepState.RUNNING))
            await self._go_on.wait()
            if not self._cancelled:
                for line in self._lines:
                    yield self._kept(builder, line)
        finally:
            now = self._clock.now()
            report = builder.finish(cancelled=self._cancelled)
            self._report = report.model_copy(update={"started_at": now, "ended_at": now})

    @staticmethod
    def _kept(builder: ReportBuilder, line: Line) -> Line:
        builder.add(line)
        return line

    def cancel(self) -> None:
        self._cancelled = True
        self._go_on.set()

    def skip(self, check_id: str, by: str) -> None:
        self.skipped.append((check_id, by))

    def take_code(self, raw: bytes) -> None:
        self.codes.append(raw)

    @property
    def report(self) -> SelfTestReport:
        if self._report is None:
            raise RuntimeError
        return self._report


class End:
    """Keeps reports in memory; ``lines`` is what the next run finds."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.lines: Sequence[Line] = GOOD
        self.hangs = False
        self.full_disk = False
        self.runs: list[Test] = []
        self.kept: list[SelfTestReport] = []
        self.sent = 0

    def make(self, kind: SelfTestKind) -> Test:
        self.runs.append(Test(kind, self.lines, self.clock, hangs=self.hangs))
        return self.runs[-1]

    def keep(self, report: SelfTestReport) -> None:
        if self.full_disk:
            raise HistoryError("selftest.not_kept")
        self.kept.insert(0, report)

    def newest(self, count: int) -> list[SelfTestReport]:
        return self.kept[:count]

    def send(self) -> int:
        self.sent += 1
        return 1


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def end(clock: Clock) -> End:
    return End(clock)


def without_mornings(folder: Path, clock: Clock, end: End) -> Bench:
    return Bench(folder, clock=clock, self_test=end, selftest=SelfTestSection(morning=False))


def opens_in(folder: Path, clock: Clock, end: End, minutes: float) -> Bench:
    opening = (clock.now().astimezone() + timedelta(minutes=minutes)).time()
    return Bench(folder, clock=clock, self_test=end, selftest=SelfTestSection(opening=opening))


async def technician(bench: Bench) -> None:
    await bench.sign_on()
    bench.conductor.open_technician()
    await bench.screen(Screen.TECHNICIAN)


async def poll(condition: Callable[[], object]) -> None:
    """For what changes no picture."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen")


def states(now: Snapshot) -> dict[str, str]:
    return {check.check_id: check.state for check in now.self_test.checks}


# -- a technician's ----------------------------------------------------------------------------------------------------


async def test_a_test_shows_its_lines_and_keeps_and_sends_its_report(tmp_path: Path, clock: Clock, end: End) -> None:
    end.lines = (*GOOD, PAPER)
    async with without_mornings(tmp_path, clock, end) as bench:
        await technician(bench)
        bench.conductor.run_self_test()
        now = await bench.until(lambda now: now.self_test.passed is not None)
        assert states(now) == {"webcam": "passed", "disk": "passed", "receipt_printer": "failed"}
        assert (now.self_test.passed, now.self_test.running) == (False, False)
        now = await bench.until(lambda now: now.self_test.reports)
        assert [(kind, passed) for kind, _, passed in now.self_test.reports] == [("full", False)]
        await bench.settled()
        assert [run.kind for run in end.runs] == [SelfTestKind.FULL]
        assert end.sent >= 1
        assert ("wang", "self_test", "full", "failed") in bench.audited
        bench.conductor.go_home()
        await bench.screen(Screen.HOME)
        assert bench.now.self_test.checks == ()


async def test_a_second_press_begins_no_second_test(tmp_path: Path, clock: Clock, end: End) -> None:
    end.hangs = True
    async with without_mornings(tmp_path, clock, end) as bench:
        await technician(bench)
        bench.conductor.run_self_test()
        bench.conductor.run_self_test()
        await bench.until(lambda now: len(now.self_test.checks) == 2)
        await bench.settled()
        assert len(end.runs) == 1


async def test_cancelled_means_failed_and_is_kept(tmp_path: Path, clock: Clock, end: End) -> None:
    end.hangs = True
    async with without_mornings(tmp_path, clock, end) as bench:
        await technician(bench)
        bench.conductor.run_self_test()
        await bench.until(lambda now: now.self_test.running and now.self_test.checks)
        bench.conductor.skip_check("webcam")
        bench.conductor.wedge_code("DOORSTEP-SELF-TEST-X")
        await bench.settled()
        assert end.runs[0].skipped == [("webcam", "wang")]
        assert end.runs[0].codes == [b"DOORSTEP-SELF-TEST-X"]
        bench.conductor.cancel_self_test()
        now = await bench.until(lambda now: now.self_test.passed is False)
        assert now.self_test.cancelled
        assert set(states(now).values()) == {"failed"}
        await bench.until(lambda now: now.self_test.reports)
        assert end.kept[0].cancelled


async def test_leaving_the_screen_ends_a_test(tmp_path: Path, clock: Clock, end: End) -> None:
    end.hangs = True
    async with without_mornings(tmp_path, clock, end) as bench:
        await technician(bench)
        bench.conductor.run_self_test()
        await bench.until(lambda now: now.self_test.running)
        bench.conductor.go_home()
        await bench.until(lambda now: now.screen is Screen.HOME and not now.self_test.running)
        await poll(lambda: end.kept)


async def test_a_report_that_cannot_be_kept_is_said(tmp_path: Path, clock: Clock, end: End) -> None:
    end.full_disk = True
    async with without_mornings(tmp_path, clock, end) as bench:
        await technician(bench)
        bench.conductor.run_self_test()
        await bench.until(lambda now: now.notice and now.notice.code == "selftest.not_kept")


async def test_the_report_is_printed_and_exported(tmp_path: Path, clock: Clock, end: End) -> None:
    async with without_mornings(tmp_path, clock, end) as bench:
        bench.conductor._self_testing._station = bench.conductor._self_testing._station.model_copy(
            update={"data": tmp_path / "data"}
        )
        await technician(bench)
        bench.conductor.run_self_test()
        await bench.until(lambda now: now.self_test.passed)
        bench.conductor.print_self_test()
        await bench.until(lambda now: now.notice and now.notice.code == "selftest.report_printed")
        bench.conductor.export_self_test()
        now = await bench.until(lambda now: now.notice and now.notice.code == "selftest.exported_here")
        assert now.notice is not None
        (pdf,) = (tmp_path / "data" / "exports").iterdir()
        assert pdf.name == now.notice.detail["file"]
        assert pdf.read_bytes().startswith(b"%PDF")


async def test_only_the_technician_s_screen_starts_a_test(tmp_path: Path, clock: Clock, end: End) -> None:
    async with without_mornings(tmp_path, clock, end) as bench:
        await bench.sign_on()
        bench.conductor.run_self_test()
        bench.conductor.export_self_test()
        await bench.settled()
        assert end.runs == []


# -- each morning ------------------------------------------------------------------------------------------------------


async def test_before_opening_the_quick_test_runs_once_and_warns(tmp_path: Path, clock: Clock, end: End) -> None:
    end.lines = (*GOOD, PAPER)
    async with opens_in(tmp_path, clock, end, 30) as bench:
        await bench.screen(Screen.SIGN_ON)
        await asyncio.sleep(0.6)
        assert end.runs == []
        clock.go(16 * 60)
        now = await bench.until(lambda now: now.morning)
        assert [(check.check_id, check.code) for check in now.morning] == [
            ("receipt_printer", "receipt_printer.paper_end")
        ]
        await poll(lambda: end.kept)
        assert [run.kind for run in end.runs] == [SelfTestKind.QUICK]
        assert now.self_test.checks == ()


async def test_the_warning_goes_when_all_is_well_again(tmp_path: Path, clock: Clock, end: End) -> None:
    end.lines = (PAPER,)
    async with opens_in(tmp_path, clock, end, 0) as bench:
        await bench.until(lambda now: now.morning)
        clock.go(300)
        await asyncio.sleep(0.6)
        assert len(end.runs) == 1
        clock.go(301)
        await poll(lambda: len(end.runs) == 2)
        await bench.settled()
        end.lines = GOOD
        clock.go(601)
        await bench.until(lambda now: not now.morning)
        await poll(lambda: len(end.kept) == 2)
        assert [report.passed for report in end.kept] == [True, False]
        clock.go(3600)
        await asyncio.sleep(0.6)
        assert len(end.runs) == 3


async def test_the_next_morning_it_runs_again(tmp_path: Path, clock: Clock, end: End) -> None:
    async with opens_in(tmp_path, clock, end, 0):
        await poll(lambda: end.kept)
        clock.go(24 * 3600)
        await poll(lambda: len(end.kept) == 2)


async def test_after_a_restart_a_good_morning_stands_and_a_bad_one_is_looked_at_again(
    tmp_path: Path, clock: Clock, end: End
) -> None:
    async with opens_in(tmp_path, clock, end, 0):
        await poll(lambda: end.kept)
    async with opens_in(tmp_path, clock, end, 0) as bench:
        await bench.screen(Screen.SIGN_ON)
        await asyncio.sleep(0.6)
        assert len(end.runs) == 1
    clock.go(24 * 3600)
    end.lines = (PAPER,)
    async with opens_in(tmp_path, clock, end, 0):
        await poll(lambda: len(end.kept) == 2)
    end.lines = GOOD
    async with opens_in(tmp_path, clock, end, 0) as bench:
        await poll(lambda: len(end.kept) == 3)
        await bench.until(lambda now: not now.morning)


async def test_it_gives_way_to_a_visit_and_comes_back(tmp_path: Path, clock: Clock, end: End) -> None:
    end.hangs = True
    async with opens_in(tmp_path, clock, end, 30) as bench:
        await bench.screen(Screen.SIGN_ON)
        clock.go(16 * 60)
        await poll(lambda: end.runs)
        await bench.sign_on()
        bench.conductor.start_visit()
        await bench.screen(Screen.IDENTIFY)
        await poll(lambda: end.runs[0]._cancelled)
        await bench.settled()
        assert end.kept == []
        end.hangs = False
        bench.conductor.cancel_visit()
        await bench.until(lambda now: now.screen is not Screen.IDENTIFY)
        await poll(lambda: end.kept)


async def test_a_technician_s_full_pass_takes_the_warning_away(tmp_path: Path, clock: Clock, end: End) -> None:
    end.lines = (PAPER,)
    async with opens_in(tmp_path, clock, end, 0) as bench:
        await bench.until(lambda now: now.morning)
        await technician(bench)
        end.lines = GOOD
        bench.conductor.run_self_test()
        await bench.until(lambda now: now.self_test.passed and not now.morning)
