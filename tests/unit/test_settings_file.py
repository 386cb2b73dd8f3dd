"""station.toml rewritten: comments and order stay, the old file stays, and nothing unusable is ever written."""

from __future__ import annotations

import errno
import os
import re
import tempfile
import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from drivers.driver import DeviceKind
from kiosk.settings import PrinterSection, Settings, StationSection, load_settings
from kiosk.settings_file import KEPT_COPIES, SettingsFileError, change_settings, write_new_settings

EXAMPLE = (Path(__file__).parent.parent.parent / "packaging" / "station.toml.example").read_text(encoding="utf-8")
STATION = '[station]\nid = "test-0001"\nname = "示例村服务站"\ncentre_name = "示例中心"\n'
NOON = datetime(2026, 11, 20, 12, 0, 0)
FILES = {
    "example": EXAMPLE,
    "bare": STATION,
    "bare without a last line end": STATION.rstrip("\n"),
    "comments behind": STATION + '\n[devices] # hands off\nwebcam = "none" # small\n[printer]\n# of the maker\n',
    "inline table": 'devices = { webcam = "", code_scanner = "keyboard" } # one line\n' + STATION,
    "dotted": 'devices.webcam = "" # dotted\ndevices.code_scanner = "keyboard"\n' + STATION,
    "windows": EXAMPLE.replace("\n", "\r\n"),
    "comment at the end": STATION + '[devices]\nwebcam = ""\n\n# the last word\n',
}  # fmt: skip
CONNECTIONS = {
    "document_camera": ["v4l2:/dev/v4l/by-id/usb-A-video-index0", "", "none", "http://127.0.0.1:1/a.mjpg"],
    "id_card_reader": ["serial:/dev/serial/by-id/usb-A?baud=9600", "serial:/dev/serial/by-id/usb-A?baud=auto", ""],
    "social_security_card": ["pcsc:", "pcsc:ACS ACR1281 [CCID] (张\"'#\\)", "none"],
    "code_scanner": ["keyboard", "serial:COM7?baud=115200", ""],
    "receipt_printer": ["tcp:127.0.0.1:9100", "usb:0416:5011?serial=A%3FB", "file:/dev/usb/lp0"],
    "webcam": ["v4l2:/dev/v4l/by-path/pci-0000:00:14.0-usb-0:1:1.0-video-index0", ""],
}
EDITS = st.lists(
    st.one_of(
        st.sampled_from(sorted(CONNECTIONS)).flatmap(
            lambda kind: st.tuples(st.just("devices"), st.just(kind), st.sampled_from(CONNECTIONS[kind]))
        ),
        st.tuples(st.just("printer"), st.just("paper_mm"), st.sampled_from([58, 80])),
        st.tuples(st.just("printer"), st.just("status"), st.booleans()),
        st.tuples(st.just("printer"), st.just("profile"), st.sampled_from(["POS-5890", "TM-T20II"])),
    ),
    max_size=8,
)


def comments(text: str) -> list[str]:
    found = (re.match(r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|[^#"'])*(#.*)?""", line) for line in text.splitlines())
    return [one[1] for one in found if one and one[1]]


def keys(text: str) -> list[str]:
    return re.findall(r"^(?:\[[a-z]+\]|[a-z_.]+(?= = ))", text, re.M)


@pytest.mark.parametrize("name", FILES)
@settings_of_hypothesis(max_examples=30)
@given(edits=EDITS)
def test_any_row_of_edits_keeps_comments_and_order_and_can_be_loaded(
    name: str, edits: list[tuple[str, str, Any]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "station.toml"
        path.write_bytes(FILES[name].encode())
        expected = load_settings(path).model_dump()
        for number, (section, key, value) in enumerate(edits):
            settings, _ = change_settings(path, {section: {key: value}}, lambda n=number: NOON + timedelta(seconds=n))
            expected[section][key] = value
            assert settings.model_dump() == expected
        text = path.read_bytes().decode()
        assert load_settings(path).model_dump() == expected
        assert comments(text) == comments(FILES[name])
        old_keys = keys(FILES[name])
        assert [key for key in keys(text) if key in old_keys][: len(old_keys)] == old_keys


def test_the_old_file_stays_beside_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    path.chmod(0o640)
    settings, old = change_settings(path, {"devices": {"webcam": "none"}}, lambda: NOON)
    assert settings.devices.webcam == "none"
    assert old == tmp_path / "station.toml.20261120-120000"
    assert old.read_text(encoding="utf-8") == EXAMPLE
    assert path.stat().st_mode & 0o777 == 0o640
    _, second = change_settings(path, {"devices": {"webcam": ""}}, lambda: NOON)
    assert second == tmp_path / "station.toml.20261120-120000-2"
    assert 'webcam = "none"' in second.read_text(encoding="utf-8")
    assert len(list(tmp_path.iterdir())) == 3, "no temporary file is left"


def test_only_the_newest_copies_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text(STATION, encoding="utf-8")
    (tmp_path / "station.toml.my-own-copy").write_text("mine")
    for number in range(KEPT_COPIES + 5):
        moment = NOON + timedelta(seconds=number)
        change_settings(path, {"printer": {"paper_mm": 58 if number % 2 else 80}}, lambda moment=moment: moment)
    left = sorted(one.name for one in tmp_path.glob("station.toml.2*"))
    assert len(left) == KEPT_COPIES
    assert left[-1] == "station.toml.20261120-120014"
    assert (tmp_path / "station.toml.my-own-copy").exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"devices": {"webcam": "serial:/dev/ttyUSB0"}},
        {"devices": {"webcam": "nonsense"}},
        {"devices": {"toaster": "pcsc:"}},
        {"printer": {"paper_mm": 70}},
        {"kitchen": {"sink": 1}},
    ],
)
def test_what_would_not_load_is_not_written(tmp_path: Path, changes: Any) -> None:
    path = tmp_path / "station.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    with pytest.raises(SettingsFileError) as caught:
        change_settings(path, changes)
    assert caught.value.code == "set_up.refused"
    assert str(tmp_path) not in caught.value.detail["reason"]
    assert path.read_text(encoding="utf-8") == EXAMPLE
    assert [one.name for one in tmp_path.iterdir()] == ["station.toml"]


@pytest.mark.parametrize(
    ("text", "code"),
    [(None, "set_up.no_file"), ("[station", "set_up.file_broken"), (STATION + "[x]\n[x]\n", "set_up.file_broken")],
)
def test_a_file_that_is_not_there_or_not_toml_is_said(tmp_path: Path, text: str | None, code: str) -> None:
    path = tmp_path / "station.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsFileError) as caught:
        change_settings(path, {"printer": {"paper_mm": 58}})
    assert caught.value.code == code
    assert [one.name for one in tmp_path.iterdir()] == ([] if text is None else ["station.toml"])


@pytest.mark.parametrize("call", ["mkstemp", "write", "fsync", "link", "replace"])
@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "set_up.disk_full"), (errno.EROFS, "set_up.read_only")])
def test_a_full_or_read_only_disk_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, code: str
) -> None:
    path = tmp_path / "station.toml"
    path.write_text(EXAMPLE, encoding="utf-8")

    def fail(*_: object, **__: object) -> Any:
        raise OSError(number, os.strerror(number))

    if call == "mkstemp":
        monkeypatch.setattr(tempfile, "mkstemp", fail)
    elif call == "write":
        monkeypatch.setattr(os, "fchmod", fail)
    else:
        monkeypatch.setattr(os, call, fail)
    with pytest.raises(SettingsFileError) as caught:
        change_settings(path, {"printer": {"paper_mm": 58}}, lambda: NOON)
    monkeypatch.undo()
    assert caught.value.code == code
    assert path.read_text(encoding="utf-8") == EXAMPLE
    assert {one.name for one in tmp_path.iterdir()} <= {"station.toml", "station.toml.20261120-120000"}


def test_a_file_system_without_second_names_gets_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "station.toml"
    path.write_text(EXAMPLE, encoding="utf-8")

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    _, old = change_settings(path, {"printer": {"paper_mm": 58}}, lambda: NOON)
    assert old.read_text(encoding="utf-8") == EXAMPLE
    assert load_settings(path).printer.paper_mm == 58


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_said(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(SettingsFileError) as caught:
            change_settings(path, {"printer": {"paper_mm": 58}})
    finally:
        tmp_path.chmod(0o700)
    assert caught.value.code == "set_up.read_only"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "real.toml"
    real.write_text(STATION, encoding="utf-8")
    link = tmp_path / "station.toml"
    link.symlink_to(real)
    change_settings(link, {"printer": {"paper_mm": 58}})
    assert link.is_symlink()
    assert load_settings(real).printer.paper_mm == 58


def test_settings_without_a_file_are_written_whole(tmp_path: Path) -> None:
    settings = Settings(
        station=StationSection(id="demo-1", name="示例", centre_name="中心", data=tmp_path / "data"),
        printer=PrinterSection(paper_mm=58),
    )
    path = tmp_path / "station.toml"
    write_new_settings(path, settings)
    assert load_settings(path) == settings
    change_settings(path, {"devices": {kind.value: "none" for kind in DeviceKind}})
    assert set(tomllib.loads(path.read_text(encoding="utf-8"))["devices"].values()) == {"none"}
