"""Makes catalogue.json from items.json and flows.toml: ``python -m resources.catalogue.build [--check]``.

Pinyin is made here, once, with pypinyin (a test dependency); the station only reads it. ``--check`` writes nothing and
fails when the file is not what its sources give.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from pathlib import Path
from typing import Any

from pypinyin import Style, lazy_pinyin, load_phrases_dict

from kiosk.catalogue.load import check_catalogue
from kiosk.catalogue.search import searchable

FOLDER = Path(__file__).parent
ITEMS = FOLDER / "items.json"
FLOWS = FOLDER / "flows.toml"
CATALOGUE = FOLDER / "catalogue.json"
SCHEMA = 1
ARCHIVE_CATEGORY = "档案"
COPIED = ("department", "category", "all_city", "time_limit", "proxy", "item_code", "verification", "sources")

load_phrases_dict(
    {  # read wrongly otherwise
        "重名": [["chóng"], ["míng"]],
        "长护险": [["cháng"], ["hù"], ["xiǎn"]],
        "项目的": [["xiàng"], ["mù"], ["de"]],
    }
)


class SourceError(ValueError):
    """The sources contradict each other."""


def pinyin(text: str) -> str:
    """One syllable for each letter or digit; ü is v, as it is typed."""
    letters = searchable(text)
    syllables = lazy_pinyin(letters, style=Style.NORMAL, errors=list, v_to_u=False)
    if len(syllables) != len(letters):
        raise SourceError(f"{text}: {len(syllables)} syllables for {len(letters)} characters")
    return " ".join(syllables)


def build() -> str:
    """The text of catalogue.json.

    Raises:
        SourceError: flows.toml names an item or a material that items.json does not have, or leaves one out.
    """
    items = json.loads(ITEMS.read_text(encoding="utf-8"))
    plan = tomllib.loads(FLOWS.read_text(encoding="utf-8"))
    names, ids = {item["name"] for item in items}, {item["item_id"] for item in items}
    if strangers := sorted(set(plan["aliases"]) - names) + sorted(set(plan["flows"]) - ids):
        raise SourceError(f"flows.toml names items that are not in items.json: {strangers}")
    content = {
        "schema": SCHEMA,
        "version": plan["version"],
        "date": plan["date"],
        "items": [_item(item, plan) for item in items],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _item(source: dict[str, Any], plan: dict[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = {
        "item_id": source["item_id"],
        "name": source["name"],
        "pinyin": pinyin(source["name"]),
    }
    item |= {key: source[key] for key in COPIED if source[key]}
    flow = plan["flows"].get(source["item_id"])
    if flow is not None:
        named = [material["name"] for material in flow["materials"]]
        if named != source["materials"]:
            raise SourceError(f"{source['name']}: the materials are not those of items.json")
        item |= {"materials_known": True, "checked_on": flow["checked_on"], "materials": flow["materials"]}
    item["fields"] = [plan["telephone"]]
    if source["category"] == ARCHIVE_CATEGORY:
        item["archive_rule"] = True
    if aliases := plan["aliases"].get(source["name"]):
        item["aliases"] = [{"text": text, "pinyin": pinyin(text)} for text in aliases]
    return item


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when catalogue.json is out of date")
    if parser.parse_args().check:
        current = CATALOGUE.read_text(encoding="utf-8") if CATALOGUE.exists() else ""
        return 0 if current == build() else 1
    CATALOGUE.write_text(build(), encoding="utf-8")
    problems = check_catalogue(CATALOGUE)
    print("\n".join(problems) or f"wrote {CATALOGUE.name}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
