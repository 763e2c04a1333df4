"""What a run was paid in dividends, and what it paid for shares sold short; exact amounts."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from fillpath.core.events import DividendPaid
from fillpath.core.units import moment, money_decimal, price_decimal, quantity_decimal


class DividendRow(Struct, frozen=True, kw_only=True, gc=False):
    """One dividend on shares that were held, or sold short, at the close before its ex-date.

    Args:
        ts: when it was booked: before the open of the ex-date, or of the next recorded day.
        ex_date: the day in New York, as 2014-05-08.
        symbol: ticker.
        quantity: shares, negative when short.
        per_share: account currency for one share.
        cash: account currency; negative where it was paid for a short position.
    """

    ts: datetime
    ex_date: str
    symbol: str
    quantity: Decimal
    per_share: Decimal
    cash: Decimal


def dividend_rows(paid: Iterable[DividendPaid]) -> tuple[DividendRow, ...]:
    """Return what moved cash, in the order in which it was paid."""
    return tuple(
        DividendRow(
            ts=moment(fact.at),
            ex_date=fact.ex_date,
            symbol=fact.symbol,
            quantity=quantity_decimal(fact.quantity),
            per_share=price_decimal(fact.per_share),
            cash=money_decimal(fact.quantity * fact.per_share),
        )
        for fact in paid
        if fact.quantity
    )
