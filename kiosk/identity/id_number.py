"""ID numbers: GB 11643-1999 with its check character by ISO 7064 MOD 11-2, and the 15-character numbers of 2017 cards.

The first six digits are the region of first registration and may be one that no longer exists: they never refuse a
number. A number that passes proves nothing about who is here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

IdKind = Literal["citizen", "residence_permit", "permanent_residence", "other"]
Sex = Literal["male", "female", ""]

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"

RESIDENCE_PERMIT_REGIONS = ("81", "82", "83")
"""Hong Kong, Macao, Taiwan: numbers of 港澳台居民居住证."""

_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_FIFTEEN = re.compile(r"[A-Z]{3}[0-9]{12}")
_LONGEST_INPUT = 64


@dataclass(frozen=True, slots=True)
class IdNumberCheck:
    """What a number says about itself.

    Attributes:
        number: Without spaces, letters in capitals.
        code: "" when it passes; else why not: ``identity.number_empty``, ``.number_length``, ``.number_character``,
            ``.number_check`` or ``.number_birth``.
        kind: By the number's form alone.
        sex: From the 17th digit; "" where the number does not say.
        birth: ``yyyy-mm-dd``; "" where the number does not say.
    """

    number: str = field(repr=False)
    code: str
    kind: IdKind = "other"
    sex: Sex = ""
    birth: str = field(default="", repr=False)

    @property
    def passed(self) -> bool:
        return not self.code


def check_character(first_seventeen: str) -> str:
    """The 18th character for 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, WEIGHTS, strict=True))
    return CHECK_CHARACTERS[total % 11]


def normalise_id_number(text: str) -> str:
    """Take out spaces and hyphens, full-width forms made half-width, letters in capitals."""
    table = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
    return re.sub(r"[\s-]+", "", text[:_LONGEST_INPUT].translate(table)).upper()


def check_id_number(text: str, today: date | None = None) -> IdNumberCheck:
    """Check a number as typed or read. ``today``: a birth date after it is refused."""
    number = normalise_id_number(text)
    if not number:
        return IdNumberCheck("", "identity.number_empty")
    if _FIFTEEN.fullmatch(number):
        # 2017 permanent residence cards: how their digits check each other is not published, so the form alone counts.
        return IdNumberCheck(number, "", "permanent_residence")
    if len(number) != 18:
        return IdNumberCheck(number, "identity.number_length")
    if not _EIGHTEEN.fullmatch(number):
        return IdNumberCheck(number, "identity.number_character")
    kind: IdKind = "citizen"
    if number.startswith(RESIDENCE_PERMIT_REGIONS):
        kind = "residence_permit"
    elif number.startswith("9"):
        kind = "permanent_residence"
    if check_character(number[:17]) != number[17]:
        return IdNumberCheck(number, "identity.number_check", kind)
    birth = _date(number[6:14], today)
    if not birth:
        return IdNumberCheck(number, "identity.number_birth", kind)
    return IdNumberCheck(number, "", kind, "male" if int(number[16]) % 2 else "female", birth)


def is_valid(text: str) -> bool:
    """Whether a typed number passes ``check_id_number``."""
    return check_id_number(text).passed


def _date(digits: str, today: date | None) -> str:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return ""
    if today is not None and day > today:
        return ""
    return day.isoformat()
