"""The checks of the station beside its devices: disk, memory, fonts, catalogue, outbox, and the way to the centre."""

from __future__ import annotations

import asyncio
import math
import shutil
import socket
import ssl
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from kiosk.centre.client import CentreClient, CentreError, CentreRefused
from kiosk.outbox.store import Outbox
from kiosk.receipts.fonts import FontChain, FontsMissing
from kiosk.receipts.slip import RARE_CHARACTERS
from kiosk.selftest.limits import Limits
from kiosk.selftest.report import Line, SelfTestKind, StepState
from kiosk.settings import Settings

Check = Callable[[], Awaitable[Line]]

MEGABYTE = 2**20
MEMORY_FILE = Path("/proc/meminfo")
CLOCK_SAMPLES = 5
CERTIFICATE_SECONDS = 8.0
FIRST_PIECE = 64 * 1024
"""Sent before the whole: a line that needs seconds for this is slow enough to be known by it."""
SLOW_PIECE_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class StationParts:
    """What the checks look at.

    Attributes:
        catalogue_code: Why the catalogue is not the one that was asked for, "" when it is.
        now: The station's clock, UTC.
    """

    settings: Settings
    outbox: Outbox
    centre: CentreClient
    catalogue_version: str
    catalogue_date: str
    catalogue_code: str
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


class StationChecks:
    """The checks by name, for one run. On one event loop; what blocks runs on its worker threads."""

    def __init__(self, parts: StationParts, kind: SelfTestKind, limits: Limits) -> None:
        self._parts = parts
        self._settings = parts.settings
        self._kind = kind
        self._limits = limits
        self._centre_answers: asyncio.Future[bool] | None = None

    def checks(self) -> dict[str, Check]:
        """All of them, in the order of the report."""
        self._centre_answers = asyncio.get_running_loop().create_future()
        return {
            "centre": self._centre,
            "clock": self._clock,
            "network": self._network,
            "certificate": self._certificate,
            "outbox": self._outbox,
            "disk": self._disk,
            "memory": self._memory,
            "fonts": self._fonts,
            "catalogue": self._catalogue,
        }

    # -- the way to the centre -----------------------------------------------------------------------------------

    async def _centre(self) -> Line:
        assert self._centre_answers is not None
        answers = False
        try:
            await asyncio.to_thread(self._parts.centre.server_time)
            answers = True
        except CentreError as error:
            return Line("centre", StepState.FAILED, error.code, error.detail)
        finally:
            if not self._centre_answers.done():
                self._centre_answers.set_result(answers)
        return Line("centre", StepState.PASSED, "selftest.centre")

    async def _needs_centre(self, check: str) -> Line | None:
        """The line of a check that cannot be made because the centre does not answer; None when it does."""
        assert self._centre_answers is not None
        if await asyncio.shield(self._centre_answers):
            return None
        return Line(check, StepState.NOT_POSSIBLE, "selftest.needs_centre")

    async def _clock(self) -> Line:
        if line := await self._needs_centre("clock"):
            return line
        try:
            offset, doubt = await asyncio.to_thread(self._clock_offset)
        except CentreError as error:
            return Line("clock", StepState.FAILED, error.code, error.detail)
        measured = {"offset_seconds": offset, "doubt_seconds": doubt}
        wrong = abs(offset) - doubt > self._limits.clock_seconds
        return Line(
            "clock",
            StepState.FAILED if wrong else StepState.PASSED,
            "selftest.clock_wrong" if wrong else "selftest.clock",
            {"seconds": round(abs(offset), 1) if abs(offset) < 100 else round(abs(offset))},
            measured,
        )

    def _clock_offset(self) -> tuple[float, float]:
        """Seconds by which this clock is ahead of the centre's, and by how much that may be wrong.

        The question with the shortest way there and back says most: half of it is taken off, and is the doubt.
        """
        best = (0.0, math.inf)
        lost: CentreError | None = None
        for _ in range(CLOCK_SAMPLES):
            begun, asked_at = time.monotonic(), self._parts.now()
            try:
                there = self._parts.centre.ping()
            except CentreError as error:
                lost = error
                continue
            way = time.monotonic() - begun
            if way < best[1]:
                best = ((asked_at - there).total_seconds() + way / 2, way)
        if lost is not None and best[1] == math.inf:
            raise lost
        return best[0], best[1] / 2

    async def _network(self) -> Line:
        if line := await self._needs_centre("network"):
            return line
        times, lost = await asyncio.to_thread(self._requests)
        asked = len(times) + lost
        measured = {"lost": lost / asked, "requests": float(asked)}
        detail: dict[str, str | int | float] = {"lost": round(100 * lost / asked)}
        if times:
            measured["milliseconds"] = statistics.median(times) * 1000
            detail["milliseconds"] = round(measured["milliseconds"])
        if not times or lost / asked > self._limits.most_lost:
            return Line("network", StepState.FAILED, "selftest.network_loses", detail, measured)
        if measured["milliseconds"] > self._limits.slowest_request * 1000:
            return Line("network", StepState.FAILED, "selftest.network_late", detail, measured)
        if self._kind is SelfTestKind.QUICK:
            return Line("network", StepState.PASSED, "selftest.network", detail, measured)
        try:
            up, down = await asyncio.to_thread(self._speed)
        except CentreRefused:  # a centre that does not know the question
            return Line("network", StepState.PASSED, "selftest.network", detail, measured)
        except CentreError as error:
            return Line("network", StepState.FAILED, error.code, error.detail, measured)
        measured |= {"megabits_up": up, "megabits_down": down}
        detail |= {"up": _short(up), "down": _short(down)}
        slow = min(up, down) < self._limits.least_megabits
        state = StepState.FAILED if slow else StepState.PASSED
        return Line("network", state, "selftest.network_slow" if slow else "selftest.network_speed", detail, measured)

    def _requests(self) -> tuple[list[float], int]:
        times: list[float] = []
        lost = 0
        until = time.monotonic() + self._limits.request_seconds
        for _ in range(self._limits.request_count):
            begun = time.monotonic()
            try:
                self._parts.centre.ping()
            except CentreError:
                lost += 1
            else:
                times.append(time.monotonic() - begun)
            if time.monotonic() > until:
                break
        return times, lost

    def _speed(self) -> tuple[float, float]:
        """Megabits a second up and down."""
        centre, whole = self._parts.centre, self._limits.speed_bytes
        rates = []
        for move in (centre.send_for_speed, centre.fetch_for_speed):
            size, begun = FIRST_PIECE, time.monotonic()
            move(size)
            seconds = time.monotonic() - begun
            if seconds < SLOW_PIECE_SECONDS:
                size, begun = whole, time.monotonic()
                move(size)
                seconds = time.monotonic() - begun
            rates.append(size * 8 / 1e6 / max(seconds, 1e-6))
        return rates[0], rates[1]

    async def _certificate(self) -> Line:
        parts = urlsplit(self._settings.centre.url)
        if parts.scheme != "https":
            return Line("certificate", StepState.NOT_POSSIBLE, "selftest.no_certificate")
        ca = self._settings.centre.ca_file
        try:
            ends = await asyncio.to_thread(_certificate_end, str(parts.hostname), parts.port or 443, ca)
        except ssl.SSLCertVerificationError as error:
            expired = "expired" in str(error.verify_message)
            code = "selftest.certificate_expired" if expired else "selftest.certificate_untrusted"
            return Line("certificate", StepState.FAILED, code)
        except (OSError, ValueError):
            return Line("certificate", StepState.NOT_POSSIBLE, "selftest.needs_centre")
        days = (ends - datetime.now(UTC)).total_seconds() / 86400
        soon = days < self._limits.certificate_days
        return Line(
            "certificate",
            StepState.FAILED if soon else StepState.PASSED,
            "selftest.certificate_ends" if soon else "selftest.certificate",
            {"days": math.floor(days), "date": f"{ends:%Y-%m-%d}"},
            {"days": days},
        )

    # -- the station itself --------------------------------------------------------------------------------------

    async def _outbox(self) -> Line:
        counts = await asyncio.to_thread(self._parts.outbox.summary)
        cases = await asyncio.to_thread(self._parts.outbox.cases)
        now = self._parts.now()
        ages = [
            (now - case.committed_at).total_seconds() / 3600
            for case in cases
            if case.committed_at is not None and case.delivered_at is None
        ]
        oldest = max(0.0, max(ages, default=0.0))
        waiting = counts.waiting + counts.sending
        detail: dict[str, str | int | float] = {
            "waiting": waiting,
            "blocked": counts.blocked,
            "hours": round(oldest, 1) if oldest < 10 else round(oldest),
        }
        measured = {"waiting": float(waiting), "blocked": float(counts.blocked), "oldest_hours": oldest}
        if counts.blocked:
            return Line("outbox", StepState.FAILED, "selftest.outbox_blocked", detail, measured)
        if oldest > self._limits.outbox_hours:
            return Line("outbox", StepState.FAILED, "selftest.outbox_old", detail, measured)
        code = "selftest.outbox_waits" if waiting else "selftest.outbox"
        return Line("outbox", StepState.PASSED, code, detail, measured)

    async def _disk(self) -> Line:
        reserve = self._settings.outbox.reserve_mb
        try:
            free = shutil.disk_usage(self._settings.station.data).free // MEGABYTE
        except OSError:
            return Line("disk", StepState.FAILED, "selftest.disk_unreadable")
        low = free < reserve
        return Line(
            "disk",
            StepState.FAILED if low else StepState.PASSED,
            "selftest.disk_low" if low else "selftest.disk",
            {"free_mb": free, "reserve_mb": reserve},
            {"free_mb": float(free)},
        )

    async def _memory(self) -> Line:
        free = available_memory_mb()
        if free is None:
            return Line("memory", StepState.NOT_POSSIBLE, "selftest.memory_unknown")
        low = free < self._limits.least_memory_mb
        return Line(
            "memory",
            StepState.FAILED if low else StepState.PASSED,
            "selftest.memory_low" if low else "selftest.memory",
            {"free_mb": free, "needed_mb": self._limits.least_memory_mb},
            {"free_mb": float(free)},
        )

    async def _fonts(self) -> Line:
        try:
            missing = await asyncio.to_thread(_missing_characters)
        except FontsMissing:
            return Line("fonts", StepState.FAILED, "selftest.no_fonts")
        if missing:
            return Line("fonts", StepState.FAILED, "selftest.rare_missing", {"characters": missing})
        return Line("fonts", StepState.PASSED, "selftest.fonts")

    async def _catalogue(self) -> Line:
        parts = self._parts
        detail = {"version": parts.catalogue_version, "date": parts.catalogue_date}
        state = StepState.FAILED if parts.catalogue_code else StepState.PASSED
        return Line("catalogue", state, parts.catalogue_code or "selftest.catalogue", detail)


def available_memory_mb(source: Path = MEMORY_FILE) -> int | None:
    """Megabytes that programs can still get without swapping; None where the system does not tell."""
    try:
        text = source.read_text(encoding="ascii")
    except OSError:
        return None
    for row in text.splitlines():
        name, _, value = row.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) // 1024
    return None


def _missing_characters() -> str:
    fonts = FontChain(bold=False)
    return "".join(c for c in RARE_CHARACTERS if not c.isspace() and fonts.font_of(c) is None)


def _certificate_end(host: str, port: int, ca: Path | None) -> datetime:
    """When the certificate ends that the centre shows, which is checked like every other time.

    Raises:
        ssl.SSLCertVerificationError: it is not to be trusted.
        OSError, ValueError: nobody answers, or no certificate comes.
    """
    context = ssl.create_default_context(cafile=str(ca) if ca else None)
    with (
        socket.create_connection((host, port), CERTIFICATE_SECONDS) as line,
        context.wrap_socket(line, server_hostname=host) as secured,
    ):
        shown = secured.getpeercert()
    ends = (shown or {}).get("notAfter")
    if not isinstance(ends, str):
        raise ValueError("no certificate")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)


def _short(megabits: float) -> float:
    return round(megabits, 2) if megabits < 10 else round(megabits)
