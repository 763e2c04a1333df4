"""The breakers of a strategy at their boundaries, one step inside and one outside."""

from decimal import Decimal

import pytest

from fillpath.core.models import OrderSide
from fillpath.core.units import NANOSECONDS, RATIO_SCALE, price_units
from fillpath.risk.circuit_breaker import (
    Count,
    Repeats,
    Slippages,
    Traffic,
    Trip,
    repeated,
    sent,
    signed_slippage,
    slipped,
)
from fillpath.risk.kill_switch import Scope
from fillpath.risk.limits import BreakerLimits, RateLimits

BREAKERS = BreakerLimits()
RATES = RateLimits()
HOUR = 3_600 * NANOSECONDS
BPS_UNIT = RATIO_SCALE // 10_000


class TestSlippage:
    def fills(self, *bps: int | str, limits: BreakerLimits = BREAKERS) -> Trip | None:
        state = Slippages()
        trip = None
        for cost in bps:
            trip = slipped(state, "momentum", int(Decimal(cost) * BPS_UNIT), limits)
        return trip

    @pytest.mark.parametrize(
        ("last", "expected"),
        [
            pytest.param("9.9999", None, id="just below"),
            pytest.param("10", None, id="exactly"),
            pytest.param("10.0001", "SLIPPAGE_BREAKER", id="just above"),
        ],
    )
    def test_the_mean_of_twenty_fills_decides(self, last: str, expected: str | None) -> None:
        trip = self.fills(*[10] * 19, last)

        assert (None if trip is None else trip.code) == expected

    def test_nineteen_fills_are_too_few(self) -> None:
        assert self.fills(*[1_000] * 19) is None

    def test_the_twenty_first_fill_pushes_the_first_one_out(self) -> None:
        assert self.fills(200, *[1] * 19) is not None
        assert self.fills(200, *[1] * 20) is None

    def test_improvements_count_too(self) -> None:
        assert self.fills(*[30, -10] * 10) is None
        assert self.fills(*[31, -10] * 10) is not None

    def test_it_stops_the_strategy_and_says_so(self) -> None:
        trip = self.fills(*[12] * 20)

        assert trip is not None
        assert (trip.scope, trip.name) == (Scope.STRATEGY, "momentum")
        assert trip.text == "the last 20 fills cost 12.00 bps in the mean, 10 are allowed"

    def test_it_can_be_switched_off(self) -> None:
        assert self.fills(*[1_000] * 50, limits=BreakerLimits(slippage_fills=0)) is None

    @pytest.mark.parametrize(
        ("side", "reference", "price", "expected"),
        [
            ("BUY", "100", "100.10", 10 * BPS_UNIT),
            ("BUY", "100", "99.90", -10 * BPS_UNIT),
            ("SELL", "100", "99.90", 10 * BPS_UNIT),
            ("SELL", "100", "100.10", -10 * BPS_UNIT),
            ("BUY", "3", "3.00000001", 1),
        ],
    )
    def test_a_cost_is_positive_on_both_sides_and_rounded_up(
        self, side: str, reference: str, price: str, expected: int
    ) -> None:
        units = [price_units(Decimal(text)) for text in (reference, price)]

        assert signed_slippage(OrderSide(side), *units) == expected


class TestRepeats:
    def orders(self, *times: int, limits: RateLimits = RATES) -> Trip | None:
        state = Repeats()
        trip = None
        for at in times:
            trip = repeated(state, ("momentum", "AAPL"), at, limits)
        return trip

    def test_twenty_orders_an_hour_are_allowed_and_one_more_is_not(self) -> None:
        assert self.orders(*range(20)) is None

        trip = self.orders(*range(21))

        assert trip is not None
        assert (trip.code, trip.scope, trip.name) == (
            "REPEATED_EXECUTION",
            Scope.STRATEGY,
            "momentum",
        )
        assert trip.text == "more than 20 orders of momentum in AAPL within 3600 s"

    @pytest.mark.parametrize(("at", "tripped"), [(HOUR - 1, True), (HOUR, False)])
    def test_an_order_leaves_the_window_after_an_hour(self, at: int, *, tripped: bool) -> None:
        trip = self.orders(0, *[1] * 19, at)

        assert (trip is not None) is tripped

    def test_only_what_decides_is_remembered(self) -> None:
        state = Repeats()
        for at in range(1_000):
            repeated(state, ("momentum", "AAPL"), at, RATES)

        assert len(state.times) == 21

    def test_it_can_be_switched_off(self) -> None:
        assert self.orders(*range(100), limits=RateLimits(repeated_count=0)) is None

    def test_a_strategy_without_a_name_is_told_so(self) -> None:
        trip = None
        state = Repeats()
        for at in range(21):
            trip = repeated(state, ("", "AAPL"), at, RATES)

        assert trip is not None
        assert "orders of no strategy in AAPL" in trip.text


class TestOrderToTrade:
    def traffic(
        self, *counts: tuple[int, int, int], limits: RateLimits = RATES
    ) -> tuple[Traffic, Trip | None]:
        state = Traffic()
        trip = None
        for seconds, messages, executions in counts:
            at = seconds * NANOSECONDS
            trip = sent(state, "momentum", at, Count(messages, executions), limits)
        return state, trip

    @pytest.mark.parametrize(
        ("messages", "executions", "tripped"),
        [
            pytest.param(50, 0, False, id="fifty for nothing"),
            pytest.param(51, 0, True, id="one more for nothing"),
            pytest.param(50, 1, False, id="fifty for one"),
            pytest.param(100, 2, False, id="a hundred for two"),
            pytest.param(101, 2, True, id="one more"),
        ],
    )
    def test_fifty_messages_for_an_execution_are_allowed(
        self, messages: int, executions: int, *, tripped: bool
    ) -> None:
        _, trip = self.traffic((0, 0, executions), (1, messages, 0))

        assert (trip is not None) is tripped

    def test_it_stops_the_strategy_and_says_so(self) -> None:
        _, trip = self.traffic((0, 60, 0))

        assert trip is not None
        assert (trip.scope, trip.name) == (Scope.STRATEGY, "momentum")
        assert trip.text == ("60 orders and cancels for 0 executions within 300 s, 50 are allowed")

    def test_an_execution_alone_never_trips(self) -> None:
        _, trip = self.traffic((0, 60, 0), (1, 0, 0))

        assert trip is None

    @pytest.mark.parametrize(("later", "tripped"), [(299, True), (300, False)])
    def test_messages_leave_the_window(self, later: int, *, tripped: bool) -> None:
        _, trip = self.traffic((0, 50, 0), (later, 1, 0))

        assert (trip is not None) is tripped

    def test_executions_leave_the_window(self) -> None:
        state, trip = self.traffic((0, 0, 5), (1, 0, 2), (300, 60, 0))

        assert trip is not None
        assert (state.messages, state.executions) == (60, 0)

    def test_a_window_is_remembered_in_sixty_parts(self) -> None:
        state, _ = self.traffic(*((second, 1, 1) for second in range(2_000)))

        assert len(state.parts) == 60

    def test_news_of_an_earlier_moment_counts_with_the_newest(self) -> None:
        state, _ = self.traffic((100, 1, 0), (1, 1, 0))

        assert list(state.parts) == [(20, 2, 0)]

    def test_it_can_be_switched_off(self) -> None:
        _, trip = self.traffic((0, 9_999, 0), limits=RateLimits(order_to_trade=0))

        assert trip is None
