"""Cases: RECEIVING → COMPLETE → ACCEPTED | CORRECTION_REQUESTED | RETURNED; a correction is RECEIVING again.

Functions work inside a transaction of the caller. ``station`` is the one that asks: a case of another one is not there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, or_, select, update
from sqlalchemy import case as sql_case

from kiosk.centre.case_number import case_number
from kiosk.centre.contract import (
    CaseOpening,
    CaseQuery,
    CaseReceipt,
    CaseRecord,
    CaseState,
    CaseStatus,
    CorrectionRecord,
    ErrorCode,
    MarkedPage,
    PageEntry,
    PageUpload,
    Rating,
)
from kiosk.centre.server import clock, events, tickets
from kiosk.centre.server.centre import Work
from kiosk.centre.server.database import cases, marks, pages, ratings, uploads, versions
from kiosk.centre.server.problems import Refusal, conflict, unknown_case
from kiosk.identity.masking import mask_name

FOUND_AT_ONCE = 50


# -- the station's side ---------------------------------------------------------------------------------------------


def open_version(work: Work, station: str, opening: CaseOpening) -> CaseStatus:
    """Begin a case, or the next version of one whose correction was asked for. Idempotent.

    Raises:
        Refusal: unknown_case (another station's), conflict.
    """
    case_id = str(opening.case_id)
    case = _row(work, case_id)
    at = clock.stamp()
    if case is None:
        if opening.version != 1:
            raise unknown_case()
        work.connection.execute(
            cases.insert().values(
                id=case_id,
                station=station,
                version=1,
                state=CaseState.RECEIVING,
                item_id=opening.item_id,
                item_name=opening.item_name,
                opened_at=at,
                changed=work.count("changed"),
            )
        )
        work.connection.execute(versions.insert().values(case_id=case_id, version=1, opened_at=at))
    elif case.station != station:
        raise unknown_case()
    elif opening.version == case.version + 1 and case.state == CaseState.CORRECTION_REQUESTED:
        work.connection.execute(versions.insert().values(case_id=case_id, version=opening.version, opened_at=at))
        _change(work, case_id, version=opening.version, state=CaseState.RECEIVING)
    elif opening.version != case.version:
        raise conflict(f"the case is at version {case.version}, {case.state}")
    return status(work, own(work, station, opening.case_id))


def put_record(work: Work, station: str, record: CaseRecord | CorrectionRecord) -> tuple[CaseReceipt, list[str]]:
    """Take a finished record; returns the receipt and keys of blobs that no record names any more. Idempotent.

    Raises:
        Refusal: unknown_case, conflict (another record is there, or the version is not open), invalid (a manifest
            that does not fit), pages_missing.
    """
    case = own(work, station, record.case_id)
    version = work.connection.execute(
        select(versions).where(versions.c.case_id == case.id, versions.c.version == record.version)
    ).first()
    if version is None:
        raise conflict(f"version {record.version} was not opened")
    wire_hash = hashlib.sha256(record.model_dump_json().encode()).hexdigest()
    if version.wire_hash is not None:
        if version.wire_hash != wire_hash:
            raise conflict("another record of this version is here")
        return _receipt(case, version.version, version.received_at), []
    if case.version != record.version or case.state != CaseState.RECEIVING:
        raise conflict(f"the case is at version {case.version}, {case.state}")
    merged = record if isinstance(record, CaseRecord) else _merge(_record(work, case.id, record.version - 1), record)
    _check_manifest(work, merged)
    dropped = _drop_unnamed(work, merged)
    at = clock.stamp()
    work.connection.execute(
        update(versions)
        .where(versions.c.case_id == case.id, versions.c.version == record.version)
        .values(
            received_at=at,
            wire_hash=wire_hash,
            sealed_record=work.vault.seal_text(merged.model_dump_json(), "record", case.id, str(record.version)),
        )
    )
    number = case.case_number
    if number is None:
        today = clock.day()
        number = case_number(work.config.number_prefix, today, work.count(f"case {today}"))
    _change(
        work,
        case.id,
        state=CaseState.COMPLETE,
        case_number=number,
        item_id=merged.item_id,
        item_name=merged.item_name,
        search_key=work.vault.search_key(merged.applicant.id_number),
        sealed_reason=None,
        received_at=at,
        decided_at=None,
    )
    if record.version > 1:
        work.connection.execute(delete(marks).where(marks.c.case_id == case.id))
    changed = own(work, station, record.case_id)
    events.publish(work, station, "case_changed", status=status(work, changed))
    return _receipt(changed, record.version, at), dropped


def find(work: Work, station: str, query: CaseQuery) -> list[CaseStatus]:
    """This station's cases that fit, open corrections first, then the newest.

    Raises:
        Refusal: invalid, unless exactly one of the three is given.
    """
    given = [bool(query.id_number.strip()), bool(query.case_number.strip()), query.case_id is not None]
    if sum(given) != 1:
        raise Refusal(ErrorCode.INVALID, 422, "exactly one of id_number, case_number, case_id")
    if given[0]:
        condition = cases.c.search_key == work.vault.search_key(query.id_number)
    elif given[1]:
        condition = cases.c.case_number == query.case_number.strip().upper()
    else:
        condition = cases.c.id == str(query.case_id)
    open_correction = or_(cases.c.state == CaseState.CORRECTION_REQUESTED, cases.c.version > 1)
    undecided = cases.c.state.in_([CaseState.CORRECTION_REQUESTED, CaseState.RECEIVING])
    rows = work.connection.execute(
        select(cases)
        .where(cases.c.station == station, condition)
        .order_by(sql_case((open_correction & undecided, 0), else_=1), cases.c.opened_at.desc())
        .limit(FOUND_AT_ONCE)
    ).all()
    return [status(work, row) for row in rows]


def give_up(work: Work, station: str, case_id: UUID) -> list[str]:
    """Forget a version whose record never came; returns keys of blobs to delete.

    Raises:
        Refusal: unknown_case; conflict when the record is here.
    """
    case = own(work, station, case_id)
    if case.state == CaseState.CORRECTION_REQUESTED:
        return []  # the new version was never opened, or given up before
    if case.state != CaseState.RECEIVING:
        raise conflict("the record was handed over")
    blobs = _blobs_of(work, case.id, case.version)
    if case.version == 1:
        tickets.close(work, case.id)
        work.connection.execute(delete(cases).where(cases.c.id == case.id))
        work.count("changed")
        return blobs
    for table in (pages, uploads, versions):
        work.connection.execute(delete(table).where(table.c.case_id == case.id, table.c.version == case.version))
    _change(work, case.id, version=case.version - 1, state=CaseState.CORRECTION_REQUESTED)
    return blobs


def rate(work: Work, station: str, case_id: UUID, rating: Rating) -> Rating:
    """Keep the resident's rating. One rating a case: the same again is fine, another one is a conflict.

    Raises:
        Refusal: unknown_case, conflict.
    """
    case = own(work, station, case_id)
    kept = rating_of(work, case.id)
    if kept is not None:
        if kept != rating:
            raise conflict("the case was rated")
        return kept
    work.connection.execute(
        ratings.insert().values(
            case_id=case.id,
            level=rating.level,
            sealed_comment=work.vault.seal_text(rating.comment, "rating", case.id),
            rated_at=clock.stamp(),
        )
    )
    _change(work, case.id)
    return rating


# -- the clerk's side -----------------------------------------------------------------------------------------------


def mark(work: Work, case_id: str, page_id: str, reason: str) -> None:
    """Say that a page cannot be read; the station hears of it at once.

    Raises:
        Refusal: unknown_case, not_found (no such page), conflict (decided).
    """
    case = _undecided(work, case_id)
    if not any(str(entry.page_id) == page_id for entry in manifest(work, case)):
        raise Refusal(ErrorCode.NOT_FOUND, 404)
    sealed = work.vault.seal_text(reason, "mark", case_id, page_id)
    work.connection.execute(delete(marks).where(marks.c.case_id == case_id, marks.c.page_id == page_id))
    work.connection.execute(marks.insert().values(case_id=case_id, page_id=page_id, sealed_reason=sealed))
    _change_and_tell(work, case_id)


def unmark(work: Work, case_id: str, page_id: str) -> None:
    """Take a mark away.

    Raises:
        Refusal: unknown_case, conflict (decided).
    """
    _undecided(work, case_id)
    work.connection.execute(delete(marks).where(marks.c.case_id == case_id, marks.c.page_id == page_id))
    _change_and_tell(work, case_id)


def accept(work: Work, case_id: str, version: int) -> None:
    """受理. Raises Refusal: unknown_case; conflict when the case is not complete at this version."""
    _decide(work, case_id, version, CaseState.ACCEPTED, "")


def send_back(work: Work, case_id: str, version: int, reason: str) -> None:
    """退回, with the clerk's reason. Raises as ``accept``; invalid without a reason."""
    if not reason.strip():
        raise Refusal(ErrorCode.INVALID, 422, "reason")
    _decide(work, case_id, version, CaseState.RETURNED, reason.strip())


def request_correction(work: Work, case_id: str, version: int, reason: str) -> None:
    """补正 of the marked pages or of what the reason says. Raises as ``accept``; invalid without mark and reason."""
    marked = work.connection.execute(select(func.count()).select_from(marks).where(marks.c.case_id == case_id))
    if not reason.strip() and not marked.scalar_one():
        raise Refusal(ErrorCode.INVALID, 422, "mark or reason")
    _decide(work, case_id, version, CaseState.CORRECTION_REQUESTED, reason.strip())


# -- reading --------------------------------------------------------------------------------------------------------


def own(work: Work, station: str, case_id: UUID) -> Row[Any]:
    """A case of this station.

    Raises:
        Refusal: unknown_case.
    """
    case = _row(work, str(case_id))
    if case is None or case.station != station:
        raise unknown_case()
    return case


def any_case(work: Work, case_id: str) -> Row[Any]:
    """A case of any station, for the clerks.

    Raises:
        Refusal: unknown_case.
    """
    case = _row(work, case_id)
    if case is None:
        raise unknown_case()
    return case


def record_of(work: Work, case: Row[Any]) -> CaseRecord | None:
    """The newest record: of this version, or of the one before while a correction is coming in."""
    for version in (case.version, case.version - 1):
        sealed = work.connection.execute(
            select(versions.c.sealed_record).where(versions.c.case_id == case.id, versions.c.version == version)
        ).scalar()
        if sealed is not None:
            return CaseRecord.model_validate_json(work.vault.open_text(sealed, "record", case.id, str(version)))
    return None


def manifest(work: Work, case: Row[Any]) -> list[PageEntry]:
    """Pages of the newest record, then those that came since, in order of arrival."""
    record = record_of(work, case)
    listed = [] if record is None else list(record.pages)
    if case.state == CaseState.RECEIVING:
        rows = work.connection.execute(
            select(pages).where(pages.c.case_id == case.id, pages.c.version == case.version).order_by(pages.c.serial)
        )
        listed += [_arrived(work, row) for row in rows]
    return listed


def status(work: Work, case: Row[Any]) -> CaseStatus:
    record = record_of(work, case)
    materials = {str(entry.page_id): (entry.material_id, entry.material_name) for entry in manifest(work, case)}
    marked = work.connection.execute(select(marks).where(marks.c.case_id == case.id)).all()
    stored = work.connection.execute(
        select(pages.c.page_id).where(pages.c.case_id == case.id).order_by(pages.c.serial)
    ).scalars()
    return CaseStatus(
        case_id=UUID(case.id),
        version=case.version,
        state=CaseState(case.state),
        case_number=case.case_number or "",
        item_id=case.item_id,
        item_name=case.item_name,
        masked_name="" if record is None else mask_name(record.applicant.name),
        reason=work.vault.open_text(case.sealed_reason, "reason", case.id),
        marked_pages=tuple(
            MarkedPage(
                page_id=UUID(row.page_id),
                material_id=materials.get(row.page_id, ("", ""))[0],
                material_name=materials.get(row.page_id, ("", ""))[1],
                reason=work.vault.open_text(row.sealed_reason, "mark", case.id, row.page_id),
            )
            for row in marked
        ),
        ticket=tickets.of_case(work, case.id),
        page_ids=tuple(UUID(page_id) for page_id in stored),
    )


def rating_of(work: Work, case_id: str) -> Rating | None:
    row = work.connection.execute(select(ratings).where(ratings.c.case_id == case_id)).first()
    if row is None:
        return None
    return Rating(level=row.level, comment=work.vault.open_text(row.sealed_comment, "rating", case_id))


def touch(work: Work, case_id: str) -> None:
    """Something of the case changed that the station need not hear of: the clerk's page shows it."""
    _change(work, case_id)


# -- inside ---------------------------------------------------------------------------------------------------------


def _row(work: Work, case_id: str) -> Row[Any] | None:
    return work.connection.execute(select(cases).where(cases.c.id == case_id)).first()


def _undecided(work: Work, case_id: str) -> Row[Any]:
    case = any_case(work, case_id)
    if case.state not in (CaseState.RECEIVING, CaseState.COMPLETE):
        raise conflict("the case was decided")
    return case


def _change(work: Work, case_id: str, **values: object) -> None:
    work.connection.execute(update(cases).where(cases.c.id == case_id).values(changed=work.count("changed"), **values))


def _change_and_tell(work: Work, case_id: str) -> None:
    _change(work, case_id)
    case = any_case(work, case_id)
    events.publish(work, case.station, "case_changed", status=status(work, case))


def _decide(work: Work, case_id: str, version: int, state: CaseState, reason: str) -> None:
    case = any_case(work, case_id)
    if case.state != CaseState.COMPLETE or case.version != version:
        raise conflict(f"the case is at version {case.version}, {case.state}")
    sealed = work.vault.seal_text(reason, "reason", case_id) if reason else None
    _change(work, case_id, state=state, sealed_reason=sealed, decided_at=clock.stamp())
    if state is not CaseState.CORRECTION_REQUESTED:
        work.connection.execute(delete(marks).where(marks.c.case_id == case_id))
    tickets.close(work, case_id)
    changed = any_case(work, case_id)
    events.publish(work, case.station, "case_changed", status=status(work, changed))


def _receipt(case: Row[Any], version: int, received_at: str) -> CaseReceipt:
    return CaseReceipt(
        case_id=UUID(case.id),
        version=version,
        case_number=case.case_number,
        state=CaseState(case.state),
        received_at=clock.read(received_at),
    )


def _record(work: Work, case_id: str, version: int) -> CaseRecord:
    sealed = work.connection.execute(
        select(versions.c.sealed_record).where(versions.c.case_id == case_id, versions.c.version == version)
    ).scalar_one()
    return CaseRecord.model_validate_json(work.vault.open_text(sealed, "record", case_id, str(version)))


def _merge(before: CaseRecord, correction: CorrectionRecord) -> CaseRecord:
    """The case as it is after a correction: new pages in place of the marked ones, the rest from before.

    Raises:
        Refusal: invalid, when the correction does not fit the record before.
    """
    known = {entry.page_id for entry in before.pages}
    new = {entry.page_id: entry for entry in correction.pages if entry.page_id not in known}
    placed = [page_id for ids in correction.replaces.values() for page_id in ids]
    if not known.issuperset(correction.replaces) or not set(new).issuperset(placed) or len(placed) != len(set(placed)):
        raise Refusal(ErrorCode.INVALID, 422, "replaces does not fit the pages")
    if any(entry.version != correction.version for entry in new.values()):
        raise Refusal(ErrorCode.INVALID, 422, "a new page has an old version")
    merged: list[PageEntry] = []
    for entry in before.pages:
        if entry.page_id in correction.replaces:
            merged += [new[page_id] for page_id in correction.replaces[entry.page_id]]
        else:
            merged.append(entry)
    merged += [entry for page_id, entry in new.items() if page_id not in placed]
    fields = {entry.field_id: entry for entry in before.fields}
    fields.update({entry.field_id: entry for entry in correction.fields})
    return before.model_copy(
        update={
            "version": correction.version,
            "pages": _numbered(merged),
            "fields": tuple(fields.values()),
            "assistant": correction.assistant,
            "consent_at": correction.consent_at,
            "finished_at": correction.finished_at,
        }
    )


def _numbered(entries: Sequence[PageEntry]) -> tuple[PageEntry, ...]:
    """1, 2, … within each material, in the order given; pages of one material stand together."""
    grouped: dict[str, list[PageEntry]] = {}
    for entry in entries:
        grouped.setdefault(entry.material_id, []).append(entry)
    return tuple(
        entry.model_copy(update={"number": number})
        for group in grouped.values()
        for number, entry in enumerate(group, start=1)
    )


def _check_manifest(work: Work, record: CaseRecord) -> None:
    ids = [entry.page_id for entry in record.pages]
    if len(ids) != len(set(ids)) or any(not 1 <= entry.version <= record.version for entry in record.pages):
        raise Refusal(ErrorCode.INVALID, 422, "manifest")
    rows = work.connection.execute(select(pages).where(pages.c.case_id == str(record.case_id)))
    held = {row.page_id: (row.sha256, row.size, row.version) for row in rows}
    missing = [
        entry.page_id
        for entry in record.pages
        if held.get(str(entry.page_id)) != (entry.sha256, entry.size, entry.version)
    ]
    if missing:
        raise Refusal(ErrorCode.PAGES_MISSING, 409, missing=missing)


def _drop_unnamed(work: Work, record: CaseRecord) -> list[str]:
    """Pages of this version that the resident did not hand over (deleted, taken again) are destroyed."""
    named = [str(entry.page_id) for entry in record.pages]
    case_id = str(record.case_id)
    unnamed = pages.c.page_id.not_in(named) & (pages.c.case_id == case_id) & (pages.c.version == record.version)
    unnamed_uploads = (
        uploads.c.page_id.not_in(named) & (uploads.c.case_id == case_id) & (uploads.c.version == record.version)
    )
    dropped = {
        *work.connection.execute(select(pages.c.blob).where(unnamed)).scalars(),
        *work.connection.execute(select(uploads.c.id).where(unnamed_uploads)).scalars(),
    }
    work.connection.execute(delete(pages).where(unnamed))
    work.connection.execute(delete(uploads).where(unnamed_uploads))
    work.connection.execute(delete(marks).where(marks.c.case_id == case_id, marks.c.page_id.not_in(named)))
    return sorted(dropped)


def _blobs_of(work: Work, case_id: str, version: int) -> list[str]:
    stored = select(pages.c.blob).where(pages.c.case_id == case_id, pages.c.version == version)
    begun = select(uploads.c.id).where(uploads.c.case_id == case_id, uploads.c.version == version)
    return sorted({*work.connection.execute(stored).scalars(), *work.connection.execute(begun).scalars()})


def _arrived(work: Work, row: Row[Any]) -> PageEntry:
    place = ("hints", row.case_id, row.page_id)
    hints = PageUpload.model_validate_json(work.vault.open_text(row.sealed_hints, *place))
    return PageEntry(
        page_id=UUID(row.page_id),
        material_id=hints.material_id,
        material_name=hints.material_name,
        number=hints.number,
        sha256=row.sha256,
        size=row.size,
        media_type=row.media_type,
        version=row.version,
    )
