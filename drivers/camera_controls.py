"""Focus, exposure, white balance and the like, as far as a camera has them.

Asked and set through the kernel (``drivers.v4l2``), which knows ranges and refuses; where that cannot be had, through
OpenCV, whose ``set`` says "yes" to everything, so that only reading back tells. A camera forgets its controls when it
is unplugged: they are set at every opening. What it does not have is reported, and is no fault.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from drivers.opencv import cv2
from drivers.v4l2 import Control, VideoDevice, video_device

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CameraControls:
    """What is wanted; None = as the camera likes. A fixed value switches its automatic off unless that is asked for.

    Attributes:
        autofocus, auto_exposure, auto_white_balance: The automatics.
        focus, exposure, gain, brightness, contrast, saturation, sharpness: In the camera's own units and range
            (exposure of UVC cameras: 0.1 ms).
        white_balance: Colour temperature in kelvin.
        mains_hz: 50 (China) or 60: against the flicker of lamps.
    """

    autofocus: bool | None = None
    focus: int | None = None
    auto_exposure: bool | None = None
    exposure: int | None = None
    gain: int | None = None
    auto_white_balance: bool | None = None
    white_balance: int | None = None
    brightness: int | None = None
    contrast: int | None = None
    saturation: int | None = None
    sharpness: int | None = None
    mains_hz: int | None = None

    def wishes(self) -> dict[str, int]:
        """Names and values in the order in which they must be set: an automatic before what it governs."""
        found: dict[str, int] = {}
        for automatic, fixed in AUTOMATICS.items():
            wanted = getattr(self, automatic)
            if wanted is None and getattr(self, fixed) is not None:
                wanted = False
            if wanted is not None:
                found[automatic] = int(wanted)
        for entry in fields(self):
            value = getattr(self, entry.name)
            if entry.name not in AUTOMATICS and value is not None:
                found[entry.name] = int(value)
        return found


AUTOMATICS = {"autofocus": "focus", "auto_exposure": "exposure", "auto_white_balance": "white_balance"}


class Outcome(StrEnum):
    """What came of a wish."""

    SET = "set"
    ABSENT = "absent"  # the camera does not have it
    REFUSED = "refused"  # it has it, and reads back something else
    KEPT = "kept"  # nothing was asked


@dataclass(frozen=True, slots=True)
class ControlReading:
    """One control.

    Attributes:
        asked: None when nothing was asked.
        value: As read back, None when the camera does not have it.
        minimum, maximum, default: Its range, where the camera tells.
    """

    name: str
    outcome: Outcome
    asked: int | None = None
    value: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    default: int | None = None


# Numbers of linux/v4l2-controls.h
_KERNEL = {
    "autofocus": 0x009A090C,
    "focus": 0x009A090A,
    "auto_exposure": 0x009A0901,
    "exposure": 0x009A0902,
    "gain": 0x00980913,
    "auto_white_balance": 0x0098090C,
    "white_balance": 0x0098091A,
    "brightness": 0x00980900,
    "contrast": 0x00980901,
    "saturation": 0x00980902,
    "sharpness": 0x0098091B,
    "mains_hz": 0x00980918,
}
_EXPOSURE_AUTO, _EXPOSURE_MANUAL, _EXPOSURE_APERTURE = 0, 1, 3
_MAINS = {50: 1, 60: 2}

_OPENCV = {
    "autofocus": cv2.CAP_PROP_AUTOFOCUS,
    "focus": cv2.CAP_PROP_FOCUS,
    "auto_exposure": cv2.CAP_PROP_AUTO_EXPOSURE,
    "exposure": cv2.CAP_PROP_EXPOSURE,
    "gain": cv2.CAP_PROP_GAIN,
    "auto_white_balance": cv2.CAP_PROP_AUTO_WB,
    "white_balance": cv2.CAP_PROP_WB_TEMPERATURE,
    "brightness": cv2.CAP_PROP_BRIGHTNESS,
    "contrast": cv2.CAP_PROP_CONTRAST,
    "saturation": cv2.CAP_PROP_SATURATION,
    "sharpness": cv2.CAP_PROP_SHARPNESS,
}


def apply_controls(controls: CameraControls, path: str, capture: cv2.VideoCapture) -> tuple[ControlReading, ...]:
    """Set what is wanted and read everything back. Never raises for a camera that does not take part.

    Args:
        controls: What is wanted.
        path: The device file.
        capture: The same camera, open in OpenCV.
    """
    wishes = controls.wishes()
    try:
        with video_device(path) as device:
            readings = _by_kernel(device, wishes)
    except OSError:
        readings = _by_opencv(capture, wishes)
    for reading in readings:
        if reading.outcome in (Outcome.ABSENT, Outcome.REFUSED) and reading.asked is not None:
            log.warning("camera control %s=%s: %s, is %s", reading.name, reading.asked, reading.outcome, reading.value)
    return readings


def _by_kernel(device: VideoDevice, wishes: Mapping[str, int]) -> tuple[ControlReading, ...]:
    for name, asked in wishes.items():
        if device.control(_KERNEL[name]) is not None:
            device.set_value(_KERNEL[name], _to_kernel(device, name, asked))
    readings = []
    for name, identifier in _KERNEL.items():
        control = device.control(identifier)
        value = device.value(identifier) if control is not None else None
        readings.append(_reading(name, wishes.get(name), _from_kernel(name, value), control))
    return tuple(readings)


def _reading(name: str, asked: int | None, value: int | None, control: Control | None) -> ControlReading:
    if control is None or value is None:
        return ControlReading(name, Outcome.ABSENT, asked)
    outcome = Outcome.KEPT if asked is None else Outcome.SET if value == asked else Outcome.REFUSED
    if control.menu:  # the kernel's numbers of the entries are of no use to anybody
        return ControlReading(name, outcome, asked, value)
    return ControlReading(name, outcome, asked, value, control.minimum, control.maximum, control.default)


def _to_kernel(device: VideoDevice, name: str, asked: int) -> int:
    if name == "mains_hz":
        return _MAINS.get(asked, 0)
    if name == "auto_exposure":
        if not asked:
            return _EXPOSURE_MANUAL
        # UVC cameras have aperture priority in place of the full automatic.
        return _EXPOSURE_APERTURE if device.menu_has(_KERNEL[name], _EXPOSURE_APERTURE) else _EXPOSURE_AUTO
    return asked


def _from_kernel(name: str, value: int | None) -> int | None:
    if value is None:
        return None
    if name == "mains_hz":
        return {1: 50, 2: 60}.get(value, 0)
    if name == "auto_exposure":
        return int(value in (_EXPOSURE_AUTO, _EXPOSURE_APERTURE))
    return value


def _by_opencv(capture: cv2.VideoCapture, wishes: Mapping[str, int]) -> tuple[ControlReading, ...]:
    readings = []
    for name, asked in wishes.items():
        if name in _OPENCV:
            capture.set(_OPENCV[name], float(_to_opencv(name, asked)))
    for name in _KERNEL:
        wanted = wishes.get(name)
        # -1 is OpenCV's answer for what a camera does not have; a backend that answers 0 has just not taken the wish.
        raw = capture.get(_OPENCV[name]) if name in _OPENCV else -1.0
        if raw == -1.0:
            readings.append(ControlReading(name, Outcome.ABSENT, wanted))
            continue
        value = int(raw != _EXPOSURE_MANUAL) if name == "auto_exposure" else round(raw)
        outcome = Outcome.KEPT if wanted is None else Outcome.SET if value == wanted else Outcome.REFUSED
        readings.append(ControlReading(name, outcome, wanted, value))
    return tuple(readings)


def _to_opencv(name: str, asked: int) -> int:
    return (_EXPOSURE_APERTURE if asked else _EXPOSURE_MANUAL) if name == "auto_exposure" else asked
