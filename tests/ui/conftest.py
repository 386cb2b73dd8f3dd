from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")
os.environ.setdefault("QT_QUICK_CONTROLS_STYLE", "Basic")

from tests.ui.stand import Stand


@pytest.fixture
def make_stand(qapp: Any, qtlog: Any) -> Iterator[Callable[..., Stand]]:
    """Makes stands; whatever Qt or QML warned of while they stood fails the test."""
    stands: list[Stand] = []

    def make(**options: Any) -> Stand:
        stands.append(Stand(**options))
        return stands[-1]

    yield make
    for stand in stands:
        stand.close()
    warnings = [record.message for record in qtlog.records if record.log_type_name in ("QtWarningMsg", "QtCriticalMsg")]
    assert not warnings, "\n".join(warnings)


@pytest.fixture
def stand(make_stand: Callable[..., Stand]) -> Stand:
    return make_stand()
