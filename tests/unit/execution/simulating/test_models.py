"""The small models of the profile realistic, by worked figures."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillpath.core.errors import ModelError
from fillpath.core.models import OrderSide
from fillpath.core.units import (
    NANOSECONDS,
    RATIO_SCALE,
    money_decimal,
    money_units,
    price_units,
    quantity_units,
)
from fillpath.execution.simulating.borrowing import borrow_fee, borrow_problem
from fillpath.execution.simulating.crossing import auction_price
from fillpath.execution.simulating.latency import latency
from fillpath.execution.simulating.margining import (
    Rates,
    Worth,
    buying_power,
    is_called,
    maintenance,
)
from fillpath.execution.simulating.moving import moved_price
from fillpath.execution.simulating.participation import (
    allowance,
    expected_volume,
    interval_start,
)
from fillpath.execution.simulating.policy import AccountKind, RealisticPolicy
from fillpath.execution.simulating.queueing import shrunk, traded, trades_of
from fillpath.execution.simulating.showing import NOTHING, Taken, after_taking, still_shown
from fillpath.execution.simulating.trailing import trailed

BUY, SELL = OrderSide.BUY, OrderSide.SELL
SHARE = quantity_units(Decimal(1))
REG_T = Rates(initial=RATIO_SCALE // 2, longs=RATIO_SCALE // 4, shorts=RATIO_SCALE * 3 // 10)


def price(text: str) -> int:
    return price_units(Decimal(text))


def money(text: str) -> int:
    return money_units(Decimal(text))


class TestLatency:
    @given(st.integers(0, 1 << 40), st.text(max_size=20))
    def test_it_is_within_its_bounds_and_always_the_same(self, seed: int, name: str) -> None:
        way = latency(seed, name, 50, 250)

        assert 50 <= way <= 250
        assert way == latency(seed, name, 50, 250)

    def test_every_length_comes_about_equally_often(self) -> None:
        ways = [latency(7, f"order-{number}", 0, 9) for number in range(10_000)]

        assert all(900 < ways.count(way) < 1_100 for way in range(10))

    def test_another_seed_is_another_way(self) -> None:
        first, second = ([latency(s, str(n), 0, 10**9) for n in range(20)] for s in (1, 2))

        assert first != second

    def test_one_length_is_taken_by_all(self) -> None:
        assert latency(1, "a", 70, 70) == 70


class TestParticipation:
    def test_an_average_day_is_spread_over_its_minutes(self) -> None:
        assert expected_volume(39_000_000 * SHARE, 60) == 100_000 * SHARE

    @pytest.mark.parametrize(
        ("volume", "taken", "left"),
        [("1000", "0", "100"), ("1000", "40", "60"), ("1000", "100", "0"), ("1000", "500", "0")],
    )
    def test_a_tenth_of_the_volume_is_ours(self, volume: str, taken: str, left: str) -> None:
        found = allowance(
            quantity_units(Decimal(volume)), RATIO_SCALE // 10, quantity_units(Decimal(taken))
        )

        assert found == quantity_units(Decimal(left))

    def test_only_whole_shares_are_allowed_and_one_at_least(self) -> None:
        assert allowance(quantity_units(Decimal(19)), RATIO_SCALE // 10, 0) == SHARE
        assert allowance(quantity_units(Decimal(29)), RATIO_SCALE // 10, 0) == 2 * SHARE
        assert allowance(quantity_units(Decimal(3)), RATIO_SCALE // 10, 0) == SHARE

    def test_intervals_begin_on_the_full_minute(self) -> None:
        assert interval_start(125 * NANOSECONDS + 7, 60) == 120 * NANOSECONDS


class TestQueue:
    def test_the_documented_example_of_nautilus_fills_0_10_and_40(self) -> None:
        front, left, fills = 100, 50, []

        for quantity in (80, 30, 50):
            front, filled = traded(front, left, quantity)
            left -= filled
            fills.append(filled)

        assert fills == [0, 10, 40]
        assert left == 0

    def test_a_queue_that_nobody_is_ahead_in_fills_with_the_next_trade(self) -> None:
        assert traded(0, 50, 80) == (0, 50)

    @pytest.mark.parametrize(
        ("front", "before", "after", "power", "ahead"),
        [
            # p = f(back) / (f(back) + f(front)): from the formula, by hand
            (50, 100, 90, 1, 45),  # p = 1/2: 50 - 5
            (50, 100, 90, 3, 45),
            (20, 100, 90, 1, 18),  # p = 0.8: 20 - 2
            (20, 100, 90, 2, 20),  # p = 6400/6800: 20 - 0.588, rounded up
            (80, 100, 60, 1, 48),  # p = 0.2: 80 - 32
            (100, 100, 90, 2, 90),  # last in the queue: all cancels are ahead
            (0, 100, 90, 2, 0),  # first in the queue: none is
            (30, 100, 130, 2, 30),  # what joins, joins behind
            (30, 100, 20, 2, 18),  # 30 - 80 * 900/5800, rounded up
            (10, 100, 0, 2, 0),
        ],
    )
    def test_cancels_come_from_ahead_and_behind_by_the_place(
        self, front: int, before: int, after: int, power: int, ahead: int
    ) -> None:
        found = shrunk(front, before, after, power)

        assert found == ahead

    def test_more_cancels_behind_than_there_are_orders_have_come_from_ahead(self) -> None:
        # front 60, back 40, d 90: p = 0.4; 60 - 54 + min(40 - 36, 0) = 6
        assert shrunk(60, 100, 10, 1) == 6
        # front 40, back 60, d 95, p = 36/52 of squares: 40 - 29.2 + min(60 - 65.8, 0) = 5.0
        assert shrunk(40, 100, 5, 2) == 5

    @given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 6))
    def test_a_place_never_gets_worse(
        self, front: int, behind: int, after: int, power: int
    ) -> None:
        found = shrunk(front, front + behind, after, power)

        assert 0 <= found <= front
        assert found <= after

    def test_a_share_of_what_a_level_loses_counts_as_trades(self) -> None:
        assert trades_of(100, 60, 25, 100) == 10
        assert trades_of(60, 100, 25, 100) == 0


class TestShowing:
    def test_what_was_taken_stays_taken_while_the_price_stays(self) -> None:
        taken = after_taking(300, 100, 10, NOTHING, 5)

        assert still_shown(1_000, 100, 12, taken, 5) == 700
        assert still_shown(200, 100, 12, taken, 5) == 0

    def test_a_level_fills_again_after_a_while_or_at_another_price(self) -> None:
        taken = Taken(100, 300, 10)

        assert still_shown(1_000, 100, 15, taken, 5) == 1_000
        assert still_shown(1_000, 101, 11, taken, 5) == 1_000

    def test_without_a_time_only_another_price_shows_all_again(self) -> None:
        taken = Taken(100, 300, 10)

        assert still_shown(1_000, 100, 10**12, taken, 0) == 700
        assert still_shown(1_000, 99, 10, taken, 0) == 1_000

    def test_what_is_taken_twice_adds_up(self) -> None:
        taken = after_taking(200, 100, 12, Taken(100, 300, 10), 5)

        assert taken == Taken(100, 500, 12)
        assert after_taking(200, 100, 20, taken, 5) == Taken(100, 200, 20)


class TestMargin:
    def test_regulation_t_lets_a_fresh_account_open_twice_its_cash(self) -> None:
        fresh = Worth(money("100000"), 0, 0)

        assert money_decimal(buying_power(fresh, 0, REG_T)) == 200_000

    def test_what_is_held_and_what_works_use_it_up(self) -> None:
        worth = Worth(money("40000"), money("60000"), 0)

        assert money_decimal(buying_power(worth, 0, REG_T)) == 140_000
        assert money_decimal(buying_power(worth, money("100000"), REG_T)) == 40_000

    def test_shorts_ask_for_margin_and_their_proceeds_buy_nothing(self) -> None:
        worth = Worth(money("150000"), 0, money("50000"))

        assert money_decimal(buying_power(worth, 0, REG_T)) == 150_000

    def test_there_is_never_less_than_nothing_to_spend(self) -> None:
        assert buying_power(Worth(money("-90000"), money("100000"), 0), 0, REG_T) == 0

    def test_the_maintenance_is_a_quarter_of_longs_and_three_tenths_of_shorts(self) -> None:
        worth = Worth(0, money("100000"), money("10000"))

        assert money_decimal(maintenance(worth, REG_T)) == 28_000

    @pytest.mark.parametrize(("cash", "called"), [("-75000", False), ("-75000.01", True)])
    def test_an_account_is_called_below_its_maintenance(self, cash: str, *, called: bool) -> None:
        assert is_called(Worth(money(cash), money("100000"), 0), REG_T) is called


class TestBorrowing:
    @pytest.mark.parametrize(
        ("opening", "short", "available", "refused"),
        [(0, 0, 0, False), (5, 0, None, False), (5, 5, 10, False), (6, 5, 10, True)],
    )
    def test_only_what_is_there_can_be_borrowed(
        self, opening: int, short: int, available: int | None, *, refused: bool
    ) -> None:
        limit = None if available is None else available * SHARE

        problem = borrow_problem("GME", opening * SHARE, short * SHARE, limit)

        assert (problem is not None) is refused

    def test_a_refusal_says_how_much_there_was(self) -> None:
        problem = borrow_problem("GME", 6 * SHARE, 5 * SHARE, 10 * SHARE)

        assert problem is not None
        assert problem.text == "SELL would borrow 6 GME, 5 are available"

    def test_a_night_costs_the_rate_on_rounded_up_collateral(self) -> None:
        # 1.02 * 49.50 = 50.49, so 51 a share; 1,000 * 51 * 3.6 % / 360 = 5.10
        fee = borrow_fee(1_000 * SHARE, price("49.50"), RATIO_SCALE * 36 // 1_000)

        assert money_decimal(fee) == Decimal("5.1")
        assert borrow_fee(1_000 * SHARE, price("49.50"), RATIO_SCALE * 36 // 1_000, 3) == 3 * fee


class TestAuction:
    @pytest.mark.parametrize(
        ("side", "bid", "ask", "expected"),
        [
            (BUY, "10.00", "10.04", "10.02"),
            (BUY, "10.00", "10.03", "10.02"),
            (SELL, "10.00", "10.03", "10.01"),
            (BUY, "10.00", "10.00", "10.00"),
            (SELL, "10.00", "10.01", "10.00"),
        ],
    )
    def test_it_is_the_middle_rounded_against_who_trades(
        self, side: OrderSide, bid: str, ask: str, expected: str
    ) -> None:
        assert auction_price(side, price(bid), price(ask), price("0.01")) == price(expected)


class TestTrailing:
    def test_a_stop_follows_up_and_never_back(self) -> None:
        assert trailed(SELL, price("98"), price("2"), price("101"), None) == price("99")
        assert trailed(SELL, price("98"), price("2"), price("99"), None) == price("98")
        assert trailed(BUY, price("102"), price("2"), None, price("99")) == price("101")
        assert trailed(BUY, price("102"), price("2"), None, price("101")) == price("102")

    def test_without_its_side_of_the_market_it_stays(self) -> None:
        assert trailed(SELL, price("98"), price("2"), None, price("120")) == price("98")
        assert trailed(BUY, price("98"), price("2"), price("1"), None) == price("98")


class TestImpact:
    RULES = RealisticPolicy(impact_coefficient=1, daily_volatility_pct=2)

    def test_one_percent_of_the_day_pays_two_thirds_of_a_tenth_of_the_volatility(self) -> None:
        # 2/3 * 2 % * sqrt(1 %) = 0.1333 %
        bought = moved_price(BUY, price("100"), (0, 10_000), 1_000_000, self.RULES)
        sold = moved_price(SELL, price("100"), (0, 10_000), 1_000_000, self.RULES)

        assert bought == price("100.13333334")
        assert sold == price("99.86666666")

    def test_without_volume_volatility_or_coefficient_the_price_stays(self) -> None:
        calm = RealisticPolicy(daily_volatility_pct=0)
        none = RealisticPolicy(impact_coefficient=0)

        for adv, rules in ((None, self.RULES), (10, calm), (10, none)):
            assert moved_price(BUY, price("100"), (0, 5), adv, rules) == price("100")

    def test_a_price_stays_a_price(self) -> None:
        rules = RealisticPolicy(impact_coefficient=10, daily_volatility_pct=100)

        assert moved_price(SELL, price("1"), (0, 100), 1, rules) == 1


class TestPolicy:
    def test_the_defaults_are_those_of_the_reference(self) -> None:
        rules = RealisticPolicy()

        assert (rules.shortest, rules.longest) == (50 * 10**6, 250 * 10**6)
        assert rules.participation == RATIO_SCALE // 10
        assert rules.rates == REG_T
        assert rules.account is AccountKind.MARGIN
        assert rules.shortable is None
        assert rules.audit_trail is None

    @pytest.mark.parametrize(
        ("name", "value", "text"),
        [
            ("latency_ms_min", 300, "latency_ms_min must be at most latency_ms_max, got 300 and"),
            ("latency_ms_max", -1, "latency_ms_max must be from 0 to 60000, got -1"),
            ("participation_seconds", 1.5, "participation_seconds must be a whole number from 1"),
            ("queue_power", 7, "queue_power must be a whole number from 1 to 6, got 7"),
            ("commission", "free", "commission must be one of ibkr_fixed, ibkr_tiered, percent"),
            ("account", "ira", "account must be one of plain, cash, margin, got 'ira'"),
            ("hard_to_borrow", ("gme!",), "symbol"),
            ("shortable_shares", -1, "shortable_shares must be from 0"),
        ],
    )
    def test_what_cannot_be_is_refused_in_one_sentence(
        self, name: str, value: Any, text: str
    ) -> None:
        with pytest.raises(ModelError, match=text):
            RealisticPolicy(**{name: value})
