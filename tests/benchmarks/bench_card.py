"""How long a card takes from being laid down to its event, against the time its bytes need on the line at 115200."""

from __future__ import annotations

import queue
import statistics
import time
from typing import Any

from drivers.id_card_reader import FIND_SECONDS, IdCardAway, IdCardRead, IdCardReader
from drivers.simulated.id_card_reader import SAMPLE_CARDS, SimulatedIdCardReader
from drivers.transport.address import parse_address

CARDS = 15
BYTES_ON_THE_LINE = 4 * 10 + 15 + 19 + 1295 + 11
"""Commands and answers of find, select, read and newest address."""


def run() -> dict[str, Any]:
    """Lay down cards at moments spread evenly over the driver's polling, on a line paced like a real one."""
    end = SimulatedIdCardReader()
    end.faults.pace = True
    end.start()
    events: queue.Queue[tuple[float, object]] = queue.Queue()
    driver = IdCardReader(parse_address(end.address), lambda event: events.put((time.monotonic(), event)))
    driver.start()
    try:
        driver.self_test().result(30)
        taken = []
        for number in range(CARDS):
            time.sleep(FIND_SECONDS * number / CARDS)
            laid = time.monotonic()
            end.lay_card(SAMPLE_CARDS["valid"])
            taken.append(_wait(events, IdCardRead) - laid)
            time.sleep(2 * FIND_SECONDS)
            end.lift_card()
            _wait(events, IdCardAway)
    finally:
        driver.stop()
        end.stop()
    wire = BYTES_ON_THE_LINE * 10 / 115200
    return {
        "shortest, in wire times": round(min(taken) / wire, 2),
        "median, in wire times": round(statistics.median(taken) / wire, 2),
        "longest, in (wire time + 0.3 s)": round(max(taken) / (wire + 0.3), 2),
    }


def _wait(events: queue.Queue[tuple[float, object]], kind: type) -> float:
    while True:
        at, event = events.get(timeout=30)
        if isinstance(event, kind):
            return at
