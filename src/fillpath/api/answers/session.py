"""Who is signed in and who may, as the routes answer."""

from datetime import datetime

from msgspec import Struct


class SessionShown(Struct, frozen=True, kw_only=True):
    """Who is signed in.

    Args:
        username: as they sign in.
        role: what they may do: viewer, trader, risk or admin.
        permissions: the same, one by one.
        accounts: the accounts that they see.
        must_change_password: whether they may do nothing else before that.
        stepped_up_until: until when what moves money is not asked for a password again; None
            while it is.
        expires_at: when they have to sign in again.
        read_only: whether nothing can be changed here.
    """

    username: str
    role: str
    permissions: list[str]
    accounts: list[str]
    must_change_password: bool
    stepped_up_until: datetime | None
    expires_at: datetime
    read_only: bool


class UserShown(Struct, frozen=True, kw_only=True):
    """Somebody who may sign in.

    Args:
        username: as they sign in.
        role: what they may do.
        accounts: the accounts that they see; empty for every one.
        disabled: whether they may not sign in.
        has_code: whether a second factor is set up.
        must_change_password: whether they have to choose a new one first.
        created_at: when they were added.
        last_seen_at: when they were here last; None when never.
    """

    username: str
    role: str
    accounts: list[str]
    disabled: bool
    has_code: bool
    must_change_password: bool
    created_at: datetime
    last_seen_at: datetime | None


class Users(Struct, frozen=True):
    """Everybody who may sign in."""

    rows: list[UserShown]
