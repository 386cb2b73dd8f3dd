"""The embedded acceptance centre."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kiosk.cli.common import DONE, FAILED, WRONG, Commands, Refused, end_when_asked, secret


def add(commands: Commands) -> None:
    centre = commands.add_parser("centre", help="the embedded acceptance centre")
    centre_commands = centre.add_subparsers(required=True, metavar="COMMAND")
    serve = centre_commands.add_parser(
        "serve", help="serve stations and clerks", description="Serve stations and clerks until stopped."
    )
    _centre_data(serve)
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    serve.add_argument("--port", type=int, default=8470)
    serve.add_argument("--certificate", type=Path, metavar="PEM", help="serve TLS with this certificate")
    serve.add_argument("--key", type=Path, metavar="PEM", help="its private key")
    serve.set_defaults(command=_centre_serve)
    add_station = centre_commands.add_parser(
        "add-station", help="let a station in", description="Register a station; prints its token once."
    )
    _centre_data(add_station)
    add_station.add_argument("station_id")
    add_station.add_argument("name", help="as clerks see it")
    add_station.set_defaults(command=_centre_add_station)
    add_clerk = centre_commands.add_parser(
        "add-clerk", help="make an account for a clerk", description="Make an account; asks for the password."
    )
    _centre_data(add_clerk)
    add_clerk.add_argument("account")
    add_clerk.add_argument("name")
    add_clerk.set_defaults(command=_centre_add_clerk)


def _prepare_centre(options: argparse.Namespace) -> Path:
    from kiosk.centre.server.database import SchemaError
    from kiosk.centre.server.setup import prepare
    from kiosk.trust.envelope import KeyFileError

    data: Path = options.data
    try:
        prepare(data)
    except (OSError, KeyFileError, SchemaError) as error:
        print(f"{data}: {error}", file=sys.stderr)
        raise Refused from None
    return data


def _centre_data(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--data", type=Path, default=Path("/var/lib/doorstep-centre"), help="the centre's folder (default %(default)s)"
    )


def _centre_serve(options: argparse.Namespace) -> int:
    from kiosk.centre.server.config import CentreConfig
    from kiosk.centre.server.running import serve
    from kiosk.log import set_up_log

    set_up_log(options.data / "log")
    config = CentreConfig(data=_prepare_centre(options))
    # The server stops in order, then raises the signal again for whom it found here.
    end_when_asked()
    try:
        serve(config, options.host, options.port, certificate=options.certificate, key=options.key)
    except OSError as error:
        print(f"{options.host} port {options.port}: {error.strerror}", file=sys.stderr)
        return FAILED
    return DONE


def _centre_add_station(options: argparse.Namespace) -> int:
    from kiosk.centre.server.setup import register_station

    try:
        print(register_station(_prepare_centre(options), options.station_id, options.name))
    except ValueError as error:
        print(error, file=sys.stderr)
        return WRONG
    return DONE


def _centre_add_clerk(options: argparse.Namespace) -> int:
    from kiosk.centre.server.setup import create_clerk

    try:
        create_clerk(_prepare_centre(options), options.account, options.name, secret("Password: "))
    except ValueError as error:
        print(error, file=sys.stderr)
        return WRONG
    return DONE
