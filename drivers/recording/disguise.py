"""Takes the content out of what goes over a wire and leaves its form: lengths, pieces, checksums, results.

A recording is made while no resident is there, yet a card may lie on the reader and anybody may hold up a code. So
nothing that a card, a code or a slip says is ever written down: it is replaced before it is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers import sam_v

LONGEST_HARMLESS = 16
"""Bytes of data of the longest answer about the module itself (its number); everything longer is a card's."""

FRAME_HEAD = 10
"""Preamble, length and result of an answer of the SAM."""

OWN_CODE = b"DOORSTEP-SELF-TEST-"
"""The beginning of the self-test's own code, the only one whose text stays."""

LONGEST_OWN_CODE = 40
OWN_LETTERS = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-")

SUFFIX_BYTES = b"\r\n\t\x02\x03"
RASTER = b"\x1d\x76\x30"
RASTER_HEAD = 8
STORE_SYMBOL = b"\x31\x50\x30"
SYMBOL = b"\x1d\x28\x6b"


def sam_answers(pieces: Sequence[bytes], invented: bytes) -> list[bytes]:
    """What a SAM sent, in the pieces in which it came.

    Whole frames keep their form, and a wrong checksum stays wrong. Bytes outside a whole frame become zeros: a part
    of a card's answer may come late, after the next command, and looks like noise then.

    Args:
        pieces: Received bytes, as they arrived.
        invented: 256 bytes of text of a card that belongs to nobody, put where a person's text was.
    """
    whole = b"".join(pieces)
    kept = bytearray(len(whole))
    at = 0
    while (start := whole.find(sam_v.PREAMBLE, at)) >= 0:
        length = int.from_bytes(whole[start + 5 : start + 7], "big")
        end = start + 7 + length
        if not sam_v.SHORTEST <= length <= sam_v.LONGEST:
            at = start + 1
            continue
        if end > len(whole):
            head = whole[start : start + FRAME_HEAD]
            kept[start : start + len(head)] = head
            break
        kept[start:end] = _frame(whole[start:end], invented)
        at = end
    return _cut(bytes(kept), [len(piece) for piece in pieces])


def _frame(frame: bytes, invented: bytes) -> bytes:
    """One whole frame of the same length, about nobody."""
    payload = frame[7:-1]
    data = payload[3:]
    if len(data) > LONGEST_HARMLESS:
        data = _person(data, invented)
    good = sam_v.frame(payload[:3] + data)
    was_good = sam_v.frame(payload) == frame
    return good if was_good else good[:-1] + bytes([good[-1] ^ 0xFF])


def _person(data: bytes, invented: bytes) -> bytes:
    """The data of an answer, with everything about a person replaced and the lengths kept."""
    if len(data) < 4 + len(invented):
        return b" \0" * (len(data) // 2) + bytes(len(data) % 2)
    text, photo = int.from_bytes(data[0:2], "big"), int.from_bytes(data[2:4], "big")
    head = 4 if 4 + text + photo >= len(data) else 6  # a third length: of the fingerprint
    return (data[:head] + invented + bytes(len(data)))[: len(data)]


def _cut(data: bytes, lengths: Sequence[int]) -> list[bytes]:
    pieces, at = [], 0
    for length in lengths:
        pieces.append(data[at : at + length])
        at += length
    return pieces


VERSION_TAG = 0x03
INVENTED_RECORDS = {
    0x01: bytes.fromhex("310000"),
    0x05: bytes.fromhex("20200101"),
    0x06: bytes.fromhex("20300101"),
    0x07: b"A00000001",
    0x08: b"000000190001010957",
    0x09: "张样例".encode("gb18030"),
    0x0A: b"1",
    0x0B: b"\x01",
    0x0D: bytes.fromhex("19000101"),
}
"""Records of a social-security card that belongs to nobody, by tag (hardware.md 2.2)."""


def apdu_answer(command: bytes, data: bytes) -> bytes:
    """The data of a card's answer: of records, and of what GET RESPONSE fetches, only tag and length stay.

    The version of a card's form stays too; everything else in a record may be somebody's.
    """
    if command[1:2] not in (b"\xb2", b"\xc0", b"\x36") or len(data) <= 2:
        return data
    if data[1] != len(data) - 2:
        return b"0" * len(data)
    tag = data[0]
    if tag == VERSION_TAG and command[1:2] == b"\xb2":
        return data
    return data[:2] + INVENTED_RECORDS.get(tag, b"")[: data[1]].ljust(data[1], b"\0")


def code_bytes(data: bytes) -> bytes:
    """What a scanner sent: every byte that is no prefix or suffix becomes a digit, except in our own code."""
    start = data.find(OWN_CODE)
    if start < 0:
        return _digits(data)
    end = start + len(OWN_CODE)
    while end < min(len(data), start + LONGEST_OWN_CODE) and data[end] in OWN_LETTERS:
        end += 1
    return _digits(data[:start]) + data[start:end] + _digits(data[end:])


def _digits(data: bytes) -> bytes:
    return bytes(byte if byte in SUFFIX_BYTES else 0x30 for byte in data)


class PrinterStream:
    """What goes to a printer, byte by byte: dots become white and the content of codes zeros; commands stay.

    Keeps only how much content is still to come, so that the pieces of writing may be cut anywhere.
    """

    def __init__(self) -> None:
        self._head = b""
        self._content = 0
        self._blank = 0

    def feed(self, data: bytes) -> bytes:
        """The same number of bytes, without content."""
        out = bytearray()
        for byte in data:
            if self._content:
                self._content -= 1
                out.append(self._blank)
                continue
            out.append(byte)
            self._head = (self._head + bytes([byte]))[-RASTER_HEAD:]
            self._look()
        return bytes(out)

    def _look(self) -> None:
        head = self._head
        if head.startswith(RASTER) and len(head) == RASTER_HEAD:
            width, rows = int.from_bytes(head[4:6], "little"), int.from_bytes(head[6:8], "little")
            self._content, self._blank, self._head = width * rows, 0, b""
        elif head.endswith(STORE_SYMBOL) and head[-8:-5] == SYMBOL:
            length = int.from_bytes(head[-5:-3], "little")
            self._content, self._blank, self._head = max(0, length - 3), 0x30, b""
