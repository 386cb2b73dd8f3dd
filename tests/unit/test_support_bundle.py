"""The support bundle: whole or not there, listed, and nothing in it that was not named."""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile
from pathlib import Path

import pytest

from drivers.driver import DeviceKind, DeviceState, DeviceStatus
from kiosk.devices.station_devices import StationDevices
from kiosk.selftest.history import History
from kiosk.settings import DevicesSection, Settings
from kiosk.station import _Service
from kiosk.support import bundle
from kiosk.support.bundle import BundleError, write_bundle

FILES = {
    "manifest.json",
    "settings.json",
    "devices.json",
    "self-tests.json",
    "outbox.json",
    "versions.json",
    "machine.json",
    "log.txt",
}
LINE = "2026-11-20 08:30:00,123 INFO kiosk.station [engine] screen capture"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    data = tmp_path / "data"
    (data / "log").mkdir(parents=True)
    (data / "log" / "kiosk.log").write_text(LINE + " 李样张 000000190001010009\n", encoding="utf-8")
    (data / "storage.key").write_bytes(b"a secret key")
    (data / "outbox").mkdir()
    return Settings.model_validate(
        {"station": {"id": "sample-1", "name": "示例村", "centre_name": "示例镇", "data": data}}
    )


def read(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_holds_what_is_named_and_nothing_else(settings: Settings, tmp_path: Path) -> None:
    parts: list[str] = []
    status = DeviceStatus(DeviceKind.WEBCAM, DeviceState.READY, detail={"place": "http://u:pw@h/s?k=v"}, identity="cam")
    written = write_bundle(tmp_path, settings, statuses=[status], self_tests=[{"kind": "quick"}], progress=parts.append)
    held = read(written)
    assert set(held) == FILES
    assert set(parts) == FILES - {"manifest.json"}
    everything = b"\n".join(held.values()).decode()
    for secret in ("李样张", "000000190001010009", "a secret key", "pw@", "k=v"):
        assert secret not in everything
    assert held["log.txt"].decode() == LINE + " [withheld] [withheld]"
    manifest = json.loads(held["manifest.json"])
    assert manifest["files"] == {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in held.items()
        if name != "manifest.json"
    }
    assert json.loads(held["devices.json"])["running"][0]["identity"] == "cam"
    assert json.loads(held["outbox.json"]) == {"error": "outbox.not_found"}
    assert json.loads(held["versions.json"])["packages"]["pydantic"]


def test_a_part_that_breaks_is_named_and_costs_only_itself(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(folder: Path) -> None:
        raise RuntimeError("李样张")

    monkeypatch.setattr(bundle, "list_cases", broken)
    held = read(write_bundle(tmp_path, settings))
    assert set(held) == FILES
    assert json.loads(held["outbox.json"]) == {"error": "RuntimeError"}
    assert json.loads(held["settings.json"])["station"]["id"] == "sample-1"


def test_only_its_owner_reads_it(settings: Settings, tmp_path: Path) -> None:
    written = write_bundle(tmp_path, settings)
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_a_place_that_cannot_be_written_is_a_code_and_leaves_nothing(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BundleError) as caught:
        write_bundle(tmp_path / "missing" / "x.zip", settings)
    assert caught.value.code == "support.not_written"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_the_name_says_whose_and_when(settings: Settings, tmp_path: Path) -> None:
    assert write_bundle(tmp_path, settings).name.startswith("doorstep-support-sample-1-2")
    named = tmp_path / "mine.zip"
    assert write_bundle(named, settings) == named


def test_a_bundle_made_at_the_station_names_the_connections_that_are_in_effect(
    settings: Settings, tmp_path: Path
) -> None:
    """A technician changes them while the station runs."""
    devices = StationDevices(settings.devices, settings.printer)
    now = [settings]
    service = _Service(lambda: now[0], devices, History(tmp_path / "tests"))
    now[0] = settings.model_copy(update={"devices": DevicesSection(code_scanner="camera:")})
    stick, name = service.bundle()
    assert not stick
    written = read(settings.station.data / "exports" / name)
    assert json.loads(written["settings.json"])["devices"]["code_scanner"] == "camera:"
