"""Where files for a technician go: a stick that can be written, else the station's own folder."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from kiosk import export_place as module
from kiosk.export_place import NoExportPlace, export_place
from kiosk.support.recordings import KEPT, Recordings


def mounts(folder: Path, *points: Path) -> Path:
    table = folder / "mounts"
    lines = [f"/dev/sdb1 {str(point).replace(' ', chr(92) + '040')} vfat rw 0 0" for point in points]
    table.write_text("proc /proc proc rw 0 0\n" + "\n".join(lines) + "\nshort\n", encoding="utf-8")
    return table


def test_a_stick_comes_first_also_with_a_space_in_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stick = tmp_path / "media" / "MY STICK"
    stick.mkdir(parents=True)
    monkeypatch.setattr(module, "REMOVABLE", (str(tmp_path / "media"),))
    place = export_place(tmp_path / "data", mounts(tmp_path, stick))
    assert (place.folder, place.removable) == (stick, True)


def test_without_a_stick_the_station_s_own_folder(tmp_path: Path) -> None:
    for table in (mounts(tmp_path, Path("/home/x")), tmp_path / "missing"):
        place = export_place(tmp_path / "data", table)
        assert (place.folder, place.removable) == (tmp_path / "data" / "exports", False)
        assert place.folder.is_dir()


def test_a_stick_that_is_gone_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMOVABLE", (str(tmp_path / "media"),))
    place = export_place(tmp_path / "data", mounts(tmp_path, tmp_path / "media" / "gone"))
    assert not place.removable


def test_nowhere_to_write_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NoExportPlace):
        export_place(tmp_path / "file", tmp_path / "missing")


def test_recordings_are_named_listed_newest_first_and_limited(tmp_path: Path) -> None:
    kept = Recordings(tmp_path / "recordings")
    for minute in range(KEPT + 3):
        kept.new_path("webcam", datetime(2026, 11, 20, 8, minute)).write_text("x" * minute)
    found = kept.newest()
    assert len(found) == KEPT
    assert found[0].name == f"webcam-20261120-08{KEPT + 2}00.jsonl"
    assert (found[0].kind, found[0].size) == ("webcam", KEPT + 2)
    kept.delete(found[0].name)
    kept.delete("../mounts")
    (tmp_path / "recordings" / "other.txt").write_text("")
    assert [one.name for one in kept.newest()] == [one.name for one in found[1:]]
