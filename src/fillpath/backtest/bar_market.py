"""A market made of bars, for data that has nothing finer: what a bar says, and no more.

A bar becomes four quotes: its open, its two extremes and its close. A rising bar is taken to have
seen its low first, a falling one its high. At the open bid and ask are the open, so that a market
order that was decided on the bar before fills at the next bar's open. At the low the ask stands one
tick above it, at the high the bid one tick below it: a resting limit fills only when the market
went strictly through its price, and then at that price (``waited_price``). A stop fills at the
extreme that set it off, the worst price of the bar. Where no bar follows at once there is no quote
until the next open.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import numpy as np
from msgspec.structs import replace

from fillpath.backtest.gaps import gap_notes
from fillpath.backtest.inputs import LoadedInputs, action_notes, sessions_of
from fillpath.backtest.plain_days import load_days
from fillpath.backtest.replay import ReplayInputs
from fillpath.backtest.request import BadRows, FillProfile, ReplayRequest, SessionFilter
from fillpath.core.errors import ConfigError
from fillpath.core.units import NANOSECONDS, PRICE_SCALE
from fillpath.data.files.bars import BarTape, load_bars
from fillpath.data.files.checks import Integers
from fillpath.data.files.corporate_actions import CorporateActions, load_corporate_actions
from fillpath.data.files.daily import load_daily
from fillpath.data.files.faults import BadRowReport
from fillpath.data.files.signals import load_signals
from fillpath.data.files.tape import QuoteTape, Resolution, ResolutionSpan
from fillpath.scheduling.calendar import ExchangeCalendar, new_york_date

A_DAY: Final = 3 * 3_600 * NANOSECONDS
"""A bar of this length or more is a day: it is known before the next open, not at its own close."""
_CENT: Final = PRICE_SCALE // 100
_FINE: Final = PRICE_SCALE // 10_000
NOTE: Final = (
    "there are no quotes: market orders fill at the next bar's open, limits at their price when the "
    "bar went through them, stops at the bar's extreme, and no spread is paid"
)


def load_bar_inputs(request: ReplayRequest, days: bool) -> LoadedInputs:  # noqa: FBT001  # one way
    """Read the bars of a request as market and as what the strategy is shown.

    Args:
        request: its ``bars`` are the market.
        days: whether they are plain days with ``date`` instead of ``ts`` and ``ts_end``.

    Raises:
        DataError: a file is wrong.
        ConfigError: the profile needs quotes.
    """
    if request.profile is FillProfile.REALISTIC:
        raise ConfigError("profile realistic needs quotes: bars do not show sizes or spreads")
    report = BadRowReport(skip=request.bad_rows is BadRows.SKIP)
    calendar = ExchangeCalendar()
    regular = request.session is SessionFilter.RTH
    if days:
        bars = load_days(request.bars, report=report, calendar=calendar)
    else:
        bars = load_bars(request.bars, report=report, regular_hours=regular, calendar=calendar)
    if not bars.tapes:
        raise ConfigError("there is no bar to trade on: no row of --data lies in a session")
    actions = CorporateActions()
    if request.corporate_actions is not None:
        actions = load_corporate_actions(request.corporate_actions, report=report)
    daily = load_daily(request.daily, report=report, splits=actions.splits)
    real = {name: _within_sessions(tape, calendar) for name, tape in bars.tapes.items()}
    tapes = {name: quoted(tape) for name, tape in real.items()}
    first = {name: int(tape.ts[0]) for name, tape in tapes.items()}
    inputs = ReplayInputs(
        tapes=tapes,
        sessions=sessions_of(tapes.values(), calendar, regular_hours=regular),
        signals=load_signals(request.signals, report=report, first_quote_at=first),
        adv=daily.adv,
        splits=actions.splits,
        dividends=actions.dividends,
        prior_close=daily.prior_close,
    )
    return LoadedInputs(
        inputs=inputs,
        bars=replace(bars, tapes={name: known_later(tape) for name, tape in real.items()}),
        quotes=sum(len(tape) for tape in tapes.values()),
        quote_age=_longest(real),
        bad_rows=dict(report.counts) | {f"kept: {k}": n for k, n in report.remarks.items()},
        notes=(NOTE, *action_notes(actions, inputs), *gap_notes(inputs)),
    )


def quoted(bars: BarTape) -> QuoteTape:
    """Return the path of each bar as quotes, with a hole where no bar follows at once."""
    tick = np.where(bars.close >= PRICE_SCALE, _CENT, _FINE)
    spans = bars.ts_end - bars.ts
    low = (bars.low, bars.low + tick)
    high = (bars.high - tick, bars.high)
    rising = bars.close >= bars.open
    first = [np.where(rising, one, other) for one, other in zip(low, high, strict=True)]
    second = [np.where(rising, other, one) for one, other in zip(low, high, strict=True)]
    last = (np.minimum(bars.close, high[0]), np.maximum(bars.close, low[1]))
    nothing = np.zeros(len(bars), dtype=np.int64)
    rows = (
        (bars.ts, bars.open, bars.open),
        (bars.ts + spans // 3, first[0], first[1]),
        (bars.ts + 2 * spans // 3, second[0], second[1]),
        (bars.ts_end - 1, last[0], last[1]),
        (bars.ts_end, nothing, nothing),
    )
    ts, bid, ask = (np.stack(columns, axis=1).ravel() for columns in zip(*rows, strict=True))
    followed = np.append(bars.ts[1:] <= bars.ts_end[:-1], np.False_)
    keep = np.ones(ts.size, dtype=np.bool_)
    keep[4::5] = ~followed
    sizes = np.zeros(int(keep.sum()), dtype=np.int64)
    return QuoteTape(
        symbol=bars.symbol,
        ts=ts[keep].astype(np.int64),
        bid=np.maximum(bid[keep], 0).astype(np.int64),
        ask=ask[keep].astype(np.int64),
        bid_size=sizes,
        ask_size=sizes,
        spans=(ResolutionSpan(0, Resolution.MINUTE),),
    )


def known_later(bars: BarTape) -> BarTape:
    """Return the bars with days known only from the open of the next one."""
    ends = bars.ts_end.copy()
    long = ends - bars.ts >= A_DAY
    ends[:-1] = np.where(long[:-1], bars.ts[1:], ends[:-1])
    return replace(bars, ts_end=ends)


def _within_sessions(bars: BarTape, calendar: ExchangeCalendar) -> BarTape:
    """Return the bars with days cut to the hours of their session: half days end early."""
    starts, ends = bars.ts.copy(), bars.ts_end.copy()
    for row in np.flatnonzero(ends - starts >= A_DAY).tolist():
        session = calendar.session(new_york_date(int(starts[row])))
        if session is not None:
            starts[row], ends[row] = session.open_ns, session.close_ns
    return replace(bars, ts=starts, ts_end=ends)


def _longest(tapes: Mapping[str, BarTape]) -> Decimal:
    """Return for how many seconds a quote of a bar stands: as long as the longest bar."""
    longest: Integers = np.concatenate([tape.ts_end - tape.ts for tape in tapes.values()])
    return Decimal(int(longest.max()) // NANOSECONDS + 1)
