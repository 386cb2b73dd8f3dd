"""REPRINT, and what printing adds to other screens, by real clicks."""

from __future__ import annotations

from dataclasses import replace

from kiosk.conductor.snapshot import PaperView, Screen
from tests.ui.samples import BASE, HOUSE, REPRINT, REPRINTING, TECHNICIAN
from tests.ui.stand import Stand
from tests.ui.visit_samples import SAMPLES


def test_home_leads_to_the_receipts(stand: Stand) -> None:
    stand.show(BASE)
    stand.hand.tap("openReprint")
    assert stand.recorder.names() == ["open_reprint"]


def test_a_row_says_what_is_kept_and_prints_once(stand: Stand) -> None:
    stand.show(REPRINT)
    (first, second, *_) = stand.shell.view_model(Screen.REPRINT).rows.rows()  # type: ignore[attr-defined]
    assert (first["caseNumber"], first["stateText"], first["stateTone"]) == ("", "本机保存，等待发送", "warning")
    assert (second["caseNumber"], second["stateText"], second["stateTone"]) == ("HN20261120-0012-6", "已受理", "good")
    stand.hand.tap("reprint_case-6")
    stand.hand.tap("leftAction")
    assert stand.recorder.calls == [("reprint_receipt", ("case-6",)), ("go_home", ())]


def test_nothing_else_is_printed_while_one_is_on_its_way(stand: Stand) -> None:
    stand.show(REPRINTING)
    assert not stand.hand.get("reprint_case-6").isEnabled()
    assert not stand.hand.get("reprint_case-7").isEnabled()
    assert stand.hand.get("reprint_case-6").property("text") == "正在打印…"


def test_digits_narrow_the_list_and_an_older_answer_does_not_undo_them(stand: Stand) -> None:
    stand.show(REPRINT)
    stand.hand.tap("reprint_search")
    for digit in "0012":
        stand.hand.tap(f"key_{digit}")
    assert stand.recorder.calls[-1] == ("find_receipts", ("0012",))
    stand.show(replace(REPRINT, reprint=replace(REPRINT.reprint, search="00")))
    assert stand.shell.view_model(Screen.REPRINT).query == "0012"  # type: ignore[attr-defined]
    stand.show(BASE)
    stand.show(REPRINT)
    assert stand.shell.view_model(Screen.REPRINT).query == ""  # type: ignore[attr-defined]


def test_a_scanned_slip_shows_its_case_until_all_are_wanted(stand: Stand) -> None:
    stand.show(REPRINT)
    assert stand.hand.find("reprint_all") is None
    stand.show(replace(REPRINT, reprint=replace(REPRINT.reprint, receipts=REPRINT.reprint.receipts[1:2], scanned=True)))
    stand.hand.tap("reprint_all")
    assert stand.recorder.calls[-1] == ("find_receipts", ("",))


def test_an_empty_list_says_why_and_leaves_the_way_back_where_it_was(stand: Stand) -> None:
    stand.show(REPRINT)
    place = stand.hand.middle("leftAction")
    stand.show(HOUSE["reprint_empty"])
    stand.hand.wait(lambda: stand.hand.middle("leftAction") == place, "the button moved")


def test_a_screen_that_is_left_keeps_no_row(stand: Stand) -> None:
    stand.show(REPRINT)
    stand.show(BASE)
    assert not stand.shell.view_model(Screen.REPRINT).rows.rows()  # type: ignore[attr-defined]


def test_the_technician_sees_the_paper_and_tells_of_a_new_roll(stand: Stand) -> None:
    stand.show(TECHNICIAN)
    stand.hand.tap("section_devices")
    assert "41" in stand.hand.get("paperLeft").property("text")
    stand.hand.tap("newRoll")
    assert stand.recorder.names() == ["new_roll"]
    stand.show(replace(TECHNICIAN, paper=PaperView("paper.nearly_out", True, 1, 0)))
    assert "随时会用完" in stand.hand.get("paperLeft").property("text")


def test_little_paper_shows_at_the_printers_lamp(stand: Stand) -> None:
    stand.show(HOUSE["home_paper_low"])
    assert stand.hand.get("lamp_receipt_printer").property("word") == "要处理"
    stand.hand.tap("lamp_receipt_printer")
    sheet = stand.window.findChild(object, "lampSheet")
    assert "约 3 米" in sheet.property("text")


def test_the_ticket_is_printed_from_the_waiting_screen(stand: Stand) -> None:
    stand.show(SAMPLES["waiting"])
    stand.hand.tap("waiting_ticketPrint")
    assert stand.recorder.names() == ["print_ticket"]
    waiting = SAMPLES["waiting"]
    assert waiting.visit is not None
    stand.show(replace(waiting, visit=replace(waiting.visit, ticket=None)))
    assert stand.hand.find("waiting_ticketPrint") is None


def test_an_interrupted_receipt_says_that_a_marked_one_follows(stand: Stand) -> None:
    stand.show(SAMPLES["receipt_interrupted"])
    assert stand.hand.get("receipt_printState").property("text") == "回执没打完整，会再打一张"
    assert stand.hand.find("receipt_print") is None  # it follows by itself
