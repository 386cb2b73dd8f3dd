"""A scanner that types, at its real input device: read alone, so that no field and no input method sees a key."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator

import pytest

from drivers.code_scanner import CodeScanned, CodeScanner
from drivers.driver import DeviceState
from drivers.transport.address import parse_address
from tests.drivers.events import Events

from .kernel import Keyboard

KEYS = {"A": 30, "B": 48, "C": 46, "1": 2, "2": 3, "3": 4}
ENTER = 28


@pytest.fixture
def keyboard() -> Iterator[Keyboard]:
    made = Keyboard()
    yield made
    made.close()


def type_code(keyboard: Keyboard, text: str) -> None:
    for character in text:
        keyboard.key(KEYS[character], shift=character.isalpha())
    keyboard.key(ENTER)


def test_the_driver_alone_sees_the_keys(keyboard: Keyboard) -> None:
    events = Events()
    other = os.open(keyboard.path, os.O_RDONLY | os.O_NONBLOCK)
    scanner = CodeScanner(parse_address(f"hid:{keyboard.path}"), events)
    scanner.start()
    try:
        events.wait_status(lambda status: status.state is not DeviceState.CONNECTING)
        type_code(keyboard, "ABC123")
        assert events.wait(CodeScanned).raw == b"ABC123"
        assert select.select([other], [], [], 1.0)[0] == []
        scanner.stop()
        type_code(keyboard, "ABC123")
        assert select.select([other], [], [], 5.0)[0] == [other]
    finally:
        scanner.stop()
        os.close(other)


def test_a_keyboard_that_is_pulled_out_is_lost() -> None:
    keyboard = Keyboard("Another scanner")
    events = Events()
    scanner = CodeScanner(parse_address(f"hid:{keyboard.path}"), events)
    scanner.start()
    try:
        events.wait_status(lambda status: status.state is not DeviceState.CONNECTING)
        keyboard.close()
        events.wait_status(lambda status: status.state in (DeviceState.CONNECTING, DeviceState.ABSENT))
    finally:
        scanner.stop()
