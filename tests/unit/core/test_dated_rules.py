"""Price steps and round lots, by the day."""

from datetime import UTC, date, datetime

import pytest

from fillpath.core.dated_rules import round_lot, tick_on, trading_day
from fillpath.core.units import PRICE_SCALE, nanoseconds


@pytest.mark.parametrize(
    ("price", "day", "assigned", "step"),
    [
        ("20", date(2027, 10, 29), True, 100),
        ("20", date(2027, 11, 1), True, 200),
        ("20", date(2027, 11, 1), False, 100),
        ("0.99", date(2027, 11, 1), True, 10_000),
        ("0.99", date(2026, 1, 2), False, 10_000),
    ],
)
def test_half_a_penny_is_a_step_from_november_2027_on_for_assigned_stocks(
    price: str, day: date, *, assigned: bool, step: int
) -> None:
    units = int(float(price) * PRICE_SCALE)

    assert tick_on(units, day, half_penny=assigned) == PRICE_SCALE // step


@pytest.mark.parametrize(
    ("price", "lot"),
    [(250, 100), (250.01, 40), (1_000, 40), (1_000.01, 10), (10_000, 10), (10_000.01, 1)],
)
def test_round_lots_are_smaller_for_dearer_stocks_since_november_2025(
    price: float, lot: int
) -> None:
    units = round(price * PRICE_SCALE)

    assert round_lot(units, date(2025, 11, 3)) == lot
    assert round_lot(units, date(2025, 10, 31)) == 100


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 7, 1, 8, 0, tzinfo=UTC), date(2026, 7, 1)),  # 04:00 in summer
        (datetime(2026, 7, 1, 23, 59, tzinfo=UTC), date(2026, 7, 1)),  # 19:59
        (datetime(2026, 1, 5, 9, 0, tzinfo=UTC), date(2026, 1, 5)),  # 04:00 in winter
        (datetime(2026, 1, 6, 0, 59, tzinfo=UTC), date(2026, 1, 5)),  # 19:59
    ],
)
def test_the_trading_day_is_that_of_new_york(moment: datetime, day: date) -> None:
    assert trading_day(nanoseconds(moment)) == day
