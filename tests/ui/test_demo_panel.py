"""The demo's panel: it is on the screen, its buttons do things and say when they failed, and it shows the receipt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow

from kiosk.ui.app import QML_IMPORTS
from kiosk.ui.demo.panel import DemoPanelViewModel
from kiosk.ui.demo.run import PANEL


class Hands:
    def __init__(self) -> None:
        self.done: list[str] = []
        self.slip: Image.Image | None = None

    def break_it(self) -> None:
        raise OSError("gone")


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def panel(qapp: Any, hands: Hands) -> Iterator[tuple[QQuickWindow, DemoPanelViewModel]]:
    model = DemoPanelViewModel(
        {"打印机": {"没纸了": lambda: hands.done.append("paper out"), "坏": hands.break_it}},
        {"帮办员": "bangban"},
        lambda: hands.slip,
    )
    engine = QQmlApplicationEngine()
    engine.addImportPath(str(QML_IMPORTS))
    engine.setInitialProperties({"viewModel": model})
    engine.load(PANEL)
    (window,) = engine.rootObjects()
    assert isinstance(window, QQuickWindow)
    yield window, model
    model.close()
    window.close()
    engine.deleteLater()
    QCoreApplication.sendPostedEvents(engine, QEvent.Type.DeferredDelete.value)


def part(window: QQuickWindow, name: str) -> QObject:
    waiting = [window.contentItem()]
    while waiting:
        item = waiting.pop()
        if item.objectName() == name:
            return item
        waiting.extend(item.childItems())
    raise AssertionError(f"no {name}")


def test_it_is_shown(panel: tuple[QQuickWindow, DemoPanelViewModel]) -> None:
    window, _ = panel
    assert window.isVisible()


def test_a_button_acts_and_says_so(panel: tuple[QQuickWindow, DemoPanelViewModel], hands: Hands, qtbot: Any) -> None:
    window, model = panel
    with qtbot.waitSignal(model.changed):
        part(window, "demo_打印机/没纸了").clicked.emit()  # type: ignore[attr-defined]
    assert hands.done == ["paper out"]
    assert part(window, "demoLast").property("text") == "打印机：没纸了"


def test_what_failed_is_said(panel: tuple[QQuickWindow, DemoPanelViewModel], qtbot: Any) -> None:
    window, model = panel
    with qtbot.waitSignal(model.changed):
        part(window, "demo_打印机/坏").clicked.emit()  # type: ignore[attr-defined]
    assert "没有做成" in part(window, "demoLast").property("text")


def test_the_receipt_is_shown(panel: tuple[QQuickWindow, DemoPanelViewModel], hands: Hands, qtbot: Any) -> None:
    window, model = panel
    look = part(window, "demoSlip")
    picture = part(window, "demoSlipPicture")
    with qtbot.waitSignal(model.slipChanged):
        look.clicked.emit()  # type: ignore[attr-defined]
    assert "还没有" in part(window, "demoLast").property("text")
    assert not picture.property("visible")
    hands.slip = Image.new("1", (576, 200), 1)
    with qtbot.waitSignal(model.slipChanged):
        look.clicked.emit()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: picture.property("visible"))
    assert picture.property("implicitHeight") == 200
