"""The number a resident takes home: prefix, day, serial, check digit, as in ``HN20261120-0001-4``."""

from __future__ import annotations

import re
from datetime import date

_SHAPE = re.compile(r"([A-Z]{1,4})(\d{8})-(\d{4,6})-(\d)")


def case_number(prefix: str, day: date, serial: int) -> str:
    """Compose a number; the check digit catches every single wrong digit and nearly every swap of neighbours.

    Raises:
        ValueError: the prefix is not 1 to 4 capital letters, or the serial is not 1 to 999999.
    """
    if not re.fullmatch(r"[A-Z]{1,4}", prefix) or not 1 <= serial <= 999_999:
        raise ValueError("no such case number")
    digits = f"{day:%Y%m%d}{serial:04d}"
    return f"{prefix}{day:%Y%m%d}-{serial:04d}-{check_digit(digits)}"


def is_case_number(text: str) -> bool:
    """Whether the text has the shape of a case number and its check digit fits."""
    match = _SHAPE.fullmatch(text.strip().upper())
    return match is not None and check_digit(match[2] + match[3]) == match[4]


def check_digit(digits: str) -> str:
    """ISO/IEC 7064 MOD 11,10 over decimal digits."""
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)
