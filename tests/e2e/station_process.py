"""A station in a process of its own, that can be killed: commands come in as JSON lines, snapshots go out pickled.

``RemoteStation`` is the other end, in the test's process.
"""

from __future__ import annotations

import base64
import contextlib
import copyreg
import json
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kiosk.conductor.snapshot import Snapshot
from kiosk.settings import Settings
from kiosk.station import Station

ROOT = Path(__file__).parent.parent.parent


class RemoteStation:
    """Started at once. ``kill`` is kill -9."""

    def __init__(self, settings: Settings, on_snapshot: Callable[[Snapshot], None]) -> None:
        self.settings = settings
        self._on_snapshot = on_snapshot
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.station_process", settings.model_dump_json()],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def commands(self) -> RemoteStation:
        return self

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(name)

        def send(*arguments: Any) -> None:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps([name, *arguments]) + "\n")
            self._process.stdin.flush()

        return send

    def kill(self) -> None:
        self._process.kill()
        self.stop()

    def stop(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait(60)
        self._reader.join(10)
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith("\n"):  # not one cut off by the kill
                self._on_snapshot(pickle.loads(base64.b64decode(line)))


def main() -> None:
    copyreg.pickle(MappingProxyType, lambda mapping: (dict, (dict(mapping),)))

    def show(snapshot: Snapshot) -> None:
        print(base64.b64encode(pickle.dumps(snapshot)).decode(), flush=True)

    station = Station(Settings.model_validate_json(sys.argv[1]), show)
    station.start()
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        getattr(station.commands, name)(*arguments)
    station.stop()


if __name__ == "__main__":
    main()
