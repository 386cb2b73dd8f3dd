"""Byte lines to a receipt printer, opened by python-escpos where its connectors can be used.

What a connector of python-escpos 3.1 does that a kiosk cannot live with is put right here: writes that block without
end, reads that block a whole time-out, a handle that opens itself again in the middle of a job (``Escpos.device``),
``File`` that cannot read and creates a plain file where an unplugged ``/dev/usb/lp0`` was, ``Serial`` that wants DTR
and cannot do ``socket://``, ``Usb`` that guesses end points (measured, hardware.md 4.5).
"""

from __future__ import annotations

import os
import select
import socket
import stat
from abc import ABC, abstractmethod
from typing import Any

from drivers.driver import DeviceError, DeviceLost
from drivers.recording.recorder import Tap
from drivers.transport.address import Address, AddressError
from drivers.transport.serial_port import place_of

WAIT = 0.2
"""Seconds a write waits at most for the printer to take something."""

CONNECT_SECONDS = 3.0
DEFAULT_PORT = 9100
DEFAULT_BAUD = 9600
PRINTER_CLASS = 7
USB_PIECE = 4096
SERIAL_PIECE = 256
SEND_BUFFER = 16384
NOT_SENT_BYTES = 2048
"""Of a slip for a network printer without paper, so much waits in our own kernel (twice that at most), not 24 KB."""
KERNEL_BYTES = 4096
"""What the driver of a serial port keeps before it takes no more."""
BITS_OF_BYTE = 10


class PrinterLine(ABC):
    """An open way to a printer. One thread only."""

    @abstractmethod
    def write(self, data: bytes) -> int:
        """Hand over the beginning of ``data``, waiting at most ``WAIT``; how many bytes were taken, 0 when none.

        Raises:
            OSError: the handle is dead.
        """

    @abstractmethod
    def read(self, seconds: float) -> bytes:
        """What has arrived, waiting at most ``seconds`` for the first byte; b"" is silence.

        Raises:
            OSError, DeviceLost: the handle is dead or the other end closed it.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of the handle."""

    @property
    def answers(self) -> bool:
        """Whether this way leads back at all; a plain file does not."""
        return True

    @property
    def outlives_power(self) -> bool:
        """Whether the line stays open, and takes bytes, when the printer loses its current."""
        return False

    def seconds_for(self, count: int) -> float:
        """How long the line needs for so many bytes, at most."""
        return 0.0


class TappedLine(PrinterLine):
    """A line whose bytes a tap is told of."""

    def __init__(self, line: PrinterLine, tap: Tap) -> None:
        self._line = line
        self._tap = tap

    def write(self, data: bytes) -> int:
        taken = self._line.write(data)
        self._tap.sent(data[:taken])
        return taken

    def read(self, seconds: float) -> bytes:
        data = self._line.read(seconds)
        self._tap.received(data)
        return data

    def close(self) -> None:
        self._line.close()

    @property
    def answers(self) -> bool:
        return self._line.answers

    @property
    def outlives_power(self) -> bool:
        return self._line.outlives_power

    def seconds_for(self, count: int) -> float:
        return self._line.seconds_for(count)


def check_printer_address(address: Address) -> None:
    """Whether it can be a printer's at all; nothing is opened.

    Raises:
        AddressError: with the reason.
    """
    match address.scheme:
        case "tcp":
            _host_and_port(address)
        case "serial":
            address.speed(DEFAULT_BAUD)
            address.number("xonxoff", 0)
        case "usb":
            _usb_names(address)
        case "file":
            pass
        case scheme:
            raise AddressError(f"a receipt printer cannot be reached by {scheme!r}; use tcp, serial, usb or file")


def open_printer_line(address: Address) -> PrinterLine:
    """Open the way a connection string names: ``tcp:``, ``serial:``, ``file:`` or ``usb:``.

    Raises:
        OSError, DeviceError: there is nothing at the other end.
        AddressError: no way to a printer (``check_printer_address``).
    """
    check_printer_address(address)
    if address.scheme == "tcp":
        return _NetworkLine(address)
    if address.scheme == "serial":
        return _SerialLine(address)
    if address.scheme == "file":
        return _FileLine(address)
    return _UsbLine(address)


def _host_and_port(address: Address) -> tuple[str, int]:
    host, _, port = address.target.rpartition(":")
    if not host:
        host, port = address.target, str(DEFAULT_PORT)
    if not port.isdecimal():
        raise AddressError(f"{address.target!r}: the port is no number")
    return host, int(port)


class _NetworkLine(PrinterLine):
    """escpos Network, with keep-alive so that a printer without current is noticed within about 10 s."""

    def __init__(self, address: Address) -> None:
        from escpos.printer import Network

        host, port = _host_and_port(address)
        try:  # not through escpos, which leaves the socket open when nobody answers
            self._socket = socket.create_connection((host, port), CONNECT_SECONDS)
        except OSError:
            raise DeviceLost("receipt_printer.not_found", port=address.target) from None
        if self._socket.getsockname() == self._socket.getpeername():  # nobody listens, and we met ourselves
            self._socket.close()
            raise DeviceLost("receipt_printer.not_found", port=address.target)
        self._printer: Any = Network(host, port, timeout=CONNECT_SECONDS)
        self._printer.device = self._socket
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in (("TCP_KEEPIDLE", 4), ("TCP_KEEPINTVL", 2), ("TCP_KEEPCNT", 3)):
            if hasattr(socket, name):
                self._socket.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # What waits in our own kernel is neither printed nor askable, and comes out although its visit is over: keep
        # it short. A smaller send buffer would slow down a printer that takes everything.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, NOT_SENT_BYTES)

    def write(self, data: bytes) -> int:
        self._socket.settimeout(WAIT)
        try:
            return self._socket.send(data)
        except TimeoutError:
            return 0

    def read(self, seconds: float) -> bytes:
        self._socket.settimeout(max(0.001, seconds))
        try:
            data = self._socket.recv(256)
        except TimeoutError:
            return b""
        if not data:
            raise DeviceLost("receipt_printer.lost")
        return data

    def close(self) -> None:
        self._printer.close()


class _SerialLine(PrinterLine):
    """escpos Serial without DTR handshake; ``socket://`` and other addresses of pyserial through serial_for_url."""

    def __init__(self, address: Address) -> None:
        import serial
        from escpos.exceptions import DeviceNotFoundError
        from escpos.printer import Serial

        place = place_of(address.target)
        self._baud = baud = address.speed(DEFAULT_BAUD)
        xonxoff = address.number("xonxoff", 0) != 0
        self._printer: Any = Serial(place, baudrate=baud, timeout=0, xonxoff=xonxoff, dsrdtr=False)
        try:
            if "://" in place:
                self._printer.device = serial.serial_for_url(place, baudrate=baud, timeout=0)
            else:
                self._printer.open()
        except (DeviceNotFoundError, OSError):
            raise DeviceLost("receipt_printer.not_found", port=place) from None
        self._port: serial.SerialBase = self._printer.device
        self._handle: int | None = self._port.fileno() if hasattr(self._port, "fileno") else None
        # With a handle to wait on, a write that takes what it can and says how much; else small pieces with a limit.
        self._port.write_timeout = 0 if self._handle is not None else 5.0

    def write(self, data: bytes) -> int:
        if self._handle is not None and not select.select([], [self._handle], [], WAIT)[1]:
            return 0
        return self._port.write(data[:SERIAL_PIECE]) or 0

    def read(self, seconds: float) -> bytes:
        if self._handle is None:
            self._port.timeout = seconds
            return bytes(self._port.read(1))
        if not select.select([self._handle], [], [], seconds)[0]:
            return b""
        return bytes(self._port.read(256))

    @property
    def outlives_power(self) -> bool:
        return True  # the bridge or the port of the computer has its own

    def seconds_for(self, count: int) -> float:
        return (count + KERNEL_BYTES) * BITS_OF_BYTE / max(1, self._baud)

    def close(self) -> None:
        # Not through escpos, whose close waits for everything to be sent: for ever without paper.
        self._port.close()
        self._printer.device = False


class _FileLine(PrinterLine):
    """A character device such as ``/dev/usb/lp0``, read and written; never created when it is not there."""

    def __init__(self, address: Address) -> None:
        flags = os.O_RDWR
        for name in ("O_NONBLOCK", "O_NOCTTY", "O_BINARY"):
            flags |= getattr(os, name, 0)
        try:
            self._handle = os.open(address.target, flags)
        except OSError:
            raise DeviceLost("receipt_printer.not_found", port=address.target) from None
        self._plain = stat.S_ISREG(os.fstat(self._handle).st_mode)
        if self._plain:
            os.lseek(self._handle, 0, os.SEEK_END)

    @property
    def answers(self) -> bool:
        return not self._plain

    def write(self, data: bytes) -> int:
        if self._plain:
            return os.write(self._handle, data)
        if not select.select([], [self._handle], [], WAIT)[1]:
            return 0
        try:
            return os.write(self._handle, data[:USB_PIECE])
        except BlockingIOError:
            return 0

    def read(self, seconds: float) -> bytes:
        if self._plain or not select.select([self._handle], [], [], seconds)[0]:
            return b""
        try:
            return os.read(self._handle, 256)  # usblp gives b"" for "nothing yet"; an unplug is ENODEV
        except BlockingIOError:
            return b""

    def close(self) -> None:
        os.close(self._handle)


class _UsbLine(PrinterLine):
    """escpos Usb with the end points of the printer-class interface (7/1/x). Linux unbinds usblp from it."""

    def __init__(self, address: Address) -> None:
        import usb.core
        from escpos.exceptions import DeviceNotFoundError, USBNotFoundError
        from escpos.printer import Usb

        vendor, product, serial_number = _usb_names(address)
        wanted: dict[str, Any] = {"idVendor": vendor, "idProduct": product}
        if serial_number:
            wanted["custom_match"] = lambda found: _serial_number(found) == serial_number
        try:
            found = list(usb.core.find(find_all=True, **wanted))
        except usb.core.NoBackendError:
            raise DeviceError("receipt_printer.no_usb_library") from None
        if not found:
            raise DeviceLost("receipt_printer.not_found", port=address.target)
        if len(found) > 1:
            raise DeviceError("receipt_printer.ambiguous", port=address.target, count=len(found))
        device = found[0]
        ends = find_end_points(device)
        if ends is None:
            raise DeviceError("receipt_printer.no_printer_interface", port=address.target)
        interface, self._in, self._out, self._packet = ends
        try:
            if interface and device.is_kernel_driver_active(interface):
                device.detach_kernel_driver(interface)  # escpos looks at interface 0 only
        except (NotImplementedError, usb.core.USBError):
            pass
        self._timeout_error: type[Exception] = usb.core.USBTimeoutError
        self._printer: Any = Usb(usb_args=wanted, in_ep=self._in, out_ep=self._out)
        try:
            self._printer.open()
        except (DeviceNotFoundError, USBNotFoundError):
            raise DeviceLost("receipt_printer.not_found", port=address.target) from None
        self._usb: Any = self._printer.device

    def write(self, data: bytes) -> int:
        try:
            return int(self._usb.write(self._out, data[:USB_PIECE], int(WAIT * 1000)))
        except self._timeout_error:  # pyusb gives the count instead when a part was taken
            return 0

    def read(self, seconds: float) -> bytes:
        if self._in is None:
            return b""
        try:
            # A whole packet at least: libusb calls a longer answer an overflow and throws it away.
            return bytes(self._usb.read(self._in, self._packet, max(1, int(seconds * 1000))))
        except self._timeout_error:
            return b""

    @property
    def answers(self) -> bool:
        return self._in is not None

    def close(self) -> None:
        self._printer.close()


def _usb_names(address: Address) -> tuple[int, int, str]:
    vendor, _, product = address.target.partition(":")
    try:
        return int(vendor, 16), int(product, 16), address.options.get("serial", "")
    except ValueError:
        raise AddressError(f"usb:{address.target}: expected vendor:product in hexadecimal, such as 0416:5011") from None


def _serial_number(device: Any) -> str:
    try:
        return str(device.serial_number or "")
    except (ValueError, OSError):  # no permission to ask, or no such text in the device
        return ""


def find_end_points(device: Any) -> tuple[int, int | None, int, int] | None:
    """Interface number, in, out and size of a packet of the printer interface of a pyusb device; None without one.

    A printer that only listens has no "in".
    """
    for configuration in device:
        for interface in configuration:
            if interface.bInterfaceClass != PRINTER_CLASS:
                continue
            bulk = [end for end in interface if end.bmAttributes & 0x03 == 0x02]
            inward = next((end for end in bulk if end.bEndpointAddress & 0x80), None)
            outward = next((end for end in bulk if not end.bEndpointAddress & 0x80), None)
            if outward is not None:
                packet = max(64, inward.wMaxPacketSize) if inward is not None else 64
                in_address = inward.bEndpointAddress if inward is not None else None
                return interface.bInterfaceNumber, in_address, outward.bEndpointAddress, packet
    return None
