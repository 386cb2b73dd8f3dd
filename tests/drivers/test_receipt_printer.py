"""The printer driver against the simulated printer over a real TCP port, and its pure parts."""

from __future__ import annotations

import gc
import itertools
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from drivers import printer_job, receipt_printer
from drivers.driver import DeviceError, DeviceState, StatusChanged
from drivers.printer_job import compose, dots_of, without_real_time
from drivers.printer_status import AnswerReader, PrinterCondition
from drivers.receipt_printer import (
    Cut,
    Feed,
    PrintPhase,
    PrintProgress,
    PrintResult,
    PrintResultState,
    QrCode,
    Raster,
    ReceiptPrinter,
)
from drivers.simulated.receipt_printer import LINE_FEED, RECEIPTS_KEPT, SimulatedReceiptPrinter
from drivers.transport.address import Address, AddressError, parse_address
from drivers.transport.printer_line import NOT_SENT_BYTES, find_end_points, open_printer_line

GENEROUS = 20.0


def eventually(true: Callable[[], Any], seconds: float = GENEROUS) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)


class Station:
    """A driver, what it said, and its simulated printer."""

    def __init__(self, peer: SimulatedReceiptPrinter, **options: Any) -> None:
        self.peer = peer
        self.events: list[Any] = []
        self.numbers = itertools.count(1)
        known = {"profile": "TM-T20II", "width_dots": 576, "has_status": True} | options
        self.driver = ReceiptPrinter(parse_address(peer.address), self.events.append, **known)
        self.driver.start()

    def is_at(self, state: DeviceState, code: str = "") -> bool:
        status = self.driver.status
        return (status.state, status.code) == (state, code)

    def progress(self, action_id: str = "") -> list[tuple[PrintPhase, str]]:
        return [
            (event.state, event.code)
            for event in self.events
            if isinstance(event, PrintProgress) and action_id in ("", event.action_id)
        ]

    def print(self, *elements: printer_job.Element, action_id: str = "") -> Future[PrintResult]:
        return self.driver.print_job(elements or slip(), action_id or f"job-{next(self.numbers)}")


@pytest.fixture
def make() -> Iterator[Callable[..., Station]]:
    made: list[Station] = []

    def start(peer: SimulatedReceiptPrinter | None = None, **options: Any) -> Station:
        made.append(Station(peer or SimulatedReceiptPrinter(), **options))
        return made[-1]

    yield start
    for station in made:
        station.driver.stop()
        station.peer.stop()


@pytest.fixture
def station(make: Callable[..., Station]) -> Station:
    ready = make()
    eventually(lambda: ready.is_at(DeviceState.READY))
    return ready


def stripes(rows: int = 300, width: int = 576) -> np.ndarray:
    """A pattern no two rows of which are alike, with a black first and last row."""
    y, x = np.mgrid[0:rows, 0:width]
    pattern = (x * 7 + y * y) % 11 < 3
    pattern[[0, -1]] = True
    return pattern


def slip() -> tuple[printer_job.Element, ...]:
    return Raster(stripes()), Feed(1), Cut()


def written(peer: SimulatedReceiptPrinter) -> list[Any]:
    """The receipts that are not blank: what may be a torn slip is cut off before the next one."""
    return [receipt for receipt in peer.receipts if dots(receipt).any()]


def dots(picture: Any) -> np.ndarray:
    return ~np.asarray(picture, dtype=bool)


# -- what comes out ----------------------------------------------------------------------------------------------


def test_prints_the_very_dots_and_says_printed(station: Station) -> None:
    assert station.print().result(GENEROUS) == PrintResult(PrintResultState.PRINTED)
    (receipt,) = station.peer.receipts
    assert (dots(receipt)[:300] == stripes()).all()
    assert not dots(receipt)[300:].any()
    assert station.progress() == [(PrintPhase.PRINTING, "")]
    eventually(lambda: station.is_at(DeviceState.READY))


def test_the_qr_on_the_receipt_says_what_was_given(station: Station) -> None:
    code = "DS1:7f0c2c44-6a55-4c62-8f8e-1f0b6a3b2c11"
    assert station.print(QrCode(code, 6), Cut()).result(GENEROUS).state is PrintResultState.PRINTED
    (receipt,) = station.peer.receipts
    white = np.pad(np.asarray(receipt.convert("L")), 60, constant_values=255)
    (found,) = zxingcpp.read_barcodes(white)
    assert found.text == code
    columns = np.flatnonzero(dots(receipt).any(axis=0))
    assert abs((columns[0] + columns[-1]) / 2 - 288) < 6  # in the middle


def test_a_narrow_raster_is_put_in_the_middle(station: Station) -> None:
    station.print(Raster(np.ones((40, 100), dtype=bool)), Cut()).result(GENEROUS)
    assert (np.flatnonzero(dots(station.peer.receipts[0]).any(axis=0))[[0, -1]] == (238, 337)).all()


def test_a_raster_wider_than_the_paper_is_refused_and_nothing_is_sent(station: Station) -> None:
    result = station.print(Raster(np.ones((4, 600), dtype=bool))).result(GENEROUS)
    assert (result.state, result.code) == (PrintResultState.FAILED, "receipt_printer.too_wide")
    assert station.peer.jobs_seen == 0


def test_narrow_paper_without_cutter_and_without_native_qr(make: Callable[..., Station]) -> None:
    station = make(SimulatedReceiptPrinter(384, cutter=False), profile="POS-5890", width_dots=384)
    eventually(lambda: station.is_at(DeviceState.READY))
    assert station.print(QrCode("DS1:abc", 5), Cut()).result(GENEROUS).state is PrintResultState.PRINTED
    assert station.peer.receipts == []
    receipt = station.peer.tear_off()
    (found,) = zxingcpp.read_barcodes(np.pad(np.asarray(receipt.convert("L")), 20, constant_values=255))
    assert found.text == "DS1:abc"


# -- once, and only once -----------------------------------------------------------------------------------------


def test_the_same_action_is_printed_once(station: Station) -> None:
    first = station.print(action_id="case-1")
    again = station.print(action_id="case-1")
    assert again is first
    first.result(GENEROUS)
    assert station.print(action_id="case-1") is first
    assert station.print(action_id="case-2").result(GENEROUS).state is PrintResultState.PRINTED
    assert len(station.peer.receipts) == 2
    assert station.peer.jobs_seen == 2


def test_old_actions_are_forgotten_but_running_ones_never(make: Callable[..., Station], monkeypatch: Any) -> None:
    monkeypatch.setattr(receipt_printer, "REMEMBERED_JOBS", 2)
    station = make()
    eventually(lambda: station.is_at(DeviceState.READY))
    first = station.print(Cut(), action_id="a")
    first.result(GENEROUS)
    for name in "bc":
        station.print(Cut(), action_id=name).result(GENEROUS)
    assert station.print(Cut(), action_id="a") is not first


def test_a_job_of_which_nothing_was_sent_may_be_asked_for_again(station: Station) -> None:
    station.peer.unplug()
    eventually(lambda: station.driver.status.state is not DeviceState.READY)
    result = station.print(action_id="case-1").result(GENEROUS)
    assert result == PrintResult(PrintResultState.FAILED, "receipt_printer.unavailable")
    station.peer.replug()
    eventually(lambda: station.is_at(DeviceState.READY))
    assert station.print(action_id="case-1").result(GENEROUS).state is PrintResultState.PRINTED
    assert len(station.peer.receipts) == 1


# -- states ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "state", "code", "repair"),
    [
        ("paper_out", DeviceState.ATTENTION, "receipt_printer.paper_end", "refill"),
        ("paper_near_end", DeviceState.READY, "receipt_printer.near_end", "refill"),
        ("open_cover", DeviceState.ATTENTION, "receipt_printer.cover_open", "close_cover"),
        ("offline", DeviceState.ATTENTION, "receipt_printer.offline", None),
        ("head_hot", DeviceState.ATTENTION, "receipt_printer.head_hot", None),
        ("silent", DeviceState.UNKNOWN, "receipt_printer.silent", None),
    ],
)
def test_the_state_is_what_the_printer_says(
    station: Station, fault: str, state: DeviceState, code: str, repair: str | None
) -> None:
    getattr(station.peer, fault)()
    eventually(lambda: station.is_at(state, code))
    getattr(station.peer, repair)() if repair else getattr(station.peer, fault)(False)
    eventually(lambda: station.is_at(DeviceState.READY))
    assert any(isinstance(event, StatusChanged) and event.status.code == code for event in station.events)


def test_a_broken_printer_is_a_fault(station: Station) -> None:
    station.peer.break_down()
    eventually(lambda: station.is_at(DeviceState.FAULT, "receipt_printer.unrecoverable"))
    result = station.print().result(GENEROUS)
    assert (result.state, result.code) == (PrintResultState.FAILED, "receipt_printer.unrecoverable")


def test_silent_from_the_start_is_unknown_and_prints_unconfirmed(make: Callable[..., Station]) -> None:
    station = make(SimulatedReceiptPrinter(answers_status=False))
    eventually(lambda: station.is_at(DeviceState.UNKNOWN, "receipt_printer.silent"))
    result = station.print().result(GENEROUS)
    assert result == PrintResult(PrintResultState.UNCONFIRMED, "receipt_printer.silent")
    assert station.peer.wait_for_receipts(1)
    assert (dots(station.peer.receipts[0])[:300] == stripes()).all()
    station.peer.silent(False)
    eventually(lambda: station.is_at(DeviceState.READY))
    assert station.print().result(GENEROUS).state is PrintResultState.PRINTED


def test_a_printer_set_up_without_status_is_never_asked_and_never_confirmed(make: Callable[..., Station]) -> None:
    station = make(SimulatedReceiptPrinter(answers_status=False), has_status=False)
    eventually(lambda: station.is_at(DeviceState.UNKNOWN, "receipt_printer.no_status"))
    assert station.print().result(GENEROUS) == PrintResult(PrintResultState.UNCONFIRMED, "receipt_printer.no_status")
    assert station.peer.wait_for_receipts(1)


def test_unplugged_and_back_at_the_same_port(station: Station) -> None:
    for _ in range(2):
        station.peer.unplug()
        eventually(lambda: station.driver.status.state in (DeviceState.CONNECTING, DeviceState.ABSENT))
        station.peer.replug()
        eventually(lambda: station.is_at(DeviceState.READY))
    assert station.print().result(GENEROUS).state is PrintResultState.PRINTED


# -- a hand is needed ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "repair", "code"),
    [
        ("paper_out", "refill", "receipt_printer.paper_end"),
        ("open_cover", "close_cover", "receipt_printer.cover_open"),
    ],
)
def test_nothing_is_sent_until_the_hand_has_come(station: Station, fault: str, repair: str, code: str) -> None:
    getattr(station.peer, fault)()
    printing = station.print()
    eventually(lambda: (PrintPhase.WAITING_FOR_HAND, code) in station.progress())
    assert station.peer.jobs_seen == 0
    assert not printing.done()
    getattr(station.peer, repair)()
    assert printing.result(GENEROUS).state is PrintResultState.PRINTED
    assert len(station.peer.receipts) == 1


@pytest.mark.parametrize("buffer_bytes", [65536, 2000])
def test_paper_out_in_the_middle_is_waited_for_and_printed_once(
    make: Callable[..., Station], buffer_bytes: int
) -> None:
    """With the small buffer the printer stops reading, and only automatic status tells why."""
    station = make(SimulatedReceiptPrinter(buffer_bytes=buffer_bytes))
    eventually(lambda: station.is_at(DeviceState.READY))
    tall = stripes(3000)
    station.peer.paper_out(after_rows=170)
    printing = station.print(Raster(tall), Cut())
    eventually(lambda: station.is_at(DeviceState.ATTENTION, "receipt_printer.paper_end"))
    assert station.progress()[-1] == (PrintPhase.WAITING_FOR_HAND, "receipt_printer.paper_end")
    assert not printing.done()
    assert dots(station.peer.paper).shape[0] == 170
    station.peer.refill()
    assert printing.result(GENEROUS).state is PrintResultState.PRINTED
    (receipt,) = station.peer.receipts
    assert (dots(receipt)[: len(tall)] == tall).all()
    assert station.peer.jobs_seen == 1


def test_a_stuck_knife_moves_again_only_after_the_cover_was_opened_and_closed(station: Station) -> None:
    station.peer.cutter_error()
    printing = station.print()
    eventually(lambda: (PrintPhase.WAITING_FOR_HAND, "receipt_printer.cutter") in station.progress())
    station.peer.open_cover()
    eventually(lambda: (PrintPhase.WAITING_FOR_HAND, "receipt_printer.cover_open") in station.progress())
    assert not printing.done()
    station.peer.close_cover()
    assert printing.result(GENEROUS).state is PrintResultState.PRINTED
    assert len(station.peer.receipts) == 1


def test_cancel_before_and_after_sending(station: Station) -> None:
    station.peer.paper_out()
    waiting = station.print(action_id="before")
    eventually(lambda: station.progress())
    station.driver.cancel("before")
    assert waiting.result(GENEROUS) == PrintResult(PrintResultState.FAILED, "receipt_printer.cancelled")
    station.peer.refill()
    eventually(lambda: station.is_at(DeviceState.READY))

    station.peer.paper_out(after_rows=50)
    waiting = station.print(action_id="after")
    eventually(lambda: (PrintPhase.WAITING_FOR_HAND, "receipt_printer.paper_end") in station.progress("after"))
    station.driver.cancel("after")
    assert waiting.result(GENEROUS) == PrintResult(PrintResultState.INTERRUPTED, "receipt_printer.cancelled_cleared")
    station.driver.cancel("never heard of")
    station.peer.refill()
    eventually(lambda: station.is_at(DeviceState.READY))
    assert station.print(action_id="next").result(GENEROUS).state is PrintResultState.PRINTED
    assert [torn.height for torn in station.peer.receipts][0] < 300  # its rest was thrown away, not printed
    assert len(station.peer.receipts) == 2


def test_a_printer_that_cannot_throw_a_cancelled_slip_away_says_so(make: Callable[..., Station]) -> None:
    station = make(SimulatedReceiptPrinter(unknown=(b"\x10\x14",)))
    eventually(lambda: station.is_at(DeviceState.READY))
    station.peer.paper_out(after_rows=50)
    waiting = station.print(action_id="cancelled")
    eventually(lambda: (PrintPhase.WAITING_FOR_HAND, "receipt_printer.paper_end") in station.progress())
    station.driver.cancel("cancelled")
    assert waiting.result(GENEROUS) == PrintResult(PrintResultState.INTERRUPTED, "receipt_printer.cancelled_in_printer")
    station.peer.refill()
    assert station.peer.wait_for_receipts(1)  # as it was told: it came out after all


def test_the_fence_of_a_cancelled_job_does_not_confirm_the_next(station: Station) -> None:
    station.peer.paper_out(after_rows=50)
    first = station.print(action_id="first")
    eventually(lambda: (PrintPhase.WAITING_FOR_HAND, "receipt_printer.paper_end") in station.progress())
    station.driver.cancel("first")
    first.result(GENEROUS)
    second = station.print(action_id="second")
    station.peer.refill()
    assert second.result(GENEROUS).state is PrintResultState.PRINTED
    assert len(station.peer.receipts) == 2  # said only when the second was out as well


# -- the line breaks ------------------------------------------------------------------------------------------------


def test_connection_lost_before_the_fence_is_interrupted_and_not_sent_again(station: Station) -> None:
    station.peer.paper_out(after_rows=100)
    printing = station.print(action_id="case-1")
    eventually(lambda: (PrintPhase.WAITING_FOR_HAND, "receipt_printer.paper_end") in station.progress())
    station.peer.disconnect()
    result = printing.result(GENEROUS)
    assert (result.state, result.code) == (PrintResultState.INTERRUPTED, "receipt_printer.lost")
    assert station.print(action_id="case-1") is printing
    station.peer.refill()
    eventually(lambda: station.is_at(DeviceState.READY))
    # The old fence is answered into the new connection; the reprint is confirmed by its own.
    assert station.print(action_id="case-1 again").result(GENEROUS).state is PrintResultState.PRINTED
    assert len(written(station.peer)) == 2
    assert station.peer.jobs_seen == 2


@pytest.mark.parametrize("how", ["disconnect", "cancel"])
def test_a_slip_broken_off_inside_a_band_does_not_spoil_the_next(make: Callable[..., Station], how: str) -> None:
    station = make(SimulatedReceiptPrinter(buffer_bytes=2000))
    eventually(lambda: station.is_at(DeviceState.READY))
    station.peer.paper_out(after_rows=150)
    printing = station.print(Raster(stripes(3000)), Cut(), action_id="broken")
    eventually(lambda: station.is_at(DeviceState.ATTENTION, "receipt_printer.paper_end"))
    if how == "disconnect":
        station.peer.disconnect()
    else:
        station.driver.cancel("broken")
    assert printing.result(GENEROUS).state is PrintResultState.INTERRUPTED
    station.peer.refill()
    eventually(lambda: station.is_at(DeviceState.READY))
    assert station.print().result(GENEROUS).state is PrintResultState.PRINTED
    assert (dots(station.peer.receipts[-1])[:300] == stripes()).all()
    assert len(station.peer.receipts) == 2  # the broken one was cut off first


def test_silence_after_sending_is_not_confirmed(station: Station, monkeypatch: Any) -> None:
    monkeypatch.setattr(receipt_printer, "SILENCE_SECONDS", 1.5)
    station.peer.paper_out(after_rows=100)
    printing = station.print()
    eventually(lambda: (PrintPhase.WAITING_FOR_HAND, "receipt_printer.paper_end") in station.progress())
    station.peer.silent()
    assert printing.result(GENEROUS) == PrintResult(PrintResultState.UNCONFIRMED, "receipt_printer.silent")
    assert (PrintPhase.SILENT, "receipt_printer.silent") in station.progress()
    # The fence is answered into the silence and lost; the next job is confirmed by its own all the same.
    station.peer.refill()
    assert station.peer.wait_for_receipts(1)
    station.peer.silent(False)
    eventually(lambda: station.is_at(DeviceState.READY))
    assert station.print().result(GENEROUS).state is PrintResultState.PRINTED
    assert len(written(station.peer)) == 2


def test_stop_ends_a_waiting_job_and_the_thread(station: Station) -> None:
    station.peer.paper_out()
    printing = station.print()
    eventually(lambda: station.progress())
    station.driver.stop()
    assert printing.result(GENEROUS) == PrintResult(PrintResultState.FAILED, "receipt_printer.stopped")
    assert not any(thread.name == "driver-receipt_printer" for thread in threading.enumerate())
    assert station.print().result(GENEROUS).code == "receipt_printer.unavailable"


def test_a_job_holds_its_slip_no_longer_than_it_prints(station: Station) -> None:
    station.print(action_id="case-1").result(GENEROUS)
    assert station.driver._jobs["case-1"].elements == ()


# -- cheap printers --------------------------------------------------------------------------------------------------


def test_a_printer_without_the_fence_is_not_confirmed(make: Callable[..., Station], monkeypatch: Any) -> None:
    monkeypatch.setattr(receipt_printer, "FENCE_SECONDS", 1.0)
    station = make(SimulatedReceiptPrinter(unknown=[b"\x1dr"], answers=[1, 4]))
    eventually(lambda: station.is_at(DeviceState.READY))
    for count in (1, 2):
        result = station.print().result(GENEROUS)
        assert result == PrintResult(PrintResultState.UNCONFIRMED, "receipt_printer.no_fence")
        assert len(station.peer.receipts) == count
    station.peer.paper_out()
    eventually(lambda: station.is_at(DeviceState.ATTENTION, "receipt_printer.paper_end"))


def test_a_full_buffer_without_automatic_status_says_what_is_known(
    make: Callable[..., Station], monkeypatch: Any
) -> None:
    monkeypatch.setattr(receipt_printer, "NOT_TAKING_SECONDS", 0.5)
    station = make(SimulatedReceiptPrinter(buffer_bytes=2000, unknown=[b"\x1da"]))
    eventually(lambda: station.is_at(DeviceState.READY))
    station.peer.paper_out(after_rows=60)
    printing = station.print(Raster(stripes(3000)), Cut())
    eventually(lambda: station.is_at(DeviceState.ATTENTION, "receipt_printer.not_taking"))
    assert station.progress()[-1] == (PrintPhase.WAITING_FOR_HAND, "receipt_printer.not_taking")
    station.peer.refill()
    assert printing.result(GENEROUS).state is PrintResultState.PRINTED
    assert (dots(station.peer.receipts[0])[:3000] == stripes(3000)).all()


# -- bytes -----------------------------------------------------------------------------------------------------------


def test_bytes_of_a_job() -> None:
    composed = compose(
        [Raster(np.ones((200, 576), dtype=bool)), QrCode("DS1:x", 6), Feed(2), Cut()],
        profile="TM-T20II",
        width_dots=576,
    )
    chunks = [chunk.data for chunk in composed]
    assert [chunk.rows for chunk in composed] == [0, 128, 72, 126, 68, 204]
    assert chunks[0] == b"\x1b\x40\x1d\x61\x0f"
    assert chunks[1][:8] == b"\x1d\x76\x30\x00\x48\x00\x80\x00"
    assert chunks[2][:8] == b"\x1d\x76\x30\x00\x48\x00\x48\x00"
    assert set(chunks[1][8:]) == {0xFF}
    assert b"\x1d\x28\x6b\x03\x00\x31\x43\x06" in chunks[3]
    assert b"\x31\x50\x30DS1:x" in chunks[3]
    assert chunks[4] == b"\x1b\x64\x02"
    assert chunks[5] == b"\x1b\x64\x06\x1d\x56\x00"
    assert compose([Cut()], profile="POS-5890", width_dots=384)[-1].data == b"\x1b\x64\x06"  # has no knife
    with pytest.raises(DeviceError, match="unknown_profile"):
        compose([], profile="no such printer", width_dots=576)


def test_dots_of_paper_and_profile() -> None:
    assert (dots_of("TM-T20II", 80), dots_of("TM-T88III", 80), dots_of("default", 58)) == (576, 512, 384)


@given(st.lists(st.sampled_from([0, 1, 4, 5, 0x10, 0x14, 0xFF]), max_size=60).map(bytes))
def test_guarded_data_holds_no_real_time_command_and_only_gains_dots(data: bytes) -> None:
    safe = without_real_time(data)
    assert len(safe) == len(data)
    assert not any(bytes((0x10, second)) in safe for second in (0x04, 0x05, 0x14))
    assert all(a & b == b for a, b in zip(safe, data, strict=True))


def test_a_printer_that_obeys_inside_data_needs_the_guard(make: Callable[..., Station]) -> None:
    trap = np.zeros((64, 576), dtype=bool)
    trap[:, :16] = np.unpackbits(np.array([0x10, 0x04], dtype=np.uint8)).astype(bool)
    guarded = compose([Raster(trap)], profile="TM-T20II", width_dots=576, guard_real_time=True)
    assert b"\x10\x04\x01" not in b"".join(chunk.data for chunk in guarded)
    station = make(SimulatedReceiptPrinter(obeys_in_data=True), guard_real_time=True)
    eventually(lambda: station.is_at(DeviceState.READY))
    assert station.print(Raster(trap), Cut()).result(GENEROUS).state is PrintResultState.PRINTED
    assert len(station.peer.receipts) == 1


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ((0x12, 0x12, 0x12, 0x12), ""),
        ((0x12, 0x12, 0x12, 0x1E), "receipt_printer.near_end"),
        ((0x1A, 0x32, 0x12, 0x7E), "receipt_printer.paper_end"),
        ((0x1A, 0x16, 0x12, 0x12), "receipt_printer.cover_open"),
        ((0x1A, 0x12, 0x12, 0x12), "receipt_printer.offline"),
        ((0x1A, 0x52, 0x1A, 0x12), "receipt_printer.cutter"),
        ((0x1A, 0x52, 0x32, 0x12), "receipt_printer.unrecoverable"),
        ((0x1A, 0x52, 0x52, 0x12), "receipt_printer.head_hot"),
        ((0x1A, 0x52, 0x12, 0x12), "receipt_printer.error"),
        ((0x1A, 0x1A, 0x12, 0x12), "receipt_printer.feeding"),
    ],
)
def test_the_table_of_answers(answers: tuple[int, ...], code: str) -> None:
    condition = PrinterCondition()
    for query, byte in enumerate(answers, 1):
        condition = condition.with_answer(query, byte)
    assert condition.code == code
    assert condition.prints == (code in ("", "receipt_printer.near_end"))


def test_answers_are_told_apart_in_any_pieces() -> None:
    stream = bytes.fromhex("12 38000000 11 00 10000000 5f53494d2d383000 03 7e 13 10000c00")
    for cut in range(len(stream)):
        reader = AnswerReader()
        reader.feed(stream[:cut])
        reader.feed(stream[cut:])
        assert reader.direct == [0x12, 0x7E]
        assert reader.singles == [0x00, 0x03]
        assert reader.names == ["SIM-80"]
        assert reader.automatic == PrinterCondition(paper_end=True)


# -- lines ------------------------------------------------------------------------------------------------------------


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="not_found"):
        open_printer_line(Address("file", str(tmp_path / "lp0")))
    assert list(tmp_path.iterdir()) == []


def test_to_a_file_everything_is_written_and_nothing_confirmed(tmp_path: Path) -> None:
    target = tmp_path / "printer"
    target.touch()
    driver = ReceiptPrinter(
        parse_address(f"file:{target}"), lambda _: None, profile="TM-T20II", width_dots=576, has_status=True
    )
    driver.start()
    try:
        eventually(lambda: driver.status.code == "receipt_printer.no_status")
        assert driver.print_job(slip(), "x").result(GENEROUS).state is PrintResultState.UNCONFIRMED
    finally:
        driver.stop()
    chunks = compose(slip(), profile="TM-T20II", width_dots=576, automatic_status=False)
    assert target.read_bytes() == b"".join(chunk.data for chunk in chunks)


class _End:
    def __init__(self, address: int, attributes: int = 2, packet: int = 64) -> None:
        self.bEndpointAddress, self.bmAttributes, self.wMaxPacketSize = address, attributes, packet


class _Interface(list[_End]):
    def __init__(self, number: int, kind: int, *ends: _End) -> None:
        super().__init__(ends)
        self.bInterfaceNumber, self.bInterfaceClass = number, kind


def test_the_end_points_are_those_of_the_printer_interface() -> None:
    keyboard = _Interface(0, 3, _End(0x83, 3))
    assert find_end_points([[keyboard, _Interface(1, 7, _End(0x81, 2, 512), _End(0x02))]]) == (1, 0x81, 2, 512)
    assert find_end_points([[_Interface(0, 7, _End(0x02))]]) == (0, None, 2, 64)
    assert find_end_points([[keyboard]]) is None


def test_over_a_serial_converter_on_the_network() -> None:
    peer = SimulatedReceiptPrinter()
    driver = ReceiptPrinter(
        parse_address(f"serial:socket://{peer.address.removeprefix('tcp:')}"),
        lambda _: None,
        profile="TM-T20II",
        width_dots=576,
        has_status=True,
    )
    driver.start()
    try:
        eventually(lambda: driver.status.state is DeviceState.READY)
        assert driver.print_job(slip(), "x").result(GENEROUS).state is PrintResultState.PRINTED
        assert (dots(peer.receipts[0])[:300] == stripes()).all()
        peer.unplug()
        eventually(lambda: driver.status.state in (DeviceState.CONNECTING, DeviceState.ABSENT))
    finally:
        driver.stop()
        peer.stop()


@pytest.mark.parametrize(
    "text",
    [
        "pcsc:x",
        "tcp:host:port",
        "usb:nonsense",
        "usb:0416",
        "serial:/dev/ttyS0?baud=fast",
        "serial:/dev/ttyS0?baud=0",
        "serial:/dev/ttyS0?xonxoff=yes",
        "tcp:host?guard=yes",
    ],
)
def test_addresses_that_lead_to_no_printer_are_refused_before_anything_is_opened(text: str) -> None:
    with pytest.raises(AddressError):
        ReceiptPrinter(parse_address(text), lambda _: None, profile="TM-T20II", width_dots=576, has_status=True)


# -- the simulated printer's own text ----------------------------------------------------------------------------------


def _send(peer: SimulatedReceiptPrinter, data: bytes, receipts: int = 1) -> None:
    host, _, port = peer.address.removeprefix("tcp:").rpartition(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(data)
        assert peer.wait_for_receipts(receipts)


def test_the_simulated_printer_draws_gb18030_text_as_hanzi() -> None:
    peer = SimulatedReceiptPrinter()
    try:
        text = b"\x1c\x26" + "受理䶮𠮷".encode("gb18030") + b"ABC\n\x1c\x2e"
        _send(peer, b"\x1b@\x1ba\x01\x1b!\x30" + text + b"\x1b!\x00plain\n\x1dV\x42\x00")
        drawn = dots(peer.receipts[0])
    finally:
        peer.stop()
    first = np.flatnonzero(drawn[:48].any(axis=0))
    assert first[-1] - first[0] > 4 * 48 + 2 * 24  # 4 hanzi of 48 dots and 3 letters of 24
    assert abs((first[0] + first[-1]) / 2 - 288) < 12
    second = drawn[54:84]
    assert 40 < np.ptp(np.flatnonzero(second.any(axis=0))) < 60


def test_a_network_printer_that_is_not_there_leaves_no_socket_open() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        address = Address("tcp", f"127.0.0.1:{taken.getsockname()[1]}")
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            for _ in range(3):
                with pytest.raises(DeviceError, match="not_found"):
                    open_printer_line(address)
            gc.collect()
    assert [str(one.message) for one in seen] == []


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel how much waits in it")
def test_a_network_printer_that_takes_nothing_leaves_little_of_a_slip_in_our_own_kernel() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        server.bind(("127.0.0.1", 0))
        server.listen()
        line = open_printer_line(Address("tcp", f"127.0.0.1:{server.getsockname()[1]}"))
        taken, refused = 0, 0
        while refused < 3:
            now = line.write(bytes(9000))
            taken, refused = taken + now, 0 if now else refused + 1
        printer, _ = server.accept()
        with printer:
            came = len(printer.recv(taken, socket.MSG_PEEK))
        line.close()
    assert 0 < taken - came <= 2 * NOT_SENT_BYTES  # what a hand that loads paper would bring out


def test_a_line_that_met_itself_is_no_printer(monkeypatch: pytest.MonkeyPatch) -> None:
    itself = socket.socket()
    itself.bind(("127.0.0.1", 0))
    itself.connect(itself.getsockname())
    monkeypatch.setattr(socket, "create_connection", lambda *_: itself)
    with pytest.raises(DeviceError, match="not_found"):
        open_printer_line(Address("tcp", "127.0.0.1:9100"))
    assert itself.fileno() == -1


def test_the_simulated_printer_keeps_the_newest_receipts_and_counts_them_all() -> None:
    peer = SimulatedReceiptPrinter()
    many = RECEIPTS_KEPT + 10
    try:
        _send(peer, b"".join(b"\x1bd" + bytes([lines]) + b"\x1dV\x00" for lines in range(1, many + 1)), many)
        heights = [receipt.height for receipt in peer.receipts]
    finally:
        peer.stop()
    assert len(heights) == RECEIPTS_KEPT
    assert heights == sorted(heights)
    assert heights[-1] == many * LINE_FEED
