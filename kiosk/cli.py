"""The command line. Exit codes: 0 done, 1 it did not work, 2 the command or a file it needs is wrong."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk import __version__
from kiosk.heaps import limit_heaps
from kiosk.settings import Settings, SettingsError, load_settings
from kiosk.words import Language, words

if TYPE_CHECKING:
    from drivers.simulated.bench import Bench
    from kiosk.devices.station_devices import StationDevices

DONE, FAILED, WRONG = 0, 1, 2
DEFAULT_CONFIG = Path("/etc/doorstep/station.toml")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    options = parser().parse_args(arguments)
    limit_heaps()
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except _Refused:
        return WRONG
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """All commands with their help."""
    top = argparse.ArgumentParser(
        prog="kiosk",
        description="Doorstep (家门口): the station of a remote service point and its acceptance centre.",
        epilog="Exit codes: 0 done; 1 it did not work, the sentence on standard error says why; "
        "2 the command, or a file it was given, is wrong.",
    )
    top.add_argument("--version", action="version", version=f"doorstep {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="start the station", description="Start the station's window and services.")
    _config(run)
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

    selftest = commands.add_parser(
        "selftest",
        help="check every device and the station",
        description="Check every device, the disk, the fonts, the catalogue and the line to the centre. Exit code 0 "
        "only when every check passed.",
    )
    _config(selftest)
    selftest.add_argument("--simulated", action="store_true", help="with simulated devices instead of station.toml's")
    selftest.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    selftest.set_defaults(command=_selftest)

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

    outbox = commands.add_parser("outbox", help="cases that wait here")
    outbox_commands = outbox.add_subparsers(required=True, metavar="COMMAND")
    outbox_list = outbox_commands.add_parser(
        "list", help="list them, without anything personal", description="List drafts and cases that wait here."
    )
    _config(outbox_list)
    outbox_list.add_argument("--json", action="store_true")
    outbox_list.set_defaults(command=_outbox_list)

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

    card = commands.add_parser("card", help="the card reader")
    card_commands = card.add_subparsers(required=True, metavar="COMMAND")
    read = card_commands.add_parser(
        "read",
        help="read the card that is laid down",
        description="Wait for a card and say what was read. Name and number are masked unless --full is given.",
    )
    _config(read)
    read.add_argument("--full", action="store_true", help="show everything on the card")
    read.add_argument("--wait", type=float, default=30.0, metavar="SECONDS")
    read.set_defaults(command=_card_read)

    print_test = commands.add_parser(
        "print-test",
        help="print a test slip",
        description="Print a test slip; done only when the printer says printed.",
    )
    _config(print_test)
    print_test.add_argument("--wait", type=float, default=30.0, metavar="SECONDS")
    print_test.set_defaults(command=_print_test)

    staff = commands.add_parser("staff", help="accounts of the station's staff")
    staff_commands = staff.add_subparsers(required=True, metavar="COMMAND")
    add = staff_commands.add_parser(
        "add", help="make an account", description="Make an account; asks for the PIN, or reads it from standard input."
    )
    _config(add)
    add.add_argument("account")
    add.add_argument("name")
    add.add_argument(
        "--role", choices=("assistant", "duty_officer", "technician", "administrator"), default="assistant"
    )
    add.set_defaults(command=_staff_add)
    return top


def _config(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--config", type=Path, default=DEFAULT_CONFIG, metavar="station.toml", help="settings (default %(default)s)"
    )


def _centre_data(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--data", type=Path, default=Path("/var/lib/doorstep-centre"), help="the centre's folder (default %(default)s)"
    )


def _say(code: str, detail: Any = None, *, language: Language = "zh") -> None:
    print(words(code, language, detail), file=sys.stderr)


class _Refused(Exception):
    """A file the command was given is wrong; the sentence has been said."""


def _settings(options: argparse.Namespace) -> Settings:
    try:
        return load_settings(options.config)
    except SettingsError as error:
        _say("settings.unusable")
        print(error, file=sys.stderr)
        raise _Refused from None


def _end_when_asked() -> None:
    """SIGTERM and SIGINT unwind the program like any other end, with exit code 0: being asked to end is no failure."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(DONE))


# -- the station -------------------------------------------------------------------------------------------------


def _run(options: argparse.Namespace) -> int:
    from contextlib import ExitStack

    from kiosk.log import set_up_log
    from kiosk.station import LOG_FOLDER, StartError, Station
    from kiosk.ui.app import prepare_qt, run_front_end
    from kiosk.ui.bridge import Bridge

    settings = _settings(options)
    set_up_log(settings.station.data / LOG_FOLDER)
    _end_when_asked()
    with ExitStack() as stack:
        settings, _ = _with_bench(settings, stack)
        prepare_qt()
        bridge = Bridge()
        station = Station(settings, bridge.publish)
        try:
            station.start()
        except StartError as error:
            _say(error.code)
            print(error, file=sys.stderr)
            return FAILED
        stack.callback(station.stop)
        return run_front_end(station, bridge, settings.station)


def _with_bench(settings: Settings, stack: Any) -> tuple[Settings, Bench | None]:
    """The settings with every ``simulated`` connection made real, and the bench behind them, if there is one."""
    from drivers.simulated.bench import Bench
    from kiosk.demo import uses_simulated, with_simulated

    if not uses_simulated(settings):
        return settings, None
    bench = Bench()
    bench.start()
    stack.callback(bench.stop)
    return with_simulated(settings, bench), bench


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


def _selftest(options: argparse.Namespace) -> int:
    import asyncio
    from contextlib import ExitStack

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
                _say(code)

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
            asked = _settings(options)
            settings, bench = _with_bench(asked, stack)
            hand = bench if asked.devices.code_scanner == "simulated" else None
            station = Station(settings, lambda snapshot: None)
            try:
                station.start()
            except StartError as error:
                _say(error.code)
                print(error, file=sys.stderr)
                return FAILED
            stack.callback(station.stop)
            asyncio.run(check(station, hand))
    passed = all(result["state"] == PASSED for result in results)
    if options.json:
        print(json.dumps({"passed": passed, "checks": results}, ensure_ascii=False, indent=2))
    return DONE if passed else FAILED


# -- the centre --------------------------------------------------------------------------------------------------


def _prepare_centre(options: argparse.Namespace) -> Path:
    from kiosk.centre.server.database import SchemaError
    from kiosk.centre.server.setup import prepare
    from kiosk.trust.envelope import KeyFileError

    data: Path = options.data
    try:
        prepare(data)
    except (OSError, KeyFileError, SchemaError) as error:
        print(f"{data}: {error}", file=sys.stderr)
        raise _Refused from None
    return data


def _centre_serve(options: argparse.Namespace) -> int:
    from kiosk.centre.server.config import CentreConfig
    from kiosk.centre.server.running import serve
    from kiosk.log import set_up_log

    set_up_log(options.data / "log")
    config = CentreConfig(data=_prepare_centre(options))
    # The server stops in order, then raises the signal again for whom it found here.
    _end_when_asked()
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
        create_clerk(_prepare_centre(options), options.account, options.name, _secret("Password: "))
    except ValueError as error:
        print(error, file=sys.stderr)
        return WRONG
    return DONE


def _secret(prompt: str) -> str:
    """Asked for on a terminal without showing it; otherwise the first line of standard input."""
    import getpass

    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


# -- files -------------------------------------------------------------------------------------------------------


def _outbox_list(options: argparse.Namespace) -> int:
    from kiosk.outbox.errors import OutboxError
    from kiosk.outbox.listing import list_cases
    from kiosk.station import OUTBOX_FOLDER

    try:
        cases = list_cases(_settings(options).station.data / OUTBOX_FOLDER)
    except OutboxError as error:
        _say(error.code, error.detail)
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


# -- devices -----------------------------------------------------------------------------------------------------


def _devices(options: argparse.Namespace, stack: Any) -> tuple[Settings, StationDevices]:
    from kiosk.devices.station_devices import StationDevices

    settings, _ = _with_bench(_settings(options), stack)
    devices = StationDevices(settings.devices, settings.printer)
    stack.callback(devices.stop)
    return settings, devices


def _card_read(options: argparse.Namespace) -> int:
    import queue
    import time
    from contextlib import ExitStack

    from drivers.id_card_reader import IdCardRead, IdCardTrouble
    from drivers.social_security_card import SocialSecurityCardRead, SocialSecurityCardTrouble
    from kiosk.identity.masking import mask_id_number, mask_name

    events: queue.SimpleQueue[object] = queue.SimpleQueue()
    with ExitStack() as stack:
        _, devices = _devices(options, stack)
        devices.subscribe(events.put)
        devices.start()
        until = time.monotonic() + options.wait
        while (left := until - time.monotonic()) > 0:
            try:
                event = events.get(timeout=left)
            except queue.Empty:
                break
            if isinstance(event, (IdCardTrouble, SocialSecurityCardTrouble)):
                _say(event.code)
            if isinstance(event, (IdCardRead, SocialSecurityCardRead)):
                card = event.card
                name, number = card.name, getattr(card, "id_number", "") or getattr(card, "social_security_number", "")
                if not options.full:
                    name, number = mask_name(name), mask_id_number(number)
                print(f"{type(card).__name__}: {name or '-'} {number or '-'}")
                return DONE
    _say("selftest.no_card")
    return FAILED


def _print_test(options: argparse.Namespace) -> int:
    import asyncio
    from contextlib import ExitStack

    from drivers.driver import DeviceKind
    from kiosk.selftest.checks import PASSED, RUNNING, SelfTest

    async def check(settings: Settings, devices: StationDevices) -> int:
        test = SelfTest(settings, devices, only={DeviceKind.RECEIPT_PRINTER}, print_seconds=options.wait)
        async for result in test.run():
            if result.state != RUNNING:
                _say(result.code, result.detail)
                return DONE if result.state == PASSED else FAILED
        return FAILED

    with ExitStack() as stack:
        settings, devices = _devices(options, stack)
        devices.start()
        return asyncio.run(check(settings, devices))


def _staff_add(options: argparse.Namespace) -> int:
    from kiosk.staff.book import Role, StaffBook
    from kiosk.staff.errors import StaffError
    from kiosk.station import STAFF_FILE

    data = _settings(options).station.data
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        StaffBook(data / STAFF_FILE).add(options.account, options.name, Role(options.role), _secret("PIN: "))
    except StaffError as error:
        _say(error.code)
        return WRONG
    return DONE
