"""Shows the demo: the station's window with the panel beside it, or plays one whole visit by itself."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QPoint, QTimer, QUrl
from PySide6.QtQuick import QQuickWindow

from drivers.driver import DeviceKind
from drivers.simulated.camera import CameraFault
from drivers.simulated.id_card_reader import SAMPLE_CARDS as ID_CARDS
from drivers.simulated.scenes import document_scene, webcam_scene
from drivers.simulated.social_security_card import SAMPLE_CARDS as SOCIAL_SECURITY_CARDS
from kiosk.demo import ASSISTANT, CLERK, Demo
from kiosk.station import StartError
from kiosk.ui.app import FULL_HD, FrontEnd, prepare_qt, run_front_end
from kiosk.ui.bridge import Bridge
from kiosk.ui.demo.panel import DemoPanelViewModel
from kiosk.ui.demo.player import Player
from kiosk.words import Language, words

log = logging.getLogger(__name__)

TITLE_BAR = 36
"""Pixels that a window manager puts over a window."""
NARROWEST = 1366
"""Pixels a station's window is wide at least: the narrowest screen it is made for."""
BEGUN_ROWS = 24
"""Rows of paper that stick out when a slip was begun: about one line of text."""
PANEL = QUrl.fromLocalFile(str(Path(__file__).parents[3] / "resources" / "qml" / "Doorstep" / "DemoPanel.qml"))

_CARD_BUTTONS = {
    "第一代": "version_1",
    "第二代": "version_2",
    "第二代长姓名": "version_2_long_name",
    "第三代": "version_3",
}

Action = Callable[[], object]


def run_demo(
    *, language: Language, large_print: bool, high_contrast: bool, size: tuple[int, int] | None, out: Path | None
) -> int:
    """Run the demo until its window is closed, or with ``out`` until the played visit has ended. Main thread.

    ``size`` is the station's window in pixels; None = 1920 × 1080 for the played visit, else as the screen allows.

    Returns:
        0; with ``out``, 1 when the visit did not end as it should.
    """
    prepare_qt()
    bridge = Bridge()
    demo = Demo(bridge.publish, language, large_print=large_print, high_contrast=high_contrast)
    try:
        demo.start()
    except (StartError, OSError) as error:
        print(words(error.code) if isinstance(error, StartError) else error, file=sys.stderr)
        return 1
    try:
        if out is not None:
            return _play(demo, bridge, size or FULL_HD, out)
        return _show(demo, bridge, size)
    finally:
        demo.stop()


def _play(demo: Demo, bridge: Bridge, size: tuple[int, int], out: Path) -> int:
    outcome: list[bool] = []

    def on_ready(front_end: FrontEnd) -> None:
        def play() -> None:
            try:
                outcome.append(Player(demo, front_end, out).play())
            except Exception:
                log.exception("the played visit broke")
            front_end.window.close()

        QTimer.singleShot(0, play)

    run_front_end(demo.station, bridge, demo.station.settings.station, size=size, on_ready=on_ready)
    return 0 if outcome == [True] else 1


def _show(demo: Demo, bridge: Bridge, size: tuple[int, int] | None) -> int:
    facts = {
        "帮办员": f"{ASSISTANT}，PIN {demo.pin}",
        "窗口网页": demo.centre.url,
        "窗口账号": f"{CLERK}，{demo.clerk_password}",
    }
    panel = DemoPanelViewModel(panel_actions(demo), facts, lambda: newest_slip(demo))

    def on_ready(front_end: FrontEnd) -> None:
        front_end.engine.setInitialProperties({"viewModel": panel})
        front_end.engine.load(PANEL)
        side = front_end.engine.rootObjects()[-1]
        if isinstance(side, QQuickWindow):
            _place(front_end.window, side, keep_size=size is not None)

    try:
        return run_front_end(demo.station, bridge, demo.station.settings.station, size=size, on_ready=on_ready)
    finally:
        panel.close()


def newest_slip(demo: Demo) -> Image.Image | None:
    """What came out of the printer last, cut off or not; None before the first."""
    printer = demo.bench.receipt_printer
    paper = printer.paper
    if paper.height >= BEGUN_ROWS:
        return paper
    receipts = printer.receipts
    return receipts[-1] if receipts else None


def _place(station: QQuickWindow, panel: QQuickWindow, *, keep_size: bool) -> None:
    """The station at the left, the panel at the right edge of the screen; on small ones it lies over the station."""
    room = station.screen().availableGeometry()
    height = room.height() - TITLE_BAR
    beside = room.width() - panel.width()
    if not keep_size:
        station.resize(beside if beside >= NARROWEST else room.width(), height)
    station.setFramePosition(room.topLeft())
    panel.setHeight(height)
    panel.setFramePosition(QPoint(room.x() + beside, room.y()))


def panel_actions(demo: Demo) -> Mapping[str, Mapping[str, Action]]:
    """What a hand can do, by group and button."""
    bench = demo.bench
    camera, webcam, printer = bench.document_camera, bench.webcam, bench.receipt_printer
    scan, codes = bench.code_scanner.scan, demo.codes

    def lay(name: str) -> Action:
        return lambda: bench.id_card_reader.lay_card(ID_CARDS[name])

    def paper(name: str, **changes: object) -> Action:
        return lambda: camera.show(document_scene(name, slide=name != "empty_mat", **changes))  # type: ignore[arg-type]

    groups: dict[str, dict[str, Action]] = {
        "身份证": {
            "张示例": lay("valid"),
            "地址有变": lay("moved"),
            "已过期": lay("expired"),
            "生僻字": lay("rare_character"),
            "港澳台居住证": lay("residence_permit"),
            "永居证": lay("permanent_residence_2023"),
            "拿走": bench.id_card_reader.lift_card,
        },
        "手机和条码": {
            "随申码给扫描枪": lambda: scan(codes["valid"].encode()),
            "随申码给摄像头": lambda: webcam.show(webcam_scene("phone", code=codes["valid"])),
            "过期的随申码": lambda: scan(codes["expired"].encode()),
            "网址": lambda: scan(b"https://example.invalid/"),
            "摄像头前没人": lambda: webcam.show(webcam_scene("empty_room")),
        },
        "高拍仪下": {
            "身份证正面": paper("id_card_front"),
            "身份证反面": paper("id_card_back"),
            "社保卡": paper("social_security_card"),
            "A4 表格": paper("a4_form"),
            "户口簿": paper("household_register"),
            "就医记录册": paper("medical_record"),
            "模糊的": paper("a4_form", blur=6.0),
            "反光的": paper("id_card_front", glare="top_left"),
            "没放全": paper("a4_form", cut_off=True),
            "太暗": paper("a4_form", light=0.2),
            "拿走": paper("empty_mat"),
            "画面卡住": lambda: camera.set_fault(CameraFault.FREEZE),
            "画面恢复": lambda: camera.set_fault(None),
        },
        "打印机": {
            "没纸了": printer.paper_out,
            "快没纸": printer.paper_near_end,
            "装纸": printer.refill,
            "开盖": printer.open_cover,
            "合盖": printer.close_cover,
        },
        "拔线": {words_of(kind): _bound(bench.unplug, kind) for kind in DeviceKind},
        "插回": {words_of(kind): _bound(bench.replug, kind) for kind in DeviceKind},
        "受理中心": {"断网": demo.centre_down, "恢复": demo.centre_up},
    }
    card = bench.social_security_card
    if card is not None:
        groups["社保卡"] = {
            **{text: _bound(card.insert, SOCIAL_SECURITY_CARDS[name]) for text, name in _CARD_BUTTONS.items()},
            "拿走": card.remove,
        }
    return groups


def words_of(kind: DeviceKind) -> str:
    """A piece's name on the panel."""
    return {
        DeviceKind.DOCUMENT_CAMERA: "高拍仪",
        DeviceKind.ID_CARD_READER: "身份证读卡器",
        DeviceKind.SOCIAL_SECURITY_CARD: "社保卡读卡器",
        DeviceKind.CODE_SCANNER: "扫描枪",
        DeviceKind.RECEIPT_PRINTER: "打印机",
        DeviceKind.WEBCAM: "摄像头",
    }[kind]


def _bound(function: Callable[..., object], value: object) -> Action:
    return lambda: function(value)
