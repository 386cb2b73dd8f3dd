"""The checks of the station itself: each number is measured, each threshold holds, a missing centre is told once."""

from __future__ import annotations

import datetime as dates
import ipaddress
import shutil
import socket
import ssl
import threading
import time
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kiosk.centre.client import CentreError, CentreRefused, CentreUnreachable
from kiosk.demo import demo_settings
from kiosk.outbox.model import OutboxCounts
from kiosk.selftest.limits import LIMITS, Limits
from kiosk.selftest.report import Line, SelfTestKind, StepState
from kiosk.selftest.station_checks import StationChecks, StationParts, available_memory_mb
from kiosk.settings import CentreSection

PASSED, FAILED, NOT_POSSIBLE = StepState.PASSED, StepState.FAILED, StepState.NOT_POSSIBLE


@dataclass
class Centre:
    """A centre whose clock, way and losses are told by the test; ``delay`` in seconds really passes."""

    ahead: timedelta = timedelta()
    losses: Iterator[bool] | None = None
    refuses_speed: bool = False
    down: CentreError | None = None
    delay: float = 0.0
    moved: list[int] = field(default_factory=list)

    def server_time(self) -> datetime:
        if self.down is not None:
            raise self.down
        return datetime.now(UTC) + self.ahead

    def ping(self) -> datetime:
        if self.losses is not None and next(self.losses):
            raise CentreUnreachable("broken")
        time.sleep(self.delay)
        return self.server_time()

    def send_for_speed(self, size: int) -> None:
        if self.refuses_speed:
            raise CentreRefused("not_found", 404)
        self.moved.append(size)

    fetch_for_speed = send_for_speed


@dataclass
class Case:
    committed_at: datetime | None
    delivered_at: datetime | None = None


@dataclass
class Outbox:
    counts: OutboxCounts = field(default_factory=OutboxCounts)
    waiting: tuple[Case, ...] = ()

    def summary(self) -> OutboxCounts:
        return self.counts

    def cases(self) -> list[Case]:
        return list(self.waiting)


def parts(folder: Path, centre: Centre | None = None, outbox: Outbox | None = None, **more: object) -> StationParts:
    folder.joinpath("station").mkdir(exist_ok=True)
    values: dict[str, object] = {
        "settings": demo_settings(folder),
        "outbox": outbox or Outbox(),
        "centre": centre or Centre(),
        "catalogue_version": "2026.11",
        "catalogue_date": "2026-11-20",
        "catalogue_code": "",
        **more,
    }
    return StationParts(**values)  # type: ignore[arg-type]


async def run(of: StationParts, *names: str, limits: Limits = LIMITS, quick: bool = False) -> dict[str, Line]:
    kind = SelfTestKind.QUICK if quick else SelfTestKind.FULL
    checks = StationChecks(of, kind, limits).checks()
    return {name: await checks[name]() for name in names}


def said(lines: dict[str, Line]) -> dict[str, tuple[StepState, str]]:
    return {name: (line.state, line.code) for name, line in lines.items()}


async def test_a_healthy_station_passes(tmp_path: Path) -> None:
    centre = Centre()
    names = ("centre", "clock", "network", "certificate", "outbox", "disk", "memory", "fonts", "catalogue")
    lines = await run(parts(tmp_path, centre), *names)
    assert {line.state for line in lines.values()} == {PASSED, NOT_POSSIBLE}
    assert said(lines)["certificate"] == (NOT_POSSIBLE, "selftest.no_certificate")
    assert said(lines)["network"] == (PASSED, "selftest.network_speed")
    assert LIMITS.speed_bytes in centre.moved


async def test_without_a_centre_only_one_line_fails(tmp_path: Path) -> None:
    lines = await run(parts(tmp_path, Centre(down=CentreUnreachable("connect"))), "centre", "clock", "network")
    assert said(lines) == {
        "centre": (FAILED, "centre.unreachable"),
        "clock": (NOT_POSSIBLE, "selftest.needs_centre"),
        "network": (NOT_POSSIBLE, "selftest.needs_centre"),
    }


@pytest.mark.parametrize("seconds", [-3600, -61, 61, 100_000])
async def test_a_clock_that_is_off_is_told_by_how_much(tmp_path: Path, seconds: int) -> None:
    line = (await run(parts(tmp_path, Centre(ahead=timedelta(seconds=-seconds))), "centre", "clock"))["clock"]
    assert (line.state, line.code) == (FAILED, "selftest.clock_wrong")
    assert line.measured["offset_seconds"] == pytest.approx(seconds, abs=0.5)


async def test_a_slow_way_is_taken_off_the_clock_and_is_its_doubt(tmp_path: Path) -> None:
    line = (await run(parts(tmp_path, Centre(delay=0.05)), "centre", "clock"))["clock"]
    assert line.state is PASSED
    assert line.measured["doubt_seconds"] >= 0.025
    assert abs(line.measured["offset_seconds"]) <= line.measured["doubt_seconds"] + 0.02


async def test_a_clock_is_measured_by_the_questions_that_come_back(tmp_path: Path) -> None:
    losses = iter([True, False] * 20)
    assert said(await run(parts(tmp_path, Centre(losses=losses)), "centre", "clock"))["clock"][0] is PASSED
    all_lost = iter([True] * 20)
    ended = said(await run(parts(tmp_path, Centre(losses=all_lost)), "centre", "clock"))
    assert ended["clock"] == (FAILED, "centre.unreachable")


async def test_lost_requests_are_counted(tmp_path: Path) -> None:
    losses = iter([False, True] * 10)
    line = (await run(parts(tmp_path, Centre(losses=losses)), "centre", "network"))["network"]
    assert (line.state, line.code) == (FAILED, "selftest.network_loses")
    assert line.measured["lost"] == 0.5
    one = iter([True] + [False] * 20)
    assert said(await run(parts(tmp_path, Centre(losses=one)), "centre", "network"))["network"][0] is PASSED


async def test_late_answers_fail_and_a_thin_line_fails(tmp_path: Path) -> None:
    late = replace(LIMITS, slowest_request=0.001, request_count=3)
    lines = await run(parts(tmp_path, Centre(delay=0.01)), "centre", "network", limits=late)
    assert said(lines)["network"] == (FAILED, "selftest.network_late")
    thin = replace(LIMITS, least_megabits=1e12)
    lines = await run(parts(tmp_path), "centre", "network", limits=thin)
    assert said(lines)["network"] == (FAILED, "selftest.network_slow")


async def test_speed_is_not_asked_in_the_quick_test_nor_of_an_old_centre(tmp_path: Path) -> None:
    centre = Centre()
    lines = await run(parts(tmp_path, centre), "centre", "network", quick=True)
    assert said(lines)["network"] == (PASSED, "selftest.network")
    assert centre.moved == []
    lines = await run(parts(tmp_path, Centre(refuses_speed=True)), "centre", "network")
    assert said(lines)["network"] == (PASSED, "selftest.network")


async def test_what_waits_too_long_in_the_outbox_is_told(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    old, sent, draft = Case(now - timedelta(hours=30)), Case(now - timedelta(hours=90), now), Case(None)
    waiting = OutboxCounts(waiting=1)
    line = (await run(parts(tmp_path, outbox=Outbox(waiting, (old, sent, draft))), "outbox"))["outbox"]
    assert (line.state, line.code) == (FAILED, "selftest.outbox_old")
    assert line.measured["oldest_hours"] == pytest.approx(30, abs=0.1)
    fresh = Outbox(waiting, (Case(now - timedelta(hours=1)), sent))
    assert said(await run(parts(tmp_path, outbox=fresh), "outbox"))["outbox"] == (PASSED, "selftest.outbox_waits")
    stuck = Outbox(OutboxCounts(blocked=1))
    assert said(await run(parts(tmp_path, outbox=stuck), "outbox"))["outbox"] == (FAILED, "selftest.outbox_blocked")


async def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12, 63 * 2**20))
    assert said(await run(parts(tmp_path), "disk"))["disk"] == (FAILED, "selftest.disk_low")
    monkeypatch.undo()
    gone = parts(tmp_path)
    shutil.rmtree(tmp_path / "station")
    assert said(await run(gone, "disk"))["disk"] == (FAILED, "selftest.disk_unreadable")


def test_memory_is_what_programs_can_still_get(tmp_path: Path) -> None:
    file = tmp_path / "meminfo"
    file.write_text("MemTotal:  8000000 kB\nMemFree:  100000 kB\nMemAvailable:  2048000 kB\n", encoding="ascii")
    assert available_memory_mb(file) == 2000
    assert available_memory_mb(tmp_path / "none") is None
    file.write_text("MemTotal: 1 kB\n", encoding="ascii")
    assert available_memory_mb(file) is None


async def test_little_memory_fails(tmp_path: Path) -> None:
    line = (await run(parts(tmp_path), "memory", limits=replace(LIMITS, least_memory_mb=10**9)))["memory"]
    assert (line.state, line.code) in ((FAILED, "selftest.memory_low"), (NOT_POSSIBLE, "selftest.memory_unknown"))


async def test_a_catalogue_that_is_not_the_one_asked_for_fails(tmp_path: Path) -> None:
    lines = await run(parts(tmp_path, catalogue_code="catalogue.using_last_good"), "catalogue")
    assert said(lines)["catalogue"] == (FAILED, "catalogue.using_last_good")


# -- certificates --------------------------------------------------------------------------------------------------


def make_certificate(folder: Path, begins: float, ends: float) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself; days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sample centre")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=begins))
        .not_valid_after(now + timedelta(days=ends))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "centre.pem", folder / "centre.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return pem, secret


@contextmanager
def tls_server(pem: Path, secret: Path) -> Iterator[int]:
    """Shakes hands and hangs up, on the port it gives."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(line, server_side=True):
                    pass
            except OSError:
                line.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


@pytest.mark.parametrize(
    ("ends", "trusted", "expected"),
    [
        (200, True, (PASSED, "selftest.certificate")),
        (5, True, (FAILED, "selftest.certificate_ends")),
        (-1, True, (FAILED, "selftest.certificate_expired")),
        (200, False, (FAILED, "selftest.certificate_untrusted")),
    ],
)
async def test_the_certificate_is_looked_at(
    tmp_path: Path, ends: float, trusted: bool, expected: tuple[StepState, str]
) -> None:
    pem, secret = make_certificate(tmp_path, -30, ends)
    with tls_server(pem, secret) as port:
        centre = CentreSection(url=f"https://127.0.0.1:{port}", ca_file=pem if trusted else None)
        settings = demo_settings(tmp_path).model_copy(update={"centre": centre})
        line = (await run(parts(tmp_path, settings=settings), "certificate"))["certificate"]
    assert (line.state, line.code) == expected
    if line.measured:
        assert line.measured["days"] == pytest.approx(ends, abs=0.1)
        assert dates.date.fromisoformat(str(line.detail["date"]))


async def test_a_certificate_nobody_shows_is_not_possible(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = demo_settings(tmp_path).model_copy(update={"centre": CentreSection(url=f"https://127.0.0.1:{port}")})
    lines = await run(parts(tmp_path, settings=settings), "certificate")
    assert said(lines)["certificate"] == (NOT_POSSIBLE, "selftest.needs_centre")
