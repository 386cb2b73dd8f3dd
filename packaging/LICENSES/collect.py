"""Collects the licence texts of the locked packages into this folder: run with the environment of station.txt.

``python packaging/LICENSES/collect.py`` writes one file per package and README.md, a table of what is shipped.
"""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distribution
from pathlib import Path

HERE = Path(__file__).parent
LOCK = HERE.parent / "requirements" / "station.txt"
QT = {"pyside6-essentials", "shiboken6"}
HEAD = """# Licences of what is shipped

Made by `collect.py` from the lock. Qt is used under LGPL-3.0: its libraries stay replaceable shared files in the
virtual environment. `packaging/install.sh` removes the GPL-only Qt modules that lie in the wheel; none is used.

"""
VENDORED = {
    "tabler-icons": ("`resources/icons`, without `illustrations` and `doorstep.svg`, which are ours", "MIT"),
    "jieba": ("word frequencies in `resources/pinyin/lexicon.sqlite`", "MIT"),
    "pypinyin": ("readings in `resources/pinyin/lexicon.sqlite` and `resources/catalogue/catalogue.json`", "MIT"),
}
"""Parts of others' work that lie in ``resources``: what, and under which licence; their texts are kept by hand."""
NOT_PIP = {
    "libzbar0 (Debian)": "LGPL-2.1-or-later",
    "libpcsclite1 (Debian)": "BSD-3-Clause",
    "fonts-noto-cjk (Debian)": "OFL-1.1",
    "fonts-hanazono (Debian)": "OFL-1.1",
}


def licence(package: Distribution) -> str:
    """The licence as the package's metadata states it, SPDX where given."""
    data = package.metadata
    classifiers = [c.rsplit("::", 1)[-1].strip() for c in data.get_all("Classifier") or [] if c.startswith("License")]
    stated = data.get("License-Expression") or data.get("License") or ""
    first = stated.strip().splitlines()[0] if stated.strip() else ""
    return first if 0 < len(first) < 80 else ", ".join(classifiers)


def main() -> None:
    """Write texts and table."""
    rows = []
    for name in re.findall(r"^([a-z0-9-]+)==", LOCK.read_text(), re.M):
        package = distribution(name)
        texts = [
            file
            for file in package.files or []
            if re.search(r"(licen[cs]e|copying|notice)", file.name, re.I) and ".dist-info" in str(file)
        ]
        body = "\n\n".join(f"--- {f.name}\n\n{Path(str(f.locate())).read_text(errors='replace')}" for f in texts)
        if body:
            (HERE / f"{name}.txt").write_text(body)
        where = "yes" if body else "qt-*.txt" if name in QT else "in its source"
        rows.append(f"| {name} | {package.version} | {licence(package)} | {where} |")
    for text in ("LGPL-3", "GPL-3"):  # the LGPL's third version is written as additions to the GPL
        (HERE / f"qt-{text}.0.txt").write_text(Path("/usr/share/common-licenses", text).read_text())
    rows += [f"| {name} | – | {text} | installed by Debian |" for name, text in NOT_PIP.items()]
    for name, (what, text) in VENDORED.items():
        if not (HERE / f"{name}.txt").is_file():
            raise SystemExit(f"{name}.txt is missing: a copy of {name}'s licence has to lie here")
        rows.append(f"| {name}: {what} | – | {text} | yes |")
    table = "\n".join(sorted(rows))
    (HERE / "README.md").write_text(HEAD + f"| package | version | licence | text here |\n|---|---|---|---|\n{table}\n")


if __name__ == "__main__":
    main()
