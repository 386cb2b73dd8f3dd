"""Straightening, turning, two sides on one page, light, JPEG, PDF, files."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.simulated.papers import paper
from drivers.simulated.scenes import document_scene, render
from kiosk.imaging.encode import encode_jpeg, thumbnail
from kiosk.imaging.enhance import even_light
from kiosk.imaging.outline import find_page
from kiosk.imaging.picture import ImagingError, decode_picture, grey, load_picture, reduced
from kiosk.imaging.rectify import A4_MM, CARD_MM, compose_two_sides, page_size, rectify, rotate
from kiosk.imaging.report import page_report
from kiosk.opencv import cv2

MM_PER_INCH = 25.4


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    size = (b.shape[1], b.shape[0])
    left = cv2.resize(grey(a), size, interpolation=cv2.INTER_AREA).astype(float).ravel()
    return float(np.corrcoef(left, grey(b).astype(float).ravel())[0, 1])


@pytest.mark.parametrize("name", ["a4_form", "id_card_front", "household_register"])
def test_what_lay_on_the_mat_comes_out_flat_and_upright(name: str) -> None:
    image, _ = render(document_scene(name, angle=6.0 if name != "a4_form" else 2.0), (1920, 1440))
    outline = find_page(image)
    assert outline is not None
    page = rectify(image, outline.corners)
    original = paper(name)
    height, width = page.shape[:2]
    assert width / height == pytest.approx(original.width_mm / original.height_mm, rel=0.03)
    small = cv2.resize(original.image, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    assert likeness(page, small) > 0.9


@settings(max_examples=40, deadline=None)
@given(
    corners=st.tuples(*[st.tuples(st.floats(-25, 25), st.floats(-25, 25)) for _ in range(4)]),
    width=st.integers(120, 500),
    height=st.integers(120, 500),
)
def test_never_more_pixels_than_the_camera_saw(
    corners: tuple[tuple[float, float], ...], width: int, height: int
) -> None:
    base = np.array([[60, 60], [60 + width, 60], [60 + width, 60 + height], [60, 60 + height]], np.float32)
    quad = (base + np.array(corners, np.float32)).astype(np.float32)
    sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    out_width, out_height = page_size(quad)
    assert out_width <= max(sides[0], sides[2]) + 1
    assert out_height <= max(sides[1], sides[3]) + 1


@pytest.mark.parametrize(
    ("width", "height", "ratio"),
    [(420, 600, 297 / 210), (610, 420, 297 / 210), (400, 250, CARD_MM[0] / CARD_MM[1]), (500, 260, 500 / 260)],
)
def test_known_proportions_are_given_exactly(width: int, height: int, ratio: float) -> None:
    quad = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    out = page_size(quad)
    assert max(out) / min(out) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize(
    "corners",
    [
        np.array([[0, 0], [100, 100], [100, 0], [0, 100]], np.float32) * 0.1,
        np.full((4, 2), 7, np.float32),
        np.array([[0, 0], [np.nan, 0], [9, 9], [0, 9]], np.float32),
        np.zeros((3, 2), np.float32),
        np.array([[0, 0], [200, 0], [60, 60], [0, 200]], np.float32),
    ],
)
def test_corners_without_a_page_are_refused(corners: np.ndarray) -> None:
    with pytest.raises(ImagingError) as caught:
        rectify(np.zeros((300, 300, 3), np.uint8), corners)
    assert caught.value.code == "imaging.bad_corners"


@given(turns=st.integers(-9, 9))
def test_turning_back_gives_the_same_picture(turns: int) -> None:
    image = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    assert np.array_equal(rotate(rotate(image, turns), -turns), image)
    assert np.array_equal(rotate(image, 1), np.rot90(image, -1))


@pytest.mark.parametrize("width", [374, 860, 2400])
def test_two_sides_lie_on_a4_at_true_size(width: int) -> None:
    height = round(width * CARD_MM[1] / CARD_MM[0])
    front = np.full((height, width, 3), (40, 40, 200), np.uint8)
    back = rotate(np.full((height, width, 3), (200, 40, 40), np.uint8), 1)
    page = compose_two_sides(front, back)
    per_mm = page.shape[0] / A4_MM[1]
    assert page.shape[1] / per_mm == pytest.approx(A4_MM[0], abs=0.2)
    assert 119 <= per_mm * MM_PER_INCH <= 301
    red = np.argwhere((page[:, :, 2] > 150) & (page[:, :, 0] < 100))
    blue = np.argwhere((page[:, :, 0] > 150) & (page[:, :, 2] < 100))
    for colour in (red, blue):
        tall, wide = (colour.max(axis=0) - colour.min(axis=0) + 1) / per_mm
        assert wide == pytest.approx(CARD_MM[0], abs=0.4)
        assert tall == pytest.approx(CARD_MM[1], abs=0.4)
    assert red[:, 0].max() < blue[:, 0].min(), "front above back"


def test_even_light_levels_the_paper_and_keeps_ink_and_colour() -> None:
    page = np.full((800, 600, 3), 230, np.uint8)
    page[100:700:40, 60:540] = 40  # ink
    page[300:360, 200:280] = (60, 60, 200)  # a stamp
    ramp = np.linspace(1.0, 0.7, 600)[None, :, None]
    uneven = (page * ramp).astype(np.uint8)
    even = even_light(uneven)
    paper_left, paper_right = int(even[90, 30].mean()), int(even[90, 570].mean())
    assert abs(paper_left - paper_right) < 12
    assert abs(int(uneven[90, 30].mean()) - int(uneven[90, 570].mean())) > 50
    assert even[100, 100].mean() < 60
    stamp = even[330, 240].astype(float)
    assert stamp[2] / max(stamp[0], 1) == pytest.approx(200 / 60, rel=0.1)


@pytest.mark.parametrize(("level", "lifted"), [(225, 245), (245, 245), (100, 160)])
def test_even_light_lifts_an_even_page_evenly_and_not_too_far(level: int, lifted: int) -> None:
    even = even_light(np.full((400, 300, 3), level, np.uint8)).astype(int)
    assert np.abs(even - lifted).max() <= 1


def test_no_mat_shows_around_a_straightened_page_nor_beside_a_cards_corners() -> None:
    image, corners = render(document_scene("id_card_front", mat="black", angle=4.0), (1920, 1440))
    assert corners is not None
    card = rectify(image, corners)
    middle = slice(card.shape[1] // 4, -card.shape[1] // 4)
    assert grey(card)[[0, -1], middle].min() > 120
    assert grey(card)[0, 0] < 90, "the corner is round: here the mat shows"
    page = grey(compose_two_sides(card, card))
    assert page.min(axis=1)[page.shape[0] // 10] == 255
    top = int(np.argwhere(page.min(axis=1) < 250)[0, 0])
    columns = np.argwhere(page[top + 20] < 250)
    assert page[top : top + 4, int(columns.min()) : int(columns.min()) + 4].min() > 200


def test_jpeg_keeps_the_size_limit() -> None:
    noisy = np.random.default_rng(1).integers(0, 256, (700, 700, 3), dtype=np.uint8)
    free = encode_jpeg(noisy)
    small = encode_jpeg(noisy, most_bytes=len(free) // 6)
    assert len(small) <= len(free) // 6
    assert decode_picture(small).shape[0] < 700
    with pytest.raises(ImagingError) as caught:
        encode_jpeg(noisy, most_bytes=50)
    assert caught.value.code == "imaging.too_large"


def test_thumbnail_is_small_and_never_larger_than_the_picture() -> None:
    assert max(decode_picture(thumbnail(np.zeros((900, 1200, 3), np.uint8))).shape[:2]) == 320
    assert decode_picture(thumbnail(np.zeros((50, 80, 3), np.uint8))).shape[:2] == (50, 80)
    assert reduced(np.zeros((10, 10), np.uint8), 100).shape == (10, 10)


def test_bad_files_have_clear_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "text.jpg").write_text("not a picture", encoding="utf-8")
    (tmp_path / "cut.jpg").write_bytes(encode_jpeg(np.zeros((300, 300, 3), np.uint8))[:25])
    (tmp_path / "empty.png").touch()
    for name, code in (
        ("text.jpg", "imaging.unreadable"),
        ("cut.jpg", "imaging.unreadable"),
        ("empty.png", "imaging.unreadable"),
        ("gone.png", "imaging.not_found"),
    ):
        with pytest.raises(ImagingError) as caught:
            load_picture(tmp_path / name)
        assert caught.value.code == code, name
        assert page_report(tmp_path / name)["error"] == code
    with pytest.raises(ImagingError) as caught:
        load_picture(tmp_path)
    assert caught.value.code == "imaging.unreadable"
    monkeypatch.setattr("kiosk.imaging.picture.LARGEST_FILE", 10)
    with pytest.raises(ImagingError) as caught:
        load_picture(tmp_path / "text.jpg")
    assert caught.value.code == "imaging.too_large"


def test_a_picture_bomb_is_refused_before_it_is_unpacked() -> None:
    stream = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(stream, "PNG")
    with pytest.raises(ImagingError) as caught:
        decode_picture(stream.getvalue())
    assert caught.value.code == "imaging.too_large"


def test_formats_that_opencv_refuses_are_read_too() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (1, 1), (10, 20, 30)).save(stream, "WEBP", lossless=True)
    assert decode_picture(stream.getvalue())[0, 0].tolist() == [30, 20, 10]


def test_page_report_is_ready_for_json(tmp_path: Path) -> None:
    import json

    image, corners = render(document_scene("a4_form", glare="top_left"), (1920, 1440))
    assert corners is not None
    (tmp_path / "page.jpg").write_bytes(encode_jpeg(image, 90))
    report = json.loads(json.dumps(page_report(tmp_path / "page.jpg")))
    assert (report["width"], report["height"]) == (1920, 1440)
    assert np.abs(np.array(report["outline"]["corners"]) - corners).max() < 1
    assert report["verdicts"][0]["code"] == "capture.glare"
    assert report["verdicts"][0]["detail"]["place"] == "top_left"
