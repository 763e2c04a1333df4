"""The state of the market: the close, halts and short sales, each at its boundary."""

from typing import Any

import pytest

from fillpath.core.units import NANOSECONDS
from fillpath.risk.cascade import Cascade
from fillpath.risk.checks.session import (
    check_halt,
    check_near_close,
    check_short_restriction,
    check_short_sale,
    halt,
)
from fillpath.risk.limits import RiskLimits, SessionLimits
from fillpath.risk.memory import RiskMemory
from fillpath.risk.verdicts import Objection
from tests.unit.risk.markets import NEEDING_FACTS, NOW, after, asking, knowing, units

DEFAULTS = RiskLimits()
NOTHING = RiskMemory()


def code(objection: Objection | None) -> str:
    assert objection is None or objection.allowed == 0
    return "" if objection is None else objection.check


class TestNearClose:
    @pytest.mark.control("C-33", "refuses")
    @pytest.mark.control("C-33", "passes")
    @pytest.mark.parametrize(
        ("closes_at", "expected"),
        [
            pytest.param(after("120"), "", id="at the buffer"),
            pytest.param(after("120") - 1, "NEAR_CLOSE", id="inside it"),
            pytest.param(after("121"), "", id="before it"),
            pytest.param(after("0"), "NEAR_CLOSE", id="at the close"),
            pytest.param(after("-1"), "NEAR_CLOSE", id="after it"),
            pytest.param(0, "", id="nobody knows the close"),
            pytest.param(-1, "CTRL_33_INPUT", id="no such close"),
        ],
    )
    def test_no_entry_is_sent_just_before_the_close(self, closes_at: int, expected: str) -> None:
        objection = check_near_close(asking(closes_at=closes_at), NOTHING, DEFAULTS)

        assert code(objection) == expected

    @pytest.mark.control("C-33", "refuses")
    @pytest.mark.control("C-33", "passes")
    @pytest.mark.parametrize(
        ("closes_at", "expected"), [(1 + 120 * NANOSECONDS, ""), (120 * NANOSECONDS, "NEAR_CLOSE")]
    )
    def test_the_first_moment_is_one(self, closes_at: int, expected: str) -> None:
        assert (
            code(check_near_close(asking(at=1, closes_at=closes_at), NOTHING, DEFAULTS)) == expected
        )

    @pytest.mark.control("C-33", "refuses")
    @pytest.mark.parametrize("at", [0, -1])
    def test_without_a_time_of_day_nothing_is_sent(self, at: int) -> None:
        ask = asking(at=at, closes_at=NOW)

        assert code(check_near_close(ask, NOTHING, DEFAULTS)) == "CTRL_33_INPUT"

    @pytest.mark.control("C-33", "passes")
    def test_exits_leave_until_the_close(self) -> None:
        cascade = Cascade(DEFAULTS)

        assert check_near_close not in cascade.exit.checks
        assert check_near_close in cascade.whole.checks
        assert check_near_close in cascade.child.checks

    @pytest.mark.control("C-33", "passes")
    def test_a_buffer_of_zero_switches_it_off_and_says_so(self) -> None:
        cascade = Cascade(RiskLimits(session=SessionLimits(close_buffer_seconds=0)))

        assert check_near_close not in cascade.whole.checks
        assert cascade.skipped["C-33"] == "risk.session.close_buffer_seconds is 0"

    def test_the_numbers_are_told(self) -> None:
        ask = asking(closes_at=after("61.5"))

        assert check_near_close(ask, NOTHING, DEFAULTS) == Objection(
            "NEAR_CLOSE",
            "the session closes in 61.5 s, no entry is sent in its last 120",
            120 * NANOSECONDS,
            61_500_000_000,
        )


class TestHalt:
    @pytest.mark.control("C-34", "refuses")
    @pytest.mark.control("C-34", "passes")
    @pytest.mark.fault("F-85")
    @pytest.mark.parametrize("limits", [DEFAULTS, NEEDING_FACTS])
    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            ("TRADING", ""),
            ("HALTED", "HALTED"),
            ("PAUSED", "HALTED"),
            ("UNKNOWN", "HALTED"),
            ("trading", "HALTED"),
        ],
    )
    def test_only_a_symbol_that_trades_is_traded(
        self, status: str, expected: str, limits: RiskLimits
    ) -> None:
        assert code(check_halt(asking(), knowing(status=status), limits)) == expected

    @pytest.mark.control("C-34", "refuses")
    @pytest.mark.control("C-34", "passes")
    @pytest.mark.parametrize("memory", [NOTHING, knowing()])
    def test_a_status_that_nobody_told_refuses_only_where_it_must_be_known(
        self, memory: RiskMemory
    ) -> None:
        assert check_halt(asking(), memory, DEFAULTS) is None
        assert code(check_halt(asking(), memory, NEEDING_FACTS)) == "CTRL_34_INPUT"

    @pytest.mark.control("C-34", "refuses")
    @pytest.mark.fault("F-87")
    def test_a_halt_of_the_whole_market_holds_for_every_symbol(self) -> None:
        memory = knowing(status="TRADING")
        memory.market_halted = "down 7 %"

        objection = check_halt(asking(), memory, DEFAULTS)

        assert objection == Objection("HALTED", "the whole market is halted: down 7 %")

    def test_the_text_names_the_symbol_and_its_status(self) -> None:
        assert halt("AAPL", knowing(status="PAUSED")) == "AAPL is PAUSED"
        assert halt("MSFT", knowing(status="PAUSED")) == ""

    @pytest.mark.control("C-34", "passes")
    def test_exits_do_not_ask(self) -> None:
        assert check_halt not in Cascade(NEEDING_FACTS).exit.checks


class TestShortSale:
    @pytest.mark.control("C-29", "refuses")
    @pytest.mark.control("C-29", "passes")
    @pytest.mark.parametrize(
        ("shortable", "expected"),
        [
            pytest.param("30", "", id="just enough"),
            pytest.param("29.999999", "SHORT_SALE", id="too few"),
            pytest.param("0", "SHORT_SALE", id="none"),
            pytest.param(-1, "CTRL_29_INPUT", id="no number of shares"),
        ],
    )
    @pytest.mark.parametrize("limits", [DEFAULTS, NEEDING_FACTS])
    def test_what_is_sold_short_can_be_borrowed(
        self, shortable: Any, expected: str, limits: RiskLimits
    ) -> None:
        memory = knowing(shortable=shortable)

        assert code(check_short_sale(asking("SELL"), memory, limits)) == expected

    @pytest.mark.control("C-29", "refuses")
    @pytest.mark.control("C-29", "passes")
    @pytest.mark.parametrize("memory", [NOTHING, knowing()])
    def test_what_nobody_told_refuses_only_where_it_must_be_known(self, memory: RiskMemory) -> None:
        assert check_short_sale(asking("SELL"), memory, DEFAULTS) is None
        assert code(check_short_sale(asking("SELL"), memory, NEEDING_FACTS)) == "CTRL_29_INPUT"

    @pytest.mark.control("C-29", "passes")
    @pytest.mark.parametrize(
        "ask",
        [
            pytest.param(asking("BUY"), id="a buy"),
            pytest.param(asking("SELL", exits=True), id="an exit"),
            pytest.param(asking("SELL", account_held="30"), id="of what is held"),
        ],
    )
    def test_nothing_else_is_a_short_sale(self, ask: Any) -> None:
        assert check_short_sale(ask, knowing(), NEEDING_FACTS) is None
        assert check_short_restriction(ask, knowing(short_restricted=True), DEFAULTS) is None

    @pytest.mark.control("C-29", "passes")
    @pytest.mark.parametrize("memory", [NOTHING, knowing()])
    def test_without_a_restriction_it_may_hit_the_bid(self, memory: RiskMemory) -> None:
        assert check_short_restriction(asking("SELL", limit=None), memory, NEEDING_FACTS) is None

    @pytest.mark.control("C-29", "refuses")
    @pytest.mark.parametrize(
        "changes", [{"account_held": "29"}, {"account_held": "30", "working_sell": "1"}]
    )
    def test_one_share_more_than_is_there_makes_it_one(self, changes: dict[str, Any]) -> None:
        ask = asking("SELL", **changes)

        assert code(check_short_sale(ask, knowing(shortable="0"), DEFAULTS)) == "SHORT_SALE"

    @pytest.mark.control("C-29", "refuses")
    @pytest.mark.control("C-29", "passes")
    @pytest.mark.fault("F-86")
    @pytest.mark.parametrize(
        ("limit", "expected"),
        [
            pytest.param("150", "", id="above the bid"),
            pytest.param("149.99", "SHORT_SALE_RESTRICTION", id="at the bid"),
            pytest.param("149.98", "SHORT_SALE_RESTRICTION", id="below it"),
            pytest.param(None, "SHORT_SALE_RESTRICTION", id="market"),
        ],
    )
    @pytest.mark.parametrize("shortable", ["30", None])
    def test_under_a_restriction_it_waits_above_the_best_bid(
        self, limit: str | None, expected: str, shortable: str | None
    ) -> None:
        memory = knowing(short_restricted=True, shortable=shortable)

        objection = check_short_restriction(asking("SELL", limit=limit), memory, DEFAULTS)

        assert code(objection) == expected

    @pytest.mark.control("C-29", "refuses")
    @pytest.mark.parametrize(
        ("bid", "expected"),
        [(0, "CTRL_29_INPUT"), (-1, "CTRL_29_INPUT"), (1, "SHORT_SALE_RESTRICTION")],
    )
    def test_under_a_restriction_the_bid_must_be_known(self, bid: int, expected: str) -> None:
        ask = asking("SELL", bid=bid, limit=None)

        objection = check_short_restriction(ask, knowing(short_restricted=True), DEFAULTS)

        assert code(objection) == expected

    @pytest.mark.parametrize(
        ("ask", "told", "expected"),
        [
            pytest.param(
                asking("SELL"),
                {"shortable": "20"},
                Objection(
                    "SHORT_SALE",
                    "30 AAPL would be sold short, 20 may be borrowed",
                    20_000_000,
                    30_000_000,
                ),
                id="borrow",
            ),
            pytest.param(
                asking("SELL", limit=None, worst_price="149.99"),
                {"short_restricted": True},
                Objection(
                    "SHORT_SALE_RESTRICTION",
                    "AAPL may be sold short only above its best bid 149.99, not at 149.99",
                    units("149.99"),
                    units("149.99"),
                ),
                id="market",
            ),
            pytest.param(
                asking("SELL", limit="149.5"),
                {"short_restricted": True},
                Objection(
                    "SHORT_SALE_RESTRICTION",
                    "AAPL may be sold short only above its best bid 149.99, not at 149.5",
                    units("149.99"),
                    units("149.5"),
                ),
                id="limit",
            ),
        ],
    )
    def test_the_numbers_are_told(
        self, ask: Any, told: dict[str, Any], expected: Objection
    ) -> None:
        memory = knowing(**told)

        checks = (check_short_sale, check_short_restriction)
        assert [found for c in checks if (found := c(ask, memory, DEFAULTS))] == [expected]
