"""What the look promises: contrast, sizes of text and targets, at both sizes of print, of contrast and of window."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QColor
from PySide6.QtQml import QQmlComponent
from PySide6.QtQuick import QQuickItem

from tests.ui.samples import all_samples
from tests.ui.stand import Stand

TEXT_ON = [
    ("ink", "page"),
    ("ink", "surface"),
    ("ink", "surfaceSunken"),
    ("muted", "page"),
    ("muted", "surface"),
    ("muted", "surfaceSunken"),
    ("accent", "page"),
    ("accent", "surface"),
    ("accent", "accentSoft"),
    ("accentInk", "accent"),
    ("accentInk", "accentPressed"),
    ("accentInk", "danger"),
    ("accentInk", "dangerPressed"),
    ("accentInk", "warm"),
    ("ink", "accentSoft"),
    ("ink", "goodSoft"),
    ("ink", "warningSoft"),
    ("ink", "dangerSoft"),
    ("ink", "unknownSoft"),
    ("ink", "warmSoft"),
    ("good", "surface"),
    ("good", "goodSoft"),
    ("warning", "page"),
    ("warning", "surface"),
    ("warning", "warningSoft"),
    ("danger", "page"),
    ("danger", "surface"),
    ("danger", "dangerSoft"),
    ("unknown", "surface"),
    ("unknown", "unknownSoft"),
    ("warm", "surface"),
    ("warm", "warmSoft"),
    ("coverInk", "cover"),
    ("muted", "accentSoft"),
]
"""Pairs (text, ground) that stand on the screens."""
DISABLED_ON = [("disabledInk", "disabledFill"), ("disabledInk", "surface"), ("disabledInk", "page")]
LINES_ON = [("lineStrong", "surface"), ("lineStrong", "page"), ("focusRing", "page"), ("focusRing", "surface")]


def luminance(colour: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2.2's ratio, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.fixture
def theme(stand: Stand) -> QObject:
    component = QQmlComponent(stand.front_end.engine)
    component.setData(
        b"import QtQuick\nimport Doorstep\nQtObject { property QtObject theme: Theme }", QUrl("file:///t.qml")
    )
    holder = component.create()
    assert holder is not None, component.errorString()
    holder.setParent(stand.front_end)
    found = holder.property("theme")
    assert isinstance(found, QObject)
    return found


def test_the_ratio_is_the_standard_one() -> None:
    assert contrast(QColor("#000000"), QColor("#ffffff")) == pytest.approx(21)
    assert contrast(QColor("#777777"), QColor("#ffffff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("high", "least"), [(False, 4.5), (True, 7.0)])
def test_text_has_contrast(stand: Stand, theme: QObject, high: bool, least: float) -> None:
    if high:
        stand.shell.toggleHighContrast()
    weak = {
        (text, ground): round(contrast(theme.property(text), theme.property(ground)), 2)
        for text, ground in TEXT_ON + DISABLED_ON
        if contrast(theme.property(text), theme.property(ground)) < (least if (text, ground) in TEXT_ON else 4.0)
    }
    assert not weak
    assert all(contrast(theme.property(line), theme.property(ground)) >= 3 for line, ground in LINES_ON)


def test_large_print_is_larger_by_its_factor(stand: Stand, theme: QObject) -> None:
    normal = {name: theme.property(name) for name in ("small", "body", "target", "targetLarge", "gap")}
    assert normal["small"] >= 22
    assert normal["body"] >= 26
    assert normal["target"] >= 62
    stand.shell.toggleLargePrint()
    assert theme.property("body") >= 34
    assert theme.property("target") >= 80
    assert theme.property("gap") == normal["gap"]


def test_a_small_window_scales_everything(make_stand: Callable[..., Stand]) -> None:
    small = make_stand(size=(1366, 768))
    small.show(all_samples()["home"])
    title = small.hand.get("screenTitle")
    assert title.property("font").pixelSize() == round(48 * 768 / 1080)


def texts(stand: Stand) -> Iterator[QQuickItem]:
    for item in stand.hand.items():
        if item.inherits("QQuickText") and stand.hand.shown(item) and item.property("text"):
            yield item


def named(item: QQuickItem) -> str:
    return str(item.objectName() or item.property("text") or item.metaObject().className())


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768)], ids=["1080", "768"])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
def test_no_text_is_small_or_cut_and_no_target_is_small(
    make_stand: Callable[..., Stand], large: bool, language: str, size: tuple[int, int]
) -> None:
    """At 1080: text of 22 px and targets of 62 at least, 31 and 80 in large print; the small window in proportion."""
    stand = make_stand(large_print=large, language=language, size=size)
    scale = size[1] / 1080
    least_text, least_target = (round(px * scale) for px in ((31, 80) if large else (22, 62)))
    wrong: list[str] = []
    for name, snapshot in all_samples().items():
        stand.show(snapshot)
        stand.hand.settle(0.1)
        for item in texts(stand):
            text = item.property("text")
            if item.property("font").pixelSize() < least_text:
                wrong.append(f"{name}: {text!r} is small: {item.property('font').pixelSize()}")
            wide = item.property("paintedWidth") - item.width()
            high = item.property("paintedHeight") - item.height()
            if wide > 2 or high > 2:
                wrong.append(f"{name}: {text!r} does not fit by {wide:.0f} x {high:.0f}")
        buttons = [
            item for item in stand.hand.items() if item.inherits("QQuickAbstractButton") and stand.hand.shown(item)
        ]
        assert buttons
        wrong += [
            f"{name}: {named(item)} is small: {item.width():.0f} x {item.height():.0f}"
            for item in buttons
            if min(item.width(), item.height()) < least_target
        ]
    assert not wrong, "\n".join(wrong)
