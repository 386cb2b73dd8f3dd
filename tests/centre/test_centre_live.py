"""The live channel: order, resume over broken lines, other databases, and what it makes of strangers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import delete, update

from kiosk.centre.contract import CaseState, Event
from kiosk.centre.live import LiveChannel
from kiosk.centre.server import cases
from kiosk.centre.server.centre import Centre
from kiosk.centre.server.database import events as events_table
from kiosk.centre.server.database import stations

from .conftest import RunningCentre, SampleCase, some_bytes

GENEROUS = 20.0


class Listener:
    """A channel and what it told."""

    def __init__(self, url: str, station: str, token: str, after: int = 0, **settings: Any) -> None:
        self.events: list[Event] = []
        self.links: list[bool] = []
        self.last = after
        settings = {"waits": (0.05, 0.2)} | settings
        self.channel = LiveChannel(url, station, token, lambda: self.last, self._event, self.links.append, **settings)

    def _event(self, event: Event) -> None:
        self.events.append(event)
        self.last = event.number

    async def until(self, condition: Callable[[Listener], object]) -> None:
        async with asyncio.timeout(GENEROUS):
            while not condition(self):
                await asyncio.sleep(0.01)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Listener]:
        task = asyncio.create_task(self.channel.run())
        try:
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def inside(running: RunningCentre) -> Centre:
    return running.embedded._server._app.state.centre


def complete_case(running: RunningCentre) -> SampleCase:
    case = running.case().open()
    case.send(some_bytes(500))
    case.hand_over()
    return case


def decide(running: RunningCentre, case: SampleCase) -> None:
    with inside(running).write() as work:
        cases.request_correction(work, str(case.case_id), 1, "请补拍第一页")


async def test_a_decision_arrives(centre: RunningCentre) -> None:
    case = await asyncio.to_thread(complete_case, centre)
    listener = Listener(centre.url, centre.station, centre.token)
    async with listener.running():
        await listener.until(lambda told: told.events)
        await asyncio.to_thread(decide, centre, case)
        await listener.until(lambda told: len(told.events) >= 2)
    assert [event.number for event in listener.events] == [1, 2]
    status = listener.events[1].status
    assert status is not None
    assert (status.state, status.reason) == (CaseState.CORRECTION_REQUESTED, "请补拍第一页")
    assert listener.links == [True, False]


async def test_an_event_written_by_another_process_arrives(centre: RunningCentre) -> None:
    case = await asyncio.to_thread(complete_case, centre)
    listener = Listener(centre.url, centre.station, centre.token, after=1)
    async with listener.running():
        await listener.until(lambda told: told.links == [True])
        other = Centre(centre.config)  # its hub wakes nobody: only the database tells

        def decide_elsewhere() -> None:
            with other.write() as work:
                cases.accept(work, str(case.case_id), 1)

        await asyncio.to_thread(decide_elsewhere)
        await listener.until(lambda told: told.events)
        other.close()
    assert [event.number for event in listener.events] == [2]


async def test_only_what_is_new_comes(centre: RunningCentre) -> None:
    for _ in range(3):
        await asyncio.to_thread(complete_case, centre)
    listener = Listener(centre.url, centre.station, centre.token, after=2)
    async with listener.running():
        await listener.until(lambda told: told.events)
    assert [event.number for event in listener.events] == [3]


async def test_a_number_of_the_channel_itself(centre: RunningCentre) -> None:
    await asyncio.to_thread(complete_case, centre)
    heard: list[Event] = []
    channel = LiveChannel(centre.url, centre.station, centre.token, 0, heard.append, lambda _up: None)
    task = asyncio.create_task(channel.run())
    async with asyncio.timeout(GENEROUS):
        while not heard:
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert heard[0].kind == "case_changed"


class Relay:
    """A line that can be cut and that can go silent without closing."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._target = (host, int(port))
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.silent = False
        self.connections = 0

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        back_reader, back_writer = await asyncio.open_connection(*self._target)
        self._writers += [writer, back_writer]
        self._tasks.append(asyncio.create_task(self._pump(reader, back_writer)))
        self._tasks.append(asyncio.create_task(self._pump(back_reader, writer)))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(65536):
                if not self.silent:
                    writer.write(piece)
                    await writer.drain()
        writer.close()

    async def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def stop(self) -> None:
        self._server.close()
        await self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()


async def test_nothing_is_lost_or_doubled_over_cut_lines(centre: RunningCentre) -> None:
    relay = Relay(centre.url)
    listener = Listener(await relay.start(), centre.station, centre.token)
    async with listener.running():
        await listener.until(lambda told: told.links == [True])
        for number in range(1, 7):
            if number % 2:
                await relay.cut()
            await asyncio.to_thread(complete_case, centre)
            await listener.until(lambda told, number=number: len(told.events) >= number)
    assert [event.number for event in listener.events] == [1, 2, 3, 4, 5, 6]
    assert relay.connections >= 4
    assert listener.links.count(True) == relay.connections
    await relay.stop()


async def test_a_silent_line_is_noticed_by_the_heartbeat(centre: RunningCentre) -> None:
    relay = Relay(centre.url)
    listener = Listener(await relay.start(), centre.station, centre.token, heartbeat=0.2)
    async with listener.running():
        await listener.until(lambda told: told.links == [True])
        relay.silent = True
        await listener.until(lambda told: told.links[-1] is False)
        relay.silent = False
        await relay.cut()
        await listener.until(lambda told: told.links[-1] is True)
    await relay.stop()


async def test_a_centre_whose_numbers_began_again_is_heard_from_its_first(centre: RunningCentre) -> None:
    case = await asyncio.to_thread(complete_case, centre)
    listener = Listener(centre.url, centre.station, centre.token, after=500)
    async with listener.running():
        await listener.until(lambda told: told.events)
    assert [event.number for event in listener.events] == [1]
    assert case.version == 1


async def test_a_wrong_token_is_no_link(centre: RunningCentre) -> None:
    listener = Listener(centre.url, centre.station, "wrong")
    async with listener.running():
        await asyncio.sleep(0.5)
    assert listener.links == []


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlogin",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
        b"\x00\x01\x02garbage\r\n\r\n",
        b"",
    ],
)
async def test_strangers_are_no_link(answer: bytes) -> None:
    asked = 0

    async def stranger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.read(4096)
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(stranger, "127.0.0.1", 0)
    listener = Listener(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "station-one", "token")
    async with listener.running():
        async with asyncio.timeout(GENEROUS):
            while asked < 3:
                await asyncio.sleep(0.01)
    assert listener.links == []
    server.close()
    await server.wait_closed()


async def test_a_listener_that_fails_does_not_end_the_channel(
    centre: RunningCentre, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        await asyncio.to_thread(complete_case, centre)
    heard: list[int] = []

    def fail_first(event: Event) -> None:
        heard.append(event.number)
        if event.number == 1:
            raise RuntimeError("a bug")

    channel = LiveChannel(centre.url, centre.station, centre.token, 0, fail_first, lambda _up: None)
    task = asyncio.create_task(channel.run())
    async with asyncio.timeout(GENEROUS):
        while len(heard) < 2:
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert heard == [1, 2]
    assert "event 1 was not dealt with" in caplog.text


async def test_nobody_listens_and_then_somebody_does(centre: RunningCentre) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    listener = Listener(f"http://127.0.0.1:{port}", centre.station, centre.token)
    async with listener.running():
        await asyncio.sleep(0.2)
        assert listener.links == []
        relay = Relay(centre.url)
        relay._server = await asyncio.start_server(relay._pass, "127.0.0.1", port)
        await listener.until(lambda told: told.links == [True])
    await relay.stop()


async def test_the_centre_stops_with_channels_open(make_centre: Any) -> None:
    running = make_centre()
    listener = Listener(running.url, running.station, running.token)
    async with listener.running():
        await listener.until(lambda told: told.links == [True])
        await asyncio.to_thread(running.embedded.stop)
        await listener.until(lambda told: told.links == [True, False])
    assert not running.embedded._thread.is_alive()


async def test_numbers_grow_for_each_station_by_itself(centre: RunningCentre) -> None:
    first = await asyncio.to_thread(complete_case, centre)
    other = SampleCase(await asyncio.to_thread(centre.other_station))

    def second() -> None:
        other.open()
        other.send(some_bytes(10))
        other.hand_over()

    await asyncio.to_thread(second)
    with inside(centre).read() as work:
        rows = work.connection.execute(events_table.select().order_by(events_table.c.station)).all()
    assert [(row.station, row.number) for row in rows] == [("station-one", 1), ("station-two", 1)]
    assert first.case_id != other.case_id
    with inside(centre).write() as work:  # events may be tidied away; their numbers are not used again
        work.connection.execute(delete(events_table))
        work.connection.execute(update(stations).values(name="x"))
    await asyncio.to_thread(complete_case, centre)
    with inside(centre).read() as work:
        numbers = work.connection.execute(events_table.select().where(events_table.c.station == "station-one")).all()
    assert [row.number for row in numbers] == [2]
