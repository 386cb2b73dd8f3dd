"""Cases that wait at this station."""

from __future__ import annotations

import argparse
import json

from kiosk.cli.common import DONE, FAILED, Commands, config_option, say, settings_of
from kiosk.words import words


def add(commands: Commands) -> None:
    outbox = commands.add_parser("outbox", help="cases that wait here")
    outbox_commands = outbox.add_subparsers(required=True, metavar="COMMAND")
    outbox_list = outbox_commands.add_parser(
        "list", help="list them, without anything personal", description="List drafts and cases that wait here."
    )
    config_option(outbox_list)
    outbox_list.add_argument("--json", action="store_true")
    outbox_list.set_defaults(command=_outbox_list)


def _outbox_list(options: argparse.Namespace) -> int:
    from kiosk.outbox.errors import OutboxError
    from kiosk.outbox.listing import list_cases
    from kiosk.places import OUTBOX_FOLDER

    try:
        cases = list_cases(settings_of(options).station.data / OUTBOX_FOLDER)
    except OutboxError as error:
        say(error.code, error.detail)
        return FAILED
    if options.json:
        rows = [
            {
                "case_id": str(case.case_id),
                "version": case.version,
                "stage": case.stage,
                "item": case.item_name,
                "case_number": case.case_number,
                "begun_at": case.begun_at.isoformat(),
                "pages": case.pages,
                "pages_at_centre": case.pages_at_centre,
                "code": case.code,
            }
            for case in cases
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return DONE
    for case in cases:
        reason = f"  {words(case.code)}" if case.code else ""
        print(
            f"{case.stage:9s} {case.begun_at:%Y-%m-%d %H:%M} {case.case_number or case.case_id} "
            f"{case.item_name} {case.pages_at_centre}/{case.pages}{reason}"
        )
    return DONE
