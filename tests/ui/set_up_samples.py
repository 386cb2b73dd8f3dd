"""Sample snapshots of the set-up of devices; nothing in them belongs to anybody."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from drivers.driver import DeviceKind, DeviceState
from kiosk.conductor.snapshot import DeviceView, FoundView, Notice, ProbeView, Screen, SetUpView, Snapshot, StaffView

READER = "serial:/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0"
TWIN = "serial:/dev/serial/by-path/pci-0000:00:14.0-usb-0:3:1.0-port0"
CAMERA = "v4l2:/dev/v4l/by-path/pci-0000:00:14.0-usb-0:2:1.0-video-index0"
PRINTER = "usb:0416:5011?serial=SN000123"

FOUND_LINES = (
    FoundView(READER, "CH34x USB Serial (ttyUSB0)", "usb-1a86_USB_Serial-if00-port0", serial_line=True),
    FoundView(
        TWIN,
        "CP210x UART Bridge (ttyUSB2)",
        "pci-0000:00:14.0-usb-0:3:1.0-port0",
        True,
        "set_up.twins_by_socket",
        True,
        DeviceKind.CODE_SCANNER,
    ),
    FoundView("", "CP210x UART Bridge (ttyUSB3)", "10C4:EA60", True, "set_up.twins", True),
    FoundView("", "Senter", "10C4:8A1B", False, "set_up.needs_vendor_library"),
)


def samples(base: Snapshot) -> dict[str, Snapshot]:
    technician = StaffView("sunjishu", "孙演示", "technician")
    empty = replace(base, screen=Screen.DEVICE_SET_UP, staff=technician, set_up=SetUpView())

    def show(view: SetUpView, state: DeviceState = DeviceState.READY, code: str = "", identity: str = "") -> Snapshot:
        kinds = [
            DeviceView(one.kind, state, code, identity=identity) if one.kind is view.kind else one
            for one in base.devices
        ]
        return replace(empty, devices=tuple(kinds), set_up=view)

    reader = SetUpView(DeviceKind.ID_CARD_READER, READER, "", True, searched=True, found=FOUND_LINES)
    return {
        "set_up": empty,
        "set_up_new": show(
            SetUpView(DeviceKind.ID_CARD_READER, result_code="set_up.nothing_chosen"),
            DeviceState.ABSENT,
            "device.not_configured",
        ),
        "set_up_found": show(
            replace(
                reader,
                result="waiting",
                result_code="set_up.lay_a_card",
                notes=(Notice("warning", "pcsc.service_away"),),
            ),
            identity="05.03-20240101-0012345678-0987654321",
        ),
        "set_up_passed": show(
            replace(
                reader,
                result="passed",
                result_code="set_up.card_read",
                result_detail=MappingProxyType({"name": "张*例"}),
            ),
            identity="05.03-20240101-0012345678-0987654321",
        ),
        "set_up_failed": show(
            replace(
                reader,
                result="failed",
                result_code="device.in_use",
                result_detail=MappingProxyType({"port": READER.removeprefix("serial:")}),
            ),
            DeviceState.FAULT,
            "device.in_use",
        ),
        "set_up_probing": show(
            replace(
                reader,
                kind=DeviceKind.CODE_SCANNER,
                connection="",
                changed=False,
                busy=False,
                probe=ProbeView(
                    running=True,
                    listening=True,
                    connection=READER,
                    step_code="set_up.probing_scanner",
                    step_detail=MappingProxyType({"baud": 9600, "number": 2, "total": 5}),
                ),
            ),
            DeviceState.ABSENT,
            "device.not_configured",
        ),
        "set_up_answered": show(
            replace(
                reader,
                result="waiting",
                result_code="set_up.lay_a_card",
                probe=ProbeView(
                    connection=READER,
                    answers=(
                        FoundView(
                            f"{READER}?baud=9600",
                            "",
                            "05.03-20240101-0012345678-0987654321",
                            serial_line=True,
                            kind=DeviceKind.ID_CARD_READER,
                        ),
                        FoundView(f"{TWIN}?baud=19200", "", "", serial_line=True, kind=DeviceKind.RECEIPT_PRINTER),
                    ),
                ),
            )
        ),
        "set_up_camera": show(
            SetUpView(
                DeviceKind.DOCUMENT_CAMERA,
                CAMERA,
                CAMERA,
                result="passed",
                result_code="set_up.picture_comes",
                result_detail=MappingProxyType({"width": 3264, "height": 2448}),
                searched=True,
                found=(FoundView(CAMERA, "Doccamera", "pci-0000:00:14.0-usb-0:2:1.0", True, "set_up.twins_by_socket"),),
            )
        ),
        "set_up_printer": show(
            SetUpView(
                DeviceKind.RECEIPT_PRINTER,
                PRINTER,
                "tcp:192.168.1.50:9100",
                True,
                result="passed",
                result_code="set_up.line_printed",
                paper_mm=58,
                printer_status=False,
                searched=True,
                found=(
                    FoundView(PRINTER, "POS58", "0416:5011 SN000123"),
                    FoundView("file:/dev/usb/lp0", "POS58", "0416:5011 SN000123", False, "set_up.printer_file"),
                ),
            )
        ),
        "set_up_refused": show(
            replace(
                reader,
                message=Notice("error", "set_up.read_only", MappingProxyType({"path": "/etc/doorstep/station.toml"})),
                result="waiting",
                result_code="set_up.lay_a_card",
            )
        ),
        "set_up_kept": show(
            replace(
                reader,
                kept=READER,
                changed=False,
                message=Notice("good", "set_up.kept"),
                result="passed",
                result_code="set_up.card_read",
                result_detail=MappingProxyType({"name": "张*例"}),
            )
        ),
        "set_up_scanner_ways": show(
            SetUpView(
                DeviceKind.CODE_SCANNER,
                "camera:",
                "",
                True,
                searched=True,
                found=(
                    FoundView("camera:", "", "", note_code="set_up.way_camera"),
                    FoundView("keyboard", "", "", note_code="set_up.way_keyboard"),
                ),
                result="waiting",
                result_code="set_up.scan_a_code",
            )
        ),
        "set_up_none": show(
            SetUpView(DeviceKind.WEBCAM, "none", "", True, result_code="device.none_by_design"),
            DeviceState.ABSENT,
            "device.none_by_design",
        ),
    }
