"""Brackets: every leg is held until the last one is there, and only one exit works at a time."""

from decimal import Decimal
from typing import Any, Final

import pytest
from msgspec.structs import replace

from fillpath.core.errors import BrokerRefused
from fillpath.core.models import OrderSide, OrderType
from fillpath.ibkr.brackets import bracket, orphans
from fillpath.ibkr.forms import OrderForm
from fillpath.ibkr.heard import OrderShown
from tests.unit.ibkr.contracts import form

ENTRY: Final = form(7)


def leg(number: int, **more: Any) -> OrderForm:
    fields: dict[str, Any] = {
        "side": OrderSide.SELL,
        "order_type": OrderType.STOP,
        "stop_price": 147,
    }
    return form(number, **(fields | more))


TARGET: Final = leg(9, order_type=OrderType.LIMIT, limit_price=160)


def test_only_the_last_leg_is_transmitted_and_the_exits_block_each_other() -> None:
    legs = bracket(ENTRY, [leg(8), TARGET])

    assert [part.transmit for part in legs] == [False, False, True]
    assert [part.parent_id for part in legs] == [0, 7, 7]
    assert [part.oca_group for part in legs] == ["", "trend/sig-1:exits", "trend/sig-1:exits"]
    assert [part.oca_type for part in legs] == [0, 2, 2]
    assert [part.order_id for part in legs] == [7, 8, 9]


def test_the_exits_keep_the_group_that_they_name() -> None:
    _, stop, target = bracket(ENTRY, [leg(8, oca_group="g"), TARGET])

    assert (stop.oca_group, target.oca_group) == ("g", "g")


def test_a_bracket_of_one_exit_is_transmitted_with_it() -> None:
    entry, stop = bracket(ENTRY, [leg(8)])

    assert (entry.transmit, stop.transmit) == (False, True)


@pytest.mark.parametrize(
    ("parent", "exits", "words"),
    [
        (ENTRY, [], "exits must hold at least one order, got none"),
        (form(7, oca_group="g"), [leg(8)], "parent must be of no group and no bracket"),
        (replace(ENTRY, parent_id=3), [leg(8)], "parent must be of no group and no bracket"),
        (ENTRY, [leg(7)], "order_id of an exit must be above 7, got 7"),
        (ENTRY, [leg(9), leg(8)], "order_id of an exit must be above 9, got 8"),
        (ENTRY, [leg(8, side=OrderSide.BUY)], "action of an exit must not be the parent's"),
        (ENTRY, [leg(8, quantity=101)], "quantity of an exit must be at most 100, got 101"),
        (ENTRY, [replace(leg(8), account="DU2")], "must be of the parent's contract and account"),
        (
            ENTRY,
            [replace(leg(8), contract=replace(ENTRY.contract, con_id=1))],
            "must be of the parent's contract and account",
        ),
    ],
)
def test_what_does_not_belong_together_is_no_bracket(
    parent: OrderForm, exits: list[OrderForm], words: str
) -> None:
    with pytest.raises(BrokerRefused, match=f"INVALID_BRACKET: .*{words}"):
        bracket(parent, exits)


def shown(number: int, status: str) -> OrderShown:
    return OrderShown(
        order_id=number,
        client_id=1,
        perm_id=90 + number,
        order_ref="x",
        account="DU1",
        con_id=265598,
        symbol="AAPL",
        action="BUY",
        quantity=Decimal(1),
        order_type="MKT",
        status=status,
    )


class TestOrphans:
    def test_a_bracket_that_was_cut_short_is_discarded(self) -> None:
        legs = bracket(ENTRY, [leg(8), TARGET])

        assert orphans([], legs[:2]) == (7, 8)

    def test_a_bracket_that_was_sent_whole_is_left_alone(self) -> None:
        assert orphans([], bracket(ENTRY, [leg(8), TARGET])) == ()

    def test_a_leg_that_works_all_the_same_is_left_alone(self) -> None:
        legs = bracket(ENTRY, [leg(8), TARGET])

        assert orphans([shown(7, "Submitted"), shown(8, "")], legs[:2]) == (8,)

    def test_orders_of_their_own_are_none(self) -> None:
        assert orphans([shown(7, "Submitted")], [ENTRY]) == ()
