"""How large one order, one parent and one basket may be, at the limit and one unit beside it."""

from collections import deque
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from fillpath.core.units import NANOSECONDS, money_units, price_units, quantity_units
from fillpath.risk.asking import Ask
from fillpath.risk.cascade import Cascade
from fillpath.risk.checks.sizes import (
    ADV_NEEDED,
    check_basket,
    check_child_adv,
    check_max_notional,
    check_max_quantity,
    check_parent_adv,
    check_whole_shares,
)
from fillpath.risk.limits import Instruments, PriceLimits, RiskLimits, SizeLimits
from fillpath.risk.memory import RiskMemory, Sent, SymbolFacts
from fillpath.risk.verdicts import Objection
from tests.unit.risk.builders import an_exit, an_order

EMPTY = RiskMemory()
LIQUID = Instruments(rows=(("AAPL", "265598", "liquid", "USD", "NASDAQ"),))
LIVE = RiskLimits(size=SizeLimits(max_quantity_other=5_000))
SECOND = NANOSECONDS


def shares(number: str | int) -> int:
    return quantity_units(Decimal(number))


def money(number: str | int) -> int:
    return money_units(Decimal(number))


def refused(objection: Objection | None) -> tuple[str, int]:
    """Return the reason and the quantity units that would pass."""
    assert objection is not None
    return objection.check, objection.allowed


class TestWholeShares:
    @pytest.mark.control("C-36", "passes")
    @pytest.mark.parametrize("quantity", ["1", "30"])
    def test_whole_shares_pass(self, quantity: str) -> None:
        assert check_whole_shares(an_order(quantity=quantity), EMPTY, RiskLimits()) is None

    @pytest.mark.control("C-36", "refuses")
    @pytest.mark.parametrize(
        ("quantity", "allowed"), [("30.000001", "30"), ("30.5", "30"), ("0.999999", "0")]
    )
    def test_a_part_of_a_share_is_cut_off(self, quantity: str, allowed: str) -> None:
        objection = check_whole_shares(an_order(quantity=quantity), EMPTY, RiskLimits())

        assert refused(objection) == ("QUANTITY_FORM", shares(allowed))
        assert objection is not None
        assert objection.text == f"{quantity} AAPL are not whole shares"

    def test_an_exit_is_never_kept_for_its_form(self) -> None:
        assert check_whole_shares not in Cascade(RiskLimits()).exit.checks


class TestMaxQuantity:
    """One order may have 50,000 shares of a liquid symbol, and 5,000 of any other."""

    @pytest.mark.control("C-13", "passes")
    @pytest.mark.parametrize("quantity", ["4999", "5000"])
    def test_up_to_the_limit_of_its_class_an_order_passes(self, quantity: str) -> None:
        assert check_max_quantity(an_order(quantity=quantity), EMPTY, LIVE) is None

    @pytest.mark.control("C-13", "refuses")
    def test_one_more_is_cut_to_the_limit(self) -> None:
        objection = check_max_quantity(an_order(quantity="5001"), EMPTY, LIVE)

        assert objection == Objection(
            "MAX_QUANTITY",
            "5001 AAPL are more than the 5000 shares of one order in a symbol of the class other",
            shares(5_000),
            shares(5_001),
            shares(5_000),
        )

    @pytest.mark.control("C-13", "passes")
    @pytest.mark.parametrize("quantity", ["5001", "50000"])
    def test_a_reviewed_liquid_symbol_may_have_more(self, quantity: str) -> None:
        limits = RiskLimits(size=SizeLimits(max_quantity_other=5_000), instruments=LIQUID)

        assert check_max_quantity(an_order(quantity=quantity), EMPTY, limits) is None

    @pytest.mark.control("C-13", "refuses")
    def test_and_one_more_than_that_is_cut_too(self) -> None:
        limits = RiskLimits(size=SizeLimits(max_quantity_other=5_000), instruments=LIQUID)

        objection = check_max_quantity(an_order(quantity="50001"), EMPTY, limits)

        assert refused(objection) == ("MAX_QUANTITY", shares(50_000))

    @pytest.mark.control("C-13", "refuses")
    @pytest.mark.control("C-13", "passes")
    @pytest.mark.parametrize(("quantity", "passes"), [("5000", True), ("5001", False)])
    def test_in_simulation_it_is_the_same(
        self,
        quantity: str,
        passes: bool,  # noqa: FBT001  # a parameter of the test
    ) -> None:
        objection = check_max_quantity(an_order(quantity=quantity), EMPTY, RiskLimits())

        assert (objection is None) is passes

    @pytest.mark.parametrize(("told", "most"), [("liquid", 50_000), ("other", 5_000)])
    def test_what_was_told_of_a_symbol_goes_before_the_file(self, told: str, most: int) -> None:
        memory = RiskMemory(symbols={"AAPL": SymbolFacts(instrument_class=told)})
        limits = RiskLimits(size=SizeLimits(max_quantity_other=5_000), instruments=LIQUID)

        objection = check_max_quantity(an_order(quantity="60000"), memory, limits)

        assert refused(objection) == ("MAX_QUANTITY", shares(most))

    def test_facts_without_a_class_leave_it_to_the_file(self) -> None:
        memory = RiskMemory(symbols={"AAPL": SymbolFacts(con_id=265598)})
        limits = RiskLimits(size=SizeLimits(max_quantity_other=5_000), instruments=LIQUID)

        assert check_max_quantity(an_order(quantity="50000"), memory, limits) is None

    @pytest.mark.control("C-13", "refuses")
    @pytest.mark.parametrize(
        ("size", "instruments", "name"),
        [
            pytest.param({"max_quantity_other": 0}, Instruments(), "other", id="other"),
            pytest.param(
                {"max_quantity_liquid": 0, "max_quantity_other": 0}, LIQUID, "liquid", id="liquid"
            ),
        ],
    )
    def test_without_a_limit_not_one_share_may_be_sent(
        self, size: dict[str, int], instruments: Instruments, name: str
    ) -> None:
        limits = RiskLimits(size=SizeLimits(**size), instruments=instruments)

        objection = check_max_quantity(an_order(quantity="1"), EMPTY, limits)

        assert objection == Objection(
            "LIMIT_UNSET",
            f"size.max_quantity_{name} is 0, so no AAPL may be sent",
            0,
            shares(1),
            0,
        )


def quoted(side: str = "BUY", bid: str = "149.99", ask: str = "150.01", **changes: Any) -> Ask:
    """Return an entry with a market behind it."""
    order = an_order(side, **changes)
    return replace(order, bid=price_units(Decimal(bid)), ask=price_units(Decimal(ask)))


class TestMaxNotional:
    """6 % of 100,000 are 6,000."""

    @pytest.mark.control("C-14", "passes")
    @pytest.mark.parametrize("price", ["199.99999999", "200"])
    def test_up_to_its_part_of_equity_an_order_passes(self, price: str) -> None:
        assert check_max_notional(an_order(price=price), EMPTY, RiskLimits()) is None

    @pytest.mark.control("C-14", "refuses")
    def test_one_price_unit_more_is_cut(self) -> None:
        order = an_order(price="200.00000001")

        objection = check_max_notional(order, EMPTY, RiskLimits())

        assert objection == Objection(
            "MAX_NOTIONAL",
            "the order is worth 6000.0000003 at worst, one order may be worth 6000, 6 % of equity",
            money(6_000),
            money("6000.0000003"),
            29_999_999,
        )

    @pytest.mark.control("C-14", "refuses")
    @pytest.mark.parametrize("equity", ["0", "-1"])
    def test_without_equity_nothing_would_pass(self, equity: str) -> None:
        objection = check_max_notional(an_order(equity=equity), EMPTY, RiskLimits())

        assert refused(objection) == ("MAX_NOTIONAL", 0)

    @pytest.mark.control("C-14", "refuses")
    def test_a_buy_counts_at_the_collar_and_not_at_its_limit(self) -> None:
        """40 at 145.60 are 5,824; at the collar of 3 % above 145.64 they are more than 6,000."""
        order = quoted(bid="145.60", ask="145.64", price="145.60", quantity="40")

        objection = check_max_notional(order, EMPTY, RiskLimits())

        assert objection is not None
        assert objection.value == money("6000.368")
        assert objection.allowed == 39_997_546

    @pytest.mark.control("C-14", "passes")
    def test_at_the_collar_exactly_it_passes(self) -> None:
        limits = RiskLimits(price=PriceLimits(collar_other_pct=20))

        order = quoted(bid="124.99", ask="125", price="125", quantity="40")

        assert check_max_notional(order, EMPTY, limits) is None

    def test_a_liquid_symbol_has_the_narrower_collar(self) -> None:
        order = quoted(bid="145.60", ask="145.64", price="145.60", quantity="40")

        assert check_max_notional(order, EMPTY, RiskLimits(instruments=LIQUID)) is None

    def test_a_limit_beyond_the_collar_counts_itself(self) -> None:
        order = quoted(quantity="30", worst_price="201")

        objection = check_max_notional(order, EMPTY, RiskLimits())

        assert objection is not None
        assert objection.value == money(6_030)

    @pytest.mark.control("C-14", "refuses")
    @pytest.mark.parametrize(
        ("changes", "value"),
        [
            pytest.param({"worst_price": "201"}, "6030", id="its limit"),
            pytest.param({"worst_price": "1", "ask": "202"}, "6060", id="what buyers are asked"),
            pytest.param({"price": "203", "worst_price": "1"}, "6090", id="the reference"),
        ],
    )
    def test_a_sale_counts_at_the_dearest_price_known(
        self, changes: dict[str, str], value: str
    ) -> None:
        objection = check_max_notional(quoted("SELL", **changes), EMPTY, RiskLimits())

        assert objection is not None
        assert objection.value == money(value)

    @pytest.mark.parametrize("side", ["BUY", "SELL"])
    def test_a_market_order_is_never_worth_nothing(self, side: str) -> None:
        order = replace(quoted(side, quantity="100"), limit=None)

        assert refused(check_max_notional(order, EMPTY, RiskLimits()))[0] == "MAX_NOTIONAL"

    def test_a_position_sized_to_the_cap_at_mid_always_passes(self) -> None:
        order = quoted(bid="99.98", ask="100.02", price="100", worst_price="100.02", quantity="50")

        assert check_max_notional(order, EMPTY, RiskLimits()) is None


class TestVolume:
    """An average of 1,000 shares a day: a parent may be 50 of them, one order 10."""

    @pytest.mark.control("C-15", "passes")
    @pytest.mark.parametrize(
        ("check", "quantity"),
        [(check_parent_adv, "49"), (check_parent_adv, "50"), (check_child_adv, "10")],
    )
    def test_up_to_its_part_of_the_volume_it_passes(self, check: Any, quantity: str) -> None:
        order = replace(an_order(quantity=quantity), adv=shares(1_000))

        assert check(order, EMPTY, RiskLimits()) is None

    @pytest.mark.control("C-15", "refuses")
    @pytest.mark.parametrize(
        ("check", "quantity", "allowed", "what"),
        [
            pytest.param(check_parent_adv, "50.000001", 50, "a parent", id="parent"),
            pytest.param(check_child_adv, "10.000001", 10, "one order", id="child"),
        ],
    )
    def test_above_it_is_cut(self, check: Any, quantity: str, allowed: int, what: str) -> None:
        order = replace(an_order(quantity=quantity), adv=shares(1_000))

        objection = check(order, EMPTY, RiskLimits())

        assert objection == Objection(
            "ADV_SHARE",
            f"{quantity} AAPL are more than the {allowed} that {what} may be of 1000 a day",
            shares(allowed),
            shares(quantity),
            shares(allowed),
        )

    @pytest.mark.control("C-15", "refuses")
    @pytest.mark.parametrize("check", [check_parent_adv, check_child_adv])
    def test_the_smallest_volume_is_one(self, check: Any) -> None:
        assert refused(check(replace(an_order(), adv=1), EMPTY, RiskLimits())) == ("ADV_SHARE", 0)

    @pytest.mark.parametrize("check", [check_parent_adv, check_child_adv])
    def test_an_unknown_volume_is_no_limit_where_it_need_not_be_known(self, check: Any) -> None:
        assert check(an_order(), EMPTY, RiskLimits()) is None

    @pytest.mark.control("C-15", "refuses")
    @pytest.mark.parametrize("check", [check_parent_adv, check_child_adv])
    @pytest.mark.parametrize("adv", [ADV_NEEDED, -1_000_000])
    def test_where_it_must_be_known_nothing_is_sent_without(self, check: Any, adv: int) -> None:
        objection = check(replace(an_order(), adv=adv), EMPTY, RiskLimits())

        assert refused(objection) == ("CTRL_15_INPUT", 0)
        assert objection.text == "the average daily volume of AAPL must be known"

    def test_a_parent_is_judged_as_a_parent_and_its_orders_as_orders(self) -> None:
        cascade = Cascade(RiskLimits())

        assert check_parent_adv in cascade.parent.checks
        assert check_child_adv not in cascade.parent.checks
        assert check_child_adv in cascade.child.checks
        assert check_parent_adv not in cascade.child.checks
        assert {check_parent_adv, check_child_adv} <= set(cascade.whole.checks)


def began(*values: tuple[int, int], strategy: str = "") -> RiskMemory:
    """Return a memory of parents: at which second, worth how much."""
    sent = deque(Sent(second * SECOND, shares(1), money(value)) for second, value in values)
    total = sum(parent.value for parent in sent)
    return RiskMemory(baskets={strategy: sent}, basket_value={strategy: total})


class TestBasket:
    """One strategy may begin parents worth 100,000 within 60 s; the next one is worth 4,500."""

    @pytest.mark.control("C-16", "passes")
    @pytest.mark.parametrize("value", [0, 95_499, 95_500])
    def test_up_to_the_limit_parents_pass(self, value: int) -> None:
        order = replace(an_order(), at=100 * SECOND)

        assert check_basket(order, began((70, value)), RiskLimits()) is None

    @pytest.mark.control("C-16", "refuses")
    def test_one_more_is_refused_whole(self) -> None:
        order = replace(an_order(), at=100 * SECOND, strategy="trend")

        objection = check_basket(order, began((70, 95_501), strategy="trend"), RiskLimits())

        assert objection == Objection(
            "BASKET",
            "trend began 95501 within 60 s, 4500 more would pass 100000, 100 % of equity",
            money(100_000),
            money(100_001),
            0,
        )

    @pytest.mark.control("C-16", "refuses")
    def test_a_first_parent_may_be_too_much_alone(self) -> None:
        limits = RiskLimits(size=SizeLimits(basket_pct=4))

        objection = check_basket(an_order(), EMPTY, limits)

        assert objection is not None
        assert objection.text.startswith("the strategy began 0 within 60 s")

    @pytest.mark.parametrize(
        ("at", "passes"),
        [(99, False), (100, False), (101, True)],
        ids=["inside", "at its end", "after"],
    )
    def test_what_is_older_than_the_window_counts_no_more(self, at: int, passes: bool) -> None:  # noqa: FBT001  # a parameter of the test
        order = replace(an_order(), at=at * SECOND)

        objection = check_basket(order, began((40, 95_501)), RiskLimits())

        assert (objection is None) is passes

    @pytest.mark.control("C-16", "passes")
    def test_a_first_parent_may_be_all_of_it(self) -> None:
        limits = RiskLimits(size=SizeLimits(basket_pct="4.5"))

        assert check_basket(an_order(), EMPTY, limits) is None

    @pytest.mark.control("C-16", "passes")
    def test_what_is_old_leaves_its_room_to_the_last_unit(self) -> None:
        order = replace(an_order(), at=101 * SECOND)

        assert check_basket(order, began((40, 95_501), (41, 95_500)), RiskLimits()) is None

    def test_what_is_old_counts_no_more_and_what_is_young_does(self) -> None:
        order = replace(an_order(), at=101 * SECOND)

        objection = check_basket(order, began((40, 95_501), (41, 99_000)), RiskLimits())

        assert objection is not None
        assert objection.value == money(103_500)

    def test_another_strategy_has_a_basket_of_its_own(self) -> None:
        order = replace(an_order(), at=100 * SECOND, strategy="other")

        assert check_basket(order, began((70, 99_000), strategy="trend"), RiskLimits()) is None


@pytest.mark.control("C-13", "C-14", "C-15", "C-16", "passes")
def test_no_exit_is_held_by_its_size() -> None:
    """Exits that only reduce are never cut: what is held may be larger than one order may be."""
    cascade = Cascade(RiskLimits())

    for walk in (cascade.exit, cascade.sending_exit):
        assert not {"C-13", "C-14", "C-15", "C-16"} & set(walk.controls)
    assert an_exit().reduces


def test_what_one_order_may_be_is_asked_once_more_before_it_leaves() -> None:
    sending = Cascade(RiskLimits()).sending

    assert {check_max_quantity, check_max_notional, check_child_adv} <= set(sending.checks)
    assert check_basket not in sending.checks
