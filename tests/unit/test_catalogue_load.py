import json

import pytest

from kiosk.catalogue.load import SHIPPED, CatalogueError, check_catalogue, load_catalogue, load_with_fallback
from resources.catalogue import build

ITEM = {"item_id": "a-b", "name": "甲乙", "pinyin": "jia yi"}
CHECKLIST = {
    "materials_known": True,
    "checked_on": "2020",
    "materials": [{"material_id": "id_card", "name": "身份证"}],
}


def text(*items, **changes):
    return json.dumps(
        {"schema": 1, "version": "1", "date": "2026-01-02", "items": list(items), **changes},
        ensure_ascii=False,
        indent=1,
    )


@pytest.fixture
def written(tmp_path):
    def write(content, name="own.json"):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return write


# -- the shipped one -------------------------------------------------------------------------------------------


def test_the_shipped_file_is_what_its_sources_give():
    assert SHIPPED.read_text(encoding="utf-8") == build.build(), "run: python -m resources.catalogue.build"
    assert check_catalogue(SHIPPED) == []


def test_checklists_are_only_those_with_a_source():
    catalogue = load_catalogue()
    sources = {item["name"]: item for item in json.loads(build.ITEMS.read_text(encoding="utf-8"))}
    complete = {item.item_id for item in catalogue.items if item.materials_known}
    assert complete == {
        "jiuyi-jilu-ce",
        "jinglao-ka",
        "yidi-jiuyi-beian",
        "juzhuzheng-xinban",
        "linghuo-jiuye-butie",
        "daling-gangwei-butie",
    }
    for item in catalogue.items:
        assert [material.name for material in item.materials] in ([], sources[item.name]["materials"])
        assert (item.time_limit or None, item.proxy or None) == (
            sources[item.name]["time_limit"],
            sources[item.name]["proxy"],
        )
        assert item.all_city == bool(sources[item.name]["all_city"])
        assert bool(item.checked_on) == item.materials_known


def test_every_item_asks_for_a_telephone_and_archives_for_the_person():
    for item in load_catalogue().items:
        assert [(field.field_id, field.kind, field.required) for field in item.fields] == [
            ("telephone", "telephone", True)
        ]
        assert item.archive_rule == (item.category == "档案")


def test_pinyin_is_not_needed_by_the_station():
    import subprocess
    import sys

    program = (
        "import sys; sys.modules['pypinyin'] = None; from kiosk.catalogue.load import load_catalogue; "
        "print(load_catalogue().search('jlk')[0].item_id)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=SHIPPED.parents[2], capture_output=True, text=True)
    assert done.stdout.strip() == "jinglao-ka", done.stderr


# -- somebody's own --------------------------------------------------------------------------------------------


def test_a_districts_own_catalogue(written):
    catalogue = load_catalogue(written("\ufeff" + text(ITEM, {**ITEM, **CHECKLIST, "item_id": "c", "name": "丙丁"})))
    assert (catalogue.version, catalogue.date, len(catalogue.items)) == ("1", "2026-01-02", 2)
    assert catalogue.item("c").materials[0].required
    assert catalogue.item("nothing") is None


BAD = [
    (text({**ITEM, "colour": "red"}), '"colour"', "Unexpected keyword argument"),
    (text({**ITEM, "all_city": "yes"}), '"all_city"', "valid boolean"),
    (text({**ITEM, "name": 5}), '"name"', "valid string"),
    (text({**ITEM, "item_id": "Grosse Buchstaben"}), '"item_id"', "pattern"),
    (text({**ITEM, "pinyin": "jia"}), '"pinyin"', "one syllable"),
    (text({key: value for key, value in ITEM.items() if key != "name"}), "  {", "required"),
    (text({**ITEM, "materials_known": True}), '"materials_known"', "no material"),
    (text({**ITEM, "materials": CHECKLIST["materials"]}), '"materials"', "materials_known is not true"),
    (text({**ITEM, **CHECKLIST, "checked_on": ""}), '"materials_known"', "checked_on"),
    (text({**ITEM, **CHECKLIST, "materials": CHECKLIST["materials"] * 2}), '"materials"', "id_card stands twice"),
    (text({**ITEM, **CHECKLIST, "materials": [{"material_id": "x", "name": ""}]}), '"name": ""', "at least 1"),
    (text({**ITEM, "fields": [{"field_id": "f", "label_zh": "字", "label_en": "f", "kind": "colour"}]}), '"kind"', ""),
    (
        text({**ITEM, "fields": [{"field_id": "f", "label_zh": "字", "label_en": "f", "kind": "choice"}]}),
        '"fields"',
        "choices",
    ),
    (text({**ITEM, "aliases": [{"text": "甲", "pinyin": "jia jia"}]}), '"aliases"', "one syllable"),
    (text(ITEM, schema=2), '"schema"', "1"),
    (text(ITEM, date="2026-02-30"), '"date"', "day"),
    (text(ITEM).replace('"version": "1"', '"version": "1",\n "version": "2"'), '"version": "1"', "stands twice"),
    (text(ITEM).replace('"pinyin": ', '"pinyin" '), '"pinyin"', "not JSON"),
]


@pytest.mark.parametrize(("content", "where", "reason"), BAD)
def test_what_is_wrong_is_told_with_its_line(written, content, where, reason):
    path = written(content)
    problems = check_catalogue(path)
    line = next(number for number, row in enumerate(content.splitlines(), start=1) if where in row)
    assert any(row.startswith(f"{path}:{line}: ") and reason in row for row in problems), problems
    with pytest.raises(CatalogueError):
        load_catalogue(path)


def test_names_and_ids_stand_once(written):
    problems = check_catalogue(written(text(ITEM, {**ITEM, "item_id": "other"}, {**ITEM, "name": "丙丁"})))
    assert len(problems) == 2
    assert "甲乙 is the name of item number 1 already" in problems[0]
    assert "a-b is the id of item number 1 already" in problems[1]
    lines = [int(problem.split(":")[1]) for problem in problems]
    rows = text(ITEM, {**ITEM, "item_id": "other"}, {**ITEM, "name": "丙丁"}).splitlines()
    assert '"name": "甲乙"' in rows[lines[0] - 1]
    assert '"item_id": "a-b"' in rows[lines[1] - 1]
    assert lines[0] > 10


@pytest.mark.parametrize("content", ["", "[]", "null", "5", '{"items": []}', "[" * 100_000, '{"a":' * 100_000])
def test_what_is_no_catalogue_is_refused(written, content):
    assert check_catalogue(written(content))


def test_files_that_cannot_be_read_are_refused(tmp_path):
    assert "cannot be read" in check_catalogue(tmp_path / "missing.json")[0]
    assert "cannot be read" in check_catalogue(tmp_path)[0]
    (tmp_path / "gbk.json").write_bytes("事项目录".encode("gbk"))
    assert "not UTF-8" in check_catalogue(tmp_path / "gbk.json")[0]


# -- falling back ----------------------------------------------------------------------------------------------


def test_without_an_own_file_the_shipped_one_is_used(tmp_path):
    loaded = load_with_fallback(None, tmp_path / "last.json")
    assert (loaded.code, loaded.catalogue.version) == ("", load_catalogue().version)
    assert not (tmp_path / "last.json").exists()


def test_a_bad_file_does_not_cost_the_last_good_one(written, tmp_path):
    last = tmp_path / "last.json"
    own = written(text(ITEM, version="first"))
    assert load_with_fallback(own, last).code == ""
    own.write_text(text(ITEM, version="second") + "}", encoding="utf-8")
    loaded = load_with_fallback(own, last)
    assert (loaded.code, loaded.catalogue.version) == ("catalogue.last_good", "first")
    assert "not JSON" in loaded.problems[0]
    own.unlink()
    assert load_with_fallback(own, last).code == "catalogue.last_good"
    last.write_text("damaged", encoding="utf-8")
    loaded = load_with_fallback(own, last)
    assert (loaded.code, loaded.catalogue.version) == ("catalogue.shipped", load_catalogue().version)


def test_a_folder_that_cannot_be_written_does_not_cost_the_catalogue(written, tmp_path):
    own = written(text(ITEM))
    assert load_with_fallback(own, tmp_path / "missing" / "last.json").code == ""
