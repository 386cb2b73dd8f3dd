"""Reading a catalogue file; anything that is not as it should be is refused with file, line and reason."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from json.decoder import JSONObject  # type: ignore[attr-defined]  # in the library since 2.6, not in its stubs
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from kiosk.catalogue.catalogue import Catalogue
from kiosk.catalogue.model import CatalogueFile, Item
from kiosk.catalogue.search import searchable
from kiosk.disk import sync_folder

log = logging.getLogger(__name__)

SHIPPED = Path(__file__).parent.parent.parent / "resources" / "catalogue" / "catalogue.json"
LARGEST = 20_000_000
"""Bytes; a file of this size would be thousands of times the shipped one."""

_file: TypeAdapter[CatalogueFile] = TypeAdapter(CatalogueFile)


class CatalogueError(ValueError):
    """The file is not usable. ``problems``: one text each, with file, line and reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class LoadedCatalogue:
    """A catalogue that can be used, and what happened on the way.

    Attributes:
        code: "" = as configured; ``catalogue.last_good`` or ``catalogue.shipped`` = another one is used instead.
        problems: Why, one text each.
    """

    catalogue: Catalogue
    code: str = ""
    problems: tuple[str, ...] = ()


def load_catalogue(path: Path = SHIPPED) -> Catalogue:
    """Read and check a catalogue.

    Raises:
        CatalogueError: see there.
    """
    return Catalogue(_read(path))


def check_catalogue(path: Path) -> list[str]:
    """What is wrong with a catalogue file, one text each with file and line; empty = it can be used."""
    try:
        _read(path)
    except CatalogueError as error:
        return list(error.problems)
    return []


def load_with_fallback(path: Path | None, last_good: Path) -> LoadedCatalogue:
    """Load a district's own catalogue; when it is bad go on with the last good one, else with the shipped one.

    Args:
        path: The configured file; None = the shipped catalogue.
        last_good: Where a copy of every good configured file is kept.

    Raises:
        CatalogueError: even the shipped one is bad.
    """
    if path is None:
        return LoadedCatalogue(load_catalogue())
    try:
        catalogue = load_catalogue(path)
    except CatalogueError as error:
        log.error("the catalogue is refused:\n%s", error)
        problems = error.problems
    else:
        _keep(path, last_good)
        return LoadedCatalogue(catalogue)
    try:
        return LoadedCatalogue(load_catalogue(last_good), "catalogue.last_good", problems)
    except CatalogueError:
        return LoadedCatalogue(load_catalogue(), "catalogue.shipped", problems)


def _keep(path: Path, last_good: Path) -> None:
    """Copy by way of a second file, so that a power cut leaves the old copy or the new one."""
    new = last_good.with_name(last_good.name + ".new")
    try:
        with new.open("wb") as file:
            file.write(path.read_bytes())
            file.flush()
            os.fsync(file.fileno())
        new.replace(last_good)
        sync_folder(last_good.parent)
    except OSError as error:
        log.error("no copy of the catalogue was kept: %s", error.strerror)


class _Object(dict[str, Any]):
    """A JSON object that knows where it stands in the text."""

    start = 0
    twice: tuple[str, ...] = ()


class _Located:
    """A JSON text and the lines of its parts."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._text = text
        decoder: Any = json.JSONDecoder()
        decoder.parse_object = self._parse_object
        decoder.scan_once = py_make_scanner(decoder)
        try:
            self.content = decoder.decode(text)
        except json.JSONDecodeError as error:
            raise CatalogueError([f"{name}:{error.lineno}: not JSON: {error.msg}"]) from None
        except RecursionError:
            raise CatalogueError([f"{name}:1: not a catalogue: nested too deeply"]) from None

    def _parse_object(self, place: tuple[str, int], *rest: Any) -> tuple[_Object, int]:
        # (strict, scan_once, object_hook, object_pairs_hook, memo) follow; the pairs are wanted to see keys twice.
        strict, scan_once, _, _, memo = rest
        pairs, end = JSONObject(place, strict, scan_once, None, list, memo)
        found = _Object(pairs)
        found.start = place[1]
        keys = [key for key, _ in pairs] if isinstance(pairs, list) else []
        found.twice = tuple({key for key in keys if keys.count(key) > 1})
        return found, end

    def problem(self, where: tuple[str | int, ...], reason: str) -> str:
        return f"{self._name}:{self._line(where)}: {'.'.join(str(part) for part in where) or 'file'}: {reason}"

    def keys_twice(self) -> Iterator[str]:
        waiting: list[tuple[tuple[str | int, ...], Any]] = [((), self.content)]
        while waiting:
            where, part = waiting.pop()
            if isinstance(part, _Object):
                yield from (self.problem((*where, key), "stands twice") for key in part.twice)
                waiting += [((*where, key), value) for key, value in part.items()]
            elif isinstance(part, list):
                waiting += [((*where, number), value) for number, value in enumerate(part)]

    def _line(self, where: tuple[str | int, ...]) -> int:
        part, at = self.content, 0
        for step in where:
            if isinstance(part, _Object):
                at = part.start
                key = self._text.find(json.dumps(step, ensure_ascii=False), at)
                at = key if step in part and key >= 0 else at
            try:
                part = part[step]
            except (KeyError, IndexError, TypeError):
                break
        if isinstance(part, _Object):
            at = part.start
        return self._text.count("\n", 0, at) + 1


def _read(path: Path) -> CatalogueFile:
    try:
        if path.stat().st_size > LARGEST:
            raise CatalogueError([f"{path}: larger than {LARGEST} bytes"])
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CatalogueError([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise CatalogueError([f"{path}: byte {error.start}: not UTF-8"]) from None
    located = _Located(str(path), text)
    problems = list(located.keys_twice())
    try:
        content = _file.validate_python(located.content)
    except ValidationError as error:
        problems += [located.problem(item["loc"], item["msg"]) for item in error.errors()]
        raise CatalogueError(problems) from None
    problems += _contradictions(located, content)
    if problems:
        raise CatalogueError(problems)
    return content


def _contradictions(located: _Located, content: CatalogueFile) -> Iterator[str]:
    names: dict[str, int] = {}
    ids: dict[str, int] = {}
    for number, item in enumerate(content.items):
        here = ("items", number)
        if (first := names.setdefault(item.name, number)) != number:
            yield located.problem((*here, "name"), f"{item.name} is the name of item number {first + 1} already")
        if (first := ids.setdefault(item.item_id, number)) != number:
            yield located.problem((*here, "item_id"), f"{item.item_id} is the id of item number {first + 1} already")
        for what, reason in _item_contradictions(item):
            yield located.problem((*here, what), reason)


def _item_contradictions(item: Item) -> Iterator[tuple[str, str]]:
    if item.materials_known and not item.materials:
        yield "materials_known", "true, but no material is given"
    if item.materials and not item.materials_known:
        yield "materials", "given, but materials_known is not true"
    if item.materials_known and not item.checked_on:
        yield "materials_known", "true, but checked_on does not say of when the list is"
    for words, pinyin, what in [
        (item.name, item.pinyin, "pinyin"),
        *((alias.text, alias.pinyin, "aliases") for alias in item.aliases),
    ]:
        if len(searchable(words)) != len(pinyin.split()):
            yield what, f"one syllable is needed for each character of {words}"
    for what, ids in (
        ("materials", [material.material_id for material in item.materials]),
        ("fields", [field.field_id for field in item.fields]),
    ):
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            yield what, f"{', '.join(twice)} stands twice"
    for field in item.fields:
        if (field.kind == "choice") != bool(field.choices):
            yield "fields", f"{field.field_id}: choices belong to the kind choice, and are needed there"
