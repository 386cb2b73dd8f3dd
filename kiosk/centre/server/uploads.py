"""Pages come in by tus 1.0: creation, creation-with-upload, termination.

What tus leaves open and is settled here: the upload's id is made from station and page, so that creating twice gives
the same upload; the whole page is held against its SHA-256; a receipt is the answer to the last byte. The offset that
is told is on disk before it is told. Authentication and limits come before the first byte of a body.

One request writes an upload at a time. A second one gets 423, unless the first has been silent for a while: then its
line is dead, and the second takes over.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import ValidationError
from sqlalchemy import Row, delete, select, update
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from kiosk.centre.contract import CaseState, ErrorCode, PageReceipt, PageUpload
from kiosk.centre.server import cases, clock
from kiosk.centre.server.blobs import PIECE_BYTES, IncomingFile
from kiosk.centre.server.centre import Centre, Work
from kiosk.centre.server.database import pages, uploads
from kiosk.centre.server.problems import Refusal, conflict
from kiosk.trust.envelope import SealError

log = logging.getLogger(__name__)

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination"
BODY_TYPE = "application/offset+octet-stream"
TAKE_OVER_SECONDS = 2.0
WRITE_BYTES = 4 * 1024 * 1024
WRITE_SECONDS = 1.0
HASH_MISMATCH_STATUS = 460
"""The status tus gives to a failed checksum."""


@dataclass(slots=True)
class _Writer:
    """The request that writes an upload now."""

    heard_at: float
    waiting: asyncio.Timeout | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Uploads:
    """All uploads of one server; lives on its loop, does disk and database work on worker threads."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._writers: dict[str, _Writer] = {}
        self._bodies = 0

    # -- requests ------------------------------------------------------------------------------------------------

    async def options(self, _request: Request) -> Response:
        headers = {
            "Tus-Resumable": VERSION,
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(self._centre.config.largest_page),
        }
        return Response(status_code=204, headers=headers)

    async def create(self, request: Request) -> Response:
        _check_version(request)
        length = _number(request, "upload-length")
        if length == 0:
            raise Refusal(ErrorCode.INVALID, 400, "Upload-Length")
        if length > self._centre.config.largest_page:
            raise Refusal(ErrorCode.TOO_LARGE, 413)
        page = _metadata(request)
        body = _body_length(request)
        if body != 0:
            _check_body_type(request)
            if body is not None and body > length:
                raise Refusal(ErrorCode.TOO_LARGE, 413, "more bytes than Upload-Length")
        station = _station(request)
        upload_id = self._id(station, page)

        def find() -> Row[Any]:
            return self._registered(station, upload_id, page, length)

        async with self._writing(upload_id, find) as (upload, incoming):
            done = None
            if upload.stored_at is None and body != 0 and incoming.offset < length:
                # Sent before: the same page again, whose first bytes are here already.
                done = await self._receive(request, upload, incoming, skip=incoming.offset)
            location = {"Location": f"/v1/files/{upload.id}"}
            return await self._answer(upload, incoming, 201, location, done, receipt=True)

    async def append(self, request: Request) -> Response:
        _check_version(request)
        _check_body_type(request)
        offset = _number(request, "upload-offset")
        wants_receipt = "application/json" in request.headers.get("accept", "")
        async with self._writing_own(request) as (upload, incoming):
            held = upload.length if upload.stored_at else incoming.offset
            if offset != held:
                raise conflict("Upload-Offset", headers={"Upload-Offset": str(held), "Tus-Resumable": VERSION})
            body = _body_length(request)
            if body is not None and body > upload.length - held:
                raise Refusal(ErrorCode.TOO_LARGE, 413, "more bytes than Upload-Length")
            done = None if upload.stored_at else await self._receive(request, upload, incoming)
            status = 200 if wants_receipt else 204
            return await self._answer(upload, incoming, status, {}, done, receipt=wants_receipt)

    async def look(self, request: Request) -> Response:
        """HEAD: the offset. GET: the receipt once the page is stored, 409 with the offset before."""
        async with self._writing_own(request) as (upload, incoming):
            if request.method == "HEAD":
                _check_version(request)
                headers = {"Upload-Length": str(upload.length), "Cache-Control": "no-store"}
                return await self._answer(upload, incoming, 200, headers, receipt=False)
            if upload.stored_at is None:
                raise conflict("not complete", headers={"Upload-Offset": str(incoming.offset)})
            return await self._answer(upload, incoming, 200, {}, receipt=True)

    async def terminate(self, request: Request) -> Response:
        _check_version(request)
        async with self._writing_own(request) as (upload, incoming):
            await run_in_threadpool(self._terminate, upload, incoming)
        return Response(status_code=204, headers={"Tus-Resumable": VERSION})

    # -- one body ------------------------------------------------------------------------------------------------

    def _writing_own(self, request: Request) -> AbstractAsyncContextManager[tuple[Row[Any], IncomingFile]]:
        upload_id = str(request.path_params["upload_id"])
        return self._writing(upload_id, lambda: self._own(_station(request), upload_id))

    @asynccontextmanager
    async def _writing(
        self, upload_id: str, find: Callable[[], Row[Any]]
    ) -> AsyncIterator[tuple[Row[Any], IncomingFile]]:
        """Alone with an upload: its row as ``find`` finds it then, and its bytes, measured and on disk.

        Raises:
            Refusal: locked, and what ``find`` raises.
        """
        loop = asyncio.get_running_loop()
        other = self._writers.get(upload_id)
        if other is not None:
            if other.waiting is not None and loop.time() - other.heard_at > TAKE_OVER_SECONDS:
                other.waiting.reschedule(loop.time())
                try:
                    async with asyncio.timeout(TAKE_OVER_SECONDS):
                        await other.done.wait()
                except TimeoutError:
                    log.warning("an upload's silent writer does not end")
            if upload_id in self._writers:
                raise Refusal(ErrorCode.LOCKED, 423, headers={"Retry-After": "1"})
        writer = self._writers[upload_id] = _Writer(loop.time())
        incoming = IncomingFile(self._centre.incoming, upload_id, self._centre.vault)
        try:
            yield await run_in_threadpool(self._take_up, find, incoming), incoming
        finally:
            incoming.abandon()
            if self._writers.get(upload_id) is writer:
                del self._writers[upload_id]
            writer.done.set()

    async def _receive(
        self, request: Request, upload: Row[Any], incoming: IncomingFile, skip: int = 0
    ) -> PageReceipt | None:
        """Take the body as far as it comes; what came is on disk when this returns or raises.

        Bytes are written when there are many, or when some have waited for a second: on a quick line a page is one
        write, on a slow one a killed server loses a second of it.
        """
        config = self._centre.config
        if self._bodies >= config.bodies_at_once:
            raise Refusal(ErrorCode.BUSY, 503, headers={"Retry-After": str(random.randint(1, 10))})  # noqa: S311
        loop = asyncio.get_running_loop()
        buffer = bytearray()
        room = upload.length - incoming.offset
        written_at = loop.time()
        self._bodies += 1
        try:
            async for piece in self._pieces(request, self._writers[upload.id]):
                if skip:
                    skipped = min(skip, len(piece))
                    skip -= skipped
                    piece = piece[skipped:]
                if len(piece) > room:
                    raise Refusal(ErrorCode.TOO_LARGE, 413, "more bytes than Upload-Length")
                room -= len(piece)
                buffer += piece
                if len(buffer) >= WRITE_BYTES or (buffer and loop.time() - written_at > WRITE_SECONDS and room):
                    written, buffer = bytes(buffer), bytearray()
                    await run_in_threadpool(_write, incoming, written)
                    written_at = loop.time()
        except BaseException:
            await asyncio.shield(run_in_threadpool(_finish, incoming, bytes(buffer)))
            raise
        finally:
            self._bodies -= 1
        return await asyncio.shield(run_in_threadpool(self._conclude, upload, incoming, bytes(buffer)))

    async def _pieces(self, request: Request, writer: _Writer) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        more = True
        while more:
            try:
                async with asyncio.timeout(self._centre.config.body_silence) as writer.waiting:
                    message = await request.receive()
            except TimeoutError:
                raise Refusal(ErrorCode.BUSY, 408, "no byte came", headers={"Connection": "close"}) from None
            finally:
                writer.waiting = None
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            writer.heard_at = loop.time()
            more = message.get("more_body", False)
            if piece := message.get("body", b""):
                yield piece

    async def _answer(
        self,
        upload: Row[Any],
        incoming: IncomingFile,
        status: int,
        headers: dict[str, str],
        done: PageReceipt | None = None,
        *,
        receipt: bool,
    ) -> Response:
        headers = headers | {"Tus-Resumable": VERSION}
        if done is not None:
            answer = done
        elif upload.stored_at is not None:
            answer = _receipt(upload, clock.read(upload.stored_at))
        elif incoming.offset == upload.length:
            answer = await run_in_threadpool(self._complete, upload, incoming)
        else:
            return Response(status_code=status, headers=headers | {"Upload-Offset": str(incoming.offset)})
        headers["Upload-Offset"] = str(upload.length)
        if not receipt:
            return Response(status_code=status, headers=headers)
        return Response(answer.model_dump_json(), status, headers, "application/json")

    # -- on worker threads -----------------------------------------------------------------------------------------

    def _id(self, station: str, page: PageUpload) -> str:
        told = (str(page.case_id), str(page.version), str(page.page_id), page.sha256, page.media_type)
        return self._centre.vault.upload_id(station, *told)

    def _registered(self, station: str, upload_id: str, page: PageUpload, length: int) -> Row[Any]:
        """The upload of this page, made when it is not there.

        Raises:
            Refusal: unknown_case; conflict when the case takes no pages of this version, or another length was told.
        """
        with self._centre.read() as work:
            found = _row(work, upload_id)
        if found is None:
            with self._centre.note() as work:  # forgotten by a power cut, the station makes it again
                found = _row(work, upload_id) or self._register(work, station, upload_id, page, length)
        if found.length != length:
            raise conflict("another Upload-Length was told before")
        return found

    def _register(self, work: Work, station: str, upload_id: str, page: PageUpload, length: int) -> Row[Any]:
        case = cases.own(work, station, page.case_id)
        if case.version != page.version or case.state != CaseState.RECEIVING:
            raise conflict(f"the case is at version {case.version}, {case.state}")
        earlier = select(pages.c.version).where(pages.c.case_id == case.id, pages.c.page_id == str(page.page_id))
        if work.connection.execute(earlier).scalar() not in (None, page.version):
            raise conflict("the page belongs to an earlier version")
        place = ("hints", case.id, str(page.page_id))
        work.connection.execute(
            uploads.insert().values(
                id=upload_id,
                station=station,
                case_id=case.id,
                version=page.version,
                page_id=str(page.page_id),
                sha256=page.sha256,
                media_type=page.media_type,
                length=length,
                sealed_hints=work.vault.seal_text(page.model_dump_json(), *place),
                created_at=clock.stamp(),
            )
        )
        found = _row(work, upload_id)
        assert found is not None
        return found

    def _own(self, station: str, upload_id: str) -> Row[Any]:
        with self._centre.read() as work:
            upload = _row(work, upload_id)
        if upload is None or upload.station != station:
            raise Refusal(ErrorCode.UNKNOWN_UPLOAD, 404)
        return upload

    def _take_up(self, find: Callable[[], Row[Any]], incoming: IncomingFile) -> Row[Any]:
        """The row now that nobody else writes; a torn end is cut off, and the rest made durable, to be told.

        Raises:
            Refusal: storage_full, and what ``find`` raises.
        """
        upload = find()
        if upload.stored_at is None:
            if incoming.measure():
                incoming.begin()
                incoming.end()
            elif self._was_kept(upload):
                log.info("a page was kept when the server ended before it could say so")
                self._say_stored(upload, clock.now())
                return self._own(upload.station, upload.id)
            if self._centre.free_bytes() < self._centre.config.reserve + upload.length - incoming.offset:
                raise Refusal(ErrorCode.STORAGE_FULL, 507, headers={"Retry-After": "300"})
        return upload

    def _conclude(self, upload: Row[Any], incoming: IncomingFile, rest: bytes) -> PageReceipt | None:
        """The body ended as it should: make it durable; the receipt when the page is whole.

        Raises:
            Refusal: as ``_complete``.
        """
        _finish(incoming, rest)
        return self._complete(upload, incoming) if incoming.offset == upload.length else None

    def _was_kept(self, upload: Row[Any]) -> bool:
        try:
            return hashlib.sha256(self._centre.blobs.get(upload.id)).hexdigest() == str(upload.sha256)
        except (FileNotFoundError, SealError):
            return False

    def _complete(self, upload: Row[Any], incoming: IncomingFile) -> PageReceipt:
        """All bytes are here: check them, keep them, say so in one transaction.

        Raises:
            Refusal: hash_mismatch (the upload starts again at 0); conflict or unknown_case when the case went on.
        """
        digest, length = incoming.digest()
        if digest != upload.sha256 or length != upload.length:
            incoming.forget()
            log.warning("an upload had another hash than told; it starts again")
            headers = {"Upload-Offset": "0", "Tus-Resumable": VERSION}
            raise Refusal(ErrorCode.HASH_MISMATCH, HASH_MISMATCH_STATUS, headers=headers)
        self._centre.blobs.keep(upload.id, incoming.path)
        at = clock.now()
        self._say_stored(upload, at)
        return _receipt(upload, at)

    def _say_stored(self, upload: Row[Any], at: datetime) -> None:
        try:
            with self._centre.write() as work:
                superseded = self._store(work, upload, clock.stamp(at))
        except Refusal:
            self.forget(upload.id)  # its case was given up or handed over without it meanwhile
            raise
        for key in superseded:
            self.forget(key)

    def _store(self, work: Work, upload: Row[Any], at: str) -> list[str]:
        case = cases.own(work, upload.station, UUID(upload.case_id))
        if case.version != upload.version or case.state != CaseState.RECEIVING or _row(work, upload.id) is None:
            raise conflict(f"the case is at version {case.version}, {case.state}")
        same_page = (uploads.c.case_id == case.id) & (uploads.c.page_id == upload.page_id) & (uploads.c.id != upload.id)
        superseded = list(work.connection.execute(select(uploads.c.id).where(same_page)).scalars())
        work.connection.execute(delete(uploads).where(same_page))
        work.connection.execute(delete(pages).where(pages.c.case_id == case.id, pages.c.page_id == upload.page_id))
        work.connection.execute(
            pages.insert().values(
                case_id=case.id,
                page_id=upload.page_id,
                version=upload.version,
                sha256=upload.sha256,
                size=upload.length,
                media_type=upload.media_type,
                blob=upload.id,
                sealed_hints=upload.sealed_hints,
                stored_at=at,
                serial=work.count("page"),
            )
        )
        work.connection.execute(update(uploads).where(uploads.c.id == upload.id).values(stored_at=at))
        cases.touch(work, case.id)
        return superseded

    def _terminate(self, upload: Row[Any], incoming: IncomingFile) -> None:
        with self._centre.write() as work:
            case = cases.own(work, upload.station, UUID(upload.case_id))
            if upload.stored_at is not None:
                if case.version != upload.version or case.state != CaseState.RECEIVING:
                    raise conflict("the page belongs to a record")
                work.connection.execute(delete(pages).where(pages.c.blob == upload.id))
                cases.touch(work, case.id)
            work.connection.execute(delete(uploads).where(uploads.c.id == upload.id))
        incoming.forget()
        self._centre.blobs.delete(upload.id)

    def forget(self, key: str) -> None:
        """Destroy the bytes of an upload that no row names any more. On a worker thread."""
        self._centre.blobs.delete(key)
        (self._centre.incoming / key).unlink(missing_ok=True)

    def sweep(self) -> None:
        """At start: destroy incoming files that no upload names (a draft given up just before a kill)."""
        with self._centre.read() as work:
            known = set(work.connection.execute(select(uploads.c.id).where(uploads.c.stored_at.is_(None))).scalars())
        for path in self._centre.incoming.iterdir():
            if path.name not in known:
                path.unlink(missing_ok=True)


def router(service: Uploads) -> APIRouter:
    """The tus routes; station, version and limits are checked before a body is read."""
    routes = APIRouter(prefix="/v1/files", tags=["files"])
    address = "/{upload_id}"
    routes.add_api_route("", service.options, methods=["OPTIONS"], status_code=204, summary="What tus can do here")
    routes.add_api_route("", service.create, methods=["POST"], status_code=201, summary="Create an upload, with bytes")
    routes.add_api_route(address, service.options, methods=["OPTIONS"], status_code=204, include_in_schema=False)
    routes.add_api_route(address, service.append, methods=["PATCH"], status_code=204, summary="Add bytes")
    routes.add_api_route(address, service.look, methods=["HEAD"], summary="Offset")
    routes.add_api_route(
        address,
        service.look,
        methods=["GET"],
        response_model=PageReceipt,
        summary="Receipt",
        operation_id="page_receipt",
    )
    routes.add_api_route(address, service.terminate, methods=["DELETE"], status_code=204, summary="Give an upload up")
    return routes


def _write(incoming: IncomingFile, data: bytes) -> None:
    for start in range(0, len(data), PIECE_BYTES):
        incoming.add(data[start : start + PIECE_BYTES])


def _finish(incoming: IncomingFile, rest: bytes) -> None:
    _write(incoming, rest)
    try:
        incoming.end()
    except OSError:
        incoming.forget()  # after a failed fsync nothing of this file may be believed
        raise


def _row(work: Work, upload_id: str) -> Row[Any] | None:
    return work.connection.execute(select(uploads).where(uploads.c.id == upload_id)).first()


def _receipt(upload: Row[Any], stored_at: datetime) -> PageReceipt:
    return PageReceipt(
        case_id=UUID(upload.case_id),
        version=upload.version,
        page_id=UUID(upload.page_id),
        sha256=upload.sha256,
        size=upload.length,
        stored_at=stored_at,
    )


def _station(request: Request) -> str:
    return str(request.state.station)


def _check_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        raise Refusal(ErrorCode.INVALID, 412, "Tus-Resumable", headers={"Tus-Version": VERSION})


def _check_body_type(request: Request) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != BODY_TYPE:
        raise Refusal(ErrorCode.INVALID, 415, "Content-Type")


def _number(request: Request, header: str) -> int:
    value = request.headers.get(header, "")
    if not (value.isascii() and value.isdecimal() and len(value) <= 15):
        raise Refusal(ErrorCode.INVALID, 400, header)
    return int(value)


def _body_length(request: Request) -> int | None:
    """Content-Length; 0 when there is no body; None when it comes in chunks."""
    if "content-length" in request.headers:
        return _number(request, "content-length")
    return None if "transfer-encoding" in request.headers else 0


def _metadata(request: Request) -> PageUpload:
    values: dict[str, str] = {}
    try:
        for pair in request.headers.get("upload-metadata", "").split(","):
            key, _, value = pair.strip().partition(" ")
            values[key] = base64.b64decode(value, validate=True).decode()
        return PageUpload.model_validate(values)
    except (binascii.Error, UnicodeDecodeError):
        raise Refusal(ErrorCode.INVALID, 400, "Upload-Metadata is not base64 of UTF-8") from None
    except ValidationError as error:
        keys = sorted({str(item["loc"][0]) for item in error.errors() if item["loc"]})
        raise Refusal(ErrorCode.INVALID, 400, f"Upload-Metadata: {', '.join(keys)}") from None
