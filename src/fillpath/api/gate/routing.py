"""Which route a request leads to, and whom it lets in; what says nothing lets nobody in."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from fillpath.api.auth.checks import SAFE
from fillpath.api.needs import Needs, Open, access_of
from fillpath.api.pages import is_page
from fillpath.api.roles import Permission


class Access(NamedTuple):
    """Whom a route lets in.

    Args:
        open: everybody, without a word.
        permission: what it takes; None: only to be signed in.
        known: whether there is such a route at all.
        act: what is done there, in words; empty for the page and for what is nowhere.
        names: what the path says it is done to.
    """

    open: bool
    permission: Permission | None
    known: bool
    act: str = ""
    names: Mapping[str, str] = MappingProxyType({})


_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
NOWHERE = Access(open=False, permission=None, known=False)


class Routing:
    """Look routes up as the server itself does.

    Args:
        app: the server.
        has_page: whether every path that is not one of the API is a file of the page, which
            everybody may load.
    """

    def __init__(self, app: FastAPI, *, has_page: bool) -> None:
        self._routes: list[BaseRoute] = app.routes
        self._has_page = has_page

    def access(self, scope: Scope) -> Access:
        """Return whom the route of a request lets in."""
        method = scope["method"]
        wanted = {**scope, "method": "GET"} if method == "HEAD" else scope
        for route in self._routes:
            match, found = route.matches(wanted)
            if match is Match.FULL and isinstance(route, APIRoute):
                return _access(route)._replace(
                    act=_words(route.operation_id or "", reads=method in SAFE),
                    names=found.get("path_params", {}),
                )
        if self._has_page and is_page(scope):
            return Access(open=True, permission=None, known=True)
        return NOWHERE


def _words(operation: str, *, reads: bool) -> str:
    """Return the name of an operation as words: ``cancelOrder`` is ``cancel order``."""
    words = _HUMP.sub(" ", operation).lower()
    return f"read {words}" if reads and words else words


def _access(route: APIRoute) -> Access:
    found = access_of(route)
    if isinstance(found, Open):
        return Access(open=True, permission=None, known=True)
    if isinstance(found, Needs):
        return Access(open=False, permission=found.permission, known=True)
    return NOWHERE
