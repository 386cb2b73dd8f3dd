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
from drivers.printer_conversation import Conversation, PrinterNames
from drivers.printer_job import (
    DOTS_OF_MILLIMETRE,
    Chunk,
    Cut,
    Element,
    Feed,
    QrCode,
    Raster,
    compose,
    dots_of,
    has_cutter,
    load_escpos,
    sizes_of,
)
from drivers.printer_status import (
    FENCE,
    INITIALISE,
    RECOVER_AND_CLEAR,
    RECOVER_AND_RESUME,
    SWITCH_AUTOMATIC_STATUS_ON,
    PrinterCondition,
)
from drivers.recording.tape import What
from drivers.transport.address import Address
from drivers.transport.printer_line import TappedLine, check_printer_address, open_printer_line

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
    "PrinterCapabilities",
    "QrCode",
    "Raster",
    "ReceiptPrinter",
    "dots_of",
]

QUERY_EVERY = 1.5
"""Seconds between idle rounds of queries; automatic status tells of changes at once in between."""

CAUSE_EVERY = 0.4
"""Seconds between questions for the cause while a job waits."""

SILENT_ROUNDS = 2
"""Rounds without an answer before a printer that has answered counts as silent."""

SILENCE_SECONDS = 8.0
"""After a job was sent and nothing at all is answered any more, for this long: not confirmed."""

NEVER_ANSWERED_SECONDS = 2.0
"""The same for a printer that has not answered since the line was opened."""

FENCE_SECONDS = 4.0
"""A printer that says it prints but does not answer the fence for this long, on top of the time a job takes, has lost
it or does not know GS r."""

NO_FENCE_SECONDS = 1.0
"""The same for a printer that is known not to know it."""

FENCE_AGAIN_SECONDS = 1.0
"""For the answer of a fence into an empty queue."""

ROWS_A_SECOND = 400
"""50 mm/s, what the slowest printers print."""

PULSE_SECONDS = 2.0
"""Silence on a line that outlives the printer's current after which its buffer may be lost: no start is quicker."""

NOT_TAKING_SECONDS = 5.0
"""A line that takes no byte for this long is not merely slow."""

LEAVE_IT_INSIDE_A_COMMAND = frozenset({"receipt_printer.restarted", "receipt_printer.silent"})
"""Endings after which nobody knows what the printer still takes for the rest of a raster."""

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
    """A job took so much paper: rows of dots printed and fed, and their length at 203 dots an inch, 8 a millimetre.

    An estimate (``Chunk.rows``), never a measurement. Of a job that did not end well it counts what was handed over.
    """

    rows: int
    millimetres: float


@dataclass(frozen=True, slots=True)
class PrinterCapabilities:
    """What this printer was found to be able to, since its line was opened.

    Attributes:
        status: The DLE EOT queries it answers; empty while none was answered.
        automatic_status: It tells of changes by itself (GS a).
        fence: It answers GS r 1; None until a job has shown it.
        maker: Told by GS I, as model, firmware and serial are; "" when it does not tell.
        cutter: Its profile has a knife.
        width: Dots across.
    """

    status: tuple[int, ...] = ()
    automatic_status: bool = False
    fence: bool | None = None
    maker: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    cutter: bool = False
    width: int = 0


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
    rows: int = 0  # of the chunks handed over
    arrived: bool = False  # a query sent after it was answered, so the printer has all of it
    told: tuple[PrintPhase, str] | None = None


class _Ended(Exception):
    """A job is over before its end, with this result; the line is still good."""

    def __init__(self, result: PrintResult) -> None:
        super().__init__(result.code)
        self.result = result


class ReceiptPrinter(Driver):
    """One ESC/POS printer.

    Emits ``PrintProgress`` and ``PaperUsed`` besides ``StatusChanged``; its identity is what GS I tells. Codes start
    with ``receipt_printer.``.

    Args:
        address: ``tcp:host:port``, ``serial:…?baud=``, ``usb:vendor:product[?serial=]`` or ``file:/dev/usb/lp0``.
        listener: See ``Driver``.
        profile: Of python-escpos, for example ``TM-T20II`` or ``POS-5890``.
        width_dots: Dots across (``dots_of``).
        has_status: False for a printer that never answers: nothing is asked, every job ends UNCONFIRMED.
        guard_real_time: Keep DLE sequences out of raster data; also ``?guard=1`` in the address.

    Raises:
        AddressError: an address that can be no printer's.
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
        check_printer_address(address)
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

        self._conversation: Conversation | None = None
        self._names: PrinterNames | None = None  # None: not asked yet
        self._fence: bool | None = None
        self._silent_rounds = 0
        self._next_query = 0.0
        self._fences_owed = 0
        self._stray_fences = 0  # of jobs that were not waited for: they may still be answered
        self._zeros_owed = 0  # a command was sent in part; this many zeros fill it up for certain
        self._zeros_sent = 0  # of those, on this line; nobody knows yet whether they arrived
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
            self._zeros_owed, self._cut_first, self._stray_fences = predecessor.left_behind()

    def left_behind(self) -> tuple[int, bool, int]:
        """How the printer was left: zeros owed to a broken command, a slip to cut off, fences that may yet answer."""
        return self._zeros_owed, self._cut_first, self._stray_fences + self._fences_owed

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

    @property
    def capabilities(self) -> PrinterCapabilities:
        """What is known of this printer now. Any thread.

        Raises:
            DeviceError: python-escpos knows no such profile.
        """
        talk, names = self._conversation, self._names or PrinterNames()
        return PrinterCapabilities(
            status=talk.queries if talk else (),
            automatic_status=talk.automatic if talk else False,
            fence=self._fence,
            maker=names.maker,
            model=names.model,
            firmware=names.firmware,
            serial=names.serial,
            cutter=has_cutter(self._profile),
            width=self._width_dots,
        )

    def settings_for_replay(self) -> dict[str, str | int | bool]:
        return {"profile": self._profile, "width_dots": self._width_dots, "has_status": self._wants_status}

    def resume(self) -> None:
        """The hand has cleared a jam: tell the printer to go on. Closing its cover does the same."""
        self._hand_done.set()

    # -- open, poll, close ---------------------------------------------------------------------------------------

    def _open(self) -> None:
        load_escpos()
        self._conversation = Conversation(TappedLine(open_printer_line(self._address), self.tap))
        self._has_status = self._wants_status and self._talk.line.answers
        self._stray_fences += self._fences_owed
        self._fences_owed = self._zeros_sent = 0
        self._silent_rounds = SILENT_ROUNDS
        self._names = None
        if not self._has_status:
            self._set_state(DeviceState.UNKNOWN, "receipt_printer.no_status", identity="")
            return
        if not self._zeros_owed:
            self._talk.try_write(SWITCH_AUTOMATIC_STATUS_ON)
        self._ask()  # the first answers of a line just opened may come late
        self._look()

    def _poll(self) -> None:
        if self._pause(0.2):
            return
        self._talk.listen(0.0)
        if not self._has_status:
            return
        changed = self._talk.answers.automatic
        if changed is not None and changed != self._talk.condition:
            self._next_query = 0.0  # a change: ask for the whole picture now
        if time.monotonic() >= self._next_query or self._hand_done.is_set():
            self._look()

    def _look(self) -> None:
        condition = self._ask()
        identity = self._get_acquainted(condition)
        self._show(condition, identity)
        self._next_query = time.monotonic() + QUERY_EVERY

    def _close(self) -> None:
        talk, self._conversation = self._conversation, None
        if talk is not None:
            talk.line.close()

    def _get_acquainted(self, condition: PrinterCondition | None) -> str | None:
        """Ask once for its names, when nothing can wait before the question in its queue; None when not asked."""
        may_wait = self._stray_fences or self._fences_owed or self._zeros_owed
        if self._names is not None or condition is None or not condition.prints or may_wait:
            return None
        self._names = self._talk.ask_names()
        if str(self._names) != self._status.identity:
            self._fence = None  # another one than before
        return str(self._names)

    def _show(self, condition: PrinterCondition | None, identity: str | None = None) -> None:
        """Publish the state that a round of answers means."""
        if condition is None:
            self._silent_rounds += 1
            if self._silent_rounds >= SILENT_ROUNDS:
                self._set_state(DeviceState.UNKNOWN, "receipt_printer.silent")
            return
        self._silent_rounds = 0
        state = DeviceState.FAULT if condition.unrecoverable else DeviceState.ATTENTION
        self._set_state(DeviceState.READY if condition.prints else state, condition.code, identity=identity)

    # -- questions and answers -----------------------------------------------------------------------------------

    @property
    def _talk(self) -> Conversation:
        if self._conversation is None:
            raise DeviceLost("receipt_printer.lost")
        return self._conversation

    def _fill_up(self) -> bool:
        """End a command that was sent in part, before anything else is: a query would become part of its data.

        Zeros are dots of nothing inside a raster, and outside a printer passes over them.
        """
        while self._zeros_sent < self._zeros_owed:
            self._alive()
            taken = self._talk.line.write(bytes(min(self._zeros_owed - self._zeros_sent, SEND_PIECE)))
            if not taken:
                return False
            self._zeros_sent += taken
        return self._talk.try_write(INITIALISE + (SWITCH_AUTOMATIC_STATUS_ON if self._has_status else b""))

    def _ask(self) -> PrinterCondition | None:
        """One round of questions; None is silence."""
        talk = self._talk
        if self._zeros_sent < self._zeros_owed:
            talk.drain()
            if not self._fill_up():
                return talk.answers.automatic
        before = talk.condition
        condition = talk.ask()
        if condition is not None:
            self._zeros_owed = self._zeros_sent = 0  # it answers what came after them
            self._go_on_after_jam(before, condition)
        return condition

    def _go_on_after_jam(self, before: PrinterCondition | None, now: PrinterCondition) -> None:
        """Rule 3: after a hand was at it, and only then, the knife may move again."""
        if not (now.cutter or now.error):
            self._hand_done.clear()
        elif self._hand_done.is_set() or (before is not None and before.cover_open and not now.cover_open):
            self._hand_done.clear()
            self._talk.try_write(RECOVER_AND_RESUME)

    # -- a job, on the driver's thread ---------------------------------------------------------------------------

    def _print(self, job: _Job) -> None:
        chunks: list[Chunk] = []
        try:
            if job.cancelled.is_set():
                raise _Ended(PrintResult(PrintResultState.FAILED, "receipt_printer.cancelled"))
            self._compose(job)  # what cannot be printed at all is refused before anything is waited for
            if self._has_status:
                self._wait_until_it_prints(job)
                self._settle_stray_fence(job)
            chunks = self._compose(job)
            self._zeros_owed = self._zeros_sent = 0
            self._set_state(DeviceState.BUSY)
            self._tell(job, PrintPhase.PRINTING)
            for chunk in chunks:
                self._send(job, chunk.data)
                self._cut_first = True
                job.rows += chunk.rows
                if self._talk.queries and self._talk.line.outlives_power:
                    self._feel_pulse(job, len(chunk.data))
            self._cut_first = False
            result = self._wait_for_fence(job) if self._has_status else _without_status()
        except _Ended as end:
            result = end.result
        except (DeviceLost, OSError) as error:
            if job.sent and not job.arrived:
                # What waited in either kernel is lost, so the printer may be inside any of the commands.
                self._zeros_owed, self._cut_first = _longest(chunks), True
            state = PrintResultState.INTERRUPTED if job.sent else PrintResultState.FAILED
            detail = dict(error.detail) if isinstance(error, DeviceError) else {"error": type(error).__name__}
            self._count_paper(job)
            _finish(job, PrintResult(state, "receipt_printer.lost", MappingProxyType(detail)))
            raise
        except DeviceError as error:
            result = PrintResult(PrintResultState.FAILED, error.code, error.detail)
        if result.code in LEAVE_IT_INSIDE_A_COMMAND and result.state is not PrintResultState.FAILED:
            self._zeros_owed, self._zeros_sent = max(self._zeros_owed, _longest(chunks)), 0
            self._cut_first = True
        self._next_query = 0.0
        if not self._has_status:
            self._set_state(DeviceState.UNKNOWN, "receipt_printer.no_status")
        elif self._status.state is DeviceState.BUSY:
            self._show(self._talk.condition)
        self._count_paper(job)
        _finish(job, result)

    def _compose(self, job: _Job) -> list[Chunk]:
        self.tap.note(What.JOB, elements=[sizes_of(element) for element in job.elements])
        chunks = compose(
            [Cut(), *job.elements] if self._cut_first else job.elements,
            profile=self._profile,
            width_dots=self._width_dots,
            automatic_status=self._has_status,
            guard_real_time=self._guard,
        )
        return [Chunk(bytes(self._zeros_owed)), *chunks] if self._zeros_sent < self._zeros_owed else chunks

    def _count_paper(self, job: _Job) -> None:
        if job.rows:
            self._emit(PaperUsed(job.rows, job.rows / DOTS_OF_MILLIMETRE))
            job.rows = 0

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
            if self._talk.queries and self._talk.clear():
                self._zeros_owed = self._fences_owed = 0
                self._cut_first = True
                raise _Ended(PrintResult(PrintResultState.INTERRUPTED, "receipt_printer.cancelled_cleared"))
            condition = self._talk.condition
            if condition is not None and (condition.cutter or condition.error):
                self._talk.try_write(RECOVER_AND_CLEAR)
            raise _Ended(PrintResult(PrintResultState.INTERRUPTED, "receipt_printer.cancelled_in_printer"))

    def _wait_for_hand(self, job: _Job, condition: PrinterCondition) -> None:
        """Say what the job waits for. Raises when waiting is of no use."""
        if condition.unrecoverable:
            again = self._ask()  # one noisy byte breaks no printer
            if again is None or not again.unrecoverable:
                return
        self._wait_for_known_cause(job, condition)

    def _wait_for_known_cause(self, job: _Job, condition: PrinterCondition) -> None:
        """The same in the middle of a command, where nothing can be asked."""
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
        """Rule 1: nothing is sent to a printer that says it cannot print. One that says nothing is given the job."""
        silent = self._silent_rounds
        while True:
            condition = self._ask()
            if condition is None:
                silent += 1
                if silent > SILENT_ROUNDS:
                    self._set_state(DeviceState.UNKNOWN, "receipt_printer.silent")
                    return
            elif condition.prints:
                self._silent_rounds = 0
                return
            else:
                silent = 0
                self._wait_for_hand(job, condition)
            self._rest(job, CAUSE_EVERY)

    def _settle_stray_fence(self, job: _Job) -> None:
        """After a job that was not waited for: let its fences answer before a new one is believed, or prove them lost.

        A lost one was lost with the printer's buffer, and what sticks out is cut off first.
        """
        strays = self._stray_fences + self._fences_owed
        if not strays:
            return
        talk = self._talk
        if talk.queries:  # its fences are counted since the last one of a job was sent, or the line was opened
            talk.try_write(FENCE)
            self._await_fences(job, strays + 1, FENCE_SECONDS)
            self._cut_first = self._cut_first or talk.fences < 2
        self._fences_owed = self._stray_fences = 0

    def _await_fences(self, job: _Job, count: int, seconds: float) -> None:
        """Wait for so many answers; after one of them the others come at once or not at all."""
        talk = self._talk
        until = time.monotonic() + seconds
        seen = talk.fences
        while talk.fences < count and (left := until - time.monotonic()) > 0:
            self._alive()
            self._end_if_wanted(job)
            talk.listen(min(left, 0.1))
            if talk.fences > seen:
                seen = talk.fences
                until = time.monotonic() + FENCE_AGAIN_SECONDS

    def _send(self, job: _Job, data: bytes) -> None:
        """Send a command whole, waiting as long as the printer takes nothing (its buffer is full without paper)."""
        talk = self._talk
        rest = memoryview(data)
        taken_at = time.monotonic()
        while rest:
            self._alive()
            taken = talk.line.write(bytes(rest[:SEND_PIECE]))
            if taken:
                job.sent = True
                rest = rest[taken:]
                self._zeros_owed = len(data) if rest else 0
                taken_at = time.monotonic()
                if job.told != (PrintPhase.PRINTING, ""):
                    self._set_state(DeviceState.BUSY)
                    self._tell(job, PrintPhase.PRINTING)
                continue
            # No question can get through a full buffer; automatic status still comes out.
            talk.drain()
            heard = talk.answers.automatic
            if heard is not None and not heard.prints:
                self._wait_for_known_cause(job, heard)
            elif time.monotonic() - taken_at > NOT_TAKING_SECONDS:
                self._set_state(DeviceState.ATTENTION, "receipt_printer.not_taking")
                self._tell(job, PrintPhase.WAITING_FOR_HAND, "receipt_printer.not_taking")
            self._end_if_wanted(job)

    def _feel_pulse(self, job: _Job, sent: int) -> None:
        """Between two commands, on a line that stays open when the printer loses its current: is it still the same?

        A printer that starts again prints the rest of a slip and answers its fence. It was silent for a while, and
        never answers what it was asked then; one with a full buffer answers all of it late. One that had told by itself
        why it stops tells by itself that it goes on, too, unless it forgot that it should.
        """
        talk = self._talk
        told = talk.answers.automatic
        began = explained = time.monotonic()
        patience = PULSE_SECONDS + talk.line.seconds_for(sent)
        while not talk.pulse():
            self._alive()
            now = time.monotonic()
            heard = talk.answers.automatic
            if heard is not None and not heard.prints:
                explained = now
                self._wait_for_known_cause(job, heard)
            elif now - explained > patience + SILENCE_SECONDS:
                raise _Ended(PrintResult(PrintResultState.INTERRUPTED, "receipt_printer.silent"))
            elif now - explained > patience:
                self._set_state(DeviceState.UNKNOWN, "receipt_printer.silent")
                self._tell(job, PrintPhase.SILENT, "receipt_printer.silent")
            self._rest(job, CAUSE_EVERY)
        silent = time.monotonic() - began > patience and not talk.all_answered()
        if silent or (told is not None and not told.prints and self._forgot_to_tell()):
            raise _Ended(PrintResult(PrintResultState.INTERRUPTED, "receipt_printer.restarted"))

    def _forgot_to_tell(self) -> bool:
        talk = self._talk
        talk.listen(CAUSE_EVERY)
        told = talk.answers.automatic
        if told is None or told.prints:
            return False
        condition = self._ask()
        return condition is not None and condition.prints

    def _wait_for_fence(self, job: _Job) -> PrintResult:
        """Rule 2: printed when the fence is answered; until then ask for the cause and wait."""
        talk = self._talk
        talk.drain()
        talk.fences = 0
        self._fences_owed = 1
        self._send(job, FENCE)
        patience = (NO_FENCE_SECONDS if self._fence is False else FENCE_SECONDS) + job.rows / ROWS_A_SECOND
        answered_at = well_since = time.monotonic()
        next_question = answered_at + CAUSE_EVERY
        while True:
            self._alive()
            self._end_if_wanted(job)
            talk.listen(0.1)
            if talk.fences and self._fence_holds(job):
                return self._confirmed()
            now = time.monotonic()
            if now < next_question:
                continue
            condition = self._ask()
            job.arrived = job.arrived or condition is not None
            now = time.monotonic()
            next_question = now + CAUSE_EVERY
            heard = talk.answers.automatic
            if condition is None and talk.queries and heard is not None and not heard.prints:
                # Its buffer is full, so no question gets through, but it had told the cause by itself.
                condition = heard
            if condition is None:
                self._stay_silent(job, now - answered_at)
                continue
            answered_at = now
            if not condition.prints:
                well_since = now
                self._wait_for_hand(job, condition)
                continue
            self._set_state(DeviceState.BUSY)
            self._tell(job, PrintPhase.PRINTING)
            if now - well_since > patience and not talk.fences:
                return self._without_fence(job)

    def _confirmed(self) -> PrintResult:
        self._fences_owed = 0
        self._fence = True
        return PrintResult(PrintResultState.PRINTED)

    def _fence_holds(self, job: _Job) -> bool:
        """Whether what looks like the fence's answer is one: the printer is well, and answers a second one at once.

        A line that loses its current gives a zero byte too, and then silence.
        """
        talk = self._talk
        strangers = talk.answers.strangers
        condition = self._ask()
        if condition is None:
            talk.fences = 0
            return False
        job.arrived = True
        if not condition.prints:
            self._wait_for_hand(job, condition)
            return False
        before = talk.fences  # one, or more of them noise: only an answer that comes now says anything
        self._fences_owed = 2
        talk.try_write(FENCE)
        self._await_fences(job, before + 1, FENCE_AGAIN_SECONDS)
        if talk.fences == before + 1 and self._ask() is not None and talk.answers.strangers == strangers:
            return True
        talk.fences = 0
        self._fences_owed = 1
        self._stray_fences += 1
        return False

    def _without_fence(self, job: _Job) -> PrintResult:
        """It prints, and the fence is not answered: a second one tells whether the first was lost with the job."""
        talk = self._talk
        talk.fences = 0
        talk.try_write(FENCE)
        self._await_fences(job, 2, 2 * FENCE_AGAIN_SECONDS)
        if talk.fences >= 2 and self._fence_holds(job):
            return self._confirmed()
        self._stray_fences += max(0, 2 - talk.fences)
        self._fences_owed = 0
        if talk.fences or self._fence:
            # Answered once, or not at all by one that knows it: bytes are missing, and it may sit inside a command.
            self._fence = True if talk.fences else None
            return PrintResult(PrintResultState.INTERRUPTED, "receipt_printer.restarted")
        self._fence = False
        self._stray_fences = 0
        return PrintResult(PrintResultState.UNCONFIRMED, "receipt_printer.no_fence")

    def _stay_silent(self, job: _Job, seconds: float) -> None:
        known = bool(self._talk.queries)
        if seconds > 1.0:
            self._set_state(DeviceState.UNKNOWN, "receipt_printer.silent")
            if known:
                self._tell(job, PrintPhase.SILENT, "receipt_printer.silent")
        if seconds > (SILENCE_SECONDS if known else NEVER_ANSWERED_SECONDS):
            raise _Ended(PrintResult(PrintResultState.UNCONFIRMED, "receipt_printer.silent"))


def _longest(chunks: Sequence[Chunk]) -> int:
    return max((len(chunk.data) for chunk in chunks), default=0)


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
