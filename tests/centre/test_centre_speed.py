"""The measurement of the line's speed: only for stations, only so many bytes, and every byte counted."""

from __future__ import annotations

import pytest
import requests

from kiosk.centre.client import CentreNonsense, CentreRefused
from kiosk.centre.contract import SPEED_BYTES

from .conftest import RunningCentre


@pytest.mark.parametrize("size", [0, 1, 65_536, SPEED_BYTES])
def test_so_many_bytes_go_and_come(centre: RunningCentre, size: int) -> None:
    client = centre.client()
    client.send_for_speed(size)
    client.fetch_for_speed(size)
    client.close()


def test_more_than_the_limit_is_refused_both_ways(centre: RunningCentre) -> None:
    client = centre.client()
    with pytest.raises(CentreRefused) as sent:
        client.send_for_speed(SPEED_BYTES + 1)
    assert sent.value.problem == "too_large"
    with pytest.raises(CentreRefused) as fetched:
        client.fetch_for_speed(SPEED_BYTES + 1)
    assert fetched.value.problem == "invalid"
    client.close()


def test_a_stranger_gets_no_byte(centre: RunningCentre) -> None:
    answer = requests.get(f"{centre.url}/v1/speed?size=1000", timeout=5)
    assert answer.status_code == 401
    assert len(answer.content) < 1000


def test_a_centre_that_counts_other_bytes_is_not_believed(
    centre: RunningCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = centre.client()
    monkeypatch.setattr("kiosk.centre.client.os.urandom", lambda size: bytes(size - 1))
    with pytest.raises(CentreNonsense):
        client.send_for_speed(100)
    client.close()


def test_ping_gives_the_clock_and_asks_once(centre: RunningCentre) -> None:
    client = centre.client()
    first = client.ping()
    assert client.ping() >= first
    client.close()
