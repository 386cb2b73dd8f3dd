"""Which keys were a scanner's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drivers.keyboard_wedge import LARGEST_SCAN, LONGEST_GAP, KeyRun, Typing, WedgeDropped, WedgeResult, WedgeScan


def play(text: str, gap: float, start: float = 0.0, run: KeyRun | None = None) -> list[WedgeResult]:
    keys = run or KeyRun()
    results: list[WedgeResult] = []
    at = start
    for at_index, character in enumerate(text):
        at = start + at_index * gap
        results += keys.feed(character, at)
    return results + keys.expire(at + 1)


def test_a_fast_run_with_enter_or_tab_is_a_scan() -> None:
    for end in "\r\n\t":
        assert play("424" + "1" * 25 + end, 0.008) == [WedgeScan("424" + "1" * 25)]


def test_a_person_typing_is_handed_back_key_by_key() -> None:
    assert play("13800000000\r", 0.12) == [Typing(character) for character in "13800000000\r"]


def test_fast_but_short_is_typing() -> None:
    assert play("12345\r", 0.008) == [Typing("12345\r")]


def test_a_run_without_an_end_is_typing() -> None:
    assert play("1234567890", 0.008) == [Typing("1234567890")]


def test_one_slow_gap_makes_it_typing() -> None:
    keys = KeyRun()
    results = play("12345", 0.008, 0.0, keys) + play("678901\r", 0.008, 5.0, keys)
    assert results == [Typing("12345"), WedgeScan("678901")]


def test_a_slow_enter_after_a_fast_run_is_typing() -> None:
    keys = KeyRun()
    for index, character in enumerate("12345678"):
        assert keys.feed(character, index * 0.01) == []
    assert keys.feed("\r", 0.07 + LONGEST_GAP) == [Typing("12345678"), Typing("\r")]


def test_the_deadline_says_when_held_keys_are_due() -> None:
    keys = KeyRun()
    assert keys.deadline is None
    keys.feed("a", 7.0)
    assert keys.deadline == 7.0 + LONGEST_GAP
    assert keys.expire(7.01) == []
    assert keys.expire(keys.deadline) == [Typing("a")]
    assert keys.deadline is None


def test_more_than_any_code_is_dropped_until_it_ends() -> None:
    results = play("9" * (LARGEST_SCAN + 1000) + "\r", 0.001)
    assert all(isinstance(result, WedgeDropped) for result in results)
    assert sum(result.keys for result in results if isinstance(result, WedgeDropped)) == LARGEST_SCAN + 1001


def test_contents_hide_from_repr() -> None:
    assert "424" not in repr(WedgeScan("424")) + repr(Typing("424"))


@given(
    st.lists(
        st.tuples(st.sampled_from("ab1X\r\t"), st.floats(0.001, 0.2, allow_nan=False, allow_infinity=False)),
        max_size=80,
    )
)
def test_no_key_is_lost_doubled_or_moved(typed: list[tuple[str, float]]) -> None:
    keys, at = KeyRun(), 0.0
    out = ""
    for character, gap in typed:
        at += gap
        for result in keys.feed(character, at):
            out += result.text + "." if isinstance(result, WedgeScan) else result.text  # type: ignore[union-attr]
    for result in keys.expire(at + 1):
        out += result.text  # type: ignore[union-attr]
    given_keys = "".join(character for character, _ in typed)
    assert len(out) == len(given_keys)
    assert all(a == b or (a == "." and b in "\r\t") for a, b in zip(out, given_keys, strict=True))
