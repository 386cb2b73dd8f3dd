"""Asking a receipt printer, and not being fooled by what comes back: late answers, lost ones, noise, another device.

One ``Conversation`` lives as long as one open line. A round of DLE EOT counts only when exactly the questions asked
were answered and nothing came that no printer sends; anything else is silence.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from drivers.printer_status import (
    CLEAR_BUFFERS,
    CLEARED,
    FENCE_ANSWERS,
    INITIALISE,
    MODEL_ID,
    NAMES,
    QUERIES,
    SWITCH_AUTOMATIC_STATUS_ON,
    AnswerReader,
    PrinterCondition,
)
from drivers.transport.printer_line import PrinterLine

ANSWER_SECONDS = 0.3
"""Longest wait for one answer to DLE EOT or GS I; real printers take a few milliseconds."""

LATE_SECONDS = 0.1
"""After an answer that came while earlier ones were owed: one more within this time was the late one."""


@dataclass(frozen=True, slots=True)
class PrinterNames:
    """What GS I told, "" where the printer does not tell."""

    maker: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.maker, self.model, self.serial)))


class Conversation:
    """Questions and answers on one open line. One thread only.

    Attributes:
        line: The open way to the printer.
        answers: What came, sorted.
        queries: The DLE EOT queries this printer answers, learned from the first clean round; empty until then.
        condition: Of the newest clean round.
        automatic: Whether automatic status was ever told.
        fences: Answers that a fence may have, since somebody set it to 0.
    """

    def __init__(self, line: PrinterLine) -> None:
        self.line = line
        self.answers = AnswerReader()
        self.queries: tuple[int, ...] = ()
        self.condition: PrinterCondition | None = None
        self.automatic = False
        self.fences = 0
        self._unanswered = 0

    def try_write(self, data: bytes) -> bool:
        """Send a short command; False when the printer takes nothing now. A part of it is followed by the rest."""
        taken = self.line.write(data)
        if not taken:
            return False
        until = time.monotonic() + ANSWER_SECONDS
        while taken < len(data) and time.monotonic() < until:
            taken += self.line.write(data[taken:])
        return taken == len(data)

    def listen(self, seconds: float) -> bool:
        """Read what has come, waiting for the first byte; True when there was something."""
        data = self.line.read(seconds)
        self._take(data)
        return bool(data)

    def _take(self, data: bytes) -> None:
        before = self.answers.directs
        self.answers.feed(data)
        self._unanswered = max(0, self._unanswered - (self.answers.directs - before))
        self.automatic = self.automatic or self.answers.automatic is not None
        self.fences += sum(single in FENCE_ANSWERS for single in self.answers.singles)
        self.answers.singles.clear()

    def drain(self) -> None:
        """Read what waits; a peer that babbles without end does not keep us."""
        for _ in range(64):
            if not self.listen(0.0):
                return

    def ask(self) -> PrinterCondition | None:
        """One round of DLE EOT queries; None when one that this printer knows was not answered, or not cleanly."""
        self.drain()
        late = not self.all_answered()
        self.answers.direct.clear()
        directs, strangers, owed = self.answers.directs, self.answers.strangers, self._unanswered
        condition, answered = PrinterCondition(), []
        for query in self.queries or tuple(QUERIES):
            byte = self._ask_one(query)
            if byte is not None:
                condition = condition.with_answer(query, byte)
                answered.append(query)
            elif self.queries or query == 1:
                return None
            else:
                self._unanswered = owed  # a query it does not know is not owed
        if late:
            self.listen(LATE_SECONDS)
            self._unanswered = 0
        if self.answers.directs - directs != len(answered) or self.answers.strangers != strangers:
            return None
        self.queries = self.queries or tuple(answered)
        self.answers.automatic = None  # older than these answers
        self.condition = condition
        return condition

    def clear(self) -> bool:
        """Have the printer throw away all it holds; True when it says that it did."""
        self.drain()
        if not self.try_write(CLEAR_BUFFERS):
            return False
        until = time.monotonic() + ANSWER_SECONDS
        came = b""
        while CLEARED not in came and (left := until - time.monotonic()) > 0:
            came += self.line.read(left)
        before, cleared, after = came.partition(CLEARED)
        self._take(before + after)
        return bool(cleared)

    def pulse(self) -> bool:
        """Ask one real-time question; True when it was answered in time."""
        self.answers.direct.clear()
        return self._ask_one(1) is not None

    def all_answered(self) -> bool:
        """Whether every question was answered, late ones too; waits a moment for them."""
        until = time.monotonic() + ANSWER_SECONDS
        while self._unanswered and (left := until - time.monotonic()) > 0:
            self.listen(left)
        return not self._unanswered

    def _ask_one(self, query: int) -> int | None:
        if not self.try_write(QUERIES[query]):
            return None
        self._unanswered += 1
        until = time.monotonic() + ANSWER_SECONDS
        while not self.answers.direct and (left := until - time.monotonic()) > 0:
            self.listen(left)
        return self.answers.direct.pop(0) if self.answers.direct else None

    def ask_names(self) -> PrinterNames:
        """GS I, for a printer that prints and whose queue is empty; nothing is printed, at most about 2 s.

        A printer that does not answer the one-byte question is not asked for texts. Garbage is not believed.
        """
        self.drain()
        self.answers.names.clear()
        strangers = self.answers.strangers
        told: dict[str, str] = {}
        if self.try_write(MODEL_ID) and self._one_byte_came():
            for name, question in NAMES.items():
                told[name] = self._text_for(question)
        # Drops what a printer that does not know GS I has taken for letters; on some it ends automatic status.
        self.try_write(INITIALISE + SWITCH_AUTOMATIC_STATUS_ON)
        self.drain()
        return PrinterNames(**told) if self.answers.strangers == strangers else PrinterNames()

    def _one_byte_came(self) -> bool:
        until = time.monotonic() + ANSWER_SECONDS
        came = b""
        while not came and (left := until - time.monotonic()) > 0:
            came = self.line.read(left)
        return len(came) == 1 and came[0] & 0x90 == 0

    def _text_for(self, question: bytes) -> str:
        if not self.try_write(question):
            return ""
        until = time.monotonic() + ANSWER_SECONDS
        while not self.answers.names and (left := until - time.monotonic()) > 0:
            self.listen(left)
        return self.answers.names.pop(0) if len(self.answers.names) == 1 else ""
