"""The ways into a simulated receipt printer: a TCP port, a serial line, a character device, a USB cable.

All lead to the same mechanism. A port only moves bytes; it keeps a few kilobytes of what has come, as kernels do, and
then takes nothing more until the mechanism has room. Plugging and unplugging may be called from any thread.
"""

from __future__ import annotations

import contextlib
import random
import select
import socket
import threading
import time
from abc import ABC, abstractmethod
from array import array
from types import SimpleNamespace
from typing import Any

import usb.backend
import usb.core

from drivers.simulated.pseudo_terminal import PseudoTerminal

INBOX_BYTES = 4096
PACKET = 64
VENDOR, PRODUCT = 0x0416, 0x5011
NO_DEVICE = 19
TIMED_OUT = 110


class Port(ABC):
    """One way into the printer. ``wait`` and ``take`` are called by the printer's thread only."""

    @property
    @abstractmethod
    def address(self) -> str:
        """Connection string for the driver, the same before and after a replug."""

    @abstractmethod
    def wait(self, seconds: float) -> None:
        """Wait until there is something to take, at most so long."""

    @abstractmethod
    def take(self, most: int) -> bytes:
        """What has come in, without waiting."""

    @abstractmethod
    def say(self, data: bytes) -> None:
        """Send to the driver; nobody listening is no error."""

    @abstractmethod
    def disconnect(self) -> None:
        """Break what is connected, and be there again at once; what had not been taken is lost."""

    @abstractmethod
    def unplug(self) -> None:
        """Be gone."""

    @abstractmethod
    def replug(self) -> None:
        """Be there again."""

    def stop(self) -> None:
        """Be gone for good."""
        self.unplug()


class TcpPort(Port):
    """Port 9100 of a network printer, on a free port of this machine."""

    def __init__(self) -> None:
        self._server: socket.socket | None = None
        self._connections: list[socket.socket] = []
        self._lock = threading.Lock()
        self._number = 0
        self.replug()

    @property
    def address(self) -> str:
        return f"tcp:127.0.0.1:{self._number}"

    def wait(self, seconds: float) -> None:
        with self._lock:
            sources = [*([self._server] if self._server else []), *self._connections]
        if not sources:
            time.sleep(min(seconds, 0.01))
            return
        with contextlib.suppress(OSError, ValueError):  # closed by unplug while we waited
            select.select(sources, [], [], seconds)

    def take(self, most: int) -> bytes:
        with self._lock:
            if self._server is not None:
                with contextlib.suppress(OSError):
                    connection, _ = self._server.accept()
                    connection.setblocking(False)
                    self._connections.append(connection)
            taken = b""
            for connection in list(self._connections):
                if len(taken) >= most:
                    break
                try:
                    data = connection.recv(min(4096, most - len(taken)))
                except BlockingIOError:
                    continue
                except OSError:
                    data = b""
                if not data:
                    self._connections.remove(connection)
                    _close(connection)
                taken += data
            return taken

    def say(self, data: bytes) -> None:
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.setblocking(True)
                    connection.settimeout(1.0)
                    connection.sendall(data)
                with contextlib.suppress(OSError):
                    connection.setblocking(False)

    def disconnect(self) -> None:
        with self._lock:
            for connection in self._connections:
                _close(connection)
            self._connections.clear()

    def unplug(self) -> None:
        with self._lock:
            if self._server is not None:
                with contextlib.suppress(OSError):
                    self._server.shutdown(socket.SHUT_RDWR)  # frees the port even while another thread waits on it
                self._server.close()
                self._server = None
        self.disconnect()

    def replug(self) -> None:
        with self._lock:
            if self._server is not None:
                return
            self._server = _listening(self._number)
            self._number = self._server.getsockname()[1]


class SerialPort(Port):
    """A serial line on a pseudo terminal; with ``device`` the same seen as a character device such as usblp's."""

    def __init__(self, *, device: bool = False) -> None:
        self._device = device
        self._inbox = bytearray()
        self._changed = threading.Condition()
        self._gone = False
        self._terminal = PseudoTerminal(self._receive, name="printer")
        self._terminal.start()

    @property
    def address(self) -> str:
        return f"file:{self._terminal.path}" if self._device else self._terminal.address

    def _receive(self, data: bytes) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._gone or len(self._inbox) < INBOX_BYTES)
            if not self._gone:
                self._inbox += data
                self._changed.notify_all()

    def wait(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: bool(self._inbox), seconds)

    def take(self, most: int) -> bytes:
        with self._changed:
            data = bytes(self._inbox[: max(1, most)])
            del self._inbox[: len(data)]
            self._changed.notify_all()
            return data

    def say(self, data: bytes) -> None:
        self._terminal.send(data)

    def disconnect(self) -> None:
        self.unplug()
        self.replug()

    def unplug(self) -> None:
        with self._changed:
            self._gone = True
            self._inbox.clear()
            self._changed.notify_all()
        self._terminal.unplug()

    def replug(self) -> None:
        with self._changed:
            self._gone = False
        self._terminal.replug()

    def stop(self) -> None:
        self.unplug()
        self._terminal.stop()


class UsbPort(Port):
    """A printer of USB class 7/1/2 behind pyusb's backend interface: everything above libusb is the real thing.

    ``backend`` is what ``usb.backend.libusb1.get_backend`` has to give while it is used.
    """

    def __init__(self, serial_number: str = "A1") -> None:
        self.serial_number = serial_number
        self.changed = threading.Condition()
        self.plugged = True
        self.inbox = bytearray()
        self.outbox = bytearray()
        self.number = 1
        """Of the device on its bus: another one after every plug, as the kernel does it."""
        self.twins = 0
        """How many more that say the same of themselves are on the bus."""
        self.backend = UsbBackend(self)

    @property
    def address(self) -> str:
        return f"usb:{VENDOR:04x}:{PRODUCT:04x}?serial={self.serial_number}"

    def wait(self, seconds: float) -> None:
        with self.changed:
            self.changed.wait_for(lambda: bool(self.inbox), seconds)

    def take(self, most: int) -> bytes:
        with self.changed:
            data = bytes(self.inbox[: max(1, most)])
            del self.inbox[: len(data)]
            self.changed.notify_all()
            return data

    def say(self, data: bytes) -> None:
        with self.changed:
            if self.plugged and len(self.outbox) < 65536:  # a device without a reader drops what it cannot keep
                self.outbox += data
                self.changed.notify_all()

    def disconnect(self) -> None:
        self.unplug()
        self.replug()

    def unplug(self) -> None:
        with self.changed:
            self.plugged = False
            self.inbox.clear()
            self.outbox.clear()
            self.changed.notify_all()

    def replug(self) -> None:
        with self.changed:
            if not self.plugged:
                self.plugged = True
                self.number += 1


class UsbBackend(usb.backend.IBackend):  # type: ignore[misc]
    """What libusb would do for one printer on one bus. The handle is the number the device had when it was opened."""

    __module__ = "drivers.simulated.libusb1"  # python-escpos looks at this name before it detaches usblp

    def __init__(self, port: UsbPort) -> None:
        self._port = port
        self.kernel_driver = True

    def _alive(self, handle: int) -> None:
        if not self._port.plugged or handle % 100 != self._port.number % 100:
            raise usb.core.USBError("No such device (it may have been disconnected)", -4, NO_DEVICE)

    def enumerate_devices(self) -> list[int]:
        return [self._port.number + twin * 100 for twin in range(self._port.twins + 1)] if self._port.plugged else []

    def get_parent(self, dev: int) -> None:
        return None

    def get_device_descriptor(self, dev: int) -> Any:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x0200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=VENDOR, idProduct=PRODUCT, bcdDevice=0x0100, iManufacturer=1, iProduct=2,
            iSerialNumber=3, bNumConfigurations=1, address=dev, bus=1, port_number=1, port_numbers=(1,), speed=2,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: int, config: int) -> Any:
        if config:
            raise IndexError(config)
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=1, bConfigurationValue=1, iConfiguration=0,
            bmAttributes=0xC0, bMaxPower=1, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev: int, intf: int, alt: int, config: int) -> Any:
        if intf or alt:
            raise IndexError(intf)
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=0, bNumEndpoints=2, bInterfaceClass=7,
            bInterfaceSubClass=1, bInterfaceProtocol=2, iInterface=0, extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(self, dev: int, ep: int, intf: int, alt: int, config: int) -> Any:
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=(0x81, 0x02)[ep], bmAttributes=2, wMaxPacketSize=PACKET,
            bInterval=0, bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, dev: int) -> int:
        self._alive(dev)
        return dev

    def close_device(self, dev_handle: int) -> None: ...

    def set_configuration(self, dev_handle: int, config_value: int) -> None:
        self._alive(dev_handle)

    def get_configuration(self, dev_handle: int) -> int:
        self._alive(dev_handle)
        return 1

    def claim_interface(self, dev_handle: int, intf: int) -> None:
        self._alive(dev_handle)
        if self.kernel_driver:
            raise usb.core.USBError("Resource busy", -6, 16)

    def release_interface(self, dev_handle: int, intf: int) -> None: ...

    def reset_device(self, dev_handle: int) -> None:
        self._alive(dev_handle)

    def is_kernel_driver_active(self, dev_handle: int, intf: int) -> bool:
        self._alive(dev_handle)
        return self.kernel_driver

    def detach_kernel_driver(self, dev_handle: int, intf: int) -> None:
        self._alive(dev_handle)
        self.kernel_driver = False

    def ctrl_transfer(
        self, dev_handle: int, request_type: int, request: int, value: int, index: int, data: Any, timeout: int
    ) -> int:
        """GET_DESCRIPTOR of texts only: the languages, maker, product and serial number."""
        self._alive(dev_handle)
        if (request_type, request, value >> 8) != (0x80, 6, 3) or value & 0xFF > 3:
            raise usb.core.USBError("Pipe error", -9, 32)
        text = ("", "Doorstep", "Simulated printer", self._port.serial_number)[value & 0xFF]
        body = text.encode("utf-16-le") if value & 0xFF else b"\x09\x04"
        answer = bytes((len(body) + 2, 3)) + body
        data[: len(answer)] = array("B", answer)
        return len(answer)

    def bulk_write(self, dev_handle: int, ep: int, intf: int, data: Any, timeout: int) -> int:
        port = self._port
        with port.changed:
            self._alive(dev_handle)
            room = port.changed.wait_for(
                lambda: not port.plugged or dev_handle != port.number or len(port.inbox) < INBOX_BYTES, timeout / 1000
            )
            self._alive(dev_handle)
            if not room:
                raise usb.core.USBTimeoutError("Operation timed out", -7, TIMED_OUT)
            taken = min(len(data), INBOX_BYTES - len(port.inbox))
            port.inbox += bytes(data[:taken])
            port.changed.notify_all()
            return taken

    def bulk_read(self, dev_handle: int, ep: int, intf: int, buff: Any, timeout: int) -> int:
        port = self._port
        with port.changed:
            self._alive(dev_handle)
            if len(buff) % PACKET:
                raise usb.core.USBError("Overflow", -8, 75)
            port.changed.wait_for(
                lambda: not port.plugged or dev_handle != port.number or bool(port.outbox), timeout / 1000
            )
            self._alive(dev_handle)
            if not port.outbox:
                raise usb.core.USBTimeoutError("Operation timed out", -7, TIMED_OUT)
            data = bytes(port.outbox[: len(buff)])
            del port.outbox[: len(data)]
            buff[: len(data)] = array("B", data)
            return len(data)


def _listening(number: int) -> socket.socket:
    """A server at this port, or at a free one for 0, below those the kernel gives to outgoing connections.

    There a client that looks for an unplugged printer could hit its own port and take it for itself.
    """
    for _ in range(1000):
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            server.bind(("127.0.0.1", number or random.randrange(15000, 32000)))
            server.listen(4)
        except OSError:
            server.close()
            if number:
                time.sleep(0.01)
            continue
        server.setblocking(False)
        return server
    raise OSError(f"no port for the simulated printer ({number})")


def _close(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
