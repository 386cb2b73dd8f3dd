"""A station for the conductor's tests: real outbox, delivery, staff book and catalogue; invented devices and centre."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

from argon2 import PasswordHasher
from cv2.typing import MatLike

from drivers.camera import Frame
from drivers.driver import DeviceKind, DeviceState, DeviceStatus, DeviceUnavailable
from drivers.id_card import IdCard
from drivers.id_card_reader import IdCardRead
from drivers.receipt_printer import Element, PrintPhase, PrintProgress, PrintResult, PrintResultState
from drivers.simulated.scenes import document_scene, render
from kiosk.catalogue.catalogue import Catalogue
from kiosk.catalogue.model import CatalogueFile, FieldSpec, Item, Material
from kiosk.centre.client import CentreRefused, CentreUnreachable
from kiosk.centre.contract import (
    CaseOpening,
    CaseQuery,
    CaseReceipt,
    CaseRecord,
    CaseState,
    CaseStatus,
    CodeToResolve,
    CorrectionRecord,
    Event,
    MarkedPage,
    PageReceipt,
    PageUpload,
    Rating,
    ResolvedIdentity,
    Ticket,
)
from kiosk.centre.contract import Person as PersonOnWire
from kiosk.conductor.conductor import Conductor, Ports
from kiosk.conductor.core import Time
from kiosk.conductor.self_testing import SelfTestEnd
from kiosk.conductor.servicing import ServiceEnd
from kiosk.conductor.snapshot import PageState, Screen, Snapshot, VisitView
from kiosk.outbox.delivery import Delivery
from kiosk.outbox.store import Outbox
from kiosk.settings import CatalogueSection, PrinterSection, SelfTestSection, Settings, StationSection
from kiosk.staff.book import Role, StaffBook
from kiosk.trust.envelope import KEY_BYTES, StorageKey

PIN = "481592"
ZHANG = "000000190001010017"
LI = "000000190001010009"
STROKES = [[(10.0, 40.0), (60.0, 20.0), (120.0, 60.0)], [(130.0, 20.0), (180.0, 60.0)]]
PATIENCE = 20.0
SIZE = (1280, 960)


def id_card(name: str = "张示例", number: str = ZHANG, valid_to: str = "20300101") -> IdCardRead:
    card = IdCard(
        kind="citizen",
        name=name,
        id_number=number,
        sex="male",
        birth="19000101",
        address="示例市样本路1号",
        valid_from="20100101",
        valid_to=valid_to,
    )
    return IdCardRead(card)


CATALOGUE = Catalogue(
    CatalogueFile(
        schema=1,
        version="2026.1",
        date="2026-11-20",
        items=(
            Item(
                item_id="booklet",
                name="就医记录册",
                pinyin="jiu yi ji lu ce",
                department="市医保局",
                materials=(Material("card", "社保卡或医保卡"), Material("photo", "照片", required=False)),
                materials_known=True,
                checked_on="2020-01-01",
                fields=(FieldSpec("name", "姓名", "Name", prefill="name", required=True),),
            ),
            Item(
                item_id="two-sided",
                name="居住证",
                pinyin="ju zhu zheng",
                materials=(Material("id", "身份证正反面", two_sided=True),),
                materials_known=True,
                checked_on="2020-01-01",
            ),
            Item(item_id="archive", name="婚姻档案", pinyin="hun yin dang an", archive_rule=True),
        ),
    )
)


@cache
def paper(name: str, variant: int = 0) -> MatLike:
    image, _ = render(document_scene(name), SIZE, variant=variant)
    image.flags.writeable = False
    return image


class Clock:
    """Both clocks; they move when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.start = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds - 1000.0)

    def go(self, seconds: float) -> None:
        self.seconds += seconds


class Camera:
    """Gives the picture that lies there, as a new frame at every look."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._image: MatLike | None = None
        self._number = 0
        self.hunting = False
        """Focus and exposure have not come to rest."""
        self.asked_settled = 0

    def lay(self, image: MatLike | None) -> None:
        with self._lock:
            self._image = image

    def wait_for_frame(self, after: int, timeout: float) -> Frame | None:
        with self._lock:
            image = self._image
            if image is not None:
                self._number += 1
                return Frame(image, self._number, time.monotonic())
        time.sleep(min(timeout, 0.02))
        return None

    def settled(self, since: float) -> bool:
        self.asked_settled += 1
        return not self.hunting


@dataclass
class Devices:
    """Cameras and a printer that does as it is told."""

    document_camera: Camera = field(default_factory=Camera)
    webcam: Camera = field(default_factory=Camera)
    states: dict[DeviceKind, DeviceStatus] = field(default_factory=dict)
    printed: list[tuple[str, Sequence[Element]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    paper: bool = True
    held: bool = False
    """The printer takes its time before it says anything of a job."""
    connected: bool = True
    listener: Callable[[object], None] = lambda event: None
    lying: object = None
    """What a reader reports when it is asked for a card that already lies there."""

    expecting_code: bool = False

    def expect_code(self, expected: bool) -> None:
        self.expecting_code = expected

    def wake_cameras(self) -> None:
        """These never rest."""

    def look_for_cards(self) -> None:
        if self.lying is not None:
            self.listener(self.lying)

    def statuses(self) -> tuple[DeviceStatus, ...]:
        return tuple(self.status(kind) for kind in DeviceKind)

    def status(self, kind: DeviceKind) -> DeviceStatus:
        return self.states.get(kind, DeviceStatus(kind, DeviceState.READY))

    async def print_job(self, elements: Sequence[Element], action_id: str) -> PrintResult:
        if not self.connected:
            raise DeviceUnavailable("device.unavailable")
        self.asked.append(action_id)
        while self.held:
            await asyncio.sleep(0.01)
        while not self.paper:
            waiting = PrintProgress(action_id, PrintPhase.WAITING_FOR_HAND, "receipt_printer.paper_end")
            self.listener(waiting)
            if action_id in self.cancelled:
                break
            await asyncio.sleep(0.01)
        if action_id in self.cancelled:
            return PrintResult(PrintResultState.FAILED, "receipt_printer.cancelled")
        if action_id not in [known for known, _ in self.printed]:
            self.printed.append((action_id, elements))
        return PrintResult(PrintResultState.PRINTED)

    def cancel_print(self, action_id: str) -> None:
        self.cancelled.append(action_id)


class Centre:
    """A centre without a network; ``online`` and ``tell`` are the test's hands."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.online = True
        self.now = now
        self.pages: dict[UUID, bytes] = {}
        self.records: dict[UUID, list[CaseRecord | CorrectionRecord]] = {}
        self.openings: list[CaseOpening] = []
        self.states: dict[UUID, CaseStatus] = {}
        self.ratings: dict[UUID, Rating] = {}
        self.deleted: list[UUID] = []
        self.codes: dict[str, ResolvedIdentity] = {}
        self.expired: set[str] = set()
        self.tell: Callable[[Event], None] = lambda event: None
        self._events = 0

    def _answer(self) -> None:
        if not self.online:
            raise CentreUnreachable("connect")

    def open_case(self, opening: CaseOpening) -> CaseStatus:
        self._answer()
        self.openings.append(opening)
        return CaseStatus(case_id=opening.case_id, version=opening.version, state=CaseState.RECEIVING)

    def upload_page(
        self,
        metadata: PageUpload,
        data: bytes,
        on_progress: Callable[[int], None],
        should_stop: Callable[[], bool],
    ) -> PageReceipt:
        self._answer()
        assert hashlib.sha256(data).hexdigest() == metadata.sha256
        self.pages[metadata.page_id] = data
        on_progress(len(data))
        return PageReceipt(
            case_id=metadata.case_id,
            version=metadata.version,
            page_id=metadata.page_id,
            sha256=metadata.sha256,
            size=len(data),
            stored_at=self.now(),
        )

    def put_record(self, record: CaseRecord) -> CaseReceipt:
        return self._put(record)

    def put_correction(self, record: CorrectionRecord) -> CaseReceipt:
        return self._put(record)

    def _put(self, record: CaseRecord | CorrectionRecord) -> CaseReceipt:
        self._answer()
        kept = self.records.setdefault(record.case_id, [])
        if record not in kept:
            kept.append(record)
        number = f"HN20261120-{len(self.records):04d}-1"
        status = CaseStatus(
            case_id=record.case_id,
            version=record.version,
            state=CaseState.COMPLETE,
            case_number=number,
            item_id=getattr(kept[0], "item_id", ""),
            item_name=getattr(kept[0], "item_name", ""),
            masked_name="张*",
        )
        self.states[record.case_id] = status
        return CaseReceipt(
            case_id=record.case_id,
            version=record.version,
            case_number=number,
            state=CaseState.COMPLETE,
            received_at=self.now(),
        )

    def rate(self, case_id: UUID, rating: Rating) -> Rating:
        self._answer()
        self.ratings[case_id] = rating
        return rating

    def delete_case(self, case_id: UUID) -> None:
        self._answer()
        self.deleted.append(case_id)

    def draw_ticket(self, case_id: UUID) -> Ticket:
        self._answer()
        return Ticket(case_id=case_id, number="A001", people_ahead=2)

    def case_status(self, case_id: UUID) -> CaseStatus:
        self._answer()
        return self.states[case_id]

    def find_cases(self, query: CaseQuery) -> list[CaseStatus]:
        self._answer()
        found = []
        for case_id, records in self.records.items():
            record = records[0]
            person = record.applicant.id_number if isinstance(record, CaseRecord) else ""
            if query.case_id == case_id or (query.id_number and query.id_number == person):
                found.append(self.states[case_id])
        return found

    def resolve_code(self, code: CodeToResolve) -> ResolvedIdentity:
        self._answer()
        if code.text in self.expired:
            raise CentreRefused("code_expired", 410)
        if code.text not in self.codes:
            raise CentreRefused("code_unknown", 404)
        return self.codes[code.text]

    # -- the clerk's hands -------------------------------------------------------------------------------------

    def decide(self, case_id: UUID, state: CaseState, reason: str = "", marked: Sequence[MarkedPage] = ()) -> None:
        """The clerk decides; the station hears of it over the live channel."""
        status = self.states[case_id].model_copy(
            update={"state": state, "reason": reason, "marked_pages": tuple(marked)}
        )
        self.states[case_id] = status
        self._events += 1
        self.tell(Event(number=self._events, kind="case_changed", at=self.now(), status=status))


def resolved(now: datetime, name: str = "李样张", number: str = LI) -> ResolvedIdentity:
    person = PersonOnWire(name=name, id_number=number, source="code")
    return ResolvedIdentity(person=person, expires_at=now + timedelta(minutes=5))


def taken(visit: VisitView) -> int:
    """Pages that are there, without those a clerk wants anew."""
    return sum(page.state is not PageState.MARKED for material in visit.materials for page in material.pages)


class Bench:
    """One station on ``folder``. Enter it as an asynchronous context; enter a second one for a restart."""

    def __init__(
        self,
        folder: Path,
        *,
        centre: Centre | None = None,
        clock: Clock | None = None,
        reserve_mb: int = 1,
        devices: Devices | None = None,
        printer: PrinterSection | None = None,
        self_test: SelfTestEnd | None = None,
        selftest: SelfTestSection | None = None,
        service: ServiceEnd | None = None,
    ) -> None:
        self.folder = folder
        self.clock = clock or Clock()
        self.centre = centre or Centre(self.clock.now)
        self.devices = devices or Devices()
        self.reserve_mb = reserve_mb
        self.printer = printer or PrinterSection()
        self.self_test = self_test
        self.service = service
        self.selftest = selftest or SelfTestSection()
        self.audited: list[tuple[str, str, str, str]] = []
        self.snapshots: list[Snapshot] = []
        self.staff = StaffBook(
            folder / "staff.json", self.clock.now, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        )
        self._news = asyncio.Event()

    async def __aenter__(self) -> Bench:
        if self.staff.is_empty():
            self.staff.add("wang", "王样本", Role.ASSISTANT, PIN)
        key = StorageKey(bytes(range(KEY_BYTES)))
        self.outbox = Outbox(self.folder / "outbox", key, "station-1", self.reserve_mb, 0, now=self.clock.now)
        settings = Settings(
            station=StationSection(id="station-1", name="样本村服务站", centre_name="样本受理中心"),
            centre={},  # type: ignore[arg-type]
            printer=self.printer,
            catalogue=CatalogueSection(offered="all"),
            selftest=self.selftest,
        )
        ports = Ports(
            self.devices,
            self.outbox,
            self.centre,
            self.staff,
            CATALOGUE,
            self_test=self.self_test,
            service=self.service,
            audit=lambda *row: self.audited.append(row),
        )
        self.conductor = Conductor(settings, ports, self._on_snapshot, Time(self.clock.monotonic, self.clock.now))
        self.devices.listener = self.conductor.on_device_event
        self.centre.tell = self.conductor.on_live_event
        self.delivery = Delivery(
            self.outbox, self.centre, self.conductor.on_delivery_event, first_wait=0.05, last_wait=0.1
        )
        await self.conductor.start()
        self.delivery.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await asyncio.to_thread(self.delivery.stop)
        await self.conductor.stop()
        self.outbox.close()

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        self.snapshots.append(snapshot)
        self._news.set()

    @property
    def now(self) -> Snapshot:
        return self.snapshots[-1]

    @property
    def visit(self) -> VisitView:
        visit = self.now.visit
        assert visit is not None
        return visit

    async def until(self, condition: Callable[[Snapshot], object]) -> Snapshot:
        """Wait for a picture for which ``condition`` holds; the limit only says that it will never come."""
        end = time.monotonic() + PATIENCE
        while not (self.snapshots and condition(self.now)):
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), max(0.0, end - time.monotonic()))
            except TimeoutError:
                now = self.snapshots[-1]
                raise AssertionError(f"waited in vain on {now.screen}, notice {now.notice}, {now.visit}") from None
        return self.now

    async def told(self, code: str) -> None:
        """Wait until a picture has shown this notice, though a step made since may have taken it away."""
        await self.until(lambda _now: any(one.notice and one.notice.code == code for one in self.snapshots))

    async def screen(self, screen: Screen) -> Snapshot:
        return await self.until(lambda now: now.screen is screen)

    async def settled(self) -> None:
        """Until every job posted so far is done."""
        done = asyncio.Event()

        async def mark() -> None:
            done.set()

        self.conductor._core.post("settled", mark)
        await asyncio.wait_for(done.wait(), PATIENCE)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    # -- the steps of a visit ----------------------------------------------------------------------------------

    async def sign_on(self) -> None:
        await self.screen(Screen.SIGN_ON)
        self.conductor.sign_on("wang", PIN)
        await self.screen(Screen.HOME)

    async def identify(self, event: IdCardRead | None = None) -> None:
        self.conductor.start_visit()
        await self.screen(Screen.IDENTIFY)
        self.conductor.on_device_event(event or id_card())
        await self.until(lambda now: now.visit and now.visit.can_next)
        self.conductor.next()
        await self.screen(Screen.CHOOSE_ITEM)

    async def choose(self, item: str = "booklet") -> None:
        self.conductor.choose_item(item)
        await self.until(lambda now: now.visit and now.visit.can_next)
        self.conductor.next()
        await self.screen(Screen.GUIDE)

    async def consent(self) -> None:
        self.conductor.set_consent(True)
        await self.until(lambda now: now.visit and now.visit.can_next)
        self.conductor.next()

    async def to_capture(self, item: str = "booklet") -> None:
        await self.sign_on()
        await self.identify()
        await self.choose(item)
        await self.consent()
        await self.screen(Screen.CAPTURE)

    async def shoot(self, name: str = "a4_form") -> None:
        """By hand: lay a paper down, take it, use it."""
        before = taken(self.visit)
        second = self.visit.capture.second_side
        self.conductor.set_automatic(False)
        self.devices.document_camera.lay(paper(name))
        self.conductor.take_picture()
        await self.until(lambda now: now.visit and now.visit.capture.reviewing)
        self.conductor.accept_picture("测试")
        await self.until(
            lambda now: (
                now.visit
                and not now.visit.capture.busy
                and (taken(now.visit) > before or (now.visit.capture.second_side and not second))
            )
        )

    async def fill(self) -> None:
        self.conductor.next()
        await self.screen(Screen.FIELDS)
        self.conductor.set_field("telephone", "13800000000")
        await self.until(lambda now: now.visit and now.visit.can_next)
        self.conductor.next()
        await self.screen(Screen.REVIEW)

    async def sign(self) -> None:
        self.conductor.next()
        await self.screen(Screen.SIGNATURE)
        self.conductor.sign(STROKES, 400, 200)
        await self.until(lambda now: now.visit and now.visit.signature)
        self.conductor.next()

    async def to_waiting(self) -> UUID:
        await self.to_capture()
        await self.shoot()
        await self.fill()
        await self.sign()
        await self.arrive()
        return UUID(self.visit.case_id)

    async def arrive(self) -> None:
        """From SUBMIT, once the centre has the case, to WAITING."""
        await self.until(
            lambda now: now.screen is Screen.SUBMIT and now.visit and now.visit.delivery.case_state.value == "delivered"
        )
        self.conductor.next()
        await self.screen(Screen.WAITING)

    async def finish(self) -> None:
        self.conductor.next()
        await self.screen(Screen.RATING)
        self.conductor.rate(5)
        await self.screen(Screen.FAREWELL)
