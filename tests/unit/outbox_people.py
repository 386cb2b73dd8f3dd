"""Invented cases and a centre without a network for the outbox's tests."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from kiosk.centre.contract import (
    CaseOpening,
    CaseReceipt,
    CaseRecord,
    CaseState,
    CaseStatus,
    CorrectionRecord,
    FieldEntry,
    MarkedPage,
    PageEntry,
    PageReceipt,
    PageUpload,
    Person,
    Rating,
)
from kiosk.outbox.store import Outbox
from kiosk.trust.envelope import KEY_BYTES, StorageKey

KEY = StorageKey(bytes(range(KEY_BYTES)))
STATION = "station-1"
START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
CANARY_NUMBER = "000000190001010017"
CANARY_NAME = "李样张金丝雀"
CANARY_PAGE = b"\xff\xd8\xff" + f"{CANARY_NAME} {CANARY_NUMBER} ".encode() * 200


class Clock:
    """A wall clock that moves when told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def go(self, **delta: float) -> None:
        self.now += timedelta(**delta)


def open_outbox(folder: Path, now: Callable[[], datetime] | None = None, **settings: float) -> Outbox:
    limits: dict[str, float] = {"reserve_mb": 1, "ballast_mb": 0, **settings}
    if now is not None:
        return Outbox(folder, KEY, STATION, now=now, **limits)  # type: ignore[arg-type]
    return Outbox(folder, KEY, STATION, **limits)  # type: ignore[arg-type]


def opening(case_id: UUID, version: int = 1, item: str = "item-1") -> CaseOpening:
    return CaseOpening(case_id=case_id, version=version, item_id=item, item_name=f"事项{item}", opened_at=START)


def entry(page_id: UUID, data: bytes, version: int = 1, number: int = 1) -> PageEntry:
    return PageEntry(
        page_id=page_id,
        material_id="m1",
        material_name="身份证",
        number=number,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        version=version,
    )


def record(case_id: UUID, pages: dict[UUID, bytes], item: str = "item-1") -> CaseRecord:
    return CaseRecord(
        case_id=case_id,
        item_id=item,
        item_name=f"事项{item}",
        catalogue_version="1",
        applicant=Person(name=CANARY_NAME, id_number=CANARY_NUMBER),
        fields=(FieldEntry(field_id="telephone", label="电话", value="13800000000"),),
        pages=tuple(entry(page_id, data, number=number) for number, (page_id, data) in enumerate(pages.items(), 1)),
        assistant="zhang.1",
        consent_at=START,
        finished_at=START,
    )


def correction(case_id: UUID, version: int, pages: dict[UUID, bytes]) -> CorrectionRecord:
    return CorrectionRecord(
        case_id=case_id,
        version=version,
        pages=tuple(entry(page_id, data, version) for page_id, data in pages.items()),
        assistant="zhang.1",
        consent_at=START,
        finished_at=START,
    )


def status(case_id: UUID, state: CaseState, version: int = 1) -> CaseStatus:
    return CaseStatus(
        case_id=case_id,
        version=version,
        state=state,
        case_number="HN20261120-0001-4",
        item_id="item-1",
        item_name="事项item-1",
        masked_name="李*",
        reason="第二页看不清",
        marked_pages=(MarkedPage(page_id=UUID(int=5), material_id="m1", reason="模糊"),),
    )


def keep_case(outbox: Outbox, pages: int = 2, size: int = 400, item: str = "item-1") -> tuple[UUID, dict[UUID, bytes]]:
    """Take pages and commit; the pages' bytes differ from case to case."""
    case_id = uuid4()
    taken = {uuid4(): (case_id.bytes * size)[:size] + bytes([number]) for number in range(pages)}
    for page_id, data in taken.items():
        outbox.add_page(case_id, 1, page_id, data)
    outbox.commit(record(case_id, taken, item))
    return case_id, taken


Fault = Callable[[str, UUID], Exception | None]


class PaperCentre:
    """A centre that keeps everything in memory and obeys the contract; ``fault`` may refuse any call."""

    def __init__(self) -> None:
        self.fault: Fault = lambda call, case_id: None
        self.pages: dict[UUID, bytes] = {}
        self.uploads: dict[UUID, PageUpload] = {}
        self.openings: list[CaseOpening] = []
        self.records: dict[tuple[UUID, int], CaseRecord | CorrectionRecord] = {}
        self.ratings: dict[UUID, Rating] = {}
        self.deleted: list[UUID] = []
        self.calls: list[tuple[str, UUID]] = []
        self.receipt_changes: dict[str, object] = {}
        self.hold = threading.Event()
        self.hold.set()

    def open_case(self, opening: CaseOpening) -> CaseStatus:
        self._called("open_case", opening.case_id)
        self.openings.append(opening)
        return status(opening.case_id, CaseState.RECEIVING, opening.version)

    def upload_page(
        self,
        metadata: PageUpload,
        data: bytes,
        on_progress: Callable[[int], None],
        should_stop: Callable[[], bool],
    ) -> PageReceipt:
        self._called("upload_page", metadata.case_id)
        while not self.hold.wait(0.01):
            if should_stop():
                from kiosk.centre.client import UploadStopped

                raise UploadStopped
        on_progress(len(data) // 2)
        assert hashlib.sha256(data).hexdigest() == metadata.sha256
        self.pages[metadata.page_id] = data
        self.uploads[metadata.page_id] = metadata
        told = {**metadata.model_dump(), "size": len(data), "stored_at": START, **self.receipt_changes}
        return PageReceipt.model_validate(told)

    def put_record(self, record: CaseRecord) -> CaseReceipt:
        return self._put("put_record", record)

    def put_correction(self, record: CorrectionRecord) -> CaseReceipt:
        return self._put("put_correction", record)

    def rate(self, case_id: UUID, rating: Rating) -> Rating:
        self._called("rate", case_id)
        self.ratings[case_id] = rating
        return rating

    def delete_case(self, case_id: UUID) -> None:
        self._called("delete_case", case_id)
        self.deleted.append(case_id)

    def _put(self, call: str, record: CaseRecord | CorrectionRecord) -> CaseReceipt:
        self._called(call, record.case_id)
        assert all(page.page_id in self.pages for page in record.pages if page.version == record.version)
        self.records[record.case_id, record.version] = record
        return CaseReceipt(
            case_id=record.case_id,
            version=record.version,
            case_number=f"HN20261120-{len(self.records):04d}-0",
            state=CaseState.COMPLETE,
            received_at=START,
        )

    def _called(self, call: str, case_id: UUID) -> None:
        self.calls.append((call, case_id))
        problem = self.fault(call, case_id)
        if problem is not None:
            raise problem


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until a condition holds; fail after a generous while."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.005)
