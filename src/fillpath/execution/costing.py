"""What an order cost, from what was written down about it: rows in, one row of figures out.

Nothing here asks what will be: a figure that needs a moment after ``Midline.until`` stays None, and
the row says when it becomes known.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Context, Decimal
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.costs import CostStory, OrderCostRow
from fillpath.core.models import ZERO, OrderSide
from fillpath.core.rows import DecisionRow, FillRow, OrderRow, QualityRow
from fillpath.core.units import moment, nanoseconds
from fillpath.execution.markouts import (
    HORIZONS,
    Executed,
    markout_bps,
    mid_of_fills,
    spreads,
)
from fillpath.execution.metrics import slippage_bps
from fillpath.execution.midline import Midline
from fillpath.execution.shortfall import Trade, paper_bps, perold, wagner

PROTECTIVE: Final = "protect"
"""The route of stops and targets: what they did not fill was not missed."""
MIXED: Final = "SLICED"
"""The status of a sliced parent whose slices do not all stand alike."""

UNFILLED: Final = "UNFILLED"
"""The outcome of a schedule whose rest was given up."""

_EXACT: Final = Context(prec=200)
_QUOTIENT: Final = Context(prec=28)
_SENT: Final = frozenset({"ORDERED", "REDUCED"})
_PARENT_STAGES: Final = frozenset({"SIGNAL", "APPROVAL"})


class _Base(Struct, frozen=True):
    """What holds for the parent and for all its slices."""

    decision_price: Decimal | None
    decided_at: datetime | None
    wanted: Decimal | None
    signal_at: datetime | None
    received_at: datetime | None


def cost_rows(story: CostStory, line: Midline) -> list[OrderCostRow]:
    """Return the row of the parent, and one for each slice behind it; none if nothing was sent.

    Args:
        story: what was written down.
        line: the quotes of its symbol, with those of its decisions.
    """
    base = _base(story)
    orders = sorted(story.orders, key=lambda order: (order.submitted_at, order.order_id))
    rows = [_order_row(story, base, order, line) for order in orders if _counts(order)]
    slices = [row for row in rows if row.parent_order_id is not None]
    if not slices:
        return rows
    return [_parent_row(story, base, slices, line), *slices]


def decision_points(
    decisions: Sequence[DecisionRow],
) -> Iterator[tuple[datetime, Decimal, Decimal]]:
    """Yield when a decision saw which bid and ask: the quotes that the journal itself keeps."""
    for decision in decisions:
        market = decision.market
        if market is not None and market.bid is not None and market.ask is not None:
            yield decision.ts, market.bid, market.ask


def _counts(order: OrderRow) -> bool:
    """Return whether an order is worth a row: a stop that was never set off is not."""
    return order.route != PROTECTIVE or bool(order.filled_quantity)


def _base(story: CostStory) -> _Base:
    about = sorted(
        (row for row in story.decisions if row.stage in _PARENT_STAGES), key=lambda row: row.ts
    )
    sent = [row for row in about if row.outcome in _SENT]
    signal = story.signal
    measured = next((row for row in story.quality if row.route != PROTECTIVE), None)
    signalled = None if measured is None else measured.signal_at
    return _Base(
        decision_price=_decision_price(about, story.quality),
        decided_at=sent[-1].ts if sent else None,
        wanted=sent[-1].quantity if sent else None,
        signal_at=signalled if signal is None else signal.signal_at,
        received_at=None if signal is None else signal.received_at,
    )


def _decision_price(
    decisions: Sequence[DecisionRow], quality: Sequence[QualityRow]
) -> Decimal | None:
    for row in decisions:
        if row.market is not None and row.market.mid is not None:
            return row.market.mid
    return next((row.signal_price for row in quality if row.signal_price is not None), None)


def _order_row(story: CostStory, base: _Base, order: OrderRow, line: Midline) -> OrderCostRow:
    protective = order.route == PROTECTIVE
    fills = [row for row in story.fills if row.order_id == order.order_id and row.quantity]
    row = OrderCostRow(
        order_id=order.order_id,
        parent_order_id=order.parent_order_id,
        symbol=order.symbol,
        side=order.side,
        route=order.route,
        strategy_name=order.strategy_name,
        status=order.status,
        quantity=sum_of(fill.quantity for fill in fills) if protective else order.quantity,
        decision_price=None if protective else base.decision_price,
        arrival_price=None if protective else _arrival(story, order, line),
        signal_at=None if protective else base.signal_at,
        received_at=None if protective else base.received_at,
        decided_at=None if protective else base.decided_at,
        released_at=order.submitted_at,
        acknowledged_at=order.acknowledged_at,
        ended_at=order.closed_at,
        sequence=story.sequence,
    )
    return _measured(row, fills, line)


def _arrival(story: CostStory, order: OrderRow, line: Midline) -> Decimal | None:
    """Return the mid that the desk saw when it released the order."""
    mids = [
        row.market.mid
        for row in story.decisions
        if row.ts == order.submitted_at
        and row.outcome in _SENT
        and row.order_id in {order.order_id, story.parent_id}
        and row.market is not None
        and row.market.mid is not None
    ]
    if mids:
        return mids[-1]
    for measured in story.quality:
        if measured.order_id == order.order_id and measured.decision_mid is not None:
            return measured.decision_mid
    return line.mid_at(nanoseconds(order.submitted_at))


def _parent_row(
    story: CostStory, base: _Base, slices: Sequence[OrderCostRow], line: Midline
) -> OrderCostRow:
    """Return the row of a parent whose slices were sent; it arrived with the first of them."""
    first = slices[0]
    statuses = {row.status for row in slices}
    sent = sum_of(row.quantity for row in slices)
    filled = sum_of(row.filled_quantity for row in slices)
    # What one slice left the next one carries, so that slices may ask for more than the parent.
    wanted = max(base.wanted or sent, filled)
    row = replace(
        first,
        order_id=story.parent_id,
        parent_order_id=None,
        status=statuses.pop() if len(statuses) == 1 else MIXED,
        slices=len(slices),
        quantity=wanted,
        ended_at=_ended(story, slices, all_filled=filled == wanted),
    )
    names = {slice_row.order_id for slice_row in slices}
    fills = [fill for fill in story.fills if fill.order_id in names and fill.quantity]
    return _measured(row, fills, line)


def _ended(
    story: CostStory, slices: Sequence[OrderCostRow], *, all_filled: bool
) -> datetime | None:
    """Return when a schedule ended: with its last fill, or when its rest was given up."""
    ends = [row.ended_at for row in slices if row.ended_at is not None]
    if len(ends) < len(slices):
        return None
    if all_filled:
        return max(ends)
    given_up = (
        row.ts
        for row in story.decisions
        if row.outcome == UNFILLED and row.order_id == story.parent_id
    )
    return max(given_up, default=None)


def _measured(row: OrderCostRow, fills: Sequence[FillRow], line: Midline) -> OrderCostRow:
    """Return the row with every figure that follows from its fills and the market around them."""
    ordered = sorted(fills, key=lambda fill: (fill.ts, fill.fill_id))
    filled = sum_of(fill.quantity for fill in ordered)
    value = sum_of(_EXACT.multiply(fill.quantity, fill.price) for fill in ordered)
    done = replace(
        row,
        filled_quantity=filled,
        notional=value,
        average_price=_QUOTIENT.divide(value, filled) if filled else None,
        fees=sum_of(fill.commission for fill in ordered),
        first_fill_at=ordered[0].ts if ordered else None,
        last_fill_at=ordered[-1].ts if ordered else None,
        end_price=None if row.ended_at is None else line.mid_at(nanoseconds(row.ended_at)),
        due_at=_due(row, ordered, line.until),
    )
    executed = [Executed(fill.price, fill.quantity, nanoseconds(fill.ts)) for fill in ordered]
    return _against(_marked(_split(done), executed, line), line)


def _split(row: OrderCostRow) -> OrderCostRow:
    """Return the row with its shortfall by cause."""
    trade = Trade(
        side=row.side,
        wanted=row.quantity,
        filled=row.filled_quantity,
        value=row.notional,
        decision=row.decision_price,
        arrival=row.arrival_price,
        end=row.end_price,
        fees=row.fees,
    )
    parts, other = perold(trade), wagner(trade)
    return replace(
        row,
        delay=parts.delay,
        execution=parts.execution,
        opportunity=parts.opportunity,
        shortfall=parts.total,
        shortfall_bps=paper_bps(parts.total, trade),
        wagner_delay=other.delay,
        wagner_opportunity=other.opportunity,
    )


def _marked(row: OrderCostRow, fills: Sequence[Executed], line: Midline) -> OrderCostRow:
    """Return the row with its spreads and markouts."""
    submitted = nanoseconds(row.acknowledged_at or row.released_at)
    if row.route == PROTECTIVE and row.first_fill_at is not None:
        submitted = nanoseconds(row.first_fill_at)  # nobody tells when a stop is set off
    paid = spreads(row.side, fills, line, submitted)
    marks = {
        f"markout_{name}_bps": markout_bps(row.side, fills, line, after) for name, after in HORIZONS
    }
    return replace(
        row,
        submit_price=line.mid_at(submitted),
        fill_price_mid=mid_of_fills(fills, line),
        quoted_spread_bps=paid.quoted,
        effective_spread_bps=paid.effective,
        realised_spread_bps=paid.realised,
        effective_over_quoted=paid.effective_over_quoted,
        **marks,
    )


def _against(row: OrderCostRow, line: Midline) -> OrderCostRow:
    """Return the row with its costs against each benchmark."""
    twap = vwap = None
    if row.last_fill_at is not None:
        start, end = nanoseconds(row.released_at), nanoseconds(row.last_fill_at)
        twap, vwap = line.twap(start, max(start, end)), line.vwap(start, max(start, end))
    return replace(
        row,
        interval_twap=twap,
        interval_vwap=vwap,
        decision_bps=_cost(row.side, row.decision_price, row.average_price),
        arrival_bps=_cost(row.side, row.arrival_price, row.average_price),
        twap_bps=_cost(row.side, twap, row.average_price),
        vwap_bps=_cost(row.side, vwap, row.average_price),
    )


def _cost(side: OrderSide, reference: Decimal | None, paid: Decimal | None) -> Decimal | None:
    return None if reference is None or paid is None else slippage_bps(side, reference, paid)


def _due(row: OrderCostRow, fills: Sequence[FillRow], until: int) -> datetime | None:
    """Return the next moment after ``until`` that some figure waits for."""
    waited = [] if row.ended_at is None else [nanoseconds(row.ended_at)]
    waited += [nanoseconds(fill.ts) for fill in fills]
    if fills:
        last = nanoseconds(fills[-1].ts)
        waited += [last + after for _, after in HORIZONS]
    due = min((at for at in waited if at > until), default=None)
    return None if due is None else moment(due)


def sum_of(numbers: Iterator[Decimal]) -> Decimal:
    """Return the exact sum."""
    total = ZERO
    for number in numbers:
        total = _EXACT.add(total, number)
    return total
