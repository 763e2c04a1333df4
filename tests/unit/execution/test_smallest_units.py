"""One unit of the scale is an amount like any other: nothing begins or ends a unit too early."""

import pytest

from fillpath.core.events import MarketView
from fillpath.core.models import OrderSide, Refusal
from fillpath.core.units import NANOSECONDS, QUANTITY_SCALE, RATIO_SCALE
from fillpath.execution.policy import RouterPolicy, SizingMethod, SizingPolicy
from fillpath.execution.routing import quote_problem, route, route_at_limit
from fillpath.execution.sizing import Sized, SizingInput, size
from fillpath.execution.slicing import new_schedule, skip
from tests.unit.execution.sizing_builders import a_wish

BUY = OrderSide.BUY
NOW = 1_700_000_000 * NANOSECONDS
ROUTER = RouterPolicy()
AGE = ROUTER.max_age_ns
ONE_SHARE = {"metadata": {"quantity": 1}}
FLAT = {"direction": a_wish("FLAT").direction}
SHORT = {"direction": a_wish("SHORT").direction}
FIXED = SizingPolicy(position_sizing=SizingMethod.FIXED)


def sizes(**changes: object) -> Sized | Refusal:
    """Return the size of a wish whose numbers are replaced in the finest units."""
    plain = a_wish("LONG")
    given = {name: getattr(plain, name) for name in plain.__struct_fields__} | changes
    return size(SizingInput(**given), SizingPolicy())


def code(found: Sized | Refusal) -> str:
    return found.code if isinstance(found, Refusal) else found.bound


class TestQuotes:
    def test_a_bid_and_an_ask_of_one_unit_are_prices(self) -> None:
        assert quote_problem(MarketView(bid=1, ask=1, quote_at=NOW), NOW, AGE) is None

    def test_a_bid_of_nothing_is_none(self) -> None:
        problem = quote_problem(MarketView(bid=0, ask=1, quote_at=NOW), NOW, AGE)

        assert problem is not None
        assert problem.code == "BAD_QUOTE"

    def test_a_quote_of_this_very_moment_is_not_ahead_of_it(self) -> None:
        assert quote_problem(MarketView(bid=1, ask=2, quote_at=NOW), NOW, AGE) is None

    def test_a_quote_a_nanosecond_ahead_is(self) -> None:
        problem = quote_problem(MarketView(bid=1, ask=2, quote_at=NOW + 1), NOW, AGE)

        assert problem is not None
        assert problem.code == "FUTURE_QUOTE"


class TestVolume:
    view = MarketView(bid=150 * 10**6, ask=150 * 10**6, quote_at=NOW, adv=1)

    def test_a_volume_of_one_unit_is_known(self) -> None:
        found = route(BUY, QUANTITY_SCALE, 0, self.view, ROUTER)

        assert found.flags == ()
        assert found.route == "twap"

    def test_it_is_told_with_the_default_too(self) -> None:
        wide = RouterPolicy(size_threshold_small_pct=0, size_threshold_large_pct=1000)

        found = route(BUY, 1, 0, self.view, wide)

        assert found.route == "default"
        assert found.reason.endswith("size 100.0000 % of ADV")

    def test_an_order_at_its_own_limit_knows_it_too(self) -> None:
        problem = Refusal("NO_QUOTE", "none")

        found = route_at_limit(problem, QUANTITY_SCALE, self.view, ROUTER)

        assert found.flags == ("NO_QUOTE",)
        assert found.route == "twap"

    def test_a_strength_just_above_the_threshold_says_so(self) -> None:
        found = route(BUY, 1, 91 * RATIO_SCALE // 100, self.view, ROUTER)

        assert found.reason.startswith("strength 0.91 > 0.9")


class TestSizes:
    def test_a_price_of_one_unit_is_a_price(self) -> None:
        assert code(sizes(price=1)) != "INVALID_PRICE"

    def test_one_unit_of_cash_is_too_little_for_a_share_and_not_none(self) -> None:
        found = sizes(cash=1, reserved=0)

        assert isinstance(found, Refusal)
        assert "reserve 0 and" in found.text  # the reserve of equity is what it lacks

    def test_one_unit_of_equity_is_equity(self) -> None:
        assert code(sizes(equity=1)) != "NO_EQUITY"

    def test_the_cash_that_working_orders_hold_back_is_all_gone(self) -> None:
        found = sizes(cash=100, reserved=100, metadata={"quantity": 1})

        assert isinstance(found, Refusal)
        assert found.code == "NO_CASH"

    def test_a_unit_that_is_held_is_closed_when_nothing_else_is_asked(self) -> None:
        found = sizes(held=1, account_held=1, direction=a_wish("FLAT").direction)

        assert isinstance(found, Refusal)
        assert found.code == "BELOW_LOT"

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            pytest.param({"equity": 1}, "BELOW_LOT", id="equity"),
            pytest.param({"equity": 1, **ONE_SHARE}, "BELOW_LOT", id="equity, told how many"),
            pytest.param({"account_held": 1, "equity": 1}, "POSITION_FULL", id="what is held"),
            pytest.param({"held": 1, "account_held": 1, **SHORT}, "BELOW_LOT", id="a sale closes"),
            pytest.param({**FLAT, **ONE_SHARE}, "NOTHING_TO_CLOSE", id="a FLAT opens nothing"),
        ],
    )
    def test_one_unit_is_something(self, changes: dict[str, object], expected: str) -> None:
        assert code(sizes(**changes)) == expected

    @pytest.mark.parametrize(
        ("cash", "text"),
        [
            (100, "cash is 1E-12, of which working orders reserve 1E-12"),
            (101, "1E-12 and 10 % of equity 100000 must stay"),
        ],
    )
    def test_cash_that_is_all_reserved_is_told_apart_from_cash_that_must_stay(
        self, cash: int, text: str
    ) -> None:
        found = sizes(cash=cash, reserved=100, **ONE_SHARE)

        assert isinstance(found, Refusal)
        assert found.text.endswith(text)

    @pytest.mark.parametrize(
        ("quantity", "sane"),
        [("1e12", True), ("9.9e12", True), ("1e13", False), ("1e-400", True), ("1e-401", False)],
    )
    def test_a_number_has_a_largest_and_a_finest(self, quantity: str, *, sane: bool) -> None:
        found = sizes(metadata={"quantity": quantity})

        text = found.text if isinstance(found, Refusal) else ""
        assert ("must be below 1e13 with at most 400 decimals" not in text) is sane

    def test_what_an_exit_was_told_to_close_is_on_record(self) -> None:
        share = QUANTITY_SCALE
        flat = a_wish("FLAT").direction

        found = sizes(
            held=10 * share, account_held=10 * share, direction=flat, metadata={"quantity": 4}
        )

        assert isinstance(found, Sized)
        assert found.limits == {"HELD": 10 * share, "EXPLICIT": 4 * share}
        assert (found.quantity, found.bound, found.flags) == (4 * share, "EXPLICIT", ())

    def test_an_exit_of_everything_leaves_no_residue_to_tell_of(self) -> None:
        share = QUANTITY_SCALE

        found = sizes(held=10 * share, account_held=10 * share, direction=a_wish("FLAT").direction)

        assert isinstance(found, Sized)
        assert found.flags == ()

    @pytest.mark.parametrize(("trades", "enough"), [(30, True), (29, False)])
    def test_the_least_number_of_trades_is_enough(self, trades: int, *, enough: bool) -> None:
        statistics = {"win_rate": 0.55, "avg_win_pct": 2.0, "avg_loss_pct": 1.0}

        found = sizes(metadata={**statistics, "n_trades": trades})

        assert isinstance(found, Sized) is enough


def test_what_is_missed_fills_each_place_once_and_no_further() -> None:
    """Two rounds: the second gives each place only the room that the first has left."""
    schedule = new_schedule(0, 60, (10, 1, 1, 8))

    after = skip(schedule, 0, 1)

    assert after.planned == (0, 2, 2, 16)
    assert after.unplaced == 0


def test_a_place_that_is_filled_up_takes_no_more() -> None:
    schedule = new_schedule(0, 60, (20, 1, 2, 3))

    after = skip(schedule, 0, 1)

    assert after.planned == (0, 2, 4, 6)
    assert after.unplaced == 14
