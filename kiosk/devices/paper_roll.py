"""How much paper is left on the printer's roll: counted from what was printed, corrected by the printer's sensors.

An estimate and never more: it warns, and stops nothing. Pure; the caller keeps the value on disk.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

NEAR_END_MM = 3000.0
"""What is left when a near-end sensor begins to tell. Makers let it be set, about 1 to 5 m; not confirmed for one."""

LOW_MM = 3000.0
"""From here on a counted roll is called nearly used up: about fifteen receipts."""

PAPER_END = "receipt_printer.paper_end"
NEAR_END = "receipt_printer.near_end"
COVER_OPEN = "receipt_printer.cover_open"


@dataclass(frozen=True, slots=True)
class PaperRoll:
    """What is known of the roll in the printer.

    Attributes:
        used_mm: Printed and fed since it was put in.
        near_end_at_mm: ``used_mm`` when the printer began to report the near end; None while it does not.
        has_sensor: This printer has reported a near end, so its silence about it means something; until a roll ends
            without one.
        ended: It reported the paper's end, and has not printed since.
        opened: Its cover was open since it last was ready.
    """

    used_mm: float = 0.0
    near_end_at_mm: float | None = None
    has_sensor: bool = False
    ended: bool = False
    opened: bool = False

    def printed(self, millimetres: float) -> PaperRoll:
        return replace(self, used_mm=self.used_mm + max(0.0, millimetres))

    def renewed(self) -> PaperRoll:
        """A full roll was put in."""
        return PaperRoll(has_sensor=self.has_sensor)

    def heard(self, code: str, *, ready: bool) -> PaperRoll:
        """What the printer says: ``code`` of its state, and whether it is ready to print.

        Paper after its end is a new roll; so is a near end that is gone after the cover was open.
        """
        if not ready:
            ends = code == PAPER_END
            has_sensor = self.has_sensor and not (ends and self.near_end_at_mm is None)  # it said nothing before
            opened = self.opened or code == COVER_OPEN
            return replace(self, ended=self.ended or ends, opened=opened, has_sensor=has_sensor)
        roll = self
        if roll.ended or (roll.near_end_at_mm is not None and roll.opened and code != NEAR_END):
            roll = roll.renewed()
        if code != NEAR_END:
            return replace(roll, near_end_at_mm=None, opened=False)
        at = roll.used_mm if roll.near_end_at_mm is None else roll.near_end_at_mm
        return replace(roll, near_end_at_mm=at, has_sensor=True, opened=False)

    def left_mm(self, full_mm: float) -> float:
        """An estimate, at least 0; after the near end was reported it counts from there."""
        if self.near_end_at_mm is not None:
            return max(0.0, NEAR_END_MM - (self.used_mm - self.near_end_at_mm))
        return max(0.0, full_mm - self.used_mm)

    def low(self, full_mm: float) -> bool:
        """The sensor decides where there is one."""
        if self.near_end_at_mm is not None:
            return True
        return not self.has_sensor and self.left_mm(full_mm) <= LOW_MM

    def to_text(self) -> str:
        return json.dumps(asdict(self))


def roll_from_text(text: str) -> PaperRoll:
    """What ``to_text`` gave; a fresh roll for anything else, for a wrong estimate does no harm."""
    try:
        known = json.loads(text)
        roll = PaperRoll(**known)
        numbers = (roll.used_mm, roll.near_end_at_mm or 0.0)
        return roll if all(isinstance(one, int | float) and 0 <= one < 1e9 for one in numbers) else PaperRoll()
    except (ValueError, TypeError, RecursionError):
        return PaperRoll()
