"""The station's client: what it makes of bad lines, and of things that are not the centre."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest

from kiosk.centre import client as client_module
from kiosk.centre.client import (
    CentreBusy,
    CentreClient,
    CentreNonsense,
    CentreRefused,
    CentreUnreachable,
    UploadStopped,
)
from kiosk.centre.contract import CaseQuery, ErrorCode, PageReceipt, PageUpload
from kiosk.words import table

from .conftest import RunningCentre, some_bytes

Answer = Callable[[bytes], bytes]


class OddServer:
    """Answers every request with what it is told, whatever the request says."""

    def __init__(self, answer: bytes | Answer) -> None:
        self._answer = answer if callable(answer) else lambda _request: answer
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.requests = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            with line:
                line.settimeout(5)
                try:
                    request = self._read(line)
                    self.requests += 1
                    line.sendall(self._answer(request))
                except OSError:
                    continue

    @staticmethod
    def _read(line: socket.socket) -> bytes:
        request = b""
        while b"\r\n\r\n" not in request:
            piece = line.recv(65536)
            if not piece:
                return request
            request += piece
        head, _, body = request.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        while length and len(body) < int(length[1]):
            body += line.recv(65536)
        return head + b"\r\n\r\n" + body

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(10)


@pytest.fixture
def odd() -> Iterator[Callable[[bytes | Answer], OddServer]]:
    servers: list[OddServer] = []

    def make(answer: bytes | Answer) -> OddServer:
        servers.append(OddServer(answer))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


def http(status: str, body: bytes, content_type: str = "application/json", **headers: str) -> bytes:
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{more}"
    return f"{head}Connection: close\r\n\r\n".encode() + body


LOGIN_PAGE = b"<html><body>Please sign in to the network</body></html>"


def page_of(data: bytes) -> PageUpload:
    return PageUpload(case_id=uuid4(), page_id=uuid4(), sha256=hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize(
    "answer",
    [
        http("200 OK", LOGIN_PAGE, "text/html"),
        http("302 Found", LOGIN_PAGE, "text/html", Location="http://127.0.0.1:9/login"),
        http("404 Not Found", LOGIN_PAGE, "text/html"),
        http("403 Forbidden", b"{}"),
        http("400 Bad Request", b"not json", "application/problem+json"),
        http("400 Bad Request", b'{"code": 7}', "application/problem+json"),
        http("400 Bad Request", b'{"code": "pages_missing", "missing": [1]}', "application/problem+json"),
        http("200 OK", b"\xff\xfe\x00garbage"),
        http("200 OK", b"[]"),
        http("200 OK", b'{"now": "yesterday"}'),
        http("200 OK", b"x" * 5_000_000),
        http("204 No Content", b""),
    ],
)
def test_what_is_not_the_centre_is_nonsense(odd: Callable[..., OddServer], answer: bytes) -> None:
    client = CentreClient(odd(answer).url, "station-one", "token")
    with pytest.raises(CentreNonsense) as caught:
        client.server_time()
    assert caught.value.code == "centre.nonsense"
    page = page_of(b"page")
    with pytest.raises(CentreNonsense):
        client.upload_page(page, b"page")
    client.close()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", CentreUnreachable),
        (b"SSH-2.0-OpenSSH_9.2\r\n", CentreUnreachable),
        (http("502 Bad Gateway", LOGIN_PAGE, "text/html"), CentreUnreachable),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", CentreUnreachable),
        (http("503 Service Unavailable", b"", Retry_After="17"), CentreBusy),
        (http("429 Too Many Requests", b"", Retry_After="Fri, 20 Nov 2026 00:00:00 GMT"), CentreBusy),
        (http("507 Insufficient Storage", b"", Retry_After="300"), CentreBusy),
    ],
)
def test_what_may_get_better_is_told_apart(
    odd: Callable[..., OddServer], answer: bytes, error: type[Exception]
) -> None:
    client = CentreClient(odd(answer).url, "station-one", "token")
    with pytest.raises(error) as caught:
        client.server_time()
    if b"Retry-After: 17" in answer:
        assert isinstance(caught.value, CentreBusy)
        assert caught.value.retry_after == 17
    client.close()


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client = CentreClient(f"http://127.0.0.1:{port}", "station-one", "token")
    with pytest.raises(CentreUnreachable) as caught:
        client.find_cases(CaseQuery(id_number="000000190001010017"))
    assert "000000190001010017" not in repr(caught.value) + str(caught.value.__context__)
    with pytest.raises(CentreUnreachable):
        client.upload_page(page_of(b"page"), b"page")


def test_a_silent_line_times_out(odd: Callable[..., OddServer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "TIMEOUTS", (0.5, 0.5))
    waiting = threading.Event()

    def never(_request: bytes) -> bytes:
        waiting.wait(20)
        return b""

    client = CentreClient(odd(never).url, "station-one", "token")
    with pytest.raises(CentreUnreachable) as caught:
        client.server_time()
    waiting.set()
    assert caught.value.detail["reason"] == "timeout"


@pytest.mark.parametrize("wrong", ["sha256", "size", "page_id", "case_id", "version"])
def test_a_receipt_of_something_else_is_no_receipt(odd: Callable[..., OddServer], wrong: str) -> None:
    data = some_bytes(5000)
    page = page_of(data)
    told: dict[str, object] = {
        "case_id": str(page.case_id),
        "version": 1,
        "page_id": str(page.page_id),
        "sha256": page.sha256,
        "size": len(data),
        "stored_at": "2026-11-20T00:00:00Z",
    }
    right = json.dumps(told).encode()
    client = CentreClient(
        odd(http("201 Created", right, Upload_Offset="5000", Location="/v1/files/x")).url, "station-one", "token"
    )
    assert client.upload_page(page, data).size == 5000
    told[wrong] = {"sha256": "0" * 64, "size": 4999, "version": 2}.get(wrong, str(uuid4()))
    answer = http("201 Created", json.dumps(told).encode(), Upload_Offset="5000", Location="/v1/files/x")
    client = CentreClient(odd(answer).url, "station-one", "token")
    with pytest.raises(CentreNonsense):
        client.upload_page(page, data)


def test_the_token_never_follows_an_address_to_another_host(odd: Callable[..., OddServer]) -> None:
    elsewhere = odd(http("200 OK", b"{}"))
    lure = odd(http("201 Created", b"", Upload_Offset="10", Location=f"{elsewhere.url}/v1/files/x"))
    client = CentreClient(lure.url, "station-one", "token")
    data = some_bytes(5000)
    with pytest.raises(CentreNonsense):
        client.upload_page(page_of(data), data)
    assert elsewhere.requests == 0


def test_a_server_that_never_takes_a_byte_ends_in_an_error(odd: Callable[..., OddServer]) -> None:
    server = odd(http("201 Created", b"", Upload_Offset="0", Location="/v1/files/x"))
    client = CentreClient(server.url, "station-one", "token")
    data = some_bytes(5000)
    with pytest.raises(CentreNonsense):
        client.upload_page(page_of(data), data)
    assert server.requests < 12


def test_bytes_that_are_not_those_of_the_metadata_are_never_sent(odd: Callable[..., OddServer]) -> None:
    server = odd(http("201 Created", b""))
    client = CentreClient(server.url, "station-one", "token")
    with pytest.raises(ValueError, match="bytes"):
        client.upload_page(page_of(b"one"), b"two")
    assert server.requests == 0


class FaultyLine:
    """A proxy that cuts each connection after some bytes from the station, and counts them."""

    def __init__(self, target: str, cuts: list[int]) -> None:
        host, _, port = target.removeprefix("http://").partition(":")
        self._target = (host, int(port))
        self._cuts = cuts
        self.passed = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            limit = self._cuts.pop(0) if self._cuts else 2**40
            thread = threading.Thread(target=self._pass, args=(line, limit), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _pass(self, line: socket.socket, limit: int) -> None:
        with line, socket.create_connection(self._target) as centre:
            back = threading.Thread(target=self._back, args=(centre, line), daemon=True)
            back.start()
            try:
                while limit > 0 and (piece := line.recv(min(16384, limit))):
                    centre.sendall(piece)
                    limit -= len(piece)
                    self.passed += len(piece)
            except OSError:
                pass
            for end in (line, centre):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            back.join(10)

    @staticmethod
    def _back(centre: socket.socket, line: socket.socket) -> None:
        try:
            while piece := centre.recv(65536):
                line.sendall(piece)
        except OSError:
            pass

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in (self._accepting, *self._threads):
            thread.join(10)


def test_a_cut_line_is_resumed_at_the_byte(centre: RunningCentre) -> None:
    data = some_bytes(1_500_000)
    case = centre.case().open()
    line = FaultyLine(centre.url, [400_000, 2_000, 500_000, 700])
    client = CentreClient(line.url, centre.station, centre.token)
    steps: list[int] = []
    page = case.metadata(data)
    receipt = client.upload_page(page, data, steps.append)
    assert receipt.sha256 == page.sha256
    assert steps[-1] == len(data)
    assert line.passed < len(data) * 1.25
    client.close()
    line.close()


def test_a_lost_answer_costs_no_second_page(centre: RunningCentre) -> None:
    data = some_bytes(300_000)
    case = centre.case().open()
    page = case.metadata(data)
    first = case.client.upload_page(page, data)
    sent: list[int] = []
    assert case.client.upload_page(page, data, sent.append) == first
    assert case.client.case_status(case.case_id).page_ids == (page.page_id,)


def test_stopping_keeps_what_was_sent(centre: RunningCentre) -> None:
    data = some_bytes(2_000_000)
    case = centre.case().open()
    page = case.metadata(data)
    progress: list[int] = []
    with pytest.raises(UploadStopped):
        case.client.upload_page(page, data, progress.append, lambda: bool(progress) and progress[-1] > 800_000)
    assert progress[-1] < len(data)
    assert case.client.upload_page(page, data).size == len(data)


def test_a_page_damaged_on_the_way_is_sent_again(centre: RunningCentre, monkeypatch: pytest.MonkeyPatch) -> None:
    data = some_bytes(200_000)
    case = centre.case().open()
    pieces = client_module._Body.__iter__
    damaged: list[int] = []

    def flip(self: client_module._Body) -> Iterator[bytes]:
        for number, piece in enumerate(pieces(self)):
            if number == 3 and not damaged:
                damaged.append(number)
                piece = bytes([piece[0] ^ 4]) + piece[1:]
            yield piece

    monkeypatch.setattr(client_module._Body, "__iter__", flip)
    receipt: PageReceipt = case.client.upload_page(case.metadata(data), data)
    assert receipt.size == len(data)
    assert damaged == [3]


def test_refusals_carry_their_data(centre: RunningCentre) -> None:
    case = centre.case().open()
    data = some_bytes(100)
    case.note(case.metadata(data), data)
    with pytest.raises(CentreRefused) as caught:
        case.hand_over()
    assert caught.value.code == "centre.refused.pages_missing"
    assert all(isinstance(page, UUID) for page in caught.value.missing)
    assert len(caught.value.missing) == 1


def test_every_code_has_words() -> None:
    codes = {"centre.unreachable", "centre.busy", "centre.nonsense", "centre.upload_stopped", "centre.refused.other"}
    codes |= {f"centre.refused.{code}" for code in ErrorCode}
    assert codes <= set(table())
    assert CentreRefused("brand new", 418).code == "centre.refused.other"
