"""What a receipt printer answers, taken apart: DLE EOT, automatic status back, GS r 1. Pure.

Bits from Epson's ESC/POS reference (TM-U220A manual p. 54 and 83) and HPRT TP80K manual; measured on emupos.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

QUERIES = {number: bytes((0x10, 0x04, number)) for number in (1, 2, 3, 4)}
"""DLE EOT n: answered in real time, whatever is in the printer's buffer."""

SWITCH_AUTOMATIC_STATUS_ON = b"\x1d\x61\x0f"
"""GS a: four bytes now and at every change. ESC @ switches it off again on some printers."""

FENCE = b"\x1d\x72\x01"
"""GS r 1: goes through the print queue; its answer says that everything before it was printed."""

RECOVER_AND_RESUME = b"\x10\x05\x01"
RECOVER_AND_CLEAR = b"\x10\x05\x02"
INITIALISE = b"\x1b\x40"


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
        fences: Answers to GS r 1 (0xx0xx00 and paper bits), in order.
        automatic: The newest whole automatic status, or None.
    """

    direct: list[int] = field(default_factory=list)
    fences: list[int] = field(default_factory=list)
    automatic: PrinterCondition | None = None
    _status: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> None:
        for byte in data:
            if byte & 0x93 == 0x12:
                self.direct.append(byte)
            elif byte & 0x93 == 0x10:  # first byte of automatic status; the other three are 0xx0xxxx
                self._status[:] = (byte,)
            elif byte & 0x90 == 0x00:
                if self._status:
                    self._status.append(byte)
                    if len(self._status) == 4:
                        self.automatic = condition_from_automatic_status(bytes(self._status))
                        self._status.clear()
                else:
                    self.fences.append(byte)
            # anything else (XON, XOFF, noise) says nothing about the printer
