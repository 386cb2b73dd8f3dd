"""Sealed pages as files, written so that a power cut leaves the whole file or none.

Order: bytes sealed in RAM, temporary file (O_EXCL, 0600), fsync, rename, fsync of the folder, and only then the row.
After a failed fsync the same file handle is never tried again: the kernel may have dropped the bytes and forgotten it.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

from kiosk.disk import sync_folder
from kiosk.outbox.errors import OutboxError

log = logging.getLogger(__name__)

TEMPORARY = ".tmp"
SEALED = ".sealed"
WRITE_ATTEMPTS = 3
FULL = (errno.ENOSPC, errno.EDQUOT)


class BlobFolder:
    """A flat folder of sealed files with random names. Any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(folder.parent)

    def write(self, sealed: bytes) -> str:
        """Put bytes on disk, synced, and return the file's name.

        Raises:
            OutboxError: outbox.disk_full, or outbox.disk_failed after three attempts, each with a new file.
        """
        for attempt in range(1, WRITE_ATTEMPTS + 1):
            name = f"{uuid4()}{SEALED}"
            try:
                self._write(name, sealed)
            except OSError as error:
                self._discard(name)
                if error.errno in FULL:
                    raise OutboxError("outbox.disk_full") from None
                log.error("sealed file not written, attempt %d: %s", attempt, error.strerror)
            else:
                return name
        raise OutboxError("outbox.disk_failed")

    def read(self, name: str) -> bytes:
        """Raise OutboxError outbox.disk_failed when the file is gone or cannot be read."""
        try:
            return (self._folder / name).read_bytes()
        except OSError as error:
            log.error("sealed file %s not read: %s", name, error.strerror)
            raise OutboxError("outbox.disk_failed") from None

    def remove(self, names: Iterable[str]) -> None:
        """Unlink, then sync the folder once; what is gone already is no error."""
        for name in names:
            (self._folder / name).unlink(missing_ok=True)
        sync_folder(self._folder)

    def sweep(self, known: set[str]) -> int:
        """At start-up, before any writing: remove what no row knows; return how many files that were."""
        unknown = [path.name for path in self._folder.iterdir() if path.name not in known]
        if unknown:
            self.remove(unknown)
        return len(unknown)

    def _write(self, name: str, sealed: bytes) -> None:
        temporary = self._folder / (name + TEMPORARY)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb", buffering=0) as file:
            view = memoryview(sealed)
            while view:
                view = view[file.write(view) :]
            os.fsync(file.fileno())
        temporary.rename(self._folder / name)
        sync_folder(self._folder)

    def _discard(self, name: str) -> None:
        for path in (self._folder / (name + TEMPORARY), self._folder / name):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:  # the sweep at the next start tries again
                log.error("unfinished file not removed: %s", error.strerror)
