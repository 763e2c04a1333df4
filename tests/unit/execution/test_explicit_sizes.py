"""Sizing by what the signal asks for itself: a quantity, or a target to hold."""

from decimal import Decimal
from typing import Any

import pytest

from fillpath.core.models import OrderSide, Refusal
from fillpath.execution.policy import SizingPolicy
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


class TestQuantity:
    @pytest.mark.parametrize("quantity", [20, 20.0, "20", Decimal(20), "2e1"])
    def test_it_replaces_kelly(self, quantity: object) -> None:
        answer = sized(a_wish(metadata={"quantity": quantity}))

        assert in_shares(answer) == (BUY, 20, "EXPLICIT")
        assert answer.kelly is None

    def test_it_meets_every_limit(self) -> None:
        answer = sized(a_wish(metadata={"quantity": 200}))

        assert in_shares(answer) == (BUY, 33, "POSITION_CAP")
        assert list(answer.limits) == ["EXPLICIT", "POSITION_CAP", "CASH"]

    def test_it_opens_a_short(self) -> None:
        assert in_shares(sized(a_wish("SHORT", metadata={"quantity": 20}))) == (
            SELL,
            20,
            "EXPLICIT",
        )

    def test_it_closes_a_part(self) -> None:
        answer = sized(a_wish("FLAT", held="40", metadata={"quantity": 15}))

        assert in_shares(answer) == (SELL, 15, "EXPLICIT")
        assert answer.closes

    def test_it_never_closes_more_than_is_held(self) -> None:
        answer = sized(a_wish("SHORT", held="40", metadata={"quantity": 90}))

        assert in_shares(answer) == (SELL, 40, "HELD")

    def test_a_missing_value_is_as_if_not_given(self) -> None:
        metadata = statistics(quantity=None, target_quantity=None)

        assert sized(a_wish(metadata=metadata)).bound == "POSITION_CAP"

    @pytest.mark.parametrize(
        "quantity",
        [0, -5, 0.5, "20.5", "some", float("nan"), float("inf"), True, [20], Decimal("1E+90")],
    )
    def test_an_impossible_quantity_is_refused(self, quantity: object) -> None:
        refusal = refused(a_wish(metadata=statistics(quantity=quantity)))

        assert refusal.code == "INVALID_INPUT"
        assert refusal.text.startswith("quantity ")

    def test_it_must_be_whole_lots(self) -> None:
        refusal = refused(a_wish(metadata={"quantity": 150}), SizingPolicy(lot_size=100))

        assert refusal == Refusal(
            "INVALID_INPUT", "quantity must be a whole number of lots of 100 shares, got 150"
        )

    def test_a_refusal_shows_the_number_as_it_was_told(self) -> None:
        refusal = refused(a_wish(metadata={"quantity": Decimal("1.5")}))

        assert refusal.text.endswith("got 1.5")

    def test_one_lot_is_enough(self) -> None:
        wish = a_wish(price="10", metadata={"quantity": 100})

        assert in_shares(sized(wish, SizingPolicy(lot_size=100))) == (BUY, 100, "EXPLICIT")

    def test_true_is_not_taken_for_one_that_was_seen_before(self) -> None:
        sized(a_wish(metadata={"quantity": 1}))

        refusal = refused(a_wish(metadata={"quantity": True}))

        assert refusal == Refusal("INVALID_INPUT", "quantity must be a number, got True")

    def test_reserved_cash_is_not_free_for_it_either(self) -> None:
        limited = sized(a_wish(reserved="38500", metadata={"quantity": 20}))

        assert in_shares(limited) == (BUY, 10, "CASH")
        assert refused(a_wish(reserved="50000", metadata={"quantity": 20})).code == "NO_CASH"

    def test_it_must_not_come_with_a_target(self) -> None:
        refusal = refused(a_wish(metadata={"quantity": 5, "target_quantity": 5}))

        assert refusal.code == "INVALID_INPUT"
        assert "got both" in refusal.text


class TestTargetQuantity:
    @pytest.mark.parametrize(
        ("direction", "target", "changes", "expected"),
        [
            pytest.param("LONG", 30, {}, (BUY, 30, "EXPLICIT"), id="from nothing"),
            pytest.param("LONG", 30, {"held": "10"}, (BUY, 20, "EXPLICIT"), id="the rest"),
            pytest.param(
                "LONG", 30, {"held": "5", "working_buy": "5"}, (BUY, 20, "EXPLICIT"), id="works"
            ),
            pytest.param("LONG", 90, {"held": "10"}, (BUY, 23, "POSITION_CAP"), id="up to the cap"),
            pytest.param("LONG", 30, {"held": "40"}, (SELL, 10, "EXPLICIT"), id="down to it"),
            pytest.param(
                "LONG", 30, {"held": "40", "working_sell": "4"}, (SELL, 6, "EXPLICIT"), id="4 sold"
            ),
            pytest.param(
                "LONG", 0, {"held": "40", "working_sell": "4"}, (SELL, 36, "HELD"), id="zero"
            ),
            pytest.param(
                "LONG", 5, {"held": "40", "account_held": "20"}, (SELL, 20, "HELD"), id="account"
            ),
            pytest.param("LONG", 30, {"held": "-10"}, (BUY, 10, "HELD"), id="first the short"),
            pytest.param("SHORT", 30, {}, (SELL, 30, "EXPLICIT"), id="short, by magnitude"),
            pytest.param("SHORT", -30, {}, (SELL, 30, "EXPLICIT"), id="short, by sign"),
            pytest.param("SHORT", 30, {"held": "-40"}, (BUY, 10, "EXPLICIT"), id="less short"),
            pytest.param("SHORT", 30, {"held": "10"}, (SELL, 10, "HELD"), id="first the long"),
            pytest.param("FLAT", 0, {"held": "40"}, (SELL, 40, "HELD"), id="flat is zero"),
        ],
    )
    def test_the_order_goes_from_what_is_held_to_the_target(
        self, direction: str, target: int, changes: dict[str, str], expected: tuple[Any, ...]
    ) -> None:
        answer = sized(a_wish(direction, metadata={"target_quantity": target}, **changes))

        assert in_shares(answer) == expected

    @pytest.mark.parametrize(
        ("direction", "target", "changes"),
        [
            pytest.param("LONG", 30, {"held": "30"}, id="held"),
            pytest.param("LONG", 30, {"held": "10", "working_buy": "20"}, id="held and working"),
            pytest.param("LONG", 30, {"working_buy": "40"}, id="never against one's own buy"),
            pytest.param("LONG", 30, {"held": "50", "working_sell": "20"}, id="being reduced"),
            pytest.param("LONG", 30, {"held": "50", "working_sell": "50"}, id="being closed"),
            pytest.param("LONG", 0, {}, id="zero of zero"),
            pytest.param("SHORT", 30, {"held": "-30"}, id="short"),
        ],
    )
    def test_at_the_target_nothing_is_done(
        self, direction: str, target: int, changes: dict[str, str]
    ) -> None:
        refusal = refused(a_wish(direction, metadata={"target_quantity": target}, **changes))

        assert refusal.code == "AT_TARGET"

    @pytest.mark.parametrize(
        ("direction", "target"),
        [
            pytest.param("LONG", -5, id="a negative long"),
            pytest.param("FLAT", 5, id="a flat that is not flat"),
            pytest.param("LONG", "30.5", id="half a share"),
            pytest.param("LONG", float("nan"), id="nan"),
            pytest.param("SHORT", False, id="a bool"),
            pytest.param("LONG", {}, id="no number at all"),
        ],
    )
    def test_an_impossible_target_is_refused(self, direction: str, target: object) -> None:
        refusal = refused(a_wish(direction, held="10", metadata={"target_quantity": target}))

        assert refusal.code == "INVALID_INPUT"
        assert refusal.text.startswith("target_quantity ")
