"""A screen may go at any moment of its making."""

from __future__ import annotations

import pytest

from kiosk.conductor.snapshot import Snapshot
from tests.ui.samples import REPRINT, SIGN_ON, TODO
from tests.ui.stand import Stand
from tests.ui.visit_samples import SAMPLES


@pytest.mark.parametrize("snapshot", [SIGN_ON, TODO, REPRINT, SAMPLES["choose_item"]])
def test_no_list_makes_rows_ahead(stand: Stand, snapshot: Snapshot) -> None:
    """Qt makes those piece by piece; a screen that went meanwhile (17 of 60 quick switches) left half made ones."""
    stand.show(snapshot)
    ahead = [item.property("cacheBuffer") for item in stand.hand.items() if item.inherits("QQuickListView")]
    assert ahead
    assert not any(ahead)
