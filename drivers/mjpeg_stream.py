"""MJPEG over HTTP, read by ourselves: every buffer has a limit and every wait an end.

FFMPEG collects a part that never ends for as long as its time-out allows: 700 MB at a flood on the local network
(measured). Here a part may have ``LARGEST_PICTURE`` bytes, and whoever sends that much without a picture is no camera.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth, HTTPDigestAuth
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from drivers.driver import DeviceError, DeviceLost

LARGEST_PICTURE = 32 << 20
LARGEST_HEAD = 4096
CHUNK = 1 << 16
HEAD_SECONDS = 3.0
JPEG_START = b"\xff\xd8\xff"
JPEG_END = b"\xff\xd9"


class NoPictures(Exception):
    """What comes is no stream of pictures."""


class Multipart:
    """Takes pictures out of the bytes of a ``multipart/x-mixed-replace`` answer, however they are cut up. Pure.

    The next boundary ends a part. A length that it states ends it earlier, without waiting for the next picture, when
    that makes a whole JPEG; a length that is wrong does no harm.
    """

    def __init__(self, boundary: bytes, largest: int = LARGEST_PICTURE) -> None:
        self._mark = b"--" + boundary.removeprefix(b"--")
        self._unnamed = self._mark == b"--"
        self._dropped = 0
        self._largest = largest
        self._data = bytearray()
        self._body = -1  # where the body of the part begins, -1 while its head is awaited
        self._searched = 0
        self._stated = -1

    def feed(self, data: bytes) -> None:
        """Add bytes as they came."""
        self._data += data

    def picture(self) -> bytes | None:
        """The next whole part's content, None when more bytes are needed.

        Raises:
            NoPictures: too many bytes without a part.
        """
        if self._body < 0 and not self._find_head():
            return None
        end = self._body + self._stated
        if self._stated >= 0 and end <= len(self._data):
            whole = self._data.startswith(JPEG_START, self._body) and self._data.endswith(JPEG_END, self._body, end)
            if whole or self._data[end : end + len(self._mark) + 4].lstrip(b"\r\n").startswith(self._mark):
                return self._cut(end)
        at = self._data.find(b"\n" + self._mark, max(self._body - 1, self._searched - len(self._mark) - 2))
        if at >= 0:
            return self._cut(max(self._body, at - 1 if self._data[at - 1 : at] == b"\r" else at))
        self._searched = len(self._data)
        if len(self._data) - self._body > self._largest:
            raise NoPictures
        return None

    def _find_head(self) -> bool:
        start = self._data.find(self._mark)
        if start < 0:
            useless = max(0, len(self._data) - len(self._mark))
            self._dropped += useless
            del self._data[:useless]
            if self._dropped > self._largest:
                raise NoPictures
            return False
        end, skip = self._data.find(b"\r\n\r\n", start), 4
        plain = self._data.find(b"\n\n", start)
        if plain >= 0 and (end < 0 or plain < end):
            end, skip = plain, 2
        if end < 0 or end - start > LARGEST_HEAD:
            if len(self._data) - start > LARGEST_HEAD:
                raise NoPictures
            return False
        head = bytes(self._data[start:end])
        if self._unnamed:  # the answer's head did not name it: the first line does, and two hyphens alone are no mark
            self._mark, self._unnamed = head.split(b"\n", 1)[0].rstrip(b"\r")[:200], False
        self._dropped = 0
        self._stated = _stated_length(head)
        self._body = self._searched = end + skip
        return True

    def _cut(self, end: int) -> bytes:
        content = bytes(self._data[self._body : end])
        del self._data[:end]
        self._body, self._searched, self._stated = -1, 0, -1
        return content


def _stated_length(head: bytes) -> int:
    for line in head.split(b"\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            text = value.strip()
            return int(text) if text.isdigit() and len(text) < 12 else -1
    return -1


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height a JPEG states in its frame header, None when it has none. Nothing is decoded."""
    at = 2
    while at + 9 < len(data):
        if data[at] != 0xFF:
            return None
        kind = data[at + 1]
        if kind == 0xFF:
            at += 1
        elif 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        elif kind in (0x01, 0xD8) or 0xD0 <= kind <= 0xD7:
            at += 2
        else:
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return None


class _Bounded:
    """A connection whose answer's head has an end: a socket's own time-out begins anew with every byte."""

    sock: socket.socket | None

    def getresponse(self) -> Any:
        timer = threading.Timer(HEAD_SECONDS, self._cut)
        timer.daemon = True
        timer.start()
        try:
            return super().getresponse()  # type: ignore[misc]
        finally:
            timer.cancel()

    def _cut(self) -> None:
        connection = self.sock
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _PlainConnection(_Bounded, HTTPConnection):
    pass


class _SafeConnection(_Bounded, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SafePool(HTTPSConnectionPool):
    ConnectionCls = _SafeConnection


class _BoundedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SafePool}


class MjpegStream:
    """An open answer of a camera. One thread.

    Args:
        url: May carry user name and password, for basic or digest authentication; a proxy is never used.
        place: The address fit for a log.
        open_seconds: For connecting and the answer's head.
        read_seconds: For one picture.
        alive: Called at every turn of a wait.

    Raises:
        DeviceLost: ``camera.absent``, nothing answers there.
        DeviceError: ``camera.silent``, something answers too late; ``camera.not_a_camera``, what answers sends
            something else; its detail ``sends`` is the stated type or the HTTP status.
    """

    def __init__(
        self,
        url: str,
        place: str,
        open_seconds: float,
        read_seconds: float,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._place = place
        self._read_seconds = read_seconds
        self._alive = alive
        self._session = requests.Session()
        self._session.trust_env = False  # a camera stands in the house
        self._session.max_redirects = 3
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _BoundedAdapter())
        try:
            self._answer = self._ask(url, open_seconds)
        except BaseException:
            self._session.close()
            raise
        self.content_type = self._answer.headers.get("Content-Type", "").strip()
        self.is_multipart = self.content_type.lower().startswith("multipart/")
        self._parts = Multipart(_boundary(self.content_type).encode("latin-1", "replace"))
        self._since_picture = 0

    def _ask(self, url: str, seconds: float) -> requests.Response:
        parts = urlsplit(url)
        bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        name, password = unquote(parts.username or ""), unquote(parts.password or "")
        until = time.monotonic() + seconds
        auth: Any = HTTPBasicAuth(name, password) if name else None
        try:
            answer = self._session.get(bare, stream=True, timeout=seconds, auth=auth)
            if answer.status_code == 401 and name:
                answer.close()
                answer = self._session.get(bare, stream=True, timeout=seconds, auth=HTTPDigestAuth(name, password))
        except requests.Timeout:
            raise DeviceError("camera.silent", place=self._place) from None
        except requests.ConnectionError:
            if time.monotonic() >= until - seconds * 0.1:
                raise DeviceError("camera.silent", place=self._place) from None
            raise DeviceLost("camera.absent", place=self._place) from None
        except (requests.RequestException, HTTPError, ValueError, OSError):
            raise DeviceError("camera.not_a_camera", place=self._place, sends="?") from None
        if answer.status_code != 200:
            answer.close()
            raise DeviceError("camera.not_a_camera", place=self._place, sends=f"HTTP {answer.status_code}")
        return answer

    def picture(self) -> bytes | None:
        """The newest whole picture's bytes, None when none came in time or the stream has ended.

        Raises:
            DeviceError: ``camera.not_a_camera``, a lot came and no picture was in it.
        """
        until = time.monotonic() + self._read_seconds
        try:
            while (found := self._parts.picture()) is None:
                if time.monotonic() > until:
                    return None
                data = self._answer.raw.read1(CHUNK)
                self._alive()
                if not data:
                    return None
                self._since_picture += len(data)
                if self._since_picture > 2 * LARGEST_PICTURE:
                    raise NoPictures
                self._parts.feed(data)
            while (newer := self._parts.picture()) is not None:
                found = newer  # whoever is slower than the camera skips, and never shows the past
        except NoPictures:
            kind = self.content_type.split(";")[0][:60] or "?"
            raise DeviceError("camera.not_a_camera", place=self._place, sends=kind) from None
        except (HTTPError, requests.RequestException, OSError, ValueError):
            return None
        if found.startswith(JPEG_START):
            self._since_picture = 0
        return found

    def close(self) -> None:
        self._answer.close()
        self._session.close()


def _boundary(content_type: str) -> str:
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "boundary" and value.strip(' "'):
            return value.strip(' "')[:200]
    return ""
