"""Every touch and key of the application: somebody is here."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject

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
SECONDS_BETWEEN = 1.0
"""``touched`` is sent at most so often; the idle clock counts in tens of seconds."""


class InputFilter(QObject):
    """Installed on the application; watches, and lets every event pass. GUI thread."""

    def __init__(
        self, commands: Commands, parent: QObject | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._commands = commands
        self._clock = clock
        self._told_at: float | None = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _ACTIVITY:
            now = self._clock()
            if self._told_at is None or now - self._told_at >= SECONDS_BETWEEN:
                self._told_at = now
                self._commands.touched()
        return False
