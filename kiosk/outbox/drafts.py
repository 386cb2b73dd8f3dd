"""Visits in progress, sealed, one row a case: they survive a restart and are forgotten after a day."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from kiosk.outbox.database import Database
from kiosk.outbox.errors import OutboxError
from kiosk.outbox.model import DraftRecord
from kiosk.trust.envelope import SealError, StorageKey, context, open_sealed, seal

log = logging.getLogger(__name__)

EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock that shows less has not been set; a draft saved then gets its time from the first sound clock."""


class Drafts:
    """Part of ``store.Outbox``, which holds the lock and knows the cases."""

    def __init__(self, database: Database, key: StorageKey, station_id: str, now: Callable[[], datetime]) -> None:
        self._database = database
        self._key = key
        self._station_id = station_id
        self._now = now

    def put(self, connection: sqlite3.Connection, case_id: UUID, data: bytes) -> None:
        """Inside a transaction: replace the case's draft."""
        connection.execute(
            "INSERT INTO draft VALUES (?, ?, ?) ON CONFLICT (case_id) DO UPDATE SET saved_at = excluded.saved_at,"
            " sealed = excluded.sealed",
            (str(case_id), self._now().isoformat(), seal(data, self._key, self._context(case_id))),
        )

    def load(self, case_id: UUID) -> bytes:
        row = self._database.row("SELECT sealed FROM draft WHERE case_id = ?", str(case_id))
        if row is None:
            raise OutboxError("outbox.case_unknown")
        try:
            return open_sealed(row["sealed"], self._key, self._context(case_id))
        except SealError as error:
            log.error("draft %s does not open: %s", case_id, error.code)
            raise OutboxError("outbox.draft_damaged") from None

    def all(self) -> list[DraftRecord]:
        rows = self._database.rows("SELECT case_id, saved_at FROM draft ORDER BY saved_at DESC")
        return [DraftRecord(UUID(row["case_id"]), datetime.fromisoformat(row["saved_at"])) for row in rows]

    def older_than(self, age: timedelta) -> list[UUID]:
        """Cases whose draft was saved longer ago than ``age``; times no sound clock can have given are set to now."""
        now = self._now()
        expired = []
        for draft in self.all():
            if now >= EARLIEST and not EARLIEST <= draft.saved_at <= now + timedelta(days=1):
                self._stamp(draft.case_id, now)
            elif now - draft.saved_at > age:
                expired.append(draft.case_id)
        return expired

    def _stamp(self, case_id: UUID, when: datetime) -> None:
        self._database.write(
            lambda connection: connection.execute(
                "UPDATE draft SET saved_at = ? WHERE case_id = ?", (when.isoformat(), str(case_id))
            )
        )

    def _context(self, case_id: UUID) -> bytes:
        return context("draft", self._station_id, str(case_id))
