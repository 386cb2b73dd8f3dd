"""A network line to somewhere, that can be slow, thin, broken off or cut: a TCP relay on a port of its own."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

PIECE = 16 * 1024


@dataclass(slots=True)
class LineQuality:
    """What the line is like; may be changed while it runs.

    Attributes:
        delay: Seconds that each piece is late, one way.
        bytes_per_second: 0 = as fast as it goes; each direction by itself.
        breaks_every: Every so many-th request on a connection breaks it off; 0 = never.
        cut: Nothing gets through; connections are refused.
    """

    delay: float = 0.0
    bytes_per_second: int = 0
    breaks_every: int = 0
    cut: bool = False


class NetworkLine:
    """Relays to ``host``:``port`` from construction on until ``stop``.

    Raises:
        OSError: no port is free.
    """

    def __init__(self, host: str, port: int) -> None:
        self.quality = LineQuality()
        self._target = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._requests = 0
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def stop(self) -> None:
        """Close every connection and the port, and wait for the threads."""
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self._guard:
            sockets, threads = list(self._open), list(self._threads)
        for one in sockets:
            _hang_up(one)
        for thread in threads:
            thread.join(5.0)

    def _start(self, work: Callable[..., None], *values: object) -> None:
        thread = threading.Thread(target=work, args=values, name="simulated-line", daemon=True)
        with self._guard:
            self._threads = [one for one in self._threads if one.is_alive()] + [thread]
            thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if self.quality.cut:
                near.close()
                continue
            try:
                far = socket.create_connection(self._target, 5.0)
            except OSError:
                near.close()
                continue
            for one in (near, far):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                one.settimeout(None)
            with self._guard:
                self._open |= {near, far}
            self._start(self._relay, near, far, True)
            self._start(self._relay, far, near, False)

    def _relay(self, source: socket.socket, target: socket.socket, asking: bool) -> None:
        try:
            while not self._stopping.is_set():
                data = source.recv(PIECE)
                if not data or self.quality.cut or (asking and self._breaks(data)):
                    return
                if self.quality.delay:
                    time.sleep(self.quality.delay)
                if self.quality.bytes_per_second:
                    time.sleep(len(data) / self.quality.bytes_per_second)
                target.sendall(data)
        except OSError:
            return
        finally:
            _hang_up(source)
            _hang_up(target)
            with self._guard:
                self._open -= {source, target}

    def _breaks(self, data: bytes) -> bool:
        if not self.quality.breaks_every or not data.startswith((b"GET ", b"POST ", b"PUT ")):
            return False
        self._requests += 1
        return self._requests % self.quality.breaks_every == 0


def _hang_up(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
