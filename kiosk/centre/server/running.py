"""Starting and stopping the server: in the foreground for ``kiosk centre serve``, in a thread for demo and tests."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import threading
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from kiosk.centre.server.app import create_app
from kiosk.centre.server.config import CentreConfig
from kiosk.memory import forbid_core_dumps

log = logging.getLogger(__name__)

STOP_SECONDS = 5
KEEP_ALIVE_SECONDS = 30


class _Server(uvicorn.Server):
    """Ends the endless answers (live channels) first, so that stopping does not wait for them."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.centre.hub.close()
        await super().shutdown(sockets)
        await self._hang_up()

    async def _hang_up(self) -> None:
        """Close what was accepted in the last moment or did not end in time; uvicorn leaves it to the collector."""
        await _let_the_loop_turn()
        for connection in tuple(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        await _let_the_loop_turn()


def _server(config: CentreConfig, certificate: Path | None = None, key: Path | None = None) -> _Server:
    app = create_app(config)
    settings = uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="websockets-sansio",
        ws_ping_interval=config.heartbeat,
        ws_ping_timeout=config.heartbeat,
        ws_max_size=64 * 1024,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        access_log=False,  # it would show queries; the gate writes a line without values
        log_config=None,
        server_header=False,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        proxy_headers=False,
    )
    return _Server(settings, app)


def serve(
    config: CentreConfig,
    host: str = "127.0.0.1",
    port: int = 8470,
    *,
    certificate: Path | None = None,
    key: Path | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is under way for at most STOP_SECONDS.

    Args:
        config: ``setup.prepare(config.data)`` was called before.
        host: Loopback unless told otherwise.
        port: TCP port.
        certificate: PEM file, for TLS.
        key: PEM file of its key.

    Raises:
        OSError: the port is taken.
    """
    forbid_core_dumps()
    server = _server(config, certificate, key)
    if certificate is None and not _is_loopback(host):
        log.warning("listening on %s without TLS: put a TLS proxy in front, or give a certificate", host)
    with _bound(host, port) as listening:
        log.info("the centre listens on %s port %d", host, listening.getsockname()[1])
        server.run(sockets=[listening])


class EmbeddedCentre:
    """A centre in a thread of this process.

    Args:
        config: ``setup.prepare(config.data)`` was called before.
        host: Address to listen on.
        port: TCP port, 0 for a free one.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, config: CentreConfig, host: str = "127.0.0.1", port: int = 0) -> None:
        self._socket = _bound(host, port)
        self._server = _server(config)
        self._thread = threading.Thread(target=self._run, name="embedded-centre", daemon=True)
        self._failure: BaseException | None = None
        self._ended = threading.Event()
        self.url = f"http://{host}:{self._socket.getsockname()[1]}"

    def start(self, timeout: float = 20.0) -> EmbeddedCentre:
        """Return when the server answers.

        Raises:
            RuntimeError: it did not start.
        """
        self._thread.start()
        waited = 0.0
        while not self._server.started:
            if self._ended.wait(0.02) or waited > timeout:
                raise RuntimeError("the embedded centre did not start") from self._failure
            waited += 0.02
        return self

    def stop(self, timeout: float = 15.0) -> None:
        """End the server and wait for its thread."""
        self._server.should_exit = True
        self._thread.join(timeout)
        self._socket.close()
        if self._thread.is_alive():
            log.error("the embedded centre did not end within %.0f s", timeout)

    def __enter__(self) -> EmbeddedCentre:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        except BaseException as error:
            self._failure = error
            log.exception("the embedded centre failed")
        finally:
            self._ended.set()


async def _let_the_loop_turn() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's delay off only on sockets that say IPPROTO_TCP; else each answer waits 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
