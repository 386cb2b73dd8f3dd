"""The photos of the cards read in this visit: decoded pictures in memory, gone with the visit, never in its draft."""

from __future__ import annotations

from uuid import uuid4

from drivers.id_card_reader import IdCardRead
from kiosk.conductor.pictures import Pictures
from kiosk.identity.id_number import normalise_id_number
from kiosk.identity.person import Person

PREFIX = "photo/"


class Portraits:
    """Engine thread. ``pictures`` is what the front end loads them from."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures
        self._of: dict[str, tuple[str, str]] = {}
        self._decodes = False

    def keep(self, read: IdCardRead) -> bool:
        """Remember what a card gave; True when what is to be shown has changed."""
        number = normalise_id_number(read.card.id_number)
        before = self._of.get(number, ("", ""))
        if before[0]:
            self._pictures.drop(before[0])
        if read.photo:
            self._decodes = True
            path = f"{PREFIX}{uuid4()}"  # a new one each time: the front end keeps what it has loaded by name
            self._pictures.put(path, read.photo)
            self._of[number] = path, ""
        else:
            unread = "photo_unreadable" if read.card.photo_unreadable or self._decodes else "photo_needs_vendor_library"
            self._of[number] = "", f"id_card_reader.{unread}"
        return self._of[number] != before

    def shown(self, person: Person) -> tuple[str, str]:
        """The picture's path below ``image://page/``, and the code of why there is none; each may be ""."""
        if person.source != "id_card":
            return "", ""
        not_kept = "photo_not_kept" if self._decodes else "photo_needs_vendor_library"
        return self._of.get(person.id_number, ("", f"id_card_reader.{not_kept}"))

    def forget(self) -> None:
        self._of.clear()
        self._pictures.drop(PREFIX)
