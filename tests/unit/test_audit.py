from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.audit.log import FIRST_PREVIOUS, AuditError, AuditLog
from kiosk.audit.personal import looks_personal, mask

ID_NUMBERS = ["000000190001010017", "000000190001010009", "00000019000101004X", "00000019000101004x"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit" / "audit.jsonl"


@pytest.fixture
def log(path: Path) -> AuditLog:
    log = AuditLog(path, lambda: datetime(2026, 11, 20, 8, tzinfo=UTC))
    for number in range(5):
        log.append("zhang.1", "commit_case", f"case-{number}", "ok", {"pages": number, "offline": False})
    return log


def test_rows_are_numbered_chained_and_sound(log: AuditLog, path: Path) -> None:
    rows = list(log.rows())
    assert [row.number for row in rows] == [1, 2, 3, 4, 5]
    assert [row.prev_hash for row in rows] == [FIRST_PREVIOUS, *(row.hash for row in rows[:-1])]
    assert rows[3].detail == {"pages": 3, "offline": False}
    assert log.head() == (5, rows[-1].hash)
    assert log.verify() is None
    assert sys.platform == "win32" or path.stat().st_mode & 0o777 == 0o600


def test_an_empty_record_is_sound(path: Path) -> None:
    assert AuditLog(path).verify() is None
    assert AuditLog(path).head() == (0, FIRST_PREVIOUS)


@settings(max_examples=60)
@given(st.data())
def test_any_changed_byte_is_found_at_its_row(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("audit") / "audit.jsonl"
    log = AuditLog(path)
    for number in range(3):
        log.append("station", "start", str(number))
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 2))
    content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    broken = log.verify()
    assert broken is not None
    assert broken <= bytes(content[:place]).count(b"\n") + 1


def test_a_removed_or_swapped_row_is_found(log: AuditLog, path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2] + lines[3:]))
    assert log.verify() == 3
    path.write_bytes(b"".join([lines[0], lines[2], lines[1], *lines[3:]]))
    assert log.verify() == 2
    path.write_bytes(b"".join(lines[1:]))
    assert log.verify() == 1


def test_a_row_rewritten_with_a_fitting_hash_breaks_the_next_one(log: AuditLog, path: Path, tmp_path: Path) -> None:
    forged = AuditLog(tmp_path / "forged")
    for number in range(5):
        forged.append("zhang.1", "commit_case", f"other-{number}")
    lines, others = path.read_bytes().splitlines(True), (tmp_path / "forged").read_bytes().splitlines(True)
    path.write_bytes(b"".join([others[0], *lines[1:]]))
    assert log.verify() == 2


def test_what_a_power_cut_left_of_a_row_is_cut_away(log: AuditLog, path: Path) -> None:
    with path.open("ab") as file:
        file.write(b'{"action":"half a r')
    assert log.verify() is None
    assert log.append("station", "start").number == 6
    assert log.verify() is None


def test_nothing_is_bound_to_a_last_row_that_cannot_be_read(log: AuditLog, path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"garbage\n")
    with pytest.raises(AuditError, match="audit.damaged"):
        log.append("station", "start")
    assert log.verify() == 6


def test_long_rows_are_chained_too(path: Path) -> None:
    log = AuditLog(path)
    for _ in range(3):
        log.append("station", "self_test", detail={"report": "测" * 9000})
    assert log.verify() is None
    assert log.head()[0] == 3


def _append_many(path: Path, actor: str) -> None:
    for _ in range(20):
        AuditLog(path).append(actor, "start")


def test_threads_and_processes_append_to_one_chain(path: Path) -> None:
    log = AuditLog(path)
    log.append("station", "start")
    threads = [
        threading.Thread(target=lambda: [log.append("thread", "start") for _ in range(20)])  # type: ignore[func-returns-value]
        for _ in range(3)
    ]
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_append_many, args=(path, "process"))
    process.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    process.join(30)
    assert process.exitcode == 0
    assert log.verify() is None
    assert log.head()[0] == 81


@pytest.mark.parametrize("number", ID_NUMBERS)
@pytest.mark.parametrize("place", ["actor", "action", "object_id", "result", "key", "value", "inside"])
def test_an_id_number_is_refused_wherever_it_stands(log: AuditLog, path: Path, number: str, place: str) -> None:
    before = path.read_bytes()
    row: dict[str, Any] = {"actor": "station", "action": "start", "object_id": "", "result": "ok", "detail": {}}
    if place == "key":
        row["detail"] = {number: 1}
    elif place == "value":
        row["detail"] = {"a": int(number) if number.isdigit() and number[0] != "0" else number}
    elif place == "inside":
        row["detail"] = {"a": f"证件{number}，已读"}
    else:
        row[place] = number
    with pytest.raises(AuditError) as caught:
        log.append(**row)
    assert caught.value.code == "audit.personal_data"
    assert number not in str(caught.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "text",
    [
        "0b5d0b9e-8c1c-4f0e-9f3a-138123456789",
        "HN20261120-0001-4",
        "a" * 20 + "0123456789012345678901234567890123456789abcd",
        "2026-11-20T08:00:00.123456+00:00",
        "1763625600123456789",
    ],
)
def test_ids_hashes_and_times_are_no_personal_data(text: str) -> None:
    assert not looks_personal(text)
    assert mask(text) == text


@pytest.mark.parametrize("text", ["13800000000", "+86 138 0000 0000", "https://s.sh.gov.cn/abc1234", "424" + "0" * 25])
def test_telephones_and_codes_are_personal(text: str) -> None:
    assert looks_personal(f"读到 {text} 了")
    assert text not in mask(f"读到 {text} 了")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs /dev/full as a disk that is full")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.symlink_to("/dev/full")
    with pytest.raises(AuditError, match="audit.disk"):
        AuditLog(path).append("station", "start")


def test_a_row_is_plain_json_a_person_can_read(log: AuditLog, path: Path) -> None:
    first = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    assert first["actor"] == "zhang.1"
    assert set(first) == {
        "number", "at", "actor", "action", "object_id", "result", "detail", "prev_hash", "hash",
    }  # fmt: skip
