"""What trading cost, order by order and summed up: rows for tables, the API and reports.

Costs are signed by side, so that positive is a cost for buys and sells alike; a markout is signed
the other way, so that positive went our way. What is not known is None, never zero.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from msgspec import Struct

from fillpath.core.models import ZERO, OrderSide
from fillpath.core.rows import DecisionRow, FillRow, OrderRow, QualityRow, SignalRow

MOST_QUOTES: Final = 200_000
"""Quotes of one order at most; the rest of a longer life is not known."""


class CostNews(Struct, frozen=True):
    """Parents whose tables changed, or whose next figure is due.

    Args:
        parents: their names, those that changed first in front.
        through: the journal record up to which everything is among them.
    """

    parents: tuple[str, ...]
    through: int


class CostStory(Struct, frozen=True, kw_only=True):
    """Everything that was written down about one parent order; what its costs are made of.

    Args:
        parent_id: its name.
        orders: it and its slices, those of them that were sent.
        fills: all executions; a bust has quantity 0.
        decisions: why it was made, released or refused.
        quality: measurements.
        signal: the signal behind it, None where it is not known.
        sequence: newest journal record among them.
    """

    parent_id: str
    orders: Sequence[OrderRow]
    fills: Sequence[FillRow] = ()
    decisions: Sequence[DecisionRow] = ()
    quality: Sequence[QualityRow] = ()
    signal: SignalRow | None = None
    sequence: int = -1


class OrderCostRow(Struct, frozen=True, kw_only=True, gc=False):
    """What one parent order, or one order that was sent for it, cost.

    An order that was sent whole has one row; a sliced one has a row for the parent and one for each
    slice. Money is account currency, prices account currency per share.

    Args:
        order_id: the order.
        parent_order_id: the parent, on slices.
        symbol: ticker.
        side: BUY or SELL.
        route: the row of the routing table.
        strategy_name: the strategy behind it.
        status: where the order stands; of a sliced parent, where all its slices stand.
        slices: slices sent of a sliced parent, 0 for an order sent whole and for a slice.
        quantity: shares wanted.
        filled_quantity: shares filled.
        notional: sum of price times shares over the fills.
        average_price: VWAP of all fills; None without one.
        decision_price: mid when it was decided to trade, else the price of the signal.
        arrival_price: mid when the order was released.
        submit_price: mid when the broker had it; what spreads are measured from.
        fill_price_mid: mid at the fills, weighted by shares.
        end_price: mid when the order ended.
        interval_vwap: price weighted by volume from arrival to the last fill, from running volumes.
        interval_twap: time-weighted mid from arrival to the last fill.
        signal_at: when the strategy made the signal.
        received_at: when the engine took it.
        decided_at: when the decision to trade was final.
        released_at: when the order, or its first slice, was released to the broker.
        acknowledged_at: when the broker had it.
        first_fill_at: when it was first executed.
        last_fill_at: when it was last executed.
        ended_at: when it ended; None while it works.
        decision_bps: cost against ``decision_price``.
        arrival_bps: cost against ``arrival_price``.
        vwap_bps: cost against ``interval_vwap``.
        twap_bps: cost against ``interval_twap``.
        delay: money lost from decision to arrival, on what was filled.
        execution: money lost from arrival to the fills.
        opportunity: money missed from decision to end, on what was not filled.
        fees: commissions and fees.
        shortfall: sum of the four, exactly; None while one of them is not known.
        shortfall_bps: the same of the paper trade.
        wagner_delay: money lost from decision to arrival, on everything wanted.
        wagner_opportunity: money missed from arrival to end, on what was not filled.
        quoted_spread_bps: ask less bid at submission, of its mid.
        effective_spread_bps: twice the cost against ``submit_price``, of it.
        realised_spread_bps: twice the cost against the mid five minutes after each fill.
        effective_over_quoted: E/Q; 1 pays the whole spread.
        markout_50ms_bps: how far the mid went our way within 50 ms of each fill.
        markout_1s_bps: within 1 s.
        markout_10s_bps: within 10 s.
        markout_15s_bps: within 15 s.
        markout_60s_bps: within 1 min.
        markout_300s_bps: within 5 min.
        due_at: when the next figure becomes known; None when all are that ever will be.
        sequence: newest journal record that it takes into account.
    """

    order_id: str
    parent_order_id: str | None = None
    symbol: str
    side: OrderSide
    route: str = ""
    strategy_name: str = ""
    status: str = ""
    slices: int = 0
    quantity: Decimal
    filled_quantity: Decimal = ZERO
    notional: Decimal = ZERO
    average_price: Decimal | None = None
    decision_price: Decimal | None = None
    arrival_price: Decimal | None = None
    submit_price: Decimal | None = None
    fill_price_mid: Decimal | None = None
    end_price: Decimal | None = None
    interval_vwap: Decimal | None = None
    interval_twap: Decimal | None = None
    signal_at: datetime | None = None
    received_at: datetime | None = None
    decided_at: datetime | None = None
    released_at: datetime
    acknowledged_at: datetime | None = None
    first_fill_at: datetime | None = None
    last_fill_at: datetime | None = None
    ended_at: datetime | None = None
    decision_bps: Decimal | None = None
    arrival_bps: Decimal | None = None
    vwap_bps: Decimal | None = None
    twap_bps: Decimal | None = None
    delay: Decimal | None = None
    execution: Decimal | None = None
    opportunity: Decimal | None = None
    fees: Decimal = ZERO
    shortfall: Decimal | None = None
    shortfall_bps: Decimal | None = None
    wagner_delay: Decimal | None = None
    wagner_opportunity: Decimal | None = None
    quoted_spread_bps: Decimal | None = None
    effective_spread_bps: Decimal | None = None
    realised_spread_bps: Decimal | None = None
    effective_over_quoted: Decimal | None = None
    markout_50ms_bps: Decimal | None = None
    markout_1s_bps: Decimal | None = None
    markout_10s_bps: Decimal | None = None
    markout_15s_bps: Decimal | None = None
    markout_60s_bps: Decimal | None = None
    markout_300s_bps: Decimal | None = None
    due_at: datetime | None = None
    sequence: int = -1


class CostFigure(Struct, frozen=True, kw_only=True, gc=False):
    """What a summary needs of one parent order.

    Args:
        symbol: ticker.
        strategy_name: the strategy behind it.
        route: the row of the routing table.
        released_at: when it was released to the broker.
        signal_at: when the signal was made.
        last_fill_at: when it was last executed.
        notional: account currency traded.
        cost_bps: its cost against the benchmark that was asked for; None where it is not known.
        fees: account currency.
        shortfall: account currency lost against the decision; None where it is not known.
    """

    symbol: str
    strategy_name: str
    route: str
    released_at: datetime
    signal_at: datetime | None
    last_fill_at: datetime | None
    notional: Decimal
    cost_bps: Decimal | None
    fees: Decimal
    shortfall: Decimal | None


class MarkoutFigure(Struct, frozen=True, kw_only=True, gc=False):
    """What a summary of markouts needs of one parent order; None where it is not known."""

    released_at: datetime
    markout_50ms_bps: Decimal | None
    markout_1s_bps: Decimal | None
    markout_10s_bps: Decimal | None
    markout_15s_bps: Decimal | None
    markout_60s_bps: Decimal | None
    markout_300s_bps: Decimal | None


class OrderTimes(Struct, frozen=True, kw_only=True, gc=False):
    """When each stage of an order was reached; None where nobody wrote it down."""

    signal_at: datetime | None
    received_at: datetime | None
    decided_at: datetime | None
    released_at: datetime
    acknowledged_at: datetime | None
    first_fill_at: datetime | None
    last_fill_at: datetime | None
