"""What every command needs: exit codes, the settings file, sentences on standard error."""

from __future__ import annotations

import argparse
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.settings import Settings, SettingsError, load_settings
from kiosk.words import Language, words

if TYPE_CHECKING:
    from drivers.simulated.bench import Bench
    from kiosk.devices.station_devices import StationDevices

DONE, FAILED, WRONG = 0, 1, 2
DEFAULT_CONFIG = Path("/etc/doorstep/station.toml")

Commands = Any
"""What ``ArgumentParser.add_subparsers`` gives; its type has no public name."""


class Refused(Exception):
    """A file the command was given is wrong; the sentence has been said."""


def config_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--config", type=Path, default=DEFAULT_CONFIG, metavar="station.toml", help="settings (default %(default)s)"
    )


def say(code: str, detail: Any = None, *, language: Language = "zh") -> None:
    print(words(code, language, detail), file=sys.stderr)


def settings_of(options: argparse.Namespace) -> Settings:
    try:
        return load_settings(options.config)
    except SettingsError as error:
        say("settings.unusable")
        print(error, file=sys.stderr)
        raise Refused from None


def end_when_asked() -> None:
    """SIGTERM and SIGINT unwind the program like any other end, with exit code 0: being asked to end is no failure."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(DONE))


def secret(prompt: str) -> str:
    """Asked for on a terminal without showing it; otherwise the first line of standard input."""
    import getpass

    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def with_bench(settings: Settings, stack: ExitStack) -> tuple[Settings, Bench | None]:
    """The settings with every ``simulated`` connection made real, and the bench behind them, if there is one."""
    from drivers.simulated.bench import Bench
    from kiosk.demo import uses_simulated, with_simulated

    if not uses_simulated(settings):
        return settings, None
    bench = Bench()
    bench.start()
    stack.callback(bench.stop)
    return with_simulated(settings, bench), bench


def devices_of(options: argparse.Namespace, stack: ExitStack) -> tuple[Settings, StationDevices]:
    from kiosk.devices.station_devices import StationDevices

    settings, _ = with_bench(settings_of(options), stack)
    devices = StationDevices(settings.devices, settings.printer)
    stack.callback(devices.stop)
    return settings, devices
