"""How many orders and how fast, at the limit and one unit beside it."""

from collections import deque
from decimal import Decimal

import pytest
from msgspec.structs import replace

from fillpath.core.models import OrderSide
from fillpath.core.units import DAY_NS, NANOSECONDS, money_units, quantity_units
from fillpath.risk.asking import Ask
from fillpath.risk.cascade import Cascade
from fillpath.risk.checks.rates import (
    check_daily_orders,
    check_duplicative,
    check_open_orders,
    check_order_rate,
    check_turnover,
)
from fillpath.risk.limits import RateLimits, RiskLimits
from fillpath.risk.memory import RiskMemory, Sent, Tokens
from fillpath.risk.remembering import MOST_ALIKE
from fillpath.risk.verdicts import Objection
from tests.unit.risk.builders import an_order

LIMITS = RiskLimits(max_trades_per_day=3, max_turnover_pct=100)


def money(number: str | int) -> int:
    return money_units(Decimal(number))


class TestDailyOrders:
    @pytest.mark.control("C-26", "passes")
    @pytest.mark.parametrize("before", [0, 2])
    def test_as_many_as_the_day_may_have_pass(self, before: int) -> None:
        memory = RiskMemory(parents_today=before)

        assert check_daily_orders(an_order(), memory, LIMITS) is None

    @pytest.mark.control("C-26", "refuses")
    @pytest.mark.parametrize("before", [3, 4])
    def test_one_more_is_refused(self, before: int) -> None:
        objection = check_daily_orders(an_order(), RiskMemory(parents_today=before), LIMITS)

        assert objection == Objection(
            "DAILY_ORDERS", f"{before} parents were ordered today, 3 are allowed", 3, before + 1
        )

    @pytest.mark.control("C-26", "refuses")
    def test_none_at_all_may_be_allowed(self) -> None:
        limits = RiskLimits(max_trades_per_day=0)

        assert check_daily_orders(an_order(), RiskMemory(), limits) is not None
        assert check_daily_orders(replace(an_order(), at=DAY_NS), RiskMemory(), limits) is not None

    @pytest.mark.parametrize(("at", "passes"), [(DAY_NS - 1, False), (DAY_NS, True)])
    def test_a_day_that_no_session_ends_ends_after_24_hours(self, at: int, passes: bool) -> None:  # noqa: FBT001  # a parameter of the test
        memory = RiskMemory(parents_today=3)

        objection = check_daily_orders(replace(an_order(), at=at), memory, LIMITS)

        assert (objection is None) is passes


class TestTurnover:
    """100 % of 100,000 a day; the next order is worth 4,500."""

    @pytest.mark.control("C-26", "passes")
    @pytest.mark.parametrize("before", ["0", "95499.99", "95500"])
    def test_up_to_the_limit_of_the_day_orders_pass(self, before: str) -> None:
        assert check_turnover(an_order(), RiskMemory(turnover_today=money(before)), LIMITS) is None

    @pytest.mark.control("C-26", "refuses")
    def test_one_more_is_refused_whole(self) -> None:
        memory = RiskMemory(turnover_today=money("95500.01"))

        objection = check_turnover(an_order(), memory, LIMITS)

        assert objection == Objection(
            "TURNOVER",
            "the orders of today would be worth 100000.01, 100000 are allowed, 100 % of equity",
            money(100_000),
            money("100000.01"),
            0,
        )

    @pytest.mark.control("C-26", "refuses")
    def test_the_first_order_may_be_too_much_alone(self) -> None:
        limits = RiskLimits(max_turnover_pct=4)

        assert check_turnover(replace(an_order(), at=DAY_NS), RiskMemory(), limits) is not None

    @pytest.mark.control("C-26", "passes")
    def test_the_first_order_of_a_new_day_may_be_all_of_it(self) -> None:
        memory = RiskMemory(turnover_today=money(1))
        limits = RiskLimits(max_turnover_pct="4.5")

        assert check_turnover(replace(an_order(), at=DAY_NS), memory, limits) is None

    @pytest.mark.parametrize(("at", "passes"), [(DAY_NS - 1, False), (DAY_NS, True)])
    def test_a_day_that_no_session_ends_ends_after_24_hours(self, at: int, passes: bool) -> None:  # noqa: FBT001  # a parameter of the test
        memory = RiskMemory(turnover_today=money(99_000))

        objection = check_turnover(replace(an_order(), at=at), memory, LIMITS)

        assert (objection is None) is passes


ALIKE = RiskLimits(rates=RateLimits(duplicate_seconds=10))
BUYS = ("AAPL", OrderSide.BUY)


def ordered(*parents: tuple[float, str], side: OrderSide = OrderSide.BUY) -> RiskMemory:
    """Return a memory of parents: at which second, how many shares."""
    sent = [Sent(round(at * NANOSECONDS), quantity_units(Decimal(q)), 0) for at, q in parents]
    return RiskMemory(alike={("AAPL", side): deque(sent, maxlen=MOST_ALIKE)})


def at_second(second: float, **changes: str) -> Ask:
    return replace(an_order(**changes), at=round(second * NANOSECONDS))


class TestDuplicates:
    """The next parent buys 100 shares in second 20."""

    @pytest.mark.control("C-05", "refuses")
    @pytest.mark.parametrize("quantity", ["99", "100", "101"])
    def test_nearly_the_same_within_seconds_is_refused(self, quantity: str) -> None:
        objection = check_duplicative(
            at_second(20, quantity="100"), ordered((11.5, quantity)), ALIKE
        )

        assert objection == Objection(
            "DUPLICATIVE",
            f"{quantity} AAPL were ordered on that side 8.500 s ago, 100 are within 1 %",
            quantity_units(Decimal(quantity)),
            quantity_units(Decimal(100)),
            0,
        )

    @pytest.mark.control("C-05", "passes")
    @pytest.mark.parametrize("quantity", ["98.999999", "101.000001", "1", "10000"])
    def test_another_size_passes(self, quantity: str) -> None:
        order = at_second(20, quantity="100")

        assert check_duplicative(order, ordered((19, quantity)), ALIKE) is None

    @pytest.mark.control("C-05", "passes")
    @pytest.mark.parametrize(("ago", "passes"), [(9.999, False), (10, False), (10.000000001, True)])
    def test_what_is_older_than_the_window_is_not_compared(self, ago: float, passes: bool) -> None:  # noqa: FBT001  # a parameter of the test
        objection = check_duplicative(
            at_second(20, quantity="100"), ordered((20 - ago, "100")), ALIKE
        )

        assert (objection is None) is passes

    @pytest.mark.control("C-05", "refuses")
    def test_every_parent_of_the_window_is_compared(self) -> None:
        memory = ordered((5, "100"), (12, "100"), (13, "7"))

        assert check_duplicative(at_second(20, quantity="100"), memory, ALIKE) is not None
        assert check_duplicative(at_second(23, quantity="100"), memory, ALIKE) is None

    @pytest.mark.control("C-05", "passes")
    @pytest.mark.parametrize(
        "memory", [RiskMemory(), ordered((19, "100"), side=OrderSide.SELL)], ids=["none", "sale"]
    )
    def test_the_other_side_and_other_symbols_do_not_matter(self, memory: RiskMemory) -> None:
        assert check_duplicative(at_second(20, quantity="100"), memory, ALIKE) is None

    @pytest.mark.control("C-05", "refuses")
    def test_more_than_can_be_compared_are_too_many(self) -> None:
        crowd = [(15.0, str(1_000 + number * 50)) for number in range(MOST_ALIKE)]

        full = check_duplicative(at_second(20, quantity="100"), ordered(*crowd), ALIKE)
        nearly = check_duplicative(at_second(20, quantity="100"), ordered(*crowd[1:]), ALIKE)

        assert full is not None
        assert full.text == (
            f"{MOST_ALIKE} orders came for that side of AAPL in 10 s, more than can be compared"
        )
        assert (full.limit, full.value) == (0, quantity_units(Decimal(100)))
        assert nearly is None

    @pytest.mark.control("C-05", "passes")
    def test_in_simulation_it_is_off_and_says_so(self) -> None:
        cascade = Cascade(RiskLimits())

        assert cascade.skipped["C-05"] == "rates.duplicate_seconds is 0"
        assert "C-05" in Cascade(ALIKE).parent.controls


def working(buys: int, sells: int = 0, elsewhere: int = 0) -> RiskMemory:
    """Return a memory of working orders."""
    counts = {BUYS: buys, ("AAPL", OrderSide.SELL): sells, ("MSFT", OrderSide.BUY): elsewhere}
    orders: dict[tuple[str, str], dict[str, int]] = {
        key: {f"{key}{number}": 1 for number in range(count)}
        for key, count in counts.items()
        if count
    }
    return RiskMemory(open_orders=orders, open_total=buys + sells + elsewhere)


class TestOpenOrders:
    """Three on each side of a symbol may work, and five in all."""

    LIMITS = RiskLimits(rates=RateLimits(open_orders_symbol=3, open_orders_total=5))

    @pytest.mark.control("C-21", "passes")
    @pytest.mark.parametrize(
        "memory", [working(0), working(2), working(2, 2), working(0, 4), working(0, 0, 4)]
    )
    def test_as_many_as_may_work_pass(self, memory: RiskMemory) -> None:
        assert check_open_orders(an_order(), memory, self.LIMITS) is None

    @pytest.mark.control("C-21", "refuses")
    @pytest.mark.parametrize("count", [3, 4])
    def test_one_more_on_a_side_of_a_symbol_is_refused(self, count: int) -> None:
        objection = check_open_orders(an_order(), working(count), self.LIMITS)

        assert objection == Objection(
            "OPEN_ORDERS", f"{count} orders work on that side of AAPL, 3 may", 3, count + 1, 0
        )

    @pytest.mark.control("C-21", "refuses")
    @pytest.mark.parametrize("memory", [working(1, 2, 2), working(0, 0, 6)])
    def test_one_more_in_all_is_refused(self, memory: RiskMemory) -> None:
        objection = check_open_orders(an_order(), memory, self.LIMITS)

        assert objection is not None
        assert objection.text == f"{memory.open_total} orders work, 5 may"
        assert (objection.limit, objection.value) == (5, memory.open_total + 1)


class TestOrderRate:
    """A strategy may send five orders a second, a symbol takes two, the account sends ten."""

    LIMITS = RiskLimits(
        rates=RateLimits(strategy_per_second=5, symbol_per_second=2, account_per_second=10)
    )

    @pytest.mark.control("C-22", "refuses")
    @pytest.mark.parametrize(
        ("name", "who", "most", "soonest"),
        [
            pytest.param("s:trend", "strategy trend", 5, 0.2, id="strategy"),
            pytest.param("y:AAPL", "symbol AAPL", 2, 0.5, id="symbol"),
            pytest.param("a:", "account", 10, 0.1, id="account"),
        ],
    )
    def test_the_next_order_passes_when_its_time_has_come_and_not_before(
        self, name: str, who: str, most: int, soonest: float
    ) -> None:
        free = {key: Tokens(0, 0) for key in ("s:trend", "y:AAPL", "a:")}
        memory = RiskMemory(tokens=free | {name: Tokens(20 * NANOSECONDS, 0)})
        order = replace(an_order(), strategy="trend", at=20 * NANOSECONDS)
        due = round(soonest * NANOSECONDS)

        at_once = check_order_rate(order, memory, self.LIMITS)
        too_soon = check_order_rate(replace(order, at=order.at + due - 1), memory, self.LIMITS)
        in_time = check_order_rate(replace(order, at=order.at + due), memory, self.LIMITS)

        assert at_once == Objection(
            "ORDER_RATE", f"the {who} may send {most} orders a second, and has", most, most + 1, 0
        )
        assert too_soon == at_once
        assert in_time is None

    @pytest.mark.control("C-22", "passes")
    def test_who_has_sent_nothing_may_send(self) -> None:
        assert check_order_rate(an_order(), RiskMemory(), self.LIMITS) is None

    @pytest.mark.control("C-22", "passes")
    def test_another_strategy_in_another_symbol_may_send(self) -> None:
        memory = RiskMemory(
            tokens={"s:x": Tokens(0, 0), "y:X": Tokens(0, 0), "a:": Tokens(0, 10**9)}
        )

        assert check_order_rate(an_order(), memory, self.LIMITS) is None

    @pytest.mark.control("C-22", "refuses")
    def test_a_strategy_without_a_name_has_a_rate_too(self) -> None:
        memory = RiskMemory(tokens={"s:": Tokens(0, 0), "a:": Tokens(0, NANOSECONDS)})

        objection = check_order_rate(an_order(), memory, self.LIMITS)

        assert objection is not None
        assert objection.text.startswith("the strategy without a name may send 5")

    @pytest.mark.control("C-22", "refuses")
    def test_a_clock_that_steps_back_gives_nothing(self) -> None:
        memory = RiskMemory(tokens={"a:": Tokens(20 * NANOSECONDS, NANOSECONDS - 1)})

        assert check_order_rate(an_order(), memory, self.LIMITS) is not None


@pytest.mark.control("C-05", "C-21", "C-22", "C-26", "passes")
def test_no_exit_is_held_by_a_count_or_a_rate_and_nothing_is_counted_twice() -> None:
    cascade = Cascade(ALIKE)

    for walk in (cascade.exit, cascade.sending_exit, cascade.sending):
        assert not {"C-05", "C-21", "C-22", "C-26"} & set(walk.controls)
