"""Times of the centre: UTC on the wire and in the database, China's day on tickets and numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "CST")


def now() -> datetime:
    return datetime.now(UTC)


def stamp(moment: datetime | None = None) -> str:
    """RFC 3339 in UTC with microseconds, so that text order is time order."""
    return (moment or now()).astimezone(UTC).isoformat(timespec="microseconds")


def read(text: str) -> datetime:
    return datetime.fromisoformat(text)


def day(moment: datetime | None = None) -> date:
    return (moment or now()).astimezone(CHINA).date()
