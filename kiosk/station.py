"""Composition root: one station made from its settings, its services started in order and stopped in reverse.

Order: data folder and key → staff, catalogue → outbox → devices → engine thread with conductor and live channel →
delivery. When one cannot start, those before it are stopped again and ``StartError`` says which file and why.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drivers.camera import Frame
from drivers.driver import DeviceKind
from kiosk import __version__
from kiosk.audit.log import AuditError, AuditLog
from kiosk.catalogue.catalogue import Catalogue
from kiosk.catalogue.load import CatalogueError, load_with_fallback
from kiosk.centre.client import CentreClient
from kiosk.centre.live import LiveChannel
from kiosk.conductor.commands import Commands
from kiosk.conductor.conductor import Conductor, Ports
from kiosk.conductor.servicing import BundleFailed
from kiosk.conductor.snapshot import ItemView, Screen, Snapshot
from kiosk.conductor.views import item_view
from kiosk.devices.set_up import DeviceSetUp
from kiosk.devices.station_devices import StationDevices
from kiosk.export_place import export_place
from kiosk.memory import forbid_core_dumps
from kiosk.outbox.delivery import Delivery
from kiosk.outbox.errors import OutboxError
from kiosk.outbox.store import Outbox
from kiosk.places import (
    AUDIT_FILE,
    CAMERAS_FILE,
    CATALOGUE_FILE,
    KEY_FILE,
    OUTBOX_FOLDER,
    RECORDING_FOLDER,
    SELF_TEST_FOLDER,
    STAFF_FILE,
)
from kiosk.selftest.history import History, send_unsent
from kiosk.selftest.limits import LIMITS, Limits
from kiosk.selftest.report import SelfTestKind, SelfTestReport
from kiosk.selftest.self_test import SelfTest
from kiosk.selftest.station_checks import StationParts
from kiosk.settings import DevicesSection, PrinterSection, Settings
from kiosk.staff.book import StaffBook
from kiosk.support.bundle import BundleError, write_bundle
from kiosk.support.recordings import Recordings
from kiosk.trust.envelope import KeyFileError, StorageKey

log = logging.getLogger(__name__)

STOP_SECONDS = 30.0


class StartError(Exception):
    """The station cannot start.

    Attributes:
        code: A key of the words.
        place: The file or folder, for the technician.
    """

    def __init__(self, code: str, place: Path | str = "") -> None:
        super().__init__(f"{code} {place}".rstrip())
        self.code = code
        self.place = str(place)


class Station:
    """One station, without its window.

    Args:
        settings: No ``simulated`` connection is left in them (``kiosk.demo`` resolves those).
        on_snapshot: Called on the engine thread with every new picture of the station; returns at once.
        demo_pin: Shown at the sign-on, by the demo only.
        settings_path: The file the settings are from: set-up of devices writes there.

    Attributes:
        now: The clock that the self-test holds against the centre's, UTC.
    """

    def __init__(
        self,
        settings: Settings,
        on_snapshot: Callable[[Snapshot], None],
        *,
        demo_pin: str = "",
        settings_path: Path | None = None,
    ) -> None:
        self.settings = settings
        self._settings_path = settings_path
        self._on_snapshot = on_snapshot
        self._demo_pin = demo_pin
        self._running = ExitStack()
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._conductor: Conductor | None = None
        self._screen: Screen | None = None

    # -- life ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start everything; returns when the conductor runs. Devices and centre may come later, or never.

        Raises:
            StartError: the data folder, its key, the outbox or every catalogue cannot be used.
        """
        with ExitStack() as starting:
            self._start(starting)
            self._running = starting.pop_all()

    def stop(self) -> None:
        """Stop in reverse order. A visit in progress is on disk as its draft."""
        self._running.close()
        self._conductor = None

    def _start(self, starting: ExitStack) -> None:
        forbid_core_dumps()
        settings = self.settings
        data = settings.station.data
        key = self._open_data(data)
        staff = StaffBook(data / STAFF_FILE)
        audit = AuditLog(data / AUDIT_FILE)
        self.catalogue = self._load_catalogue(data)
        try:
            self.outbox = Outbox(
                data / OUTBOX_FOLDER,
                key,
                settings.station.id,
                settings.outbox.reserve_mb,
                settings.outbox.ballast_mb,
                settings.outbox.draft_hours,
                settings.printer.reprint_days,
            )
        except OutboxError as error:
            raise StartError(error.code, data / OUTBOX_FOLDER) from None
        starting.callback(self.outbox.close)
        token = self._token()
        ca = str(settings.centre.ca_file) if settings.centre.ca_file else None
        self.centre = CentreClient(settings.centre.url, settings.station.id, token, ca=ca)
        starting.callback(self.centre.close)

        self.devices = StationDevices(
            settings.devices,
            settings.printer,
            document_camera=settings.document_camera,
            webcam=settings.webcam,
            cameras_file=data / CAMERAS_FILE,
        )
        history = History(data / SELF_TEST_FOLDER)
        self._self_tests = _SelfTests(self.self_test, history, self.centre)
        conductor = Conductor(
            settings,
            Ports(
                devices=self.devices,
                keeper=self.outbox,
                centre=self.centre,
                staff=staff,
                catalogue=self.catalogue,
                self_test=self._self_tests,
                service=_Service(lambda: self.settings, self.devices, history),
                set_up=DeviceSetUp(self.devices, settings, self._settings_path, self._use_devices),
                audit=lambda *row: _append(audit, *row),
            ),
            self._show,
            demo_pin=self._demo_pin,
        )
        delivery = Delivery(self.outbox, self.centre, conductor.on_delivery_event)

        def on_link(online: bool) -> None:
            conductor.on_link(online)
            if online:  # what waits here need not wait for its own next try
                delivery.poke()

        live = LiveChannel(
            settings.centre.url,
            settings.station.id,
            token,
            self.outbox.last_event_number,
            conductor.on_live_event,
            on_link,
            ca=ca,
        )
        engine = _Engine()
        starting.callback(engine.stop)
        engine.start()
        engine.run(conductor.start())
        starting.callback(lambda: engine.run(conductor.stop()))
        self._conductor = conductor
        self.devices.subscribe(conductor.on_device_event)
        starting.callback(self.devices.stop)
        self.devices.start()
        engine.keep(live.run())
        starting.callback(delivery.stop)
        delivery.start()

    @staticmethod
    def _open_data(data: Path) -> StorageKey:
        try:
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
            return StorageKey.load_or_create(data / KEY_FILE)
        except KeyFileError as error:
            raise StartError(error.code, error.path) from None
        except OSError as error:
            log.error("data folder %s: %s", data, error.strerror)
            raise StartError("settings.no_data_folder", data) from None

    def _load_catalogue(self, data: Path) -> Catalogue:
        try:
            loaded = load_with_fallback(self.settings.catalogue.file, data / CATALOGUE_FILE)
        except CatalogueError as error:
            log.error("no catalogue: %s", error)
            raise StartError("catalogue.unusable") from None
        self.catalogue_code = loaded.code
        return loaded.catalogue

    def _token(self) -> str:
        """The station's token; without one everything works but the way to the centre."""
        path = self.settings.centre.token_file
        try:
            return path.read_text(encoding="ascii").strip() if path else ""
        except (OSError, UnicodeDecodeError) as error:
            log.error("no token from %s: %s", path, type(error).__name__)
            return ""

    def _show(self, snapshot: Snapshot) -> None:
        if snapshot.screen is not self._screen:
            self._screen = snapshot.screen
            log.info("screen %s", snapshot.screen)
        self._on_snapshot(snapshot)

    # -- what the front end asks for -------------------------------------------------------------------------------

    @property
    def commands(self) -> Commands:
        return self._running_conductor()

    def picture(self, path: str) -> bytes | None:
        """An encoded picture of the visit, or None when it is gone. Any thread."""
        return self._running_conductor().picture(path)

    def latest_frame(self, kind: DeviceKind) -> Frame | None:
        """The newest picture of a camera. Any thread."""
        return self.devices.latest_frame(kind)

    def search(self, text: str) -> Sequence[ItemView]:
        """Offered items, best first. Any thread; in memory."""
        offered = None if self.settings.catalogue.offered == "all" else self.settings.catalogue.offered
        return [item_view(item) for item in self.catalogue.search(text, offered, None if not text else 50)]

    def _use_devices(self, devices: DevicesSection, printer: PrinterSection) -> None:
        """What a technician has kept holds for the self-test too. Any thread."""
        self.settings = self.settings.model_copy(update={"devices": devices, "printer": printer})

    def _running_conductor(self) -> Conductor:
        if self._conductor is None:
            raise RuntimeError("the station is not running")
        return self._conductor

    # -- self-test -------------------------------------------------------------------------------------------------

    def self_test(
        self,
        kind: SelfTestKind = SelfTestKind.FULL,
        *,
        only: Collection[str] | None = None,
        limits: Limits = LIMITS,
    ) -> SelfTest:
        """A self-test of this station, not yet begun; on whose loop it runs does not matter."""
        parts = StationParts(
            settings=self.settings,
            outbox=self.outbox,
            centre=self.centre,
            catalogue_version=self.catalogue.version,
            catalogue_date=self.catalogue.date,
            catalogue_code=self.catalogue_code,
            now=self.now,
        )
        return SelfTest(self.settings, self.devices, parts, kind=kind, only=only, limits=limits)

    def keep_self_test(self, report: SelfTestReport) -> None:
        """Keep a report and give the centre what it has not got. Blocking; for a self-test nobody's screen asked for.

        Raises:
            HistoryError: ``selftest.not_kept``.
        """
        self._self_tests.keep(report)
        self._self_tests.send()


class _SelfTests:
    """``kiosk.conductor.self_testing.SelfTestEnd``."""

    def __init__(self, make: Callable[[SelfTestKind], SelfTest], history: History, centre: CentreClient) -> None:
        self.make = make
        self._history = history
        self._centre = centre

    def keep(self, report: SelfTestReport) -> None:
        self._history.keep(report)

    def newest(self, count: int) -> Sequence[SelfTestReport]:
        return self._history.newest(count)

    def send(self) -> int:
        return send_unsent(self._history, self._centre.send_self_test)


class _Service:
    """``kiosk.conductor.servicing.ServiceEnd``."""

    def __init__(self, settings: Callable[[], Settings], devices: StationDevices, history: History) -> None:
        self._settings = settings
        self._devices = devices
        self._history = history
        self._recordings = Recordings(settings().station.data / RECORDING_FOLDER)

    def bundle(self) -> tuple[bool, str]:
        reports = [report.model_dump(mode="json") for report in self._history.newest()]
        try:
            settings = self._settings()
            place = export_place(settings.station.data)
            written = write_bundle(place.folder, settings, statuses=self._devices.statuses(), self_tests=reports)
        except (BundleError, OSError) as error:
            reason = error.detail["reason"] if isinstance(error, BundleError) else error.strerror
            raise BundleFailed(str(reason)) from None
        return place.removable, written.name

    def record(self, kind: DeviceKind, ended: Callable[[], None]) -> None:
        path = self._recordings.new_path(kind.value, datetime.now())
        self._devices.record(kind, path, __version__, ended)

    def stop_recording(self, kind: DeviceKind) -> None:
        self._devices.stop_recording(kind)

    def recordings(self) -> Sequence[tuple[str, str, int]]:
        return [(one.name, one.kind, max(1, one.size // 1000)) for one in self._recordings.newest()]

    def delete(self, name: str) -> None:
        self._recordings.delete(name)


def _append(audit: AuditLog, actor: str, action: str, object_id: str, result: str) -> None:
    try:
        audit.append(actor, action, object_id, result)
    except AuditError as error:
        log.error("not in the audit record: %s %s", action, error.code)


class _Engine:
    """The engine thread and its asyncio loop."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
        self._kept: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine on the engine and wait for its end."""
        asyncio.run_coroutine_threadsafe(work, self._loop).result(STOP_SECONDS)

    def keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine until ``stop``."""

        async def start() -> None:
            self._kept.append(asyncio.get_running_loop().create_task(work))

        self.run(start())

    def stop(self) -> None:
        """Cancel what is kept and end the thread."""

        async def end() -> None:
            for task in self._kept:
                task.cancel()
            await asyncio.gather(*self._kept, return_exceptions=True)
            await asyncio.get_running_loop().shutdown_default_executor()

        try:
            self.run(end())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(STOP_SECONDS)
            if not self._thread.is_alive():
                self._loop.close()

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
