"""The settings that may leave the station: named one by one, so that a new setting stays here until it is named."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from drivers.transport.address import parse_address
from kiosk.settings import Settings

PLAIN = frozenset(
    {
        "station.id",
        "station.name",
        "station.centre_name",
        "station.language",
        "station.text_size",
        "station.high_contrast",
        "station.full_screen",
        "printer.profile",
        "printer.paper_mm",
        "printer.status",
        "printer.ticket",
        "printer.reprint_days",
        "printer.roll_metres",
        "catalogue.offered",
        "idle.warn",
        "idle.warn_large_print",
        "idle.countdown",
        "idle.sign_off",
        "outbox.draft_hours",
        "outbox.reserve_mb",
        "outbox.ballast_mb",
    }
)
"""Shown as they are."""

ONLY_WHETHER = frozenset({"station.contact", "station.data", "centre.token_file", "centre.ca_file", "catalogue.file"})
"""Only whether they are set: a telephone number, places on this disk."""

WITHOUT_SECRETS = frozenset(
    {
        "centre.url",
        "devices.document_camera",
        "devices.id_card_reader",
        "devices.social_security_card",
        "devices.code_scanner",
        "devices.receipt_printer",
        "devices.webcam",
    }
)
"""Addresses, which may hold a user name and a password."""

_USER_INFO = re.compile(r"//[^/@]*@")


def decided() -> frozenset[str]:
    """Every setting about which this module has decided."""
    return PLAIN | ONLY_WHETHER | WITHOUT_SECRETS


def excerpt(settings: Settings) -> dict[str, Any]:
    """The settings as they may leave, by section and key; what is not named here is left out."""
    shown: dict[str, Any] = {}
    for section, values in settings.model_dump(mode="json").items():
        kept = {
            key: _shown(f"{section}.{key}", value) for key, value in values.items() if f"{section}.{key}" in decided()
        }
        if kept:
            shown[section] = kept
    return shown


def _shown(name: str, value: Any) -> Any:
    if name in ONLY_WHETHER:
        return "set" if value else "not set"
    if name in WITHOUT_SECRETS:
        return without_secrets(str(value))
    return value


def without_secrets(address: str) -> str:
    """A connection string or web address without user name, password and query of a web address."""
    if not address or address == "none":
        return address
    if urlsplit(address).scheme in ("http", "https"):
        parts = urlsplit(_USER_INFO.sub("//", address))
        return f"{parts.scheme}://{parts.netloc}{parts.path}"
    try:
        parse_address(address)
    except ValueError:
        return "not a connection"
    return _USER_INFO.sub("//", address)
