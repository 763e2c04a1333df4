"""What a Backtrader run did, as the rows that every run of ours is made of."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from msgspec import Struct

from fillpath.core.commands import Decision, OrderClosed, QualityMeasured, Ticket
from fillpath.core.events import MarketView, OrderFilled
from fillpath.core.models import OrderSide, OrderStatus, OrderType, TimeInForce
from fillpath.reports.recorder import RunRecorder

ROUTE: Final = "backtrader"
"""The route of every order: none of the routing table's, because nothing routed it."""
_REASON: Final = "sent by the Backtrader strategy, neither sized nor routed"
_FINE: Final = 8


class Wish(Struct, frozen=True, kw_only=True):
    """What a Backtrader order asks for, in exact integers.

    Args:
        number: its place among the orders of the run, from 1.
        symbol: ticker.
        side: BUY or SELL.
        quantity: quantity units.
        order_type: how it meets the market.
        limit: price units; None without one.
        stop: the trigger, price units; None without one.
        time_in_force: DAY or GTC.
        strategy_name: the strategy class.
        group: orders of one group are linked; empty for an order of its own.
    """

    number: int
    symbol: str
    side: OrderSide
    quantity: int
    order_type: OrderType
    limit: int | None
    stop: int | None
    time_in_force: TimeInForce
    strategy_name: str
    group: str = ""

    @property
    def order_id(self) -> str:
        """Return our name for it, the same in every run."""
        return f"bt-{self.number}"


class _Line(Struct):
    """One order on the way."""

    ticket: Ticket
    sent_at: int
    market: MarketView
    broker_order_id: str = ""
    filled: int = 0
    value: int = 0
    commission: int = 0
    first_fill_at: int = 0
    last_fill_at: int = 0
    over: bool = False


class Ledger:
    """Writes down orders, fills and ends.

    Args:
        market: returns the quote that stood at a moment in a symbol.
    """

    def __init__(self, market: Callable[[str, int], MarketView]) -> None:
        self.recorder = RunRecorder()
        self._market = market
        self._lines: dict[str, _Line] = {}

    def sent(self, wish: Wish, at: int) -> None:
        """Take down that an order was given; it leaves at ``at``."""
        market = self._market(wish.symbol, at)
        self._lines[wish.order_id] = _Line(_ticket(wish, at), at, market)
        self.recorder.record(_decision(wish, at, market, "ORDERED"))

    def named(self, order_id: str, broker_order_id: str) -> None:
        """Take down the broker's name of an order."""
        self._lines[order_id].broker_order_id = broker_order_id

    def filled(self, fill: OrderFilled) -> None:
        """Take down an execution."""
        line = self._lines[fill.order_id]
        line.filled += fill.quantity
        line.value += fill.quantity * fill.price
        line.commission += fill.commission
        line.first_fill_at = line.first_fill_at or fill.traded_at
        line.last_fill_at = fill.traded_at
        self.recorder.record_fill(fill)

    def over(self, order_id: str, status: OrderStatus, at: int, reason: str = "") -> None:
        """Take down the end of an order; once."""
        line = self._lines[order_id]
        if line.over:
            return
        line.over = True
        self.recorder.record(_closed(line, status, at, reason))
        if line.filled:
            self.recorder.record(_measured(line))

    def still_open(self, at: int) -> list[OrderClosed]:
        """Return the orders that have not ended, as they stand at the end of the run."""
        return [
            _closed(line, _standing(line), max(at, line.sent_at), "the run ended")
            for line in self._lines.values()
            if not line.over
        ]


def _standing(line: _Line) -> OrderStatus:
    return OrderStatus.PARTIALLY_FILLED if line.filled else OrderStatus.SUBMITTED


def _ticket(wish: Wish, at: int) -> Ticket:
    name = wish.order_id
    return Ticket(
        order_id=name,
        parent_id=name,
        symbol=wish.symbol,
        side=wish.side,
        quantity=wish.quantity,
        order_type=wish.order_type,
        limit=wish.limit,
        stop=wish.stop,
        time_in_force=wish.time_in_force,
        strategy_name=wish.strategy_name,
        signal_id=name,
        route=ROUTE,
        route_reason=_REASON,
        protected=False,
        slice_number=0,
        slice_count=0,
        interval_seconds=0,
        signal_price=None,
        signal_at=at,
        strength=0,
        kelly=None,
        sizing="",
        group=wish.group,
    )


def _decision(wish: Wish, at: int, market: MarketView, outcome: str) -> Decision:
    return Decision(
        at,
        "SIGNAL",
        outcome,
        wish.symbol,
        text=_REASON,
        strategy_name=wish.strategy_name,
        signal_id=wish.order_id,
        order_id=wish.order_id,
        side=wish.side,
        quantity=wish.quantity,
        order_type=wish.order_type,
        limit=wish.limit,
        stop=wish.stop,
        market=market,
        route=ROUTE,
        route_reason=_REASON,
    )


def _closed(line: _Line, status: OrderStatus, at: int, reason: str) -> OrderClosed:
    return OrderClosed(
        at,
        line.ticket,
        status,
        line.broker_order_id,
        line.filled,
        line.value,
        line.commission,
        line.sent_at,
        reason,
    )


def _measured(line: _Line) -> QualityMeasured:
    """Return how well an order was executed; what waited for a price began with its first fill."""
    ticket, market = line.ticket, line.market
    known = market.bid is not None and market.ask is not None
    mid = (market.bid or 0) + (market.ask or 0) if known else None
    waited = ticket.order_type is not OrderType.MARKET
    began = line.first_fill_at if waited else min(line.sent_at, line.first_fill_at)
    price = line.value // line.filled
    return QualityMeasured(
        line.last_fill_at,
        ticket.order_id,
        ticket.parent_id,
        ticket.symbol,
        ticket.side,
        ticket.route,
        ticket.strategy_name,
        line.filled,
        line.value,
        ticket.limit or ticket.stop or (mid // 2 if mid else price),
        None,
        None if waited else mid,
        began,
        began,
        line.first_fill_at,
    )


def clean(number: float) -> Decimal:
    """Return a price or a size of Backtrader without the noise of its floats: 8 decimals."""
    return Decimal(repr(round(float(number), _FINE)))


__all__ = ["ROUTE", "Ledger", "Wish", "clean"]
