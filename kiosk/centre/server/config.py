"""What a centre is told at start. Stations, clerks and keys are kept in its data folder (``setup``)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from kiosk.centre.contract import Person


class DemoCode(BaseModel):
    """An invented one-time code and the invented person behind it; for demo and training only."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    text: str
    person: Person
    expired: bool = False


class CentreConfig(BaseModel):
    """Settings of one centre.

    Attributes:
        data: Folder of database, page blobs and keys; mode 0700.
        name: Shown to the clerks.
        number_prefix: First letters of case numbers.
        demo_codes: Codes that resolve; a real centre asks the city's code service instead.
        largest_page: Bytes of one page.
        reserve: Bytes that stay free on the data folder's disk; below it uploads are answered 507.
        bodies_at_once: Uploads received at the same time; more are answered 503.
        body_silence: Seconds without a byte after which an upload's request is dropped.
        heartbeat: Seconds between pings on the live channel, and for the answer to one.
        idle_minutes: A clerk who does nothing for so long is signed out.
        lock_minutes: After ``sign_in_failures`` wrong passwords in a row an account is locked for so long.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: Path
    name: str = "社区事务受理服务中心"
    number_prefix: Annotated[str, Field(pattern=r"^[A-Z]{1,4}$")] = "HN"
    demo_codes: tuple[DemoCode, ...] = ()
    largest_page: Annotated[int, Field(ge=1)] = 32 * 1024 * 1024
    reserve: Annotated[int, Field(ge=0)] = 512 * 1024 * 1024
    bodies_at_once: Annotated[int, Field(ge=1)] = 64
    body_silence: Annotated[float, Field(gt=0)] = 30.0
    heartbeat: Annotated[float, Field(gt=0)] = 10.0
    idle_minutes: Annotated[float, Field(gt=0)] = 30.0
    lock_minutes: Annotated[float, Field(gt=0)] = 15.0
    sign_in_failures: Annotated[int, Field(ge=1)] = 5
