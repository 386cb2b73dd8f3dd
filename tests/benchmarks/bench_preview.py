"""What looking at one 1920×1440 frame costs, against decoding that frame's JPEG with OpenCV, both in CPU time."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from drivers.simulated.papers import PAPERS
from drivers.simulated.scenes import document_scene, render
from kiosk.imaging.codes import read_codes
from kiosk.imaging.encode import encode_jpeg
from kiosk.imaging.outline import find_page
from kiosk.imaging.picture import decode_picture, reduced
from kiosk.imaging.quality import judge
from kiosk.imaging.stillness import StillnessWatcher

SIZE = (1920, 1440)
ROUNDS = 9


def _cpu(work: Callable[[], object]) -> float:
    """Best CPU seconds of this thread; the best of several is the least disturbed by others on the machine."""
    times = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        work()
        times.append(time.thread_time() - began)
    return min(times)


def run() -> dict[str, float]:
    """Ratios to the decoding of the frame, median over all papers; ``corner_error_px`` is a mean in pixels."""
    ratios: dict[str, list[float]] = {"find_page": [], "judge": [], "find_and_judge": [], "stillness": [], "codes": []}
    errors = []
    for name in PAPERS:
        image, corners = render(document_scene(name), SIZE)
        jpeg = encode_jpeg(image, 88)
        decode = _cpu(lambda jpeg=jpeg: decode_picture(jpeg))  # type: ignore[misc]
        outline = find_page(image)
        assert outline is not None
        assert corners is not None
        errors.append(float(np.linalg.norm(outline.corners - corners, axis=1).mean()))
        watcher, small = StillnessWatcher(), reduced(image, 480)
        find = _cpu(lambda image=image: find_page(image))  # type: ignore[misc]
        see = _cpu(lambda image=image, outline=outline: judge(image, outline.corners))  # type: ignore[misc]
        ratios["find_page"].append(find / decode)
        ratios["judge"].append(see / decode)
        ratios["find_and_judge"].append((find + see) / decode)
        still = _cpu(lambda w=watcher, o=outline, s=small: w.update(o, s, 0.0))  # type: ignore[misc]
        ratios["stillness"].append(still / decode)
        ratios["codes"].append(_cpu(lambda image=image: read_codes(image)) / decode)  # type: ignore[misc]
    result = {f"{key}_per_decode": round(float(np.median(values)), 2) for key, values in ratios.items()}
    return {**result, "corner_error_px": round(float(np.mean(errors)), 2)}
