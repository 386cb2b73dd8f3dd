"""What is at the other end of a serial line, and at which speed: asked, never guessed.

Order: first DLE EOT, which readers and scanners take for nothing; then, unless a printer has answered, the status
command of a SAM_V module, which a printer would take for text. Before each command the line has to be silent, so that
no late answer counts for the next try. A scanner cannot be asked: whoever sets it up goes on scanning while the speeds
are tried. Everything that answered is given; choosing is for people.

Sources: hardware reference 1.4 (speeds of the module, their order), 3.4 (scanners), 4.1 (form of DLE EOT's answers).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drivers import sam_v
from drivers.driver import DeviceError, DeviceKind
from drivers.sam_v import Command, FrameReader, Reply
from drivers.transport.address import Address, AddressError, parse_address
from drivers.transport.serial_port import SerialPort

log = logging.getLogger(__name__)

PRINTER_SPEEDS = (9600, 19200, 38400, 115200)
READER_SPEEDS = (115200, 57600, 38400, 19200, 9600)
SCANNER_SPEEDS = (115200, 9600, 57600, 38400, 19200)

PRINTER_SECONDS = 0.4
"""For each of the two bytes of a printer, which answers at once even while it prints."""
READER_SECONDS = 0.6
SILENCE_SECONDS = 0.3
NOISE_SECONDS = 2.0

LISTEN_SECONDS = 60.0
LISTEN_SLICE_SECONDS = 6.0
"""At one speed, while nothing at all arrives; something that is no text ends the slice at once."""
GAP_SECONDS = 0.15
SHORTEST_CODE = 4

_SLICE = 0.1
_STATUS_QUERIES = (b"\x10\x04\x01", b"\x10\x04\x04")


@dataclass(frozen=True, slots=True)
class ProbeStep:
    """A try that begins now; ``code`` is a key of the words, ``number`` counts from 1 to ``total``."""

    code: str
    baud: int
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    """Something that answered.

    Attributes:
        connection: For station.toml, with the speed, unless the line has none of its own.
        identity: What it says it is; "" for a printer and a scanner.
        length: Of the code that was scanned, in bytes; its content is nobody's business here.
    """

    kind: DeviceKind
    connection: str
    identity: str = ""
    length: int = 0


OnStep = Callable[[ProbeStep], None]


class SerialProbe:
    """Tries on one serial line. ``ask`` and ``listen`` block; ``cancel`` from any thread ends them within 0.5 s.

    Args:
        connection: ``serial:…``; a speed in it is ignored.
        on_step: Called before every try, on the thread that asks.

    Raises:
        AddressError: no serial line.
    """

    def __init__(self, connection: str, on_step: OnStep = lambda step: None) -> None:
        address = parse_address(connection)
        if address.scheme != "serial":
            raise AddressError(f"{address.scheme!r} is no serial line")
        self._target = address.target
        self._port = SerialPort(Address("serial", address.target))
        self._speeds_matter = "://" not in address.target  # a converter in the network has the speed itself
        self._on_step = on_step
        self._cancelled = threading.Event()
        self._number = 0
        self._total = 0

    def cancel(self) -> None:
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def ask(self) -> tuple[ProbeAnswer, ...]:
        """Ask for a printer, then for an ID card reader; about 7 s when nobody answers. () also when cancelled.

        Raises:
            DeviceError: the port cannot be opened (``device.in_use`` and others), ``set_up.line_noisy``.
            DeviceLost: it was unplugged meanwhile.
        """
        printers, readers = self._speeds(PRINTER_SPEEDS), self._speeds(READER_SPEEDS)
        self._number, self._total = 0, len(printers) + len(readers)
        self._port.open()
        try:
            answers = self._try("set_up.probing_printer", printers, self._ask_printer)
            if answers:
                return self._answers(DeviceKind.RECEIPT_PRINTER, printers, answers)
            answers = self._try("set_up.probing_reader", readers, self._ask_reader)
            return self._answers(DeviceKind.ID_CARD_READER, readers, answers)
        finally:
            self._port.close()

    def listen(self, seconds: float = LISTEN_SECONDS) -> tuple[ProbeAnswer, ...]:
        """Wait for a code, changing the speed until what arrives looks like one. () when none came or cancelled.

        Raises:
            DeviceError, DeviceLost: as ``ask``.
        """
        speeds = self._speeds(SCANNER_SPEEDS)
        until = time.monotonic() + seconds
        self._number, self._total = 0, len(speeds)
        self._port.open()
        try:
            while not self.cancelled and time.monotonic() < until:
                speed = speeds[self._number % len(speeds)]
                self._begin("set_up.probing_scanner", speed)
                heard = self._hear(min(until, time.monotonic() + LISTEN_SLICE_SECONDS))
                if looks_like_code(heard):
                    return (
                        ProbeAnswer(
                            DeviceKind.CODE_SCANNER, self._connection(speed), length=len(heard.strip(b"\x02\x03\r\n\t"))
                        ),
                    )
            return ()
        finally:
            self._port.close()

    def _speeds(self, speeds: Sequence[int]) -> Sequence[int]:
        return speeds if self._speeds_matter else speeds[:1]

    def _connection(self, speed: int) -> str:
        return f"serial:{self._target}" + (f"?baud={speed}" if self._speeds_matter else "")

    def _answers(self, kind: DeviceKind, speeds: Sequence[int], found: dict[int, str]) -> tuple[ProbeAnswer, ...]:
        if len(found) == len(speeds):  # a line without a speed of its own, such as USB-CDC: the usual one will do
            return (ProbeAnswer(kind, f"serial:{self._target}", next(iter(found.values()))),)
        return tuple(ProbeAnswer(kind, self._connection(speed), identity) for speed, identity in found.items())

    def _try(self, code: str, speeds: Sequence[int], ask: Callable[[], str | None]) -> dict[int, str]:
        """Speed → identity of all that answered."""
        found: dict[int, str] = {}
        for speed in speeds:
            if self.cancelled:
                return {}
            self._begin(code, speed)
            identity = ask()
            if identity is not None:
                found[speed] = identity
        return {} if self.cancelled else found

    def _begin(self, code: str, speed: int) -> None:
        self._number += 1
        self._on_step(ProbeStep(code, speed, (self._number - 1) % self._total + 1, self._total))
        self._port.change_speed(speed)
        self._silence()

    def _silence(self) -> None:
        if not self._port.wait_for_silence(SILENCE_SECONDS, NOISE_SECONDS):
            raise DeviceError("set_up.line_noisy", port=self._target)

    def _ask_printer(self) -> str | None:
        """Both queries have to be answered by one byte of their form: a line that gives back what is sent does not."""
        for query in _STATUS_QUERIES:
            self._port.write(query)
            heard = self._read_for(PRINTER_SECONDS, enough=lambda data: len(data) > 0)
            heard += self._port.read(SILENCE_SECONDS / 3) if heard else b""
            if len(heard) != 1 or heard[0] & 0x93 != 0x12:
                return None
        return ""

    def _ask_reader(self) -> str | None:
        if self._exchange(Command.STATUS) is None:
            return None
        self._silence()
        reply = self._exchange(Command.SAM_ID)
        return sam_v.sam_id_text(reply.data) if reply is not None and reply.sw3 == sam_v.OK else ""

    def _exchange(self, command: Command) -> Reply | None:
        frames = FrameReader()
        replies: list[Reply] = []

        def answered(data: bytes) -> bool:
            replies.extend(one for one in frames.feed(data) if isinstance(one, Reply) and sam_v.fits(command, one))
            return bool(replies)

        self._port.write(sam_v.frame(command.payload))
        self._read_for(READER_SECONDS, enough=answered)
        return replies[0] if replies else None

    def _read_for(self, seconds: float, enough: Callable[[bytes], bool]) -> bytes:
        heard = b""
        until = time.monotonic() + seconds
        while not self.cancelled and (left := until - time.monotonic()) > 0:
            data = self._port.read(min(left, _SLICE))
            heard += data
            if data and enough(data):
                break
        return heard

    def _hear(self, until: float) -> bytes:
        """The first that arrives, up to the silence behind it; at most a few kilobytes."""
        heard = b""
        while not self.cancelled and len(heard) < 4096 and (heard or time.monotonic() < until):
            data = self._port.read(GAP_SECONDS)
            if heard and not data:
                break
            heard += data
        return heard


def looks_like_code(data: bytes) -> bool:
    """Whether bytes are the text of a scanned code: at a wrong speed control characters and broken UTF-8 come."""
    body = data.strip(b"\x02\x03\r\n\t")
    if len(body) < SHORTEST_CODE:
        return False
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    plain = sum(" " <= letter <= "~" or "\u3400" <= letter <= "\u9fff" or letter in "\r\n\t\x1d" for letter in text)
    return plain == len(text)
