"""The settings that may leave the station: named one by one, so that a new setting stays here until it is named."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from drivers.transport.address import parse_address
from kiosk.settings import Settings

_CAMERA = frozenset(
    {
        "autofocus",
        "focus",
        "auto_exposure",
        "exposure",
        "auto_white_balance",
        "white_balance",
        "brightness",
        "contrast",
        "saturation",
        "sharpness",
        "gain",
        "mains_hz",
        "standby_minutes",
    }
)


PLAIN: dict[str, frozenset[str]] = {
    "station": frozenset({"id", "name", "centre_name", "language", "text_size", "high_contrast", "full_screen"}),
    "printer": frozenset({"profile", "paper_mm", "status", "ticket", "reprint_days", "roll_metres"}),
    "document_camera": _CAMERA,
    "webcam": _CAMERA,
    "catalogue": frozenset({"offered"}),
    "idle": frozenset({"warn", "warn_large_print", "countdown", "sign_off"}),
    "outbox": frozenset({"draft_hours", "reserve_mb", "ballast_mb"}),
    "selftest": frozenset({"morning", "opening", "minutes_before"}),
}
"""Shown as they are."""

ONLY_WHETHER: dict[str, frozenset[str]] = {
    "station": frozenset({"contact", "data"}),
    "centre": frozenset({"token_file", "ca_file"}),
    "catalogue": frozenset({"file"}),
}
"""Only whether they are set: a telephone number, places on this disk."""

WITHOUT_SECRETS: dict[str, frozenset[str]] = {
    "centre": frozenset({"url"}),
    "devices": frozenset(
        {"document_camera", "id_card_reader", "social_security_card", "code_scanner", "receipt_printer", "webcam"}
    ),
}
"""Addresses, which may hold a user name and a password."""

_USER_INFO = re.compile(r"//[^/@]*@")


def decided() -> frozenset[tuple[str, str]]:
    """Every setting, as section and key, about which this module has decided."""
    tables = (PLAIN, ONLY_WHETHER, WITHOUT_SECRETS)
    return frozenset((section, key) for table in tables for section, keys in table.items() for key in keys)


def excerpt(settings: Settings) -> dict[str, Any]:
    """The settings as they may leave, by section and key; what is not named here is left out."""
    shown: dict[str, Any] = {}
    for section, values in settings.model_dump(mode="json").items():
        for key, value in values.items():
            if (section, key) in decided():
                shown.setdefault(section, {})[key] = _shown(section, key, value)
    return shown


def _shown(section: str, key: str, value: Any) -> Any:
    if key in ONLY_WHETHER.get(section, ()):
        return "set" if value else "not set"
    if key in WITHOUT_SECRETS.get(section, ()):
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
