"""An approval fits one order, one account, one writer and a few seconds."""

from typing import Any

import pytest
from msgspec.structs import replace

from fillpath.core.commands import PlaceOrder
from fillpath.core.models import OrderSide, OrderType, Refusal, RiskAction, TimeInForce
from fillpath.core.units import PRICE_SCALE
from fillpath.risk.approving import (
    APPROVAL_EXPIRED,
    APPROVAL_NS,
    NOT_APPROVED,
    Approved,
    Holder,
    approved_again,
    approved_order,
    checked,
)
from fillpath.risk.verdicts import Verdict
from fillpath.testing.builders import START_NS, a_ticket

HOLDER = Holder("SIM", 3)
TICKET = replace(a_ticket(), order_type=OrderType.LIMIT, limit=150 * PRICE_SCALE)
YES = Verdict(RiskAction.APPROVE, TICKET.quantity, ())
PLACE = approved_order(HOLDER, START_NS, TICKET, YES)


def code(place: PlaceOrder, holder: Holder = HOLDER, now: int = START_NS) -> str:
    found = checked(holder, place, now)
    return found.code if isinstance(found, Refusal) else ""


@pytest.mark.control("C-50", "passes")
def test_what_was_approved_is_handed_over() -> None:
    assert checked(HOLDER, PLACE, START_NS) == Approved(PLACE)


@pytest.mark.control("C-50", "refuses")
@pytest.mark.parametrize(
    "change",
    [
        {"order_id": "other/1"},
        {"parent_id": "other/1"},
        {"symbol": "MSFT"},
        {"side": OrderSide.SELL},
        {"quantity": TICKET.quantity + 1},
        {"quantity": TICKET.quantity - 1},
        {"limit": (TICKET.limit or 0) + 1},
        {"limit": None},
        {"order_type": OrderType.MARKET},
        {"time_in_force": TimeInForce.GTC},
        {"stop": 1},
    ],
    ids=str,
)
def test_an_order_that_was_changed_afterwards_is_not(change: dict[str, Any]) -> None:
    assert code(PlaceOrder(PLACE.at, replace(TICKET, **change), PLACE.approval)) == NOT_APPROVED


@pytest.mark.control("C-50", "refuses")
@pytest.mark.parametrize("holder", [Holder("OTHER", 3), Holder("SIM", 2), Holder("SIM", 4)])
def test_an_approval_is_for_one_account_and_one_writer(holder: Holder) -> None:
    assert code(PLACE, holder) == NOT_APPROVED


@pytest.mark.control("C-50", "refuses")
def test_an_order_without_an_approval_is_not_handed_over() -> None:
    assert code(PlaceOrder(START_NS, TICKET)) == NOT_APPROVED


def test_an_approval_cannot_be_made_younger() -> None:
    assert code(PlaceOrder(PLACE.at + 1, TICKET, PLACE.approval)) == NOT_APPROVED


@pytest.mark.control("C-50", "refuses")
@pytest.mark.parametrize(
    ("age", "expected"),
    [(APPROVAL_NS - 1, ""), (APPROVAL_NS, ""), (APPROVAL_NS + 1, APPROVAL_EXPIRED)],
)
def test_it_ends_after_five_seconds(age: int, expected: str) -> None:
    assert code(PLACE, now=START_NS + age) == expected


def test_another_writer_may_take_over_what_never_left() -> None:
    again = approved_again(Holder("SIM", 4), PLACE)

    assert code(again, Holder("SIM", 4)) == ""
    assert code(again, Holder("SIM", 4), START_NS + APPROVAL_NS + 1) == APPROVAL_EXPIRED


def test_no_more_is_approved_than_risk_allowed() -> None:
    less = Verdict(RiskAction.REDUCE_SIZE, TICKET.quantity - 1, ())

    with pytest.raises(AssertionError, match="no more is sent"):
        approved_order(HOLDER, START_NS, TICKET, less)
