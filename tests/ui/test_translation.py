"""Every sentence of the screens has a finished English one, and what is committed is what would be built."""

from __future__ import annotations

import importlib
import json
import re

import pytest

build = importlib.import_module("resources.i18n.build")
HAN = re.compile(r"[\u4e00-\u9fff]")


def test_nothing_is_missing_left_over_or_out_of_date() -> None:
    build.check()


def test_english_is_english() -> None:
    english = json.loads(build.ENGLISH.read_text(encoding="utf-8"))
    examples = re.compile("中文|敬老卡")  # a resident types these, whatever the language of the screen
    forms = [
        (source, form) for source, text in english.items() for form in (text if isinstance(text, list) else [text])
    ]
    assert forms
    assert not [form for _, form in forms if HAN.search(examples.sub("", form))]


def test_places_for_values_are_the_same() -> None:
    english = json.loads(build.ENGLISH.read_text(encoding="utf-8"))
    for source, text in english.items():
        for form in text if isinstance(text, list) else [text]:
            assert set(re.findall(r"%\d|%n", source)) >= set(re.findall(r"%\d|%n", form)), source
            assert set(re.findall(r"%\d", source)) == set(re.findall(r"%\d", form)), source


def test_a_text_without_english_is_refused(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    import pathlib

    folder = pathlib.Path(str(tmp_path))
    empty = folder / "english.json"
    empty.write_text("{}", encoding="utf-8")
    monkeypatch.setattr(build, "ENGLISH", empty)
    with pytest.raises(build.Incomplete, match="no English for"):
        build.build(folder / "a.ts", folder / "a.qm")
