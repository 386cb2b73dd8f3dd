"""The printer driver against emupos, an ESC/POS interpreter that is not ours.

emupos needs Python 3.13 and its own environment. Name its command in DOORSTEP_EMUPOS to run these:
``python3.13 -m venv emu && emu/bin/pip install emupos==0.4.0``, then ``DOORSTEP_EMUPOS=emu/bin/emupos``.
"""

from __future__ import annotations

import io
import os
import shlex
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
import zxingcpp
from PIL import Image

from drivers.driver import DeviceState
from drivers.receipt_printer import Cut, PrintPhase, PrintProgress, PrintResultState, QrCode, Raster, ReceiptPrinter
from drivers.transport.address import parse_address
from tests.waiting import until

COMMAND = os.environ.get("DOORSTEP_EMUPOS", "")
pytestmark = pytest.mark.skipif(not COMMAND, reason="DOORSTEP_EMUPOS names no emupos command")

CONFIGURATION = """
schema: 1
api: {{ host: 127.0.0.1, port: {api} }}
devices:
  - id: front
    type: printer
    profile: xprinter-xp80t
    connections:
      - tcp: {{ port: {port} }}
    receipts_dir: ./receipts
    job_idle_timeout_ms: 1500
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Emupos:
    def __init__(self, folder: Path) -> None:
        self.port, api = _free_port(), _free_port()
        self.device = f"http://127.0.0.1:{api}/api/v1/devices/front"
        (folder / "emupos.yaml").write_text(CONFIGURATION.format(api=api, port=self.port))
        self.process = subprocess.Popen(
            [*shlex.split(COMMAND), "run"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(self._answers)

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 0.2).close()
        except OSError:
            return False
        return True

    def fault(self, name: str, on: bool = True) -> None:
        requests.request("PUT" if on else "DELETE", f"{self.device}/faults/{name}", timeout=5).raise_for_status()

    def receipts(self) -> list[np.ndarray]:
        entries = requests.get(f"{self.device}/receipts", timeout=5).json()
        pictures = []
        for entry in entries:
            answer = requests.get(f"{self.device}/receipts/{entry['id']}/image", timeout=5)
            pictures.append(np.asarray(Image.open(io.BytesIO(answer.content)).convert("L")))
        return pictures

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emupos]:
    emupos = Emupos(tmp_path_factory.mktemp("emupos"))
    yield emupos
    emupos.stop()


@pytest.fixture
def events() -> list[Any]:
    return []


@pytest.fixture
def driver(peer: Emupos, events: list[Any]) -> Iterator[ReceiptPrinter]:
    made = ReceiptPrinter(
        parse_address(f"tcp:127.0.0.1:{peer.port}"), events.append, profile="TM-T20II", width_dots=576, has_status=True
    )
    made.start()
    until(lambda: made.status.state is DeviceState.READY)
    yield made
    made.stop()


def _slip() -> tuple[Any, ...]:
    y, x = np.mgrid[0:300, 0:576]
    return Raster((x * 7 + y * y) % 11 < 3), QrCode("DS1:emupos", 6), Cut()


def test_prints_dots_and_qr_and_confirms(peer: Emupos, driver: ReceiptPrinter) -> None:
    before = len(peer.receipts())
    assert driver.print_job(_slip(), "one").result(30).state is PrintResultState.PRINTED
    pictures = until(lambda: len(found := peer.receipts()) > before and found)
    newest = max(pictures, key=lambda picture: picture.shape[0])
    assert zxingcpp.read_barcodes(np.pad(newest, 40, constant_values=255))[0].text == "DS1:emupos"
    wanted = _slip()[0].rows
    tops = [top for top in range(80) if newest.shape[0] >= top + 300]
    assert any(((newest[top : top + 300] < 128) == wanted).mean() > 0.999 for top in tops)


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [
        ("paper-out", DeviceState.ATTENTION, "receipt_printer.paper_end"),
        ("paper-near-end", DeviceState.READY, "receipt_printer.near_end"),
        ("cover-open", DeviceState.ATTENTION, "receipt_printer.cover_open"),
        ("offline", DeviceState.ATTENTION, "receipt_printer.offline"),
    ],
)
def test_states(peer: Emupos, driver: ReceiptPrinter, fault: str, state: DeviceState, code: str) -> None:
    peer.fault(fault)
    try:
        until(lambda: (driver.status.state, driver.status.code) == (state, code))
    finally:
        peer.fault(fault, on=False)
    until(lambda: (driver.status.state, driver.status.code) == (DeviceState.READY, ""))


def test_waits_for_paper_and_prints_once(peer: Emupos, driver: ReceiptPrinter, events: list[Any]) -> None:
    before = len(peer.receipts())
    peer.fault("paper-out")
    printing = driver.print_job(_slip(), "two")
    try:
        until(
            lambda: any(
                isinstance(event, PrintProgress) and event.state is PrintPhase.WAITING_FOR_HAND for event in events
            )
        )
        assert not printing.done()
    finally:
        peer.fault("paper-out", on=False)
    assert printing.result(30).state is PrintResultState.PRINTED
    until(lambda: len(peer.receipts()) == before + 1)
