"""The checks of the pieces: each believes answers only, and in the full test each must have met the printed slip.

A piece is settled before the slip is asked of it, so that a dead camera is told as a dead camera. What waits for the
hand waits together: the slip may be shown to any piece in any order.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping

from drivers.camera import Camera, Frame
from drivers.code_scanner import CodeDropped, CodeScanned
from drivers.driver import DeviceKind, DeviceState, DeviceStatus
from drivers.id_card_reader import IdCardRead
from drivers.printer_job import DOTS_OF_PAPER
from drivers.receipt_printer import PrintResult, PrintResultState
from drivers.social_security_card import SocialSecurityCardRead
from kiosk.devices.printing import for_printer
from kiosk.devices.station_devices import NONE_BY_DESIGN, NOT_CONFIGURED, StationDevices
from kiosk.receipts.draw import draw
from kiosk.selftest.limits import Limits
from kiosk.selftest.report import DESIGN, Line, SelfTestKind, StepState
from kiosk.selftest.seen import (
    COVERED_LOOKS,
    HAND_MENDS,
    NOT_SEEN,
    Look,
    is_black,
    is_covered,
    look_at_mat,
    look_at_room,
    same_picture,
)
from kiosk.selftest.slip import is_self_test_code, make_slip, new_code, printed_marks
from kiosk.settings import Settings

log = logging.getLogger(__name__)

Say = Callable[[Line], None]
Step = Callable[[], Awaitable[Line]]

SLICE = 0.1
LOOK_EVERY = 0.2
FRAME_SECONDS = 1.0
SAME_SECONDS = 3.0
"""Pictures that are bit for bit the same for so long are one picture."""
FRAME_TRIES = 2
CERTAIN = frozenset({"camera.black", "camera.frozen"})
WORKS = (DeviceState.READY, DeviceState.BUSY)
PRINTER, SCANNER = DeviceKind.RECEIPT_PRINTER, DeviceKind.CODE_SCANNER
DOCUMENT_CAMERA, WEBCAM = DeviceKind.DOCUMENT_CAMERA, DeviceKind.WEBCAM
ID_CARDS, SOCIAL_CARDS = DeviceKind.ID_CARD_READER, DeviceKind.SOCIAL_SECURITY_CARD
WITH_SLIP = (SCANNER, DOCUMENT_CAMERA, WEBCAM)
ONLY_THE_HAND_TELLS = frozenset({"code_scanner.waiting_for_first_code", "code_scanner.keyboard_wedge"})
"""States of a scanner that is well as far as anybody can know without a code."""


class PieceChecks:
    """The checks of the pieces of one station, for one run. On one event loop.

    Args:
        say: Takes the lines that are told while a check runs.
        kinds: The pieces that are checked; what is left out is nobody's proof for another.
    """

    def __init__(
        self,
        settings: Settings,
        devices: StationDevices,
        say: Say,
        *,
        kind: SelfTestKind,
        limits: Limits,
        kinds: frozenset[DeviceKind],
    ) -> None:
        self._settings = settings
        self._devices = devices
        self._say = say
        self._kind = kind
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self.code = new_code()
        self._width = DOTS_OF_PAPER[settings.printer.paper_mm]
        self._marks = printed_marks(self.code, self._width)
        self._with_slip = tuple(piece for piece in WITH_SLIP if piece in kinds)
        self._slip: asyncio.Future[bool] = self._loop.create_future()
        self._prints = PRINTER in kinds
        if not self._prints:
            self._slip.set_result(False)
        self._hand_until = float("inf")
        self._proof = asyncio.Event()
        self._read_by: set[DeviceKind] = set()
        self._ended: set[str] = set()
        self._cards: set[DeviceKind] = set()
        self._numbers: dict[DeviceKind, str] = {}
        self._unseeing: set[DeviceKind] = set()
        self._scanned = asyncio.Event()
        self._scan_why = ""
        self._action = ""
        self._silence: Line | None = None
        self._unsubscribe = devices.subscribe(self._on_event)

    def steps(self) -> dict[DeviceKind, Step]:
        """All of them, in the order of the report."""
        return {
            PRINTER: self._printer,
            SCANNER: self._scanner,
            DOCUMENT_CAMERA: lambda: self._camera(DOCUMENT_CAMERA),
            WEBCAM: lambda: self._camera(WEBCAM),
            ID_CARDS: self._id_cards,
            SOCIAL_CARDS: self._social_cards,
        }

    def close(self) -> None:
        """Hear nothing more; a slip that is not out yet is given up."""
        self._unsubscribe()
        if self._action and not self._slip.done():
            self._devices.cancel_print(self._action)

    def take_code(self, raw: bytes) -> None:
        """A code that the scanner gave by another way than its driver (keys typed into the window). Any thread."""
        self._loop.call_soon_threadsafe(self._on_code, raw)

    # -- what the drivers tell -----------------------------------------------------------------------------------

    def _on_event(self, event: object) -> None:
        if isinstance(event, CodeScanned):
            self._loop.call_soon_threadsafe(self._on_code, event.raw)
        elif isinstance(event, CodeDropped):
            self._loop.call_soon_threadsafe(self._on_dropped, event.code)
        elif isinstance(event, IdCardRead | SocialSecurityCardRead):
            kind = ID_CARDS if isinstance(event, IdCardRead) else SOCIAL_CARDS
            self._loop.call_soon_threadsafe(self._on_card, kind)

    def _on_code(self, raw: bytes) -> None:
        if raw == self.code.encode():
            self._scanned.set()
        elif raw and raw in self.code.encode():
            self._scan_why = "selftest.code_cut"
            self._reads(SCANNER)
        elif is_self_test_code(raw):
            self._scan_why = "selftest.old_slip"
        else:
            self._scan_why = "selftest.other_code" if _is_text(raw) else "selftest.code_garbled"

    def _on_card(self, kind: DeviceKind) -> None:
        """A card was read. Whose it is nobody asks: only that it could be read is kept."""
        self._cards.add(kind)
        if kind in self._ended:
            self._say(self._card_line(kind))

    def _on_dropped(self, code: str) -> None:
        self._scan_why = code

    # -- every piece ---------------------------------------------------------------------------------------------

    async def _settled(self, kind: DeviceKind, *, silent_by_nature: bool = False) -> Line | None:
        """Wait until the piece has answered; None when it works, else the line that says what stands in the way."""
        until = time.monotonic() + self._limits.answer_seconds
        while True:
            status = self._devices.status(kind)
            if status.code == NONE_BY_DESIGN:
                return Line(kind, StepState.SKIPPED, status.code, skipped_by=DESIGN)
            if status.state in WORKS or (silent_by_nature and status.state is DeviceState.UNKNOWN):
                return None
            if status.code == NOT_CONFIGURED or time.monotonic() > until:
                return _failed(status)
            await asyncio.sleep(SLICE)

    def ended(self, check_id: str) -> None:
        """A check has ended, in whatever way, perhaps before it began: nobody waits for it any more."""
        self._ended.add(check_id)
        if check_id == PRINTER and not self._slip.done():
            self._slip.set_result(False)
        if self._ended.issuperset(self._with_slip):
            self._proof.set()

    def _reads(self, kind: DeviceKind) -> None:
        self._read_by.add(kind)
        self._proof.set()

    async def _slip_is_out(self) -> bool:
        return await asyncio.shield(self._slip)

    def _hand_is_late(self) -> bool:
        return time.monotonic() > self._hand_until

    # -- printer -------------------------------------------------------------------------------------------------

    async def _printer(self) -> Line:
        line, result = await self._print()
        if line is not None or result is None:
            return line or self._works(PRINTER)
        confirmed = result.state is PrintResultState.PRINTED
        self._say(Line(PRINTER, StepState.RUNNING, "selftest.slip_is_out", waits_for_hand=True))
        if self._with_slip:
            await self._proof.wait()
        if result.code.endswith(".silent"):  # it may print, but nobody would hear of an empty roll
            self._silence = self._silence or Line(PRINTER, StepState.FAILED, result.code, result.detail)
        if self._silence is not None:
            return self._silence
        if self._read_by:
            return Line(PRINTER, StepState.PASSED, "selftest.printed_and_read")
        if len(self._unseeing) > 1:  # several that work and see nothing: it is the slip
            return Line(PRINTER, StepState.FAILED, "selftest.print_unreadable")
        if confirmed:
            return Line(PRINTER, StepState.PASSED, "selftest.printed")
        return Line(PRINTER, StepState.FAILED, "selftest.unconfirmed", result.detail)

    async def _print(self) -> tuple[Line | None, PrintResult | None]:
        """Print the slip; a line when that is already the end. A printer that says nothing may print all the same."""
        line = await self._settled(PRINTER, silent_by_nature=not self._settings.printer.status)
        if self._kind is SelfTestKind.QUICK:
            return line, None
        if line is not None and self._devices.status(PRINTER).state is not DeviceState.UNKNOWN:
            return line, None
        self._silence = line
        slip = make_slip(
            self.code,
            station_name=self._settings.station.name,
            device=self._devices.status(PRINTER).identity or self._settings.printer.profile,
        )
        elements = for_printer(await asyncio.to_thread(draw, slip, self._width))
        self._action = f"self-test-{self.code}"
        self._say(Line(PRINTER, StepState.RUNNING, "selftest.printing"))
        try:
            async with asyncio.timeout(self._limits.print_seconds):
                result = await self._devices.print_job(elements, self._action)
        except TimeoutError:
            self._devices.cancel_print(self._action)  # else it comes out when somebody loads paper
            status = self._devices.status(PRINTER)
            why = "" if status.state in WORKS else status.code
            return self._silence or Line(
                PRINTER, StepState.FAILED, why or "selftest.print_unanswered", status.detail
            ), None
        if result.state not in (PrintResultState.PRINTED, PrintResultState.UNCONFIRMED):
            failed = Line(PRINTER, StepState.FAILED, result.code or f"selftest.{result.state}", result.detail)
            return self._silence or failed, None
        self._hand_until = time.monotonic() + self._limits.hand_seconds
        self._slip.set_result(True)
        return None, result

    def _works(self, kind: DeviceKind) -> Line:
        status = self._devices.status(kind)
        detail = {**status.detail, "identity": status.identity}
        return Line(kind, StepState.PASSED, status.code or "selftest.answers", detail)

    # -- scanner -------------------------------------------------------------------------------------------------

    async def _scanner(self) -> Line:
        by_cameras = self._settings.devices.code_scanner.startswith("camera")
        line = await self._settled(SCANNER, silent_by_nature=True)
        if line is not None:
            return line
        if self._kind is SelfTestKind.QUICK:
            return self._quick_scanner()
        if not await self._slip_is_out():
            return Line(SCANNER, StepState.NOT_POSSIBLE, "selftest.no_slip")
        self._say(Line(SCANNER, StepState.RUNNING, "selftest.show_to_scanner", waits_for_hand=True))
        self._devices.expect_code(True)
        try:
            return await self._slip_scanned(by_cameras)
        finally:
            self._devices.expect_code(False)

    async def _slip_scanned(self, by_cameras: bool) -> Line:
        gone_since: float | None = None
        while not self._scanned.is_set():
            if by_cameras and self._read_by:
                return Line(SCANNER, StepState.PASSED, "selftest.read_by_camera")
            status = self._devices.status(SCANNER)
            lost = status.state in (DeviceState.ABSENT, DeviceState.FAULT)
            gone_since = (gone_since or time.monotonic()) if lost else None
            if gone_since is not None and time.monotonic() - gone_since > self._limits.settle_seconds:
                return _failed(status)
            if self._hand_is_late():
                return _failed(status) if lost else self._nothing_scanned(status)
            await asyncio.sleep(SLICE)
        self._reads(SCANNER)
        return Line(SCANNER, StepState.PASSED, "selftest.scanned")

    def _quick_scanner(self) -> Line:
        status = self._devices.status(SCANNER)
        if status.state is DeviceState.UNKNOWN:
            state = StepState.NOT_POSSIBLE if status.code in ONLY_THE_HAND_TELLS else StepState.FAILED
            return Line(SCANNER, state, status.code, status.detail)
        return self._works(SCANNER)

    def _nothing_scanned(self, status: DeviceStatus) -> Line:
        if self._scan_why:
            return Line(SCANNER, StepState.FAILED, self._scan_why)
        told = status.code if status.state not in WORKS and status.code not in ONLY_THE_HAND_TELLS else ""
        if not told:
            self._unseeing.add(SCANNER)
        return Line(SCANNER, StepState.FAILED, told or "selftest.nothing_scanned", status.detail)

    # -- cameras -------------------------------------------------------------------------------------------------

    async def _camera(self, kind: DeviceKind) -> Line:
        line = await self._settled(kind)
        if line is not None:
            return line
        camera, line = await self._living(kind)
        if camera is None or self._kind is SelfTestKind.QUICK:
            return line
        if not await self._slip_is_out():
            if not self._prints:
                return line
            return Line(kind, StepState.NOT_POSSIBLE, "selftest.no_slip", line.detail, line.measured)
        ask = "selftest.lay_on_mat" if kind is DOCUMENT_CAMERA else "selftest.hold_to_webcam"
        self._say(Line(kind, StepState.RUNNING, ask, waits_for_hand=True))
        return await self._watch(kind, camera, line.measured)

    async def _living(self, kind: DeviceKind) -> tuple[Camera | None, Line]:
        """The camera once pictures come and its line; None when they do not, and the line that says why."""
        line = _failed(self._devices.status(kind))
        for _ in range(FRAME_TRIES):
            camera = self._devices.document_camera if kind is DOCUMENT_CAMERA else self._devices.webcam
            if camera is None:
                break
            line = await self._frames(kind, camera)
            if line.state is StepState.PASSED:
                return camera, line
            if line.code in CERTAIN:
                break
            await self._settled(kind)  # it may just be starting, or have been unplugged for a moment
        return None, line

    async def _frames(self, kind: DeviceKind, camera: Camera) -> Line:
        """Whether pictures come, alive and at what rate."""
        begun, frame = time.monotonic(), None
        changes = count = 0
        while count < self._limits.quick_frames or (changes < 2 and time.monotonic() - begun < SAME_SECONDS):
            newer = await asyncio.to_thread(camera.wait_for_frame, frame.number if frame else 0, 3.0)
            if newer is None:
                status = self._devices.status(kind)
                return (
                    _failed(status) if status.state not in WORKS else Line(kind, StepState.FAILED, "selftest.no_frames")
                )
            changes += frame is not None and not same_picture(frame.image, newer.image)
            frame, count = newer, count + 1
        assert frame is not None
        height, width = frame.image.shape[:2]
        rate = round((count - 1) / max(time.monotonic() - begun, 1e-3), 1)
        detail: dict[str, str | int | float] = {"width": width, "height": height, "rate": rate}
        measured = {"width": float(width), "height": float(height), "rate": rate}
        if is_black(frame.image):
            return Line(kind, StepState.FAILED, "camera.black", {}, measured)
        if changes < 2:
            return Line(kind, StepState.FAILED, "camera.frozen", {}, measured)
        status = self._devices.status(kind)
        if status.state not in WORKS:
            return _failed(status)
        if rate < self._limits.least_rate:
            return Line(kind, StepState.FAILED, "selftest.few_frames", detail, measured)
        return Line(kind, StepState.PASSED, "selftest.frames", detail, measured)

    async def _watch(self, kind: DeviceKind, camera: Camera, measured: Mapping[str, float]) -> Line:
        """Look until the slip was seen well, or time is up, or a camera that sees it stays too bad."""
        watch = _Watch(self._limits)
        number = 0
        told = ""
        while True:
            frame = await asyncio.to_thread(camera.wait_for_frame, number, FRAME_SECONDS)
            status = self._devices.status(kind)
            if frame is None:
                watch.no_frame(status)
            else:
                number = frame.number
                look = await asyncio.to_thread(self._look, kind, frame)
                watch.looked(look, status)
                if look.seen:  # its marks belong to this slip alone: it was printed, whatever else is wrong
                    self._reads(kind)
                if not look.code and look.seen:
                    return self._seen(kind, look, measured)
            if (end := watch.ends(late=self._hand_is_late())) is not None:
                if end[0] == NOT_SEEN and (trouble := await self._trouble_of(kind, camera)):
                    end = trouble, {}
                if end[0] in HAND_MENDS:
                    self._unseeing.add(kind)
                numbers = {**measured, **(watch.last.measured if watch.last else {})}
                return Line(kind, StepState.FAILED, end[0], end[1], numbers)
            if watch.hint and watch.hint != told:
                told = watch.hint
                self._say(Line(kind, StepState.RUNNING, told, waits_for_hand=True))
            await asyncio.sleep(LOOK_EVERY)

    async def _trouble_of(self, kind: DeviceKind, camera: Camera) -> str:
        """Why a camera may not have seen the slip: its pictures do not differ at all, or show nothing; "" = neither.

        The camera's own watch says the same, but takes longer than a quick hand on a slow machine.
        """
        until = time.monotonic() + SAME_SECONDS
        frames: list[Frame] = []
        while time.monotonic() < until and len(frames) < COVERED_LOOKS:
            newer = await asyncio.to_thread(camera.wait_for_frame, frames[-1].number if frames else 0, FRAME_SECONDS)
            if newer is None:
                break
            if frames and same_picture(frames[-1].image, newer.image):
                frames[-1] = newer
            else:
                frames.append(newer)
        if len(frames) < 2:
            return "camera.frozen"
        images = [frame.image for frame in frames]
        covered = await asyncio.to_thread(is_covered, images, may_be_paper=kind is DOCUMENT_CAMERA)
        return "camera.covered" if covered else ""

    def _look(self, kind: DeviceKind, frame: Frame) -> Look:
        if kind is WEBCAM:
            return look_at_room(frame.image, self.code, self._marks)
        return look_at_mat(frame.image, self.code, self._marks, self._limits)

    @staticmethod
    def _seen(kind: DeviceKind, look: Look, measured: Mapping[str, float]) -> Line:
        numbers = {**measured, **look.measured}
        if kind is WEBCAM:
            detail = {"width": round(numbers["width"]), "height": round(numbers["height"]), "rate": numbers["rate"]}
            return Line(kind, StepState.PASSED, "selftest.slip_seen", detail, numbers)
        detail = {
            "dots": round(numbers["dots_per_inch"]),
            "line": round(numbers["finest_line_mm"], 3),
            "degrees": round(numbers["turned_degrees"], 1),
            "percent": round(numbers["evenness"] * 100),
        }
        return Line(kind, StepState.PASSED, "selftest.measured", detail, numbers)

    # -- card readers --------------------------------------------------------------------------------------------

    async def _id_cards(self) -> Line:
        line = await self._settled(ID_CARDS)
        if line is not None:
            return line
        try:
            number = await asyncio.wait_for(self._devices.ask_card_module(), self._limits.answer_seconds)
        except TimeoutError:
            return Line(ID_CARDS, StepState.FAILED, "id_card_reader.silent")
        status = self._devices.status(ID_CARDS)
        self._numbers[ID_CARDS] = number or status.identity or "—"
        await self._listen_for_card(ID_CARDS)
        status = self._devices.status(ID_CARDS)
        if status.state not in WORKS:  # the module answers, but a card lies there that it cannot read
            return _failed(status)
        return self._card_line(ID_CARDS)

    async def _social_cards(self) -> Line:
        line = await self._settled(SOCIAL_CARDS)
        if line is not None:
            return line
        self._numbers[SOCIAL_CARDS] = self._devices.status(SOCIAL_CARDS).identity or "—"
        await self._listen_for_card(SOCIAL_CARDS)
        return self._card_line(SOCIAL_CARDS)

    async def _listen_for_card(self, kind: DeviceKind) -> None:
        """A test card may lie there already; whoever lays one down later is heard until the test ends."""
        until = time.monotonic() + self._limits.card_seconds
        while kind not in self._cards and time.monotonic() < until:
            await asyncio.sleep(SLICE)

    def _card_line(self, kind: DeviceKind) -> Line:
        detail = {"number": self._numbers.get(kind, "—")}
        read = "selftest.card_read"
        without = "selftest.card_module" if kind is ID_CARDS else "selftest.card_reader"
        return Line(kind, StepState.PASSED, read if kind in self._cards else without, detail)


class _Watch:
    """What a camera showed so far, and when that is enough to say no."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.last: Look | None = None
        self.hint = ""
        self._bad_since: float | None = None
        self._sick_since: float | None = None
        self._sick: DeviceStatus | None = None
        self._best = ""
        self._best_detail: Mapping[str, str | int | float] = {}

    def no_frame(self, status: DeviceStatus) -> None:
        now = time.monotonic()
        self._sick_since = self._sick_since or now
        self._sick = status if status.state not in WORKS else None

    def looked(self, look: Look, status: DeviceStatus) -> None:
        """Take a picture's result."""
        now = time.monotonic()
        if status.state in WORKS:
            self._sick_since = None
        else:
            self._sick_since = self._sick_since or now
            self._sick = status
        if look.seen:
            self.last = look
        self.hint = look.code if look.code in HAND_MENDS and look.code != NOT_SEEN else ""
        if look.code and look.code not in HAND_MENDS:
            self._bad_since = self._bad_since or now
        elif look.code in ("", NOT_SEEN):
            self._bad_since = None
        # A camera that is out of focus finds the marks in one picture and not in the next: the camera is the reason.
        if look.code and _weight(look.code) >= _weight(self._best):
            self._best, self._best_detail = look.code, look.detail

    def ends(self, *, late: bool) -> tuple[str, Mapping[str, str | int | float]] | None:
        """The reason of failure once it is certain, or when the time is up."""
        now = time.monotonic()
        if self._sick_since is not None and (late or now - self._sick_since > self._limits.settle_seconds):
            sick = self._sick
            return (sick.code or f"device.{sick.state}", sick.detail) if sick else ("selftest.no_frames", {})
        if self._bad_since is not None and (late or now - self._bad_since > self._limits.settle_seconds):
            return self._best, self._best_detail
        if late:
            return (self._best or NOT_SEEN), self._best_detail
        return None


def _weight(code: str) -> int:
    """Nothing, nothing seen, the hand's doing, the camera's fault."""
    if not code:
        return 0
    return 1 if code == NOT_SEEN else 2 if code in HAND_MENDS else 3


def _is_text(raw: bytes) -> bool:
    """Whether these can be the bytes of a code at all, in either of the encodings in use."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(character.isprintable() for character in text):
            return True
    return False


def _failed(status: DeviceStatus) -> Line:
    code = status.code or f"device.{status.state}"
    return Line(status.kind, StepState.FAILED, code, {**status.detail, "identity": status.identity})
