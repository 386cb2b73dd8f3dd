"""What every screen of a visit has: the way back and on, and the step it is in."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Property, Signal, Slot
from PySide6.QtQml import QmlElement

from drivers.driver import DeviceKind, DeviceState
from kiosk.conductor.snapshot import DeviceView, PersonView, Screen, Snapshot, VisitView
from kiosk.ui.view_model import ViewModel
from kiosk.words import Language

QML_IMPORT_NAME = "Doorstep.ViewModels"
QML_IMPORT_MAJOR_VERSION = 1

STEP_OF_SCREEN = {
    Screen.IDENTIFY: 0,
    Screen.CHOOSE_ITEM: 1,
    Screen.GUIDE: 1,
    Screen.APPLICANT: 1,
    Screen.CAPTURE: 2,
    Screen.FIELDS: 3,
    Screen.REVIEW: 4,
    Screen.SIGNATURE: 4,
    Screen.SUBMIT: 5,
    Screen.WAITING: 5,
    Screen.RECEIPT: 6,
    Screen.RATING: 6,
    Screen.FAREWELL: 6,
}
"""Seven steps are shown to people: who, what, papers, form, check and sign, hand over, receipt."""

PAGE_IMAGE = "image://page/"

NO_VISIT = VisitView(case_id="", can_back=False, can_next=False)


@QmlElement
class VisitViewModel(ViewModel):
    """Base of the visit's view models. GUI thread only.

    ``frameChanged`` is sent when the frame of the screen differs, the sub-class's ``changed`` when what ``part`` names
    does.
    """

    frameChanged = Signal()

    _frame: object = None

    @property
    def visit(self) -> VisitView:
        return self.snapshot.visit or NO_VISIT

    def part(self, snapshot: Snapshot) -> Any:
        return snapshot.visit

    def update(self, snapshot: Snapshot) -> None:
        super().update(snapshot)
        visit = self.visit
        frame = (snapshot.screen, visit.can_back, visit.can_next, visit.next_code, visit.correction)
        if frame != self._frame:
            self._frame = frame
            self.frameChanged.emit()

    def set_language(self, language: Language) -> None:
        super().set_language(language)
        self.frameChanged.emit()

    def pick(self, zh: str, en: str) -> str:
        """One of two texts that come as data (labels of fields, choices)."""
        return zh if self.language == "zh" or not en else en

    def sentence(self, device: DeviceView) -> str:
        """What is wrong with a device and what to do; "" while it works or says nothing."""
        if device.state in (DeviceState.READY, DeviceState.BUSY) or not device.code:
            return ""
        return str(self.words(device.code, device.detail))

    def device(self, kind: DeviceKind) -> DeviceView:
        return next((d for d in self.snapshot.devices if d.kind == kind), DeviceView(kind, DeviceState.UNKNOWN))

    def person_row(self, person: PersonView | None) -> dict[str, Any]:
        """A person as QML shows them: ``known``, then plain strings, warnings as sentences."""
        shown = person or PersonView(name="", id_number_masked="")
        return {
            "known": person is not None,
            "name": shown.name,
            "idNumber": shown.id_number_masked,
            "sex": shown.sex,
            "birth": shown.birth,
            "source": shown.source,
            "photo": f"image://page/{shown.photo}" if shown.photo else "",
            "photoSentence": str(self.words(shown.photo_code)) if shown.photo_code else "",
            "warnings": [str(self.words(code)) for code in shown.warning_codes],
        }

    @Property(int, notify=frameChanged)
    def step(self) -> int:
        """0 to 6, see STEP_OF_SCREEN."""
        return STEP_OF_SCREEN.get(self.snapshot.screen, 0)

    @Property(bool, notify=frameChanged)
    def canBack(self) -> bool:
        return self.visit.can_back

    @Property(bool, notify=frameChanged)
    def canNext(self) -> bool:
        return self.visit.can_next

    @Property(str, notify=frameChanged)
    def nextHint(self) -> str:
        """Why "next" is not possible yet; "" when it is."""
        return "" if self.visit.can_next else str(self.words(self.visit.next_code))

    @Property(bool, notify=frameChanged)
    def correction(self) -> bool:
        return self.visit.correction

    @Slot()
    def back(self) -> None:
        self.commands.back()

    @Slot()
    def next(self) -> None:
        self.commands.next()

    @Slot()
    def cancelVisit(self) -> None:
        self.commands.cancel_visit()

    @Slot()
    def help(self) -> None:
        self.commands.help(True)
