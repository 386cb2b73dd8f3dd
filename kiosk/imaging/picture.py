"""What a picture is, what can be wrong with one, and how one is read from a file."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike
from PIL import Image as PillowImage

from kiosk.opencv import cv2

Picture: TypeAlias = MatLike
"""BGR uint8, height × width × 3."""

Corners: TypeAlias = npt.NDArray[np.float32]
"""float32 (4, 2): x, y in pixels; top left, top right, bottom right, bottom left."""

LARGEST_FILE = 64 * 1024 * 1024
LARGEST_AREA = 120_000_000  # pixels; 360 MB once decoded


class ImagingError(ValueError):
    """A picture that cannot be used.

    Attributes:
        code: Key into the table of words, ``imaging.…``.
        detail: Values for the words.
    """

    def __init__(self, code: str, **detail: str | int | float) -> None:
        super().__init__(f"{code} {detail}" if detail else code)
        self.code = code
        self.detail: Mapping[str, str | int | float] = MappingProxyType(detail)


def load_picture(path: Path) -> Picture:
    """Read a picture file; its EXIF turn is applied.

    Raises:
        ImagingError: ``imaging.not_found``, ``imaging.unreadable``, ``imaging.too_large``.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ImagingError("imaging.too_large", megabytes=LARGEST_FILE // 2**20)
        data = path.read_bytes()
    except FileNotFoundError:
        raise ImagingError("imaging.not_found") from None
    except OSError:
        raise ImagingError("imaging.unreadable") from None
    return decode_picture(data)


def decode_picture(data: bytes) -> Picture:
    """Decode a compressed picture; its size is looked at before its pixels.

    Raises:
        ImagingError: ``imaging.unreadable``, ``imaging.too_large``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PillowImage.DecompressionBombWarning)
            with PillowImage.open(io.BytesIO(data)) as opened:
                width, height = opened.size
    except PillowImage.DecompressionBombError:
        raise ImagingError("imaging.too_large", megabytes=LARGEST_FILE // 2**20) from None
    except (OSError, ValueError, SyntaxError):
        raise ImagingError("imaging.unreadable") from None
    if width * height > LARGEST_AREA:
        raise ImagingError("imaging.too_large", megabytes=LARGEST_FILE // 2**20)
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        image = None
    return image if image is not None else _decode_with_pillow(data)


def _decode_with_pillow(data: bytes) -> Picture:
    """Decode the few formats (GIF) and tiny pictures that OpenCV refuses."""
    try:
        with PillowImage.open(io.BytesIO(data)) as opened:
            return np.ascontiguousarray(np.asarray(opened.convert("RGB"))[:, :, ::-1])
    except (OSError, ValueError, SyntaxError):
        raise ImagingError("imaging.unreadable") from None


def grey(image: MatLike) -> MatLike:
    """Luminance, height × width uint8; a grey picture is given back as it is."""
    return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)


def reduced(image: MatLike, longest: int) -> MatLike:
    """A copy whose longer side has at most ``longest`` pixels; never enlarged."""
    height, width = image.shape[:2]
    factor = longest / max(width, height)
    if factor >= 1:
        return image
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
