"""Prices: each check at its boundary, one step inside, one outside, and with what it cannot use."""

from typing import Any

import pytest

from fillpath.risk.checks.prices import (
    check_band,
    check_collar,
    check_reference,
    check_tick,
)
from fillpath.risk.limits import Instruments, PriceLimits, RiskLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.verdicts import Objection
from tests.unit.risk.markets import NEEDING_FACTS, NOW, after, asking, knowing, units

DEFAULTS = RiskLimits()
NOTHING = RiskMemory()
AGES = RiskLimits(price=PriceLimits(market_quote_age_seconds=3, limit_quote_age_seconds=10))
LISTED = RiskLimits(instruments=Instruments(rows=(("AAPL", "1", "liquid", "USD", "NASDAQ"),)))


def code(objection: Objection | None) -> str:
    assert objection is None or objection.allowed == 0
    return "" if objection is None else objection.check


class TestReference:
    @pytest.mark.control("C-08", "refuses")
    @pytest.mark.fault("F-79")
    @pytest.mark.parametrize("exits", [False, True])
    @pytest.mark.parametrize(
        "quote",
        [
            pytest.param({"bid": 0}, id="no bid"),
            pytest.param({"ask": 0}, id="no ask"),
            pytest.param({"bid": -1}, id="negative bid"),
            pytest.param({"bid": -2, "ask": -1}, id="negative"),
            pytest.param({"bid": 0, "ask": 0}, id="nothing"),
        ],
    )
    def test_without_two_sides_there_is_no_reference(
        self, quote: dict[str, Any], *, exits: bool
    ) -> None:
        objection = check_reference(asking(exits=exits, **quote), NOTHING, DEFAULTS)

        assert code(objection) == "CTRL_08_INPUT"

    @pytest.mark.control("C-08", "refuses")
    @pytest.mark.control("C-08", "passes")
    @pytest.mark.fault("F-80")
    @pytest.mark.parametrize("exits", [False, True])
    @pytest.mark.parametrize(
        ("bid", "expected"),
        [
            pytest.param("150.00", "", id="a tick apart"),
            pytest.param("150.01", "", id="locked"),
            pytest.param("150.02", "NO_REFERENCE", id="crossed by a tick"),
        ],
    )
    def test_a_locked_quote_will_do_and_a_crossed_one_will_not(
        self, bid: str, expected: str, *, exits: bool
    ) -> None:
        assert code(check_reference(asking(bid=bid, exits=exits), NOTHING, DEFAULTS)) == expected

    @pytest.mark.control("C-08", "refuses")
    @pytest.mark.control("C-08", "passes")
    @pytest.mark.fault("F-81")
    @pytest.mark.parametrize(
        ("limit", "age", "expected"),
        [
            pytest.param(None, "3", "", id="market at its age"),
            pytest.param(None, "3.000000001", "NO_REFERENCE", id="market beyond it"),
            pytest.param("150.02", "3.000000001", "NO_REFERENCE", id="beyond the touch is market"),
            pytest.param("150.01", "3.000000001", "", id="at the touch is a limit"),
            pytest.param("150.01", "10", "", id="limit at its age"),
            pytest.param("150.01", "10.000000001", "NO_REFERENCE", id="limit beyond it"),
            pytest.param("150.01", "-0.000000001", "NO_REFERENCE", id="from the future"),
            pytest.param(None, "0", "", id="now"),
        ],
    )
    def test_how_old_a_quote_may_be_depends_on_what_is_sent(
        self, limit: str | None, age: str, expected: str
    ) -> None:
        ask = asking(limit=limit, quote_at=after(f"{-float(age):.9f}"))

        assert code(check_reference(ask, NOTHING, AGES)) == expected

    @pytest.mark.control("C-08", "refuses")
    @pytest.mark.parametrize(
        ("limit", "expected"), [("149.99", ""), ("149.98", "NO_REFERENCE"), (None, "NO_REFERENCE")]
    )
    def test_a_sell_below_the_bid_is_a_market_order_too(
        self, limit: str | None, expected: str
    ) -> None:
        ask = asking("SELL", limit=limit, quote_at=after("-4"))

        assert code(check_reference(ask, NOTHING, AGES)) == expected

    @pytest.mark.control("C-08", "refuses")
    @pytest.mark.parametrize("quote_at", [0, -1])
    def test_a_quote_of_unknown_age_is_no_reference(self, quote_at: int) -> None:
        ask = asking(quote_at=quote_at)

        assert code(check_reference(ask, NOTHING, DEFAULTS)) == "CTRL_08_INPUT"

    @pytest.mark.control("C-08", "passes")
    @pytest.mark.parametrize(
        "changes",
        [
            pytest.param({"quote_at": 0}, id="age unknown"),
            pytest.param({"quote_at": after("-86400")}, id="old"),
        ],
    )
    def test_an_exit_does_not_wait_for_a_better_reference(self, changes: dict[str, Any]) -> None:
        memory = knowing(delayed=True, prior_close="1")

        assert check_reference(asking("SELL", exits=True, **changes), memory, NEEDING_FACTS) is None

    @pytest.mark.control("C-08", "refuses")
    @pytest.mark.control("C-08", "passes")
    @pytest.mark.fault("F-88")
    @pytest.mark.parametrize(("delayed", "expected"), [(False, ""), (True, "NO_REFERENCE")])
    def test_delayed_quotes_are_no_reference(self, *, delayed: bool, expected: str) -> None:
        assert code(check_reference(asking(), knowing(delayed=delayed), DEFAULTS)) == expected

    @pytest.mark.control("C-08", "refuses")
    @pytest.mark.control("C-08", "passes")
    @pytest.mark.fault("F-82")
    @pytest.mark.parametrize(
        ("close", "expected"),
        [
            pytest.param("150", "", id="unchanged"),
            pytest.param("125", "", id="up by the band"),
            pytest.param("124.99", "NO_REFERENCE", id="up by a tick more"),
            pytest.param("187.5", "", id="down by the band"),
            pytest.param("187.51", "NO_REFERENCE", id="down by a tick more"),
            pytest.param("1.50", "NO_REFERENCE", id="a hundredfold"),
            pytest.param("15000", "NO_REFERENCE", id="in cents"),
        ],
    )
    def test_a_mid_far_from_the_close_before_is_no_reference(
        self, close: str, expected: str
    ) -> None:
        assert code(check_reference(asking(), knowing(prior_close=close), DEFAULTS)) == expected

    @pytest.mark.control("C-08", "refuses")
    @pytest.mark.parametrize("memory", [NOTHING, knowing(), knowing(prior_close=-1)])
    def test_an_unknown_close_refuses_only_where_it_must_be_known(self, memory: RiskMemory) -> None:
        assert check_reference(asking(), memory, DEFAULTS) is None
        assert code(check_reference(asking(), memory, NEEDING_FACTS)) == "CTRL_08_INPUT"

    @pytest.mark.control("C-08", "refuses")
    @pytest.mark.control("C-08", "passes")
    @pytest.mark.parametrize(
        ("quote", "memory", "expected"),
        [
            pytest.param({"bid": 1, "ask": 1}, NOTHING, "", id="a price"),
            pytest.param({"bid": 2, "ask": 1}, NOTHING, "NO_REFERENCE", id="crossed"),
            pytest.param({"bid": 1, "ask": 1}, knowing(prior_close=1), "", id="a close"),
            pytest.param({"at": 1, "quote_at": 1}, NOTHING, "", id="a moment"),
            pytest.param({"at": 1, "quote_at": 0}, NOTHING, "CTRL_08_INPUT", id="no moment"),
            pytest.param({"at": NOW, "quote_at": 1}, NOTHING, "NO_REFERENCE", id="long ago"),
        ],
    )
    def test_the_smallest_unit_is_a_number_as_good_as_any(
        self, quote: dict[str, Any], memory: RiskMemory, expected: str
    ) -> None:
        limits = DEFAULTS if memory is NOTHING else NEEDING_FACTS

        assert code(check_reference(asking(**quote), memory, limits)) == expected

    @pytest.mark.parametrize(
        ("ask", "memory", "text", "numbers"),
        [
            pytest.param(
                asking(bid=0),
                NOTHING,
                "bid and ask of AAPL must be above 0, got 0 and 150.01",
                (0, 0),
                id="broken",
            ),
            pytest.param(
                asking(bid="151"),
                NOTHING,
                "the bid 151 of AAPL is above the ask 150.01",
                (0, 0),
                id="crossed",
            ),
            pytest.param(
                asking(quote_at=after("-7.5")),
                NOTHING,
                "the quote of AAPL is 7.5 s old, from 0 to 5 are allowed",
                (0, 0),
                id="old",
            ),
            pytest.param(
                asking(),
                knowing(prior_close="100"),
                "the mid 150 of AAPL is more than 20 % away from the close before of 100",
                (units("120"), units("150")),
                id="up",
            ),
            pytest.param(
                asking(),
                knowing(prior_close="200"),
                "the mid 150 of AAPL is more than 20 % away from the close before of 200",
                (units("160"), units("150")),
                id="down",
            ),
        ],
    )
    def test_the_numbers_are_told(
        self, ask: Any, memory: RiskMemory, text: str, numbers: tuple[int, int]
    ) -> None:
        objection = check_reference(ask, memory, DEFAULTS)

        assert objection is not None
        assert objection.text == text
        assert (objection.limit, objection.value) == numbers


class TestCollar:
    @pytest.mark.control("C-10", "refuses")
    @pytest.mark.control("C-10", "passes")
    @pytest.mark.parametrize(
        ("side", "limit", "expected"),
        [
            pytest.param("BUY", "101", "", id="buy at the collar"),
            pytest.param("BUY", "101.01", "PRICE_COLLAR", id="buy one tick outside"),
            pytest.param("BUY", "100.99", "", id="buy one tick inside"),
            pytest.param("BUY", "1", "", id="a low buy waits"),
            pytest.param("SELL", "99", "", id="sell at the collar"),
            pytest.param("SELL", "98.99", "PRICE_COLLAR", id="sell one tick outside"),
            pytest.param("SELL", "99.01", "", id="sell one tick inside"),
            pytest.param("SELL", "1000", "", id="a high sell waits"),
        ],
    )
    @pytest.mark.parametrize(
        ("memory", "limits"),
        [
            pytest.param(NOTHING, LISTED, id="listed"),
            pytest.param(knowing(instrument_class="liquid"), DEFAULTS, id="told"),
        ],
    )
    def test_a_liquid_symbol_is_held_to_its_collar(
        self, side: str, limit: str, expected: str, memory: RiskMemory, limits: RiskLimits
    ) -> None:
        ask = asking(side, bid="100", ask="100", limit=limit)

        assert code(check_collar(ask, memory, limits)) == expected

    @pytest.mark.control("C-10", "refuses")
    @pytest.mark.control("C-10", "passes")
    @pytest.mark.parametrize(
        ("side", "limit", "expected"),
        [
            ("BUY", "103", ""),
            ("BUY", "103.01", "PRICE_COLLAR"),
            ("SELL", "97", ""),
            ("SELL", "96.99", "PRICE_COLLAR"),
        ],
    )
    @pytest.mark.parametrize(
        ("memory", "limits"),
        [
            pytest.param(NOTHING, DEFAULTS, id="nobody told"),
            pytest.param(knowing(), DEFAULTS, id="no class told"),
            pytest.param(knowing(instrument_class="other"), LISTED, id="told last"),
        ],
    )
    def test_every_other_symbol_to_the_wider_one(
        self, side: str, limit: str, expected: str, memory: RiskMemory, limits: RiskLimits
    ) -> None:
        ask = asking(side, bid="100", ask="100", limit=limit)

        assert code(check_collar(ask, memory, limits)) == expected

    @pytest.mark.control("C-10", "refuses")
    @pytest.mark.control("C-10", "passes")
    @pytest.mark.parametrize(
        ("side", "limit", "expected"),
        [
            ("BUY", "150", ""),
            ("BUY", "150.01", "PRICE_COLLAR"),
            ("SELL", "50", ""),
            ("SELL", "49.99", "PRICE_COLLAR"),
        ],
    )
    def test_an_exit_is_stopped_only_where_its_price_cannot_be_meant(
        self, side: str, limit: str, expected: str
    ) -> None:
        ask = asking(side, bid="100", ask="100", limit=limit, exits=True)

        assert code(check_collar(ask, NOTHING, DEFAULTS)) == expected

    @pytest.mark.control("C-10", "passes")
    def test_a_plain_market_order_has_no_limit_to_judge(self) -> None:
        assert check_collar(asking(limit=None), NOTHING, DEFAULTS) is None

    @pytest.mark.control("C-10", "refuses")
    @pytest.mark.parametrize("exits", [False, True])
    @pytest.mark.parametrize(
        ("side", "broken"),
        [("BUY", "ask"), ("SELL", "bid"), ("BUY", "limit"), ("SELL", "limit")],
    )
    @pytest.mark.parametrize("value", [0, -1])
    def test_without_a_touch_or_a_limit_above_zero_nothing_is_sent(
        self, side: str, broken: str, value: int, *, exits: bool
    ) -> None:
        ask = asking(side, exits=exits, **{broken: value})

        assert code(check_collar(ask, NOTHING, DEFAULTS)) == "CTRL_10_INPUT"

    @pytest.mark.control("C-10", "passes")
    @pytest.mark.parametrize("side", ["BUY", "SELL"])
    def test_the_smallest_unit_is_a_price(self, side: str) -> None:
        ask = asking(side, bid=1, ask=1, limit=1)

        assert check_collar(ask, NOTHING, DEFAULTS) is None

    @pytest.mark.parametrize(
        ("side", "limit", "bound"), [("BUY", "105", "103"), ("SELL", "90", "97")]
    )
    def test_the_numbers_are_told(self, side: str, limit: str, bound: str) -> None:
        ask = asking(side, bid="100", ask="100", limit=limit)

        assert check_collar(ask, NOTHING, DEFAULTS) == Objection(
            "PRICE_COLLAR",
            f"limit {limit} is more than 3 % beyond 100",
            units(bound),
            units(limit),
        )


class TestBand:
    @pytest.mark.control("C-12", "refuses")
    @pytest.mark.control("C-12", "passes")
    @pytest.mark.parametrize("side", ["BUY", "SELL"])
    @pytest.mark.parametrize(
        ("limit", "expected"),
        [
            pytest.param("160", "", id="at limit-up"),
            pytest.param("160.01", "LULD_BAND", id="above it"),
            pytest.param("140", "", id="at limit-down"),
            pytest.param("139.99", "LULD_BAND", id="below it"),
        ],
    )
    def test_a_price_lies_inside_the_band(self, side: str, limit: str, expected: str) -> None:
        memory = knowing(lower_band="140", upper_band="160")

        assert code(check_band(asking(side, limit=limit), memory, DEFAULTS)) == expected

    @pytest.mark.control("C-12", "refuses")
    def test_a_market_order_is_judged_by_its_worst_price(self) -> None:
        memory = knowing(lower_band="140", upper_band="149")

        ask = asking(limit=None, worst_price="150.01")

        assert code(check_band(ask, memory, DEFAULTS)) == "LULD_BAND"

    @pytest.mark.control("C-12", "passes")
    @pytest.mark.parametrize("memory", [NOTHING, knowing()])
    def test_what_nobody_told_is_not_held_against_it(self, memory: RiskMemory) -> None:
        assert check_band(asking(), memory, DEFAULTS) is None

    @pytest.mark.control("C-12", "refuses")
    @pytest.mark.control("C-12", "passes")
    @pytest.mark.parametrize(
        ("band", "limit", "expected"),
        [
            ({"lower_band": "140"}, "1000", ""),
            ({"lower_band": "140"}, "139.99", "LULD_BAND"),
            ({"upper_band": "160"}, "1", ""),
            ({"upper_band": "160"}, "160.01", "LULD_BAND"),
            ({"lower_band": "150", "upper_band": "150"}, "150", ""),
        ],
    )
    def test_each_side_counts_by_itself(
        self, band: dict[str, str], limit: str, expected: str
    ) -> None:
        assert code(check_band(asking(limit=limit), knowing(**band), DEFAULTS)) == expected

    @pytest.mark.control("C-12", "refuses")
    @pytest.mark.parametrize(
        "band",
        [
            {"lower_band": "150.02", "upper_band": "150.01"},
            {"lower_band": -1},
            {"upper_band": -1},
            {"lower_band": 2, "upper_band": 1},
        ],
    )
    def test_a_band_that_cannot_be_refuses(self, band: dict[str, Any]) -> None:
        assert code(check_band(asking(), knowing(**band), DEFAULTS)) == "CTRL_12_INPUT"

    @pytest.mark.parametrize(
        ("limit", "text", "bound"),
        [
            ("161", "161 is above limit-up of AAPL, which is 160", "160"),
            ("139", "139 is below limit-down of AAPL, which is 140", "140"),
        ],
    )
    def test_the_numbers_are_told(self, limit: str, text: str, bound: str) -> None:
        memory = knowing(lower_band="140", upper_band="160")

        assert check_band(asking(limit=limit), memory, DEFAULTS) == Objection(
            "LULD_BAND", text, units(bound), units(limit)
        )


class TestTick:
    @pytest.mark.control("C-35", "refuses")
    @pytest.mark.control("C-35", "passes")
    @pytest.mark.parametrize(
        ("limit", "expected"),
        [
            pytest.param("150.02", "", id="a cent"),
            pytest.param("150.025", "TICK_SIZE", id="half a cent"),
            pytest.param("150.00000001", "TICK_SIZE", id="the finest price"),
            pytest.param("1", "", id="one"),
            pytest.param("0.9999", "", id="below one"),
            pytest.param("0.99991", "TICK_SIZE", id="too fine below one"),
            pytest.param("1.0001", "TICK_SIZE", id="too fine from one on"),
            pytest.param("0.00000001", "TICK_SIZE", id="the smallest price"),
        ],
    )
    def test_where_nobody_told_it_the_tick_is_that_of_the_rule(
        self, limit: str, expected: str
    ) -> None:
        assert code(check_tick(asking(limit=limit), NOTHING, DEFAULTS)) == expected

    @pytest.mark.control("C-35", "refuses")
    @pytest.mark.control("C-35", "passes")
    @pytest.mark.parametrize(
        ("limit", "expected"), [("150", ""), ("150.05", ""), ("150.01", "TICK_SIZE")]
    )
    def test_a_tick_that_was_told_binds(self, limit: str, expected: str) -> None:
        ask = asking(limit=limit)

        assert code(check_tick(ask, knowing(tick="0.05"), DEFAULTS)) == expected

    @pytest.mark.control("C-35", "passes")
    @pytest.mark.parametrize("limit", ["150.005", "150.007"])
    def test_a_price_of_the_market_itself_will_do(self, limit: str) -> None:
        ask = asking(limit=limit, bid="150.005", ask="150.007")

        assert check_tick(ask, knowing(), DEFAULTS) is None
        assert code(check_tick(ask, knowing(tick="0.01"), DEFAULTS)) == "TICK_SIZE"

    @pytest.mark.control("C-35", "passes")
    def test_a_market_order_has_no_price(self) -> None:
        assert check_tick(asking(limit=None), NOTHING, DEFAULTS) is None

    @pytest.mark.control("C-35", "refuses")
    @pytest.mark.parametrize(
        ("limit", "memory"),
        [
            pytest.param(0, NOTHING, id="no limit"),
            pytest.param(-1_000_000, NOTHING, id="below zero"),
            pytest.param("150", knowing(tick=-1), id="no tick"),
        ],
    )
    def test_what_is_not_above_zero_is_refused(self, limit: Any, memory: RiskMemory) -> None:
        assert code(check_tick(asking(limit=limit), memory, DEFAULTS)) == "CTRL_35_INPUT"

    def test_the_numbers_are_told(self) -> None:
        assert check_tick(asking(limit="150.015"), NOTHING, DEFAULTS) == Objection(
            "TICK_SIZE",
            "limit 150.015 is not a whole number of ticks of 0.01",
            units("0.01"),
            units("150.015"),
        )
