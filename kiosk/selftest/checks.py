"""The checks, one after another, each by itself: one that fails never hides the next.

A check believes answers only. A device that has said nothing is ``unknown``, not ``passed``.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from drivers.code_scanner import CodeScanned
from drivers.driver import DeviceError, DeviceKind, DeviceState
from drivers.receipt_printer import PrintResultState
from kiosk import __version__
from kiosk.devices.printing import for_printer
from kiosk.devices.station_devices import NOT_FITTED, PAPER_DOTS, StationDevices
from kiosk.receipts.draw import draw
from kiosk.receipts.slip import self_test_slip
from kiosk.settings import Settings

log = logging.getLogger(__name__)

ANSWER_SECONDS = 12.0
"""How long a device may take to be ready: opening, its first answer, one retry."""
SCAN_SECONDS = 20.0
"""How long the technician has to hold a code under the scanner."""
PRINT_SECONDS = 20.0
FRAMES = 5
SELF_TEST_CODE = "DOORSTEP-SELF-TEST"

PASSED, FAILED, ATTENTION, UNKNOWN, RUNNING = "passed", "failed", "attention", "unknown", "running"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line: ``state`` is running, passed, attention, failed or unknown; ``code`` a key of the words."""

    check_id: str
    state: str
    code: str = ""
    detail: Mapping[str, str | int | float] = field(default_factory=lambda: MappingProxyType({}))


Check = Callable[[], Awaitable[CheckResult]]


class SelfTest:
    """All checks of one station.

    Args:
        prompt: Called with a code (``selftest.scan_now``) when the technician has to do something.
        more: Checks of the station beyond its devices (disk, centre, catalogue …), by id.
        only: The checks to run, by id; None = all.
        print_seconds: How long the printer may take to say "printed".
    """

    def __init__(
        self,
        settings: Settings,
        devices: StationDevices,
        *,
        prompt: Callable[[str], None] = lambda code: None,
        more: Mapping[str, Check] | None = None,
        only: Collection[str] | None = None,
        print_seconds: float = PRINT_SECONDS,
    ) -> None:
        self._settings = settings
        self._devices = devices
        self._prompt = prompt
        self._print_seconds = print_seconds
        checks: dict[str, Check] = {
            DeviceKind.DOCUMENT_CAMERA: lambda: self._camera(DeviceKind.DOCUMENT_CAMERA),
            DeviceKind.WEBCAM: lambda: self._camera(DeviceKind.WEBCAM),
            DeviceKind.ID_CARD_READER: lambda: self._answering(DeviceKind.ID_CARD_READER),
            DeviceKind.SOCIAL_SECURITY_CARD: lambda: self._answering(DeviceKind.SOCIAL_SECURITY_CARD),
            DeviceKind.CODE_SCANNER: self._scanner,
            DeviceKind.RECEIPT_PRINTER: self._printer,
            **(more or {}),
        }
        self._checks = {check_id: check for check_id, check in checks.items() if only is None or check_id in only}

    async def run(self) -> AsyncIterator[CheckResult]:
        """Run every check; gives ``running`` and then the result of each. On the engine loop."""
        for check_id, check in self._checks.items():
            yield CheckResult(check_id, RUNNING)
            try:
                yield await check()
            except DeviceError as error:
                yield CheckResult(check_id, FAILED, error.code, error.detail)
            except Exception as error:  # a broken check is a line of the report, never its end
                log.exception("self-test: %s broke", check_id)
                yield CheckResult(check_id, FAILED, "selftest.broke", {"error": type(error).__name__})

    async def _answering(self, kind: DeviceKind) -> CheckResult:
        """Wait until the device has answered, or say what stands in the way."""
        until = time.monotonic() + ANSWER_SECONDS
        while True:
            status = self._devices.status(kind)
            settled = status.state in (DeviceState.READY, DeviceState.ATTENTION)
            if settled or status.code in NOT_FITTED or time.monotonic() > until:
                break
            await asyncio.sleep(0.1)
        state = {DeviceState.READY: PASSED, DeviceState.BUSY: PASSED, DeviceState.ATTENTION: ATTENTION}.get(
            status.state, UNKNOWN if status.state is DeviceState.UNKNOWN else FAILED
        )
        code = status.code or ("selftest.answers" if state == PASSED else f"device.{status.state}")
        return CheckResult(kind, state, code, {**status.detail, "identity": status.identity})

    async def _camera(self, kind: DeviceKind) -> CheckResult:
        result = await self._answering(kind)
        camera = self._devices.document_camera if kind is DeviceKind.DOCUMENT_CAMERA else self._devices.webcam
        if result.state != PASSED or camera is None:
            return result
        begun = time.monotonic()
        frame = None
        for _ in range(FRAMES):
            frame = await asyncio.to_thread(camera.wait_for_frame, frame.number if frame else 0, 3.0)
            if frame is None:
                return CheckResult(kind, FAILED, "selftest.no_frames")
        assert frame is not None
        height, width = frame.image.shape[:2]
        rate = round((FRAMES - 1) / max(time.monotonic() - begun, 1e-3), 1)
        return CheckResult(kind, PASSED, "selftest.frames", {"width": width, "height": height, "rate": rate})

    async def _scanner(self) -> CheckResult:
        result = await self._answering_port(DeviceKind.CODE_SCANNER)
        if result is not None:
            return result
        seen = asyncio.Event()
        loop = asyncio.get_running_loop()

        def on_event(event: object) -> None:
            if isinstance(event, CodeScanned):
                loop.call_soon_threadsafe(seen.set)

        unsubscribe = self._devices.subscribe(on_event)
        try:
            self._prompt("selftest.scan_now")
            await asyncio.wait_for(seen.wait(), SCAN_SECONDS)
        except TimeoutError:
            return CheckResult(DeviceKind.CODE_SCANNER, UNKNOWN, "selftest.nothing_scanned")
        finally:
            unsubscribe()
        return CheckResult(DeviceKind.CODE_SCANNER, PASSED, "selftest.scanned")

    async def _answering_port(self, kind: DeviceKind) -> CheckResult | None:
        """None once the port is open (the device itself may be silent by nature); else why it is not."""
        until = time.monotonic() + ANSWER_SECONDS
        while (status := self._devices.status(kind)).state not in (DeviceState.READY, DeviceState.UNKNOWN):
            if status.code in NOT_FITTED or time.monotonic() > until:
                return CheckResult(kind, FAILED, status.code or f"device.{status.state}", status.detail)
            await asyncio.sleep(0.1)
        return None

    async def _printer(self) -> CheckResult:
        kind = DeviceKind.RECEIPT_PRINTER
        result = await self._answering_port(kind) if not self._settings.printer.status else await self._answering(kind)
        if result is not None and result.state not in (PASSED, UNKNOWN):
            return result
        width = PAPER_DOTS[self._settings.printer.paper_mm]
        slip = self_test_slip(
            station_name=self._settings.station.name,
            device=self._devices.status(kind).identity or self._settings.printer.profile,
            printed_at=datetime.now(),
            code=SELF_TEST_CODE,
            version=__version__,
        )
        elements = for_printer(await asyncio.to_thread(draw, slip, width))
        action = f"self-test-{time.monotonic_ns()}"
        try:
            printed = await asyncio.wait_for(self._devices.print_job(elements, action), self._print_seconds)
        except TimeoutError:
            self._devices.cancel_print(action)  # else it comes out when somebody loads paper
            return CheckResult(kind, UNKNOWN, "selftest.print_unanswered")
        state = {PrintResultState.PRINTED: PASSED, PrintResultState.UNCONFIRMED: UNKNOWN}.get(printed.state, FAILED)
        return CheckResult(kind, state, printed.code or f"selftest.{printed.state}", printed.detail)
