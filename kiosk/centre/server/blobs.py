"""Pages on disk: sealed while they come in, sealed when they are whole; clear bytes are in memory only.

A file is a row of records, each ``length (4 bytes, big-endian) | sealed piece`` (kiosk.trust.envelope). The number of
clear bytes in whole records is the upload's offset; a torn record at the end, from a kill or a power cut in mid-write,
is cut off before the next byte is added.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from kiosk.centre.server.vault import Vault
from kiosk.disk import sync_folder
from kiosk.trust.envelope import OVERHEAD, SealError

PIECE_BYTES = 1024 * 1024
"""Clear bytes of one record at most."""
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Extent:
    """Whole records of a file: ``plain`` clear bytes in ``stored`` bytes and ``records`` records."""

    plain: int = 0
    stored: int = 0
    records: int = 0


class BlobStore(Protocol):
    """Whole pages. ``keep`` returns only when the page would survive a power cut."""

    def keep(self, key: str, incoming: Path) -> None:
        """Take over a complete incoming file, whose bytes are on disk already (``IncomingFile.end``)."""

    def get(self, key: str) -> bytes:
        """The page's clear bytes.

        Raises:
            FileNotFoundError: there is no such page.
            kiosk.trust.envelope.SealError: damaged.
        """

    def delete(self, key: str) -> None:
        """Forget a page; nothing happens when it is not there."""


class FolderBlobs:
    """A blob store in a folder: a synced file is renamed to its place, then the folder is synced."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._vault = vault

    def keep(self, key: str, incoming: Path) -> None:
        target = self._path(key)
        if not target.parent.is_dir():
            target.parent.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self._folder)
        incoming.replace(target)
        sync_folder(target.parent)

    def get(self, key: str) -> bytes:
        return b"".join(read_pieces(self._path(key), key, self._vault))

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key


class IncomingFile:
    """The growing file of one upload; one writer at a time. Methods block on the disk.

    Raises (any method):
        OSError: the disk is full or failing; what was told before is still there.
    """

    def __init__(self, folder: Path, upload_id: str, vault: Vault) -> None:
        self.path = folder / upload_id
        self._upload_id = upload_id
        self._vault = vault
        self._file: BinaryIO | None = None
        self._extent = Extent()

    @property
    def offset(self) -> int:
        """Clear bytes taken so far by this writer, or found by ``measure``."""
        return self._extent.plain

    def measure(self) -> int:
        """Clear bytes in whole records on disk; 0 when there is no file."""
        self._extent = _measure(self.path)
        return self._extent.plain

    def begin(self) -> None:
        """Open for adding at ``measure``'s offset, cutting off what lies behind it."""
        file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0)
        os.ftruncate(file.fileno(), self._extent.stored)
        file.seek(self._extent.stored)
        self._file = file

    def add(self, piece: bytes) -> None:
        """Append one record of at most PIECE_BYTES; opens the file by itself."""
        if self._file is None:
            self.begin()
        assert self._file is not None
        sealed = self._vault.seal_piece(piece, self._upload_id, self._extent.records)
        record = memoryview(_LENGTH.pack(len(sealed)) + sealed)
        while record:
            record = record[self._file.write(record) :]
        stored = self._extent.stored + _LENGTH.size + len(sealed)
        self._extent = Extent(self._extent.plain + len(piece), stored, self._extent.records + 1)

    def end(self) -> int:
        """Make what was added durable and close; only now may the offset be told."""
        if self._file is not None:
            with contextlib.closing(self._file) as file:
                self._file = None
                os.fsync(file.fileno())
        return self._extent.plain

    def abandon(self) -> None:
        """Close without a promise."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def digest(self) -> tuple[str, int]:
        """SHA-256 and length of the clear bytes, read back from the file. A damaged record counts as another hash."""
        hasher = hashlib.sha256()
        length = 0
        try:
            for piece in read_pieces(self.path, self._upload_id, self._vault):
                hasher.update(piece)
                length += len(piece)
        except SealError:
            return "", length
        return hasher.hexdigest(), length

    def forget(self) -> None:
        self.abandon()
        self.path.unlink(missing_ok=True)
        self._extent = Extent()


def read_pieces(path: Path, upload_id: str, vault: Vault) -> Iterator[bytes]:
    """Clear pieces of a file's whole records.

    Raises:
        FileNotFoundError: there is no such file.
        kiosk.trust.envelope.SealError: a record is damaged.
    """
    extent = _measure(path)
    with path.open("rb") as file:
        for index in range(extent.records):
            (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
            yield vault.open_piece(file.read(length), upload_id, index)


def _measure(path: Path) -> Extent:
    extent = Extent()
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            while extent.stored + _LENGTH.size <= size:
                file.seek(extent.stored)
                (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
                end = extent.stored + _LENGTH.size + length
                if length <= OVERHEAD or length > PIECE_BYTES + OVERHEAD or end > size:
                    break
                extent = Extent(extent.plain + length - OVERHEAD, end, extent.records + 1)
    except FileNotFoundError:
        pass
    return extent
