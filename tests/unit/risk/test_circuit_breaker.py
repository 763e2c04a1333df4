"""The breakers of an account at their boundaries, a step inside and outside, and with nothing known."""

from decimal import Decimal

import pytest

from fillpath.core.units import NANOSECONDS, RATIO_SCALE, money_units, price_units
from fillpath.risk.circuit_breaker import (
    EquityMarks,
    Shock,
    Trip,
    VolatilityIndex,
    check_operator,
    check_volatility,
    mark_equity,
    rebase,
    see_volatility,
    shock,
    silence,
)
from fillpath.risk.kill_switch import Scope
from fillpath.risk.limits import BreakerLimits, RateLimits, RiskLimits

LIMITS = RiskLimits()
BREAKERS = BreakerLimits()
RATES = RateLimits()
DAY = 9_000
HOUR = 3_600 * NANOSECONDS
BPS_UNIT = RATIO_SCALE // 10_000


def money(amount: int | str) -> int:
    return money_units(Decimal(amount))


def codes(trips: tuple[Trip, ...]) -> list[str]:
    return [trip.code for trip in trips]


def marked(*equities: int | str | None, day: int = DAY) -> EquityMarks:
    """Return what is remembered after these values of equity."""
    marks = EquityMarks()
    for equity in equities:
        mark_equity(marks, None if equity is None else money(equity), day, LIMITS)
    return marks


class TestLosses:
    @pytest.mark.parametrize(
        ("equity", "expected"),
        [
            pytest.param("97000.01", [], id="a cent above"),
            pytest.param("97000", ["DAILY_LOSS"], id="exactly 3 % lost"),
            pytest.param("96999.99", ["DAILY_LOSS"], id="a cent below"),
        ],
    )
    def test_three_percent_in_a_day_trip(self, equity: str, expected: list[str]) -> None:
        marks = marked(100_000)

        trips = mark_equity(marks, money(equity), DAY, LIMITS)

        assert codes(trips) == expected

    @pytest.mark.parametrize(
        ("equity", "expected"),
        [
            pytest.param("90000.01", [], id="a cent above"),
            pytest.param("90000", ["DRAWDOWN"], id="exactly 10 % lost"),
            pytest.param("89999.99", ["DRAWDOWN"], id="a cent below"),
        ],
    )
    def test_ten_percent_from_the_peak_trip(self, equity: str, expected: list[str]) -> None:
        marks = marked(100_000, 92_000)
        mark_equity(marks, money(92_000), DAY + 1, LIMITS)

        trips = mark_equity(marks, money(equity), DAY + 1, LIMITS)

        assert codes(trips) == expected

    @pytest.mark.parametrize("equity", [None, 0, -1])
    def test_equity_that_is_not_known_trips(self, equity: int | None) -> None:
        trips = mark_equity(marked(100_000), equity, DAY, LIMITS)

        assert codes(trips) == ["CTRL_25_INPUT"]
        assert "equity must be above 0" in trips[0].text

    def test_the_smallest_unit_is_known(self) -> None:
        assert mark_equity(EquityMarks(), 1, DAY, LIMITS) == ()

    def test_a_gap_over_night_is_a_loss_of_the_new_day(self) -> None:
        marks = marked(100_000, 101_000)

        trips = mark_equity(marks, money("97970"), DAY + 1, LIMITS)

        assert codes(trips) == ["DAILY_LOSS"]

    def test_a_day_that_begins_blind_starts_with_the_first_number(self) -> None:
        marks = marked(100_000, None)
        mark_equity(marks, None, DAY + 1, LIMITS)

        assert mark_equity(marks, money(95_000), DAY + 1, LIMITS) == ()
        assert codes(mark_equity(marks, money(92_150), DAY + 1, LIMITS)) == ["DAILY_LOSS"]

    def test_a_day_that_begins_with_nothing_starts_with_the_first_number(self) -> None:
        marks = marked(0)

        mark_equity(marks, money(100_000), DAY, LIMITS)

        assert codes(mark_equity(marks, money(97_000), DAY, LIMITS)) == ["DAILY_LOSS"]

    def test_both_limits_are_told_with_their_numbers(self) -> None:
        trips = mark_equity(marked(100_000), money(90_000), DAY, LIMITS)

        assert codes(trips) == ["DAILY_LOSS", "DRAWDOWN"]
        assert (trips[0].limit, trips[0].value) == (money(97_000), money(90_000))
        assert trips[1].text == "equity 90000 has reached 90000, which is 10 % below the peak"
        assert trips[0].scope is Scope.ACCOUNT

    @pytest.mark.parametrize(
        "after", [pytest.param(50_000, id="out"), pytest.param(200_000, id="in")]
    )
    def test_money_that_a_person_moved_is_neither_loss_nor_profit(self, after: int) -> None:
        marks = marked(100_000)
        marks.moved = True
        assert mark_equity(marks, money(after), DAY, LIMITS) == ()

        assert mark_equity(marks, money(after) * 97 // 100 + 1, DAY, LIMITS) == ()
        assert codes(mark_equity(marks, money(after) * 97 // 100, DAY, LIMITS)) == ["DAILY_LOSS"]

    def test_money_that_was_moved_makes_no_loss_before_it_good(self) -> None:
        lost_today = marked(100_000, 98_000)
        lost_before = marked(100_000, 92_000)
        for marks, day in ((lost_today, DAY), (lost_before, DAY + 1)):
            mark_equity(marks, marks.last, day, LIMITS)
            marks.moved = True

        assert codes(mark_equity(lost_today, money(50_000), DAY, LIMITS)) == ["DAILY_LOSS"]
        assert codes(mark_equity(lost_before, money(42_000), DAY + 1, LIMITS)) == ["DRAWDOWN"]

    def test_money_moved_before_anything_is_known_changes_nothing(self) -> None:
        marks = EquityMarks(moved=True)

        mark_equity(marks, money(5), DAY, LIMITS)

        assert marks == EquityMarks(DAY, money(5), money(5), money(5))

    def test_who_goes_on_after_a_loss_is_measured_from_there(self) -> None:
        marks = marked(100_000, 80_000)

        rebase(marks)

        assert mark_equity(marks, money("77600.01"), DAY, LIMITS) == ()
        assert codes(mark_equity(marks, money(77_600), DAY, LIMITS)) == ["DAILY_LOSS"]


class TestShock:
    most = money(1_000)

    def see(self, *profits: tuple[float, int | str]) -> Trip | None:
        state = Shock()
        trip = None
        for seconds, profit in profits:
            trip = shock(state, int(seconds * NANOSECONDS), money(profit), self.most)
        return trip

    @pytest.mark.parametrize(
        ("lower", "expected"),
        [("999.99", None), ("1000", None), ("1000.01", "PNL_SHOCK")],
    )
    def test_more_than_the_limit_within_the_window_trips(
        self, lower: str, expected: str | None
    ) -> None:
        trip = self.see((0, 0), (30, f"-{lower}"))

        assert (None if trip is None else trip.code) == expected

    @pytest.mark.parametrize(
        ("later", "expected"), [(59.9, "PNL_SHOCK"), (60, "PNL_SHOCK"), (60.001, None)]
    )
    def test_what_is_older_than_the_window_is_forgotten(
        self, later: float, expected: str | None
    ) -> None:
        trip = self.see((0, 0), (later, -1_001))

        assert (None if trip is None else trip.code) == expected

    def test_the_highest_of_the_window_counts(self) -> None:
        trip = self.see((0, 100), (10, 600), (20, 300), (30, -401))

        assert trip is not None
        assert (trip.limit, trip.value) == (self.most, money(1_001))
        assert trip.text == "profit dropped by 1001 within 60 s, 1000 is allowed"

    @pytest.mark.parametrize(
        ("profits", "tripped"),
        [
            pytest.param(((0, 100), (0.9, 99), (60.5, -901)), True, id="never shorter"),
            pytest.param(((0, 0), (1, -1), (60.5, -1_001)), False, id="a step apart is apart"),
            pytest.param(
                (*((n / 2, -n) for n in range(20)), (62, -1_001)), False, id="steps make no chain"
            ),
        ],
    )
    def test_a_high_is_held_for_the_window_and_a_sixtieth_of_it_at_most(
        self, profits: tuple[tuple[float, int], ...], *, tripped: bool
    ) -> None:
        assert (self.see(*profits) is not None) is tripped

    def test_a_slow_loss_is_no_shock(self) -> None:
        trips = [self.see(*((second, -15 * second) for second in range(200)))]

        assert trips == [None]

    def test_profits_within_a_second_are_remembered_as_their_highest(self) -> None:
        state = Shock()
        for step in range(1_000):
            shock(state, step * NANOSECONDS // 2_000, -money(step) // 10, self.most)

        assert len(state.highs) == 1
        assert shock(state, 60 * NANOSECONDS, -money("1000.01"), self.most) is not None

    def test_a_steady_fall_is_remembered_in_sixty_steps(self) -> None:
        state = Shock()
        for step in range(10_000):
            shock(state, step * NANOSECONDS // 50, -money(step) // 100, self.most)

        assert len(state.highs) <= 61


def points(value: str | None) -> int | None:
    return None if value is None else price_units(Decimal(value))


class TestVolatility:
    required = BreakerLimits(volatility_required=True)

    def seen(self, *values: str | None) -> VolatilityIndex:
        state = VolatilityIndex()
        for value in values:
            see_volatility(state, 0, points(value), BREAKERS)
        return state

    @pytest.mark.parametrize(
        ("values", "stopped"),
        [
            pytest.param(("34.99",), False, id="below"),
            pytest.param(("35",), False, id="exactly"),
            pytest.param(("35.01",), True, id="above"),
            pytest.param(("40", "33.01"), True, id="not down far enough"),
            pytest.param(("40", "33"), False, id="down far enough"),
            pytest.param(("40", "33", "35"), False, id="up again, within the limit"),
            pytest.param(("40", None), True, id="lost while it was high"),
            pytest.param(("40", "0"), True, id="nothing is not low"),
            pytest.param(("20", "-1"), False, id="nonsense is not high"),
        ],
    )
    def test_entries_stop_above_the_limit_and_go_on_below_another(
        self, values: tuple[str | None, ...], *, stopped: bool
    ) -> None:
        trip = check_volatility(self.seen(*values), 0, BREAKERS)

        assert (trip is not None) is stopped

    def test_a_change_is_told_once(self) -> None:
        state = VolatilityIndex()
        told = [see_volatility(state, 0, points(v), BREAKERS) for v in ("30", "36", "37", "20")]

        assert told == [False, True, False, True]

    def test_the_reason_names_the_numbers(self) -> None:
        high = check_volatility(self.seen("36.5"), 0, BREAKERS)
        lost = check_volatility(self.seen("36.5", None), 0, BREAKERS)

        assert high is not None
        assert high.text == (
            "the volatility index went above 35; it is 36.5, and entries go on at 33"
        )
        assert (high.limit, high.value) == (points("35"), points("36.5"))
        assert lost is not None
        assert "it is unknown" in lost.text
        assert lost.value == 0

    @pytest.mark.parametrize(
        ("value", "age", "code"),
        [
            pytest.param("20", 900 * NANOSECONDS, None, id="just young enough"),
            pytest.param("20", 900 * NANOSECONDS + 1, "VOLATILITY_INPUT", id="too old"),
            pytest.param("20", -1, "VOLATILITY_INPUT", id="from the future"),
            pytest.param(None, 0, "VOLATILITY_INPUT", id="never known"),
        ],
    )
    def test_where_it_is_required_it_has_to_be_known(
        self, value: str | None, age: int, code: str | None
    ) -> None:
        trip = check_volatility(self.seen(value), age, self.required)

        assert (None if trip is None else trip.code) == code

    @pytest.mark.parametrize(("age", "known"), [(0, True), (900, True), (901, False), (-1, False)])
    def test_its_age_counts_from_the_moment_when_it_was_told(
        self, age: int, *, known: bool
    ) -> None:
        state = VolatilityIndex()
        see_volatility(state, HOUR, 1, BREAKERS)

        trip = check_volatility(state, HOUR + age * NANOSECONDS, self.required)

        assert (trip is None) is known

    def test_where_it_is_not_required_nothing_stops_without_it(self) -> None:
        assert check_volatility(VolatilityIndex(), 10**18, BREAKERS) is None


class TestSilence:
    most = 300 * NANOSECONDS

    @pytest.mark.parametrize(
        ("at", "last_at", "opened_at", "tripped"),
        [
            pytest.param(300, 0, 1, False, id="just opened"),
            pytest.param(301, 0, 1, False, id="exactly so long"),
            pytest.param(302, 0, 1, True, id="nothing since the open"),
            pytest.param(900, 600, 1, False, id="exactly so long after the last"),
            pytest.param(901, 600, 1, True, id="too long after the last"),
            pytest.param(901, 600, 0, False, id="closed"),
        ],
    )
    def test_a_feed_that_says_nothing_in_the_session_trips(
        self, at: int, last_at: int, opened_at: int, *, tripped: bool
    ) -> None:
        trip = silence(at * NANOSECONDS, last_at * NANOSECONDS, opened_at * NANOSECONDS, self.most)

        assert (trip is not None) is tripped

    def test_it_says_how_long(self) -> None:
        trip = silence(400 * NANOSECONDS, 1, 1, self.most)

        assert trip is not None
        assert trip.text == "no market data for 399 s, 300 s are allowed"
        assert (trip.limit, trip.value) == (self.most, 400 * NANOSECONDS - 1)


class TestOperator:
    @pytest.mark.parametrize(
        ("age", "most", "tripped"),
        [
            pytest.param(48 * HOUR, 48 * HOUR, False, id="exactly"),
            pytest.param(48 * HOUR + 1, 48 * HOUR, True, id="just too long"),
            pytest.param(10**18, 0, False, id="nobody has to be there"),
        ],
    )
    def test_somebody_has_to_act_every_two_days(
        self, age: int, most: int, *, tripped: bool
    ) -> None:
        trip = check_operator(5 + age, 5, most)

        assert (trip is not None) is tripped

    def test_it_says_what_helps(self) -> None:
        trip = check_operator(50 * HOUR, HOUR, 48 * HOUR)

        assert trip is not None
        assert trip.text == (
            "no person has acted for more than 48 hours; any act lets entries go on"
        )
        assert (trip.limit, trip.value) == (48 * HOUR, 49 * HOUR)


def test_the_smallest_drop_counts() -> None:
    state = Shock()
    shock(state, 0, 0, 0)

    assert shock(state, NANOSECONDS, -1, 0) is not None
