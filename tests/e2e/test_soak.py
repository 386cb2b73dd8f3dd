"""Many visits in one process with the window shown: memory settles, and every visit ends as the first did."""

from __future__ import annotations

import statistics

import pytest

from tests.benchmarks.processes import run_process

VISITS = 60
EVERY = 4
GROWTH = 1.10
"""One frame of the document camera kept for each visit (8 MB) would make it about 1.6."""


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_visit_after_visit_takes_no_more_memory() -> None:
    lines = run_process(["-m", "tests.benchmarks.memory_process", str(VISITS), str(EVERY)])
    assert [line["visits"] for line in lines] == [1, *range(EVERY, VISITS + 1, EVERY)]  # none failed
    settled = [line["mb"] for line in lines[1:]]
    third = len(settled) // 3
    first, last = statistics.mean(settled[:third]), statistics.mean(settled[-third:])
    assert last / first < GROWTH, settled
