from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.staff.errors import WeakPin
from kiosk.staff.pin import check_pin


@pytest.mark.parametrize("pin", ["730184", "905173", "4820916", "736405821947"])
def test_an_unremarkable_pin_is_taken(pin: str) -> None:
    check_pin(pin)


@pytest.mark.parametrize(
    ("pin", "code"),
    [
        ("", "staff.pin_digits"),
        ("73018a", "staff.pin_digits"),
        ("７３０１８４", "staff.pin_digits"),
        ("73018", "staff.pin_length"),
        ("7301847301849", "staff.pin_length"),
        ("000000", "staff.pin_trivial"),
        ("123456", "staff.pin_trivial"),
        ("987654", "staff.pin_trivial"),
        ("890123", "staff.pin_trivial"),
        ("121212", "staff.pin_trivial"),
        ("123123", "staff.pin_trivial"),
        ("73017301", "staff.pin_trivial"),
        ("112233", "staff.pin_trivial"),
        ("111112", "staff.pin_trivial"),
        ("520131", "staff.pin_trivial"),
        ("591231", "staff.pin_date"),
        ("311259", "staff.pin_date"),
        ("19591231", "staff.pin_date"),
    ],
)
def test_a_pin_anybody_would_try_is_refused_by_code(pin: str, code: str) -> None:
    with pytest.raises(WeakPin) as caught:
        check_pin(pin)
    assert caught.value.code == code
    assert not pin or pin not in str(caught.value)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(["%Y%m%d", "%y%m%d", "%d%m%y"]))
def test_no_birthday_is_taken(day: date, form: str) -> None:
    with pytest.raises(WeakPin):
        check_pin(day.strftime(form))


@given(st.text("0123456789", min_size=1, max_size=4), st.integers(2, 6))
def test_no_repeated_piece_is_taken(piece: str, times: int) -> None:
    with pytest.raises(WeakPin):
        check_pin(piece * times)
