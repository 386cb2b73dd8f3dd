"""The demo panel's view model: every button is one thing a hand does to a device."""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from PIL import Image
from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

QML_IMPORT_NAME = "Doorstep.ViewModels"
QML_IMPORT_MAJOR_VERSION = 1

log = logging.getLogger(__name__)


@QmlElement
class DemoPanelViewModel(QObject):
    """Groups of buttons; an action runs off the GUI thread, one after the other.

    ``groups`` is a list of ``{"title": str, "buttons": [{"name": str, "text": str}]}``. ``slip`` is the newest receipt
    as a ``data:`` address of a PNG, "" while there is none; ``lookAtSlip`` fetches it.
    """

    changed = Signal()
    slipChanged = Signal()  # noqa: N815
    _done = Signal(str, bool)
    _slipSeen = Signal(str)  # noqa: N815

    def __init__(
        self,
        actions: Mapping[str, Mapping[str, Callable[[], object]]],
        facts: Mapping[str, str],
        newest_slip: Callable[[], Image.Image | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._newest_slip = newest_slip
        self._slip = ""
        self._actions = actions
        self._facts = facts
        self._last = ""
        self._done.connect(self._say)
        self._slipSeen.connect(self._show_slip)
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

    def _newest(self) -> str:
        return self._slip

    slip = Property(str, _newest, notify=slipChanged)

    @Slot(str)
    def act(self, name: str) -> None:
        """Do one thing, named ``group/button``."""
        group, _, button = name.partition("/")
        self._hand.submit(self._run, name, self._actions[group][button])

    @Slot()
    def lookAtSlip(self) -> None:  # noqa: N802
        """Show the newest receipt, or say that none was printed."""
        self._hand.submit(self._fetch_slip)

    def _run(self, name: str, action: Callable[[], object]) -> None:
        try:
            action()
        except Exception:
            log.exception("demo panel: %s failed", name)
            self._done.emit(name, False)
        else:
            self._done.emit(name, True)

    def _fetch_slip(self) -> None:
        picture = self._newest_slip()
        if picture is None:
            self._slipSeen.emit("")
            return
        file = io.BytesIO()
        picture.save(file, "PNG")
        self._slipSeen.emit("data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii"))

    def _say(self, name: str, done: bool) -> None:
        self._last = name.replace("/", "：") + ("" if done else "（没有做成）")
        self.changed.emit()

    def _show_slip(self, address: str) -> None:
        self._slip = address
        self._last = "" if address else "打印机还没有打出回执"
        self.changed.emit()
        self.slipChanged.emit()
