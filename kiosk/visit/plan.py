"""From an item of the catalogue to what a visit needs of it."""

from __future__ import annotations

from kiosk.catalogue import model as catalogue
from kiosk.visit.fields import TELEPHONE_FIELD
from kiosk.visit.model import Field, FieldKind, Item, Material

TELEPHONE = Field(TELEPHONE_FIELD, "联系电话", "Contact telephone", FieldKind.TELEPHONE, required=True)
"""Every case has one: a correction asked for after the resident has left is told by telephone."""


def plan_item(item: catalogue.Item, catalogue_version: str) -> Item:
    """The item's materials and fields as they start out, with a telephone field whatever the catalogue says."""
    fields = tuple(_field(spec) for spec in item.fields)
    if all(field.kind is not FieldKind.TELEPHONE for field in fields):
        fields = (*fields, TELEPHONE)
    return Item(
        item_id=item.item_id,
        name=item.name,
        catalogue_version=catalogue_version,
        materials=tuple(
            Material(one.material_id, one.name, required=one.required, two_sided=one.two_sided)
            for one in item.materials
        ),
        fields=fields,
        in_person_only=item.archive_rule,
    )


def _field(spec: catalogue.FieldSpec) -> Field:
    return Field(
        field_id=spec.field_id,
        label_zh=spec.label_zh,
        label_en=spec.label_en,
        kind=FieldKind(spec.kind),
        required=spec.required,
        choices=spec.choices,
        prefill=spec.prefill,
    )
