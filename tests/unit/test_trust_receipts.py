from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.centre.contract import CaseReceipt, CaseState, PageReceipt
from kiosk.trust.receipts import ReceiptError, check_case_receipt, check_page_receipt

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PAGE: dict[str, Any] = {"case_id": UUID(int=1), "version": 1, "page_id": UUID(int=2), "sha256": "a" * 64, "size": 1000}

wrong_page = st.one_of(
    st.tuples(st.sampled_from(["case_id", "page_id"]), st.integers(3, 9).map(lambda value: UUID(int=value))),
    st.tuples(st.just("version"), st.integers(2, 9)),
    st.tuples(st.just("size"), st.integers().filter(lambda size: size != 1000)),
    st.tuples(st.just("sha256"), st.text("abcdef0123456789", min_size=64, max_size=64).filter(lambda h: h != "a" * 64)),
)


def test_a_page_receipt_that_tells_everything_back_is_taken() -> None:
    check_page_receipt(PageReceipt(**PAGE, stored_at=NOW), **PAGE)


@given(wrong_page)
def test_a_page_receipt_with_any_other_value_is_refused(change: tuple[str, Any]) -> None:
    receipt = PageReceipt.model_validate({**PAGE, "stored_at": NOW, change[0]: change[1]})
    with pytest.raises(ReceiptError) as caught:
        check_page_receipt(receipt, **PAGE)
    assert caught.value.field == change[0]
    assert str(change[1]) not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"case_id": UUID(int=9)}, "case_id"), ({"version": 2}, "version"), ({"case_number": "  "}, "case_number")],
)
def test_a_case_receipt_for_something_else_or_without_a_number_is_refused(change: dict[str, Any], field: str) -> None:
    told: dict[str, Any] = {
        "case_id": UUID(int=1),
        "version": 1,
        "case_number": "HN20261120-0001-4",
        "state": CaseState.COMPLETE,
        "received_at": NOW,
    }
    check_case_receipt(CaseReceipt(**told), case_id=UUID(int=1), version=1)
    with pytest.raises(ReceiptError) as caught:
        check_case_receipt(CaseReceipt(**{**told, **change}), case_id=UUID(int=1), version=1)
    assert caught.value.field == field
