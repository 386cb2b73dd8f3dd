"""What is tried, what is best, and what is remembered of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.camera_health import View
from drivers.camera_memory import MOST_CAMERAS, CameraMemory
from drivers.camera_modes import (
    DOCUMENT_RULE,
    WEBCAM_RULE,
    MeasuredMode,
    Measuring,
    Mode,
    ModeRule,
    best,
    candidates,
)
from drivers.v4l2 import ListedMode

LISTED = (
    ListedMode(640, 480, "YUYV", 30.0),
    ListedMode(3264, 2448, "YUYV", 1.0),
    ListedMode(640, 480, "MJPG", 30.0),
    ListedMode(1280, 720, "MJPG", 30.0),
    ListedMode(1920, 1080, "MJPG", 30.0),
    ListedMode(3264, 2448, "MJPG", 10.0),
    ListedMode(4208, 3120, "MJPG", 5.0),
    ListedMode(8000, 6000, "MJPG", 5.0),
)


def measured(width: int, height: int, fps: float, fourcc: str = "MJPG") -> MeasuredMode:
    return MeasuredMode(Mode(width, height, fourcc, 10.0), width, height, fourcc, fps)


def sizes(modes: tuple[Mode, ...]) -> list[tuple[int, int]]:
    return [(mode.width, mode.height) for mode in modes]


def test_a_document_camera_is_tried_from_its_largest_compressed_size_down() -> None:
    found = candidates(LISTED, DOCUMENT_RULE)
    assert sizes(found) == [(4208, 3120), (3264, 2448), (1920, 1080), (1280, 720), (640, 480)]
    assert {mode.fourcc for mode in found} == {"MJPG"}
    assert found[0].fps == 5.0, "no more is asked for than the camera claims"


def test_a_webcam_is_tried_around_its_usual_size() -> None:
    assert sizes(candidates(LISTED, WEBCAM_RULE))[:2] == [(1280, 720), (1920, 1080)]


def test_a_camera_that_lists_nothing_is_tried_at_usual_sizes() -> None:
    found = candidates((), DOCUMENT_RULE)
    assert len(found) == DOCUMENT_RULE.tries
    assert sizes(found)[0] == (4208, 3120)


def test_a_camera_without_compression_is_tried_with_what_it_has() -> None:
    assert sizes(candidates(LISTED[:2], DOCUMENT_RULE)) == [(640, 480)]
    assert sizes(candidates(LISTED[1:2], DOCUMENT_RULE)) == [(3264, 2448)], "slow is better than nothing"


def test_a_mode_at_which_the_camera_hung_is_not_tried_again() -> None:
    assert (4208, 3120) not in sizes(candidates(LISTED, DOCUMENT_RULE, [Mode(4208, 3120, "MJPG", 5.0)]))


def test_best_is_the_largest_that_is_quick_enough() -> None:
    found = [measured(4208, 3120, 2.0), measured(3264, 2448, 5.2), measured(1920, 1080, 30.0)]
    assert best(found, DOCUMENT_RULE) == found[1]
    assert best(found, WEBCAM_RULE) == found[2]
    raw = measured(2592, 1944, 15.0, "YUYV")
    assert best([raw, found[2]], DOCUMENT_RULE) == found[2], "compressed before large"
    assert best([found[0], measured(640, 480, 4.0)], DOCUMENT_RULE) == measured(640, 480, 4.0)
    assert best([measured(0, 0, 0.0)], DOCUMENT_RULE) is None
    assert best([], DOCUMENT_RULE) is None


def drive(measuring: Measuring, cameras: dict[tuple[int, int], tuple[int, int, float]]) -> float:
    """Play a camera that gives, for each wish, some size at some rate; gives the time it took."""
    now = 0.0
    while not measuring.over(now):
        assert now < 200, "a round of measuring has an end"
        if measuring.to_open:
            now += 0.5
            real = cameras.get((measuring.wish.width, measuring.wish.height))
            if real is None:
                measuring.failed(now)
            else:
                measuring.opened(now)
            continue
        assert real is not None
        now += 1 / real[2] if real[2] else 0.5
        if real[2]:
            measuring.picture(real[0], real[1], "MJPG", now)
        else:
            measuring.turn(now)
    return now


def test_measuring_tells_real_sizes_and_rates_and_stops_at_the_first_that_will_do() -> None:
    wishes = tuple(Mode(*size, "MJPG", 10.0) for size in ((4208, 3120), (3264, 2448), (2592, 1944), (1920, 1080)))
    measuring = Measuring(wishes, DOCUMENT_RULE)
    took = drive(
        measuring,
        {
            (4208, 3120): (4208, 3120, 2.0),  # true, but slow
            (3264, 2448): (1280, 960, 30.0),  # says yes and does as it likes
            (2592, 1944): (2592, 1944, 10.0),
        },
    )
    found = [(mode.width, mode.height, round(mode.fps)) for mode in measuring.measured]
    assert found == [(4208, 3120, 2), (1280, 960, 30), (2592, 1944, 10)]
    chosen = best(measuring.measured, DOCUMENT_RULE)
    assert chosen is not None
    assert (chosen.width, chosen.height) == (2592, 1944)
    assert took < 10


def test_a_wish_that_does_not_open_or_gives_no_picture_is_passed_over() -> None:
    wishes = tuple(Mode(*size, "MJPG", 10.0) for size in ((4208, 3120), (3264, 2448), (1920, 1080)))
    measuring = Measuring(wishes, DOCUMENT_RULE)
    drive(measuring, {(3264, 2448): (0, 0, 0.0), (1920, 1080): (1920, 1080, 15.0)})
    assert [mode.pixels > 0 for mode in measuring.measured] == [False, False, True]


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 40)), min_size=6, max_size=6))
def test_measuring_always_ends_in_time(reals: list[tuple[int, float]]) -> None:
    wishes = candidates((), DOCUMENT_RULE)
    cameras = {
        (wish.width, wish.height): (640 * kind, 480 * kind, rate if kind and rate > 0.2 else 0.0)
        for wish, (kind, rate) in zip(wishes, reals, strict=True)
    }
    assert drive(Measuring(wishes, DOCUMENT_RULE), cameras) <= 40


def test_an_old_picture_of_the_last_size_is_not_counted() -> None:
    measuring = Measuring((Mode(1920, 1080, "MJPG", 10.0),), ModeRule(least_fps=5.0))
    measuring.opened(0.0)
    measuring.picture(640, 480, "MJPG", 0.01)
    for number in range(12):
        measuring.picture(1920, 1080, "MJPG", 1.0 + number / 10) if not measuring.over(1.0) else None
    assert measuring.measured[0].width == 1920
    assert 9 < measuring.measured[0].fps < 11


# -- memory ------------------------------------------------------------------------------------------------------------

VIEW = View(((10, 128, 128),) * 48)


def test_what_is_known_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "cameras.json"
    memory = CameraMemory(path)
    assert memory.mode("a") is None
    assert memory.view("a") is None
    memory.keep_mode("a", Mode(1920, 1080, "MJPG", 10.0))
    memory.keep_view("a", VIEW)
    memory.begin_try("b", Mode(4208, 3120, "MJPG", 5.0))
    memory.begin_try("b", Mode(1920, 1080, "MJPG", 5.0))
    memory.end_try("b", Mode(1920, 1080, "MJPG", 5.0))
    again = CameraMemory(path)
    assert again.mode("a") == Mode(1920, 1080, "MJPG", 10.0)
    assert again.view("a") == VIEW
    assert again.hung("b") == (Mode(4208, 3120, "MJPG", 5.0),)
    assert [file.name for file in path.parent.iterdir()] == ["cameras.json"], "nothing half-written is left"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"version": 2, "cameras": {}}', '{"version": 1}', '{"version": 1, "cameras": 5}',
     '{"version": 1, "cameras": {"a": 5}}', "[" * 100_000, "\x00\xff"],
)  # fmt: skip
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cameras.json"
    path.write_text(text, encoding="utf-8")
    memory = CameraMemory(path)
    assert memory.mode("a") is None
    memory.keep_mode("a", Mode(640, 480, "MJPG", 10.0))
    assert CameraMemory(path).mode("a") == Mode(640, 480, "MJPG", 10.0)


JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5), lambda inner: (
    st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(["mode", "tried", "view", "x"]), inner, max_size=4)
), max_leaves=12)  # fmt: skip


@given(JSON, JSON, JSON)
def test_nonsense_in_the_file_is_never_believed(mode: object, tried: object, view: object) -> None:
    memory = CameraMemory(Path("/nonexistent/cameras.json"))
    memory._cameras = {"a": {"mode": mode, "tried": tried, "view": view}}
    found = memory.mode("a")
    assert found is None or found.width > 0
    assert all(mode.width > 0 for mode in memory.hung("a"))
    memory.view("a")


def test_a_full_or_missing_disk_is_no_reason_to_forget(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    memory = CameraMemory(blocked / "cameras.json")
    memory.keep_mode("a", Mode(640, 480, "MJPG", 10.0))
    assert memory.mode("a") == Mode(640, 480, "MJPG", 10.0)


def test_the_file_does_not_grow_without_end(tmp_path: Path) -> None:
    path = tmp_path / "cameras.json"
    memory = CameraMemory(path)
    for number in range(MOST_CAMERAS + 3):
        memory.keep_mode(f"camera {number}", Mode(640, 480, "MJPG", 10.0))
    assert len(json.loads(path.read_text())["cameras"]) == MOST_CAMERAS
    assert memory.mode("camera 0") is None
    assert memory.mode(f"camera {MOST_CAMERAS + 2}") is not None
