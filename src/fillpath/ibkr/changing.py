"""Changing an order that works: what was asked, and what the gateway works since."""

from decimal import Decimal

from msgspec.structs import replace

from fillpath.core.events import OrderAmended
from fillpath.core.units import price_units, quantity_units
from fillpath.ibkr.forms import OrderForm
from fillpath.ibkr.heard import OrderShown
from fillpath.ibkr.judging import Out
from fillpath.ibkr.tracked import Tracked


def shown_terms(tracked: Tracked, shown: OrderShown, at: int) -> list[Out]:
    """Return what size and trigger the gateway works from now on, where they are others than before.

    A trigger that is missing or 0 was not told. Limits are not compared: the gateway echoes them in
    its own way, and nothing changes them.
    """
    order = tracked.order
    before = order.stop_price if tracked.triggered else None
    told = shown.aux_price is not None and shown.aux_price > 0
    stop = shown.aux_price if told and tracked.triggered else before
    if shown.quantity <= 0 or (shown.quantity, stop) == (order.quantity, before):
        return []
    change = tracked.change
    asked = change is not None and (change.quantity, change.stop) == (shown.quantity, stop)
    if asked:
        tracked.change = None
    tracked.order = order.changed(
        quantity=shown.quantity, stop_price=stop if tracked.triggered else order.stop_price
    )
    if tracked.form is not None:
        tracked.form = changed_form(tracked.form, shown.quantity, stop)
    return [amended(tracked, at, "" if asked else "the broker changed it, as for its group")]


def amended(tracked: Tracked, at: int, reason: str = "") -> OrderAmended:
    """Return the fact that an order works in its present size with its present trigger."""
    stop = tracked.order.stop_price if tracked.triggered else None
    return OrderAmended(
        at,
        tracked.order_id,
        quantity_units(tracked.order.quantity),
        None if stop is None else price_units(stop),
        reason,
    )


def changed_form(form: OrderForm, quantity: Decimal, stop: Decimal | None) -> OrderForm:
    """Return what is sent to change an order: the same order, in another size or with another trigger."""
    aux = form.aux_price if stop is None or form.aux_price is None else stop
    return replace(form, quantity=quantity, aux_price=aux, transmit=True)


__all__ = ["amended", "changed_form", "shown_terms"]
