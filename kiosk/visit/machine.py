"""The visit as a state machine: an event and a visit give the next visit. No I/O, no clock, never an exception.

The table ``STEPS`` says for every step when it is complete (a code of ``visit.json`` says why not), and where "back"
and "next" lead. Everything a resident gave is kept until it is deleted or the visit is cancelled by the caller.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from kiosk.identity.person import Person
from kiosk.visit import events as ev
from kiosk.visit import fields as field_rules
from kiosk.visit.model import (
    AUTHORITY_MATERIAL,
    AUTHORITY_NAME,
    DECIDED,
    AskedPage,
    Field,
    FieldKind,
    Handover,
    Item,
    Mark,
    Material,
    Page,
    Progress,
    Step,
    Visit,
)

UNNAMED = "需要重拍的材料"

LONGEST_NAME = 60
"""Characters of a material's name typed by the assistant."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The visit after an event; ``code`` says why nothing changed, when somebody should be told."""

    visit: Visit
    code: str = ""


# -- steps ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StepRule:
    """``missing`` gives "" when the step is complete; ``back`` and ``next`` give where the buttons lead."""

    missing: Callable[[Visit], str]
    back: Callable[[Visit], Step | None]
    next: Callable[[Visit], Step | None]


def _complete(_: Visit) -> str:
    return ""


def _to(step: Step | None) -> Callable[[Visit], Step | None]:
    return lambda _: step


def _identity_missing(visit: Visit) -> str:
    return "" if visit.person_here is not None else "visit.identity_missing"


def _guide_missing(visit: Visit) -> str:
    if visit.item is None:
        return "visit.item_missing"
    if visit.item.in_person_only and visit.acting_for_other:
        return "visit.in_person_only"
    return "" if visit.consent_at else "visit.consent_missing"


def _applicant_missing(visit: Visit) -> str:
    return "" if visit.applicant is not None else "visit.applicant_missing"


def _materials_missing(visit: Visit) -> str:
    if any(material.open_marks for material in visit.materials):
        return "visit.marked_page_missing"
    return "" if all(material.done for material in visit.materials) else "visit.material_missing"


def _fields_missing(visit: Visit) -> str:
    codes = [code for field in visit.fields if (code := field_rules.check(field))]
    if not codes:
        return ""
    return "visit.field_missing" if set(codes) == {"visit.field_required"} else "visit.field_wrong"


def _review_missing(visit: Visit) -> str:
    if visit.correction and not any(page.version == visit.version for page in visit.pages):
        changed = visit.stands_alone and any(field.value for field in visit.fields)
        return "" if changed or not visit.stands_alone else "visit.correction_empty"
    return ""


def _signature_missing(visit: Visit) -> str:
    return "" if visit.signature is not None else "visit.signature_missing"


def _handover_missing(visit: Visit) -> str:
    return "" if visit.committed else "visit.handover_running"


def _has_marks(visit: Visit) -> bool:
    return any(material.marks for material in visit.materials)


STEPS: dict[Step, StepRule] = {
    Step.IDENTIFY: StepRule(_identity_missing, _to(None), _to(Step.CHOOSE_ITEM)),
    Step.CHOOSE_ITEM: StepRule(
        lambda visit: "" if visit.item is not None else "visit.item_missing", _to(Step.IDENTIFY), _to(Step.GUIDE)
    ),
    Step.GUIDE: StepRule(
        _guide_missing,
        _to(Step.CHOOSE_ITEM),
        lambda visit: Step.APPLICANT if visit.acting_for_other else Step.CAPTURE,
    ),
    Step.APPLICANT: StepRule(_applicant_missing, _to(Step.GUIDE), _to(Step.CAPTURE)),
    Step.CAPTURE: StepRule(
        _materials_missing,
        lambda visit: None if visit.correction else Step.APPLICANT if visit.acting_for_other else Step.GUIDE,
        lambda visit: Step.REVIEW if visit.correction and _has_marks(visit) else Step.FIELDS,
    ),
    Step.FIELDS: StepRule(_fields_missing, _to(Step.CAPTURE), _to(Step.REVIEW)),
    Step.REVIEW: StepRule(
        _review_missing,
        lambda visit: Step.CAPTURE if visit.correction and _has_marks(visit) else Step.FIELDS,
        lambda visit: Step.SUBMIT if visit.correction else Step.SIGNATURE,
    ),
    Step.SIGNATURE: StepRule(_signature_missing, _to(Step.REVIEW), _to(Step.SUBMIT)),
    Step.SUBMIT: StepRule(
        _handover_missing,
        lambda visit: None if visit.committed else Step.REVIEW if visit.correction else Step.SIGNATURE,
        lambda visit: Step.RECEIPT if visit.handover.progress is Progress.KEPT_HERE else Step.WAITING,
    ),
    Step.WAITING: StepRule(_complete, _to(None), _to(Step.RECEIPT)),
    Step.RECEIPT: StepRule(_complete, _to(None), _to(Step.RATING)),
    Step.RATING: StepRule(_complete, _to(Step.RECEIPT), _to(Step.FAREWELL)),
    Step.FAREWELL: StepRule(_complete, _to(None), _to(None)),
}


def why_not_next(visit: Visit) -> str:
    """Code of what is missing in the present step; "" when "next" is possible."""
    return STEPS[visit.step].missing(visit)


def can_back(visit: Visit) -> bool:
    return STEPS[visit.step].back(visit) is not None


def can_next(visit: Visit) -> bool:
    return not why_not_next(visit) and STEPS[visit.step].next(visit) is not None


# -- events --------------------------------------------------------------------------------------------------------


def begin(case_id: str, at: str) -> Visit:
    """A new visit; ``case_id`` is a fresh UUID, ``at`` RFC 3339."""
    return Visit(case_id=case_id, started_at=at)


def apply(visit: Visit, event: ev.VisitEvent) -> Applied:
    """The visit after the event. An event that does not fit the step leaves the visit as it is.

    Who signed has signed for what was there: when that changes, the signature is void.
    """
    applied = _HANDLERS[type(event)](visit, event)
    after = applied.visit
    if after.signature is None or after.correction or _signed_for(after) == _signed_for(visit):
        return applied
    return replace(applied, visit=replace(after, signature=None))


def _signed_for(visit: Visit) -> object:
    values = [(field.field_id, field.value) for field in visit.fields]
    return visit.item, visit.applicant, visit.proxy, visit.pages, values


def _identified(visit: Visit, event: ev.Identified) -> Applied:
    person = event.person
    if visit.step is Step.IDENTIFY:
        if visit.acting_for_other:
            if visit.applicant is not None and visit.applicant.id_number == person.id_number:
                return Applied(visit, "visit.same_person")
            return Applied(replace(visit, proxy=person))
        return Applied(_with_applicant(visit, person))
    if visit.step is Step.APPLICANT and visit.acting_for_other:
        if visit.proxy is not None and visit.proxy.id_number == person.id_number:
            return Applied(visit, "visit.same_person")
        return Applied(_with_applicant(visit, person))
    return Applied(visit)


def _with_applicant(visit: Visit, person: Person) -> Visit:
    return replace(visit, applicant=person, fields=field_rules.fill(visit.fields, person))


def _item_chosen(visit: Visit, event: ev.ItemChosen) -> Applied:
    if visit.step is not Step.CHOOSE_ITEM:
        return Applied(visit)
    if visit.item is not None and visit.item.item_id == event.item.item_id:
        return Applied(visit)
    taken = {material.material_id: material for material in visit.materials if material.pages or material.free}
    materials = [
        replace(wanted, pages=taken.pop(wanted.material_id).pages) if wanted.material_id in taken else wanted
        for wanted in event.item.materials
    ]
    materials += [replace(left, required=False, free=True) for left in taken.values()]
    typed = {field.field_id: field for field in visit.fields if field.value and not field.prefilled}
    fields = tuple(
        replace(field, value=typed[field.field_id].value)
        if field.field_id in typed and typed[field.field_id].kind is field.kind
        else field
        for field in event.item.fields
    )
    chosen = replace(
        visit,
        item=event.item,
        consent_at="",
        opened_at="",
        materials=tuple(materials),
        fields=field_rules.fill(fields, visit.applicant),
    )
    return Applied(_with_authority(chosen))


def _acting_for_other(visit: Visit, event: ev.ActingForOther) -> Applied:
    if visit.step not in (Step.IDENTIFY, Step.CHOOSE_ITEM, Step.GUIDE) or event.acting == visit.acting_for_other:
        return Applied(visit)
    if event.acting and visit.item is not None and visit.item.in_person_only:
        return Applied(visit, "visit.in_person_only")
    if event.acting:
        changed = replace(visit, acting_for_other=True, proxy=visit.applicant, applicant=None)
    else:
        changed = replace(visit, acting_for_other=False, proxy=None, applicant=visit.proxy)
    changed = replace(changed, fields=field_rules.fill(changed.fields, changed.applicant))
    return Applied(_with_authority(changed))


def _with_authority(visit: Visit) -> Visit:
    """With a proxy the written authority is a required material; without, it stays only if it has pages."""
    if visit.item is None:
        return visit
    has = visit.material(AUTHORITY_MATERIAL)
    if visit.acting_for_other:
        if has is None:
            wanted = Material(AUTHORITY_MATERIAL, AUTHORITY_NAME, required=True)
            return replace(visit, materials=(wanted, *visit.materials))
        return _with_material(visit, replace(has, required=True, free=False))
    if has is None:
        return visit
    if has.pages:
        return _with_material(visit, replace(has, required=False, free=True))
    return replace(visit, materials=tuple(m for m in visit.materials if m.material_id != AUTHORITY_MATERIAL))


def _consent(visit: Visit, event: ev.Consent) -> Applied:
    if visit.step is not Step.GUIDE:
        return Applied(visit)
    return Applied(replace(visit, consent_at=event.at, opened_at=visit.opened_at if event.at else ""))


def _material_added(visit: Visit, event: ev.MaterialAdded) -> Applied:
    name = " ".join(event.name.split())[:LONGEST_NAME]
    if visit.step is not Step.CAPTURE or not event.material_id or visit.material(event.material_id) is not None:
        return Applied(visit)
    if not name:
        return Applied(visit, "visit.material_name_missing")
    added = Material(event.material_id, name, required=False, free=True)
    return Applied(replace(visit, materials=(*visit.materials, added)))


def _material_removed(visit: Visit, event: ev.MaterialRemoved) -> Applied:
    material = visit.material(event.material_id)
    if visit.step is not Step.CAPTURE or material is None or not material.free:
        return Applied(visit)
    if material.marks or any(_at_centre(visit, page) for page in material.pages):
        return Applied(visit, "visit.page_fixed")
    kept = tuple(one for one in visit.materials if one.material_id != event.material_id)
    return Applied(replace(visit, materials=kept))


def _at_centre(visit: Visit, page: Page) -> bool:
    """A page of an earlier version is the centre's; a correction cannot take it back."""
    return page.version < visit.version


def _page_taken(visit: Visit, event: ev.PageTaken) -> Applied:
    material = visit.material(event.material_id)
    if visit.step is not Step.CAPTURE or material is None or visit.page(event.page.page_id) is not None:
        return Applied(visit)
    page = replace(event.page, version=visit.version)
    if material.open_marks:
        page = replace(page, replaces=material.open_marks[0].page_id)
    return Applied(_with_material(visit, replace(material, pages=(*material.pages, page))))


def _page_changed(visit: Visit, event: ev.PageChanged) -> Applied:
    found = visit.page(event.page_id)
    if visit.step not in (Step.CAPTURE, Step.REVIEW) or found is None:
        return Applied(visit)
    material, old = found
    if event.page.page_id != event.page_id and visit.page(event.page.page_id) is not None:
        return Applied(visit)
    if _at_centre(visit, old):
        return Applied(visit, "visit.page_fixed")
    new = replace(event.page, version=old.version, replaces=old.replaces)
    pages = tuple(new if page.page_id == event.page_id else page for page in material.pages)
    return Applied(_with_material(visit, replace(material, pages=pages)))


def _page_deleted(visit: Visit, event: ev.PageDeleted) -> Applied:
    found = visit.page(event.page_id)
    if visit.step is not Step.CAPTURE or found is None:
        return Applied(visit)
    material, page = found
    if _at_centre(visit, page):
        return Applied(visit, "visit.page_fixed")
    pages = tuple(page for page in material.pages if page.page_id != event.page_id)
    return Applied(_with_material(visit, replace(material, pages=pages)))


def _with_material(visit: Visit, material: Material) -> Visit:
    materials = tuple(material if one.material_id == material.material_id else one for one in visit.materials)
    return replace(visit, materials=materials)


def _field_set(visit: Visit, event: ev.FieldSet) -> Applied:
    if visit.step is not Step.FIELDS:
        return Applied(visit)

    def changed(field: Field) -> Field:
        if field.field_id != event.field_id:
            return field
        value = field_rules.tidy(field.kind, event.value)
        return field if value == field.value else replace(field, value=value, prefilled=False)

    return Applied(replace(visit, fields=tuple(changed(field) for field in visit.fields)))


def _signed(visit: Visit, event: ev.Signed) -> Applied:
    if visit.step is not Step.SIGNATURE:
        return Applied(visit)
    return Applied(replace(visit, signature=replace(event.page, version=visit.version)))


def _signature_cleared(visit: Visit, _: ev.SignatureCleared) -> Applied:
    if visit.step is not Step.SIGNATURE:
        return Applied(visit)
    return Applied(replace(visit, signature=None))


def _next(visit: Visit, event: ev.Next) -> Applied:
    rule = STEPS[visit.step]
    if code := rule.missing(visit):
        return Applied(replace(visit, show_errors=True), code)
    target = rule.next(visit)
    if target is None:
        return Applied(visit)
    moved = replace(visit, step=target, show_errors=False)
    if visit.step is Step.GUIDE and not visit.opened_at:
        moved = replace(moved, opened_at=event.at)
    return Applied(moved)


def _back(visit: Visit, _: ev.Back) -> Applied:
    target = STEPS[visit.step].back(visit)
    if target is None:
        return Applied(visit)
    return Applied(replace(visit, step=target, show_errors=False))


def _committed(visit: Visit, event: ev.Committed) -> Applied:
    if visit.step is not Step.SUBMIT or visit.committed:
        return Applied(visit)
    return Applied(replace(visit, handover=replace(visit.handover, committed_at=event.at)))


def _progress_known(visit: Visit, event: ev.ProgressKnown) -> Applied:
    """News of the present version only. A decision is never taken back by later news of mere arrival."""
    if event.version != visit.version or not visit.committed:
        return Applied(visit)
    old = visit.handover
    number = event.case_number or old.case_number
    if event.progress is Progress.KEPT_HERE or (event.progress is Progress.DELIVERED and old.progress in DECIDED):
        return Applied(replace(visit, handover=replace(old, case_number=number)))
    handover = replace(old, progress=event.progress, case_number=number, reason=event.reason)
    return Applied(replace(visit, handover=handover))


def _ticket_drawn(visit: Visit, event: ev.TicketDrawn) -> Applied:
    if not visit.committed:
        return Applied(visit)
    return Applied(replace(visit, handover=replace(visit.handover, ticket_number=event.number)))


def _correction_begun(visit: Visit, event: ev.CorrectionBegun) -> Applied:
    """Version N+1 opens at CAPTURE with only the marked pages to take again."""
    waiting = visit.step in (Step.SUBMIT, Step.WAITING, Step.RECEIPT, Step.RATING)
    if not waiting or visit.handover.progress is not Progress.CORRECTION_REQUESTED:
        return Applied(visit)
    known = {material.material_id for material in visit.materials}
    materials = tuple(marked(material, event.asked) for material in visit.materials)
    return Applied(
        replace(
            visit,
            version=visit.version + 1,
            step=Step.CAPTURE,
            correction=True,
            correction_reason=event.reason,
            materials=materials + unknown_materials(known, event.asked),
            opened_at=event.at,
            handover=Handover(case_number=visit.handover.case_number),
            slips=(),
            rating=0,
            show_errors=False,
        )
    )


def marked(material: Material, asked: tuple[AskedPage, ...]) -> Material:
    """The material with the clerk's marks; a marked page leaves the list until a new one answers the mark."""
    mine = tuple(Mark(page.page_id, page.reason) for page in asked if page.material_id == material.material_id)
    gone = {mark.page_id for mark in mine}
    pages = tuple(replace(page, replaces="") for page in material.pages if page.page_id not in gone)
    return replace(material, pages=pages, marks=mine)


def unknown_materials(known: set[str], asked: tuple[AskedPage, ...]) -> tuple[Material, ...]:
    """Materials that only the clerk's marks name, for example ones added by hand before a restart."""
    names = {page.material_id: page.material_name for page in asked if page.material_id not in known}
    return tuple(
        marked(Material(material_id, name or UNNAMED, required=False), asked) for material_id, name in names.items()
    )


def _slip_sent(visit: Visit, _: ev.SlipSent) -> Applied:
    return Applied(replace(visit, slips=(*visit.slips, visit.handover.progress)) if visit.committed else visit)


def _slip_not_sent(visit: Visit, _: ev.SlipNotSent) -> Applied:
    return Applied(replace(visit, slips=visit.slips[:-1]))


def _rated(visit: Visit, event: ev.Rated) -> Applied:
    if visit.step is not Step.RATING or not 0 <= event.level <= 5:
        return Applied(visit)
    return Applied(replace(visit, rating=event.level))


_HANDLERS: dict[type[Any], Callable[[Visit, Any], Applied]] = {
    ev.Identified: _identified,
    ev.ItemChosen: _item_chosen,
    ev.ActingForOther: _acting_for_other,
    ev.Consent: _consent,
    ev.MaterialAdded: _material_added,
    ev.MaterialRemoved: _material_removed,
    ev.PageTaken: _page_taken,
    ev.PageChanged: _page_changed,
    ev.PageDeleted: _page_deleted,
    ev.FieldSet: _field_set,
    ev.Signed: _signed,
    ev.SignatureCleared: _signature_cleared,
    ev.Next: _next,
    ev.Back: _back,
    ev.Committed: _committed,
    ev.ProgressKnown: _progress_known,
    ev.TicketDrawn: _ticket_drawn,
    ev.CorrectionBegun: _correction_begun,
    ev.SlipSent: _slip_sent,
    ev.SlipNotSent: _slip_not_sent,
    ev.Rated: _rated,
}


def reopen(
    case_id: str,
    version: int,
    at: str,
    *,
    item_id: str,
    item_name: str,
    materials: tuple[Material, ...],
    fields: tuple[Field, ...],
    asked: tuple[AskedPage, ...],
    reason: str,
    case_number: str,
    masked_name: str,
) -> Visit:
    """A correction asked for after the resident had left, opened anew as ``version`` of the case.

    The station has destroyed its copy of the case: materials start empty, fields mean "unchanged" while they are
    empty, and nothing but the marked pages is required.
    """
    known = {material.material_id for material in materials}
    empty = tuple(replace(marked(material, asked), required=False, pages=()) for material in materials)
    return Visit(
        case_id=case_id,
        started_at=at,
        version=version,
        step=Step.CAPTURE,
        item=Item(item_id, item_name),
        consent_at=at,
        opened_at=at,
        materials=empty + unknown_materials(known, asked),
        fields=tuple(replace(field, required=False, prefill="", value="", prefilled=False) for field in fields),
        handover=Handover(case_number=case_number),
        correction=True,
        stands_alone=True,
        correction_reason=reason,
        masked_name=masked_name,
    )


def finishing(visit: Visit, masked_name: str) -> Visit:
    """What is kept of a committed visit until it is over: enough for its slip and for a correction, nobody's data."""
    fields = tuple(replace(field, required=False, prefill="", value="", prefilled=False) for field in visit.fields)
    return replace(
        visit, applicant=None, proxy=None, fields=fields, signature=None, stands_alone=True, masked_name=masked_name
    )


def telephone_of(visit: Visit) -> str:
    """The contact telephone, from whichever field asks for one first."""
    return next((field.value for field in visit.fields if field.kind is FieldKind.TELEPHONE and field.value), "")
