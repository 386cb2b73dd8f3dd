"""The outbox and its delivery against a simple model: taken, given up, handed over, cut off, in any order."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from uuid import UUID, uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from kiosk.centre.client import CentreBusy, CentreNonsense, CentreRefused, CentreUnreachable
from kiosk.outbox.delivery import Delivery
from kiosk.outbox.model import PageStage, Stage
from tests.unit.outbox_people import KEY, PaperCentre, open_outbox, opening, record

PROBLEMS = st.sampled_from(
    [
        CentreUnreachable("connect"),
        CentreUnreachable("failure", 500),
        CentreBusy(0.0, 503),
        CentreNonsense("not JSON"),
        CentreRefused("unauthorised", 401),
        CentreRefused("unknown_case", 404),
        CentreRefused("invalid", 422),
        RuntimeError("a bug"),
    ]
)


class OutboxMachine(RuleBasedStateMachine):
    drafts: Bundle[UUID] = Bundle("drafts")

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.centre = PaperCentre()
        self.open: dict[UUID, dict[UUID, bytes]] = {}
        self.visits: dict[UUID, bytes] = {}
        self.committed: dict[UUID, dict[UUID, bytes]] = {}
        self.given_up: set[UUID] = set()
        self.start()

    def start(self) -> None:
        self.outbox = open_outbox(self.folder / "outbox")
        self.delivery = Delivery(self.outbox, self.centre, lambda event: None, first_wait=0.0, last_wait=0.0)

    @rule(target=drafts, state=st.binary(max_size=20))
    def begin_visit(self, state: bytes) -> UUID:
        case_id = uuid4()
        self.outbox.save_draft(case_id, state)
        self.open[case_id], self.visits[case_id] = {}, state
        return case_id

    @rule(case_id=drafts, size=st.integers(1, 3000))
    def take_page(self, case_id: UUID, size: int) -> None:
        page_id = uuid4()
        self.outbox.add_page(case_id, 1, page_id, page_id.bytes * size)
        self.open[case_id][page_id] = page_id.bytes * size

    @rule(case_id=drafts, data=st.data())
    def remove_page(self, case_id: UUID, data: st.DataObject) -> None:
        if self.open[case_id]:
            page_id = data.draw(st.sampled_from(sorted(self.open[case_id])))
            self.outbox.remove_page(case_id, page_id)
            del self.open[case_id][page_id]

    @rule(case_id=drafts)
    def agree(self, case_id: UUID) -> None:
        self.outbox.allow_travel(opening(case_id))

    @rule(case_id=drafts)
    def take_agreement_back(self, case_id: UUID) -> None:
        self.outbox.forbid_travel(case_id, 1)

    @rule(case_id=consumes(drafts))
    def hand_over(self, case_id: UUID) -> None:
        pages = self.open.pop(case_id)
        del self.visits[case_id]
        self.outbox.commit(record(case_id, pages))
        self.committed[case_id] = pages

    @rule(case_id=consumes(drafts))
    def give_up(self, case_id: UUID) -> None:
        self.outbox.destroy_case(case_id)
        del self.open[case_id], self.visits[case_id]
        self.given_up.add(case_id)

    @rule(steps=st.integers(1, 8))
    def send(self, steps: int) -> None:
        for _ in range(steps):
            self.delivery._one_step()

    @rule(problem=PROBLEMS, steps=st.integers(1, 5))
    def send_in_trouble(self, problem: Exception, steps: int) -> None:
        self.centre.fault = lambda call, case_id: problem
        self.send(steps)
        self.centre.fault = lambda call, case_id: None

    @rule()
    def restart(self) -> None:
        self.outbox.close()
        self.start()

    @invariant()
    def nothing_is_lost(self) -> None:
        assert {draft.case_id: self.outbox.load_draft(draft.case_id) for draft in self.outbox.drafts()} == self.visits
        stages = {case.case_id: case.stage for case in self.outbox.cases()}
        assert set(stages) - self.given_up == set(self.open) | set(self.committed)
        kept = 0
        for case_id, pages in (self.open | self.committed).items():
            told = {page.page_id: page for page in self.outbox.pages(case_id, 1)}
            assert set(told) == set(pages)
            if stages[case_id] is Stage.DELIVERED:
                assert self.centre.records[case_id, 1] == record(case_id, pages)
                continue
            for page_id, data in pages.items():
                kept += 1
                assert self.outbox.page(case_id, page_id) == data
                if told[page_id].stage is PageStage.AT_CENTRE:
                    assert self.centre.pages[page_id] == data
        assert len(list((self.folder / "outbox" / "pages").iterdir())) == kept

    @invariant()
    def nothing_arrives_that_was_not_handed_over(self) -> None:
        assert {case_id for case_id, _ in self.centre.records} <= set(self.committed)

    def teardown(self) -> None:
        if not hasattr(self, "outbox"):
            return
        self.delivery.retry_blocked()
        for _ in range(20 + sum(len(pages) + 4 for pages in (self.open | self.committed).values())):
            self.delivery._one_step()
        assert {case_id for case_id, _ in self.centre.records} == set(self.committed)
        puts = [case_id for call, case_id in self.centre.calls if call == "put_record"]
        assert set(puts) == set(self.committed)
        for pages in self.committed.values():
            assert all(self.centre.pages[page_id] == data for page_id, data in pages.items())
        assert not [case for case in self.outbox.cases() if case.case_id in self.given_up]
        self.nothing_is_lost()
        assert KEY.secret not in (self.folder / "outbox" / "outbox.sqlite").read_bytes()
        self.outbox.close()
        shutil.rmtree(self.folder)


OutboxMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
test_outbox_against_its_model = OutboxMachine.TestCase
