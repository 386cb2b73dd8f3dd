"""Frames of the SAM_V serial protocol (GA 467), as pure functions. 8N1; see the maker's protocol manuals.

A frame is ``AA AA AA 96 69``, a length of two bytes (big-endian, payload + 1), the payload and the XOR of everything
from the length on. Payload to the SAM: command, parameter, data. From the SAM: SW1, SW2 (of the card), SW3 (the
result), data. A reply does not say which command it answers: the caller checks the length of its data.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import reduce
from operator import xor

PREAMBLE = bytes.fromhex("AA AA AA 96 69")
SHORTEST, LONGEST = 4, 4096
"""Range of a reply's length field; the longest legal reply has 2314, an impossible length is noise."""

TEXT_BYTES = 256
PHOTO_BYTES = 1024

OK = 0x90
NOTHING_STORED = 0x91
FOUND = 0x9F
NOT_FOUND = 0x80


class Command(Enum):
    """Payload sent, and the data lengths its good answer may have (None: read from the answer itself)."""

    RESET = (b"\x10\xff", (0,))
    STATUS = (b"\x11\xff", (0,))
    SAM_ID = (b"\x12\xff", (16,))
    FIND = (b"\x20\x01", (4,))
    SELECT = (b"\x20\x02", (8,))
    READ = (b"\x30\x01", None)
    NEWEST_ADDRESS = (b"\x30\x03", (70,))

    def __init__(self, payload: bytes, lengths: tuple[int, ...] | None) -> None:
        self.payload = payload
        self.lengths = lengths


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole frame from the SAM; ``data`` may be personal and is not shown."""

    sw1: int
    sw2: int
    sw3: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Damaged:
    """A frame whose checksum is wrong: a fault of the line, not "no card"."""


def frame(payload: bytes) -> bytes:
    """Wrap a payload for either direction."""
    body = struct.pack(">H", len(payload) + 1) + payload
    return PREAMBLE + body + bytes([reduce(xor, body)])


class FrameReader:
    """Finds replies in a stream of bytes that may come in any pieces, with noise between them."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.skipped = 0
        """Bytes thrown away that belonged to no frame; counts on for ever."""
        self.preambles = 0
        """Beginnings of frames met, whole or not; counts on for ever."""

    @property
    def waiting(self) -> int:
        """Bytes kept that are no whole frame yet."""
        return len(self._buffer)

    def clear(self) -> None:
        self._buffer.clear()

    def feed(self, data: bytes) -> Iterator[Reply | Damaged]:
        """Take received bytes; give every reply that is complete now."""
        self._buffer += data
        while True:
            start = self._buffer.find(PREAMBLE)
            if start < 0:
                self._skip(max(0, len(self._buffer) - len(PREAMBLE) + 1))
                return
            self._skip(start)
            self.preambles += 1
            if len(self._buffer) < 7:
                return
            length = int.from_bytes(self._buffer[5:7], "big")
            if not SHORTEST <= length <= LONGEST:
                self._skip(1)
                continue
            if len(self._buffer) < 7 + length:
                return
            body = bytes(self._buffer[5 : 7 + length])
            if reduce(xor, body):
                self._skip(1)
                yield Damaged()
            else:
                del self._buffer[: 7 + length]
                yield Reply(body[2], body[3], body[4], body[5:-1])

    def _skip(self, count: int) -> None:
        del self._buffer[:count]
        self.skipped += count


def fits(command: Command, reply: Reply) -> bool:
    """Whether a reply can be the answer to this command and not a late one to another."""
    if reply.sw3 not in (OK, FOUND, NOTHING_STORED):
        return not reply.data
    if reply.sw3 == FOUND:
        return command is Command.FIND and len(reply.data) == 4
    if reply.sw3 == NOTHING_STORED:
        return command in (Command.NEWEST_ADDRESS, Command.READ) and not reply.data
    if command.lengths is not None:
        return len(reply.data) in command.lengths
    return len(reply.data) >= 4 + TEXT_BYTES


def split_base_information(data: bytes) -> tuple[bytes, bytes]:
    """Text and photo of a "read base information" answer; a photo block of a wrong length comes back as it is.

    Raises:
        ValueError: there is no whole text of 256 bytes, or the answer is not as long as its own header says.
    """
    text_length, photo_length = struct.unpack_from(">HH", data)
    if text_length != TEXT_BYTES or len(data) < 4 + TEXT_BYTES:
        raise ValueError("no whole text")
    if len(data) != 4 + TEXT_BYTES + photo_length:
        raise ValueError("not as long as the answer itself says")
    return data[4 : 4 + TEXT_BYTES], data[4 + TEXT_BYTES :]


def sam_id_text(data: bytes) -> str:
    """The SAM's number as it is printed on readers, e.g. ``05.03-20240101-0012345678-0987654321`` (16 bytes)."""
    return "{:02d}.{:02d}-{:08d}-{:010d}-{:010d}".format(*struct.unpack("<HHIII", data))
