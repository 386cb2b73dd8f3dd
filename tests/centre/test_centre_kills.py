"""The server is killed at random instants while pages come in; every page ends right, once."""

from __future__ import annotations

import hashlib
import random
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kiosk.centre.client import CentreClient, CentreError, CentreRefused
from kiosk.centre.contract import CaseState, PageUpload
from kiosk.centre.server.centre import Centre
from kiosk.centre.server.config import CentreConfig
from kiosk.centre.server.console.views import page_blob
from kiosk.centre.server.setup import prepare, register_station

from .conftest import SampleCase, some_bytes

SERVE = """
import sys
from pathlib import Path
from kiosk.centre.server.config import CentreConfig
from kiosk.centre.server.running import serve
serve(CentreConfig(data=Path(sys.argv[1]), reserve=0), port=int(sys.argv[2]))
"""


class Killed:
    """A server in a process of its own, on one port, to be killed and started again."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._folder = folder
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen([sys.executable, "-c", SERVE, str(self._folder), str(self.port)])

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        self._process.terminate()
        return self._process.wait(20)


@pytest.mark.timeout(180)
def test_pages_survive_kills_of_the_server(tmp_path: Path) -> None:
    prepare(tmp_path)
    token = register_station(tmp_path, "station-one", "示例村服务站")
    server = Killed(tmp_path)
    client = CentreClient(f"http://127.0.0.1:{server.port}", "station-one", token)
    case = SampleCase(client)
    pages = [some_bytes(3_000_000, seed) for seed in range(6)]
    metadata: list[PageUpload] = [case.metadata(data) for data in pages]
    chance = random.Random(7)
    sending = threading.Event()
    kills = partial = 0

    def send() -> None:
        for page, data in zip(metadata, pages, strict=True):
            while True:
                try:
                    case.open()
                    sending.set()
                    client.upload_page(page, data, should_stop=slow)
                    case.note(page, data)
                    break
                except CentreRefused:
                    raise
                except CentreError:
                    time.sleep(0.05)

    def slow() -> bool:
        time.sleep(0.01)  # a line of some 1.5 MB/s, so that a page takes long enough to be hit in its middle
        return False

    station = threading.Thread(target=send)
    station.start()
    while station.is_alive() and kills < 7:
        sending.wait(20)
        time.sleep(chance.uniform(0.0, 2.5))
        if station.is_alive():
            server.kill()
            kills += 1
            partial += any(path.stat().st_size > 0 for path in (tmp_path / "incoming").iterdir())
            sending.clear()
            server.start()
    station.join(120)
    assert not station.is_alive()
    assert kills >= 4
    assert partial >= 1
    receipt = case.hand_over()
    assert receipt.state is CaseState.COMPLETE
    client.close()
    assert server.stop() in (0, -15)
    assert not list((tmp_path / "incoming").iterdir())
    held = Centre(CentreConfig(data=tmp_path))
    with held.read() as work:
        for page in metadata:
            found = page_blob(work, str(page.case_id), str(page.page_id))
            assert found is not None
            assert hashlib.sha256(held.blobs.get(found[0])).hexdigest() == page.sha256
    held.close()


def test_a_page_kept_but_not_yet_said_is_found_again(tmp_path: Path) -> None:
    """The instant between the rename of a page and the commit of its row, which a random kill seldom hits."""
    from kiosk.centre.server.blobs import FolderBlobs, IncomingFile
    from kiosk.centre.server.running import EmbeddedCentre

    prepare(tmp_path)
    token = register_station(tmp_path, "station-one", "示例村服务站")
    data = some_bytes(400_000)
    config = CentreConfig(data=tmp_path, reserve=0)
    with EmbeddedCentre(config) as embedded:
        client = CentreClient(embedded.url, "station-one", token)
        case = SampleCase(client).open()
        page = case.metadata(data)
        sent: list[int] = []
        with pytest.raises(CentreError):
            client.upload_page(page, data, sent.append, lambda: bool(sent) and sent[-1] > 300_000)
        client.close()
    (path,) = (tmp_path / "incoming").iterdir()
    centre = Centre(config)
    incoming = IncomingFile(tmp_path / "incoming", path.name, centre.vault)
    held = incoming.measure()
    incoming.begin()
    incoming.add(data[held:][: 256 * 1024])
    incoming.end()
    assert incoming.offset == len(data)
    FolderBlobs(tmp_path / "pages", centre.vault).keep(path.name, path)
    centre.close()
    with EmbeddedCentre(config) as embedded:
        client = CentreClient(embedded.url, "station-one", token)
        assert client.upload_page(page, data).sha256 == page.sha256
        assert client.case_status(case.case_id).page_ids == (page.page_id,)
        client.close()


def test_a_torn_record_at_the_end_is_cut_off(tmp_path: Path) -> None:
    from kiosk.centre.server.blobs import IncomingFile, read_pieces
    from kiosk.centre.server.vault import Vault

    prepare(tmp_path)
    vault = Vault.load(tmp_path)
    writer = IncomingFile(tmp_path, "upload", vault)
    writer.measure()
    writer.begin()
    writer.add(b"a" * 1000)
    writer.add(b"b" * 1000)
    writer.end()
    whole = writer.path.read_bytes()
    for cut in (len(whole) - 1, len(whole) - 500, len(whole) // 2 + 1, len(whole) // 2 + 3):
        writer.path.write_bytes(whole[:cut])
        again = IncomingFile(tmp_path, "upload", vault)
        assert again.measure() == 1000
        again.begin()
        again.add(b"c" * 500)
        assert again.end() == 1500
        assert b"".join(read_pieces(writer.path, "upload", vault)) == b"a" * 1000 + b"c" * 500
    writer.path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    damaged = IncomingFile(tmp_path, "upload", vault)
    damaged.measure()
    assert damaged.digest()[0] == ""
