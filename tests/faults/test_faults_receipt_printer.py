"""Everything that can go wrong with a receipt printer, as tables, over TCP, a serial line, a device file and USB."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from unittest import mock

import numpy as np
import pytest

from drivers.driver import DeviceState
from drivers.printer_conversation import ANSWER_SECONDS
from drivers.printer_job import Chunk
from drivers.printer_status import AnswerReader
from drivers.receipt_printer import (
    CAUSE_EVERY,
    FENCE_AGAIN_SECONDS,
    FENCE_SECONDS,
    NEVER_ANSWERED_SECONDS,
    ROWS_A_SECOND,
    SILENCE_SECONDS,
    SILENT_ROUNDS,
    Cut,
    Feed,
    PaperUsed,
    PrinterCapabilities,
    PrintPhase,
    PrintProgress,
    PrintResult,
    PrintResultState,
    Raster,
    ReceiptPrinter,
)
from drivers.simulated.printer_ports import UsbPort
from drivers.simulated.receipt_printer import IDENTITY, SimulatedReceiptPrinter
from drivers.transport.address import parse_address
from tests.faults.print_jobs import ROWS, WIDTH, quick, read, slip
from tests.waiting import until

GENEROUS = 30.0
LINES = ("tcp", "serial", "file", "usb")
PRINTED, UNCONFIRMED = PrintResultState.PRINTED, PrintResultState.UNCONFIRMED
FAILED, INTERRUPTED = PrintResultState.FAILED, PrintResultState.INTERRUPTED


def table(kinds: Iterable[str], *few: str) -> list[Any]:
    """Every kind on every line; on other lines than TCP all but a few only with the slow tests."""
    return [
        pytest.param(line, kind, marks=() if line == "tcp" or kind in few else pytest.mark.slow)
        for line in LINES
        for kind in kinds
    ]


class Stranger(SimulatedReceiptPrinter):
    """Another device at the printer's port, until it is told to be a printer."""

    reply: Callable[[bytes], bytes] | None = None

    def _receive(self, data: bytes) -> None:
        if self.reply is None:
            super()._receive(data)
        elif data:
            self.port.say(self.reply(data))


class Station:
    def __init__(self, peer: SimulatedReceiptPrinter, **options: Any) -> None:
        self.peer = peer
        self.events: list[Any] = []
        known = {"profile": "RP-F10-58mm", "width_dots": peer.width_dots, "has_status": True} | options
        self.driver = ReceiptPrinter(parse_address(peer.address), self.events.append, **known)
        self.driver.start()

    def ready(self) -> None:
        until(lambda: self.driver.status.state is DeviceState.READY)

    def send(self, number: int, reprint: bool = False, name: str = "") -> Any:
        picture = slip(number, reprint)
        left = (self.peer.width_dots - WIDTH) // 2
        rows = np.pad(picture, ((0, 0), (left, self.peer.width_dots - WIDTH - left)))
        return self.driver.print_job((Raster(rows), Cut()), name or f"{number}{reprint}")

    def waits_for(self, code: str) -> bool:
        return any(
            isinstance(event, PrintProgress) and (event.state, event.code) == (PrintPhase.WAITING_FOR_HAND, code)
            for event in list(self.events)
        )

    def pile(self) -> list[tuple[int, bool]]:
        left = (self.peer.width_dots - WIDTH) // 2
        pieces = [~np.asarray(piece, dtype=bool) for piece in (*self.peer.receipts, self.peer.paper)]
        return [one for piece in pieces for one in read(piece[:, left : left + WIDTH])]


@pytest.fixture
def make() -> Iterator[Callable[..., Station]]:
    made: list[Station] = []
    patches = []

    def start(peer: SimulatedReceiptPrinter, **options: Any) -> Station:
        if isinstance(peer.port, UsbPort):
            patches.append(mock.patch("usb.backend.libusb1.get_backend", return_value=peer.port.backend))
            patches[-1].start()
        made.append(Station(peer, **options))
        return made[-1]

    with quick():
        yield start
        for station in made:
            station.driver.stop()
            station.peer.stop()
        for patch in patches:
            patch.stop()


# -- what it is -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", LINES)
def test_it_says_what_it_is_and_can_without_printing(make: Callable[..., Station], line: str) -> None:
    station = make(SimulatedReceiptPrinter(WIDTH, line=line))
    station.ready()
    known = PrinterCapabilities((1, 2, 3, 4), True, None, "DOORSTEP", "SIM-80", "1.03", "S0001", True, WIDTH)
    assert station.driver.capabilities == known
    assert station.driver.status.identity == "DOORSTEP SIM-80 S0001"
    assert station.peer.paper.height == 1  # nothing
    assert station.send(1).result(GENEROUS).state is PRINTED
    assert station.driver.capabilities.fence is True
    assert station.pile() == [(1, False)]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"identity": {}}, ("", "", "", "")),
        ({"unknown": [b"\x1dI"]}, ("", "", "", "")),
        ({"unknown": [b"\x1dI"], "prints_unknown": True}, ("", "", "", "")),
        ({"identity": {1: b"\x20"}}, ("", "", "", "")),
        ({"identity": {1: b"\x20", 67: b"TP80K"}}, ("", "TP80K", "", "")),
        ({"identity": IDENTITY | {66: b"\xb0\xf1\x88"}}, ("", "", "", "")),
        ({"identity": IDENTITY | {1: b"\xff"}}, ("", "", "", "")),
        ({"identity": IDENTITY | {67: b"X" * 300}}, ("", "", "", "")),
    ],
    ids=["silent", "unknown", "printed", "no texts", "model only", "garbage", "wrong byte", "endless"],
)
def test_names_are_asked_for_with_care(make: Callable[..., Station], options: Any, named: tuple[str, ...]) -> None:
    station = make(SimulatedReceiptPrinter(WIDTH, **options))
    station.ready()
    told = station.driver.capabilities
    assert (told.maker, told.model, told.firmware, told.serial) == named
    assert station.send(1).result(GENEROUS).state is PRINTED
    (receipt,) = station.peer.receipts
    assert (~np.asarray(receipt, dtype=bool)[:ROWS] == slip(1, False)).all()  # no letter of the question on it


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize(("paper", "profile"), [(384, "POS-5890"), (576, "TM-T20II")])
def test_both_widths_to_the_very_dot(make: Callable[..., Station], line: str, paper: int, profile: str) -> None:
    station = make(SimulatedReceiptPrinter(paper, line=line, cutter=paper == 576), profile=profile)
    station.ready()
    y, x = np.mgrid[0:300, 0:paper]
    picture = (x * 7 + y * y) % 11 < 3
    job = station.driver.print_job((Raster(picture), Cut()), "x")
    assert job.result(GENEROUS).state is PRINTED
    receipt = station.peer.receipts[0] if paper == 576 else station.peer.tear_off()
    dots = ~np.asarray(receipt, dtype=bool)
    assert dots.shape[1] == paper
    assert (dots[:300] == picture).all()
    assert not dots[300:].any()
    assert station.driver.capabilities.cutter is (paper == 576)


def test_paper_is_counted(make: Callable[..., Station]) -> None:
    station = make(SimulatedReceiptPrinter(WIDTH))
    station.ready()
    rows = ROWS + 2 * 34 + 6 * 34
    station.driver.print_job((Raster(slip(1, False)), Feed(2), Cut()), "x").result(GENEROUS)
    assert [event for event in station.events if isinstance(event, PaperUsed)] == [PaperUsed(rows, rows / 8)]
    station.driver.print_job((Raster(np.ones((1, 999), dtype=bool)),), "refused").result(GENEROUS)
    assert len([event for event in station.events if isinstance(event, PaperUsed)]) == 1
    assert Chunk(b"").rows == 0


def test_near_its_end_it_prints_and_says_so(make: Callable[..., Station]) -> None:
    station = make(SimulatedReceiptPrinter(WIDTH))
    station.peer.paper_near_end()
    until(lambda: station.driver.status.code == "receipt_printer.near_end")
    assert station.send(1).result(GENEROUS).state is PRINTED
    assert station.pile() == [(1, False)]
    until(lambda: station.driver.status.code == "receipt_printer.near_end")
    assert station.driver.status.state is DeviceState.READY


# -- a hand is needed in the middle of a job ---------------------------------------------------------------------


def _open_and_close(peer: SimulatedReceiptPrinter) -> None:
    peer.open_cover()
    time.sleep(0.4)  # the driver has to see it open
    peer.close_cover()


HANDS: dict[str, tuple[Callable[[SimulatedReceiptPrinter], None], Callable[[SimulatedReceiptPrinter], None]]] = {
    "paper_end": (lambda peer: peer.paper_out(), lambda peer: peer.refill()),
    "cover_open": (lambda peer: peer.open_cover(), lambda peer: peer.close_cover()),
    "cutter": (lambda peer: peer.cutter_error(), _open_and_close),
    "head_hot": (lambda peer: peer.head_hot(), lambda peer: peer.head_hot(False)),
    "offline": (lambda peer: peer.offline(), lambda peer: peer.offline(False)),
    "feeding": (lambda peer: peer.feed_button(), lambda peer: peer.feed_button(False)),
}


@pytest.mark.parametrize(("line", "fault"), table(HANDS, "paper_end", "cutter"))
def test_a_job_waits_for_the_hand_and_is_finished(make: Callable[..., Station], line: str, fault: str) -> None:
    station = make(SimulatedReceiptPrinter(WIDTH, line=line))
    station.ready()
    begin, mend = HANDS[fault]
    station.peer.at_byte(5000, lambda: begin(station.peer))
    job = station.send(1)
    until(lambda: station.waits_for(f"receipt_printer.{fault}"))
    assert not job.done()
    mend(station.peer)
    assert job.result(GENEROUS) == PrintResult(PRINTED)
    assert station.pile() == [(1, False)]


# -- it ends before its end --------------------------------------------------------------------------------------

BREAKS: dict[str, tuple[Callable[[SimulatedReceiptPrinter], None], Callable[[SimulatedReceiptPrinter], None], str]] = {
    "connection": (lambda peer: peer.disconnect(), lambda peer: None, "receipt_printer.lost"),
    "cable": (lambda peer: peer.unplug_cable(), lambda peer: peer.replug(), "receipt_printer.lost"),
    "power": (lambda peer: peer.unplug(), lambda peer: peer.replug(), "receipt_printer.lost"),
    "another": (lambda peer: peer.swap(IDENTITY | {68: b"S0002"}), lambda peer: None, "receipt_printer.lost"),
    "broken": (lambda peer: peer.break_down(), lambda peer: peer.heal(), "receipt_printer.unrecoverable"),
}


@pytest.mark.parametrize(("line", "fault"), table(BREAKS, "connection", "power"))
def test_a_broken_off_job_is_interrupted_and_its_reprint_is_whole(
    make: Callable[..., Station], line: str, fault: str
) -> None:
    station = make(SimulatedReceiptPrinter(WIDTH, line=line))
    station.ready()
    begin, mend, code = BREAKS[fault]
    station.peer.at_byte(6000, lambda: begin(station.peer))
    result = station.send(1).result(GENEROUS)
    assert (result.state, result.code) == (INTERRUPTED, code)
    assert station.send(1).result(GENEROUS) == result  # the same action again sends nothing
    assert [event for event in station.events if isinstance(event, PaperUsed)] or fault != "broken"
    mend(station.peer)
    station.ready()
    assert station.send(1, reprint=True).result(GENEROUS).state is PRINTED
    assert station.pile().count((1, True)) == 1
    assert station.pile().count((1, False)) <= 1
    if fault == "another":
        until(lambda: station.driver.status.identity.endswith("S0002"))


def test_power_lost_behind_a_bridge_is_noticed_though_the_line_stays(make: Callable[..., Station]) -> None:
    for byte, noisy in ((300, False), (10_000, True)):
        station = make(SimulatedReceiptPrinter(WIDTH, line="serial"))
        station.ready()
        gone = threading.Event()

        def lose(peer: SimulatedReceiptPrinter = station.peer, gone: threading.Event = gone) -> None:
            peer.power_off()
            gone.set()

        station.peer.at_byte(byte, lose)
        job = station.send(1)
        assert gone.wait(GENEROUS)
        station.peer.babble(b"\x00" * noisy)
        time.sleep(1.5)  # three times the shortest start of a printer, at the pace of this test
        station.peer.power_on()
        result = job.result(GENEROUS)
        assert (result.state, result.code) == (INTERRUPTED, "receipt_printer.restarted"), byte
        station.ready()
        assert station.send(1, reprint=True).result(GENEROUS).state is PRINTED
        assert station.pile() == [(1, True)]


def test_a_buffer_lost_unnoticed_is_proved_by_a_second_fence(make: Callable[..., Station]) -> None:
    station = make(SimulatedReceiptPrinter(WIDTH, line="serial"))
    station.ready()
    station.peer.paper_out(after_rows=100)
    job = station.send(1)
    until(lambda: station.waits_for("receipt_printer.paper_end"))
    station.peer.power_off()  # and on again between two questions
    station.peer.heal()
    station.peer.power_on()
    assert job.result(GENEROUS) == PrintResult(INTERRUPTED, "receipt_printer.restarted")
    assert station.driver.capabilities.fence is True
    assert station.send(1, reprint=True).result(GENEROUS).state is PRINTED
    assert station.pile() == [(1, True)]


@pytest.mark.parametrize(
    ("line", "power"),
    [
        pytest.param(line, power, marks=() if line == "tcp" and not power else pytest.mark.slow)
        for line in LINES
        for power in (False, True)
    ],
)
def test_unplugged_at_every_byte(make: Callable[..., Station], line: str, power: bool) -> None:
    """The beginning of a job byte by byte, the rest in steps; on TCP finer than elsewhere."""
    station = make(SimulatedReceiptPrinter(WIDTH, line=line, keep=1000))
    station.ready()
    steps = [*range(40), *range(40, 340, 20)] if line == "tcp" else [*range(0, 40, 5), 60, 200, 330]
    rows = np.zeros((6, WIDTH), dtype=bool)
    rows[::2] = True
    outcomes = set()
    for number, byte in enumerate(steps):
        station.ready()
        cut, done = threading.Event(), threading.Event()

        def pull(cut: threading.Event = cut, done: threading.Event = done) -> None:
            cut.set()
            station.peer.unplug() if power else station.peer.unplug_cable()
            done.set()

        station.peer.at_byte(byte, pull)
        result = station.driver.print_job((Raster(rows), Cut()), f"job-{number}").result(GENEROUS)
        outcomes.add(result.state)
        if not cut.is_set():
            assert result.state is PRINTED
            station.peer.at_byte(0, lambda: None)
            continue
        assert done.wait(GENEROUS)
        station.peer.replug()
        station.ready()
    assert outcomes >= {FAILED, INTERRUPTED}
    assert station.send(77).result(GENEROUS).state is PRINTED
    assert station.pile() == [(77, False)]


# -- answers that are none ---------------------------------------------------------------------------------------

ID_CARD_FRAME = bytes.fromhex("aaaaaa9669 0508 00009f 00000000 97")
CODE = b"DS1:7f0c2c44-6a55-4c62-8f8e-1f0b6a3b2c11\r\n"

STRANGERS: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda data: b"",
    "echo": lambda data: data,
    "id card reader": lambda data: ID_CARD_FRAME,
    "code scanner": lambda data: CODE,
    "zeros": lambda data: bytes(len(data)),
    "half a status": lambda data: b"\x10\x00",
    "every byte": lambda data: bytes(range(256)),
    "too many answers": lambda data: b"\x12" * 9,
    "text": lambda data: b"HTTP/1.1 400 Bad Request\r\n\r\n",
}


@pytest.mark.parametrize(("line", "kind"), table(STRANGERS, "echo", "zeros"))
def test_another_device_is_unknown_its_job_unconfirmed_and_the_printer_is_back(
    make: Callable[..., Station], line: str, kind: str
) -> None:
    peer = Stranger(WIDTH, line=line)
    peer.reply = STRANGERS[kind]
    station = make(peer)
    until(lambda: station.driver.status.state is DeviceState.UNKNOWN)
    assert station.driver.status.code == "receipt_printer.silent"
    assert station.driver.status.identity == ""
    assert station.send(1).result(GENEROUS) == PrintResult(UNCONFIRMED, "receipt_printer.silent")
    assert station.driver.capabilities.fence is None
    peer.reply = None
    station.ready()
    assert station.send(2).result(GENEROUS).state is PRINTED
    assert station.pile() == [(2, False)]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("has_status", [True, False])
def test_a_printer_that_never_answers_prints(make: Callable[..., Station], line: str, has_status: bool) -> None:
    station = make(SimulatedReceiptPrinter(WIDTH, line=line, answers_status=False), has_status=has_status)
    until(lambda: station.driver.status.state is DeviceState.UNKNOWN)
    for number in (1, 2):
        result = station.send(number).result(GENEROUS)
        assert result.state is UNCONFIRMED
        assert result.code == ("receipt_printer.silent" if has_status else "receipt_printer.no_status")
    until(lambda: station.pile() == [(1, False), (2, False)])


NOISE = {
    "zero": b"\x00",
    "two zeros": b"\x00\x00",
    "answer": b"\x12",
    "half a status": b"\x10\x00",
    "text": b"\x5f",
    "ones": b"\xff" * 50,
    "every byte": bytes(range(256)),
    "code": CODE,
    "card": ID_CARD_FRAME,
}


@pytest.mark.parametrize(("line", "kind"), table(NOISE, "two zeros", "every byte"))
def test_noise_in_a_job_without_paper_confirms_nothing(make: Callable[..., Station], line: str, kind: str) -> None:
    station = make(SimulatedReceiptPrinter(WIDTH, line=line))
    station.ready()
    station.peer.paper_out(after_rows=120)
    job = station.send(1)
    until(lambda: station.waits_for("receipt_printer.paper_end"))
    for _ in range(4):
        station.peer.babble(NOISE[kind])
        time.sleep(0.06)
    assert not job.done()
    station.peer.refill()
    assert job.result(GENEROUS).state in (PRINTED, INTERRUPTED)
    until(lambda: station.pile() == [(1, False)])


@pytest.mark.parametrize("line", LINES)
def test_a_flood_is_survived(make: Callable[..., Station], line: str) -> None:
    station = make(SimulatedReceiptPrinter(WIDTH, line=line))
    station.ready()
    over = threading.Event()

    def flood() -> None:
        for _ in range(256):  # 1 MB
            station.peer.babble(bytes(range(256)) * 16)
        over.set()

    thread = threading.Thread(target=flood)
    thread.start()
    first = station.send(1).result(GENEROUS)
    thread.join(GENEROUS)
    assert over.is_set()
    assert first.state in (PRINTED, UNCONFIRMED, INTERRUPTED)
    station.ready()
    assert station.send(2).result(GENEROUS).state is PRINTED
    assert (2, False) in station.pile()


def test_answers_that_are_kept_are_bounded() -> None:
    reader = AnswerReader()
    reader.feed(bytes((0x12, 0x00, 0x5F, 0x41, 0x00)) * 5000)
    assert len(reader.direct) + len(reader.singles) + len(reader.names) < 200


@pytest.mark.parametrize("line", LINES)
def test_late_answers_are_not_taken_for_the_next(make: Callable[..., Station], line: str) -> None:
    """An open cover is told when the next question has been asked already: never read as something else."""
    station = make(Stranger(WIDTH, line=line))
    station.ready()
    say = station.peer.port.say

    def late(data: bytes) -> None:
        timer = threading.Timer(0.1, say, (data,))
        timer.daemon = True
        timer.start()

    with mock.patch.object(station.peer.port, "say", late):
        station.peer.open_cover()
        until(lambda: station.driver.status.state is not DeviceState.READY)
        time.sleep(1.0)
    seen = {event.status.code for event in station.events if hasattr(event, "status")}
    assert seen <= {"", "receipt_printer.cover_open", "receipt_printer.silent"}
    station.peer.close_cover()
    station.ready()
    assert station.send(1).result(GENEROUS).state is PRINTED


def test_two_printers_that_say_the_same_are_not_chosen_from(make: Callable[..., Station]) -> None:
    peer = SimulatedReceiptPrinter(WIDTH, line="usb")
    assert isinstance(peer.port, UsbPort)
    peer.port.twins = 1
    station = make(peer)
    until(lambda: station.driver.status.code == "receipt_printer.ambiguous")
    assert station.driver.status.detail["count"] == 2
    peer.port.twins = 0
    station.ready()


def test_usb_replugged_elsewhere_is_found_by_its_serial_number(make: Callable[..., Station]) -> None:
    peer = SimulatedReceiptPrinter(WIDTH, line="usb")
    assert isinstance(peer.port, UsbPort)
    station = make(peer)
    station.ready()
    place = peer.port.number
    peer.unplug_cable()
    until(lambda: station.driver.status.state is not DeviceState.READY)
    peer.replug()
    station.ready()
    assert peer.port.number != place
    peer.unplug_cable()
    peer.port.serial_number = "B7"
    peer.replug()
    until(lambda: station.driver.status.code == "receipt_printer.not_found")
    peer.port.serial_number = "A1"
    station.ready()
    assert station.send(1).result(GENEROUS).state is PRINTED


def test_a_job_that_needs_no_hand_is_known_within_ten_seconds() -> None:
    """By the limits themselves: the longest way of each, for a slip of 20 cm."""
    round_of_four = 4 * ANSWER_SECONDS + CAUSE_EVERY
    rows = 200 * 8
    assert FENCE_SECONDS + rows / ROWS_A_SECOND + 2 * FENCE_AGAIN_SECONDS <= 10.0
    assert SILENCE_SECONDS + round_of_four <= 10.0
    assert SILENT_ROUNDS * round_of_four + NEVER_ANSWERED_SECONDS + round_of_four <= 10.0


def test_zeros_confirm_nothing_where_the_fence_is_not_known(make: Callable[..., Station]) -> None:
    station = make(SimulatedReceiptPrinter(WIDTH, line="serial", unknown=[b"\x1dr"]))
    station.ready()
    for number, byte in enumerate((9000, 10_200, 10_400), 1):
        station.peer.at_byte(byte, lambda: station.peer.babble(b"\x00\x00\x00"))
        result = station.send(number).result(GENEROUS)
        assert result == PrintResult(UNCONFIRMED, "receipt_printer.no_fence")
    assert station.driver.capabilities.fence is False


@pytest.mark.parametrize("line", LINES)
def test_what_ends_a_broken_command_is_sent_again_when_it_was_lost_too(make: Callable[..., Station], line: str) -> None:
    station = make(SimulatedReceiptPrinter(WIDTH, line=line))
    station.ready()
    again = threading.Event()

    def break_twice() -> None:
        station.peer.disconnect()
        station.peer.at_byte(300, lambda: (station.peer.disconnect(), again.set())[0])

    station.peer.at_byte(1000, break_twice)
    assert station.send(1).result(GENEROUS).state is INTERRUPTED
    assert again.wait(GENEROUS)
    station.ready()
    assert station.send(2).result(GENEROUS).state is PRINTED
    assert station.pile() == [(2, False)]
