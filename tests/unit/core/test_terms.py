"""The fixed words of trading, and the answers that are values."""

from decimal import Decimal

import pytest

from fillpath.core.models import (
    OrderSide,
    OrderStatus,
    RiskAction,
    RiskCheckResult,
    RiskReason,
)

ENDS = {OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.EXPIRED}


def test_a_side_has_a_sign_and_an_opposite() -> None:
    assert (OrderSide.BUY.sign, OrderSide.SELL.sign) == (1, -1)
    assert OrderSide.BUY.opposite is OrderSide.SELL
    assert OrderSide.SELL.opposite is OrderSide.BUY


@pytest.mark.parametrize("status", OrderStatus)
def test_an_order_has_ended_or_it_has_not(status: OrderStatus) -> None:
    assert status.is_terminal is (status in ENDS)


@pytest.mark.parametrize(
    ("action", "approved"),
    [
        (RiskAction.APPROVE, True),
        (RiskAction.REDUCE_SIZE, True),
        (RiskAction.REJECT, False),
        (RiskAction.REQUIRE_HUMAN_APPROVAL, False),
    ],
)
def test_only_approval_and_reduction_let_something_go(
    action: RiskAction, *, approved: bool
) -> None:
    assert RiskCheckResult(action=action).approved is approved


def test_a_verdict_without_words_approves_nothing() -> None:
    verdict = RiskCheckResult(action=RiskAction.REJECT)

    assert (verdict.reasons, verdict.approved_quantity) == ((), Decimal(0))


def test_a_reason_may_know_no_size_that_would_pass() -> None:
    reason = RiskReason(check="PRICE_FLOOR", text="too cheap")

    assert (reason.limit, reason.value, reason.allowed_quantity) == ("", "", None)
