"""Clerks: passwords, lock-out, sessions, and what each of them did."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select, update

from kiosk.centre.server import clock
from kiosk.centre.server.centre import Centre, Work
from kiosk.centre.server.database import actions, clerks, sessions
from kiosk.centre.server.gate import token_hash

log = logging.getLogger(__name__)

LONGEST_SESSION = timedelta(hours=12)
LONGEST_PASSWORD = 200

_hasher = PasswordHasher()  # argon2id, RFC 9106 low-memory profile


@dataclass(frozen=True, slots=True)
class Clerk:
    account: str
    name: str


class WrongSignIn(Exception):
    """Account or password is wrong. Deliberately does not say which."""


class Locked(Exception):
    """Too many failures in a row; the account is locked for some minutes."""


def hash_password(password: str) -> str:
    return _hasher.hash(password)


@cache
def _nobody() -> str:
    """Verified for accounts that do not exist, so that the time of the answer does not tell."""
    return _hasher.hash(secrets.token_urlsafe(16))


def sign_in(centre: Centre, account: str, password: str) -> str:
    """Check a password; returns the session's token for the cookie. Takes some 50 ms; on a worker thread.

    Raises:
        WrongSignIn: the account or the password is wrong.
        Locked: the account is locked; the password was not looked at.
    """
    account = account.strip().lower()
    with centre.read() as work:
        row = work.connection.execute(select(clerks).where(clerks.c.account == account)).first()
    if row is not None and row.locked_until is not None and row.locked_until > clock.stamp():
        raise Locked
    right = len(password) <= LONGEST_PASSWORD and _verify(_nobody() if row is None else row.password_hash, password)
    if row is None:
        raise WrongSignIn
    with centre.write() as work:
        if not right:
            _count_failure(work, account)
        else:
            work.connection.execute(
                update(clerks).where(clerks.c.account == account).values(failures=0, locked_until=None)
            )
            return _begin(work, account)
    raise WrongSignIn


def sign_out(centre: Centre, token: str) -> None:
    with centre.write() as work:
        work.connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash(token)))


def who(centre: Centre, token: str, *, touch: bool = True) -> Clerk | None:
    """The clerk of a session, None when it is over. ``touch``: this was the clerk, not a background request."""
    if not token:
        return None
    now = clock.now()
    with centre.read() as work:
        row = work.connection.execute(
            select(sessions, clerks.c.name).join(clerks).where(sessions.c.token_hash == token_hash(token))
        ).first()
    if row is None:
        return None
    idle = now - clock.read(row.seen_at)
    if idle > timedelta(minutes=centre.config.idle_minutes) or now - clock.read(row.begun_at) > LONGEST_SESSION:
        sign_out(centre, token)
        return None
    if touch and idle > timedelta(seconds=10):
        with centre.write() as work:
            work.connection.execute(
                update(sessions).where(sessions.c.token_hash == row.token_hash).values(seen_at=clock.stamp(now))
            )
    return Clerk(row.account, row.name)


def note(work: Work, clerk: Clerk, action: str, case_id: str | None = None) -> None:
    """Keep who did what, in the transaction that does it."""
    work.connection.execute(
        actions.insert().values(account=clerk.account, action=action, case_id=case_id, at=clock.stamp())
    )


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _count_failure(work: Work, account: str) -> None:
    row = work.connection.execute(select(clerks.c.failures).where(clerks.c.account == account)).one()
    failures = row.failures + 1
    locked_until = None
    if failures >= work.config.sign_in_failures:
        locked_until = clock.stamp(clock.now() + timedelta(minutes=work.config.lock_minutes))
        failures = 0
        log.warning("a clerk's account was locked after wrong passwords")
    work.connection.execute(
        update(clerks).where(clerks.c.account == account).values(failures=failures, locked_until=locked_until)
    )


def _begin(work: Work, account: str) -> str:
    token = secrets.token_urlsafe(32)
    at = clock.stamp()
    old = clock.stamp(clock.now() - LONGEST_SESSION)
    work.connection.execute(delete(sessions).where(sessions.c.begun_at < old))
    work.connection.execute(
        sessions.insert().values(token_hash=token_hash(token), account=account, begun_at=at, seen_at=at)
    )
    work.connection.execute(actions.insert().values(account=account, action="sign_in", case_id=None, at=at))
    return token
