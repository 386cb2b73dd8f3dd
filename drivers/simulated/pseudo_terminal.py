"""The far end of a serial line on a pseudo terminal that can be pulled out and plugged in again.

The kernel's tty is real: settings, buffers and hang-up behave as with a cable; only the pace is not limited, so
``send`` can pace itself. A stable link stands for the by-id name, so that the address outlives a replug. POSIX only.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)

PIECE = 64
"""Bytes per paced write, the packet size of a full-speed USB serial bridge."""

BIT_TIMES_PER_BYTE = 10
"""8N1: start bit, eight data bits, stop bit."""

OnBytes = Callable[[bytes], None]


def _nothing(data: bytes) -> None:
    """Received bytes nobody asked for."""


@dataclass(slots=True)
class _Plugged:
    """One pseudo terminal from plug to unplug."""

    master: int
    slave: int  # kept open: without a reader on the other side Linux answers EIO instead of waiting
    wake_read: int
    wake_write: int
    gone: threading.Event = field(default_factory=threading.Event)


class PseudoTerminal:
    """A simulated serial device behind a stable link in a private temporary folder.

    ``on_bytes`` is called on this object's own thread with what the driver wrote; it may call ``send``, and even
    ``unplug``. All methods may be called from any thread.
    """

    def __init__(self, on_bytes: OnBytes = _nothing, *, name: str = "device", baud: int = 115200) -> None:
        self.on_bytes = on_bytes
        self.baud = baud
        self._name = name
        self._lock = threading.RLock()
        self._plugged: _Plugged | None = None
        self._folder: Path | None = None
        self._thread: threading.Thread | None = None

    @property
    def path(self) -> Path:
        """The link; it is missing while unplugged.

        Raises:
            RuntimeError: not started.
        """
        if self._folder is None:
            raise RuntimeError("the pseudo terminal is not started")
        return self._folder / self._name

    @property
    def address(self) -> str:
        """Connection string for the driver, the same before and after a replug."""
        return f"serial:{self.path}?baud={self.baud}"

    @property
    def plugged(self) -> bool:
        return self._plugged is not None

    @property
    def line_speed(self) -> int:
        """Bits per second that the other side has set on its port; ``baud`` while nothing is plugged in."""
        import termios  # not on Windows, where this module must still be importable

        with self._lock:
            if self._plugged is None:
                return self.baud
            code = termios.tcgetattr(self._plugged.slave)[5]
        speeds = {
            value: int(name[1:]) for name, value in vars(termios).items() if name[0] == "B" and name[1:].isdigit()
        }
        return speeds.get(code, 0)

    def start(self) -> None:
        """Make the folder and plug in. A started one is not started twice."""
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="doorstep-serial-"))
                self.replug()

    def stop(self) -> None:
        """Unplug and remove the folder."""
        self.unplug()
        with self._lock:
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder = None

    def unplug(self) -> None:
        """Close the master side, which hangs up the driver's handle, and remove the link."""
        with self._lock:
            plugged, self._plugged = self._plugged, None
            thread, self._thread = self._thread, None
            if plugged is None:
                return
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()
            plugged.gone.set()
            os.write(plugged.wake_write, b"x")
            os.close(plugged.master)
            os.close(plugged.slave)
        if thread is not None and thread is not threading.current_thread():
            thread.join(5)
        os.close(plugged.wake_read)
        os.close(plugged.wake_write)

    def replug(self) -> None:
        """Make a new pseudo terminal behind the same link. Does nothing while plugged in."""
        import tty  # not on Windows, where this module must still be importable

        with self._lock:
            if self._plugged is not None:
                return
            link = self.path
            master, slave = os.openpty()
            tty.setraw(slave)
            os.set_blocking(master, False)
            wake_read, wake_write = os.pipe()
            plugged = self._plugged = _Plugged(master, slave, wake_read, wake_write)
            with contextlib.suppress(FileNotFoundError):
                link.unlink()
            link.symlink_to(os.ttyname(slave))
            self._thread = threading.Thread(
                target=self._receive, args=(plugged,), name=f"simulated-{self._name}", daemon=True
            )
            self._thread.start()

    def send(self, data: bytes, pace_baud: int | None = None) -> int:
        """Write to the driver, optionally at the pace of a line of ``pace_baud`` bit/s (8N1).

        Returns:
            Bytes written; fewer than given when it was unplugged meanwhile.
        """
        plugged = self._plugged
        sent = 0
        started = time.monotonic()
        while plugged is not None and sent < len(data) and not plugged.gone.is_set():
            with self._lock:
                if plugged.gone.is_set():
                    break
                piece = data[sent : sent + PIECE] if pace_baud else data[sent:]
                try:
                    written = os.write(plugged.master, piece)
                except BlockingIOError:  # the driver does not read: wait as a line with flow control would
                    written = 0
                except OSError:
                    break
            sent += written
            if pace_baud:
                due = started + sent * BIT_TIMES_PER_BYTE / pace_baud
                plugged.gone.wait(max(0.0, due - time.monotonic()))
            if not written:
                plugged.gone.wait(0.002)
        return sent

    def _receive(self, plugged: _Plugged) -> None:
        while not plugged.gone.is_set():
            try:
                ready, _, _ = select.select([plugged.master, plugged.wake_read], [], [])
                with self._lock:
                    if plugged.gone.is_set():
                        return
                    data = os.read(plugged.master, 65536) if plugged.master in ready else b""
            except BlockingIOError:
                continue
            except (OSError, ValueError):  # closed between the wait and the read
                return
            if data:
                try:
                    self.on_bytes(data)
                except Exception:
                    log.exception("simulated %s: the receiver failed", self._name)
