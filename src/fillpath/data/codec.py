"""Journal records to bytes and back, and to a form that people can read.

A group of records is one MessagePack array: the sequence number of its first record, the writer's
epoch, and the records as tagged arrays. MessagePack integers end at 64 bits, and an account of
200,000 in money units of 1e-14 does not fit; an amount beyond that travels as its decimal digits
and comes back as the same integer.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final, cast

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace

from fillpath.core.commands import Intent
from fillpath.core.errors import JournalError
from fillpath.core.events import (
    AccountOpened,
    AccountReported,
    AccountValued,
    ApprovalGiven,
    CommissionReported,
    Event,
    FillCorrected,
    LevelReached,
    MarketView,
    OrderCancelled,
    OrderFilled,
    PositionAdjusted,
    QuoteSeen,
    SignalReceived,
    TimerFired,
)
from fillpath.core.units import (
    iso,
    moment,
    money_decimal,
    price_decimal,
    quantity_decimal,
    ratio_decimal,
)

Record = Event | Intent

_WIDE: Final = 1 << 63
_encode: Final = msgspec.msgpack.Encoder().encode
# Not strict, so that the digits of a wide integer are taken for the integer they are.
_decode: Final = msgspec.msgpack.Decoder(tuple[int, int, list[Record]], strict=False).decode


class Group(Struct, frozen=True):
    """Records that became durable together.

    Args:
        sequence: number of the first record, from 0 on.
        epoch: which writer wrote it; 0 where only one machine can write.
        records: in the order in which they were appended.
    """

    sequence: int
    epoch: int
    records: list[Record]


def encode_group(sequence: int, epoch: int, records: Sequence[Record]) -> bytes:
    """Return one group as bytes; the same records always give the same bytes.

    Raises:
        JournalError: a record holds something that is not plain data.
    """
    try:
        try:
            return _encode((sequence, epoch, records))
        except OverflowError:
            find = _NARROW.get
            narrowed = [r if (narrow := find(type(r))) is None else narrow(r) for r in records]
            return _encode((sequence, epoch, narrowed))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise JournalError(f"a record cannot be written: {error}") from error


def decode_group(payload: bytes) -> Group:
    """Return the group behind bytes that ``encode_group`` made.

    Raises:
        JournalError: the bytes are no group of known records.
    """
    try:
        return Group(*_decode(payload))
    except msgspec.MsgspecError as error:
        raise JournalError(f"a record cannot be read: {error}") from error


def _digits(value: int) -> int:
    # Structs do not check their fields when built: the digits stand in until they are decoded.
    return value if -_WIDE <= value < _WIDE else cast("int", str(value))


def _narrowed_opening(record: AccountOpened) -> AccountOpened:
    positions = tuple(replace(p, cost=_digits(p.cost)) for p in record.positions)
    return replace(record, cash=_digits(record.cash), positions=positions)


def _narrowed_signal(record: SignalReceived) -> SignalReceived:
    return SignalReceived(record.at, record.signal, _narrowed_market(record.market))


def _narrowed_timer(record: TimerFired) -> TimerFired:
    market = _narrowed_market(record.market)
    return TimerFired(record.at, record.timer_id, record.due, record.symbol, market)


def _narrowed_quote(record: QuoteSeen) -> QuoteSeen:
    return QuoteSeen(record.at, record.symbol, _narrowed_market(record.market))


def _narrowed_level(record: LevelReached) -> LevelReached:
    return replace(record, market=_narrowed_market(record.market))


def _narrowed_approval(record: ApprovalGiven) -> ApprovalGiven:
    return replace(record, market=_narrowed_market(record.market))


def _narrowed_cancel(record: OrderCancelled) -> OrderCancelled:
    market = record.market
    return record if market is None else replace(record, market=_narrowed_market(market))


def _narrowed_fee(record: CommissionReported | FillCorrected) -> CommissionReported | FillCorrected:
    return replace(record, commission=_digits(record.commission))


def _narrowed_adjustment(record: PositionAdjusted) -> PositionAdjusted:
    return replace(record, cash=_digits(record.cash))


def _narrowed_report(record: AccountReported) -> AccountReported:
    wide = {
        name: _digits(value)
        for name in ("equity", "settled_cash", "margin_excess")
        if (value := getattr(record, name)) is not None
    }
    return replace(record, **wide)


def _narrowed_valuation(record: AccountValued) -> AccountValued:
    return AccountValued(record.at, _digits(record.long_value), _digits(record.short_value))


def _narrowed_fill(record: OrderFilled) -> OrderFilled:
    fee = _digits(record.commission)
    return record if fee is record.commission else replace(record, commission=fee)


# By type: most records hold nothing that can be wide, and then there is nothing to call.
_NARROW: Final[Mapping[type, Callable[[Any], Record]]] = {
    AccountOpened: _narrowed_opening,
    SignalReceived: _narrowed_signal,
    TimerFired: _narrowed_timer,
    QuoteSeen: _narrowed_quote,
    LevelReached: _narrowed_level,
    OrderCancelled: _narrowed_cancel,
    ApprovalGiven: _narrowed_approval,
    OrderFilled: _narrowed_fill,
    CommissionReported: _narrowed_fee,
    FillCorrected: _narrowed_fee,
    PositionAdjusted: _narrowed_adjustment,
    AccountReported: _narrowed_report,
    AccountValued: _narrowed_valuation,
}


def _narrowed_market(market: MarketView) -> MarketView:
    return replace(
        market,
        long_value=_digits(market.long_value),
        short_value=_digits(market.short_value),
        sector_value=_digits(market.sector_value),
    )


def _time(value: int) -> str:
    return iso(moment(value))


def _amount(convert: Callable[[int], Decimal]) -> Callable[[int], str]:
    return lambda value: f"{convert(value):f}"


_BY_NAME: Final[Mapping[str, Callable[[int], str]]] = {
    **dict.fromkeys(("at", "closes_at", "due", "quote_at", "signal_at", "traded_at"), _time),
    **dict.fromkeys(
        ("bid", "ask", "limit", "mean", "stop", "price", "signal_price"), _amount(price_decimal)
    ),
    **dict.fromkeys(("quantity", "bid_size", "ask_size", "adv"), _amount(quantity_decimal)),
    **dict.fromkeys(
        ("cash", "commission", "cost", "long_value", "short_value", "sector_value"),
        _amount(money_decimal),
    ),
    **dict.fromkeys(("strength", "kelly"), _amount(ratio_decimal)),
}


def describe(record: Record) -> dict[str, Any]:
    """Return a record with named fields, decimal text and ISO times, ready for JSON."""
    return {"type": record.__struct_config__.tag, **_fields(record)}


def _fields(struct: Struct) -> dict[str, Any]:
    return {name: _field(value, name) for name, value in asdict(struct).items()}


def _field(value: object, name: str) -> Any:
    convert = _BY_NAME.get(name)
    # A bool is an int to Python, and the public models already carry Decimal under these names.
    return convert(value) if convert is not None and type(value) is int else _plain(value)


def _plain(value: object) -> Any:
    match value:
        case Struct():
            return _fields(value)
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return _word(value)


def _word(value: object) -> bool | float | str | None:
    match value:
        case Enum():
            return str(value.value)
        case bool() | int() | float() | None:
            return value
        case Decimal():
            return f"{value:f}"
        case datetime():
            return iso(value)
        case _:
            return str(value)


__all__ = ["Group", "Record", "decode_group", "describe", "encode_group"]
