"""The demo panel's view model: every button is one thing a hand does to a device."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

QML_IMPORT_NAME = "Doorstep.ViewModels"
QML_IMPORT_MAJOR_VERSION = 1

log = logging.getLogger(__name__)


@QmlElement
class DemoPanelViewModel(QObject):
    """Groups of buttons; an action runs off the GUI thread, one after the other.

    ``groups`` is a list of ``{"title": str, "buttons": [{"name": str, "text": str}]}``.
    """

    changed = Signal()

    def __init__(
        self,
        actions: Mapping[str, Mapping[str, Callable[[], object]]],
        facts: Mapping[str, str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._facts = facts
        self._last = ""
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="demo-hand")

    def close(self) -> None:
        """Let the hand finish; call before the devices end."""
        self._hand.shutdown(wait=True, cancel_futures=True)

    def _groups(self) -> list[dict[str, object]]:
        return [
            {"title": title, "buttons": [{"name": f"{title}/{text}", "text": text} for text in buttons]}
            for title, buttons in self._actions.items()
        ]

    groups = Property(list, _groups, constant=True)

    def _fact_lines(self) -> list[str]:
        return [f"{name}：{value}" for name, value in self._facts.items()]

    facts = Property(list, _fact_lines, constant=True)

    def _last_action(self) -> str:
        return self._last

    last = Property(str, _last_action, notify=changed)

    @Slot(str)
    def act(self, name: str) -> None:
        """Do one thing, named ``group/button``."""
        group, _, button = name.partition("/")
        self._last = name.replace("/", "：")
        self.changed.emit()
        self._hand.submit(self._run, name, self._actions[group][button])

    @staticmethod
    def _run(name: str, action: Callable[[], object]) -> None:
        try:
            action()
        except Exception:
            log.exception("demo panel: %s failed", name)
