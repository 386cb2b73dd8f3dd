"""An ESC/POS receipt printer on a real port, that prints into pictures and can run out of paper.

Written from the command tables alone, apart from the driver. Commands are cut out of the stream as they arrive;
DLE commands are obeyed at once, all others wait in a buffer of limited size for the mechanism, which stops without
paper, with its cover open, off line or jammed, and goes on where it stopped. Paper and buffer outlive a connection.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import qrcode
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from drivers.simulated.printer_ports import Port, SerialPort, TcpPort, UsbPort

CJK_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/simsun.ttc",
)
CELL_WIDTH, CELL_HEIGHT, LINE_FEED = 12, 24, 30
RECEIPTS_KEPT = 50
"""About 1 MB each: a demo that runs for days must not hold them all."""
EC_LEVELS = {
    48: qrcode.constants.ERROR_CORRECT_L,
    49: qrcode.constants.ERROR_CORRECT_M,
    50: qrcode.constants.ERROR_CORRECT_Q,
    51: qrcode.constants.ERROR_CORRECT_H,
}
IDENTITY: Mapping[int, bytes] = MappingProxyType(
    {
        1: b"\x20",
        2: b"\x03",
        3: b"\x01",
        65: b"1.03",
        66: b"DOORSTEP",
        67: b"SIM-80",
        68: b"S0001",
        69: b"CHINA GB18030",
    }
)
"""What GS I n tells: one byte for 1 to 3 (type: two-byte text and a knife), texts for the others."""

LINES: Mapping[str, Callable[[], Port]] = MappingProxyType(
    {"tcp": TcpPort, "serial": SerialPort, "file": lambda: SerialPort(device=True), "usb": UsbPort}
)


class SimulatedReceiptPrinter:
    """Listens from construction on.

    Args:
        width_dots: 576 for 80 mm paper, 384 for 58 mm.
        cutter: Without one GS V is passed over and ``tear_off`` ends a receipt.
        buffer_bytes: What is kept unprinted; a full buffer stops reading, DLE commands included, as real ones do.
        answers_status: False: a printer that never says anything.
        obeys_in_data: Acts on DLE EOT even inside raster data, as some printers do.
        answers: The DLE EOT queries it knows.
        unknown: Commands it passes over, by their two first bytes, such as GS r of a cheap printer.
        prints_unknown: It prints what follows the two bytes of an unknown command, as the cheapest do.
        identity: What it answers to GS I n; a number that is missing is not answered.
        line: How it is connected: ``tcp``, ``serial``, ``file`` (a character device) or ``usb``.
        keep: How many receipts are kept.
    """

    def __init__(
        self,
        width_dots: int = 576,
        *,
        cutter: bool = True,
        buffer_bytes: int = 65536,
        answers_status: bool = True,
        obeys_in_data: bool = False,
        answers: Sequence[int] = (1, 2, 3, 4),
        unknown: Sequence[bytes] = (),
        prints_unknown: bool = False,
        identity: Mapping[int, bytes] = IDENTITY,
        line: str = "tcp",
        keep: int = RECEIPTS_KEPT,
    ) -> None:
        self.width_dots = width_dots
        self._cutter = cutter
        self._buffer_bytes = buffer_bytes
        self._silent = not answers_status
        self._obeys_in_data = obeys_in_data
        self._answers_to = tuple(answers)
        self._unknown = tuple(unknown)
        self._prints_unknown = prints_unknown
        self._identity = identity
        self._lock = threading.RLock()
        self._paper_out = self._near_end = self._cover_open = self._offline = False
        self._jammed = self._hot = self._broken = self._hand_was_in = self._feeding = self._dead = False
        self._rows_left: int | None = None
        self._automatic = 0
        self._sent_status = b""
        self._receipts: deque[Image.Image] = deque(maxlen=keep)
        self._cuts = 0
        self._stops = 0
        self._begins = False
        self._taken = 0
        self._trigger: tuple[int, Callable[[], None]] | None = None
        self.jobs_seen = 0
        """How many times something was printed after ESC @: one for each job a driver sends."""
        self._forget_all()

        self._stopping = threading.Event()
        self.port = LINES[line]()
        self._thread = threading.Thread(target=self._serve, name="simulated-receipt-printer", daemon=True)
        self._thread.start()

    # -- what a person at the printer sees and does ---------------------------------------------------------------

    @property
    def address(self) -> str:
        """Connection string for the driver."""
        return self.port.address

    @property
    def receipts(self) -> list[Image.Image]:
        """The newest ``RECEIPTS_KEPT`` that were cut or torn off, oldest first, 1-bit pictures as wide as the paper."""
        with self._lock:
            return list(self._receipts)

    @property
    def paper(self) -> Image.Image:
        """What sticks out of the printer, not yet cut."""
        with self._lock:
            return _picture(self._rows, self.width_dots)

    def wait_for_receipts(self, count: int, seconds: float = 10.0) -> bool:
        """Wait until at least ``count`` receipts were ever cut; False when time is up first."""
        until = time.monotonic() + seconds
        while self._cuts < count:
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
        return True

    def tear_off(self) -> Image.Image:
        """Tear off by hand what sticks out; it becomes a receipt."""
        with self._lock:
            self._cut()
            return self._receipts[-1]

    def paper_out(self, after_rows: int | None = None) -> None:
        """The roll is empty: now, or after so many more rows (in the middle of a job)."""
        with self._changing():
            if after_rows is None:
                self._paper_out = True
            else:
                self._rows_left = after_rows

    def paper_near_end(self) -> None:
        with self._changing():
            self._near_end = True

    def refill(self) -> None:
        """A new roll; printing goes on where it stopped."""
        with self._changing():
            self._paper_out = self._near_end = False
            self._rows_left = None

    def open_cover(self) -> None:
        with self._changing():
            self._cover_open = self._hand_was_in = True

    def close_cover(self) -> None:
        with self._changing():
            self._cover_open = False

    def offline(self, on: bool = True) -> None:
        with self._changing():
            self._offline = on

    def silent(self, on: bool = True) -> None:
        """Print, but answer nothing."""
        with self._changing():
            self._silent = on

    def cutter_error(self) -> None:
        """The knife is stuck at the next cut. A hand in the open cover, then DLE ENQ, gets it going again."""
        with self._changing():
            self._jammed, self._hand_was_in = True, False

    def head_hot(self, on: bool = True) -> None:
        with self._changing():
            self._hot = on

    def break_down(self) -> None:
        """An error that no hand clears."""
        with self._changing():
            self._broken = True

    def feed_button(self, held: bool = True) -> None:
        with self._changing():
            self._feeding = held

    def heal(self) -> None:
        """Nothing is wrong any more: new roll, closed cover, free knife, cool head."""
        with self._changing():
            self._paper_out = self._near_end = self._cover_open = self._offline = False
            self._jammed = self._hot = self._broken = self._feeding = False
            self._rows_left = None

    def disconnect(self) -> None:
        """Break the connection only: buffer and half-received command stay."""
        self.port.disconnect()

    def unplug_cable(self) -> None:
        """Pull the cable, not the current: buffer and half-received command stay, and printing goes on."""
        self.port.unplug()

    def unplug(self) -> None:
        """No current: port gone, buffer lost, what sticks out stays on the paper."""
        self.port.unplug()
        with self._lock:
            self._lose_buffer()

    def replug(self) -> None:
        """Cable and current again, same address."""
        self.port.replug()

    def power_off(self) -> None:
        """No current, but the line stays open, as behind a USB serial bridge: what is sent falls into nothing."""
        with self._lock:
            self._dead = True
            self._lose_buffer()

    def power_on(self) -> None:
        with self._lock:
            self._dead = False

    def swap(self, identity: Mapping[int, bytes]) -> None:
        """Put another printer of the same kind at the same line; the paper of the old one is torn off."""
        self.unplug()
        with self._lock:
            if self._rows:
                self._cut()
            self._identity = identity
        self.replug()

    def babble(self, data: bytes) -> None:
        """Send bytes nobody asked for: noise, or another device's."""
        self.port.say(data)

    def at_byte(self, count: int, act: Callable[[], None]) -> None:
        """Do something on the printer's thread when so many more bytes, and not one more, have come."""
        with self._lock:
            self._trigger = (self._taken + count, act)

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(5.0)
        self.port.stop()

    # -- the port -------------------------------------------------------------------------------------------------

    def _lose_buffer(self) -> None:
        self._queue.clear()
        self._arrived.clear()
        self._queued = self._raster_rows = 0
        self._automatic = 0
        self._initialise()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            room = self._buffer_bytes - self._queued - len(self._arrived)
            if room > 0:
                self.port.wait(0.02)
            else:
                time.sleep(0.002)
            with self._lock:
                trigger = self._trigger
                if trigger is not None:
                    room = min(room, trigger[0] - self._taken)
                if room > 0:
                    self._receive(self.port.take(room))
                self._work_off()
                if trigger is None or self._taken < trigger[0]:
                    continue
                self._trigger = None
            trigger[1]()

    def _receive(self, data: bytes) -> None:
        self._taken += len(data)
        if self._dead:
            return
        self._arrived += data
        self._take_commands()

    def _say(self, data: bytes) -> None:
        if not self._silent:
            self.port.say(data)

    # -- cutting commands out of the stream -----------------------------------------------------------------------

    def _take_commands(self) -> None:
        while self._arrived:
            if self._raster_rows:
                if not self._take_rows():
                    return
                continue
            if self._arrived[:2] == b"\x1dv":
                if len(self._arrived) < 8:
                    return
                self._raster_mode, self._raster_width = self._arrived[3], self._arrived[4] + 256 * self._arrived[5]
                self._raster_rows = (self._arrived[6] + 256 * self._arrived[7]) if self._raster_width else 0
                del self._arrived[:8]
                continue
            length = self._length_of_first()
            if not length or len(self._arrived) < length:
                return
            command = bytes(self._arrived[:length])
            del self._arrived[:length]
            if command[0] == 0x10 and length >= 3:
                self._obey_at_once(command)
            else:
                self._add(command)

    def _take_rows(self) -> bool:
        """Queue the whole rows of a raster that have arrived; printed while the rest is still on its way."""
        rows = min(self._raster_rows, len(self._arrived) // self._raster_width)
        if not rows:
            return False
        data = bytes(self._arrived[: rows * self._raster_width])
        del self._arrived[: len(data)]
        self._raster_rows -= rows
        if self._obeys_in_data:
            self._obey_real_time_in(data)
        self._add(_raster(self._raster_mode, self._raster_width, rows, data))
        return True

    def _add(self, command: bytes) -> None:
        self._queue.append(command)
        self._queued += len(command)

    def _length_of_first(self) -> int:
        """Length of the command at the head of the stream; 0 when more must come to know it."""
        data = self._arrived
        first = data[0]
        if first == 0x10:
            return self._length_of_dle(data)
        if first in (0x1B, 0x1C, 0x1D):
            if len(data) < 2:
                return 0
            return self._length_of_escape(first, data)
        if self._double_byte and 0x81 <= first <= 0xFE:
            if len(data) < 2:
                return 0
            return 4 if 0x30 <= data[1] <= 0x39 else 2  # GB18030
        return 1

    @staticmethod
    def _length_of_dle(data: bytearray) -> int:
        if len(data) < 2:
            return 0
        if data[1] in (0x04, 0x05):
            return 3
        if data[1] == 0x14:
            if len(data) < 3:
                return 0
            return 10 if data[2] == 0x08 else 5
        return 1

    def _length_of_escape(self, first: int, data: bytearray) -> int:
        name = data[1]
        if first == 0x1D and name == 0x28:  # GS ( x pL pH …
            return 5 + data[3] + 256 * data[4] if len(data) >= 5 else 0
        if first == 0x1D and name == 0x56:  # GS V m [n]
            if len(data) < 3:
                return 0
            return 3 if data[2] in (0, 1, 48, 49) else 4
        if (first, name) in ((0x1C, 0x26), (0x1C, 0x2E)):
            # Decides how the bytes after it are cut up, so it counts from its arrival on.
            self._double_byte = name == 0x26
            return 2
        if first == 0x1B and name in (0x40, 0x32, 0x69, 0x6D):
            return 2
        if first == 0x1B and name == 0x44:  # ESC D n… NUL
            end = data.find(0, 2)
            return end + 1 if end >= 0 else 0
        return 3  # ESC a d ! E t M - G 3 J, GS a r ! B I, FS !

    # -- commands obeyed at once -----------------------------------------------------------------------------------

    def _obey_real_time_in(self, data: bytes) -> None:
        for at in range(len(data) - 2):
            if data[at : at + 2] == b"\x10\x04" and (answer := self._answer(data[at + 2])) is not None:
                self._say(bytes((answer,)))

    def _obey_at_once(self, command: bytes) -> None:
        if command[1] == 0x04:
            answer = self._answer(command[2])
            if answer is not None:
                self._say(bytes((answer,)))
        elif command[:3] == b"\x10\x14\x08" and command[:2] not in self._unknown:
            self._queue.clear()
            self._queued = 0
            self._line.clear()
            self._say(b"\x37\x25\x00")
        elif command[1] == 0x05 and self._jammed and self._hand_was_in and not self._cover_open:
            with self._changing():
                self._jammed = False
                if command[2] == 2:
                    self._queue.clear()
                    self._queued = 0

    def _answer(self, query: int) -> int | None:
        if query not in self._answers_to:
            return None
        if query == 1:
            return 0x12 | (0 if self._runs else 0x08)
        if query == 2:
            error = self._jam_shows or self._hot or self._broken
            return 0x12 | 0x04 * self._cover_open | 0x08 * self._feeding | 0x20 * self._paper_out | 0x40 * error
        if query == 3:
            return 0x12 | 0x08 * self._jam_shows | 0x20 * self._broken | 0x40 * self._hot
        if query == 4:
            return 0x12 | 0x0C * (self._near_end or self._paper_out) | 0x60 * self._paper_out
        return None

    @property
    def _jam_shows(self) -> bool:
        """A stuck knife is noticed when it should move."""
        return self._jammed and (self._stops > 0)

    @property
    def _runs(self) -> bool:
        return not (
            self._paper_out
            or self._cover_open
            or self._offline
            or self._hot
            or self._broken
            or self._jam_shows
            or self._feeding
            or self._dead
        )

    def _status_bytes(self) -> bytes:
        first = 0x10 | 0x08 * (not self._runs) | 0x20 * self._cover_open | 0x40 * self._feeding
        second = 0x08 * self._jam_shows | 0x20 * self._broken | 0x40 * self._hot
        third = 0x03 * (self._near_end or self._paper_out) | 0x0C * self._paper_out
        return bytes((first, second, third, 0))

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Change the state under the lock; automatic status tells of it."""
        with self._lock:
            yield
            if not self._jammed:
                self._stops = 0
            self._tell_status()

    def _tell_status(self) -> None:
        status = self._status_bytes()
        if self._automatic and status != self._sent_status:
            self._sent_status = status
            self._say(status)

    # -- the mechanism ----------------------------------------------------------------------------------------------

    def _forget_all(self) -> None:
        self._queue: deque[bytes] = deque()
        self._arrived = bytearray()
        self._queued = 0
        self._raster_mode = self._raster_width = self._raster_rows = 0
        self._rows: list[NDArray[np.bool_]] = []
        self._double_byte = True  # as printers for China start
        self._initialise()

    def _initialise(self) -> None:
        self._align = 0
        self._wide = self._high = 1
        self._bold = False
        self._qr_module, self._qr_level, self._qr_data = 3, 48, b""
        self._line: list[NDArray[np.bool_]] = []

    def _work_off(self) -> None:
        while self._queue and self._runs:
            command = self._queue[0]
            before = self._rows_left
            if before is not None and before <= 0:
                self._run_out()
                return
            if command[:2] == b"\x1dv" and before is not None:
                command = self._print_part(command, before)
            elif self._jammed and command[:2] == b"\x1dV" and self._cutter:
                self._stops += 1
                self._tell_status()
                return
            self._queue.popleft()
            self._queued -= len(command)
            self._obey(command)

    def _print_part(self, command: bytes, rows: int) -> bytes:
        """Split a raster where the paper ends; the rest stays at the head of the queue."""
        width, height = command[4] + 256 * command[5], command[6] + 256 * command[7]
        if rows >= height:
            return command
        rest = _raster(command[3], width, height - rows, command[8 + rows * width :])
        part = _raster(command[3], width, rows, command[8 : 8 + rows * width])
        self._queue.insert(1, rest)
        self._queued += len(rest) - (len(command) - len(part))
        return part

    def _run_out(self) -> None:
        with self._changing():
            self._rows_left = None
            self._paper_out = True

    def _obey(self, command: bytes) -> None:
        if command[:2] in self._unknown:
            for byte in command[2:] if self._prints_unknown else b"":
                if byte >= 0x20:
                    self._type(bytes((byte,)))
            return
        known = self._commands.get(command[:2])
        if known is not None:
            known(self, command)
        elif command == b"\n":
            self._end_line()
        elif (command[0] >= 0x20 or len(command) in (2, 4)) and command[0] not in (0x1B, 0x1C, 0x1D):
            self._type(command)

    def _feed(self, rows: NDArray[np.bool_]) -> None:
        self.jobs_seen += self._begins
        self._begins = False
        self._rows.append(rows)
        if self._rows_left is not None:
            self._rows_left -= rows.shape[0]

    def _place(self, block: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Put a block on the paper as ESC a says; what is wider than the paper is lost."""
        paper = np.zeros((block.shape[0], self.width_dots), dtype=np.bool_)
        width = min(block.shape[1], self.width_dots)
        left = (self.width_dots - width) * self._align // 2
        paper[:, left : left + width] = block[:, :width]
        return paper

    def _end_line(self) -> None:
        if not self._line:
            self._feed(np.zeros((LINE_FEED, self.width_dots), dtype=np.bool_))
            return
        height = max(cell.shape[0] for cell in self._line)
        cells = [np.pad(cell, ((height - cell.shape[0], 0), (0, 0))) for cell in self._line]
        self._line = []
        block = np.concatenate(cells, axis=1)
        self._feed(self._place(np.pad(block, ((0, LINE_FEED - CELL_HEIGHT), (0, 0)))))

    def _type(self, encoded: bytes) -> None:
        character = encoded.decode("gb18030" if len(encoded) > 1 else "cp437", "replace")
        cell = _glyph(character, CELL_WIDTH * (2 if len(encoded) > 1 else 1), self._bold)
        cell = np.kron(cell, np.ones((self._high, self._wide), dtype=np.bool_))
        if sum(one.shape[1] for one in self._line) + cell.shape[1] > self.width_dots:
            self._end_line()
        self._line.append(cell)

    def _escape_at(self, command: bytes) -> None:
        self._begins = True
        self._initialise()

    def _escape_d(self, command: bytes) -> None:
        if self._line:
            self._end_line()
        self._feed(np.zeros((LINE_FEED * command[2], self.width_dots), dtype=np.bool_))

    def _escape_align(self, command: bytes) -> None:
        self._align = command[2] % 48 if command[2] % 48 in (0, 1, 2) else 0

    def _escape_mode(self, command: bytes) -> None:
        mode = command[2]
        self._bold, self._high, self._wide = bool(mode & 8), 1 + bool(mode & 16), 1 + bool(mode & 32)

    def _escape_bold(self, command: bytes) -> None:
        self._bold = bool(command[2] & 1)

    def _group_size(self, command: bytes) -> None:
        self._wide, self._high = 1 + (command[2] >> 4 & 7), 1 + (command[2] & 7)

    def _group_raster(self, command: bytes) -> None:
        width, height = command[4] + 256 * command[5], command[6] + 256 * command[7]
        data = np.frombuffer(command[8:], dtype=np.uint8).reshape(height, width)
        block = np.unpackbits(data, axis=1).astype(np.bool_)
        if command[3] & 1:
            block = np.repeat(block, 2, axis=1)
        if command[3] & 2:
            block = np.repeat(block, 2, axis=0)
        if self._line:
            self._end_line()
        self._feed(self._place(block))

    def _group_parenthesis(self, command: bytes) -> None:
        if command[2:3] != b"k" or len(command) < 7 or command[5] != 49:
            return
        function, values = command[6], command[7:]
        if function == 67:
            self._qr_module = values[0]
        elif function == 69:
            self._qr_level = values[0]
        elif function == 80:
            self._qr_data = values[1:]
        elif function == 81 and self._qr_data:
            code = qrcode.QRCode(error_correction=EC_LEVELS.get(self._qr_level, EC_LEVELS[48]), border=0)
            code.add_data(self._qr_data)
            code.make()
            modules = np.array(code.get_matrix(), dtype=np.bool_)
            self._feed(self._place(np.kron(modules, np.ones((self._qr_module,) * 2, dtype=np.bool_))))

    def _group_cut(self, command: bytes) -> None:
        if self._cutter:
            if command[2] in (65, 66):
                self._feed(np.zeros((LINE_FEED * 6 + command[3], self.width_dots), dtype=np.bool_))
            self._cut()

    def _cut(self) -> None:
        self._receipts.append(_picture(self._rows, self.width_dots))
        self._cuts += 1
        self._rows = []

    def _group_automatic(self, command: bytes) -> None:
        self._automatic = command[2]
        if self._automatic:
            self._sent_status = self._status_bytes()
            self._say(self._sent_status)

    def _group_fence(self, command: bytes) -> None:
        if command[2] in (1, 49):
            self._say(bytes((0x03 * self._near_end,)))
        elif command[2] in (2, 50):
            self._say(b"\x00")

    def _group_identity(self, command: bytes) -> None:
        told = self._identity.get(command[2])
        if told is not None:
            self._say(told if command[2] < 33 else b"_" + told + b"\x00")

    _commands: dict[bytes, Callable[[SimulatedReceiptPrinter, bytes], None]] = {
        b"\x1b@": _escape_at,
        b"\x1bd": _escape_d,
        b"\x1ba": _escape_align,
        b"\x1b!": _escape_mode,
        b"\x1bE": _escape_bold,
        b"\x1d!": _group_size,
        b"\x1dv": _group_raster,
        b"\x1d(": _group_parenthesis,
        b"\x1dV": _group_cut,
        b"\x1da": _group_automatic,
        b"\x1dr": _group_fence,
        b"\x1dI": _group_identity,
    }


def _raster(mode: int, width: int, rows: int, data: bytes) -> bytes:
    return b"\x1dv0" + bytes((mode,)) + width.to_bytes(2, "little") + rows.to_bytes(2, "little") + data


def _picture(rows: list[NDArray[np.bool_]], width: int) -> Image.Image:
    paper = np.concatenate(rows) if rows else np.zeros((1, width), dtype=np.bool_)
    return Image.fromarray(np.where(paper, 0, 255).astype(np.uint8)).convert("1")


def _glyph(character: str, width: int, bold: bool) -> NDArray[np.bool_]:
    image = Image.new("L", (width, CELL_HEIGHT), 255)
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont = ImageFont.load_default(20)
    for path in CJK_FONTS:
        with contextlib.suppress(OSError):
            font = ImageFont.truetype(path, 22 if width > CELL_WIDTH else 20)
            break
    ImageDraw.Draw(image).text((width // 2, 12), character, 0, font, "mm", stroke_width=int(bold))
    return np.asarray(image) < 150
