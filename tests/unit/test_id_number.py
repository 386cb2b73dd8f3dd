from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.identity.id_number import check_character, check_id_number, is_valid, normalise_id_number

days = st.dates(date(1800, 1, 1), date(2100, 1, 1))
regions = st.integers(100000, 799999).map(str)
sequences = st.integers(0, 999).map(lambda number: f"{number:03d}")


def made(region, day, sequence):
    first = f"{region}{day:%Y%m%d}{sequence}"
    return first + check_character(first)


def test_the_standards_own_specimen():
    check = check_id_number("11010519491231002X")
    assert (check.code, check.kind, check.sex, check.birth) == ("", "citizen", "female", "1949-12-31")
    assert check_id_number("110105194912310021").code == "identity.number_check"


def test_the_2023_cards_specimen():
    check = check_id_number("911124198108030024")
    assert (check.code, check.kind, check.birth) == ("", "permanent_residence", "1981-08-03")


@given(regions, days, sequences)
def test_every_well_made_number_passes_whatever_its_region(region, day, sequence):
    check = check_id_number(made(region, day, sequence))
    assert check.passed
    assert (check.birth, check.sex) == (day.isoformat(), "male" if int(sequence) % 2 else "female")


@given(regions, days, sequences, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(region, day, sequence, place, by):
    number = made(region, day, sequence)
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert check_id_number(wrong).code == "identity.number_check"


@given(regions, days, sequences, st.integers(0, 15))
def test_two_neighbours_exchanged_are_always_noticed(region, day, sequence, place):
    number = made(region, day, sequence)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert is_valid(swapped) == (swapped == number)


@given(st.text(max_size=40))
def test_any_text_is_judged_and_never_fails(text):
    check = check_id_number(text)
    assert check.passed or check.code.startswith("identity.number_")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "identity.number_empty"),
        ("   ", "identity.number_empty"),
        ("00000019000101001", "identity.number_length"),
        ("0000001900010100170", "identity.number_length"),
        ("00000019000101001A", "identity.number_character"),
        ("٠٠٠٠٠٠190001010017", "identity.number_character"),
        ("000000190002300015", "identity.number_check"),
        (made("000000", date(2050, 1, 1), "001"), "identity.number_birth"),
    ],
)
def test_what_is_wrong_is_said(text, code):
    assert check_id_number(text, today=date(2026, 11, 20)).code == code


def test_a_day_that_does_not_exist():
    first = "00000019000230001"
    assert check_id_number(first + check_character(first)).code == "identity.number_birth"


def test_residence_permits_of_three_regions():
    for region in ("810000", "820000", "830000"):
        check = check_id_number(made(region, date(1700, 1, 1), "001"))
        assert (check.passed, check.kind) == (True, "residence_permit")


@pytest.mark.parametrize("number", ["XXX000000010101", "xxx 0000 0001 0101", "ABC999999999999"])
def test_fifteen_characters_have_their_own_rule(number):
    check = check_id_number(number)
    assert (check.passed, check.kind, check.sex, check.birth) == (True, "permanent_residence", "", "")


def test_typed_numbers_are_tidied():
    assert normalise_id_number(" ００００００-19000101 005x ") == "00000019000101005X"
    assert is_valid("000000 19000101 005x")


def test_the_result_does_not_show_the_number():
    assert "0017" not in repr(check_id_number("000000190001010017"))
    assert "1900" not in repr(check_id_number("000000190001010017"))
