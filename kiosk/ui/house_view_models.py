"""View models of the screens around a visit: starting, set-up, sign-on, home, to-do list."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

from kiosk.conductor.commands import Commands
from kiosk.conductor.snapshot import Snapshot, StaffView
from kiosk.ui.morning import morning_warning
from kiosk.ui.view_model import ViewModel
from kiosk.ui.visit.rows import RowModel
from kiosk.words import Language

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
            snapshot.morning,
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

    @Property(str, notify=changed)
    def morning(self) -> str:
        """What the automatic self-test found wrong today; "" when nothing."""
        return morning_warning(self.snapshot.morning, self.language).say

    @Property(str, notify=changed)
    def morningNext(self) -> str:
        return morning_warning(self.snapshot.morning, self.language).do

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
            snapshot.morning,
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

    @Property(str, notify=changed)
    def morning(self) -> str:
        """What the automatic self-test found wrong today; "" when nothing."""
        return morning_warning(self.snapshot.morning, self.language).say

    @Property(str, notify=changed)
    def morningNext(self) -> str:
        return morning_warning(self.snapshot.morning, self.language).do

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


def role(view_model: ViewModel, staff: StaffView) -> str:
    """The role in words."""
    return view_model.words(f"front.role.{staff.role}").say
