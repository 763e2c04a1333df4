"""Our orders in the gateway's words: every field said, checked before any library sees it.

A price stands on a step of the contract's market rule, a buy rounded down and a sell up, so that
no limit is ever passed. What cannot be sent is refused with one sentence that names the field, its
value and what is allowed; nothing is repaired in silence.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.auctions import Day
from fillpath.core.errors import BrokerRefused, ModelError
from fillpath.core.models import Order, OrderType, TimeInForce
from fillpath.core.units import exact
from fillpath.ibkr.forms import ContractForm, OrderForm
from fillpath.ibkr.heard import ContractFound, RuleShown
from fillpath.ibkr.hours import sessions
from fillpath.ibkr.price_steps import PriceSteps, on_step, steps_of
from fillpath.ibkr.sides import ACTIONS
from fillpath.ibkr.symbols import our_symbol

MOST_SHARES: Final = Decimal(10) ** 7
"""More shares than any order should have; the limits of risk are far below."""
LONGEST_REFERENCE: Final = 128
HIGHEST_ORDER_ID: Final = 2**31 - 1
REDUCE_WITH_BLOCK: Final = 2
"""One order of a group works at the exchange at a time, so that two of them never both fill."""

TYPES: Final[Mapping[OrderType, str]] = MappingProxyType(
    {
        OrderType.MARKET: "MKT",
        OrderType.LIMIT: "LMT",
        OrderType.STOP: "STP",
        OrderType.STOP_LIMIT: "STP LMT",
    }
)
OUR_TYPES: Final[Mapping[str, OrderType]] = MappingProxyType(
    {word: kind for kind, word in TYPES.items()} | {"MOC": OrderType.MARKET, "LOC": OrderType.LIMIT}
)
TIMES: Final[Mapping[TimeInForce, str]] = MappingProxyType(
    {
        TimeInForce.DAY: "DAY",
        TimeInForce.GTC: "GTC",
        TimeInForce.IOC: "IOC",
        TimeInForce.FOK: "FOK",
    }
)
OUR_TIMES: Final[Mapping[str, TimeInForce]] = MappingProxyType(
    {word: time for time, word in TIMES.items()} | {"OPG": TimeInForce.DAY}
)
_LIMITED: Final = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
_TRIGGERED: Final = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
_RESTING: Final = frozenset({TimeInForce.DAY, TimeInForce.GTC})


class Instrument(Struct, frozen=True, kw_only=True):
    """What is known of a contract before an order in it may be sent.

    Args:
        contract: with the vendor's number of it.
        steps: the steps of its prices.
        smallest: fewest shares of an order.
        increment: step of sizes in shares; whole shares at least.
        order_types: the vendor's words for what it takes; empty when it did not say.
        sessions: its regular hours of some days, earliest first; empty when they are not known.
    """

    contract: ContractForm
    steps: PriceSteps
    smallest: Decimal = Decimal(1)
    increment: Decimal = Decimal(1)
    order_types: frozenset[str] = frozenset()
    sessions: tuple[Day, ...] = ()


def instrument(found: ContractFound, rule: RuleShown | None) -> Instrument:
    """Return what may be traded, from what the gateway told of a contract.

    Args:
        found: the one contract that fits; always routed by SMART, also where the gateway named
            the exchange that a position is held on.
        rule: the market rule of it; None where the gateway names none.

    Raises:
        BrokerRefused: no number, no share, another currency than USD, or no steps of prices.
    """
    if found.con_id <= 0:
        raise BrokerRefused("NO_CONTRACT", f"con_id must be above 0, got {found.con_id}")
    if found.sec_type != "STK":
        raise BrokerRefused("NO_CONTRACT", f"sec_type must be STK, got {found.sec_type!r}")
    if found.currency != "USD":
        raise BrokerRefused("NO_CONTRACT", f"currency must be USD, got {found.currency!r}")
    return Instrument(
        contract=ContractForm(
            symbol=found.symbol,
            con_id=found.con_id,
            primary_exchange=found.primary_exchange,
            currency=found.currency,
        ),
        steps=steps_of(found, rule),
        smallest=max(found.min_size or Decimal(1), Decimal(1)),
        increment=max(found.size_increment or Decimal(1), Decimal(1)),
        order_types=frozenset(found.order_types),
        sessions=sessions(found.liquid_hours, found.time_zone),
    )


def form_of(
    order: Order, order_id: int, traded: Instrument, account: str, *, outside_rth: bool = False
) -> OrderForm:
    """Return an order in the gateway's words.

    Args:
        order: MARKET, LIMIT, STOP or STOP_LIMIT. Of MARKET and LIMIT the stop price is the level
            of the position's protection and is not sent.
        order_id: a new one, above every one that this client id has used.
        traded: the contract of its symbol.
        account: the account that trades.
        outside_rth: whether it may trade outside regular hours; only a limit may.

    Raises:
        BrokerRefused: a field cannot be sent.
    """
    _check_names(order, order_id, traded, account)
    kind = order.order_type
    word = TYPES[kind]
    check_type(word, traded)
    if kind in _TRIGGERED and order.time_in_force not in _RESTING:
        raise BrokerRefused(
            "INVALID_TIME_IN_FORCE",
            f"time_in_force of a {kind} order must be DAY or GTC, got {order.time_in_force}",
        )
    if outside_rth and kind not in _LIMITED:
        raise BrokerRefused(
            "INVALID_HOURS", f"outside_rth must be False for a {kind} order, got True"
        )
    limit = order.limit_price if kind in _LIMITED else None
    trigger = order.stop_price if kind in _TRIGGERED else None
    steps, side = traded.steps, order.side
    group = _group(order.oca_group)
    return OrderForm(
        order_id=order_id,
        contract=traded.contract,
        action=ACTIONS[side],
        quantity=whole_shares(order.quantity, traded),
        order_type=word,
        limit_price=None if limit is None else on_step(limit, side, steps, "limit_price"),
        aux_price=None if trigger is None else on_step(trigger, side, steps, "stop_price"),
        tif=TIMES[order.time_in_force],
        outside_rth=outside_rth,
        account=account,
        order_ref=order.order_id,
        oca_group=group,
        oca_type=REDUCE_WITH_BLOCK if group else 0,
    )


def changed(
    form: OrderForm, quantity: object, stop: object, order: Order, traded: Instrument
) -> OrderForm:
    """Return what is sent to change an order that works: its own form, in a new size and trigger.

    Args:
        form: what was sent before; everything that is not changed is said again as it was.
        quantity: the whole size, with what is filled of it.
        stop: the new trigger; None leaves it, and an order without a trigger has none to change.
        order: the order, for its side and kind.
        traded: the contract.

    Raises:
        BrokerRefused: the size or the trigger cannot be sent.
    """
    aux = form.aux_price
    if stop is not None and order.order_type in _TRIGGERED:
        aux = on_step(stop, order.side, traded.steps, "stop_price")
    size = whole_shares(quantity, traded)
    return replace(form, quantity=size, aux_price=aux, transmit=True)


def whole_shares(value: object, traded: Instrument) -> Decimal:
    """Return a size that may be sent.

    Raises:
        BrokerRefused: not a whole number of shares from the contract's smallest size to ten
            million, in its increments.
    """
    try:
        quantity = exact(value, "quantity")
    except ModelError as error:
        raise BrokerRefused("INVALID_QUANTITY", str(error)) from None
    if not traded.smallest <= quantity <= MOST_SHARES:
        raise BrokerRefused(
            "INVALID_QUANTITY",
            f"quantity must be from {traded.smallest} to {MOST_SHARES} shares, got {value}",
        )
    if quantity != quantity.to_integral_value() or quantity % traded.increment:
        raise BrokerRefused(
            "INVALID_QUANTITY",
            f"quantity must be whole shares in steps of {traded.increment}, got {value}",
        )
    return quantity.to_integral_value()


def check_type(word: str, traded: Instrument) -> None:
    """Check that the contract takes an order of this type.

    Raises:
        BrokerRefused: the gateway said what it takes, and this is not among it.
    """
    told = word.replace(" ", "")
    if traded.order_types and told not in traded.order_types:
        raise BrokerRefused(
            "ORDER_TYPE_NOT_TAKEN",
            f"order_type must be one that {traded.contract.symbol} takes, got {word}",
        )


def _check_names(order: Order, order_id: int, traded: Instrument, account: str) -> None:
    if type(order_id) is not int or not 0 < order_id <= HIGHEST_ORDER_ID:
        raise BrokerRefused(
            "INVALID_ORDER_ID", f"order_id must be from 1 to {HIGHEST_ORDER_ID}, got {order_id!r}"
        )
    if not account or not account.isalnum() or not account.isascii():
        raise BrokerRefused(
            "NO_ACCOUNT", f"account must be letters and digits of A-Z 0-9, got {account!r}"
        )
    if not traded.contract.con_id:
        raise BrokerRefused("NO_CONTRACT", f"con_id of {order.symbol} must be known, got 0")
    if our_symbol(traded.contract.symbol) != order.symbol:
        raise BrokerRefused(
            "NO_CONTRACT",
            f"symbol must be that of the contract, {traded.contract.symbol!r}, got {order.symbol!r}",
        )
    _reference(order.order_id, "order_id")


def _group(name: str) -> str:
    return _reference(name, "oca_group") if name else ""


def _reference(name: str, field: str) -> str:
    """Return a name that comes back as it went: a field ends at a zero byte, and blanks are cut."""
    if not 0 < len(name) <= LONGEST_REFERENCE or not name.isascii() or not name.isprintable():
        raise BrokerRefused(
            "INVALID_REFERENCE",
            f"{field} must be 1 to {LONGEST_REFERENCE} printable ASCII characters, got {name!r}",
        )
    if name != name.strip():
        raise BrokerRefused(
            "INVALID_REFERENCE", f"{field} must not begin or end with a blank, got {name!r}"
        )
    return name


__all__ = [
    "HIGHEST_ORDER_ID",
    "LONGEST_REFERENCE",
    "MOST_SHARES",
    "OUR_TIMES",
    "OUR_TYPES",
    "REDUCE_WITH_BLOCK",
    "TIMES",
    "TYPES",
    "Instrument",
    "changed",
    "check_type",
    "form_of",
    "instrument",
    "whole_shares",
]
