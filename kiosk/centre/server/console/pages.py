"""Routes of the clerk's page. Every POST must come from the page itself; every answer says not to be kept."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from kiosk.centre.contract import ErrorCode
from kiosk.centre.server import cases, clerks, tickets
from kiosk.centre.server.centre import Centre, Work
from kiosk.centre.server.clerks import Clerk
from kiosk.centre.server.console import views
from kiosk.centre.server.problems import Refusal
from kiosk.pdf import PdfError, pages_to_pdf
from kiosk.trust.envelope import SealError

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent
COOKIE = "clerk"
LONGEST_REASON = 500
SIGN_INS_AT_ONCE = 4
KEEP_ALIVE_SECONDS = 15.0
REASONS = ("模糊看不清", "缺角或被遮挡", "反光", "拍错材料", "不在有效期内")

Endpoint = Callable[[Request], Awaitable[Response]]
T = TypeVar("T")
ClerkEndpoint = Callable[[Request, Clerk], Awaitable[Response]]


def console(centre: Centre) -> Starlette:
    """The clerk's page as an application to mount at /console."""
    pages = _Pages(centre)
    return Starlette(
        routes=[
            Route("/sign-in", pages.sign_in_page, methods=["GET"]),
            Route("/sign-in", pages.sign_in, methods=["POST"]),
            Route("/sign-out", pages.sign_out, methods=["POST"]),
            Route("/", pages.signed_in(pages.list)),
            Route("/rows", pages.signed_in(pages.rows, touch=False)),
            Route("/live", pages.signed_in(pages.live, touch=False)),
            Route("/call-next", pages.signed_in(pages.call_next), methods=["POST"]),
            Route("/stations", pages.signed_in(pages.stations)),
            Route("/stations/parts", pages.signed_in(pages.station_parts, touch=False)),
            Route("/cases/{case_id:uuid}", pages.signed_in(pages.case)),
            Route("/cases/{case_id:uuid}/parts", pages.signed_in(pages.parts, touch=False)),
            Route("/cases/{case_id:uuid}/reveal", pages.signed_in(pages.reveal), methods=["POST"]),
            Route("/cases/{case_id:uuid}/pages/{page_id:uuid}", pages.signed_in(pages.page)),
            Route("/cases/{case_id:uuid}/material.pdf", pages.signed_in(pages.material_pdf)),
            Route("/cases/{case_id:uuid}/pages/{page_id:uuid}/mark", pages.signed_in(pages.mark), methods=["POST"]),
            Route("/cases/{case_id:uuid}/decide", pages.signed_in(pages.decide), methods=["POST"]),
            Mount("/static", StaticFiles(directory=FOLDER / "static")),
        ],
        exception_handlers={Refusal: pages.on_refusal, HTTPException: pages.on_http_error},
    )


class _Pages:
    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._signing_in = asyncio.Semaphore(SIGN_INS_AT_ONCE)
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(centre_name=centre.config.name, shown=views.SHOWN, reasons=REASONS)

    # -- who ------------------------------------------------------------------------------------------------------

    def signed_in(self, endpoint: ClerkEndpoint, *, touch: bool = True) -> Endpoint:
        """Only for a clerk; a POST only from our own page. ``touch``: the clerk did this, not the script."""

        @functools.wraps(endpoint)
        async def guarded(request: Request) -> Response:
            token = request.cookies.get(COOKIE, "")
            clerk = await run_in_threadpool(clerks.who, self._centre, token, touch=touch)
            if clerk is None:
                if request.method == "GET" and "text/html" in request.headers.get("accept", "") and touch:
                    return RedirectResponse("/console/sign-in", 303)
                raise HTTPException(401)
            if request.method == "POST":
                _check_same_origin(request)
            return await endpoint(request, clerk)

        return guarded

    async def sign_in_page(self, request: Request) -> Response:
        return self._page("sign_in.html", error="", account="", ended=request.query_params.get("ended") == "1")

    async def sign_in(self, request: Request) -> Response:
        _check_same_origin(request)
        form = await request.form()
        account, password = str(form.get("account", "")), str(form.get("password", ""))
        try:
            async with self._signing_in:
                token = await run_in_threadpool(clerks.sign_in, self._centre, account, password)
        except clerks.WrongSignIn:
            error = "账号或密码不对。"
        except clerks.Locked:
            error = f"连续输错多次，账号已锁定 {self._centre.config.lock_minutes:.0f} 分钟。"
        else:
            response = RedirectResponse("/console/", 303)
            secure = request.url.scheme == "https"
            response.set_cookie(COOKIE, token, path="/console", httponly=True, samesite="strict", secure=secure)
            return response
        return self._page("sign_in.html", 401, error=error, account=account[:80], ended=False)

    async def sign_out(self, request: Request) -> Response:
        _check_same_origin(request)
        await run_in_threadpool(clerks.sign_out, self._centre, request.cookies.get(COOKIE, ""))
        response = RedirectResponse("/console/sign-in", 303)
        response.delete_cookie(COOKIE, path="/console", httponly=True, samesite="strict")
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    # -- list -----------------------------------------------------------------------------------------------------

    async def list(self, request: Request, clerk: Clerk) -> Response:
        return self._page("list.html", clerk=clerk, **await self._lines(request))

    async def rows(self, request: Request, _clerk: Clerk) -> Response:
        return self._page("rows.html", **await self._lines(request))

    async def _lines(self, request: Request) -> dict[str, Any]:
        show = request.query_params.get("show", "open")
        if show not in views.SHOWN:
            raise HTTPException(404)

        def look(work: Work) -> dict[str, Any]:
            lines = views.case_lines(work, show)
            return {
                "show": show,
                "lines": lines,
                "counts": views.counts(work),
                "waiting": views.waiting(work, lines),
                "change": views.newest_change(work),
            }

        return await self._read(look)

    async def stations(self, _request: Request, clerk: Clerk) -> Response:
        """Every station with its newest self-tests."""
        return self._page("stations.html", clerk=clerk, **await self._stations())

    async def station_parts(self, _request: Request, _clerk: Clerk) -> Response:
        return self._page("station_rows.html", **await self._stations())

    async def _stations(self) -> dict[str, Any]:
        def look(work: Work) -> dict[str, Any]:
            lines = views.station_lines(work)
            return {"lines": lines, "counts": views.station_counts(lines), "change": views.newest_change(work)}

        return await self._read(look)

    async def call_next(self, _request: Request, clerk: Clerk) -> Response:
        def call(work: Work) -> str | None:
            case_id = tickets.call_next(work)
            if case_id is not None:
                cases.touch(work, case_id)
                clerks.note(work, clerk, "call", case_id)
            return case_id

        case_id = await self._write(call)
        return RedirectResponse("/console/" if case_id is None else f"/console/cases/{case_id}", 303)

    async def live(self, request: Request, _clerk: Clerk) -> Response:
        """Server-sent events: one line whenever a case changed; the script then asks for what it shows."""
        return StreamingResponse(
            self._changes(request.cookies.get(COOKIE, "")),
            media_type="text/event-stream",
            headers={"X-Accel-Buffering": "no"},
        )

    async def _changes(self, token: str) -> AsyncIterator[str]:
        hub = self._centre.hub
        seen = -1
        with hub.listen() as bell:
            while not hub.closing:
                bell.clear()
                if await run_in_threadpool(clerks.who, self._centre, token, touch=False) is None:
                    yield "event: ended\ndata: 1\n\n"
                    return
                newest = await self._read(views.newest_change)
                yield ": here\n\n" if newest == seen else f"data: {newest}\n\n"
                seen = newest
                try:
                    async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                        await bell.wait()
                except TimeoutError:
                    pass

    # -- one case ---------------------------------------------------------------------------------------------------

    async def case(self, request: Request, clerk: Clerk) -> Response:
        sheet = await self._read(lambda work: views.case_sheet(work, _case_id(request)))
        return self._page("case.html", clerk=clerk, sheet=sheet)

    async def parts(self, request: Request, _clerk: Clerk) -> Response:
        sheet = await self._read(lambda work: views.case_sheet(work, _case_id(request)))
        return self._page("case_parts.html", sheet=sheet)

    async def reveal(self, request: Request, clerk: Clerk) -> Response:
        def look(work: Work) -> dict[str, str]:
            clerks.note(work, clerk, "reveal", _case_id(request))
            return views.whole_details(work, _case_id(request))

        return JSONResponse(await self._write(look))

    async def page(self, request: Request, _clerk: Clerk) -> Response:
        case_id, page_id = _case_id(request), str(request.path_params["page_id"])
        found = await self._read(lambda work: views.page_blob(work, case_id, page_id))
        if found is None:
            raise HTTPException(404)
        blob, media_type = found
        try:
            content = await run_in_threadpool(self._centre.blobs.get, blob)
        except (FileNotFoundError, SealError):
            log.error("a stored page cannot be opened")
            raise HTTPException(500) from None
        return Response(content, media_type=media_type)

    async def material_pdf(self, request: Request, clerk: Clerk) -> Response:
        """All pages of one material, which ``?id=`` names, as a file; taking it along is kept in the record."""
        case_id, material_id = _case_id(request), request.query_params.get("id", "")
        found = await self._read(lambda work: views.material_blobs(work, case_id, material_id))
        if found is None:
            raise HTTPException(404)
        name, blobs = found
        try:
            content = await run_in_threadpool(self._pdf_of, blobs)
        except (FileNotFoundError, SealError, PdfError):
            log.error("the stored pages of a material make no PDF")
            raise HTTPException(500) from None
        await self._write(lambda work: clerks.note(work, clerk, "pdf", case_id))
        disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}.pdf"
        return Response(content, media_type="application/pdf", headers={"Content-Disposition": disposition})

    def _pdf_of(self, blobs: Sequence[str]) -> bytes:
        return pages_to_pdf([self._centre.blobs.get(blob) for blob in blobs])

    async def mark(self, request: Request, clerk: Clerk) -> Response:
        form = await request.form()
        case_id, page_id = _case_id(request), str(request.path_params["page_id"])
        reason = _text(form.get("reason")) or _text(form.get("common"))

        def change(work: Work) -> None:
            if form.get("remove"):
                cases.unmark(work, case_id, page_id)
            elif reason:
                cases.mark(work, case_id, page_id, reason)
            else:
                raise Refusal(ErrorCode.INVALID, 422, "reason")
            clerks.note(work, clerk, "unmark" if form.get("remove") else "mark", case_id)

        await self._write(change)
        return RedirectResponse(f"/console/cases/{case_id}#{page_id}", 303)

    async def decide(self, request: Request, clerk: Clerk) -> Response:
        form = await request.form()
        case_id, decision, reason = _case_id(request), str(form.get("decision", "")), _text(form.get("reason"))
        version = str(form.get("version", ""))
        if not version.isdecimal():
            raise HTTPException(422)

        def change(work: Work) -> None:
            if decision == "accept":
                cases.accept(work, case_id, int(version))
            elif decision == "return":
                cases.send_back(work, case_id, int(version), reason)
            elif decision == "correct":
                cases.request_correction(work, case_id, int(version), reason)
            else:
                raise HTTPException(422)
            clerks.note(work, clerk, decision, case_id)

        await self._write(change)
        return RedirectResponse(f"/console/cases/{case_id}", 303)

    # -- errors -----------------------------------------------------------------------------------------------------

    async def on_refusal(self, _request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        texts = {
            ErrorCode.CONFLICT: "这个办件刚刚有了变化，可能别的窗口已经处理。请回到列表查看最新情况。",
            ErrorCode.UNKNOWN_CASE: "没有找到这个办件，可能服务站已经取消。",
            ErrorCode.INVALID: "请填写原因。",
        }
        return self._page("error.html", error.status, text=texts.get(error.code, "没有找到。"))

    async def on_http_error(self, _request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        texts = {401: "请先登录。", 403: "这个请求不是从本页面发出的，没有执行。", 404: "没有找到这个页面。"}
        return self._page("error.html", error.status_code, text=texts.get(error.status_code, "没有成功，请再试一次。"))

    # -- plumbing -----------------------------------------------------------------------------------------------------

    async def _read(self, function: Callable[[Work], T]) -> T:
        def run() -> T:
            with self._centre.read() as work:
                return function(work)

        return await run_in_threadpool(run)

    async def _write(self, function: Callable[[Work], T]) -> T:
        def run() -> T:
            with self._centre.write() as work:
                return function(work)

        return await run_in_threadpool(run)

    def _page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        return HTMLResponse(self._templates.get_template(template).render(**values), status)


def _check_same_origin(request: Request) -> None:
    """A POST must come from a page of this server: browsers say so in Sec-Fetch-Site, older ones in Origin.

    Raises:
        HTTPException: 403.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "")
    if site is not None:
        allowed = site == "same-origin"
    else:
        allowed = bool(origin) and urlsplit(origin).netloc == request.headers.get("host")
    if not allowed:
        raise HTTPException(403)


def _case_id(request: Request) -> str:
    return str(request.path_params["case_id"])


def _text(value: object) -> str:
    return value.strip()[:LONGEST_REASON] if isinstance(value, str) else ""
