"""A recording keeps the form of what went over a wire and nothing of its content."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import sam_v
from drivers.id_card import decode_text
from drivers.printer_job import Cut, QrCode, Raster, compose
from drivers.printer_status import QUERIES
from drivers.recording import disguise
from drivers.recording.recorder import INVENTED, Tap
from drivers.recording.tape import LARGEST_FILE, TapeError, What, load
from drivers.simulated.id_card_reader import SimulatedIdCard

CARD = SimulatedIdCard(
    "citizen", "李某某", "000000190001010009", address="某省某市某镇某村某弄", newest_address="某省另一镇"
)


def read_answer(card: SimulatedIdCard = CARD) -> bytes:
    text = card.text()
    return sam_v.frame(b"\0\0\x90" + b"\x01\x00\x04\x00" + text + card.photo)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [data[a:b] for a, b in zip(edges, edges[1:], strict=False) if a < b]


def holds_person(data: bytes, card: SimulatedIdCard = CARD) -> bool:
    words = [card.name, card.id_number, card.address, card.newest_address or "?"]
    return any(word.encode("utf-16-le") in data for word in words) or card.photo[4:40] in data


@given(st.lists(st.integers(0, 2000), max_size=6))
def test_a_read_card_becomes_nobodys_card_of_the_same_form(places: list[int]) -> None:
    answer = read_answer()
    pieces = cut(answer, places)
    left = disguise.sam_answers(pieces, INVENTED)
    assert [len(piece) for piece in left] == [len(piece) for piece in pieces]
    assert not holds_person(b"".join(left))
    (reply,) = sam_v.FrameReader().feed(b"".join(left))
    assert isinstance(reply, sam_v.Reply)
    text, photo = sam_v.split_base_information(reply.data)
    assert decode_text(text).name == "张样例"
    assert photo == bytes(1024)


@given(st.integers(0, 1300), st.integers(0, 1300), st.binary(max_size=20))
def test_no_part_of_an_answer_keeps_a_person(start: int, end: int, noise: bytes) -> None:
    """Half answers, late second halves, noise before: whatever came, in whatever exchange."""
    part = noise + read_answer()[min(start, end) : max(start, end)]
    (left,) = disguise.sam_answers([part], INVENTED)
    assert len(left) == len(part)
    text = CARD.text()
    kept = [left[at : at + 8] for at in range(len(left) - 8) if any(left[at : at + 8])]
    assert not [chunk for chunk in kept if chunk in text and chunk.strip(b" \0") and chunk not in INVENTED]


def test_a_wrong_checksum_stays_wrong_and_short_answers_stay_as_they_are() -> None:
    spoilt = read_answer()[:-1] + bytes([read_answer()[-1] ^ 1])
    (left,) = disguise.sam_answers([spoilt], INVENTED)
    (found,) = sam_v.FrameReader().feed(left)
    assert isinstance(found, sam_v.Damaged)
    short = sam_v.frame(b"\0\0\x90" + bytes(range(16)))
    assert disguise.sam_answers([b"\xff" + short], INVENTED) == [b"\0" + short]


@given(st.text(min_size=1).map(lambda text: text.encode()))
def test_a_code_becomes_digits_of_the_same_length(code: bytes) -> None:
    left = disguise.code_bytes(b"\x02" + code + b"\r")
    assert len(left) == len(code) + 2
    assert set(left) <= set(b"\x02\r\n\t\x030")
    assert left[-1:] == b"\r"


def test_our_own_code_stays() -> None:
    own = b"DOORSTEP-SELF-TEST-0123\r"
    assert disguise.code_bytes(own) == own
    assert disguise.code_bytes(own + b"secret\r") == own + b"000000\r", "another code may come in the same piece"
    assert disguise.code_bytes(own[:-1] + "李样张".encode()) == own[:-1] + b"0" * 9


@given(st.binary(min_size=1, max_size=30), st.sampled_from([1, 2, 4, 5, 6, 7, 8, 9, 0x0A, 0x0B, 0x0C, 0x0D, 0x4E]))
def test_a_record_of_a_card_becomes_nobodys(value: bytes, tag: int) -> None:
    data = bytes([tag, len(value)]) + value
    left = disguise.apdu_answer(bytes([0, 0xB2, tag, 0x28, 0]), data)
    assert left[:2] == data[:2]
    assert len(left) == len(data)
    assert left == disguise.apdu_answer(bytes([0, 0xB2, tag, 0x28, 0]), data[:2] + bytes(len(value)))
    assert disguise.apdu_answer(b"\0\xa4\x02\0", data) == data


def test_what_is_no_record_loses_everything_and_the_version_stays() -> None:
    assert disguise.apdu_answer(b"\0\xc0\0\0\x08", b"\x09\x09abcdef") == b"0" * 8
    assert disguise.apdu_answer(b"\0\xb2\x03\x28\x06", b"\x03\x042.00") == b"\x03\x042.00"


@given(st.lists(st.integers(0, 20000), max_size=5))
def test_a_print_job_becomes_white_and_keeps_its_commands(places: list[int]) -> None:
    def bytes_of(rows: np.ndarray, code: str) -> bytes:
        chunks = compose([Raster(rows), QrCode(code), Cut()], profile="TM-T20II", width_dots=576)
        return b"".join(chunk.data for chunk in chunks)

    job = bytes_of(np.ones((200, 100), dtype=np.bool_), "DS1:secret")
    stream = disguise.PrinterStream()
    left = b"".join(stream.feed(piece) for piece in cut(job, places))
    assert left == bytes_of(np.zeros((200, 576), dtype=np.bool_), "0" * 10)


# -- the tap -----------------------------------------------------------------------------------------------------


def test_a_tape_holds_what_happened_in_order_and_is_private(tmp_path: Path) -> None:
    tap = Tap("id_card_reader")
    tap.sent(b"before")
    path = tmp_path / "card.jsonl"
    tap.start(path, {"baud": 115200}, "1.0", lambda: None)
    assert tap.running
    tap.opened()
    tap.sent(sam_v.frame(sam_v.Command.READ.payload))
    answer = read_answer()
    tap.received(answer[:100])
    tap.received(answer[100:])
    tap.note(What.EVENT, name="IdCardRead")
    tap.stop()
    tap.sent(b"after")

    tape = load(path)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert (tape.kind, dict(tape.settings), tape.program) == ("id_card_reader", {"baud": 115200}, "1.0")
    assert [entry.what for entry in tape.entries] == [
        What.OPENED,
        What.SENT,
        What.RECEIVED,
        What.RECEIVED,
        What.EVENT,
    ]
    assert [len(entry.data) for entry in tape.entries if entry.what is What.RECEIVED] == [100, len(answer) - 100]
    assert [entry.at for entry in tape.entries] == sorted(entry.at for entry in tape.entries)
    assert not holds_person(path.read_bytes())
    assert not holds_person(bytes.fromhex("".join(entry.data.hex() for entry in tape.entries)))


def test_a_recording_ends_by_itself_before_it_fills_the_disk(tmp_path: Path) -> None:
    tap, ended = Tap("receipt_printer"), threading.Event()
    tap.start(tmp_path / "printer.jsonl", {}, "1.0", ended.set)
    for _ in range(200):
        tap.received(bytes(100_000))
    assert ended.is_set()
    assert not tap.running
    assert (tmp_path / "printer.jsonl").stat().st_size < LARGEST_FILE * 1.1


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("mine")
    with pytest.raises(FileExistsError):
        Tap("webcam").start(tmp_path / "x.jsonl", {}, "1.0", lambda: None)
    assert (tmp_path / "x.jsonl").read_text() == "mine"


JOB = b"".join(
    chunk.data for chunk in compose([Raster(np.ones((40, 576), dtype=np.bool_))], profile="TM-T20II", width_dots=576)
)
DOTS = b"\xff" * 8


def sent(path: Path) -> bytes:
    return b"".join(entry.data for entry in load(path).entries if entry.what is What.SENT)


@given(st.integers(1, len(JOB) - 1))
def test_a_recording_that_begins_in_the_middle_of_a_slip_keeps_none_of_it(
    tmp_path_factory: pytest.TempPathFactory, at: int
) -> None:
    path = tmp_path_factory.mktemp("tape") / "x.jsonl"
    tap = Tap("receipt_printer")
    tap.note(What.JOB)
    tap.sent(JOB[:at])
    tap.start(path, {}, "1.0", lambda: None)
    tap.sent(JOB[at:])
    tap.sent(QUERIES[1])
    tap.note(What.JOB)
    tap.sent(JOB)
    tap.stop()
    left = sent(path)
    assert DOTS not in left
    assert left[-len(JOB) - 3 : -len(JOB)] == QUERIES[1], "questions stay, for the replay"
    assert left[-len(JOB) :] == disguise.PrinterStream().feed(JOB)


@given(st.integers(1, len(JOB) - 1), st.sampled_from([What.JOB, What.OPENED]))
def test_a_job_broken_off_inside_a_command_does_not_uncover_the_next(
    tmp_path_factory: pytest.TempPathFactory, at: int, again: What
) -> None:
    path = tmp_path_factory.mktemp("tape") / "x.jsonl"
    tap = Tap("receipt_printer")
    tap.start(path, {}, "1.0", lambda: None)
    tap.note(What.JOB)
    tap.sent(JOB[:at])
    tap.note(again)
    tap.sent(JOB)
    tap.stop()
    assert DOTS not in sent(path)


def test_a_camera_s_tap_takes_no_bytes(tmp_path: Path) -> None:
    tap = Tap("webcam")
    tap.start(tmp_path / "x.jsonl", {}, "1.0", lambda: None)
    tap.received(b"\xff\xd8\xff picture")
    tap.note(What.PICTURE, bytes=1000, width=640, height=480)
    tap.stop()
    (only,) = load(tmp_path / "x.jsonl").entries
    assert (only.what, dict(only.detail), only.data) == (
        What.PICTURE,
        {"bytes": 1000, "width": 640, "height": 480},
        b"",
    )


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "not json", '{"format": 2, "kind": "webcam", "settings": {}, "program": ""}', '{"format": 1}'],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(text)
    with pytest.raises(TapeError):
        load(path)


@given(st.text(max_size=200))
def test_any_file_loads_or_is_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    head = json.dumps({"format": 1, "kind": "webcam", "settings": {}, "program": ""})
    file = tmp_path_factory.mktemp("tape") / "x.jsonl"
    file.write_text(head + "\n" + text + "\n", encoding="utf-8", errors="replace")
    try:
        tape = load(file)
    except TapeError:
        return
    assert tape.kind == "webcam"


def test_the_last_line_may_be_cut_off(tmp_path: Path) -> None:
    tap = Tap("code_scanner")
    tap.start(tmp_path / "x.jsonl", {}, "1.0", lambda: None)
    tap.received(b"ABC\r")
    tap.stop()
    whole = (tmp_path / "x.jsonl").read_text()
    (tmp_path / "y.jsonl").write_text(whole + '{"at": 1, "wh')
    assert load(tmp_path / "y.jsonl").entries == load(tmp_path / "x.jsonl").entries
