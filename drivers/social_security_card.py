"""Social-security cards (社会保障卡, LD/T 32) of versions 1 to 3 on PC/SC readers.

Cards of version 3 give name and number only after authentication with a PSAM or a security module at the authority.
Without one the card's number and region are read, and the driver says that the name needs the ID card.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from drivers.driver import DeviceError, DeviceKind, DeviceLost, DeviceState, Driver, Listener
from drivers.id_card import NATIONS, SEXES, Sex, check_character
from drivers.recording.tape import What
from drivers.transport.address import Address
from drivers.transport.pcsc import CardHangs, CardInserted, CardRemoved, CardWatcher

log = logging.getLogger(__name__)

WAIT_SECONDS = 0.25
READ_ATTEMPTS = 2
AGAIN_SECONDS = 0.6
"""Before the second attempt: by then the service knows whether the card was pulled out."""

HANGS_AGAIN_SECONDS = (2.0, 5.0, 15.0, 30.0)
"""Waits before a card whose reader hung is tried with a fresh connection; the last one repeats while the card is in."""

SSSE = "sx1.sh.社会保障".encode("gb2312")
EF05, EF06 = 5, 6
"""Files that may be read freely on versions 1 and 2, by their short identifiers."""

Transmit = Callable[[bytes], tuple[bytes, int]]
"""An APDU to its data and status word."""


@dataclass(frozen=True, slots=True, repr=False)
class SocialSecurityCard:
    """A card as read; "" = absent or not readable. Dates are ``yyyymmdd``.

    Attributes:
        version: "1.00", "2.00" or "3.00".
        region: Six digits, of the place of issue.
        id_number: 社会保障号, the holder's ID number.
        needs_authentication: Some fields are there but closed; on version 3 the name and number are.
    """

    version: str
    card_number: str
    region: str = ""
    issued_on: str = ""
    valid_to: str = ""
    id_number: str = ""
    name: str = ""
    sex: Sex = "unknown"
    nation: str = ""
    birth: str = ""
    needs_authentication: bool = False

    @property
    def identifies(self) -> bool:
        """Whether name and number were read, so that the card says who is here."""
        return bool(self.name and self.id_number)

    def __repr__(self) -> str:
        return f"SocialSecurityCard(version={self.version!r}, identifies={self.identifies})"


@dataclass(frozen=True, slots=True)
class SocialSecurityCardRead:
    """A card was read; look at ``card.identifies`` before taking the name from it."""

    card: SocialSecurityCard


@dataclass(frozen=True, slots=True)
class SocialSecurityCardTrouble:
    """A card could not be read, or (``…name_needs_id_card``, after SocialSecurityCardRead) not all of it."""

    code: str
    detail: Mapping[str, str | int | float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class SocialSecurityCardAway:
    """The card was taken out, or its reader or the service went away; the last one, where there are several readers."""


@dataclass(slots=True)
class _Hanging:
    """A reader that did not return from a call. ``again_at``: ``time.monotonic()`` of the next try."""

    again_at: float = 0.0
    times: int = 0


class SocialSecurityCardReader(Driver):
    """Watches the PC/SC readers and reads every social-security card once per insertion.

    Address: ``pcsc:`` for all readers, or ``pcsc:part of the reader's name``. Events: SocialSecurityCardRead,
    SocialSecurityCardTrouble, SocialSecurityCardAway and StatusChanged.
    """

    def __init__(self, address: Address, listener: Listener) -> None:
        super().__init__(DeviceKind.SOCIAL_SECURITY_CARD, listener)
        self._watcher = CardWatcher(address.target, self._go_on)
        self._lying: set[str] = set()  # readers with a card that was read
        self._trouble: dict[str, str] = {}
        self._hanging: dict[str, _Hanging] = {}

    def look_again(self) -> None:
        """Read the cards that are already in once more, because somebody new wants to know (any thread)."""
        self.call(self._read_all)

    def _read_all(self) -> None:
        troubles = tuple(self._trouble.values())
        for reader in list(self._lying):
            self._read(reader)
        for code in troubles:
            self._emit(SocialSecurityCardTrouble(code))

    def _go_on(self) -> None:
        self._alive()
        if self._stopping.is_set():
            raise DeviceLost("device.stopped")

    def _open(self) -> None:
        self._watcher.open()
        self._poll()

    def _poll(self) -> None:
        for event in self._watcher.wait(WAIT_SECONDS if self._opened else 0):
            if isinstance(event, CardInserted):
                self._inserted(event)
            elif isinstance(event, CardRemoved):
                self._removed(event.reader)
        for reader in [name for name, hanging in self._hanging.items() if time.monotonic() >= hanging.again_at]:
            self._read(reader)
        self._say_state()

    def _say_state(self) -> None:
        readers = self._watcher.readers
        if not readers:
            self._set_state(DeviceState.ABSENT, "social_security_card.no_reader", identity="")
        elif self._hanging:
            self._set_state(DeviceState.FAULT, "social_security_card.hangs", identity=readers[0])
        elif self._trouble:
            self._set_state(DeviceState.ATTENTION, next(iter(self._trouble.values())), identity=readers[0])
        else:
            self._set_state(DeviceState.READY, identity=readers[0])

    def _close(self) -> None:
        self._watcher.close()
        for reader in list(self._lying):
            self._removed(reader)
        self._trouble.clear()
        self._hanging.clear()

    def _inserted(self, event: CardInserted) -> None:
        self.tap.note(What.CARD_IN)
        if event.mute:
            self._say_trouble(event.reader, DeviceError("pcsc.card_mute"))
            return
        self._read(event.reader)

    def _read(self, reader: str) -> None:
        self._set_state(DeviceState.BUSY, "social_security_card.reading")
        for attempt in range(1, READ_ATTEMPTS + 1):
            try:
                with self._watcher.connected(reader) as connection:
                    card = read_card(self._tapped(connection.transmit))
            except DeviceLost:
                raise
            except CardHangs as error:
                self._hangs(reader, error)
                return
            except DeviceError as error:
                self._hanging.pop(reader, None)
                if attempt == READ_ATTEMPTS or error.code != "pcsc.card_mute" or self._pause(AGAIN_SECONDS):
                    self._say_trouble(reader, error)
                    return
            else:
                break
        self._hanging.pop(reader, None)
        self._trouble.pop(reader, None)
        self._lying.add(reader)
        self._emit(SocialSecurityCardRead(card))
        if not card.identifies:
            self._emit(SocialSecurityCardTrouble("social_security_card.name_needs_id_card"))

    def _tapped(self, transmit: Transmit) -> Transmit:
        def recorded(command: bytes) -> tuple[bytes, int]:
            self.tap.sent(command)
            data, status = transmit(command)
            self.tap.received(data + status.to_bytes(2, "big"))
            return data, status

        return recorded

    def _hangs(self, reader: str, error: CardHangs) -> None:
        """Say it once, and try again later: a reader that hangs may come back, or be plugged in again."""
        hanging = self._hanging.get(reader)
        if hanging is None:
            hanging = self._hanging[reader] = _Hanging()
            self._say_trouble(reader, error)
        hanging.again_at = time.monotonic() + HANGS_AGAIN_SECONDS[min(hanging.times, len(HANGS_AGAIN_SECONDS) - 1)]
        hanging.times += 1

    def _removed(self, reader: str) -> None:
        self.tap.note(What.CARD_OUT)
        self._trouble.pop(reader, None)
        self._hanging.pop(reader, None)
        if reader in self._lying:
            self._lying.discard(reader)
            if not self._lying:
                self._emit(SocialSecurityCardAway())

    def _say_trouble(self, reader: str, error: DeviceError) -> None:
        self._trouble[reader] = error.code
        self._emit(SocialSecurityCardTrouble(error.code, error.detail))


# -- what to say to a card, without a reader -------------------------------------------------------------------


class _Closed(Exception):
    """The field wants authentication (6982, 6985)."""


def read_card(transmit: Transmit) -> SocialSecurityCard:
    """Read a social-security card through any way of sending APDUs.

    Raises:
        DeviceError: ``social_security_card.id_card``, ``.unknown_card`` (no social-security card) or ``.bad_answer``
            (``sw`` = its status word).
        Whatever ``transmit`` raises.
    """
    _select_application(transmit)
    closed = False
    common, personal = _File(transmit, EF05), _File(transmit, EF06)

    def take(file: _File, tag: int) -> bytes:
        nonlocal closed
        try:
            return file.read(tag)
        except _Closed:
            closed = True
            return b""

    identifier = take(common, 0x01)
    version = _ascii(take(common, 0x03))
    card_number = _ascii(take(common, 0x07))
    issued_on, valid_to = _date(take(common, 0x05)), _date(take(common, 0x06))
    id_number = _id_number(take(personal, 0x08))
    name = _name(take(personal, 0x09), take(personal, 0x4E))
    nation = _digits(take(personal, 0x0B))
    card = SocialSecurityCard(
        version=version,
        card_number=card_number,
        region=_digits(identifier[:3]),
        issued_on=issued_on,
        valid_to=valid_to,
        id_number=id_number,
        name=name,
        sex=SEXES.get(_ascii(take(personal, 0x0A)), "unknown"),
        nation=NATIONS.get(int(nation), "") if nation else "",
        birth=_date(take(personal, 0x0D)),
        needs_authentication=closed,
    )
    if not card.card_number and not card.identifies:
        raise DeviceError("social_security_card.bad_answer", sw="")
    return card


def _select_application(transmit: Transmit) -> None:
    _, status = _command(transmit, b"\x00\xa4\x04\x00" + bytes([len(SSSE)]) + SSSE)
    if status == 0x9000:
        return
    # On readers that pass raw frames an ID card gives its chip number to this, and never more than that.
    chip_number, status = _command(transmit, b"\x00\x36\x00\x00\x08")
    if status == 0x9000 and len(chip_number) == 8:
        raise DeviceError("social_security_card.id_card")
    raise DeviceError("social_security_card.unknown_card")


def _command(transmit: Transmit, apdu: bytes) -> tuple[bytes, int]:
    """One command with what belongs to it: a wrong length is corrected (6Cxx), more data are fetched (61xx)."""
    data, status = transmit(apdu)
    if status >> 8 == 0x6C and len(apdu) == 5:
        data, status = transmit(apdu[:4] + bytes([status & 0xFF]))
    for _ in range(16):
        if status >> 8 != 0x61:
            break
        more, status = transmit(b"\x00\xc0\x00\x00" + bytes([status & 0xFF]))
        data += more
    return data, status


class _File:
    """Records of one file by tag: by its short identifier, or selected first on cards that do not know that."""

    def __init__(self, transmit: Transmit, number: int) -> None:
        self._transmit = transmit
        self._number = number
        self._short = True

    def read(self, tag: int) -> bytes:
        """The value of a tag, b"" when it is not on the card.

        Raises:
            _Closed: it wants authentication.
            DeviceError: any other refusal.
        """
        data, status = self._record(tag)
        if self._short and status in (0x6A81, 0x6A82, 0x6A86, 0x6B00) and self._select():
            self._short = False
            data, status = self._record(tag)
        if status in (0x6982, 0x6985):
            raise _Closed
        if status in (0x6A82, 0x6A83):
            return b""
        if status != 0x9000 and status >> 8 != 0x62:
            raise DeviceError("social_security_card.bad_answer", sw=f"{status:04X}")
        if data[:1] != bytes([tag]):
            return data
        if len(data) < 2 or data[1] > len(data) - 2:
            raise DeviceError("social_security_card.bad_answer", sw="")  # half a record must not pass for a value
        return data[2 : 2 + data[1]]

    def _record(self, tag: int) -> tuple[bytes, int]:
        place = self._number << 3 if self._short else 0
        return _command(self._transmit, bytes([0x00, 0xB2, tag, place, 0x00]))

    def _select(self) -> bool:
        _, status = _command(self._transmit, bytes([0x00, 0xA4, 0x02, 0x00, 0x02, 0xEF, self._number]))
        return status == 0x9000


def _name(first: bytes, rest: bytes) -> str:
    """The name in its two parts.

    Raises:
        DeviceError: ``social_security_card.bad_answer``, these bytes are no name: better none than a wrong one.
    """
    try:
        name = (first.partition(b"\0")[0].rstrip(b" ") + rest.partition(b"\0")[0]).decode("gb18030").strip()
    except UnicodeDecodeError:
        raise DeviceError("social_security_card.bad_answer", sw="") from None
    if not name.isprintable():
        raise DeviceError("social_security_card.bad_answer", sw="")
    return name


def _id_number(raw: bytes) -> str:
    """The holder's number, "" when there is none.

    Raises:
        DeviceError: ``social_security_card.bad_answer``, not eighteen places or a wrong check digit.
    """
    number = _ascii(raw).upper()
    if number:
        if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
            raise DeviceError("social_security_card.bad_answer", sw="")
        if check_character(number[:17]) != number[17]:
            raise DeviceError("social_security_card.bad_answer", sw="")
    return number


def _ascii(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("ascii", "replace").strip()


def _digits(raw: bytes) -> str:
    """BCD as text, "" when it is none."""
    return raw.hex() if raw.hex().isdigit() else ""


def _date(raw: bytes) -> str:
    digits = _digits(raw[:4])
    return digits if len(digits) == 8 and digits.strip("0") else ""
