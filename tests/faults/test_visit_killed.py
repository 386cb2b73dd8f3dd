"""kill -9 in the middle of a visit: whatever the screen showed as taken is still there, and the visit opens again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from kiosk.visit import serialise
from tests.unit.conductor_bench import Bench

ROOT = Path(__file__).parent.parent.parent
CHILD = """
import asyncio, json, sys
from pathlib import Path
from tests.unit.conductor_bench import Bench, taken

async def main(folder):
    async with Bench(folder) as bench:
        await bench.to_capture()
        while True:
            bench.conductor.add_material("页")
            count = len(bench.visit.materials)
            await bench.until(lambda now: len(now.visit.materials) > count)
            await bench.shoot()
            shown = [page.page_id for material in bench.visit.materials for page in material.pages]
            print(json.dumps({"case": bench.visit.case_id, "pages": shown}), flush=True)

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.mark.parametrize("pages", [1, 3, 4])
async def test_what_was_shown_as_taken_survives_the_kill(tmp_path: Path, pages: int) -> None:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        for _ in range(pages):
            shown = json.loads(child.stdout.readline())
    finally:
        child.kill()
        child.wait()
        rest = child.stdout.read()
        child.stdout.close()
    for line in rest.splitlines():  # taken between the last line read and the kill
        shown = json.loads(line)
    async with Bench(tmp_path) as bench:
        visit = serialise.from_bytes(bench.outbox.load_draft(UUID(shown["case"])))
        kept = [page.page_id for page in visit.pages]
        assert kept[: len(shown["pages"])] == shown["pages"]
        for page in visit.pages:
            assert bench.outbox.page(UUID(visit.case_id), UUID(page.page_id)).startswith(b"\xff\xd8")
        await bench.sign_on()
        bench.conductor.resume_draft(visit.case_id)
        await bench.until(lambda now: now.visit and sum(len(one.pages) for one in now.visit.materials) == len(kept))
