"""The queue without key, lock or personal data: for ``kiosk outbox list`` beside a running station."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from kiosk.centre.contract import CaseState
from kiosk.outbox.errors import OutboxError
from kiosk.outbox.model import CaseSummary, Stage

DATABASE_NAME = "outbox.sqlite"

SUMMARIES = """
    SELECT c.case_id, c.version, c.stage, c.item_id, c.item_name, c.begun_at, c.committed_at, c.delivered_at, c.code,
        coalesce(nullif(c.case_number, ''), s.case_number, '') AS case_number, s.state AS centre_state,
        count(p.page_id) AS pages, coalesce(sum(p.stage = 'at_centre'), 0) AS pages_at_centre,
        coalesce(sum(p.size), 0) AS total_bytes,
        coalesce(sum(CASE p.stage WHEN 'at_centre' THEN p.size ELSE 0 END), 0) AS sent_bytes
    FROM case_version AS c
    LEFT JOIN page AS p ON p.case_id = c.case_id AND p.version = c.version
    LEFT JOIN centre_status AS s ON s.case_id = c.case_id
"""
SUMMARIES_ORDER = " GROUP BY c.case_id, c.version ORDER BY c.begun_at, c.case_id, c.version"


def list_cases(folder: Path) -> list[CaseSummary]:
    """Every case version of an outbox folder, oldest first. Reads only; the station may be running.

    Raises:
        OutboxError: outbox.not_found (no outbox there), outbox.store_damaged.
    """
    path = folder / DATABASE_NAME
    if not path.is_file():
        raise OutboxError("outbox.not_found")
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5.0)
        try:
            connection.row_factory = sqlite3.Row
            return to_summaries(connection.execute(SUMMARIES + SUMMARIES_ORDER))
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        raise OutboxError("outbox.store_damaged") from None


def to_summaries(
    rows: Iterable[sqlite3.Row], is_sending: Callable[[UUID, int], bool] = lambda case_id, version: False
) -> list[CaseSummary]:
    """Rows of ``SUMMARIES`` as objects; ``is_sending`` tells what is on the line right now."""
    return [_to_summary(row, is_sending) for row in rows]


def _to_summary(row: sqlite3.Row, is_sending: Callable[[UUID, int], bool]) -> CaseSummary:
    case_id = UUID(row["case_id"])
    stage = Stage(row["stage"])
    if stage is Stage.WAITING and is_sending(case_id, row["version"]):
        stage = Stage.SENDING
    return CaseSummary(
        case_id=case_id,
        version=row["version"],
        stage=stage,
        item_id=row["item_id"],
        item_name=row["item_name"],
        case_number=row["case_number"],
        begun_at=datetime.fromisoformat(row["begun_at"]),
        committed_at=_time(row["committed_at"]),
        delivered_at=_time(row["delivered_at"]),
        pages=row["pages"],
        pages_at_centre=row["pages_at_centre"],
        total_bytes=row["total_bytes"],
        sent_bytes=row["sent_bytes"],
        code=row["code"],
        centre_state=CaseState(row["centre_state"]) if row["centre_state"] else None,
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
