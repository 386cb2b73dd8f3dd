"""Snapshots of every screen of a visit, with invented people, for the gallery and the tests of the screens."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import cv2
import numpy as np

from drivers.driver import DeviceKind, DeviceState
from kiosk.conductor.snapshot import (
    CaptureView,
    CaseState,
    DeliveryView,
    DeviceView,
    FieldView,
    ItemView,
    LinkState,
    MaterialView,
    Notice,
    Outcome,
    PageState,
    PageView,
    PersonView,
    PrintState,
    Screen,
    Snapshot,
    StaffView,
    TicketView,
    VisitView,
)

ZHANG = PersonView(
    name="张示例",
    id_number_masked="000000********0017",
    sex="male",
    birth="1950-01-01",
    address="上海市示例区样张路1号",
    source="id_card",
)
LI = PersonView(
    name="李样张", id_number_masked="000000********0009", sex="female", birth="1948-06-02", source="by_hand"
)

ITEMS = (
    ItemView(
        "card", "敬老卡申领", "市民政局", "办理", True, True, "当场受理；市级审批30个工作日后领卡", "", "2020-05-01"
    ),
    ItemView(
        "booklet",
        "办理就医记录册的申领、更换、补发",
        "市医保局",
        "办理",
        True,
        True,
        "当场办结",
        "可代办",
        "2020-05-01",
    ),
    ItemView("elsewhere", "跨省异地就医备案", "市医保局", "办理", True, True, "", "", "2020-05-01"),
    ItemView("permit", "居住证新办", "市公安局", "办理", True, True, "", "", "2020-05-01"),
    ItemView("flexible", "申请“就业困难人员”灵活就业社会保险费补贴", "市人社局", "办理", True, False),
    ItemView("older", "大龄失业人员岗位补贴", "市人社局", "办理", True, False),
    ItemView("social", "社保卡补换", "市人社局", "办理"),
    ItemView("pension", "养老金卡挂失", "市人社局", "办理"),
    ItemView("marriage", "婚姻档案查询", "市档案局", "档案", False, True),
    ItemView("archive", "知青档案查询", "市档案局", "档案", False, True),
    ItemView("house", "产权人信息查询", "市规划资源局", "查询"),
    ItemView("school", "义务教育入学验证", "市教委", "办理"),
)


def search(text: str) -> list[ItemView]:
    """What the catalogue's search looks like from outside: best first, everything for ""."""
    initials = {"jlk": "card", "sbk": "social"}
    wanted = initials.get(text.lower())
    return [item for item in ITEMS if not text or text in item.name or item.item_id == wanted]


def page(number: int, state: PageState = PageState.TAKEN, reason: str = "", *verdicts: str) -> PageView:
    return PageView(f"page-{number}", f"page-{number}", state, verdicts, reason)


MATERIALS = (
    MaterialView("id", "申请人身份证", True, two_sided=True, pages=(page(1),), done=True),
    MaterialView("photo", "近期正面免冠照片", True),
    MaterialView("form", "申请表", True, pages=(page(2, PageState.AT_CENTRE), page(3, PageState.SENDING)), done=True),
    MaterialView("free-1", "情况说明", False, free=True, done=True),
)

FIELDS = (
    FieldView("telephone", "联系电话", "Contact telephone", "telephone", "13800000000", True),
    FieldView("address", "居住地址", "Address", "text", "上海市示例区样张路1号", True, prefilled=True),
    FieldView("birth", "出生日期", "Date of birth", "date", "1950-01-01", True, prefilled=True),
    FieldView(
        "pickup",
        "怎样领取",
        "How to collect",
        "choice",
        "centre",
        True,
        choices=(("centre", "到受理中心领取", "Collect at the centre"), ("post", "快递（到付）", "By courier")),
    ),
    FieldView("guardian", "监护人身份证号", "Guardian's ID number", "id_number", "", False),
    FieldView("years", "缴费年数", "Years paid", "number", "", False),
)

DEVICES = tuple(DeviceView(kind, DeviceState.READY) for kind in DeviceKind)

VISIT = VisitView(
    case_id="11111111-1111-4111-8111-111111111111",
    can_back=True,
    can_next=True,
    applicant=ZHANG,
    item=ITEMS[0],
    consent=True,
    materials=MATERIALS,
    fields=FIELDS,
)

OUTLINE = ((0.24, 0.12), (0.75, 0.14), (0.77, 0.9), (0.22, 0.88))


def at(screen: Screen, visit: VisitView | None = None, **changes: object) -> Snapshot:
    """A station in good order on ``screen``."""
    base = Snapshot(
        screen,
        station_name="示例镇样张村家门口服务站",
        centre_name="示例镇社区事务受理服务中心",
        staff=StaffView("chen", "陈样例", "assistant"),
        devices=DEVICES,
        link=LinkState.ONLINE,
        visit=visit,
        catalogue_version="2026.11",
        catalogue_date="2026-11-01",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def capturing(**changes: object) -> VisitView:
    capture = replace(CaptureView(material_id="form", outline=OUTLINE, still=0.6), **changes)  # type: ignore[arg-type]
    return replace(VISIT, capture=capture, can_next=False, next_code="visit.material_missing")


def _without(kind: DeviceKind, state: DeviceState, code: str) -> tuple[DeviceView, ...]:
    detail = MappingProxyType({"port": "/dev/ttyUSB0"})
    return tuple(DeviceView(kind, state, code, detail) if view.kind is kind else view for view in DEVICES)


def _delivered(state: CaseState, outcome: Outcome = Outcome.NONE, reason: str = "") -> DeliveryView:
    return DeliveryView(3_400_000, 3_400_000, state, "SL20261120000017", outcome, reason)


_FRESH = replace(VISIT, applicant=None, item=None, consent=False, can_back=False, can_next=False)
_ACTING = replace(VISIT, acting_for_other=True, proxy=replace(LI, photo="photo/li"))
_DONE = replace(VISIT, can_back=False, delivery=_delivered(CaseState.DELIVERED), ticket=TicketView("A017", 3))

SAMPLES: dict[str, Snapshot] = {
    "identify": at(Screen.IDENTIFY, replace(_FRESH, next_code="visit.identity_missing")),
    "identify_no_reader": at(
        Screen.IDENTIFY,
        replace(_FRESH, next_code="visit.identity_missing"),
        devices=_without(DeviceKind.ID_CARD_READER, DeviceState.ABSENT, "device.not_found"),
    ),
    "identify_found": at(
        Screen.IDENTIFY,
        replace(
            _FRESH,
            applicant=replace(
                ZHANG,
                warning_codes=("identity.card_expired",),
                photo_code="id_card_reader.photo_needs_vendor_library",
            ),
            can_next=True,
        ),
    ),
    "identify_photo": at(
        Screen.IDENTIFY, replace(_FRESH, applicant=replace(ZHANG, photo="photo/zhang"), can_next=True)
    ),
    "choose_item": at(Screen.CHOOSE_ITEM, replace(_FRESH, applicant=ZHANG, can_back=True)),
    "guide": at(Screen.GUIDE, replace(VISIT, consent=False, can_next=False, next_code="visit.consent_missing")),
    "guide_unknown": at(
        Screen.GUIDE, replace(VISIT, item=ITEMS[6], materials=(), acting_for_other=True, proxy=LI, applicant=None)
    ),
    "applicant": at(
        Screen.APPLICANT, replace(_ACTING, applicant=None, can_next=False, next_code="visit.applicant_missing")
    ),
    "applicant_found": at(Screen.APPLICANT, _ACTING),
    "capture": at(Screen.CAPTURE, capturing()),
    "capture_advice": at(Screen.CAPTURE, capturing(still=0.0, advice_codes=("capture.cut_off",))),
    "capture_second_side": at(Screen.CAPTURE, capturing(material_id="id", second_side=True, outline=(), still=0.0)),
    "capture_no_camera": at(
        Screen.CAPTURE,
        capturing(outline=(), still=0.0),
        devices=_without(DeviceKind.DOCUMENT_CAMERA, DeviceState.ABSENT, "device.not_found"),
    ),
    "capture_review": at(Screen.CAPTURE, capturing(still=0.0, outline=(), reviewing=page(9), review_corners=OUTLINE)),
    "capture_review_bad": at(
        Screen.CAPTURE,
        capturing(
            still=0.0,
            outline=(),
            reviewing=page(9, PageState.TAKEN, "", "capture.blur", "capture.glare"),
            review_corners=OUTLINE,
        ),
    ),
    "capture_marked": at(
        Screen.CAPTURE,
        replace(
            capturing(material_id="form", outline=()),
            correction=True,
            materials=(
                MATERIALS[0],
                MaterialView("form", "申请表", True, pages=(page(2, PageState.MARKED, "右下角的签名看不清"), page(3))),
            ),
        ),
    ),
    "fields": at(
        Screen.FIELDS,
        replace(
            VISIT,
            fields=(replace(FIELDS[0], value="138", error_code="visit.field_telephone"), *FIELDS[1:]),
            can_next=False,
            next_code="visit.field_wrong",
        ),
    ),
    "review": at(Screen.REVIEW, VISIT),
    "review_proxy": at(Screen.REVIEW, _ACTING),
    "signature": at(Screen.SIGNATURE, replace(VISIT, can_next=False, next_code="visit.signature_missing")),
    "signature_signed": at(Screen.SIGNATURE, replace(_ACTING, signature="signature")),
    "submit": at(
        Screen.SUBMIT,
        replace(VISIT, can_back=False, can_next=True, delivery=DeliveryView(1_200_000, 3_400_000)),
    ),
    "submit_offline": at(
        Screen.SUBMIT,
        replace(VISIT, can_back=False, can_next=True, delivery=DeliveryView(1_200_000, 3_400_000)),
        link=LinkState.OFFLINE,
    ),
    "submit_arrived": at(Screen.SUBMIT, _DONE),
    "waiting": at(Screen.WAITING, _DONE),
    "waiting_accepted": at(Screen.WAITING, replace(_DONE, delivery=_delivered(CaseState.ACCEPTED, Outcome.ACCEPTED))),
    "waiting_returned": at(
        Screen.WAITING,
        replace(
            _DONE,
            delivery=_delivered(CaseState.RETURNED, Outcome.RETURNED, "这项业务要在户籍所在街道办理，请带身份证前往。"),
        ),
    ),
    "waiting_correction": at(
        Screen.WAITING,
        replace(
            _DONE,
            delivery=_delivered(
                CaseState.CORRECTION_REQUESTED, Outcome.CORRECTION_REQUESTED, "申请表第一页看不清，请重拍。"
            ),
            materials=(MaterialView("form", "申请表", True, pages=(page(2, PageState.MARKED, "右下角的签名看不清"),)),),
        ),
    ),
    "receipt": at(Screen.RECEIPT, replace(_DONE, print_state=PrintState.PRINTED)),
    "receipt_kept": at(
        Screen.RECEIPT,
        replace(VISIT, can_back=False, print_state=PrintState.WAITING_FOR_HAND, print_code="receipt_printer.paper_end"),
    ),
    "receipt_interrupted": at(
        Screen.RECEIPT, replace(_DONE, print_state=PrintState.INTERRUPTED, print_code="visit.slip_interrupted")
    ),
    "receipt_printing": at(
        Screen.RECEIPT,
        replace(
            _DONE,
            delivery=_delivered(CaseState.ACCEPTED, Outcome.ACCEPTED),
            print_state=PrintState.PRINTING,
        ),
    ),
    "rating": at(Screen.RATING, replace(_DONE, can_back=True)),
    "farewell": at(Screen.FAREWELL, None),
    "farewell_forgotten": at(Screen.FAREWELL, None, notice=Notice("warning", "visit.card_left", number=1)),
}


def picture(path: str) -> bytes:
    """A drawn sheet of paper on a dark table as JPEG; a signature for ``signature``, a figure for ``photo/``."""
    if path.startswith("signature"):
        image = np.full((300, 900, 3), 255, np.uint8)
        curve = [(60 + i * 8, int(150 + 70 * np.sin(i / 6) * np.cos(i / 17))) for i in range(95)]
        cv2.polylines(image, [np.array(curve, np.int32)], False, (30, 24, 16), 7, cv2.LINE_AA)
    elif path.startswith("photo/"):
        image = np.full((126, 102, 3), (225, 215, 205), np.uint8)  # nobody: a drawn figure
        cv2.ellipse(image, (51, 130), (42, 50), 0, 0, 360, (120, 90, 60), -1, cv2.LINE_AA)
        cv2.circle(image, (51, 55), 24, (150, 180, 215), -1, cv2.LINE_AA)
    else:
        image = np.full((1080, 1920, 3), (58, 66, 70), np.uint8)
        corners = np.array([(int(x * 1920), int(y * 1080)) for x, y in OUTLINE], np.int32)
        cv2.fillPoly(image, [corners], (245, 247, 248), cv2.LINE_AA)
        cv2.rectangle(image, (620, 210), (1020, 250), (60, 70, 80), -1)
        for row in range(11):
            cv2.line(image, (540, 330 + row * 46), (1360 - (row * 53) % 260, 330 + row * 46), (150, 155, 158), 12)
        cv2.circle(image, (1270, 800), 70, (60, 60, 200), 6, cv2.LINE_AA)
    return bytes(cv2.imencode(".jpg", image)[1])
