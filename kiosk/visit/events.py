"""What can happen in a visit. The machine takes any of them at any time; one that does not fit changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.identity.person import Person
from kiosk.visit.model import AskedPage, Item, Page, Progress


@dataclass(frozen=True, slots=True)
class Identified:
    person: Person = field(repr=False)


@dataclass(frozen=True, slots=True)
class ItemChosen:
    item: Item


@dataclass(frozen=True, slots=True)
class ActingForOther:
    acting: bool


@dataclass(frozen=True, slots=True)
class Consent:
    """``at`` is when the resident agreed, RFC 3339; "" takes it back."""

    at: str


@dataclass(frozen=True, slots=True)
class MaterialAdded:
    material_id: str
    name: str


@dataclass(frozen=True, slots=True)
class MaterialRemoved:
    """Only a material that the assistant added; its pages go with it."""

    material_id: str


@dataclass(frozen=True, slots=True)
class PageTaken:
    material_id: str
    page: Page


@dataclass(frozen=True, slots=True)
class PageChanged:
    """The page ``page_id`` was made anew (turned); ``page`` stands in its place."""

    page_id: str
    page: Page


@dataclass(frozen=True, slots=True)
class PageDeleted:
    page_id: str


@dataclass(frozen=True, slots=True)
class FieldSet:
    field_id: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signed:
    page: Page


@dataclass(frozen=True, slots=True)
class SignatureCleared:
    pass


@dataclass(frozen=True, slots=True)
class Next:
    at: str


@dataclass(frozen=True, slots=True)
class Back:
    pass


@dataclass(frozen=True, slots=True)
class Committed:
    """The outbox holds the finished case durably."""

    at: str


@dataclass(frozen=True, slots=True)
class ProgressKnown:
    """The centre said where version ``version`` is."""

    version: int
    progress: Progress
    case_number: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TicketDrawn:
    number: str


@dataclass(frozen=True, slots=True)
class CorrectionBegun:
    """The clerk wants a new version while the resident is here."""

    asked: tuple[AskedPage, ...]
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class SlipSent:
    """A slip goes to the printer now; noted before the first byte is sent."""


@dataclass(frozen=True, slots=True)
class SlipNotSent:
    """Certainly nothing of the last slip reached the printer."""


@dataclass(frozen=True, slots=True)
class Rated:
    level: int


VisitEvent = (
    Identified
    | ItemChosen
    | ActingForOther
    | Consent
    | MaterialAdded
    | MaterialRemoved
    | PageTaken
    | PageChanged
    | PageDeleted
    | FieldSet
    | Signed
    | SignatureCleared
    | Next
    | Back
    | Committed
    | ProgressKnown
    | TicketDrawn
    | CorrectionBegun
    | SlipSent
    | SlipNotSent
    | Rated
)
