"""The screens of a visit on the real window: what they say, what a touch asks for, and that everything fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF
from PySide6.QtGui import QAccessible
from PySide6.QtQuick import QQuickItem

from drivers.driver import DeviceKind, DeviceState
from kiosk.conductor.snapshot import (
    CaseState,
    DeliveryView,
    Notice,
    Outcome,
    PrintState,
    Screen,
    TicketView,
    VisitView,
)
from tests.ui.stand import Stand
from tests.ui.visit_samples import FIELDS, MATERIALS, OUTLINE, SAMPLES, VISIT, ZHANG, at, capturing, page

MakeStand = Callable[..., Stand]


def texts(stand: Stand) -> str:
    """All words on the screen, one a line."""
    return "\n".join(
        str(item.property("text"))
        for item in stand.hand.items()
        if item.inherits("QQuickText") and stand.hand.shown(item) and item.property("text")
    )


def text_of(stand: Stand, name: str) -> str:
    return str(stand.hand.get(name).property("text"))


# -- identify ----------------------------------------------------------------------------------------------------


def test_person_is_shown_masked_and_next_goes_on(stand: Stand) -> None:
    stand.show(SAMPLES["identify_found"])
    words = texts(stand)
    assert "张示例" in words
    assert "000000********0017" in words
    assert "证件已过有效期" in words
    assert "男 · 1950-01-01 出生" in words
    stand.hand.tap("identify_next")
    assert stand.recorder.calls[-1] == ("next", ())


def test_identity_by_hand_needs_a_right_number_and_a_reason(stand: Stand) -> None:
    stand.show(SAMPLES["identify"])
    stand.hand.tap("identify_byHand")
    stand.hand.tap("identify_name")
    stand.hand.type("Zhang")
    stand.hand.tap("identify_idNumber")
    stand.hand.type("000000190001010018")
    assert stand.hand.get("sheetPrimary").isEnabled() is False
    assert text_of(stand, "identify_idNumberInput") == "000000190001010018"
    assert stand.hand.get("identify_idNumber").property("errorText") != ""
    stand.hand.get("identify_idNumberInput").setProperty("text", "")
    stand.hand.type("000000190001010017")
    assert stand.hand.get("identify_idNumber").property("errorText") == ""
    assert stand.hand.get("sheetPrimary").isEnabled() is False
    stand.hand.tap("identify_reason_0")
    stand.hand.tap("sheetPrimary")
    assert stand.recorder.last("identify_by_hand") == ("Zhang", "000000190001010017", "没有带证件")


def test_card_laid_down_while_writing_ends_the_form(stand: Stand) -> None:
    stand.show(SAMPLES["identify"])
    stand.hand.tap("identify_byHand")
    stand.hand.get("identify_name")
    stand.show(SAMPLES["identify_found"])
    stand.hand.wait(lambda: stand.hand.find("identify_name") is None, "the form stays open")
    assert stand.hand.find("identify_person") is not None


def test_absent_reader_says_so_and_leaves_the_other_ways(stand: Stand) -> None:
    stand.show(SAMPLES["identify_no_reader"])
    assert "没有找到设备" in texts(stand)
    assert stand.hand.find("identify_byHand") is not None


def test_webcam_reads_codes_when_the_scanner_is_gone(stand: Stand) -> None:
    gone = tuple(
        replace(view, state=DeviceState.ABSENT, code="device.lost") if view.kind is DeviceKind.CODE_SCANNER else view
        for view in SAMPLES["identify"].devices
    )
    stand.show(replace(SAMPLES["identify"], devices=gone))
    assert "扫码器没有连上，请对准摄像头" in texts(stand)


# -- item --------------------------------------------------------------------------------------------------------


def test_search_finds_and_a_touch_leads_to_the_guide(stand: Stand) -> None:
    stand.show(SAMPLES["choose_item"])
    stand.hand.tap("choose_search")
    stand.hand.type("sbk")
    result = stand.hand.get("choose_result_0")
    assert result.property("title") == "社保卡补换"
    assert stand.hand.find("choose_result_1") is None
    stand.hand.tap("choose_result_0")
    assert stand.recorder.calls[-2:] == [("choose_item", ("social",)), ("next", ())]


def test_frequent_items_stand_ready_and_no_total_is_shown(stand: Stand) -> None:
    stand.show(SAMPLES["choose_item"])
    assert stand.hand.get("choose_item_0").property("title") == "敬老卡申领"
    assert "12" not in texts(stand).replace(text_of_clock(stand), "")
    stand.hand.tap("choose_item_0")
    assert stand.recorder.last("choose_item") == ("card",)


def text_of_clock(stand: Stand) -> str:
    """The one text with digits that is not the screen's: hh:mm."""
    return next((line for line in texts(stand).splitlines() if len(line) == 5 and line[2] == ":"), "\n")


def test_department_narrows_and_empty_result_helps(stand: Stand) -> None:
    stand.show(SAMPLES["choose_item"])
    stand.hand.tap("choose_department_0")
    assert stand.hand.get("choose_result_0").property("subtitle").startswith("市人社局")
    stand.hand.tap("choose_search")
    stand.hand.type("zzzz")
    assert "没有找到" in texts(stand)
    assert "jlk" in texts(stand)
    stand.hand.tap("keyHide")
    stand.hand.tap("choose_startOver")
    assert stand.hand.find("choose_item_0") is not None


# -- guide -------------------------------------------------------------------------------------------------------


def test_guide_shows_sources_and_takes_consent_and_proxy(stand: Stand) -> None:
    stand.show(SAMPLES["guide"])
    words = texts(stand)
    assert "近期正面免冠照片" in words
    assert "资料日期 2020-05-01，以中心告知为准" in words
    assert "当场受理" in words
    assert stand.hand.get("guide_next").isEnabled() is False
    stand.hand.tap("guide_consent")
    stand.hand.tap("guide_forOther")
    assert stand.recorder.calls[-2:] == [("set_consent", (True,)), ("set_acting_for_other", (True,))]
    stand.hand.tap("guide_print")
    assert stand.recorder.calls[-1] == ("print_checklist", ())


def test_guide_invents_no_material_and_no_time_limit(stand: Stand) -> None:
    stand.show(SAMPLES["guide_unknown"])
    words = texts(stand)
    assert "材料以中心告知为准" in words
    assert "时限" not in words
    assert "代办规定" not in words


# -- capture -----------------------------------------------------------------------------------------------------


def test_capture_verbs(stand: Stand) -> None:
    stand.show(SAMPLES["capture"])
    stand.hand.settle(0.3)
    stand.hand.tap("capture_take")
    stand.hand.tap("capture_material_1")
    stand.hand.tap("capture_automatic")
    assert stand.recorder.calls[-3:] == [
        ("take_picture", ()),
        ("choose_material", ("photo",)),
        ("set_automatic", (False,)),
    ]
    stand.hand.tap("capture_page_1")
    stand.hand.tap("capture_rotatePage")
    assert stand.recorder.calls[-1] == ("rotate_page", ("page-3",))
    assert stand.hand.get("capture_rotatePage").isEnabled() is False
    turned = replace(
        MATERIALS[2], pages=(MATERIALS[2].pages[0], replace(MATERIALS[2].pages[1], page_id="page-3-turned"))
    )
    stand.show(at(Screen.CAPTURE, replace(capturing(), materials=(*MATERIALS[:2], turned, *MATERIALS[3:]))))
    stand.hand.tap("capture_rotatePage")
    assert stand.recorder.calls[-1] == ("rotate_page", ("page-3-turned",))
    stand.hand.tap("sheetSecondary")
    stand.hand.tap("capture_page_0")
    stand.hand.tap("capture_deletePage")
    assert stand.recorder.calls[-1] == ("delete_page", ("page-2",))


def test_material_of_ones_own_by_name(make_stand: MakeStand) -> None:
    stand = make_stand()
    stand.show(at(Screen.CAPTURE, replace(capturing(), materials=MATERIALS[:2])))
    stand.hand.tap("capture_add")
    assert stand.hand.get("sheetPrimary").isEnabled() is False
    stand.hand.tap("capture_materialName_0")
    stand.hand.tap("sheetPrimary")
    assert stand.recorder.last("add_material") == ("户口簿",)


def test_advice_follows_the_camera(stand: Stand) -> None:
    stand.show(SAMPLES["capture_advice"])
    assert text_of(stand, "capture_advice") == "材料没有拍全。"
    stand.show(at(Screen.CAPTURE, capturing(still=0.5)))
    assert text_of(stand, "capture_advice") == "很好，请保持不动"
    stand.show(SAMPLES["capture_second_side"])
    assert text_of(stand, "capture_advice") == "正面拍好了，请翻到背面"
    assert stand.hand.get("capture_material_0").property("subtitle") == "正面拍好了，还差背面"
    stand.show(at(Screen.CAPTURE, replace(capturing(still=0.0, outline=()), can_next=True, next_code="")))
    assert text_of(stand, "capture_advice") == "都拍好了，可以按“下一步”"
    nothing = replace(capturing(still=0.0, outline=()), can_next=True, next_code="", materials=())
    stand.show(at(Screen.CAPTURE, nothing))
    assert "再加一种材料" in text_of(stand, "capture_advice")
    stand.show(SAMPLES["capture_no_camera"])
    assert "没有找到设备" in text_of(stand, "capture_advice")
    assert stand.hand.get("capture_take").isEnabled() is False


def test_good_picture_is_used_at_once(stand: Stand) -> None:
    stand.show(SAMPLES["capture_review"])
    stand.hand.tap("capture_rotate")
    stand.hand.tap("capture_whole")
    stand.hand.tap("capture_accept")
    stand.hand.tap("capture_again")
    assert stand.recorder.calls[-4:] == [
        ("rotate_review", ()),
        ("use_whole_picture", ()),
        ("accept_picture", ("",)),
        ("retake_picture", ()),
    ]


def test_leaving_a_correction_does_not_say_that_the_case_is_gone(stand: Stand) -> None:
    stand.show(SAMPLES["capture_marked"])
    stand.hand.tap("capture_cancel")
    assert stand.hand.get("sheetPrimary").property("text") == "先不补了"
    assert "办件还在受理中心等着" in texts(stand)


def test_the_same_reason_is_said_once(stand: Stand) -> None:
    marked = SAMPLES["capture_marked"].visit
    assert marked is not None
    reason = "右下角的签名看不清"
    stand.show(at(Screen.CAPTURE, replace(marked, delivery=DeliveryView(outcome_reason=reason))))
    assert reason in texts(stand)
    assert f"{reason}；{reason}" not in texts(stand)


def test_a_reopened_correction_does_not_say_that_nothing_was_filled_in(stand: Stand) -> None:
    empty = tuple(replace(field, value="") for field in FIELDS)
    stand.show(at(Screen.REVIEW, replace(VISIT, fields=empty)))
    assert "（没有填）" in texts(stand)
    stand.show(at(Screen.REVIEW, replace(VISIT, fields=empty, correction=True)))
    assert "（没有填）" not in texts(stand)
    stand.show(at(Screen.REVIEW, replace(VISIT, fields=FIELDS, correction=True)))
    assert "填写的内容" in texts(stand)


def test_what_the_clerk_wrote_to_the_case_is_shown(stand: Stand) -> None:
    asked = replace(capturing(outline=()), correction=True, delivery=DeliveryView(outcome_reason="请补一页结婚证"))
    stand.show(at(Screen.CAPTURE, asked))
    assert "请补一页结婚证" in texts(stand)
    stand.show(at(Screen.CAPTURE, replace(asked, correction=False)))
    assert "请补一页结婚证" not in texts(stand)


def test_a_picture_being_looked_at_is_not_lost_by_going_on(stand: Stand) -> None:
    reviewed = SAMPLES["capture_review"]
    assert reviewed.visit is not None
    stand.show(replace(reviewed, visit=replace(reviewed.visit, can_next=True, next_code="")))
    assert stand.hand.get("capture_next").isEnabled() is False
    assert "请先决定：用这张，还是重拍" in texts(stand)


def test_bad_picture_needs_a_reason(stand: Stand) -> None:
    stand.show(SAMPLES["capture_review_bad"])
    assert "画面模糊" in texts(stand)
    stand.hand.tap("capture_accept")
    assert "accept_picture" not in stand.recorder.names()
    assert stand.hand.get("sheetPrimary").isEnabled() is False
    stand.hand.tap("capture_reason_1")
    stand.hand.tap("sheetPrimary")
    assert stand.recorder.last("accept_picture") == ("反光去不掉",)


def test_corner_is_dragged_and_the_others_stay(stand: Stand) -> None:
    stand.show(SAMPLES["capture_review"])
    stand.hand.get("corner_0")
    start = stand.hand.middle("corner_0")
    stand.hand.drag([start, start + QPoint(30, 10), start + QPoint(60, 40)])
    (corners,) = stand.recorder.last("move_corners")
    assert corners[0][0] > OUTLINE[0][0]
    assert corners[0][1] > OUTLINE[0][1]
    assert [tuple(corner) for corner in corners[1:]] == pytest.approx([pytest.approx(c) for c in OUTLINE[1:]])


def test_small_page_is_reviewed_large_and_the_whole_picture_whole(stand: Stand) -> None:
    card = ((0.45, 0.45), (0.55, 0.45), (0.55, 0.53), (0.45, 0.53))
    fresh = capturing(still=0.0, outline=(), reviewing=page(9), review_corners=card)
    stand.show(at(Screen.CAPTURE, fresh))
    stand.hand.wait(lambda: stand.hand.find("corner_0") is not None, "no corners")
    stand.hand.settle(0.1)
    between = stand.hand.middle("corner_1").x() - stand.hand.middle("corner_0").x()
    assert between > stand.hand.get("capture_corners").width() / 4
    whole = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    stand.show(at(Screen.CAPTURE, replace(fresh, capture=replace(fresh.capture, review_corners=whole))))
    stand.hand.settle(0.1)
    editor = stand.hand.get("capture_corners")
    left = editor.mapToScene(QPointF(0, 0)).x()
    assert (
        left - 1 <= stand.hand.middle("corner_0").x() < stand.hand.middle("corner_1").x() <= left + editor.width() + 1
    )


def test_marked_page_tells_the_clerks_reason(stand: Stand) -> None:
    stand.show(SAMPLES["capture_marked"])
    words = texts(stand)
    assert "窗口请您重拍：申请表" in words
    assert "右下角的签名看不清" in words


def test_fast_snapshots_do_not_rebuild_the_list(stand: Stand) -> None:
    stand.show(SAMPLES["capture"])
    before = stand.hand.get("capture_material_2")
    for step in range(5):
        stand.show(at(Screen.CAPTURE, capturing(still=step / 5, outline=OUTLINE if step % 2 else ())))
    assert stand.hand.get("capture_material_2") is before


# -- fields, review, signature -----------------------------------------------------------------------------------


def test_fields_are_typed_and_chosen(stand: Stand) -> None:
    stand.show(at(Screen.FIELDS, replace(VISIT, fields=(replace(FIELDS[0], value=""), *FIELDS[1:]))))
    stand.hand.tap("fields_telephone")
    stand.hand.type("139")
    assert stand.recorder.last("set_field") == ("telephone", "139")
    stand.hand.tap("fields_pickup_1")
    assert stand.recorder.last("set_field") == ("pickup", "post")


def test_echo_of_the_engine_does_not_disturb_typing(stand: Stand) -> None:
    stand.show(at(Screen.FIELDS, replace(VISIT, fields=(replace(FIELDS[0], value=""),))))
    stand.hand.tap("fields_telephone")
    stand.hand.type("1390")
    stand.show(at(Screen.FIELDS, replace(VISIT, fields=(replace(FIELDS[0], value="13"),))))
    assert text_of(stand, "fields_telephoneInput") == "1390"


def test_field_errors_stand_at_the_field_and_next_can_be_pressed(stand: Stand) -> None:
    stand.show(SAMPLES["fields"])
    assert "电话号码不对" in stand.hand.get("fields_telephone").property("errorText")
    stand.hand.tap("fields_next")
    assert stand.recorder.calls[-1] == ("next", ())


def test_everything_is_read_back(stand: Stand) -> None:
    stand.show(SAMPLES["review_proxy"])
    words = texts(stand)
    for said in ("敬老卡申领", "张示例", "李样张", "13800000000", "到受理中心领取", "申请表（2 页）", "（没有填）"):
        assert said in words
    stand.hand.tap("review_page_0_0")
    stand.hand.tap("sheetSecondary")
    stand.hand.tap("review_next")
    assert stand.recorder.calls[-1] == ("next", ())


def test_edit_links_lead_back(stand: Stand) -> None:
    stand.show(at(Screen.REVIEW, replace(VISIT, fields=FIELDS[:1], materials=MATERIALS[:1])))
    stand.hand.tap("review_editMaterials")
    assert stand.recorder.names()[-2:] == ["back", "back"]
    stand.recorder.calls.clear()
    stand.hand.tap("review_editFields")
    assert stand.recorder.names() == ["back"]


def test_signature_strokes_travel_with_the_pads_size(stand: Stand) -> None:
    stand.show(SAMPLES["signature"])
    assert "我申请“敬老卡申领”" in texts(stand)
    pad = stand.hand.get("signature_pad")
    middle = stand.hand.middle("signature_pad")
    stand.hand.drag([middle, middle + QPoint(40, 20), middle + QPoint(80, -10)])
    stand.hand.drag([middle + QPoint(0, 60), middle + QPoint(90, 70)])
    strokes, width, height = stand.recorder.last("sign")
    assert len(strokes) == 2
    assert (width, height) == (int(pad.width()), int(pad.height()))
    assert strokes[0][0] == pytest.approx((pad.width() / 2, pad.height() / 2), abs=2)
    assert strokes[1][-1][0] > strokes[1][0][0]
    stand.hand.tap("signature_undo")
    assert len(stand.recorder.last("sign")[0]) == 1
    stand.hand.tap("signature_clear")
    assert stand.recorder.calls[-1] == ("clear_signature", ())


# -- hand-over ---------------------------------------------------------------------------------------------------


def test_offline_is_no_dead_end(stand: Stand) -> None:
    stand.show(SAMPLES["submit_offline"])
    words = texts(stand)
    assert "网络断了，材料先存在这里" in words
    assert "受理中心已经收到" not in words
    stand.hand.tap("submit_next")
    assert stand.recorder.calls[-1] == ("next", ())


def test_what_could_not_be_kept_can_be_tried_again(stand: Stand) -> None:
    waiting = replace(VISIT, can_next=False, can_back=False, next_code="visit.handover_running")
    stand.show(at(Screen.SUBMIT, waiting))
    assert stand.hand.get("submit_next").isEnabled() is False
    stand.show(at(Screen.SUBMIT, waiting, notice=Notice("error", "outbox.disk_full", number=1)))
    assert text_of(stand, "submit_next") == "再试一次"
    stand.hand.tap("submit_next")
    assert stand.recorder.calls[-1] == ("next", ())


def test_arrived_has_its_number(stand: Stand) -> None:
    stand.show(SAMPLES["submit_arrived"])
    assert "办件编号 SL20261120000017" in texts(stand)


def test_ticket_and_leaving(stand: Stand) -> None:
    stand.show(SAMPLES["waiting"])
    assert text_of(stand, "waiting_ticket") == "A017"
    assert text_of(stand, "waiting_ahead") == "前面还有 3 位"
    assert stand.hand.find("waiting_next") is None
    stand.hand.tap("waiting_leave")
    assert stand.recorder.calls[-1] == ("leave_waiting", ())


def test_outcome_arrives_live(stand: Stand) -> None:
    waiting = SAMPLES["waiting"]
    stand.show(waiting)
    assert waiting.visit is not None
    called = replace(waiting.visit, ticket=TicketView("A017", 0, "called"))
    stand.show(at(Screen.WAITING, called))
    assert text_of(stand, "waiting_ahead") == "轮到您了，窗口正在办"
    returned = DeliveryView(1, 1, CaseState.RETURNED, "SL1", Outcome.RETURNED, "请到户籍所在街道办理")
    stand.show(at(Screen.WAITING, replace(called, delivery=returned)))
    assert "没有受理" in texts(stand)
    assert text_of(stand, "waiting_reason") == "请到户籍所在街道办理"


@pytest.mark.parametrize(
    ("state", "says", "never"),
    [
        (CaseState.KEPT_HERE, "本机保存，等待发送", "已受理"),
        (CaseState.DELIVERED, "已送达，等待受理", "已受理"),
        (CaseState.ACCEPTED, "已受理", "等待"),
        (CaseState.CORRECTION_REQUESTED, "需要补正", "已受理"),
        (CaseState.RETURNED, "已退回，没有受理", "已受理"),
    ],
)
def test_receipt_says_what_is_true(stand: Stand, state: CaseState, says: str, never: str) -> None:
    number = "" if state is CaseState.KEPT_HERE else "SL1"
    stand.show(at(Screen.RECEIPT, replace(VISIT, delivery=DeliveryView(0, 0, state, number))))
    assert text_of(stand, "receipt_state") == says
    assert never not in text_of(stand, "receipt_state").split("，")
    assert (stand.hand.find("receipt_number") is None) == (not number)


def test_printer_trouble_has_a_next_step(stand: Stand) -> None:
    stand.show(SAMPLES["receipt_kept"])
    assert text_of(stand, "receipt_printState") == "打印机在等人处理"
    assert "纸" in texts(stand)
    stand.show(at(Screen.RECEIPT, replace(VISIT, print_state=PrintState.FAILED)))
    stand.hand.tap("receipt_print")
    stand.hand.tap("receipt_next")
    assert stand.recorder.names()[-2:] == ["print_receipt", "next"]


def test_rating_in_five_levels_or_not_at_all(stand: Stand) -> None:
    stand.show(SAMPLES["rating"])
    assert stand.hand.get("rating_next").isEnabled() is False
    assert "rate" not in stand.recorder.names(), "silence is no praise"
    stand.hand.tap("rating_2")
    stand.hand.tap("rating_comment_1")
    stand.hand.tap("rating_next")
    assert stand.recorder.last("rate") == (2, "没讲明白")
    stand.hand.tap("rating_skip")
    assert stand.recorder.last("rate") == (0, "")
    skip, send = stand.hand.get("rating_skip"), stand.hand.get("rating_next")
    assert skip.width() == send.width()
    assert skip.height() == send.height()


def test_farewell_goes_home_by_hand_or_by_itself(make_stand: MakeStand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.ui.visit.handover.FarewellViewModel.seconds_shown", 1)
    stand = make_stand()
    stand.show(SAMPLES["farewell_forgotten"])
    assert "读卡器上可能还有卡" in texts(stand)
    stand.hand.settle(1.4)
    assert "finish_visit" not in stand.recorder.names(), "nobody is sent home before the card is taken"
    stand.show(SAMPLES["farewell"])
    stand.hand.wait(lambda: "finish_visit" in stand.recorder.names(), "the farewell does not end")
    stand.recorder.calls.clear()
    stand.hand.tap("farewell_done")
    assert stand.recorder.names() == ["finish_visit"]


# -- everywhere --------------------------------------------------------------------------------------------------

CANCELLABLE = ("identify", "choose_item", "guide", "applicant", "capture", "fields", "review", "signature")
PREFIX = {"choose_item": "choose"}


@pytest.mark.parametrize("name", CANCELLABLE)
def test_cancel_asks_first_and_help_is_near(stand: Stand, name: str) -> None:
    stand.show(SAMPLES[name])
    stand.hand.tap(PREFIX.get(name, name) + "_cancel")
    assert "cancel_visit" not in stand.recorder.names()
    stand.hand.tap("sheetSecondary")
    assert "cancel_visit" not in stand.recorder.names()
    stand.hand.tap(PREFIX.get(name, name) + "_cancel")
    stand.hand.tap("sheetPrimary")
    assert stand.recorder.names()[-1] == "cancel_visit"
    stand.hand.tap("helpButton")
    assert stand.recorder.calls[-1] == ("help", (True,))


@pytest.mark.parametrize("name", [name for name in CANCELLABLE if name != "identify"])
def test_back_leads_back(stand: Stand, name: str) -> None:
    stand.show(SAMPLES[name])
    stand.hand.tap(PREFIX.get(name, name) + "_back")
    assert stand.recorder.calls[-1] == ("back", ())


def test_nothing_of_the_resident_stays_after_the_visit(stand: Stand) -> None:
    stand.show(SAMPLES["review_proxy"])
    stand.show(SAMPLES["farewell"])
    for screen in Screen:
        try:
            view_model: Any = stand.shell.view_model(screen)
        except KeyError:
            continue
        visit: VisitView | None = view_model.snapshot.visit
        assert visit is None or visit.applicant is None, screen


LOOKS = {
    "zh normal 1080": {"language": "zh", "size": (1920, 1080)},
    "zh large 1080": {"language": "zh", "size": (1920, 1080), "large_print": True},
    "zh normal 768": {"language": "zh", "size": (1366, 768)},
    "zh large 768": {"language": "zh", "size": (1366, 768), "large_print": True},
    "en normal 768": {"language": "en", "size": (1366, 768), "high_contrast": True},
    "en large 768": {"language": "en", "size": (1366, 768), "large_print": True},
}


@pytest.mark.parametrize("look", LOOKS)
def test_everything_fits(make_stand: MakeStand, look: str) -> None:
    """No words cut off, nothing over anything else, a name for everything that can be pressed."""
    stand = make_stand(**LOOKS[look])
    problems = []
    for name, snapshot in SAMPLES.items():
        stand.show(snapshot)
        problems += [f"{name}: {problem}" for problem in misfits(stand)]
    assert not problems, "\n".join(problems)


def misfits(stand: Stand) -> Iterator[str]:
    window = QRectF(0, 0, stand.window.width(), stand.window.height())
    words: list[tuple[QQuickItem, QRectF]] = []
    pressed: list[tuple[QQuickItem, QRectF]] = []
    for item in stand.hand.items():
        if not stand.hand.shown(item) or item.opacity() == 0:
            continue
        whole = item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))
        seen = visible_part(item, whole, window)
        if item.inherits("QQuickText") and item.property("text"):
            said = str(item.property("text"))
            if item.property("truncated"):
                yield f"“{said}” is shortened"
            if item.property("contentWidth") > item.width() + 1 or item.property("contentHeight") > item.height() + 1:
                yield f"“{said}” is larger than its place"
            if not scrolls(item) and not grown(window, 1).contains(whole):
                yield f"“{said}” is outside the window"
            if not scrolls(item) and seen.height() < whole.height() - 1:
                yield f"“{said}” is cut off"
            inked = seen.adjusted(float(item.property("leftPadding")), 0, 0, 0)
            if not inked.isEmpty():
                words.append((item, inked))
        if item.inherits("QQuickAbstractButton") or item.inherits("QQuickTextInput"):
            interface = QAccessible.queryAccessibleInterface(item)
            if interface is None or not interface.text(QAccessible.Text.Name):
                yield f"{item.objectName() or item.metaObject().className()} has no name"
            if not scrolls(item) and not grown(window, 1).contains(whole):
                yield f"{item.objectName()} is outside the window"
            if not seen.isEmpty():
                pressed.append((item, seen))
    for (one, first), (other, second) in combinations(words, 2):
        if touching(first, second):
            yield f"“{one.property('text')}” lies over “{other.property('text')}”"
    for (one, first), (other, second) in combinations(pressed, 2):
        if touching(first, second) and not one.isAncestorOf(other) and not other.isAncestorOf(one):
            yield f"{one.objectName()} lies over {other.objectName()}"


def grown(rect: QRectF, by: float) -> QRectF:
    return rect.adjusted(-by, -by, by, by)


def touching(first: QRectF, second: QRectF) -> bool:
    both = first.intersected(second)
    return both.width() > 2 and both.height() > 2


def scrolls(item: QQuickItem) -> bool:
    """Stands in something that can be scrolled to it."""
    parent = item.parentItem()
    while parent is not None:
        if parent.inherits("QQuickFlickable"):
            return True
        parent = parent.parentItem()
    return False


def visible_part(item: QQuickItem, rect: QRectF, window: QRectF) -> QRectF:
    seen = rect.intersected(window)
    parent = item.parentItem()
    while parent is not None:
        if parent.clip():
            seen = seen.intersected(parent.mapRectToScene(QRectF(0, 0, parent.width(), parent.height())))
        parent = parent.parentItem()
    return seen


def test_samples_show_invented_people_only() -> None:
    for name, snapshot in SAMPLES.items():
        visit = snapshot.visit
        for person in (visit.applicant, visit.proxy) if visit else ():
            assert person is None or person.id_number_masked.startswith("000000"), name
    assert ZHANG.id_number_masked.count("*") == 8
    assert page(1).page_id == "page-1"
