"""Price charts show every pixel's extremes, every fill that has room, and each sliced order."""

import numpy as np
from msgspec.structs import replace

from fillpath.core.commands import OrderClosed
from fillpath.core.units import NANOSECONDS, moment
from fillpath.reports.price_charts import (
    MOST_CLOSE_UPS,
    MOST_MARKERS,
    MOST_SYMBOLS,
    PriceChart,
    symbol_charts,
)
from fillpath.reports.result import PriceSeries, RunResult
from tests.unit.reports.builders import OPEN, a_closed_order, a_fill, a_result, a_ticket, an_alarm

CENT = 10**6


def _series(size: int = 23_400, bid: int = 15_000 * CENT, step: int = 1) -> PriceSeries:
    ts = OPEN + np.arange(size) * step * NANOSECONDS
    bids = np.full(size, bid)
    return PriceSeries(ts=ts, bid=bids, ask=bids + 2 * CENT)


def _chart(result: RunResult) -> PriceChart:
    (charted,) = symbol_charts(result)
    return charted.whole


def _points(text: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in text.split())]


def test_a_million_quotes_become_one_point_for_each_pixel() -> None:
    chart = _chart(a_result(a_fill(), prices={"IBM": _series(size=200_000)}))

    (mid,) = chart.mids
    assert len(_points(mid)) <= chart.width
    assert len(mid) < 20_000


def test_the_extremes_of_a_pixel_survive() -> None:
    series = _series()
    series.bid[12_345] -= 500 * CENT

    chart = _chart(a_result(a_fill(), prices={"IBM": series}))

    *_, second, deepest = sorted(y for _, y in _points(chart.bands[0]))
    assert deepest > second


def test_a_stray_quote_does_not_squeeze_the_chart() -> None:
    series = _series()
    series.ask[7] = 199_999 * 10**8

    chart = _chart(a_result(a_fill(), prices={"IBM": series}))

    assert all(float(tick.label.replace(",", "")) < 200 for tick in chart.y_ticks)


def test_quotes_without_a_side_are_left_out() -> None:
    series = _series(size=100)
    series.bid[:50] = 0

    chart = _chart(a_result(prices={"IBM": series}))

    assert min(x for x, _ in _points(chart.mids[0])) > chart.width / 2 - 30


def test_a_tape_without_any_whole_quote_is_still_a_chart() -> None:
    series = _series(size=100)
    series.bid[:] = 0
    series.ask[:] = 0

    chart = _chart(a_result(prices={"IBM": series}))

    assert chart.bands == chart.mids == ("",)


def test_each_fill_is_a_mark_with_its_story() -> None:
    chart = _chart(a_result(a_fill(), prices={"IBM": _series()}))

    (mark,) = chart.markers
    assert mark.side == "BUY"
    assert mark.title == "BUY 100 at 150.01, 2013-03-01 14:30:01.000 UTC, trend/s1"


def test_too_many_fills_are_thinned_and_counted() -> None:
    fills = [a_fill(fill_id=str(number)) for number in range(MOST_MARKERS * 3 + 1)]

    chart = _chart(a_result(*fills, prices={"IBM": _series()}))

    assert len(chart.markers) <= MOST_MARKERS
    assert len(chart.markers) + chart.hidden == len(fills)


def _slices(parent: str, count: int = 5) -> list[object]:
    rows: list[object] = []
    for number in range(1, count + 1):
        ticket = a_ticket(
            order_id=f"{parent}#{number}",
            parent_id=parent,
            slice_number=number,
            slice_count=count,
        )
        at = OPEN + 3_600 * NANOSECONDS + number * 60 * NANOSECONDS
        rows.append(a_closed_order(ticket, sent_at=at, at=at))
        rows.append(a_fill(order_id=ticket.order_id, fill_id=ticket.order_id, ts=moment(at)))
    return rows


def test_a_sliced_order_is_shown_close_up_with_its_releases() -> None:
    (charted,) = symbol_charts(a_result(*_slices("trend/big"), prices={"IBM": _series()}))

    (close_up,) = charted.close_ups
    assert close_up.title == "trend/big: BUY in 5 slices, 2013-03-01 15:31:00"
    assert len(close_up.releases) == 5
    assert close_up.releases[0].label == "slice 1 of 5: 100 released 15:31:00, FILLED"
    assert len(close_up.markers) == 5
    assert "15:33" in [tick.label for tick in close_up.x_ticks]


def test_a_close_up_beyond_the_last_quote_shows_what_there_is() -> None:
    (charted,) = symbol_charts(a_result(*_slices("trend/big"), prices={"IBM": _series(size=60)}))

    assert charted.close_ups[0].markers


def test_only_some_sliced_orders_are_shown_close_up() -> None:
    rows = [row for number in range(9) for row in _slices(f"trend/{number}", 2)]

    (charted,) = symbol_charts(a_result(*rows, prices={"IBM": _series()}))

    assert len(charted.close_ups) == MOST_CLOSE_UPS


def test_the_close_ups_are_shared_by_the_symbols() -> None:
    rows = [
        replace(row, ticket=replace(row.ticket, symbol=symbol))
        if isinstance(row, OrderClosed)
        else row
        for symbol in ("AIG", "IBM")
        for number in range(5)
        for row in _slices(f"trend/{symbol}{number}", 2)
    ]

    charts = symbol_charts(a_result(*rows, prices={"AIG": _series(), "IBM": _series()}))

    assert [len(charted.close_ups) for charted in charts] == [MOST_CLOSE_UPS // 2] * 2


def test_a_quote_holds_until_the_next_one() -> None:
    series = _series(size=3, step=60)
    series.bid[1] -= 100 * CENT
    series.ask[1] -= 100 * CENT

    chart = _chart(a_result(prices={"IBM": series}))

    points = _points(chart.mids[0])
    assert [y for _, y in points] == [points[0][1]] * 2 + [points[2][1]] * 2 + [points[0][1]] * 2
    assert points[1][0] == points[2][0]


def test_the_most_traded_symbols_are_drawn_in_the_order_of_their_names() -> None:
    names = [f"S{number:02}" for number in range(MOST_SYMBOLS + 3)]
    fills = [a_fill(symbol=name, fill_id=name) for name in names[3:]]

    charts = symbol_charts(a_result(*fills, prices={name: _series(100) for name in names}))

    assert [charted.symbol for charted in charts] == names[3:]


def test_a_chart_without_quotes_or_fills_still_has_a_scale() -> None:
    series = PriceSeries(ts=_series(1).ts, bid=np.zeros(1, np.int64), ask=np.zeros(1, np.int64))

    chart = _chart(a_result(an_alarm(), prices={"IBM": series}))

    assert chart.y_ticks


def test_a_symbol_without_quotes_is_not_drawn() -> None:
    assert symbol_charts(a_result(prices={"IBM": _series(size=0)})) == []
