"""``kiosk demo --auto``: a program of its own plays a whole visit by input events and leaves what it says."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from kiosk.centre.case_number import is_case_number
from tests.e2e.whole_station import case_on

pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parent.parent.parent
STEPS = [
    "sign_on",
    "home",
    "identify",
    "choose_item",
    "guide",
    "capture",
    "capture_review",
    "capture_second_side",
    "capture_done",
    "fields",
    "review",
    "signature",
    "submit",
    "waiting",
    "accepted",
    "receipt",
    "rating",
    "farewell",
    "home_again",
]
NOBODY = ("张示例", "000000190001010017", "13800000000", "示范村")


def play(out: Path, *options: str, platform: str = "offscreen") -> tuple[dict[str, Any], str]:
    """The summary and the log."""
    environment = {**os.environ, "QT_QPA_PLATFORM": platform}
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "demo", "--auto", "--out", str(out), *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads((out / "summary.json").read_text(encoding="utf-8")), done.stderr


def check_what_is_there(out: Path, summary: dict[str, Any], size: tuple[int, int]) -> None:
    assert set(summary) == {"case_number", "pages", "printed", "steps"}
    assert is_case_number(summary["case_number"])
    assert summary["printed"] is True
    assert [step["name"] for step in summary["steps"]] == STEPS
    assert all(isinstance(step["seconds"], float) and step["seconds"] >= 0 for step in summary["steps"])

    shots = sorted(out.glob("??-*.png"))
    assert [shot.name for shot in shots] == [f"{number:02d}-{name}.png" for number, name in enumerate(STEPS, 1)]
    for shot in shots:
        picture = cv2.imread(str(shot))
        assert picture is not None
        assert (picture.shape[1], picture.shape[0]) == size
        assert float(picture.std()) > 5.0, f"{shot.name} is blank"

    assert len(summary["pages"]) == 2  # both sides of the card on one page; the signature
    for page in summary["pages"]:
        assert set(page) == {"name", "sha256_station", "sha256_centre"}
        data = (out / page["name"]).read_bytes()
        assert data[:2] == b"\xff\xd8" or data[:4] == b"\x89PNG"
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None
        assert min(decoded.shape[:2]) > 100
        assert page["sha256_station"] == page["sha256_centre"] == hashlib.sha256(data).hexdigest()

    with Image.open(out / "receipt.png") as receipt:
        assert receipt.width == 576
        assert receipt.height > receipt.width
        assert case_on(receipt) is not None
        ink = 1 - np.asarray(receipt.convert("L")).mean() / 255
    assert 0.02 < ink < 0.5


def test_a_visit_played_without_a_screen(tmp_path: Path) -> None:
    summary, log = play(tmp_path / "out")
    check_what_is_there(tmp_path / "out", summary, (1920, 1080))
    assert re.search(r"(WARNING|ERROR|CRITICAL) qt ", log) is None
    assert "ERROR" not in log
    for word in NOBODY:
        assert word not in log


@pytest.mark.slow
def test_a_visit_played_in_english_large_on_a_small_screen(tmp_path: Path) -> None:
    """On the X server where there is one."""
    options = ("--language", "en", "--large-print", "--size", "1366x768")
    summary, log = play(tmp_path / "out", *options, platform="xcb" if os.environ.get("DISPLAY") else "offscreen")
    check_what_is_there(tmp_path / "out", summary, (1366, 768))
    assert re.search(r"(WARNING|ERROR|CRITICAL) qt ", log) is None


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="no X server")
def test_a_visit_played_on_an_x_server(tmp_path: Path) -> None:
    summary, _ = play(tmp_path / "out", "--high-contrast", platform="xcb")
    check_what_is_there(tmp_path / "out", summary, (1920, 1080))


def test_a_wrong_size_and_a_missing_folder_are_refused_in_a_sentence(tmp_path: Path) -> None:
    for options, words in ((["--auto"], "--out"), (["--size", "big"], "--size big"), (["--size", "-3x9"], "--size")):
        done = subprocess.run(
            [sys.executable, "-m", "kiosk", "demo", *options], cwd=ROOT, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 2
        assert words in done.stderr
        assert "Traceback" not in done.stderr
