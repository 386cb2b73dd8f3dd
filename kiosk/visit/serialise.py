"""A visit as bytes and back, for the encrypted draft. An unknown format is refused by its number, not guessed."""

from __future__ import annotations

import json

from pydantic import TypeAdapter, ValidationError

from kiosk.visit.model import Visit

FORMAT = 1

_visits: TypeAdapter[Visit] = TypeAdapter(Visit)


class DraftUnreadable(ValueError):
    """The draft is kept but cannot be opened. ``code`` is a key of the words; nothing of the content is told."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def to_bytes(visit: Visit) -> bytes:
    """JSON in UTF-8. Holds personal data: for the outbox's encryption only."""
    return json.dumps({"format": FORMAT, "visit": _visits.dump_python(visit, mode="json")}, ensure_ascii=False).encode()


def from_bytes(data: bytes) -> Visit:
    """The visit as it was.

    Raises:
        DraftUnreadable: ``visit.draft_newer`` for a format of a newer program, ``visit.draft_unreadable`` otherwise.
    """
    try:
        content = json.loads(data)
        written_as = content["format"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise DraftUnreadable("visit.draft_unreadable") from None
    if not isinstance(written_as, int) or written_as > FORMAT:
        raise DraftUnreadable("visit.draft_newer")
    try:
        return _visits.validate_python(content["visit"])
    except (ValidationError, KeyError):
        raise DraftUnreadable("visit.draft_unreadable") from None
