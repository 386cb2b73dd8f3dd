"""The conductor: every command and every event of the station goes through here, and every picture comes from here.

Lives on the engine's asyncio loop. Commands may come from any thread and return at once; each becomes a job of the
core's queue. Devices' events, the delivery's and the centre's come in by the three ``on_…`` functions.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ParamSpec
from uuid import UUID

from drivers.code_scanner import CodeScanned
from drivers.driver import DeviceKind, DeviceStatus
from drivers.id_card_reader import IdCardRead, IdCardTrouble
from drivers.social_security_card import SocialSecurityCardRead, SocialSecurityCardTrouble
from kiosk.catalogue.catalogue import Catalogue
from kiosk.centre.contract import CaseQuery, Event, Rating
from kiosk.conductor import views
from kiosk.conductor.capture import Capture
from kiosk.conductor.commands import Corners, Stroke
from kiosk.conductor.core import REAL_TIME, Core, Time
from kiosk.conductor.farewell import Leftovers
from kiosk.conductor.handover import Handover
from kiosk.conductor.identification import Identification, person_on
from kiosk.conductor.paper import PaperLeft
from kiosk.conductor.pictures import Pictures
from kiosk.conductor.portraits import Portraits
from kiosk.conductor.ports import Centre, Devices, Keeper
from kiosk.conductor.printing import Printing
from kiosk.conductor.reprinting import Reprinting
from kiosk.conductor.self_testing import SelfTestEnd, SelfTesting
from kiosk.conductor.servicing import ServiceEnd, Servicing
from kiosk.conductor.session import Session
from kiosk.conductor.setting_up import SettingUp, SetUpEnd
from kiosk.conductor.signing import Signing
from kiosk.conductor.snapshot import (
    DeviceView,
    ItemView,
    OutboxView,
    PageState,
    ReprintView,
    Screen,
    Snapshot,
    TicketView,
    VisitView,
)
from kiosk.conductor.todo import Todo
from kiosk.conductor.trouble import Trouble
from kiosk.conductor.visiting import Visiting
from kiosk.outbox.errors import OutboxError
from kiosk.outbox.model import CaseDelivered, DeliveryEvent
from kiosk.selftest.report import SelfTestKind
from kiosk.settings import PrinterSection, Settings
from kiosk.staff.book import StaffBook
from kiosk.visit import events as ev
from kiosk.visit.model import Step, Visit
from kiosk.visit.plan import plan_item

log = logging.getLogger(__name__)

BY_HAND = (IdCardRead, IdCardTrouble, SocialSecurityCardRead, SocialSecurityCardTrouble, CodeScanned)
"""Events behind which somebody stands: as good as a touch for the idle rules."""
P = ParamSpec("P")

FULL_PAGE = "full/"
TICK_SECONDS = 0.25
OUTBOX_SECONDS = 5.0
SIGNING_SECONDS = 180.0
"""How long a signature may take without a touch before the idle rules hold again."""

REVIEWING = frozenset({Step.WAITING, Step.RECEIPT, Step.RATING})


@dataclass(frozen=True, slots=True)
class Ports:
    """What the conductor works with. All are started and stopped by the caller, which outlives the conductor."""

    devices: Devices
    keeper: Keeper
    centre: Centre
    staff: StaffBook
    catalogue: Catalogue
    self_test: SelfTestEnd | None = None
    set_up: SetUpEnd | None = None
    service: ServiceEnd | None = None
    audit: Callable[[str, str, str, str], None] = field(default=lambda actor, action, object_id, result: None)


class Conductor:
    """Implements ``commands.Commands``.

    Args:
        settings: Of the station.
        ports: See ``Ports``.
        on_snapshot: Called on the engine thread with every new picture; a burst of changes gives one.
        clock: Monotonic seconds and the time of day; both controllable in tests.
        demo_pin: Shown at the sign-on of a demo, "" otherwise.
    """

    def __init__(
        self,
        settings: Settings,
        ports: Ports,
        on_snapshot: Callable[[Snapshot], None],
        clock: Time = REAL_TIME,
        demo_pin: str = "",
    ) -> None:
        self._settings = settings
        self._ports = ports
        self._on_snapshot = on_snapshot
        self._demo_pin = demo_pin
        self._core = core = Core(self._publish, clock)
        self._pictures = Pictures()
        large_print = settings.station.text_size == "large"
        self._session = Session(core, ports.staff, settings.idle, large_print)
        self._visiting = Visiting(core, ports.keeper)
        self._capture = Capture(
            core,
            self._visiting,
            ports.keeper,
            self._pictures,
            lambda: ports.devices.document_camera,
            self._session.touched,
        )
        self._signing = Signing(core, self._visiting, ports.keeper, self._pictures, lambda: not self._session.acting)
        self._handover = Handover(core, self._visiting, ports.keeper, ports.centre, self._account)
        self._printing = Printing(core, self._visiting, ports.devices, settings)
        self._reprinting = Reprinting(
            core, self._printing, ports.keeper, settings.station, self._account, self._write_audit
        )
        self._paper = PaperLeft(core, ports.keeper, settings.printer)
        self._setting_up = SettingUp(
            core, ports.devices, ports.set_up, settings.station, self._audit, self._session.touched, self._use_printer
        )
        self._self_testing = SelfTesting(
            core,
            ports.self_test,
            self._printing,
            settings.station,
            settings.selftest,
            self._account,
            self._audit,
            self._session.touched,
        )
        self._servicing = Servicing(core, ports.service, lambda: self._session.may_set_up_devices, self._audit)
        self._todo = Todo(core, self._visiting, ports.keeper, ports.centre, ports.catalogue)
        self._identification = Identification(
            core,
            self._visiting,
            ports.centre,
            lambda: (ports.devices.webcam, ports.devices.document_camera),
            ports.devices.expect_code,
            self._on_receipt_code,
            Portraits(self._pictures),
        )
        self._leftovers = Leftovers(core, lambda: ports.devices.document_camera)
        self._trouble = Trouble(core, ports.devices)
        self._outbox = OutboxView()
        self._outbox_due = 0.0
        self._help_open = False
        self._signing_since: float | None = None
        self._ticking = False
        self._visiting.follow(self._follow)

    # -- life --------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin; on the engine's loop. The first picture is published at once."""
        self._core.start()
        self._capture.start()
        self._identification.start()
        self._core.changed()
        self._core.post("begin", self._begin)
        self._core.beside("ticks", self._ticks())

    async def stop(self) -> None:
        """End. A visit in progress is on disk as its draft already."""
        self._core.post("last save", self._save_quietly)
        self._capture.stop()
        self._identification.stop()
        await self._core.stop()
        self._pictures.drop("")

    async def _begin(self) -> None:
        await self._session.begin()
        await self._paper.begin()
        await self._self_testing.begin()
        await self._todo.refresh()
        await self._look_at_outbox()

    async def _save_quietly(self) -> None:
        await self._visiting.save()

    async def _ticks(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            if not self._ticking:
                self._ticking = True
                self._core.post("tick", self._tick)

    async def _tick(self) -> None:
        self._ticking = False
        if self._session.tick(busy=self._busy()):
            await self._sign_off_idle()
        await self._follow_screen()
        await self._print_what_is_due()
        self._remind()
        await self._self_testing.tick(visit=self._visiting.visit is not None or self._setting_up.open)
        if self._core.time.monotonic() >= self._outbox_due:
            await self._look_at_outbox()
            await self._session.look_again()

    def _busy(self) -> bool:
        """Capture, print and signature are never interrupted by the idle rules."""
        busy = self._capture.busy or self._printing.busy or self._handover.busy or self._setting_up.busy
        busy = busy or self._self_testing.running
        return busy or self._being_signed()

    def _being_signed(self) -> bool:
        visit = self._visiting.visit
        if visit is None or visit.step is not Step.SIGNATURE or visit.signature is not None:
            self._signing_since = None
            return False
        now = self._core.time.monotonic()
        if self._signing_since is None:
            self._signing_since = now
        return now - self._signing_since < SIGNING_SECONDS

    async def _sign_off_idle(self) -> None:
        await self._put_visit_away()
        await self._session.sign_off()
        self._core.say("info", "visit.signed_off_idle")
        await self._todo.refresh()

    # -- events from outside -----------------------------------------------------------------------------------

    def on_device_event(self, event: object) -> None:
        """A driver's event object. Any thread."""
        self._core.post("device event", self._device_event, event)

    def on_delivery_event(self, event: DeliveryEvent) -> None:
        """The outbox's delivery tells of its progress. Any thread."""
        self._core.post("delivery event", self._delivery_event, event)

    def on_live_event(self, event: Event) -> None:
        """The centre tells of a case or a ticket. Any thread."""
        self._core.post("live event", self._live_event, event)

    def on_link(self, online: bool) -> None:
        """The live channel came or went. Any thread."""
        self._core.post("link", self._link, online)

    def picture(self, path: str) -> bytes | None:
        """Encoded picture for ``image://page/<path>``, None when there is none (any more). Any thread.

        ``full/<page_id>`` opens the sealed page itself, of the present visit and while the station holds it.
        """
        if not path.startswith(FULL_PAGE):
            return self._pictures.get(path)
        visit = self._visiting.visit
        page_id = path.removeprefix(FULL_PAGE)
        if visit is None or not self._session.acting or visit.page(page_id) is None:
            return None
        try:
            return self._ports.keeper.page(UUID(visit.case_id), UUID(page_id))
        except OutboxError as error:
            log.info("page %s not shown in full: %s", page_id, error.code)
            return None

    async def _device_event(self, event: object) -> None:
        self._leftovers.on_device_event(event)
        self._printing.on_device_event(event)
        await self._paper.on_device_event(event)
        if isinstance(event, BY_HAND):
            self._session.touched()
        if self._session.acting:
            where = self._session.place if self._visiting.visit is None else None
            if where is Screen.DEVICE_SET_UP:
                self._setting_up.on_device_event(event)
            if where is Screen.TODO:
                await self._card_for_correction(event)
            await self._identification.on_device_event(event, where)
            await self._print_what_is_due()
        await self._follow_screen()
        self._core.changed()

    async def _print_what_is_due(self) -> None:
        """What the printer could not take or finish, when it is there again; not behind the privacy cover."""
        if self._session.acting and self._printing.may_try_again:
            await self._print_receipt()

    async def _card_for_correction(self, event: object) -> None:
        person = person_on(event)
        if person is not None:
            self._todo.look_for(CaseQuery(id_number=person.id_number))

    def _on_receipt_code(self, case_id: UUID) -> None:
        """A slip of ours was scanned outside a visit."""
        if self._visiting.visit is not None:
            return
        if self._session.place in (Screen.HOME, Screen.TODO):
            self._todo.look_for(CaseQuery(case_id=case_id))
        elif self._session.place is Screen.REPRINT:
            self._reprinting.show(case_id)

    async def _delivery_event(self, event: DeliveryEvent) -> None:
        await self._handover.on_delivery(event)
        await self._look_at_outbox()
        if isinstance(event, CaseDelivered):
            await self._follow_cases()

    async def _live_event(self, event: Event) -> None:
        await self._handover.on_live(event)
        await self._todo.refresh()
        await self._follow_cases()

    async def _follow_cases(self) -> None:
        if self._session.place is Screen.REPRINT:
            await self._reprinting.refresh()

    async def _link(self, online: bool) -> None:
        self._handover.on_link(online)
        if online:
            self._self_testing.send()

    async def _look_at_outbox(self) -> None:
        self._outbox_due = self._core.time.monotonic() + OUTBOX_SECONDS
        try:
            counts = await self._core.keep(self._ports.keeper.summary)
        except OutboxError as error:
            log.error("outbox not read: %s", error.code)
            return
        view = OutboxView(counts.waiting, counts.sending, counts.blocked, counts.full)
        if view != self._outbox:
            self._outbox = view
            self._core.changed()

    # -- after every change ------------------------------------------------------------------------------------

    async def _follow(self, before: Visit | None, after: Visit | None) -> None:
        if before is None and after is not None:
            await self._servicing.stop()
        if before is not None and (after is None or after.step is not before.step):
            self._core.unsay()
            self._help_open = False
        if after is not None and after.step is Step.RECEIPT and (before is None or before.step is not Step.RECEIPT):
            self._core.post("first slip", self._first_slip)
        if after is not None and after.committed and not (before is not None and before.committed):
            if before is not None:
                self._audit("commit_case", after.case_id)
            self._core.post("outbox", self._look_at_outbox)
        await self._follow_ticket(before, after)
        await self._follow_screen()

    async def _follow_ticket(self, before: Visit | None, after: Visit | None) -> None:
        """The first number drawn in this visit is printed where the station is set so; not again after a restart."""
        ticket = self._ticket()
        if before is None or after is None or ticket is None or after.correction or ticket.state != "waiting":
            return
        drawn = not before.handover.ticket_number and after.handover.ticket_number == ticket.number
        if drawn and self._settings.printer.ticket:
            self._printing.ticket(after, ticket)

    async def _follow_screen(self) -> None:
        screen = self._screen()
        acting = self._session.acting
        self._capture.follow(covered=not acting)
        self._identification.follow(screen if acting else None)
        self._leftovers.follow(screen is Screen.FAREWELL)
        self._trouble.follow(screen if acting else None)

    def _screen(self) -> Screen:
        visit = self._visiting.visit
        return Screen(visit.step.value) if visit is not None else self._session.place

    def _account(self) -> str:
        account = self._session.account
        return account.account if account else ""

    def _audit(self, action: str, object_id: str = "", result: str = "ok") -> None:
        """Note what staff did; a record that cannot be written is logged and stops nobody."""
        actor = self._account() or "station"
        self._core.beside("audit", self._write_audit(actor, action, object_id, result))

    async def _write_audit(self, actor: str, action: str, object_id: str, result: str) -> None:
        await self._core.keep(self._ports.audit, actor, action, object_id, result)

    # -- the picture -------------------------------------------------------------------------------------------

    def _publish(self) -> None:
        self._on_snapshot(self._snapshot())

    def _snapshot(self) -> Snapshot:
        station = self._settings.station
        session = self._session
        signed_on = session.account is not None
        return Snapshot(
            screen=self._screen(),
            station_name=station.name,
            centre_name=station.centre_name,
            staff=session.staff,
            cover=session.cover,
            sign_on_code=session.code,
            sign_on_detail=session.detail,
            accounts=session.accounts,
            demo_pin=self._demo_pin,
            devices=tuple(self._paper.shown(_device_view(status)) for status in self._ports.devices.statuses()),
            link=self._handover.link,
            outbox=self._outbox,
            visit=self._visit_view(),
            drafts=self._todo.drafts if signed_on else (),
            todo=self._todo.corrections if signed_on else (),
            reprint=self._reprinting.view if signed_on else ReprintView(),
            paper=self._paper.view,
            self_test=self._self_testing.view,
            morning=self._self_testing.morning,
            service=self._servicing.view,
            set_up=self._setting_up.view() if signed_on else None,
            notice=self._core.notice,
            help_open=self._help_open,
            catalogue_version=self._ports.catalogue.version,
            catalogue_date=self._ports.catalogue.date,
        )

    def _visit_view(self) -> VisitView | None:
        visit = self._visiting.visit
        if visit is None:
            return None
        around = views.Around(
            capture=self._capture.view(),
            delivery=self._handover.delivery(visit),
            ticket=self._handover.ticket(visit),
            at_centre=self._handover.at_centre,
            fresh_state=PageState.SENDING if self._handover.travels(visit) else PageState.TAKEN,
            print_state=self._printing.state,
            print_code=self._printing.code,
        )
        return views.visit_view(visit, around, self._item_view, self._identification.person_view)

    def _item_view(self, item_id: str) -> ItemView | None:
        item = self._ports.catalogue.item(item_id)
        return views.item_view(item) if item is not None else None

    # -- commands ----------------------------------------------------------------------------------------------

    def _post(self, name: str, job: Callable[..., Awaitable[Any]], *args: object) -> None:
        """A command of somebody who is signed on and not behind the cover; otherwise it changes nothing."""
        self._core.post(name, self._if_acting, job, args)

    async def _if_acting(self, job: Callable[..., Awaitable[Any]], args: tuple[object, ...]) -> None:
        if self._session.acting:
            self._session.touched()
            await job(*args)

    # staff

    def make_administrator(self, account: str, name: str, pin: str) -> None:
        self._core.post("make administrator", self._make_administrator, account, name, pin)

    async def _make_administrator(self, account: str, name: str, pin: str) -> None:
        if await self._session.make_administrator(account, name, pin):
            self._audit("make_administrator")
            await self._arrived_home()

    def sign_on(self, account: str, pin: str) -> None:
        self._core.post("sign on", self._sign_on, account, pin)

    async def _sign_on(self, account: str, pin: str) -> None:
        if self._session.account is not None:
            return
        if await self._session.sign_on(account, pin):
            self._core.unsay()
            self._paper.somebody_came()
            self._ports.devices.wake_cameras()
            self._audit("sign_on")
            await self._arrived_home()

    def sign_off(self) -> None:
        self._core.post("sign off", self._sign_off)

    async def _sign_off(self) -> None:
        if self._session.account is None:
            return
        self._audit("sign_off")
        await self._self_testing.leave()
        await self._servicing.stop()
        await self._put_visit_away()
        await self._session.sign_off()
        await self._todo.refresh()

    async def _put_visit_away(self) -> None:
        """The draft stays, encrypted; memory and screen forget."""
        await self._visiting.save()
        await self._visiting.leave()
        self._forget()
        self._reprinting.forget()
        await self._setting_up.leave()

    def unlock(self, pin: str) -> None:
        self._core.post("unlock", self._unlock, pin)

    async def _unlock(self, pin: str) -> None:
        await self._session.unlock(pin)
        await self._follow_screen()

    def touched(self) -> None:
        self._core.call(self._touched)

    def _touched(self) -> None:
        self._session.touched()
        self._signing_since = None

    def set_large_print(self, on: bool) -> None:
        self._core.call(self._session.set_large_print, on)

    # around a visit

    def start_visit(self) -> None:
        self._post("start visit", self._start_visit)

    async def _start_visit(self) -> None:
        if self._visiting.visit is not None or self._session.place is not Screen.HOME:
            return
        if not self._session.may_open_cases:
            self._core.say("warning", "visit.not_allowed")
            return
        await self._look_at_outbox()
        if self._outbox.full:
            self._core.say("error", "outbox.disk_full")
            return
        self._core.unsay()
        self._forget()
        self._leftovers.begin()
        await self._visiting.begin()
        self._ports.devices.wake_cameras()
        self._ports.devices.look_for_cards()  # many lay their card down before "begin" is pressed

    def resume_draft(self, case_id: str) -> None:
        self._post("resume draft", self._resume_draft, case_id)

    async def _resume_draft(self, case_id: str) -> None:
        if self._visiting.visit is not None or self._session.place is not Screen.HOME:
            return
        if not self._session.may_open_cases:
            self._core.say("warning", "visit.not_allowed")
            return
        self._core.unsay()
        self._forget()
        visit = await self._todo.resume_draft(case_id)
        if visit is not None:
            self._audit("resume_draft", case_id)
            await self._capture.show_again(visit)

    def open_todo(self) -> None:
        self._post("open to-do list", self._go, Screen.TODO)

    def open_technician(self) -> None:
        self._post("open technician", self._go, Screen.TECHNICIAN)

    def go_home(self) -> None:
        self._post("go home", self._go, Screen.HOME)

    async def _go(self, place: Screen) -> None:
        here = self._session.place
        leaves = (Screen.HOME, Screen.TODO, Screen.REPRINT, Screen.TECHNICIAN, Screen.DEVICE_SET_UP, Screen.FAREWELL)
        if self._visiting.visit is not None or here not in leaves or here is place:
            return
        if here is Screen.FAREWELL and place is not Screen.HOME:
            return
        self._session.place = place
        self._core.unsay()
        self._help_open = False
        self._reprinting.forget()
        if here is Screen.DEVICE_SET_UP:
            await self._setting_up.leave()
        if place is Screen.REPRINT:
            await self._reprinting.refresh()
        await self._self_testing.leave()
        await self._servicing.stop()
        if place is Screen.TECHNICIAN:
            await self._servicing.enter()
        await self._arrived_home()

    async def _arrived_home(self) -> None:
        await self._todo.refresh()
        await self._look_at_outbox()
        await self._follow_screen()
        self._remind()
        self._core.changed()

    def _remind(self) -> None:
        if self._place() is Screen.HOME:
            self._printing.remind()
            self._paper.warn()

    def open_correction(self, case_id: str) -> None:
        self._post("open correction", self._open_correction, case_id)

    async def _open_correction(self, case_id: str) -> None:
        if not self._session.may_open_cases:
            self._core.say("warning", "visit.not_allowed")
            return
        if self._session.place in (Screen.HOME, Screen.TODO) and await self._todo.open_correction(case_id):
            self._audit("open_correction", case_id)

    def print_what_to_bring(self, case_id: str) -> None:
        self._post("print what to bring", self._print_what_to_bring, case_id)

    async def _print_what_to_bring(self, case_id: str) -> None:
        entry = self._todo.entry(case_id)
        if entry is not None:
            self._printing.what_to_bring(entry, self._todo.material_names(entry))

    def open_reprint(self) -> None:
        self._post("open reprint", self._go, Screen.REPRINT)

    def find_receipts(self, text: str) -> None:
        self._post("find receipts", self._find_receipts, text)

    async def _find_receipts(self, text: str) -> None:
        if self._place() is Screen.REPRINT:
            await self._reprinting.look_for(text)

    def reprint_receipt(self, case_id: str) -> None:
        self._post("reprint receipt", self._reprint_receipt, case_id)

    async def _reprint_receipt(self, case_id: str) -> None:
        if self._place() is Screen.REPRINT:
            await self._reprinting.print_again(case_id)

    def new_roll(self) -> None:
        self._post("new roll", self._new_roll)

    async def _new_roll(self) -> None:
        self._audit("new_roll")
        await self._paper.new_roll()

    # set-up of devices

    def open_device_set_up(self) -> None:
        self._post("open device set-up", self._open_device_set_up)

    async def _open_device_set_up(self) -> None:
        if self._place() is not Screen.TECHNICIAN or not self._setting_up.can or self._self_testing.running:
            return
        if not self._session.may_set_up_devices:
            self._core.say("warning", "set_up.not_allowed")
            return
        await self._setting_up.enter()
        await self._go(Screen.DEVICE_SET_UP)

    def _set_up(self, name: str, job: Callable[..., Awaitable[None]], *args: object) -> None:
        async def if_there() -> None:
            if self._place() is Screen.DEVICE_SET_UP:
                await job(*args)

        self._post(name, if_there)

    def set_up_choose(self, kind: DeviceKind) -> None:
        self._set_up("set up: choose", self._setting_up.choose, kind)

    def set_up_find(self) -> None:
        self._set_up("set up: find", self._setting_up.find)

    def set_up_try(self, connection: str) -> None:
        self._set_up("set up: try", self._setting_up.connect, connection)

    def set_up_probe(self, connection: str, listening: bool) -> None:
        self._set_up("set up: probe", self._setting_up.probe, connection, listening)

    def set_up_stop_probe(self) -> None:
        self._set_up("set up: stop probe", self._setting_up.stop_probe)

    def set_up_printer(self, paper_mm: int, status: bool) -> None:
        self._set_up("set up: printer", self._setting_up.use_printer, paper_mm, status)

    def set_up_print_line(self) -> None:
        self._set_up("set up: print a line", self._setting_up.print_line)

    def set_up_keep(self) -> None:
        self._set_up("set up: keep", self._setting_up.keep)

    def set_up_restore(self) -> None:
        self._set_up("set up: restore", self._setting_up.restore)

    def _use_printer(self, printer: PrinterSection) -> None:
        self._printing.use_paper(printer.paper_mm)
        self._paper.use_printer(printer)

    def run_self_test(self, quick: bool = False) -> None:
        self._in_technician("self-test", self._self_testing.start, SelfTestKind.QUICK if quick else SelfTestKind.FULL)

    def cancel_self_test(self) -> None:
        self._in_technician("cancel self-test", self._self_testing.cancel)

    def skip_check(self, check_id: str) -> None:
        self._in_technician("skip a check", self._self_testing.skip, check_id)

    def print_self_test(self) -> None:
        self._in_technician("print self-test", self._self_testing.print_report)

    def export_self_test(self) -> None:
        self._in_technician("export self-test", self._self_testing.export_report)

    def make_support_bundle(self) -> None:
        self._in_technician("support bundle", self._servicing.make_bundle)

    def record_device(self, kind: str, on: bool) -> None:
        self._in_technician("record a device", self._record_device, DeviceKind(kind), on)

    async def _record_device(self, kind: DeviceKind, on: bool) -> None:
        if on:
            await self._servicing.record(kind, visit=self._visiting.visit is not None)
        else:
            await self._servicing.stop(kind)

    def delete_recording(self, name: str) -> None:
        self._in_technician("delete a recording", self._servicing.delete, name)

    def _in_technician(self, name: str, job: Callable[P, Awaitable[None]], *args: P.args, **_: P.kwargs) -> None:
        self._post(name, self._if_in_technician, job, args)

    async def _if_in_technician(self, job: Callable[..., Awaitable[None]], args: tuple[object, ...]) -> None:
        if self._session.place is Screen.TECHNICIAN:
            await job(*args)

    def back(self) -> None:
        self._post("back", self._visiting.apply, ev.Back())

    def next(self) -> None:
        self._post("next", self._next)

    async def _next(self) -> None:
        visit = self._visiting.visit
        if visit is None:
            return
        if visit.step is Step.SUBMIT and not visit.committed:
            await self._handover.hand_over()
            return
        if visit.step is Step.RATING:
            await self._farewell()
            return
        if self._capture.undecided:
            self._core.say("info", "visit.decide_first")
            return
        await self._visiting.apply(ev.Next(self._core.time.now().isoformat()))

    def cancel_visit(self) -> None:
        self._post("cancel visit", self._cancel_visit)

    async def _cancel_visit(self) -> None:
        visit = self._visiting.visit
        if visit is None:
            return
        if visit.committed:  # the case is handed over; only the rest of the visit can be given up
            await self._farewell()
            return
        self._audit("cancel_visit", visit.case_id)
        try:
            await self._visiting.destroy()
        except OutboxError as error:
            self._core.say("error", error.code, **error.detail)
            return
        self._forget()
        self._session.place = Screen.HOME
        await self._arrived_home()

    def help(self, show: bool) -> None:
        self._core.post("help", self._help, show)

    async def _help(self, show: bool) -> None:
        """Also before anybody has signed on; not over the privacy cover."""
        self._session.touched()
        self._help_open = show and not self._session.covered
        self._core.changed()

    def dismiss_notice(self) -> None:
        self._core.call(self._core.unsay)

    # identify, item, guide

    def identify_by_hand(self, name: str, id_number: str, reason: str) -> None:
        self._post("identify by hand", self._identify_by_hand, name, id_number, reason)

    async def _identify_by_hand(self, name: str, id_number: str, reason: str) -> None:
        before = self._visiting.visit
        await self._identification.by_hand(name, id_number, reason)
        visit = self._visiting.visit
        if visit is not None and visit != before:
            self._audit("identify_by_hand", visit.case_id)

    def wedge_code(self, text: str) -> None:
        self._post("wedge code", self._wedge_code, text)

    async def _wedge_code(self, text: str) -> None:
        if self._place() is Screen.DEVICE_SET_UP:
            self._setting_up.on_code(text.encode())
            return
        if self._self_testing.take_code(text.encode()):
            return
        await self._identification.on_code(text.encode(), self._place())

    def _place(self) -> Screen | None:
        return self._session.place if self._visiting.visit is None else None

    def choose_item(self, item_id: str) -> None:
        self._post("choose item", self._choose_item, item_id)

    async def _choose_item(self, item_id: str) -> None:
        item = self._ports.catalogue.item(item_id)
        offered = self._settings.catalogue.offered
        if item is None or (offered != "all" and item_id not in offered):
            log.error("item %s is not offered here", item_id)
            return
        await self._visiting.apply(ev.ItemChosen(plan_item(item, self._ports.catalogue.version)))

    def set_acting_for_other(self, acting: bool) -> None:
        self._post("acting for other", self._visiting.apply, ev.ActingForOther(acting))

    def set_consent(self, agreed: bool) -> None:
        self._post("consent", self._set_consent, agreed)

    async def _set_consent(self, agreed: bool) -> None:
        await self._visiting.apply(ev.Consent(self._core.time.now().isoformat() if agreed else ""))

    def print_checklist(self) -> None:
        self._post("print checklist", self._print_checklist)

    async def _print_checklist(self) -> None:
        visit = self._visiting.visit
        if visit is None or visit.step is not Step.GUIDE or visit.item is None:
            return
        item = self._ports.catalogue.item(visit.item.item_id)
        if item is not None:
            version = self._ports.catalogue.version
            self._printing.checklist(item, version, for_another=visit.acting_for_other)

    # capture

    def choose_material(self, material_id: str) -> None:
        self._post("choose material", self._capture.choose_material, material_id)

    def add_material(self, name: str) -> None:
        self._post("add material", self._capture.add_material, name)

    def remove_material(self, material_id: str) -> None:
        self._post("remove material", self._capture.remove_material, material_id)

    def set_automatic(self, on: bool) -> None:
        self._post("automatic", self._capture.set_automatic, on)

    def take_picture(self) -> None:
        self._post("take picture", self._capture.take_picture)

    def move_corners(self, corners: Corners) -> None:
        self._post("move corners", self._capture.move_corners, tuple(corners))

    def use_whole_picture(self) -> None:
        self._post("whole picture", self._capture.use_whole_picture)

    def rotate_review(self) -> None:
        self._post("rotate review", self._capture.rotate_review)

    def accept_picture(self, override_reason: str = "") -> None:
        self._post("accept picture", self._capture.accept_picture, override_reason)

    def retake_picture(self) -> None:
        self._post("retake picture", self._capture.retake_picture)

    def delete_page(self, page_id: str) -> None:
        self._post("delete page", self._capture.delete_page, page_id)

    def rotate_page(self, page_id: str) -> None:
        self._post("rotate page", self._capture.rotate_page, page_id)

    # fields, signature

    def set_field(self, field_id: str, value: str) -> None:
        self._post("set field", self._visiting.apply, ev.FieldSet(field_id, value))

    def sign(self, strokes: Sequence[Stroke], width: int, height: int) -> None:
        self._post("sign", self._signing.sign, tuple(tuple(stroke) for stroke in strokes), width, height)

    def clear_signature(self) -> None:
        self._post("clear signature", self._signing.clear)

    # after the hand-over

    def print_receipt(self) -> None:
        self._post("print receipt", self._print_receipt)

    async def _print_receipt(self) -> None:
        await self._printing.print_receipt(self._account(), self._ticket())

    def print_ticket(self) -> None:
        self._post("print ticket", self._print_ticket)

    async def _print_ticket(self) -> None:
        visit, ticket = self._visiting.visit, self._ticket()
        if visit is not None and ticket is not None and visit.step is Step.WAITING:
            self._printing.ticket(visit, ticket)

    async def _first_slip(self) -> None:
        await self._printing.first_slip(self._account(), self._ticket())

    def _ticket(self) -> TicketView | None:
        visit = self._visiting.visit
        return self._handover.ticket(visit) if visit is not None else None

    def leave_waiting(self) -> None:
        self._post("leave waiting", self._leave_waiting)

    async def _leave_waiting(self) -> None:
        visit = self._visiting.visit
        if visit is not None and visit.step is Step.WAITING:
            await self._next()

    def rate(self, level: int, comment: str = "") -> None:
        self._post("rate", self._rate, level, comment)

    async def _rate(self, level: int, comment: str) -> None:
        visit = self._visiting.visit
        if visit is None or visit.step is not Step.RATING or not 0 <= level <= 5:
            return
        if level:
            try:
                rating = Rating(level=level, comment=comment.strip()[:500])
                await self._core.keep(self._ports.keeper.rate, UUID(visit.case_id), rating)
            except OutboxError as error:
                self._core.say("error", error.code, **error.detail)
                return
        await self._visiting.apply(ev.Rated(level))
        await self._farewell()

    def finish_visit(self) -> None:
        self._post("finish visit", self._finish_visit)

    async def _finish_visit(self) -> None:
        visit = self._visiting.visit
        if visit is None:
            if self._session.place is Screen.FAREWELL:
                await self._go(Screen.HOME)
        elif visit.committed and visit.step in REVIEWING:
            await self._farewell()

    async def _farewell(self) -> None:
        """Wipe: from here on neither memory nor screen nor disk knows who was here."""
        visit = self._visiting.visit
        if visit is None:
            return
        self._session.place = Screen.FAREWELL
        await self._visiting.leave()
        self._forget()
        self._core.unsay()
        try:
            await self._core.keep(self._ports.keeper.destroy_case, UUID(visit.case_id))
        except OutboxError as error:
            log.error("draft of case %s stays until it expires: %s", visit.case_id, error.code)
        self._audit("finish_visit", visit.case_id)
        await self._todo.refresh()
        await self._follow_screen()
        self._core.changed()

    def _forget(self) -> None:
        self._capture.reset()
        self._identification.reset()
        self._printing.reset()
        self._pictures.drop("")
        self._help_open = False


def _device_view(status: DeviceStatus) -> DeviceView:
    return DeviceView(status.kind, status.state, status.code, status.detail, status.identity)
