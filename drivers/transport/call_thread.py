"""A thread for calls of a system library that may never return, and that nothing can break off.

A call that does not return in time is left behind with its thread; when it does return after all, the thread tidies up
and ends. How many may hang at the same time in one process is limited: beyond that no new thread is started.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)

MOST_LEFT_BEHIND = 8
"""Threads of one process that may hang in a call at the same time. Each keeps its stack and one handle."""

LOOK_SECONDS = 0.1
"""How often the waiting side looks whether it shall go on waiting."""


class CallHangs(Exception):
    """The call did not return in time; its thread was left behind."""


class TooManyHang(Exception):
    """So many calls hang already that no other is begun."""


_left_behind: set[threading.Thread] = set()
_lock = threading.Lock()


def left_behind() -> int:
    """Threads that hang in a call at this moment. Any thread."""
    with _lock:
        _left_behind.difference_update([thread for thread in _left_behind if not thread.is_alive()])
        return len(_left_behind)


class CallThread:
    """Makes calls one after the other on a thread of its own. One thread uses it, its owner.

    Args:
        name: Of the thread.
        tidy: Called on that thread when it ends, also when that is long after it was left behind.
        alive: Called by the waiting owner several times a second; may raise to stop waiting, which leaves the thread
            behind as a time-out does.

    Raises:
        TooManyHang: see there.
    """

    def __init__(
        self, name: str, tidy: Callable[[], None] = lambda: None, alive: Callable[[], None] = lambda: None
    ) -> None:
        if left_behind() >= MOST_LEFT_BEHIND:
            raise TooManyHang
        self.left_behind = False
        self._tidy = tidy
        self._alive = alive
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def call(self, function: Callable[[], T], seconds: float) -> T:
        """Make a call and wait for it at most ``seconds``.

        Raises:
            CallHangs: it did not return; this object must be thrown away.
            Whatever ``function`` or ``alive`` raises.
        """
        future: Future[T] = Future()
        self._jobs.put((function, future))
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            with contextlib.suppress(TimeoutError):
                return future.result(max(0.0, min(left, LOOK_SECONDS)))
            if future.done():
                return future.result()
            try:
                self._alive()
            except BaseException:
                self._leave()
                raise
            if left <= 0:
                self._leave()
                raise CallHangs

    def end(self) -> None:
        """Let the thread tidy up and end, without waiting for it."""
        self._jobs.put(None)

    def _leave(self) -> None:
        self.left_behind = True
        with _lock:
            _left_behind.add(self._thread)
        self.end()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            function, future = job
            try:
                result = function()
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)
            del function, future, job
        try:
            self._tidy()
        except Exception as error:  # the handle is being thrown away anyway
            log.info("%s: tidying up failed: %s", self._thread.name, type(error).__name__)
        with _lock:
            _left_behind.discard(self._thread)
