"""What a slip says. Nothing about dots or fonts; see ``draw``.

A slip leaves the station in somebody's pocket, so it names a person by masked name and the last four characters of
the ID number only, and it says about a case exactly what is true at this moment and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

RARE_CHARACTERS = "䶮 〇 𠮷 㛃 堃 犇 𬭎"
"""Characters of real names that a printer's own font or one CJK font lacks; the last is of Extension E."""

MATERIALS_UNKNOWN = "材料以中心告知为准"


class SlipState(StrEnum):
    """The only things a receipt may say about its case."""

    ACCEPTED = "accepted"  # 已受理
    DELIVERED = "delivered"  # 已送达待受理
    KEPT_HERE = "kept_here"  # 本机保存待发送
    RETURNED = "returned"  # 不予受理，退回
    CORRECTION_REQUESTED = "correction_requested"  # 需要补正
    CORRECTION_KEPT_HERE = "correction_kept_here"  # 补正材料本机保存待发送; the case itself has its number


@dataclass(frozen=True, slots=True)
class Title:
    """Who speaks (``above``) and what this is."""

    above: str
    chinese: str
    english: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A framed word at the very top, such as 重打."""

    chinese: str
    english: str


@dataclass(frozen=True, slots=True)
class Banner:
    """The one thing to be seen from afar. ``solid``: white on black."""

    chinese: str
    english: str
    solid: bool = True


@dataclass(frozen=True, slots=True)
class BigNumber:
    """``large``: to be read at arm's length by old eyes."""

    chinese: str
    english: str
    value: str
    large: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """Label and value, one below the other."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    chinese: str
    english: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Name at the left, amount at the right; the last row is the ``total``."""

    rows: tuple[tuple[str, str], ...]
    total: bool = True


@dataclass(frozen=True, slots=True)
class Checklist:
    """Things to bring, each with a box to tick and a note below."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    small: bool = False
    centred: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """Large characters in both weights."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code with a line below."""

    data: str
    caption: str


@dataclass(frozen=True, slots=True)
class Rule:
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Ruler:
    """Millimetres across the paper, to see that nothing is cut off at either side."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks a camera is measured by (``marks``); which markers are printed follows from ``code``."""

    code: str


Block = (
    Title
    | Mark
    | Banner
    | BigNumber
    | Fields
    | Section
    | Listing
    | Checklist
    | Paragraph
    | Sample
    | Code
    | Rule
    | Ruler
    | Marks
)


@dataclass(frozen=True, slots=True)
class Slip:
    blocks: tuple[Block, ...]


def receipt_slip(
    *,
    centre_name: str,
    station_name: str,
    item_name: str,
    masked_name: str,
    id_last_four: str,
    pages: Sequence[tuple[str, int]],
    state: SlipState,
    printed_at: datetime,
    assistant: str,
    code: str,
    case_number: str = "",
    ticket_number: str = "",
    people_ahead: int | None = None,
    proxy_masked_name: str = "",
    reason: str = "",
    contact: str = "",
    reprint: bool = False,
) -> Slip:
    """The receipt (回执) a resident takes home.

    Args:
        centre_name: Who decides.
        station_name: Where it was handed in.
        item_name: What is applied for.
        masked_name: Of the applicant, as 张*.
        id_last_four: Last four characters of the applicant's ID number, "" when there is none.
        pages: Material and its number of pages.
        state: What is true now.
        printed_at: Local time.
        assistant: Account of the assistant, not a name.
        code: Our receipt code for the QR.
        case_number: The centre's; needed unless the case is still here.
        ticket_number: Place in the queue, "" without.
        people_ahead: In the queue; None when not known.
        proxy_masked_name: The person who was here, when acting for the applicant.
        reason: The clerk's words, of a case that was returned.
        contact: Where to ask, for example a telephone number.
        reprint: A copy was, or may have been, printed before.

    Raises:
        ValueError: the slip would say something untrue or show more of a person than it may.
    """
    _check_person(masked_name, id_last_four)
    if proxy_masked_name:
        _check_person(proxy_masked_name, "")
    if state is SlipState.KEPT_HERE and ticket_number:
        raise ValueError("a case that is still here has no ticket")
    _check_case(state, case_number)
    blocks: list[Block] = _mark(reprint)
    blocks.append(Title(f"{centre_name}\n{station_name}", "办件回执", "Receipt"))
    blocks.extend(_state_blocks(state, case_number, reason))
    if ticket_number:
        blocks.append(BigNumber("排队号", "Ticket", ticket_number))
        if people_ahead is not None:
            blocks.append(Paragraph(_ahead(people_ahead), centred=True))
    rows = [("事项", item_name), ("申请人", masked_name)]
    if id_last_four:
        rows.append(("证件尾号", id_last_four))
    if proxy_masked_name:
        rows.append(("代办人", proxy_masked_name))
    rows += [("时间", _time(printed_at)), ("帮办员", assistant)]
    blocks += [Rule(), Fields(tuple(rows)), Rule(dashed=True), Section("已交材料", "Papers handed in")]
    total = sum(count for _, count in pages)
    if pages:
        blocks.append(Listing((*((name, f"{count} 页") for name, count in pages), ("合计", f"{total} 页"))))
    else:
        blocks.append(Paragraph("这次没有交纸质材料。"))
    blocks += [Rule(dashed=True), Code(code, "查询、补正时请出示此码"), *_footer(contact)]
    return Slip(tuple(blocks))


def _state_blocks(state: SlipState, case_number: str, reason: str) -> list[Block]:
    number = BigNumber("办件编号", "Case number", case_number)
    if state is SlipState.ACCEPTED:
        return [
            Banner("已受理", "Accepted by the centre"),
            number,
            Paragraph("受理中心已经受理。请凭办件编号查询办理进度。"),
        ]
    if state is SlipState.RETURNED:
        because = [Paragraph(f"中心说明：{reason}")] if reason else []
        return [
            Banner("已退回，未受理", "Returned, not accepted"),
            number,
            *because,
            Paragraph(
                "受理中心没有受理这次申请。"
                + (
                    "可以按说明准备后重新办理，或向受理中心咨询。"
                    if reason
                    else "原因请向受理中心咨询，准备好后可以重新办理。"
                )
            ),
        ]
    if state is SlipState.DELIVERED:
        return [
            Banner("已送达待受理", "Delivered, not yet accepted"),
            number,
            Paragraph("材料已经送到受理中心。是否受理由中心审核后决定，请留意电话。"),
        ]
    if state is SlipState.CORRECTION_REQUESTED:
        return [
            Banner("需要补正", "The centre asks for a correction"),
            number,
            Paragraph("受理中心要求补充材料。请带身份证和本回执到服务站，出示下面的二维码就能接着办。"),
        ]
    if state is SlipState.CORRECTION_KEPT_HERE:
        return [
            Banner("补正材料待发送", "Correction kept here, not yet sent", solid=False),
            number,
            Paragraph("补正的材料加密保存在本服务站，受理中心还没有收到，网络恢复后自动发送。"),
        ]
    return [
        Banner("本机保存待发送", "Kept at this station, not yet sent", solid=False),
        Paragraph("受理中心还没有收到这份材料，还没有办件编号。"),
        Paragraph("材料加密保存在本服务站，网络恢复后自动发送。请保留本回执，可凭下面的二维码到本站查询。"),
    ]


def correction_slip(
    *,
    centre_name: str,
    station_name: str,
    case_number: str,
    item_name: str,
    masked_name: str,
    reasons: Sequence[tuple[str, str]],
    printed_at: datetime,
    code: str,
    note: str = "",
    contact: str = "",
    reprint: bool = False,
) -> Slip:
    """What to bring when the centre asks for a correction (补正).

    Args:
        centre_name: Who asks.
        station_name: Where to bring it.
        case_number: The centre's.
        item_name: What was applied for.
        masked_name: Of the applicant.
        reasons: Material and the clerk's words, one for each page or paper that is asked for.
        printed_at: Local time.
        code: Our receipt code, which opens the case again at the station.
        note: The clerk's words on the case as a whole.
        contact: Where to ask.
        reprint: Printed before.

    Raises:
        ValueError: the name is not masked, or no case number.
    """
    _check_person(masked_name, "")
    if not case_number:
        raise ValueError("a correction belongs to a case number")
    blocks: list[Block] = _mark(reprint)
    blocks += [
        Title(f"{centre_name}\n{station_name}", "补正通知", "What to bring"),
        Banner("请补充材料", "Please bring the papers below"),
        BigNumber("办件编号", "Case number", case_number),
        Rule(),
        Fields((("事项", item_name), ("申请人", masked_name), ("打印时间", _time(printed_at)))),
        Rule(dashed=True),
        Section("请带上", "Bring with you"),
        Checklist(
            (("本通知单和申请人身份证", ""), *((name, f"原因：{reason}" if reason else "") for name, reason in reasons))
        ),
    ]
    if note:
        blocks.append(Paragraph(f"中心说明：{note}"))
    blocks += [
        Paragraph("只需重拍上面列出的材料，其他材料不用再交。", small=True),
        Rule(dashed=True),
        Code(code, "到服务站出示此码，直接继续办理"),
        *_footer(contact),
    ]
    return Slip(tuple(blocks))


def ticket_slip(
    *,
    centre_name: str,
    station_name: str,
    ticket_number: str,
    people_ahead: int,
    item_name: str,
    printed_at: datetime,
    called: bool = False,
    contact: str = "",
    reprint: bool = False,
) -> Slip:
    """The number in the centre's queue (排队号), about no person.

    Args:
        centre_name: Whose queue it is.
        station_name: Where the resident is.
        ticket_number: The centre's.
        people_ahead: In the queue when this is printed.
        item_name: What is applied for.
        printed_at: Local time.
        called: The window is at this case already.
        contact: Where to ask.
        reprint: This number was printed before.
    """
    return Slip(
        (
            *_mark(reprint),
            Title(f"{centre_name}\n{station_name}", "排队号", "Queue ticket"),
            BigNumber("您的号", "Your number", ticket_number, large=True),
            Banner("轮到您了，窗口正在办" if called else _ahead(people_ahead), "", solid=False),
            Rule(),
            Fields((("事项", item_name), ("打印时间", _time(printed_at)))),
            Rule(dashed=True),
            Section("接下来", "What happens next"),
            Paragraph("窗口按号在网上看材料，您不用到窗口去。可以在本站看着屏幕等，结果会马上显示。"),
            Paragraph("不想等的，请帮办员打印回执后就可以回家；有结果或要补材料，会按您留的电话联系您。"),
            Paragraph("本单只是排队号，不是办件回执。", small=True),
            *([Paragraph(f"咨询 {contact}", centred=True)] if contact else []),
        )
    )


def reprint_slip(
    *,
    centre_name: str,
    station_name: str,
    item_name: str,
    state: SlipState,
    handed_in_at: datetime,
    known_at: datetime,
    printed_at: datetime,
    assistant: str,
    code: str,
    case_number: str = "",
    contact: str = "",
) -> Slip:
    """A receipt printed again after the station has wiped the visit: what is kept without anybody's data, and no more.

    Args:
        centre_name: Who decides.
        station_name: Where it was handed in.
        item_name: What was applied for.
        state: What the station knows now.
        handed_in_at: Local time of the first hand-over.
        known_at: Local time since when the station knows ``state``.
        printed_at: Local time.
        assistant: Account of who prints it.
        code: Our receipt code.
        case_number: The centre's; needed unless the case is still here.
        contact: Where to ask.

    Raises:
        ValueError: a case number where there cannot be one, or none where there must be.
    """
    _check_case(state, case_number)
    rows = (
        ("事项", item_name),
        ("交件时间", _time(handed_in_at)),
        ("状态时间", _time(known_at)),
        ("打印时间", _time(printed_at)),
        ("帮办员", assistant),
    )
    return Slip(
        (
            *_mark(True),
            Title(f"{centre_name}\n{station_name}", "办件回执", "Receipt"),
            *_state_blocks(state, case_number, ""),
            Rule(),
            Fields(rows),
            Paragraph("为保护个人信息，重打的回执不印姓名、证件号码和材料清单。", small=True),
            Rule(dashed=True),
            Code(code, "查询、补正时请出示此码"),
            *_footer(contact),
        )
    )


def checklist_slip(
    *,
    station_name: str,
    centre_name: str,
    item_name: str,
    materials: Sequence[tuple[str, str]],
    materials_known: bool,
    catalogue_version: str,
    checked_on: str,
    printed_at: datetime,
    department: str = "",
    time_limit: str = "",
    contact: str = "",
) -> Slip:
    """The guide of an item (办事指南): what to bring.

    Args:
        station_name: Where it can be handed in.
        centre_name: Who decides.
        item_name: The item.
        materials: Name and a note ("" without); ignored unless ``materials_known``.
        materials_known: Whether the catalogue has a sourced list; without one the slip says so and lists nothing.
        catalogue_version: Printed at the foot.
        checked_on: Date of the source, yyyy-mm-dd.
        printed_at: Local time.
        department: Responsible department.
        time_limit: As the catalogue says it.
        contact: Where to ask.
    """
    rows = [(label, value) for label, value in (("部门", department), ("时限", time_limit)) if value]
    blocks: list[Block] = [Title(station_name, "办事指南", "What you need"), Banner(item_name, "", solid=False)]
    if rows:
        blocks.append(Fields(tuple(rows)))
    blocks.append(Section("需要的材料", "Papers to bring"))
    if materials_known and materials:
        blocks.append(Checklist(tuple(materials)))
        blocks.append(Paragraph(f"以上{MATERIALS_UNKNOWN}。", small=True))
    else:
        blocks.append(Banner(MATERIALS_UNKNOWN, "The centre tells which papers are needed", solid=False))
        blocks.append(Paragraph(f"请先向帮办员或{centre_name}确认，再准备材料。"))
    source = f"事项目录 {catalogue_version}" + (f"，核对日期 {checked_on}" if checked_on else "")
    blocks += [
        Rule(dashed=True),
        Paragraph(f"受理：{centre_name}", small=True),
        Paragraph(source, small=True),
        Paragraph(f"打印时间 {_time(printed_at)}", small=True),
    ]
    if contact:
        blocks.append(Paragraph(f"咨询 {contact}", small=True))
    return Slip(tuple(blocks))


def self_test_slip(*, station_name: str, device: str, printed_at: datetime, code: str, version: str = "") -> Slip:
    """The slip that is carried from the printer to scanner and cameras, and shows what the printer can do.

    Args:
        station_name: Of this station.
        device: What the printer is, from its settings or its own answer.
        printed_at: Local time.
        code: What the QR says, drawn by chance for this slip; the marks belong to it.
        version: Of the program.
    """
    rows = [("打印机", device), ("时间", _time(printed_at))] + ([("版本", version)] if version else [])
    return Slip(
        (
            Title(station_name, "设备自检", "Device self-test"),
            Fields(tuple(rows)),
            Rule(),
            Section("请拿着这张小票", "Carry this slip"),
            Fields(
                (
                    ("1", "对准扫码器"),
                    ("2", "平放在高拍仪下，字朝自己"),
                    ("3", "举到摄像头前，停一下"),
                )
            ),
            Paragraph("先后不限，屏幕上会打勾。", small=True),
            Code(code, "扫码器、高拍仪、摄像头都读这个码"),
            Rule(dashed=True),
            Section("测量标记", "Marks to measure by"),
            Marks(code),
            Paragraph("数字是线宽（毫米）。不要折，不要盖住。", small=True, centred=True),
            Rule(dashed=True),
            Section("罕见字", "Rare characters"),
            Sample(RARE_CHARACTERS),
            Paragraph("每个字都清楚，没有方框、问号。", small=True),
            Section("纸宽", "Width"),
            Ruler(),
            Paragraph("两端的竖线都能看到，数字连续。", small=True),
            Section("浓淡", "Darkness"),
            Banner("黑底白字 ABC 123", "even black, no white stripes"),
        )
    )


def _mark(reprint: bool) -> list[Block]:
    return [Mark("重 打", "Reprint")] if reprint else []


def _ahead(people: int) -> str:
    return f"前面还有 {people} 人" if people else "前面没有人在等"


def _check_case(state: SlipState, case_number: str) -> None:
    if state is SlipState.KEPT_HERE and case_number:
        raise ValueError("a case that is still here has no case number")
    if state is not SlipState.KEPT_HERE and not case_number:
        raise ValueError("a case at the centre has a case number")


def _footer(contact: str) -> list[Block]:
    lines: list[Block] = [Paragraph(f"咨询 {contact}", centred=True)] if contact else []
    return [*lines, Paragraph("请妥善保管，谢谢您的配合", small=True, centred=True)]


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _check_person(masked_name: str, last_four: str) -> None:
    if "*" not in masked_name or len(last_four) > 4:
        raise ValueError("a slip names a person by masked name and last four characters only")
