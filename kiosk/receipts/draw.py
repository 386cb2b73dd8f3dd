"""From a slip to dots: black and white rasters as wide as the paper, QR codes and a cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import qrcode
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from kiosk.receipts.fonts import FontChain
from kiosk.receipts.marks import draw_marks, plan_marks
from kiosk.receipts.slip import (
    Banner,
    BigNumber,
    Block,
    Checklist,
    Code,
    Fields,
    Listing,
    Mark,
    Marks,
    Paragraph,
    Rule,
    Ruler,
    Sample,
    Section,
    Slip,
    Title,
)
from kiosk.receipts.wrap import wrap, wrap_evenly, wrap_without_orphan

DOTS_PER_MM = 8
"""203 dpi."""

BLACK_BELOW = 150
"""Grey below this becomes black: strokes of 28 dots stay whole without dithering (hardware.md 4.4)."""

WHITE, BLACK = 255, 0


@dataclass(frozen=True, slots=True, eq=False)
class SlipRaster:
    """Dots: bool, height x width of the paper, True = black."""

    rows: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SlipQr:
    """A QR code in the middle; ``module_size`` in dots. White above and below is part of the rasters around it."""

    data: str
    module_size: int


@dataclass(frozen=True, slots=True)
class SlipCut:
    """The end of the slip."""


SlipElement = SlipRaster | SlipQr | SlipCut


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Dots: heights of characters and the margin at either side."""

    margin: int
    title: int
    banner: int
    number: int
    body: int
    label: int
    small: int
    english: int
    sample: int
    module: int


WIDE = _Sizes(margin=12, title=50, banner=54, number=46, body=29, label=26, small=23, english=21, sample=52, module=7)
NARROW = _Sizes(margin=4, title=42, banner=42, number=36, body=26, label=24, small=21, english=19, sample=40, module=5)
NARROWER_THAN = 480


def draw(slip: Slip, width_dots: int) -> list[SlipElement]:
    """Draw a slip for paper of ``width_dots`` (576 for 80 mm, 384 for 58 mm).

    Raises:
        FontsMissing: no CJK font is installed.
    """
    sheet = _Sheet(width_dots)
    for block in slip.blocks:
        sheet.add(block)
    return sheet.finish()


def preview(elements: Sequence[SlipElement], width_dots: int) -> NDArray[np.bool_]:
    """All of a drawn slip as one picture, as a printer would print it; for the screen and for tests."""
    parts: list[NDArray[np.bool_]] = []
    for element in elements:
        if isinstance(element, SlipRaster):
            parts.append(element.rows)
        elif isinstance(element, SlipQr):
            code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
            code.add_data(element.data)
            code.make()
            dots = np.kron(
                np.array(code.get_matrix(), dtype=np.bool_), np.ones((element.module_size,) * 2, dtype=np.bool_)
            )
            left = (width_dots - dots.shape[1]) // 2
            parts.append(np.pad(dots, ((0, 0), (left, width_dots - dots.shape[1] - left))))
    return np.concatenate(parts) if parts else np.zeros((0, width_dots), dtype=np.bool_)


@cache
def _chain(bold: bool) -> FontChain:
    return FontChain(bold=bold)


class _Sheet:
    """A roll of paper drawn from top to bottom."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.sizes = WIDE if width >= NARROWER_THAN else NARROW
        self.left, self.right = self.sizes.margin, width - self.sizes.margin
        self._strips: list[Image.Image] = []
        self._elements: list[SlipElement] = []
        self._draw_block: dict[type, Callable[[Any], None]] = {
            Title: self._title,
            Mark: self._mark,
            Banner: self._banner,
            BigNumber: self._big_number,
            Fields: self._fields,
            Section: self._section,
            Listing: self._listing,
            Checklist: self._checklist,
            Paragraph: self._paragraph,
            Sample: self._sample,
            Code: self._code,
            Rule: self._rule,
            Ruler: self._ruler,
            Marks: self._marks,
        }

    def add(self, block: Block) -> None:
        self._draw_block[type(block)](block)

    def finish(self) -> list[SlipElement]:
        self.space(12)
        self._end_raster()
        return [*self._elements, SlipCut()]

    def _end_raster(self) -> None:
        if self._strips:
            rows = np.concatenate([np.asarray(strip) < BLACK_BELOW for strip in self._strips])
            self._elements.append(SlipRaster(rows))
            self._strips = []

    # -- means -------------------------------------------------------------------------------------------------------

    def strip(self, height: int) -> ImageDraw.ImageDraw:
        """New paper of this height below what is drawn."""
        image = Image.new("L", (self.width, height), WHITE)
        self._strips.append(image)
        return ImageDraw.Draw(image)

    def space(self, height: int) -> None:
        if height > 0:
            self.strip(height)

    @staticmethod
    def line_height(size: int) -> int:
        return round(size * 1.32)

    def put(
        self,
        pen: ImageDraw.ImageDraw,
        x: float,
        top: int,
        text: str,
        size: int,
        *,
        bold: bool = False,
        ink: int = BLACK,
    ) -> None:
        """Write one line whose line box begins at ``top``, in the fonts its characters need."""
        base = top + round(self.line_height(size) / 2 + size * 0.37)
        for font, piece in _chain(bold).runs(text, size):
            pen.text((x, base), piece, ink, font, anchor="ls")
            x += font.getlength(piece)

    def fit(self, text: str, size: int, width: float, *, bold: bool) -> int:
        """The size, made smaller until the text fits."""
        while size > 16 and _chain(bold).width(text, size) > width:
            size -= 1
        return size

    def lines(
        self,
        text: str,
        size: int,
        *,
        bold: bool = False,
        left: int | None = None,
        right: int | None = None,
        centred: bool = False,
    ) -> int:
        """Write text over as many lines as it needs; how many."""
        left, right = self.left if left is None else left, self.right if right is None else right
        chain = _chain(bold)
        broken = (wrap_evenly if centred else wrap_without_orphan)(text, right - left, chain.measure(size))
        for line in broken:
            x = left + ((right - left) - chain.width(line, size)) / 2 if centred else float(left)
            self.put(self.strip(self.line_height(size)), x, 0, line, size, bold=bold)
        return len(broken)

    # -- blocks -------------------------------------------------------------------------------------------------------

    def _title(self, block: Title) -> None:
        sizes = self.sizes
        for line in block.above.split("\n"):
            self.lines(line, sizes.label, centred=True)
        self.space(10)
        spaced = "\u2002".join(block.chinese) if len(block.chinese) <= 4 else block.chinese
        self.lines(spaced, self.fit(spaced, sizes.title, self.right - self.left, bold=True), bold=True, centred=True)
        self.lines(block.english, sizes.english, centred=True)
        self.space(10)
        pen = self.strip(9)
        pen.rectangle((self.left, 0, self.right - 1, 3), BLACK)
        pen.rectangle((self.left, 7, self.right - 1, 7), BLACK)
        self.space(14)

    def _mark(self, block: Mark) -> None:
        text = f"{block.chinese}  {block.english}"
        size = self.sizes.label
        width = _chain(True).width(text, size) + 36
        height = self.line_height(size) + 12
        pen = self.strip(height)
        left = (self.width - width) / 2
        pen.rectangle((left, 0, left + width, height - 1), WHITE, BLACK, 3)
        self.put(pen, left + 18, 6, text, size, bold=True)
        self.space(14)

    def _banner(self, block: Banner) -> None:
        sizes = self.sizes
        room = self.right - self.left - 32
        size = max(self.fit(block.chinese, sizes.banner, room, bold=True), sizes.body)
        chain = _chain(True)
        broken = wrap_evenly(block.chinese, room, chain.measure(size))
        english = sizes.english if block.english else 0
        height = 28 + len(broken) * self.line_height(size) + (self.line_height(english) + 2 if english else 0)
        pen = self.strip(height)
        frame = (self.left, 0, self.right - 1, height - 1)
        pen.rounded_rectangle(frame, 10, BLACK if block.solid else WHITE, BLACK, 3)
        ink = WHITE if block.solid else BLACK
        top = 12
        for line in broken:
            self.put(pen, (self.width - chain.width(line, size)) / 2, top, line, size, bold=True, ink=ink)
            top += self.line_height(size)
        if english:
            size = self.fit(block.english, english, room, bold=block.solid)
            x = (self.width - _chain(block.solid).width(block.english, size)) / 2
            self.put(pen, x, top + 2, block.english, size, bold=block.solid, ink=ink)
        self.space(14)

    def _big_number(self, block: BigNumber) -> None:
        sizes = self.sizes
        self.space(4)
        self._bilingual(block.chinese, block.english, sizes.label, sizes.english, centred=True)
        wanted = sizes.number * 2 if block.large else sizes.number
        size = self.fit(block.value, wanted, self.right - self.left, bold=True)
        self.lines(block.value, size, bold=True, centred=True)
        self.space(10)

    def _bilingual(
        self, chinese: str, english: str, size: int, second: int, *, centred: bool, bold: bool = False
    ) -> None:
        width = _chain(bold).width(chinese, size)
        gap = 12 if english else 0
        whole = width + gap + _chain(False).width(english, second)
        x = (self.width - whole) / 2 if centred else float(self.left)
        pen = self.strip(self.line_height(size))
        self.put(pen, x, 0, chinese, size, bold=bold)
        # Both stand on one base line.
        shift = round(self.line_height(size) / 2 + size * 0.37) - round(self.line_height(second) / 2 + second * 0.37)
        self.put(pen, x + width + gap, shift, english, second)

    def _fields(self, block: Fields) -> None:
        sizes = self.sizes
        label_width = max(_chain(False).width(label, sizes.label) for label, _ in block.rows)
        column = int(self.left + label_width + 20)
        chain = _chain(True)
        for label, value in block.rows:
            broken = wrap(value, self.right - column, chain.measure(sizes.body))
            for number, line in enumerate(broken):
                pen = self.strip(self.line_height(sizes.body))
                if not number:
                    shift = round((sizes.body - sizes.label) * (0.66 + 0.37))
                    self.put(pen, self.left, shift, label, sizes.label)
                self.put(pen, column, 0, line, sizes.body, bold=True)
            self.space(4)
        self.space(6)

    def _section(self, block: Section) -> None:
        self.space(4)
        self._bilingual(block.chinese, block.english, self.sizes.label, self.sizes.english, centred=False, bold=True)
        self.space(4)

    def _listing(self, block: Listing) -> None:
        size = self.sizes.body
        for name, amount in block.rows:
            bold = block.total and (name, amount) == block.rows[-1]
            chain = _chain(bold)
            amount_width = chain.width(amount, size)
            right = int(self.right - amount_width - 14)
            broken = wrap_without_orphan(name, right - self.left - 24, chain.measure(size))
            for number, line in enumerate(broken):
                pen = self.strip(self.line_height(size))
                self.put(pen, self.left, 0, line, size, bold=bold)
                if number == len(broken) - 1:
                    base = round(self.line_height(size) / 2 + size * 0.3)
                    for x in range(int(self.left + chain.width(line, size)) + 12, right, 8):
                        pen.rectangle((x, base - 1, x + 1, base), BLACK)
                    self.put(pen, self.right - amount_width, 0, amount, size, bold=bold)
        self.space(8)

    def _checklist(self, block: Checklist) -> None:
        size, small = self.sizes.body, self.sizes.label
        indent = self.left + size + 12
        chain = _chain(True)
        for name, note in block.rows:
            broken = wrap(name, self.right - indent, chain.measure(size))
            for number, line in enumerate(broken):
                height = self.line_height(size)
                pen = self.strip(height)
                if not number:
                    edge = size - 4
                    top = (height - edge) // 2
                    pen.rectangle((self.left + 1, top, self.left + 1 + edge, top + edge), WHITE, BLACK, 2)
                self.put(pen, indent, 0, line, size, bold=True)
            if note:
                self.lines(note, small, left=indent)
            self.space(10)

    def _paragraph(self, block: Paragraph) -> None:
        self.lines(block.text, self.sizes.small if block.small else self.sizes.body, centred=block.centred)
        self.space(6)

    def _sample(self, block: Sample) -> None:
        for bold in (False, True):
            size = self.fit(block.text, self.sizes.sample, self.right - self.left, bold=bold)
            self.lines(block.text, size, bold=bold, centred=True)
        self.space(6)

    def _code(self, block: Code) -> None:
        self.space(16)
        self._end_raster()
        self._elements.append(SlipQr(block.data, self.sizes.module))
        self.space(16)
        self.lines(block.caption, self.sizes.label, centred=True)
        self.space(6)

    def _rule(self, block: Rule) -> None:
        self.space(8)
        pen = self.strip(2)
        step, length = (14, 8) if block.dashed else (self.width, self.width)
        for x in range(self.left, self.right, step):
            pen.rectangle((x, 0, min(x + length, self.right) - 1, 1), BLACK)
        self.space(10)

    def _ruler(self, block: Ruler) -> None:
        size = self.sizes.small
        pen = self.strip(30 + self.line_height(size))
        for millimetre in range(self.width // DOTS_PER_MM + 1):
            x = min(millimetre * DOTS_PER_MM, self.width - 1)
            height = 28 if millimetre % 10 == 0 else 20 if millimetre % 5 == 0 else 12
            pen.line((x, 0, x, height), BLACK, 1)
            if millimetre % 10 == 0:
                text = str(millimetre)
                x = min(max(0, round(x - _chain(False).width(text, size) / 2)), self.width - 40)
                self.put(pen, x, 30, text, size)
        pen.rectangle((0, 0, self.width - 1, 1), BLACK)
        self.space(6)

    def _marks(self, block: Marks) -> None:
        plan = plan_marks(block.code, self.width)
        image = Image.fromarray(np.where(draw_marks(plan), BLACK, WHITE).astype(np.uint8))
        self._strips.append(image)
        pen = ImageDraw.Draw(image)
        size = 17 if self.width >= NARROWER_THAN else 14
        for patch in plan.lines:
            text = f"{patch.line / DOTS_PER_MM:.3g}".removeprefix("0")
            x = patch.box.left + (patch.box.width - _chain(True).width(text, size)) / 2
            self.put(pen, x, patch.box.top + plan.lines[0].box.height + 2, text, size, bold=True)
        self.space(4)
