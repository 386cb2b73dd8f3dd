"""Patterns of personal data that must never reach a log or the audit record: the last line of defence.

Shapes: ID numbers by GB 11643 (18 characters) and its predecessor (15 digits), mobile numbers, and the codes of
reference/hardware.md section 3 (随申码 as an address of s.sh.gov.cn, 医保电子凭证 of 28 digits beginning 424).
"""

from __future__ import annotations

import re

_BIRTH = r"(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_BIRTH_SHORT = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"

ID_NUMBER = re.compile(
    rf"(?<!\d)(?:\d{{6}}[ -]?{_BIRTH}[ -]?\d{{3}}[\dXx]|[1-8]\d{{5}}{_BIRTH_SHORT}\d{{3}})(?!\d)", re.ASCII
)
TELEPHONE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9A-Za-z])", re.ASCII)
RESIDENT_CODE = re.compile(r"(?:https?://)?s\.sh\.gov\.cn/\S*|(?<!\d)424\d{25}(?!\d)|\bopc[0-9A-Za-z]{16,}", re.ASCII)
EIGHTEEN = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)", re.ASCII)

REFUSED = (ID_NUMBER, TELEPHONE, RESIDENT_CODE)
"""What no value of the audit record may contain."""

MASKED = (RESIDENT_CODE, ID_NUMBER, EIGHTEEN, TELEPHONE)
"""What a log line shows as stars; any 18 digits too, since a wrong date does not make a number less personal."""


def looks_personal(text: str) -> bool:
    """Whether a text holds something shaped like an ID number, a mobile number or a resident's code."""
    return any(pattern.search(text) for pattern in REFUSED)


def mask(text: str) -> str:
    """The text with everything shaped like personal data replaced by ``[masked]``."""
    for pattern in MASKED:
        text = pattern.sub("[masked]", text)
    return text
