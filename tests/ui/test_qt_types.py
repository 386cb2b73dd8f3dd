"""PySide's types are made before a second thread can ask for one (``kiosk/ui/__init__.py``)."""

from __future__ import annotations

import subprocess
import sys

RACE = """
import random, sys, threading
import kiosk.ui.app
from PySide6 import QtCore, QtGui, QtQml, QtQuick
modules = (QtCore, QtGui, QtQml, QtQuick)
late = [name for module in modules for name in module.__dir__() if name not in vars(module)]
assert not late, late
assert "QQuickPaintedItem" in vars(QtQuick)
sys.setswitchinterval(1e-6)
names = [(module, name) for module in modules for name in module.__dir__()]
together = threading.Barrier(4)
def ask(seed):
    mixed = random.Random(seed).sample(names, len(names))
    together.wait()
    for module, name in mixed:
        getattr(module, name, None)
threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def test_threads_may_ask_for_any_type_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", RACE], capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
