"""What one fill costs: the difference it makes to its order's commission, and the regulators' part."""

from datetime import date
from typing import Final

from fillpath.core.models import OrderSide
from fillpath.core.units import MONEY_SCALE
from fillpath.execution.simulating.dated_fees import (
    activity_fee,
    audit_trail_fee,
    transaction_fee,
)
from fillpath.execution.simulating.ibkr_fees import (
    Filled,
    fixed_commission,
    most,
    passed_on,
    tier_cost,
    tiered_commission,
)
from fillpath.execution.simulating.policy import CommissionPlan, FeeRounding, RealisticPolicy

CENT: Final = MONEY_SCALE // 100
_BUY: Final = OrderSide.BUY


def with_fill(filled: Filled, quantity: int, price: int, month: int, *, removes: bool) -> Filled:
    """Return what an order has traded, with one more fill.

    Args:
        filled: before.
        quantity: of the fill, quantity units.
        price: price units.
        month: shares of the month before it, quantity units.
        removes: whether it took liquidity.
    """
    return Filled(
        filled.quantity + quantity,
        filled.value + quantity * price,
        filled.tiered + tier_cost(month, quantity),
        filled.removed + (quantity if removes else 0),
    )


def commission_of(filled: Filled, policy: RealisticPolicy, rate: int, scale: int) -> int:
    """Return the commission of an order so far, money units.

    Args:
        filled: what it has traded.
        policy: whose commission.
        rate: of the plan ``percent``, in parts of ``scale``; its fee is rounded up.
        scale: what stands for all of it.
    """
    if not filled.quantity:
        return 0
    if policy.commission is CommissionPlan.FIXED:
        return fixed_commission(filled.quantity, filled.value)
    if policy.commission is CommissionPlan.TIERED:
        return tiered_commission(filled) + passed_on(filled, policy.extras)
    return -(-filled.value * rate // scale)


def regulatory_fees(
    side: OrderSide, quantity: int, price: int, day: date, policy: RealisticPolicy
) -> int:
    """Return what regulators take of one fill, each fee rounded as the policy says.

    Section 31 and the trading activity fee are taken of sales, the audit trail of both sides.
    """
    if not policy.regulatory_fees:
        return 0
    per_share = policy.audit_trail
    trail = audit_trail_fee(quantity, day) if per_share is None else quantity * per_share
    fees = [trail]
    if side is not _BUY:
        fees += [transaction_fee(quantity * price, day), activity_fee(quantity, day)]
    return sum(rounded(fee, policy.fee_rounding) for fee in fees)


def rounded(fee: int, rounding: FeeRounding) -> int:
    """Return a fee as it is charged: exact, to the nearest cent (half a cent up), or up to a cent."""
    if rounding is FeeRounding.EXACT:
        return fee
    if rounding is FeeRounding.CENT_UP:
        return -(-fee // CENT) * CENT
    return (fee + CENT // 2) // CENT * CENT


def most_for_buy(quantity: int, value: int, policy: RealisticPolicy, rate: int, scale: int) -> int:
    """Return the most that a buy can cost in fees, for cash to be kept; money units.

    Args:
        quantity: quantity units.
        value: at the worst price, money units.
        policy: the plan.
        rate: of the plan ``percent``, in parts of ``scale``.
        scale: what stands for all of it.
    """
    if policy.commission is CommissionPlan.PERCENT:
        commission = -(-value * rate // scale)
    else:
        commission = most(quantity, value, policy.extras)
    if not policy.regulatory_fees:
        return commission
    per_share = policy.audit_trail
    highest = audit_trail_fee(quantity, date.max) if per_share is None else quantity * per_share
    return commission + -(-highest // CENT) * CENT


__all__ = [
    "CENT",
    "commission_of",
    "most_for_buy",
    "regulatory_fees",
    "rounded",
    "with_fill",
]
