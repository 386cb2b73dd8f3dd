"""The station's drivers as one thing: made from the settings, started, asked for their states, stopped.

Every driver comes back by itself (``drivers.driver``); what is added here is that a piece the settings do not name, or
whose driver cannot even be made, is a state like any other, and that no driver delays another.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from drivers.camera import Camera, Frame
from drivers.code_scanner import CodeScanner
from drivers.document_camera import DocumentCamera
from drivers.driver import DeviceError, DeviceKind, DeviceState, DeviceStatus, DeviceUnavailable, Driver, Listener
from drivers.id_card_reader import IdCardReader
from drivers.receipt_printer import Element, PrintResult, ReceiptPrinter
from drivers.social_security_card import SocialSecurityCardReader
from drivers.transport.address import Address, parse_address
from drivers.webcam import Webcam
from kiosk.settings import DevicesSection, PrinterSection

log = logging.getLogger(__name__)

NOT_CONFIGURED = "device.not_configured"
"""Code of a piece that the settings leave out."""

PAPER_DOTS = {58: 384, 80: 576}
"""Printable dots of a paper width in millimetres at 203 dpi (hardware reference 4.4)."""


class StationDevices:
    """All five pieces. Those who subscribe get every driver's events."""

    def __init__(self, devices: DevicesSection, printer: PrinterSection) -> None:
        self._listeners: tuple[Listener, ...] = ()
        listener = self._deliver
        makers: dict[DeviceKind, tuple[str, Callable[[Address], Driver]]] = {
            DeviceKind.DOCUMENT_CAMERA: (devices.document_camera, lambda a: DocumentCamera(a, listener)),
            DeviceKind.ID_CARD_READER: (devices.id_card_reader, lambda a: IdCardReader(a, listener)),
            DeviceKind.SOCIAL_SECURITY_CARD: (
                devices.social_security_card,
                lambda a: SocialSecurityCardReader(a, listener),
            ),
            DeviceKind.CODE_SCANNER: (devices.code_scanner, lambda a: CodeScanner(a, listener)),
            DeviceKind.RECEIPT_PRINTER: (
                devices.receipt_printer,
                lambda a: ReceiptPrinter(
                    a,
                    listener,
                    profile=printer.profile,
                    width_dots=PAPER_DOTS[printer.paper_mm],
                    has_status=printer.status,
                ),
            ),
            DeviceKind.WEBCAM: (devices.webcam, lambda a: Webcam(a, listener)),
        }
        self._drivers: dict[DeviceKind, Driver] = {}
        self._without: dict[DeviceKind, DeviceStatus] = {}
        for kind, (connection, make) in makers.items():
            if not connection:
                self._without[kind] = DeviceStatus(kind, DeviceState.ABSENT, NOT_CONFIGURED)
                continue
            try:
                self._drivers[kind] = make(parse_address(connection))
            except (DeviceError, ValueError) as error:
                log.error("%s: %s cannot be used: %s", kind, connection, error)
                code = error.code if isinstance(error, DeviceError) else "device.bad_connection"
                self._without[kind] = DeviceStatus(kind, DeviceState.FAULT, code, {"connection": connection})

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
        for driver in self._drivers.values():
            driver.start()

    def stop(self) -> None:
        """Stop every driver; at most about five seconds each when one hangs, and then it is left behind."""
        for driver in self._drivers.values():
            driver.stop()

    def statuses(self) -> tuple[DeviceStatus, ...]:
        """The newest state of every piece, in the order of ``DeviceKind``. Any thread."""
        return tuple(
            self._drivers[kind].status if kind in self._drivers else self._without[kind] for kind in DeviceKind
        )

    def status(self, kind: DeviceKind) -> DeviceStatus:
        """The newest state of one piece. Any thread."""
        driver = self._drivers.get(kind)
        return driver.status if driver else self._without[kind]

    def _camera(self, kind: DeviceKind) -> Camera | None:
        driver = self._drivers.get(kind)
        return driver if isinstance(driver, Camera) else None

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

    def look_for_cards(self) -> None:
        """Have the cards that already lie there reported once more; returns at once. Any thread."""
        for driver in self._drivers.values():
            if isinstance(driver, IdCardReader | SocialSecurityCardReader):
                driver.look_again()

    async def print_job(self, elements: Sequence[Element], action_id: str) -> PrintResult:
        """Print once for ``action_id``; the same id again gives the same result without printing again.

        Raises:
            DeviceUnavailable: no printer, or it is not open; nothing was printed.
        """
        printer = self._drivers.get(DeviceKind.RECEIPT_PRINTER)
        if not isinstance(printer, ReceiptPrinter):
            raise DeviceUnavailable("device.unavailable", device=str(DeviceKind.RECEIPT_PRINTER))
        return await asyncio.wrap_future(printer.print_job(elements, action_id))

    def cancel_print(self, action_id: str) -> None:
        """Give up waiting for a job; what the printer holds already may still come out. Any thread."""
        printer = self._drivers.get(DeviceKind.RECEIPT_PRINTER)
        if isinstance(printer, ReceiptPrinter):
            printer.cancel(action_id)
