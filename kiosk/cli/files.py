"""What can be asked of files: catalogues, pictures of pages and codes."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.cli.common import DONE, WRONG, Commands


def add(commands: Commands) -> None:
    catalogue = commands.add_parser("catalogue", help="the list of service items")
    catalogue_commands = catalogue.add_subparsers(required=True, metavar="COMMAND")
    check = catalogue_commands.add_parser(
        "check", help="check a catalogue file", description="Check a catalogue file; names line and reason."
    )
    check.add_argument("file", type=Path)
    check.set_defaults(command=_catalogue_check)

    page = commands.add_parser(
        "page",
        help="outline and quality of pages in pictures",
        description="Find the page in each picture and judge it.",
    )
    page.add_argument("files", nargs="+", type=Path, metavar="FILE")
    page.add_argument("--json", action="store_true")
    page.set_defaults(command=_page)

    codes = commands.add_parser("codes", help="codes in pictures", description="Read the codes in each picture.")
    codes.add_argument("files", nargs="+", type=Path, metavar="FILE")
    codes.add_argument("--json", action="store_true")
    codes.set_defaults(command=_codes)


def _catalogue_check(options: argparse.Namespace) -> int:
    from kiosk.catalogue.load import check_catalogue

    problems = check_catalogue(options.file)
    for problem in problems:
        print(problem, file=sys.stderr)
    return WRONG if problems else DONE


def _page(options: argparse.Namespace) -> int:
    from kiosk.imaging.report import page_report

    return _report(options, page_report)


def _codes(options: argparse.Namespace) -> int:
    from kiosk.imaging.report import codes_report

    return _report(options, codes_report)


def _report(options: argparse.Namespace, make: Callable[[Path], dict[str, Any]]) -> int:
    reports = [make(path) for path in options.files]
    if options.json:
        print(json.dumps(reports, ensure_ascii=False, indent=2))
    else:
        for report in reports:
            print(json.dumps(report, ensure_ascii=False))
    return WRONG if any(report.get("error") for report in reports) else DONE
