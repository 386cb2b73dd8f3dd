"""Sends what waits in the outbox, for ever, one step at a time: opening, page, page, record, rating.

Whenever something changes here the next step is chosen anew, so that a resident who is here goes before yesterday's
queue, even between two pages of it; and a case that fails goes behind all others. Reactions follow the failure table
of reference/upload.md section 6.2.
"""

from __future__ import annotations

import logging
import random
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from kiosk.centre.client import (
    CentreBusy,
    CentreError,
    CentreNonsense,
    CentreRefused,
    CentreUnreachable,
    UploadStopped,
)
from kiosk.centre.contract import (
    CaseOpening,
    CaseReceipt,
    CaseRecord,
    CaseStatus,
    CorrectionRecord,
    ErrorCode,
    PageReceipt,
    PageUpload,
    Rating,
)
from kiosk.outbox.dispatch import PageToSend, Unit
from kiosk.outbox.errors import OutboxError
from kiosk.outbox.model import (
    CaseBlocked,
    CaseDelivered,
    CaseProgress,
    DeliveryEvent,
    DeliveryTrouble,
    LinkChanged,
    PageDelivered,
    Stage,
)
from kiosk.outbox.pace import FIRST_SECONDS, LAST_SECONDS, Pace
from kiosk.outbox.store import Outbox
from kiosk.trust.receipts import ReceiptError

log = logging.getLogger(__name__)

TRIES_BEFORE_BLOCKED = 3
"""Of the same contradiction: a hash the centre finds wrong, a case it forgets, pages it misses, a wrong receipt."""

PRESENT = timedelta(minutes=30)
"""So long after the hand-over the resident may still be here, and the case goes before older ones."""

HOUSEKEEPING_SECONDS = 3600.0
PROGRESS_SECONDS = 0.1


class Centre(Protocol):
    """What the delivery needs of ``kiosk.centre.client.CentreClient``; raises that module's errors."""

    def open_case(self, opening: CaseOpening) -> CaseStatus: ...
    def put_record(self, record: CaseRecord) -> CaseReceipt: ...
    def put_correction(self, record: CorrectionRecord) -> CaseReceipt: ...
    def rate(self, case_id: UUID, rating: Rating) -> Rating: ...
    def delete_case(self, case_id: UUID) -> None: ...
    def upload_page(
        self,
        metadata: PageUpload,
        data: bytes,
        on_progress: Callable[[int], None],
        should_stop: Callable[[], bool],
    ) -> PageReceipt: ...


Place = tuple[UUID, int]


@dataclass(slots=True)
class _Course:
    """What the worker remembers of one version, or of a rating (version 0), while the program runs.

    Attributes:
        line_failures: In a row; from ``TRIES_BEFORE_BLOCKED`` on the case itself is suspected and goes behind others.
        contradictions: How often the centre contradicted, by code.
    """

    pace: Pace
    line_failures: int = 0
    contradictions: dict[str, int] = field(default_factory=dict)

    @property
    def suspected(self) -> bool:
        return self.pace.failures > 0 or self.line_failures >= TRIES_BEFORE_BLOCKED

    def reset(self) -> None:
        self.pace.reset()
        self.line_failures = 0


class Delivery:
    """One worker thread that empties an outbox.

    Args:
        outbox: Open; closed after ``stop`` has returned.
        centre: The line to the centre.
        observer: Called on the worker's thread with the events of ``kiosk.outbox.model``; returns at once.
        first_wait: Seconds; upper end of the first wait after a failure.
        last_wait: Seconds; upper end of all later waits.
        chance: 0..1, for the jitter.
    """

    def __init__(
        self,
        outbox: Outbox,
        centre: Centre,
        observer: Callable[[DeliveryEvent], None],
        *,
        first_wait: float = FIRST_SECONDS,
        last_wait: float = LAST_SECONDS,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._dispatch = outbox.dispatch
        self._centre = centre
        self._observer = observer
        self._waits = (first_wait, last_wait, chance)
        self._line = Pace(*self._waits)
        self._courses: dict[Place, _Course] = {}
        self._failed_since_answer: set[Place] = set()
        self._online: bool | None = None
        self._trouble = ""
        self._poked = False
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._kept_house_at = time.monotonic()
        self._progress_at = 0.0
        self._asked_at = 0.0
        self._news = True  # something changed here since the last choice
        self._going: Place | None = None  # whose last step went well: goes on until there are news
        outbox.watch(self._hear)

    # -- any thread ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the worker. What was blocked gets one more try: a new version of the program may know better."""
        if self._thread is None:
            self._stopping.clear()
            self._dispatch.retry_blocked()
            self._thread = threading.Thread(target=self._work, name="delivery", daemon=True)
            self._thread.start()

    def stop(self, timeout: float = 5.0) -> bool:
        """End the worker, waiting at most ``timeout`` seconds for its present request; True when it has ended.

        One that has not loses nothing: an answer it no longer hears is given again at the next start.
        """
        self._stopping.set()
        self._wake.set()
        thread = self._thread
        if thread is None:
            return True
        thread.join(timeout)
        if thread.is_alive():
            log.error("the delivery did not end within %.0f s", timeout)
            return False
        self._thread = None
        return True

    def poke(self) -> None:
        """Try now, without waiting: the line is back, or somebody asks."""
        self._poked = True
        self._wake.set()

    def retry_blocked(self) -> None:
        """Somebody asks to try blocked cases once more."""
        self._dispatch.retry_blocked()
        self.poke()

    @property
    def online(self) -> bool | None:
        """By the last answer or its absence; None before the first."""
        return self._online

    @property
    def trouble(self) -> str:
        """Why nothing leaves, a key of the words; "" when all is well."""
        return self._trouble

    def _hear(self) -> None:
        self._news = True
        self._wake.set()

    # -- the worker ---------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                self._keep_house()
                wait = self._one_step()
            except Exception as error:  # the disk, say; the worker never ends by itself
                if self._stopping.is_set():
                    return
                log.error("delivery: %s", _describe(error))
                self._set_trouble(getattr(error, "code", "outbox.unexpected"))
                self._line.fail(time.monotonic())
                wait = max(0.0, self._line.not_before - time.monotonic())
            if wait > 0:
                self._wake.wait(wait)

    def _keep_house(self) -> None:
        if time.monotonic() - self._kept_house_at > HOUSEKEEPING_SECONDS:
            self._kept_house_at = time.monotonic()
            self._outbox.keep_house()

    def _one_step(self) -> float:
        """Do what is most urgent; return the seconds to wait before the next look."""
        now = time.monotonic()
        if self._poked:
            self._poked = False
            self._line.reset()
            for course in self._courses.values():
                course.reset()
        if self._going is not None and not self._news:
            same = self._dispatch.unit(*self._going)
            if same is not None:
                self._attempt(same)
                return 0.0
        self._news = False
        units = self._dispatch.units()
        ratings = self._dispatch.ratings()
        known = {_place(unit) for unit in units} | {(case_id, 0) for case_id in ratings}
        self._courses = {place: course for place, course in self._courses.items() if place in known}
        if not known:
            return HOUSEKEEPING_SECONDS
        if not self._line.due(now):
            return self._line.not_before - now
        unit = min(
            (unit for unit in units if self._course(_place(unit)).pace.due(now)), key=self._urgency, default=None
        )
        if unit is not None:
            self._attempt(unit)
            return 0.0
        rating = next((case_id for case_id in ratings if self._course((case_id, 0)).pace.due(now)), None)
        if rating is not None:
            self._attempt_rating(rating)
            return 0.0
        return min(self._courses[place].pace.not_before for place in known) - now

    def _urgency(self, unit: Unit) -> tuple[bool, float, bool, datetime]:
        course = self._course(_place(unit))
        present = unit.stage is Stage.DRAFT or (
            unit.committed_at is not None and abs(datetime.now(UTC) - unit.committed_at) < PRESENT
        )
        return course.suspected, course.pace.failed_at if course.suspected else 0.0, not present, unit.begun_at

    def _attempt(self, unit: Unit) -> None:
        self._outbox.set_sending(unit)
        self._going = None
        try:
            if self._step(unit):
                self._went_well(_place(unit))
                self._going = _place(unit)
        except UploadStopped:
            return
        except ReceiptError as error:
            log.error("case %s: the centre's receipt is not for what was sent (%s)", unit.case_id, error.field)
            self._contradicted(unit, error.code)
        except OutboxError as error:
            self._store_failed(unit, error)
        except CentreError as error:
            self._centre_failed(unit, error)
        except Exception as error:
            log.error("case %s version %d: %s", unit.case_id, unit.version, _describe(error))
            self._contradicted(unit, "outbox.unexpected")
        finally:
            self._outbox.set_sending(None)

    def _step(self, unit: Unit) -> bool:
        """Send one thing; True when the centre took it, False when there was nothing to send after all."""
        if unit.stage is Stage.CANCELLED:
            self._give_up(unit)
            return True
        if not unit.opened:
            if not self._dispatch.announce(unit):
                return False
            self._centre.open_case(self._dispatch.opening(unit))
            self._dispatch.set_opened(unit, True)
            return True
        if pages := self._dispatch.pages(unit):
            return self._send_page(unit, pages[0])
        if damaged := self._dispatch.damaged_pages(unit):
            self._block(unit, "outbox.page_damaged", damaged[0])
            return False
        if unit.stage is not Stage.WAITING:
            return False
        self._send_record(unit)
        return True

    def _give_up(self, unit: Unit) -> None:
        try:
            self._centre.delete_case(unit.case_id)
        except CentreRefused as refused:
            if refused.status not in (404, 409, 410):
                raise
            log.warning("case %s given up here; the centre says %s", unit.case_id, refused.code)
        self._dispatch.forget_cancelled(unit)

    def _send_page(self, unit: Unit, page: PageToSend) -> bool:
        try:
            upload, data = self._dispatch.load_page(unit, page)
        except OutboxError as error:
            if error.code == "outbox.page_unknown":
                return False  # removed meanwhile
            if error.code != "outbox.page_damaged":
                raise
            self._dispatch.page_damaged(page)
            self._emit(CaseBlocked(unit.case_id, unit.version, error.code, page.page_id))
            return False
        sent_before, total = self._dispatch.progress(unit)

        def on_progress(sent: int) -> None:
            now = time.monotonic()
            if now - self._progress_at >= PROGRESS_SECONDS:
                self._progress_at = now
                self._emit(CaseProgress(unit.case_id, unit.version, sent_before + sent, total))

        def should_stop() -> bool:
            now = time.monotonic()
            if now - self._asked_at >= PROGRESS_SECONDS:
                self._asked_at = now
                return self._stopping.is_set() or not self._dispatch.page_wanted(page)
            return self._stopping.is_set()

        receipt = self._centre.upload_page(upload, data, on_progress, should_stop)
        if self._dispatch.page_received(unit, page, receipt):
            self._emit(PageDelivered(unit.case_id, unit.version, page.page_id))
            self._emit(CaseProgress(unit.case_id, unit.version, *self._dispatch.progress(unit)))
        return True

    def _send_record(self, unit: Unit) -> None:
        record = self._dispatch.record(unit)
        if isinstance(record, CaseRecord):
            receipt = self._centre.put_record(record)
        else:
            receipt = self._centre.put_correction(record)
        self._dispatch.case_received(unit, receipt)
        log.info("case %s version %d delivered as %s", unit.case_id, unit.version, receipt.case_number)
        self._emit(CaseDelivered(receipt))

    def _attempt_rating(self, case_id: UUID) -> None:
        rating = self._dispatch.rating(case_id)
        if rating is None:
            return
        try:
            self._centre.rate(case_id, rating)
            self._dispatch.rating_received(case_id, rating)
        except CentreRefused as refused:
            self._set_online(True)
            if refused.status in (401, 403):
                self._refused_everything()
            else:
                log.error("rating of case %s: %s", case_id, refused)
                self._dispatch.rating_refused(case_id, refused.code)
        except CentreError as error:
            self._line_failed(error, (case_id, 0))
        else:
            self._went_well((case_id, 0))

    # -- reactions ----------------------------------------------------------------------------------------------

    def _centre_failed(self, unit: Unit, error: CentreError) -> None:
        log.warning("case %s version %d: %s", unit.case_id, unit.version, error)
        if not isinstance(error, CentreRefused):
            self._line_failed(error, _place(unit))
            return
        self._set_online(True)
        if error.status in (401, 403):
            self._refused_everything()
        elif error.problem == ErrorCode.UNKNOWN_CASE:
            self._dispatch.set_opened(unit, False)
            self._contradicted(unit, error.code)
        elif error.problem == ErrorCode.PAGES_MISSING:
            if self._dispatch.send_pages_again(unit, error.missing):
                self._contradicted(unit, error.code)
            else:
                self._block(unit, error.code)
        elif error.problem in (ErrorCode.HASH_MISMATCH, ErrorCode.UNKNOWN_UPLOAD, ErrorCode.LOCKED):
            self._contradicted(unit, error.code)
        else:
            self._block(unit, error.code)

    def _line_failed(self, error: CentreError, place: Place) -> None:
        """No answer, an answer in other words, or "later": the line waits; who fails alone goes behind the others."""
        now = time.monotonic()
        course = self._course(place)
        course.pace.failed_at = now
        if isinstance(error, CentreBusy):
            self._set_online(True)
            if error.status == 423:
                course.pace.hold(now, 1.0)
                return
            full = error.status == 507
            self._set_trouble("outbox.centre_full" if full else error.code)
            self._line.hold(now, max(error.retry_after, self._waits[1] if full else 0.0))
            return
        answered = isinstance(error, CentreUnreachable) and error.status > 0
        self._set_online(answered)
        self._set_trouble(error.code)
        self._failed_since_answer.add(place)
        course.line_failures += 1
        alone = self._failed_since_answer == {place}
        if answered or isinstance(error, CentreNonsense) or (alone and course.line_failures > TRIES_BEFORE_BLOCKED):
            course.pace.fail(now)
        if not alone or course.line_failures <= TRIES_BEFORE_BLOCKED:
            self._line.fail(now)

    def _refused_everything(self) -> None:
        """401 or 403: nothing of this station is taken. Everything is kept; asked again after the longest wait."""
        self._set_trouble("outbox.unauthorised")
        self._line.hold(time.monotonic(), self._waits[1])

    def _contradicted(self, unit: Unit, code: str) -> None:
        course = self._course(_place(unit))
        times = course.contradictions[code] = course.contradictions.get(code, 0) + 1
        if times >= TRIES_BEFORE_BLOCKED:
            course.contradictions.clear()
            self._block(unit, code)
        else:
            course.pace.fail(time.monotonic())

    def _store_failed(self, unit: Unit, error: OutboxError) -> None:
        log.error("case %s version %d: %s", unit.case_id, unit.version, error)
        if error.code == "outbox.record_damaged":
            self._block(unit, error.code)
            return
        self._set_trouble(error.code)
        self._line.fail(time.monotonic())
        self._course(_place(unit)).pace.fail(time.monotonic())

    def _block(self, unit: Unit, code: str, page_id: UUID | None = None) -> None:
        self._dispatch.block(unit, code)
        self._emit(CaseBlocked(unit.case_id, unit.version, code, page_id))

    def _went_well(self, place: Place) -> None:
        self._line.reset()
        if len(self._failed_since_answer) > 1:  # it was the line, not a case
            for failed in self._failed_since_answer:
                self._course(failed).reset()
        self._failed_since_answer.clear()
        self._course(place).reset()
        self._set_online(True)
        self._set_trouble("")

    # -- small things -------------------------------------------------------------------------------------------

    def _course(self, place: Place) -> _Course:
        return self._courses.setdefault(place, _Course(Pace(*self._waits)))

    def _set_online(self, online: bool) -> None:
        if online != self._online:
            self._online = online
            self._emit(LinkChanged(online))

    def _set_trouble(self, code: str) -> None:
        if code != self._trouble:
            self._trouble = code
            self._emit(DeliveryTrouble(code))

    def _emit(self, event: DeliveryEvent) -> None:
        try:
            self._observer(event)
        except Exception as error:
            log.error("the delivery's observer failed on %s: %s", type(event).__name__, _describe(error))


def _place(unit: Unit) -> Place:
    return unit.case_id, unit.version


def _describe(error: BaseException) -> str:
    """Type and place only: the text of an exception may quote what was being read."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
