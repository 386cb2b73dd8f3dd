"""The pace of keys is that at which they were pressed, not that at which a busy front end gets to them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QWindow

from kiosk.ui.input import InputFilter
from tests.ui.stand import Recorder


class Field(QWindow):
    """Writes down what is typed into it."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        self.text += event.text()


class Keyboard:
    """Presses keys at times of the window system, and lets the front end see them at times of its own."""

    def __init__(self) -> None:
        self.now = 100.0
        self.recorder = Recorder()
        self.field = Field()
        self.owner = QObject()
        self.filter = InputFilter(self.recorder, self.owner, clock=lambda: self.now)  # type: ignore[arg-type]
        self.field.installEventFilter(self.filter)

    def press(self, text: str, at: int, seen: float) -> None:
        self.now = seen
        for character in text:
            key = Qt.Key.Key_Return if character == "\r" else Qt.Key(ord(character.upper()))
            event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, character)
            event.setTimestamp(at)
            QCoreApplication.sendEvent(self.field, event)
            at += 8

    def timer(self, seen: float) -> None:
        self.now = seen
        self.filter._expire()


def test_a_scan_seen_late_and_in_pieces_is_a_scan(qapp: Any) -> None:
    keys = Keyboard()
    keys.press("ABC123", 5000, 100.0)
    keys.timer(100.9)  # nine tenths of a second late: more keys may be waiting
    keys.press("456\r", 5048, 101.4)
    assert keys.recorder.calls == [("wedge_code", ("ABC123456",))]
    assert keys.field.text == ""


def test_typing_is_handed_on_however_late_the_front_end_is(qapp: Any) -> None:
    keys = Keyboard()
    for number, letter in enumerate("abcdefgh"):
        keys.press(letter, 5000 + number * 120, 100.0)  # all seen at once
    keys.press("\r", 6000, 100.0)
    assert keys.recorder.calls == []
    assert keys.field.text == "abcdefgh\r"


def test_held_keys_are_let_go_after_some_waits(qapp: Any) -> None:
    keys = Keyboard()
    keys.press("abc", 5000, 100.0)
    for wait in range(1, 20):
        keys.timer(100.0 + wait)
    assert keys.field.text == "abc"
    assert keys.recorder.calls == []


def test_a_timer_on_time_lets_them_go_at_once(qapp: Any) -> None:
    keys = Keyboard()
    keys.press("abc", 5000, 100.0)
    keys.timer(100.037)
    assert keys.field.text == "abc"
