"""Print jobs with random faults, and what lies in the tray afterwards: ``python -m tests.faults.print_jobs``.

Every job is a slip with its number drawn as bars between two frames. The harness plays the station's rule: FAILED means
that nothing was sent, so the same action is asked for again; INTERRUPTED is printed once more, with the mark of a
reprint; UNCONFIRMED is told to a person, who looks at the tray and prints again, with the mark, when the slip is not
there. At the end the paper is read: nothing lost, nothing twice without the mark, no "printed" without paper.
"""

from __future__ import annotations

import argparse
import collections
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from unittest import mock

import numpy as np

import drivers.driver
from drivers import printer_conversation, receipt_printer
from drivers.driver import DeviceState
from drivers.receipt_printer import Cut, PrintResultState, Raster, ReceiptPrinter
from drivers.simulated.printer_ports import UsbPort
from drivers.simulated.receipt_printer import IDENTITY, SimulatedReceiptPrinter
from drivers.transport.address import parse_address

WIDTH = 384
FRAME = 12
BAR = 16
BITS = 16
ROWS = FRAME * 2 + BAR * BITS
BYTES = ROWS * WIDTH // 8 + 60
"""About what a job sends, questions included: a fault begins after any of them."""

BITE = 0.25
"""Every limit of the driver is this part of its real value: a broken job is given up in a second, not in eight."""

LINES = ("tcp", "serial", "file", "usb")
JOBS_OF_A_PRINTER = 25
"""Then another one, that can more or less."""

UNKNOWN: tuple[tuple[bytes, ...], ...] = ((), (), (), (b"\x1dr",), (b"\x1da",), (b"\x1dI", b"\x1da", b"\x1dr"))
"""Commands a printer does not know: none, the fence, automatic status, and all that is not of the first printers."""

GENEROUS = 60.0


def slip(number: int, reprint: bool) -> np.ndarray:
    """A frame, the number in sixteen bars (left half: the mark, right half: the bit), a frame."""
    rows = np.zeros((ROWS, WIDTH), dtype=np.bool_)
    rows[:4] = rows[-4:] = True
    for bit in range(BITS):
        top = FRAME + bit * BAR
        rows[top : top + BAR - 4, : WIDTH // 4] = True  # the clock: a bar that is missing shows
        rows[top : top + BAR - 4, WIDTH // 4 : WIDTH // 2] = reprint
        rows[top : top + BAR - 4, WIDTH * 3 // 4 :] = bool(number >> bit & 1)
    return rows


def read(paper: np.ndarray) -> list[tuple[int, bool]]:
    """Every whole slip on a piece of paper: its number and whether it carries the mark."""
    found = []
    full = np.flatnonzero(paper[:, :WIDTH].all(axis=1))
    for top in full:
        part = paper[top : top + ROWS]
        if part.shape[0] < ROWS:
            break
        values = [part[FRAME + bit * BAR + 2] for bit in range(BITS)]
        number = sum(1 << bit for bit, row in enumerate(values) if row[-8])
        for mark in (False, True):
            if (part == slip(number, mark)).all():
                found.append((number, mark))
    return found


@dataclass
class Tally:
    """What happened to the jobs, and what lay in the tray."""

    jobs: int = 0
    lost: list[int] = field(default_factory=list)
    doubled: list[int] = field(default_factory=list)
    unproven: list[int] = field(default_factory=list)
    reprints: int = 0
    asked_again: int = 0
    results: collections.Counter[str] = field(default_factory=collections.Counter)
    faults: collections.Counter[str] = field(default_factory=collections.Counter)

    def add(self, other: Tally) -> None:
        self.jobs += other.jobs
        self.lost += other.lost
        self.doubled += other.doubled
        self.unproven += other.unproven
        self.reprints += other.reprints
        self.asked_again += other.asked_again
        self.results += other.results
        self.faults += other.faults

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.unproven)

    def __str__(self) -> str:
        return "\n".join(
            (
                f"{self.jobs} jobs: {len(self.lost)} lost, {len(self.doubled)} doubled without the mark, "
                f"{len(self.unproven)} said to be printed and not on paper",
                f"{self.reprints} reprints with the mark, {self.asked_again} asked for again because nothing was sent",
                "results: " + ", ".join(f"{name} {count}" for name, count in sorted(self.results.items())),
                "faults: " + ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items())),
            )
        )


@contextmanager
def quick() -> Iterator[None]:
    """All of the driver's limits shortened alike."""
    with ExitStack() as stack:
        for module, names in (
            (
                receipt_printer,
                "QUERY_EVERY CAUSE_EVERY SILENCE_SECONDS NEVER_ANSWERED_SECONDS FENCE_SECONDS FENCE_AGAIN_SECONDS "
                "PULSE_SECONDS NOT_TAKING_SECONDS",
            ),
            (printer_conversation, "ANSWER_SECONDS"),
        ):
            for name in names.split():
                stack.enter_context(mock.patch.object(module, name, getattr(module, name) * BITE))
        waits = tuple(seconds * 0.1 for seconds in drivers.driver.RETRY_SECONDS)
        stack.enter_context(mock.patch.object(drivers.driver, "RETRY_SECONDS", waits))
        yield


class Bench:
    """One printer on one kind of line, its driver, and the hand that makes and mends faults."""

    def __init__(self, line: str, chance: random.Random, tally: Tally) -> None:
        self.peer = SimulatedReceiptPrinter(
            WIDTH,
            line=line,
            keep=1_000_000,
            buffer_bytes=chance.choice((1500, 65536)),
            unknown=chance.choice(UNKNOWN),
        )
        self.line = line
        self.chance = chance
        self.tally = tally
        self.usb = ExitStack()
        if isinstance(self.peer.port, UsbPort):
            backend = mock.patch("usb.backend.libusb1.get_backend", return_value=self.peer.port.backend)
            self.usb.enter_context(backend)
        self.driver = ReceiptPrinter(
            parse_address(self.peer.address), lambda _: None, profile="RP-F10-58mm", width_dots=WIDTH, has_status=True
        )
        self.driver.start()
        self.ready()

    def ready(self) -> None:
        until = time.monotonic() + GENEROUS
        while self.driver.status.state is not DeviceState.READY:
            if time.monotonic() > until:
                raise AssertionError(f"{self.line}: the printer did not come back: {self.driver.status}")
            time.sleep(0.002)

    def stop(self) -> None:
        self.driver.stop()
        self.peer.stop()
        self.usb.close()

    # -- faults: begun before or during a job, each with its own end -----------------------------------------------

    def fault(self) -> tuple[str, Callable[[], None], Callable[[], None] | None]:
        peer, chance = self.peer, self.chance
        rows = chance.randrange(1, ROWS + 200)
        noise = chance.randbytes(chance.choice((1, 3, 40, 2000)))
        known: list[tuple[str, Callable[[], None], Callable[[], None] | None]] = [
            ("paper out", lambda: peer.paper_out(after_rows=rows), peer.refill),
            ("cover", peer.open_cover, peer.close_cover),
            ("knife", peer.cutter_error, lambda: (peer.open_cover(), self._wait(0.3), peer.close_cover())[0]),
            ("hot", peer.head_hot, lambda: peer.head_hot(False)),
            ("offline", peer.offline, lambda: peer.offline(False)),
            ("feed button", peer.feed_button, lambda: peer.feed_button(False)),
            ("silent", peer.silent, lambda: peer.silent(False)),
            ("connection", peer.disconnect, None),
            ("cable", peer.unplug_cable, peer.replug),
            ("power", peer.unplug, peer.replug),
            ("another printer", lambda: peer.swap(IDENTITY | {68: str(rows).encode()}), None),
            ("noise", lambda: peer.babble(noise), None),
            ("zeros", lambda: peer.babble(bytes(chance.choice((1, 2)))), None),
        ]
        if self.line == "serial":
            known.append(("power behind a bridge", self._power_off, self._power_on))
        return chance.choice(known)

    def _power_off(self) -> None:
        self.peer.power_off()
        if self.chance.random() < 0.5:
            self.peer.babble(b"\x00")  # the line falls to nothing: a break

    def _power_on(self) -> None:
        self._wait(receipt_printer.PULSE_SECONDS + 1.0)  # no printer starts quicker than PULSE_SECONDS
        if self.chance.random() < 0.5:
            self.peer.babble(b"\x00")
        self._wait(printer_conversation.ANSWER_SECONDS * 2)
        self.peer.power_on()

    def _switch_off_and_on(self) -> None:
        """What a person does who can do nothing else, and then the cause is gone."""
        self.tally.faults["switched off and on"] += 1
        if self.line == "serial":
            self.peer.power_off()
            self.peer.heal()
            self._power_on()
        else:
            self.peer.unplug()
            self.peer.heal()
            self.peer.replug()

    def _wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def meddle(self, over: threading.Event) -> threading.Thread:
        """Begin a fault at a random byte or moment of a job; the hand comes a while later, and again when needed."""
        name, begin, mend = self.fault()
        byte = self.chance.randrange(BYTES) if self.chance.random() < 0.8 else None
        before, during = self.chance.random() * 0.03, self.chance.random() * 0.3
        if name == "silent" and self.chance.random() < 0.3:
            during = receipt_printer.SILENCE_SECONDS * 2
        coming, begun = threading.Event(), threading.Event()

        def hit() -> None:
            coming.set()
            self.tally.faults[name] += 1
            begin()
            begun.set()

        if byte is not None:
            self.peer.at_byte(byte, hit)

        def work() -> None:
            if byte is None:
                time.sleep(before)
                hit()
            while not begun.wait(0.01):
                if over.is_set():
                    called_off = threading.Event()
                    self.peer.at_byte(0, called_off.set)
                    called_off.wait(GENEROUS)
                    break
            if mend is None or not coming.is_set():
                return
            begun.wait(GENEROUS)
            over.wait(during)
            mend()
            tries = 0
            while not over.wait(0.5):
                if self.driver.status.state is DeviceState.ATTENTION:
                    tries += 1
                    mend() if tries < 4 else self._switch_off_and_on()
            self.peer.heal()  # nobody leaves a printer with a knife that will stick again

        thread = threading.Thread(target=work)
        thread.start()
        return thread

    # -- the station's rule ----------------------------------------------------------------------------------------

    def print(self, number: int) -> None:
        reprint, name = False, f"job-{number}"
        for attempt in range(20):
            disturbed = attempt == 0 or self.chance.random() < 0.3
            over = threading.Event()
            meddler = self.meddle(over) if disturbed and self.chance.random() < 0.85 else None
            try:
                result = self.driver.print_job((Raster(slip(number, reprint)), Cut()), name).result(GENEROUS)
            except TimeoutError:
                raise AssertionError(f"{self.line}: job {number} never ended: {self.driver.status}") from None
            finally:
                over.set()
                if meddler is not None:
                    meddler.join()
            self.tally.results[result.state] += 1
            if result.state is PrintResultState.PRINTED:
                if (number, reprint) not in self.tray():
                    self.tally.unproven.append(number)
                return
            self.ready()
            if result.state is PrintResultState.FAILED:
                self.tally.asked_again += 1
                continue
            if result.state is PrintResultState.UNCONFIRMED:
                self.settle()
                if any(found == number for found, _ in self.tray()):
                    return
            reprint, name = True, f"job-{number} again {attempt}"
            self.tally.reprints += 1
        raise AssertionError(f"{self.line}: job {number} was never printed")

    def settle(self) -> None:
        """A person who looks into the tray waits until nothing moves."""
        until = time.monotonic() + 0.3
        count = len(self.peer.receipts)
        while time.monotonic() < until:
            time.sleep(0.02)
            if len(self.peer.receipts) != count:
                count, until = len(self.peer.receipts), time.monotonic() + 0.3

    def tray(self, newest: int = 12) -> list[tuple[int, bool]]:
        pieces = [*self.peer.receipts[-newest:], self.peer.paper]
        return [one for piece in pieces for one in read(~np.asarray(piece, dtype=bool))]


def run(jobs: int, seed: int, lines: tuple[str, ...] = LINES) -> Tally:
    """Print so many jobs, evenly on all kinds of line at once, and read the paper."""
    with quick(), ThreadPoolExecutor(len(lines)) as together:
        shares = [range(place + 1, jobs + 1, len(lines)) for place in range(len(lines))]
        tallies = list(together.map(lambda line, numbers: _on_one_line(line, numbers, seed), lines, shares))
    whole = Tally()
    for one in tallies:
        whole.add(one)
    return whole


def _on_one_line(line: str, numbers: range, seed: int) -> Tally:
    tally, chance = Tally(), random.Random(f"{seed} {line}")
    for start in range(0, len(numbers), JOBS_OF_A_PRINTER):
        share = numbers[start : start + JOBS_OF_A_PRINTER]
        bench = Bench(line, chance, tally)
        try:
            for number in share:
                bench.print(number)
                tally.jobs += 1
            bench.settle()
            pile = collections.Counter(bench.tray(newest=1_000_000))
        finally:
            bench.stop()
        tally.lost += [number for number in share if not pile[(number, False)] and not pile[(number, True)]]
        tally.doubled += [number for number in share if pile[(number, False)] > 1]
    return tally


def main() -> int:
    options = argparse.ArgumentParser(description="Print jobs with random faults: none may be lost or doubled.")
    options.add_argument("--jobs", type=int, default=1000)
    options.add_argument("--seed", type=int, default=3)
    options.add_argument("--line", choices=LINES, action="append")
    chosen = options.parse_args()
    began = time.monotonic()
    tally = run(chosen.jobs, chosen.seed, tuple(chosen.line or LINES))
    print(tally)
    print(f"{time.monotonic() - began:.0f} s, seed {chosen.seed}")
    return 0 if tally.good else 1


if __name__ == "__main__":
    sys.exit(main())
