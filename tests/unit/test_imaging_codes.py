"""Codes on painted phone screens and drawn barcodes; Chinese comes out as the bytes that went in."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import zxingcpp

from drivers.simulated.scenes import document_scene, render, webcam_scene
from kiosk.imaging import codes as codes_module
from kiosk.imaging.codes import HARD_PASSES, CodeFormat, CodeInPicture, CodeReader, read_codes, read_codes_hard
from kiosk.imaging.picture import Picture, grey
from kiosk.imaging.report import codes_report, payload_text
from kiosk.opencv import cv2

WEBCAM = (1280, 720)
PAYLOADS = [
    b"https://example.invalid/0000",
    "参保登记 材料".encode(),
    "参保登记 材料".encode("gbk"),
    "联通移动".encode("gbk"),
    b"4240000000000000000000310000",
]


def phone(payload: bytes, **changes: float) -> Picture:
    return render(webcam_scene("phone", code=payload, **changes), WEBCAM)[0]


def barcode(text: str, kind: zxingcpp.BarcodeFormat, scale: int = 3) -> Picture:
    drawn = np.array(zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, kind), scale=scale))
    page = np.full((400, 900), 235, np.uint8)
    page[150 : 150 + drawn.shape[0], 120 : 120 + drawn.shape[1]] = drawn[:240, :760]
    return cv2.cvtColor(page, cv2.COLOR_GRAY2BGR)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_phone_held_up_gives_the_very_bytes(payload: bytes) -> None:
    found = read_codes(phone(payload))
    assert [(code.raw, code.format) for code in found] == [(payload, CodeFormat.QR)]
    assert repr(payload) not in repr(found[0])
    corners = np.array(found[0].corners)
    assert corners.shape == (4, 2)
    assert (corners >= 0).all()
    assert (corners <= np.array(WEBCAM)).all()


@pytest.mark.parametrize("change", [{"angle": 25.0}, {"blur": 2.0}, {"noise": 12.0}, {"light": 0.4}])
def test_a_phone_is_read_within_one_round_of_harder_passes(change: dict[str, float]) -> None:
    reader = CodeReader()
    image = phone(PAYLOADS[0], **change)
    assert any(reader.read(image) for _ in range(len(HARD_PASSES)))


@pytest.mark.parametrize(
    ("kind", "drawn", "text"),
    [
        (CodeFormat.CODE_128, zxingcpp.BarcodeFormat.Code128, "DS-000123"),
        (CodeFormat.EAN_13, zxingcpp.BarcodeFormat.EAN13, "4006381333931"),
    ],
)
def test_a_linear_code_counts_only_when_seen_twice(kind: CodeFormat, drawn: zxingcpp.BarcodeFormat, text: str) -> None:
    image = barcode(text, drawn)
    assert [code.raw for code in read_codes(image)] == [text.encode()]
    reader = CodeReader([kind])
    assert reader.read(image) == ()
    assert [code.raw for code in reader.read(image)] == [text.encode()]
    reader.reset()
    assert reader.read(image) == ()
    for _ in range(CodeReader.MEMORY + 1):
        reader.read(np.zeros_like(image))
    assert reader.read(image) == (), "too long ago"


def test_only_the_formats_asked_for_are_given() -> None:
    assert read_codes(phone(PAYLOADS[0]), [CodeFormat.CODE_128]) == ()
    assert read_codes_hard(phone(PAYLOADS[0]), [CodeFormat.EAN_13]) == ()


@pytest.mark.parametrize("name", ["a4_form", "id_card_front", "medical_record"])
def test_pages_without_codes_have_none(name: str) -> None:
    image, _ = render(document_scene(name), (1280, 960))
    assert read_codes_hard(image, tuple(CodeFormat)) == ()


def test_zbar_reads_plain_text_and_its_mangled_chinese_is_not_believed() -> None:
    plain, chinese = grey(phone(PAYLOADS[0])), grey(phone(PAYLOADS[2]))
    assert [code.raw for code in codes_module._zbar(plain, [CodeFormat.QR], 1.0)] == [PAYLOADS[0]]
    assert codes_module._zbar(chinese, [CodeFormat.QR], 1.0) == ()


def test_corners_are_those_of_the_picture_whatever_the_pass() -> None:
    light = grey(phone(PAYLOADS[0]))
    true = np.array(read_codes(light)[0].corners).mean(axis=0)
    read_by = 0
    for hard in HARD_PASSES:
        for code in hard(light, [CodeFormat.QR]):
            assert isinstance(code, CodeInPicture)
            assert np.linalg.norm(np.array(code.corners).mean(axis=0) - true) < 20
            read_by += 1
    assert read_by >= 4


def test_moire_is_overcome_by_softening() -> None:
    screen = grey(phone(PAYLOADS[0], noise=0.0)).astype(np.float32)
    screen = cv2.resize(screen, None, fx=2.5, fy=2.5, interpolation=cv2.INTER_NEAREST)
    rows, columns = np.mgrid[0 : screen.shape[0], 0 : screen.shape[1]]
    grid = 0.5 + 0.5 * np.sign(np.sin(columns * 1.9) * np.sin(rows * 2.1))
    picture = np.clip(screen * (0.35 + 0.65 * grid), 0, 255).astype(np.uint8)
    assert [code.raw for code in read_codes_hard(picture)] == [PAYLOADS[0]]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        ("随申码".encode(), "随申码"),
        ("随申码".encode("gbk"), "随申码"),
        ("联通".encode("gbk"), "联通"),
        ("移动".encode("gbk"), "移动"),
        (b"\x00\x01\x02\xff", None),
    ],
)
def test_text_of_a_payload(raw: bytes, text: str | None) -> None:
    assert payload_text(raw) == text


def test_codes_report_is_ready_for_json(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "phone.png"), phone(PAYLOADS[2]))
    report = json.loads(json.dumps(codes_report(tmp_path / "phone.png")))
    assert [(code["format"], code["text"]) for code in report["codes"]] == [("qr", "参保登记 材料")]
    assert codes_report(tmp_path / "none.png")["error"] == "imaging.not_found"
