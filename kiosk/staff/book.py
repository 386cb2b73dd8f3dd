"""The staff book: personal accounts, their roles, and PINs known only as Argon2id hashes."""

from __future__ import annotations

import json
import logging
import math
import os
import re
import secrets
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from pydantic import BaseModel, ConfigDict, ValidationError

from kiosk.disk import sync_folder
from kiosk.staff.errors import AccountLocked, RefusedChange, UnknownAccount, WeakPin, WrongPin
from kiosk.staff.pin import check_pin

log = logging.getLogger(__name__)

FAILURES_BEFORE_LOCK = 5
LOCK = timedelta(minutes=15)
ACCOUNT = re.compile(r"[\w.-]{1,32}")
HASHER = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1)
"""About 0.15 to 0.3 s and 64 MiB on the stations' computers; RFC 9106 section 4, second choice, with one lane."""


class Role(StrEnum):
    """What somebody may do; each role may do what those before it may, but a technician opens no case."""

    ASSISTANT = "assistant"
    DUTY_OFFICER = "duty_officer"
    TECHNICIAN = "technician"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Account:
    """``account`` is what one signs on with (lower case), ``name`` the person's name as shown."""

    account: str
    name: str
    role: Role


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    account: str
    name: str
    role: Role
    pin_hash: str
    failures: int = 0
    locked_until: datetime | None = None

    def public(self) -> Account:
        return Account(self.account, self.name, self.role)


class _Book(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: int = 1
    entries: dict[str, _Entry] = {}


class StaffBook:
    """A file of accounts, replaced as a whole and synced at every change. Thread-safe; also against ``kiosk staff add``
    while the station runs.

    ``verify``, ``add`` and ``change_pin`` take some 0.2 s on purpose: never on the GUI thread or the engine's loop.

    Args:
        path: The file; made at the first ``add``, mode 0600, with a lock file beside it.
        now: The wall clock, UTC.
        hasher: Of argon2-cffi; an account whose hash was made with other costs is hashed anew when its PIN is given.

    Every call may raise RefusedChange with staff.file_damaged or staff.disk.
    """

    def __init__(
        self,
        path: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        hasher: PasswordHasher = HASHER,
    ) -> None:
        self._path = path
        self._now = now
        self._hasher = hasher
        self._lock = threading.Lock()

    def is_empty(self) -> bool:
        """True at the first start: nobody can sign on before an administrator is made."""
        return not self.accounts()

    def accounts(self) -> list[Account]:
        """By account name."""
        entries = self._read().entries
        return [entries[account].public() for account in sorted(entries)]

    def add(self, account: str, name: str, role: Role, pin: str) -> Account:
        """Make an account.

        Raises:
            RefusedChange: staff.account_exists, staff.account_name (letters, digits, ``.``, ``-``, ``_``; at most 32;
                and a person's name).
            WeakPin: see ``pin.check_pin``.
        """
        account, name = _normal(account), name.strip()
        if not ACCOUNT.fullmatch(account) or not name or len(name) > 60:
            raise RefusedChange("staff.account_name")
        check_pin(pin)
        entry = _Entry(account=account, name=name, role=role, pin_hash=self._hasher.hash(pin))
        with self._change() as book:
            if account in book.entries:
                raise RefusedChange("staff.account_exists")
            book.entries[account] = entry
        return entry.public()

    def remove(self, account: str) -> None:
        """Raise UnknownAccount, or RefusedChange staff.last_administrator: one has to remain."""
        with self._change() as book:
            entry = self._entry(book, account)
            administrators = [one for one in book.entries.values() if one.role is Role.ADMINISTRATOR]
            if administrators == [entry]:
                raise RefusedChange("staff.last_administrator")
            del book.entries[entry.account]

    def change_pin(self, account: str, old_pin: str, new_pin: str) -> None:
        """Give an account another PIN; the old one counts as a try.

        Raises:
            WrongPin, AccountLocked, UnknownAccount: as ``verify``.
            WeakPin: also staff.pin_same.
        """
        self.verify(account, old_pin)
        if old_pin == new_pin:
            raise WeakPin("staff.pin_same")
        self.reset_pin(account, new_pin)

    def reset_pin(self, account: str, new_pin: str) -> None:
        """An administrator gives a forgotten PIN anew; also ends a lock. Raises UnknownAccount, WeakPin."""
        check_pin(new_pin)
        pin_hash = self._hasher.hash(new_pin)
        with self._change() as book:
            entry = self._entry(book, account)
            entry.pin_hash, entry.failures, entry.locked_until = pin_hash, 0, None

    def verify(self, account: str, pin: str) -> Account:
        """Check a PIN. Every wrong one is on disk before the answer, so that pulling the plug gives no further tries.

        Raises:
            UnknownAccount: no such account.
            WrongPin: with ``attempts_left``.
            AccountLocked: with ``seconds``; raised by the fifth wrong PIN, and for 15 minutes whatever the PIN.
        """
        with self._change() as book:
            entry = self._entry(book, account)
            self._refuse_while_locked(entry)
            entry.failures += 1
        # Counted as wrong first; the slow comparison runs without the lock.
        right = self._matches(entry.pin_hash, pin)
        with self._change() as book:
            present = self._entry(book, account)
            if right and present.pin_hash == entry.pin_hash:
                self._refuse_while_locked(present)
                present.failures = 0
                if self._hasher.check_needs_rehash(present.pin_hash):
                    present.pin_hash = self._hasher.hash(pin)
                return present.public()
            if present.failures >= FAILURES_BEFORE_LOCK:
                present.failures = 0
                present.locked_until = self._now() + LOCK
                failure: WrongPin | AccountLocked = AccountLocked(int(LOCK.total_seconds()))
            elif present.locked_until is not None:  # another thread's wrong PIN was the last one
                failure = AccountLocked(int(LOCK.total_seconds()))
            else:
                failure = WrongPin(FAILURES_BEFORE_LOCK - present.failures)
        raise failure

    # -- inside -------------------------------------------------------------------------------------------------

    def _refuse_while_locked(self, entry: _Entry) -> None:
        if entry.locked_until is None:
            return
        left = (entry.locked_until - self._now()).total_seconds()
        if left > LOCK.total_seconds():  # the clock was set back
            entry.locked_until = self._now() + LOCK
            left = LOCK.total_seconds()
        if left > 0:
            raise AccountLocked(math.ceil(left))
        entry.locked_until, entry.failures = None, 0

    def _matches(self, pin_hash: str, pin: str) -> bool:
        try:
            return self._hasher.verify(pin_hash, pin)
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError) as error:
            log.error("staff book: a PIN's hash cannot be used: %s", type(error).__name__)
            raise RefusedChange("staff.file_damaged") from None

    @staticmethod
    def _entry(book: _Book, account: str) -> _Entry:
        entry = book.entries.get(_normal(account))
        if entry is None:
            raise UnknownAccount
        return entry

    @contextmanager
    def _change(self) -> Iterator[_Book]:
        """Read, let the caller change, write when something did; kept also when the caller raises AccountLocked."""
        with self._lock, self._file_lock():
            book = self._read()
            before = book.model_copy(deep=True)
            try:
                yield book
            finally:
                if book != before:
                    self._write(book)

    @contextmanager
    def _file_lock(self) -> Iterator[None]:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self._path.with_name(self._path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            log.error("staff book: lock not taken: %s", error.strerror)
            raise RefusedChange("staff.disk") from None
        try:
            if sys.platform != "win32":  # one process per station there
                import fcntl

                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _read(self) -> _Book:
        try:
            return _Book.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return _Book()
        except OSError as error:
            log.error("staff book not read: %s", error.strerror)
            raise RefusedChange("staff.disk") from None
        except ValidationError as error:
            log.error("staff book damaged: %d places", error.error_count())
            raise RefusedChange("staff.file_damaged") from None

    def _write(self, book: _Book) -> None:
        data = json.dumps(book.model_dump(mode="json"), ensure_ascii=False, indent=1).encode()
        temporary = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}.tmp")
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(self._path)
            finally:
                temporary.unlink(missing_ok=True)
            sync_folder(self._path.parent)
        except OSError as error:
            log.error("staff book not written: %s", error.strerror)
            raise RefusedChange("staff.disk") from None


def _normal(account: str) -> str:
    return account.strip().casefold()
