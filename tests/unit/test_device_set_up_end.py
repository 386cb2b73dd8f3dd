"""What connects and keeps: real drivers, a real file, simulated pieces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.driver import DeviceKind, DeviceState
from drivers.simulated.id_card_reader import SimulatedIdCardReader
from drivers.simulated.receipt_printer import SimulatedReceiptPrinter
from drivers.transport.address import AddressError
from kiosk.devices.set_up import DeviceSetUp
from kiosk.devices.station_devices import StationDevices
from kiosk.settings import DevicesSection, PrinterSection, Settings, StationSection, load_settings
from kiosk.settings_file import SettingsFileError, write_new_settings
from tests.waiting import until

READER, SCANNER, PRINTER = DeviceKind.ID_CARD_READER, DeviceKind.CODE_SCANNER, DeviceKind.RECEIPT_PRINTER


@pytest.fixture
def reader() -> Iterator[SimulatedIdCardReader]:
    reader = SimulatedIdCardReader()
    reader.start()
    yield reader
    reader.stop()


@pytest.fixture
def printer() -> Iterator[SimulatedReceiptPrinter]:
    printer = SimulatedReceiptPrinter()
    yield printer
    printer.stop()


class Standing:
    """A station's drivers, its file, and the end that sets them up."""

    def __init__(self, folder: Path, devices: DevicesSection, path: Path | None) -> None:
        self.path = path
        settings = Settings(
            station=StationSection(id="station-1", name="示例", centre_name="中心", data=folder), devices=devices
        )
        if path is not None:
            write_new_settings(path, settings)
        self.devices = StationDevices(settings.devices, settings.printer)
        self.devices.start()
        self.told: list[tuple[DevicesSection, PrinterSection]] = []
        self.end = DeviceSetUp(self.devices, settings, path, lambda *sections: self.told.append(sections))


@pytest.fixture
def standing(tmp_path: Path, reader: SimulatedIdCardReader) -> Iterator[Standing]:
    devices = DevicesSection(id_card_reader=reader.address, social_security_card="none", code_scanner="keyboard")
    standing = Standing(tmp_path, devices, tmp_path / "station.toml")
    yield standing
    standing.devices.stop()


def test_a_trial_is_connected_and_taken_back_without_a_word_to_the_file(
    standing: Standing, printer: SimulatedReceiptPrinter
) -> None:
    assert standing.path is not None
    before = standing.path.read_bytes()
    standing.end.connect(PRINTER, printer.address)
    until(lambda: standing.devices.status(PRINTER).state is DeviceState.READY)
    assert standing.end.connection(PRINTER) == ""
    standing.end.connect(PRINTER, standing.end.connection(PRINTER))
    assert standing.devices.status(PRINTER).code == "device.not_configured"
    assert standing.path.read_bytes() == before
    assert standing.told == []


def test_what_is_kept_is_in_the_file_and_told(standing: Standing, printer: SimulatedReceiptPrinter) -> None:
    assert standing.path is not None
    section = PrinterSection(paper_mm=58, profile="POS-5890", status=False)
    standing.end.connect(PRINTER, printer.address, section)
    standing.end.keep(PRINTER, printer.address, section)
    settings = load_settings(standing.path)
    assert settings.devices.receipt_printer == printer.address
    assert (settings.printer.paper_mm, settings.printer.status) == (58, False)
    assert standing.end.connection(PRINTER) == printer.address
    assert standing.end.printer == section
    assert standing.told == [(settings.devices, settings.printer)]
    standing.end.keep(SCANNER, "none", section)
    assert load_settings(standing.path).devices.code_scanner == "none"


def test_a_connection_a_piece_cannot_have_disturbs_nothing(standing: Standing) -> None:
    until(lambda: standing.devices.status(READER).state is DeviceState.READY)
    for connection in ("tcp:127.0.0.1:1", "nonsense", "simulated"):
        assert not standing.end.check(READER, connection)
        with pytest.raises(AddressError):
            standing.end.connect(READER, connection)
    assert standing.devices.status(READER).state is DeviceState.READY
    assert standing.end.check(READER, "none")
    assert standing.end.check(READER, "")


def test_a_file_that_does_not_take_it_keeps_what_was(standing: Standing) -> None:
    assert standing.path is not None
    standing.path.unlink()
    with pytest.raises(SettingsFileError) as caught:
        standing.end.keep(SCANNER, "none", PrinterSection())
    assert caught.value.code == "set_up.no_file"
    assert standing.end.connection(SCANNER) == "keyboard"
    assert standing.told == []


def test_a_station_without_a_file_can_try_and_not_keep(tmp_path: Path) -> None:
    standing = Standing(tmp_path, DevicesSection(social_security_card="none"), None)
    try:
        standing.end.connect(SCANNER, "keyboard")
        with pytest.raises(SettingsFileError) as caught:
            standing.end.keep(SCANNER, "keyboard", PrinterSection())
        assert caught.value.code == "set_up.no_file"
    finally:
        standing.devices.stop()


def test_the_piece_that_is_at_a_device_is_known_by_any_of_its_names(
    standing: Standing, reader: SimulatedIdCardReader, tmp_path: Path
) -> None:
    other = tmp_path / "another-name"
    other.symlink_to(reader.terminal.path)
    assert standing.end.user_of(reader.address) is READER
    assert standing.end.user_of(f"serial:{other}?baud=9600") is READER
    for free in ("serial:/dev/ttyS99", "keyboard", "camera:", "pcsc:", "none", "", "usb:0416:5011"):
        assert standing.end.user_of(free) is None


def test_a_line_is_asked_once_its_driver_has_let_go(standing: Standing, reader: SimulatedIdCardReader) -> None:
    until(lambda: standing.devices.status(READER).state is DeviceState.READY)
    standing.end.connect(READER, "")
    (answer,) = standing.end.probe(reader.address, lambda step: None).ask()
    assert answer.kind is READER
    standing.end.connect(READER, standing.end.connection(READER))
    until(lambda: standing.devices.status(READER).state is DeviceState.READY)
