"""Who sends a request: a person with a session, or a program with a token."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from fillpath.api.auth.sessions import Session, Sessions
from fillpath.api.auth.tokens import Scope, Token, Tokens
from fillpath.api.auth.users import User, Users
from fillpath.api.principal import Principal
from fillpath.api.roles import ALLOWED, Permission, Role

_SCHEME: Final = "bearer "
SCOPES: Final[Mapping[Scope, frozenset[Permission]]] = {
    Scope.READ: frozenset({Permission.READ}),
    Scope.KILL: frozenset({Permission.READ, Permission.KILL}),
    Scope.TRADE: frozenset(
        {Permission.READ, Permission.KILL, Permission.SIGNAL, Permission.CANCEL}
    ),
}
"""What a token may do, whoever's it is; nothing that asks for a person is among it."""


class Identity(Struct, frozen=True, kw_only=True):
    """Who sends a request, and how that is known.

    Args:
        user: the person, or the one on whose behalf a program acts.
        session: None for a program.
        token: None for a person.
    """

    user: User
    session: Session | None = None
    token: Token | None = None

    @property
    def principal(self) -> Principal:
        """Return who it is as the routes know it."""
        user, token = self.user, self.token
        accounts = user.accounts
        if token is not None and token.accounts:
            mine = set(token.accounts)
            accounts = tuple(mine & set(accounts)) if accounts else token.accounts
            accounts = accounts or ("",)  # nothing in common is not everything
        return Principal(
            name=user.name,
            role=user.role,
            accounts=frozenset(accounts) if accounts else None,
            session=f"token {token.id}" if token is not None else "session",
            permissions=ALLOWED[user.role]
            if token is None
            else ALLOWED[user.role] & SCOPES[token.scope],
        )


class Identities:
    """Find out who sends a request.

    Args:
        users: everybody.
        sessions: of people.
        tokens: of programs.
        cookie: name of the cookie that carries a session.
    """

    def __init__(self, users: Users, sessions: Sessions, tokens: Tokens, cookie: str) -> None:
        self._users = users
        self._sessions = sessions
        self._tokens = tokens
        self.cookie = cookie

    def of(self, headers: Mapping[str, str], at: int) -> Identity | None:
        """Return who sends these headers; None when they prove nobody.

        A token that is wrong is not made good by a cookie.
        """
        given = headers.get("authorization")
        if given is not None:
            return self._program(given, at)
        word = cookie_of(headers.get("cookie", ""), self.cookie)
        session = self._sessions.get(word, at) if word else None
        user = None if session is None else self._users.get(session.name)
        if user is None or user.disabled:
            return None
        return Identity(user=user, session=session)

    def _program(self, given: str, at: int) -> Identity | None:
        if given[: len(_SCHEME)].lower() != _SCHEME:
            return None
        token = self._tokens.get(given[len(_SCHEME) :].strip(), at)
        user = None if token is None else self._users.get(token.name)
        if user is None or user.disabled:
            return None
        return Identity(user=user, token=token)


def cookie_of(header: str, name: str) -> str:
    """Return the value of a cookie; empty when it is not there, or there more than once."""
    pairs = [pair.strip().partition("=") for pair in header.split(";")]
    found = [value for key, _, value in pairs if key == name]
    return found[0] if len(found) == 1 else ""


def is_trading_role(role: Role) -> bool:
    """Return whether a role may do more than look and stop."""
    return bool(ALLOWED[role] - ALLOWED[Role.VIEWER])
