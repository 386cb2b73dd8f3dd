"""One press: every check of the station and its pieces at the same time, one line after another, one report.

The full test closes the loop: what the printer printed must be read by the scanner, measured by the document camera
and seen by the webcam. The quick test asks everything that answers without a hand and without paper.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping

from drivers.driver import DeviceError, DeviceKind
from kiosk.devices.station_devices import StationDevices
from kiosk.selftest.limits import LIMITS, Limits
from kiosk.selftest.pieces import PieceChecks
from kiosk.selftest.report import Line, ReportBuilder, SelfTestKind, SelfTestReport, StepState
from kiosk.selftest.station_checks import StationChecks, StationParts
from kiosk.settings import Settings

log = logging.getLogger(__name__)

PIECE_ORDER = (
    DeviceKind.RECEIPT_PRINTER,
    DeviceKind.CODE_SCANNER,
    DeviceKind.DOCUMENT_CAMERA,
    DeviceKind.WEBCAM,
    DeviceKind.ID_CARD_READER,
    DeviceKind.SOCIAL_SECURITY_CARD,
)

Check = Callable[[], Awaitable[Line]]


class SelfTest:
    """One run of the self-test.

    ``async for line in test.run(): …`` and then ``test.report``. All methods but ``take_code`` on the loop of ``run``.

    Args:
        settings: Of the station.
        devices: Started by somebody else.
        parts: For the checks of the station itself; None leaves them out.
        kind: Full (prints, needs a hand) or quick.
        more: Further checks by name.
        only: The checks to run, by id; None = all. What is left out is not in the report.
        limits: Times and thresholds.
    """

    def __init__(
        self,
        settings: Settings,
        devices: StationDevices,
        parts: StationParts | None = None,
        *,
        kind: SelfTestKind = SelfTestKind.FULL,
        more: Mapping[str, Check] | None = None,
        only: Collection[str] | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        self._settings = settings
        self._devices = devices
        self._parts = parts
        self._kind = kind
        self._more = dict(more or {})
        self._only = None if only is None else frozenset(str(check) for check in only)
        self._limits = limits
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._lines: asyncio.Queue[Line | None] = asyncio.Queue()
        self._pieces: PieceChecks | None = None
        self._skipped: dict[str, str] = {}
        self._cancelled = False
        self._report: SelfTestReport | None = None

    @property
    def report(self) -> SelfTestReport:
        """The result, once ``run`` has ended in whatever way.

        Raises:
            RuntimeError: it has not ended yet.
        """
        if self._report is None:
            raise RuntimeError("the self-test has not ended")
        return self._report

    def cancel(self) -> None:
        """End now; what is not finished has failed, and the report says that it was cancelled."""
        self._cancelled = True
        for task in self._tasks.values():
            task.cancel()

    def skip(self, check_id: str, by: str) -> None:
        """Leave out a check that has not ended; one that is needed then stands in the way of a pass.

        Args:
            check_id: Of a running check; another is passed over.
            by: Account of whoever decides so, never a person's name.
        """
        task = self._tasks.get(check_id)
        if task is not None and not task.done():
            self._skipped[check_id] = by
            task.cancel()

    def take_code(self, raw: bytes) -> None:
        """A code from a scanner that types like a keyboard, which reaches the front end only. Any thread."""
        if self._pieces is not None:
            self._pieces.take_code(raw)

    async def run(self) -> AsyncGenerator[Line, None]:
        """Run every check; gives ``running`` and then the result of each, as they come.

        A check that waits for the hand gives further ``running`` lines that say what for; the newest line counts.
        """
        wanted = [kind for kind in PIECE_ORDER if self._wants(kind)]
        self._pieces = pieces = PieceChecks(
            self._settings,
            self._devices,
            self._lines.put_nowait,
            kind=self._kind,
            limits=self._limits,
            kinds=frozenset(wanted),
        )
        steps = pieces.steps()
        checks: dict[str, Check] = {kind.value: steps[kind] for kind in wanted}
        if self._parts is not None:
            own = StationChecks(self._parts, self._kind, self._limits).checks()
            checks |= {name: check for name, check in own.items() if self._wants(name)}
        checks |= {name: check for name, check in self._more.items() if self._wants(name)}
        builder = ReportBuilder(self._settings.station.id, self._kind, checks)
        self._devices.look_for_cards()
        try:
            for check_id, check in checks.items():
                yield self._kept(builder, Line(check_id, StepState.RUNNING))
                self._begin(check_id, check, pieces)
            left = len(checks)
            while left:
                line = await self._lines.get()
                if line is None:
                    left -= 1
                elif line.check_id in checks and not self._is_stale(builder, line):
                    yield self._kept(builder, line)
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            pieces.close()
            unfinished = any(
                (line := builder.line(check)) is None or line.state is StepState.RUNNING for check in checks
            )
            self._report = builder.finish(cancelled=self._cancelled or unfinished)

    def _wants(self, check_id: str) -> bool:
        return self._only is None or str(check_id) in self._only

    @staticmethod
    def _kept(builder: ReportBuilder, line: Line) -> Line:
        builder.add(line)
        return line

    @staticmethod
    def _is_stale(builder: ReportBuilder, line: Line) -> bool:
        """Whether a check has ended otherwise before this was said; a card that is read mends nothing else."""
        known = builder.line(line.check_id)
        ended = known is not None and known.state is not StepState.RUNNING
        return ended and (
            line.state is StepState.RUNNING or (known is not None and known.state is not StepState.PASSED)
        )

    def _begin(self, check_id: str, check: Check, pieces: PieceChecks) -> None:
        task = asyncio.create_task(self._step(check_id, check), name=f"self-test {check_id}")
        self._tasks[check_id] = task

        def end(task: asyncio.Task[None]) -> None:  # also of one that was cancelled before it ran
            by = self._skipped.get(check_id)
            if task.cancelled() and by is not None:
                self._lines.put_nowait(Line(check_id, StepState.SKIPPED, "selftest.skipped", skipped_by=by))
            pieces.ended(check_id)
            self._lines.put_nowait(None)

        task.add_done_callback(end)
        if self._cancelled:  # before it was begun
            task.cancel()

    async def _step(self, check_id: str, check: Check) -> None:
        try:
            line = await check()
        except DeviceError as error:
            self._lines.put_nowait(Line(check_id, StepState.FAILED, error.code, error.detail))
        except Exception as error:  # a broken check is a line of the report, never its end
            log.exception("self-test: %s broke", check_id)
            detail = {"error": type(error).__name__}
            self._lines.put_nowait(Line(check_id, StepState.FAILED, "selftest.broke", detail))
        else:
            self._lines.put_nowait(line)
