"""Which PINs are refused because they are the first ones anybody would try."""

from __future__ import annotations

from datetime import date

from kiosk.staff.errors import WeakPin

SHORTEST, LONGEST = 6, 12

_COMMON = frozenset({
    "112233", "123321", "131419", "147258", "147852", "159357", "159753", "258369", "314159", "520131", "520520",
    "521521", "654123", "741852", "753951", "789456", "852456", "963852", "1314520", "5201314", "12344321", "11223344",
})  # fmt: skip


def check_pin(pin: str) -> None:
    """Refuse a PIN that is not 6 to 12 digits, or is easily guessed.

    Raises:
        WeakPin: staff.pin_digits, staff.pin_length, staff.pin_trivial (one digit, a short piece repeated, a row of
            neighbours, a well-known one) or staff.pin_date (looks like a birthday: yymmdd, ddmmyy or yyyymmdd).
    """
    if not (pin.isascii() and pin.isdigit()):
        raise WeakPin("staff.pin_digits")
    if not SHORTEST <= len(pin) <= LONGEST:
        raise WeakPin("staff.pin_length", shortest=SHORTEST, longest=LONGEST)
    if pin in _COMMON or len(set(pin)) < 3 or _repeats(pin) or _is_row(pin):
        raise WeakPin("staff.pin_trivial")
    if _is_date(pin):
        raise WeakPin("staff.pin_date")


def _repeats(pin: str) -> bool:
    """123123, 121212, 12341234."""
    return pin in (pin + pin)[1:-1]


def _is_row(pin: str) -> bool:
    """123456, 890123, 654321: every step is the same one up or down, 9 and 0 being neighbours."""
    steps = {(int(after) - int(before)) % 10 for before, after in zip(pin, pin[1:], strict=False)}
    return steps in ({1}, {9})


def _is_date(pin: str) -> bool:
    if len(pin) == 8:
        return 1900 <= int(pin[:4]) <= 2099 and _day_exists(int(pin[:4]), int(pin[4:6]), int(pin[6:]))
    if len(pin) == 6:
        first, middle, last = int(pin[:2]), int(pin[2:4]), int(pin[4:])
        return _day_exists(2000 + first, middle, last) or _day_exists(2000 + last, middle, first)
    return False


def _day_exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
