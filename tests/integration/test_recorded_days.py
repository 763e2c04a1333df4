"""The main job on real quotes; these tests run where the recorded days are."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from fillpath import app
from fillpath.reports.output import to_json
from fillpath.reports.result import RunResult
from fillpath.settings import load_settings
from tests.integration.recorded_day import (
    LARGE_CASH,
    LARGE_ORDERS,
    a_day_of_signals,
    line,
    quotes,
    replayed,
    replayed_under,
    utc,
)
from tests.recorded import RECORDINGS, needs_recordings

pytestmark = needs_recordings
OPEN_2013 = utc(2013, 10, 8, 13, 30)
FOUR = ["IBM", "AIG", "BAC", "SPY"]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """A day of 160 signals on four symbols under the default settings."""
    lines = a_day_of_signals(OPEN_2013, FOUR, 160)
    return replayed(tmp_path_factory.mktemp("day"), lines, quotes=quotes(*FOUR))


def _routes(result: RunResult) -> Counter[str]:
    return Counter(order.route for order in result.orders)


def test_a_day_of_160_signals_trades_under_the_default_settings(day: RunResult) -> None:
    assert day.signals.received == 160
    assert day.signals.ordered > 60
    assert day.signals.ordered + sum(day.signals.refused.values()) == 160
    assert set(day.signals.refused) <= {"NO_EDGE", "NOTHING_TO_CLOSE", "POSITION_FULL"}


def test_a_position_never_exceeds_five_percent_of_equity(day: RunResult) -> None:
    for decision in day.decisions:
        if decision.outcome == "ORDERED" and decision.limit_price is not None:
            assert decision.quantity * decision.limit_price <= Decimal("0.0501") * decision.equity


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    lines = a_day_of_signals(OPEN_2013, ["IBM"], 40)
    first = to_json(replayed(tmp_path, lines, quotes=quotes("IBM")))
    second = to_json(replayed(tmp_path, lines, quotes=quotes("IBM")))

    assert first.split('"elapsed_s"')[0] == second.split('"elapsed_s"')[0]


def test_every_route_occurs_on_real_quotes(tmp_path: Path) -> None:
    wide = utc(2013, 10, 10, 13, 30, 3)  # IBM opens with a spread of 29 bps
    calm = utc(2013, 10, 10, 15, 0)
    lines = [
        line(1, wide, "IBM", metadata={"quantity": 100}),
        line(2, calm, "IBM", strength=0.95, metadata={"quantity": 100}),
        line(3, utc(2013, 10, 10, 15, 10), "IBM", metadata={"quantity": 40_000}),
        line(4, utc(2013, 10, 10, 15, 20), "BAC", metadata={"quantity": 50_000}),
        line(5, utc(2013, 10, 10, 15, 30), "AIG", metadata={"quantity": 20_000}),
    ]

    market = quotes("IBM", "BAC", "AIG")
    result = replayed_under(LARGE_ORDERS, tmp_path, lines, quotes=market, cash=LARGE_CASH)

    assert set(_routes(result)) == {"wide", "urgent", "twap", "passive", "default"}
    assert _routes(result)["twap"] == 5


def test_a_sliced_order_keeps_its_minute_grid(tmp_path: Path) -> None:
    start = utc(2013, 10, 9, 15, 0)
    lines = [line(1, start, "IBM", metadata={"quantity": 40_000})]

    result = replayed_under(LARGE_ORDERS, tmp_path, lines, quotes=quotes("IBM"), cash=LARGE_CASH)

    sent = [(order.submitted_at - start).total_seconds() for order in result.orders]
    assert sent == [0, 60, 120, 180, 240]
    assert sum(order.filled_quantity for order in result.orders) == 40_000


def test_a_seven_for_one_split_adjusts_position_and_stop(tmp_path: Path) -> None:
    lines = [line(1, utc(2014, 6, 6, 15, 0), "AAPL", metadata={"quantity": 7})]

    result = replayed(
        tmp_path,
        lines,
        quotes=quotes("AAPL"),
        corporate_actions=RECORDINGS / "corporate_actions.csv",
    )

    (held,) = result.positions
    order, stop = result.orders
    assert stop.route == "protect"
    assert held.quantity == 49
    assert order.average_fill_price is not None
    assert held.average_price == pytest.approx(order.average_fill_price / 7, abs=Decimal("0.001"))
    change = abs(result.equity - result.opening_cash) / result.opening_cash
    assert change < Decimal("0.01")  # a split is no loss of six sevenths


def test_a_half_day_ends_at_one_in_new_york(tmp_path: Path) -> None:
    late = utc(2015, 12, 24, 17, 58)
    lines = [line(1, late, "GOOG", metadata={"quantity": 40_000})]

    result = replayed(tmp_path, lines, quotes=quotes("GOOG"), cash=LARGE_CASH)

    assert max(order.submitted_at for order in result.orders) <= utc(2015, 12, 24, 18, 0)
    assert any(d.reason == "UNFILLED" and "close" in d.text for d in result.decisions)


def test_wide_spreads_work_around_the_mid(tmp_path: Path) -> None:
    lines = [line(1, utc(2013, 7, 1, 13, 33, 30), "FOXA")]  # 51 bps after the open

    result = replayed(tmp_path, lines, quotes=quotes("FOXA"))

    assert _routes(result) == {"wide": 1}


def test_a_signal_after_the_close_is_refused(tmp_path: Path) -> None:
    after_close = utc(2013, 10, 7, 20, 30)
    lines = [line(1, after_close, "IBM")]

    result = replayed(tmp_path, lines, quotes=quotes("IBM"))

    assert result.signals.refused == {"SESSION_CLOSED": 1}


def test_the_demo_trades_a_recorded_folder_by_a_plain_day_plan() -> None:
    result = app.demo(RECORDINGS, 0, load_settings(None, {}))

    routes = set(_routes(result)) - {"protect"}
    assert routes == {"wide", "urgent", "twap", "passive", "default"}
    assert any("day plan" in note for note in result.facts.notes)
    assert {position.symbol for position in result.positions} == set()
