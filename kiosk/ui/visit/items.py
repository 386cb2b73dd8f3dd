"""CHOOSE_ITEM: one search box over the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

ItemSearch = Callable[[str], Sequence[ItemView]]
"""Items for what was typed, best first; everything the station offers for "". Called on the GUI thread: it must be
quick (it is a search in memory)."""

FREQUENT_TILES = 6


@dataclass(frozen=True, slots=True)
class ItemRow:
    itemId: str
    name: str
    department: str
    category: str
    allCity: bool
    materialsKnown: bool


@QmlElement
class ChooseItemViewModel(VisitViewModel):
    """What was typed, the departments to narrow it, and what was found."""

    changed = Signal()
    foundChanged = Signal()

    def __init__(self, commands: Commands, language: Language = "zh", parent: QObject | None = None) -> None:
        super().__init__(commands, language, parent)
        self._search: ItemSearch = _nothing_offered
        self._query = ""
        self._department = ""
        self._departments: list[str] = []
        self._results = RowModel(ItemRow, self)
        self._frequent = RowModel(ItemRow, self)
        self._visit_shown = ""
        self._catalogue_shown = ""
        self._look()

    def offer(self, search: ItemSearch) -> None:
        """What the station offers from now on: another catalogue, another search."""
        self._search = search
        self._look()

    def part(self, snapshot: Snapshot) -> Any:
        visit = snapshot.visit
        return visit and (visit.case_id, visit.item), snapshot.catalogue_version

    def refresh(self) -> None:
        """A new visit or another catalogue starts with an empty box."""
        shown = (self.visit.case_id, self.snapshot.catalogue_version)
        if shown != (self._visit_shown, self._catalogue_shown):
            self._visit_shown, self._catalogue_shown = shown
            self._query = self._department = ""
            self._look()

    def _look(self) -> None:
        everything = self._search("")
        found = self._search(self._query) if self._query else everything
        self._results.show(
            [_row(item) for item in found if not self._department or item.department == self._department]
        )
        known = [item for item in everything if item.materials_known]
        others = [item for item in everything if not item.materials_known]
        self._frequent.show([_row(item) for item in (known + others)[:FREQUENT_TILES]])
        sizes: dict[str, int] = {}
        for item in everything:
            if item.department:
                sizes[item.department] = sizes.get(item.department, 0) + 1
        self._departments = sorted(sizes, key=lambda name: (-sizes[name], name))
        self.foundChanged.emit()

    @Property(QObject, constant=True)
    def results(self) -> QObject:
        return self._results

    @Property(QObject, constant=True)
    def frequent(self) -> QObject:
        """The items with a sourced checklist first."""
        return self._frequent

    @Property("QStringList", notify=foundChanged)  # type: ignore[arg-type]
    def departments(self) -> list[str]:
        """Those of the offered items, the busiest first."""
        return self._departments

    @Property(str, notify=foundChanged)
    def query(self) -> str:
        return self._query

    @Property(str, notify=foundChanged)
    def department(self) -> str:
        return self._department

    @Property(bool, notify=foundChanged)
    def browsing(self) -> bool:
        """Nothing typed and no department chosen: the frequent items are shown."""
        return not self._query and not self._department

    @Property(bool, notify=foundChanged)
    def nothingFound(self) -> bool:
        return self._results.rowCount() == 0

    @Property(str, notify=changed)
    def chosenId(self) -> str:
        return self.visit.item.item_id if self.visit.item else ""

    @Slot(str)
    def setQuery(self, text: str) -> None:
        text = text.strip()
        if text != self._query:
            self._query = text
            self._look()

    @Slot(str)
    def setDepartment(self, name: str) -> None:
        """Narrow to one department; "" or the same one again widens to all."""
        self._department = "" if name == self._department else name
        self._look()

    @Slot(str)
    def choose(self, item_id: str) -> None:
        """Take this item and go on to its guide: one touch."""
        self.commands.choose_item(item_id)
        self.commands.next()


def _row(item: ItemView) -> ItemRow:
    return ItemRow(item.item_id, item.name, item.department, item.category, item.all_city, item.materials_known)


def _nothing_offered(_: str) -> Sequence[ItemView]:
    return ()
