"""The station's outbox against the embedded centre, killed, cut off, refused and lied to."""

from __future__ import annotations

import hashlib
import queue
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from kiosk.centre.client import CentreClient
from kiosk.centre.server import database as tables
from kiosk.centre.server.centre import Centre
from kiosk.centre.server.config import CentreConfig
from kiosk.centre.server.running import EmbeddedCentre
from kiosk.centre.server.setup import prepare, register_station
from kiosk.outbox.delivery import Delivery
from kiosk.outbox.listing import list_cases
from kiosk.outbox.model import CaseDelivered, DeliveryEvent, DeliveryTrouble, LinkChanged, Stage
from kiosk.trust.envelope import StorageKey
from tests.faults.outbox_worker import STATION
from tests.unit.outbox_people import keep_case, open_outbox, opening, until

ROOT = Path(__file__).parent.parent.parent
KILLS = 15


@dataclass
class Site:
    """A running centre and what a station needs to reach it."""

    config: CentreConfig
    url: str
    token: str


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    config = CentreConfig(data=tmp_path / "centre", reserve=0)
    prepare(config.data)
    token = register_station(config.data, STATION, "示例服务站")
    with EmbeddedCentre(config) as centre:
        yield Site(config, centre.url, token)


@dataclass
class Promises:
    """What the killed stations had said before they died."""

    pages: dict[tuple[str, str], str] = field(default_factory=dict)
    cases: set[str] = field(default_factory=set)

    def hear(self, line: str) -> None:
        match line.split():
            case ["page", case_id, page_id, sha256]:
                self.pages[case_id, page_id] = sha256
            case ["case", case_id]:
                self.cases.add(case_id)


def start_station(tmp_path: Path, site: Site, *words: str) -> tuple[subprocess.Popen[str], queue.Queue[str]]:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.faults.outbox_worker",
            str(tmp_path / "outbox"),
            str(tmp_path / "key"),
            site.url,
            site.token,
            *words,
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    lines: queue.Queue[str] = queue.Queue()
    assert process.stdout is not None
    stream = process.stdout

    def read() -> None:
        for line in stream:
            if line.endswith("\n"):  # a line cut off by the kill promises nothing
                lines.put(line.strip())
        lines.put("ended")

    threading.Thread(target=read, daemon=True).start()
    return process, lines


def hear_until(lines: queue.Queue[str], word: str, promises: Promises, timeout: float) -> None:
    while (line := lines.get(timeout=timeout)) != word:
        assert line != "ended", "the station died by itself"
        promises.hear(line)


@pytest.mark.timeout(400)
def test_killed_at_any_instant_every_kept_page_arrives_exactly_once(tmp_path: Path, site: Site) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    print("seed", seed)
    StorageKey.create(tmp_path / "key")
    promises = Promises()
    for _ in range(KILLS):
        process, lines = start_station(tmp_path, site)
        try:
            hear_until(lines, "ready", promises, 60)
            time.sleep(chance.uniform(0.0, 0.6))  # the instant of the kill; nothing is waited for
        finally:
            process.kill()
            process.wait()
        hear_until(lines, "ended", promises, 10)
        assert process.stdout is not None
        process.stdout.close()
    process, lines = start_station(tmp_path, site, "drain")
    hear_until(lines, "ended", promises, 120)
    assert process.wait(30) == 0
    assert process.stdout is not None
    process.stdout.close()

    assert len(promises.pages) > KILLS
    here = list_cases(tmp_path / "outbox")
    assert {case.stage for case in here} == {Stage.DELIVERED}
    assert list((tmp_path / "outbox" / "pages").iterdir()) == []
    centre = Centre(site.config)
    try:
        with centre.read() as work:
            cases = work.connection.execute(select(tables.cases)).all()
            pages = work.connection.execute(select(tables.pages)).all()
        assert {(page.case_id, page.page_id): page.sha256 for page in pages}.items() >= promises.pages.items()
        assert {case.id for case in cases} == {str(case.case_id) for case in here} >= promises.cases
        assert {case.id: case.case_number for case in cases} == {str(case.case_id): case.case_number for case in here}
        assert len({case.case_number for case in cases}) == len(cases)
        assert {case.state for case in cases} == {"complete"}
        for page in pages:
            assert hashlib.sha256(centre.blobs.get(page.blob)).hexdigest() == page.sha256
        assert len({page.sha256 for page in pages}) == len(pages)  # random bytes: a double would show
    finally:
        centre.close()


# -- a centre that is away, somebody else, or refuses ---------------------------------------------------------------


class _Portal(BaseHTTPRequestHandler):
    """The login page of a hotel's network: answers everything with 200 and HTML."""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = "<html>请先登录 WiFi</html>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 - names of http.server

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def portal() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Portal)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("where", "trouble", "online"),
    [
        ("nobody", "centre.unreachable", False),
        ("portal", "centre.nonsense", False),
        ("wrong token", "outbox.unauthorised", True),
    ],
)
def test_a_centre_away_lying_or_refusing_leaves_the_case_whole_and_is_said(
    tmp_path: Path, site: Site, portal: str, where: str, trouble: str, online: bool
) -> None:
    url, token = {
        "nobody": ("http://127.0.0.1:9", site.token),
        "portal": (portal, site.token),
        "wrong token": (site.url, "wrong"),
    }[where]
    events: list[DeliveryEvent] = []
    with open_outbox(tmp_path / "outbox") as outbox:
        case_id, pages = keep_case(outbox, size=50_000)
        client = CentreClient(url, STATION, token)
        delivery = Delivery(outbox, client, events.append, first_wait=0.01, last_wait=0.05)
        delivery.start()
        until(lambda: DeliveryTrouble(trouble) in events)
        assert delivery.stop(30)
        client.close()
        assert LinkChanged(online) in events
        assert outbox.summary().waiting == 1
        assert all(outbox.page(case_id, page_id) == data for page_id, data in pages.items())

        client = CentreClient(site.url, STATION, site.token)
        delivery = Delivery(outbox, client, events.append, first_wait=0.01, last_wait=0.05)
        delivery.start()
        until(lambda: any(isinstance(event, CaseDelivered) for event in events))
        assert delivery.stop(30)
        status = client.case_status(case_id)
        client.close()
        assert set(status.page_ids) == set(pages)
        state = outbox.case_state(case_id)
        assert state is not None
        assert state.case_number == status.case_number != ""


def test_a_visit_given_up_leaves_nothing_at_the_centre(tmp_path: Path, site: Site) -> None:
    with open_outbox(tmp_path / "outbox") as outbox:
        client = CentreClient(site.url, STATION, site.token)
        delivery = Delivery(outbox, client, lambda event: None, first_wait=0.01, last_wait=0.05)
        delivery.start()

        case_id, page_id = UUID(int=11), UUID(int=12)
        outbox.add_page(case_id, 1, page_id, b"\xff\xd8\xff" + b"picture" * 1000)
        outbox.allow_travel(opening(case_id))
        until(lambda: outbox.pages(case_id, 1)[0].stage == "at_centre")
        assert client.case_status(case_id).page_ids == (page_id,)
        outbox.destroy_case(case_id)
        until(lambda: outbox.cases() == [])
        assert delivery.stop(30)
        client.close()
    centre = Centre(site.config)
    try:
        with centre.read() as work:
            assert work.connection.execute(select(tables.pages)).all() == []
    finally:
        centre.close()
