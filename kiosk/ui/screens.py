"""Which view model belongs to which screen. ``<Name>Screen.qml`` of ``resources/qml/Doorstep/screens`` shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from kiosk.conductor.snapshot import Screen
from kiosk.ui.house_view_models import (
    HomeViewModel,
    SetupViewModel,
    SignOnViewModel,
    StartingViewModel,
    TodoViewModel,
)
from kiosk.ui.reprint_view_model import ReprintViewModel
from kiosk.ui.set_up_view_model import DeviceSetUpViewModel
from kiosk.ui.technician_view_model import TechnicianViewModel
from kiosk.ui.view_model import ScreenViewModel
from kiosk.ui.visit.capture import CaptureViewModel
from kiosk.ui.visit.form import FieldsViewModel, ReviewViewModel, SignatureViewModel
from kiosk.ui.visit.guide import GuideViewModel
from kiosk.ui.visit.handover import FarewellViewModel, HandoverViewModel, RatingViewModel
from kiosk.ui.visit.identify import IdentifyViewModel
from kiosk.ui.visit.items import ChooseItemViewModel

Maker = Callable[..., ScreenViewModel]
"""Called as ``maker(commands, language, parent)``."""


def screen_file(screen: Screen) -> str:
    """``choose_item`` → ``ChooseItemScreen.qml``."""
    return "".join(part.capitalize() for part in screen.value.split("_")) + "Screen.qml"


HOUSE: Mapping[Screen, Maker] = MappingProxyType(
    {
        Screen.STARTING: StartingViewModel,
        Screen.SETUP: SetupViewModel,
        Screen.SIGN_ON: SignOnViewModel,
        Screen.HOME: HomeViewModel,
        Screen.TODO: TodoViewModel,
        Screen.REPRINT: ReprintViewModel,
        Screen.TECHNICIAN: TechnicianViewModel,
        Screen.DEVICE_SET_UP: DeviceSetUpViewModel,
    }
)

# The steps of a visit: their view models stand in kiosk/ui/visit.
VISIT: Mapping[Screen, Maker] = MappingProxyType(
    {
        Screen.IDENTIFY: IdentifyViewModel,
        Screen.CHOOSE_ITEM: ChooseItemViewModel,
        Screen.GUIDE: GuideViewModel,
        Screen.APPLICANT: IdentifyViewModel,
        Screen.CAPTURE: CaptureViewModel,
        Screen.FIELDS: FieldsViewModel,
        Screen.REVIEW: ReviewViewModel,
        Screen.SIGNATURE: SignatureViewModel,
        Screen.SUBMIT: HandoverViewModel,
        Screen.WAITING: HandoverViewModel,
        Screen.RECEIPT: HandoverViewModel,
        Screen.RATING: RatingViewModel,
        Screen.FAREWELL: FarewellViewModel,
    }
)

VIEW_MODELS: Mapping[Screen, Maker] = MappingProxyType({**HOUSE, **VISIT})
