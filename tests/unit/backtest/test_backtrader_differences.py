"""Every difference that the page on Backtrader names, each shown by a run on both brokers."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from fillpath import app_backtest
from fillpath.backtest.engine import BacktestRequest
from fillpath.backtest.request import FillProfile, ReplayRequest
from fillpath.core.errors import ConfigError
from fillpath.settings import load_settings
from tests.house.project import ROOT
from tests.unit.backtest.backtrader_samples import (
    ORDER,
    OURS,
    SETTINGS,
    THEIRS,
    Script,
    Trailed,
    by_both,
    half_day,
    ran,
    waves,
    write_days,
    write_minutes,
)
from tests.unit.backtest.test_backtest_engine import SEEN, Eager

Test = Callable[[Path], None]
SHOWN: Final[dict[str, str]] = {}
REALISTIC = {"profile": FillProfile.REALISTIC, "displayed_size": False}
FLAT = [(100.0, 102.0, 98.0, 101.0)] * 4
CALM = [(100.0, 100.5, 99.8, 100.2)] * 6
FALLING = [(100.0, 102.0, 98.0, 99.0)] * 4


def shows(title: str) -> Callable[[Test], Test]:
    """Say which row of the page a test is about."""

    def noted(test: Test) -> Test:
        SHOWN[title] = test.__name__
        return test

    return noted


def test_the_page_names_what_is_shown_here_and_nothing_else() -> None:
    page = (ROOT / "docs" / "explanation" / "backtrader.md").read_text(encoding="utf-8")

    assert re.findall(r"^\| \*\*(.+?)\*\*", page, flags=re.MULTILINE) == list(SHOWN)


@shows("Limit that is only touched")
def test_a_touched_limit_fills_with_theirs_alone(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)
    plan = {1: lambda own: own.buy(size=10, exectype=ORDER.Limit, price=98)}

    theirs, ours = by_both(days, plan)

    assert theirs.fills == [("BUY", 98, 10)]
    assert ours.fills == []


@shows("Price of a stop")
def test_a_stop_fills_at_its_trigger_or_at_the_extreme(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)
    plan = {
        1: lambda own: own.buy(size=10),
        2: lambda own: own.sell(size=10, exectype=ORDER.Stop, price=99),
    }

    theirs, ours = by_both(days, plan)

    assert theirs.fills[1] == ("SELL", 99, 10)
    assert ours.fills[1] == ("SELL", 98, 10)


@shows("Stop-limit within one bar")
def test_a_stop_limit_follows_the_path_of_the_bar_with_ours(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FALLING)
    plan = {
        1: lambda own: own.buy(size=10, exectype=ORDER.StopLimit, price=101, plimit=101.5),
    }

    theirs, ours = by_both(days, plan)

    assert theirs.fills == [("BUY", 101, 10)]
    assert ours.fills == [("BUY", 101.5, 10)]


@shows("When stop and limit of a bracket begin")
def test_a_bracket_works_from_its_entry_on_with_ours(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)
    plan = {
        1: lambda own: own.buy_bracket(size=10, exectype=ORDER.Market, stopprice=99, limitprice=110)
    }

    theirs, ours = by_both(days, plan)

    assert [fill.ts.day for fill in theirs.result.run.fills] == [3, 4]
    assert [fill.ts.day for fill in ours.result.run.fills] == [3, 3]


@shows("Two exits in one bar")
def test_what_comes_first_in_a_bar_is_another_with_each(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", [*FALLING[:2], (100, 105, 95, 96), *FALLING[:1]])
    plan = {
        1: lambda own: own.buy_bracket(size=10, exectype=ORDER.Market, stopprice=97, limitprice=104)
    }

    theirs, ours = by_both(days, plan)

    assert theirs.fills[1] == ("SELL", 97, 10)
    assert ours.fills[1] == ("SELL", 104, 10)


@shows("Cash of orders that wait")
def test_cash_is_kept_for_waiting_buys_with_ours(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)
    plan = {day: lambda own: own.buy(size=9, exectype=ORDER.Limit, price=90) for day in (1, 2)}

    theirs, ours = by_both(days, plan, cash=1_000)

    assert theirs.script.of_order(2) == ["Submitted", "Accepted"]
    assert ours.script.of_order(2) == ["Submitted", "Margin"]


@shows("What a short sale brings in")
def test_the_proceeds_of_a_short_sale_can_be_spent_with_theirs_alone(tmp_path: Path) -> None:
    files = [write_days(tmp_path / f"{name}.csv", FLAT, name) for name in ("AAA", "BBB")]
    plan = {
        1: lambda own: own.sell(data="AAA", size=9),
        2: lambda own: own.buy(data="BBB", size=15),
    }

    theirs, ours = by_both(files, plan, cash=1_000)

    assert theirs.script.of_order(2)[-1] == "Completed"
    assert ours.script.of_order(2) == ["Submitted", "Margin"]


@shows("Open that is too dear")
def test_an_open_that_cannot_be_paid_is_told_before_or_after_the_order_was_accepted(
    tmp_path: Path,
) -> None:
    days = write_days(tmp_path / "days.csv", [(100, 102, 98, 100), (150, 152, 149, 150)])
    plan = {1: lambda own: own.buy(size=9)}

    theirs, ours = by_both(days, plan, cash=1_000)

    assert theirs.script.of_order(1) == ["Submitted", "Accepted", "Margin"]
    assert ours.script.of_order(1) == ["Submitted", "Margin"]


@shows("Cancel in the bar in which the order was given")
def test_an_order_can_be_cancelled_at_once_with_ours(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)

    theirs, ours = by_both(days, {1: lambda own: own.cancel(own.buy(size=10))})

    assert theirs.script.of_order(1) == ["Submitted", "Accepted", "Completed"]
    assert ours.script.of_order(1) == ["Submitted", "Canceled"]


@shows("Stop for an entry that has ended")
def test_a_stop_for_an_entry_that_has_ended_is_rejected_with_ours(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", [*FLAT, *FLAT])

    def late(own: Any) -> None:
        own.sell(size=10, exectype=ORDER.Stop, price=99, parent=own.entry)

    plan = {1: lambda own: setattr(own, "entry", own.buy(size=10)), 4: late}

    theirs, ours = by_both(days, plan)

    assert theirs.script.of_order(2) == ["Submitted", "Accepted"]
    assert ours.script.of_order(2) == ["Rejected"]


@shows("Two linked orders that one bar reaches")
def test_of_linked_orders_the_first_given_or_the_first_reached_fills(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)

    def link(own: Any) -> None:
        own.buy(
            size=4,
            exectype=ORDER.Limit,
            price=99.5,
            oco=own.buy(size=10, exectype=ORDER.Limit, price=99),
        )

    theirs, ours = by_both(days, {1: link})

    assert theirs.fills == [("BUY", 99, 10)]
    assert ours.fills == [("BUY", 99.5, 4)]


@shows("Order for the day")
def test_an_order_for_the_day_lives_in_the_next_session_with_ours(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)
    plan = {
        1: lambda own: own.buy(size=10, exectype=ORDER.Limit, price=99, valid=ORDER.DAY),
        2: lambda own: own.buy(size=10, exectype=ORDER.Limit, price=90, valid=ORDER.DAY),
    }

    theirs, ours = by_both(days, plan)

    assert theirs.script.of_order(1)[-1] == "Expired"
    assert ours.script.of_order(1)[-1] == "Completed"
    assert ours.script.of_order(2)[-1] == "Expired"


@shows("Market order that was valid until then")
def test_a_market_order_can_expire_with_ours(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)
    plan = {1: lambda own: own.buy(size=10, valid=timedelta(hours=1))}

    theirs, ours = by_both(days, plan)

    assert theirs.script.of_order(1)[-1] == "Completed"
    assert ours.script.of_order(1) == ["Submitted", "Expired"]


@shows("End of validity within a bar")
def test_an_order_works_until_the_minute_with_ours(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)
    plan = {
        1: lambda own: own.buy(size=10, exectype=ORDER.Limit, price=99, valid=timedelta(hours=21))
    }

    theirs, ours = by_both(days, plan)

    assert theirs.script.of_order(1)[-1] == "Expired"
    assert ours.script.of_order(1)[-1] == "Completed"


@shows("Order at the close, on a bar that ends at its extreme")
def test_an_order_at_the_close_pays_the_tick_of_an_extreme_with_ours(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", [(100.0, 102.0, 98.0, 98.0)] * 4)
    plan = {1: lambda own: own.buy(size=10, exectype=ORDER.Close)}

    theirs, ours = by_both(days, plan)

    assert theirs.fills == [("BUY", 98, 10)]
    assert ours.fills == [("BUY", 98.01, 10)]


@shows("Order at the close of a half day")
def test_an_order_at_the_close_of_a_half_day_is_told_of_the_next_day_with_theirs(
    tmp_path: Path,
) -> None:
    bars = half_day(tmp_path / "bars.csv")

    theirs, ours = by_both(bars, {1: at_the_close})

    assert theirs.fills == ours.fills == [("BUY", 100.03, 1)]
    assert theirs.result.run.fills[0].ts.isoformat() == "2026-11-30T14:31:00+00:00"
    assert ours.result.run.fills[0].ts.isoformat() == "2026-11-27T18:00:00+00:00"


@shows("Order at the close, given at a close")
def test_an_order_at_the_close_waits_for_a_whole_session_with_ours(tmp_path: Path) -> None:
    bars = half_day(tmp_path / "bars.csv")

    theirs, ours = by_both(bars, {3: at_the_close})

    assert [fill.ts.day for fill in theirs.result.run.fills] == [30]
    assert ours.fills == []


@shows("Value at a close that is the extreme")
def test_equity_is_half_a_tick_off_at_an_extreme_with_ours(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", [(100.0, 102.0, 98.0, 102.0)] * 3)
    plan = {1: lambda own: own.buy(size=10)}

    theirs, ours = by_both(days, plan)

    assert theirs.script.cashes[-1][1] - ours.script.cashes[-1][1] == pytest.approx(0.05)


@shows("Time of a fill")
def test_a_fill_has_the_time_of_its_bar_or_of_its_quote(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)
    plan = {1: lambda own: own.buy(size=10)}

    theirs, ours = by_both(days, plan)

    assert theirs.result.run.fills[0].ts.hour == 21
    assert (ours.result.run.fills[0].ts.hour, ours.result.run.fills[0].ts.minute) == (14, 30)


@shows("Slippage of the profile spec")
def test_slippage_ends_at_the_bar_with_theirs_alone(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", [(100.0, 100.0, 98.0, 99.0)] * 4)
    plan = {1: lambda own: own.buy(size=10)}

    theirs, ours = by_both(days, plan, replay={"profile": FillProfile.SPEC})

    assert theirs.fills == [("BUY", 100, 10)]
    assert ours.fills == [("BUY", 100.05, 10)]


@shows("Cash and costs that a strategy sets")
def test_a_strategy_sets_up_their_broker_alone(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)
    plan = {
        1: lambda own: own.broker.setcommission(commission=0.01),
        2: lambda own: own.buy(size=10),
    }

    theirs = ran(days, Script, THEIRS, plan=plan)

    assert theirs.run.commission == 10
    for name in ("setcommission", "addcommissioninfo", "set_cash", "set_slippage_perc", "add_cash"):
        with pytest.raises(ConfigError, match=f"{name} sets up Backtrader's own broker"):
            ran(days, Script, OURS, plan={1: lambda own, name=name: getattr(own.broker, name)(1)})


@shows("Interest and leverage")
def test_interest_and_leverage_are_theirs_alone(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)

    def lend(own: Any) -> None:
        own.broker.setcommission(leverage=2.0, interest=0.5)
        own.buy(size=15)

    theirs = ran(days, Script, THEIRS, plan={1: lend}, cash=1_000)

    ours = ran(days, Script, OURS, plan={1: lambda own: own.buy(size=15)}, cash=1_000)
    assert (len(theirs.run.fills), len(ours.run.fills)) == (1, 0)


@shows("Trailing stop")
def test_a_trailing_stop_fills_at_the_extreme_with_ours(tmp_path: Path) -> None:
    days = write_days(
        tmp_path / "days.csv", [*[(100.0, 101.0, 99.5, 100.5)] * 3, (99, 99.5, 95, 98)]
    )

    theirs = ran(days, Trailed, THEIRS)

    ours = ran(days, Trailed, OURS)
    assert float(theirs.run.fills[-1].price) == pytest.approx(98.49)
    assert float(ours.run.fills[-1].price) == 95


@shows("Trailing stop-limit")
def test_a_trailing_stop_limit_is_theirs_alone(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)
    plan = {
        1: lambda own: own.sell(
            size=1, exectype=ORDER.StopTrailLimit, price=100, plimit=99, trailamount=1
        )
    }

    ran(days, Script, THEIRS, plan=plan)

    with pytest.raises(ConfigError, match="has no StopTrailLimit order"):
        ran(days, Script, OURS, plan=plan)


@shows("Numbers")
def test_prices_are_floats_or_exact(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", waves(12))
    settings = load_settings(None)
    plan = {1: lambda own: own.buy(size=7), 5: lambda own: own.close()}

    theirs, ours = by_both(days, plan, settings=settings)

    fills = ours.result.run.fills
    paid = sum(fill.side.sign * fill.price * fill.quantity + fill.commission for fill in fills)
    assert ours.result.run.cash == 100_000 - paid
    assert float(theirs.result.run.cash) == pytest.approx(float(ours.result.run.cash))


@shows("Quotes, sizes and the profile realistic")
def test_quotes_are_a_market_for_ours_alone(tmp_path: Path) -> None:
    bars, quotes = write_minutes(tmp_path)
    plan = {2: lambda own: own.buy(size=80)}
    market = {"quotes": (quotes,), "displayed_size": True}

    ours = ran(bars, Script, OURS, plan=plan, replay=market)
    late = ran(bars, Script, OURS, plan=plan, replay=market | REALISTIC)

    assert [(str(f.price), int(f.quantity)) for f in ours.run.fills] == [
        ("100.15", 50),
        ("100.16", 30),
    ]
    assert Script.last.of_order(1)[:2] == ["Submitted", "Accepted"]
    released = datetime(2026, 3, 2, 14, 32, tzinfo=UTC)
    assert late.run.fills[0].ts > released
    with pytest.raises(ConfigError, match="trades on bars alone"):
        ran(bars, Script, THEIRS, plan=plan, replay={"quotes": (quotes,)})


@shows("Sizing, risk checks and routing")
def test_nothing_sizes_checks_or_routes_the_orders_of_backtrader(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)

    small, large = (replayed(days, quantity=quantity) for quantity in (10, 900))

    script, bold = (by_both(days, {1: buy(size)})[1] for size in (10, 900))
    assert [(str(f.side), float(f.price), float(f.quantity)) for f in small.run.fills][
        :1
    ] == script.fills
    assert bold.fills == [("BUY", 100, 900)]
    assert small.run.orders[0].route == "urgent"
    assert script.result.run.orders[0].route == "backtrader"
    assert large.run.fills[0].quantity == 50


@shows("Protective stops")
def test_the_protective_stop_is_placed_by_replay_alone(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", CALM)

    replay = replayed(days)

    (_, ours) = by_both(days, {1: buy(10), 4: lambda own: own.close()})
    assert "protect" in {order.route for order in replay.run.orders}
    assert {order.route for order in ours.result.run.orders} == {"backtrader"}
    assert [fill.price for fill in replay.run.fills] == [f.price for f in ours.result.run.fills]


@shows("When a day is seen")
def test_a_day_is_seen_at_its_close_or_at_the_next_open(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)
    seen: list[Any] = []

    replayed(days)
    ran(days, Script, OURS, plan={1: lambda own: seen.append(own.data.datetime.datetime(0))})

    assert SEEN[0][0].isoformat() == "2026-03-03T14:30:00+00:00"
    assert seen[0].isoformat() == "2026-03-02T16:00:00"


@shows("Points of the equity curve")
def test_the_curve_has_a_point_for_each_bar_or_for_each_five_minutes(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)

    replay = replayed(days)

    ours = ran(days, Script, OURS)
    assert (len(ours.points), len(replay.points)) == (5, 1 + 4 * 79)
    assert [point.ts for point in ours.closes] == [point.ts for point in replay.closes]


@shows("Splits and dividends")
def test_splits_and_dividends_are_applied_by_replay_alone(tmp_path: Path) -> None:
    halved = [(50.0, 50.2, 49.9, 50.1)] * 3
    days = write_days(tmp_path / "days.csv", [*CALM[:2], *halved])
    actions = tmp_path / "actions.csv"
    actions.write_text(
        "symbol,ex_date,kind,new_shares_per_old,value_per_share_usd\n"
        "ACME,2026-03-04,split,2,\n"
        "ACME,2026-03-05,dividend,,0.25\n"
    )

    replay = replayed(days, replay={"corporate_actions": actions})

    assert replay.run.fills[1].quantity == 20
    assert replay.run.dividend_cash == Decimal(5)
    with pytest.raises(ConfigError, match="knows no splits"):
        ran(days, Script, OURS, replay={"corporate_actions": actions})


@shows("Ready-made signals")
def test_signals_are_traded_by_replay_alone(tmp_path: Path) -> None:
    days = write_days(tmp_path / "days.csv", FLAT)

    with pytest.raises(ConfigError, match="--signals needs --engine replay"):
        ran(days, Script, OURS, replay={"signals": (tmp_path / "signals.jsonl",)})


def at_the_close(own: Any) -> None:
    own.buy(size=1, exectype=ORDER.Close)


def buy(size: float) -> Callable[[Any], Any]:
    return lambda own: own.buy(size=size)


def replayed(days: Path, *, replay: dict[str, Any] | None = None, **parameters: Any) -> Any:
    """Run the strategy of another test, which buys after its first day, on the replay engine."""
    SEEN.clear()
    asked: dict[str, Any] = {"bars": (days,), "strategy": f"{Eager.__module__}:Eager"}
    request = BacktestRequest(replay=ReplayRequest(**asked | (replay or {})), parameters=parameters)
    return app_backtest.backtest(request, SETTINGS)
