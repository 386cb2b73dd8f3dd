"""Types on the wire between station and centre, version 1. Shared by client and server; OpenAPI is made from them.

All under ``/v1``; JSON in UTF-8, times in RFC 3339 UTC. A station authenticates by ``Authorization: Bearer <token>``
and names itself by ``Station-Id``. Errors are RFC 9457 ``application/problem+json`` with a ``code`` of ``ErrorCode``.

| call | body → answer |
|---|---|
| GET /v1/time | → ServerTime |
| GET /v1/speed?size=N | → N bytes that do not compress, at most SPEED_BYTES; for the self-test |
| POST /v1/speed | at most SPEED_BYTES, thrown away → SpeedReceipt |
| PUT /v1/cases/{case_id}/versions/{version} | CaseOpening → CaseStatus (idempotent) |
| POST /v1/files, HEAD/PATCH/DELETE/OPTIONS /v1/files/{id} | tus 1.0; see ``UPLOAD_METADATA`` |
| PUT /v1/cases/{case_id}/versions/{version}/record | CaseRecord (version 1) or CorrectionRecord (later versions) → \
CaseReceipt (idempotent; 409 ``pages_missing``) |
| POST /v1/cases/find | CaseQuery → list of CaseStatus, open corrections of this station's cases first |
| GET /v1/cases/{case_id} | → CaseStatus |
| POST /v1/cases/{case_id}/ticket | → Ticket (idempotent) |
| PUT /v1/cases/{case_id}/rating | Rating → Rating |
| POST /v1/identities/resolve | CodeToResolve → ResolvedIdentity (404 ``code_unknown``) |
| WS /v1/live?after=N | Event, Event, … ; resume by last event number |
| DELETE /v1/cases/{case_id} | a draft given up before its record was handed over → 204 |
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from kiosk.audit.personal import mask

UPLOAD_METADATA = ("case_id", "version", "page_id", "sha256", "media_type")
"""Keys of tus ``Upload-Metadata``. The upload id is made by the centre from station and these, so that creating the
same upload twice gives the same one. The answer to the last byte is a PageReceipt as JSON body (also on a repeated
POST, and from GET of the upload's address; to PATCH only when ``Accept`` names application/json, else 204)."""

UPLOAD_HINTS = ("material_id", "material_name", "number")
"""Optional further keys, so that the clerk sees where a page belongs while the visit still runs; the record decides.
Values of ``Upload-Metadata`` are base64 of UTF-8."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class WireModel(BaseModel):
    """Unknown keys are ignored on reading, so that an older side understands a newer one."""

    model_config = ConfigDict(frozen=True)


class ErrorCode(StrEnum):
    UNAUTHORISED = "unauthorised"
    UNKNOWN_CASE = "unknown_case"
    UNKNOWN_UPLOAD = "unknown_upload"
    PAGES_MISSING = "pages_missing"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    STORAGE_FULL = "storage_full"
    HASH_MISMATCH = "hash_mismatch"
    CODE_UNKNOWN = "code_unknown"
    CODE_EXPIRED = "code_expired"
    INVALID = "invalid"
    NOT_FOUND = "not_found"  # no such address
    LOCKED = "locked"  # another request writes this upload
    BUSY = "busy"
    INTERNAL = "internal"


class Problem(WireModel):
    """RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    code: ErrorCode
    detail: str = ""
    missing: tuple[UUID, ...] = ()  # pages_missing: which


class CaseState(StrEnum):
    RECEIVING = "receiving"
    COMPLETE = "complete"  # everything is here; has a case number
    ACCEPTED = "accepted"
    CORRECTION_REQUESTED = "correction_requested"
    RETURNED = "returned"


SPEED_BYTES = 1024 * 1024
"""Most that one measurement of the line's speed may send or ask for."""


class ServerTime(WireModel):
    now: datetime


class SpeedReceipt(WireModel):
    received: int


class Person(WireModel):
    name: str
    id_number: str
    id_kind: Literal["citizen", "residence_permit", "permanent_residence", "other"] = "citizen"
    sex: str = ""
    birth: str = ""
    address: str = ""
    telephone: str = ""
    source: Literal["id_card", "social_security_card", "code", "by_hand"] = "by_hand"
    source_reason: str = ""  # why by hand


class CaseOpening(WireModel):
    """First word of a case, once the resident agreed that pages may travel."""

    case_id: UUID
    version: int = 1
    item_id: str
    item_name: str
    opened_at: datetime


class PageEntry(WireModel):
    """One page in the manifest; ``sha256`` of the page's bytes as uploaded. ``version`` = the version of the case it
    was uploaded with: a correction lists unchanged pages under their old version and sends only the new ones."""

    page_id: UUID
    material_id: str
    material_name: str
    number: int  # 1, 2, … within its material
    sha256: Sha256
    size: int
    media_type: str = "image/jpeg"
    version: int = 1
    verdict_codes: tuple[str, ...] = ()
    override_reason: str = ""


class PageUpload(WireModel):
    """``UPLOAD_METADATA`` and ``UPLOAD_HINTS`` of one page. ``sha256`` is of the page's bytes."""

    case_id: UUID
    version: Annotated[int, Field(ge=1)] = 1
    page_id: UUID
    sha256: Sha256
    media_type: Literal["image/jpeg", "image/png", "application/pdf"] = "image/jpeg"
    material_id: Annotated[str, Field(max_length=200)] = ""
    material_name: Annotated[str, Field(max_length=200)] = ""
    number: Annotated[int, Field(ge=0)] = 0


class FieldEntry(WireModel):
    field_id: str
    label: str
    value: str


class CaseRecord(WireModel):
    """The finished case: who, what, fields, manifest. The signature is a page with material_id ``signature``."""

    case_id: UUID
    version: int = 1
    item_id: str
    item_name: str
    catalogue_version: str
    applicant: Person
    proxy: Person | None = None
    fields: tuple[FieldEntry, ...] = ()
    pages: tuple[PageEntry, ...] = ()
    assistant: str
    consent_at: datetime
    finished_at: datetime


class CorrectionRecord(WireModel):
    """A later version of a case: only what the clerk asked for; the centre takes the rest from the version before.

    ``replaces`` maps a marked page to the new pages that take its place; pages without one are added.
    """

    case_id: UUID
    version: int
    pages: tuple[PageEntry, ...] = ()
    replaces: dict[UUID, tuple[UUID, ...]] = {}
    fields: tuple[FieldEntry, ...] = ()
    assistant: str
    consent_at: datetime
    finished_at: datetime


class CaseQuery(WireModel):
    """Exactly one of the three; from a card, or from a receipt's code."""

    id_number: str = ""
    case_number: str = ""
    case_id: UUID | None = None


class PageReceipt(WireModel):
    """The centre holds these bytes. The station destroys its copy on this only."""

    case_id: UUID
    version: int
    page_id: UUID
    sha256: Sha256
    size: int
    stored_at: datetime


class CaseReceipt(WireModel):
    case_id: UUID
    version: int
    case_number: str
    state: CaseState
    received_at: datetime


class Ticket(WireModel):
    case_id: UUID
    number: str  # A001 …
    people_ahead: int
    state: Literal["waiting", "called", "closed"] = "waiting"


class MarkedPage(WireModel):
    page_id: UUID
    material_id: str
    reason: str
    material_name: str = ""  # for a station that has let go of the case and its hand-added materials


class CaseStatus(WireModel):
    case_id: UUID
    version: int
    state: CaseState
    case_number: str = ""
    item_id: str = ""
    item_name: str = ""
    masked_name: str = ""
    reason: str = ""  # of a return or correction, the clerk's words
    marked_pages: tuple[MarkedPage, ...] = ()
    ticket: Ticket | None = None
    page_ids: tuple[UUID, ...] = ()  # stored so far


class Rating(WireModel):
    level: Annotated[int, Field(ge=1, le=5)]
    comment: Annotated[str, Field(max_length=500)] = ""


class CodeToResolve(WireModel):
    """A one-time code (随申码 …): never logged, never stored, by either side."""

    kind: str
    text: str


class ResolvedIdentity(WireModel):
    person: Person
    expires_at: datetime


class Event(WireModel):
    """One entry of the centre's event table for this station; ``number`` only grows.

    ``kind``: case_changed (``status``), ticket_changed (``ticket``), hello (``number`` = newest; sent first).
    """

    number: int
    kind: Literal["hello", "case_changed", "ticket_changed"]
    at: datetime
    status: CaseStatus | None = None
    ticket: Ticket | None = None


class StepState(StrEnum):
    """What became of one step of a self-test. ``running`` stands in no finished report."""

    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    NOT_POSSIBLE = "not_possible"  # cannot be measured here, for the reason that ``code`` names
    SKIPPED = "skipped"


LONGEST_DETAIL = 200
CREDENTIALS = re.compile(r"//[^/@\s]+@")
"""Account and password within an address."""


class SelfTestStep(WireModel):
    """One line of a self-test: which check, what came of it, and the values its words need.

    ``required`` steps must be finished (passed or not possible) for a pass. ``skipped_by``: "design" (the station has
    no such piece on purpose) or an account's name, never a person's.
    """

    check: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
    state: StepState
    code: Annotated[str, Field(max_length=80)] = ""
    detail: dict[str, str | int | float] = {}
    required: bool = True
    skipped_by: Annotated[str, Field(max_length=40)] = ""
    seconds: float = 0.0

    @field_validator("detail")
    @classmethod
    def _nothing_personal(cls, detail: dict[str, str | int | float]) -> dict[str, str | int | float]:
        return {
            key: mask(CREDENTIALS.sub("//", value))[:LONGEST_DETAIL] if isinstance(value, str) else value
            for key, value in detail.items()
        }


class SelfTestReport(WireModel):
    """A finished self-test. Holds codes, numbers and device names: nothing that a code said, nobody's data.

    ``measurements`` are numbers by name, such as ``document_camera.dots_per_inch``; see ``kiosk.selftest``.
    """

    report_id: UUID
    station_id: str
    program: str  # its version
    kind: Literal["full", "quick"]
    started_at: datetime
    ended_at: datetime
    cancelled: bool = False
    results: tuple[SelfTestStep, ...]
    measurements: dict[str, float] = {}

    @property
    def passed(self) -> bool:
        """Nothing failed and every required step is finished."""
        finished = (StepState.PASSED, StepState.NOT_POSSIBLE)
        return bool(self.results) and all(
            step.state in finished or (step.state is StepState.SKIPPED and not step.required) for step in self.results
        )

    @property
    def open_steps(self) -> tuple[SelfTestStep, ...]:
        """The steps that stand in the way of a pass, in their order."""
        finished = (StepState.PASSED, StepState.NOT_POSSIBLE)
        return tuple(
            step
            for step in self.results
            if step.state not in finished and not (step.state is StepState.SKIPPED and not step.required)
        )
