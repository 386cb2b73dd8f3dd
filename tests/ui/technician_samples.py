"""Sample snapshots of the technician's screen and of the morning's warning; nothing in them belongs to anybody."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from drivers.driver import DeviceKind
from kiosk.conductor.snapshot import (
    CheckView,
    Notice,
    PaperView,
    Screen,
    SelfTestView,
    ServiceView,
    Snapshot,
    StaffView,
)

MAT = (
    ("width", 1920.0),
    ("height", 1440.0),
    ("rate", 14.8),
    ("dots_per_inch", 163.7),
    ("finest_line_mm", 0.21),
    ("turned_degrees", 1.3),
    ("evenness", 0.93),
)
STATION = (
    CheckView("centre", "passed", "selftest.centre"),
    CheckView("clock", "passed", "selftest.clock", MappingProxyType({"seconds": 0.4})),
    CheckView(
        "network",
        "passed",
        "selftest.network_speed",
        MappingProxyType({"milliseconds": 18, "lost": 0, "up": 21, "down": 64}),
    ),
    CheckView("certificate", "not_possible", "selftest.no_certificate"),
    CheckView("outbox", "passed", "selftest.outbox"),
    CheckView("disk", "passed", "selftest.disk", MappingProxyType({"free_mb": 48_210, "reserve_mb": 500})),
    CheckView("memory", "passed", "selftest.memory", MappingProxyType({"free_mb": 2210, "needed_mb": 300})),
    CheckView("fonts", "passed", "selftest.fonts"),
    CheckView(
        "catalogue", "passed", "selftest.catalogue", MappingProxyType({"version": "2026.11", "date": "2026-11-01"})
    ),
)
CARDS = (
    CheckView(
        "id_card_reader",
        "passed",
        "selftest.card_module",
        MappingProxyType({"number": "05.03-20260101-0000000001"}),
    ),
    CheckView("social_security_card", "skipped", "device.none_by_design"),
)
SLIP_SEEN = CheckView(
    "webcam",
    "passed",
    "selftest.slip_seen",
    MappingProxyType({"width": 1280, "height": 720, "rate": 15.2}),
    measured=(("width", 1280.0), ("height", 720.0), ("rate", 15.2)),
)
PASSED = (
    CheckView("receipt_printer", "passed", "selftest.printed_and_read"),
    CheckView("code_scanner", "passed", "selftest.scanned"),
    CheckView(
        "document_camera",
        "passed",
        "selftest.measured",
        MappingProxyType({"dots": 164, "line": 0.21, "degrees": 1.3, "percent": 93}),
        measured=MAT,
    ),
    SLIP_SEEN,
    *CARDS,
    *STATION,
)
PRINTING = (
    CheckView("receipt_printer", "running", "selftest.printing"),
    *(CheckView(kind, "running") for kind in ("code_scanner", "document_camera", "webcam", "id_card_reader")),
    CARDS[1],
    *STATION[:3],
    *(replace(check, state="running", code="") for check in STATION[3:]),
)
CARRYING = (
    CheckView("receipt_printer", "running", "selftest.slip_is_out", waits_for_hand=True),
    CheckView("code_scanner", "passed", "selftest.scanned"),
    CheckView(
        "document_camera", "running", "selftest.slip_turned", MappingProxyType({"degrees": 178}), waits_for_hand=True
    ),
    CheckView("webcam", "running", "selftest.hold_to_webcam", waits_for_hand=True),
    *CARDS,
    *STATION,
)
FAILED = (
    CheckView("receipt_printer", "passed", "selftest.printed_and_read"),
    CheckView("code_scanner", "skipped", "selftest.skipped"),
    CheckView(
        "document_camera",
        "failed",
        "selftest.coarse",
        MappingProxyType({"dots": 82, "needed": 100}),
        measured=(
            *MAT[:3],
            ("dots_per_inch", 82.1),
            ("finest_line_mm", 0.44),
            ("evenness", 0.71),
        ),
    ),
    SLIP_SEEN,
    *CARDS,
    *STATION[:5],
    CheckView("disk", "failed", "selftest.disk_low", MappingProxyType({"free_mb": 120, "reserve_mb": 500})),
    *STATION[6:],
)
NO_SLIP = (
    CheckView("receipt_printer", "failed", "receipt_printer.paper_end"),
    *(CheckView(kind, "not_possible", "selftest.no_slip") for kind in ("code_scanner", "document_camera", "webcam")),
    *CARDS,
    *(replace(check, state="running", code="") for check in STATION[:3]),
    *STATION[3:],
)
CANCELLED = tuple(
    replace(check, state="failed", code="selftest.cancelled", waits_for_hand=False)
    if check.state == "running"
    else check
    for check in CARRYING
)
REPORTS = (
    ("quick", "2026-11-20 08:31", True),
    ("full", "2026-11-19 16:05", False),
    ("full", "2026-11-19 15:58", False),
    ("quick", "2026-11-19 08:31", True),
    ("quick", "2026-11-18 08:30", True),
)
MORNING = (
    CheckView("receipt_printer", "failed", "receipt_printer.paper_end"),
    CheckView("document_camera", "failed", "camera.black"),
    CheckView("disk", "failed", "selftest.disk_low", MappingProxyType({"free_mb": 120, "reserve_mb": 500})),
)
SERVICE = ServiceView(
    allowed=True,
    recording=(DeviceKind.CODE_SCANNER,),
    recordings=(
        ("code_scanner-20261120-101502.jsonl", "code_scanner", 4),
        ("id_card_reader-20261119-160233.jsonl", "id_card_reader", 312),
        ("receipt_printer-20261118-093000.jsonl", "receipt_printer", 1840),
    ),
)


def samples(base: Snapshot, sign_on: Snapshot) -> dict[str, Snapshot]:
    technician = replace(
        base,
        screen=Screen.TECHNICIAN,
        staff=StaffView("sunjishu", "孙演示", "technician"),
        paper=PaperView("paper.left", False, 41, 205),
        service=replace(SERVICE, recording=()),
    )

    def test(**about: object) -> Snapshot:
        return replace(technician, self_test=SelfTestView(**{"kind": "full", "reports": REPORTS, **about}))  # type: ignore[arg-type]

    ended = {"ended_at": "2026-11-20 10:22", "seconds": 41.6}
    return {
        "technician_new": technician,
        "technician_before": test(kind=""),
        "technician_morning": replace(test(kind=""), morning=MORNING),
        "technician_printing": test(running=True, checks=PRINTING),
        "technician_carrying": test(running=True, checks=CARRYING),
        "technician_no_slip": test(running=True, checks=NO_SLIP),
        "technician_quick": test(running=True, kind="quick", checks=PRINTING[5:]),
        "technician_passed": test(checks=PASSED, passed=True, **ended),
        "technician_failed": test(checks=FAILED, passed=False, **ended),
        "technician_cancelled": test(checks=CANCELLED, passed=False, cancelled=True, **ended),
        "technician_broken": test(checks=PRINTING),
        "technician_exporting": replace(
            test(checks=PASSED, passed=True, exporting=True, **ended),
            notice=Notice("info", "selftest.report_printing", {}, 4),
        ),
        "technician_service": replace(test(kind=""), service=SERVICE),
        "technician_bundling": replace(test(kind=""), service=replace(SERVICE, bundling=True)),
        "home_morning": replace(base, morning=MORNING),
        "sign_on_morning": replace(sign_on, morning=MORNING),
    }
