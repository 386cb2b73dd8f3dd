"""Holds the C library's heaps together: a station runs for months with two dozen threads that pass pictures around."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

M_ARENA_MAX: Final = -8
"""glibc's malloc.h."""
HEAPS: Final = 2


def limit_heaps() -> bool:
    """Let all threads share ``HEAPS`` heaps; call before the first thread starts. False where there is no glibc.

    By default glibc gives every thread a heap of its own, up to eight for each core, and what one of them frees is of
    no use to the others: camera frames of 8 MB that wander between threads left a quarter more memory resident, and
    growing, over the visits of ``tests/benchmarks/bench_memory.py``. Its CPU time did not change.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(M_ARENA_MAX, HEAPS))
