from __future__ import annotations

import kiosk.ui  # noqa: F401  (before pytest-qt imports PySide: says when PySide makes its types)
