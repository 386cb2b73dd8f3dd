"""The status lamps: five devices, what waits to be sent, and the line to the centre, each with a word. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drivers.driver import DeviceKind, DeviceState
from kiosk.conductor.snapshot import DeviceView, LinkState, OutboxView, Snapshot
from kiosk.devices.station_devices import NONE_BY_DESIGN, NOT_CONFIGURED, NOT_FITTED
from kiosk.words import Language, words

_TONES: Mapping[DeviceState, str] = {
    DeviceState.READY: "good",
    DeviceState.BUSY: "busy",
    DeviceState.CONNECTING: "busy",
    DeviceState.ATTENTION: "warning",
    DeviceState.UNKNOWN: "unknown",
    DeviceState.ABSENT: "danger",
    DeviceState.FAULT: "danger",
}

_WORSE = (
    DeviceState.READY,
    DeviceState.BUSY,
    DeviceState.CONNECTING,
    DeviceState.UNKNOWN,
    DeviceState.ATTENTION,
    DeviceState.ABSENT,
    DeviceState.FAULT,
)

_STATE_WORDS = {NOT_CONFIGURED: "front.state.not_configured", NONE_BY_DESIGN: "front.state.none_by_design"}
"""In place of the state's own word: "not connected" would send somebody to look for a cable."""

PIECES: Sequence[tuple[str, tuple[DeviceKind, ...]]] = (
    ("document_camera", (DeviceKind.DOCUMENT_CAMERA,)),
    ("card_reader", (DeviceKind.ID_CARD_READER, DeviceKind.SOCIAL_SECURITY_CARD)),
    ("code_scanner", (DeviceKind.CODE_SCANNER,)),
    ("receipt_printer", (DeviceKind.RECEIPT_PRINTER,)),
    ("webcam", (DeviceKind.WEBCAM,)),
)
"""The five pieces people see, in the order of the lamps."""


@dataclass(frozen=True, slots=True)
class Lamp:
    """``tone`` is good, busy, warning, danger or unknown; ``text`` and ``todo`` explain on touch."""

    key: str
    label: str
    word: str
    tone: str
    text: str
    todo: str
    identity: str = ""


def lamps(snapshot: Snapshot, language: Language) -> tuple[Lamp, ...]:
    """All lamps in their order."""
    pieces = tuple(_piece(key, kinds, snapshot.devices, language) for key, kinds in PIECES)
    return (*pieces, _outbox(snapshot.outbox, language), _link(snapshot, language))


def piece_name(kind: DeviceKind, language: Language) -> str:
    """The name at the lamp that shows this interface."""
    key = next(key for key, kinds in PIECES if kind in kinds)
    return words(f"front.device.{key}", language).say


def device_lamp(view: DeviceView, language: Language, key: str = "") -> Lamp:
    """One interface: its state in one word, then the device's own explanation, then what to do."""
    name = words(f"front.device.{key or view.kind.value}", language).say
    state = words(_STATE_WORDS.get(view.code, f"front.state.{view.state.value}"), language)
    own = words(view.code, language, view.detail) if view.code else None
    return Lamp(
        key=key or view.kind.value,
        label=name,
        word=state.say,
        tone="unknown" if view.code in NOT_FITTED else _TONES[view.state],
        text=own.say if own else words(f"front.state_text.{view.state.value}", language).say,
        todo=own.do if own else words(f"front.state_text.{view.state.value}", language).do,
        identity=view.identity,
    )


def _piece(key: str, kinds: Sequence[DeviceKind], devices: Sequence[DeviceView], language: Language) -> Lamp:
    views = [_view(kind, devices) for kind in kinds]
    fitted = [view for view in views if view.code not in NOT_FITTED] or views
    worst = max(fitted, key=lambda view: _WORSE.index(view.state))
    lamp = device_lamp(worst, language, key)
    if len(fitted) < 2:
        return lamp
    # Two interfaces under one lamp: say for each how it is, the next step is the worse one's.
    parts = [device_lamp(view, language) for view in fitted]
    text = "\n".join(f"{part.label}：{part.word}。{part.text}" for part in parts)
    if language == "en":
        text = "\n".join(f"{part.label}: {part.word}. {part.text}" for part in parts)
    return Lamp(lamp.key, lamp.label, lamp.word, lamp.tone, text, lamp.todo, lamp.identity)


def _view(kind: DeviceKind, devices: Sequence[DeviceView]) -> DeviceView:
    """Nothing heard of a device is "unknown", never "fine"."""
    return next((view for view in devices if view.kind is kind), DeviceView(kind, DeviceState.UNKNOWN))


def _outbox(outbox: OutboxView, language: Language) -> Lamp:
    if outbox.full:
        code, tone = "front.outbox.full", "danger"
    elif outbox.blocked:
        code, tone = "front.outbox.blocked", "warning"
    elif outbox.sending:
        code, tone = "front.outbox.sending", "busy"
    elif outbox.waiting:
        code, tone = "front.outbox.waiting", "busy"
    else:
        code, tone = "front.outbox.empty", "good"
    numbers = {"waiting": outbox.waiting + outbox.sending, "blocked": outbox.blocked}
    return Lamp(
        "outbox",
        words("front.lamp.outbox", language).say,
        words(f"{code}_word", language, numbers).say,
        tone,
        words(code, language, numbers).say,
        words(code, language, numbers).do,
    )


def _link(snapshot: Snapshot, language: Language) -> Lamp:
    tone = {LinkState.ONLINE: "good", LinkState.OFFLINE: "warning", LinkState.UNKNOWN: "unknown"}[snapshot.link]
    code = f"front.link.{snapshot.link.value}"
    sentence = words(code, language, {"centre": snapshot.centre_name})
    return Lamp(
        "link",
        words("front.lamp.link", language).say,
        words(f"{code}_word", language).say,
        tone,
        sentence.say,
        sentence.do,
    )
