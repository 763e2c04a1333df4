"""From a signal to an order: the specified face over sizing and pricing.

It fetches what the decisions need and writes down what they decided; every choice about trading is
made in ``sizing`` and ``pricing``.
"""

from decimal import Decimal
from typing import Any, Final

from fillpath.core.errors import NoTrade, PriceUnavailable
from fillpath.core.ids import next_manual_order_id, parent_order_id
from fillpath.core.models import Order, OrderType, PortfolioSnapshot, Quote, Refusal, Signal
from fillpath.core.ports import QuoteFeed
from fillpath.core.units import (
    MONEY_SCALE,
    PRICE_SCALE,
    QUANTITY_SCALE,
    RATIO_SCALE,
    price_decimal,
    quantity_decimal,
    ratio_decimal,
)
from fillpath.execution.policy import SizingPolicy
from fillpath.execution.pricing import advisory_limit, protective_stop, reference_price
from fillpath.execution.sizing import Sized, SizingInput, size
from fillpath.risk.limits import PriceLimits

_LIMIT: Final = OrderType.LIMIT
_DEVIATION: Final = PriceLimits().signal_deviation
"""The generator has a sizing policy and no limits; the desk decides by those in force."""


class OrderGenerator:
    """Turns signals into sized orders.

    Args:
        settings: how much to trade; the specification's defaults when left out.
        feed: where the engine's own quotes come from; without it only the signal's price and the
            marks of positions are known.
    """

    def __init__(self, settings: SizingPolicy | None = None, feed: QuoteFeed | None = None) -> None:
        self._policy = SizingPolicy() if settings is None else settings
        self._feed = feed

    def generate_order(self, signal: Signal, portfolio: PortfolioSnapshot) -> Order:
        """Return the order that the signal asks for: sized and priced, not yet judged by risk.

        ``limit_price`` is advisory, the router may replace it. ``stop_price`` is the protective
        stop of the position an entry opens; an exit has none.

        Raises:
            NoTrade: sizing says no; ``code`` and ``text`` say why.
            PriceUnavailable: there is no price to size with.
        """
        policy = self._policy
        price, source = self._price(signal, portfolio)
        sized = size(sizing_input(signal, portfolio, price), policy)
        if isinstance(sized, Refusal):
            raise NoTrade(sized.code, sized.text)
        kind, side = policy.default_order_type, sized.side
        limit = advisory_limit(price, side, policy.offset) if kind is _LIMIT else None
        stop = None if sized.closes else protective_stop(price, side, policy.stop_distance)
        return Order(
            symbol=signal.symbol,
            side=side,
            quantity=quantity_decimal(sized.quantity),
            order_type=kind,
            limit_price=None if limit is None else price_decimal(limit),
            stop_price=None if stop is None else price_decimal(stop),
            limit_is_hard=False,
            order_id=_order_id(signal),
            strategy_name=signal.strategy_name,
            metadata=_metadata(signal, sized, price, source),
        )

    def _price(self, signal: Signal, portfolio: PortfolioSnapshot) -> tuple[int, str]:
        symbol = signal.symbol
        quote = None if self._feed is None else self._feed.last_quote(symbol)
        found = reference_price(
            signal.metadata.get("signal_price"),
            _twice_mid(quote),
            _mark(portfolio, symbol),
            _DEVIATION,
        )
        if found is None:
            raise PriceUnavailable(symbol)
        if isinstance(found, Refusal):
            raise NoTrade(found.code, found.text)
        return found


def sizing_input(signal: Signal, portfolio: PortfolioSnapshot, price: int) -> SizingInput:
    """Return what sizing needs of a signal and a portfolio; ``price`` is in price units.

    A strategy may use its own positions and those that no strategy claims.
    """
    symbol = signal.symbol
    own = portfolio.held(symbol, signal.strategy_name)
    unclaimed = portfolio.held(symbol, "") if signal.strategy_name else Decimal(0)
    working = _units(portfolio.working.get(symbol, Decimal(0)), QUANTITY_SCALE)
    return SizingInput(
        direction=signal.direction,
        strength=_units(signal.strength, RATIO_SCALE),
        price=price,
        cash=_units(portfolio.cash, MONEY_SCALE),
        reserved=_units(portfolio.reserved_cash, MONEY_SCALE),
        equity=_units(portfolio.total_equity, MONEY_SCALE),
        held=_units(own + unclaimed, QUANTITY_SCALE),
        account_held=_units(portfolio.held(symbol), QUANTITY_SCALE),
        working_buy=max(working, 0),
        working_sell=max(-working, 0),
        metadata=signal.metadata,
    )


def _units(value: Decimal, scale: int) -> int:
    """Return ``value`` as an integer of 1/scale; what is finer is cut off, towards zero."""
    numerator, denominator = value.as_integer_ratio()
    magnitude = abs(numerator) * scale // denominator
    return magnitude if numerator >= 0 else -magnitude


def _twice_mid(quote: Quote | None) -> int | None:
    if quote is None or quote.bid_price is None or quote.ask_price is None:
        return None
    # A crossed quote is no market.
    crossed = quote.bid_price > quote.ask_price
    return None if crossed else _units(quote.bid_price + quote.ask_price, PRICE_SCALE)


def _mark(portfolio: PortfolioSnapshot, symbol: str) -> int | None:
    for position in portfolio.positions:
        if position.symbol == symbol and position.market_price is not None:
            return _units(position.market_price, PRICE_SCALE)
    return None


def _order_id(signal: Signal) -> str:
    if signal.signal_id is None:
        return next_manual_order_id()
    return parent_order_id(signal.strategy_name, signal.signal_id)


def _metadata(signal: Signal, sized: Sized, price: int, source: str) -> dict[str, Any]:
    return {
        "signal_id": signal.signal_id,
        "signal_strength": signal.strength,
        "strategy_name": signal.strategy_name,
        "signal_timestamp": signal.timestamp,
        "signal_price": price_decimal(price),
        "price_source": source,
        "kelly_fraction": None if sized.kelly is None else ratio_decimal(sized.kelly),
        "sizing": {
            "bound": sized.bound,
            "limits": {name: quantity_decimal(units) for name, units in sized.limits.items()},
        },
        "closes": sized.closes,
        "flags": sized.flags,
    }


__all__ = ["OrderGenerator", "sizing_input"]
