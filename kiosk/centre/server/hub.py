"""Wakes those who wait for news: after each commit of this process, and when another process wrote the database."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)

POLL_SECONDS = 0.2


class Hub:
    """Lives on the server's loop; ``notify`` may be called from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bells: set[asyncio.Event] = set()
        self._watching: asyncio.Task[None] | None = None
        self.closing = False

    def start(self, watch: sqlite3.Connection) -> None:
        """Begin on the running loop; ``watch`` is closed by ``stop``."""
        self._loop = asyncio.get_running_loop()
        self.closing = False
        self._watching = self._loop.create_task(self._watch(watch))

    async def stop(self) -> None:
        self.close()
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        self._loop = None

    def close(self) -> None:
        """Tell all who wait that the server ends. On the loop."""
        self.closing = True
        self._ring()

    def notify(self) -> None:
        """Something was committed."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._ring)

    @contextmanager
    def listen(self) -> Iterator[asyncio.Event]:
        """An event that is set at every change; the listener clears it before it looks."""
        bell = asyncio.Event()
        self._bells.add(bell)
        try:
            yield bell
        finally:
            self._bells.discard(bell)

    def _ring(self) -> None:
        for bell in self._bells:
            bell.set()

    async def _watch(self, connection: sqlite3.Connection) -> None:
        try:
            seen = None
            while True:
                try:
                    version = connection.execute("PRAGMA data_version").fetchone()[0]
                except sqlite3.Error as error:
                    log.warning("the database cannot be watched: %s", type(error).__name__)
                else:
                    if seen is not None and version != seen:
                        self._ring()
                    seen = version
                await asyncio.sleep(POLL_SECONDS)
        finally:
            connection.close()
