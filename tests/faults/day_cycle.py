"""Days of a station, compressed: idle nights, sign-on in the morning, visits, and devices that come and go.

``python -m tests.faults.day_cycle [--days 6] [--visits 5] [--json]``. One process runs a whole station for so many
days: real drivers on real ports, simulated ends, the centre. The clock of the conductor (covers, sign-off, deadlines of
the visit) is moved by hand, so a night takes seconds; the devices' own clocks go on as they are, and they are asked at
their usual pace all the time. Every day cables are pulled at random, the paper runs out in the middle of a slip,
and the card service is killed and started again.

At the same point of every day, when the last visit is over and everything is back, memory, threads and open files are
counted. The first day fills caches and starts pools and is left out. Ends with 1 when the later half of the days has

* more resident memory than ``MEMORY_RATIO`` of the earlier half (a camera frame kept for each visit would be 1.5), or
* more threads or more open files than the earlier half had at most, beyond ``SPARE``, which is for a thread or a
  connection that happens to be alive at the moment of counting,

or when a day printed another number of slips than it had visits.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from drivers.driver import DeviceKind, DeviceState
from drivers.simulated.camera import CameraFault
from kiosk.conductor.core import Time
from kiosk.conductor.snapshot import Screen, Snapshot
from kiosk.demo import ASSISTANT, Demo
from kiosk.devices.station_devices import NOT_FITTED
from tests.benchmarks.visits import DemoVisits
from tests.benchmarks.window import resident_mb
from tests.faults.matrix import wait_for_card_service

MEMORY_RATIO = 1.10
SPARE = 2
PATIENCE = 60.0
NIGHT_HOURS = 14
USABLE = {DeviceState.READY, DeviceState.UNKNOWN}
"""A scanner without a code is UNKNOWN, and it is the only one that may be."""


@dataclass(frozen=True, slots=True)
class Day:
    """What was counted at the end of a day, and what had happened in it."""

    number: int
    resident_mb: float
    threads: int
    open_files: int
    visits: int
    pulled: int
    slips: int
    seconds: float


class Clock:
    """Both clocks, which go as they do, plus what was jumped over."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def go(self, seconds: float) -> None:
        self._ahead += seconds

    def time(self) -> Time:
        return Time(lambda: time.monotonic() + self._ahead, lambda: datetime.now(UTC) + timedelta(seconds=self._ahead))


class Disturber:
    """Pulls cables at random, one after the other, on one thread for the whole run.

    ``allowed`` are the devices that nobody needs at this moment.
    """

    def __init__(self, demo: Demo, seed: int) -> None:
        self._bench: Any = demo.bench
        self._random = random.Random(seed)
        self._ended = threading.Event()
        self._resting = threading.Event()
        self._lock = threading.Lock()
        self.allowed: frozenset[DeviceKind] = frozenset()
        self.pulled = 0
        self._thread = threading.Thread(target=self._work, name="disturber", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def rest(self) -> None:
        """Stop pulling; everything is plugged in when this returns."""
        self.allowed = frozenset()
        with self._lock:
            pass

    def _work(self) -> None:
        while not self._ended.wait(self._random.uniform(0.2, 1.5)):
            with self._lock:
                there = [kind for kind in sorted(self.allowed) if self._is_there(kind)]
                if not there:
                    continue
                kind = self._random.choice(there)
                end = self._begin(kind)
                self.pulled += 1
                self._ended.wait(self._random.uniform(0.1, 3.0))
                end()

    def _is_there(self, kind: DeviceKind) -> bool:
        return kind is not DeviceKind.SOCIAL_SECURITY_CARD or not self._bench.no_card_service

    def _begin(self, kind: DeviceKind) -> Callable[[], object]:
        bench = self._bench
        if kind in (DeviceKind.DOCUMENT_CAMERA, DeviceKind.WEBCAM) and self._random.random() < 0.3:
            camera = getattr(bench, kind.value)
            camera.set_fault(CameraFault.STALL)
            return lambda: camera.set_fault(None)
        if kind is DeviceKind.RECEIPT_PRINTER and self._random.random() < 0.5:
            bench.receipt_printer.paper_out()
            return bench.receipt_printer.refill  # type: ignore[no-any-return]
        if kind is DeviceKind.ID_CARD_READER and self._random.random() < 0.3:
            bench.id_card_reader.faults.silent = True
            return lambda: setattr(bench.id_card_reader.faults, "silent", False)
        bench.unplug(kind)
        return lambda: bench.replug(kind)


class Days:
    """A station that lives through one day after the other."""

    def __init__(self, stack: ExitStack, seed: int) -> None:
        self._visits = DemoVisits()
        self.demo = Demo(self._visits.on_snapshot)
        self.demo.start()
        stack.callback(self.demo.stop)
        self.clock = Clock()
        self.demo.station._conductor._core.time = self.clock.time()  # type: ignore[union-attr]
        self._visits.begin(self.demo)
        stack.callback(self._visits.close)
        self._random = random.Random(seed)
        self._disturber = Disturber(self.demo, seed)
        self._disturber.start()
        stack.callback(self._disturber.stop)
        self._number = 0

    def day(self, visits: int) -> Day:
        """Evening, night, morning, so many visits; counted at the end."""
        begun = time.monotonic()
        self._number += 1
        pulled = self._disturber.pulled
        slips = self.demo.bench.receipt_printer.jobs_seen
        self._night()
        for number in range(visits):
            # In front of a resident only what this visit does not need at this moment; between them anything.
            self._disturber.allowed = frozenset(
                {DeviceKind.WEBCAM, DeviceKind.CODE_SCANNER, DeviceKind.SOCIAL_SECURITY_CARD}
            )
            if number % 2:
                self._run_out_of_paper()
            self._visits.visit()
            self._disturber.allowed = frozenset(DeviceKind)
            time.sleep(self._random.uniform(0.5, 2.0))
            self._all_back()
            self.clock.go(self._random.uniform(30.0, 50.0))
            self._visits.do.touched()
        # The basket is emptied: the simulated printer keeps its last slips as pictures of a megabyte each.
        self.demo.bench.receipt_printer._receipts.clear()
        memory, threads, files = self._count()
        return Day(
            self._number,
            memory,
            threads,
            files,
            visits,
            self._disturber.pulled - pulled,
            self.demo.bench.receipt_printer.jobs_seen - slips,
            round(time.monotonic() - begun, 1),
        )

    def _night(self) -> None:
        """Nobody touches anything: cover, sign-off, then one hour after the other, while cables are pulled."""
        self._all_back()
        self._disturber.allowed = frozenset(DeviceKind)
        idle = self.demo.station.settings.idle
        self.clock.go(idle.warn + idle.countdown + 1)
        self.clock.go(idle.sign_off)
        self._visits.until_screen(Screen.SIGN_ON)
        for _ in range(NIGHT_HOURS):
            self.clock.go(3600)
            time.sleep(0.4)
        self._all_back()
        self._visits.do.sign_on(ASSISTANT, self.demo.pin)
        self._visits.until_screen(Screen.HOME)
        self._visits.do.set_automatic(False)

    def _run_out_of_paper(self) -> None:
        """In the middle of the next slip; somebody puts a new roll in."""
        printer = self.demo.bench.receipt_printer
        printer.paper_out(after_rows=self._random.randrange(50, 400))

        def refill() -> None:
            until = time.monotonic() + PATIENCE
            while not printer._paper_out and time.monotonic() < until:
                time.sleep(0.05)
            time.sleep(0.5)
            printer.refill()

        threading.Thread(target=refill, name="new-roll", daemon=True).start()

    def _all_back(self) -> None:
        """Wait until every device can be used."""
        self._disturber.rest()
        # Printing takes up where it stopped, so this also ends what the paper had held up.
        self.demo.bench.receipt_printer.refill()

        def usable(snapshot: Snapshot) -> bool:
            return all(
                view.state in USABLE
                and (view.state is DeviceState.READY or view.kind is DeviceKind.CODE_SCANNER)
                or view.code in NOT_FITTED
                for view in snapshot.devices
            )

        self._visits.until(usable, "not every device came back")

    @staticmethod
    def _count() -> tuple[float, int, int]:
        """Resident MB, threads and open files of this process, when what ends by itself has ended."""
        counts = []
        for _ in range(5):
            gc.collect()
            time.sleep(0.5)
            counts.append((threading.active_count(), len(os.listdir("/proc/self/fd"))))
        threads, files = min(count[0] for count in counts), min(count[1] for count in counts)
        return resident_mb(), threads, files


def verdict(days: Sequence[Day]) -> list[str]:
    """What has grown, or went wrong; empty when nothing has. The first day is left out of the growth."""
    counted = days[1:]
    half = len(counted) // 2
    if not half:
        raise ValueError("at least three days are needed")
    early, late = counted[:half], counted[-half:]
    grown = []
    memory = statistics.mean(day.resident_mb for day in late) / statistics.mean(day.resident_mb for day in early)
    if memory > MEMORY_RATIO:
        grown.append(f"memory × {memory:.3f}")
    for name in ("threads", "open_files"):
        before, after = max(getattr(day, name) for day in early), max(getattr(day, name) for day in late)
        if after > before + SPARE:
            grown.append(f"{name} {before} → {after}")
    grown += [
        f"{day.slips} slips for {day.visits} visits on day {day.number}" for day in days if day.slips != day.visits
    ]
    return grown


def run(days: int, visits: int, say: Callable[[Day], None] = lambda day: None, seed: int = 20261120) -> list[Day]:
    """Live so many days.

    Raises:
        TimeoutError: a visit did not go on, or a device did not come back.
    """
    wait_for_card_service()
    with ExitStack() as stack:
        station = Days(stack, seed)
        found = []
        for _ in range(days):
            found.append(station.day(visits))
            say(found[-1])
        return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.day_cycle", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--days", type=int, default=6)
    parser.add_argument("--visits", type=int, default=5)
    parser.add_argument("--seed", type=int, default=20261120)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)

    def say(day: Day) -> None:
        if not options.json:
            print(
                f"day {day.number}: {day.resident_mb:.1f} MB, {day.threads} threads, {day.open_files} open files;"
                f" {day.visits} visits, {day.pulled} disturbances, {day.slips} slips, {day.seconds:.0f} s",
                flush=True,
            )

    days = run(options.days, options.visits, say, options.seed)
    grown = verdict(days)
    if options.json:
        print(json.dumps({"days": [asdict(day) for day in days], "grown": grown}))
    else:
        print("grown: " + ", ".join(grown) if grown else "nothing has grown")
    return 1 if grown else 0


if __name__ == "__main__":
    if not Path("/proc/self/fd").exists():
        sys.exit("counting open files needs Linux")
    code = main()
    sys.stdout.flush()
    os._exit(code)  # simulated ends may still hold threads; nothing is left to be written
