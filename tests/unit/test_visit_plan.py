"""From the catalogue to a visit."""

from __future__ import annotations

from kiosk.catalogue.model import FieldSpec, Item, Material
from kiosk.visit.model import FieldKind
from kiosk.visit.plan import plan_item

ITEM = Item(
    item_id="permit",
    name="居住证",
    pinyin="ju zhu zheng",
    materials=(Material("id", "身份证", two_sided=True), Material("photo", "照片", required=False)),
    materials_known=True,
    checked_on="2020-01-01",
    fields=(FieldSpec("pick", "领取", "Pick-up", "choice", choices=(("self", "自取", "Self"),), prefill="name"),),
    archive_rule=True,
)


def test_every_item_asks_for_a_telephone() -> None:
    planned = plan_item(ITEM, "2026.1")
    assert [(field.field_id, field.kind, field.required) for field in planned.fields] == [
        ("pick", FieldKind.CHOICE, False),
        ("telephone", FieldKind.TELEPHONE, True),
    ]
    assert planned.fields[0].prefill == "name"
    assert planned.in_person_only
    assert [(one.material_id, one.required, one.two_sided, one.free) for one in planned.materials] == [
        ("id", True, True, False),
        ("photo", False, False, False),
    ]


def test_a_catalogue_that_asks_for_one_is_not_asked_twice() -> None:
    own = Item("x", "事项", "shi xiang", fields=(FieldSpec("mobile", "手机", "Mobile", "telephone", required=True),))
    assert [field.field_id for field in plan_item(own, "1").fields] == ["mobile"]
