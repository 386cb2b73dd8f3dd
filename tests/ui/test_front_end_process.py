"""The front end as a process of its own: it shows its first screen, and a signal ends it with exit code 0."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from kiosk.settings import StationSection
from kiosk.ui.app import run_front_end
from kiosk.ui.bridge import Bridge
from tests.ui.samples import SIGN_ON
from tests.ui.stand import Recorder

class End:
    commands = Recorder()
    def search(self, text): return []
    def picture(self, path): return None
    def latest_frame(self, kind): return None

def ready(front_end):
    front_end.shell.screenChanged.connect(lambda: print(front_end.shell.screenName, flush=True))
    print("ready", flush=True)

bridge = Bridge()
bridge.publish(SIGN_ON)
settings = StationSection(id="station-1", name="x", centre_name="y")
sys.exit(run_front_end(End(), bridge, settings, size=(1366, 768), on_ready=ready))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(number: signal.Signals) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(2)]
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert said == ["ready\n", "sign_on\n"], err
    assert process.returncode == 0, err
    assert "TypeError" not in err
    assert "Traceback" not in err


UPDATED = """
import shutil, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
import kiosk.ui.app as front
from tests.ui.stand import Stand

copy = Path(sys.argv[1]) / "english.qm"
shutil.copy(front.TRANSLATION, copy)
front.TRANSLATION = copy
application = QGuiApplication([])
stand = Stand(language="en")
english = QCoreApplication.translate("VisitScreen", "下一步")
assert english != "下一步"
with copy.open("r+b") as file:
    file.truncate(0)
    file.write(b"anew")
assert QCoreApplication.translate("VisitScreen", "下一步") == english
stand.close()
"""


def test_an_update_that_writes_the_translation_anew_does_not_end_a_running_station(tmp_path: Path) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", UPDATED, str(tmp_path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
