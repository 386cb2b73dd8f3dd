"""A running centre on a free port, a registered station, and an invented case to hand over."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kiosk.centre.client import CentreClient
from kiosk.centre.contract import (
    CaseOpening,
    CaseReceipt,
    CaseRecord,
    FieldEntry,
    PageEntry,
    PageReceipt,
    PageUpload,
    Person,
)
from kiosk.centre.server.config import CentreConfig, DemoCode
from kiosk.centre.server.running import EmbeddedCentre
from kiosk.centre.server.setup import create_clerk, prepare, register_station

CLERK = ("li.yangzhang", "李样张", "a long enough password")
APPLICANT = Person(
    name="张示例",
    id_number="000000190001010017",
    sex="男",
    birth="1900-01-01",
    address="示例省示例市样张路1号",
    telephone="13800000000",
    source="id_card",
)
CODES = (
    DemoCode(kind="suishen", text="SSM-DEMO-0001", person=APPLICANT),
    DemoCode(kind="suishen", text="SSM-DEMO-OLD", person=APPLICANT, expired=True),
)


def wait_for(condition: Callable[[], object], seconds: float = 20.0) -> object:
    """Wait until the condition gives something true, and return that."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


def some_bytes(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


@dataclass
class SampleCase:
    """An invented case of one station and the bytes of its pages."""

    client: CentreClient
    case_id: UUID = field(default_factory=uuid4)
    version: int = 1
    pages: dict[UUID, bytes] = field(default_factory=dict)
    entries: dict[UUID, PageEntry] = field(default_factory=dict)

    def open(self, version: int = 1) -> SampleCase:
        self.version = version
        self.client.open_case(
            CaseOpening(
                case_id=self.case_id,
                version=version,
                item_id="item-1",
                item_name="就医记录册申领",
                opened_at=datetime.now(UTC),
            )
        )
        return self

    def metadata(self, data: bytes, material: str = "id_card", page_id: UUID | None = None) -> PageUpload:
        number = 1 + sum(1 for entry in self.entries.values() if entry.material_id == material)
        return PageUpload(
            case_id=self.case_id,
            version=self.version,
            page_id=page_id or uuid4(),
            sha256=hashlib.sha256(data).hexdigest(),
            material_id=material,
            material_name={"id_card": "居民身份证", "form": "申请表"}.get(material, material),
            number=number,
        )

    def note(self, metadata: PageUpload, data: bytes) -> None:
        self.pages[metadata.page_id] = data
        self.entries[metadata.page_id] = PageEntry(
            page_id=metadata.page_id,
            material_id=metadata.material_id,
            material_name=metadata.material_name,
            number=metadata.number,
            sha256=metadata.sha256,
            size=len(data),
            version=self.version,
            media_type=metadata.media_type,
        )

    def send(self, data: bytes, material: str = "id_card", media_type: str = "image/jpeg") -> PageReceipt:
        metadata = self.metadata(data, material).model_copy(update={"media_type": media_type})
        receipt = self.client.upload_page(metadata, data)
        self.note(metadata, data)
        return receipt

    def record(self, **changes: object) -> CaseRecord:
        now = datetime.now(UTC)
        record = CaseRecord(
            case_id=self.case_id,
            item_id="item-1",
            item_name="就医记录册申领",
            catalogue_version="test",
            applicant=APPLICANT,
            fields=(FieldEntry(field_id="telephone", label="联系电话", value="13800000000"),),
            pages=tuple(self.entries.values()),
            assistant="王示范",
            consent_at=now,
            finished_at=now,
        )
        return record.model_copy(update=changes)

    def hand_over(self) -> CaseReceipt:
        return self.client.put_record(self.record())


class RunningCentre:
    """An embedded centre, its folder, and the token of its first station."""

    def __init__(self, folder: Path, **settings: object) -> None:
        prepare(folder)
        self.folder = folder
        self.station = "station-one"
        self.token = register_station(folder, self.station, "示例村服务站")
        self.config = CentreConfig.model_validate({"data": folder, "demo_codes": CODES, "reserve": 0, **settings})
        self.embedded = EmbeddedCentre(self.config).start()
        self.url = self.embedded.url
        self.clients: list[CentreClient] = []

    def client(self, station: str = "", token: str = "") -> CentreClient:
        client = CentreClient(self.url, station or self.station, token or self.token)
        self.clients.append(client)
        return client

    def other_station(self) -> CentreClient:
        return self.client("station-two", register_station(self.folder, "station-two", "另一个服务站"))

    def case(self) -> SampleCase:
        return SampleCase(self.client())

    def add_clerk(self) -> tuple[str, str, str]:
        create_clerk(self.folder, *CLERK)
        return CLERK

    def stop(self) -> None:
        for client in self.clients:
            client.close()
        self.embedded.stop()


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[RunningCentre]:
    running = RunningCentre(tmp_path / "centre")
    yield running
    running.stop()


@pytest.fixture
def make_centre(tmp_path: Path) -> Iterator[Callable[..., RunningCentre]]:
    made: list[RunningCentre] = []

    def make(**settings: object) -> RunningCentre:
        made.append(RunningCentre(tmp_path / f"centre-{len(made)}", **settings))
        return made[-1]

    yield make
    for running in made:
        running.stop()
