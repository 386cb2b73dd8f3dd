"""View model of REPRINT: receipts of finished visits, printed again for staff."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

from drivers.driver import DeviceKind
from kiosk.conductor.commands import Commands
from kiosk.conductor.snapshot import ReceiptView, Screen, Snapshot
from kiosk.ui.view_model import ViewModel
from kiosk.ui.visit.rows import RowModel
from kiosk.words import Language

QML_IMPORT_NAME = "Doorstep.ViewModels"
QML_IMPORT_MAJOR_VERSION = 1

TONES = {
    "kept_here": "warning",
    "delivered": "good",
    "accepted": "good",
    "correction_requested": "warning",
    "correction_kept_here": "warning",
    "returned": "danger",
}


@QmlElement
class ReprintViewModel(ViewModel):
    """What is kept of finished visits, which is nothing about anybody."""

    changed = Signal()

    def __init__(self, commands: Commands, language: Language = "zh", parent: QObject | None = None) -> None:
        super().__init__(commands, language, parent)
        self._rows = RowModel(
            ("caseId", "caseNumber", "item", "handedInAt", "stateText", "stateTone", "beingPrinted"), self
        )
        self._query = ""

    def part(self, snapshot: Snapshot) -> Any:
        printer = [view for view in snapshot.devices if view.kind is DeviceKind.RECEIPT_PRINTER]
        return snapshot.screen, snapshot.reprint, printer

    def refresh(self) -> None:
        if self.snapshot.screen is not Screen.REPRINT:
            self._query = ""
        self._rows.show([self._row(receipt) for receipt in self.snapshot.reprint.receipts])

    def _row(self, receipt: ReceiptView) -> dict[str, object]:
        return {
            "caseId": receipt.case_id,
            "caseNumber": receipt.case_number,
            "item": receipt.item_name,
            "handedInAt": receipt.handed_in_at,
            "stateText": self.words(f"reprint.state.{receipt.state}").say,
            "stateTone": TONES.get(receipt.state, "unknown"),
            "beingPrinted": receipt.case_id == self.snapshot.reprint.being_printed,
        }

    @Property(QObject, constant=True)
    def rows(self) -> QObject:
        """Roles caseId, caseNumber ("" = none yet), item, handedInAt, stateText, stateTone, beingPrinted."""
        return self._rows

    @Property(int, notify=changed)
    def count(self) -> int:
        return len(self.snapshot.reprint.receipts)

    @Property(int, notify=changed)
    def hidden(self) -> int:
        """How many older ones are found only by their number."""
        return self.snapshot.reprint.hidden

    @Property(bool, notify=changed)
    def busy(self) -> bool:
        return bool(self.snapshot.reprint.being_printed)

    @Property(str, notify=changed)
    def query(self) -> str:
        """What is typed; kept here, for an answer of the engine may be older than the last key."""
        return self._query

    @Slot(str)
    def setQuery(self, text: str) -> None:
        if text != self._query:
            self._query = text
            self.commands.find_receipts(text)
            self.changed.emit()

    @Property(bool, notify=changed)
    def scanned(self) -> bool:
        """Only the case of a scanned slip is shown; ``showAll`` ends that."""
        return self.snapshot.reprint.scanned

    @Slot()
    def showAll(self) -> None:
        self.commands.find_receipts("")

    @Slot(str)
    def printAgain(self, case_id: str) -> None:
        self.commands.reprint_receipt(case_id)

    @Slot()
    def home(self) -> None:
        self.commands.go_home()
