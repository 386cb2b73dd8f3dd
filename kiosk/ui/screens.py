"""Which view model belongs to which screen. ``<Name>Screen.qml`` of ``resources/qml/Doorstep/screens`` shows it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kiosk.conductor.snapshot import Screen
from kiosk.ui.view_model import ViewModel


def screen_file(screen: Screen) -> str:
    """``choose_item`` → ``ChooseItemScreen.qml``."""
    return "".join(part.capitalize() for part in screen.value.split("_")) + "Screen.qml"


# The house: everything around a visit.
HOUSE: Mapping[Screen, type[ViewModel]] = MappingProxyType({})

# The steps of a visit: their view models stand in kiosk/ui/visit_view_models.py.
VISIT: Mapping[Screen, type[ViewModel]] = MappingProxyType({})

VIEW_MODELS: Mapping[Screen, type[ViewModel]] = MappingProxyType({**HOUSE, **VISIT})
