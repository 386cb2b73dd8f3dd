"""Making a centre: folder, key, database, stations, clerks. Works beside a running server."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from sqlalchemy.dialects.sqlite import insert

from kiosk.centre.server.clerks import hash_password
from kiosk.centre.server.database import Database, clerks, sessions, stations
from kiosk.centre.server.gate import token_hash
from kiosk.centre.server.vault import KEY_FILE
from kiosk.trust.envelope import StorageKey

LEAST_PASSWORD = 10
STATION_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,40}")
ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._-]{1,40}")


def prepare(data: Path) -> None:
    """Make the data folder (0700), its key and its database; what is there stays.

    Raises:
        OSError: the folder cannot be made.
        kiosk.trust.envelope.KeyFileError: the key that is there is not usable.
        kiosk.centre.server.database.SchemaError: made by another version of the program.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    data.chmod(0o700)
    StorageKey.load_or_create(data / KEY_FILE)
    database = Database(data)
    try:
        database.create()
    finally:
        database.close()


def register_station(data: Path, station_id: str, name: str) -> str:
    """Add a station to a prepared centre, or give it a new token; the old one is void at once.

    Returns:
        The token; only its hash is kept.

    Raises:
        ValueError: the id is not lower-case letters, digits and hyphens (2 to 41).
    """
    if not STATION_ID.fullmatch(station_id):
        raise ValueError("station id: 2 to 41 lower-case letters, digits, hyphens")
    token = secrets.token_urlsafe(32)
    statement = insert(stations).values(id=station_id, name=name, token_hash=token_hash(token), events=0)
    statement = statement.on_conflict_do_update(
        index_elements=["id"], set_={"name": name, "token_hash": token_hash(token)}
    )
    database = Database(data)
    try:
        with database.write() as connection:
            connection.execute(statement)
    finally:
        database.close()
    return token


def create_clerk(data: Path, account: str, name: str, password: str) -> None:
    """Add a clerk to a prepared centre, or give the account a new name and password and unlock it.

    There is no default account and no default password. Open sessions of the account end.

    Raises:
        ValueError: the account is not letters, digits, ``. _ -`` (2 to 41), the name is empty, or the password has
            fewer than LEAST_PASSWORD characters.
    """
    if not ACCOUNT.fullmatch(account):
        raise ValueError("account: 2 to 41 lower-case letters, digits, . _ -")
    if not name.strip():
        raise ValueError("name: empty")
    if len(password) < LEAST_PASSWORD:
        raise ValueError(f"password: at least {LEAST_PASSWORD} characters")
    values = {"name": name, "password_hash": hash_password(password), "failures": 0, "locked_until": None}
    statement = insert(clerks).values(account=account, **values)
    database = Database(data)
    try:
        with database.write() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["account"], set_=values))
            connection.execute(sessions.delete().where(sessions.c.account == account))
    finally:
        database.close()
