import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.catalogue.load import SHIPPED, load_catalogue
from kiosk.catalogue.search import LONGEST_QUERY, searchable

CATALOGUE = load_catalogue()
RECORD_BOOK = "办理就医记录册的申领、更换、补发"


def first(text):
    found = CATALOGUE.search(text)
    return found[0].name if found else None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("敬老卡申领、发放", "敬老卡申领、发放"),
        ("敬老卡申领发放", "敬老卡申领、发放"),
        ("敬老", "敬老卡申领、发放"),
        ("jinglao", "敬老卡申领、发放"),
        ("JLK", "敬老卡申领、发放"),
        ("jlk", "敬老卡申领、发放"),
        ("jinglk", "敬老卡申领、发放"),
        ("敬lao卡", "敬老卡申领、发放"),
        ("jing lao ka", "敬老卡申领、发放"),
        ("ｊｌｋ", "敬老卡申领、发放"),
        ("老年卡", "敬老卡申领、发放"),
        ("lnk", "敬老卡申领、发放"),
        ("老年卡怎么办", "敬老卡申领、发放"),
        ("医保本", RECORD_BOOK),
        ("看病本子", RECORD_BOOK),
        ("kanbingben", RECORD_BOOK),
        ("jyjlc", RECORD_BOOK),
        ("就医记录册", RECORD_BOOK),
        ("异地看病", "跨省异地就医登记备案"),
        ("居住证新办", "居住证新办"),
        ("jzzxb", "居住证新办"),
        ("社保卡补换", "社保卡补换"),
        ("养老金卡（折）", "养老金卡（折）调整"),
        ("养老金卡(折)", "养老金卡（折）调整"),
        ("养老金卡折", "养老金卡（折）调整"),
        ("3岁", "3岁以下幼儿托育服务机构查询"),
        ("“就业困难人员”", "申请“就业困难人员”灵活就业社会保险费补贴"),
        ("长护险", "长期护理保险申请、重新评估"),
        ("chongming", "新生儿重名查询"),
        ("yinhangka", "副食品价格补贴发放银行卡维护"),
    ],
)
def test_what_people_type_finds_what_they_mean(text, name):
    assert first(text) == name


def test_every_item_is_found_first_by_its_name_its_pinyin_and_its_everyday_words():
    by_pinyin = {}
    for item in CATALOGUE.items:
        by_pinyin.setdefault(item.pinyin, set()).add(item.name)
    for item in CATALOGUE.items:
        assert first(item.name) == item.name
        assert first(item.pinyin.replace(" ", "")) in by_pinyin[item.pinyin]
        for alias in item.aliases:
            assert item in CATALOGUE.search(alias.text)


def test_initials_find_every_item():
    for item in CATALOGUE.items:
        assert item in CATALOGUE.search(item.initials, limit=None), item.name
        assert len(item.initials) == len(searchable(item.name))


def test_a_department_finds_its_items_after_those_that_are_called_so():
    found = CATALOGUE.search("市残联", limit=None)
    assert {item.department for item in found} == {"市残联"}
    assert len(found) == sum(item.department == "市残联" for item in CATALOGUE.items)


def test_words_with_others_between():
    assert "医保就医明细查询" in {item.name for item in CATALOGUE.search("医保查询", limit=None)}


def test_nothing_typed_is_everything_offered_in_the_files_order():
    assert CATALOGUE.search("") == list(CATALOGUE.items)
    offered = {CATALOGUE.items[3].item_id, CATALOGUE.items[1].item_id, "unknown"}
    assert CATALOGUE.search(" ", offered) == [CATALOGUE.items[1], CATALOGUE.items[3]]
    assert CATALOGUE.search("", ()) == []


def test_only_what_is_offered_is_found():
    assert CATALOGUE.search("敬老卡", {"juzhuzheng-xinban"}) == []
    assert len(CATALOGUE.search("查询", limit=5)) == 5


def test_nonsense_finds_nothing():
    for text in ("qqqq", "没有这个事项啊", "jlkx", "!!!敬老x"):
        assert CATALOGUE.search(text) == [], text


@given(st.text(max_size=200))
def test_any_text_may_be_typed(text):
    found = CATALOGUE.search(text, limit=None)
    assert len(found) == len({item.item_id for item in found})


@given(st.sampled_from(CATALOGUE.items), st.data())
def test_any_mix_of_characters_and_beginnings_of_syllables_finds_the_item(item, data):
    characters, syllables = searchable(item.name), item.pinyin.split()
    start = data.draw(st.integers(0, len(characters) - 1))
    end = data.draw(st.integers(start + 1, len(characters)))
    query = "".join(
        data.draw(st.sampled_from([character, *(syllable[:length] for length in range(1, len(syllable) + 1))]))
        for character, syllable in zip(characters[start:end], syllables[start:end], strict=True)
    )
    if len(query) <= LONGEST_QUERY:
        assert item in CATALOGUE.search(query, limit=None)


def test_searchable_form():
    assert searchable("养老金卡（折）调整 ＡＢ/３") == "养老金卡折调整ab3"


def test_what_the_search_field_suggests_is_found():
    screen = SHIPPED.parents[1] / "qml" / "Doorstep" / "screens" / "ChooseItemScreen.qml"
    hint = re.search(r'placeholder: qsTr\("[^：]+：(.+)…"\)', screen.read_text(encoding="utf-8"))
    assert hint is not None
    for example in hint[1].split("、"):
        assert CATALOGUE.search(example), example
