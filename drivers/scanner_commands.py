"""What to send a serial scanner to make it read, per maker, and how it answers. Pure.

The bytes are those of hardware.md 3.5, none of them confirmed on a real scanner; nothing is sent unless the connection
says ``trigger=``. Answers come before the data of the next code and must not pass for a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drivers.transport.address import Address, AddressError

SILENCE = 0.15
"""Seconds after which the beginning of an answer that does not go on is no answer."""

LONGEST_REPLY = 64
"""Bytes; longer ones are no answers."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer a scanner's data begin with: its length in bytes and whether it refuses the command."""

    length: int
    refused: bool = False


class Unfinished:
    """These bytes may be the beginning of an answer."""


UNFINISHED = Unfinished()
Finding = Reply | Unfinished | None
"""None: these bytes do not begin with an answer."""


@dataclass(frozen=True, slots=True)
class TriggerCommands:
    """One maker's bytes; ``stop`` may be empty where reading ends by itself.

    Attributes:
        replies: Answers to expect to one command.
        find: Looks for an answer at the beginning of what came.
    """

    start: bytes
    stop: bytes
    replies: int
    find: Callable[[bytes], Finding]


def trigger_commands(address: Address) -> TriggerCommands | None:
    """The commands a connection names by ``trigger=``; None where it names none.

    ``newland_hr`` has its commands by number, which differ by model: ``start=`` and, if there is one, ``stop=``.

    Raises:
        AddressError: an unknown maker, or ``newland_hr`` without eight digits.
    """
    maker = address.options.get("trigger")
    if maker is None:
        return None
    if maker == "newland_hr":
        start, stop = (address.options.get(name, "") for name in ("start", "stop"))
        if not re.fullmatch(r"[0-9]{8}", start) or not re.fullmatch(r"([0-9]{8})?", stop):
            raise AddressError(
                "trigger=newland_hr needs start= with the eight digits of the maker's manual (and stop=)"
            )
        return TriggerCommands(_menu(start), _menu(stop) if stop else b"", 3, _find_newland_hr)
    if maker not in MAKERS:
        raise AddressError(f"trigger={maker!r} is not known; use {', '.join(sorted([*MAKERS, 'newland_hr']))}")
    return MAKERS[maker]


class ReplyFilter:
    """Takes the answers to commands out of what a scanner sends, however they are cut into pieces.

    Times are seconds of any clock that does not go back. Not thread-safe.
    """

    def __init__(self, commands: TriggerCommands) -> None:
        self._commands = commands
        self._expected = 0
        self._held = b""
        self._last = 0.0
        self.refused = False
        """The newest answer refused the command."""

    @property
    def waits(self) -> bool:
        """The beginning of an answer is held."""
        return bool(self._held)

    def expect(self) -> None:
        """A command goes out; the answer to the one before it may still come."""
        self._expected = min(self._expected + self._commands.replies, 2 * self._commands.replies)

    def reset(self) -> None:
        """The line broke."""
        self._expected, self._held, self.refused = 0, b"", False

    def take(self, data: bytes, now: float) -> bytes:
        """What of the data received until now belongs to codes."""
        if data:
            self._last = now
        data, self._held = self._held + data, b""
        while self._expected and data:
            found = self._commands.find(data[:LONGEST_REPLY])
            if isinstance(found, Reply):
                self.refused = found.refused
                self._expected -= 1
                data = data[found.length :]
            elif found is not None and len(data) < LONGEST_REPLY and now - self._last < SILENCE:
                self._held = data
                return b""
            else:
                break
        return data


# -- the makers ----------------------------------------------------------------------------------------------------

ACK, NAK, ENQ = 0x06, 0x15, 0x05


def _find_honeywell(data: bytes) -> Finding:
    """A single ACK, ENQ (unknown) or NAK (bad value); not confirmed that a trigger is answered at all."""
    return Reply(1, refused=data[0] != ACK) if data[0] in (ACK, NAK, ENQ) else None


_NEWLAND = b"\x02\x010000"


def _find_newland(data: bytes) -> Finding:
    if data[: len(_NEWLAND)] != _NEWLAND[: len(data)]:
        return None
    end = data.find(b";\x03")
    if end < 0:
        return UNFINISHED
    return Reply(end + 2, refused=data[end - 1] != ACK) if data[end - 1] in (ACK, NAK, ENQ) else None


_NEWLAND_EM = bytes.fromhex("02000001003331")


def _find_newland_em(data: bytes) -> Finding:
    return _find_exactly(data, _NEWLAND_EM)


def _find_newland_hr(data: bytes) -> Finding:
    if data[:1] == b"!":
        if re.fullmatch(rb"![0-9]{0,8}", data):
            return UNFINISHED
        return Reply(10) if re.match(rb"![0-9]{8};", data) else None
    found = _find_exactly(data, b"@@@@")
    return _find_exactly(data, b"^^^^") if found is None else found


def _find_zebra(data: bytes) -> Finding:
    """CMD_ACK ``04 D0 00 status`` or CMD_NAK ``05 D1 00 status cause``, with their two's-complement check sum."""
    if data[0] not in (4, 5) or (len(data) > 1 and data[1] != {4: 0xD0, 5: 0xD1}[data[0]]):
        return None
    length = data[0] + 2
    if len(data) < length:
        return UNFINISHED
    if (sum(data[: length - 2]) + int.from_bytes(data[length - 2 : length], "big")) & 0xFFFF:
        return None
    return Reply(length, refused=data[1] == 0xD1)


def _find_exactly(data: bytes, reply: bytes) -> Finding:
    if data[: len(reply)] != reply[: len(data)]:
        return None
    return Reply(len(reply)) if len(data) >= len(reply) else UNFINISHED


def _menu(number: str) -> bytes:
    return b"$$$$#" + number.encode("ascii") + b";%%%%"


MAKERS: Mapping[str, TriggerCommands] = {
    "honeywell": TriggerCommands(bytes.fromhex("16540D"), bytes.fromhex("16550D"), 1, _find_honeywell),
    "newland": TriggerCommands(b"~\x010000#SCNTRG1;\x03", b"~\x010000#SCNTRG0;\x03", 1, _find_newland),
    "newland_em": TriggerCommands(bytes.fromhex("7E0008010002 01ABCD"), b"", 1, _find_newland_em),
    "zebra_ssi": TriggerCommands(bytes.fromhex("04E40400FF14"), bytes.fromhex("04E50400FF13"), 1, _find_zebra),
}
