"""What travels on the bus: documented, versioned JSON, read strictly and written exactly.

Every message carries ``"v": 1``. A reader refuses what it does not know; a later version adds
fields under a new number, never under this one. ``docs/reference/messages.md`` lists the fields.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import msgspec
from msgspec import Struct

from fillpath.core.errors import ModelError
from fillpath.core.models import ZERO, Quote, Signal
from fillpath.core.ports import Delivery, Outgoing
from fillpath.core.rows import AlertRow, DecisionRow, FillRow, OrderRow, Projected, SignalRow
from fillpath.core.units import exact, iso, moment
from fillpath.data.bus.channels import ALERTS, FILLS, ORDERS
from fillpath.data.bus.wire import (
    LONGEST_TEXT,
    check_fields,
    moment_in,
    number_in,
    read_object,
    shown,
)

VERSION: Final = 1

_NEEDED: Final = ("v", "symbol", "direction", "strength")
_NAMES: Final = ("strategy_name", "signal_id")
SIGNAL_FIELDS: Final = frozenset({*_NEEDED, *_NAMES, "timestamp", "metadata", "sequence"})
_STATISTICS: Final = frozenset(
    {"win_rate", "avg_win_pct", "avg_loss_pct", "n_trades"}
    | {"signal_price", "quantity", "target_quantity"}
)
_QUOTE_NEEDED: Final = ("v", "symbol", "bid_price", "ask_price")
QUOTE_FIELDS: Final = frozenset({*_QUOTE_NEEDED, "bid_size", "ask_size", "volume", "timestamp"})
_VOLUME_NEEDED: Final = ("v", "symbol", "shares", "sessions")
VOLUME_FIELDS: Final = frozenset(_VOLUME_NEEDED)
_LEAST_SESSIONS: Final = 20
_MS: Final = 1_000_000
_encode: Final = msgspec.json.Encoder().encode

# What a row is called on the wire, and where it goes.
_PLACES: Final[Mapping[type, tuple[str, str]]] = MappingProxyType(
    {
        FillRow: (FILLS, "fill"),
        OrderRow: (ORDERS, "order"),
        SignalRow: (ORDERS, "signal"),
        DecisionRow: (ORDERS, "decision"),
        AlertRow: (ALERTS, "alert"),
    }
)
DECISION_FIELDS: Final = (
    *("ts", "stage", "outcome", "symbol", "reason", "text"),
    *("strategy_name", "signal_id", "order_id"),
)

UNTOLD: Final = frozenset({"acknowledged_at"})
"""Columns that are younger than version 1 of the messages."""


class SignalMessage(Struct, frozen=True):
    """A signal as it came over the bus.

    Args:
        signal: complete: what came without id or time has those of its place in the stream.
        sequence: the producer's own number of the message; None when it does not number them.
        named: whether it came with an id and a time of its own.
    """

    signal: Signal
    sequence: int | None
    named: bool = False


def read_signal(delivery: Delivery) -> SignalMessage:
    """Return the signal of a message, the same each time the message is handed over.

    A signal without an id gets one from the message's place in the stream, and a signal without a
    time the moment at which the stream took it: a redelivery is then known as a repeat, and its
    age is its own.

    Raises:
        ModelError: it breaks a limit of the format; it can never be taken.
    """
    fields = read_object(delivery.payload)
    check_fields(fields, _NEEDED, SIGNAL_FIELDS)
    _check_version(fields["v"])
    for name in ("symbol", "direction", *_NAMES):
        _check_text(fields.get(name, ""), name)
    signal_id = fields.get("signal_id", f"bus-{delivery.message_id}")
    signal = Signal(
        symbol=fields["symbol"],
        direction=fields["direction"],
        strength=_number(fields["strength"], "strength"),
        metadata=_metadata(fields.get("metadata", {})),
        strategy_name=fields.get("strategy_name", ""),
        signal_id=signal_id,
        timestamp=_signal_time(fields, delivery.message_id),
    )
    named = "signal_id" in fields and "timestamp" in fields
    return SignalMessage(signal, _sequence(fields.get("sequence")), named)


def write_signal(signal: Signal, sequence: int | None = None) -> bytes:
    """Return the message of a signal."""
    fields: dict[str, Any] = {
        "v": VERSION,
        "symbol": signal.symbol,
        "direction": signal.direction,
        "strength": signal.strength,
        "strategy_name": signal.strategy_name,
        "signal_id": signal.signal_id,
        "timestamp": signal.timestamp,
        "metadata": signal.metadata,
        "sequence": sequence,
    }
    return _encode(_plain({name: value for name, value in fields.items() if value is not None}))


def outgoing(account: str, projected: Projected) -> Outgoing | None:
    """Return the message that tells a row to strategies, or None when nobody needs it.

    Decisions are told when they are something else than an order, which has a message of its own.
    """
    row = projected.row
    place = _PLACES.get(type(row))
    if place is None or (isinstance(row, DecisionRow) and row.outcome == "ORDERED"):
        return None
    channel, kind = place
    names = DECISION_FIELDS if isinstance(row, DecisionRow) else row.__struct_fields__
    event_id = projected.event_id(account)
    fields = {"v": VERSION, "type": kind, "event_id": event_id, "account": account}
    told = (name for name in names if name not in UNTOLD)
    fields |= {_wire_name(name): _plain(getattr(row, name)) for name in told}
    return Outgoing(channel, event_id, _encode(fields))


def write_quote(quote: Quote) -> bytes:
    """Return the message of a quote."""
    fields = {"v": VERSION, **{_wire_name(n): getattr(quote, n) for n in quote.__struct_fields__}}
    return _encode(_plain(fields))


def read_quote(payload: bytes) -> Quote:
    """Return the quote of a message; its time is None when it came without one.

    A side that is null is missing. Nothing is judged here: a crossed quote is a quote.

    Raises:
        ModelError: it breaks a limit of the format, or a price is not a finite number above 0.
    """
    fields = read_object(payload)
    check_fields(fields, _QUOTE_NEEDED, QUOTE_FIELDS)
    _check_version(fields["v"])
    time = fields.get("timestamp")
    return Quote(
        symbol=fields["symbol"],
        bid_price=_optional(fields["bid_price"], "bid_price"),
        ask_price=_optional(fields["ask_price"], "ask_price"),
        bid_size=_optional(fields.get("bid_size"), "bid_size") or ZERO,
        ask_size=_optional(fields.get("ask_size"), "ask_size") or ZERO,
        volume=_optional(fields.get("volume"), "volume"),
        ts=None if time is None else moment_in(time, "timestamp"),
    )


def write_volume(symbol: str, shares: Decimal, sessions: int) -> bytes:
    """Return the message of an average daily volume."""
    return _encode(
        {"v": VERSION, "symbol": symbol, "shares": _plain(shares), "sessions": sessions},
    )


def read_volume(payload: bytes) -> tuple[str, Decimal]:
    """Return symbol and shares of an average daily volume over at least 20 past sessions.

    Raises:
        ModelError: it breaks a limit of the format, or averages too few sessions.
    """
    fields = read_object(payload)
    check_fields(fields, _VOLUME_NEEDED, VOLUME_FIELDS)
    _check_version(fields["v"])
    _check_text(fields["symbol"], "symbol")
    sessions = fields["sessions"]
    if type(sessions) is not int or sessions < _LEAST_SESSIONS:
        raise ModelError(
            f"sessions must be a whole number of {_LEAST_SESSIONS} or more, got {shown(sessions)}"
        )
    return fields["symbol"], _number(fields["shares"], "shares")


def _check_version(value: object) -> None:
    if type(value) is not int or value != VERSION:
        raise ModelError(f"v must be {VERSION}, got {shown(value)}")


def _check_text(value: object, name: str) -> None:
    if not isinstance(value, str) or not value.isprintable():
        raise ModelError(
            f"{name} must be a text of at most {LONGEST_TEXT} printable characters, "
            f"got {shown(value)}"
        )


def _number(value: object, field: str) -> Decimal:
    return number_in(value, field) if isinstance(value, str) else exact(value, field)


def _optional(value: object, field: str) -> Decimal | None:
    return None if value is None else _number(value, field)


def _metadata(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ModelError(f"metadata must be an object, got {shown(value)}")
    return {
        name: number_in(item, name) if name in _STATISTICS and isinstance(item, str) else item
        for name, item in value.items()
    }


def _signal_time(fields: Mapping[str, Any], message_id: str) -> datetime:
    if "timestamp" in fields:
        return moment_in(fields["timestamp"], "timestamp")
    return moment(int(message_id.partition("-")[0]) * _MS)


def _sequence(value: object) -> int | None:
    if value is None or (type(value) is int and value >= 0):
        return value
    raise ModelError(f"sequence must be a whole number of 0 or more, got {shown(value)}")


def _wire_name(name: str) -> str:
    return "timestamp" if name == "ts" else name


def _plain(value: object) -> Any:
    match value:
        case Decimal():
            return f"{value:f}"
        case datetime():
            return iso(value)
        case Mapping():
            return {str(name): _plain(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value


__all__ = [
    "DECISION_FIELDS",
    "QUOTE_FIELDS",
    "SIGNAL_FIELDS",
    "UNTOLD",
    "VERSION",
    "VOLUME_FIELDS",
    "SignalMessage",
    "outgoing",
    "read_quote",
    "read_signal",
    "read_volume",
    "write_quote",
    "write_signal",
    "write_volume",
]
