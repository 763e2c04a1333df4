"""What the parts of the gate share: reading headers, and answering in the one shape."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from fillpath.api.errors import Problem, answer

REQUEST_ID: Final = "request_id"
PRINCIPAL: Final = "principal"
IDENTITY: Final = "identity"
CALLER: Final = "caller"
BODY: Final = "body"
NOTES: Final = "notes"
PERMISSION: Final = "permission"
ACT: Final = "act"
NAMES: Final = "names"


def headers_of(scope: Scope) -> Mapping[str, str]:
    """Return the headers of a request, names in small letters; the first of equal ones counts."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    return found


def every(scope: Scope, wanted: str) -> list[str]:
    """Return every value of a header."""
    name = wanted.encode()
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


def state_of(scope: Scope) -> dict[str, Any]:
    """Return what the parts of the gate and the routes tell each other about a request."""
    state: dict[str, Any] = scope.setdefault("state", {})
    return state


async def refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with what is wrong."""
    name = str(state_of(scope).get(REQUEST_ID, ""))
    await answer(problem, name)(scope, receive, send)


def url_of(scope: Scope) -> str:
    """Return what a request asks for, as a line of a log shows it."""
    return f"{scope.get('method', scope['type'])} {scope['path']}"
