"""FIELDS, REVIEW and SIGNATURE: what is filled in, read back and signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Property, QObject, QPointF, Signal, Slot
from PySide6.QtQml import QmlElement

from kiosk.conductor.commands import Commands
from kiosk.conductor.snapshot import FieldView, Snapshot
from kiosk.ui.visit.base import PAGE_IMAGE, VisitViewModel
from kiosk.ui.visit.rows import RowModel
from kiosk.words import Language

QML_IMPORT_NAME = "Doorstep.ViewModels"
QML_IMPORT_MAJOR_VERSION = 1


@dataclass(frozen=True, slots=True)
class FieldRow:
    fieldId: str
    label: str
    kind: str
    value: str
    required: bool
    error: str
    prefilled: bool
    choices: list[dict[str, str]]  # value, label


@dataclass(frozen=True, slots=True)
class ReadBackMaterial:
    materialId: str
    name: str
    required: bool
    pages: list[str]  # image sources


@dataclass(frozen=True, slots=True)
class ReadBackField:
    fieldId: str
    label: str
    value: str


@QmlElement
class FieldsViewModel(VisitViewModel):
    changed = Signal()

    def __init__(self, commands: Commands, language: Language, parent: QObject | None = None) -> None:
        super().__init__(commands, language, parent)
        self._fields = RowModel(FieldRow, self)

    def part(self, snapshot: Snapshot) -> Any:
        return snapshot.visit and (snapshot.visit.fields, snapshot.visit.item)

    def refresh(self) -> None:
        self._fields.show([self._row(field) for field in self.visit.fields])

    def _row(self, field: FieldView) -> FieldRow:
        return FieldRow(
            fieldId=field.field_id,
            label=self.pick(field.label_zh, field.label_en),
            kind=field.kind,
            value=field.value,
            required=field.required,
            error=str(self.words(field.error_code)),
            prefilled=field.prefilled,
            choices=[{"value": value, "label": self.pick(zh, en)} for value, zh, en in field.choices],
        )

    @Property(QObject, constant=True)
    def fields(self) -> QObject:
        return self._fields

    @Property(bool, notify=changed)
    def empty(self) -> bool:
        """This item asks for nothing in writing."""
        return not self.visit.fields

    @Property(str, notify=changed)
    def itemName(self) -> str:
        return self.visit.item.name if self.visit.item else ""

    @Slot(str, str)
    def setField(self, field_id: str, value: str) -> None:
        self.commands.set_field(field_id, value)


@QmlElement
class ReviewViewModel(VisitViewModel):
    """Everything that will be handed over, to be read back."""

    changed = Signal()

    def __init__(self, commands: Commands, language: Language, parent: QObject | None = None) -> None:
        super().__init__(commands, language, parent)
        self._materials = RowModel(ReadBackMaterial, self)
        self._fields = RowModel(ReadBackField, self)

    def refresh(self) -> None:
        self._materials.show(
            [
                ReadBackMaterial(m.material_id, m.name, m.required, [PAGE_IMAGE + page.thumbnail for page in m.pages])
                for m in self.visit.materials
                if m.pages or m.required
            ]
        )
        self._fields.show(
            [
                ReadBackField(field.field_id, self.pick(field.label_zh, field.label_en), self._value(field))
                for field in self.visit.fields
            ]
        )

    def _value(self, field: FieldView) -> str:
        for value, zh, en in field.choices:
            if value == field.value:
                return self.pick(zh, en)
        return field.value

    @Property(QObject, constant=True)
    def materials(self) -> QObject:
        return self._materials

    @Property(QObject, constant=True)
    def fields(self) -> QObject:
        return self._fields

    @Property(bool, notify=changed)
    def hasFields(self) -> bool:
        """Whether there is something to read back; what was filled in before a correction is at the centre only."""
        return any(field.value or not self.visit.correction for field in self.visit.fields)

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def applicant(self) -> dict[str, Any]:
        return self.person_row(self.visit.applicant)

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def proxy(self) -> dict[str, Any]:
        return self.person_row(self.visit.proxy if self.visit.acting_for_other else None)

    @Property(str, notify=changed)
    def itemName(self) -> str:
        return self.visit.item.name if self.visit.item else ""

    @Property(str, notify=changed)
    def department(self) -> str:
        return self.visit.item.department if self.visit.item else ""

    @Slot()
    def editFields(self) -> None:
        """One step back, to FIELDS."""
        self.commands.back()

    @Slot()
    def editMaterials(self) -> None:
        """Back to CAPTURE: over FIELDS, or at once when a clerk asked for pages only."""
        self.commands.back()
        if not self.visit.correction:
            self.commands.back()


@QmlElement
class SignatureViewModel(VisitViewModel):
    """Who signs for what, and whether it is signed."""

    changed = Signal()

    @Property(bool, notify=changed)
    def signed(self) -> bool:
        return bool(self.visit.signature)

    @Property(str, notify=changed)
    def source(self) -> str:
        """The signature as it was kept."""
        return PAGE_IMAGE + self.visit.signature if self.visit.signature else ""

    @Property(str, notify=changed)
    def signer(self) -> str:
        """Name of the person who holds the pen."""
        person = self.visit.proxy if self.visit.acting_for_other and self.visit.proxy else self.visit.applicant
        return person.name if person else ""

    @Property(str, notify=changed)
    def applicantName(self) -> str:
        return self.visit.applicant.name if self.visit.applicant else ""

    @Property(bool, notify=changed)
    def actingForOther(self) -> bool:
        return self.visit.acting_for_other

    @Property(str, notify=changed)
    def itemName(self) -> str:
        return self.visit.item.name if self.visit.item else ""

    @Slot("QVariantList", int, int)
    def sign(self, strokes: Sequence[Sequence[QPointF]], width: int, height: int) -> None:
        """All strokes so far, as points of a pad of the given size in pixels."""
        self.commands.sign([[(point.x(), point.y()) for point in stroke] for stroke in strokes], width, height)

    @Slot()
    def clear(self) -> None:
        self.commands.clear_signature()
