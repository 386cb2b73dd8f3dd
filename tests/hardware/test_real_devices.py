"""Each driver on the device that an environment variable names; skipped without. See README.md here."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from drivers.code_scanner import CodeScanned
from drivers.driver import DeviceKind, DeviceState
from drivers.id_card_reader import IdCardRead
from drivers.printer_job import DOTS_OF_PAPER
from drivers.receipt_printer import PrintResultState
from drivers.social_security_card import SocialSecurityCardRead
from kiosk.devices.printing import for_printer
from kiosk.devices.station_devices import StationDevices
from kiosk.receipts.draw import draw
from kiosk.receipts.slip import self_test_slip
from kiosk.settings import DevicesSection, PrinterSection

pytestmark = [pytest.mark.hardware, pytest.mark.timeout(120)]

PATIENCE = 60.0


class Piece:
    """One real device with its driver, and what it has told."""

    def __init__(self, kind: DeviceKind, connection: str) -> None:
        self.kind = kind
        self.printer = PrinterSection()
        others = {other.value: "" for other in DeviceKind}
        self.devices = StationDevices(DevicesSection(**{**others, kind.value: connection}), self.printer)
        self.events: list[object] = []
        self.devices.subscribe(self.events.append)
        self.devices.start()

    @property
    def state(self) -> DeviceState:
        return self.devices.status(self.kind).state

    def wait(self, condition: Callable[[], Any], what: str) -> None:
        until = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < until, f"{what}; {self.devices.status(self.kind)}"
            time.sleep(0.05)


@pytest.fixture
def piece(request: pytest.FixtureRequest) -> Iterator[Piece]:
    kind: DeviceKind = request.param
    variable = f"DOORSTEP_{kind.value.upper()}"
    connection = os.environ.get(variable, "")
    if not connection:
        pytest.skip(f"{variable} names no device")
    made = Piece(kind, connection)
    yield made
    made.devices.stop()


def of(*kinds: DeviceKind) -> Any:
    return pytest.mark.parametrize("piece", kinds, ids=str, indirect=True)


@of(DeviceKind.DOCUMENT_CAMERA, DeviceKind.WEBCAM)
def test_a_camera_gives_pictures(piece: Piece) -> None:
    piece.wait(lambda: piece.state is DeviceState.READY, "no picture came")
    frames = [piece.devices.latest_frame(piece.kind)]
    piece.wait(lambda: (frame := piece.devices.latest_frame(piece.kind)) and frame is not frames[0], "it stands still")
    assert piece.devices.status(piece.kind).identity


@of(DeviceKind.ID_CARD_READER, DeviceKind.SOCIAL_SECURITY_CARD)
def test_a_card_reader_answers(piece: Piece) -> None:
    piece.wait(lambda: piece.state in (DeviceState.READY, DeviceState.BUSY), "no answer")
    if os.environ.get("DOORSTEP_CARD_LIES_THERE"):
        read = (IdCardRead, SocialSecurityCardRead)
        piece.wait(lambda: any(isinstance(event, read) for event in piece.events), "no card was read")


@of(DeviceKind.CODE_SCANNER)
def test_a_scanner_can_be_opened(piece: Piece) -> None:
    piece.wait(lambda: piece.state in (DeviceState.READY, DeviceState.UNKNOWN), "it cannot be opened")
    if os.environ.get("DOORSTEP_CODE_IS_HELD"):
        piece.wait(lambda: any(isinstance(event, CodeScanned) for event in piece.events), "no code came")


@of(DeviceKind.RECEIPT_PRINTER)
def test_a_printer_prints_and_says_so(piece: Piece) -> None:
    piece.wait(lambda: piece.state is DeviceState.READY, "it does not say that it is ready")
    slip = self_test_slip(
        station_name="自检", device=piece.printer.profile, printed_at=datetime.now(), code="DOORSTEP-SELF-TEST"
    )
    elements = for_printer(draw(slip, DOTS_OF_PAPER[piece.printer.paper_mm]))
    result = asyncio.run(piece.devices.print_job(elements, f"hardware-{time.time_ns()}"))
    assert result.state is PrintResultState.PRINTED, result
