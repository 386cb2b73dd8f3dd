"""Card readers of the system's PC/SC service, watched without ever losing them for good.

pyscard's own CardMonitor dies with the service and never comes back; this stands on the plain calls below it. A watcher
belongs to one driver's thread. It ends with ``DeviceLost`` when the service goes; the driver's worker opens it again.

No call of the service can be broken off (``SCardCancel`` ends a wait only), and any of them may hang: a transmit in the
reader's own driver, every call in a service that is stopped. So each runs on a thread of its own with its own context,
one for watching and one for cards; a call that does not return is left behind with both (``call_thread``).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from drivers.driver import DeviceError, DeviceLost
from drivers.transport.call_thread import CallHangs, CallThread, TooManyHang

try:
    from smartcard import scard
except ImportError:  # the system has no libpcsclite
    scard = None

T = TypeVar("T")

SERVICE_SECONDS = 3.0
"""For a call that only the service itself answers, in milliseconds when all is well."""

CARD_SECONDS = 6.0
"""For a connection to a card (up to three voltages are tried) and for every command to it; a card needs far less."""

PLUG_AND_PLAY = "\\\\?PnP?\\Notification"
"""The pseudo reader that wakes the wait when a reader is plugged in or pulled out."""

NOTHING_WRONG = 0
TIMEOUT = 0x8010000A
CANCELLED = 0x80100002
NO_READERS = 0x8010002E
UNKNOWN_READER = 0x80100009
NO_CARD = 0x8010000C
READER_GONE = 0x80100017
SHARING = 0x8010000B
UNRESPONSIVE = 0x80100066
UNPOWERED = 0x80100067
RESET_CARD = 0x80100068
REMOVED_CARD = 0x80100069
PROTOCOL_MISMATCH = 0x8010000F
NOT_TRANSACTED = 0x80100016
COMM_DATA_LOST = 0x8010002F

_CARD_IS_GONE = frozenset({NO_CARD, REMOVED_CARD, RESET_CARD, UNPOWERED, READER_GONE, UNKNOWN_READER})
_CARD_IS_DEAD = frozenset({UNRESPONSIVE, PROTOCOL_MISMATCH, NOT_TRANSACTED, COMM_DATA_LOST})


@dataclass(frozen=True, slots=True)
class ReaderAdded:
    reader: str


@dataclass(frozen=True, slots=True)
class ReaderGone:
    reader: str


@dataclass(frozen=True, slots=True)
class CardInserted:
    """``mute``: something is there but does not answer (upside down, dirty). ``atr``: its answer to reset."""

    reader: str
    mute: bool
    atr: bytes


@dataclass(frozen=True, slots=True)
class CardRemoved:
    reader: str


CardEvent = ReaderAdded | ReaderGone | CardInserted | CardRemoved


class CardGone(DeviceError):
    """The card was pulled out, or its reader was."""


class CardDead(DeviceError):
    """The card is there but does not answer."""


@dataclass(slots=True)
class _Known:
    state: int = 0  # UNAWARE: the first wait returns at once with the truth
    present: bool = False


class CardHangs(DeviceError):
    """A call to the card or its reader did not return; it was left behind."""


def _no_sign() -> None:
    """Nobody wants to know that the wait goes on."""


class _Calls:
    """One thread with one context of the service."""

    def __init__(self, name: str, alive: Callable[[], None]) -> None:
        self._context: Any = None
        try:
            self._thread = CallThread(name, self._release, alive)
        except TooManyHang:
            raise CallHangs from None

    def open(self) -> None:
        """Connect to the service.

        Raises:
            DeviceLost: ``pcsc.service_away``.
            CallHangs: see there.
        """
        self.call(self._establish, SERVICE_SECONDS)

    def call(self, function: Callable[[], T], seconds: float) -> T:
        return self._thread.call(function, seconds)

    @property
    def left_behind(self) -> bool:
        """A call of it hangs, or hung: no other is made."""
        return self._thread.left_behind

    @property
    def context(self) -> Any:
        """The context's handle; for functions given to ``call``."""
        return self._context

    def close(self) -> None:
        """Release the context and end the thread, without waiting."""
        self._thread.end()

    def _establish(self) -> None:
        result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if _code(result) != NOTHING_WRONG:
            raise DeviceLost("pcsc.service_away", result=f"{_code(result):08X}")
        self._context = context

    def _release(self) -> None:
        context, self._context = self._context, None
        if context is not None:
            scard.SCardReleaseContext(context)


@dataclass(slots=True)
class Card:
    """A connection to the card in one reader; use ``CardWatcher.connected``."""

    _calls: _Calls = field(repr=False)
    _handle: Any = field(repr=False)
    _protocol: int

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """Send one APDU and give its data and status word.

        Raises:
            CardGone, CardDead: see there.
            CardHangs: no answer within ``CARD_SECONDS``.
            DeviceLost: the service is gone.
        """
        control = scard.SCARD_PCI_T0 if self._protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
        request = list(command)
        result, answer = self._calls.call(lambda: scard.SCardTransmit(self._handle, control, request), CARD_SECONDS)
        _check(result)
        if len(answer) < 2:
            raise CardDead("pcsc.card_mute")
        return bytes(answer[:-2]), answer[-2] << 8 | answer[-1]


class CardWatcher:
    """Notices readers and cards.

    Args:
        wanted: Part of a reader's name, "" for all readers.
        alive: Called several times a second while a call is waited for; may raise to stop waiting.
    """

    def __init__(self, wanted: str = "", alive: Callable[[], None] = _no_sign) -> None:
        self._wanted = wanted
        self._alive = alive
        self._watching: _Calls | None = None
        self._cards: _Calls | None = None
        self._known: dict[str, _Known] = {}
        self._all_readers = 0

    @property
    def readers(self) -> tuple[str, ...]:
        """Names of the readers that are there."""
        return tuple(self._known)

    def open(self) -> None:
        """Connect to the service.

        Raises:
            DeviceLost: ``pcsc.no_library`` or ``pcsc.service_away``.
            DeviceError: ``pcsc.service_hangs``, it is there and does not answer.
        """
        self.close()
        if scard is None:
            raise DeviceLost("pcsc.no_library")
        with _service_answers():
            self._watching = _Calls("card-watch", self._alive)
            self._watching.open()

    def close(self) -> None:
        """Let go of the service and forget all readers; events for them are not given any more."""
        for calls in (self._watching, self._cards):
            if calls is not None:
                calls.close()
        self._watching = self._cards = None
        self._known.clear()

    def wait(self, seconds: float) -> list[CardEvent]:
        """Wait for something to change, at most ``seconds``.

        Raises:
            DeviceLost: the service went away.
            DeviceError: ``pcsc.service_hangs``.
        """
        watching = self._watching
        if watching is None:
            raise DeviceLost("pcsc.service_away", result="")
        with _service_answers():
            events: list[CardEvent] = []
            self._list_readers(watching, events)
            asked = [(reader, known.state) for reader, known in self._known.items()]
            # The pseudo reader's known state carries the number of readers in its high half.
            asked.append((PLUG_AND_PLAY, self._all_readers << 16))
            milliseconds = 0 if events else int(seconds * 1000)
            result, answers = watching.call(
                lambda: scard.SCardGetStatusChange(watching.context, milliseconds, asked), seconds + SERVICE_SECONDS
            )
        code = _code(result)
        if code in (TIMEOUT, CANCELLED, UNKNOWN_READER, NO_READERS):
            return events
        _check(result)
        for reader, state, atr in answers:
            if reader in self._known:
                events += self._compare(reader, state, bytes(atr))
        return events

    @contextlib.contextmanager
    def connected(self, reader: str) -> Iterator[Card]:
        """Connect to the card in a reader; others may use it at the same time.

        Raises:
            CardGone, CardDead, CardHangs: see there; the last one also from within. The next connection has a context
                of its own again.
            DeviceError: ``pcsc.card_in_use``, another program holds the card for itself.
            DeviceLost: the service is gone.
        """
        try:
            calls = self._card_calls()
            result, handle, protocol = calls.call(
                lambda: scard.SCardConnect(
                    calls.context,
                    reader,
                    scard.SCARD_SHARE_SHARED,
                    scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1,
                ),
                CARD_SECONDS,
            )
            _check(result)
            try:
                yield Card(calls, handle, protocol)
            finally:
                if not calls.left_behind:
                    calls.call(lambda: scard.SCardDisconnect(handle, scard.SCARD_LEAVE_CARD), CARD_SECONDS)
        except CallHangs:
            raise CardHangs("social_security_card.hangs") from None

    def _card_calls(self) -> _Calls:
        if self._cards is None or self._cards.left_behind:
            self._cards = None
            calls = _Calls("card-io", self._alive)
            try:
                calls.open()
            except BaseException:
                calls.close()
                raise
            self._cards = calls
        return self._cards

    def _list_readers(self, watching: _Calls, events: list[CardEvent]) -> None:
        result, names = watching.call(lambda: scard.SCardListReaders(watching.context, []), SERVICE_SECONDS)
        if _code(result) == NO_READERS:
            names = []
        else:
            _check(result)
        self._all_readers = len(names)
        there = [name for name in names if self._wanted in name]
        for reader in [name for name in self._known if name not in there]:
            if self._known.pop(reader).present:
                events.append(CardRemoved(reader))
            events.append(ReaderGone(reader))
        for reader in there:
            if reader not in self._known:
                self._known[reader] = _Known()
                events.append(ReaderAdded(reader))

    def _compare(self, reader: str, state: int, atr: bytes) -> list[CardEvent]:
        known = self._known[reader]
        present = bool(state & scard.SCARD_STATE_PRESENT)
        # The high 16 bits count card events: the same "present" with another count is another card, or the same again.
        swapped = known.present and present and (state >> 16) != (known.state >> 16)
        events: list[CardEvent] = []
        if known.present and (swapped or not present):
            events.append(CardRemoved(reader))
        if present and (swapped or not known.present):
            events.append(CardInserted(reader, bool(state & scard.SCARD_STATE_MUTE), atr))
        self._known[reader] = _Known(state & ~scard.SCARD_STATE_CHANGED, present)
        return events


@contextlib.contextmanager
def _service_answers() -> Iterator[None]:
    try:
        yield
    except CallHangs:
        raise DeviceError("pcsc.service_hangs") from None


def _code(result: int) -> int:
    return result & 0xFFFFFFFF


def _check(result: int) -> None:
    code = _code(result)
    if code == NOTHING_WRONG:
        return
    text = f"{code:08X}"
    if code in _CARD_IS_GONE:
        raise CardGone("pcsc.card_pulled", result=text)
    if code in _CARD_IS_DEAD:
        raise CardDead("pcsc.card_mute", result=text)
    if code == SHARING:
        raise DeviceError("pcsc.card_in_use", result=text)
    raise DeviceLost("pcsc.service_away", result=text)
