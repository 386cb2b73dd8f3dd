"""Who a case is for, or who acts for somebody; whatever way it was found out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from kiosk.identity.id_number import IdKind, check_id_number, normalise_id_number

Source = Literal["id_card", "social_security_card", "code", "by_hand"]

LONG_VALID = "长期"

_SEXES = {"male", "female"}


@dataclass(frozen=True, slots=True)
class Person:
    """A person; the representation shows none of it.

    Attributes:
        sex: male, female or "".
        birth: ``yyyy-mm-dd`` or "".
        valid_to: Of the card: ``yyyy-mm-dd``, 长期 or "" (not from a card).
        source_reason: Why by hand.
        remarks: Codes of what could not be read from the card; ``warnings`` passes them on.
    """

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    id_kind: IdKind = "citizen"
    sex: str = field(default="", repr=False)
    birth: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    source: Source = "by_hand"
    source_reason: str = field(default="", repr=False)
    valid_to: str = field(default="", repr=False)
    remarks: tuple[str, ...] = ()


def make_person(
    name: str,
    id_number: str,
    source: Source,
    *,
    id_kind: IdKind | None = None,
    sex: str = "",
    birth: str = "",
    address: str = "",
    source_reason: str = "",
    valid_to: str = "",
    remarks: tuple[str, ...] = (),
) -> Person:
    """A person from what a card, a code or a hand gave.

    Dates may be ``yyyymmdd`` or ``yyyy-mm-dd``. Sex, birth and kind that are missing are taken from the number, when
    it passes its check; what was given is kept even when it disagrees (``warnings`` says so).
    """
    number = check_id_number(id_number)
    return Person(
        name=name.strip(),
        id_number=normalise_id_number(id_number),
        id_kind=id_kind or number.kind,
        sex=sex if sex in _SEXES else number.sex,
        birth=_dashed(birth) or number.birth,
        address=address.strip(),
        source=source,
        source_reason=source_reason.strip(),
        valid_to=LONG_VALID if valid_to.strip() == LONG_VALID else _dashed(valid_to),
        remarks=remarks,
    )


def warnings(person: Person, today: date) -> tuple[str, ...]:
    """What the assistant should look at, as codes; none of it refuses the person.

    ``identity.card_expired``, ``identity.number_check`` (or another code of the number), ``identity.sex_disagrees``,
    ``identity.birth_disagrees``, and the person's own remarks.
    """
    codes = []
    if _is_date(person.valid_to) and date.fromisoformat(person.valid_to) < today:
        codes.append("identity.card_expired")
    number = check_id_number(person.id_number, today)
    if number.code:
        codes.append(number.code)
    if number.sex and person.sex and person.sex != number.sex:
        codes.append("identity.sex_disagrees")
    if number.birth and person.birth and person.birth != number.birth:
        codes.append("identity.birth_disagrees")
    return (*codes, *person.remarks)


def _dashed(text: str) -> str:
    found = re.fullmatch(r"(\d{4})-?(\d{2})-?(\d{2})", text.strip())
    dashed = "-".join(found.groups()) if found else ""
    return dashed if _is_date(dashed) else ""


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return bool(text)
