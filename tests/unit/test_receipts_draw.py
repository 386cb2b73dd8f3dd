"""How slips are drawn: fonts for every character, lines that fit, dots that print and scan."""

from __future__ import annotations

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from drivers.receipt_printer import Cut, QrCode, Raster
from drivers.simulated.receipt_printer import SimulatedReceiptPrinter
from kiosk.devices.printing import for_printer
from kiosk.receipts.draw import BLACK_BELOW, SlipCut, SlipQr, SlipRaster, draw, preview
from kiosk.receipts.fonts import MISSING, FontChain, FontsMissing, drawable
from kiosk.receipts.slip import (
    RARE_CHARACTERS,
    Checklist,
    Fields,
    Listing,
    Paragraph,
    Slip,
    SlipState,
    Title,
)
from kiosk.receipts.wrap import NOT_FIRST, NOT_LAST, wrap, wrap_evenly, wrap_without_orphan
from tests.unit.test_receipts_slip import CODE, again, correction, guide, receipt, ticket

WIDTHS = [576, 384]


def all_slips() -> list[Slip]:
    return [
        *(receipt(state) for state in SlipState),
        receipt(ticket_number="A012", people_ahead=3, reprint=True, contact="021-00000000"),
        correction(),
        guide(),
        guide(materials_known=False),
        ticket(),
        ticket(reprint=True, called=True, item_name="跨省异地就医备案（城乡居民、职工基本医疗保险参保人员）"),
        *(again(state) for state in SlipState),
    ]


# -- fonts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("character", [*RARE_CHARACTERS.replace(" ", ""), "㐀", "𠀀", "𫝀", "·", "Ａ", "é"])
def test_no_rare_character_is_a_box(character: str, bold: bool) -> None:
    ((font, piece),) = FontChain(bold=bold).runs(character, 40)
    assert piece == character
    box = font.getmask("\U0010ffff")
    glyph = font.getmask(piece)
    assert glyph.getbbox()
    assert bytes(glyph) != bytes(box)


def test_a_font_further_down_is_taken_for_what_the_first_lacks() -> None:
    """U+2A700 (Extension C) is in Hanazono, not in Noto Sans CJK."""
    chain = FontChain(bold=False)
    runs = chain.runs("张𪜀三", 30)
    assert [piece for _, piece in runs] == ["张", "𪜀", "三"]
    assert "Hana" in runs[1][0].path
    assert runs[0][0].getname()[0].endswith(" SC")  # the forms of mainland China


def test_what_no_font_has_is_marked_and_never_a_box() -> None:
    assert [piece for _, piece in FontChain(bold=False, others=()).runs("a\U000e0fffb\U0003fffdc", 30)] == [
        f"a{MISSING}b{MISSING}c"
    ]


def test_marks_without_width_are_left_out() -> None:
    assert drawable("葛\U000e0100飾\ufe00\u200b\x07\u202e!\t") == "葛飾! "


def test_without_a_cjk_font_the_error_names_the_package() -> None:
    with pytest.raises(FontsMissing, match="fonts-noto-cjk"):
        FontChain(bold=False, bases=[("/nowhere/a.ttc", "/nowhere/b.ttc")])


def test_a_single_font_without_bold_serves_both() -> None:
    regular = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
    chain = FontChain(bold=True, bases=[(regular, "/nowhere/bold.ttc")])
    assert chain.runs("张", 20)[0][0].path == regular


# -- lines -------------------------------------------------------------------------------------------------------------


def measure(text: str) -> float:
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text)


def test_latin_words_stay_whole_and_punctuation_keeps_its_place() -> None:
    assert wrap("办件编号 SL20261120-000123", 20, measure) == ["办件编号", "SL20261120-000123"]
    assert wrap("请带身份证，谢谢", 10, measure) == ["请带身份", "证，谢谢"]
    assert wrap("委托书（原件）", 8, measure) == ["委托书", "（原件）"]
    assert wrap("SL20261120000123", 6, measure) == ["SL2026", "112000", "0123"]
    assert wrap("一\n\n二", 10, measure) == ["一", "", "二"]


def test_even_lines_and_no_orphans() -> None:
    assert wrap_evenly("样例镇社区事务受理服务中心", 24, measure) == ["样例镇社区事务", "受理服务中心"]
    assert len(wrap_without_orphan("一二三四五六七八九十甲", 20, measure)[-1]) > 1


@given(
    st.text(st.sampled_from("办件编号，。（）“”ab1 -𠮷〇"), max_size=60),
    st.integers(8, 40),
    st.sampled_from([wrap, wrap_evenly, wrap_without_orphan]),
)
@settings(max_examples=300)
def test_nothing_is_lost_and_lines_fit(text: str, width: int, how: object) -> None:
    lines = how(text, width, measure)  # type: ignore[operator]
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines:
        carried = any(character in NOT_FIRST + NOT_LAST for character in line)
        assert measure(line) <= width or carried


# -- slips -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_every_slip_fits_its_paper(width: int) -> None:
    for slip in all_slips():
        elements = draw(slip, width)
        assert isinstance(elements[-1], SlipCut)
        rasters = [element.rows for element in elements if isinstance(element, SlipRaster)]
        assert all(rows.shape[1] == width and rows.dtype == bool for rows in rasters)
        whole = np.concatenate(rasters)
        assert 0.02 < whole.mean() < 0.4
        assert not whole[:, [0, -1]].any()  # nothing touches the edge, so nothing was cut off there


@pytest.mark.parametrize("width", WIDTHS)
def test_the_longest_words_wrap_and_stay_inside(width: int) -> None:
    long = "城乡居民基本养老保险待遇申领（包括一次性补缴和关系转移接续）、Wonderful-Long-Latin-Word" * 2
    slip = Slip(
        (
            Title(long, long, "English " * 20),
            Fields(((("事项"), long), ("申请人", "欧阳**"))),
            Listing(((long, "12 页"), ("合计", "12 页"))),
            Checklist(((long, long),)),
            Paragraph(long),
        )
    )
    (raster, _) = draw(slip, width)
    assert isinstance(raster, SlipRaster)
    assert not raster.rows[:, [0, -1]].any()
    assert raster.rows.shape[0] > 600


@pytest.mark.parametrize("width", WIDTHS)
def test_the_qr_on_the_paper_is_read(width: int) -> None:
    elements = draw(receipt(), width)
    (code,) = [element for element in elements if isinstance(element, SlipQr)]
    assert code.data == CODE
    picture = np.where(preview(elements, width), 0, 255).astype(np.uint8)
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [CODE]


def test_a_different_state_or_a_reprint_is_a_different_picture() -> None:
    pictures = [preview(draw(slip, 576), 576).tobytes() for slip in all_slips()]
    assert len(set(pictures)) == len(pictures)


def test_the_name_on_the_slip_is_the_glyph_of_the_font() -> None:
    """Draw 䶮 as a value and find its very dots in the raster."""
    (raster, _) = draw(Slip((Fields((("申请人", "䶮*"),)),)), 576)
    assert isinstance(raster, SlipRaster)
    ((font, _),) = FontChain(bold=True).runs("䶮", 29)
    alone = Image.new("L", (60, 60), 255)
    ImageDraw.Draw(alone).text((10, 40), "䶮", 0, font, anchor="ls")
    glyph = np.asarray(alone) < BLACK_BELOW
    rows, columns = np.flatnonzero(glyph.any(axis=1)), np.flatnonzero(glyph.any(axis=0))
    glyph = glyph[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert glyph.sum() > 50
    height, width = glyph.shape
    windows = np.lib.stride_tricks.sliding_window_view(raster.rows, (height, width))
    assert (windows == glyph).all(axis=(2, 3)).any()


def test_an_ordinary_font_is_not_asked_for_more_than_it_has() -> None:
    """The check itself: DejaVu Sans has no hanzi, so a chain of it alone has none either."""
    sans = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
    chain = FontChain(bold=False, bases=[(sans, sans)], others=())
    assert chain.font_of("张") is None
    assert chain.font_of("A") is not None
    assert ImageFont.truetype(sans, 20).getname()[0] == "DejaVu Sans"


def test_from_slip_to_printer_to_paper() -> None:
    """The driver's elements are the slip's, and the simulated printer puts the same dots on paper."""
    from drivers.printer_job import compose

    elements = draw(receipt(), 576)
    job = for_printer(elements)
    assert [type(element) for element in job] == [Raster, QrCode, Raster, Cut]
    peer = SimulatedReceiptPrinter()
    try:
        import socket

        host, _, port = peer.address.removeprefix("tcp:").rpartition(":")
        with socket.create_connection((host, int(port))) as line:
            line.sendall(b"".join(chunk.data for chunk in compose(job, profile="TM-T20II", width_dots=576)))
            assert peer.wait_for_receipts(1)
        paper = ~np.asarray(peer.receipts[0], dtype=bool)
    finally:
        peer.stop()
    wanted = preview(elements, 576)
    assert (paper[: len(wanted)] == wanted).all()
    assert not paper[len(wanted) :].any()
