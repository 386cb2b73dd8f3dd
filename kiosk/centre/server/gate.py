"""What every request passes: station's token, size of small bodies, security headers, one line in the log."""

from __future__ import annotations

import hashlib
import hmac
import logging
import time

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk.centre.contract import ErrorCode
from kiosk.centre.server.centre import Centre
from kiosk.centre.server.database import stations
from kiosk.centre.server.problems import Refusal, of_failure, problem_response

log = logging.getLogger(__name__)

LARGEST_SMALL_BODY = 2 * 1024 * 1024
"""Bytes of any body but a page's: a record of some thousand pages."""

BELIEVED_SECONDS = 1.0
OPEN_PATHS = frozenset({"/v1/openapi.json"})

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def token_hash(token: str) -> str:
    """What is kept of a token. Tokens are 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


class Doorkeeper:
    """Knows the stations. What it read is believed for a second, so that a new or void token counts at once.

    Lives on the server's loop.
    """

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._read_at = -BELIEVED_SECONDS
        self._hashes: dict[str, str] = {}

    async def station_of(self, connection: HTTPConnection) -> str:
        """The station that asks.

        Raises:
            Refusal: unauthorised.
        """
        fresh = time.monotonic() - self._read_at > BELIEVED_SECONDS
        if fresh:
            await self._read_again()
        station = self._known(connection)
        if station is None and not fresh:  # perhaps it was registered just now
            await self._read_again()
            station = self._known(connection)
        if station is None:
            raise Refusal(ErrorCode.UNAUTHORISED, 401, headers={"WWW-Authenticate": "Bearer"})
        return station

    def _known(self, connection: HTTPConnection) -> str | None:
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        station = connection.headers.get("station-id", "")
        kept = self._hashes.get(station)
        right = hmac.compare_digest(token_hash(token.strip()), kept or token_hash(""))
        return station if right and kept is not None and scheme.lower() == "bearer" else None

    async def _read_again(self) -> None:
        self._hashes = await run_in_threadpool(self._read)
        self._read_at = time.monotonic()

    def _read(self) -> dict[str, str]:
        with self._centre.read() as work:
            return {row.id: row.token_hash for row in work.connection.execute(select(stations))}


class Gate:
    """The outermost layer. Never reads a byte of a body before the station is known."""

    def __init__(self, app: ASGIApp, doorkeeper: Doorkeeper) -> None:
        self._app = app
        self._doorkeeper = doorkeeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.monotonic()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self._admit(scope, receive, answer)
        except Refusal as refusal:
            if status == 0:
                await problem_response(refusal)(scope, receive, answer)
        except ClientDisconnect:
            status = status or 499  # as nginx logs it; nobody is there to be answered
        except Exception as error:
            failure = of_failure(error)
            if status == 0:
                await problem_response(failure)(scope, receive, answer)
        finally:
            # The template of the address, never its values or query: a log must not name a person or a code.
            route = getattr(scope.get("route"), "path", "?")
            milliseconds = (time.monotonic() - begun) * 1000
            log.info("%s %s %d %.0f ms", scope["method"], route, status, milliseconds)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.startswith("/v1/") and path not in OPEN_PATHS and scope["method"] != "OPTIONS":
            station = await self._doorkeeper.station_of(HTTPConnection(scope))
            scope.setdefault("state", {})["station"] = station
        if path != "/v1/files" and not path.startswith("/v1/files/"):
            receive = _limited(Headers(scope=scope), receive)
        await self._app(scope, receive, send)


def _limited(headers: Headers, receive: Receive) -> Receive:
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > LARGEST_SMALL_BODY:
        raise Refusal(ErrorCode.TOO_LARGE, 413)
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_SMALL_BODY:
            raise HTTPException(413)
        return message

    return limited
