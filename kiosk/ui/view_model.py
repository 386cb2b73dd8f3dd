"""The base of the house's view models, and what the shell asks of every view model.

One view model per screen, made in Python and given to its screen as the required property ``viewModel``. It turns the
newest ``Snapshot`` into properties, and its slots into ``Commands``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from PySide6.QtCore import QObject

from kiosk.conductor.commands import Commands
from kiosk.conductor.snapshot import Screen, Snapshot
from kiosk.words import Language, Sentence, words

_NOTHING = object()


class ScreenViewModel(Protocol):
    """A QObject, made as ``(commands, language, parent)``, that the shell feeds while its screen is shown."""

    def update(self, snapshot: Snapshot) -> None: ...
    def set_language(self, language: Language) -> None: ...
    def forget(self) -> None:
        """Its screen is gone: drop everything personal."""


class ViewModel(QObject):
    """A screen's properties and commands. GUI thread only.

    A sub-class stands in a module with ``QML_IMPORT_NAME = "Doorstep.ViewModels"``, carries ``@QmlElement``,
    and gives ``part``: everything its properties depend on. It declares ``changed = Signal()``,
    which is sent only when that part differs; lists are ``RowModel``, filled in ``refresh``.

    Measured on PySide6 6.11.3: ``notify`` of a property must be a signal declared in the very same class; a base's
    signal, also through an alias, is silently ignored and bindings never update.
    """

    changed: Any

    def __init__(self, commands: Commands, language: Language = "zh", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.commands = commands
        self.language: Language = language
        self.snapshot = Snapshot(Screen.STARTING)
        self._shown: object = _NOTHING

    def part(self, snapshot: Snapshot) -> Any:
        """What the properties depend on, comparable with ``==``. The whole snapshot unless told otherwise."""
        return snapshot

    def refresh(self) -> None:
        """Fill list models from ``self.snapshot``; called before ``changed``."""

    def update(self, snapshot: Snapshot) -> None:
        """Take the newest snapshot."""
        part = self.part(snapshot)
        self.snapshot = snapshot
        if part != self._shown:
            self._shown = part
            self._tell()

    def set_language(self, language: Language) -> None:
        """Say everything again in another language."""
        if language != self.language:
            self.language = language
            self._tell()

    def forget(self) -> None:
        """The screen is gone: nothing of the last snapshot stays."""
        self.update(Snapshot(Screen.STARTING))

    def words(self, code: str, detail: Mapping[str, object] | None = None) -> Sentence:
        """The sentence for a code in the language of the moment; an empty one for no code."""
        return words(code, self.language, detail) if code else Sentence("")

    def _tell(self) -> None:
        self.refresh()
        self.changed.emit()
