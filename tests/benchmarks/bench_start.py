"""From starting the process to the painted sign-on, against starting Python with Qt and an empty window.

The files are in the system's cache for both, and the centre is away. Each round starts both in turn.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

from drivers.simulated.bench import Bench
from tests.benchmarks.processes import run_process, station_folder

ROUNDS = 7
TARGET_SECONDS = 5.0
"""DESIGN.md section 8."""

EMPTY = """
import json, os, time
os.environ["QT_QUICK_BACKEND"] = "software"
import PySide6.QtQuick
from PySide6.QtGui import QGuiApplication
from PySide6.QtQml import QQmlApplicationEngine
application, engine = QGuiApplication([]), QQmlApplicationEngine()
engine.loadData(b"import QtQuick; Window { visible: true; width: 1920; height: 1080 }")
def painted():
    print(json.dumps({"at": time.monotonic()}), flush=True)
    application.quit()
engine.rootObjects()[0].frameSwapped.connect(painted)
application.exec()
"""


def run() -> dict[str, Any]:
    """Start each ROUNDS times; the first round, which fills the caches, does not count."""
    bench = Bench()
    bench.start()
    try:
        with station_folder(bench) as (settings, _):
            pairs = [
                (_seconds("-c", EMPTY), _seconds("-m", "tests.benchmarks.station_process", "start", str(settings)))
                for _ in range(ROUNDS + 1)
            ][1:]
    finally:
        bench.stop()
    whole = statistics.median(station for _, station in pairs)
    return {
        "to the painted sign-on, times Python with Qt and an empty window (median)": round(
            statistics.median(station / empty for empty, station in pairs), 2
        ),
        "median, of the 5 s allowed": round(whole / TARGET_SECONDS, 2),
        "slowest, of the 5 s allowed": round(max(station for _, station in pairs) / TARGET_SECONDS, 2),
    }


def _seconds(*arguments: str) -> float:
    began = time.monotonic()  # of the whole system on Linux: the other process reads the same clock
    (answer,) = run_process(arguments)
    return answer["at"] - began
