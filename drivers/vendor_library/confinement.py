"""A process that may write nowhere but in one folder and to devices (Landlock, Linux 5.13 and later).

What a maker's library would leave on a disk (WZ.TXT with a resident's data, a log) fails to be written. Where the
kernel has no Landlock the process runs without; Debian's has it. Numbers from linux/landlock.h and the syscall tables,
which are the same on x86-64 and arm64.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION, PATH_BENEATH = 1, 1
PR_SET_NO_NEW_PRIVS = 38

WRITE_FILE, TRUNCATE = 1 << 1, 1 << 14
OTHER_CHANGES = sum(1 << bit for bit in range(4, 13))
"""Removing and making folders, files, links, devices, sockets and pipes."""

DEVICES = Path("/dev")


def write_only_in(folder: Path | None) -> bool:
    """From now on, for this process and its children, and for ever; False where the kernel cannot.

    Reading stays as it is; what is open for writing already stays open.
    """
    if sys.platform != "linux":
        return False
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    version = call(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION)
    if version < 1:
        return False
    changes = WRITE_FILE | OTHER_CHANGES | (TRUNCATE if version >= 3 else 0)
    attributes = struct.pack("=Q", changes)
    ruleset = call(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    try:
        for place, allowed in ((folder, changes), (DEVICES, changes & (WRITE_FILE | TRUNCATE))):
            if place is not None and not _allow(call, ruleset, place, allowed):
                return False
        if ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            return False
        return bool(call(RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(call: ctypes._NamedFuncPointer, ruleset: int, place: Path, allowed: int) -> bool:
    handle = os.open(place, os.O_PATH | os.O_CLOEXEC)
    try:
        return bool(call(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", allowed, handle), 0) == 0)
    finally:
        os.close(handle)
