"""Connection strings of station.toml, taken apart.

Examples: ``serial:/dev/serial/by-id/usb-…?baud=115200``, ``serial:socket://127.0.0.1:7001``, ``pcsc:Reader name``,
``usb:0416:5011``, ``tcp:127.0.0.1:9100``, ``v4l2:/dev/v4l/by-id/…``, ``http://host/stream.mjpg``, ``images:folder``,
``file:/dev/usb/lp0``, ``keyboard``, ``simulated``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl

SCHEMES = frozenset(
    {"serial", "pcsc", "usb", "tcp", "v4l2", "http", "https", "images", "file", "keyboard", "simulated"}
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


def parse_address(text: str) -> Address:
    """Take a connection string apart.

    Raises:
        AddressError: unknown scheme, or a scheme that needs a target without one.
    """
    scheme, colon, rest = text.strip().partition(":")
    if scheme not in SCHEMES:
        raise AddressError(f"unknown kind of connection {scheme!r} in {text!r}; known: {', '.join(sorted(SCHEMES))}")
    if scheme in ("http", "https"):
        # The address of a camera stream is passed on whole; its own query belongs to the camera.
        return Address(scheme, text.strip())
    target, _, query = rest.partition("?")
    if not target and scheme not in ("keyboard", "simulated", "pcsc"):
        raise AddressError(f"{text!r} says how to connect but not to what" + ("" if colon else " (a colon is missing)"))
    return Address(scheme, target, dict(parse_qsl(query, keep_blank_values=True)))
