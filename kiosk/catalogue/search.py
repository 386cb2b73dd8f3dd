"""Finding an item by what people type or say: name, pinyin, initials, any mix of them, department, everyday word."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from kiosk.catalogue.model import Item

LONGEST_QUERY = 60


def searchable(text: str) -> str:
    """Letters and digits only, half-width and small: full-width forms, brackets, quotes and spaces do not count."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


@dataclass(frozen=True, slots=True)
class _Term:
    """A name or word with one reading for each character."""

    text: str
    readings: tuple[str, ...]

    def find(self, query: str) -> int:
        """Where the query begins in it, -1 = nowhere.

        Each character may be given as itself or by any beginning of its reading: 就医, jiuyi, jy, jiuy, 就y.
        """
        if (at := self.text.find(query)) >= 0:
            return at
        if query[0].isascii():
            starts = [at for at, reading in enumerate(self.readings) if reading[0] == query[0]]
        else:
            starts = [at for at, char in enumerate(self.text) if char == query[0]]
        return next((at for at in starts if self._matches(query, at)), -1)

    def _matches(self, query: str, start: int) -> bool:
        reached = {0}  # how much of the query the characters so far can stand for
        for at in range(start, len(self.text)):
            further = set()
            for done in reached:
                if query[done] == self.text[at]:
                    further.add(done + 1)
                for length, letter in enumerate(self.readings[at], start=1):
                    if done + length > len(query) or query[done + length - 1] != letter:
                        break
                    further.add(done + length)
            if len(query) in further:
                return True
            if not further:
                return False
            reached = further
        return False

    def holds_in_order(self, query: str) -> bool:
        """Whether all characters of the query stand in it in this order, with others between: 医保查询."""
        rest = iter(self.text)
        return all(char in rest for char in query)


@dataclass(frozen=True, slots=True)
class _Entry:
    item: Item
    name: _Term
    aliases: tuple[_Term, ...]
    department: str

    def rank(self, query: str) -> tuple[int, int] | None:
        """Smaller is better: kind of match, then where it begins; None = no match."""
        if query == self.name.text:
            return 0, 0
        alias_places = [alias.find(query) for alias in self.aliases]
        if any(query == alias.text for alias in self.aliases):
            return 1, 0
        place = self.name.find(query)
        if place == 0:
            return 2, 0
        if 0 in alias_places:
            return 3, 0
        if place > 0:
            return 4, place
        if any(at > 0 for at in alias_places):
            return 5, 0
        if any(len(alias.text) > 1 and alias.text in query for alias in self.aliases):
            return 6, 0
        if self.department and query in self.department:
            return 7, 0
        if len(query) > 1 and self.name.holds_in_order(query):
            return 8, 0
        return None


class Search:
    """An index over items; immutable, any thread."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._entries = tuple(
            _Entry(
                item,
                _term(item.name, item.pinyin),
                tuple(_term(alias.text, alias.pinyin) for alias in item.aliases),
                searchable(item.department),
            )
            for item in items
        )

    def find(self, text: str, offered: Collection[str] | None = None, limit: int | None = 50) -> list[Item]:
        """Items for what was typed, best first; all in the catalogue's order for an empty text.

        Args:
            text: Anything; only the first ``LONGEST_QUERY`` letters count.
            offered: Item ids this station offers; None = all.
            limit: Greatest number of results; None, or an empty text, = all.
        """
        allowed = [entry for entry in self._entries if offered is None or entry.item.item_id in offered]
        query = searchable(text[: 4 * LONGEST_QUERY])[:LONGEST_QUERY]
        if not query:
            return [entry.item for entry in allowed]
        found = [
            (*rank, len(entry.name.text), number, entry.item)
            for number, entry in enumerate(allowed)
            if (rank := entry.rank(query)) is not None
        ]
        found.sort(key=lambda hit: hit[:4])
        return [hit[4] for hit in found[:limit]]


@cache
def _term(text: str, pinyin: str) -> _Term:
    return _Term(searchable(text), tuple(pinyin.split()))
