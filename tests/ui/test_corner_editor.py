"""The corner editor when its picture goes away while a change of it is still to be shown."""

from __future__ import annotations

from dataclasses import replace

from tests.ui.stand import Stand
from tests.ui.visit_samples import SAMPLES


def test_an_editor_that_goes_with_a_change_unseen_complains_of_nothing(stand: Stand) -> None:
    review, fields = SAMPLES["capture_review"], SAMPLES["fields"]
    assert review.visit is not None
    capture = replace(review.visit.capture, review_corners=((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)))
    changed = replace(review, visit=replace(review.visit, capture=capture))
    for _ in range(3):
        stand.show(review)
        assert stand.hand.find("capture_corners") is not None
        stand.shell.update(changed)
        stand.shell.update(fields)
        stand.hand.settle(0.3)
        assert stand.hand.find("capture_corners") is None
