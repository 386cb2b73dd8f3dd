"""SIGNATURE: strokes on the screen become a picture, kept like any other page."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from uuid import UUID

from PIL import Image, ImageDraw

from kiosk.conductor.commands import Stroke
from kiosk.conductor.core import Core, new_id
from kiosk.conductor.pictures import Pictures
from kiosk.conductor.ports import Keeper
from kiosk.conductor.visiting import Visiting
from kiosk.outbox.errors import OutboxError
from kiosk.visit import events as ev
from kiosk.visit.model import SIGNATURE_MATERIAL, Page, Step

PNG_WIDTH = 1200
"""Pixels of the kept picture; the pad's strokes are scaled to it."""
OVERSAMPLING = 2
PEN = 0.006
"""Width of the pen in widths of the pad."""
SHORTEST = 0.08
"""Ink in widths of the pad below which it is a slip of the finger, not a name."""
MOST_POINTS = 50_000


class SignatureTooShort(ValueError):
    """A dot or a dash, or nothing."""


def draw(strokes: Sequence[Stroke], width: int, height: int) -> bytes:
    """Draw strokes (pixels of a pad of ``width`` × ``height``) black on white; gives a PNG.

    Raises:
        SignatureTooShort: not enough ink for a name.
    """
    if not (1 <= width <= 20_000 and 1 <= height <= 20_000) or sum(len(stroke) for stroke in strokes) > MOST_POINTS:
        raise SignatureTooShort
    scale = PNG_WIDTH * OVERSAMPLING / width
    lines = [_points(stroke, width, height) for stroke in strokes]
    ink = sum(math.dist(a, b) for line in lines for a, b in zip(line, line[1:], strict=False))
    if ink < SHORTEST * width:
        raise SignatureTooShort
    size = (PNG_WIDTH * OVERSAMPLING, max(1, round(height * scale)))
    picture = Image.new("L", size, 255)
    pen = ImageDraw.Draw(picture)
    thickness = max(1, round(PEN * size[0]))
    for line in lines:
        scaled = [(x * scale, y * scale) for x, y in line]
        if len(scaled) > 1:
            pen.line(scaled, fill=0, width=thickness, joint="curve")
        for x, y in (scaled[0], scaled[-1]) if scaled else ():
            half = thickness / 2
            pen.ellipse((x - half, y - half, x + half, y + half), fill=0)
    small = picture.resize((PNG_WIDTH, max(1, size[1] // OVERSAMPLING)), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return out.getvalue()


def _points(stroke: Stroke, width: int, height: int) -> list[tuple[float, float]]:
    inside = ((min(max(float(x), 0.0), width), min(max(float(y), 0.0), height)) for x, y in stroke)
    return [(x, y) for x, y in inside if math.isfinite(x) and math.isfinite(y)]


class Signing:
    """Commands of SIGNATURE, as jobs of the core's queue. ``covered`` says that nobody may act now."""

    def __init__(
        self, core: Core, visiting: Visiting, keeper: Keeper, pictures: Pictures, covered: Callable[[], bool]
    ) -> None:
        self._core = core
        self._visiting = visiting
        self._keeper = keeper
        self._pictures = pictures
        self._covered = covered

    async def sign(self, strokes: Sequence[Stroke], width: int, height: int) -> None:
        visit = self._visiting.visit
        if visit is None or visit.step is not Step.SIGNATURE or self._covered():
            return
        try:
            png = await self._core.look(draw, strokes, width, height)
        except SignatureTooShort:
            self._core.say("warning", "visit.signature_too_short")
            return
        case_id, page_id = UUID(visit.case_id), new_id(self._core.time.now())
        try:
            stored = await self._core.keep(
                self._keeper.add_page, case_id, visit.version, page_id, png, "image/png", material_id=SIGNATURE_MATERIAL
            )
        except OutboxError as error:
            self._core.say("error", error.code, **error.detail)
            return
        self._pictures.put(signature_path(str(page_id)), png)
        page = Page(str(page_id), stored.sha256, stored.size, media_type="image/png")
        if await self._visiting.apply(ev.Signed(page), at_once=True):
            self._core.unsay("visit.signature_too_short")
            if visit.signature is not None:
                await self._forget(case_id, visit.signature)
        else:
            await self._forget(case_id, page)

    async def clear(self) -> None:
        visit = self._visiting.visit
        if visit is None or visit.signature is None or self._covered():
            return
        if await self._visiting.apply(ev.SignatureCleared(), at_once=True):
            await self._forget(UUID(visit.case_id), visit.signature)

    async def _forget(self, case_id: UUID, page: Page) -> None:
        self._pictures.drop(signature_path(page.page_id))
        try:
            await self._core.keep(self._keeper.remove_page, case_id, UUID(page.page_id))
        except OutboxError as error:
            # It is in no record, so committing or cancelling the case destroys it.
            self._core.say("error", error.code, **error.detail)


def signature_path(page_id: str) -> str:
    return f"signature/{page_id}"
