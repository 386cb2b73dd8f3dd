"""Which camera an address means, on a made-up /dev/v4l and /sys/class/video4linux."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.camera import Camera
from drivers.camera_identity import Claims, UsbName, find_camera, parse_usb_name, plugged_cameras
from drivers.driver import DeviceError, DeviceKind, DeviceLost
from drivers.transport.address import AddressError, parse_address


class Station:
    """A computer with USB ports; links are made as udev makes them."""

    def __init__(self, root: Path, *, kernel_tells: bool = True) -> None:
        self.links = root / "dev" / "v4l"
        self.sysfs = root / "sys" / "class" / "video4linux"
        self.kernel_tells = kernel_tells
        self.claims = Claims()
        self.ports: dict[str, Path] = {}
        self._root = root
        self._next = 0
        for folder in (self.links / "by-id", self.links / "by-path", self.sysfs):
            folder.mkdir(parents=True)

    def plug(self, port: str, usb: str, serial: str = "") -> Path:
        """Plug a camera in; with two of one name, the last one gets the link, as with udev."""
        node = self._root / "dev" / f"video{self._next}"
        self._next += 2
        node.touch()
        self.ports[port] = node
        self._relink(self.by_path(port), node)
        self._relink(self.by_id(usb, serial), node)
        if self.kernel_tells:
            device = self._root / "sys" / "devices" / port
            interface = device / f"{port}:1.0"
            interface.mkdir(parents=True, exist_ok=True)
            vendor, product = usb.split(":")
            (device / "idVendor").write_text(vendor + "\n")
            (device / "idProduct").write_text(product + "\n")
            (device / "serial").unlink(missing_ok=True)
            if serial:
                (device / "serial").write_text(serial + "\n")
            (self.sysfs / node.name).mkdir()
            (self.sysfs / node.name / "device").symlink_to(interface)
        return node

    def unplug(self, port: str) -> None:
        """Its links go; a name that a twin shares goes with the one that had it."""
        node = self.ports.pop(port)
        node.unlink()
        for folder in ("by-id", "by-path"):
            for link in (self.links / folder).iterdir():
                if link.is_symlink() and not link.exists():
                    link.unlink()

    def by_path(self, port: str) -> Path:
        return self.links / "by-path" / f"pci-0000:00:14.0-usb-0:{port}:1.0-video-index0"

    def by_id(self, usb: str, serial: str = "") -> Path:
        name = f"usb-{usb.replace(':', '_')}" + (f"_{serial}" if serial else "")
        return self.links / "by-id" / f"{name}-video-index0"

    @staticmethod
    def _relink(link: Path, node: Path) -> None:
        link.unlink(missing_ok=True)
        link.symlink_to(node)

    def find(self, target: object, piece: str = "document_camera") -> Path:
        address = parse_address(f"v4l2:{target}")
        return find_camera(address, piece, links=self.links, sysfs=self.sysfs, claims=self.claims).node


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return Station(tmp_path)


EYE = "1a2b:0001"


def refused(station: Station, target: object, piece: str = "document_camera") -> str:
    with pytest.raises(DeviceError) as caught:
        station.find(target, piece)
    return caught.value.code


def test_a_single_camera_is_found_by_name_at_whatever_port(station: Station) -> None:
    first = station.plug("1", EYE)
    assert station.find(station.by_id(EYE)) == first
    station.unplug("1")
    assert refused(station, station.by_id(EYE)) == "camera.absent"
    again = station.plug("3", EYE)
    assert station.find(station.by_id(EYE)) == again
    assert station.find(f"usb={EYE}") == again


@pytest.mark.parametrize("kernel_tells", [True, False])
def test_a_name_that_twins_share_is_refused_never_guessed(tmp_path: Path, kernel_tells: bool) -> None:
    station = Station(tmp_path, kernel_tells=kernel_tells)
    first = station.plug("1", EYE)
    second = station.plug("2", EYE)
    assert refused(station, station.by_id(EYE)) == "camera.ambiguous"
    assert station.find(station.by_path("1")) == first
    assert station.find(station.by_path("2")) == second
    station.unplug("1")
    assert station.find(station.by_id(EYE)) == second, "one is left: the name means it again"


def test_twins_with_serial_numbers_are_told_by_them_at_any_port(station: Station) -> None:
    station.plug("1", EYE, "A")
    second = station.plug("2", EYE, "B")
    assert station.find(station.by_id(EYE, "B")) == second
    assert station.find(f"usb={EYE}:B") == second
    assert refused(station, f"usb={EYE}") == "camera.ambiguous"
    station.unplug("1")
    station.unplug("2")
    moved = station.plug("1", EYE, "B")
    assert station.find(f"usb={EYE}:B") == moved
    assert refused(station, f"usb={EYE}:A") == "camera.absent"


def test_a_port_says_which_camera_belongs_there(station: Station) -> None:
    node = station.plug("1", EYE, "A")
    port = station.by_path("1")
    for option in (EYE, f"{EYE}:A", "1A2B:0001:A"):
        assert station.find(f"{port}?usb={option}") == node
    for option in (f"{EYE}:B", "1a2b:0002"):
        assert refused(station, f"{port}?usb={option}") == "camera.other_camera"


def test_exchanged_twins_with_serial_numbers_do_not_show_the_other_ones_picture(station: Station) -> None:
    station.plug("1", EYE, "A")
    station.plug("2", EYE, "B")
    address = f"{station.by_path('1')}?usb={EYE}:A"
    assert station.find(address) == station.ports["1"]
    for port in ("1", "2"):
        station.unplug(port)
    station.plug("2", EYE, "A")
    assert refused(station, address) == "camera.absent"
    station.plug("1", EYE, "B")
    assert refused(station, address) == "camera.other_camera"


def test_the_other_pieces_camera_is_not_taken_when_the_own_one_is_missing(station: Station) -> None:
    """The name of the document camera leads to its twin, the webcam, as soon as it is unplugged itself."""
    station.plug("1", EYE)
    webcam = station.plug("2", EYE)
    station.claims.put("document_camera", parse_address(f"v4l2:{station.by_id(EYE)}"))
    station.claims.put("webcam", parse_address(f"v4l2:{station.by_path('2')}"))
    station.unplug("1")
    assert refused(station, station.by_id(EYE), "document_camera") == "camera.ambiguous"
    assert station.find(station.by_path("2"), "webcam") == webcam, "the port is the more exact name"


def test_two_pieces_at_one_camera_are_both_refused(station: Station) -> None:
    station.plug("1", EYE)
    for piece in ("document_camera", "webcam"):
        station.claims.put(piece, parse_address(f"v4l2:{station.by_path('1')}"))
    assert refused(station, station.by_path("1"), "document_camera") == "camera.ambiguous"
    assert refused(station, station.by_path("1"), "webcam") == "camera.ambiguous"
    station.claims.drop("webcam", station.claims.others("document_camera")["webcam"])
    assert station.find(station.by_path("1"), "document_camera")


def test_a_successor_keeps_its_claim_when_the_predecessor_goes(station: Station) -> None:
    old, new = parse_address("v4l2:/dev/video0"), parse_address("v4l2:/dev/video2")
    station.claims.put("webcam", old)
    station.claims.put("webcam", new)
    station.claims.drop("webcam", old)
    assert station.claims.others("document_camera") == {"webcam": new}


def test_links_to_metadata_and_dead_links_are_no_cameras(station: Station) -> None:
    node = station.plug("1", EYE)
    metadata = node.with_name("video1")
    metadata.touch()
    (station.links / "by-path" / "pci-usb-0:1:1.0-video-index1").symlink_to(metadata)
    (station.links / "by-path" / "pci-usb-0:9:1.0-video-index0").symlink_to(node.with_name("video99"))
    found = plugged_cameras(station.links, station.sysfs)
    assert [camera.node for camera in found] == [node]
    assert found[0].usb == UsbName("1a2b", "0001")
    assert found[0].identity == "1a2b:0001@pci-0000:00:14.0-usb-0:1:1.0"


def test_two_links_for_one_port_are_one_camera(station: Station) -> None:
    node = station.plug("1", EYE)
    (station.links / "by-path" / "pci-0000:00:14.0-usbv2-0:1:1.0-video-index0").symlink_to(node)
    assert station.find(station.by_id(EYE)) == node


@pytest.mark.parametrize("text", ["", "1a2b", "1a2b:", "xyz:0001", ":0001"])
def test_what_is_no_usb_name_is_refused_with_the_settings(text: str) -> None:
    with pytest.raises(AddressError):
        parse_usb_name(text)
    for target in (f"v4l2:usb={text}", f"v4l2:/dev/v4l/by-path/x-video-index0?usb={text}"):
        with pytest.raises(AddressError):
            Camera(DeviceKind.WEBCAM, parse_address(target), lambda event: None, width=640, height=480, fps=10)


def test_a_camera_lost_is_lost_and_not_a_wrong_setting(station: Station) -> None:
    with pytest.raises(DeviceLost):
        station.find(station.by_path("7"))
    with pytest.raises(DeviceLost):
        station.find("usb=ffff:0001")
