"""A strategy hears of a split before the first bar or quote in new shares, and once."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from fillpath import app_backtest
from fillpath.backtest.engine import BacktestRequest
from fillpath.backtest.request import ReplayRequest
from fillpath.core.models import Bar, Quote, Signal
from fillpath.settings import load_settings
from fillpath.strategy.base import StrategyView

SETTINGS = load_settings(None)
HEARD: list[Any] = []
ACTIONS = """symbol,ex_date,kind,new_shares_per_old
AAPL,2014-06-09,split,7
MSFT,2014-06-09,split,2
AAPL,2030-01-02,split,3
"""
DAYS = """date,symbol,open,high,low,close,volume
2014-06-05,AAPL,646,650,640,647,1000
2014-06-06,AAPL,650,652,640,645,1000
2014-06-09,AAPL,93,94,91,93,1000
2014-06-10,AAPL,94,96,93,94,1000
"""


class Listening:
    """Writes down what it hears."""

    name = "listening"

    def on_bar(self, bar: Bar, view: StrategyView) -> Iterable[Signal]:
        assert view.now >= bar.ts_end
        HEARD.append(int(bar.close))
        return []

    def on_split(self, symbol: str, new_shares: int, old_shares: int) -> None:
        HEARD.append((symbol, new_shares, old_shares))


class ListeningToBoth(Listening):
    """Hears quotes too."""

    def on_quote(self, quote: Quote, view: StrategyView) -> Iterable[Signal]:
        assert view.now >= (quote.ts or view.now)
        HEARD.append(float(quote.bid_price or 0))
        return []


def heard(folder: Path, kind: type, **fields: Any) -> list[Any]:
    HEARD.clear()
    days, actions = folder / "days.csv", folder / "actions.csv"
    days.write_text(DAYS)
    actions.write_text(ACTIONS)
    replay = ReplayRequest(
        bars=(days,), strategy=f"{__name__}:{kind.__name__}", corporate_actions=actions
    )
    app_backtest.backtest(BacktestRequest(replay=replay, **fields), SETTINGS)
    return HEARD


def test_it_comes_between_the_last_old_bar_and_the_first_new_one(tmp_path: Path) -> None:
    """The last day in old shares is shown at the open of the first day in new ones."""
    assert heard(tmp_path, Listening) == [647, 645, ("AAPL", 7, 1), 93, 94]


def test_a_strategy_of_bars_and_quotes_hears_it_once(tmp_path: Path) -> None:
    told = heard(tmp_path, ListeningToBoth)

    place = told.index(("AAPL", 7, 1))
    assert told.count(("AAPL", 7, 1)) == 1
    assert all(isinstance(one, int) or one == 0 or one > 600 for one in told[:place])
    assert all(isinstance(one, int) or one < 100 for one in told[place + 1 :])


@pytest.mark.parametrize("kind", [Listening, ListeningToBoth])
def test_one_that_only_learns_yet_hears_it_too(tmp_path: Path, kind: type) -> None:
    assert ("AAPL", 7, 1) in heard(tmp_path, kind, first=3)
