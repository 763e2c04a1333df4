"""What the routes about sessions and users answer, over the desk that guards them."""

import asyncio
from datetime import datetime
from typing import Final

from fastapi import Request
from starlette.responses import Response

from fillpath.api.answers import Done, SessionShown, UserShown
from fillpath.api.auth.allowing import needs_code
from fillpath.api.auth.desk import Desk
from fillpath.api.auth.identities import Identity
from fillpath.api.auth.passwords import first_password
from fillpath.api.auth.policy import STEPPED_UP_NS
from fillpath.api.auth.sessions import Session
from fillpath.api.auth.users import User, checked
from fillpath.api.context import DESK, parts_of
from fillpath.api.errors import Problem
from fillpath.api.roles import ALLOWED, Permission, Role
from fillpath.api.schemas import UserBody, UserChangeBody
from fillpath.api.writing import answered
from fillpath.core.errors import ConfigError
from fillpath.core.units import NANOSECONDS, moment

IDENTITY: Final = "identity"
SHOWN_ONCE: Final = "{name} signs in with {password} and chooses another one then; it is shown once"


def desk_of(request: Request) -> Desk:
    """Return who guards the server.

    Raises:
        Problem: nobody does.
    """
    desk = getattr(request.app.state, DESK, None)
    if not isinstance(desk, Desk):
        raise Problem(404, "no_sign_in", "this server keeps no users")
    return desk


def identity_of(request: Request) -> Identity:
    """Return who asks, and how that is known.

    Raises:
        Problem: nobody is known.
    """
    desk_of(request)
    identity = getattr(request.state, IDENTITY, None)
    if not isinstance(identity, Identity):
        raise Problem(401, "unauthenticated", "sign in first")
    return identity


def address_of(request: Request) -> str:
    """Return the machine that asks."""
    return str(request.state.caller.address)


def note(request: Request, before: str, after: str) -> None:
    """Let the audit log say what changed."""
    request.state.notes = {"before": before, "after": after}


def signed_in(request: Request, word: str) -> Response:
    """Return who is signed in now, and let the browser keep the session."""
    desk = desk_of(request)
    headers = {"cookie": f"{desk.guarding.cookie}={word}"}
    identity = desk.identities.of(headers, desk.now())
    assert identity is not None, "the session has just begun"
    request.state.identity = identity
    response = answered(session_shown(request, identity))
    seconds = desk.guarding.session_ns // NANOSECONDS
    response.headers.append("set-cookie", _cookie(desk, word, seconds))
    return response


def signed_out(request: Request) -> Response:
    """End the session of who asks, and let the browser forget it."""
    desk, identity = desk_of(request), identity_of(request)
    if identity.session is None:
        raise Problem(403, "forbidden", "a token is ended with fillpath users revoke")
    desk.sessions.end(identity.session)
    response = answered(Done(text="signed out"))
    response.headers.append("set-cookie", _cookie(desk, "", 0))
    return response


def _cookie(desk: Desk, word: str, seconds: int) -> str:
    kept = f"Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict"
    return f"{desk.guarding.cookie}={word}; {kept}"


def session_shown(request: Request, identity: Identity) -> SessionShown:
    """Return who asks, as the page shows it."""
    desk, user, parts = desk_of(request), identity.user, parts_of(request)
    principal = identity.principal
    now, session = desk.now(), identity.session
    token = identity.token
    ends_at = desk.sessions.ends_at(session) if session is not None else 0
    return SessionShown(
        username=user.name,
        role=user.role,
        permissions=sorted(_permissions(identity, desk)),
        accounts=sorted(name for name in parts.accounts if principal.sees(name)),
        must_change_password=user.must_change,
        stepped_up_until=_stepped_up(session, now),
        expires_at=moment(token.ends_at if token is not None else ends_at),
        read_only=parts.read_only,
    )


def _permissions(identity: Identity, desk: Desk) -> list[Permission]:
    able = [one for one in ALLOWED[identity.user.role] if identity.principal.may(one)]
    if identity.user.must_change:
        return [one for one in able if one is Permission.KILL]
    if needs_code(identity, desk.guarding):
        return [one for one in able if one in ALLOWED[Role.VIEWER]]
    return able


def _stepped_up(session: Session | None, now: int) -> datetime | None:
    if session is None or now - session.proved_at > STEPPED_UP_NS:
        return None
    return moment(session.proved_at + STEPPED_UP_NS)


def user_shown(user: User) -> UserShown:
    """Return a user as the page shows them."""
    return UserShown(
        username=user.name,
        role=user.role,
        accounts=list(user.accounts),
        disabled=user.disabled,
        has_code=user.secret is not None,
        must_change_password=user.must_change,
        created_at=moment(user.created_at),
        last_seen_at=None if user.seen_at is None else moment(user.seen_at),
    )


async def added(request: Request, body: UserBody) -> Done:
    """Let somebody sign in, and return the first password."""
    desk, password = desk_of(request), first_password()
    kept = await asyncio.to_thread(checked, password, body.username)
    desk.users.add(body.username, Role(body.role), kept, desk.now(), tuple(body.accounts))
    note(request, "", _rights(desk.users.need(body.username)))
    return Done(text=SHOWN_ONCE.format(name=body.username, password=password))


async def reset(request: Request, name: str) -> Done:
    """Give somebody a new password, and return it."""
    desk, password = desk_of(request), first_password()
    known(desk, name)
    kept = await asyncio.to_thread(checked, password, name)
    desk.users.set_password(name, kept, by_owner=False)
    note(request, "", "a new first password")
    return Done(text=SHOWN_ONCE.format(name=name, password=password))


def changed(request: Request, name: str, body: UserChangeBody) -> UserShown:
    """Change what somebody may do, and return them."""
    desk = desk_of(request)
    before = known(desk, name)
    if body.role is not None or body.accounts is not None:
        accounts = None if body.accounts is None else tuple(body.accounts)
        desk.users.set_role(name, Role(body.role or before.role), accounts)
    if body.disabled is not None:
        desk.users.set_disabled(name, disabled=body.disabled)
    after = desk.users.need(name)
    note(request, _rights(before), _rights(after))
    return user_shown(after)


def ended(request: Request, name: str) -> Done:
    """End every session and token of somebody."""
    desk = desk_of(request)
    known(desk, name)
    count = desk.sessions.end_all(name) + desk.tokens.end_all(name)
    note(request, f"{count} sessions and tokens", "none")
    return Done(text=f"{count} sessions and tokens of {name} ended")


def known(desk: Desk, name: str) -> User:
    """Return who has a name.

    Raises:
        Problem: nobody has.
    """
    try:
        return desk.users.need(name)
    except ConfigError as error:
        raise Problem(404, "unknown_user", str(error), field="username") from None


def _rights(user: User) -> str:
    accounts = ", ".join(user.accounts) or "all accounts"
    return f"{user.role}, {accounts}{', disabled' if user.disabled else ''}"
