"""Answers as values: refusals, risk verdicts and measurements."""

from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from fillpath.core.checking import ZERO
from fillpath.core.terms import OrderSide, RiskAction


class Refusal(Struct, frozen=True):
    """An expected no, as a value.

    Args:
        code: machine-readable reason, such as ``NO_EDGE``.
        text: one sentence for a person, with the numbers.
    """

    code: str
    text: str


class RiskReason(Struct, frozen=True, kw_only=True):
    """One check that had something to say.

    Args:
        check: name of the check, such as ``POSITION_CAP``.
        text: one sentence for a person.
        limit: the configured limit, as text with its unit.
        value: what the order would have made of it, as text with its unit.
        allowed_quantity: shares that would pass; None when no size would.
    """

    check: str
    text: str
    limit: str = ""
    value: str = ""
    allowed_quantity: Decimal | None = None


class RiskCheckResult(Struct, frozen=True, kw_only=True):
    """The verdict on one order, with every reason.

    Args:
        action: APPROVE, REJECT, REDUCE_SIZE or REQUIRE_HUMAN_APPROVAL.
        reasons: all checks that objected, in the order of the cascade.
        approved_quantity: shares that may be sent; 0 when rejected.
    """

    action: RiskAction
    reasons: tuple[RiskReason, ...] = ()
    approved_quantity: Decimal = ZERO

    @property
    def approved(self) -> bool:
        """Return whether at least a part of the order may be sent now."""
        return self.action in {RiskAction.APPROVE, RiskAction.REDUCE_SIZE}


class ExecutionQualityMetrics(Struct, frozen=True, kw_only=True):
    """How well one order was executed; costs are positive whichever the side.

    Args:
        order_id: the order measured.
        symbol: ticker.
        side: BUY or SELL.
        slippage_bps: cost against the expected (limit) price in basis points, unrounded.
        fill_latency_ms: signal to fill, milliseconds.
        expected_price: the price meant to be paid.
        filled_price: VWAP of all fills.
        signal_timestamp: when the signal was made, aware.
        fill_timestamp: when the last fill happened, aware.
        arrival_slippage_bps: cost against the signal price; None without a signal price.
        signal_price: price when the signal was made.
        quantity: shares filled, when known.
        route: the row of the routing table, when known.
        strategy_name: the strategy behind the order.
    """

    order_id: str
    symbol: str
    side: OrderSide
    slippage_bps: Decimal
    fill_latency_ms: Decimal
    expected_price: Decimal
    filled_price: Decimal
    signal_timestamp: datetime
    fill_timestamp: datetime
    arrival_slippage_bps: Decimal | None = None
    signal_price: Decimal | None = None
    quantity: Decimal | None = None
    route: str | None = None
    strategy_name: str = ""
