"""Starts the process of a maker's library, asks it, and ends it. What it keeps to itself: see ``process``."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import os
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from drivers.driver import DeviceError, DeviceLost
from drivers.vendor_library.memory_folder import make_memory_folder, remove_memory_folder
from drivers.vendor_library.process import LARGEST_MESSAGE, as_message

log = logging.getLogger(__name__)

SLICE_SECONDS = 0.2
ROOT = Path(__file__).resolve().parent.parent.parent

FAULTS = {
    "load": "id_card_reader.library_not_loaded",
    "functions": "id_card_reader.library_wrong_kind",
    "folder": "id_card_reader.library_no_memory_folder",
}


class Helper:
    """One process with one library. Not thread-safe: a driver's thread owns it, and the process dies with that thread.

    Every fault of the process ends it; ``start`` begins anew.
    """

    def __init__(self, library: str, kind: str, port: int, stopping: Callable[[], bool]) -> None:
        self._library, self._kind, self._port = library, kind, port
        self._stopping = stopping
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None

    @property
    def running(self) -> bool:
        return self._process is not None

    @property
    def process_id(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self, seconds: float) -> int:
        """Start the process and let the library open its reader; what it returned.

        Raises:
            DeviceError: as ``ask``.
        """
        self.stop()
        if sys.platform == "win32":  # its libraries are called another way, and it has no such confinement
            raise DeviceError("id_card_reader.library_not_loaded", library=Path(self._library).name)
        self._folder = make_memory_folder()
        # Not the whole environment: the station's may hold what is none of a maker's business.
        environment = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        environment |= {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": "1"}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-s", "-S", "-m", "drivers.vendor_library.process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._folder or "/",
                env=environment,
                start_new_session=True,  # ends whole, with whatever the library may have started
            )
        except OSError as error:
            self.stop()
            raise DeviceError("id_card_reader.library_crashed", error=type(error).__name__) from None
        request = {"do": "open", "library": self._library, "kind": self._kind, "port": self._port}
        answer = self.ask(request | {"folder": str(self._folder or "")}, seconds)
        if not answer.get("confined"):
            log.warning("id_card_reader: this system cannot keep %s from writing files", Path(self._library).name)
        return return_code(answer)

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """One request and its answer, which is a mapping and nothing more is known of it.

        Raises:
            DeviceError: ``id_card_reader.library_crashed``, ``.library_hangs`` (the process was killed),
                ``.library_lies`` (what came is no answer), ``.library_not_loaded``, ``.library_wrong_kind``,
                ``.library_no_memory_folder``.
            DeviceLost: the driver is stopping.
        """
        process = self._process
        if process is None or process.stdin is None:
            raise DeviceError("id_card_reader.library_crashed", error="ended")
        try:
            process.stdin.write(as_message(request))
            process.stdin.flush()
            answer = self._answer(time.monotonic() + seconds)
        except (DeviceError, OSError) as error:
            self.stop()
            if isinstance(error, DeviceError):
                raise
            raise DeviceError("id_card_reader.library_crashed", error=_ending(process)) from None
        fault = answer.get("fault")
        if fault is not None:
            self.stop()
            raise DeviceError(FAULTS.get(str(fault), "id_card_reader.library_lies"), library=Path(self._library).name)
        return answer

    def stop(self) -> None:
        """End the process, whatever it does; remove its folder. Harmless when it does not run."""
        process, self._process = self._process, None
        folder, self._folder = self._folder, None
        if process is not None:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        remove_memory_folder(folder)

    def close(self) -> None:
        """Let the library close its reader, shortly, and end the process."""
        process = self._process
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                process.stdin.close()
                process.wait(0.5)
        self.stop()

    def _answer(self, until: float) -> dict[str, Any]:
        (length,) = struct.unpack(">I", self._bytes(4, until))
        if length > LARGEST_MESSAGE:
            raise DeviceError("id_card_reader.library_lies", what="length")
        return decoded(self._bytes(length, until))

    def _bytes(self, length: int, until: float) -> bytes:
        process = self._process
        if process is None or process.stdout is None:
            raise OSError
        handle = process.stdout.fileno()
        data = b""
        while len(data) < length:
            left = until - time.monotonic()
            if left <= 0:
                raise DeviceError("id_card_reader.library_hangs")
            if self._stopping():
                raise DeviceLost("device.stopped")
            if select.select([handle], [], [], min(left, SLICE_SECONDS))[0]:
                piece = os.read(handle, length - len(data))
                if not piece:
                    raise OSError
                data += piece
        return data


def decoded(body: bytes) -> dict[str, Any]:
    """An answer's JSON.

    Raises:
        DeviceError: ``id_card_reader.library_lies``, it is none.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise DeviceError("id_card_reader.library_lies", what="form")
    return answer


def return_code(answer: dict[str, Any]) -> int:
    """What the library's function returned.

    Raises:
        DeviceError: ``id_card_reader.library_lies``.
    """
    rc = answer.get("rc")
    if not isinstance(rc, int):
        raise DeviceError("id_card_reader.library_lies", what="rc")
    return rc


def bytes_of(answer: dict[str, Any], name: str) -> bytes:
    """A value of bytes, b"" when it is not there.

    Raises:
        DeviceError: ``id_card_reader.library_lies``.
    """
    value = answer.get(name, "")
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError):
        raise DeviceError("id_card_reader.library_lies", what=name) from None


def _ending(process: subprocess.Popen[bytes]) -> str:
    """How it ended, such as SIGSEGV; for the log."""
    try:
        code = process.wait(0.5)
    except subprocess.TimeoutExpired:
        return "closed"
    if code >= 0:
        return f"exit {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
