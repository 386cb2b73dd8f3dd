"""The single rule by which the station may destroy its copy of what it sent.

A receipt counts only when every value that the station knows is told back unchanged. A 2xx answer alone never does.
Signed receipts add their check here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID


class ReceiptError(Exception):
    """A receipt that does not fit what was sent: nothing may be destroyed on it.

    Attributes:
        code: Always trust.receipt_wrong.
        field: Which value differs; the values themselves are not told.
    """

    def __init__(self, field: str) -> None:
        super().__init__(f"trust.receipt_wrong {field}")
        self.code = "trust.receipt_wrong"
        self.field = field


class PageReceiptLike(Protocol):
    """``kiosk.centre.contract.PageReceipt``."""

    @property
    def case_id(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def page_id(self) -> UUID: ...
    @property
    def sha256(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def stored_at(self) -> datetime: ...


class CaseReceiptLike(Protocol):
    """``kiosk.centre.contract.CaseReceipt``."""

    @property
    def case_id(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def case_number(self) -> str: ...
    @property
    def received_at(self) -> datetime: ...


def check_page_receipt(
    receipt: PageReceiptLike, *, case_id: UUID, version: int, page_id: UUID, sha256: str, size: int
) -> None:
    """Hold a page's receipt against what was sent. ``sha256`` is lower-case hex of the page's bytes, ``size`` theirs.

    Raises:
        ReceiptError: another case, version, page, hash or size.
    """
    _same("case_id", receipt.case_id, case_id)
    _same("version", receipt.version, version)
    _same("page_id", receipt.page_id, page_id)
    _same("sha256", receipt.sha256, sha256)
    _same("size", receipt.size, size)


def check_case_receipt(receipt: CaseReceiptLike, *, case_id: UUID, version: int) -> None:
    """Hold a case's receipt against what was sent.

    Raises:
        ReceiptError: another case or version, or no case number.
    """
    _same("case_id", receipt.case_id, case_id)
    _same("version", receipt.version, version)
    if not receipt.case_number.strip():
        raise ReceiptError("case_number")


def _same(field: str, told: object, sent: object) -> None:
    if told != sent:
        raise ReceiptError(field)
