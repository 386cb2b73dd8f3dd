"""Receipt printer (ESC/POS): true status, jobs that are printed once, and "printed" only when the printer says so.

Rules and byte tables: hardware.md 4.1 to 4.5. A job is sent in chunks and followed by a fence (GS r 1) that the
printer answers only after everything before it was printed. While it is silent the cause is asked for in real time
and the job waits for the hand that loads paper; it is never sent a second time.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from drivers.driver import DeviceError, DeviceKind, DeviceLost, DeviceState, Driver, Listener
from drivers.printer_job import Cut, Element, Feed, QrCode, Raster, compose, dots_of, load_escpos
from drivers.printer_status import (
    FENCE,
    INITIALISE,
    QUERIES,
    RECOVER_AND_CLEAR,
    RECOVER_AND_RESUME,
    SWITCH_AUTOMATIC_STATUS_ON,
    AnswerReader,
    PrinterCondition,
)
from drivers.transport.address import Address
from drivers.transport.printer_line import PrinterLine, open_printer_line

log = logging.getLogger(__name__)

__all__ = [
    "Cut",
    "Element",
    "Feed",
    "PaperUsed",
    "PrintPhase",
    "PrintProgress",
    "PrintResult",
    "PrintResultState",
    "QrCode",
    "Raster",
    "ReceiptPrinter",
    "dots_of",
]

ANSWER_SECONDS = 0.3
"""Longest wait for one answer to DLE EOT; real printers take a few milliseconds."""

QUERY_EVERY = 1.5
"""Seconds between idle rounds of queries; automatic status tells of changes at once in between."""

CAUSE_EVERY = 0.4
"""Seconds between questions for the cause while a job waits."""

SILENT_ROUNDS = 2
"""Rounds without an answer before a printer that has answered counts as silent."""

SILENCE_SECONDS = 10.0
"""After a job was sent and nothing at all is answered any more, for this long: not confirmed."""

FENCE_SECONDS = 15.0
"""A printer that says it prints but does not answer the fence for this long does not know GS r."""

NOT_TAKING_SECONDS = 5.0
"""A line that takes no byte for this long is not merely slow."""

REMEMBERED_JOBS = 256
SEND_PIECE = 16384


class PrintPhase(StrEnum):
    PRINTING = "printing"
    WAITING_FOR_HAND = "waiting_for_hand"  # paper, cover, cutter; goes on by itself
    SILENT = "silent"  # nothing is answered; nothing is known


class PrintResultState(StrEnum):
    PRINTED = "printed"  # the fence was answered
    UNCONFIRMED = "unconfirmed"  # sent whole; this printer does not tell
    FAILED = "failed"  # nothing came out, nothing will: not a byte was sent
    INTERRUPTED = "interrupted"  # a part or all may be on paper; a reprint carries a visible mark


@dataclass(frozen=True, slots=True)
class PrintProgress:
    """What a job waits for. ``code`` and ``detail`` are for the table of words, "" while it prints."""

    action_id: str
    state: PrintPhase
    code: str = ""
    detail: Mapping[str, str | int | float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class PaperUsed:
    """A job took so much paper: rows of dots printed and fed, and their length."""

    rows: int
    millimetres: float


@dataclass(frozen=True, slots=True)
class PrintResult:
    state: PrintResultState
    code: str = ""
    detail: Mapping[str, str | int | float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(slots=True)
class _Job:
    action_id: str
    elements: tuple[Element, ...]
    future: Future[PrintResult]
    cancelled: threading.Event = field(default_factory=threading.Event)
    sent: bool = False  # at least one byte left
    arrived: bool = False  # a query sent after it was answered, so the printer has all of it
    told: tuple[PrintPhase, str] | None = None


class _Ended(Exception):
    """A job is over before its end, with this result; the line is still good."""

    def __init__(self, result: PrintResult) -> None:
        super().__init__(result.code)
        self.result = result


class ReceiptPrinter(Driver):
    """One ESC/POS printer.

    Emits ``PrintProgress`` besides ``StatusChanged``. Codes start with ``receipt_printer.``.

    Args:
        address: ``tcp:host:port``, ``serial:…?baud=``, ``usb:vendor:product[?serial=]`` or ``file:/dev/usb/lp0``.
        listener: See ``Driver``.
        profile: Of python-escpos, for example ``TM-T20II`` or ``POS-5890``.
        width_dots: Dots across (``dots_of``).
        has_status: False for a printer that never answers: nothing is asked, every job ends UNCONFIRMED.
        guard_real_time: Keep DLE sequences out of raster data; also ``?guard=1`` in the address.
    """

    def __init__(
        self,
        address: Address,
        listener: Listener,
        *,
        profile: str,
        width_dots: int,
        has_status: bool,
        guard_real_time: bool = False,
    ) -> None:
        super().__init__(DeviceKind.RECEIPT_PRINTER, listener)
        self._address = address
        self._profile = profile
        self._width_dots = width_dots
        self._wants_status = has_status
        self._has_status = has_status
        self._guard = guard_real_time or address.number("guard", 0) != 0
        self._jobs: OrderedDict[str, _Job] = OrderedDict()
        self._jobs_lock = threading.Lock()
        self._hand_done = threading.Event()

        self._line: PrinterLine | None = None
        self._answers = AnswerReader()
        self._condition: PrinterCondition | None = None
        self._known_queries: tuple[int, ...] = ()
        self._silent_rounds = 0
        self._next_query = 0.0
        self._fences_owed = 0
        self._stray_fence = False  # the connection broke while a fence was owed: it may still be answered
        self._zeros_owed = 0  # a command was sent in part; this many zeros fill it up for certain
        self._cut_first = False  # a slip was broken off: cut before the next one

    # -- any thread ----------------------------------------------------------------------------------------------

    def print_job(self, elements: Sequence[Element], action_id: str) -> Future[PrintResult]:
        """Print once. The same ``action_id`` again gives the same future: nothing is ever printed twice.

        Only a job of which nothing was sent (state FAILED) may be asked for again with its id. The future never holds
        an exception and cannot be cancelled; see ``cancel``.
        """
        with self._jobs_lock:
            known = self._jobs.get(action_id)
            if known is not None and not _never_sent(known):
                self._jobs.move_to_end(action_id)
                return known.future
            future: Future[PrintResult] = Future()
            future.set_running_or_notify_cancel()
            job = _Job(action_id, tuple(elements), future)
            self._jobs[action_id] = job
            self._jobs.move_to_end(action_id)
            for old in [key for key, value in self._jobs.items() if value.future.done()]:
                if len(self._jobs) <= REMEMBERED_JOBS:
                    break
                del self._jobs[old]
        request = self.call(lambda: self._print(job))
        request.add_done_callback(lambda done: _settle(job, done))
        if self._stopping.is_set():
            self._refuse_requests()  # the worker may have looked for the last time already
        return future

    def succeed(self, predecessor: Driver) -> None:
        """Know what has been printed: no action id is printed a second time because the driver is a new one."""
        super().succeed(predecessor)
        if isinstance(predecessor, ReceiptPrinter):
            self._jobs = predecessor.known_jobs()

    def known_jobs(self) -> OrderedDict[str, _Job]:
        """The jobs of this program so far, by action id, the oldest first. Any thread."""
        with self._jobs_lock:
            return OrderedDict(self._jobs)

    def cancel(self, action_id: str) -> None:
        """Give up waiting for a job. What the printer holds already may still come out; the result says so."""
        with self._jobs_lock:
            job = self._jobs.get(action_id)
        if job is not None:
            job.cancelled.set()
            self._wake.set()

    def resume(self) -> None:
        """The hand has cleared a jam: tell the printer to go on. Closing its cover does the same."""
        self._hand_done.set()

    # -- open, poll, close ---------------------------------------------------------------------------------------

    def _open(self) -> None:
        load_escpos()
        self._line = open_printer_line(self._address)
        self._has_status = self._wants_status and self._line.answers
        self._answers = AnswerReader()
        self._stray_fence = self._stray_fence or self._fences_owed > 0
        self._fences_owed = 0
        self._silent_rounds = SILENT_ROUNDS
        self._known_queries = ()
        self._condition = None
        if not self._has_status:
            self._set_state(DeviceState.UNKNOWN, "receipt_printer.no_status")
            return
        if not self._zeros_owed:
            self._try_write(SWITCH_AUTOMATIC_STATUS_ON)
        self._show(self._ask())
        self._next_query = time.monotonic() + QUERY_EVERY

    def _poll(self) -> None:
        if self._pause(0.2):
            return
        self._listen(0.0)
        if not self._has_status:
            return
        changed = self._answers.automatic
        if changed is not None and changed != self._condition:
            self._next_query = 0.0  # a change: ask for the whole picture now
        if time.monotonic() >= self._next_query or self._hand_done.is_set():
            self._show(self._ask())
            self._next_query = time.monotonic() + QUERY_EVERY

    def _close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _show(self, condition: PrinterCondition | None) -> None:
        """Publish the state that a round of answers means."""
        if condition is None:
            self._silent_rounds += 1
            if self._silent_rounds >= SILENT_ROUNDS:
                self._set_state(DeviceState.UNKNOWN, "receipt_printer.silent")
            return
        self._silent_rounds = 0
        if condition.prints:
            self._set_state(DeviceState.READY, condition.code)
        elif condition.unrecoverable:
            self._set_state(DeviceState.FAULT, condition.code)
        else:
            self._set_state(DeviceState.ATTENTION, condition.code)

    # -- questions and answers -----------------------------------------------------------------------------------

    @property
    def _open_line(self) -> PrinterLine:
        if self._line is None:
            raise DeviceLost("receipt_printer.lost")
        return self._line

    def _try_write(self, data: bytes) -> bool:
        """Send a short command; False when the printer takes nothing now. A part of it is followed by the rest."""
        taken = self._open_line.write(data)
        if not taken:
            return False
        until = time.monotonic() + ANSWER_SECONDS
        while taken < len(data) and time.monotonic() < until:
            taken += self._open_line.write(data[taken:])
        return taken == len(data)

    def _listen(self, seconds: float) -> bool:
        """Read what has come, waiting for the first byte; True when there was something."""
        data = self._open_line.read(seconds)
        self._answers.feed(data)
        if self._answers.fences:
            self._fences_owed = max(0, self._fences_owed - len(self._answers.fences))
            self._answers.fences.clear()
        return bool(data)

    def _drain(self) -> None:
        """Read what waits; a peer that babbles without end does not keep us."""
        for _ in range(64):
            if not self._listen(0.0):
                return

    def _fill_up(self) -> bool:
        """End a command that was sent in part, before anything else is: a query would become part of its data.

        Zeros are dots of nothing inside a raster, and outside a printer passes over them.
        """
        while self._zeros_owed:
            taken = self._open_line.write(bytes(min(self._zeros_owed, SEND_PIECE)))
            if not taken:
                return False
            self._zeros_owed -= taken
        return self._try_write(INITIALISE + (SWITCH_AUTOMATIC_STATUS_ON if self._has_status else b""))

    def _ask(self) -> PrinterCondition | None:
        """One round of DLE EOT queries; None when one that this printer knows was not answered.

        Which queries it knows is learned from the first round after opening.
        """
        self._drain()
        if self._zeros_owed and not self._fill_up():
            return self._answers.automatic
        self._answers.direct.clear()
        condition = PrinterCondition()
        answered = []
        for query in self._known_queries or tuple(QUERIES):
            byte = self._ask_one(query)
            if byte is not None:
                condition = condition.with_answer(query, byte)
                answered.append(query)
            elif self._known_queries or query == 1:
                return None
        if not self._known_queries:
            self._known_queries = tuple(answered)
        self._answers.automatic = None  # older than these answers
        before, self._condition = self._condition, condition
        self._go_on_after_jam(before, condition)
        return condition

    def _ask_one(self, query: int) -> int | None:
        if not self._try_write(QUERIES[query]):
            return None
        until = time.monotonic() + ANSWER_SECONDS
        while not self._answers.direct and (left := until - time.monotonic()) > 0:
            self._listen(left)
        return self._answers.direct.pop(0) if self._answers.direct else None

    def _go_on_after_jam(self, before: PrinterCondition | None, now: PrinterCondition) -> None:
        """Rule 3: after a hand was at it, and only then, the knife may move again."""
        if not (now.cutter or now.error):
            self._hand_done.clear()
        elif self._hand_done.is_set() or (before is not None and before.cover_open and not now.cover_open):
            self._hand_done.clear()
            self._try_write(RECOVER_AND_RESUME)

    # -- a job, on the driver's thread ---------------------------------------------------------------------------

    def _print(self, job: _Job) -> None:
        chunks: list[bytes] = []
        try:
            if job.cancelled.is_set():
                raise _Ended(PrintResult(PrintResultState.FAILED, "receipt_printer.cancelled"))
            chunks = compose(
                [Cut(), *job.elements] if self._cut_first else job.elements,
                profile=self._profile,
                width_dots=self._width_dots,
                automatic_status=self._has_status,
                guard_real_time=self._guard,
            )
            if self._has_status:
                self._wait_until_it_prints(job)
                self._forget_stray_fence(job)
            else:
                chunks.insert(0, bytes(self._zeros_owed))
                self._zeros_owed = 0
            self._set_state(DeviceState.BUSY)
            self._tell(job, PrintPhase.PRINTING)
            for chunk in chunks:
                self._send(job, chunk)
                self._cut_first = True
            self._cut_first = False
            result = self._wait_for_fence(job) if self._has_status else _without_status()
        except _Ended as end:
            result = end.result
        except (DeviceLost, OSError) as error:
            if job.sent and not job.arrived:
                # What waited in either kernel is lost, so the printer may be inside any of the commands.
                self._zeros_owed, self._cut_first = max(map(len, chunks)), True
            state = PrintResultState.INTERRUPTED if job.sent else PrintResultState.FAILED
            detail = dict(error.detail) if isinstance(error, DeviceError) else {"error": type(error).__name__}
            _finish(job, PrintResult(state, "receipt_printer.lost", MappingProxyType(detail)))
            raise
        except DeviceError as error:
            result = PrintResult(PrintResultState.FAILED, error.code, error.detail)
        self._next_query = 0.0
        if not self._has_status:
            self._set_state(DeviceState.UNKNOWN, "receipt_printer.no_status")
        elif self._status.state is DeviceState.BUSY:
            self._show(self._condition)
        _finish(job, result)

    def _tell(self, job: _Job, phase: PrintPhase, code: str = "") -> None:
        if job.told != (phase, code):
            job.told = (phase, code)
            self._emit(PrintProgress(job.action_id, phase, code))

    def _end_if_wanted(self, job: _Job) -> None:
        """Raise when somebody gave the job up or the driver stops."""
        if self._stopping.is_set():
            state = PrintResultState.INTERRUPTED if job.sent else PrintResultState.FAILED
            raise _Ended(PrintResult(state, "receipt_printer.stopped"))
        if job.cancelled.is_set():
            if not job.sent:
                raise _Ended(PrintResult(PrintResultState.FAILED, "receipt_printer.cancelled"))
            if self._condition is not None and (self._condition.cutter or self._condition.error):
                self._try_write(RECOVER_AND_CLEAR)
            raise _Ended(PrintResult(PrintResultState.INTERRUPTED, "receipt_printer.cancelled_in_printer"))

    def _wait_for_hand(self, job: _Job, condition: PrinterCondition) -> None:
        """Say what the job waits for. Raises when waiting is of no use."""
        self._show(condition)
        self._tell(job, PrintPhase.WAITING_FOR_HAND, condition.code)
        if condition.unrecoverable:
            state = PrintResultState.INTERRUPTED if job.sent else PrintResultState.FAILED
            raise _Ended(PrintResult(state, condition.code))

    def _rest(self, job: _Job, seconds: float) -> None:
        """Wait between two questions; ends early when the job or the driver ends."""
        self._end_if_wanted(job)
        self._pause(seconds)
        self._end_if_wanted(job)

    def _wait_until_it_prints(self, job: _Job) -> None:
        """Rule 1: nothing is sent to a printer that cannot print or does not answer."""
        silent = 0
        while True:
            condition = self._ask()
            if condition is None:
                silent += 1
                if silent > SILENT_ROUNDS:
                    self._set_state(DeviceState.UNKNOWN, "receipt_printer.silent")
                    raise _Ended(PrintResult(PrintResultState.FAILED, "receipt_printer.silent"))
            elif condition.prints:
                self._silent_rounds = 0
                return
            else:
                silent = 0
                self._wait_for_hand(job, condition)
            self._rest(job, CAUSE_EVERY)

    def _forget_stray_fence(self, job: _Job) -> None:
        """After a job that was not waited for: let its fence answer, or prove lost, before a new one is believed."""
        if not self._stray_fence and not self._fences_owed:
            return
        self._fences_owed = 1
        self._try_write(FENCE)
        until = time.monotonic() + FENCE_SECONDS
        while self._fences_owed and time.monotonic() < until:
            self._end_if_wanted(job)
            self._listen(0.1)
        self._listen(0.5)
        self._drain()
        self._fences_owed = 0
        self._stray_fence = False

    def _send(self, job: _Job, chunk: bytes) -> None:
        """Send one chunk whole, waiting as long as the printer takes nothing (its buffer is full without paper)."""
        rest = memoryview(chunk)
        taken_at = time.monotonic()
        while rest:
            taken = self._open_line.write(bytes(rest[:SEND_PIECE]))
            if taken:
                job.sent = True
                rest = rest[taken:]
                self._zeros_owed = len(chunk) if rest else 0
                taken_at = time.monotonic()
                if job.told != (PrintPhase.PRINTING, ""):
                    self._set_state(DeviceState.BUSY)
                    self._tell(job, PrintPhase.PRINTING)
                continue
            # No question can get through a full buffer; automatic status still comes out.
            self._drain()
            heard = self._answers.automatic
            if heard is not None and not heard.prints:
                self._wait_for_hand(job, heard)
            elif time.monotonic() - taken_at > NOT_TAKING_SECONDS:
                self._set_state(DeviceState.ATTENTION, "receipt_printer.not_taking")
                self._tell(job, PrintPhase.WAITING_FOR_HAND, "receipt_printer.not_taking")
            self._end_if_wanted(job)

    def _wait_for_fence(self, job: _Job) -> PrintResult:
        """Rule 2: printed when the fence is answered; until then ask for the cause and wait."""
        self._fences_owed += 1
        self._send(job, FENCE)
        heard_at = well_since = time.monotonic()
        next_question = heard_at + CAUSE_EVERY
        while True:
            self._end_if_wanted(job)
            if self._listen(0.1):
                heard_at = time.monotonic()
            if not self._fences_owed:
                return PrintResult(PrintResultState.PRINTED)
            now = time.monotonic()
            if now < next_question:
                continue
            condition = self._ask()
            job.arrived = job.arrived or condition is not None
            now = time.monotonic()
            next_question = now + CAUSE_EVERY
            if not self._fences_owed:
                return PrintResult(PrintResultState.PRINTED)
            heard = self._answers.automatic
            if condition is None and heard is not None and not heard.prints:
                # Its buffer is full, so no question gets through, but it had told the cause by itself.
                condition = heard
            if condition is None:
                self._stay_silent(job, now - heard_at)
                continue
            heard_at = now
            if not condition.prints:
                well_since = now
                self._wait_for_hand(job, condition)
                continue
            self._set_state(DeviceState.BUSY)
            self._tell(job, PrintPhase.PRINTING)
            if now - well_since > FENCE_SECONDS:
                self._fences_owed = 0
                return PrintResult(PrintResultState.UNCONFIRMED, "receipt_printer.no_fence")

    def _stay_silent(self, job: _Job, seconds: float) -> None:
        if seconds > 1.0:
            self._set_state(DeviceState.UNKNOWN, "receipt_printer.silent")
            self._tell(job, PrintPhase.SILENT, "receipt_printer.silent")
        if seconds > SILENCE_SECONDS:
            raise _Ended(PrintResult(PrintResultState.UNCONFIRMED, "receipt_printer.silent"))


def _never_sent(job: _Job) -> bool:
    return job.future.done() and job.future.result().state is PrintResultState.FAILED


def _without_status() -> PrintResult:
    return PrintResult(PrintResultState.UNCONFIRMED, "receipt_printer.no_status")


def _finish(job: _Job, result: PrintResult) -> None:
    job.elements = ()  # a slip names a person: forget it as soon as it is printed
    with contextlib.suppress(InvalidStateError):  # given up before, while the worker hung
        job.future.set_result(result)


def _settle(job: _Job, request: Future[None]) -> None:
    """Give the job a result when its turn never came or it broke unexpectedly."""
    if job.future.done():
        return
    error = request.exception()
    if isinstance(error, DeviceLost):  # the worker hangs in the middle of it: nobody knows what is on paper
        _finish(job, PrintResult(PrintResultState.INTERRUPTED, error.code, error.detail))
    elif isinstance(error, DeviceError):
        _finish(job, PrintResult(PrintResultState.FAILED, "receipt_printer.unavailable"))
    else:
        log.error("receipt_printer: a job broke: %s", type(error).__name__)
        state = PrintResultState.INTERRUPTED if job.sent else PrintResultState.FAILED
        _finish(job, PrintResult(state, "receipt_printer.broken"))
