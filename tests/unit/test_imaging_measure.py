"""What is measured by printed marks agrees with the truth of rendered scenes, and what cannot be measured says why."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.simulated.papers import Paper, printed_paper
from drivers.simulated.scenes import MAT_WIDTH_MM, Scene, document_scene, render, webcam_scene
from kiosk.imaging.codes import read_codes
from kiosk.imaging.measure import MM_PER_INCH, Measured, NotMeasured, measure, see_marks
from kiosk.opencv import cv2
from kiosk.receipts.draw import draw, preview
from kiosk.receipts.marks import CELLS, LINE_DOTS, MARKERS, draw_marks, marker_numbers, plan_marks
from kiosk.selftest.limits import LIMITS
from kiosk.selftest.seen import HAND_MENDS, look_at_mat, look_at_room
from kiosk.selftest.slip import CODE_START, is_self_test_code, make_slip, new_code, printed_marks

CODE = CODE_START + "7KQ2MXN4RA"
SIZE = (1920, 1440)
WIDTHS = {576: 80.0, 384: 58.0}
BLOCK_FROM_TOP = {576: 131.0, 384: 118.0}
"""Millimetres from the paper's upper edge to about the middle of the marks."""


@cache
def sheet(width: int = 576) -> Paper:
    dots = preview(draw(make_slip(CODE, station_name="示例村家门口服务站", device="TM-T20II"), width), width)
    return printed_paper(np.where(dots, 0, 255).astype(np.uint8), WIDTHS[width])


def view(width: int = 576, **changes: Any) -> Scene:
    return replace(document_scene("empty_mat"), sheet=sheet(width), **changes)


def measured(scene: Scene, width: int = 576, size: tuple[int, int] = SIZE) -> Measured:
    result = measure(render(scene, size)[0], printed_marks(CODE, width))
    assert isinstance(result, Measured), result
    return result


def dots_at_marks(scene: Scene, width: int, size: tuple[int, int]) -> float:
    """True dots per inch across the paper at the marks, from the scene's own geometry."""
    middle = sheet(width).height_mm / 2
    _, corners = render(replace(scene, noise=0.0), size)
    assert corners is not None
    # Two points a centimetre apart on the paper, carried over by the page's own corners.
    half = sheet(width).width_mm / 2
    flat = np.array([[-half, -middle], [half, -middle], [half, middle], [-half, middle]], np.float32)
    warp = cv2.getPerspectiveTransform(flat, corners)
    y = BLOCK_FROM_TOP[width] - middle
    left, right = cv2.perspectiveTransform(np.array([[[-5.0, y], [5.0, y]]]), warp)[0]
    return float(np.hypot(*(right - left))) / 10 * MM_PER_INCH


@pytest.mark.timeout(300)  # many large pictures: on a busy computer more than a minute
@pytest.mark.parametrize("width", WIDTHS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    angle=st.floats(-180, 180),
    tilt=st.floats(0.0, 0.08),
    shift=st.tuples(st.floats(-90, 90), st.floats(-25, 25)),
    blur=st.floats(0.0, 1.0),
    light=st.floats(0.5, 1.05),
    mat=st.sampled_from(["grey", "green", "black", "wood", "white", "marked"]),
)
def test_dots_per_inch_and_turn_are_true_however_the_slip_lies(
    width: int, angle: float, tilt: float, shift: tuple[float, float], blur: float, light: float, mat: str
) -> None:
    scene = view(width, angle=angle, tilt=tilt, shift=shift, blur=blur, light=light, mat=mat)
    result = measured(scene, width)
    truth = dots_at_marks(scene, width, SIZE)
    assert result.dots_per_inch == pytest.approx(truth, rel=0.02)
    assert result.dots_per_inch_along == pytest.approx(truth, rel=0.06)  # the arm's perspective shortens it
    apart = (result.turned - angle + 180) % 360 - 180
    assert abs(apart) < 4.0
    assert not result.mirrored
    assert result.misfit < 0.2


def test_the_size_of_the_picture_is_the_scale() -> None:
    coarse, fine = measured(view(), size=(1600, 1200)), measured(view(), size=(3264, 2448))
    assert fine.dots_per_inch / coarse.dots_per_inch == pytest.approx(3264 / 1600, rel=0.01)
    straight = measured(view(tilt=0.0))
    assert straight.dots_per_inch == pytest.approx(1920 / MAT_WIDTH_MM * MM_PER_INCH, rel=0.005)


def test_blur_shows_in_edges_and_lines() -> None:
    results = [measured(view(blur=blur)) for blur in (0.0, 0.7, 1.3, 2.0)]
    edges = [result.edge for result in results]
    assert edges == sorted(edges)
    # A Gaussian rises from 10 to 90 % over 2.56 sigma.
    sigma = 2.0 / 1920 * MAT_WIDTH_MM
    assert edges[-1] == pytest.approx(2.56 * sigma, rel=0.2)
    lines = [result.finest_line for result in results]
    assert lines == sorted(lines)
    assert lines[0] <= 0.375
    assert lines[-1] >= 0.75


def test_tilt_grows_with_the_arm() -> None:
    tilts = [measured(view(tilt=tilt)).tilt for tilt in (0.0, 0.05, 0.12, 0.3)]
    assert tilts == sorted(tilts)
    assert tilts[0] < 0.05
    assert tilts[1] < LIMITS.most_tilt < tilts[3]


def test_light_its_level_and_its_evenness() -> None:
    even, dim, shade = measured(view()), measured(view(light=0.3)), measured(view(half_shadow=0.5))
    assert even.evenness > 0.95
    assert dim.white == pytest.approx(0.3 * even.white, rel=0.05)
    assert shade.evenness == pytest.approx(0.5, abs=0.08)


def test_a_mirror_image_is_known() -> None:
    assert measured(view(mirrored=True)).mirrored


def test_what_is_not_there_is_not_measured() -> None:
    marks = printed_marks(CODE, 576)
    empty = render(document_scene("empty_mat"), SIZE)[0]
    assert measure(empty, marks) == NotMeasured("selftest.no_marks")
    assert see_marks(empty, list(marks.markers)) == 0
    other = printed_marks(CODE_START + "AAAAAAAAAA", 576)
    assert measure(render(view(), SIZE)[0], other) == NotMeasured("selftest.no_marks")
    form = render(document_scene("a4_form"), SIZE)[0]
    assert measure(form, marks) == NotMeasured("selftest.no_marks")


def test_marks_that_are_covered_or_outside_are_told() -> None:
    marks = printed_marks(CODE, 576)
    picture = render(view(angle=0.0, tilt=0.0), SIZE)[0].copy()
    per_mm = SIZE[0] / MAT_WIDTH_MM
    middle = round(SIZE[1] / 2 + (BLOCK_FROM_TOP[576] - sheet().height_mm / 2) * per_mm)
    covered = picture.copy()
    covered[middle : middle + 300, :] = 120
    assert measure(covered, marks) == NotMeasured("selftest.marks_hidden")
    one_hidden = picture.copy()
    one_hidden[middle : middle + 120, : SIZE[0] // 2 - round(20 * per_mm)] = 120
    assert isinstance(measure(one_hidden, marks), Measured)
    bent = picture.copy()
    bent[:, SIZE[0] // 2 :] = np.roll(bent[:, SIZE[0] // 2 :], 26, axis=0)
    assert measure(bent, marks) == NotMeasured("selftest.marks_bent")


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 2**32 - 1), st.booleans())
def test_no_picture_breaks_the_measuring(width: int, height: int, seed: int, colour: bool) -> None:
    shape = (height, width, 3) if colour else (height, width)
    picture = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
    result = measure(picture, printed_marks(CODE, 576))
    assert isinstance(result, NotMeasured)


@given(st.text(max_size=40), st.sampled_from(sorted(WIDTHS)))
def test_every_code_has_four_marks_of_its_own_inside_the_paper(code: str, width: int) -> None:
    plan = plan_marks(code, width)
    numbers = [number for number, _ in plan.markers]
    assert len(set(numbers)) == 4
    assert all(0 <= number < MARKERS for number in numbers)
    assert tuple(numbers) == marker_numbers(code)
    dots = draw_marks(plan)
    assert dots.shape == (plan.height, width)
    for box in plan.whites:
        assert not dots[box.top : box.top + box.height, box.left : box.left + box.width].any()
    boxes = [box for _, box in plan.markers] + [patch.box for patch in plan.lines] + [plan.square]
    for number, one in enumerate(boxes):
        assert one.left >= CELLS
        assert one.left + one.width <= width - CELLS
        for other in boxes[:number]:
            apart = (
                one.left + one.width <= other.left
                or other.left + other.width <= one.left
                or one.top + one.height <= other.top
                or other.top + other.height <= one.top
            )
            assert apart
    for patch in plan.lines:
        part = dots[patch.box.top : patch.box.top + patch.box.height, patch.box.left : patch.box.left + patch.box.width]
        assert part.mean() == pytest.approx(0.5, abs=0.01)
        assert patch.line in LINE_DOTS


def test_codes_are_new_each_time_and_know_themselves() -> None:
    codes = {new_code() for _ in range(50)}
    assert len(codes) == 50
    assert all(is_self_test_code(code.encode()) for code in codes)
    assert not is_self_test_code(b"https://s.sh.gov.cn/x")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_healthy_camera_passes_and_gives_its_numbers(width: int) -> None:
    look = look_at_mat(render(view(width), SIZE)[0], CODE, printed_marks(CODE, width), LIMITS)
    assert (look.code, look.seen) == ("", True)
    assert look.measured["dots_per_inch"] > LIMITS.least_dots_per_inch
    assert all(math.isfinite(value) for value in look.measured.values())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"light": 0.25}, "selftest.dark"),
        ({"blur": 2.0}, "selftest.out_of_focus"),
        ({"blur": 8.0}, "selftest.blurred"),
        ({"tilt": 0.3}, "selftest.tilted"),
        ({"mirrored": True}, "selftest.mirrored"),
        ({"half_shadow": 0.65}, "selftest.uneven_light"),
        ({"angle": 182.0}, "selftest.slip_turned"),
        ({"angle": 90.0}, "selftest.slip_turned"),
        ({"light": 0.02}, "camera.black"),
    ],
)
def test_a_camera_that_is_not_well_says_why(changes: dict[str, Any], code: str) -> None:
    look = look_at_mat(render(view(**changes), SIZE)[0], CODE, printed_marks(CODE, 576), LIMITS)
    assert look.code == code


def test_a_coarse_picture_is_told_with_its_dots() -> None:
    look = look_at_mat(render(view(), (1280, 960))[0], CODE, printed_marks(CODE, 576), LIMITS)
    assert look.code == "selftest.coarse"
    assert look.detail["dots"] == pytest.approx(74, abs=2)


def test_an_empty_mat_waits_for_the_hand() -> None:
    look = look_at_mat(render(document_scene("empty_mat"), SIZE)[0], CODE, printed_marks(CODE, 576), LIMITS)
    assert look.code in HAND_MENDS
    assert not look.seen


@pytest.mark.parametrize("width", WIDTHS)
def test_the_webcam_sees_a_slip_held_up(width: int) -> None:
    held = replace(webcam_scene("empty_room"), sheet=sheet(width))
    picture = render(held, (1280, 720))[0]
    assert look_at_room(picture, CODE, printed_marks(CODE, width)).seen
    assert [code.raw for code in read_codes(picture)] == [CODE.encode()]
    other = CODE_START + "AAAAAAAAAA"
    assert not look_at_room(picture, other, printed_marks(other, width)).seen
