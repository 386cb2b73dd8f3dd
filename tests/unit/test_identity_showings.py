"""One showing of a code is one event."""

from __future__ import annotations

from kiosk.identity.codes import RESIDENT_CODE_HOST, classify
from kiosk.identity.showings import MOST_REMEMBERED, SAME_SHOWING_SECONDS, SCANNED_AGAIN_SECONDS, CodeShowings

RAW = (RESIDENT_CODE_HOST + "0123456789abcdef" * 2 + "1790000000000").encode()


def sees(showings: CodeShowings, at: float, raw: bytes = RAW, *, by_camera: bool = False) -> bool:
    return showings.is_new(classify(raw), raw, at, by_camera=by_camera)


def test_whoever_sees_it_second_sees_the_same_showing() -> None:
    for first in (False, True):
        for second in (False, True):
            showings = CodeShowings()
            assert sees(showings, 10.0, by_camera=first)
            showings.asked(classify(RAW), True)
            assert not sees(showings, 10.4, by_camera=second)
            assert not sees(showings, 13.0, by_camera=second)


def test_prefix_and_suffix_of_a_scanner_make_no_difference() -> None:
    showings = CodeShowings()
    assert sees(showings, 1.0, by_camera=True)
    assert not sees(showings, 1.2, b"\x02]Q1" + RAW + b"\r\n")


def test_a_code_held_for_long_before_a_camera_is_one_showing_and_one_shown_again_another() -> None:
    showings = CodeShowings()
    seen = [sees(showings, at / 3, by_camera=True) for at in range(300)]
    assert seen == [True] + [False] * 299
    assert not sees(showings, 100.0 + SAME_SHOWING_SECONDS - 0.5, by_camera=True)
    assert sees(showings, 200.0, by_camera=True)


def test_a_scan_repeated_on_purpose_counts_once_it_was_answered() -> None:
    showings = CodeShowings()
    assert sees(showings, 1.0)
    showings.asked(classify(RAW), True)
    assert not sees(showings, 3.0)  # still being asked about
    showings.asked(classify(RAW), False)
    assert not sees(showings, 3.0 + SCANNED_AGAIN_SECONDS / 2)  # the same act
    assert sees(showings, 6.0)
    assert not sees(showings, 6.1, by_camera=True)


def test_two_codes_in_one_picture_do_not_take_turns() -> None:
    showings = CodeShowings()
    other = RAW[:-1] + b"7"
    seen = [sees(showings, at / 3, raw, by_camera=True) for at in range(30) for raw in (RAW, other)]
    assert seen == [True, True] + [False] * 58


def test_binary_codes_are_told_apart() -> None:
    showings = CodeShowings()
    assert sees(showings, 1.0, b"\x01\xff\xfe")
    assert sees(showings, 1.0, b"\x01\xff\xfd")
    assert not sees(showings, 1.0, b"\x01\xff\xfe")


def test_memory_is_bounded_and_holds_no_code() -> None:
    showings = CodeShowings()
    for number in range(1000):
        assert sees(showings, 1.0, b"%d" % number)
    assert len(showings._seen) == MOST_REMEMBERED
    sees(showings, 1.0)
    assert RAW not in repr(showings._seen).encode()
    showings.clear()
    assert sees(showings, 1.0)
