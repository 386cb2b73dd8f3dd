from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.trust.envelope import KEY_BYTES, OVERHEAD, KeyFileError, SealError, StorageKey, context, open_sealed, seal

KEY = StorageKey(bytes(range(KEY_BYTES)))
OTHER = StorageKey(bytes(KEY_BYTES))
PLACE = context("page", "station-1", "case", "page")


@given(st.binary(max_size=4096), st.binary(max_size=64))
def test_what_was_sealed_opens_at_its_place_and_shows_nothing(plain: bytes, place: bytes) -> None:
    blob = seal(plain, KEY, place)
    assert open_sealed(blob, KEY, place) == plain
    assert len(blob) == len(plain) + OVERHEAD
    if len(plain) >= 8:
        assert plain not in blob


@given(st.binary(min_size=1, max_size=200), st.data())
def test_any_flipped_bit_is_noticed(plain: bytes, data: st.DataObject) -> None:
    blob = bytearray(seal(plain, KEY, PLACE))
    bit = data.draw(st.integers(0, len(blob) * 8 - 1))
    blob[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealError):
        open_sealed(bytes(blob), KEY, PLACE)


@given(st.binary(max_size=200), st.data())
def test_any_cut_is_noticed(plain: bytes, data: st.DataObject) -> None:
    blob = seal(plain, KEY, PLACE)
    cut = data.draw(st.integers(0, len(blob) - 1))
    with pytest.raises(SealError) as caught:
        open_sealed(blob[:cut], KEY, PLACE)
    assert caught.value.code == ("trust.blob_cut" if cut < OVERHEAD else "trust.blob_damaged")


@given(st.lists(st.text(max_size=6), max_size=4), st.lists(st.text(max_size=6), max_size=4))
def test_two_places_never_have_the_same_name(one: list[str], other: list[str]) -> None:
    assert (context(*one) == context(*other)) == (one == other)


def test_a_blob_opens_at_no_other_place_and_under_no_other_key() -> None:
    blob = seal(b"picture", KEY, PLACE)
    with pytest.raises(SealError, match="trust.blob_damaged"):
        open_sealed(blob, KEY, context("page", "station-2", "case", "page"))
    with pytest.raises(SealError, match="trust.other_key"):
        open_sealed(blob, OTHER, PLACE)


@pytest.mark.parametrize("place", [0, 4, 5], ids=["magic", "version", "suite"])
def test_another_layout_or_suite_is_told_apart_from_damage(place: int) -> None:
    blob = bytearray(seal(b"picture", KEY, PLACE))
    blob[place] += 1
    with pytest.raises(SealError, match="trust.blob_unknown"):
        open_sealed(bytes(blob), KEY, PLACE)


def test_the_same_bytes_sealed_twice_differ() -> None:
    assert seal(b"picture", KEY, PLACE) != seal(b"picture", KEY, PLACE)


def test_a_key_is_made_once_private_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "storage.key"
    made = StorageKey.create(path)
    assert StorageKey.load(path) == made == StorageKey.load_or_create(path)
    assert sys.platform == "win32" or path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(KeyFileError, match="trust.key_exists"):
        StorageKey.create(path)
    assert StorageKey.load(path) == made


def test_a_key_is_not_shown_when_printed() -> None:
    assert KEY.secret.hex() not in repr(KEY)
    assert repr(KEY.secret) not in repr(KEY)


def test_unusable_key_files_are_refused_by_code(tmp_path: Path) -> None:
    path = tmp_path / "storage.key"
    with pytest.raises(KeyFileError, match="trust.key_missing"):
        StorageKey.load(path)
    for size in (0, KEY_BYTES - 1, KEY_BYTES + 1):
        path.write_bytes(bytes(size))
        path.chmod(0o600)
        with pytest.raises(KeyFileError, match="trust.key_wrong_size"):
            StorageKey.load_or_create(path)
    with pytest.raises(KeyFileError, match="trust.key_unreadable"):
        StorageKey.load(tmp_path)
    with pytest.raises(KeyFileError, match="trust.key_unreadable"):
        StorageKey.create(tmp_path / "no such folder" / "storage.key")


@pytest.mark.skipif(sys.platform == "win32", reason="no POSIX permissions")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "storage.key"
    StorageKey.create(path)
    os.chmod(path, mode)
    with pytest.raises(KeyFileError, match="trust.key_open_to_others"):
        StorageKey.load_or_create(path)
