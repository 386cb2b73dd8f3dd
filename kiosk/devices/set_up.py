"""Setting a piece up while the station runs: what is plugged in, a connection on trial, and the file that keeps it.

Nothing is written before ``keep``: a crash in between leaves the old ``station.toml``, and the next start the old
connections. Everything here blocks and is called from worker threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

from drivers.discovery import Discovery, discover
from drivers.driver import DeviceKind
from drivers.probing import OnStep, SerialProbe
from drivers.transport.address import NONE, AddressError, parse_address
from kiosk.devices.station_devices import StationDevices
from kiosk.settings import DevicesSection, PrinterSection, Settings, connection_of
from kiosk.settings_file import SettingsFileError, change_settings

OnKept = Callable[[DevicesSection, PrinterSection], None]


class DeviceSetUp:
    """Connections in effect and on trial, of one running station.

    Args:
        devices: The station's drivers.
        settings: What they were made from.
        path: The station's settings file; None when it has none, then nothing can be kept.
        on_kept: Called with the new sections after the file was written.
    """

    def __init__(
        self,
        devices: StationDevices,
        settings: Settings,
        path: Path | None,
        on_kept: OnKept = lambda devices, printer: None,
    ) -> None:
        self._devices = devices
        self._path = path
        self._on_kept = on_kept
        self._lock = threading.Lock()
        self._kept = settings.devices
        self._kept_printer = settings.printer

    def connection(self, kind: DeviceKind) -> str:
        """The connection that is kept: that of the file, with ``simulated`` resolved."""
        return str(getattr(self._kept, kind.value))

    @property
    def printer(self) -> PrinterSection:
        """What is kept of the printer."""
        return self._kept_printer

    def discover(self) -> Discovery:
        return discover()

    def user_of(self, connection: str) -> DeviceKind | None:
        """The piece that is kept at the same device, by whatever name."""
        wanted = _place(connection)
        if not wanted:
            return None
        return next((kind for kind in DeviceKind if _place(self.connection(kind)) == wanted), None)

    def check(self, kind: DeviceKind, connection: str) -> bool:
        """Whether this piece can have such a connection at all; nothing is opened."""
        if connection in ("", NONE):
            return True
        try:
            return connection_of(kind.value, connection).scheme != "simulated"
        except AddressError:
            return False

    def connect(self, kind: DeviceKind, connection: str, printer: PrinterSection | None = None) -> None:
        """Connect a piece on trial, or back; about five seconds when the old driver hangs.

        Raises:
            AddressError: this piece cannot have such a connection; the old driver goes on.
        """
        with self._lock:
            self._devices.use_printer(printer or self._kept_printer)
            self._devices.reconnect(kind, connection)

    def probe(self, connection: str, on_step: OnStep) -> SerialProbe:
        """Tries on a serial line that no driver holds.

        Raises:
            AddressError: no serial line.
        """
        return SerialProbe(connection, on_step)

    def keep(self, kind: DeviceKind, connection: str, printer: PrinterSection) -> None:
        """Write a connection, and the printer's section with the printer's, into the settings file.

        Raises:
            SettingsFileError: not written, and what was kept before is kept still.
        """
        if self._path is None:
            raise SettingsFileError("set_up.no_file", path="station.toml")
        changes: dict[str, dict[str, str | int | bool]] = {"devices": {kind.value: connection}}
        if kind is DeviceKind.RECEIPT_PRINTER and printer != self._kept_printer:
            changes["printer"] = {
                "paper_mm": printer.paper_mm,
                "profile": printer.profile,
                "status": printer.status,
            }
        with self._lock:
            change_settings(self._path, changes)
            self._kept = self._kept.model_copy(update={kind.value: connection})
            self._kept_printer = printer
        camera = self._devices.document_camera
        if kind is DeviceKind.DOCUMENT_CAMERA and camera is not None:
            camera.learn_view()  # what it sees now is where it belongs
        self._on_kept(self._kept, printer)


def _place(connection: str) -> str:
    """Two names of one device give the same text; "" for what names no single device."""
    try:
        address = parse_address(connection)
    except AddressError:
        return ""
    if address.scheme in ("keyboard", "camera", "simulated") or not address.target:
        return ""
    target = os.path.realpath(address.target) if address.target.startswith("/") else address.target
    serial = address.options.get("serial", "")
    return f"{'' if target.startswith('/') else address.scheme}:{target}:{serial}"
