"""Identity card reader: a SAM_V module on a serial line (USB bridge, CDC or RS-232), or behind its maker's library.

The module says what it finds in the same words either way (``sam_v``); how it is reached is in ``sam_line`` and
``vendor_library``. Readers whose SAM is itself a USB device (0400:C35A and others) have only the second way.
"""

from __future__ import annotations

import dataclasses
import logging
import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from drivers import sam_v
from drivers.driver import DeviceError, DeviceKind, DeviceState, Driver, Listener
from drivers.id_card import IdCard, UnknownCardError, clean_text, decode_text, doubts
from drivers.sam_line import SamLine
from drivers.sam_module import LineError, SamModule
from drivers.sam_v import Command, Reply
from drivers.transport.address import Address, AddressError
from drivers.vendor_library.module import VendorModule
from drivers.vendor_library.photo import PhotoDecoder

log = logging.getLogger(__name__)

FIND_SECONDS = 0.3
"""Between two looks for a card."""

STATUS_SECONDS = 3.0
"""Between two status commands while no card is there."""

CHECK_SECONDS = 2.0
"""While a card lies there: between two finds beside the probes, for modules that answer a probe from memory."""

REPEAT_SECONDS = 5.0
"""The same number within this time is the same laying down, not a second one."""

TROUBLE_SECONDS = 5.0
"""How long "lay the card down again" stands at least: some modules report no card until it has been lifted."""

STILL_THERE_SECONDS = 60.0
"""A card that was read so long ago may still lie on a module that cannot tell."""

READ_ATTEMPTS = 3
ATTEMPT_SECONDS = 0.15
"""Between attempts: a card that is just being laid down comes to rest."""

READINGS = 4
"""Of a text that has to come twice the same."""

AWAY_MISSES = 2
SLICE_SECONDS = 0.2

REPEATABLE = frozenset({0x10, 0x11, 0x21, 0x24})
"""SW3: bad checksum, bad length, bad command, unknown error. Once more, then the line is at fault."""

MODULE_FAULTS = {0x60: "id_card_reader.module_fault", 0x66: "id_card_reader.module_unauthorised"} | {
    0x23: "id_card_reader.module_fault"
}

CARD_FAULTS = {0x40: "id_card_reader.not_an_id_card"} | dict.fromkeys(
    (0x31, 0x32, 0x33, 0x37, 0x3F, 0x41, 0x47, 0x80, 0x81, 0x91), "id_card_reader.place_again"
)

SAM_NUMBER = re.compile(r"\d{2}\.\d{2}-\d{8}-\d{10}-\d{10}")

HOPELESS = frozenset({"id_card_reader.not_an_id_card", "id_card_reader.unknown_card"})
"""Trying again reads the same."""


@dataclass(frozen=True, slots=True)
class IdCardRead:
    """A card was read.

    Attributes:
        repeat: The same card was read, and lifted, within the last few seconds.
        photo: The portrait as PNG, where the site has the licensed decoder (``photo=`` in the address); else b"".
    """

    card: IdCard
    repeat: bool = False
    photo: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class IdCardTrouble:
    """A card lies there but could not be read; said once for as long as the trouble stays the same."""

    code: str
    detail: Mapping[str, str | int | float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class IdCardAway:
    """The card that was read is certainly gone. Modules that cannot tell cause IdCardUnseen instead."""


@dataclass(frozen=True, slots=True)
class IdCardUnseen:
    """This module cannot tell whether the card that was read still lies there; said once after a read."""


class _CardError(DeviceError):
    """The module answered that this card cannot be read."""


class IdCardReader(Driver):
    """Finds cards laid on the reader, reads each once, and notices where possible that it was taken away.

    Addresses:
        ``serial:…?baud=115200``: a module on a serial line. ``baud=auto``, or no baud, finds the speed.
        ``vendor:/path/lib.so?kind=sdtapi&port=1001``: a maker's library; ``kind`` is sdtapi or termb.
        ``sam=05.03-…`` (either): the module this station was set up with; another one's answers are not used.
        ``photo=/path/libwlt.so`` (either): a licensed library that decodes the portrait.

    Events: IdCardRead, IdCardTrouble, IdCardAway, IdCardUnseen, StatusChanged. The status' identity is the module's
    number; a serial line's speed is in its detail.
    """

    def __init__(self, address: Address, listener: Listener) -> None:
        """Remember where the reader is; nothing is opened before ``start``.

        Raises:
            AddressError: an option that cannot be.
        """
        super().__init__(DeviceKind.ID_CARD_READER, listener)
        self.module = _module_of(address, self._stopping.is_set)
        if isinstance(self.module, SamLine):  # a maker's library keeps its wire to itself
            self.module.record_with(self.tap)
        self._expected = address.options.get("sam", "").strip()
        if self._expected and not SAM_NUMBER.fullmatch(self._expected):
            raise AddressError(f"sam={self._expected!r} is no number of a module, such as 05.03-20240101-…-…")
        self._photos = PhotoDecoder(address, self.module, self._stopping.is_set)
        self._line_errors = 0
        self._next_find = 0.0
        self._next_status = 0.0
        self._next_check = 0.0
        self._trouble = ""
        self._trouble_at = 0.0
        # The card that was read last. Its number is kept as a hash with a key of this process: it is personal.
        self._last_mark: int | None = None
        self._last_seen = 0.0
        self._holding = False
        self._left_lying = False  # read before the reader was opened anew, and not seen since
        self._removal_shows = False
        self._none_since_read = False
        self._answered = False  # the card read last, to a probe
        self._misses = 0
        # A habit of the module, not of a card: once it has shown that it goes on answering for a card that lies there,
        # whatever it is asked, its silence about the next card means that this one is gone.
        self._tells_removal = False
        self._habit_tried = False

    def self_test(self) -> Future[str]:
        """Ask the module for its state and number (any thread). The future gives the SAM's number as text.

        Raises (through the future):
            DeviceError: silent, damaged answer, the module reports a fault, or is another than the address names.
            DeviceUnavailable: not connected.
        """
        return self.call(self._identify)

    def look_again(self) -> None:
        """Report the card that already lies there once more, because somebody new wants to know (any thread).

        It comes as IdCardRead when the module still gives it, else as IdCardTrouble ``id_card_reader.lift_first``.
        """
        self.call(self._look_anew)

    def succeed(self, predecessor: Driver) -> None:
        super().succeed(predecessor)
        before = predecessor.module if isinstance(predecessor, IdCardReader) else None
        if isinstance(self.module, SamLine) and isinstance(before, SamLine):
            self.module.begin_with(before.speed)

    # -- the worker's three ------------------------------------------------------------------------------------

    def _open(self) -> None:
        self.module.open()
        if self._holding:
            self._lose_sight()
        self._trouble = ""
        self._line_errors = 0
        known = self._status.identity
        if self._identify() != known:
            self._tells_removal = self._habit_tried = False  # another module may have other habits
        self._next_status = time.monotonic() + STATUS_SECONDS
        self._next_find = 0.0
        self._ready()
        self._photos.open()

    def _lose_sight(self) -> None:
        """The card read last may have been lifted while the reader was away, and there is no telling."""
        self._holding, self._left_lying = False, True
        if self._misses < AWAY_MISSES:
            self._emit(IdCardUnseen())

    def _poll(self) -> None:
        wait = self._next_find - time.monotonic()
        if wait > 0:
            self._pause(min(wait, SLICE_SECONDS))
            return
        self._next_find = time.monotonic() + FIND_SECONDS
        try:
            self._look()
        except LineError as error:
            self._line_errors += 1
            if self._line_errors > 1:
                raise
            silent = error.code.endswith(".silent")
            self._set_state(DeviceState.UNKNOWN if silent else DeviceState.FAULT, error.code)
        else:
            self._line_errors = 0
            if not self._trouble:
                self._ready()

    def _close(self) -> None:
        self._photos.close()
        self.module.close()

    def _ready(self) -> None:
        detail: dict[str, Any] = dict(self.module.detail)
        self._set_state(DeviceState.READY, **detail)

    # -- one command and its answer ----------------------------------------------------------------------------

    def _ask(self, command: Command) -> Reply:
        """Exchange, and once more after a fault of the line: every command may be repeated without harm."""
        self._alive()
        try:
            reply = self.module.exchange(command)
        except LineError:
            reply = self.module.exchange(command)
        if reply.sw3 in REPEATABLE:
            reply = self.module.exchange(command)
        if reply.sw3 in REPEATABLE:
            raise LineError("id_card_reader.line", command=command.name, sw3=f"{reply.sw3:02X}")
        if reply.sw3 in MODULE_FAULTS:
            raise DeviceError(MODULE_FAULTS[reply.sw3], sw3=f"{reply.sw3:02X}")
        return reply

    def _identify(self) -> str:
        """The module's number, which is published as the identity at once.

        Raises:
            DeviceError: ``id_card_reader.other_sam``, and as ``_ask``.
        """
        self._ask(Command.STATUS)
        reply = self._ask(Command.SAM_ID)
        number = self.module.sam_number(reply) if reply.sw3 == sam_v.OK else ""
        status = self._status
        detail: dict[str, Any] = dict(status.detail)
        self._set_state(status.state, status.code, retry_at=status.retry_at, identity=number, **detail)
        if self._expected and number != self._expected:
            raise DeviceError("id_card_reader.other_sam", expected=self._expected, found=number or "?")
        return number

    # -- cards -------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        if self._holding and self._held_card_answers():
            return
        answer = self._ask(Command.FIND).sw3
        if answer == sam_v.FOUND:
            if self._holding:
                # A module that goes on reporting the card it has read: a later "none" means gone.
                if not self._none_since_read:
                    self._removal_shows = self._tells_removal = True
                # One that answered and does not any more was lifted: this is another laying down, if not another card.
                if time.monotonic() < self._next_check and not self._answered:
                    return
            self._read_found_card()
        elif answer == sam_v.NOT_FOUND:
            self._no_card()
        else:
            self._say_trouble(_CardError(CARD_FAULTS.get(answer, "id_card_reader.place_again"), sw3=f"{answer:02X}"))

    def _look_anew(self) -> None:
        if not (self._holding or self._left_lying):
            if self._trouble:
                self._emit(IdCardTrouble(self._trouble))
            return
        self._last_mark = None  # laid down again it is a new laying down
        selected = self._probe()
        if selected and self._read_anew(self._read_selected_card):
            return
        if self._ask(Command.FIND).sw3 == sam_v.FOUND and self._read_anew(self._read_card):
            return
        told = self._left_lying and self._tells_removal  # by silence: it would answer for a card that lies there
        if selected or (not told and time.monotonic() - self._last_seen <= STILL_THERE_SECONDS):
            self._say_trouble(_CardError("id_card_reader.lift_first"))

    def _read_anew(self, read: Callable[[], IdCard]) -> bool:
        try:
            card = read()
        except _CardError:
            return False
        self._holding = False
        self._take(card)
        return True

    def _held_card_answers(self) -> bool:
        """Whether the card read last still answers.

        After a good read many modules answer "find" with "none" until the card has been lifted. Reading the newest
        address again works while it lies there and does not disturb it.
        """
        if not self._probe():
            return False
        self._removal_shows = self._answered = True
        self._misses = 0
        self._last_seen = time.monotonic()
        if self._last_seen < self._next_check:
            return True
        self._next_check = self._last_seen + CHECK_SECONDS
        if self._ask(Command.FIND).sw3 == sam_v.FOUND:
            self._tells_removal = True
            self._read_found_card(again=True)
        elif self._probe():
            self._tells_removal = True
        elif not self._tells_removal:
            # Lifted just now, or "find" itself lets the card go on this module: neither answer says which.
            self._removal_shows = False
        return True

    def _probe(self) -> bool:
        return self._ask(Command.NEWEST_ADDRESS).sw3 in (sam_v.OK, sam_v.NOTHING_STORED)

    def _no_card(self) -> None:
        now = time.monotonic()
        if self._trouble and now - self._trouble_at > TROUBLE_SECONDS:
            self._trouble = ""
        self._none_since_read = True
        if self._holding:
            self._misses += 1
            if self._misses >= AWAY_MISSES and self._removal_shows:
                self._holding = False
                self._emit(IdCardAway())
            elif self._misses == AWAY_MISSES:
                self._emit(IdCardUnseen())
        if now >= self._next_status:
            self._ask(Command.STATUS)
            self._next_status = time.monotonic() + STATUS_SECONDS

    def _read_found_card(self, *, again: bool = False) -> None:
        """Read it; ``again``: the card read last, which answered just now."""
        if not self._holding:
            self._set_state(DeviceState.BUSY, "id_card_reader.reading")
        trouble: DeviceError = _CardError("id_card_reader.place_again")
        for attempt in range(READ_ATTEMPTS):
            read = self._read_card
            if attempt:
                if self._pause(ATTEMPT_SECONDS):
                    break
                if self._ask(Command.FIND).sw3 != sam_v.FOUND:
                    read = self._read_selected_card  # many modules report a card only once
            try:
                card = read()
            except _CardError as error:
                trouble = error
                if error.code in HOPELESS:
                    break
            except LineError as error:
                trouble = error
            else:
                self._take(card)
                return
        if again and isinstance(trouble, _CardError) and self._ask(Command.FIND).sw3 == sam_v.NOT_FOUND:
            self._no_card()  # lifted meanwhile: nobody has to lay down what was read
            return
        self._say_trouble(trouble)
        if isinstance(trouble, LineError):
            raise trouble

    def _read_card(self) -> IdCard:
        self._card_answer(Command.SELECT)
        return self._read_selected_card()

    def _read_selected_card(self) -> IdCard:
        text, photo = self._base_information()
        try:
            card = decode_text(text)
        except UnknownCardError:
            raise _CardError("id_card_reader.unknown_card") from None
        newest, newest_unreadable = self._newest_address()
        photo_unreadable = len(photo) != sam_v.PHOTO_BYTES or not any(photo)
        return dataclasses.replace(
            card,
            newest_address=newest,
            newest_address_unreadable=newest_unreadable,
            photo=b"" if photo_unreadable else photo,
            photo_unreadable=photo_unreadable,
        )

    def _base_information(self) -> tuple[bytes, bytes]:
        """Text and photo; twice the same where a single reading is not to be trusted."""
        seen: list[tuple[bytes, bytes]] = []
        for _ in range(READINGS):
            reading = self._read_base_information()
            if reading in seen or not self.module.must_confirm(_doubts(reading[0])):
                return reading
            seen.append(reading)
        raise LineError("id_card_reader.line", command=Command.READ.name)

    def _read_base_information(self) -> tuple[bytes, bytes]:
        reply = self._card_answer(Command.READ)
        try:
            return sam_v.split_base_information(reply.data)
        except ValueError:
            raise LineError("id_card_reader.line", command=Command.READ.name) from None

    def _card_answer(self, command: Command) -> Reply:
        reply = self._ask(command)
        if reply.sw3 != sam_v.OK:
            code = CARD_FAULTS.get(reply.sw3, "id_card_reader.place_again")
            raise _CardError(code, command=command.name, sw3=f"{reply.sw3:02X}")
        return reply

    def _newest_address(self) -> tuple[str, bool]:
        """The newest address, "" for none; True when there is no telling."""
        try:
            reply = self._ask(Command.NEWEST_ADDRESS)
            if self.module.must_confirm(()):
                again = self._ask(Command.NEWEST_ADDRESS)
                if (again.sw3, again.data) != (reply.sw3, reply.data):
                    return "", True
        except LineError:
            return "", True  # the card itself has been read; the next command waits for silence
        if reply.sw3 == sam_v.OK:
            return clean_text(reply.data), False
        return "", reply.sw3 != sam_v.NOTHING_STORED

    def _take(self, card: IdCard) -> None:
        now = time.monotonic()
        mark = hash(card.id_number)
        seen_before = mark == self._last_mark and now - self._last_seen <= REPEAT_SECONDS
        lying = self._holding and seen_before
        if self._holding and mark != self._last_mark:
            self._emit(IdCardAway())
        self._last_mark, self._last_seen = mark, now
        # The first card of a module is looked at once more at once: whether a removal will show is best learned early.
        self._next_check = now + (CHECK_SECONDS if self._habit_tried else 0.0)
        self._habit_tried = True
        self._misses = 0
        self._trouble = ""
        self._removal_shows = self._tells_removal or (lying and self._removal_shows and not self._none_since_read)
        self._holding, self._left_lying, self._none_since_read = True, False, False
        self._answered = False
        self._next_find = 0.0  # at once once more: whether a removal will show is best learned before it happens
        if not lying:
            self._emit(IdCardRead(card, repeat=seen_before, photo=self._photos.decode(card.photo)))

    def _say_trouble(self, error: DeviceError) -> None:
        self._trouble_at = time.monotonic()
        if self._trouble != error.code:
            self._trouble = error.code
            self._emit(IdCardTrouble(error.code, error.detail))
        self._set_state(DeviceState.ATTENTION, error.code)


def _module_of(address: Address, stopping: Callable[[], bool]) -> SamModule:
    return VendorModule(address, stopping) if address.scheme == "vendor" else SamLine(address, stopping)


def _doubts(text: bytes) -> tuple[str, ...]:
    try:
        return doubts(decode_text(text))
    except UnknownCardError:
        return ("kind",)
