"""The command line. Exit codes: 0 done, 1 it did not work, 2 the command or a file it needs is wrong.

Each module beside this one holds one group of commands and adds it to the parser.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from kiosk import __version__
from kiosk.cli import centre, devices, files, outbox, selftest, staff, station, support
from kiosk.cli.common import WRONG, Refused
from kiosk.heaps import limit_heaps

GROUPS = (station, selftest, devices, centre, outbox, files, staff, support)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    options = parser().parse_args(arguments)
    limit_heaps()
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except Refused:
        return WRONG
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """All commands with their help."""
    top = argparse.ArgumentParser(
        prog="kiosk",
        description="Doorstep (家门口): the station of a remote service point and its acceptance centre.",
        epilog="Exit codes: 0 done; 1 it did not work, the sentence on standard error says why; "
        "2 the command, or a file it was given, is wrong.",
    )
    top.add_argument("--version", action="version", version=f"doorstep {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for group in GROUPS:
        group.add(commands)
    return top
