"""What looking at one 1920×1440 frame costs, against decoding that frame's JPEG with OpenCV, both in CPU time.

And what the whole CAPTURE screen costs at 1920×1080 with the camera running, against a process that only decodes the
same stream; the camera itself runs elsewhere.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from cv2.typing import MatLike

from drivers.camera_watch import CameraWatch, WatchRules
from drivers.simulated.bench import Bench
from drivers.simulated.papers import PAPERS
from drivers.simulated.scenes import document_scene, render
from kiosk.imaging.codes import read_codes
from kiosk.imaging.encode import encode_jpeg
from kiosk.imaging.outline import find_page
from kiosk.imaging.picture import decode_picture, reduced
from kiosk.imaging.quality import judge
from kiosk.imaging.stillness import StillnessWatcher
from kiosk.ui.images import PREVIEW_FPS
from tests.benchmarks.processes import run_process, station_folder

SIZE = (1920, 1440)
ROUNDS = 9
CAMERA_FPS = 15.0
TARGET_MB = 600
"""DESIGN.md section 8."""


def _cpu(work: Callable[[], object]) -> float:
    """Best CPU seconds of this thread; the best of several is the least disturbed by others on the machine."""
    times = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        work()
        times.append(time.thread_time() - began)
    return min(times)


def run() -> dict[str, Any]:
    """Ratios to the decoding of one frame, and to a process that decodes the stream."""
    return {**_looks(), **_screen()}


def _looks() -> dict[str, float]:
    """Median over all papers; ``corner_error_px`` is a mean in pixels."""
    ratios: dict[str, list[float]] = {"find_page": [], "judge": [], "find_and_judge": [], "stillness": [], "codes": []}
    ratios |= {"camera_watch": [], "camera_watch_idle": []}
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
        for key, asleep in (("camera_watch", False), ("camera_watch_idle", True)):
            ratios[key].append(_watch(image, asleep=asleep) / decode)
        ratios["codes"].append(_cpu(lambda image=image: read_codes(image)) / decode)  # type: ignore[misc]
    result = {f"{key}_per_decode": round(float(np.median(values)), 2) for key, values in ratios.items()}
    return {**result, "corner_error_px": round(float(np.mean(errors)), 2)}


def _watch(image: MatLike, *, asleep: bool) -> float:
    """CPU seconds of health and settling for one picture of a camera that gives ten a second, or one while idle."""
    watch = CameraWatch(WatchRules(compares_views=True))
    watch.opened("camera")
    watch.learn(image)

    def ten_pictures() -> None:
        for _ in range(10):
            watch.picture(image, next(clock) if asleep else next(clock) / 10, asleep=asleep)

    clock = itertools.count()
    return _cpu(ten_pictures) / 10


def _screen() -> dict[str, Any]:
    """CAPTURE as it is shown, with a page under the camera that is found and not taken."""
    bench = Bench()
    bench.start()
    try:
        bench.document_camera.fps = CAMERA_FPS
        bench.document_camera.show(document_scene("a4_form"), wait=60.0)
        with station_folder(bench) as (settings, pin):
            program = ["-m", "tests.benchmarks.station_process"]
            (bare,) = run_process([*program, "decode", str(settings)])
            (whole,) = run_process([*program, "preview", str(settings), pin])
    finally:
        bench.stop()
    shown = whole["shown"] / whole["seconds"]
    return {
        "CPU of CAPTURE, times only decoding, per frame received": round(
            whole["cpu"] / whole["came"] / (bare["cpu"] / bare["came"]), 2
        ),
        "CPU of CAPTURE, of one core": round(whole["cpu"] / whole["seconds"], 2),
        "CPU of only decoding, of one core": round(bare["cpu"] / bare["seconds"], 2),
        f"frames shown a second, of the {PREVIEW_FPS:g} wanted": round(shown / PREVIEW_FPS, 2),
        f"frames received a second, of the {CAMERA_FPS:g} sent": round(
            whole["came"] / whole["seconds"] / CAMERA_FPS, 2
        ),
        "resident memory of the station at CAPTURE, of the 600 MB allowed": round(whole["mb"] / TARGET_MB, 2),
    }
