"""The part of the log that may leave the station: an allow-list, word by word.

The log is masked by shape when it is written (``kiosk.log``), but a name or an address has no shape. So nothing leaves
that is not known to be harmless: a word that stands in one of the program's own log messages, a code, a short number,
a case's random id, a device's place, the name of an exception. Every other word becomes ``[withheld]``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import drivers
import kiosk
from kiosk.words import table

WITHHELD = "[withheld]"

HEAD = re.compile(
    r"^(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) (?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL) "
    r"(?P<logger>[\w.]+) \[(?P<thread>[^\]]*)\] (?P<message>.*)$"
)
"""A line as ``kiosk.log.FORMAT`` writes it."""

PLACE = re.compile(
    r'^\s*File ".*?(?P<path>(?:kiosk|drivers|resources)/[\w/]+\.py)", line (?P<line>\d+), in (?P<name>\S+)$'
)
"""A line of a trace in our own code; the path before the package names the machine, not the program."""

EXCEPTION = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Lost|Timeout|Warning)$")

SAFE = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"\d{1,6}(?:\.\d{1,6})?%?",  # no ID number, no telephone, no card number is so short
        r"-?\d{1,3}(?:\.\d{1,3}){0,3}",
        r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",  # ids of cases and pages: drawn at random
        r"[a-z][a-z_]{1,30}(?:\.[a-z][a-z_0-9]{1,40}){1,3}",  # codes of kiosk.words
        r"[A-Z][A-Za-z]{2,40}(?:Error|Exception|Lost|Gone|Dead|Unavailable|Timeout|Expired)",
        r"(?:/dev/|COM)[\w./:-]{1,120}",  # where a device is
        r"[0-9a-fA-F]{4}:[0-9a-fA-F]{4}",  # USB vendor and product
    )
)
WORD = re.compile(r"[^\s\"'(){}<>,;=\[\]]+")
EDGES = ".:…"

LOGGERS = ("kiosk", "drivers", "root", "py")
THREAD = re.compile(r"^[A-Za-z][\w .()-]{0,60}$", re.ASCII)


@cache
def vocabulary() -> frozenset[str]:
    """Every word that may leave: of the messages that the program itself can log, read from its own source; its states
    and screens; the names, not the values, of what sentences are filled with.
    """
    words: set[str] = set()
    for package in (kiosk, drivers):
        for folder in package.__path__:
            for path in sorted(Path(folder).rglob("*.py")):
                words.update(_logged_words(path.read_text(encoding="utf-8")))
    from drivers.driver import DeviceKind, DeviceState
    from kiosk.conductor.snapshot import Screen

    for names in (DeviceKind, DeviceState, Screen):
        words.update(str(name) for name in names)
    sentences = (sentence for entry in table().values() for texts in entry.values() for sentence in texts.values())
    words.update(name for sentence in sentences for _, name, _, _ in Formatter().parse(sentence) if name)
    return frozenset(words)


def _logged_words(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        owner, first = node.func.value, node.args[0]
        if not (isinstance(owner, ast.Name) and owner.id in ("log", "root")):
            continue
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield from (word.strip(EDGES) for word in WORD.findall(first.value))


def fit_to_leave(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a log, oldest first, with every word that is not known to be harmless withheld.

    Lines of other programs' loggers, source text in traces and anything of another form are left out whole.
    """
    known = vocabulary()
    for line in lines:
        text = line.rstrip("\n")
        head = HEAD.match(text)
        if head is not None:
            if head["logger"].split(".")[0] not in LOGGERS:
                continue
            thread = head["thread"] if THREAD.match(head["thread"]) else WITHHELD
            message = WORD.sub(lambda word: _word(word.group(), known), head["message"])
            yield f"{head['time']} {head['level']} {head['logger']} [{thread}] {message}"
        elif (place := PLACE.match(text)) is not None:
            yield f"  {place['path']}, line {place['line']}, in {place['name']}"
        elif EXCEPTION.match(text):
            yield f"  {text}"


def _word(word: str, known: frozenset[str]) -> str:
    bare = word.strip(EDGES)
    if not bare or bare in known or any(pattern.fullmatch(bare) for pattern in SAFE):
        return word
    return WITHHELD
