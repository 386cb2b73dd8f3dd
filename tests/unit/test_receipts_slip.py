"""What slips say, and what they must never say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from kiosk.receipts import slip as words_of_slips
from kiosk.receipts.slip import (
    MATERIALS_UNKNOWN,
    RARE_CHARACTERS,
    Banner,
    BigNumber,
    Block,
    Checklist,
    Code,
    Fields,
    Listing,
    Mark,
    Paragraph,
    Ruler,
    Sample,
    Slip,
    SlipState,
    Title,
    checklist_slip,
    correction_slip,
    receipt_slip,
)

NOW = datetime(2026, 11, 20, 14, 5)
CODE = "DS1:7f0c2c44-6a55-4c62-8f8e-1f0b6a3b2c11"
NUMBER = "SL20261120-000123"
STATES = {
    SlipState.ACCEPTED: "已受理",
    SlipState.DELIVERED: "已送达待受理",
    SlipState.KEPT_HERE: "本机保存待发送",
    SlipState.RETURNED: "已退回，未受理",
    SlipState.CORRECTION_REQUESTED: "需要补正",
    SlipState.CORRECTION_KEPT_HERE: "补正材料待发送",
}


def receipt(state: SlipState = SlipState.ACCEPTED, **changes: Any) -> Slip:
    values: dict[str, Any] = {
        "centre_name": "样例镇社区事务受理服务中心",
        "station_name": "样例村家门口服务站",
        "item_name": "就医记录册申领、更换、补发",
        "masked_name": "张*",
        "id_last_four": "0017",
        "pages": [("居民身份证", 1), ("书面委托书", 2)],
        "state": state,
        "printed_at": NOW,
        "assistant": "bangban01",
        "code": CODE,
        "case_number": "" if state is SlipState.KEPT_HERE else NUMBER,
    }
    return receipt_slip(**values | changes)


def of(slip: Slip, kind: type[Block]) -> list[Any]:
    return [block for block in slip.blocks if isinstance(block, kind)]


def everything(slip: Slip) -> str:
    return "\n".join(map(str, slip.blocks))


@pytest.mark.parametrize("state", list(SlipState))
def test_exactly_one_state_stands_on_a_receipt(state: SlipState) -> None:
    slip = receipt(state)
    (banner,) = of(slip, Banner)
    assert banner.chinese == STATES[state]
    assert (NUMBER in everything(slip)) == (state is not SlipState.KEPT_HERE)


def test_a_case_that_is_still_here_says_that_the_centre_does_not_have_it() -> None:
    said = everything(receipt(SlipState.KEPT_HERE))
    assert "受理中心还没有收到" in said
    for untrue in ("已受理", "已送达", "已经送到", "办件编号'"):
        assert untrue not in said


def test_delivered_does_not_claim_acceptance() -> None:
    assert "已经受理" not in everything(receipt(SlipState.DELIVERED))


def test_returned_gives_the_reason() -> None:
    assert "中心说明：材料与申请人不符" in everything(receipt(SlipState.RETURNED, reason="材料与申请人不符"))


@pytest.mark.parametrize(
    ("state", "changes"),
    [
        (SlipState.KEPT_HERE, {"case_number": NUMBER}),
        (SlipState.KEPT_HERE, {"ticket_number": "A012"}),
        (SlipState.ACCEPTED, {"case_number": ""}),
        (SlipState.DELIVERED, {"case_number": ""}),
    ],
)
def test_what_cannot_be_true_is_refused(state: SlipState, changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="case"):
        receipt(state, **changes)


@pytest.mark.parametrize(
    "changes", [{"masked_name": "张示例"}, {"id_last_four": "000000190001010017"}, {"proxy_masked_name": "李样张"}]
)
def test_a_whole_name_or_number_is_refused_and_not_repeated(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="masked") as refused:
        receipt(**changes)
    assert next(iter(changes.values())) not in str(refused.value)
    if "masked_name" in changes:
        with pytest.raises(ValueError, match="masked"):
            correction(masked_name="张示例")


def test_everything_a_resident_needs_is_there() -> None:
    slip = receipt(ticket_number="A012", people_ahead=3, contact="021-00000000", proxy_masked_name="李**")
    said = everything(slip)
    for part in ("样例镇社区事务受理服务中心", "样例村家门口服务站", "张*", "0017", "李**", "2026-11-20 14:05"):
        assert part in said
    for part in ("bangban01", "前面还有 3 人", "021-00000000", "就医记录册"):
        assert part in said
    assert [block.value for block in of(slip, BigNumber)] == [NUMBER, "A012"]
    assert of(slip, Listing)[0].rows == (("居民身份证", "1 页"), ("书面委托书", "2 页"), ("合计", "3 页"))
    assert [block.data for block in of(slip, Code)] == [CODE]
    assert of(slip, Mark) == []


@pytest.mark.parametrize(("ahead", "said"), [(0, "前面没有人在等"), (1, "前面还有 1 人"), (None, None)])
def test_people_ahead(ahead: int | None, said: str | None) -> None:
    texts = [block.text for block in of(receipt(ticket_number="A001", people_ahead=ahead), Paragraph)]
    assert (said in texts) if said else not any("前面" in text for text in texts)


def test_a_reprint_says_so_first() -> None:
    assert isinstance(receipt(reprint=True).blocks[0], Mark)
    assert "重" in receipt(reprint=True).blocks[0].chinese
    assert isinstance(correction(reprint=True).blocks[0], Mark)


def test_a_case_without_pages() -> None:
    slip = receipt(pages=[])
    assert of(slip, Listing) == []
    assert "没有交纸质材料" in everything(slip)


def correction(**changes: Any) -> Slip:
    values: dict[str, Any] = {
        "centre_name": "样例镇社区事务受理服务中心",
        "station_name": "样例村家门口服务站",
        "case_number": NUMBER,
        "item_name": "跨省异地就医登记备案",
        "masked_name": "张*",
        "reasons": [("居民身份证", "照片反光"), ("异地居住证明", "")],
        "printed_at": NOW,
        "code": CODE,
    }
    return correction_slip(**values | changes)


def test_a_correction_says_what_to_bring_and_why() -> None:
    slip = correction(note="请在一周内补齐")
    assert of(slip, Checklist)[0].rows[1:] == (("居民身份证", "原因：照片反光"), ("异地居住证明", ""))
    said = everything(slip)
    assert NUMBER in said
    assert "请在一周内补齐" in said
    assert of(slip, Code)[0].data == CODE
    with pytest.raises(ValueError, match="case number"):
        correction(case_number="")


def guide(**changes: Any) -> Slip:
    values: dict[str, Any] = {
        "station_name": "样例村家门口服务站",
        "centre_name": "样例镇社区事务受理服务中心",
        "item_name": "就医记录册申领、更换、补发",
        "materials": [("居民身份证", "原件")],
        "materials_known": True,
        "catalogue_version": "2026.11",
        "checked_on": "2026-11-01",
        "printed_at": NOW,
    }
    return checklist_slip(**values | changes)


def test_a_guide_lists_only_what_is_sourced() -> None:
    known = guide(department="样例局", time_limit="当场")
    assert of(known, Checklist)[0].rows == (("居民身份证", "原件"),)
    for part in ("2026.11", "2026-11-01", "样例局", "当场", MATERIALS_UNKNOWN):
        assert part in everything(known)
    unknown = guide(materials_known=False)
    assert of(unknown, Checklist) == []
    assert "居民身份证" not in everything(unknown)
    assert of(unknown, Banner)[1].chinese == MATERIALS_UNKNOWN


def test_the_self_test_shows_rare_characters_code_and_ruler() -> None:
    slip = words_of_slips.self_test_slip(
        station_name="站", device="TM-T20II", printed_at=NOW, code="DS1:t", version="1"
    )
    assert of(slip, Sample)[0].text == RARE_CHARACTERS
    assert of(slip, Ruler)
    assert of(slip, Code)[0].data == "DS1:t"
    assert ("打印机", "TM-T20II") in of(slip, Fields)[0].rows
    assert of(slip, Title)[0].english


# -- ticket and reprint ---------------------------------------------------------------------------------------------


def ticket(**changes: Any) -> Slip:
    values: dict[str, Any] = {
        "centre_name": "样例镇社区事务受理服务中心",
        "station_name": "样例村家门口服务站",
        "ticket_number": "A017",
        "people_ahead": 3,
        "item_name": "就医记录册申领、更换、补发",
        "printed_at": NOW,
    }
    return words_of_slips.ticket_slip(**values | changes)


def again(state: SlipState = SlipState.ACCEPTED, **changes: Any) -> Slip:
    values: dict[str, Any] = {
        "centre_name": "样例镇社区事务受理服务中心",
        "station_name": "样例村家门口服务站",
        "item_name": "就医记录册申领、更换、补发",
        "state": state,
        "handed_in_at": NOW,
        "known_at": NOW.replace(hour=15),
        "printed_at": NOW.replace(day=21),
        "assistant": "bangban01",
        "code": CODE,
        "case_number": "" if state is SlipState.KEPT_HERE else NUMBER,
    }
    return words_of_slips.reprint_slip(**values | changes)


def test_a_ticket_says_the_number_who_is_before_and_what_comes_next() -> None:
    slip = ticket(contact="021-00000000")
    assert [(block.value, block.large) for block in of(slip, BigNumber)] == [("A017", True)]
    said = everything(slip)
    for part in ("前面还有 3 人", "就医记录册", "样例镇社区事务受理服务中心", "2026-11-20 14:05", "021-00000000"):
        assert part in said
    assert "不是办件回执" in said
    assert of(slip, Code) == []
    assert of(slip, Mark) == []
    assert of(ticket(reprint=True), Mark)


@pytest.mark.parametrize(
    ("changes", "banner"),
    [
        ({"people_ahead": 0}, "前面没有人在等"),
        ({"people_ahead": 2}, "前面还有 2 人"),
        ({"called": True}, "轮到您了，窗口正在办"),
    ],
)
def test_a_ticket_says_whose_turn_it_is(changes: dict[str, Any], banner: str) -> None:
    assert [block.chinese for block in of(ticket(**changes), Banner)] == [banner]


@pytest.mark.parametrize("state", list(SlipState))
def test_a_receipt_printed_again_carries_the_mark_and_one_state(state: SlipState) -> None:
    slip = again(state)
    assert isinstance(slip.blocks[0], Mark)
    assert [block.chinese for block in of(slip, Banner)] == [STATES[state]]
    said = everything(slip)
    for part in ("2026-11-20 14:05", "2026-11-20 15:05", "2026-11-21 14:05", "bangban01", CODE, "就医记录册"):
        assert part in said
    assert (NUMBER in said) == (state is not SlipState.KEPT_HERE)
    assert "申请人" not in said


def test_a_returned_case_without_its_reason_points_at_nothing_that_is_not_there() -> None:
    assert "说明" not in everything(again(SlipState.RETURNED))
    assert "原因请向受理中心咨询" in everything(again(SlipState.RETURNED))


@pytest.mark.parametrize(
    ("state", "number"), [(SlipState.KEPT_HERE, NUMBER), (SlipState.ACCEPTED, ""), (SlipState.CORRECTION_KEPT_HERE, "")]
)
def test_a_receipt_printed_again_refuses_what_cannot_be_true(state: SlipState, number: str) -> None:
    with pytest.raises(ValueError, match="case"):
        again(state, case_number=number)
