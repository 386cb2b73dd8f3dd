"""View model of TECHNICIAN: the self-test and its reports, the devices, and help from afar."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

from drivers.driver import DeviceKind, DeviceState
from kiosk.centre.contract import StepState
from kiosk.conductor.commands import Commands
from kiosk.conductor.snapshot import CheckView, DeviceView, SelfTestView, Snapshot
from kiosk.devices.station_devices import NOT_FITTED
from kiosk.selftest.report import SelfTestKind
from kiosk.ui.lamps import device_lamp
from kiosk.ui.measured import measured_in_words
from kiosk.ui.view_model import ViewModel
from kiosk.ui.visit.rows import RowModel
from kiosk.words import Language, Sentence, name_of_check

QML_IMPORT_NAME = "Doorstep.ViewModels"
QML_IMPORT_MAJOR_VERSION = 1

TONES = {StepState.RUNNING: "busy", StepState.PASSED: "good", StepState.FAILED: "danger", StepState.SKIPPED: "warning"}
PLACES = (DeviceKind.CODE_SCANNER, DeviceKind.DOCUMENT_CAMERA, DeviceKind.WEBCAM)
"""Where the printed slip is carried to; in the order people stand before them."""
ASKS = frozenset({"selftest.show_to_scanner", "selftest.lay_on_mat", "selftest.hold_to_webcam"})
"""What the places say anyhow; any other code while a hand is waited for is a hint."""
NO_SLIP = "selftest.no_slip"
CHECK_ROLES = ("checkId", "label", "word", "lamp", "explanation", "todo", "measured")
PLACE_ROLES = ("key", "label", "ask", "word", "lamp", "hint", "maySkip")


@QmlElement
class TechnicianViewModel(ViewModel):
    """TECHNICIAN. ``phase`` is idle (no test on this screen yet), running, done or broken (no report came)."""

    changed = Signal()

    def __init__(self, commands: Commands, language: Language = "zh", parent: QObject | None = None) -> None:
        super().__init__(commands, language, parent)
        self._devices = RowModel(("key", "label", "word", "lamp", "explanation", "todo", "identity"), self)
        self._checks = RowModel(CHECK_ROLES, self)
        self._places = RowModel(PLACE_ROLES, self)
        self._reports = RowModel(("key", "kind", "when", "word", "lamp"), self)
        self._wires = RowModel(("key", "label", "recording"), self)
        self._recordings = RowModel(("name", "label", "size"), self)

    @property
    def _test(self) -> SelfTestView:
        return self.snapshot.self_test

    def part(self, snapshot: Snapshot) -> Any:
        return (
            snapshot.devices,
            snapshot.self_test,
            snapshot.paper,
            snapshot.staff,
            snapshot.service,
            snapshot.morning,
        )

    def refresh(self) -> None:
        self._devices.show([self._device(kind) for kind in DeviceKind])
        self._checks.show([self._check(check) for check in self._listed()])
        self._places.show([self._place(kind.value, check) for kind, check in self._carried().items()])
        self._reports.show(
            [
                {
                    "key": f"{when} {kind} {len(self._test.reports) - number}",
                    "kind": self.words(f"front.self_test.kind_{kind}").say,
                    "when": when,
                    "word": self._state_word(StepState.PASSED if passed else StepState.FAILED),
                    "lamp": TONES[StepState.PASSED if passed else StepState.FAILED],
                }
                for number, (kind, when, passed) in enumerate(self._test.reports)
            ]
        )
        service = self.snapshot.service
        without = {view.kind for view in self.snapshot.devices if view.code in NOT_FITTED}
        self._wires.show(
            [
                {"key": kind.value, "label": self._name(kind.value), "recording": kind in service.recording}
                for kind in DeviceKind
                if service.allowed and (kind not in without or kind in service.recording)
            ]
        )
        self._recordings.show(
            [
                {"name": name, "label": self._name(kind), "size": _size(kilobytes)}
                for name, kind, kilobytes in service.recordings
                if service.allowed
            ]
        )

    def _name(self, check_id: str) -> str:
        return name_of_check(check_id, self.language)

    def _joined(self, *sentences: str) -> str:
        return ("" if self.language == "zh" else " ").join(sentence for sentence in sentences if sentence)

    # -- the devices -------------------------------------------------------------------------------------------

    def _device(self, kind: DeviceKind) -> dict[str, object]:
        found = next((view for view in self.snapshot.devices if view.kind is kind), None)
        lamp = device_lamp(found or DeviceView(kind, DeviceState.UNKNOWN), self.language)
        return {
            "key": kind.value,
            "label": lamp.label,
            "word": lamp.word,
            "lamp": lamp.tone,
            "explanation": lamp.text,
            "todo": lamp.todo,
            "identity": lamp.identity if found and found.code not in NOT_FITTED else "",
        }

    @Property(QObject, constant=True)
    def devices(self) -> QObject:
        """Roles key, label, word, lamp, explanation, todo, identity."""
        return self._devices

    @Property(str, notify=changed)
    def paper(self) -> str:
        """How much paper the printer should have left; an estimate."""
        paper = self.snapshot.paper
        return self.words(paper.code, {"metres": paper.metres, "receipts": paper.receipts}).say

    @Property(str, notify=changed)
    def paperTone(self) -> str:
        return "warning" if self.snapshot.paper.low else ""

    @Slot()
    def newRoll(self) -> None:
        self.commands.new_roll()

    @Property(bool, notify=changed)
    def maySetUp(self) -> bool:
        """What a device is connected to is for those who installed it."""
        staff = self.snapshot.staff
        return staff is not None and staff.role in ("technician", "administrator")

    @Slot()
    def setUpDevices(self) -> None:
        self.commands.open_device_set_up()

    # -- the self-test's lines ---------------------------------------------------------------------------------

    def _listed(self) -> tuple[CheckView, ...]:
        """The lines; what has to be put right stands first once the test has ended."""
        if self._phase == "idle":
            return self.snapshot.morning
        if self._phase == "running":
            return self._test.checks
        return tuple(sorted(self._test.checks, key=lambda check: not _is_bad(check)))

    def _check(self, check: CheckView) -> dict[str, object]:
        sentence = self.words("front.measured.read" if check.code == "selftest.measured" else check.code, check.detail)
        if check.state == StepState.RUNNING and self._phase != "running":
            sentence = Sentence("")  # it will never be done
        return {
            "checkId": check.check_id,
            "label": self._name(check.check_id),
            "word": self._state_word(check.state, check.code),
            "lamp": "unknown" if check.code in NOT_FITTED else TONES.get(StepState(check.state), "unknown"),
            "explanation": sentence.say,
            "todo": sentence.do,
            "measured": measured_in_words(check, self.language),
        }

    def _state_word(self, state: str, code: str = "") -> str:
        if state == StepState.SKIPPED and code in NOT_FITTED:
            return self.words("front.state.none_by_design").say
        return self.words(f"front.check_state.{state}").say

    @Property(QObject, constant=True)
    def checks(self) -> QObject:
        """Roles of ``CHECK_ROLES``: of the test, before one what the automatic one found wrong today."""
        return self._checks

    # -- where the slip goes -----------------------------------------------------------------------------------

    def _carried(self) -> dict[DeviceKind, CheckView]:
        test = self._test
        if not test.running or test.kind != SelfTestKind.FULL:
            return {}
        checks = {check.check_id: check for check in test.checks}
        return {kind: checks[kind] for kind in PLACES if kind in checks}

    def _place(self, key: str, check: CheckView) -> dict[str, object]:
        word, lamp, hint = self._state_word(check.state, check.code), TONES.get(StepState(check.state), "unknown"), ""
        if check.state == StepState.RUNNING:
            state = "open" if check.waits_for_hand else "waiting"
            word = self.words(f"front.guide.state_{state}").say
            lamp = "busy" if check.waits_for_hand else "unknown"
            if check.waits_for_hand and check.code not in ASKS:
                advice = self.words(check.code, check.detail)
                hint = self._joined(advice.say, advice.do)
        elif check.state == StepState.PASSED:
            word = self.words("front.guide.state_passed").say
        elif check.state == StepState.FAILED:
            hint = self.words(check.code, check.detail).say
        return {
            "key": key,
            "label": self._name(key),
            "ask": self.words(f"front.guide.{key}").say,
            "word": word,
            "lamp": lamp,
            "hint": hint,
            "maySkip": check.state == StepState.RUNNING and check.waits_for_hand,
        }

    def _guide(self) -> Sentence:
        places = self._carried().values()
        if not places:
            return Sentence("")
        printer = next((check for check in self._test.checks if check.check_id == DeviceKind.RECEIPT_PRINTER), None)
        running = [check for check in places if check.state == StepState.RUNNING]
        if any(check.waits_for_hand for check in running) or (
            running and printer is not None and printer.waits_for_hand
        ):
            return self.words("front.guide.carry")
        if running:
            printing = printer is not None and printer.code == "selftest.printing"
            return self.words("front.guide.printing" if printing else "front.guide.preparing")
        without = any(check.code == NO_SLIP for check in places)
        return self.words("front.guide.no_slip" if without else "front.guide.carried")

    @Property(QObject, constant=True)
    def places(self) -> QObject:
        """Roles of ``PLACE_ROLES``: where the slip is carried to, while a full test runs."""
        return self._places

    @Property(str, notify=changed)
    def guide(self) -> str:
        """What the hand has to do now; "" when nothing is asked of it."""
        return self._guide().say

    @Property(str, notify=changed)
    def guideNext(self) -> str:
        return self._guide().do

    # -- the self-test as a whole ------------------------------------------------------------------------------

    @property
    def _phase(self) -> str:
        test = self._test
        if test.running:
            return "running"
        if not test.kind:
            return "idle"
        return "broken" if test.passed is None else "done"

    @Property(str, notify=changed)
    def phase(self) -> str:
        return self._phase

    @Property(bool, notify=changed)
    def running(self) -> bool:
        return self._test.running

    @Property(float, notify=changed)
    def progress(self) -> float:
        """0..1"""
        checks = self._test.checks
        return _ended(checks) / len(checks) if checks else 0.0

    def _verdict(self) -> Sentence:
        test, phase = self._test, self._phase
        if phase == "running":
            return self.words("front.self_test.running", {"done": _ended(test.checks), "all": len(test.checks)})
        if phase == "broken":
            return self.words("front.self_test.broken")
        if phase == "done":
            return self._result(test)
        if self.snapshot.morning:
            return self.words("morning.list", {"count": len(self.snapshot.morning)})
        if not test.reports:
            return self.words("front.self_test.none")
        kind, when, passed = test.reports[0]
        detail = {"kind": self.words(f"front.self_test.kind_{kind}").say, "when": when}
        return self.words("front.self_test.last_passed" if passed else "front.self_test.last_failed", detail)

    def _result(self, test: SelfTestView) -> Sentence:
        if test.cancelled:
            return self.words("front.self_test.cancelled")
        if not test.passed:
            return self.words("front.self_test.failed", {"bad": sum(map(_is_bad, test.checks))})
        good = sum(check.state == StepState.PASSED for check in test.checks)
        without = len(test.checks) - good
        code = "front.self_test.passed_without" if without else "front.self_test.passed"
        return self.words(code, {"good": good, "without": without})

    @Property(str, notify=changed)
    def verdict(self) -> str:
        """The self-test in one sentence: how far it is, how it ended, or how the last one did."""
        return self._verdict().say

    @Property(str, notify=changed)
    def verdictNext(self) -> str:
        """What to do, and how long the test took once it has ended."""
        test = self._test
        took = {"seconds": round(test.seconds), "when": test.ended_at}
        parts = [self._verdict().do, self.words("front.self_test.took", took).say if self._phase == "done" else ""]
        return self._joined(*parts)

    @Property(str, notify=changed)
    def verdictTone(self) -> str:
        test, phase = self._test, self._phase
        if phase == "running":
            return "info"
        if phase == "done":
            return "good" if test.passed else "warning" if test.cancelled else "error"
        if phase == "broken" or self.snapshot.morning:
            return "warning"
        return "info" if not test.reports else "good" if test.reports[0][2] else "warning"

    @Slot()
    def runSelfTest(self) -> None:
        self.commands.run_self_test()

    @Slot()
    def runQuickTest(self) -> None:
        self.commands.run_self_test(True)

    @Slot()
    def stopTest(self) -> None:
        self.commands.cancel_self_test()

    @Slot(str)
    def skip(self, check_id: str) -> None:
        self.commands.skip_check(check_id)

    # -- reports -----------------------------------------------------------------------------------------------

    @Property(QObject, constant=True)
    def reports(self) -> QObject:
        """Roles key, kind, when, word, lamp: the kept ones, newest first."""
        return self._reports

    @Property(bool, notify=changed)
    def hasReport(self) -> bool:
        """There is one to print and to export."""
        return self._phase == "done" or (self._phase != "running" and bool(self._test.reports))

    @Property(bool, notify=changed)
    def exporting(self) -> bool:
        return self._test.exporting

    @Slot()
    def printReport(self) -> None:
        self.commands.print_self_test()

    @Slot()
    def exportReport(self) -> None:
        self.commands.export_self_test()

    # -- help from afar ----------------------------------------------------------------------------------------

    @Property(bool, notify=changed)
    def service(self) -> bool:
        """Whether support bundles and recordings are for whoever is signed on."""
        return self.snapshot.service.allowed

    @Property(bool, notify=changed)
    def bundling(self) -> bool:
        return self.snapshot.service.bundling

    @Property(QObject, constant=True)
    def wires(self) -> QObject:
        """Roles key, label, recording: the pieces whose traffic can be recorded."""
        return self._wires

    @Property(QObject, constant=True)
    def recordings(self) -> QObject:
        """Roles name, label, size: the kept ones, newest first."""
        return self._recordings

    @Slot()
    def makeBundle(self) -> None:
        self.commands.make_support_bundle()

    @Slot(str, bool)
    def record(self, key: str, on: bool) -> None:
        self.commands.record_device(key, on)

    @Slot(str)
    def deleteRecording(self, name: str) -> None:
        self.commands.delete_recording(name)

    @Slot()
    def home(self) -> None:
        self.commands.go_home()


def _ended(checks: tuple[CheckView, ...]) -> int:
    return sum(check.state != StepState.RUNNING for check in checks)


def _is_bad(check: CheckView) -> bool:
    """Whether it stands in the way of a pass: failed, never ended, or left out though the station has the piece."""
    left_out = check.state == StepState.SKIPPED and check.code not in NOT_FITTED
    return left_out or check.state in (StepState.FAILED, StepState.RUNNING)


def _size(kilobytes: int) -> str:
    return f"{kilobytes} KB" if kilobytes < 1000 else f"{kilobytes / 1024:.1f} MB"
