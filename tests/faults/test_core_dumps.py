"""A station or centre that crashes leaves no memory on the disk."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.centre.server import running
from kiosk.centre.server.config import CentreConfig
from kiosk.demo import demo_settings
from kiosk.station import StartError, Station


@pytest.fixture
def dumps_allowed() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_CORE)
    if before[1] == 0:
        pytest.skip("core dumps are forbidden here for good")
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


def test_a_station_forbids_them_before_it_opens_anything(tmp_path: Path, dumps_allowed: None) -> None:
    (tmp_path / "station").write_text("no folder")
    with pytest.raises(StartError):
        Station(demo_settings(tmp_path), lambda snapshot: None).start()
    assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0


def test_a_centre_forbids_them_too(tmp_path: Path, dumps_allowed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(running, "_server", refuse)
    with pytest.raises(PermissionError):
        running.serve(CentreConfig(data=tmp_path))
    assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0
