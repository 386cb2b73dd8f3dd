"""A material as one PDF."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.imaging.encode import encode_jpeg
from kiosk.pdf import PdfError, pages_to_pdf


def test_pdf_holds_the_very_jpegs_on_a4() -> None:
    upright = encode_jpeg(np.full((594, 420, 3), 200, np.uint8))
    across = encode_jpeg(np.full((210, 297, 3), 100, np.uint8))
    pdf = pages_to_pdf([upright, across])
    assert pdf.startswith(b"%PDF-")
    assert upright in pdf
    assert across in pdf
    assert pdf.count(b"/MediaBox") == 2
    boxes = [box.split(b"]")[0].split() for box in pdf.split(b"/MediaBox")[1:]]
    points = [[float(part) for part in b" ".join(box).replace(b"[", b"").split()][2:] for box in boxes]
    assert points[0] == pytest.approx([595.28, 841.89], abs=0.1)
    assert points[1] == pytest.approx([841.89, 595.28], abs=0.1)


@pytest.mark.parametrize(
    ("pages", "reason"),
    [([], "no pages"), ([b"no picture"], "not a JPEG"), ([b"\xff\xd8\xff\xe0xx"], "not a JPEG")],
)
def test_pdf_of_nothing_useful_is_refused(pages: list[bytes], reason: str) -> None:
    with pytest.raises(PdfError, match=reason):
        pages_to_pdf(pages)
