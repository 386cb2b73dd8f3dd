"""Drafts as bytes: what cannot be read is refused with a code, and never told."""

from __future__ import annotations

import json

import pytest

from kiosk.identity.person import Person
from kiosk.visit import machine, serialise
from kiosk.visit.events import Identified


def draft() -> bytes:
    visit = machine.begin("00000000-0000-7000-8000-000000000001", "2026-11-20T08:00:00+00:00")
    person = Person(name="张示例", id_number="000000190001010017", source="id_card")
    return serialise.to_bytes(machine.apply(visit, Identified(person)).visit)


def test_a_newer_format_is_refused_by_name() -> None:
    content = json.loads(draft())
    content["format"] = serialise.FORMAT + 1
    with pytest.raises(serialise.DraftUnreadable) as refused:
        serialise.from_bytes(json.dumps(content).encode())
    assert refused.value.code == "visit.draft_newer"


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"\xff\xfe",
        lambda data: b"[]",
        lambda data: b'{"format": 1}',
        lambda data: data[:-20],
        lambda data: data.replace(b'"identify"', b'"elsewhere"'),
        lambda data: data.replace(b'"format": 1', b'"format": "1"'),
    ],
)
def test_damage_is_a_code_without_content(damage: object) -> None:
    with pytest.raises(serialise.DraftUnreadable) as refused:
        serialise.from_bytes(damage(draft()))  # type: ignore[operator]
    assert refused.value.code in ("visit.draft_unreadable", "visit.draft_newer")
    assert "张示例" not in repr(refused.value)
    assert refused.value.__cause__ is None


def test_a_visit_shows_nobody_in_its_repr() -> None:
    assert "张示例" not in repr(serialise.from_bytes(draft()))
