"""Every parser of what comes from outside takes any bytes: noise, and what is nearly right."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.parsers import PARSERS, SEEDS

LARGEST = 20_000


def nearly_right(seeds: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """A seed with some of its bytes replaced, taken out, doubled or put in."""

    def changed(seed: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
        data = bytearray(seed)
        for place, taken, put in edits:
            at = int(place * len(data))
            data[at : at + taken] = put
        return bytes(data[:LARGEST])

    edit = st.tuples(st.floats(0, 1), st.integers(0, 8), st.binary(max_size=8))
    return st.builds(changed, st.sampled_from(seeds), st.lists(edit, max_size=6))


def test_every_parser_has_something_to_begin_with() -> None:
    assert SEEDS.keys() == PARSERS.keys()


@pytest.mark.parametrize("name", PARSERS)
def test_the_seeds(name: str) -> None:
    for seed in SEEDS[name]:
        PARSERS[name](seed)


@pytest.mark.parametrize("name", PARSERS)
def test_any_bytes(name: str) -> None:
    parser = PARSERS[name]

    @settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck), database=None)
    @given(st.one_of(st.binary(max_size=400), nearly_right(SEEDS[name])))
    def take(data: bytes) -> None:
        parser(data)

    take()
