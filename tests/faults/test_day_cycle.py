"""Days of a station in minutes: nothing grows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults import day_cycle
from tests.faults.day_cycle import Day, verdict


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_day_after_day_nothing_grows() -> None:
    days = day_cycle.run(5, 3)
    assert verdict(days) == [], days
    assert all(day.pulled > 0 for day in days)


def test_growth_is_told_from_the_first_days_warming_up() -> None:
    day = Day(1, 400.0, 30, 50, 5, 10, 5, 40.0)
    days = [replace(day, resident_mb=300.0, threads=20), *[replace(day, number=number) for number in range(2, 6)]]
    assert verdict(days) == []
    assert verdict([*days[:3], *[replace(day, resident_mb=460.0) for _ in range(2)]]) == ["memory × 1.150"]
    assert verdict([*days[:3], *[replace(day, threads=33) for _ in range(2)]]) == ["threads 30 → 33"]
    assert verdict([*days[:3], *[replace(day, open_files=60) for _ in range(2)]]) == ["open_files 50 → 60"]
    assert verdict([*days[:4], replace(day, number=5, slips=6)]) == ["6 slips for 5 visits on day 5"]
    with pytest.raises(ValueError, match="three days"):
        verdict(days[:2])
