"""What is printed, and its bytes: python-escpos encodes, this module chooses the pieces. Pure; no printer needed.

A job becomes a list of chunks. Raster chunks are whole bands (head and data), so that whoever sends them knows when
a command is only half sent. Each says how much paper it takes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from drivers.driver import DeviceError
from drivers.printer_status import INITIALISE, SWITCH_AUTOMATIC_STATUS_ON

if TYPE_CHECKING:
    from escpos.printer import Dummy

BAND_ROWS = 128
"""Rows of one GS v 0 command: 9 KiB at 576 dots."""

DOTS_OF_PAPER = {58: 384, 80: 576}
"""Printable dots at 203 dpi (hardware.md 4.4)."""

FEED_TO_TEAR = 6
"""Lines that bring the last row past the tear bar of a printer without a cutter; what escpos feeds before a cut."""

ROWS_OF_LINE = 34
"""Dots of one line feed: 1/6 inch at 203 dpi, what printers start with after ESC @."""

DOTS_OF_MILLIMETRE = 8
"""203 dpi."""

CENTRE = b"\x1b\x61\x01"
LEFT = b"\x1b\x61\x00"
RASTER_HEAD = 8
"""Bytes of GS v 0 before its data."""
WIDEST_QR_MODULE = 16


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """Dots: ``rows`` is bool, height x width, True = black."""

    rows: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code in the middle of the paper; ``module_size`` in dots (1 to 16)."""

    data: str
    module_size: int = 6


@dataclass(frozen=True, slots=True)
class Feed:
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """Feed past the knife and cut; a printer without one only feeds."""


Element = Raster | QrCode | Feed | Cut


def sizes_of(element: Element) -> list[str | int]:
    """Kind and sizes of an element, without what it says; for recordings."""
    match element:
        case Raster(rows):
            return ["raster", *rows.shape]
        case QrCode(data, module_size):
            return ["qr", len(data.encode()), module_size]
        case Feed(lines):
            return ["feed", lines]
        case _:
            return ["cut"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes of whole commands, and the rows of dots by which they move the paper (feeds: as printers start)."""

    data: bytes
    rows: int = 0


@cache
def load_escpos() -> None:
    """Import python-escpos, which is slow and leaves a folder with a cache under the temporary folder; remove it."""
    from escpos import capabilities

    if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ:
        shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)


@cache
def _profile(name: str) -> Any:
    load_escpos()
    from escpos.capabilities import get_profile

    try:
        return get_profile(name)
    except KeyError:
        raise DeviceError("receipt_printer.unknown_profile", profile=name) from None


def dots_of(profile: str, paper_mm: int) -> int:
    """Width in dots to draw for: what the profile says, and no more than the paper takes.

    Raises:
        DeviceError: python-escpos knows no such profile.
    """
    paper = DOTS_OF_PAPER[paper_mm]
    known = _profile(profile).profile_data.get("media", {}).get("width", {}).get("pixels")
    return min(paper, known) if isinstance(known, int) else paper


def compose(
    elements: Sequence[Element],
    *,
    profile: str,
    width_dots: int,
    automatic_status: bool = True,
    guard_real_time: bool = False,
) -> list[Chunk]:
    """The bytes of a job, in chunks of whole commands, beginning with ESC @.

    Args:
        elements: What to print, in order.
        profile: Of python-escpos; decides cutter and QR.
        width_dots: Dots across. A narrower raster is put in the middle.
        automatic_status: Ask for automatic status again after ESC @, which may switch it off.
        guard_real_time: Keep DLE sequences out of raster data, for a printer that obeys them even there.

    Raises:
        DeviceError: a raster wider than the paper, or an unknown profile.
    """
    from escpos.printer import Dummy

    _profile(profile)
    printer: Any = Dummy(profile=profile)
    chunks = [Chunk(INITIALISE + (SWITCH_AUTOMATIC_STATUS_ON if automatic_status else b""))]
    for element in elements:
        if isinstance(element, Raster):
            chunks.extend(_bands(printer, element.rows, width_dots, guard_real_time))
        elif isinstance(element, QrCode):
            chunks.extend(_qr(printer, element, width_dots, guard_real_time))
        elif isinstance(element, Feed):
            if element.lines > 0:
                printer.print_and_feed(element.lines)
                chunks.append(Chunk(_taken(printer), element.lines * ROWS_OF_LINE))
        else:
            if has_cutter(profile):
                printer.cut()
            else:
                printer.print_and_feed(FEED_TO_TEAR)
            chunks.append(Chunk(_taken(printer), FEED_TO_TEAR * ROWS_OF_LINE))
    return chunks


def has_cutter(profile: str) -> bool:
    """Whether python-escpos knows a knife in printers of this profile.

    Raises:
        DeviceError: it knows no such profile.
    """
    known = _profile(profile)
    return bool(known.supports("paperFullCut") or known.supports("paperPartCut"))


def _taken(printer: Dummy) -> bytes:
    data: bytes = printer.output
    printer.clear()
    return data


def _bands(printer: Any, rows: NDArray[np.bool_], width: int, guard: bool) -> list[Chunk]:
    if rows.ndim != 2 or rows.shape[1] > width:
        raise DeviceError("receipt_printer.too_wide", dots=int(rows.shape[-1]), width=width)
    if rows.shape[1] < width:
        left = (width - rows.shape[1]) // 2
        rows = np.pad(rows, ((0, 0), (left, width - rows.shape[1] - left)))
    chunks = []
    for top in range(0, rows.shape[0], BAND_ROWS):
        band = rows[top : top + BAND_ROWS]
        printer.image(Image.fromarray(np.where(band, 0, 255).astype(np.uint8)), impl="bitImageRaster")
        data = _taken(printer)
        if guard:
            data = data[:RASTER_HEAD] + without_real_time(data[RASTER_HEAD:])
        chunks.append(Chunk(data, band.shape[0]))
    return chunks


def without_real_time(data: bytes) -> bytes:
    """Add one dot to every 0x10 that begins DLE EOT, DLE ENQ or DLE DC4 (rule 5 of hardware.md 4.3)."""
    safe = bytearray(data)
    for at in range(len(safe) - 1):
        if safe[at] == 0x10 and safe[at + 1] in (0x04, 0x05, 0x14):
            safe[at] = 0x18
    return bytes(safe)


def _qr(printer: Any, code: QrCode, width: int, guard: bool) -> list[Chunk]:
    import qrcode
    from escpos.constants import QR_ECLEVEL_M

    size = max(1, min(code.module_size, WIDEST_QR_MODULE))
    drawn = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    drawn.add_data(code.data)
    drawn.make()
    modules = np.array(drawn.get_matrix(), dtype=np.bool_)
    if printer.profile.supports("qrCode"):
        printer.qr(code.data, ec=QR_ECLEVEL_M, size=size, native=True)
        return [Chunk(CENTRE + _taken(printer) + LEFT, (modules.shape[0] - 8) * size)]
    size = max(1, min(size, width // modules.shape[1]))
    return _bands(printer, np.kron(modules, np.ones((size, size), dtype=np.bool_)), width, guard)
