"""What is plugged in and pulled out, for the log: whoever looks for a loose cable finds the moment and the socket.

Neither a product's name nor its serial number is read: a resident's telephone, plugged in to be charged, may carry the
name of its owner in either.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from serial.tools import list_ports

log = logging.getLogger(__name__)

USB_DEVICES = Path("/sys/bus/usb/devices")
"""One folder for each device, named by the sockets that lead to it (``1-2.4``); Linux only."""


class UsbWatch:
    """Logs every difference to the last look. One thread."""

    def __init__(self, devices: Path = USB_DEVICES) -> None:
        self._devices = devices
        self._known = _plugged_in(devices, {})

    def look(self) -> None:
        """Compare with the last look; a few milliseconds at most."""
        now = _plugged_in(self._devices, self._known)
        for socket, name in self._known.items():
            if now.get(socket) != name:
                log.info("usb: %s pulled out of %s", name, socket)
        for socket, name in now.items():
            if self._known.get(socket) != name:
                log.info("usb: %s plugged in at %s", name, socket)
        self._known = now


def _plugged_in(devices: Path, known: Mapping[str, str]) -> dict[str, str]:
    """Vendor and product number by socket."""
    if not devices.is_dir():
        return {
            port.device: f"{port.vid:04x}:{port.pid:04x}"
            for port in list_ports.comports()
            if port.vid is not None and port.pid is not None
        }
    found = {}
    for folder in devices.iterdir():
        if ":" in folder.name or folder.name.startswith("usb"):
            continue  # an interface of a device, or a controller
        try:
            found[folder.name] = "{}:{}".format(
                (folder / "idVendor").read_text().strip(), (folder / "idProduct").read_text().strip()
            )
        except OSError:  # being plugged in or pulled out at this moment
            if folder.name in known and folder.is_dir():
                found[folder.name] = known[folder.name]
    return found
