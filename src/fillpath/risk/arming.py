"""Live trading needs a permit: for one account, some strategies and these very limits, for a while.

Two people give it, or one who says it again after a time to cool off. Nothing prolongs it, and
whatever changes what it was given for ends it: other limits, a restart, its time.
"""

from typing import Final

from msgspec import Struct

from fillpath.core.permits import ArmingAsked, TradingArmed
from fillpath.core.units import NANOSECONDS, iso, moment
from fillpath.risk.asking import Ask
from fillpath.risk.limits import AutonomyLimits, RiskLimits
from fillpath.risk.memory import Permit, RiskMemory
from fillpath.risk.verdicts import Objection

NOT_ARMED: Final = "NOT_ARMED"
ASKED_NS: Final = 3_600 * NANOSECONDS
"""How long a request may still be confirmed once the cooling-off is over."""
ROOT: Final = 0


class Scope(Struct, frozen=True):
    """What a permit is for.

    Args:
        account: account name.
        strategies: their names; empty for all.
        limits: hash of the limits.
    """

    account: str
    strategies: tuple[str, ...]
    limits: str


def scope_of(request: ArmingAsked | TradingArmed) -> Scope:
    """Return what a request is for."""
    return Scope(request.account, request.strategies, request.limits)


def why_not(
    asked: ArmingAsked | None, confirmed: TradingArmed, limits: AutonomyLimits, in_force: Scope
) -> str:
    """Return why a confirmation arms nothing, empty when it does.

    Args:
        asked: the request that it confirms.
        confirmed: the second word.
        limits: how long to cool off.
        in_force: the account that is there and the hash of its limits.
    """
    if asked is None:
        return "nobody has asked for it before"
    if scope_of(asked) != scope_of(confirmed):
        return "it confirms something else than was asked for"
    if (confirmed.account, confirmed.limits) != (in_force.account, in_force.limits):
        return "account or limits are others by now"
    if confirmed.at > asked.at + limits.cooling_off_ns + ASKED_NS:
        return f"it was asked for too long ago, at {iso(moment(asked.at))}"
    return _alone(asked, confirmed, limits)


def _alone(asked: ArmingAsked, confirmed: TradingArmed, limits: AutonomyLimits) -> str:
    left = asked.at + limits.cooling_off_ns - confirmed.at
    if left <= 0 or is_second_person(asked.user_id, confirmed.user_id):
        return ""
    return (
        f"without a second person it takes {left / NANOSECONDS:.0f} s more to cool off; root "
        "counts as no second person"
    )


def is_second_person(first: int, second: int) -> bool:
    """Return whether two users are two people: root may be anybody, and so may the unknown."""
    return first > ROOT and second > ROOT and first != second


def check_armed(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to entries on a live account without a permit that covers them now."""
    permit = memory.permit
    if permit is None:
        why = "live trading is not armed"
    elif not ask.at or ask.at >= permit.until:
        why = f"live trading was armed until {iso(moment(permit.until))}"
    elif permit.strategies and ask.strategy not in permit.strategies:
        why = f"live trading is armed for {', '.join(permit.strategies)}, not for {ask.strategy}"
    else:
        return None
    del limits
    return Objection(NOT_ARMED, why, 0, ask.quantity, 0)


def permit_of(asked: ArmingAsked, confirmed: TradingArmed, limits: AutonomyLimits) -> Permit:
    """Return the permit that a request and its confirmation give."""
    people = asked.by if asked.by == confirmed.by else f"{asked.by} and {confirmed.by}"
    return Permit(confirmed.at + limits.arming_ns, confirmed.strategies, people)


__all__ = [
    "NOT_ARMED",
    "Scope",
    "check_armed",
    "is_second_person",
    "permit_of",
    "scope_of",
    "why_not",
]
