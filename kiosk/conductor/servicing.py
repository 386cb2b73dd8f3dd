"""Help from afar: the support bundle, and recordings of what goes over a device's wire.

A recording never meets a resident: it is refused while a visit is on and ends when one begins, when the screen is
left, and at sign-off.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from drivers.driver import DeviceKind
from kiosk.conductor.core import Core
from kiosk.conductor.snapshot import ServiceView

log = logging.getLogger(__name__)


class BundleFailed(Exception):
    """No bundle; ``reason`` in the system's words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ServiceEnd(Protocol):
    """What the station gives; everything blocks."""

    def bundle(self) -> tuple[bool, str]:
        """Whether it went to a stick, and the file's name. Raises ``BundleFailed``."""

    def record(self, kind: DeviceKind, ended: Callable[[], None]) -> None:
        """Raises ``OSError``. ``ended`` is called from any thread when it ends by itself."""

    def stop_recording(self, kind: DeviceKind) -> None: ...
    def recordings(self) -> Sequence[tuple[str, str, int]]:
        """File name, kind, kilobytes; newest first."""

    def delete(self, name: str) -> None: ...


class Servicing:
    """Engine thread."""

    def __init__(
        self,
        core: Core,
        end: ServiceEnd | None,
        allowed: Callable[[], bool],
        audit: Callable[[str, str, str], None],
    ) -> None:
        self._core = core
        self._end = end
        self._allowed = allowed
        self._audit = audit
        self._bundling = False
        self._recording: tuple[DeviceKind, ...] = ()
        self._recordings: tuple[tuple[str, str, int], ...] = ()

    @property
    def view(self) -> ServiceView:
        allowed = self._end is not None and self._allowed()
        return ServiceView(allowed, self._bundling, self._recording, self._recordings if allowed else ())

    async def enter(self) -> None:
        """The screen is shown."""
        if self._end is not None and self._allowed():
            self._recordings = tuple(await self._core.keep(self._end.recordings))

    # -- the bundle ----------------------------------------------------------------------------------------------------

    async def make_bundle(self) -> None:
        if self._end is None or not self._allowed() or self._bundling:
            return
        self._bundling = True
        self._core.changed()
        self._audit("support_bundle", "", "begun")
        self._core.beside("support bundle", self._bundle(self._end))

    async def _bundle(self, end: ServiceEnd) -> None:
        code, name, reason = "support.not_written", "", ""
        try:
            stick, name = await self._core.ask(end.bundle)
            code = "support.written_to_stick" if stick else "support.written_here"
        except BundleFailed as error:
            reason = error.reason
        finally:
            self._core.post("bundle ended", self._bundled, code, name, reason)

    async def _bundled(self, code: str, name: str, reason: str) -> None:
        self._bundling = False
        self._core.say("info" if name else "warning", code, file=name, reason=reason)

    # -- recordings ----------------------------------------------------------------------------------------------------

    async def record(self, kind: DeviceKind, *, visit: bool) -> None:
        """Begin; with a visit on it is refused with a word."""
        if self._end is None or not self._allowed() or kind in self._recording:
            return
        if visit:
            self._core.say("warning", "support.not_during_a_visit")
            return
        try:
            await self._core.keep(self._end.record, kind, lambda: self._core.post("recording ended", self._ended, kind))
        except OSError as error:
            log.error("no recording of %s: %s", kind, error.strerror)
            self._core.say("warning", "support.not_recorded")
            return
        self._audit("record_device", str(kind), "begun")
        self._recording = (*self._recording, kind)
        self._core.changed()

    async def stop(self, *kinds: DeviceKind) -> None:
        """End these recordings, or all."""
        for kind in kinds or self._recording:
            if self._end is not None and kind in self._recording:
                await self._core.keep(self._end.stop_recording, kind)
                self._audit("record_device", str(kind), "ended")
                await self._ended(kind)

    async def _ended(self, kind: DeviceKind) -> None:
        self._recording = tuple(one for one in self._recording if one is not kind)
        await self.enter()
        self._core.changed()

    async def delete(self, name: str) -> None:
        if self._end is not None and self._allowed():
            await self._core.keep(self._end.delete, name)
            self._audit("delete_recording", name, "ok")
            await self.enter()
            self._core.changed()
