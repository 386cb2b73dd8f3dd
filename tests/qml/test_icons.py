"""Only icons that a screen shows are vendored, and every one a screen names is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ICONS = {path.stem for path in (ROOT / "resources" / "icons").glob("*.svg")}
SOURCES = [*(ROOT / "resources" / "qml").rglob("*.qml"), *(ROOT / "kiosk" / "ui").rglob("*.py")]


def quoted() -> set[str]:
    return {word for path in SOURCES for word in re.findall(r'"([a-z0-9-]+)"', path.read_text(encoding="utf-8"))}


def test_no_icon_lies_unused() -> None:
    assert ICONS - quoted() == set()


def test_every_named_icon_is_there() -> None:
    named = set()
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        for value in re.findall(r"(?:iconName|primaryIcon|leftIcon|extraIcon|secondaryIcon):(.*)", text):
            # of `a === "x" ? "icon" : "icon"` the words that are compared are no icons
            named |= set(re.findall(r'(?<![=!]= )"([a-z0-9-]+)"', value))
    assert named
    assert named - ICONS == set()


def test_icons_take_the_colour_they_are_given() -> None:
    for path in (ROOT / "resources" / "icons").glob("*.svg"):
        assert "currentColor" in path.read_text(encoding="utf-8"), path.name
