"""What the screens may see of a visit: names, masked numbers, states. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from kiosk.catalogue.model import Item
from kiosk.conductor.capture import thumbnail_path
from kiosk.conductor.signing import signature_path
from kiosk.conductor.snapshot import (
    CaptureView,
    DeliveryView,
    FieldView,
    ItemView,
    MaterialView,
    PageState,
    PageView,
    PersonView,
    PrintState,
    TicketView,
    VisitView,
)
from kiosk.identity.person import Person
from kiosk.visit import fields as field_rules
from kiosk.visit import machine
from kiosk.visit.model import Field, Material, Page, Progress, Visit


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the visit and is not part of it."""

    capture: CaptureView
    delivery: DeliveryView
    ticket: TicketView | None
    at_centre: Collection[str]
    fresh_state: PageState
    print_state: PrintState
    print_code: str


def visit_view(
    visit: Visit,
    around: Around,
    item_view: Callable[[str], ItemView | None],
    person_view: Callable[[Person], PersonView],
) -> VisitView:
    item = visit.item
    return VisitView(
        case_id=visit.case_id,
        can_back=machine.can_back(visit),
        can_next=machine.can_next(visit),
        applicant=person_view(visit.applicant) if visit.applicant else None,
        proxy=person_view(visit.proxy) if visit.proxy else None,
        acting_for_other=visit.acting_for_other,
        item=(item_view(item.item_id) or ItemView(item.item_id, item.name)) if item else None,
        consent=bool(visit.consent_at),
        materials=tuple(_material(visit, material, around) for material in visit.materials),
        capture=around.capture,
        fields=tuple(_field(field, visit.show_errors) for field in visit.fields),
        signature=signature_path(visit.signature.page_id) if visit.signature else "",
        delivery=around.delivery,
        ticket=around.ticket,
        print_state=around.print_state,
        print_code=around.print_code,
        rating=visit.rating,
        correction=visit.correction,
        next_code=machine.why_not_next(visit),
    )


def _material(visit: Visit, material: Material, around: Around) -> MaterialView:
    marked = tuple(
        PageView(mark.page_id, thumbnail_path(mark.page_id), PageState.MARKED, reason=mark.reason)
        for mark in material.open_marks
    )
    return MaterialView(
        material_id=material.material_id,
        name=material.name,
        required=material.required,
        two_sided=material.two_sided,
        free=material.free,
        pages=marked + tuple(_page(visit, page, around) for page in material.pages),
        done=material.done and bool(material.pages or material.marks),
    )


def _page(visit: Visit, page: Page, around: Around) -> PageView:
    if page.page_id in around.at_centre or page.version < visit.version or _arrived(visit):
        state = PageState.AT_CENTRE
    else:
        state = around.fresh_state
    return PageView(page.page_id, thumbnail_path(page.page_id), state, page.verdict_codes)


def _arrived(visit: Visit) -> bool:
    return visit.handover.progress is not Progress.KEPT_HERE


def _field(field: Field, show_errors: bool) -> FieldView:
    """What is wrong is said at once, what is missing only after "next" was tried."""
    code = field_rules.check(field)
    return FieldView(
        field_id=field.field_id,
        label_zh=field.label_zh,
        label_en=field.label_en,
        kind=field.kind.value,
        value=field.value,
        required=field.required,
        error_code=code if field.value or show_errors else "",
        prefilled=field.prefilled,
        choices=field.choices,
    )


def item_view(item: Item) -> ItemView:
    """An item of the catalogue; what is not known stays "" and is not shown."""
    return ItemView(
        item_id=item.item_id,
        name=item.name,
        department=item.department,
        category=item.category,
        materials_known=item.materials_known,
        all_city=item.all_city,
        time_limit=item.time_limit,
        proxy=item.proxy,
        checked_on=item.checked_on,
    )
