"""Every fault that can be switched on makes the self-test fail for the right reason, and for no other.

Faults of different pieces are switched on together, so that few demos are enough: what fails must be exactly what is
broken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from drivers.driver import DeviceKind
from drivers.simulated.pcsc_service import why_unavailable
from kiosk.demo_faults import FAULTS, demo_with, switch_on
from kiosk.selftest.limits import LIMITS
from kiosk.selftest.report import SelfTestKind, SelfTestReport, StepState
from kiosk.words import table

LIMITS_HERE = replace(
    LIMITS, answer_seconds=8.0, hand_seconds=11.0, print_seconds=12.0, settle_seconds=3.0, request_count=5
)
FAILED, NOT_POSSIBLE = StepState.FAILED, StepState.NOT_POSSIBLE
Reasons = dict[str, tuple[StepState, str]]

WITHOUT_SLIP: Reasons = dict.fromkeys(("code_scanner", "document_camera", "webcam"), (NOT_POSSIBLE, "selftest.no_slip"))
WITHOUT_CENTRE: Reasons = dict.fromkeys(("clock", "network"), (NOT_POSSIBLE, "selftest.needs_centre"))


def printer(code: str) -> Reasons:
    return {"receipt_printer": (FAILED, code), **WITHOUT_SLIP}


def one(check: str, code: str) -> Reasons:
    return {check: (FAILED, code)}


NOBODY_SEES_IT: Reasons = {
    "code_scanner": (FAILED, "selftest.nothing_scanned"),
    "document_camera": (FAILED, "selftest.slip_not_seen"),
    "webcam": (FAILED, "selftest.slip_not_seen"),
}

EXPECTED: dict[str, Reasons] = {
    "receipt_printer:unplugged": printer("receipt_printer.not_found"),
    "receipt_printer:silent": one("receipt_printer", "receipt_printer.silent"),
    "receipt_printer:no_power": {"receipt_printer": (FAILED, "receipt_printer.silent"), **NOBODY_SEES_IT},
    "receipt_printer:paper_out": printer("receipt_printer.paper_end"),
    "receipt_printer:cover_open": printer("receipt_printer.cover_open"),
    "receipt_printer:cutter": printer("receipt_printer.cutter"),
    "receipt_printer:hot": printer("receipt_printer.head_hot"),
    "receipt_printer:broken": printer("receipt_printer.unrecoverable"),
    "receipt_printer:offline": printer("receipt_printer.offline"),
    "receipt_printer:paper_out_during": printer("receipt_printer.paper_end"),
    "receipt_printer:blank": {"receipt_printer": (FAILED, "selftest.print_unreadable"), **NOBODY_SEES_IT},
    "code_scanner:unplugged": one("code_scanner", "device.not_found"),
    "code_scanner:silent": one("code_scanner", "selftest.nothing_scanned"),
    "code_scanner:half": one("code_scanner", "selftest.code_cut"),
    "code_scanner:noise": one("code_scanner", "selftest.code_garbled"),
    "code_scanner:other_code": one("code_scanner", "selftest.other_code"),
    "code_scanner:old_slip": one("code_scanner", "selftest.old_slip"),
    "code_scanner:flood": one("code_scanner", "code_scanner.too_long"),
    **{
        f"{camera}:{fault}": one(camera, code)
        for camera in ("document_camera", "webcam")
        for fault, code in (
            ("unplugged", "camera.absent"),
            ("silent", "camera.silent"),
            ("noise", "camera.silent"),
            ("damaged", "camera.silent"),
            ("tiny", "camera.bad_frame"),
            ("frozen", "camera.frozen"),
            ("black", "camera.black"),
            ("covered", "camera.covered"),
            ("out_of_focus", "selftest.blurred"),
            ("not_shown", "selftest.slip_not_seen"),
        )
    },
    "document_camera:soft": one("document_camera", "selftest.out_of_focus"),
    "document_camera:dim": one("document_camera", "selftest.dark"),
    "document_camera:tilted": one("document_camera", "selftest.tilted"),
    "document_camera:mirrored": one("document_camera", "selftest.mirrored"),
    "document_camera:half_shadow": one("document_camera", "selftest.uneven_light"),
    "document_camera:coarse": one("document_camera", "selftest.coarse"),
    "document_camera:upside_down": one("document_camera", "selftest.slip_turned"),
    "id_card_reader:unplugged": one("id_card_reader", "device.not_found"),
    "id_card_reader:silent": one("id_card_reader", "id_card_reader.silent"),
    "id_card_reader:noise": one("id_card_reader", "id_card_reader.line"),
    "id_card_reader:module_fault": one("id_card_reader", "id_card_reader.module_fault"),
    "id_card_reader:other_module": one("id_card_reader", "id_card_reader.other_sam"),
    "social_security_card:unplugged": one("social_security_card", "pcsc.service_away"),
    "centre:down": {"centre": (FAILED, "centre.unreachable"), **WITHOUT_CENTRE},
    "centre:unauthorised": {"centre": (FAILED, "centre.refused.unauthorised"), **WITHOUT_CENTRE},
    "centre:late": one("network", "selftest.network_late"),
    "centre:slow": one("network", "selftest.network_slow"),
    "centre:lossy": one("network", "selftest.network_loses"),
    "clock:wrong": one("clock", "selftest.clock_wrong"),
    "disk:full": one("disk", "selftest.disk_low"),
}
OFTEN = (
    ("receipt_printer:paper_out", "id_card_reader:silent", "centre:down"),
    ("code_scanner:half", "document_camera:soft", "webcam:black", "clock:wrong", "disk:full"),
    ("code_scanner:unplugged", "document_camera:frozen", "webcam:not_shown", "id_card_reader:noise", "centre:slow"),
)
"""In every run; the others only with the slow ones."""


def piece(fault: str) -> str:
    return fault.partition(":")[0]


def rounds() -> list[tuple[str, ...]]:
    """The rest in as few demos as may be: one fault a piece; printer's faults take the slip from the others."""
    left = [name for name in FAULTS if not any(name in often for often in OFTEN)]
    made: list[list[str]] = []
    for name in left:
        spoils = piece(name) == "receipt_printer"
        for one_round in made:
            pieces = {piece(other) for other in one_round}
            needs_slip = {"code_scanner", "document_camera", "webcam"}
            clash = (spoils and pieces & needs_slip) or ("receipt_printer" in pieces and piece(name) in needs_slip)
            clash = clash or {piece(name), *pieces} >= {"centre", "clock"}
            if piece(name) not in pieces and not clash:
                one_round.append(name)
                break
        else:
            made.append([name])
    return [tuple(one_round) for one_round in made]


def run(faults: Sequence[str], kind: SelfTestKind = SelfTestKind.FULL) -> SelfTestReport:
    wanted = [FAULTS[name] for name in faults]
    demo = demo_with(wanted)
    demo.start()
    try:
        switch_on(demo, wanted)
        test = demo.station.self_test(kind, limits=LIMITS_HERE)

        async def all_lines() -> None:
            async for _ in test.run():
                pass

        asyncio.run(all_lines())
        return test.report
    finally:
        demo.stop()


def troubles(report: SelfTestReport) -> Reasons:
    """What did not pass, but what no demo has: a certificate, and card readers where none can be simulated."""
    return {
        step.check: (step.state, step.code)
        for step in report.results
        if step.state is not StepState.PASSED and step.code not in ("selftest.no_certificate", "device.none_by_design")
    }


CARDS = "social_security_card"
SAME = {
    "device.not_found": {"device.lost", "device.unavailable"},
    "camera.silent": {"camera.lost"},
    "camera.absent": {"camera.lost"},
}
"""Which of these a piece says depends on whether the loss or the next opening is seen first."""


def check(faults: Sequence[str]) -> None:
    expected: Reasons = {}
    for name in faults:
        expected |= EXPECTED[name]
    report = run(faults)
    found = troubles(report)
    if why_unavailable() or not any(step.check == CARDS and step.required for step in report.results):
        expected.pop(CARDS, None)  # another program has this computer's simulated card service
    for check_id, (state, code) in found.items():
        if (known := SAME.get(expected.get(check_id, (state, ""))[1])) and code in known:
            found[check_id] = expected[check_id]
    assert found == expected
    assert not report.passed
    for step in report.open_steps:
        assert table()[step.code]["zh"].get("do"), f"{step.code} does not say what to do"


def test_every_fault_has_its_reason_in_the_table() -> None:
    assert set(EXPECTED) == set(FAULTS)
    assert {piece(name) for name in FAULTS} >= {kind.value for kind in DeviceKind}


def test_a_healthy_station_passes() -> None:
    report = run(())
    assert troubles(report) == {}
    assert report.passed
    assert report.measurements["document_camera.dots_per_inch"] == pytest.approx(110.8, rel=0.02)
    assert (report.ended_at - report.started_at).total_seconds() < 60


def test_the_quick_test_asks_all_and_prints_nothing() -> None:
    report = run(("webcam:black", "id_card_reader:module_fault", "disk:full"), SelfTestKind.QUICK)
    ended = troubles(report)
    assert ended.pop("code_scanner") == (NOT_POSSIBLE, "code_scanner.waiting_for_first_code")
    assert ended == EXPECTED["webcam:black"] | EXPECTED["id_card_reader:module_fault"] | EXPECTED["disk:full"]
    assert report.kind == "quick"


@pytest.mark.parametrize("faults", OFTEN, ids="+".join)
def test_what_is_broken_is_what_fails(faults: tuple[str, ...]) -> None:
    check(faults)


@pytest.mark.slow
@pytest.mark.parametrize("faults", rounds(), ids="+".join)
def test_every_other_fault_is_told_too(faults: tuple[str, ...]) -> None:
    if "social_security_card:unplugged" in faults and (why := why_unavailable()):
        pytest.skip(why)
    check(faults)
