"""What a day trade is: FINRA's examples, Scottrade's, and the position of yesterday."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from fillpath.core.units import quantity_units
from fillpath.risk.limits import DayTradeLimits
from fillpath.risk.pdt_guard import (
    KEPT_SESSIONS,
    DayTrades,
    Execution,
    book,
    day_trades,
    would_be_day_trade,
)
from tests.unit.risk.day_trading import BY_ORDERS, DAY, LEGACY, Account

FINRA = [  # Regulatory Notice 21-13, interpretation /02: examples A to E, all in one symbol
    pytest.param((250, 250, -500), 1, id="A: two purchases, one sale"),
    pytest.param((100, -100, 100, -100), 2, id="B: two round trips"),
    pytest.param((500, -100, -100, -300), 1, id="C: one purchase, three sales"),
    pytest.param((250, 300, 100, -150, -175), 1, id="D: a part is kept"),
    pytest.param((199, 142, -1, 45, -100, -200), 2, id="E: two turns"),
]
SCOTTRADE = [  # interpretation /01 as that broker explained it
    pytest.param((100, -50, -50), 1, id="one opening, two closings"),
    pytest.param((50, 50, -100), 2, id="two openings, one closing"),
    pytest.param((50, 50, -51), 2, id="the second opening is closed in part"),
]
NO_DAY_TRADE = [
    pytest.param(0, (100, 50), id="nothing is closed"),
    pytest.param(0, (-100, -50), id="nothing is covered"),
    pytest.param(100, (-100,), id="a long of yesterday is sold"),
    pytest.param(100, (-40, -60, 100), id="it is sold in two parts before a new purchase"),
    pytest.param(-100, (100,), id="a short of yesterday is covered"),
    pytest.param(-100, (60, 40, -100), id="it is covered in two parts before a new sale"),
    pytest.param(100, (-150,), id="a long of yesterday is sold and a short is opened"),
]
DAY_TRADE = [
    pytest.param(100, (50, -100), 1, id="sold after a new purchase, all of it counts"),
    pytest.param(100, (-40, 10, -10), 1, id="a purchase between ends the exception"),
    pytest.param(-100, (-50, 100), 1, id="covered after a new sale"),
    pytest.param(100, (-150, 50), 1, id="the short that was opened is covered"),
    pytest.param(0, (100, -200, 100), 2, id="turned over: both legs close what today opened"),
    pytest.param(0, (-100, 100), 1, id="a short of today is covered"),
]


@pytest.mark.parametrize(("shares", "expected"), FINRA)
def test_finras_examples_are_counted_as_finra_counts_them(
    shares: tuple[int, ...], expected: int
) -> None:
    account = Account()

    account.trade(*shares)

    assert account.count() == expected


def test_finras_example_f_counts_each_symbol_for_itself() -> None:
    account = Account()
    account.trade(200)
    account.trade(100, symbol="XYZ")

    account.trade(-100)
    account.trade(-100, symbol="XYZ")

    assert account.count() == 2


@pytest.mark.parametrize(("shares", "expected"), SCOTTRADE)
def test_scottrades_examples_are_counted_by_opening_orders(
    shares: tuple[int, ...], expected: int
) -> None:
    account = Account()

    account.trade(*shares)

    assert account.count(BY_ORDERS) == expected


@pytest.mark.parametrize(("overnight", "shares"), NO_DAY_TRADE)
@pytest.mark.parametrize("rules", [LEGACY, BY_ORDERS])
def test_what_was_held_overnight_may_be_closed_first(
    overnight: int, shares: tuple[int, ...], rules: DayTradeLimits
) -> None:
    account = Account(ABC=overnight)

    account.trade(*shares)

    assert account.count(rules) == 0


@pytest.mark.parametrize(("overnight", "shares", "expected"), DAY_TRADE)
@pytest.mark.parametrize("rules", [LEGACY, BY_ORDERS])
def test_what_was_opened_today_and_is_closed_today_counts(
    overnight: int, shares: tuple[int, ...], expected: int, rules: DayTradeLimits
) -> None:
    account = Account(ABC=overnight)

    account.trade(*shares)

    assert account.count(rules) == expected


def test_the_parts_of_one_order_open_once() -> None:
    account = Account()
    account.trade(30, 30, 40, order_id="one")

    account.trade(-100)

    assert account.count(BY_ORDERS) == 1


def test_the_parts_of_one_order_are_closed_as_one() -> None:
    account = Account()
    account.trade(30, 30, 40, order_id="one")
    account.trade(-50, 10)

    account.trade(-50)

    assert account.count(BY_ORDERS) == 1


def test_executions_of_unknown_orders_open_once_each() -> None:
    account = Account()
    account.trade(30, 70, order_id="")

    account.trade(-100)

    assert account.count(BY_ORDERS) == 2


def test_a_position_that_a_split_has_changed_is_still_of_yesterday() -> None:
    account = Account(ABC=100)
    account.trade(-50)
    account.held["ABC"] = 100  # two for one

    account.trade(-100)

    assert account.count() == 1  # 50 of them are not known to be of yesterday
    assert account.held["ABC"] == 0


@pytest.mark.parametrize(("later", "expected"), [(0, 2), (4, 2), (5, 0)])
def test_the_window_is_today_and_four_sessions_before(later: int, expected: int) -> None:
    account = Account()

    account.round_trips(2)
    account.day += later

    assert account.count() == expected


def test_day_trades_of_a_later_session_do_not_count_yet() -> None:
    account = Account()
    account.round_trips(1)

    assert day_trades(account.state, DAY - 1, LEGACY) == 0


def test_an_execution_told_late_counts_for_its_own_day() -> None:
    account = Account()
    account.round_trips(1)
    account.day -= 1
    account.round_trips(1, "LATE")

    assert day_trades(account.state, DAY - 1, LEGACY) == 1
    assert day_trades(account.state, DAY, LEGACY) == 2


def test_old_sessions_are_forgotten() -> None:
    account = Account()
    for _ in range(KEPT_SESSIONS + 2):
        account.round_trips(1)
        account.day += 1

    assert len(account.state.sessions) == KEPT_SESSIONS


def test_an_execution_of_a_forgotten_session_changes_nothing() -> None:
    account = Account()
    account.round_trips(1)
    account.day -= KEPT_SESSIONS

    account.round_trips(1)

    assert list(account.state.sessions) == [DAY]


@pytest.mark.parametrize(
    ("before", "quantity", "expected"),
    [
        pytest.param((), 100, False, id="an opening"),
        pytest.param((100,), -1, True, id="the first share sold"),
        pytest.param((100, -50), -50, False, id="the rest of the same sale"),
    ],
)
def test_whether_an_execution_would_be_one_is_told_without_booking_it(
    before: tuple[int, ...], quantity: int, *, expected: bool
) -> None:
    account = Account()
    account.trade(*before)
    books = repr(account.state)

    answer = would_be_day_trade(account.state, account.execution(quantity), LEGACY)

    assert answer is expected
    assert repr(account.state) == books


def test_asking_by_orders_leaves_the_openings_alone() -> None:
    account = Account()
    account.trade(100)
    books = repr(account.state)

    assert would_be_day_trade(account.state, account.execution(-40), BY_ORDERS)
    assert repr(account.state) == books


def test_the_exception_ends_where_the_position_has_turned_over() -> None:
    """Whoever moved the position by hand meanwhile has no overnight exception left."""
    state = DayTrades()
    hundred = quantity_units(Decimal(100))
    first = Execution("ABC", -hundred // 2, DAY, hundred)
    book(state, first)

    book(state, replace(first, quantity=hundred, held_before=-hundred))

    assert day_trades(state, DAY, LEGACY) == 1
