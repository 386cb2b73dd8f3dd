import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.id_card import NATIONS, UnknownCardError, decode_text
from drivers.simulated.id_card_reader import SAMPLE_CARDS, SimulatedIdCard

ATTRIBUTES = (
    *("name", "english_name", "id_number", "birth", "address", "issuer"),
    *("valid_from", "valid_to", "nationality", "pass_number"),
)
KINDS = {
    "citizen": "citizen",
    "J": "residence_permit",
    "I": "permanent_residence_2017",
    "Y": "permanent_residence_2023",
}


@pytest.mark.parametrize("name", SAMPLE_CARDS)
def test_every_layout_comes_back_as_it_was_written(name):
    sample = SAMPLE_CARDS[name]
    text = sample.text()
    assert len(text) == 256
    card = decode_text(text)
    assert card.kind == KINDS[sample.kind]
    assert card.sex == {"1": "male", "2": "female"}[sample.sex]
    for attribute in ATTRIBUTES:
        assert getattr(card, attribute) == getattr(sample, attribute), attribute
    assert card.nation == (NATIONS[int(sample.nation)] if sample.kind == "citizen" else "")


def test_offsets_are_those_of_the_tables():
    text = bytearray(" ".encode("utf-16-le") * 128)
    for offset, value in (
        (0, "甲"),
        (30, "2"),
        (32, "05"),
        (36, "19991231"),
        (52, "乙路"),
        (122, "11010519491231002X"),
    ):
        raw = value.encode("utf-16-le")
        text[offset : offset + len(raw)] = raw
    card = decode_text(bytes(text))
    assert (card.name, card.sex, card.nation, card.birth) == ("甲", "female", "维吾尔", "19991231")
    assert (card.address, card.id_number) == ("乙路", "11010519491231002X")


def test_there_are_56_nations_and_two_others():
    assert sorted(NATIONS) == [*range(1, 57), 97, 98]
    assert NATIONS[56] == "基诺"
    assert NATIONS[28] == "景颇"


@given(
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=15),
    st.text(st.characters(exclude_categories=["Cs", "Zs", "Cc"]), max_size=17).map(str.strip),
)
def test_any_name_and_address_that_fit_come_back(name, address):
    card = decode_text(SimulatedIdCard("citizen", name, "000000190001010017", address=address).text())
    assert (card.name, card.address) == (name, address)


@given(st.binary(min_size=256, max_size=256))
def test_any_bytes_are_a_card_or_refused(text):
    try:
        card = decode_text(text)
    except UnknownCardError:
        return
    assert card.id_number
    assert card.name or card.english_name


def test_padding_with_nul_and_half_a_character_cost_nothing_else():
    text = bytearray(SAMPLE_CARDS["valid"].text())
    text[6:30] = bytes(24)
    assert decode_text(bytes(text)).name == "张示例"
    text[4:6] = b"\x00\xd8"  # a high surrogate without its partner
    assert decode_text(bytes(text)).name == "张示\ufffd"


def test_unknown_layouts_and_empty_cards_are_refused():
    text = bytearray(SAMPLE_CARDS["valid"].text())
    text[248:250] = "Q".encode("utf-16-le")
    with pytest.raises(UnknownCardError):
        decode_text(bytes(text))
    with pytest.raises(UnknownCardError):
        decode_text(" ".encode("utf-16-le") * 128)


def test_nothing_personal_in_the_representation():
    card = decode_text(SAMPLE_CARDS["valid"].text())
    assert repr(card) == "IdCard(kind='citizen')"
    assert "张" not in f"{dataclasses.replace(card, photo=b'x')}"


def test_a_text_too_long_for_the_chip_is_refused():
    with pytest.raises(ValueError, match="place of 30"):
        SimulatedIdCard("citizen", "名" * 16, "000000190001010017").text()
