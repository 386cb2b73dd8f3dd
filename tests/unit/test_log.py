from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.log import MaskingFormatter, set_up_log


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    hooks = sys.excepthook, threading.excepthook
    yield root
    sys.excepthook, threading.excepthook = hooks
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.captureWarnings(False)


def test_nothing_personal_reaches_the_file_whichever_way_it_comes(tmp_path: Path, root: logging.Logger) -> None:
    set_up_log(tmp_path / "log", console=False)
    log = logging.getLogger("kiosk.test")
    number, telephone, code = "000000190001010017", "13800000000", "https://s.sh.gov.cn/" + "a" * 32
    log.info("message %s", number)
    log.info("电话%s，码 %s", telephone, code)
    log.info("map %s", {"id": "00000019000101004X"})
    try:
        raise ValueError(f"could not read {number}")
    except ValueError:
        log.exception("failed")
    for handler in root.handlers:
        handler.flush()
    text = (tmp_path / "log" / "kiosk.log").read_text(encoding="utf-8")
    for secret in (number, telephone, code, "00000019000101004X"):
        assert secret not in text
    assert text.count("[masked]") == 4
    assert "ValueError" in text
    assert (tmp_path / "log" / "kiosk.log").stat().st_mode & 0o077 == 0


def test_an_exception_is_logged_by_kind_and_place_only(
    tmp_path: Path, root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_log(tmp_path)

    names = ["张" + "示例", "李" + "样张"]

    def fail() -> None:
        try:
            int(names[0])
        except ValueError as error:
            raise RuntimeError(names[1]) from error

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    try:
        fail()
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)
        logging.getLogger("kiosk.test").exception("failed")
    text = (tmp_path / "kiosk.log").read_text(encoding="utf-8") + capsys.readouterr().err
    assert text.count("in fail") >= 6  # three ways, each in the file and on the console
    assert "ValueError" in text
    assert "RuntimeError" in text
    assert not [name for name in names if name in text]
    assert "invalid literal" not in text


def test_setting_up_twice_writes_each_line_once(tmp_path: Path, root: logging.Logger) -> None:
    for _ in range(2):
        set_up_log(tmp_path, console=True)
    ours = [handler for handler in root.handlers if isinstance(handler.formatter, MaskingFormatter)]
    assert len(ours) == 2
    logging.getLogger("kiosk.test").warning("only once")
    assert (tmp_path / "kiosk.log").read_text().count("only once") == 1


def test_a_folder_that_cannot_be_written_costs_only_the_file(
    tmp_path: Path, root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("a file, no folder")
    set_up_log(tmp_path / "taken")
    logging.getLogger("kiosk.test").warning("still here")
    assert "still here" in capsys.readouterr().err
