"""A private folder in memory, for libraries that insist on files: nothing personal is written to a disk.

It lies on a tmpfs, which the kernel may still move to swap space; a station's swap is off or encrypted (installation
guide). Folders of stations that were killed are removed when the next one is made.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

PLACES = ("/dev/shm", "/run/shm")  # noqa: S108  a folder of our own is made inside, readable by this user only
PREFIX = "doorstep-reader-"


def make_memory_folder() -> Path | None:
    """A new folder only this user can enter; None where the system has no memory for files."""
    for place in PLACES:
        if _in_memory(Path(place)):
            with contextlib.suppress(OSError):
                _remove_left_behind(Path(place))
                return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
    return None


def remove_memory_folder(folder: Path | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def _in_memory(place: Path) -> bool:
    """Whether this is the root of a tmpfs that can be written to."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    kinds = {fields[1]: fields[2] for line in mounts if len(fields := line.split()) >= 3}
    return kinds.get(str(place.resolve())) == "tmpfs" and os.access(place, os.W_OK | os.X_OK)


def _remove_left_behind(place: Path) -> None:
    for folder in place.glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        ours = folder.stat().st_uid == os.getuid()
        if ours and owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(folder, ignore_errors=True)
