"""Resident memory of the whole demo with its window after 100 visits, against the same process after 10.

The process holds the devices' ends and the centre too: it is an upper bound for a station. See ``preview`` for the
station alone.
"""

from __future__ import annotations

from typing import Any

from tests.benchmarks.processes import run_process

VISITS = 100
TARGET_MB = 600
"""DESIGN.md section 8."""


def run() -> dict[str, Any]:
    """Serve VISITS visits one after the other."""
    lines = run_process(["-m", "tests.benchmarks.memory_process", str(VISITS), "10"])
    mb = {int(line["visits"]): line["mb"] for line in lines}
    return {
        "after 100 visits, times after 10": round(mb[100] / mb[10], 3),
        "after 100 visits, times after 50": round(mb[100] / mb[50], 3),
        "after 100 visits with devices' ends and centre, of the 600 MB allowed to a station": round(
            mb[100] / TARGET_MB, 2
        ),
        "MB after 1, 10, 50, 100": [mb[visits] for visits in (1, 10, 50, 100)],
    }
