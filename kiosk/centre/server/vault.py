"""Keys of the centre, and what they do: seal personal data at rest, make upload ids and search keys.

Residents' data stands neither in a database column nor in a file in clear. Sealing to a key that the upload workers do
not hold is a later step; here one key file, readable by the centre's account only, lies beside the data.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from kiosk.trust.envelope import StorageKey, context, open_sealed, seal

KEY_FILE = "centre.key"


class Vault:
    """Thread-safe.

    Args:
        key: The centre's storage key.
    """

    def __init__(self, key: StorageKey) -> None:
        self._key = key

    @classmethod
    def load(cls, folder: Path) -> Vault:
        """Read the key that ``setup.prepare`` made.

        Raises:
            kiosk.trust.envelope.KeyFileError: missing, of wrong size, or readable by others.
        """
        return cls(StorageKey.load(folder / KEY_FILE))

    def seal_text(self, text: str, *place: str) -> bytes:
        """Sealed for one place (table, case, …): moved elsewhere it does not open."""
        return seal(text.encode(), self._key, context(*place))

    def open_text(self, sealed: bytes | None, *place: str) -> str:
        """What ``seal_text`` made for this place; "" for None.

        Raises:
            kiosk.trust.envelope.SealError: damaged, or from another place.
        """
        return "" if sealed is None else open_sealed(sealed, self._key, context(*place)).decode()

    def seal_piece(self, piece: bytes, upload_id: str, index: int) -> bytes:
        return seal(piece, self._key, context("upload", upload_id, str(index)))

    def open_piece(self, sealed: bytes, upload_id: str, index: int) -> bytes:
        return open_sealed(sealed, self._key, context("upload", upload_id, str(index)))

    def upload_id(self, *parts: str) -> str:
        """The same for the same parts, not to be guessed by others; 32 hex digits."""
        return self._keyed_hash("upload", *parts)[:32]

    def search_key(self, id_number: str) -> str:
        """Finds cases of a person without the number standing in the database."""
        return self._keyed_hash("id number", id_number.strip().upper())

    def _keyed_hash(self, purpose: str, *parts: str) -> str:
        return hmac.new(self._key.secret, context(f"centre {purpose}", *parts), hashlib.sha256).hexdigest()
