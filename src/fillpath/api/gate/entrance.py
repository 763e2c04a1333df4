"""The door: who asks, how often, whether they may, and whether another site made the request."""

import asyncio
import json
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fillpath.api.auth.allowing import refusal
from fillpath.api.auth.checks import BODY_BYTES, SAFE, Caller, depth_problem, forgery_problem
from fillpath.api.auth.desk import Desk
from fillpath.api.auth.identities import Identity
from fillpath.api.errors import Problem, problem_of
from fillpath.api.gate.routing import Access, Routing
from fillpath.api.gate.wire import (
    ACT,
    BODY,
    CALLER,
    IDENTITY,
    NAMES,
    PERMISSION,
    PRINCIPAL,
    headers_of,
    refuse,
    state_of,
)
from fillpath.api.roles import Permission
from fillpath.core.errors import FillpathError
from fillpath.core.units import NANOSECONDS
from fillpath.runtime.tasks import closed

TOO_OFTEN: Final = 429
CHECKED_NS: Final = 5 * NANOSECONDS
"""So often a stream asks whether its reader is still signed in."""


class SignedOut(Exception):
    """The reader of a stream is not signed in any more."""


class Entrance:
    """Let a request through to the routes, or answer why not.

    Args:
        app: the server.
        desk: who may do what.
        routing: which route a request leads to.
    """

    def __init__(self, app: ASGIApp, desk: Desk, routing: Routing) -> None:
        self._app = app
        self._desk = desk
        self._routing = routing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        verdict = await closed(self._judged(scope), _fault)
        if isinstance(verdict, Problem):
            if verdict.status == TOO_OFTEN:
                await asyncio.sleep(self._desk.guarding.hold_ms / 1_000)
            await refuse(verdict, scope, receive, send)
        elif scope["method"] in SAFE:
            await self._watched(scope, receive, send, verdict)
        else:
            await self._with_body(scope, receive, send)

    async def _judged(self, scope: Scope) -> Identity | Problem | None:
        """Return who asks, or why it is not done; None is everybody at an open door."""
        try:
            return self._identity(scope)
        except Problem as problem:
            return problem
        except FillpathError as error:
            return problem_of(error)

    def _identity(self, scope: Scope) -> Identity | Problem | None:
        desk, state, headers = self._desk, state_of(scope), headers_of(scope)
        access, now = self._routing.access(scope), desk.now()
        identity = desk.identities.of(headers, now)
        state[PERMISSION] = access.permission
        state[ACT], state[NAMES] = access.act, access.names
        if identity is not None:
            state[IDENTITY], state[PRINCIPAL] = identity, identity.principal
        caller: Caller = state[CALLER]
        problem = self._too_often(scope, access, identity, caller, now)
        if problem is not None:
            return problem
        if not access.open:
            problem = _unknown(identity, access) or self._not_allowed(scope, access, now)
        cookie = identity is not None and identity.session is not None
        return (
            problem
            or forgery_problem(
                scope["method"], headers, desk.sites(caller.scheme), by_cookie=cookie
            )
            or identity
        )

    def _not_allowed(self, scope: Scope, access: Access, now: int) -> Problem | None:
        identity, act = state_of(scope)[IDENTITY], scope["method"] not in SAFE
        return refusal(identity, access.permission, now, self._desk.guarding, act=act)

    def _too_often(
        self, scope: Scope, access: Access, identity: Identity | None, caller: Caller, now: int
    ) -> Problem | None:
        """Return why somebody has to wait; nobody waits who stops trading."""
        if identity is not None and access.permission is Permission.KILL and access.known:
            return None
        rates = self._desk.reads if scope["method"] in SAFE else self._desk.acts
        key = f"address {caller.address}"
        if identity is not None:
            key = f"name {identity.user.name} {identity.token.id if identity.token else ''}"
        wait = rates.wait(key, now)
        if not wait:
            return None
        seconds = max(-(-wait // NANOSECONDS), 1)
        text = f"too many requests: wait {seconds} s"
        return Problem(TOO_OFTEN, "too_many_requests", text, headers={"retry-after": str(seconds)})

    async def _watched(
        self, scope: Scope, receive: Receive, send: Send, identity: Identity | None
    ) -> None:
        """Answer a read; one that goes on for long ends when its reader is signed out."""
        if identity is None:
            await self._app(scope, receive, send)
            return
        headers, checked = headers_of(scope), self._desk.now()

        async def watched(message: Message) -> None:
            nonlocal checked
            now = self._desk.now()
            if message.get("more_body") and now - checked > CHECKED_NS:
                checked = now
                still = self._desk.identities.of(headers, now)
                if still is None or still.principal != identity.principal:
                    raise SignedOut
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except* SignedOut:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(scope, receive)
        if body is None:
            return
        if isinstance(body, Problem):
            await refuse(body, scope, receive, send)
            return
        state = state_of(scope)
        state[BODY] = body
        told = False

        async def again() -> Message:
            nonlocal told
            if told:
                return await receive()
            told = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)
        # A kill and a wrong password show nobody; only what was allowed to somebody who is there does.
        if state[PERMISSION] not in {None, Permission.KILL}:
            self._desk.acted(state[IDENTITY])


def _unknown(identity: Identity | None, access: Access) -> Problem | None:
    """Return why nobody in particular is let in; who is known may learn that there is no route."""
    if identity is None:
        return Problem(401, "unauthenticated", "sign in first")
    return None if access.known else Problem(404, "not_found", "there is no such route")


def _fault(_error: Exception) -> Problem:
    return Problem(403, "forbidden", "nobody could tell whether this is allowed, so it is not")


async def _read(scope: Scope, receive: Receive) -> bytes | Problem | None:
    """Return the body of a request, or why it is refused; None: whoever asked has gone."""
    said = headers_of(scope).get("content-length", "0")
    if not said.isdigit() or int(said) > BODY_BYTES:
        return _too_large()
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > BODY_BYTES:
            return _too_large()
    return depth_problem(body) or _unreadable(body) or body


def _unreadable(body: bytes) -> Problem | None:
    """Return why a body is no JSON that can be read in one way only."""
    if not body:
        return None
    try:
        json.loads(body, object_pairs_hook=_once, parse_constant=_never)
    except ValueError:
        text = "the body must be JSON in which no name is there twice and every number is finite"
        return Problem(400, "bad_request", text)
    return None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _never(word: str) -> object:
    raise ValueError(word)


def _too_large() -> Problem:
    return Problem(413, "too_large", f"the body must be at most {BODY_BYTES} bytes")
