"""How a route says what it answers, so that the contract is complete: its shape and every error."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.responses import Response

from fillpath.api.answers.live import PendingTold, PlaceTold, RowTold
from fillpath.api.errors import ErrorAnswer
from fillpath.api.needs import Needs, access_of
from fillpath.api.shapes import shape_of
from fillpath.api.streaming import MEDIA

PREFIX: Final = "/api/v1"
"""What every route but the sign of life begins with; another one is another contract."""

_MEANINGS: Final = {
    400: "The request cannot be read.",
    401: "Nobody is signed in.",
    403: "Whoever is signed in may not.",
    404: "There is no such thing, or not for this caller.",
    409: "It cannot be done as things stand; the message says why.",
    413: "The body is too large.",
    415: "The body must be JSON.",
    421: "The server does not answer under this name.",
    422: "A field is wrong; the answer names it.",
    429: "Too many requests; wait as long as the header says.",
    503: "The engine or the tables cannot be reached.",
}
_LIVE: Final = (
    "Server-sent events. The data of rows is a RowTold, of status a SystemStatus, of approval a "
    "PendingTold, of heartbeat, reset and dropped a PlaceTold."
)
READS: Final = (401, 403, 404, 421, 422, 429, 503)
"""What a read may be refused with."""
ACTS: Final = (400, 401, 403, 404, 409, 413, 415, 421, 422, 429, 503)
"""What an act may be refused with."""


_OTHERWISE: Final = {"response_model": None, "response_class": Response}
"""For an answer that is no JSON."""


def told(kind: Any, errors: tuple[int, ...] = READS) -> dict[str, Any]:
    """Return the arguments of a route that answers with a struct."""
    return {"response_model": shape_of(kind), "responses": _refusals(errors)}


def told_as(media: str, meaning: str, errors: tuple[int, ...] = READS) -> dict[str, Any]:
    """Return the arguments of a route that answers with text of a kind."""
    content = {media: {"schema": {"type": "string"}}}
    answers: dict[int | str, Any] = {200: {"description": meaning, "content": content}}
    return {"responses": answers | _refusals(errors), **_OTHERWISE}


def told_live() -> dict[str, Any]:
    """Return the arguments of the route that goes on telling."""
    content = {MEDIA: {"schema": {"$ref": "#/components/schemas/LiveEvents"}}}
    answers: dict[int | str, Any] = {200: {"description": _LIVE, "content": content}}
    return {"responses": answers | _refusals(READS), **_OTHERWISE}


def _refusals(errors: tuple[int, ...]) -> dict[int | str, Any]:
    return {
        status: {"model": shape_of(ErrorAnswer), "description": _MEANINGS[status]}
        for status in errors
    }


def contract_of(app: FastAPI) -> dict[str, Any]:
    """Return the contract of a server, in which every way to refuse stands once."""
    contract = app.openapi()
    shared: dict[str, Any] = {}
    for path in contract["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if response.get("description") == _MEANINGS.get(int(status)):
                    shared[f"Refused{status}"] = response
                    operation["responses"][status] = {
                        "$ref": f"#/components/responses/Refused{status}"
                    }
    for route in app.routes:
        if isinstance(route, APIRoute):
            for method in route.methods or ():
                operation = contract["paths"][route.path][method.lower()]
                operation["x-permission"] = _permission(route)
    contract["components"]["schemas"] |= _live_shapes()
    contract["components"]["responses"] = dict(sorted(shared.items()))
    return contract


def _permission(route: APIRoute) -> str:
    """Return what it takes to call a route."""
    access = access_of(route)
    if not isinstance(access, Needs):
        return "nothing"
    return access.permission or "signed in"


def _live_shapes() -> dict[str, Any]:
    """Return what live updates carry; no answer in JSON names it."""
    shapes: dict[str, Any] = {"LiveEvents": {"type": "string", "description": _LIVE}}
    for kind in (RowTold, PendingTold, PlaceTold):
        found = shape_of(kind).model_json_schema(ref_template="#/components/schemas/{model}")
        shapes |= found.pop("$defs", {})
        shapes[kind.__name__] = found
    return shapes


__all__ = ["ACTS", "PREFIX", "READS", "contract_of", "told", "told_as", "told_live"]
