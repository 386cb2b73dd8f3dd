"""What one visit holds: frozen values without I/O and without a clock.

Identifiers (case, pages, materials added by hand) and times (RFC 3339 text) are made by the caller and come in with
the events of ``kiosk.visit.machine``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.identity.person import Person

SIGNATURE_MATERIAL = "signature"
AUTHORITY_MATERIAL = "written_authority"
"""材料 id of the 书面委托书: with a proxy the station needs the principal's written authority (services.md, step 8)."""

AUTHORITY_NAME = "书面委托书"


class Step(StrEnum):
    """Where the visit is; the values are those of the screens."""

    IDENTIFY = "identify"
    CHOOSE_ITEM = "choose_item"
    GUIDE = "guide"
    APPLICANT = "applicant"
    CAPTURE = "capture"
    FIELDS = "fields"
    REVIEW = "review"
    SIGNATURE = "signature"
    SUBMIT = "submit"
    WAITING = "waiting"
    RECEIPT = "receipt"
    RATING = "rating"
    FAREWELL = "farewell"


HANDED_OVER_STEPS = frozenset({Step.WAITING, Step.RECEIPT, Step.RATING, Step.FAREWELL})


class Progress(StrEnum):
    """What the station knows of the case; the values are those of the snapshot's CaseState."""

    KEPT_HERE = "kept_here"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    CORRECTION_REQUESTED = "correction_requested"
    RETURNED = "returned"


DECIDED = frozenset({Progress.ACCEPTED, Progress.CORRECTION_REQUESTED, Progress.RETURNED})


class FieldKind(StrEnum):
    TEXT = "text"
    TELEPHONE = "telephone"
    ID_NUMBER = "id_number"
    DATE = "date"
    CHOICE = "choice"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Page:
    """One captured image. ``version`` is that of the case it was taken for; ``replaces`` the page a clerk marked."""

    page_id: str
    sha256: str
    size: int
    version: int = 1
    media_type: str = "image/jpeg"
    verdict_codes: tuple[str, ...] = ()
    override_reason: str = ""
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A clerk asks for this page again; ``reason`` in the clerk's words."""

    page_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class AskedPage:
    """A page the centre asks for again, as it names it; ``material_name`` may be unknown there ("")."""

    page_id: str
    material_id: str
    reason: str
    material_name: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    material_id: str
    name: str
    required: bool = True
    two_sided: bool = False
    free: bool = False
    pages: tuple[Page, ...] = ()
    marks: tuple[Mark, ...] = ()

    @property
    def open_marks(self) -> tuple[Mark, ...]:
        """Marks that no new page answers yet."""
        answered = {page.replaces for page in self.pages}
        return tuple(mark for mark in self.marks if mark.page_id not in answered)

    @property
    def done(self) -> bool:
        return not self.open_marks and (bool(self.pages or self.marks) or not self.required)


@dataclass(frozen=True, slots=True)
class Field:
    """A question of the item. ``value`` is what will be handed over; ``prefilled`` as long as nobody changed it."""

    field_id: str
    label_zh: str
    label_en: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    choices: tuple[tuple[str, str, str], ...] = ()
    prefill: str = ""
    value: str = ""
    prefilled: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """The chosen item as the visit needs it; a newer catalogue does not change a visit that has begun.

    ``in_person_only``: of an archive's record only the person named in it can apply here (档案).
    """

    item_id: str
    name: str
    catalogue_version: str = ""
    materials: tuple[Material, ...] = ()
    fields: tuple[Field, ...] = ()
    in_person_only: bool = False


@dataclass(frozen=True, slots=True)
class Handover:
    """What happened to the present version after it was given to the outbox."""

    committed_at: str = ""
    progress: Progress = Progress.KEPT_HERE
    case_number: str = ""
    reason: str = ""
    ticket_number: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """One resident's time at the station.

    Attributes:
        applicant: Who the case is for.
        proxy: Who is here instead, when ``acting_for_other`` (代办); identified first.
        consent_at: When the resident agreed that pages travel; "" = not agreed.
        opened_at: When the case was opened for travel; choosing another item takes it back.
        correction: A later version of a case the centre sent back; only marked or added pages travel again.
        stands_alone: Opened again after the station had let go of the case; it knows neither person nor fields.
        masked_name: Name with all but the family name hidden, when no person is known (a reopened correction).
        slips: What the slips of this version said that were given to the printer, in order.
        show_errors: "Next" was tried, so what is missing may be shown.
    """

    case_id: str
    started_at: str
    version: int = 1
    step: Step = Step.IDENTIFY
    applicant: Person | None = field(default=None, repr=False)
    proxy: Person | None = field(default=None, repr=False)
    acting_for_other: bool = False
    item: Item | None = None
    consent_at: str = ""
    opened_at: str = ""
    materials: tuple[Material, ...] = ()
    fields: tuple[Field, ...] = field(default=(), repr=False)
    signature: Page | None = None
    handover: Handover = Handover()
    correction: bool = False
    stands_alone: bool = False
    correction_reason: str = field(default="", repr=False)
    masked_name: str = field(default="", repr=False)
    slips: tuple[Progress, ...] = ()
    rating: int = 0
    show_errors: bool = False

    @property
    def committed(self) -> bool:
        return bool(self.handover.committed_at)

    @property
    def pages(self) -> tuple[Page, ...]:
        """All captured pages in order, without the signature."""
        return tuple(page for material in self.materials for page in material.pages)

    @property
    def person_here(self) -> Person | None:
        return self.proxy if self.acting_for_other else self.applicant

    def material(self, material_id: str) -> Material | None:
        return next((one for one in self.materials if one.material_id == material_id), None)

    def page(self, page_id: str) -> tuple[Material, Page] | None:
        for material in self.materials:
            for page in material.pages:
                if page.page_id == page_id:
                    return material, page
        return None
