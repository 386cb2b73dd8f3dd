"""Sealed bytes: what a draft, a page or a record looks like on the station's disk.

Layout, integers big-endian::

    0   4  magic "DSEN"
    4   1  version of this layout, 1
    5   1  suite: 1 = AES-256-GCM under the station's storage key
    6   8  key id: first 8 bytes of SHA-256 over "doorstep storage key" and the key
    14 12  nonce, random
    26  n  ciphertext and 16-byte tag

The 26 bytes before the ciphertext and the caller's context are bound as associated data, so that a blob opens only
at the place it was made for. Other suites (HPKE to the centre's public key, SM2 with SM4-GCM) get their own numbers.

AES-GCM with random 96-bit nonces is safe for 2^32 blobs a key (NIST SP 800-38D section 8.3); a station makes some
10^5 a year.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.disk import sync_folder

MAGIC = b"DSEN"
VERSION = 1
SUITE_AES_256_GCM = 1
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16

_HEADER = struct.Struct(">4sBB8s12s")
OVERHEAD = _HEADER.size + TAG_BYTES
"""Bytes that sealing adds."""


class SealError(Exception):
    """A blob could not be opened; says nothing of its content.

    Attributes:
        code: trust.blob_cut, trust.blob_unknown, trust.other_key or trust.blob_damaged.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class KeyFileError(Exception):
    """The key file cannot be used.

    Attributes:
        code: trust.key_missing, trust.key_exists, trust.key_wrong_size, trust.key_open_to_others or
            trust.key_unreadable.
        path: The file, for the log.
    """

    def __init__(self, code: str, path: Path) -> None:
        super().__init__(f"{code} {path}")
        self.code = code
        self.path = path


@dataclass(frozen=True, slots=True)
class StorageKey:
    """32 secret bytes under which this station keeps drafts and the outbox. Never printed, never logged."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError("a storage key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        """8 bytes that name the key without telling it."""
        return hashlib.sha256(b"doorstep storage key" + self.secret).digest()[:8]

    @classmethod
    def create(cls, path: Path) -> StorageKey:
        """Make a new random key and put it on disk, mode 0600, synced with its folder before it is returned.

        Raises:
            KeyFileError: trust.key_exists (an existing key is never overwritten), trust.key_unreadable (cannot be
                written).
        """
        secret = secrets.token_bytes(KEY_BYTES)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(secret)
                    file.flush()
                    os.fsync(file.fileno())
                os.link(temporary, path)  # fails when the name is taken; a rename would overwrite
            finally:
                temporary.unlink(missing_ok=True)
            sync_folder(path.parent)
        except FileExistsError:
            raise KeyFileError("trust.key_exists", path) from None
        except OSError:
            raise KeyFileError("trust.key_unreadable", path) from None
        return cls(secret)

    @classmethod
    def load(cls, path: Path) -> StorageKey:
        """Read the key.

        Raises:
            KeyFileError: missing, unreadable, not 32 bytes, or readable by group or others.
        """
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                secret = file.read(KEY_BYTES + 1)
        except FileNotFoundError:
            raise KeyFileError("trust.key_missing", path) from None
        except OSError:
            raise KeyFileError("trust.key_unreadable", path) from None
        if sys.platform != "win32" and stat.S_IMODE(mode) & 0o077:
            raise KeyFileError("trust.key_open_to_others", path)
        if len(secret) != KEY_BYTES:
            raise KeyFileError("trust.key_wrong_size", path)
        return cls(secret)

    @classmethod
    def load_or_create(cls, path: Path) -> StorageKey:
        """Read the key, or make it when the file does not exist. Call with an empty outbox or the old key's file."""
        try:
            return cls.load(path)
        except KeyFileError as error:
            if error.code != "trust.key_missing":
                raise
        try:
            return cls.create(path)
        except KeyFileError as error:
            if error.code != "trust.key_exists":
                raise
        return cls.load(path)  # another process was quicker


def context(*parts: str) -> bytes:
    """Bytes that name a place, such as ``context("page", station, case, page)``; no two lists give the same bytes."""
    encoded = [part.encode() for part in parts]
    return b"".join(struct.pack(">I", len(part)) + part for part in encoded)


def seal(plain: bytes, key: StorageKey, context: bytes) -> bytes:
    """Encrypt ``plain`` for the place named by ``context``; the result is ``OVERHEAD`` bytes longer."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    header = _HEADER.pack(MAGIC, VERSION, SUITE_AES_256_GCM, key.key_id, nonce)
    return header + AESGCM(key.secret).encrypt(nonce, plain, header + context)


def open_sealed(blob: bytes, key: StorageKey, context: bytes) -> bytes:
    """Decrypt what ``seal`` made for the same key and context.

    Raises:
        SealError: trust.blob_cut (too short), trust.blob_unknown (not this layout or suite), trust.other_key (sealed
            under another key), trust.blob_damaged (a changed bit, a cut end or another context).
    """
    if len(blob) < OVERHEAD:
        raise SealError("trust.blob_cut")
    magic, version, suite, key_id, nonce = _HEADER.unpack_from(blob)
    if magic != MAGIC or version != VERSION or suite != SUITE_AES_256_GCM:
        raise SealError("trust.blob_unknown")
    if key_id != key.key_id:
        raise SealError("trust.other_key")
    header, ciphertext = blob[: _HEADER.size], blob[_HEADER.size :]
    try:
        return AESGCM(key.secret).decrypt(nonce, ciphertext, header + context)
    except InvalidTag:
        raise SealError("trust.blob_damaged") from None
