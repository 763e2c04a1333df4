"""A strategy to which a recording has nothing to show is refused; a run of silence says nothing."""

from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from fillpath import app_backtest
from fillpath.backtest.engine import BacktestRequest, BacktestResult
from fillpath.backtest.request import ReplayRequest
from fillpath.core.errors import ConfigError
from fillpath.core.models import Bar, Signal
from fillpath.settings import load_settings
from fillpath.strategy.base import StrategyView
from fillpath.strategy.declared import Needs
from tests.unit.backtest.test_backtest_engine import days


class Watching:
    """Says nothing; what it declares is set by a test."""

    name = "watching"
    needs: ClassVar[Needs | None] = None

    def on_bar(self, bar: Bar, view: StrategyView) -> list[Signal]:  # noqa: ARG002  # a protocol
        return []


class WatchingAll(Watching):
    """Looks at quotes as well."""

    name = "watching-all"
    needs: ClassVar[Needs | None] = Needs(bar_length=timedelta(minutes=1), quotes=True)


def shown(path: Path, kind: type[Watching] = Watching, *, of: str = "bars") -> BacktestResult:
    """Run a strategy on a file."""
    files: dict[str, Any] = {of: (path,), "strategy": f"{kind.__module__}:{kind.__name__}"}
    return app_backtest.backtest(
        BacktestRequest(replay=ReplayRequest(**files)), load_settings(None)
    )


@pytest.mark.parametrize(
    "needs",
    [
        None,
        Needs(),
        Needs(bar_length=timedelta(days=1)),
        Needs(bar_length=timedelta(days=1), symbols=("IBM",)),
    ],
)
def test_what_is_there_or_was_not_asked_for_is_no_reason_to_refuse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needs: Needs | None
) -> None:
    monkeypatch.setattr(Watching, "needs", needs)

    assert shown(days(tmp_path / "days.csv")).run.fills == ()


def test_who_reads_quotes_too_is_shown_those(tmp_path: Path) -> None:
    assert shown(days(tmp_path / "days.csv"), WatchingAll).run.fills == ()


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        (
            Needs(bar_length=timedelta(minutes=5)),
            "bars of 5 minutes, and is given bars of whole sessions of IBM",
        ),
        (
            Needs(bar_length=timedelta(days=1), symbols=("OTHER",)),
            "of OTHER, and is given bars of whole sessions of IBM",
        ),
    ],
)
def test_bars_that_a_strategy_does_not_read_are_refused_with_those_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needs: Needs, said: str
) -> None:
    monkeypatch.setattr(Watching, "needs", needs)

    with pytest.raises(ConfigError, match=f"^watching reads .*{said}"):
        shown(days(tmp_path / "days.csv"))


def test_quotes_alone_have_no_bars_to_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quotes = tmp_path / "quotes.csv"
    quotes.write_text(
        "ts,symbol,bid_price,ask_price,bid_size,ask_size\n"
        "2026-03-02T14:31:00+00:00,IBM,100.00,100.02,100,100\n"
    )
    monkeypatch.setattr(Watching, "needs", Needs(bar_length=timedelta(minutes=1)))

    with pytest.raises(ConfigError, match="bars of 1 minute, and is given no bars"):
        shown(quotes, of="quotes")
