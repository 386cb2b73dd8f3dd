"""From a finished visit to what the centre gets: the record of a case, or of a correction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kiosk.centre.contract import CaseOpening, CaseRecord, CorrectionRecord, FieldEntry, PageEntry
from kiosk.centre.contract import Person as PersonOnWire
from kiosk.identity.person import Person
from kiosk.visit.machine import telephone_of
from kiosk.visit.model import SIGNATURE_MATERIAL, Page, Visit

SIGNATURE_NAME = "签名"


def opening_of(visit: Visit) -> CaseOpening:
    """The first word of a version; the visit has an item and was opened."""
    return CaseOpening(
        case_id=UUID(visit.case_id),
        version=visit.version,
        item_id=visit.item.item_id if visit.item else "",
        item_name=visit.item.name if visit.item else "",
        opened_at=datetime.fromisoformat(visit.opened_at),
    )


def record_of(visit: Visit, assistant: str, finished_at: datetime) -> CaseRecord | CorrectionRecord:
    """The record of a visit that is complete up to its signature.

    Raises:
        ValueError: something that the steps require is not there.
    """
    return _correction(visit, assistant, finished_at) if visit.correction else _case(visit, assistant, finished_at)


def _case(visit: Visit, assistant: str, finished_at: datetime) -> CaseRecord:
    if visit.item is None or visit.applicant is None or not visit.consent_at or visit.signature is None:
        raise ValueError("the visit is not complete")
    return CaseRecord(
        case_id=UUID(visit.case_id),
        version=visit.version,
        item_id=visit.item.item_id,
        item_name=visit.item.name,
        catalogue_version=visit.item.catalogue_version,
        applicant=_person(visit.applicant, telephone_of(visit)),
        proxy=_person(visit.proxy) if visit.acting_for_other and visit.proxy else None,
        fields=_fields(visit),
        pages=(*_pages(visit), _entry(visit.signature, SIGNATURE_MATERIAL, SIGNATURE_NAME, 1)),
        assistant=assistant,
        consent_at=datetime.fromisoformat(visit.consent_at),
        finished_at=finished_at,
    )


def _correction(visit: Visit, assistant: str, finished_at: datetime) -> CorrectionRecord:
    if not visit.consent_at:
        raise ValueError("the visit is not complete")
    new = [page for page in visit.pages if page.version == visit.version]
    marks = [mark for material in visit.materials for mark in material.marks]
    replaces = {
        UUID(mark.page_id): tuple(UUID(page.page_id) for page in new if page.replaces == mark.page_id) for mark in marks
    }
    return CorrectionRecord(
        case_id=UUID(visit.case_id),
        version=visit.version,
        pages=tuple(entry for entry in _pages(visit) if entry.version == visit.version),
        replaces=replaces,
        fields=() if marks else _fields(visit),
        assistant=assistant,
        consent_at=datetime.fromisoformat(visit.consent_at),
        finished_at=finished_at,
    )


def _fields(visit: Visit) -> tuple[FieldEntry, ...]:
    return tuple(
        FieldEntry(field_id=field.field_id, label=field.label_zh, value=field.value)
        for field in visit.fields
        if field.value
    )


def _pages(visit: Visit) -> tuple[PageEntry, ...]:
    return tuple(
        _entry(page, material.material_id, material.name, number)
        for material in visit.materials
        for number, page in enumerate(material.pages, start=1)
    )


def _entry(page: Page, material_id: str, material_name: str, number: int) -> PageEntry:
    return PageEntry(
        page_id=UUID(page.page_id),
        material_id=material_id,
        material_name=material_name,
        number=number,
        sha256=page.sha256,
        size=page.size,
        media_type=page.media_type,
        version=page.version,
        verdict_codes=page.verdict_codes,
        override_reason=page.override_reason,
    )


def _person(person: Person, telephone: str = "") -> PersonOnWire:
    return PersonOnWire(
        name=person.name,
        id_number=person.id_number,
        id_kind=person.id_kind,
        sex=person.sex,
        birth=person.birth,
        address=person.address,
        telephone=telephone,
        source=person.source,
        source_reason=person.source_reason,
    )
