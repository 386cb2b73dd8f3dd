"""What an ID card reader's security module (SAM_V) is to the driver, however it is reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from drivers.driver import DeviceError
from drivers.sam_v import Command, Reply


class LineError(DeviceError):
    """No answer, half an answer or a damaged one; the same command may be sent again."""


class SamModule(Protocol):
    """A module on a serial line (``sam_line``) or behind a maker's library (``vendor_library``). One thread's own."""

    @property
    def detail(self) -> Mapping[str, str | int | float]:
        """How it is reached, for the status; never personal."""

    def open(self) -> None:
        """Reach it; nothing is known of its answers yet, unless its speed had to be found out.

        Raises:
            DeviceError, OSError: it cannot be reached.
        """

    def close(self) -> None:
        """Let go of it; a dead one is closed as quietly as a living one."""

    def exchange(self, command: Command) -> Reply:
        """One command and an answer that can be its own.

        Raises:
            LineError: no answer, half an answer or a damaged one.
            DeviceLost: the handle is dead.
            DeviceError: the way to it is at fault and has to be opened anew.
        """

    def sam_number(self, reply: Reply) -> str:
        """The module's number in the good answer to ``Command.SAM_ID``, as it is printed on readers."""

    def must_confirm(self, doubts: tuple[str, ...]) -> bool:
        """Whether a text just read has to be read once more and be the same; ``doubts`` of ``id_card.doubts``.

        Raises:
            DeviceError: such a text cannot come from a card that was read rightly, and reading again would not help.
        """
