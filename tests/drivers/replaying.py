"""Plays a recording to the real driver and compares what it says with what was said then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from drivers.code_scanner import CodeScanner
from drivers.document_camera import DocumentCamera
from drivers.driver import DeviceKind, DeviceState, Driver, Listener, StatusChanged
from drivers.id_card_reader import IdCardReader
from drivers.receipt_printer import Cut, Element, Feed, QrCode, Raster, ReceiptPrinter
from drivers.recording.tape import Tape, What
from drivers.simulated.pcsc_service import PcscService
from drivers.simulated.replay import replay_end
from drivers.social_security_card import SocialSecurityCardReader
from drivers.transport.address import parse_address
from drivers.webcam import Webcam
from tests.drivers.events import Events

Said = tuple[str, str, str]


def make(kind: str, address: str, listener: Listener, settings: Mapping[str, Any]) -> Driver:
    """The driver of a kind, made as the recording says."""
    where = parse_address(address)
    if kind == DeviceKind.RECEIPT_PRINTER:
        return ReceiptPrinter(where, listener, **settings)
    plain = {
        DeviceKind.ID_CARD_READER: IdCardReader,
        DeviceKind.SOCIAL_SECURITY_CARD: SocialSecurityCardReader,
        DeviceKind.CODE_SCANNER: CodeScanner,
        DeviceKind.DOCUMENT_CAMERA: DocumentCamera,
        DeviceKind.WEBCAM: Webcam,
    }
    return plain[DeviceKind(kind)](where, listener)


def said_then(tape: Tape) -> list[Said]:
    """Kind, state and code of everything the driver said, without what only repeats."""
    events = [entry.detail for entry in tape.entries if entry.what is What.EVENT]
    return _without_repeats([(one["name"], one["state"], one["code"]) for one in events])


def said_now(events: Events) -> list[Said]:
    said = []
    for event in events.all:
        if isinstance(event, StatusChanged):
            said.append(("StatusChanged", str(event.status.state), event.status.code))
        else:
            said.append((type(event).__name__, "", str(getattr(event, "code", ""))))
    return _without_repeats(said)


def _without_repeats(said: Sequence[Said]) -> list[Said]:
    kept: list[Said] = []
    for one in said:
        if one not in kept[-2:]:  # "reading, ready, reading, ready" of one card tried twice
            kept.append(one)
    return kept


def jobs(tape: Tape) -> list[list[Element]]:
    """What a printer was asked for, with white dots and zeros where content was."""
    return [[_element(*one) for one in entry.detail["elements"]] for entry in tape.entries if entry.what is What.JOB]


def _element(name: str, *sizes: int) -> Element:
    if name == "raster":
        return Raster(np.zeros((sizes[0], sizes[1]), dtype=np.bool_))
    if name == "qr":
        return QrCode("0" * sizes[0], sizes[1])
    return Feed(sizes[0]) if name == "feed" else Cut()


def replay(tape: Tape, service: PcscService | None = None) -> tuple[list[Said], str]:
    """Play a tape; what the driver said, and what did not fit ("" = everything did)."""
    end = replay_end(tape, service)
    events = Events()
    end.start()
    driver = make(tape.kind, end.address, events, tape.settings)
    driver.start()
    try:
        events.wait_status(lambda status: status.state is not DeviceState.CONNECTING)
        end.driver_is_open()
        if isinstance(driver, ReceiptPrinter):
            events.wait_until(lambda: driver.status.identity or driver.status.code)
            for number, elements in enumerate(jobs(tape)):
                driver.print_job(elements, f"replayed-{number}").result(60)
        wanted = said_then(tape)
        events.wait_until(lambda: end.done.is_set() and set(wanted) <= set(said_now(events)) or end.mismatch)
        return said_now(events), end.mismatch
    finally:
        driver.stop()
        end.stop()
