"""Backtests: the fills that bars allow, nothing seen early, the same run again."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fillpath import app_backtest
from fillpath.backtest.bar_market import quoted
from fillpath.backtest.engine import BacktestRequest, BacktestResult, sorted_out
from fillpath.backtest.plain_days import load_days
from fillpath.backtest.request import FillProfile, ReplayRequest
from fillpath.core.errors import ConfigError, DataError
from fillpath.core.models import Bar, Signal, SignalDirection
from fillpath.core.units import PRICE_SCALE
from fillpath.data.files.faults import BadRowReport
from fillpath.scheduling.calendar import ExchangeCalendar
from fillpath.settings import load_settings
from fillpath.strategy.base import StrategyView
from tests.recorded import RECORDINGS, needs_recordings

SETTINGS = load_settings(None)
CALENDAR = ExchangeCalendar()
HEAD = "date,symbol,open,high,low,close,volume"
SEEN: list[tuple[Any, Any]] = []


class Eager:
    """Buys after its first bar, sells after the fourth, and writes down what it saw and when."""

    name = "eager"

    def __init__(self, quantity: int = 10) -> None:
        self._quantity = quantity
        self._bars = 0

    def on_bar(self, bar: Bar, view: StrategyView) -> Iterable[Signal]:
        SEEN.append((view.now, bar))
        self._bars += 1
        if self._bars == 1:
            return [self._signal(bar, SignalDirection.LONG, {"quantity": self._quantity})]
        return [self._signal(bar, SignalDirection.FLAT, {})] if self._bars == 4 else []

    def _signal(self, bar: Bar, direction: SignalDirection, size: dict[str, Any]) -> Signal:
        strength = Decimal("0.95")
        return Signal(symbol=bar.symbol, direction=direction, strength=strength, metadata=size)


def days(path: Path, count: int = 8) -> Path:
    """Write days that rise by one, each opening on a price of its own."""
    sessions = CALENDAR.sessions_between(date(2026, 3, 2), date(2026, 3, 31))[:count]
    rows = [
        f"{day.date},IBM,{100 + n}.50,{102 + n},{99 + n}.90,{101 + n},1000"
        for n, day in enumerate(sessions)
    ]
    path.write_text("\n".join([HEAD, *rows]))
    return path


def ran(path: Path, **fields: Any) -> BacktestResult:
    replay = ReplayRequest(bars=(path,), strategy=f"{__name__}:Eager")
    return app_backtest.backtest(BacktestRequest(replay=replay, **fields), SETTINGS)


def test_a_market_order_fills_at_the_next_open(tmp_path: Path) -> None:
    result = ran(days(tmp_path / "days.csv"))

    assert [fill.price for fill in result.run.fills] == [Decimal("101.5"), Decimal("104.5")]


def test_a_bar_is_shown_only_when_it_is_over(tmp_path: Path) -> None:
    SEEN.clear()

    ran(days(tmp_path / "days.csv"))

    assert all(now >= bar.ts_end for now, bar in SEEN)
    assert all(now.date() > bar.ts.date() for now, bar in SEEN[:-1])


def test_what_comes_later_changes_nothing_before_it(tmp_path: Path) -> None:
    short = ran(days(tmp_path / "short.csv", 6))

    long = ran(days(tmp_path / "long.csv", 8))

    assert [(f.ts, f.price) for f in short.run.fills] == [(f.ts, f.price) for f in long.run.fills]
    assert short.closes[:-1] == long.closes[: len(short.closes) - 1]


def test_the_curve_ends_with_the_equity_of_the_run(tmp_path: Path) -> None:
    result = ran(days(tmp_path / "days.csv"))

    assert len(result.closes) == 9
    assert result.closes[-1].equity == float(result.run.equity)
    assert result.performance.trades == 1
    assert result.trades[0].pnl == pytest.approx(float(result.run.equity) - 100_000)


def test_parameters_reach_the_strategy(tmp_path: Path) -> None:
    result = ran(days(tmp_path / "days.csv"), parameters={"quantity": 7})

    assert result.run.fills[0].quantity == 7


def test_an_unknown_parameter_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="must take speed"):
        ran(days(tmp_path / "days.csv"), parameters={"speed": 7})


def test_sessions_before_the_first_that_counts_only_teach(tmp_path: Path) -> None:
    result = ran(days(tmp_path / "days.csv"), first=2, last=6)

    assert [fill.side for fill in result.run.fills] == []
    assert len(result.closes) == 6


def test_a_limit_is_reached_only_when_the_market_goes_through_it(tmp_path: Path) -> None:
    bars = load_days(
        [days(tmp_path / "days.csv", 1)], report=BadRowReport(skip=False), calendar=CALENDAR
    )

    tape = quoted(bars.tapes["IBM"])

    asks, bids = tape.ask[1:-1], tape.bid[1:-1]
    assert asks.min() == 99 * PRICE_SCALE + 91 * PRICE_SCALE // 100
    assert bids.max() == 102 * PRICE_SCALE - PRICE_SCALE // 100
    assert (tape.bid[-1], tape.ask[-1]) == (0, 0)


def test_a_half_day_ends_early(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    path.write_text(f"{HEAD}\n2015-12-24,GOOG,750,751,749,750,1000")

    bars = load_days([path], report=BadRowReport(skip=False), calendar=CALENDAR)

    bar = bars.tapes["GOOG"].bar(0)
    assert (bar.ts_end.hour, bar.ts_end.minute) == (18, 0)


@pytest.mark.parametrize(
    ("row", "said"),
    [("2026-03-01,IBM,1,2,1,1,5", "no session"), ("2026-03-02,IBM,1,0.5,1,1,5", "must hold")],
)
def test_a_wrong_day_is_named(tmp_path: Path, row: str, said: str) -> None:
    path = tmp_path / "days.csv"
    path.write_text(f"{HEAD}\n{row}")

    with pytest.raises(DataError, match=said):
        load_days([path], report=BadRowReport(skip=False), calendar=CALENDAR)


def test_the_realistic_profile_is_refused_without_quotes(tmp_path: Path) -> None:
    replay = ReplayRequest(
        bars=(days(tmp_path / "days.csv"),),
        strategy=f"{__name__}:Eager",
        profile=FillProfile.REALISTIC,
    )

    with pytest.raises(ConfigError, match="needs quotes"):
        app_backtest.backtest(BacktestRequest(replay=replay), SETTINGS)


def test_files_are_told_apart_by_their_columns(tmp_path: Path) -> None:
    quotes = tmp_path / "quotes.csv"
    quotes.write_text(
        "ts,symbol,bid_price,ask_price,bid_size,ask_size\n2026-03-02T15:00:00Z,IBM,1,2,3,4\n"
    )
    bars = days(tmp_path / "days.csv")

    assert sorted_out([quotes, bars]) == ((quotes,), (bars,))


def test_a_changed_file_is_found_when_a_run_is_repeated(tmp_path: Path) -> None:
    path = days(tmp_path / "days.csv")
    replay = ReplayRequest(bars=(path,), strategy=f"{__name__}:Eager")
    request = BacktestRequest(replay=replay)
    earlier = app_backtest.record_of(request, app_backtest.backtest(request, SETTINGS), SETTINGS)
    path.write_text(path.read_text().replace("101.50", "101.40"))

    now = app_backtest.record_of(request, app_backtest.backtest(request, SETTINGS), SETTINGS)

    found = app_backtest.differences(earlier, now)
    assert found[0] == f"the file {path} has changed since"
    assert any("equity" in sentence for sentence in found)


@needs_recordings
def test_the_recorded_split_is_no_loss() -> None:
    """AAPL, 7 for 1 on 2014-06-09: what is held over it is worth the same, and closes as one trade."""
    data = RECORDINGS
    replay = ReplayRequest(
        quotes=(data / "quotes_AAPL.parquet",),
        daily=(data / "bars_1d.parquet",),
        corporate_actions=data / "corporate_actions.csv",
        strategy="fillpath.strategy.examples:Recorded",
    )

    result = app_backtest.backtest(BacktestRequest(replay=replay), SETTINGS)

    gains = sum(trade.pnl for trade in result.trades)
    assert result.performance.max_drawdown is not None
    assert result.performance.max_drawdown < 0.01
    held = sum(float(one.unrealized_pnl) for one in result.run.positions)
    assert gains + held == pytest.approx(float(result.run.equity) - 100_000, abs=5)


class Stopped:
    """Buys after every bar, so that stops end what it holds."""

    name = "stopped"

    def on_bar(self, bar: Bar, view: StrategyView) -> Iterable[Signal]:
        if view.position(bar.symbol):
            return []
        return [
            Signal(
                symbol=bar.symbol,
                direction=SignalDirection.LONG,
                strength=Decimal("0.95"),
                metadata={"quantity": 1},
            )
        ]


def falling(path: Path, count: int) -> Path:
    """Write days that each fall by five percent after their open."""
    sessions = CALENDAR.sessions_between(date(2026, 1, 5), date(2026, 6, 30))[:count]
    rows = [f"{day.date},IBM,100,100.5,95,95.5,1000" for day in sessions]
    path.write_text("\n".join([HEAD, *rows]))
    return path


def test_stops_at_the_extremes_of_bars_switch_no_strategy_off(tmp_path: Path) -> None:
    """A stop at the low of a bar costs 300 bps by convention; the breaker allows 10 in the mean."""
    replay = ReplayRequest(
        bars=(falling(tmp_path / "days.csv", 60),), strategy=f"{__name__}:Stopped"
    )

    result = app_backtest.backtest(BacktestRequest(replay=replay), SETTINGS)

    assert len(result.trades) > 40
    assert "SLIPPAGE_BREAKER" not in result.run.signals.refused


def test_what_switched_trading_off_is_said(tmp_path: Path) -> None:
    replay = ReplayRequest(
        bars=(falling(tmp_path / "days.csv", 60),),
        strategy=f"{__name__}:Stopped",
    )
    request = BacktestRequest(replay=replay)
    settings = load_settings(None, environment={"SA_RISK__MAX_DRAWDOWN_PCT": "0.05"})

    told = app_backtest.told_of(request, app_backtest.backtest(request, settings))

    assert any("(DRAWDOWN)" in remark for remark in told.remarks)
    assert {fate.reason for fate in told.fates} >= {"", "DRAWDOWN"}


def test_what_is_open_at_the_end_is_said(tmp_path: Path) -> None:
    path = days(tmp_path / "days.csv", 4)
    request = BacktestRequest(replay=ReplayRequest(bars=(path,), strategy=f"{__name__}:Eager"))

    told = app_backtest.told_of(request, app_backtest.backtest(request, SETTINGS))

    assert told.remarks == (
        "open at the end: IBM 10; in the equity at its last price, and in no trade",
    )


def test_a_fill_and_a_trade_say_whose_they_are(tmp_path: Path) -> None:
    result = ran(days(tmp_path / "days.csv"))

    assert {fill.strategy_name for fill in result.run.fills} == {"eager"}
    assert all(fill.signal_id for fill in result.run.fills)
    assert result.trades[0].strategy_name == "eager"
    assert (result.trades[0].entry_price, result.trades[0].exit_price) == (101.5, 104.5)


def test_a_changed_strategy_is_found_when_a_run_is_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    module = tmp_path / "its_rule_changes.py"
    module.write_text(
        "class Still:\n    name = 'still'\n    def on_bar(self, bar, view): return []\n"
    )
    replay = ReplayRequest(bars=(days(Path("days.csv")),), strategy="its_rule_changes:Still")
    request = BacktestRequest(replay=replay)
    result = app_backtest.backtest(request, SETTINGS)
    earlier = app_backtest.record_of(request, result, SETTINGS)
    module.write_text(module.read_text() + "# changed\n")

    found = app_backtest.differences(earlier, app_backtest.record_of(request, result, SETTINGS))

    assert found == ["the file its_rule_changes.py has changed since"]
    assert "numpy" in earlier.libraries


def test_a_split_that_nobody_named_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    rows = ["2014-06-06,AAPL,645,650,640,645,1000", "2014-06-09,AAPL,93,94,92,93,1000"]
    path.write_text("\n".join([HEAD, *rows]))

    notes = ran(path).run.facts.notes

    assert notes[-1].startswith("AAPL opened 85.6% lower on 2014-06-09")


class Wordy:
    """Answers with something else than signals."""

    name = "wordy"

    def __init__(self, answer: Any = None) -> None:
        self._answer = answer

    def on_bar(self, bar: Bar, view: StrategyView) -> Any:
        assert view.now >= bar.ts_end
        return self._answer


@pytest.mark.parametrize(
    ("answer", "shown"), [(None, "got None"), (["buy"], "got 'buy'"), ("buy", "got 'b'")]
)
def test_an_answer_that_is_no_signal_is_one_sentence(
    tmp_path: Path, answer: object, shown: str
) -> None:
    replay = ReplayRequest(bars=(days(tmp_path / "days.csv"),), strategy=f"{__name__}:Wordy")
    request = BacktestRequest(replay=replay, parameters={"answer": answer})

    with pytest.raises(ConfigError, match=f"wordy must answer with signals, .*{shown}"):
        app_backtest.backtest(request, SETTINGS)
