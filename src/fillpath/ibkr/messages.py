"""The vendor's messages by their numbers: plain fields become what was heard.

Three messages are so long and so often changed that the vendor's library reads them, in
`session.py`; here is all the rest, exactly as it was on the wire.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from fillpath.core.units import NANOSECONDS
from fillpath.ibkr.frames import Garbage
from fillpath.ibkr.heard import (
    AccountValue,
    BarShown,
    Charged,
    DataKind,
    Ended,
    Executed,
    Heard,
    Held,
    RuleShown,
    Said,
    ServerTime,
    StatusShown,
    Ticked,
    Valued,
)
from fillpath.ibkr.numbers import number, price, traded_at, whole

NEXT_ID: Final = 9
ACCOUNTS: Final = 15
OPEN_ORDER: Final = 5
CONTRACT: Final = 10
COMPLETED_ORDER: Final = 101

KNOWN: Final = frozenset({*range(1, 22), *range(45, 108)} - {48, 60})
"""Numbers of messages that a gateway may send at all; most of them are of no use here."""

_NONE: Final = Decimal(0)


def read(fields: list[str]) -> Iterable[Heard]:
    """Return what a message says; nothing for one that is of no use.

    Args:
        fields: of one message, its number first.

    Raises:
        Garbage: it is not what its number promises.
    """
    kind = whole(fields[0])
    reader = _READERS.get(kind)
    if reader is None:
        if kind not in KNOWN:
            raise Garbage(f"there is no message {kind}")
        return ()
    try:
        return reader(fields)
    except (IndexError, OverflowError) as error:
        raise Garbage(f"message {kind} with {len(fields)} fields cannot be read") from error


def _tick_price(fields: list[str]) -> Iterable[Heard]:
    size = number(fields[5])
    return (Ticked(whole(fields[2]), whole(fields[3]), price(fields[4]), size),)


def _tick_size(fields: list[str]) -> Iterable[Heard]:
    return (Ticked(whole(fields[2]), whole(fields[3]), size=number(fields[4])),)


def _tick_string(fields: list[str]) -> Iterable[Heard]:
    return (Ticked(whole(fields[2]), whole(fields[3]), text=fields[4]),)


def _order_status(fields: list[str]) -> Iterable[Heard]:
    status = StatusShown(
        order_id=whole(fields[1]),
        status=fields[2],
        filled=number(fields[3]) or _NONE,
        remaining=number(fields[4]) or _NONE,
        average_price=price(fields[5]),
        perm_id=whole(fields[6]),
        parent_id=whole(fields[7]),
        client_id=whole(fields[9]),
        why_held=fields[10],
        market_cap_price=price(fields[11]),
    )
    return (status,)


def _error(fields: list[str]) -> Iterable[Heard]:
    reject = fields[5] if len(fields) > 5 else ""  # noqa: PLR2004  # older gateways leave it out
    return (Said(whole(fields[2]), whole(fields[3]), fields[4], reject),)


def _account_value(fields: list[str]) -> Iterable[Heard]:
    return (AccountValue(account=fields[5], tag=fields[2], value=fields[3], currency=fields[4]),)


def _portfolio(fields: list[str]) -> Iterable[Heard]:
    valued = Valued(
        con_id=whole(fields[2]),
        symbol=fields[3],
        sec_type=fields[4],
        quantity=number(fields[13]),
        market_price=number(fields[14]),
        average_cost=number(fields[16]),
        realized=number(fields[18]),
        account=fields[19],
    )
    return (valued,)


def _execution(fields: list[str]) -> Iterable[Heard]:
    executed = Executed(
        request=whole(fields[1]),
        order_id=whole(fields[2]),
        con_id=whole(fields[3]),
        symbol=fields[4],
        sec_type=fields[5],
        exec_id=fields[14],
        traded_at=traded_at(fields[15]),
        account=fields[16],
        side=fields[18],
        shares=number(fields[19]),
        price=number(fields[20]),
        perm_id=whole(fields[21]),
        client_id=whole(fields[22]),
        cumulative=number(fields[24]),
        order_ref=fields[26],
    )
    return (executed,)


def _bars(fields: list[str]) -> Iterable[Heard]:
    request, count = whole(fields[1]), whole(fields[4])
    rows = _rows(fields, 5, 8, count)
    return (*(_bar(request, row) for row in rows), Ended("bars", request))


def _bar(request: int, row: list[str]) -> Heard:
    return BarShown(
        request=request,
        stamp=row[0],
        open=number(row[1]),
        high=number(row[2]),
        low=number(row[3]),
        close=number(row[4]),
        volume=number(row[5]),
    )


def _server_time(fields: list[str]) -> Iterable[Heard]:
    return (ServerTime(whole(fields[2]) * NANOSECONDS),)


def _data_kind(fields: list[str]) -> Iterable[Heard]:
    return (DataKind(whole(fields[2]), whole(fields[3])),)


def _commission(fields: list[str]) -> Iterable[Heard]:
    return (Charged(fields[2], number(fields[3]), fields[4]),)


def _position(fields: list[str]) -> Iterable[Heard]:
    held = Held(
        account=fields[2],
        con_id=whole(fields[3]),
        symbol=fields[4],
        sec_type=fields[5],
        quantity=number(fields[14]),
        average_cost=number(fields[15]),
    )
    return (held,)


def _rule(fields: list[str]) -> Iterable[Heard]:
    rows = _rows(fields, 3, 2, whole(fields[2]))
    steps = tuple((number(row[0]) or _NONE, number(row[1]) or _NONE) for row in rows)
    return (RuleShown(whole(fields[1]), steps),)


def _rows(fields: list[str], first: int, width: int, count: int) -> list[list[str]]:
    """Return so many rows of fields, which must all be there."""
    end = first + width * count
    if not first <= end <= len(fields):
        raise Garbage(f"message {fields[0]} promises {count} rows in {len(fields)} fields")
    return [fields[at : at + width] for at in range(first, end, width)]


def _ended(what: str) -> Callable[[list[str]], Iterable[Heard]]:
    return lambda _: (Ended(what),)


def _ended_request(what: str) -> Callable[[list[str]], Iterable[Heard]]:
    return lambda fields: (Ended(what, whole(fields[2])),)


_READERS: Final[Mapping[int, Callable[[list[str]], Iterable[Heard]]]] = MappingProxyType(
    {
        1: _tick_price,
        2: _tick_size,
        3: _order_status,
        4: _error,
        6: _account_value,
        7: _portfolio,
        11: _execution,
        17: _bars,
        45: _tick_size,
        46: _tick_string,
        49: _server_time,
        52: _ended_request("contract"),
        53: _ended("open_orders"),
        54: _ended("account"),
        55: _ended_request("executions"),
        58: _data_kind,
        59: _commission,
        61: _position,
        62: _ended("positions"),
        93: _rule,
        102: _ended("completed_orders"),
    }
)

__all__ = ["ACCOUNTS", "COMPLETED_ORDER", "CONTRACT", "KNOWN", "NEXT_ID", "OPEN_ORDER", "read"]
