from __future__ import annotations

import json
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from kiosk.staff.book import FAILURES_BEFORE_LOCK, HASHER, LOCK, Account, Role, StaffBook
from kiosk.staff.errors import AccountLocked, RefusedChange, UnknownAccount, WeakPin, WrongPin

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PIN, OTHER_PIN = "730184", "905173"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def go(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(tmp_path: Path, clock: Clock) -> StaffBook:
    book = StaffBook(tmp_path / "staff.json", clock, CHEAP)
    book.add("Li", "李样张", Role.ADMINISTRATOR, PIN)
    return book


def fail(book: StaffBook, times: int) -> None:
    for _ in range(times):
        with pytest.raises((WrongPin, AccountLocked)):
            book.verify("li", "000000")


def test_a_new_book_is_empty_and_an_account_signs_on_with_its_pin(tmp_path: Path, clock: Clock) -> None:
    book = StaffBook(tmp_path / "staff.json", clock, CHEAP)
    assert book.is_empty()
    added = book.add("zhang.1", "张示例", Role.ASSISTANT, PIN)
    assert added == Account("zhang.1", "张示例", Role.ASSISTANT)
    assert book.verify(" Zhang.1 ", PIN) == added
    assert StaffBook(tmp_path / "staff.json", clock, CHEAP).accounts() == [added]
    assert not book.is_empty()


def test_the_file_is_private_and_holds_no_pin(book: StaffBook, tmp_path: Path) -> None:
    text = (tmp_path / "staff.json").read_text(encoding="utf-8")
    assert PIN not in text
    assert "$argon2id$" in text
    assert sys.platform == "win32" or (tmp_path / "staff.json").stat().st_mode & 0o777 == 0o600


def test_the_shipped_hash_is_slow_enough_to_be_worth_something() -> None:
    assert HASHER.type.name == "ID"
    assert HASHER.memory_cost >= 19 * 1024
    assert HASHER.time_cost >= 2


def test_five_wrong_pins_lock_for_fifteen_minutes_even_with_the_right_one(
    book: StaffBook, clock: Clock, tmp_path: Path
) -> None:
    left = []
    for _ in range(FAILURES_BEFORE_LOCK - 1):
        with pytest.raises(WrongPin) as wrong:
            book.verify("li", OTHER_PIN)
        left.append(wrong.value.attempts_left)
    assert left == [4, 3, 2, 1]
    with pytest.raises(AccountLocked) as locked:
        book.verify("li", OTHER_PIN)
    assert locked.value.seconds == 900
    clock.go(minutes=14, seconds=59.5)
    with pytest.raises(AccountLocked) as locked:
        StaffBook(tmp_path / "staff.json", clock, CHEAP).verify("li", PIN)
    assert locked.value.seconds == 1
    clock.go(seconds=1)
    assert book.verify("li", PIN).name == "李样张"
    with pytest.raises(WrongPin) as wrong:
        book.verify("li", OTHER_PIN)
    assert wrong.value.attempts_left == 4


def test_failures_survive_a_restart_and_are_forgiven_by_the_right_pin(book: StaffBook, tmp_path: Path) -> None:
    fail(book, 3)
    again = StaffBook(tmp_path / "staff.json", hasher=CHEAP)
    with pytest.raises(WrongPin) as wrong:
        again.verify("li", OTHER_PIN)
    assert wrong.value.attempts_left == 1
    again.verify("li", PIN)
    with pytest.raises(WrongPin) as wrong:
        book.verify("li", OTHER_PIN)
    assert wrong.value.attempts_left == 4


def test_a_clock_set_back_does_not_lock_for_years(book: StaffBook, clock: Clock) -> None:
    fail(book, FAILURES_BEFORE_LOCK)
    clock.go(days=-400)
    with pytest.raises(AccountLocked) as locked:
        book.verify("li", PIN)
    assert locked.value.seconds == LOCK.total_seconds()
    clock.go(minutes=16)
    assert book.verify("li", PIN)


def test_guesses_from_many_threads_at_once_get_no_extra_tries(book: StaffBook) -> None:
    outcomes: list[str] = []

    def guess() -> None:
        try:
            book.verify("li", OTHER_PIN)
        except (WrongPin, AccountLocked) as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 12
    assert outcomes.count("staff.wrong_pin") < FAILURES_BEFORE_LOCK
    with pytest.raises(AccountLocked):
        book.verify("li", PIN)


def test_unknown_accounts_and_doubles_are_refused(book: StaffBook) -> None:
    for call in (lambda: book.verify("nobody", PIN), lambda: book.remove("nobody")):
        with pytest.raises(UnknownAccount):
            call()
    with pytest.raises(RefusedChange, match="staff.account_exists"):
        book.add("LI", "李样张", Role.ASSISTANT, PIN)
    for account, name in (("", "张示例"), ("a b", "张示例"), ("x" * 33, "张示例"), ("zhang", "  ")):
        with pytest.raises(RefusedChange, match="staff.account_name"):
            book.add(account, name, Role.ASSISTANT, PIN)
    assert len(book.accounts()) == 1


def test_the_last_administrator_stays(book: StaffBook) -> None:
    with pytest.raises(RefusedChange, match="staff.last_administrator"):
        book.remove("li")
    book.add("zhang", "张示例", Role.ADMINISTRATOR, OTHER_PIN)
    book.remove("li")
    assert [account.account for account in book.accounts()] == ["zhang"]


def test_a_pin_is_changed_by_its_owner_and_reset_by_an_administrator(book: StaffBook) -> None:
    with pytest.raises(WrongPin):
        book.change_pin("li", OTHER_PIN, "571904")
    with pytest.raises(WeakPin, match="staff.pin_same"):
        book.change_pin("li", PIN, PIN)
    with pytest.raises(WeakPin, match="staff.pin_trivial"):
        book.change_pin("li", PIN, "123456")
    book.change_pin("li", PIN, OTHER_PIN)
    assert book.verify("li", OTHER_PIN)
    fail(book, FAILURES_BEFORE_LOCK)
    book.reset_pin("li", PIN)
    assert book.verify("li", PIN)


def test_a_hash_of_other_costs_is_made_anew_when_the_pin_is_given(book: StaffBook, tmp_path: Path) -> None:
    dearer = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    StaffBook(tmp_path / "staff.json", hasher=dearer).verify("li", PIN)
    assert "m=16,t=2" in (tmp_path / "staff.json").read_text()
    assert book.verify("li", PIN)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"entries": {"li": {}}}', '{"surprise": 1}'])
def test_a_damaged_file_is_neither_empty_nor_overwritten(book: StaffBook, tmp_path: Path, text: str) -> None:
    path = tmp_path / "staff.json"
    path.write_text(text)
    for call in (
        book.is_empty,
        lambda: book.verify("li", PIN),
        lambda: book.add("zhang", "张示例", Role.ASSISTANT, PIN),
    ):
        with pytest.raises(RefusedChange, match="staff.file_damaged"):
            call()
    assert path.read_text() == text


def test_a_hash_that_is_none_is_damage_not_a_wrong_pin(book: StaffBook, tmp_path: Path) -> None:
    path = tmp_path / "staff.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["entries"]["li"]["pin_hash"] = "not a hash"
    path.write_text(json.dumps(data))
    with pytest.raises(RefusedChange, match="staff.file_damaged"):
        book.verify("li", PIN)
