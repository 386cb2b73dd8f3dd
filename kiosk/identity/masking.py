"""Personal values as others may see them."""

from __future__ import annotations

STAR = "*"


def mask_id_number(number: str) -> str:
    """For the staff screen: the first 6 and the last 4 characters; shorter numbers show their last 4 at most."""
    if len(number) >= 15:
        return number[:6] + STAR * (len(number) - 10) + number[-4:]
    return last_four(number)


def last_four(number: str) -> str:
    """For paper and records: stars and the last 4 characters; of a number that is no longer than 4, nothing."""
    if len(number) <= 4:
        return STAR * len(number)
    return STAR * 4 + number[-4:]


def mask_name(name: str) -> str:
    """The first character and a star: 张*. A name of one character becomes a star alone."""
    name = name.strip()
    return name[0] + STAR if len(name) > 1 else STAR * len(name)


def mask_telephone(number: str) -> str:
    """The first 3 and the last 4 digits of a mobile number; of anything shorter, the last 2."""
    if len(number) >= 11:
        return number[:3] + STAR * (len(number) - 7) + number[-4:]
    return STAR * max(0, len(number) - 2) + number[-2:] if len(number) > 4 else STAR * len(number)
