"""Setting up a device through the conductor: searched, tried, seen, kept or as before; an end without hardware."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from drivers.code_scanner import CodeDropped, CodeScanned
from drivers.discovery import Discovery, FoundDevice, Note
from drivers.driver import DeviceError, DeviceKind, DeviceState, DeviceStatus
from drivers.id_card_reader import IdCardTrouble
from drivers.probing import ProbeAnswer, ProbeStep
from drivers.transport.address import NONE, AddressError, parse_address
from kiosk.conductor.conductor import Conductor, Ports
from kiosk.conductor.core import Time
from kiosk.conductor.snapshot import Screen, SetUpView, Snapshot
from kiosk.identity.codes import CodeKind
from kiosk.settings import PrinterSection, connection_of
from kiosk.settings_file import SettingsFileError
from kiosk.staff.book import Role
from kiosk.words import table
from tests.unit.conductor_bench import CATALOGUE, PIN, Bench, Devices, id_card

READER, SCANNER, PRINTER = DeviceKind.ID_CARD_READER, DeviceKind.CODE_SCANNER, DeviceKind.RECEIPT_PRINTER
WEBCAM = DeviceKind.WEBCAM
LINE = "serial:/dev/serial/by-id/usb-A"
FOUND = (
    FoundDevice((READER, SCANNER, PRINTER), LINE, "CH34x", "usb-A", serial_line=True),
    FoundDevice((READER,), "", "Senter", "10C4:8A1B", note_code="set_up.needs_vendor_library"),
    FoundDevice((WEBCAM,), "v4l2:/dev/video0", "Eye", "1:2"),
)


class Probe:
    """Answers what it was told, after ``go``."""

    def __init__(self, end: End, on_step: Callable[[ProbeStep], None]) -> None:
        self.end = end
        self.on_step = on_step
        self.stop = threading.Event()

    @property
    def cancelled(self) -> bool:
        return self.stop.is_set()

    def cancel(self) -> None:
        self.stop.set()

    def ask(self) -> tuple[ProbeAnswer, ...]:
        assert self.end.connected[-1][1] == "", "the piece's own driver has let go of the line"
        self.on_step(ProbeStep("set_up.probing_reader", 9600, 2, 5))
        while not self.end.go.wait(0.01) and not self.cancelled:
            pass
        if isinstance(self.end.answers, Exception):
            raise self.end.answers
        return () if self.cancelled else self.end.answers

    listen = ask


class End:
    """``DeviceSetUp`` without drivers: what would be connected is written down."""

    def __init__(self, devices: Devices) -> None:
        self.devices = devices
        self.kept = dict.fromkeys(DeviceKind, "") | {SCANNER: "keyboard"}
        self.printer = PrinterSection()
        self.connected: list[tuple[DeviceKind, str, PrinterSection | None]] = []
        self.written: list[tuple[DeviceKind, str, PrinterSection]] = []
        self.answers: Any = ()
        self.go = threading.Event()
        self.go.set()
        self.held = threading.Event()
        self.held.set()
        cards_only = Note("pcsc.service_away", kinds=(DeviceKind.SOCIAL_SECURITY_CARD,))
        self.discovery = Discovery(FOUND, (Note("set_up.no_usb_library"), cards_only))
        self.refuse: SettingsFileError | None = None

    def connection(self, kind: DeviceKind) -> str:
        return self.kept[kind]

    def user_of(self, connection: str) -> DeviceKind | None:
        return next((kind for kind, one in self.kept.items() if one and one == connection), None)

    def check(self, kind: DeviceKind, connection: str) -> bool:
        try:
            return connection == NONE or bool(connection_of(kind.value, connection))
        except AddressError:
            return False

    def discover(self) -> Discovery:
        return self.discovery

    def connect(self, kind: DeviceKind, connection: str, printer: PrinterSection | None = None) -> None:
        self.held.wait()
        if connection.endswith("bad"):
            raise AddressError("bad")
        self.connected.append((kind, connection, printer))
        if not connection:
            self.devices.states[kind] = DeviceStatus(kind, DeviceState.ABSENT, "device.not_configured")
        elif connection == NONE:
            self.devices.states[kind] = DeviceStatus(kind, DeviceState.ABSENT, "device.none_by_design")
        else:
            self.devices.states[kind] = DeviceStatus(kind, DeviceState.READY, detail={"width": 1280, "height": 960})

    def probe(self, connection: str, on_step: Callable[[ProbeStep], None]) -> Probe:
        if parse_address(connection).scheme != "serial":
            raise AddressError("no line")
        return Probe(self, on_step)

    def keep(self, kind: DeviceKind, connection: str, printer: PrinterSection) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.written.append((kind, connection, printer))
        self.kept[kind] = connection
        self.printer = printer

    @property
    def in_effect(self) -> dict[DeviceKind, str]:
        return {kind: connection for kind, connection, _ in self.connected}


class SetUpBench(Bench):
    """The conductor's bench with an end for set-up, and the technician signed on there."""

    def __init__(self, folder: Path, role: Role = Role.TECHNICIAN) -> None:
        super().__init__(folder)
        self.role = role
        self.end = End(self.devices)
        self.audited: list[tuple[str, str, str, str]] = []

    async def __aenter__(self) -> SetUpBench:
        if self.staff.is_empty():
            self.staff.add("wang", "王样本", self.role, PIN)
        await super().__aenter__()
        await self.conductor.stop()  # the same again, with an end for set-up
        ports = Ports(
            self.devices,
            self.outbox,
            self.centre,
            self.staff,
            CATALOGUE,
            set_up=self.end,  # type: ignore[arg-type]
            audit=lambda *row: self.audited.append(row),
        )
        self.snapshots.clear()
        settings = self.conductor._settings
        self.conductor = Conductor(settings, ports, self._on_snapshot, Time(self.clock.monotonic, self.clock.now))
        self.devices.listener = self.conductor.on_device_event
        await self.conductor.start()
        await self.sign_on()
        return self

    @property
    def view(self) -> SetUpView:
        assert self.now.set_up is not None
        return self.now.set_up

    async def open(self, kind: DeviceKind | None = None) -> None:
        self.conductor.open_technician()
        await self.screen(Screen.TECHNICIAN)
        self.conductor.open_device_set_up()
        await self.screen(Screen.DEVICE_SET_UP)
        if kind is not None:
            self.conductor.set_up_choose(kind)
            await self.seen(lambda view: view.kind is kind)

    async def seen(self, condition: Callable[[SetUpView], object]) -> SetUpView:
        await self.until(lambda now: now.set_up is not None and condition(now.set_up))
        return self.view

    async def noted(self, result: str) -> None:
        """The audit record is written beside the queue."""
        row = ("wang", "set_up_device", "id_card_reader", result)
        await until(lambda: row in self.audited)

    async def tried(self, connection: str) -> SetUpView:
        self.conductor.set_up_try(connection)
        return await self.seen(lambda view: view.connection == connection and not view.busy)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("waited in vain")


async def test_only_those_who_install_devices_come_in(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path, Role.ASSISTANT) as bench:
        bench.conductor.open_technician()
        await bench.screen(Screen.TECHNICIAN)
        bench.conductor.open_device_set_up()
        await bench.until(lambda now: now.notice and now.notice.code == "set_up.not_allowed")
        assert bench.now.screen is Screen.TECHNICIAN
        assert bench.now.set_up is None


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.ADMINISTRATOR])
async def test_it_is_reached_from_the_technicians_screen_and_leads_back(tmp_path: Path, role: Role) -> None:
    async with SetUpBench(tmp_path, role) as bench:
        bench.conductor.open_device_set_up()
        await bench.settled()
        assert bench.now.screen is Screen.HOME
        await bench.open()
        assert bench.view == SetUpView()
        bench.conductor.open_technician()
        await bench.screen(Screen.TECHNICIAN)
        assert bench.now.set_up is None


async def test_not_during_a_visit(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path, Role.ADMINISTRATOR) as bench:
        await bench.identify()
        bench.conductor.open_device_set_up()
        bench.conductor.set_up_choose(READER)
        bench.conductor.set_up_try(LINE)
        await bench.settled()
        assert bench.now.screen is Screen.CHOOSE_ITEM
        assert bench.end.connected == []


async def test_what_fits_the_piece_is_listed_with_its_notes(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(READER)
        bench.conductor.set_up_find()
        view = await bench.seen(lambda view: view.searched and not view.searching)
        assert [(one.connection, one.note_code) for one in view.found] == [
            (LINE, ""),
            ("", "set_up.needs_vendor_library"),
        ]
        assert [note.code for note in view.notes] == ["set_up.no_usb_library"], "no card reader is looked for here"
        bench.conductor.set_up_choose(DeviceKind.SOCIAL_SECURITY_CARD)
        await bench.seen(lambda view: view.kind is DeviceKind.SOCIAL_SECURITY_CARD)
        bench.conductor.set_up_find()
        view = await bench.seen(lambda view: view.message)
        assert view.message is not None
        assert view.message.code == "set_up.nothing_found"
        assert [note.code for note in view.notes] == ["set_up.no_usb_library", "pcsc.service_away"]


async def test_a_trial_that_works_is_kept_and_noted(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(READER)
        view = await bench.tried(LINE)
        assert (view.changed, view.result, view.result_code) == (True, "waiting", "set_up.lay_a_card")
        bench.conductor.on_device_event(id_card("张示例"))
        view = await bench.seen(lambda view: view.result == "passed")
        assert view.result_code == "set_up.card_read"
        assert view.result_detail["name"] == "张*"
        assert bench.end.written == [], "nothing is written before it is kept"
        bench.conductor.set_up_keep()
        view = await bench.seen(lambda view: not view.changed)
        assert view.message is not None
        assert view.message.code == "set_up.kept"
        assert bench.end.written == [(READER, LINE, PrinterSection())]
        await bench.noted("ok")
        bench.conductor.open_technician()
        await bench.screen(Screen.TECHNICIAN)
        await bench.settled()
        assert bench.end.in_effect == {READER: LINE}, "what is kept stays connected"


@pytest.mark.parametrize("way", ["technician", "home", "another piece", "sign off", "restore"])
async def test_leaving_without_keeping_takes_the_trial_back(tmp_path: Path, way: str) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(SCANNER)
        await bench.tried(LINE)
        if way == "technician":
            bench.conductor.open_technician()
        elif way == "home":
            bench.conductor.go_home()
        elif way == "another piece":
            bench.conductor.set_up_choose(READER)
        elif way == "sign off":
            bench.conductor.sign_off()
        else:
            bench.conductor.set_up_restore()
        await until(lambda: bench.end.in_effect[SCANNER] == "keyboard")
        assert bench.end.written == []
        if way == "restore":
            assert not (await bench.seen(lambda view: not view.busy)).changed


async def test_leaving_while_it_connects_takes_the_trial_back_too(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(SCANNER)
        bench.end.held.clear()
        bench.conductor.set_up_try(LINE)
        view = await bench.seen(lambda view: view.busy)
        assert view.result_code == "set_up.connecting"
        bench.conductor.set_up_keep()
        bench.conductor.set_up_print_line()
        bench.conductor.go_home()
        await bench.screen(Screen.HOME)
        bench.end.held.set()
        await until(lambda: len(bench.end.connected) == 2)
        assert [connection for _, connection, _ in bench.end.connected] == [LINE, "keyboard"]
        assert bench.end.written == []


async def test_a_station_may_have_no_such_piece(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(WEBCAM)
        view = await bench.tried(NONE)
        assert (view.result, view.result_code) == ("", "device.none_by_design")
        bench.conductor.set_up_keep()
        await bench.seen(lambda view: not view.changed)
        assert bench.end.written[-1][:2] == (WEBCAM, NONE)


@pytest.mark.parametrize("connection", ["", "   ", "nonsense", "tcp:127.0.0.1:1", "serial:", "usb:bad"])
async def test_what_the_piece_cannot_have_is_said(tmp_path: Path, connection: str) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(SCANNER)
        bench.conductor.set_up_try(connection)
        view = await bench.seen(lambda view: view.message)
        assert view.message is not None
        assert view.message.code == "set_up.bad_connection"
        assert "serial:" in str(view.message.detail["ways"])
        assert view.connection == "keyboard"
        assert bench.end.connected == []


async def test_a_connection_that_is_refused_late_leaves_what_was(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(SCANNER)
        bench.conductor.set_up_try("serial:bad")
        view = await bench.seen(lambda view: view.message and not view.busy)
        assert (view.connection, view.changed) == ("keyboard", False)


@pytest.mark.parametrize("code", ["set_up.read_only", "set_up.disk_full", "set_up.refused"])
async def test_a_file_that_cannot_be_written_is_said_and_the_trial_goes_on(tmp_path: Path, code: str) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(READER)
        await bench.tried(LINE)
        bench.end.refuse = SettingsFileError(code, path="/x", reason="y")
        bench.conductor.set_up_keep()
        view = await bench.seen(lambda view: view.message)
        assert view.message is not None
        assert (view.message.kind, view.message.code, view.changed) == ("error", code, True)
        await bench.noted(code)


@pytest.mark.parametrize(
    ("state", "code", "result"),
    [
        (DeviceState.CONNECTING, "", ("waiting", "set_up.connecting")),
        (DeviceState.ABSENT, "device.not_found", ("failed", "device.not_found")),
        (DeviceState.FAULT, "device.in_use", ("failed", "device.in_use")),
        (DeviceState.UNKNOWN, "id_card_reader.silent", ("failed", "id_card_reader.silent")),
        (DeviceState.ATTENTION, "id_card_reader.place_again", ("failed", "id_card_reader.place_again")),
        (DeviceState.READY, "", ("waiting", "set_up.lay_a_card")),
    ],
)
async def test_the_result_follows_the_device(
    tmp_path: Path, state: DeviceState, code: str, result: tuple[str, str]
) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(READER)
        await bench.tried(LINE)
        bench.devices.states[READER] = DeviceStatus(READER, state, code)
        bench.conductor.on_device_event(object())
        await bench.seen(lambda view: (view.result, view.result_code) == result)


async def test_what_was_seen_does_not_outlive_the_cable(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(READER)
        await bench.tried(LINE)
        bench.conductor.on_device_event(id_card())
        await bench.seen(lambda view: view.result == "passed")
        bench.devices.states[READER] = DeviceStatus(READER, DeviceState.ABSENT, "device.lost")
        bench.conductor.on_device_event(object())
        await bench.seen(lambda view: (view.result, view.result_code) == ("failed", "device.lost"))


async def test_trouble_with_a_card_is_said(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(READER)
        await bench.tried(LINE)
        bench.conductor.on_device_event(IdCardTrouble("id_card_reader.not_an_id_card"))
        await bench.seen(lambda view: (view.result, view.result_code) == ("failed", "id_card_reader.not_an_id_card"))


async def test_a_silent_scanner_waits_and_a_code_shows_kind_and_length_only(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(SCANNER)
        await bench.tried(LINE)
        bench.devices.states[SCANNER] = DeviceStatus(
            SCANNER, DeviceState.UNKNOWN, "code_scanner.waiting_for_first_code"
        )
        bench.conductor.on_device_event(CodeDropped("code_scanner.cut_off"))
        await bench.seen(lambda view: (view.result, view.result_code) == ("failed", "code_scanner.cut_off"))
        secret = b"https://s.sh.gov.cn/0123456789abcdef0123456789abcdef1700000000000"
        bench.conductor.on_device_event(CodeScanned(secret))
        view = await bench.seen(lambda view: view.result == "passed")
        assert view.result_code == "set_up.code_resident_code"
        assert dict(view.result_detail) == {"length": len(secret)}
        bench.conductor.on_device_event(CodeScanned(b"DOORSTEP-SELF-TEST-7F3A"))
        view = await bench.seen(lambda view: view.result_code == "set_up.code_test")
        assert view.result_detail["text"] == "DOORSTEP-SELF-TEST-7F3A"
        assert bench.now.screen is Screen.DEVICE_SET_UP


async def test_a_scanner_that_types_is_seen_too(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(SCANNER)
        bench.conductor.wedge_code("ABCDEFG")
        view = await bench.seen(lambda view: view.result == "passed")
        assert (view.result_code, dict(view.result_detail)) == ("set_up.code_text", {"length": 7})


@pytest.mark.parametrize("kind", get_args(CodeKind))
def test_every_kind_of_code_has_words(kind: str) -> None:
    assert f"set_up.code_{kind}" in table()


async def test_a_camera_passes_when_its_picture_comes(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(WEBCAM)
        view = await bench.tried("v4l2:/dev/video0")
        assert (view.result, view.result_code) == ("passed", "set_up.picture_comes")
        assert dict(view.result_detail) == {"width": 1280, "height": 960}


async def test_a_line_is_printed_once_and_answered(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(PRINTER)
        await bench.tried("tcp:127.0.0.1:9100")
        bench.devices.held = True
        bench.conductor.set_up_print_line()
        await bench.seen(lambda view: view.result_code == "set_up.printing_line")
        bench.conductor.set_up_print_line()
        await bench.settled()
        bench.devices.held = False
        await bench.seen(lambda view: (view.result, view.result_code) == ("passed", "set_up.line_printed"))
        assert len(bench.devices.printed) == 1
        bench.devices.connected = False
        bench.conductor.set_up_print_line()
        await bench.seen(lambda view: (view.result, view.result_code) == ("failed", "device.unavailable"))


async def test_paper_width_and_a_printer_that_never_answers(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(PRINTER)
        await bench.tried("tcp:127.0.0.1:9100")
        bench.conductor.set_up_printer(58, False)
        view = await bench.seen(lambda view: view.paper_mm == 58 and not view.busy)
        assert not view.printer_status
        section = bench.end.connected[-1][2]
        assert section is not None
        assert (section.paper_mm, section.status, section.profile) == (58, False, "POS-5890")
        bench.conductor.set_up_printer(70, True)
        await bench.settled()
        assert bench.view.paper_mm == 58
        bench.conductor.set_up_keep()
        await bench.seen(lambda view: not view.changed)
        assert bench.end.written[-1] == (PRINTER, "tcp:127.0.0.1:9100", section)
        assert bench.conductor._printing._width == 384, "the next slip fits the paper"


async def test_a_line_is_asked_with_progress_and_the_piece_is_back_afterwards(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(READER)
        await bench.tried(LINE)
        bench.end.answers = (
            ProbeAnswer(READER, f"{LINE}?baud=9600", "SAM 1"),
            ProbeAnswer(PRINTER, f"{LINE}?baud=19200"),
        )
        bench.end.go.clear()
        bench.conductor.set_up_probe(LINE, False)
        view = await bench.seen(lambda view: view.probe.step_code)
        assert dict(view.probe.step_detail) == {"baud": 9600, "number": 2, "total": 5}
        assert view.probe.running
        bench.conductor.set_up_try("serial:/dev/ttyS0")  # not now
        bench.end.go.set()
        view = await bench.seen(lambda view: view.probe.answers)
        assert [(one.kind, one.connection, one.identity, one.ambiguous) for one in view.probe.answers] == [
            (READER, f"{LINE}?baud=9600", "SAM 1", True),
            (PRINTER, f"{LINE}?baud=19200", "", True),
        ]
        assert [connection for _, connection, _ in bench.end.connected] == [LINE, "", LINE]
        assert not view.probe.running


async def test_asking_can_be_stopped_and_left(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(SCANNER)
        bench.end.go.clear()
        bench.conductor.set_up_probe(LINE, True)
        await bench.seen(lambda view: view.probe.running and view.probe.listening)
        bench.conductor.set_up_stop_probe()
        view = await bench.seen(lambda view: not view.probe.running)
        assert view.probe.code == "set_up.probe_stopped"
        assert bench.end.in_effect == {SCANNER: "keyboard"}
        bench.conductor.set_up_probe(LINE, True)
        await bench.seen(lambda view: view.probe.step_code)
        bench.conductor.go_home()
        await bench.screen(Screen.HOME)
        await until(lambda: len(bench.end.connected) == 4)
        assert [connection for _, connection, _ in bench.end.connected] == ["", "keyboard", "", "keyboard"]


@pytest.mark.parametrize(
    ("answers", "listening", "code"),
    [
        ((), False, "set_up.nobody_answered"),
        ((), True, "set_up.no_code_came"),
        (DeviceError("device.in_use", port="x"), False, "device.in_use"),
        (AddressError("usb=nonsense"), False, "set_up.only_serial"),
        (RuntimeError("went_wrong"), True, "set_up.no_code_came"),
    ],
)
async def test_no_answer_is_said(tmp_path: Path, answers: Any, listening: bool, code: str) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(READER)
        bench.end.answers = answers
        bench.conductor.set_up_probe(LINE, listening)
        view = await bench.seen(lambda view: view.probe.code)
        assert view.probe.code == code
        bench.conductor.set_up_probe("pcsc:", False)
        view = await bench.seen(lambda view: view.message)
        assert view.message is not None
        assert view.message.code == "set_up.only_serial"


async def test_nobody_is_signed_off_while_a_line_is_asked(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(SCANNER)
        bench.end.go.clear()
        bench.conductor.set_up_probe(LINE, True)
        await bench.seen(lambda view: view.probe.step_code)
        bench.clock.go(3600)
        await asyncio.sleep(0.6)
        assert bench.now.screen is Screen.DEVICE_SET_UP
        bench.end.go.set()
        await bench.seen(lambda view: not view.probe.running)


@pytest.mark.parametrize("way", ["find", "try", "print"])
async def test_the_screen_stays_usable_whatever_goes_wrong(tmp_path: Path, way: str) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(PRINTER)

        def break_down(*_: object) -> Any:
            raise RuntimeError("went wrong")

        if way == "find":
            bench.end.discover = break_down  # type: ignore[method-assign]
            bench.conductor.set_up_find()
            await bench.seen(lambda view: view.searched and not view.searching)
        elif way == "try":
            bench.end.connect = break_down  # type: ignore[method-assign]
            bench.conductor.set_up_try("tcp:127.0.0.1:9100")
            await bench.until(lambda now: now.notice and now.notice.code == "visit.internal_error")
            await bench.seen(lambda view: not view.busy)
        else:
            bench.devices.print_job = break_down  # type: ignore[method-assign]
            bench.conductor.set_up_print_line()
            await bench.seen(lambda view: (view.result, view.result_code) == ("failed", "set_up.no_answer"))


def shown(now: Snapshot) -> str:
    return repr(now.set_up)


async def test_nothing_of_a_card_stays_when_the_screen_is_left(tmp_path: Path) -> None:
    async with SetUpBench(tmp_path) as bench:
        await bench.open(READER)
        await bench.tried(LINE)
        bench.conductor.on_device_event(id_card("张示例"))
        await bench.seen(lambda view: view.result == "passed")
        assert "张示例" not in shown(bench.now)
        bench.conductor.go_home()
        await bench.screen(Screen.HOME)
        await bench.open(READER)
        assert "张" not in shown(bench.now)
