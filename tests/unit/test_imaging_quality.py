"""Verdicts fire on spoiled scenes, stay silent on good ones, and say where."""

from __future__ import annotations

import json

import numpy as np
import pytest

from drivers.simulated.papers import PAPERS
from drivers.simulated.scenes import PLACES, Scene, document_scene, render
from kiosk.imaging.outline import find_page
from kiosk.imaging.quality import Judgement, Severity, judge
from kiosk.words import FOLDER, words

SIZE = (1920, 1440)


def judged(scene: Scene) -> Judgement:
    image, _ = render(scene, SIZE)
    outline = find_page(image)
    return judge(image, outline.corners if outline else None)


def codes(judgement: Judgement) -> set[str]:
    return {verdict.code for verdict in judgement.verdicts}


@pytest.mark.parametrize("name", PAPERS)
@pytest.mark.parametrize(("mat", "noise"), [("grey", 1.0), ("wood", 4.0), ("green", 2.0)])
def test_good_pictures_get_no_verdict(name: str, mat: str, noise: float) -> None:
    judgement = judged(document_scene(name, mat=mat, noise=noise))
    assert judgement.good, judgement
    assert judgement.acceptable


@pytest.mark.parametrize("name", PAPERS)
@pytest.mark.parametrize("change", [{"blur": 3.0}, {"blur": 5.0}, {"motion": 20.0}])
def test_blur_is_told_and_not_acceptable(name: str, change: dict[str, float]) -> None:
    judgement = judged(document_scene(name, **change))
    assert "capture.blur" in codes(judgement)
    assert not judgement.acceptable


@pytest.mark.parametrize("blur", [0.7, 1.0])
def test_an_ordinary_lens_is_no_blur(blur: float) -> None:
    assert judged(document_scene("a4_form", blur=blur)).good


@pytest.mark.parametrize("name", PAPERS)
@pytest.mark.parametrize("place", PLACES)
def test_glare_is_told_with_its_corner(name: str, place: str) -> None:
    judgement = judged(document_scene(name, glare=place, angle=0.0))
    verdict = next(verdict for verdict in judgement.verdicts if verdict.code == "capture.glare")
    assert verdict.detail["place"] == place
    assert verdict.words_code == f"capture.glare.{place}"


@pytest.mark.parametrize(("light", "severity"), [(0.45, Severity.HINT), (0.2, Severity.POOR)])
def test_dark_is_told(light: float, severity: Severity) -> None:
    judgement = judged(document_scene("a4_form", light=light))
    assert [verdict.severity for verdict in judgement.verdicts if verdict.code == "capture.dark"] == [severity]


def test_cut_off_names_the_side() -> None:
    judgement = judged(document_scene("a4_form", cut_off=True))
    assert judgement.words_codes[0] == "capture.cut_off.right"
    assert not judgement.acceptable


def test_no_page_is_told() -> None:
    judgement = judged(document_scene("empty_mat"))
    assert codes(judgement) == {"capture.no_page"}
    assert not judgement.acceptable


def test_too_small_is_a_hint() -> None:
    image, corners = render(document_scene("id_card_front"), (960, 720))
    judgement = judge(image, corners)
    assert "capture.too_small" in codes(judgement)
    small = next(verdict for verdict in judgement.verdicts if verdict.code == "capture.too_small")
    assert small.severity is Severity.HINT


def test_worst_comes_first() -> None:
    judgement = judged(document_scene("a4_form", light=0.45, blur=4.0))
    severities = [verdict.severity for verdict in judgement.verdicts]
    assert len(severities) == 2
    assert severities == sorted(severities, reverse=True)


def test_white_paper_close_to_white_is_no_glare() -> None:
    image = np.full((900, 1200, 3), 60, np.uint8)
    image[100:800, 200:1000] = 250
    corners = np.array([[200, 100], [999, 100], [999, 799], [200, 799]], np.float32)
    assert "capture.glare" not in codes(judge(image, corners))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_verdict_has_words_that_say_what_to_change(language: str) -> None:
    table = json.loads((FOLDER / "capture.json").read_text(encoding="utf-8"))
    expected = {f"capture.{what}" for what in ("blur", "cut_off", "dark", "glare", "too_small", "no_page")}
    expected |= {f"capture.glare.{place}" for place in PLACES}
    expected |= {f"capture.cut_off.{side}" for side in ("left", "top", "right", "bottom")}
    assert expected <= table.keys()
    for code in expected:
        sentence = words(code, language)  # type: ignore[arg-type]
        assert sentence.say
        assert sentence.do
