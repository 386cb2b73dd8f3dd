"""The pages of a material as one PDF. The JPEGs are embedded byte for byte: nothing is compressed twice.

Used where pages are handed out, which is the centre; it stands here because the server may not import ``imaging``.
"""

from __future__ import annotations

from collections.abc import Sequence

import img2pdf

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
