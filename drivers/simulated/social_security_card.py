"""Virtual social-security cards (LD/T 32, versions 1 to 3) and two strangers, for the virtual readers of vpcd.

The reader driver listens, the card calls it: connection up is card in, connection closed is card out. Everybody on the
cards is invented; region 000000 of their numbers exists nowhere.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from dataclasses import dataclass
from typing import Literal

from drivers.simulated.pcsc_service import PcscService

ATR = bytes.fromhex("3B6D000000814E43") + bytes(9)
"""Invented."""

MUTE_ATR = b"\x00"
"""No answer to reset that makes sense: the service reports a card that cannot be spoken to."""

SSSE_NAME = bytes.fromhex("7378312E73682EC9E7BBE1B1A3D5CF")

OK, WRONG_LENGTH, CLOSED = 0x9000, 0x6700, 0x6982
NO_FILE, NO_RECORD, BAD_PLACE, NO_COMMAND = 0x6A82, 0x6A83, 0x6A86, 0x6D00

HAND_SECONDS = 1.0
"""From one card to the next; the service looks every 0.4 s and would take a faster change for the same card."""

_QUICK_ACKNOWLEDGEMENT = getattr(socket, "TCP_QUICKACK", socket.TCP_NODELAY)


@dataclass(frozen=True, slots=True)
class SimulatedCardContents:
    """What stands on a card.

    Attributes:
        kind: ``social_security``; ``id_card`` gives its chip number and nothing else; ``unknown`` refuses everything.
        short_identifiers: Records can be read by the file's short identifier; else the file has to be selected.
    """

    kind: Literal["social_security", "id_card", "unknown"] = "social_security"
    version: Literal["1.00", "2.00", "3.00"] = "2.00"
    card_number: str = "A00000001"
    region: str = "310000"
    id_number: str = "000000190001010017"
    name: str = "张示例"
    name_rest: str = ""
    sex: str = "1"
    nation: str = "01"
    birth: str = "19000101"
    issued_on: str = "20200101"
    valid_to: str = "20300101"
    short_identifiers: bool = True

    def records(self) -> dict[int, dict[int, bytes]]:
        """File → tag → value."""
        common = {
            0x01: bytes.fromhex(self.region) + bytes(13),
            0x02: b"1",
            0x03: self.version.encode("ascii"),
            0x04: bytes(12),
            0x05: bytes.fromhex(self.issued_on),
            0x06: bytes.fromhex(self.valid_to),
            0x07: self.card_number.encode("ascii"),
        }
        personal = {
            0x08: self.id_number.encode("ascii"),
            0x09: self.name.encode("gb18030").ljust(30, b"\0"),
            0x4E: self.name_rest.encode("gb18030").ljust(20, b"\0"),
            0x0A: self.sex.encode("ascii"),
            0x0B: bytes.fromhex(self.nation),
            0x0C: bytes(3),
            0x0D: bytes.fromhex(self.birth),
        }
        if self.version == "1.00":
            del personal[0x4E]
        return {0xEF05: common, 0xEF06: personal}


SAMPLE_CARDS: dict[str, SimulatedCardContents] = {
    "version_1": SimulatedCardContents(version="1.00", card_number="A00000001"),
    "version_2": SimulatedCardContents(
        version="2.00", card_number="B00000002", name="李样张", id_number="000000190001010009", sex="2", nation="11"
    ),
    "version_2_long_name": SimulatedCardContents(
        card_number="C00000003", name="买买提样例示例样例示例样例", name_rest="某某人", id_number="000000190001010033"
    ),
    "version_3": SimulatedCardContents(version="3.00", card_number="D00000004", id_number="000000190001010041"),
    "id_card": SimulatedCardContents(kind="id_card"),
    "unknown": SimulatedCardContents(kind="unknown"),
}


@dataclass(slots=True)
class CardFaults:
    """Set at any time.

    Attributes:
        delay: Seconds before every answer.
        mute: No answer to reset, as of a card that is upside down or dirty; takes effect with the next ``insert``.
        pull_after: The card is pulled out instead of its n-th answer (1 = the first); 0 = never.
        status_words: APDU → status word answered instead.
        hang_at: Nothing more is answered from the n-th command on, and the reader waits; 0 = never. Ends with
            ``release`` or when the card is taken out.
        answers: APDU → whole answer given instead, of any length and content.
        raw: Sent instead of the next answer to the reader driver, frame and all, and then the card is silent.
    """

    delay: float = 0.0
    mute: bool = False
    pull_after: int = 0
    status_words: dict[bytes, int] | None = None
    hang_at: int = 0
    answers: dict[bytes, bytes] | None = None
    raw: bytes | None = None


class SimulatedSocialSecurityCard:
    """One card at a time in one slot of a ``PcscService``. Methods may be called from any thread."""

    def __init__(self, service: PcscService, *, slot: Literal[0, 1] = 0) -> None:
        self.faults = CardFaults()
        self.commands: list[bytes] = []
        """APDUs received so far."""
        self._service = service
        self._slot = slot
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._go_on = threading.Event()

    def insert(self, contents: SimulatedCardContents = SAMPLE_CARDS["version_2"]) -> None:
        """Put a card in; one that is there is pulled out first, at the pace of a hand.

        Raises:
            OSError: the service is not running.
        """
        if self._socket is not None:
            self.remove()
            time.sleep(HAND_SECONDS)
        self.remove()
        connection = socket.create_connection(("127.0.0.1", self._service.port + self._slot), timeout=10)
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connection
        self._go_on.clear()
        chip = _Chip(contents, self.faults, self.commands)
        self._thread = threading.Thread(
            target=self._answer, args=(connection, chip), name="simulated-card", daemon=True
        )
        self._thread.start()

    def remove(self) -> None:
        """Pull the card out; does nothing when none is in."""
        self._go_on.set()
        connection, self._socket = self._socket, None
        thread, self._thread = self._thread, None
        if connection is not None:
            _hang_up(connection)
        if thread is not None:
            thread.join(5)

    def release(self) -> None:
        """Answer what was left unanswered by ``hang_at``, late."""
        self.faults.hang_at = 0
        self._go_on.set()

    def _answer(self, connection: socket.socket, chip: _Chip) -> None:
        with contextlib.suppress(OSError, EOFError), connection:
            while True:
                (length,) = struct.unpack(">H", _receive(connection, 2))
                message = _receive(connection, length)
                if length == 1:
                    if message == b"\x04":
                        atr = MUTE_ATR if self.faults.mute else ATR
                        connection.sendall(struct.pack(">H", len(atr)) + atr)
                    continue
                if self.faults.delay:
                    time.sleep(self.faults.delay)
                if self.faults.hang_at and chip.received + 1 >= self.faults.hang_at:
                    self._go_on.wait()
                if self.faults.raw is not None:
                    raw, self.faults.raw = self.faults.raw, None
                    connection.sendall(raw)
                    self._go_on.wait()
                reply = chip.answer(message)
                if reply is None:
                    _hang_up(connection)
                    return
                connection.sendall(struct.pack(">H", len(reply)) + reply)


class _Chip:
    """The card's side of every APDU."""

    def __init__(self, contents: SimulatedCardContents, faults: CardFaults, commands: list[bytes]) -> None:
        self._contents = contents
        self._faults = faults
        self._commands = commands
        self._answers = 0
        self._files = contents.records()
        self._selected_application = False
        self._file = 0
        self._rest = b""

    @property
    def received(self) -> int:
        """Commands so far."""
        return self._answers

    def answer(self, apdu: bytes) -> bytes | None:
        """Data and status word; None when the card is pulled out instead."""
        self._commands.append(apdu)
        self._answers += 1
        if self._faults.pull_after and self._answers >= self._faults.pull_after:
            self._faults.pull_after = 0
            return None
        spoilt = (self._faults.answers or {}).get(apdu)
        if spoilt is not None:
            return spoilt
        status = (self._faults.status_words or {}).get(apdu)
        data = b""
        if status is None:
            data, status = self._result(apdu)
        return data + struct.pack(">H", status)

    def _result(self, apdu: bytes) -> tuple[bytes, int]:
        kind = self._contents.kind
        if kind == "id_card":
            return (bytes(range(8)), OK) if apdu == bytes.fromhex("0036000008") else (b"", NO_COMMAND)
        if kind == "unknown":
            return b"", NO_FILE if apdu[1:2] == b"\xa4" else NO_COMMAND
        match apdu[1]:
            case 0xA4:
                return self._select(apdu)
            case 0xC0:
                rest, self._rest = self._rest, b""
                return rest[: apdu[4]], OK
            case 0xB2 if self._selected_application:
                return self._record(apdu)
            case 0x84 if self._contents.version == "3.00":
                return bytes(8), OK
            case _:
                return b"", NO_COMMAND

    def _select(self, apdu: bytes) -> tuple[bytes, int]:
        what = apdu[5 : 5 + apdu[4]]
        if apdu[2] == 0x04:
            if what != SSSE_NAME:
                return b"", NO_FILE
            self._selected_application = True
            self._rest = b"\x6f\x20\x84\x0f" + SSSE_NAME + b"\xa5\x0d\x9f\x0c\x0a" + bytes(7) + b"\x03\x86\x01"
            return b"", 0x6100 | len(self._rest)
        number = int.from_bytes(what, "big")
        if number not in self._files:
            return b"", NO_FILE
        self._file = number
        return b"", OK

    def _record(self, apdu: bytes) -> tuple[bytes, int]:
        _, _, tag, place, wanted = apdu
        short = place >> 3
        if short and not self._contents.short_identifiers:
            return b"", BAD_PLACE
        number = 0xEF00 | short if short else self._file
        if number not in self._files:
            return b"", NO_FILE
        if tag not in self._files[number]:
            return b"", NO_RECORD
        if self._contents.version == "3.00" and (number == 0xEF06 or tag in (0x05, 0x06)):
            return b"", CLOSED
        value = self._files[number][tag]
        record = bytes([tag, len(value)]) + value
        if wanted != len(record):
            return b"", 0x6C00 | len(record)
        return record, OK


def _receive(connection: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        piece = connection.recv(length - len(data))
        if not piece:
            raise EOFError
        data += piece
        # The driver sends length and command apart and waits for our acknowledgement between them.
        connection.setsockopt(socket.IPPROTO_TCP, _QUICK_ACKNOWLEDGEMENT, 1)
    return data


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
