"""The other side of the kernel: USB gadgets that are plugged in and pulled out, cameras, keyboards."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import termios
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from drivers.simulated.printer_ports import Port

T = TypeVar("T")

GADGETS = Path("/sys/kernel/config/usb_gadget")
VIVID = Path("/sys/bus/platform/drivers/vivid")
ALL = 1 << 18
"""More than a gadget's driver keeps: nothing half read is left for the time after a replug."""
PRINTER_ID = "MFG:POS;CMD:ESC/POS;MDL:POS80;CLS:PRINTER;"


def modprobe(name: str, *options: str) -> None:
    subprocess.run(["modprobe", "-d", os.environ["DOORSTEP_GUEST_MODULES"], name, *options], check=True)


def wait_for(condition: Callable[[], T], seconds: float = 120.0) -> T:
    """A guest without acceleration is slow: generous, and nothing is asserted about time."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)
    return found


@contextmanager
def timed(what: str, kernel: Callable[[], object]) -> Iterator[None]:
    """Say how long the block took, and how much of that the kernel needed until ``kernel`` held. Never asserted."""
    begun = time.monotonic()
    known: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set() and not known:
            if kernel():
                known.append(time.monotonic() - begun)
            over.wait(0.01)

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    yield
    taken = time.monotonic() - begun
    over.set()
    watching.join(5)
    print(f"TIME {what}: usable after {taken:.2f} s, there after {known[0] if known else taken:.2f} s")


def write(path: Path, text: str) -> None:
    path.write_text(text + "\n", encoding="ascii")


class Gadget:
    """A USB device on one port of the dummy host controller, plugged in by ``plug``."""

    def __init__(self, port: int, vendor: str, product: str, serial_number: str, function: str, **about: str) -> None:
        modprobe("libcomposite")
        if not Path("/sys/class/udc").is_dir() or not list(Path("/sys/class/udc").iterdir()):
            modprobe("dummy_hcd", "num=3")
        modprobe(f"usb_f_{function.split('.')[0]}")
        self._folder = GADGETS / f"g{port}"
        self._controller = f"dummy_udc.{port}"
        (self._folder / "strings/0x409").mkdir(parents=True)
        write(self._folder / "idVendor", f"0x{vendor}")
        write(self._folder / "idProduct", f"0x{product}")
        write(self._folder / "strings/0x409/serialnumber", serial_number)
        write(self._folder / "strings/0x409/manufacturer", "Sample")
        write(self._folder / "strings/0x409/product", "Sample device")
        self.function = self._folder / "functions" / function
        self.function.mkdir()
        for name, value in about.items():
            write(self.function / name, value)
        (self._folder / "configs/c.1").mkdir()
        (self._folder / "configs/c.1" / function).symlink_to(self.function)
        self.plugged = False
        self._lock = threading.Lock()

    @property
    def wire(self) -> Wire:
        """The other end of a serial gadget."""
        return Wire(f"/dev/ttyGS{(self.function / 'port_num').read_text().strip()}")

    def plug(self) -> None:
        with self._lock:  # the host knows of an unplug before it has ended here
            if not self.plugged:
                write(self._folder / "UDC", self._controller)
                self.plugged = True

    def unplug(self) -> None:
        with self._lock:
            if self.plugged:
                write(self._folder / "UDC", "")
                self.plugged = False


class Wire:
    """The device's end of a gadget: bytes both ways on a character device that outlives plugging. Any thread."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._handle: int | None = None
        self._lock = threading.Lock()

    def try_open(self) -> int | None:
        """None while it is not there, or there without the host having seen it."""
        with self._lock:
            if self._handle is None:
                try:
                    handle = os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
                except OSError:
                    return None
                try:
                    if os.isatty(handle):
                        tty.setraw(handle, termios.TCSANOW)
                except termios.error:  # hung up again already
                    os.close(handle)
                    return None
                self._handle = handle
            return self._handle

    def open(self) -> int:
        return wait_for(self.try_open) or 0

    def read(self, seconds: float) -> bytes:
        handle = self.open()
        try:
            if not select.select([handle], [], [], seconds)[0]:
                return b""
            if data := os.read(handle, ALL):
                return data
        except BlockingIOError:
            return b""
        except (OSError, ValueError):
            pass
        self.close()  # hung up
        return b""

    def write(self, data: bytes, seconds: float = 10.0) -> None:
        until = time.monotonic() + seconds
        while data and time.monotonic() < until:
            try:
                data = data[os.write(self.open(), data) :]
            except BlockingIOError:
                time.sleep(0.01)
            except OSError:
                self.close()
                return

    def close(self) -> None:
        with self._lock:
            handle, self._handle = self._handle, None
            if handle is not None:
                os.close(handle)


class GadgetPort(Port):
    """A way into the simulated printer through the kernel's own printer gadget."""

    def __init__(self, gadget: Gadget, device: str = "/dev/g_printer0") -> None:
        self._gadget = gadget
        self._wire = Wire(device)
        self._inbox = b""
        gadget.plug()

    @property
    def address(self) -> str:
        return "usb:0416:5011"

    def wait(self, seconds: float) -> None:
        if not self._inbox and self._gadget.plugged:
            self._inbox = self._wire.read(seconds)
        else:
            time.sleep(min(seconds, 0.01))

    def take(self, most: int) -> bytes:
        data, self._inbox = self._inbox[:most], self._inbox[most:]
        return data

    def say(self, data: bytes) -> None:
        self._wire.write(data, 1.0)

    def disconnect(self) -> None:
        self.unplug()
        self.replug()

    def unplug(self) -> None:
        self._inbox = b""
        self._gadget.unplug()

    def replug(self) -> None:
        self._gadget.plug()


class Bridge:
    """Copies bytes between a gadget's character device and a file descriptor, such as a simulated reader's line."""

    def __init__(self, wire: Wire, other: int) -> None:
        self._wire, self._other = wire, other
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._copy, daemon=True)
        self._thread.start()

    def _copy(self) -> None:
        while not self._stopping.is_set():
            handle = self._wire.try_open()
            if handle is None:
                self._stopping.wait(0.05)
                continue
            try:
                ready = select.select([handle, self._other], [], [], 0.1)[0]
            except (OSError, ValueError):  # closed by an unplug
                continue
            if handle in ready and (data := self._wire.read(0.0)):
                os.write(self._other, data)
            if self._other in ready:
                self._wire.write(os.read(self._other, 4096), 1.0)

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(30)


UI_SET_EVBIT, UI_SET_KEYBIT = 0x40045564, 0x40045565
UI_DEV_SETUP, UI_DEV_CREATE, UI_DEV_DESTROY = 0x405C5503, 0x5501, 0x5502
EV_SYN, EV_KEY = 0, 1


class Keyboard:
    """A keyboard that a program makes (uinput), as a scanner in keyboard mode is one."""

    def __init__(self, name: str = "Sample scanner") -> None:
        modprobe("evdev")
        modprobe("uinput")
        before = set(Path("/dev/input").glob("event*")) if Path("/dev/input").is_dir() else set()
        self._handle = os.open("/dev/uinput", os.O_WRONLY | os.O_NONBLOCK)
        fcntl.ioctl(self._handle, UI_SET_EVBIT, EV_KEY)
        for key in range(1, 120):
            fcntl.ioctl(self._handle, UI_SET_KEYBIT, key)
        fcntl.ioctl(self._handle, UI_DEV_SETUP, struct.pack("<HHHH80sI", 3, 0x1EAB, 0x1D06, 1, name.encode(), 0))
        fcntl.ioctl(self._handle, UI_DEV_CREATE)
        self.path: Path = wait_for(lambda: next(iter(set(Path("/dev/input").glob("event*")) - before), None))  # type: ignore[assignment]

    def key(self, code: int, *, shift: bool = False) -> None:
        keys = [(42, 1)] * shift + [(code, 1), (code, 0)] + [(42, 0)] * shift
        for number, value in keys:
            self._event(EV_KEY, number, value)
            self._event(EV_SYN, 0, 0)

    def _event(self, kind: int, code: int, value: int) -> None:
        os.write(self._handle, struct.pack("<qqHHi", 0, 0, kind, code, value))

    def close(self) -> None:
        fcntl.ioctl(self._handle, UI_DEV_DESTROY)
        os.close(self._handle)
