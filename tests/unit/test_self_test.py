"""The self-test believes answers only, and one broken check hides no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.driver import DeviceKind
from drivers.simulated.receipt_printer import SimulatedReceiptPrinter
from kiosk.devices.station_devices import StationDevices
from kiosk.selftest import checks
from kiosk.selftest.checks import ATTENTION, FAILED, PASSED, RUNNING, UNKNOWN, CheckResult, SelfTest
from kiosk.settings import DevicesSection, Settings, StationSection


@pytest.fixture
def printer() -> Iterator[SimulatedReceiptPrinter]:
    simulated = SimulatedReceiptPrinter()
    yield simulated
    simulated.stop()


class Station:
    """A station with a printer and nothing else."""

    def __init__(self, printer: SimulatedReceiptPrinter, folder: Path) -> None:
        self.settings = Settings(
            station=StationSection(id="test-0001", name="示例村服务站", centre_name="示例中心", data=folder),
            devices=DevicesSection(receipt_printer=printer.address, social_security_card=""),
        )
        self.devices = StationDevices(self.settings.devices, self.settings.printer)

    async def run(self, **options: object) -> list[CheckResult]:
        self.devices.start()
        try:
            test = SelfTest(self.settings, self.devices, **options)  # type: ignore[arg-type]
            return [result async for result in test.run()]
        finally:
            self.devices.stop()


PRINTER = {DeviceKind.RECEIPT_PRINTER}


async def test_a_printer_that_prints_has_passed(printer: SimulatedReceiptPrinter, tmp_path: Path) -> None:
    results = await Station(printer, tmp_path).run(only=PRINTER)
    assert [(result.check_id, result.state) for result in results] == [
        (DeviceKind.RECEIPT_PRINTER, RUNNING),
        (DeviceKind.RECEIPT_PRINTER, PASSED),
    ]
    assert len(printer.receipts) == 1


async def test_every_piece_is_named_and_one_that_is_left_out_has_not_passed(
    printer: SimulatedReceiptPrinter, tmp_path: Path
) -> None:
    results = await Station(printer, tmp_path).run()
    ended = {result.check_id: (result.state, result.code) for result in results if result.state != RUNNING}
    assert ended.keys() == set(DeviceKind)
    assert ended[DeviceKind.WEBCAM] == (FAILED, "device.not_configured")


async def test_a_printer_without_paper_wants_a_hand_and_prints_nothing(
    printer: SimulatedReceiptPrinter, tmp_path: Path
) -> None:
    printer.paper_out()
    results = await Station(printer, tmp_path).run(only=PRINTER)
    assert (results[-1].state, results[-1].code) == (ATTENTION, "receipt_printer.paper_end")
    assert printer.receipts == []


async def test_a_printer_that_is_gone_has_failed(
    printer: SimulatedReceiptPrinter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "ANSWER_SECONDS", 1.0)
    printer.unplug()
    results = await Station(printer, tmp_path).run(only=PRINTER)
    assert results[-1].state in (FAILED, UNKNOWN)
    assert results[-1].code.startswith(("receipt_printer.", "device."))


async def test_a_check_that_breaks_is_a_line_of_the_report(printer: SimulatedReceiptPrinter, tmp_path: Path) -> None:
    async def breaks() -> CheckResult:
        raise ZeroDivisionError

    async def holds() -> CheckResult:
        return CheckResult("holds", PASSED)

    results = await Station(printer, tmp_path).run(only=None, more={"breaks": breaks, "holds": holds})
    ended = {result.check_id: (result.state, result.code) for result in results if result.state != RUNNING}
    assert ended["breaks"] == (FAILED, "selftest.broke")
    assert ended["holds"] == (PASSED, "")
