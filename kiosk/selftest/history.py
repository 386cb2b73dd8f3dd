"""Reports of self-tests, kept on disk and sent to the centre when it can be reached.

One JSON file a report in ``places.SELF_TEST_FOLDER``; its name says when, which kind, and whether it still has to be
sent. Nothing personal is in a report, so nothing is encrypted.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

from pydantic import ValidationError

from kiosk.centre.client import CentreError, CentreRefused
from kiosk.centre.contract import ErrorCode
from kiosk.disk import sync_folder
from kiosk.selftest.report import SelfTestReport

log = logging.getLogger(__name__)

KEPT = 120
"""Four months of mornings, or a season with full tests between them."""

UNSENT = "-unsent"


class HistoryError(Exception):
    """The report could not be written. ``code`` is a key of the words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class History:
    """The folder. Blocking; any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def keep(self, report: SelfTestReport) -> Path:
        """Write a report durably and forget the oldest ones beyond ``KEPT``.

        Raises:
            HistoryError: ``selftest.not_kept``: no room, or the folder cannot be written.
        """
        name = f"{report.ended_at:%Y%m%d-%H%M%S}-{report.kind}-{report.report_id}"
        target = self._folder / f"{name}{UNSENT}.json"
        unfinished = self._folder / f".{name}.part"
        with self._lock:
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(report.model_dump_json(indent=1))
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(unfinished, target)
                sync_folder(self._folder)
            except OSError as error:
                with contextlib.suppress(OSError):
                    unfinished.unlink()
                log.error("self-test not kept: %s", error.strerror)
                raise HistoryError("selftest.not_kept") from None
            for old in self._files()[KEPT:]:
                with contextlib.suppress(OSError):
                    old.unlink()
        return target

    def newest(self, count: int = KEPT) -> list[SelfTestReport]:
        """The kept reports, newest first; a file that is none is passed over and logged."""
        return [report for _, report in self._reports(self._files()[:count])]

    def unsent(self) -> list[SelfTestReport]:
        """Those the centre has not taken yet, oldest first."""
        return [report for _, report in self._reports(reversed(self._files())) if _.stem.endswith(UNSENT)]

    def mark_sent(self, report_id: UUID) -> None:
        """The centre has it, or will never take it."""
        with self._lock:
            for path in self._folder.glob(f"*-{report_id}{UNSENT}.json"):
                os.replace(path, path.with_name(path.name.replace(UNSENT, "")))

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"), key=lambda path: path.name, reverse=True)

    @staticmethod
    def _reports(paths: Iterator[Path] | list[Path]) -> Iterator[tuple[Path, SelfTestReport]]:
        for path in paths:
            try:
                yield path, SelfTestReport.model_validate_json(path.read_bytes())
            except (OSError, ValidationError) as error:
                log.error("self-test report not read: %s", type(error).__name__)


def send_unsent(history: History, send: Callable[[SelfTestReport], None]) -> int:
    """Give the centre what it has not got; how many it took. Blocking; ends quietly where the centre is away.

    A report the centre refuses is not offered again: it stays here, and nothing is lost by it. From a station whose
    token the centre does not take, all are offered again.
    """
    sent = 0
    for report in history.unsent():
        try:
            send(report)
        except CentreRefused as error:
            log.error("self-test refused by the centre: %s", error.code)
            if error.problem == ErrorCode.UNAUTHORISED:
                break  # the station, not the report: its token may be put right
        except CentreError as error:
            log.info("self-test not sent: %s", error.code)
            break
        else:
            sent += 1
        history.mark_sent(report.report_id)
    return sent
