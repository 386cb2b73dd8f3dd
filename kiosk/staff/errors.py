"""What the staff book refuses, as codes with data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


class StaffError(Exception):
    """Attributes: ``code`` is a key of the words, ``detail`` its values; never a PIN."""

    def __init__(self, code: str, **detail: str | int | float) -> None:
        super().__init__(f"{code} {detail}" if detail else code)
        self.code = code
        self.detail: Mapping[str, str | int | float] = MappingProxyType(detail)


class WrongPin(StaffError):
    """Attributes: ``attempts_left`` before the account is locked, at least 1."""

    def __init__(self, attempts_left: int) -> None:
        super().__init__("staff.wrong_pin", attempts_left=attempts_left)
        self.attempts_left = attempts_left


class AccountLocked(StaffError):
    """Too many wrong PINs. Attributes: ``seconds`` until the next try is heard."""

    def __init__(self, seconds: int) -> None:
        super().__init__("staff.locked", seconds=seconds, minutes=-(-seconds // 60))
        self.seconds = seconds


class UnknownAccount(StaffError):
    def __init__(self) -> None:
        super().__init__("staff.unknown_account")


class WeakPin(StaffError):
    """``code`` is staff.pin_length, staff.pin_digits, staff.pin_trivial, staff.pin_date or staff.pin_same."""


class RefusedChange(StaffError):
    """``code``: staff.account_exists, staff.account_name, staff.last_administrator, staff.file_damaged, staff.disk."""
