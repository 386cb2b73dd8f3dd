"""What stands on an identity card's chip: four layouts of 256 bytes of UTF-16LE (GA/T 490 and its later forms).

The kind is the character at offset 248: blank for a citizen's card, J for the residence permit of residents of Hong
Kong, Macao and Taiwan, I and Y for the foreigner's permanent residence card of 2017 and of December 2023.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

IdCardKind = Literal["citizen", "residence_permit", "permanent_residence_2017", "permanent_residence_2023"]
Sex = Literal["male", "female", "unknown", "unspecified"]

SEXES: dict[str, Sex] = {"0": "unknown", "1": "male", "2": "female", "9": "unspecified"}
"""GB/T 2261.1."""

_NATIONS = """
01汉 02蒙古 03回 04藏 05维吾尔 06苗 07彝 08壮 09布依 10朝鲜 11满 12侗 13瑶 14白 15土家 16哈尼 17哈萨克 18傣 19黎
20傈僳 21佤 22畲 23高山 24拉祜 25水 26东乡 27纳西 28景颇 29柯尔克孜 30土 31达斡尔 32仫佬 33羌 34布朗 35撒拉 36毛南
37仡佬 38锡伯 39阿昌 40普米 41塔吉克 42怒 43乌孜别克 44俄罗斯 45鄂温克 46德昂 47保安 48裕固 49京 50塔塔尔 51独龙
52鄂伦春 53赫哲 54门巴 55珞巴 56基诺 97其他 98外国血统中国籍人士
"""
NATIONS = {int(entry[:2]): entry[2:] for entry in _NATIONS.split()}
"""GB/T 3304; 97 and 98 are no nations but occur on cards."""


@dataclass(frozen=True, slots=True, repr=False)
class IdCard:
    """A card as read. Dates are ``yyyymmdd``; ``valid_to`` may be 长期; "" = not on this kind of card.

    Attributes:
        nation: Chinese name from GB/T 3304, only on citizens' cards.
        newest_address: Written to the chip after a move; "" = none. Goes before ``address``.
        newest_address_unreadable: The card was read but not whether it has a newer address.
        issuer: The authority's name, on the 2017 permanent residence card its code.
        nationality: alpha-3 (2017) or numeric-3 (2023) of ISO 3166.
        photo: 1024 bytes of WLT exactly as on the chip; no open decoder exists. b"" when ``photo_unreadable``.
    """

    kind: IdCardKind
    name: str
    id_number: str
    sex: Sex = "unknown"
    birth: str = ""
    valid_from: str = ""
    valid_to: str = ""
    english_name: str = ""
    nation: str = ""
    address: str = ""
    newest_address: str = ""
    newest_address_unreadable: bool = False
    issuer: str = ""
    nationality: str = ""
    pass_number: str = ""
    photo: bytes = field(default=b"")
    photo_unreadable: bool = False

    def __repr__(self) -> str:
        return f"IdCard(kind={self.kind!r})"


class UnknownCardError(ValueError):
    """The text is none of the four layouts, or holds no name or number."""


def clean_text(raw: bytes) -> str:
    """Decode UTF-16LE and take off padding; a damaged character becomes U+FFFD and costs nothing else."""
    return raw.decode("utf-16-le", "replace").replace("\0", " ").strip()


def decode_text(text: bytes) -> IdCard:
    """Read the 256 bytes of any of the four layouts, without address update and photo.

    Raises:
        UnknownCardError: another kind of card, or an empty name or number.
    """

    def at(offset: int, length: int) -> str:
        return clean_text(text[offset : offset + length])

    kind = at(248, 2)
    if kind in ("", "J"):
        card = IdCard(
            kind="residence_permit" if kind else "citizen",
            name=at(0, 30),
            sex=SEXES.get(at(30, 2), "unknown"),
            nation="" if kind else _nation(at(32, 4)),
            birth=at(36, 16),
            address=at(52, 70),
            id_number=at(122, 36),
            issuer=at(158, 30),
            valid_from=at(188, 16),
            valid_to=at(204, 16),
            pass_number=at(220, 18) if kind else "",
        )
    elif kind == "I":
        card = IdCard(
            kind="permanent_residence_2017",
            name=at(158, 30),
            english_name=at(0, 120),
            sex=SEXES.get(at(120, 2), "unknown"),
            id_number=at(122, 30),
            nationality=at(152, 6),
            valid_from=at(188, 16),
            valid_to=at(204, 16),
            birth=at(220, 16),
            issuer=at(240, 8),
        )
    elif kind == "Y":
        card = IdCard(
            kind="permanent_residence_2023",
            name=at(0, 30),
            sex=SEXES.get(at(30, 2), "unknown"),
            birth=at(36, 16),
            english_name=clean_text(text[52:122] + text[220:242]),
            id_number=at(122, 36),
            valid_from=at(188, 16),
            valid_to=at(204, 16),
            nationality=at(242, 6),
        )
    else:
        raise UnknownCardError("unknown layout")
    if not card.id_number or not (card.name or card.english_name):
        raise UnknownCardError("no name or no number")
    return card


def doubts(card: IdCard) -> tuple[str, ...]:
    """Fields whose text no chip should hold, by name: a number whose form or check character is wrong, a date that is
    none, a character that is none in a name. Empty for a believable card; it need not be a true one.
    """
    wrong = []
    form = _NUMBER_2017 if card.kind == "permanent_residence_2017" else _NUMBER
    number = card.id_number
    if not form.fullmatch(number) or (form is _NUMBER and check_character(number[:17]) != number[17]):
        wrong.append("id_number")
    dates = {"birth": card.birth, "valid_from": card.valid_from, "valid_to": card.valid_to}
    wrong += [name for name, text in dates.items() if text not in ("", LONG_VALID) and not _is_date(text)]
    texts = ("name", "english_name", "address", "newest_address", "issuer")
    wrong += [name for name in texts if _NO_CHARACTER.search(getattr(card, name))]
    if card.kind == "citizen" and not _CHINESE_NAME.fullmatch(card.name):
        wrong.append("name")
    return tuple(wrong)


_CHINESE_NAME = re.compile(r"[ .\u00b7\u2022\u2027\u2e80-\uffef\U00020000-\U0003ffff]+")
"""Characters, those for rare ones in the private area, and the points between the parts of a name."""

LONG_VALID = "长期"

_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
_NUMBER_2017 = re.compile(r"[A-Z]{3}[0-9]{12}")
_NO_CHARACTER = re.compile("[\x00-\x1f\x7f-\x9f\ufffd-\uffff]")
"""Control characters, and what stands for a character that could not be decoded."""


def check_character(first_seventeen: str) -> str:
    """ISO 7064 MOD 11-2, as GB 11643-1999 has it."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, weights, strict=True))
    return "10X98765432"[total % 11]


def _is_date(text: str) -> bool:
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return len(text) == 8 and text.isascii() and text.isdigit()


def _nation(code: str) -> str:
    return NATIONS.get(int(code), "") if code.isascii() and code.isdigit() else ""
