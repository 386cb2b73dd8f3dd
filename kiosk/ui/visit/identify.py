"""IDENTIFY and APPLICANT: who is here, and for whom."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Property, Signal, Slot
from PySide6.QtQml import QmlElement

from drivers.driver import DeviceKind
from kiosk.conductor.snapshot import PersonView, Screen, Snapshot
from kiosk.identity.id_number import check_id_number
from kiosk.ui.visit.base import VisitViewModel

QML_IMPORT_NAME = "Doorstep.ViewModels"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
class IdentifyViewModel(VisitViewModel):
    """The person found, the three ways to find one, and what each way's device says right now."""

    changed = Signal()

    def part(self, snapshot: Snapshot) -> Any:
        visit = snapshot.visit
        return visit and (visit.applicant, visit.proxy, visit.item), snapshot.screen, snapshot.devices

    def _person(self) -> PersonView | None:
        if self.snapshot.screen is Screen.APPLICANT:
            return self.visit.applicant
        return self.visit.proxy if self.visit.acting_for_other else self.visit.applicant

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def person(self) -> dict[str, Any]:
        """The keys of ``person_row``; ``known`` is false while nobody has been identified."""
        return self.person_row(self._person())

    @Property("QVariantMap", notify=changed)  # type: ignore[arg-type]
    def proxy(self) -> dict[str, Any]:
        """Who is here, when the applicant is somebody else."""
        return self.person_row(self.visit.proxy)

    @Property(str, notify=changed)
    def itemName(self) -> str:
        return self.visit.item.name if self.visit.item else ""

    @Property(str, notify=changed)
    def cardState(self) -> str:
        """A DeviceState of the ID card reader."""
        return self.device(DeviceKind.ID_CARD_READER).state.value

    @Property(str, notify=changed)
    def cardTrouble(self) -> str:
        """What is wrong with the ID card reader and what to do; "" when it can read."""
        return self.sentence(self.device(DeviceKind.ID_CARD_READER))

    @Property(str, notify=changed)
    def scannerState(self) -> str:
        return self.device(DeviceKind.CODE_SCANNER).state.value

    @Property(str, notify=changed)
    def scannerTrouble(self) -> str:
        return self.sentence(self.device(DeviceKind.CODE_SCANNER))

    @Property(str, notify=changed)
    def webcamState(self) -> str:
        """The webcam reads codes as well."""
        return self.device(DeviceKind.WEBCAM).state.value

    @Slot(str, result=str)
    def idNumberTrouble(self, text: str) -> str:
        """Why this is not an ID number, as a sentence; "" when it is one."""
        return str(self.words(check_id_number(text).code))

    @Slot(str, str, str)
    def identifyByHand(self, name: str, id_number_text: str, reason: str) -> None:
        self.commands.identify_by_hand(name.strip(), id_number_text.strip().upper(), reason)
