"""Everything a camera's address can do wrong: after each fault the driver lives, says what is wrong, and comes back.

The other end is a bare socket that sends exactly what the table says, or the simulated camera with a fault set.
"""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.camera import Camera
from drivers.camera_sources import decode_jpeg
from drivers.camera_watch import WatchRules, quick
from drivers.document_camera import DocumentCamera
from drivers.driver import DeviceKind, DeviceState, StatusChanged
from drivers.mjpeg_stream import LARGEST_PICTURE, Multipart, NoPictures, jpeg_size
from drivers.opencv import cv2
from drivers.simulated.camera import CameraFault, SimulatedCamera
from drivers.simulated.scenes import document_scene
from drivers.transport.address import parse_address
from tests.waiting import until

GENEROUS = 40.0
SIZE = (640, 480)


def jpeg(seed: int = 0) -> bytes:
    noise = np.random.default_rng(seed).normal(0, 3, (240, 320, 3))
    picture = np.clip(np.kron(np.arange(12).reshape(3, 4) * 20, np.ones((80, 80)))[:, :, None] + noise, 0, 255)
    return bytes(np.asarray(cv2.imencode(".jpg", picture.astype(np.uint8))[1]).tobytes())


PICTURES = [jpeg(seed) for seed in range(4)]
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"


def part(picture: bytes, *, length: int | None = -1, mark: bytes = b"--frame") -> bytes:
    stated = len(picture) if length == -1 else length
    head = f"Content-Length: {stated}\r\n".encode() if stated is not None else b""
    return mark + b"\r\nContent-Type: image/jpeg\r\n" + head + b"\r\n" + picture + b"\r\n"


class Peer:
    """A port that answers every request with what ``answer`` yields; None in between is a short pause."""

    def __init__(self, answer: Callable[[], Iterator[bytes | None]], port: int = 0) -> None:
        self.answer = answer
        self.sent = 0
        self._socket = socket.create_server(("127.0.0.1", port), reuse_port=False)
        self.port = self._socket.getsockname()[1]
        self._connections: list[socket.socket] = []
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/stream.mjpg"

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._connections.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.recv(4096)
            for data in self.answer():
                if self._stopping.is_set():
                    return
                if data is None:
                    self._stopping.wait(0.02)
                else:
                    connection.sendall(data)
                    self.sent += len(data)

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for connection in (*self._connections, self._socket):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for thread in self._threads:
            thread.join(10)


@contextlib.contextmanager
def driven(address: str, watch: WatchRules = WatchRules()) -> Iterator[Camera]:  # noqa: B008
    camera = Camera(
        DeviceKind.DOCUMENT_CAMERA, parse_address(address), lambda event: None, width=640, height=480, fps=20.0,
        watch=watch,
    )  # fmt: skip
    camera.start()
    try:
        yield camera
    finally:
        camera.stop()
        assert not [thread for thread in threading.enumerate() if thread.name == "driver-document_camera"], "it hangs"


def well() -> Iterator[bytes | None]:
    yield STREAM_HEAD
    number = 0
    while True:
        yield part(PICTURES[number % len(PICTURES)])
        number += 1
        yield None


def page(body: bytes, kind: bytes = b"text/html") -> Iterator[bytes | None]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\n\r\n" + body


def endless(*chunks: bytes, head: bytes = STREAM_HEAD) -> Iterator[bytes | None]:
    yield head
    while True:
        yield from chunks


def paused(*chunks: bytes, head: bytes = STREAM_HEAD) -> Iterator[bytes | None]:
    yield head
    while True:
        for chunk in chunks:
            yield chunk
            yield None


def silence() -> Iterator[bytes | None]:
    while True:
        yield None


def trickle(data: bytes) -> Iterator[bytes | None]:
    while True:
        for at in range(len(data)):
            yield data[at : at + 1]
            yield None


H264 = b"\x00\x00\x00\x01\x67\x42\xc0\x1e\xd9\x00\xa0\x47\xfe\xc8\x00\x00\x00\x01\x68\xce\x3c\x80" + os.urandom(60_000)
BOMB = (
    b"\xff\xd8\xff\xc0\x00\x11\x08" + (60_000).to_bytes(2, "big") * 2 + b"\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    + bytes(200) + b"\xff\xd9"
)  # fmt: skip

NOT_A_CAMERA = {"camera.not_a_camera"}
NO_PICTURE = {"camera.silent", "camera.lost", "camera.absent", "camera.not_a_camera"}

TABLE: dict[str, tuple[Callable[[], Iterator[bytes | None]], set[str]]] = {
    "an HTML page": (lambda: page(b"<html>router</html>"), NOT_A_CAMERA),
    "an endless HTML page": (lambda: endless(b"<p>" * 20_000, head=b"HTTP/1.1 200 OK\r\n\r\n"), NOT_A_CAMERA),
    "one still picture": (lambda: page(PICTURES[0], b"image/jpeg"), NOT_A_CAMERA),
    "not found": (lambda: iter([b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"]), NOT_A_CAMERA),
    "wrong password": (
        lambda: iter([b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="x", nonce="y"\r\n\r\n']),
        NOT_A_CAMERA,
    ),
    "sent elsewhere for ever": (lambda: iter([b"HTTP/1.1 302 Found\r\nLocation: /stream.mjpg\r\n\r\n"]), NOT_A_CAMERA),
    "a JSON service": (lambda: page(b'{"ok":true}', b"application/json"), NOT_A_CAMERA),
    "H.264 without a container": (lambda: endless(H264, head=b"HTTP/1.1 200 OK\r\nContent-Type: video/h264\r\n\r\n"),
                                  NO_PICTURE),
    "no HTTP but a printer": (lambda: iter([b"\x10\x04\x01\x12\x16" * 100]), NO_PICTURE),
    "no answer": (silence, {"camera.silent"}),
    "closed at once": (lambda: iter([]), NO_PICTURE),
    "a head that never ends": (lambda: trickle(b"X-Head: 1\r\n"), NO_PICTURE),
    "a head without pictures": (lambda: iter([STREAM_HEAD]), NO_PICTURE),
    "noise": (lambda: endless(os.urandom(1 << 16)), NO_PICTURE),
    "a part without end": (lambda: endless(PICTURES[0], head=STREAM_HEAD + part(b"", length=None)[:-2]), NO_PICTURE),
    "a part of four gigabytes": (
        lambda: endless(PICTURES[0], head=STREAM_HEAD + part(b"", length=4_000_000_000)[:-2]), NO_PICTURE,
    ),
    "parts without pictures": (lambda: paused(part(b"hello")), NO_PICTURE),
    "a flood of empty parts": (lambda: endless(part(b"") * 500), NO_PICTURE),
    "half pictures": (lambda: paused(part(PICTURES[0][:3000])), NO_PICTURE),
    "noise as pictures": (lambda: paused(part(os.urandom(5000))), NO_PICTURE),
    "noise that begins and ends like one": (
        lambda: paused(part(b"\xff\xd8\xff" + os.urandom(5000) + b"\xff\xd9")), NO_PICTURE,
    ),
    "a picture of eleven gigabytes": (lambda: paused(part(BOMB)), NO_PICTURE),
}  # fmt: skip


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("name", TABLE)
def test_another_thing_at_the_address_is_said_and_the_camera_comes_back(name: str) -> None:
    answer, codes = TABLE[name]
    with Peer(answer) as peer, driven(peer.address) as camera:
        until(lambda: camera.status.code in codes, f"{name}: {camera.status}")
        assert camera.status.state is not DeviceState.READY
        assert camera.latest() is None
        peer.answer = well
        until(lambda: camera.status.state is DeviceState.READY, name)
        assert camera.wait_for_frame(0, GENEROUS)


@pytest.mark.parametrize("name", ["noise", "a part without end", "a part of four gigabytes", "a flood of empty parts"])
def test_a_flood_takes_no_memory_worth_mentioning(name: str) -> None:
    with Peer(well) as peer, driven(peer.address) as camera:
        assert camera.wait_for_frame(0, GENEROUS)
    before = megabytes()
    with Peer(TABLE[name][0]) as peer, driven(peer.address) as camera:
        until(lambda: camera.status.code in NO_PICTURE and peer.sent > 3_000_000, name)
    assert megabytes() - before < 8 * LARGEST_PICTURE / (1 << 20), "it does not grow with what is sent"


def test_a_flood_of_good_pictures_shows_the_newest_and_stays_ready() -> None:
    large = np.random.default_rng(1).integers(0, 255, (1200, 1600, 3), np.uint8)
    heavy = bytes(np.asarray(cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 95])[1]).tobytes())
    other = heavy[:-2] + b"\x00\xff\xd9"
    with Peer(lambda: endless(part(heavy), part(other))) as peer, driven(peer.address) as camera:
        assert camera.wait_for_frame(0, GENEROUS)
        before = megabytes()
        until(lambda: peer.sent > 300_000_000 or camera.frames > 200)
        assert camera.status.state is DeviceState.READY
        assert megabytes() - before < 300


# -- unplugged in the middle -------------------------------------------------------------------------------------------

WHOLE = STREAM_HEAD + part(PICTURES[0]) + part(PICTURES[1])
STAGES = sorted({0, 1, 12, len(STREAM_HEAD) - 1, len(STREAM_HEAD), len(STREAM_HEAD) + 7, len(STREAM_HEAD) + 60,
                 *range(len(STREAM_HEAD) + 80, len(WHOLE), len(WHOLE) // 6), len(WHOLE) - 2, len(WHOLE)})  # fmt: skip


@pytest.mark.parametrize("stage", STAGES)
def test_unplugged_at_any_byte_it_comes_back_and_never_shows_half_a_picture(stage: int) -> None:
    with Peer(lambda: iter([WHOLE[:stage]])) as peer, driven(peer.address) as camera:
        until(lambda: camera.status.code in NO_PICTURE)
        frame = camera.wait_for_frame(0, 0.0)
        assert frame is None or frame.jpeg in PICTURES
        peer.answer = well
        found = camera.wait_for_frame(camera.frames, GENEROUS)
        assert found is not None
        assert found.jpeg in PICTURES


def test_pulled_and_plugged_again_while_pictures_run() -> None:
    with SimulatedCamera(document_scene("empty_mat"), SIZE, fps=30) as simulated, driven(simulated.address) as camera:
        for _ in range(3):
            frame = camera.wait_for_frame(camera.frames, GENEROUS)
            assert frame is not None
            simulated.unplug()
            until(lambda: camera.latest() is None)
            simulated.replug()
            until(lambda: camera.status.state is DeviceState.READY)
            later = camera.wait_for_frame(frame.number, GENEROUS)
            assert later is not None


# -- faults of the simulated camera ------------------------------------------------------------------------------------

FAULTS = {
    CameraFault.STALL: ({"camera.lost", "camera.silent"}, False),
    CameraFault.TINY: ({"camera.bad_frame"}, False),
    CameraFault.DAMAGED: ({"camera.lost", "camera.silent"}, False),
    CameraFault.NOISE: ({"camera.lost", "camera.silent"}, False),
    CameraFault.BLACK: ({"camera.black"}, True),
    CameraFault.COVERED: ({"camera.covered"}, True),
    CameraFault.FREEZE: ({"camera.frozen"}, True),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named_and_ends_with_it(fault: CameraFault) -> None:
    codes, pictures_flow = FAULTS[fault]
    rules = quick(WatchRules(), 0.2)
    with SimulatedCamera(document_scene("a4_form"), SIZE, fps=15) as simulated, driven(simulated.address, rules) as it:
        assert it.wait_for_frame(0, GENEROUS)
        simulated.set_fault(fault)
        until(lambda: it.status.code in codes, str(fault))
        assert (it.status.state is DeviceState.ATTENTION) == pictures_flow
        if pictures_flow:
            assert it.wait_for_frame(it.frames, GENEROUS), "trouble with what is seen does not stop the pictures"
        else:
            assert it.latest() is None
        simulated.set_fault(None)
        until(lambda: it.status.state is DeviceState.READY, f"well again after {fault}")


@pytest.mark.parametrize("fault", [CameraFault.LATE, CameraFault.WRONG_SIZE, CameraFault.HUNTING])
def test_late_turned_and_hunting_pictures_are_pictures(fault: CameraFault) -> None:
    with SimulatedCamera(document_scene("a4_form"), SIZE, fps=15) as simulated, driven(simulated.address) as camera:
        assert camera.wait_for_frame(0, GENEROUS)
        simulated.set_fault(fault)
        number = camera.frames
        for _ in range(4):
            frame = camera.wait_for_frame(number, GENEROUS)
            assert frame is not None
            number = frame.number
        assert camera.status.state is DeviceState.READY
        if fault is CameraFault.HUNTING:
            assert not camera.settled(time.monotonic())


def test_a_camera_moved_to_another_port_of_a_switch_is_found_by_its_name() -> None:
    """The address names a redirecting service, as a camera behind a local name does; where it leads may change."""
    with Peer(well) as first, Peer(well) as second:
        where = [first]

        def lead() -> Iterator[bytes | None]:
            yield f"HTTP/1.1 302 Found\r\nLocation: {where[0].address}\r\nContent-Length: 0\r\n\r\n".encode()

        with Peer(lead) as name, driven(name.address) as camera:
            assert camera.wait_for_frame(0, GENEROUS)
            where[0] = second
            first.__exit__()
            until(lambda: camera.status.state is not DeviceState.READY)
            until(lambda: camera.status.state is DeviceState.READY)
            assert second.sent > 0


# -- the parsers -------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.binary(max_size=60), min_size=1, max_size=5),
    st.lists(st.integers(1, 90), min_size=1, max_size=20),
    st.sampled_from([-1, None, 0, 5, 100_000, 4_000_000_000]),
    st.sampled_from([b"frame", b"--frame", b""]),
)
@settings(max_examples=60, deadline=None)
def test_pictures_come_out_whole_however_the_bytes_are_cut_and_whatever_length_is_stated(
    contents: list[bytes], cuts: list[int], length: int | None, boundary: bytes
) -> None:
    pictures = [b"\xff\xd8\xff" + content.replace(b"--", b"  ") + b"\xff\xd9" for content in contents]
    data = b"preamble\r\n" + b"".join(part(picture, length=length) for picture in pictures) + b"--frame--"
    parser, found, at, turn = Multipart(boundary), [], 0, 0
    while at < len(data):
        size = cuts[turn % len(cuts)]
        parser.feed(data[at : at + size])
        at, turn = at + size, turn + 1
        while (picture := parser.picture()) is not None:
            found.append(picture)
    assert found == pictures


@given(st.lists(st.one_of(st.binary(max_size=300), st.sampled_from([
    b"--x", b"\r\n\r\n", b"\n\n", b"\r\n--x\r\n", b"Content-Length: 3\r\n", b"Content-Length: -1", b"\xff\xd8\xff",
])), max_size=40), st.sampled_from([b"x", b""]))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_noise_never_breaks_the_parser_and_never_fills_the_memory(chunks: list[bytes], boundary: bytes) -> None:
    parser = Multipart(boundary, largest=1000)
    try:
        for chunk in chunks:
            parser.feed(chunk)
            for _ in range(100):
                if parser.picture() is None:
                    break
            assert len(parser._data) < 1000 + 300 + 4096 + 300
    except NoPictures:
        pass


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=60).map(lambda tail: b"\xff\xd8\xff" + tail)))
@settings(max_examples=300, deadline=None)
def test_noise_is_no_picture_and_no_crash(data: bytes) -> None:
    jpeg_size(data)
    decode_jpeg(data)


def test_a_jpeg_states_its_size_before_it_is_decoded() -> None:
    assert jpeg_size(PICTURES[0]) == (320, 240)
    assert jpeg_size(BOMB) == (60_000, 60_000)
    assert decode_jpeg(BOMB) is None
    assert jpeg_size(b"") is None


VISIT = ("empty_mat", "id_card_front", "id_card_back", "empty_mat", "a4_form", "household_register", "empty_mat")


def test_the_papers_of_a_visit_raise_no_alarm_even_with_ten_times_less_patience() -> None:
    heard: list[object] = []
    with SimulatedCamera(document_scene("empty_mat"), SIZE, fps=15) as simulated:
        camera = DocumentCamera(
            parse_address(simulated.address), heard.append, watch=quick(WatchRules(compares_views=True), 0.1)
        )
        camera.start()
        try:
            assert camera.wait_for_frame(0, GENEROUS)
            assert camera.learn_view().result(GENEROUS)
            for name in VISIT:
                assert simulated.show(document_scene(name, slide=name != "empty_mat"), wait=GENEROUS)
                number = camera.frames
                until(lambda number=number: (camera.latest(), camera.frames > number + 25)[1])  # type: ignore[misc]
            number = camera.frames
            until(lambda: camera.frames > number + 8)  # nobody looks any more: one picture a second
        finally:
            camera.stop()
    states = {event.status.state for event in heard if isinstance(event, StatusChanged)}
    assert DeviceState.READY in states
    assert DeviceState.ATTENTION not in states
