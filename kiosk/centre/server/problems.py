"""Errors as RFC 9457 documents. They never repeat what was sent: it may be personal."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterable, Mapping
from uuid import UUID

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from kiosk.centre.contract import ErrorCode, Problem

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

TITLES = {
    ErrorCode.UNAUTHORISED: "The station is not known or its token is wrong",
    ErrorCode.UNKNOWN_CASE: "No such case of this station",
    ErrorCode.UNKNOWN_UPLOAD: "No such upload of this station",
    ErrorCode.PAGES_MISSING: "Pages of the manifest are not here",
    ErrorCode.CONFLICT: "The case or upload is in another state",
    ErrorCode.TOO_LARGE: "Too large",
    ErrorCode.STORAGE_FULL: "The centre's storage is full",
    ErrorCode.HASH_MISMATCH: "The bytes have another SHA-256 than told",
    ErrorCode.CODE_UNKNOWN: "Nobody is known by this code",
    ErrorCode.CODE_EXPIRED: "The code has expired",
    ErrorCode.INVALID: "The request is not valid",
    ErrorCode.NOT_FOUND: "No such address",
    ErrorCode.LOCKED: "Another request writes this upload",
    ErrorCode.BUSY: "Come back later",
    ErrorCode.INTERNAL: "Something failed inside the centre",
}


class Refusal(Exception):
    """Raised anywhere below a request; becomes a problem document.

    Attributes:
        code: What the station is told.
        status: HTTP status.
        detail: English, for a technician; never personal data.
        missing: Page ids, for ``pages_missing``.
        headers: Further headers of the answer.
    """

    def __init__(
        self,
        code: ErrorCode,
        status: int,
        detail: str = "",
        *,
        missing: Iterable[UUID] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code} {detail}".rstrip())
        self.code = code
        self.status = status
        self.detail = detail
        self.missing = tuple(missing)
        self.headers = dict(headers or {})


def unknown_case() -> Refusal:
    return Refusal(ErrorCode.UNKNOWN_CASE, 404)


def conflict(detail: str, headers: Mapping[str, str] | None = None) -> Refusal:
    return Refusal(ErrorCode.CONFLICT, 409, detail, headers=headers)


def problem_response(refusal: Refusal) -> Response:
    problem = Problem(
        title=TITLES[refusal.code],
        status=refusal.status,
        code=refusal.code,
        detail=refusal.detail,
        missing=refusal.missing,
    )
    return Response(problem.model_dump_json(), refusal.status, refusal.headers, MEDIA_TYPE)


async def on_refusal(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return problem_response(error)


async def on_validation(_request: Request, error: Exception) -> Response:
    """Say where and which rule; neither the value nor pydantic's sentence, which may quote it."""
    assert isinstance(error, RequestValidationError)
    places = [f"{'.'.join(str(part) for part in item['loc'])}: {item['type']}" for item in error.errors()]
    return problem_response(Refusal(ErrorCode.INVALID, 422, "; ".join(places)[:1000]))


def of_http_error(error: HTTPException) -> Refusal:
    codes = {401: ErrorCode.UNAUTHORISED, 404: ErrorCode.NOT_FOUND, 413: ErrorCode.TOO_LARGE}
    return Refusal(codes.get(error.status_code, ErrorCode.INVALID), error.status_code, headers=error.headers)


def of_failure(error: Exception) -> Refusal:
    """Log the kind and place of an unexpected error; its text may hold what was sent."""
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        frames.append(f"{traceback.tb_frame.f_code.co_filename}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    log.error("unexpected %s at %s", type(error).__name__, " < ".join(reversed(frames[-6:])))
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Refusal(ErrorCode.STORAGE_FULL, 507, headers={"Retry-After": "300"})
    return Refusal(ErrorCode.INTERNAL, 500)
