"""Builds the English translation: ``python -m resources.i18n.build``.

``english.json`` holds every Chinese text of the screens with its English (two for a text with ``%n``: one, many);
``doorstep_en.ts`` is made from the QML files and it, ``doorstep_en.qm`` from that. ``--check`` writes nothing and
fails when a text has no English, an English text has no screen any more, or what is committed is not what would be
built.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

HERE = Path(__file__).parent
QML = HERE.parent / "qml"
ENGLISH = HERE / "english.json"
TS = HERE / "doorstep_en.ts"
QM = HERE / "doorstep_en.qm"


class Incomplete(Exception):
    """Texts without English, or English without a text; one a line."""


def build(ts: Path, qm: Path) -> None:
    """Write both files.

    Raises:
        Incomplete: see there.
    """
    english: dict[str, str | list[str]] = json.loads(ENGLISH.read_text(encoding="utf-8"))
    files = sorted(str(path) for path in QML.rglob("*.qml"))
    ts.unlink(missing_ok=True)
    run(
        "pyside6-lupdate",
        *files,
        "-ts",
        str(ts),
        "-locations",
        "none",
        "-no-obsolete",
        "-source-language",
        "zh_CN",
        "-target-language",
        "en_US",
    )
    tree = ElementTree.parse(ts)  # noqa: S314 (lupdate wrote it a moment ago)
    used = set()
    for message in tree.iter("message"):
        source = message.findtext("source") or ""
        used.add(source)
        translation = message.find("translation")
        assert translation is not None
        text = english.get(source)
        if isinstance(text, list):  # one of, many of
            for form, words in zip(translation.iter("numerusform"), text, strict=True):
                form.text = words
        else:
            translation.text = text
        if text:
            translation.attrib.pop("type", None)
    problems = [f"no English for: {text}" for text in sorted(used - {text for text in english if english[text]})]
    problems += [f"no screen says: {text}" for text in sorted(english.keys() - used)]
    if problems:
        raise Incomplete("\n".join(problems))
    tree.write(ts, encoding="utf-8", xml_declaration=True)
    run("pyside6-lrelease", "-silent", str(ts), "-qm", str(qm))


def run(program: str, *arguments: str) -> None:
    """One of PySide6's tools, of this environment."""
    path = Path(sys.executable).parent / program
    done = subprocess.run([str(path), *arguments], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{program} failed: {done.stderr or done.stdout}")


def check() -> None:
    """Build elsewhere and compare.

    Raises:
        Incomplete: also when the committed files are out of date.
    """
    with tempfile.TemporaryDirectory() as folder:
        ts, qm = Path(folder, TS.name), Path(folder, QM.name)
        build(ts, qm)
        pairs = ((TS, ts), (QM, qm))
        stale = [old.name for old, new in pairs if not old.exists() or old.read_bytes() != new.read_bytes()]
    if stale:
        raise Incomplete(f"out of date, run python -m resources.i18n.build: {', '.join(stale)}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    try:
        check() if parser.parse_args().check else build(TS, QM)
    except Incomplete as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
