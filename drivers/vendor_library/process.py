"""The process a maker's library runs in: ``python -m drivers.vendor_library.process``; started by ``helper`` only.

It loads the library by ctypes and answers requests, one at a time, until its standard input ends. It imports nothing of
the station's but what confines it, so that it starts quickly and has nothing to lose.

Nothing personal leaves it but in its answers: what the library prints goes nowhere, no core is dumped, no other process
of the user may look into its memory. Files some libraries insist on writing go to a folder in memory that ``helper``
has made; they are removed as soon as they were read, and again by ``helper`` when the process has ended. Nothing can
be written anywhere else (``confinement``). It dies with the thread that started it.

Message: length (4 bytes, big-endian), then JSON; bytes are base64. Request: ``{"do": …}``; answer: ``{"rc": …}`` with
what the library returned, or ``{"fault": …}``: ``load``, ``functions``, ``request``, ``lie``.

Prototypes, read in public sources (none confirmed on a device):

* sdtapi: ``sdtapi.h`` in github.com/libinqi/idr-routon and github.com/yahaoli/collect, ``termb.h`` in
  github.com/chenjunnan/FerlyCSR; returns are those of SW3 (0x90, 0x9F, 0x80 …), else 1 port not open, 2 time-out,
  3 transfer error, 5 not available. ``iIfOpen`` 0: the port is open already. USB readers are ports 1001 to 1016.
* termb: ``InitComm``, ``Authenticate``, ``Read_Content_Path`` (``termb.h`` above): 1 = done; ``Read_Content`` may also
  return 2 and 3 for other kinds of cards. ``active`` 1 leaves WZ.TXT (the 256 bytes of the chip), XP.WLT and ZP.BMP in
  the folder, 3 leaves NEWADD.TXT. With the prefix ``CVR_`` (lib100UD.so on Linux): ``CVR_InitComm(path, 2)`` for USB,
  ``CVR_AuthenticateForNoJudge`` need not see the card lifted, ``CVR_GetSAMID(char *, int *)``, and where no file
  appears the fields by ``GetPeopleName(char *, int *)`` and its kind.
* photo: ``DecodingPhotos(in, in size, out, out size)`` gives 38862 bytes of BMP, ``GetBmp(file.wlt, 2)`` writes
  file.bmp beside it and returns 1 (``src/lib/config.ts`` in github.com/waitingsong/node-idcard-reader).
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import json
import os
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from drivers.vendor_library.confinement import write_only_in

LARGEST_MESSAGE = 256 * 1024
ROOM = 64 * 1024
"""Bytes offered for every answer of a library, far more than any is to have: some write further than they say."""

BMP_BYTES = 38862
GETTERS = {
    "name": "GetPeopleName",
    "sex": "GetPeopleSex",
    "nation": "GetPeopleNation",
    "birth": "GetPeopleBirthday",
    "address": "GetPeopleAddress",
    "id_number": "GetPeopleIDCode",
    "issuer": "GetDepartment",
    "valid_from": "GetStartDate",
    "valid_to": "GetEndDate",
}
PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4

Answer = dict[str, Any]


class Fault(Exception):
    """A request that this library cannot serve; ``args[0]`` is the word for it."""


class Library:
    """One loaded library; functions are looked up by name and called as C functions that return int."""

    def __init__(self, path: str) -> None:
        try:
            self._library = ctypes.CDLL(path)
        except OSError:
            raise Fault("load") from None

    def has(self, *names: str) -> bool:
        return all(hasattr(self._library, name) for name in names)

    def function(self, *names: str) -> Callable[..., int]:
        """The first of these functions that it exports."""
        for name in names:
            if hasattr(self._library, name):
                found = getattr(self._library, name)
                found.restype = ctypes.c_int
                return found  # type: ignore[no-any-return]
        raise Fault("functions")


def room() -> Any:
    return ctypes.create_string_buffer(ROOM)


def taken(buffer: Any, length: int) -> bytes:
    """What a library says it has written; a length that cannot be is a lie, and nothing is taken."""
    if not 0 <= length <= ROOM:
        raise Fault("lie")
    return bytes(buffer.raw[:length])


class Sdtapi:
    """The ministry's interface. Every function takes the port's number; ``0`` = it is open already."""

    def __init__(self, library: Library, port: int, folder: Path | None) -> None:
        self._library, self._port = library, port

    def open(self) -> Answer:
        function = self._library.function
        for name in ("SDT_ClosePort", "SDT_GetSAMStatus", "SDT_GetSAMIDToStr", "SDT_StartFindIDCard"):
            function(name)
        for name in ("SDT_SelectIDCard", "SDT_ReadBaseMsg", "SDT_ReadNewAppMsg"):
            function(name)
        return {"rc": function("SDT_OpenPort")(self._port)}

    def close(self) -> None:
        self._library.function("SDT_ClosePort")(self._port)

    def status(self) -> Answer:
        return {"rc": self._library.function("SDT_GetSAMStatus")(self._port, 0)}

    def sam_id(self) -> Answer:
        text = room()
        rc = self._library.function("SDT_GetSAMIDToStr")(self._port, text, 0)
        return {"rc": rc, "data": text.value[:256]}

    def find(self) -> Answer:
        return {"rc": self._library.function("SDT_StartFindIDCard")(self._port, room(), 0)}

    def select(self) -> Answer:
        return {"rc": self._library.function("SDT_SelectIDCard")(self._port, room(), 0)}

    def read(self) -> Answer:
        text, photo = room(), room()
        text_length, photo_length = ctypes.c_uint(0), ctypes.c_uint(0)
        rc = self._library.function("SDT_ReadBaseMsg")(
            self._port, text, ctypes.byref(text_length), photo, ctypes.byref(photo_length), 0
        )
        if rc != 0x90:
            return {"rc": rc}
        return {"rc": rc, "data": taken(text, text_length.value), "photo": taken(photo, photo_length.value)}

    def newest_address(self) -> Answer:
        text, length = room(), ctypes.c_uint(0)
        rc = self._library.function("SDT_ReadNewAppMsg")(self._port, text, ctypes.byref(length), 0)
        return {"rc": rc, "data": taken(text, length.value) if rc == 0x90 else b""}


class Termb:
    """The makers' own interface, with files in a folder; with or without ``CVR_`` before the names."""

    def __init__(self, library: Library, port: int, folder: Path | None) -> None:
        if folder is None:
            raise Fault("folder")
        self._library, self._port, self._folder = library, port, folder

    def open(self) -> Answer:
        if not self._library.has("Read_Content_Path") and not self._library.has("CVR_Read_Content"):
            raise Fault("functions")  # only into its own folder, which is on a disk
        self._library.function("CVR_AuthenticateForNoJudge", "CVR_Authenticate", "Authenticate")
        if self._library.has("CVR_InitComm"):
            rc = self._library.function("CVR_InitComm")(None, 2)
        else:
            rc = self._library.function("InitComm")(self._port)
        return {"rc": rc}

    def close(self) -> None:
        self._library.function("CVR_CloseComm", "CloseComm")()

    def status(self) -> Answer:
        return {"rc": 1}  # there is no such function; the number that is asked for next has to come

    def sam_id(self) -> Answer:
        text = room()
        if self._library.has("CVR_GetSAMID"):
            length = ctypes.c_int(ROOM)
            self._library.function("CVR_GetSAMID")(text, ctypes.byref(length))
        elif self._library.has("GetSAMID"):
            self._library.function("GetSAMID")(text)
        return {"rc": 1, "data": text.value[:256]}

    def find(self) -> Answer:
        return {"rc": self._library.function("CVR_AuthenticateForNoJudge", "CVR_Authenticate", "Authenticate")()}

    def select(self) -> Answer:
        return {"rc": 1}  # part of Authenticate

    def read(self) -> Answer:
        rc = self._read(1)
        if rc not in (1, 2, 3):
            self._clear()
            return {"rc": rc}
        answer = {
            "rc": rc,
            "data": self._file("wz.txt"),
            "photo": self._file("xp.wlt"),
            "picture": self._file("zp.bmp"),
        }
        self._clear()
        if not answer["data"] and self._library.has("CVR_Read_Content", *GETTERS.values()):
            answer["kind_of_card"] = self._text("GetCertType") if self._library.has("GetCertType") else b""
            answer |= {name: self._text(getter) for name, getter in GETTERS.items()}
            if not answer["picture"] and self._library.has("GetBMPData"):
                answer["picture"] = self._bytes("GetBMPData")
        return answer

    def _bytes(self, getter: str) -> bytes:
        data, length = room(), ctypes.c_int(ROOM - 1)
        rc = self._library.function(getter)(data, ctypes.byref(length))
        return taken(data, length.value) if rc == 1 else b""

    def _text(self, getter: str) -> bytes:
        return self._bytes(getter).partition(b"\0")[0]

    def newest_address(self) -> Answer:
        rc = self._read(3)
        data = self._file("newadd.txt") if rc in (1, 2, 3) else b""
        self._clear()
        return {"rc": rc, "data": data}

    def _read(self, active: int) -> int:
        self._clear()
        if self._library.has("Read_Content_Path"):
            return self._library.function("Read_Content_Path")(os.fsencode(self._folder) + b"/", active)
        return self._library.function("CVR_Read_Content")(active)  # into the working folder, which is this one

    def _file(self, name: str) -> bytes:
        for path in self._folder.iterdir():
            if path.name.lower() == name and path.is_file() and not path.is_symlink():
                if path.stat().st_size > ROOM:
                    raise Fault("lie")
                return path.read_bytes()
        return b""

    def _clear(self) -> None:
        empty(self._folder)


class Photo:
    """A library that only decodes portraits."""

    def __init__(self, library: Library, port: int, folder: Path | None) -> None:
        self._library, self._folder = library, folder

    def open(self) -> Answer:
        self._library.function("DecodingPhotos", "GetBmp")
        return {"rc": 1}

    def close(self) -> None:
        """It holds nothing."""


def picture(library: Library, folder: Path | None, wlt: bytes) -> Answer:
    """The BMP of a portrait, b"" where this library cannot give one."""
    if library.has("DecodingPhotos"):
        out = room()
        rc = library.function("DecodingPhotos")(wlt, len(wlt), out, BMP_BYTES)
        return {"rc": rc, "picture": out.raw[:BMP_BYTES] if rc == BMP_BYTES else b""}
    if library.has("GetBmp"):
        if folder is None:
            raise Fault("folder")
        empty(folder)
        source = folder / "xp.wlt"
        source.write_bytes(wlt)
        rc = library.function("GetBmp")(os.fsencode(source), 2)
        written = folder / "xp.bmp"
        data = b""
        if rc == 1 and written.is_file() and not written.is_symlink() and written.stat().st_size <= ROOM:
            data = written.read_bytes()
        empty(folder)
        return {"rc": rc, "picture": data}
    return {"rc": 0, "picture": b""}


def empty(folder: Path) -> None:
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            path.unlink()


KINDS: dict[str, type[Sdtapi] | type[Termb] | type[Photo]] = {"sdtapi": Sdtapi, "termb": Termb, "photo": Photo}
COMMANDS = frozenset({"status", "sam_id", "find", "select", "read", "newest_address"})


class Server:
    """Answers requests for the one library it was told to load."""

    def __init__(self) -> None:
        self._library: Library | None = None
        self._reader: Sdtapi | Termb | Photo | None = None
        self._folder: Path | None = None

    def answer(self, request: dict[str, Any]) -> Answer:
        try:
            return self._answer(request)
        except Fault as fault:
            return {"fault": fault.args[0]}
        except OSError:
            return {"fault": "folder"}
        except (KeyError, TypeError, ValueError):
            return {"fault": "request"}

    def _answer(self, request: dict[str, Any]) -> Answer:
        do = request["do"]
        if do == "open":
            kind, port, path = KINDS[request["kind"]], int(request["port"]), str(request["library"])
            return self._open(kind, port, path, Path(request["folder"]) if request.get("folder") else None)
        if self._library is None or self._reader is None:
            raise Fault("request")
        if do == "picture":
            return picture(self._library, self._folder, base64.b64decode(request["wlt"]))
        if do not in COMMANDS:
            raise Fault("request")
        found: Answer = getattr(self._reader, do)()
        return found

    def _open(
        self, kind: type[Sdtapi] | type[Termb] | type[Photo], port: int, path: str, folder: Path | None
    ) -> Answer:
        if folder is not None:
            os.chdir(folder)
        confined = write_only_in(folder)
        self._folder = folder
        self._library = Library(path)
        self._reader = kind(self._library, port, folder)
        return self._reader.open() | {"confined": confined}

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()


def read_message(source: BinaryIO) -> dict[str, Any] | None:
    """The next message; None at the end, and for anything that is none."""
    head = source.read(4)
    if len(head) < 4:
        return None
    (length,) = struct.unpack(">I", head)
    if length > LARGEST_MESSAGE:
        return None
    body = source.read(length)
    if len(body) < length:
        return None
    try:
        message = json.loads(body)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def as_message(content: dict[str, Any]) -> bytes:
    """A message; bytes among its values become base64."""
    plain = {
        key: base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
        for key, value in content.items()
    }
    body = json.dumps(plain).encode("utf-8")
    return struct.pack(">I", len(body)) + body


def keep_to_oneself() -> None:
    """No core, no look into the memory, and an end together with whoever started this."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is the station's to handle
    parent = os.getppid()
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent or parent == 1:
        os._exit(0)


def main() -> None:
    keep_to_oneself()
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):  # what the library prints may be personal, and would break the answers
        os.dup2(nothing, number)
    server = Server()
    while (request := read_message(requests)) is not None:
        try:
            answers.write(as_message(server.answer(request)))
        except OSError:
            break
    with contextlib.suppress(Fault):
        server.close()


if __name__ == "__main__":
    main()
