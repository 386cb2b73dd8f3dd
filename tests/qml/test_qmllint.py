"""qmllint over every QML file, with the types of the Python view models: a misspelt property fails here.

The types are written as pyside6-project does it: pyside6-metaobjectdump per module, qmltyperegistrar over all.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QML = ROOT / "resources" / "qml"
TOOLS = Path(sys.executable).parent
MODULE = "Doorstep.ViewModels"


def tool(name: str, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(TOOLS / name), *arguments], capture_output=True, text=True, cwd=ROOT, **options)


def constants(source: Path) -> set[str]:
    """Names of properties declared ``constant=True``."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        calls = [(node.name, call) for call in node.decorator_list] if isinstance(node, ast.FunctionDef) else []
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            calls = [(node.targets[0].id, node.value)]
        for name, call in calls:
            if isinstance(call, ast.Call) and any(keyword.arg == "constant" for keyword in call.keywords):
                found.add(name)
    return found


def complete(dump: Path, constant: set[str]) -> None:
    """What the dump leaves out: that a class with a base of another module is an object, and what is constant."""
    modules = json.loads(dump.read_text())
    for entry in modules:
        for described in entry["classes"]:
            described["object"] = True
            for base in described.get("superClasses", []):
                if base["name"] in ("ViewModel", "QAbstractListModel", "RowModel"):
                    base["name"] = "QObject"
            for named in described.get("properties", []):
                named["constant"] = named["name"] in constant
                named["type"] = {"list": "QVariantList", "QObject": "QObject*"}.get(named["type"], named["type"])
    dump.write_text(json.dumps(modules))


@pytest.fixture(scope="module")
def imports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An import path with Doorstep.ViewModels as qmldir and qmltypes."""
    folder = tmp_path_factory.mktemp("imports")
    module = folder / "Doorstep" / "ViewModels"
    module.mkdir(parents=True)
    dumps = []
    for source in sorted((ROOT / "kiosk" / "ui").rglob("*.py")):
        if "@QmlElement" not in source.read_text(encoding="utf-8"):
            continue
        dump = folder / (source.relative_to(ROOT).with_suffix(".json").as_posix().replace("/", "_"))
        done = tool("pyside6-metaobjectdump", "--quiet", "-o", str(dump), str(source))
        assert done.returncode == 0, done.stderr
        complete(dump, constants(source))
        dumps.append(str(dump))
    types = module / "types.qmltypes"
    done = tool(
        "pyside6-qmltyperegistrar",
        "--generate-qmltypes",
        str(types),
        "-o",
        str(folder / "registrations.cpp"),
        "--import-name",
        MODULE,
        "--major-version",
        "1",
        "--minor-version",
        "0",
        *dumps,
    )
    assert done.returncode == 0, done.stderr
    (module / "qmldir").write_text(f"module {MODULE}\ntypeinfo types.qmltypes\ndepends QtQuick\n")
    return folder


def lint(imports: Path, *files: Path) -> tuple[int, str]:
    done = tool(
        "pyside6-qmllint",
        "--ignore-settings",
        "--max-warnings",
        "0",
        # Roles of models come by name; a delegate's unqualified access is refused instead.
        "-I",
        str(imports),
        "-I",
        str(QML),
        *map(str, files),
    )
    return done.returncode, done.stdout + done.stderr


def test_every_file_is_clean(imports: Path) -> None:
    code, said = lint(imports, *sorted(QML.rglob("*.qml")))
    assert code == 0, said


def test_a_misspelt_property_of_a_view_model_is_found(imports: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "Wrong.qml"
    wrong.write_text(
        "import QtQuick\nimport Doorstep.ViewModels\n"
        "Text {\n    id: line\n    required property HomeViewModel viewModel\n    text: viewModel.stationNaem\n}\n"
    )
    code, said = lint(imports, wrong)
    assert code != 0
    assert "stationNaem" in said


def test_every_control_is_in_the_qmldir() -> None:
    listed = {line.split()[-1] for line in (QML / "Doorstep" / "qmldir").read_text().splitlines()[1:] if line}
    assert listed == {path.name for path in (QML / "Doorstep").glob("*.qml")}
