"""Writes changed connections into ``station.toml``: comments and order stay, the old file stays, power may fail.

What would be refused at the next start is refused here: the new text is read by ``load_settings`` before it takes the
old one's name. Until that rename the old file is untouched.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AbstractTable

from kiosk.disk import sync_folder
from kiosk.settings import Settings, SettingsError, load_settings

log = logging.getLogger(__name__)

KEPT_COPIES = 10
"""Old files beside the present one; the oldest go first."""

Changes = Mapping[str, Mapping[str, str | int | bool]]
"""Section → key → new value."""

_READ_ONLY = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class SettingsFileError(Exception):
    """The file was not changed.

    Attributes:
        code: A key of the words.
        detail: Where, and why.
    """

    def __init__(self, code: str, **detail: str) -> None:
        super().__init__(f"{code} {detail}")
        self.code = code
        self.detail = detail


def change_settings(path: Path, changes: Changes, now: Callable[[], datetime] = datetime.now) -> tuple[Settings, Path]:
    """Write new values into a settings file; blocking, any thread, one writer at a time.

    Returns:
        What the file says now, and where the old one is: ``station.toml.YYYYMMDD-HHMMSS`` in the same folder.

    Raises:
        SettingsFileError: ``set_up.no_file``, ``set_up.file_broken``, ``set_up.refused``, ``set_up.read_only``,
            ``set_up.disk_full`` or ``set_up.not_written``; the file is as it was.
    """
    path = path.resolve()  # a link stays one; its target is replaced
    text = _changed_text(path, changes)
    new: Path | None = None
    try:
        new = _write_beside(path, text)
        try:
            settings = load_settings(new)
        except SettingsError as error:
            reason = str(error).replace(str(new), path.name)
            raise SettingsFileError("set_up.refused", reason=reason) from None
        old = _keep_old(path, now())
        os.replace(new, path)
        new = None
        sync_folder(path.parent)
    except OSError as error:
        log.error("%s not written: %s", path, error.strerror)
        raise SettingsFileError(_code_of(error), path=str(path)) from None
    finally:
        if new is not None:
            with contextlib.suppress(OSError):
                new.unlink()
    _drop_oldest(path)
    log.info("%s written; the old one is %s", path, old.name)
    return settings, old


def write_new_settings(path: Path, settings: Settings) -> None:
    """Write settings that no file holds yet, such as the demo's.

    Raises:
        OSError: it cannot be written.
    """
    path.write_text(tomlkit.dumps(settings.model_dump(mode="json", exclude_none=True)), encoding="utf-8")


def _changed_text(path: Path, changes: Changes) -> str:
    try:
        document = tomlkit.parse(path.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        raise SettingsFileError("set_up.no_file", path=str(path)) from None
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise SettingsFileError("set_up.file_broken", path=str(path), reason=type(error).__name__) from None
    except OSError as error:
        raise SettingsFileError(_code_of(error), path=str(path)) from None
    for name, values in changes.items():
        section = document.get(name)
        if section is None:
            section = tomlkit.table()
            document[name] = section
        if not isinstance(section, AbstractTable | dict):  # `devices = 3`
            raise SettingsFileError("set_up.file_broken", path=str(path), reason=name)
        for key, value in values.items():
            if key not in section or section[key] != value:
                section[key] = value
    return tomlkit.dumps(document)


def _write_beside(path: Path, text: str) -> Path:
    """The whole text in a new file of the same folder, on disk, with the old file's owner and mode."""
    before = path.stat()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            if hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), before.st_mode & 0o777)
                with contextlib.suppress(OSError):  # only root may give a file away
                    os.fchown(file.fileno(), before.st_uid, before.st_gid)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _keep_old(path: Path, now: datetime) -> Path:
    """A second name for the old file, or a copy where the file system knows no second names."""
    base = f"{path.name}.{now:%Y%m%d-%H%M%S}"
    for number in range(1, 1000):
        kept = path.with_name(base if number == 1 else f"{base}-{number}")
        try:
            os.link(path, kept)
        except FileExistsError:
            continue
        except OSError as error:
            if error.errno in _READ_ONLY | _FULL and error.errno != errno.EPERM:
                raise
            if kept.exists():
                continue
            shutil.copy2(path, kept)
            with kept.open("rb+") as file:
                os.fsync(file.fileno())
        return kept
    raise FileExistsError(errno.EEXIST, "a thousand copies of this second", str(path))


def _drop_oldest(path: Path) -> None:
    for half in path.parent.glob(f".{path.name}.*"):  # of a program that was killed while it wrote
        with contextlib.suppress(OSError):
            half.unlink()
    copies = [
        one
        for one in path.parent.glob(f"{path.name}.[0-9]*")
        if one.name.removeprefix(f"{path.name}.").replace("-", "").isdecimal()
    ]
    for one in sorted(copies, key=lambda copy: copy.name)[:-KEPT_COPIES]:
        with contextlib.suppress(OSError):
            one.unlink()


def _code_of(error: OSError) -> str:
    if error.errno in _READ_ONLY:
        return "set_up.read_only"
    return "set_up.disk_full" if error.errno in _FULL else "set_up.not_written"
