"""The state of the market: the end of the session, halts, and what a short sale needs."""

from typing import Final

from fillpath.core.markets import TradingStatus
from fillpath.core.models import OrderSide
from fillpath.core.units import NANOSECONDS, RATIO_SCALE, price_decimal, quantity_decimal
from fillpath.core.units import ratio_decimal as seconds_decimal
from fillpath.risk.asking import Ask
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.verdicts import Objection, broken_input

NEAR_CLOSE: Final = "NEAR_CLOSE"
HALTED: Final = "HALTED"
SHORT_SALE: Final = "SHORT_SALE"
SHORT_SALE_RESTRICTION: Final = "SHORT_SALE_RESTRICTION"

_BUY: Final = OrderSide.BUY


def no_buffer(limits: RiskLimits) -> str:
    """Return why entries may be sent until the close, empty when they may not."""
    return "" if limits.session.close_buffer_ns else "risk.session.close_buffer_seconds is 0"


def check_near_close(ask: Ask, _memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to entries too near to the close, where that is known: every order ends with the day."""
    closes_at = ask.closes_at
    if not closes_at:
        return None
    buffer = limits.session.close_buffer_ns
    if 0 < ask.at <= closes_at - buffer:
        return None
    left = _seconds(closes_at - ask.at)
    if ask.at <= 0 or closes_at < 0:
        return broken_input(33, f"the session closes at {closes_at} ns, and now is {ask.at} ns")
    return Objection(
        NEAR_CLOSE,
        f"the session closes in {left} s, no entry is sent in its last {_seconds(buffer)}",
        buffer,
        closes_at - ask.at,
    )


def _seconds(nanoseconds: int) -> str:
    return f"{seconds_decimal(nanoseconds * RATIO_SCALE // NANOSECONDS):f}"


def halt(symbol: str, memory: RiskMemory) -> str:
    """Return what halts a symbol, or the whole market; empty when nothing was told of a halt."""
    if memory.market_halted:
        return f"the whole market is halted: {memory.market_halted}"
    facts = memory.symbols.get(symbol)
    if facts is None or not facts.status or facts.status == TradingStatus.TRADING:
        return ""
    return f"{symbol} is {facts.status}"


def check_halt(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to entries into a halt, and where it is not known whether there is one."""
    text = halt(ask.symbol, memory)
    if text:
        return Objection(HALTED, text)
    if not limits.session.facts_required:
        return None
    facts = memory.symbols.get(ask.symbol)
    if facts is not None and facts.status:
        return None
    return broken_input(34, f"it is unknown whether {ask.symbol} trades")


def _opens_short(ask: Ask) -> bool:
    if ask.side is _BUY or ask.reduces:
        return False
    return ask.quantity > ask.account_held - ask.working_sell


def check_short_sale(ask: Ask, memory: RiskMemory, limits: RiskLimits) -> Objection | None:
    """Object to short sales of more shares than may be borrowed, or of nobody knows how many."""
    if not _opens_short(ask):
        return None
    facts = memory.symbols.get(ask.symbol)
    shortable = None if facts is None else facts.shortable
    if shortable is None and not limits.session.facts_required:
        return None
    if shortable is None or shortable < 0:
        return broken_input(29, f"it is unknown how many {ask.symbol} may be borrowed")
    if ask.quantity <= shortable:
        return None
    return Objection(
        SHORT_SALE,
        f"{quantity_decimal(ask.quantity)} {ask.symbol} would be sold short, "
        f"{quantity_decimal(shortable)} may be borrowed",
        shortable,
        ask.quantity,
    )


def check_short_restriction(ask: Ask, memory: RiskMemory, _limits: RiskLimits) -> Objection | None:
    """Object to a short sale that may trade at the best bid while the price test is in force."""
    facts = memory.symbols.get(ask.symbol)
    if facts is None or not facts.short_restricted or not _opens_short(ask):
        return None
    if ask.bid <= 0:
        return broken_input(29, f"the best bid of {ask.symbol} is unknown")
    if ask.limit is not None and ask.limit > ask.bid:
        return None
    price = ask.worst_price if ask.limit is None else ask.limit
    return Objection(
        SHORT_SALE_RESTRICTION,
        f"{ask.symbol} may be sold short only above its best bid {price_decimal(ask.bid)}, not at "
        f"{price_decimal(price)}",
        ask.bid,
        price,
    )
