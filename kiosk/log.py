"""The application's log: a small rotating file, with everything shaped like personal data masked in it.

The mask is the last line of defence: nobody may write personal data into a log in the first place.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from pathlib import Path

from kiosk.audit.personal import mask

MEGABYTES_A_FILE = 5
FILES_KEPT = 6
FORMAT = "%(asctime)s %(levelname)s %(name)s [%(threadName)s] %(message)s"


class MaskingFormatter(logging.Formatter):
    """Masks the finished line: message, values, traceback and the text of exceptions."""

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """Readable by the station's own user only."""

    def _open(self):  # type: ignore[no-untyped-def]  # the base class's type is private to typeshed
        return open(self.baseFilename, self.mode, encoding=self.encoding, opener=_open_private)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def set_up_log(folder: Path | None, *, level: int = logging.INFO, console: bool = True) -> None:
    """Send the root logger to ``folder``/kiosk.log (rotating, 7 files of 5 MB) and to standard error.

    Called once, first thing. A folder that cannot be written costs the file only: the program starts, and the console
    says so.
    """
    root = logging.getLogger()
    for old in list(root.handlers):
        if isinstance(old.formatter, MaskingFormatter):
            root.removeHandler(old)
            old.close()
    root.setLevel(level)
    formatter = MaskingFormatter(FORMAT)
    if console:
        to_console = logging.StreamHandler(sys.stderr)
        to_console.setFormatter(formatter)
        root.addHandler(to_console)
    logging.captureWarnings(True)
    if folder is None:
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        to_file = _PrivateFile(
            folder / "kiosk.log", maxBytes=MEGABYTES_A_FILE * 1_000_000, backupCount=FILES_KEPT, encoding="utf-8"
        )
    except OSError as error:
        root.error("no log file in %s: %s", folder, error.strerror)
        return
    to_file.setFormatter(formatter)
    root.addHandler(to_file)
