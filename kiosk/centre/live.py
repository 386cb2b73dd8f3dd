"""The live channel: events from the centre over one WebSocket, resumed by number after every break."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from pydantic import ValidationError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from kiosk.centre.contract import Event

log = logging.getLogger(__name__)

WAIT_SECONDS = (1.0, 30.0)
"""Least and greatest wait before connecting again."""

HEARTBEAT_SECONDS = 10.0
"""Between pings, and for the answer to one: a dead line is known after at most twice this."""

OPEN_SECONDS = 10.0
LARGEST_MESSAGE = 1024 * 1024


class LiveChannel:
    """Runs until cancelled, on the loop that awaits ``run``; never raises for anything the network does.

    Args:
        url: Root of the centre (http or https).
        station_id: This station.
        token: Its bearer token.
        after: Number of the last event that was dealt with, or a function that tells it (asked at every connection);
            0 from a station that never heard one.
        on_event: Called on the loop with every new event but hello, in order, each number once per run; returns at
            once. The station remembers ``event.number``.
        on_link: Called on the loop with True when the centre has said hello and False when that ended.
        ca: File of the certificate authority to trust instead of the public ones.
        heartbeat: Seconds between pings, and for the answer to one.
        waits: Least and greatest wait before connecting again, seconds.
    """

    def __init__(
        self,
        url: str,
        station_id: str,
        token: str,
        after: Callable[[], int] | int,
        on_event: Callable[[Event], None],
        on_link: Callable[[bool], None],
        *,
        ca: str | None = None,
        heartbeat: float = HEARTBEAT_SECONDS,
        waits: tuple[float, float] = WAIT_SECONDS,
    ) -> None:
        parts = urlsplit(url.rstrip("/"))
        scheme = {"http": "ws", "https": "wss"}[parts.scheme]
        self._address = urlunsplit((scheme, parts.netloc, f"{parts.path}/v1/live", "", ""))
        self._headers = {"Authorization": f"Bearer {token}", "Station-Id": station_id}
        self._after = after
        self._last = after if isinstance(after, int) else 0
        self._on_event = on_event
        self._on_link = on_link
        self._linked = False
        self._heartbeat = heartbeat
        self._waits = waits
        self._tls = ssl.create_default_context(cafile=ca) if scheme == "wss" else None

    async def run(self) -> None:
        """Connect, listen, connect again, until cancelled."""
        failures = 0
        try:
            while True:
                try:
                    await self._listen()
                except InvalidStatus as error:
                    log.warning("live channel: the centre answered %d", error.response.status_code)
                except (OSError, TimeoutError, WebSocketException, _Nonsense) as error:
                    log.info("live channel: %s", type(error).__name__)
                failures = 1 if self._linked else failures + 1
                self._link(False)
                least, greatest = self._waits
                ceiling = min(greatest, least * 2.0 ** min(failures, 16))
                await asyncio.sleep(random.uniform(least, ceiling))  # noqa: S311 - jitter, no secret
        finally:
            self._link(False)

    async def _listen(self) -> None:
        if not isinstance(self._after, int):
            self._last = self._after()
        async with connect(
            f"{self._address}?after={self._last}",
            additional_headers=self._headers,
            ssl=self._tls,
            proxy=None,
            open_timeout=OPEN_SECONDS,
            ping_interval=self._heartbeat,
            ping_timeout=self._heartbeat,
            close_timeout=2,
            max_size=LARGEST_MESSAGE,
            compression=None,
        ) as connection:
            await self._greet(connection)
            async for message in connection:
                event = _event(message)
                if event.kind == "hello" or event.number <= self._last:
                    continue
                self._deliver(event)

    async def _greet(self, connection: ClientConnection) -> None:
        async with asyncio.timeout(OPEN_SECONDS):
            hello = _event(await connection.recv())
        if hello.kind != "hello":
            raise _Nonsense
        if hello.number < self._last:
            log.warning("live channel: the centre's numbers began again (%d after %d)", hello.number, self._last)
            self._last = 0
        self._link(True)

    def _deliver(self, event: Event) -> None:
        try:
            self._on_event(event)
        except Exception:
            log.exception("live channel: event %d was not dealt with", event.number)
        self._last = event.number

    def _link(self, up: bool) -> None:
        if up != self._linked:
            self._linked = up
            log.info("live channel: %s", "up" if up else "down")
            self._on_link(up)


class _Nonsense(Exception):
    """What came is no event."""


def _event(message: str | bytes) -> Event:
    try:
        return Event.model_validate_json(message)
    except ValidationError:
        raise _Nonsense from None
