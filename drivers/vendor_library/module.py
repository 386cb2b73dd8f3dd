"""A security module behind its maker's library, for readers that are no serial line.

Address: ``vendor:/path/lib.so?kind=sdtapi&port=1001``; ``kind`` is ``sdtapi`` (functions ``SDT_…``, which many termb
libraries export too: preferred, because it writes no files) or ``termb``. USB readers are ports 1001 to 1016.

What the library gives is believed only as far as it can be checked: lengths, characters, dates and the number's check
character. It runs in a process of its own; a crash, a hang and a lie each end that process and are a fault of the
device, and the driver begins anew with its usual pauses.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from drivers import sam_v
from drivers.driver import DeviceError, DeviceLost
from drivers.id_card import NATIONS
from drivers.sam_module import LineError
from drivers.sam_v import Command, Reply
from drivers.transport.address import Address, AddressError
from drivers.vendor_library.helper import Helper, bytes_of, return_code

KINDS = ("sdtapi", "termb")
DEFAULT_PORT = 1001

OPEN_SECONDS = 8.0
LIMITS = {Command.READ: 5.0}
"""Seconds for a function of the library; all others LIMIT."""
LIMIT = 3.0

NAMES = {
    Command.STATUS: "status",
    Command.SAM_ID: "sam_id",
    Command.FIND: "find",
    Command.SELECT: "select",
    Command.READ: "read",
    Command.NEWEST_ADDRESS: "newest_address",
}

SDT_OK = 0x90
NO_READER = frozenset({1, 5})
"""Port not open, reader not available."""
TIME_OUT = 2
LARGEST_NEWEST = 280
"""Some libraries give up to four addresses of 70 bytes; the first is the newest."""

DONE = frozenset({1, 2, 3})
"""Of termb's Read_Content: a citizen's card, and the other kinds."""


class VendorModule:
    """See above. Only made by the driver; its thread owns it."""

    def __init__(self, address: Address, stopping: Callable[[], bool]) -> None:
        """Only remember library and port.

        Raises:
            AddressError: no such ``kind``, or a port that is no number.
        """
        self.kind = address.options.get("kind", "")
        if self.kind not in KINDS:
            raise AddressError(f"kind={self.kind!r}: expected {' or '.join(KINDS)}")
        if not Path(address.target).is_absolute():
            raise AddressError(f"vendor:{address.target}: expected the whole path of the library")
        self._library = Path(address.target)
        self._helper = Helper(address.target, self.kind, address.number("port", DEFAULT_PORT), stopping)
        self._picture = b""

    @property
    def detail(self) -> Mapping[str, str | int | float]:
        return {"library": self._library.name}

    @property
    def process_id(self) -> int | None:
        """Of the process the library runs in, while it runs."""
        return self._helper.process_id

    def open(self) -> None:
        """Start the process, load the library and let it open the reader.

        Raises:
            DeviceLost: ``id_card_reader.library_no_reader``.
            DeviceError: ``id_card_reader.library_…``, as ``Helper.ask``.
        """
        if not self._library.is_file():
            raise DeviceError("id_card_reader.library_not_loaded", library=self._library.name)
        rc = self._helper.start(OPEN_SECONDS)
        if rc != (SDT_OK if self.kind == "sdtapi" else 1):
            self._helper.stop()
            raise DeviceLost("id_card_reader.library_no_reader", rc=rc)

    def close(self) -> None:
        self._picture = b""
        self._helper.close()

    def exchange(self, command: Command) -> Reply:
        answer = self._helper.ask({"do": NAMES[command]}, LIMITS.get(command, LIMIT))
        rc = return_code(answer)
        reply = self._sdtapi(command, rc, answer) if self.kind == "sdtapi" else self._termb(command, rc, answer)
        if not sam_v.fits(command, reply) and command is not Command.SAM_ID:
            raise _lie(command.name)
        return reply

    def sam_number(self, reply: Reply) -> str:
        number = reply.data.decode("ascii", "replace").strip()
        if not re.fullmatch(r"[0-9A-Za-z.\-]{0,64}", number):
            raise _lie("sam")
        return number

    def must_confirm(self, doubts: tuple[str, ...]) -> bool:
        """Never: the line is the library's own business. A text no chip can hold is a lie; an unknown kind is not."""
        if doubts not in ((), ("kind",)):
            raise _lie(" ".join(doubts))
        return False

    def take_picture(self, wlt: bytes) -> bytes:
        """The BMP of the card read last, as far as the library gives one; b"" otherwise."""
        picture, self._picture = self._picture, b""
        if not picture and wlt:
            picture = bytes_of(self._helper.ask({"do": "picture", "wlt": wlt}, LIMIT), "picture")
        return picture

    def _sdtapi(self, command: Command, rc: int, answer: dict[str, Any]) -> Reply:
        if rc in NO_READER:
            raise DeviceLost("id_card_reader.library_no_reader", rc=rc)
        if rc == TIME_OUT:
            raise LineError("id_card_reader.silent", command=command.name)
        if not 0x10 <= rc <= 0xFF:
            raise LineError("id_card_reader.line", command=command.name, rc=rc)
        data = bytes_of(answer, "data") if rc == SDT_OK else b""
        if rc == SDT_OK and command is Command.READ:
            data = _base_information(data, bytes_of(answer, "photo"))
        elif rc == SDT_OK and command is Command.NEWEST_ADDRESS:
            data = _newest(data)
        elif rc == SDT_OK and command is Command.SELECT:
            data = bytes(8)
        elif rc == sam_v.FOUND:
            data = bytes(4)
        return Reply(0, 0, rc, data)

    def _termb(self, command: Command, rc: int, answer: dict[str, Any]) -> Reply:
        match command:
            case Command.FIND:
                # Whatever else it returns: no card, or none that can be selected; the library does not say which.
                return Reply(0, 0, sam_v.FOUND, bytes(4)) if rc == 1 else Reply(0, 0, sam_v.NOT_FOUND, b"")
            case Command.SELECT:
                return Reply(0, 0, sam_v.OK, bytes(8))
            case Command.READ if rc in DONE:
                self._picture = bytes_of(answer, "picture")
                text = bytes_of(answer, "data") or _citizen_text(answer)
                data = _base_information(text, bytes_of(answer, "photo"))
                return Reply(0, 0, sam_v.OK, data)
            case Command.NEWEST_ADDRESS if rc in DONE:
                newest = bytes_of(answer, "data")
                return Reply(0, 0, sam_v.OK, _newest(newest)) if newest else Reply(0, 0, sam_v.NOTHING_STORED, b"")
            case Command.READ | Command.NEWEST_ADDRESS:
                return Reply(0, 0, 0x41, b"")
            case _:
                return Reply(0, 0, sam_v.OK, bytes_of(answer, "data"))


def _base_information(text: bytes, photo: bytes) -> bytes:
    """As a module on a line gives it. A WZ.TXT may begin with a byte order mark."""
    text = text.removeprefix(b"\xff\xfe") if len(text) == sam_v.TEXT_BYTES + 2 else text
    if len(text) != sam_v.TEXT_BYTES or len(photo) not in (0, sam_v.PHOTO_BYTES):
        raise _lie("length")
    return struct.pack(">HH", len(text), len(photo)) + text + photo


_PLACES = {"name": 30, "sex": 2, "nation": 4, "birth": 16, "address": 70, "id_number": 36, "issuer": 30}
_PLACES |= {"valid_from": 16, "valid_to": 16}
_SEX_CODES = {"男": "1", "女": "2", "1": "1", "2": "2"}


def _citizen_text(answer: dict[str, Any]) -> bytes:
    """The 256 bytes of a citizen's card from its fields; too little is known of what libraries give of other kinds."""
    if "id_number" not in answer:
        raise _lie("length")
    fields = {name: _text(bytes_of(answer, name)) for name in (*_PLACES, "kind_of_card")}
    if fields["kind_of_card"] not in ("", "0"):
        return " ".encode("utf-16-le") * 124 + "?".encode("utf-16-le") + " ".encode("utf-16-le") * 3
    codes = {name: f"{code:02d}" for code, name in NATIONS.items()}
    fields["sex"] = _SEX_CODES.get(fields["sex"], "")
    fields["nation"] = codes.get(fields["nation"].removesuffix("族"), fields["nation"])
    for name in ("birth", "valid_from", "valid_to"):
        fields[name] = re.sub(r"[-./年月日]", "", fields[name])
    text = b""
    for name, length in _PLACES.items():
        raw = fields[name].encode("utf-16-le")
        if len(raw) > length:
            raise _lie(name)
        text += raw + b" \0" * ((length - len(raw)) // 2)
    return text + b" \0" * ((sam_v.TEXT_BYTES - len(text)) // 2)


def _text(raw: bytes) -> str:
    """Libraries on Linux give UTF-8 or GBK and do not say which: Chinese characters and ASCII tell them apart."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = raw.decode(encoding).strip()
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\u0080-\u00b6\u00b8-\u1fff]", text):
            return text
    raise _lie("characters")


def _newest(data: bytes) -> bytes:
    data = data.removeprefix(b"\xff\xfe")
    if len(data) % 2 or not 0 < len(data) <= LARGEST_NEWEST:
        raise _lie("newest address")
    return data[:70].ljust(70, b"\0")


def _lie(what: str) -> DeviceError:
    return DeviceError("id_card_reader.library_lies", what=what)
