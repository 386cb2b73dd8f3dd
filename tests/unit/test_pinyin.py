"""The pinyin engine against its built lexicon. Counts of work are compared, never times of a clock alone."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.ui.pinyin import LEXICON, LONGEST_INPUT, Pinyin

LARGEST_LEXICON = 6_000_000


@pytest.fixture(scope="module")
def pinyin() -> Iterator[Pinyin]:
    engine = Pinyin()
    yield engine
    engine.close()


def words(pinyin: Pinyin, letters: str) -> list[str]:
    return [candidate.word for candidate in pinyin.candidates(letters)]


@pytest.mark.parametrize(
    ("letters", "word"),
    [
        ("shebao", "社保"),
        ("shbao", "社保"),
        ("sfz", "身份证"),
        ("shenfenz", "身份证"),
        ("zhujiajiao", "朱家角"),
        ("xinzhuang", "莘庄"),
        ("minhang", "闵行"),
        ("chongqing", "重庆"),
        ("jzz", "金泽镇"),
        ("jiuyijiluce", "就医记录册"),
        ("jlk", "敬老卡"),
        ("nvren", "女人"),
        ("lvse", "绿色"),
        ("lve", "略"),
        ("xi'an", "西安"),
        ("yuchi", "尉迟"),
        ("SHEBAO", "社保"),
    ],
)
def test_the_first_candidate(pinyin: Pinyin, letters: str, word: str) -> None:
    assert words(pinyin, letters)[0] == word


@pytest.mark.parametrize(
    ("letters", "surname"),
    [("shan", "单"), ("zeng", "曾"), ("qiu", "仇"), ("xie", "解"), ("ou", "区"), ("zha", "查"), ("piao", "朴")],
)
def test_surnames_are_found_under_their_own_reading(pinyin: Pinyin, letters: str, surname: str) -> None:
    assert surname in words(pinyin, letters)[:20]


def test_rare_characters_of_names_are_there(pinyin: Pinyin) -> None:
    assert {"喆", "堃", "淼"} <= set(words(pinyin, "zhe")) | set(words(pinyin, "kun")) | set(words(pinyin, "miao"))


def test_a_phrase_that_is_no_word_is_put_together(pinyin: Pinyin) -> None:
    first = pinyin.candidates("pudongxinquhuinanzhenliuzaowancun")[0]
    assert first.word == "浦东新区惠南镇六灶湾村"
    assert first.used == len("pudongxinquhuinanzhenliuzaowancun")


def test_beginnings_follow_and_say_what_they_use(pinyin: Pinyin) -> None:
    found = {candidate.word: candidate.used for candidate in pinyin.candidates("shebaoka")}
    assert found["社保卡"] == 8
    assert found["社保"] == 6
    assert found["设"] == 3


def test_what_cannot_be_pinyin_gives_nothing(pinyin: Pinyin) -> None:
    assert pinyin.candidates("") == []
    assert pinyin.candidates("'") == []
    assert pinyin.candidates("iiu") == []
    assert pinyin.candidates("12") == []
    assert pinyin.candidates("社保") == []


@given(st.text("abcdefghijklmnopqrstuvwxyz'", max_size=LONGEST_INPUT + 20))
def test_any_letters_are_borne(letters: str) -> None:
    engine = _engine()
    found = engine.candidates(letters)
    assert all(0 < candidate.used <= min(len(letters), LONGEST_INPUT) for candidate in found)
    assert len({candidate.word for candidate in found}) == len(found)


_ENGINES: list[Pinyin] = []


def _engine() -> Pinyin:
    if not _ENGINES:
        _ENGINES.append(Pinyin())
    return _ENGINES[0]


def test_nothing_is_learned(pinyin: Pinyin) -> None:
    before = words(pinyin, "li")
    for _ in range(5):
        pinyin.candidates("lisan")
    assert words(pinyin, "li") == before
    with pytest.raises(sqlite3.OperationalError):
        pinyin._database.execute("DELETE FROM word")


def test_a_lookup_costs_a_small_part_of_reading_the_lexicon(pinyin: Pinyin) -> None:
    def cost(work: Callable[[], object]) -> float:
        times = []
        for _ in range(7):
            begun = time.thread_time()
            work()
            times.append(time.thread_time() - begun)
        return statistics.median(times)

    def look() -> None:
        pinyin._words.cache_clear()
        for letters in ("shebao", "sj", "zhujiajiao", "wangxiaoming"):
            pinyin.candidates(letters)

    whole = cost(lambda: pinyin._database.execute("SELECT initials, rank, syllables, word FROM word").fetchall())
    assert cost(look) / 4 < whole / 5


def test_the_lexicon_is_small_and_complete() -> None:
    assert LEXICON.stat().st_size <= LARGEST_LEXICON
    with sqlite3.connect(LEXICON) as database:
        (rows,) = database.execute("SELECT count(*) FROM word").fetchone()
    database.close()
    assert rows > 100_000
