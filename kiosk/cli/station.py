"""The station itself, and its demo."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

from kiosk.cli.common import FAILED, WRONG, Commands, config_option, end_when_asked, say, settings_of, with_bench


def add(commands: Commands) -> None:
    run = commands.add_parser("run", help="start the station", description="Start the station's window and services.")
    config_option(run)
    run.set_defaults(command=_run)

    demo = commands.add_parser(
        "demo",
        help="a whole station with simulated devices and an embedded centre",
        description="Start simulated devices, the embedded centre and the window, with a panel to lay down cards, hold "
        "up a phone, put paper under the camera, unplug things and take paper out of the printer.",
    )
    demo.add_argument("--auto", action="store_true", help="play one whole visit by real input events, then end")
    demo.add_argument(
        "--out", type=Path, metavar="DIR", help="with --auto: where screenshots, receipt, pages and summary.json go"
    )
    demo.add_argument("--language", choices=("zh", "en"), default="zh")
    demo.add_argument("--large-print", action="store_true")
    demo.add_argument("--high-contrast", action="store_true")
    demo.add_argument("--size", metavar="WxH", help="size of the window (default: what the screen has)")
    demo.set_defaults(command=_demo)


def _run(options: argparse.Namespace) -> int:

    from kiosk.log import set_up_log
    from kiosk.places import LOG_FOLDER
    from kiosk.station import StartError, Station
    from kiosk.ui.app import prepare_qt, run_front_end
    from kiosk.ui.bridge import Bridge

    settings = settings_of(options)
    set_up_log(settings.station.data / LOG_FOLDER)
    end_when_asked()
    with ExitStack() as stack:
        settings, _ = with_bench(settings, stack)
        prepare_qt()
        bridge = Bridge()
        station = Station(settings, bridge.publish, settings_path=options.config)
        try:
            station.start()
        except StartError as error:
            say(error.code)
            print(error, file=sys.stderr)
            return FAILED
        stack.callback(station.stop)
        return run_front_end(station, bridge, settings.station)


def _demo(options: argparse.Namespace) -> int:
    from kiosk.log import set_up_log
    from kiosk.ui.demo.run import run_demo

    if options.auto and options.out is None:
        print("kiosk demo --auto needs --out DIR", file=sys.stderr)
        return WRONG
    try:
        width, height = (int(part) for part in (options.size or "1920x1080").split("x"))
    except ValueError:
        print(f"--size {options.size}: not WxH, for example 1366x768", file=sys.stderr)
        return WRONG
    set_up_log(None)
    return run_demo(
        language=options.language,
        large_print=options.large_print,
        high_contrast=options.high_contrast,
        size=(width, height) if options.size else None,
        out=options.out if options.auto else None,
    )
