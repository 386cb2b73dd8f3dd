"""The real screens without a station: snapshots are given by hand, commands are written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drivers.camera import Frame
from drivers.driver import DeviceKind
from kiosk.conductor.snapshot import ItemView, Snapshot
from kiosk.ui.app import FrontEnd
from kiosk.ui.bridge import Bridge
from kiosk.ui.hand import Hand
from tests.ui.visit_samples import picture, search


class Recorder:
    """Every command becomes an entry (name, arguments) of ``calls``; ``touched`` is counted apart."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.touches = 0

    def touched(self) -> None:
        self.touches += 1

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(name)

        def record(*arguments: Any) -> None:
            self.calls.append((name, arguments))

        return record

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]

    def last(self, name: str) -> tuple[Any, ...]:
        return next(arguments for called, arguments in reversed(self.calls) if called == name)


class Stand:
    """A station's end for the front end, and the front end on it."""

    def __init__(self, *, size: tuple[int, int] = (1920, 1080), **switches: Any) -> None:
        self.recorder = Recorder()
        self.frames: dict[DeviceKind, Frame] = {}
        self.bridge = Bridge()
        self.front_end = FrontEnd(self, self.bridge, size=size, **switches)  # type: ignore[arg-type]
        self.window = self.front_end.window
        self.shell = self.front_end.shell
        self.hand = Hand(self.window)
        self.hand.wait(self.window.isExposed, "the window does not show")
        self.window.requestActivate()
        self.hand.wait(self.window.isActive, "the window does not get the keyboard")

    # the station's end
    @property
    def commands(self) -> Any:
        return self.recorder

    def picture(self, path: str) -> bytes | None:
        return picture(path)

    def latest_frame(self, kind: DeviceKind) -> Frame | None:
        return self.frames.get(kind)

    def search(self, text: str) -> list[ItemView]:
        return search(text)

    # for tests
    def show(self, snapshot: Snapshot) -> None:
        self.bridge.publish(snapshot)
        self.hand.wait(lambda: self.shell.snapshot is snapshot, "the snapshot did not arrive")
        self.hand.settle(0.08)

    def close(self) -> None:
        self.front_end.close()
