"""A device's trouble is said where the device is needed, and taken back when it is over."""

from __future__ import annotations

from drivers.driver import DeviceKind, DeviceState
from kiosk.conductor.core import Core
from kiosk.conductor.ports import Devices
from kiosk.conductor.snapshot import Screen
from kiosk.devices.station_devices import NOT_FITTED

NEEDED = {
    Screen.IDENTIFY: DeviceKind.ID_CARD_READER,
    Screen.APPLICANT: DeviceKind.ID_CARD_READER,
    Screen.CAPTURE: DeviceKind.DOCUMENT_CAMERA,
    Screen.RECEIPT: DeviceKind.RECEIPT_PRINTER,
    Screen.REPRINT: DeviceKind.RECEIPT_PRINTER,
}
WORKS = frozenset({DeviceState.READY, DeviceState.BUSY})
NO_TROUBLE = NOT_FITTED | {"", "receipt_printer.no_status"}
"""Said elsewhere, and nothing anybody could change during a visit."""


class Trouble:
    """Engine thread. Says each trouble once, so that a dismissed sentence does not come back by itself."""

    def __init__(self, core: Core, devices: Devices) -> None:
        self._core = core
        self._devices = devices
        self._said: tuple[Screen, str] | None = None

    def follow(self, screen: Screen | None) -> None:
        kind = NEEDED.get(screen) if screen is not None else None
        status = self._devices.status(kind) if kind is not None else None
        wanted = None
        if screen is not None and status is not None and status.state not in WORKS and status.code not in NO_TROUBLE:
            wanted = (screen, status.code)
        if wanted == self._said:
            return
        if self._said is not None:
            self._core.unsay(self._said[1])
        self._said = wanted
        if wanted is not None and status is not None:
            self._core.say("warning", wanted[1], **{**status.detail, "device": str(status.kind)})
