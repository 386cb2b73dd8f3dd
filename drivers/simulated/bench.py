"""All simulated device ends of one station together, each on its own real port.

Used by ``kiosk demo``, ``kiosk selftest --simulated``, training and the end-to-end tests. Whoever holds the bench is
the hand: it lays down cards, holds up phones, puts paper under the camera, unplugs things and takes out the paper.
"""

from __future__ import annotations

import logging
from contextlib import ExitStack

from drivers.driver import DeviceKind
from drivers.simulated.camera import SimulatedCamera
from drivers.simulated.carrier import SlipCarrier
from drivers.simulated.code_scanner import SimulatedCodeScanner
from drivers.simulated.id_card_reader import SimulatedIdCardReader
from drivers.simulated.pcsc_service import PcscService, PcscUnavailable, why_unavailable
from drivers.simulated.receipt_printer import SimulatedReceiptPrinter
from drivers.simulated.scenes import document_scene, webcam_scene
from drivers.simulated.social_security_card import SimulatedSocialSecurityCard

log = logging.getLogger(__name__)


class Bench:
    """Five pieces on real ports; ``social_security_card`` is None where pcscd with its virtual reader cannot run.

    Attributes:
        no_card_service: Why there is no card reader for social-security cards, "" when there is one.
        carrier: The hand that carries a self-test's slip from the printer to scanner and cameras.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.no_card_service = why_unavailable()
        self.social_security_card: SimulatedSocialSecurityCard | None = None
        self._service: PcscService | None = None

    def start(self) -> None:
        """Open all ports.

        Raises:
            OSError: a port cannot be opened; those already open are closed again.
        """
        with ExitStack() as stack:
            self.document_camera = SimulatedCamera(document_scene("empty_mat"))
            stack.callback(self.document_camera.close)
            self.webcam = SimulatedCamera(webcam_scene("empty_room"))
            stack.callback(self.webcam.close)
            self.id_card_reader = SimulatedIdCardReader()
            self.id_card_reader.start()
            stack.callback(self.id_card_reader.stop)
            self.code_scanner = SimulatedCodeScanner()
            self.code_scanner.start()
            stack.callback(self.code_scanner.stop)
            self.receipt_printer = SimulatedReceiptPrinter()
            stack.callback(self.receipt_printer.stop)
            self.carrier = SlipCarrier(self.receipt_printer, self.code_scanner, self.document_camera, self.webcam)
            self.carrier.start()
            stack.callback(self.carrier.stop)
            self._start_card_service(stack)
            self._stack = stack.pop_all()

    def _start_card_service(self, stack: ExitStack) -> None:
        if self.no_card_service:
            log.warning("no simulated social-security card: %s", self.no_card_service)
            return
        service = PcscService(lock_seconds=2.0)
        try:
            service.start()
        except PcscUnavailable as error:
            self.no_card_service = str(error)
            log.warning("no simulated social-security card: %s", error)
            return
        stack.callback(service.stop)
        self._service = service
        self.social_security_card = SimulatedSocialSecurityCard(service)
        stack.callback(self.social_security_card.remove)

    def stop(self) -> None:
        """Close everything, the card service by its own process id."""
        self._stack.close()

    def addresses(self) -> dict[DeviceKind, str]:
        """Connection strings for ``station.toml``; "none" where this computer cannot simulate the piece."""
        return {
            DeviceKind.DOCUMENT_CAMERA: self.document_camera.address,
            DeviceKind.WEBCAM: self.webcam.address,
            DeviceKind.ID_CARD_READER: self.id_card_reader.address,
            DeviceKind.SOCIAL_SECURITY_CARD: self._service.address if self._service else "none",
            DeviceKind.CODE_SCANNER: self.code_scanner.address,
            DeviceKind.RECEIPT_PRINTER: self.receipt_printer.address,
        }

    def unplug(self, kind: DeviceKind) -> None:
        """Pull the cable of one piece."""
        if kind is DeviceKind.SOCIAL_SECURITY_CARD:
            if self._service:
                self._service.kill()
        else:
            getattr(self, kind.value).unplug()

    def replug(self, kind: DeviceKind) -> None:
        """Plug it in again, at the same address."""
        if kind is DeviceKind.SOCIAL_SECURITY_CARD:
            if self._service:
                self._service.start()
        else:
            getattr(self, kind.value).replug()
