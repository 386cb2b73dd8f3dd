"""A process that serves demo visits with its window shown and prints its resident memory: ``… VISITS EVERY``.

One JSON line per measurement: ``{"visits": …, "mb": …}``. Devices' ends and the centre live in the same process.
"""

from __future__ import annotations

import gc
import json
import sys

from PySide6.QtCore import QObject, Qt, Signal

from kiosk.conductor.snapshot import Snapshot
from kiosk.demo import Demo
from kiosk.heaps import limit_heaps
from kiosk.ui.app import FrontEnd, prepare_qt
from kiosk.ui.bridge import Bridge
from tests.benchmarks.visits import DemoVisits
from tests.benchmarks.window import resident_mb, run_with_window


class Ruler(QObject):
    """Measures on the GUI thread, after a collection: objects of Qt should not be collected elsewhere."""

    asked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.asked.connect(self._measure, Qt.ConnectionType.BlockingQueuedConnection)

    def _measure(self, visits: int) -> None:
        gc.collect()
        print(json.dumps({"visits": visits, "mb": resident_mb()}), flush=True)


def main(count: int, every: int) -> None:
    """Serve ``count`` visits and measure after the first and after every ``every``."""
    prepare_qt()
    bridge, visits, ruler = Bridge(), DemoVisits(), Ruler()

    def on_snapshot(snapshot: Snapshot) -> None:
        bridge.publish(snapshot)
        visits.on_snapshot(snapshot)

    demo = Demo(on_snapshot)
    demo.start()

    def work(front_end: FrontEnd) -> None:
        visits.begin(demo)
        try:
            for number in range(1, count + 1):
                visits.visit()
                if number == 1 or number % every == 0:
                    ruler.asked.emit(number)
        finally:
            visits.close()

    try:
        run_with_window(demo.station, bridge, work)
    finally:
        demo.stop()


if __name__ == "__main__":
    limit_heaps()
    main(int(sys.argv[1]), int(sys.argv[2]))
