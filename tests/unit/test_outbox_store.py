from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from kiosk.centre.contract import CaseReceipt, CaseState, Rating
from kiosk.outbox import files
from kiosk.outbox.errors import OutboxError
from kiosk.outbox.listing import DATABASE_NAME, list_cases
from kiosk.outbox.model import PageStage, Stage
from kiosk.outbox.store import Outbox
from kiosk.trust.envelope import KEY_BYTES, StorageKey
from tests.unit.outbox_people import (
    CANARY_NAME,
    CANARY_NUMBER,
    CANARY_PAGE,
    KEY,
    STATION,
    Clock,
    correction,
    keep_case,
    open_outbox,
    opening,
    record,
    status,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


@pytest.fixture
def outbox(folder: Path, clock: Clock) -> Iterator[Outbox]:
    with open_outbox(folder, clock) as outbox:
        yield outbox


def sealed_files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "pages").iterdir())


def receipt(case_id: UUID, version: int = 1) -> CaseReceipt:
    return CaseReceipt(
        case_id=case_id,
        version=version,
        case_number="HN20261120-0001-4",
        state=CaseState.COMPLETE,
        received_at=datetime(2026, 11, 20, tzinfo=UTC),
    )


# -- drafts ---------------------------------------------------------------------------------------------------------


def test_a_draft_survives_a_restart_and_is_replaced_as_a_whole(folder: Path, clock: Clock) -> None:
    case_id = uuid4()
    with open_outbox(folder, clock) as outbox:
        outbox.save_draft(case_id, b"first")
        clock.go(minutes=1)
        outbox.save_draft(case_id, b"second")
    with open_outbox(folder, clock) as outbox:
        assert outbox.load_draft(case_id) == b"second"
        assert [(draft.case_id, draft.saved_at) for draft in outbox.drafts()] == [(case_id, clock.now)]


def test_drafts_are_destroyed_after_a_day_with_their_pages(folder: Path, clock: Clock) -> None:
    old, fresh, pages_only = uuid4(), uuid4(), uuid4()
    with open_outbox(folder, clock) as outbox:
        outbox.save_draft(old, b"old")
        outbox.add_page(old, 1, uuid4(), b"page")
        outbox.add_page(pages_only, 1, uuid4(), b"page")
        clock.go(hours=23)
        outbox.save_draft(fresh, b"fresh")
        assert outbox.expire_drafts() == []
    clock.go(hours=1, seconds=1)
    with open_outbox(folder, clock) as outbox:
        assert [draft.case_id for draft in outbox.drafts()] == [fresh]
        assert [case.case_id for case in outbox.cases()] == [fresh]
        assert sealed_files(folder) == []


@pytest.mark.parametrize("wrong", [datetime(1970, 1, 2, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC)])
def test_a_clock_that_was_wrong_costs_no_draft(folder: Path, clock: Clock, wrong: datetime) -> None:
    case_id, right = uuid4(), clock.now
    clock.now = wrong
    with open_outbox(folder, clock) as outbox:
        outbox.save_draft(case_id, b"draft")
        assert outbox.expire_drafts() == []
        clock.now = right
        assert outbox.expire_drafts() == []
        clock.go(hours=23)
        assert outbox.expire_drafts() == []
        clock.go(hours=2)
        assert outbox.expire_drafts() == [case_id]


def test_a_draft_of_another_case_does_not_open(outbox: Outbox, folder: Path) -> None:
    one, other = uuid4(), uuid4()
    outbox.save_draft(one, b"one")
    outbox.save_draft(other, b"other")
    with sqlite3.connect(folder / DATABASE_NAME) as connection:
        connection.execute(
            "UPDATE draft SET sealed = (SELECT sealed FROM draft WHERE case_id = ?) WHERE case_id = ?",
            (str(one), str(other)),
        )
    connection.close()
    with pytest.raises(OutboxError, match="outbox.draft_damaged"):
        outbox.load_draft(other)
    with pytest.raises(OutboxError, match="outbox.case_unknown"):
        outbox.load_draft(uuid4())


def test_the_end_of_a_visit_is_kept_after_the_commit_only(outbox: Outbox) -> None:
    with pytest.raises(OutboxError, match="outbox.case_unknown"):
        outbox.save_finishing(uuid4(), b"slip")
    case_id, _ = keep_case(outbox)
    with pytest.raises(OutboxError, match="outbox.already_committed"):
        outbox.save_draft(case_id, b"draft")
    outbox.save_finishing(case_id, b"slip")
    assert outbox.load_draft(case_id) == b"slip"
    outbox.destroy_case(case_id)
    assert outbox.drafts() == []
    assert outbox.summary().waiting == 1


# -- pages ----------------------------------------------------------------------------------------------------------


def test_a_page_is_read_back_and_named_by_hash_and_size(outbox: Outbox) -> None:
    case_id, page_id = uuid4(), uuid4()
    stored = outbox.add_page(case_id, 1, page_id, b"picture", "image/png")
    assert (stored.sha256, stored.size) == (hashlib.sha256(b"picture").hexdigest(), 7)
    assert outbox.page(case_id, page_id) == b"picture"
    assert [(page.page_id, page.stage) for page in outbox.pages(case_id, 1)] == [(page_id, PageStage.KEPT)]
    assert outbox.add_page(case_id, 1, page_id, b"picture") == stored
    with pytest.raises(OutboxError, match="outbox.page_exists"):
        outbox.add_page(case_id, 1, page_id, b"another")
    with pytest.raises(OutboxError, match="outbox.page_unknown"):
        outbox.page(uuid4(), page_id)
    for data, media_type in ((b"", "image/png"), (b"x", "text/html")):
        with pytest.raises(ValueError, match="a page has bytes"):
            outbox.add_page(case_id, 1, uuid4(), data, media_type)


def test_a_removed_page_is_gone_from_the_disk(outbox: Outbox, folder: Path) -> None:
    case_id, page_id = uuid4(), uuid4()
    outbox.add_page(case_id, 1, page_id, b"picture")
    assert len(sealed_files(folder)) == 1
    outbox.remove_page(case_id, page_id)
    outbox.remove_page(case_id, page_id)
    assert sealed_files(folder) == []
    with pytest.raises(OutboxError, match="outbox.page_unknown"):
        outbox.page(case_id, page_id)


@pytest.mark.parametrize("harm", ["flip", "cut", "swap"])
def test_a_damaged_page_is_told_and_cannot_be_committed(outbox: Outbox, folder: Path, harm: str) -> None:
    case_id, one, other = uuid4(), uuid4(), uuid4()
    outbox.add_page(case_id, 1, one, b"one")
    first = folder / "pages" / sealed_files(folder)[0]
    outbox.add_page(case_id, 1, other, b"other")
    blob = bytearray(first.read_bytes())
    if harm == "flip":
        blob[-1] ^= 1
    elif harm == "cut":
        del blob[-1]
    else:
        second = next(path for path in (folder / "pages").iterdir() if path != first)
        blob = bytearray(second.read_bytes())
    first.write_bytes(blob)
    with pytest.raises(OutboxError, match="outbox.page_damaged"):
        outbox.page(case_id, one)
    assert outbox.page(case_id, other) == b"other"


def test_the_same_page_from_many_threads_is_kept_once(outbox: Outbox, folder: Path) -> None:
    case_id, page_id = uuid4(), uuid4()
    stored = []
    threads = [
        threading.Thread(target=lambda: stored.append(outbox.add_page(case_id, 1, page_id, b"picture")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stored) == 8
    assert len(set(stored)) == 1
    assert len(sealed_files(folder)) == 1


# -- commit, give up ------------------------------------------------------------------------------------------------


def test_a_commit_makes_the_case_wait_and_destroys_draft_and_unlisted_pages(outbox: Outbox, folder: Path) -> None:
    case_id, listed, left_out = uuid4(), uuid4(), uuid4()
    outbox.save_draft(case_id, b"draft")
    for page_id in (listed, left_out):
        outbox.add_page(case_id, 1, page_id, b"picture")
    outbox.commit(record(case_id, {listed: b"picture"}))
    state = outbox.case_state(case_id)
    assert state is not None
    assert (state.stage, state.pages, state.item_id, state.total_bytes) == (Stage.WAITING, 1, "item-1", 7)
    assert outbox.summary().waiting == 1
    assert outbox.drafts() == []
    assert len(sealed_files(folder)) == 1
    with pytest.raises(OutboxError, match="outbox.already_committed"):
        outbox.add_page(case_id, 1, uuid4(), b"late")
    with pytest.raises(OutboxError, match="outbox.already_committed"):
        outbox.remove_page(case_id, listed)


def test_the_same_commit_again_is_no_error_another_one_is(outbox: Outbox) -> None:
    case_id, pages = keep_case(outbox)
    outbox.commit(record(case_id, pages))
    assert outbox.summary().waiting == 1
    with pytest.raises(OutboxError, match="outbox.already_committed"):
        outbox.commit(record(case_id, pages, item="item-2"))


def test_a_record_with_a_page_that_is_not_here_changes_nothing(outbox: Outbox) -> None:
    case_id, page_id, missing = uuid4(), uuid4(), uuid4()
    outbox.save_draft(case_id, b"draft")
    outbox.add_page(case_id, 1, page_id, b"picture")
    for pages in ({page_id: b"picture", missing: b"x"}, {page_id: b"other bytes"}):
        with pytest.raises(OutboxError) as caught:
            outbox.commit(record(case_id, pages))
        assert caught.value.code == "outbox.page_missing"
    assert outbox.load_draft(case_id) == b"draft"
    assert outbox.page(case_id, page_id) == b"picture"
    assert outbox.summary().waiting == 0


def test_giving_up_leaves_nothing_and_the_centre_is_told_only_when_it_may_know(outbox: Outbox, folder: Path) -> None:
    silent, known = uuid4(), uuid4()
    for case_id in (silent, known):
        outbox.save_draft(case_id, b"draft")
        outbox.add_page(case_id, 1, uuid4(), b"picture")
    outbox.allow_travel(opening(known))
    assert outbox.dispatch.announce(outbox.dispatch.units()[0])
    for case_id in (silent, known, uuid4()):
        outbox.destroy_case(case_id)
    assert outbox.drafts() == []
    assert sealed_files(folder) == []
    assert [(unit.case_id, unit.stage) for unit in outbox.dispatch.units()] == [(known, Stage.CANCELLED)]
    assert not outbox.dispatch.announce(outbox.dispatch.units()[0])


def test_a_correction_begun_again_is_not_forgotten_with_the_one_given_up(outbox: Outbox) -> None:
    case_id = uuid4()
    outbox.save_draft(case_id, b"first try", version=2)
    outbox.allow_travel(opening(case_id, 2))
    assert outbox.dispatch.announce(outbox.dispatch.units()[0])
    outbox.destroy_case(case_id)
    (given_up,) = outbox.dispatch.units()
    page_id = uuid4()
    outbox.add_page(case_id, 2, page_id, b"second try")  # while the centre is being told of the first
    outbox.dispatch.forget_cancelled(given_up)
    assert outbox.page(case_id, page_id) == b"second try"
    outbox.commit(correction(case_id, 2, {page_id: b"second try"}))
    assert not outbox.dispatch.units()[0].opened


def test_a_committed_case_cannot_be_given_up(outbox: Outbox) -> None:
    case_id, pages = keep_case(outbox)
    outbox.destroy_case(case_id)
    assert outbox.summary().waiting == 1
    assert all(outbox.page(case_id, page_id) == data for page_id, data in pages.items())


def test_pages_travel_only_while_it_is_allowed(outbox: Outbox) -> None:
    case_id = uuid4()
    outbox.add_page(case_id, 1, uuid4(), b"picture")
    assert outbox.dispatch.units() == []
    outbox.allow_travel(opening(case_id))
    (unit,) = outbox.dispatch.units()
    (page,) = outbox.dispatch.pages(unit)
    assert outbox.dispatch.page_wanted(page)
    outbox.forbid_travel(case_id, 1)
    assert outbox.dispatch.units() == []
    assert not outbox.dispatch.page_wanted(page)


def test_a_correction_is_a_version_of_its_own_with_the_item_of_the_first(outbox: Outbox) -> None:
    case_id, _ = keep_case(outbox, item="item-7")
    new = uuid4()
    outbox.save_draft(case_id, b"correction", version=2)
    outbox.add_page(case_id, 2, new, b"better")
    outbox.commit(correction(case_id, 2, {new: b"better"}))
    state = outbox.case_state(case_id)
    assert state is not None
    assert (state.version, state.stage, state.item_id) == (2, Stage.WAITING, "item-7")
    unit = outbox.dispatch.units()[1]
    assert outbox.dispatch.opening(unit).item_id == "item-7"
    assert outbox.dispatch.record(unit) == correction(case_id, 2, {new: b"better"})


# -- receipts and wiping --------------------------------------------------------------------------------------------


def test_after_the_receipt_only_numbers_times_and_hashes_remain(outbox: Outbox, folder: Path) -> None:
    case_id, pages = keep_case(outbox)
    (unit,) = outbox.dispatch.units()
    outbox.dispatch.case_received(unit, receipt(case_id))
    assert sealed_files(folder) == []
    state = outbox.case_state(case_id)
    assert state is not None
    assert (state.stage, state.case_number, state.pages) == (Stage.DELIVERED, "HN20261120-0001-4", len(pages))
    with pytest.raises(OutboxError, match="outbox.page_unknown"):
        outbox.page(case_id, next(iter(pages)))
    with sqlite3.connect(folder / DATABASE_NAME) as connection:
        for table in ("case_version", "page", "draft", "rating", "centre_status"):
            for row in connection.execute(f"SELECT * FROM {table}"):
                assert not any(isinstance(value, bytes) for value in row), table
    connection.close()


def test_a_wipe_cut_off_by_a_kill_is_finished_at_the_next_start(folder: Path, clock: Clock) -> None:
    with open_outbox(folder, clock) as outbox:
        _, pages = keep_case(outbox)
        kept = sealed_files(folder)
    (folder / "pages" / f"{uuid4()}.sealed").write_bytes(b"delivered, not yet unlinked")
    (folder / "pages" / f"{uuid4()}.sealed.tmp").write_bytes(b"half a p")
    with open_outbox(folder, clock) as outbox:
        assert sealed_files(folder) == kept
        (case,) = outbox.cases()
        assert all(outbox.page(case.case_id, page_id) == data for page_id, data in pages.items())


# -- statuses, ratings, events --------------------------------------------------------------------------------------


def test_corrections_stand_in_the_to_do_list_until_they_are_handed_over(outbox: Outbox, clock: Clock) -> None:
    case_id, other = uuid4(), uuid4()
    outbox.remember_status(status(other, CaseState.COMPLETE))
    outbox.remember_status(status(case_id, CaseState.CORRECTION_REQUESTED))
    (entry,) = outbox.todo()
    assert (entry.case_id, entry.masked_name, entry.case_number) == (case_id, "李*", "HN20261120-0001-4")
    assert entry.reason == "第二页看不清"
    assert [marked.page_id for marked in entry.marked_pages] == [UUID(int=5)]
    page_id = uuid4()
    outbox.add_page(case_id, 2, page_id, b"better")
    assert len(outbox.todo()) == 1
    outbox.commit(correction(case_id, 2, {page_id: b"better"}))
    assert outbox.todo() == []
    outbox.remember_status(status(case_id, CaseState.CORRECTION_REQUESTED))
    assert outbox.todo() == []
    outbox.remember_status(status(case_id, CaseState.CORRECTION_REQUESTED, version=2))
    assert [entry.version for entry in outbox.todo()] == [2]
    outbox.remember_status(status(case_id, CaseState.ACCEPTED, version=2))
    outbox.remember_status(status(case_id, CaseState.CORRECTION_REQUESTED, version=1))
    assert outbox.todo() == []
    state = outbox.case_state(case_id)
    assert state is not None
    assert state.centre_state is CaseState.ACCEPTED


def test_event_numbers_survive_a_restart(folder: Path) -> None:
    with open_outbox(folder) as outbox:
        assert outbox.last_event_number() == 0
        outbox.set_last_event_number(41)
        outbox.set_last_event_number(42)
    with open_outbox(folder) as outbox:
        assert outbox.last_event_number() == 42


def test_the_newest_rating_waits_for_its_case(outbox: Outbox) -> None:
    case_id, _ = keep_case(outbox)
    outbox.rate(case_id, Rating(level=2))
    outbox.rate(case_id, Rating(level=5, comment="很好"))
    assert outbox.dispatch.ratings() == []
    outbox.dispatch.case_received(outbox.dispatch.units()[0], receipt(case_id))
    assert outbox.dispatch.ratings() == [case_id]
    assert outbox.dispatch.rating(case_id) == Rating(level=5, comment="很好")
    outbox.dispatch.rating_received(case_id, Rating(level=2))
    assert outbox.dispatch.ratings() == [case_id]
    outbox.dispatch.rating_received(case_id, Rating(level=5, comment="很好"))
    assert outbox.dispatch.ratings() == []


# -- nothing personal in clear --------------------------------------------------------------------------------------


def test_no_byte_on_disk_tells_who_was_here(folder: Path, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    case_id, page_id = uuid4(), uuid4()
    draft = f'{{"name": "{CANARY_NAME}", "id_number": "{CANARY_NUMBER}"}}'.encode()
    secrets = [
        text.encode() for text in (CANARY_NAME, CANARY_NUMBER, "13800000000", "金丝雀材料", "李*", "第二页看不清")
    ]
    secrets += [CANARY_NAME.encode("utf-16-le"), CANARY_NUMBER.encode("utf-16-le"), CANARY_PAGE[:40]]
    seen = 0

    def scan() -> None:
        nonlocal seen
        for path in folder.rglob("*"):
            content = path.name.encode() + (path.read_bytes() if path.is_file() else b"")
            seen += len(content)
            assert not [secret for secret in secrets if secret in content], path.name

    with open_outbox(folder, clock) as outbox:
        for _ in range(3):
            outbox.save_draft(case_id, draft)
        outbox.add_page(case_id, 1, page_id, CANARY_PAGE, material_name="金丝雀材料")
        outbox.allow_travel(opening(case_id))
        scan()
        outbox.commit(record(case_id, {page_id: CANARY_PAGE}))
        outbox.rate(case_id, Rating(level=5, comment=CANARY_NAME))
        outbox.remember_status(status(case_id, CaseState.CORRECTION_REQUESTED))
        assert outbox.todo()
        scan()
        (folder / "pages" / sealed_files(folder)[0]).write_bytes(b"damaged")
        with pytest.raises(OutboxError) as caught:
            outbox.page(case_id, page_id)
        assert CANARY_NUMBER not in repr(caught.value)
        scan()
        outbox.destroy_case(case_id)
        text = repr((outbox.cases(), outbox.summary(), outbox.drafts())) + caplog.text
        assert not [secret for secret in (CANARY_NAME, CANARY_NUMBER) if secret in text]
    scan()
    assert seen > 3 * len(CANARY_PAGE)


def test_the_listing_needs_no_key_and_stands_beside_a_running_station(outbox: Outbox, folder: Path) -> None:
    keep_case(outbox)
    assert list_cases(folder) == outbox.cases()
    assert CANARY_NAME not in repr(list_cases(folder))
    with pytest.raises(OutboxError, match="outbox.not_found"):
        list_cases(folder / "elsewhere")


@pytest.mark.skipif(sys.platform == "win32", reason="no POSIX permissions")
def test_everything_is_private_to_the_station_s_user(outbox: Outbox, folder: Path) -> None:
    old = os.umask(0o022)
    try:
        keep_case(outbox)
    finally:
        os.umask(old)
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (folder / "pages").iterdir())


# -- opening the folder ---------------------------------------------------------------------------------------------


def test_a_folder_is_open_once(outbox: Outbox, folder: Path) -> None:
    with pytest.raises(OutboxError, match="outbox.in_use"):
        open_outbox(folder)
    outbox.close()
    outbox.close()
    open_outbox(folder).close()


def test_another_key_or_station_is_refused_and_harms_nothing(folder: Path) -> None:
    with open_outbox(folder) as outbox:
        case_id, pages = keep_case(outbox)
    with pytest.raises(OutboxError, match="outbox.other_key"):
        Outbox(folder, StorageKey(bytes(KEY_BYTES)), STATION, 1, 0)
    with pytest.raises(OutboxError, match="outbox.other_key"):
        Outbox(folder, KEY, "station-2", 1, 0)
    with open_outbox(folder) as outbox:
        assert all(outbox.page(case_id, page_id) == data for page_id, data in pages.items())


def test_a_store_of_a_later_version_or_a_damaged_one_is_refused_and_kept(folder: Path) -> None:
    with open_outbox(folder) as outbox:
        keep_case(outbox)
    database = folder / DATABASE_NAME
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(OutboxError, match="outbox.newer_format"):
        open_outbox(folder)
    kept = sealed_files(folder)
    database.write_bytes(b"this is no database" * 1000)
    with pytest.raises(OutboxError, match="outbox.store_damaged"):
        open_outbox(folder)
    with pytest.raises(OutboxError, match="outbox.store_damaged"):
        list_cases(folder)
    assert sealed_files(folder) == kept


def test_commits_are_as_durable_as_sqlite_can_make_them(outbox: Outbox) -> None:
    ask = outbox._vault.database.row
    for pragma, value in (("synchronous", 2), ("journal_mode", "wal"), ("foreign_keys", 1), ("secure_delete", 1)):
        row = ask(f"PRAGMA {pragma}")
        assert row is not None
        assert row[0] == value


# -- trouble with the disk ------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="names of open files are read from /proc")
def test_a_page_is_synced_renamed_synced_and_only_then_a_row(
    outbox: Outbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    real_fsync, real_rename, real_write = os.fsync, Path.rename, outbox._vault.database.write

    def fsync(handle: int) -> None:
        real_fsync(handle)
        name = Path(os.readlink(f"/proc/self/fd/{handle}")).name
        happened.append(f"sync {'file' if name.endswith('.tmp') else name}")

    def rename(source: Path, target: Path) -> Path:
        happened.append("rename")
        return real_rename(source, target)

    def write(*args: Any, **options: Any) -> Any:
        happened.append("row")
        return real_write(*args, **options)

    monkeypatch.setattr(files.os, "fsync", fsync)
    monkeypatch.setattr(Path, "rename", rename)
    monkeypatch.setattr(outbox._vault.database, "write", write)
    case_id, page_id = uuid4(), uuid4()
    outbox.add_page(case_id, 1, page_id, b"picture")
    assert happened == ["sync file", "rename", "sync pages", "row"]
    happened.clear()
    outbox.commit(record(case_id, {page_id: b"picture"}))
    outbox.dispatch.case_received(outbox.dispatch.units()[0], receipt(case_id))
    assert happened == ["row", "row", "sync pages"]  # the files go only after the row that gives them up


def test_a_sync_that_fails_is_tried_with_a_new_file_and_never_told_as_kept(
    outbox: Outbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures, tried = [2], []
    real = os.fsync

    def fsync(handle: int) -> None:
        tried.append(os.readlink(f"/proc/self/fd/{handle}"))
        if failures[0] and tried[-1].endswith(".tmp"):
            failures[0] -= 1
            raise OSError(5, "Input/output error")
        real(handle)

    monkeypatch.setattr(files.os, "fsync", fsync)
    case_id, page_id = uuid4(), uuid4()
    outbox.add_page(case_id, 1, page_id, b"picture")
    written = [name for name in tried if name.endswith(".tmp")]
    assert len(written) == len(set(written)) == 3
    assert outbox.page(case_id, page_id) == b"picture"
    failures[0] = 99
    with pytest.raises(OutboxError, match="outbox.disk_failed"):
        outbox.add_page(case_id, 1, uuid4(), b"another")
    assert len(outbox.pages(case_id, 1)) == 1
    assert len(sealed_files(folder)) == 1


def test_intake_stops_before_the_disk_is_full_but_a_visit_may_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_outbox(folder, reserve_mb=100) as outbox:
        free = [200_000_000]
        monkeypatch.setattr(outbox._space, "free_bytes", lambda: free[0])
        case_id = uuid4()
        outbox.add_page(case_id, 1, uuid4(), b"picture")
        assert not outbox.summary().full
        free[0] = 99_000_000
        assert outbox.summary().full
        for begin in (
            lambda: outbox.save_draft(uuid4(), b"draft"),
            lambda: outbox.add_page(uuid4(), 1, uuid4(), b"picture"),
        ):
            with pytest.raises(OutboxError, match="outbox.disk_full"):
                begin()
        page_id = uuid4()
        outbox.add_page(case_id, 1, page_id, b"the last one")
        free[0] = 25_000_000
        with pytest.raises(OutboxError, match="outbox.disk_full"):
            outbox.add_page(case_id, 1, uuid4(), b"one too many")
        outbox.save_draft(case_id, b"draft")
        outbox.commit(record(case_id, {page_id: b"the last one"}))
        assert outbox.summary().waiting == 1
