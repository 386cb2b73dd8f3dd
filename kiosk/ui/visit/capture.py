"""CAPTURE: paper under the camera, one material after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Property, QObject, QPointF, Signal, Slot
from PySide6.QtQml import QmlElement

from drivers.driver import DeviceKind, DeviceState
from kiosk.conductor.commands import Commands
from kiosk.conductor.snapshot import CaptureView, MaterialView, PageState, PageView, Snapshot
from kiosk.ui.visit.base import PAGE_IMAGE, VisitViewModel
from kiosk.ui.visit.rows import RowModel
from kiosk.words import Language, Sentence

QML_IMPORT_NAME = "Doorstep.ViewModels"
QML_IMPORT_MAJOR_VERSION = 1

_NO_MATERIAL = MaterialView(material_id="", name="", required=False)


@dataclass(frozen=True, slots=True)
class MaterialRow:
    materialId: str
    name: str
    required: bool
    twoSided: bool
    free: bool
    done: bool
    pageCount: int
    current: bool
    marked: bool


@dataclass(frozen=True, slots=True)
class PageRow:
    pageId: str
    source: str
    pageState: str  # a PageState
    verdict: str
    reason: str  # the clerk's words
    number: int


@QmlElement
class CaptureViewModel(VisitViewModel):
    """Signals of three speeds: ``outlineChanged`` and ``stillChanged`` several times a second, the others seldom."""

    changed = Signal()
    outlineChanged = Signal()
    stillChanged = Signal()
    adviceChanged = Signal()
    reviewChanged = Signal()

    def __init__(self, commands: Commands, language: Language, parent: QObject | None = None) -> None:
        super().__init__(commands, language, parent)
        self._capture = CaptureView()
        self._materials = RowModel(MaterialRow, self)
        self._pages = RowModel(PageRow, self)

    def part(self, snapshot: Snapshot) -> Any:
        """Everything but what moves with the paper."""
        if snapshot.visit is None:
            return None
        capture = snapshot.visit.capture
        slow = (capture.material_id, capture.automatic, capture.second_side, capture.busy)
        camera = [device for device in snapshot.devices if device.kind is DeviceKind.DOCUMENT_CAMERA]
        clerk = (snapshot.visit.correction, snapshot.visit.delivery.outcome_reason)
        return snapshot.visit.materials, clerk, slow, camera

    def update(self, snapshot: Snapshot) -> None:
        super().update(snapshot)
        old, new = self._capture, self.visit.capture
        self._capture = new
        if new.outline != old.outline:
            self.outlineChanged.emit()
        if new.still != old.still:
            self.stillChanged.emit()
        if new.advice_codes != old.advice_codes:
            self.adviceChanged.emit()
        if (new.reviewing, new.review_corners) != (old.reviewing, old.review_corners):
            self.reviewChanged.emit()

    def set_language(self, language: Language) -> None:
        super().set_language(language)
        self.adviceChanged.emit()
        self.reviewChanged.emit()

    def refresh(self) -> None:
        current = self.visit.capture.material_id
        self._materials.show(
            [
                MaterialRow(
                    materialId=m.material_id,
                    name=m.name,
                    required=m.required,
                    twoSided=m.two_sided,
                    free=m.free,
                    done=m.done,
                    pageCount=len(m.pages),
                    current=m.material_id == current,
                    marked=any(page.state is PageState.MARKED for page in m.pages),
                )
                for m in self.visit.materials
            ]
        )
        self._pages.show(
            [
                PageRow(
                    pageId=page.page_id,
                    source=PAGE_IMAGE + page.thumbnail if page.thumbnail else "",
                    pageState=page.state.value,
                    verdict=self.words(page.verdict_codes[0]).say if page.verdict_codes else "",
                    reason=page.reason,
                    number=number,
                )
                for number, page in enumerate(self._material().pages, start=1)
            ]
        )

    def _material(self) -> MaterialView:
        wanted = self.visit.capture.material_id
        return next((m for m in self.visit.materials if m.material_id == wanted), _NO_MATERIAL)

    # -- the list at the side ------------------------------------------------------------------------------------

    @Property(QObject, constant=True)
    def materials(self) -> QObject:
        return self._materials

    @Property(QObject, constant=True)
    def pages(self) -> QObject:
        """Of the current material."""
        return self._pages

    @Property(str, notify=changed)
    def materialId(self) -> str:
        return self.visit.capture.material_id

    @Property(str, notify=changed)
    def materialName(self) -> str:
        return self._material().name

    @Property(bool, notify=changed)
    def materialTwoSided(self) -> bool:
        return self._material().two_sided

    @Property(bool, notify=changed)
    def materialFree(self) -> bool:
        return self._material().free

    @Property(int, notify=changed)
    def pageCount(self) -> int:
        return len(self._material().pages)

    @Property(str, notify=changed)
    def markedReason(self) -> str:
        """The clerk's words for the first marked page of this material."""
        return next((page.reason for page in self._material().pages if page.state is PageState.MARKED), "")

    @Property(str, notify=changed)
    def correctionReason(self) -> str:
        """What the clerk wrote to the whole case when asking for the correction; "" without."""
        return self.visit.delivery.outcome_reason if self.visit.correction else ""

    # -- the live picture ----------------------------------------------------------------------------------------

    @Property(bool, notify=changed)
    def automatic(self) -> bool:
        return self.visit.capture.automatic

    @Property(bool, notify=changed)
    def secondSide(self) -> bool:
        return self.visit.capture.second_side

    @Property(bool, notify=changed)
    def busy(self) -> bool:
        return self.visit.capture.busy

    @Property(bool, notify=changed)
    def cameraReady(self) -> bool:
        return self.device(DeviceKind.DOCUMENT_CAMERA).state in (DeviceState.READY, DeviceState.BUSY)

    @Property(str, notify=changed)
    def cameraTrouble(self) -> str:
        return self.sentence(self.device(DeviceKind.DOCUMENT_CAMERA))

    @Property("QVariantList", notify=outlineChanged)  # type: ignore[arg-type]
    def outline(self) -> list[QPointF]:
        """Four corners as fractions of the picture, or none."""
        return [QPointF(x, y) for x, y in self.visit.capture.outline]

    @Property(float, notify=stillChanged)
    def still(self) -> float:
        return self.visit.capture.still

    def _advice(self) -> Sentence:
        codes = self.visit.capture.advice_codes
        return self.words(codes[0] if codes else "")

    @Property(str, notify=adviceChanged)
    def advice(self) -> str:
        """The most pressing thing to change right now; "" when all is well."""
        return self._advice().say

    @Property(str, notify=adviceChanged)
    def adviceStep(self) -> str:
        return self._advice().do

    # -- the fresh picture ---------------------------------------------------------------------------------------

    def _fresh(self) -> PageView | None:
        return self.visit.capture.reviewing

    @Property(bool, notify=reviewChanged)
    def reviewing(self) -> bool:
        return self._fresh() is not None

    @Property(str, notify=reviewChanged)
    def reviewSource(self) -> str:
        page = self._fresh()
        return PAGE_IMAGE + page.thumbnail if page else ""

    @Property("QVariantList", notify=reviewChanged)  # type: ignore[arg-type]
    def reviewCorners(self) -> list[QPointF]:
        """Fractions of the picture shown, TL TR BR BL."""
        return [QPointF(x, y) for x, y in self.visit.capture.review_corners]

    @Property("QStringList", notify=reviewChanged)  # type: ignore[arg-type]
    def reviewVerdicts(self) -> list[str]:
        """What is wrong with the picture and what to do, worst first; empty = good."""
        page = self._fresh()
        return [str(self.words(code)) for code in page.verdict_codes] if page else []

    # -- verbs ---------------------------------------------------------------------------------------------------

    @Slot(str)
    def chooseMaterial(self, material_id: str) -> None:
        self.commands.choose_material(material_id)

    @Slot(str)
    def addMaterial(self, name: str) -> None:
        self.commands.add_material(name.strip())

    @Slot(str)
    def removeMaterial(self, material_id: str) -> None:
        self.commands.remove_material(material_id)

    @Slot(bool)
    def setAutomatic(self, on: bool) -> None:
        self.commands.set_automatic(on)

    @Slot()
    def take(self) -> None:
        self.commands.take_picture()

    @Slot("QVariantList")
    def moveCorners(self, corners: list[QPointF]) -> None:
        """Fractions of the picture, TL TR BR BL."""
        self.commands.move_corners(tuple((_fraction(p.x()), _fraction(p.y())) for p in corners))

    @Slot()
    def useWholePicture(self) -> None:
        self.commands.use_whole_picture()

    @Slot()
    def rotateReview(self) -> None:
        self.commands.rotate_review()

    @Slot(str)
    def accept(self, override_reason: str) -> None:
        """``override_reason`` is "" for a good picture."""
        self.commands.accept_picture(override_reason.strip())

    @Slot()
    def retake(self) -> None:
        self.commands.retake_picture()

    @Slot(str)
    def deletePage(self, page_id: str) -> None:
        self.commands.delete_page(page_id)

    @Slot(str)
    def rotatePage(self, page_id: str) -> None:
        self.commands.rotate_page(page_id)


def _fraction(value: float) -> float:
    return min(1.0, max(0.0, float(value)))
