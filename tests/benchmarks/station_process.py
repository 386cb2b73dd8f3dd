"""A station's process, its devices being elsewhere: ``… start|preview|decode SETTINGS [PIN]``; prints one JSON line.

``SETTINGS`` is a file of JSON as ``Settings.model_dump_json`` writes it.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from drivers.camera import Camera
from drivers.document_camera import DocumentCamera
from drivers.transport.address import parse_address
from kiosk.conductor.snapshot import Screen, Snapshot
from kiosk.heaps import limit_heaps
from kiosk.settings import Settings

MEASURED_SECONDS = 10.0
PATIENCE = 60.0


def decode(settings: Settings) -> None:
    """The document camera alone: every frame received and decoded, nothing looked at."""
    camera = DocumentCamera(parse_address(settings.devices.document_camera), lambda event: None)
    camera.start()
    try:
        first = number = _frame_number(camera)
        began, cpu = time.monotonic(), time.process_time()
        while (now := time.monotonic()) - began < MEASURED_SECONDS:
            frame = camera.wait_for_frame(number, 1.0)
            number = frame.number if frame else number
        _say(came=number - first, seconds=now - began, cpu=time.process_time() - cpu)
    finally:
        camera.stop()


def start(settings: Settings) -> None:
    """The whole station as ``kiosk run`` starts it, until the sign-on is painted."""
    from kiosk.station import Station
    from kiosk.ui.app import FrontEnd, prepare_qt, run_front_end
    from kiosk.ui.bridge import Bridge

    prepare_qt()
    bridge = Bridge()
    station = Station(settings, bridge.publish)
    station.start()

    def on_ready(front_end: FrontEnd) -> None:
        def painted() -> None:
            if front_end.shell.snapshot.screen is Screen.SIGN_ON:
                front_end.window.frameSwapped.disconnect(painted)
                _say(at=time.monotonic())
                front_end.window.close()

        front_end.window.frameSwapped.connect(painted)

    try:
        run_front_end(station, bridge, settings.station, size=(1920, 1080), on_ready=on_ready)
    finally:
        station.stop()


def preview(settings: Settings, pin: str) -> None:
    """A visit stands at CAPTURE with a page under the camera that is not taken; counts what the screen shows."""
    from kiosk.station import Station
    from kiosk.ui.app import FrontEnd, prepare_qt
    from kiosk.ui.bridge import Bridge
    from tests.benchmarks.visits import Assistant
    from tests.benchmarks.window import resident_mb, run_with_window

    prepare_qt()
    bridge, assistant = Bridge(), Assistant()

    def on_snapshot(snapshot: Snapshot) -> None:
        bridge.publish(snapshot)
        assistant.on_snapshot(snapshot)

    station = Station(settings, on_snapshot)
    station.start()

    def work(front_end: FrontEnd) -> None:
        shown: list[float] = []
        front_end.live.sourceChanged.connect(lambda: shown.append(time.monotonic()))
        assistant.sign_on(station, pin)
        by_hand = ("张示例", "000000190001010017", "样张")
        assistant.to_capture(lambda: station.commands.identify_by_hand(*by_hand))
        assistant.until(lambda s: s.visit is not None and len(s.visit.capture.outline) == 4, "no page was found")
        camera = station.devices.document_camera
        assert camera is not None
        before, already, began, cpu = _frame_number(camera), len(shown), time.monotonic(), time.process_time()
        time.sleep(MEASURED_SECONDS)
        _say(
            came=_frame_number(camera) - before,
            shown=len(shown) - already,
            seconds=time.monotonic() - began,
            cpu=time.process_time() - cpu,
            mb=resident_mb(),
        )

    try:
        run_with_window(station, bridge, work)
    finally:
        station.stop()


def _frame_number(camera: Camera) -> int:
    frame = camera.wait_for_frame(0, PATIENCE)
    assert frame is not None, "no picture came"
    return frame.number


def _say(**values: float) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    limit_heaps()
    given = Settings.model_validate_json(Path(sys.argv[2]).read_text(encoding="utf-8"))
    match sys.argv[1]:
        case "start":
            start(given)
        case "preview":
            preview(given, sys.argv[3])
        case "decode":
            decode(given)
