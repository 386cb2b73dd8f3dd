"""``python -m tests.guest [tests/guest/inside/test_x.py …]``: exit code 0 when every test passed in the machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.guest.machine import ROOT, MachineError, run_inside


def all_tests() -> list[str]:
    """Everything that runs in the machine, relative to the project."""
    return [str(path.relative_to(ROOT)) for path in sorted((ROOT / "tests/guest/inside").glob("test_*.py"))]


def cache() -> Path:
    """Where the kernel is kept between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "doorstep-guest"


def main(arguments: list[str]) -> int:
    try:
        code, output = run_inside(arguments or all_tests(), cache())
    except MachineError as error:
        print(error, file=sys.stderr)
        return 1
    print(output)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
