"""The broker's algorithms and the auctions, as an order asks for them.

Names and parameters as the vendor documents them: "IB Algorithms" of its API reference
(interactivebrokers.github.io/tws-api/ibalgos.html), the samples ``AvailableAlgoParams`` of its API,
and the pages of its user's guide on each algorithm (ibkrguides.com, usersguidebook/algos), which
give the shares as 1 % to 50 %. A capture of a paper gateway of August 2026, published with the
tests of another client, took Adaptive, Vwap, ArrivalPx, ClosePx and PctVol with these parameters
and times in UTC, echoed them in another order, and refused ``strategyType`` of Twap as unknown
(443): so ``moment`` is sent only where it is asked for. DarkIce and ``speedUp`` were not among what
it took: [K], general knowledge until a paper account has confirmed it.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.auctions import auction_problem
from fillpath.core.destinations import (
    KEY,
    Adaptive,
    Algorithm,
    ArrivalPrice,
    AtClose,
    AtOpen,
    ClosePrice,
    DarkIce,
    Destination,
    PercentOfVolume,
    Twap,
    Vwap,
    destination_of,
    name_of,
)
from fillpath.core.errors import BrokerRefused, ModelError
from fillpath.core.models import Order
from fillpath.core.units import iso, moment, nanoseconds
from fillpath.ibkr.forms import OrderForm
from fillpath.ibkr.hours import session_of
from fillpath.ibkr.words import Instrument, check_type

NOT_TAKEN: Final = "DESTINATION_NOT_TAKEN"
"""Code of the refusal of an order whose algorithm the broker does not take."""
TAKES_NO_ALGORITHM: Final = frozenset({439, 441, 442, 443})
"""No such algorithm, its parameters do not fit, not for this order, an unknown parameter."""


class Known(Struct, frozen=True):
    """One algorithm in the vendor's words.

    Args:
        strategy: its name.
        parameters: our field of each parameter, by the vendor's name, in the vendor's order.
        verified: whether somebody has seen a gateway take it with these parameters.
    """

    strategy: str
    parameters: Mapping[str, str]
    verified: bool = True


ALGORITHMS: Final[Mapping[type[Algorithm], Known]] = MappingProxyType(
    {
        Adaptive: Known("Adaptive", {"adaptivePriority": "priority"}),
        Twap: Known(
            "Twap",
            {
                "strategyType": "moment",
                "startTime": "start",
                "endTime": "end",
                "allowPastEndTime": "past_end",
            },
            verified=False,
        ),
        Vwap: Known(
            "Vwap",
            {
                "maxPctVol": "max_share",
                "startTime": "start",
                "endTime": "end",
                "allowPastEndTime": "past_end",
                "noTakeLiq": "never_take",
                "speedUp": "speed_up",
            },
        ),
        ArrivalPrice: Known(
            "ArrivalPx",
            {
                "maxPctVol": "max_share",
                "riskAversion": "risk",
                "startTime": "start",
                "endTime": "end",
                "forceCompletion": "complete",
                "allowPastEndTime": "past_end",
            },
        ),
        PercentOfVolume: Known(
            "PctVol",
            {
                "pctVol": "share",
                "startTime": "start",
                "endTime": "end",
                "noTakeLiq": "never_take",
            },
        ),
        ClosePrice: Known(
            "ClosePx",
            {
                "maxPctVol": "max_share",
                "riskAversion": "risk",
                "startTime": "start",
                "forceCompletion": "complete",
            },
        ),
        DarkIce: Known(
            "DarkIce",
            {
                "displaySize": "display_size",
                "startTime": "start",
                "endTime": "end",
                "allowPastEndTime": "past_end",
            },
            verified=False,
        ),
    }
)
DESTINATIONS: Final = frozenset(
    {"adaptive", "twap", "vwap", "arrival_price", "percent_of_volume", "close_price", "dark_ice"}
    | {"at_close", "at_open"}
)
"""What this broker says that it takes, by name; a single contract may take less."""


def parameters(algorithm: Algorithm) -> tuple[tuple[str, str], ...]:
    """Return the parameters of an algorithm as the vendor writes them; None and empty are left out.

    ``speedUp`` goes only where it is asked for.
    """
    told = []
    for tag, field in ALGORITHMS[type(algorithm)].parameters.items():
        value = getattr(algorithm, field)
        if value is None or value == "" or (tag == "speedUp" and not value):
            continue
        told.append((tag, _written(value)))
    return tuple(told)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.strftime("%Y%m%d %H:%M:%S UTC")
    return str(value)


def directed(form: OrderForm, order: Order, traded: Instrument, at: int) -> OrderForm:
    """Return the form of an order as its metadata direct it; without a destination as it is.

    Args:
        form: the order in the gateway's words.
        order: with ``metadata["destination"]``, or without.
        traded: the contract; an auction needs its sessions.
        at: nanoseconds UTC of now.

    Raises:
        BrokerRefused: the destination cannot be, does not fit the order, or it is too late.
    """
    try:
        destination = destination_of(order.metadata.get(KEY))
    except ModelError as error:
        raise BrokerRefused("INVALID_DESTINATION", str(error)) from None
    match destination:
        case None:
            return form
        case AtClose() | AtOpen():
            day = session_of(traded.sessions, at)
            problem = auction_problem(destination, day, at, traded.contract.primary_exchange)
            if problem is not None:
                raise BrokerRefused(problem.code, problem.text)
            _check_fit(form, destination)
            return _at_auction(form, destination, traded)
        case _:
            _check_fit(form, destination)
            return _worked(form, destination, traded, at)


def _check_fit(form: OrderForm, destination: Destination) -> None:
    name = name_of(destination)
    checks: tuple[tuple[str, object, bool, str], ...] = (
        ("order_type", form.order_type, form.order_type in {"MKT", "LMT"}, "MARKET or LIMIT"),
        ("time_in_force", form.tif, form.tif == "DAY", "DAY"),
        ("outside_rth", form.outside_rth, not form.outside_rth, "False"),
        ("oca_group", form.oca_group, not form.oca_group, "empty"),
        ("parent_id", form.parent_id, not form.parent_id, "0"),
    )
    for field, value, fits, allowed in checks:
        if not fits:
            raise BrokerRefused(
                "INVALID_DESTINATION",
                f"{field} of an order for {name} must be {allowed}, got {value!r}",
            )


def _at_auction(form: OrderForm, auction: Destination, traded: Instrument) -> OrderForm:
    if isinstance(auction, AtOpen):
        check_type("OPG", traded)
        return replace(form, tif="OPG")
    word = "MOC" if form.order_type == "MKT" else "LOC"
    check_type(word, traded)
    return replace(form, order_type=word)


def _worked(form: OrderForm, algorithm: Algorithm, traded: Instrument, at: int) -> OrderForm:
    if traded.order_types and "ALGO" not in traded.order_types:
        symbol, name = traded.contract.symbol, name_of(algorithm)
        raise BrokerRefused(NOT_TAKEN, f"{symbol} must take algorithms for {name}, it takes none")
    if isinstance(algorithm, DarkIce) and algorithm.display_size > form.quantity:
        raise BrokerRefused(
            "INVALID_DESTINATION",
            f"display_size must be at most the quantity {form.quantity}, got "
            f"{algorithm.display_size}",
        )
    end = getattr(algorithm, "end", None)
    if end is not None and nanoseconds(end) <= at:
        raise BrokerRefused(
            "INVALID_DESTINATION", f"end must be after now, {iso(moment(at))}, got {iso(end)}"
        )
    strategy = ALGORITHMS[type(algorithm)].strategy
    return replace(form, algo=strategy, algo_params=parameters(algorithm))


def algorithm_refused(form: OrderForm, code: int) -> bool:
    """Return whether a refusal is about the algorithm of an order, and not about the order.

    It is told as ``DESTINATION_NOT_TAKEN`` then, so that the desk may work the order itself.
    """
    return bool(form.algo) and code in TAKES_NO_ALGORITHM


__all__ = [
    "ALGORITHMS",
    "DESTINATIONS",
    "NOT_TAKEN",
    "TAKES_NO_ALGORITHM",
    "Known",
    "algorithm_refused",
    "directed",
    "parameters",
]
