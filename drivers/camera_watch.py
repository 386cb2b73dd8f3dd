"""Watches over the pictures of one camera as they come: health, settling, and where it looks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from drivers.camera_health import (
    HealthJudge,
    HealthRules,
    Settling,
    SettlingRules,
    Trouble,
    View,
    look_copy,
    spots,
    view_of,
)
from drivers.camera_memory import CameraMemory


@dataclass(frozen=True, slots=True)
class WatchRules:
    """How a camera's pictures are watched.

    Attributes:
        health, settling: The judges' own rules.
        every: Seconds between pictures that are judged for health; all of them are for settling.
        compares_views: Learn where the camera looks while nobody works, and say when it looks elsewhere. Only for a
            camera that looks at the same thing all day.
        learn_seconds: How long a view must rest, with nobody working, to be learned as that of the set-up.
    """

    health: HealthRules = HealthRules()
    settling: SettlingRules = SettlingRules()
    every: float = 0.9
    compares_views: bool = False
    learn_seconds: float = 30.0


class CameraWatch:
    """The driver's thread feeds it; ``settled`` may be asked by others.

    Args:
        rules: How to watch.
        memory: Where views are kept; None = views are known until the program ends.
    """

    def __init__(self, rules: WatchRules = WatchRules(), memory: CameraMemory | None = None) -> None:
        self._rules = rules
        self._memory = memory
        self._judge = HealthJudge(rules.health)
        self._settling = Settling(rules.settling)
        self._camera = ""
        self._exempt = False
        self._view: View | None = None
        self._resting: tuple[View, float] | None = None
        self._packet: bytes | None = None
        self._spots: npt.NDArray[np.uint8] | None = None
        self._looked_at = float("-inf")

    def opened(self, camera: str, *, exempt: bool = False) -> None:
        """Another round of pictures begins; of ``exempt`` ones (a folder of pictures) nothing is judged."""
        if camera != self._camera:
            self._view = self._memory.view(camera) if self._memory is not None else None
        self._camera = camera
        self._exempt = exempt
        self._judge = HealthJudge(self._rules.health)
        self._settling.forget()
        self._resting = self._packet = self._spots = None
        self._looked_at = float("-inf")

    @property
    def trouble(self) -> Trouble | None:
        return self._judge.trouble

    @property
    def view(self) -> View | None:
        """Where this camera looked at set-up, None while that is not known. Any thread."""
        return self._view

    def packet(self, data: bytes, now: float) -> None:
        """A compressed picture came, decoded or not: two equal ones come from a stuck camera."""
        if not self._exempt:
            self._judge.same_picture(now, data == self._packet)
            self._packet = data

    def picture(self, image: MatLike, now: float, *, asleep: bool) -> Trouble | None:
        """A picture was decoded; ``asleep``: nobody looks. Gives what is wrong."""
        if self._exempt:
            return None
        if not asleep:
            self._settling.look(image, now)
        if now - self._looked_at < self._rules.every:
            return self._judge.trouble
        self._looked_at = now
        if self._packet is None:
            self._compare_noise(image, now)
        return self._judge.look(look_copy(image), now, agreement=self._compare_view(image, now, asleep))

    def _compare_noise(self, image: MatLike, now: float) -> None:
        present = np.concatenate([spot.ravel() for spot in spots(image)])
        self._judge.same_picture(now, self._spots is not None and np.array_equal(present, self._spots))
        self._spots = present

    def _compare_view(self, image: MatLike, now: float, asleep: bool) -> float | None:
        if not self._rules.compares_views or not (asleep or self._judge.trouble is Trouble.WRONG_WAY):
            self._resting = None
            return None
        present = view_of(image)
        if self._view is not None:
            return self._view.agreement(present)
        alike = self._resting[0].agreement(present) if self._resting is not None else None
        if alike is None or alike < 0.9 or self._judge.trouble is not None:
            self._resting = (present, now)
        elif self._resting is not None and now - self._resting[1] >= self._rules.learn_seconds:
            self.learn(image)
        return None

    def learn(self, image: MatLike) -> None:
        """This is what the camera should see when nothing lies on the mat."""
        self._view = view_of(image)
        if self._memory is not None:
            self._memory.keep_view(self._camera, self._view)

    def settled(self, since: float, now: float) -> bool:
        """Whether focus and exposure have come to rest after ``since``. Any thread."""
        return self._exempt or self._settling.settled(since, now)


def quick(rules: WatchRules, factor: float) -> WatchRules:
    """The same rules with every duration multiplied by ``factor``: for a demo and for tests."""
    health = rules.health
    shorter = replace(
        health,
        frozen_seconds=health.frozen_seconds * factor,
        black_seconds=health.black_seconds * factor,
        covered_seconds=health.covered_seconds * factor,
        wrong_way_seconds=health.wrong_way_seconds * factor,
        well_seconds=health.well_seconds * factor,
    )
    return replace(rules, health=shorter, every=rules.every * factor, learn_seconds=rules.learn_seconds * factor)
