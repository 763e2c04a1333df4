"""Dividends: exact cash on the ex-date for what was held at the close before, paid once."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from fillpath import app_backtest
from fillpath.backtest.engine import BacktestRequest
from fillpath.backtest.replay import SessionTimes
from fillpath.backtest.request import ReplayRequest
from fillpath.core.events import DividendPaid
from fillpath.core.models import Bar, Position, Signal, SignalDirection
from fillpath.core.units import money_units
from fillpath.data.files.split import Dividend, Split
from fillpath.data.journal import MemoryJournal
from fillpath.execution.broker.fill_model import FillProfile, SimulationPolicy
from fillpath.reports.dividends import dividend_rows
from fillpath.settings import load_settings
from fillpath.strategy.base import StrategyView
from tests.recorded import RECORDINGS, needs_recordings
from tests.unit.backtest.tapes import A_DAY, DAY, SESSION, Run, a_tape, a_wish, at, every_second
from tests.unit.backtest.test_replay import Cut, DyingJournal
from tests.unit.execution.desk.scene import price

LATER_DAY = DAY + timedelta(days=3)
LATER = SessionTimes(LATER_DAY, at(3 * A_DAY), SESSION.close_at + 3 * A_DAY * 10**9)
TAPE = a_tape([*every_second(10), *((3 * A_DAY + n, "149.99", "150.01") for n in range(10))])
CASH = Decimal(1_000_000)


def holding(shares: int) -> SimulationPolicy:
    """Return a broker with so many shares; their price of 140 is in no cash."""
    held = Position(symbol="AAPL", quantity=Decimal(shares), average_price=Decimal(140))
    return SimulationPolicy(profile=FillProfile.QUOTES, cash=CASH, positions=(held,))


def paid(run: Run) -> list[tuple[str, str, str, str]]:
    """Return ex-date, shares, cash for one and cash of every payment."""
    return [
        (row.ex_date, f"{row.quantity}", f"{row.per_share}", f"{row.cash.normalize():f}")
        for row in dividend_rows(run.replay.paid)
    ]


def broker_cash(run: Run) -> Decimal:
    """Return the cash as the broker has it."""
    return asyncio.run(run.replay.broker.get_portfolio()).cash


def over_days(*dividends: Dividend, **changes: Any) -> Run:
    """Run two days, three days apart, with these dividends."""
    return Run([TAPE], sessions=(SESSION, LATER), dividends=dividends, **changes).go()


@pytest.mark.parametrize("shares", [100, -100])
def test_a_long_receives_and_a_short_pays(shares: int) -> None:
    dividend = Dividend("AAPL", LATER_DAY, price("0.12345678"))

    run = over_days(dividend, simulation=holding(shares))

    cash = CASH + shares * Decimal("0.12345678")
    assert run.replay.desk.state.book.cash == money_units(cash)
    assert run.replay.account().cash == broker_cash(run) == cash
    assert paid(run) == [
        ("2013-10-10", f"{shares}", "0.12345678", f"{(cash - CASH).normalize():f}")
    ]


def test_what_is_bought_on_the_ex_date_is_paid_nothing() -> None:
    dividend = Dividend("AAPL", LATER_DAY, price("1"))

    run = over_days(dividend, signals=[a_wish(3 * A_DAY, strength=1)])

    assert run.fills
    assert paid(run) == []


def test_dividends_between_recorded_days_are_paid_on_the_next_in_their_order() -> None:
    before = Dividend("AAPL", DAY + timedelta(days=1), price("7"))
    after = Dividend("AAPL", LATER_DAY, price("1"))
    split = Split("AAPL", DAY + timedelta(days=2), 7, 1)

    run = over_days(before, after, splits=(split,), simulation=holding(10))

    assert paid(run) == [("2013-10-08", "10", "7", "70"), ("2013-10-10", "70", "1", "70")]


def test_on_the_day_of_a_split_the_old_shares_are_paid() -> None:
    dividend, split = Dividend("AAPL", LATER_DAY, price("7")), Split("AAPL", LATER_DAY, 7, 1)

    run = over_days(dividend, splits=(split,), simulation=holding(10))

    assert paid(run) == [("2013-10-10", "10", "7", "70")]


def test_before_the_recording_and_of_others_nothing_is_paid() -> None:
    early = Dividend("AAPL", DAY - timedelta(days=1), price("1"))
    other = Dividend("IBM", LATER_DAY, price("1"))

    run = over_days(early, other, simulation=holding(10))

    assert run.replay.paid == []


@pytest.mark.parametrize("turns", range(1, 6))
def test_an_interrupted_run_pays_once(turns: int) -> None:
    dividend = Dividend("AAPL", LATER_DAY, price("1"))
    given: dict[str, Any] = {
        "sessions": (SESSION, LATER),
        "dividends": (dividend,),
        "signals": [a_wish(3 * A_DAY, strength=1)],
        "simulation": holding(10),
    }
    dying = DyingJournal(turns)
    with pytest.raises(Cut):
        Run([TAPE], journal=dying, **given).go()

    again = Run([TAPE], journal=MemoryJournal(bytes(dying.content)), **given).go()

    records = list(again.journal.records())
    assert sum(isinstance(record, DividendPaid) for record in records) == 1
    assert paid(again) == [("2013-10-10", "10", "1", "10")]
    assert again.replay.account().cash == broker_cash(again)


class Holder:
    """Buys ten shares after its first bar, and sells everything on 2014-08-11."""

    name = "holder"
    bought = False

    def on_bar(self, bar: Bar, view: StrategyView) -> list[Signal]:
        if not self.bought:
            self.bought = True
            return [_signal(bar, SignalDirection.LONG, {"quantity": 10})]
        late = bar.ts.date() == date(2014, 8, 11) and view.position(bar.symbol)
        return [_signal(bar, SignalDirection.FLAT, {})] if late else []


def _signal(bar: Bar, direction: SignalDirection, size: dict[str, Any]) -> Signal:
    strength = Decimal("0.95")
    return Signal(symbol=bar.symbol, direction=direction, strength=strength, metadata=size)


@needs_recordings
def test_apple_pays_before_and_after_its_split(tmp_path: Path) -> None:
    """3.29 a share on 10 shares, then 7 for 1, then 0.47 a share on 70."""
    days = pl.read_parquet(RECORDINGS / "bars_1d.parquet").filter(
        (pl.col("symbol") == "AAPL")
        & pl.col("ts").is_between(
            datetime(2014, 4, 25, tzinfo=UTC), datetime(2014, 8, 15, tzinfo=UTC)
        )
    )
    path = tmp_path / "apple.parquet"
    days.write_parquet(path)
    actions = RECORDINGS / "corporate_actions.csv"
    request = BacktestRequest(
        replay=ReplayRequest(
            bars=(path,), strategy=f"{__name__}:Holder", corporate_actions=actions, cash=CASH
        )
    )

    result = app_backtest.backtest(request, load_settings(None))

    run = result.run
    told = [(row.ex_date, row.quantity, row.per_share, row.cash) for row in run.dividends]
    assert told == [
        ("2014-05-08", Decimal(10), Decimal("3.29"), Decimal("32.90")),
        ("2014-08-07", Decimal(70), Decimal("0.47"), Decimal("32.90")),
    ]
    traded = sum(-fill.side.sign * fill.quantity * fill.price for fill in run.fills)
    assert run.cash == run.opening_cash + traded - run.commission + Decimal("65.80")
    (trade,) = result.trades
    assert trade.dividends == pytest.approx(65.8)
    assert trade.pnl == pytest.approx(float(run.cash - run.opening_cash))
    assert "2 of 2 dividends may be spin-offs: their value is paid as cash" in run.facts.notes
