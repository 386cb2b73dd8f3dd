"""The application: contract, uploads, clerk's page, and the gate around them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from kiosk.centre.server import stations
from kiosk.centre.server.centre import Centre
from kiosk.centre.server.config import CentreConfig
from kiosk.centre.server.console.pages import console
from kiosk.centre.server.gate import Doorkeeper, Gate
from kiosk.centre.server.problems import Refusal, of_http_error, on_refusal, on_validation, problem_response
from kiosk.centre.server.uploads import Uploads, router


def create_app(config: CentreConfig) -> FastAPI:
    """The centre as an ASGI application; ``app.state.centre`` is what it works with. Run it with one worker.

    Raises:
        kiosk.trust.envelope.KeyFileError: ``setup.prepare`` was not called for the data folder.
        kiosk.centre.server.database.SchemaError: the database is of another version.
    """
    centre = Centre(config)
    uploads = Uploads(centre)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        centre.hub.start(centre.database.watch())
        await run_in_threadpool(uploads.sweep)
        try:
            yield
        finally:
            await centre.hub.stop()
            centre.close()

    app = FastAPI(
        title="Doorstep acceptance centre",
        version="1",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.centre = centre
    doorkeeper = Doorkeeper(centre)
    app.add_middleware(Gate, doorkeeper=doorkeeper)
    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.include_router(stations.router(centre, uploads, doorkeeper))
    app.include_router(router(uploads))
    app.mount("/console", console(centre))

    @app.get("/", include_in_schema=False)
    def root() -> Response:
        return RedirectResponse("/console/")

    return app


async def _on_http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem_response(of_http_error(error))
