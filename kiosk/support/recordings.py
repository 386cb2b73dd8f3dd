"""The recordings of devices' wires that a station keeps until somebody takes or deletes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

KEPT = 20
NAME = re.compile(r"[a-z_]{3,30}-\d{8}-\d{6}\.jsonl", re.ASCII)


@dataclass(frozen=True, slots=True)
class RecordingFile:
    """One recording: its file's name, the kind of device, its size in bytes."""

    name: str
    kind: str
    size: int


class Recordings:
    """The folder. Blocking; any thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def new_path(self, kind: str, now: datetime) -> Path:
        """Where the next recording goes; the oldest beyond ``KEPT`` are forgotten.

        Raises:
            OSError: the folder cannot be made or written.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in self.newest()[KEPT - 1 :]:
            (self.folder / old.name).unlink(missing_ok=True)
        return self.folder / f"{kind}-{now:%Y%m%d-%H%M%S}.jsonl"

    def newest(self) -> list[RecordingFile]:
        """Newest first."""
        found = [path for path in self.folder.glob("*.jsonl") if NAME.fullmatch(path.name)]
        found.sort(key=lambda path: path.name.split("-", 1)[1], reverse=True)
        return [RecordingFile(path.name, path.name.split("-")[0], path.stat().st_size) for path in found]

    def delete(self, name: str) -> None:
        """Forget one; a name that is none of ours does nothing."""
        if NAME.fullmatch(name):
            (self.folder / name).unlink(missing_ok=True)
