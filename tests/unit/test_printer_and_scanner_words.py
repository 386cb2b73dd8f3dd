"""Every code of printer and scanner has words, in both languages, and no words stand for nothing."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from drivers.printer_status import PrinterCondition
from kiosk.words import FOLDER, words

DRIVERS = Path(__file__).parents[2] / "drivers"
SOURCES = {
    "receipt_printer": ("receipt_printer.py", "printer_job.py", "printer_status.py", "transport/printer_line.py"),
    "code_scanner": ("code_scanner.py", "keyboard_wedge.py", "input_device.py"),
}


def emitted(area: str) -> set[str]:
    texts = [(DRIVERS / name).read_text(encoding="utf-8") for name in SOURCES[area]]
    codes = {code for text in texts for code in re.findall(rf'"({area}\.[a-z_]+)"', text)}
    if area == "receipt_printer":
        codes |= {PrinterCondition(**{one.name: True}).code for one in fields(PrinterCondition)}
    return codes


@pytest.mark.parametrize("area", sorted(SOURCES))
def test_codes_and_words_are_the_same(area: str) -> None:
    known = json.loads((FOLDER / f"{area}.json").read_text(encoding="utf-8"))
    assert set(known) == emitted(area)
    for code, texts in known.items():
        for language in ("zh", "en"):
            assert texts[language]["say"], code
            sentence = str(words(code, language, {"port": "p", "dots": 1, "width": 2, "profile": "q"}))
            assert "…" not in sentence, code
