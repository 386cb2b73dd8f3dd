"""What the station knows about one service item (事项). Frozen values; ``load`` makes and checks them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, ConfigDict, Field, StrictBool

_CONFIG = ConfigDict(extra="forbid", str_max_length=2000)

FieldKind = Literal["text", "telephone", "id_number", "date", "choice", "number"]
Prefill = Literal["", "name", "id_number", "sex", "birth", "address"]

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Words = Annotated[str, Field(min_length=1)]
Pinyin = Annotated[str, Field(pattern=r"^[^ A-Z]+( [^ A-Z]+)*$")]


def _day(text: str) -> str:
    date.fromisoformat(text)
    return text


Day = Annotated[str, AfterValidator(_day)]


@dataclass(frozen=True, slots=True)
class Material:
    """A paper the item asks for. ``note``: when or how it is needed; ``two_sided``: both sides of a card."""

    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG

    material_id: Id
    name: Words
    required: StrictBool = True
    two_sided: StrictBool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field to fill. ``prefill``: which of the person's values it starts with; ``choices``: (value, zh, en)."""

    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG

    field_id: Id
    label_zh: Words
    label_en: Words
    kind: FieldKind = "text"
    required: StrictBool = False
    prefill: Prefill = ""
    choices: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Alias:
    """An everyday word for an item, with its pinyin, one syllable for each character."""

    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG

    text: Words
    pinyin: Pinyin


@dataclass(frozen=True, slots=True)
class Item:
    """One item.

    Attributes:
        materials: The whole checklist when ``materials_known``; else empty, and pages are added freely.
        all_city: 全市通办 according to a source; False also means "not known" and is never shown as "no".
        time_limit, proxy, item_code: "" = not known.
        verification, sources: How far and by what the entry is known; for editors, not for the screen.
        checked_on: Date of the source of the checklist, shown with 以中心告知为准.
        archive_rule: Only the person named in the record can apply here.
        pinyin: One syllable for each character of the name without its punctuation (``search.searchable``).
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG

    item_id: Id
    name: Words
    pinyin: Pinyin
    department: str = ""
    category: str = ""
    materials: tuple[Material, ...] = ()
    materials_known: StrictBool = False
    fields: tuple[FieldSpec, ...] = ()
    all_city: StrictBool = False
    time_limit: str = ""
    proxy: str = ""
    item_code: str = ""
    verification: str = ""
    sources: tuple[str, ...] = ()
    checked_on: str = ""
    archive_rule: StrictBool = False
    aliases: tuple[Alias, ...] = ()

    @property
    def initials(self) -> str:
        """First letters of the pinyin: 就医记录册 → jyjlc."""
        return "".join(syllable[0] for syllable in self.pinyin.split())


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """The file as a whole. ``schema``: of the format; ``version`` and ``date``: of the content."""

    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG

    schema: Literal[1]
    version: Words
    date: Day
    items: tuple[Item, ...]
