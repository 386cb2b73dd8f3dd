"""A hand on the screen: finds things by their ``objectName`` and touches them by real input events.

Used by ``kiosk demo --auto`` and by tests; what a person could not press, it cannot press either.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEventLoop, QPoint, QPointF, Qt
from PySide6.QtQuick import QQuickItem, QQuickWindow
from PySide6.QtTest import QTest

from drivers.keyboard_wedge import LONGEST_GAP

PATIENCE = 20.0
"""Seconds; a condition that does not come true in them fails the play."""


_LONGEST_SCROLL = 40
"""Drags until an item counts as unreachable."""


class NotThere(AssertionError):
    """What should be on the screen is not, or something lies over it."""


class Hand:
    """GUI thread."""

    def __init__(self, window: QQuickWindow) -> None:
        self.window = window

    def items(self, root: QQuickItem | None = None) -> Iterator[QQuickItem]:
        """All items, parents before children, by the visual tree (delegates have no other)."""
        root = root or self.window.contentItem().parentItem() or self.window.contentItem()
        yield root
        for child in root.childItems():
            yield from self.items(child)

    def find(self, name: str) -> QQuickItem | None:
        """The visible item of this ``objectName``; the one on top when there are several."""
        found = [item for item in self.items() if item.objectName() == name and self.shown(item)]
        return found[-1] if found else None

    @staticmethod
    def shown(item: QQuickItem) -> bool:
        return item.isVisible() and item.width() > 0 and item.height() > 0

    def get(self, name: str) -> QQuickItem:
        """Like ``find``, after waiting.

        Raises:
            NotThere: it did not appear.
        """
        self.wait(lambda: self.find(name) is not None, f"{name} is not on the screen")
        item = self.find(name)
        assert item is not None
        return item

    def tap(self, name: str) -> None:
        """Press and release in the middle of an enabled item; one that is scrolled away is dragged into view first.

        Raises:
            NotThere: it is missing, disabled or out of view.
        """
        self.wait(lambda: self.find(name) is not None, f"{name} is not on the screen")
        self.bring_into_view(name)
        self.wait(lambda: self._tappable(name), f"{name} cannot be pressed")
        QTest.mouseClick(self.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, self.middle(name))
        self.settle()

    def bring_into_view(self, name: str) -> None:
        """Drag the scrolling areas around an item, as a finger would, until its middle shows."""
        for _ in range(_LONGEST_SCROLL):
            item = self.get(name)
            area = next((area for area in _scrollers(item) if _outside(item, area)), None)
            if area is None:
                return
            way = max(-0.6 * area.height(), min(0.6 * area.height(), _outside(item, area)))
            x = area.width() - 3  # beside the controls, which may want a drag for themselves
            start = area.mapToScene(QPointF(x, area.height() / 2 + way / 2)).toPoint()
            end = area.mapToScene(QPointF(x, area.height() / 2 - way / 2)).toPoint()
            steps = [start + (end - start) * part / 8 for part in range(9)]
            self.drag([*steps, end, end, end])
            self.settle(0.15)
            self.wait(lambda area=area: not area.property("moving"), f"{name} does not come to rest")  # type: ignore[misc]

    def middle(self, name: str) -> QPoint:
        item = self.get(name)
        return item.mapToScene(QPointF(item.width() / 2, item.height() / 2)).toPoint()

    def drag(self, points: list[QPoint]) -> None:
        """Press at the first point, move through the others, release at the last."""
        button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QTest.mousePress(self.window, button, none, points[0])
        for point in points[1:]:
            QTest.mouseMove(self.window, point, 5)
        QTest.mouseRelease(self.window, button, none, points[-1])
        self.settle()

    def type(self, text: str) -> None:
        """Keys of a physical keyboard, at a person's pace: faster ones would be a scanner's."""
        for character in text:
            QTest.keyClick(self.window, character)  # type: ignore[call-overload]
            self.settle(2 * LONGEST_GAP)

    def press_key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window, key)
        self.settle(2 * LONGEST_GAP)

    def scan(self, text: str) -> None:
        """What a keyboard-wedge scanner sends: all keys at once, then Enter."""
        for character in text:
            QTest.keyClick(self.window, character)  # type: ignore[call-overload]
        QTest.keyClick(self.window, Qt.Key.Key_Return)
        self.settle(2 * LONGEST_GAP)

    def screenshot(self, path: Path) -> None:
        """What the window shows now, as PNG."""
        self.settle()
        if not self.window.grabWindow().save(str(path)):
            raise OSError(f"{path} could not be written")

    def settle(self, seconds: float = 0.05) -> None:
        """Let queued work and short animations run."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
            QCoreApplication.sendPostedEvents()

    def wait(self, condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        """Run the screen until the condition holds.

        Raises:
            NotThere: it did not within ``seconds``.
        """
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                raise NotThere(what)
            self.settle(0.02)

    def _tappable(self, name: str) -> bool:
        item = self.find(name)
        if item is None or not item.isEnabled():
            return False
        middle = item.mapToScene(QPointF(item.width() / 2, item.height() / 2))
        inside = 0 <= middle.x() < self.window.width() and 0 <= middle.y() < self.window.height()
        return inside and not any(_outside(item, area) for area in _scrollers(item))


def _scrollers(item: QQuickItem) -> Iterator[QQuickItem]:
    """The scrolling areas around an item, inner ones first."""
    parent = item.parentItem()
    while parent is not None:
        if parent.inherits("QQuickFlickable"):
            yield parent
        parent = parent.parentItem()


def _outside(item: QQuickItem, area: QQuickItem) -> float:
    """How far the content must move up (below 0: down) until the item shows; 0 when its middle can be pressed.

    Never less than a drag's threshold: shorter ones move nothing.
    """
    middle = item.mapToItem(area, QPointF(item.width() / 2, item.height() / 2)).y()
    room = min(item.height(), area.height()) / 2
    if middle > area.height() - room / 4:
        return max(30.0, middle - area.height() + room)
    if middle < room / 4:
        return min(-30.0, middle - room)
    return 0.0
