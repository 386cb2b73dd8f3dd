"""CAPTURE: what lies under the document camera becomes a page, automatically when it lies still, or by hand.

A thread of its own looks at the newest frame about six times a second while the screen is CAPTURE; everything it finds
comes to the engine thread as a job. A page is sealed by the outbox before it is shown as taken.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from cv2.typing import MatLike

from kiosk.conductor import looking
from kiosk.conductor.core import Core, new_id, report
from kiosk.conductor.looking import RESTING, WHOLE, Fractions
from kiosk.conductor.pictures import Pictures
from kiosk.conductor.ports import FrameSource, Keeper
from kiosk.conductor.signing import signature_path
from kiosk.conductor.snapshot import CaptureView, PageView
from kiosk.conductor.visiting import Visiting
from kiosk.imaging.picture import ImagingError
from kiosk.outbox.errors import OutboxError
from kiosk.visit import events as ev
from kiosk.visit.model import Material, Page, Step, Visit

log = logging.getLogger(__name__)

LOOKS_PER_SECOND = 6
FRAME_WAIT = 0.3
"""Seconds to wait for a frame; a camera that gives none for so long shows no outline."""

ALMOST = 0.99
"""How still a page is shown to lie while the camera itself has not settled; the camera's patience has an end."""

EMPTY_SECONDS = 2.0
"""How long the mat must have been empty for a page on it to count as a hand's work."""


@dataclass(frozen=True, slots=True)
class Review:
    """A fresh picture that waits for "use it" or "again"."""

    image: MatLike
    corners: Fractions
    judgement: looking.Judged
    number: int


class Capture:
    """The live side of CAPTURE. Engine thread, except the watching thread's own loop."""

    def __init__(
        self,
        core: Core,
        visiting: Visiting,
        keeper: Keeper,
        pictures: Pictures,
        camera: Callable[[], FrameSource | None],
        touched: Callable[[], None],
    ) -> None:
        self._core = core
        self._visiting = visiting
        self._keeper = keeper
        self._pictures = pictures
        self._camera = camera
        self._touched = touched
        self._material_id = ""
        self._chosen_by_hand = False
        self._automatic = True
        self._taking = False
        self._held_back = False
        self._rested = False
        self._empty_since: float | None = None
        self._busy = False
        self._seen = looking.NOTHING
        self._review: Review | None = None
        self._reviews = 0
        self._front: MatLike | None = None
        self._covered = False
        self._generation = 0
        self._notes: queue.SimpleQueue[Callable[[looking.Watcher], None]] = queue.SimpleQueue()
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._watch, name="capture", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the watching thread; waits at most for one look."""
        self._stopping.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(5.0)
            self._thread = None

    # -- what is shown -----------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """A picture is being taken or judged right now."""
        return self._busy or self._taking

    @property
    def undecided(self) -> bool:
        """A fresh picture waits for "use it" or "again"; going on would lose it."""
        return self._review is not None

    def view(self) -> CaptureView:
        review = self._review
        return CaptureView(
            material_id=self._material_id,
            automatic=self._automatic,
            outline=() if review else self._seen.outline,
            still=0.0 if review else self._seen.still,
            advice_codes=() if review else self._seen.advice_codes,
            second_side=self._front is not None,
            reviewing=PageView(
                page_id=f"review-{review.number}",
                thumbnail=_review_path(review),
                verdict_codes=review.judgement.codes,
            )
            if review
            else None,
            review_corners=review.corners if review else (),
            busy=self._busy,
        )

    # -- following the visit -----------------------------------------------------------------------------------

    def follow(self, covered: bool) -> None:
        """Look or do not look, as the screen of the moment wants it. After every change of visit or cover."""
        self._covered = covered
        visit = self._visiting.visit
        if visit is None or visit.step is not Step.CAPTURE:
            if self._material_id or self._review is not None or self._front is not None:
                self.reset()
            self._look_or_not(False)
            return
        if visit.material(self._material_id) is None:
            self._select(_first_open(visit))
        self._look_or_not(not covered and self._review is None and not self._busy)

    def _look_or_not(self, wanted: bool) -> None:
        if wanted == self._wanted.is_set():
            return
        self._generation += 1
        self._seen = looking.NOTHING
        self._empty_since = None
        if wanted:
            self._wanted.set()
        else:
            self._wanted.clear()

    def reset(self) -> None:
        """Forget pictures in memory; pages already taken are the outbox's."""
        self._drop_review()
        self._front = None
        self._material_id = ""
        self._chosen_by_hand = False
        self._held_back = False
        self._notes.put(looking.Watcher.reset)
        self._seen = looking.NOTHING

    def _select(self, material: Material | None, *, by_hand: bool = False) -> None:
        self._material_id = material.material_id if material else ""
        self._chosen_by_hand = by_hand
        self._front = None

    # -- the watching thread -----------------------------------------------------------------------------------

    def _watch(self) -> None:
        watcher = looking.Watcher()
        number = 0
        resting_since: float | None = None
        while not self._stopping.is_set():
            if not self._wanted.wait(1.0):
                continue
            begun = time.monotonic()
            generation = self._generation
            try:
                while not self._notes.empty():
                    self._notes.get_nowait()(watcher)
                camera = self._camera()
                frame = camera.wait_for_frame(number, FRAME_WAIT) if camera is not None else None
                if camera is None:
                    self._stopping.wait(FRAME_WAIT)
                if frame is None:
                    self._core.call(self._on_look, generation, looking.NOTHING, None)
                    continue
                number = frame.number
                seen = watcher.look(frame.image, begun)
                resting_since = None if seen.still == 0 else begun if resting_since is None else resting_since
                hunting = camera is not None and resting_since is not None and not camera.settled(resting_since)
                if seen.still >= 1.0 and hunting:
                    seen = replace(seen, still=ALMOST)  # it lies still, but focus or exposure still hunts
            except Exception as error:  # a frame that cannot be understood is no page; the next one may be
                report("look", error)
                self._stopping.wait(FRAME_WAIT)
                continue
            self._core.call(self._on_look, generation, seen, frame.image)
            took = time.monotonic() - begun
            self._stopping.wait(max(took, 1 / LOOKS_PER_SECOND - took))  # on a slow computer half the time is rest

    def _on_look(self, generation: int, seen: looking.Seen, image: MatLike | None) -> None:
        """Engine thread, beside the queue: only what is shown changes here."""
        if generation != self._generation or not self._wanted.is_set():
            return
        # An empty mat counts from the first look on: the page may have been taken away while it was reviewed.
        self._notice_hands(seen)
        if seen.still >= RESTING:
            self._rested = True
        elif self._rested or not seen.outline:
            self._held_back = False
        if seen == self._seen and seen.still < 1.0:
            return
        self._seen = seen
        if image is not None and seen.still >= 1.0 and seen.outline and self._may_take():
            self._taking = True
            self._notes.put(looking.Watcher.captured)
            self._core.post("automatic capture", self._take, image, seen.outline)
        self._core.changed()

    def _notice_hands(self, seen: looking.Seen) -> None:
        """A page laid on the empty mat is as good as a touch; a page that flickers in bad light is not."""
        now = self._core.time.monotonic()
        if not seen.outline:
            self._empty_since = now if self._empty_since is None else self._empty_since
            return
        if self._empty_since is not None and now - self._empty_since >= EMPTY_SECONDS:
            self._touched()
        self._empty_since = None

    def _may_take(self) -> bool:
        visit = self._visiting.visit
        material = visit.material(self._material_id) if visit else None
        wanted = material is not None and (not material.done or not material.pages or self._chosen_by_hand)
        free = not (self._taking or self._busy or self._held_back) and self._review is None
        return self._automatic and wanted and free

    # -- commands, as jobs of the queue ------------------------------------------------------------------------

    def _visit(self) -> Visit | None:
        visit = self._visiting.visit
        return visit if visit is not None and visit.step is Step.CAPTURE and not self._covered else None

    async def choose_material(self, material_id: str) -> None:
        visit = self._visit()
        material = visit.material(material_id) if visit else None
        if material is None or self._review is not None:
            return
        self._select(material, by_hand=True)
        self._core.changed()

    async def add_material(self, name: str) -> None:
        if self._visit() is None:
            return
        material_id = f"free-{new_id(self._core.time.now()).hex[-12:]}"
        if await self._visiting.apply(ev.MaterialAdded(material_id, name)) and (visit := self._visit()):
            self._select(visit.material(material_id), by_hand=True)
            self._core.changed()

    async def remove_material(self, material_id: str) -> None:
        visit = self._visit()
        material = visit.material(material_id) if visit else None
        if material is None:
            return
        if await self._visiting.apply(ev.MaterialRemoved(material_id), at_once=True):
            for page in material.pages:
                await self._forget_page(page.page_id)
            visit = self._visit()
            if visit is not None and self._material_id == material_id:
                self._drop_review()
                self._select(_first_open(visit))
            self._core.changed()

    async def set_automatic(self, on: bool) -> None:
        self._automatic = on
        self._core.changed()

    async def take_picture(self) -> None:
        """By hand: the newest frame, with the page found in it or else whole."""
        if self._visit() is None or self._review is not None or not self._material_id:
            return
        camera = self._camera()
        frame = await self._core.look(camera.wait_for_frame, 0, 2.0) if camera is not None else None
        if frame is None:
            self._core.say("error", "visit.no_picture")
            return
        await self._take(frame.image, ())

    async def _take(self, image: MatLike, outline: Fractions) -> None:
        self._taking = False
        if self._visit() is None or self._review is not None:
            return
        self._set_busy(True)
        try:
            corners = outline or await self._core.look(looking.outline, image) or WHOLE
            await self._show_review(image, corners)
        finally:
            self._notes.put(looking.Watcher.captured)
            self._set_busy(False)

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self.follow(self._covered)
        self._core.changed()

    async def _show_review(self, image: MatLike, corners: Fractions) -> None:
        judged = await self._core.look(looking.judge, image, corners)
        self._reviews += 1
        review = Review(image, corners, judged, self._reviews)
        picture = await self._core.look(looking.for_screen, image)
        self._pictures.put(_review_path(review), picture)
        old, self._review = self._review, review
        if old is not None:
            self._pictures.drop(_review_path(old))
        self._core.unsay("visit.no_picture", "visit.override_needed")
        self._core.changed()

    async def move_corners(self, corners: Sequence[tuple[float, float]]) -> None:
        review = self._review
        if review is None or len(corners) != 4 or self._visit() is None:
            return
        wanted: Fractions = tuple((_fraction(x), _fraction(y)) for x, y in corners)
        if not looking.is_page_shape(wanted):
            self._core.say("warning", "visit.corners_crossed")
            return
        judged = await self._core.look(looking.judge, review.image, wanted)
        self._review = replace(review, corners=wanted, judgement=judged)
        self._core.changed()

    async def use_whole_picture(self) -> None:
        await self.move_corners(WHOLE)

    async def rotate_review(self) -> None:
        review = self._review
        if review is None or self._visit() is None:
            return
        turned = await self._core.look(looking.turn, review.image)
        top_left, top_right, bottom_right, bottom_left = ((1.0 - y, x) for x, y in review.corners)
        await self._show_review(turned, (bottom_left, top_left, top_right, bottom_right))

    async def retake_picture(self) -> None:
        if self._review is None:
            return
        self._drop_review()
        self._held_back, self._rested = True, False  # the same page counts again, once somebody has moved it
        self._notes.put(looking.Watcher.reset)
        self.follow(self._covered)
        self._core.changed()

    async def accept_picture(self, override_reason: str = "") -> None:
        """Use the picture; one that the check found bad only with a reason."""
        visit, review = self._visit(), self._review
        material = visit.material(self._material_id) if visit else None
        if review is None or material is None:
            return
        reason = " ".join(override_reason.split())[:200]
        if review.judgement.bad and not reason:
            self._core.say("warning", "visit.override_needed")
            return
        self._set_busy(True)
        try:
            await self._accept(material, review, reason)
        finally:
            self._set_busy(False)

    async def _accept(self, material: Material, review: Review, reason: str) -> None:
        try:
            sheet = await self._core.look(looking.flatten, review.image, review.corners)
        except ImagingError as error:
            self._core.say("warning", error.code, **error.detail)
            return
        if material.two_sided and self._front is None:
            self._front = sheet
            self._drop_review()
            return
        if material.two_sided and self._front is not None:
            sheet = await self._core.look(looking.join_sides, self._front, sheet)
        codes = review.judgement.codes
        if not await self._keep_page(material, sheet, codes, reason):
            return
        self._front = None
        self._drop_review()
        if visit := self._visit():
            kept = visit.material(material.material_id)
            if kept is None or kept.done:
                self._select(_first_open(visit) or kept)

    async def _keep_page(self, material: Material, sheet: MatLike, codes: tuple[str, ...], reason: str) -> bool:
        page = await self._seal(material, sheet, codes, reason)
        if page is None:
            return False
        if await self._visiting.apply(ev.PageTaken(material.material_id, page), at_once=True):
            return True
        await self._forget_page(page.page_id)
        return False

    async def _seal(self, material: Material, sheet: MatLike, codes: tuple[str, ...], reason: str) -> Page | None:
        visit = self._visiting.visit
        if visit is None:
            return None
        jpeg, thumbnail = await self._core.look(looking.encode_with_thumbnail, sheet)
        page_id = new_id(self._core.time.now())
        try:
            stored = await self._core.keep(
                self._keeper.add_page,
                UUID(visit.case_id),
                visit.version,
                page_id,
                jpeg,
                material_id=material.material_id,
                material_name=material.name,
                number=len(material.pages) + 1,
            )
        except OutboxError as error:
            self._core.say("error", error.code, **error.detail)
            return None
        self._pictures.put(thumbnail_path(str(page_id)), thumbnail)
        return Page(str(page_id), stored.sha256, stored.size, verdict_codes=codes, override_reason=reason)

    async def delete_page(self, page_id: str) -> None:
        if self._visit() is not None and await self._visiting.apply(ev.PageDeleted(page_id), at_once=True):
            await self._forget_page(page_id)

    async def rotate_page(self, page_id: str) -> None:
        """Turn a taken page clockwise: it becomes a new page in the old one's place."""
        visit = self._visiting.visit
        found = visit.page(page_id) if visit is not None and not self._covered else None
        if visit is None or found is None or visit.step not in (Step.CAPTURE, Step.REVIEW):
            return
        material, page = found
        if page.version < visit.version:
            self._core.say("warning", "visit.page_fixed")
            return
        try:
            data = await self._core.keep(self._keeper.page, UUID(visit.case_id), UUID(page_id))
        except OutboxError as error:
            self._core.say("error", error.code, **error.detail)
            return
        turned = await self._core.look(looking.turn_encoded, data)
        new = await self._seal(material, turned, page.verdict_codes, page.override_reason)
        if new is None:
            return
        changed = await self._visiting.apply(ev.PageChanged(page_id, new), at_once=True)
        await self._forget_page(page_id if changed else new.page_id)

    async def _forget_page(self, page_id: str) -> None:
        self._pictures.drop(thumbnail_path(page_id))
        visit = self._visiting.visit
        if visit is None:
            return
        try:
            await self._core.keep(self._keeper.remove_page, UUID(visit.case_id), UUID(page_id))
        except OutboxError as error:
            log.warning("page %s stays until its case goes: %s", page_id, error.code)
        self._core.changed()

    async def show_again(self, visit: Visit) -> None:
        """Thumbnails of a visit that was opened from its draft; a page that does not open is told, not hidden."""
        if visit.committed:
            return
        signature = (visit.signature,) if visit.signature else ()
        for page in (*visit.pages, *signature):
            if page.version < visit.version:
                continue
            try:
                data = await self._core.keep(self._keeper.page, UUID(visit.case_id), UUID(page.page_id))
                thumbnail = await self._core.look(looking.thumbnail_of, data)
            except (OutboxError, ImagingError) as error:
                log.error("page %s of case %s cannot be shown: %s", page.page_id, visit.case_id, error.code)
                self._core.say("error", "outbox.page_damaged")
                continue
            path = signature_path if page is visit.signature else thumbnail_path
            self._pictures.put(path(page.page_id), thumbnail)
        self._core.changed()

    def _drop_review(self) -> None:
        if self._review is not None:
            self._pictures.drop(_review_path(self._review))
        self._review = None


def thumbnail_path(page_id: str) -> str:
    return f"thumb/{page_id}"


def _review_path(review: Review) -> str:
    return f"review/{review.number}"


def _fraction(value: float) -> float:
    return min(1.0, max(0.0, float(value)))


def _first_open(visit: Visit) -> Material | None:
    """The material to take next: a marked page first, then what is required and missing, then anything."""
    materials = visit.materials
    for wanted in (
        (one for one in materials if one.open_marks),
        (one for one in materials if not one.done),
        (one for one in materials if not one.pages and not one.marks),
    ):
        if (first := next(wanted, None)) is not None:
            return first
    return materials[0] if materials else None
