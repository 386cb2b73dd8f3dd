"""``python -m tests.drivers.record_samples``: records every simulated device once, into ``recordings``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from drivers.code_scanner import CodeScanner
from drivers.driver import DeviceState, Driver
from drivers.id_card_reader import IdCardRead, IdCardReader
from drivers.receipt_printer import Cut, PrintResultState, QrCode, Raster, ReceiptPrinter
from drivers.simulated.camera import SimulatedCamera
from drivers.simulated.code_scanner import SimulatedCodeScanner
from drivers.simulated.id_card_reader import SAMPLE_CARDS, SimulatedIdCardReader
from drivers.simulated.pcsc_service import PcscService
from drivers.simulated.receipt_printer import SimulatedReceiptPrinter
from drivers.simulated.scenes import webcam_scene
from drivers.simulated.social_security_card import SimulatedSocialSecurityCard
from drivers.social_security_card import SocialSecurityCardRead, SocialSecurityCardReader
from drivers.transport.address import parse_address
from drivers.webcam import Webcam
from kiosk import __version__
from tests.drivers.events import Events

FOLDER = Path(__file__).parent / "recordings"


def record(name: str, driver: Driver, work: Callable[[], None]) -> None:
    """Record from before the opening until ``work`` is done."""
    path = FOLDER / f"{name}.jsonl"
    path.unlink(missing_ok=True)
    driver.tap.start(path, driver.settings_for_replay(), __version__, lambda: None)
    driver.start()
    try:
        work()
        time.sleep(0.6)
    finally:
        driver.stop()
    print(f"{path.name}: {path.stat().st_size} bytes")


def id_card(events: Events) -> None:
    peer = SimulatedIdCardReader()
    peer.start()
    reader = IdCardReader(parse_address(peer.address), events)

    def work() -> None:
        events.wait_state(DeviceState.READY)
        peer.lay_card(SAMPLE_CARDS["moved"])
        events.wait(IdCardRead)
        peer.lift_card()

    record("simulated_id_card_reader", reader, work)
    peer.stop()


def scanner(events: Events) -> None:
    peer = SimulatedCodeScanner()
    peer.start()

    def work() -> None:
        events.wait_state(DeviceState.UNKNOWN)
        peer.scan(b"https://example.invalid/invented")
        events.wait_state(DeviceState.READY)

    record("simulated_code_scanner", CodeScanner(parse_address(peer.address), events), work)
    peer.stop()


def printer(events: Events) -> None:
    peer = SimulatedReceiptPrinter()
    driver = ReceiptPrinter(parse_address(peer.address), events, profile="TM-T20II", width_dots=576, has_status=True)

    def work() -> None:
        events.wait_state(DeviceState.READY)
        rows = np.zeros((260, 576), dtype=np.bool_)
        rows[::3] = True
        slip = (Raster(rows), QrCode("DS1:invented"), Cut())
        assert driver.print_job(slip, "sample").result(60).state is PrintResultState.PRINTED

    record("simulated_receipt_printer", driver, work)
    peer.stop()


def camera(events: Events) -> None:
    with SimulatedCamera(webcam_scene("face"), size=(640, 360)) as peer:
        driver = Webcam(parse_address(peer.address), events)

        def work() -> None:
            seen = 0
            for _ in range(12):
                frame = driver.wait_for_frame(seen, 5.0)
                assert frame is not None
                seen = frame.number

        record("simulated_webcam", driver, work)


def social_security_card(events: Events) -> None:
    service = PcscService(lock_seconds=240.0)
    service.start()
    try:
        card = SimulatedSocialSecurityCard(service)

        def work() -> None:
            events.wait_state(DeviceState.READY)
            card.insert()
            events.wait(SocialSecurityCardRead)
            card.remove()

        record(
            "simulated_social_security_card",
            SocialSecurityCardReader(parse_address(service.address), events),
            work,
        )
    finally:
        service.stop()


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    for make in (id_card, scanner, printer, camera, social_security_card):
        make(Events())
    return 0


if __name__ == "__main__":
    sys.exit(main())
