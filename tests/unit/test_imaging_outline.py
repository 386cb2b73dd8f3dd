"""Page finding on painted scenes with known corners."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.simulated.papers import PAPERS
from drivers.simulated.scenes import document_scene, render
from kiosk.imaging.outline import PageOutline, clockwise_from_top_left, find_page, mean_corner_error, touched_sides
from kiosk.imaging.picture import Picture

SIZE = (1280, 960)
DARKER_MATS = ("grey", "green", "black", "wood", "marked")


def found(image: Picture) -> PageOutline:
    outline = find_page(image)
    assert outline is not None
    return outline


@pytest.mark.parametrize("mat", DARKER_MATS)
@pytest.mark.parametrize("name", PAPERS)
def test_every_paper_is_found_on_every_darker_mat_to_half_a_pixel(name: str, mat: str) -> None:
    image, corners = render(document_scene(name, mat=mat), SIZE)
    assert corners is not None
    outline = found(image)
    assert mean_corner_error(outline.corners, corners) < 0.5
    assert outline.confidence > 0.9
    assert outline.cut_off == ()
    assert outline.size == SIZE
    assert outline.corners.dtype == np.float32


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(PAPERS),
    mat=st.sampled_from(DARKER_MATS),
    angle=st.floats(-2.5, 2.5),
    right=st.floats(-30, 30),
    down=st.floats(-4, 4),
    tilt=st.floats(0, 0.06),
    noise=st.floats(0, 4),
    blur=st.floats(0, 2),
)
def test_corners_are_recovered_over_placement_noise_and_blur(
    name: str, mat: str, angle: float, right: float, down: float, tilt: float, noise: float, blur: float
) -> None:
    scene = document_scene(name, mat=mat, angle=angle, shift=(right, down), tilt=tilt, noise=noise, blur=blur)
    image, corners = render(scene, SIZE)
    assert corners is not None
    assert mean_corner_error(found(image).corners, corners) < 1.0


@pytest.mark.parametrize("angle", [-40.0, -20.0, 10.0, 35.0])
def test_a_card_may_lie_turned(angle: float) -> None:
    image, corners = render(document_scene("id_card_front", angle=angle), SIZE)
    assert corners is not None
    assert mean_corner_error(found(image).corners, corners) < 0.7


@pytest.mark.parametrize("change", [{"light": 0.25}, {"blur": 4.0}, {"glare": "top_left"}, {"noise": 6.0}])
def test_bad_pictures_still_have_an_outline(change: dict[str, float | str]) -> None:
    image, corners = render(document_scene("a4_form", **change), SIZE)
    assert corners is not None
    assert mean_corner_error(found(image).corners, corners) < 2.0


@pytest.mark.parametrize("mat", [*DARKER_MATS, "white"])
@pytest.mark.parametrize("hand", [False, True])
def test_no_page_is_invented(mat: str, hand: bool) -> None:
    assert find_page(render(document_scene("empty_mat", mat=mat, hand=hand), SIZE)[0]) is None


@pytest.mark.parametrize("image", [np.zeros((480, 640, 3), np.uint8), np.full((20, 20, 3), 200, np.uint8)])
def test_black_and_tiny_pictures_have_no_page(image: Picture) -> None:
    assert find_page(image) is None


def test_noise_alone_has_no_page() -> None:
    noise = np.random.default_rng(4).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    assert find_page(noise) is None


@pytest.mark.parametrize(("shift", "side"), [((120.0, 0.0), "right"), ((-120.0, 0.0), "left"), ((0.0, 60.0), "bottom")])
def test_a_page_that_runs_out_of_the_picture_says_where(shift: tuple[float, float], side: str) -> None:
    image, _ = render(document_scene("a4_form", shift=shift, angle=0.0), SIZE)
    assert side in found(image).cut_off


def test_page_on_a_white_mat_is_found_but_less_exactly() -> None:
    image, corners = render(document_scene("a4_form", mat="white"), SIZE)
    assert corners is not None
    assert mean_corner_error(found(image).corners, corners) < 20


@given(
    order=st.permutations(range(4)),
    angle=st.floats(-40, 40),
    stretch=st.floats(0.7, 1.5),
)
def test_corner_order_does_not_depend_on_the_order_given(order: list[int], angle: float, stretch: float) -> None:
    turn = np.deg2rad(angle)
    square = np.array([[-stretch, -1], [stretch, -1], [stretch, 1], [-stretch, 1]])
    true = square @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) * 100 + 300
    assert np.allclose(clockwise_from_top_left(true[order].astype(np.float32)), true, atol=1e-3)


def test_fractions_are_of_width_and_height() -> None:
    corners = np.array([[64, 96], [1216, 96], [1216, 864], [64, 864]], np.float32)
    outline = PageOutline(corners, 1.0, (), SIZE)
    assert np.allclose(outline.fractions(), [(0.05, 0.1), (0.95, 0.1), (0.95, 0.9), (0.05, 0.9)])
    assert touched_sides(corners, SIZE) == ()
    assert touched_sides(corners - np.array([70, 0], np.float32), SIZE) == ("left",)
