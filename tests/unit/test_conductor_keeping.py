"""What survives and what does not: restarts, cancels, the wipe, a full disk, time without a touch."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from uuid import UUID

import pytest

from drivers.code_scanner import CodeScanned
from drivers.driver import DeviceKind, DeviceState, DeviceStatus, StatusChanged
from drivers.id_card_reader import IdCardAway
from kiosk.centre.contract import CaseState
from kiosk.conductor.snapshot import CaseState as CaseShown
from kiosk.conductor.snapshot import CoverState, Outcome, PrintState, Screen
from kiosk.devices.station_devices import NONE_BY_DESIGN, NOT_CONFIGURED
from kiosk.outbox.errors import OutboxError
from kiosk.staff.book import Role
from tests.unit.conductor_bench import PIN, ZHANG, Bench, Devices, id_card, paper


async def test_the_first_start_makes_an_administrator(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.staff.add("x", "占位", Role.ADMINISTRATOR, PIN)
    (tmp_path / "staff.json").unlink()
    bench.staff.add = lambda *args: None  # type: ignore[method-assign,assignment]
    async with bench:
        del bench.staff.add  # type: ignore[method-assign]
        await bench.screen(Screen.SETUP)
        bench.conductor.make_administrator("admin", "李管理", "123456")
        await bench.until(lambda now: now.sign_on_code == "staff.pin_trivial")
        bench.conductor.make_administrator("admin", "李管理", PIN)
        await bench.screen(Screen.HOME)
        assert bench.now.staff is not None
        assert bench.now.staff.role == "administrator"
        bench.conductor.make_administrator("second", "第二人", PIN)
        await bench.settled()
        assert [account.account for account in bench.staff.accounts()] == ["admin"]


async def test_an_account_made_on_the_command_line_shows_up_by_itself(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.screen(Screen.SIGN_ON)
        await bench.settled()
        bench.staff.add("zhao", "赵样本", Role.ASSISTANT, PIN)
        bench.clock.go(6)
        await bench.until(lambda now: [one.account for one in now.accounts] == ["wang", "zhao"])


async def test_a_wrong_pin_says_how_many_tries_are_left(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.screen(Screen.SIGN_ON)
        bench.conductor.sign_on("wang", "000000")
        await bench.until(lambda now: now.sign_on_code == "staff.wrong_pin")
        assert bench.now.sign_on_detail["attempts_left"] == 4
        assert bench.now.staff is None
        bench.conductor.start_visit()
        await bench.settled()
        assert bench.now.screen is Screen.SIGN_ON


async def test_a_technician_opens_no_case(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.staff.add("tech", "赵技术", Role.TECHNICIAN, PIN)
    async with bench:
        await bench.screen(Screen.SIGN_ON)
        bench.conductor.sign_on("tech", PIN)
        await bench.screen(Screen.HOME)
        bench.conductor.start_visit()
        await bench.until(lambda now: now.notice and now.notice.code == "visit.not_allowed")
        bench.conductor.open_technician()
        await bench.screen(Screen.TECHNICIAN)


async def test_a_restart_in_the_middle_goes_on_where_it_was(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    async with bench:
        await bench.to_capture()
        await bench.shoot()
        case_id, page = bench.visit.case_id, bench.visit.materials[0].pages[0]
    again = Bench(tmp_path, centre=bench.centre, clock=bench.clock)
    async with again:
        await again.sign_on()
        (draft,) = again.now.drafts
        assert (draft.case_id, draft.masked_name, draft.item_name) == (case_id, "张*", "就医记录册")
        again.conductor.resume_draft(case_id)
        await again.screen(Screen.CAPTURE)
        await again.until(lambda now: again.conductor.picture(page.thumbnail))
        assert again.visit.materials[0].pages[0].page_id == page.page_id
        await again.fill()
        await again.sign()
        await again.arrive()
        assert len(bench.centre.records[UUID(case_id)]) == 1


async def test_a_killed_program_loses_nothing_that_was_shown_as_taken(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.__aenter__()
    await bench.to_capture()
    await bench.shoot()
    page = bench.visit.materials[0].pages[0].page_id
    # As after kill -9: no last save, nothing of the conductor runs on.
    await asyncio.to_thread(bench.delivery.stop)
    bench.conductor._capture.stop()
    bench.conductor._identification.stop()
    bench.conductor._core._worker.cancel()  # type: ignore[union-attr]
    bench.outbox.close()
    again = Bench(tmp_path, centre=bench.centre, clock=bench.clock)
    async with again:
        await again.sign_on()
        again.conductor.resume_draft(again.now.drafts[0].case_id)
        await again.screen(Screen.CAPTURE)
        assert again.visit.materials[0].pages[0].page_id == page
    await bench.conductor.stop()


async def test_a_restart_after_the_hand_over_still_gives_the_slip(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    async with bench:
        case_id = await bench.to_waiting()
    again = Bench(tmp_path, centre=bench.centre, clock=bench.clock)
    async with again:
        await again.sign_on()
        again.conductor.resume_draft(str(case_id))
        await again.screen(Screen.WAITING)
        assert again.visit.delivery.case_state is CaseShown.DELIVERED
        assert again.visit.applicant is None
        again.centre.decide(case_id, CaseState.ACCEPTED)
        await again.until(lambda now: now.visit and now.visit.delivery.outcome is Outcome.ACCEPTED)
        again.conductor.leave_waiting()
        await again.until(lambda now: now.visit and now.visit.print_state is PrintState.PRINTED)
        await again.finish()
        again.conductor.go_home()
        await again.screen(Screen.HOME)
        assert again.now.drafts == ()


async def test_a_slip_that_may_be_on_paper_is_not_printed_again_by_itself(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    async with bench:
        case_id = await bench.to_waiting()
        bench.devices.paper = False
        bench.conductor.leave_waiting()
        await bench.until(lambda now: now.visit and now.visit.print_state is PrintState.WAITING_FOR_HAND)
    again = Bench(tmp_path, centre=bench.centre, clock=bench.clock)
    async with again:
        await again.sign_on()
        again.conductor.resume_draft(str(case_id))
        await again.until(lambda now: now.visit and now.visit.print_state is PrintState.UNCONFIRMED)
        assert again.visit.print_code == "visit.slip_maybe_printed"
        assert again.devices.printed == []


async def test_cancel_destroys_the_draft_and_its_pages(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_capture()
        await bench.shoot()
        page, case_id = bench.visit.materials[0].pages[0], UUID(bench.visit.case_id)
        bench.conductor.cancel_visit()
        await bench.screen(Screen.HOME)
        assert bench.now.drafts == ()
        assert bench.conductor.picture(page.thumbnail) is None
        with pytest.raises(OutboxError):
            bench.outbox.page(case_id, UUID(page.page_id))
        await asyncio.to_thread(lambda: [bench.delivery.poke()])
        for _ in range(200):
            if bench.centre.deleted:
                break
            await asyncio.sleep(0.02)
        assert bench.centre.deleted == [case_id]


async def test_the_farewell_forgets_everybody_and_points_at_what_was_left(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_waiting()
        bench.conductor.leave_waiting()
        await bench.until(lambda now: now.visit and now.visit.print_state is PrintState.PRINTED)
        bench.devices.document_camera.lay(paper("a4_form"))
        await bench.finish()
        assert bench.now.visit is None
        assert len(bench.conductor._pictures) == 0
        assert "张示例" not in repr(bench.now)
        await bench.until(lambda now: now.notice and now.notice.code == "visit.card_and_paper_left")
        bench.conductor.on_device_event(IdCardAway())
        await bench.until(lambda now: now.notice and now.notice.code == "visit.paper_left")
        bench.devices.document_camera.lay(paper("empty_mat"))
        await bench.until(lambda now: now.notice is None)
        bench.conductor.finish_visit()
        await bench.screen(Screen.HOME)


async def test_a_full_disk_refuses_a_new_visit_with_a_word(tmp_path: Path) -> None:
    async with Bench(tmp_path, reserve_mb=10**9) as bench:
        await bench.sign_on()
        await bench.until(lambda now: now.outbox.full)
        bench.conductor.start_visit()
        await bench.until(lambda now: now.notice and now.notice.code == "outbox.disk_full")
        assert bench.now.screen is Screen.HOME


async def test_a_disk_that_fills_during_the_visit_takes_nothing_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_capture()

        def full(*_: object, **__: object) -> None:
            raise OutboxError("outbox.disk_full")

        with monkeypatch.context() as broken:
            broken.setattr(bench.outbox, "add_page", full)
            bench.conductor.set_automatic(False)
            bench.devices.document_camera.lay(paper("a4_form"))
            bench.conductor.take_picture()
            await bench.until(lambda now: now.visit and now.visit.capture.reviewing)
            bench.conductor.accept_picture("测试")
            await bench.until(lambda now: now.notice and now.notice.code == "outbox.disk_full")
            assert bench.visit.materials[0].pages == ()
            assert bench.visit.capture.reviewing is not None
        await bench.until(lambda now: now.visit and not now.visit.capture.busy)
        bench.conductor.accept_picture("测试")
        await bench.until(lambda now: now.visit and now.visit.materials[0].pages)


async def test_a_hand_over_the_disk_refuses_can_be_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_capture()
        await bench.shoot()
        await bench.fill()

        def failed(*_: object) -> None:
            raise OutboxError("outbox.disk_failed")

        with monkeypatch.context() as broken:
            broken.setattr(bench.outbox, "commit", failed)
            await bench.sign()
            await bench.until(lambda now: now.notice and now.notice.code == "outbox.disk_failed")
            assert bench.now.screen is Screen.SUBMIT
            assert bench.visit.can_back
        bench.conductor.next()
        await bench.arrive()


async def test_a_command_that_fails_shows_a_word_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_capture()

        secret = "".join(("张", "示例"))

        async def broken(*_: object) -> None:
            raise ValueError(secret)

        monkeypatch.setattr(bench.conductor._capture, "take_picture", broken)
        bench.conductor.take_picture()
        await bench.until(lambda now: now.notice and now.notice.code == "visit.internal_error")
        assert secret not in caplog.text
        assert "ValueError" in caplog.text
        bench.conductor.back()
        await bench.screen(Screen.GUIDE)


async def test_nobody_stands_in_the_log_or_in_clear_on_the_disk(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    canaries = ["张示例", ZHANG, "示例市样本路", "13800000000"]
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        bench.conductor.start_visit()
        await bench.screen(Screen.IDENTIFY)
        bench.conductor.identify_by_hand("张示例", ZHANG + "0", "没带")
        bench.conductor.on_device_event(CodeScanned(("https://s.sh.gov.cn/" + "c" * 32 + "1760000000000").encode()))
        await bench.until(lambda now: now.notice and now.notice.code == "visit.code_unknown")
        bench.conductor.cancel_visit()
        await bench.screen(Screen.HOME)
        await bench.identify()
        await bench.choose()
        await bench.consent()
        await bench.shoot()
        await bench.fill()
        await bench.sign()
        await bench.arrive()
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        on_disk = b"".join(path.read_bytes() for path in files)
        bench.conductor.leave_waiting()
        await bench.until(lambda now: now.visit and now.visit.print_state is PrintState.PRINTED)
        await bench.finish()
    assert len(files) > 3
    for canary in canaries:
        assert canary not in caplog.text
        assert canary.encode() not in on_disk
        assert canary.encode("utf-16-le") not in on_disk
    assert "c" * 32 not in caplog.text


# -- time ----------------------------------------------------------------------------------------------------------


async def test_a_card_or_a_code_is_as_good_as_a_touch(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        bench.conductor.start_visit()
        await bench.screen(Screen.IDENTIFY)
        for event in (id_card(), CodeScanned(b"https://example.invalid/")):
            bench.clock.go(61)
            await bench.until(lambda now: now.cover.state is CoverState.WARNING)
            bench.conductor.on_device_event(event)
            await bench.until(lambda now: now.cover.state is CoverState.OPEN)


async def test_warning_cover_unlock_and_sign_off(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_capture()
        await bench.shoot()
        shown = [page.page_id for page in bench.visit.materials[0].pages]
        bench.clock.go(61)
        await bench.until(lambda now: now.cover.state is CoverState.WARNING)
        assert 0 < bench.now.cover.seconds_left <= 20
        bench.conductor.touched()
        await bench.until(lambda now: now.cover.state is CoverState.OPEN)
        bench.clock.go(81)
        await bench.until(lambda now: now.cover.state is CoverState.COVERED)
        bench.conductor.cancel_visit()
        bench.conductor.on_device_event(id_card())
        bench.conductor.unlock("000000")
        await bench.until(lambda now: now.sign_on_code == "staff.wrong_pin")
        assert bench.now.cover.state is CoverState.COVERED
        bench.conductor.unlock(PIN)
        await bench.until(lambda now: now.cover.state is CoverState.OPEN)
        assert [page.page_id for page in bench.visit.materials[0].pages] == shown != []
        assert bench.now.sign_on_code == ""
        bench.clock.go(601)
        await bench.screen(Screen.SIGN_ON)
        assert bench.now.visit is None
        assert bench.now.drafts == ()
        bench.conductor.sign_on("wang", PIN)
        await bench.until(lambda now: len(now.drafts) == 1)


async def test_large_print_waits_longer(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        bench.conductor.set_large_print(True)
        await bench.settled()
        bench.clock.go(119)
        await bench.settled()
        bench.conductor.help(True)
        await bench.until(lambda now: now.help_open)
        assert bench.now.cover.state is CoverState.OPEN


async def test_somebody_who_signs_is_not_interrupted(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.to_capture()
        await bench.shoot()
        await bench.fill()
        bench.conductor.next()
        await bench.screen(Screen.SIGNATURE)
        ticks = bench.conductor._session.tick
        await bench.settled()
        bench.clock.go(100)
        assert not ticks(busy=bench.conductor._busy())
        assert bench.conductor._session.cover.state is CoverState.OPEN


@pytest.mark.parametrize("code", [NOT_CONFIGURED, NONE_BY_DESIGN])
async def test_a_piece_that_is_not_there_to_work_is_no_trouble(tmp_path: Path, code: str) -> None:
    devices = Devices()
    camera = DeviceStatus(DeviceKind.DOCUMENT_CAMERA, DeviceState.ABSENT, code)
    async with Bench(tmp_path, devices=devices) as bench:
        await bench.sign_on()
        devices.states[DeviceKind.DOCUMENT_CAMERA] = camera
        bench.conductor.on_device_event(StatusChanged(camera))
        await bench.until(lambda now: code in [device.code for device in now.devices])
        await bench.identify()
        await bench.choose()
        await bench.consent()
        await bench.screen(Screen.CAPTURE)
        await bench.settled()
        assert bench.now.notice is None


async def test_trouble_is_said_where_the_device_is_needed(tmp_path: Path) -> None:
    devices = Devices()
    camera = DeviceStatus(DeviceKind.DOCUMENT_CAMERA, DeviceState.ABSENT, "camera.lost")
    async with Bench(tmp_path, devices=devices) as bench:
        await bench.sign_on()
        devices.states[DeviceKind.DOCUMENT_CAMERA] = camera
        bench.conductor.on_device_event(StatusChanged(camera))
        await bench.until(lambda now: DeviceState.ABSENT in [device.state for device in now.devices])
        assert bench.now.notice is None
        await bench.identify()
        await bench.choose()
        await bench.consent()
        await bench.until(lambda now: now.notice and now.notice.code == "camera.lost")
        assert bench.now.notice.detail["device"] == "document_camera"
        del devices.states[DeviceKind.DOCUMENT_CAMERA]
        ready = DeviceStatus(DeviceKind.DOCUMENT_CAMERA, DeviceState.READY)
        bench.conductor.on_device_event(StatusChanged(ready))
        await bench.until(lambda now: now.notice is None)
