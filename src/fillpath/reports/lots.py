"""Which shares were sold against which purchase: first in, first out, exactly.

Lots are matched within the account, symbol by symbol, as a tax return wants it, or within each
strategy, as its profit is told. Fees are part of what a purchase cost and of what a sale brought.
A corrected execution counts as it is now, and one that was undone not at all, because every call
begins with the first execution. Wash sales are NOT computed: losses are shown whole, whether or not
the law lets them count.
"""

import csv
import io
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Context, Decimal
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from fillpath.core.costs import LotRow, PnlRow
from fillpath.core.models import ZERO, OrderSide
from fillpath.core.rows import FillRow, HoldingChangeRow

NO_WASH_SALES: Final = "Wash sales are not computed: every loss is shown whole."
COLUMNS: Final = (
    "symbol", "quantity", "acquired", "sold", "proceeds", "cost", "gain", "term", "short_sale",
)  # fmt: skip

_EXACT: Final = Context(prec=200)
_SPLIT: Final = "SPLIT"
_EXCHANGE: Final = ZoneInfo("America/New_York")
_CENT: Final = Decimal("0.01")
_SHARE: Final = Decimal("0.000001")
_MONEY: Final = Decimal("1e-14")

Key = tuple[str, str]


class _Lot(Struct):
    """Shares that stand open.

    Args:
        quantity: shares, above 0.
        amount: what they cost, or brought when they were sold short; fees included.
        at: when; None before the journal.
        fees: the fees in the amount.
    """

    quantity: Decimal
    amount: Decimal
    at: datetime | None
    fees: Decimal


class _Book(Struct):
    """The open lots of one symbol, oldest first: all of them long, or all short."""

    lots: deque[_Lot]
    short: bool = False


class Matched(Struct, frozen=True, kw_only=True):
    """Every lot, and the fees behind them.

    Args:
        closed: in the order of closing.
        open: by symbol, oldest first.
        fees: paid for executions, by strategy and symbol.
    """

    closed: list[LotRow]
    open: list[LotRow]
    fees: dict[Key, Decimal]


def matched(
    fills: Sequence[FillRow],
    changes: Sequence[HoldingChangeRow] = (),
    marks: Mapping[str, Decimal] | None = None,
    *,
    by_strategy: bool = False,
) -> Matched:
    """Return every lot of an account.

    Args:
        fills: every execution, as it is now.
        changes: what changed positions without one.
        marks: price of a share by symbol, for what is open.
        by_strategy: match within each strategy, and not over all of them.
    """
    books: dict[Key, _Book] = {}
    closed: list[LotRow] = []
    fees: defaultdict[Key, Decimal] = defaultdict(lambda: ZERO)
    for moved in _in_order(fills, changes):
        strategy = moved.strategy_name if by_strategy else ""
        if isinstance(moved, HoldingChangeRow) and moved.kind == _SPLIT:
            _split(books, moved)
            continue
        key = (strategy, moved.symbol)
        book = books.setdefault(key, _Book(deque()))
        trade = _trade(moved)
        fees[key] = _EXACT.add(fees[key], trade.fees)
        closed += _traded(book, key, trade)
    standing = [row for key in sorted(books) for row in _standing(key, books[key], marks or {})]
    return Matched(closed=closed, open=standing, fees=dict(fees))


def profits(found: Matched, by: str) -> list[PnlRow]:
    """Return profit and loss by ``symbol`` or by ``strategy``, in the order of their names.

    Args:
        found: lots; for a table by strategy, matched by strategy.
        by: what the rows are about.
    """
    keys: defaultdict[str, list[LotRow]] = defaultdict(list)
    for row in (*found.closed, *found.open):
        keys[row.symbol if by == "symbol" else row.strategy_name].append(row)
    place = 1 if by == "symbol" else 0
    paid: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for key, amount in found.fees.items():
        paid[key[place]] = _EXACT.add(paid[key[place]], amount)
    return [_profit(name, keys[name], paid[name]) for name in sorted(keys)]


def tax_csv(closed: Iterable[LotRow]) -> str:
    """Return closed lots as a CSV file for a tax return: days of acquisition and sale in New York.

    Money is rounded to the cent, each column by itself; the first line says what is not computed.
    """
    held = io.StringIO()
    held.write(f"# {NO_WASH_SALES}\r\n")
    writer = csv.writer(held)
    writer.writerow(COLUMNS)
    for row in closed:
        bought, sold = (
            (row.closed_at, row.opened_at) if row.short_sale else (row.opened_at, row.closed_at)
        )
        writer.writerow(
            (
                row.symbol,
                f"{row.quantity:f}",
                _trade_day(bought),
                _trade_day(sold),
                *(_cents(amount) for amount in (row.proceeds, row.cost, row.gain)),
                row.term,
                "yes" if row.short_sale else "no",
            )
        )
    return held.getvalue()


class _Trade(Struct, frozen=True):
    """Shares that came or went.

    Args:
        signed: shares, below 0 for a sale.
        amount: price times shares, above or equal 0.
        fees: beside the amount.
        at: when; None for what was held before.
    """

    signed: Decimal
    amount: Decimal
    fees: Decimal
    at: datetime | None


def _in_order(
    fills: Sequence[FillRow], changes: Sequence[HoldingChangeRow]
) -> Iterator[FillRow | HoldingChangeRow]:
    """Yield what moved positions, oldest first; what was held before comes first of all.

    A split of a moment comes before the executions of that moment, and counts once.
    """
    opened = [row for row in changes if row.kind == "OPENED"]
    later = {(row.ts, row.symbol, row.kind): row for row in changes if row.kind == _SPLIT}
    adjusted = [row for row in changes if row.kind == "ADJUSTED"]
    yield from opened
    moved: list[FillRow | HoldingChangeRow] = [
        *later.values(),
        *adjusted,
        *(fill for fill in fills if fill.quantity),
    ]
    yield from sorted(moved, key=lambda row: (row.ts, isinstance(row, FillRow)))


def _trade(moved: FillRow | HoldingChangeRow) -> _Trade:
    if isinstance(moved, FillRow):
        signed = moved.quantity if moved.side is OrderSide.BUY else -moved.quantity
        amount = _EXACT.multiply(moved.quantity, moved.price)
        return _Trade(signed, amount, moved.commission, moved.ts)
    amount = _EXACT.multiply(abs(moved.quantity), moved.price or ZERO)
    return _Trade(moved.quantity, amount, ZERO, None if moved.kind == "OPENED" else moved.ts)


def _split(books: Mapping[Key, _Book], split: HoldingChangeRow) -> None:
    """Multiply the shares of every lot; the whole position is cut to the smallest unit, once.

    What a lot cost stays, and goes to the next one where no share of it is left.
    """
    for (_, symbol), book in books.items():
        if symbol != split.symbol:
            continue
        before = after = carried = carried_fees = ZERO
        kept: deque[_Lot] = deque()
        for lot in book.lots:
            before = _EXACT.add(before, lot.quantity)
            reached = _after(before, split)
            lot.quantity, after = _EXACT.subtract(reached, after), reached
            lot.amount, carried = _EXACT.add(lot.amount, carried), ZERO
            lot.fees, carried_fees = _EXACT.add(lot.fees, carried_fees), ZERO
            if lot.quantity:
                kept.append(lot)
            else:
                carried, carried_fees = lot.amount, lot.fees
        book.lots = kept


def _after(shares: Decimal, split: HoldingChangeRow) -> Decimal:
    whole = _EXACT.multiply(shares, Decimal(split.new_shares))
    shares = _EXACT.divide(whole, Decimal(split.old_shares))
    return _trimmed(shares.quantize(_SHARE, ROUND_DOWN, context=_EXACT))


def _traded(book: _Book, key: Key, trade: _Trade) -> Iterator[LotRow]:
    """Close what the trade closes, oldest lots first, and open a lot with the rest."""
    sells = trade.signed < 0
    left = abs(trade.signed)
    amount, fees = trade.amount, trade.fees
    while left and book.lots and book.short != sells:
        lot = book.lots[0]
        size = min(lot.quantity, left)
        part, paid = _share(amount, size, left), _share(fees, size, left)
        opened, opened_fees = (
            _share(lot.amount, size, lot.quantity),
            _share(lot.fees, size, lot.quantity),
        )
        yield _closed(key, book, (size, lot.at, trade.at), (opened, part, paid))
        amount, fees = _EXACT.subtract(amount, part), _EXACT.subtract(fees, paid)
        lot.amount = _EXACT.subtract(lot.amount, opened)
        lot.fees = _EXACT.subtract(lot.fees, opened_fees)
        lot.quantity = _EXACT.subtract(lot.quantity, size)
        left = _EXACT.subtract(left, size)
        if not lot.quantity:
            book.lots.popleft()
    if left:
        book.short = sells
        net = _EXACT.subtract(amount, fees) if sells else _EXACT.add(amount, fees)
        book.lots.append(_Lot(left, net, trade.at, fees))


def _share(amount: Decimal, size: Decimal, whole: Decimal) -> Decimal:
    """Return the part of an amount that falls on some of the shares.

    The parts are taken off what is left, so that they add up exactly whatever was rounded.
    """
    if size == whole:
        return amount
    part = _EXACT.divide(_EXACT.multiply(amount, size), whole)
    return _trimmed(part.quantize(_MONEY, context=_EXACT))


def _trimmed(number: Decimal) -> Decimal:
    """Return the number without trailing zeros, in plain digits."""
    short = number.normalize(_EXACT)
    return short.quantize(Decimal(1), context=_EXACT) if number == number.to_integral() else short


def _closed(
    key: Key,
    book: _Book,
    what: tuple[Decimal, datetime | None, datetime | None],
    amounts: tuple[Decimal, Decimal, Decimal],
) -> LotRow:
    size, opened_at, closed_at = what
    opened, part, paid = amounts
    if book.short:
        cost, proceeds = _EXACT.add(part, paid), opened
    else:
        cost, proceeds = opened, _EXACT.subtract(part, paid)
    return LotRow(
        symbol=key[1],
        strategy_name=key[0],
        quantity=size,
        opened_at=opened_at,
        closed_at=closed_at,
        cost=cost,
        proceeds=proceeds,
        gain=_EXACT.subtract(proceeds, cost),
        # The gain of a short sale is short-term: the shares that cover it are delivered at once.
        term="short" if book.short or not _is_long(opened_at, closed_at) else "long",
        short_sale=book.short,
    )


def _is_long(opened_at: datetime | None, closed_at: datetime | None) -> bool:
    """Return whether shares were held for more than a year, counted from the day after."""
    if opened_at is None or closed_at is None:
        return False
    bought, sold = opened_at.astimezone(_EXCHANGE).date(), closed_at.astimezone(_EXCHANGE).date()
    return (sold.year - bought.year, sold.month, sold.day) > (1, bought.month, bought.day)


def _standing(key: Key, book: _Book, marks: Mapping[str, Decimal]) -> Iterator[LotRow]:
    mark = marks.get(key[1])
    for lot in book.lots:
        gain = None
        if mark is not None:
            worth = _EXACT.multiply(lot.quantity, mark)
            gain = _EXACT.subtract(worth, lot.amount)
            gain = _EXACT.minus(gain) if book.short else gain
        yield LotRow(
            symbol=key[1],
            strategy_name=key[0],
            quantity=-lot.quantity if book.short else lot.quantity,
            opened_at=lot.at,
            cost=None if book.short else lot.amount,
            proceeds=lot.amount if book.short else None,
            gain=gain,
            short_sale=book.short,
        )


def _profit(name: str, rows: Sequence[LotRow], fees: Decimal) -> PnlRow:
    closed = [row for row in rows if row.closed_at is not None]
    standing = [row for row in rows if row.closed_at is None]
    gains = [row.gain for row in standing if row.gain is not None]
    return PnlRow(
        key=name,
        realised=_sum(row.gain or ZERO for row in closed),
        unrealised=_sum(gains) if len(gains) == len(standing) else None,
        fees=fees,
        quantity=_sum(row.quantity for row in standing),
        closed_lots=len(closed),
        open_lots=len(standing),
    )


def _trade_day(at: datetime | None) -> str:
    """Return the day of a trade where the exchange is; of what was held before nobody knows it."""
    return "VARIOUS" if at is None else at.astimezone(_EXCHANGE).date().isoformat()


def _cents(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount.quantize(_CENT):f}"


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for number in numbers:
        total = _EXACT.add(total, number)
    return total
