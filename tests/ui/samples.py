"""Sample snapshots of every screen; the people in them are invented."""

from __future__ import annotations

from dataclasses import replace

from drivers.driver import DeviceKind, DeviceState
from kiosk.conductor.snapshot import (
    CoverState,
    CoverView,
    DeviceView,
    DraftView,
    LinkState,
    Notice,
    OutboxView,
    PaperView,
    ReceiptView,
    ReprintView,
    Screen,
    Snapshot,
    StaffView,
    TodoView,
)
from tests.ui.set_up_samples import samples as set_up_samples
from tests.ui.technician_samples import samples as technician_samples
from tests.ui.visit_samples import SAMPLES as VISIT

STAFF = StaffView("wangli", "王样本", "assistant")
ACCOUNTS = (
    STAFF,
    StaffView("zhaoshi", "赵示范", "duty_officer"),
    StaffView("sunjishu", "孙演示", "technician"),
    StaffView("guanli", "钱例子", "administrator"),
)
FINE = tuple(DeviceView(kind, DeviceState.READY, identity=f"SN-{number:04}") for number, kind in enumerate(DeviceKind))
TROUBLED = (
    DeviceView(DeviceKind.DOCUMENT_CAMERA, DeviceState.READY, identity="046d:0825 SN-0001"),
    DeviceView(DeviceKind.ID_CARD_READER, DeviceState.READY, identity="SAM 05.03-20260101-0000000001"),
    DeviceView(DeviceKind.SOCIAL_SECURITY_CARD, DeviceState.ABSENT),
    DeviceView(DeviceKind.CODE_SCANNER, DeviceState.UNKNOWN),
    DeviceView(DeviceKind.RECEIPT_PRINTER, DeviceState.ATTENTION),
    DeviceView(DeviceKind.WEBCAM, DeviceState.ABSENT, "device.not_configured"),
)

BASE = Snapshot(
    Screen.HOME,
    station_name="六灶湾村家门口服务站",
    centre_name="惠南镇社区事务受理服务中心",
    staff=STAFF,
    devices=FINE,
    link=LinkState.ONLINE,
    catalogue_version="2026.11",
    catalogue_date="2026-11-01",
)

STARTING = replace(BASE, screen=Screen.STARTING, staff=None, devices=(), link=LinkState.UNKNOWN)
SETUP = replace(BASE, screen=Screen.SETUP, staff=None)
SIGN_ON = replace(BASE, screen=Screen.SIGN_ON, staff=None, accounts=ACCOUNTS, demo_pin="246810")
SIGN_ON_REFUSED = replace(SIGN_ON, demo_pin="", sign_on_code="staff.wrong_pin", sign_on_detail={"attempts_left": 3})
HOME = BASE
HOME_BUSY = replace(
    BASE,
    devices=TROUBLED,
    link=LinkState.OFFLINE,
    outbox=OutboxView(waiting=3),
    drafts=(
        DraftView("case-1", "张*例", "就医记录册申领", "2026-11-20 09:12"),
        DraftView("case-2", "李*张", "", "2026-11-20 10:40"),
    ),
    todo=(TodoView("case-9", "HN20261120-0007", "周*例", "敬老卡申领", "2026-11-19 15:02", ("照片看不清",)),),
    notice=Notice("warning", "front.link.offline", {"centre": "惠南镇社区事务受理服务中心"}, 1),
)
HOME_FULL = replace(BASE, outbox=OutboxView(waiting=120, full=True))
TODO = replace(
    BASE,
    screen=Screen.TODO,
    todo=(
        TodoView(
            "case-9",
            "HN20261120-0007",
            "周*例",
            "敬老卡申领",
            "2026-11-19 15:02",
            ("身份证反面拍得不清楚，请重新拍一次。", "缺一张近期照片。"),
        ),
        TodoView("case-8", "HN20261118-0003", "吴*", "跨省异地就医备案", "2026-11-18 10:31", ("少了异地居住证明。",)),
    ),
)
TODO_EMPTY = replace(BASE, screen=Screen.TODO)
REPRINT = replace(
    BASE,
    screen=Screen.REPRINT,
    reprint=ReprintView(
        receipts=(
            ReceiptView("case-7", "", "城乡居民养老保险参保登记", "2026-11-20 14:31", "kept_here"),
            ReceiptView("case-6", "HN20261120-0012-6", "就医记录册申领、更换、补发", "2026-11-20 11:02", "accepted"),
            ReceiptView("case-5", "HN20261120-0009-3", "敬老卡申领", "2026-11-20 09:47", "delivered"),
            ReceiptView("case-4", "HN20261119-0021-8", "居住证办理", "2026-11-19 16:20", "correction_requested"),
            ReceiptView("case-3", "HN20261119-0020-0", "跨省异地就医备案", "2026-11-19 15:55", "correction_kept_here"),
            ReceiptView("case-2", "HN20261118-0003-1", "婚姻登记档案查阅", "2026-11-18 10:31", "returned"),
        ),
        hidden=14,
    ),
)
REPRINTING = replace(
    REPRINT,
    reprint=replace(REPRINT.reprint, being_printed="case-6"),
    notice=Notice("info", "reprint.printing", {}, 3),
)
REPRINT_EMPTY = replace(BASE, screen=Screen.REPRINT)
PAPER_LOW = replace(
    BASE,
    devices=tuple(
        DeviceView(view.kind, DeviceState.ATTENTION, "paper.low", {"metres": 3, "receipts": 15})
        if view.kind is DeviceKind.RECEIPT_PRINTER
        else view
        for view in FINE
    ),
    paper=PaperView("paper.low", True, 3, 15),
    notice=Notice("warning", "paper.low", {"metres": 3, "receipts": 15}, 2),
)
TECHNICIAN = replace(BASE, screen=Screen.TECHNICIAN, devices=TROUBLED, paper=PaperView("paper.left", False, 41, 205))
TECHNICIAN_PAPER = replace(PAPER_LOW, screen=Screen.TECHNICIAN, notice=None)
HELP = replace(BASE, help_open=True)
IDLE = replace(BASE, cover=CoverView(CoverState.WARNING, 17))
COVERED = replace(BASE, cover=CoverView(CoverState.COVERED, 0))
COVERED_REFUSED = replace(COVERED, sign_on_code="staff.wrong_pin", sign_on_detail={"attempts_left": 2})

HOUSE = {
    "starting": STARTING,
    "setup": SETUP,
    "sign_on": SIGN_ON,
    "sign_on_refused": SIGN_ON_REFUSED,
    "home": HOME,
    "home_busy": HOME_BUSY,
    "home_full": HOME_FULL,
    "todo": TODO,
    "todo_empty": TODO_EMPTY,
    "reprint": REPRINT,
    "reprint_printing": REPRINTING,
    "reprint_empty": REPRINT_EMPTY,
    "home_paper_low": PAPER_LOW,
    "technician": TECHNICIAN,
    "technician_paper": TECHNICIAN_PAPER,
    **technician_samples(BASE, SIGN_ON),
    **set_up_samples(BASE),
    "help": HELP,
    "idle": IDLE,
    "covered": COVERED_REFUSED,
}


def all_samples() -> dict[str, Snapshot]:
    return {**HOUSE, **VISIT}
