"""Accounts of the station's staff."""

from __future__ import annotations

import argparse

from kiosk.cli.common import DONE, WRONG, Commands, config_option, say, secret, settings_of


def add(commands: Commands) -> None:
    staff = commands.add_parser("staff", help="accounts of the station's staff")
    staff_commands = staff.add_subparsers(required=True, metavar="COMMAND")
    add = staff_commands.add_parser(
        "add", help="make an account", description="Make an account; asks for the PIN, or reads it from standard input."
    )
    config_option(add)
    add.add_argument("account")
    add.add_argument("name")
    add.add_argument(
        "--role", choices=("assistant", "duty_officer", "technician", "administrator"), default="assistant"
    )
    add.set_defaults(command=_staff_add)


def _staff_add(options: argparse.Namespace) -> int:
    from kiosk.places import STAFF_FILE
    from kiosk.staff.book import Role, StaffBook
    from kiosk.staff.errors import StaffError

    data = settings_of(options).station.data
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        StaffBook(data / STAFF_FILE).add(options.account, options.name, Role(options.role), secret("PIN: "))
    except StaffError as error:
        say(error.code)
        return WRONG
    return DONE
