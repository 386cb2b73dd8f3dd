"""Pictures as JPEG."""

from __future__ import annotations

from cv2.typing import MatLike

from kiosk.imaging.picture import ImagingError, reduced
from kiosk.opencv import cv2

PAGE_QUALITY = 82
LEAST_QUALITY = 55
THUMBNAIL_SIDE = 320


def encode_jpeg(image: MatLike, quality: int = PAGE_QUALITY, most_bytes: int | None = None) -> bytes:
    """Compress a picture.

    Args:
        image: BGR or grey, uint8.
        quality: 1..100.
        most_bytes: Upper limit. Quality falls to 55 first; after that the picture is made smaller, by a fifth a time.

    Raises:
        ImagingError: ``imaging.unreadable``, not a picture; ``imaging.too_large``, the limit cannot be kept.
    """
    while True:
        try:
            done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        except cv2.error:
            done = False
        if not done:
            raise ImagingError("imaging.unreadable")
        if most_bytes is None or data.size <= most_bytes:
            return data.tobytes()
        if quality > LEAST_QUALITY:
            quality = max(LEAST_QUALITY, quality - 9)
        elif max(image.shape[:2]) > 200:
            image = reduced(image, int(max(image.shape[:2]) * 0.8))
        else:
            raise ImagingError("imaging.too_large", megabytes=round(most_bytes / 2**20, 1))


def thumbnail(image: MatLike, longest: int = THUMBNAIL_SIDE) -> bytes:
    """A small JPEG for lists, its longer side at most ``longest`` pixels."""
    return encode_jpeg(reduced(image, longest), 78)
