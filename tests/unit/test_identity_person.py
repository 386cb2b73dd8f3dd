from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.identity.masking import last_four, mask_id_number, mask_name, mask_telephone
from kiosk.identity.person import Person, make_person, warnings

TODAY = date(2026, 11, 20)


def test_dates_of_cards_become_dates_and_missing_things_come_from_the_number():
    person = make_person("张示例", "000000190001010017", "id_card", valid_to="20400101")
    assert (person.sex, person.birth, person.valid_to, person.id_kind) == (
        "male",
        "1900-01-01",
        "2040-01-01",
        "citizen",
    )
    assert warnings(person, TODAY) == ()
    assert make_person("赵长期", "000000190001010041", "id_card", valid_to="长期").valid_to == "长期"


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"valid_to": "20261119"}, ("identity.card_expired",)),
        ({"valid_to": "20261120"}, ()),
        ({"valid_to": "长期"}, ()),
        ({"valid_to": "nonsense"}, ()),
        ({"remarks": ("id_card_reader.newest_address_unreadable",)}, ("id_card_reader.newest_address_unreadable",)),
        ({"sex": "female"}, ("identity.sex_disagrees",)),
        ({"sex": "unspecified"}, ()),
        ({"birth": "19000102"}, ("identity.birth_disagrees",)),
        ({"id_number": "000000190001010018"}, ("identity.number_check",)),
        (
            {"valid_to": "20000101", "sex": "female", "birth": "1901-01-01"},
            ("identity.card_expired", "identity.sex_disagrees", "identity.birth_disagrees"),
        ),
    ],
)
def test_warnings_refuse_nobody(changes, codes):
    values = {"name": "张示例", "id_number": "000000190001010017", "source": "id_card"} | changes
    assert warnings(make_person(**values), TODAY) == codes


def test_what_was_given_is_kept():
    person = make_person(" 样例明 ", "XXX000000010101", "id_card", id_kind="permanent_residence", sex="female")
    assert (person.name, person.sex, person.birth, person.id_kind) == ("样例明", "female", "", "permanent_residence")


def test_a_person_is_not_shown():
    person = make_person("张示例", "000000190001010017", "id_card", address="某省某市")
    assert repr(person) == "Person(id_kind='citizen', source='id_card', remarks=())"
    assert Person("张示例", "000000190001010017").id_kind == "citizen"


def test_masks():
    assert mask_id_number("000000190001010017") == "000000********0017"
    assert mask_id_number("XXX000000010101") == "XXX000*****0101"
    assert last_four("000000190001010017") == "****0017"
    assert (mask_name("张示例"), mask_name("李"), mask_name("")) == ("张*", "*", "")
    assert mask_telephone("13800000000") == "138****0000"


@given(st.text("0123456789X", max_size=30))
def test_masks_hide_most_of_every_number(number):
    assert sum(char == "*" for char in mask_id_number(number)) >= min(len(number), 4)
    assert len(last_four(number).strip("*")) <= 4
    hidden = mask_telephone(number)
    assert len(hidden) == len(number)
    assert number == "" or "*" in hidden
