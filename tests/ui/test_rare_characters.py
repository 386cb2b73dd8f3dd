"""Names of real people: every character is drawn on the screen, by whichever installed font has it."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtGui import QFont, QTextLayout

from kiosk.receipts.slip import RARE_CHARACTERS
from kiosk.ui.app import FONT

NOT_IN_NOTO = "𪚥"
"""Of Extension B; only the font behind the first one has it."""


@pytest.mark.parametrize("weight", [QFont.Weight.Normal, QFont.Weight.Bold], ids=["normal", "bold"])
def test_no_rare_character_is_a_box(qapp: Any, weight: QFont.Weight) -> None:
    font = QFont(FONT)
    font.setPixelSize(32)
    font.setWeight(weight)
    fonts = set()
    for character in (*RARE_CHARACTERS.split(), NOT_IN_NOTO):
        layout = QTextLayout(character, font)
        layout.beginLayout()
        layout.createLine()
        layout.endLayout()
        runs = layout.glyphRuns()
        assert runs, character
        assert all(0 not in run.glyphIndexes() for run in runs), f"{character} is a box"
        fonts |= {run.rawFont().familyName() for run in runs}
    assert len(fonts) > 1, "the fallback was not tried"
