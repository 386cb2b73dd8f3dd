"""A list for QML that is compared, not reset: rows keep their delegates, so scrolling and focus survive a snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from PySide6.QtCore import Property, QAbstractListModel, QByteArray, QModelIndex, QObject, QPersistentModelIndex, Signal
from PySide6.QtCore import Qt as QtNames

Row = Any
"""A mapping of the roles, or a frozen dataclass with their names as fields."""

_Index = QModelIndex | QPersistentModelIndex
_FIRST_ROLE = int(QtNames.ItemDataRole.UserRole) + 1
_TOP = QModelIndex()


class RowModel(QAbstractListModel):
    """Rows of named values. ``roles[0]`` is the key: unique in the list, the same for the same thing over time.

    GUI thread only. Delegates take the roles as required properties.
    """

    countChanged = Signal()

    def __init__(self, roles: Sequence[str] | type, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._roles = tuple(f.name for f in fields(roles)) if isinstance(roles, type) else tuple(roles)
        self._key = self._roles[0]
        self._rows: list[dict[str, object]] = []

    @Property(int, notify=countChanged)
    def count(self) -> int:
        return len(self._rows)

    def rows(self) -> list[dict[str, object]]:
        """A copy of what is shown."""
        return [dict(row) for row in self._rows]

    def show(self, rows: Sequence[Row]) -> None:
        """Become ``rows`` by removals, moves, insertions and changes of single rows."""
        before = len(self._rows)
        wanted = [self._named(row) for row in rows]
        keys = {row[self._key] for row in wanted}
        for at in range(len(self._rows) - 1, -1, -1):
            if self._rows[at][self._key] not in keys:
                self.beginRemoveRows(_TOP, at, at)
                del self._rows[at]
                self.endRemoveRows()
        for at, row in enumerate(wanted):
            self._put(at, row)
        if len(self._rows) != before:
            self.countChanged.emit()

    def _named(self, row: Row) -> dict[str, object]:
        return dict(row) if isinstance(row, Mapping) else {name: getattr(row, name) for name in self._roles}

    def _put(self, at: int, row: dict[str, object]) -> None:
        found = next((i for i in range(at, len(self._rows)) if self._rows[i][self._key] == row[self._key]), None)
        if found is None:
            self.beginInsertRows(_TOP, at, at)
            self._rows.insert(at, row)
            self.endInsertRows()
            return
        if found != at:
            self.beginMoveRows(_TOP, found, found, _TOP, at)
            self._rows.insert(at, self._rows.pop(found))
            self.endMoveRows()
        old = self._rows[at]
        changed = [_FIRST_ROLE + i for i, name in enumerate(self._roles) if old.get(name) != row.get(name)]
        if changed:
            self._rows[at] = row
            self.dataChanged.emit(self.index(at, 0), self.index(at, 0), changed)

    # Qt's names -------------------------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = int(QtNames.ItemDataRole.DisplayRole)) -> object:
        position = role - _FIRST_ROLE
        if not index.isValid() or not 0 <= position < len(self._roles) or index.row() >= len(self._rows):
            return None
        return self._rows[index.row()].get(self._roles[position])

    def roleNames(self) -> dict[int, QByteArray]:
        return {_FIRST_ROLE + i: QByteArray(name.encode()) for i, name in enumerate(self._roles)}
