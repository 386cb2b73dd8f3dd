"""All of ``tests/guest/inside`` in the machine."""

from __future__ import annotations

import pytest

from tests.guest.__main__ import all_tests, cache
from tests.guest.machine import missing_tools, run_inside


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_the_drivers_work_on_real_kernel_devices() -> None:
    if missing := missing_tools():
        pytest.skip("needs " + ", ".join(missing))
    code, output = run_inside(all_tests(), cache())
    assert code == 0, output[-6000:]
