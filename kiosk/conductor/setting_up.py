"""Setting a piece up: found, tried, seen to work, kept (or as it was before).

A trial is in effect for the whole station but written nowhere; leaving the screen, signing off and the end of the
program take it back. Connecting, searching and probing block: they run beside the queue, one after the other, and
what they find comes back as a job of the queue.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Protocol

from drivers.code_scanner import CodeDropped, CodeScanned
from drivers.discovery import Discovery, FoundDevice
from drivers.driver import DeviceError, DeviceKind, DeviceState, DeviceStatus
from drivers.id_card_reader import IdCardRead, IdCardTrouble
from drivers.printer_job import DOTS_OF_PAPER
from drivers.probing import ProbeAnswer, ProbeStep, SerialProbe
from drivers.receipt_printer import PrintProgress, PrintResult, PrintResultState
from drivers.social_security_card import SocialSecurityCardRead, SocialSecurityCardTrouble
from drivers.transport.address import NONE, AddressError
from kiosk.conductor.core import Core, new_id
from kiosk.conductor.ports import Devices
from kiosk.conductor.snapshot import FoundView, Notice, ProbeView, SetUpView
from kiosk.devices.printing import for_printer
from kiosk.devices.station_devices import NOT_CONFIGURED, NOT_FITTED
from kiosk.identity.codes import classify
from kiosk.identity.masking import mask_name
from kiosk.receipts.draw import draw
from kiosk.receipts.fonts import FontsMissing
from kiosk.receipts.slip import Paragraph, Ruler, Slip, Title
from kiosk.selftest.slip import is_self_test_code
from kiosk.settings import PrinterSection, StationSection, ways_to
from kiosk.settings_file import SettingsFileError

log = logging.getLogger(__name__)

WAITING, PASSED, FAILED = "waiting", "passed", "failed"

NARROW_PROFILE, WIDE_PROFILE = "POS-5890", "TM-T20II"
"""Of python-escpos, for printers nobody has named: 58 mm without a knife, 80 mm with one (hardware reference 4.5)."""

_ANSWERED_ONLY = MappingProxyType(
    {
        DeviceKind.ID_CARD_READER: "set_up.lay_a_card",
        DeviceKind.SOCIAL_SECURITY_CARD: "set_up.insert_a_card",
        DeviceKind.RECEIPT_PRINTER: "set_up.print_a_line",
        DeviceKind.CODE_SCANNER: "set_up.scan_a_code",
    }
)
"""What is still to be done when the device itself is well."""

_WITHOUT_A_PLUG = MappingProxyType(
    {
        DeviceKind.CODE_SCANNER: (("camera:", "set_up.way_camera"), ("keyboard", "set_up.way_keyboard")),
        DeviceKind.SOCIAL_SECURITY_CARD: (("pcsc:", "set_up.way_any_reader"),),
    }
)
"""Connections that name nothing plugged in, with what they mean."""

Detail = Mapping[str, str | int | float]
NOTHING: Detail = MappingProxyType({})


class SetUpEnd(Protocol):
    """``kiosk.devices.set_up.DeviceSetUp``; blocking but for the first four."""

    def connection(self, kind: DeviceKind) -> str: ...
    @property
    def printer(self) -> PrinterSection: ...
    def user_of(self, connection: str) -> DeviceKind | None: ...
    def check(self, kind: DeviceKind, connection: str) -> bool: ...
    def discover(self) -> Discovery: ...
    def connect(self, kind: DeviceKind, connection: str, printer: PrinterSection | None = None) -> None: ...
    def probe(self, connection: str, on_step: Callable[[ProbeStep], None]) -> SerialProbe: ...
    def keep(self, kind: DeviceKind, connection: str, printer: PrinterSection) -> None: ...


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the piece on trial has done."""

    state: str
    code: str
    detail: Detail = field(default_factory=lambda: NOTHING)


class SettingUp:
    """Engine thread.

    Args:
        core: See there.
        devices: The station's.
        end: What connects, searches and writes; None where a station cannot be set up.
        station: Its name stands on the printed line.
        audit: Notes what was kept: action, object, result.
        touched: Somebody is at work, though the screen is not touched.
        kept: The printer's section after every keep, for those who draw slips.
    """

    def __init__(
        self,
        core: Core,
        devices: Devices,
        end: SetUpEnd | None,
        station: StationSection,
        audit: Callable[[str, str, str], None],
        touched: Callable[[], None],
        kept: Callable[[PrinterSection], None] = lambda printer: None,
    ) -> None:
        self._core = core
        self._devices = devices
        self._end = end
        self._station = station
        self._audit = audit
        self._touched = touched
        self._kept = kept
        self._one_by_one = asyncio.Lock()
        self._probing: SerialProbe | None = None
        self._visit = 0  # grows with every piece chosen and left: what comes back late belongs to another one
        self._forget()

    def _forget(self) -> None:
        self._visit += 1
        self._kind: DeviceKind | None = None
        self._open = False
        self._connection = ""
        self._printer = PrinterSection()
        self._busy = False
        self._searching = False
        self._found: Discovery | None = None
        self._probe = ProbeView()
        self._seen: _Seen | None = None
        self._message: Notice | None = None

    @property
    def can(self) -> bool:
        return self._end is not None

    @property
    def open(self) -> bool:
        """Somebody is at it: what is connected may be on trial."""
        return self._open

    @property
    def busy(self) -> bool:
        """Something is being connected or probed: the idle rules wait."""
        return self._busy or self._probe.running

    # -- coming and going --------------------------------------------------------------------------------------

    async def enter(self) -> None:
        self._forget()
        self._open = self._end is not None

    async def leave(self) -> None:
        """Whatever was on trial is taken back."""
        self._take_back()
        self._forget()

    def _take_back(self) -> None:
        if self._probing is not None:
            self._probing.cancel()
        kind, end = self._kind, self._end
        if kind is not None and end is not None and (self._changed or self.busy):
            self._core.beside("restore", self._restore_now(kind, end))

    async def _restore_now(self, kind: DeviceKind, end: SetUpEnd) -> None:
        async with self._one_by_one:
            await asyncio.to_thread(end.connect, kind, end.connection(kind))

    async def choose(self, kind: DeviceKind) -> None:
        """Another piece; the one before is as it was."""
        end = self._end
        if not self._open or end is None or kind is self._kind:
            return
        await self.leave()
        self._open = True
        self._kind = kind
        self._connection = end.connection(kind)
        self._printer = end.printer
        self._core.changed()

    # -- the picture -------------------------------------------------------------------------------------------

    @property
    def _changed(self) -> bool:
        end, kind = self._end, self._kind
        if end is None or kind is None:
            return False
        other_printer = kind is DeviceKind.RECEIPT_PRINTER and self._printer != end.printer
        return self._connection != end.connection(kind) or other_printer

    def view(self) -> SetUpView | None:
        """None while the screen is not shown."""
        end = self._end
        if not self._open or end is None:
            return None
        kind = self._kind
        if kind is None:
            return SetUpView(message=self._message)
        seen = self._judge(self._devices.status(kind))
        found = self._found.fit_for(kind) if self._found else ()
        return SetUpView(
            kind=kind,
            connection=self._connection,
            kept=end.connection(kind),
            changed=self._changed,
            busy=self._busy,
            searching=self._searching,
            searched=self._found is not None,
            found=(*(self._found_view(one, end) for one in found), *self._ways(kind)),
            notes=tuple(
                Notice("warning", one.code, one.detail)
                for one in (self._found.notes if self._found else ())
                if kind in one.kinds
            ),
            probe=self._probe,
            result=seen.state,
            result_code=seen.code,
            result_detail=seen.detail,
            paper_mm=self._printer.paper_mm,
            printer_status=self._printer.status,
            message=self._message,
        )

    def _found_view(self, one: FoundDevice, end: SetUpEnd) -> FoundView:
        return FoundView(
            connection=one.connection,
            name=one.name,
            identity=one.identity,
            ambiguous=one.ambiguous,
            note_code=one.note_code,
            serial_line=one.serial_line,
            used_by=end.user_of(one.connection) if one.connection else None,
        )

    def _ways(self, kind: DeviceKind) -> tuple[FoundView, ...]:
        """Offered behind what is plugged in, once that has been searched."""
        ways = _WITHOUT_A_PLUG.get(kind, ()) if self._found else ()
        return tuple(FoundView(connection, "", "", note_code=code) for connection, code in ways)

    def _judge(self, status: DeviceStatus) -> _Seen:
        """What was seen counts only while the device is well; silence is waited on, never taken for well."""
        if self._busy or status.state is DeviceState.CONNECTING:
            return _Seen(WAITING, "set_up.connecting")
        if status.code in NOT_FITTED:
            return _Seen("", "set_up.nothing_chosen" if status.code == NOT_CONFIGURED else status.code)
        if status.state in (DeviceState.ABSENT, DeviceState.FAULT):
            return _Seen(FAILED, status.code or "set_up.no_answer", status.detail)
        if self._seen is not None:
            return self._seen
        asked = _ANSWERED_ONLY.get(status.kind, "")
        if status.state is DeviceState.UNKNOWN:
            if status.kind in (DeviceKind.CODE_SCANNER, DeviceKind.RECEIPT_PRINTER):
                return _Seen(WAITING, asked)
            return _Seen(FAILED, status.code or "set_up.no_answer", status.detail)
        if status.state is DeviceState.ATTENTION:
            return _Seen(FAILED, status.code, status.detail)
        if asked:
            return _Seen(WAITING, asked)
        numbers = {"width": status.detail.get("width", 0), "height": status.detail.get("height", 0)}
        return _Seen(PASSED, "set_up.picture_comes", numbers)

    def _say(self, kind: str, code: str, **detail: str | int | float) -> None:
        self._message = Notice(kind, code, MappingProxyType(detail))
        self._core.changed()

    # -- searching and trying ----------------------------------------------------------------------------------

    async def find(self) -> None:
        """List what is plugged in and fits the piece."""
        if self._end is None or self._kind is None or self._searching:
            return
        self._searching = True
        self._message = None
        self._core.beside("find devices", self._find_now(self._visit, self._end))
        self._core.changed()

    async def _find_now(self, visit: int, end: SetUpEnd) -> None:
        found = Discovery(())
        try:
            found = await asyncio.to_thread(end.discover)
        finally:  # whatever went wrong, the screen does not go on searching
            self._core.post("devices found", self._found_now, visit, found)

    async def _found_now(self, visit: int, found: Discovery) -> None:
        if visit != self._visit:
            return
        self._searching = False
        self._found = found
        if self._kind is not None and not found.fit_for(self._kind):
            self._message = Notice("warning", "set_up.nothing_found")
        self._core.changed()

    async def connect(self, connection: str) -> None:
        """Try a connection, also one typed by hand; "none" = this station has no such piece."""
        end, kind = self._end, self._kind
        connection = connection.strip()
        if end is None or kind is None or self.busy:
            return
        if not end.check(kind, connection) or not connection:
            self._say("error", "set_up.bad_connection", ways=", ".join(f"{way}:" for way in ways_to(kind.value)))
            return
        self._begin(connection, self._printer)

    async def use_printer(self, paper_mm: int, status: bool) -> None:
        """Another paper width, or a printer that never answers; tried like a connection."""
        if self._kind is not DeviceKind.RECEIPT_PRINTER or self.busy or paper_mm not in DOTS_OF_PAPER:
            return
        printer = self._printer
        if printer.paper_mm != paper_mm and printer.profile in (NARROW_PROFILE, WIDE_PROFILE):
            profile = NARROW_PROFILE if paper_mm == 58 else WIDE_PROFILE
        else:
            profile = printer.profile
        section = PrinterSection.model_validate(
            printer.model_dump() | {"paper_mm": paper_mm, "status": status, "profile": profile}
        )
        self._begin(self._connection, section)

    async def restore(self) -> None:
        """Back to what is kept."""
        end, kind = self._end, self._kind
        if end is not None and kind is not None and not self.busy:
            self._begin(end.connection(kind), end.printer)

    def _begin(self, connection: str, printer: PrinterSection) -> None:
        assert self._end is not None
        assert self._kind is not None
        self._connection, self._printer = connection, printer
        self._busy = True
        self._seen = self._message = None
        self._core.beside("try connection", self._connect_now(self._visit, self._end, self._kind, connection, printer))
        self._core.changed()

    async def _connect_now(
        self, visit: int, end: SetUpEnd, kind: DeviceKind, connection: str, printer: PrinterSection
    ) -> None:
        refused = False
        try:
            async with self._one_by_one:
                if visit == self._visit:
                    await asyncio.to_thread(end.connect, kind, connection, printer)
        except AddressError:
            refused = True
        finally:
            self._core.post("connected", self._connected, visit, refused)

    async def _connected(self, visit: int, refused: bool) -> None:
        if visit != self._visit:
            return
        self._busy = False
        end, kind = self._end, self._kind
        if refused and end is not None and kind is not None:
            self._say("error", "set_up.bad_connection", ways=", ".join(f"{way}:" for way in ways_to(kind.value)))
            self._connection, self._printer = end.connection(kind), end.printer
        self._core.changed()

    # -- probing -----------------------------------------------------------------------------------------------

    async def probe(self, connection: str, listening: bool) -> None:
        """Ask a serial line what it is and at which speed; ``listening``: by a code that is being scanned."""
        end, kind = self._end, self._kind
        if end is None or kind is None or self.busy:
            return
        visit = self._visit

        def on_step(step: ProbeStep) -> None:
            self._core.post("probe step", self._probe_step, visit, step)

        try:
            probing = end.probe(connection, on_step)
        except AddressError:
            self._say("error", "set_up.only_serial")
            return
        self._probing = probing
        self._probe = ProbeView(running=True, listening=listening, connection=connection)
        self._message = None
        # The piece's own driver may hold this line: it lets go, and is back afterwards.
        held = (self._connection, self._printer)
        self._core.beside("probe", self._probe_now(visit, end, kind, probing, held, listening))
        self._core.changed()

    async def stop_probe(self) -> None:
        if self._probing is not None:
            self._probing.cancel()

    async def _probe_step(self, visit: int, step: ProbeStep) -> None:
        if visit == self._visit and self._probe.running:
            self._touched()
            detail = MappingProxyType({"baud": step.baud, "number": step.number, "total": step.total})
            self._probe = replace(self._probe, step_code=step.code, step_detail=detail)
            self._core.changed()

    async def _probe_now(
        self,
        visit: int,
        end: SetUpEnd,
        kind: DeviceKind,
        probing: SerialProbe,
        held: tuple[str, PrinterSection],
        listening: bool,
    ) -> None:
        answers: tuple[ProbeAnswer, ...] = ()
        code, detail = "", NOTHING
        try:
            async with self._one_by_one:
                try:
                    await asyncio.to_thread(end.connect, kind, "")
                    answers = await asyncio.to_thread(probing.listen if listening else probing.ask)
                finally:
                    if visit == self._visit:  # otherwise the one who left has it restored
                        await asyncio.to_thread(end.connect, kind, *held)
        except DeviceError as error:
            code, detail = error.code, error.detail
        except AddressError:
            code = "set_up.only_serial"
        finally:
            self._core.post("probed", self._probed, visit, probing, answers, code, detail)

    async def _probed(
        self, visit: int, probing: SerialProbe, answers: tuple[ProbeAnswer, ...], code: str, detail: Detail
    ) -> None:
        if self._probing is probing:
            self._probing = None
        if visit != self._visit:
            return
        if not answers and not code:
            silent = "set_up.no_code_came" if self._probe.listening else "set_up.nobody_answered"
            code = "set_up.probe_stopped" if probing.cancelled else silent
        found = tuple(
            FoundView(
                connection=one.connection,
                name="",
                identity=one.identity,
                kind=one.kind,
                serial_line=True,
                ambiguous=len(answers) > 1,
            )
            for one in answers
        )
        self._seen = None
        self._probe = ProbeView(
            listening=self._probe.listening,
            connection=self._probe.connection,
            answers=found,
            code=code,
            detail=detail,
        )
        self._core.changed()

    # -- what the piece does -----------------------------------------------------------------------------------

    def on_device_event(self, event: object) -> None:
        """A card, a code, a word of the printer: the live result."""
        match self._kind, event:
            case DeviceKind.ID_CARD_READER, IdCardRead():
                card = event.card
                self._see_card(card.name or card.english_name)
            case DeviceKind.SOCIAL_SECURITY_CARD, SocialSecurityCardRead():
                self._see_card(event.card.name)
            case (DeviceKind.ID_CARD_READER, IdCardTrouble()):
                self._see(FAILED, event.code, event.detail)
            case (DeviceKind.SOCIAL_SECURITY_CARD, SocialSecurityCardTrouble()):
                if self._seen is None or self._seen.state != PASSED:
                    self._see(FAILED, event.code, event.detail)
            case DeviceKind.CODE_SCANNER, CodeScanned():
                self.on_code(event.raw)
            case DeviceKind.CODE_SCANNER, CodeDropped():
                self._see(FAILED, event.code)
            case DeviceKind.RECEIPT_PRINTER, PrintProgress() if event.code:
                if self._seen is not None and self._seen.state == WAITING:
                    self._see(WAITING, event.code)
            case _:
                pass

    def _see_card(self, name: str) -> None:
        if name:
            self._see(PASSED, "set_up.card_read", {"name": mask_name(name)})
        else:
            self._see(PASSED, "set_up.card_read_without_name")

    def on_code(self, raw: bytes) -> None:
        """A code was scanned, or typed by a scanner: its kind and length, nothing of what it says."""
        if self._kind is not DeviceKind.CODE_SCANNER:
            return
        if is_self_test_code(raw) and len(raw) <= 40 and raw.isascii():
            self._see(PASSED, "set_up.code_test", {"text": raw.decode("ascii"), "length": len(raw)})
        else:
            self._see(PASSED, f"set_up.code_{classify(raw).kind}", {"length": len(raw)})

    def _see(self, state: str, code: str, detail: Detail = NOTHING) -> None:
        self._seen = _Seen(state, code, detail)
        self._core.changed()

    async def print_line(self) -> None:
        """One short slip at the width on trial."""
        if self._kind is not DeviceKind.RECEIPT_PRINTER or self.busy:
            return
        if self._seen is not None and self._seen.state == WAITING:
            return
        self._see(WAITING, "set_up.printing_line")
        self._core.beside("print a line", self._print_now(self._visit, DOTS_OF_PAPER[self._printer.paper_mm]))

    async def _print_now(self, visit: int, width: int) -> None:
        now = self._core.time.now().astimezone()
        slip = Slip(
            (
                Title(self._station.name, "打印试验", "Print test"),
                Paragraph(f"{now:%Y-%m-%d %H:%M:%S}"),
                Ruler(),
                Paragraph("两端的刻度都看得见，纸宽就选对了。", small=True),
            )
        )
        result = PrintResult(PrintResultState.FAILED, "set_up.no_answer")
        try:
            elements = for_printer(await self._core.look(draw, slip, width))
            result = await self._devices.print_job(elements, str(new_id(self._core.time.now())))
        except FontsMissing:
            result = PrintResult(PrintResultState.FAILED, "visit.no_fonts")
        except DeviceError as error:
            result = PrintResult(PrintResultState.FAILED, error.code)
        finally:
            self._core.post("line printed", self._line_printed, visit, result)

    async def _line_printed(self, visit: int, result: PrintResult) -> None:
        if visit != self._visit:
            return
        if result.state is PrintResultState.PRINTED:
            self._see(PASSED, "set_up.line_printed")
        elif result.state is PrintResultState.UNCONFIRMED:
            self._see(PASSED, "set_up.line_sent")
        else:
            self._see(FAILED, result.code or "set_up.no_answer")

    # -- keeping -----------------------------------------------------------------------------------------------

    async def keep(self) -> None:
        """Write what is in effect now; the queue waits, it is one small file."""
        end, kind = self._end, self._kind
        if end is None or kind is None or self.busy or not self._changed:
            return
        try:
            await self._core.keep(end.keep, kind, self._connection, self._printer)
        except SettingsFileError as error:
            self._say("error", error.code, **error.detail)
            self._audit("set_up_device", kind.value, error.code)
            return
        self._audit("set_up_device", kind.value, "none" if self._connection == NONE else "ok")
        self._kept(end.printer)
        self._say("good", "set_up.kept")
