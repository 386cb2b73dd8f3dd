"""The event table: what a station is told, numbered per station, never changed, never renumbered."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import select, update

from kiosk.centre.contract import CaseStatus, Event, Ticket
from kiosk.centre.server import clock
from kiosk.centre.server.centre import Work
from kiosk.centre.server.database import events, stations

AT_ONCE = 200


def publish(
    work: Work,
    station: str,
    kind: Literal["case_changed", "ticket_changed"],
    *,
    status: CaseStatus | None = None,
    ticket: Ticket | None = None,
) -> None:
    """Add an event in the transaction of the change it tells of."""
    statement = update(stations).where(stations.c.id == station).values(events=stations.c.events + 1)
    number = work.connection.execute(statement.returning(stations.c.events)).scalar_one()
    at = clock.now()
    event = Event(number=number, kind=kind, at=at, status=status, ticket=ticket)
    work.connection.execute(
        events.insert().values(
            station=station,
            number=number,
            at=clock.stamp(at),
            sealed_event=work.vault.seal_text(event.model_dump_json(), "event", station, str(number)),
        )
    )


def newest(work: Work, station: str) -> int:
    return int(work.connection.execute(select(stations.c.events).where(stations.c.id == station)).scalar() or 0)


def after(work: Work, station: str, number: int) -> list[tuple[int, str]]:
    """Events behind ``number`` with their JSON, in order, at most ``AT_ONCE``."""
    rows = work.connection.execute(
        select(events.c.number, events.c.sealed_event)
        .where(events.c.station == station, events.c.number > number)
        .order_by(events.c.number)
        .limit(AT_ONCE)
    )
    return [(row.number, work.vault.open_text(row.sealed_event, "event", station, str(row.number))) for row in rows]
