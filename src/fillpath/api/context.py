"""What a route works with: the parts of the server, and the account that a request is about."""

from typing import Final

from fastapi import Request

from fillpath.api.errors import Problem
from fillpath.api.events import Streams
from fillpath.api.ports import AccountParts, Engine, Parts
from fillpath.api.principal import Principal

DESK: Final = "desk"
PARTS: Final = "parts"
STREAMS: Final = "streams"


def parts_of(request: Request) -> Parts:
    """Return what the server is put together of."""
    parts = getattr(request.app.state, PARTS)
    assert isinstance(parts, Parts), "make_app put it there"
    return parts


def streams_of(request: Request) -> Streams:
    """Return the live updates of every account."""
    streams = getattr(request.app.state, STREAMS)
    assert isinstance(streams, Streams), "make_app put it there"
    return streams


def account_of(request: Request, who: Principal, name: str | None) -> AccountParts:
    """Return the account that is meant.

    Raises:
        Problem: it is not there, or not for this caller; nobody learns which of the two.
    """
    seen = {key: one for key, one in parts_of(request).accounts.items() if who.sees(key)}
    if name is None and len(seen) == 1:
        return next(iter(seen.values()))
    if name is None:
        known = ", ".join(sorted(seen)) or "none is shown"
        raise Problem(422, "account_needed", f"account must be one of {known}", field="account")
    if name not in seen:
        raise Problem(404, "unknown_account", f"there is no account {name!r}", field="account")
    return seen[name]


def engines_of(request: Request, who: Principal, name: str | None, scope: str) -> list[Engine]:
    """Return the engines that an act of this scope is about.

    Raises:
        Problem: the caller may not act on every account, and the scope is all of them.
    """
    if scope != "all":
        return [account_of(request, who, name).engine]
    accounts = parts_of(request).accounts
    if not all(who.sees(key) for key in accounts):
        raise Problem(403, "forbidden", "scope all is for those who see every account")
    return [one.engine for one in accounts.values()]


__all__ = ["DESK", "PARTS", "STREAMS", "account_of", "engines_of", "parts_of", "streams_of"]
