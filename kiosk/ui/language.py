"""The language on the screen, and words for codes in it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from kiosk import words as table
from kiosk.words import Language, Sentence


class ScreenLanguage(QObject):
    """Chinese or English, switched while running. View models ask it for sentences."""

    changed = Signal()

    def __init__(self, language: Language = "zh", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._language: Language = language

    @property
    def code(self) -> Language:
        return self._language

    def switch(self, language: Language) -> None:
        """Tell everybody, once, when it is another language."""
        if language != self._language:
            self._language = language
            self.changed.emit()

    def words(self, code: str, detail: Mapping[str, object] | None = None) -> Sentence:
        """The sentence for a code; an empty sentence for no code."""
        return table.words(code, self._language, detail) if code else Sentence("")

    def pick(self, zh: str, en: str) -> str:
        """One of two texts that come as data (labels of fields, choices)."""
        return zh if self._language == "zh" or not en else en
