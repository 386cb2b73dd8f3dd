"""The webcam facing the resident: the call, and codes held up on a phone."""

from __future__ import annotations

from drivers.camera import NOTHING_SET, Camera, CameraSetUp, Standby
from drivers.camera_health import HealthRules
from drivers.camera_modes import WEBCAM_RULE
from drivers.camera_watch import WatchRules
from drivers.driver import DeviceKind, Listener
from drivers.transport.address import Address

WIDTH, HEIGHT, FPS = 1280, 720, 15.0
STANDBY = Standby(after=3.0, every=2.0)
WATCH = WatchRules(health=HealthRules(paper=False))


class Webcam(Camera):
    """The camera facing the resident. Between uses it is looked at just often enough to know that it works."""

    def __init__(
        self,
        address: Address,
        listener: Listener,
        *,
        width: int = WIDTH,
        height: int = HEIGHT,
        fps: float = FPS,
        standby: Standby = STANDBY,
        watch: WatchRules = WATCH,
        set_up: CameraSetUp = NOTHING_SET,
    ) -> None:
        super().__init__(
            DeviceKind.WEBCAM,
            address,
            listener,
            width=width,
            height=height,
            fps=fps,
            standby=standby,
            rule=WEBCAM_RULE,
            watch=watch,
            set_up=set_up,
        )
