"""The printer at a real USB cable: pyusb and usblp over the kernel's printer gadget, with our simulated mechanism."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from drivers.driver import DeviceState
from drivers.receipt_printer import Cut, PrintResultState, Raster, ReceiptPrinter
from drivers.simulated import receipt_printer as simulated
from drivers.simulated.receipt_printer import SimulatedReceiptPrinter
from drivers.transport.address import parse_address
from tests.drivers.events import Events

from .kernel import PRINTER_ID, Gadget, GadgetPort, modprobe, wait_for

SLIP = (Raster(np.ones((300, 576), dtype=np.bool_)), Cut())


@pytest.fixture(scope="module")
def peer() -> Iterator[SimulatedReceiptPrinter]:
    modprobe("usblp")
    gadget = Gadget(1, "0416", "5011", "P001", "printer.0", pnp_string=PRINTER_ID, q_len="8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulated, "LINES", {"gadget": lambda: GadgetPort(gadget)})
        made = SimulatedReceiptPrinter(line="gadget")
    yield made
    made.stop()


def printer(address: str, events: Events) -> ReceiptPrinter:
    return ReceiptPrinter(parse_address(address), events, profile="TM-T20II", width_dots=576, has_status=True)


@pytest.mark.parametrize("address", ["usb:0416:5011", "file:/dev/usb/lp0"])
def test_a_slip_is_printed_once_and_again_after_the_cable_was_out(peer: SimulatedReceiptPrinter, address: str) -> None:
    events = Events()
    driver = printer(address, events)
    peer.port.disconnect()  # pyusb took the interface from usblp, which has it again after a replug
    driver.start()
    try:
        events.wait_state(DeviceState.READY)
        seen = len(peer.receipts)
        first = driver.print_job(SLIP, f"{address}-1").result(60)
        assert first.state is PrintResultState.PRINTED
        wait_for(lambda: len(peer.receipts) == seen + 1)
        assert driver.print_job(SLIP, f"{address}-1").result(1) == first
        peer.port.unplug()
        events.wait_status(lambda status: status.state in (DeviceState.CONNECTING, DeviceState.ABSENT))
        peer.port.replug()
        events.wait_state(DeviceState.READY)
        assert driver.print_job(SLIP, f"{address}-2").result(60).state is PrintResultState.PRINTED
        wait_for(lambda: len(peer.receipts) == seen + 2)
    finally:
        driver.stop()


def test_no_paper_is_told_over_usb_and_the_job_goes_on_after_refill(peer: SimulatedReceiptPrinter) -> None:
    events = Events()
    driver = printer("usb:0416:5011", events)
    driver.start()
    try:
        events.wait_state(DeviceState.READY)
        seen = len(peer.receipts)
        peer.paper_out()
        events.wait_status(lambda status: status.code == "receipt_printer.paper_end")
        job = driver.print_job(SLIP, "after refill")
        peer.refill()
        assert job.result(60).state is PrintResultState.PRINTED
        wait_for(lambda: len(peer.receipts) == seen + 1)
    finally:
        peer.refill()
        driver.stop()
