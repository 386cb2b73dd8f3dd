"""Invented papers, drawn flat: what the simulated document camera looks at.

Every person, number and office on them is made up; cards carry the word 样张 and no emblem, so that none of them can
pass for a real one. ID numbers lie in region 000000, which does not exist.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from cv2.typing import MatLike
from PIL import Image, ImageDraw, ImageFont

INK = (35, 35, 40)
FONT_PLACES = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),  # Debian: fonts-noto-cjk
    Path("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc"),
    Path("C:/Windows/Fonts/msyh.ttc"),
)
SIMPLIFIED_CHINESE = 2  # face of the Noto collection

PERSON = "张示例"
ID_NUMBER = "000000190001010017"


@dataclass(frozen=True, slots=True)
class Paper:
    """A flat paper.

    Attributes:
        image: BGR uint8, as printed, upright.
        mask: uint8 of the same size, 0 where the paper has no substance (rounded corners of a card).
        width_mm, height_mm: True size.
    """

    image: MatLike
    mask: MatLike
    width_mm: float
    height_mm: float


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """A font with Chinese glyphs, ``size`` in pixels.

    Raises:
        FileNotFoundError: no such font on this machine (Debian: install fonts-noto-cjk).
    """
    for place in FONT_PLACES:
        if place.exists():
            return ImageFont.truetype(str(place), size, index=SIMPLIFIED_CHINESE if "Noto" in place.name else 0)
    raise FileNotFoundError("no Chinese font found; install fonts-noto-cjk")


class _Sheet:
    """A drawing surface measured in millimetres."""

    def __init__(self, width: float, height: float, colour: tuple[int, int, int], per_mm: float) -> None:
        self.size = (width, height)
        self.per_mm = per_mm
        self.image = Image.new("RGB", (round(width * per_mm), round(height * per_mm)), colour)
        self.pen = ImageDraw.Draw(self.image)

    def px(self, *values: float) -> tuple[int, ...]:
        return tuple(round(value * self.per_mm) for value in values)

    def text(
        self, x: float, y: float, text: str, height: float, colour: tuple[int, int, int] = INK, anchor: str = "la"
    ) -> None:
        self.pen.text(
            (x * self.per_mm, y * self.per_mm),
            text,
            fill=colour,
            font=font(max(8, round(height * self.per_mm))),
            anchor=anchor,
        )

    def line(self, x0: float, y0: float, x1: float, y1: float, colour: tuple[int, int, int] = INK) -> None:
        self.pen.line(self.px(x0, y0, x1, y1), fill=colour, width=max(1, round(0.25 * self.per_mm)))

    def box(self, x0: float, y0: float, x1: float, y1: float, fill: tuple[int, int, int]) -> None:
        self.pen.rectangle(self.px(x0, y0, x1, y1), fill=fill)

    def finish(self, corner_radius: float = 0.0) -> Paper:
        mask = Image.new("L", self.image.size, 0)
        edge = (0, 0, self.image.width - 1, self.image.height - 1)
        ImageDraw.Draw(mask).rounded_rectangle(edge, radius=corner_radius * self.per_mm, fill=255)
        bgr = np.ascontiguousarray(np.asarray(self.image)[:, :, ::-1])
        return Paper(bgr, np.asarray(mask).copy(), *self.size)


def _card(colour: tuple[int, int, int]) -> _Sheet:
    sheet = _Sheet(85.6, 53.98, colour, 10)
    for row in range(9):  # a faint pattern, as cards have
        shade = tuple(max(0, part - 10 - 4 * (row % 2)) for part in colour)
        sheet.line(0, 4 + row * 6, 85.6, 1 + row * 6, (shade[0], shade[1], shade[2]))
    return sheet


def _silhouette(sheet: _Sheet, x: float, y: float, width: float) -> None:
    """Head and shoulders as two plain shapes: nobody's face."""
    height = width * 1.25
    sheet.box(x, y, x + width, y + height, (225, 230, 235))
    head, grey = width * 0.42, (130, 140, 150)
    middle = x + width / 2
    sheet.pen.ellipse(sheet.px(middle - head / 2, y + height * 0.15, middle + head / 2, y + height * 0.6), fill=grey)
    sheet.pen.pieslice(
        sheet.px(x + width * 0.1, y + height * 0.62, x + width * 0.9, y + height * 1.38), 180, 360, fill=grey
    )


def _id_card_front() -> Paper:
    sheet = _card((228, 238, 240))
    rows = (
        ("姓名", PERSON),
        ("性别", "男    民族  汉"),
        ("出生", "1900 年 1 月 1 日"),
        ("住址", "示例市样张区模拟路 0 号"),
    )
    for number, (label, value) in enumerate(rows):
        sheet.text(5, 6 + number * 7.6, label, 2.9, (60, 110, 160))
        sheet.text(15, 5.7 + number * 7.6, value, 3.4)
    sheet.text(5, 44, "公民身份号码", 2.9, (60, 110, 160))
    sheet.text(28, 43.4, ID_NUMBER, 4.0)
    _silhouette(sheet, 59, 7, 22)
    sheet.text(70, 37.5, "样张 不是证件", 2.4, (190, 60, 60), "ma")
    return sheet.finish(3.18)


def _id_card_back() -> Paper:
    sheet = _card((232, 236, 228))
    sheet.text(43, 10, "样张卡（背面）", 6.5, (150, 60, 60), "ma")
    sheet.text(43, 20, "SPECIMEN 不是证件", 4, (150, 60, 60), "ma")
    for number, (label, value) in enumerate((("签发机关", "示例机关（虚构）"), ("有效期限", "2020.01.01-2040.01.01"))):
        sheet.text(18, 36 + number * 7, label, 3.0, (60, 60, 60))
        sheet.text(34, 35.8 + number * 7, value, 3.4)
    return sheet.finish(3.18)


def _social_security_card() -> Paper:
    sheet = _card((205, 226, 246))
    sheet.box(0, 0, 85.6, 10, (60, 120, 190))
    sheet.text(43, 2, "社会保障卡（样张）", 5.5, (255, 255, 255), "ma")
    sheet.pen.rounded_rectangle(sheet.px(8, 16, 20, 25), radius=10, fill=(214, 180, 90))
    sheet.text(26, 15, "姓名  " + PERSON, 3.6)
    sheet.text(26, 22, "社会保障号码", 3.0)
    sheet.text(26, 26.5, ID_NUMBER, 3.4)
    sheet.text(26, 34, "卡号  0000000000", 3.4)
    sheet.text(26, 41, "发卡日期  2020.01", 3.4)
    _silhouette(sheet, 67, 14, 14)
    sheet.text(43, 48, "样张 不是证件", 2.6, (190, 60, 60), "ma")
    return sheet.finish(3.18)


_PARAGRAPH = (
    "本表由申请人如实填写，所填内容均为示例，不对应任何真实的人、住址或单位。",
    "申请人承诺所提交的材料真实、完整、有效，并同意受理中心为办理本事项核对有关信息。",
    "委托他人代办的，须同时提交委托书以及受托人的有效身份证件，并由双方签名。",
)


def _a4_form() -> Paper:
    sheet = _Sheet(210, 297, (250, 249, 246), 7)
    sheet.text(105, 18, "服务事项申请表（样张）", 8, anchor="ma")
    sheet.text(22, 34, "编号：0000-0000", 4)
    sheet.text(188, 34, "填表日期：1900 年 1 月 1 日", 4, anchor="ra")
    rows = (
        ("姓名", PERSON, "性别", "男"),
        ("证件类型", "居民身份证", "证件号码", ID_NUMBER),
        ("出生日期", "1900-01-01", "联系电话", "000 0000 0000"),
        ("户籍地址", "示例市样张区模拟路 0 号", "邮政编码", "000000"),
        ("现住地址", "示例市样张区示范村 0 组", "村（居）委", "示范村"),
        ("申请事项", "示例事项", "申请方式", "本人办理"),
        ("开户银行", "示例银行", "账号", "0000 0000 0000"),
    )
    for number, row in enumerate(rows):
        top = 44 + number * 14
        for x, text in zip((24, 54, 112, 140), row, strict=True):
            sheet.text(x, top + 4.2, text, 4.2)
    for number in range(len(rows) + 1):
        sheet.line(22, 44 + number * 14, 188, 44 + number * 14)
    for x in (22, 52, 110, 138, 188):
        sheet.line(x, 44, x, 44 + len(rows) * 14)
    for number in range(9):
        sheet.text(24, 152 + number * 9, f"{number + 1}. {_PARAGRAPH[number % 3]}", 4)
    sheet.text(24, 250, "申请人签名：", 5)
    sheet.text(120, 250, "经办人签名：", 5)
    sheet.text(105, 280, "第 1 页  共 1 页", 3.6, (110, 110, 110), "ma")
    return sheet.finish()


def _register_page(sheet: _Sheet, left: float, heading: str, rows: tuple[tuple[str, str], ...]) -> None:
    sheet.text(left + 52, 10, heading, 6, (120, 50, 60), "ma")
    for number, (label, value) in enumerate(rows):
        top = 24 + number * 13
        sheet.line(left + 8, top, left + 97, top, (150, 90, 95))
        sheet.text(left + 10, top + 4, label, 3.8, (120, 50, 60))
        sheet.text(left + 42, top + 3.8, value, 4.2)
    bottom = 24 + len(rows) * 13
    sheet.line(left + 8, bottom, left + 97, bottom, (150, 90, 95))
    for x in (8, 40, 97):
        sheet.line(left + x, 24, left + x, bottom, (150, 90, 95))


def _gutter(sheet: _Sheet, middle: float) -> None:
    for step in range(8):
        shade = 190 + step * 6
        sheet.box(middle - 4 + step / 2, 0, middle - 3.5 + step / 2, sheet.size[1], (shade, shade - 4, shade - 10))
    sheet.line(middle, 0, middle, sheet.size[1], (120, 110, 105))


def _household_register() -> Paper:
    sheet = _Sheet(210, 143, (246, 240, 226), 8)
    _gutter(sheet, 105)
    _register_page(
        sheet,
        0,
        "户口簿（样张）首页",
        (
            ("户别", "家庭户"),
            ("户主姓名", PERSON),
            ("户号", "000000000"),
            ("住址", "示例市样张区模拟路 0 号"),
            ("承办人", "示例"),
        ),
    )
    _register_page(
        sheet,
        105,
        "常住人口登记卡（样张）",
        (
            ("姓名", PERSON),
            ("与户主关系", "户主"),
            ("性别 民族", "男  汉族"),
            ("出生日期", "1900 年 1 月 1 日"),
            ("公民身份号码", ID_NUMBER),
            ("服务处所", "示例单位"),
            ("何时迁来", "1900 年 1 月"),
        ),
    )
    return sheet.finish()


def _medical_record() -> Paper:
    sheet = _Sheet(260, 185, (240, 246, 240), 6)
    _gutter(sheet, 130)
    sheet.text(65, 20, "门急诊就医记录册", 9, (40, 100, 80), "ma")
    sheet.text(65, 36, "（样张 不是证件）", 5, (190, 60, 60), "ma")
    for number, text in enumerate(
        (f"姓名：{PERSON}", "性别：男", f"号码：{ID_NUMBER}", "发放单位：示例中心", "药物过敏：无")
    ):
        sheet.text(24, 62 + number * 15, text, 5.2)
        sheet.line(22, 71 + number * 15, 112, 71 + number * 15, (120, 160, 140))
    sheet.text(195, 14, "就诊记录", 6, (40, 100, 80), "ma")
    for number in range(12):
        top = 28 + number * 12
        sheet.line(140, top + 9, 252, top + 9, (150, 180, 165))
        if number % 3 != 2:
            sheet.text(142, top + 1, f"1900-01-{number + 1:02d}  示例门诊  普通复查，按时服药", 4.2)
    return sheet.finish()


def _receipt() -> Paper:
    sheet = _Sheet(80, 150, (252, 252, 250), 8)
    sheet.text(40, 8, "示例收据", 6, anchor="ma")
    rng = random.Random(3)
    for number in range(14):
        sheet.text(6, 22 + number * 7, f"示例项目 {number + 1}", 3.6)
        sheet.text(74, 22 + number * 7, f"{rng.randint(1, 99)}.00", 3.6, anchor="ra")
    sheet.text(40, 130, "合计 0.00（样张）", 5, anchor="ma")
    return sheet.finish()


_PAPERS: dict[str, Callable[[], Paper]] = {
    "id_card_front": _id_card_front,
    "id_card_back": _id_card_back,
    "social_security_card": _social_security_card,
    "a4_form": _a4_form,
    "household_register": _household_register,
    "medical_record": _medical_record,
    "receipt": _receipt,
}
PAPERS = tuple(_PAPERS)


@cache
def paper(name: str) -> Paper:
    """Draw a paper by its name in ``PAPERS``; drawn once."""
    return _PAPERS[name]()


def printed_paper(dots: MatLike, width_mm: float, dots_per_mm: float = 8.0) -> Paper:
    """What a printer put on its roll, at true size.

    Args:
        dots: Grey uint8, height × printable width, 0 = black.
        width_mm: Of the paper; the rest at both sides stays white.
        dots_per_mm: Of the print head.
    """
    margin = round(max(0.0, (width_mm * dots_per_mm - dots.shape[1]) / 2))
    top = round(6 * dots_per_mm)  # between print head and knife
    paper_white, ink = 248, 30
    grey = np.where(np.pad(dots, ((top, top), (margin, margin)), constant_values=255) > 127, paper_white, ink)
    image = np.repeat(grey.astype(np.uint8)[:, :, None], 3, axis=2)
    return Paper(
        image, np.full(image.shape[:2], 255, np.uint8), image.shape[1] / dots_per_mm, image.shape[0] / dots_per_mm
    )
