"""What every part of the server works with: configuration, database, vault, blobs, hub."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert

from kiosk.centre.server.blobs import BlobStore, FolderBlobs
from kiosk.centre.server.config import CentreConfig
from kiosk.centre.server.database import Database, counters
from kiosk.centre.server.hub import Hub
from kiosk.centre.server.vault import Vault


@dataclass(frozen=True, slots=True)
class Work:
    """One transaction and what it needs."""

    connection: Connection
    vault: Vault
    config: CentreConfig

    def count(self, name: str) -> int:
        """The next value of a counter, from 1."""
        statement = insert(counters).values(name=name, value=1)
        statement = statement.on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + 1})
        return int(self.connection.execute(statement.returning(counters.c.value)).scalar_one())


class Centre:
    """An open data folder.

    Raises:
        kiosk.trust.envelope.KeyFileError: the folder was not prepared, or its key is not usable.
        kiosk.centre.server.database.SchemaError: made by another version of the program.
    """

    def __init__(self, config: CentreConfig) -> None:
        self.config = config
        self.vault = Vault.load(config.data)
        self.database = Database(config.data)
        self.database.create()
        self.incoming: Path = config.data / "incoming"
        pages = config.data / "pages"
        for folder in (self.incoming, pages):
            folder.mkdir(mode=0o700, exist_ok=True)
        self.blobs: BlobStore = FolderBlobs(pages, self.vault)
        self.hub = Hub()

    @contextmanager
    def read(self) -> Iterator[Work]:
        """A moment's view. On a worker thread."""
        with self.database.read() as connection:
            yield Work(connection, self.vault, self.config)

    @contextmanager
    def write(self) -> Iterator[Work]:
        """A change, on disk when the block ends; then who waits for news is woken. On a worker thread."""
        with self.database.write() as connection:
            yield Work(connection, self.vault, self.config)
        self.hub.notify()

    @contextmanager
    def note(self) -> Iterator[Work]:
        """A change that a power cut may undo, and that is no news. On a worker thread."""
        with self.database.write(durable=False) as connection:
            yield Work(connection, self.vault, self.config)

    def free_bytes(self) -> int:
        return shutil.disk_usage(self.config.data).free

    def close(self) -> None:
        self.database.close()
