"""Between the desk's exact integers and the public models, at the edge and only once."""

from decimal import Decimal
from typing import Any

from fillpath.core.commands import Ticket
from fillpath.core.destinations import KEY, as_metadata, text_destination
from fillpath.core.events import OrderFilled
from fillpath.core.models import Fill, Order
from fillpath.core.units import (
    moment,
    money_units,
    nanoseconds,
    price_decimal,
    price_units,
    quantity_decimal,
    quantity_units,
    ratio_decimal,
)


def optional_price(value: int | None) -> Decimal | None:
    """Return a price as Decimal, or None."""
    return None if value is None else price_decimal(value)


def ticket_metadata(ticket: Ticket) -> dict[str, Any]:
    """Return why and how an order was made, under the specified names."""
    metadata: dict[str, Any] = {
        "signal_id": ticket.signal_id,
        "signal_strength": ratio_decimal(ticket.strength),
        "strategy_name": ticket.strategy_name,
        "signal_timestamp": moment(ticket.signal_at),
        "signal_price": optional_price(ticket.signal_price),
        "kelly_fraction": None if ticket.kelly is None else ratio_decimal(ticket.kelly),
        "sizing": {"bound": ticket.sizing},
        "route": ticket.route,
        "route_reason": ticket.route_reason,
    }
    destination = text_destination(ticket.destination)
    if destination is not None:
        metadata[KEY] = as_metadata(destination)
    if ticket.protected:
        metadata["protected"] = True
    if ticket.slice_number:
        metadata["twap_slice"] = ticket.slice_number
        metadata["twap_total_slices"] = ticket.slice_count
        metadata["twap_interval_seconds"] = ticket.interval_seconds
        metadata["parent_order_id"] = ticket.parent_id
    return metadata


def order_from(ticket: Ticket, at: int) -> Order:
    """Return the public order of a ticket that was decided at ``at`` nanoseconds."""
    whole = ticket.parent_id == ticket.order_id
    return Order(
        symbol=ticket.symbol,
        side=ticket.side,
        quantity=quantity_decimal(ticket.quantity),
        order_type=ticket.order_type,
        limit_price=optional_price(ticket.limit),
        stop_price=optional_price(ticket.stop),
        time_in_force=ticket.time_in_force,
        order_id=ticket.order_id,
        parent_order_id=None if whole else ticket.parent_id,
        strategy_name=ticket.strategy_name,
        oca_group=ticket.group,
        created_at=moment(at),
        metadata=ticket_metadata(ticket),
    )


def filled_by(at: int, fill: Fill) -> OrderFilled:
    """Return the fact, learned at ``at`` nanoseconds, that a broker reported as a public fill.

    Raises:
        ModelError: a price or commission is finer than the desk's exact integers.
    """
    return OrderFilled(
        at,
        fill.order_id,
        fill.fill_id,
        fill.symbol,
        fill.side,
        quantity_units(fill.quantity),
        price_units(fill.price),
        nanoseconds(fill.ts),
        money_units(fill.commission),
        fill.parent_order_id or "",
        fill.simulated,
    )
