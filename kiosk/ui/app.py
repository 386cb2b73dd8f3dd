"""Starts the front end: Qt set up for a kiosk, the window, and what connects it to the station.

``Bridge`` first, then the station with ``bridge.publish`` as its listener, then ``run_front_end``, which returns when
the window was closed or the process was asked to end. Stopping the station is its maker's work.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Protocol

import PySide6.QtQuick  # noqa: F401  (its converters make windows of QML usable from Python)
from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QLocale,
    QMessageLogContext,
    QObject,
    QSocketNotifier,
    QtMsgType,
    QTranslator,
    QUrl,
    qInstallMessageHandler,
)
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow

from drivers.camera import Frame
from drivers.driver import DeviceKind
from kiosk.conductor.commands import Commands
from kiosk.conductor.snapshot import ItemView, Screen, Snapshot
from kiosk.settings import StationSection
from kiosk.ui.bridge import Bridge
from kiosk.ui.images import LiveFrames, LivePictures, PagePictures
from kiosk.ui.input import InputFilter
from kiosk.ui.keyboard import KeyboardModel
from kiosk.ui.pinyin import Pinyin
from kiosk.ui.shell import ShellViewModel
from kiosk.ui.visit.items import ChooseItemViewModel
from kiosk.words import Language

log = logging.getLogger(__name__)
qt_log = logging.getLogger("qt")

RESOURCES = Path(__file__).parents[2] / "resources"
QML_IMPORTS = RESOURCES / "qml"
MAIN = QML_IMPORTS / "Doorstep" / "Main.qml"
TRANSLATION = RESOURCES / "i18n" / "doorstep_en.qm"
FONT = "Noto Sans CJK SC"
FULL_HD = (1920, 1080)


class StationEnd(Protocol):
    """What the front end needs of a station beside its snapshots."""

    @property
    def commands(self) -> Commands: ...
    def picture(self, path: str) -> bytes | None:
        """The encoded picture (JPEG, PNG) at this path below ``image://page/``. Called on a worker thread."""

    def latest_frame(self, kind: DeviceKind) -> Frame | None:
        """The newest picture of a camera. Called on a worker thread."""

    def search(self, text: str) -> Sequence[ItemView]:
        """Offered items for what was typed, best first; all of them for "". Called on the GUI thread: in memory."""


def prepare_qt() -> None:
    """Settings that must stand before the application object: style, renderer, plugins."""
    os.environ.setdefault("QT_QUICK_CONTROLS_STYLE", "Basic")
    _without_system_input_method()
    if "QT_QUICK_BACKEND" not in os.environ and not has_gpu():
        os.environ["QT_QUICK_BACKEND"] = "software"


def _without_system_input_method() -> None:
    """Keep IBus, Fcitx and the like out of this process, whatever the desktop has set.

    An active Chinese one takes the letters of a scanner that types before any window sees them. People write Chinese
    with our own keys. Qt asks QT_IM_MODULES first, then QT_IM_MODULE; "compose" knows dead keys and talks to nobody.
    Under Wayland naming any also keeps Qt from offering the window to the compositor's input method. Windows has no
    "compose" and is left as it is: there the scanner has to be a serial one.
    """
    if sys.platform != "win32":
        os.environ.pop("QT_IM_MODULES", None)
        os.environ["QT_IM_MODULE"] = "compose"


def has_gpu(devices: Path = Path("/dev/dri")) -> bool:
    """A render node is there. Without one Qt Quick paints in software, which is as cheap (front-end reference 1)."""
    return os.environ.get("QT_QPA_PLATFORM", "") != "offscreen" and any(devices.glob("renderD*"))


class FrontEnd(QObject):
    """The window and all that feeds it. GUI thread; needs an application object. ``close`` before that ends."""

    def __init__(
        self,
        station: StationEnd,
        bridge: Bridge,
        *,
        language: Language = "zh",
        large_print: bool = False,
        high_contrast: bool = False,
        size: tuple[int, int] = FULL_HD,
        full_screen: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._translator = QTranslator(self)
        # Never by the file's name: Qt maps that into memory, and an update that writes it anew ends the process with a
        # segmentation fault at the next sentence. Qt does not copy these bytes: they live as long as the translator.
        self._english = TRANSLATION.read_bytes() if TRANSLATION.is_file() else b""
        self._pinyin = Pinyin()
        self._bridge = bridge
        self.commands = station.commands
        self.shell = ShellViewModel(
            station.commands, language, self, large_print=large_print, high_contrast=high_contrast
        )
        items = self.shell.view_model(Screen.CHOOSE_ITEM)
        assert isinstance(items, ChooseItemViewModel)
        items.offer(station.search)
        self.keyboard = KeyboardModel(self._pinyin, self)
        live = LivePictures()
        self.live = LiveFrames(live, station.latest_frame, self)
        self.engine = QQmlApplicationEngine()
        self.engine.addImportPath(str(QML_IMPORTS))
        self.engine.addImageProvider("page", PagePictures(station.picture))
        self.engine.addImageProvider("live", live)
        self.shell.languageChanged.connect(self._translate)
        self._translate()
        self.shell.update(Snapshot(Screen.STARTING))
        self.engine.setInitialProperties(
            {"shell": self.shell, "live": self.live, "keyboard": self.keyboard, "width": size[0], "height": size[1]}
        )
        self.engine.load(QUrl.fromLocalFile(str(MAIN)))
        roots = self.engine.rootObjects()
        if not roots or not isinstance(roots[0], QQuickWindow):
            raise RuntimeError(f"{MAIN.name} does not load; the log says why")
        self.window: QQuickWindow = roots[0]
        self.keyboard.write_into(self.window)
        self._filter = InputFilter(station.commands, self)
        self.window.installEventFilter(self._filter)
        if large_print:
            station.commands.set_large_print(True)
        bridge.arrived.connect(self.shell.update)
        if full_screen:
            self.window.showFullScreen()

    def close(self) -> None:
        """Take the window away and stop every thread of the front end."""
        self._bridge.close()
        application = QCoreApplication.instance()
        if application is not None:
            application.removeTranslator(self._translator)
        self.live.stop()
        self.window.close()
        # Now, and before the view models: a binding that outlived them would read null.
        self.engine.deleteLater()
        QCoreApplication.sendPostedEvents(self.engine, QEvent.Type.DeferredDelete.value)
        self._pinyin.close()

    def _translate(self) -> None:
        """Chinese is the language of the source; English lies over it."""
        application = QCoreApplication.instance()
        assert application is not None
        application.removeTranslator(self._translator)
        if self.shell.language == "en":
            if self._translator.load(self._english):
                application.installTranslator(self._translator)
            else:
                log.error("%s is missing: run python -m resources.i18n.build", TRANSLATION.name)
        self.engine.retranslate()


def run_front_end(
    station: StationEnd,
    bridge: Bridge,
    settings: StationSection,
    *,
    size: tuple[int, int] | None = None,
    on_ready: Callable[[FrontEnd], None] | None = None,
) -> int:
    """Show the window until it is closed or SIGTERM or SIGINT arrives; main thread.

    Args:
        station: running or about to.
        bridge: made before the station, which publishes its snapshots to it.
        settings: language, size of print, contrast, full screen.
        size: of the window in pixels; None = full screen when the settings say so, else 1920 × 1080.
        on_ready: called once on the GUI thread when the first screen stands.

    Returns:
        The exit code: 0 when it was asked to end.
    """
    prepare_qt()
    previous = qInstallMessageHandler(_to_log)
    application = QGuiApplication.instance() or QGuiApplication(sys.argv[:1])
    assert isinstance(application, QGuiApplication)
    application.setApplicationName("doorstep")
    application.setFont(QFont(FONT))
    QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    ending = _EndOnSignal(application)
    front_end = FrontEnd(
        station,
        bridge,
        language=settings.language,
        large_print=settings.text_size == "large",
        high_contrast=settings.high_contrast,
        size=size or FULL_HD,
        full_screen=settings.full_screen and size is None,
    )
    application.setQuitOnLastWindowClosed(True)
    try:
        if on_ready is not None:
            on_ready(front_end)
        return 0 if ending.asked else application.exec()
    finally:
        front_end.close()
        ending.close()
        qInstallMessageHandler(previous)


class _EndOnSignal:
    """SIGTERM and SIGINT end the event loop. Python sees a signal only when it runs, so a socket wakes Qt."""

    def __init__(self, application: QGuiApplication) -> None:
        self._application = application
        self.asked = False
        self._read, self._write = socket.socketpair()
        self._write.setblocking(False)
        self._read.setblocking(False)
        self._old_fd = signal.set_wakeup_fd(self._write.fileno())
        self._old = {number: signal.signal(number, self._end) for number in (signal.SIGTERM, signal.SIGINT)}
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._woken)

    def _end(self, number: int, _: FrameType | None) -> None:
        log.info("asked to end by signal %d", number)
        self.asked = True
        self._application.quit()

    def _woken(self) -> None:
        self._read.recv(64)
        if self.asked:  # again: Qt forgets a "quit" from before its event loop
            self._application.quit()

    def close(self) -> None:
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._old_fd)
        for number, handler in self._old.items():
            signal.signal(number, handler)
        self._read.close()
        self._write.close()


_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def _to_log(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    qt_log.log(_LEVELS.get(kind, logging.WARNING), "%s", text)
