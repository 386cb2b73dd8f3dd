"""The one way to make a name in a folder durable."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Have a new, changed or removed name survive a power cut; the file's own bytes are synced by its writer.

    Raises:
        OSError: the folder is gone or the disk fails.
    """
    if sys.platform == "win32":  # a folder cannot be opened there; NTFS journals names itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
