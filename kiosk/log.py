"""The application's log: a small rotating file, with everything shaped like personal data masked in it.

The mask is the last line of defence: nobody may write personal data into a log in the first place. An exception is
logged by kind and place, its text never: that may quote what was being read, and a name has no shape.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

from kiosk.audit.personal import mask

MEGABYTES_A_FILE = 5
FILES_KEPT = 6
FORMAT = "%(asctime)s %(levelname)s %(name)s [%(threadName)s] %(message)s"


log = logging.getLogger(__name__)


class MaskingFormatter(logging.Formatter):
    """Masks the finished line: message and values. Exceptions lose their texts."""

    def format(self, record: logging.LogRecord) -> str:
        kept, record.exc_text = record.exc_text, None  # another formatter's, with the texts
        try:
            return mask(super().format(record))
        finally:
            record.exc_text = kept

    def formatException(self, ei: object) -> str:  # noqa: N802 (logging's name)
        error = ei[1] if isinstance(ei, tuple) else None
        return by_place(error) if isinstance(error, BaseException) else ""


def by_place(error: BaseException) -> str:
    """Kind and places of an exception and of those behind it, without their texts."""
    lines = []
    one: BaseException | None = error
    while one is not None:
        lines += [*traceback.format_tb(one.__traceback__), f"{type(one).__name__}\n"]
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "".join(lines).rstrip()


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
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
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


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Also for what a slot raises while Qt calls it; Python's own hook would print the text."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.critical("uncaught", exc_info=error)


def _uncaught_in_thread(what: threading.ExceptHookArgs) -> None:
    if what.exc_value is not None:
        log.critical("uncaught in a thread", exc_info=what.exc_value)
