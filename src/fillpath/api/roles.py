"""What each role may do: one table, and nothing that is not in it."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Permission(StrEnum):
    """What a route asks of whoever calls it."""

    READ = "read"
    KILL = "kill"
    CANCEL = "cancel"
    APPROVE = "approve"
    SIGNAL = "signal"
    RESUME = "resume"
    LIMITS = "limits"
    DRILL = "drill"
    ACKNOWLEDGE = "acknowledge"
    JOBS = "jobs"
    USERS = "users"
    AUDIT = "audit"


class Role(StrEnum):
    """What a person or a program is."""

    VIEWER = "viewer"
    TRADER = "trader"
    RISK = "risk"
    ADMIN = "admin"


_VIEWER: Final = frozenset({Permission.READ, Permission.KILL})
_TRADER: Final = _VIEWER | {
    Permission.ACKNOWLEDGE,
    Permission.APPROVE,
    Permission.CANCEL,
    Permission.SIGNAL,
}
_RISK: Final = _TRADER | {
    Permission.AUDIT,
    Permission.DRILL,
    Permission.JOBS,
    Permission.LIMITS,
    Permission.RESUME,
}

ALLOWED: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.VIEWER: _VIEWER,
        Role.TRADER: _TRADER,
        Role.RISK: _RISK,
        Role.ADMIN: _RISK | {Permission.USERS},
    }
)
"""Everyone who is known may stop trading; letting it go on takes more."""

TRADING: Final = frozenset(
    {
        Permission.KILL,
        Permission.CANCEL,
        Permission.APPROVE,
        Permission.SIGNAL,
        Permission.RESUME,
        Permission.LIMITS,
        Permission.DRILL,
    }
)
"""What changes the trading of an account; each such call names itself, so that a repeat is one."""

__all__ = ["ALLOWED", "TRADING", "Permission", "Role"]
