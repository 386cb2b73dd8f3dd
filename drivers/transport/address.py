"""Connection strings of station.toml, taken apart.

Examples: ``serial:/dev/serial/by-id/usb-…?baud=115200``, ``serial:usb=1A86:7523?baud=9600``,
``serial:socket://127.0.0.1:7001``, ``pcsc:Reader name``, ``usb:0416:5011``, ``tcp:127.0.0.1:9100``,
``v4l2:/dev/v4l/by-id/…``, ``http://host/stream.mjpg``, ``images:folder``, ``file:/dev/usb/lp0``, ``keyboard``,
``hid:/dev/input/by-id/…``, ``camera:``, ``vendor:/path/lib.so?kind=sdtapi``, ``simulated``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl

SCHEMES = frozenset(
    {
        "serial",
        "pcsc",
        "usb",
        "tcp",
        "v4l2",
        "http",
        "https",
        "images",
        "file",
        "keyboard",
        "simulated",
        "vendor",
        "hid",
        "camera",
    }
)


NONE = "none"
"""In place of a connection: this station has no such piece, on purpose. No address, so ``parse_address`` refuses it."""


class AddressError(ValueError):
    """A connection string that names no known way to a device."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a device is: ``scheme``, what follows the colon, and the options behind ``?``."""

    scheme: str
    target: str
    options: dict[str, str] = field(default_factory=dict)

    def number(self, option: str, default: int) -> int:
        """Read a whole number from the options.

        Raises:
            AddressError: the option is there but is no whole number.
        """
        text = self.options.get(option)
        if text is None:
            return default
        try:
            return int(text)
        except ValueError:
            raise AddressError(f"{option}={text!r} is not a whole number") from None

    def speed(self, default: int) -> int:
        """Read ``baud``, bits per second.

        Raises:
            AddressError: it is there but is no whole number above 0.
        """
        baud = self.number("baud", default)
        if baud < 1:
            raise AddressError(f"baud={baud} is no speed")
        return baud


@dataclass(frozen=True, slots=True)
class UsbName:
    """A piece on USB by what it says of itself, whatever port it is plugged into; ``serial`` "" = any of its kind."""

    vendor: int
    product: int
    serial: str = ""

    def __str__(self) -> str:
        return f"{self.vendor:04X}:{self.product:04X}" + (f":{self.serial}" if self.serial else "")


def usb_name(target: str) -> UsbName | None:
    """What ``usb=VID:PID[:SERIAL]`` (both numbers hexadecimal) names; None for a target of another kind.

    Raises:
        AddressError: the target begins so, but names nothing.
    """
    if not target.startswith("usb="):
        return None
    vendor, _, rest = target.removeprefix("usb=").partition(":")
    product, _, serial = rest.partition(":")
    hexadecimal = set("0123456789abcdefABCDEF")
    if not all(len(number) == 4 and set(number) <= hexadecimal for number in (vendor, product)):
        raise AddressError(f"{target!r}: expected usb=VID:PID or usb=VID:PID:SERIAL, such as usb=1A86:7523")
    return UsbName(int(vendor, 16), int(product, 16), serial)


def parse_address(text: str) -> Address:
    """Take a connection string apart.

    Raises:
        AddressError: unknown scheme, a scheme that needs a target without one, or a USB name that names nothing.
    """
    scheme, colon, rest = text.strip().partition(":")
    if scheme not in SCHEMES:
        raise AddressError(f"unknown kind of connection {scheme!r} in {text!r}; known: {', '.join(sorted(SCHEMES))}")
    if scheme in ("http", "https"):
        # The address of a camera stream is passed on whole; its own query belongs to the camera.
        return Address(scheme, text.strip())
    target, _, query = rest.partition("?")
    if not target and scheme not in ("keyboard", "simulated", "pcsc", "camera"):
        raise AddressError(f"{text!r} says how to connect but not to what" + ("" if colon else " (a colon is missing)"))
    if scheme == "serial":
        usb_name(target)
    return Address(scheme, target, dict(parse_qsl(query, keep_blank_values=True)))
