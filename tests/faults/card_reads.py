"""Thousands of ID cards read over a line with random faults: ``python -m tests.faults.card_reads [--reads 10000]``.

Every card is another invented person. What is counted: cards read right, cards refused with a reason that was shown,
and cards of which anything wrong was accepted, which has to be none. Waits are scaled down so that the peer, which is
not paced, makes ten thousand in minutes; several readers run side by side because most of the time is waiting. The same
seed gives the same cards and faults; when the threads meet differs from run to run.

A burst that the checksum does not show is one in 256 by nature. Here it is as frequent as any other fault, but never
the very first fault of a line: that one cannot be noticed by anybody (``drivers/sam_line.py``).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce
from operator import xor
from typing import Any

import drivers.driver
from drivers import id_card_reader, sam_line
from drivers.driver import DeviceState, StatusChanged
from drivers.id_card_reader import IdCardRead, IdCardReader, IdCardTrouble
from drivers.sam_v import Command
from drivers.simulated.id_card_reader import IdCardReaderFaults, SimulatedIdCard, SimulatedIdCardReader
from drivers.transport.address import parse_address

READERS = 8
SEED = 20261120
SHORT = 0.04
"""Seconds for an answer, instead of one to three."""

PATIENCE = 1.5
"""Seconds after which a card counts as refused: some ten times what a good one takes on a busy machine."""

COMMANDS = (Command.FIND, Command.SELECT, Command.READ, Command.NEWEST_ADDRESS)
Damage = Callable[[bytes, bytes], bytes]


@contextmanager
def scaled_down() -> Iterator[None]:
    """The driver's waits, short; put back at the end."""
    places: list[tuple[Any, str, Any]] = [
        (drivers.driver, "RETRY_SECONDS", (0.01, 0.02)),
        (id_card_reader, "FIND_SECONDS", 0.004),
        (id_card_reader, "CHECK_SECONDS", 0.1),
        (id_card_reader, "ATTEMPT_SECONDS", 0.002),
        (id_card_reader, "TROUBLE_SECONDS", 0.05),
        (id_card_reader, "STATUS_SECONDS", 0.2),
        (sam_line, "LIMITS", {}),
        (sam_line, "DEFAULT_LIMIT", (SHORT, 27)),
        (sam_line, "SILENCE_SECONDS", SHORT / 2),
        (sam_line, "NOISE_SECONDS", SHORT * 10),
        (sam_line, "SLICE_SECONDS", SHORT),
    ]
    before = [(module, name, getattr(module, name)) for module, name, _ in places]
    for module, name, value in places:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


def invented_card(rng: random.Random) -> SimulatedIdCard:
    birth = f"{rng.randint(1900, 2009)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    first = f"000000{birth}{rng.randint(0, 999):03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(first, weights, strict=True))

    def words(count: int) -> str:
        return "".join(chr(rng.randint(0x4E00, 0x9FA5)) for _ in range(count))

    return SimulatedIdCard(
        kind="citizen",
        name=words(rng.randint(2, 4)),
        id_number=first + "10X98765432"[total % 11],
        sex=str(2 - int(first[16]) % 2),
        nation=f"{rng.randint(1, 56):02d}",
        birth=birth,
        address=words(rng.randint(5, 35)),
        issuer=words(8),
        valid_from="20200101",
        valid_to="20400101",
        newest_address=words(rng.randint(5, 35)) if rng.random() < 0.5 else None,
        photo=rng.randbytes(1024),
    )


class Noise:
    """Faults of the line for the next few answers."""

    def __init__(
        self, rng: random.Random, answers: int, change: Damage, hits: Callable[[bytes], bool] = lambda payload: True
    ) -> None:
        """``hits``: whether the answer to a command with this payload may be damaged."""
        self._rng, self._left, self._change, self._hits = rng, answers, change, hits
        self.passed = 0
        """Damaged READ answers whose checksum was right all the same."""

    def __call__(self, payload: bytes, reply: bytes) -> bytes:
        if self._left <= 0 or not self._hits(payload) or self._rng.random() < 0.4:
            return reply
        self._left -= 1
        changed = self._change(payload, reply)
        whole = changed[:7] == reply[:7] and len(changed) == len(reply)
        if whole and changed != reply and not reduce(xor, changed[5:]) and payload == Command.READ.payload:
            self.passed += 1
        return changed


def line_faults(rng: random.Random) -> dict[str, Damage]:
    def burst(payload: bytes, reply: bytes) -> bytes:
        spoilt = bytearray(reply)
        start = rng.randrange(5, len(spoilt))
        for place in range(start, min(len(spoilt), start + rng.randint(2, 40))):
            spoilt[place] = rng.randrange(256)
        return bytes(spoilt)

    def hidden(payload: bytes, reply: bytes) -> bytes:
        """A burst that the checksum happens not to show: one in 256 by nature, every one here."""
        if len(reply) < 30:
            return burst(payload, reply)
        spoilt = bytearray(reply)
        places = rng.sample(range(10, len(spoilt) - 1), rng.randint(2, 12))
        for place in places:
            spoilt[place] = rng.randrange(256)
        spoilt[places[0]] ^= reduce(xor, spoilt[5:])
        return bytes(spoilt)

    def lost(payload: bytes, reply: bytes) -> bytes:
        place = rng.randrange(len(reply))
        return reply[:place] + reply[place + rng.randint(1, 5) :]

    def length(payload: bytes, reply: bytes) -> bytes:
        return reply[:5] + rng.randrange(65536).to_bytes(2, "big") + reply[7:]

    return {
        "burst": burst,
        "hidden burst": hidden,
        "bytes lost": lost,
        "wrong length": length,
        "half": lambda payload, reply: reply[: rng.randrange(len(reply))],
        "wrong checksum": lambda payload, reply: reply[:-1] + bytes([reply[-1] ^ rng.randint(1, 255)]),
        "noise before": lambda payload, reply: rng.randbytes(rng.randint(1, 60)) + reply,
        "noise behind": lambda payload, reply: reply + rng.randbytes(rng.randint(1, 60)),
        "twice": lambda payload, reply: reply + reply,
        "silent": lambda payload, reply: b"",
        "another protocol": lambda payload, reply: rng.choice(
            [b"\x12\x16", b"6901234567892\r\n", b"OK\r\n", b"\xff" * 64]
        ),
    }


class Reads:
    """One reader, its driver, and so many cards one after the other."""

    def __init__(self, seed: int, reads: int) -> None:
        self._rng = random.Random(seed)
        self._reads = reads
        self._events: list[object] = []
        self._news = threading.Condition()
        self.read: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.passed = 0
        self._disturbed = False

    def run(self) -> None:
        end = SimulatedIdCardReader()
        end.start()
        driver = IdCardReader(parse_address(end.address), self._hear)
        driver.start()
        try:
            before = None
            for _ in range(self._reads):
                card = invented_card(self._rng)
                self._one(end, driver, card, before)
                before = card
        finally:
            driver.stop()
            end.stop()

    def _hear(self, event: object) -> None:
        with self._news:
            self._events.append(event)
            self._news.notify_all()

    def _one(
        self, end: SimulatedIdCardReader, driver: IdCardReader, card: SimulatedIdCard, before: SimulatedIdCard | None
    ) -> None:
        rng = self._rng
        faults = IdCardReaderFaults(found_again=rng.random() < 0.5, forgets_selection=rng.random() < 0.2)
        kind = rng.choice(
            [*line_faults(rng), "late", "unplugged", "pulled", "swapped", "refused", "none", "none", "none"]
        )
        if kind == "hidden burst" and not self._disturbed:
            kind = "wrong checksum"
        self._disturbed = self._disturbed or kind in ("wrong checksum", "silent")
        noise = None
        command = rng.choice(COMMANDS).payload
        swap = kind == "swapped"
        match kind:
            case "late":
                faults.delay_once = SHORT * rng.uniform(0.8, 4.0)
            case "unplugged":
                faults.unplug_at = command, rng.randrange(0, 1296 if command == Command.READ.payload else 20)
            case "pulled":
                faults.lift_before = command
            case "refused":
                faults.status_words_once[command] = rng.choice([0x81, 0x41, 0x31, 0x33, 0x10, 0x11, 0x21, 0x24])
            case _ if kind in (damages := line_faults(rng)):
                # A checksum that hides damage matters where the answer is long and about a person.
                everywhere = kind != "hidden burst"
                noise = faults.damage = Noise(
                    rng, rng.randint(1, 6), damages[kind], lambda payload: everywhere or payload == Command.READ.payload
                )
        with self._news:
            self._events.clear()
        if rng.random() < 0.5:
            end.lift_card()
            time.sleep(rng.uniform(0, 0.03))
        end.faults = faults
        end.lay_card(card)
        allowed = [card] + ([before] if before else [])
        if swap:
            time.sleep(rng.uniform(0, 0.02))
            other = invented_card(rng)
            allowed.append(other)
            end.lay_card(other)
            card = other
        seen, reason = self._wait(end, driver, card, faults)
        self.passed += noise.passed if noise else 0
        for event in seen:
            if not any(_same(event, one) for one in allowed):
                self.wrong.append(kind)
        if any(_same(event, card) for event in seen):
            self.read[kind] += 1
        else:
            self.refused[f"{kind}: {reason}"] += 1
            end.faults = IdCardReaderFaults()
            end.lift_card()
            time.sleep(0.03)

    def _wait(
        self, end: SimulatedIdCardReader, driver: IdCardReader, card: SimulatedIdCard, faults: IdCardReaderFaults
    ) -> tuple[list[IdCardRead], str]:
        until = time.monotonic() + PATIENCE
        laid_again = False
        while time.monotonic() < until:
            with self._news:
                seen = [event for event in self._events if isinstance(event, IdCardRead)]
                if any(event.card.id_number == card.id_number for event in seen):
                    return seen, ""
                self._news.wait(0.01)
            if not end.terminal.plugged:
                end.replug()
            if faults.lift_before == b"" and end._card is None and not laid_again:  # noqa: SLF001  what the hand sees
                laid_again = True
                end.lay_card(card)
        with self._news:
            said = [event.code for event in self._events if isinstance(event, IdCardTrouble)]
            said += [
                event.status.code
                for event in self._events
                if isinstance(event, StatusChanged) and event.status.state not in (DeviceState.READY, DeviceState.BUSY)
            ]
            seen = [event for event in self._events if isinstance(event, IdCardRead)]
        return seen, (said or [driver.status.code])[-1] or "no reason"


def _same(event: IdCardRead, card: SimulatedIdCard) -> bool:
    """Whether everything in an event stands on this card; what is said to be unread need not."""
    read = event.card
    texts = ("name", "id_number", "birth", "address", "issuer", "valid_from", "valid_to")
    if any(getattr(read, name) != getattr(card, name) for name in texts):
        return False
    if read.photo != card.photo or read.sex != {"1": "male", "2": "female"}[card.sex]:
        return False
    return read.newest_address_unreadable or read.newest_address == (card.newest_address or "")


def run(reads: int, seed: int = SEED, readers: int = READERS) -> dict[str, Any]:
    """Read so many cards; what came of them."""
    workers = [Reads(seed + number, reads // readers + (number < reads % readers)) for number in range(readers)]
    begun = time.monotonic()
    with scaled_down():
        threads = [threading.Thread(target=worker.run) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    read = sum((worker.read for worker in workers), Counter())
    refused = sum((worker.refused for worker in workers), Counter())
    return {
        "cards": read.total() + refused.total(),
        "read right": read.total(),
        "refused with a reason": sum(count for why, count in refused.items() if not why.endswith("no reason")),
        "refused without a word": sum(count for why, count in refused.items() if why.endswith("no reason")),
        "wrong data accepted": sum((worker.wrong for worker in workers), []),
        "damaged answers whose checksum was right": sum(worker.passed for worker in workers),
        "read right, by fault": dict(sorted(read.items())),
        "refused, by fault and reason": dict(sorted(refused.items())),
        "seconds": round(time.monotonic() - begun, 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reads", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    result = run(options.reads, options.seed)
    json.dump(result, sys.stdout, ensure_ascii=False, indent=2)
    print()
    return 1 if result["wrong data accepted"] else 0


if __name__ == "__main__":
    sys.exit(main())
