"""The document camera (高拍仪): a UVC camera looking down on the mat.

Makers' 5 and 8 megapixel models deliver MJPEG at 5 to 30 pictures a second; 10 a second at about 8 pixels a
millimetre are enough to see a page lie still, and leave the processor to the screen.
"""

from __future__ import annotations

from drivers.camera import NOTHING_SET, Camera, CameraSetUp, Standby
from drivers.camera_modes import DOCUMENT_RULE
from drivers.camera_watch import WatchRules
from drivers.driver import DeviceKind, Listener
from drivers.transport.address import Address

WIDTH, HEIGHT, FPS = 3264, 2448, 10.0
STANDBY = Standby(after=3.0, every=1.0)
WATCH = WatchRules(compares_views=True)


class DocumentCamera(Camera):
    """The camera over the mat. Looked at, it shows a page the moment it is laid down."""

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
            DeviceKind.DOCUMENT_CAMERA,
            address,
            listener,
            width=width,
            height=height,
            fps=fps,
            standby=standby,
            rule=DOCUMENT_RULE,
            watch=watch,
            set_up=set_up,
        )
