"""Receipts for staff after the wipe, and the paper in the printer: through the conductor, with a real outbox."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from drivers.code_scanner import CodeScanned
from drivers.driver import DeviceKind, DeviceState, DeviceStatus, StatusChanged
from drivers.receipt_printer import PaperUsed, PrintResult, PrintResultState
from kiosk.centre.contract import CaseState
from kiosk.conductor import printing
from kiosk.conductor.paper import RECEIPT_MM
from kiosk.conductor.snapshot import PrintState, ReceiptView, Screen
from kiosk.identity.codes import make_receipt_code
from kiosk.receipts import draw as drawing
from kiosk.receipts.slip import Banner, Code, Mark, Slip
from kiosk.settings import PrinterSection
from tests.unit.conductor_bench import ZHANG, Bench, Devices

PERSONAL = ("张示例", "张*", ZHANG, "0017", "13800000000")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Slip]:
    """Every slip that was drawn."""
    slips: list[Slip] = []
    draw = drawing.draw

    def see(slip: Slip, width: int) -> Any:
        slips.append(slip)
        return draw(slip, width)

    monkeypatch.setattr(printing, "draw", see)
    return slips


async def finished(bench: Bench) -> UUID:
    """A whole visit, wiped; HOME."""
    case_id = await bench.to_waiting()
    bench.conductor.leave_waiting()
    await bench.until(lambda now: now.visit and now.visit.print_state is PrintState.PRINTED)
    await bench.finish()
    bench.conductor.finish_visit()
    await bench.screen(Screen.HOME)
    return case_id


async def open_list(bench: Bench) -> ReceiptView:
    bench.conductor.open_reprint()
    await bench.until(lambda now: now.screen is Screen.REPRINT and now.reprint.receipts)
    return bench.now.reprint.receipts[0]


async def until_searched(bench: Bench, text: str) -> None:
    await bench.until(lambda now: now.reprint.search == text)


async def printed(bench: Bench, case_id: UUID | str, code: str = "reprint.printed") -> None:
    bench.conductor.reprint_receipt(str(case_id))
    await bench.until(lambda now: now.notice and now.notice.code == code and not now.reprint.being_printed)


async def test_a_finished_case_is_printed_again_with_mark_state_and_nobody(tmp_path: Path, drawn: list[Slip]) -> None:
    async with Bench(tmp_path) as bench:
        case_id = await finished(bench)
        row = await open_list(bench)
        assert (row.case_id, row.item_name, row.state) == (str(case_id), "就医记录册", "delivered")
        assert row.case_number == bench.centre.states[case_id].case_number
        drawn.clear()
        await printed(bench, case_id)
        (slip,) = drawn
        assert isinstance(slip.blocks[0], Mark)
        assert [block.chinese for block in slip.blocks if isinstance(block, Banner)] == ["已送达待受理"]
        assert [block.data for block in slip.blocks if isinstance(block, Code)] == [make_receipt_code(case_id)]
        for personal in PERSONAL:
            assert personal not in repr(drawn) + repr(bench.now.reprint) + repr(bench.audited)
        asked = [row for row in bench.audited if row[1] == "reprint_receipt"]
        assert asked == [
            ("wang", "reprint_receipt", str(case_id), "begun"),
            ("wang", "reprint_receipt", str(case_id), "printed"),
        ]


async def test_the_list_follows_the_centre_and_the_slip_says_what_is_true_now(
    tmp_path: Path, drawn: list[Slip]
) -> None:
    async with Bench(tmp_path) as bench:
        case_id = await finished(bench)
        await open_list(bench)
        bench.centre.decide(case_id, CaseState.ACCEPTED)
        await bench.until(lambda now: now.reprint.receipts and now.reprint.receipts[0].state == "accepted")
        drawn.clear()
        await printed(bench, case_id)
        assert "受理中心已经受理" in repr(drawn)


async def test_a_case_that_is_still_here_says_so_and_has_no_number(tmp_path: Path, drawn: list[Slip]) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_capture()
        await bench.shoot()
        await bench.fill()
        bench.centre.online = False
        await bench.sign()
        await bench.until(lambda now: now.screen is Screen.SUBMIT and now.visit and now.visit.can_next)
        case_id = UUID(bench.visit.case_id)
        bench.conductor.next()
        await bench.until(lambda now: now.visit and now.visit.print_state is PrintState.PRINTED)
        await bench.finish()
        bench.conductor.finish_visit()
        await bench.screen(Screen.HOME)
        row = await open_list(bench)
        assert (row.case_number, row.state) == ("", "kept_here")
        drawn.clear()
        await printed(bench, case_id)
        assert "受理中心还没有收到" in repr(drawn)
        bench.centre.online = True
        bench.delivery.poke()
        await bench.until(lambda now: now.reprint.receipts[0].state == "delivered")
        assert bench.now.reprint.receipts[0].case_number


async def test_a_part_of_the_number_finds_the_case(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        case_id = await finished(bench)
        number = (await open_list(bench)).case_number
        for text in (number, number.lower(), number.replace("-", " "), number.replace("-", "")[-6:], " 就医记录 "):
            bench.conductor.find_receipts(text)
            await until_searched(bench, text.strip())
            assert [row.case_id for row in bench.now.reprint.receipts] == [str(case_id)], text
        bench.conductor.find_receipts("999999")
        await bench.until(lambda now: now.reprint.receipts == ())
        bench.conductor.go_home()
        await bench.screen(Screen.HOME)
        assert bench.now.reprint.search == ""


async def test_the_code_of_a_worn_slip_finds_its_case(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        case_id = await finished(bench)
        await open_list(bench)
        bench.conductor.on_device_event(CodeScanned(make_receipt_code(UUID(int=7)).encode()))
        await bench.until(lambda now: now.notice and now.notice.code == "reprint.gone" and not now.reprint.receipts)
        bench.conductor.on_device_event(CodeScanned(make_receipt_code(case_id).encode()))
        await bench.until(lambda now: [row.case_id for row in now.reprint.receipts] == [str(case_id)])
        assert bench.now.screen is Screen.REPRINT


async def test_only_on_its_screen_signed_on_and_one_at_a_time(tmp_path: Path, drawn: list[Slip]) -> None:
    async with Bench(tmp_path) as bench:
        case_id = await finished(bench)
        drawn.clear()
        bench.conductor.reprint_receipt(str(case_id))
        bench.conductor.find_receipts("1")
        await bench.settled()
        assert drawn == []
        await open_list(bench)
        bench.devices.held = True
        bench.conductor.reprint_receipt(str(case_id))
        bench.conductor.reprint_receipt(str(case_id))
        await bench.until(lambda now: now.reprint.being_printed == str(case_id))
        bench.conductor.reprint_receipt(str(case_id))
        await bench.settled()
        bench.devices.held = False
        await bench.until(lambda now: now.notice and now.notice.code == "reprint.printed")
        assert len(drawn) == 1
        bench.conductor.reprint_receipt(str(UUID(int=7)))
        await bench.until(lambda now: now.notice and now.notice.code == "reprint.gone")
        bench.conductor.sign_off()
        await bench.screen(Screen.SIGN_ON)
        assert bench.now.reprint.receipts == ()
        bench.conductor.open_reprint()
        await bench.settled()
        assert bench.now.screen is Screen.SIGN_ON


class Unlucky(Devices):
    """A printer with one answer for every job."""

    answer = PrintResult(PrintResultState.PRINTED)

    async def print_job(self, elements: Any, action_id: str) -> PrintResult:
        return self.answer


@pytest.mark.parametrize(
    ("answer", "said", "noted"),
    [
        (PrintResult(PrintResultState.INTERRUPTED, "receipt_printer.lost"), "reprint.interrupted", "lost"),
        (PrintResult(PrintResultState.UNCONFIRMED, "receipt_printer.no_status"), "receipt_printer.no_status", "no_s"),
        (PrintResult(PrintResultState.FAILED, "receipt_printer.silent"), "receipt_printer.silent", "silent"),
        (PrintResult(PrintResultState.FAILED), "reprint.not_printed", "failed"),
    ],
)
async def test_what_came_of_a_reprint_is_said_and_noted(
    tmp_path: Path, answer: PrintResult, said: str, noted: str
) -> None:
    devices = Unlucky()
    async with Bench(tmp_path, devices=devices) as bench:
        case_id = await finished(bench)
        devices.answer = answer
        await open_list(bench)
        await printed(bench, case_id, said)
        assert noted in bench.audited[-1][3]


async def test_a_reprint_that_waits_for_paper_is_given_up_when_a_visit_begins(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        case_id = await finished(bench)
        await open_list(bench)
        bench.devices.paper = False
        bench.conductor.reprint_receipt(str(case_id))
        await bench.until(lambda now: now.reprint.being_printed)
        bench.conductor.go_home()
        await bench.screen(Screen.HOME)
        bench.conductor.start_visit()
        await bench.screen(Screen.IDENTIFY)
        before = len(bench.devices.printed)
        bench.devices.paper = True
        await bench.until(lambda now: not now.reprint.being_printed)
        assert len(bench.devices.printed) == before
        while len([row for row in bench.audited if row[1] == "reprint_receipt"]) < 2:
            await asyncio.sleep(0.01)
        assert bench.audited[-1][3] == "receipt_printer.cancelled"


# -- paper ----------------------------------------------------------------------------------------------------------

ROLL = PrinterSection(roll_metres=10.0)


def said(code: str, state: DeviceState = DeviceState.READY) -> StatusChanged:
    return StatusChanged(DeviceStatus(DeviceKind.RECEIPT_PRINTER, state, code))


def printer_of(bench: Bench) -> Any:
    return next(view for view in bench.now.devices if view.kind is DeviceKind.RECEIPT_PRINTER)


async def test_the_paper_is_counted_over_restarts_and_said_before_it_ends(tmp_path: Path) -> None:
    async with Bench(tmp_path, printer=ROLL) as bench:
        await bench.sign_on()
        assert (bench.now.paper.code, bench.now.paper.metres) == ("paper.left", 10)
        for _ in range(3):
            bench.conductor.on_device_event(PaperUsed(16000, 2000.0))
        await bench.until(lambda now: now.paper.metres == 4)
        assert bench.now.paper.receipts == int(4000 // RECEIPT_MM[80])
        assert printer_of(bench).state is DeviceState.READY
    again = Bench(tmp_path, centre=bench.centre, clock=bench.clock, printer=ROLL)
    async with again:
        await again.until(lambda now: now.paper.metres == 4)
        again.conductor.on_device_event(PaperUsed(8000, 1000.0))
        await again.until(lambda now: now.paper.low)
        await again.sign_on()
        await again.until(lambda now: now.notice and now.notice.code == "paper.low")
        assert again.now.notice is not None
        assert dict(again.now.notice.detail) == {"metres": 3, "receipts": 15}
        assert (printer_of(again).state, printer_of(again).code) == (DeviceState.ATTENTION, "paper.low")
        again.conductor.dismiss_notice()
        await again.until(lambda now: now.notice is None)
        again.conductor.open_todo()
        await again.screen(Screen.TODO)
        again.conductor.go_home()
        await again.screen(Screen.HOME)
        await again.settled()
        assert again.now.notice is None  # said once


async def test_an_estimate_at_its_end_stops_no_printing(tmp_path: Path) -> None:
    async with Bench(tmp_path, printer=ROLL) as bench:
        await bench.to_waiting()
        bench.conductor.on_device_event(PaperUsed(800000, 100_000.0))
        await bench.until(lambda now: now.paper.code == "paper.nearly_out")
        bench.conductor.leave_waiting()
        await bench.until(lambda now: now.visit and now.visit.print_state is PrintState.PRINTED)
        assert len(bench.devices.printed) == 1


async def test_a_new_roll_is_seen_or_told(tmp_path: Path) -> None:
    async with Bench(tmp_path, printer=ROLL) as bench:
        await bench.sign_on()
        bench.conductor.on_device_event(PaperUsed(64000, 8000.0))
        await bench.until(lambda now: now.paper.low)
        bench.conductor.new_roll()
        await bench.until(lambda now: now.paper.metres == 10)
        await bench.until(lambda now: now.notice and now.notice.code == "paper.renewed")
        while ("wang", "new_roll", "", "ok") not in bench.audited:
            await asyncio.sleep(0.01)

        bench.conductor.on_device_event(PaperUsed(64000, 8000.0))
        bench.conductor.on_device_event(said("receipt_printer.paper_end", DeviceState.ATTENTION))
        await bench.until(lambda now: now.paper.low)
        bench.conductor.on_device_event(said(""))
        await bench.until(lambda now: now.paper.metres == 10 and not now.paper.low)


async def test_the_printers_own_sensor_wins(tmp_path: Path) -> None:
    async with Bench(tmp_path, printer=ROLL) as bench:
        await bench.sign_on()
        near_end = said("receipt_printer.near_end")
        bench.devices.states[DeviceKind.RECEIPT_PRINTER] = near_end.status
        bench.conductor.on_device_event(near_end)
        await bench.until(lambda now: now.paper.low and now.paper.metres == 3)
        assert printer_of(bench).code == "paper.low"
        bench.devices.states[DeviceKind.RECEIPT_PRINTER] = replace(near_end.status, code="")
        bench.conductor.on_device_event(said("receipt_printer.cover_open", DeviceState.ATTENTION))
        bench.conductor.on_device_event(said(""))
        await bench.until(lambda now: not now.paper.low)
        bench.conductor.on_device_event(PaperUsed(800000, 100_000.0))
        await bench.until(lambda now: now.paper.code == "paper.enough")
        assert (printer_of(bench).state, printer_of(bench).code) == (DeviceState.READY, "")


@pytest.mark.parametrize("state", [DeviceState.ABSENT, DeviceState.FAULT, DeviceState.CONNECTING])
async def test_a_printer_in_trouble_shows_its_trouble_first(tmp_path: Path, state: DeviceState) -> None:
    async with Bench(tmp_path, printer=ROLL) as bench:
        await bench.sign_on()
        bench.devices.states[DeviceKind.RECEIPT_PRINTER] = DeviceStatus(
            DeviceKind.RECEIPT_PRINTER, state, "receipt_printer.lost"
        )
        bench.conductor.on_device_event(PaperUsed(800000, 100_000.0))
        await bench.until(lambda now: now.paper.low)
        assert (printer_of(bench).state, printer_of(bench).code) == (state, "receipt_printer.lost")
