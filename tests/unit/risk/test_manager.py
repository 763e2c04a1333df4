"""The specified face of risk, on public orders and portfolios."""

from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.errors import ModelError
from fillpath.core.models import (
    Order,
    OrderSide,
    OrderType,
    PortfolioSnapshot,
    Position,
    RiskAction,
    RiskCheckResult,
    RiskReason,
)
from fillpath.risk.kill_switch import Scope
from fillpath.risk.limits import RiskLimits
from fillpath.risk.manager import RiskManager, risk_input


def an_order(side: str = "BUY", quantity: str = "30", **changes: Any) -> Order:
    given: dict[str, Any] = {"order_type": OrderType.LIMIT, "limit_price": Decimal(150)} | changes
    return Order(symbol="AAPL", side=OrderSide(side), quantity=Decimal(quantity), **given)


def a_market_order(side: str = "BUY", **metadata: Any) -> Order:
    return an_order(side, order_type=OrderType.MARKET, limit_price=None, metadata=metadata)


def a_portfolio(*positions: Position, **changes: Any) -> PortfolioSnapshot:
    given: dict[str, Any] = {"total_equity": Decimal(100_000), "cash": Decimal(50_000)} | changes
    return PortfolioSnapshot(positions=positions, **given)


def a_position(symbol: str = "AAPL", quantity: str = "40", **changes: Any) -> Position:
    marked = {"average_price": 150} | changes
    return Position(symbol=symbol, quantity=Decimal(quantity), **marked)


def checked(order: Order, *positions: Position, **changes: Any) -> RiskCheckResult:
    return RiskManager().check_pre_trade(order, a_portfolio(*positions, **changes))


def reference(order: Order, *positions: Position) -> Decimal:
    seen = risk_input(order, a_portfolio(*positions), killed=False)
    assert seen is not None
    return Decimal(seen.price).scaleb(-8)


def values(*positions: Position) -> tuple[int, int]:
    """Return what longs and shorts are worth, in units of 1e-14."""
    seen = risk_input(an_order(), a_portfolio(*positions), killed=False)
    assert seen is not None
    return seen.long_value, seen.short_value


class TestValues:
    @pytest.mark.parametrize(
        ("positions", "expected"),
        [
            pytest.param((), (0, 0), id="nothing"),
            pytest.param((a_position(),), (6_000, 0), id="what was paid"),
            pytest.param((a_position(market_price=140),), (5_600, 0), id="the mark"),
            pytest.param((a_position(quantity="-10"),), (0, 1_500), id="a short"),
            pytest.param(
                (a_position(), a_position("MSFT", "-10"), a_position("IBM", "2")),
                (6_300, 1_500),
                id="longs and shorts",
            ),
        ],
    )
    def test_longs_and_shorts_are_added_up_apart(
        self, positions: tuple[Position, ...], expected: tuple[int, int]
    ) -> None:
        assert values(*positions) == tuple(amount * 10**14 for amount in expected)

    def test_what_nobody_can_value_is_no_value(self) -> None:
        assert values(a_position("MSFT", average_price=None)) == (-1, -1)


class TestVerdicts:
    def test_a_good_order_is_approved_whole(self) -> None:
        assert checked(an_order()) == RiskCheckResult(
            action=RiskAction.APPROVE, approved_quantity=Decimal(30)
        )

    def test_a_large_order_is_cut_with_the_numbers(self) -> None:
        assert checked(an_order(quantity="40")) == RiskCheckResult(
            action=RiskAction.REDUCE_SIZE,
            approved_quantity=Decimal(33),
            reasons=(
                RiskReason(
                    check="POSITION_CAP",
                    text="AAPL would be worth 6000, the cap of 5 % of equity is 5000",
                    limit="5000 in account currency",
                    value="6000 in account currency",
                    allowed_quantity=Decimal("33.333333"),
                ),
            ),
        )

    def test_a_hopeless_order_is_rejected_with_every_reason(self) -> None:
        manager = RiskManager(RiskLimits(max_positions=1, price_floor=200))

        result = manager.check_pre_trade(an_order(), a_portfolio(a_position("MSFT")))

        assert result.action is RiskAction.REJECT
        assert result.approved_quantity == 0
        assert [(r.check, r.limit, r.value, r.allowed_quantity) for r in result.reasons] == [
            ("PRICE_FLOOR", "200 per share", "150 per share", None),
            ("MAX_POSITIONS", "1 symbols", "2 symbols", None),
        ]

    def test_an_exit_passes_when_entries_would_not(self) -> None:
        result = checked(an_order("SELL", "40"), a_position(), total_equity=Decimal(-1))

        assert result.action is RiskAction.APPROVE

    def test_an_exit_never_turns_the_position_over(self) -> None:
        result = checked(an_order("SELL", "50"), a_position(), working={"AAPL": Decimal(-10)})

        assert result.action is RiskAction.REDUCE_SIZE
        assert result.approved_quantity == 30
        assert result.reasons[0].limit == "30 shares"

    def test_a_buy_against_a_short_is_an_exit(self) -> None:
        result = checked(an_order("BUY", "50"), a_position(quantity="-40"), cash=Decimal(0))

        assert result.action is RiskAction.REDUCE_SIZE
        assert result.approved_quantity == 40

    def test_the_parts_of_several_strategies_are_one_position(self) -> None:
        positions = (a_position(quantity="15"), a_position(quantity="15", strategy_name="other"))

        assert checked(an_order("SELL"), *positions).action is RiskAction.APPROVE


class TestOpenSymbols:
    LIMITS = RiskLimits(max_positions=2)

    @pytest.mark.parametrize(
        ("positions", "working", "action"),
        [
            pytest.param(["MSFT"], {}, RiskAction.APPROVE, id="one held"),
            pytest.param(["MSFT", "IBM"], {}, RiskAction.REJECT, id="two held"),
            pytest.param(["MSFT"], {"IBM": 5}, RiskAction.REJECT, id="one held, one worked"),
            pytest.param(["MSFT"], {"MSFT": 5}, RiskAction.APPROVE, id="held and worked"),
            pytest.param(["MSFT"], {"IBM": 0}, RiskAction.APPROVE, id="worked out"),
            pytest.param(["MSFT"], {"AAPL": 1}, RiskAction.APPROVE, id="the symbol itself"),
        ],
    )
    def test_symbols_held_or_worked_are_counted_once(
        self, positions: list[str], working: dict[str, int], action: RiskAction
    ) -> None:
        portfolio = a_portfolio(
            *(a_position(symbol, "1") for symbol in positions),
            working={symbol: Decimal(quantity) for symbol, quantity in working.items()},
        )

        assert RiskManager(self.LIMITS).check_pre_trade(an_order(), portfolio).action is action

    def test_a_position_of_nothing_takes_no_place(self) -> None:
        portfolio = a_portfolio(a_position("MSFT", "1"), a_position("IBM", "0"))

        result = RiskManager(self.LIMITS).check_pre_trade(an_order(), portfolio)

        assert result.approved


class TestReferencePrice:
    MARKED = a_position(quantity="1", market_price=Decimal(140))

    def test_a_buy_is_judged_at_its_limit(self) -> None:
        order = an_order(metadata={"signal_price": 151})

        assert reference(order, self.MARKED) == 150

    def test_a_market_buy_is_judged_at_its_signal_price(self) -> None:
        assert reference(a_market_order(signal_price="151"), self.MARKED) == 151

    def test_without_both_the_mark_serves(self) -> None:
        unmarked = a_position(quantity="1", strategy_name="other")

        assert reference(a_market_order(), unmarked, self.MARKED) == 140

    def test_a_sell_is_judged_at_the_highest_known_price(self) -> None:
        order = an_order("SELL", limit_price=Decimal(1), metadata={"signal_price": 151})

        assert reference(order, self.MARKED) == 151

    def test_without_any_price_nothing_passes(self) -> None:
        other = a_position("MSFT", market_price=Decimal(400))

        result = checked(a_market_order(), other, a_position(quantity="1"))

        assert result.action is RiskAction.REJECT
        assert result.reasons == (
            RiskReason(
                check="NO_REFERENCE",
                text="AAPL has no limit_price, no signal_price and no marked position",
            ),
        )

    def test_a_position_that_nobody_can_value_lets_no_entry_pass(self) -> None:
        unknown = a_position("MSFT", average_price=None)

        result = checked(an_order(), unknown)

        assert result.action is RiskAction.REJECT
        assert "INPUT" in result.reasons[0].check

    def test_nothing_held_of_an_unknown_price_is_worth_nothing(self) -> None:
        nothing = a_position("MSFT", quantity="0", average_price=None)

        assert checked(an_order(), nothing).action is RiskAction.APPROVE

    @pytest.mark.parametrize("told", [float("nan"), 0, "soon", True])
    def test_a_broken_signal_price_is_rejected(self, told: object) -> None:
        result = checked(a_market_order(signal_price=told))

        assert result.action is RiskAction.REJECT
        assert [reason.check for reason in result.reasons] == ["INPUT"]
        assert "signal_price must be" in result.reasons[0].text

    def test_a_quantity_finer_than_a_millionth_is_rejected(self) -> None:
        result = checked(an_order(quantity="1.0000001"))

        assert [reason.check for reason in result.reasons] == ["INPUT"]

    def test_a_price_below_every_unit_is_no_price(self) -> None:
        result = checked(an_order(limit_price=Decimal("1e-9")))

        assert [(r.check, r.limit, r.value) for r in result.reasons] == [("INPUT", "", "")]


class TestKillSwitch:
    def test_it_stops_everything_and_says_who_and_why(self) -> None:
        manager = RiskManager()
        manager.kill("fat finger", "anna")

        result = manager.check_pre_trade(an_order("SELL"), a_portfolio(a_position()))

        assert manager.killed
        assert result.action is RiskAction.REJECT
        assert result.reasons[0].text == (
            "the kill switch is set, no order leaves: trading was stopped by anna because fat finger"
        )

    def test_only_the_kill_switch_says_who_has_set_it(self) -> None:
        manager = RiskManager(RiskLimits(price_floor=200))
        manager.kill("fat finger", "anna")

        result = manager.check_pre_trade(an_order(), a_portfolio())

        assert [(r.check, "anna" in r.text) for r in result.reasons] == [
            ("KILL_SWITCH", True),
            ("PRICE_FLOOR", False),
        ]

    def test_resuming_lets_orders_through_again(self) -> None:
        manager = RiskManager()
        manager.kill("fat finger", "anna")
        manager.resume("berta")

        result = manager.check_pre_trade(an_order(), a_portfolio())

        assert not manager.killed
        assert result.approved

    def test_nobody_stops_or_resumes_without_a_name(self) -> None:
        manager = RiskManager()

        with pytest.raises(ModelError, match="by must name"):
            manager.kill("fat finger", "")
        with pytest.raises(ModelError, match="by must name"):
            manager.resume("")

    @pytest.mark.control("A-16", "refuses")
    @pytest.mark.control("A-16", "passes")
    @pytest.mark.parametrize(
        ("scope", "target", "strategy", "approved"),
        [
            (Scope.STRATEGY, "trend", "trend", False),
            (Scope.STRATEGY, "trend", "other", True),
            (Scope.STRATEGY, "trend", None, True),
            (Scope.SYMBOL, "AAPL", "other", False),
            (Scope.SYMBOL, "MSFT", "other", True),
            (Scope.ALL, "", "other", False),
        ],
    )
    def test_it_stops_a_part_where_a_part_is_named(
        self, scope: Scope, target: str, strategy: str | None, *, approved: bool
    ) -> None:
        manager = RiskManager()
        manager.kill("fat finger", "anna", scope, target)

        result = manager.check_pre_trade(
            an_order(metadata={"strategy_name": strategy, "signal_price": 150}), a_portfolio()
        )

        assert result.approved is approved
        assert manager.killed is (scope is Scope.ALL)

    def test_a_part_is_resumed_by_its_name(self) -> None:
        manager = RiskManager()
        manager.kill("fat finger", "anna", Scope.SYMBOL, "AAPL")
        manager.kill("losing", "anna")
        manager.resume("berta")
        part = manager.check_pre_trade(an_order(), a_portfolio())
        manager.resume("berta", Scope.SYMBOL, "AAPL")
        after = manager.check_pre_trade(an_order(), a_portfolio())

        assert part.reasons[0].text == (
            "the kill switch is set, no order leaves: symbol AAPL was stopped by anna because fat "
            "finger"
        )
        assert after.approved
