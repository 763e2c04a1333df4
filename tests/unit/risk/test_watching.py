"""Which session something belongs to, whoever tells it and however late."""

import pytest

from fillpath.core.units import NANOSECONDS, nanoseconds
from fillpath.risk.pdt_guard import Execution, book
from fillpath.risk.watched import Watched
from fillpath.risk.watching import day_now, day_of, session_opened, weekday_number, works
from fillpath.testing.builders import START

HOUR = 3_600 * NANOSECONDS
DAY_NS = 24 * HOUR
MONDAY = nanoseconds(START) // DAY_NS * DAY_NS  # 2 March 2026


def numbers(*days: int) -> list[int]:
    return [weekday_number(MONDAY + day * DAY_NS) - weekday_number(MONDAY) for day in days]


def test_weekdays_follow_each_other_and_a_weekend_is_its_friday() -> None:
    assert numbers(0, 1, 4, 5, 6, 7, 8) == [0, 1, 4, 4, 4, 5, 6]


def test_the_last_moment_of_a_day_still_is_that_day() -> None:
    assert weekday_number(MONDAY + DAY_NS - 1) == weekday_number(MONDAY)


def after(*sessions: tuple[int, int]) -> Watched:
    """Return what is remembered after sessions of these numbers, each with its close."""
    watched = Watched()
    for day, closes_at in sessions:
        session_opened(watched, day, closes_at)
    return watched


def test_without_sessions_the_weekday_counts() -> None:
    watched = after((0, 0))

    assert day_now(watched, MONDAY) == day_of(watched, MONDAY) == weekday_number(MONDAY)


def test_the_present_session_counts() -> None:
    assert day_now(after((9_000, 10), (9_001, 20)), MONDAY) == 9_001


@pytest.mark.parametrize(
    ("traded_at", "day"), [(10, 9_000), (11, 9_001), (20, 9_001), (21, 9_002), (99, 9_002)]
)
def test_what_is_told_late_belongs_to_the_session_of_its_moment(traded_at: int, day: int) -> None:
    watched = after((9_000, 10), (9_001, 20), (9_002, 30))

    assert day_of(watched, traded_at) == day


def test_a_session_without_a_known_close_holds_nothing_back() -> None:
    assert day_of(after((9_000, 0), (9_001, 20)), 1) == 9_001


def test_a_session_that_is_told_again_is_the_same() -> None:
    watched = after((9_000, 10), (9_000, 12))

    assert (list(watched.ended), watched.closes_at) == ([], 12)


def test_few_sessions_are_remembered() -> None:
    watched = after(*((9_000 + n, 10 * n) for n in range(1, 20)))

    assert [day for day, _ in watched.ended] == [9_015, 9_016, 9_017, 9_018]


@pytest.mark.parametrize("day", [8_000, 9_000])
def test_the_count_begins_anew_where_the_numbers_are_of_another_calendar(day: int) -> None:
    watched = Watched()
    book(watched.trades, Execution("AAPL", 1, weekday_number(MONDAY), 0))

    session_opened(watched, day, 0)

    assert watched.trades.sessions == {}


def test_numbers_that_go_back_begin_anew_too() -> None:
    watched = after((9_000, 10))
    book(watched.trades, Execution("AAPL", 1, 9_000, 0))

    session_opened(watched, 8_000, 20)

    assert watched.trades.sessions == {}


def test_orders_that_open_are_counted_in_and_out() -> None:
    watched = Watched()
    works(watched, "AAPL", 1)
    works(watched, "AAPL", 1)
    works(watched, "AAPL", -1)
    assert watched.opening == {"AAPL": 1}

    works(watched, "AAPL", -1)
    works(watched, "AAPL", -1)

    assert watched.opening == {}
