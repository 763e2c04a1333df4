"""What any fills cost against a recording: millions of both, in columns.

The figures are means weighted by what was paid, in basis points; positive costs are bad, positive
markouts are good, as in ``execution/markouts.py``. Mids are exact; the means are floats, right to
some twelve digits, because they describe and decide nothing.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from fillpath.backtest.costs import LONGEST_GAP
from fillpath.core.errors import DataError
from fillpath.core.terms import OrderSide
from fillpath.core.units import BPS
from fillpath.data.files.checks import Flags, Integers
from fillpath.data.files.conversions import instants, prices, quantities, symbols
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.hours import TradingCalendar
from fillpath.data.files.order import rows_by_symbol
from fillpath.data.files.quotes import load_quotes
from fillpath.data.files.table import Table, each_file
from fillpath.data.files.tape import QuoteTape
from fillpath.execution.markouts import HORIZONS

NEEDED: Final = ("ts", "symbol", "side", "price", "quantity")
Floats = NDArray[np.float64]


class TapeCosts(Struct, frozen=True, kw_only=True):
    """What the fills of one symbol cost, or those of all.

    Args:
        symbol: ticker; empty for all of them.
        fills: how many there are.
        quotes: how many of the symbol there are.
        priced: how many of them have a mid at their moment.
        notional: price times shares of all, account currency.
        cost_bps: paid over the mid at the fill; None where no fill has one.
        markouts_bps: by horizon, how far the mid was our way after the fills that have one then.
    """

    symbol: str
    fills: int
    quotes: int
    priced: int
    notional: float
    cost_bps: float | None
    markouts_bps: dict[str, float | None]


class _Fills(Struct, frozen=True):
    """The fills of one symbol, oldest first; ``signs`` is 1 for a buy and -1 for a sell."""

    ts: Integers
    price: Integers
    quantity: Integers
    signs: Integers


class _Sums(Struct, frozen=True):
    """For the moment of the fill and each horizon: how many are known, what they paid and lost."""

    fills: int
    quotes: int
    notional: float
    known: NDArray[np.int64]
    paid: Floats
    lost: Floats


def tape_costs(
    fills: Iterable[Path],
    quotes: Iterable[Path],
    *,
    report: BadRowReport,
    calendar: TradingCalendar,
) -> list[TapeCosts]:
    """Return what the fills cost, symbol by symbol, and all of them together at the end.

    Args:
        fills: Parquet or CSV files with the columns of ``NEEDED``, such as the ``fills.parquet`` of
            a replay or a backtest, in any order of time.
        quotes: quote files, as for a replay.
        report: takes every bad row; decides whether to stop.
        calendar: the exchange's sessions.

    Raises:
        DataError: a bad row that the report does not skip, or a file that cannot be used.
    """
    pieces: dict[str, list[_Fills]] = {}
    for found in each_file(fills, NEEDED, lambda table: _read(table, report)):
        for symbol, piece in found.items():
            pieces.setdefault(symbol, []).append(piece)
    loaded = load_quotes(quotes, report=report, regular_hours=False, calendar=calendar)
    known = sorted(pieces)
    with ThreadPoolExecutor() as threads:  # the columns are searched without Python's lock
        tapes = map(loaded.tapes.get, known)
        sums = list(threads.map(_sums, tapes, ([*pieces[symbol]] for symbol in known)))
    return [*map(_row, known, sums), _row("", _together(sums))]


def _read(table: Table, report: BadRowReport) -> dict[str, _Fills]:
    ts = instants(table, "ts")
    price = prices(table, "price", may_be_missing=False)
    quantity = quantities(table, "quantity")
    signs = _signs(table)
    names, codes = symbols(table)
    kept = dict(rows_by_symbol(table, names, codes))
    good = table.settle(report)
    columns = (ts, price, quantity, signs)
    cut = {name: rows[good[rows]] for name, rows in kept.items()}
    return {
        name: _Fills(*(column[rows] for column in columns))
        for name, rows in cut.items()
        if rows.size
    }


def _signs(table: Table) -> Integers:
    side = table.take("side").cast(str)
    buys: Flags = side.eq_missing(OrderSide.BUY.value).to_numpy()
    sells: Flags = side.eq_missing(OrderSide.SELL.value).to_numpy()
    table.checks.fail(
        ~(buys | sells),
        "wrong_side",
        lambda row: f"side must be BUY or SELL, got {table.text('side', row)}",
    )
    return buys.astype(np.int64) - sells


def _sums(tape: QuoteTape | None, pieces: Sequence[_Fills]) -> _Sums:
    whole = [np.concatenate(parts) for parts in zip(*map(_columns, pieces), strict=True)]
    order = np.argsort(whole[0], kind="stable")
    ts, price, quantity, signs = (column[order] for column in whole)
    shares = quantity.astype(np.float64)
    paid = shares * price
    horizons = (0, *(after for _, after in HORIZONS))
    known = np.zeros(len(horizons), dtype=np.int64)
    spent, lost = np.zeros(len(horizons)), np.zeros(len(horizons))
    doubled = None if tape is None else _doubled(tape)
    for number, after in enumerate(horizons):
        if tape is None or doubled is None:
            break
        mids = _mids(tape, doubled, ts + after)
        held = mids > 0
        known[number] = np.count_nonzero(held)
        spent[number] = paid[held].sum()
        lost[number] = (shares * signs * (2 * price - mids))[held].sum() / 2
    quotes = 0 if tape is None else len(tape)
    return _Sums(int(ts.size), quotes, float(paid.sum()), known, spent, lost)


def _columns(fills: _Fills) -> tuple[Integers, ...]:
    return fills.ts, fills.price, fills.quantity, fills.signs


def _doubled(tape: QuoteTape) -> Integers:
    """Return bid + ask of every row, 0 where the market is one-sided or crossed."""
    doubled: Integers = np.where((tape.bid > 0) & (tape.ask >= tape.bid), tape.bid + tape.ask, 0)
    return doubled


def _mids(tape: QuoteTape, doubled: Integers, at: Integers) -> Integers:
    """Return bid + ask as known at ascending moments, 0 where that is not known."""
    rows = np.searchsorted(tape.ts, at, side="right") - 1
    stood = at - tape.ts[rows]
    known = (rows >= 0) & (stood <= LONGEST_GAP) & (at <= tape.ts[-1])
    mids: Integers = np.where(known, doubled[rows], 0)
    return mids


def _together(sums: Sequence[_Sums]) -> _Sums:
    if not sums:
        raise DataError("fills", None, "there is no usable fill")
    return _Sums(
        sum(one.fills for one in sums),
        sum(one.quotes for one in sums),
        sum(one.notional for one in sums),
        sum((one.known for one in sums[1:]), sums[0].known),
        sum((one.paid for one in sums[1:]), sums[0].paid),
        sum((one.lost for one in sums[1:]), sums[0].lost),
    )


def _row(symbol: str, sums: _Sums) -> TapeCosts:
    bps: list[Any] = [
        float(lost / paid * BPS) if paid else None
        for lost, paid in zip(sums.lost, sums.paid, strict=True)
    ]
    markouts = {
        name: None if cost is None else -cost
        for (name, _), cost in zip(HORIZONS, bps[1:], strict=True)
    }
    return TapeCosts(
        symbol=symbol,
        fills=sums.fills,
        quotes=sums.quotes,
        priced=int(sums.known[0]),
        notional=sums.notional / 1e14,
        cost_bps=bps[0],
        markouts_bps=markouts,
    )


__all__ = ["NEEDED", "TapeCosts", "tape_costs"]
