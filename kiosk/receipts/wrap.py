"""Breaking lines of Chinese and Latin text by measured width."""

from __future__ import annotations

import re
from collections.abc import Callable

NOT_FIRST = "，。、；：？！）】》〉」』”’％…·,.;:?!)]}%"
"""Never at the beginning of a line."""

NOT_LAST = "（【《〈「『“‘([{"
"""Never at the end of a line."""

SHORTEST_LAST_LINE = 4
"""Characters, punctuation included."""

_TOKENS = re.compile(r"[A-Za-z0-9@#&+*/_.,:;\-]+|\s+|.", re.DOTALL)


def wrap(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Lines not wider than ``width``; Latin words and numbers stay whole unless one alone is too wide.

    Args:
        text: May hold line feeds; each begins a line.
        width: In the unit of ``measure``.
        measure: Width of a string.
    """
    return [line for paragraph in text.split("\n") for line in _wrap_one(paragraph, width, measure)]


def wrap_evenly(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """As many lines as ``wrap`` needs, but about equally long; for centred text."""
    return _narrowed(text, width, measure, lambda lines: True)


def wrap_without_orphan(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """As many lines as ``wrap`` needs, without one or two characters alone on the last; for running text."""
    return _narrowed(text, width, measure, lambda lines: len(lines) > 1 and len(lines[-1]) < SHORTEST_LAST_LINE)


def _narrowed(
    text: str, width: float, measure: Callable[[str], float], wanted: Callable[[list[str]], bool]
) -> list[str]:
    """Wrap to less and less width, as long as it is wanted and takes no more lines."""
    best = wrap(text, width, measure)
    for share in range(95, 45, -5):
        if len(best) < 2 or not wanted(best):
            break
        narrower = wrap(text, width * share / 100, measure)
        if len(narrower) > len(best):
            break
        best = narrower
    return best


def _wrap_one(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    lines: list[str] = []
    line: list[str] = []
    for token in _small_enough(_TOKENS.findall(text), width, measure):
        if not line and token.isspace():
            continue
        if not line or measure("".join(line) + token.rstrip()) <= width:
            line.append(token)
            continue
        carried = _carried_over(line, token)
        lines.append("".join(line).rstrip())
        line = carried if token.isspace() else [*carried, token]
    if line:
        lines.append("".join(line).rstrip())
    return lines or [""]


def _carried_over(line: list[str], following: str) -> list[str]:
    """Take from the end of ``line`` what must stand beside what follows."""
    carried: list[str] = []
    while len(line) > 1 and (line[-1] in NOT_LAST or (carried or [following])[0][0] in NOT_FIRST):
        carried.insert(0, line.pop())
    return carried


def _small_enough(tokens: list[str], width: float, measure: Callable[[str], float]) -> list[str]:
    small: list[str] = []
    for token in tokens:
        if len(token) > 1 and measure(token) > width:
            small.extend(token)
        else:
            small.append(token)
    return small
