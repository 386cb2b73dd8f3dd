"""For every test: PySide is prepared as the program does it, and a property has all the time it needs."""

from __future__ import annotations

from hypothesis import settings

import kiosk.ui  # noqa: F401  (before pytest-qt imports PySide: says when PySide makes its types)

# A property is right or wrong, however long a busy computer takes over one example.
settings.register_profile("doorstep", deadline=None)
settings.load_profile("doorstep")
