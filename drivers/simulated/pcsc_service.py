"""A private PC/SC service with two virtual readers: the system's own pcscd with the vpcd driver on a random port.

pcscd's client socket has one fixed place per machine, so only one can run at a time: a lock is taken, and a service
that the system already runs is left alone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO

PROGRAM = Path("/usr/sbin/pcscd")
DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
RUN_FOLDER = Path("/run/pcscd")
PID_FILE = RUN_FOLDER / "pcscd.pid"
CLIENT_SOCKET = RUN_FOLDER / "pcscd.comm"
LOCK_FILE = RUN_FOLDER.parent / "doorstep-pcscd.lock"

START_SECONDS = 15.0
STOP_SECONDS = 5.0


class PcscUnavailable(RuntimeError):
    """A private service cannot run here; the message says why."""


def why_unavailable() -> str:
    """Why no private service can be started on this machine, "" when it can."""
    if not PROGRAM.exists():
        return "pcscd is not installed"
    if not DRIVER.exists():
        return "pcscd's vpcd driver is not installed"
    if not os.access(RUN_FOLDER if RUN_FOLDER.exists() else RUN_FOLDER.parent, os.W_OK):
        return f"no right to write {RUN_FOLDER}"
    return ""


class PcscService:
    """Start, stop, kill and start again; cards are put in by ``SimulatedSocialSecurityCard``."""

    @property
    def reader(self) -> str:
        """The first slot's name as the service shows it."""
        return f"{self.reader_name} 00 00"

    @property
    def address(self) -> str:
        return f"pcsc:{self.reader}"

    def __init__(self, lock_seconds: float = 30.0) -> None:
        """``lock_seconds``: how long ``start`` waits for another private service to end."""
        self.port = 0
        self.reader_name = "Virtual PCD"
        """As in the next start; ``reader`` is the first slot of this name."""
        self._lock_seconds = lock_seconds
        self._lock: IO[str] | None = None
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the service and wait until its readers are there.

        Raises:
            PcscUnavailable: not installed, no right, another one runs, or it did not come up.
        """
        if self.running:
            return
        if reason := why_unavailable():
            raise PcscUnavailable(reason)
        self._take_lock()
        try:
            _refuse_a_strange_one()
            self._launch()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the service, by its own process id, and give the lock back."""
        self._end(kill=False)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def kill(self) -> None:
        """End it as a crash would; ``start`` brings it back on another port. The lock is kept."""
        self._end(kill=True)

    def pause(self) -> None:
        """Hold the whole service up as one that hangs; every call to it waits until ``resume``."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def _end(self, *, kill: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if kill:
            process.kill()
        else:
            process.terminate()
            process.send_signal(signal.SIGCONT)  # one that is held up would not hear the other
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.returncode == -signal.SIGKILL and _running_number() == process.pid:
            for left_over in (PID_FILE, CLIENT_SOCKET):
                with contextlib.suppress(OSError):
                    left_over.unlink()

    def _take_lock(self) -> None:
        import fcntl  # not on Windows, where this module must still be importable

        if self._lock is not None:
            return
        lock = LOCK_FILE.open("a")
        until = time.monotonic() + self._lock_seconds
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() > until:
                    lock.close()
                    raise PcscUnavailable("another simulated card service is running on this machine") from None
                time.sleep(0.05)
            else:
                self._lock = lock
                return

    def _launch(self) -> None:
        self.port = _free_pair_of_ports()
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="doorstep-pcscd-"))
        readers = self._folder / "readers"
        readers.mkdir(exist_ok=True)
        (readers / "vpcd").write_text(
            f'FRIENDLYNAME "{self.reader_name}"\nDEVICENAME /dev/null:0x{self.port:X}\n'
            f"LIBPATH {DRIVER}\nCHANNELID 0x{self.port:X}\n",
            encoding="ascii",
        )
        RUN_FOLDER.mkdir(exist_ok=True)
        messages = self._folder / "messages"
        with messages.open("wb") as output:
            self._process = subprocess.Popen(
                # A service left behind by a crash would keep the one place a machine has for it.
                ["setpriv", "--pdeathsig", "TERM", str(PROGRAM), "-f", "-c", str(readers)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + START_SECONDS
        while not self._readers_are_there():
            if self._process.poll() is not None or time.monotonic() > until:
                said = messages.read_text(errors="replace").strip().splitlines()
                raise PcscUnavailable(f"pcscd did not come up: {said[-1] if said else 'it said nothing'}")
            time.sleep(0.02)

    def _readers_are_there(self) -> bool:
        from smartcard import scard  # only where the service can run is its library there

        result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if result != scard.SCARD_S_SUCCESS:
            return False
        try:
            result, names = scard.SCardListReaders(context, [])
            return result == scard.SCARD_S_SUCCESS and self.reader in names
        finally:
            scard.SCardReleaseContext(context)


def _running_number() -> int:
    """The process id that a pcscd left in its file, 0 = none."""
    try:
        return int(PID_FILE.read_text())
    except (OSError, ValueError):
        return 0


def _refuse_a_strange_one() -> None:
    """Leave a service alone that is not ours, also one that systemd would start on the first call."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        try:
            caller.connect(str(CLIENT_SOCKET))
        except OSError:
            return
    raise PcscUnavailable("the system's own card service is there")


def _free_pair_of_ports() -> int:
    """A free port whose neighbour is free too: the driver listens on both, one for each slot."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            with contextlib.suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 1))
                return port
