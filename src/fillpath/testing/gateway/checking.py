"""What the gateway refuses about a new or changed order, and with which number."""

from decimal import Decimal
from typing import Final

from msgspec import Struct

from fillpath.testing.gateway.catalogue import Catalogue, Contract
from fillpath.testing.gateway.market import LIMITED, ORDER_TYPES, STOPS
from fillpath.testing.gateway.placing import PlacedOrder
from fillpath.testing.gateway.records import GatewayOrder

ALGORITHMS: Final = frozenset(
    {"Adaptive", "Twap", "Vwap", "ArrivalPx", "PctVol", "ClosePx", "DarkIce"}
)
TIMES: Final = frozenset({"", "DAY", "GTC", "IOC", "FOK", "OPG", "GTD"})


class Refused(Struct, frozen=True):
    """Why an order is not taken."""

    code: int
    text: str


def refusal(
    placed: PlacedOrder, contract: Contract, catalogue: Catalogue, accounts: tuple[str, ...]
) -> Refused | None:
    """Return why an order is not taken, or None."""
    return (
        _words(placed, accounts) or _size(placed, contract) or _prices(placed, contract, catalogue)
    )


def change_refusal(order: GatewayOrder, placed: PlacedOrder) -> Refused | None:
    """Return why an order cannot be changed like this, or None."""
    if order.status == "Filled":
        return Refused(104, "Cannot modify a filled order.")
    if not order.is_open and not order.is_held:
        return Refused(103, "Duplicate order id")
    if (placed.action, placed.order_ref) != (order.placed.action, order.placed.order_ref):
        return Refused(105, "Order being modified does not match original order.")
    if placed.quantity is not None and placed.quantity <= order.filled:
        return Refused(105, "Order being modified does not match original order.")
    if placed.order_type != order.placed.order_type:
        return Refused(329, "Order modify failed. Cannot change to the new order type.")
    return None


def _words(placed: PlacedOrder, accounts: tuple[str, ...]) -> Refused | None:
    if placed.action not in {"BUY", "SELL"}:
        return Refused(321, "Error validating request:-'bO' : cause - Invalid side")
    if placed.order_type not in ORDER_TYPES:
        text = "Unsupported order type for this exchange and security type."
        return Refused(387, text)
    if placed.tif not in TIMES:
        return Refused(201, "Order rejected - reason:Invalid time in force")
    if placed.account not in {"", *accounts} or (not placed.account and len(accounts) > 1):
        return Refused(436, "You must specify an allocation.")
    if placed.algo and placed.algo not in ALGORITHMS:
        return Refused(439, "The order processing failed. Algorithm definition not found.")
    return None


def _size(placed: PlacedOrder, contract: Contract) -> Refused | None:
    quantity = placed.quantity or Decimal(0)
    if quantity == 0:
        return Refused(434, "The order size cannot be zero.")
    if quantity < 0:
        return Refused(321, "Error validating request:-'bO' : cause - Invalid size")
    if quantity % contract.min_size:
        return Refused(10243, "Fractional-sized order cannot be placed via API.")
    return None


def _prices(placed: PlacedOrder, contract: Contract, catalogue: Catalogue) -> Refused | None:
    prices = []
    if placed.order_type in LIMITED:
        prices.append(placed.limit_price)
    if placed.order_type in STOPS:
        prices.append(placed.aux_price)
    for price in prices:
        if price is None or price <= 0:
            return Refused(321, "Error validating request:-'bO' : cause - Missing price")
        if not catalogue.on_tick(contract, price):
            text = "The price does not conform to the minimum price variation for this contract."
            return Refused(110, text)
    return None


__all__ = ["ALGORITHMS", "Refused", "change_refusal", "refusal"]
