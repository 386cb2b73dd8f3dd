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

OWN_CODE = b"DOORSTEP-SELF-TEST"
"""The beginning of the self-test's own code, the only one whose text stays."""

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


def apdu_answer(command: bytes, data: bytes) -> bytes:
    """The data of a card's answer: records and what GET RESPONSE fetches lose their values, tag and length stay."""
    if command[1:2] not in (b"\xb2", b"\xc0", b"\x36") or len(data) <= 2:
        return data
    if data[1] == len(data) - 2:
        return data[:2] + b"0" * (len(data) - 2)
    return b"0" * len(data)


def code_bytes(data: bytes) -> bytes:
    """What a scanner sent: every byte that is no prefix or suffix becomes a digit, except in our own code."""
    if OWN_CODE in data:
        start = data.index(OWN_CODE)
        return _digits(data[:start]) + data[start:]
    return _digits(data)


def _digits(data: bytes) -> bytes:
    return bytes(byte if byte in SUFFIX_BYTES else 0x30 for byte in data)


def printer_chunk(chunk: bytes) -> bytes:
    """A chunk of whole commands of a print job (``printer_job.compose``): dots become white, codes become zeros."""
    if chunk.startswith(RASTER):
        return chunk[:RASTER_HEAD] + bytes(len(chunk) - RASTER_HEAD)
    at = chunk.find(STORE_SYMBOL)
    if SYMBOL in chunk and at >= 5:
        head = at - 2
        length = int.from_bytes(chunk[head:at], "little")
        end = at + length
        return chunk[: at + 3] + b"0" * (length - 3) + chunk[end:]
    return chunk
