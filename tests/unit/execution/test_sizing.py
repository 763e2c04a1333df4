"""How much: every limit, every refusal, every way to close."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from fillpath.core.errors import ModelError
from fillpath.core.models import OrderSide, Refusal
from fillpath.core.units import quantity_decimal
from fillpath.execution.policy import SizingMethod, SizingPolicy
from fillpath.execution.sizing import kelly, kelly_fraction
from tests.unit.execution.sizing_builders import (
    STATISTICS,
    a_wish,
    in_shares,
    refused,
    sized,
)

BUY, SELL = OrderSide.BUY, OrderSide.SELL


def statistics(**changes: Any) -> dict[str, Any]:
    return STATISTICS | changes


class TestKelly:
    def test_the_specified_example_is_0_325(self) -> None:
        assert kelly(0.55, 2.0, 1.0) == Decimal("0.325")

    @pytest.mark.parametrize(
        ("rate", "win", "loss", "expected"),
        [
            pytest.param("0.55", 2, 1, Fraction(13, 40), id="the example"),
            pytest.param("0.55", "2.0", Decimal("1.0"), Fraction(13, 40), id="text and Decimal"),
            pytest.param(0.55, 4, 2, Fraction(13, 40), id="only the ratio of win to loss counts"),
            pytest.param("0.5", 3, 1, Fraction(1, 3), id="no decimal form, still exact"),
            pytest.param("0.6", 1, 1, Fraction(1, 5), id="an even bet"),
        ],
    )
    def test_the_fraction_is_exact(
        self, rate: object, win: object, loss: object, expected: Fraction
    ) -> None:
        answer = kelly_fraction(rate, win, loss)

        assert not isinstance(answer, Refusal)
        assert Fraction(*answer) == expected

    def test_no_edge_is_a_number_below_zero_for_whoever_asks(self) -> None:
        assert kelly("0.3", 1, 1) == Decimal("-0.4")

    def test_an_endless_fraction_is_cut_to_28_digits(self) -> None:
        assert kelly("0.5", 3, 1) == Decimal("0.3333333333333333333333333333")

    def test_impossible_statistics_raise(self) -> None:
        with pytest.raises(ModelError, match="win_rate must be above 0 and below 1, got 1"):
            kelly(1, 2, 1)

    @pytest.mark.parametrize("missing", ["win_rate", "avg_win_pct", "avg_loss_pct"])
    def test_the_missing_statistic_is_named(self, missing: str) -> None:
        given = statistics() | {missing: None}

        answer = kelly_fraction(**given)

        assert answer == Refusal("MISSING_STATISTICS", f"metadata lacks {missing}")


class TestRefusedStatistics:
    @pytest.mark.parametrize("name", ["win_rate", "avg_win_pct", "avg_loss_pct"])
    @pytest.mark.parametrize(
        "value",
        [
            pytest.param(0, id="zero"),
            pytest.param(-1, id="negative"),
            pytest.param(float("nan"), id="nan"),
            pytest.param(float("inf"), id="infinite"),
            pytest.param(Decimal("NaN"), id="Decimal nan"),
            pytest.param(Decimal("sNaN"), id="signalling nan, which has no hash"),
            pytest.param("a lot", id="text that is no number"),
            pytest.param("", id="empty text"),
            pytest.param(True, id="a bool"),
            pytest.param([0.55], id="a list, which has no hash"),
            pytest.param(Decimal("1E-500"), id="absurdly fine"),
            pytest.param(Decimal("1E+999999999"), id="absurdly large"),
        ],
    )
    @pytest.mark.control("C-39", "refuses")
    def test_an_impossible_statistic_is_never_traded_on(self, name: str, value: object) -> None:
        refusal = refused(a_wish(metadata=statistics(**{name: value})))

        assert refusal.code == "INVALID_INPUT"
        assert refusal.text.startswith(name)

    @pytest.mark.parametrize("rate", [1, 1.0, "1", Decimal("1.2")])
    def test_a_win_rate_of_one_or_more_is_impossible(self, rate: object) -> None:
        refusal = refused(a_wish(metadata=statistics(win_rate=rate)))

        assert refusal.code == "INVALID_INPUT"

    def test_true_is_not_taken_for_one_that_was_seen_before(self) -> None:
        sized(a_wish(metadata=statistics(avg_loss_pct=1)))

        refusal = refused(a_wish(metadata=statistics(avg_loss_pct=True)))

        assert refusal == Refusal("INVALID_INPUT", "avg_loss_pct must be a number, got True")

    @pytest.mark.parametrize("metadata", [{}, {"win_rate": 0.55}, statistics(win_rate=None)])
    @pytest.mark.control("C-39", "refuses")
    def test_missing_statistics_are_never_filled_with_defaults(
        self, metadata: dict[str, Any]
    ) -> None:
        assert refused(a_wish(metadata=metadata)).code == "MISSING_STATISTICS"

    @pytest.mark.parametrize(
        ("rate", "win", "loss"),
        [
            pytest.param("0.5", 1, 1, id="exactly none"),
            pytest.param("0.3", 1, 1, id="a loser"),
            pytest.param("0.333333333333333", 2, 1, id="less than none by a hair"),
        ],
    )
    @pytest.mark.control("C-40", "refuses")
    def test_without_an_edge_there_is_no_order_and_never_the_other_side(
        self, rate: str, win: int, loss: int
    ) -> None:
        metadata = {"win_rate": rate, "avg_win_pct": win, "avg_loss_pct": loss}

        refusal = refused(a_wish(metadata=metadata))

        assert refusal.code == "NO_EDGE"
        assert f"win_rate {rate}" in refusal.text


class TestSampleSize:
    @pytest.mark.parametrize("trades", [30, 31, "30", 30.0, Decimal(30)])
    @pytest.mark.control("C-39", "passes")
    def test_enough_trades_pass_without_a_remark(self, trades: object) -> None:
        assert sized(a_wish(metadata=statistics(n_trades=trades))).flags == ()

    @pytest.mark.parametrize("trades", [29, 0, "29"])
    @pytest.mark.control("C-39", "refuses")
    def test_too_few_trades_are_refused(self, trades: object) -> None:
        refusal = refused(a_wish(metadata=statistics(n_trades=trades)))

        assert refusal == Refusal("TOO_FEW_TRADES", f"n_trades is {trades}, at least 30 are needed")

    @pytest.mark.parametrize("trades", [-1, 30.5, "many", True, float("nan"), [30]])
    def test_an_impossible_number_of_trades_is_refused(self, trades: object) -> None:
        assert refused(a_wish(metadata=statistics(n_trades=trades))).code == "INVALID_INPUT"

    def test_an_unknown_sample_is_flagged_and_goes_on(self) -> None:
        assert sized(a_wish()).flags == ("SAMPLE_SIZE_UNKNOWN",)

    def test_no_minimum_takes_any_sample(self) -> None:
        policy = SizingPolicy(min_trades=0)

        assert sized(a_wish(metadata=statistics(n_trades=0)), policy).flags == ()


class TestEntries:
    @pytest.mark.control("C-40", "passes")
    def test_the_specified_example_buys_33_because_the_cap_binds(self) -> None:
        answer = sized(a_wish())

        assert in_shares(answer) == (BUY, 33, "POSITION_CAP")
        assert {name: int(quantity_decimal(units)) for name, units in answer.limits.items()} == {
            "KELLY": 54,
            "POSITION_CAP": 33,
            "CASH": 266,
        }
        assert answer.kelly == 32_500_000
        assert not answer.closes

    @pytest.mark.parametrize(
        ("changes", "shares", "bound"),
        [
            pytest.param({"cash": "30000", "equity": "100000"}, 32, "KELLY", id="little cash"),
            pytest.param({"reserved": "20000"}, 32, "KELLY", id="reserved cash is not free"),
            pytest.param({"cash": "12000"}, 13, "KELLY", id="the reserve leaves enough"),
            pytest.param({"cash": "11000"}, 6, "CASH", id="the reserve of 10,000 binds"),
            pytest.param({"held": "20"}, 13, "POSITION_CAP", id="what is held counts"),
            pytest.param({"working_buy": "20"}, 13, "POSITION_CAP", id="what works counts"),
            pytest.param({"account_held": "20"}, 13, "POSITION_CAP", id="whoever holds it"),
            pytest.param({"account_held": "-10"}, 43, "POSITION_CAP", id="another's short: room"),
            pytest.param({"account_held": "-60"}, 54, "KELLY", id="so much room that Kelly binds"),
            pytest.param({"working_sell": "20"}, 33, "POSITION_CAP", id="a sell may never fill"),
        ],
    )
    @pytest.mark.control("C-40", "passes")
    def test_the_smallest_limit_sets_the_size_of_a_buy(
        self, changes: dict[str, str], shares: int, bound: str
    ) -> None:
        assert in_shares(sized(a_wish(**changes))) == (BUY, shares, bound)

    @pytest.mark.parametrize(
        ("changes", "shares", "bound"),
        [
            pytest.param({}, 33, "POSITION_CAP", id="like a long"),
            pytest.param({"cash": "10001"}, 10, "KELLY", id="no cash limit, no reserve"),
            pytest.param({"account_held": "-20"}, 13, "POSITION_CAP", id="the short counts"),
            pytest.param({"working_sell": "20"}, 13, "POSITION_CAP", id="working sells count"),
            pytest.param({"working_buy": "20"}, 33, "POSITION_CAP", id="a buy may never fill"),
            pytest.param({"account_held": "10"}, 43, "POSITION_CAP", id="another's long: room"),
        ],
    )
    def test_a_short_is_sized_like_a_long_and_needs_no_cash_limit(
        self, changes: dict[str, str], shares: int, bound: str
    ) -> None:
        answer = sized(a_wish("SHORT", **changes))

        assert in_shares(answer) == (SELL, shares, bound)
        assert "CASH" not in answer.limits

    def test_an_own_position_on_the_same_side_is_added_to(self) -> None:
        assert in_shares(sized(a_wish("SHORT", held="-20"))) == (SELL, 13, "POSITION_CAP")

    def test_strength_never_scales_the_size_unless_asked_to(self) -> None:
        weak = sized(a_wish(strength="0.1", cash="30000"))

        assert weak == sized(a_wish(strength="0.95", cash="30000"))

    def test_strength_scales_kelly_where_it_is_switched_on(self) -> None:
        policy = SizingPolicy(scale_by_strength=True)

        assert in_shares(sized(a_wish(strength="0.5"), policy)) == (BUY, 27, "KELLY")

    def test_kelly_is_rounded_once_and_down(self) -> None:
        # 50,000 * 1/3 / 2 / 1 is 8,333.333...; cutting f* first would lose a millionth.
        wish = a_wish(
            price="1",
            equity="10000000",
            cash="1010000",
            metadata={"win_rate": "0.5", "avg_win_pct": 3, "avg_loss_pct": 1},
        )

        answer = sized(wish)

        assert answer.limits["KELLY"] == 1_010_000 * 10**6 // 6

    def test_fixed_asks_for_the_same_shares_and_no_statistics(self) -> None:
        policy = SizingPolicy(position_sizing=SizingMethod.FIXED, fixed_quantity=20)

        answer = sized(a_wish(metadata={}), policy)

        assert in_shares(answer) == (BUY, 20, "FIXED")
        assert answer.kelly is None
        assert answer.flags == ()

    def test_fixed_still_meets_the_cap(self) -> None:
        policy = SizingPolicy(position_sizing=SizingMethod.FIXED, fixed_quantity=100)

        assert in_shares(sized(a_wish(metadata={}), policy)) == (BUY, 33, "POSITION_CAP")

    def test_percent_equity_asks_for_its_part(self) -> None:
        policy = SizingPolicy(position_sizing=SizingMethod.PERCENT_EQUITY, percent_equity=2)

        assert in_shares(sized(a_wish(metadata={}), policy)) == (BUY, 13, "PERCENT_EQUITY")

    def test_the_risk_budget_limits_what_the_stop_may_lose(self) -> None:
        policy = SizingPolicy(risk_budget_pct="0.05")

        answer = sized(a_wish(), policy)

        # 50 at risk over 3 a share.
        assert in_shares(answer) == (BUY, 16, "RISK_BUDGET")

    def test_a_wide_risk_budget_is_recorded_and_does_not_bind(self) -> None:
        answer = sized(a_wish("SHORT"), SizingPolicy(risk_budget_pct=1))

        assert answer.bound == "POSITION_CAP"
        assert quantity_decimal(answer.limits["RISK_BUDGET"]).quantize(Decimal(1)) == 333

    def test_where_two_limits_are_equal_the_first_is_named(self) -> None:
        told = {"quantity": 50}
        policy = SizingPolicy(risk_budget_pct="0.1")

        answer = sized(a_wish(price="100", cash="15000", metadata=told), policy)

        assert set(answer.limits.values()) == {50_000_000}
        assert in_shares(answer) == (BUY, 50, "EXPLICIT")

    def test_sizes_are_whole_lots(self) -> None:
        assert in_shares(sized(a_wish(), SizingPolicy(lot_size=10))) == (BUY, 30, "POSITION_CAP")


class TestRefusedEntries:
    @pytest.mark.parametrize(
        ("changes", "code", "part"),
        [
            pytest.param({"price": "0"}, "INVALID_PRICE", "got 0", id="no price"),
            pytest.param({"price": "-1"}, "INVALID_PRICE", "got -1", id="a negative price"),
            pytest.param({"equity": "0"}, "NO_EQUITY", "equity is 0", id="no equity"),
            pytest.param({"equity": "-5"}, "NO_EQUITY", "equity is -5", id="negative equity"),
            pytest.param({"cash": "0"}, "NO_CASH", "cash is 0", id="no cash"),
            pytest.param({"cash": "-1"}, "NO_CASH", "cash is -1", id="negative cash"),
            pytest.param({"reserved": "50000"}, "NO_CASH", "reserve 50000", id="all reserved"),
            pytest.param({"cash": "10000"}, "NO_CASH", "10 % of equity", id="only the reserve"),
            pytest.param({"cash": "10100"}, "BELOW_LOT", "CASH allows 0.666666", id="part"),
            pytest.param({"held": "33"}, "POSITION_FULL", "33 shares are held", id="full"),
            pytest.param({"held": "50"}, "POSITION_FULL", "50 shares are held", id="over-full"),
            pytest.param({"price": "6000"}, "BELOW_LOT", "POSITION_CAP allows", id="dear"),
            pytest.param({"cash": "12", "equity": "20"}, "BELOW_LOT", "POSITION_CAP", id="tiny"),
        ],
    )
    def test_a_buy_that_cannot_be_made_says_why(
        self, changes: dict[str, str], code: str, part: str
    ) -> None:
        refusal = refused(a_wish(**changes))

        assert refusal.code == code
        assert part in refusal.text

    def test_a_short_without_cash_is_not_made(self) -> None:
        assert refused(a_wish("SHORT", cash="0")).code == "NO_CASH"

    def test_a_risk_budget_below_a_share_is_below_a_lot(self) -> None:
        refusal = refused(a_wish(price="5000"), SizingPolicy(risk_budget_pct="0.01"))

        assert refusal == Refusal(
            "BELOW_LOT", "RISK_BUDGET allows 0.1 shares at 5000, less than one lot of 1"
        )

    def test_an_explicit_entry_needs_cash_too(self) -> None:
        assert refused(a_wish(cash="0", metadata={"quantity": 5})).code == "NO_CASH"

    def test_an_explicit_entry_needs_equity_too(self) -> None:
        assert refused(a_wish(equity="0", metadata={"target_quantity": 5})).code == "NO_EQUITY"


class TestCloses:
    @pytest.mark.parametrize(
        ("direction", "changes", "side", "shares"),
        [
            pytest.param("FLAT", {"held": "40"}, SELL, 40, id="flat sells a long"),
            pytest.param("FLAT", {"held": "-40"}, BUY, 40, id="flat buys back a short"),
            pytest.param("SHORT", {"held": "40"}, SELL, 40, id="short only closes a long"),
            pytest.param("LONG", {"held": "-40"}, BUY, 40, id="long only closes a short"),
            pytest.param("FLAT", {"held": "40", "working_sell": "15"}, SELL, 25, id="less working"),
            pytest.param("FLAT", {"held": "-40", "working_buy": "15"}, BUY, 25, id="on both sides"),
            pytest.param("FLAT", {"held": "40", "working_buy": "15"}, SELL, 40, id="buys are not"),
            pytest.param("FLAT", {"held": "40", "account_held": "30"}, SELL, 30, id="account less"),
            pytest.param("FLAT", {"held": "-40", "account_held": "-30"}, BUY, 30, id="short less"),
            pytest.param("FLAT", {"held": "40", "account_held": "90"}, SELL, 40, id="own part"),
            pytest.param("FLAT", {"held": "40.7"}, SELL, 40, id="whole lots"),
        ],
    )
    def test_an_exit_takes_what_is_held_and_not_yet_closing(
        self, direction: str, changes: dict[str, str], side: OrderSide, shares: int
    ) -> None:
        answer = sized(a_wish(direction, metadata={}, **changes))

        assert in_shares(answer) == (side, shares, "HELD")
        assert answer.closes
        assert answer.kelly is None

    @pytest.mark.parametrize(
        "broke",
        [
            pytest.param({"cash": "-5000"}, id="cash"),
            pytest.param({"equity": "-5000"}, id="equity"),
            pytest.param({"metadata": statistics(win_rate="0.1")}, id="edge"),
            pytest.param({"metadata": statistics(n_trades=1)}, id="sample"),
        ],
    )
    def test_an_exit_asks_for_no_money_and_no_statistics(self, broke: dict[str, Any]) -> None:
        assert in_shares(sized(a_wish("FLAT", held="40", **broke))) == (SELL, 40, "HELD")

    @pytest.mark.parametrize(
        ("direction", "changes"),
        [
            pytest.param("FLAT", {}, id="nothing held"),
            pytest.param("FLAT", {"account_held": "40"}, id="held by another strategy"),
            pytest.param("FLAT", {"held": "40", "working_sell": "40"}, id="all of it is closing"),
            pytest.param("FLAT", {"held": "40", "working_sell": "50"}, id="more than it"),
            pytest.param("SHORT", {"held": "40", "working_sell": "40"}, id="by a short signal"),
            pytest.param("FLAT", {"held": "40", "account_held": "-10"}, id="account is short"),
        ],
    )
    def test_nothing_left_to_close_is_said(self, direction: str, changes: dict[str, str]) -> None:
        assert refused(a_wish(direction, **changes)).code == "NOTHING_TO_CLOSE"

    def test_less_than_a_lot_cannot_be_closed(self) -> None:
        refusal = refused(a_wish("FLAT", held="40"), SizingPolicy(lot_size=100))

        assert refusal == Refusal(
            "BELOW_LOT", "HELD allows 40 shares at 150, less than one lot of 100"
        )
