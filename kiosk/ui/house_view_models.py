"""View models of the screens around a visit: starting, set-up, sign-on, home, to-do list, technician."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

from drivers.driver import DeviceKind, DeviceState
from kiosk.conductor.commands import Commands
from kiosk.conductor.snapshot import CheckView, DeviceView, Snapshot, StaffView
from kiosk.devices.station_devices import NOT_FITTED
from kiosk.ui.lamps import device_lamp
from kiosk.ui.view_model import ViewModel
from kiosk.ui.visit.rows import RowModel
from kiosk.words import Language, table

QML_IMPORT_NAME = "Doorstep.ViewModels"
QML_IMPORT_MAJOR_VERSION = 1

ACCOUNT = re.compile(r"[a-z][a-z0-9._-]{1,31}")
"""What ``kiosk staff add`` takes as an account as well."""


@QmlElement
class StartingViewModel(ViewModel):
    """STARTING: what the station is doing before anybody can sign on."""

    changed = Signal()

    def part(self, snapshot: Snapshot) -> Any:
        return snapshot.station_name

    @Property(str, notify=changed)
    def stationName(self) -> str:
        return self.snapshot.station_name


@QmlElement
class SetupViewModel(ViewModel):
    """SETUP: the first start makes the administrator. The PIN is handed on and kept nowhere here."""

    changed = Signal()

    def part(self, snapshot: Snapshot) -> Any:
        return (snapshot.station_name, snapshot.sign_on_code, snapshot.sign_on_detail)

    @Property(str, notify=changed)
    def stationName(self) -> str:
        return self.snapshot.station_name

    @Property(str, notify=changed)
    def refusal(self) -> str:
        """Why the account could not be made; "" when nothing was refused."""
        return str(self.words(self.snapshot.sign_on_code, self.snapshot.sign_on_detail))

    @Slot(str, result=bool)
    def goodAccount(self, account: str) -> bool:
        return ACCOUNT.fullmatch(account) is not None

    @Slot(str, str, str)
    def make(self, account: str, name: str, pin: str) -> None:
        self.commands.make_administrator(account, name.strip(), pin)


@QmlElement
class SignOnViewModel(ViewModel):
    """SIGN_ON: who is on duty, and their PIN."""

    changed = Signal()
    refused = Signal()

    def __init__(self, commands: Commands, language: Language = "zh", parent: QObject | None = None) -> None:
        super().__init__(commands, language, parent)
        self._accounts = RowModel(("account", "name", "role"), self)
        self._refusal: object = None

    def part(self, snapshot: Snapshot) -> Any:
        return (
            snapshot.accounts,
            snapshot.sign_on_code,
            snapshot.sign_on_detail,
            snapshot.demo_pin,
            snapshot.station_name,
        )

    def refresh(self) -> None:
        self._accounts.show(
            [
                {"account": staff.account, "name": staff.name, "role": role(self, staff)}
                for staff in self.snapshot.accounts
            ]
        )
        refusal = (self.snapshot.sign_on_code, dict(self.snapshot.sign_on_detail))
        if refusal != self._refusal:
            self._refusal = refusal
            if self.snapshot.sign_on_code:
                self.refused.emit()

    @Property(QObject, constant=True)
    def accounts(self) -> QObject:
        """Roles account, name, role."""
        return self._accounts

    @Property(str, notify=changed)
    def onlyAccount(self) -> str:
        """The account when there is just one to choose."""
        return self.snapshot.accounts[0].account if len(self.snapshot.accounts) == 1 else ""

    @Property(str, notify=changed)
    def demoPin(self) -> str:
        return self.snapshot.demo_pin

    @Property(str, notify=changed)
    def refusal(self) -> str:
        return self.words(self.snapshot.sign_on_code, self.snapshot.sign_on_detail).say

    @Property(str, notify=changed)
    def refusalNext(self) -> str:
        return self.words(self.snapshot.sign_on_code, self.snapshot.sign_on_detail).do

    @Slot(str, str)
    def signOn(self, account: str, pin: str) -> None:
        self.commands.sign_on(account, pin)


@QmlElement
class HomeViewModel(ViewModel):
    """HOME: begin a visit, go on with a kept one, see what waits."""

    changed = Signal()

    def __init__(self, commands: Commands, language: Language = "zh", parent: QObject | None = None) -> None:
        super().__init__(commands, language, parent)
        self._drafts = RowModel(("caseId", "name", "item", "savedAt"), self)

    def part(self, snapshot: Snapshot) -> Any:
        return (
            snapshot.station_name,
            snapshot.centre_name,
            snapshot.staff,
            snapshot.drafts,
            len(snapshot.todo),
            snapshot.outbox,
            snapshot.link,
            snapshot.catalogue_date,
        )

    def refresh(self) -> None:
        self._drafts.show(
            [
                {"caseId": draft.case_id, "name": draft.masked_name, "item": draft.item_name, "savedAt": draft.saved_at}
                for draft in self.snapshot.drafts
            ]
        )

    @Property(str, notify=changed)
    def stationName(self) -> str:
        return self.snapshot.station_name

    @Property(str, notify=changed)
    def staffName(self) -> str:
        return self.snapshot.staff.name if self.snapshot.staff else ""

    @Property(bool, notify=changed)
    def mayStart(self) -> bool:
        """False when the disk reserve is reached: a visit that could not be kept must not begin."""
        return not self.snapshot.outbox.full

    @Property(str, notify=changed)
    def whyNot(self) -> str:
        return str(self.words("front.outbox.full")) if self.snapshot.outbox.full else ""

    @Property(QObject, constant=True)
    def drafts(self) -> QObject:
        """Roles caseId, name, item, savedAt."""
        return self._drafts

    @Property(int, notify=changed)
    def draftCount(self) -> int:
        return len(self.snapshot.drafts)

    @Property(int, notify=changed)
    def todoCount(self) -> int:
        return len(self.snapshot.todo)

    @Property(str, notify=changed)
    def catalogueDate(self) -> str:
        return self.snapshot.catalogue_date

    @Slot()
    def start(self) -> None:
        self.commands.start_visit()

    @Slot(str)
    def resume(self, case_id: str) -> None:
        self.commands.resume_draft(case_id)

    @Slot()
    def openTodo(self) -> None:
        self.commands.open_todo()

    @Slot()
    def openReprint(self) -> None:
        self.commands.open_reprint()

    @Slot()
    def openTechnician(self) -> None:
        self.commands.open_technician()


@QmlElement
class TodoViewModel(ViewModel):
    """TODO: corrections asked for after the resident had left."""

    changed = Signal()

    def __init__(self, commands: Commands, language: Language = "zh", parent: QObject | None = None) -> None:
        super().__init__(commands, language, parent)
        self._rows = RowModel(("caseId", "caseNumber", "name", "item", "askedAt", "reasons"), self)

    def part(self, snapshot: Snapshot) -> Any:
        return snapshot.todo

    def refresh(self) -> None:
        self._rows.show(
            [
                {
                    "caseId": todo.case_id,
                    "caseNumber": todo.case_number,
                    "name": todo.masked_name,
                    "item": todo.item_name,
                    "askedAt": todo.asked_at,
                    "reasons": "\n".join(todo.reasons),
                }
                for todo in self.snapshot.todo
            ]
        )

    @Property(QObject, constant=True)
    def rows(self) -> QObject:
        """Roles caseId, caseNumber, name, item, askedAt, reasons (one a line)."""
        return self._rows

    @Property(int, notify=changed)
    def count(self) -> int:
        return len(self.snapshot.todo)

    @Slot(str)
    def printSlip(self, case_id: str) -> None:
        self.commands.print_what_to_bring(case_id)

    @Slot(str)
    def open(self, case_id: str) -> None:
        self.commands.open_correction(case_id)

    @Slot()
    def home(self) -> None:
        self.commands.go_home()


@QmlElement
class TechnicianViewModel(ViewModel):
    """TECHNICIAN: every interface of every device as it says it is, and the self-test, line by line."""

    changed = Signal()

    _TONES = {"running": "busy", "passed": "good", "failed": "danger", "attention": "warning", "unknown": "unknown"}

    def __init__(self, commands: Commands, language: Language = "zh", parent: QObject | None = None) -> None:
        super().__init__(commands, language, parent)
        self._devices = RowModel(("key", "label", "word", "lamp", "explanation", "todo", "identity"), self)
        self._checks = RowModel(("checkId", "label", "word", "lamp", "explanation", "todo"), self)

    def part(self, snapshot: Snapshot) -> Any:
        return (snapshot.devices, snapshot.self_test.checks, snapshot.paper, snapshot.staff)

    def refresh(self) -> None:
        self._devices.show([self._device(kind) for kind in DeviceKind])
        self._checks.show([self._check(check) for check in self.snapshot.self_test.checks])

    def _device(self, kind: DeviceKind) -> dict[str, object]:
        found = next((view for view in self.snapshot.devices if view.kind is kind), None)
        lamp = device_lamp(found or DeviceView(kind, DeviceState.UNKNOWN), self.language)
        return {
            "key": kind.value,
            "label": lamp.label,
            "word": lamp.word,
            "lamp": lamp.tone,
            "explanation": lamp.text,
            "todo": lamp.todo,
            "identity": lamp.identity if found and found.code not in NOT_FITTED else "",
        }

    def _check(self, check: CheckView) -> dict[str, object]:
        known = next(
            (key for key in (f"front.device.{check.check_id}", f"front.check.{check.check_id}") if key in table()), ""
        )
        sentence = self.words(check.code, check.detail)
        return {
            "checkId": check.check_id,
            "label": self.words(known).say if known else check.check_id,
            "word": self.words(f"front.check_state.{check.state}").say,
            "lamp": self._TONES.get(check.state, "unknown"),
            "explanation": sentence.say,
            "todo": sentence.do,
        }

    @Property(QObject, constant=True)
    def devices(self) -> QObject:
        """Roles key, label, word, lamp, explanation, todo, identity."""
        return self._devices

    @Property(QObject, constant=True)
    def checks(self) -> QObject:
        """Roles checkId, label, word, lamp, explanation, todo."""
        return self._checks

    @Property(str, notify=changed)
    def paper(self) -> str:
        """How much paper the printer should have left; an estimate."""
        paper = self.snapshot.paper
        return self.words(paper.code, {"metres": paper.metres, "receipts": paper.receipts}).say

    @Property(str, notify=changed)
    def paperTone(self) -> str:
        return "warning" if self.snapshot.paper.low else ""

    @Slot()
    def newRoll(self) -> None:
        self.commands.new_roll()

    @Property(bool, notify=changed)
    def running(self) -> bool:
        return any(check.state == "running" for check in self.snapshot.self_test.checks)

    @Property(str, notify=changed)
    def verdict(self) -> str:
        """The self-test in one sentence; "" before one has run."""
        states = [check.state for check in self.snapshot.self_test.checks]
        if not states:
            return ""
        bad = sum(state in ("failed", "attention", "unknown") for state in states)
        code = "front.self_test.running" if self.running else "front.self_test.bad" if bad else "front.self_test.good"
        return self.words(code, {"bad": bad, "all": len(states)}).say

    @Property(str, notify=changed)
    def verdictTone(self) -> str:
        states = {check.state for check in self.snapshot.self_test.checks}
        return "info" if self.running else "good" if states <= {"passed"} else "warning"

    @Property(bool, notify=changed)
    def maySetUp(self) -> bool:
        """What a device is connected to is for those who installed it."""
        staff = self.snapshot.staff
        return staff is not None and staff.role in ("technician", "administrator")

    @Slot()
    def setUpDevices(self) -> None:
        self.commands.open_device_set_up()

    @Slot()
    def runSelfTest(self) -> None:
        self.commands.run_self_test()

    @Slot()
    def home(self) -> None:
        self.commands.go_home()


def role(view_model: ViewModel, staff: StaffView) -> str:
    """The role in words."""
    return view_model.words(f"front.role.{staff.role}").say
