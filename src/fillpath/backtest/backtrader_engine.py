"""Backtests of Backtrader's own strategies, on Backtrader's broker or on our simulated one.

The library is under the GPL and optional: nothing here imports it before a run asks for it, and
only the modules of ``bridge`` that are imported then name it.
"""

import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from importlib import import_module
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace as changed

from fillpath.backtest.bridge.ledger import Ledger, clean
from fillpath.backtest.bridge.stage import Releases, Stage, ends_of
from fillpath.backtest.engine import (
    BacktestRequest,
    BacktestResult,
    Progress,
    facts_of,
    happened,
    load,
    part_of,
    result_of,
)
from fillpath.backtest.inputs import LoadedInputs
from fillpath.backtest.loading import class_of
from fillpath.backtest.replay import SessionTimes
from fillpath.backtest.request import BacktraderBroker, FillProfile, ReplayRequest
from fillpath.backtest.run import Rules, price_series, rules_as_asked
from fillpath.backtest.sampling import FEW_SESSIONS
from fillpath.core.errors import ConfigError
from fillpath.core.models import Position
from fillpath.core.units import moment, nanoseconds
from fillpath.execution.broker.fill_model import SimulationPolicy
from fillpath.reports.performance import EquityPoint
from fillpath.reports.result import AccountEnd, RunResult, summarise
from fillpath.strategy.catalogue import reference_of

_PERCENT: Final = 100
_IN_BACKTRADER: Final = r"(.*[/\\])?backtrader([./\\]|$)"
_NOTES: Final = {
    BacktraderBroker.BACKTRADER: (
        "a Backtrader strategy on Backtrader's own broker: market orders fill at the next bar's "
        "open, limits when the bar touched them, stops at their own price, and no spread is paid"
    ),
    BacktraderBroker.SIMULATED: "a Backtrader strategy on the simulated broker",
}
_NO_CHECKS: Final = "sizing, risk checks and routing took no part: the strategy's orders went straight to the broker"


class _Run(Struct, frozen=True):
    """What one run is made of."""

    asked: ReplayRequest
    parameters: Mapping[str, Any]
    kind: Any
    loaded: LoadedInputs
    counted: tuple[SessionTimes, ...]
    ends: dict[str, list[int]]
    ledger: Ledger
    releases: Releases
    of_bars: bool


class _Ended(Struct, frozen=True):
    """How a run ended."""

    account: AccountEnd
    points: list[EquityPoint]


class BacktraderEngine:
    """Runs a Backtrader strategy: the class is Backtrader's, bars and results are ours.

    Args:
        rules: the simulated broker's rules; of Backtrader's broker the costs.
        broker: which one fills the orders.
    """

    def __init__(self, rules: Rules, broker: BacktraderBroker) -> None:
        self._rules = rules
        self._broker = broker

    def run(self, request: BacktestRequest, progress: Progress | None = None) -> BacktestResult:
        """Run it and return what it found.

        Raises:
            DataError: a file is wrong.
            ConfigError: the request cannot be carried out, or the library is missing.
        """
        began = time.perf_counter()
        asked = request.replay
        self._check(asked)
        with library():
            kind = _strategy(asked.strategy or "", request.parameters)
            run = self._prepared(request, kind)
            simulation = rules_as_asked(self._rules, asked).simulation
            on_ours = self._broker is BacktraderBroker.SIMULATED
            ended = (_on_ours if on_ours else _on_theirs)(run, simulation, progress)
        result = self._summary(run, ended, began)
        closes = _closes(ended.points, run.counted)
        shown = ended.points if len(run.counted) <= FEW_SESSIONS else closes
        return result_of(result, closes, shown, run.counted[0].open_at, request)

    def _check(self, asked: ReplayRequest) -> None:
        if asked.strategy is None:
            raise ConfigError("a backtest needs --strategy module:Class")
        if asked.signals:
            raise ConfigError(
                "--signals needs --engine replay: a Backtrader strategy sends its own orders"
            )
        if self._broker is BacktraderBroker.BACKTRADER:
            if asked.quotes:
                raise ConfigError(
                    "Backtrader's own broker trades on bars alone: give --data without quotes, or "
                    "set backtest.broker to simulated"
                )
            if asked.profile is FillProfile.REALISTIC:
                raise ConfigError(
                    "profile realistic is the simulated broker's: set backtest.broker to simulated"
                )

    def _prepared(self, request: BacktestRequest, kind: Any) -> _Run:
        asked = request.replay
        loaded = part_of(load(asked), request)
        if not loaded.bars.tapes:
            raise ConfigError("a Backtrader strategy is shown bars: --data has none")
        if happened(loaded.inputs):
            raise ConfigError(
                "Backtrader knows no splits and no dividends: give adjusted prices and no "
                "--corporate-actions, or use --engine replay"
            )
        sessions = loaded.inputs.sessions
        tapes = loaded.bars.tapes
        of_bars = not asked.quotes
        releases = Releases(loaded.inputs, tapes.values(), of_bars=of_bars)
        return _Run(
            asked=asked,
            parameters=request.parameters,
            kind=kind,
            loaded=loaded,
            counted=sessions[request.first - request.teach :],
            ends=ends_of(tapes, sessions),
            ledger=Ledger(releases.market),
            releases=releases,
            of_bars=of_bars,
        )

    def _summary(self, run: _Run, ended: _Ended, began: float) -> RunResult:
        facts = facts_of(run.loaded, run.asked)
        ours = self._broker is BacktraderBroker.SIMULATED
        notes = (*(facts.notes if ours else ()), _NOTES[self._broker], _NO_CHECKS)
        last = max(end for ends in run.ends.values() for end in ends)
        return summarise(
            run.ledger.recorder,
            facts=changed(
                facts,
                notes=notes,
                profile=facts.profile if ours else f"{facts.profile} (Backtrader's broker)",
                elapsed_s=round(time.perf_counter() - began, 3),
            ),
            account=ended.account,
            prices=price_series(run.loaded.inputs.tapes),
            still_open=run.ledger.still_open(last),
        )


@contextmanager
def library() -> Iterator[None]:
    """Let Backtrader be imported and run; it was last released for Python 3.7.

    Its docstrings have escapes that newer interpreters warn of, and its main loop asks for the time
    by a name that they have deprecated. Nothing outside the library is silenced.

    Raises:
        ConfigError: it is not installed.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "invalid escape sequence")
        warnings.filterwarnings(
            "ignore", r"datetime\.datetime\.utc", DeprecationWarning, "backtrader"
        )
        try:
            import_module("backtrader")
        except ModuleNotFoundError as error:
            if error.name != "backtrader":
                raise
            raise ConfigError(
                "--engine backtrader needs the extra backtrader: install fillpath[backtrader]"
            ) from error
        yield


def _strategy(reference: str, parameters: Mapping[str, Any]) -> Any:
    """Return the class of a Backtrader strategy that takes these parameters."""
    base: Any = import_module("backtrader").Strategy
    kind: Any = class_of(reference_of(reference))
    if not issubclass(kind, base):
        raise ConfigError(
            f"strategy {reference!r} is no Backtrader strategy, which --engine backtrader needs: "
            "derive it from backtrader.Strategy, or use --engine replay"
        )
    known = set(kind.params._getkeys())  # noqa: SLF001  # the only list of them that there is
    unknown = sorted(set(parameters) - known)
    if unknown:
        allowed = ", ".join(sorted(known)) or "none"
        raise ConfigError(
            f"strategy {reference!r} has no parameter {', '.join(unknown)}: it has {allowed}"
        )
    return kind


def _on_ours(run: _Run, simulation: SimulationPolicy, progress: Progress | None) -> _Ended:
    bridge: Any = import_module("fillpath.backtest.bridge.simulated").SimulatedBridge()
    stage = Stage(run.loaded.inputs, simulation, run.releases, of_bars=run.of_bars)
    feeds = _feeds(run)
    rate = float(simulation.commission_pct) / _PERCENT
    bridge.attach(stage, run.ledger, feeds, rate, run.counted[0].open_at)
    points = _play(run, bridge, feeds, progress)
    held = stage.portfolio()
    return _Ended(
        AccountEnd(
            opening_cash=Decimal(str(simulation.cash)),
            cash=held.cash,
            equity=held.total_equity,
            positions=held.positions,
        ),
        points,
    )


def _on_theirs(run: _Run, simulation: SimulationPolicy, progress: Progress | None) -> _Ended:
    broker: Any = import_module("fillpath.backtest.bridge.own").OwnBroker()
    feeds = _feeds(run)
    broker.attach(run.ledger, run.releases, feeds, run.counted[0].open_at)
    broker.setcash(float(simulation.cash))
    broker.setcommission(commission=float(simulation.commission_pct) / _PERCENT)
    if simulation.profile is FillProfile.SPEC:
        broker.set_slippage_perc(float(simulation.slippage_pct) / _PERCENT)
    points = _play(run, broker, feeds, progress)
    positions = [
        Position(
            symbol=data.symbol,
            quantity=clean(held.size),
            average_price=clean(held.price),
            market_price=clean(data.close[0]),
        )
        for data in feeds
        if (held := broker.getposition(data)).size
    ]
    return _Ended(
        AccountEnd(
            opening_cash=Decimal(str(simulation.cash)),
            cash=clean(broker.getcash()),
            equity=clean(broker.getvalue()),
            positions=tuple(positions),
        ),
        points,
    )


def _feeds(run: _Run) -> list[Any]:
    make: Any = import_module("fillpath.backtest.bridge.feeds").feed_of
    tapes = run.loaded.bars.tapes
    return [make(tape, run.ends[name]) for name, tape in tapes.items() if len(tape)]


def _play(
    run: _Run, broker: Any, feeds: Sequence[Any], progress: Progress | None
) -> list[EquityPoint]:
    """Run the strategy; bars are handed over one by one, so that none can be looked up early."""
    backtrader: Any = import_module("backtrader")
    watch: Any = import_module("fillpath.backtest.bridge.feeds").Watch
    cerebro = backtrader.Cerebro(stdstats=False, preload=False, runonce=False)
    for feed in feeds:
        cerebro.adddata(feed)
    cerebro.setbroker(broker)
    total = len({end for ends in run.ends.values() for end in ends})
    cerebro.addanalyzer(watch, _name="watch", progress=progress, total=total)
    cerebro.addstrategy(run.kind, **run.parameters)
    (strategy,) = cerebro.run()
    points: list[EquityPoint] = strategy.analyzers.watch.points
    since = moment(run.counted[0].open_at)
    if progress is not None:
        progress(total, total)
    return [point for point in points if point.ts >= since]


def _closes(
    points: Sequence[EquityPoint], sessions: Sequence[SessionTimes]
) -> tuple[EquityPoint, ...]:
    """Return the account at the close of each session: as the last bar until then left it."""
    found: list[EquityPoint] = []
    row = -1
    for session in sessions:
        while row + 1 < len(points) and nanoseconds(points[row + 1].ts) <= session.close_at:
            row += 1
        if row >= 0:
            found.append(changed(points[row], ts=moment(session.close_at)))
    return tuple(found)


__all__ = ["BacktraderEngine", "library"]
