"""Whether this is the account, the mode and the clock that were meant, before anything is sent."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from fillpath.core.units import NANOSECONDS
from fillpath.ibkr.states import Trouble

PORTS: Final[Mapping[int, bool]] = MappingProxyType(
    {7497: True, 4002: True, 7496: False, 4001: False}
)
"""The vendor's usual ports: whether paper accounts listen there."""


class Objection(NamedTuple):
    """Why this must not go on.

    Args:
        code: of the alarm.
        text: one sentence.
    """

    code: Trouble
    text: str


def is_paper(account: str) -> bool:
    """Return whether an account is a paper account: the names of those begin with D."""
    return account.startswith("D")


def chosen_account(
    accounts: tuple[str, ...], wanted: str, *, paper_trading: bool
) -> str | Objection:
    """Return the account to use, or why none may be used.

    Args:
        accounts: those of the login.
        wanted: the one that was configured; empty for the only one.
        paper_trading: whether it must be a paper account.
    """
    shown = ", ".join(accounts) or "none"
    if wanted and wanted not in accounts:
        return Objection(
            Trouble.WRONG_ACCOUNT, f"account {wanted} is not of this login, which has {shown}"
        )
    if not wanted and len(accounts) != 1:
        return Objection(Trouble.WRONG_ACCOUNT, f"say which account to use, this login has {shown}")
    account = wanted or accounts[0]
    if paper_trading and not all(map(is_paper, accounts)):
        return Objection(
            Trouble.WRONG_MODE, f"paper_trading is true, but this login has live accounts: {shown}"
        )
    if not paper_trading and is_paper(account):
        return Objection(
            Trouble.WRONG_MODE, f"paper_trading is false, but {account} is a paper account"
        )
    return account


def clock_objection(theirs: int, asked: int, heard: int, limit_seconds: float) -> Objection | None:
    """Return what speaks against the clocks, None for nothing.

    The gateway cuts its time to the second and said it between question and answer, so ours may
    differ by a range; only when all of the range is beyond the limit is it too much.

    Args:
        theirs: the gateway's answer, nanoseconds UTC, cut to the second.
        asked: our time of the question, nanoseconds UTC.
        heard: our time of the answer, nanoseconds UTC.
        limit_seconds: how much is allowed.
    """
    least, most = asked - theirs - NANOSECONDS, heard - theirs
    limit = round(limit_seconds * NANOSECONDS)
    if least <= limit and most >= -limit:
        return None
    off, way = (least, "ahead of") if least > limit else (-most, "behind")
    return Objection(
        Trouble.CLOCK_OFF,
        f"our clock is at least {off / NANOSECONDS:.1f} s {way} the gateway's, "
        f"more than {limit_seconds:g} s",
    )


__all__ = [
    "PORTS",
    "Objection",
    "chosen_account",
    "clock_objection",
    "is_paper",
]
