"""The program is killed while it writes station.toml: what is there afterwards is always a whole file."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kiosk.settings import load_settings
from kiosk.settings_file import KEPT_COPIES, change_settings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "packaging" / "station.toml.example"
KILLS = 15
WRITER = """
import sys
from pathlib import Path
from kiosk.settings_file import change_settings

path = Path(sys.argv[1])
print("ready", flush=True)
number = 0
while True:
    number += 1
    paper = 58 + 22 * (number % 2)
    change_settings(path, {"devices": {"webcam": f"v4l2:/dev/video{number}"}, "printer": {"paper_mm": paper}})
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
@pytest.mark.timeout(180)
def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_bytes(EXAMPLE.read_bytes())
    chance = random.Random(3)
    seen = set()
    for _ in range(KILLS):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0.0, 0.15))
        writer.kill()
        writer.wait()
        writer.stdout.close()
        settings = load_settings(path)
        assert settings.station.name == "示例村家门口服务站"
        seen.add(settings.devices.webcam)
        for copy in tmp_path.glob("station.toml.2*"):
            load_settings(copy)
    assert len(seen) > 1, "nothing was ever written, so nothing was proved"
    change_settings(path, {"printer": {"status": False}})
    left = [one.name for one in tmp_path.iterdir()]
    assert len(left) <= 1 + KEPT_COPIES
    assert not [name for name in left if name.startswith(".")], "half written files are taken away"
