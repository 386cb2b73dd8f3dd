"""The engine room: one queue of work, one picture published after it, background threads for what blocks.

Everything that changes the station's state is a job of this one queue and runs on the engine thread, one after the
other; a job may await a worker thread, and no other job runs meanwhile. A job that fails is logged without its
values (they may be somebody's) and the next one runs.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
import time
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from kiosk.conductor.snapshot import Notice

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Time:
    """The two clocks. ``monotonic`` gives seconds for deadlines, ``now`` the time of day in UTC."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


REAL_TIME = Time()


def new_id(now: datetime) -> UUID:
    """A UUID version 7 (RFC 9562): 48 bits of milliseconds, then random bits, so that ids sort by age."""
    number = (int(now.timestamp() * 1000) & (1 << 48) - 1) << 80 | secrets.randbits(80)
    number = number & ~(0xF << 76) | 0x7 << 76
    return UUID(int=number & ~(0x3 << 62) | 0x2 << 62)


class Core:
    """The queue, the workers, the notice. ``changed`` and ``say`` on the engine thread, ``post`` on any."""

    def __init__(self, publish: Callable[[], None], clock: Time) -> None:
        self._publish = publish
        self.time = clock
        self.notice: Notice | None = None
        self._numbers = itertools.count(1)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._jobs: asyncio.Queue[tuple[str, Callable[..., Awaitable[None]], tuple[Any, ...]]] = asyncio.Queue()
        self._worker: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._publishing = False
        self._keeping = ThreadPoolExecutor(1, thread_name_prefix="keeping")
        self._asking = ThreadPoolExecutor(3, thread_name_prefix="asking")
        self._proving = ThreadPoolExecutor(1, thread_name_prefix="proving")
        self._looking = ThreadPoolExecutor(1, thread_name_prefix="looking")

    def start(self) -> None:
        """Begin to work; called on the engine's loop."""
        self._loop = asyncio.get_running_loop()
        self._worker = self._loop.create_task(self._work(), name="conductor")

    async def stop(self) -> None:
        """End the worker after the present job, and whatever runs beside it."""
        if self._worker is not None:
            self._jobs.put_nowait(("stop", _stop, ()))
            await asyncio.gather(self._worker, return_exceptions=True)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._loop = None
        for pool in (self._looking, self._keeping, self._proving):
            pool.shutdown(wait=True)
        # A question to a dead centre may take its whole time-out; its answer is no longer wanted.
        self._asking.shutdown(wait=False, cancel_futures=True)

    # -- any thread --------------------------------------------------------------------------------------------

    def post(self, name: str, job: Callable[P, Awaitable[None]], *args: P.args, **_: P.kwargs) -> None:
        """Put a job into the queue. After ``stop`` it is dropped."""
        self.call(self._jobs.put_nowait, (name, job, args))

    def call(self, function: Callable[..., None], *args: object) -> None:
        """Run ``function`` soon on the engine thread, beside the queue. It must not wait for anything."""
        loop = self._loop
        if loop is None:
            return
        try:
            loop.call_soon_threadsafe(function, *args)
        except RuntimeError:  # the loop closed between the two lines; the station is ending
            log.info("dropped: the engine has stopped")

    # -- the engine thread -------------------------------------------------------------------------------------

    def changed(self) -> None:
        """The picture is out of date; a burst of changes is published once."""
        if not self._publishing and self._loop is not None:
            self._publishing = True
            self._loop.call_soon(self._publish_now)

    def _publish_now(self) -> None:
        self._publishing = False
        try:
            self._publish()
        except Exception as error:  # a picture that cannot be drawn must not end the station
            report("publish", error)

    def say(self, kind: str, code: str, **detail: str | int | float) -> None:
        """Show a sentence; ``kind`` is info, warning or error."""
        self.notice = Notice(kind, code, MappingProxyType(detail), next(self._numbers))
        self.changed()

    def unsay(self, *codes: str) -> None:
        """Take the sentence away; only one of ``codes``, if any are given. "" is no code."""
        if self.notice is not None and (not codes or self.notice.code in codes):
            self.notice = None
            self.changed()

    def beside(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Let ``work`` run beside the queue; it changes state only by posting jobs."""
        assert self._loop is not None
        task = self._loop.create_task(self._guarded(name, work), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def keep(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run something that writes to disk on the keeping thread, in order."""
        return await self._in(self._keeping, function, *args, **kwargs)

    async def ask(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a question to the centre on a thread of its own; only beside the queue, for it may take its time-out."""
        return await self._in(self._asking, function, *args, **kwargs)

    async def prove(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the slow hash of a PIN, never behind questions that a dead centre keeps open."""
        return await self._in(self._proving, function, *args, **kwargs)

    async def look(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work on pictures on the looking thread."""
        return await self._in(self._looking, function, *args, **kwargs)

    async def _in(self, pool: ThreadPoolExecutor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, lambda: function(*args, **kwargs))

    async def _guarded(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # what runs beside the queue must not end silently nor end the station
            report(name, error)
            self.say("error", "visit.internal_error")

    async def _work(self) -> None:
        while True:
            name, job, args = await self._jobs.get()
            if job is _stop:
                return
            try:
                await job(*args)
            except Exception as error:  # one failed command must not leave the screen dead
                report(name, error)
                self.say("error", "visit.internal_error")


async def _stop() -> None:
    """Marks the end of the queue."""


def report(name: str, error: BaseException) -> None:
    """Log a failure by place and type only: an exception's text may hold somebody's data."""
    places = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed: %s\n%s", name, type(error).__name__, places)
