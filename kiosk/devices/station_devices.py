"""The station's drivers as one thing: made from the settings, started, asked for their states, stopped.

Every driver comes back by itself (``drivers.driver``); what is added here is that a piece the settings do not name, or
whose driver cannot even be made, is a state like any other, that a piece can be connected anew while the station runs,
that a driver whose worker hangs in a call without end is replaced, and that no driver delays another.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

from drivers.camera import Camera, CameraSetUp, Frame, Standby
from drivers.camera_controls import CameraControls
from drivers.camera_memory import CameraMemory
from drivers.code_scanner import CodeScanner
from drivers.document_camera import STANDBY as DOCUMENT_STANDBY
from drivers.document_camera import DocumentCamera
from drivers.driver import (
    DeviceError,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    DeviceUnavailable,
    Driver,
    Listener,
    StatusChanged,
)
from drivers.id_card_reader import IdCardReader
from drivers.printer_job import DOTS_OF_PAPER
from drivers.receipt_printer import Element, PrintResult, ReceiptPrinter
from drivers.social_security_card import SocialSecurityCardReader
from drivers.transport.address import NONE, AddressError
from drivers.webcam import STANDBY as WEBCAM_STANDBY
from drivers.webcam import Webcam
from kiosk.devices.usb_watch import UsbWatch
from kiosk.settings import CameraSection, DevicesSection, PrinterSection, connection_of

log = logging.getLogger(__name__)

NOT_CONFIGURED = "device.not_configured"
"""Code of a piece that nobody has set up yet."""

NONE_BY_DESIGN = "device.none_by_design"
"""Code of a piece that this station does without on purpose."""

NOT_FITTED = frozenset({NOT_CONFIGURED, NONE_BY_DESIGN})
"""Codes of a piece that is not there to work, and so has no trouble."""

WATCH_SECONDS = 1.0
"""Between two looks at every driver's sign of life, and at what is plugged in."""

HUNG_LOOKS = 20
"""Looks in a row without a sign of life before a worker counts as hanging.

Looks and not seconds: when the whole computer was stopped for a while, nobody has looked meanwhile. The longest silence
of a driver that works is a maker's library that starts, 12 s at most.
"""

MOST_HUNG = 3
"""Workers of one piece that hang at the same time; then no further one is started until one of them has ended."""

STOP_SECONDS = 5.0
"""Within which all drivers together are stopped; one that hangs is left behind."""

AS_THE_CAMERA_LIKES = CameraSection()


class _CameraOptions(TypedDict):
    standby: Standby
    set_up: CameraSetUp


class StationDevices:
    """All five pieces. Those who subscribe get every driver's events."""

    def __init__(
        self,
        devices: DevicesSection,
        printer: PrinterSection,
        *,
        document_camera: CameraSection = AS_THE_CAMERA_LIKES,
        webcam: CameraSection = AS_THE_CAMERA_LIKES,
        cameras_file: Path | None = None,
    ) -> None:
        """Make the drivers; nothing is opened yet.

        Args:
            devices: Where the pieces are.
            printer: The printer's paper and habits.
            document_camera: Focus, exposure and standby of this camera.
            webcam: The same of that one.
            cameras_file: Where best modes and views of cameras are kept; None = no camera is measured by itself.
        """
        self._listeners: tuple[Listener, ...] = ()
        self._printer = printer
        self._camera_memory = CameraMemory(cameras_file) if cameras_file is not None else None
        self._camera_sections = {DeviceKind.DOCUMENT_CAMERA: document_camera, DeviceKind.WEBCAM: webcam}
        self._changing = threading.Lock()
        self._stopped = False
        self._ending = threading.Event()
        self._watcher: threading.Thread | None = None
        self._hung: dict[DeviceKind, list[threading.Thread]] = {kind: [] for kind in DeviceKind}
        self._connections: dict[DeviceKind, str] = {kind: str(getattr(devices, kind.value)) for kind in DeviceKind}
        self._pieces: dict[DeviceKind, Driver | DeviceStatus] = {}
        self._before: dict[DeviceKind, Driver] = {}  # ended, and not succeeded yet: the piece has no driver
        for kind, connection in self._connections.items():
            try:
                self._pieces[kind] = self._make(kind, connection)
            except ValueError as error:
                log.error("%s: %s cannot be used: %s", kind, connection, error)
                self._pieces[kind] = _unusable(kind, "device.bad_connection", connection)

    def _make(self, kind: DeviceKind, connection: str) -> Driver | DeviceStatus:
        """A driver that is not started yet, or the state of a piece that has none.

        Raises:
            AddressError, ValueError: this piece cannot be reached so.
        """
        if connection in ("", NONE):
            code = NONE_BY_DESIGN if connection else NOT_CONFIGURED
            return DeviceStatus(kind, DeviceState.ABSENT, code, since=time.monotonic())
        address = connection_of(kind.value, connection)
        if address.scheme == "simulated":
            raise AddressError("a simulated piece is resolved before its driver is made")
        try:
            match kind:
                case DeviceKind.DOCUMENT_CAMERA:
                    return DocumentCamera(address, self._deliver, **self._camera_options(kind, DOCUMENT_STANDBY))
                case DeviceKind.ID_CARD_READER:
                    return IdCardReader(address, self._deliver)
                case DeviceKind.SOCIAL_SECURITY_CARD:
                    return SocialSecurityCardReader(address, self._deliver)
                case DeviceKind.CODE_SCANNER:
                    return CodeScanner(address, self._deliver, cameras=self._cameras)
                case DeviceKind.RECEIPT_PRINTER:
                    return ReceiptPrinter(
                        address,
                        self._deliver,
                        profile=self._printer.profile,
                        width_dots=DOTS_OF_PAPER[self._printer.paper_mm],
                        has_status=self._printer.status,
                    )
                case DeviceKind.WEBCAM:
                    return Webcam(address, self._deliver, **self._camera_options(kind, WEBCAM_STANDBY))
        except DeviceError as error:
            log.error("%s: %s cannot be used: %s", kind, connection, error)
            return _unusable(kind, error.code, connection)

    def _camera_options(self, kind: DeviceKind, standby: Standby) -> _CameraOptions:
        section = self._camera_sections[kind]
        controls = CameraControls(**section.model_dump(exclude={"standby_minutes"}))
        release = section.standby_minutes * 60 or None
        return {
            "standby": replace(standby, release=release),
            "set_up": CameraSetUp(controls, self._camera_memory),
        }

    def _cameras(self) -> Sequence[DeviceStatus]:
        """The cameras that read codes where there is no scanner. Any thread."""
        return [self.status(kind) for kind in (DeviceKind.WEBCAM, DeviceKind.DOCUMENT_CAMERA)]

    @property
    def _drivers(self) -> list[Driver]:
        return [piece for piece in self._pieces.values() if isinstance(piece, Driver)]

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hear every driver's events, on the drivers' threads, returning at once; gives the way to end it."""
        self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            self._listeners = tuple(other for other in self._listeners if other is not listener)

        return unsubscribe

    def _deliver(self, event: object) -> None:
        for listener in self._listeners:
            listener(event)

    def start(self) -> None:
        """Start every driver and the watch over them; returns at once."""
        for driver in self._drivers:
            driver.start()
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="device-watch", daemon=True)
            self._watcher.start()

    def stop(self) -> None:
        """Stop every driver, all at the same time; one that hangs is left behind after about five seconds."""
        self._ending.set()
        with self._changing:
            self._stopped = True
            drivers = self._drivers
            for driver in drivers:
                driver.ask_to_stop()
            until = time.monotonic() + STOP_SECONDS
            for driver in drivers:
                driver.stop(max(0.0, until - time.monotonic()))
        if self._watcher is not None:
            self._watcher.join(STOP_SECONDS)

    def reconnect(self, kind: DeviceKind, connection: str) -> None:
        """Give a piece another connection while the station runs: its driver ends, a new one is made and started.

        Those who subscribed stay subscribed. Blocks, about five seconds when the old driver hangs; any thread but the
        engine's. After ``stop`` it does nothing.

        Args:
            kind: The piece.
            connection: As in ``station.toml``; "" = not set up, "none" = this station has no such piece on purpose.

        Raises:
            AddressError: a connection that this piece cannot have; the old driver goes on.
        """
        try:
            new = self._make(kind, connection)
        except AddressError:
            raise
        except ValueError as error:
            raise AddressError(str(error)) from None
        with self._changing:
            if self._stopped:
                return
            log.info("%s: connected anew by %s", kind, connection or "nothing")
            old = self._pieces[kind]
            if isinstance(old, Driver):
                old.retire()
                if not old.stop(STOP_SECONDS):
                    self._leave_behind(kind, old)
                self._before[kind] = old
            if isinstance(new, Driver) and kind in self._before:
                new.succeed(self._before.pop(kind))
            self._connections[kind] = connection
            self._pieces[kind] = new
            self._deliver(StatusChanged(self.status(kind)))
            if isinstance(new, Driver):
                new.start()

    def use_printer(self, section: PrinterSection) -> None:
        """Paper width, profile and manner of the printer that ``reconnect`` makes next. Any thread."""
        self._printer = section

    # -- the watch -------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        seen: dict[DeviceKind, tuple[Driver, int]] = {}
        still = dict.fromkeys(DeviceKind, 0)
        usb = UsbWatch()
        while not self._ending.wait(WATCH_SECONDS):
            try:
                usb.look()
                self._look_at_drivers(seen, still)
            except Exception:  # what is not understood is no reason to leave the drivers unwatched from now on
                log.exception("the watch over the drivers failed")

    def _look_at_drivers(self, seen: dict[DeviceKind, tuple[Driver, int]], still: dict[DeviceKind, int]) -> None:
        for kind, piece in self._pieces.items():
            if not isinstance(piece, Driver):
                continue
            sign = (piece, piece.turns)
            still[kind] = still[kind] + 1 if seen.get(kind) == sign and piece.started else 0
            seen[kind] = sign
            if still[kind] >= HUNG_LOOKS:
                still[kind] = 0
                self._replace(kind, piece)
            elif not piece.started:
                self._start_anew(kind, piece)

    def _leave_behind(self, kind: DeviceKind, hanging: Driver) -> None:
        thread = hanging.give_up()
        if thread is not None:
            self._hung[kind].append(thread)

    def _replace(self, kind: DeviceKind, hanging: Driver) -> None:
        """Leave a driver behind whose worker hangs; a fresh one takes its place."""
        with self._changing:
            if self._stopped or self._pieces[kind] is not hanging:
                return
            log.error("%s: the driver's worker has hung for %.0f s and is replaced", kind, HUNG_LOOKS * WATCH_SECONDS)
            self._leave_behind(kind, hanging)
            fresh = self._make(kind, self._connections[kind])
            if isinstance(fresh, Driver):
                fresh.succeed(hanging)
            self._pieces[kind] = fresh
        self._deliver(StatusChanged(self.status(kind)))
        if isinstance(fresh, Driver):
            self._start_anew(kind, fresh)

    def _start_anew(self, kind: DeviceKind, driver: Driver) -> None:
        """Start a replacement, unless too many of its kind hang already; then it waits for one of them to end."""
        with self._changing:
            self._hung[kind] = [thread for thread in self._hung[kind] if thread.is_alive()]
            if len(self._hung[kind]) < MOST_HUNG and not self._stopped and self._pieces[kind] is driver:
                driver.start()
                return
        log.debug("%s: %d workers hang; no further one is started", kind, len(self._hung[kind]))

    def statuses(self) -> tuple[DeviceStatus, ...]:
        """The newest state of every piece, in the order of ``DeviceKind``. Any thread."""
        return tuple(self.status(kind) for kind in DeviceKind)

    def status(self, kind: DeviceKind) -> DeviceStatus:
        """The newest state of one piece. Any thread."""
        piece = self._pieces[kind]
        return piece.status if isinstance(piece, Driver) else piece

    def _camera(self, kind: DeviceKind) -> Camera | None:
        piece = self._pieces[kind]
        return piece if isinstance(piece, Camera) else None

    @property
    def document_camera(self) -> Camera | None:
        return self._camera(DeviceKind.DOCUMENT_CAMERA)

    @property
    def webcam(self) -> Camera | None:
        return self._camera(DeviceKind.WEBCAM)

    def latest_frame(self, kind: DeviceKind) -> Frame | None:
        """The newest picture of a camera, or None while there is none. Any thread."""
        camera = self._camera(kind)
        return camera.latest() if camera else None

    def wake_cameras(self) -> None:
        """Somebody came: cameras that rest are opened before they are looked at. Returns at once; any thread."""
        for driver in self._drivers:
            if isinstance(driver, Camera):
                driver.wake()

    def record(self, kind: DeviceKind, path: Path, program: str, ended: Callable[[], None]) -> None:
        """Record what goes over a piece's wire, without its content (``drivers.recording``). Any thread.

        Args:
            kind: The piece; one without a driver gives an empty recording that has ended.
            path: A file that does not exist.
            program: Version of the program.
            ended: Called when it ends by itself, also because the piece was connected anew.

        Raises:
            OSError: the file cannot be made.
        """
        piece = self._pieces[kind]
        if isinstance(piece, Driver):
            piece.tap.start(path, piece.settings_for_replay(), program, ended)
        else:
            ended()

    def stop_recording(self, kind: DeviceKind) -> None:
        """End a recording; its file is whole on disk then. Any thread."""
        piece = self._pieces[kind]
        if isinstance(piece, Driver):
            piece.tap.stop()

    def look_for_cards(self) -> None:
        """Have the cards that already lie there reported once more; returns at once. Any thread."""
        for driver in self._drivers:
            if isinstance(driver, IdCardReader | SocialSecurityCardReader):
                driver.look_again()

    async def ask_card_module(self) -> str:
        """Ask the ID card reader's module for its state and number; gives the number as text.

        Raises:
            DeviceUnavailable: no reader, or it is not open.
            DeviceError: it is silent, damaged the answer, or reports a fault.
        """
        reader = self._pieces[DeviceKind.ID_CARD_READER]
        if not isinstance(reader, IdCardReader):
            raise DeviceUnavailable("device.unavailable", device=str(DeviceKind.ID_CARD_READER))
        return await asyncio.wrap_future(reader.self_test())

    def expect_code(self, expected: bool) -> None:
        """Somebody is about to show a code, or no longer: for scanners that read on command. Returns at once."""
        scanner = self._pieces[DeviceKind.CODE_SCANNER]
        if isinstance(scanner, CodeScanner):
            if expected:
                scanner.trigger()
            else:
                scanner.release()

    async def print_job(self, elements: Sequence[Element], action_id: str) -> PrintResult:
        """Print once for ``action_id``; the same id again gives the same result without printing again.

        Raises:
            DeviceUnavailable: no printer, or it is not open; nothing was printed.
        """
        printer = self._pieces[DeviceKind.RECEIPT_PRINTER]
        if not isinstance(printer, ReceiptPrinter):
            raise DeviceUnavailable("device.unavailable", device=str(DeviceKind.RECEIPT_PRINTER))
        return await asyncio.wrap_future(printer.print_job(elements, action_id))

    def cancel_print(self, action_id: str) -> None:
        """Give up waiting for a job; what the printer holds already may still come out. Any thread."""
        printer = self._pieces[DeviceKind.RECEIPT_PRINTER]
        if isinstance(printer, ReceiptPrinter):
            printer.cancel(action_id)


def _unusable(kind: DeviceKind, code: str, connection: str) -> DeviceStatus:
    return DeviceStatus(kind, DeviceState.FAULT, code, {"connection": connection}, since=time.monotonic())
