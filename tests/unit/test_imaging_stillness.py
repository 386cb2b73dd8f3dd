"""The shutter: only for a page that lies still and was not taken yet."""

from __future__ import annotations

from functools import lru_cache

import pytest

from drivers.simulated.scenes import Scene, document_scene, render
from kiosk.imaging.outline import PageOutline, find_page
from kiosk.imaging.picture import Picture
from kiosk.imaging.stillness import StillnessWatcher

SIZE = (960, 720)
STEP = 0.1


@lru_cache(maxsize=64)
def seen(scene: Scene, variant: int = 0, progress: float = 1.0) -> tuple[PageOutline | None, Picture]:
    image, _ = render(scene, SIZE, variant=variant, progress=progress)
    return find_page(image), image


class Bench:
    def __init__(self) -> None:
        self.watcher = StillnessWatcher()
        self.now = 100.0
        self.pictures = 0

    def look(self, scene: Scene, times: int = 1, progress: float = 1.0) -> float:
        fraction = -1.0
        for _ in range(times):
            self.pictures += 1
            self.now += STEP
            fraction = self.watcher.update(*seen(scene, self.pictures % 3, progress), self.now)
        return fraction

    def until_still(self, scene: Scene, most: int = 12) -> int:
        for count in range(1, most + 1):
            if self.look(scene) >= 1.0:
                return count
        return 0


A4 = document_scene("a4_form")
CARD = document_scene("id_card_front")
BACK = document_scene("id_card_back")
EMPTY = document_scene("empty_mat")


def test_a_page_at_rest_fills_up_and_is_taken_after_the_time_set() -> None:
    bench = Bench()
    fractions = [bench.look(A4) for _ in range(8)]
    assert fractions[0] == 0.0
    assert fractions == sorted(fractions)
    assert 0.3 < fractions[4] < 1.0
    assert fractions[7] == 1.0


def test_an_empty_mat_never_fires() -> None:
    assert Bench().until_still(EMPTY) == 0


def test_a_sliding_page_does_not_fire_until_it_rests() -> None:
    bench = Bench()
    for step in range(10):
        moving = document_scene("id_card_front", shift=(-60.0 + 8 * step, 0.0))
        assert bench.look(moving) < 0.5
    assert bench.until_still(document_scene("id_card_front", shift=(20.0, 0.0)))


def test_a_slow_slide_is_no_rest() -> None:
    bench = Bench()
    for step in range(30):
        slow = document_scene("id_card_front", shift=(-20.0 + 1.2 * step, 0.0))
        assert bench.look(slow) < 1.0


def test_a_hand_starts_the_time_again() -> None:
    bench = Bench()
    assert bench.look(A4, 5) > 0.5
    bench.look(document_scene("a4_form", hand=True))
    assert bench.look(A4) == 0.0


def test_the_same_page_is_not_taken_twice_even_when_it_is_moved() -> None:
    bench = Bench()
    assert bench.until_still(A4)
    bench.watcher.captured()
    assert bench.until_still(A4, 15) == 0
    assert bench.until_still(document_scene("a4_form", shift=(25.0, 1.0), angle=1.0), 15) == 0


@pytest.mark.parametrize("following", [BACK, A4, document_scene("household_register")])
def test_another_page_is_taken_at_once(following: Scene) -> None:
    bench = Bench()
    assert bench.until_still(CARD)
    bench.watcher.captured()
    assert bench.until_still(following)


def test_the_same_page_may_be_taken_again_after_it_was_away() -> None:
    bench = Bench()
    assert bench.until_still(CARD)
    bench.watcher.captured()
    bench.look(EMPTY, 2)
    assert bench.until_still(CARD, 15) == 0, "away for a moment only: a hand"
    bench.look(EMPTY, 8)
    assert bench.until_still(CARD)


def test_reset_forgets_what_was_taken() -> None:
    bench = Bench()
    assert bench.until_still(CARD)
    bench.watcher.captured()
    bench.watcher.reset()
    assert bench.until_still(CARD)
