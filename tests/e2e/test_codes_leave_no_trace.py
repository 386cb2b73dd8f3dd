"""One-time codes, read in every way a station can read them, are nowhere afterwards: no log, no database, no file."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from drivers.code_scanner import CodeScanner
from drivers.input_device import InputDevice
from drivers.simulated.code_scanner import SimulatedTypingScanner
from drivers.simulated.scenes import document_scene, webcam_scene
from kiosk.conductor.snapshot import Screen
from kiosk.demo import resident_code
from kiosk.identity.codes import RESIDENT_CODE_HOST
from tests.e2e.whole_station import BOOKLET, WholeStation

pytestmark = pytest.mark.timeout(240)
CANARY = "this line is in the log"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where every temporary file of the test lands."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    """Everything anybody says, at the finest level."""
    path = tmp_path / "everything.log"
    handler = logging.FileHandler(path, encoding="utf-8")
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield path
    root.removeHandler(handler)
    root.setLevel(before)
    handler.close()


def traces(folder: Path, text: str) -> list[Path]:
    """Files that hold the text, in any of the ways it could have been written."""
    shapes = (text.encode(), text.encode("utf-16-le"), text.encode().hex().encode())
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and any(shape in path.read_bytes() for shape in shapes)
    ]


def test_a_visit_identified_by_codes_from_every_source(
    tmp_path: Path, temporary: Path, log_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typing = SimulatedTypingScanner()
    typing.start()
    monkeypatch.setitem(CodeScanner.__init__.__kwdefaults__, "open_input", partial(InputDevice, ioctl=typing.ioctl))
    shown: list[str] = []

    def new_code() -> str:
        shown.append(resident_code())
        return shown[-1]

    try:
        with WholeStation() as whole:
            bench = whole.bench
            ways: dict[str, Callable[[str], object]] = {
                "serial": lambda code: bench.code_scanner.scan(code.encode()),
                "keys through the window": lambda code: whole.do.wedge_code(code),
                "webcam": lambda code: bench.webcam.show(webcam_scene("phone", code=code)),
                "document camera": lambda code: bench.document_camera.show(webcam_scene("phone", code=code)),
            }
            whole.begin()
            for way in ways.values():
                with whole.told("visit.code_unknown"):
                    way(new_code())
                bench.webcam.show(webcam_scene("empty_room"))
                bench.document_camera.show(document_scene("empty_mat"))
            for odd in (f"]Q1{new_code()}\x1d", new_code() + "tail", new_code()[: len(RESIDENT_CODE_HOST) + 20]):
                with whole.told("visit.code_unknown"):
                    bench.code_scanner.scan(odd.encode())

            devices = whole.station.settings.devices.model_copy(update={"code_scanner": typing.address})
            whole.restart(devices=devices)
            whole.begin()
            whole._soon(lambda: typing.grabs, "the scanner that types was not grabbed")
            with whole.told("visit.code_unknown"):
                typing.scan(new_code())

            shown.append(whole.demo.codes["valid"])
            typing.scan(shown[-1])
            whole.of_visit(lambda visit: visit.can_next, "the code's person")
            whole.choose(BOOKLET)
            whole.consent()
            logging.getLogger("test").debug(CANARY)
            data = whole.station.settings.station.data
            kept = [path for path in data.rglob("*") if path.is_file()]
            assert any(path.read_bytes().startswith(b"SQLite format 3") for path in kept), "no database to look into"
            assert traces(tmp_path, CANARY) == [log_file]
            assert len(shown) == 9
            for code in shown:
                token = code.removeprefix(RESIDENT_CODE_HOST)[:16]
                assert not traces(tmp_path, token)
            whole.do.cancel_visit()
            whole.screen(Screen.HOME)
    finally:
        typing.stop()
    for code in shown:
        assert not traces(tmp_path, code.removeprefix(RESIDENT_CODE_HOST)[:16])
