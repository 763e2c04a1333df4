"""How near an account is to what it may, for whoever looks; and how many day trades are left."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.events import AccountReported, OperatorSeen, VolatilitySeen
from fillpath.core.listings import LimitUse
from fillpath.core.units import NANOSECONDS, RATIO_SCALE
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.using import DayTradesLeft, day_trades_left, uses
from fillpath.risk.circuit_breaker import Slippages, Traffic
from fillpath.risk.limits import (
    DayTradeLimits,
    DayTradeRegime,
    RiskLimits,
    Sectors,
)
from tests.unit.execution.desk.scene import Scene, a_holding, money, price, shares

MARK = {"AAPL": price(150)}
DAY_NS = 86_400 * NANOSECONDS


def used(scene: Scene, marks: Mapping[str, int] = MARK, **limits: Any) -> dict[str, LimitUse]:
    """Return the use of every limit by its name, without what it begins with."""
    rules = replace(scene.desk.policy.risk, **limits)
    rows = uses(scene.desk.state, rules, scene.at, marks)
    return {row.name.removeprefix("risk."): row for row in rows}


def test_every_limit_is_told_with_its_unit_and_what_it_does() -> None:
    found = used(Scene())

    assert len(found) > 70
    assert found["max_positions"].limit == "20"
    assert found["max_positions"].used == "0"
    assert found["max_position_pct"].unit == "percent of equity"
    assert found["price_floor"].used is None
    assert found["permissions"].meaning == ""


def test_what_is_used_most_comes_first() -> None:
    scene = Scene(cash=90_000, positions=(a_holding(100, 100),))

    rows = uses(scene.desk.state, RiskLimits(), scene.at, MARK)
    shares_told = [row.share for row in rows if row.share is not None]

    assert rows[0].name == "risk.max_position_pct"
    assert shares_told == sorted(shares_told, reverse=True)
    assert rows[-1].share is None


def test_a_position_counts_at_its_mark_with_what_works_to_add_to_it() -> None:
    scene = Scene(cash=85_000, positions=(a_holding(100),))
    scene.desk.state.book.buying["AAPL"] = shares(50)

    row = used(scene)["max_position_pct"]

    assert (row.used, row.target) == ("22.5", "AAPL")
    assert row.share == pytest.approx(4.5)


def test_a_position_without_a_mark_counts_as_it_was_paid() -> None:
    scene = Scene(cash=85_000, positions=(a_holding(100),))

    assert used(scene, {})["max_position_pct"].used == "15"


def test_what_is_only_worked_on_counts_once_there_is_a_mark() -> None:
    scene = Scene(cash=100_000)
    scene.desk.state.book.buying["AAPL"] = shares(10)

    assert used(scene)["max_position_pct"].used == "1.5"
    assert used(scene, {})["max_position_pct"].used == "0"


def test_longs_and_shorts_count_together_for_leverage_and_against_each_other_for_net() -> None:
    short = a_holding(-100, symbol="MSFT")
    scene = Scene(cash=100_000, positions=(a_holding(100), short))

    found = used(scene, {**MARK, "MSFT": price(150)})

    assert found["max_leverage"].used == "0.3"
    assert found["max_net_pct"].used == "0"


def test_orders_of_a_day_that_is_over_count_no_more() -> None:
    scene = Scene()
    scene.open()
    scene.signal(quantity=100)
    now = used(scene)["max_trades_per_day"].used
    scene.at += 2 * DAY_NS

    assert (now, used(scene)["max_trades_per_day"].used) == ("1", "0")


def test_the_busiest_side_of_a_symbol_is_named() -> None:
    scene = Scene()
    scene.signal(quantity=100)
    scene.signal(quantity=100, strategy_name="other")

    found = used(scene)

    assert found["rates.open_orders_total"].used == "2"
    assert found["rates.open_orders_symbol"].target == "AAPL BUY"
    assert found["size.basket_pct"].target in {"trend", "other"}


def test_cash_that_may_not_be_spent_is_a_floor() -> None:
    scene = Scene(cash=85_000, positions=(a_holding(100),))

    row = used(scene, cash_reserve_pct=Decimal(17))["cash_reserve_pct"]

    assert row.used == "85"
    assert row.share == pytest.approx(0.2)


def test_sectors_are_told_where_a_file_says_which_there_are() -> None:
    scene = Scene(cash=85_000, positions=(a_holding(100),))
    sectors = Sectors(rows=(("AAPL", "technology"),))
    other = Sectors(rows=(("MSFT", "technology"),))

    row = used(scene, sectors=sectors)["max_sector_pct"]

    assert (row.used, row.target) == ("15", "technology")
    assert used(scene, sectors=other)["max_sector_pct"].target == "no known sector"
    assert used(scene)["max_sector_pct"].used is None


def test_losses_count_from_the_start_of_the_day_and_from_the_peak() -> None:
    scene = Scene()
    marks = scene.desk.state.risk.watched.marks
    marks.last, marks.start, marks.peak = money(90), money(100), money(120)

    found = used(scene)

    assert (found["max_daily_loss_pct"].used, found["max_drawdown_pct"].used) == ("10", "25")


def test_a_gain_is_no_loss() -> None:
    scene = Scene()
    marks = scene.desk.state.risk.watched.marks
    marks.last, marks.start, marks.peak = money(110), money(100), None

    found = used(scene)

    assert found["max_daily_loss_pct"].used == "0"
    assert found["max_drawdown_pct"].used is None


def test_without_equity_nothing_is_compared_with_it() -> None:
    scene = Scene(cash=0)

    assert used(scene)["max_leverage"].used is None


def test_breakers_tell_how_far_they_are_from_tripping() -> None:
    scene = Scene()
    watched = scene.desk.state.risk.watched
    fills = RiskLimits().breakers.slippage_fills
    watched.slippages["trend"] = Slippages(total=fills * RATIO_SCALE // 1_000)
    watched.slippages["trend"].newest.extend([RATIO_SCALE // 1_000] * fills)
    watched.slippages["young"] = Slippages()
    watched.traffic["trend"] = Traffic(messages=30, executions=2)
    scene.tell(VolatilitySeen(scene.at, 20 * RATIO_SCALE))
    scene.tell(OperatorSeen(scene.at - 3_600 * NANOSECONDS, "ann", "kill"))

    found = used(scene)

    assert (found["breakers.slippage_bps"].used, found["breakers.slippage_bps"].target) == (
        "10",
        "trend",
    )
    assert found["rates.order_to_trade"].used == "15"
    assert found["breakers.volatility_index"].used == "20"
    assert found["breakers.operator_heartbeat_hours"].used == "1"


def test_a_limit_that_is_off_has_no_share() -> None:
    scene = Scene()
    rates = replace(RiskLimits().rates, repeated_count=0)

    assert used(scene, rates=rates)["rates.repeated_count"].share is None


def test_an_account_that_no_person_has_touched_has_no_hours_to_tell() -> None:
    scene = Scene()
    scene.desk.state.risk.watched.operator_at = 0

    assert used(scene)["breakers.operator_heartbeat_hours"].used is None


@pytest.mark.parametrize("regime", [DayTradeRegime.OFF, DayTradeRegime.BROKER])
def test_day_trades_that_no_rule_limits_are_not_told_as_used_up(regime: DayTradeRegime) -> None:
    scene = Scene(cash=100_000)

    row = used(scene, pdt_guard=DayTradeLimits(regime=regime, max_day_trades=0))[
        "pdt_guard.max_day_trades"
    ]

    assert (row.used, row.share) == ("0", None)
    assert row.rests in {"this rule counts no day trades", "free from 25000 of equity on"}


def test_day_trades_that_bind_are_told_against_what_is_allowed() -> None:
    rules = DayTradeLimits(regime=DayTradeRegime.BROKER, max_day_trades=3)

    row = used(Scene(cash=20_000), pdt_guard=rules)["pdt_guard.max_day_trades"]

    assert (row.used, row.share, row.rests) == ("0", 0.0, "")


def test_large_amounts_are_told_without_digits_that_say_nothing() -> None:
    scene = Scene(cash=1)
    scene.desk.state.risk.turnover_today = money(10**9)

    assert used(scene)["max_turnover_pct"].used == "100000000000"


def left(scene: Scene, regime: DayTradeRegime, equity: int = 1_000) -> DayTradesLeft:
    limits = RiskLimits(pdt_guard=DayTradeLimits(regime=regime))
    return day_trades_left(scene.desk.state, limits, scene.at, money(equity))


def reported(remaining: int | None) -> Scene:
    """Return a desk that the broker has told of day trades."""
    scene = Scene(DeskPolicy(risk=RiskLimits(pdt_guard=DayTradeLimits())))
    scene.tell(AccountReported(scene.at, day_trades_left=remaining))
    return scene


@pytest.mark.parametrize(
    ("regime", "equity", "most", "text"),
    [
        (DayTradeRegime.OFF, 1_000, None, "counts no day trades"),
        (DayTradeRegime.INTRADAY_MARGIN, 1_000, None, "counts no day trades"),
        (DayTradeRegime.LEGACY, 1_000, 3, "below 25000"),
        (DayTradeRegime.LEGACY, 30_000, None, "free from 25000"),
        (DayTradeRegime.BROKER, 1_000, 3, "below 25000"),
    ],
)
def test_day_trades_are_counted_by_the_rule_in_force(
    regime: DayTradeRegime, equity: int, most: int | None, text: str
) -> None:
    found = left(Scene(), regime, equity)

    assert (found.regime, found.used, found.most, found.left) == (regime, 0, most, most)
    assert text in found.text


@pytest.mark.parametrize(("remaining", "most"), [(2, 2), (-1, None), (0, 0)])
def test_the_brokers_own_number_comes_first(remaining: int, most: int | None) -> None:
    found = left(reported(remaining), DayTradeRegime.BROKER)

    assert (found.most, found.left, found.text) == (most, most, "as the broker reports it")


def test_a_broker_that_says_nothing_of_them_leaves_the_counting_here() -> None:
    assert left(reported(None), DayTradeRegime.BROKER).most == 3
