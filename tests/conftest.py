"""For every test: PySide is prepared as the program does it, and a property has all the time it needs.

Tests may run on several workers (pytest-xdist). What exists once on a machine, the screen with its keyboard focus and
the card service, is one worker's: those tests are one group.
"""

from __future__ import annotations

import pytest
from hypothesis import settings

import kiosk.ui  # noqa: F401  (before pytest-qt imports PySide: says when PySide makes its types)

# A property is right or wrong, however long a busy computer takes over one example.
settings.register_profile("doorstep", deadline=None)
settings.load_profile("doorstep")

ONE_OF_A_MACHINE = (
    "tests/e2e/",
    "tests/ui/",
    "tests/qml/",
    "tests/drivers/test_replay.py",
    "tests/drivers/test_social_security_card.py",
    "tests/faults/test_bad_input.py",
    "tests/faults/test_core_dumps.py",
    "tests/faults/test_day_cycle.py",
    "tests/faults/test_faults_social_security_card.py",
    "tests/faults/test_faults_supervision.py",
    "tests/faults/test_matrix.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(ONE_OF_A_MACHINE):
            item.add_marker(pytest.mark.xdist_group("one of a machine"))
