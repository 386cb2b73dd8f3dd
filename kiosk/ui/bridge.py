"""From the engine thread to the GUI thread: one queued signal, and always the newest picture."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Qt, Signal, Slot

from kiosk.conductor.snapshot import Snapshot


class Bridge(QObject):
    """``publish`` on any thread; ``arrived`` on the GUI thread.

    Snapshots are whole pictures, so only the newest matters: a slow screen skips, it never falls behind.
    """

    arrived = Signal(object)
    _waiting = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._newest: Snapshot | None = None
        self._closed = False
        self._waiting.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def publish(self, snapshot: Snapshot) -> None:
        """Show this picture soon. Returns at once. Any thread."""
        with self._lock:
            if self._closed:
                return
            first = self._newest is None
            self._newest = snapshot
            if first:
                self._waiting.emit()

    def close(self) -> None:
        """Take no more pictures: the window is going away."""
        with self._lock:
            self._closed = True
            self._newest = None

    @Slot()
    def _deliver(self) -> None:
        with self._lock:
            snapshot, self._newest = self._newest, None
        if snapshot is not None:
            self.arrived.emit(snapshot)
