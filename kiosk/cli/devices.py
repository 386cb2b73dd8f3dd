"""What is plugged in, what station.toml names, and single devices."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from kiosk.cli.common import DONE, FAILED, Commands, config_option, devices_of, say
from kiosk.words import words

if TYPE_CHECKING:
    from drivers.discovery import FoundDevice


def add(commands: Commands) -> None:
    devices = commands.add_parser("devices", help="what is plugged in, and what station.toml names")
    devices_commands = devices.add_subparsers(required=True, metavar="COMMAND")
    scan = devices_commands.add_parser(
        "scan",
        help="list what is plugged in, with the connection to copy into station.toml",
        description="List serial ports, card readers, cameras, USB printers and scanners by names that last. Nothing "
        "is opened, unless --probe asks every serial line that no running program holds what it is and at which speed.",
    )
    scan.add_argument("--probe", action="store_true", help="ask the serial lines for a printer or an ID card reader")
    scan.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    scan.set_defaults(command=_scan)
    listed = devices_commands.add_parser(
        "list",
        help="the pieces station.toml names, and whether they are there",
        description="Start every driver, give it some seconds and say how each piece is. Exit code 0 only when none "
        "is missing or has a fault.",
    )
    config_option(listed)
    listed.add_argument("--wait", type=float, default=5.0, metavar="SECONDS")
    listed.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    listed.set_defaults(command=_list)

    card = commands.add_parser("card", help="the card reader")
    card_commands = card.add_subparsers(required=True, metavar="COMMAND")
    read = card_commands.add_parser(
        "read",
        help="read the card that is laid down",
        description="Wait for a card and say what was read. Name and number are masked unless --full is given.",
    )
    config_option(read)
    read.add_argument("--full", action="store_true", help="show everything on the card")
    read.add_argument("--wait", type=float, default=30.0, metavar="SECONDS")
    read.set_defaults(command=_card_read)


def _scan(options: argparse.Namespace) -> int:
    from drivers.discovery import discover

    found = discover()
    rows = []
    for device in found.devices:
        row = _row(device)
        if options.probe and device.serial_line and device.connection:
            row["probe"] = _probe(device.connection)
        rows.append(row)
        if not options.json:
            _show(row)
    for note in found.notes:
        say(note.code, note.detail)
    if options.json:
        notes = [{"code": note.code, "detail": dict(note.detail)} for note in found.notes]
        print(json.dumps({"devices": rows, "notes": notes}, ensure_ascii=False, indent=2))
    elif not rows:
        say("set_up.nothing_found")
    return DONE


def _row(device: FoundDevice) -> dict[str, Any]:
    return {
        "pieces": [kind.value for kind in device.kinds],
        "connection": device.connection,
        "name": device.name,
        "identity": device.identity,
        "ambiguous": device.ambiguous,
        "note": device.note_code,
    }


def _probe(connection: str) -> dict[str, Any]:
    """What answers; its progress goes to standard error."""
    from drivers.driver import DeviceError
    from drivers.probing import ProbeStep, SerialProbe

    def on_step(step: ProbeStep) -> None:
        say(step.code, {"baud": step.baud, "number": step.number, "total": step.total})

    print(connection, file=sys.stderr)
    try:
        answers = SerialProbe(connection, on_step).ask()
    except DeviceError as error:
        say(error.code, error.detail)
        return {"answers": [], "code": error.code, "detail": dict(error.detail)}
    return {
        "answers": [
            {"piece": answer.kind.value, "connection": answer.connection, "identity": answer.identity}
            for answer in answers
        ],
        "code": "" if answers else "set_up.nobody_answered",
        "detail": {},
    }


def _show(row: dict[str, Any]) -> None:
    print(f"{row['name']}  [{_pieces(row['pieces'])}]")
    if row["connection"]:
        print(f"    {row['connection']}")
    if row["identity"] and row["identity"] not in row["connection"]:
        print(f"    {row['identity']}")
    if row["note"]:
        print(f"    {words(row['note'])}")
    probe = row.get("probe", {})
    for answer in probe.get("answers", []):
        print(f"    → {_pieces([answer['piece']])}  {answer['connection']}  {answer['identity']}".rstrip())
    if probe.get("code"):
        print(f"    {words(probe['code'], 'zh', probe['detail'])}")


def _pieces(pieces: Sequence[str]) -> str:
    return " / ".join(words(f"front.device.{piece}").say for piece in pieces) or "-"


def _list(options: argparse.Namespace) -> int:
    import time

    from drivers.driver import DeviceState
    from kiosk.devices.station_devices import NOT_CONFIGURED

    settling = (DeviceState.CONNECTING, DeviceState.BUSY)
    with ExitStack() as stack:
        settings, devices = devices_of(options, stack)
        devices.start()
        until = time.monotonic() + options.wait
        while time.monotonic() < until and any(one.state in settling for one in devices.statuses()):
            time.sleep(0.1)
        statuses = devices.statuses()
    missing = (DeviceState.ABSENT, DeviceState.FAULT, DeviceState.CONNECTING)
    optional = {NOT_CONFIGURED, "device.none_by_design"}
    rows = [
        {
            "piece": status.kind.value,
            "connection": getattr(settings.devices, status.kind.value),
            "state": status.state.value,
            "code": status.code,
            "detail": dict(status.detail),
            "identity": status.identity,
        }
        for status in statuses
    ]
    if options.json:
        print(json.dumps({"devices": rows}, ensure_ascii=False, indent=2))
    else:
        for row in rows:
            state = words(f"front.state.{row['state']}").say
            print(f"{_pieces([row['piece']])}  {state}  {row['identity']}".rstrip())
            if row["connection"]:
                print(f"    {row['connection']}")
            if row["code"]:
                print(f"    {words(row['code'], 'zh', row['detail'])}")
    return FAILED if any(one.state in missing and one.code not in optional for one in statuses) else DONE


def _card_read(options: argparse.Namespace) -> int:
    import queue
    import time

    from drivers.id_card_reader import IdCardRead, IdCardTrouble
    from drivers.social_security_card import SocialSecurityCardRead, SocialSecurityCardTrouble
    from kiosk.identity.masking import mask_id_number, mask_name

    events: queue.SimpleQueue[object] = queue.SimpleQueue()
    with ExitStack() as stack:
        _, devices = devices_of(options, stack)
        devices.subscribe(events.put)
        devices.start()
        until = time.monotonic() + options.wait
        while (left := until - time.monotonic()) > 0:
            try:
                event = events.get(timeout=left)
            except queue.Empty:
                break
            if isinstance(event, (IdCardTrouble, SocialSecurityCardTrouble)):
                say(event.code)
            if isinstance(event, (IdCardRead, SocialSecurityCardRead)):
                card = event.card
                name, number = card.name, getattr(card, "id_number", "") or getattr(card, "social_security_number", "")
                if not options.full:
                    name, number = mask_name(name), mask_id_number(number)
                print(f"{type(card).__name__}: {name or '-'} {number or '-'}")
                return DONE
    say("selftest.no_card")
    return FAILED
