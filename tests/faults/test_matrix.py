"""The disconnect matrix as a test: one state in every run, all of them in the slow one.

How long a device takes to come back is printed by the command and not asserted here.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from drivers.driver import DeviceKind
from kiosk.conductor.snapshot import Screen
from tests.faults import matrix
from tests.faults.matrix import FAULTS, STATES, WORK, Cell


def check(cells: Sequence[Cell], states: int) -> None:
    devices = {cell.device for cell in cells}
    assert devices >= {kind.value for kind in DeviceKind} - {DeviceKind.SOCIAL_SECURITY_CARD.value}
    assert len([cell for cell in cells if cell.state not in WORK]) == states * len(devices) * len(FAULTS)
    failed = [f"{cell.state} {cell.device} {cell.fault}: {cell.broken}" for cell in cells if cell.broken]
    assert not failed, "\n".join(failed)
    assert all(cell.seconds is not None for cell in cells)


@pytest.mark.timeout(600)
def test_every_device_and_fault_at_one_state() -> None:
    cells = matrix.run([Screen.IDENTIFY])
    check(cells, 1)
    assert len([cell for cell in cells if cell.state in WORK]) == len(FAULTS)


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_every_device_and_fault_at_every_state_of_a_visit() -> None:
    check(matrix.run(), len(STATES))


def test_a_cell_is_good_only_in_time_with_the_visit_kept_and_the_engine_alive() -> None:
    good = Cell("home", "webcam", "unplug", seconds=4.9, engine_gap=0.9)
    assert good.good
    assert not Cell("home", "webcam", "unplug", seconds=5.1).good
    assert not Cell("home", "webcam", "unplug", seconds=1.0, engine_gap=1.1).good
    assert not Cell("home", "webcam", "unplug", seconds=1.0, broken=["the visit changed: fields"]).good
    counted = matrix.summary([good, Cell("home", "webcam", "silent", seconds=6.0)])
    assert (counted["cells"], counted["good"], counted["over_5_s"]) == (2, 1, 1)
    assert counted["devices"]["webcam"]["longest"] == 6.0
    assert "4.9 / – / –" in matrix.table([good])
