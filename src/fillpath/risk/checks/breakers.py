"""Breakers that stop entries while a number stands where it does, and let them go by themselves."""

from fillpath.risk.asking import Ask
from fillpath.risk.circuit_breaker import (
    OPERATOR_SILENT,
    VOLATILITY,
    check_operator,
    check_volatility,
)
from fillpath.risk.kill_switch import DAILY_LOSS
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.verdicts import Objection, broken_input


def check_equity(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to entries while the broker's reports, once there were any, are too old."""
    told_at = memory.account.at
    if not told_at or 0 <= ask.at - told_at <= limits.pdt_guard.report_ns:
        return None
    return broken_input(25, "the broker's report on the account is too old to count losses by")


def check_volatility_index(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to entries while the market is too volatile."""
    trip = check_volatility(memory.watched.volatility, ask.at, limits.breakers)
    if trip is None:
        return None
    return Objection(trip.code, trip.text, trip.limit, trip.value)


def nobody_has_to_be_there(limits: RiskLimits) -> str:
    """Return why no person is waited for, empty when one is."""
    return "" if limits.breakers.operator_heartbeat_ns else "breakers.operator_heartbeat_hours is 0"


def check_operator_seen(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to entries while no person has acted for too long."""
    seen_at = memory.watched.operator_at
    trip = check_operator(ask.at, seen_at, limits.breakers.operator_heartbeat_ns)
    return None if trip is None else Objection(trip.code, trip.text, trip.limit, trip.value)


__all__ = [
    "DAILY_LOSS",
    "OPERATOR_SILENT",
    "VOLATILITY",
    "check_equity",
    "check_operator_seen",
    "check_volatility_index",
    "nobody_has_to_be_there",
]
