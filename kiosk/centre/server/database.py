"""Tables of the centre, and the two kinds of transaction. SQLite, write-ahead log, every commit synced to disk.

Columns named ``sealed_…`` hold personal data or words of people, sealed by ``vault``; nothing personal stands beside
them in clear.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    select,
)

SCHEMA = 1
FILE = "centre.sqlite3"

metadata = MetaData()

about = Table("about", metadata, Column("schema", Integer, nullable=False))

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),  # such as "case 2026-11-20"
    Column("value", Integer, nullable=False),
)

stations = Table(
    "stations",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("token_hash", String, nullable=False),  # SHA-256 of a random 256-bit token
    Column("events", Integer, nullable=False, default=0),  # number of the newest event
)

clerks = Table(
    "clerks",
    metadata,
    Column("account", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("password_hash", String, nullable=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", String),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("account", ForeignKey("clerks.account", ondelete="CASCADE"), nullable=False),
    Column("begun_at", String, nullable=False),
    Column("seen_at", String, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("id", String, primary_key=True),
    Column("station", ForeignKey("stations.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("case_number", String, unique=True),
    Column("item_id", String, nullable=False),
    Column("item_name", String, nullable=False),
    Column("search_key", String),  # keyed hash of the applicant's ID number
    Column("sealed_reason", LargeBinary),
    Column("opened_at", String, nullable=False),
    Column("received_at", String),
    Column("decided_at", String),
    Column("changed", Integer, nullable=False),  # counter over all cases, for the clerk's page
    Index("cases_search", "search_key"),
    Index("cases_changed", "changed"),
)

versions = Table(
    "versions",
    metadata,
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("opened_at", String, nullable=False),
    Column("received_at", String),
    Column("wire_hash", String),  # of the record as it came; the same again is answered the same
    Column("sealed_record", LargeBinary),  # CaseRecord, merged
)

pages = Table(
    "pages",
    metadata,
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    Column("page_id", String, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("media_type", String, nullable=False),
    Column("blob", String, nullable=False),
    Column("sealed_hints", LargeBinary),  # PageUpload
    Column("stored_at", String, nullable=False),
    Column("serial", Integer, nullable=False),  # order of arrival
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", String, primary_key=True),
    Column("station", ForeignKey("stations.id"), nullable=False),
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("page_id", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("media_type", String, nullable=False),
    Column("length", Integer, nullable=False),
    Column("sealed_hints", LargeBinary),
    Column("created_at", String, nullable=False),
    Column("stored_at", String),
    Index("uploads_page", "case_id", "page_id"),
)

marks = Table(
    "marks",
    metadata,
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    Column("page_id", String, primary_key=True),
    Column("sealed_reason", LargeBinary, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
    Column("day", String, nullable=False),
    Column("serial", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("drawn_at", String, nullable=False),
    Index("tickets_case", "case_id"),
    Index("tickets_queue", "day", "state", "serial"),
)

ratings = Table(
    "ratings",
    metadata,
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    Column("level", Integer, nullable=False),
    Column("sealed_comment", LargeBinary, nullable=False),
    Column("rated_at", String, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("station", ForeignKey("stations.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", String, nullable=False),
    Column("sealed_event", LargeBinary, nullable=False),
)

actions = Table(
    "actions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", String, nullable=False),
    Column("action", String, nullable=False),  # accept, return, correct, mark, unmark, call, reveal, sign_in
    Column("case_id", String),
    Column("at", String, nullable=False),
    Index("actions_case", "case_id"),
)


self_tests = Table(
    "self_tests",
    metadata,
    Column("id", String, primary_key=True),  # the report's own
    Column("station", ForeignKey("stations.id"), nullable=False),
    Column("kind", String, nullable=False),  # full or quick
    Column("passed", Integer, nullable=False),
    Column("ended_at", String, nullable=False),
    Column("received_at", String, nullable=False),
    Column("report", String, nullable=False),  # SelfTestReport: codes and numbers, nothing personal
    Index("self_tests_newest", "station", "kind", "ended_at"),
)


class SchemaError(Exception):
    """The database was made by another version of the program."""


class Database:
    """Transactions for worker threads; never on the event loop."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._engine: Engine = create_engine(f"sqlite:///{self.path}", pool_size=8, max_overflow=48)
        event.listen(self._engine, "connect", _on_connect)
        event.listen(self._engine, "begin", _on_begin)
        self._writing = self._engine.execution_options(doorstep_write="FULL")
        self._noting = self._engine.execution_options(doorstep_write="NORMAL")

    def create(self) -> None:
        """Make the tables that are not there.

        Raises:
            SchemaError: made by another version.
        """
        with self.write() as connection:
            metadata.create_all(connection)
            found = connection.execute(select(about.c.schema)).scalar()
            if found is None:
                connection.execute(about.insert().values(schema=SCHEMA))
            elif found != SCHEMA:
                raise SchemaError(f"{self.path}: schema {found}, this program has {SCHEMA}")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One moment's view."""
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """Alone in writing; on disk when the block ends, undone when it raises.

        Not ``durable``: survives a kill, but a power cut may undo it until the next durable write; only for what may
        be forgotten.
        """
        with (self._writing if durable else self._noting).begin() as connection:
            yield connection

    def watch(self) -> sqlite3.Connection:
        """A connection of its own, for ``PRAGMA data_version``."""
        return sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)

    def close(self) -> None:
        self._engine.dispose()


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, see _on_begin
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=10000",
        "secure_delete=ON",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("doorstep_write")
    if writing:
        connection.exec_driver_sql(f"PRAGMA synchronous={writing}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
