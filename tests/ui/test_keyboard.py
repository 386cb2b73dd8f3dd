"""Our keyboards, touched key by key, and the two other ways to write."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtQuick import QQuickItem, QQuickWindow

from tests.ui.samples import BASE, SETUP, all_samples
from tests.ui.stand import Stand


def text_of(stand: Stand, name: str) -> str:
    return str(stand.hand.get(name).property("text"))


def write(stand: Stand, letters: str) -> None:
    for letter in letters:
        stand.hand.tap(f"key_{letter}")


@pytest.fixture
def name_field(stand: Stand) -> Stand:
    stand.show(SETUP)
    stand.hand.tap("setupNameInput")
    stand.hand.get("keySpace")
    return stand


def test_pinyin_becomes_characters(name_field: Stand) -> None:
    write(name_field, "shebao")
    assert name_field.hand.get("composing").property("text") == "shebao"
    assert name_field.hand.get("candidate_0").property("text") == "社保"
    name_field.hand.tap("candidate_0")
    assert text_of(name_field, "setupNameInput") == "社保"
    assert name_field.front_end.keyboard.composing == ""


def test_our_keys_write_into_our_window_after_another_one_was_active(name_field: Stand) -> None:
    other = QQuickWindow()
    other.show()
    other.requestActivate()
    name_field.hand.wait(other.isActive, "the other window does not get the keyboard")
    try:
        name_field.hand.tap("setupNameInput")
        write(name_field, "shebao")
        name_field.hand.tap("candidate_0")
        assert text_of(name_field, "setupNameInput") == "社保"
        name_field.hand.tap("keyBackspace")
        assert text_of(name_field, "setupNameInput") == "社"
    finally:
        other.close()


def test_space_takes_the_first_and_the_rest_goes_on(name_field: Stand) -> None:
    write(name_field, "zhangsfz")
    words = [str(name_field.hand.get(f"candidate_{i}").property("text")) for i in range(3)]
    name_field.front_end.keyboard.choose(name_field.front_end.keyboard.candidates.index("张"))
    assert text_of(name_field, "setupNameInput") == "张"
    assert name_field.front_end.keyboard.composing == "sfz"
    name_field.hand.tap("keySpace")
    assert text_of(name_field, "setupNameInput") == "张身份证"
    assert words


def test_candidates_are_paged_and_come_back(name_field: Stand) -> None:
    write(name_field, "li")
    first = name_field.hand.get("candidate_0").property("text")
    name_field.hand.tap("candidatesMore")
    second = name_field.hand.get("candidate_0").property("text")
    assert second != first
    name_field.hand.tap("candidate_0")
    assert text_of(name_field, "setupNameInput") == second
    write(name_field, "li")
    name_field.hand.tap("candidatesMore")
    name_field.hand.tap("candidatesBack")
    assert name_field.hand.get("candidate_0").property("text") == first


def test_backspace_takes_letters_first_then_characters(name_field: Stand) -> None:
    write(name_field, "li")
    name_field.hand.tap("candidate_0")
    write(name_field, "wa")
    for _ in range(2):
        name_field.hand.tap("keyBackspace")
    assert name_field.front_end.keyboard.composing == ""
    assert len(text_of(name_field, "setupNameInput")) == 1
    name_field.hand.tap("keyBackspace")
    assert text_of(name_field, "setupNameInput") == ""


def test_an_apostrophe_parts_syllables(name_field: Stand) -> None:
    write(name_field, "xi")
    name_field.hand.tap("keyApostrophe")
    write(name_field, "an")
    assert name_field.front_end.keyboard.candidates[0] == "西安"


def test_signs_and_address_words(name_field: Stand) -> None:
    name_field.hand.tap("keySymbols")
    write(name_field, "12弄")
    name_field.hand.tap("keySymbols")
    assert text_of(name_field, "setupNameInput") == "12弄"
    assert name_field.front_end.keyboard.layout == "pinyin"


def test_latin_with_capitals(stand: Stand) -> None:
    stand.show(SETUP)
    stand.hand.tap("setupAccountInput")
    assert stand.front_end.keyboard.layout == "latin"
    stand.hand.tap("keyShift")
    write(stand, "wa")
    assert text_of(stand, "setupAccountInput") == "Wa"


def test_the_field_is_never_under_the_keyboard(stand: Stand) -> None:
    stand.show(SETUP)
    for name in ("setupNameInput", "setupAccountInput"):
        stand.hand.tap(name)
        stand.hand.settle(0.4)
        field = stand.hand.get(name)
        bottom = field.mapToScene(field.boundingRect().bottomLeft()).y()
        key = stand.hand.get("key_q")
        assert bottom <= key.mapToScene(key.boundingRect().topLeft()).y()


def test_hiding_and_asking_again(name_field: Stand) -> None:
    name_field.hand.tap("keyHide")
    name_field.hand.wait(lambda: name_field.hand.find("keySpace") is None, "the keyboard stays")
    name_field.hand.tap("setupNameInput")
    name_field.hand.get("keySpace")


def test_the_keyboard_leaves_with_the_field(name_field: Stand) -> None:
    write(name_field, "wang")
    name_field.show(BASE)
    name_field.hand.wait(lambda: name_field.hand.find("keySpace") is None, "the keyboard stays")
    assert name_field.front_end.keyboard.composing == ""


def test_done_puts_letters_in_and_then_closes(name_field: Stand) -> None:
    write(name_field, "wang")
    name_field.hand.tap("keyEnter")
    assert text_of(name_field, "setupNameInput") == "wang"
    name_field.hand.tap("keyEnter")
    name_field.hand.wait(lambda: name_field.hand.find("keySpace") is None, "the keyboard stays")


def test_touching_our_keyboard_is_activity(name_field: Stand) -> None:
    name_field.hand.settle(1.1)
    before = name_field.recorder.touches
    name_field.hand.tap("key_a")
    assert name_field.recorder.touches == before + 1


def test_a_physical_keyboard_writes_into_the_field(name_field: Stand) -> None:
    name_field.hand.type("Li 12")
    assert text_of(name_field, "setupNameInput") == "Li 12"
    name_field.hand.press_key(Qt.Key.Key_Backspace)
    assert text_of(name_field, "setupNameInput") == "Li 1"


def test_a_physical_keyboard_goes_on_with_what_our_keys_began(name_field: Stand) -> None:
    write(name_field, "sheb")
    name_field.hand.type("aoo")
    assert name_field.front_end.keyboard.composing == "shebaoo"
    name_field.hand.press_key(Qt.Key.Key_Backspace)
    name_field.hand.wait(lambda: name_field.front_end.keyboard.composing == "shebao", "the letter stays")
    assert text_of(name_field, "setupNameInput") == ""
    name_field.hand.type(" 1")
    assert text_of(name_field, "setupNameInput") == "社保1"
    write(name_field, "li")
    name_field.hand.type("2")
    assert text_of(name_field, "setupNameInput") == "社保1li2"
    write(name_field, "w")
    name_field.hand.press_key(Qt.Key.Key_Escape)
    assert name_field.front_end.keyboard.composing == ""
    assert text_of(name_field, "setupNameInput") == "社保1li2"


def test_a_system_input_method_writes_into_the_field(name_field: Stand) -> None:
    field = name_field.hand.get("setupNameInput")
    event = QInputMethodEvent("wang", [])
    QCoreApplication.sendEvent(field, event)
    assert text_of(name_field, "setupNameInput") == ""
    event = QInputMethodEvent()
    event.setCommitString("王")
    QCoreApplication.sendEvent(field, event)
    assert text_of(name_field, "setupNameInput") == "王"


def test_a_scanner_that_types_reaches_the_station_and_no_field(name_field: Stand) -> None:
    name_field.hand.scan("ABC-123456")
    assert name_field.recorder.calls == [("wedge_code", ("ABC-123456",))]
    assert text_of(name_field, "setupNameInput") == ""


def test_a_few_fast_keys_are_typing(name_field: Stand) -> None:
    name_field.hand.scan("abc")
    assert name_field.recorder.calls == []
    assert text_of(name_field, "setupNameInput") == "abc"


def test_a_scan_does_not_press_the_button_with_the_focus(stand: Stand) -> None:
    stand.show(BASE)
    stand.hand.get("startVisit").forceActiveFocus()
    stand.hand.scan("123456789")
    assert stand.recorder.calls == [("wedge_code", ("123456789",))]
    stand.hand.press_key(Qt.Key.Key_Return)
    assert stand.recorder.names()[-1] == "start_visit"


def field_of_kind(stand: Stand, kind: str) -> QQuickItem:
    """The set-up's first field, asked for another keyboard."""
    stand.show(SETUP)
    stand.hand.get("setupName").setProperty("inputKind", kind)
    stand.hand.tap("setupNameInput")
    return stand.hand.get("setupNameInput")


def test_digits_only(stand: Stand) -> None:
    field = field_of_kind(stand, "digits")
    write(stand, "1390")
    assert not stand.hand.get("key_x").isEnabled()
    stand.hand.tap("key_back")
    stand.hand.tap("key_enter")
    assert field.property("text") == "139"


def test_an_id_number_with_x(stand: Stand) -> None:
    field = field_of_kind(stand, "id_number")
    write(stand, "00000019000101001x")
    assert field.property("text") == "00000019000101001X"


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768)], ids=["1080", "768"])
def test_a_field_of_a_sheet_is_written_by_our_keyboard_and_not_covered(
    make_stand: Callable[..., Stand], size: tuple[int, int]
) -> None:
    stand = make_stand(size=size, large_print=True)
    stand.show(all_samples()["capture"])
    stand.hand.tap("capture_add")
    stand.hand.tap("capture_materialNameInput")
    stand.hand.settle(0.4)
    write(stand, "shebao")
    stand.hand.tap("keySpace")
    field = stand.hand.get("capture_materialNameInput")
    assert field.property("text") == "社保"
    key = stand.hand.get("candidate_0") if stand.hand.find("candidate_0") else stand.hand.get("composing")
    assert field.mapToScene(field.boundingRect().bottomLeft()).y() <= key.mapToScene(key.boundingRect().topLeft()).y()
