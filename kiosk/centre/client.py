"""The station's side of the contract: plain blocking HTTP, called from worker threads.

Nothing here retries for long: a call tells quickly what happened, and the outbox decides when to try again. The one
exception is inside a page's upload, where a broken line is resumed byte for byte as long as bytes arrive.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit
from uuid import UUID

import requests
from pydantic import BaseModel, TypeAdapter, ValidationError
from urllib3.exceptions import NewConnectionError

from kiosk.centre.contract import (
    UPLOAD_HINTS,
    UPLOAD_METADATA,
    CaseOpening,
    CaseQuery,
    CaseReceipt,
    CaseRecord,
    CaseStatus,
    CodeToResolve,
    CorrectionRecord,
    ErrorCode,
    PageReceipt,
    PageUpload,
    Rating,
    ResolvedIdentity,
    SelfTestReport,
    ServerTime,
    SpeedReceipt,
    Ticket,
)

log = logging.getLogger(__name__)

Model = TypeVar("Model", bound=BaseModel)

TIMEOUTS = (5.0, 20.0)
"""Seconds to connect (and for each piece sent), and to wait for the next byte of an answer."""

PIECE_BYTES = 16 * 1024
"""One piece has TIMEOUTS[0] to leave, so this also says the slowest line that counts as alive: 26 kbit/s."""

FAULTS_WITHOUT_PROGRESS = 3
LOCKED_TRIES = 6
"""A request that died on the line may hold the upload for a few seconds more."""

HASH_TRIES = 3
TUS_VERSION = "1.0.0"
PATCH_TYPE = "application/offset+octet-stream"
LARGEST_ANSWER = 4 * 1024 * 1024


class CentreError(Exception):
    """The centre did not do what was asked. Messages hold codes and numbers, never personal data.

    Attributes:
        code: Key into the table of words.
        detail: Values for words and log.
    """

    def __init__(self, code: str, **detail: str | int | float) -> None:
        super().__init__(f"{code} {detail}" if detail else code)
        self.code = code
        self.detail: Mapping[str, str | int | float] = MappingProxyType(detail)


class CentreUnreachable(CentreError):
    """No answer (network, timeout) or a failure inside the centre (5xx). Try again later.

    Attributes:
        status: HTTP status, 0 when there was no answer.
    """

    def __init__(self, reason: str = "", status: int = 0) -> None:
        super().__init__("centre.unreachable", reason=reason, status=status)
        self.status = status


class CentreBusy(CentreError):
    """The centre asks to come back later (429, 503, 507 with Retry-After, or an upload somebody else writes).

    Attributes:
        retry_after: Seconds.
    """

    def __init__(self, retry_after: float, status: int = 503) -> None:
        super().__init__("centre.busy", retry_after=retry_after, status=status)
        self.retry_after = retry_after
        self.status = status


class CentreRefused(CentreError):
    """The centre understood and said no (4xx with a problem): asking again the same way will not help.

    Attributes:
        problem: One of ``contract.ErrorCode`` as text, such as ``pages_missing``; ``code`` is ``centre.refused.``
            and this, or ``centre.refused.other`` for one that this version does not know.
        status: HTTP status.
        missing: Page ids the centre does not hold (``pages_missing``).
    """

    def __init__(self, problem: str, status: int, missing: tuple[UUID, ...] = ()) -> None:
        known = problem if problem in set(ErrorCode) else "other"
        super().__init__(f"centre.refused.{known}", status=status)
        self.problem = problem
        self.status = status
        self.missing = missing


class CentreNonsense(CentreError):
    """Something answered, but not our centre, or not in its words: a network's login page, wrong JSON, wrong hash."""

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__("centre.nonsense", reason=reason, status=status)
        self.status = status


class UploadStopped(CentreError):
    """``should_stop`` said so; what was sent so far stays at the centre."""

    def __init__(self) -> None:
        super().__init__("centre.upload_stopped")


class _StationAuth(requests.auth.AuthBase):
    def __init__(self, station_id: str, token: str) -> None:
        self._headers = {"Authorization": f"Bearer {token}", "Station-Id": station_id}

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers)
        return request


class _Body:
    """The rest of a page, in pieces; knows its length, so that the request is not chunked."""

    def __init__(self, data: memoryview, sent: Callable[[int], None], should_stop: Callable[[], bool]) -> None:
        self._data = data
        self._sent = sent
        self._should_stop = should_stop

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._data), PIECE_BYTES):
            if self._should_stop():
                raise UploadStopped
            piece = bytes(self._data[start : start + PIECE_BYTES])
            yield piece
            self._sent(start + len(piece))


def _never() -> bool:
    return False


def _ignore(_: int) -> None:
    pass


class CentreClient:
    """One station's line to its centre. Thread-safe; every call blocks for at most ``TIMEOUTS`` between two bytes.

    Every call may raise CentreUnreachable, CentreBusy, CentreRefused or CentreNonsense.

    Args:
        url: Root of the centre, such as ``https://centre.example:8470``.
        station_id: This station.
        token: Its bearer token.
        ca: File of the certificate authority to trust instead of the public ones.
    """

    def __init__(self, url: str, station_id: str, token: str, *, ca: str | None = None) -> None:
        self._root = url.rstrip("/") + "/"
        self._session = requests.Session()
        self._session.trust_env = False  # a .netrc would replace our token, a proxy variable would redirect us
        self._session.auth = _StationAuth(station_id, token)
        self._session.headers["User-Agent"] = "doorstep-station"
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        if ca is not None:
            self._session.verify = ca

    def close(self) -> None:
        self._session.close()

    # -- calls -------------------------------------------------------------------------------------------------

    def server_time(self) -> datetime:
        """The centre's clock, UTC. Also the cheapest proof that line, centre and token are right."""
        return self._call("GET", "v1/time", ServerTime).now

    def ping(self) -> datetime:
        """The centre's clock, asked once: a request that is lost on the line is told, not repeated."""
        return self._call("GET", "v1/time", ServerTime, again=False).now

    def send_for_speed(self, size: int) -> None:
        """Send ``size`` bytes (at most ``contract.SPEED_BYTES``) that the centre throws away."""
        headers = {"Accept": "application/json", "Content-Type": "application/octet-stream"}
        body = _Body(memoryview(os.urandom(size)), _ignore, _never)
        answer = self.send("POST", "v1/speed", headers, body)
        if _parse(SpeedReceipt, self._json(answer), answer.status_code).received != size:
            raise CentreNonsense("not all bytes arrived", answer.status_code)

    def fetch_for_speed(self, size: int) -> None:
        """Have the centre send ``size`` bytes (at most ``contract.SPEED_BYTES``)."""
        answer = self.send("GET", f"v1/speed?size={size}", {"Accept": "application/octet-stream"}, None)
        if len(answer.content) != size:
            raise CentreNonsense("not all bytes arrived", answer.status_code)

    def open_case(self, opening: CaseOpening) -> CaseStatus:
        """Say that pages of this version of a case will come. Idempotent."""
        path = f"v1/cases/{opening.case_id}/versions/{opening.version}"
        return self._same_case(self._call("PUT", path, CaseStatus, opening), opening.case_id)

    def put_record(self, record: CaseRecord) -> CaseReceipt:
        """Hand the case over. Idempotent.

        Raises:
            CentreRefused: ``pages_missing`` with the ids in ``missing``; ``conflict`` when another record is there.
        """
        return self._put_record(record)

    def put_correction(self, record: CorrectionRecord) -> CaseReceipt:
        """Hand over a later version of a case. Idempotent; raises as ``put_record``."""
        return self._put_record(record)

    def _put_record(self, record: CaseRecord | CorrectionRecord) -> CaseReceipt:
        path = f"v1/cases/{record.case_id}/versions/{record.version}/record"
        receipt = self._call("PUT", path, CaseReceipt, record)
        if (receipt.case_id, receipt.version) != (record.case_id, record.version) or not receipt.case_number:
            raise CentreNonsense("receipt of another case", 200)
        return receipt

    def case_status(self, case_id: UUID) -> CaseStatus:
        return self._same_case(self._call("GET", f"v1/cases/{case_id}", CaseStatus), case_id)

    def find_cases(self, query: CaseQuery) -> list[CaseStatus]:
        """This station's cases of a person or a number, open corrections first."""
        answer = self._json(self._request("POST", "v1/cases/find", query))
        try:
            return TypeAdapter(list[CaseStatus]).validate_python(answer)
        except ValidationError:
            raise CentreNonsense("not a list of cases", 200) from None

    def draw_ticket(self, case_id: UUID) -> Ticket:
        """A place in the queue; the same one when it was drawn already."""
        ticket = self._call("POST", f"v1/cases/{case_id}/ticket", Ticket)
        if ticket.case_id != case_id:
            raise CentreNonsense("ticket of another case", 200)
        return ticket

    def rate(self, case_id: UUID, rating: Rating) -> Rating:
        return self._call("PUT", f"v1/cases/{case_id}/rating", Rating, rating)

    def resolve_code(self, code: CodeToResolve) -> ResolvedIdentity:
        """Who shows this one-time code. Asked once: a code may be worth nothing after the first question.

        Raises:
            CentreRefused: ``code_unknown`` or ``code_expired``.
        """
        return self._call("POST", "v1/identities/resolve", ResolvedIdentity, code, again=False)

    def send_self_test(self, report: SelfTestReport) -> None:
        """Tell the centre what a self-test found. Idempotent."""
        self._request("PUT", f"v1/self-tests/{report.report_id}", report)

    def delete_case(self, case_id: UUID) -> None:
        """Give up what was not handed over yet; of a correction only the new version. Idempotent.

        Raises:
            CentreRefused: ``conflict`` when the record was handed over.
        """
        try:
            self._request("DELETE", f"v1/cases/{case_id}")
        except CentreRefused as refused:
            if refused.problem != ErrorCode.UNKNOWN_CASE:
                raise

    def upload_page(
        self,
        metadata: PageUpload,
        data: bytes,
        on_progress: Callable[[int], None] = _ignore,
        should_stop: Callable[[], bool] = _never,
    ) -> PageReceipt:
        """Send a page: one streamed request, resumed at the centre's own offset after a fault.

        Args:
            metadata: What the page is; ``sha256`` must be that of ``data``.
            data: The page's bytes.
            on_progress: Told bytes sent so far (may step back after a fault), on this thread.
            should_stop: Asked before each piece of ``PIECE_BYTES``.

        Returns:
            The centre's receipt, held against hash, size and ids of what was sent.

        Raises:
            ValueError: ``data`` is empty or has another hash.
            UploadStopped: ``should_stop`` said so.
        """
        if not data or hashlib.sha256(data).hexdigest() != metadata.sha256:
            raise ValueError("the bytes are not those of the metadata")
        return _Upload(self, metadata, data, on_progress, should_stop).run()

    # -- plumbing ----------------------------------------------------------------------------------------------

    def _call(
        self, method: str, path: str, answer: type[Model], body: BaseModel | None = None, *, again: bool = True
    ) -> Model:
        response = self._request(method, path, body, again=again)
        return _parse(answer, self._json(response), response.status_code)

    def _request(self, method: str, path: str, body: BaseModel | None = None, *, again: bool = True) -> _Answer:
        data = None if body is None else body.model_dump_json().encode()
        headers = {"Accept": "application/json"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        try:
            return self.send(method, path, headers, data)
        except CentreUnreachable as error:
            # A kept-alive connection may have died unseen; every call but one is idempotent, so ask once more.
            if not again or error.detail["reason"] != "broken":
                raise
        return self.send(method, path, headers, data)

    def send(self, method: str, path: str, headers: Mapping[str, str], data: bytes | _Body | None) -> _Answer:
        """One request on the wire. Used by the upload too; not for callers of the client."""
        try:
            with self._session.request(
                method,
                urljoin(self._root, path),
                data=data,
                headers=dict(headers),
                timeout=TIMEOUTS,
                allow_redirects=False,
                stream=True,
            ) as response:
                content = _read(response)
        except UploadStopped:
            raise
        except requests.exceptions.ConnectTimeout:
            raise CentreUnreachable("connect") from None
        except requests.exceptions.SSLError:
            raise CentreUnreachable("certificate") from None
        except requests.exceptions.Timeout:
            raise CentreUnreachable("timeout") from None
        except requests.exceptions.ConnectionError as error:
            cause = getattr(error.args[0], "reason", None) if error.args else None
            raise CentreUnreachable("connect" if isinstance(cause, NewConnectionError) else "broken") from None
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
            raise CentreUnreachable("broken") from None
        except requests.exceptions.RequestException as error:
            raise CentreNonsense(type(error).__name__) from None
        answer = _Answer(response.status_code, response.headers, content)
        _raise_for(answer)
        return answer

    @staticmethod
    def _json(answer: _Answer) -> Any:
        try:
            return json.loads(answer.content)
        except (ValueError, RecursionError):
            raise CentreNonsense("not JSON", answer.status_code) from None

    @staticmethod
    def _same_case(status: CaseStatus, case_id: UUID) -> CaseStatus:
        if status.case_id != case_id:
            raise CentreNonsense("status of another case", 200)
        return status


class _Answer:
    def __init__(self, status_code: int, headers: Mapping[str, str], content: bytes) -> None:
        self.status_code = status_code
        self.headers = headers
        self.content = content


def _read(response: requests.Response) -> bytes:
    content = b""
    for piece in response.iter_content(64 * 1024):
        content += piece
        if len(content) > LARGEST_ANSWER:
            raise CentreNonsense("too long", response.status_code)
    return content


def _parse(model: type[Model], value: Any, status: int) -> Model:
    try:
        return model.model_validate(value)
    except ValidationError:
        raise CentreNonsense(f"not a {model.__name__}", status) from None


def _raise_for(answer: _Answer) -> None:
    status = answer.status_code
    if 200 <= status < 300:
        return
    if status in (423, 429, 503, 507):
        raise CentreBusy(_retry_after(answer.headers.get("Retry-After", "")), status)
    if status >= 500:
        raise CentreUnreachable("failure", status)
    problem: Any = None
    if answer.headers.get("Content-Type", "").partition(";")[0].strip() == "application/problem+json":
        try:
            problem = json.loads(answer.content)
        except (ValueError, RecursionError):
            problem = None
    if status < 400 or not isinstance(problem, dict) or not isinstance(problem.get("code"), str):
        raise CentreNonsense("no problem document", status)
    try:
        missing = TypeAdapter(tuple[UUID, ...]).validate_python(problem.get("missing", ()))
    except ValidationError:
        raise CentreNonsense("wrong list of missing pages", status) from None
    raise _refusal(problem["code"], status, missing, answer)


def _refusal(code: str, status: int, missing: tuple[UUID, ...], answer: _Answer) -> CentreRefused:
    refused = CentreRefused(code, status, missing)
    offset = answer.headers.get("Upload-Offset", "")
    return _OffsetRefused(code, status, int(offset)) if status == 409 and offset.isdecimal() else refused


class _OffsetRefused(CentreRefused):
    """409 to a PATCH: the centre holds another number of bytes."""

    def __init__(self, problem: str, status: int, offset: int) -> None:
        super().__init__(problem, status)
        self.offset = offset


def _retry_after(value: str) -> float:
    try:
        return min(max(float(value), 1.0), 3600.0)
    except ValueError:
        return 5.0


class _Upload:
    """One page on its way: where it stands and how often it failed."""

    def __init__(
        self,
        client: CentreClient,
        metadata: PageUpload,
        data: bytes,
        on_progress: Callable[[int], None],
        should_stop: Callable[[], bool],
    ) -> None:
        self._client = client
        self._metadata = metadata
        self._data = memoryview(data)
        self._on_progress = on_progress
        self._should_stop = should_stop
        self._offset = 0  # bytes the centre said it holds
        self._best = 0  # the most it ever said
        self._address = ""
        self._faults = 0
        self._wrong_hashes = 0

    def run(self) -> PageReceipt:
        receipt: PageReceipt | None = None
        first = True
        while receipt is None:
            if self._should_stop():
                raise UploadStopped
            try:
                if first:
                    first = False
                    receipt = self._create(with_body=True)
                elif not self._address:
                    receipt = self._create(with_body=False)
                else:
                    receipt = self._append()
            except (CentreUnreachable, CentreBusy) as fault:
                self._address = ""
                self._bear(fault)
            except _OffsetRefused as refused:
                self._progress_to(refused.offset)
                self._bear(refused)
            except CentreRefused as refused:
                if refused.problem == ErrorCode.HASH_MISMATCH and self._wrong_hashes + 1 < HASH_TRIES:
                    self._wrong_hashes += 1
                    self._address, self._offset, self._best = "", 0, 0
                    log.warning("the centre found another hash; the page is sent again")
                elif refused.problem == ErrorCode.UNKNOWN_UPLOAD:
                    self._address = ""  # expired there; make it again
                    self._bear(refused)
                else:
                    raise
        self._on_progress(len(self._data))
        return receipt

    def _create(self, *, with_body: bool) -> PageReceipt | None:
        headers = {
            "Tus-Resumable": TUS_VERSION,
            "Accept": "application/json",
            "Upload-Length": str(len(self._data)),
            "Upload-Metadata": encode_metadata(self._metadata),
        }
        body: _Body | None = None
        if with_body:
            headers["Content-Type"] = PATCH_TYPE
            body = _Body(self._data, self._on_progress, self._should_stop)
        return self._take(self._client.send("POST", "v1/files", headers, body), sent=with_body)

    def _append(self) -> PageReceipt | None:
        start = self._offset
        headers = {
            "Tus-Resumable": TUS_VERSION,
            "Accept": "application/json",
            "Upload-Offset": str(start),
            "Content-Type": PATCH_TYPE,
        }
        body = _Body(self._data[start:], lambda sent: self._on_progress(start + sent), self._should_stop)
        return self._take(self._client.send("PATCH", self._address, headers, body), sent=True)

    def _take(self, answer: _Answer, *, sent: bool) -> PageReceipt | None:
        offset = answer.headers.get("Upload-Offset", "")
        if not offset.isdecimal() or int(offset) > len(self._data):
            raise CentreNonsense("no usable Upload-Offset", answer.status_code)
        if int(offset) == len(self._data):
            return self._checked(answer)
        if location := answer.headers.get("Location"):
            self._address = self._same_origin(location)
        before = self._best
        self._progress_to(int(offset))
        if sent and self._best <= before:
            self._bear(CentreNonsense("no progress", answer.status_code))
        return None

    def _checked(self, answer: _Answer) -> PageReceipt:
        receipt = _parse(PageReceipt, self._client._json(answer), answer.status_code)  # noqa: SLF001 - same module
        sent = self._metadata
        told = (receipt.case_id, receipt.version, receipt.page_id, receipt.sha256, receipt.size)
        if told != (sent.case_id, sent.version, sent.page_id, sent.sha256, len(self._data)):
            raise CentreNonsense("receipt of another page", answer.status_code)
        return receipt

    def _same_origin(self, location: str) -> str:
        root = self._client._root  # noqa: SLF001 - same module
        address = urljoin(urljoin(root, "v1/files"), location)
        if urlsplit(address)[:2] != urlsplit(root)[:2]:  # the token goes nowhere else
            raise CentreNonsense("upload at another host")
        return address

    def _progress_to(self, offset: int) -> None:
        if offset > len(self._data):
            raise CentreNonsense("offset beyond the end")
        if offset > self._best:
            self._faults, self._best = 0, offset
        self._offset = offset
        self._on_progress(offset)

    def _bear(self, fault: CentreError) -> None:
        """Wait a moment after a fault, or give up when nothing moved for several in a row."""
        self._faults += 1
        unreachable = isinstance(fault, CentreUnreachable) and fault.detail["reason"] in ("connect", "certificate")
        locked = isinstance(fault, CentreBusy) and fault.status == 423
        waits_long = isinstance(fault, CentreBusy) and not locked
        if unreachable or waits_long or self._faults >= (LOCKED_TRIES if locked else FAULTS_WITHOUT_PROGRESS):
            raise fault
        log.info("upload: %s, resuming", fault.code)
        time.sleep(random.uniform(0.2, 1.0) * min(self._faults, 2))  # noqa: S311 - jitter, no secret


def encode_metadata(metadata: PageUpload) -> str:
    """``Upload-Metadata`` of tus 1.0: keys with base64 values; hints only where they say something."""
    values = metadata.model_dump(mode="json")
    keys = [*UPLOAD_METADATA, *(key for key in UPLOAD_HINTS if values[key])]
    return ",".join(f"{key} {base64.b64encode(str(values[key]).encode()).decode()}" for key in keys)
