"""What is known of each camera over a restart: its best mode, a mode at which it hung, the view it was set up with.

A small JSON file in the data folder, without anything personal: a view has 8 × 6 cells. A file that is damaged or of
another version counts as empty, and everything is measured again.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tempfile
import threading
from pathlib import Path
from typing import Any

from drivers.camera_health import View
from drivers.camera_modes import Mode

log = logging.getLogger(__name__)

VERSION = 1
MOST_CAMERAS = 50
LARGEST_FILE = 1 << 20


class CameraMemory:
    """The file. Shared by all cameras of the station; any thread.

    What cannot be written (a full disk, a folder that is read-only) is known until the program ends, and logged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._cameras = self._read()

    def mode(self, camera: str) -> Mode | None:
        """The best mode that was measured."""
        with self._lock:
            return _mode(self._cameras.get(camera, {}).get("mode"))

    def keep_mode(self, camera: str, mode: Mode) -> None:
        self._keep(camera, "mode", [mode.width, mode.height, mode.fourcc, mode.fps])

    def hung(self, camera: str) -> tuple[Mode, ...]:
        """Modes whose trying was begun and never ended: the camera, or the whole program, hung."""
        with self._lock:
            entries = self._cameras.get(camera, {}).get("tried", [])
            found = [_mode(entry) for entry in entries] if isinstance(entries, list) else []
        return tuple(mode for mode in found if mode is not None)

    def begin_try(self, camera: str, mode: Mode) -> None:
        """To be called before a mode is tried, and ``end_try`` after it."""
        tried = [*self.hung(camera), mode]
        self._keep(camera, "tried", [[each.width, each.height, each.fourcc, each.fps] for each in tried])

    def end_try(self, camera: str, mode: Mode) -> None:
        tried = [each for each in self.hung(camera) if each != mode]
        self._keep(camera, "tried", [[each.width, each.height, each.fourcc, each.fps] for each in tried])

    def view(self, camera: str) -> View | None:
        """Where the camera looked at set-up."""
        with self._lock:
            cells = self._cameras.get(camera, {}).get("view")
        try:
            return View(tuple((int(a), int(b), int(c)) for a, b, c in cells)) if cells else None
        except (TypeError, ValueError):
            return None

    def keep_view(self, camera: str, view: View) -> None:
        self._keep(camera, "view", [list(cell) for cell in view.cells])

    def _keep(self, camera: str, key: str, value: object) -> None:
        with self._lock:
            entry = self._cameras.pop(camera, {})
            entry[key] = value
            self._cameras[camera] = entry  # the newest last
            while len(self._cameras) > MOST_CAMERAS:
                del self._cameras[next(iter(self._cameras))]
            self._write()

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            if self._path.stat().st_size > LARGEST_FILE:
                raise ValueError("too large")
            data = json.loads(self._path.read_text(encoding="utf-8"))
            if data["version"] != VERSION:
                raise ValueError("another version")
            return {str(name): dict(entry) for name, entry in dict(data["cameras"]).items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            log.warning("what was known of the cameras is lost: %s", type(error).__name__)
            return {}

    def _write(self) -> None:
        text = json.dumps({"version": VERSION, "cameras": self._cameras}, indent=1)
        temporary = ""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=".cameras-", dir=self._path.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self._path)
        except OSError as error:
            log.warning("what is known of the cameras cannot be kept: %s", error.strerror)
            with contextlib.suppress(OSError):
                if temporary:
                    os.unlink(temporary)


def _mode(entry: object) -> Mode | None:
    if not isinstance(entry, list) or len(entry) != 4:
        return None
    try:
        mode = Mode(int(entry[0]), int(entry[1]), str(entry[2]), float(entry[3]))
    except (TypeError, ValueError, OverflowError):
        return None
    sensible = 0 < mode.width <= 20_000 and 0 < mode.height <= 20_000 and len(mode.fourcc) == 4 and 0 < mode.fps <= 240
    return mode if sensible else None
