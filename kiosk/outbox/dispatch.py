"""The outbox as the delivery sees it: what is to be sent, and what the centre answered."""

from __future__ import annotations

import json
import logging
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kiosk.centre.contract import (
    CaseOpening,
    CaseReceipt,
    CaseRecord,
    CorrectionRecord,
    PageReceipt,
    PageUpload,
    Rating,
)
from kiosk.outbox.errors import OutboxError
from kiosk.outbox.model import Stage
from kiosk.outbox.vault import Vault
from kiosk.trust.envelope import SealError
from kiosk.trust.receipts import check_case_receipt, check_page_receipt

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unit:
    """One version of a case that the centre should hear of."""

    case_id: UUID
    version: int
    stage: Stage
    opened: bool
    begun_at: datetime
    committed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PageToSend:
    page_id: UUID
    sha256: str
    size: int
    stored_at: datetime


_UNITS = """
    SELECT case_id, version, stage, opened, begun_at, committed_at FROM case_version AS c
    WHERE code = '' AND (stage IN ('waiting', 'cancelled') OR (stage = 'draft' AND travels = 1 AND (opened = 0 OR EXISTS
        (SELECT 1 FROM page AS p WHERE p.case_id = c.case_id AND p.version = c.version AND p.stage = 'kept'))))
"""


def _unit(row: sqlite3.Row) -> Unit:
    return Unit(
        UUID(row["case_id"]),
        row["version"],
        Stage(row["stage"]),
        bool(row["opened"]),
        datetime.fromisoformat(row["begun_at"]),
        datetime.fromisoformat(row["committed_at"]) if row["committed_at"] else None,
    )


class Dispatch:
    """All methods are thread-safe; each that changes something is one durable transaction."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def units(self) -> list[Unit]:
        """Versions with something to send, given up or not, blocked ones left out; oldest first."""
        rows = self._vault.database.rows(_UNITS + " ORDER BY begun_at, case_id, version")
        return [_unit(row) for row in rows]

    def unit(self, case_id: UUID, version: int) -> Unit | None:
        """One of ``units``, None when it has nothing to send (any more)."""
        row = self._vault.database.row(_UNITS + " AND case_id = ? AND version = ?", str(case_id), version)
        return None if row is None else _unit(row)

    def opening(self, unit: Unit) -> CaseOpening:
        """Raise OutboxError outbox.record_damaged when the station's copy does not open."""
        return CaseOpening.model_validate_json(self._sealed(unit, "opening"))

    def record(self, unit: Unit) -> CaseRecord | CorrectionRecord:
        """Raise OutboxError outbox.record_damaged when the station's copy does not open."""
        plain = self._sealed(unit, "record")
        return (CaseRecord if unit.version == 1 else CorrectionRecord).model_validate_json(plain)

    def pages(self, unit: Unit) -> list[PageToSend]:
        """Pages the centre does not have yet, in the order they were taken."""
        rows = self._vault.database.rows(
            "SELECT page_id, sha256, size, stored_at FROM page WHERE case_id = ? AND version = ? AND stage = 'kept'"
            " ORDER BY stored_at, page_id",
            str(unit.case_id),
            unit.version,
        )
        return [
            PageToSend(UUID(row["page_id"]), row["sha256"], row["size"], datetime.fromisoformat(row["stored_at"]))
            for row in rows
        ]

    def load_page(self, unit: Unit, page: PageToSend) -> tuple[PageUpload, bytes]:
        """What to send. Raises OutboxError as ``Outbox.page`` does."""
        plain = self._vault.read_page(unit.case_id, page.page_id)
        row = self._vault.database.row("SELECT media_type, hints FROM page WHERE page_id = ?", str(page.page_id))
        if row is None or row["hints"] is None:
            raise OutboxError("outbox.page_unknown")
        try:
            hints = json.loads(self._vault.open(row["hints"], "hints", unit.case_id, unit.version, page.page_id))
        except SealError:
            raise OutboxError("outbox.page_damaged") from None
        upload = PageUpload(
            case_id=unit.case_id,
            version=unit.version,
            page_id=page.page_id,
            sha256=page.sha256,
            media_type=row["media_type"],
            **hints,
        )
        return upload, plain

    def page_wanted(self, page: PageToSend) -> bool:
        """False once the page was removed, its case given up, or the agreement taken back."""
        row = self._vault.database.row(
            "SELECT 1 FROM page JOIN case_version AS c USING (case_id, version) WHERE page_id = ? AND file <> ''"
            " AND c.travels = 1 AND c.stage <> 'cancelled'",
            str(page.page_id),
        )
        return row is not None

    def damaged_pages(self, unit: Unit) -> list[UUID]:
        rows = self._vault.database.rows(
            "SELECT page_id FROM page WHERE case_id = ? AND version = ? AND stage = 'damaged'",
            str(unit.case_id),
            unit.version,
        )
        return [UUID(row["page_id"]) for row in rows]

    def progress(self, unit: Unit) -> tuple[int, int]:
        """Bytes of the version's pages: at the centre, and all."""
        row = self._vault.database.row(
            "SELECT coalesce(sum(CASE stage WHEN 'at_centre' THEN size ELSE 0 END), 0) AS sent,"
            " coalesce(sum(size), 0) AS total FROM page WHERE case_id = ? AND version = ?",
            str(unit.case_id),
            unit.version,
        )
        return (row["sent"], row["total"]) if row is not None else (0, 0)

    # -- answers ------------------------------------------------------------------------------------------------

    def announce(self, unit: Unit) -> bool:
        """Before the first word of a version is sent: from now on giving it up must be told to the centre.

        Returns:
            False when the version was given up meanwhile; then nothing may be sent.
        """
        return self._update(unit, "announced = 1", "stage <> 'cancelled'")

    def set_opened(self, unit: Unit, opened: bool) -> None:
        self._update(unit, f"opened = {int(opened)}")

    def page_received(self, unit: Unit, page: PageToSend, receipt: PageReceipt) -> bool:
        """Note that the centre holds a page; its bytes stay here until the case's receipt.

        Returns:
            False when the page was removed meanwhile.

        Raises:
            ReceiptError: the receipt is for something else; nothing changed.
        """
        check_page_receipt(
            receipt,
            case_id=unit.case_id,
            version=unit.version,
            page_id=page.page_id,
            sha256=page.sha256,
            size=page.size,
        )

        def work(connection: sqlite3.Connection) -> bool:
            cursor = connection.execute(
                "UPDATE page SET stage = 'at_centre', delivered_at = ? WHERE page_id = ? AND sha256 = ?",
                (self._vault.now().isoformat(), str(page.page_id), page.sha256),
            )
            return cursor.rowcount == 1

        return self._vault.database.write(work)

    def page_damaged(self, page: PageToSend) -> None:
        self._vault.database.write(
            lambda connection: connection.execute(
                "UPDATE page SET stage = 'damaged' WHERE page_id = ?", (str(page.page_id),)
            )
        )

    def send_pages_again(self, unit: Unit, missing: tuple[UUID, ...]) -> bool:
        """The centre says that these pages (none named: all) are missing; send them again, their bytes are still here.

        Returns:
            False when none of them is a page of this version.
        """
        wanted = {str(page_id) for page_id in missing}

        def work(connection: sqlite3.Connection) -> bool:
            rows = connection.execute(
                "SELECT page_id FROM page WHERE case_id = ? AND version = ? AND file <> ''",
                (str(unit.case_id), unit.version),
            ).fetchall()
            again = [(row["page_id"],) for row in rows if not wanted or row["page_id"] in wanted]
            connection.executemany("UPDATE page SET stage = 'kept', delivered_at = NULL WHERE page_id = ?", again)
            return bool(again)

        return self._vault.database.write(work)

    def case_received(self, unit: Unit, receipt: CaseReceipt) -> None:
        """The centre holds the whole version: note its number and destroy everything but numbers, times and hashes.

        Raises:
            ReceiptError: the receipt is for something else, or without a number; nothing changed.
        """
        check_case_receipt(receipt, case_id=unit.case_id, version=unit.version)

        def work(connection: sqlite3.Connection) -> list[str]:
            place = (str(unit.case_id), unit.version)
            files = [
                row["file"]
                for row in connection.execute(
                    "SELECT file FROM page WHERE case_id = ? AND version = ? AND file <> ''", place
                )
            ]
            connection.execute(
                "UPDATE case_version SET stage = 'delivered', code = '', case_number = ?, delivered_at = ?,"
                " opening = NULL, record = NULL WHERE case_id = ? AND version = ?",
                (receipt.case_number, self._vault.now().isoformat(), *place),
            )
            connection.execute("UPDATE page SET file = '', hints = NULL WHERE case_id = ? AND version = ?", place)
            return files

        self._vault.unlink(self._vault.database.write(work))

    def block(self, unit: Unit, code: str) -> None:
        """This version cannot go on by itself; nothing of it is lost. A draft goes on as a draft."""
        self._vault.database.write(
            lambda connection: connection.execute(
                "UPDATE case_version SET code = ?, stage = CASE stage WHEN 'waiting' THEN 'blocked' ELSE stage END"
                " WHERE case_id = ? AND version = ? AND stage <> 'delivered'",
                (code, str(unit.case_id), unit.version),
            )
        )
        log.error("case %s version %d: blocked: %s", unit.case_id, unit.version, code)

    def retry_blocked(self) -> None:
        """Give everything blocked one more try: at each start (a new version may know better) and on request."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE page SET stage = 'kept' WHERE stage = 'damaged'")
            connection.execute("UPDATE case_version SET stage = 'waiting', code = '' WHERE stage = 'blocked'")
            connection.execute("UPDATE case_version SET code = '' WHERE code <> ''")
            connection.execute("UPDATE rating SET code = '' WHERE code <> ''")

        self._vault.database.write(work)

    def forget_cancelled(self, unit: Unit) -> None:
        """The centre knows that the version was given up."""
        self._vault.database.write(
            lambda connection: connection.execute(
                "DELETE FROM case_version WHERE case_id = ? AND version = ? AND stage = 'cancelled'",
                (str(unit.case_id), unit.version),
            )
        )

    # -- ratings ------------------------------------------------------------------------------------------------

    def ratings(self) -> list[UUID]:
        """Cases at the centre with a rating still here."""
        rows = self._vault.database.rows(
            "SELECT case_id FROM rating AS r WHERE sealed IS NOT NULL AND code = '' AND NOT EXISTS ("
            " SELECT 1 FROM case_version AS c WHERE c.case_id = r.case_id AND c.stage <> 'delivered') ORDER BY given_at"
        )
        return [UUID(row["case_id"]) for row in rows]

    def rating(self, case_id: UUID) -> Rating | None:
        """None when it does not open (it is then dropped) or was sent meanwhile."""
        row = self._vault.database.row("SELECT sealed FROM rating WHERE case_id = ?", str(case_id))
        if row is None or row["sealed"] is None:
            return None
        try:
            return Rating.model_validate_json(self._vault.open(row["sealed"], "rating", case_id))
        except SealError as error:
            log.error("rating of case %s does not open: %s", case_id, error.code)
            self.rating_refused(case_id, "outbox.record_damaged")
            return None

    def rating_received(self, case_id: UUID, rating: Rating) -> None:
        """Destroy the station's copy, unless another rating was given meanwhile."""
        if self.rating(case_id) != rating:
            return
        self._vault.database.write(
            lambda connection: connection.execute(
                "UPDATE rating SET sealed = NULL, sent_at = ? WHERE case_id = ?",
                (self._vault.now().isoformat(), str(case_id)),
            )
        )

    def rating_refused(self, case_id: UUID, code: str) -> None:
        self._vault.database.write(
            lambda connection: connection.execute("UPDATE rating SET code = ? WHERE case_id = ?", (code, str(case_id)))
        )

    # -- inside ---------------------------------------------------------------------------------------------------

    def _case(self, unit: Unit) -> sqlite3.Row | None:
        return self._vault.database.row(
            "SELECT * FROM case_version WHERE case_id = ? AND version = ?", str(unit.case_id), unit.version
        )

    def _sealed(self, unit: Unit, kind: str) -> bytes:
        row = self._case(unit)
        if row is None or row[kind] is None:
            raise OutboxError("outbox.record_damaged")
        try:
            return self._vault.open(row[kind], kind, unit.case_id, unit.version)
        except SealError as error:
            log.error("%s of case %s version %d does not open: %s", kind, unit.case_id, unit.version, error.code)
            raise OutboxError("outbox.record_damaged") from None

    def _update(self, unit: Unit, change: str, condition: str = "1") -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            cursor = connection.execute(
                f"UPDATE case_version SET {change} WHERE case_id = ? AND version = ? AND {condition}",  # noqa: S608
                (str(unit.case_id), unit.version),
            )
            return cursor.rowcount == 1

        return self._vault.database.write(work)
