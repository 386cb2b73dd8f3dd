"""The estimate of the paper left: counted, corrected by the sensors, never a reason to stop."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.paper_roll import COVER_OPEN, LOW_MM, NEAR_END, NEAR_END_MM, PAPER_END, PaperRoll, roll_from_text

FULL = 60_000.0


def told(roll: PaperRoll, *codes: str) -> PaperRoll:
    """The printer says one thing after the other; "" and the near end are said by one that is ready."""
    for code in codes:
        roll = roll.heard(code, ready=code in ("", NEAR_END))
    return roll


def test_what_is_printed_is_taken_off_the_roll() -> None:
    roll = PaperRoll().printed(330).printed(170)
    assert roll.left_mm(FULL) == FULL - 500
    assert not roll.low(FULL)


def test_a_counted_roll_is_low_before_it_ends() -> None:
    roll = PaperRoll().printed(FULL - LOW_MM - 1)
    assert not roll.low(FULL)
    roll = roll.printed(1)
    assert roll.low(FULL)
    assert roll.printed(10 * FULL).left_mm(FULL) == 0


def test_the_sensor_wins_over_the_count_both_ways() -> None:
    early = told(PaperRoll().printed(500), NEAR_END)  # a short roll
    assert early.low(FULL)
    assert early.left_mm(FULL) == NEAR_END_MM
    assert told(early.printed(1000), NEAR_END).left_mm(FULL) == NEAR_END_MM - 1000
    late = told(early, COVER_OPEN, "").printed(2 * FULL)  # a long roll, and the sensor sees that there is enough
    assert not late.low(FULL)


@pytest.mark.parametrize(
    ("codes", "renewed"),
    [
        ((PAPER_END, ""), True),
        ((PAPER_END, COVER_OPEN, ""), True),
        ((PAPER_END, COVER_OPEN, PAPER_END, NEAR_END), True),
        ((NEAR_END, COVER_OPEN, ""), True),
        ((NEAR_END, COVER_OPEN, NEAR_END), False),
        ((NEAR_END, ""), False),  # a sensor that cannot decide
        ((COVER_OPEN, ""), False),  # a jam was cleared
        (("receipt_printer.head_hot", ""), False),
    ],
)
def test_a_new_roll_is_known_by_what_the_printer_says(codes: tuple[str, ...], renewed: bool) -> None:
    assert (told(PaperRoll().printed(5000), *codes).used_mm == 0) == renewed


def test_a_sensor_is_believed_until_a_roll_ends_without_it() -> None:
    """Another printer was put there, or its lever is set wrongly."""
    sensed = told(PaperRoll(), NEAR_END, PAPER_END, "")
    assert not sensed.printed(2 * FULL).low(FULL)
    assert told(sensed, PAPER_END, "").printed(FULL - 1).low(FULL)


def test_paper_out_is_remembered_until_the_printer_prints_again() -> None:
    roll = told(PaperRoll().printed(5000), PAPER_END)
    assert roll_from_text(roll.to_text()).heard("", ready=True).used_mm == 0


def test_a_new_roll_by_hand_keeps_what_is_known_of_the_printer() -> None:
    roll = told(PaperRoll(), NEAR_END).printed(5000).renewed()
    assert roll == PaperRoll(has_sensor=True)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"used_mm": "a"}', '{"used_mm": -1}', '{"width": 80}'])
def test_what_cannot_be_read_is_a_fresh_roll(text: str) -> None:
    assert roll_from_text(text) == PaperRoll()


@given(
    st.lists(
        st.one_of(
            st.floats(-10, 1e5, allow_nan=False),
            st.sampled_from(["", NEAR_END, PAPER_END, COVER_OPEN, "receipt_printer.cutter"]),
        )
    )
)
def test_whatever_happens_the_estimate_stays_between_nothing_and_a_full_roll(history: list[float | str]) -> None:
    roll = PaperRoll()
    for one in history:
        roll = told(roll, one) if isinstance(one, str) else roll.printed(one)
        assert 0 <= roll.left_mm(FULL) <= FULL
        assert roll_from_text(roll.to_text()) == roll
