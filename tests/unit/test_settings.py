"""station.toml: what is good stays good, and what is wrong is named by its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.settings import SettingsError, load_settings

ROOT = Path(__file__).parent.parent.parent
STATION = '[station]\nid = "a-1"\nname = "示例站"\ncentre_name = "示例中心"\n'


def test_the_example_that_is_installed_is_good() -> None:
    settings = load_settings(ROOT / "packaging" / "station.toml.example")
    assert settings.station.data == Path("/var/lib/doorstep")
    assert (settings.idle.warn, settings.idle.warn_large_print, settings.idle.countdown) == (60, 120, 20)
    assert settings.idle.sign_off == 600
    assert settings.outbox.draft_hours == 24


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ("[outbox]\nbalast_mb = 1\n", "outbox.balast_mb"),
        ("[colour]\n", "colour"),
        ("[idle]\nwarn = 1\n", "idle.warn"),
        ('[centre]\nurl = "centre.example"\n', "centre.url"),
        ('[devices]\nwebcam = "video0"\n', "devices.webcam"),
        ('[devices]\nid_card_reader = "pcsc:"\n', "devices.id_card_reader"),
        ('[devices]\nsocial_security_card = "serial:/dev/ttyS0"\n', "devices.social_security_card"),
        ('[devices]\ncode_scanner = "tcp:127.0.0.1:1"\n', "devices.code_scanner"),
        ('[devices]\ncode_scanner = "hid:"\n', "devices.code_scanner"),
        ('[devices]\nwebcam = "camera:"\n', "devices.webcam"),
        ('[devices]\nreceipt_printer = "keyboard"\n', "devices.receipt_printer"),
        ('[devices]\ndocument_camera = "usb:1234:5678"\n', "devices.document_camera"),
        ("[printer]\nroll_metres = 0\n", "printer.roll_metres"),
        ("[printer]\nreprint_days = 0\n", "printer.reprint_days"),
    ],
)
def test_what_is_wrong_is_named_by_its_key(tmp_path: Path, more: str, named: str) -> None:
    path = tmp_path / "station.toml"
    path.write_text(STATION + more, encoding="utf-8")
    with pytest.raises(SettingsError, match=rf"station\.toml: {named}: "):
        load_settings(path)


def test_every_piece_may_be_simulated_and_a_camera_may_be_a_folder(tmp_path: Path) -> None:
    pieces = ["document_camera", "id_card_reader", "social_security_card", "code_scanner", "receipt_printer", "webcam"]
    path = tmp_path / "station.toml"
    path.write_text(STATION + "[devices]\n" + "".join(f'{piece} = "simulated"\n' for piece in pieces), encoding="utf-8")
    assert set(load_settings(path).devices.model_dump().values()) == {"simulated"}
    path.write_text(STATION + '[devices]\ndocument_camera = "images:pictures"\n', encoding="utf-8")
    assert load_settings(path).devices.document_camera == "images:pictures"


@pytest.mark.parametrize("content", [b"[station", b"\xff\xfe", STATION.encode()[9:]])
def test_a_file_that_is_no_settings_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "station.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"station\.toml: "):
        load_settings(path)


def test_a_piece_may_be_none_on_purpose_or_not_set_up_yet(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text(STATION + '[devices]\nwebcam = "none"\nsocial_security_card = "none"\n', encoding="utf-8")
    devices = load_settings(path).devices
    assert (devices.webcam, devices.social_security_card, devices.code_scanner) == ("none", "none", "")


@pytest.mark.parametrize(
    ("printer", "metres"),
    [("", 60), ("paper_mm = 58", 15), ("roll_metres = 28.5", 28.5), ("paper_mm = 58\nroll_metres = 10", 10)],
)
def test_a_roll_has_a_length_usual_for_its_width_unless_it_is_said(tmp_path: Path, printer: str, metres: float) -> None:
    path = tmp_path / "station.toml"
    path.write_text(f"{STATION}[printer]\n{printer}\n", encoding="utf-8")
    assert load_settings(path).printer.roll_length == metres
