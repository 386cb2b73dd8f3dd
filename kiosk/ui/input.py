"""Every touch and key of the application: somebody is here; and keys that come as fast as a scanner's are a code."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QWindow

from drivers.keyboard_wedge import LONGEST_GAP, KeyRun, Typing, WedgeDropped, WedgeResult, WedgeScan
from kiosk.conductor.commands import Commands

_ACTIVITY = frozenset(
    {
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.KeyPress,
        QEvent.Type.Wheel,
        QEvent.Type.TabletPress,
    }
)
_TOUCHES = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin})
LATE = 0.015
"""Seconds by which a timer of ours is late when this thread was kept from its events: keys may be waiting."""

MOST_WAITS = 5
"""So often held keys are given more time because the thread was late; then they are typing, whatever comes."""

SECONDS_BETWEEN = 1.0
"""``touched`` is sent at most so often; the idle clock counts in tens of seconds."""

_SHIFTS = frozenset(
    {
        Qt.Key.Key_Shift.value,
        Qt.Key.Key_Control.value,
        Qt.Key.Key_Alt.value,
        Qt.Key.Key_AltGr.value,
        Qt.Key.Key_Meta.value,
        Qt.Key.Key_CapsLock.value,
        Qt.Key.Key_NumLock.value,
    }
)
_ENDS = {Qt.Key.Key_Return.value: "\r", Qt.Key.Key_Enter.value: "\r", Qt.Key.Key_Tab.value: "\t"}
_CHORDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class InputFilter(QObject):
    """Installed on the window, to which every touch and key comes first. GUI thread.

    Touches are watched and pass. Keys of a keyboard are held for at most ``keyboard_wedge.LONGEST_GAP`` until it is
    clear whose they are: a scan goes to ``Commands.wedge_code`` and to no field, typing goes where it was going. The
    pace of keys is that of the window system's own time stamps, so that a busy thread here does not slow a scan down.
    """

    def __init__(
        self, commands: Commands, parent: QObject | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._commands = commands
        self._clock = clock
        self._told_at: float | None = None
        self._run = KeyRun()
        self._held: list[tuple[QWindow, QKeyEvent]] = []
        self._swallow: set[int] = set()  # keys whose press belonged to a scan and whose release is still to come
        self._replaying = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._expire)
        self._due = 0.0
        self._waits = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _ACTIVITY:
            self._touched()
            # Where no window manager does it, the touched window has to take the keyboard itself.
            if event.type() in _TOUCHES and isinstance(watched, QWindow) and not watched.isActive():
                watched.requestActivate()
        if isinstance(event, QKeyEvent) and isinstance(watched, QWindow) and not self._replaying:
            if event.type() == QEvent.Type.KeyPress:
                return self._pressed(watched, event)
            if event.type() == QEvent.Type.KeyRelease:
                return self._released(watched, event)
        return False

    def _touched(self) -> None:
        now = self._clock()
        if self._told_at is None or now - self._told_at >= SECONDS_BETWEEN:
            self._told_at = now
            self._commands.touched()

    def _pressed(self, window: QWindow, event: QKeyEvent) -> bool:
        key = event.key()
        if key in _SHIFTS:
            return False
        character = _ENDS.get(key, event.text())
        if len(character) != 1 or (not character.isprintable() and key not in _ENDS) or event.modifiers() & _CHORDS:
            self._handle(self._run.expire(math.inf))
            return False
        self._held.append((window, _copy(event)))
        # Milliseconds since whenever; 0 in an event that no window system made
        self._handle(self._run.feed(character, event.timestamp() / 1000 or self._clock()))
        self._waits = 0
        self._wait()
        return True

    def _wait(self) -> None:
        if self._run.deadline is None:
            self._timer.stop()
        else:
            self._due = self._clock() + LONGEST_GAP
            self._timer.start(math.ceil(LONGEST_GAP * 1000) + 1)

    def _released(self, window: QWindow, event: QKeyEvent) -> bool:
        if event.key() in self._swallow:
            self._swallow.discard(event.key())
            return True
        if any(held.key() == event.key() for _, held in self._held):
            self._held.append((window, _copy(event)))
            return True
        return False

    def _expire(self) -> None:
        if self._clock() - self._due > LATE and self._waits < MOST_WAITS:
            self._waits += 1
            self._wait()
            return
        self._handle(self._run.expire(math.inf))

    def _handle(self, results: Sequence[WedgeResult]) -> None:
        for result in results:
            if isinstance(result, WedgeScan):
                self._take(len(result.text) + 1, replay=False)
                self._commands.wedge_code(result.text)
            elif isinstance(result, Typing):
                self._take(len(result.text), replay=True)
            elif isinstance(result, WedgeDropped):
                self._take(result.keys, replay=False)

    def _take(self, presses: int, *, replay: bool) -> None:
        """Let the first so many held presses, and the releases that came with them, go on or go."""
        taken: list[tuple[QWindow, QKeyEvent]] = []
        keys: list[int] = []
        rest: list[tuple[QWindow, QKeyEvent]] = []
        for window, event in self._held:
            if event.type() == QEvent.Type.KeyPress and len(keys) < presses and not rest:
                keys.append(event.key())
                taken.append((window, event))
            elif event.type() == QEvent.Type.KeyRelease and event.key() in keys:
                taken.append((window, event))
            else:
                rest.append((window, event))
        self._held = rest
        if not replay:
            released = [event.key() for _, event in taken if event.type() == QEvent.Type.KeyRelease]
            self._swallow.update(key for key in keys if key not in released)
            return
        self._replaying = True
        try:
            for window, event in taken:
                QCoreApplication.sendEvent(window, event)
        finally:
            self._replaying = False


def _copy(event: QKeyEvent) -> QKeyEvent:
    return QKeyEvent(event.type(), event.key(), event.modifiers(), event.text(), event.isAutoRepeat(), event.count())
