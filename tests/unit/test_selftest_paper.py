"""The report on paper: what it says, and that it fits slip and page."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import numpy as np
import pikepdf
import pytest

from kiosk.centre.contract import SelfTestReport, SelfTestStep, StepState
from kiosk.pdf import MARGIN_MM, PdfError, dots_to_pdf
from kiosk.receipts.draw import draw, preview
from kiosk.receipts.slip import Banner, Listing, Paragraph
from kiosk.selftest.paper import report_pdf, report_slip


def report(*steps: SelfTestStep) -> SelfTestReport:
    ended = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    return SelfTestReport(
        report_id=uuid4(),
        station_id="sample-1",
        program="1.0",
        kind="full",
        started_at=ended - timedelta(seconds=41),
        ended_at=ended,
        results=steps,
    )


GOOD = SelfTestStep(check="webcam", state=StepState.PASSED)
NONE = SelfTestStep(
    check="code_scanner", state=StepState.SKIPPED, code="device.none_by_design", required=False, skipped_by="design"
)
BAD = SelfTestStep(check="receipt_printer", state=StepState.FAILED, code="receipt_printer.paper_end")


def texts(one: SelfTestReport) -> list[str]:
    return [block.text for block in report_slip(one, "示例村").blocks if isinstance(block, Paragraph)]


def banner(one: SelfTestReport) -> str:
    (found,) = [block.chinese for block in report_slip(one, "示例村").blocks if isinstance(block, Banner)]
    return found


def test_it_says_the_verdict_and_what_to_do() -> None:
    assert banner(report(GOOD, NONE)) == "自检通过"
    assert banner(report(GOOD, BAD)) == "自检未通过"
    said = texts(report(GOOD, BAD))
    assert any("打印机" in text and "纸" in text for text in said)
    assert any("换一卷" in text for text in said)
    assert not any("换一卷" in text for text in texts(report(GOOD)))


def test_every_step_has_its_line() -> None:
    (listing,) = [block for block in report_slip(report(GOOD, NONE, BAD), "x").blocks if isinstance(block, Listing)]
    assert [state for _, state in listing.rows] == ["通过", "本站没有", "不通过"]


@pytest.mark.parametrize("width", [576, 384])
def test_it_fits_both_papers(width: int) -> None:
    drawn = preview(draw(report_slip(report(*[GOOD, BAD] * 10), "示例村家门口服务站"), width), width)
    assert drawn.shape[1] == width
    assert drawn.any(axis=0).sum() > width * 0.8


def test_the_pdf_has_the_true_size_and_as_many_pages_as_it_takes() -> None:
    with pikepdf.open(io.BytesIO(report_pdf(report(GOOD, BAD), "示例村"))) as pdf:
        assert len(pdf.pages) == 1
        box = [float(value) / 72 * 25.4 for value in pdf.pages[0].mediabox]
        assert box == pytest.approx([0, 0, 210, 297], abs=0.5)
    with pikepdf.open(io.BytesIO(report_pdf(report(*[BAD] * 60), "示例村"))) as pdf:
        assert len(pdf.pages) > 1


def test_no_row_is_lost_between_two_pages() -> None:
    rows = np.zeros((5000, 800), dtype=np.bool_)
    rows[::50] = True
    pages = []
    with pikepdf.open(io.BytesIO(dots_to_pdf(rows, 8))) as pdf:
        for page in pdf.pages:
            (image,) = page.get_images().values()
            dots = ~np.asarray(pikepdf.PdfImage(image).as_pil_image().convert("1"))
            pages.append(int(dots.any(axis=1).sum()))
            assert not dots[: MARGIN_MM * 8].any()
    assert sum(pages) == 100


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(PdfError):
        dots_to_pdf(np.zeros((0, 10), dtype=np.bool_), 8)
    with pytest.raises(PdfError):
        dots_to_pdf(np.zeros((10, 5000), dtype=np.bool_), 8)
