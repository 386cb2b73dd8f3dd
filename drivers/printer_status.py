"""What a receipt printer answers, taken apart: DLE EOT, automatic status back, GS r 1, GS I. Pure.

Bits from Epson's ESC/POS reference (TM-U220A manual p. 54 and 83) and HPRT TP80K manual; measured on emupos. GS I from
Epson's TM-J2000 specification p. 469 and Bixolon's SRP-330II manual p. 101: one byte ``0xx0xxxx`` for n = 1 to 3, the
frame ``5F text 00`` for n = 65 to 69.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeVar

QUERIES = {number: bytes((0x10, 0x04, number)) for number in (1, 2, 3, 4)}
"""DLE EOT n: answered in real time, whatever is in the printer's buffer."""

SWITCH_AUTOMATIC_STATUS_ON = b"\x1d\x61\x0f"
"""GS a: four bytes now and at every change. ESC @ switches it off again on some printers."""

FENCE = b"\x1d\x72\x01"
"""GS r 1: goes through the print queue; its answer says that everything before it was printed."""

FENCE_ANSWERS = frozenset((0x00, 0x03, 0x0C, 0x0F))
"""Near end and paper end show in two bits each; anything else between is an echo or noise."""

MODEL_ID = b"\x1d\x49\x01"
"""GS I 1: one byte, which nothing is done with; a printer that answers it knows the command."""

NAMES = {
    name: bytes((0x1D, 0x49, number))
    for name, number in (("maker", 66), ("model", 67), ("firmware", 65), ("serial", 68))
}
"""GS I n. Printers that do not know it may take the n for a letter; ESC @ afterwards drops it before it is printed."""

NAME_BYTES = 80
KEPT = 64
"""Answers kept until somebody looks; a line that babbles fills no memory."""

RECOVER_AND_RESUME = b"\x10\x05\x01"
RECOVER_AND_CLEAR = b"\x10\x05\x02"
INITIALISE = b"\x1b\x40"

CLEAR_BUFFERS = bytes.fromhex("10 14 08 01 03 14 01 06 02 08")
"""DLE DC4 fn 8: throw away at once what is in the receive and print buffers (Epson's ESC/POS reference, there for
TM-T20, TM-T88 and others; Citizen CT-S300 manual p. 119). Answered by ``CLEARED``; nothing may be sent before."""

CLEARED = b"\x37\x25\x00"


@dataclass(frozen=True, slots=True)
class PrinterCondition:
    """What the printer said about itself; all False after four clean answers."""

    offline: bool = False
    cover_open: bool = False
    paper_end: bool = False
    near_end: bool = False
    error: bool = False
    cutter: bool = False
    unrecoverable: bool = False
    head_hot: bool = False
    feeding: bool = False

    @property
    def code(self) -> str:
        """The one code to show, the cause before its consequence; "" when the printer prints and has paper."""
        for wrong, code in (
            (self.unrecoverable, "unrecoverable"),
            (self.cover_open, "cover_open"),
            (self.paper_end, "paper_end"),
            (self.cutter, "cutter"),
            (self.head_hot, "head_hot"),
            (self.error, "error"),
            (self.feeding, "feeding"),
            (self.offline, "offline"),
            (self.near_end, "near_end"),
        ):
            if wrong:
                return f"receipt_printer.{code}"
        return ""

    @property
    def prints(self) -> bool:
        """Nothing stops it. Paper near its end does not."""
        return self.code in ("", "receipt_printer.near_end")

    def with_answer(self, query: int, byte: int) -> PrinterCondition:
        """This condition as the answer to DLE EOT ``query`` changes it."""
        if query == 1:
            return replace(self, offline=bool(byte & 0x08))
        if query == 2:
            return replace(
                self,
                cover_open=bool(byte & 0x04),
                feeding=bool(byte & 0x08),
                paper_end=self.paper_end or bool(byte & 0x20),
                error=bool(byte & 0x40),
            )
        if query == 3:
            return replace(self, cutter=bool(byte & 0x08), unrecoverable=bool(byte & 0x20), head_hot=bool(byte & 0x40))
        return replace(self, near_end=bool(byte & 0x0C), paper_end=self.paper_end or bool(byte & 0x60))


def condition_from_automatic_status(four: bytes) -> PrinterCondition:
    """Read the four bytes of automatic status back."""
    first, second, third, _ = four
    return PrinterCondition(
        offline=bool(first & 0x08),
        cover_open=bool(first & 0x20),
        feeding=bool(first & 0x40),
        error=bool(second & 0x04),
        cutter=bool(second & 0x08),
        unrecoverable=bool(second & 0x20),
        head_hot=bool(second & 0x40),
        near_end=bool(third & 0x03),
        paper_end=bool(third & 0x0C),
    )


@dataclass(slots=True)
class AnswerReader:
    """Sorts the bytes a printer sends, in whatever pieces they come.

    Attributes:
        direct: Answers to DLE EOT (0xx1xx10), in order.
        singles: Answers to GS r 1 and GS I 1 (0xx0xxxx outside automatic status), in order.
        names: Texts that answer GS I 65 to 69, in order.
        automatic: The newest whole automatic status, or None.
        directs: How many answers to DLE EOT there ever were.
        strangers: How many bytes there ever were that no printer sends.
    """

    direct: list[int] = field(default_factory=list)
    singles: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    automatic: PrinterCondition | None = None
    directs: int = 0
    strangers: int = 0
    _status: bytearray = field(default_factory=bytearray)
    _name: bytearray | None = None

    def feed(self, data: bytes) -> None:
        for byte in data:
            if self._name is not None and self._goes_on(byte):
                continue
            if byte & 0x93 == 0x12:
                self.directs += 1
                _keep(self.direct, byte)
            elif byte & 0x93 == 0x10:  # first byte of automatic status; the other three are 0xx0xxxx
                self._status[:] = (byte,)
            elif byte & 0x90 == 0x00:
                self._take_plain(byte)
            elif byte == 0x5F:
                self._name = bytearray()
            elif byte not in (0x11, 0x13):  # XON, XOFF
                self.strangers += 1

    def _take_plain(self, byte: int) -> None:
        if not self._status:
            _keep(self.singles, byte)
            return
        self._status.append(byte)
        if len(self._status) == 4:
            self.automatic = condition_from_automatic_status(bytes(self._status))
            self._status.clear()

    def _goes_on(self, byte: int) -> bool:
        """Take one byte of a text; False when it was none after all."""
        name = self._name or bytearray()
        if 0x20 <= byte <= 0x7E and len(name) < NAME_BYTES:
            self._name = name + bytes((byte,))
            return True
        self._name = None
        if byte == 0:
            _keep(self.names, name.decode("ascii").strip())
            return True
        self.strangers += len(name) + 1
        return False


_Kept = TypeVar("_Kept")


def _keep(answers: list[_Kept], answer: _Kept) -> None:
    if len(answers) < KEPT:
        answers.append(answer)
