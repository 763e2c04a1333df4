"""Every act, and every refusal of somebody, becomes an entry of the audit log."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fillpath.api.auth.audit import Entry
from fillpath.api.auth.checks import SAFE
from fillpath.api.auth.desk import Desk
from fillpath.api.auth.identities import Identity
from fillpath.api.auth.rates import Rates
from fillpath.api.errors import Problem
from fillpath.api.gate.wire import (
    ACT,
    BODY,
    CALLER,
    IDENTITY,
    NAMES,
    NOTES,
    PERMISSION,
    REQUEST_ID,
    headers_of,
    refuse,
    state_of,
    url_of,
)
from fillpath.api.roles import TRADING, Permission
from fillpath.core.errors import Unavailable

SECRET: Final = frozenset({"password", "new_password", "code", "word", "seen"})
REFUSALS_PER_SECOND: Final = 2
_DENIED: Final = frozenset({401, 403, 421})
_LONGEST: Final = 500
_NOBODY: Final = "nobody"


class Recorder:
    """Write down who did what, or tried to.

    Args:
        app: what answers.
        desk: has the log.
    """

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk
        self._refusals = Rates(REFUSALS_PER_SECOND)
        self._left_out = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and write it down."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, body = 0, b""

        async def heard(message: Message) -> None:
            nonlocal status, body
            if message["type"] == "http.response.start":
                status = message["status"]
            elif len(body) < _LONGEST:
                body += message.get("body", b"")
            await send(message)

        await self._app(scope, receive, heard)
        if self._is_told(scope, status):
            with suppress(Unavailable):  # what was done is done; the next act finds the log shut
                self._desk.audit.write(self._entry(scope, status, body), self._desk.now())

    def _is_told(self, scope: Scope, status: int) -> bool:
        """Return whether an entry is due; a flood of refusals leaves some, and their number."""
        denied = status in _DENIED and (IDENTITY in state_of(scope) or _gave_something(scope))
        act = scope["method"] not in SAFE
        if not denied and not act:
            return False
        if act and status not in {*_DENIED, 429}:
            return True
        if self._refusals.wait(_source(scope), self._desk.now()):
            self._left_out += 1
            return False
        return True

    def _entry(self, scope: Scope, status: int, answered: bytes) -> Entry:
        notes: Mapping[str, str] = state_of(scope).get(NOTES, {})
        after = _said(answered) if status >= 400 or _is_trading(scope) else ""  # noqa: PLR2004  # refused
        left_out, self._left_out = self._left_out, 0
        more = f" ({left_out} refusals before were left out)" if left_out else ""
        entry = entry_of(scope, _outcome(status))
        return Entry(
            **{name: getattr(entry, name) for name in entry.__struct_fields__}
            | {"after": notes.get("after", after) + more, "before": notes.get("before", "")}
        )


class Announcer:
    """Write down what is asked for before it is done; what cannot be written is not done.

    A kill is done first, and written down after.

    Args:
        app: the server.
        desk: has the log.
    """

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and _is_act(scope):
            try:
                self._desk.audit.write(entry_of(scope, "ASKED"), self._desk.now())
            except Unavailable as error:
                await refuse(Problem(503, "unavailable", str(error)), scope, receive, send)
                return
        await self._app(scope, receive, send)


def entry_of(scope: Scope, outcome: str) -> Entry:
    """Return the entry of a request."""
    state = state_of(scope)
    identity: Identity | None = state.get(IDENTITY)
    asked = _asked(state.get(BODY, b""))
    query = parse_qs(scope["query_string"].decode("latin-1"))
    who = identity.user.name if identity is not None else str(asked.get("username") or _NOBODY)
    return Entry(
        who=who,
        role=str(identity.user.role) if identity is not None else "",
        source=_source(scope),
        act=state.get(ACT) or url_of(scope),
        outcome=outcome,
        account=query.get("account", [""])[0],
        target=_shown({**state.get(NAMES, {}), **_but_reason(asked)}),
        reason=str(asked.get("reason") or ""),
        request_id=str(state.get(REQUEST_ID, "")),
    )


def _is_act(scope: Scope) -> bool:
    permission = state_of(scope).get(PERMISSION)
    return scope["method"] not in SAFE and permission not in {None, Permission.KILL}


def _is_trading(scope: Scope) -> bool:
    return state_of(scope).get(PERMISSION) in TRADING


def _gave_something(scope: Scope) -> bool:
    """Return whether somebody tried to be let in, rather than only came by."""
    headers = headers_of(scope)
    return "authorization" in headers or "cookie" in headers or scope["method"] not in SAFE


def _source(scope: Scope) -> str:
    state = state_of(scope)
    caller, identity = state.get(CALLER), state.get(IDENTITY)
    token = identity.token if identity is not None else None
    address = caller.address if caller is not None else "?"
    return address if token is None else f"{address} token {token.id}"


def _asked(body: bytes) -> dict[str, Any]:
    """Return what a body says, without what nobody else may know."""
    try:
        said = json.loads(body) if body else {}
    except ValueError:
        return {}
    if not isinstance(said, dict):
        return {}
    return {name: value for name, value in said.items() if name not in SECRET}


def _but_reason(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if name != "reason"}


def _shown(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=True)[:_LONGEST] if said else ""


def _said(answered: bytes) -> str:
    return answered[:_LONGEST].decode("utf-8", "replace")


def _outcome(status: int) -> str:
    if status >= 500 or not status:  # noqa: PLR2004  # the server's own fault
        return "FAILED"
    return "DONE" if status < 400 else "REFUSED"  # noqa: PLR2004  # the caller's
