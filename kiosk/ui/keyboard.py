"""The model of our on-screen keyboards: what is being composed, its candidates, and sending it to the field."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Property, QCoreApplication, QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtQml import QmlElement
from PySide6.QtQuick import QQuickItem, QQuickWindow

from kiosk.ui.pinyin import LONGEST_INPUT, Candidate, Pinyin

QML_IMPORT_NAME = "Doorstep.ViewModels"
QML_IMPORT_MAJOR_VERSION = 1

LAYOUTS = ("pinyin", "latin", "digits", "id_number", "symbols")
_LAYOUT_OF_KIND = {
    "text": "pinyin",
    "pinyin": "pinyin",
    "latin": "latin",
    "technical": "latin",
    "digits": "digits",
    "id_number": "id_number",
}
_CHORDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
OFFERED = 60
"""Candidates given to the bar; the bar pages through them."""


@QmlElement
class KeyboardModel(QObject):
    """Keys go to the field that has the focus, as an input method's would: limits and signals of the field all hold.

    It is the field of our own window even while another window is active: without a window manager, or beside the
    demo's panel, that may be so for ever. GUI thread only. Nothing that was typed is kept after it was sent.
    """

    layoutChanged = Signal()
    composingChanged = Signal()

    def __init__(self, pinyin: Pinyin, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pinyin = pinyin
        self._kind = "text"
        self._layout = "pinyin"
        self._before_symbols = "pinyin"
        self._shifted = False
        self._composing = ""
        self._candidates: list[Candidate] = []
        self._window: QQuickWindow | None = None

    def write_into(self, window: QQuickWindow) -> None:
        """The window whose fields are written into."""
        self._window = window

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002
        """On the window while something is composed: a physical keyboard's keys belong to it as ours do."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress or not self._composing:
            return False
        own: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Backspace: self.backspace,
            Qt.Key.Key_Space: self.space,
            Qt.Key.Key_Return: self.enter,
            Qt.Key.Key_Enter: self.enter,
            Qt.Key.Key_Escape: self.drop,
        }
        mine = own.get(event.key())
        if mine is not None:
            mine()
        elif event.text().isprintable() and event.text() and not event.modifiers() & _CHORDS:
            self.key(event.text())
        else:
            return False
        return True

    # -- for QML -----------------------------------------------------------------------------------------------

    @Property(str, notify=layoutChanged)
    def layout(self) -> str:
        """One of ``LAYOUTS``."""
        return self._layout

    @Property(bool, notify=layoutChanged)
    def shifted(self) -> bool:
        return self._shifted

    @Property(bool, notify=layoutChanged)
    def fixed(self) -> bool:
        """A field of digits or an ID number: there is no other layout to go to."""
        return self._kind in ("digits", "id_number")

    @Property(bool, notify=layoutChanged)
    def technical(self) -> bool:
        """A field for addresses of devices and the like: the signs of such texts stand where words' are else."""
        return self._kind == "technical"

    @Property(str, notify=composingChanged)
    def composing(self) -> str:
        return self._composing

    @Property(list, notify=composingChanged)
    def candidates(self) -> list[str]:
        return [candidate.word for candidate in self._candidates]

    @Slot(str)
    def open(self, kind: str) -> None:
        """A field of this ``inputKind`` has the focus now."""
        self._kind = kind if kind in _LAYOUT_OF_KIND else "text"
        self._compose("")
        self._go(_LAYOUT_OF_KIND[self._kind])

    @Slot(str)
    def key(self, text: str) -> None:
        """A key with a letter, digit or sign."""
        if self._layout == "pinyin" and (text.isalpha() and text.isascii() or (text == "'" and self._composing)):
            if len(self._composing) < LONGEST_INPUT:
                self._compose(self._composing + text.lower())
            return
        self._finish_composing()
        self._commit(text.upper() if self._shifted else text)
        if self._shifted:
            self._shifted = False
            self.layoutChanged.emit()

    @Slot()
    def backspace(self) -> None:
        if self._composing:
            self._compose(self._composing[:-1])
        else:
            self._press(Qt.Key.Key_Backspace)

    @Slot()
    def space(self) -> None:
        """In pinyin: take the first candidate."""
        if self._candidates:
            self.choose(0)
        elif self._composing:
            self._finish_composing()
        else:
            self._commit(" ")

    @Slot()
    def enter(self) -> None:
        """Letters being composed go in as they are; otherwise the field's own return."""
        if self._composing:
            self._finish_composing()
        else:
            self._press(Qt.Key.Key_Return)

    @Slot(int)
    def choose(self, number: int) -> None:
        """Put a candidate in; the rest of the letters goes on being composed."""
        if 0 <= number < len(self._candidates):
            candidate = self._candidates[number]
            self._commit(candidate.word)
            self._compose(self._composing[candidate.used :].lstrip("'"))

    @Slot()
    def shift(self) -> None:
        self._shifted = not self._shifted
        self.layoutChanged.emit()

    @Slot()
    def toggleLatin(self) -> None:
        self._finish_composing()
        self._go("latin" if self._layout == "pinyin" else "pinyin")

    @Slot()
    def toggleSymbols(self) -> None:
        self._finish_composing()
        if self._layout == "symbols":
            self._go(self._before_symbols)
        else:
            self._before_symbols = self._layout
            self._go("symbols")

    @Slot()
    def drop(self) -> None:
        """The keyboard closes: what was not chosen is gone."""
        self._compose("")

    # -- inside ------------------------------------------------------------------------------------------------

    def _go(self, layout: str) -> None:
        self._layout = layout
        self._shifted = False
        self.layoutChanged.emit()

    def _compose(self, letters: str) -> None:
        if letters != self._composing or not letters:
            if self._window is not None and bool(letters) != bool(self._composing):
                if letters:
                    self._window.installEventFilter(self)
                else:
                    self._window.removeEventFilter(self)
            self._composing = letters
            self._candidates = self._pinyin.candidates(letters)[:OFFERED] if letters else []
            self.composingChanged.emit()

    def _finish_composing(self) -> None:
        letters = self._composing
        self._compose("")
        if letters:
            self._commit(letters)

    def _field(self) -> QQuickItem | None:
        return self._window.activeFocusItem() if self._window is not None else None

    def _commit(self, text: str) -> None:
        target = self._field()
        if target is not None:
            event = QInputMethodEvent()
            event.setCommitString(text)
            QCoreApplication.sendEvent(target, event)

    def _press(self, key: Qt.Key) -> None:
        target = self._field()
        if target is not None:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                QCoreApplication.sendEvent(target, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier))
