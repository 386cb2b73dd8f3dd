"""A camera and its newest picture.

The driver's thread reads for ever and keeps exactly one frame; whoever wants pictures (preview, page finding, code
reading, a call) reads that slot. Nobody else opens the camera, and a slow reader never makes the picture late.

A camera on a device file is measured once for its best mode, while nobody looks, and after long idleness it is let go:
its light goes out, its sensor cools, and residents are not looked at by a camera that nobody uses. It is back within
the time of an opening (one to two seconds) and is tried once an hour meanwhile. A camera on the network is kept open:
it has no light of ours, and only the open stream tells that it is still there.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from cv2.typing import MatLike

from drivers.camera_controls import CameraControls, ControlReading
from drivers.camera_identity import CLAIMS, PluggedCamera, check_address, find_camera
from drivers.camera_memory import CameraMemory
from drivers.camera_modes import DOCUMENT_RULE, MeasuredMode, Measuring, Mode, ModeRule, best, candidates
from drivers.camera_sources import SCHEMES, CameraMode, FolderSource, Picture, Source, StreamSource, V4L2Source
from drivers.camera_watch import CameraWatch, WatchRules
from drivers.driver import DeviceError, DeviceKind, DeviceLost, DeviceState, Driver, Listener
from drivers.recording.tape import What
from drivers.transport.address import Address, AddressError
from drivers.v4l2 import ListedMode, video_device

FALSE_READS_BEFORE_LOST = 3
BAD_FRAMES_SECONDS = 5.0
"""A camera that gives only bad frames for so long is closed and opened again."""
SMALLEST_SIDE = 120
LARGEST_SIDE = 20_000
FPS_WINDOW_SECONDS = 2.0
CHECK_SECONDS = 10.0
"""How long a released camera is looked at in its hourly check: enough to notice a covered lens."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture.

    Attributes:
        image: BGR uint8, height × width × 3, read-only; shared by all readers.
        number: Grows by one with every frame, also over a re-opening.
        taken_at: ``time.monotonic()`` when it arrived here.
        jpeg: The camera's own JPEG, byte for byte, when it delivers MJPEG.
    """

    image: MatLike = field(repr=False)
    number: int
    taken_at: float
    jpeg: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Standby:
    """Nobody looks: the camera stays open and watched, but its pictures are decoded only now and then.

    Attributes:
        after: Seconds without a call of ``latest`` or ``wait_for_frame``.
        every: Seconds between decoded frames then.
        measure: Seconds without a look until a camera whose best mode is not known is measured.
        release: Seconds without a look until a camera on a device file is let go; None = never.
        check: Seconds between checks of a released camera.
    """

    after: float = 3.0
    every: float = 1.0
    measure: float = 20.0
    release: float | None = None
    check: float = 3600.0


@dataclass(frozen=True, slots=True)
class CameraSetUp:
    """What belongs to a station's camera beyond its address.

    Attributes:
        controls: Focus, exposure and the like.
        memory: What is known of cameras over a restart; None = no mode is measured by itself.
    """

    controls: CameraControls = CameraControls()
    memory: CameraMemory | None = None


NOTHING_SET = CameraSetUp()
WATCH = WatchRules()


class Camera(Driver):
    """A camera at ``v4l2:``, ``http(s):`` or ``images:``; ``width``, ``height`` in pixels and ``fps`` are wishes.

    READY means that pictures of a believable size come; the state's detail carries what the camera really delivers.
    READY with ``camera.resting`` means that it has been let go, was well at its last check and is still plugged in.
    ATTENTION with ``camera.frozen``, ``camera.black``, ``camera.covered`` or ``camera.wrong_way``: pictures come, but
    not of what they should show. It ends by itself.

    Raises:
        AddressError: the scheme is none of a camera's.
    """

    def __init__(
        self,
        kind: DeviceKind,
        address: Address,
        listener: Listener,
        *,
        width: int,
        height: int,
        fps: float,
        standby: Standby = Standby(),
        rule: ModeRule = DOCUMENT_RULE,
        watch: WatchRules = WATCH,
        set_up: CameraSetUp = NOTHING_SET,
    ) -> None:
        if address.scheme not in SCHEMES:
            raise AddressError(f"a camera is reached by v4l2:, http(s): or images:, not by {address.scheme}:")
        if address.scheme == "v4l2":
            check_address(address)
        super().__init__(kind, listener)
        self._address = address
        self._wish = Mode(width, height, "MJPG", fps)
        self._used = self._wish
        self._standby = standby
        self._rule = rule
        self._set_up = set_up
        self._watch = CameraWatch(watch, set_up.memory)
        self._source: Source | None = None
        self._found: PluggedCamera | None = None
        self._mode: CameraMode | None = None
        self._news = threading.Condition()
        self._frame: Frame | None = None
        self._number = 0
        self._wanted_at = time.monotonic()
        self._decoded_at = 0.0
        self._false_reads = 0
        self._bad_since: float | None = None
        self._arrivals: deque[float] = deque(maxlen=256)
        self._controls: tuple[ControlReading, ...] = ()
        self._measuring: Measuring | None = None
        self._measured: Future[tuple[MeasuredMode, ...]] | None = None
        self._measured_for = ""
        self._released_at: float | None = None
        self._check_until = 0.0

    # -- any thread --------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the driver's thread; returns at once.

        A thread inside OpenCV while the interpreter ends aborts the whole process, so the end of the program stops
        the camera even if nobody else does.
        """
        atexit.register(self.stop)
        CLAIMS.put(self._kind, self._address)
        super().start()

    def stop(self, timeout: float = 5.0) -> bool:
        """Close the camera and end the thread, waiting at most ``timeout`` seconds; whether it has ended."""
        atexit.unregister(self.stop)
        CLAIMS.drop(self._kind, self._address)
        return super().stop(timeout)

    def succeed(self, predecessor: Driver) -> None:
        """Go on counting frames: who waits for one after the last seen must not wait for a count to catch up."""
        super().succeed(predecessor)
        if isinstance(predecessor, Camera):
            self._number = predecessor.frames

    @property
    def frames(self) -> int:
        """Number of the newest frame so far, 0 before the first. Any thread."""
        return self._number

    def latest(self) -> Frame | None:
        """The newest frame, at most ``Standby.every`` seconds old, or None while no good picture comes. Any thread."""
        self.wake()
        return self._frame

    def wake(self) -> None:
        """Somebody will look soon: a camera that was let go is opened. Returns at once. Any thread."""
        self._wanted_at = time.monotonic()
        if self._released_at is not None:
            self._wake.set()

    def wait_for_frame(self, after: int, timeout: float) -> Frame | None:
        """Wait at most ``timeout`` seconds for a frame with a number above ``after``; None if none came. Any thread.

        Give 0, or the number of the last frame seen.
        """
        until = time.monotonic() + timeout
        with self._news:
            while True:
                self.wake()
                frame = self._frame
                if frame is not None and frame.number > after:
                    return frame
                left = until - time.monotonic()
                if left <= 0:
                    return None
                self._news.wait(left)

    @property
    def fps(self) -> float:
        """Pictures a second that really arrived over the last two seconds; 0 when none did. Any thread."""
        since = time.monotonic() - FPS_WINDOW_SECONDS
        recent = [moment for moment in tuple(self._arrivals) if moment >= since]
        if len(recent) < 2:
            return 0.0
        return (len(recent) - 1) / max(recent[-1] - recent[0], 1e-3)

    @property
    def mode(self) -> CameraMode | None:
        """What the camera delivers, read back from it and from the picture itself; None while closed. Any thread."""
        return self._mode

    @property
    def controls(self) -> tuple[ControlReading, ...]:
        """Focus, exposure and the like as read back at the last opening; () where there are none. Any thread."""
        return self._controls

    def settled(self, since: float) -> bool:
        """Whether focus and exposure have come to rest after ``since`` (``time.monotonic()``). Any thread.

        True after ``SettlingRules.patience`` at the latest: a camera that hunts for ever must not stop the work.
        """
        return self._watch.settled(since, time.monotonic())

    def measure_modes(self) -> Future[tuple[MeasuredMode, ...]]:
        """Try the camera's sizes anew and use the best from now on; some ten seconds, at most about 40. Any thread.

        For technicians: it goes on while somebody looks. Meanwhile the state is BUSY with ``camera.measuring``, whose
        detail tells how many of how many sizes are ``done``.

        Raises (through the future):
            DeviceError: ``camera.cannot_measure``, a stream or folder decides its size itself.
            DeviceUnavailable, DeviceLost: the camera is not there, or was lost meanwhile.
        """
        result: Future[tuple[MeasuredMode, ...]] = Future()
        result.set_running_or_notify_cancel()

        def refused(begun: Future[None]) -> None:
            error = begun.exception()
            if error is not None:
                result.set_exception(error)

        self.wake()
        self.call(lambda: self._begin_measuring(result)).add_done_callback(refused)
        return result

    def learn_view(self) -> Future[bool]:
        """Take what the camera sees now for what it should see: the mat is empty and the camera stands right.

        The future gives False while there is no picture. Any thread.
        """

        def learn() -> bool:
            frame = self._frame
            if frame is not None:
                self._watch.learn(frame.image)
            return frame is not None

        self.wake()
        return self.call(learn)

    # -- the driver's thread: opening ----------------------------------------------------------------------------

    def _open(self) -> None:
        self._released_at = None
        self._find()
        memory = self._set_up.memory
        known = memory.mode(self._memory_key) if memory is not None and self._found is not None else None
        self._used = known or self._wish
        self._open_source(self._used)
        source = self._source
        assert source is not None
        self._watch.opened(self._memory_key, exempt=isinstance(source, FolderSource))
        for _ in range(FALSE_READS_BEFORE_LOST):
            self._alive()
            picture = source.grab()
            if picture is not None and (image := picture.decode()) is not None:
                self._take(picture, image, time.monotonic(), asleep=False)
                return
        raise DeviceError("camera.silent", place=source.identity)

    def _find(self) -> None:
        self._found = find_camera(self._address, self._kind) if self._address.scheme == "v4l2" else None

    @property
    def _memory_key(self) -> str:
        camera = self._found.identity if self._found is not None else self._source.identity if self._source else ""
        return f"{self._kind} {camera}"

    def _open_source(self, mode: Mode) -> None:
        """Open what the address names.

        Raises:
            DeviceLost: ``camera.absent``, nothing there.
            DeviceError: ``camera.silent``, something there that gives no picture; ``camera.no_pictures``, an empty
                folder; ``camera.not_a_camera``, something else answers.
        """
        self._drop_source()
        self._false_reads = 0
        self._bad_since = None
        if self._found is not None:
            device = V4L2Source(self._found.node, mode, self._set_up.controls, self._found.identity)
            self._source, self._controls = device, device.controls
        elif self._address.scheme == "images":
            self._source = FolderSource(Path(self._address.target), mode.fps)
        else:
            self._source = StreamSource(self._address.target, self._alive)

    # -- the driver's thread: pictures ---------------------------------------------------------------------------

    def _poll(self) -> None:
        now = time.monotonic()
        if self._released_at is not None:
            self._rest(now)
        elif self._measuring is not None:
            self._measure(self._measuring)
        elif self._wants_measuring(now):
            self._begin_measuring(None)
        elif self._may_rest(now):
            self._release(now)
        else:
            self._read()

    def _read(self) -> None:
        source = self._source
        assert source is not None
        picture = source.grab()
        now = time.monotonic()
        if picture is not None:
            self._arrivals.append(now)
            if picture.jpeg is not None:
                self._watch.packet(picture.jpeg, now)
            asleep = now - self._wanted_at > self._standby.after
            if asleep and now - self._decoded_at < self._standby.every:
                return
            image = picture.decode()
            if image is not None:
                self._false_reads = 0
                self._take(picture, image, now, asleep=asleep)
                return
        self._false_reads += 1
        if self._false_reads >= FALSE_READS_BEFORE_LOST:
            raise DeviceLost("camera.lost", place=source.identity)
        self._stopping.wait(0.02)

    def _take(self, picture: Picture, image: MatLike, now: float, *, asleep: bool) -> None:
        source = self._source
        assert source is not None
        self._decoded_at = now
        height, width = image.shape[:2]
        if self.tap.running:
            self.tap.note(What.PICTURE, bytes=len(picture.jpeg or b""), width=width, height=height)
        if not _believable(image):
            self._refuse(width, height, now)
            return
        self._bad_since = None
        self._mode = CameraMode(width, height, source.fourcc, source.claimed_fps)
        trouble = self._watch.picture(image, now, asleep=asleep)
        self._show(picture, image, now)
        # A stream's size belongs to the camera behind it; only a camera we set up ourselves can fall short of a wish.
        other = self._found is not None and (width, height) != (self._used.width, self._used.height)
        self._set_state(
            DeviceState.READY if trouble is None else DeviceState.ATTENTION,
            trouble.value if trouble is not None else "camera.other_mode" if other else "",
            identity=source.identity,
            width=width,
            height=height,
            format=source.fourcc,
        )

    def _show(self, picture: Picture, image: MatLike, now: float) -> None:
        image.flags.writeable = False
        self._number += 1
        self._publish(Frame(image, self._number, now, picture.jpeg))

    def _refuse(self, width: int, height: int, now: float) -> None:
        self._publish(None)
        self._set_state(DeviceState.FAULT, "camera.bad_frame", width=width, height=height)
        if self._bad_since is None:
            self._bad_since = now
        elif now - self._bad_since > BAD_FRAMES_SECONDS:
            self._open()

    def _publish(self, frame: Frame | None) -> None:
        with self._news:
            self._frame = frame
            self._news.notify_all()

    def _drop_source(self) -> None:
        source, self._source = self._source, None
        self._mode = None
        self._arrivals.clear()
        self._publish(None)  # an old picture must not pass for the present
        if source is not None:
            source.close()

    def _close(self) -> None:
        self._released_at = None
        try:
            self._drop_source()
        finally:
            self._end_measuring(DeviceLost("camera.lost", place=self._address.target.rpartition("/")[2]))

    # -- the driver's thread: rest -------------------------------------------------------------------------------

    def _may_rest(self, now: float) -> bool:
        release = self._standby.release
        return (
            release is not None
            and self._found is not None
            and now - self._wanted_at > release
            and now > self._check_until
            and self._status.state is DeviceState.READY  # one in trouble is kept, to see the end of it
        )

    def _release(self, now: float) -> None:
        mode = self._mode
        self._drop_source()
        self._released_at = now
        width, height = (mode.width, mode.height) if mode is not None else (0, 0)
        self._set_state(DeviceState.READY, "camera.resting", width=width, height=height)

    def _rest(self, now: float) -> None:
        assert self._released_at is not None
        if self._wanted_at > self._released_at:
            self._open()
        elif now - self._released_at > self._standby.check:
            self._check_until = now + CHECK_SECONDS
            self._open()
        else:
            place = Path(self._address.target)
            node = self._found.node if self._found is not None else place
            if not node.exists() or (place.is_absolute() and not place.exists()):
                raise DeviceLost("camera.lost", place=place.name)
            self._pause(0.25)

    # -- the driver's thread: measuring --------------------------------------------------------------------------

    def _wants_measuring(self, now: float) -> bool:
        memory = self._set_up.memory
        return (
            memory is not None
            and self._found is not None
            and now - self._wanted_at > self._standby.measure
            and self._measured_for != self._memory_key
            and memory.mode(self._memory_key) is None
        )

    def _begin_measuring(self, result: Future[tuple[MeasuredMode, ...]] | None) -> None:
        if self._found is None:
            raise DeviceError("camera.cannot_measure")
        self._end_measuring(DeviceError("camera.measuring", done=0, total=0))
        memory = self._set_up.memory
        listed = listed_modes(self._found.node)
        wishes = candidates(listed, self._rule, memory.hung(self._memory_key) if memory is not None else ())
        self._measuring = Measuring(wishes, self._rule, on_request=result is not None)
        self._measured = result
        self._measured_for = self._memory_key  # once is enough, whatever comes of it

    def _measure(self, measuring: Measuring) -> None:
        now = time.monotonic()
        if not measuring.on_request and now - self._wanted_at < self._standby.after:
            self._measuring, self._measured_for = None, ""  # somebody looks; the next quiet time will do
            self._open()
            return
        if measuring.over(now):
            self._use_best(measuring)
            return
        if measuring.on_request:
            done, total = len(measuring.measured), len(measuring.wishes)
            self._set_state(DeviceState.BUSY, "camera.measuring", done=done, total=total)
        if measuring.to_open:
            self._try(measuring)
            return
        source = self._source
        assert source is not None
        tried, wish = len(measuring.measured), measuring.wish
        picture = source.grab()
        image = picture.decode() if picture is not None else None
        now = time.monotonic()
        if picture is not None and image is not None and _believable(image):
            self._show(picture, image, now)
            measuring.picture(image.shape[1], image.shape[0], source.fourcc, now)
        else:
            self._must_be_there()
            measuring.turn(now)
            self._stopping.wait(0.02)
        if len(measuring.measured) > tried and self._set_up.memory is not None:
            self._set_up.memory.end_try(self._memory_key, wish)

    def _try(self, measuring: Measuring) -> None:
        wish, memory = measuring.wish, self._set_up.memory
        if memory is not None:
            memory.begin_try(self._memory_key, wish)
        try:
            self._open_source(wish)
        except DeviceLost:
            self._must_be_there()
            measuring.failed(time.monotonic())
            if memory is not None:
                memory.end_try(self._memory_key, wish)
            return
        measuring.opened(time.monotonic())

    def _must_be_there(self) -> None:
        if self._found is not None and not self._found.node.exists():
            raise DeviceLost("camera.lost", place=self._address.target.rpartition("/")[2])

    def _use_best(self, measuring: Measuring) -> None:
        chosen, memory = best(measuring.measured, self._rule), self._set_up.memory
        if chosen is not None:
            mode = Mode(chosen.width, chosen.height, chosen.asked.fourcc, chosen.asked.fps)
            self._wish = mode
            if memory is not None:
                memory.keep_mode(self._memory_key, mode)
        self._measuring = None
        self._open()
        result, self._measured = self._measured, None
        if result is not None:
            result.set_result(tuple(measuring.measured))

    def _end_measuring(self, error: DeviceError) -> None:
        self._measuring = None
        result, self._measured = self._measured, None
        if result is not None:
            result.set_exception(error)


def _believable(image: MatLike) -> bool:
    if image.ndim != 3 or image.dtype != np.uint8 or image.shape[2] != 3:
        return False
    height, width = image.shape[:2]
    return bool(min(width, height) >= SMALLEST_SIDE and max(width, height) <= LARGEST_SIDE)


def listed_modes(node: Path) -> tuple[ListedMode, ...]:
    """What a camera lists of itself; () where it does not tell."""
    try:
        with video_device(str(node)) as device:
            return device.modes()
    except OSError:
        return ()
