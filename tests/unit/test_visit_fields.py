"""What people type into fields: accepted, or refused with the code that says why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.identity.person import Person
from kiosk.visit import fields
from kiosk.visit.model import Field, FieldKind


def checked(kind: FieldKind, text: str, **other: object) -> str:
    field = Field("f", "项", "field", kind, **other)  # type: ignore[arg-type]
    return fields.check(replace(field, value=fields.tidy(kind, text)))


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        (FieldKind.TELEPHONE, "13800000000", ""),
        (FieldKind.TELEPHONE, "138 0000 0000", ""),
        (FieldKind.TELEPHONE, "138-0000-0000", ""),
        (FieldKind.TELEPHONE, "+86 13800000000", ""),
        (FieldKind.TELEPHONE, "１３８００００００００", ""),
        (FieldKind.TELEPHONE, "021-58000000", ""),
        (FieldKind.TELEPHONE, "(021) 58000000", ""),
        (FieldKind.TELEPHONE, "0512-58000000-123", ""),
        (FieldKind.TELEPHONE, "58000000", ""),
        (FieldKind.TELEPHONE, "1380000000", "visit.field_telephone"),
        (FieldKind.TELEPHONE, "12800000000", "visit.field_telephone"),
        (FieldKind.TELEPHONE, "电话", "visit.field_telephone"),
        (FieldKind.ID_NUMBER, "000000190001010017", ""),
        (FieldKind.ID_NUMBER, "000000190001010018", "visit.field_id_number"),
        (FieldKind.ID_NUMBER, "0000001900010100", "visit.field_id_number"),
        (FieldKind.DATE, "2026-02-28", ""),
        (FieldKind.DATE, "2026年2月28日", ""),
        (FieldKind.DATE, "20260228", ""),
        (FieldKind.DATE, "2026-02-30", "visit.field_date"),
        (FieldKind.DATE, "明天", "visit.field_date"),
        (FieldKind.NUMBER, "12.5", ""),
        (FieldKind.NUMBER, "１２", ""),
        (FieldKind.NUMBER, "zwölf", "visit.field_number"),
        (FieldKind.TEXT, "上海市示例路1号", ""),
        (FieldKind.TEXT, "a\x07b", "visit.field_text"),
        (FieldKind.TEXT, "长" * 501, "visit.field_too_long"),
    ],
)
def test_values(kind: FieldKind, text: str, code: str) -> None:
    assert checked(kind, text) == code


def test_choice_takes_only_what_is_offered() -> None:
    choices = (("self", "自取", "Pick up"),)
    assert checked(FieldKind.CHOICE, "self", choices=choices) == ""
    assert checked(FieldKind.CHOICE, "post", choices=choices) == "visit.field_choice"


def test_empty_counts_only_when_required() -> None:
    assert checked(FieldKind.TELEPHONE, "  ") == ""
    assert checked(FieldKind.TELEPHONE, "  ", required=True) == "visit.field_required"


@given(st.sampled_from(FieldKind), st.text(max_size=40))
def test_tidying_twice_changes_nothing_more(kind: FieldKind, text: str) -> None:
    once = fields.tidy(kind, text)
    assert fields.tidy(kind, once) == once
    assert isinstance(checked(kind, text), str)


def test_prefill_follows_the_person_but_never_what_was_typed() -> None:
    zhang = Person(name="张示例", id_number="000000190001010017", source="id_card", birth="1900-01-01")
    name = Field("name", "姓名", "Name", prefill="name")
    birth = Field("birth", "出生日期", "Birth", FieldKind.DATE, prefill="birth")
    typed = Field("id", "号码", "Number", FieldKind.ID_NUMBER, prefill="id_number", value="000000190001010009")
    unknown = Field("secret", "其他", "Other", prefill="source_reason")
    filled = fields.fill((name, birth, typed, unknown), zhang)
    assert [field.value for field in filled] == ["张示例", "1900-01-01", "000000190001010009", ""]
    assert [field.prefilled for field in filled] == [True, True, False, False]
    assert [field.value for field in fields.fill(filled, None)] == ["", "", "000000190001010009", ""]
