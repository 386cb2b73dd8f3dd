"""What a driver is: states, errors that carry data, and the worker that brings a device back by itself.

A driver owns one thread. Everything that touches the device runs there: opening, polling, requests. Its listener is
called on that thread and must return at once. See README.md in this folder for the rules.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from drivers.recording.recorder import Tap
from drivers.recording.tape import What

T = TypeVar("T")

log = logging.getLogger(__name__)

RETRY_SECONDS = (0.5, 1.0, 2.0)
"""Waits between attempts to open a device; the last one repeats for ever.

A device is usable again within 5 s of being plugged in: the last wait, an attempt under way that still fails (3 s for a
network address that does not answer) and the one that succeeds have to fit in.
"""

STEADY_SECONDS = 3.0
"""A device that is lost again sooner than this after opening is tried at the growing waits, not at the shortest."""

MISSES_BEFORE_ABSENT = 3
"""Failed openings in a row before a device that was there counts as gone (debounce)."""


class DeviceKind(StrEnum):
    """The five pieces of the station; the card reader has two interfaces, each tested by itself."""

    DOCUMENT_CAMERA = "document_camera"
    ID_CARD_READER = "id_card_reader"
    SOCIAL_SECURITY_CARD = "social_security_card"
    CODE_SCANNER = "code_scanner"
    RECEIPT_PRINTER = "receipt_printer"
    WEBCAM = "webcam"


class DeviceState(StrEnum):
    """After XFS4IoT's device states. Only an answer from the device makes it READY; silence is UNKNOWN."""

    ABSENT = "absent"
    CONNECTING = "connecting"
    READY = "ready"
    BUSY = "busy"
    ATTENTION = "attention"  # needs a hand: paper, cover, card askew
    FAULT = "fault"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """A device's state at one moment.

    Attributes:
        code: Key into the table of words (``resources/i18n/words``), or "" when there is nothing to say.
        detail: Values for the words and the log, such as ``{"port": "/dev/ttyUSB0"}``; never personal data.
        since: ``time.monotonic()`` of the last change of state or code.
        retry_at: ``time.monotonic()`` of the next attempt to open, when one is planned.
        identity: What the device says it is (serial number, SAM id, model), "" while unknown.
    """

    kind: DeviceKind
    state: DeviceState
    code: str = ""
    detail: Mapping[str, str | int | float] = field(default_factory=lambda: MappingProxyType({}))
    since: float = 0.0
    retry_at: float | None = None
    identity: str = ""


class DeviceError(Exception):
    """Something a device did or did not do.

    Attributes:
        code: Key into the table of words, for example ``id_card_reader.silent``.
        detail: Values for words and log; never personal data.
    """

    def __init__(self, code: str, **detail: str | int | float) -> None:
        super().__init__(f"{code} {detail}" if detail else code)
        self.code = code
        self.detail: Mapping[str, str | int | float] = MappingProxyType(detail)


class DeviceLost(DeviceError):
    """The handle is dead: unplugged, port gone, service stopped. The worker closes and opens again."""


class DeviceUnavailable(DeviceError):
    """A request came while the device is not open. Nothing was sent to it."""


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The state, its code or its detail changed."""

    status: DeviceStatus


Listener = Callable[[Any], None]
"""Called on the driver's thread with frozen event objects: StatusChanged and those of each driver's module."""


class Driver(ABC):
    """One device and the one thread that talks to it.

    Sub-classes give ``_open``, ``_poll`` and ``_close``; all three, and every function given to ``call``, run on the
    driver's thread. The worker opens, polls until the handle is lost, closes, waits with growing gaps of at most 2 s,
    and opens again, for ever. Somebody may watch ``turns`` and replace a driver whose worker hangs (``give_up``).
    """

    def __init__(self, kind: DeviceKind, listener: Listener) -> None:
        self._kind = kind
        self._listener = listener
        self._status = DeviceStatus(kind, DeviceState.CONNECTING, since=time.monotonic())
        self.tap = Tap(str(kind))
        """Records what goes over the wire while a technician wants it (``drivers.recording``)."""
        self._requests: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._opened = False
        self._thread: threading.Thread | None = None
        self._running: Future[Any] | None = None
        self._turns = 0
        self._retired = False
        self._hung = False
        self._hung_before = False  # the driver before this one hung, and may still hold the port

    @abstractmethod
    def _open(self) -> None:
        """Open the device and make it answer; set READY (or UNKNOWN when the device cannot answer).

        Raises:
            DeviceError, OSError: it is not there or does not answer; the worker tries again.
        """

    @abstractmethod
    def _poll(self) -> None:
        """Do one slice of idle work, at most about 0.3 s, so that requests and ``stop`` are not kept waiting.

        Raises:
            DeviceLost, OSError: the handle is dead.
        """

    @abstractmethod
    def _close(self) -> None:
        """Let go of the handle; must not raise for a handle that is already dead."""

    @property
    def kind(self) -> DeviceKind:
        return self._kind

    @property
    def status(self) -> DeviceStatus:
        """The newest state. Any thread."""
        return self._status

    def start(self) -> None:
        """Start the driver's thread; returns at once. A started driver is not started twice."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=f"driver-{self._kind}", daemon=True)
            self._thread.start()

    def stop(self, timeout: float = 5.0) -> bool:
        """Close the device and end the thread, waiting at most ``timeout`` seconds. Pending requests fail.

        Returns:
            Whether the thread has ended; False for one that hangs, whose requests fail with ``give_up``.
        """
        self.ask_to_stop()
        self.tap.stop()
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
            if thread.is_alive():
                log.error("%s: the driver's thread did not end within %.1f s", self._kind, timeout)
                return False
            self._thread = None
        return True

    def ask_to_stop(self) -> None:
        """Let the thread end, without waiting for it. Any thread."""
        self._stopping.set()
        self._wake.set()

    def retire(self) -> None:
        """End without a word: another driver has taken over, and what this thread still does is of no interest."""
        self._retired = True
        self.tap.retire()
        self.ask_to_stop()

    def settings_for_replay(self) -> dict[str, str | int | bool]:
        """What a recording of this driver has to say so that it can be made again."""
        return {}

    @property
    def started(self) -> bool:
        """Whether there is a worker. Any thread."""
        return self._thread is not None

    @property
    def turns(self) -> int:
        """Grows with every sign of life of the worker; one whose number stands still for long hangs. Any thread."""
        return self._turns

    def give_up(self) -> threading.Thread | None:
        """Retire a driver whose worker hangs in a call that does not return. Any thread but the driver's.

        What it was asked to do fails: with ``DeviceLost`` (``device.hung``) for what had begun, as nobody knows how far
        it came, and with ``DeviceUnavailable`` for what had not.

        Returns:
            The thread that hangs. Should it ever come back, it closes its handle and ends, and nobody hears of it.
        """
        self._hung = True
        self.retire()
        running = self._running
        if running is not None:
            _settle(running, error=DeviceLost("device.hung", device=str(self._kind)))
        self._refuse_requests()
        return self._thread

    def succeed(self, predecessor: Driver) -> None:
        """Take over from a driver of the same piece what others rely on; called before ``start``.

        A sub-class adds its own: a camera's frames go on counting, a printer still knows what it has printed.
        """
        if predecessor._hung:
            self._hung_before = True
            self._status = DeviceStatus(
                self._kind,
                DeviceState.FAULT,
                "device.hung",
                since=time.monotonic(),
                identity=predecessor.status.identity,
            )

    def call(self, function: Callable[[], T]) -> Future[T]:
        """Run ``function`` on the driver's thread and give its result, or its exception, to the future. Any thread.

        Raises (through the future):
            DeviceUnavailable: the device is not open.
        """
        future: Future[T] = Future()
        self._requests.put((function, future))
        self._wake.set()
        if self._stopping.is_set():
            self._refuse_requests()  # the thread may have looked for the last time
        return future

    # -- for sub-classes, on the driver's thread ---------------------------------------------------------------

    def _emit(self, event: object) -> None:
        if self._retired:
            return
        if self.tap.running:
            self._record(event)
        try:
            self._listener(event)
        except Exception:
            log.exception("%s: a listener failed on %s", self._kind, type(event).__name__)

    def _record(self, event: object) -> None:
        """What was said, by its kind, state and code: an event may carry a person."""
        status = event.status if isinstance(event, StatusChanged) else None
        state = str(status.state) if status else ""
        code = status.code if status else str(getattr(event, "code", ""))
        self.tap.note(What.EVENT, name=type(event).__name__, state=state, code=code)

    def _set_state(
        self,
        state: DeviceState,
        code: str = "",
        *,
        retry_at: float | None = None,
        identity: str | None = None,
        **detail: str | int | float,
    ) -> None:
        """Publish a state; tells the listener only when something other than the retry time changed."""
        if self._retired:
            return
        old = self._status
        same = (old.state, old.code, dict(old.detail)) == (state, code, detail)
        known = old.identity if identity is None else identity
        self._status = DeviceStatus(
            self._kind,
            state,
            code,
            MappingProxyType(detail),
            since=old.since if same else time.monotonic(),
            retry_at=retry_at,
            identity=known,
        )
        if not same or known != old.identity:
            log.info("%s: %s %s %s", self._kind, state, code, detail or "")
            self._emit(StatusChanged(self._status))

    def _alive(self) -> None:
        """Give a sign of life. A loop of a sub-class that can take more than a few seconds calls it at every turn."""
        self._turns += 1

    def _pause(self, seconds: float) -> bool:
        """Wait on the driver's thread until time is up, a request arrives or ``stop`` is called; True on stop."""
        self._alive()
        if self._wake.wait(seconds):
            self._wake.clear()
        return self._stopping.is_set()

    # -- the worker --------------------------------------------------------------------------------------------

    def _work(self) -> None:
        failures = misses = 0
        was_open = False
        opened_at = 0.0
        while not self._stopping.is_set():
            self._alive()
            try:
                if self._status.state not in (DeviceState.ABSENT, DeviceState.FAULT, DeviceState.UNKNOWN):
                    detail: dict[str, Any] = dict(self._status.detail)
                    self._set_state(DeviceState.CONNECTING, self._status.code, **detail)
                self._open()
                self._opened = True
                self.tap.opened()
                opened_at = time.monotonic()
                misses, was_open, self._hung_before = 0, True, False
                self._serve()
            except Exception as error:  # a driver that fails in any way is closed and opened again, never lost
                if self._opened and time.monotonic() - opened_at >= STEADY_SECONDS:
                    failures = 0
                self._opened = False
                if not isinstance(error, (DeviceError, OSError)):
                    log.exception("%s: unexpected failure", self._kind)
                self.tap.closed(_code_of(error), lost=isinstance(error, (DeviceLost, OSError)))
                failures += 1
                misses += 1
                wait = RETRY_SECONDS[min(failures, len(RETRY_SECONDS)) - 1]
                self._report(error, wait, debounced=was_open and misses < MISSES_BEFORE_ABSENT)
            finally:
                self._opened = False
                self._close_quietly()
            if not self._stopping.is_set():
                self._wait_for_retry(wait)
        self._refuse_requests()
        self._set_state(DeviceState.ABSENT, "device.stopped")

    def _serve(self) -> None:
        while not self._stopping.is_set():
            self._alive()
            self._run_requests()
            self._poll()

    def _report(self, error: Exception, wait: float, *, debounced: bool) -> None:
        code = _code_of(error)
        detail = dict(error.detail) if isinstance(error, DeviceError) else {"error": type(error).__name__}
        if code == "device.in_use" and self._hung_before:
            code = "device.hung"  # not another program: our own thread that hangs still holds the port
        if debounced:
            state = DeviceState.CONNECTING
        elif isinstance(error, (DeviceLost, OSError)):
            state = DeviceState.ABSENT
        elif isinstance(error, DeviceError):
            state = DeviceState.FAULT if not code.endswith(".silent") else DeviceState.UNKNOWN
        else:
            state = DeviceState.FAULT
        self._set_state(state, code, retry_at=time.monotonic() + wait, **detail)

    def _wait_for_retry(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopping.is_set() and (left := until - time.monotonic()) > 0:
            self._pause(left)
            self._refuse_requests()

    def _run_requests(self) -> None:
        self._wake.clear()
        while True:
            try:
                function, future = self._requests.get_nowait()
            except queue.Empty:
                return
            if not future.set_running_or_notify_cancel():
                continue
            self._alive()
            self._running = future
            try:
                _settle(future, result=function())
            except (DeviceLost, OSError) as error:
                _settle(future, error=error)
                raise
            except BaseException as error:  # the caller of ``call`` gets it, whatever it is
                _settle(future, error=error)
            finally:
                self._running = None

    def _refuse_requests(self) -> None:
        while True:
            try:
                _, future = self._requests.get_nowait()
            except queue.Empty:
                return
            if future.set_running_or_notify_cancel():
                future.set_exception(DeviceUnavailable("device.unavailable", device=str(self._kind)))

    def _close_quietly(self) -> None:
        try:
            self._close()
        except Exception as error:  # the handle is being thrown away; what matters is that the worker goes on
            log.info("%s: closing failed: %s", self._kind, type(error).__name__)


def _code_of(error: Exception) -> str:
    return error.code if isinstance(error, DeviceError) else "device.lost"


def _settle(future: Future[Any], result: object = None, error: BaseException | None = None) -> None:
    """End a request, unless it was ended already because its worker hung."""
    with contextlib.suppress(InvalidStateError):
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
