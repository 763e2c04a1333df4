"""Who may trade what: permissions of a strategy, restricted symbols, the contract that was meant.

None of these stops an exit: what is held may always be sold.
"""

from typing import Final

from fillpath.core.terms import OrderSide, OrderType
from fillpath.core.units import money_decimal
from fillpath.risk.asking import Ask
from fillpath.risk.limits import Instrument, Permission, RiskLimits, TradingSession
from fillpath.risk.memory import RiskMemory, SymbolFacts
from fillpath.risk.verdicts import Objection, broken_input

PERMISSION: Final = "PERMISSION"
RESTRICTED: Final = "RESTRICTED"
CONTRACT_CHANGED: Final = "CONTRACT_CHANGED"

_CONTRACT: Final = 37


def everyone_may(limits: RiskLimits) -> str:
    """Return why permissions are not asked for, empty when they are."""
    return "there is no list of permissions" if limits.permissions.everyone else ""


def nothing_restricted(limits: RiskLimits) -> str:
    """Return why no symbol is restricted, empty when one is."""
    return "" if limits.restricted_symbols else "no symbol is restricted"


def contracts_unknown(limits: RiskLimits) -> str:
    """Return why contracts are not compared, empty when they are."""
    if limits.instruments.rows or limits.require_contract:
        return ""
    return "there is no instrument file"


def check_permission(ask: Ask, _memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to entries that their strategy was not given; who is not listed may nothing."""
    allowed = limits.permissions.by_strategy.get(ask.strategy)
    if allowed is None:
        name = ask.strategy or "without a name"
        return Objection(PERMISSION, f"the strategy {name} has no permission to trade")
    missing = _missing(ask, allowed)
    if missing:
        return Objection(PERMISSION, f"the strategy {ask.strategy} may not {missing}")
    most, value = allowed.max_notional, ask.quantity * ask.worst_price
    # Slices of a parent that was within its size are.
    if most is None or ask.child or value <= most:
        return None
    return Objection(
        PERMISSION,
        f"the strategy {ask.strategy} may enter at most {money_decimal(most)} at once, this is "
        f"{money_decimal(value)}",
        most,
        value,
        most // ask.worst_price,
    )


def _missing(ask: Ask, allowed: Permission) -> str:
    """Return what the strategy was not given, in words; empty when it may."""
    kind = OrderType.MARKET if ask.limit is None else OrderType.LIMIT
    if allowed.symbols is not None and ask.symbol not in allowed.symbols:
        return f"trade {ask.symbol}"
    if allowed.sides is not None and ask.side not in allowed.sides:
        return f"{ask.side}"
    if allowed.order_types is not None and kind not in allowed.order_types:
        return f"send {kind} orders"
    # Nothing is sent outside the regular session: no order asks the broker for it.
    if allowed.sessions is not None and TradingSession.REGULAR not in allowed.sessions:
        return "trade in the regular session"
    if _opens_short(ask) and not _may_short(ask.symbol, allowed):
        return f"sell {ask.symbol} short"
    return ""


def _opens_short(ask: Ask) -> bool:
    return ask.side is OrderSide.SELL and ask.quantity > ask.account_held - ask.working_sell


def _may_short(symbol: str, allowed: Permission) -> bool:
    return allowed.short_symbols is None or symbol in allowed.short_symbols


def check_restricted(ask: Ask, _memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to entries in a restricted symbol."""
    if ask.symbol not in limits.restricted_symbols:
        return None
    return Objection(RESTRICTED, f"{ask.symbol} is restricted and may not be entered")


def check_contract(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to entries in a symbol that was not reviewed, or is not what it was then."""
    pinned = limits.instruments.by_symbol.get(ask.symbol)
    if pinned is None:
        return broken_input(_CONTRACT, f"{ask.symbol} is not in the instrument file")
    facts = memory.symbols.get(ask.symbol)
    if facts is None or not facts.con_id:
        if limits.require_contract:
            return broken_input(_CONTRACT, f"the broker has not named the contract of {ask.symbol}")
        return None
    change = contract_change(ask.symbol, pinned, facts)
    return Objection(CONTRACT_CHANGED, change) if change else None


def contract_change(symbol: str, pinned: Instrument, facts: SymbolFacts) -> str:
    """Return in a sentence how the broker's contract differs from the reviewed one."""
    changes = [
        f"{name} {now} and not {then}"
        for name, then, now in (
            ("contract", pinned.con_id, facts.con_id),
            ("currency", pinned.currency, facts.currency),
            ("primary exchange", pinned.primary_exchange, facts.exchange),
        )
        if now != then
    ]
    return f"{symbol} is at the broker {', '.join(changes)}" if changes else ""


__all__ = [
    "CONTRACT_CHANGED",
    "PERMISSION",
    "RESTRICTED",
    "check_contract",
    "check_permission",
    "check_restricted",
    "contract_change",
    "contracts_unknown",
    "everyone_may",
    "nothing_restricted",
]
