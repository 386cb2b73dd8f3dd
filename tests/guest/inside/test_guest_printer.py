"""The printer at a real USB cable: pyusb and usblp over the kernel's printer gadget, with our simulated mechanism.

Pulled out only while nothing is on its way: unbound in mid-job, usb_f_printer of Linux 6.1 corrupts its lists and stops
the whole machine. Slips that are cut short are tested over all simulated lines (``tests/faults``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from drivers.driver import DeviceState
from drivers.receipt_printer import Cut, PrintResultState, Raster, ReceiptPrinter
from drivers.simulated import receipt_printer as simulated
from drivers.simulated.receipt_printer import SimulatedReceiptPrinter
from drivers.transport.address import parse_address
from tests.drivers.events import Events

from .kernel import Gadget, GadgetPort, timed, wait_for

SLIP = (Raster(np.ones((300, 576), dtype=np.bool_)), Cut())
GONE = (DeviceState.CONNECTING, DeviceState.ABSENT)
PATIENCE = 180
ADDRESSES = ["usb:0416:5011", "file:/dev/usb/lp0"]


@pytest.fixture(scope="module")
def peer(printer_gadget: Gadget) -> Iterator[SimulatedReceiptPrinter]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulated, "LINES", {"gadget": lambda: GadgetPort(printer_gadget)})
        made = SimulatedReceiptPrinter(line="gadget")
    yield made
    made.stop()


@contextmanager
def printing(peer: SimulatedReceiptPrinter, address: str) -> Iterator[tuple[ReceiptPrinter, Events]]:
    """A driver whose printer is ready. pyusb takes the interface from usblp, which has it again after a replug."""
    peer.port.disconnect()
    if address.startswith("file:"):
        wait_for(Path("/dev/usb/lp0").exists)
    events = Events()
    driver = ReceiptPrinter(parse_address(address), events, profile="TM-T20II", width_dots=576, has_status=True)
    driver.start()
    try:
        events.wait_state(DeviceState.READY)
        yield driver, events
    finally:
        driver.stop()


def on_bus() -> bool:
    return any(
        path.read_text().strip() == "0416" for path in Path("/sys/bus/usb/devices").glob("*/idVendor") if path.exists()
    )


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_slip_is_printed_once_and_again_after_the_cable_was_out(peer: SimulatedReceiptPrinter, address: str) -> None:
    with printing(peer, address) as (driver, events):
        seen = len(peer.receipts)
        first = driver.print_job(SLIP, f"{address}-1").result(PATIENCE)
        assert first.state is PrintResultState.PRINTED
        wait_for(lambda: len(peer.receipts) == seen + 1)
        assert driver.print_job(SLIP, f"{address}-1").result(PATIENCE) == first
        peer.port.unplug()
        events.wait_status(lambda status: status.state in GONE)
        with timed(f"printer {address}", on_bus):
            peer.port.replug()
            events.wait_state(DeviceState.READY)
        assert driver.print_job(SLIP, f"{address}-2").result(PATIENCE).state is PrintResultState.PRINTED
        wait_for(lambda: len(peer.receipts) == seen + 2)


def test_no_paper_is_told_over_usb_and_the_job_goes_on_after_refill(peer: SimulatedReceiptPrinter) -> None:
    with printing(peer, "usb:0416:5011") as (driver, events):
        seen = len(peer.receipts)
        try:
            peer.paper_out()
            events.wait_status(lambda status: status.code == "receipt_printer.paper_end")
            job = driver.print_job(SLIP, "after refill")
        finally:
            peer.refill()
        assert job.result(PATIENCE).state is PrintResultState.PRINTED
        wait_for(lambda: len(peer.receipts) == seen + 1)


def test_a_printer_pulled_out_without_paper_comes_back_saying_so(peer: SimulatedReceiptPrinter) -> None:
    with printing(peer, "usb:0416:5011") as (_, events):
        try:
            peer.paper_out()
            events.wait_status(lambda status: status.code == "receipt_printer.paper_end")
            peer.port.unplug()
            events.wait_status(lambda status: status.state in GONE)
            peer.port.replug()
            events.wait_status(lambda status: (status.state, status.code) == (DeviceState.ATTENTION, PAPER_END))
        finally:
            peer.refill()
        events.wait_state(DeviceState.READY)


PAPER_END = "receipt_printer.paper_end"
