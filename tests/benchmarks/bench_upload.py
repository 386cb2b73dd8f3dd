"""A page through client and centre, against a plain PUT of the same bytes to a minimal server of the same stack.

The plain server writes and fsyncs, nothing else: no identity, no hash, no sealing, no resume, no database row. Both
servers run in processes of their own, the same pages go to each in turn, and only ratios are told.
"""

from __future__ import annotations

import hashlib
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from kiosk.centre.client import CentreClient, CentreUnreachable
from kiosk.centre.contract import CaseOpening, PageUpload
from kiosk.centre.server.setup import prepare, register_station

PAGES = 30
PAGE_BYTES = 1_500_000
ROUNDS = 5

CENTRE = """
import sys
from pathlib import Path
from kiosk.centre.server.config import CentreConfig
from kiosk.centre.server.running import serve
serve(CentreConfig(data=Path(sys.argv[1]), reserve=0), port=int(sys.argv[2]))
"""

PLAIN = """
import os, sys, uvicorn
from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
app = FastAPI()
@app.put("/{name}")
async def put(name: str, request: Request):
    with open(os.path.join(sys.argv[1], name), "wb") as file:
        async for piece in request.stream():
            file.write(piece)
        file.flush()
        await run_in_threadpool(os.fsync, file.fileno())
    return {}
uvicorn.run(app, port=int(sys.argv[2]), http="h11", loop="asyncio", access_log=False, log_level="error")
"""


def run() -> dict[str, Any]:
    """Send PAGES pages each way, ROUNDS times in turn."""
    chance = random.Random(1)  # noqa: S311 - sample bytes
    pages = [chance.randbytes(PAGE_BYTES) for _ in range(PAGES)]
    with tempfile.TemporaryDirectory() as folder:
        data, plain = Path(folder) / "centre", Path(folder) / "plain"
        prepare(data)
        plain.mkdir()
        token = register_station(data, "station-one", "示例村服务站")
        ports = _free_port(), _free_port()
        servers = [
            subprocess.Popen([sys.executable, "-c", CENTRE, str(data), str(ports[0])], stderr=subprocess.DEVNULL),
            subprocess.Popen([sys.executable, "-c", PLAIN, str(plain), str(ports[1])], stderr=subprocess.DEVNULL),
        ]
        client = CentreClient(f"http://127.0.0.1:{ports[0]}", "station-one", token)
        session = requests.Session()
        session.trust_env = False
        try:
            _until_up(client)
            _until_listening(ports[1])
            ratios, whole, bare = [], [], []
            for _ in range(ROUNDS):
                bare.append(_put(session, ports[1], pages))
                whole.append(_upload(client, pages))
                ratios.append(whole[-1] / bare[-1])
        finally:
            client.close()
            session.close()
            for server in servers:
                server.terminate()
                server.wait(20)
    return {
        f"{PAGES} pages of {PAGE_BYTES / 1e6} MB, times a plain PUT with fsync (median)": round(
            statistics.median(ratios), 2
        ),
        "best round": round(min(ratios), 2),
        "worst round": round(max(ratios), 2),
        "hashing the pages once, times a plain PUT": round(_hash(pages) / statistics.median(bare), 2),
    }


def _upload(client: CentreClient, pages: list[bytes]) -> float:
    case_id = uuid4()
    client.open_case(CaseOpening(case_id=case_id, item_id="i", item_name="样张", opened_at=datetime.now(UTC)))
    uploads = [PageUpload(case_id=case_id, page_id=uuid4(), sha256=hashlib.sha256(page).hexdigest()) for page in pages]
    began = time.perf_counter()
    for metadata, page in zip(uploads, pages, strict=True):
        client.upload_page(metadata, page)
    return time.perf_counter() - began


def _put(session: requests.Session, port: int, pages: list[bytes]) -> float:
    began = time.perf_counter()
    for page in pages:
        session.put(f"http://127.0.0.1:{port}/{uuid4()}", data=page, timeout=(5, 20)).raise_for_status()
    return time.perf_counter() - began


def _hash(pages: list[bytes]) -> float:
    began = time.perf_counter()
    for page in pages:
        hashlib.sha256(page).hexdigest()
    return time.perf_counter() - began


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _until_up(client: CentreClient) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            client.server_time()
            return
        except CentreUnreachable:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _until_listening(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
