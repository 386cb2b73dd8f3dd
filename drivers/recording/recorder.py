"""The tap beside a driver: writes down what goes over its wire while a technician records, and nothing otherwise.

All functions of a tap but ``start`` and ``stop`` are called on the driver's thread.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from drivers.printer_status import FENCE, QUERIES
from drivers.recording import disguise
from drivers.recording.tape import LARGEST_FILE, Entry, What, header, line

LONGEST_SECONDS = 600.0

SAM, CARDS, SCANNER, PRINTER = "id_card_reader", "social_security_card", "code_scanner", "receipt_printer"
"""Kinds whose wire holds content; the others' taps are told no bytes at all."""

QUESTIONS = frozenset((FENCE, *QUERIES.values()))
"""What goes to a printer and can be no part of a slip."""

INVENTED = "".join(
    text.ljust(length)
    for text, length in (
        ("张样例", 15),
        ("1", 1),
        ("01", 2),
        ("19000101", 8),
        ("某省某市样例镇", 35),
        ("000000190001010957", 18),
        ("某市公安局样例分局", 15),
        ("20200101", 8),
        ("20400101", 8),
        ("", 18),
    )
).encode("utf-16-le")
"""256 bytes of a citizen's card that belongs to nobody (layout: hardware.md 1.6)."""


class Tap:
    """Beside one driver. While nothing is recorded, each call costs one look at an attribute."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._lock = threading.Lock()
        self._file: IO[str] | None = None
        self._ended: Callable[[], None] = lambda: None
        self._began = 0.0
        self._written = 0
        self._command = b""
        self._pieces: list[tuple[float, bytes]] = []
        self._stream = disguise.PrinterStream()
        self._amid_job = False

    @property
    def running(self) -> bool:
        return self._file is not None

    # -- the technician's side, any thread -------------------------------------------------------------------------

    def start(self, path: Path, settings: Mapping[str, Any], program: str, ended: Callable[[], None]) -> None:
        """Record into a new file that only this user can read.

        Args:
            path: Must not exist.
            settings: What a replay needs to know of the driver.
            program: Version of the program.
            ended: Called, on any thread, when the recording ends by itself: too long, too large, no disk, or another
                driver in the place of this one.

        Raises:
            OSError: the file cannot be made.
        """
        self.stop()
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        file = os.fdopen(handle, "w", encoding="utf-8")
        file.write(header(self.kind, settings, program) + "\n")
        with self._lock:
            self._began, self._written, self._command, self._pieces = time.monotonic(), 0, b"", []
            self._stream = disguise.PrinterStream()
            self._amid_job = True  # perhaps: until the next job begins, nobody knows what is a command and what dots
            self._ended, self._file = ended, file

    def stop(self) -> None:
        """End the recording; what it has is on disk when this returns."""
        with self._lock:
            self._flush()
            self._end()

    def retire(self) -> None:
        """The driver is given up for another: the recording ends, and whoever began it is told."""
        with self._lock:
            ends = self.running
            self._flush()
            self._end()
        if ends:
            self._ended()

    def _end(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            try:
                file.flush()
                os.fsync(file.fileno())
            except OSError:  # a full disk: what is there stays, and load() takes a cut file
                pass
            finally:
                file.close()

    # -- the driver's side -----------------------------------------------------------------------------------------

    def opened(self) -> None:
        self._note(What.OPENED)

    def closed(self, code: str, *, lost: bool) -> None:
        """The driver let go: ``lost`` when the device was gone, else because it could not work with it."""
        self._note(What.CLOSED, {"code": code, "lost": lost})

    def note(self, what: What, **detail: object) -> None:
        """Something that is no bytes. Detail must hold nothing of a card, a code or a picture."""
        self._note(what, detail)

    def sent(self, data: bytes) -> None:
        """What the driver wrote, in the piece in which it was taken."""
        if self._file is None or not data:
            return
        with self._lock:
            self._flush()
            self._command = data
            if self.kind == PRINTER:
                data = self._without_slip(data)
            self._write(Entry(self._now(), What.SENT, data))

    def received(self, data: bytes) -> None:
        """What came from the device, in the piece in which it came."""
        if self._file is None or not data:
            return
        with self._lock:
            if self.kind == SAM:
                self._pieces.append((self._now(), data))
            elif self.kind == CARDS:
                content, status = data[:-2], data[-2:]
                self._write(Entry(self._now(), What.RECEIVED, disguise.apdu_answer(self._command, content) + status))
            elif self.kind == SCANNER:
                self._write(Entry(self._now(), What.RECEIVED, disguise.code_bytes(data)))
            elif self.kind == PRINTER:
                self._write(Entry(self._now(), What.RECEIVED, data))

    def _without_slip(self, data: bytes) -> bytes:
        if not self._amid_job:
            return self._stream.feed(data)
        return data if data in QUESTIONS else bytes(len(data))

    def _note(self, what: What, detail: Mapping[str, Any] | None = None) -> None:
        if self._file is None:
            return
        with self._lock:
            self._flush()
            if what in (What.JOB, What.OPENED):  # a job before may have been broken off inside a command
                self._stream, self._amid_job = disguise.PrinterStream(), False
            self._write(Entry(self._now(), what, detail=detail or {}))

    def _flush(self) -> None:
        """An answer of the SAM can be disguised only as a whole: it is kept back until the next thing happens."""
        pieces, self._pieces = self._pieces, []
        if not pieces or self._file is None:
            return
        cleared = disguise.sam_answers([data for _, data in pieces], INVENTED)
        for (at, _), data in zip(pieces, cleared, strict=True):
            self._write(Entry(at, What.RECEIVED, data))

    def _now(self) -> float:
        return time.monotonic() - self._began

    def _write(self, entry: Entry) -> None:
        file = self._file
        if file is None:
            return
        try:
            self._written += file.write(line(entry) + "\n")
            full = self._written > LARGEST_FILE or entry.at > LONGEST_SECONDS
        except OSError:
            full = True
        if full:
            self._end()
            self._ended()
