"""The disconnect matrix: every device × every state of a visit × (unplug, silent, garbage).

``python -m tests.faults.matrix [--states capture,review] [--lanes 1] [--json]`` starts one whole station (real drivers
on real ports, simulated ends, the real centre), goes through one visit, and at every state of it does everything to
every device. A cell is good when

* the device is usable again within 5 s of the fault's end, in the state it had before, proved by what it is for: a new
  picture, a code that is read, an answer to a question;
* the visit is as it was: the same screen, the same persons, fields, pages and signature, nothing printed again;
* no device without a fault of its own changed its state meanwhile;
* in the middle of reading a card or taking a picture: that very card is read afterwards, and just one page is added;
* the engine, which makes the front end's pictures, never paused for more than a second.

Several lanes work at the same time, each on devices of its own; what is quiet must stay quiet in any case. Ends with 1
when a cell fails.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from drivers.code_scanner import CodeScanned
from drivers.driver import DeviceKind, DeviceState, DeviceStatus, StatusChanged
from drivers.simulated.camera import CameraFault
from drivers.simulated.id_card_reader import SAMPLE_CARDS
from drivers.simulated.pcsc_service import LOCK_FILE, why_unavailable
from kiosk.conductor.snapshot import CaptureView, PrintState, Screen, Snapshot, VisitView
from tests.e2e.whole_station import BOOKLET, STROKES, TELEPHONE, WholeStation

RETURN_SECONDS = 5.0
ENGINE_SECONDS = 1.0
PATIENCE = 40.0
"""A device that is not back by then counts as lost."""
NOTICE_SECONDS = 15.0
LIFT_SECONDS = 2.5
BEAT_SECONDS = 0.02
TOUCH_SECONDS = 5.0

FAULTS = ("unplug", "silent", "garbage")
LANES: tuple[tuple[DeviceKind, ...], ...] = (
    (DeviceKind.DOCUMENT_CAMERA, DeviceKind.CODE_SCANNER),
    (DeviceKind.WEBCAM, DeviceKind.ID_CARD_READER),
    (DeviceKind.RECEIPT_PRINTER, DeviceKind.SOCIAL_SECURITY_CARD),
)
STATES = (
    Screen.HOME,
    Screen.IDENTIFY,
    Screen.CHOOSE_ITEM,
    Screen.GUIDE,
    Screen.APPLICANT,
    Screen.CAPTURE,
    Screen.FIELDS,
    Screen.REVIEW,
    Screen.SIGNATURE,
    Screen.SUBMIT,
    Screen.WAITING,
    Screen.RECEIPT,
    Screen.RATING,
    Screen.FAREWELL,
)
WORK = [f"{Screen.IDENTIFY.value}+work", f"{Screen.CAPTURE.value}+work"]
"""Rows of their own: the device was in the middle of reading a card or taking a picture."""


@dataclass(slots=True)
class Cell:
    """One device, one state, one fault; ``seconds`` until it was usable again, None = not within ``PATIENCE``."""

    state: str
    device: str
    fault: str
    noticed: str = ""  # the state it had while the fault lasted
    seconds: float | None = None
    engine_gap: float = 0.0
    broken: list[str] = field(default_factory=list)

    @property
    def late(self) -> bool:
        return self.seconds is not None and self.seconds > RETURN_SECONDS

    @property
    def good(self) -> bool:
        return not self.broken and not self.late and self.engine_gap <= ENGINE_SECONDS


class WatchedStation(WholeStation):
    """A whole station with a finger on its pulse: pauses of the engine, and states of devices, as they come."""

    def __init__(self) -> None:
        super().__init__()
        self._gaps: list[tuple[float, float]] = []
        self._ended = threading.Event()

    def __enter__(self) -> WatchedStation:
        super().__enter__()
        loop = self.station._conductor._core._loop
        asyncio.run_coroutine_threadsafe(self._beat(), loop)
        threading.Thread(target=self._touch, name="matrix-hand", daemon=True).start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._ended.set()
        super().__exit__(kind, *_)

    async def _beat(self) -> None:
        last = time.monotonic()
        while not self._ended.is_set():
            await asyncio.sleep(BEAT_SECONDS)
            now = time.monotonic()
            self._gaps.append((now, now - last - BEAT_SECONDS))
            del self._gaps[:-100_000]
            last = now

    def engine_gap(self, since: float) -> float:
        return max((gap for at, gap in tuple(self._gaps) if at >= since), default=0.0)

    def _touch(self) -> None:
        """Somebody stands there; without it the privacy cover would come."""
        while not self._ended.wait(TOUCH_SECONDS):
            self.do.touched()


# -- what is done to a device, and how it proves to work ---------------------------------------------------------


class _Noise(dict[bytes, bytes]):
    """A card's answers: to every command some bytes of no meaning, with a status word of none."""

    def __init__(self, source: random.Random) -> None:
        super().__init__()
        self._source = source

    def get(self, command: bytes, default: object = None) -> bytes:  # type: ignore[override]
        return self._source.randbytes(self._source.randrange(2, 60))

    def __bool__(self) -> bool:
        return True


class Hands:
    """Begins and ends faults at the bench."""

    def __init__(self, whole: WatchedStation, seed: int) -> None:
        self._whole = whole
        self._random = random.Random(seed)
        self._ends: dict[DeviceKind, Callable[[], None]] = {}
        self._codes = 0

    def begin(self, kind: DeviceKind, fault: str) -> None:
        bench = self._whole.bench
        if fault == "unplug":
            bench.unplug(kind)
            self._ends[kind] = lambda: bench.replug(kind)
            return
        match kind:
            case DeviceKind.DOCUMENT_CAMERA | DeviceKind.WEBCAM:
                camera = getattr(bench, kind.value)
                camera.set_fault(CameraFault.STALL if fault == "silent" else CameraFault.DAMAGED)
                self._ends[kind] = lambda: camera.set_fault(None)
            case DeviceKind.ID_CARD_READER:
                reader = bench.id_card_reader
                if fault == "silent":
                    reader.faults.silent = True
                else:
                    reader.terminal.send(self._random.randbytes(500))
                    reader.faults.damage = lambda payload, reply: self._random.randbytes(len(reply))
                self._ends[kind] = lambda: self._heal_reader(reader)
            case DeviceKind.CODE_SCANNER:
                if fault == "garbage":
                    self._babble(kind, lambda: bench.code_scanner.terminal.send(self._noise()))
                else:
                    self._ends[kind] = _nothing  # a scanner without a code is silent at all times
            case DeviceKind.RECEIPT_PRINTER:
                if fault == "silent":
                    bench.receipt_printer.silent()
                    self._ends[kind] = lambda: bench.receipt_printer.silent(False)
                else:  # noise in place of every answer
                    bench.receipt_printer.silent()
                    self._babble(kind, lambda: bench.receipt_printer.babble(self._noise()))
                    babbling = self._ends[kind]
                    self._ends[kind] = lambda: (babbling(), bench.receipt_printer.silent(False))[0]
            case DeviceKind.SOCIAL_SECURITY_CARD:
                if fault == "silent":
                    bench._service.pause()
                    self._ends[kind] = bench._service.resume
                else:
                    card = bench.social_security_card
                    card.faults.answers = _Noise(self._random)
                    card.insert()
                    self._ends[kind] = lambda: self._take_out(card)

    def end(self, kind: DeviceKind) -> None:
        self._ends.pop(kind)()

    @staticmethod
    def _heal_reader(reader: Any) -> None:
        reader.faults.silent, reader.faults.damage = False, None

    @staticmethod
    def _take_out(card: Any) -> None:
        card.remove()
        card.faults.answers = None

    def _noise(self) -> bytes:
        return self._random.randbytes(self._random.randrange(1, 400))

    def _babble(self, kind: DeviceKind, say: Callable[[], object]) -> None:
        enough = threading.Event()

        def work() -> None:
            while not enough.wait(0.05):
                say()

        thread = threading.Thread(target=work, name=f"babble-{kind}", daemon=True)
        thread.start()

        def end() -> None:
            enough.set()
            thread.join()

        self._ends[kind] = end

    def proof(self, kind: DeviceKind, before: DeviceStatus, since: float) -> Callable[[], bool]:
        """Whether the device works again, asked over and over."""
        whole = self._whole

        def answers() -> bool:
            status = whole.station.devices.status(kind)
            return (status.state, status.code) == (before.state, before.code)

        if kind in (DeviceKind.DOCUMENT_CAMERA, DeviceKind.WEBCAM):

            def shows() -> bool:
                frame = whole.station.latest_frame(kind)
                return answers() and frame is not None and frame.taken_at > since

            return shows
        if kind is DeviceKind.CODE_SCANNER:
            heard = len(whole.events)
            next_scan = 0.0

            def reads() -> bool:
                nonlocal next_scan
                if time.monotonic() >= next_scan:
                    next_scan = time.monotonic() + 0.5
                    self._codes += 1
                    whole.bench.code_scanner.scan(b"MATRIX-%06d" % self._codes)
                return any(
                    isinstance(event, CodeScanned) and event.raw.endswith(b"MATRIX-%06d" % self._codes)
                    for event in whole.events[heard:]
                )

            return reads
        return answers


def _nothing() -> None:
    """Nothing to end."""


# -- the visit ---------------------------------------------------------------------------------------------------


def walk(whole: WholeStation) -> Iterator[Screen]:
    """One visit for another person, through every state there is; stops at each."""
    whole.sign_on()
    yield Screen.HOME
    whole.do.start_visit()
    whole.screen(Screen.IDENTIFY)
    yield Screen.IDENTIFY
    whole.identify("valid")
    whole.next(Screen.CHOOSE_ITEM)
    yield Screen.CHOOSE_ITEM
    whole.do.choose_item(BOOKLET)
    whole.of_visit(lambda visit: visit.item is not None, "the item")
    whole.next(Screen.GUIDE)
    whole.do.set_acting_for_other(True)
    whole.of_visit(lambda visit: visit.acting_for_other, "acting for another")
    yield Screen.GUIDE
    whole.consent(Screen.APPLICANT)
    yield Screen.APPLICANT
    whole.identify("moved")
    whole.next(Screen.CAPTURE)
    whole.do.set_automatic(False)
    whole.of_visit(lambda visit: not visit.capture.automatic, "manual capture")
    whole.take("a4_form")
    yield Screen.CAPTURE
    whole.take_card()
    whole.next(Screen.FIELDS)
    whole.do.set_field("telephone", TELEPHONE)
    whole.of_visit(lambda visit: any(one.value == TELEPHONE for one in visit.fields) and visit.can_next, "the number")
    yield Screen.FIELDS
    whole.next(Screen.REVIEW)
    yield Screen.REVIEW
    whole.next(Screen.SIGNATURE)
    whole.do.sign(STROKES, 400, 200)
    whole.of_visit(lambda visit: visit.signature, "the signature")
    yield Screen.SIGNATURE
    whole.next(Screen.SUBMIT)
    whole.of_visit(lambda visit: visit.delivery.case_number, "the case number")
    yield Screen.SUBMIT
    whole.next(Screen.WAITING)
    yield Screen.WAITING
    whole.next(Screen.RECEIPT)
    whole.of_visit(lambda visit: visit.print_state is PrintState.PRINTED, "the slip")
    yield Screen.RECEIPT
    whole.next(Screen.RATING)
    yield Screen.RATING
    whole.do.rate(5)
    whole.screen(Screen.FAREWELL)
    yield Screen.FAREWELL
    whole.do.finish_visit()
    whole.screen(Screen.HOME)


def what_is_kept(snapshot: Snapshot, slips: int) -> tuple[Screen, VisitView | None, int]:
    """What no device may change: all of the visit but what the document camera shows at this moment, and the way of
    the pages to the centre, which goes on."""
    visit = snapshot.visit
    if visit is not None:
        materials = tuple(
            replace(one, pages=tuple(replace(page, state=page.state.TAKEN) for page in one.pages))
            for one in visit.materials
        )
        capture = CaptureView(visit.capture.material_id, visit.capture.automatic, second_side=visit.capture.second_side)
        delivery = replace(visit.delivery, sent_bytes=0, total_bytes=0)
        visit = replace(visit, materials=materials, capture=capture, ticket=None, delivery=delivery)
    return snapshot.screen, visit, slips


# -- cells -------------------------------------------------------------------------------------------------------


class Matrix:
    """All cells of the states wanted, on one running station."""

    def __init__(self, whole: WatchedStation, say: Callable[[str], None], seed: int) -> None:
        self.cells: list[Cell] = []
        self._whole = whole
        self._say = say
        self._hands = Hands(whole, seed)
        self._random = random.Random(seed)
        # For the whole run: the card service ends with the thread that started it.
        self._hands_at_work = ThreadPoolExecutor(len(LANES))
        self._lock = threading.Lock()
        self._active: dict[DeviceKind, Cell] = {}
        self._settled: dict[DeviceKind, DeviceStatus] = {}
        whole.station.devices.subscribe(self._on_event)

    def wait_until_settled(self, kinds: Sequence[DeviceKind]) -> None:
        """Every device has answered, and the scanner has read a code: from then on its state is known as READY."""
        devices = self._whole.station.devices
        scanner = DeviceKind.CODE_SCANNER
        _until(lambda: devices.status(scanner).state is DeviceState.UNKNOWN, "the scanner's port")
        for kind in kinds:
            if kind is not scanner:
                _until(lambda kind=kind: devices.status(kind).state is DeviceState.READY, f"{kind} is ready")  # type: ignore[misc]
        _until(self._hands.proof(scanner, devices.status(scanner), time.monotonic()), "the scanner reads")

    def close(self) -> None:
        self._hands_at_work.shutdown()

    def do_state(self, screen: Screen, lanes: Sequence[Sequence[DeviceKind]]) -> None:
        before = self._kept()
        devices = self._whole.station.devices
        with self._lock:
            self._settled = {kind: devices.status(kind) for lane in lanes for kind in lane}
        wait([self._hands_at_work.submit(self._do_lane, screen, lane, before) for lane in lanes])
        with self._lock:
            self._settled = {}
        self._whole.do.dismiss_notice()

    def _kept(self) -> tuple[Screen, VisitView | None, int]:
        return what_is_kept(self._whole.now, len(self._whole.slips()))

    def do_operation(self, screen: Screen) -> None:
        """At some states a device is needed in the middle of something; every fault once more, right there."""
        operation = {Screen.IDENTIFY: self._read_a_card, Screen.CAPTURE: self._take_a_picture}.get(screen)
        kind = {Screen.IDENTIFY: DeviceKind.ID_CARD_READER, Screen.CAPTURE: DeviceKind.DOCUMENT_CAMERA}.get(screen)
        if operation is None or kind is None:
            return
        for fault in FAULTS:
            cell = Cell(f"{screen.value}+work", kind.value, fault)
            try:
                operation(cell, kind)
            except AssertionError as error:
                cell.broken.append(str(error))
            self.cells.append(cell)
            self._say(_line(cell))

    def _read_a_card(self, cell: Cell, kind: DeviceKind) -> None:
        """The fault comes while the card is being read; afterwards the card is read, and it is that card."""
        whole = self._whole
        reader = whole.bench.id_card_reader
        reader.faults.pace = True
        asked = len(reader.commands)
        whole.lay_card("valid")
        _wait(lambda: b"\x20\x01" in reader.commands[asked:], PATIENCE)  # it is found: now it is selected and read
        self._disturb(cell, kind)
        ended = time.monotonic()
        if not _wait(lambda: whole.visit.applicant is not None, LIFT_SECONDS):
            # A module that has given the card once, damaged or not, finds it again only after it was lifted: the
            # screen asks for that.
            reader.lift_card()
            time.sleep(0.5)
            whole.lay_card("valid")
        whole.of_visit(lambda visit: visit.applicant is not None, "the card's person")
        cell.seconds = round(time.monotonic() - ended, 2)
        assert whole.visit.applicant is not None
        if whole.visit.applicant.name != SAMPLE_CARDS["valid"].name:
            cell.broken.append("wrong data")
        reader.faults.pace = False
        whole.lift_card()
        whole.do.cancel_visit()
        whole.screen(Screen.HOME)
        whole.do.start_visit()
        whole.screen(Screen.IDENTIFY)

    def _take_a_picture(self, cell: Cell, kind: DeviceKind) -> None:
        """The fault comes as the picture is taken; afterwards one more page can be taken, and no other is."""
        whole = self._whole
        before = [page.page_id for material in whole.visit.materials for page in material.pages]
        first = whole.visit.materials[0].material_id  # one whose every picture is a page, not a side of a card
        whole.do.choose_material(first)
        whole.of_visit(lambda visit: visit.capture.material_id == first, "the material")
        before_fault = whole.station.devices.status(kind)
        whole.do.take_picture()
        self._disturb(cell, kind)
        ended = time.monotonic()
        whole.of_visit(lambda visit: not visit.capture.busy, "the picture that was under way ends")
        if whole.visit.capture.reviewing is not None:
            whole.do.retake_picture()
            whole.of_visit(lambda visit: visit.capture.reviewing is None, "taken again")
        _wait(self._hands.proof(kind, before_fault, ended), PATIENCE)
        whole.do.take_picture()
        whole.of_visit(lambda visit: visit.capture.reviewing is not None, "the picture")
        cell.seconds = round(time.monotonic() - ended, 2)
        whole.do.accept_picture("样张")
        whole.of_visit(lambda visit: visit.capture.reviewing is None and not visit.capture.busy, "the page is kept")
        after = [page.page_id for material in whole.visit.materials for page in material.pages]
        new = [page for page in after if page not in before]
        if len(new) != 1 or len(after) != len(before) + 1:
            cell.broken.append(f"{len(before)} pages became {len(after)}")
        for page in new:
            whole.do.delete_page(page)
        whole.of_visit(lambda visit: sum(len(one.pages) for one in visit.materials) == len(before), "as before")
        card = whole.visit.materials[-1].material_id
        whole.do.choose_material(card)
        whole.of_visit(lambda visit: visit.capture.material_id == card, "the material")

    def _disturb(self, cell: Cell, kind: DeviceKind) -> None:
        """A fault at once, for as long as it takes to be noticed."""
        devices = self._whole.station.devices
        working = {DeviceState.READY, DeviceState.BUSY}
        self._hands.begin(kind, cell.fault)
        try:
            if not _wait(lambda: devices.status(kind).state not in working, NOTICE_SECONDS):
                cell.broken.append("not noticed")
            cell.noticed = f"{devices.status(kind).state} {devices.status(kind).code}"
        finally:
            self._hands.end(kind)

    def _do_lane(self, screen: Screen, lane: Sequence[DeviceKind], before: object) -> None:
        for fault in FAULTS:
            for kind in lane:
                cell = Cell(screen.value, kind.value, fault)
                try:
                    self._do_cell(cell, kind, before)
                except Exception as error:  # a cell that breaks is a failed cell, never the end of the matrix
                    cell.broken.append(f"{type(error).__name__}: {error}")
                with self._lock:
                    self._active.pop(kind, None)
                    self.cells.append(cell)
                self._say(_line(cell))

    def _do_cell(self, cell: Cell, kind: DeviceKind, before: object) -> None:
        whole = self._whole
        devices = whole.station.devices
        status = devices.status(kind)
        begun = time.monotonic()
        with self._lock:
            self._active[kind] = cell
        try:
            self._hands.begin(kind, cell.fault)
            shows = kind is not DeviceKind.CODE_SCANNER or cell.fault == "unplug"
            noticed = _wait(lambda: devices.status(kind).state is not status.state, NOTICE_SECONDS if shows else 1.0)
            cell.noticed = f"{devices.status(kind).state} {devices.status(kind).code}"
            if shows and not noticed:
                cell.broken.append("not noticed")
            # So that the end of the fault meets the worker in another phase of its trying each time.
            time.sleep(self._random.uniform(0.0, 2.5))
        finally:
            self._hands.end(kind)
        ended = time.monotonic()
        if _wait(self._hands.proof(kind, status, ended), PATIENCE):
            cell.seconds = round(time.monotonic() - ended, 2)
        else:
            found = devices.status(kind)
            cell.broken.append(f"not back: {found.state} {found.code}")
        cell.engine_gap = round(whole.engine_gap(begun), 2)
        if not _wait(lambda: self._kept() == before, 2.0):
            cell.broken.append(f"the visit changed: {_difference(before, self._kept())}")

    def _on_event(self, event: object) -> None:
        if not isinstance(event, StatusChanged):
            return
        status = event.status
        with self._lock:
            settled = self._settled.get(status.kind)
            if settled is None or status.kind in self._active or status.state is settled.state:
                return
            for cell in self._active.values():
                cell.broken.append(f"{status.kind} became {status.state} {status.code}")


def _difference(before: Any, after: Any) -> str:
    """Where two pictures differ, by name of field only."""
    if before[0] != after[0]:
        return f"screen {before[0]} → {after[0]}"
    if before[2] != after[2]:
        return f"{after[2] - before[2]} more slips"
    one, other = before[1], after[1]
    if one is None or other is None:
        return "visit gone" if one is not None else "a visit"
    return ", ".join(name for name in one.__dataclass_fields__ if getattr(one, name) != getattr(other, name))


def _wait(holds: Callable[[], object], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def _until(holds: Callable[[], object], what: str) -> None:
    if not _wait(holds, PATIENCE):
        raise AssertionError(f"{what}: not within {PATIENCE:.0f} s")


def wait_for_card_service(seconds: float = 300.0) -> None:
    """A machine has one place for a card service: wait until another test is done with it."""
    if why_unavailable():
        return

    def free() -> bool:
        with LOCK_FILE.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return False
            return True

    _wait(free, seconds)


def run(
    states: Sequence[Screen] = STATES,
    lanes: Sequence[Sequence[DeviceKind]] = LANES,
    say: Callable[[str], None] = lambda line: None,
    seed: int = 20261120,
) -> list[Cell]:
    """Run the matrix for some states.

    Raises:
        AssertionError: the station does not come up, or the visit does not go on.
    """
    wait_for_card_service()
    with ExitStack() as stack:
        whole = stack.enter_context(WatchedStation())
        if whole.bench.no_card_service:
            say(f"no social-security card reader: {whole.bench.no_card_service}")
            lanes = [tuple(kind for kind in lane if kind is not DeviceKind.SOCIAL_SECURITY_CARD) for lane in lanes]
        matrix = Matrix(whole, say, seed)
        stack.callback(matrix.close)
        matrix.wait_until_settled([kind for lane in lanes for kind in lane])
        left = set(states)
        for screen in walk(whole):
            assert whole.now.screen is screen
            if screen in left:
                matrix.do_operation(screen)
                matrix.do_state(screen, lanes)
                left.discard(screen)
            if not left:
                break
        return matrix.cells


# -- what is printed ---------------------------------------------------------------------------------------------


def _line(cell: Cell) -> str:
    taken = "lost" if cell.seconds is None else f"{cell.seconds:5.2f} s"
    marks = [*cell.broken, *(["LATE"] if cell.late else [])]
    if cell.engine_gap > ENGINE_SECONDS:
        marks.append(f"the engine paused for {cell.engine_gap:.2f} s")
    return f"{cell.state:12} {cell.device:21} {cell.fault:8} {taken:8} {cell.noticed:45} {'; '.join(marks)}".rstrip()


def table(cells: Sequence[Cell]) -> str:
    """Seconds until usable again, one row for each state and device; ``!`` = over 5 s, ``X`` = failed otherwise."""
    found = {(cell.state, cell.device, cell.fault): cell for cell in cells}
    devices = [kind.value for kind in DeviceKind]
    lines = ["| state | " + " | ".join(f"{device} u/s/g" for device in devices) + " |"]
    lines.append("|---" * (len(devices) + 1) + "|")
    for state in [screen.value for screen in STATES] + WORK:
        row = []
        for device in devices:
            parts = [_entry(found.get((state, device, fault))) for fault in FAULTS]
            row.append(" / ".join(parts))
        if any(part.strip(" /–") for part in row):
            lines.append(f"| {state} | " + " | ".join(row) + " |")
    return "\n".join(lines)


def _entry(cell: Cell | None) -> str:
    if cell is None:
        return "–"
    if cell.seconds is None:
        return "X"
    return f"{cell.seconds:.1f}" + ("!" if cell.late else "X" if not cell.good else "")


def summary(cells: Sequence[Cell]) -> dict[str, Any]:
    """Counts, and the longest and the median return of every device and fault."""
    longest = {}
    for kind in DeviceKind:
        times = sorted(cell.seconds for cell in cells if cell.device == kind.value and cell.seconds is not None)
        if times:
            longest[kind.value] = {"median": times[len(times) // 2], "longest": times[-1], "cells": len(times)}
    return {
        "cells": len(cells),
        "good": sum(cell.good for cell in cells),
        "over_5_s": sum(cell.late for cell in cells),
        "failed": sum(not cell.good for cell in cells),
        "longest_engine_pause": max((cell.engine_gap for cell in cells), default=0.0),
        "devices": longest,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.matrix", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--states", default="", help="comma separated; default: all")
    parser.add_argument("--lanes", type=int, choices=(1, 3), default=3, help="1 = one fault at a time")
    parser.add_argument("--seed", type=int, default=20261120)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    states = [Screen(name) for name in options.states.split(",") if name] or STATES
    lanes = LANES if options.lanes == 3 else [tuple(kind for lane in LANES for kind in lane)]
    cells = run(states, lanes, lambda line: print(line, file=sys.stderr, flush=True), options.seed)
    rows = [screen.value for screen in STATES] + WORK
    cells.sort(key=lambda cell: (rows.index(cell.state), cell.device, FAULTS.index(cell.fault)))
    counted = summary(cells)
    if options.json:
        print(json.dumps({"summary": counted, "cells": [asdict(cell) for cell in cells]}, ensure_ascii=False, indent=1))
    else:
        print(table(cells))
        print()
        print(f"{counted['cells']} cells, {counted['good']} good, {counted['over_5_s']} over 5 s")
        for device, numbers in counted["devices"].items():
            print(f"{device:21} median {numbers['median']:.2f} s, longest {numbers['longest']:.2f} s")
        print(f"longest pause of the engine {counted['longest_engine_pause']:.2f} s")
        for cell in cells:
            if not cell.good:
                print("FAILED", _line(cell))
    return 0 if all(cell.good for cell in cells) else 1


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # simulated ends may still hold threads; nothing is left to be written
