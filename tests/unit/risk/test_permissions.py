"""A strategy trades what it was given, no restricted symbol, and the contract that was meant."""

from typing import Any, Final

import pytest

from fillpath.core.units import MONEY_SCALE, PRICE_SCALE
from fillpath.risk.asking import Ask
from fillpath.risk.cascade import ROWS, At, Cascade
from fillpath.risk.cascade import judge as judged_by
from fillpath.risk.checks.permissions import contract_change
from fillpath.risk.limits import Instruments, Permissions, RiskLimits
from fillpath.risk.memory import RiskMemory, SymbolFacts
from fillpath.risk.verdicts import Objection
from tests.unit.risk.builders import an_exit, an_order, told

PASSED: Final[tuple[str, int, list[str]]] = ("APPROVE", 30, [])
LISTED: Final = ("AAPL,IBM", "BUY,SELL", "LIMIT,MARKET", "regular", "", "AAPL")
IBM: Final = ("IBM", "8314", "liquid", "USD", "NYSE")
AAPL: Final = ("AAPL", "265598", "liquid", "USD", "NASDAQ")


def judged(
    order: Ask, limits: RiskLimits, memory: RiskMemory | None = None
) -> tuple[str, int, list[str]]:
    cascade = Cascade(limits, [row for row in ROWS if At.MARKET not in row.at])
    walk = cascade.exit if order.reduces else cascade.child if order.child else cascade.told
    return told(judged_by(order, memory or RiskMemory(), limits, walk))


def allowing(place: int | None = None, words: str = "") -> RiskLimits:
    """Return limits under which one strategy has a permission, with one of its words changed."""
    row = list(LISTED)
    if place is not None:
        row[place] = words
    return RiskLimits(permissions=Permissions(everyone=False, rows=(("momentum", *row),)))


class TestPermissions:
    @pytest.mark.control("C-06", "passes")
    @pytest.mark.parametrize(
        ("side", "limits"),
        [
            pytest.param("BUY", allowing(), id="a purchase"),
            pytest.param("SELL", allowing(), id="a short sale"),
            pytest.param("SELL", allowing(5, "*"), id="any short sale"),
            pytest.param("BUY", allowing(0, "*"), id="any symbol"),
            pytest.param("BUY", allowing(1, "*"), id="any side"),
            pytest.param("BUY", allowing(2, "*"), id="any type"),
            pytest.param("BUY", allowing(2, "MARKET"), id="its type"),
            pytest.param("BUY", allowing(3, "*"), id="any session"),
            pytest.param("BUY", allowing(4, "4500"), id="exactly its notional"),
            pytest.param("BUY", allowing(5, ""), id="a purchase without short sales"),
            pytest.param("BUY", RiskLimits(), id="no list"),
        ],
    )
    def test_what_a_strategy_was_given_it_may(self, side: str, limits: RiskLimits) -> None:
        assert judged(an_order(side, strategy="momentum"), limits) == PASSED

    @pytest.mark.control("C-06", "refuses")
    @pytest.mark.parametrize(
        ("side", "limits", "text"),
        [
            pytest.param("BUY", allowing(0, "IBM"), "may not trade AAPL", id="another symbol"),
            pytest.param("BUY", allowing(0, ""), "may not trade AAPL", id="no symbol"),
            pytest.param("BUY", allowing(1, "SELL"), "may not BUY", id="another side"),
            pytest.param("BUY", allowing(2, "LIMIT"), "may not send MARKET orders", id="type"),
            pytest.param(
                "BUY", allowing(3, "extended"), "may not trade in the regular session", id="session"
            ),
            pytest.param("SELL", allowing(5, "IBM"), "may not sell AAPL short", id="another short"),
            pytest.param("SELL", allowing(5, ""), "may not sell AAPL short", id="no short"),
        ],
    )
    def test_what_it_was_not_given_is_refused(
        self, side: str, limits: RiskLimits, text: str
    ) -> None:
        order = an_order(side, strategy="momentum")

        assert judged(order, limits) == ("REJECT", 0, ["PERMISSION"])
        assert text in objection(order, limits).text

    @pytest.mark.control("C-06", "refuses")
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("other", "the strategy other has no permission to trade"),
            ("", "the strategy without a name has no permission to trade"),
        ],
    )
    def test_who_is_not_listed_may_nothing(self, name: str, text: str) -> None:
        order = an_order(strategy=name)

        assert judged(order, allowing()) == ("REJECT", 0, ["PERMISSION"])
        assert objection(order, allowing()).text == text

    @pytest.mark.control("C-06", "refuses")
    def test_an_empty_list_allows_nobody(self) -> None:
        nobody = RiskLimits(permissions=Permissions(everyone=False))

        assert judged(an_order(strategy="momentum"), nobody) == ("REJECT", 0, ["PERMISSION"])

    @pytest.mark.control("C-06", "refuses")
    def test_a_limit_order_is_told_from_a_market_order(self) -> None:
        order = an_order(strategy="momentum", limit=150 * PRICE_SCALE)

        assert judged(order, allowing(2, "LIMIT")) == PASSED
        assert "send LIMIT orders" in objection(order, allowing(2, "MARKET")).text

    @pytest.mark.control("C-06", "refuses")
    def test_too_large_an_entry_is_cut_to_what_was_given(self) -> None:
        order = an_order(strategy="momentum")

        assert judged(order, allowing(4, "4499.99")) == ("REDUCE_SIZE", 29, ["PERMISSION"])
        assert objection(order, allowing(4, "4499.99")) == Objection(
            "PERMISSION",
            "the strategy momentum may enter at most 4499.99 at once, this is 4500",
            449_999 * MONEY_SCALE // 100,
            4_500 * MONEY_SCALE,
            29_999_933,
        )

    def test_the_size_of_a_parent_is_not_asked_of_its_slices(self) -> None:
        order = an_order(strategy="momentum", child=True)

        assert judged(order, allowing(4, "1")) == PASSED

    @pytest.mark.control("C-06", "passes")
    def test_selling_what_is_held_is_no_short_sale(self) -> None:
        order = an_order("SELL", strategy="momentum", account_held="31", working_sell="1")

        assert judged(order, allowing(5, "")) == PASSED

    @pytest.mark.control("C-06", "refuses")
    def test_selling_more_than_is_free_is_one(self) -> None:
        order = an_order("SELL", strategy="momentum", account_held="31", working_sell="2")

        assert judged(order, allowing(5, "")) == ("REJECT", 0, ["PERMISSION"])

    @pytest.mark.control("C-06", "passes")
    def test_an_exit_needs_no_permission(self) -> None:
        assert judged(an_exit(strategy="other"), allowing()) == PASSED

    def test_without_a_list_the_check_is_off_and_says_so(self) -> None:
        assert Cascade(RiskLimits()).skipped["C-06"] == "there is no list of permissions"


class TestRestricted:
    @pytest.mark.control("C-07", "refuses")
    @pytest.mark.parametrize("side", ["BUY", "SELL"])
    def test_a_restricted_symbol_is_not_entered(self, side: str) -> None:
        limits = RiskLimits(restricted="AAPL,IBM")

        assert judged(an_order(side), limits) == ("REJECT", 0, ["RESTRICTED"])
        assert objection(an_order(side), limits).text == "AAPL is restricted and may not be entered"

    @pytest.mark.control("C-07", "passes")
    def test_others_are(self) -> None:
        assert judged(an_order(), RiskLimits(restricted="AAPLX,IBM")) == PASSED

    @pytest.mark.control("C-07", "passes")
    def test_what_is_held_of_it_may_be_sold(self) -> None:
        assert judged(an_exit(), RiskLimits(restricted="AAPL")) == PASSED


class TestContract:
    @pytest.mark.control("C-37", "passes")
    @pytest.mark.parametrize(
        "limits",
        [
            pytest.param(RiskLimits(), id="no list and not needed"),
            pytest.param(RiskLimits(instruments=Instruments(rows=(AAPL,))), id="listed"),
            pytest.param(
                RiskLimits(instruments=Instruments(rows=(AAPL,)), require_contract=True),
                id="listed and needed",
            ),
        ],
    )
    def test_the_contract_that_was_reviewed_may_be_entered(self, limits: RiskLimits) -> None:
        assert judged(an_order(), limits, knowing()) == PASSED

    @pytest.mark.control("C-37", "passes")
    def test_where_no_broker_names_contracts_being_listed_is_enough(self) -> None:
        limits = RiskLimits(instruments=Instruments(rows=(AAPL,)))

        assert judged(an_order(), limits) == PASSED
        assert judged(an_order(), limits, knowing(con_id=0)) == PASSED

    @pytest.mark.control("C-37", "refuses")
    @pytest.mark.parametrize(
        ("change", "text"),
        [
            ({"con_id": 265_599}, "AAPL is at the broker contract 265599 and not 265598"),
            ({"currency": "MXN"}, "AAPL is at the broker currency MXN and not USD"),
            ({"currency": ""}, "AAPL is at the broker currency  and not USD"),
            (
                {"exchange": "NYSE"},
                "AAPL is at the broker primary exchange NYSE and not NASDAQ",
            ),
            (
                {"con_id": 1, "currency": "MXN"},
                "AAPL is at the broker contract 1 and not 265598, currency MXN and not USD",
            ),
        ],
    )
    def test_another_contract_is_refused(self, change: dict[str, Any], text: str) -> None:
        limits = RiskLimits(instruments=Instruments(rows=(AAPL,)))

        assert judged(an_order(), limits, knowing(**change)) == (
            "REJECT",
            0,
            ["CONTRACT_CHANGED"],
        )
        assert objection(an_order(), limits, knowing(**change)).text == text

    @pytest.mark.control("C-37", "refuses")
    @pytest.mark.parametrize("memory", [RiskMemory(), RiskMemory(symbols={"AAPL": SymbolFacts()})])
    def test_an_unnamed_contract_is_refused_where_it_is_needed(self, memory: RiskMemory) -> None:
        limits = RiskLimits(instruments=Instruments(rows=(AAPL,)), require_contract=True)

        assert judged(an_order(), limits, memory) == ("REJECT", 0, ["CTRL_37_INPUT"])

    @pytest.mark.control("C-37", "refuses")
    @pytest.mark.parametrize(
        "limits",
        [
            RiskLimits(require_contract=True),
            RiskLimits(instruments=Instruments(rows=(IBM,))),
        ],
    )
    def test_a_symbol_that_nobody_reviewed_is_refused(self, limits: RiskLimits) -> None:
        assert judged(an_order(), limits, knowing()) == ("REJECT", 0, ["CTRL_37_INPUT"])
        assert objection(an_order(), limits, knowing()).text == (
            "AAPL is not in the instrument file"
        )

    @pytest.mark.control("C-37", "passes")
    def test_what_is_held_of_it_may_be_sold(self) -> None:
        limits = RiskLimits(instruments=Instruments(rows=(IBM,)), require_contract=True)

        assert judged(an_exit(), limits) == PASSED

    def test_the_same_contract_is_no_change(self) -> None:
        pinned = Instruments(rows=(AAPL,)).by_symbol["AAPL"]

        assert contract_change("AAPL", pinned, knowing().symbols["AAPL"]) == ""


def knowing(**changes: Any) -> RiskMemory:
    """Return a memory of the contract that the broker named."""
    facts: dict[str, Any] = {"con_id": 265_598, "currency": "USD", "exchange": "NASDAQ"}
    return RiskMemory(symbols={"AAPL": SymbolFacts(**(facts | changes))})


def objection(order: Ask, limits: RiskLimits, memory: RiskMemory | None = None) -> Objection:
    cascade = Cascade(limits)
    (found,) = judged_by(order, memory or RiskMemory(), limits, cascade.told).objections
    return found
