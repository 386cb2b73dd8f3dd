"""The real window while a thread of its own works the station; and what a process says about itself."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from kiosk.station import Station
from kiosk.ui.app import FrontEnd, run_front_end
from kiosk.ui.bridge import Bridge

SIZE = (1920, 1080)


class _End(QObject):
    came = Signal()


def run_with_window(station: Station, bridge: Bridge, work: Callable[[FrontEnd], None]) -> None:
    """Show the window, run ``work`` beside it, close the window when it is done. Main thread.

    Raises:
        Exception: whatever ``work`` raised.
    """
    end = _End()
    failed: list[BaseException] = []

    def guarded(front_end: FrontEnd) -> None:
        try:
            work(front_end)
        except BaseException as error:
            failed.append(error)
        finally:
            end.came.emit()

    def on_ready(front_end: FrontEnd) -> None:
        end.came.connect(front_end.window.close, Qt.ConnectionType.QueuedConnection)
        threading.Thread(target=guarded, args=(front_end,), name="work", daemon=True).start()

    run_front_end(station, bridge, station.settings.station, size=SIZE, on_ready=on_ready)
    if failed:
        raise failed[0]


def resident_mb() -> float:
    """Resident memory of this process in MB (2**20 bytes)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)
