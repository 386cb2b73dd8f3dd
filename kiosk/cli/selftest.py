"""The self-test and the test slip."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import ExitStack, aclosing
from typing import TYPE_CHECKING

from kiosk.cli.common import DONE, FAILED, WRONG, Commands, config_option, devices_of, say, settings_of, with_bench
from kiosk.words import name_of_check, words

if TYPE_CHECKING:
    from kiosk.selftest.report import SelfTestReport
    from kiosk.selftest.self_test import SelfTest

SIMULATED_HAND_SECONDS = 12.0
"""Nobody has to walk there."""


def add(commands: Commands) -> None:
    selftest = commands.add_parser(
        "selftest",
        help="check every device and the station",
        description="Print a slip, have scanner and cameras meet it, ask every device, and measure disk, memory, clock "
        "and the way to the centre. Exit code 0 only when the self-test passed.",
    )
    config_option(selftest)
    selftest.add_argument("--simulated", action="store_true", help="with simulated devices instead of station.toml's")
    selftest.add_argument("--quick", action="store_true", help="what needs neither paper nor a hand")
    selftest.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    selftest.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="DEVICE:FAULT",
        help="with --simulated: switch a fault on first; may be given several times",
    )
    selftest.add_argument("--list-faults", action="store_true", help="say which faults there are, and end")
    selftest.add_argument(
        "--hand-seconds", type=float, metavar="SECONDS", help="how long the slip may take to be shown everywhere"
    )
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
    from dataclasses import replace

    from kiosk.demo_faults import FAULTS, demo_with, switch_on
    from kiosk.log import set_up_log
    from kiosk.selftest.history import HistoryError
    from kiosk.selftest.limits import LIMITS
    from kiosk.selftest.report import SelfTestKind
    from kiosk.station import StartError, Station

    if options.list_faults:
        for fault in FAULTS.values():
            print(f"{fault.name:34s} {fault.what}")
        return DONE
    unknown = [name for name in options.fault if name not in FAULTS]
    if unknown or (options.fault and not options.simulated):
        say("selftest.unknown_fault" if unknown else "selftest.fault_needs_simulated", {"name": ", ".join(unknown)})
        return WRONG
    set_up_log(None, level=50 if options.fault else 40)
    kind = SelfTestKind.QUICK if options.quick else SelfTestKind.FULL
    with ExitStack() as stack:
        if options.simulated:
            faults = [FAULTS[name] for name in options.fault]
            demo = demo_with(faults)
            demo.start()
            stack.callback(demo.stop)
            switch_on(demo, faults)
            station, hand = demo.station, SIMULATED_HAND_SECONDS
        else:
            settings, bench = with_bench(settings_of(options), stack)
            once = settings.selftest.model_copy(update={"morning": False})  # not a second one beside this
            station = Station(settings.model_copy(update={"selftest": once}), lambda snapshot: None)
            hand = LIMITS.hand_seconds if bench is None else SIMULATED_HAND_SECONDS
            try:
                station.start()
            except StartError as error:
                say(error.code)
                print(error, file=sys.stderr)
                return FAILED
            stack.callback(station.stop)
        limits = replace(LIMITS, hand_seconds=options.hand_seconds or hand)
        test = station.self_test(kind, limits=limits)
        report = asyncio.run(_run(test, quiet=options.json))
        if not options.simulated:  # a demo's folder goes with it
            try:
                station.keep_self_test(report)
            except HistoryError as error:
                say(error.code)
    if options.json:
        print(json.dumps(_as_json(report), ensure_ascii=False, indent=2))
    else:
        say("selftest.has_passed" if report.passed else "selftest.has_failed", {"count": len(report.open_steps)})
    return DONE if report.passed else FAILED


async def _run(test: SelfTest, *, quiet: bool) -> SelfTestReport:
    async with aclosing(test.run()) as lines:
        async for line in lines:
            if line.code and not quiet:
                sentence = words(line.code, "zh", line.detail)
                print(f"{line.state:12s} {name_of_check(line.check_id)}  {sentence}", flush=True)
    return test.report


def _as_json(report: SelfTestReport) -> dict[str, object]:
    """The report as it is kept and sent, with its verdict and each step's sentence."""
    whole = report.model_dump(mode="json", exclude={"results"})
    steps = []
    for step in report.results:
        sentence = words(step.code, "zh", step.detail) if step.code else None
        said = {"say": sentence.say if sentence else "", "do": sentence.do if sentence else ""}
        steps.append({**step.model_dump(mode="json"), **said})
    return {"passed": report.passed, **whole, "results": steps}


def _print_test(options: argparse.Namespace) -> int:
    import asyncio
    from dataclasses import replace

    from drivers.driver import DeviceKind
    from kiosk.selftest.limits import LIMITS
    from kiosk.selftest.report import StepState
    from kiosk.selftest.self_test import SelfTest

    with ExitStack() as stack:
        settings, devices = devices_of(options, stack)
        devices.start()
        limits = replace(LIMITS, print_seconds=options.wait)
        test = SelfTest(settings, devices, only={DeviceKind.RECEIPT_PRINTER}, limits=limits)
        (step,) = asyncio.run(_run(test, quiet=True)).results
        say(step.code, step.detail)
        return DONE if step.state is StepState.PASSED else FAILED
