"""A station that takes cases as fast as it can and is killed at any moment: see test_outbox_kill.

Prints what it promises: ``ready``, ``page CASE PAGE SHA256`` once a page is kept, ``case CASE`` once it is committed.
With ``drain`` it takes nothing new and ends when everything is at the centre.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from kiosk.centre.client import CentreClient
from kiosk.centre.contract import CaseOpening, CaseRecord, PageEntry, Person
from kiosk.outbox.delivery import Delivery
from kiosk.outbox.store import Outbox
from kiosk.trust.envelope import StorageKey

STATION = "station-1"
BACKLOG = 4


def say(*words: object) -> None:
    print(*words, flush=True)


def commit(outbox: Outbox, case_id: UUID) -> None:
    now = datetime.now(UTC)
    pages = outbox.pages(case_id, 1)
    for page in pages:
        assert hashlib.sha256(outbox.page(case_id, page.page_id)).hexdigest() == page.sha256
    outbox.commit(
        CaseRecord(
            case_id=case_id,
            item_id="item-1",
            item_name="事项",
            catalogue_version="1",
            applicant=Person(name="张示例", id_number="000000190001010017"),
            pages=tuple(
                PageEntry(
                    page_id=page.page_id,
                    material_id="m1",
                    material_name="材料",
                    number=number,
                    sha256=page.sha256,
                    size=page.size,
                )
                for number, page in enumerate(pages, 1)
            ),
            assistant="zhang.1",
            consent_at=now,
            finished_at=now,
        )
    )
    say("case", case_id)


def take_case(outbox: Outbox) -> None:
    case_id = uuid4()
    outbox.save_draft(case_id, b"begun")
    outbox.allow_travel(CaseOpening(case_id=case_id, item_id="item-1", item_name="事项", opened_at=datetime.now(UTC)))
    for number in range(random.randint(1, 4)):
        data = b"\xff\xd8\xff\xe0" + os.urandom(random.randint(20_000, 400_000))
        page = outbox.add_page(case_id, 1, uuid4(), data, material_id="m1", number=number + 1)
        say("page", case_id, page.page_id, page.sha256)
        outbox.save_draft(case_id, b"pages: %d" % (number + 1))
    commit(outbox, case_id)


def main(folder: Path, key: Path, url: str, token: str, *, drain: bool) -> None:
    outbox = Outbox(folder, StorageKey.load(key), STATION, reserve_mb=1, ballast_mb=1)
    delivery = Delivery(outbox, CentreClient(url, STATION, token), lambda event: None, first_wait=0.02, last_wait=0.2)
    for draft in outbox.drafts():  # the visit that was cut off goes on after the restart
        commit(outbox, draft.case_id)
    delivery.start()
    say("ready")
    while not drain or (counts := outbox.summary()).waiting + counts.sending:
        if drain or outbox.summary().waiting > BACKLOG:
            time.sleep(0.01)
        else:
            take_case(outbox)
    delivery.stop(30)
    outbox.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4], drain="drain" in sys.argv)
