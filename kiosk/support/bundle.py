"""The support bundle: one zip file with everything a distant technician needs, and a list of what is in it.

Every part is made by a function that names what may leave; nothing is copied from the data folder as it is.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import logging
import os
import platform
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drivers.discovery import discover
from drivers.driver import DeviceStatus
from kiosk import __version__
from kiosk.disk import sync_folder
from kiosk.outbox.errors import OutboxError
from kiosk.outbox.listing import list_cases
from kiosk.places import LOG_FOLDER, OUTBOX_FOLDER
from kiosk.settings import Settings
from kiosk.support.excerpt import excerpt, without_secrets
from kiosk.support.log_lines import fit_to_leave

log = logging.getLogger(__name__)

LOG_BYTES = 2_000_000
"""Of the newest log, before it is thinned out; a week of an ordinary station."""

RELEASE = Path("/etc/os-release")
RELEASE_KEYS = ("ID", "VERSION_ID", "PRETTY_NAME")
DISPLAY_KEYS = ("XDG_SESSION_TYPE", "QT_QPA_PLATFORM", "QT_QUICK_BACKEND")
MEMORY_KEYS = ("MemTotal", "MemAvailable", "SwapTotal", "SwapFree")


class BundleError(Exception):
    """The bundle could not be written. ``code`` is a key of the words, ``detail`` for them."""

    def __init__(self, code: str, **detail: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.detail: Mapping[str, str | int] = detail


def bundle_name(station_id: str, at: datetime) -> str:
    return f"doorstep-support-{station_id}-{at:%Y%m%d-%H%M%S}.zip"


def write_bundle(
    to: Path,
    settings: Settings,
    *,
    statuses: Sequence[DeviceStatus] = (),
    self_tests: Sequence[Mapping[str, Any]] = (),
    progress: Callable[[str], None] = lambda part: None,
) -> Path:
    """Write the bundle, whole or not at all. Blocking, some seconds; not on the engine thread.

    Args:
        to: The file, or a folder in which it gets its usual name.
        settings: Of this station.
        statuses: What the running drivers say; empty when the station does not run in this process.
        self_tests: Kept reports, newest first, as plain data of ``SelfTestReport``.
        progress: Called with the name of each part as it begins.

    Returns:
        Where it lies.

    Raises:
        BundleError: ``support.not_written``.
    """
    now = datetime.now(UTC)
    target = to / bundle_name(settings.station.id, now) if to.is_dir() else to
    makers: dict[str, Callable[[], bytes]] = {
        "settings.json": lambda: _json(excerpt(settings)),
        "devices.json": lambda: _json(_devices(statuses)),
        "self-tests.json": lambda: _json(list(self_tests)),
        "outbox.json": lambda: _json(_outbox(settings.station.data / OUTBOX_FOLDER)),
        "versions.json": lambda: _json(_versions()),
        "machine.json": lambda: _json(_machine(settings.station.data)),
        "log.txt": lambda: "\n".join(_log(settings.station.data / LOG_FOLDER)).encode(),
    }
    parts: dict[str, bytes] = {}
    for name, make in makers.items():
        progress(name)
        try:
            parts[name] = make()
        except Exception as error:  # what is broken is why a bundle is wanted: the other parts still tell
            log.warning("support bundle: no %s: %s", name, type(error).__name__)
            parts[name] = _json({"error": type(error).__name__})
    manifest = {
        "program": __version__,
        "station": settings.station.id,
        "made_at": now.isoformat(timespec="seconds"),
        "files": {
            name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in parts.items()
        },
    }
    unfinished = target.with_name(f".{target.name}.part")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, data in {"manifest.json": _json(manifest), **parts}.items():
                    archive.writestr(name, data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, target)
        sync_folder(target.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise BundleError("support.not_written", reason=error.strerror or type(error).__name__) from None
    return target


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=2, default=str).encode()


def _devices(statuses: Sequence[DeviceStatus]) -> dict[str, Any]:
    found = discover()
    return {
        "running": [
            {
                "kind": str(status.kind),
                "state": str(status.state),
                "code": status.code,
                "identity": status.identity,
                "detail": {key: without_place(value) for key, value in status.detail.items()},
            }
            for status in statuses
        ],
        "plugged_in": [
            {
                "kinds": [str(kind) for kind in one.kinds],
                "connection": without_secrets(one.connection) if one.connection else "",
                "name": one.name,
                "identity": one.identity,
                "ambiguous": one.ambiguous,
            }
            for one in found.devices
        ],
        "notes": [{"code": note.code, "detail": dict(note.detail)} for note in found.notes],
    }


def without_place(value: str | int | float) -> str | int | float:
    """A value of a device's detail; a web address loses its user name and query."""
    return without_secrets(value) if isinstance(value, str) and "://" in value else value


def _outbox(folder: Path) -> dict[str, Any]:
    """How much waits, how long, and why; nothing about whom."""
    try:
        cases = list_cases(folder)
    except OutboxError as error:
        return {"error": error.code}
    stages: dict[str, int] = {}
    codes: dict[str, int] = {}
    for case in cases:
        stages[str(case.stage)] = stages.get(str(case.stage), 0) + 1
        if case.code:
            codes[case.code] = codes.get(case.code, 0) + 1
    oldest = min((case.begun_at for case in cases), default=None)
    return {"stages": stages, "codes": codes, "oldest": oldest.isoformat(timespec="minutes") if oldest else None}


def _versions() -> dict[str, Any]:
    packages = {found.metadata["Name"]: found.version for found in importlib.metadata.distributions()}
    return {
        "doorstep": __version__,
        "python": sys.version.split()[0],
        "packages": dict(sorted(packages.items(), key=lambda item: item[0].lower())),
    }


def _machine(data: Path) -> dict[str, Any]:
    release = dict(_pairs(RELEASE, "="))
    memory = dict(_pairs(Path("/proc/meminfo"), ":"))
    disk = shutil.disk_usage(data) if data.exists() else None
    return {
        "system": platform.system(),
        "kernel": platform.release(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "release": {key: release[key].strip('"') for key in RELEASE_KEYS if key in release},
        "memory": {key: memory[key].strip() for key in MEMORY_KEYS if key in memory},
        "disk": {"total": disk.total, "free": disk.free} if disk else None,
        "display": {key: os.environ.get(key, "") for key in DISPLAY_KEYS},
    }


def _pairs(path: Path, between: str) -> Iterator[tuple[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):  # another system than Linux
        return
    for line in lines:
        key, found, value = line.partition(between)
        if found:
            yield key, value


def _log(folder: Path) -> Iterator[str]:
    """The newest lines of the log's files, oldest first, thinned out."""
    try:
        files = sorted(folder.glob("kiosk.log*"), key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return
    newest: list[str] = []
    left = LOG_BYTES
    for path in files:
        if left <= 0:
            break
        try:
            data = path.read_bytes()[-left:]
        except OSError:
            continue
        left -= len(data)
        newest = [*data.decode("utf-8", "replace").splitlines(), *newest]
    yield from fit_to_leave(newest)
