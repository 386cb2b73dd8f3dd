"""What the self-test says of a camera that did not see the slip: behind a hand the picture is not "fine"."""

from __future__ import annotations

import pytest
from cv2.typing import MatLike

from drivers.camera_sources import decode_jpeg
from drivers.simulated.camera import CameraFault, _paint_fault
from drivers.simulated.scenes import document_scene, render, webcam_scene
from kiosk.selftest.seen import COVERED_LOOKS, is_covered

SIZE = (640, 480)


def covered() -> list[MatLike]:
    jpegs = _paint_fault(CameraFault.COVERED, SIZE, document_scene("empty_mat"))
    pictures: list[MatLike] = [picture for jpeg in jpegs if (picture := decode_jpeg(jpeg)) is not None]
    return [pictures[number % len(pictures)] for number in range(COVERED_LOOKS)]


def scene(name: str, *, webcam: bool) -> list[MatLike]:
    wanted = webcam_scene(name) if webcam else document_scene(name)
    return [render(wanted, (SIZE[1], SIZE[0]), variant=number % 3)[0] for number in range(COVERED_LOOKS)]


@pytest.mark.parametrize("on_paper", [True, False])
def test_a_hand_before_the_lens_is_told(on_paper: bool) -> None:
    assert is_covered(covered(), may_be_paper=on_paper)


@pytest.mark.parametrize(
    ("name", "webcam"),
    [("empty_mat", False), ("a4_form", False), ("empty_room", True), ("face", True), ("phone", True)],
)
def test_a_camera_that_sees_its_scene_is_not_covered(name: str, webcam: bool) -> None:
    assert not is_covered(scene(name, webcam=webcam), may_be_paper=not webcam)


def test_too_few_pictures_prove_nothing() -> None:
    assert not is_covered(covered()[:2], may_be_paper=False)
