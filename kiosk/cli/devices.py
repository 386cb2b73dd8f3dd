"""Single devices."""

from __future__ import annotations

import argparse
from contextlib import ExitStack

from kiosk.cli.common import DONE, FAILED, Commands, config_option, devices_of, say


def add(commands: Commands) -> None:
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
