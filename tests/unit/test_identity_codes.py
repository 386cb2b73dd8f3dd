import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.identity.codes import LONGEST, RESIDENT_CODE_HOST, classify, decode, make_receipt_code, read_receipt_code

TOKEN = RESIDENT_CODE_HOST + "0123456789abcdefABCDEF0123456789" + "1790000000000"
INSURANCE = "424" + "0" * 17 + "00" + "31" + "0000"
CASE = UUID("00000000-0000-4000-8000-000000000001")


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (TOKEN, "resident_code"),
        (f"\x02{TOKEN}\r\n", "resident_code"),
        (f"]Q1{TOKEN}", "resident_code"),
        (RESIDENT_CODE_HOST + "paper/0001", "resident_code_other"),
        (TOKEN + "1", "resident_code_other"),
        (INSURANCE, "medical_insurance"),
        (f"]Q1{INSURANCE}\x03", "medical_insurance"),
        (INSURANCE[:-1], "text"),
        ("000000190001010017", "id_number"),
        ("00000019000101005x", "id_number"),
        ("000000190001010018", "id_number"),
        ("https://example.org/?a=1", "web_address"),
        ("http://s.sh.gov.cn.example.org/x", "web_address"),
        ("https://example.org/ then words", "text"),
        ("6901234567892", "text"),
        ("一段文字", "text"),
        ("]", "text"),
    ],
)
def test_kinds(raw, kind):
    code = classify(raw.encode())
    assert (code.kind, code.code) == (kind, "")
    assert "\r" not in code.text
    assert not code.text.startswith("]Q")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"]Q2\\000026" + "家门口".encode(), "家门口"),
        (b"]Q2\\000029" + "家门口".encode("gb18030"), "家门口"),
        (b"]Q2\\000032" + "联通".encode("gb18030"), "联通"),
        (b"]Q2abc\\000026" + "门".encode() + b"\\000029" + "口".encode("gb18030"), "abc门口"),
        (b"]Q2C:\\\\000026", "C:\\000026"),
        (b"]Q2\\000029\xff\xff", None),
        (b"]Q2\\000026", None),
        (b"]Q2\\000777plain", "plain"),
        (b"]Q2plain \\00002 not an escape", "plain \\00002 not an escape"),
        (b"]Q1\\000026plain", "\\000026plain"),
        (b"\\000026plain", "\\000026plain"),
        (b"]d2data matrix", "data matrix"),
        (b"]C1", None),
    ],
)
def test_identifiers_of_symbology_and_character_set_are_taken_off_and_heeded(raw, text):
    code = classify(raw)
    if text is None:
        assert code.code in ("identity.code_binary", "identity.code_empty")
    else:
        assert (code.kind, code.text, code.code) == ("text", text, "")


def test_an_identifier_before_a_binary_resident_code_does_not_hide_it():
    raw = RESIDENT_CODE_HOST.encode() + bytes(range(128, 256)) + b"##"
    assert classify(b"]Q1" + raw) == classify(raw)


def test_group_separators_stay_in_the_text():
    assert classify(b"]d2010690123456789210A\x1d17290101").text == "010690123456789210A\x1d17290101"


def test_what_a_kind_tells():
    assert classify(TOKEN.encode()).detail["issued_ms"] == 1790000000000
    assert classify(INSURANCE.encode()).detail["province"] == "31"
    assert classify(b"000000190001010017").detail["check"] == ""
    assert classify(b"000000190001010018").detail["check"] == "identity.number_check"
    assert classify(b"00000019000101005x").text == "00000019000101005X"


def test_offline_resident_code_is_kept_as_it_is_for_the_centre():
    raw = RESIDENT_CODE_HOST.encode() + bytes(range(128, 256)) + b"##"
    code = classify(raw)
    assert (code.kind, code.detail["encoding"]) == ("resident_code_other", "base64")
    assert base64.b64decode(code.text) == raw


def test_binary_and_empty_codes_are_told():
    assert classify(b"\x01\x02\xff\xfe\x00\x07").code == "identity.code_binary"
    assert classify(b"\r\n").code == "identity.code_empty"


@given(st.binary(max_size=300))
def test_any_bytes_have_a_kind_and_show_nothing(raw):
    code = classify(raw)
    if len(code.text) > 8 and code.text.isalnum():
        assert code.text not in repr(code)
    assert set(repr(code)) <= set("ClassifiedCode(kind=',:._ )" + "abcdefghijklmnopqrstuvwxyz")


class Unread(bytes):
    """Bytes that may be measured but not looked at."""

    def strip(self, *_):
        raise AssertionError("it was read")

    decode = startswith = strip


def test_ten_megabytes_are_refused_unread():
    code = classify(Unread(b"\xc1\xaa" * 5_000_000))
    assert (code.kind, code.code, code.detail["length"]) == ("refused", "identity.code_too_long", 10_000_000)
    with pytest.raises(AssertionError, match="it was read"):
        classify(Unread(b"x" * LONGEST))


@pytest.mark.parametrize("text", ["联通", "移动", "张示例", "上海市浦东新区", "䶮", "𠮷"])
def test_chinese_in_both_encodings(text):
    assert decode(text.encode("utf-8")) == text
    assert decode(text.encode("gb18030")) == text


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=20))
def test_chinese_in_utf_8_is_never_misread(text):
    assert decode(text.encode("utf-8")) == text


def test_every_common_character_in_gbk_is_read_as_it_was_written():
    common = [
        bytes([high, low]) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF) if (high, low) < (0xD7, 0xFA)
    ]
    assert len(common) == 3755
    assert [raw for raw in common if decode(raw) != raw.decode("gb2312")] == []


@given(st.uuids())
def test_receipt_codes_come_back(case_id):
    code = make_receipt_code(case_id)
    assert len(code) == 36
    assert read_receipt_code(code) == case_id
    found = classify(f"{code}\r".encode())
    assert (found.kind, found.detail["case_id"], found.code) == ("receipt", str(case_id), "")
    assert classify(code.lower().encode()).detail["case_id"] == str(case_id)


@given(st.uuids(), st.integers(4, 35), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_a_damaged_receipt_code_is_refused(case_id, place, char):
    code = make_receipt_code(case_id)
    damaged = code[:place] + char + code[place + 1 :]
    if damaged != code:
        assert read_receipt_code(damaged) is None
        assert classify(damaged.encode()).code in ("identity.receipt_damaged", "identity.receipt_newer")
    assert classify(code[:place].encode()).code != "" or classify(code[:place].encode()).kind == "text"


def test_a_receipt_of_a_newer_program_is_told():
    assert classify(b"DSR2" + make_receipt_code(CASE)[4:].encode()).code == "identity.receipt_newer"


def test_nothing_is_shown():
    assert repr(classify(TOKEN.encode())) == "ClassifiedCode(kind='resident_code', code='')"
