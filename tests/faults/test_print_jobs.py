"""Print jobs with random faults: none lost, none doubled. The thousand run with the slow tests."""

from __future__ import annotations

import numpy as np
import pytest

from tests.faults.print_jobs import FRAME, Tally, read, run, slip


def test_the_reader_of_the_paper_sees_what_is_there() -> None:
    white = np.zeros((60, slip(1, False).shape[1]), dtype=bool)
    torn = slip(5, False)[:-40]
    pile = np.concatenate([white, slip(700, False), torn, white, slip(700, True)])
    assert read(pile) == [(700, False), (700, True)]
    spoiled = slip(9, False)
    spoiled[FRAME + 40] = True
    assert read(spoiled) == []


def test_a_bad_tally_is_not_good() -> None:
    assert Tally(jobs=1).good
    assert not Tally(jobs=1, lost=[1]).good
    assert not Tally(jobs=1, doubled=[1]).good
    assert not Tally(jobs=1, unproven=[1]).good


def test_a_few_jobs_with_random_faults() -> None:
    tally = run(32, seed=11)
    assert tally.good, str(tally)
    assert tally.jobs == 32
    assert sum(tally.faults.values()) > 12


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_thousand_jobs_with_random_faults() -> None:
    tally = run(1000, seed=3)
    assert tally.good, str(tally)
    assert tally.jobs == 1000
