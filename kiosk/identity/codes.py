"""What a scanned code says about itself, offline. Nothing here opens an address or proves an identity.

Codes of residents are one-time keys: their text is for the centre only, is never shown, logged or kept. Shapes of
the public codes as read in public implementations; the formats of 电子社保卡 and 电子身份证亮证 are not public.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from kiosk.identity.id_number import check_id_number

CodeKind = Literal[
    "resident_code",  # 随申码 shown by the app
    "resident_code_other",  # another text of the same host: offline, printed for the elderly
    "medical_insurance",  # 医保电子凭证
    "id_number",
    "receipt",  # printed by a station
    "web_address",
    "text",
    "binary",
    "refused",
]

LONGEST = 4096
"""Bytes; the largest QR code holds 2953."""

RESIDENT_CODE_HOST = "https://s.sh.gov.cn/"
RECEIPT_VERSION = "DSR1"

_ENDS = "\x02\x03\r\n\t\0 "
_AIM = re.compile(rb"\][A-Za-z][0-9A-Za-z]")
_AIM_WITH_ECI = re.compile(rb"\](Q[246]|d[456]|L1|z[345])")
"""Symbologies of ISO/IEC 15424 whose data may hold escapes that name a character set."""

_ECI = re.compile(rb"\\(?:(\\)|([0-9]{6}))")
_CHARACTER_SETS = {3: "latin-1", 26: "utf-8", 27: "ascii", 29: "gb18030", 32: "gb18030"}
"""Extended channel interpretations a Chinese code may name; the number of GB 18030 is not confirmed (29 or 32)."""

_RESIDENT_CODE = re.compile(r"https?://s\.sh\.gov\.cn/([0-9A-Za-z]{32})(\d{13})", re.IGNORECASE)
_RESIDENT_HOST = re.compile(r"https?://s\.sh\.gov\.cn/", re.IGNORECASE)
_MEDICAL_INSURANCE = re.compile(r"424\d{25}", re.ASCII)
_ID_NUMBER = re.compile(r"\d{17}[\dXx]", re.ASCII)
_WEB_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_RECEIPT = re.compile(r"DSR(\d+)([A-Z2-7]+)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1c\x1e\x1f\x7f-\x9f\ufffd]")
_CJK = re.compile(r"[\u3400-\u9fff]")
_MISREAD = re.compile(r"[\u0080-\u1fff]")


@dataclass(frozen=True, slots=True)
class ClassifiedCode:
    """A code's kind and text; the representation shows only the kind.

    Attributes:
        text: Without prefix and suffix; base64 for a binary code of ``resident_code_other``, "" for other binary ones.
        detail: ``issued_ms`` (resident_code), ``encoding`` = base64, ``province`` (medical_insurance, two digits),
            ``check`` (id_number: "" or a code), ``case_id`` (receipt), ``length`` (binary, refused).
        code: Why it cannot be used, as a key of the words; "" = it can.
    """

    kind: CodeKind
    text: str = field(default="", repr=False)
    detail: Mapping[str, str | int] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    code: str = ""


def decode(raw: bytes) -> str | bytes:
    """Text of a code in UTF-8 or GB18030; bytes that are neither stay bytes.

    "UTF-8 when it decodes" would misread short Chinese texts in GBK (联通, 移动): a text with characters that Chinese
    ones do not have is taken as GB18030 when that gives more Chinese characters.
    """
    chinese = _strictly(raw, "gb18030")
    text = _strictly(raw, "utf-8")
    if text is None or (_MISREAD.search(text) and chinese is not None and _cjk(chinese) > _cjk(text)):
        text = chinese
    if text is None or _CONTROL.search(text.strip(_ENDS)):
        return raw
    return text


def classify(raw: bytes) -> ClassifiedCode:
    """Say what a code is. Never raises, whatever the bytes; more than ``LONGEST`` of them are refused unread."""
    if len(raw) > LONGEST:
        return ClassifiedCode("refused", detail=_detail(length=len(raw)), code="identity.code_too_long")
    raw = raw.strip(_ENDS.encode())
    if not raw:
        return ClassifiedCode("refused", detail=_detail(length=0), code="identity.code_empty")
    text = _decode_with_prefix(raw)
    if isinstance(text, bytes):
        return _classify_binary(text)
    if not (text := text.strip(_ENDS)):
        return ClassifiedCode("refused", detail=_detail(length=0), code="identity.code_empty")
    return _classify_text(text)


def make_receipt_code(case_id: UUID) -> str:
    """The code on a receipt: version, then case id and check sum in base 32; 36 capitals and digits.

    It holds no personal data and is worth nothing without the centre.
    """
    payload = case_id.bytes + zlib.crc32(RECEIPT_VERSION.encode() + case_id.bytes).to_bytes(4, "big")
    return RECEIPT_VERSION + base64.b32encode(payload).decode("ascii")


def read_receipt_code(text: str) -> UUID | None:
    """The case of a receipt's code; None for a damaged or foreign one."""
    code = text.strip().upper()
    if not code.startswith(RECEIPT_VERSION):
        return None
    try:
        payload = base64.b32decode(code[len(RECEIPT_VERSION) :])
    except ValueError:  # no base 32, or not even ASCII
        return None
    case, check = payload[:16], payload[16:]
    if len(check) != 4 or zlib.crc32(RECEIPT_VERSION.encode() + case).to_bytes(4, "big") != check:
        return None
    return UUID(bytes=case)


def _decode_with_prefix(raw: bytes) -> str | bytes:
    """As ``decode``, with the AIM identifier that a scanner may put before the data taken off and heeded."""
    prefix = _AIM.match(raw)
    if prefix is None:
        return decode(raw)
    data = raw[prefix.end() :]
    if not _AIM_WITH_ECI.match(raw):
        return decode(data)
    pieces, character_set, begin = [], "", 0
    said = bytearray()
    for escape in [*_ECI.finditer(data), None]:
        said += data[begin : escape.start() if escape else len(data)]
        begin = escape.end() if escape else len(data)
        if escape and escape[1]:
            said += b"\\"  # doubled by the scanner
            continue
        pieces.append((bytes(said), character_set))
        said.clear()
        if escape:
            character_set = _CHARACTER_SETS.get(int(escape[2]), "")
    texts = [_strictly(piece, named) if named else decode(piece) for piece, named in pieces]
    if all(isinstance(text, str) and not _CONTROL.search(text.strip(_ENDS)) for text in texts):
        return "".join(str(text) for text in texts)
    return decode(b"".join(piece for piece, _ in pieces))


def _classify_binary(raw: bytes) -> ClassifiedCode:
    if raw.startswith(RESIDENT_CODE_HOST.encode()):
        text = base64.b64encode(raw).decode("ascii")
        return ClassifiedCode("resident_code_other", text, _detail(encoding="base64"))
    return ClassifiedCode("binary", detail=_detail(length=len(raw)), code="identity.code_binary")


def _classify_text(text: str) -> ClassifiedCode:
    if found := _RESIDENT_CODE.fullmatch(text):
        return ClassifiedCode("resident_code", text, _detail(issued_ms=int(found[2])))
    if _RESIDENT_HOST.match(text):
        return ClassifiedCode("resident_code_other", text)
    if _MEDICAL_INSURANCE.fullmatch(text):
        return ClassifiedCode("medical_insurance", text, _detail(province=text[22:24]))
    if _ID_NUMBER.fullmatch(text):
        return ClassifiedCode("id_number", text.upper(), _detail(check=check_id_number(text).code))
    if found := _RECEIPT.fullmatch(text):
        return _classify_receipt(text.upper(), found[1])
    if _WEB_ADDRESS.fullmatch(text):
        return ClassifiedCode("web_address", text)
    return ClassifiedCode("text", text)


def _classify_receipt(text: str, version: str) -> ClassifiedCode:
    case_id = read_receipt_code(text)
    if case_id is not None:
        return ClassifiedCode("receipt", text, _detail(case_id=str(case_id)))
    if "DSR" + version != RECEIPT_VERSION:
        return ClassifiedCode("receipt", text, code="identity.receipt_newer")
    return ClassifiedCode("receipt", text, code="identity.receipt_damaged")


def _strictly(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _cjk(text: str) -> int:
    return len(_CJK.findall(text))


def _detail(**values: str | int) -> Mapping[str, str | int]:
    return MappingProxyType(values)
