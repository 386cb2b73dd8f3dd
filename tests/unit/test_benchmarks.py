"""Every benchmark the README names can be run by the command it gives, and no other is hidden."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
NAMES = sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_is_run_without_arguments(name: str) -> None:
    run = importlib.import_module(f"tests.benchmarks.bench_{name}").run
    signature = inspect.signature(run)
    assert not signature.parameters
    assert re.fullmatch(r"dict\[str, \w+\]", str(signature.return_annotation))


def test_readme_and_results_name_every_benchmark() -> None:
    table = re.findall(r"^\| `(\w+)` \|", (FOLDER / "README.md").read_text(encoding="utf-8"), re.M)
    results = re.findall(r"^## `(\w+)`", (FOLDER / "RESULTS.md").read_text(encoding="utf-8"), re.M)
    assert sorted(table) == NAMES
    assert sorted(results) == NAMES


def test_an_unknown_name_is_refused_with_those_that_exist() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "nothing"],
        cwd=FOLDER.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert all(name in done.stderr for name in NAMES)
