"""What the front end may know: one immutable picture of the station at a time.

The conductor publishes a new ``Snapshot`` after every change; view models turn it into QML properties and send
commands back (``commands.Commands``). Codes (``…_code``, ``Notice.code``) are keys of ``kiosk.words``. Personal
values are masked here already unless a field is being edited by the person it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from drivers.driver import DeviceKind, DeviceState


class Screen(StrEnum):
    """Which screen is shown. The steps of a visit come in this order; ``CORRECTION`` enters at CAPTURE."""

    STARTING = "starting"
    SETUP = "setup"  # first start: make the administrator
    SIGN_ON = "sign_on"
    HOME = "home"  # start a visit, resume a draft, to-do list, self-test
    IDENTIFY = "identify"
    CHOOSE_ITEM = "choose_item"
    GUIDE = "guide"  # what the item needs; for oneself or for another; consent that pages travel
    APPLICANT = "applicant"  # acting for another (代办): the applicant's identity
    CAPTURE = "capture"
    FIELDS = "fields"
    REVIEW = "review"
    SIGNATURE = "signature"
    SUBMIT = "submit"  # handing over: sealed, sent, received, with progress
    WAITING = "waiting"  # ticket, people ahead, outcome as it comes
    RECEIPT = "receipt"  # the slip: printing, printed, or why not
    RATING = "rating"
    FAREWELL = "farewell"  # wiped; take your card and papers
    TODO = "todo"  # corrections asked for after the resident left
    REPRINT = "reprint"  # receipts of finished visits, printed again for staff
    TECHNICIAN = "technician"  # devices and self-test
    DEVICE_SET_UP = "device_set_up"  # a piece is found, tried and kept


class CoverState(StrEnum):
    """The privacy cover (DESIGN.md section 7)."""

    OPEN = "open"
    WARNING = "warning"  # counting down; any touch extends
    COVERED = "covered"  # the staff PIN brings the visit back as it was


class LinkState(StrEnum):
    """The line to the centre, judged by answers only."""

    UNKNOWN = "unknown"
    ONLINE = "online"
    OFFLINE = "offline"


class PageState(StrEnum):
    """Where a captured page is."""

    TAKEN = "taken"  # encrypted, on disk, fsynced
    SENDING = "sending"
    AT_CENTRE = "at_centre"  # the centre answered with its hash
    MARKED = "marked"  # a clerk asks for this page again


class Outcome(StrEnum):
    """What the centre decided; nothing else exists (DESIGN.md section 2)."""

    NONE = "none"
    ACCEPTED = "accepted"  # 受理
    CORRECTION_REQUESTED = "correction_requested"  # 补正
    RETURNED = "returned"  # 退回


class CaseState(StrEnum):
    """What the slip may truly say."""

    KEPT_HERE = "kept_here"  # 本机保存待发送
    DELIVERED = "delivered"  # 已送达待受理, has a case number
    ACCEPTED = "accepted"  # 已受理
    CORRECTION_REQUESTED = "correction_requested"
    RETURNED = "returned"


class PrintState(StrEnum):
    """Known from the printer's fence only; UNCONFIRMED when a printer cannot tell."""

    NONE = "none"
    PRINTING = "printing"
    PRINTED = "printed"
    WAITING_FOR_HAND = "waiting_for_hand"  # paper or cover; goes on by itself
    INTERRUPTED = "interrupted"  # a part or all may be on paper; one slip marked 重打 follows by itself
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence to show: ``kind`` is info, warning or error; ``code`` and ``detail`` go to ``kiosk.words``."""

    kind: str
    code: str
    detail: Mapping[str, str | int | float] = field(default_factory=lambda: MappingProxyType({}))
    number: int = 0  # grows with every notice, so that the same sentence twice is shown twice


@dataclass(frozen=True, slots=True)
class DeviceView:
    kind: DeviceKind
    state: DeviceState
    code: str = ""
    detail: Mapping[str, str | int | float] = field(default_factory=lambda: MappingProxyType({}))
    identity: str = ""


@dataclass(frozen=True, slots=True)
class OutboxView:
    """Cases that wait here. ``full`` = no new visit may start (disk reserve reached)."""

    waiting: int = 0
    sending: int = 0
    blocked: int = 0
    full: bool = False


@dataclass(frozen=True, slots=True)
class StaffView:
    account: str
    name: str
    role: str  # assistant, duty_officer, technician, administrator


@dataclass(frozen=True, slots=True)
class CoverView:
    state: CoverState = CoverState.OPEN
    seconds_left: int = 0


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as the staff screen shows them: ID number 6+4, name in full while the visit runs."""

    name: str
    id_number_masked: str
    sex: str = ""
    birth: str = ""  # yyyy-mm-dd
    address: str = ""
    source: str = ""  # id_card, social_security_card, code, by_hand
    warning_codes: tuple[str, ...] = ()  # for example identity.card_expired
    photo: str = ""  # of the card: a path below ``image://page/``, where this station can decode it
    photo_code: str = ""  # why no photo is shown, for example id_card_reader.photo_needs_vendor_library


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item of the catalogue as a list row and guide show it."""

    item_id: str
    name: str
    department: str = ""
    category: str = ""
    materials_known: bool = False
    all_city: bool = False
    time_limit: str = ""
    proxy: str = ""
    checked_on: str = ""  # date of the source, shown with 以中心告知为准


@dataclass(frozen=True, slots=True)
class PageView:
    """One captured image; ``thumbnail`` is a path below the image provider ``image://page/``, which also gives
    ``full/<page_id>``, the page itself, while the station holds it."""

    page_id: str
    thumbnail: str
    state: PageState = PageState.TAKEN
    verdict_codes: tuple[str, ...] = ()  # of the quality check, worst first; empty = good
    reason: str = ""  # clerk's words when MARKED


@dataclass(frozen=True, slots=True)
class MaterialView:
    material_id: str
    name: str
    required: bool
    two_sided: bool = False  # both sides of a card on one page
    free: bool = False  # added by the assistant
    pages: tuple[PageView, ...] = ()
    done: bool = False


@dataclass(frozen=True, slots=True)
class CaptureView:
    """The live side of CAPTURE. Corners are fractions (0..1) of the picture's width and height, TL TR BR BL."""

    material_id: str = ""
    automatic: bool = True
    outline: tuple[tuple[float, float], ...] = ()
    still: float = 0.0  # 0..1: how long the page has lain still, 1 = taken now
    advice_codes: tuple[str, ...] = ()  # what to change right now
    second_side: bool = False  # the back of a card is expected next
    reviewing: PageView | None = None  # a fresh picture waiting for "use it" / "again"
    review_corners: tuple[tuple[float, float], ...] = ()
    busy: bool = False


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field; ``kind`` is text, telephone, id_number, date, choice, number. ``choices`` are (value, zh, en)."""

    field_id: str
    label_zh: str
    label_en: str
    kind: str
    value: str
    required: bool
    error_code: str = ""
    prefilled: bool = False
    choices: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TicketView:
    number: str
    people_ahead: int
    state: str = "waiting"  # waiting, called, closed


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """Progress of the hand-over: bytes of this case at the centre, and the case number once it has one."""

    sent_bytes: int = 0
    total_bytes: int = 0
    case_state: CaseState = CaseState.KEPT_HERE
    case_number: str = ""
    outcome: Outcome = Outcome.NONE
    outcome_reason: str = ""


@dataclass(frozen=True, slots=True)
class VisitView:
    case_id: str
    can_back: bool
    can_next: bool
    applicant: PersonView | None = None
    proxy: PersonView | None = None  # the person who is here, when acting for the applicant
    acting_for_other: bool = False
    item: ItemView | None = None
    consent: bool = False
    materials: tuple[MaterialView, ...] = ()
    capture: CaptureView = CaptureView()
    fields: tuple[FieldView, ...] = ()
    signature: str = ""  # ``image://page/`` path once signed
    delivery: DeliveryView = DeliveryView()
    ticket: TicketView | None = None
    print_state: PrintState = PrintState.NONE
    print_code: str = ""
    rating: int = 0
    correction: bool = False  # a new version of a case the centre sent back
    next_code: str = ""  # why "next" is not possible yet


@dataclass(frozen=True, slots=True)
class DraftView:
    """A visit kept from before a restart or a sign-off; shown with the masked name only."""

    case_id: str
    masked_name: str
    item_name: str
    saved_at: str  # yyyy-mm-dd hh:mm


@dataclass(frozen=True, slots=True)
class TodoView:
    """A correction asked for after the resident has left."""

    case_id: str
    case_number: str
    masked_name: str
    item_name: str
    asked_at: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """A finished visit whose receipt may be printed again; nothing about anybody."""

    case_id: str
    case_number: str  # "" while the case is still here
    item_name: str
    handed_in_at: str  # yyyy-mm-dd hh:mm
    state: str  # kiosk.outbox.model.Standing


@dataclass(frozen=True, slots=True)
class ReprintView:
    """REPRINT, newest first. ``hidden``: how many more there are, to be found by number."""

    receipts: tuple[ReceiptView, ...] = ()
    hidden: int = 0
    search: str = ""
    scanned: bool = False  # only the case of a slip that was scanned is shown
    being_printed: str = ""  # case_id


@dataclass(frozen=True, slots=True)
class PaperView:
    """The printer's paper, estimated. ``code`` says it with ``metres`` and ``receipts`` left."""

    code: str = "paper.left"
    low: bool = False
    metres: int = 0
    receipts: int = 0


@dataclass(frozen=True, slots=True)
class CheckView:
    """One line of the self-test; ``state`` is running, passed, failed, not_possible or skipped.

    Attributes:
        waits_for_hand: Somebody has to do what ``code`` says before this step can end.
        measured: Name and value of what was measured.
    """

    check_id: str
    state: str
    code: str = ""
    detail: Mapping[str, str | int | float] = field(default_factory=lambda: MappingProxyType({}))
    waits_for_hand: bool = False
    measured: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class SelfTestView:
    """The self-test on the technician's screen.

    Attributes:
        kind: Of the test that runs or has just ended: full or quick; "" when there is none.
        checks: Its lines.
        passed: None until one has ended on this screen.
        ended_at: yyyy-mm-dd hh:mm.
        seconds: How long it took.
        exporting: The PDF is being written.
        reports: Kept ones, newest first: kind (full, quick), when, whether it passed.
    """

    running: bool = False
    kind: str = ""
    checks: tuple[CheckView, ...] = ()
    passed: bool | None = None
    cancelled: bool = False
    ended_at: str = ""
    seconds: float = 0.0
    exporting: bool = False
    reports: tuple[tuple[str, str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceView:
    """Help for those who help from afar: the support bundle, and recordings of what goes over devices' wires.

    Attributes:
        allowed: Whether the signed-on person may record and make bundles.
        bundling: The bundle is being written.
        recording: Pieces whose wire is being recorded.
        recordings: Kept ones, newest first: file name, kind of device, kilobytes.
    """

    allowed: bool = False
    bundling: bool = False
    recording: tuple[DeviceKind, ...] = ()
    recordings: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class FoundView:
    """Something plugged in that could be the piece, or something that answered (then with ``kind``).

    Without a ``connection`` it cannot be chosen; ``note_code`` says why, or what to know before.
    """

    connection: str
    name: str
    identity: str
    ambiguous: bool = False
    note_code: str = ""
    serial_line: bool = False  # its protocol and speed can be tried
    used_by: DeviceKind | None = None  # the piece that is kept at it
    kind: DeviceKind | None = None


@dataclass(frozen=True, slots=True)
class ProbeView:
    """A serial line being asked what it is; ``listening``: by codes that are scanned meanwhile."""

    running: bool = False
    listening: bool = False
    connection: str = ""
    step_code: str = ""
    step_detail: Mapping[str, str | int | float] = field(default_factory=lambda: MappingProxyType({}))
    answers: tuple[FoundView, ...] = ()
    code: str = ""  # why there is no answer
    detail: Mapping[str, str | int | float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class SetUpView:
    """DEVICE_SET_UP: one piece, what is plugged in for it, and what it does at the connection on trial.

    ``result`` is "" (nothing to see), waiting, passed or failed; its words may name a card's owner, masked.
    """

    kind: DeviceKind | None = None
    connection: str = ""  # in effect now
    kept: str = ""  # in the settings file
    changed: bool = False  # what is in effect is not kept
    busy: bool = False  # being connected
    searching: bool = False
    searched: bool = False
    found: tuple[FoundView, ...] = ()
    notes: tuple[Notice, ...] = ()  # what could not be searched
    probe: ProbeView = ProbeView()
    result: str = ""
    result_code: str = ""
    result_detail: Mapping[str, str | int | float] = field(default_factory=lambda: MappingProxyType({}))
    paper_mm: int = 80
    printer_status: bool = True
    message: Notice | None = None  # what became of the last command


@dataclass(frozen=True, slots=True)
class Snapshot:
    screen: Screen
    station_name: str = ""
    centre_name: str = ""
    staff: StaffView | None = None
    cover: CoverView = CoverView()
    sign_on_code: str = ""  # why the last PIN was refused
    sign_on_detail: Mapping[str, str | int | float] = field(default_factory=lambda: MappingProxyType({}))
    accounts: tuple[StaffView, ...] = ()  # to choose from at sign-on
    demo_pin: str = ""  # shown by the demo only
    devices: tuple[DeviceView, ...] = ()
    link: LinkState = LinkState.UNKNOWN
    outbox: OutboxView = OutboxView()
    visit: VisitView | None = None
    drafts: tuple[DraftView, ...] = ()
    todo: tuple[TodoView, ...] = ()
    reprint: ReprintView = ReprintView()
    paper: PaperView = PaperView()
    self_test: SelfTestView = SelfTestView()
    service: ServiceView = ServiceView()
    morning: tuple[CheckView, ...] = ()  # what this morning's automatic self-test found wrong
    set_up: SetUpView | None = None
    notice: Notice | None = None
    help_open: bool = False
    catalogue_version: str = ""
    catalogue_date: str = ""
