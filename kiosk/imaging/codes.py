"""Read QR codes and barcodes in pictures: zxing-cpp first, then harder passes one at a time.

Measured elsewhere and followed here: formats are always restricted (twice to ten times faster, fewer false reads);
codes on phone screens are beaten by moiré until the picture is softened; zbar reads what zxing misses but turns
Chinese into mojibake, so of zbar only plain ASCII is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
import zxingcpp
from cv2.typing import MatLike
from pyzbar import pyzbar

from kiosk.imaging.picture import grey, reduced
from kiosk.opencv import cv2

Points: TypeAlias = tuple[tuple[float, float], ...]


class CodeFormat(StrEnum):
    """The kinds of code a station meets."""

    QR = "qr"
    CODE_128 = "code_128"
    CODE_39 = "code_39"
    EAN_13 = "ean_13"
    PDF_417 = "pdf_417"
    DATA_MATRIX = "data_matrix"


@dataclass(frozen=True, slots=True)
class CodeInPicture:
    """One code.

    Attributes:
        raw: The bytes the code carries; whose characters they are is for the reader to decide (UTF-8 or GBK).
        corners: Four corners in pixels of the picture, in no promised order.
    """

    raw: bytes = field(repr=False)
    format: CodeFormat
    corners: Points


DEFAULT_FORMATS = (CodeFormat.QR, CodeFormat.CODE_128, CodeFormat.EAN_13)
LINEAR = frozenset({CodeFormat.CODE_128, CodeFormat.CODE_39, CodeFormat.EAN_13})

_ZXING = {
    CodeFormat.QR: zxingcpp.BarcodeFormat.QRCode,
    CodeFormat.CODE_128: zxingcpp.BarcodeFormat.Code128,
    CodeFormat.CODE_39: zxingcpp.BarcodeFormat.Code39,
    CodeFormat.EAN_13: zxingcpp.BarcodeFormat.EAN13,
    CodeFormat.PDF_417: zxingcpp.BarcodeFormat.PDF417,
    CodeFormat.DATA_MATRIX: zxingcpp.BarcodeFormat.DataMatrix,
}
_ZBAR = {  # Debian's zbar has neither PDF417 nor DataMatrix
    CodeFormat.QR: pyzbar.ZBarSymbol.QRCODE,
    CodeFormat.CODE_128: pyzbar.ZBarSymbol.CODE128,
    CodeFormat.CODE_39: pyzbar.ZBarSymbol.CODE39,
    CodeFormat.EAN_13: pyzbar.ZBarSymbol.EAN13,
}
LONGEST_SIDE = 4300  # a picture beyond the largest camera is reduced first


def read_codes(image: MatLike, formats: Sequence[CodeFormat] = DEFAULT_FORMATS) -> tuple[CodeInPicture, ...]:
    """All codes that one plain look finds, about 5 ms for 1920×1080 and 19 ms for 8 megapixels.

    ``image`` is BGR or grey uint8. Give the camera's full size: a phone's code needs 3 pixels a module.
    """
    return _zxing(reduced(grey(image), LONGEST_SIDE), formats, _scale(image, LONGEST_SIDE))


def read_codes_hard(image: MatLike, formats: Sequence[CodeFormat] = DEFAULT_FORMATS) -> tuple[CodeInPicture, ...]:
    """A single picture, as hard as we can: the plain look, then every harder pass until one finds something.

    A linear code found by a harder pass counts only when two passes agree on it. Up to half a second a picture.
    """
    light = grey(image)
    found = read_codes(light, formats)
    once: set[tuple[bytes, CodeFormat]] = set()
    for hard in HARD_PASSES:
        if found:
            break
        for code in hard(light, formats):
            key = (code.raw, code.format)
            if code.format not in LINEAR or key in once:
                found = (*found, code)
            once.add(key)
    return found


class CodeReader:
    """Reads a stream of pictures: each gets the plain look and one harder pass in rotation. One thread.

    A linear code is given out only after two pictures in a row of eight have shown it (1-D codes have no strong check
    of their own); a QR code at once.
    """

    MEMORY = 8

    def __init__(self, formats: Sequence[CodeFormat] = DEFAULT_FORMATS) -> None:
        self._formats = tuple(formats)
        self._turn = 0
        self._number = 0
        self._seen: dict[tuple[bytes, CodeFormat], int] = {}

    def read(self, image: MatLike) -> tuple[CodeInPicture, ...]:
        """The codes in this picture that can be believed; ``image`` is BGR or grey uint8."""
        light = grey(image)
        found = read_codes(light, self._formats)
        if not found:
            hard = HARD_PASSES[self._turn % len(HARD_PASSES)]
            self._turn += 1
            found = hard(light, self._formats)
        self._number += 1
        believed = tuple(code for code in found if self._believe(code))
        self._seen = {key: number for key, number in self._seen.items() if self._number - number < self.MEMORY}
        return believed

    def _believe(self, code: CodeInPicture) -> bool:
        if code.format not in LINEAR:
            return True
        key = (code.raw, code.format)
        known = key in self._seen
        self._seen[key] = self._number
        return known

    def reset(self) -> None:
        """Another person stands here: forget what was seen."""
        self._seen.clear()


# -- the two decoders --------------------------------------------------------------------------------------------


def _scale(image: MatLike, longest: int) -> float:
    """From pixels of ``reduced(image, longest)`` to pixels of ``image``."""
    return max(1.0, float(max(image.shape[:2])) / longest)


def _zxing(light: MatLike, formats: Sequence[CodeFormat], scale: float) -> tuple[CodeInPicture, ...]:
    wanted = {_ZXING[kind]: kind for kind in formats}
    try:
        results: list[Any] = zxingcpp.read_barcodes(light, formats=zxingcpp.BarcodeFormats(list(wanted)))
    except (ValueError, TypeError):
        return ()
    found = []
    for result in results:
        kind = wanted.get(result.format) or _kind_of(result, formats)
        raw = bytes(result.bytes)
        if result.valid and raw and kind is not None:
            position = result.position
            points = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
            corners = tuple((float(point.x) * scale, float(point.y) * scale) for point in points)
            found.append(CodeInPicture(raw, kind, corners))
    return tuple(found)


def _kind_of(result: Any, formats: Sequence[CodeFormat]) -> CodeFormat | None:
    """The result may name the exact variant (``QRCodeModel2``); its symbology is the kind that was asked for."""
    for kind in formats:
        if result.symbology == _ZXING[kind]:
            return kind
    return None


def _zbar(light: MatLike, formats: Sequence[CodeFormat], scale: float) -> tuple[CodeInPicture, ...]:
    wanted = {_ZBAR[kind].name: kind for kind in formats if kind in _ZBAR}
    if not wanted:
        return ()
    results = pyzbar.decode(np.ascontiguousarray(light), symbols=[_ZBAR[kind] for kind in wanted.values()])
    found = []
    for result in results:
        raw = bytes(result.data)
        if raw and raw.isascii() and len(result.polygon) >= 2:
            rect = result.rect
            corners = tuple(
                (x * scale, y * scale)
                for x, y in (
                    (rect.left, rect.top),
                    (rect.left + rect.width, rect.top),
                    (rect.left + rect.width, rect.top + rect.height),
                    (rect.left, rect.top + rect.height),
                )
            )
            found.append(CodeInPicture(raw, wanted[result.type], corners))
    return tuple(found)


# -- harder passes -----------------------------------------------------------------------------------------------

Pass = Callable[[MatLike, Sequence[CodeFormat]], tuple[CodeInPicture, ...]]


def _soft(light: MatLike) -> MatLike:
    return cv2.GaussianBlur(light, (0, 0), 2.0)


def _sharp(light: MatLike) -> MatLike:
    return cv2.addWeighted(light, 2.0, cv2.GaussianBlur(light, (0, 0), 1.5), -1.0, 0)


def _local_contrast(light: MatLike) -> MatLike:
    return cv2.createCLAHE(clipLimit=3.0, tileGridSize=(8, 8)).apply(light)


def _darker(light: MatLike) -> MatLike:
    return cv2.LUT(light, ((np.arange(256) / 255.0) ** 2.2 * 255).astype(np.uint8))


def _black_and_white(light: MatLike) -> MatLike:
    return cv2.adaptiveThreshold(light, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 51, 8)


def _black_and_white_soft(light: MatLike) -> MatLike:
    return cv2.GaussianBlur(_black_and_white(light), (0, 0), 1.0)


def _as_it_is(light: MatLike) -> MatLike:
    return light


def _hard(
    decoder: Callable[[MatLike, Sequence[CodeFormat], float], tuple[CodeInPicture, ...]],
    longest: int,
    change: Callable[[MatLike], MatLike],
    enlarge: float = 1.0,
) -> Pass:
    def run(light: MatLike, formats: Sequence[CodeFormat]) -> tuple[CodeInPicture, ...]:
        small = reduced(light, longest)
        scale = _scale(light, longest)
        if enlarge > 1.0:
            small = cv2.resize(small, None, fx=enlarge, fy=enlarge, interpolation=cv2.INTER_CUBIC)
        return decoder(change(small), formats, scale / enlarge)

    return run


HARD_PASSES: tuple[Pass, ...] = (
    _hard(_zbar, 1000, _soft),
    _hard(_zxing, 1600, _local_contrast),
    _hard(_zxing, 1600, _sharp, 1.5),
    _hard(_zxing, 1000, _soft),
    _hard(_zxing, 1600, _as_it_is, 2.0),
    _hard(_zbar, 1000, _sharp),
    _hard(_zxing, 1000, _darker),
    _hard(_zxing, 1000, _local_contrast),
    _hard(_zxing, 1000, _black_and_white),
    _hard(_zbar, 1000, _black_and_white_soft),
    _hard(_zxing, 1000, _sharp),
    _hard(_zxing, 480, _soft),
)
"""In the order that read most on a public set of hard photos (phone screens with moiré, glare, damage, perspective)."""
