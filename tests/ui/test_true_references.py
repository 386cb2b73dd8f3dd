"""PySide6 6.12.0 on Python 3.11 drops a reference to True at every emit and aborts after some hundred."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal


class Sender(QObject):
    told = Signal(bool)


def test_emitting_keeps_the_references_to_true(qapp: object) -> None:
    sender = Sender()
    sender.told.connect(lambda _: None)
    before = sys.getrefcount(True)
    for _ in range(1000):
        sender.told.emit(True)
    assert sys.getrefcount(True) >= before - 50
