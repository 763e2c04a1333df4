"""The year of minute bars lies in real sessions, and its orders fill alike everywhere."""

from pathlib import Path

from benchmarks import bars
from benchmarks.bars import BarPlan
from benchmarks.workers import contract
from fillpath.scheduling.calendar import ExchangeCalendar

PLAN = BarPlan(sessions=2, trading=2)


def test_the_days_are_those_with_whole_sessions() -> None:
    found = bars.days(252)

    sessions = ExchangeCalendar().sessions_between(found[0], found[-1])
    whole = [session for session in sessions if not session.half_day]
    assert found == [session.date for session in whole]
    assert [bars.minutes(day)[0] for day in found] == [session.open_ns for session in whole]
    assert [bars.minutes(day).stop for day in found] == [session.close_ns for session in whole]


def test_the_same_plan_gives_the_same_columns() -> None:
    assert bars.build(PLAN) == bars.build(PLAN)


def test_each_bar_opens_where_the_one_before_closed() -> None:
    columns = bars.build(PLAN)

    assert columns.open[1:] == columns.close[:-1]
    for first, high, low, last in zip(
        columns.open, columns.high, columns.low, columns.close, strict=True
    ):
        assert low <= min(first, last) <= max(first, last) <= high


def test_no_order_answers_the_last_bar_of_a_session() -> None:
    rows = bars.build(PLAN).order_row

    assert len(set(rows)) == PLAN.orders == 40
    assert max(row % bars.BARS_PER_SESSION for row in rows) < bars.BARS_PER_SESSION - 1


def test_the_orders_end_in_the_position_that_is_asked_for() -> None:
    columns = bars.build(PLAN)

    pairs = zip(columns.order_side, columns.order_quantity, strict=True)
    assert sum(side * quantity for side, quantity in pairs) == PLAN.position


def test_a_worker_reads_what_the_runner_wrote(tmp_path: Path) -> None:
    columns = bars.write(PLAN, tmp_path)

    read = contract.load_bars(tmp_path)

    assert {name: getattr(read, name) for name in contract.BAR_COLUMNS} == vars(columns)
    first = (columns.open[0], columns.high[0], columns.low[0], columns.close[0])
    assert next(read.rows()) == (*first, columns.ts[0] + bars.MINUTE_NS)
    assert read.price_levels() >= {*columns.open}
