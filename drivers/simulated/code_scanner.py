"""A serial code scanner on a pseudo terminal: hold something up and it sends what it says; and one that types.

The serial one works in presentation mode, or reads on a maker's command only. The one that types writes the kernel's
own key events into a pipe, as ``/dev/input/event*`` gives them; ``SimulatedTypingScanner.ioctl`` answers as the kernel.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import struct
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from drivers.simulated.pseudo_terminal import PseudoTerminal


class SimulatedCodeScanner:
    """Methods may be called from any thread; each sends before it returns. POSIX only."""

    def __init__(self, *, baud: int = 115200, on_command: tuple[bytes, bytes] | None = None, options: str = "") -> None:
        """``on_command``: the bytes that make it read and its answer to them; then ``scan`` sends nothing without."""
        self.terminal = PseudoTerminal(self._received, name="code-scanner", baud=baud)
        self.received = b""
        """What the driver has sent."""
        self._on_command = on_command
        self._options = options
        self._reads = threading.Event()

    def _received(self, data: bytes) -> None:
        self.received += data
        if self._on_command is not None:
            command, answer = self._on_command
            if self.received.endswith(command):
                self.terminal.send(answer)
                self._reads.set()

    @property
    def address(self) -> str:
        """Connection string for the driver, the same before and after a replug."""
        return self.terminal.address + self._options

    def start(self) -> None:
        self.terminal.start()

    def stop(self) -> None:
        self.terminal.stop()

    def unplug(self) -> None:
        self.terminal.unplug()

    def replug(self) -> None:
        self.terminal.replug()

    def scan(self, raw: bytes, suffix: bytes = b"\r", prefix: bytes = b"") -> None:
        """Read a code; ``suffix`` b"" is a scanner set to send none. One that needs a command waits for it here.

        Raises:
            TimeoutError: no command within twenty seconds.
        """
        if self._on_command is not None:
            if not self._reads.wait(20):
                raise TimeoutError
            self._reads.clear()
        self.terminal.send(prefix + raw + suffix)

    def scan_half(self, raw: bytes) -> None:
        """The first half of a code, and then nothing more."""
        self.terminal.send(raw[: len(raw) // 2])

    def flood(self, size: int) -> int:
        """Send so many bytes without a pause; how many were taken."""
        block = bytes(range(32, 127)) * 100
        sent = 0
        while sent < size and self.terminal.plugged:
            sent += self.terminal.send(block[: size - sent])
        return sent


class SimulatedTypingScanner:
    """Key events in a named pipe. Methods may be called from any thread. POSIX only."""

    def __init__(self, *, key_seconds: float = 0.0) -> None:
        """``key_seconds``: between two keys; real ones take 0.007 to 0.016."""
        self._folder = Path(tempfile.mkdtemp(prefix="doorstep-input-"))
        self.path = self._folder / "usb-Simulated_Scanner-event-kbd"
        self.key_seconds = key_seconds
        self.refuses_grab = False
        self.is_a_keyboard = True
        self.grabs = 0
        self._pipe: int | None = None

    @property
    def address(self) -> str:
        """Connection string for the driver, the same before and after a replug."""
        return f"hid:{self.path}"

    def start(self) -> None:
        """Plug in; does nothing while plugged in."""
        if self._pipe is None:
            os.mkfifo(self.path)
            self._pipe = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)

    def unplug(self) -> None:
        """The node goes, and so do readers of it."""
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            self.path.unlink()
            os.close(pipe)

    def replug(self) -> None:
        self.start()

    def stop(self) -> None:
        self.unplug()
        shutil.rmtree(self._folder, ignore_errors=True)

    def ioctl(self, handle: int, request: int, argument: bytearray | int) -> int:
        """The three questions a driver asks the kernel about an input device."""
        match request & 0xFFFF:
            case 0x4590 if self.refuses_grab:
                raise OSError(errno.EBUSY, "grabbed by somebody else")
            case 0x4590:
                self.grabs += 1
            case 0x4506 if isinstance(argument, bytearray):
                argument[:] = b"Simulated Scanner\0".ljust(len(argument), b"\0")
            case 0x4521 if isinstance(argument, bytearray):
                argument[:] = (b"\xff" if self.is_a_keyboard else b"\0") * len(argument)
            case _:
                raise OSError(errno.EINVAL, "no such question")
        return 0

    def scan(self, text: str, end: str = "\r") -> None:
        """Type a code of ASCII; Chinese as Alt with the number of its GBK double byte, as scanners do on Windows."""
        for event in self.keys(text + end):
            self.send(event)
            if self.key_seconds:
                time.sleep(self.key_seconds)

    def keys(self, text: str) -> Iterator[bytes]:
        """The events of each key press and release in turn."""
        for character in text:
            if character.isascii():
                code, shift = _key_of(character)
                control = character in _CONTROLS
                before = [_LEFT_CONTROL] if control else [_LEFT_SHIFT] if shift else []
                yield from self._chord(before, [code])
            else:
                number = int.from_bytes(character.encode("gbk"), "big")
                yield from self._chord([_LEFT_ALT], [_KEYPAD_DIGITS[int(digit)] for digit in str(number)])

    def _chord(self, held: list[int], codes: list[int]) -> Iterator[bytes]:
        for code in held:
            yield self.event(code, 1)
        for code in codes:
            yield self.event(code, 1) + self.event(code, 0)
        for code in held:
            yield self.event(code, 0)

    def event(self, code: int, value: int, kind: int = 1) -> bytes:
        """One event and the report that follows it."""
        now = time.time()
        seconds, micros = int(now), int(now % 1 * 1e6)
        return struct.pack("@llHHi", seconds, micros, kind, code, value) + struct.pack(
            "@llHHi", seconds, micros, 0, 0, 0
        )

    def send(self, data: bytes) -> None:
        """Write events, whole or not, as they are; waits while the reader is slow, drops them while unplugged."""
        while data and (pipe := self._pipe) is not None:
            with contextlib.suppress(BlockingIOError):
                data = data[os.write(pipe, data) :]
                continue
            time.sleep(0.002)


_LEFT_CONTROL, _LEFT_SHIFT, _LEFT_ALT = 29, 42, 56
_KEYPAD_DIGITS = (82, 79, 80, 81, 75, 76, 77, 71, 72, 73)
_ROWS = {2: "1234567890-=", 16: "qwertyuiop[]", 30: "asdfghjkl;'`", 43: "\\zxcvbnm,./", 57: " ", 28: "\r", 15: "\t"}
_SHIFT_ROWS = {2: "!@#$%^&*()_+", 16: "QWERTYUIOP{}", 30: 'ASDFGHJKL:"~', 43: "|ZXCVBNM<>?"}
_CONTROLS = {"\x1d": "]", "\x1e": "6", "\x1c": "\\", "\x1b": "["}


def _key_of(character: str) -> tuple[int, bool]:
    """The key's code on a US keyboard, and whether Shift is held."""
    character = _CONTROLS.get(character, character)
    for rows, shift in ((_ROWS, False), (_SHIFT_ROWS, True)):
        for first, characters in rows.items():
            if character in characters:
                return first + characters.index(character), shift
    raise ValueError("no key types this character")
