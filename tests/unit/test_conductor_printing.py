"""Receipts through the conductor with the real driver at a printer on a line: once, marked when not, never lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers.driver import DeviceKind, DeviceState, DeviceStatus, StatusChanged
from drivers.receipt_printer import Element, PrintResult, ReceiptPrinter
from drivers.simulated.receipt_printer import SimulatedReceiptPrinter
from drivers.transport.address import parse_address
from kiosk.centre.contract import CaseState
from kiosk.conductor import printing
from kiosk.conductor.snapshot import PrintState, Screen
from kiosk.receipts import draw as drawing
from kiosk.receipts.slip import BigNumber, Mark, Slip
from kiosk.settings import PrinterSection
from tests.unit.conductor_bench import PATIENCE, Bench, Devices

DOTS = 576


class RealPrinter(Devices):
    """The bench's cameras, and the real driver at a simulated printer."""

    def __init__(self, simulated: SimulatedReceiptPrinter, *, has_status: bool = True) -> None:
        super().__init__()
        self.driver = ReceiptPrinter(
            parse_address(simulated.address),
            lambda event: self.listener(event),
            profile="TM-T20II",
            width_dots=DOTS,
            has_status=has_status,
        )
        self.jobs: list[tuple[str, Sequence[Element]]] = []

    def status(self, kind: DeviceKind) -> DeviceStatus:
        return self.driver.status if kind is DeviceKind.RECEIPT_PRINTER else super().status(kind)

    async def print_job(self, elements: Sequence[Element], action_id: str) -> PrintResult:
        self.jobs.append((action_id, elements))
        return await asyncio.wrap_future(self.driver.print_job(elements, action_id))

    def cancel_print(self, action_id: str) -> None:
        super().cancel_print(action_id)
        self.driver.cancel(action_id)


@pytest.fixture
def printed_slips(monkeypatch: pytest.MonkeyPatch) -> list[Slip]:
    """Every slip that was drawn."""
    drawn: list[Slip] = []
    draw = drawing.draw

    def see(slip: Slip, width: int) -> Any:
        drawn.append(slip)
        return draw(slip, width)

    monkeypatch.setattr(printing, "draw", see)
    return drawn


def marked(slip: Slip) -> bool:
    return any(isinstance(block, Mark) and block.chinese == "重 打" for block in slip.blocks)


@asynccontextmanager
async def at_waiting(
    folder: Path, *, has_status: bool = True, **printer: Any
) -> AsyncIterator[tuple[Bench, SimulatedReceiptPrinter]]:
    simulated = SimulatedReceiptPrinter(DOTS, **printer)
    devices = RealPrinter(simulated, has_status=has_status)
    try:
        async with Bench(folder, devices=devices) as bench:
            devices.driver.start()
            await bench.to_waiting()
            there = (DeviceState.READY,) if has_status else (DeviceState.UNKNOWN,)
            await until(lambda: devices.driver.status.state in there)
            yield bench, simulated
    finally:
        await asyncio.to_thread(devices.driver.stop)
        simulated.stop()


async def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "did not happen"
        await asyncio.sleep(0.01)


async def state(bench: Bench, wanted: PrintState) -> None:
    await bench.until(lambda now: now.visit and now.visit.print_state is wanted)


async def stopped_in_the_middle(bench: Bench, simulated: SimulatedReceiptPrinter) -> None:
    """The receipt is half on paper, and the current is gone."""
    simulated.paper_out(after_rows=200)
    bench.conductor.leave_waiting()
    await state(bench, PrintState.WAITING_FOR_HAND)
    assert simulated.paper.height >= 200
    simulated.unplug()


async def test_an_interrupted_receipt_is_printed_once_more_with_its_mark(
    tmp_path: Path, printed_slips: list[Slip]
) -> None:
    async with at_waiting(tmp_path) as (bench, simulated):
        await stopped_in_the_middle(bench, simulated)
        await state(bench, PrintState.INTERRUPTED)
        assert bench.visit.print_code == "visit.slip_interrupted"
        simulated.refill()
        simulated.replug()
        await state(bench, PrintState.PRINTED)
        assert [marked(slip) for slip in printed_slips] == [False, True]
        first, second = [action for action, _ in bench.devices.jobs]  # type: ignore[attr-defined]
        assert first != second
        assert simulated.wait_for_receipts(2)  # the torn one was cut off, then came the whole one
        for _ in range(3):
            bench.conductor.on_device_event(StatusChanged(bench.devices.status(DeviceKind.RECEIPT_PRINTER)))
        await bench.settled()
        assert len(printed_slips) == 2


async def test_a_second_interruption_is_told_and_left_to_staff(tmp_path: Path, printed_slips: list[Slip]) -> None:
    async with at_waiting(tmp_path) as (bench, simulated):
        await stopped_in_the_middle(bench, simulated)
        await state(bench, PrintState.INTERRUPTED)
        simulated.refill()
        simulated.paper_out(after_rows=400)
        simulated.replug()
        await state(bench, PrintState.WAITING_FOR_HAND)
        simulated.unplug()
        await state(bench, PrintState.UNCONFIRMED)
        assert bench.visit.print_code == "visit.slip_interrupted_again"
        simulated.refill()
        simulated.replug()
        await until(lambda: bench.devices.status(DeviceKind.RECEIPT_PRINTER).state is DeviceState.READY)
        await bench.settled()
        await asyncio.sleep(0.6)  # two ticks: nothing may follow by itself
        assert len(printed_slips) == 2
        bench.conductor.print_receipt()
        await state(bench, PrintState.PRINTED)
        assert [marked(slip) for slip in printed_slips] == [False, True, True]


async def test_what_was_interrupted_says_what_is_true_when_it_is_printed_again(
    tmp_path: Path, printed_slips: list[Slip]
) -> None:
    async with at_waiting(tmp_path) as (bench, simulated):
        case_id = next(iter(bench.centre.records))
        await stopped_in_the_middle(bench, simulated)
        await state(bench, PrintState.INTERRUPTED)
        bench.centre.decide(case_id, CaseState.ACCEPTED)
        await bench.until(lambda now: now.visit and now.visit.delivery.case_state.value == "accepted")
        simulated.refill()
        simulated.replug()
        await state(bench, PrintState.PRINTED)
        assert "已受理" in repr(printed_slips[1])
        assert marked(printed_slips[1])  # a torn one may lie there, though it said something else


@pytest.mark.parametrize("way", ["finish_visit", "sign_off"])
async def test_nothing_is_printed_again_after_the_wipe(tmp_path: Path, way: str, printed_slips: list[Slip]) -> None:
    async with at_waiting(tmp_path) as (bench, simulated):
        await stopped_in_the_middle(bench, simulated)
        await state(bench, PrintState.INTERRUPTED)
        getattr(bench.conductor, way)()
        await bench.until(lambda now: now.visit is None)
        simulated.refill()
        simulated.replug()
        await until(lambda: bench.devices.status(DeviceKind.RECEIPT_PRINTER).state is DeviceState.READY)
        await bench.settled()
        await asyncio.sleep(0.6)
        assert len(printed_slips) == 1


@pytest.mark.parametrize("fault", ["paper_out", "open_cover", "offline", "head_hot"])
async def test_a_printer_that_waits_for_a_hand_gets_the_job_once_and_unmarked(
    tmp_path: Path, fault: str, printed_slips: list[Slip]
) -> None:
    async with at_waiting(tmp_path) as (bench, simulated):
        getattr(simulated, fault)()
        bench.conductor.leave_waiting()
        await state(bench, PrintState.WAITING_FOR_HAND)
        simulated.refill()
        simulated.close_cover()
        simulated.offline(False)
        simulated.head_hot(False)
        await state(bench, PrintState.PRINTED)
        assert simulated.jobs_seen == 1
        assert [marked(slip) for slip in printed_slips] == [False]


async def test_a_stuck_knife_is_cleared_and_the_receipt_comes_once(tmp_path: Path, printed_slips: list[Slip]) -> None:
    async with at_waiting(tmp_path) as (bench, simulated):
        simulated.cutter_error()
        bench.conductor.leave_waiting()
        await state(bench, PrintState.WAITING_FOR_HAND)
        assert bench.visit.print_code == "receipt_printer.cutter"
        simulated.open_cover()
        await asyncio.sleep(0.5)
        simulated.close_cover()
        await state(bench, PrintState.PRINTED)
        assert len(printed_slips) == simulated.jobs_seen == len(simulated.receipts) == 1


async def test_what_was_never_sent_follows_by_itself_under_the_same_action(
    tmp_path: Path, printed_slips: list[Slip]
) -> None:
    async with at_waiting(tmp_path) as (bench, simulated):
        simulated.unplug()
        await until(lambda: bench.devices.status(DeviceKind.RECEIPT_PRINTER).state is not DeviceState.READY)
        bench.conductor.leave_waiting()
        await state(bench, PrintState.FAILED)
        simulated.replug()
        await state(bench, PrintState.PRINTED)
        assert len({action for action, _ in bench.devices.jobs}) == 1  # type: ignore[attr-defined]
        assert not any(marked(slip) for slip in printed_slips)
        assert len(simulated.receipts) == 1


async def test_a_printer_that_answers_nothing_more_prints_and_is_not_believed(
    tmp_path: Path, printed_slips: list[Slip]
) -> None:
    """Silence is unknown: the slip comes out, nobody claims it, and nothing follows when the printer speaks again."""
    async with at_waiting(tmp_path) as (bench, simulated):
        simulated.silent()
        bench.conductor.leave_waiting()
        await state(bench, PrintState.UNCONFIRMED)
        assert bench.visit.print_code == "receipt_printer.silent"
        simulated.silent(False)
        await until(lambda: bench.devices.status(DeviceKind.RECEIPT_PRINTER).state is DeviceState.READY)
        await asyncio.sleep(0.6)
        assert len(simulated.receipts) == simulated.jobs_seen == len(printed_slips) == 1


async def test_a_printer_without_status_is_told_honestly_and_nothing_follows(
    tmp_path: Path, printed_slips: list[Slip]
) -> None:
    async with at_waiting(tmp_path, has_status=False, answers_status=False) as (bench, simulated):
        bench.conductor.leave_waiting()
        await state(bench, PrintState.UNCONFIRMED)
        assert bench.visit.print_code == "receipt_printer.no_status"
        assert simulated.wait_for_receipts(1)
        await asyncio.sleep(0.6)
        assert len(printed_slips) == 1


async def test_a_printer_without_status_that_comes_back_gets_what_was_never_sent(
    tmp_path: Path, printed_slips: list[Slip]
) -> None:
    async with at_waiting(tmp_path, has_status=False, answers_status=False) as (bench, simulated):
        simulated.unplug()
        await until(lambda: bench.devices.status(DeviceKind.RECEIPT_PRINTER).code != "receipt_printer.no_status")
        bench.conductor.leave_waiting()
        await state(bench, PrintState.FAILED)
        simulated.replug()
        await state(bench, PrintState.UNCONFIRMED)
        assert simulated.wait_for_receipts(1)
        assert not any(marked(slip) for slip in printed_slips)


async def test_the_receipt_is_there_again_when_one_comes_back_from_the_rating(tmp_path: Path) -> None:
    async with at_waiting(tmp_path) as (bench, _):
        bench.conductor.leave_waiting()
        await state(bench, PrintState.PRINTED)
        bench.conductor.next()
        await bench.screen(Screen.RATING)
        bench.conductor.back()
        await bench.screen(Screen.RECEIPT)
        await bench.settled()
        assert bench.visit.print_state is PrintState.PRINTED


async def test_paper_loaded_in_the_next_visit_brings_nothing_of_the_last_one(
    tmp_path: Path, printed_slips: list[Slip]
) -> None:
    async with at_waiting(tmp_path) as (bench, simulated):
        simulated.paper_out()
        bench.conductor.leave_waiting()
        await state(bench, PrintState.WAITING_FOR_HAND)
        bench.conductor.finish_visit()
        await bench.screen(Screen.FAREWELL)
        bench.conductor.finish_visit()
        await bench.screen(Screen.HOME)
        bench.conductor.start_visit()
        await bench.screen(Screen.IDENTIFY)
        simulated.refill()
        await until(lambda: bench.devices.status(DeviceKind.RECEIPT_PRINTER).state is DeviceState.READY)
        await bench.settled()
        await asyncio.sleep(0.6)
        assert simulated.jobs_seen == 0
        assert simulated.paper.height <= 1
        assert simulated.receipts == []


@pytest.mark.parametrize(
    ("printer", "said", "rows"),
    [
        ({"buffer_bytes": 1 << 18}, "visit.slip_torn_left", 200),
        ({"buffer_bytes": 1 << 18, "unknown": (b"\x10\x14",)}, "visit.slip_left_in_printer", 10_000),
    ],
    ids=["thrown away", "cannot be thrown away"],
)
async def test_half_a_receipt_of_the_last_visit_does_not_go_on_in_the_next(
    tmp_path: Path, printer: dict[str, Any], said: str, rows: int
) -> None:
    async with at_waiting(tmp_path, **printer) as (bench, simulated):
        simulated.paper_out(after_rows=200)
        bench.conductor.leave_waiting()
        await state(bench, PrintState.WAITING_FOR_HAND)
        bench.conductor.finish_visit()
        await bench.screen(Screen.FAREWELL)
        bench.conductor.finish_visit()
        await bench.screen(Screen.HOME)
        await bench.until(lambda now: now.notice and now.notice.code == said)
        bench.conductor.start_visit()
        await bench.screen(Screen.IDENTIFY)
        simulated.refill()
        await until(lambda: bench.devices.status(DeviceKind.RECEIPT_PRINTER).state is DeviceState.READY)
        await asyncio.sleep(0.6)
        assert sum(paper.height for paper in simulated.receipts) + simulated.paper.height <= rows + 1


# -- the ticket -----------------------------------------------------------------------------------------------------


async def test_the_ticket_is_printed_when_asked_for_and_marked_the_second_time(
    tmp_path: Path, printed_slips: list[Slip]
) -> None:
    async with Bench(tmp_path) as bench:
        bench.conductor.print_ticket()
        await bench.to_waiting()
        await bench.until(lambda now: now.visit and now.visit.ticket)
        await bench.settled()
        assert printed_slips == []
        bench.conductor.print_ticket()
        await bench.until(lambda now: now.notice and now.notice.code == "visit.ticket_printed")
        bench.conductor.print_ticket()
        await until(lambda: len(bench.devices.printed) == 2)
        first, second = printed_slips
        assert [block.value for block in first.blocks if isinstance(block, BigNumber)] == ["A001"]
        assert (marked(first), marked(second)) == (False, True)
        assert not any(personal in repr(printed_slips) for personal in ("张", "0017", "138"))
        bench.conductor.leave_waiting()
        await state(bench, PrintState.PRINTED)
        bench.conductor.print_ticket()  # the receipt shows the number
        await bench.settled()
        assert len(printed_slips) == 3


async def test_a_station_may_print_the_ticket_by_itself_once(tmp_path: Path, printed_slips: list[Slip]) -> None:
    async with Bench(tmp_path, printer=PrinterSection(ticket=True)) as bench:
        case_id = await bench.to_waiting()
        await until(lambda: len(bench.devices.printed) == 1)
        await bench.told("visit.ticket_printed")
        await bench.settled()
        assert len(printed_slips) == 1
    again = Bench(tmp_path, centre=bench.centre, clock=bench.clock, printer=PrinterSection(ticket=True))
    async with again:
        await again.sign_on()
        again.conductor.resume_draft(str(case_id))
        await again.until(lambda now: now.visit and now.visit.ticket)
        await again.settled()
        assert again.devices.printed == []
