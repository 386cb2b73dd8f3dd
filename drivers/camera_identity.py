"""Which camera an address of ``v4l2:`` means, checked at every opening; what is not clear is refused, never guessed.

========================================== =====================================================================
``v4l2:/dev/v4l/by-id/…-video-index0``     the camera of this name at any port; refused while a twin is plugged in
``v4l2:/dev/v4l/by-path/…-video-index0``   whatever is plugged in at this port
``…?usb=VID:PID`` or ``…?usb=VID:PID:SER`` and it must be this model, or this very piece
``v4l2:usb=VID:PID:SER``                   this very piece at any port; without ``SER`` refused while there are two
``v4l2:/dev/video0``                       whatever has this file; changes with re-plugging
========================================== =====================================================================

Two cameras of one model without serial numbers share one name below by-id, which then belongs to the one plugged in
last. Exchanging the cables of two such twins cannot be seen here; the picture tells (``camera_health``).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drivers.driver import DeviceError, DeviceLost
from drivers.opencv import cv2
from drivers.transport.address import Address, AddressError

LINKS = Path("/dev/v4l")
SYSFS = Path("/sys/class/video4linux")
PICTURES = "-video-index0"
"""End of the links to a camera's pictures; index1 and up carry metadata."""


@dataclass(frozen=True, slots=True)
class UsbName:
    """Vendor and product in four hexadecimal digits, and the serial number, "" when the camera has none."""

    vendor: str
    product: str
    serial: str = ""

    def __str__(self) -> str:
        return ":".join(part for part in (self.vendor, self.product, self.serial) if part)

    def fits(self, other: UsbName) -> bool:
        """Whether ``other`` is what this asks for; without a serial number every piece of the model is."""
        return (self.vendor, self.product) == (other.vendor, other.product) and self.serial in ("", other.serial)


@dataclass(frozen=True, slots=True)
class PluggedCamera:
    """A camera that is there now.

    Attributes:
        node: Device file of the moment.
        usb: None for a camera that is not on USB, or where the kernel does not tell.
        port: Name of the port, "" when unknown.
        named: A link below by-id leads here.
    """

    node: Path
    usb: UsbName | None
    port: str
    named: bool

    @property
    def identity(self) -> str:
        """Stays the same over re-plugging and restarts as far as the camera allows."""
        if self.usb is None:
            return self.port or self.node.name
        return str(self.usb) if self.usb.serial else f"{self.usb}@{self.port}"


def parse_usb_name(text: str) -> UsbName:
    """``VID:PID`` or ``VID:PID:SERIAL``.

    Raises:
        AddressError: it is neither.
    """
    parts = text.split(":", 2)
    try:
        vendor, product = (f"{int(part, 16):04x}" for part in parts[:2])
    except ValueError:
        raise AddressError(f"{text!r} is no VID:PID or VID:PID:SERIAL") from None
    return UsbName(vendor, product, parts[2].strip() if len(parts) > 2 else "")


def check_address(address: Address) -> None:
    """Refuse an address whose USB name cannot be read.

    Raises:
        AddressError: with the reason.
    """
    for text in (
        address.target.removeprefix("usb=") if address.target.startswith("usb=") else None,
        address.options.get("usb"),
    ):
        if text is not None:
            parse_usb_name(text)


def plugged_cameras(links: Path = LINKS, sysfs: Path = SYSFS) -> tuple[PluggedCamera, ...]:
    """All cameras that have a link, by the name of their port."""
    ports: dict[Path, str] = {}
    named: set[Path] = set()
    for folder in ("by-path", "by-id"):
        for link in _picture_links(links / folder):
            node = link.resolve()
            if not node.exists():
                continue
            if folder == "by-id":
                named.add(node)
                ports.setdefault(node, "")
            elif not ports.get(node):
                ports[node] = link.name.removesuffix(PICTURES)
    return tuple(
        PluggedCamera(node, usb_name(node, sysfs), port, node in named)
        for node, port in sorted(ports.items(), key=lambda item: (item[1], item[0]))
    )


def _picture_links(folder: Path) -> list[Path]:
    try:
        return sorted(link for link in folder.iterdir() if link.name.endswith(PICTURES))
    except OSError:
        return []


def usb_name(node: Path, sysfs: Path = SYSFS) -> UsbName | None:
    """What the kernel says of the USB device behind a device file, None when it says nothing."""
    device = (sysfs / node.name / "device").resolve()
    for folder in (device, device.parent):  # the interface, and the device it belongs to
        vendor, product = (_line(folder / name) for name in ("idVendor", "idProduct"))
        if vendor and product:
            return UsbName(vendor.lower(), product.lower(), _line(folder / "serial"))
    return None


def _line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


class Claims:
    """What the cameras of this station are set to: one name that leads to another piece's camera is noticed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._addresses: dict[str, Address] = {}

    def put(self, piece: str, address: Address) -> None:
        with self._lock:
            self._addresses[piece] = address

    def drop(self, piece: str, address: Address) -> None:
        """Forget it, unless a successor of the same piece has said something else already."""
        with self._lock:
            if self._addresses.get(piece) is address:
                del self._addresses[piece]

    def others(self, piece: str) -> Mapping[str, Address]:
        with self._lock:
            return {name: address for name, address in self._addresses.items() if name != piece}


CLAIMS = Claims()


def find_camera(
    address: Address, piece: str, *, links: Path = LINKS, sysfs: Path = SYSFS, claims: Claims = CLAIMS
) -> PluggedCamera:
    """The one camera the address means.

    Args:
        address: Of scheme ``v4l2``.
        piece: Which piece of the station asks (a ``DeviceKind``).
        links: Where the system puts stable names of cameras.
        sysfs: Where the kernel describes them.
        claims: What the other pieces are set to.

    Raises:
        DeviceLost: ``camera.absent``, it is not plugged in.
        DeviceError: ``camera.ambiguous``, two cameras fit, or the camera belongs to another piece;
            ``camera.other_camera``, another one is plugged in at this port.
    """
    cameras = plugged_cameras(links, sysfs)
    found, exact = _look_up(address, cameras, links, sysfs)
    wanted = address.options.get("usb")
    if wanted is not None and found.usb is not None and not parse_usb_name(wanted).fits(found.usb):
        raise DeviceError("camera.other_camera", place=_shown(address), found=str(found.usb))
    for other in claims.others(piece).values():
        if other.scheme != "v4l2":
            continue
        try:
            theirs, their_exact = _look_up(other, cameras, links, sysfs)
        except DeviceError:
            continue
        if theirs.node == found.node and exact <= their_exact:
            raise DeviceError("camera.ambiguous", place=_shown(address))
    return found


def _look_up(
    address: Address, cameras: tuple[PluggedCamera, ...], links: Path, sysfs: Path
) -> tuple[PluggedCamera, int]:
    """The camera, and how exactly the address names it: 2 this piece or this port, 1 this model, 0 this number."""
    if address.target.startswith("usb="):
        wanted = parse_usb_name(address.target.removeprefix("usb="))
        fitting = [camera for camera in cameras if camera.usb is not None and wanted.fits(camera.usb)]
        if not fitting:
            raise DeviceLost("camera.absent", place=_shown(address))
        if len(fitting) > 1:
            raise DeviceError("camera.ambiguous", place=_shown(address))
        return fitting[0], 2 if wanted.serial else 1
    path = Path(address.target)
    if not path.exists():
        raise DeviceLost("camera.absent", place=_shown(address))
    node = path.resolve()
    found = next((camera for camera in cameras if camera.node == node), None)
    if found is None:
        usb = usb_name(node, sysfs)
        found = PluggedCamera(node, usb, "" if path == node else path.name.removesuffix(PICTURES), False)
    if path.parent == links / "by-id":
        if any(_is_twin(other, found) for other in cameras if other.node != node):
            raise DeviceError("camera.ambiguous", place=_shown(address))
        return found, 2 if found.usb is not None and found.usb.serial else 1
    return found, 2 if path.parent == links / "by-path" else 0


def _is_twin(other: PluggedCamera, camera: PluggedCamera) -> bool:
    """Whether both would get the same name below by-id."""
    if other.usb is not None and camera.usb is not None:
        return other.usb == camera.usb
    # The kernel does not tell: a USB camera without a name of its own has lost it to another of the same name.
    return not other.named and "usb" in other.port


def _shown(address: Address) -> str:
    return address.target.rpartition("/")[2] if "/" in address.target else address.target


# -- what is plugged in, for people to choose from ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CameraReference:
    """A camera that could be opened; nothing was opened to learn this.

    Attributes:
        path: Device file of the moment, such as ``/dev/video0``; changes with re-plugging.
        stable_path: Link below /dev/v4l/by-id, or by-path where the name is not unique; "" when there is none.
        vid, pid: USB vendor and product number, None for a camera that is not on USB.
    """

    name: str
    path: str
    stable_path: str
    vid: int | None
    pid: int | None

    @property
    def address(self) -> str:
        """Connection string for station.toml; one that names a port also says which model belongs there."""
        checked = "/by-path/" in self.stable_path and self.vid is not None and self.pid is not None
        usb = f"?usb={self.vid:04x}:{self.pid:04x}" if checked else ""
        return f"v4l2:{self.stable_path or self.path}{usb}"


def discover_cameras(links: Path = LINKS) -> tuple[CameraReference, ...]:
    """List the cameras of this computer by stable identity; empty when there are none or on another system."""
    from cv2_enumerate_cameras import enumerate_cameras, supported_backends

    if cv2.CAP_V4L2 not in supported_backends:
        return ()
    found = list(enumerate_cameras(cv2.CAP_V4L2))
    cameras = []
    for info in found:
        twins = [other for other in found if (other.vid, other.pid) == (info.vid, info.pid)]
        # Twins with serial numbers have a name each; without, they share one, which then says nothing.
        shared = len(twins) > 1 and not all(stable_link(Path(str(twin.path)), links, ("by-id",)) for twin in twins)
        link = stable_link(Path(str(info.path)), links, ("by-path",) if shared else ("by-id", "by-path"))
        cameras.append(CameraReference(str(info.name or ""), str(info.path), link, info.vid, info.pid))
    return tuple(sorted(cameras, key=lambda camera: camera.stable_path or camera.path))


def stable_link(device: Path, links: Path, folders: tuple[str, ...] = ("by-id", "by-path")) -> str:
    """The link below ``links`` that will still name this camera after re-plugging, or "".

    by-id survives another port. Two equal cameras without serial numbers share one by-id name, and the last one
    plugged in has it: for such twins ask for by-path, which names the port.
    """
    for folder in folders:
        try:
            candidates = sorted((links / folder).iterdir())
        except OSError:
            continue
        for link in candidates:
            if link.name.endswith(PICTURES) and link.resolve() == device.resolve():
                return str(link)
    return ""
