"""What a technician sends to those who can help."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kiosk.cli.common import DONE, FAILED, Commands, config_option, say, settings_of
from kiosk.words import words


def add(commands: Commands) -> None:
    bundle = commands.add_parser(
        "support-bundle",
        help="one file for support, without anything personal",
        description="Collect settings without secrets, devices, self-tests, versions and the thinned-out log in one "
        "zip file that a technician can send.",
    )
    config_option(bundle)
    bundle.add_argument("--out", type=Path, default=Path(), metavar="FILE|DIR", help="where to (default: this folder)")
    bundle.set_defaults(command=_support_bundle)


def _support_bundle(options: argparse.Namespace) -> int:
    from kiosk.places import SELF_TEST_FOLDER
    from kiosk.selftest.history import History
    from kiosk.support.bundle import BundleError, write_bundle

    settings = settings_of(options)
    reports = History(settings.station.data / SELF_TEST_FOLDER).newest()
    try:
        written = write_bundle(
            options.out,
            settings,
            self_tests=[report.model_dump(mode="json") for report in reports],
            progress=lambda part: print(part, file=sys.stderr, flush=True),
        )
    except BundleError as error:
        say(error.code, error.detail)
        return FAILED
    print(written)
    print(words("support.written", "zh", {"file": written.name}), file=sys.stderr)
    return DONE
