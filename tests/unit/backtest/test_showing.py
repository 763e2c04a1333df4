"""A strategy is shown bars at their end and quotes when they come, and may look at its account."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from fillpath.backtest.replay import NEVER
from fillpath.backtest.showing import BarShow, QuoteShow, ReplayView, named
from fillpath.core.models import Bar, Quote, Signal
from fillpath.core.units import moment, price_units, quantity_units
from fillpath.data.files.bars import BarTape, LoadedBars
from fillpath.strategy.base import StrategyView
from tests.unit.backtest.tapes import Run, a_tape, a_wish, at, every_second

QUIET = a_tape(every_second(600))
BUY: dict[str, Any] = {"strength": 1, "strategy_name": "", "metadata": {"quantity": 100}}


class Watcher:
    """Takes down what it is shown, and says what it was told to say.

    Args:
        says: answers by the second of the moment.
    """

    name = "watcher"

    def __init__(self, says: dict[float, list[Signal]] | None = None) -> None:
        self.says = says or {}
        self.bars: list[Bar] = []
        self.quotes: list[Quote] = []
        self.views: list[tuple[object, ...]] = []

    def on_bar(self, bar: Bar, view: StrategyView) -> Iterable[Signal]:
        self.bars.append(bar)
        return self._answer(view)

    def on_quote(self, quote: Quote, view: StrategyView) -> Iterable[Signal]:
        self.quotes.append(quote)
        return self._answer(view)

    def _answer(self, view: StrategyView) -> Iterable[Signal]:
        self.views.append((view.now, view.cash, view.equity, view.position("AAPL")))
        return self.says.get((view.now - moment(at(0))).total_seconds(), [])


def minutes(count: int, symbol: str = "AAPL") -> LoadedBars:
    """Return so many one minute bars, closing at 150, 151 and so on."""
    starts = np.array([at(60 * n) for n in range(count)], dtype=np.int64)
    prices = np.array([price_units(Decimal(150 + n)) for n in range(count)], dtype=np.int64)
    tape = BarTape(
        symbol=symbol,
        ts=starts,
        ts_end=starts + 60 * 10**9,
        open=prices,
        high=prices,
        low=prices,
        close=prices,
        volume=np.full(count, quantity_units(Decimal(7)), dtype=np.int64),
    )
    return LoadedBars(tapes={symbol: tape})


def shown_bars(strategy: Watcher, bars: LoadedBars, **changes: Any) -> Run:
    run = Run([QUIET], **changes)
    return run.go([BarShow(bars, strategy, ReplayView(run.replay, strategy.name))])


def shown_quotes(strategy: Watcher, *tapes: Any) -> Run:
    run = Run(tapes)
    known = {tape.symbol: tape for tape in tapes}
    return run.go([QuoteShow(known, strategy, ReplayView(run.replay, strategy.name))])


# Bars.


def test_a_bar_is_shown_at_its_end() -> None:
    watcher = Watcher()

    shown_bars(watcher, minutes(3))

    assert [bar.close for bar in watcher.bars] == [150, 151, 152]
    assert [view[0] for view in watcher.views] == [moment(at(60 * n)) for n in (1, 2, 3)]


def test_bars_that_end_together_come_in_the_order_of_their_symbols() -> None:
    watcher = Watcher()
    both = LoadedBars(tapes=minutes(2).tapes | minutes(2, "MSFT").tapes)

    shown_bars(watcher, both)

    assert [bar.symbol for bar in watcher.bars] == ["AAPL", "MSFT", "AAPL", "MSFT"]


def test_what_the_strategy_answers_is_traded_under_its_name() -> None:
    wish = a_wish(60, signal_id=None, timestamp=None, **BUY)

    run = shown_bars(Watcher({60: [wish]}), minutes(1))

    assert run.fills == [(60.0, "BUY", "100", "150.01")]
    assert run.replay.desk.state.book.by_strategy == {("watcher", "AAPL"): 100_000_000}


def test_a_name_that_the_signal_brings_is_kept() -> None:
    nameless, with_name = a_wish(1, strategy_name=""), a_wish(1, strategy_name="other")

    names = [signal.strategy_name for signal in named([nameless, with_name], Watcher())]

    assert names == ["watcher", "other"]


def test_no_bars_are_no_moments() -> None:
    run = Run([QUIET])
    show = BarShow(LoadedBars(), Watcher(), ReplayView(run.replay, "watcher"))

    assert (show.at, show.total) == (NEVER, 0)


@pytest.mark.parametrize(("done", "left"), [(-1, 3), (59, 3), (60, 2), (120, 1), (10_000, 0)])
def test_bars_that_are_done_are_passed_over(done: float, left: int) -> None:
    watcher = Watcher()
    run = Run([QUIET])
    show = BarShow(minutes(3), watcher, ReplayView(run.replay, "watcher"))

    show.skip_to(at(done))
    run.go([show])

    assert len(watcher.bars) == left
    assert show.total == 3


# Quotes.


def test_every_quote_is_shown_when_it_comes() -> None:
    watcher = Watcher()
    first = a_tape([(1, "149.99", "150.01"), (3, "150.01", "")])
    second = a_tape([(2, "29.99", "30.01"), (3, "30.00", "30.02")], "MSFT")

    shown_quotes(watcher, first, second)

    assert [(quote.symbol, quote.bid_price) for quote in watcher.quotes] == [
        ("AAPL", Decimal("149.99")),
        ("MSFT", Decimal("29.99")),
        ("AAPL", Decimal("150.01")),
        ("MSFT", Decimal(30)),
    ]
    assert [view[0] for view in watcher.views] == [moment(at(n)) for n in (1, 2, 3, 3)]


def test_a_signal_about_a_quote_trades_on_that_very_quote() -> None:
    wish = a_wish(2, signal_id=None, timestamp=None, **BUY)
    tape = a_tape([(1, "149.99", "150.01"), (2, "151.99", "152.01"), (3, "150.00", "150.02")])

    run = shown_quotes(Watcher({2: [wish]}), tape)

    assert run.fills == [(2.0, "BUY", "100", "152.01")]


@pytest.mark.parametrize(("done", "left"), [(-1, 5), (0, 4), (3, 1), (10_000, 0)])
def test_quotes_that_are_done_are_passed_over(done: float, left: int) -> None:
    watcher = Watcher()
    tape = a_tape(every_second(5))
    run = Run([tape])
    show = QuoteShow({"AAPL": tape}, watcher, ReplayView(run.replay, "watcher"))

    show.skip_to(at(done))
    run.go([show])

    assert len(watcher.quotes) == left
    assert (show.at, show.total) == (NEVER, 5)


# The view.


def test_a_strategy_sees_its_account_as_it_is_then() -> None:
    wish = a_wish(60, signal_id=None, timestamp=None, **BUY)
    watcher = Watcher({60: [wish]})

    shown_bars(watcher, minutes(2))

    before, after = (view[1:] for view in watcher.views)
    assert before == (Decimal(1_000_000), Decimal(1_000_000), Decimal(0))
    # 100 at 150.01 and a commission of 0.005 %, marked at 150.
    assert after == (Decimal("984998.24995"), Decimal("999998.24995"), Decimal(100))


def test_a_strategy_sees_its_own_position_only() -> None:
    watcher = Watcher()
    other = a_wish(5, strength=1, metadata={"quantity": 100})

    shown_bars(watcher, minutes(1), signals=[other])

    assert watcher.views[0][3] == 0
