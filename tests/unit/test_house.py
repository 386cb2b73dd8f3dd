"""The house's own rules, checked on the files git would ship."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TOP_LEVEL = {"README.md", "pyproject.toml", "kiosk", "drivers", "resources", "tests", "packaging"}
LOCKS = [ROOT / "packaging/requirements" / name for name in ("station.txt", "test.txt")]


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    if shutil.which("git") is None:
        pytest.skip("git is not installed, so what it would ship is not known")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).exists()]


def test_the_top_level_holds_what_the_design_card_names(tracked: list[str]) -> None:
    tops = {name.split("/")[0] for name in tracked}
    assert {top for top in tops if not top.startswith(".")} <= TOP_LEVEL


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_pins_every_package_with_hashes_and_names_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert not re.search(r"^-", text, re.M), "an option of pip, such as an address to look in"
    packages = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^#.*\n", "", text, flags=re.M).strip())
    assert len(packages) > 40
    for package in packages:
        assert re.match(r"[a-z0-9-]+==[^ ]+", package), package[:80]
        assert "--hash=sha256:" in package, package[:80]


def test_the_locks_hold_every_package_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    def name(requirement: str) -> str:
        return re.split(r"[<>=\[; ]", requirement)[0].lower().replace("_", "-")

    station = {name(line) for line in project["dependencies"] + project["optional-dependencies"]["centre"]}
    test = station | {name(line) for line in project["optional-dependencies"]["test"]}
    for lock, wanted in zip(LOCKS, (station, test), strict=True):
        locked = set(re.findall(r"^([a-z0-9-]+)==", lock.read_text(), re.M))
        assert wanted <= locked


def test_qt_stays_below_the_release_that_aborts_on_python_3_11() -> None:
    for lock in LOCKS:
        version = re.search(r"^pyside6-essentials==(\d+)\.(\d+)", lock.read_text(), re.M)
        assert version is not None
        assert (int(version[1]), int(version[2])) < (6, 12)


def test_no_gpl_only_qt_module_is_named(tracked: list[str]) -> None:
    forbidden = re.compile(
        r"import Qt(Quick\.VirtualKeyboard|Charts|Graphs|Quick3D|DataVisualization)|QtVirtualKeyboard"
    )
    for path in tracked:
        if path.endswith((".qml", ".py")) and not path.endswith("test_house.py"):
            assert not forbidden.search((ROOT / path).read_text(encoding="utf-8")), path


def test_every_link_of_a_document_leads_to_a_file(tracked: list[str]) -> None:
    for path in tracked:
        if path.endswith(".md") and not path.startswith("packaging/LICENSES/"):
            for link in re.findall(r"\]\(([^)#:]+)\)", (ROOT / path).read_text(encoding="utf-8")):
                assert (ROOT / path).parent.joinpath(link).exists(), f"{path}: {link}"


def test_nobody_in_a_fixture_could_be_somebody(tracked: list[str]) -> None:
    number = re.compile(
        r"(?<![0-9A-Za-z.])([1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx])(?![\dA-Za-z])"
    )
    specimens = {
        "11010519491231002X",
        "110105194912310021",
        "911124198108030024",
    }  # printed by the standard and the ministry
    for path in tracked:
        if path.endswith((".py", ".json", ".toml", ".md", ".qml", ".js", ".html", ".txt")):
            text = (ROOT / path).read_text(encoding="utf-8")
            assert not set(number.findall(text)) - specimens, path
