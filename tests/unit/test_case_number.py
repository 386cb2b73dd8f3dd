"""Case numbers: their shape, and which wrong ones the check digit catches."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.centre.case_number import case_number, check_digit, is_case_number

numbers = st.builds(
    case_number,
    st.from_regex(r"[A-Z]{1,4}", fullmatch=True),
    st.dates(date(2020, 1, 1), date(2099, 12, 31)),
    st.integers(1, 999_999),
)


def test_the_worked_example_of_the_standard() -> None:
    assert check_digit("0794") == "5"  # ISO/IEC 7064, MOD 11,10


def test_it_is_readable() -> None:
    assert case_number("HN", date(2026, 11, 20), 1).startswith("HN20261120-0001-")
    assert "-12345-" in case_number("HN", date(2026, 11, 20), 12345)


@given(numbers)
def test_every_number_is_one(number: str) -> None:
    assert is_case_number(number)
    assert is_case_number(f" {number.lower()}\n")


@given(numbers, st.data())
def test_one_wrong_digit_is_caught(number: str, data: st.DataObject) -> None:
    places = [place for place, sign in enumerate(number) if sign.isdigit()]
    place = data.draw(st.sampled_from(places))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    assert not is_case_number(number[:place] + wrong + number[place + 1 :])


@pytest.mark.parametrize("text", ["", "HN", "HN20261120", "HN20261120-0001", "20261120-0001-4", "HN2026112O-0001-4"])
def test_other_texts_are_none(text: str) -> None:
    assert not is_case_number(text)


@pytest.mark.parametrize(("prefix", "serial"), [("hn", 1), ("", 1), ("ABCDE", 1), ("HN", 0), ("HN", 1_000_000)])
def test_impossible_parts_are_refused(prefix: str, serial: int) -> None:
    with pytest.raises(ValueError, match="case number"):
        case_number(prefix, date(2026, 11, 20), serial)
