"""The messages of the gateway about market data, as the client's decoder reads them."""

from collections.abc import Sequence
from decimal import Decimal

from fillpath.testing.gateway.wire import Message, Value, message


def tick_price(request: int, kind: int, price: Value, size: Value) -> Message:
    """Return a price, with its size."""
    return message("tickPrice", request, 1, 6, request, kind, price, size, 0)


def tick_size(request: int, kind: int, size: Value) -> Message:
    """Return a size."""
    return message("tickSize", request, 2, 6, request, kind, size)


def tick_generic(request: int, kind: int, value: Value) -> Message:
    """Return a number."""
    return message("tickGeneric", request, 45, 6, request, kind, value)


def tick_string(request: int, kind: int, text: str) -> Message:
    """Return words."""
    return message("tickString", request, 46, 6, request, kind, text)


def tick_parameters(request: int, min_tick: Decimal) -> Message:
    """Return what a subscription is about."""
    return message("tickReqParams", request, 81, request, min_tick, "9c0001", 3)


def tick_snapshot_end(request: int) -> Message:
    """Return the end of a snapshot."""
    return message("tickSnapshotEnd", request, 57, 1, request)


def market_data_type(request: int, kind: int) -> Message:
    """Return which sort of data a subscription brings."""
    return message("marketDataType", request, 58, 1, request, kind)


def historical_data(request: int, start: str, end: str, bars: Sequence[Sequence[Value]]) -> Message:
    """Return historical bars, each with stamp, open, high, low, close, volume, average, trades."""
    values = [value for bar in bars for value in bar]
    return message("historicalData", request, 17, request, start, end, len(bars), *values)


__all__ = [
    "historical_data",
    "market_data_type",
    "tick_generic",
    "tick_parameters",
    "tick_price",
    "tick_size",
    "tick_snapshot_end",
    "tick_string",
]
