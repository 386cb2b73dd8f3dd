"""The list model keeps the rows that stayed, whatever the lists look like."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from PySide6.QtTest import QAbstractItemModelTester

from kiosk.ui.visit.rows import RowModel


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    name: str


@pytest.mark.parametrize("seed", range(20))
def test_becomes_any_list_and_breaks_no_rule_of_qt(qapp: object, seed: int) -> None:
    model = RowModel(Row)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    chance = random.Random(seed)
    for _ in range(30):
        keys = chance.sample("abcdefgh", chance.randrange(9))
        wanted = [Row(key, chance.choice("xy")) for key in keys]
        model.show(wanted)
        assert [(row["key"], row["name"]) for row in model.rows()] == [(row.key, row.name) for row in wanted]
    assert tester.model() is model


def test_a_row_that_stayed_is_neither_removed_nor_reset(qapp: object) -> None:
    model = RowModel(("key", "name"))
    model.show([{"key": "a", "name": "1"}, {"key": "b", "name": "2"}])
    heard: list[str] = []
    model.rowsRemoved.connect(lambda *_: heard.append("removed"))
    model.modelReset.connect(lambda: heard.append("reset"))
    model.dataChanged.connect(lambda first, *_: heard.append(f"changed {first.row()}"))
    model.rowsInserted.connect(lambda _, first, last: heard.append(f"inserted {first}"))
    model.show([{"key": "new", "name": "0"}, {"key": "a", "name": "1"}, {"key": "b", "name": "3"}])
    assert heard == ["inserted 0", "changed 2"]


def test_nothing_is_said_when_nothing_changed(qapp: object) -> None:
    model = RowModel(Row)
    model.show([Row("a", "1")])
    heard: list[str] = []
    model.dataChanged.connect(lambda *_: heard.append("changed"))
    model.countChanged.connect(lambda: heard.append("count"))
    model.show([Row("a", "1")])
    assert heard == []
