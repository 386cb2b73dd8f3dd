"""Receipts in a whole station: one that was interrupted, one printed again for staff, and the paper they took."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.audit.log import AuditLog
from kiosk.conductor.paper import NOTE
from kiosk.conductor.snapshot import PrintState, Screen
from kiosk.devices.paper_roll import roll_from_text
from kiosk.places import AUDIT_FILE
from kiosk.receipts.draw import DOTS_PER_MM
from tests.e2e.whole_station import FREE, WholeStation, case_on

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def whole() -> Iterator[WholeStation]:
    with WholeStation() as station:
        yield station


def test_an_interrupted_receipt_comes_again_marked_and_staff_may_print_another(whole: WholeStation) -> None:
    number = whole.to_waiting(FREE)
    case_id = whole.case_id
    printer = whole.bench.receipt_printer
    printer.paper_out(after_rows=300)
    whole.next(Screen.RECEIPT)
    whole.of_visit(lambda visit: visit.print_state is PrintState.WAITING_FOR_HAND, "it waits for paper")
    printer.unplug()
    whole.of_visit(lambda visit: visit.print_state is PrintState.INTERRUPTED, "the interruption")
    printer.refill()
    printer.replug()
    whole.of_visit(lambda visit: visit.print_state is PrintState.PRINTED, "the marked receipt")
    torn, complete = whole.slips()
    assert (case_on(torn), case_on(complete)) == (None, case_id)
    whole.finish()

    whole.do.open_reprint()
    (row,) = whole.until(lambda now: now.reprint.receipts, "the list").reprint.receipts
    assert (row.case_id, row.case_number, row.state) == (str(case_id), number, "delivered")
    whole.clerk.accept(case_id, 1)
    whole.until(lambda now: now.reprint.receipts[0].state == "accepted", "the acceptance in the list")
    with whole.told("reprint.printed"):
        whole.do.reprint_receipt(str(case_id))
    assert len(whole.slips()) == 3
    assert case_on(whole.slips()[-1]) == case_id

    def noted() -> list[str]:
        audit = AuditLog(whole.station.settings.station.data / AUDIT_FILE)
        return [row.result for row in audit.rows() if row.action == "reprint_receipt" and row.object_id == str(case_id)]

    whole._soon(lambda: noted() == ["begun", "printed"], "the audit record")
    since_refill = sum(slip.height for slip in whole.slips()[1:]) / DOTS_PER_MM
    used = roll_from_text(whole.station.outbox.note(NOTE)).used_mm
    assert 0.9 * since_refill < used < 1.3 * since_refill
