"""Disk space: when intake stops, and the ballast that lets deliveries be recorded on a full disk.

Measured (reference/upload.md 2.2): on a disk that is full to the last byte SQLite cannot even write "delivered", so
the queue could never drain. A file of a few megabytes, given up at that moment, lets it.
"""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

from kiosk.disk import sync_folder

log = logging.getLogger(__name__)

MEGABYTE = 1_000_000


class Space:
    """Looks at the file system of one folder.

    Args:
        folder: The outbox.
        reserve_mb: No new case is begun below this much free space; pages of a case already begun are taken down to
            a quarter of it, so that a visit does not end half way.
        ballast_mb: Size of the ballast file; 0 = none.
    """

    def __init__(self, folder: Path, reserve_mb: int, ballast_mb: int) -> None:
        self._folder = folder
        self._reserve = reserve_mb * MEGABYTE
        self._ballast = folder / "ballast"
        self._ballast_bytes = ballast_mb * MEGABYTE

    def free_bytes(self) -> int:
        """What an ordinary process may still write there."""
        return shutil.disk_usage(self._folder).free

    def room_for_new_case(self) -> bool:
        return self.free_bytes() >= self._reserve

    def room_for_page(self, size: int) -> bool:
        """Whether a page of ``size`` bytes of a case already begun may be taken."""
        return self.free_bytes() - size >= self._reserve // 4

    def lay_ballast(self) -> None:
        """Put the ballast in place if it is missing and there is room for it."""
        if not self._ballast_bytes:
            return
        try:
            if self._ballast.exists() and self._ballast.stat().st_size == self._ballast_bytes:
                return
            if self.free_bytes() < 2 * self._ballast_bytes:
                log.warning("no room for the ballast: %d bytes free", self.free_bytes())
                return
            with self._ballast.open("wb") as file:
                file.write(os.urandom(self._ballast_bytes))  # not zeros: a file system may keep those as a hole
                os.fsync(file.fileno())
            sync_folder(self._folder)
        except OSError as error:
            log.error("ballast not laid: %s", error.strerror)
            self._ballast.unlink(missing_ok=True)

    def drop_ballast(self) -> bool:
        """Give the ballast up; False when there was none."""
        try:
            self._ballast.unlink()
        except FileNotFoundError:
            return False
        sync_folder(self._folder)
        log.warning("disk full: ballast dropped so that deliveries can be recorded")
        return True
