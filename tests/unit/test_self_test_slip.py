"""The self-test's slip does not wait for paper when nobody waits for the self-test any more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from drivers.driver import DeviceKind, DeviceState, DeviceStatus
from drivers.receipt_printer import Element, PrintResult
from kiosk.demo import demo_settings
from kiosk.selftest.checks import RUNNING, UNKNOWN, SelfTest


class Devices:
    """A printer that is ready until a job comes, and then waits for a hand for ever."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.cancelled: list[str] = []

    def status(self, kind: DeviceKind) -> DeviceStatus:
        return DeviceStatus(kind, DeviceState.READY)

    async def print_job(self, elements: Sequence[Element], action_id: str) -> PrintResult:
        self.asked.append(action_id)
        await asyncio.Event().wait()
        raise AssertionError

    def cancel_print(self, action_id: str) -> None:
        self.cancelled.append(action_id)


async def test_a_slip_nobody_waits_for_is_given_up(tmp_path: Path) -> None:
    devices = Devices()
    test = SelfTest(
        demo_settings(tmp_path),
        devices,  # type: ignore[arg-type]
        only={DeviceKind.RECEIPT_PRINTER},
        print_seconds=0.05,
    )
    (result,) = [result async for result in test.run() if result.state != RUNNING]
    assert (result.state, result.code) == (UNKNOWN, "selftest.print_unanswered")
    assert devices.cancelled == devices.asked != []
