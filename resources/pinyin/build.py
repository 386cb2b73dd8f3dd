"""Builds lexicon.sqlite: ``python -m resources.pinyin.build`` (needs jieba and pypinyin, of the ``test`` extra).

Words and counts come from jieba's dictionary (MIT), readings from pypinyin (MIT), and ``local_words.txt`` puts the
names and services of Shanghai first. The kiosk reads only the result.
"""

from __future__ import annotations

import itertools
import math
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import jieba
from pypinyin import Style, lazy_pinyin, pinyin
from pypinyin.constants import PINYIN_DICT

HERE = Path(__file__).parent
LEXICON = HERE / "lexicon.sqlite"
LARGEST = 6_000_000
"""Bytes; asserted, so that the repository does not grow unseen."""

LONGEST_WORD = 8
LEAST_COUNT = {2: 3, 3: 4, 4: 5}
LEAST_COUNT_LONGER = 12
LOCAL_WEIGHT = 5400
"""Above the commonest words of the dictionary (``weight``), so that local words come first."""
SECOND_READING = -1500

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_SYLLABLE = re.compile(r"[a-z]+")
Row = tuple[str, int, str, str]


def weight(count: int) -> int:
    """Thousand times the logarithm of a count: words compare by their frequency, and sums multiply."""
    return round(1000 * math.log10(count + 1))


def row(word: str, syllables: list[str], of_weight: int) -> Row | None:
    """One row, or None for a reading that cannot be typed."""
    if len(syllables) != len(word) or not all(_SYLLABLE.fullmatch(syllable) for syllable in syllables):
        return None
    return "".join(syllable[0] for syllable in syllables), -of_weight, " ".join(syllables), word


def reading(word: str) -> list[str]:
    return lazy_pinyin(word, style=Style.NORMAL, v_to_u=False, errors="ignore")


def local_rows() -> Iterator[Row | None]:
    """Earlier words come first among equals."""
    text = (HERE / "local_words.txt").read_text(encoding="utf-8")
    entries = [entry for line in text.splitlines() if not line.startswith("#") for entry in line.split()]
    # A reading that is given replaces the dictionary's.
    given = {word: said for word, _, said in (entry.partition("=") for entry in entries) if said}
    for number, (word, _, said) in enumerate(entry.partition("=") for entry in entries):
        if said or word not in given:
            # One character is common in words too; it must not push every word of its first letter away.
            height = LOCAL_WEIGHT - number // 4 if len(word) > 1 else 4600 - number // 8
            yield row(word, said.split("'") if said else reading(word), height)


def dictionary_rows() -> Iterator[Row | None]:
    with jieba.get_dict_file() as file:
        for line in file:
            word, count = line.decode("utf-8").split()[:2]
            known = int(count) >= LEAST_COUNT.get(len(word), LEAST_COUNT_LONGER)
            if known and 1 < len(word) <= LONGEST_WORD and _HAN.fullmatch(word):
                yield row(word, reading(word), weight(int(count)))


def character_rows() -> Iterator[Row | None]:
    """Every character of the basic block under each of its readings: names hold rare ones."""
    counts: dict[str, int] = {}
    with jieba.get_dict_file() as file:
        for line in file:
            word, count = line.decode("utf-8").split()[:2]
            for character in word:
                counts[character] = counts.get(character, 0) + int(count)
    for code in PINYIN_DICT:
        character = chr(code)
        if not _HAN.fullmatch(character):
            continue
        first = weight(counts.get(character, 0) // 4)
        seen: set[str] = set()
        for said in pinyin(character, style=Style.NORMAL, heteronym=True, v_to_u=False)[0]:
            if said not in seen:
                yield row(character, [said], first if not seen else max(0, first + SECOND_READING))
            seen.add(said)


def rows() -> list[Row]:
    """All rows; a word and reading that stands in several lists keeps its highest weight."""
    best: dict[tuple[str, str], Row] = {}
    for found in itertools.chain(local_rows(), dictionary_rows(), character_rows()):
        if found is not None:
            key = (found[3], found[2])
            if key not in best or found[1] < best[key][1]:
                best[key] = found
    return sorted(best.values())


def main() -> None:
    LEXICON.unlink(missing_ok=True)
    with sqlite3.connect(LEXICON) as database:
        database.execute(
            "CREATE TABLE word (initials TEXT, rank INTEGER, syllables TEXT, word TEXT,"
            " PRIMARY KEY (initials, rank, syllables, word)) WITHOUT ROWID"
        )
        found = rows()
        database.executemany("INSERT INTO word VALUES (?, ?, ?, ?)", found)
        database.execute("CREATE TABLE syllable (text TEXT PRIMARY KEY) WITHOUT ROWID")
        syllables = {syllable for entry in found for syllable in entry[2].split()}
        database.executemany("INSERT INTO syllable VALUES (?)", sorted((syllable,) for syllable in syllables))
    database.execute("VACUUM")
    database.close()
    size = LEXICON.stat().st_size
    assert size <= LARGEST, f"{size} bytes"
    print(f"{LEXICON.name}: {len(found)} rows, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
