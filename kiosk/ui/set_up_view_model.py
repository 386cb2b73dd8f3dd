"""View model of the screen on which a technician finds, tries and keeps a device's connection."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

from drivers.driver import DeviceKind, DeviceState
from drivers.transport.address import NONE
from kiosk.conductor.commands import Commands
from kiosk.conductor.snapshot import DeviceView, FoundView, SetUpView, Snapshot
from kiosk.ui.lamps import device_lamp
from kiosk.ui.view_model import ViewModel
from kiosk.ui.visit.rows import RowModel
from kiosk.words import Language, Sentence

QML_IMPORT_NAME = "Doorstep.ViewModels"
QML_IMPORT_MAJOR_VERSION = 1

CAMERAS = frozenset({DeviceKind.DOCUMENT_CAMERA, DeviceKind.WEBCAM})
TONES = {"waiting": "busy", "passed": "good", "failed": "danger"}
FOUND_ROLES = ("key", "connection", "name", "identity", "note", "noteTone", "usable", "used", "asks", "scans")


@QmlElement
class DeviceSetUpViewModel(ViewModel):
    """DEVICE_SET_UP."""

    changed = Signal()

    def __init__(self, commands: Commands, language: Language = "zh", parent: QObject | None = None) -> None:
        super().__init__(commands, language, parent)
        self._pieces = RowModel(("key", "label", "word", "lamp", "chosen"), self)
        self._found = RowModel(FOUND_ROLES, self)
        self._answers = RowModel(FOUND_ROLES, self)

    @property
    def _view(self) -> SetUpView:
        return self.snapshot.set_up or SetUpView()

    def part(self, snapshot: Snapshot) -> Any:
        return (snapshot.set_up, snapshot.devices)

    def refresh(self) -> None:
        view = self._view
        self._pieces.show([self._piece(kind) for kind in DeviceKind])
        self._found.show([self._row(number, one) for number, one in enumerate(view.found)])
        self._answers.show([self._answer(number, one) for number, one in enumerate(view.probe.answers)])

    def _device(self, kind: DeviceKind) -> DeviceView:
        return next((one for one in self.snapshot.devices if one.kind is kind), DeviceView(kind, DeviceState.UNKNOWN))

    def _piece(self, kind: DeviceKind) -> dict[str, object]:
        lamp = device_lamp(self._device(kind), self.language)
        return {
            "key": kind.value,
            "label": lamp.label,
            "word": lamp.word,
            "lamp": lamp.tone,
            "chosen": kind is self._view.kind,
        }

    def _name(self, kind: DeviceKind) -> str:
        return self.words(f"front.device.{kind.value}").say

    def _row(self, number: int, one: FoundView) -> dict[str, object]:
        view = self._view
        used = one.used_by is not None and one.used_by is not view.kind
        note = self.words(one.note_code)
        notes = [note.do if not one.name else str(note)] if one.note_code else []
        if one.used_by is not None and used:
            notes.insert(0, self.words("set_up.used_by", {"piece": self._name(one.used_by)}).say)
        asks = one.serial_line and bool(one.connection) and not used
        return {
            "key": f"{number}:{one.connection}:{one.identity}",
            "connection": one.connection,
            "name": one.name or note.say,
            "identity": one.identity,
            "note": "\n".join(notes),
            "noteTone": "warning" if one.ambiguous or not one.connection or used else "",
            "usable": bool(one.connection),
            "used": _same(one, view.connection),
            "asks": asks,
            "scans": asks and view.kind is DeviceKind.CODE_SCANNER,
        }

    def _answer(self, number: int, one: FoundView) -> dict[str, object]:
        kind = one.kind or DeviceKind.CODE_SCANNER
        fits = kind is self._view.kind
        code = "set_up.probe_answered" if fits else "set_up.probe_other"
        return {
            "key": f"{number}:{one.connection}",
            "connection": one.connection,
            "name": str(self.words(code, {"piece": self._name(kind)})),
            "identity": one.identity,
            "note": str(self.words("set_up.probe_several")) if one.ambiguous else "",
            "noteTone": "good" if fits else "warning",
            "usable": fits,
            "used": one.connection == self._view.connection,
            "asks": False,
            "scans": False,
        }

    # -- lists -------------------------------------------------------------------------------------------------

    @Property(QObject, constant=True)
    def pieces(self) -> QObject:
        """Roles key, label, word, lamp, chosen."""
        return self._pieces

    @Property(QObject, constant=True)
    def found(self) -> QObject:
        """Roles of ``FOUND_ROLES``: what is plugged in."""
        return self._found

    @Property(QObject, constant=True)
    def answers(self) -> QObject:
        """Roles of ``FOUND_ROLES``: what answered on a serial line."""
        return self._answers

    # -- the piece ---------------------------------------------------------------------------------------------

    @Property(str, notify=changed)
    def piece(self) -> str:
        return self._view.kind.value if self._view.kind else ""

    @Property(str, notify=changed)
    def pieceName(self) -> str:
        return self._name(self._view.kind) if self._view.kind else ""

    @Property(str, notify=changed)
    def connection(self) -> str:
        """In effect now, as it would stand in the file; "" = not set up."""
        return self._view.connection

    @Property(bool, notify=changed)
    def withoutPiece(self) -> bool:
        return self._view.connection == NONE

    @Property(str, notify=changed)
    def identity(self) -> str:
        """What the device says it is."""
        return self._device(self._view.kind).identity if self._view.kind else ""

    @Property(bool, notify=changed)
    def isChanged(self) -> bool:
        return self._view.changed

    @Property(bool, notify=changed)
    def busy(self) -> bool:
        """Nothing else can be begun now."""
        return self._view.busy or self._view.probe.running

    @Property(bool, notify=changed)
    def isCamera(self) -> bool:
        return self._view.kind in CAMERAS

    @Property(bool, notify=changed)
    def isPrinter(self) -> bool:
        return self._view.kind is DeviceKind.RECEIPT_PRINTER

    @Property(int, notify=changed)
    def paperMm(self) -> int:
        return self._view.paper_mm

    @Property(bool, notify=changed)
    def printerAnswers(self) -> bool:
        return self._view.printer_status

    # -- what is seen ------------------------------------------------------------------------------------------

    def _result(self) -> Sentence:
        return self.words(self._view.result_code, self._view.result_detail)

    @Property(str, notify=changed)
    def resultTone(self) -> str:
        return TONES.get(self._view.result, "info")

    @Property(str, notify=changed)
    def resultSay(self) -> str:
        return self._result().say

    @Property(str, notify=changed)
    def resultDo(self) -> str:
        return self._result().do

    @Property(str, notify=changed)
    def messageKind(self) -> str:
        return self._view.message.kind if self._view.message else "info"

    @Property(str, notify=changed)
    def messageSay(self) -> str:
        message = self._view.message
        return self.words(message.code, message.detail).say if message else ""

    @Property(str, notify=changed)
    def messageDo(self) -> str:
        message = self._view.message
        return self.words(message.code, message.detail).do if message else ""

    # -- searching ---------------------------------------------------------------------------------------------

    @Property(bool, notify=changed)
    def searching(self) -> bool:
        return self._view.searching

    @Property(bool, notify=changed)
    def searched(self) -> bool:
        return self._view.searched

    @Property(str, notify=changed)
    def notes(self) -> str:
        """What could not be searched, one a line."""
        return "\n".join(str(self.words(note.code, note.detail)) for note in self._view.notes)

    @Property(bool, notify=changed)
    def probing(self) -> bool:
        return self._view.probe.running

    @Property(float, notify=changed)
    def probed(self) -> float:
        """0 to 1."""
        detail = self._view.probe.step_detail
        total = int(detail.get("total", 0))
        return int(detail.get("number", 0)) / total if total else 0.0

    @Property(str, notify=changed)
    def probeSay(self) -> str:
        """The try that is on, or why there is no answer."""
        probe = self._view.probe
        if probe.running:
            return str(self.words(probe.step_code, probe.step_detail)) if probe.step_code else ""
        return str(self.words(probe.code, probe.detail))

    # -- commands ----------------------------------------------------------------------------------------------

    @Slot(str)
    def choose(self, piece: str) -> None:
        self.commands.set_up_choose(DeviceKind(piece))

    @Slot()
    def find(self) -> None:
        self.commands.set_up_find()

    @Slot(str)
    def tryOut(self, connection: str) -> None:
        self.commands.set_up_try(connection)

    @Slot()
    def without(self) -> None:
        self.commands.set_up_try(NONE)

    @Slot(str, bool)
    def probe(self, connection: str, listening: bool) -> None:
        self.commands.set_up_probe(connection, listening)

    @Slot()
    def stopProbe(self) -> None:
        self.commands.set_up_stop_probe()

    @Slot(int, bool)
    def setPrinter(self, paper_mm: int, answers: bool) -> None:
        self.commands.set_up_printer(paper_mm, answers)

    @Slot()
    def printLine(self) -> None:
        self.commands.set_up_print_line()

    @Slot()
    def keep(self) -> None:
        self.commands.set_up_keep()

    @Slot()
    def restore(self) -> None:
        self.commands.set_up_restore()

    @Slot()
    def leave(self) -> None:
        self.commands.open_technician()


def _same(one: FoundView, connection: str) -> bool:
    """What is in effect may have a speed added."""
    other = connection.partition("?")[0] if one.serial_line else connection
    return bool(one.connection) and one.connection == other
