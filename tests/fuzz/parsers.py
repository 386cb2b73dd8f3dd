"""Every parser of what comes from outside, as a function of bytes that may fail only as its documentation says.

Used by hypothesis in the normal run (``test_fuzz_parsers``) and by ``python -m tests.fuzz`` with coverage to guide it.
A function raises nothing for any bytes; what it must keep to besides (bounded memory, nothing invented) it asserts.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, ValidationError

from drivers.camera_sources import decode_jpeg, jpeg_picture
from drivers.code_scanner import LARGEST_CODE, CodeDropped, CodeFramer, CodeScanned
from drivers.driver import DeviceError
from drivers.id_card import IdCard, UnknownCardError, decode_text, doubts
from drivers.input_device import EVENT, InputDevice, KeyDecoder
from drivers.keyboard_wedge import LARGEST_SCAN, KeyRun, Typing, WedgeDropped, WedgeScan
from drivers.mjpeg_stream import Multipart, NoPictures, jpeg_size
from drivers.printer_status import KEPT, NAME_BYTES, AnswerReader, condition_from_automatic_status
from drivers.recording.tape import TapeError, header
from drivers.recording.tape import load as load_tape
from drivers.sam_v import (
    LONGEST,
    TEXT_BYTES,
    Command,
    FrameReader,
    Reply,
    fits,
    frame,
    sam_id_text,
    split_base_information,
)
from drivers.scanner_commands import MAKERS, ReplyFilter
from drivers.social_security_card import read_card
from drivers.transport.address import Address, AddressError, parse_address, usb_name
from drivers.vendor_library.helper import bytes_of, decoded, return_code
from drivers.vendor_library.photo import as_png
from kiosk.audit.log import _parse as _parse_audit
from kiosk.centre.client import CentreClient, CentreError, _Answer, _raise_for
from kiosk.centre.contract import CaseStatus, Event, ResolvedIdentity, Ticket
from kiosk.centre.live import _event, _Nonsense
from kiosk.devices.paper_roll import roll_from_text
from kiosk.identity.codes import LONGEST as LONGEST_CODE
from kiosk.identity.codes import classify, make_receipt_code, read_receipt_code
from kiosk.identity.id_number import check_id_number
from kiosk.identity.showings import CodeShowings
from kiosk.settings import SettingsError, load_settings
from kiosk.settings_file import SettingsFileError, change_settings
from kiosk.visit.serialise import DraftUnreadable, from_bytes

Parser = Callable[[bytes], object]


def pieces(data: bytes) -> Iterator[bytes]:
    """The data cut up; the first byte decides how, so that a finder of inputs can choose."""
    if not data:
        return
    size, data = data[0] % 61 + 1, data[1:]
    for begin in range(0, len(data), size):
        yield data[begin : begin + size]


# -- ID card reader --------------------------------------------------------------------------------------------------


def sam_frames(data: bytes) -> None:
    reader, given = FrameReader(), 0
    for piece in pieces(data):
        for reply in reader.feed(piece):
            if isinstance(reply, Reply):
                given += len(reply.data)
                for command in Command:
                    fits(command, reply)
        assert reader.waiting <= LONGEST + 7 + 61
    assert given <= len(data)


def sam_base_information(data: bytes) -> None:
    reply = Reply(0, 0, data[0] if data else 0, data[1:])
    if fits(Command.READ, reply) and reply.sw3 == 0x90:
        with contextlib.suppress(ValueError):
            text, photo = split_base_information(reply.data)
            assert len(text) == TEXT_BYTES
            assert len(text) + len(photo) + 4 == len(reply.data)
    if fits(Command.SAM_ID, reply) and reply.sw3 == 0x90:
        assert sam_id_text(reply.data).isprintable()


def id_card_text(data: bytes) -> None:
    try:
        card = decode_text(data.ljust(TEXT_BYTES, b" ")[:TEXT_BYTES])
    except UnknownCardError:
        return
    assert isinstance(card, IdCard)
    assert card.id_number
    assert len(card.id_number) < 12 or card.id_number not in repr(card)
    doubts(card)


def vendor_answer(data: bytes) -> None:
    with contextlib.suppress(DeviceError):
        answer = decoded(data)
        return_code(answer)
        for name in ("data", "photo", "picture"):
            assert isinstance(bytes_of(answer, name), bytes)


def vendor_picture(data: bytes) -> None:
    png = as_png(data)
    assert not png or png.startswith(b"\x89PNG")


# -- social-security card ---------------------------------------------------------------------------------------------


def card_records(data: bytes) -> None:
    """A card that answers every command with the next piece; after the last, with an empty refusal."""
    answers = pieces(data)
    asked = 0

    def transmit(command: bytes) -> tuple[bytes, int]:
        nonlocal asked
        asked += 1
        assert len(command) >= 4
        answer = next(answers, b"\x6a\x82").rjust(2, b"\x6a")
        return answer[:-2], answer[-2] << 8 | answer[-1]

    with contextlib.suppress(DeviceError):
        card = read_card(transmit)
        assert card.name.isprintable()
        assert not card.id_number or not check_id_number(card.id_number).code.endswith(("_check", "_length"))
        assert len(card.name) < 12 or card.name not in repr(card)
    assert asked < 800


# -- codes ------------------------------------------------------------------------------------------------------------


def code_frames(data: bytes) -> None:
    framer, now, got = CodeFramer(), 0.0, 0
    for number, piece in enumerate(pieces(data)):
        now += (piece[0] % 8) * 0.02 if number % 3 else 0.01
        for event in framer.feed(piece, now):
            assert isinstance(event, CodeScanned | CodeDropped)
            got += len(event.raw) if isinstance(event, CodeScanned) else 0
        assert framer.held <= LARGEST_CODE + 8
        if piece[0] == 0xFF:
            framer.spoil(now)
    framer.silence(now + 10)
    assert framer.held == 0
    assert got <= len(data)


def trigger_answers(data: bytes) -> None:
    for commands in MAKERS.values():
        replies, got, now = ReplyFilter(commands), 0, 0.0
        for piece in pieces(data):
            replies.expect()
            now += 0.01
            got += len(replies.take(piece, now))
        got += len(replies.take(b"", now + 10))
        assert not replies.waits
        assert got <= len(data)


def wedge_keys(data: bytes) -> None:
    run, now, out = KeyRun(), 0.0, 0
    for byte in data:
        now += (byte >> 5) * 0.01
        for result in run.feed(chr(byte & 0x7F), now):
            match result:
                case WedgeScan(text):
                    assert 6 <= len(text) <= LARGEST_SCAN
                    out += len(text) + 1
                case Typing(text):
                    out += len(text)
                case WedgeDropped(keys):
                    out += keys
    for result in run.expire(now + 10):
        assert isinstance(result, Typing)
        out += len(result.text)
    assert out == len(data)  # every key comes out exactly once


def input_events(data: bytes) -> None:
    device, out = InputDevice("nowhere"), 0
    for piece in pieces(data):
        out += sum(map(len, device._decode(device._rest + piece)))
        assert len(device._rest) < EVENT.size
    assert out <= len(data)


def keys(data: bytes) -> None:
    for alt in ("gbk", "unicode"):
        decoder = KeyDecoder(alt)  # type: ignore[arg-type]
        for byte in data:
            assert len(decoder.key(byte & 0x7F, byte >> 7)) <= 4
        assert len(decoder._held) <= 6


def code_kinds(data: bytes) -> None:
    code = classify(data)
    assert len(data) <= LONGEST_CODE or code.kind == "refused"
    assert code.kind == "binary" or code.kind == "refused" or code.text
    assert len(code.text) < 20 or code.text not in repr(code)
    showings = CodeShowings()
    assert showings.is_new(code, data, 0.0, by_camera=False)
    assert not showings.is_new(code, data, 1.0, by_camera=True)


def receipt_codes(data: bytes) -> None:
    case_id = read_receipt_code(data.decode("latin-1"))
    assert case_id is None or make_receipt_code(case_id) == data.decode("latin-1").strip().upper()
    if len(data) >= 16:
        whole = make_receipt_code(UUID(bytes=data[:16]))
        assert read_receipt_code(whole) == UUID(bytes=data[:16])
        spoilt = bytearray(whole.encode())
        place = data[0] % len(spoilt)
        spoilt[place] = ord("A") if spoilt[place] != ord("A") else ord("B")
        assert read_receipt_code(spoilt.decode()) is None


# -- printer, camera ---------------------------------------------------------------------------------------------------


def printer_answers(data: bytes) -> None:
    reader = AnswerReader()
    for piece in pieces(data):
        reader.feed(piece)
        assert max(len(reader.direct), len(reader.singles), len(reader.names)) <= KEPT
        assert all(len(name) <= NAME_BYTES for name in reader.names)
    if len(data) >= 4:
        assert isinstance(condition_from_automatic_status(data[:4]).code, str)


def stream_parts(data: bytes) -> None:
    limit = 4096
    for boundary in (b"frame", b""):
        parts, got = Multipart(boundary, limit), 0
        for piece in pieces(data):
            parts.feed(piece)
            try:
                while (part := parts.picture()) is not None:
                    got += len(part)
                    jpeg_size(part)
            except NoPictures:
                break
            assert len(parts._data) <= limit + 2 * 4096 + 61
        assert got <= len(data)


def jpeg(data: bytes) -> None:
    jpeg_size(data)
    jpeg_picture(data).decode()
    decode_jpeg(data)


# -- settings, addresses, the centre ----------------------------------------------------------------------------------


def addresses(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    with contextlib.suppress(AddressError):
        address = parse_address(text)
        assert isinstance(address, Address)
        address.number("baud", 1)
    with contextlib.suppress(AddressError):
        usb_name(text)


def settings(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "station.toml"
        path.write_bytes(data)
        with contextlib.suppress(SettingsError):
            load_settings(path)


def live_messages(data: bytes) -> None:
    for message in (data, data.decode("utf-8", "replace")):
        with contextlib.suppress(_Nonsense):
            assert isinstance(_event(message), Event)


ANSWERS: tuple[type[BaseModel], ...] = (Event, CaseStatus, ResolvedIdentity, Ticket)


def centre_answers(data: bytes) -> None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    for model in ANSWERS:
        with contextlib.suppress(ValidationError):
            model.model_validate(value)


def centre_bodies(data: bytes) -> None:
    for status in (200, 404, 503):
        answer = _Answer(status, {"Content-Type": "application/problem+json"}, data)
        with contextlib.suppress(CentreError):
            _raise_for(answer)
            CentreClient._json(answer)


def audit_lines(data: bytes) -> None:
    row = _parse_audit(data)
    assert row is None or isinstance(row["number"], int)


def paper_rolls(data: bytes) -> None:
    assert roll_from_text(data.decode("utf-8", "replace")).used_mm >= 0


def changed_settings(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "station.toml"
        path.write_bytes(data)
        with contextlib.suppress(SettingsFileError):
            change_settings(path, {"devices": {"code_scanner": "camera:"}})
            assert load_settings(path).devices.code_scanner == "camera:"


def tapes(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tape"
        path.write_bytes(data)
        with contextlib.suppress(TapeError):
            load_tape(path)


def drafts(data: bytes) -> None:
    with contextlib.suppress(DraftUnreadable):
        from_bytes(data)


PARSERS: Mapping[str, Parser] = {
    parser.__name__: parser
    for parser in (
        sam_frames,
        sam_base_information,
        id_card_text,
        vendor_answer,
        vendor_picture,
        card_records,
        code_frames,
        trigger_answers,
        wedge_keys,
        input_events,
        keys,
        code_kinds,
        receipt_codes,
        printer_answers,
        stream_parts,
        jpeg,
        addresses,
        settings,
        live_messages,
        centre_answers,
        changed_settings,
        centre_bodies,
        audit_lines,
        paper_rolls,
        tapes,
        drafts,
    )
}

_SAM = bytes.fromhex("AAAAAA9669")
_PERSON = "张示例".encode("utf-16-le").ljust(30, b" ") + "1".encode("utf-16-le") + "01".encode("utf-16-le")
_CARD_TEXT = (
    _PERSON
    + "19000101".encode("utf-16-le")
    + "样张地址".encode("utf-16-le").ljust(70, b" ")
    + "000000190001010017".encode("utf-16-le")
    + "某局".encode("utf-16-le").ljust(30, b" ")
    + "2020010120300101".encode("utf-16-le")
).ljust(TEXT_BYTES, b" ")
_RESIDENT_CODE = b"https://s.sh.gov.cn/" + b"0123456789abcdef" * 2 + b"1790000000000"
_EVENT = b'{"number":1,"kind":"hello","at":"2026-01-01T00:00:00Z"}'

_STATION = b'[station]\nid = "s-1"\nname = "x"\ncentre_name = "y"\n'

SEEDS: Mapping[str, tuple[bytes, ...]] = {
    "sam_frames": tuple(
        b"\x3c" + noise + frame(payload)
        for noise in (b"", _SAM[:3], _SAM + b"\xff\xff")
        for payload in (b"\0\0\x9f" + bytes(4), b"\0\0\x90", b"\0\0\x90" + bytes(16), b"\0\0\x80")
    ),
    "sam_base_information": (b"\x90\x01\x00\x04\x00" + bytes(1280), b"\x90\x01\x00\x00\x00" + bytes(256)),
    "id_card_text": tuple(_CARD_TEXT[:248] + kind + _CARD_TEXT[250:] for kind in (b"  ", b"J\0", b"I\0", b"Y\0")),
    "vendor_answer": (b'{"rc":144,"data":"AAAA","photo":""}', b'{"rc":1e99}', b"[" * 2000),
    "vendor_picture": (b"BM" + (54).to_bytes(4, "little") + bytes(8) + (40).to_bytes(4, "little") + bytes(36),),
    "card_records": (
        b"\x01\x90\x00" * 30,
        b"\x3c" + b"\x01\x03\x31\x00\x00\x90\x00".rjust(61, b"0") * 12,
        b"\x01a\xff" * 40,
        b"\x01l\x00" * 40,
    ),
    "code_frames": (
        b"\x3c\x02" + _RESIDENT_CODE + b"\r\n",
        b"\x05" + _RESIDENT_CODE * 3 + b"\r",
        b"\x3c" + b"x" * 5000,
    ),
    "trigger_answers": tuple(
        b"\x07" + answer + _RESIDENT_CODE
        for answer in (
            b"\x06",
            b"\x02\x010000#SCNTRG1\x06;\x03",
            bytes.fromhex("02000001003331"),
            bytes.fromhex("04D00000FF2C"),
        )
    ),
    "wedge_keys": (b"ABC-123456\r", b"a\xe1b\xe1c\xe1", b"x" * 5000),
    "input_events": (
        b"\x3b" + b"".join(EVENT.pack(1, 2, 1, code, value) for code in (42, 30, 56) for value in (1, 0)),
    ),
    "keys": (bytes((56 | 0x80, 79 | 0x80, 79, 56)), bytes((29 | 0x80, 27 | 0x80, 27, 29))),
    "code_kinds": (
        _RESIDENT_CODE,
        b"]Q1" + _RESIDENT_CODE,
        b"]Q2\\000026" + "家门口".encode() + b"\\000029" + "家".encode("gb18030"),
        b"424" + b"0" * 19 + b"310000",
        b"000000190001010017",
        make_receipt_code(UUID(int=1)).encode(),
        b"https://example.org/",
        "联通".encode("gbk"),
    ),
    "receipt_codes": (make_receipt_code(UUID(int=1)).encode(),),
    "printer_answers": (
        b"\x07\x16\x12\x12\x12",
        b"\x07\x14\x00\x00\x0f",
        b"\x07_MAKER\x00_MODEL\x00",
        b"\x3c\x00" * 200,
    ),
    "stream_parts": (
        b"\x3c--frame\r\nContent-Length: 6\r\n\r\n\xff\xd8\xffx\xff\xd9\r\n"
        b"--frame\r\n\r\n\xff\xd8\xff\xff\xd9\r\n--frame\r\n",
        b"\x05--frame\n\n\n--frame\n\n",
    ),
    "jpeg": (b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03" + bytes(10) + b"\xff\xd9",),
    "addresses": (
        b"serial:/dev/serial/by-id/x?baud=auto&sam=1",
        b"serial:usb=1A86:7523:123?baud=9600",
        b"hid:/dev/input/by-id/x-event-kbd?alt=gbk",
        b"http://[::1/stream",
        b"camera:",
    ),
    "settings": (
        b'[station]\nid = "s-1"\nname = "x"\ncentre_name = "y"\n[devices]\ncode_scanner = "camera:"\n',
        b'[station]\nid = "s-1"\nname = "x"\ncentre_name = "y"\n[centre]\nurl = "http://[::1"\n',
        b"x = " + b"[" * 3000,
    ),
    "live_messages": (_EVENT, b"[" * 3000, b'{"number":' + b"9" * 5000 + b"}"),
    "centre_answers": (_EVENT, b"[" * 100000, b"9" * 5000),
    "changed_settings": (_STATION, _STATION + b"[devices]\n", _STATION + b"devices = 3\n", b"x = " + b"[" * 3000),
    "centre_bodies": (b'{"code":"x","missing":[]}', b'{"code":"x","missing":[1]}', b"[" * 100000, b"9" * 5000),
    "audit_lines": (
        b'{"number":1,"at":"","actor":"","action":"","object_id":"","result":"","detail":{},"prev_hash":"","hash":""}',
        b"[" * 100000,
    ),
    "paper_rolls": (b'{"used_mm":1.5}', b"[" * 100000, b'{"used_mm":NaN}', b'{"used_mm":-1}'),
    "tapes": (b"{}\n", b"[" * 100000, header("code_scanner", {}, "1").encode() + b"\n"),
    "drafts": (b'{"format":1,"visit":{}}', b"[" * 100000, b'{"format":1e400}', b'{"format":1,"visit":[1]}'),
}
"""Something valid, or nearly, for every parser to begin with. One that cuts its data up takes the first byte for it."""
