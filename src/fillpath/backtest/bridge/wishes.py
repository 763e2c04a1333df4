"""Backtrader's orders read: what one asks for, in our words."""

from datetime import timedelta
from math import isfinite
from typing import Any, Final

import backtrader

from fillpath.backtest.bridge.ledger import Wish, clean
from fillpath.core.errors import ConfigError
from fillpath.core.models import OrderSide, OrderType, TimeInForce
from fillpath.core.units import price_units, quantity_units

_SHARE_DIGITS: Final = 6
_ASKED: Final = frozenset(
    {
        "price",
        "plimit",
        "exectype",
        "valid",
        "tradeid",
        "oco",
        "trailamount",
        "trailpercent",
        "parent",
        "transmit",
        "histnotify",
    }
)
_BT: Any = backtrader.Order
_KINDS = {
    _BT.Market: OrderType.MARKET,
    _BT.Close: OrderType.MARKET,
    _BT.Limit: OrderType.LIMIT,
    _BT.Stop: OrderType.STOP,
    _BT.StopTrail: OrderType.STOP,
    _BT.StopLimit: OrderType.STOP_LIMIT,
    _BT.StopTrailLimit: OrderType.STOP_LIMIT,
    _BT.Historical: OrderType.MARKET,
}
_OURS = frozenset(_KINDS) - {_BT.StopTrailLimit, _BT.Historical}


def order_of(kind: Any, owner: Any, data: Any, size: float, asked: dict[str, Any]) -> Any:
    """Return an order of Backtrader's; what it does not know is put down as its ``info``."""
    known = {name: value for name, value in asked.items() if name in _ASKED}
    known["pricelimit"] = known.pop("plimit", None)
    order = kind(owner=owner, data=data, size=size, **known)
    extra = {name: value for name, value in asked.items() if name not in _ASKED}
    order.addinfo(**{name: value for name, value in extra.items() if not name.startswith("_")})
    return order


def check_kind(order: Any) -> None:
    """Refuse a kind of order that the simulated broker does not have.

    Raises:
        ConfigError: with the kinds that it has.
    """
    if order.exectype not in _OURS:
        raise ConfigError(
            f"the simulated broker has no {order.getordername()} order of Backtrader's: use Market, "
            "Close, Limit, Stop, StopLimit or StopTrail, or set backtest.broker to backtrader"
        )


def wish_of(order: Any, number: int, group: str = "") -> Wish:
    """Return what an order asks for; a price that is no number is none."""
    kind = _KINDS[order.exectype]
    limit = stop = None
    if kind is OrderType.LIMIT:
        limit = _price(order.created.price)
    elif kind is not OrderType.MARKET:
        stop = _price(order.created.price)
        if kind is OrderType.STOP_LIMIT:
            limit = _price(order.created.pricelimit)
    return Wish(
        number=number,
        symbol=order.data.symbol,
        side=OrderSide.BUY if order.isbuy() else OrderSide.SELL,
        quantity=quantity_units(round(clean(abs(order.size)), _SHARE_DIGITS)),
        order_type=kind,
        limit=limit,
        stop=stop,
        time_in_force=TimeInForce.DAY if for_the_day(order) else TimeInForce.GTC,
        strategy_name=type(order.owner).__name__,
        group=group,
    )


def _price(number: float) -> int | None:
    return price_units(clean(number)) if isfinite(number) else None


def for_the_day(order: Any) -> bool:
    """Return whether an order was asked to end with its day; Backtrader forgets what it was asked."""
    valid = order.p.valid
    return valid is not None and (valid == timedelta() or not valid)
