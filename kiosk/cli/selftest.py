"""The self-test and the test slip."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from kiosk.cli.common import DONE, FAILED, Commands, config_option, devices_of, say, settings_of, with_bench
from kiosk.settings import Settings
from kiosk.words import words

if TYPE_CHECKING:
    from drivers.simulated.bench import Bench
    from kiosk.devices.station_devices import StationDevices


def add(commands: Commands) -> None:
    selftest = commands.add_parser(
        "selftest",
        help="check every device and the station",
        description="Check every device, the disk, the fonts, the catalogue and the line to the centre. Exit code 0 "
        "only when every check passed.",
    )
    config_option(selftest)
    selftest.add_argument("--simulated", action="store_true", help="with simulated devices instead of station.toml's")
    selftest.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    selftest.set_defaults(command=_selftest)

    print_test = commands.add_parser(
        "print-test",
        help="print a test slip",
        description="Print a test slip; done only when the printer says printed.",
    )
    config_option(print_test)
    print_test.add_argument("--wait", type=float, default=30.0, metavar="SECONDS")
    print_test.set_defaults(command=_print_test)


def _selftest(options: argparse.Namespace) -> int:
    import asyncio

    from kiosk.demo import Demo
    from kiosk.log import set_up_log
    from kiosk.selftest.checks import PASSED, RUNNING, SelfTest
    from kiosk.station import StartError, Station

    set_up_log(None, level=40)
    results: list[dict[str, Any]] = []

    async def check(station: Station, bench: Bench | None) -> None:
        def prompt(code: str) -> None:
            if bench is not None:
                bench.code_scanner.scan(b"DOORSTEP-SELF-TEST")
            else:
                say(code)

        test = SelfTest(station.settings, station.devices, prompt=prompt, more=station.own_checks())
        async for result in test.run():
            if result.state == RUNNING:
                continue
            sentence = words(result.code, "zh", result.detail)
            results.append(
                {
                    "check": str(result.check_id),
                    "state": result.state,
                    "code": result.code,
                    "detail": dict(result.detail),
                    "say": sentence.say,
                    "do": sentence.do,
                }
            )
            if not options.json:
                print(f"{result.state:9s} {result.check_id:22s} {sentence}", flush=True)

    with ExitStack() as stack:
        if options.simulated:
            demo = Demo(lambda snapshot: None)
            demo.start()
            stack.callback(demo.stop)
            asyncio.run(check(demo.station, demo.bench))
        else:
            asked = settings_of(options)
            settings, bench = with_bench(asked, stack)
            hand = bench if asked.devices.code_scanner == "simulated" else None
            station = Station(settings, lambda snapshot: None)
            try:
                station.start()
            except StartError as error:
                say(error.code)
                print(error, file=sys.stderr)
                return FAILED
            stack.callback(station.stop)
            asyncio.run(check(station, hand))
    passed = all(result["state"] == PASSED for result in results)
    if options.json:
        print(json.dumps({"passed": passed, "checks": results}, ensure_ascii=False, indent=2))
    return DONE if passed else FAILED


def _print_test(options: argparse.Namespace) -> int:
    import asyncio

    from drivers.driver import DeviceKind
    from kiosk.selftest.checks import PASSED, RUNNING, SelfTest

    async def check(settings: Settings, devices: StationDevices) -> int:
        test = SelfTest(settings, devices, only={DeviceKind.RECEIPT_PRINTER}, print_seconds=options.wait)
        async for result in test.run():
            if result.state != RUNNING:
                say(result.code, result.detail)
                return DONE if result.state == PASSED else FAILED
        return FAILED

    with ExitStack() as stack:
        settings, devices = devices_of(options, stack)
        devices.start()
        return asyncio.run(check(settings, devices))
