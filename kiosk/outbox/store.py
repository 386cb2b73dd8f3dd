"""The outbox: drafts, pages and finished cases, encrypted and durable, until the centre has them."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from uuid import UUID

from kiosk.centre.contract import CaseOpening, CaseRecord, CaseState, CaseStatus, CorrectionRecord, PageEntry, Rating
from kiosk.outbox.database import Database
from kiosk.outbox.dispatch import Dispatch, Unit
from kiosk.outbox.drafts import Drafts
from kiosk.outbox.errors import OutboxError
from kiosk.outbox.files import BlobFolder
from kiosk.outbox.handed_in import forget_old, list_handed_in
from kiosk.outbox.listing import DATABASE_NAME, SUMMARIES, SUMMARIES_ORDER, to_summaries
from kiosk.outbox.model import (
    CaseSummary,
    DraftRecord,
    HandedIn,
    OutboxCounts,
    PageStage,
    PageSummary,
    StoredPage,
    TodoEntry,
)
from kiosk.outbox.space import Space
from kiosk.outbox.vault import Vault, utc_now
from kiosk.trust.envelope import SealError, StorageKey

log = logging.getLogger(__name__)

Record = CaseRecord | CorrectionRecord
MEDIA_TYPES = ("image/jpeg", "image/png", "application/pdf")


class Outbox:
    """One station's durable store. Thread-safe; calls block for a few disk syncs (milliseconds), never for the net.

    What a method has returned from is on disk and survives a power cut. Personal data is sealed in every file and
    every column; only case ids and numbers, item ids and names, times, states, sizes and hashes are in clear.

    Args:
        folder: Made when missing (mode 0700). Only one Outbox may have it open.
        key: Under which everything is sealed. The same one for ever.
        station_id: Bound into every seal.
        reserve_mb: Free disk space below which no new case is begun.
        ballast_mb: Space kept back so that deliveries can be recorded on a full disk.
        draft_hours: Drafts not saved for so long are destroyed.
        keep_days: So long a case that is over is remembered (``handed_in``).
        now: The wall clock, UTC.

    Raises:
        OutboxError: outbox.in_use, outbox.store_damaged, outbox.newer_format, outbox.other_key (the folder was
            written under another key or for another station), outbox.disk_full, outbox.disk_failed.
    """

    def __init__(
        self,
        folder: Path,
        key: StorageKey,
        station_id: str,
        reserve_mb: int = 2048,
        ballast_mb: int = 16,
        draft_hours: float = 24.0,
        keep_days: float = 30.0,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._sending: frozenset[tuple[UUID, int]] = frozenset()
        self._watchers: list[Callable[[], None]] = []
        self._draft_age = timedelta(hours=draft_hours)
        self._kept = timedelta(days=keep_days)
        self._now = now
        self._closed = False
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock_file = _lock(folder / "lock")
            self._space = Space(folder, reserve_mb, ballast_mb)
            blobs = BlobFolder(folder / "pages")
        except OSError as error:
            log.error("outbox folder not usable: %s", error.strerror)
            raise OutboxError("outbox.disk_failed") from None
        try:
            database = Database(folder / DATABASE_NAME, self._space.drop_ballast)
            self._vault = Vault(database, blobs, key, station_id, now)
            try:
                self._check_owner()
                self._drafts = Drafts(database, key, station_id, now)
                self.dispatch = Dispatch(self._vault)
                swept = blobs.sweep({row["file"] for row in database.rows("SELECT file FROM page WHERE file <> ''")})
                if swept:
                    log.info("outbox: %d unfinished or delivered files removed at start", swept)
                self.expire_drafts()
                self._forget_old_cases()
                self._space.lay_ballast()
            except BaseException:
                database.close()
                raise
        except BaseException:
            os.close(self._lock_file)
            raise

    def close(self) -> None:
        """Let go of the folder. Nothing is waiting to be written; stop the delivery first."""
        if not self._closed:
            self._closed = True
            self._vault.database.close()
            os.close(self._lock_file)

    def __enter__(self) -> Outbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def watch(self, callback: Callable[[], None]) -> None:
        """Have ``callback`` called, on the changing thread, when there may be something new to send."""
        self._watchers.append(callback)

    # -- drafts -------------------------------------------------------------------------------------------------

    def save_draft(self, case_id: UUID, data: bytes, version: int = 1) -> None:
        """Keep a visit's state, replacing the one before. ``data`` is the caller's own serialisation.

        Raises:
            OutboxError: outbox.disk_full (a new case below the reserve, or no byte left), outbox.disk_failed,
                outbox.already_committed.
        """

        def work(connection: sqlite3.Connection) -> None:
            self._begin(connection, case_id, version)
            self._drafts.put(connection, case_id, data)

        self._admit(case_id, version, None)
        self._vault.database.write(work, essential=False)

    def save_finishing(self, case_id: UUID, data: bytes) -> None:
        """Keep the state of a visit whose case is committed already (slip, rating), replacing the one before.

        Put nothing into ``data`` that the hand-over promised to destroy: no full ID number, no field. It is a draft
        like others (``load_draft``, ``drafts``, expiry); ``destroy_case`` removes it and leaves the case.

        Raises:
            OutboxError: outbox.case_unknown (nothing committed), outbox.disk_full, outbox.disk_failed.
        """

        def work(connection: sqlite3.Connection) -> None:
            committed = connection.execute(
                "SELECT 1 FROM case_version WHERE case_id = ? AND stage IN ('waiting', 'blocked', 'delivered')",
                (str(case_id),),
            ).fetchone()
            if committed is None:
                raise OutboxError("outbox.case_unknown")
            self._drafts.put(connection, case_id, data)

        self._vault.database.write(work, essential=False)

    def load_draft(self, case_id: UUID) -> bytes:
        """Raise OutboxError outbox.case_unknown, or outbox.draft_damaged."""
        return self._drafts.load(case_id)

    def drafts(self) -> list[DraftRecord]:
        """Newest first."""
        return self._drafts.all()

    def expire_drafts(self) -> list[UUID]:
        """Destroy drafts older than ``draft_hours`` with their pages; return their cases. Runs at start, and hourly."""
        expired = self._drafts.older_than(self._draft_age)
        begun_before = (self._now() - self._draft_age).isoformat()
        left_over = self._vault.database.rows(  # pages whose draft was never saved
            "SELECT DISTINCT case_id FROM case_version AS c WHERE stage = 'draft' AND begun_at < ? AND NOT EXISTS"
            " (SELECT 1 FROM draft AS d WHERE d.case_id = c.case_id)",
            begun_before,
        )
        expired += [UUID(row["case_id"]) for row in left_over]
        for case_id in expired:
            log.info("draft %s expired", case_id)
            self.destroy_case(case_id)
        return expired

    def keep_house(self) -> None:
        """Hourly, by the delivery: forget old drafts and cases, lay the ballast again once there is room."""
        self.expire_drafts()
        self._forget_old_cases()
        self._space.lay_ballast()

    def destroy_case(self, case_id: UUID) -> None:
        """Give up what is not committed of a case: draft, pages, rating. The centre is told when it may know of it.

        Nothing happens to versions already committed; an unknown case is no error.
        """

        def work(connection: sqlite3.Connection) -> list[str]:
            name = str(case_id)
            files = [
                row["file"]
                for row in connection.execute(
                    "SELECT file FROM page JOIN case_version AS c USING (case_id, version)"
                    " WHERE case_id = ? AND c.stage = 'draft' AND file <> ''",
                    (name,),
                )
            ]
            connection.execute("DELETE FROM draft WHERE case_id = ?", (name,))
            connection.execute(
                "DELETE FROM page WHERE case_id = ? AND version IN"
                " (SELECT version FROM case_version WHERE case_id = ? AND stage = 'draft')",
                (name, name),
            )
            gone = connection.execute(
                "DELETE FROM case_version WHERE case_id = ? AND stage = 'draft' AND announced = 0", (name,)
            ).rowcount
            gone += connection.execute(
                "UPDATE case_version SET stage = 'cancelled', opening = NULL, opened = 0, code = ''"
                " WHERE case_id = ? AND stage = 'draft'",
                (name,),
            ).rowcount
            if gone:
                connection.execute("DELETE FROM rating WHERE case_id = ?", (name,))
            return files

        self._vault.unlink(self._vault.database.write(work))
        self._changed()

    # -- pages --------------------------------------------------------------------------------------------------

    def add_page(
        self,
        case_id: UUID,
        version: int,
        page_id: UUID,
        data: bytes,
        media_type: str = "image/jpeg",
        *,
        material_id: str = "",
        material_name: str = "",
        number: int = 0,
    ) -> StoredPage:
        """Keep a page: when this returns it is sealed, on disk and synced, and the screen may say "taken".

        Args:
            case_id: Its case; begun by this call when new.
            version: 1, or that of the correction.
            page_id: A new random id for every picture; the same id with the same bytes again is no error.
            data: The picture as the centre shall get it.
            media_type: image/jpeg, image/png or application/pdf.
            material_id: With the next two: a hint for the clerk where the page belongs, until the record says it; cut
                to 200 characters.
            material_name: As above.
            number: As above.

        Raises:
            OutboxError: outbox.disk_full, outbox.disk_failed (then the page is not kept: take it again),
                outbox.page_exists (the id is used for other bytes), outbox.already_committed.
            ValueError: no bytes, or another media type.
        """
        if not data or media_type not in MEDIA_TYPES:
            raise ValueError("a page has bytes and is a JPEG, a PNG or a PDF")
        sha256 = hashlib.sha256(data).hexdigest()
        stored = StoredPage(page_id, sha256, len(data))
        if self._is_kept(case_id, version, stored):
            return stored
        self._admit(case_id, version, len(data))
        hints = {"material_id": material_id[:200], "material_name": material_name[:200], "number": max(number, 0)}
        sealed_hints = self._vault.seal(json.dumps(hints).encode(), "hints", case_id, version, page_id)
        file = self._vault.blobs.write(self._vault.seal(data, "page", case_id, version, page_id))

        def work(connection: sqlite3.Connection) -> None:
            self._begin(connection, case_id, version)
            connection.execute(
                "INSERT INTO page VALUES (?, ?, ?, 'kept', ?, ?, ?, ?, ?, ?, NULL)",
                (
                    str(page_id),
                    str(case_id),
                    version,
                    sha256,
                    len(data),
                    media_type,
                    file,
                    sealed_hints,
                    self._now().isoformat(),
                ),
            )

        try:
            self._vault.database.write(work, essential=False)
        except BaseException as error:
            self._vault.unlink([file])
            if isinstance(error, sqlite3.IntegrityError):  # the same page from two threads
                if self._is_kept(case_id, version, stored):
                    return stored
                raise OutboxError("outbox.page_exists") from None
            raise
        self._changed()
        return stored

    def page(self, case_id: UUID, page_id: UUID) -> bytes:
        """The plain bytes of a page that is still here.

        Raises:
            OutboxError: outbox.page_unknown (never here, removed, or delivered and wiped), outbox.page_damaged,
                outbox.disk_failed.
        """
        return self._vault.read_page(case_id, page_id)

    def pages(self, case_id: UUID, version: int) -> list[PageSummary]:
        """Pages of one version in the order they were taken; AT_CENTRE once the centre's receipt was checked."""
        rows = self._vault.database.rows(
            "SELECT page_id, stage, size, sha256 FROM page WHERE case_id = ? AND version = ?"
            " ORDER BY stored_at, page_id",
            str(case_id),
            version,
        )
        return [PageSummary(UUID(row["page_id"]), PageStage(row["stage"]), row["size"], row["sha256"]) for row in rows]

    def remove_page(self, case_id: UUID, page_id: UUID) -> None:
        """Destroy a page of a case not yet committed; an unknown page is no error.

        A copy at the centre is left out of the record and destroyed there when the case is handed over or given up.

        Raises:
            OutboxError: outbox.already_committed.
        """

        def work(connection: sqlite3.Connection) -> list[str]:
            rows = connection.execute(
                "SELECT file, c.stage FROM page JOIN case_version AS c USING (case_id, version)"
                " WHERE page_id = ? AND case_id = ?",
                (str(page_id), str(case_id)),
            ).fetchall()
            if any(row["stage"] != "draft" for row in rows):
                raise OutboxError("outbox.already_committed")
            connection.execute("DELETE FROM page WHERE page_id = ? AND case_id = ?", (str(page_id), str(case_id)))
            return [row["file"] for row in rows if row["file"]]

        self._vault.unlink(self._vault.database.write(work))
        self._changed()

    # -- hand-over ----------------------------------------------------------------------------------------------

    def allow_travel(self, opening: CaseOpening) -> None:
        """The resident agreed: pages of this version may leave from now on. May be told again, also with another item.

        Raises:
            OutboxError: outbox.already_committed, outbox.disk_full, outbox.disk_failed.
        """

        def work(connection: sqlite3.Connection) -> None:
            self._begin(connection, opening.case_id, opening.version)
            self._set_opening(connection, opening)

        self._vault.database.write(work)
        self._changed()

    def forbid_travel(self, case_id: UUID, version: int) -> None:
        """The resident took the agreement back before the hand-over: no further page leaves until it is given again."""
        self._vault.database.write(
            lambda connection: connection.execute(
                "UPDATE case_version SET travels = 0 WHERE case_id = ? AND version = ? AND stage = 'draft'",
                (str(case_id), version),
            )
        )

    def commit(self, record: Record) -> None:
        """Hand a finished case to the queue. One transaction: the case waits, and its draft is destroyed.

        Only now may a slip say that it is kept here. Pages of this version that the record does not list are
        destroyed. Committing the same record again is no error.

        Raises:
            OutboxError: outbox.page_missing (a listed page of this version is not here with this hash and size),
                outbox.page_damaged (it is here, but does not open: take it again); both with ``page``;
                outbox.already_committed (another record), outbox.disk_full, outbox.disk_failed.
        """
        plain = record.model_dump_json().encode()
        sha256 = hashlib.sha256(plain).hexdigest()
        place = (str(record.case_id), record.version)
        listed = {str(page.page_id): page for page in record.pages if page.version == record.version}

        def work(connection: sqlite3.Connection) -> list[str]:
            row = _case_row(connection, *place)
            if row is not None and row["record_sha256"] == sha256 and row["stage"] != "draft":
                return []
            self._begin(connection, record.case_id, record.version)
            here = connection.execute("SELECT * FROM page WHERE case_id = ? AND version = ?", place).fetchall()
            _check_manifest(listed, here)
            unlisted = [page for page in here if page["page_id"] not in listed]
            for page in unlisted:
                connection.execute("DELETE FROM page WHERE page_id = ?", (page["page_id"],))
            self._set_opening(connection, self._opening_of(connection, record))
            connection.execute(
                "UPDATE case_version SET stage = 'waiting', code = '', record = ?, record_sha256 = ?, committed_at = ?"
                " WHERE case_id = ? AND version = ?",
                (
                    self._vault.seal(plain, "record", record.case_id, record.version),
                    sha256,
                    self._now().isoformat(),
                    *place,
                ),
            )
            connection.execute("DELETE FROM draft WHERE case_id = ?", (str(record.case_id),))
            return [page["file"] for page in unlisted if page["file"]]

        self._vault.unlink(self._vault.database.write(work))
        self._changed()

    def rate(self, case_id: UUID, rating: Rating) -> None:
        """Keep a rating; it follows the case. A later one replaces it."""
        sealed = self._vault.seal(rating.model_dump_json().encode(), "rating", case_id)
        self._vault.database.write(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO rating VALUES (?, ?, NULL, '', ?)",
                (str(case_id), self._now().isoformat(), sealed),
            )
        )
        self._changed()

    # -- what is here -------------------------------------------------------------------------------------------

    def cases(self) -> list[CaseSummary]:
        """Every version of every case, oldest first, delivered ones too."""
        return to_summaries(self._vault.database.rows(SUMMARIES + SUMMARIES_ORDER), self._is_sending)

    def case_state(self, case_id: UUID) -> CaseSummary | None:
        """The newest version of a case, None when it was never here."""
        rows = self._vault.database.rows(SUMMARIES + " WHERE c.case_id = ?" + SUMMARIES_ORDER, str(case_id))
        return to_summaries(rows, self._is_sending)[-1] if rows else None

    def handed_in(self) -> list[HandedIn]:
        """Cases handed in here within ``keep_days``, the newest first, as the station knows them now."""
        return list_handed_in(self._vault.database, self._now() - self._kept)

    def summary(self) -> OutboxCounts:
        rows = self._vault.database.rows(
            "SELECT case_id, version, stage FROM case_version WHERE stage IN ('waiting', 'blocked')"
        )
        committed = [(UUID(row["case_id"]), row["version"]) for row in rows if row["stage"] == "waiting"]
        sending = sum(self._is_sending(*place) for place in committed)
        return OutboxCounts(
            waiting=len(committed) - sending,
            sending=sending,
            blocked=len(rows) - len(committed),
            full=self.is_full(),
        )

    def is_full(self) -> bool:
        """Whether no new case may begin (outbox.disk_full); also when the disk cannot be asked."""
        try:
            return not self._space.room_for_new_case()
        except OSError:
            return True

    def set_sending(self, unit: Unit | None) -> None:
        """What is on the line right now; told by the delivery."""
        self._sending = frozenset() if unit is None else frozenset({(unit.case_id, unit.version)})

    # -- what the centre said -----------------------------------------------------------------------------------

    def remember_status(self, status: CaseStatus) -> None:
        """Keep what the centre says of a case. Names and the clerk's words are sealed, and kept only while a correction
        is asked for. A status of an older version is ignored."""
        asks = status.state is CaseState.CORRECTION_REQUESTED
        sealed = self._vault.seal(status.model_dump_json().encode(), "status", status.case_id) if asks else None
        self._vault.database.write(
            lambda connection: connection.execute(
                "INSERT INTO centre_status VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (case_id) DO UPDATE SET"
                " version = excluded.version, state = excluded.state, heard_at = excluded.heard_at,"
                " case_number = coalesce(nullif(excluded.case_number, ''), case_number), sealed = excluded.sealed"
                " WHERE excluded.version >= version",
                (
                    str(status.case_id),
                    status.version,
                    status.state.value,
                    status.case_number,
                    self._now().isoformat(),
                    sealed,
                ),
            )
        )

    def todo(self) -> list[TodoEntry]:
        """Corrections asked for and not yet handed over, oldest first."""
        rows = self._vault.database.rows(
            "SELECT * FROM centre_status AS s WHERE state = 'correction_requested' AND sealed IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM case_version AS c WHERE c.case_id = s.case_id AND c.version > s.version"
            " AND c.stage IN ('waiting', 'blocked', 'delivered')) ORDER BY heard_at"
        )
        entries = []
        for row in rows:
            status = self._open_status(row)
            if status is not None:
                entries.append(
                    TodoEntry(
                        case_id=status.case_id,
                        version=status.version,
                        case_number=row["case_number"],
                        item_id=status.item_id,
                        item_name=status.item_name,
                        masked_name=status.masked_name,
                        asked_at=datetime.fromisoformat(row["heard_at"]),
                        reason=status.reason,
                        marked_pages=status.marked_pages,
                    )
                )
        return entries

    def last_event_number(self) -> int:
        """Of the centre's live events, as last set; 0 at first."""
        row = self._vault.database.row("SELECT value FROM meta WHERE key = 'last_event'")
        return int(row["value"]) if row is not None else 0

    def set_last_event_number(self, number: int) -> None:
        """Call after the event was worked on: after a crash it comes again rather than never."""
        self._vault.database.write(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO meta VALUES ('last_event', ?)", (str(number),)
            )
        )

    def note(self, key: str) -> str:
        """A small fact about the station itself that the caller keeps here, "" at first; never about a person."""
        row = self._vault.database.row("SELECT value FROM meta WHERE key = ?", f"note.{key}")
        return str(row["value"]) if row is not None else ""

    def set_note(self, key: str, text: str) -> None:
        self._vault.database.write(
            lambda connection: connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"note.{key}", text)),
            essential=False,
        )

    # -- inside -------------------------------------------------------------------------------------------------

    def _forget_old_cases(self) -> None:
        before = self._now() - self._kept
        gone = self._vault.database.write(lambda connection: forget_old(connection, before))
        if gone:
            log.info("outbox: %d cases forgotten after %d days", gone, self._kept.days)

    def _changed(self) -> None:
        for callback in self._watchers:
            callback()

    def _is_sending(self, case_id: UUID, version: int) -> bool:
        return (case_id, version) in self._sending

    def _check_owner(self) -> None:
        """The folder belongs to one key and one station; a lost key must not look like an empty outbox."""
        owner = f"{self._vault.station_id} {self._vault.key.key_id.hex()}"
        row = self._vault.database.row("SELECT value FROM meta WHERE key = 'owner'")
        if row is None:
            self._vault.database.write(
                lambda connection: connection.execute("INSERT INTO meta VALUES ('owner', ?)", (owner,))
            )
        elif row["value"] != owner:
            raise OutboxError("outbox.other_key")

    def _admit(self, case_id: UUID, version: int, page_size: int | None) -> None:
        """Raise outbox.disk_full when there is no room for a new case, or for this page of a case already begun."""
        begun = self._vault.database.row(
            "SELECT 1 FROM case_version WHERE case_id = ? AND version = ?", str(case_id), version
        )
        try:
            room = (
                self._space.room_for_new_case()
                if begun is None
                else page_size is None or self._space.room_for_page(page_size)
            )
        except OSError as error:
            log.error("free space not known: %s", error.strerror)
            raise OutboxError("outbox.disk_failed") from None
        if not room:
            raise OutboxError("outbox.disk_full")

    def _begin(self, connection: sqlite3.Connection, case_id: UUID, version: int) -> None:
        """Make the version's row, or take one up again that was given up; refuse a committed one."""
        row = _case_row(connection, str(case_id), version)
        if row is None:
            connection.execute(
                "INSERT INTO case_version (case_id, version, stage, begun_at) VALUES (?, ?, 'draft', ?)",
                (str(case_id), version, self._now().isoformat()),
            )
        elif row["stage"] == "cancelled":
            connection.execute(
                "UPDATE case_version SET stage = 'draft', travels = 0, opened = 0, code = '', begun_at = ?"
                " WHERE case_id = ? AND version = ?",
                (self._now().isoformat(), str(case_id), version),
            )
        elif row["stage"] != "draft":
            raise OutboxError("outbox.already_committed")

    def _set_opening(self, connection: sqlite3.Connection, opening: CaseOpening) -> None:
        place = (str(opening.case_id), opening.version)
        row = _case_row(connection, *place)
        if row is not None and row["travels"] and row["opening"] is not None and row["item_id"] == opening.item_id:
            return
        connection.execute(
            "UPDATE case_version SET travels = 1, opened = 0, code = '', opening = ?, item_id = ?, item_name = ?"
            " WHERE case_id = ? AND version = ?",
            (
                self._vault.seal(opening.model_dump_json().encode(), "opening", opening.case_id, opening.version),
                opening.item_id,
                opening.item_name,
                *place,
            ),
        )

    def _opening_of(self, connection: sqlite3.Connection, record: Record) -> CaseOpening:
        row = _case_row(connection, str(record.case_id), record.version)
        item_id, item_name = (row["item_id"], row["item_name"]) if row is not None else ("", "")
        if isinstance(record, CaseRecord):
            item_id, item_name = record.item_id, record.item_name
        elif not item_id:
            item_id, item_name = self._item_of_earlier_version(connection, record)
        return CaseOpening(
            case_id=record.case_id,
            version=record.version,
            item_id=item_id,
            item_name=item_name,
            opened_at=datetime.fromisoformat(row["begun_at"]) if row is not None else self._now(),
        )

    def _item_of_earlier_version(self, connection: sqlite3.Connection, record: Record) -> tuple[str, str]:
        earlier = connection.execute(
            "SELECT item_id, item_name FROM case_version WHERE case_id = ? AND version < ? AND item_id <> ''"
            " ORDER BY version DESC",
            (str(record.case_id), record.version),
        ).fetchone()
        if earlier is not None:
            return earlier["item_id"], earlier["item_name"]
        asked = connection.execute("SELECT * FROM centre_status WHERE case_id = ?", (str(record.case_id),)).fetchone()
        status = self._open_status(asked) if asked is not None and asked["sealed"] is not None else None
        return (status.item_id, status.item_name) if status is not None else ("", "")

    def _open_status(self, row: sqlite3.Row) -> CaseStatus | None:
        try:
            return CaseStatus.model_validate_json(self._vault.open(row["sealed"], "status", UUID(row["case_id"])))
        except SealError as error:
            log.error("status of case %s does not open: %s", row["case_id"], error.code)
            return None

    def _is_kept(self, case_id: UUID, version: int, page: StoredPage) -> bool:
        row = self._vault.database.row("SELECT * FROM page WHERE page_id = ?", str(page.page_id))
        if row is None:
            return False
        if (row["case_id"], row["version"], row["sha256"]) != (str(case_id), version, page.sha256):
            raise OutboxError("outbox.page_exists")
        return True


def _case_row(connection: sqlite3.Connection, case_id: str, version: int) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM case_version WHERE case_id = ? AND version = ?", (case_id, version)
    ).fetchone()
    return row


def _check_manifest(listed: dict[str, PageEntry], here: list[sqlite3.Row]) -> None:
    kept = {row["page_id"]: row for row in here}
    for page_id, entry in listed.items():
        row = kept.get(page_id)
        if row is None or (row["sha256"], row["size"]) != (entry.sha256, entry.size):
            raise OutboxError("outbox.page_missing", page=page_id)
        if row["stage"] == PageStage.DAMAGED:
            raise OutboxError("outbox.page_damaged", page=page_id)


def _lock(path: Path) -> int:
    """Hold the folder against a second process until the returned handle is closed (also by a kill)."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise OutboxError("outbox.in_use") from None
    return handle
