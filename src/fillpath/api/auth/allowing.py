"""Whether somebody may do what they ask for, now. No I/O, no clock."""

from typing import Final

from fillpath.api.auth.identities import Identity, is_trading_role
from fillpath.api.auth.policy import STEPPED_UP_NS, Guarding
from fillpath.api.errors import Problem
from fillpath.api.roles import Permission

STEP_UP: Final = frozenset({Permission.RESUME, Permission.USERS})
"""What asks for the password again unless it was just given."""
WHOLE: Final = frozenset({Permission.USERS, Permission.AUDIT, Permission.JOBS})
"""What is about every account at once."""


def refusal(
    identity: Identity, permission: Permission | None, now: int, guarding: Guarding, *, act: bool
) -> Problem | None:
    """Return why somebody may not do what they ask for; None when they may.

    Args:
        identity: who asks.
        permission: what it takes; None: only to be signed in.
        now: nanoseconds UTC.
        guarding: how the desk is guarded.
        act: whether it changes something.
    """
    if permission is None:
        return None
    principal = identity.principal
    if not principal.may(permission):
        return _forbidden(identity, permission)
    if permission in WHOLE and identity.user.accounts:
        return Problem(403, "forbidden", f"{permission} is for those who see every account")
    if permission is Permission.KILL:
        return None
    return _unfinished(identity, permission, guarding) or (
        _absent(identity, permission, now, guarding) if act else None
    )


def needs_code(identity: Identity, guarding: Guarding) -> bool:
    """Return whether somebody has to set up codes before they may do more than look and stop."""
    user = identity.user
    return guarding.code_needed and user.secret is None and is_trading_role(user.role)


def _forbidden(identity: Identity, permission: Permission) -> Problem:
    who = f"the role {identity.user.role}"
    if identity.token is not None:
        who = f"a token of the scope {identity.token.scope}"
    return Problem(403, "forbidden", f"{who} may not {permission}")


def _unfinished(identity: Identity, permission: Permission, guarding: Guarding) -> Problem | None:
    if identity.user.must_change:
        text = "choose a password of your own first"
        return Problem(403, "password_change_needed", text)
    if permission is not Permission.READ and needs_code(identity, guarding):
        text = f"set up codes first: fillpath users totp {identity.user.name}"
        return Problem(403, "code_setup_needed", text)
    return None


def _absent(
    identity: Identity, permission: Permission, now: int, guarding: Guarding
) -> Problem | None:
    """Return why the person may not be sitting there any more."""
    session = identity.session
    if session is None:
        return None
    if now - session.acted_at > guarding.idle_ns:
        return Problem(403, "step_up", "you did nothing for a while: give the password again")
    if permission in STEP_UP and now - session.proved_at > STEPPED_UP_NS:
        return Problem(403, "step_up", "give the password again before this")
    return None
