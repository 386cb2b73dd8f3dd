"""SUBMIT, WAITING, RECEIPT, RATING, FAREWELL: from the sealed case to the door."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Property, Signal, Slot
from PySide6.QtQml import QmlElement

from drivers.driver import DeviceKind
from kiosk.conductor.snapshot import Outcome, PageState, Screen, Snapshot
from kiosk.ui.visit.base import VisitViewModel

QML_IMPORT_NAME = "Doorstep.ViewModels"
QML_IMPORT_MAJOR_VERSION = 1

FAREWELL_SECONDS = 30
"""How long the farewell stays before the station goes home by itself."""


@QmlElement
class HandoverViewModel(VisitViewModel):
    """What has become of the case; every value from the centre's answers, nothing assumed."""

    changed = Signal()

    def part(self, snapshot: Snapshot) -> Any:
        printer = [device for device in snapshot.devices if device.kind is DeviceKind.RECEIPT_PRINTER]
        return snapshot.visit, snapshot.link, snapshot.notice, printer

    @Property(str, notify=changed)
    def itemName(self) -> str:
        return self.visit.item.name if self.visit.item else ""

    @Property(str, notify=changed)
    def link(self) -> str:
        """A LinkState."""
        return self.snapshot.link.value

    @Property(str, notify=changed)
    def caseState(self) -> str:
        """A CaseState."""
        return self.visit.delivery.case_state.value

    @Property(str, notify=changed)
    def caseNumber(self) -> str:
        return self.visit.delivery.case_number

    @Property(float, notify=changed)
    def progress(self) -> float:
        """0 to 1 of this case's bytes at the centre."""
        delivery = self.visit.delivery
        if delivery.total_bytes <= 0:
            return 1.0 if delivery.case_number else 0.0
        return min(1.0, delivery.sent_bytes / delivery.total_bytes)

    @Property(str, notify=changed)
    def progressText(self) -> str:
        """Such as 1.2 / 3.4 MB; "" before the size is known."""
        delivery = self.visit.delivery
        if delivery.total_bytes <= 0:
            return ""
        return f"{delivery.sent_bytes / 1e6:.1f} / {delivery.total_bytes / 1e6:.1f} MB"

    @Property(bool, notify=changed)
    def refused(self) -> bool:
        """The case could not be kept (the notice says why); "next" tries again."""
        notice = self.snapshot.notice
        return not self.visit.can_next and notice is not None and notice.kind == "error"

    @Property(int, notify=changed)
    def pageCount(self) -> int:
        return sum(len(material.pages) for material in self.visit.materials)

    @Property(str, notify=changed)
    def ticketNumber(self) -> str:
        return self.visit.ticket.number if self.visit.ticket else ""

    @Property(int, notify=changed)
    def peopleAhead(self) -> int:
        return self.visit.ticket.people_ahead if self.visit.ticket else 0

    @Property(str, notify=changed)
    def ticketState(self) -> str:
        """waiting, called, closed; "" without a ticket."""
        return self.visit.ticket.state if self.visit.ticket else ""

    @Property(str, notify=changed)
    def outcome(self) -> str:
        """An Outcome."""
        return self.visit.delivery.outcome.value

    @Property(bool, notify=changed)
    def decided(self) -> bool:
        return self.visit.delivery.outcome is not Outcome.NONE

    @Property(str, notify=changed)
    def outcomeReason(self) -> str:
        """The clerk's words."""
        return self.visit.delivery.outcome_reason

    @Property("QStringList", notify=changed)  # type: ignore[arg-type]
    def markedPages(self) -> list[str]:
        """Material and reason of every page asked for again."""
        return [
            f"{material.name}：{page.reason}"
            for material in self.visit.materials
            for page in material.pages
            if page.state is PageState.MARKED
        ]

    @Property(str, notify=changed)
    def printState(self) -> str:
        """A PrintState."""
        return self.visit.print_state.value

    @Property(str, notify=changed)
    def printTrouble(self) -> str:
        """What happened at the printer; "" when there is nothing to say."""
        return self.words(self.visit.print_code, self.device(DeviceKind.RECEIPT_PRINTER).detail).say

    @Property(str, notify=changed)
    def printStep(self) -> str:
        """What to do about it."""
        return self.words(self.visit.print_code, self.device(DeviceKind.RECEIPT_PRINTER).detail).do

    @Slot()
    def leaveWaiting(self) -> None:
        self.commands.leave_waiting()

    @Slot()
    def printTicket(self) -> None:
        self.commands.print_ticket()

    @Slot()
    def printReceipt(self) -> None:
        self.commands.print_receipt()


@QmlElement
class RatingViewModel(VisitViewModel):
    """Five levels, or none: both lead on."""

    changed = Signal()

    @Slot(int, str)
    def rate(self, level: int, comment: str) -> None:
        """1 (worst) to 5 (best); 0 = would rather not."""
        self.commands.rate(level, comment if level else "")


@QmlElement
class FarewellViewModel(VisitViewModel):
    """The last words; the screen's own clock goes home after ``seconds``."""

    changed = Signal()

    seconds_shown = FAREWELL_SECONDS

    def part(self, snapshot: Snapshot) -> Any:
        return snapshot.notice, snapshot.screen

    @Property(int, notify=changed)
    def seconds(self) -> int:
        """0 = stay until somebody touches."""
        return self.seconds_shown

    @Property(bool, notify=changed)
    def here(self) -> bool:
        """The station is on this screen; its clock runs only then."""
        return self.snapshot.screen is Screen.FAREWELL

    @Property(bool, notify=changed)
    def forgotten(self) -> bool:
        """A card or paper lies here still; the shell's notice says which. Nobody is sent home before it is taken."""
        return self.snapshot.notice is not None and self.snapshot.notice.kind != "info"

    @Slot()
    def finish(self) -> None:
        self.commands.finish_visit()
