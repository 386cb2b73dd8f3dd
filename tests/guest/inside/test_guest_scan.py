"""``kiosk devices scan --json`` with everything plugged in: each piece by a name that outlives a replug."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from .kernel import Gadget, Keyboard, wait_for
from .usb_camera import UsbCamera


def scan() -> dict[str, dict[str, Any]]:
    """Connection → what was said of it; without a connection, by identity."""
    said = subprocess.run(
        [sys.executable, "-m", "kiosk", "devices", "scan", "--json"], capture_output=True, text=True, check=True
    )
    rows = json.loads(said.stdout)["devices"]
    return {row["connection"] or row["identity"]: row for row in rows}


def test_everything_is_listed_by_names_that_outlive_a_replug_into_other_sockets(
    scanner_gadget: Gadget, bridge_gadget: Gadget, printer_gadget: Gadget
) -> None:
    cameras = [UsbCamera(0, serial_number="A1"), UsbCamera(1, product=0x0C10)]
    twins = [UsbCamera(2, product=0x0D00), UsbCamera(3, product=0x0D00)]
    keyboard = Keyboard()
    links = Path("/dev/v4l/by-path")
    try:
        scanner_gadget.plug()
        for one in (bridge_gadget, printer_gadget, *cameras, *twins):
            one.plug()
        wait_for(lambda: links.is_dir() and len(list(links.glob("*usb*-video-index0"))) == 4)
        wait_for(lambda: len(list(Path("/dev/serial/by-id").iterdir())) == 2)
        wait_for(lambda: Path("/dev/usb/lp0").exists())
        before = scan()
        scanner = before["serial:/dev/serial/by-id/usb-Sample_Sample_device_S001-if00"]
        assert scanner["pieces"] == ["code_scanner"]
        assert not scanner["ambiguous"]
        assert "id_card_reader" in before["serial:/dev/serial/by-id/usb-Sample_Sample_device_B001-if00"]["pieces"]
        assert before["usb:0416:5011?serial=P001"]["pieces"] == ["receipt_printer"]
        numbered = before["v4l2:/dev/v4l/by-id/usb-Sample_Sample_camera_A1-video-index0"]
        assert "document_camera" in numbered["pieces"]
        assert not numbered["ambiguous"]
        by_socket = [row for row in before.values() if row["note"] == "set_up.twins_by_socket"]
        assert {row["connection"] for row in by_socket} == {
            f"v4l2:{links}/platform-vhci_hcd.0-usb-0:{socket}:1.0-video-index0?usb=1bcf:0d00" for socket in (3, 4)
        }
        assert all(row["ambiguous"] for row in by_socket)

        for one in (scanner_gadget, bridge_gadget, printer_gadget, *cameras, *twins):
            one.unplug()
        wait_for(lambda: not links.is_dir() or not list(links.glob("*usb*-video-index0")))
        gone = scan()
        assert not [name for name in gone if "usb" in name]
        bridge_gadget.plug()  # the other order: every number of the kernel's changes
        wait_for(lambda: len(list(Path("/dev/serial/by-id").iterdir())) == 1)
        for one in (scanner_gadget, printer_gadget, cameras[1], cameras[0], *twins):
            one.plug()
        wait_for(lambda: len(list(links.glob("*usb*-video-index0"))) == 4)
        wait_for(lambda: len(list(Path("/dev/serial/by-id").iterdir())) == 2)
        wait_for(lambda: Path("/dev/usb/lp0").exists())
        after = scan()
        assert {name: row["identity"] for name, row in after.items()} == {
            name: row["identity"] for name, row in before.items()
        }
    finally:
        keyboard.close()
        for one in (printer_gadget, *cameras, *twins):
            one.unplug()
