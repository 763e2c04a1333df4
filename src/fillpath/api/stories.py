"""The life of an order as a person reads it: its events in order, its slices, its time; pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from fillpath.api.answers import OrderEvent, OrderTold, SlicePlan
from fillpath.core.listings import OrderCosts, OrderStory, QuotePoint
from fillpath.core.rows import DecisionRow, FillRow, OrderRow, QualityRow, SignalRow

BEFORE: Final = timedelta(minutes=1)
AFTER: Final = timedelta(minutes=5)
"""How much of the market before and after an order is shown."""
_LONG_MS: Final = 10_000
"""From here on a span is told in seconds."""
_RANKS: Final = ("SIGNAL", "DECISION", "SENT", "FILL", "END", "MEASURED")


def told(
    story: OrderStory,
    costs: OrderCosts | None,
    quotes: list[QuotePoint],
    planned: Sequence[SlicePlan] = (),
) -> OrderTold:
    """Return everything that is known of an order, with the slices that are still to come."""
    return OrderTold(
        order=story.order,
        children=story.children,
        fills=story.fills,
        decisions=story.decisions,
        signal=story.signal,
        quality=story.quality,
        events=events(story),
        schedule=[*schedule(story), *planned],
        quotes=quotes,
        costs=costs,
    )


def around(story: OrderStory) -> tuple[str, datetime, datetime] | None:
    """Return the symbol and the time whose prices belong to an order; None when it never was."""
    orders = [*([] if story.order is None else [story.order]), *story.children]
    if not orders:
        return None
    begins = min(order.submitted_at for order in orders)
    known = [order.closed_at or order.submitted_at for order in orders]
    ends = max([*known, *(fill.ts for fill in story.fills)])
    return orders[0].symbol, begins - BEFORE, ends + AFTER


def events(story: OrderStory) -> list[OrderEvent]:
    """Return the life of an order, oldest first."""
    return sorted(_events(story), key=lambda event: (event.at, _RANKS.index(event.kind)))


def _events(story: OrderStory) -> Iterator[OrderEvent]:
    if story.signal is not None:
        yield _signalled(story.signal)
    for decision in story.decisions:
        yield _decided(decision)
    for order in ([] if story.order is None else [story.order]) + story.children:
        yield from _lived(order)
    for fill in story.fills:
        yield _filled(fill)
    for measured in story.quality:
        yield _measured(measured)


def _signalled(signal: SignalRow) -> OrderEvent:
    text = (
        f"{signal.strategy_name or 'by hand'}: {signal.direction} at strength {signal.strength:f}"
    )
    return OrderEvent(
        at=signal.signal_at,
        kind="SIGNAL",
        title="Signal",
        text=text,
        order_id=signal.order_id,
    )


def _decided(decision: DecisionRow) -> OrderEvent:
    reasons = [decision.text or decision.reason, decision.route_reason, *decision.risk_reasons]
    return OrderEvent(
        at=decision.ts,
        kind="DECISION",
        title=f"{decision.stage.capitalize()}: {decision.outcome.lower()}",
        text="; ".join(dict.fromkeys(text for text in reasons if text)),
        order_id=decision.order_id,
    )


def _lived(order: OrderRow) -> Iterator[OrderEvent]:
    price = "" if order.limit_price is None else f" at {order.limit_price:,f}"
    part = f"slice {order.slice}: " if order.slice else ""
    yield OrderEvent(
        at=order.submitted_at,
        kind="SENT",
        title="Sent",
        text=f"{part}{order.side} {order.quantity:,f} {order.symbol} {order.order_type}{price}",
        order_id=order.order_id,
    )
    if order.closed_at is not None:
        done = f"{order.filled_quantity:,f} of {order.quantity:,f} filled"
        yield OrderEvent(
            at=order.closed_at,
            kind="END",
            title=order.status.replace("_", " ").capitalize(),
            text=f"{done}; {order.reason}" if order.reason else done,
            order_id=order.order_id,
        )


def _filled(fill: FillRow) -> OrderEvent:
    made = " (simulated)" if fill.simulated else ""
    return OrderEvent(
        at=fill.ts,
        kind="FILL",
        title="Fill" if fill.quantity else "Fill busted",
        text=f"{fill.quantity:,f} at {fill.price:,f}, commission {fill.commission:,f}{made}",
        order_id=fill.order_id,
    )


def _measured(row: QualityRow) -> OrderEvent:
    word = "cost " if row.slippage_bps > 0 else "gain " if row.slippage_bps < 0 else ""
    text = f"{word}{abs(row.slippage_bps):.2f} bps against {row.expected_price:,f}"
    return OrderEvent(
        at=row.filled_at,
        kind="MEASURED",
        title="Measured",
        text=f"{text}, {_span(row.fill_latency_ms)} from signal to fill",
        order_id=row.order_id,
    )


def _span(milliseconds: Decimal) -> str:
    if milliseconds < _LONG_MS:
        return f"{milliseconds:.0f} ms"
    return f"{milliseconds / 1_000:,.1f} s"


def schedule(story: OrderStory) -> list[SlicePlan]:
    """Return the slices of an order that were sent, in their order."""
    done = sorted((row for row in story.children if row.slice), key=lambda row: row.slice)
    return [
        SlicePlan(
            number=row.slice,
            order_id=row.order_id,
            due_at=row.submitted_at,
            sent_at=row.submitted_at,
            quantity=row.quantity,
            filled=row.filled_quantity,
            status=row.status,
        )
        for row in done
    ]


__all__ = ["around", "events", "schedule", "told"]
