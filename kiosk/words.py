"""From a code to a sentence and a next step, in Chinese and English.

Everything below the front end speaks in codes with data (``printer.paper_end``, ``capture.blur`` …); this is the one
place where they become words. The tables are the JSON files of ``resources/i18n/words``, one per area:
``{"code": {"zh": {"say": "…", "do": "…"}, "en": {…}}}``. ``{name}`` in a sentence is filled from the data.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

log = logging.getLogger(__name__)

Language = Literal["zh", "en"]
FOLDER = Path(__file__).parent.parent / "resources" / "i18n" / "words"


@dataclass(frozen=True, slots=True)
class Sentence:
    """What happened (``say``) and what to do next (``do``, may be empty)."""

    say: str
    do: str = ""

    def __str__(self) -> str:
        return f"{self.say} {self.do}".rstrip()


@cache
def table() -> dict[str, dict[str, dict[str, str]]]:
    """All codes of all areas.

    Raises:
        ValueError: a code stands in two files.
    """
    codes: dict[str, dict[str, dict[str, str]]] = {}
    for path in sorted(FOLDER.glob("*.json")):
        area = json.loads(path.read_text(encoding="utf-8"))
        if twice := codes.keys() & area.keys():
            raise ValueError(f"{path.name}: {sorted(twice)} stand in another file too")
        codes.update(area)
    return codes


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


def words(code: str, language: Language = "zh", detail: Mapping[str, object] | None = None) -> Sentence:
    """The sentence for a code. An unknown code is logged and shown as itself, so that it can be reported."""
    entry = table().get(code)
    if entry is None:
        log.error("no words for code %s", code)
        say = f"发生问题（{code}）。" if language == "zh" else f"Something went wrong ({code})."
        return Sentence(say, "请联系技术员。" if language == "zh" else "Please call the technician.")
    texts = entry[language]
    values = _Blank(detail or {})
    return Sentence(texts["say"].format_map(values), texts.get("do", "").format_map(values))


def name_of_check(check: str, language: Language = "zh") -> str:
    """What a step of the self-test is called: a piece by its name, a check of the station by its own."""
    for code in (f"front.device.{check}", f"front.check.{check}"):
        if code in table():
            return words(code, language).say
    return check
