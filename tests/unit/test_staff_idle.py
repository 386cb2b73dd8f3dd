from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.staff.idle import IdleStage, IdleState, IdleWatch

OPEN, WARNING, COVERED, SIGNED_OFF = IdleStage
ORDER = list(IdleStage)


def test_the_stages_come_at_their_seconds() -> None:
    watch = IdleWatch(1000.0)
    expected = {0: (OPEN, 60), 59.5: (OPEN, 1), 60: (WARNING, 20), 79.5: (WARNING, 1), 80: (COVERED, 520)}
    expected |= {180: (COVERED, 420), 599.5: (COVERED, 1), 600: (SIGNED_OFF, 0), 9999: (SIGNED_OFF, 0)}
    for after, state in expected.items():
        assert watch.tick(1000.0 + after) == IdleState(*state), after


def test_large_print_gives_twice_the_time_and_may_be_switched_on_meanwhile() -> None:
    watch = IdleWatch(0.0)
    assert watch.tick(65).stage is WARNING
    watch.large_print = True
    assert watch.tick(66) == IdleState(OPEN, 54)
    assert watch.tick(120) == IdleState(WARNING, 20)
    assert watch.tick(140).stage is COVERED


def test_a_touch_ends_the_warning_but_not_the_cover() -> None:
    watch = IdleWatch(0.0)
    assert watch.tick(70).stage is WARNING
    watch.touched(75)
    assert watch.tick(75) == IdleState(OPEN, 60)
    assert watch.tick(155).stage is COVERED
    watch.touched(156)
    assert watch.tick(157) == IdleState(COVERED, 599)
    watch.unlock(158)
    assert watch.tick(158) == IdleState(OPEN, 60)


def test_whoever_types_the_pin_is_not_signed_off_under_the_fingers() -> None:
    watch = IdleWatch(0.0)
    assert watch.tick(590).stage is COVERED
    watch.touched(599)
    assert watch.tick(700).stage is COVERED
    watch.unlock(701)
    assert watch.tick(701).stage is OPEN


def test_a_touch_after_the_time_was_up_is_too_late_even_between_two_ticks() -> None:
    watch = IdleWatch(0.0)
    watch.touched(80.5)
    assert watch.tick(81).stage is COVERED
    late = IdleWatch(0.0)
    late.unlock(601)
    assert late.tick(601).stage is SIGNED_OFF


def test_signed_off_stays_so_until_somebody_signs_on() -> None:
    watch = IdleWatch(0.0)
    assert watch.tick(600).stage is SIGNED_OFF
    watch.touched(601)
    watch.unlock(602)
    assert watch.tick(603, busy=True).stage is SIGNED_OFF
    watch.restart(604)
    assert watch.tick(605) == IdleState(OPEN, 59)


@pytest.mark.parametrize("covered_first", [False, True])
def test_nothing_happens_while_something_goes_on(covered_first: bool) -> None:
    watch = IdleWatch(0.0)
    start = 90 if covered_first else 0
    for second in range(start, 5000):
        state = watch.tick(second, busy=second > start)
        assert state.stage is (COVERED if covered_first else OPEN)
    assert watch.tick(4999 + 599).stage is not SIGNED_OFF
    assert watch.tick(4999 + 600).stage is SIGNED_OFF


def test_a_clock_that_steps_back_counts_as_no_time() -> None:
    watch = IdleWatch(100.0)
    assert watch.tick(130) == IdleState(OPEN, 30)
    assert watch.tick(20) == IdleState(OPEN, 30)
    assert watch.tick(160).stage is WARNING


def test_a_sign_off_set_before_the_cover_comes_with_it() -> None:
    watch = IdleWatch(0.0, warn=100, countdown=20, sign_off=60)
    assert watch.tick(119).stage is WARNING
    assert watch.tick(120).stage is SIGNED_OFF


steps = st.lists(
    st.tuples(st.sampled_from(["tick", "busy", "touch", "unlock", "large", "normal"]), st.floats(0, 400)), max_size=60
)


@given(steps)
def test_whatever_happens_the_rules_hold(story: list[tuple[str, float]]) -> None:
    watch = IdleWatch(0.0)
    now, quiet_since, stage = 0.0, 0.0, OPEN
    for what, wait in story:
        now += wait
        before = stage
        if what == "touch":
            watch.touched(now)
        elif what == "unlock":
            watch.unlock(now)
        elif what in ("large", "normal"):
            watch.large_print = what == "large"
        state = watch.tick(now, busy=what == "busy")
        stage = state.stage
        if what in ("touch", "unlock", "busy"):
            quiet_since = now
        assert state.seconds_left >= (0 if stage is SIGNED_OFF else 1)
        if before is SIGNED_OFF:
            assert stage is SIGNED_OFF
        if before is COVERED and what != "unlock":
            assert stage in (COVERED, SIGNED_OFF)
        if now - quiet_since >= 600:
            assert stage is SIGNED_OFF
        elif now - quiet_since >= 140:
            assert stage in (COVERED, SIGNED_OFF)
        if what == "busy" and before in (OPEN, WARNING):
            assert stage is OPEN
        if now - quiet_since < 60 and before is OPEN:
            assert stage in (OPEN, COVERED, SIGNED_OFF)
