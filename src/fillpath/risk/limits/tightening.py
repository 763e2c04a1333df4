"""Which way every limit is tighter, and what a change of limits loosens.

While the engine runs, limits may only tighten. A change that cannot be shown to tighten counts as
loosened: which of two time windows refuses more depends on the day, so neither may replace the
other.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from fillpath.core.errors import ModelError
from fillpath.core.units import exact
from fillpath.risk.limits.account import Autonomy, DayTradeRegime, StopKeeper
from fillpath.risk.limits.limit import Limit, limits_of, parts_of
from fillpath.risk.limits.listings import Instruments, Permission, Permissions, Sectors
from fillpath.risk.limits.risk_limits import RiskLimits

PREFIX: Final = "risk"
_TRUTH: Final = MappingProxyType({"true": True, "false": False})
Tighter = Callable[[Any, Any], bool]
"""Whether the second of two different values refuses whatever the first refuses."""


def _smaller(old: Any, new: Any) -> bool:
    return bool(new < old)


def _larger(old: Any, new: Any) -> bool:
    return bool(new > old)


def _never(_old: object, _new: object) -> bool:
    return False


def _smaller_but_0(old: Any, new: Any) -> bool:
    """Return whether a limit that 0 switches off is tighter."""
    return bool(new != 0 and (old == 0 or new < old))


def _smaller_but_none(old: Any, new: Any) -> bool:
    """Return whether a limit that None switches off is tighter."""
    return new is not None and (old is None or new < old)


def _switched_on(old: Any, new: Any) -> bool:
    return bool(old == 0 and new != 0)


def _became_false(old: Any, new: Any) -> bool:
    return bool(old and not new)


def _became_true(old: Any, new: Any) -> bool:
    return bool(new and not old)


def _more_words(old: Any, new: Any) -> bool:
    return set(old.split(",")) - {""} < set(new.split(","))


def _one_of(steps: Iterable[tuple[StrEnum, StrEnum]]) -> Tighter:
    known = frozenset(steps)
    return lambda old, new: (old, new) in known


_REGIMES: Final = _one_of(
    (DayTradeRegime.OFF, regime) for regime in DayTradeRegime if regime is not DayTradeRegime.OFF
)
# PAPER_ONLY asks nobody on a paper account, so it is no tightening of a mode that asks a person.
_AUTONOMY: Final = _one_of(
    (
        (Autonomy.FULL_AUTONOMOUS, Autonomy.BOUNDED_AUTONOMOUS),
        (Autonomy.FULL_AUTONOMOUS, Autonomy.MANUAL_APPROVAL),
        (Autonomy.FULL_AUTONOMOUS, Autonomy.PAPER_ONLY),
        (Autonomy.BOUNDED_AUTONOMOUS, Autonomy.MANUAL_APPROVAL),
    )
)
_STOPS: Final = _one_of(
    (
        (StopKeeper.NONE, StopKeeper.ENGINE),
        (StopKeeper.NONE, StopKeeper.BROKER),
        (StopKeeper.ENGINE, StopKeeper.BROKER),
    )
)

DIRECTIONS: Final[Mapping[str, Tighter]] = MappingProxyType(
    {
        "max_position_pct": _smaller,
        "max_sector_pct": _smaller,
        "stop_loss_pct": _smaller,
        "price_floor": _larger,
        "max_leverage": _smaller,
        "max_net_pct": _smaller,
        "max_drawdown_pct": _smaller,
        "max_daily_loss_pct": _smaller,
        "max_positions": _smaller,
        "max_trades_per_day": _smaller,
        "max_turnover_pct": _smaller,
        "cash_reserve_pct": _larger,
        "allow_short": _became_false,
        "restricted": _more_words,
        "require_contract": _became_true,
        "what_if_margin": _became_true,
        "pdt_guard.regime": _REGIMES,
        "pdt_guard.min_equity": _larger,
        "pdt_guard.max_day_trades": _smaller,
        "pdt_guard.window_sessions": _larger,
        "pdt_guard.counting": _never,
        "pdt_guard.report_seconds": _never,
        "price.collar_liquid_pct": _smaller,
        "price.collar_other_pct": _smaller,
        "price.period_collar_pct": _smaller,
        "price.period_seconds": _never,
        "price.band_liquid_pct": _smaller,
        "price.band_other_pct": _smaller,
        "price.signal_deviation_pct": _smaller,
        "price.close_band_pct": _smaller,
        "price.corporate_action_pct": _smaller,
        "price.market_quote_age_seconds": _smaller,
        "price.limit_quote_age_seconds": _smaller,
        "price.pause_quote_age_seconds": _smaller,
        "price.cancel_quote_age_seconds": _smaller,
        "size.max_quantity_liquid": _smaller,
        "size.max_quantity_other": _smaller,
        "size.max_notional_pct": _smaller,
        "size.max_parent_adv_pct": _smaller,
        "size.max_child_adv_pct": _smaller,
        "size.basket_pct": _smaller,
        "size.basket_seconds": _larger,
        "rates.strategy_per_second": _smaller,
        "rates.symbol_per_second": _smaller,
        "rates.account_per_second": _smaller,
        "rates.messages_per_second": _smaller,
        "rates.cancel_reserve_per_second": _larger,
        "rates.duplicate_seconds": _larger,
        "rates.duplicate_tolerance_pct": _larger,
        "rates.repeated_count": _smaller_but_0,
        "rates.repeated_seconds": _larger,
        "rates.repeated_ends_with_day": _became_false,
        "rates.open_orders_symbol": _smaller,
        "rates.open_orders_total": _smaller,
        "rates.order_to_trade": _smaller_but_0,
        "rates.order_to_trade_seconds": _never,
        "breakers.volatility_index": _smaller,
        "breakers.volatility_clear": _smaller,
        "breakers.volatility_seconds": _smaller,
        "breakers.volatility_required": _became_true,
        "breakers.stale_data_seconds": _smaller,
        "breakers.reconciliation_drift_cycles": _smaller,
        "breakers.operator_heartbeat_hours": _smaller_but_0,
        "breakers.pnl_shock_pct": _smaller,
        "breakers.pnl_shock_seconds": _larger,
        "breakers.slippage_bps": _smaller,
        "breakers.slippage_fills": _switched_on,
        "autonomy.mode": _AUTONOMY,
        "autonomy.approval_minutes": _smaller,
        "autonomy.bounded_notional_pct": _smaller,
        "autonomy.bounded_orders_per_day": _smaller,
        "autonomy.cooling_off_minutes": _larger,
        "autonomy.arming_hours": _smaller,
        "session.close_buffer_seconds": _larger,
        "session.facts_required": _became_true,
        "watchdog.seconds": _smaller,
        "protection.protective_stop": _STOPS,
        "protection.target_pct": _never,
        "protection.trailing_pct": _smaller_but_none,
    }
)
"""The way of every limit."""

AT_START: Final = frozenset({"protection.protective_stop", "watchdog.seconds"})
"""Limits that are read when something starts: a change would hold for nothing that runs."""


def all_limits() -> Iterator[tuple[str, Limit]]:
    """Yield the name of every limit, without ``risk``, and its description."""
    yield from limits_of(RiskLimits)
    for part, group in parts_of(RiskLimits):
        for name, limit in limits_of(group):
            yield f"{part}.{name}", limit


LIMITS: Final[Mapping[str, Limit]] = MappingProxyType(dict(all_limits()))


def value_of(limits: RiskLimits, name: str) -> Any:
    """Return the value of a limit by its name."""
    found: Any = limits
    for part in name.split("."):
        found = getattr(found, part)
    return found


def told(limits: RiskLimits) -> dict[str, str]:
    """Return every limit by its name, in words and exact text."""
    shown = {f"{PREFIX}.{name}": _shown(value_of(limits, name)) for name in LIMITS}
    permissions = limits.permissions
    listed = "everyone" if permissions.everyone else f"{len(permissions.rows)} listed"
    return shown | {
        f"{PREFIX}.permissions": listed,
        f"{PREFIX}.instruments": f"{len(limits.instruments.rows)} listed",
        f"{PREFIX}.sectors": f"{len(limits.sectors.rows)} listed",
    }


def loosened(old: RiskLimits, new: RiskLimits) -> list[str]:
    """Return each limit that the new ones do not keep or tighten, as ``risk.name old -> new``."""
    changes = ((name, value_of(old, name), value_of(new, name)) for name in DIRECTIONS)
    looser = [
        f"{PREFIX}.{name} {_shown(before)} -> {_shown(after)}"
        for name, before, after in changes
        if before != after and not DIRECTIONS[name](before, after)
    ]
    lists = (
        *_looser_permissions(old.permissions, new.permissions),
        *_looser_instruments(old.instruments, new.instruments),
        *_looser_sectors(old.sectors, new.sectors),
    )
    return looser + [f"{PREFIX}.{text}" for text in lists]


def tightened(limits: RiskLimits, changes: Mapping[str, str]) -> RiskLimits:
    """Return limits with some of them changed, as a person typed them.

    Args:
        limits: in force.
        changes: texts by name, such as ``risk.size.basket_pct``.

    Raises:
        ModelError: a name is unknown, a value cannot be, nothing changes, or something would get
            looser; names each.
    """
    new = limits
    for full_name, text in changes.items():
        name = full_name.removeprefix(f"{PREFIX}.")
        limit = LIMITS.get(name)
        if limit is None:
            near = difflib.get_close_matches(name, LIMITS, n=1, cutoff=0.0)[0]
            raise ModelError(f"{full_name} is no limit, the nearest is {PREFIX}.{near}")
        if name in AT_START:
            raise ModelError(f"{PREFIX}.{name} is read at the start alone; it takes a restart")
        new = _with(new, name, _spelt(text.strip(), limit, full_name))
    looser = loosened(limits, new)
    if looser:
        raise ModelError(f"only a restart may loosen limits: {'; '.join(looser)}")
    if new == limits:
        raise ModelError("nothing would change: these limits are in force")
    return new


def _with(limits: RiskLimits, name: str, value: object) -> RiskLimits:
    group, _, key = name.rpartition(".")
    changed: dict[str, Any] = {key: value}
    if not group:
        return replace(limits, **changed)
    changed = {group: replace(getattr(limits, group), **changed)}
    return replace(limits, **changed)


def _spelt(text: str, limit: Limit, name: str) -> object:
    """Return the value that a text spells, or the text itself, which the limit then refuses."""
    if limit.optional and text in {"", "null"}:
        return None
    if limit.kind is Decimal:
        return exact(text, name)
    if limit.kind is bool:
        return _TRUTH.get(text.lower(), text)
    return int(text) if limit.kind is int and text.isascii() and text.isdecimal() else text


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "null" if value is None else str(value) or "none"


def _looser_permissions(old: Permissions, new: Permissions) -> Iterator[str]:
    if old.everyone:
        return
    if new.everyone:
        yield "permissions a list -> none"
        return
    for strategy, permission in new.by_strategy.items():
        before = old.by_strategy.get(strategy)
        if before is None:
            yield f"permissions {strategy} none -> listed"
            continue
        yield from (f"permissions {strategy} more {word}" for word in _wider(before, permission))


def _wider(old: Permission, new: Permission) -> Iterator[str]:
    """Yield what a strategy may do more of than before."""
    for name, before, after in zip(Permission._fields, old, new, strict=True):
        if before is None:
            continue
        if isinstance(before, int):
            wider = not isinstance(after, int) or after > before
        else:
            wider = not isinstance(after, frozenset) or not after <= before
        if wider:
            yield name


def _looser_instruments(old: Instruments, new: Instruments) -> Iterator[str]:
    """Yield what is new in the list; only what is left out of one that remains is tighter."""
    if old.rows and not new.rows:
        yield "instruments a list -> none"
    yield from (f"instruments +{' '.join(row)}" for row in new.rows if row not in set(old.rows))


def _looser_sectors(old: Sectors, new: Sectors) -> Iterator[str]:
    """Yield every change: a symbol that changes its sector leaves room in the one before."""
    yield from (f"sectors -{' '.join(row)}" for row in old.rows if row not in set(new.rows))
    yield from (f"sectors +{' '.join(row)}" for row in new.rows if row not in set(old.rows))


__all__ = ["DIRECTIONS", "LIMITS", "loosened", "tightened", "told", "value_of"]
