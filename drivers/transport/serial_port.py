"""A serial line, local or behind a serial-to-network converter, whose loss always shows as ``DeviceLost``.

pyserial reports a vanished device in several ways, one of them (``termios.error``) not even an ``OSError``; this module
turns all of them into one. Not thread-safe: one driver's thread owns a port.
"""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import Iterator

import serial
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from drivers.driver import DeviceError, DeviceLost
from drivers.recording.recorder import Tap
from drivers.transport.address import Address, UsbName, usb_name

try:
    from termios import error as _termios_error
except ImportError:  # Windows has no termios
    _LOSSES: tuple[type[Exception], ...] = (OSError,)
else:
    _LOSSES = (OSError, _termios_error)

LARGEST_READ = 4096
"""Bytes taken at once; ``in_waiting`` of socket:// only says "some" and must not be used as a length."""


def place_of(target: str) -> str:
    """The port, path or URL that pyserial opens for a ``serial:`` target at this moment.

    ``usb=VID:PID[:SERIAL]`` is looked up in the list of ports each time, so a piece that was plugged in elsewhere, or
    whose port got another name, is found again. Two of a kind are told apart by the serial number or not at all.

    Raises:
        DeviceLost: ``device.not_found``, no such piece is plugged in.
        DeviceError: ``device.ambiguous``, more than one is; which one is meant is not guessed.
        AddressError: the target names no piece.
    """
    usb = usb_name(target)
    if usb is None:
        return target
    found = sorted(port.device for port in list_ports.comports() if _is(port, usb))
    if not found:
        raise DeviceLost("device.not_found", port=target)
    if len(found) > 1:
        raise DeviceError("device.ambiguous", port=target, ports=", ".join(found))
    return str(found[0])


def _is(port: ListPortInfo, usb: UsbName) -> bool:
    # Windows gives the serial number in capitals, whatever the device says.
    same_serial = not usb.serial or (port.serial_number or "").casefold() == usb.serial.casefold()
    return (port.vid, port.pid) == (usb.vendor, usb.product) and same_serial


class SerialPort:
    """The port a ``serial:`` address names: a path, COM name, ``usb=VID:PID[:SERIAL]`` or ``socket://host:port``.

    Options: ``baud``.

    8N1, no flow control: readers and scanners use three wires.
    """

    def __init__(self, address: Address, *, baud: int = 115200, write_timeout: float = 2.0) -> None:
        """Only remember where the port is.

        Raises:
            AddressError: the speed is no whole number above 0.
        """
        self.name = address.target
        self.baud = address.speed(baud)
        self._write_timeout = write_timeout
        self.tap: Tap | None = None
        """Told of all bytes, in the pieces in which they went, while somebody records."""
        self._is_socket = "://" in self.name
        self._port: serial.Serial | None = None

    def open(self) -> None:
        """Open, alone (a second process is refused), and drop what was received before.

        Raises:
            DeviceLost: ``device.not_found``, the port is not there or the other side refuses.
            DeviceError: ``device.in_use``, ``device.no_permission`` or ``device.ambiguous``.
        """
        self.close()
        place = place_of(self.name)
        try:
            self._port = serial.serial_for_url(
                place,
                baudrate=self.baud,
                timeout=0,
                write_timeout=self._write_timeout,
                dsrdtr=False,
                exclusive=None if self._is_socket else True,
            )
        except _LOSSES as error:
            number = _error_number(error)
            if number in (errno.EBUSY, errno.EAGAIN):
                raise DeviceError("device.in_use", port=place) from None
            if number in (errno.EACCES, errno.EPERM):
                raise DeviceError("device.no_permission", port=place) from None
            raise DeviceLost("device.not_found", port=place) from None
        except ValueError as error:  # a speed or an address that pyserial does not know
            raise DeviceError("device.bad_address", port=self.name, error=type(error).__name__) from None

    def close(self) -> None:
        """Let go of the port; a dead one is closed as quietly as a living one."""
        port, self._port = self._port, None
        if port is not None:
            with contextlib.suppress(*_LOSSES):
                port.close()

    def change_speed(self, baud: int) -> None:
        """Set another speed, in bits per second; it holds for later openings too.

        Raises:
            DeviceLost: the line is dead, or cannot have this speed.
        """
        with self._watched() as port:
            self.baud = baud
            if port.baudrate != baud:
                port.baudrate = baud

    def read(self, timeout: float) -> bytes:
        """Wait up to ``timeout`` seconds for a first byte and return it with all that is there; b"" for silence.

        Raises:
            DeviceLost: the line is dead.
        """
        with self._watched() as port:
            self._set_timeout(port, timeout)
            first = port.read(1)
            if not first:
                return b""
            if self._is_socket:
                self._set_timeout(port, 0)
                data = bytes(first + port.read(LARGEST_READ))
            else:
                data = bytes(first + port.read(min(port.in_waiting, LARGEST_READ)))
        if self.tap is not None:
            self.tap.received(data)
        return data

    def write(self, data: bytes) -> None:
        """Send all of ``data``.

        Raises:
            DeviceLost: the line is dead, or takes nothing for the write time-out.
        """
        with self._watched() as port:
            port.write(data)
        if self.tap is not None:
            self.tap.sent(data)

    def discard_input(self) -> None:
        """Throw away what has been received and not read.

        Raises:
            DeviceLost: the line is dead.
        """
        with self._watched() as port:
            port.reset_input_buffer()

    def wait_for_silence(self, silence: float = 0.3, limit: float = 3.0) -> bool:
        """Read and throw away until nothing came for ``silence`` seconds; False when it never stops within ``limit``.

        Raises:
            DeviceLost: the line is dead.
        """
        until = time.monotonic() + limit
        while self.read(silence):
            if time.monotonic() > until:
                return False
        return True

    def _set_timeout(self, port: serial.Serial, timeout: float) -> None:
        if port.timeout != timeout:
            port.timeout = timeout

    @contextlib.contextmanager
    def _watched(self) -> Iterator[serial.Serial]:
        if self._port is None:
            raise DeviceLost("device.lost", port=self.name)
        try:
            yield self._port
        except _LOSSES as error:
            raise DeviceLost("device.lost", port=self.name, error=type(error).__name__) from None


def _error_number(error: Exception) -> int | None:
    """The errno of a failed open, which SerialException carries itself or has from the lock's OSError."""
    number = getattr(error, "errno", None)
    if number is None and isinstance(error.__context__, OSError):
        number = error.__context__.errno
    return number
