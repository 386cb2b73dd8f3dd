"""Pinyin to characters, from the built lexicon (``resources/pinyin``). Pure; remembers nothing that is typed.

Full pinyin, initials, and any mixture are understood (``shebao``, ``sfz``, ``shbao``); ``v`` is ü; an apostrophe
parts syllables.
"""

from __future__ import annotations

import heapq
import re
import sqlite3
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

LEXICON = Path(__file__).parents[2] / "resources" / "pinyin" / "lexicon.sqlite"

LONGEST_INPUT = 60
"""Letters; what comes after is not taken."""
_LONGEST_WORD = 8
_SEGMENTATIONS = 4
_WORDS_EACH = 60
_CHARACTERS = 600
_INITIALS = frozenset(
    [
        "b",
        "p",
        "m",
        "f",
        "d",
        "t",
        "n",
        "l",
        "g",
        "k",
        "h",
        "j",
        "q",
        "x",
        "zh",
        "ch",
        "sh",
        "r",
        "z",
        "c",
        "s",
        "y",
        "w",
        "a",
        "o",
        "e",
    ]
)

# Costs of one segment: a full syllable is worth more than a piece of one.
_FULL, _TRAILING, _INITIAL = 10, 13, 14
_COST_TO_RANK = 60
"""How much frequency (thousandths of a power of ten) one point of segmentation cost outweighs."""
_WORD_COST = 8500
"""What every word of a phrase costs, less its weight: above the commonest word, so that fewer words win."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """``used`` letters of the input (apostrophes counted) become ``word``."""

    word: str
    used: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A syllable, or the beginning of one; ``end`` is where it ends in the input."""

    text: str
    full: bool
    end: int


class Pinyin:
    """Looks words up in the lexicon. One thread."""

    def __init__(self, lexicon: Path = LEXICON) -> None:
        self._database = sqlite3.connect(f"file:{lexicon}?mode=ro&immutable=1", uri=True)
        self._syllables = frozenset(text for (text,) in self._database.execute("SELECT text FROM syllable"))
        self._beginnings = frozenset(text[:end] for text in self._syllables for end in range(1, len(text) + 1))
        self._longest = max(map(len, self._syllables))
        self._words = lru_cache(maxsize=512)(self._look_up)

    def close(self) -> None:
        self._words.cache_clear()
        self._database.close()

    def candidates(self, letters: str) -> list[Candidate]:
        """Words for the whole input first, best first; then words for its beginning, longer ones first.

        Args:
            letters: a to z and apostrophes; anything else gives no candidates.
        """
        letters = letters.lower()[:LONGEST_INPUT]
        ways = self.segmentations(letters)
        if not ways:
            return []
        found: dict[str, Candidate] = {}
        cheapest = ways[0][0]
        whole: list[tuple[int, str, int]] = []
        for cost, segments in ways:
            for rank, word in self._words(_pattern(segments), _limit(len(segments))):
                whole.append((rank + (cost - cheapest) * _COST_TO_RANK, word, segments[-1].end))
        if not whole and len(ways[0][1]) > 1:
            phrase = self._phrase(ways[0][1])
            if phrase:
                found[phrase] = Candidate(phrase, ways[0][1][-1].end)
        for _, word, end in sorted(whole):
            found.setdefault(word, Candidate(word, end))
        for length in range(min(_LONGEST_WORD, len(ways[0][1]) - 1), 0, -1):
            seen: set[tuple[str, ...]] = set()
            for _, segments in ways:
                beginning = segments[:length]
                key = _pattern(beginning)
                if len(segments) > length and key not in seen:
                    seen.add(key)
                    for _, word in self._words(key, _limit(length)):
                        found.setdefault(word, Candidate(word, beginning[-1].end))
        return list(found.values())

    def segmentations(self, letters: str) -> list[tuple[int, tuple[Segment, ...]]]:
        """The cheapest ways to cut the input into syllables and beginnings of syllables, with their costs."""
        ways: dict[int, list[tuple[int, tuple[Segment, ...]]]] = {0: [(0, ())]}
        for start in range(len(letters)):
            here = ways.get(start)
            if not here:
                continue
            if letters[start] == "'":
                ways.setdefault(start + 1, []).extend(here)
                continue
            for end in range(start + 1, min(len(letters), start + self._longest) + 1):
                text = _spelling(letters[start:end])
                if text not in self._beginnings:
                    continue
                cost = self._cost(text, end == len(letters))
                if cost is not None:
                    segment = Segment(text, text in self._syllables, end)
                    ways.setdefault(end, []).extend((before + cost, (*parts, segment)) for before, parts in here)
            for end in tuple(ways):
                if end > start and len(ways[end]) > _SEGMENTATIONS:
                    ways[end] = heapq.nsmallest(_SEGMENTATIONS, ways[end], key=lambda way: way[0])
        return sorted((way for way in ways.get(len(letters), []) if way[1]), key=lambda way: way[0])

    def _cost(self, text: str, last: bool) -> int | None:
        if text in self._syllables:
            return _FULL
        if text in _INITIALS:
            return _INITIAL
        return _TRAILING if last else None

    def _look_up(self, pattern: tuple[str, ...], limit: int) -> list[tuple[int, str]]:
        """(rank, word) of words whose syllables fit; the lower the rank the commoner the word."""
        if len(pattern) > _LONGEST_WORD:
            return []
        fits = re.compile(" ".join(pattern)).fullmatch
        initials = "".join(part[0] for part in pattern)
        found: list[tuple[int, str]] = []
        rows = self._database.execute(
            "SELECT rank, syllables, word FROM word WHERE initials = ? ORDER BY rank", (initials,)
        )
        for rank, syllables, word in rows:
            if fits(syllables):
                found.append((rank, word))
                if len(found) == limit:
                    break
        return found

    def _phrase(self, segments: tuple[Segment, ...]) -> str:
        """The likeliest row of words for all segments; "" when some segment fits no character."""
        best: list[tuple[int, str] | None] = [(0, "")] + [None] * len(segments)
        for end in range(1, len(segments) + 1):
            for start in range(max(0, end - _LONGEST_WORD), end):
                before = best[start]
                words = self._words(_pattern(segments[start:end]), 1) if before is not None else []
                if before is None or not words:
                    continue
                score = before[0] + words[0][0] + _WORD_COST
                now = best[end]
                if now is None or score < now[0]:
                    best[end] = (score, before[1] + words[0][1])
        whole = best[-1]
        return whole[1] if whole else ""


def _spelling(text: str) -> str:
    """ü as the lexicon writes it: v after l and n, u after j, q, x and y."""
    if text[0] in "jqxy":
        return text.replace("v", "u")
    return {"lue": "lve", "nue": "nve"}.get(text, text)


def _pattern(segments: tuple[Segment, ...]) -> tuple[str, ...]:
    return tuple(segment.text if segment.full else segment.text + "[a-z]*" for segment in segments)


def _limit(length: int) -> int:
    return _CHARACTERS if length == 1 else _WORDS_EACH
