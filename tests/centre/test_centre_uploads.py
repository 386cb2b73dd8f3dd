"""tus 1.0 as the server speaks it, byte by byte, and by another's client."""

from __future__ import annotations

import hashlib
import io
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tusclient.client import TusClient

from kiosk.centre.client import CentreRefused, encode_metadata
from kiosk.centre.contract import CaseState, PageReceipt, PageUpload, Problem
from kiosk.centre.server.blobs import FolderBlobs

from .conftest import RunningCentre, SampleCase, some_bytes, wait_for

BODY = "application/offset+octet-stream"


class Tus:
    """Bare requests, without our client's care."""

    def __init__(self, running: RunningCentre) -> None:
        headers = {
            "Authorization": f"Bearer {running.token}",
            "Station-Id": running.station,
            "Tus-Resumable": "1.0.0",
            "Accept": "application/json",
        }
        self.http = httpx.Client(base_url=running.url, headers=headers, trust_env=False)

    def create(self, page: PageUpload, length: int, body: bytes = b"", **headers: str) -> httpx.Response:
        sent = {"Upload-Length": str(length), "Upload-Metadata": encode_metadata(page)}
        if body:
            sent["Content-Type"] = BODY
        return self.http.post("/v1/files", headers=sent | headers, content=body)

    def patch(self, address: str, offset: int, body: bytes, **headers: str) -> httpx.Response:
        sent = {"Upload-Offset": str(offset), "Content-Type": BODY}
        return self.http.patch(address, headers=sent | headers, content=body)

    def offset(self, address: str) -> int:
        return int(self.http.head(address).headers["Upload-Offset"])


@pytest.fixture
def tus(centre: RunningCentre) -> Iterator[Tus]:
    speaker = Tus(centre)
    yield speaker
    speaker.http.close()


@pytest.fixture
def case(centre: RunningCentre) -> SampleCase:
    return centre.case().open()


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, Problem.model_validate_json(answer.content).code


def test_options_tells_what_is_spoken(centre: RunningCentre) -> None:
    answer = httpx.options(f"{centre.url}/v1/files", trust_env=False)
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {"creation", "creation-with-upload", "termination"}
    assert int(answer.headers["Tus-Max-Size"]) == centre.config.largest_page


def test_create_then_append_in_pieces(tus: Tus, case: SampleCase) -> None:
    data = some_bytes(700_000)
    created = tus.create(case.metadata(data), len(data))
    assert (created.status_code, created.headers["Upload-Offset"]) == (201, "0")
    address = created.headers["Location"]
    middle = tus.patch(address, 0, data[:300_001])
    assert (middle.status_code, middle.headers["Upload-Offset"]) == (200, "300001")
    assert tus.offset(address) == 300_001
    assert tus.http.get(address).status_code == 409
    last = tus.patch(address, 300_001, data[300_001:])
    receipt = PageReceipt.model_validate_json(last.content)
    assert (receipt.sha256, receipt.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert PageReceipt.model_validate_json(tus.http.get(address).content) == receipt
    head = tus.http.head(address)
    assert (head.headers["Upload-Offset"], head.headers["Upload-Length"]) == (str(len(data)), str(len(data)))


def test_creating_twice_is_one_upload(tus: Tus, case: SampleCase) -> None:
    data = some_bytes(1000)
    page = case.metadata(data)
    first = tus.create(page, len(data))
    tus.patch(first.headers["Location"], 0, data[:400])
    second = tus.create(page, len(data))
    assert second.headers["Location"] == first.headers["Location"]
    assert second.headers["Upload-Offset"] == "400"
    done = tus.create(page, len(data), data)  # the first 400 bytes are passed over
    assert PageReceipt.model_validate_json(done.content).size == len(data)
    again = tus.create(page, len(data))
    assert again.content == done.content


def test_another_length_for_the_same_page_is_a_conflict(tus: Tus, case: SampleCase) -> None:
    data = some_bytes(1000)
    page = case.metadata(data)
    tus.create(page, len(data))
    assert problem(tus.create(page, 999)) == (409, "conflict")


def test_a_wrong_offset_tells_the_true_one(tus: Tus, case: SampleCase) -> None:
    data = some_bytes(1000)
    address = tus.create(case.metadata(data), len(data)).headers["Location"]
    tus.patch(address, 0, data[:400])
    wrong = tus.patch(address, 300, data[300:])
    assert problem(wrong) == (409, "conflict")
    assert wrong.headers["Upload-Offset"] == "400"


def test_a_flipped_bit_starts_again_from_nothing(tus: Tus, case: SampleCase, centre: RunningCentre) -> None:
    data = some_bytes(300_000)
    damaged = bytearray(data)
    damaged[123_456] ^= 1
    page = case.metadata(data)
    answer = tus.create(page, len(data), bytes(damaged))
    assert problem(answer) == (460, "hash_mismatch")
    assert answer.headers["Upload-Offset"] == "0"
    assert case.client.case_status(case.case_id).page_ids == ()
    right = tus.create(page, len(data), data)
    assert right.status_code == 201
    assert case.client.case_status(case.case_id).page_ids == (page.page_id,)


def test_more_bytes_than_told_are_refused(tus: Tus, case: SampleCase) -> None:
    data = some_bytes(1000)
    page = case.metadata(data)
    assert problem(tus.create(page, 900, data)) == (413, "too_large")
    address = tus.create(page, 900).headers["Location"]

    def chunks() -> Iterator[bytes]:
        yield data

    headers = {"Upload-Offset": "0", "Content-Type": BODY}
    assert problem(tus.http.patch(address, headers=headers, content=chunks())) == (413, "too_large")
    assert tus.offset(address) <= 900


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Upload-Length": "99999999999"}, (413, "too_large")),
        ({"Upload-Length": "0"}, (400, "invalid")),
        ({"Upload-Length": "-1"}, (400, "invalid")),
        ({"Upload-Length": "²"}, (400, "invalid")),
        ({"Upload-Metadata": "case_id ???"}, (400, "invalid")),
        ({"Upload-Metadata": ""}, (400, "invalid")),
        ({"Tus-Resumable": "0.2.2"}, (412, "invalid")),
        ({"Content-Type": "image/jpeg"}, (415, "invalid")),
    ],
)
def test_wrong_headers_are_refused(
    tus: Tus, case: SampleCase, headers: dict[str, Any], expected: tuple[int, str]
) -> None:
    data = some_bytes(1000)
    sent = {key: value.encode() for key, value in headers.items()}
    answer = tus.create(case.metadata(data), len(data), data, **sent)
    assert problem(answer) == expected
    assert case.client.case_status(case.case_id).page_ids == ()


def test_pages_of_a_case_that_is_not_open_are_refused(tus: Tus, case: SampleCase, centre: RunningCentre) -> None:
    data = some_bytes(1000)
    nobody = SampleCase(case.client).metadata(data)
    assert problem(tus.create(nobody, len(data), data)) == (404, "unknown_case")
    later = case.metadata(data).model_copy(update={"version": 2})
    assert problem(tus.create(later, len(data), data)) == (409, "conflict")
    case.send(data)
    case.hand_over()
    assert problem(tus.create(case.metadata(data), len(data), data)) == (409, "conflict")


def test_an_upload_is_given_up(tus: Tus, case: SampleCase) -> None:
    data = some_bytes(1000)
    address = tus.create(case.metadata(data), len(data), data).headers["Location"]
    assert len(case.client.case_status(case.case_id).page_ids) == 1
    assert tus.http.delete(address).status_code == 204
    assert problem(tus.http.get(address)) == (404, "unknown_upload")
    assert case.client.case_status(case.case_id).page_ids == ()


def test_a_page_rotated_under_the_same_id_replaces_the_first(case: SampleCase, centre: RunningCentre) -> None:
    first, second = some_bytes(1000, 1), some_bytes(1100, 2)
    page = case.metadata(first)
    case.client.upload_page(page, first)
    again = case.metadata(second, page_id=page.page_id)
    case.client.upload_page(again, second)
    case.note(again, second)
    assert case.hand_over().state is CaseState.COMPLETE
    blobs = [path for path in (centre.folder / "pages").rglob("*") if path.is_file()]
    assert len(blobs) == 1


def raw_post(running: RunningCentre, token: str, length: int) -> socket.socket:
    """Open a connection and send the head of an upload, no body."""
    address = running.url.removeprefix("http://").split(":")
    line = socket.create_connection((address[0], int(address[1])), timeout=20)
    head = (
        f"POST /v1/files HTTP/1.1\r\nHost: centre\r\nAuthorization: Bearer {token}\r\nStation-Id: {running.station}\r\n"
        f"Tus-Resumable: 1.0.0\r\nUpload-Length: {length}\r\nContent-Type: {BODY}\r\nContent-Length: {length}\r\n"
    )
    line.sendall(head.encode())
    return line


def test_the_token_is_looked_at_before_a_byte_is_taken(centre: RunningCentre, case: SampleCase) -> None:
    data = some_bytes(1000)
    with raw_post(centre, "wrong", 1000) as line:
        line.sendall(f"Upload-Metadata: {encode_metadata(case.metadata(data))}\r\n\r\n".encode())
        assert b" 401 " in line.recv(65536)  # before any byte of the body was sent
        line.sendall(data)
    assert not list((centre.folder / "incoming").iterdir())
    assert case.client.case_status(case.case_id).page_ids == ()


def test_a_second_writer_is_told_to_wait_and_takes_over_a_dead_one(
    centre: RunningCentre, case: SampleCase, tus: Tus
) -> None:
    data = some_bytes(200_000)
    page = case.metadata(data)
    with raw_post(centre, centre.token, len(data)) as line:
        line.sendall(f"Upload-Metadata: {encode_metadata(page)}\r\n\r\n".encode())
        line.sendall(data[:50_000])
        wait_for(lambda: tus.create(page, len(data)).status_code == 423)
        # The line stays open and silent, as after a lost network; a while later the next request gets the upload.
        answer = wait_for(lambda: held if (held := tus.create(page, len(data))).status_code == 201 else None)
        assert isinstance(answer, httpx.Response)
        assert answer.headers["Upload-Offset"] == "50000"
        done = tus.patch(answer.headers["Location"], 50_000, data[50_000:])
        assert PageReceipt.model_validate_json(done.content).size == len(data)


def test_what_arrived_before_a_cut_is_kept(centre: RunningCentre, case: SampleCase, tus: Tus) -> None:
    data = some_bytes(600_000)
    page = case.metadata(data)
    with raw_post(centre, centre.token, len(data)) as line:
        line.sendall(f"Upload-Metadata: {encode_metadata(page)}\r\n\r\n".encode())
        line.sendall(data[:333_333])
        wait_for(lambda: tus.create(page, len(data)).status_code == 423)
    answer = wait_for(lambda: held if (held := tus.create(page, len(data))).status_code == 201 else None)
    assert isinstance(answer, httpx.Response)
    held = int(answer.headers["Upload-Offset"])
    assert 0 < held <= 333_333
    done = tus.patch(answer.headers["Location"], held, data[held:])
    assert PageReceipt.model_validate_json(done.content).sha256 == page.sha256


def test_too_many_bodies_at_once_are_asked_to_come_back(make_centre: Any) -> None:
    running = make_centre(bodies_at_once=1)
    case = running.case().open()
    tus = Tus(running)
    data, other = some_bytes(100_000, 1), some_bytes(1000, 2)
    with raw_post(running, running.token, len(data)) as line:
        line.sendall(f"Upload-Metadata: {encode_metadata(case.metadata(data))}\r\n\r\n".encode())
        line.sendall(data[:1000])
        incoming = running.folder / "incoming"

        def being_received() -> bool:
            line.sendall(data[:10])  # a body that goes on, slowly
            return any(file.stat().st_size for file in incoming.iterdir())

        wait_for(being_received)  # asked earlier, the other page would take the one place first
        answer = tus.create(case.metadata(other), len(other), other)
        assert problem(answer) == (503, "busy")
        assert int(answer.headers["Retry-After"]) >= 1
    tus.http.close()


def test_a_full_disk_is_told_before_the_body(make_centre: Any) -> None:
    running = make_centre(reserve=2**60)
    case = running.case().open()
    tus = Tus(running)
    data = some_bytes(1000)
    assert problem(tus.create(case.metadata(data), len(data), data)) == (507, "storage_full")
    tus.http.close()


def test_an_upload_of_another_station_is_not_there(tus: Tus, case: SampleCase, centre: RunningCentre) -> None:
    data = some_bytes(1000)
    address = tus.create(case.metadata(data), len(data)).headers["Location"]
    other = centre.other_station()
    with pytest.raises(CentreRefused) as caught:
        other.upload_page(case.metadata(data), data)
    assert caught.value.problem == "unknown_case"
    headers = other._session.auth._headers  # type: ignore[union-attr]
    for method in ("HEAD", "GET", "DELETE"):
        assert tus.http.request(method, address, headers=headers).status_code == 404
    assert tus.offset(address) == 0


@pytest.mark.parametrize("piece", [64 * 1024, 1024 * 1024])
def test_another_client_of_the_protocol_works(centre: RunningCentre, case: SampleCase, piece: int) -> None:
    data = some_bytes(700_001)
    page = case.metadata(data)
    client = TusClient(
        f"{centre.url}/v1/files", headers={"Authorization": f"Bearer {centre.token}", "Station-Id": centre.station}
    )
    metadata = {
        "case_id": str(page.case_id),
        "version": "1",
        "page_id": str(page.page_id),
        "sha256": page.sha256,
        "media_type": page.media_type,
    }
    uploader = client.uploader(file_stream=io.BytesIO(data), chunk_size=piece, metadata=metadata)
    uploader.upload(stop_at=200_000)
    resumed = client.uploader(file_stream=io.BytesIO(data), chunk_size=piece, url=uploader.url)
    assert resumed.get_offset() > 0
    resumed.upload()
    assert case.client.case_status(case.case_id).page_ids == (page.page_id,)


def test_a_page_whose_case_is_given_up_at_its_last_byte_is_destroyed(
    tus: Tus, case: SampleCase, centre: RunningCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = FolderBlobs.keep

    def keep_too_late(self: FolderBlobs, key: str, incoming: Path) -> None:
        moved = incoming.rename(incoming.with_suffix(".moving"))  # between the two names while both are removed
        case.client.delete_case(case.case_id)
        keep(self, key, moved)

    monkeypatch.setattr(FolderBlobs, "keep", keep_too_late)
    data = some_bytes(50_000)
    answer = tus.create(case.metadata(data), len(data), data)
    assert problem(answer) == (404, "unknown_case")
    assert [path for path in (centre.folder / "pages").rglob("*") if path.is_file()] == []
    assert list((centre.folder / "incoming").iterdir()) == []
