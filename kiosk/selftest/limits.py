"""What a station must reach, as data: one place, each number with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Times in seconds, lengths in millimetres on the slip, levels from 0 to 255.

    Attributes:
        answer_seconds: A device may take so long to be ready: opening, its first answer, one retry.
        print_seconds: From sending the slip to "printed".
        hand_seconds: From the slip being out to the last piece having seen it: all pieces together, a walk of a few
            steps with some searching, and still a whole test under a minute.
        settle_seconds: A camera that sees the slip may take so long to find focus and exposure.
        card_seconds: So long the card module is listened to for a card that lies there already.
        quick_frames: Pictures that a camera must give one after another.

        least_dots_per_inch: 12 pixels for the strokes of a 3 mm character, the smallest that is set in forms; a
            document camera of 2 megapixels with A4 in view reaches it, a webcam put in its place does not.
        finest_line: Strokes and gaps of printed Chinese of 10 point are 0.3 to 0.5 mm.
        longest_edge: A clean edge may be blurred over twice such a stroke before strokes run together.
        most_tilt: Scale may vary so much over the picture; the perspective of an arm that stands askew within reason
            is 0.2, and straightening makes up for it; beyond 0.5 the far side loses a third of its dots.
        least_white: Paper darker than this is drowned in the sensor's noise: the lamp is off.
        most_white: Paper brighter than this has no structure left.
        least_contrast: Between paper and print.
        least_evenness: Darkest over brightest paper within a hand's width; a shadow or a lamp's mirror image.
        least_rate: Pictures a second below which a page is not seen to lie still.

        clock_seconds: One-time codes live for a minute or two, and receipts carry the time.
        request_count: Small requests, one after another.
        request_seconds: All of them together; a line so slow is measured by those that came back.
        most_lost: Part of them that may fail; what TCP does not repair in time is a bad line.
        slowest_request: Median; every touch that asks the centre waits for it.
        speed_bytes: Each way; the size of one page.
        least_megabits: Upwards; a page of 1 MB takes half a minute at a quarter.
        certificate_days: Enough to have a new one made and brought.
        outbox_hours: What waits longer was not a night without network.
        least_memory_mb: Two cameras, a page of 13 megapixels in work, and the program itself.
    """

    answer_seconds: float = 12.0
    print_seconds: float = 20.0
    hand_seconds: float = 40.0
    settle_seconds: float = 6.0
    card_seconds: float = 1.5
    quick_frames: int = 5

    least_dots_per_inch: float = 100.0
    finest_line: float = 0.5
    longest_edge: float = 0.9
    most_tilt: float = 0.5
    least_white: float = 110.0
    most_white: float = 252.0
    least_contrast: float = 70.0
    least_evenness: float = 0.6
    least_rate: float = 2.0

    clock_seconds: float = 60.0
    request_count: int = 10
    request_seconds: float = 12.0
    most_lost: float = 0.2
    slowest_request: float = 1.5
    speed_bytes: int = 1_000_000
    least_megabits: float = 0.25
    certificate_days: float = 14.0
    outbox_hours: float = 24.0
    least_memory_mb: int = 300


LIMITS = Limits()
