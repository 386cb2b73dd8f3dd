"""The centre with a certificate of its own, as a program; stations that trust it and one that does not."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kiosk.centre.client import CentreClient, CentreError, CentreUnreachable
from kiosk.centre.live import LiveChannel
from kiosk.centre.server.setup import prepare, register_station
from tests.centre.conftest import wait_for

ROOT = Path(__file__).parent.parent.parent
STATION = "station-tls"


@dataclass
class TlsCentre:
    url: str
    token: str
    certificate: Path


def make_certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sample centre")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "centre.pem", folder / "centre.key"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return pem, secret


@pytest.fixture
def tls_centre(tmp_path: Path) -> Iterator[TlsCentre]:
    pem, secret = make_certificate(tmp_path)
    data = tmp_path / "centre"
    prepare(data)
    token = register_station(data, STATION, "示例站")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serve = ["centre", "serve", "--data", data, "--port", str(port), "--certificate", pem, "--key", secret]
    program = subprocess.Popen([sys.executable, "-m", "kiosk", *serve], cwd=ROOT, stderr=subprocess.DEVNULL)
    made = TlsCentre(f"https://127.0.0.1:{port}", token, pem)

    def answers() -> bool:
        assert program.poll() is None, "the centre ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_for(answers)
        yield made
    finally:
        program.terminate()
        program.wait(20)


async def test_a_station_that_trusts_the_certificate_reaches_the_centre_both_ways(tls_centre: TlsCentre) -> None:
    client = CentreClient(tls_centre.url, STATION, tls_centre.token, ca=str(tls_centre.certificate))
    try:
        assert abs(await asyncio.to_thread(client.server_time) - datetime.now(UTC)) < timedelta(minutes=10)
    finally:
        client.close()
    up = asyncio.Event()
    live = LiveChannel(
        tls_centre.url,
        STATION,
        tls_centre.token,
        lambda: 0,
        lambda event: None,
        lambda online: up.set() if online else None,
        ca=str(tls_centre.certificate),
    )
    running = asyncio.create_task(live.run())
    try:
        await asyncio.wait_for(up.wait(), 20)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def test_a_station_that_does_not_trust_it_sends_nothing(tls_centre: TlsCentre) -> None:
    client = CentreClient(tls_centre.url, STATION, tls_centre.token)
    try:
        with pytest.raises(CentreError) as caught:
            client.server_time()
        assert isinstance(caught.value, CentreUnreachable)
    finally:
        client.close()
