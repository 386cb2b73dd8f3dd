"""From states to lamps: shape, word, explanation, next step; silence is unknown."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from drivers.driver import DeviceKind, DeviceState
from kiosk.conductor.snapshot import DeviceView, LinkState, OutboxView, Screen, Snapshot
from kiosk.ui.lamps import NONE_BY_DESIGN, NOT_CONFIGURED, Lamp, lamps

EMPTY = Snapshot(Screen.HOME, centre_name="某中心")


def lamp(snapshot: Snapshot, key: str, language: str = "zh") -> Lamp:
    return next(lamp for lamp in lamps(snapshot, language) if lamp.key == key)  # type: ignore[arg-type]


def with_cards(identity: DeviceView, social: DeviceView) -> Snapshot:
    return replace(EMPTY, devices=(identity, social))


def test_silence_is_unknown_for_everything_but_the_outbox() -> None:
    assert [found.tone for found in lamps(EMPTY, "zh")] == ["unknown"] * 5 + ["good", "unknown"]


@pytest.mark.parametrize("state", list(DeviceState))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_state_has_words(state: DeviceState, language: str) -> None:
    found = lamp(replace(EMPTY, devices=(DeviceView(DeviceKind.WEBCAM, state),)), "webcam", language)
    assert found.word
    assert found.text
    assert (found.tone == "good") == (state is DeviceState.READY)
    assert found.todo or state in (DeviceState.READY, DeviceState.BUSY)


@pytest.mark.parametrize(("one", "other"), list(itertools.product(DeviceState, repeat=2)))
def test_the_card_readers_lamp_is_as_bad_as_the_worse_interface(one: DeviceState, other: DeviceState) -> None:
    found = lamp(
        with_cards(DeviceView(DeviceKind.ID_CARD_READER, one), DeviceView(DeviceKind.SOCIAL_SECURITY_CARD, other)),
        "card_reader",
    )
    tones = {
        lamp(replace(EMPTY, devices=(DeviceView(DeviceKind.WEBCAM, state),)), "webcam").tone for state in (one, other)
    }
    assert found.tone in tones
    assert (found.tone == "good") == (tones == {"good"})
    assert found.text.count("\n") == 1


@pytest.mark.parametrize("code", [NOT_CONFIGURED, NONE_BY_DESIGN])
def test_an_interface_that_is_not_fitted_does_not_darken_the_other(code: str) -> None:
    found = lamp(
        with_cards(
            DeviceView(DeviceKind.ID_CARD_READER, DeviceState.READY),
            DeviceView(DeviceKind.SOCIAL_SECURITY_CARD, DeviceState.ABSENT, code),
        ),
        "card_reader",
    )
    assert (found.tone, found.word) == ("good", "正常")


@pytest.mark.parametrize(("code", "word"), [(NOT_CONFIGURED, "未设置"), (NONE_BY_DESIGN, "未配备")])
def test_a_device_that_is_not_fitted_is_no_fault(code: str, word: str) -> None:
    found = lamp(replace(EMPTY, devices=(DeviceView(DeviceKind.WEBCAM, DeviceState.ABSENT, code),)), "webcam")
    assert (found.tone, found.word) == ("unknown", word)


def test_the_devices_own_words_come_before_the_general_ones() -> None:
    view = DeviceView(DeviceKind.WEBCAM, DeviceState.ABSENT, "device.lost", {"error": "OSError"})
    assert "断" in lamp(replace(EMPTY, devices=(view,)), "webcam").text


@pytest.mark.parametrize(
    ("outbox", "tone", "part"),
    [
        (OutboxView(), "good", "没有"),
        (OutboxView(waiting=2), "busy", "2"),
        (OutboxView(waiting=1, sending=1), "busy", "2"),
        (OutboxView(waiting=5, blocked=3), "warning", "3"),
        (OutboxView(full=True, blocked=1), "danger", "满"),
    ],
)
def test_the_outbox(outbox: OutboxView, tone: str, part: str) -> None:
    found = lamp(replace(EMPTY, outbox=outbox), "outbox")
    assert found.tone == tone
    assert part in found.word


@pytest.mark.parametrize(
    ("link", "tone"), [(LinkState.ONLINE, "good"), (LinkState.OFFLINE, "warning"), (LinkState.UNKNOWN, "unknown")]
)
def test_the_line_names_the_centre(link: LinkState, tone: str) -> None:
    found = lamp(replace(EMPTY, link=link), "link")
    assert found.tone == tone
    assert "某中心" in found.text
