"""What the outbox refuses, as codes with data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


class OutboxError(Exception):
    """Something was not kept, or is not there.

    Attributes:
        code: outbox.disk_full, outbox.disk_failed, outbox.in_use, outbox.store_damaged, outbox.newer_format,
            outbox.page_exists, outbox.page_unknown, outbox.page_missing, outbox.page_damaged, outbox.case_unknown,
            outbox.already_committed or outbox.draft_damaged.
        detail: Values for words and log; never personal data.
    """

    def __init__(self, code: str, **detail: str | int | float) -> None:
        super().__init__(f"{code} {detail}" if detail else code)
        self.code = code
        self.detail: Mapping[str, str | int | float] = MappingProxyType(detail)
