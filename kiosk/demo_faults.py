"""Everything that can be switched on in a demo to see the self-test say why: ``DEVICE:FAULT``.

A fault is real: the simulated end misbehaves on its own port, the line to the centre is slow, the clock is wrong.
Nothing here tells the self-test anything.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from drivers.driver import DeviceKind
from drivers.recording.disguise import OWN_CODE
from drivers.simulated.camera import CameraFault, SimulatedCamera
from kiosk.demo import Demo
from kiosk.settings import Settings

Apply = Callable[[Demo], object]
Change = Callable[[Settings], Settings]

SAM_STATUS = bytes.fromhex("11FF")
MODULE_FAULT = 0x60


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        name: ``DEVICE:FAULT``, unique.
        what: In English, for the list.
        change: Of the settings, before the station starts.
        apply: On the running demo.
    """

    name: str
    what: str
    apply: Apply = lambda demo: None
    change: Change = lambda settings: settings


def _camera(kind: DeviceKind) -> Callable[[Demo], SimulatedCamera]:
    return lambda demo: demo.bench.document_camera if kind is DeviceKind.DOCUMENT_CAMERA else demo.bench.webcam


def _unplug(kind: DeviceKind) -> Fault:
    return Fault(f"{kind}:unplugged", "its cable is pulled", lambda demo: demo.bench.unplug(kind))


def _of_both_cameras(kind: DeviceKind) -> list[Fault]:
    camera = _camera(kind)

    def stream(fault: CameraFault, what: str, name: str = "") -> Fault:
        return Fault(f"{kind}:{name or fault.value}", what, lambda demo: camera(demo).set_fault(fault))

    return [
        _unplug(kind),
        stream(CameraFault.STALL, "connected, but no more pictures come", "silent"),
        stream(CameraFault.NOISE, "random bytes instead of pictures"),
        stream(CameraFault.DAMAGED, "half of every picture is missing"),
        stream(CameraFault.TINY, "pictures of one pixel"),
        stream(CameraFault.FREEZE, "the same picture for ever", "frozen"),
        stream(CameraFault.BLACK, "only darkness"),
        stream(CameraFault.COVERED, "a hand or a lid right before the lens"),
        Fault(f"{kind}:out_of_focus", "everything is blurred", lambda demo: camera(demo).set_lens(blur=8.0)),
        Fault(
            f"{kind}:not_shown",
            "the slip is not brought there",
            lambda demo: _forget(demo, kind.value),
        ),
    ]


def _forget(demo: Demo, piece: str) -> None:
    hand = demo.bench.carrier.hand
    hand.forgets = hand.forgets | {piece}


def _lens(name: str, what: str, **changes: float | bool) -> Fault:
    return Fault(
        f"{DeviceKind.DOCUMENT_CAMERA}:{name}", what, lambda demo: demo.bench.document_camera.set_lens(**changes)
    )


def _coarse(demo: Demo) -> None:
    camera = demo.bench.document_camera
    camera.size = (1280, 960)
    camera.show(camera.scene)


def _set(target: object, name: str, value: object) -> None:
    setattr(target, name, value)


def _scan(name: str, what: str, scan: Callable[..., object]) -> Fault:
    return Fault(f"{DeviceKind.CODE_SCANNER}:{name}", what, lambda demo: _set(demo.bench.carrier.hand, "scan", scan))


def _printer(name: str, what: str, method: str) -> Fault:
    return Fault(
        f"{DeviceKind.RECEIPT_PRINTER}:{name}", what, lambda demo: getattr(demo.bench.receipt_printer, method)()
    )


def _expect_sam(settings: Settings) -> Settings:
    address = settings.devices.id_card_reader
    other = f"{address}{'&' if '?' in address else '?'}sam=05.03-20240101-0099999999-0000000001"
    return settings.model_copy(update={"devices": settings.devices.model_copy(update={"id_card_reader": other})})


def _no_room(settings: Settings) -> Settings:
    return settings.model_copy(update={"outbox": settings.outbox.model_copy(update={"reserve_mb": 10**9})})


def _wrong_token(settings: Settings) -> Settings:
    path = settings.station.data.parent / "wrong-token"
    path.write_text("not-the-token", encoding="ascii")
    return settings.model_copy(update={"centre": settings.centre.model_copy(update={"token_file": path})})


def _wrong_clock(demo: Demo) -> None:
    right = demo.station.now
    demo.station.now = lambda: right() + timedelta(minutes=7)


def _line(name: str, what: str, **quality: float | bool) -> Fault:
    def apply(demo: Demo) -> None:
        assert demo.line is not None
        for key, value in quality.items():
            setattr(demo.line.quality, key, value)

    return Fault(f"centre:{name}", what, apply)


_ALL: tuple[Fault, ...] = (
    _unplug(DeviceKind.RECEIPT_PRINTER),
    _printer("silent", "prints, but answers nothing", "silent"),
    _printer("no_power", "the line is open and nobody is there", "power_off"),
    _printer("paper_out", "no paper", "paper_out"),
    _printer("cover_open", "the cover is open", "open_cover"),
    _printer("cutter", "the knife is stuck", "cutter_error"),
    _printer("hot", "the print head is too hot", "head_hot"),
    _printer("broken", "an error that no hand clears", "break_down"),
    _printer("offline", "switched off line", "offline"),
    Fault(
        f"{DeviceKind.RECEIPT_PRINTER}:paper_out_during",
        "the paper ends in the middle of the slip",
        lambda demo: demo.bench.receipt_printer.paper_out(after_rows=400),
    ),
    Fault(
        f"{DeviceKind.RECEIPT_PRINTER}:blank",
        "the roll is in the wrong way round, so that slips come out white",
        lambda demo: _set(demo.bench.carrier.hand, "blank", True),
    ),
    _unplug(DeviceKind.CODE_SCANNER),
    Fault(f"{DeviceKind.CODE_SCANNER}:silent", "reads nothing", lambda demo: _forget(demo, "code_scanner")),
    _scan("half", "sends half of the code", lambda scanner, code: scanner.scan_half(code)),
    _scan("noise", "sends garbage", lambda scanner, code: scanner.scan(os.urandom(len(code)))),
    _scan("other_code", "another code is scanned", lambda scanner, code: scanner.scan(b"6901234567892")),
    _scan("old_slip", "an old slip is scanned", lambda scanner, code: scanner.scan(OWN_CODE + b"AAAAAAAAAA")),
    _scan("flood", "sends without end", lambda scanner, code: scanner.flood(100_000)),
    *_of_both_cameras(DeviceKind.DOCUMENT_CAMERA),
    _lens("soft", "a little out of focus", blur=2.0),
    _lens("dim", "the lamp is off", light=0.25),
    _lens("tilted", "the arm stands askew", tilt=0.3),
    _lens("mirrored", "gives a mirror image", mirrored=True),
    _lens("half_shadow", "something casts a shadow over half of the mat", half_shadow=0.65),
    Fault(f"{DeviceKind.DOCUMENT_CAMERA}:coarse", "set to a size that is too small", _coarse),
    Fault(
        f"{DeviceKind.DOCUMENT_CAMERA}:upside_down",
        "mounted the wrong way round",
        lambda demo: _set(demo.bench.carrier.hand, "turned", 180.0),
    ),
    *_of_both_cameras(DeviceKind.WEBCAM),
    _unplug(DeviceKind.ID_CARD_READER),
    Fault(
        f"{DeviceKind.ID_CARD_READER}:silent",
        "its module answers nothing",
        lambda demo: _set(demo.bench.id_card_reader.faults, "silent", True),
    ),
    Fault(
        f"{DeviceKind.ID_CARD_READER}:noise",
        "every answer is damaged",
        lambda demo: _set(demo.bench.id_card_reader.faults, "spoil_checksums", 10**6),
    ),
    Fault(
        f"{DeviceKind.ID_CARD_READER}:module_fault",
        "its module reports that it is broken",
        lambda demo: demo.bench.id_card_reader.faults.status_words.update({SAM_STATUS: MODULE_FAULT}),
    ),
    Fault(f"{DeviceKind.ID_CARD_READER}:other_module", "another module than the one expected", change=_expect_sam),
    _unplug(DeviceKind.SOCIAL_SECURITY_CARD),
    _line("down", "the line to the centre is cut", cut=True),
    _line("late", "every answer is seconds late", delay=0.9),
    _line("slow", "the line is thin", bytes_per_second=12_000),
    _line("lossy", "every other request breaks off", breaks_every=2),
    Fault("centre:unauthorised", "the station's token is not the centre's", change=_wrong_token),
    Fault("clock:wrong", "the station's clock is seven minutes ahead", _wrong_clock),
    Fault("disk:full", "less is free than has to be kept", change=_no_room),
)

FAULTS = {fault.name: fault for fault in _ALL}


def demo_with(faults: Sequence[Fault]) -> Demo:
    """A demo that starts with these faults: after ``start`` give it to ``switch_on``."""

    def change(settings: Settings) -> Settings:
        for fault in faults:
            settings = fault.change(settings)
        return settings

    return Demo(lambda snapshot: None, own_line=True, change=change)


def switch_on(demo: Demo, faults: Sequence[Fault]) -> None:
    """Switch the faults on in a running demo."""
    for fault in faults:
        fault.apply(demo)
