"""What an entry leaves of the margin, and what becomes of a deficit, at every boundary."""

from decimal import Decimal

import pytest

from fillpath.core.models import OrderSide
from fillpath.core.units import MONEY_SCALE, money_decimal, money_units, price_units, quantity_units
from fillpath.risk.intraday_margin import (
    Deficits,
    Leg,
    MarginRules,
    Standing,
    check_freeze,
    check_margin,
    day_ended,
    maintenance,
    reduced,
    requirement,
)

RULES = MarginRules()
DAY = 9_000
DAY_NS = 86_400 * 10**9
CENT = MONEY_SCALE // 100


def money(amount: int | str) -> int:
    return money_units(Decimal(amount))


def a_leg(side: str = "BUY", shares: int = 100, price: str = "40", worst: str = "") -> Leg:
    return Leg(
        OrderSide(side),
        quantity_units(Decimal(shares)),
        price_units(Decimal(price)),
        price_units(Decimal(worst or price)),
    )


def a_standing(level: int | str, **more: int) -> Standing:
    return Standing(money("10000"), money("10000") - money(level), **more)


@pytest.mark.parametrize(
    ("side", "price", "needed"),
    [
        pytest.param("BUY", "40", "1000", id="a quarter of a long"),
        pytest.param("SELL", "40", "1200", id="three tenths of a short"),
        pytest.param("SELL", "16.67", "500.1", id="the first short above the least amount"),
        pytest.param("SELL", "16.66", "500", id="5 a share for a cheaper one"),
        pytest.param("SELL", "5", "500", id="at 5 still 5 a share"),
        pytest.param("SELL", "4.99", "499", id="below 5 its whole value"),
        pytest.param("SELL", "2.50", "250", id="at 2.50 its whole value"),
        pytest.param("SELL", "1", "250", id="but never less than 2.50 a share"),
    ],
)
def test_what_a_hundred_shares_need(side: str, price: str, needed: str) -> None:
    assert money_decimal(requirement(a_leg(side, price=price), RULES)) == Decimal(needed)


def test_the_margin_of_positions_is_rounded_up() -> None:
    assert maintenance(1, 0, RULES) == 1
    assert maintenance(money(100), money(100), RULES) == money(55)


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        pytest.param("1000.01", None, id="inside"),
        pytest.param("1000", None, id="exactly"),
        pytest.param("999.99", "INTRADAY_MARGIN", id="a cent short"),
        pytest.param("-5", "INTRADAY_MARGIN", id="in deficit already"),
    ],
)
def test_an_entry_leaves_no_deficit(level: str, expected: str | None) -> None:
    blocked = check_margin(a_standing(level), a_leg(), RULES)

    assert (None if blocked is None else blocked.code) == expected


@pytest.mark.parametrize(
    ("leg", "more", "needed"),
    [
        pytest.param(a_leg(worst="41"), {}, "1125", id="the worst price of a buy"),
        pytest.param(a_leg(worst="39"), {}, "1000", id="a better price helps nothing"),
        pytest.param(a_leg("SELL", worst="39"), {}, "1300", id="the worst price of a short"),
        pytest.param(a_leg(), {"working_buys": money(400)}, "1100", id="buys that work"),
        pytest.param(a_leg(), {"working_sells": money(400)}, "1120", id="shorts that work"),
    ],
)
def test_the_worst_case_is_what_counts(leg: Leg, more: dict[str, int], needed: str) -> None:
    enough = check_margin(a_standing(needed, **more), leg, RULES)
    short = check_margin(a_standing(str(Decimal(needed) - Decimal("0.01")), **more), leg, RULES)

    assert enough is None
    assert short is not None
    assert short.value == -CENT


def test_costs_are_paid_too() -> None:
    leg = Leg(OrderSide.BUY, quantity_units(Decimal(1)), 1, 1, costs=money(1))

    assert check_margin(a_standing(1), leg, RULES) is not None


def test_the_brokers_smaller_number_counts() -> None:
    broker = a_standing(5_000, broker_excess=money("999.99"))

    blocked = check_margin(broker, a_leg(), RULES)

    assert blocked is not None
    assert blocked.text == "the entry would leave an intraday margin of -0.01, 0 is the least"


def test_the_brokers_larger_number_changes_nothing() -> None:
    assert check_margin(a_standing(999, broker_excess=money(5_000)), a_leg(), RULES) is not None


@pytest.mark.parametrize(
    ("standing", "part"),
    [
        (Standing(None, 0), "equity must be known and above 0, it is unknown"),
        (Standing(0, 0), "above 0, it is 0"),
        (Standing(money(1), None), "maintenance must be known and 0 or more, it is unknown"),
        (Standing(money(1), -money(1)), "0 or more, it is -1"),
    ],
)
def test_an_account_that_is_not_known_opens_nothing(standing: Standing, part: str) -> None:
    blocked = check_margin(standing, a_leg(), RULES)

    assert blocked is not None
    assert blocked.code == "CTRL_31_INPUT"
    assert part in blocked.text


@pytest.mark.parametrize(("price", "worst"), [(0, 1), (1, 0), (-1, 1)])
def test_an_entry_without_a_price_is_not_opened(price: int, worst: int) -> None:
    leg = Leg(OrderSide.BUY, quantity_units(Decimal(1)), price, worst)

    blocked = check_margin(a_standing(5_000), leg, RULES)

    assert blocked is not None
    assert blocked.code == "CTRL_31_INPUT"


@pytest.mark.parametrize(
    ("equity", "expected"), [("2000", None), ("1999.99", "MARGIN_MINIMUM"), ("2000.01", None)]
)
def test_a_short_needs_the_least_equity(equity: str, expected: str | None) -> None:
    standing = Standing(money(equity), 0)

    blocked = check_margin(standing, a_leg("SELL", shares=1), RULES)

    assert (None if blocked is None else blocked.code) == expected
    assert check_margin(standing, a_leg("BUY", shares=1), RULES) is None


def test_the_smallest_unit_is_an_equity_and_a_price() -> None:
    standing = Standing(1, 0)
    short = Leg(OrderSide.BUY, quantity_units(Decimal(1)), 1, 1)

    blocked = check_margin(standing, short, RULES)

    assert blocked is not None
    assert (blocked.code, blocked.limit) == ("INTRADAY_MARGIN", 0)
    assert check_margin(a_standing(5_000), short, RULES) is None


def test_a_level_that_has_recovered_leaves_the_deficit_of_its_day() -> None:
    state = Deficits()
    first = reduced(state, DAY, -money(100), money(100_000), RULES)

    assert reduced(state, DAY, 0, money(100_000), RULES) is first


def test_a_minor_deficit_that_grows_is_minor_no_more() -> None:
    state = Deficits()
    reduced(state, DAY, -money(10), money(100_000), RULES)

    deficit = reduced(state, DAY, -money(2_000), money(100_000), RULES)

    assert deficit is not None
    assert not deficit.minor


def test_the_worst_deficit_of_a_day_stays_its_deficit() -> None:
    state = Deficits()
    for level in (-100, -300, 50, -200):
        reduced(state, DAY, money(level), money(100_000), RULES)

    assert state.outstanding[DAY].amount == money(300)


def test_a_level_that_is_not_negative_is_no_deficit() -> None:
    assert reduced(Deficits(), DAY, 0, money(100_000), RULES) is None


@pytest.mark.parametrize(
    ("amount", "equity", "minor"),
    [
        pytest.param("1000", 100_000, True, id="exactly the amount"),
        pytest.param("1000.01", 100_000, False, id="a cent more"),
        pytest.param("500", 10_000, True, id="exactly the share"),
        pytest.param("500.01", 10_000, False, id="a cent above the share"),
        pytest.param("1", None, False, id="equity unknown"),
    ],
)
def test_a_small_deficit_is_minor(amount: str, equity: int | None, *, minor: bool) -> None:
    worth = None if equity is None else money(equity)

    deficit = reduced(Deficits(), DAY, -money(amount), worth, RULES)

    assert deficit is not None
    assert deficit.minor is minor


def test_a_deficit_that_was_not_minor_once_never_is() -> None:
    state = Deficits()
    reduced(state, DAY, -money(2_000), money(100_000), RULES)

    deficit = reduced(state, DAY, -money(10), money(100_000), RULES)

    assert deficit is not None
    assert not deficit.minor


def in_deficit(amount: int | str = 2_000, *, end_level: int | None = -2_000) -> Deficits:
    """Return an account that has ended its day in deficit."""
    state = Deficits()
    reduced(state, DAY, -money(amount), money(100_000), RULES)
    day_ended(state, DAY, 0, None if end_level is None else money(end_level), RULES)
    return state


def end(state: Deficits, later: int, level: int | str | None) -> None:
    """Let one session end so many sessions after the deficit."""
    value = None if level is None else money(level)
    day_ended(state, DAY + later, later * DAY_NS, value, RULES)


@pytest.mark.parametrize(("level", "met"), [("0", True), ("-0.01", False), ("5", True)])
def test_a_deficit_is_met_by_an_equal_rise(level: str, *, met: bool) -> None:
    state = in_deficit()

    end(state, 1, level)

    assert (DAY not in state.outstanding) is met


@pytest.mark.parametrize(("end_level", "later"), [(None, 100_000), (-2_000, None)])
def test_a_level_that_is_not_known_meets_nothing(end_level: int | None, later: int | None) -> None:
    state = in_deficit(end_level=end_level)

    end(state, 1, later)

    assert DAY in state.outstanding


@pytest.mark.parametrize(("later", "frozen"), [(4, False), (5, True), (9, True)])
def test_a_deficit_that_is_not_met_on_the_fifth_day_freezes(later: int, *, frozen: bool) -> None:
    state = in_deficit()

    end(state, later, -2_000)

    blocked = check_freeze(state, later * DAY_NS, a_leg("SELL"), money(5_000))
    assert (blocked is not None) is frozen


def test_a_minor_deficit_freezes_nothing() -> None:
    state = in_deficit(1_000, end_level=-1_000)

    end(state, 5, -1_000)

    assert state.outstanding[DAY].missed
    assert state.frozen_until == 0


def test_a_freeze_lasts_ninety_days_after_the_fifth() -> None:
    state = in_deficit()
    end(state, 5, -2_000)
    ends = 95 * DAY_NS

    assert check_freeze(state, ends - 1, a_leg("SELL"), None) is not None
    assert check_freeze(state, ends, a_leg("SELL"), None) is None
    end(state, 95, -2_000)
    assert state.frozen_until == 0


def test_meeting_its_deficit_ends_a_freeze() -> None:
    state = in_deficit()
    end(state, 5, -2_000)

    end(state, 6, 0)

    assert state.frozen_until == 0


def test_meeting_another_deficit_does_not() -> None:
    state = in_deficit()
    end(state, 5, -2_000)
    reduced(state, DAY + 6, -money(10), money(100_000), RULES)
    end(state, 6, -1_500)

    end(state, 7, -1_490)

    assert list(state.outstanding) == [DAY]
    assert state.frozen_until


def test_a_deficit_met_before_the_fifth_day_leaves_no_trace() -> None:
    state = in_deficit()

    end(state, 4, 0)

    assert state == Deficits()


@pytest.mark.parametrize(("later", "there"), [(14, True), (15, False)])
def test_a_deficit_lapses_after_fifteen_sessions_and_its_freeze_stays(
    later: int, *, there: bool
) -> None:
    state = in_deficit()
    end(state, 5, -2_000)

    end(state, later, -2_000)

    assert (DAY in state.outstanding) is there
    assert state.frozen_until


def test_a_practice_may_need_several_misses_within_a_year() -> None:
    rules = MarginRules(practice=2)
    state = Deficits()
    for day in (DAY, DAY + 252, DAY + 300):
        reduced(state, day, -money(2_000), money(100_000), rules)
        day_ended(state, day, 0, -money(2_000), rules)
        day_ended(state, day + 5, 0, -money(2_000), rules)
        day_ended(state, day + 15, 0, -money(2_000), rules)

    assert state.misses == [DAY + 252, DAY + 300]
    assert state.frozen_by == DAY + 300


@pytest.mark.parametrize(("apart", "frozen"), [(251, True), (252, False)])
def test_a_miss_is_remembered_for_252_sessions(apart: int, *, frozen: bool) -> None:
    rules = MarginRules(practice=2)
    state = Deficits()
    for day in (DAY, DAY + apart):
        reduced(state, day, -money(2_000), money(100_000), rules)
        day_ended(state, day, 0, -money(2_000), rules)
        day_ended(state, day + 5, 0, -money(2_000), rules)

    assert (state.frozen_until > 0) is frozen


@pytest.mark.parametrize(("side", "what"), [("BUY", "a debit"), ("SELL", "a short position")])
def test_a_frozen_account_is_told_what_may_not_grow(side: str, what: str) -> None:
    blocked = check_freeze(Deficits(frozen_until=2), 1, a_leg(side), None)

    assert blocked is not None
    assert blocked.text == (
        f"a margin deficit was not met in time: {what} may not grow while the account is frozen"
    )


@pytest.mark.parametrize(
    ("side", "cash_after", "refused"),
    [
        pytest.param("SELL", 5_000, True, id="a short"),
        pytest.param("BUY", 0, False, id="a buy that cash pays"),
        pytest.param("BUY", -1, True, id="a buy on credit"),
        pytest.param("BUY", None, True, id="a buy, cash unknown"),
    ],
)
def test_a_frozen_account_opens_only_what_its_cash_pays(
    side: str, cash_after: int | None, *, refused: bool
) -> None:
    state = in_deficit()
    end(state, 5, -2_000)
    cash = None if cash_after is None else money(cash_after)

    blocked = check_freeze(state, 6 * DAY_NS, a_leg(side), cash)

    assert (blocked is not None) is refused
