"""The base of all view models.

One view model per screen, made in Python and given to its screen as the required property ``viewModel``. It turns the
newest ``Snapshot`` into properties and its slots into ``Commands``. A sub-class:

* stands in a module that defines ``QML_IMPORT_NAME = "Doorstep.ViewModels"`` and ``QML_IMPORT_MAJOR_VERSION = 1``
  and carries ``@QmlElement`` and ``@QmlUncreatable("made in Python")``, so that qmllint knows its properties;
* gives ``part(snapshot)``: everything its properties depend on. ``changed`` is sent only when that differs;
* declares properties with ``notify=changed``; lists as ``RowsModel``, filled in ``refresh``.

Fast-moving parts (an outline at ten a second) get a signal of their own, sent from ``refresh``.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from kiosk.conductor.commands import Commands
from kiosk.conductor.snapshot import Screen, Snapshot
from kiosk.ui.language import ScreenLanguage

_NOTHING = object()


class ViewModel(QObject):
    """A screen's properties and commands. GUI thread only."""

    changed = Signal()

    def __init__(self, commands: Commands, language: ScreenLanguage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.commands = commands
        self.language = language
        self.snapshot = Snapshot(Screen.STARTING)
        self._shown: object = _NOTHING
        language.changed.connect(self._say_again)

    def part(self, snapshot: Snapshot) -> Any:
        """What the properties depend on, comparable with ``==``. The whole snapshot unless told otherwise."""
        return snapshot

    def refresh(self, snapshot: Snapshot) -> None:
        """Fill list models and own signals; called before ``changed``."""

    def show(self, snapshot: Snapshot) -> None:
        """Take the newest snapshot; sends ``changed`` only when ``part`` differs from the one shown."""
        part = self.part(snapshot)
        self.snapshot = snapshot
        if part != self._shown:
            self._shown = part
            self.refresh(snapshot)
            self.changed.emit()

    def _say_again(self) -> None:
        self.refresh(self.snapshot)
        self.changed.emit()
