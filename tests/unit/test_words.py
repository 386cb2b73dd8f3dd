"""The table of words: whole, in both languages, and asked for by every code the program names."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from kiosk.words import table, words

ROOT = Path(__file__).parent.parent.parent
AREAS = {code.split(".")[0] for code in table()}
SOURCES = sorted([*(ROOT / "kiosk").rglob("*.py"), *(ROOT / "drivers").rglob("*.py")])
NOT_CODES = re.compile(
    r"\.(json|jsonl|toml|py|png|sqlite3|jpg|sqlite|txt|qml|svg|pdf|db|key|log|lock|dat|html|mjpg|jpeg)$"
)


@pytest.mark.parametrize("code", sorted(table()))
def test_a_code_says_something_in_both_languages_with_the_same_values(code: str) -> None:
    entry = table()[code]
    assert set(entry) == {"zh", "en"}
    blanks = {}
    for language, texts in entry.items():
        assert set(texts) <= {"say", "do"}
        assert texts["say"].strip()
        blanks[language] = {name for text in texts.values() for _, name, _, _ in string.Formatter().parse(text) if name}
    assert blanks["zh"] == blanks["en"]
    assert re.search(r"[\u4e00-\u9fff]", entry["zh"]["say"])
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"「[^」]*」|“[^”]*”|\([^)]*\)", "", entry["en"]["say"]))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_code_named_in_the_program_has_words(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    named = set(re.findall(r'"([a-z_]+\.[a-z0-9_]+)"', text))
    codes = {code for code in named if code.split(".")[0] in AREAS and not NOT_CODES.search(code)}
    assert codes <= set(table()), f"without words: {sorted(codes - set(table()))}"


def test_values_are_filled_in_and_a_missing_one_is_not_an_error() -> None:
    assert "1920×1080" in words("selftest.frames", "zh", {"width": 1920, "height": 1080, "rate": 15}).say
    assert "…" in words("selftest.frames", "zh").say


def test_an_unknown_code_is_shown_so_that_it_can_be_reported(caplog: pytest.LogCaptureFixture) -> None:
    assert "no.such" in words("no.such").say
    assert "no.such" in caplog.text
