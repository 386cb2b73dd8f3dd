"""What the outbox tells about itself. Nothing here holds personal data except ``TodoEntry`` (a masked name)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kiosk.centre.contract import CaseReceipt, CaseState, MarkedPage


class Stage(StrEnum):
    """Where one version of a case is, seen from the station."""

    DRAFT = "draft"  # the visit goes on
    WAITING = "waiting"  # committed; kept here until the centre has it
    SENDING = "sending"  # WAITING, and something of it is on the line right now
    BLOCKED = "blocked"  # committed, cannot go on by itself; everything is kept
    DELIVERED = "delivered"  # the centre's receipt was checked; the station's copy is destroyed
    CANCELLED = "cancelled"  # given up; the centre is still to be told


class PageStage(StrEnum):
    KEPT = "kept"  # here only, encrypted
    AT_CENTRE = "at_centre"  # the centre's receipt was checked
    DAMAGED = "damaged"  # the station's copy does not open or has another hash; never sent


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page on disk, synced. ``sha256`` (hex) and ``size`` are those of the plain bytes, as in ``PageEntry``."""

    page_id: UUID
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class DraftRecord:
    case_id: UUID
    saved_at: datetime  # UTC


@dataclass(frozen=True, slots=True)
class PageSummary:
    page_id: UUID
    stage: PageStage
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """One version of a case. ``sent_bytes`` counts pages the centre answered for; sizes are of plain bytes.

    Attributes:
        code: Why BLOCKED, a key of the words; "" otherwise.
        centre_state: What the centre last said of the case, None before the first word.
    """

    case_id: UUID
    version: int
    stage: Stage
    item_id: str
    item_name: str
    case_number: str
    begun_at: datetime
    committed_at: datetime | None
    delivered_at: datetime | None
    pages: int
    pages_at_centre: int
    total_bytes: int
    sent_bytes: int
    code: str = ""
    centre_state: CaseState | None = None


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """Committed cases that are not at the centre. ``full``: no new visit may start (code outbox.disk_full)."""

    waiting: int = 0
    sending: int = 0
    blocked: int = 0
    full: bool = False


class Standing(StrEnum):
    """What a receipt may say of a case that was handed in here."""

    KEPT_HERE = "kept_here"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    CORRECTION_REQUESTED = "correction_requested"
    CORRECTION_KEPT_HERE = "correction_kept_here"  # the case is at the centre, its correction is still here
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A case after its visit; nothing about anybody.

    Attributes:
        case_number: "" while the case is still here.
        handed_in_at: When it was first handed in here.
        known_at: Since when ``standing`` is known; UTC, as ``handed_in_at``.
    """

    case_id: UUID
    case_number: str
    item_name: str
    handed_in_at: datetime
    standing: Standing
    known_at: datetime


@dataclass(frozen=True, slots=True)
class TodoEntry:
    """A correction the centre asked for and nobody has handed over yet."""

    case_id: UUID
    version: int  # of the case as the clerk saw it; the correction gets the next one
    case_number: str
    item_id: str
    item_name: str
    masked_name: str
    asked_at: datetime
    reason: str
    marked_pages: tuple[MarkedPage, ...]


# -- events of the delivery, given to its observer on its thread; the observer returns at once ----------------------


@dataclass(frozen=True, slots=True)
class PageDelivered:
    case_id: UUID
    version: int
    page_id: UUID


@dataclass(frozen=True, slots=True)
class CaseProgress:
    """Bytes of this version's pages at the centre or on the way."""

    case_id: UUID
    version: int
    sent: int
    total: int


@dataclass(frozen=True, slots=True)
class CaseDelivered:
    receipt: CaseReceipt


@dataclass(frozen=True, slots=True)
class CaseBlocked:
    """This case needs a person; the others go on. ``page_id`` when one page is the reason."""

    case_id: UUID
    version: int
    code: str
    page_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The centre answered (any answer), or could not be reached."""

    online: bool


@dataclass(frozen=True, slots=True)
class DeliveryTrouble:
    """Why nothing leaves although the line may be there: outbox.unauthorised, outbox.centre_full … ; "" = over."""

    code: str


DeliveryEvent = PageDelivered | CaseProgress | CaseDelivered | CaseBlocked | LinkChanged | DeliveryTrouble
