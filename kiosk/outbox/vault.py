"""What the parts of the outbox share: database, sealed files, key, clock."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from kiosk.outbox.database import Database
from kiosk.outbox.errors import OutboxError
from kiosk.outbox.files import BlobFolder
from kiosk.trust.envelope import SealError, StorageKey, context, open_sealed, seal

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Vault:
    database: Database
    blobs: BlobFolder
    key: StorageKey
    station_id: str
    now: Callable[[], datetime]

    def seal(self, plain: bytes, kind: str, *ids: object) -> bytes:
        """Seal for one place: ``kind`` and the ids that name it, and this station."""
        return seal(plain, self.key, self._context(kind, ids))

    def open(self, blob: bytes, kind: str, *ids: object) -> bytes:
        """Raise SealError when the blob was not sealed for exactly this place."""
        return open_sealed(blob, self.key, self._context(kind, ids))

    def read_page(self, case_id: UUID, page_id: UUID) -> bytes:
        """The plain bytes of a kept page, with their hash checked.

        Raises:
            OutboxError: outbox.page_unknown (not here, or wiped), outbox.page_damaged, outbox.disk_failed.
        """
        row = self.database.row(
            "SELECT version, sha256, file FROM page WHERE page_id = ? AND case_id = ? AND file <> ''",
            str(page_id),
            str(case_id),
        )
        if row is None:
            raise OutboxError("outbox.page_unknown")
        try:
            plain = self.open(self.blobs.read(row["file"]), "page", case_id, row["version"], page_id)
        except SealError as error:
            log.error("page %s of case %s does not open: %s", page_id, case_id, error.code)
            raise OutboxError("outbox.page_damaged") from None
        if hashlib.sha256(plain).hexdigest() != row["sha256"]:
            log.error("page %s of case %s has another hash than when it was taken", page_id, case_id)
            raise OutboxError("outbox.page_damaged")
        return plain

    def unlink(self, files: list[str]) -> None:
        """Destroy files no row knows any more; what fails here is finished by the sweep at the next start."""
        try:
            if files:
                self.blobs.remove(files)
        except OSError as error:
            log.error("%d sealed files not removed now: %s", len(files), error.strerror)

    def _context(self, kind: str, ids: tuple[object, ...]) -> bytes:
        return context(kind, self.station_id, *(str(part) for part in ids))
