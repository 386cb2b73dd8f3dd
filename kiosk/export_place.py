"""Where a technician gets files from: a memory stick that is plugged in, else a folder of the station's own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

MOUNTS = Path("/proc/mounts")
REMOVABLE = ("/media/", "/run/media/")
"""Where desktops and udisks mount what is plugged in."""

OWN_FOLDER = "exports"


class NoExportPlace(OSError):
    """Neither a stick nor the station's own folder can be written."""


@dataclass(frozen=True, slots=True)
class ExportPlace:
    """A folder to write to; ``removable`` is a stick that can be taken along."""

    folder: Path
    removable: bool


def export_place(data: Path, mounts: Path = MOUNTS) -> ExportPlace:
    """The first stick that can be written, else ``exports`` in the data folder, which is made.

    Raises:
        NoExportPlace: the data folder cannot be written.
    """
    for folder in _mounted(mounts):
        if os.access(folder, os.W_OK):
            return ExportPlace(folder, removable=True)
    own = data / OWN_FOLDER
    try:
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise NoExportPlace(error.errno, error.strerror) from None
    return ExportPlace(own, removable=False)


def _mounted(mounts: Path) -> list[Path]:
    """Mount points of removable disks; a space in a name is written in octal there (proc(5))."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:  # another system than Linux
        return []
    points = [line.split(" ")[1] for line in lines if line.count(" ") >= 2]
    return [Path(_unescaped(point)) for point in points if point.startswith(REMOVABLE)]


def _unescaped(text: str) -> str:
    parts = text.split("\\")
    return parts[0] + "".join(chr(int(part[:3], 8)) + part[3:] for part in parts[1:])
