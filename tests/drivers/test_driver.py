"""The worker that every driver inherits: opening, losing, coming back, requests, stopping."""

import logging
import threading

import pytest

from drivers import driver as driver_module
from drivers.driver import (
    MISSES_BEFORE_ABSENT,
    RETRY_SECONDS,
    DeviceError,
    DeviceKind,
    DeviceLost,
    DeviceState,
    DeviceUnavailable,
    Driver,
    StatusChanged,
)
from drivers.transport.printer_line import CONNECT_SECONDS
from tests.drivers.events import Events


class Scripted(Driver):
    """Opening fails for as long as ``trouble`` holds an exception; ``lose`` fails the next poll."""

    def __init__(self, listener, trouble=None):
        super().__init__(DeviceKind.CODE_SCANNER, listener)
        self.trouble = trouble
        self.lose = None
        self.opened = self.polled = self.closed = 0
        self.waits = []
        self.patient = False

    def _open(self):
        if self.trouble is not None:
            raise self.trouble
        self.opened += 1
        self._set_state(DeviceState.READY, identity="scripted")

    def _poll(self):
        self.polled += 1
        lose, self.lose = self.lose, None
        if lose is not None:
            raise lose
        self._pause(0.01)

    def _close(self):
        self.closed += 1

    def _wait_for_retry(self, seconds):
        self.waits.append(seconds)
        super()._wait_for_retry(seconds if self.patient else 0.005)


@pytest.fixture
def events():
    return Events()


@pytest.fixture
def make(events):
    made = []

    def start(trouble=None, **settings):
        device = Scripted(events, trouble)
        for name, value in settings.items():
            setattr(device, name, value)
        made.append(device)
        device.start()
        return device

    yield start
    for device in made:
        device.stop()


def states(events):
    return [event.status.state for event in events.of(StatusChanged)]


def test_opens_polls_and_says_so_once(make, events):
    device = make()
    status = events.wait_state(DeviceState.READY)
    assert (status.identity, status.code, device.status.state) == ("scripted", "", DeviceState.READY)
    events.wait_until(lambda: device.polled > 5)
    assert states(events) == [DeviceState.READY]
    assert device.opened == 1


def test_starting_twice_is_starting_once(make, events):
    device = make()
    thread = device._thread
    device.start()
    assert device._thread is thread


def test_waits_grow_and_leave_room_for_an_attempt_within_five_seconds(make, events):
    device = make(DeviceLost("device.not_found", port="x"))
    events.wait_until(lambda: len(device.waits) > 8)
    assert tuple(device.waits[: len(RETRY_SECONDS)]) == RETRY_SECONDS
    assert set(device.waits[len(RETRY_SECONDS) :]) == {RETRY_SECONDS[-1]}
    assert list(RETRY_SECONDS) == sorted(RETRY_SECONDS)
    assert max(RETRY_SECONDS) + CONNECT_SECONDS <= 5


def test_a_device_that_comes_and_goes_is_tried_ever_less_often_but_not_called_absent(make, events, monkeypatch):
    device = make()

    def lose():
        device.polled += 1
        raise DeviceLost("device.lost")

    monkeypatch.setattr(device, "_poll", lose)
    events.wait_until(lambda: len(device.waits) > 5)
    assert device.waits[-1] == RETRY_SECONDS[-1]
    assert DeviceState.ABSENT not in states(events)


def test_the_waits_start_small_again_after_success(make, events, monkeypatch):
    monkeypatch.setattr(driver_module, "STEADY_SECONDS", 0.0)
    device = make(DeviceLost("device.not_found", port="x"))
    events.wait_until(lambda: len(device.waits) > 3)
    device.trouble = None
    events.wait_state(DeviceState.READY)
    device.waits.clear()
    device.lose = DeviceLost("device.lost")
    events.wait_until(lambda: device.opened == 2)
    assert device.waits == [RETRY_SECONDS[0]]


def test_a_device_that_was_never_there_is_absent_at_once(make, events):
    make(DeviceLost("device.not_found", port="x"))
    status = events.wait_state(DeviceState.ABSENT)
    assert (status.code, dict(status.detail)) == ("device.not_found", {"port": "x"})
    assert status.retry_at is not None


def test_a_short_loss_is_not_an_absence(make, events):
    device = make()
    events.wait_state(DeviceState.READY)
    device.lose = OSError("gone")
    events.wait_until(lambda: device.opened == 2)
    assert DeviceState.ABSENT not in states(events)
    lost = [event.status for event in events.of(StatusChanged) if event.status.code == "device.lost"]
    assert lost
    assert lost[0].state is DeviceState.CONNECTING


def test_three_misses_make_an_absence(make, events):
    device = make()
    events.wait_state(DeviceState.READY)
    device.trouble = DeviceLost("device.not_found")
    device.lose = DeviceLost("device.lost")
    events.wait_state(DeviceState.ABSENT)
    assert len(device.waits) >= MISSES_BEFORE_ABSENT - 1
    assert states(events).index(DeviceState.CONNECTING) < states(events).index(DeviceState.ABSENT)
    device.trouble = None
    events.wait_state(DeviceState.READY)


@pytest.mark.parametrize(
    ("trouble", "state", "code"),
    [
        (DeviceError("id_card_reader.silent"), DeviceState.UNKNOWN, "id_card_reader.silent"),
        (DeviceError("id_card_reader.module_fault", sw3="60"), DeviceState.FAULT, "id_card_reader.module_fault"),
        (DeviceLost("device.lost"), DeviceState.ABSENT, "device.lost"),
        (PermissionError(13, "no"), DeviceState.ABSENT, "device.lost"),
    ],
)
def test_what_an_opening_that_fails_means(make, events, trouble, state, code):
    device = make(trouble)
    assert events.wait_state(state).code == code
    events.wait_until(lambda: len(device.waits) > 3)
    assert set(states(events)) == {state}  # trying again does not flicker
    device.trouble = None
    events.wait_state(DeviceState.READY)


def test_an_unexpected_failure_is_logged_and_survived(make, events, caplog):
    with caplog.at_level(logging.ERROR):
        device = make(ZeroDivisionError("a bug"))
        assert events.wait_state(DeviceState.FAULT).code == "device.lost"
    assert "unexpected failure" in caplog.text
    device.trouble = None
    events.wait_state(DeviceState.READY)


def test_the_handle_is_closed_after_every_failure_and_a_failing_close_is_survived(make, events, monkeypatch):
    def fail(self):
        self.closed += 1
        raise OSError("already dead")

    monkeypatch.setattr(Scripted, "_close", fail)
    device = make()
    events.wait_state(DeviceState.READY)
    device.lose = DeviceLost("device.lost")
    events.wait_until(lambda: device.opened == 2)
    assert device.closed == 1


def test_requests_run_on_the_drivers_thread(make, events):
    device = make()
    events.wait_state(DeviceState.READY)
    assert device.call(lambda: threading.current_thread().name).result(10) == "driver-code_scanner"


def test_an_error_of_a_request_goes_to_its_caller_only(make, events):
    device = make()
    events.wait_state(DeviceState.READY)
    with pytest.raises(DeviceError):
        device.call(lambda: (_ for _ in ()).throw(DeviceError("receipt_printer.paper_end"))).result(10)
    with pytest.raises(ZeroDivisionError):
        device.call(lambda: 1 // 0).result(10)
    assert device.call(lambda: 7).result(10) == 7
    assert device.opened == 1


def test_a_request_that_meets_a_dead_handle_has_it_opened_again(make, events):
    device = make()
    events.wait_state(DeviceState.READY)

    def dead():
        raise DeviceLost("device.lost")

    with pytest.raises(DeviceLost):
        device.call(dead).result(10)
    events.wait_until(lambda: device.opened == 2)
    assert device.call(lambda: "again").result(10) == "again"


def test_requests_are_refused_while_closed(make, events):
    device = make(DeviceLost("device.not_found"), patient=True)
    events.wait_state(DeviceState.ABSENT)
    ran = []
    with pytest.raises(DeviceUnavailable) as caught:
        device.call(lambda: ran.append(1)).result(10)
    assert (caught.value.code, caught.value.detail["device"]) == ("device.unavailable", "code_scanner")
    assert not ran


def test_a_cancelled_request_is_not_run(make, events):
    device = make()
    events.wait_state(DeviceState.READY)
    hold, ran = threading.Event(), []
    first = device.call(lambda: hold.wait(10))
    second = device.call(lambda: ran.append(1))
    assert second.cancel()
    hold.set()
    assert first.result(10)
    assert device.call(lambda: 1).result(10) == 1
    assert not ran


def test_a_request_wakes_a_pausing_driver(make, events, monkeypatch):
    monkeypatch.setattr(Scripted, "_poll", lambda self: self._pause(600) and None)
    device = make()
    events.wait_state(DeviceState.READY)
    assert device.call(lambda: "awake").result(10) == "awake"


def test_a_listener_that_fails_stops_nobody(caplog):
    calls = []

    def listener(event):
        calls.append(event)
        raise ValueError("a bug")

    device = Scripted(listener)
    with caplog.at_level(logging.ERROR):
        device.start()
        assert device.call(lambda: 1).result(10) == 1
        device.stop()
    assert len(calls) == 2  # ready, stopped
    assert "a listener failed on StatusChanged" in caplog.text


def test_stopping_ends_a_long_wait_and_refuses_what_is_left(make, events):
    device = make(DeviceLost("device.not_found"), patient=True)
    events.wait_until(lambda: len(device.waits) > 1)
    thread = device._thread
    device.stop()
    assert not thread.is_alive()
    assert device.status.code == "device.stopped"
    with pytest.raises(DeviceUnavailable):
        device.call(lambda: 1).result(10)
    device.stop()


def test_a_thread_that_does_not_end_is_told(events, caplog):
    device = Scripted(events)
    hold, began = threading.Event(), threading.Event()
    device.start()
    events.wait_state(DeviceState.READY)
    device.call(lambda: began.set() or hold.wait(30))
    assert began.wait(10)
    thread = device._thread
    with caplog.at_level(logging.ERROR):
        device.stop(timeout=0.05)
    assert "did not end" in caplog.text
    hold.set()
    thread.join(10)
    assert not thread.is_alive()


def test_the_moment_of_a_change_stays_while_nothing_changes(make, events):
    device = make()
    since = events.wait_state(DeviceState.READY).since
    device.call(lambda: device._set_state(DeviceState.READY)).result(10)
    assert device.status.since == since
    device.call(lambda: device._set_state(DeviceState.ATTENTION, "receipt_printer.paper_low")).result(10)
    assert device.status.since >= since
    assert device.status.identity == "scripted"
    assert driver_module.DeviceStatus(DeviceKind.WEBCAM, DeviceState.ABSENT).detail == {}


class Hanging(Scripted):
    """Hangs in a poll, an opening or a request until ``free`` is set."""

    def __init__(self, listener):
        super().__init__(listener)
        self.free = threading.Event()
        self.hangs = threading.Event()

    def hang(self):
        self.hangs.set()
        assert self.free.wait(30)
        self._set_state(DeviceState.ATTENTION, "receipt_printer.paper_low")
        return "too late"


def test_a_worker_that_works_gives_signs_of_life_and_one_that_hangs_none(make, events):
    device = make()
    events.wait_state(DeviceState.READY)
    before = device.turns
    events.wait_until(lambda: device.turns > before + 3)
    hanging = Hanging(events)
    hanging.start()
    hanging.call(hanging.hang)
    assert hanging.hangs.wait(30)
    before = hanging.turns
    events.wait_until(lambda: device.polled > 50)
    assert hanging.turns == before
    hanging.free.set()
    hanging.stop()


def test_what_a_worker_that_was_given_up_does_late_is_heard_by_nobody(events):
    device = Hanging(events)
    device.start()
    events.wait_state(DeviceState.READY)
    begun, waiting = device.call(device.hang), device.call(lambda: "never")
    assert device.hangs.wait(30)
    thread = device.give_up()
    with pytest.raises(DeviceLost) as caught:
        begun.result(10)
    assert caught.value.code == "device.hung"
    with pytest.raises(DeviceUnavailable):
        waiting.result(10)
    heard = len(events.all)
    closed = device.closed
    device.free.set()
    thread.join(30)
    assert not thread.is_alive()
    assert device.closed == closed + 1  # it lets its handle go
    assert len(events.all) == heard
    assert device.status.state is DeviceState.READY  # not what the late worker wanted to say

    fresh = Scripted(events)
    fresh.succeed(device)
    assert (fresh.status.state, fresh.status.code) == (DeviceState.FAULT, "device.hung")
    fresh.trouble = DeviceError("device.in_use", port="x")
    fresh.start()
    events.wait_until(lambda: len(fresh.waits) > 2)
    assert fresh.status.code == "device.hung"  # the port is held by our own thread, not by another program
    fresh.trouble = None
    events.wait_state(DeviceState.READY)
    fresh.trouble, fresh.lose = DeviceError("device.in_use", port="x"), DeviceLost("device.lost")
    events.wait_until(lambda: fresh.status.code == "device.in_use")
    fresh.stop()
