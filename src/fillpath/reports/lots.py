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
from datetime import date, datetime
from decimal import ROUND_DOWN, Context, Decimal
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from fillpath.core.listings import LotRow, ProfitRow
from fillpath.core.models import ZERO, OrderSide
from fillpath.core.rows import FillRow, HoldingChangeRow

NO_WASH_SALES: Final = "Wash sales are not computed: every loss is shown whole."
COLUMNS: Final = (
    "symbol", "quantity", "acquired", "sold", "proceeds", "cost", "gain", "term", "short_sale",
)  # fmt: skip

VARIOUS: Final = "VARIOUS"

_EXACT: Final = Context(prec=200)
_SPLIT: Final = "SPLIT"
_OPENED: Final = "OPENED"
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
        at: when.
        fees: the fees in the amount.
        strategy: who opened it; empty where nobody knows.
        before: whether it was there before the journal.
    """

    quantity: Decimal
    amount: Decimal
    at: datetime
    fees: Decimal
    strategy: str
    before: bool


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
    *,
    by_strategy: bool = False,
) -> Matched:
    """Return every lot of an account.

    Args:
        fills: every execution, as it is now.
        changes: what changed positions without one.
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
        closed += _traded(book, moved.symbol, trade)
    standing = [row for key in sorted(books) for row in _standing(key[1], books[key])]
    return Matched(closed=closed, open=standing, fees=dict(fees))


def profits(found: Matched, by: str, marks: Mapping[str, Decimal]) -> list[ProfitRow]:
    """Return profit and loss by ``symbol`` or by ``strategy``, in the order of their names.

    Args:
        found: lots; for a table by strategy, matched by strategy.
        by: what the rows are about.
        marks: price of a share by symbol, for what is open.
    """
    keys: defaultdict[str, list[LotRow]] = defaultdict(list)
    for row in (*found.closed, *found.open):
        keys[row.symbol if by == "symbol" else row.strategy_name].append(row)
    place = 1 if by == "symbol" else 0
    paid: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for key, amount in found.fees.items():
        paid[key[place]] = _EXACT.add(paid[key[place]], amount)
    return [_profit(name, keys[name], paid[name], marks) for name in sorted(keys)]


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
            (row.sold_at, row.acquired_at) if row.short_sale else (row.acquired_at, row.sold_at)
        )
        writer.writerow(
            (
                row.symbol,
                f"{row.quantity:f}",
                _told_day(row, bought, opening=not row.short_sale),
                _told_day(row, sold, opening=row.short_sale),
                *(_cents(amount) for amount in (row.proceeds, row.cost, row.gain)),
                row.term or VARIOUS,
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
        at: when.
        strategy: whose; empty where nobody knows.
        before: whether they were there before the journal.
    """

    signed: Decimal
    amount: Decimal
    fees: Decimal
    at: datetime
    strategy: str
    before: bool = False


def _in_order(
    fills: Sequence[FillRow], changes: Sequence[HoldingChangeRow]
) -> Iterator[FillRow | HoldingChangeRow]:
    """Yield what moved positions, oldest first; what was held before comes first of all.

    A split of a moment comes before the executions of that moment, and counts once.
    """
    opened = [row for row in changes if row.kind == _OPENED]
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
        return _Trade(signed, amount, moved.commission, moved.ts, moved.strategy_name)
    amount = _EXACT.multiply(abs(moved.quantity), moved.price or ZERO)
    return _Trade(
        moved.quantity, amount, ZERO, moved.ts, moved.strategy_name, moved.kind == _OPENED
    )


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


def _traded(book: _Book, symbol: str, trade: _Trade) -> Iterator[LotRow]:
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
        yield _closed(symbol, book, (size, lot, trade), (opened, part, paid))
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
        book.lots.append(_Lot(left, net, trade.at, fees, trade.strategy, trade.before))


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
    symbol: str,
    book: _Book,
    what: tuple[Decimal, _Lot, _Trade],
    amounts: tuple[Decimal, Decimal, Decimal],
) -> LotRow:
    size, lot, trade = what
    opened, part, paid = amounts
    if book.short:
        cost, proceeds = _EXACT.add(part, paid), opened
    else:
        cost, proceeds = opened, _EXACT.subtract(part, paid)
    return LotRow(
        symbol=symbol,
        strategy_name=lot.strategy,
        quantity=size,
        acquired_at=lot.at,
        sold_at=trade.at,
        cost=cost,
        proceeds=proceeds,
        gain=_EXACT.subtract(proceeds, cost),
        term=_term(book, lot, trade),
        short_sale=book.short,
        held_before=lot.before,
    )


def _term(book: _Book, lot: _Lot, trade: _Trade) -> str:
    """Return LONG for more than a year, counted from the day after the purchase.

    The gain of a short sale is short-term: the shares that cover it are delivered at once. Of what
    was there before the journal nobody knows.
    """
    if lot.before:
        return ""
    bought, sold = _day(lot.at), _day(trade.at)
    years = sold.year - bought.year
    over = (years, sold.month, sold.day) > (1, bought.month, bought.day)
    return "LONG" if over and not book.short else "SHORT"


def _standing(symbol: str, book: _Book) -> Iterator[LotRow]:
    for lot in book.lots:
        yield LotRow(
            symbol=symbol,
            strategy_name=lot.strategy,
            quantity=-lot.quantity if book.short else lot.quantity,
            acquired_at=lot.at,
            sold_at=None,
            cost=_EXACT.minus(lot.amount) if book.short else lot.amount,
            proceeds=None,
            gain=None,
            short_sale=book.short,
            held_before=lot.before,
        )


def _profit(
    name: str, rows: Sequence[LotRow], fees: Decimal, marks: Mapping[str, Decimal]
) -> ProfitRow:
    closed = [row for row in rows if row.sold_at is not None]
    standing = [row for row in rows if row.sold_at is None]
    known = all(row.symbol in marks for row in standing)
    return ProfitRow(
        key=name,
        realized=_sum(row.gain or ZERO for row in closed),
        unrealized=_sum(_open_gain(row, marks[row.symbol]) for row in standing) if known else None,
        fees=fees,
        lots=len(closed),
    )


def _open_gain(row: LotRow, mark: Decimal) -> Decimal:
    return _EXACT.subtract(_EXACT.multiply(row.quantity, mark), row.cost)


def _day(at: datetime) -> date:
    """Return the day of a trade where the exchange is."""
    return at.astimezone(_EXCHANGE).date()


def _told_day(row: LotRow, at: datetime | None, *, opening: bool) -> str:
    """Return a day for a tax return; VARIOUS is its word for one that is not known."""
    return VARIOUS if at is None or (opening and row.held_before) else _day(at).isoformat()


def _cents(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount.quantize(_CENT):f}"


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for number in numbers:
        total = _EXACT.add(total, number)
    return total
