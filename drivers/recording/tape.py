"""The file of a recording: a header and one JSON object a line, in the order in which things happened.

``{"at": 1.25, "what": "received", "data": "aaaaaa96690004000090"}``. ``at`` is seconds since the recording began,
``data`` hexadecimal. What there is besides bytes: see ``What``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

FORMAT = 1
LARGEST_FILE = 20_000_000


class What(StrEnum):
    OPENED = "opened"
    CLOSED = "closed"
    SENT = "sent"  # by the driver
    RECEIVED = "received"
    PICTURE = "picture"  # of a camera: its size, never its content
    CARD_IN = "card_in"  # at a PC/SC reader
    CARD_OUT = "card_out"
    JOB = "job"  # a printer's: kinds and sizes of its elements
    EVENT = "event"  # what the driver said: kind, state and code only


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. ``detail`` is empty for bytes."""

    at: float
    what: What
    data: bytes = b""
    detail: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Tape:
    """A whole recording.

    Attributes:
        kind: A value of ``DeviceKind``.
        settings: What the driver was made with, as far as a replay needs it (``profile``, ``width_dots`` …).
    """

    kind: str
    entries: Sequence[Entry]
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    program: str = ""


class TapeError(ValueError):
    """The file is no recording, or not one of this form."""


def header(kind: str, settings: Mapping[str, Any], program: str) -> str:
    return json.dumps({"format": FORMAT, "kind": kind, "program": program, "settings": dict(settings)})


def line(entry: Entry) -> str:
    row: dict[str, Any] = {"at": round(entry.at, 4), "what": str(entry.what)}
    if entry.data:
        row["data"] = entry.data.hex()
    if entry.detail:
        row["detail"] = dict(entry.detail)
    return json.dumps(row, ensure_ascii=False)


def load(path: Path) -> Tape:
    """Read a recording.

    Raises:
        OSError: it cannot be read.
        TapeError: it is none, or of another form, or larger than any recording is.
    """
    if os.path.getsize(path) > 2 * LARGEST_FILE:
        raise TapeError("too large")
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    try:
        head = json.loads(lines[0])
        if head["format"] != FORMAT:
            raise TapeError(f"form {head['format']}")
        kind = str(head["kind"])
        settings, program = dict(head["settings"]), str(head["program"])
        entries = tuple(_entries(lines[1:]))
    except (IndexError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise TapeError(f"{path.name}: {type(error).__name__}") from None
    return Tape(kind, entries, MappingProxyType(settings), program)


def _entries(lines: Sequence[str]) -> Iterator[Entry]:
    for number, text in enumerate(lines):
        try:
            row = json.loads(text)
            entry = Entry(
                float(row["at"]), What(row["what"]), bytes.fromhex(row.get("data", "")), dict(row.get("detail", {}))
            )
        except (KeyError, TypeError, ValueError):
            if number == len(lines) - 1:  # cut off while it was written
                return
            raise
        yield entry
