"""A loaded catalogue of items."""

from __future__ import annotations

from collections.abc import Collection

from kiosk.catalogue.model import CatalogueFile, Item
from kiosk.catalogue.search import Search


class Catalogue:
    """Immutable; any thread.

    Attributes:
        version: Of the content.
        date: Of the content, ``yyyy-mm-dd``.
        items: In the order of the file.
    """

    def __init__(self, content: CatalogueFile) -> None:
        self.version = content.version
        self.date = content.date
        self.items = content.items
        self._by_id = {item.item_id: item for item in content.items}
        self._search = Search(content.items)

    def item(self, item_id: str) -> Item | None:
        return self._by_id.get(item_id)

    def search(self, text: str, offered: Collection[str] | None = None, limit: int | None = 50) -> list[Item]:
        """See ``kiosk.catalogue.search.Search.find``."""
        return self._search.find(text, offered, limit)
