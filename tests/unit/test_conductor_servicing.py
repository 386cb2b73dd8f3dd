"""Support bundle and recordings: who may, never with a resident, and nothing left running."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.driver import DeviceKind
from kiosk.conductor.servicing import BundleFailed
from kiosk.conductor.snapshot import Screen
from kiosk.staff.book import Role
from tests.unit.conductor_bench import Bench

PIN = "739215"
SCANNER = DeviceKind.CODE_SCANNER


class End:
    def __init__(self) -> None:
        self.running: dict[DeviceKind, Callable[[], None]] = {}
        self.files = ["code_scanner-20261120-080000.jsonl"]
        self.reason = ""
        self.full = False

    def bundle(self) -> tuple[bool, str]:
        if self.reason:
            raise BundleFailed(self.reason)
        return True, "doorstep-support.zip"

    def record(self, kind: DeviceKind, ended: Callable[[], None]) -> None:
        if self.full:
            raise OSError(28, "no space")
        self.running[kind] = ended

    def stop_recording(self, kind: DeviceKind) -> None:
        del self.running[kind]

    def recordings(self) -> list[tuple[str, str, int]]:
        return [(name, name.split("-")[0], 3) for name in self.files]

    def delete(self, name: str) -> None:
        self.files.remove(name)


@pytest.fixture
def end() -> End:
    return End()


async def signed_on(bench: Bench, role: Role) -> None:
    bench.staff.add("zhao", "赵示例", role, PIN)
    await bench.screen(Screen.SIGN_ON)
    bench.conductor.sign_on("zhao", PIN)
    await bench.screen(Screen.HOME)


async def technician(bench: Bench, role: Role = Role.TECHNICIAN) -> None:
    await signed_on(bench, role)
    bench.conductor.open_technician()
    await bench.screen(Screen.TECHNICIAN)


async def test_a_technician_makes_a_bundle_and_sees_where_it_is(tmp_path: Path, end: End) -> None:
    async with Bench(tmp_path, service=end) as bench:
        await technician(bench)
        assert bench.now.service.allowed
        bench.conductor.make_support_bundle()
        now = await bench.until(lambda now: now.notice and now.notice.code == "support.written_to_stick")
        assert now.notice is not None
        assert now.notice.detail["file"] == "doorstep-support.zip"
        assert not now.service.bundling


async def test_a_bundle_that_is_not_written_says_why(tmp_path: Path, end: End) -> None:
    end.reason = "no space"
    async with Bench(tmp_path, service=end) as bench:
        await technician(bench)
        bench.conductor.make_support_bundle()
        now = await bench.until(lambda now: now.notice and now.notice.code == "support.not_written")
        assert now.notice is not None
        assert now.notice.detail["reason"] == "no space"


async def test_an_assistant_may_neither_record_nor_bundle(tmp_path: Path, end: End) -> None:
    async with Bench(tmp_path, service=end) as bench:
        await technician(bench, Role.ASSISTANT)
        assert not bench.now.service.allowed
        bench.conductor.record_device(SCANNER.value, True)
        bench.conductor.make_support_bundle()
        bench.conductor.delete_recording(end.files[0])
        await bench.settled()
        assert not end.running
        assert end.files
        assert not bench.now.service.bundling


async def test_recordings_are_listed_begun_ended_and_deleted(tmp_path: Path, end: End) -> None:
    async with Bench(tmp_path, service=end) as bench:
        await technician(bench)
        kept = (("code_scanner-20261120-080000.jsonl", "code_scanner", 3),)
        await bench.until(lambda now: now.service.recordings == kept)
        bench.conductor.record_device(SCANNER.value, True)
        await bench.until(lambda now: now.service.recording == (SCANNER,))
        bench.conductor.record_device(SCANNER.value, False)
        await bench.until(lambda now: now.service.recording == ())
        assert not end.running
        bench.conductor.delete_recording(end.files[0])
        await bench.until(lambda now: now.service.recordings == ())
        assert ("zhao", "record_device", "code_scanner", "begun") in bench.audited


async def test_a_recording_that_ends_by_itself_is_shown_as_ended(tmp_path: Path, end: End) -> None:
    async with Bench(tmp_path, service=end) as bench:
        await technician(bench)
        bench.conductor.record_device(SCANNER.value, True)
        await bench.until(lambda now: now.service.recording)
        end.running[SCANNER]()
        await bench.until(lambda now: not now.service.recording)


@pytest.mark.parametrize("leave", ["go_home", "sign_off"])
async def test_leaving_ends_every_recording(tmp_path: Path, end: End, leave: str) -> None:
    async with Bench(tmp_path, service=end) as bench:
        await technician(bench)
        bench.conductor.record_device(SCANNER.value, True)
        await bench.until(lambda now: now.service.recording)
        getattr(bench.conductor, leave)()
        await bench.until(lambda now: now.screen is not Screen.TECHNICIAN and not now.service.recording)
        assert not end.running


async def test_with_a_resident_nothing_is_recorded(tmp_path: Path, end: End) -> None:
    """Whatever way a command may come: the rule holds in the conductor, not on a screen."""
    async with Bench(tmp_path, service=end) as bench:
        await signed_on(bench, Role.ADMINISTRATOR)
        await bench.conductor._servicing.record(SCANNER, visit=False)
        assert SCANNER in end.running
        bench.conductor.start_visit()
        await bench.screen(Screen.IDENTIFY)
        await bench.settled()
        assert not end.running
        bench.conductor.record_device(SCANNER.value, True)
        await bench.settled()
        await bench.conductor._servicing.record(SCANNER, visit=True)
        await bench.until(lambda now: now.notice and now.notice.code == "support.not_during_a_visit")
        assert not end.running


async def test_a_full_disk_is_said(tmp_path: Path, end: End) -> None:
    end.full = True
    async with Bench(tmp_path, service=end) as bench:
        await technician(bench)
        bench.conductor.record_device(SCANNER.value, True)
        await bench.until(lambda now: now.notice and now.notice.code == "support.not_recorded")
        assert replace(bench.now.service, recordings=()).recording == ()
