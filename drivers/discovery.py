"""What is plugged in: everything that could be a piece of the station, listed without opening any of it.

Names come from udev's links, from sysfs, from the PC/SC service's list and from the system's list of ports. A
connection is by something that stays: a by-id link; VID:PID and serial number; the socket (by-path) where two of a
kind are plugged in. Two that cannot be told apart are marked ``ambiguous``, and have no connection where there is no
sure way to each; nothing is guessed.
A source that fails is a note, and the others are listed all the same.

USB numbers: those of the makers' own drivers and Linux's ``usb.ids``; the card readers: hardware reference 1.10.
"""

from __future__ import annotations

import logging
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from serial.tools import list_ports

from drivers.camera_identity import discover_cameras
from drivers.driver import DeviceError, DeviceKind
from drivers.transport.pcsc import CardWatcher

log = logging.getLogger(__name__)

READER, SCANNER, PRINTER = DeviceKind.ID_CARD_READER, DeviceKind.CODE_SCANNER, DeviceKind.RECEIPT_PRINTER
CAMERAS = (DeviceKind.DOCUMENT_CAMERA, DeviceKind.WEBCAM)

NEEDS_VENDOR_LIBRARY = "set_up.needs_vendor_library"
TWINS = "set_up.twins"
TWINS_BY_SOCKET = "set_up.twins_by_socket"
BY_SOCKET = "set_up.by_socket"
TWINS_TOGETHER = "set_up.twins_together"
NAME_MAY_CHANGE = "set_up.name_may_change"
MAYBE_A_KEYBOARD = "set_up.maybe_a_keyboard"
PRINTER_FILE = "set_up.printer_file"
MODEM = "set_up.modem"

ID_READER_USB = {
    (0x0400, 0xC35A): "USB SAM_V",
    (0x10C4, 0x8A1B): "Senter",
    (0x2015, 0x0008): "Senrui 森锐",
    (0x9573, 0x4836): "Yishu 亿数",
    (0x23A4, 0x0219): "Mingtai 明泰",
}
"""Readers whose SAM is a USB device of its own."""

BRIDGES = {0x1A86: "CH34x", 0x10C4: "CP210x", 0x067B: "PL2303", 0x0403: "FTDI"}
"""USB-serial bridges by vendor: anything may be behind them."""

SCANNER_VENDORS = {
    0x1EAB: "Newland 新大陆",
    0x0C2E: "Honeywell",
    0x05E0: "Zebra / Symbol",
    0x05F9: "Datalogic",
    0x065A: "Opticon",
    0x2745: "Unitech",
}
SCANNER_WORDS = re.compile(
    r"scan|bar.?code|newland|honeywell|symbol|zebra|datalogic|opticon|2d.?code|扫", re.IGNORECASE
)
DOCUMENT_CAMERA_WORDS = re.compile(r"doc|visuali|eloam|czur|jieyu|deli|高拍|良田|捷宇|方正", re.IGNORECASE)
PRINTER_VENDORS = {0x04B8: "Epson", 0x0519: "Star", 0x1D90: "Citizen", 0x1504: "Bixolon", 0x0416: "POS", 0x6868: "POS"}
MODEM_VENDORS = {0x2C7C: "Quectel", 0x12D1: "Huawei", 0x1E0E: "SIMCom", 0x1199: "Sierra", 0x19D2: "ZTE"}
"""Mobile modems: their serial ports are nobody's business here."""

_PRINTER_CLASS = 7
_SLOT_NUMBERS = re.compile(r" ([0-9A-Fa-f]{2}) ([0-9A-Fa-f]{2})$")


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """Something plugged in.

    Attributes:
        kinds: Pieces it could be, the likeliest first; empty for something that is none.
        connection: For station.toml, without the options whose defaults fit most; "" when there is no sure way to it.
        name: As maker and system call it.
        identity: Text that stays the same when it is plugged in again, for people and for comparing.
        ambiguous: There is a second one that says the same of itself.
        note_code: A key of the words: what has to be known before it is chosen.
        serial_line: Its protocol and speed can be tried (``drivers.probing``).
    """

    kinds: tuple[DeviceKind, ...]
    connection: str
    name: str
    identity: str
    ambiguous: bool = False
    note_code: str = ""
    serial_line: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A source that could not be asked.

    Attributes:
        kinds: The pieces it would have found.
    """

    code: str
    detail: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))
    kinds: tuple[DeviceKind, ...] = tuple(DeviceKind)


@dataclass(frozen=True, slots=True)
class Discovery:
    devices: tuple[FoundDevice, ...]
    notes: tuple[Note, ...] = ()

    def fit_for(self, kind: DeviceKind) -> tuple[FoundDevice, ...]:
        """Those that could be this piece, the likeliest first."""
        fit = [one for one in self.devices if kind in one.kinds]
        return tuple(sorted(fit, key=lambda one: (not one.connection, bool(one.note_code), one.kinds.index(kind))))


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look; of another tree in tests."""

    dev: Path = Path("/dev")
    sys: Path = Path("/sys")


Source = Callable[[Places], Iterable[FoundDevice | Note]]


def discover(places: Places = Places()) -> Discovery:
    """List what is plugged in; blocking, some 0.1 s, any thread. Nothing is opened, nothing raised."""
    devices: list[FoundDevice] = []
    notes: list[Note] = []
    for source in SOURCES:
        try:
            found = list(source(places))
        except Exception as error:  # whatever it is, the other sources still have something to say
            log.warning("%s: %s", source.__name__, type(error).__name__)
            notes.append(Note("set_up.source_failed", _detail(source=source.__name__, error=type(error).__name__)))
            continue
        devices += [one for one in found if isinstance(one, FoundDevice)]
        notes += [one for one in found if isinstance(one, Note)]
    return Discovery(tuple(devices), tuple(notes))


def _detail(**values: str) -> MappingProxyType[str, str]:
    return MappingProxyType(values)


# -- serial ports ----------------------------------------------------------------------------------------------------


def serial_ports(places: Places) -> Iterable[FoundDevice | Note]:
    """Ports of the system's list; two of a kind by their sockets."""
    ports = sorted(list_ports.comports(), key=lambda port: port.device)
    by_id = _links(places.dev / "serial" / "by-id")
    by_path = _links(places.dev / "serial" / "by-path")

    def looks_like(port: object) -> tuple[object, ...]:
        _, _, interface = str(getattr(port, "location", None) or "").partition(":")
        return (getattr(port, "vid", None), getattr(port, "pid", None), getattr(port, "serial_number", None), interface)

    alike = Counter(looks_like(port) for port in ports if port.vid is not None)
    one_number = Counter((port.vid, port.pid, _plain(port.serial_number)) for port in ports if port.vid is not None)
    for port in ports:
        device = os.path.realpath(port.device)
        twin = alike[looks_like(port)] > 1
        target, note = by_id.get(device, ""), ""
        identity = Path(target).name
        if port.vid is None:
            target = identity = port.device  # soldered in, or COM1: the name stays
        elif twin:
            target = by_path.get(device, "")
            note = TWINS_BY_SOCKET if target else TWINS
            identity = Path(target).name or _usb_text(port.vid, port.pid, port.serial_number)
        elif not target:
            number = _plain(port.serial_number)
            whole = f"{port.vid:04X}:{port.pid:04X}"
            if one_number[port.vid, port.pid, number] > 1:  # two interfaces of one device
                note = TWINS
            else:
                target = f"usb={whole}:{number}" if number else f"usb={whole}"
            identity = _usb_text(port.vid, port.pid, number)
        kinds = _serial_kinds(port.vid)
        yield FoundDevice(
            kinds,
            f"serial:{target}" if target and kinds else "",
            _serial_name(port.vid, port.description, port.device),
            identity,
            ambiguous=twin or note == TWINS,
            note_code=note if kinds else MODEM,
            serial_line=bool(kinds),
        )


def _serial_kinds(vendor: int | None) -> tuple[DeviceKind, ...]:
    if vendor in MODEM_VENDORS:
        return ()
    if vendor in SCANNER_VENDORS:
        return (SCANNER,)
    if vendor in PRINTER_VENDORS:
        return (PRINTER, READER, SCANNER)
    return (READER, SCANNER, PRINTER)


def _serial_name(vendor: int | None, description: str | None, device: str) -> str:
    known = {**BRIDGES, **SCANNER_VENDORS, **MODEM_VENDORS}.get(vendor or 0, "")
    text = description if description and description != "n/a" else ""
    short = Path(device).name
    words = [known if known and known.lower() not in text.lower() else "", text if text != short else ""]
    return " ".join(word for word in words if word) + (f" ({short})" if any(words) else short)


# -- PC/SC -----------------------------------------------------------------------------------------------------------


def card_readers(places: Places) -> Iterable[FoundDevice | Note]:
    """Readers of the PC/SC service. The two numbers at the end of a name are an order of plugging in: left out."""
    watcher = CardWatcher()
    try:
        watcher.open()
        watcher.wait(0)
        names = watcher.readers
    except DeviceError as error:
        yield Note(error.code, kinds=(DeviceKind.SOCIAL_SECURITY_CARD,))
        return
    finally:
        watcher.close()
    numbers: dict[str, set[str]] = {}
    for name in names:
        slot = _SLOT_NUMBERS.search(name)
        numbers.setdefault(_SLOT_NUMBERS.sub("", name), set()).add(slot[1] if slot else "")
    for name, readers in sorted(numbers.items()):
        several = len(readers) > 1
        yield FoundDevice(
            (DeviceKind.SOCIAL_SECURITY_CARD,),
            f"pcsc:{name}" if "?" not in name else "",
            name,
            name,
            ambiguous=several,
            note_code=TWINS_TOGETHER if several else "",
        )


# -- cameras ---------------------------------------------------------------------------------------------------------


def cameras(places: Places) -> Iterable[FoundDevice | Note]:
    """Cameras; two of a kind by their sockets, because both carry one by-id name."""
    found = discover_cameras(places.dev / "v4l")
    alike = Counter((camera.vid, camera.pid, camera.name) for camera in found)
    for camera in found:
        # With a serial number each has a by-id name of its own.
        twin = alike[camera.vid, camera.pid, camera.name] > 1 and "/by-id/" not in camera.stable_path
        kinds = CAMERAS if DOCUMENT_CAMERA_WORDS.search(camera.name) else tuple(reversed(CAMERAS))
        if "/by-path/" in camera.stable_path:
            note, connection = TWINS_BY_SOCKET if twin else BY_SOCKET, camera.address
        elif camera.stable_path:
            note, connection = "", camera.address
        elif twin:
            note, connection = TWINS, ""
        elif camera.vid is not None and camera.pid is not None:
            note, connection = "", f"v4l2:usb={camera.vid:04x}:{camera.pid:04x}"
        else:
            note, connection = NAME_MAY_CHANGE, camera.address
        yield FoundDevice(
            kinds,
            connection,
            camera.name or camera.path,
            Path(camera.stable_path).name or _usb_text(camera.vid, camera.pid, ""),
            ambiguous=twin,
            note_code=note,
        )


# -- USB: printers, and readers that need a library -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _UsbDevice:
    vendor: int
    product: int
    serial_number: str
    name: str
    printer: bool
    node: str  # of the moment: 1-1.2


def usb_devices(places: Places) -> Iterable[FoundDevice | Note]:
    """Printers of the USB class, and ID card readers with a USB SAM."""
    devices = _usb_of_sysfs(places.sys)
    if devices is None:
        devices, note = _usb_of_library()
        if note:
            yield note
    elif any(one.printer for one in devices) and not _has_usb_library():
        yield Note("set_up.no_usb_library")
    alike = Counter((one.vendor, one.product, one.serial_number) for one in devices)
    for one in devices:
        several = alike[one.vendor, one.product, one.serial_number] > 1
        text = _usb_text(one.vendor, one.product, one.serial_number)
        if (one.vendor, one.product) in ID_READER_USB:
            name = one.name or ID_READER_USB[one.vendor, one.product]
            yield FoundDevice((READER,), "", name, text, several, NEEDS_VENDOR_LIBRARY)
        elif one.printer:
            connection = f"usb:{one.vendor:04X}:{one.product:04X}"
            if one.serial_number:
                connection += f"?serial={quote(one.serial_number, safe='')}"
            name = one.name or PRINTER_VENDORS.get(one.vendor, "USB")
            yield FoundDevice((PRINTER,), "" if several else connection, name, text, several, TWINS if several else "")


def printer_files(places: Places) -> Iterable[FoundDevice | Note]:
    """The kernel's printer nodes: their numbers follow the order of plugging in."""
    for node in sorted((places.dev / "usb").glob("lp*")):
        device = (places.sys / "class" / "usbmisc" / node.name / "device" / "..").resolve()
        one = _usb_device(device)
        yield FoundDevice(
            (PRINTER,),
            f"file:{node}",
            (one.name if one else "") or node.name,
            _usb_text(one.vendor, one.product, one.serial_number) if one else str(node),
            note_code=PRINTER_FILE,
        )


def _usb_of_sysfs(sys: Path) -> list[_UsbDevice] | None:
    """From the kernel's own table, which needs no permission and disturbs nobody; None where there is none."""
    folder = sys / "bus" / "usb" / "devices"
    if not folder.is_dir():
        return None
    found = (_usb_device(path) for path in sorted(folder.iterdir()) if ":" not in path.name)
    return [one for one in found if one is not None]


def _usb_device(path: Path) -> _UsbDevice | None:
    try:
        vendor, product = (int(_line(path / name), 16) for name in ("idVendor", "idProduct"))
    except ValueError:
        return None
    classes = [_line(one / "bInterfaceClass") for one in sorted(path.glob("*:*"))]
    name = " ".join(filter(None, (_line(path / "manufacturer"), _line(path / "product"))))
    printer = any(one and int(one, 16) == _PRINTER_CLASS for one in classes)
    return _UsbDevice(vendor, product, _plain(_line(path / "serial")), name, printer, path.name)


def _usb_of_library() -> tuple[list[_UsbDevice], Note | None]:
    """Without sysfs, through libusb; its texts need the device's permission, so a device may stay without."""
    import usb.core

    try:
        devices = list(usb.core.find(find_all=True) or ())
    except usb.core.NoBackendError:
        return [], Note("set_up.no_usb_library")
    found = []
    for device in devices:
        try:
            printer = any(one.bInterfaceClass == _PRINTER_CLASS for setting in device for one in setting)
        except usb.core.USBError:
            printer = False
        if printer or (device.idVendor, device.idProduct) in ID_READER_USB:
            number = _plain(_text_of(device, "serial_number"))
            name = _text_of(device, "product")
            found.append(_UsbDevice(device.idVendor, device.idProduct, number, name, printer, ""))
    return found, None


def _text_of(device: object, name: str) -> str:
    try:
        return str(getattr(device, name) or "")
    except (ValueError, OSError, NotImplementedError):  # no permission, or no such text
        return ""


def _has_usb_library() -> bool:
    import usb.backend.libusb1

    return usb.backend.libusb1.get_backend() is not None


# -- scanners that type ----------------------------------------------------------------------------------------------


def keyboards(places: Places) -> Iterable[FoundDevice | Note]:
    """Keyboards: a scanner in keyboard mode is one, and not every scanner says that it is a scanner."""
    folder = places.dev / "input"
    by_id = {node: link for node, link in _links(folder / "by-id").items() if link.endswith("-event-kbd")}
    by_path = {node: link for node, link in _links(folder / "by-path").items() if link.endswith("-event-kbd")}
    nodes = {node: _input(places.sys, node) for node in sorted(by_id.keys() | by_path.keys())}
    alike = Counter((one.text, _interface(by_path.get(node, ""))) for node, one in nodes.items() if one.vendor)
    for node, one in nodes.items():
        link = by_id.get(node, "")
        if not link and not one.vendor:
            continue  # the power button and the like
        twin = alike[one.text, _interface(by_path.get(node, ""))] > 1
        if twin or not link:
            link = by_path.get(node, "")
        likely = one.vendor in SCANNER_VENDORS or bool(SCANNER_WORDS.search(f"{one.name} {Path(link).name}"))
        note = TWINS_BY_SOCKET if twin and link else TWINS if twin else "" if likely else MAYBE_A_KEYBOARD
        yield FoundDevice(
            (SCANNER,),
            f"hid:{link}" if link else "",
            one.name or Path(link).name,
            Path(link).name or one.text,
            ambiguous=twin,
            note_code=note,
        )


@dataclass(frozen=True, slots=True)
class _Input:
    vendor: int
    text: str
    name: str


def _input(sys: Path, node: str) -> _Input:
    device = sys / "class" / "input" / Path(node).name / "device"
    vendor, product = _line(device / "id" / "vendor"), _line(device / "id" / "product")
    text = f"{vendor}:{product} {_line(device / 'uniq')}".strip(" :")
    try:
        number = int(vendor, 16)
    except ValueError:
        number = 0
    return _Input(number, text, _line(device / "name"))


def _interface(by_path: str) -> str:
    """``…-usb-0:1:1.0-event-kbd`` → ``1.0``: one device may have several keyboards in it."""
    return Path(by_path).name.removesuffix("-event-kbd").rpartition(":")[2]


# -- common ----------------------------------------------------------------------------------------------------------


def _links(folder: Path) -> dict[str, str]:
    """Real device → link that names it, the first of several."""
    try:
        links = sorted(folder.iterdir())
    except OSError:
        return {}
    found: dict[str, str] = {}
    for link in links:
        found.setdefault(os.path.realpath(link), str(link))
    return found


def _line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _plain(number: str | None) -> str:
    """A serial number that can stand in a connection string; "" for none, and for one that says nothing."""
    text = (number or "").strip()
    return text if re.fullmatch(r"[\x21-\x3e\x40-\x7e]{2,64}", text) and text.strip("0") else ""


def _usb_text(vendor: int | None, product: int | None, number: str | None) -> str:
    if vendor is None or product is None:
        return ""
    return f"{vendor:04X}:{product:04X} {number or ''}".strip()


SOURCES: Sequence[Source] = (serial_ports, card_readers, cameras, usb_devices, printer_files, keyboards)
