"""A whole station to try: simulated devices on real ports, an embedded centre, invented people, in a folder of its own.

Everything is made anew at every start and removed at its end. The PIN and the clerk's password are drawn by chance and
shown; production has neither.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from drivers.driver import DeviceKind
from drivers.simulated.bench import Bench
from drivers.simulated.network_line import NetworkLine
from kiosk.centre.contract import Person
from kiosk.centre.server.config import CentreConfig, DemoCode
from kiosk.centre.server.running import EmbeddedCentre
from kiosk.centre.server.setup import create_clerk, prepare, register_station
from kiosk.conductor.snapshot import Snapshot
from kiosk.places import STAFF_FILE
from kiosk.settings import (
    CatalogueSection,
    CentreSection,
    DevicesSection,
    IdleSection,
    OutboxSection,
    Settings,
    StationSection,
)
from kiosk.settings_file import write_new_settings
from kiosk.staff.book import Role, StaffBook
from kiosk.staff.errors import WeakPin
from kiosk.station import Station
from kiosk.words import Language

log = logging.getLogger(__name__)

SETTINGS_FILE = "station.toml"
STATION_ID = "demo-0001"
STATION_NAME = "示例村家门口服务站"
CENTRE_NAME = "示例镇社区事务受理服务中心"
ASSISTANT = "bangban"
CLERK = "chuangkou"


def with_simulated(settings: Settings, bench: Bench) -> Settings:
    """The same settings, with every ``simulated`` connection replaced by the address of the bench's piece."""
    addresses = bench.addresses()
    devices = {
        kind.value: addresses[kind] if getattr(settings.devices, kind.value) == "simulated" else value
        for kind in DeviceKind
        for value in [getattr(settings.devices, kind.value)]
    }
    return settings.model_copy(update={"devices": DevicesSection(**devices)})


def uses_simulated(settings: Settings) -> bool:
    """Whether a piece of the bench is asked for."""
    return any(getattr(settings.devices, kind.value) == "simulated" for kind in DeviceKind)


def resident_code() -> str:
    """A 随申码 in its public shape (hardware reference 3.1), of now; it resolves at the demo's centre only."""
    return f"https://s.sh.gov.cn/{secrets.token_hex(16)}{int(time.time() * 1000)}"


def demo_settings(folder: Path, language: Language = "zh", *, large_print: bool = False) -> Settings:
    """Settings of a station whose pieces are all simulated, before the bench's addresses are known."""
    return Settings(
        station=StationSection(
            id=STATION_ID,
            name=STATION_NAME,
            centre_name=CENTRE_NAME,
            data=folder / "station",
            language=language,
            text_size="large" if large_print else "normal",
            full_screen=False,
        ),
        centre=CentreSection(token_file=folder / "token"),
        devices=DevicesSection(**{kind.value: "simulated" for kind in DeviceKind}),
        catalogue=CatalogueSection(offered="all"),
        idle=IdleSection(),
        outbox=OutboxSection(reserve_mb=64, ballast_mb=2),
    )


class Demo:
    """Bench, centre and station together.

    Args:
        own_line: The station reaches its centre over ``line``, whose quality can be changed.
        change: Last word on the settings before the station is made.

    Attributes:
        line: See ``own_line``; None without.
        pin: Of the demo's assistant, shown at sign-on.
        clerk_password: Of the account ``CLERK`` at the centre's page.
        codes: Invented one-time codes by name: ``valid`` and ``expired``.
    """

    def __init__(
        self,
        on_snapshot: Callable[[Snapshot], None],
        language: Language = "zh",
        *,
        large_print: bool = False,
        high_contrast: bool = False,
        own_line: bool = False,
        change: Callable[[Settings], Settings] = lambda settings: settings,
    ) -> None:
        self._own_line = own_line
        self._change = change
        self._on_snapshot = on_snapshot
        self._language = language
        self._large_print = large_print
        self._high_contrast = high_contrast
        self._stack = ExitStack()
        self.bench = Bench()
        self.clerk_password = secrets.token_urlsafe(9)
        self.codes = {"valid": resident_code(), "expired": resident_code()}
        self.pin = ""
        self.line: NetworkLine | None = None

    def start(self) -> None:
        """Start all three; what started is stopped again when one cannot.

        Raises:
            OSError, kiosk.station.StartError: no port, no disk.
        """
        with ExitStack() as stack:
            folder = Path(tempfile.mkdtemp(prefix="doorstep-demo-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            self.folder = folder
            self.bench.start()
            stack.callback(self.bench.stop)
            self._start_centre(folder / "centre", stack)
            settings = demo_settings(folder, self._language, large_print=self._large_print)
            station = settings.station.model_copy(update={"high_contrast": self._high_contrast})
            centre = settings.centre.model_copy(update={"url": self._way_to_centre(stack)})
            settings = settings.model_copy(update={"station": station, "centre": centre})
            self._write_token(folder / "token")
            self._add_assistant(settings.station.data)
            settings = self._change(with_simulated(settings, self.bench))
            path = folder / SETTINGS_FILE
            write_new_settings(path, settings)
            self.station = Station(settings, self._on_snapshot, demo_pin=self.pin, settings_path=path)
            self.station.start()
            stack.callback(self.station.stop)
            self._stack = stack.pop_all()

    def _way_to_centre(self, stack: ExitStack) -> str:
        if not self._own_line:
            return self.centre.url
        self.line = NetworkLine("127.0.0.1", int(self.centre.url.rsplit(":", 1)[1]))
        stack.callback(self.line.stop)
        return f"http://127.0.0.1:{self.line.port}"

    def stop(self) -> None:
        """Stop everything and remove the folder."""
        self._stack.close()

    def _start_centre(self, data: Path, stack: ExitStack) -> None:
        prepare(data)
        self._token = register_station(data, STATION_ID, STATION_NAME)
        create_clerk(data, CLERK, "窗口示例", self.clerk_password)
        person = Person(
            name="李样张",
            id_number="000000190001010009",
            sex="female",
            birth="1900-01-01",
            address="某省某市样例镇",
            source="code",
        )
        self._config = CentreConfig(
            data=data,
            name=CENTRE_NAME,
            demo_codes=(
                DemoCode(kind="resident_code", text=self.codes["valid"], person=person),
                DemoCode(kind="resident_code", text=self.codes["expired"], person=person, expired=True),
            ),
            reserve=16 * 2**20,
        )
        self.centre = EmbeddedCentre(self._config).start()
        stack.callback(lambda: self.centre.stop())

    def centre_down(self) -> None:
        """Cut the line to the centre; ``centre_up`` brings it back at the same address."""
        self._port = int(self.centre.url.rsplit(":", 1)[1])
        self.centre.stop()

    def centre_up(self) -> None:
        self.centre = EmbeddedCentre(self._config, port=self._port).start()

    def _write_token(self, path: Path) -> None:
        path.touch(mode=0o600)
        path.write_text(self._token, encoding="ascii")

    def _add_assistant(self, data: Path) -> None:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        while not self.pin:
            pin = f"{secrets.randbelow(10**6):06d}"
            try:
                StaffBook(data / STAFF_FILE).add(ASSISTANT, "帮办示例", Role.ADMINISTRATOR, pin)
            except WeakPin:
                continue
            self.pin = pin
