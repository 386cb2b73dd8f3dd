"""``kiosk devices``: what is plugged in, and what station.toml names, as programs see it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from drivers import discovery, probing
from drivers.simulated.id_card_reader import SimulatedIdCardReader
from drivers.simulated.receipt_printer import SimulatedReceiptPrinter
from drivers.transport.address import parse_address
from drivers.transport.serial_port import SerialPort
from kiosk.cli import main

STATION = '[station]\nid = "test-0001"\nname = "示例村服务站"\ncentre_name = "示例中心"\n'


@pytest.fixture
def reader() -> Iterator[SimulatedIdCardReader]:
    reader = SimulatedIdCardReader()
    reader.start()
    yield reader
    reader.stop()


@pytest.fixture
def plugged_in(reader: SimulatedIdCardReader, monkeypatch: pytest.MonkeyPatch) -> str:
    """The simulated reader's port as the only thing on this computer."""
    path = str(reader.terminal.path)
    port = SimpleNamespace(
        device=path, vid=None, pid=None, serial_number=None, location=None, description="Example reader"
    )
    monkeypatch.setattr(discovery.list_ports, "comports", lambda: [port])
    monkeypatch.setattr(discovery, "SOURCES", (discovery.serial_ports,))
    for name in ("PRINTER_SECONDS", "READER_SECONDS", "SILENCE_SECONDS"):
        monkeypatch.setattr(probing, name, 0.1)
    return f"serial:{path}"


def test_scan_lists_without_opening(
    plugged_in: str, reader: SimulatedIdCardReader, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["devices", "scan"]) == 0
    shown = capsys.readouterr().out
    assert plugged_in in shown.split()
    assert "Example reader" in shown
    assert "身份证读卡" in shown
    assert reader.commands == []


def test_scan_probes_and_gives_json(plugged_in: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices", "scan", "--probe", "--json"]) == 0
    out, err = capsys.readouterr()
    (device,) = json.loads(out)["devices"]
    assert device["connection"] == plugged_in
    assert [answer["piece"] for answer in device["probe"]["answers"]] == ["id_card_reader"]
    assert device["probe"]["answers"][0]["identity"] == "05.03-20240101-0012345678-0987654321"
    assert "9600" in err, "progress stands beside the result"


def test_scan_says_that_a_port_is_held(plugged_in: str, capsys: pytest.CaptureFixture[str]) -> None:
    holder = SerialPort(parse_address(plugged_in))
    holder.open()
    try:
        assert main(["devices", "scan", "--probe", "--json"]) == 0
    finally:
        holder.close()
    (device,) = json.loads(capsys.readouterr().out)["devices"]
    assert device["probe"]["code"] == "device.in_use"
    assert device["probe"]["answers"] == []


def test_list_says_of_every_piece_whether_it_is_there(
    tmp_path: Path, reader: SimulatedIdCardReader, capsys: pytest.CaptureFixture[str]
) -> None:
    printer = SimulatedReceiptPrinter()
    config = tmp_path / "station.toml"
    config.write_text(
        f'{STATION}data = "{tmp_path}"\n[devices]\nid_card_reader = "{reader.address}"\n'
        f'receipt_printer = "{printer.address}"\nsocial_security_card = "none"\n',
        encoding="utf-8",
    )
    try:
        assert main(["devices", "list", "--config", str(config), "--json", "--wait", "20"]) == 0
        rows = {row["piece"]: row for row in json.loads(capsys.readouterr().out)["devices"]}
        assert rows["id_card_reader"]["state"] == "ready"
        assert rows["id_card_reader"]["connection"] == reader.address
        assert rows["receipt_printer"]["state"] == "ready"
        assert rows["social_security_card"]["code"] == "device.none_by_design"
        assert rows["webcam"]["code"] == "device.not_configured"
        reader.unplug()
        assert main(["devices", "list", "--config", str(config), "--wait", "2"]) == 1
        shown = capsys.readouterr().out
        assert "身份证读卡" in shown
        assert reader.address in shown
    finally:
        printer.stop()
