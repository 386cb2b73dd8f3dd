"""What surrounds every screen: header, lamps, notices, help, the idle warning and the privacy cover."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import Property, QObject, QUrl, Signal, Slot
from PySide6.QtQml import QmlElement

from drivers.driver import DeviceKind
from kiosk.conductor.commands import Commands
from kiosk.conductor.snapshot import CoverState, Screen, Snapshot
from kiosk.ui.lamps import lamps, piece_name
from kiosk.ui.screens import VIEW_MODELS, screen_file
from kiosk.ui.view_model import ScreenViewModel, ViewModel
from kiosk.ui.visit.rows import RowModel
from kiosk.words import Language

QML_IMPORT_NAME = "Doorstep.ViewModels"
QML_IMPORT_MAJOR_VERSION = 1

SCREENS = Path(__file__).parents[2] / "resources" / "qml" / "Doorstep" / "screens"

_OUTSIDE = (
    Screen.STARTING,
    Screen.SETUP,
    Screen.SIGN_ON,
    Screen.HOME,
    Screen.TODO,
    Screen.REPRINT,
    Screen.TECHNICIAN,
    Screen.DEVICE_SET_UP,
)
"""Screens without a resident: the switches of the one before go back to the station's own."""


@QmlElement
class ShellViewModel(ViewModel):
    """Owns the view models of all screens and feeds the one that is shown."""

    changed = Signal()
    screenChanged = Signal()
    switchesChanged = Signal()
    languageChanged = Signal()

    def __init__(
        self,
        commands: Commands,
        language: Language = "zh",
        parent: QObject | None = None,
        *,
        large_print: bool = False,
        high_contrast: bool = False,
    ) -> None:
        super().__init__(commands, language, parent)
        self._usual = (language, large_print, high_contrast)
        self._large_print = large_print
        self._high_contrast = high_contrast
        self._lamps = RowModel(("key", "label", "word", "tone", "explanation", "todo", "identity"), self)
        self._view_models = {screen: make(commands, language, self) for screen, make in VIEW_MODELS.items()}
        self._screen: Screen | None = None

    # -- snapshots ---------------------------------------------------------------------------------------------

    def update(self, snapshot: Snapshot) -> None:
        """Feed the screen first, so that it is complete when it is loaded."""
        old, new = self._screen, snapshot.screen
        if new in self._view_models:
            self._view_models[new].update(snapshot)
        super().update(snapshot)
        if new is not old:
            self._screen = new
            self.screenChanged.emit()
            if old is not None and old in self._view_models:
                self._view_models[old].forget()
            if new in _OUTSIDE and old is not None and old not in _OUTSIDE:
                self._back_to_usual()

    def refresh(self) -> None:
        rows = lamps(self.snapshot, self.language)
        self._lamps.show(
            [
                {
                    "key": lamp.key,
                    "label": lamp.label,
                    "word": lamp.word,
                    "tone": lamp.tone,
                    "explanation": lamp.text,
                    "todo": lamp.todo,
                    "identity": lamp.identity,
                }
                for lamp in rows
            ]
        )

    def set_language(self, language: Language) -> None:
        """The application's translator is switched before (``languageChanged`` tells it)."""
        if language == self.language:
            return
        self.language = language
        self.languageChanged.emit()
        for view_model in self._view_models.values():
            view_model.set_language(language)
        self.refresh()
        self.changed.emit()

    def view_model(self, screen: Screen) -> ScreenViewModel:
        """The view model of a screen, shown or not."""
        return self._view_models[screen]

    def _back_to_usual(self) -> None:
        language, large_print, high_contrast = self._usual
        self.set_language(language)
        self._switch(large_print, high_contrast)

    def _switch(self, large_print: bool, high_contrast: bool) -> None:
        if large_print != self._large_print:
            self._large_print = large_print
            self.commands.set_large_print(large_print)
        self._high_contrast = high_contrast
        self.switchesChanged.emit()

    # -- the screen --------------------------------------------------------------------------------------------

    @Property(str, notify=screenChanged)
    def screenName(self) -> str:
        return self._screen.value if self._screen else ""

    @Property(QUrl, notify=screenChanged)
    def screenUrl(self) -> QUrl:
        return QUrl.fromLocalFile(str(SCREENS / screen_file(self._screen))) if self._screen else QUrl()

    @Property(QObject, notify=screenChanged)
    def screenViewModel(self) -> QObject | None:
        found = self._view_models.get(self._screen) if self._screen else None
        return cast("QObject | None", found)

    # -- header ------------------------------------------------------------------------------------------------

    @Property(str, notify=changed)
    def stationName(self) -> str:
        return self.snapshot.station_name

    @Property(str, notify=changed)
    def centreName(self) -> str:
        return self.snapshot.centre_name

    @Property(str, notify=changed)
    def staffName(self) -> str:
        return self.snapshot.staff.name if self.snapshot.staff else ""

    @Property(str, notify=changed)
    def staffRole(self) -> str:
        return self.words(f"front.role.{self.snapshot.staff.role}").say if self.snapshot.staff else ""

    @Property(bool, notify=changed)
    def inVisit(self) -> bool:
        return self.snapshot.visit is not None

    @Property(str, notify=languageChanged)
    def languageCode(self) -> str:
        return self.language

    @Property(bool, notify=switchesChanged)
    def largePrint(self) -> bool:
        return self._large_print

    @Property(bool, notify=switchesChanged)
    def highContrast(self) -> bool:
        return self._high_contrast

    @Slot()
    def toggleLanguage(self) -> None:
        self.set_language("en" if self.language == "zh" else "zh")

    @Slot()
    def toggleLargePrint(self) -> None:
        self._switch(not self._large_print, self._high_contrast)

    @Slot()
    def toggleHighContrast(self) -> None:
        self._switch(self._large_print, not self._high_contrast)

    @Slot()
    def signOff(self) -> None:
        self.commands.sign_off()

    # -- lamps, notice, help -----------------------------------------------------------------------------------

    @Property(QObject, constant=True)
    def lamps(self) -> QObject:
        """Roles key, label, word, tone, explanation, todo, identity."""
        return self._lamps

    @Property(str, notify=changed)
    def noticeKind(self) -> str:
        return self.snapshot.notice.kind if self.snapshot.notice else "info"

    @Property(str, notify=changed)
    def noticeSay(self) -> str:
        notice = self.snapshot.notice
        if notice is None:
            return ""
        say = self.words(notice.code, notice.detail).say
        # The devices' own sentences say "the device": the same name as its lamp's says which.
        kind = notice.detail.get("device")
        piece = piece_name(DeviceKind(kind), self.language) if isinstance(kind, str) else ""
        if not piece or piece.casefold() in say.casefold():
            return say
        return f"{piece}：{say}" if self.language == "zh" else f"{piece}: {say}"

    @Property(str, notify=changed)
    def noticeDo(self) -> str:
        notice = self.snapshot.notice
        return self.words(notice.code, notice.detail).do if notice else ""

    @Slot()
    def dismissNotice(self) -> None:
        self.commands.dismiss_notice()

    @Property(bool, notify=changed)
    def helpOpen(self) -> bool:
        return self.snapshot.help_open

    @Property(str, notify=changed)
    def helpSay(self) -> str:
        """What this screen is for."""
        return self.words(f"front.help.{self.snapshot.screen.value}").say

    @Property(str, notify=changed)
    def helpDo(self) -> str:
        """What to do on it now."""
        return self.words(f"front.help.{self.snapshot.screen.value}").do

    @Slot()
    def openHelp(self) -> None:
        self.commands.help(True)

    @Slot()
    def closeHelp(self) -> None:
        self.commands.help(False)

    # -- cover -------------------------------------------------------------------------------------------------

    @Property(bool, notify=changed)
    def warning(self) -> bool:
        return self.snapshot.cover.state is CoverState.WARNING

    @Property(bool, notify=changed)
    def covered(self) -> bool:
        return self.snapshot.cover.state is CoverState.COVERED

    @Property(int, notify=changed)
    def secondsLeft(self) -> int:
        return self.snapshot.cover.seconds_left

    @Property(str, notify=changed)
    def unlockRefusal(self) -> str:
        return str(self.words(self.snapshot.sign_on_code, self.snapshot.sign_on_detail))

    @Property(str, notify=changed)
    def demoPin(self) -> str:
        return self.snapshot.demo_pin

    @Slot()
    def goOn(self) -> None:
        self.commands.touched()

    @Slot(str)
    def unlock(self, pin: str) -> None:
        self.commands.unlock(pin)
