"""Waits for conditions; nobody's speed is judged by it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], what: str = "it did not happen", seconds: float = 40.0) -> T:
    """Wait until the condition gives something true, and give that; fail after a generous while."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, what
        time.sleep(0.01)
    return found
