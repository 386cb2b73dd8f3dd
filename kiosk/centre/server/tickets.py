"""The centre's one queue: the next number of the day, people ahead counted live."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, func, select, update

from kiosk.centre.contract import CaseState, Ticket
from kiosk.centre.server import clock, events
from kiosk.centre.server.centre import Work
from kiosk.centre.server.database import cases, tickets
from kiosk.centre.server.problems import conflict


def of_case(work: Work, case_id: str) -> Ticket | None:
    """The newest ticket of a case."""
    row = _newest(work, case_id)
    return None if row is None else _ticket(work, row)


def draw(work: Work, case: Row[Any]) -> Ticket:
    """The case's place in today's queue; the same one when it has a place.

    Raises:
        Refusal: conflict, when the case was decided.
    """
    today = clock.day().isoformat()
    row = _newest(work, case.id)
    if row is not None and row.state != "closed" and row.day == today:
        return _ticket(work, row)
    if case.state in (CaseState.ACCEPTED, CaseState.RETURNED):
        raise conflict("the case was decided")
    if row is not None and row.state != "closed":  # left over from another day
        work.connection.execute(update(tickets).where(tickets.c.id == row.id).values(state="closed"))
    values = {
        "case_id": case.id,
        "day": today,
        "serial": work.count(f"ticket {today}"),
        "state": "waiting",
        "drawn_at": clock.stamp(),
    }
    work.connection.execute(tickets.insert().values(**values))
    drawn = of_case(work, case.id)
    assert drawn is not None
    return drawn


def call_next(work: Work) -> str | None:
    """Call the first who waits today; returns the case id, None when nobody waits."""
    row = work.connection.execute(
        select(tickets)
        .where(tickets.c.day == clock.day().isoformat(), tickets.c.state == "waiting")
        .order_by(tickets.c.serial)
        .limit(1)
    ).first()
    if row is None:
        return None
    _leave_queue(work, row, "called")
    return str(row.case_id)


def close(work: Work, case_id: str) -> None:
    """The case was dealt with or given up."""
    row = _newest(work, case_id)
    if row is not None and row.state != "closed":
        _leave_queue(work, row, "closed")


def _leave_queue(work: Work, row: Row[Any], state: str) -> None:
    """Change a ticket's state; tell its station and, when it waited, those behind it."""
    work.connection.execute(update(tickets).where(tickets.c.id == row.id).values(state=state))
    told = [row.id]
    if row.state == "waiting":
        told += work.connection.execute(
            select(tickets.c.id)
            .where(tickets.c.day == row.day, tickets.c.state == "waiting", tickets.c.serial > row.serial)
            .order_by(tickets.c.serial)
        ).scalars()
    for ticket_id in told:
        changed = work.connection.execute(
            select(tickets, cases.c.station).join(cases).where(tickets.c.id == ticket_id)
        ).one()
        events.publish(work, changed.station, "ticket_changed", ticket=_ticket(work, changed))


def _newest(work: Work, case_id: str) -> Row[Any] | None:
    statement = select(tickets).where(tickets.c.case_id == case_id).order_by(tickets.c.id.desc()).limit(1)
    return work.connection.execute(statement).first()


def _ticket(work: Work, row: Row[Any]) -> Ticket:
    """A ticket as it counts now: one of another day is worth nothing any more."""
    state: Literal["waiting", "called", "closed"] = row.state if row.day == clock.day().isoformat() else "closed"
    ahead = 0
    if state == "waiting":
        ahead = work.connection.execute(
            select(func.count())
            .select_from(tickets)
            .where(tickets.c.day == row.day, tickets.c.state == "waiting", tickets.c.serial < row.serial)
        ).scalar_one()
    return Ticket(case_id=UUID(row.case_id), number=f"A{row.serial:03d}", people_ahead=ahead, state=state)
