"""A disk that is full to the last byte: nothing kept is harmed, and the queue can still empty itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from kiosk.outbox.delivery import Delivery
from kiosk.outbox.errors import OutboxError
from kiosk.outbox.model import Stage
from tests.unit.outbox_people import PaperCentre, keep_case, open_outbox, record, until


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 MB."""
    if sys.platform == "win32" or os.geteuid() != 0:
        pytest.skip("needs root to mount a small tmpfs")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)], capture_output=True, check=False, text=True
    )
    if mounted.returncode:
        pytest.skip(f"mount refused: {mounted.stderr.strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> None:
    """Take every byte that is left."""
    with (disk / "filler").open("ab", buffering=0) as file:
        for size in (1_000_000, 4096, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue


def test_a_full_disk_stops_intake_harms_nothing_and_lets_the_queue_drain(small_disk: Path) -> None:
    folder = small_disk / "outbox"
    kept = {}
    with open_outbox(folder, reserve_mb=0, ballast_mb=2) as outbox:
        assert (folder / "ballast").stat().st_size == 2_000_000
        for _ in range(3):
            case_id, pages = keep_case(outbox, size=300_000)
            kept[case_id] = pages
        begun, page_id = uuid4(), uuid4()
        outbox.add_page(begun, 1, page_id, b"taken in time")
        fill(small_disk)
        refused = uuid4()
        with pytest.raises(OutboxError, match="outbox.disk_full"):
            outbox.add_page(begun, 1, refused, bytes(300_000))
        assert [page.page_id for page in outbox.pages(begun, 1)] == [page_id]
        assert not list((folder / "pages").glob("*.tmp"))
        assert (folder / "ballast").exists()  # intake does not touch it

        outbox.commit(record(begun, {page_id: b"taken in time"}))
        kept[begun] = {page_id: b"taken in time"}
        assert all(outbox.page(case_id, page) == data for case_id in kept for page, data in kept[case_id].items())

        centre = PaperCentre()
        delivery = Delivery(outbox, centre, lambda event: None, first_wait=0.01, last_wait=0.05)
        delivery.start()
        until(lambda: all(case.stage is Stage.DELIVERED for case in outbox.cases()))
        assert delivery.stop(30)
        assert centre.pages == {page: data for pages in kept.values() for page, data in pages.items()}
        assert list((folder / "pages").iterdir()) == []
        assert not (folder / "ballast").exists()
        (small_disk / "filler").unlink()
        outbox.keep_house()
        assert (folder / "ballast").stat().st_size == 2_000_000


def test_an_outbox_on_a_full_disk_opens_by_giving_up_its_ballast(small_disk: Path) -> None:
    folder = small_disk / "outbox"
    with open_outbox(folder, reserve_mb=0, ballast_mb=2) as outbox:
        case_id, pages = keep_case(outbox, size=300_000)
    fill(small_disk)
    with open_outbox(folder, reserve_mb=0, ballast_mb=2) as outbox:
        assert all(outbox.page(case_id, page_id) == data for page_id, data in pages.items())
        delivery = Delivery(outbox, PaperCentre(), lambda event: None, first_wait=0.01, last_wait=0.05)
        delivery.start()
        until(lambda: outbox.case_state(case_id).stage is Stage.DELIVERED)
        assert delivery.stop(30)


def test_below_the_reserve_no_new_case_begins(small_disk: Path) -> None:
    with open_outbox(small_disk / "outbox", reserve_mb=10, ballast_mb=0) as outbox:
        case_id = uuid4()
        outbox.save_draft(case_id, b"draft")
        (small_disk / "filler").write_bytes(bytes(8_000_000))
        assert outbox.is_full()
        with pytest.raises(OutboxError, match="outbox.disk_full"):
            outbox.save_draft(uuid4(), b"draft")
        outbox.add_page(case_id, 1, uuid4(), bytes(100_000))
        (small_disk / "filler").unlink()
        assert not outbox.is_full()
