"""What is left here of a finished visit: enough to print its receipt again, and nothing about anybody."""

from __future__ import annotations

import logging
import sqlite3
from datetime import datetime
from itertools import groupby
from uuid import UUID

from kiosk.centre.contract import CaseState
from kiosk.outbox.database import Database
from kiosk.outbox.model import HandedIn, Standing

log = logging.getLogger(__name__)

_COMMITTED = """
    SELECT c.case_id, c.version, c.stage, c.item_name, c.committed_at, c.delivered_at,
        coalesce(nullif(c.case_number, ''), s.case_number, '') AS case_number,
        s.version AS heard_version, s.state AS heard_state, s.heard_at
    FROM case_version AS c
    LEFT JOIN centre_status AS s ON s.case_id = c.case_id
    WHERE c.stage IN ('waiting', 'blocked', 'delivered')
    ORDER BY c.case_id, c.version
"""

_OLD = """
    SELECT c.case_id FROM case_version AS c GROUP BY c.case_id
    HAVING min(c.stage = 'delivered') AND max(c.delivered_at) < :before
        AND NOT EXISTS (SELECT 1 FROM draft AS d WHERE d.case_id = c.case_id)
        AND NOT EXISTS (SELECT 1 FROM rating AS r WHERE r.case_id = c.case_id AND r.sent_at IS NULL AND r.code = '')
        AND NOT EXISTS (SELECT 1 FROM centre_status AS s WHERE s.case_id = c.case_id AND s.sealed IS NOT NULL)
"""

_HEARD = {
    CaseState.ACCEPTED.value: Standing.ACCEPTED,
    CaseState.CORRECTION_REQUESTED.value: Standing.CORRECTION_REQUESTED,
    CaseState.RETURNED.value: Standing.RETURNED,
}


def list_handed_in(database: Database, since: datetime) -> list[HandedIn]:
    """Cases with something handed in after ``since``, the newest first."""
    rows = groupby(database.rows(_COMMITTED), key=lambda row: str(row["case_id"]))
    cases = [_case(case_id, list(versions)) for case_id, versions in rows]
    found = [(newest, case) for newest, case in cases if newest >= since and _may_be_said(case)]
    return [case for _, case in sorted(found, key=lambda pair: pair[0], reverse=True)]


def forget_old(connection: sqlite3.Connection, before: datetime) -> int:
    """Remove cases that are over since ``before``, and what was heard of cases no longer here; how many cases.

    A case stays while anything of it waits here, a correction is asked for, or its rating is not at the centre.
    """
    old = [(row["case_id"],) for row in connection.execute(_OLD, {"before": before.isoformat()})]
    for table in ("rating", "centre_status", "case_version"):
        connection.executemany(f"DELETE FROM {table} WHERE case_id = ?", old)  # noqa: S608 (three names, above)
    connection.execute(
        "DELETE FROM centre_status AS s WHERE s.sealed IS NULL AND s.heard_at < ?"
        " AND NOT EXISTS (SELECT 1 FROM case_version AS c WHERE c.case_id = s.case_id)",
        (before.isoformat(),),
    )
    return len(old)


def _case(case_id: str, versions: list[sqlite3.Row]) -> tuple[datetime, HandedIn]:
    """When something of it was last handed in, and the case."""
    newest = versions[-1]
    standing, known_at = _standing(newest)
    committed = [datetime.fromisoformat(row["committed_at"]) for row in versions]
    return committed[-1], HandedIn(
        case_id=UUID(case_id),
        case_number=next((row["case_number"] for row in reversed(versions) if row["case_number"]), ""),
        item_name=next((row["item_name"] for row in reversed(versions) if row["item_name"]), ""),
        handed_in_at=committed[0],
        standing=standing,
        known_at=known_at,
    )


def _standing(newest: sqlite3.Row) -> tuple[Standing, datetime]:
    """What is true now, and since when it is known."""
    if newest["stage"] != "delivered":
        here = Standing.KEPT_HERE if newest["version"] == 1 else Standing.CORRECTION_KEPT_HERE
        return here, datetime.fromisoformat(newest["committed_at"])
    heard_of_it = newest["heard_version"] is not None and newest["heard_version"] >= newest["version"]
    if heard_of_it and newest["heard_state"] in _HEARD:
        return _HEARD[newest["heard_state"]], datetime.fromisoformat(newest["heard_at"])
    return Standing.DELIVERED, datetime.fromisoformat(newest["delivered_at"])


def _may_be_said(case: HandedIn) -> bool:
    if case.standing is Standing.KEPT_HERE or case.case_number:
        return True
    log.error("case %s is at the centre without a case number", case.case_id)
    return False
