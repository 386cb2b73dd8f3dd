"""station.toml, typed. An unknown key or a wrong value is refused with its place and the reason."""

from __future__ import annotations

import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from drivers.transport.address import NONE, Address, AddressError, parse_address


class SettingsError(ValueError):
    """The settings file is not usable; the message names file, key and reason, one a line."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StationSection(_Section):
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,40}$")]
    name: str
    centre_name: str
    data: Path = Path("/var/lib/doorstep")
    language: Literal["zh", "en"] = "zh"
    text_size: Literal["normal", "large"] = "normal"
    high_contrast: bool = False
    full_screen: bool = True
    contact: Annotated[str, Field(max_length=60)] = ""  # where residents may ask, printed on slips; "" = not printed


class CentreSection(_Section):
    url: str = "http://127.0.0.1:8470"
    token_file: Path | None = None  # holds the station's bearer token; readable by the station's user only
    ca_file: Path | None = None  # PEM; trusted instead of the public authorities

    @field_validator("url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:  # a port that is no number, a host that is no address
            usable = False
        if not usable:
            raise ValueError(f"{value!r} is no http or https address")
        return value


_CAMERA_WAYS = ("v4l2", "http", "https", "images")
_WAYS = {
    "document_camera": _CAMERA_WAYS,
    "id_card_reader": ("serial", "vendor"),
    "social_security_card": ("pcsc",),
    "code_scanner": ("serial", "hid", "keyboard", "camera"),
    "receipt_printer": ("tcp", "serial", "usb", "file"),
    "webcam": _CAMERA_WAYS,
}


def ways_to(piece: str) -> tuple[str, ...]:
    """Kinds of connection a piece (a field of ``DevicesSection``) can have, the part before the colon."""
    return _WAYS[piece]


def connection_of(piece: str, connection: str) -> Address:
    """The address a piece (a field of ``DevicesSection``) is reached at, or ``simulated``.

    Raises:
        AddressError: a connection string that is no address, or one that this piece cannot have.
    """
    address = parse_address(connection)
    ways = _WAYS[piece]
    if address.scheme not in (*ways, "simulated"):
        raise AddressError(
            f"this piece cannot be reached by {address.scheme!r}; use {', '.join(ways)}, simulated or {NONE}"
        )
    return address


class DevicesSection(_Section):
    """Connection strings (``drivers.transport.address``); "" = not set up yet, "none" = has none on purpose."""

    document_camera: str = ""
    id_card_reader: str = ""
    social_security_card: str = "pcsc:"
    code_scanner: str = ""
    receipt_printer: str = ""
    webcam: str = ""

    @field_validator("*")
    @classmethod
    def _known_connection(cls, value: str, info: ValidationInfo) -> str:
        if value not in ("", NONE):
            connection_of(str(info.field_name), value)  # its AddressError is a ValueError with the reason
        return value


class PrinterSection(_Section):
    profile: str = "TM-T20II"  # of python-escpos
    paper_mm: Literal[58, 80] = 80
    status: bool = True  # false: a printer that never answers status queries
    ticket: bool = False  # print the queue ticket by itself; its number stands on the receipt too
    reprint_days: Annotated[int, Field(ge=1, le=365)] = 30  # so long a finished case is remembered for 重打回执
    roll_metres: Annotated[float, Field(gt=0, le=500)] | None = None  # of a full roll, as printed on its wrapping

    @property
    def roll_length(self) -> float:
        """Metres of a full roll; without the setting that of a roll usual for this width.

        From the diameters such printers take: 80 mm wide and ⌀80 mm hold 60 to 80 m of 60 µm paper, 58 mm wide and
        ⌀40 mm about 17 m.
        """
        return self.roll_metres or {58: 15.0, 80: 60.0}[self.paper_mm]


class CameraSection(_Section):
    """``[document_camera]`` and ``[webcam]``; what is left out stays as the camera likes it.

    Numbers are in the camera's own units and range, which the technician's page shows; a fixed value switches its
    automatic off. What a camera does not have is left alone and reported (``drivers.camera_controls``).
    """

    autofocus: bool | None = None
    focus: int | None = None
    auto_exposure: bool | None = None
    exposure: int | None = None
    gain: int | None = None
    auto_white_balance: bool | None = None
    white_balance: int | None = None  # kelvin
    brightness: int | None = None
    contrast: int | None = None
    saturation: int | None = None
    sharpness: int | None = None
    mains_hz: Literal[50, 60] | None = None  # against flicker; 50 in China
    # A camera on a device file is let go after so long without use, and is back within seconds; 0 = never.
    standby_minutes: Annotated[float, Field(ge=0, le=1440)] = 15.0


class CatalogueSection(_Section):
    file: Path | None = None  # a district's own catalogue
    offered: Literal["all"] | tuple[str, ...] = ()


class IdleSection(_Section):
    """DESIGN.md section 7, in seconds."""

    warn: Annotated[int, Field(ge=10)] = 60
    warn_large_print: Annotated[int, Field(ge=10)] = 120
    countdown: Annotated[int, Field(ge=5)] = 20
    sign_off: Annotated[int, Field(ge=60)] = 600


class OutboxSection(_Section):
    draft_hours: Annotated[float, Field(gt=0)] = 24.0
    reserve_mb: Annotated[int, Field(ge=1)] = 2048  # intake stops when less is free
    ballast_mb: Annotated[int, Field(ge=0)] = 16


class SelfTestSection(_Section):
    """The quick self-test that runs by itself before opening, by the station's own clock."""

    morning: bool = True
    opening: time = time(8, 30)
    minutes_before: Annotated[int, Field(ge=0, le=240)] = 15


class Settings(_Section):
    station: StationSection
    centre: CentreSection = CentreSection()
    devices: DevicesSection = DevicesSection()
    printer: PrinterSection = PrinterSection()
    document_camera: CameraSection = CameraSection()
    webcam: CameraSection = CameraSection()
    catalogue: CatalogueSection = CatalogueSection()
    idle: IdleSection = IdleSection()
    outbox: OutboxSection = OutboxSection()
    selftest: SelfTestSection = SelfTestSection()


def load_settings(path: Path) -> Settings:
    """Read and check a settings file.

    Raises:
        SettingsError: missing, unreadable, not TOML, or a key or value that is not known.
    """
    try:
        with path.open("rb") as file:
            data = tomllib.load(file)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:  # of TOML, of UTF-8, or a number of more digits than Python reads
        raise SettingsError(f"{path}: {error}") from None
    except RecursionError:
        raise SettingsError(f"{path}: nested too deeply") from None
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        lines = [f"{path}: {'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()]
        raise SettingsError("\n".join(lines)) from None
