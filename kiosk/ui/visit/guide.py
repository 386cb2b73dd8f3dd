"""GUIDE: what the item needs, for whom, and whether pages may travel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

from kiosk.conductor.commands import Commands
from kiosk.conductor.snapshot import ItemView, Snapshot
from kiosk.ui.visit.base import VisitViewModel
from kiosk.ui.visit.rows import RowModel
from kiosk.words import Language

QML_IMPORT_NAME = "Doorstep.ViewModels"
QML_IMPORT_MAJOR_VERSION = 1

_NO_ITEM = ItemView(item_id="", name="")


@dataclass(frozen=True, slots=True)
class WantedRow:
    materialId: str
    name: str
    required: bool
    twoSided: bool


@QmlElement
class GuideViewModel(VisitViewModel):
    changed = Signal()

    def __init__(self, commands: Commands, language: Language, parent: QObject | None = None) -> None:
        super().__init__(commands, language, parent)
        self._materials = RowModel(WantedRow, self)

    def part(self, snapshot: Snapshot) -> Any:
        visit = snapshot.visit
        return visit and (visit.item, visit.acting_for_other, visit.consent, visit.materials)

    def refresh(self) -> None:
        self._materials.show(
            [WantedRow(m.material_id, m.name, m.required, m.two_sided) for m in self.visit.materials if not m.free]
        )

    def _item(self) -> ItemView:
        return self.visit.item or _NO_ITEM

    @Property(QObject, constant=True)
    def materials(self) -> QObject:
        return self._materials

    @Property(str, notify=changed)
    def itemName(self) -> str:
        return self._item().name

    @Property(str, notify=changed)
    def department(self) -> str:
        return self._item().department

    @Property(bool, notify=changed)
    def allCity(self) -> bool:
        return self._item().all_city

    @Property(bool, notify=changed)
    def materialsKnown(self) -> bool:
        return self._item().materials_known

    @Property(str, notify=changed)
    def checkedOn(self) -> str:
        """Date of the source of the checklist, "" when unknown."""
        return self._item().checked_on

    @Property(str, notify=changed)
    def timeLimit(self) -> str:
        """Empty when unknown: then nothing is said about it."""
        return self._item().time_limit

    @Property(str, notify=changed)
    def proxyRule(self) -> str:
        return self._item().proxy

    @Property(bool, notify=changed)
    def actingForOther(self) -> bool:
        return self.visit.acting_for_other

    @Property(bool, notify=changed)
    def consent(self) -> bool:
        return self.visit.consent

    @Slot(bool)
    def setActingForOther(self, acting: bool) -> None:
        self.commands.set_acting_for_other(acting)

    @Slot(bool)
    def setConsent(self, agreed: bool) -> None:
        self.commands.set_consent(agreed)

    @Slot()
    def printChecklist(self) -> None:
        self.commands.print_checklist()
