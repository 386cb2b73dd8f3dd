"""What the document camera's measurements mean, in a few words beside the number. Pure."""

from __future__ import annotations

from kiosk.conductor.snapshot import CheckView
from kiosk.selftest.limits import LIMITS
from kiosk.words import Language, words

GOOD_DOTS_PER_INCH = 150.0
"""Small print of forms is read by machines from here on; ``LIMITS`` has what people need to read it."""
GOOD_FINEST_LINE = 0.3
"""The thinnest strokes of printed Chinese of 10 point, in millimetres."""
GOOD_EVENNESS = 0.8


def measured_in_words(check: CheckView, language: Language) -> str:
    """Resolution, focus and light as the slip's marks showed them, else the picture's size and rate.

    "" when nothing was measured that the check's own sentence does not say.
    """
    numbers = dict(check.measured)
    parts: list[tuple[str, dict[str, object]]] = []
    if (dots := numbers.get("dots_per_inch")) is not None:
        grade = _grade(dots, GOOD_DOTS_PER_INCH, LIMITS.least_dots_per_inch)
        parts.append(("front.measured.dots", {"value": round(dots), "grade": grade}))
    if (line := numbers.get("finest_line_mm")) is not None:
        grade = _grade(-line, -GOOD_FINEST_LINE, -LIMITS.finest_line)
        parts.append(("front.measured.focus", {"value": round(line, 2), "grade": grade}))
    if (evenness := numbers.get("evenness")) is not None:
        grade = _grade(evenness, GOOD_EVENNESS, LIMITS.least_evenness)
        parts.append(("front.measured.light", {"value": round(evenness * 100), "grade": grade}))
    if not parts and "rate" in numbers and "rate" not in check.detail:
        size = {name: round(numbers.get(name, 0)) for name in ("width", "height")}
        parts.append(("front.measured.picture", {**size, "rate": numbers["rate"]}))
    said = [
        words(code, language, {**values, "grade": words(f"front.measured.{values.get('grade', 'good')}", language).say})
        for code, values in parts
    ]
    return ("，" if language == "zh" else ", ").join(sentence.say for sentence in said)


def _grade(value: float, good: float, enough: float) -> str:
    return "good" if value >= good else "enough" if value >= enough else "poor"
