"""The settings that leave the station: every one is decided upon, and no secret is among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.settings import Settings
from kiosk.support.excerpt import decided, excerpt, without_secrets


def settings(**sections: object) -> Settings:
    station = {"id": "sample-1", "name": "示例村", "centre_name": "示例镇", "contact": "021-00000000"}
    return Settings.model_validate({"station": station, **sections})


def test_a_new_setting_has_to_be_decided_upon() -> None:
    """Named here or left out on purpose: a key that this test does not know fails it."""
    every = {(section, key) for section, values in settings().model_dump().items() for key in values}
    assert every == set(decided())


def test_nothing_secret_is_in_the_excerpt() -> None:
    shown = str(
        excerpt(
            settings(
                centre={"url": "https://name:geheim@centre.example/base?token=geheim", "token_file": "/etc/geheim"},
                devices={"webcam": "http://name:geheim@camera.example/stream?key=geheim"},
            )
        )
    )
    assert "geheim" not in shown
    assert "021-" not in shown
    assert "centre.example/base" in shown
    assert "camera.example/stream" in shown
    assert excerpt(settings(centre={"token_file": Path("/etc/x")}))["centre"]["token_file"] == "set"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("serial:/dev/serial/by-id/usb-x?baud=115200", "serial:/dev/serial/by-id/usb-x?baud=115200"),
        ("serial:socket://user:pw@10.0.0.1:7001", "serial:socket://10.0.0.1:7001"),
        ("", ""),
        ("none", "none"),
        ("rubbish", "not a connection"),
    ],
)
def test_an_address_keeps_what_is_needed_to_find_the_device(address: str, shown: str) -> None:
    assert without_secrets(address) == shown
