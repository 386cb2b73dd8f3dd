"""Names and numbers as a clerk sees them before asking for the whole."""

from __future__ import annotations


def mask_name(name: str) -> str:
    """张示例 → 张**; the family name stays."""
    return name[:1] + "*" * max(len(name) - 1, 0)


def mask_id_number(number: str) -> str:
    """Region and last four stay; a short number keeps its last two."""
    if len(number) < 12:
        return "*" * max(len(number) - 2, 0) + number[-2:]
    return number[:6] + "*" * (len(number) - 10) + number[-4:]


def mask_telephone(number: str) -> str:
    return number[:3] + "*" * (len(number) - 5) + number[-2:] if len(number) > 6 else "*" * len(number)
