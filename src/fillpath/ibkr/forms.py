"""What is sent to a gateway, as plain values; the line turns them into the vendor's messages."""

from decimal import Decimal

from msgspec import Struct


class ContractForm(Struct, frozen=True):
    """Which instrument is meant.

    Args:
        symbol: ticker.
        con_id: the vendor's number, 0 while it is not known.
        exchange: where it is routed.
        primary_exchange: where it is listed; tells apart equal tickers.
        currency: of its prices.
        sec_type: STK for shares, IND for an index.
    """

    symbol: str
    con_id: int = 0
    exchange: str = "SMART"
    primary_exchange: str = ""
    currency: str = "USD"
    sec_type: str = "STK"


class OrderForm(Struct, frozen=True, kw_only=True):
    """One order, every field that matters said and none left to a preset of the gateway.

    Args:
        order_id: new, above every one that this client id has used; of a change, the order's.
        contract: with its con_id.
        action: BUY or SELL.
        quantity: whole shares.
        order_type: MKT, LMT, STP, STP LMT, MOC, LOC, ... in the vendor's words.
        limit_price: dollars on the tick; None where the type has none.
        aux_price: trigger of a stop, dollars on the tick; None where the type has none.
        tif: DAY, GTC, IOC, FOK, OPG, GTD.
        good_till: the vendor's text of the end, for GTD only.
        outside_rth: whether it may trade outside regular hours.
        account: never empty.
        order_ref: our order id.
        oca_group: what links it to others; empty without one.
        oca_type: 2 reduces with block, 1 cancels with block, 0 without a group.
        parent_id: order id of a bracket's parent, 0 without one.
        transmit: False holds it at the gateway until a later one of its bracket is sent.
        what_if: True only asks what the order would do to the margin: the broker works it out and
            sends nothing anywhere.
        algo: name of the vendor's algorithm, empty without one.
        algo_params: its parameters, in order.
    """

    order_id: int
    contract: ContractForm
    action: str
    quantity: Decimal
    order_type: str
    limit_price: Decimal | None = None
    aux_price: Decimal | None = None
    tif: str = "DAY"
    good_till: str = ""
    outside_rth: bool = False
    account: str
    order_ref: str
    oca_group: str = ""
    oca_type: int = 0
    parent_id: int = 0
    transmit: bool = True
    what_if: bool = False
    algo: str = ""
    algo_params: tuple[tuple[str, str], ...] = ()


__all__ = ["ContractForm", "OrderForm"]
