"""The first that a request meets: its name, whether it is for us, and what its answer must carry."""

import secrets
from collections.abc import Iterable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fillpath.api.auth.checks import caller_of, cross_origin, host_problem
from fillpath.api.auth.policy import Guarding
from fillpath.api.gate.wire import CALLER, REQUEST_ID, every, headers_of, refuse, state_of

API: Final = "/api/"
_YEAR_SECONDS: Final = 31_536_000
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_STRICT: Final = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_PREFLIGHT: Final = {
    "access-control-allow-methods": "GET, POST, DELETE",
    "access-control-allow-headers": "content-type, idempotency-key, last-event-id, x-fillpath",
    "access-control-max-age": "600",
}


class Front:
    """Name each request, turn those away that are not for us, and make every answer strict.

    Args:
        app: what answers the others.
        guarding: how the desk is guarded.
    """

    def __init__(self, app: ASGIApp, guarding: Guarding) -> None:
        self._app = app
        self._guarding = guarding

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a connection that is no request is closed before it begins."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "not served"})
        else:
            await self._request(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        state, headers = state_of(scope), headers_of(scope)
        state[REQUEST_ID] = secrets.token_hex(8)
        peer = scope.get("client") or ("", 0)
        caller = caller_of(peer[0], scope["scheme"], headers, self._guarding.trusted)
        state[CALLER] = caller
        others = cross_origin(headers, self._guarding.origins)
        strict = self._strict_send(send, scope, others)
        problem = host_problem(every(scope, "host"), scope["path"], self._guarding.hosts)
        if problem is not None:
            await refuse(problem, scope, receive, strict)
        elif scope["method"] == "OPTIONS":
            await _preflight(strict, allowed=bool(others))
        else:
            await self._app(scope, receive, strict)

    def _strict_send(self, send: Send, scope: Scope, others: dict[str, str]) -> Send:
        state = state_of(scope)
        extra = {**_STRICT, **others, "x-request-id": state[REQUEST_ID]}
        if others or self._guarding.origins:
            extra["vary"] = "origin"
        if state[CALLER].scheme == "https":
            extra["strict-transport-security"] = f"max-age={_YEAR_SECONDS}"
        if scope["path"].startswith(API):
            extra["cache-control"] = "no-store"

        async def strict(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _merged(message.get("headers", ()), extra)
            await send(message)

        return strict


def _merged(
    headers: Iterable[tuple[bytes, bytes]], extra: dict[str, str]
) -> list[tuple[bytes, bytes]]:
    """Return headers with ours in the place of any of the same name."""
    ours = {name.encode(): value.encode() for name, value in extra.items()}
    return [pair for pair in headers if pair[0].lower() not in ours] + list(ours.items())


async def _preflight(send: Send, *, allowed: bool) -> None:
    """Tell a browser whether a page of another site may ask."""
    headers = _PREFLIGHT if allowed else {}
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 204 if allowed else 403, "headers": pairs})
    await send({"type": "http.response.body", "body": b""})
