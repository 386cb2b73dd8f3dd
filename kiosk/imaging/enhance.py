"""Gentle repair of the light on a page. What is written is never redrawn: each place is only made evenly bright."""

from __future__ import annotations

import numpy as np

from kiosk.imaging.picture import Picture
from kiosk.opencv import cv2

STRONGEST_GAIN = 1.6
PAPER_LEVEL = 245.0  # where bare paper is lifted to, as far as the strongest gain allows
REDUCTION = 8


def even_light(image: Picture) -> Picture:
    """Take out the fall-off of the lamp and soft shadows, and lift the paper to nearly white.

    The brightness of the bare paper is estimated on a reduced copy (ink removed by dilation and median). All three
    colours get the same gain, at most 1.6, and none is driven into white, so colours, stamps and photos keep their
    hue; ink is scaled with its paper, so its contrast stays what it was.
    """
    height, width = image.shape[:2]
    small_size = (max(8, width // REDUCTION), max(8, height // REDUCTION))
    small = cv2.resize(image, small_size, interpolation=cv2.INTER_AREA).max(axis=2)
    paper = cv2.dilate(small, np.ones((7, 7), np.uint8))
    window = min(21, (min(small_size) // 2) * 2 - 1)
    paper = cv2.GaussianBlur(cv2.medianBlur(paper, max(3, window)), (0, 0), 4)
    gain = np.clip(PAPER_LEVEL / np.maximum(paper.astype(np.float32), 1.0), 1.0, STRONGEST_GAIN)
    full = cv2.resize(gain, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.multiply(image, cv2.merge([full, full, full]), dtype=cv2.CV_8U)
