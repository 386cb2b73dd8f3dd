"""The window around every screen, by real clicks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from drivers.driver import DeviceKind, DeviceState
from kiosk.conductor.snapshot import CoverState, CoverView, DeviceView, Notice, Screen
from kiosk.ui.bridge import Bridge
from kiosk.ui.screens import screen_file
from tests.ui.samples import BASE, COVERED, COVERED_REFUSED, HELP, HOME_BUSY, HOME_FULL, HOUSE, IDLE, TECHNICIAN, TODO
from tests.ui.stand import Stand


@pytest.mark.parametrize("name", HOUSE)
def test_every_screen_of_the_house_stands_without_a_warning(stand: Stand, name: str) -> None:
    stand.show(HOUSE[name])
    screen = stand.hand.get("screenLoader").property("item")
    assert screen.metaObject().className().startswith(screen_file(HOUSE[name].screen).removesuffix(".qml"))


def test_a_hidden_screen_is_not_there(stand: Stand) -> None:
    stand.show(TODO)
    assert stand.hand.find("open_case-9")
    stand.show(BASE)
    assert not [item for item in stand.hand.items() if item.objectName() == "open_case-9"]


def test_a_screen_that_is_left_keeps_nothing_personal(stand: Stand) -> None:
    stand.show(TODO)
    todo = stand.shell.view_model(Screen.TODO)
    assert todo.rows.rows()  # type: ignore[attr-defined]
    stand.show(BASE)
    assert not todo.rows.rows()  # type: ignore[attr-defined]


def test_home_begins_a_visit_and_goes_on_with_a_draft(stand: Stand) -> None:
    stand.show(HOME_BUSY)
    stand.hand.tap("startVisit")
    stand.hand.tap("draft_case-1")
    stand.hand.tap("openTodo")
    stand.hand.tap("openTechnician")
    assert stand.recorder.calls == [
        ("start_visit", ()),
        ("resume_draft", ("case-1",)),
        ("open_todo", ()),
        ("open_technician", ()),
    ]


def test_a_full_disk_stops_new_visits_and_says_why(stand: Stand) -> None:
    stand.show(HOME_FULL)
    assert not stand.hand.get("startVisit").isEnabled()
    assert "存放空间" in stand.shell.view_model(Screen.HOME).whyNot  # type: ignore[attr-defined]


def test_todo_prints_and_reopens(stand: Stand) -> None:
    stand.show(TODO)
    stand.hand.tap("print_case-8")
    stand.hand.tap("open_case-9")
    stand.hand.tap("leftAction")
    assert stand.recorder.calls == [
        ("print_what_to_bring", ("case-8",)),
        ("open_correction", ("case-9",)),
        ("go_home", ()),
    ]


def test_the_self_test_is_started_once(stand: Stand) -> None:
    stand.show(TECHNICIAN)
    stand.hand.tap("primaryAction")
    assert stand.recorder.names() == ["run_self_test"]
    stand.show(HOUSE["technician_printing"])
    assert not stand.hand.get("primaryAction").isEnabled()
    assert stand.hand.get("check_code_scanner").property("word") == "检查中"


def test_the_cards_are_one_lamp_with_the_worse_state_and_explain_both(stand: Stand) -> None:
    stand.show(HOME_BUSY)
    lamp = stand.hand.get("lamp_card_reader")
    assert lamp.property("word") == "未连接"
    stand.hand.tap("lamp_card_reader")
    sheet = stand.window.findChild(object, "lampSheet")
    assert sheet.property("visible")
    assert "身份证读卡：正常" in sheet.property("text")
    assert "社保卡读卡：未连接" in sheet.property("text")
    stand.hand.tap("sheetPrimary")
    stand.hand.wait(lambda: not sheet.property("visible"), "the sheet stays")


def test_the_way_back_lies_where_it_lay_when_the_list_is_empty(stand: Stand) -> None:
    stand.show(TODO)
    place = stand.hand.middle("leftAction")
    stand.show(replace(TODO, todo=()))
    stand.hand.wait(lambda: stand.hand.middle("leftAction") == place, "the button moved")


def test_a_device_nobody_heard_of_is_unknown(stand: Stand) -> None:
    stand.show(replace(BASE, devices=(DeviceView(DeviceKind.WEBCAM, DeviceState.READY),)))
    assert stand.hand.get("lamp_receipt_printer").property("word") == "未知"
    assert stand.hand.get("lamp_webcam").property("word") == "正常"


def test_a_notice_is_shown_and_sent_away(stand: Stand) -> None:
    stand.show(replace(BASE, notice=Notice("error", "device.lost", {}, 1)))
    assert stand.hand.get("notice").property("kind") == "error"
    assert stand.hand.get("notice").property("say") == stand.shell.noticeSay != ""
    stand.hand.tap("bannerClose")
    assert stand.recorder.names() == ["dismiss_notice"]


def test_a_notice_about_a_device_names_its_lamp_once(stand: Stand) -> None:
    stand.show(replace(BASE, notice=Notice("warning", "device.lost", {"device": "id_card_reader"}, 1)))
    say = stand.hand.get("notice").property("say")
    assert say.startswith("读卡器：")
    assert stand.hand.get("lamp_card_reader").property("label") == "读卡器"
    stand.show(replace(BASE, notice=Notice("warning", "receipt_printer.paper_end", {"device": "receipt_printer"}, 2)))
    assert stand.hand.get("notice").property("say").count("打印机") == 1


def test_help_is_asked_for_and_closed(stand: Stand) -> None:
    stand.show(BASE)
    stand.hand.tap("helpButton")
    assert stand.recorder.calls == [("help", (True,))]
    stand.show(HELP)
    stand.hand.tap("closeHelp")
    assert stand.recorder.calls[-1] == ("help", (False,))


@pytest.mark.parametrize("screen", list(Screen))
def test_every_screen_has_help_in_both_languages(screen: Screen, qapp: object) -> None:
    from kiosk.words import table

    entry = table()[f"front.help.{screen.value}"]
    assert all(entry[language]["say"] and entry[language]["do"] for language in ("zh", "en"))


def test_the_idle_warning_counts_and_one_button_goes_on(stand: Stand) -> None:
    stand.show(IDLE)
    assert stand.shell.secondsLeft == 17
    before = stand.recorder.touches
    stand.hand.tap("goOn")
    assert stand.recorder.touches > before
    stand.show(replace(IDLE, cover=CoverView(CoverState.OPEN)))
    stand.hand.wait(lambda: stand.hand.find("goOn") is None, "the warning stays")


def test_the_cover_lies_over_everything_and_only_a_pin_goes_through(stand: Stand) -> None:
    stand.show(HELP)  # even over a sheet
    stand.show(replace(COVERED, help_open=True))
    stand.hand.settle(0.3)
    picture = stand.window.grabWindow()
    # nothing of the header's white is left
    assert picture.pixelColor(5, 5).name() == picture.pixelColor(picture.width() - 5, picture.height() - 5).name()
    stand.recorder.calls.clear()
    for key in "135790":
        stand.hand.tap(f"pin_{key}")
    stand.hand.tap("pin_ok")
    assert stand.recorder.calls == [("unlock", ("135790",))]
    stand.show(COVERED_REFUSED)
    assert "2" in stand.hand.get("unlockRefusal").property("say")


def test_a_touch_under_the_cover_reaches_nothing(stand: Stand) -> None:
    stand.show(BASE)
    place = stand.hand.middle("startVisit")
    stand.show(COVERED)
    stand.hand.settle(0.3)
    stand.hand.drag([place, place])
    assert stand.recorder.names() == []


def test_staff_sign_off_after_a_question(stand: Stand) -> None:
    stand.show(BASE)
    stand.hand.tap("staffButton")
    assert stand.recorder.names() == []
    stand.hand.tap("sheetPrimary")
    assert stand.recorder.names() == ["sign_off"]


def test_large_print_and_contrast_change_the_theme_and_end_with_the_visit(stand: Stand) -> None:
    stand.show(BASE)
    small = stand.hand.get("startVisit").property("font").pixelSize()
    stand.hand.tap("largePrintButton")
    stand.hand.tap("highContrastButton")
    assert stand.recorder.calls == [("set_large_print", (True,))]
    assert stand.shell.largePrint
    assert stand.shell.highContrast
    assert small == stand.hand.get("startVisit").property("font").pixelSize()
    stand.show(replace(BASE, screen=Screen.FAREWELL))
    stand.show(BASE)
    assert not stand.shell.largePrint
    assert not stand.shell.highContrast
    assert stand.recorder.calls[-1] == ("set_large_print", (False,))


def test_the_language_is_switched_while_a_screen_stands(stand: Stand) -> None:
    stand.show(BASE)
    assert stand.hand.get("screenTitle").property("text") == "您好，王样本"
    stand.hand.tap("languageButton")
    assert stand.hand.get("screenTitle").property("text") == "Hello, 王样本"
    assert stand.hand.get("lamp_webcam").property("word") == "OK"
    stand.hand.tap("languageButton")
    assert stand.hand.get("screenTitle").property("text") == "您好，王样本"


def test_only_the_newest_snapshot_matters(qapp: object) -> None:
    bridge = Bridge()
    shown: list[object] = []
    bridge.arrived.connect(shown.append)
    pictures = [replace(BASE, catalogue_version=str(number)) for number in range(50)]
    thread = threading.Thread(target=lambda: [bridge.publish(picture) for picture in pictures])
    thread.start()
    thread.join()
    assert shown == []  # nothing is delivered on the publishing thread
    qapp.processEvents()  # type: ignore[attr-defined]
    assert shown == [pictures[-1]]
    bridge.close()
    bridge.publish(pictures[0])
    qapp.processEvents()  # type: ignore[attr-defined]
    assert shown == [pictures[-1]]


def test_a_physical_key_is_activity(stand: Stand) -> None:
    stand.show(BASE)
    stand.hand.settle(1.1)
    before = stand.recorder.touches
    stand.hand.type("a")
    assert stand.recorder.touches == before + 1


def test_many_touches_are_told_at_most_once_a_second(make_stand: Callable[..., Stand]) -> None:
    stand = make_stand()
    stand.show(BASE)
    for _ in range(6):
        stand.hand.tap("languageButton")
    assert 1 <= stand.recorder.touches <= 4
