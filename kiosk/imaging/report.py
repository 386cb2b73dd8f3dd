"""What ``kiosk page FILE…`` and ``kiosk codes FILE…`` say about a picture, ready for JSON."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kiosk.identity.codes import decode
from kiosk.imaging.codes import CodeFormat, read_codes_hard
from kiosk.imaging.outline import find_page
from kiosk.imaging.picture import ImagingError, load_picture
from kiosk.imaging.quality import judge


def page_report(path: Path) -> dict[str, Any]:
    """Outline and quality of the page in a picture.

    Returns:
        ``file``; and either ``error`` (a code, with ``detail``) or ``width``, ``height``, ``outline`` (``corners`` in
        pixels TL, TR, BR, BL, ``confidence``, ``cut_off``; or None) and ``verdicts`` (``code``, ``severity``,
        ``detail``), worst first.
    """
    try:
        image = load_picture(path)
    except ImagingError as error:
        return {"file": str(path), "error": error.code, "detail": dict(error.detail)}
    outline = find_page(image)
    judgement = judge(image, outline.corners if outline else None)
    return {
        "file": str(path),
        "width": image.shape[1],
        "height": image.shape[0],
        "outline": outline
        and {
            "corners": [[round(float(x), 2), round(float(y), 2)] for x, y in outline.corners],
            "confidence": outline.confidence,
            "cut_off": list(outline.cut_off),
        },
        "verdicts": [
            {"code": verdict.code, "severity": verdict.severity.name.lower(), "detail": dict(verdict.detail)}
            for verdict in judgement.verdicts
        ],
    }


def codes_report(path: Path, formats: Sequence[CodeFormat] = tuple(CodeFormat)) -> dict[str, Any]:
    """All codes in a picture.

    Returns:
        ``file``; and either ``error`` (a code, with ``detail``) or ``codes``: ``format``, ``text`` (None for bytes
        that are no text), ``base64`` of the bytes, ``corners`` in pixels.
    """
    try:
        image = load_picture(path)
    except ImagingError as error:
        return {"file": str(path), "error": error.code, "detail": dict(error.detail)}
    return {
        "file": str(path),
        "codes": [
            {
                "format": str(code.format),
                "text": payload_text(code.raw),
                "base64": base64.b64encode(code.raw).decode("ascii"),
                "corners": [[round(x, 1), round(y, 1)] for x, y in code.corners],
            }
            for code in read_codes_hard(image, formats)
        ],
    }


def payload_text(raw: bytes) -> str | None:
    """The text of a payload (UTF-8 or GBK), or None for binary data."""
    text = decode(raw)
    return text if isinstance(text, str) else None
