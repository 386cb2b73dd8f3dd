"""The self-test believes answers only, one broken check hides no other, and the slip's way is waited for by nobody
for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.code_scanner import CodeScanned
from drivers.driver import DeviceError, DeviceKind, DeviceState, DeviceStatus, Listener
from drivers.receipt_printer import Element, PrintResult, PrintResultState
from drivers.simulated.receipt_printer import SimulatedReceiptPrinter
from kiosk.demo import demo_settings
from kiosk.devices.station_devices import StationDevices
from kiosk.selftest.limits import LIMITS
from kiosk.selftest.pieces import _Watch
from kiosk.selftest.report import DESIGN, Line, SelfTestKind, SelfTestReport, StepState
from kiosk.selftest.seen import NOT_SEEN, Look
from kiosk.selftest.self_test import PIECE_ORDER, SelfTest
from kiosk.settings import DevicesSection, Settings, StationSection

PRINTER, SCANNER = DeviceKind.RECEIPT_PRINTER, DeviceKind.CODE_SCANNER
SHORT = replace(LIMITS, answer_seconds=1.0, hand_seconds=0.6, settle_seconds=0.3, card_seconds=0.1)


@pytest.fixture
def printer() -> Iterator[SimulatedReceiptPrinter]:
    simulated = SimulatedReceiptPrinter()
    yield simulated
    simulated.stop()


class Station:
    """A station with a printer and nothing else."""

    def __init__(self, printer: SimulatedReceiptPrinter, folder: Path, **connections: str) -> None:
        self.settings = Settings(
            station=StationSection(id="test-0001", name="示例村服务站", centre_name="示例中心", data=folder),
            devices=DevicesSection(**{"receipt_printer": printer.address, "social_security_card": "", **connections}),
        )
        self.devices = StationDevices(self.settings.devices, self.settings.printer)

    async def run(self, **options: object) -> tuple[list[Line], SelfTestReport]:
        self.devices.start()
        try:
            test = SelfTest(self.settings, self.devices, **{"limits": SHORT, **options})  # type: ignore[arg-type]
            return [line async for line in test.run()], test.report
        finally:
            self.devices.stop()


def results(report: SelfTestReport) -> dict[str, tuple[StepState, str]]:
    return {step.check: (step.state, step.code) for step in report.results}


async def test_a_printer_that_prints_has_passed(printer: SimulatedReceiptPrinter, tmp_path: Path) -> None:
    lines, report = await Station(printer, tmp_path).run(only={PRINTER}, limits=LIMITS)
    assert lines[0] == Line(PRINTER, StepState.RUNNING)
    assert results(report) == {PRINTER: (StepState.PASSED, "selftest.printed")}
    assert report.passed
    assert len(printer.receipts) == 1


async def test_every_piece_is_named_and_one_that_is_left_out_has_not_passed(
    printer: SimulatedReceiptPrinter, tmp_path: Path
) -> None:
    _, report = await Station(printer, tmp_path).run(limits=replace(SHORT, answer_seconds=10.0))
    ended = results(report)
    assert list(ended) == [kind.value for kind in PIECE_ORDER]
    assert ended[DeviceKind.WEBCAM] == (StepState.FAILED, "device.not_configured")
    assert not report.passed


async def test_a_piece_that_is_left_out_on_purpose_does_not_fail(
    printer: SimulatedReceiptPrinter, tmp_path: Path
) -> None:
    without = {kind.value: "none" for kind in DeviceKind if kind is not PRINTER}
    _, report = await Station(printer, tmp_path, **without).run(limits=replace(SHORT, answer_seconds=10.0))
    assert results(report)[DeviceKind.WEBCAM] == (StepState.SKIPPED, "device.none_by_design")
    assert {step.skipped_by for step in report.results if step.state is StepState.SKIPPED} == {DESIGN}
    assert report.passed, results(report)


async def test_a_printer_without_paper_wants_a_hand_and_prints_nothing(
    printer: SimulatedReceiptPrinter, tmp_path: Path
) -> None:
    printer.paper_out()
    _, report = await Station(printer, tmp_path).run(only={PRINTER})
    assert results(report) == {PRINTER: (StepState.FAILED, "receipt_printer.paper_end")}
    assert printer.receipts == []


async def test_a_printer_that_is_gone_has_failed_and_stops_what_needs_its_slip(
    printer: SimulatedReceiptPrinter, tmp_path: Path
) -> None:
    printer.unplug()
    _, report = await Station(printer, tmp_path).run(only={PRINTER})
    state, code = results(report)[PRINTER]
    assert state is StepState.FAILED
    assert code.startswith(("receipt_printer.", "device."))


async def test_a_check_that_breaks_is_a_line_of_the_report(printer: SimulatedReceiptPrinter, tmp_path: Path) -> None:
    async def breaks() -> Line:
        raise ZeroDivisionError

    async def refuses() -> Line:
        raise DeviceError("device.lost", port="x")

    async def holds() -> Line:
        return Line("holds", StepState.PASSED)

    more = {"breaks": breaks, "refuses": refuses, "holds": holds}
    _, report = await Station(printer, tmp_path).run(only=more, more=more)
    assert results(report) == {
        "breaks": (StepState.FAILED, "selftest.broke"),
        "refuses": (StepState.FAILED, "device.lost"),
        "holds": (StepState.PASSED, ""),
    }


async def test_the_quick_test_prints_nothing(printer: SimulatedReceiptPrinter, tmp_path: Path) -> None:
    _, report = await Station(printer, tmp_path).run(only={PRINTER}, kind=SelfTestKind.QUICK, limits=LIMITS)
    assert results(report) == {PRINTER: (StepState.PASSED, "selftest.answers")}
    assert printer.jobs_seen == 0


class Devices:
    """Printer and scanner that are ready; what they do is told by the test."""

    def __init__(self, printed: PrintResult | None = None) -> None:
        self.printed = printed
        self.asked: list[str] = []
        self.cancelled: list[str] = []
        self.told: list[bool] = []
        self.listeners: list[Listener] = []

    def status(self, kind: DeviceKind) -> DeviceStatus:
        return DeviceStatus(kind, DeviceState.READY)

    def subscribe(self, listener: Listener) -> object:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def look_for_cards(self) -> None:
        return

    def expect_code(self, expected: bool) -> None:
        self.told.append(expected)

    async def print_job(self, elements: Sequence[Element], action_id: str) -> PrintResult:
        self.asked.append(action_id)
        if self.printed is None:
            await asyncio.Event().wait()
        assert self.printed is not None
        return self.printed

    def cancel_print(self, action_id: str) -> None:
        self.cancelled.append(action_id)

    def scan(self, raw: bytes) -> None:
        for listener in self.listeners:
            listener(CodeScanned(raw))


PRINTED = PrintResult(PrintResultState.PRINTED)
UNCONFIRMED = PrintResult(PrintResultState.UNCONFIRMED, "receipt_printer.no_fence")


def self_test(folder: Path, devices: Devices, **options: object) -> SelfTest:
    settings = {"only": {PRINTER, SCANNER}, "limits": SHORT, **options}
    return SelfTest(demo_settings(folder), devices, **settings)  # type: ignore[arg-type]


async def until(lines: AsyncIterator[Line], check_id: str, code: str) -> Line:
    async for line in lines:
        if (line.check_id, line.code) == (check_id, code):
            return line
    raise AssertionError(f"{check_id} never said {code}")


async def test_a_slip_nobody_waits_for_is_given_up(tmp_path: Path) -> None:
    devices = Devices()
    test = self_test(tmp_path, devices, limits=replace(SHORT, print_seconds=0.05))
    async for _ in test.run():
        pass
    assert results(test.report) == {
        PRINTER: (StepState.FAILED, "selftest.print_unanswered"),
        SCANNER: (StepState.NOT_POSSIBLE, "selftest.no_slip"),
    }
    assert devices.cancelled == devices.asked != []
    assert devices.listeners == []


@pytest.mark.parametrize("printed", [PRINTED, UNCONFIRMED])
async def test_the_very_code_proves_both_scanner_and_printer(tmp_path: Path, printed: PrintResult) -> None:
    devices = Devices(printed)
    test = self_test(tmp_path, devices, limits=replace(SHORT, hand_seconds=20.0))
    lines = test.run()
    asked = await until(lines, SCANNER, "selftest.show_to_scanner")
    assert asked.waits_for_hand
    devices.scan(b"6901234567892")
    devices.scan(devices.asked[0].removeprefix("self-test-").encode())
    async for _ in lines:
        pass
    assert results(test.report) == {
        PRINTER: (StepState.PASSED, "selftest.printed_and_read"),
        SCANNER: (StepState.PASSED, "selftest.scanned"),
    }
    assert devices.told == [True, False]  # a scanner that reads on command only has to be told


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "selftest.nothing_scanned"),
        (b"6901234567892", "selftest.other_code"),
        (b"DOORSTEP-SELF-TEST-AAAAAAAAAA", "selftest.old_slip"),
    ],
)
async def test_any_other_code_is_no_proof_and_says_why(tmp_path: Path, raw: bytes, code: str) -> None:
    devices = Devices(PRINTED)
    test = self_test(tmp_path, devices)
    async for line in test.run():
        if line.code == "selftest.show_to_scanner" and raw:
            devices.scan(raw)
    assert results(test.report)[SCANNER] == (StepState.FAILED, code)
    assert results(test.report)[PRINTER] == (StepState.PASSED, "selftest.printed")


async def test_a_printer_nobody_can_check_and_that_does_not_tell_has_failed(tmp_path: Path) -> None:
    test = self_test(tmp_path, Devices(UNCONFIRMED), only={PRINTER})
    async for _ in test.run():
        pass
    assert results(test.report) == {PRINTER: (StepState.FAILED, "selftest.unconfirmed")}


async def test_a_scanner_that_types_is_heard_through_the_front_end(tmp_path: Path) -> None:
    devices = Devices(PRINTED)
    test = self_test(tmp_path, devices, limits=replace(SHORT, hand_seconds=20.0))
    lines = test.run()
    await until(lines, SCANNER, "selftest.show_to_scanner")
    test.take_code(devices.asked[0].removeprefix("self-test-").encode())
    await until(lines, SCANNER, "selftest.scanned")
    async for _ in lines:
        pass
    assert test.report.passed


async def test_cancelling_fails_what_is_not_finished_and_says_so(tmp_path: Path) -> None:
    test = self_test(tmp_path, Devices(PRINTED), limits=replace(SHORT, hand_seconds=60.0))
    lines = test.run()
    await until(lines, SCANNER, "selftest.show_to_scanner")
    test.cancel()
    async for _ in lines:
        pass
    assert test.report.cancelled
    assert results(test.report)[SCANNER] == (StepState.FAILED, "selftest.cancelled")


async def test_a_test_that_is_cancelled_before_it_begins_prints_nothing(tmp_path: Path) -> None:
    devices = Devices(PRINTED)
    test = self_test(tmp_path, devices)
    test.cancel()
    async for _ in test.run():
        pass
    assert {code for _, code in results(test.report).values()} == {"selftest.cancelled"}
    assert devices.asked == []


async def test_whoever_listens_no_more_leaves_a_report_and_nothing_running(tmp_path: Path) -> None:
    devices = Devices(PRINTED)
    test = self_test(tmp_path, devices, limits=replace(SHORT, hand_seconds=60.0))
    lines = test.run()
    await until(lines, SCANNER, "selftest.show_to_scanner")
    await lines.aclose()
    assert not test.report.passed
    assert test.report.cancelled
    assert devices.listeners == []
    assert [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("self-test ")] == []


async def test_what_a_technician_skips_is_needed_all_the_same(tmp_path: Path) -> None:
    test = self_test(tmp_path, Devices(PRINTED), limits=replace(SHORT, hand_seconds=60.0))
    lines = test.run()
    await until(lines, SCANNER, "selftest.show_to_scanner")
    test.skip(SCANNER, "jishu")
    test.skip("no-such-check", "jishu")
    async for _ in lines:
        pass
    (step,) = test.report.open_steps
    assert (step.check, step.state, step.skipped_by) == (SCANNER, StepState.SKIPPED, "jishu")
    assert results(test.report)[PRINTER] == (StepState.PASSED, "selftest.printed")
    assert not test.report.passed


async def test_skipping_the_printer_at_once_leaves_nobody_waiting(tmp_path: Path) -> None:
    test = self_test(tmp_path, Devices(None), limits=replace(SHORT, print_seconds=60.0))
    async for line in test.run():
        if line == Line(PRINTER, StepState.RUNNING):
            continue
        if (line.check_id, line.state) == (SCANNER, StepState.RUNNING):
            test.skip(PRINTER, "jishu")
    assert results(test.report) == {
        PRINTER: (StepState.SKIPPED, "selftest.skipped"),
        SCANNER: (StepState.NOT_POSSIBLE, "selftest.no_slip"),
    }


def test_the_report_is_there_only_after_the_run(tmp_path: Path) -> None:
    test = self_test(tmp_path, Devices(PRINTED))
    with pytest.raises(RuntimeError):
        _ = test.report


def watched(*codes: str) -> tuple[str, object] | None:
    """What a camera's watch says at the end of the time, having seen these reasons one after another."""
    watch = _Watch(replace(SHORT, settle_seconds=60.0))
    status = DeviceStatus(DeviceKind.DOCUMENT_CAMERA, DeviceState.READY)
    for code in codes:
        watch.looked(Look(code, seen=code != NOT_SEEN), status)
    assert watch.ends(late=False) is None
    return watch.ends(late=True)


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        ((), NOT_SEEN),
        ((NOT_SEEN, NOT_SEEN), NOT_SEEN),
        ((NOT_SEEN, "selftest.slip_turned", NOT_SEEN), "selftest.slip_turned"),
        (("selftest.out_of_focus", "selftest.marks_hidden"), "selftest.out_of_focus"),
        (("selftest.marks_hidden", "selftest.dark", NOT_SEEN), "selftest.dark"),
        (("selftest.dark", "selftest.tilted"), "selftest.tilted"),
    ],
)
def test_the_camera_is_blamed_before_the_hand_and_the_hand_before_nobody(codes: tuple[str, ...], reason: str) -> None:
    end = watched(*codes)
    assert end is not None
    assert end[0] == reason


def test_a_camera_that_stays_bad_is_not_waited_for_until_the_end() -> None:
    watch = _Watch(replace(SHORT, settle_seconds=0.0))
    status = DeviceStatus(DeviceKind.DOCUMENT_CAMERA, DeviceState.READY)
    watch.looked(Look("selftest.slip_turned", seen=True), status)
    assert watch.ends(late=False) is None
    watch.looked(Look("selftest.dark", seen=True), status)
    time.sleep(0.01)
    end = watch.ends(late=False)
    assert end is not None
    assert end[0] == "selftest.dark"
