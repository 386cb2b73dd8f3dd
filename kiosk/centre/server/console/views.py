"""What the clerk's templates show: plain values, already masked and in Chinese. On worker threads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from kiosk.centre.contract import CaseState, PageEntry, Person, SelfTestReport, Ticket
from kiosk.centre.server import cases, clock, self_tests, tickets
from kiosk.centre.server.centre import Work
from kiosk.centre.server.database import actions, clerks, counters, marks, pages, stations
from kiosk.centre.server.database import cases as cases_table
from kiosk.identity.masking import mask_id_number, mask_name, mask_telephone
from kiosk.words import name_of_check, table, words

LISTED = 200
JPEG = "image/jpeg"

STATES = {
    CaseState.RECEIVING: "正在采集",
    CaseState.COMPLETE: "待受理",
    CaseState.ACCEPTED: "已受理",
    CaseState.CORRECTION_REQUESTED: "等待补正",
    CaseState.RETURNED: "已退回",
}

SHOWN = {
    "open": ("待办", (CaseState.COMPLETE, CaseState.RECEIVING)),
    "correction": ("等待补正", (CaseState.CORRECTION_REQUESTED,)),
    "decided": ("已办结", (CaseState.ACCEPTED, CaseState.RETURNED)),
}

TICKETS = {"waiting": "等候", "called": "已叫号", "closed": "已结束"}
RATINGS = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
SOURCES = {"id_card": "读身份证", "social_security_card": "读社保卡", "code": "扫码", "by_hand": "手工录入"}
ID_KINDS = {
    "citizen": "居民身份证",
    "residence_permit": "港澳台居民居住证",
    "permanent_residence": "外国人永久居留身份证",
    "other": "其他证件",
}
SEXES = {"male": "男", "female": "女", "m": "男", "f": "女"}
ACTIONS = {
    "accept": "受理",
    "return": "退回",
    "correct": "要求补正",
    "mark": "标记页面",
    "unmark": "取消标记",
    "call": "叫号",
    "reveal": "查看完整信息",
    "pdf": "下载材料 PDF",
}


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One row of the list."""

    case_id: str
    state: str
    state_text: str
    ticket: Ticket | None
    ticket_text: str
    item: str
    applicant: str
    station: str
    case_number: str
    version: int
    pages: int
    since: str  # RFC 3339; waiting time is counted from here


@dataclass(frozen=True, slots=True)
class Detail:
    """A line of the applicant's box; ``key`` names it when the whole value may be asked for."""

    label: str
    text: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class PageLine:
    page_id: str
    number: int
    pdf: bool
    mark: str  # the clerk's reason, "" when not marked
    new: bool  # sent with this version of a corrected case
    remarks: str  # what the station's check found, and why it was taken all the same


@dataclass(frozen=True, slots=True)
class MaterialLine:
    """``pdf``: its pages can be fetched as one PDF, by ``material_id``."""

    material_id: str
    name: str
    pages: tuple[PageLine, ...]
    pdf: bool


@dataclass(frozen=True, slots=True)
class CaseSheet:
    """Everything of the case view."""

    line: CaseLine
    reason: str
    applicant: tuple[Detail, ...]
    proxy: tuple[Detail, ...]
    fields: tuple[Detail, ...]
    materials: tuple[MaterialLine, ...]
    marked: int
    rating: str
    rating_level: int
    comment: str
    assistant: str
    history: tuple[tuple[str, str, str], ...]  # time, clerk, action
    can_decide: bool
    can_mark: bool


def newest_change(work: Work) -> int:
    """Grows with every change of a case, a case that is gone included."""
    return int(work.connection.execute(select(counters.c.value).where(counters.c.name == "changed")).scalar() or 0)


def case_lines(work: Work, show: str) -> list[CaseLine]:
    """Cases of one tab in the order of the queue: called, waiting by number, then by time."""
    _, states = SHOWN[show]
    rows = work.connection.execute(
        select(cases_table)
        .where(cases_table.c.state.in_(states))
        .order_by(cases_table.c.opened_at.desc())
        .limit(LISTED)
    ).all()
    lines = [_line(work, row) for row in rows]
    if show == "open":
        lines.sort(key=_queue_order)
    return lines


def counts(work: Work) -> dict[str, int]:
    """Cases of each tab."""
    rows = work.connection.execute(select(cases_table.c.state, func.count()).group_by(cases_table.c.state)).all()
    found = {row[0]: int(row[1]) for row in rows}
    return {show: sum(found.get(state, 0) for state in states) for show, (_, states) in SHOWN.items()}


def waiting(work: Work, lines: list[CaseLine]) -> int:
    return sum(1 for line in lines if line.ticket is not None and line.ticket.state == "waiting")


def case_sheet(work: Work, case_id: str) -> CaseSheet:
    """The case view.

    Raises:
        Refusal: unknown_case.
    """
    case = cases.any_case(work, case_id)
    record = cases.record_of(work, case)
    rating = cases.rating_of(work, case_id)
    marked = {
        row.page_id: work.vault.open_text(row.sealed_reason, "mark", case_id, row.page_id)
        for row in work.connection.execute(select(marks).where(marks.c.case_id == case_id))
    }
    materials: dict[str, list[PageEntry]] = {}
    for entry in cases.manifest(work, case):
        materials.setdefault(entry.material_id, []).append(entry)
    history = work.connection.execute(
        select(actions.c.at, clerks.c.name, actions.c.action)
        .join(clerks, clerks.c.account == actions.c.account)
        .where(actions.c.case_id == case_id)
        .order_by(actions.c.id.desc())
        .limit(12)
    )
    return CaseSheet(
        line=_line(work, case),
        reason=work.vault.open_text(case.sealed_reason, "reason", case_id),
        applicant=() if record is None else tuple(_person("applicant", record.applicant, whole=False)),
        proxy=() if record is None or record.proxy is None else tuple(_person("proxy", record.proxy, whole=False)),
        fields=() if record is None else tuple(_fields(record.fields, whole=False)),
        materials=tuple(
            MaterialLine(
                material_id,
                _material_name(entries[0]),
                tuple(_page(entry, marked, case.version) for entry in entries),
                all(entry.media_type == JPEG for entry in entries),
            )
            for material_id, entries in materials.items()
        ),
        marked=len(marked),
        rating="" if rating is None else RATINGS[rating.level],
        rating_level=0 if rating is None else rating.level,
        comment="" if rating is None else rating.comment,
        assistant="" if record is None else record.assistant,
        history=tuple((local_time(clock.read(row[0])), row[1], ACTIONS.get(row[2], row[2])) for row in history),
        can_decide=case.state == CaseState.COMPLETE,
        can_mark=case.state in (CaseState.COMPLETE, CaseState.RECEIVING),
    )


def whole_details(work: Work, case_id: str) -> dict[str, str]:
    """The values behind the masks, by ``Detail.key``.

    Raises:
        Refusal: unknown_case.
    """
    record = cases.record_of(work, cases.any_case(work, case_id))
    if record is None:
        return {}
    details = [*_person("applicant", record.applicant, whole=True), *_fields(record.fields, whole=True)]
    if record.proxy is not None:
        details += _person("proxy", record.proxy, whole=True)
    return {detail.key: detail.text for detail in details if detail.key}


def page_blob(work: Work, case_id: str, page_id: str) -> tuple[str, str] | None:
    """Blob key and media type of a page, None when there is none."""
    row = work.connection.execute(
        select(pages.c.blob, pages.c.media_type).where(pages.c.case_id == case_id, pages.c.page_id == page_id)
    ).first()
    return None if row is None else (row.blob, row.media_type)


def material_blobs(work: Work, case_id: str, material_id: str) -> tuple[str, list[str]] | None:
    """Name and blob keys of a material that is JPEG throughout, in the order of its pages; None when it is not.

    Raises:
        Refusal: unknown_case.
    """
    listed = cases.manifest(work, cases.any_case(work, case_id))
    entries = [entry for entry in listed if entry.material_id == material_id]
    found = [page_blob(work, case_id, str(entry.page_id)) for entry in entries]
    blobs = [blob for blob, media_type in filter(None, found) if media_type == JPEG]
    return (_material_name(entries[0]), blobs) if entries and len(blobs) == len(entries) else None


def local_time(moment: datetime) -> str:
    return moment.astimezone(clock.CHINA).strftime("%m-%d %H:%M")


def _line(work: Work, case: Row[Any]) -> CaseLine:
    record = cases.record_of(work, case)
    ticket = tickets.of_case(work, case.id)
    station = work.connection.execute(select(stations.c.name).where(stations.c.id == case.station)).scalar()
    stored = work.connection.execute(select(func.count()).select_from(pages).where(pages.c.case_id == case.id))
    return CaseLine(
        case_id=case.id,
        state=case.state,
        state_text=STATES[CaseState(case.state)],
        ticket=ticket,
        ticket_text="" if ticket is None else TICKETS[ticket.state],
        item=case.item_name,
        applicant="采集中" if record is None else mask_name(record.applicant.name),
        station=station or case.station,
        case_number=case.case_number or "",
        version=case.version,
        pages=len(record.pages) if record is not None and case.state != CaseState.RECEIVING else stored.scalar_one(),
        since=case.decided_at or case.received_at or case.opened_at,
    )


def _queue_order(line: CaseLine) -> tuple[int, str, str]:
    ticket = line.ticket
    if ticket is not None and ticket.state != "closed":
        return (0 if ticket.state == "called" else 1, ticket.number.rjust(8), line.since)
    return (2 if line.state == CaseState.COMPLETE else 3, "", line.since)


def _material_name(entry: PageEntry) -> str:
    if entry.material_id == "signature":
        return "签名"
    return entry.material_name or entry.material_id or "未分类"


def _page(entry: PageEntry, marked: dict[str, str], version: int) -> PageLine:
    verdicts = [table()[code]["zh"]["say"] if code in table() else code for code in entry.verdict_codes]
    remarks = "".join(verdicts)
    if entry.override_reason:
        remarks += (" " if remarks else "") + f"仍采用：{entry.override_reason}"
    page_id = str(entry.page_id)
    return PageLine(
        page_id=page_id,
        number=entry.number,
        pdf=entry.media_type == "application/pdf",
        mark=marked.get(page_id, ""),
        new=version > 1 and entry.version == version,
        remarks=remarks,
    )


def _person(who: str, person: Person, *, whole: bool) -> list[Detail]:
    def shown(value: str, masked: str) -> str:
        return value if whole else masked

    details = [
        Detail("姓名", shown(person.name, mask_name(person.name)), f"{who}.name"),
        Detail("证件类型", ID_KINDS[person.id_kind]),
        Detail("证件号码", shown(person.id_number, mask_id_number(person.id_number)), f"{who}.id_number"),
        Detail("性别", SEXES.get(person.sex.lower(), person.sex)),
        Detail("出生日期", shown(person.birth, "*" * len(person.birth)), f"{who}.birth"),
        Detail("住址", shown(person.address, person.address[:3] + "***"), f"{who}.address"),
        Detail("联系电话", shown(person.telephone, mask_telephone(person.telephone)), f"{who}.telephone"),
        Detail("身份来源", SOURCES[person.source] + (f"（{person.source_reason}）" if person.source_reason else "")),
    ]
    given = {"性别": person.sex, "出生日期": person.birth, "住址": person.address, "联系电话": person.telephone}
    return [detail for detail in details if given.get(detail.label, "-")]


def _fields(entries: Any, *, whole: bool) -> list[Detail]:
    """Fields are what the resident filled in; until asked for, only their last two characters are shown."""
    details = []
    for entry in entries:
        value = entry.value
        masked = value if len(value) <= 2 else "*" * min(len(value) - 2, 8) + value[-2:]
        details.append(Detail(entry.label, value if whole else masked, f"field.{entry.field_id}"))
    return details


@dataclass(frozen=True, slots=True)
class StationLine:
    """One station on the page of stations.

    Attributes:
        state: ``good``, ``bad`` (its newest self-test failed) or ``unknown`` (none was ever sent).
        problems: What stands in the way, each in one sentence; of the newest report.
        full_at, quick_at: When the newest of that kind ended, RFC 3339, "" = never.
    """

    station: str
    name: str
    state: str
    state_text: str
    problems: tuple[str, ...]
    full_at: str
    quick_at: str
    program: str


STATION_STATES = {"good": "自检通过", "bad": "有问题", "unknown": "没有自检"}


def station_lines(work: Work) -> list[StationLine]:
    """Every station, those that need help first."""
    lines = []
    for one in self_tests.health(work):
        newest = one.newest
        state = "unknown" if newest is None else "good" if newest.passed else "bad"
        lines.append(
            StationLine(
                station=one.station,
                name=one.name,
                state=state,
                state_text=STATION_STATES[state],
                problems=_problems(newest) if newest else (),
                full_at=one.full.ended_at.isoformat() if one.full else "",
                quick_at=one.quick.ended_at.isoformat() if one.quick else "",
                program=newest.program if newest else "",
            )
        )
    return lines


def station_counts(lines: list[StationLine]) -> dict[str, int]:
    """How many stations are in each state."""
    return {state: sum(line.state == state for line in lines) for state in STATION_STATES}


def _problems(report: SelfTestReport) -> tuple[str, ...]:
    return tuple(
        f"{name_of_check(step.check)}：{words(step.code, 'zh', step.detail).say}" for step in report.open_steps
    )
