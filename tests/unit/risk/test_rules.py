"""What an entry may do under the rules of day trades and margin: what the checks put before them."""

from typing import Any

import pytest
from msgspec.structs import replace

from fillpath.core.models import OrderSide
from fillpath.core.units import NANOSECONDS
from fillpath.risk.asking import Ask
from fillpath.risk.checks.rules import check_day_trades, check_intraday_margin
from fillpath.risk.circuit_breaker import EquityMarks
from fillpath.risk.intraday_margin import Deficits, Leg, Standing, check_margin
from fillpath.risk.limits import DayTradeLimits, DayTradeRegime, RiskLimits
from fillpath.risk.memory import AccountFacts, RiskMemory
from fillpath.risk.pdt_guard import BrokerWord, DayTrades
from fillpath.risk.verdicts import Objection
from fillpath.risk.watched import Watched
from fillpath.risk.watching import MARGIN
from tests.unit.risk.builders import an_order
from tests.unit.risk.markets import NOW
from tests.unit.risk.test_intraday_margin import money

DAY = 9_000
NOTHING = RiskMemory()
LIMITS = RiskLimits()
NEVER = RiskLimits(pdt_guard=DayTradeLimits(regime=DayTradeRegime.LEGACY, max_day_trades=0))
"""Below 25,000 of equity not one entry may lead to a day trade."""


def code(objection: Objection | None) -> str:
    return "" if objection is None else objection.check


def remembering(**watched: Any) -> RiskMemory:
    """Return a memory in which this was watched, in session 9,000."""
    return RiskMemory(watched=Watched(day=DAY, **watched))


def said(excess: str) -> DayTrades:
    """Return day trades of an account whose broker says what margin is left."""
    return DayTrades(word=BrokerWord(NOW, DAY, None, money(excess)))


def account(equity: str | None) -> AccountFacts:
    """Return what the broker reported."""
    return AccountFacts(at=NOW, equity=None if equity is None else money(equity))


class TestDayTrades:
    @pytest.mark.control("C-30", "refuses")
    @pytest.mark.control("C-30", "passes")
    @pytest.mark.parametrize(
        ("now", "start", "expected"),
        [
            pytest.param("25000", None, "", id="enough"),
            pytest.param("24999.99", None, "DAY_TRADES", id="a cent less"),
            pytest.param("30000", "24999.99", "DAY_TRADES", id="less at the start of the day"),
            pytest.param("24999.99", "30000", "DAY_TRADES", id="less now"),
            pytest.param("25000", "25000", "", id="enough at both"),
        ],
    )
    def test_the_lowest_equity_of_the_day_counts(
        self, now: str, start: str | None, expected: str
    ) -> None:
        order = an_order(equity=now, at=NOW)
        marks = EquityMarks(start=None if start is None else money(start))

        assert code(check_day_trades(order, remembering(marks=marks), NEVER)) == expected

    @pytest.mark.control("C-30", "refuses")
    @pytest.mark.parametrize(
        ("reported", "expected"),
        [("24999.99", "DAY_TRADES"), ("25000", ""), (None, "CTRL_30_INPUT")],
    )
    def test_what_the_broker_reports_goes_before_what_was_counted_here(
        self, reported: str | None, expected: str
    ) -> None:
        memory = RiskMemory(account=account(reported))

        assert code(check_day_trades(an_order(at=NOW), memory, NEVER)) == expected

    def test_the_objection_counts_the_day_trade_that_may_come(self) -> None:
        objection = check_day_trades(an_order(equity="10000", at=NOW), NOTHING, NEVER)

        assert objection is not None
        assert (objection.limit, objection.value, objection.allowed) == (0, 1, 0)


class TestMargin:
    @pytest.mark.control("C-31", "refuses")
    @pytest.mark.control("C-31", "passes")
    @pytest.mark.parametrize(
        ("order", "expected"),
        [
            pytest.param(an_order(equity="4500"), "", id="a buy that equity pays"),
            pytest.param(an_order(equity="1125"), "", id="a buy that its margin pays"),
            pytest.param(an_order(equity="1124.99"), "INTRADAY_MARGIN", id="a cent is missing"),
            pytest.param(
                an_order("SELL", price="5", equity="2000", quantity="400"), "", id="a paid short"
            ),
            pytest.param(
                an_order("SELL", price="150", equity="1999.99", quantity="1"),
                "MARGIN_MINIMUM",
                id="no short below the least equity",
            ),
            pytest.param(
                an_order("SELL", price="1", equity="2499.99", quantity="1000"),
                "INTRADAY_MARGIN",
                id="a share worth 1 needs 2.50",
            ),
            pytest.param(
                an_order("SELL", price="1", equity="2500", quantity="1000"), "", id="and has it"
            ),
        ],
    )
    def test_no_entry_leaves_a_deficit(self, order: Ask, expected: str) -> None:
        assert code(check_intraday_margin(replace(order, at=NOW), NOTHING, LIMITS)) == expected

    @pytest.mark.parametrize("side", ["BUY", "SELL"])
    @pytest.mark.parametrize("equity", ["1400", "4000", "6000", "9000", "14000"])
    @pytest.mark.parametrize("worst", ["10", "149", "150", "155", "500"])
    @pytest.mark.parametrize(
        "more",
        [
            {},
            {"long_value": money(4_000)},
            {"short_value": money(40_000)},
            {"reserved": "40000"},
            {"working_sell": "300"},
        ],
        ids=lambda more: ", ".join(more) or "nothing else",
    )
    def test_what_is_plainly_paid_is_never_what_the_long_way_refuses(
        self, side: str, equity: str, worst: str, more: dict[str, Any]
    ) -> None:
        order = an_order(side, equity=equity, worst_price=worst, at=NOW, **more)
        held = (order.long_value * 25 + order.short_value * 30) // 100
        standing = Standing(order.equity, held, order.reserved, order.working_sell * order.price)
        leg = Leg(OrderSide(side), order.quantity, order.price, order.worst_price)
        blocked = check_margin(standing, leg, MARGIN)

        objection = check_intraday_margin(order, NOTHING, LIMITS)

        assert code(objection) == ("" if blocked is None else blocked.code)

    @pytest.mark.control("C-31", "refuses")
    @pytest.mark.parametrize(("excess", "expected"), [("1125", ""), ("1124", "INTRADAY_MARGIN")])
    def test_what_the_broker_says_is_left_counts_though_equity_pays(
        self, excess: str, expected: str
    ) -> None:
        memory = remembering(trades=said(excess))

        assert code(check_intraday_margin(an_order(at=NOW), memory, LIMITS)) == expected

    @pytest.mark.control("C-31", "refuses")
    @pytest.mark.parametrize(
        ("cash", "reserved", "expected"),
        [
            pytest.param("4500", "0", "", id="just paid"),
            pytest.param("4499.99", "0", "MARGIN_FREEZE", id="a cent of debt"),
            pytest.param("5500", "1000", "", id="paid beside what works"),
            pytest.param("5499.99", "1000", "MARGIN_FREEZE", id="not beside it"),
        ],
    )
    def test_a_frozen_account_buys_with_its_cash_alone(
        self, cash: str, reserved: str, expected: str
    ) -> None:
        memory = remembering(deficits=Deficits(frozen_until=NOW + NANOSECONDS))
        order = an_order(cash=cash, reserved=reserved, at=NOW)

        assert code(check_intraday_margin(order, memory, LIMITS)) == expected
