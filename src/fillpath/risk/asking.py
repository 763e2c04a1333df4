"""What one order brings before the checks: its own numbers and the account and market of now."""

from msgspec import Struct

from fillpath.core.models import OrderSide
from fillpath.core.units import QUANTITY_SCALE


class Ask(Struct, frozen=True, gc=False):
    """One order, asking to be sent; the verdict depends on this, the memory and the limits alone.

    Args:
        symbol: ticker.
        side: BUY or SELL.
        quantity: quantity units, above 0.
        price: reference price (mid), price units; 0 when it is missing.
        worst_price: the worst price the order may pay, price units; 0 when it is missing.
        account_held: what the account holds (of an exit: what its strategy holds), quantity units,
            short negative.
        working_buy: quantity units on working buys in the symbol, without this order.
        working_sell: quantity units on working sells in the symbol, without this order.
        cash: money units; may be negative.
        reserved: cash that working orders may still need, money units, 0 or more.
        equity: total equity, money units; may be negative.
        open_symbols: symbols held or worked.
        symbol_is_open: whether this symbol is among them.
        reduces: the order is meant as an exit, which only reduces a position.
        killed: the kill switch is set.
        lot: quantity units of one lot, to which a reduced size is cut.
        at: nanoseconds UTC of the question; 0 when nobody said.
        strategy: the strategy behind it.
        limit: the limit price, price units; None for a plain market order.
        bid: best bid, price units; 0 when it is missing.
        ask: best ask, price units; 0 when it is missing.
        quote_at: nanoseconds from which the quote was known; 0 without a quote.
        adv: average daily volume, quantity units; 0 when it is unknown, -1 when it must not be.
        signal_price: the price of the signal, price units; 0 when it told none.
        long_value: value of all longs at their marks, money units.
        short_value: value of all shorts at their marks, money units, 0 or more.
        sector_value: value of what is held and worked in the symbol's sector, money units.
        child: whether it is a slice of a parent that was judged before.
        order_id: name of the order, or of the parent while it is judged as a whole.
        parent_id: name of the parent.
        closes_at: nanoseconds when the session ends, 0 when that is not known.
        allowed_by: the person who allowed it, empty when nobody was asked.
        mean: mean mid of the last five minutes, price units; 0 while nobody knows it.
        shorting: what working sales that open a short are worth at worst, money units.
    """

    symbol: str
    side: OrderSide
    quantity: int
    price: int
    worst_price: int
    account_held: int
    working_buy: int
    working_sell: int
    cash: int
    reserved: int
    equity: int
    open_symbols: int
    symbol_is_open: bool
    reduces: bool
    killed: bool
    lot: int = QUANTITY_SCALE
    at: int = 0
    strategy: str = ""
    limit: int | None = None
    bid: int = 0
    ask: int = 0
    quote_at: int = 0
    adv: int = 0
    signal_price: int = 0
    long_value: int = 0
    short_value: int = 0
    sector_value: int = 0
    child: bool = False
    order_id: str = ""
    parent_id: str = ""
    closes_at: int = 0
    allowed_by: str = ""
    shorting: int = 0
    mean: int = 0


__all__ = ["Ask"]
