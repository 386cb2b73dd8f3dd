"""The portrait of a card as a picture, where the site has the licensed decoder; nothing is ever shown in its place.

The decoder is the reader's own library (``vendor:``), or another one named by ``photo=/path/libwlt.so`` in the address
of any reader. It runs in a process like every maker's library. A decoder that fails costs the photo, never the card.
"""

from __future__ import annotations

import io
import logging
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from drivers.driver import DeviceError, DeviceLost
from drivers.sam_module import SamModule
from drivers.transport.address import Address, AddressError
from drivers.vendor_library.helper import Helper, bytes_of
from drivers.vendor_library.module import VendorModule

log = logging.getLogger(__name__)

PHOTO_SIZE = (102, 126)
"""Pixels, width by height (hardware reference 1.9)."""

START_SECONDS = 4.0
DECODE_SECONDS = 2.0
FAILURES_BEFORE_GIVING_UP = 3
"""In a row; the next opening of the reader tries again. A decoder that hangs would delay every card."""


class PhotoDecoder:
    """The driver's thread owns it."""

    def __init__(self, address: Address, module: SamModule, stopping: Callable[[], bool]) -> None:
        """Only remember the way.

        Raises:
            AddressError: ``photo`` is no whole path.
        """
        self._module = module
        self._helper: Helper | None = None
        library = address.options.get("photo", "")
        if library:
            if not Path(library).is_absolute():
                raise AddressError(f"photo={library!r}: expected the whole path of the library")
            self._helper = Helper(library, "photo", 0, stopping)
        self._failures = 0

    def open(self) -> None:
        """A new beginning: a decoder given up before is tried again. Its process is started before the first card.

        Raises:
            DeviceLost: the driver is stopping.
        """
        self._failures = 0
        if self._helper is not None:
            with self._counted():
                self._helper.start(START_SECONDS)

    def close(self) -> None:
        if self._helper is not None:
            self._helper.close()

    def decode(self, wlt: bytes) -> bytes:
        """The portrait as PNG; b"" when there is none, no decoder, or one that fails.

        Args:
            wlt: The 1024 bytes of the chip, or b"".

        Raises:
            DeviceLost: the driver is stopping.
        """
        if not wlt or self._failures >= FAILURES_BEFORE_GIVING_UP:
            return b""
        picture = b""
        with self._counted():
            picture = as_png(self._picture(wlt))
            self._failures = 0
        return picture

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """A failure costs nothing but the photo; it is counted, and ends the block."""
        try:
            yield
        except DeviceLost:
            raise
        except DeviceError as error:
            self._failures += 1
            log.warning("id_card_reader: the photo's decoder failed: %s", error)

    def _picture(self, wlt: bytes) -> bytes:
        if self._helper is None:
            return self._module.take_picture(wlt) if isinstance(self._module, VendorModule) else b""
        if not self._helper.running:
            self._helper.start(START_SECONDS)
        return bytes_of(self._helper.ask({"do": "picture", "wlt": wlt}, DECODE_SECONDS), "picture")


def as_png(bmp: bytes) -> bytes:
    """A decoded portrait as PNG; b"" for anything that is not one: another size, another form, one plain colour."""
    # Sizes are looked at before anything is made of that size. A negative height means rows from the top.
    if len(bmp) < 26 or struct.unpack_from("<ii", bmp, 18) not in (PHOTO_SIZE, (PHOTO_SIZE[0], -PHOTO_SIZE[1])):
        return b""
    try:
        with Image.open(io.BytesIO(bmp), formats=["BMP"]) as picture:
            if picture.size != PHOTO_SIZE:
                return b""
            whole = picture.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, OverflowError):
        return b""
    if len(whole.getcolors(2) or (None, None)) < 2:
        return b""
    out = io.BytesIO()
    whole.save(out, "PNG")
    return out.getvalue()
