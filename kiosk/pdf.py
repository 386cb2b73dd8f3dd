"""Pictures as PDF: the pages of a material, embedded byte for byte, and what would be printed on a long slip.

The first is used where pages are handed out, which is the centre; it stands here because the server may not import
``imaging``.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import img2pdf
import numpy as np
from numpy.typing import NDArray
from PIL import Image

_A4 = (img2pdf.mm_to_pt(210), img2pdf.mm_to_pt(297))


class PdfError(ValueError):
    """The pages make no PDF; the message says why."""


def pages_to_pdf(jpegs: Sequence[bytes]) -> bytes:
    """Put each JPEG onto an A4 page, upright or across as it is, as large as fits.

    Raises:
        PdfError: there are none, or one of them is no JPEG.
    """
    if not jpegs:
        raise PdfError("no pages")
    if not all(jpeg.startswith(b"\xff\xd8\xff") for jpeg in jpegs):
        raise PdfError("not a JPEG")
    layout = img2pdf.get_layout_fun(pagesize=_A4, fit=img2pdf.FitMode.into, auto_orient=True)
    try:
        pdf = img2pdf.convert(
            list(jpegs), layout_fun=layout, engine=img2pdf.Engine.internal, rotation=img2pdf.Rotation.ifvalid
        )
    except (img2pdf.ImageOpenError, OSError, ValueError, SyntaxError):
        raise PdfError("not a JPEG") from None
    assert isinstance(pdf, bytes)
    return pdf


A4_MM = (210, 297)
MARGIN_MM = 12
SEARCH_MM = 40
"""How far above a page's end a white row is looked for, so that no line of text is cut in two."""


def dots_to_pdf(rows: NDArray[np.bool_], dots_per_mm: int) -> bytes:
    """Put one tall picture of dots onto as many A4 pages as it takes, at its true size.

    Args:
        rows: Bool, height × width, True = black; no wider than an A4 page without its margins.
        dots_per_mm: Of the picture.

    Raises:
        PdfError: it is empty or too wide.
    """
    widest = (A4_MM[0] - 2 * MARGIN_MM) * dots_per_mm
    if not rows.size or rows.shape[1] > widest:
        raise PdfError("no rows" if not rows.size else "too wide")
    dpi = dots_per_mm * 25.4
    layout = img2pdf.get_fixed_dpi_layout_fun((dpi, dpi))
    pages = [_png(page) for page in _pages(rows, dots_per_mm)]
    pdf = img2pdf.convert(pages, layout_fun=layout, engine=img2pdf.Engine.internal)
    assert isinstance(pdf, bytes)
    return pdf


def _pages(rows: NDArray[np.bool_], dots_per_mm: int) -> Iterator[NDArray[np.bool_]]:
    width, height = (side * dots_per_mm for side in A4_MM)
    margin = MARGIN_MM * dots_per_mm
    room = height - 2 * margin
    top = 0
    while top < rows.shape[0]:
        end = min(top + room, rows.shape[0])
        if end < rows.shape[0]:
            white = np.flatnonzero(~rows[end - SEARCH_MM * dots_per_mm : end].any(axis=1))
            end = end - SEARCH_MM * dots_per_mm + int(white[-1]) + 1 if white.size else end
        page = np.zeros((height, width), dtype=np.bool_)
        left = (width - rows.shape[1]) // 2
        page[margin : margin + end - top, left : left + rows.shape[1]] = rows[top:end]
        yield page
        top = end


def _png(dots: NDArray[np.bool_]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(~dots).save(out, "PNG", optimize=True)
    return out.getvalue()
