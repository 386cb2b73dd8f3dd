"""Plays a recording (``drivers.recording``) to a driver: the device's side of what once went over the wire.

The driver asks, the tape answers, in the order and with the delays that were recorded. How often a driver asks idle
questions (is a card there? are you well?) depends on the moment, so those may come more or less often than they were
recorded; everything else has to come as on the tape, byte for byte, or ``mismatch`` says what came instead.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

import numpy as np

from drivers import sam_v
from drivers.driver import DeviceKind
from drivers.opencv import cv2
from drivers.printer_status import QUERIES
from drivers.recording.tape import Entry, Tape, What
from drivers.simulated.pcsc_service import PcscService
from drivers.simulated.pseudo_terminal import PseudoTerminal

BOUNDARY = "doorstep-replay"
ATR = bytes.fromhex("3B6D000000814E43") + bytes(9)
LINGER_SECONDS = 0.5
"""After the last entry, so that the driver has said what it says about it."""

IDLE: dict[str, tuple[bytes, ...]] = {
    DeviceKind.ID_CARD_READER: tuple(
        sam_v.frame(command.payload) for command in (sam_v.Command.STATUS, sam_v.Command.SAM_ID, sam_v.Command.FIND)
    ),
    DeviceKind.RECEIPT_PRINTER: tuple(QUERIES.values()),
}
"""Questions a driver asks while nothing happens."""


class ReplayEnd(Protocol):
    """The device's side. ``done`` is set when everything of the tape was played; ``mismatch`` is "" while all fits."""

    @property
    def done(self) -> threading.Event: ...
    @property
    def mismatch(self) -> str: ...
    @property
    def address(self) -> str:
        """Connection string for the driver."""

    def start(self) -> None: ...
    def driver_is_open(self) -> None:
        """What comes unasked comes from now on: before, nobody would have heard it."""

    def stop(self) -> None: ...


def replay_end(tape: Tape, service: PcscService | None = None) -> ReplayEnd:
    """The end that fits the recorded kind.

    Args:
        tape: The recording.
        service: A running card service; needed for a social-security card only.

    Raises:
        ValueError: no end for this kind, or no card service.
    """
    if tape.kind in (DeviceKind.DOCUMENT_CAMERA, DeviceKind.WEBCAM):
        return CameraReplay(tape)
    if tape.kind == DeviceKind.RECEIPT_PRINTER:
        return PrinterReplay(tape)
    if tape.kind == DeviceKind.SOCIAL_SECURITY_CARD:
        if service is None:
            raise ValueError("a card is played through a running card service")
        return CardReplay(tape, service)
    return SerialReplay(tape)


@dataclass(slots=True)
class _Exchange:
    """What was sent, until something else happened; and what came after it, with its delay from then."""

    request: bytes = b""
    answers: list[tuple[float, Entry]] = field(default_factory=list)


def _exchanges(entries: Sequence[Entry]) -> list[_Exchange]:
    """The first exchange has no request: what came unasked at the beginning."""
    found = [_Exchange()]
    since = 0.0
    for entry in entries:
        if entry.what is What.SENT:
            if found[-1].answers or not found[-1].request:
                found.append(_Exchange())
            found[-1].request += entry.data
            since = entry.at
        elif entry.what in (What.RECEIVED, What.CLOSED, What.CARD_OUT):
            found[-1].answers.append((max(0.0, entry.at - since), entry))
    return found


class _Player:
    """Matches what the driver sends with the tape and has the answers played, on a thread of its own."""

    def __init__(self, tape: Tape, play: Callable[[Entry], None]) -> None:
        self._exchanges = _exchanges(tape.entries)
        self._idle = IDLE.get(tape.kind, ())
        self._last_answer: dict[bytes, list[tuple[float, Entry]]] = {}
        self._play = play
        self._buffer = b""
        self._next = 1
        self._begun = False
        self._partly = False  # more has to come before it is known what this is
        self._lock = threading.Condition()
        self._due: list[tuple[float, Entry]] = []
        self._stopping = False
        self.mismatch = ""
        self.done = threading.Event()
        self._thread = threading.Thread(target=self._work, name="replay", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def driver_is_open(self) -> None:
        with self._lock:
            self._answer(self._exchanges[0].answers)
            self._begun = True
            self._lock.notify_all()

    def stop(self) -> None:
        with self._lock:
            self._stopping = True
            self._lock.notify_all()
        self._thread.join(5)

    def feed(self, data: bytes) -> None:
        """What the driver sent."""
        with self._lock:
            self._buffer += data
            while self._buffer and self._match():
                pass
            self._lock.notify_all()

    def _match(self) -> bool:
        """Take one request off the buffer; False when more has to come."""
        expected = self._exchanges[self._next].request if self._next < len(self._exchanges) else b""
        if expected and self._buffer.startswith(expected):
            self._take(self._next)
            return True
        if expected and expected.startswith(self._buffer):
            return False
        for question in self._idle:
            if self._buffer.startswith(question):
                self._buffer = self._buffer[len(question) :]
                self._answer(self._last_answer.get(question, []))
                return True
            if question.startswith(self._buffer):
                return False
        self._partly = False
        ahead = self._ahead()
        if ahead is not None:
            self._take(ahead)
            return True
        if self._partly:
            return False
        if self._next < len(self._exchanges):
            self.mismatch = self.mismatch or f"expected {expected[:40].hex(' ')}, got {self._buffer[:40].hex(' ')}"
        self._buffer = b""
        return False

    def _take(self, number: int) -> None:
        exchange = self._exchanges[number]
        self._buffer = self._buffer[len(exchange.request) :]
        if exchange.request in self._idle:
            self._last_answer[exchange.request] = exchange.answers
        self._answer(exchange.answers)
        self._next = number + 1

    def _ahead(self) -> int | None:
        """The next exchange that this request begins, when only idle questions lie between."""
        for number in range(self._next, len(self._exchanges)):
            request = self._exchanges[number].request
            if self._buffer.startswith(request):
                return number
            if request.startswith(self._buffer):
                self._partly = True
                return None
            if request not in self._idle:
                return None
        return None

    def _answer(self, answers: Sequence[tuple[float, Entry]]) -> None:
        now = time.monotonic()
        self._due += [(now + delay, entry) for delay, entry in answers]

    def _work(self) -> None:
        while True:
            with self._lock:
                if self._stopping:
                    return
                if not self._due:
                    if self._begun and self._only_idle_left():
                        self.done.set()
                    self._lock.wait(LINGER_SECONDS)
                    continue
                at, entry = self._due[0]
                wait = at - time.monotonic()
                if wait > 0:
                    self._lock.wait(wait)
                    continue
                del self._due[0]
            self._play(entry)

    def _only_idle_left(self) -> bool:
        return all(exchange.request in self._idle for exchange in self._exchanges[self._next :])


class _AskedEnd(ABC):
    """What the ends have in common whose driver asks and is answered."""

    def __init__(self, tape: Tape) -> None:
        self._player = _Player(tape, self._play)

    @property
    def done(self) -> threading.Event:
        return self._player.done

    @property
    def mismatch(self) -> str:
        return self._player.mismatch

    def driver_is_open(self) -> None:
        self._player.driver_is_open()

    @abstractmethod
    def _play(self, entry: Entry) -> None:
        """Have the device's side of one entry happen."""


class SerialReplay(_AskedEnd):
    """A card reader or a scanner on a pseudo terminal."""

    def __init__(self, tape: Tape) -> None:
        super().__init__(tape)
        self._terminal = PseudoTerminal(name="replay", baud=int(tape.settings.get("baud", 115200)))
        self._terminal.on_bytes = self._player.feed

    @property
    def address(self) -> str:
        return self._terminal.address

    def start(self) -> None:
        self._terminal.start()
        self._player.start()

    def stop(self) -> None:
        self._player.stop()
        self._terminal.stop()

    def _play(self, entry: Entry) -> None:
        if entry.what is What.CLOSED:
            if entry.detail.get("lost"):
                self._terminal.unplug()
                time.sleep(float(entry.detail.get("seconds", 0.5)))
                self._terminal.replug()
        else:
            self._terminal.send(entry.data)


class PrinterReplay(_AskedEnd):
    """A receipt printer on a TCP port."""

    def __init__(self, tape: Tape) -> None:
        super().__init__(tape)
        self._stopping = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.1)
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, name="replay-printer", daemon=True)

    @property
    def address(self) -> str:
        return f"tcp:127.0.0.1:{self._server.getsockname()[1]}"

    def start(self) -> None:
        self._thread.start()
        self._player.start()

    def stop(self) -> None:
        self._stopping.set()
        self._player.stop()
        self._thread.join(5)
        self._server.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._server.accept()
            except OSError:
                continue
            connection.settimeout(0.1)
            self._connection = connection
            with connection, contextlib.suppress(OSError):
                while not self._stopping.is_set():
                    try:
                        data = connection.recv(65536)
                    except TimeoutError:
                        continue
                    if not data:
                        break
                    self._player.feed(data)
            self._connection = None

    def _play(self, entry: Entry) -> None:
        connection = self._connection
        if connection is None:
            return
        with contextlib.suppress(OSError):
            if entry.what is What.CLOSED:
                if entry.detail.get("lost"):
                    connection.shutdown(socket.SHUT_RDWR)
            else:
                connection.sendall(entry.data)


class CardReplay:
    """Cards at a virtual PC/SC reader: put in, asked and pulled out as recorded."""

    def __init__(self, tape: Tape, service: PcscService) -> None:
        self._service = service
        self._stays: list[list[tuple[bytes, bytes]]] = []
        for entry in tape.entries:
            if entry.what is What.CARD_IN:
                self._stays.append([])
            elif entry.what is What.SENT and self._stays:
                self._stays[-1].append((entry.data, b""))
            elif entry.what is What.RECEIVED and self._stays and self._stays[-1]:
                self._stays[-1][-1] = (self._stays[-1][-1][0], entry.data)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="replay-card", daemon=True)
        self._done = threading.Event()
        self._mismatch = ""

    @property
    def done(self) -> threading.Event:
        return self._done

    @property
    def mismatch(self) -> str:
        return self._mismatch

    @property
    def address(self) -> str:
        return self._service.address

    def start(self) -> None:
        self._thread.start()

    def driver_is_open(self) -> None:
        """A card lies there or not, whoever looks."""

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(10)

    def _work(self) -> None:
        for stay in self._stays:
            with socket.create_connection(("127.0.0.1", self._service.port), timeout=0.2) as card:
                self._one_card(card, list(stay))
            if self._stopping.wait(1.0):
                return
        self._done.set()

    def _one_card(self, card: socket.socket, stay: list[tuple[bytes, bytes]]) -> None:
        quiet = time.monotonic()
        while not self._stopping.is_set() and (stay or time.monotonic() - quiet < LINGER_SECONDS):
            try:
                head = card.recv(2)
                message = card.recv(struct.unpack(">H", head)[0])
            except TimeoutError:
                continue
            except (OSError, struct.error):
                return
            if len(message) == 1:  # the reader looks whether the card is still there
                atr = ATR if message == b"\x04" else b""
                if atr:
                    card.sendall(struct.pack(">H", len(atr)) + atr)
                continue
            quiet = time.monotonic()
            if stay and stay[0][0] == message:
                reply = stay.pop(0)[1]
            else:
                self._mismatch = self._mismatch or f"got {message.hex(' ')}"
                reply = b"\x6f\x00"
            card.sendall(struct.pack(">H", len(reply)) + reply)


class CameraReplay:
    """A stream of pictures of the recorded sizes at the recorded times; what they showed was never kept."""

    def __init__(self, tape: Tape) -> None:
        self._entries = [entry for entry in tape.entries if entry.what in (What.PICTURE, What.CLOSED)]
        self._stopping = threading.Event()
        self._done = threading.Event()
        self._next = 0
        replay = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802 (the server's name)
                replay._stream(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: requests are not news."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="replay-camera", daemon=True)

    @property
    def done(self) -> threading.Event:
        return self._done

    @property
    def mismatch(self) -> str:
        """Nothing is asked of a camera."""
        return ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/replay.mjpg"

    def start(self) -> None:
        self._thread.start()

    def driver_is_open(self) -> None:
        """A stream begins when it is asked for."""

    def stop(self) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def _stream(self, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        handler.end_headers()
        with contextlib.suppress(OSError):
            before: float | None = None
            while self._next < len(self._entries):
                entry = self._entries[self._next]
                self._next += 1
                pause = 0.0 if before is None else max(0.0, entry.at - before)
                before = entry.at
                if self._stopping.wait(pause):
                    return
                if entry.what is What.CLOSED:
                    return
                self._send(handler, _picture(int(entry.detail["width"]), int(entry.detail["height"]), self._next))
            self._done.set()
            while not self._stopping.wait(0.1):  # a camera does not end when the tape does
                self._next += 1
                last = self._entries[-1].detail
                self._send(handler, _picture(int(last.get("width", 640)), int(last.get("height", 480)), self._next))

    @staticmethod
    def _send(handler: BaseHTTPRequestHandler, jpeg: bytes) -> None:
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        handler.wfile.write(head.encode() + jpeg + b"\r\n")


def _picture(width: int, height: int, seed: int) -> bytes:
    """Noise, different in every picture, as of a sensor that sees nothing in particular."""
    grey = np.random.default_rng(seed).integers(90, 160, (max(1, height), max(1, width), 3), dtype=np.uint8)
    done, data = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 60])
    assert done
    return data.tobytes()
