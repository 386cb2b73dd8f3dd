"""The command line. Exit codes: 0 done, 1 it did not work, 2 the command or a file it needs is wrong.

Each module beside this one holds one group of commands and adds it to the parser.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

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


def program() -> NoReturn:
    """Run one command as a process of its own, and end it.

    The interpreter is not taken apart at the end: a thread that was left behind in a device's library, which is what
    happens to one that hangs, may come back just then and crash the process after everything went well.
    """
    code = _main_s_code()
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # nobody reads it any more
            stream.flush()
    os._exit(code)


def _main_s_code() -> int:
    try:
        return main()
    except SystemExit as end:  # argparse, and whoever was asked to end by a signal
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1


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
