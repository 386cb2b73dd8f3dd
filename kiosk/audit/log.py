"""The audit record: one JSON object a line, each bound to the one before by SHA-256.

A row's ``hash`` is SHA-256 over the canonical JSON (sorted keys, no spaces, UTF-8) of its other keys, which include
``prev_hash``, the hash of the row before; the first row has 64 zeros. Changing, removing or swapping rows breaks the
chain at that place. Rows cut off at the end do not: for that the newest hash has to be kept elsewhere too (``head``).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kiosk.audit.personal import looks_personal
from kiosk.disk import sync_folder

log = logging.getLogger(__name__)

FIRST_PREVIOUS = "0" * 64
Value = str | int | float | bool
NOTHING: Mapping[str, Value] = MappingProxyType({})


class AuditError(Exception):
    """Attributes: ``code``: audit.personal_data (a value looks like personal data; it is not told which), audit.disk,
    audit.damaged (the last row cannot be read, so nothing can be bound to it)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class AuditRow:
    """``number`` counts from 1; ``at`` is RFC 3339 UTC."""

    number: int
    at: str
    actor: str
    action: str
    object_id: str
    result: str
    detail: Mapping[str, Value]
    prev_hash: str
    hash: str


class AuditLog:
    """Thread-safe, and safe against a second process that appends. ``append`` has synced the disk when it returns."""

    def __init__(self, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path = path
        self._now = now
        self._lock = threading.Lock()

    def append(
        self,
        actor: str,
        action: str,
        object_id: str = "",
        result: str = "ok",
        detail: Mapping[str, Value] = NOTHING,
    ) -> AuditRow:
        """Add a row.

        Args:
            actor: The staff account, or "station".
            action: One word, such as ``sign_on``, ``commit_case``.
            object_id: Case id, account, device; never a name or ID number.
            result: "ok" or a code.
            detail: Plain values.

        Raises:
            AuditError: audit.personal_data, audit.disk, audit.damaged. Nothing was added.
        """
        values: dict[str, Any] = {
            "at": self._now().isoformat(),
            "actor": actor,
            "action": action,
            "object_id": object_id,
            "result": result,
            "detail": dict(detail),
        }
        texts = [actor, action, object_id, result, *detail, *(str(value) for value in detail.values())]
        if any(looks_personal(text) for text in texts):
            log.error("audit: a row of action with personal data was refused")
            raise AuditError("audit.personal_data")
        with self._lock, self._open() as handle:
            last = _last_row(handle)
            values["number"] = last["number"] + 1 if last else 1
            values["prev_hash"] = last["hash"] if last else FIRST_PREVIOUS
            values["hash"] = _hash(values)
            _append(handle, _canonical(values) + b"\n")
        return AuditRow(**values)

    def rows(self) -> Iterator[AuditRow]:
        """All rows in order, as they stand, without checking. Raise AuditError audit.damaged at an unreadable one."""
        for line in self._lines():
            row = _parse(line)
            if row is None:
                raise AuditError("audit.damaged")
            yield AuditRow(**row)

    def verify(self) -> int | None:
        """Check the whole chain; the number of the first row (counted from 1) that is broken, None when all fit."""
        previous = FIRST_PREVIOUS
        for number, line in enumerate(self._lines(), start=1):
            row = _parse(line)
            if (
                row is None
                or row["number"] != number
                or row["prev_hash"] != previous
                or row["hash"] != _hash(row)
                or _canonical(row) != line
            ):
                return number
            previous = row["hash"]
        return None

    def head(self) -> tuple[int, str]:
        """Number and hash of the newest row, (0, zeros) when there is none: to be kept where nobody here can write."""
        with self._lock, self._open() as handle:
            last = _last_row(handle)
        return (last["number"], last["hash"]) if last else (0, FIRST_PREVIOUS)

    # -- inside -------------------------------------------------------------------------------------------------

    def _lines(self) -> Iterator[bytes]:
        """Whole lines; what a power cut left of a last one is no row (``append`` removes it)."""
        try:
            with self._path.open("rb") as file:
                for line in file:
                    if line.endswith(b"\n"):
                        yield line[:-1]
        except FileNotFoundError:
            return
        except OSError as error:
            log.error("audit record not read: %s", error.strerror)
            raise AuditError("audit.disk") from None

    @contextmanager
    def _open(self) -> Iterator[int]:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = not self._path.exists()
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                if sys.platform != "win32":  # one process per station there
                    import fcntl

                    fcntl.flock(handle, fcntl.LOCK_EX)
                    if new:
                        sync_folder(self._path.parent)
                yield handle
            finally:
                os.close(handle)
        except OSError as error:
            log.error("audit record: %s", error.strerror)
            raise AuditError("audit.disk") from None


def _append(handle: int, line: bytes) -> None:
    end = os.lseek(handle, 0, os.SEEK_END)
    try:
        written = 0
        while written < len(line):
            written += os.write(handle, line[written:])
        os.fsync(handle)
    except OSError:
        os.ftruncate(handle, end)  # half a row would be taken for damage
        raise


def _last_row(handle: int) -> dict[str, Any] | None:
    """The last whole row; the rest of a row that a power cut left behind it is cut away."""
    end = os.lseek(handle, 0, os.SEEK_END)
    tail = b""
    start = end
    while start > 0 and tail.rstrip(b"\n").count(b"\n") < 2:
        step = min(4096, start)
        start -= step
        os.lseek(handle, start, os.SEEK_SET)
        tail = os.read(handle, step) + tail
    whole = tail[: tail.rfind(b"\n") + 1]
    if len(whole) < len(tail):
        log.warning("audit: an unfinished row of %d bytes removed", len(tail) - len(whole))
        os.ftruncate(handle, start + len(whole))
    if not whole:
        return None
    row = _parse(whole.rstrip(b"\n").rpartition(b"\n")[2])
    if row is None:
        raise AuditError("audit.damaged")
    return row


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    keys = {"number", "at", "actor", "action", "object_id", "result", "detail", "prev_hash", "hash"}
    return row if isinstance(row, dict) and row.keys() == keys and isinstance(row["number"], int) else None


def _hash(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical({key: value for key, value in row.items() if key != "hash"})).hexdigest()


def _canonical(row: Mapping[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
