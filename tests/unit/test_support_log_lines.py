"""What of the log may leave the station: nothing that is not known to be harmless."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.log import MaskingFormatter, set_up_log
from kiosk.support.log_lines import WITHHELD, fit_to_leave, vocabulary

HEAD = "2026-11-20 08:30:00,123 INFO kiosk.conductor.printing [engine] "


def leave(message: str, head: str = HEAD) -> str:
    return "\n".join(fit_to_leave([head + message + "\n"]))


@pytest.mark.parametrize(
    "message",
    [
        "screen capture",
        "id_card_reader: connecting id_card_reader.silent {'port': '/dev/serial/by-id/usb-1a86_USB_Serial-if00'}",
        "slip of case 0198c0de-0000-7000-8000-000000000001: printed receipt_printer.near_end",
        "receipt_printer: a job broke: ValueError",
        "delivery: centre.unreachable",
        "no room for the ballast: 512 bytes free",
    ],
)
def test_what_the_program_says_about_itself_stays(message: str) -> None:
    assert leave(message) == HEAD + message


@pytest.mark.parametrize(
    "personal",
    [
        "李样张",
        "张·示例",
        "ZHANGSAN",
        "Zhang",
        "000000190001010009",
        "00000019000101000X",
        "19000101",
        "13800000000",
        "021-00000000",
        "某省某市样例镇1弄2号",
        "https://s.sh.gov.cn/0123456789abcdef",
        "DOORSTEP-1",
        "zhang@example.org",
    ],
)
def test_a_persons_word_never_leaves(personal: str) -> None:
    for message in (personal, f"screen {personal}", f"screen '{personal}'", f"screen: {personal}.", f"name={personal}"):
        left = leave(message)
        assert personal not in left
        assert WITHHELD in left


@given(st.text(alphabet=st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF), min_size=1))
def test_no_chinese_character_of_a_message_leaves(text: str) -> None:
    assert not set(text) & set(leave(f"screen {text} capture"))


@given(st.text())
def test_any_line_gives_lines_or_nothing(line: str) -> None:
    for left in fit_to_leave([line, HEAD + line.replace("\n", " ").replace("\r", " ")]):
        assert isinstance(left, str)


def test_other_programs_and_other_forms_are_left_out() -> None:
    assert leave("something", HEAD.replace("kiosk.conductor.printing", "urllib3.connectionpool")) == ""
    assert list(fit_to_leave(["李样张 000000190001010009", "", "    name = '李样张'"])) == []


def test_a_trace_leaves_by_its_places_without_the_machine() -> None:
    lines = ['  File "/opt/somewhere/kiosk/visit/machine.py", line 12, in apply', "    name = '李样张'", "ValueError"]
    assert list(fit_to_leave(lines)) == ["  kiosk/visit/machine.py, line 12, in apply", "  ValueError"]


def test_every_message_of_the_program_is_known_to_the_vocabulary(tmp_path: Path) -> None:
    """The log as it is really written, with the values of an ordinary day, leaves readable."""
    set_up_log(tmp_path, console=False)
    logging.getLogger("kiosk.station").info("screen %s", "capture")
    logging.getLogger("drivers.driver").info("%s: %s %s %s", "webcam", "ready", "", {"width": 1280})
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, MaskingFormatter):
            handler.flush()
    left = list(fit_to_leave((tmp_path / "kiosk.log").read_text(encoding="utf-8").splitlines()))
    assert len(left) == 2
    assert WITHHELD not in "".join(left)
    assert {"screen", "thread", "webcam", "port"} <= vocabulary()
