"""What is plugged in and out stands in the log, by socket and numbers, and never by name."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest
from serial.tools.list_ports_common import ListPortInfo

from kiosk.devices import usb_watch
from kiosk.devices.usb_watch import UsbWatch


def plug(devices: Path, socket: str, vendor: str, product: str) -> None:
    folder = devices / socket
    folder.mkdir()
    (folder / "idVendor").write_text(f"{vendor}\n")
    (folder / "idProduct").write_text(f"{product}\n")
    (folder / "product").write_text("张示例的手机\n")
    (folder / "serial").write_text("SAMPLE-0001\n")


def test_attaching_detaching_and_swapping_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    plug(tmp_path, "usb1", "1d6b", "0002")
    plug(tmp_path, "1-1", "1a86", "7523")
    (tmp_path / "1-1:1.0").mkdir()
    watch = UsbWatch(tmp_path)
    watch.look()
    assert caplog.messages == [], "what was there from the beginning is no news"
    plug(tmp_path, "1-2.4", "0416", "5011")
    watch.look()
    shutil.rmtree(tmp_path / "1-1")
    watch.look()
    plug(tmp_path, "1-1", "10c4", "ea60")
    watch.look()
    shutil.rmtree(tmp_path / "1-1")
    plug(tmp_path, "1-1", "1a86", "7523")
    watch.look()
    assert caplog.messages == [
        "usb: 0416:5011 plugged in at 1-2.4",
        "usb: 1a86:7523 pulled out of 1-1",
        "usb: 10c4:ea60 plugged in at 1-1",
        "usb: 10c4:ea60 pulled out of 1-1",
        "usb: 1a86:7523 plugged in at 1-1",
    ]


def test_a_device_that_cannot_be_read_for_a_moment_is_still_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    plug(tmp_path, "1-1", "1a86", "7523")
    watch = UsbWatch(tmp_path)
    (tmp_path / "1-1" / "idVendor").unlink()
    watch.look()
    assert caplog.messages == []


def test_elsewhere_the_list_of_ports_is_what_there_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    ports: list[ListPortInfo] = [ListPortInfo("COM1")]
    monkeypatch.setattr(usb_watch.list_ports, "comports", lambda: ports)
    watch = UsbWatch(tmp_path / "none")
    port = ListPortInfo("COM7")
    port.vid, port.pid = 0x1A86, 0x7523
    ports.append(port)
    watch.look()
    assert caplog.messages == ["usb: 1a86:7523 plugged in at COM7"]
