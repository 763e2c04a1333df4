"""What the account may hold, owe and spend, at the limit and one unit beside it."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from fillpath.core.units import money_units, price_units, quantity_units
from fillpath.risk.asking import Ask
from fillpath.risk.cascade import Cascade
from fillpath.risk.checks.exposure import (
    check_cash,
    check_gross,
    check_net,
    check_position_cap,
    check_settlement,
)
from fillpath.risk.limits import RiskLimits
from fillpath.risk.memory import AccountFacts, RiskMemory
from fillpath.risk.verdicts import Objection
from tests.unit.risk.builders import an_order

EMPTY = RiskMemory()
LIMITS = RiskLimits()


def money(number: str | int) -> int:
    return money_units(Decimal(number))


def exposed(side: str = "BUY", **values: str | int) -> Ask:
    """Return an entry worth 4,500 of an account with 100,000 equity."""
    worth = {name: money(value) for name, value in values.items()}
    return replace(an_order(side), **worth)


class TestPositionCap:
    """5 % of 100,000 are 5,000: 50 shares at 100."""

    @pytest.mark.control("C-17", "passes")
    @pytest.mark.parametrize("quantity", ["19", "20"])
    def test_what_works_counts_as_held_up_to_the_cap(self, quantity: str) -> None:
        order = an_order(quantity=quantity, price="100", account_held="10", working_buy="20")

        assert check_position_cap(order, EMPTY, LIMITS) is None

    @pytest.mark.control("C-17", "refuses")
    @pytest.mark.parametrize(
        ("side", "changes"),
        [
            ("BUY", {"account_held": "10", "working_buy": "20"}),
            ("SELL", {"account_held": "-10", "working_sell": "20"}),
        ],
    )
    def test_the_smallest_unit_above_it_is_cut(self, side: str, changes: dict[str, str]) -> None:
        order = an_order(side, quantity="20.000001", price="100", **changes)

        objection = check_position_cap(order, EMPTY, LIMITS)

        assert objection is not None
        assert (objection.check, objection.allowed) == ("POSITION_CAP", quantity_units(Decimal(20)))


class TestGross:
    """No leverage: longs, shorts and all that works may be worth 100,000 together."""

    @pytest.mark.control("C-18", "passes")
    @pytest.mark.parametrize("side", ["BUY", "SELL"])
    @pytest.mark.parametrize(
        "values",
        [
            {},
            {"long_value": 95_500},
            {"short_value": 95_500},
            {"reserved": 95_500},
            {"shorting": 95_500},
            {"long_value": 40_000, "short_value": 30_000, "reserved": 20_000, "shorting": 5_500},
        ],
    )
    def test_up_to_equity_an_entry_passes(self, side: str, values: dict[str, int]) -> None:
        assert check_gross(exposed(side, **values), EMPTY, LIMITS) is None

    @pytest.mark.control("C-18", "refuses")
    @pytest.mark.parametrize("side", ["BUY", "SELL"])
    @pytest.mark.parametrize(
        "values",
        [
            {"long_value": "95500.01"},
            {"short_value": "95500.01"},
            {"reserved": "95500.01"},
            {"shorting": "95500.01"},
            {
                "long_value": 40_000,
                "short_value": 30_000,
                "reserved": 20_000,
                "shorting": "5500.01",
            },
        ],
    )
    def test_a_cent_above_it_is_cut(self, side: str, values: dict[str, str | int]) -> None:
        objection = check_gross(exposed(side, **values), EMPTY, LIMITS)

        assert objection == Objection(
            "GROSS_EXPOSURE",
            "all positions and working orders would be worth 100000.01, 100000 may be, "
            "1 times equity",
            money(100_000),
            money("100000.01"),
            29_999_933,
        )

    @pytest.mark.control("C-18", "refuses")
    def test_where_there_is_no_room_nothing_would_pass(self) -> None:
        objection = check_gross(exposed(long_value=120_000), EMPTY, LIMITS)

        assert objection is not None
        assert objection.allowed == 0

    @pytest.mark.control("C-18", "passes")
    def test_leverage_may_be_allowed(self) -> None:
        limits = RiskLimits(max_leverage="1.5")

        assert check_gross(exposed(long_value=145_500), EMPTY, limits) is None
        assert check_gross(exposed(long_value="145500.01"), EMPTY, limits) is not None

    @pytest.mark.control("C-18", "refuses")
    def test_a_sale_is_valued_at_the_market_and_not_at_its_low_limit(self) -> None:
        order = replace(exposed("SELL", long_value="95500.01"), worst_price=1)

        assert check_gross(order, EMPTY, LIMITS) is not None

    @pytest.mark.control("C-18", "refuses")
    def test_a_sale_with_a_high_limit_is_valued_at_that(self) -> None:
        high = price_units(Decimal("150.01"))
        order = replace(exposed("SELL", long_value=95_500), worst_price=high)

        assert check_gross(order, EMPTY, LIMITS) is not None

    @pytest.mark.control("C-18", "refuses")
    @pytest.mark.parametrize("missing", ["long_value", "short_value"])
    def test_holdings_without_a_price_are_no_pass(self, missing: str) -> None:
        order = replace(an_order(), **{missing: -1})

        objection = check_gross(order, EMPTY, LIMITS)

        assert objection is not None
        assert (objection.check, objection.allowed) == ("CTRL_18_INPUT", 0)


class TestNet:
    """Longs may outweigh shorts by 100,000, and shorts longs."""

    LEVERED = RiskLimits(max_leverage=5)

    @pytest.mark.control("C-18", "passes")
    @pytest.mark.parametrize(
        ("side", "values"),
        [
            ("BUY", {"long_value": 95_500}),
            ("BUY", {"long_value": 125_500, "short_value": 50_000, "reserved": 20_000}),
            ("BUY", {"long_value": 95_500, "shorting": 200_000}),
            ("SELL", {"short_value": 95_500}),
            ("SELL", {"short_value": 125_500, "long_value": 50_000, "shorting": 20_000}),
            ("SELL", {"short_value": 95_500, "reserved": 200_000}),
            ("SELL", {"long_value": 500_000}),
        ],
    )
    def test_up_to_it_an_entry_passes(self, side: str, values: dict[str, int]) -> None:
        assert check_net(exposed(side, **values), EMPTY, self.LEVERED) is None

    @pytest.mark.control("C-18", "refuses")
    @pytest.mark.parametrize(
        ("side", "values", "words"),
        [
            ("BUY", {"long_value": "95500.01"}, "longs would outweigh shorts"),
            ("BUY", {"reserved": "95500.01"}, "longs would outweigh shorts"),
            ("SELL", {"short_value": "95500.01"}, "shorts would outweigh longs"),
            ("SELL", {"shorting": "95500.01"}, "shorts would outweigh longs"),
        ],
    )
    def test_a_cent_above_it_is_cut(self, side: str, values: dict[str, str], words: str) -> None:
        objection = check_net(exposed(side, **values), EMPTY, self.LEVERED)

        assert objection == Objection(
            "NET_EXPOSURE",
            f"{words} by 100000.01, by 100000 they may, 100 % of equity",
            money(100_000),
            money("100000.01"),
            29_999_933,
        )


def told(kind: str, settled: str | None) -> RiskMemory:
    """Return a memory of an account."""
    cash = None if settled is None else money(settled)
    return RiskMemory(account=AccountFacts(kind=kind, settled_cash=cash))


class TestSettledCash:
    """The order needs 4,500, and 10,000 of 100,000 equity stay untouched."""

    @pytest.mark.control("C-19", "passes")
    @pytest.mark.parametrize(
        ("kind", "settled", "cash"),
        [
            pytest.param("cash", "14500", "50000", id="settled to the cent"),
            pytest.param("cash", "50000", "14500", id="the book to the cent"),
            pytest.param("margin", "0", "14500", id="a margin account"),
            pytest.param("", None, "14500", id="nobody said"),
        ],
    )
    def test_what_is_free_may_be_spent(self, kind: str, settled: str | None, cash: str) -> None:
        assert check_cash(an_order(cash=cash), told(kind, settled), LIMITS) is None

    @pytest.mark.control("C-19", "refuses")
    @pytest.mark.parametrize(
        ("kind", "settled", "cash"),
        [
            pytest.param("cash", "14499.99", "50000", id="settled"),
            pytest.param("cash", "50000", "14499.99", id="in the book"),
            pytest.param("margin", "50000", "14499.99", id="margin"),
        ],
    )
    def test_a_cent_less_cuts_the_order(self, kind: str, settled: str, cash: str) -> None:
        objection = check_cash(an_order(cash=cash), told(kind, settled), LIMITS)

        assert objection is not None
        assert (objection.check, objection.allowed) == ("CASH", 29_999_933)

    @pytest.mark.control("C-19", "refuses")
    def test_an_unknown_settled_cash_is_no_pass(self) -> None:
        objection = check_cash(an_order(), told("cash", None), LIMITS)

        assert objection is not None
        assert objection.check == "CTRL_19_INPUT"


class TestSettlement:
    @pytest.mark.control("C-32", "passes")
    @pytest.mark.parametrize(
        ("order", "memory"),
        [
            pytest.param(an_order(), told("cash", "4500"), id="to the cent"),
            pytest.param(an_order(reserved="1000"), told("cash", "5500"), id="with what works"),
            pytest.param(an_order(), told("margin", "0"), id="a margin account"),
            pytest.param(an_order(), told("", None), id="nobody said"),
            pytest.param(an_order("SELL"), told("margin", None), id="a margin account sells"),
            pytest.param(
                an_order("SELL", account_held="40", working_sell="10"),
                told("cash", None),
                id="a sale of what is held",
            ),
        ],
    )
    def test_settled_money_may_be_spent(self, order: Ask, memory: RiskMemory) -> None:
        assert check_settlement(order, memory, LIMITS) is None

    @pytest.mark.control("C-32", "refuses")
    @pytest.mark.parametrize(
        ("changes", "settled", "value"),
        [({}, "4499.99", "4500"), ({"reserved": "1000"}, "5499.99", "5500")],
    )
    def test_a_cent_that_has_not_settled_cuts_the_order(
        self, changes: dict[str, str], settled: str, value: str
    ) -> None:
        objection = check_settlement(an_order(**changes), told("cash", settled), LIMITS)

        assert objection == Objection(
            "UNSETTLED_FUNDS",
            f"{value} would be spent with all working orders, and {settled} have settled",
            money(settled),
            money(value),
            29_999_933,
        )

    @pytest.mark.control("C-32", "refuses")
    @pytest.mark.parametrize("settled", ["0", "-100"])
    def test_without_settled_money_nothing_is_bought(self, settled: str) -> None:
        objection = check_settlement(an_order(), told("cash", settled), LIMITS)

        assert objection is not None
        assert objection.allowed == 0

    @pytest.mark.control("C-32", "refuses")
    def test_an_unknown_settled_cash_is_no_pass(self) -> None:
        objection = check_settlement(an_order(), told("cash", None), LIMITS)

        assert objection is not None
        assert objection.check == "CTRL_32_INPUT"

    @pytest.mark.control("C-32", "refuses")
    @pytest.mark.parametrize(
        ("changes", "free"),
        [
            ({}, "0"),
            ({"account_held": "40", "working_sell": "11"}, "29"),
            ({"account_held": "-5"}, "0"),
        ],
    )
    def test_a_cash_account_sells_nothing_short(self, changes: dict[str, Any], free: str) -> None:
        objection = check_settlement(an_order("SELL", **changes), told("cash", "9999"), LIMITS)

        assert objection == Objection(
            "UNSETTLED_FUNDS",
            f"a cash account sells nothing short, {free} AAPL are free",
            quantity_units(Decimal(free)),
            quantity_units(Decimal(30)),
            0,
        )


@pytest.mark.control("C-17", "C-18", "C-19", "C-32", "passes")
def test_no_exit_is_held_by_what_the_account_holds() -> None:
    cascade = Cascade(LIMITS)

    for walk in (cascade.exit, cascade.sending_exit):
        assert not {"C-17", "C-18", "C-19", "C-32"} & set(walk.controls)
