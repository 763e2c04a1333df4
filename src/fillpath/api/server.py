"""The server: every route of the desk under ``/api/v1``, and what happens when one goes wrong."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.responses import Response

from fillpath.api.answers import Alive
from fillpath.api.context import PARTS, STREAMS
from fillpath.api.contract import told
from fillpath.api.errors import put_handlers
from fillpath.api.events import Streams
from fillpath.api.needs import open_to_all
from fillpath.api.ports import Parts
from fillpath.api.requests import NameRequests
from fillpath.api.routes import events, portfolio, risk, session, system, trades
from fillpath.api.writing import answered

SAFE: Final = frozenset({"GET", "HEAD"})
"""Methods that change nothing."""


def make_app(parts: Parts) -> FastAPI:
    """Return the server over these parts; who may ask what is put around it."""
    app = FastAPI(
        title="fillpath",
        version=parts.version,
        summary="The desk: what the engine did, what it cost, and what a person may do about it.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        lifespan=_running,
    )
    setattr(app.state, PARTS, parts)
    setattr(app.state, STREAMS, Streams(parts))
    put_handlers(app)
    for router in (session, system, events, trades, risk, portfolio):
        _include(app, router.router, read_only=parts.read_only)
    app.add_api_route(
        "/livez",
        _alive,
        dependencies=[open_to_all()],
        tags=["system"],
        summary="Say that the server runs; nothing else",
        operation_id="alive",
        **told(Alive, ()),
    )
    app.add_middleware(NameRequests)
    return app


def streams_in(app: FastAPI) -> Streams:
    """Return the live updates of a server."""
    streams = getattr(app.state, STREAMS)
    assert isinstance(streams, Streams), "make_app put it there"
    return streams


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    """Look for what becomes new for as long as the server runs."""
    async with asyncio.TaskGroup() as group:
        looking = group.create_task(streams_in(app).run())
        yield
        looking.cancel()


async def _alive() -> Response:
    return answered(Alive())


def _include(app: FastAPI, router: APIRouter, *, read_only: bool) -> None:
    """Put routes into the server; where nothing may be changed, only those that change nothing."""
    for route in router.routes:
        assert isinstance(route, APIRoute), "a router holds nothing else"
        if not read_only or changes_nothing(route):
            app.router.routes.append(route)


def changes_nothing(route: APIRoute) -> bool:
    """Return whether a route may stay where nothing can be changed: a read, or the session."""
    return methods_of(route) <= SAFE or "session" in route.tags


def methods_of(route: APIRoute) -> frozenset[str]:
    """Return the methods that a route answers."""
    return frozenset(route.methods or ())


__all__ = ["SAFE", "changes_nothing", "make_app", "methods_of", "streams_in"]
