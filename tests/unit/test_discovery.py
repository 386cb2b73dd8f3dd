"""What is plugged in, from invented trees of /dev and /sys: stable names, twins that are shown, sources that fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import cv2_enumerate_cameras
import pytest
import usb.core

from drivers import discovery
from drivers.discovery import Discovery, FoundDevice, Places, discover
from drivers.driver import DeviceKind, DeviceLost
from drivers.transport.address import parse_address

READER, SCANNER, PRINTER = DeviceKind.ID_CARD_READER, DeviceKind.CODE_SCANNER, DeviceKind.RECEIPT_PRINTER


class Machine:
    """A computer in a folder; things are plugged into it."""

    def __init__(self, folder: Path) -> None:
        self.places = Places(folder / "dev", folder / "sys")
        self.dev, self.sys = self.places.dev, self.places.sys
        self.dev.mkdir()
        self.ports: list[SimpleNamespace] = []
        self.cameras: list[SimpleNamespace] = []
        self.readers: list[str] = []
        self.no_pcsc = ""

    def link(self, folder: str, name: str, node: str) -> str:
        path = self.dev / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(self.node(node))
        return str(path)

    def node(self, name: str) -> Path:
        path = self.dev / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return path

    def port(
        self, name: str, vid: int | None = None, pid: int | None = None, number: str | None = None, location: str = ""
    ) -> None:
        self.ports.append(
            SimpleNamespace(
                device=str(self.node(name)),
                vid=vid,
                pid=pid,
                serial_number=number,
                location=location,
                description="USB Serial" if vid else "n/a",
            )
        )

    def camera(self, name: str, node: str, vid: int | None = None, pid: int | None = None) -> None:
        self.cameras.append(SimpleNamespace(name=name, path=str(self.node(node)), vid=vid, pid=pid))

    def usb(self, node: str, vendor: int, product: int, *, cls: int, serial: str = "", name: str = "") -> Path:
        folder = self.sys / "bus" / "usb" / "devices" / node
        (folder / f"{node}:1.0").mkdir(parents=True)
        (folder / "idVendor").write_text(f"{vendor:04x}\n")
        (folder / "idProduct").write_text(f"{product:04x}\n")
        (folder / f"{node}:1.0" / "bInterfaceClass").write_text(f"{cls:02x}\n")
        if serial:
            (folder / "serial").write_text(f"{serial}\n")
        if name:
            (folder / "product").write_text(f"{name}\n")
        return folder

    def keyboard(self, node: str, name: str, vendor: str = "", product: str = "", serial: str = "") -> None:
        device = self.sys / "class" / "input" / node / "device"
        (device / "id").mkdir(parents=True)
        (device / "id" / "vendor").write_text(vendor)
        (device / "id" / "product").write_text(product)
        (device / "uniq").write_text(serial)
        (device / "name").write_text(name)
        self.node(f"input/{node}")

    def look(self) -> Discovery:
        return discover(self.places)

    def only(self, kind: DeviceKind) -> FoundDevice:
        found = self.look().fit_for(kind)
        assert len(found) == 1, found
        return found[0]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)

    class Watcher:
        readers: tuple[str, ...] = ()

        def open(self) -> None:
            if machine.no_pcsc:
                raise DeviceLost(machine.no_pcsc)

        def wait(self, seconds: float) -> None:
            self.readers = tuple(machine.readers)

        def close(self) -> None:
            pass

    monkeypatch.setattr(discovery.list_ports, "comports", lambda: machine.ports)
    monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", lambda backend: machine.cameras)
    monkeypatch.setattr(discovery, "CardWatcher", Watcher)
    return machine


def test_an_empty_computer_has_nothing_and_no_complaint(machine: Machine) -> None:
    (machine.sys / "bus" / "usb" / "devices").mkdir(parents=True)
    assert machine.look() == Discovery(())


# -- serial ----------------------------------------------------------------------------------------------------------


def test_a_port_is_named_by_id_and_may_be_any_serial_piece(machine: Machine) -> None:
    machine.port("ttyUSB0", 0x1A86, 0x7523, location="1-1")
    link = machine.link("serial/by-id", "usb-1a86_USB_Serial-if00-port0", "ttyUSB0")
    found = machine.only(READER)
    assert found.connection == f"serial:{link}"
    assert found.kinds == (READER, SCANNER, PRINTER)
    assert found.identity == "usb-1a86_USB_Serial-if00-port0"
    assert "CH34x" in found.name
    assert found.serial_line
    assert not found.ambiguous
    assert parse_address(found.connection).target == link


def test_a_port_without_a_link_is_named_by_its_numbers(machine: Machine) -> None:
    machine.port("ttyACM0", 0x1EAB, 0x1D06, "SN01", "1-2")
    machine.port("ttyUSB0", 0x10C4, 0xEA60, None, "1-3")
    by_kind = machine.look()
    assert [one.connection for one in by_kind.fit_for(SCANNER)] == ["serial:usb=1EAB:1D06:SN01", "serial:usb=10C4:EA60"]
    assert [one.kinds for one in by_kind.devices] == [(SCANNER,), (READER, SCANNER, PRINTER)]


def test_two_of_a_kind_are_named_by_their_sockets_and_marked(machine: Machine) -> None:
    for number in (0, 1):
        machine.port(f"ttyUSB{number}", 0x1A86, 0x7523, None, f"1-{number + 1}")
        machine.link("serial/by-path", f"pci-usb-0:{number + 1}:1.0-port0", f"ttyUSB{number}")
    machine.link("serial/by-id", "usb-1a86_USB_Serial-if00-port0", "ttyUSB1")  # the last one plugged in took the name
    found = machine.look().devices
    assert all(one.ambiguous and one.note_code == "set_up.twins_by_socket" for one in found)
    assert len({one.connection for one in found}) == 2
    assert all("/by-path/" in one.connection for one in found)
    assert not any("by-id" in one.connection for one in found), "the shared name points to one of them by chance"


def test_two_of_a_kind_without_sockets_have_no_connection(machine: Machine) -> None:
    for number in (0, 1):
        machine.port(f"ttyUSB{number}", 0x1A86, 0x7523, None, f"1-{number + 1}")
    machine.link("serial/by-id", "usb-1a86_USB_Serial-if00-port0", "ttyUSB0")
    assert [(one.connection, one.ambiguous, one.note_code) for one in machine.look().devices] == [
        ("", True, "set_up.twins"),
        ("", True, "set_up.twins"),
    ]


def test_two_of_a_kind_with_serial_numbers_are_two(machine: Machine) -> None:
    for number in (0, 1):
        machine.port(f"ttyUSB{number}", 0x0403, 0x6001, f"A{number}B", f"1-{number + 1}")
    assert [one.connection for one in machine.look().devices] == [
        "serial:usb=0403:6001:A0B",
        "serial:usb=0403:6001:A1B",
    ]


def test_the_ports_of_one_device_are_told_apart_by_their_interfaces(machine: Machine) -> None:
    for number in (0, 1):
        machine.port(f"ttyUSB{number}", 0x0403, 0x6010, "DUAL", f"1-1:1.{number}")
    assert {one.connection for one in machine.look().devices} == {""}, "one number for two ports says neither"
    for number in (0, 1):
        machine.link("serial/by-id", f"usb-FTDI_DUAL-if0{number}-port0", f"ttyUSB{number}")
    found = machine.look().devices
    assert [Path(one.connection).name for one in found] == ["usb-FTDI_DUAL-if00-port0", "usb-FTDI_DUAL-if01-port0"]
    assert not any(one.ambiguous for one in found)


@pytest.mark.parametrize("number", ["", "0", "0000000000", "a b", "w?x", "\x01\x02", "x" * 90])
def test_a_serial_number_that_says_nothing_is_none(machine: Machine, number: str) -> None:
    machine.port("ttyUSB0", 0x10C4, 0xEA60, number)
    assert machine.only(READER).connection == "serial:usb=10C4:EA60"


def test_a_soldered_port_keeps_its_name_and_a_modem_is_left_alone(machine: Machine) -> None:
    machine.port("ttyS0")
    machine.port("ttyUSB0", 0x2C7C, 0x0125, None, "1-1:1.2")
    assert machine.only(READER).connection == f"serial:{machine.dev}/ttyS0"
    modem = next(one for one in machine.look().devices if not one.kinds)
    assert (modem.connection, modem.note_code, modem.serial_line) == ("", "set_up.modem", False)


# -- PC/SC -----------------------------------------------------------------------------------------------------------


def test_a_card_reader_is_named_without_its_number_of_plugging_in(machine: Machine) -> None:
    machine.readers = ["ACS ACR39U ICC Reader [ICC] (SN7) 01 00", "Two Slots 00 00", "Two Slots 00 01"]
    found = machine.look().devices
    assert [one.connection for one in found] == ["pcsc:ACS ACR39U ICC Reader [ICC] (SN7)", "pcsc:Two Slots"]
    assert not any(one.ambiguous for one in found)
    for one in found:
        assert all(
            parse_address(one.connection).target in name for name in machine.readers if name.startswith(one.name)
        )


def test_two_card_readers_of_one_name_are_shown_as_two(machine: Machine) -> None:
    machine.readers = ["Maker Reader 00 00", "Maker Reader 01 00"]
    found = machine.only(DeviceKind.SOCIAL_SECURITY_CARD)
    assert found.ambiguous
    assert found.note_code == "set_up.twins_together"


@pytest.mark.parametrize("code", ["pcsc.service_away", "pcsc.no_library"])
def test_no_card_service_is_a_note(machine: Machine, code: str) -> None:
    machine.no_pcsc = code
    machine.port("ttyS0")
    found = machine.look()
    assert [note.code for note in found.notes] == [code]
    assert len(found.devices) == 1


# -- cameras ---------------------------------------------------------------------------------------------------------


def test_twin_cameras_are_named_by_their_sockets(machine: Machine) -> None:
    for number in (0, 1):
        machine.camera("Eye", f"video{number}", 1, 2)
        machine.link("v4l/by-path", f"pci-usb-0:{number}-video-index0", f"video{number}")
    machine.link("v4l/by-id", "usb-Eye-video-index0", "video1")
    found = machine.look().fit_for(DeviceKind.WEBCAM)
    assert len({one.connection for one in found}) == 2
    assert all("/by-path/" in one.connection and one.ambiguous for one in found)
    assert {one.note_code for one in found} == {"set_up.twins_by_socket"}


def test_twin_cameras_with_serial_numbers_are_two(machine: Machine) -> None:
    for number in (0, 1):
        machine.camera("Eye", f"video{number}", 1, 2)
        machine.link("v4l/by-id", f"usb-Eye_SN{number}-video-index0", f"video{number}")
    assert [(Path(one.connection).name, one.ambiguous) for one in machine.look().devices] == [
        ("usb-Eye_SN0-video-index0", False),
        ("usb-Eye_SN1-video-index0", False),
    ]


def test_a_document_camera_is_offered_first_for_documents(machine: Machine) -> None:
    machine.camera("Face Cam", "video0", 1, 2)
    machine.camera("Eloam Doccamera", "video2", 3, 4)
    machine.link("v4l/by-id", "usb-Face-video-index0", "video0")
    machine.link("v4l/by-id", "usb-Doc-video-index0", "video2")
    found = machine.look()
    assert [one.name for one in found.fit_for(DeviceKind.DOCUMENT_CAMERA)] == ["Eloam Doccamera", "Face Cam"]
    assert [one.name for one in found.fit_for(DeviceKind.WEBCAM)] == ["Face Cam", "Eloam Doccamera"]


def test_cameras_without_links_say_so(machine: Machine) -> None:
    machine.camera("Vivid", "video0")
    assert machine.only(DeviceKind.WEBCAM).note_code == "set_up.name_may_change"
    machine.cameras.clear()
    machine.camera("Solo", "video0", 1, 2)
    assert machine.only(DeviceKind.WEBCAM).connection == "v4l2:usb=0001:0002"
    machine.camera("Solo", "video1", 1, 2)
    assert {(one.connection, one.note_code) for one in machine.look().devices} == {("", "set_up.twins")}


# -- USB -------------------------------------------------------------------------------------------------------------


def test_usb_printers_are_named_by_number_and_serial(machine: Machine) -> None:
    machine.usb("1-1", 0x0416, 0x5011, cls=7, serial="SN+1&2", name="POS58")
    machine.usb("1-2", 0x046D, 0x0825, cls=14)
    found = machine.only(PRINTER)
    address = parse_address(found.connection)
    assert (address.target, address.options["serial"]) == ("0416:5011", "SN+1&2")
    assert (found.name, found.identity) == ("POS58", "0416:5011 SN+1&2")


def test_two_usb_printers_without_numbers_cannot_be_chosen(machine: Machine) -> None:
    machine.usb("1-1", 0x0416, 0x5011, cls=7)
    machine.usb("1-2", 0x0416, 0x5011, cls=7)
    assert {(one.connection, one.ambiguous, one.note_code) for one in machine.look().devices} == {
        ("", True, "set_up.twins")
    }


@pytest.mark.parametrize("numbers", discovery.ID_READER_USB, ids=lambda pair: f"{pair[0]:04X}:{pair[1]:04X}")
def test_a_reader_with_a_usb_sam_is_named_honestly(machine: Machine, numbers: tuple[int, int]) -> None:
    machine.usb("1-1", *numbers, cls=255)
    found = machine.only(READER)
    assert (found.connection, found.note_code) == ("", "set_up.needs_vendor_library")
    assert found.name


def test_the_kernels_printer_node_carries_the_printers_name(machine: Machine) -> None:
    folder = machine.usb("1-1", 0x0416, 0x5011, cls=7, serial="S9", name="POS58")
    lp = machine.sys / "class" / "usbmisc" / "lp0"
    lp.mkdir(parents=True)
    (lp / "device").symlink_to(folder / "1-1:1.0")
    machine.node("usb/lp0")
    found = machine.look().fit_for(PRINTER)
    assert [one.connection for one in found] == ["usb:0416:5011?serial=S9", f"file:{machine.dev}/usb/lp0"]
    assert found[1].identity == "0416:5011 S9"
    assert found[1].note_code == "set_up.printer_file"


def test_a_printer_without_the_usb_library_is_listed_with_a_note(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.usb("1-1", 0x0416, 0x5011, cls=7)
    monkeypatch.setattr(discovery, "_has_usb_library", lambda: False)
    found = machine.look()
    assert found.devices
    assert [note.code for note in found.notes] == ["set_up.no_usb_library"]


def test_without_sysfs_the_usb_library_is_asked(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    class Device(list):  # type: ignore[type-arg]
        idVendor, idProduct, product = 0x0416, 0x5011, "POS58"  # noqa: N815

        @property
        def serial_number(self) -> str:
            raise ValueError("The device has no langid (permission issue, no string descriptors supported?)")

    printer = Device([[SimpleNamespace(bInterfaceClass=7)]])
    monkeypatch.setattr(usb.core, "find", lambda find_all: iter([printer]))
    assert machine.only(PRINTER).connection == "usb:0416:5011"

    def no_backend(find_all: bool) -> None:
        raise usb.core.NoBackendError("none")

    monkeypatch.setattr(usb.core, "find", no_backend)
    assert [note.code for note in machine.look().notes] == ["set_up.no_usb_library"]


# -- keyboards -------------------------------------------------------------------------------------------------------


def test_a_scanner_that_types_is_offered_and_a_keyboard_is_warned_of(machine: Machine) -> None:
    machine.keyboard("event3", "Newland NLS-FM430", "1eab", "0c06", "S1")
    machine.keyboard("event4", "USB Keyboard", "413c", "2107")
    machine.keyboard("event0", "Power Button")
    scanner = machine.link("input/by-id", "usb-Newland_NLS-FM430-event-kbd", "input/event3")
    machine.link("input/by-id", "usb-Dell_Keyboard-event-kbd", "input/event4")
    machine.link("input/by-path", "platform-i8042-serio-0-event-kbd", "input/event0")
    machine.link("input/by-id", "usb-Dell_Mouse-event-mouse", "input/event5")
    found = machine.look().fit_for(SCANNER)
    assert [(one.name, one.note_code) for one in found] == [
        ("Newland NLS-FM430", ""),
        ("USB Keyboard", "set_up.maybe_a_keyboard"),
    ]
    assert found[0].connection == f"hid:{scanner}"


def test_twin_scanners_that_type_are_named_by_their_sockets(machine: Machine) -> None:
    for number in (3, 4):
        machine.keyboard(f"event{number}", "Barcode Scanner", "ffff", "0035")
        machine.link("input/by-path", f"pci-usb-0:{number}:1.0-event-kbd", f"input/event{number}")
    machine.link("input/by-id", "usb-Barcode_Scanner-event-kbd", "input/event4")
    found = machine.look().devices
    assert len({one.connection for one in found}) == 2
    assert all(one.ambiguous and "/by-path/" in one.connection for one in found)


# -- sources that fail ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [OSError(13, "denied"), RuntimeError("odd"), AttributeError("windows")])
@pytest.mark.parametrize("broken", range(len(discovery.SOURCES)))
def test_one_source_that_fails_hides_no_other(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, broken: int, error: Exception
) -> None:
    def fails(places: Places) -> list[FoundDevice]:
        raise error

    def works(places: Places) -> list[FoundDevice]:
        return [FoundDevice((READER,), "serial:/dev/ttyS0", "x", "x")]

    sources: list[Callable[[Places], list[FoundDevice]]] = [works] * len(discovery.SOURCES)
    sources[broken] = fails
    monkeypatch.setattr(discovery, "SOURCES", sources)
    found = machine.look()
    assert len(found.devices) == len(sources) - 1
    assert [note.code for note in found.notes] == ["set_up.source_failed"]
    assert found.notes[0].detail["source"] == "fails"
    assert str(error) not in str(found.notes), "an error's text may hold anything"


def test_this_computer_is_listed_without_a_crash() -> None:
    found = discover()
    assert not [note for note in found.notes if note.code == "set_up.source_failed"]
