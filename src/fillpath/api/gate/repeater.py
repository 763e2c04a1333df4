"""One act for one key, however often it is sent: the answer of the first time is given again."""

from contextlib import suppress
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fillpath.api.auth.desk import Desk
from fillpath.api.auth.identities import Identity
from fillpath.api.auth.repeats import LONGEST_KEY, Answer, Known, TooMany, hash_of
from fillpath.api.errors import Problem
from fillpath.api.gate.wire import BODY, IDENTITY, PERMISSION, headers_of, refuse, state_of
from fillpath.api.roles import TRADING, Permission
from fillpath.core.errors import Unavailable

HEADER: Final = "idempotency-key"
_SHORTEST_KEY: Final = 8


class Repeater:
    """Let each act through once.

    A kill waits for nothing here: without a key, with one that cannot be looked up, and with one
    that came with another body, it is done.

    Args:
        app: the server.
        desk: keeps what was answered.
    """

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or as it was answered before."""
        state = state_of(scope) if scope["type"] == "http" else {}
        permission = state.get(PERMISSION)
        if permission not in TRADING or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        key = headers_of(scope).get(HEADER, "")
        hashes = _hashes(scope, key)
        try:
            known = self._known(permission, key, hashes)
        except Problem as problem:
            await refuse(problem, scope, receive, send)
            return
        if known is None:
            await self._kept(scope, receive, send, hashes if key else None)
        else:
            response = Response(known.body, known.status, media_type=known.kind)
            response.headers["idempotent-replay"] = "true"
            await response(scope, receive, send)

    def _known(
        self, permission: Permission, key: str, hashes: tuple[bytes, bytes]
    ) -> Answer | None:
        if permission is Permission.KILL:
            return self._known_kill(key, hashes)
        if not _SHORTEST_KEY <= len(key) <= LONGEST_KEY or not key.isascii():
            text = (
                f"Idempotency-Key must be {_SHORTEST_KEY} to {LONGEST_KEY} characters of your own"
            )
            raise Problem(400, "key_needed", text, field="Idempotency-Key")
        try:
            return _answer(self._desk.repeats.claim(*hashes, self._desk.now()))
        except Unavailable as error:
            raise Problem(503, "unavailable", str(error)) from None
        except TooMany:
            text = "too many acts in a day for their answers to be kept"
            raise Problem(429, "too_many_requests", text, headers={"retry-after": "60"}) from None

    def _known_kill(self, key: str, hashes: tuple[bytes, bytes]) -> Answer | None:
        if not key:
            return None
        with suppress(Unavailable):
            known = self._desk.repeats.find(*hashes, self._desk.now())
            return known.answer if known is not None and known.same else None
        return None

    async def _kept(
        self, scope: Scope, receive: Receive, send: Send, hashes: tuple[bytes, bytes] | None
    ) -> None:
        status, kind, body = 0, "application/json", b""

        async def heard(message: Message) -> None:
            nonlocal status, body
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                body += message.get("body", b"")
            await send(message)

        await self._app(scope, receive, heard)
        if hashes is not None and status:
            with suppress(Unavailable):  # then nobody knows the answer, and says so if asked again
                self._desk.repeats.keep(*hashes, self._desk.now(), Answer(status, kind, body))


def _hashes(scope: Scope, key: str) -> tuple[bytes, bytes]:
    """Return a hash of the key, which is the caller's own, and one of what was asked with it."""
    state = state_of(scope)
    identity: Identity = state[IDENTITY]
    token = "" if identity.token is None else identity.token.id
    asked = hash_of(scope["query_string"], state[BODY])
    return hash_of(identity.user.name, token, scope["path"], key), asked


def _answer(known: Known | None) -> Answer | None:
    if known is None:
        return None
    if not known.same:
        text = "this Idempotency-Key came with another body before"
        raise Problem(422, "key_reused", text, field="Idempotency-Key")
    if known.answer is None:
        text = "the first request under this key has not ended, or its end is not known: look first"
        raise Problem(409, "still_going", text, field="Idempotency-Key")
    return known.answer
