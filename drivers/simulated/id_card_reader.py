"""A simulated SAM_V module at the other end of a serial line, with cards to lay on it and faults to set.

Frames and card layouts are written here a second time, from the tables and not from the driver's code, so that the one
checks the other. Everybody on the sample cards is invented; region 000000 of their numbers exists nowhere.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from drivers.simulated.pseudo_terminal import PseudoTerminal

SimulatedCardKind = Literal["citizen", "J", "I", "Y"]

COMMANDS_KEPT = 5000
SAM_ID = bytes.fromhex("0500 0300") + b"".join(
    number.to_bytes(4, "little") for number in (20240101, 12345678, 987654321)
)
"""Invented: 05.03-20240101-0012345678-0987654321."""


def invented_photo(seed: int) -> bytes:
    """1024 bytes that are no picture; a real block is WLT, which has no open encoder."""
    return b"WLf\x00" + random.Random(seed).randbytes(1020)


@dataclass(frozen=True, slots=True)
class SimulatedIdCard:
    """What stands on the chip, as text. Dates are yyyymmdd; ``sex`` and ``nation`` are codes.

    ``photo`` may be given a wrong length, or zeros. ``newest_address`` None = nothing stored (SW3 91).
    """

    kind: SimulatedCardKind
    name: str
    id_number: str
    sex: str = "1"
    nation: str = "01"
    birth: str = "19000101"
    address: str = ""
    issuer: str = ""
    valid_from: str = ""
    valid_to: str = ""
    newest_address: str | None = None
    english_name: str = ""
    nationality: str = ""
    pass_number: str = ""
    photo: bytes = field(default_factory=lambda: invented_photo(1))

    def text(self) -> bytes:
        """The 256 bytes of UTF-16LE.

        Raises:
            ValueError: a field is longer than its place.
        """
        match self.kind:
            case "citizen" | "J":
                j = self.kind == "J"
                fields = [
                    (self.name, 30),
                    (self.sex, 2),
                    ("" if j else self.nation, 4),
                    (self.birth, 16),
                    (self.address, 70),
                    (self.id_number, 36),
                    (self.issuer, 30),
                    (self.valid_from, 16),
                    (self.valid_to, 16),
                    (self.pass_number if j else "", 18),
                    ("01" if j else "", 4),
                    ("", 6),
                    ("J" if j else "", 2),
                    ("", 6),
                ]
            case "I":
                fields = [
                    (self.english_name, 120),
                    (self.sex, 2),
                    (self.id_number, 30),
                    (self.nationality, 6),
                    (self.name, 30),
                    (self.valid_from, 16),
                    (self.valid_to, 16),
                    (self.birth, 16),
                    ("01", 4),
                    (self.issuer, 8),
                    ("I", 2),
                    ("", 6),
                ]
            case "Y":
                fields = [
                    (self.name, 30),
                    (self.sex, 2),
                    ("00", 4),
                    (self.birth, 16),
                    (self.english_name[:35], 70),
                    (self.id_number, 36),
                    ("", 30),
                    (self.valid_from, 16),
                    (self.valid_to, 16),
                    (self.english_name[35:], 22),
                    (self.nationality, 6),
                    ("Y", 2),
                    ("", 6),
                ]
        return b"".join(_padded(text, length) for text, length in fields)


SAMPLE_CARDS: dict[str, SimulatedIdCard] = {
    "valid": SimulatedIdCard(
        "citizen", "张示例", "000000190001010017", address="某省某市样例镇示范村1号", issuer="某市公安局样例分局",
        valid_from="20200101", valid_to="20400101",
    ),
    "moved": SimulatedIdCard(
        "citizen", "李样张", "000000190001010009", "2", "11",
        address="某省某市样例镇旧址村2号", issuer="某市公安局样例分局",
        valid_from="20200101", valid_to="20400101", newest_address="某省某市样例镇新址村3号",
    ),
    "expired": SimulatedIdCard(
        "citizen", "王过期", "000000190001010033", address="某省某市样例镇示范村4号", issuer="某市公安局样例分局",
        valid_from="20000101", valid_to="20100101",
    ),
    "long_valid": SimulatedIdCard(
        "citizen", "赵长期", "000000190001010041", "2", "03",
        address="某省某市样例镇示范村5号", issuer="某市公安局样例分局",
        valid_from="20100101", valid_to="长期",
    ),
    "rare_character": SimulatedIdCard(
        "citizen", "䶮𠮷示例", "00000019000101005X", address="某省某市样例镇示范村6号", issuer="某市公安局样例分局",
        valid_from="20200101", valid_to="20400101",
    ),
    "residence_permit": SimulatedIdCard(
        "J", "陈样例", "81000017000101001X", birth="17000101", address="某省某市样例镇示范村7号", issuer="某市公安局",
        valid_from="20200101", valid_to="20400101", pass_number="H00000000",  # noqa: S106  a travel document's number
    ),
    "permanent_residence_2017": SimulatedIdCard(
        "I", "样例明", "XXX000000010101", birth="19000101", english_name="SAMPLE, PERSON EXAMPLE", nationality="XXX",
        issuer="0000", valid_from="20200101", valid_to="20400101",
    ),
    "permanent_residence_2023": SimulatedIdCard(
        "Y", "样例华", "900000170001010011", birth="17000101",
        english_name="SAMPLE, PERSON WITH A VERY LONG EXAMPLE NAME", nationality="000",
        valid_from="20240101", valid_to="20340101",
    ),
}  # fmt: skip


@dataclass(slots=True)
class IdCardReaderFaults:
    """Set at any time; each stays until it is set back. Counters count down by themselves.

    Attributes:
        delay: Seconds before every answer.
        delay_once: Seconds before the next answer only.
        silent: No answer at all.
        silent_for: Number of answers to withhold.
        noise: Bytes before every answer.
        spoil_checksums: Number of answers to send with a wrong checksum.
        half_frames: Number of answers to break off in the middle.
        status_words: Command payload → SW3 answered instead of the good one.
        status_words_once: The same for one answer each.
        found_again: What "find" answers after a good read while the card lies: 9F again, or 80 until it was lifted.
        forgets_selection: After a read the newest address cannot be read again while the card lies.
        pace: Answer at the pace of the line's speed.
        unplug_after: Unplug in the middle of the answer to this command payload.
        unplug_at: Command payload and number of bytes of its answer after which to unplug.
        lift_before: Lift the card when this command payload has come, before it is answered.
        damage: Changes the next whole answers, as noise on the line does; called with the payload and the answer.
        wrong_speed: What the other side hears when it has set another speed than the module's: nothing, because the
            module understands nothing, or garbage.
    """

    delay: float = 0.0
    delay_once: float = 0.0
    silent: bool = False
    silent_for: int = 0
    noise: bytes = b""
    spoil_checksums: int = 0
    half_frames: int = 0
    status_words: dict[bytes, int] = field(default_factory=dict)
    status_words_once: dict[bytes, int] = field(default_factory=dict)
    found_again: bool = False
    forgets_selection: bool = False
    pace: bool = False
    unplug_after: bytes = b""
    unplug_at: tuple[bytes, int] | None = None
    lift_before: bytes = b""
    damage: Callable[[bytes, bytes], bytes] | None = None
    wrong_speed: Literal["garbage", "silence"] = "silence"


class SimulatedIdCardReader:
    """Answers every command of the SAM_V protocol on a pseudo terminal. Methods may be called from any thread."""

    def __init__(self, *, baud: int = 115200) -> None:
        """``baud``: the module's own speed; whoever sets another one on the port is not understood."""
        self.terminal = PseudoTerminal(self._receive, name="id-card-reader", baud=baud)
        self.faults = IdCardReaderFaults()
        self.commands: list[bytes] = []
        """Payloads received so far, the newest ``COMMANDS_KEPT`` of them at least."""
        self._lock = threading.Lock()
        self._received = bytearray()
        self._card: SimulatedIdCard | None = None
        self._found = self._selected = self._was_read = False

    @property
    def address(self) -> str:
        return self.terminal.address

    def start(self) -> None:
        self.terminal.start()

    def stop(self) -> None:
        self.terminal.stop()

    def unplug(self) -> None:
        """Pull the cable; a card may stay on the reader."""
        self.terminal.unplug()

    def replug(self) -> None:
        self._received.clear()
        with self._lock:
            self._found = self._selected = self._was_read = False
        self.terminal.replug()

    def lay_card(self, card: SimulatedIdCard) -> None:
        with self._lock:
            self._card = card
            self._found = self._selected = self._was_read = False

    def lift_card(self) -> None:
        with self._lock:
            self._card = None
            self._found = self._selected = self._was_read = False

    def _receive(self, data: bytes) -> None:
        if self.terminal.line_speed != self.terminal.baud:
            # Neither side understands a bit of the other: what comes back, if anything, is no frame.
            self._received.clear()
            if self.faults.wrong_speed == "garbage":
                self.terminal.send(bytes(byte | 0x80 for byte in random.Random(len(data)).randbytes(len(data))))
            return
        self._received += data
        while (start := self._received.find(b"\xaa\xaa\xaa\x96\x69")) >= 0:
            del self._received[:start]
            if len(self._received) < 7:
                return
            end = 7 + (self._received[5] << 8 | self._received[6])
            if len(self._received) < end:
                return
            body = bytes(self._received[5:end])
            del self._received[:end]
            self._answer(body[2:-1], _checksum(body[:-1]) == body[-1])

    def _answer(self, payload: bytes, intact: bool) -> None:
        faults = self.faults
        self.commands.append(payload)
        if len(self.commands) > 2 * COMMANDS_KEPT:  # a demo polls for days
            del self.commands[:-COMMANDS_KEPT]
        if faults.lift_before == payload:
            faults.lift_before = b""
            self.lift_card()
        with self._lock:
            status, data = self._result(payload) if intact else (0x10, b"")
            wanted = faults.status_words_once.pop(payload, faults.status_words.get(payload))
            if wanted is not None:
                status, data = wanted, b""
            self._was_read = self._was_read or (status == 0x90 and payload in (b"\x30\x01", b"\x30\x10"))
        body = b"\0\0" + bytes([status]) + data
        body = (len(body) + 1).to_bytes(2, "big") + body
        reply = b"\xaa\xaa\xaa\x96\x69" + body + bytes([_checksum(body)])
        delay, faults.delay_once = faults.delay + faults.delay_once, 0.0
        if faults.silent:
            return
        if faults.silent_for:
            faults.silent_for -= 1
            return
        if delay:
            time.sleep(delay)
        if faults.spoil_checksums:
            faults.spoil_checksums -= 1
            reply = reply[:-1] + bytes([reply[-1] ^ 0x55])
        if faults.damage is not None:
            reply = faults.damage(payload, reply)
        cut = faults.unplug_after == payload
        if faults.half_frames or cut:
            faults.half_frames = max(0, faults.half_frames - 1)
            reply = reply[: len(reply) // 2]
        if faults.unplug_at is not None and faults.unplug_at[0] == payload:
            cut, reply, faults.unplug_at = True, reply[: faults.unplug_at[1]], None
        self.terminal.send(faults.noise + reply, self.terminal.baud if faults.pace else None)
        if cut:
            faults.unplug_after = b""
            self.terminal.unplug()

    def _result(self, payload: bytes) -> tuple[int, bytes]:
        card = self._card
        match payload:
            case b"\x10\xff" | b"\x11\xff" | b"\x61\xff\x50":
                return 0x90, b""
            case b"\x12\xff":
                return 0x90, SAM_ID
            case b"\x20\x01":
                self._found = card is not None and (not self._was_read or self.faults.found_again)
                if self._found:
                    self._selected = False
                return (0x9F, bytes(4)) if self._found else (0x80, b"")
            case b"\x20\x02":
                self._selected = self._found
                return (0x90, bytes(8)) if self._selected else (0x81, b"")
            case b"\x30\x01" | b"\x30\x10" | b"\x30\x03" | b"\x30\x05":
                return self._card_data(payload, card) if card and self._selected else (0x41, b"")
            case _ if len(payload) == 2 and payload[0] == 0x60 and payload[1] < 5:
                return 0x90, b""
            case _:
                return 0x21, b""

    def _card_data(self, payload: bytes, card: SimulatedIdCard) -> tuple[int, bytes]:
        text = card.text()
        lengths = len(text).to_bytes(2, "big") + len(card.photo).to_bytes(2, "big")
        match payload:
            case b"\x30\x01":
                return 0x90, lengths + text + card.photo
            case b"\x30\x10":
                return 0x90, lengths + bytes(2) + text + card.photo
            case b"\x30\x05":
                return 0x90, bytes(range(28))
            case _:
                if self.faults.forgets_selection:
                    self._selected = False  # the next one is refused
                if card.newest_address is None:
                    return 0x91, b""
                return 0x90, _padded(card.newest_address, 70)


def _padded(text: str, length: int) -> bytes:
    raw = text.encode("utf-16-le")
    if len(raw) > length:
        raise ValueError(f"a text of {len(raw)} bytes for a place of {length}")
    return raw + b" \0" * ((length - len(raw)) // 2)


def _checksum(body: bytes) -> int:
    result = 0
    for byte in body:
        result ^= byte
    return result
