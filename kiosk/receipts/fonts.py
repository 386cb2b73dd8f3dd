"""Fonts for slips: one CJK family and others behind it, chosen for each character, so that no box is ever printed."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont

MISSING = "〓"
"""Printers' geta mark: a character that no installed font has. Honest, and no box."""

NOTO = "/usr/share/fonts/opentype/noto"
BASES: tuple[tuple[str, str], ...] = (
    (f"{NOTO}/NotoSansCJK-Regular.ttc", f"{NOTO}/NotoSansCJK-Bold.ttc"),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc", "/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc"),
    (
        "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Bold.ttc",
    ),
    ("C:/Windows/Fonts/NotoSansSC-Regular.otf", "C:/Windows/Fonts/NotoSansSC-Bold.otf"),
    ("C:/Windows/Fonts/msyh.ttc", "C:/Windows/Fonts/msyhbd.ttc"),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
)
"""Regular and bold, the best first."""

FALLBACKS = (
    "/usr/share/fonts/truetype/hanazono/HanaMinA.ttf",
    "/usr/share/fonts/truetype/hanazono/HanaMinB.ttf",
    "/usr/share/fonts/truetype/babelstone-han/BabelStoneHan.ttf",
    "C:/Windows/Fonts/simsunb.ttf",
    "C:/Windows/Fonts/SimsunExtG.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
)

_PROBE_SIZE = 24
_NOWHERE = "\U0010fffe"  # a noncharacter: every font draws its "no such glyph" for it


class FontsMissing(RuntimeError):
    """No CJK font is installed; the message names the package."""


@dataclass(frozen=True, slots=True)
class FontFile:
    path: str
    index: int = 0


@cache
def _open(file: FontFile, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file.path, size, file.index, layout_engine=ImageFont.Layout.BASIC)


@cache
def _simplified_chinese(path: str) -> FontFile:
    """The SC face of a collection; the first face when it is none."""
    for index in range(10):
        try:
            family = str(ImageFont.truetype(path, _PROBE_SIZE, index).getname()[0])
        except OSError:
            break
        if family.endswith(" SC") or "YaHei" in family:
            return FontFile(path, index)
    return FontFile(path)


@lru_cache(maxsize=8192)
def _has(file: FontFile, character: str) -> bool:
    """Whether the font's own table leads to a glyph: FreeType draws glyph 0 for anything else."""
    font = _open(file, _PROBE_SIZE)
    glyph, nothing = font.getmask(character), font.getmask(_NOWHERE)
    return (glyph.size, bytes(glyph)) != (nothing.size, bytes(nothing))


class FontChain:
    """One weight of the slip's fonts.

    Raises:
        FontsMissing: none of the CJK fonts is there.
    """

    def __init__(
        self, *, bold: bool, bases: Sequence[tuple[str, str]] = BASES, others: Sequence[str] = FALLBACKS
    ) -> None:
        base = next((pair for pair in bases if Path(pair[0]).is_file()), None)
        if base is None:
            raise FontsMissing(
                "no CJK font is installed, so slips cannot be drawn; install the package fonts-noto-cjk"
                f" (looked for {', '.join(regular for regular, _ in bases)})"
            )
        chosen = base[1] if bold and Path(base[1]).is_file() else base[0]
        files = [chosen, *([base[0]] if chosen != base[0] else []), *(path for path in others if Path(path).is_file())]
        self._files = tuple(_simplified_chinese(path) for path in files)

    def font_of(self, character: str) -> FontFile | None:
        """The first font that has a glyph for a character, or None."""
        return next((file for file in self._files if _has(file, character)), None)

    def runs(self, text: str, size: int) -> list[tuple[ImageFont.FreeTypeFont, str]]:
        """Cut into pieces of one font each. What cannot be drawn becomes ``MISSING``; what has no width is left out."""
        pieces: list[tuple[FontFile, str]] = []
        for character in drawable(text):
            file = self.font_of(character)
            if file is None:
                file, character = self._files[0], MISSING
            if pieces and pieces[-1][0] == file:
                pieces[-1] = (file, pieces[-1][1] + character)
            else:
                pieces.append((file, character))
        return [(_open(file, size), piece) for file, piece in pieces]

    def width(self, text: str, size: int) -> float:
        """Dots across of a line."""
        return sum(font.getlength(piece) for font, piece in self.runs(text, size))

    def measure(self, size: int) -> Callable[[str], float]:
        """``width`` at one size, for wrapping."""
        return lambda text: self.width(text, size)


def drawable(text: str) -> str:
    """Without control characters, marks of direction and variation selectors; tabs become spaces."""
    return "".join(
        character
        for character in text.replace("\t", " ")
        if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co")
        and not ("\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef")
    )
