"""What a process holds in memory stays there: no core dump writes residents' data to a disk."""

from __future__ import annotations

import sys


def forbid_core_dumps() -> None:
    """For this process and its children. systemd's handler keeps nothing either when the limit is 0."""
    if sys.platform != "win32":  # writes none unless an administrator asks for them
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
