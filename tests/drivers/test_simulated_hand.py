"""The simulated hand carries self-test slips and nothing else; the simulated line is as bad as it is told to be."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.receipt_printer import Cut, Element, QrCode, Raster, ReceiptPrinter
from drivers.simulated.camera import SimulatedCamera
from drivers.simulated.carrier import SlipCarrier
from drivers.simulated.code_scanner import SimulatedCodeScanner
from drivers.simulated.network_line import NetworkLine
from drivers.simulated.receipt_printer import SimulatedReceiptPrinter
from drivers.simulated.scenes import document_scene, webcam_scene
from drivers.transport.address import parse_address
from tests.waiting import until

CODE = "DOORSTEP-SELF-TEST-7KQ2MXN4RA"


class Table:
    """A printer with its driver, a scanner and two cameras, and the hand between them."""

    def __init__(self) -> None:
        self.printer = SimulatedReceiptPrinter()
        self.scanner = SimulatedCodeScanner()
        self.scanned: list[bytes] = []
        self.cameras = (
            SimulatedCamera(document_scene("empty_mat"), (320, 240)),
            SimulatedCamera(webcam_scene("empty_room"), (320, 180)),
        )
        self.carrier = SlipCarrier(self.printer, self.scanner, *self.cameras)
        self.carrier.hand.scan = lambda scanner, code: self.scanned.append(code)
        self.carrier.start()
        self.driver = ReceiptPrinter(
            parse_address(self.printer.address),
            lambda event: None,
            profile="TM-T20II",
            width_dots=576,
            has_status=True,
        )
        self.driver.start()

    def print(self, code: str, action: str) -> None:
        white: NDArray[np.bool_] = np.zeros((40, 576), dtype=np.bool_)
        job: list[Element] = [Raster(white), QrCode(code, 7), Raster(white), Cut()]
        until(lambda: self.driver.status.state == "ready")
        self.driver.print_job(job, action).result(20)

    def stop(self) -> None:
        self.driver.stop()
        self.carrier.stop()
        for camera in self.cameras:
            camera.close()
        self.printer.stop()


@pytest.fixture
def table() -> Iterator[Table]:
    made = Table()
    yield made
    made.stop()


def test_a_slip_is_carried_everywhere_and_put_away_for_the_next(table: Table) -> None:
    table.print(CODE, "one")
    until(lambda: table.scanned)
    assert table.scanned[0] == CODE.encode()
    assert all(camera.scene.sheet is not None for camera in table.cameras)
    sheet = table.cameras[0].scene.sheet
    assert sheet is not None
    assert sheet.width_mm == pytest.approx(80, abs=0.2)
    table.print("https://example.invalid/receipt", "two")
    until(lambda: all(camera.scene.sheet is None for camera in table.cameras))
    assert table.carrier.carried == 1


def test_what_somebody_else_put_there_stays(table: Table) -> None:
    table.print(CODE, "one")
    until(lambda: table.cameras[0].scene.sheet is not None)
    other = document_scene("a4_form")
    table.cameras[0].show(other)
    table.print("x", "two")
    until(lambda: table.cameras[1].scene.sheet is None)
    assert table.cameras[0].scene is other


class Echo:
    """Sends back what it gets."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    @staticmethod
    def _answer(line: socket.socket) -> None:
        with contextlib.suppress(OSError), line:
            while data := line.recv(4096):
                line.sendall(data)

    def stop(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@pytest.fixture
def line() -> Iterator[NetworkLine]:
    echo = Echo()
    relay = NetworkLine("127.0.0.1", echo.port)
    yield relay
    relay.stop()
    echo.stop()


def ask(line: NetworkLine, data: bytes = b"GET x") -> bytes:
    with socket.create_connection(("127.0.0.1", line.port), 5) as near:
        near.settimeout(10)
        near.sendall(data)
        return near.recv(4096)


def test_a_good_line_passes_everything(line: NetworkLine) -> None:
    assert ask(line) == b"GET x"


def test_a_late_line_is_late_both_ways_and_a_thin_one_by_the_byte(
    line: NetworkLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("drivers.simulated.network_line.time.sleep", waits.append)
    line.quality.delay = 0.2
    line.quality.bytes_per_second = 10
    assert ask(line) == b"GET x"
    assert waits == [0.2, 0.5, 0.2, 0.5]


def test_a_lossy_line_breaks_every_second_request(line: NetworkLine) -> None:
    line.quality.breaks_every = 2

    def answered() -> bool:
        try:
            return ask(line) == b"GET x"
        except OSError:
            return False

    assert [answered() for _ in range(6)] == [True, False] * 3


def test_a_cut_line_lets_nothing_through_until_it_is_mended(line: NetworkLine) -> None:
    line.quality.cut = True
    with contextlib.suppress(OSError):
        assert ask(line) == b""
    line.quality.cut = False
    assert ask(line) == b"GET x"
