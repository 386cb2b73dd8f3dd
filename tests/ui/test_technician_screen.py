"""TECHNICIAN by real clicks: the self-test from its start to its report, the sections beside it, the morning's word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtQuick import QQuickItem

from drivers.driver import DeviceKind, DeviceState
from kiosk.conductor.snapshot import CheckView, DeviceView, Screen
from kiosk.ui.measured import measured_in_words
from kiosk.ui.morning import morning_warning
from tests.ui.samples import BASE, HOUSE, SIGN_ON
from tests.ui.stand import Stand
from tests.ui.technician_samples import MAT, MORNING, SERVICE

IN_EVERY_SIZE = [((1920, 1080), False), ((1366, 768), False), ((1366, 768), True)]


def text(stand: Stand, name: str) -> str:
    return str(stand.hand.get(name).property("text"))


def shown_whole(stand: Stand, name: str) -> bool:
    """Whether all of it is in the window and nothing that scrolls cuts it."""
    item = stand.hand.get(name)
    area: QQuickItem | None = item
    while area is not None:
        place = item.mapRectToItem(area, item.boundingRect())
        if area.clip() and not area.boundingRect().adjusted(-1, -1, 1, 1).contains(place):
            return False
        area = area.parentItem()
    return True


# -- the self-test -----------------------------------------------------------------------------------------------------


def test_one_press_starts_the_whole_test_and_another_the_quick_one(stand: Stand) -> None:
    stand.show(HOUSE["technician_new"])
    assert text(stand, "selfTestVerdict") == "还没有做过自检。"
    stand.hand.tap("primaryAction")
    stand.hand.tap("secondaryAction")
    assert stand.recorder.calls == [("run_self_test", ()), ("run_self_test", (True,))]


def test_starting_from_another_section_shows_the_test(stand: Stand) -> None:
    stand.show(HOUSE["technician_new"])
    stand.hand.tap("section_devices")
    assert stand.hand.find("selfTestVerdict") is None
    stand.hand.tap("primaryAction")
    assert stand.hand.find("selfTestVerdict") is not None


def test_while_it_runs_it_says_how_far_it_is_and_nobody_leaves_by_mistake(stand: Stand) -> None:
    stand.show(HOUSE["technician_printing"])
    assert text(stand, "selfTestVerdict") == "正在自检：15 项里做完了 4 项。"
    assert stand.hand.get("selfTestProgress").property("value") == pytest.approx(4 / 15)
    assert text(stand, "guide") == "正在打印自检小票，请稍等"
    for name in ("leftAction", "primaryAction"):
        assert not stand.hand.get(name).isEnabled()
    for name in ("extraAction", "printReport", "exportReport", "skip_webcam"):
        assert stand.hand.find(name) is None
    stand.hand.tap("secondaryAction")
    assert stand.recorder.names() == ["cancel_self_test"]


def test_nobody_is_told_of_printing_before_the_printer_answers(stand: Stand) -> None:
    printing = HOUSE["technician_printing"]
    printer, *others = printing.self_test.checks
    checks = (replace(printer, code=""), *others)
    stand.show(replace(printing, self_test=replace(printing.self_test, checks=checks)))
    assert text(stand, "guide") == "正在等打印机回答"


def test_a_second_test_is_started_like_the_first(stand: Stand) -> None:
    for name in ("technician_new", "technician_passed", "technician_failed", "technician_broken"):
        stand.show(HOUSE[name])
        stand.hand.tap("primaryAction")
        stand.show(HOUSE["technician_printing"])
    assert stand.recorder.names() == ["run_self_test"] * 4


def test_the_hand_is_told_where_to_carry_the_slip_and_what_is_done(stand: Stand) -> None:
    stand.show(HOUSE["technician_carrying"])
    assert text(stand, "guide") == "请拿打印出来的小票走一圈"
    assert [stand.hand.get(f"place_{key}").property("word") for key in ("code_scanner", "webcam")] == ["做好了", "请做"]
    mat = stand.hand.get("place_document_camera")
    assert mat.property("ask") == "平放到高拍仪下"
    assert "请把小票转正" in mat.property("hint")
    assert stand.hand.get("place_webcam").property("hint") == ""
    assert stand.hand.find("skip_code_scanner") is None


def test_skipping_asks_once_and_says_what_it_costs(stand: Stand) -> None:
    stand.show(HOUSE["technician_carrying"])
    stand.hand.tap("skip_webcam")
    sheet = stand.window.findChild(object, "skipSheet")
    assert sheet.property("title") == "跳过“摄像头”这一步？"
    assert "不能算通过" in sheet.property("text")
    stand.hand.tap("sheetSecondary")
    assert stand.recorder.calls == []
    stand.hand.wait(lambda: not sheet.property("visible"), "the sheet stays")
    stand.hand.tap("skip_webcam")
    stand.hand.tap("sheetPrimary")
    assert stand.recorder.calls == [("skip_check", ("webcam",))]


@pytest.mark.parametrize(
    ("name", "guide"), [("technician_no_slip", "小票没有打印出来"), ("technician_quick", ""), ("technician_passed", "")]
)
def test_the_hand_is_asked_only_for_what_it_can_do(stand: Stand, name: str, guide: str) -> None:
    stand.show(HOUSE[name])
    found = stand.hand.find("guide")
    assert (found.property("text") if found else "") == guide


def test_when_all_places_are_done_nothing_more_is_asked(stand: Stand) -> None:
    carrying = HOUSE["technician_carrying"]
    checks = tuple(
        replace(check, state="passed", code="") if check.waits_for_hand else check
        for check in carrying.self_test.checks
    )
    checks = (*checks[:-1], replace(checks[-1], state="running"))
    stand.show(replace(carrying, self_test=replace(carrying.self_test, checks=checks)))
    assert text(stand, "guide") == "小票走完了一圈"


def test_a_passed_test_says_so_with_its_measurements_and_gives_its_report(stand: Stand) -> None:
    stand.show(HOUSE["technician_passed"])
    assert text(stand, "selfTestVerdict") == "自检通过：13 项都正常，另有 2 项本站做不了或不配。"
    assert text(stand, "selfTestVerdictNext") == "用时 42 秒，2026-11-20 10:22 做完。"
    camera = stand.hand.get("check_document_camera")
    assert (
        camera.property("measured") == "实测 164 点/英寸（好），清晰度好（能分清 0.21 毫米的线），光照均匀度 93%（好）"
    )
    assert stand.hand.get("check_social_security_card").property("word") == "未配备"
    stand.hand.tap("printReport")
    stand.hand.tap("exportReport")
    assert stand.recorder.names() == ["print_self_test", "export_self_test"]


def test_a_failed_test_puts_what_has_to_be_done_first(stand: Stand) -> None:
    stand.show(HOUSE["technician_failed"])
    assert text(stand, "selfTestVerdict") == "自检没有通过：有 3 项要处理。"
    rows = stand.shell.view_model(Screen.TECHNICIAN).checks.rows()  # type: ignore[attr-defined]
    assert [row["checkId"] for row in rows[:3]] == ["code_scanner", "document_camera", "disk"]
    assert "82 点/英寸（不够）" in rows[1]["measured"]
    assert shown_whole(stand, "check_document_camera")


def test_lines_that_change_places_change_them_on_the_screen(stand: Stand) -> None:
    stand.show(HOUSE["technician_carrying"])
    stand.show(HOUSE["technician_failed"])
    disk, webcam = (stand.hand.get(f"check_{name}").mapToScene(QPointF(0, 0)).y() for name in ("disk", "webcam"))
    assert disk < webcam


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("technician_cancelled", "自检被停止，没有做完，不算通过。"),
        ("technician_broken", "自检没有做完，不算通过。"),
        ("technician_before", "上次自检通过（快速自检，2026-11-20 08:31）。"),
        ("technician_morning", "今天的自动检查发现 3 项要处理："),
    ],
)
def test_the_verdict_never_says_more_than_is_known(stand: Stand, name: str, verdict: str) -> None:
    stand.show(HOUSE[name])
    assert text(stand, "selfTestVerdict") == verdict
    tone = stand.shell.view_model(Screen.TECHNICIAN).verdictTone  # type: ignore[attr-defined]
    assert (tone == "good") == (name == "technician_before")


def test_a_report_on_its_way_to_the_stick_is_not_asked_for_twice(stand: Stand) -> None:
    stand.show(HOUSE["technician_exporting"])
    assert not stand.hand.get("exportReport").isEnabled()
    assert stand.hand.get("printReport").isEnabled()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("size", "large"), IN_EVERY_SIZE)
def test_verdict_and_actions_are_in_view_without_scrolling(
    make_stand: Callable[..., Stand], size: tuple[int, int], large: bool, language: str
) -> None:
    stand = make_stand(size=size, large_print=large, language=language)
    seen = {
        "technician_failed": ("printReport", "exportReport", "primaryAction", "secondaryAction", "extraAction"),
        "technician_carrying": ("guide", "selfTestProgress", "skip_webcam", "secondaryAction"),
        "technician_exporting": ("printReport", "primaryAction"),
        "technician_new": ("section_service", "primaryAction"),
    }
    for name, items in seen.items():
        stand.show(HOUSE[name])
        for item in ("selfTestVerdict", *items):
            assert shown_whole(stand, item), f"{name}: {item}"
            place = stand.hand.get(item)
            right = place.mapToScene(QPointF(place.width(), 0)).x()
            assert right <= size[0], f"{name}: {item} ends at {right}"


# -- devices, reports, help from afar ----------------------------------------------------------------------------------


def test_the_devices_are_one_touch_away(stand: Stand) -> None:
    stand.show(HOUSE["technician"])
    stand.hand.tap("section_devices")
    assert stand.hand.get("device_social_security_card").property("word") == "未连接"
    assert stand.hand.get("device_webcam").property("word") == "未设置"


def test_kept_reports_are_listed_newest_first(stand: Stand) -> None:
    stand.show(HOUSE["technician_before"])
    stand.hand.tap("section_reports")
    first, second = stand.hand.get("report_0"), stand.hand.get("report_1")
    assert [first.property(name) for name in ("when", "kind", "word")] == ["2026-11-20 08:31", "快速自检", "通过"]
    assert [second.property(name) for name in ("kind", "word")] == ["完整自检", "不通过"]


def test_help_from_afar_is_for_those_who_may(stand: Stand) -> None:
    stand.show(replace(HOUSE["technician_service"], service=replace(SERVICE, allowed=False)))
    assert stand.hand.find("section_service") is None
    view_model = stand.shell.view_model(Screen.TECHNICIAN)
    assert not view_model.recordings.rows()  # type: ignore[attr-defined]
    assert not view_model.wires.rows()  # type: ignore[attr-defined]


def test_a_bundle_is_made_once_and_shows_that_it_is_being_made(stand: Stand) -> None:
    stand.show(HOUSE["technician_new"])
    stand.hand.tap("section_service")
    assert stand.hand.find("bundleProgress") is None
    stand.hand.tap("makeBundle")
    assert stand.recorder.names() == ["make_support_bundle"]
    stand.show(HOUSE["technician_bundling"])
    assert stand.hand.find("bundleProgress") is not None
    assert not stand.hand.get("makeBundle").isEnabled()


def test_a_wire_is_recorded_and_the_switch_shows_what_is_so(stand: Stand) -> None:
    stand.show(HOUSE["technician_service"])
    stand.hand.tap("section_service")
    assert "有居民在办理时不能录制" in text(stand, "recordingRule")
    assert stand.hand.get("record_code_scanner").property("checked")
    assert not stand.hand.get("record_webcam").property("checked")
    stand.hand.tap("record_webcam")
    stand.hand.tap("record_code_scanner")
    assert stand.recorder.calls == [("record_device", ("webcam", True)), ("record_device", ("code_scanner", False))]
    assert not stand.hand.get("record_webcam").property("checked"), "refused or not: nothing is recorded yet"
    service = replace(SERVICE, recording=tuple(kind for kind in type(SERVICE.recording[0]) if kind == "webcam"))
    stand.show(replace(HOUSE["technician_service"], service=service))
    assert stand.hand.get("record_webcam").property("checked")
    assert text(stand, "record_webcam") == "摄像头：正在录制"
    assert not stand.hand.get("record_code_scanner").property("checked")


def test_what_the_station_does_without_has_no_switch_for_recording(stand: Stand) -> None:
    bare = DeviceView(DeviceKind.WEBCAM, DeviceState.ABSENT, "device.none_by_design")
    stand.show(replace(HOUSE["technician_service"], devices=(bare,)))
    stand.hand.tap("section_service")
    assert stand.hand.find("record_webcam") is None
    assert stand.hand.find("record_code_scanner") is not None


def test_a_recording_is_deleted_after_a_question(stand: Stand) -> None:
    stand.show(HOUSE["technician_service"])
    stand.hand.tap("section_service")
    name = SERVICE.recordings[2][0]
    sizes = [row["size"] for row in stand.shell.view_model(Screen.TECHNICIAN).recordings.rows()]  # type: ignore[attr-defined]
    assert sizes == ["4 KB", "312 KB", "1.8 MB"]
    stand.hand.tap(f"delete_{name}")
    sheet = stand.window.findChild(object, "deletionSheet")
    assert name in sheet.property("text")
    stand.hand.tap("sheetSecondary")
    stand.hand.wait(lambda: not sheet.property("visible"), "the sheet stays")
    assert stand.recorder.calls == []
    stand.hand.tap(f"delete_{name}")
    stand.hand.tap("sheetPrimary")
    assert stand.recorder.calls == [("delete_recording", (name,))]


def test_nothing_stays_when_the_screen_is_left(stand: Stand) -> None:
    stand.show(HOUSE["technician_failed"])
    stand.show(BASE)
    view_model = stand.shell.view_model(Screen.TECHNICIAN)
    for rows in ("checks", "places", "reports", "wires", "recordings"):
        assert not getattr(view_model, rows).rows(), rows


# -- the morning's word ------------------------------------------------------------------------------------------------


def test_home_says_what_the_automatic_test_found_and_leads_there(stand: Stand) -> None:
    stand.show(HOUSE["home_morning"])
    banner = stand.hand.get("morning")
    assert banner.property("say") == "自动检查发现打印机有问题：打印机没有纸了。"
    assert banner.property("doText").startswith("请打开上盖")
    assert banner.property("doText").endswith("另有 2 项。")
    stand.hand.tap("bannerAction")
    assert stand.recorder.names() == ["open_technician"]
    stand.show(BASE)
    assert stand.hand.find("morning") is None


def test_sign_on_says_it_too_until_a_pin_is_refused(stand: Stand) -> None:
    stand.show(HOUSE["sign_on_morning"])
    assert "打印机没有纸了" in stand.hand.get("morning").property("say")
    assert stand.hand.find("bannerAction") is None, "nobody is signed on yet"
    stand.show(replace(HOUSE["sign_on_refused"], morning=MORNING))
    assert stand.hand.find("morning") is None
    assert stand.hand.find("signOnRefusal") is not None
    stand.show(SIGN_ON)
    assert stand.hand.find("morning") is None


def test_the_technician_finds_the_mornings_trouble_before_any_test(stand: Stand) -> None:
    stand.show(HOUSE["technician_morning"])
    assert stand.hand.get("check_receipt_printer").property("explanation") == "打印机没有纸了。"
    assert stand.hand.find("check_code_scanner") is None


def test_the_warning_in_english_and_without_a_next_step() -> None:
    one = morning_warning((CheckView("receipt_printer", "failed", "receipt_printer.paper_end"),), "en")
    assert one.say == "The automatic check found trouble. Printer: The printer is out of paper."
    assert "more to see to" not in one.do
    assert not str(morning_warning((), "zh"))
    assert morning_warning((CheckView("outbox", "failed", "selftest.outbox_waits"), *MORNING[:1]), "zh").do == (
        "另有 1 项。"
    )


# -- numbers in words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((("dots_per_inch", 99.6),), "实测 100 点/英寸（不够）"),
        ((("dots_per_inch", 120.0),), "实测 120 点/英寸（够用）"),
        ((("finest_line_mm", 0.42),), "清晰度够用（能分清 0.42 毫米的线）"),
        ((("evenness", 0.31),), "光照均匀度 31%（不够）"),
        (MAT[:3], "画面 1920×1440，每秒 14.8 张"),
        ((("offset_seconds", 0.4),), ""),
    ],
)
def test_measured_numbers_have_a_grade(numbers: tuple[tuple[str, float], ...], words: str) -> None:
    assert measured_in_words(CheckView("document_camera", "failed", measured=numbers), "zh") == words


def test_what_the_sentence_says_already_is_not_said_twice() -> None:
    check = CheckView("webcam", "passed", "selftest.slip_seen", {"width": 1, "height": 1, "rate": 2}, measured=MAT[:3])
    assert measured_in_words(check, "zh") == ""
