"""Checks what people typed into the fields of an item, and fills in what a card already said.

Every check answers with a code of ``resources/i18n/words/visit.json``, "" when the value may be handed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from kiosk.identity.id_number import check_id_number, normalise_id_number
from kiosk.identity.person import Person
from kiosk.visit.model import Field, FieldKind

TELEPHONE_FIELD = "telephone"
LONGEST = 500

_MOBILE = re.compile(r"(?:\+?86)?1[3-9]\d{9}")
_LANDLINE = re.compile(r"(?:0\d{2,3})?[2-8]\d{6,7}(?:[-转]\d{1,6})?")
_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,4})?")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ－＋（）　", "0123456789Xx-+() ")
_DATE = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})")

PREFILLS = frozenset({"name", "id_number", "sex", "birth", "address"})


def tidy(kind: FieldKind, value: str) -> str:
    """The value as it is kept: trimmed, full-width digits made narrow, dates as yyyy-mm-dd, ID numbers with X."""
    text = value.strip()[: LONGEST + 1]
    if kind is FieldKind.TEXT:
        return text
    text = text.translate(_FULL_WIDTH)
    if kind is FieldKind.ID_NUMBER:
        return normalise_id_number(text)
    if kind is FieldKind.DATE and (found := _DATE.fullmatch(text.replace(" ", ""))):
        year, month, day = (part for part in found.groups() if part is not None)
        return f"{year}-{month:0>2}-{day:0>2}"
    return text


def check(field: Field) -> str:
    """Why this value cannot be handed over, as a code; "" = it can."""
    value = field.value
    if not value:
        return "visit.field_required" if field.required else ""
    if len(value) > LONGEST:
        return "visit.field_too_long"
    return _CHECKS[field.kind](field)


def _check_text(field: Field) -> str:
    return "" if all(char.isprintable() or char == "\n" for char in field.value) else "visit.field_text"


def _check_telephone(field: Field) -> str:
    """Mainland numbers: 11-digit mobile; landline of 7 or 8 digits with or without area code and extension."""
    digits = re.sub(r"[ ()]", "", field.value)
    bare = re.sub(r"(?<=\d)-(?=\d)", "", digits, count=1) if digits.startswith("0") else digits
    mobile = re.sub(r"-", "", digits)
    return "" if _MOBILE.fullmatch(mobile) or _LANDLINE.fullmatch(bare) else "visit.field_telephone"


def _check_id_number(field: Field) -> str:
    return "" if check_id_number(field.value).passed else "visit.field_id_number"


def _check_date(field: Field) -> str:
    try:
        year = date.fromisoformat(field.value).year
    except ValueError:
        return "visit.field_date"
    return "" if 1880 <= year <= 2200 and len(field.value) == 10 else "visit.field_date"


def _check_choice(field: Field) -> str:
    return "" if field.value in {choice[0] for choice in field.choices} else "visit.field_choice"


def _check_number(field: Field) -> str:
    return "" if _NUMBER.fullmatch(field.value) else "visit.field_number"


_CHECKS = {
    FieldKind.TEXT: _check_text,
    FieldKind.TELEPHONE: _check_telephone,
    FieldKind.ID_NUMBER: _check_id_number,
    FieldKind.DATE: _check_date,
    FieldKind.CHOICE: _check_choice,
    FieldKind.NUMBER: _check_number,
}


def fill(fields: Iterable[Field], person: Person | None) -> tuple[Field, ...]:
    """Fill in what the card said. What a person typed stays; what an earlier person's card said goes."""
    return tuple(_fill_one(field, person) for field in fields)


def _fill_one(field: Field, person: Person | None) -> Field:
    if not field.prefill or (field.value and not field.prefilled):
        return field
    known = str(getattr(person, field.prefill)) if person is not None and field.prefill in PREFILLS else ""
    value = tidy(field.kind, known)
    if check(replace(field, value=value, required=False)):
        value = ""
    return replace(field, value=value, prefilled=bool(value))
