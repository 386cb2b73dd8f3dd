"""Starts a benchmark's processes and prepares the station's folder they work in."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from drivers.simulated.bench import Bench
from kiosk.demo import ASSISTANT, demo_settings, with_simulated
from kiosk.places import STAFF_FILE
from kiosk.staff.book import Role, StaffBook
from kiosk.staff.errors import WeakPin

ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 1200.0


def run_process(arguments: Sequence[str], env: Mapping[str, str] | None = None) -> list[dict[str, float]]:
    """Run ``python ARGUMENTS`` without a screen to its end; gives the JSON lines it printed.

    Raises:
        RuntimeError: it failed; with the end of what it complained about.
    """
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **(env or {})},
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{arguments} ended with {done.returncode}: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


@contextmanager
def station_folder(bench: Bench) -> Iterator[tuple[Path, str]]:
    """A new station at the bench's devices, with an assistant and no centre: its settings as JSON, and the PIN."""
    with TemporaryDirectory(prefix="doorstep-benchmark-") as name:
        folder = Path(name)
        settings = with_simulated(demo_settings(folder), bench)
        # Nothing listens at port 9 (discard): the centre is away, which no first screen may wait for.
        centre = settings.centre.model_copy(update={"url": "http://127.0.0.1:9", "token_file": None})
        path = folder / "settings.json"
        path.write_text(settings.model_copy(update={"centre": centre}).model_dump_json(), encoding="utf-8")
        settings.station.data.mkdir(mode=0o700)
        yield path, _add_assistant(settings.station.data)


def _add_assistant(data: Path) -> str:
    while True:
        pin = f"{secrets.randbelow(10**6):06d}"
        try:
            StaffBook(data / STAFF_FILE).add(ASSISTANT, "帮办示例", Role.ASSISTANT, pin)
        except WeakPin:
            continue
        return pin
