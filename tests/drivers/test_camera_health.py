"""Judging pictures: what is wrong is noticed in time, and nothing that is right is ever called wrong."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pytest
from cv2.typing import MatLike
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.camera_health import (
    HealthJudge,
    HealthRules,
    Settling,
    SettlingRules,
    Trouble,
    View,
    Way,
    look_copy,
    view_of,
    way_of_marks,
)
from drivers.camera_sources import decode_jpeg
from drivers.camera_watch import CameraWatch, WatchRules
from drivers.simulated.camera import VARIANTS, CameraFault, _compress, _paint_fault
from drivers.simulated.scenes import DOCUMENT_SCENES, MATS, WEBCAM_SCENES, Scene, document_scene, render, webcam_scene

SIZE = (960, 720)
LONG = 70.0
"""Seconds after which every trouble would have been said."""
AWAKE_LONG = 15.0
"""The same while somebody works, when views are not compared."""
DOCUMENT = WatchRules(compares_views=True)
WEBCAM = WatchRules(health=HealthRules(paper=False))


def as_sent(image: MatLike) -> MatLike:
    """Through the camera's JPEG, as the driver gets it."""
    decoded = decode_jpeg(_compress(image))
    assert decoded is not None
    return decoded


@lru_cache(maxsize=64)
def variants(scene: Scene, size: tuple[int, int] = SIZE) -> list[MatLike]:
    return [as_sent(render(scene, size, variant=number)[0]) for number in range(VARIANTS)]


def faulty(fault: CameraFault, scene: Scene | None = None) -> list[MatLike]:
    pictures = [decode_jpeg(data) for data in _paint_fault(fault, SIZE, scene or document_scene("empty_mat"))]
    assert all(picture is not None for picture in pictures)
    return [picture for picture in pictures if picture is not None]


class Watched:
    """A watch with a clock of its own."""

    def __init__(self, rules: WatchRules = DOCUMENT) -> None:
        self.watch = CameraWatch(rules)
        self.watch.opened("camera")
        self.now = 0.0
        self.said: list[Trouble | None] = []

    def show(self, pictures: Sequence[MatLike], seconds: float, *, asleep: bool = False) -> Trouble | None:
        step = 1.0 if asleep else 0.5
        for number in range(round(seconds / step)):
            self.now += step
            picture = pictures[number % len(pictures)]
            self.watch.packet(picture[:8].tobytes(), self.now)
            self.said.append(self.watch.picture(picture, self.now, asleep=asleep))
        return self.watch.trouble


EMPTY = document_scene("empty_mat")


@pytest.mark.parametrize("mat", sorted(MATS))
@pytest.mark.parametrize("asleep", [False, True])
def test_no_scene_on_any_mat_is_ever_in_trouble(mat: str, asleep: bool) -> None:
    watched = Watched()
    watched.watch.learn(variants(document_scene("empty_mat", mat=mat))[0])
    for name in ("empty_mat", "a4_form", "medical_record") if asleep else DOCUMENT_SCENES:
        watched.show(variants(document_scene(name, mat=mat)), LONG if asleep else AWAKE_LONG, asleep=asleep)
    assert set(watched.said) == {None}


@pytest.mark.parametrize("name", WEBCAM_SCENES)
def test_no_webcam_scene_is_ever_in_trouble(name: str) -> None:
    watched = Watched(WEBCAM)
    watched.show(variants(webcam_scene(name, code="DEMO"), (1280, 720)), AWAKE_LONG)
    assert set(watched.said) == {None}


@pytest.mark.parametrize(
    "changes", [{"blur": 6.0}, {"light": 0.25}, {"light": 0.3, "mat": "black"}, {"hand": True}, {"glare": "top_left"}]
)
def test_bad_light_bad_focus_and_hands_are_no_trouble_of_the_camera(changes: dict[str, object]) -> None:
    watched = Watched()
    watched.watch.learn(variants(EMPTY)[0])
    for name in ("empty_mat", "a4_form"):
        watched.show(variants(document_scene(name, **changes)), AWAKE_LONG)  # type: ignore[arg-type]
    assert set(watched.said) == {None}


@pytest.mark.parametrize("asleep", [False, True])
@pytest.mark.parametrize(
    ("fault", "code"), [(CameraFault.BLACK, Trouble.BLACK), (CameraFault.COVERED, Trouble.COVERED)]
)
def test_black_and_covered_are_said_after_seconds_and_end_by_themselves(
    fault: CameraFault, code: Trouble, asleep: bool
) -> None:
    watched = Watched()
    assert watched.show(variants(EMPTY), 10, asleep=asleep) is None
    assert watched.show(faulty(fault), 2, asleep=asleep) is None, "a hand before the lens for two seconds"
    assert watched.show(variants(EMPTY), 5, asleep=asleep) is None
    assert watched.show(faulty(fault), 12, asleep=asleep) is code
    assert watched.show(variants(EMPTY), 4, asleep=asleep) is None


def test_a_picture_that_comes_twice_does_not_show_its_noise_as_something_seen() -> None:
    """A camera that fills up its rate in the dark sends pictures twice; looks may fall on equal ones."""
    watched = Watched()
    assert watched.show(variants(EMPTY), 10) is None
    assert watched.show([picture for picture in faulty(CameraFault.COVERED) for _ in range(4)], 12) is Trouble.COVERED


def test_a_covered_webcam_is_noticed_even_in_bright_light() -> None:
    pictures = [
        as_sent(np.clip(picture.astype(np.int16) + 150, 0, 255).astype(np.uint8))
        for picture in faulty(CameraFault.COVERED)
    ]
    assert Watched(WEBCAM).show(pictures, 20) is Trouble.COVERED
    assert Watched().show(pictures, 20) is None, "under a document camera it may be blank paper"


def test_frozen_is_a_picture_without_any_change_of_noise() -> None:
    watched = Watched()
    pictures = variants(document_scene("a4_form"))
    assert watched.show(pictures, 20) is None
    assert watched.show(pictures[:1], 8) is None
    assert watched.show(pictures[:1], 4) is Trouble.FROZEN
    assert watched.show(pictures, 4) is None


def test_frozen_is_noticed_without_the_cameras_own_jpeg_too() -> None:
    watch = CameraWatch()
    watch.opened("camera")
    pictures = variants(document_scene("a4_form"))
    for step in range(60):
        assert watch.picture(pictures[step % 3], step / 2, asleep=False) is None
    for step in range(60, 90):
        watch.picture(pictures[0], step / 2, asleep=False)
    assert watch.trouble is Trouble.FROZEN


def test_a_frozen_black_picture_is_black() -> None:
    assert Watched().show([np.zeros((960, 1280, 3), np.uint8)], 60) is Trouble.BLACK


def test_a_fully_white_picture_has_no_noise_and_is_not_frozen() -> None:
    assert Watched().show([np.full((960, 1280, 3), 255, np.uint8)], 60) is None


def test_a_folder_of_pictures_is_exempt() -> None:
    watch = CameraWatch(DOCUMENT)
    watch.opened("folder", exempt=True)
    for step in range(100):
        assert watch.picture(np.zeros((480, 640, 3), np.uint8), float(step), asleep=False) is None
    assert watch.settled(0.0, 0.1)


def test_a_camera_turned_away_is_said_only_after_long_idleness_and_ends_at_once() -> None:
    watched = Watched()
    watched.watch.learn(variants(EMPTY)[0])
    away = faulty(CameraFault.WRONG_WAY)
    assert watched.show(away, 100, asleep=False) is None, "somebody works: what lies there is theirs"
    assert watched.show(away, 50, asleep=True) is None
    assert watched.show(away, 20, asleep=True) is Trouble.WRONG_WAY
    assert watched.show(away, 20, asleep=False) is Trouble.WRONG_WAY
    assert watched.show(variants(document_scene("a4_form")), 4, asleep=False) is None


def test_the_first_view_that_rests_while_nobody_works_is_the_one_of_the_set_up() -> None:
    watched = Watched()
    watched.show(variants(EMPTY), 20, asleep=True)
    assert watched.watch.view is None
    watched.show(variants(EMPTY), 60, asleep=False)
    assert watched.watch.view is None, "not while somebody works"
    watched.show(variants(EMPTY), 40, asleep=True)
    assert watched.watch.view is not None
    assert watched.show(faulty(CameraFault.WRONG_WAY), 70, asleep=True) is Trouble.WRONG_WAY


def test_the_lights_going_out_is_not_another_view() -> None:
    watched = Watched()
    watched.watch.learn(variants(EMPTY)[0])
    assert watched.show(variants(document_scene("empty_mat", light=0.3)), LONG, asleep=True) is None
    assert watched.show(variants(document_scene("empty_mat", light=1.3)), LONG, asleep=True) is None


def test_a_view_holds_nothing_that_shows_a_person() -> None:
    view = view_of(render(document_scene("id_card_front"), SIZE)[0])
    assert len(view.cells) == 48
    with pytest.raises(ValueError, match="8 × 6"):
        View(view.cells[:-1])
    with pytest.raises(ValueError, match="levels"):
        View((*view.cells[:-1], (0, 0, 256)))


def test_the_judge_reads_only_a_small_part_of_a_large_picture() -> None:
    picture = np.random.default_rng(1).integers(0, 255, (2448, 3264, 3), np.uint8)
    small = look_copy(picture)
    assert small.shape == (120, 160)
    assert abs(float(small.mean()) - float(picture.mean())) < 3


@given(
    st.lists(st.sampled_from(["live", "black", "covered", "frozen"]), min_size=1, max_size=6),
)
@settings(max_examples=20, deadline=None)
def test_whatever_came_before_a_well_camera_is_well_again_soon(order: list[str]) -> None:
    noise = [np.random.default_rng(seed).normal(0, 2, (120, 160)).astype(np.float32) for seed in range(5)]
    scene = np.kron(np.random.default_rng(9).integers(40, 220, (12, 16)), np.ones((10, 10))).astype(np.float32)
    judge, now, last = HealthJudge(), 0.0, ""
    for kind in [*order, "live"]:
        for step in range(30 if kind != "live" else 8):
            now += 0.5
            if kind == "live":
                picture = scene + noise[step % 5]
            elif kind == "black":
                picture = np.zeros((120, 160), np.float32) + abs(noise[step % 5]) / 4
            elif kind == "covered":
                picture = np.full((120, 160), 30, np.float32) + noise[step % 5] / 8
            else:
                picture = scene
            judge.same_picture(now, kind == "frozen" and last == "frozen" and step > 0)
            judge.look(picture, now)
            last = kind
        wanted = {"black": Trouble.BLACK, "covered": Trouble.COVERED, "frozen": Trouble.FROZEN, "live": None}[kind]
        assert judge.trouble is wanted


# -- marks -------------------------------------------------------------------------------------------------------------

SQUARE = [(100.0, 100.0), (200.0, 100.0), (200.0, 200.0), (100.0, 200.0)]


@pytest.mark.parametrize("quarter", range(4))
def test_turned_marks_are_told(quarter: int) -> None:
    assert way_of_marks(SQUARE[-quarter:] + SQUARE[:-quarter] if quarter else SQUARE) == Way((4 - quarter) % 4, False)


def test_mirrored_marks_are_told_however_they_lie() -> None:
    mirrored = [(300 - x, y) for x, y in SQUARE]
    assert way_of_marks(mirrored) == Way(0, True)
    assert not way_of_marks(mirrored).right
    upside_down = [(x, 300 - y) for x, y in SQUARE]
    assert way_of_marks(upside_down).mirrored


@pytest.mark.parametrize("corners", [SQUARE[:3], [(1.0, 1.0)] * 4])
def test_what_is_no_mark_is_refused(corners: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="corners"):
        way_of_marks(corners)


# -- settling ----------------------------------------------------------------------------------------------------------


def settle(pictures: Sequence[MatLike], since: float = 0.0, rate: float = 10.0) -> float:
    """Seconds after ``since`` at which the camera counts as settled."""
    settling = Settling()
    for number in range(100):
        now = since + number / rate
        settling.look(pictures[number % len(pictures)], now)
        if settling.settled(since, now):
            return now - since
    raise AssertionError("never settled")


@pytest.mark.parametrize("name", ["empty_mat", "a4_form", "id_card_front"])
@pytest.mark.parametrize("rate", [5.0, 10.0, 30.0])
def test_a_healthy_camera_settles_while_the_page_must_lie_still_anyway(name: str, rate: float) -> None:
    assert settle(variants(document_scene(name)), rate=rate) <= 0.45


def test_hunting_focus_and_exposure_are_not_settled_until_patience_ends() -> None:
    hunting = faulty(CameraFault.HUNTING, document_scene("a4_form"))
    assert settle(hunting) >= SettlingRules().patience


def test_a_drifting_exposure_is_waited_for() -> None:
    page = variants(document_scene("a4_form"))[0]
    drifting = [np.clip(page * (0.6 + 0.05 * step), 0, 255).astype(np.uint8) for step in range(9)]
    settling, settled_at = Settling(), None
    for number in range(20):
        settling.look(drifting[min(number, 8)], number / 10)
        if settled_at is None and settling.settled(0.0, number / 10):
            settled_at = number
    assert settled_at is not None
    assert settled_at >= 10, "three pictures after the drift has ended"


def test_what_was_seen_before_the_page_lay_still_does_not_count() -> None:
    settling = Settling()
    picture = variants(EMPTY)[0]
    for number in range(10):
        settling.look(picture, number / 10)
    assert settling.settled(0.0, 0.9)
    assert not settling.settled(0.9, 0.95)
    settling.forget()
    assert not settling.settled(0.0, 0.9)
