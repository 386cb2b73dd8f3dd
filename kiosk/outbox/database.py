"""The outbox's SQLite file: one connection, one lock, durable commits, migrations by ``user_version``.

WAL with ``synchronous=FULL``: NORMAL lost acknowledged rows in every simulated power cut (reference/upload.md 2.1).
No column holds personal data in clear: SQLite's freed pages and its log keep old bytes (2.3).
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from kiosk.outbox.errors import OutboxError

T = TypeVar("T")
log = logging.getLogger(__name__)

MIGRATIONS = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE case_version (
        case_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        stage TEXT NOT NULL CHECK (stage IN ('draft', 'waiting', 'blocked', 'delivered', 'cancelled')),
        item_id TEXT NOT NULL DEFAULT '',
        item_name TEXT NOT NULL DEFAULT '',
        case_number TEXT NOT NULL DEFAULT '',
        code TEXT NOT NULL DEFAULT '',
        travels INTEGER NOT NULL DEFAULT 0,   -- pages may leave
        announced INTEGER NOT NULL DEFAULT 0, -- the centre may know of it: set before the first word is sent
        opened INTEGER NOT NULL DEFAULT 0,    -- the centre answered the opening
        opening BLOB,                         -- sealed CaseOpening
        record BLOB,                          -- sealed CaseRecord or CorrectionRecord
        record_sha256 TEXT NOT NULL DEFAULT '',
        begun_at TEXT NOT NULL,
        committed_at TEXT,
        delivered_at TEXT,
        PRIMARY KEY (case_id, version)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX case_version_stage ON case_version (stage);
    CREATE TABLE page (
        page_id TEXT PRIMARY KEY,
        case_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        stage TEXT NOT NULL CHECK (stage IN ('kept', 'at_centre', 'damaged')),
        sha256 TEXT NOT NULL,
        size INTEGER NOT NULL,
        media_type TEXT NOT NULL,
        file TEXT NOT NULL,                   -- '' once wiped
        hints BLOB,                           -- sealed: which material it belongs to
        stored_at TEXT NOT NULL,
        delivered_at TEXT,
        FOREIGN KEY (case_id, version) REFERENCES case_version (case_id, version) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX page_case ON page (case_id, version);
    CREATE TABLE draft (case_id TEXT PRIMARY KEY, saved_at TEXT NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE rating (case_id TEXT PRIMARY KEY, given_at TEXT NOT NULL, sent_at TEXT, code TEXT NOT NULL DEFAULT '',
        sealed BLOB) STRICT, WITHOUT ROWID;
    CREATE TABLE centre_status (
        case_id TEXT PRIMARY KEY,
        version INTEGER NOT NULL,
        state TEXT NOT NULL,
        case_number TEXT NOT NULL,
        heard_at TEXT NOT NULL,
        sealed BLOB                           -- sealed CaseStatus while a correction is asked for
    ) STRICT, WITHOUT ROWID;
    """,
)
"""Script n brings ``user_version`` n to n + 1. Never edited once shipped; a change is a new script."""


class Database:
    """One writer connection for all threads.

    Raises (at construction):
        OutboxError: outbox.store_damaged (not a sound database), outbox.newer_format (written by a later version),
            outbox.disk_full.
    """

    def __init__(self, path: Path, make_room: Callable[[], bool]) -> None:
        """``make_room`` gives up the ballast when an essential write finds the disk full; True = try again."""
        self._lock = threading.RLock()
        self._make_room = make_room
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        try:
            try:
                self._prepare()
            except sqlite3.OperationalError as error:
                if not _is_full(error) or not make_room():
                    raise
                self._prepare()
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise _trouble(error) from None
        except OutboxError:
            self._connection.close()
            raise

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Raise OutboxError outbox.disk_failed or outbox.store_damaged when the disk does not give them."""
        with self._lock:
            try:
                return self._connection.execute(sql, values).fetchall()
            except sqlite3.DatabaseError as error:
                raise _trouble(error) from None

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        found = self.rows(sql, *values)
        return found[0] if found else None

    def write(self, work: Callable[[sqlite3.Connection], T], *, essential: bool = True) -> T:
        """Run ``work`` in one durable transaction and return its result.

        Args:
            work: Runs with the lock held; raising rolls everything back.
            essential: On a full disk give up the ballast and try once more. False for intake, which must stop first.

        Raises:
            OutboxError: outbox.disk_full, outbox.disk_failed, outbox.store_damaged; nothing was written.
            sqlite3.IntegrityError: ``work`` broke a constraint; nothing was written.
        """
        with self._lock:
            try:
                try:
                    with self._transaction() as connection:
                        return work(connection)
                except sqlite3.OperationalError as error:
                    if not _is_full(error) or not essential or not self._make_room():
                        raise
                with self._transaction() as connection:
                    return work(connection)
            except sqlite3.IntegrityError:
                raise
            except sqlite3.DatabaseError as error:
                raise _trouble(error) from None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # some errors have rolled back already
                self._connection.execute("ROLLBACK")
            raise

    def _prepare(self) -> None:
        execute = self._connection.execute
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = FULL")
        execute("PRAGMA foreign_keys = ON")
        execute("PRAGMA secure_delete = ON")
        execute("PRAGMA temp_store = MEMORY")
        execute("PRAGMA journal_size_limit = 4000000")
        if [row[0] for row in execute("PRAGMA quick_check")] != ["ok"]:
            log.error("outbox database: quick_check found damage")
            raise OutboxError("outbox.store_damaged")
        version = execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise OutboxError("outbox.newer_format", found=version, known=len(MIGRATIONS))
        for number in range(version, len(MIGRATIONS)):
            with self._transaction() as connection:
                for statement in MIGRATIONS[number].split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number + 1}")


def _is_full(error: sqlite3.Error) -> bool:
    return error.sqlite_errorcode in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)


def _trouble(error: sqlite3.DatabaseError) -> Exception:
    """The station's own word for what SQLite said; a mistake of ours stays what it is."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return error
    log.error("outbox database: %s", error.sqlite_errorname)
    if _is_full(error):
        return OutboxError("outbox.disk_full")
    damaged = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return OutboxError("outbox.store_damaged" if code & 0xFF in damaged else "outbox.disk_failed")
