"""The port of backtest engines, and ours: the very engine that trades live, on recorded data."""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from msgspec import Struct, field
from msgspec.structs import replace as changed

from fillpath.backtest.bar_market import load_bar_inputs
from fillpath.backtest.happenings import Happening, happenings
from fillpath.backtest.inputs import LoadedInputs, load_inputs
from fillpath.backtest.loading import load_strategy
from fillpath.backtest.replay import Replay, ReplayInputs, time_of
from fillpath.backtest.request import BacktraderBroker, EngineName, ReplayRequest
from fillpath.backtest.run import Extras, Rules, rules_as_asked, run_inputs, title_of
from fillpath.backtest.sampling import EquityShow
from fillpath.core.errors import ConfigError
from fillpath.core.models import Bar, Quote, Signal
from fillpath.core.units import moment, price_decimal
from fillpath.data.files.split import Split
from fillpath.data.files.table import read_table
from fillpath.reports.performance import (
    DividendAt,
    EquityPoint,
    HappenedAt,
    Performance,
    SplitAt,
    Trade,
    performance,
    trades_of,
)
from fillpath.reports.result import RunFacts, RunResult
from fillpath.strategy.base import (
    AnyStrategy,
    QuoteStrategy,
    SplitStrategy,
    Strategy,
    StrategyView,
)

Progress = Callable[[int, int], None]
QUOTE_COLUMN: Final = "bid_price"
DAY_COLUMN: Final = "date"
MOMENT_COLUMN: Final = "ts_end"


class BacktestRequest(Struct, frozen=True, kw_only=True):
    """One backtest of one strategy with one set of parameters.

    Args:
        replay: files, profile, cash and seed; ``strategy`` is needed.
        parameters: arguments of the strategy by name.
        first: number of the first session that counts; earlier ones only teach the strategy.
        last: number of the last session; None for the last recorded.
        teach: number of the first session that the strategy is shown.
        engine: which engine runs it.
        broker: behind Backtrader's strategies; None with the other engine.
    """

    replay: ReplayRequest
    parameters: Mapping[str, Any] = field(default_factory=dict)
    first: int = 0
    last: int | None = None
    teach: int = 0
    engine: EngineName = EngineName.REPLAY
    broker: BacktraderBroker | None = None


class BacktestResult(Struct, frozen=True, kw_only=True):
    """What a backtest found.

    Args:
        run: every order, fill and measurement.
        closes: equity at the start and at the end of each session.
        points: equity at every moment that was looked at.
        trades: closed round trips.
        performance: the figures.
        parameters: what the strategy was given.
        seed: of everything random.
    """

    run: RunResult
    closes: tuple[EquityPoint, ...]
    points: tuple[EquityPoint, ...]
    trades: tuple[Trade, ...]
    performance: Performance
    parameters: dict[str, Any]
    seed: int


class BacktestEngine(Protocol):
    """Runs a strategy on recorded data; what else differs between engines is said in their docs."""

    def run(self, request: BacktestRequest, progress: Progress | None = None) -> BacktestResult:
        """Run it and return what it found.

        Raises:
            DataError: a file is wrong.
            ConfigError: the request cannot be carried out.
        """
        ...


class ReplayEngine:
    """The engine, decisions, risk and journal that trade live, on recorded data.

    Args:
        rules: every policy of the run.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def run(self, request: BacktestRequest, progress: Progress | None = None) -> BacktestResult:
        """Run it and return what it found."""
        began = time.perf_counter()
        asked = request.replay
        strategy = _strategy_of(request)
        loaded = part_of(load(asked), request)
        counted = loaded.inputs.sessions[request.first - request.teach :]
        if strategy is not None and request.first > request.teach:
            strategy = taught(strategy, moment(counted[0].open_at))
        shows: list[EquityShow] = []

        def watch(replay: Replay) -> EquityShow:
            shows.append(EquityShow(replay, counted))
            return shows[0]

        age = loaded.quote_age if asked.max_quote_age is None else asked.max_quote_age
        extras = Extras(strategy, asked.journal, age, progress, began, watch)
        run = run_inputs(
            loaded, rules_as_asked(self._rules, asked), facts_of(loaded, asked), extras
        )
        show = shows[0]
        since = happened(loaded.inputs)
        return result_of(run, show.closes, show.points, counted[0].open_at, request, since)


def _strategy_of(request: BacktestRequest) -> AnyStrategy | None:
    """Return the strategy of a request, None where ready-made signals trade alone."""
    asked = request.replay
    if asked.strategy is not None:
        return load_strategy(asked.strategy, parameters=request.parameters)
    if not asked.signals:
        raise ConfigError("a backtest needs --strategy module:Class, --signals or both")
    if request.parameters:
        raise ConfigError("--param is of a strategy: give --strategy too")
    return None


def result_of(
    run: RunResult,
    closes: Sequence[EquityPoint],
    points: Sequence[EquityPoint],
    opened_at: int,
    request: BacktestRequest,
    since: Sequence[HappenedAt] = (),
) -> BacktestResult:
    """Return what a run found.

    Args:
        run: every order and fill.
        closes: the account at the end of each session.
        points: the account at every moment that was looked at.
        opened_at: when the first session that counts opened, nanoseconds UTC.
        request: what was asked for.
        since: splits and dividends of the run.
    """
    opening = EquityPoint(moment(opened_at), float(run.opening_cash))
    # What filled at the last close is in the account only after it.
    last = changed(closes[-1], equity=float(run.equity))
    every_close = (opening, *closes[:-1], last)
    every_point = (opening, *points[:-1], last)
    trades = tuple(trades_of(run.fills, since))
    return BacktestResult(
        run=run,
        closes=every_close,
        points=every_point,
        trades=trades,
        performance=performance(every_close, every_point, run.fills, trades),
        parameters=dict(request.parameters),
        seed=request.replay.seed,
    )


def happened(inputs: ReplayInputs) -> list[HappenedAt]:
    """Return when the engine applies each split and pays each dividend: at the open of a day."""
    opens = {session.day: session.open_at for session in inputs.sessions}
    found = happenings(opens, inputs.splits, inputs.dividends)
    return [_at(one, moment(opens[day])) for day, every in sorted(found.items()) for one in every]


def _at(one: Happening, at: datetime) -> HappenedAt:
    if isinstance(one, Split):
        return SplitAt(one.symbol, at, one.new_shares / one.old_shares)
    return DividendAt(one.symbol, at, float(price_decimal(one.per_share)))


def facts_of(loaded: LoadedInputs, asked: ReplayRequest) -> RunFacts:
    """Return what is said about how the figures of a run came to be."""
    return RunFacts(
        title=title_of(loaded.inputs),
        profile=asked.profile if asked.quotes else f"{asked.profile} on bars",
        session=asked.session,
        seed=asked.seed,
        notes=loaded.notes,
        quotes=loaded.quotes,
        bad_rows=loaded.bad_rows,
    )


def load(request: ReplayRequest) -> LoadedInputs:
    """Read the files of a request; bars without quotes are the market themselves.

    Raises:
        DataError: a file is wrong.
        ConfigError: there is nothing to trade on.
    """
    if request.quotes:
        loaded = load_inputs(request)
    else:
        days = bool(request.bars) and MOMENT_COLUMN not in columns_of(request.bars[0])
        loaded = load_bar_inputs(request, days)
    if not loaded.inputs.sessions:
        raise ConfigError("the data hold no session of the exchange")
    return loaded


def sorted_out(paths: Iterable[Path]) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Return which files are quotes and which are bars, by their columns.

    Raises:
        DataError: a file cannot be read.
        ConfigError: plain days and bars with times are mixed.
    """
    quotes, bars, kinds = [], [], set()
    for path in paths:
        names = columns_of(path)
        if QUOTE_COLUMN in names:
            quotes.append(path)
        else:
            bars.append(path)
            kinds.add(MOMENT_COLUMN in names)
    if len(kinds) > 1:
        raise ConfigError(
            "--data mixes bars with ts and ts_end and plain days with date: give one kind"
        )
    return tuple(quotes), tuple(bars)


def columns_of(path: Path) -> tuple[str, ...]:
    """Return the names of the columns of a file."""
    return read_table(path, ()).names


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def part_of(loaded: LoadedInputs, request: BacktestRequest) -> LoadedInputs:
    """Return what lies in the sessions of a request, and nothing after them."""
    sessions = loaded.inputs.sessions
    last = len(sessions) - 1 if request.last is None else request.last
    if not 0 <= request.teach <= request.first <= last < len(sessions):
        raise ConfigError(
            f"sessions {request.teach} to {last} are not in the data, which have {len(sessions)}"
        )
    if request.teach == 0 and last == len(sessions) - 1:
        return loaded
    chosen = sessions[request.teach : last + 1]
    start, end = chosen[0].open_at, chosen[-1].close_at
    since = chosen[request.first - request.teach].open_at
    tapes = {
        name: _cut(tape, "ts", start, end)
        for name, tape in loaded.inputs.tapes.items()
        if ((tape.ts >= start) & (tape.ts <= end)).any()
    }
    bars = {name: _cut(tape, "ts_end", start, end) for name, tape in loaded.bars.tapes.items()}
    return changed(
        loaded,
        inputs=changed(
            loaded.inputs,
            tapes=tapes,
            sessions=chosen,
            signals=[one for one in loaded.inputs.signals if since <= time_of(one) <= end],
        ),
        bars=changed(loaded.bars, tapes={name: tape for name, tape in bars.items() if len(tape)}),
        quotes=sum(len(tape) for tape in tapes.values()),
    )


def _cut(tape: Any, column: str, start: int, end: int) -> Any:
    """Return the rows of a tape whose time lies in a span."""
    stamps = getattr(tape, column)
    keep = (stamps >= start) & (stamps <= end)
    names = [name for name in tape.__struct_fields__ if name not in {"symbol", "spans"}]
    return changed(tape, **{name: getattr(tape, name)[keep] for name in names})


def taught(strategy: AnyStrategy, since: datetime) -> AnyStrategy:
    """Return the strategy with everything that it says before a moment left out."""
    if isinstance(strategy, Strategy) and isinstance(strategy, QuoteStrategy):
        return _BothTaught(strategy, since)
    return (
        _BarsTaught(strategy, since)
        if isinstance(strategy, Strategy)
        else _QuotesTaught(strategy, since)
    )


class _Taught:
    """A strategy that learns before it may speak."""

    def __init__(self, strategy: Any, since: datetime) -> None:
        self.strategy = strategy
        self.name: str = strategy.name
        self.since = since

    def on_split(self, symbol: str, new_shares: int, old_shares: int) -> None:
        """Tell it of a split, where it wants to know."""
        if isinstance(self.strategy, SplitStrategy):
            self.strategy.on_split(symbol, new_shares, old_shares)

    def said(self, signals: Iterable[Signal], view: StrategyView) -> list[Signal]:
        """Return what it said, once it may."""
        return list(signals) if view.now >= self.since else [*signals][:0]


class _BarsTaught(_Taught):
    """One that answers bars."""

    def on_bar(self, bar: Bar, view: StrategyView) -> Iterable[Signal]:
        """Show a bar."""
        return self.said(self.strategy.on_bar(bar, view), view)


class _QuotesTaught(_Taught):
    """One that answers quotes."""

    def on_quote(self, quote: Quote, view: StrategyView) -> Iterable[Signal]:
        """Show a quote."""
        return self.said(self.strategy.on_quote(quote, view), view)


class _BothTaught(_BarsTaught, _QuotesTaught):
    """One that answers both."""
