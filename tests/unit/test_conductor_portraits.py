"""The photo of a card: shown while the visit runs, where it can be decoded, and nowhere else."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from drivers.id_card import IdCard
from drivers.id_card_reader import IdCardRead
from kiosk.conductor.pictures import Pictures
from kiosk.conductor.portraits import Portraits
from kiosk.conductor.snapshot import Screen
from kiosk.identity.person import make_person
from tests.unit.conductor_bench import LI, ZHANG, Bench, id_card

PNG = b"\x89PNG\r\n\x1a\n, invented"
NO_DECODER = "id_card_reader.photo_needs_vendor_library"


def with_photo(photo: bytes = PNG, number: str = ZHANG) -> IdCardRead:
    return dataclasses.replace(id_card(number=number), photo=photo)


async def test_a_decoded_photo_is_shown_and_wiped_with_the_visit(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        bench.conductor.start_visit()
        await bench.screen(Screen.IDENTIFY)
        bench.conductor.on_device_event(with_photo())
        await bench.until(lambda now: now.visit and now.visit.applicant)
        person = bench.visit.applicant
        assert person is not None
        assert person.photo_code == ""
        assert bench.conductor.picture(person.photo) == PNG
        await bench.conductor._visiting.save()
        written = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert written
        assert not any(PNG in path.read_bytes() for path in written)
        bench.conductor.cancel_visit()
        await bench.screen(Screen.HOME)
        assert bench.conductor.picture(person.photo) is None


async def test_without_a_decoder_it_is_said_that_there_is_none(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        bench.conductor.start_visit()
        await bench.screen(Screen.IDENTIFY)
        bench.conductor.on_device_event(id_card())
        await bench.until(lambda now: now.visit and now.visit.applicant)
        person = bench.visit.applicant
        assert person is not None
        assert (person.photo, person.photo_code) == ("", NO_DECODER)


async def test_a_card_laid_down_again_brings_its_photo(tmp_path: Path) -> None:
    async with Bench(tmp_path) as bench:
        await bench.sign_on()
        bench.conductor.start_visit()
        await bench.screen(Screen.IDENTIFY)
        bench.conductor.on_device_event(id_card())
        await bench.until(lambda now: now.visit and now.visit.applicant)
        bench.conductor.on_device_event(with_photo())
        await bench.until(lambda now: now.visit and now.visit.applicant and now.visit.applicant.photo)


def read(portraits: Portraits, number: str, photo: bytes = b"", unreadable: bool = False) -> tuple[str, str]:
    card = IdCard("citizen", "张示例", number, photo_unreadable=unreadable)
    portraits.keep(IdCardRead(card, photo=photo))
    return portraits.shown(make_person("张示例", number, "id_card"))


def test_why_there_is_no_photo() -> None:
    portraits = Portraits(Pictures())
    assert read(portraits, ZHANG) == ("", NO_DECODER)
    assert read(portraits, ZHANG, unreadable=True) == ("", "id_card_reader.photo_unreadable")
    path, code = read(portraits, ZHANG, PNG)
    assert path
    assert code == ""
    assert read(portraits, LI) == ("", "id_card_reader.photo_unreadable")  # the decoder is there, this one failed
    portraits.forget()
    assert portraits.shown(make_person("张示例", ZHANG, "id_card")) == ("", "id_card_reader.photo_not_kept")
    assert portraits.shown(make_person("张示例", ZHANG, "code")) == ("", "")


def test_a_new_reading_takes_the_place_of_the_old_picture() -> None:
    pictures = Pictures()
    portraits = Portraits(pictures)
    first, _ = read(portraits, ZHANG, PNG)
    second, _ = read(portraits, ZHANG, PNG + b"2")
    assert first != second
    assert (pictures.get(first), pictures.get(second), len(pictures)) == (None, PNG + b"2", 1)
    portraits.forget()
    assert len(pictures) == 0
