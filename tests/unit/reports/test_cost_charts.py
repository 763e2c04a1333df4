"""Cost charts count every order once and show where zero is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.reports.cost_charts import cost_histogram, route_chart, wait_histogram
from fillpath.reports.statistics import ROUTES, summarise_routes
from tests.unit.reports.builders import a_measurement, a_result, an_alarm


def _counted(title: str) -> int:
    return int(title.split(" ", maxsplit=1)[0].replace(",", ""))


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=200))
def test_every_value_is_in_exactly_one_bar(values: list[float]) -> None:
    histogram = cost_histogram("cost", values)

    assert histogram is not None
    assert sum(_counted(bar.title) for bar in histogram.bars) == len(values) == histogram.n
    assert all(bar.width > 0 and bar.height > 0 for bar in histogram.bars)


def test_costs_gains_and_what_is_next_to_zero_look_different() -> None:
    histogram = cost_histogram("cost", [-10.0, 0.0, 10.0])

    assert histogram is not None
    assert [bar.kind for bar in histogram.bars] == ["gain", "", "cost"]
    assert histogram.zero is not None


def test_one_far_value_does_not_squeeze_the_others() -> None:
    histogram = cost_histogram("cost", [*[float(value % 5) for value in range(300)], 1e6])

    assert histogram is not None
    assert len(histogram.bars) >= 5


def test_nothing_is_drawn_of_nothing() -> None:
    assert cost_histogram("cost", []) is None
    assert wait_histogram("wait", [], ROUTES) is None
    assert route_chart(summarise_routes(a_result(an_alarm()))) is None


def test_each_route_is_a_dot_with_its_interval() -> None:
    measured = [
        a_measurement(order_id=str(number), value=100_000_000 * (15_000_000_000 + number * 10**6))
        for number in range(5)
    ]
    lone = a_measurement(order_id="lone", route="urgent")

    chart = route_chart(summarise_routes(a_result(*measured, lone)))

    assert chart is not None
    urgent, default, everything = chart.whiskers
    assert (urgent.low, urgent.n) == (None, 1)
    assert "one order has no interval" in urgent.title
    assert default.low is not None
    assert default.high is not None
    assert default.low < default.mean < default.high
    assert everything.n == 6


@pytest.mark.parametrize(
    ("wait", "bucket"),
    [
        (0, "up to 1 s"),
        (1_000, "up to 1 s"),
        (1_001, "1 to 5 s"),
        (5_000, "1 to 5 s"),
        (60_000, "5 s to 1 min"),
        (300_000, "1 to 5 min"),
        (300_001, "over 5 min"),
    ],
)
def test_waits_fall_into_their_range(wait: float, bucket: str) -> None:
    histogram = wait_histogram("wait", [("twap", wait)], ROUTES)

    assert histogram is not None
    assert [bar.title for bar in histogram.bars] == [f"twap: 1 orders, {bucket}"]


def test_routes_are_stacked_without_a_gap() -> None:
    histogram = wait_histogram("wait", [("urgent", 1), ("twap", 2), ("twap", 3)], ROUTES)

    assert histogram is not None
    below, above = histogram.bars
    assert (below.kind, above.kind) == ("urgent", "twap")
    assert above.y + above.height == pytest.approx(below.y)
    assert above.height == pytest.approx(2 * below.height, abs=0.2)
