"""Set-up of devices on the real screens: by samples, and whole, with the demo's station and its simulated pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from drivers import discovery
from drivers.driver import DeviceKind, DeviceState
from drivers.simulated.id_card_reader import SAMPLE_CARDS
from kiosk.conductor.snapshot import Screen, SetUpView, Snapshot
from kiosk.demo import ASSISTANT, SETTINGS_FILE, Demo
from kiosk.settings import load_settings
from kiosk.ui.app import FrontEnd
from kiosk.ui.bridge import Bridge
from kiosk.ui.hand import Hand
from tests.ui.samples import HOUSE, TECHNICIAN
from tests.ui.set_up_samples import FOUND_LINES, PRINTER, READER, TWIN
from tests.ui.stand import Stand
from tests.ui.test_technician_screen import IN_EVERY_SIZE, shown_whole

FIRST = f"0:{READER}:{FOUND_LINES[0].identity}"
TWIN_KEY = f"1:{TWIN}:{FOUND_LINES[1].identity}"


# -- by samples --------------------------------------------------------------------------------------------------------


def test_an_assistant_sees_no_way_to_the_set_up(stand: Stand) -> None:
    stand.show(TECHNICIAN)
    assert stand.hand.find("extraAction") is None
    stand.show(HOUSE["set_up"])
    assert stand.hand.find("primaryAction") is None, "nothing is chosen, so nothing can be kept"


def test_a_technician_goes_there_and_chooses(stand: Stand) -> None:
    technician = HOUSE["set_up"].staff
    stand.show(Snapshot(Screen.TECHNICIAN, staff=technician, devices=TECHNICIAN.devices))
    stand.hand.tap("extraAction")
    stand.show(HOUSE["set_up"])
    for kind in DeviceKind:
        stand.hand.tap(f"piece_{kind.value}")
    stand.hand.tap("leftAction")
    assert stand.recorder.calls == [
        ("open_device_set_up", ()),
        *[("set_up_choose", (kind,)) for kind in DeviceKind],
        ("open_technician", ()),
    ]


def test_every_button_says_what_it_does(stand: Stand) -> None:
    stand.show(HOUSE["set_up_found"])
    for name in ("setUpFind", "setUpWithout", f"ask_{FIRST}", f"try_{TWIN_KEY}", "extraAction", "primaryAction"):
        stand.hand.tap(name)
    assert stand.recorder.calls == [
        ("set_up_find", ()),
        ("set_up_try", ("none",)),
        ("set_up_probe", (READER, False)),
        ("set_up_try", (TWIN,)),
        ("set_up_restore", ()),
        ("set_up_keep", ()),
    ]


@pytest.mark.parametrize(("size", "large_print"), IN_EVERY_SIZE[:2])
def test_a_cameras_buttons_stand_beside_its_picture_in_view(
    make_stand: Callable[..., Stand], size: tuple[int, int], large_print: bool
) -> None:
    stand = make_stand(size=size, large_print=large_print)
    stand.show(HOUSE["set_up_camera"])
    for name in ("setUpLive", "setUpResult", "setUpFind", "setUpByHand", "setUpWithout"):
        assert shown_whole(stand, name), name


def test_what_cannot_be_told_apart_or_reached_cannot_be_chosen(stand: Stand) -> None:
    stand.show(HOUSE["set_up_found"])
    rows = stand.shell.view_model(Screen.DEVICE_SET_UP).found.rows()  # type: ignore[attr-defined]
    assert [(row["usable"], row["noteTone"]) for row in rows] == [
        (True, ""),
        (True, "warning"),
        (False, "warning"),
        (False, "warning"),
    ]
    assert "扫码器" in rows[1]["note"], "another piece is kept there"
    assert "只插一台" in rows[2]["note"]
    assert "厂家" in rows[3]["note"]
    assert stand.hand.find(f"try_2::{FOUND_LINES[2].identity}") is None
    assert not rows[1]["asks"], "a line another piece works on is not disturbed"


def test_a_scanner_is_found_by_scanning_and_the_search_can_be_stopped(stand: Stand) -> None:
    stand.show(HOUSE["set_up_probing"])
    assert not stand.hand.get("setUpFind").isEnabled()
    assert "9600" in stand.hand.get("setUpProbeText").property("text")
    stand.hand.tap("setUpStopProbe")
    assert stand.recorder.names() == ["set_up_stop_probe"]


def test_the_printers_paper_and_manner(stand: Stand) -> None:
    stand.show(HOUSE["set_up_printer"])
    stand.hand.tap("paper80")
    stand.hand.tap("printerAnswers")
    stand.hand.tap("setUpPrint")
    assert stand.recorder.calls == [
        ("set_up_printer", (80, False)),
        ("set_up_printer", (58, True)),
        ("set_up_print_line", ()),
    ]


def test_a_connection_is_typed_on_our_keyboard(stand: Stand) -> None:
    stand.show(HOUSE["set_up_printer"])
    stand.hand.tap("setUpByHand")
    written = stand.hand.get("setUpWrittenInput")
    assert written.property("text") == PRINTER, "what is there now, to be changed"
    stand.hand.tap("clearText")
    for key in ("key_t", "key_c", "key_p", "keyLeftOfSpace", "key_a", "keySymbols", "key_:", "key_1", "key_?", "key_="):
        stand.hand.tap(key)
    stand.hand.wait(lambda: written.property("text") == "tcp:a:1?=", "the line was not written")
    stand.hand.tap("sheetPrimary")
    assert stand.recorder.calls == [("set_up_try", ("tcp:a:1?=",))]


def test_what_answered_is_offered_only_for_its_own_piece(stand: Stand) -> None:
    stand.show(HOUSE["set_up_answered"])
    stand.hand.tap(f"try_0:{READER}?baud=9600")
    assert stand.recorder.calls == [("set_up_try", (f"{READER}?baud=9600",))]
    assert stand.hand.find(f"try_1:{TWIN}?baud=19200") is None


def test_a_word_about_the_last_press_is_seen_though_the_panel_was_scrolled(stand: Stand) -> None:
    stand.show(HOUSE["set_up_found"])
    stand.hand.bring_into_view(f"try_{TWIN_KEY}")
    view = HOUSE["set_up_refused"]
    stand.show(view)
    stand.hand.wait(lambda: stand.hand._tappable("setUpMessage"), "the message lies above what is shown")


# -- whole -------------------------------------------------------------------------------------------------------------


class Whole:
    """The demo's station and its window."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bridge = Bridge()
        self.demo = Demo(self.bridge.publish)
        self.demo.start()
        try:
            self.front_end = FrontEnd(self.demo.station, self.bridge, size=(1920, 1080))
        except BaseException:
            self.demo.stop()
            raise
        self.hand = Hand(self.front_end.window)
        reader = self.demo.bench.id_card_reader.terminal.path
        port = SimpleNamespace(
            device=str(reader), vid=None, pid=None, serial_number=None, location=None, description="Example reader"
        )
        monkeypatch.setattr(discovery.list_ports, "comports", lambda: [port])
        self.line = f"serial:{reader}"
        self.file = self.demo.folder / SETTINGS_FILE

    @property
    def now(self) -> Snapshot:
        return self.front_end.shell.snapshot

    @property
    def view(self) -> SetUpView:
        return self.now.set_up or SetUpView()

    def until(self, condition: Callable[[], Any], what: str) -> None:
        self.hand.wait(lambda: bool(condition()), what)

    def state(self, kind: DeviceKind) -> DeviceState:
        return next(device.state for device in self.now.devices if device.kind is kind)

    def open(self, kind: DeviceKind) -> None:
        self.until(lambda: self.now.screen is Screen.SIGN_ON, "no sign-on")
        self.demo.station.commands.sign_on(ASSISTANT, self.demo.pin)
        self.hand.tap("openTechnician")
        self.hand.tap("extraAction")
        self.choose(kind)

    def choose(self, kind: DeviceKind) -> None:
        self.hand.tap(f"piece_{kind.value}")
        self.until(lambda: self.view.kind is kind, f"{kind} was not chosen")

    def keep(self) -> None:
        self.until(lambda: self.hand.get("primaryAction").isEnabled(), "nothing to keep")
        self.hand.tap("primaryAction")
        self.until(lambda: self.view.message is not None, "no word about keeping")
        assert self.view.message is not None
        assert self.view.message.code == "set_up.kept"

    def close(self) -> None:
        self.front_end.close()
        self.demo.stop()


@pytest.fixture
def whole(qapp: Any, qtlog: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Whole]:
    whole = Whole(monkeypatch)
    yield whole
    whole.close()
    warnings = [record.message for record in qtlog.records if record.log_type_name in ("QtWarningMsg", "QtCriticalMsg")]
    assert not warnings, "\n".join(warnings)


@pytest.mark.timeout(180)
def test_a_reader_is_left_out_found_asked_seen_and_kept(whole: Whole, tmp_path: Path) -> None:
    kind = DeviceKind.ID_CARD_READER
    before = whole.file.read_text(encoding="utf-8")
    whole.open(kind)
    whole.hand.tap("setUpWithout")
    whole.until(lambda: whole.view.result_code == "device.none_by_design", "the piece was not left out")
    assert whole.file.read_text(encoding="utf-8") == before, "nothing is written before it is kept"
    whole.keep()
    assert load_settings(whole.file).devices.id_card_reader == "none"
    kept = sorted(whole.demo.folder.glob(f"{SETTINGS_FILE}.*"))
    assert [one.read_text(encoding="utf-8") for one in kept] == [before]

    whole.hand.tap("setUpFind")
    whole.until(lambda: whole.view.found, "nothing was found")
    (found,) = [one for one in whole.view.found if one.connection == whole.line]
    key = f"{whole.view.found.index(found)}:{found.connection}:{found.identity}"
    whole.hand.tap(f"ask_{key}")
    whole.until(lambda: whole.view.probe.answers, "nobody answered")
    (answer,) = whole.view.probe.answers
    assert answer.kind is kind
    assert answer.identity == "05.03-20240101-0012345678-0987654321"
    whole.hand.tap(f"try_0:{answer.connection}")
    whole.until(lambda: whole.view.result_code == "set_up.lay_a_card", "the reader did not connect")
    whole.demo.bench.id_card_reader.lay_card(SAMPLE_CARDS["valid"])
    whole.until(lambda: whole.view.result == "passed", "the card was not read")
    assert "张*" in whole.hand.get("setUpResult").property("say")
    assert "张示例" not in repr(whole.now)
    whole.keep()
    assert load_settings(whole.file).devices.id_card_reader == answer.connection
    whole.hand.tap("leftAction")
    whole.until(lambda: whole.now.screen is Screen.TECHNICIAN, "the way back")
    whole.until(lambda: whole.state(kind) is DeviceState.READY, "the reader is not ready")


@pytest.mark.timeout(180)
def test_a_wrong_connection_shows_and_is_taken_back(whole: Whole) -> None:
    kind = DeviceKind.RECEIPT_PRINTER
    before = whole.file.read_text(encoding="utf-8")
    whole.open(kind)
    whole.until(lambda: whole.view.result_code == "set_up.print_a_line", "the printer is not there")
    whole.hand.tap("setUpPrint")
    whole.until(lambda: whole.view.result_code == "set_up.line_printed", "no line was printed")
    whole.hand.tap("setUpByHand")
    whole.hand.tap("clearText")
    whole.hand.type("tcp:127.0.0.1:1")
    written = whole.hand.get("setUpWrittenInput")
    whole.until(lambda: written.property("text") == "tcp:127.0.0.1:1", "the line was not written")
    whole.hand.tap("sheetPrimary")
    whole.until(lambda: whole.view.result == "failed", "nobody is there, and it was not said")
    assert whole.view.changed
    whole.hand.tap("leftAction")
    whole.until(lambda: whole.now.screen is Screen.TECHNICIAN, "the way back")
    whole.until(lambda: whole.state(kind) is DeviceState.READY, "the printer is not back")
    assert whole.file.read_text(encoding="utf-8") == before


@pytest.mark.timeout(180)
def test_a_camera_shows_its_picture_and_the_paper_is_kept(whole: Whole) -> None:
    whole.open(DeviceKind.DOCUMENT_CAMERA)
    whole.until(lambda: whole.view.result_code == "set_up.picture_comes", "no picture")
    whole.until(lambda: whole.front_end.live.fresh, "the picture is not shown live")
    whole.choose(DeviceKind.RECEIPT_PRINTER)
    whole.until(lambda: not whole.front_end.live.fresh, "the camera is still looked at")
    whole.hand.tap("paper58")
    whole.until(lambda: whole.view.paper_mm == 58 and not whole.view.busy, "the paper was not changed")
    whole.keep()
    printer = load_settings(whole.file).printer
    assert (printer.paper_mm, printer.profile) == (58, "POS-5890")
    assert whole.demo.station.settings.printer == printer, "the self-test draws for the same paper"
