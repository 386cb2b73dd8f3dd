"""The contract's routes but the uploads: cases, tickets, ratings, identities, time, the live channel."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query, Request, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.websockets import WebSocketDisconnect

from kiosk.centre.contract import (
    SPEED_BYTES,
    CaseOpening,
    CaseQuery,
    CaseReceipt,
    CaseRecord,
    CaseStatus,
    CodeToResolve,
    CorrectionRecord,
    ErrorCode,
    Event,
    Problem,
    Rating,
    ResolvedIdentity,
    SelfTestReport,
    ServerTime,
    SpeedReceipt,
    Ticket,
)
from kiosk.centre.server import cases, clock, events, self_tests, tickets
from kiosk.centre.server.centre import Centre
from kiosk.centre.server.gate import Doorkeeper
from kiosk.centre.server.problems import Refusal, problem_response
from kiosk.centre.server.uploads import Uploads

log = logging.getLogger(__name__)

RESOLVED_FOR = timedelta(minutes=10)
PROBLEMS: dict[int | str, dict[str, object]] = {
    "4XX": {
        "model": Problem,
        "description": "A problem document",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}


def _station(request: Request) -> str:
    return str(request.state.station)


Station = Annotated[str, Depends(_station)]


def router(centre: Centre, uploads: Uploads, doorkeeper: Doorkeeper) -> APIRouter:
    """Routes of one centre; plain functions run on worker threads."""
    routes = APIRouter(prefix="/v1", responses=PROBLEMS)

    @routes.get("/time")
    def time(_station: Station) -> ServerTime:
        return ServerTime(now=clock.now())

    @routes.get("/speed", response_class=Response)
    def send_bytes(_station: Station, size: Annotated[int, Query(ge=0, le=SPEED_BYTES)]) -> Response:
        return Response(os.urandom(size), media_type="application/octet-stream")

    @routes.post("/speed")
    async def take_bytes(_station: Station, request: Request) -> SpeedReceipt:
        received = 0
        async for piece in request.stream():
            received += len(piece)
            if received > SPEED_BYTES:
                raise Refusal(ErrorCode.TOO_LARGE, 413)
        return SpeedReceipt(received=received)

    @routes.put("/cases/{case_id}/versions/{version}")
    def open_version(station: Station, case_id: UUID, version: int, opening: CaseOpening) -> CaseStatus:
        _fits((case_id, version), (opening.case_id, opening.version))
        with centre.write() as work:
            return cases.open_version(work, station, opening)

    @routes.put("/cases/{case_id}/versions/{version}/record")
    def put_record(
        station: Station, case_id: UUID, version: int, body: Annotated[CaseRecord | CorrectionRecord, Body()]
    ) -> CaseReceipt:
        record = _of_version(version, body)
        _fits((case_id, version), (record.case_id, record.version))
        with centre.write() as work:
            receipt, dropped = cases.put_record(work, station, record)
        for key in dropped:
            uploads.forget(key)
        return receipt

    @routes.post("/cases/find")
    def find(station: Station, query: CaseQuery) -> list[CaseStatus]:
        with centre.read() as work:
            return cases.find(work, station, query)

    @routes.get("/cases/{case_id}")
    def status(station: Station, case_id: UUID) -> CaseStatus:
        with centre.read() as work:
            return cases.status(work, cases.own(work, station, case_id))

    @routes.delete("/cases/{case_id}", status_code=204)
    def give_up(station: Station, case_id: UUID) -> None:
        with centre.write() as work:
            dropped = cases.give_up(work, station, case_id)
        for key in dropped:
            uploads.forget(key)

    @routes.post("/cases/{case_id}/ticket")
    def draw_ticket(station: Station, case_id: UUID) -> Ticket:
        with centre.write() as work:
            ticket = tickets.draw(work, cases.own(work, station, case_id))
            cases.touch(work, str(case_id))
            return ticket

    @routes.put("/cases/{case_id}/rating")
    def rate(station: Station, case_id: UUID, rating: Rating) -> Rating:
        with centre.write() as work:
            return cases.rate(work, station, case_id, rating)

    @routes.post("/identities/resolve")
    def resolve(_station: Station, code: CodeToResolve) -> ResolvedIdentity:
        return _resolved(centre, code)

    @routes.put("/self-tests/{report_id}", status_code=204)
    def put_self_test(station: Station, report_id: UUID, report: SelfTestReport) -> None:
        if report.report_id != report_id:
            raise Refusal(ErrorCode.INVALID, 422, "report_id of address and body differ")
        with centre.write() as work:
            self_tests.put(work, station, report)

    @routes.websocket("/live")
    async def live(websocket: WebSocket, after: Annotated[int, Query(ge=0)] = 0) -> None:
        await _live(centre, doorkeeper, websocket, after)

    return routes


def _fits(address: tuple[UUID, int], body: tuple[UUID, int]) -> None:
    if address != body or body[1] < 1:
        raise Refusal(ErrorCode.INVALID, 422, "case_id and version of address and body differ")


def _of_version(version: int, body: CaseRecord | CorrectionRecord) -> CaseRecord | CorrectionRecord:
    """The first version is a CaseRecord, a later one a CorrectionRecord, whatever the body also fits."""
    if version > 1 and isinstance(body, CaseRecord):
        return CorrectionRecord.model_validate(body.model_dump())
    if version == 1 and isinstance(body, CorrectionRecord):
        raise Refusal(ErrorCode.INVALID, 422, "version 1 is a whole CaseRecord")
    return body


def _resolved(centre: Centre, code: CodeToResolve) -> ResolvedIdentity:
    found = None
    for known in centre.config.demo_codes:
        if known.kind == code.kind and hmac.compare_digest(known.text.encode(), code.text.encode()):
            found = known
    if found is None:
        raise Refusal(ErrorCode.CODE_UNKNOWN, 404)
    if found.expired:
        raise Refusal(ErrorCode.CODE_EXPIRED, 410)
    person = found.person.model_copy(update={"source": "code"})
    return ResolvedIdentity(person=person, expires_at=clock.now() + RESOLVED_FOR)


async def _live(centre: Centre, doorkeeper: Doorkeeper, websocket: WebSocket, after: int) -> None:
    try:
        station = await doorkeeper.station_of(websocket)
    except Refusal as refusal:
        await websocket.send_denial_response(problem_response(refusal))
        return
    await websocket.accept()
    with centre.hub.listen() as bell:
        newest = await run_in_threadpool(_newest, centre, station)
        if after > newest:
            after = 0  # numbers of another database: everything here is new to that station
        hello = Event(number=newest, kind="hello", at=clock.now())
        leaving = asyncio.create_task(_until_gone(websocket))
        try:
            await websocket.send_text(hello.model_dump_json())
            while not centre.hub.closing and not leaving.done():
                bell.clear()
                while batch := await run_in_threadpool(_after, centre, station, after):
                    for number, text in batch:
                        await websocket.send_text(text)
                        after = number
                ringing = asyncio.create_task(bell.wait())
                await asyncio.wait({ringing, leaving}, return_when=asyncio.FIRST_COMPLETED)
                ringing.cancel()
            if not leaving.done():
                await websocket.close(1001)
        except (WebSocketDisconnect, RuntimeError):
            pass  # gone between two events; it asks again from its last number
        finally:
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)


async def _until_gone(websocket: WebSocket) -> None:
    """A station says nothing on this channel; what comes is only its leaving."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


def _newest(centre: Centre, station: str) -> int:
    with centre.read() as work:
        return events.newest(work, station)


def _after(centre: Centre, station: str, number: int) -> list[tuple[int, str]]:
    with centre.read() as work:
        return events.after(work, station, number)
