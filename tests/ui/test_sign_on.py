"""Signing on, and making the administrator, by touch and by a physical keyboard."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt

from kiosk.conductor.snapshot import Screen
from tests.ui.samples import ACCOUNTS, BASE, SETUP, SIGN_ON, SIGN_ON_REFUSED
from tests.ui.stand import Stand


def pin(stand: Stand, digits: str) -> None:
    for digit in digits:
        stand.hand.tap(f"pin_{digit}")


def test_name_then_pin(stand: Stand) -> None:
    stand.show(SIGN_ON)
    assert not stand.hand.get("signOnPad").isEnabled()
    stand.hand.tap("account_wangli")
    pin(stand, "246810")
    stand.hand.tap("pin_ok")
    assert stand.recorder.calls == [("sign_on", ("wangli", "246810"))]


def test_a_short_pin_cannot_be_sent(stand: Stand) -> None:
    stand.show(SIGN_ON)
    stand.hand.tap("account_wangli")
    pin(stand, "24681")
    assert not stand.hand.get("pin_ok").isEnabled()
    stand.hand.tap("pin_back")
    assert stand.hand.get("signOnPad").property("pin") == "2468"


def test_a_wrong_pin_is_explained_and_cleared(stand: Stand) -> None:
    stand.show(SIGN_ON)
    stand.hand.tap("account_wangli")
    pin(stand, "111111")
    stand.hand.tap("pin_ok")
    stand.show(replace(SIGN_ON_REFUSED, accounts=ACCOUNTS))
    assert "3" in stand.hand.get("signOnRefusal").property("say")
    assert stand.hand.get("signOnPad").property("pin") == ""
    pin(stand, "222222")  # the name is still chosen
    stand.hand.tap("pin_ok")
    assert stand.recorder.calls[-1] == ("sign_on", ("wangli", "222222"))


def test_a_locked_account_says_for_how_long(stand: Stand) -> None:
    stand.show(replace(SIGN_ON, sign_on_code="staff.locked", sign_on_detail={"minutes": 15}))
    assert "15" in stand.hand.get("signOnRefusal").property("say")
    assert stand.hand.get("signOnRefusal").property("doText")


def test_the_demo_pin_is_shown_by_the_demo_only(stand: Stand) -> None:
    stand.show(SIGN_ON)
    assert "246810" in stand.hand.get("demoPin").property("say")
    stand.show(replace(SIGN_ON, demo_pin=""))
    assert stand.hand.find("demoPin") is None


def test_a_physical_keyboard_signs_on(stand: Stand) -> None:
    stand.show(replace(SIGN_ON, accounts=ACCOUNTS[:1]))
    stand.hand.type("135790")
    stand.hand.press_key(Qt.Key.Key_Return)
    assert stand.recorder.calls == [("sign_on", ("wangli", "135790"))]


def test_the_pin_leaves_nothing_behind(stand: Stand) -> None:
    stand.show(SIGN_ON)
    stand.hand.tap("account_wangli")
    pin(stand, "246810")
    stand.show(BASE)
    stand.show(SIGN_ON)
    assert stand.hand.get("signOnPad").property("pin") == ""


def fill_name_and_account(stand: Stand) -> None:
    stand.show(SETUP)
    stand.hand.tap("setupNameInput")
    for letter in "li":
        stand.hand.tap(f"key_{letter}")
    stand.hand.tap("candidate_0")
    stand.hand.tap("keyEnter")
    stand.hand.tap("setupAccountInput")
    for letter in "lili":
        stand.hand.tap(f"key_{letter}")
    stand.hand.tap("keyEnter")


def test_the_first_start_makes_the_administrator(stand: Stand) -> None:
    fill_name_and_account(stand)
    stand.hand.tap("primaryAction")
    pin(stand, "135790")
    stand.hand.tap("pin_ok")
    pin(stand, "135790")
    stand.hand.tap("pin_ok")
    (account, name, given), *_ = [arguments for _, arguments in stand.recorder.calls]
    assert (account, given) == ("lili", "135790")
    assert len(name) == 1


def test_two_different_pins_start_again(stand: Stand) -> None:
    fill_name_and_account(stand)
    stand.hand.tap("primaryAction")
    pin(stand, "135790")
    stand.hand.tap("pin_ok")
    pin(stand, "135791")
    stand.hand.tap("pin_ok")
    assert stand.recorder.names() == []
    assert "不一样" in stand.hand.get("setupProblem").property("say")
    assert stand.hand.get("setupPad").property("pin") == ""


def test_a_refused_pin_leads_back_to_choosing_one(stand: Stand) -> None:
    fill_name_and_account(stand)
    stand.hand.tap("primaryAction")
    for _ in range(2):
        pin(stand, "123456")
        stand.hand.tap("pin_ok")
    stand.show(replace(SETUP, sign_on_code="staff.pin_trivial"))
    assert "猜" in stand.hand.get("setupProblem").property("say")
    assert stand.hand.get("setupPad").property("pin") == ""
    pin(stand, "135790")
    assert stand.hand.get("pin_ok").isEnabled()


def test_a_bad_account_is_not_taken(stand: Stand) -> None:
    setup = stand.shell.view_model(Screen.SETUP)
    good = setup.goodAccount  # type: ignore[attr-defined]
    assert good("wangli")
    assert good("w.li-2")
    assert not good("王丽")
    assert not good("1wang")
    assert not good("w")
