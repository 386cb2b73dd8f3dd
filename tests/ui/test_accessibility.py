"""Every control of every screen has a name for those who do not see it; every screen has texts that can be read out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtQuick import QQuickItem

from tests.ui.samples import all_samples
from tests.ui.stand import Stand

CONTROLS = {
    QAccessible.Role.Button,
    QAccessible.Role.CheckBox,
    QAccessible.Role.RadioButton,
    QAccessible.Role.EditableText,
    QAccessible.Role.ComboBox,
    QAccessible.Role.Slider,
    QAccessible.Role.ProgressBar,
    QAccessible.Role.Graphic,
}
TEXTS = {QAccessible.Role.StaticText, QAccessible.Role.Heading, QAccessible.Role.AlertMessage}


def described(item: QQuickItem) -> tuple[QAccessible.Role, str] | None:
    interface = QAccessible.queryAccessibleInterface(item)
    if interface is None or not interface.isValid():
        return None
    return interface.role(), interface.text(QAccessible.Text.Name)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_control_is_named(make_stand: Callable[..., Stand], language: str) -> None:
    QAccessible.setActive(True)
    stand = make_stand(language=language)
    unnamed: list[str] = []
    for name, snapshot in all_samples().items():
        stand.show(snapshot)
        found = [(item, described(item)) for item in stand.hand.items() if stand.hand.shown(item)]
        controls = [(item, about) for item, about in found if about and about[0] in CONTROLS]
        assert controls, name
        unnamed += [
            f"{name}: {item.objectName() or item.metaObject().className()}"
            for item, about in controls
            if not about[1].strip()
        ]
        assert [about for _, about in found if about and about[0] in TEXTS and about[1]], name
    assert not unnamed, "\n".join(unnamed)


@pytest.mark.parametrize("name", ["home_busy", "sign_on", "setup", "todo", "technician"])
def test_every_control_is_reached_by_tab(stand: Stand, name: str) -> None:
    stand.show(all_samples()[name])
    wanted = {
        item.objectName()
        for item in stand.hand.items()
        if item.inherits("QQuickAbstractButton")
        and stand.hand.shown(item)
        and item.isEnabled()
        and item.property("focusPolicy") & 1
        and item.objectName()
    }
    reached = set()
    start = stand.window.contentItem().nextItemInFocusChain(True)
    item = start
    for _ in range(400):
        reached.add(item.objectName())
        item = item.nextItemInFocusChain(True)
        if item is start:
            break
    assert wanted
    assert wanted <= reached
