"""From what a card or the centre said to a person of the visit."""

from __future__ import annotations

from datetime import date

from drivers.id_card import IdCard
from drivers.social_security_card import SocialSecurityCard
from kiosk.centre.contract import Person as PersonOnWire
from kiosk.conductor.snapshot import PersonView
from kiosk.identity.id_number import IdKind
from kiosk.identity.masking import mask_id_number
from kiosk.identity.person import Person, make_person, warnings

_ID_KINDS: dict[str, IdKind] = {
    "citizen": "citizen",
    "residence_permit": "residence_permit",
    "permanent_residence_2017": "permanent_residence",
    "permanent_residence_2023": "permanent_residence",
}


def person_of_id_card(card: IdCard) -> Person:
    """The newest address goes before the printed one."""
    return make_person(
        card.name or card.english_name,
        card.id_number,
        "id_card",
        id_kind=_ID_KINDS.get(card.kind),
        sex=card.sex,
        birth=card.birth,
        address=card.newest_address or card.address,
        valid_to=card.valid_to,
        remarks=("id_card_reader.newest_address_unreadable",) if card.newest_address_unreadable else (),
    )


def person_of_social_security_card(card: SocialSecurityCard) -> Person | None:
    """None for a card that gives no name (version 3)."""
    if not card.identifies:
        return None
    return make_person(
        card.name,
        card.id_number,
        "social_security_card",
        sex=card.sex,
        birth=card.birth,
        valid_to=card.valid_to,
    )


def person_of_code(resolved: PersonOnWire) -> Person:
    """Whom the centre named for a one-time code."""
    return make_person(
        resolved.name,
        resolved.id_number,
        "code",
        id_kind=resolved.id_kind,
        sex=resolved.sex,
        birth=resolved.birth,
        address=resolved.address,
    )


def person_view(person: Person, today: date, photo: tuple[str, str] = ("", "")) -> PersonView:
    """As the staff screen shows them. ``photo``: see ``Portraits.shown``."""
    return PersonView(
        name=person.name,
        id_number_masked=mask_id_number(person.id_number),
        sex=person.sex,
        birth=person.birth,
        address=person.address,
        source=person.source,
        warning_codes=warnings(person, today),
        photo=photo[0],
        photo_code=photo[1],
    )
