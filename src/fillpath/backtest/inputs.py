"""From a request to checked inputs: read every file, or say which row of which file is wrong."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from msgspec import Struct

from fillpath.backtest.gaps import gap_notes
from fillpath.backtest.happenings import happenings
from fillpath.backtest.replay import ReplayInputs, SessionTimes
from fillpath.backtest.request import BadRows, ReplayRequest, SessionFilter
from fillpath.core.errors import ConfigError
from fillpath.core.units import nanoseconds
from fillpath.data.files.bars import BarTape, LoadedBars, load_bars
from fillpath.data.files.corporate_actions import CorporateActions, load_corporate_actions
from fillpath.data.files.daily import load_daily
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.quote_rows import Resolution
from fillpath.data.files.quotes import LoadedQuotes, QuoteTape, ResolutionSpan, load_quotes
from fillpath.data.files.sectors import load_sectors
from fillpath.data.files.signals import load_signals
from fillpath.scheduling.calendar import ExchangeCalendar, new_york_date

NEW_YORK: Final = ZoneInfo("America/New_York")
QUOTE_AGES: Final = {
    Resolution.TICK: Decimal(30),
    Resolution.SECOND: Decimal(30),
    Resolution.MINUTE: Decimal(180),
}
"""Seconds that a recorded quote stays usable, by how finely it was recorded (decisions C-08)."""


class LoadedInputs(Struct, frozen=True, kw_only=True):
    """What a request's files hold.

    Args:
        inputs: for the replay.
        bars: for a strategy.
        quotes: quote rows that take part.
        quote_age: seconds that a quote stays usable.
        bad_rows: rows left out, by what was wrong.
        notes: what a reader of the results must know about the inputs.
    """

    inputs: ReplayInputs
    bars: LoadedBars
    quotes: int
    quote_age: Decimal
    bad_rows: dict[str, int]
    notes: tuple[str, ...]


def load_inputs(request: ReplayRequest) -> LoadedInputs:
    """Read and check every file of a request.

    Raises:
        DataError: a bad row, unless bad rows are skipped.
        ConfigError: there is nothing to trade on or nothing to do.
    """
    report = BadRowReport(skip=request.bad_rows is BadRows.SKIP)
    calendar = ExchangeCalendar()
    regular = request.session is SessionFilter.RTH
    bars = load_bars(request.bars, report=report, regular_hours=regular, calendar=calendar)
    quotes = LoadedQuotes()
    if request.quotes:
        quotes = load_quotes(
            request.quotes, report=report, regular_hours=regular, calendar=calendar
        )
    tapes = quotes.tapes or {name: _quoted(tape) for name, tape in bars.tapes.items()}
    if not tapes:
        raise ConfigError("there is no quote to trade on: give --quotes, or --bars")
    actions = CorporateActions()
    if request.corporate_actions is not None:
        actions = load_corporate_actions(request.corporate_actions, report=report)
    daily = load_daily(request.daily, report=report, splits=actions.splits)
    sectors = {} if request.sectors is None else load_sectors(request.sectors, report=report)
    first = {symbol: int(tape.ts[0]) for symbol, tape in tapes.items()}
    signals = load_signals(request.signals, report=report, first_quote_at=first)
    inputs = ReplayInputs(
        tapes=tapes,
        sessions=sessions_of(tapes.values(), calendar, regular_hours=regular),
        signals=signals,
        adv=daily.adv,
        splits=actions.splits,
        dividends=actions.dividends,
        prior_close=daily.prior_close,
    )
    return LoadedInputs(
        inputs=inputs,
        bars=bars,
        quotes=sum(len(tape) for tape in tapes.values()),
        quote_age=max(QUOTE_AGES[tape.resolution] for tape in tapes.values()),
        bad_rows=dict(report.counts) | {f"kept: {k}": n for k, n in report.remarks.items()},
        notes=(
            *_notes(request, tapes, quotes, sectors),
            *action_notes(actions, inputs),
            *gap_notes(inputs),
        ),
    )


def _quoted(bars: BarTape) -> QuoteTape:
    """Return each bar's close as bid and ask, known from the end of the bar on."""
    nothing = np.zeros(len(bars), dtype=np.int64)
    return QuoteTape(
        symbol=bars.symbol,
        ts=bars.ts_end,
        bid=bars.close,
        ask=bars.close,
        bid_size=nothing,
        ask_size=nothing,
        spans=(ResolutionSpan(0, Resolution.MINUTE),),
    )


def _notes(
    request: ReplayRequest,
    tapes: Mapping[str, QuoteTape],
    quotes: LoadedQuotes,
    sectors: Mapping[str, str],
) -> Iterable[str]:
    if not quotes.tapes:
        yield "no quotes were given: the close of each bar serves as bid and ask"
    if not request.daily:
        yield "no daily volumes were given: the size rows of the routing table are skipped"
    if quotes.outside_hours:
        yield f"{quotes.outside_hours:,} quotes outside regular hours were left out"
    unknown = sorted(set(tapes) - set(sectors)) if sectors else []
    if unknown:
        yield f"the sector file says nothing about {', '.join(unknown)}"


def action_notes(actions: CorporateActions, inputs: ReplayInputs) -> Iterable[str]:
    """Yield what a reader must know about the corporate actions that were given."""
    for kind, count in actions.ignored.items():
        yield f"{count} corporate actions of kind {kind} were ignored"
    days = {session.day for session in inputs.sessions}
    found = happenings(days, (), (one for one in actions.dividends if one.symbol in inputs.tapes))
    paid = [one for every in found.values() for one in every]
    unsure = sum((one.symbol, one.ex_date) in actions.unsure for one in paid)
    if unsure:
        yield f"{unsure} of {len(paid)} dividends may be spin-offs: their value is paid as cash"


def sessions_of(
    tapes: Iterable[QuoteTape], calendar: ExchangeCalendar, *, regular_hours: bool
) -> tuple[SessionTimes, ...]:
    """Return the trading days that have quotes, oldest first.

    With ``regular_hours`` a day goes from the open to the close of the exchange, otherwise from
    its first to its last quote.
    """
    columns = [tape.ts for tape in tapes]
    first = new_york_date(min(int(ts[0]) for ts in columns))
    last = new_york_date(max(int(ts[-1]) for ts in columns))
    if regular_hours:
        days = calendar.sessions_between(first, last)
        spans = [(day.date, day.open_ns, day.close_ns) for day in days]
    else:
        count = (last - first).days + 1
        dates = [first + timedelta(days=number) for number in range(count)]
        spans = [(day, _midnight(day), _midnight(day + timedelta(days=1)) - 1) for day in dates]
    found = []
    for day, start, end in spans:
        inside = [_inside(ts, start, end) for ts in columns]
        known = [bounds for bounds in inside if bounds is not None]
        if not known:
            continue
        if regular_hours:
            found.append(SessionTimes(day, start, end))
        else:
            opened, closed = min(low for low, _ in known), max(high for _, high in known)
            found.append(SessionTimes(day, opened, closed))
    return tuple(found)


def _inside(ts: "np.typing.NDArray[np.int64]", start: int, end: int) -> tuple[int, int] | None:
    low = int(np.searchsorted(ts, start, side="left"))
    high = int(np.searchsorted(ts, end, side="right"))
    return (int(ts[low]), int(ts[high - 1])) if low < high else None


def _midnight(day: date) -> int:
    return nanoseconds(datetime.combine(day, time(0), NEW_YORK))
