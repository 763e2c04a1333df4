"""The messages of the gateway about orders and executions, as the client's decoder reads them."""

from decimal import Decimal
from typing import Final

from fillpath.testing.gateway.catalogue import Contract
from fillpath.testing.gateway.records import GatewayExecution, GatewayOrder
from fillpath.testing.gateway.wire import Message, Value, message, stamp

UNSET: Final = "1.7976931348623157E308"
"""How the vendor writes an amount that it has not worked out."""


def order_status(order: GatewayOrder) -> Message:
    """Return how an order stands."""
    return message(
        "orderStatus",
        order.order_id,
        *(3, order.order_id, order.status, order.filled, order.remaining, order.average),
        *(order.perm_id, order.placed.parent_id, order.last_price, order.client_id),
        *(order.why_held, 0),
    )


def open_order(order: GatewayOrder, warning: str = "") -> Message:
    """Return an order and its state."""
    placed, rest = order.placed, order.placed.rest
    return message(
        "openOrder",
        order.order_id,
        *(5, order.order_id, *_contract(order.contract), *_terms(order)),
        *(order.client_id, order.perm_id, placed.outside_rth, rest.get("hidden", "0"), "0", ""),
        *("", "", "", ""),
        *("", rest.get("goodTillDate", ""), "", "", "", 0, "", -1),
        *(0, "", "", "", "", "", 0, False, False, False, "", placed.oca_type, False, False, ""),
        *(placed.parent_id, 0, "", 0, "", ""),
        *(False, 0, "", "", "", "", "", 0, 0, 0, "", "", "", ""),
        *(False, "", "IB", False, False, *_algorithm(order)),
        *(
            False,
            placed.what_if,
            order.status,
            *_margins(order),
            warning,
            False,
            False,
            0,
        ),
        *("None", "", "", "", "", "", "", 0, "", "", "", "", False, False, False, False),
        *("", "", False, "", "", "", "", ""),
    )


def open_order_end() -> Message:
    """Return the end of the open orders."""
    return message("openOrderEnd", -1, 53, 1)


def completed_order(order: GatewayOrder) -> Message:
    """Return an order that has ended; it carries neither its order id nor its fills."""
    placed, rest = order.placed, order.placed.rest
    ended = stamp(order.ended_at) if order.ended_at else ""
    return message(
        "completedOrder",
        order.order_id,
        *(101, *_contract(order.contract), *_terms(order)),
        *(order.perm_id, placed.outside_rth, False, "0", "", "", "", ""),
        *("", rest.get("goodTillDate", ""), "", "", "", 0, "", -1, "", "", "", "", ""),
        *(0, False, False, "", placed.oca_type, 0, "", 0, "", ""),
        *(False, 0, "", "", "", 0, 0, 0, "", "", "", ""),
        *("", "IB", False, False, *_algorithm(order)),
        *(False, order.status, False, False, 0),
        *("", "", "", False, False, "", order.filled, 0, False, "", False, False, 0),
        *(ended, order.reason, "", "", "", "", ""),
    )


def completed_orders_end() -> Message:
    """Return the end of the completed orders."""
    return message("completedOrdersEnd", -1, 102)


def execution(done: GatewayExecution, request: int = -1) -> Message:
    """Return an execution, by itself or as the answer to a request."""
    order = done.order
    return message(
        "execDetails",
        order.order_id,
        *(11, request, order.order_id, *_contract(order.contract, done.exchange), done.exec_id),
        *(stamp(done.at), order.account, done.exchange, "BOT" if order.buys else "SLD"),
        *(done.shares, done.price, order.perm_id, order.client_id, 0, done.cumulative),
        *(done.average, order.ref, "", "", "", 2, False),
    )


def executions_end(request: int) -> Message:
    """Return the end of the executions."""
    return message("execDetailsEnd", request, 55, 1, request)


def commission_report(exec_id: str, commission: Value, currency: str, about: int = -1) -> Message:
    """Return what an execution cost."""
    return message("commissionReport", about, 59, 1, exec_id, commission, currency, 0, "", "")


def _contract(contract: Contract, exchange: str = "SMART") -> tuple[Value, ...]:
    return (
        *(contract.con_id, contract.symbol, contract.sec_type, "", "0", "?", ""),
        *(exchange, contract.currency, contract.symbol, contract.symbol),
    )


def _terms(order: GatewayOrder) -> tuple[Value, ...]:
    placed = order.placed
    return (
        *(placed.action, placed.quantity, placed.order_type),
        *(_price(placed.limit_price), _price(placed.aux_price), placed.tif, placed.oca_group),
        *(order.account, placed.rest.get("openClose", "O"), 0, placed.order_ref),
    )


def _price(price: Decimal | None) -> Value:
    """Return a price as it is echoed: a zero where the type has none."""
    return "0.0" if price is None else price


def _algorithm(order: GatewayOrder) -> tuple[Value, ...]:
    placed = order.placed
    if not placed.algo:
        return ("",)
    params = [text for pair in placed.algo_params for text in pair]
    return (placed.algo, len(placed.algo_params), *params)


def _margins(order: GatewayOrder) -> tuple[Value, ...]:
    """Return nine margins, three commissions and a currency; of real orders none is worked out."""
    if not order.placed.what_if:
        return ("",) * 13
    if not order.margins:
        return (*(UNSET,) * 12, "")
    return (*order.margins, 1, 1, 1, "USD")


__all__ = [
    "commission_report",
    "completed_order",
    "completed_orders_end",
    "execution",
    "executions_end",
    "open_order",
    "open_order_end",
    "order_status",
]
